package sqlstore

import "context"

// SQLite writes to its log, from which pages go to the database in a checkpoint.
// Left to itself it makes one in the middle of a commit, and who waits for that
// waits for thousands of pages. So a checkpointer makes them beside the writer,
// on a connection of its own. Only what was written meanwhile, a little, is
// moved while nobody writes: then the log is used from its start again.
const (
	moveFrom = 2000  // pages in the log that are not in the database yet
	turnFrom = 4000  // pages in the log, moved or not, at which it is to start anew: 16 MiB
	moveSelf = 16000 // the writer's own measure, should nothing come of all this
)

// checkpoints are made until the database is closed.
func (db *sqliteDB) checkpoints() {
	defer close(db.idle)
	tried := 0 // pages in the log when it was last tried to start it anew
	for {
		select {
		case <-db.grown:
		case <-db.done:
			return
		}
		log, moved, err := db.checkpoint("NOOP")
		if err == nil && log-moved >= moveFrom {
			log, moved, err = db.checkpoint("PASSIVE")
		}
		switch {
		case err != nil: // the next change will meet it, and tell
		case log < tried:
			tried = 0
		case log >= turnFrom && (log-moved < moveFrom || log >= 2*turnFrom) && log >= tried+moveFrom:
			// What is left is little, or never will be, because the writer is faster. A
			// reader may be in the way: so not before the log has grown again.
			tried = log
			select {
			case db.turn <- struct{}{}:
				db.checkpoint("PASSIVE")
				<-db.turn
			case <-db.done:
				return
			}
		}
	}
}

// checkpoint says how many pages there are in the log, and how many of them are
// in the database. NOOP only says it, PASSIVE moves all that no reader needs.
func (db *sqliteDB) checkpoint(how string) (log, moved int, err error) {
	var busy int
	err = db.mover.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint("+how+")").Scan(&busy, &log, &moved)
	return log, moved, err
}

// hasGrown tells the checkpointer that there is more in the log.
func (db *sqliteDB) hasGrown() {
	select {
	case db.grown <- struct{}{}:
	default: // it was told, and has not looked yet
	}
}
