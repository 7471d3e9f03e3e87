package bench

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A Gauge reads what a server and this machine have used so far.
type Gauge struct {
	Shop    *Shop                 // whose server's /metrics is read
	Written func() (int64, error) // bytes so far; nil if nobody can say
}

// A reading is what a gauge said at a moment.
type reading struct {
	at                             time.Time
	cpu, allocs, resident          float64
	batches, changes, batchSeconds float64
	written                        int64
	worked, idle                   float64 // of this machine's, in its own ticks
}

// read takes a reading. What cannot be read is zero.
func (g *Gauge) read(ctx context.Context) (reading, error) {
	r := reading{at: time.Now()}
	r.worked, r.idle = machineCPU()
	if g == nil { // this process is the server
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		r.cpu, r.allocs = ownCPU(), float64(m.Mallocs)
		return r, nil
	}
	text, err := g.metrics(ctx)
	if err != nil {
		return r, err
	}
	m := parseMetrics(text)
	r.cpu, r.allocs, r.resident = m["process_cpu_seconds_total"], m["go_memstats_mallocs_total"], m["process_resident_memory_bytes"]
	r.batches, r.changes, r.batchSeconds = m["wapas_batch_changes_count"], m["wapas_batch_changes_sum"], m["wapas_batch_seconds_sum"]
	if g.Written != nil {
		r.written, err = g.Written()
	}
	return r, err
}

func (g *Gauge) metrics(ctx context.Context) (string, error) {
	status, body, err := g.Shop.site.send(ctx, http.MethodGet, "/metrics", "", nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("GET /metrics: %d", status)
	}
	return string(body), err
}

// parseMetrics reads the series without labels of Prometheus's text format.
func parseMetrics(text string) map[string]float64 {
	m := map[string]float64{}
	for line := range strings.Lines(text) {
		name, value, found := strings.Cut(strings.TrimSpace(line), " ")
		if !found || strings.HasPrefix(name, "#") || strings.Contains(name, "{") {
			continue
		}
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			m[name] = v
		}
	}
	return m
}

// costs fills in what a line cost, from the readings around it and the requests
// between them. Of those under way at the first reading half is counted: in
// short runs of slow requests they are many.
func (l *Line) costs(from, to reading, requests, ended int) {
	took := to.at.Sub(from.at).Seconds()
	n := float64(requests+ended) / 2
	if n == 0 || took <= 0 {
		return
	}
	l.CPU = (to.cpu - from.cpu) * 1000 / n
	l.Allocs = (to.allocs - from.allocs) / n
	l.Written = float64(to.written-from.written) / n
	l.Resident = to.resident
	if all := to.worked - from.worked + to.idle - from.idle; all > 0 {
		l.Busy = (to.worked - from.worked) / all
	}
	if b := to.batches - from.batches; b > 0 {
		l.Commits = b / took
		l.PerBatch = (to.changes - from.changes) / b
		l.Batch = time.Duration((to.batchSeconds - from.batchSeconds) / b * 1e9)
	}
}

// ownCPU is how many seconds of processors this process has used.
func ownCPU() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// Peak is how many bytes of memory this process has had at its most.
func Peak() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Maxrss) * 1024 // Linux counts it in kilobytes
}

// machineCPU is how long the processors of this machine have worked and
// rested, on Linux; the unit does not matter.
func machineCPU() (worked, idle float64) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	for i, field := range strings.Fields(string(line)) {
		v, err := strconv.ParseFloat(field, 64)
		switch {
		case i == 0, err != nil, i > 8: // the name; guests are counted in what is before
		case i == 4, i == 5: // idle, and idle while a disk is waited for
			idle += v
		default:
			worked += v
		}
	}
	return worked, idle
}

// ProcessWrites is how many bytes this process has had the system write to
// disks, on Linux.
func ProcessWrites() (int64, error) {
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, "write_bytes: "); found {
			return strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		}
	}
	return 0, fmt.Errorf("/proc/self/io does not say write_bytes")
}
