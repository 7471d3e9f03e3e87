package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"wapas/bench"
	"wapas/desk"
	"wapas/dialect/engage"
	"wapas/server"
	"wapas/sqlstore"
)

// A benchReport is what bench prints as JSON.
type benchReport struct {
	Engine   string       `json:"engine"`
	CPUs     int          `json:"cpus"`
	Go       string       `json:"go"`
	Lines    []bench.Line `json:"lines"`
	Verified bool         `json:"verified"`
}

func (p *program) bench() *cobra.Command {
	var clients []int
	var lasting time.Duration
	var customers int
	var seed uint64
	var asJSON bool
	var profile, in string
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure: durable wallet credits a second, beside the machine's own limits",
		Long: `Measure a server in this process over HTTP on loopback: credit wallets taken at
random from one merchant's account, each answered when it is durable. Beside it,
in the same run: a bare net/http JSON echo, the disk's fsync, and, on PostgreSQL
with pgbench installed, TPC-B. Afterwards the books are verified.

It works in a scratch database of its own, which it removes: without --db in a
SQLite file in a folder under the current one, with --db postgres://… in a new
database on that server.`,
		Example: `  wapas bench
  wapas bench --clients 1,16,64,256 --for 10s --json
  wapas bench --db postgres://postgres@localhost/postgres --cpuprofile cpu.out`,
		Args: args(),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			ctx := c.Context()
			if len(clients) == 0 || customers < 1 || lasting <= 0 {
				return usagef("bench needs at least one number of clients, one customer and a time")
			}
			cfg, err := p.load()
			if err != nil {
				return err
			}
			dir, err := os.MkdirTemp(in, "wapas-bench-")
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
			server := ""
			if _, given := p.flags["db"]; given && cfg.sqlite() == "" {
				server = cfg.address()
			}
			cfg.value["db"] = "sqlite:" + filepath.Join(dir, "bench.db")
			if server != "" {
				at, drop, err := bench.Scratch(ctx, server, "bench")
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, drop()) }()
				cfg.value["db"] = at
			}
			cfg.value["migrate"] = "true"
			cfg.value["log-level"] = "error"
			if _, err := makeKeyFile(filepath.Join(dir, "bench.key")); err != nil {
				return err
			}
			cfg.value["key-file"] = filepath.Join(dir, "bench.key")

			rep := benchReport{CPUs: runtime.NumCPU(), Go: runtime.Version()}
			say := func(l bench.Line) {
				rep.Lines = append(rep.Lines, l)
				if !asJSON {
					fmt.Fprintf(p.err, "  %s, %d clients: %.0f/s\n", l.Name, l.Clients, l.Rate)
				}
			}
			l, err := bench.Fsync(dir, lasting/5)
			if err != nil {
				return err
			}
			say(l)
			if server != "" {
				lines, err := bench.PgBench(ctx, server, []int{8, 16, 32, 64}, lasting)
				for _, l := range lines {
					say(l)
				}
				if err != nil {
					fmt.Fprintf(p.err, "  no pgbench figures: %v\n", err)
				}
			}
			if err := p.benchBooks(ctx, cfg, &rep, clients, lasting, customers, seed, profile, say); err != nil {
				return err
			}
			if asJSON {
				return p.json(rep)
			}
			return p.printBench(rep)
		},
	}
	f := c.Flags()
	f.IntSliceVar(&clients, "clients", []int{1, 64, 256}, "numbers of clients, each measured in turn")
	f.DurationVar(&lasting, "for", 5*time.Second, "how long each measurement lasts")
	f.IntVar(&customers, "customers", 10_000, "how many wallets")
	f.Uint64Var(&seed, "seed", 1, "of the choice of wallets")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	f.StringVar(&profile, "cpuprofile", "", "write a CPU profile of the credits to this file")
	f.StringVar(&in, "dir", ".", "where the scratch folder is made")
	return p.with(c, "db", "request-log")
}

// benchBooks opens the scratch books, serves them, and loads them.
func (p *program) benchBooks(ctx context.Context, cfg *config, rep *benchReport, clients []int, lasting time.Duration, customers int, seed uint64, profile string, say func(bench.Line)) (err error) {
	h, err := p.open(ctx, cfg, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	rep.Engine = h.store.Engine()
	book, err := bench.Books(ctx, h.desk, customers)
	if err != nil {
		return fmt.Errorf("fill the books: %w", err)
	}
	const token = "wapas_bench_engage_token"
	if _, err := h.desk.Issue(ctx, desk.IssueRequest{Room: engage.Room, Book: book, Secret: []byte(token)}); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	done := make(chan error, 2)
	web := h.cfg.server(h)
	go func() { done <- server.New(h.desk, web).Serve(serving, l) }()
	go func() { done <- web.Requests.Run(serving) }()
	defer func() {
		stop()
		err = errors.Join(err, <-done, <-done)
	}()

	work := bench.Credit("http://"+l.Addr().String(), token, customers)
	for _, n := range clients {
		line, err := bench.Echo(ctx, work, n, lasting, seed)
		if err != nil {
			return err
		}
		say(line)
		if profile != "" {
			f, err := os.Create(strings.TrimSuffix(profile, ".out") + fmt.Sprintf("-%s-%d.out", rep.Engine, n))
			if err != nil {
				return err
			}
			if err := pprof.StartCPUProfile(f); err != nil {
				return errors.Join(err, f.Close())
			}
			defer f.Close()
		}
		line, err = bench.Load(ctx, "credit", work, n, lasting, seed)
		pprof.StopCPUProfile()
		if err != nil {
			return err
		}
		say(line)
		if line.Wrong > 0 {
			return fmt.Errorf("%d answers were not the ones wanted, the first: %s", line.Wrong, line.FirstWrong)
		}
	}
	found, err := sqlstore.Verify(ctx, h.store, nil)
	if err != nil {
		return err
	}
	if len(found.Findings) > 0 {
		return fmt.Errorf("after the load the books do not add up: %v", found.Findings[0])
	}
	rep.Verified = true
	return nil
}

// printBench prints the table, with each credit rate as a share of the
// references beside it.
func (p *program) printBench(rep benchReport) error {
	fmt.Fprintf(p.out, "%s, %d CPUs, %s; every credit durable before its answer; books verified afterwards\n\n", rep.Engine, rep.CPUs, rep.Go)
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "what\tclients\tper second\tp50\tp99\tp99.9\tCPU s/1000\tof echo\tof best TPC-B\t")
	echo := map[int]float64{}
	best := 0.0
	for _, l := range rep.Lines {
		switch {
		case l.Name == "echo":
			echo[l.Clients] = l.Rate
		case strings.HasPrefix(l.Name, "pgbench"):
			best = max(best, l.Rate)
		}
	}
	ms := func(d time.Duration) string {
		if d == 0 {
			return ""
		}
		return fmt.Sprintf("%.2f ms", float64(d)/1e6)
	}
	for _, l := range rep.Lines {
		cpu, ofEcho, ofTPC := "", "", ""
		if l.CPU > 0 {
			cpu = fmt.Sprintf("%.3f", l.CPU)
		}
		if l.Name == "credit" {
			ofEcho = fmt.Sprintf("%.2f", l.Rate/echo[l.Clients])
			if best > 0 {
				ofTPC = fmt.Sprintf("%.2f", l.Rate/best)
			}
		}
		fmt.Fprintf(w, "%s\t%d\t%.0f\t%s\t%s\t%s\t%s\t%s\t%s\t\n", l.Name, l.Clients, l.Rate, ms(l.P50), ms(l.P99), ms(l.P999), cpu, ofEcho, ofTPC)
	}
	return w.Flush()
}
