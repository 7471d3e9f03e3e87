package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/url"
	"regexp"
	"strings"
	"time"

	"wapas/desk"
)

// wrong is why an answer is not one that this request may get; empty if it is.
func (w *worker) wrong(a *attack, got *answer, before, after desk.Book, worked time.Duration) string {
	switch moved := after.Entry != before.Entry; {
	case got.status == 503 && a.route == "GET /readyz" && json.Valid(got.body): // whose no this is
		return ""
	case got.status >= 500 && a.wire != nil && a.wire.shuts: // who says that nothing more comes has hung up, as net/http sees it
		return ""
	case got.status >= 500 && !(a.wire != nil && (got.status == 501 || got.status == 505) && plain.MatchString(got.header.Get("Content-Type"))): // which say that it was no HTTP of ours
		return fmt.Sprintf("a fault of ours: %d", got.status)
	case worked > floodSlow:
		return fmt.Sprintf("it took too long: %s of the processor", worked)
	case moved && (a.r.Method == "GET" || a.r.Method == "HEAD"):
		return "a read moved money"
	case moved && got.refused() && !toldLater(a, got):
		return "a refusal moved money"
	case got.none && a.wire == nil:
		return "no answer"
	case got.none:
		return ""
	}
	if why := w.misshapen(a, got); why != "" {
		return why
	}
	if got.status >= 400 || got.refused() {
		return ""
	}
	return w.mistaken(a, got, after.Entry != before.Entry)
}

// toldLater are refusals that come from outside, after money was set aside for
// what was asked for: it is given back, which the books show too.
func toldLater(a *attack, got *answer) bool {
	switch a.room {
	case "eko":
		return bytes.Contains(got.body, []byte(`"tx_status"`))
	case "phonepe":
		return bytes.Contains(got.body, []byte("PAYMENT_ERROR")) || bytes.Contains(got.body, []byte("TIMED_OUT")) || bytes.Contains(got.body, []byte("INTERNAL_SERVER_ERROR"))
	}
	return false
}

// A shape is how a room's refusals look.
type shape func(o map[string]any) bool

func is[T any](v any) bool { _, ok := v.(T); return ok }

// shapes are how the rooms refuse.
var shapes = map[string]shape{
	"razorpay": func(o map[string]any) bool {
		e, ok := o["error"].(map[string]any)
		return ok && is[string](e["code"]) && is[string](e["description"]) || len(o) == 1 && o["message"] == "no Route matched with those values"
	},
	"engage": func(o map[string]any) bool {
		e, ok := o["error"].(map[string]any)
		_, field := e["field"]
		return ok && is[string](e["code"]) && is[string](e["description"]) && is[string](e["reason"]) && field
	},
	"phonepe": func(o map[string]any) bool {
		return is[string](o["code"]) && (is[bool](o["success"]) || is[string](o["errorCode"]))
	},
	"eko": func(o map[string]any) bool {
		_, envelope := o["response_type_id"]
		return is[string](o["message"]) && (len(o) == 1 || envelope && is[float64](o["status"]))
	},
	"native": func(o map[string]any) bool {
		return is[string](o["code"]) && is[string](o["title"]) && is[string](o["type"]) && is[string](o["detail"]) && is[float64](o["status"]) && is[string](o["request_id"])
	},
}

// html are answers for people, plain what net/http and the server itself say.
var (
	html  = regexp.MustCompile(`^text/html`)
	plain = regexp.MustCompile(`^text/plain`)
)

// misshapen is what is wrong with how an answer looks: a refusal is in the words
// of its room, everything else is what it says it is.
func (w *worker) misshapen(a *attack, got *answer) string {
	kind := got.header.Get("Content-Type")
	head := a.r.Method == "HEAD"
	if a.wire != nil { // whose first line may say otherwise
		head = a.wire.head
	}
	if head || got.status == 304 || got.status == 204 {
		if len(got.body) > 0 && a.wire != nil && !plain.MatchString(kind) {
			return "a body where there is none"
		}
		return ""
	}
	for name, values := range got.header {
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n\x00") || name == "X-Evil" {
				return fmt.Sprintf("a header of the caller's making: %s: %q", name, v)
			}
		}
	}
	if strings.Contains(kind, "json") && !strings.Contains(kind, "jsonl") && !json.Valid(got.body) {
		return "it is no JSON"
	}
	if got.status < 400 || got.status == 400 && a.wire != nil && plain.MatchString(kind) {
		return ""
	}
	if a.wire != nil && plain.MatchString(kind) && (got.status == 431 || got.status == 501 || got.status == 505 || got.status == 417 || got.status == 408) {
		return "" // the connection's own refusals, before anybody is asked
	}
	var o map[string]any
	json.Unmarshal(got.body, &o)
	if !a.astray {
		switch s := shapes[a.room]; {
		case a.room == "console" && (html.MatchString(kind) || plain.MatchString(kind)):
			return ""
		case a.room == "own" && (plain.MatchString(kind) || html.MatchString(kind) || shapes["razorpay"](o)): // what nobody claims is the first room's
			return ""
		case s != nil && s(o):
			return ""
		case isPage(a.route) && html.MatchString(kind):
			return ""
		}
		return "not how this room refuses"
	}
	for _, s := range shapes {
		if s(o) {
			return ""
		}
	}
	if html.MatchString(kind) || plain.MatchString(kind) {
		return ""
	}
	return "not how any room refuses"
}

// mistaken is what is wrong with a yes: what was said yes to must be something
// that any other reader understands the same, an amount is written in the digits
// that everybody reads, and what is done is what was asked for, to the paisa.
// Reads, and routes that take no body, have nothing to be mistaken about.
func (w *worker) mistaken(a *attack, got *answer, moved bool) string {
	if a.r.Method == "GET" || a.r.Method == "HEAD" || a.astray || a.after != nil {
		return ""
	}
	if a.room == "console" {
		fields, _ := url.ParseQuery(a.body)
		if s := strings.ReplaceAll(fields.Get("amount"), "₹", ""); moved && !ascii(s) {
			return fmt.Sprintf("it took %q for an amount", s)
		}
		return ""
	}
	if w.f.sample(a.route) == "" || !strings.HasPrefix(strings.TrimSpace(a.body), "{") {
		return ""
	}
	inForm := a.room == "eko" && !strings.Contains(a.path, "/v3/")                                              // which is made of the body, and has each key once
	if why := strict(a.body); why != "" && !inForm && !(a.room == "engage" && strings.Contains(a.body, "//")) { // its manual's samples have comments
		return "it said yes to a body that others refuse: " + why
	}
	if odd := oddAmount(a.body); odd != "" {
		return fmt.Sprintf("it took %q for an amount", odd)
	}
	var sent, said struct {
		Amount any
		Data   struct{ Amount any }
	}
	d := json.NewDecoder(strings.NewReader(a.body))
	d.UseNumber()
	e := json.NewDecoder(bytes.NewReader(got.body))
	e.UseNumber()
	if d.Decode(&sent) != nil || e.Decode(&said) != nil || sent.Amount == nil {
		return ""
	}
	done := said.Amount
	if done == nil {
		done = said.Data.Amount
	}
	if done == nil || sent.Amount == "" {
		return ""
	}
	x, ok := new(big.Rat).SetString(strings.TrimSpace(fmt.Sprint(sent.Amount)))
	y, also := new(big.Rat).SetString(fmt.Sprint(done))
	if !ok || !also || x.Cmp(y) != 0 {
		return fmt.Sprintf("asked for %v it did %v", sent.Amount, done)
	}
	return ""
}

// amountOf finds what JSON has under a name of amounts.
var amountOf = regexp.MustCompile(`"[a-z_]*amount":\s*("[^"]*"|[^,}\]]*)`)

// oddAmount is an amount in a body that is not written in ASCII.
func oddAmount(body string) string {
	for _, m := range amountOf.FindAllStringSubmatch(body, -1) {
		if !ascii(m[1]) {
			return m[1]
		}
	}
	return ""
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c > '~' })
}

// strict is what another reader would not take in JSON: what is no JSON, a key
// that comes twice, or the character NUL.
func strict(body string) string {
	if !json.Valid([]byte(body)) {
		return "not JSON"
	}
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	var value func() string
	value = func() string {
		token, err := d.Token()
		if err != nil {
			return err.Error()
		}
		switch token {
		case json.Delim('{'):
			keys := map[string]bool{}
			for d.More() {
				key, err := d.Token()
				if err != nil {
					return err.Error()
				}
				if keys[key.(string)] {
					return "a key twice"
				}
				keys[key.(string)] = true
				if why := value(); why != "" {
					return why
				}
			}
			d.Token()
		case json.Delim('['):
			for d.More() {
				if why := value(); why != "" {
					return why
				}
			}
			d.Token()
		default:
			if s, ok := token.(string); ok && strings.ContainsRune(s, 0) {
				return "NUL"
			}
		}
		return ""
	}
	if why := value(); why != "" {
		return why
	}
	if _, err := d.Token(); err != io.EOF {
		return "something behind it"
	}
	return ""
}
