package native

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"

	"wapas/desk"
)

// Inside is this API for the program itself: requests given to it are those of
// the caller that it names, and are answered in this process, without a token
// and without a socket. The command line goes this way to a database that lies
// beside it. The credential that admits is a field of a room that only Inside
// fills in and nobody else holds: it is no http.Handler, so that no server can
// be made to serve it, and what New serves has none.
func Inside(d *desk.Desk, cfg Config, who desk.Caller) http.RoundTripper {
	r := newRoom(d, cfg)
	r.inside = &who
	return inside{r}
}

type inside struct{ room *room }

// RoundTrip answers a request. The body comes as it is written, so that a long
// one is never in memory; who does not read it to its end closes it.
func (in inside) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	ctx, cancel := context.WithCancel(r.Context())
	body, to := io.Pipe()
	a := &passing{header: http.Header{}, to: to, begun: make(chan struct{})}
	go func() {
		var err error
		defer func() {
			if recover() != nil { // http.ErrAbortHandler: an answer that cannot be ended well
				err = errBroken
			}
			a.WriteHeader(http.StatusOK)
			to.CloseWithError(err) // nil is io.EOF
			cancel()
		}()
		in.room.ServeHTTP(a, r.WithContext(ctx))
	}()
	<-a.begun
	return &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Header: a.sent, Request: r, ContentLength: -1,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: closing{body, cancel},
	}, nil
}

var errBroken = errors.New("the answer broke off; the log says why")

// A passing answer hands on what a handler writes.
type passing struct {
	header http.Header
	to     *io.PipeWriter
	once   sync.Once
	begun  chan struct{}
	status int
	sent   http.Header
}

func (p *passing) Header() http.Header { return p.header }

func (p *passing) WriteHeader(status int) {
	p.once.Do(func() {
		p.status, p.sent = status, p.header.Clone()
		close(p.begun)
	})
}

func (p *passing) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	return p.to.Write(b)
}

// closing ends the handler's work when nobody reads on.
type closing struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (c closing) Close() error {
	c.cancel()
	return c.PipeReader.Close()
}

// InsideBase is the base address for clients of Inside. It is looked up nowhere.
const InsideBase = "http://inside.invalid"
