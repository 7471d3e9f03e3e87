package console_test

import (
	"bytes"
	"context"
	"html"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"wapas/console"
	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
)

// A worker is somebody's day at the console: a house, people, and what they see.
type worker struct {
	*dialecttest.House
	t      *testing.T
	ctx    context.Context
	room   http.Handler
	mode   desk.Mode
	people map[string]desk.Person
	tokens map[string]string
}

func newWorker(t *testing.T, mode desk.Mode) *worker {
	w := &worker{House: dialecttest.Open(t), t: t, ctx: context.Background(), mode: mode, people: map[string]desk.Person{}, tokens: map[string]string{}}
	w.room = http.StripPrefix(console.Base, console.New(w.Desk, console.Config{Log: w.Desk.Log}))
	t.Cleanup(func() {
		if !t.Failed() {
			w.Audit(t)
		}
	})
	return w
}

// book is the one that is looked at.
func (w *worker) book() desk.BookID {
	if w.mode == desk.Live {
		return w.Live
	}
	return w.Book
}

func (w *worker) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// token lets somebody in, who is called what their role is.
func (w *worker) token(who string) string {
	w.t.Helper()
	if w.tokens[who] == "" {
		if w.people[who].ID == "" {
			p, err := w.Desk.AddPerson(w.ctx, desk.PersonRequest{Merchant: w.Merchant, Email: who + "@example.in", Role: desk.Role(who), Password: "a long password 17"})
			w.must(err)
			w.people[who] = p
		}
		token, _, err := w.Desk.StartSession(w.ctx, w.people[who], "127.0.0.1")
		w.must(err)
		w.tokens[who] = token
	}
	return w.tokens[who]
}

// ask asks for a page, or sends a form: names and values in turn, or a file.
func (w *worker) ask(who, path string, sent ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	method, kind, body := "GET", "", &bytes.Buffer{}
	if len(sent) > 0 {
		method, kind = "POST", "application/x-www-form-urlencoded"
		form := url.Values{}
		file := ""
		for i := 0; i+1 < len(sent); i += 2 {
			if sent[i] == "file" {
				file = sent[i+1]
				continue
			}
			form.Add(sent[i], sent[i+1])
		}
		if body.WriteString(form.Encode()); file != "" {
			body.Reset()
			m := multipart.NewWriter(body)
			for name, all := range form {
				for _, v := range all {
					w.must(m.WriteField(name, v))
				}
			}
			f, err := m.CreateFormFile("file", "rows.csv")
			w.must(err)
			_, err = f.Write([]byte(file))
			w.must(err)
			w.must(m.Close())
			kind = m.FormDataContentType()
		}
	}
	r := httptest.NewRequest(method, console.Base+"/"+string(w.mode)+"/"+path, body)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.AddCookie(&http.Cookie{Name: "wapas_session", Value: w.token(who)})
	answer := httptest.NewRecorder()
	w.room.ServeHTTP(answer, r)
	return answer
}

var (
	markup = regexp.MustCompile(`<[^>]*>`)
	gaps   = regexp.MustCompile(`\s+`)
)

// read is a page as a person reads it.
func read(w *httptest.ResponseRecorder) string {
	_, main, found := strings.Cut(w.Body.String(), `<main id="main" tabindex="-1">`)
	if !found {
		main = w.Body.String()
	}
	return gaps.ReplaceAllString(html.UnescapeString(markup.ReplaceAllString(main, " ")), " ")
}

// sees asks for a page, which must be there, and says what must stand on it and
// (behind a "!") what must not.
func (w *worker) sees(who, path string, want ...string) string {
	w.t.Helper()
	a := w.ask(who, path)
	if a.Code != http.StatusOK {
		w.t.Fatalf("%s hears %d at %s: %s", who, a.Code, path, read(a))
	}
	w.compare(who+" at "+path, a, want...)
	return a.Body.String()
}

func (w *worker) compare(where string, a *httptest.ResponseRecorder, want ...string) {
	w.t.Helper()
	page := read(a)
	for _, part := range want {
		if no, is := strings.CutPrefix(part, "!"); is == strings.Contains(page, no) {
			w.t.Errorf("%s: %q: %s", where, part, page)
		}
	}
}

// does sends a form that is done, and says where it leads.
func (w *worker) does(who, path string, sent ...string) string {
	w.t.Helper()
	a := w.ask(who, path, sent...)
	if a.Code != http.StatusSeeOther {
		w.t.Fatalf("%s hears %d at %s: %s", who, a.Code, path, read(a))
	}
	return strings.TrimPrefix(a.Header().Get("Location"), console.Base+"/"+string(w.mode)+"/")
}

// hears sends a form that leads nowhere else, and compares the page that it is.
func (w *worker) hears(who, path string, code int, sent []string, want ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	a := w.ask(who, path, sent...)
	if a.Code != code {
		w.t.Fatalf("%s hears %d at %s, not %d: %s", who, a.Code, path, code, read(a))
	}
	w.compare(who+" at "+path, a, want...)
	return a
}

// denied makes sure that a role may neither see nor send.
func (w *worker) denied(who, path string, sent ...string) {
	w.t.Helper()
	if a := w.ask(who, path, sent...); a.Code != http.StatusForbidden {
		w.t.Errorf("%s hears %d at %s, not 403: %s", who, a.Code, path, read(a))
	}
}

// later moves the clock on. Who was signed in signs in again.
func (w *worker) later(d time.Duration) {
	w.t.Helper()
	w.Advance(w.t, d)
	clear(w.tokens)
}

// refund makes a payment of the test book and a refund of all of it, which the
// rail is to end so.
func (w *worker) refund(a ledger.Amount, outcome string) desk.Refund {
	w.t.Helper()
	o, _, err := w.Desk.CreateOrder(w.ctx, w.Book, desk.OrderRequest{Amount: a, Capture: true})
	w.must(err)
	p, err := w.Desk.CreatePayment(w.ctx, w.Book, desk.PaymentRequest{Order: o.ID, Amount: a, Method: "upi", VPA: "asha@exampleupi", Email: "asha@example.com", Contact: "+919876543210"})
	w.must(err)
	r, err := w.Desk.Refund(w.ctx, w.Book, desk.RefundRequest{Payment: p.ID, Full: true, Outcome: outcome})
	w.must(err)
	return r
}

// byHand makes refunds of the live book, each of a UPI payment, that wait for a
// person.
func (w *worker) byHand(amounts ...ledger.Amount) (ids []desk.ID) {
	w.t.Helper()
	for _, a := range amounts {
		p, err := w.Desk.ImportPayment(w.ctx, w.Live, desk.ImportPaymentRequest{Provider: "bank", Reference: "P" + desk.Letters(8), Amount: a, Method: "upi", Source: "asha@okbank",
			Contact: "+919876543210", CapturedAt: ledger.At(w.Desk.Now()).Add(-1)})
		w.must(err)
		r, err := w.Desk.Refund(w.ctx, w.Live, desk.RefundRequest{Payment: p.ID, Full: true})
		w.must(err)
		ids = append(ids, r.ID)
	}
	w.must(w.Desk.RunDue(w.ctx, w.Live))
	return ids
}

// twoAbove makes larger amounts take two people.
func (w *worker) twoAbove(a ledger.Amount) {
	w.t.Helper()
	t := desk.DefaultTerms()
	t.TwoPeopleAbove = a
	_, err := w.Desk.SetTerms(w.ctx, w.book(), t)
	w.must(err)
}

// value is the value of a hidden field of a page.
func (w *worker) value(page, name string) string {
	w.t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		w.t.Fatalf("no field %s in %s", name, page)
	}
	return html.UnescapeString(m[1])
}
