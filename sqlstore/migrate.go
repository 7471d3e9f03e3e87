package sqlstore

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"
)

// Migrations are numbered SQL texts; each is applied once, in its own
// transaction. A text without an engine in its name is for both. They go
// forward only: the way back is the backup. A text that was released is never
// edited, and the sum kept with it notices.
//
//go:embed migrations
var migrations embed.FS

// migrateFor is how long all of them may take: an index of a great table takes
// its time.
const migrateFor = 24 * time.Hour

type migration struct{ name, text, sum string }

// A Step is one migration: its name, and the sum of its text.
type Step struct{ Name, Sum string }

// Steps lists this engine's migrations in their order.
func (st *Store) Steps() ([]Step, error) {
	all, err := st.migrations()
	steps := make([]Step, len(all))
	for i, m := range all {
		steps[i] = Step{m.name, m.sum}
	}
	return steps, err
}

// migrations lists the texts for this engine in their order.
func (st *Store) migrations() ([]migration, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, path := range names { // sorted
		name := strings.TrimSuffix(strings.TrimPrefix(path, "migrations/"), ".sql")
		if base, engine, only := strings.Cut(name, "."); only {
			if engine != st.engine.name {
				continue
			}
			name = base
		}
		data, err := migrations.ReadFile(path)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		all = append(all, migration{name, st.schema.Replace(string(data)), hex.EncodeToString(sum[:])})
	}
	return all, nil
}

// ErrSchema says that the database's schema is not the one of this program.
var ErrSchema = errors.New("the database's schema is not this program's")

// Migrate brings the schema up to date. Several servers may call it at once:
// each step is claimed by its row, and who comes second waits and sees it done.
// It is ErrSchema, and nothing is touched, if the database has a step that this
// program does not know, or knows otherwise.
func (st *Store) Migrate(ctx context.Context) error {
	if err := st.MigrateTo(ctx, ""); err != nil {
		return err
	}
	return st.Check(ctx)
}

// MigrateTo is Migrate as far as a step, or to the end if none is named. A
// program only ever runs on the last; those before it are for tests of the way
// there.
func (st *Store) MigrateTo(ctx context.Context, last string) error {
	ctx, cancel := context.WithTimeout(ctx, migrateFor)
	defer cancel()
	err := st.db.exec(ctx, []stmt{{sql: "CREATE TABLE IF NOT EXISTS migrations (name TEXT NOT NULL PRIMARY KEY, sum TEXT NOT NULL, applied_at BIGINT NOT NULL)"}})
	if err != nil && !st.appliedByOther(ctx) { // two may create the table at once, and one then fails
		return fmt.Errorf("migrate: %w", err)
	}
	all, err := st.migrations()
	if err != nil {
		return err
	}
	done, err := st.applied(ctx)
	if err != nil {
		return err
	}
	if err := foreign(all, done); err != nil {
		return err
	}
	for _, m := range all {
		if _, ok := done[m.name]; !ok {
			err := st.db.exec(ctx, []stmt{
				{sql: "INSERT INTO migrations (name, sum, applied_at) VALUES ($1, $2, $3)", args: []any{m.name, m.sum, st.now().UnixMicro()}},
				{sql: m.text},
			})
			if err != nil {
				if done, again := st.applied(ctx); again != nil || done[m.name] != m.sum { // or another server did it meanwhile
					return fmt.Errorf("migration %s: %w", m.name, err)
				}
			}
		}
		if m.name == last {
			break
		}
	}
	return nil
}

// foreign is ErrSchema if a step was applied that is not one of all.
func foreign(all []migration, done map[string]string) error {
	known := make(map[string]string, len(all))
	for _, m := range all {
		known[m.name] = m.sum
	}
	for _, name := range slices.Sorted(maps.Keys(done)) {
		switch sum, ok := known[name]; {
		case !ok:
			return fmt.Errorf("%w: step %s is of a newer program", ErrSchema, name)
		case sum != done[name]:
			return fmt.Errorf("%w: step %s was applied with another text", ErrSchema, name)
		}
	}
	return nil
}

func (st *Store) appliedByOther(ctx context.Context) bool {
	_, err := st.applied(ctx)
	return err == nil
}

// applied reads which migrations were applied, with their sums.
func (st *Store) applied(ctx context.Context) (map[string]string, error) {
	done := map[string]string{}
	err := st.db.query(ctx, stmt{sql: "SELECT name, sum FROM migrations", each: func(scan func(...any) error) error {
		var name, sum string
		err := scan(&name, &sum)
		done[name] = sum
		return err
	}})
	return done, err
}

// Check says whether the database answers and has this program's schema:
// ErrSchema if it is older (migrate it), newer or was altered.
func (st *Store) Check(ctx context.Context) error {
	done, err := st.applied(ctx)
	if err != nil {
		return fmt.Errorf("%w, or it cannot be read: %w", ErrSchema, err)
	}
	all, err := st.migrations()
	if err != nil {
		return err
	}
	if err := foreign(all, done); err != nil {
		return err
	}
	for _, m := range all {
		if _, ok := done[m.name]; !ok {
			return fmt.Errorf("%w: step %s is missing: run the migration", ErrSchema, m.name)
		}
	}
	return nil
}
