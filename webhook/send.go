package webhook

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

const maxResponse = 16 << 10 // bytes of an answer that are kept

// A sender makes attempts. It has a client for guarded and one for open ground,
// so that no connection of one is used for the other.
type sender struct {
	guard   Guard
	guarded *http.Client
	off     Guard // the same for test books
	open    *http.Client
	timeout time.Duration    // from the first byte out to the last one back
	now     func() time.Time // the wall's clock
}

func newSender(o Options, now func() time.Time) *sender {
	off := o.Guard
	off.Off = !off.Tests
	s := &sender{guard: o.Guard, guarded: client(o.Guard), off: off, open: client(off), timeout: o.Timeout, now: now}
	if o.Transport != nil {
		s.guarded.Transport, s.open.Transport = o.Transport, o.Transport
	}
	return s
}

// client follows no redirect, uses no proxy and keeps no cookie.
func client(g Guard) *http.Client {
	dialer := &net.Dialer{Control: g.control}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			MaxIdleConnsPerHost:    maxWindow,
			MaxIdleConns:           1024,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			DisableCompression:     true,
			ForceAttemptHTTP2:      true,
		},
	}
}

// send makes one attempt and says how it went: delivered if the answer is 2xx.
func (s *sender) send(ctx context.Context, b desk.Book, e desk.Endpoint, m *Message, a desk.Attempt) (desk.Attempt, bool) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	begun := time.Now()
	a.MadeAt = ledger.At(s.now())
	a.ID, a.At = attemptID(a.MadeAt), b.Clock.Now(a.MadeAt)
	a.URL = m.URL
	if a.URL == "" {
		a.URL = e.URL
	}
	ok, err := s.request(ctx, b.Mode == desk.Live, m, &a)
	a.Took = time.Since(begun)
	if err != nil {
		a.Error = plain(err, s.timeout)
	}
	return a, ok
}

func (s *sender) request(ctx context.Context, live bool, m *Message, a *desk.Attempt) (bool, error) {
	guard, web := s.off, s.open
	if live {
		guard, web = s.guard, s.guarded
	}
	u, err := url.Parse(a.URL)
	if err != nil || u.Host == "" {
		return false, fmt.Errorf("%w: it is no URL", errGuarded)
	}
	if err := guard.url(u); err != nil {
		return false, err
	}
	method := m.Method
	if method == "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, a.URL, bytes.NewReader(m.Body))
	if err != nil {
		return false, err
	}
	if m.Header != nil {
		r.Header = m.Header.Clone()
	}
	if r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	a.Header, a.Request = headerText(r.Header, m.Mask), string(m.Body)
	resp, err := web.Do(r)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	a.Status = int64(resp.StatusCode)
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	a.Response = text(body)
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return true, nil // whatever became of the rest of its answer
	}
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		err = fmt.Errorf("it answered %d, and redirects are not followed", resp.StatusCode)
	case err == nil:
		err = fmt.Errorf("it answered %d", resp.StatusCode)
	}
	return false, err
}

// text is a body as a column can hold it.
func text(body []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(body), "\uFFFD"), "\x00", "\uFFFD")
}

// headerText writes headers down, one a line, with dots for what is secret.
func headerText(h http.Header, mask []string) string {
	var names []string
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	var t strings.Builder
	for _, name := range names {
		for _, v := range h[name] {
			if slices.ContainsFunc(mask, func(m string) bool { return http.CanonicalHeaderKey(m) == name }) {
				v = "••••"
			}
			fmt.Fprintf(&t, "%s: %s\n", name, v)
		}
	}
	return t.String()
}

// plain is an error in words for the log of attempts, without the URL, which
// stands beside it.
func plain(err error, timeout time.Duration) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %v", timeout)
	}
	return text([]byte(fmt.Sprintf("%.500s", err)))
}

// attemptID sorts by time.
func attemptID(at ledger.Time) desk.ID {
	var r [6]byte
	rand.Read(r[:])
	return desk.AttemptID(at, hex.EncodeToString(r[:]))
}
