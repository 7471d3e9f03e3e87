package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// ErrBackup says that the engine has backups of its own.
var ErrBackup = errors.New("only SQLite databases are copied this way")

// Backup writes the database as it is at one moment, between two batches, to a
// new file, while it is being used: nobody waits for it. When it returns the
// file is whole and on the disk; until then it is there under another name. It
// fails with ErrBackup on another engine than SQLite, and with fs.ErrExist if
// there is such a file.
func (st *Store) Backup(ctx context.Context, path string) (err error) {
	db, ok := st.db.(*sqliteDB)
	if !ok {
		return ErrBackup
	}
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "backup", Path: path, Err: fs.ErrExist}
	}
	part := path + ".part"
	if err := RemoveFile(part); err != nil { // of one that was killed
		return err
	}
	defer func() { err = errors.Join(err, RemoveFile(part)) }()
	// VACUUM INTO takes a file that is there if it is empty: so nobody else may
	// read it, not even for a moment.
	if err := os.WriteFile(part, nil, 0o600); err != nil {
		return err
	}
	// A connection of its own: those of the store only read.
	own, err := sql.Open("sqlite", "file:"+(&url.URL{Path: db.path}).EscapedPath()+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer own.Close()
	if _, err := own.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return fmt.Errorf("copy %s: %w", db.path, err)
	}
	return Publish(part, path)
}

// beside are the ends of the names of a SQLite database's files.
var beside = []string{"", "-wal", "-shm", "-journal"}

// FilesOf are those of a database's files that are there: its own, and what lies
// beside it while it is used, or was when whoever used it was killed. A log that
// lies beside a file is taken for that file's, whichever it was written for.
func FilesOf(path string) (there []string, err error) {
	for _, end := range beside {
		_, is := os.Lstat(path + end)
		if is == nil {
			there = append(there, path+end)
		} else if !errors.Is(is, fs.ErrNotExist) {
			err = is
		}
	}
	return there, err
}

// RemoveFile removes a database's files, if they are there.
func RemoveFile(path string) error {
	var errs []error
	for _, end := range beside {
		errs = append(errs, unless(os.Remove(path+end), fs.ErrNotExist))
	}
	return errors.Join(errs...)
}

// ErrNoBooks says that a file is not a database of this program, or not whole.
var ErrNoBooks = errors.New("this is no database of wapas")

// Sound makes sure that a file is a SQLite database that holds books and is
// whole: ErrNoBooks if it is not. It changes nothing.
func Sound(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() == 0 { // SQLite would take an empty file for a new database
		return fmt.Errorf("%w: %s is empty or no file", ErrNoBooks, path)
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&immutable=1")
	if err != nil {
		return err
	}
	defer db.Close()
	var tables int
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('migrations', 'books', 'seals')").Scan(&tables)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrNoBooks, err)
	case tables != 3:
		return fmt.Errorf("%w: another program made it", ErrNoBooks)
	}
	var said string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&said); err != nil {
		return fmt.Errorf("%w, or it is damaged: %w", ErrNoBooks, err)
	}
	if said != "ok" {
		return fmt.Errorf("%w that is whole: %s", ErrNoBooks, said)
	}
	return nil
}

// ArchivesIn lists the archives that a SQLite database names, whatever version of
// the program made it. It changes nothing.
func ArchivesIn(ctx context.Context, path string) (all []Archive, err error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&immutable=1")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var is int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'archives'").Scan(&is); err != nil || is == 0 {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, "SELECT book, "+listed(archiveCols)+" FROM archives ORDER BY book, n")
	err = eachRow(rows, err)(func(scan func(...any) error) error {
		var a Archive
		err := scan(append([]any{(*int64)(&a.Book)}, archiveFields(&a)...)...)
		all = append(all, a)
		return err
	})
	return all, err
}

// Publish gives a file that is finished its name, so that it is there whole or
// not at all, even if the power fails. It fails if there is such a file.
func Publish(part, path string) error {
	for _, name := range []string{part, filepath.Dir(path)} {
		if err := settle(name); err != nil {
			return err
		}
	}
	if err := os.Link(part, path); err != nil { // as rename, but never over another file
		return err
	}
	if err := os.Remove(part); err != nil {
		return err
	}
	return settle(filepath.Dir(path))
}

// settle waits until a file, or a directory's list of files, is on the disk.
func settle(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// unless is err if it is not one that was expected.
func unless(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}
