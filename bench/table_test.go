package bench

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func sample() *Report {
	return &Report{
		Machine: Machine{CPU: "A CPU", CPUs: 2, Memory: 8e9, FileSystem: "ext4", Go: "go1.26"}, Engine: "SQLite 3", Seed: 7, Audited: true, Verified: "All of it was verified.", Peak: 123_456_789,
		Lines: []Line{
			{Name: "fsync", Clients: 1, Rate: 2000, P50: 400 * time.Microsecond},
			{Name: "pgbench TPC-B", Clients: 8, Rate: 1500},
			{Name: "echo", Clients: 64, Rate: 20000, P50: 3 * time.Millisecond, CPU: 0.1},
			{Name: "credit", Clients: 64, Echo: 20000, Rate: 5000, P50: 12 * time.Millisecond, P99: 20 * time.Millisecond, P999: 31 * time.Millisecond, CPU: 0.25, Written: 2500, Allocs: 431},
			{Name: "credit", Clients: 256, Echo: 9000, Offered: 1250, Rate: 1249, P50: time.Millisecond},
			{Name: "credit", Clients: 64, Echo: 20000, Books: 16, Wallets: Zipf, Rate: 2500},
			{Name: "bulk", Clients: 1, Echo: 9000, Each: 500, Rate: 9999},
		},
	}
}

func TestTable(t *testing.T) {
	var out strings.Builder
	if err := sample().Table(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"A CPU, 2 CPUs, 8.0 GB, ext4, go1.26; SQLite 3; seed 7",
		"fsync        1       2,000  ████████████████████   0.40 ms",
		"credit       64       5,000  █████                 12.00 ms  20.00 ms  31.00 ms       0.250  2.5 kB     431     0.25      3.33",
		"credit, 1,250/s offered      256       1,249  █▎",
		"credit, zipf, 16 books       64       2,500  ██▌",
		"bulk of 500        1       9,999  ████████████████████  ",
		"123.5 MB of memory at most",
		"neither more nor less",
		"All of it was verified.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table does not say %q:\n%s", want, out.String())
		}
	}
}

// A record is read as it was written.
func TestRecord(t *testing.T) {
	want := sample()
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got := new(Report)
	if err := json.Unmarshal(text, got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, %v", got, err)
	}
}

func TestShares(t *testing.T) {
	r := sample()
	for _, x := range []struct {
		line         int
		echo, tpcb   float64
		plain, other bool
	}{
		{0, 0, 0, true, true}, {2, 0, 0, true, true}, {3, 0.25, 5000.0 / 1500, true, false}, {4, 0, 0, false, false}, {5, 0.125, 2500.0 / 1500, false, false}, {6, 0, 9999.0 / 1500, true, false},
	} {
		l := r.Lines[x.line]
		if echo, tpcb := l.OfEcho(), r.OfTPCB(l); echo != x.echo || tpcb != x.tpcb || l.Plain() != x.plain || l.Reference() != x.other {
			t.Errorf("%s: %v of the echo, %v of TPC-B, plain %v, a reference %v", l.Label(), echo, tpcb, l.Plain(), l.Reference())
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, x := range []struct{ got, want string }{
		{Bar(0, 10, 4), "    "}, {Bar(10, 10, 4), "████"}, {Bar(5, 10, 4), "██  "}, {Bar(1, 32, 4), "▏   "}, {Bar(7, 32, 4), "▉   "}, {Bar(20, 10, 4), "████"}, {Bar(1, 0, 2), "  "},
		{Count(0), "0"}, {Count(7), "7"}, {Count(7.25), "7.2"}, {Count(999), "999"}, {Count(1000), "1,000"}, {Count(12345678), "12,345,678"},
		{Bytes(0), ""}, {Bytes(999), "999"}, {Bytes(1500), "1.5 kB"}, {Bytes(2.5e6), "2.5 MB"}, {Bytes(3e9), "3.0 GB"},
		{Milliseconds(0), ""}, {Line{Name: "x", Depth: 12345, Each: 3}.Label(), "x of 3, 12,345 lines down"}, {Milliseconds(1234567), "1.23 ms"}, {Clients(1), "1 client"}, {Clients(64), "64 clients"},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
}

func TestCosts(t *testing.T) {
	m := parseMetrics("# HELP x y\nprocess_cpu_seconds_total 12.5\nwapas_batch_changes_bucket{le=\"1\"} 3\nwapas_batch_changes_sum 1e+03\nnonsense\n")
	if len(m) != 2 || m["process_cpu_seconds_total"] != 12.5 || m["wapas_batch_changes_sum"] != 1000 {
		t.Errorf("read %v", m)
	}
	at := time.Now()
	l := Line{Requests: 2000}
	l.costs(reading{at: at, cpu: 1, allocs: 100, batches: 10, changes: 10, batchSeconds: 1, written: 50, worked: 10, idle: 10},
		reading{at: at.Add(2 * time.Second), cpu: 3, allocs: 200_100, resident: 5e6, batches: 110, changes: 2010, batchSeconds: 2.5, written: 4_000_050, worked: 40, idle: 20}, 1900, 2100)
	want := Line{Requests: 2000, CPU: 1, Allocs: 100, Resident: 5e6, Written: 2000, Busy: 0.75, Commits: 50, PerBatch: 20, Batch: 15 * time.Millisecond}
	if !reflect.DeepEqual(l, want) {
		t.Errorf("got %+v, want %+v", l, want)
	}
}
