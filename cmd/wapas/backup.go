package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"wapas/sqlstore"
)

func (p *program) backup() *cobra.Command {
	var asJSON, check bool
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy a SQLite database while it is being used",
		Long: `Copy a SQLite database to a new file, as it is at one moment, while a server
uses it; nobody waits. Everything that was answered before the copy began is in
it. A database that is to be upgraded is left as it is. The master key is not in
the copy: keep that elsewhere, for without it the secrets in the copy do not
open. Nor are the files that "wapas archive" made: they never change, so keep a
copy of their folder beside the backups. What belongs to the backup is told.

For PostgreSQL use what comes with it: pg_dump for a copy of one moment, or a
base backup with the write-ahead log for any moment. docs/backup.md has the
commands; "wapas verify" proves what was restored.`,
		Example: `  wapas backup wapas-$(date +%F).db
  wapas backup /mnt/backup/wapas.db --db sqlite:wapas.db --verify`,
		Args: args("FILE"),
		RunE: p.there(func(c *cobra.Command, args []string) (err error) {
			cfg, err := p.load()
			if err != nil {
				return err
			}
			if err := asksNone(c, cfg); err != nil {
				return err
			}
			ctx := c.Context()
			// The store alone: a backup that is made before an upgrade must not bring
			// the database up to date.
			store, err := sqlstore.Open(ctx, cfg.address(), sqlstore.Options{Archive: cfg.value["archive"]})
			if err != nil {
				return fmt.Errorf("open %s: %w", masked(cfg.value["db"]), err)
			}
			defer func() { err = errors.Join(err, store.Close()) }()
			if err := store.Check(ctx); check && store.Engine() == "sqlite" && err != nil {
				return fmt.Errorf("%w\nAnother version of wapas made the database, so this one cannot add up a copy and leave it as it is: make it without --verify. A restore adds it up", err)
			}
			began := time.Now()
			err = store.Backup(ctx, args[0])
			switch {
			case errors.Is(err, sqlstore.ErrBackup):
				return fmt.Errorf("%w\nFor PostgreSQL use pg_dump, or a base backup: see wapas backup --help", err)
			case errors.Is(err, fs.ErrExist):
				return fmt.Errorf("%s is there already: a backup never replaces a file. Give it another name", args[0])
			case err != nil:
				return err
			}
			took := time.Since(began)
			info, err := os.Stat(args[0])
			if err != nil {
				return err
			}
			if check {
				if err := p.proved(ctx, args[0], store.ArchiveFolder()); err != nil {
					return err
				}
			}
			files, err := shelvedIn(ctx, args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return p.json(struct {
					File     string    `json:"file"`
					Bytes    int64     `json:"bytes"`
					Verified bool      `json:"verified"`
					Folder   string    `json:"archive"`
					Archives []shelved `json:"archives"`
				}{args[0], info.Size(), check, store.ArchiveFolder(), files})
			}
			fmt.Fprintf(p.out, "%s: %d bytes in %.1f s\n", args[0], info.Size(), took.Seconds())
			p.belonging(files, store.ArchiveFolder())
			if check {
				fmt.Fprintln(p.out, "all of it adds up")
			}
			return nil
		}),
	}
	c.Flags().BoolVar(&check, "verify", false, "add up everything in the copy, too")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db", "archive")
}

func (p *program) restore() *cobra.Command {
	var force, asJSON bool
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make a SQLite database of a backup, once it was proved",
		Long: `Make a SQLite database of a backup: the file is copied, added up as "wapas
verify" does, and only if all of it holds given the name in --db, where no
database may be. A server must then be started with the master key that the
database had. Archives that belong to it must be in the folder of --archive
before: they are read, too.`,
		Example: `  wapas restore wapas-2026-11-22.db --db sqlite:wapas.db`,
		Args:    args("FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := p.load()
			if err != nil {
				return err
			}
			to := cfg.sqlite()
			if to == "" {
				return errors.New("only a SQLite database can be made of a backup file: say which with --db sqlite:FILE")
			}
			if err := free(to); err != nil {
				return err
			}
			if there, err := sqlstore.FilesOf(args[0]); err != nil {
				return err
			} else if len(there) > 1 {
				return fmt.Errorf("%s is beside %s, so that is not a backup but a database that is in use, or was when its server was killed: what was written last is not in the file itself. Copy it with \"wapas backup\"", there[1], args[0])
			}
			if err := sqlstore.Sound(c.Context(), args[0]); err != nil {
				return fmt.Errorf("%s: %w\nNothing was restored", args[0], err)
			}
			part := to + ".part"
			if err := sqlstore.RemoveFile(part); err != nil { // of one that was killed
				return err
			}
			defer sqlstore.RemoveFile(part)
			if err := copyFile(args[0], part); err != nil {
				return err
			}
			err = p.proved(c.Context(), part, cmp.Or(cfg.value["archive"], sqlstore.ArchivesBeside(to)))
			switch {
			case errors.Is(err, sqlstore.ErrSchema):
				return fmt.Errorf("%s: %w\nAnother version of wapas made it: restore it with that one. Nothing was restored", args[0], err)
			case errors.Is(err, errNotProved) && !force:
				return fmt.Errorf("%w\nNothing was restored. To have it nevertheless: --force", err)
			case err != nil && !errors.Is(err, errNotProved):
				return fmt.Errorf("%w\nNothing was restored", err)
			}
			if err := sqlstore.Publish(part, to); err != nil {
				return err
			}
			if asJSON {
				return p.json(struct {
					From string `json:"from"`
					DB   string `json:"db"`
				}{args[0], "sqlite:" + to})
			}
			_, err = fmt.Fprintf(p.out, "restored to %s; start the server with the master key that belongs to it\n", to)
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&force, "force", false, "restore what does not add up, too")
	return p.with(c, "db", "archive")
}

// free refuses a name that a database has, or had: a log that was left behind
// would be taken for the new one's, and written into it.
func free(to string) error {
	there, err := sqlstore.FilesOf(to)
	if err != nil || len(there) == 0 {
		return err
	}
	if there[0] == to {
		return fmt.Errorf("there is a database %s already: move it away first, with its -wal and -shm files, or restore to another name", to)
	}
	return fmt.Errorf("%s was left behind by another database of that name: move it away first, or restore to another name", there[0])
}

// errNotProved says that a database can be read and does not add up.
var errNotProved = errors.New("does not add up")

// proved adds up a database file as verify does, with its archives in a folder:
// errNotProved if it finds anything.
func (p *program) proved(ctx context.Context, path, folder string) (err error) {
	store, err := sqlstore.Open(ctx, "sqlite:"+path, sqlstore.Options{Archive: folder})
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := store.Migrate(ctx); err != nil { // it may be an older program's
		return fmt.Errorf("%s: %w", path, err)
	}
	rep, err := sqlstore.Verify(ctx, store, func(sqlstore.Report) {})
	if err != nil {
		return err
	}
	if n := len(rep.Findings); n > 0 {
		f := rep.Findings[0]
		return fmt.Errorf("%s %w: %d findings, the first in book %d: %s: %s: %s", path, errNotProved, n, f.Book, f.What, f.Rule, f.Detail)
	}
	return nil
}

// copyFile copies a file to a new one.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}
