package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"wapas/bench"
)

// records are of two runs that went as the figures say; clients and sizes are
// those of the standard set, in short.
func records() []*bench.Report {
	var all []*bench.Report
	for i, engine := range []string{"SQLite 3.53", "PostgreSQL 15"} {
		r := &bench.Report{
			Machine: bench.Machine{CPU: "A | CPU", CPUs: 2, Memory: 8e9, System: "Linux 6", FileSystem: "ext4", Go: "go1.26"}, Engine: engine, Version: "1", Command: "wapas bench",
			Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seconds: 600, Seed: 1, Peak: 250e6, Audited: true, Verified: "Verified.",
		}
		add := func(l bench.Line) {
			l.Seconds, l.Busy, l.Resident = 2, 0.5, 200e6
			r.Lines = append(r.Lines, l)
		}
		add(bench.Line{Name: "fsync", Clients: 1, Rate: 2000, P50: 500 * time.Microsecond})
		if i == 1 {
			add(bench.Line{Name: "pgbench TPC-B", Clients: 8, Rate: 1000})
			add(bench.Line{Name: "pgbench TPC-B", Clients: 16, Rate: 1500})
		}
		// Of three rounds the middle one counts, whichever it is.
		rounds := func(entries int64, rate, p99 float64, p50 time.Duration, names ...string) {
			for i, off := range []float64{1.2, 0.5, 1} {
				for _, w := range names {
					l := bench.Line{Name: w, Clients: 64, Round: i + 1, Echo: 640_000, Entries: entries, Rate: off * rate, P50: p50, P99: time.Duration(off * p99)}
					if w == "statement-deep" {
						l.Depth, l.P50 = 123_456, 14*p50
					}
					add(l)
				}
			}
		}
		rounds(500, 64_000, 64e6, time.Millisecond, "credit", "pay", "balance", "statement")
		for _, n := range []int{1, 64} {
			add(bench.Line{Name: "echo", Clients: n, Rate: 10_000 * float64(n)})
			for _, w := range []string{"credit", "pay", "refund", "balance", "statement"} {
				l := bench.Line{Name: w, Clients: n, Entries: 1000, Rate: 1000 * float64(n), P50: time.Millisecond, P99: time.Duration(n) * time.Millisecond, CPU: 0.2, Requests: 100, Commits: 400, PerBatch: float64(n) / 2, Batch: 2400 * time.Microsecond, Written: 4000}
				if l.Top = nil; w == "credit" && n == 64 {
					l.Top = []string{"flat  flat%", "runtime.mallocgc"}
				}
				add(l)
			}
		}
		add(bench.Line{Name: "credit", Clients: 64, Wallets: bench.Hot, Rate: 32_000})
		add(bench.Line{Name: "credit", Clients: 64, Books: 16, Rate: 96_000})
		for _, rate := range []float64{1000, 4000} {
			add(bench.Line{Name: "credit", Clients: 64, Offered: rate, Rate: min(rate, 3500), P50: 2 * time.Millisecond, P99: 5 * time.Millisecond})
		}
		for _, n := range []int{1, 10, 100} {
			add(bench.Line{Name: "bulk", Clients: 4, Each: n, Rate: 1000 * float64(n), CPU: 1 / float64(n)})
		}
		for _, entries := range []int64{50_000, 500_000} {
			rounds(entries, 44_800, 90e6, time.Millisecond, "credit", "pay", "balance", "statement", "statement-deep")
		}
		all = append(all, r)
	}
	return all
}

// What the page says follows from the records.
func TestPaper(t *testing.T) {
	page, figures, err := write(records())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| SQLite | credits, 64 clients | ≥ 0.20 × the echo | 0.10 × (0.05 × to 0.12 ×) | **missed** |",
		"| PostgreSQL | credits, 64 clients | ≥ 3 × pgbench's best TPC-B | 42.67 × (21.33 × to 51.20 ×) | met |",
		"| SQLite | p99 of credits, 64 clients | ≤ 10 × the p50 of an fsync + 20 ms = 25.00 ms | 64.00 ms (32.00 ms to 76.80 ms) | **missed** |",
		"| SQLite | balances, 64 clients | ≥ 0.5 × the echo | 0.10 × (0.05 × to 0.12 ×) | **missed** |",
		"| SQLite | p50 of a statement page 123,456 lines down | ≤ 1.2 × the first page's | 14.00 × | **missed** |",
		"| SQLite | credits with 1,000,000 postings, beside the echo | ≥ 0.8 × those with 1,000 | 0.70 × | **missed** |",
		"| SQLite | memory, server and clients together | ≤ 300 MB | 200.0 MB | met |",
		"On SQLite, 1 client had 1,000 credits a second and 64 had 64,000; the most, 64,000, came with 64.",
		"the one writer of the book: a batch was under way 96 % of the time, while 50 % of the processors worked; a batch held 32.0 changes and took 2.40 ms, in which the disk syncs about 4.8 times",
		"SQLite, credit: from 1,000 to 1,000,000 postings the rate becomes 0.70 times what it was, beside the echo 0.70 times",
		"at 4,000 within 2.00 ms and 5.00 ms. It did not keep up with that: it answered 3,500 a second",
		"calls of 100 carry 100.0 times as many credits a second as calls of 1, and each credit takes 0.01 times the processors' time",
		"SQLite: credit, hot, 64 clients: 32,000/s, which is 0.50 times the plain one",
		"SQLite: credit, 16 books, 64 clients: 96,000/s, which is 1.50 times the plain one",
		"from 1.00 ms with 1 to 64.00 ms with 64 clients: 64.0 times, while there are 64 times the clients and 64.0 times the rate",
		"runtime.mallocgc", "| statement-deep, 123,456 lines down, round 3 | 64 | 1,000,000 | 44,800 | 14.00 ms |", "2026-01-02 03:04 UTC, 600 s",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page, "NaN") || strings.Contains(page, "Inf") || strings.Contains(page, "%!") || strings.Contains(page, "<no value>") {
		t.Error("the page has a number that is none")
	}
	for _, x := range regexp.MustCompile(`\]\(performance/(\w+\.svg)\)`).FindAllStringSubmatch(page, -1) {
		if figures[x[1]] == "" {
			t.Errorf("the page shows %s, which was not drawn", x[1])
		}
	}
	if len(figures) != 6 {
		t.Errorf("%d figures were drawn", len(figures))
	}
	if t.Failed() {
		t.Log(page)
	}
}

// Figures are drawings that hold no more than the records, wherever they end.
func TestFigures(t *testing.T) {
	_, figures, err := write(records())
	if err != nil {
		t.Fatal(err)
	}
	number := regexp.MustCompile(` (?:cx|cy|x|y|x1|x2|y1|y2)="([^"]*)"`)
	for name, svg := range figures {
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		for _, x := range number.FindAllStringSubmatch(svg, -1) {
			var v float64
			if err := json.Unmarshal([]byte(x[1]), &v); err != nil || v < -1 || v > 2*panelWidth {
				t.Errorf("%s draws at %s", name, x[0])
			}
		}
		for _, part := range []string{"prefers-color-scheme:dark", `aria-label="`, "SQLite", "PostgreSQL"} {
			if !strings.Contains(svg, part) {
				t.Errorf("%s has no %s", name, part)
			}
		}
	}
	if rate := figures["rate.svg"]; strings.Count(rate, "<path") != 12 || strings.Contains(rate, "script") {
		t.Errorf("the rates have %d lines, want those of five workloads and the echo twice", strings.Count(rate, "<path"))
	}
	if size := figures["size.svg"]; strings.Count(size, "<path") != 10 || !strings.Contains(size, ">1M<") {
		t.Errorf("the sizes have %d lines", strings.Count(size, "<path"))
	}
}

// A point lies where its value says, between the least and the most.
func TestAxis(t *testing.T) {
	a := axis{1, 1000}
	for v, want := range map[float64]float64{1: 0, 10: 1.0 / 3, 1000: 1} {
		if got := a.at(v); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v lies at %v, want %v", v, got, want)
		}
	}
	for _, x := range []struct {
		a    axis
		want string
	}{{a, "1 2 5 10 20 50 100 200 500 1k"}, {axis{0.5, 3}, "0.5 1 2"}, {axis{1, 1e6}, "1 10 100 1k 10k 100k 1M"}, {axis{1500, 30_000}, "2k 5k 10k 20k"}} {
		var got []string
		for _, v := range x.a.ticks() {
			got = append(got, short(v))
		}
		if s := strings.Join(got, " "); s != x.want {
			t.Errorf("%v to %v is marked %s, want %s", x.a.least, x.a.most, s, x.want)
		}
	}
}

// The page and its figures are files; a run that failed makes none.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for i, r := range records() {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, filepath.Join(dir, []string{"a.json", "b.json"}[i]))
		if err := os.WriteFile(paths[i], text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(dir, "docs")
	if err := run(out, paths); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"performance.md", "performance/rate.svg", "performance/call.svg"} {
		if text, err := os.ReadFile(filepath.Join(out, name)); err != nil || len(text) < 500 {
			t.Errorf("%s: %d bytes, %v", name, len(text), err)
		}
	}
	if err := run(out, paths[:1]); err != nil {
		t.Errorf("the page of one engine: %v", err)
	}
	bad := records()[0]
	bad.Verified = ""
	text, _ := json.Marshal(bad)
	os.WriteFile(paths[0], text, 0o644)
	for _, x := range []struct {
		paths []string
		words string
	}{{paths, "of a run that failed"}, {nil, "give the records"}, {[]string{filepath.Join(dir, "none")}, "no such file"}} {
		if err := run(out, x.paths); err == nil || !strings.Contains(err.Error(), x.words) {
			t.Errorf("run %v: %v, want %q", x.paths, err, x.words)
		}
	}
}
