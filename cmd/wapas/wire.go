package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
)

// A client speaks a room's API, over HTTP or straight to a handler.
type client struct {
	base string
	door door
	via  http.RoundTripper
}

// at is the client at another door of the same server.
func (c *client) at(room string) *client {
	return &client{base: c.base, door: demoDoors[room], via: c.via}
}

// A reply is an answer as it came.
type reply struct {
	status int
	body   []byte
}

// A refusal is an answer that says no.
type refusal struct {
	reply
	method, path string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%s %s: %d %s", r.method, r.path, r.status, r.description())
}

// description is the API's words for why not.
func (r *refusal) description() string {
	var b struct {
		Error struct{ Description string }
	}
	if json.Unmarshal(r.body, &b) != nil || b.Error.Description == "" {
		return string(r.body)
	}
	return b.Error.Description
}

// send makes one request; body is JSON as it is to be sent.
func (c *client) send(ctx context.Context, method, path, body string) (reply, error) {
	body, shown := c.door(path, body)
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return reply{}, err
	}
	if body == "" {
		r.Body = http.NoBody
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	maps.Copy(r.Header, shown)
	resp, err := c.via.RoundTrip(r)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, b}, err
}

// A doc is a JSON object.
type doc map[string]any

// text is a member that is a string; empty if it is not.
func (d doc) text(name string) string { s, _ := d[name].(string); return s }

// at is a member that is an object; empty if it is not.
func (d doc) at(name string) doc { m, _ := d[name].(map[string]any); return m }

// items are the objects of a collection.
func (d doc) items() []doc {
	list, _ := d["items"].([]any)
	var out []doc
	for _, x := range list {
		if m, ok := x.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// do makes a request and reads its answer; an answer other than 200 is a
// refusal.
func (c *client) do(ctx context.Context, method, path string, body doc) (doc, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	got, err := c.send(ctx, method, path, string(text))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if got.status != http.StatusOK {
		return nil, &refusal{got, method, path}
	}
	var d doc
	if err := json.Unmarshal(got.body, &d); err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return d, nil
}

// direct hands requests to a handler of this process.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &answer{header: http.Header{}, status: http.StatusOK}
	d.ServeHTTP(w, r)
	return &http.Response{StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), Request: r}, nil
}

// An answer is a handler's, kept.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

// unless forgives a refusal of a request by the API (not by the server).
func unless(err error) error {
	if r, ok := err.(*refusal); ok && r.status == http.StatusBadRequest {
		return nil
	}
	return err
}
