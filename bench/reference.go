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
	"sync/atomic"
	"time"
)

// Echo is the first reference: a bare net/http server in this process that
// decodes the body of a store credit and writes it back. Nothing that speaks
// JSON over net/http here can be faster.
func Echo(ctx context.Context, load Load) (Line, error) {
	line := Line{Name: "echo", Clients: load.Clients}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return line, err
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
	at := NewSite("http://"+l.Addr().String(), load.Clients)
	defer at.via.CloseIdleConnections()
	var n atomic.Int64
	_, err = line.drive(ctx, load, nil, nil, func(_ int, dice *rand.Rand) (int, error) {
		reference := fmt.Sprintf("echo%d", n.Add(1))
		status, answer, err := at.send(ctx, http.MethodPost, "/", creditBody(dice.IntN(10_000), reference, dice), http.Header{"Authorization": {"Bearer " + reference}})
		var said struct {
			Reference string `json:"reference_id"`
		}
		if err == nil && (status != http.StatusOK || json.Unmarshal(answer, &said) != nil || said.Reference != reference) {
			err = &refusal{http.MethodPost, "/", status, answer, "no echo"}
		}
		return 1, err
	})
	if err == nil && line.Wrong > 0 {
		err = errors.New("echo: " + line.FirstWrong)
	}
	return line, err
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
	t := timing{took: took, good: n, requests: n, lasted: time.Since(start)}
	l := Line{Name: "fsync", Clients: 1}
	l.take(t)
	return l, nil
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
		lines = append(lines, Line{Name: "pgbench TPC-B", Clients: c, Seconds: d.Seconds(), Rate: rate})
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
