package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// A visit is one request of a person who is known, to a page of a book.
type visit struct {
	*http.Request
	w       http.ResponseWriter
	room    *room
	page    *page
	person  desk.Person
	session desk.Session
	book    desk.Book
	problem *problem // what was wrong with what was sent
}

func (q *visit) desk() *desk.Desk       { return q.room.desk }
func (q *visit) id(name string) desk.ID { return desk.ID(q.PathValue(name)) }

// page lets a person in to a page, in this order: who it is, whose book, what
// right, which mode; then the handler asks the desk.
func (r *room) page(p *page, mode desk.Mode) http.HandlerFunc {
	return func(w http.ResponseWriter, hr *http.Request) {
		q := &visit{Request: hr, w: w, room: r, page: p}
		if err := q.admit(mode); err != nil {
			q.fail(err)
			return
		}
		if hr.Method == http.MethodPost {
			hr.Body = http.MaxBytesReader(w, hr.Body, 8<<20)
			// What the desk changes from here on was done by this person: the books say so.
			ctx := desk.As(hr.Context(), desk.Actor{By: string(q.person.ID), Name: q.person.Name, What: q.what(), From: addressOf(hr)})
			q.Request = hr.WithContext(ctx)
		}
		if err := p.show(q); err != nil {
			q.fail(err)
		}
	}
}

// what a page that changes something does, for the audit log: the path
// without what stands for a thing, such as refunds.new.
func (q *visit) what() string {
	_, path, _ := strings.Cut(q.page.at, " ")
	var parts []string
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if !strings.HasPrefix(part, "{") {
			parts = append(parts, part)
		}
	}
	return "console." + strings.Join(parts, ".")
}

// Why a person is not let in.
const (
	whyDoor  ledger.Why = "door"  // Denied: nobody knows who it is
	whyRight ledger.Why = "right" // Denied: the role may not
	whyPage  ledger.Why = "page"  // NotFound
)

func (q *visit) admit(mode desk.Mode) error {
	token, err := q.Cookie(cookieName)
	if err != nil {
		return ledger.Refuse(ledger.Denied, whyDoor, "")
	}
	if q.session, q.person, err = q.desk().SessionOf(q.Context(), token.Value); err != nil {
		if ledger.CodeOf(err) == ledger.Denied {
			return ledger.Refuse(ledger.Denied, whyDoor, "")
		}
		return err
	}
	if q.book, err = q.bookOf(mode); err != nil {
		return err
	}
	switch {
	case !q.person.May(q.page.right):
		return ledger.Refuse(ledger.Denied, whyRight, "a %s does not do this", q.person.Role)
	case q.page.test && q.book.Mode != desk.Test:
		return ledger.Refuse(ledger.NotFound, whyPage, "only a test book has this page")
	}
	return nil
}

// bookOf is the person's merchant's book.
func (q *visit) bookOf(mode desk.Mode) (desk.Book, error) {
	books, err := q.desk().Store.Books(q.Context(), desk.BookQuery{Merchant: q.person.Merchant, Mode: mode})
	if err != nil {
		return desk.Book{}, err
	}
	if len(books) > 0 {
		return books[0], nil
	}
	return desk.Book{}, ledger.Refuse(ledger.NotFound, whyPage, "there is no %s book", mode)
}

// show answers with a page.
func (q *visit) show(name, title string, data any) error {
	status := http.StatusOK
	if q.problem != nil {
		status = q.problem.Status
	}
	return q.answer(status, name, title, data)
}

func (q *visit) answer(status int, name, title string, data any) error {
	s := &sheet{q: q, Name: name, Title: title, Data: data, Problem: q.problem, Said: q.said()}
	body, err := q.room.templates.render(name, s)
	if err != nil {
		return err
	}
	q.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	q.w.WriteHeader(status)
	_, err = q.w.Write(body)
	if err != nil {
		q.room.cfg.Log.Debug("the reader has gone", "err", err)
	}
	return nil
}

// refused keeps why the desk did not do what was sent, to be shown by the form
// that it came from, and says whether that is possible: our own faults are
// another page's.
func (q *visit) refused(err error) bool {
	var e *ledger.Error
	if !errors.As(err, &e) || e.Code == ledger.Internal {
		return false
	}
	q.problem = problemOf(e)
	return true
}

// done sends the person on to a path below the book's, with a word about what
// was done.
func (q *visit) done(path, format string, args ...any) error {
	if format != "" {
		q.say(fmt.Sprintf(format, args...))
	}
	http.Redirect(q.w, q.Request, q.path(path), http.StatusSeeOther)
	return nil
}

// path is an address below the book's.
func (q *visit) path(path string) string {
	return Base + "/" + string(q.book.Mode) + "/" + strings.TrimPrefix(path, "/")
}

// value is what was sent or asked for under a name, without blanks around it.
func (q *visit) value(name string) string { return strings.TrimSpace(q.FormValue(name)) }

// amount reads rupees as people write them, and says what is wrong otherwise.
func (q *visit) amount(name string) (ledger.Amount, error) {
	text := strings.NewReplacer("₹", "", ",", "", " ", "").Replace(q.value(name))
	a, ok := ledger.ParseRupees(text)
	if !ok {
		return 0, ledger.Refuse(ledger.Invalid, "amount", "write rupees, such as 499 or 1,234.50").In(name)
	}
	return a, nil
}

// by is how the desk writes down who says something that may take two people:
// the e-mail address, which one person on a server has and keeps.
func (q *visit) by() string {
	if len(q.person.Email) > 64 { // as long as a name may be
		return string(q.person.ID)
	}
	return q.person.Email
}

// once is the key of a form that moves money: the same form sent twice does it
// once. Digest is everything that was understood.
func (q *visit) once(understood ...any) desk.Once {
	return desk.Once{Scope: "console", Key: q.key(), Digest: desk.Digest(append(understood, q.what())...)}
}

// maxKey is how many bytes of a form's key are kept, for good.
const maxKey = 64

// key is what the form is called. Ours are short; of a longer one that somebody
// made up its hash is kept.
func (q *visit) key() string {
	key := q.value("key")
	if len(key) > maxKey {
		return desk.Digest(key)
	}
	return key
}

// fail answers what cannot be shown: the way to the door, or a page that says
// what is wrong.
func (q *visit) fail(err error) {
	var e *ledger.Error
	if !errors.As(err, &e) {
		e = &ledger.Error{Code: ledger.Internal}
	}
	if e.Why == whyDoor {
		to := Base + "/login"
		if q.Method == http.MethodGet {
			to += "?to=" + url.QueryEscape(Base+q.URL.RequestURI())
		}
		http.Redirect(q.w, q.Request, to, http.StatusSeeOther)
		return
	}
	if e.Code == ledger.Internal && !errors.Is(err, context.Canceled) {
		q.room.cfg.Log.Error("a page failed", "request", q.w.Header().Get("X-Request-Id"), "page", q.page.at, "book", q.book.ID, "err", err)
	}
	p := problemOf(e)
	p.Request = q.w.Header().Get("X-Request-Id")
	if p.Status == http.StatusTooManyRequests {
		q.w.Header().Set("Retry-After", "1")
	}
	if err := q.answer(p.Status, "problem", p.Title, p); err != nil {
		http.Error(q.w, p.Title, p.Status)
	}
}

// A problem is a refusal in words for a person.
type problem struct {
	Status               int
	Title, Detail, Field string
	Request              string // what the log calls the request, of our own faults
}

// problems are the titles of refusals.
var problems = map[ledger.Code]problem{
	ledger.Denied:       {Status: http.StatusForbidden, Title: "Your role does not allow this"},
	ledger.Limited:      {Status: http.StatusTooManyRequests, Title: "Too many tries: wait a little"},
	ledger.Invalid:      {Status: http.StatusUnprocessableEntity, Title: "Something is missing or not right"},
	ledger.NotFound:     {Status: http.StatusNotFound, Title: "There is nothing here"},
	ledger.Busy:         {Status: http.StatusConflict, Title: "Somebody else is doing this right now: try again"},
	ledger.Mismatch:     {Status: http.StatusConflict, Title: "This form was sent before with other values: open it again"},
	ledger.Duplicate:    {Status: http.StatusConflict, Title: "This was done already"},
	ledger.WrongState:   {Status: http.StatusConflict, Title: "It is not in a state in which this can be done"},
	ledger.Exceeds:      {Status: http.StatusUnprocessableEntity, Title: "That is more than there may be"},
	ledger.Insufficient: {Status: http.StatusUnprocessableEntity, Title: "There is not enough money for this"},
	ledger.Internal:     {Status: http.StatusInternalServerError, Title: "Something went wrong here"},
}

func problemOf(e *ledger.Error) *problem {
	p, ok := problems[e.Code]
	if !ok {
		p = problems[ledger.Internal]
	}
	switch {
	case e.Code != ledger.Internal:
		p.Detail, p.Field = e.Detail, e.Field
	case e.Why == desk.WhyArchiveAway:
		p.Status, p.Title = http.StatusServiceUnavailable, "What is that old is in an archive, which this server cannot read now"
		p.Detail = "Nothing is lost. Whoever runs the server must bring the folder of archives back; its log says which file is missing."
	}
	return &p
}
