package bench

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
)

// Scratch makes an empty database beside the one at a postgres:// address, so
// that a measurement touches nobody's books. It returns its address and what
// drops it again.
func Scratch(ctx context.Context, address, name string) (string, func() error, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", nil, err
	}
	name = fmt.Sprintf("wapas_%s_%d_%d", name, os.Getpid(), time.Now().UnixMilli())
	run := func(sql string) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		conn, err := pgx.Connect(ctx, address)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, sql)
		return err
	}
	if err := run("CREATE DATABASE " + name); err != nil {
		return "", nil, fmt.Errorf("make a database to measure in: %w", err)
	}
	u.Path = "/" + name
	return u.String(), func() error { return run("DROP DATABASE " + name + " WITH (FORCE)") }, nil
}
