package native

import (
	"bufio"
	"context"
	"io"
	"mime"
	"net/http"
	"time"
)

// A file is an answer that is written while it is read, however long it is: an
// export. It has no ETag, for nobody knows what it will be.
type file struct {
	name  string // what a browser saves it as
	media string
	write func(ctx context.Context, w io.Writer) error
}

// fileStall is how long a reader may take no part of a file before it is cut
// off. The time of the whole is not bounded: requests are, pages of a file are.
const fileStall = 30 * time.Second

// stream answers with a file. What is wrong before its first byte is a refusal;
// after that nothing can be said but by breaking off.
func (q *request) stream(f file) {
	to := &fileWriter{q: q, f: f}
	if q.Method == http.MethodHead {
		to.begin()
		return
	}
	out := bufio.NewWriterSize(to, 32<<10)
	ctx, cancel := context.WithCancel(context.WithoutCancel(q.Context()))
	defer cancel()
	err := f.write(ctx, out)
	if err == nil {
		err = out.Flush()
	}
	switch {
	case err == nil:
		to.begin() // of an empty one
	case !to.begun:
		q.fail(err)
	default:
		q.desk().Log.Warn("a file broke off", "request", q.w.Header().Get("X-Request-Id"), "path", q.URL.Path, "err", err)
		panic(http.ErrAbortHandler)
	}
}

// A fileWriter sends the head of the answer with the first byte.
type fileWriter struct {
	q     *request
	f     file
	begun bool
}

func (w *fileWriter) begin() {
	if w.begun {
		return
	}
	w.begun = true
	h := w.q.w.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", w.f.media)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": w.f.name}))
	w.q.w.WriteHeader(http.StatusOK)
}

func (w *fileWriter) Write(b []byte) (int, error) {
	w.begin()
	// Not every connection has deadlines: one inside the program has none.
	http.NewResponseController(w.q.w).SetWriteDeadline(time.Now().Add(fileStall))
	return w.q.w.Write(b)
}
