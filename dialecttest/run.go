package dialecttest

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the answers into the transcripts")

// A Room is what a transcript talks to.
type Room struct {
	Handler http.Handler
	Header  http.Header       // sent with every request that does not say otherwise
	Vars    map[string]string // names to begin with
	// Prepare, if it is set, is given every request with its headers and the body
	// as the transcript has it, and returns what is sent: a room that signs its
	// requests, or wraps their bodies, does so here.
	Prepare func(r *http.Request, body string) *http.Request
}

// Run runs every transcript that the pattern matches, each in a house of its
// own, at the room that open gives it.
func Run(t *testing.T, pattern string, open func(t *testing.T, h *House) Room) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts match %s (%v)", pattern, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			if !*update {
				t.Parallel()
			}
			tr, err := Read(file)
			if err != nil {
				t.Fatal(err)
			}
			h := Open(t)
			c := &conversation{t: t, h: h, room: open(t, h), tr: tr, vars: vars{}}
			for name, val := range c.room.Vars {
				c.vars[name] = val
			}
			c.run()
			h.Audit(t)
			if *update && !t.Failed() {
				if err := tr.Write(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

type conversation struct {
	t     *testing.T
	h     *House
	room  Room
	tr    *Transcript
	vars  vars
	heard int64 // the last event that an events block has seen
}

func (c *conversation) run() {
	var answer *httptest.ResponseRecorder
	for i := range c.tr.Blocks {
		b := &c.tr.Blocks[i]
		where := fmt.Sprintf("%s:%d", c.tr.Name, b.Line)
		switch b.Kind {
		case "request":
			answer = c.ask(where, b.Text)
		case "response":
			if answer == nil {
				c.t.Fatalf("%s: an answer without a request", where)
			}
			c.compare(where, b, answer)
			answer = nil
		case "advance":
			c.h.Advance(c.t, b.Wait)
		case "events":
			c.events(where, b)
		}
	}
	if answer != nil {
		c.t.Fatalf("%s: the last request has no response block", c.tr.Name)
	}
}

// ask sends a request.
func (c *conversation) ask(where, text string) *httptest.ResponseRecorder {
	text, err := c.vars.fill(text)
	if err != nil {
		c.t.Fatalf("%s: %v", where, err)
	}
	head, body, _ := strings.Cut(text, "\n\n")
	line, rest, _ := strings.Cut(strings.TrimSpace(head)+"\n", "\n")
	method, target, ok := strings.Cut(line, " ")
	if !ok {
		c.t.Fatalf("%s: %q is not a method and a path", where, line)
	}
	given, err := textproto.NewReader(bufio.NewReader(strings.NewReader(rest + "\n"))).ReadMIMEHeader()
	if err != nil && err != io.EOF {
		c.t.Fatalf("%s: headers: %v", where, err)
	}
	body = strings.TrimSpace(body)
	r := httptest.NewRequest(method, "http://wapas.test"+target, strings.NewReader(body))
	for name, vals := range c.room.Header {
		r.Header[name] = vals
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, vals := range given {
		r.Header[name] = vals
		if len(vals) == 1 && vals[0] == "-" {
			delete(r.Header, name)
		}
	}
	if c.room.Prepare != nil {
		r = c.room.Prepare(r, body)
	}
	w := httptest.NewRecorder()
	c.room.Handler.ServeHTTP(w, r)
	return w
}

// compare holds an answer against what is recorded, or records it.
func (c *conversation) compare(where string, b *Block, got *httptest.ResponseRecorder) {
	c.t.Helper()
	headers, want := parts(b.Text)
	body := squeeze(got.Body.String())
	for name := range headers {
		if w := headers.Get(name); !c.vars.match(w, got.Header().Get(name)) {
			c.t.Errorf("%s: header %s is %q, want %q", where, name, got.Header().Get(name), w)
		}
	}
	same := b.Status == got.Code && c.vars.match(squeeze(want), body)
	switch {
	case same:
	case *update:
		b.Status = got.Code
		text := ""
		if len(headers) > 0 {
			var h bytes.Buffer
			headers.Write(&h)
			text = strings.ReplaceAll(h.String(), "\r\n", "\n") + "\n"
		}
		text += c.vars.generalise(got.Body.String()) + "\n"
		if strings.HasSuffix("\n"+b.Text, "\n\n") { // an empty line stood here
			text += "\n"
		}
		b.Text = text
	default:
		known, _ := c.vars.fill(want)
		c.t.Fatalf("%s:\n got %d %s\nwant %d %s\n  as %s", where, got.Code, body, b.Status, squeeze(known), squeeze(want))
	}
}

// events holds the names of the events since the last such block against what
// is recorded, or records them.
func (c *conversation) events(where string, b *Block) {
	var names []string
	for {
		page, err := c.h.Desk.Store.Events(context.Background(), c.h.Book, c.heard, 100)
		if err != nil {
			c.t.Fatalf("%s: %v", where, err)
		}
		for _, e := range page {
			names = append(names, e.Name)
			c.heard = e.No
		}
		if len(page) < 100 {
			break
		}
	}
	got := strings.Join(names, "\n")
	switch want := strings.TrimSpace(b.Text); {
	case got == want:
	case *update:
		b.Text = got + "\n"
	default:
		c.t.Fatalf("%s: events:\n%s\nwant:\n%s", where, got, want)
	}
}
