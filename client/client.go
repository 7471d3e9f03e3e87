// Package client speaks the native API of a wapas server. It is small on
// purpose: the nouns that programs use most have methods, and Do reaches
// everything else that /docs describes.
//
//	c := client.New("http://127.0.0.1:8080", token)
//	r, err := c.CreateRefund(ctx, client.NewRefund{PaymentID: "pay_…", Amount: 10000}, "return-4711")
//
// Every write carries an Idempotency-Key: the one that is given, or one that is
// made for the call. A call that got no answer is made again under it, so that
// it is done once however often the line breaks. Give a key of your own where
// your program may die and ask again.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Client calls one server with one credential. Its fields may be set before
// it is used.
type Client struct {
	Base  string       // such as https://wapas.example.in
	Token string       // a credential of the room native
	HTTP  *http.Client // http.DefaultClient if nil
	Tries int          // how often a call is made until it is answered; 5 if zero
	// Pause is waited between two tries; a test may not wait. It is the context's
	// error if that ends first.
	Pause func(ctx context.Context, d time.Duration) error
}

// New makes a client of the server at base.
func New(base, token string) *Client {
	return &Client{Base: strings.TrimSuffix(base, "/"), Token: token}
}

// Format keeps the token out of whatever prints a client.
func (c Client) Format(w fmt.State, _ rune) { fmt.Fprintf(w, "a client of %s", c.Base) }

// A Problem is a refusal. Branch on Code; Rule says which rule refused.
type Problem struct {
	Status    int     `json:"status"`
	Title     string  `json:"title"`
	Detail    string  `json:"detail"`
	Code      string  `json:"code"` // denied, invalid, busy, mismatch, duplicate, not_found, wrong_state, exceeds, insufficient, …
	Rule      string  `json:"rule"`
	Field     string  `json:"field"`
	Errors    []Fault `json:"errors"`
	RequestID string  `json:"request_id"` // what the server's log calls the request
}

// A Fault is what is wrong with one field.
type Fault struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string {
	s := p.Code + ": " + p.Detail
	if p.Field != "" && !strings.HasPrefix(p.Detail, p.Field) {
		s = p.Code + " in " + p.Field + ": " + p.Detail
	}
	return s + " (" + p.RequestID + ")"
}

// CodeOf is the code of a refusal; empty for another error, or none.
func CodeOf(err error) string {
	var p *Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

// NewKey makes an Idempotency-Key.
func NewKey() string { return rand.Text() }

// Get reads a path below /api/v1 into out.
func (c *Client) Get(ctx context.Context, path string, query url.Values, out any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.Do(ctx, http.MethodGet, path, "", nil, out)
}

// Do makes one call of the API: in, if it is not nil, is the body and out what
// the answer is read into. A write without a key is given one. It returns a
// Problem if the server refuses.
func (c *Client) Do(ctx context.Context, method, path, key string, in, out any) error {
	q := call{method: method, path: path, header: http.Header{}}
	if in != nil {
		var err error
		if q.body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	if method != http.MethodGet {
		if key == "" {
			key = NewKey()
		}
		q.header.Set("Idempotency-Key", key)
	}
	return c.ask(ctx, q, out)
}

// A call is one request, however often it is made until it is answered.
type call struct {
	method, path string
	header       http.Header
	body         []byte
}

// ask makes a call until it is answered, and reads the answer into out, unless
// that is nil.
func (c *Client) ask(ctx context.Context, q call, out any) error {
	tries := c.Tries
	if tries == 0 {
		tries = 5
	}
	for try := 1; ; try++ {
		answer, wait, err := c.try(ctx, q)
		switch {
		case err == nil && out == nil:
			return nil
		case err == nil:
			if err := json.Unmarshal(answer, out); err != nil {
				return fmt.Errorf("read the answer of %s %s: %w", q.method, q.path, err)
			}
			return nil
		case wait < 0 || try == tries || ctx.Err() != nil:
			return err
		}
		if wait == 0 {
			wait = backoff(try)
		}
		if err := c.pause(ctx, wait); err != nil {
			return err
		}
	}
}

// try makes a call once. Wait is how long the server asks us to wait before the
// next try, zero if it does not say, and less than zero if trying again is no
// use.
func (c *Client) try(ctx context.Context, q call) (answer []byte, wait time.Duration, err error) {
	resp, err := c.send(ctx, q)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		wait, err = problem(q, resp)
		return nil, wait, err
	}
	answer, err = io.ReadAll(resp.Body)
	if err != nil {
		return nil, 0, broken(q, err)
	}
	return answer, 0, nil
}

func broken(q call, err error) error {
	return fmt.Errorf("%s %s: %w: %w", q.method, q.path, errBrokeOff, err)
}

// errBrokeOff is an answer that was not heard to its end.
var errBrokeOff = errors.New("the answer broke off")

// send makes a call, and leaves its answer to be read.
func (c *Client) send(ctx context.Context, q call) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, q.method, c.Base+"/api/v1"+q.path, bytes.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	if q.header != nil {
		r.Header = q.header.Clone()
	}
	if c.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", "application/json, application/problem+json")
	}
	if q.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	hc := c.HTTP
	if hc == nil {
		hc = http.DefaultClient
	}
	return hc.Do(r)
}

// problem reads a refusal, and how long to wait before the next try.
func problem(q call, resp *http.Response) (wait time.Duration, err error) {
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, broken(q, err)
	}
	p := &Problem{Status: resp.StatusCode, Title: resp.Status, Code: "internal", Detail: resp.Status, RequestID: resp.Header.Get("X-Request-Id")}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") {
		if err := json.Unmarshal(answer, p); err != nil {
			return -1, fmt.Errorf("%s %s: %s, and the problem cannot be read: %w", q.method, q.path, resp.Status, err)
		}
	}
	if !p.passing() {
		return -1, p
	}
	if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && n > 0 {
		wait = time.Duration(n) * time.Second
	}
	return wait, p
}

// passing says whether the same call may be answered otherwise in a moment.
func (p *Problem) passing() bool {
	return p.Code == "busy" || p.Status == http.StatusTooManyRequests || p.Status >= 500
}

// Download copies a file, such as an export, as it comes. It is not tried again
// once something of it has come.
func (c *Client) Download(ctx context.Context, path string, query url.Values, to io.Writer) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	q := call{method: http.MethodGet, path: path, header: http.Header{"Accept": {"*/*"}}}
	resp, err := c.send(ctx, q)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		_, err := problem(q, resp)
		return err
	}
	if _, err := io.Copy(to, resp.Body); err != nil {
		return broken(q, err)
	}
	return nil
}

// backoff is how long to wait after a try: a tenth of a second, then twice as
// long each time, and up to as much again so that callers do not come together.
func backoff(try int) time.Duration {
	d := 100 * time.Millisecond << min(try-1, 6)
	more, err := rand.Int(rand.Reader, big.NewInt(int64(d)))
	if err != nil {
		return d
	}
	return d + time.Duration(more.Int64())
}

func (c *Client) pause(ctx context.Context, d time.Duration) error {
	if c.Pause != nil {
		return c.Pause(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
