package main

import (
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
it. The master key is not: keep that elsewhere, for without it the secrets in
the copy do not open.

For PostgreSQL use what comes with it: pg_dump for a copy of one moment, or a
base backup with the write-ahead log for any moment (see its manual, "Backup and
Restore"). "wapas verify" proves what was restored.`,
		Example: `  wapas backup wapas-$(date +%F).db
  wapas backup /mnt/backup/wapas.db --db sqlite:wapas.db --verify`,
		Args: args("FILE"),
		RunE: p.unsealed(func(ctx context.Context, h *house, args []string) error {
			began := time.Now()
			err := h.store.Backup(ctx, args[0])
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
				if err := p.proved(ctx, args[0]); err != nil {
					return err
				}
			}
			if asJSON {
				return p.json(struct {
					File     string `json:"file"`
					Bytes    int64  `json:"bytes"`
					Verified bool   `json:"verified"`
				}{args[0], info.Size(), check})
			}
			fmt.Fprintf(p.out, "%s: %d bytes in %.1f s\n", args[0], info.Size(), took.Seconds())
			if check {
				fmt.Fprintln(p.out, "all of it adds up")
			}
			return nil
		}),
	}
	c.Flags().BoolVar(&check, "verify", false, "add up everything in the copy, too")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db")
}

func (p *program) restore() *cobra.Command {
	var force, asJSON bool
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make a SQLite database of a backup, once it was proved",
		Long: `Make a SQLite database of a backup: the file is copied, added up as "wapas
verify" does, and only if all of it holds given the name in --db, where no
database may be. A server must then be started with the master key that the
database had.`,
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
			if _, err := os.Lstat(to); err == nil {
				return fmt.Errorf("there is a database %s already: move it away first, with its -wal and -shm files, or restore to another name", to)
			}
			part := to + ".part"
			if err := copyFile(args[0], part); err != nil {
				return err
			}
			defer func() {
				for _, end := range []string{"", "-wal", "-shm"} {
					os.Remove(part + end)
				}
			}()
			if err := p.proved(c.Context(), part); err != nil && !force {
				return fmt.Errorf("%w\nNothing was restored. To have it nevertheless: --force", err)
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
	return p.with(c, "db")
}

// proved adds up a database file as verify does.
func (p *program) proved(ctx context.Context, path string) (err error) {
	store, err := sqlstore.Open(ctx, "sqlite:"+path, sqlstore.Options{})
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
		return fmt.Errorf("%s does not add up: %d findings, the first in book %d: %s: %s: %s", path, n, f.Book, f.What, f.Rule, f.Detail)
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
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}
