package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
)

// A Door is what a room asks of its callers: given the path and body of a
// request, what is sent, with which headers.
type Door func(path, body string) (string, http.Header)

// Keys open a book's rooms.
type Keys struct {
	Rooms    map[string]Door // by the names of the rooms
	Merchant string          // what PhonePe's API calls the merchant
}

// A Site is a server, and the connections that are kept to it.
type Site struct {
	base string
	via  *http.Transport
}

// NewSite is the server at base, for so many clients at once.
func NewSite(base string, clients int) *Site {
	clients = max(clients, stockLanes)
	return &Site{strings.TrimSuffix(base, "/"), &http.Transport{MaxIdleConns: clients, MaxIdleConnsPerHost: clients, DisableCompression: true}}
}

// A refusal is an answer that is not the one wanted.
type refusal struct {
	method, path string
	status       int
	body         []byte
	why          string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%s %s: %s: %d %.300s", r.method, r.path, r.why, r.status, r.body)
}

// send makes one request and reads its answer to the end.
func (s *Site) send(ctx context.Context, method, path, body string, head http.Header) (int, []byte, error) {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(ctx, method, s.base+path, reader)
	if err != nil {
		return 0, nil, err
	}
	if head != nil {
		r.Header = head
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w, err := s.via.RoundTrip(r)
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer w.Body.Close()
	answer, err := io.ReadAll(w.Body)
	if err != nil {
		err = fmt.Errorf("%s %s: %w", method, path, err)
	}
	return w.StatusCode, answer, err
}

// A client is one caller of a book, who rolls dice.
type client struct {
	*Site
	ctx      context.Context
	keys     Keys
	dice     *rand.Rand
	choose   func(n int) int
	requests int
}

// ask makes a request of a room, which must be answered with a status of 200 or
// 201 and a JSON object: into takes it in.
func (c *client) ask(room, method, path, body string, into any) error {
	return c.askWith(room, method, path, body, nil, into)
}

// askOnce is ask with an Idempotency-Key.
func (c *client) askOnce(room, method, path, body, key string, into any) error {
	return c.askWith(room, method, path, body, http.Header{"Idempotency-Key": {key}}, into)
}

func (c *client) askWith(room, method, path, body string, more http.Header, into any) error {
	door := c.keys.Rooms[room]
	if door == nil {
		return fmt.Errorf("no credential for the room %s is known", room)
	}
	bare, _, _ := strings.Cut(path, "?")
	sent, head := door(bare, body)
	maps.Copy(head, more)
	c.requests++
	status, answer, err := c.send(c.ctx, method, path, sent, head)
	switch {
	case err != nil:
		return err
	case status != http.StatusOK && status != http.StatusCreated:
		return &refusal{method, path, status, answer, "refused"}
	case json.Unmarshal(answer, into) != nil:
		return &refusal{method, path, status, answer, "no JSON object"}
	}
	return nil
}

// want says what is wrong with an answer that says something else.
func want(good bool, what string, answer any) error {
	if good {
		return nil
	}
	text, _ := json.Marshal(answer) // it came from JSON
	return fmt.Errorf("%s: the answer says something else: %s", what, text)
}
