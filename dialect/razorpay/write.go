package razorpay

import (
	"net/http"
	"strconv"

	"wapas/dialect"
	"wapas/ledger"
)

// A rawAnswer is one that is not JSON: a page.
type rawAnswer struct {
	status      int
	contentType string
	body        []byte
}

// write answers 200 with v as JSON, whatever was done: there is no 201 and no
// 204 in this API. Nil is written as null.
func (q *request) write(v any) {
	if raw, ok := v.(rawAnswer); ok {
		q.send(raw.status, raw.contentType, raw.body)
		return
	}
	body, err := dialect.Encode(v)
	if err != nil {
		q.fail(err)
		return
	}
	q.send(http.StatusOK, "application/json", body)
}

func (q *request) send(status int, contentType string, body []byte) {
	h := q.w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	q.w.WriteHeader(status)
	q.w.Write(body)
}

// A collection is a page of a list.
type collection[W any] struct {
	Entity string `json:"entity"`
	Count  int    `json:"count"` // of this page
	Items  []W    `json:"items"`
}

// collect writes rows as a collection, each as wire does.
func collect[R, W any](rows []R, wire func(R) W) collection[W] {
	c := collection[W]{Entity: "collection", Count: len(rows), Items: make([]W, len(rows))}
	for i, row := range rows {
		c.Items[i] = wire(row)
	}
	return c
}

// orNull is v, or null if v has its zero value.
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// unix is a moment in whole seconds, or null for none.
func unix(t ledger.Time) *int64 { return orNull(t.Unix()) }

// empty is written as {}.
type empty struct{}
