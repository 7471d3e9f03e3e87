package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"wapas/bench"
	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/dialect/engage"
	"wapas/dialect/native"
	"wapas/dialect/phonepe"
	"wapas/dialect/razorpay"
	"wapas/sqlstore"
)

// benchHere measures a server in this process, over a scratch database that is
// removed again.
func (p *program) benchHere(ctx context.Context, cfg *config, b *benching, plan bench.Plan, x *bench.Carrier) (err error) {
	dir, err := os.MkdirTemp(b.dir, "wapas-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	postgres := ""
	if _, given := p.flags["db"]; given && cfg.sqlite() == "" {
		postgres = cfg.address()
	}
	if err := p.benchReferences(ctx, dir, postgres, b.lasting, x); err != nil {
		return err
	}
	cfg.value["db"] = "sqlite:" + filepath.Join(dir, "bench.db")
	x.Gauge.Written = bench.ProcessWrites
	if postgres != "" {
		at, drop, err := bench.Scratch(ctx, postgres, "bench")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, drop()) }()
		beside, err := bench.Connect(ctx, at)
		if err != nil {
			return err
		}
		defer beside.Close(ctx)
		if x.Report.Engine, x.Report.Settings, err = beside.Describe(ctx); err != nil {
			return err
		}
		x.Report.Engine = "PostgreSQL " + x.Report.Engine
		x.Gauge.Written = func() (int64, error) { return beside.Logged(ctx) }
		cfg.value["db"] = at
	} else if x.Report.Engine, x.Report.Settings, err = bench.SQLite(ctx); err != nil {
		return err
	}
	for name, value := range map[string]string{"migrate": "true", "log-level": "error", "rate": "0", "key": "", "key-file": filepath.Join(dir, "bench.key")} {
		cfg.value[name] = value
	}
	if _, err := makeKeyFile(cfg.value["key-file"]); err != nil {
		return err
	}
	h, err := p.open(ctx, cfg, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	if h.store.Clustered() {
		if _, err := h.store.Distribute(ctx); err != nil {
			return err
		}
	}
	if err := h.benched(ctx, b, plan, x); err != nil {
		return err
	}
	x.Report.Peak = bench.Peak()
	return p.benchVerify(ctx, h, x.Report)
}

// benched serves, as serve does, while a plan is carried out.
func (h *house) benched(ctx context.Context, b *benching, plan bench.Plan, x *bench.Carrier) (err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	now := make(chan struct{})
	close(now)
	go func() { done <- h.run(serving, l, now, nil) }()
	defer func() {
		stop()
		err = errors.Join(err, <-done)
	}()
	site := bench.NewSite("http://"+l.Addr().String(), plan.Clients())
	var numbering sync.Mutex // merchants that are made at once find the same numbers free
	x.Shop = func(ctx context.Context, n int) (*bench.Shop, error) {
		numbering.Lock()
		_, book, _, err := h.desk.CreateMerchant(ctx, desk.MerchantRequest{Name: fmt.Sprintf("Bench %d", n+1)})
		numbering.Unlock()
		if err != nil {
			return nil, fmt.Errorf("make a book to measure: %w", err)
		}
		keys, err := h.benchKeys(ctx, n, book.ID)
		if err != nil {
			return nil, fmt.Errorf("open the book to measure: %w", err)
		}
		size := b.customers
		if n > 0 { // the first may be the only one for most of the plan
			size /= plan.Books()
		}
		return bench.OpenShop(ctx, site, keys, size)
	}
	return x.Carry(ctx, plan)
}

// benchKeys makes what opens a test book in each room.
func (h *house) benchKeys(ctx context.Context, n int, book desk.BookID) (bench.Keys, error) {
	merchant, key, developer := fmt.Sprintf("BENCH%d", n), fmt.Sprintf("rzp_test_bench%09d", n), fmt.Sprintf("benchdeveloperkey%015d", n)
	secret := map[string]string{}
	for _, room := range []string{razorpay.Room, engage.Room, phonepe.Room, eko.Room, native.Room} {
		secret[room] = desk.Letters(32)
	}
	for _, q := range []desk.IssueRequest{
		{Room: razorpay.Room, Name: key}, {Room: engage.Room}, {Room: phonepe.Room, Name: phonepe.KeyName(merchant, "1")}, {Room: eko.Room, Name: developer}, {Room: native.Room},
	} {
		q.Book, q.Secret = book, []byte(secret[q.Room])
		if _, err := h.desk.Issue(ctx, q); err != nil {
			return bench.Keys{}, err
		}
	}
	return bench.Keys{Merchant: merchant, Rooms: map[string]bench.Door{
		razorpay.Room: bench.Door(basic(key, secret[razorpay.Room])),
		engage.Room:   bench.Door(bearer(secret[engage.Room])),
		phonepe.Room:  bench.Door(salted(secret[phonepe.Room], 1)),
		eko.Room:      bench.Door(timed(developer, secret[eko.Room])),
		native.Room:   bench.Door(bearer(secret[native.Room])),
	}}, nil
}

// benchVerify verifies the books after the load, and says how much that was.
func (p *program) benchVerify(ctx context.Context, h *house, rep *bench.Report) error {
	began := time.Now()
	fmt.Fprintln(p.err, "verifying the books …")
	found, err := sqlstore.Verify(ctx, h.store, nil)
	if err != nil {
		return err
	}
	if len(found.Findings) > 0 {
		return fmt.Errorf("after the load the books do not add up: %v", found.Findings[0])
	}
	books, err := h.store.Books(ctx, desk.BookQuery{})
	if err != nil {
		return err
	}
	entries := int64(0)
	for _, b := range books {
		entries += b.Entry
	}
	rep.Verified = fmt.Sprintf("The books were verified afterwards: %s entries, every seal and balance, in %.1f s.", bench.Count(float64(entries)), time.Since(began).Seconds())
	return nil
}

// benchServer measures a running server.
func (p *program) benchServer(ctx context.Context, cfg *config, b *benching, plan bench.Plan, x *bench.Carrier) error {
	if plan.Books() > 1 {
		return usagef("a token opens one book of a running server: leave out --books and --set")
	}
	keys, err := p.benchTold(cfg)
	if err != nil {
		return err
	}
	for _, s := range plan {
		for _, room := range s.Workload.Rooms() {
			if keys.Rooms[room] == nil {
				return usagef("%s needs a credential of the room %s: set %s (see wapas bench --help)", s.Does, room, benchEnv(room))
			}
		}
	}
	site := bench.NewSite(cfg.value["server"], plan.Clients())
	x.Shop = func(ctx context.Context, _ int) (*bench.Shop, error) {
		return bench.OpenShop(ctx, site, keys, b.customers)
	}
	return x.Carry(ctx, plan)
}

func benchEnv(room string) string { return "WAPAS_BENCH_" + strings.ToUpper(room) }

// benchTold are the credentials in the environment.
func (p *program) benchTold(cfg *config) (bench.Keys, error) {
	if cfg.value["token"] == "" {
		return bench.Keys{}, usagef("--server needs a token of its room native in WAPAS_TOKEN")
	}
	keys := bench.Keys{Rooms: map[string]bench.Door{native.Room: bench.Door(bearer(cfg.value["token"]))}}
	for room, make := range map[string]struct {
		parts int
		door  func(part []string) (door, error)
	}{
		razorpay.Room: {2, func(part []string) (door, error) { return basic(part[0], part[1]), nil }},
		engage.Room:   {1, func(part []string) (door, error) { return bearer(part[0]), nil }},
		eko.Room:      {2, func(part []string) (door, error) { return timed(part[0], part[1]), nil }},
		phonepe.Room: {3, func(part []string) (door, error) {
			keys.Merchant = part[0]
			index, err := strconv.Atoi(part[2])
			return salted(part[1], index), err
		}},
	} {
		told := p.env[benchEnv(room)]
		if told == "" {
			continue
		}
		part := strings.SplitN(told, ":", make.parts)
		if len(part) != make.parts {
			return keys, usagef("%s has %d parts with colons between", benchEnv(room), make.parts)
		}
		d, err := make.door(part)
		if err != nil {
			return keys, usagef("%s: %v", benchEnv(room), err)
		}
		keys.Rooms[room] = bench.Door(d)
	}
	return keys, nil
}
