package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wapas/bench"
)

// A benching is what a bench was asked for.
type benching struct {
	workloads []string
	clients   []int
	lasting   time.Duration
	rate      float64
	wallets   string
	books     int
	customers int
	postings  int64
	seed      uint64
	set       string
	asJSON    bool
	out       string
	profiles  string
	dir       string
}

func (p *program) bench() *cobra.Command {
	var b benching
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure: durable refunds a second, beside the machine's own limits",
		Long: `Measure a server over HTTP with real requests, each write durable before its
answer, each answer looked at. Beside it, in the same run: a bare net/http JSON
echo, the disk's fsync, and, on PostgreSQL with pgbench installed, TPC-B. A
wrong answer fails the run. In the end what was acknowledged is compared with
what is in the books, and the books are verified.

Workloads:
` + benchWorkloads() + `
It works in a scratch database of its own, which it removes, with a server in
this process: without --db in a SQLite file in a folder under the current one,
with --db postgres://… in a new database on that server.

With --server URL it measures a running server instead, in the test book that
the token in WAPAS_TOKEN opens (a token of the room native that may do all),
and leaves there what it makes. Nobody else may use the book meanwhile, and the
server must not have a --rate. Rooms that a workload speaks need their own
credentials: WAPAS_BENCH_RAZORPAY=KEY:SECRET, WAPAS_BENCH_ENGAGE=TOKEN,
WAPAS_BENCH_PHONEPE=MERCHANT:SALT:INDEX, WAPAS_BENCH_EKO=DEVELOPER:ACCESS. What
the disk does cannot be seen from outside, and the books are not verified: run
"wapas verify" there.`,
		Example: `  wapas bench
  wapas bench --workloads pay,balance --clients 1,16,64,256 --for 10s --json
  wapas bench --workloads credit --rate 2000 --wallets zipf
  wapas bench --set standard --db postgres://postgres@localhost/postgres --out postgres.json
  WAPAS_TOKEN=… WAPAS_BENCH_ENGAGE=… wapas bench --server http://10.0.0.5:8080`,
		Args: args(),
		RunE: func(c *cobra.Command, _ []string) error {
			if b.set != "" {
				b.usually(c)
			}
			plan, err := b.plan()
			if err != nil {
				return usagef("%v", err)
			}
			cfg, err := p.load()
			if err != nil {
				return err
			}
			rep := &bench.Report{Machine: bench.ThisMachine(b.dir), Version: programVersion().Version, Command: benchCommand(c), Began: time.Now().UTC(), Seed: b.seed}
			x := &bench.Carrier{Report: rep, Profiles: b.profiles, Said: p.benchSaid(plan), Filling: p.benchFilling}
			// Only a flag says where a load goes: a setting may be there for other verbs.
			_, there := p.flags["server"]
			if there {
				err = p.benchServer(c.Context(), cfg, &b, plan, x)
			} else {
				err = p.benchHere(c.Context(), cfg, &b, plan, x)
			}
			rep.Seconds = time.Since(rep.Began).Seconds()
			return errors.Join(err, p.printBench(rep, &b))
		},
	}
	f := c.Flags()
	f.StringSliceVar(&b.workloads, "workloads", []string{"credit"}, "what clients do, each measured in turn; \"all\" is all of it")
	f.IntSliceVar(&b.clients, "clients", []int{1, 64, 256}, "numbers of clients, each measured in turn")
	f.DurationVar(&b.lasting, "for", 5*time.Second, "how long each measurement lasts")
	f.Float64Var(&b.rate, "rate", 0, "begin so many operations a second, whether or not those before have ended (an open loop); 0 is as many as the clients can")
	f.StringVar(&b.wallets, "wallets", "uniform", "how clients choose a wallet: uniform, zipf or hot (always the same)")
	f.IntVar(&b.books, "books", 1, "how many books the clients are spread over")
	f.IntVar(&b.customers, "customers", 10_000, "how many members and wallets, over all books")
	f.Int64Var(&b.postings, "postings", 0, "give the first book history first, until it has so many postings")
	f.Uint64Var(&b.seed, "seed", 1, "of the clients' choices")
	f.StringVar(&b.set, "set", "", "measure a set instead, whose time and sizes may still be given: standard (what docs/performance.md is made from, an hour and more) or quick (the same in short)")
	f.BoolVar(&b.asJSON, "json", false, "print JSON")
	f.StringVar(&b.out, "out", "", "write the JSON to this file as well")
	f.StringVar(&b.profiles, "cpuprofile", "", "keep CPU profiles of measurements (of a set: those at 64 clients) in this folder, and the heads of their lists in the JSON")
	f.StringVar(&b.dir, "dir", ".", "where the scratch folder is made")
	return p.with(c, "db", "server", "request-log")
}

// benchCommand is the command as it was given, without what is secret or of
// this machine only.
func benchCommand(c *cobra.Command) string {
	said := c.CommandPath()
	c.Flags().Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "out", "json", "dir", "cpuprofile":
			return
		case "db", "server": // these do not tell what they were given
			said += " --" + f.Name + " …"
			return
		}
		said += " --" + f.Name + " " + strings.Trim(f.Value.String(), "[]")
	})
	return said
}

// benchWorkloads lists the workloads for the manual.
func benchWorkloads() string {
	var s strings.Builder
	for _, w := range bench.Workloads {
		fmt.Fprintf(&s, "  %-15s %s\n", w.Name, w.Says)
	}
	return s.String()
}

// plan is what is to be measured.
func (b *benching) plan() (plan bench.Plan, err error) {
	if b.books < 1 || b.customers < b.books || b.lasting <= 0 || b.rate < 0 || b.postings < 0 {
		return nil, errors.New("bench needs at least one book, a customer in each, and a time; a rate and postings are not below zero")
	}
	switch b.set {
	case "":
		names := b.workloads
		if len(names) == 1 && names[0] == "all" {
			names = nil
			for _, w := range bench.Workloads {
				names = append(names, w.Name)
			}
		}
		like := bench.Step{Books: b.books}
		like.Rate, like.Wallets, like.Profile = b.rate, bench.Choice(b.wallets), true
		if b.postings > 0 {
			plan = bench.Fill(b.postings)
		}
		plan = append(plan, bench.Each(names, b.clients, like)...)
	case "standard", "quick":
		if !slices.Contains(b.clients, bench.Usual) {
			return nil, fmt.Errorf("a set compares things at %d clients: leave that among --clients", bench.Usual)
		}
		rounds := 5
		if b.set == "quick" {
			rounds = 1
		}
		plan = bench.Standard(b.clients, b.postings, rounds)
	default:
		return nil, fmt.Errorf("there is no set %q: there are standard and quick", b.set)
	}
	plan = plan.Lasting(b.lasting, b.seed)
	return plan, plan.Check()
}

// usually gives a set its own defaults where nothing else was said.
func (b *benching) usually(c *cobra.Command) {
	standard := b.set == "standard"
	for flag, set := range map[string]func(){
		"clients": func() {
			if b.clients = []int{1, 64}; standard {
				b.clients = []int{1, 16, 64, 256}
			}
		},
		"for": func() {
			if b.lasting = 300 * time.Millisecond; standard {
				b.lasting = 2 * time.Second
			}
		},
		"customers": func() {
			if b.customers = 1_000; standard {
				b.customers = 10_000
			}
		},
		"postings": func() {
			if b.postings = 20_000; standard {
				b.postings = 10_000_000
			}
		},
	} {
		if !c.Flags().Changed(flag) {
			set()
		}
	}
}

// benchSaid tells of every line as it comes, with how many there will be.
func (p *program) benchSaid(plan bench.Plan) func(bench.Line) {
	all, n := 0, 0
	for _, s := range plan {
		if s.Fill == 0 {
			all++
		}
	}
	return func(l bench.Line) {
		if l.Name == "echo" || !l.Reference() {
			n++
		}
		fmt.Fprintf(p.err, "%3d/%d  %s, %s: %s/s, p99 %s\n", n, all, l.Label(), l.Crowd(), bench.Count(l.Rate), bench.Milliseconds(l.P99))
	}
}

// benchFilling shows how far a fill has come.
func (p *program) benchFilling(entries int64) (said func(done, all int), done func()) {
	began := time.Now()
	bar := p.progress(fmt.Sprintf("making history, until there are %s entries", bench.Count(float64(entries))))
	return bar.said, func() { bar.done(time.Since(began)) }
}

// printBench prints what there is of a report, also of a run that failed.
func (p *program) printBench(rep *bench.Report, b *benching) error {
	if b.out != "" {
		text, err := json.MarshalIndent(rep, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(b.out, append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	if b.asJSON {
		return p.json(rep)
	}
	return rep.Table(p.out)
}

// benchReferences measures the disk and, where there is such a server, pgbench,
// before there are books.
func (p *program) benchReferences(ctx context.Context, dir, postgres string, lasting time.Duration, x *bench.Carrier) error {
	l, err := bench.Fsync(dir, lasting)
	if err != nil {
		return err
	}
	x.Say(l)
	if postgres == "" {
		return nil
	}
	lines, err := bench.PgBench(ctx, postgres, []int{8, 16, 32, 64}, lasting)
	for _, l := range lines {
		x.Say(l)
	}
	if err != nil {
		fmt.Fprintf(p.err, "no pgbench figures: %v\n", err)
	}
	return nil
}
