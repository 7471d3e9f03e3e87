package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"wapas/desk"
)

// wrap gives each request an id, bounds, a line in the log and a place in the
// metrics.
func (c Config) wrap(m *metrics, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		asSeen(r, c.Proxies)
		id := requestID(r)
		r.Header.Set("X-Request-Id", id)
		w.Header().Set("X-Request-Id", id)
		to := &visit{Visit: desk.Visit{From: r.RemoteAddr}}
		ctx := desk.Visiting(context.WithValue(r.Context(), visitKey{}, to), &to.Visit)
		ctx, cancel := context.WithTimeout(ctx, c.Timeout)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, c.MaxBody)
		m.inflight.Inc()
		defer m.inflight.Dec()
		rec := &recorder{ResponseWriter: w}
		call := c.Requests.open(r, rec, to, id, began)
		defer func() {
			p := recover()
			broke := p == http.ErrAbortHandler // a file that could not be written to its end
			if p != nil && !broke {
				c.Log.Error("panic", "request", id, "panic", p, "stack", string(debug.Stack()))
				if rec.status == 0 {
					http.Error(rec, "our fault; the request id is "+id, http.StatusInternalServerError)
				}
			}
			if rec.status == 0 {
				rec.status = http.StatusOK
			}
			if rec.status >= 500 && errors.Is(ctx.Err(), context.Canceled) {
				rec.status = statusGone
			}
			route := r.Pattern
			if route == "" {
				route = "other"
			}
			took := time.Since(began)
			span := trace.SpanFromContext(ctx) // none, unless traces are taken
			span.SetName(r.Method + " " + route)
			span.SetAttributes(attribute.String("http.route", route), attribute.String("wapas.room", to.room), attribute.Int("http.response.status_code", rec.status), attribute.String("wapas.request", id))
			c.Requests.shut(call, rec)
			m.count(to.room, route, r.Method, rec.status, took)
			c.Log.LogAttrs(ctx, level(route, rec.status), "request",
				slog.String("request", id), slog.String("method", r.Method),
				slog.String("path", masked(r.URL.Path)), slog.String("room", to.room), slog.String("route", route),
				slog.Int("status", rec.status), slog.Int64("bytes", rec.bytes), slog.Duration("took", took))
			if broke {
				panic(p) // so that the connection ends, and the reader knows
			}
		}()
		h.ServeHTTP(rec, r)
	})
}

// statusGone is what the log and the metrics have for a request whose caller
// hung up before it was answered: that is no fault of ours, and nobody heard it.
const statusGone = 499

// level keeps probes out of an ordinary log unless they say no, and makes our
// own faults stand out.
func level(route string, status int) slog.Level {
	probe := route == "/healthz" || route == "/livez" || route == "/readyz" || route == "/metrics"
	switch {
	case probe && status >= 500:
		return slog.LevelWarn
	case probe:
		return slog.LevelDebug
	case status >= 500:
		return slog.LevelError
	}
	return slog.LevelInfo
}

// requestID is the caller's own, if it is one that can be written to a log
// and a header as it stands, or a new one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if id != "" && len(id) <= 64 && !strings.ContainsFunc(id, unsafe) {
		return id
	}
	return desk.Letters(14)
}

func unsafe(c rune) bool {
	return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("-_.", c))
}

// longNumber is what may be a phone or an account number. Queries are not
// logged at all.
var longNumber = regexp.MustCompile(`\+?[0-9]{9,}`)

// longWord is what may be a secret that stands in a path: the address of a
// payment's page is one. Ids and references are shorter.
var longWord = regexp.MustCompile(`[A-Za-z0-9_-]{65,}`)

// masked is a path for the log: numbers that may be somebody's and words that
// may be a secret are dots, and a very long path is cut.
func masked(path string) string {
	path = longWord.ReplaceAllString(path, "••••••")
	if len(path) > 200 {
		path = path[:200] + "…"
	}
	return longNumber.ReplaceAllString(path, "••••••")
}

// A recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	call   *call // that keeps what is answered; nil if none does
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	if r.call != nil {
		r.call.out = keepSome(r.call.out, b[:n])
	}
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
