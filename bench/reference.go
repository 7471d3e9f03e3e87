package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Echo is the first reference: a bare net/http server in this process that
// decodes the same body and writes it back. Nothing that speaks JSON over
// net/http here can be faster.
func Echo(ctx context.Context, w Workload, clients int, d time.Duration, seed uint64) (Line, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return Line{}, err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var v map[string]any
		if err := json.NewDecoder(r.Body).Decode(&v); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	})}
	go server.Serve(l)
	defer server.Close()
	address := "http://" + l.Addr().String() + "/"
	return Load(ctx, "echo", func(r *rand.Rand) Call {
		c := w(r)
		c.URL = address
		c.Good = func(status int, _ []byte) bool { return status == http.StatusOK }
		return c
	}, clients, d, seed)
}

// Fsync is the second reference: how long the disk under dir takes to make
// four kilobytes durable, as p50 and p99, and how often it can a second.
func Fsync(dir string, d time.Duration) (Line, error) {
	f, err := os.CreateTemp(dir, "fsync")
	if err != nil {
		return Line{}, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var took []time.Duration
	page := make([]byte, 4096)
	start := time.Now()
	for time.Since(start) < d {
		began := time.Now()
		if _, err := f.Write(page); err != nil {
			return Line{}, err
		}
		if err := f.Sync(); err != nil {
			return Line{}, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	n := len(took)
	return Line{Name: "fsync", Clients: 1, Requests: n, Rate: float64(n) / time.Since(start).Seconds(), P50: took[n/2], P99: took[n*99/100], P999: took[n*999/1000]}, nil
}

// PgBench is the third, where the books are in PostgreSQL and its pgbench is
// installed: TPC-B transactions a second on the same server, in a database of
// its own, at some numbers of clients.
func PgBench(ctx context.Context, address string, clients []int, d time.Duration) (lines []Line, err error) {
	tool, err := findPgBench()
	if err != nil {
		return nil, err
	}
	at, drop, err := Scratch(ctx, address, "pgbench")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, drop()) }()
	if out, err := tell(ctx, tool, "-i", "-q", "-s", "20", at); err != nil {
		return nil, fmt.Errorf("pgbench -i: %w: %.300s", err, out)
	}
	for _, c := range clients {
		out, err := tell(ctx, tool, "-c", strconv.Itoa(c), "-j", "2", "-T", strconv.Itoa(max(1, int(d.Seconds()))), at)
		if err != nil {
			return lines, fmt.Errorf("pgbench -c %d: %w: %.300s", c, err, out)
		}
		tps := tpsOf.FindStringSubmatch(out)
		if tps == nil {
			return lines, fmt.Errorf("pgbench -c %d said no rate: %.300s", c, out)
		}
		rate, err := strconv.ParseFloat(tps[1], 64)
		if err != nil {
			return lines, err
		}
		lines = append(lines, Line{Name: "pgbench TPC-B", Clients: c, Rate: rate})
	}
	return lines, nil
}

var tpsOf = regexp.MustCompile(`tps = ([0-9.]+)`)

// tell runs a tool and returns what it printed.
func tell(ctx context.Context, tool string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, tool, args...).CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// findPgBench looks on the PATH and where Debian keeps it.
func findPgBench() (string, error) {
	if tool, err := exec.LookPath("pgbench"); err == nil {
		return tool, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if len(found) == 0 {
		return "", exec.ErrNotFound
	}
	return found[len(found)-1], nil
}
