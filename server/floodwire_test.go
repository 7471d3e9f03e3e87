package server_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A wire is a request as bytes, for what a handler never sees: how it is cut
// into pieces, how its length is told, and what is no HTTP at all.
type wire struct {
	raw    []byte
	head   bool  // it asks for no body
	behind bool  // another request comes behind it
	pieces []int // how many bytes go at once, in turn
	drips  bool  // with a little time between
	shuts  bool  // the caller says that nothing more comes
}

// A wording is a request written down. Zero values are as it should be.
type wording struct {
	line   string // instead of the first one
	host   string
	more   []string // header lines
	length string   // instead of Content-Length; "-" for none
	body   []byte
	behind []byte
	end    string // of lines
}

// wirings are what is done to a request on a connection.
var wirings = []struct {
	name string
	do   func(g *rand.Rand, r *http.Request, x *wording, out *wire)
}{
	{"in small pieces", func(g *rand.Rand, _ *http.Request, _ *wording, out *wire) {
		out.pieces = []int{1 + g.IntN(7), 1 + g.IntN(30)}
	}},
	{"slowly", func(g *rand.Rand, _ *http.Request, x *wording, out *wire) {
		out.pieces, out.drips = []int{1 + (len(x.body)+400)/(20+g.IntN(30))}, true
	}},
	{"in chunks", func(g *rand.Rand, _ *http.Request, x *wording, _ *wire) { chunk(g, x) }},
	{"in chunks, with a length too", func(g *rand.Rand, _ *http.Request, x *wording, _ *wire) {
		x.more = append(x.more, fmt.Sprintf("Content-Length: %d", g.IntN(len(x.body)+10)))
		chunk(g, x)
	}},
	{"in chunks that lie", func(g *rand.Rand, _ *http.Request, x *wording, out *wire) {
		chunk(g, x)
		x.body = bytes.Replace(x.body, []byte("\r\n"), []byte([]string{"0\r\n", "\n", "\r\n\r\n", ";a=b\r\n", "g\r\n"}[g.IntN(5)]), 1)
		out.shuts = true
	}},
	{"a length too long", func(g *rand.Rand, _ *http.Request, x *wording, out *wire) {
		x.length, out.shuts = fmt.Sprint(len(x.body)+1+g.IntN(64<<20)), true
	}},
	{"a length too short", func(g *rand.Rand, _ *http.Request, x *wording, out *wire) {
		x.length, out.shuts = fmt.Sprint(g.IntN(len(x.body)+1)), true
	}},
	{"two lengths", func(g *rand.Rand, _ *http.Request, x *wording, _ *wire) {
		x.more = append(x.more, "Content-Length: 0")
	}},
	{"an odd length", func(g *rand.Rand, _ *http.Request, x *wording, out *wire) {
		x.length, out.shuts = []string{"-1", "+5", "0x10", "99999999999999999999", "5, 5", "", "१०", " 5 5"}[g.IntN(8)], true
	}},
	{"an odd encoding", func(g *rand.Rand, _ *http.Request, x *wording, out *wire) {
		x.length, out.shuts = "-", true
		x.more = append(x.more, "Transfer-Encoding: "+[]string{"gzip, chunked", "identity", "\x0bchunked", "chunked, chunked", "x", "chunked\r\nTransfer-Encoding: identity"}[g.IntN(6)])
	}},
	{"a request hidden in the body", func(g *rand.Rand, r *http.Request, x *wording, out *wire) {
		x.behind = []byte("POST " + r.URL.RequestURI() + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		if g.IntN(2) == 0 {
			x.more = append(x.more, "Transfer-Encoding : chunked")
		}
	}},
	{"ends of lines", func(g *rand.Rand, _ *http.Request, x *wording, out *wire) {
		x.end = []string{"\n", "\r", "\r\r\n", "\n\r\n"}[g.IntN(4)]
		out.shuts = x.end == "\r" // which ends none, so that more would be waited for
	}},
	{"odd header lines", func(g *rand.Rand, _ *http.Request, x *wording, _ *wire) {
		x.more = append(x.more, []string{"X-A: a\r\n b", "X-A : b", ": b", "X-A: \x00", "X\x00A: b", "no colon", "X-É: b", "Host: other", "X-A: \xff\xfe", "X A: b", "\tX-A: b"}[g.IntN(11)])
	}},
	{"many header lines", func(g *rand.Rand, _ *http.Request, x *wording, _ *wire) {
		for i := range 1 << g.IntN(14) {
			x.more = append(x.more, fmt.Sprintf("X-%d: %d", i, i))
		}
	}},
	{"a long header line", func(g *rand.Rand, _ *http.Request, x *wording, _ *wire) {
		x.more = append(x.more, "X-A: "+strings.Repeat("a", 1<<(10+g.IntN(11))))
	}},
	{"odd first lines", func(g *rand.Rand, r *http.Request, x *wording, out *wire) {
		at := r.URL.RequestURI()
		x.line, out.shuts = []string{
			"GET " + at, "GET " + at + " HTTP/0.9", "GET " + at + " HTTP/1.0", "GET " + at + " HTTP/2.0", "PRI * HTTP/2.0", "GET * HTTP/1.1", "OPTIONS * HTTP/1.1", "CONNECT evil.example:443 HTTP/1.1", "GET http://evil.example" + at + " HTTP/1.1",
			"GET //evil.example" + at + " HTTP/1.1", "GET " + at + "\x00 HTTP/1.1", "GET " + at + " x HTTP/1.1", "G\xffT " + at + " HTTP/1.1", "GET \xff\xfe HTTP/1.1", "GET /%zz HTTP/1.1", "GET /v1/orders#x HTTP/1.1", "GET /" + strings.Repeat("a/", 40_000) + " HTTP/1.1", "GET  " + at + " HTTP/1.1", "GET " + at + "?q=\x01 HTTP/1.1", "get " + at + " http/1.1",
		}[g.IntN(20)], true
	}},
	{"an odd host", func(g *rand.Rand, _ *http.Request, x *wording, _ *wire) {
		x.host = []string{"", "a b", "\xff", "evil.example/..", "[::1", "x:99999", strings.Repeat("h", 9000)}[g.IntN(7)]
	}},
	{"waiting to be told to go on", func(_ *rand.Rand, _ *http.Request, x *wording, _ *wire) {
		x.more = append(x.more, "Expect: 100-continue")
	}},
	{"no HTTP", func(g *rand.Rand, _ *http.Request, x *wording, out *wire) {
		out.raw = []byte([]string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "\x00\x00\x00\x00", "SSH-2.0-x\r\n", "\r\n\r\n\r\n", "*1\r\n$4\r\nPING\r\n", strings.Repeat("A", 200_000), "{}"}[g.IntN(7)])
		out.shuts = true
	}},
}

func chunk(g *rand.Rand, x *wording) {
	var b bytes.Buffer
	for rest := x.body; len(rest) > 0; {
		n := min(len(rest), 1+g.IntN(1+len(x.body)/3))
		fmt.Fprintf(&b, "%X%s\r\n%s\r\n", n, []string{"", ";a=b", ";a=\"b\""}[g.IntN(3)], rest[:n])
		rest = rest[n:]
	}
	b.WriteString([]string{"0\r\n\r\n", "0\r\nX-Trailer: a\r\nAuthorization: Bearer x\r\n\r\n"}[g.IntN(2)])
	x.body, x.length = b.Bytes(), "-"
	x.more = append(x.more, "Transfer-Encoding: chunked")
}

// wired puts a request on the wire, in one of the ways above.
func (w *worker) wired(a *attack) {
	m := wirings[w.g.IntN(len(wirings))]
	a.how, a.kind, a.astray = "wire: "+m.name, "wire", true
	x := &wording{line: a.r.Method + " " + a.r.URL.RequestURI() + " HTTP/1.1", host: "refunds.example.in", body: a.sent, end: "\r\n", length: fmt.Sprint(len(a.sent))}
	out := &wire{}
	m.do(w.g, a.r, x, out)
	a.wire = out
	if out.raw != nil {
		return
	}
	out.head, out.behind = strings.HasPrefix(x.line, "HEAD "), len(x.behind) > 0
	lines := []string{x.line, "Host: " + x.host, "Connection: close"}
	if len(x.behind) > 0 {
		lines = lines[:2]
	}
	if x.length != "-" {
		lines = append(lines, "Content-Length: "+x.length)
	}
	for _, name := range slices.Sorted(keysOf(a.r.Header)) {
		for _, v := range a.r.Header[name] {
			if name != "developer_key" { // it is there twice, for who looks at the map
				lines = append(lines, name+": "+v)
			}
		}
	}
	lines = append(append(lines, x.more...), "", "")
	out.raw = slices.Concat([]byte(strings.Join(lines, x.end)), x.body, x.behind)
}

// send sends the bytes and reads the first answer. It returns when the server
// has done with the connection.
func (x *wire) send(at string) *answer {
	none := &answer{none: true, header: http.Header{}}
	c, err := net.Dial("tcp", at)
	if err != nil {
		return none
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(floodLost))
	sent := make(chan struct{})
	go func() { // a server that has heard enough answers before it was told everything
		defer close(sent)
		rest := x.raw
		for i := 0; len(rest) > 0; i++ {
			n := len(rest)
			if len(x.pieces) > 0 && i < 400 {
				n = min(n, x.pieces[i%len(x.pieces)])
			}
			if _, err := c.Write(rest[:n]); err != nil {
				return
			}
			if rest = rest[n:]; x.drips {
				time.Sleep(time.Millisecond)
			}
		}
		if x.shuts {
			c.(*net.TCPConn).CloseWrite()
		}
	}()
	in := bufio.NewReader(c)
	got := none
	asked := &http.Request{Method: "GET"}
	if x.head {
		asked.Method = "HEAD"
	}
	for { // 100 Continue is no answer yet
		resp, err := http.ReadResponse(in, asked)
		if err != nil {
			break
		}
		body, _ := io.ReadAll(resp.Body)
		if resp.StatusCode >= 200 {
			got = &answer{status: resp.StatusCode, header: resp.Header, body: body}
			break
		}
	}
	rest, _ := io.ReadAll(in)
	if x.head && !x.behind { // what comes after the answer's head is none's but its own
		got.body = rest
	}
	<-sent
	return got
}

// listen serves on a port of this machine until it is told to stop.
func (f *flood) listen() (stop func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	f.at = l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.front.Serve(ctx, l) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			f.t.Error(err)
		}
	}
}
