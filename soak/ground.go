package soak

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A ground is where runs are played: each on a copy of the town.
type ground struct {
	dir  string // of SQLite files
	plot *plot
	make func(ctx context.Context) (address string, drop func() error, err error) // of PostgreSQL databases; nil without
}

func newGround(c Config) (*ground, error) {
	dir, err := os.MkdirTemp(fast(), "wapas-soak-")
	if err != nil {
		return nil, err
	}
	g := &ground{dir: dir, make: c.Scratch}
	if g.make == nil {
		if g.plot, err = plotOnce(); err != nil {
			g.close()
		}
	}
	return g, err
}

func (g *ground) close() { os.RemoveAll(g.dir) }

// play plays the steps of a seed on a ground of its own.
func (g *ground) play(ctx context.Context, seed uint64, order []int) (*world, error) {
	t, address, clear, err := g.site(ctx)
	if err != nil {
		return nil, err
	}
	defer clear()
	w, err := open(t, seed, address)
	if err != nil {
		return nil, err
	}
	defer w.close()
	return w, w.play(ctx, order)
}

// site is a copy of the town, its address, and what takes it away again.
func (g *ground) site(ctx context.Context) (*town, string, func(), error) {
	if g.make != nil {
		return g.scratch(ctx)
	}
	dir, err := os.MkdirTemp(g.dir, "")
	if err != nil {
		return nil, "", nil, err
	}
	path := filepath.Join(dir, "soak.db")
	return g.plot.town, "sqlite:" + path, func() { os.RemoveAll(dir) }, os.WriteFile(path, g.plot.file, 0o600)
}

// scratch is a town in a new database.
func (g *ground) scratch(ctx context.Context) (*town, string, func(), error) {
	address, drop, err := g.make(ctx)
	if err != nil {
		return nil, "", nil, err
	}
	t, err := found(ctx, address)
	if err != nil {
		return nil, "", nil, errors.Join(fmt.Errorf("found the town: %w", err), drop())
	}
	return t, address, func() { drop() }, nil
}
