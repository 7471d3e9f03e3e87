package phonepe

import (
	"net/http"
	"strconv"

	"wapas/dialect"
)

// An envelope is every answer of the older generations. Data is {} where there
// is nothing to say.
type envelope struct {
	Success bool   `json:"success"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data"`
	// about says that it is about a payment or a refund that is there: then it
	// is the answer asked for, whatever became of the thing.
	about bool
}

// nothing is written as {}.
type nothing struct{}

// say is an envelope with the message that goes with its code.
func say(code string, data any) envelope {
	if data == nil {
		data = nothing{}
	}
	return envelope{Success: meanings[code].success, Code: code, Message: meanings[code].message, Data: data}
}

// A raw is an answer that is not JSON of ours with status 200.
type raw struct {
	status int
	header http.Header
	kind   string // its Content-Type; JSON if empty
	body   []byte
}

// write answers with what a handler returned: an envelope with the status of
// its code (200 if it is about a thing, unless nobody knows what became of that),
// a raw as it is, anything else as JSON with status 200.
func (q *request) write(v any) {
	if a, ok := v.(raw); ok {
		q.send(a)
		return
	}
	a := raw{status: http.StatusOK}
	if e, ok := v.(envelope); ok {
		if _, chosen := q.room.cfg.Statuses[e.Code]; !e.about || chosen || e.Code == codeInternal {
			a.status = q.room.statusOf(e.Code)
		}
	}
	var err error
	if a.body, err = dialect.Encode(v); err != nil {
		q.fail(err)
		return
	}
	q.send(a)
}

func (q *request) send(a raw) {
	h := q.w.Header()
	for name, vals := range a.header {
		h[name] = vals
	}
	if a.kind == "" {
		a.kind = "application/json"
	}
	if len(a.body) > 0 {
		h.Set("Content-Type", a.kind)
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	q.w.WriteHeader(a.status)
	q.w.Write(a.body) // the caller has gone if this fails
}
