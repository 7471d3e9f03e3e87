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
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	defer func() { err = errors.Join(err, unless(os.Remove(part), fs.ErrNotExist)) }()
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
