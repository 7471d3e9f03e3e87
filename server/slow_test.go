package server_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"wapas/dialecttest"
	"wapas/server"
)

// A caller that is slow on purpose is let go when its time is over, whatever it
// is slow at, and holds up nobody meanwhile.
func TestSlowCallers(t *testing.T) {
	h := dialecttest.Open(t)
	a := newTenant(t, h, server.New(h.Desk, server.Config{}), "A", h.Book, "test")
	var logged bytes.Buffer
	// Long enough that a busy machine gets a request to its body, also with all who
	// come at once here: whoever is let go before that rightly hears of an error.
	const patience = 2 * time.Second
	log := slog.New(slog.NewTextHandler(&logged, nil))
	h.Desk.Log = log
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- server.New(h.Desk, server.Config{Log: log, Timeout: patience, Grace: time.Second}).Serve(ctx, l)
	}()
	site := "http://" + l.Addr().String()

	auth := "Authorization: Bearer native token " + a.letter + "\r\n"
	post := func(path, more string) string {
		return "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + more + "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
	}
	ways := []struct {
		what  string
		begin string // sent at once
		drip  string // sent again and again after it
		reads bool
	}{
		{"says nothing", "", "", true},
		{"drips its headers", "GET /api/v1/me HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n", true},
		{"never ends a header", "GET /api/v1/me HTTP/1.1\r\nHost: x\r\nX-A: ", "b", true},
		{"drips a body at our own API", post("/api/v1/refunds", auth+"Idempotency-Key: slow\r\n"), " ", true},
		{"drips a body at the Razorpay room", post("/v1/orders", "Authorization: Basic cnpwX3Rlc3Rfd2FwYXNTZXJ2ZXIwMDAxOnNlY3JldA==\r\n"), " ", true},
		{"drips a body at the Engage room", post("/issuinghq/test/v3/engage/transactions/credit", "Authorization: Bearer engage token A\r\n"), " ", true},
		{"drips a body at the PhonePe room", post("/pg/v1/pay", ""), " ", true},
		{"drips a body at a token's door", post("/v1/oauth/token", ""), " ", true},
		{"drips a form at the console's door", strings.Replace(post("/console/login", ""), "json", "x-www-form-urlencoded", 1), "a", true},
		{"drips chunks", "POST /api/v1/refunds HTTP/1.1\r\nHost: x\r\n" + auth + "Idempotency-Key: chunks\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n", true},
		{"goes quiet after an answer", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "", true},
		{"never reads", strings.Repeat("GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", 60), "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", false},
	}
	const each = 15 // of every way at once
	var slow sync.WaitGroup
	for _, way := range ways {
		for range each {
			slow.Go(func() {
				if err := dawdle(l.Addr().String(), way.begin, way.drip, way.reads, patience/20, 5*patience); err != nil {
					t.Errorf("who %s: %v", way.what, err)
				}
			})
		}
	}
	// Meanwhile others are answered.
	done := make(chan struct{})
	go func() { slow.Wait(); close(done) }()
	answered := 0
	for over := false; !over; {
		r, err := http.NewRequestWithContext(t.Context(), "GET", site+"/api/v1/me", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer native token A")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatalf("while others were slow: %v", err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("while others were slow: %s", resp.Status)
		}
		answered++
		select {
		case <-done:
			over = true
		case <-time.After(5 * time.Millisecond):
		}
	}
	if answered < 5 {
		t.Errorf("only %d were answered meanwhile", answered)
	}
	stop()
	if err := <-served; err != nil {
		t.Errorf("the server did not stop: %v", err)
	}
	for _, bad := range []string{"level=ERROR", "status=500", "panic"} {
		if i := strings.Index(logged.String(), bad); i >= 0 {
			t.Errorf("the log has …%s…", logged.String()[max(0, i-100):min(logged.Len(), i+500)])
		}
	}
}

// dawdle talks to an address as slowly as it is told, and returns nil when it is
// hung up on before the time is over.
func dawdle(address, begin, drip string, reads bool, pause, most time.Duration) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(most))
	gone := make(chan error, 2)
	if reads {
		go func() {
			_, err := io.Copy(io.Discard, conn)
			gone <- err
		}()
	}
	go func() {
		for text := begin; ; text = drip {
			if _, err := io.WriteString(conn, text); err != nil {
				gone <- err
				return
			}
			if drip == "" {
				return
			}
			if reads {
				time.Sleep(pause)
			}
		}
	}()
	if err := <-gone; errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("was still there after %s", most)
	}
	return nil
}

// What is larger than a request may be is told so, and costs no more than that.
func TestSizes(t *testing.T) {
	h := dialecttest.Open(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- server.New(h.Desk, server.Config{Grace: time.Second}).Serve(ctx, l) }()
	defer func() {
		stop()
		<-served
	}()
	for _, x := range []struct {
		what, head string
		status     int
	}{
		{"headers of 80 kB", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: " + strings.Repeat("a", 80<<10) + "\r\n\r\n", 431},
		{"ten thousand headers", "GET /healthz HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Aaaaa: b\r\n", 10_000) + "\r\n", 431},
		{"an address of 80 kB", "GET /" + strings.Repeat("a", 80<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431},
		{"two lengths", "POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
		{"a length below zero", "POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400},
		{"no host", "GET /healthz HTTP/1.1\r\n\r\n", 400},
		{"two hosts", "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
		{"a header with a blank before its colon", "GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n", 400},
		{"what no proxy reads alike", "POST /v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
	} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		go io.WriteString(conn, x.head)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != x.status {
			t.Errorf("%s: got %+v, %v, want %d", x.what, resp, err, x.status)
		}
		conn.Close()
	}
}

// Whoever signs in while the server has no time for it, or with a form that did
// not arrive, is told to try again: it is nobody's fault, and nobody's try.
func TestDoorInAHurry(t *testing.T) {
	h := dialecttest.Open(t)
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	w := plainly(server.New(h.Desk, server.Config{Timeout: time.Nanosecond}), "POST", "/console/login", "email=a@example.in&password=a", form...)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("no time: %d %s", w.Code, w.Body)
	}
	for range 10 {
		w = plainly(server.New(h.Desk, server.Config{}), "POST", "/console/login", "email=a@example.in&password="+strings.Repeat("a", 70<<10), form...)
		if w.Code != http.StatusBadRequest {
			t.Fatalf("a large form: %d %s", w.Code, w.Body)
		}
	}
	for i := range 6 {
		w = plainly(server.New(h.Desk, server.Config{}), "POST", "/console/login", "email=a@example.in&password=a", form...)
		if want := map[bool]int{true: 403, false: 429}[i < 5]; w.Code != want || (w.Code == 429) != (w.Header().Get("Retry-After") == "900") {
			t.Errorf("try %d: %d, Retry-After %q, want %d", i, w.Code, w.Header().Get("Retry-After"), want)
		}
	}
}
