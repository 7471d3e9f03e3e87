package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
)

// Spans go to the endpoint that OpenTelemetry's variables name, with the route
// and without what callers sent.
func TestTraces(t *testing.T) {
	var mu sync.Mutex
	var sent []byte
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path == "/v1/traces" {
			sent = append(sent, body...)
		}
	}))
	defer collector.Close()
	s := newShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	p := start(t, s.dir, append(s.env, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL, "OTEL_EXPORTER_OTLP_COMPRESSION=none"), "serve", "--listen", "127.0.0.1:0")
	o, err := p.api(m.Keys[0].Name, m.Keys[0].Secret).do(t.Context(), "POST", "/v1/orders", doc{"amount": 5000, "currency": "INR", "receipt": "who-bought-what"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.api(m.Keys[0].Name, m.Keys[0].Secret).do(t.Context(), "GET", "/v1/orders/"+o.text("id"), nil); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone {
		t.Fatalf("exit %d\n%s", code, p.text())
	}
	mu.Lock()
	defer mu.Unlock()
	for _, want := range []string{"POST /v1/orders", "GET /v1/orders/{order}", "change", "wapas.room", "razorpay"} {
		if !bytes.Contains(sent, []byte(want)) {
			t.Errorf("no %q in %d bytes of spans", want, len(sent))
		}
	}
	for _, secret := range []string{o.text("id"), "who-bought-what", m.Keys[0].Secret} {
		if bytes.Contains(sent, []byte(secret)) {
			t.Errorf("%q is in the spans", secret)
		}
	}
}
