package sms

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wapas/desk"
)

var text = desk.Text{ID: "msg_1", To: "9123456789", Body: "123456 is the OTP"}

func TestSend(t *testing.T) {
	status := http.StatusAccepted
	var got, secret, kind string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, secret, kind = string(body), r.Header.Get(SecretHeader), r.Header.Get("Content-Type")
		if status == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	defer srv.Close()
	g, err := New(srv.URL+"/send?key=hidden", "s3cret")
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Send(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	if got != `{"id":"msg_1","text":"123456 is the OTP","to":"9123456789"}` || secret != "s3cret" || kind != "application/json" {
		t.Errorf("the gateway was sent %s with %q as %q", got, secret, kind)
	}
	for _, status = range []int{http.StatusFound, http.StatusBadRequest, http.StatusServiceUnavailable} {
		err := g.Send(t.Context(), text)
		if err == nil || strings.Contains(err.Error(), "123456") {
			t.Errorf("%d: %v", status, err)
		}
	}
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // a gateway that repeats what it heard
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(conn, "HTTP/1.1 400 cannot send: 123456 is the OTP\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		conn.Close()
	}))
	defer echo.Close()
	parrot, err := New(echo.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := parrot.Send(t.Context(), text); err == nil || strings.Contains(err.Error(), "123456") || !strings.Contains(err.Error(), "400") {
		t.Errorf("a gateway that repeats the text: %v", err)
	}
	srv.Close()
	if err := g.Send(t.Context(), text); err == nil || strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), "123456") {
		t.Errorf("no gateway: %v", err)
	}
}

// A gateway that hangs holds nobody up for longer than the caller waits.
func TestHanging(t *testing.T) {
	done := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
	defer srv.Close()
	defer close(done)
	g, err := New(srv.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	if g.client.Timeout != Timeout {
		t.Errorf("it may take %s", g.client.Timeout)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := g.Send(ctx, text); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it hung: %v", err)
	}
}

func TestNew(t *testing.T) {
	for _, address := range []string{"", "gateway.example", "ftp://gateway.example", "http://", "http://user:pass@gateway.example", "http://%zz"} {
		if _, err := New(address, ""); err == nil {
			t.Errorf("%q was taken for an address", address)
		}
	}
}
