package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"wapas/bench"
	"wapas/desk"
)

// Every workload is done for a moment, over a book with some history; on the
// other engine some, over two books. The server's scratch database is gone
// afterwards.
func TestBench(t *testing.T) {
	t.Parallel() // it mostly waits for the simulated bank
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		var all []string
		for _, w := range bench.Workloads {
			if strings.HasPrefix(w.Name, "bulk") {
				w.Name += ":20"
			}
			all = append(all, w.Name)
		}
		tryBench(t, "SQLite ", all, 1)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		tryBench(t, "PostgreSQL ", []string{"credit", "pay"}, 2, "--db", newDatabase(t))
	})
}

func tryBench(t *testing.T, engine string, workloads []string, books int, more ...string) {
	s := &shell{t: t, dir: t.TempDir()}
	record := filepath.Join(s.dir, "record.json")
	s.ok(append([]string{"bench", "--workloads", strings.Join(workloads, ","), "--clients", "2", "--for", "20ms", "--customers", "12", "--books", strconv.Itoa(books), "--postings", "2400", "--wallets", "zipf",
		"--dir", s.dir, "--out", record}, more...)...)
	text, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	var r bench.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if !r.Audited || !strings.Contains(r.Verified, "were verified afterwards") || !strings.HasPrefix(r.Engine, engine) || r.Peak < 1e6 || r.Seconds <= 0 {
		t.Errorf("the run is %s, audited %v, %q, %v bytes, %v s", r.Engine, r.Audited, r.Verified, r.Peak, r.Seconds)
	}
	if r.Command != "wapas bench --books "+strconv.Itoa(books)+" --clients 2 --customers 12"+strings.Repeat(" --db …", len(more)/2)+" --for 20ms --postings 2400 --wallets zipf --workloads "+strings.Join(workloads, ",") {
		t.Errorf("the command was %q", r.Command)
	}
	line := func(name string) bench.Line {
		l := r.Find(func(l bench.Line) bool { return l.Name == name })
		if l == nil {
			t.Errorf("there is no line of %s", name)
			return bench.Line{}
		}
		if l.Rate <= 0 || l.P50 <= 0 {
			t.Errorf("%s: %+v", name, l)
		}
		return *l
	}
	line("echo")
	line("fsync")
	for _, name := range workloads {
		name, _, _ = strings.Cut(name, ":")
		l := line(name)
		if l.Books != books || l.Wallets != bench.Zipf || l.Entries < 1200 || l.Allocs <= 0 || l.Resident <= 0 || l.Requests < l.Operations {
			t.Errorf("%s: %+v", name, l)
		}
		if reads := name == "balance" || strings.HasPrefix(name, "statement"); !reads && l.Name != "mixed" && (l.PerBatch < 1 || l.Commits <= 0 || l.Written <= 0) {
			t.Errorf("%s shares no commits: %+v", name, l)
		}
	}
	if pay := line("pay"); pay.Requests != 3*pay.Operations {
		t.Errorf("%d operations of pay took %d requests", pay.Operations, pay.Requests)
	}
	if refund := r.Find(func(l bench.Line) bool { return l.Name == "refund" }); refund != nil && refund.After == 0 {
		t.Error("the bank took no time for refunds")
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "wapas-bench-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// What cannot be measured is refused before anything is made.
func TestBenchUsage(t *testing.T) {
	s := &shell{t: t, dir: t.TempDir()}
	for _, x := range []struct {
		args  string
		words []string
	}{
		{"--workloads frob", []string{`no workload "frob"`, "credit", "mixed"}},
		{"--workloads credit:5", []string{"only bulk"}},
		{"--workloads bulk:1001", []string{"1 to 1000"}},
		{"--workloads bulk:x", []string{"1 to 1000"}},
		{"--wallets often", []string{"uniform, zipf or hot"}},
		{"--clients 0", []string{"at least one client"}},
		{"--for 0s", []string{"a time"}},
		{"--books 0", []string{"at least one book"}},
		{"--books 5 --customers 4", []string{"a customer in each"}},
		{"--set quick --clients 1,8", []string{"64 clients"}},
		{"--set all", []string{"standard and quick"}},
		{"--server http://127.0.0.1:1 --db sqlite:x", []string{"two places"}},
		{"--server http://127.0.0.1:1", []string{"WAPAS_TOKEN"}},
	} {
		s.fails(exitUsage, x.words, append([]string{"bench", "--dir", s.dir}, strings.Fields(x.args)...)...)
	}
	s.env = append(s.env, "WAPAS_TOKEN=t")
	s.fails(exitUsage, []string{"WAPAS_BENCH_ENGAGE"}, "bench", "--server", "http://127.0.0.1:1")
	s.env = append(s.env, "WAPAS_BENCH_PHONEPE=half")
	s.fails(exitUsage, []string{"WAPAS_BENCH_PHONEPE", "3 parts"}, "bench", "--server", "http://127.0.0.1:1", "--workloads", "bulk")
	if left, _ := os.ReadDir(s.dir); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// A running server is measured in the book that a token opens, and holds
// afterwards what was acknowledged. Its live book is left alone.
func TestBenchServer(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	of := func(room, kind string) (name, secret string) {
		k := m.of(room, kind, desk.Test)
		return k.Name, k.Secret
	}
	key, keySecret := of("razorpay", "key")
	_, token := of("native", "token")
	_, engage := of("engage", "token")
	developer, access := of("eko", "key")
	salted, salt := of("phonepe", "salt")
	merchant, index, _ := strings.Cut(salted, "#")
	caller := &shell{t: t, dir: s.dir, env: []string{"WAPAS_TOKEN=" + token, "WAPAS_BENCH_RAZORPAY=" + key + ":" + keySecret, "WAPAS_BENCH_ENGAGE=" + engage,
		"WAPAS_BENCH_EKO=" + developer + ":" + access, "WAPAS_BENCH_PHONEPE=" + merchant + ":" + salt + ":" + index}}
	for _, workloads := range []string{"credit,pay,refund,consent,reverse,statement", "credit,consent"} { // the second finds what the first has left
		var r bench.Report
		caller.json(&r, "bench", "--server", p.url, "--workloads", workloads, "--clients", "2", "--for", "20ms", "--customers", "4")
		if !r.Audited || r.Verified != "" || len(r.Lines) != 2+strings.Count(workloads, ",") {
			t.Errorf("audited %v, verified %q, %d lines", r.Audited, r.Verified, len(r.Lines))
		}
		for _, l := range r.Lines[1:] {
			if l.Rate <= 0 || l.Allocs <= 0 || l.Wrong != 0 {
				t.Errorf("%+v", l)
			}
		}
	}
	caller.env[0] = "WAPAS_TOKEN=" + m.of("native", "token", desk.Live).Secret
	caller.fails(exitFailed, []string{"live book", "only test books"}, "bench", "--server", p.url)
	p.signal(os.Interrupt)
	p.end()
	s.ok("verify")
}
