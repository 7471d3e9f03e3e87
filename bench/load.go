// Package bench measures a server the way its users meet it: over HTTP, with
// real requests, waiting for durable answers. Every figure stands beside
// references taken in the same run on the same machine and disk, because
// machines differ and are shared.
package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A Call is one request of a workload; Good says whether an answer is the one
// that was wanted.
type Call struct {
	Method, URL string
	Header      http.Header
	Body        []byte
	Good        func(status int, body []byte) bool
}

// A Workload makes the requests of one client after another. Each client has
// its own source of randomness, so a seed repeats a run.
type Workload func(r *rand.Rand) Call

// A Line is what one workload did with one number of clients.
type Line struct {
	Name       string        `json:"name"`
	Clients    int           `json:"clients"`
	Rate       float64       `json:"rate"` // good answers a second
	P50        time.Duration `json:"p50_ns"`
	P99        time.Duration `json:"p99_ns"`
	P999       time.Duration `json:"p999_ns"`
	Requests   int           `json:"requests"`
	Wrong      int64         `json:"wrong"`          // answers that were not the ones wanted
	CPU        float64       `json:"cpu_s_per_1000"` // seconds of this process per thousand requests, clients included
	FirstWrong string        `json:"first_wrong,omitempty"`
}

// Load lets clients call one request after another (a closed loop) for a time,
// after a warm-up of a tenth of it.
func Load(ctx context.Context, name string, w Workload, clients int, d time.Duration, seed uint64) (Line, error) {
	transport := &http.Transport{MaxIdleConns: clients, MaxIdleConnsPerHost: clients, DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}

	var wg sync.WaitGroup
	var wrong atomic.Int64
	var first atomic.Pointer[string]
	took := make([][]time.Duration, clients)
	start := time.Now().Add(d / 10)
	end := start.Add(d)
	var cpu float64
	counting := time.AfterFunc(time.Until(start), func() { cpu = cpuSeconds() })
	defer counting.Stop()
	for c := range clients {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(c)))
			for ctx.Err() == nil {
				call := w(r)
				began := time.Now()
				if began.After(end) {
					return
				}
				status, body, err := send(ctx, client, call)
				ended := time.Now()
				if err != nil || !call.Good(status, body) {
					wrong.Add(1)
					text := fmt.Sprintf("%d %.300s %v", status, body, err)
					first.CompareAndSwap(nil, &text)
				} else if began.After(start) {
					took[c] = append(took[c], ended.Sub(began))
				}
			}
		})
	}
	wg.Wait()
	real := time.Since(start)
	all := slices.Concat(took...)
	slices.Sort(all)
	l := Line{Name: name, Clients: clients, Requests: len(all), Wrong: wrong.Load()}
	if p := first.Load(); p != nil {
		l.FirstWrong = *p
	}
	if len(all) == 0 {
		return l, errors.Join(ctx.Err(), fmt.Errorf("%s: no good answer at all: %s", name, l.FirstWrong))
	}
	at := func(q float64) time.Duration { return all[min(int(q*float64(len(all))), len(all)-1)] }
	l.Rate = float64(len(all)) / real.Seconds()
	l.P50, l.P99, l.P999 = at(0.5), at(0.99), at(0.999)
	l.CPU = (cpuSeconds() - cpu) * 1000 / float64(len(all))
	return l, ctx.Err()
}

func send(ctx context.Context, client *http.Client, call Call) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, call.Method, call.URL, bytes.NewReader(call.Body))
	if err != nil {
		return 0, nil, err
	}
	req.Header = call.Header
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

// cpuSeconds is what this process has used so far.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
