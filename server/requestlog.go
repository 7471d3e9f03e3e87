package server

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/prometheus/client_golang/prometheus"

	"wapas/desk"
	"wapas/ledger"
	"wapas/mask"
)

// Which calls are kept in the log of requests.
const (
	LogTest = "test" // every call to a test book; of live books only what was refused
	LogAll  = "all"  // every call
	LogOff  = "off"  // none
)

// The log of requests is for people: it never holds a call up, and what comes
// faster than anybody reads is counted and left out. The last quarter of the
// burst is for calls that were refused.
const (
	logRate   = 50 // kept a second, over a long time
	logBurst  = 500
	logQueue  = 1024 // waiting to be written; each has up to twice desk.MaxLogged bytes
	logBatch  = 200
	logPause  = 100 * time.Millisecond // for more to come
	logMost   = 100_000                // of one book
	pruneStep = 500
	pruneEach = time.Minute
)

// A RequestLog keeps the calls that came in, masked, beside the books. A call
// belongs to the book of the credential that it showed; one that showed none
// that is known is not kept, nor are the pages for people.
type RequestLog struct {
	desk *desk.Desk
	log  *slog.Logger
	mode string
	keep time.Duration

	queue   chan *call
	grown   map[desk.BookID]bool // of which something was written since the last prune; only Run looks at it
	bucket  bucket
	kept    atomic.Int64
	dropped atomic.Int64
	metrics []prometheus.Collector
}

// NewRequestLog makes a log that keeps what mode says, for as long as keep. It
// is written while Run runs.
func NewRequestLog(d *desk.Desk, log *slog.Logger, mode string, keep time.Duration) *RequestLog {
	l := &RequestLog{desk: d, log: log, mode: mode, keep: keep, queue: make(chan *call, logQueue), grown: map[desk.BookID]bool{}, bucket: bucket{level: logBurst}}
	count := func(name, help string, n *atomic.Int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(n.Load()) })
	}
	l.metrics = []prometheus.Collector{
		count("wapas_request_log_kept_total", "Calls that were kept in the log of requests.", &l.kept),
		count("wapas_request_log_dropped_total", "Calls that came too fast for the log of requests and were left out.", &l.dropped),
	}
	return l
}

// Describe and Collect count what was kept and what was not.
func (l *RequestLog) Describe(to chan<- *prometheus.Desc) {
	for _, m := range l.metrics {
		m.Describe(to)
	}
}

func (l *RequestLog) Collect(to chan<- prometheus.Metric) {
	for _, m := range l.metrics {
		m.Collect(to)
	}
}

// A call is one request on its way through, with what was seen of it.
type call struct {
	*visit
	began   time.Time
	method  string
	url     *url.URL
	sent    string // content type of the request
	id      string
	status  int
	took    time.Duration
	keeps   bool // bodies, too
	in, out []byte
	kind    string // content type of the answer
}

// open begins to look at a request. It is nil if nothing is kept.
func (l *RequestLog) open(r *http.Request, rec *recorder, to *visit, id string, began time.Time) *call {
	if l == nil || l.mode == LogOff {
		return nil
	}
	c := &call{visit: to, began: began, method: r.Method, url: r.URL, sent: r.Header.Get("Content-Type"), id: id, keeps: l.bucket.holds(began)}
	if c.keeps {
		r.Body = &tee{r.Body, c}
		rec.call = c
	}
	return c
}

// shut ends it, and has it written down if it is to be kept.
func (l *RequestLog) shut(c *call, rec *recorder) {
	if c == nil || c.Book == 0 {
		return
	}
	c.status, c.took, c.kind = rec.status, time.Since(c.began), rec.Header().Get("Content-Type")
	if page(c) {
		return
	}
	refused := c.refused()
	if l.mode == LogTest && c.Mode != desk.Test && !refused {
		return
	}
	if !c.keeps || !l.bucket.take(c.began, refused) {
		l.dropped.Add(1)
		return
	}
	select {
	case l.queue <- c:
	default:
		l.dropped.Add(1)
	}
}

// page says whether a call is of a page that a person looks at.
func page(c *call) bool {
	path := squeeze(c.url.Path)
	if under(path, "/"+c.room) {
		path = cut(path, c.room)
	}
	return c.room == "console" || strings.HasPrefix(c.kind, "text/html") ||
		c.room == "razorpay" && under(path, "/checkout") || c.room == "phonepe" && under(path, "/transact")
}

// refused says whether the answer is a no, in whichever words.
func (c *call) refused() bool {
	if c.status >= 400 {
		return true
	}
	var said struct {
		Success *bool
		Status  any
	}
	switch c.room {
	case "phonepe":
		return json.Unmarshal(c.out, &said) == nil && said.Success != nil && !*said.Success
	case "eko":
		n, ok := any(nil), false
		if json.Unmarshal(c.out, &said) == nil {
			n = said.Status
			_, ok = n.(float64)
		}
		return ok && n != float64(0)
	}
	return false
}

// A tee keeps the beginning of what is read.
type tee struct {
	io.ReadCloser
	call *call
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	t.call.in = keepSome(t.call.in, p[:n])
	return n, err
}

// keepSome adds to what is kept of a body: one byte more than is shown, to know
// that there was more.
func keepSome(kept, more []byte) []byte {
	if room := desk.MaxLogged + 1 - len(kept); len(more) > room {
		more = more[:room]
	}
	return append(kept, more...)
}

// Run writes down what was kept and deletes what is old, until ctx is done and
// the last is written.
func (l *RequestLog) Run(ctx context.Context) error {
	tick := time.NewTicker(pruneEach)
	defer tick.Stop()
	l.prune(ctx)
	for {
		select {
		case c := <-l.queue:
			select { // for more to come
			case <-time.After(logPause):
			case <-ctx.Done():
			}
			l.write(c)
		case <-tick.C:
			l.prune(ctx)
		case <-ctx.Done():
			for {
				select {
				case c := <-l.queue:
					l.write(c)
				default:
					return nil
				}
			}
		}
	}
}

// write writes down a call, and those that wait behind it.
func (l *RequestLog) write(c *call) {
	rows := map[desk.BookID][]desk.RequestRow{}
	for n := 1; ; n++ {
		rows[c.Book] = append(rows[c.Book], c.row())
		if n == logBatch {
			break
		}
		select {
		case c = <-l.queue:
			continue
		default:
		}
		break
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for book, of := range rows {
		if err := l.desk.Store.KeepRequests(ctx, book, of); err != nil {
			l.dropped.Add(int64(len(of)))
			l.log.Warn("calls could not be kept in the log of requests", "book", book, "calls", len(of), "err", err)
			continue
		}
		l.kept.Add(int64(len(of)))
		l.grown[book] = true
	}
}

// row is a call as it is kept.
func (c *call) row() desk.RequestRow {
	at := ledger.At(c.began)
	r := desk.RequestRow{
		ID: desk.RequestRowID(at, desk.Letters(6)), Request: c.id, Book: c.Book, Room: c.room, Method: c.method,
		Path: mask.Path(c.url), Status: int64(c.status), Took: c.took, Caller: c.Caller, At: at,
		ContentType: mask.Line(c.sent, 100),
		Body:        mask.Body(c.sent, c.in, desk.MaxLogged),
		Answer:      mask.Body(c.kind, c.out, desk.MaxLogged),
	}
	r.About, r.Ref = subjects(r)
	return r
}

// prune deletes what is old, and what is too much where something was written, in
// small steps.
func (l *RequestLog) prune(ctx context.Context) {
	now := ledger.At(l.desk.Now())
	before := now.Add(-l.keep)
	err := l.desk.Store.Sweep(ctx, now)
	books, berr := l.desk.Store.OldRequests(ctx, before)
	if err == nil {
		err = berr
	}
	for _, b := range books {
		l.grown[b] = true
	}
	for b := range l.grown {
		for gone := int64(pruneStep); gone == pruneStep && err == nil && ctx.Err() == nil; {
			gone, err = l.desk.Store.PruneRequests(ctx, b, before, logMost, pruneStep)
		}
	}
	if err == nil {
		clear(l.grown)
	}
	if err != nil && ctx.Err() == nil {
		l.log.Warn("old requests and sessions could not be deleted", "err", err)
	}
}

// subjects are what a call was about, by its masked path and bodies: an id of
// ours in the answer or the path, and the other one, or the caller's own name
// for it.
func subjects(r desk.RequestRow) (about desk.ID, ref string) {
	path, _, _ := strings.Cut(r.Path, "?")
	inPath := ""
	parts := strings.Split(path, "/")
	for _, part := range parts {
		if inPath == "" && desk.IsID(part) {
			inPath = part
		}
	}
	inAnswer := firstID(r.Answer)
	if inAnswer == "" {
		inAnswer, inPath = inPath, ""
	}
	if inPath == inAnswer {
		inPath = ""
	}
	if ref = inPath; ref == "" {
		ref = ownName(r.Body)
	}
	for _, part := range parts { // a number that a room gave
		if ref == "" && len(part) >= 5 && strings.Trim(part, "0123456789") == "" {
			ref = part
		}
	}
	return desk.ID(inAnswer), ref
}

// firstID is the first id of ours in a text.
func firstID(text string) string {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if desk.IsID(word) {
			return word
		}
	}
	return ""
}

// ownNames are what callers call what they ask for, the closest first.
var ownNames = []string{"merchantRefundId", "merchantTransactionId", "transactionId", "merchantOrderId", "client_ref_id", "reference_id", "reference", "receipt"}

// ownName is the caller's own name for what it asks for, in a masked body.
func ownName(body string) string {
	for _, name := range ownNames {
		for _, around := range []struct{ before, after string }{{`"` + name + `":"`, `"`}, {"&" + name + "=", "&"}} {
			_, rest, found := strings.Cut("&"+body, around.before)
			if !found {
				continue
			}
			if val, _, _ := strings.Cut(rest, around.after); val != "" && len(val) <= 64 && !strings.Contains(val, "•") {
				return val
			}
		}
	}
	return ""
}

// A bucket holds how many more calls may be kept now.
type bucket struct {
	mu    sync.Mutex
	level float64
	at    time.Time
}

// holds says whether a call might be kept: nobody knows yet how it ends.
func (b *bucket) holds(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.left(now, true)
}

func (b *bucket) take(now time.Time, refused bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.left(now, refused) {
		return false
	}
	b.level--
	return true
}

func (b *bucket) left(now time.Time, refused bool) bool {
	if past := now.Sub(b.at).Seconds(); past > 0 {
		if !b.at.IsZero() {
			b.level = min(logBurst, b.level+past*logRate)
		}
		b.at = now
	}
	if refused {
		return b.level >= 1
	}
	return b.level >= logBurst/4+1
}
