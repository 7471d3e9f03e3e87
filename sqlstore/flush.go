package sqlstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// SQLite can sync its log in the middle of each commit. Then nobody writes until
// the disk is done, which is half of the time. Here a commit ends when it is
// written, and a flusher syncs the log while the next batch is made; whoever has
// an answer to give, of a change or of a read, first waits until all that was
// written before is on the disk (see flusher.wait). Nothing is told any sooner
// than with SQLite's own sync, and a lost machine loses nothing that was told.
//
// The frames in the log are chained by their checksums: what is on disk of them
// after a crash is a number of whole batches, in their order.

// A flusher syncs SQLite's log.
type flusher struct {
	sync func() error

	mu      sync.Mutex
	changed sync.Cond // after a sync
	written int64     // commits in the log
	synced  int64     // of them, on disk for certain
	busy    bool      // somebody is syncing
	failed  error     // of a sync: what is on disk is not known any more
}

func newFlusher(sync func() error) *flusher {
	f := &flusher{sync: sync}
	f.changed.L = &f.mu
	return f
}

// wrote notes a commit.
func (f *flusher) wrote() {
	f.mu.Lock()
	f.written++
	f.mu.Unlock()
}

// wait returns when all that was committed before the call is on the disk. Who
// waits syncs, one for all.
func (f *flusher) wait() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	mine := f.written
	for f.synced < mine && f.failed == nil {
		if f.busy {
			f.changed.Wait()
			continue
		}
		upTo := f.written
		f.busy = true
		f.mu.Unlock()
		err := f.sync()
		f.mu.Lock()
		f.busy = false
		if err == nil {
			f.synced = upTo
		} else {
			// A second sync would say that all is well, whatever was lost.
			f.failed = fmt.Errorf("the disk did not take what was written; the program has to be started again: %w", err)
		}
		f.changed.Broadcast()
	}
	return f.failed
}

// failure is why nothing more may be written, if there is a reason.
func (f *flusher) failure() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

// syncLog syncs the log of the database at path. The log lives as long as its
// database is open, and so does the file that the first sync opens.
type syncLog struct {
	path string
	file *os.File
}

func (l *syncLog) sync() error {
	if l.file == nil {
		f, err := os.OpenFile(l.path+"-wal", os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // every commit so far changed nothing
		}
		if err != nil {
			return err
		}
		if err := syncFolder(filepath.Dir(l.path)); err != nil { // in which the log may be new
			f.Close()
			return err
		}
		l.file = f
	}
	return syncData(l.file)
}

// syncFolder has the names in a folder on the disk.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" { // which has no such thing
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (l *syncLog) close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
