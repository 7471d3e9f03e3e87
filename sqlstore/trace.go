package sqlstore

import "context"

// A traced database tells a function of every statement before it is sent: see
// Options.Statement.
type traced struct {
	database
	hear func(sql string)
}

func (db traced) query(ctx context.Context, st stmt) error {
	db.hear(st.sql)
	return db.database.query(ctx, st)
}

func (db traced) exec(ctx context.Context, stmts []stmt) error {
	db.all(stmts)
	return db.database.exec(ctx, stmts)
}

func (db traced) moment(ctx context.Context, stmts []stmt) error {
	db.all(stmts)
	return db.database.moment(ctx, stmts)
}

func (db traced) still(ctx context.Context, do func(r reader) error) error {
	return db.database.still(ctx, func(r reader) error { return do(tracedReader{r, db.hear}) })
}

func (db traced) writer(ctx context.Context) (writer, error) {
	w, err := db.database.writer(ctx)
	return tracedWriter{w, db}, err
}

func (db traced) all(stmts []stmt) {
	for _, st := range stmts {
		db.hear(st.sql)
	}
}

type tracedReader struct {
	reader
	hear func(sql string)
}

func (r tracedReader) query(ctx context.Context, st stmt) error {
	r.hear(st.sql)
	return r.reader.query(ctx, st)
}

type tracedWriter struct {
	writer
	db traced
}

func (w tracedWriter) run(ctx context.Context, stmts []stmt) error {
	w.db.all(stmts)
	return w.writer.run(ctx, stmts)
}
