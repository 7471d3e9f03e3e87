package desk_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// A test book's clock stands, runs ahead and is moved; what waits obeys it.
func TestClock(t *testing.T) {
	s := newShop(t)
	start := must(s.Desk.Clock(s.ctx, s.Book))(t)
	if start.Frozen || start.Ahead != 0 {
		t.Fatalf("a new book shows %+v", start)
	}
	set := func(q desk.ClockRequest) desk.ClockFace {
		t.Helper()
		return must(s.Desk.SetClock(s.ctx, s.Book, q))(t)
	}
	if f := set(desk.ClockRequest{Do: desk.ClockFreeze}); !f.Frozen || f.Now != start.Now {
		t.Errorf("frozen it shows %+v", f)
	}
	r := s.refund(desk.RefundRequest{Payment: s.pay("card", 100_17).ID, Full: true})
	s.after(100 * time.Hour) // of the wall's; the book's stands
	if got := row[desk.RailOrder](s, r.ID); got.State != "sent" || got.SentAt != start.Now {
		t.Errorf("while time stands the order is %+v", got)
	}
	if f := set(desk.ClockRequest{Do: desk.ClockMove, By: 59 * time.Minute}); f.Now != start.Now.Add(59*time.Minute) || !f.Frozen {
		t.Errorf("moved it shows %+v", f)
	}
	if got := row[desk.Refund](s, r.ID); got.State != "pending" {
		t.Errorf("after 59 minutes the refund is %s", got.State)
	}
	set(desk.ClockRequest{Do: desk.ClockMove, By: time.Minute})
	if got := row[desk.Refund](s, r.ID); got.State != "done" || got.ProcessedAt != start.Now.Add(time.Hour) {
		t.Errorf("after an hour the refund is %+v", got)
	}
	if f := set(desk.ClockRequest{Do: desk.ClockSet, At: start.Now.Add(2 * time.Hour)}); f.Now != start.Now.Add(2*time.Hour) || !f.Frozen {
		t.Errorf("set it shows %+v", f)
	}
	if f := set(desk.ClockRequest{Do: desk.ClockRun}); f.Frozen || f.Ahead != -98*time.Hour {
		t.Errorf("running it shows %+v", f)
	}
	if f := set(desk.ClockRequest{Do: desk.ClockMove, By: 99 * time.Hour}); f.Ahead != time.Hour {
		t.Errorf("moved while it runs it shows %+v", f)
	}
	if f := set(desk.ClockRequest{Do: desk.ClockReal}); f.Ahead != 0 || f.Now != start.Now.Add(100*time.Hour) {
		t.Errorf("at last it shows %+v", f)
	}

	for _, c := range []struct {
		what string
		book desk.BookID
		q    desk.ClockRequest
		code ledger.Code
		why  ledger.Why
	}{
		{"nothing", s.Live, desk.ClockRequest{}, ledger.Invalid, desk.WhyClock},
		{"back", s.Live, desk.ClockRequest{Do: desk.ClockMove, By: -time.Hour}, ledger.Invalid, desk.WhyClock},
		{"to nowhere", s.Live, desk.ClockRequest{Do: desk.ClockSet}, ledger.Invalid, desk.WhyClock},
		{"a live book, to 1999", s.Live, desk.ClockRequest{Do: desk.ClockSet, At: desk.FirstMoment - 1}, ledger.WrongState, desk.WhyLiveClock},
		{"to 1999", s.Book, desk.ClockRequest{Do: desk.ClockSet, At: desk.FirstMoment - 1}, ledger.Invalid, desk.WhyClock},
		{"to 2121", s.Book, desk.ClockRequest{Do: desk.ClockFreeze, At: desk.LastMoment + 1}, ledger.Invalid, desk.WhyClock},
	} {
		_, err := s.Desk.SetClock(s.ctx, c.book, c.q)
		refused(t, c.what, err, c.code, c.why)
	}
}

// The row of a book says when to look at it: at once while something is due,
// at the next moment afterwards, never while a frozen clock stands before it.
func TestWake(t *testing.T) {
	s := newShop(t)
	wake := func() (in time.Duration, awake bool) {
		t.Helper()
		b := must(s.Desk.Store.Book(s.ctx, s.Book))(t)
		if b.Wake == 0 {
			return 0, false
		}
		return time.Duration(b.Wake-ledger.At(s.Desk.Now())) * time.Microsecond, true
	}
	if _, awake := wake(); awake {
		t.Error("a new book is awake")
	}
	s.refund(desk.RefundRequest{Payment: s.pay("card", 100_00).ID, Full: true})
	if in, awake := wake(); !awake || in != 0 {
		t.Errorf("after a refund it wakes in %v, %v", in, awake)
	}
	books := must(s.Desk.Store.Awake(s.ctx, ledger.At(s.Desk.Now()), 10))(t)
	if len(books) != 1 || books[0] != s.Book {
		t.Errorf("awake are %v", books)
	}
	s.sent()
	if in, awake := wake(); !awake || in != 2*time.Second {
		t.Errorf("after it was sent it wakes in %v, %v", in, awake)
	}
	must(s.Desk.SetClock(s.ctx, s.Book, desk.ClockRequest{Do: desk.ClockFreeze}))(t)
	if _, awake := wake(); awake {
		t.Error("a frozen book is awake")
	}
	must(s.Desk.SetClock(s.ctx, s.Book, desk.ClockRequest{Do: desk.ClockRun}))(t)
	if in, awake := wake(); !awake || in != 2*time.Second {
		t.Errorf("running again it wakes in %v, %v", in, awake)
	}
	s.after(2 * time.Second)
	if _, awake := wake(); awake {
		t.Error("with nothing left to do the book is awake")
	}
}

// The worker finds what is due without being asked, and stops when told.
func TestWork(t *testing.T) {
	s := newShop(t)
	r := s.refund(desk.RefundRequest{Payment: s.pay("card", 100_13).ID, Full: true})
	ctx, stop := context.WithCancel(s.ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Desk.Work(ctx) }()
	failed := func(id desk.ID) bool { return row[desk.Refund](s, id).State == "failed" }
	until(t, func() bool { return failed(r.ID) }) // by the first look at every book
	r = s.refund(desk.RefundRequest{Payment: r.Payment, Full: true})
	until(t, func() bool { return failed(r.ID) }) // by the bell
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// until waits for something that another goroutine is about to bring about.
func until(t *testing.T, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen")
		}
	}
}

// A store that nothing can be written to ends the work instead of keeping it
// busy: what was due then is done once the store is well again.
func TestDueWhileNothingCanBeWritten(t *testing.T) {
	s := newShop(t)
	r := s.refund(desk.RefundRequest{Payment: s.pay("card", 100_00).ID, Full: true})
	well := s.Desk.Store
	s.Desk.Store = &filling{well, 1}
	if err := s.Desk.RunDue(s.ctx, s.Book); !errors.Is(err, errFull) {
		t.Errorf("it ended with %v", err)
	}
	s.Desk.Store = well
	s.after(time.Hour)
	if got := row[desk.Refund](s, r.ID); got.State != "done" {
		t.Errorf("at last the refund is %s", got.State)
	}
}

// A server may die in the middle of what is due, after any of its changes: the row
// of the book has another one look at it soon, or when the next timer is due.
func TestDueTakenOver(t *testing.T) {
	s := newShop(t)
	for left := range 8 {
		r := s.refund(desk.RefundRequest{Payment: s.pay("card", 100_00).ID, Full: true})
		well := s.Desk.Store
		s.Desk.Store = &filling{well, left}
		err := s.Desk.RunDue(s.ctx, s.Book)
		s.Desk.Store = well
		b := must(well.Book(s.ctx, s.Book))(t)
		due := must(well.Due(s.ctx, s.Book, math.MaxInt64, 1))(t)
		soon := ledger.At(s.Desk.Now()).Add(10 * time.Second)
		if len(due) > 0 && (b.Wake == 0 || b.Wake > max(soon, due[0].At)) {
			t.Errorf("after %d changes (%v) the book wakes at %v; due is %+v", left, err, b.Wake, due)
		}
		s.after(time.Hour)
		if got := row[desk.Refund](s, r.ID); got.State != "done" {
			t.Errorf("after %d changes and an hour the refund is %s", left, got.State)
		}
	}
}

// A filling store takes so many changes more.
type filling struct {
	desk.Store
	left int
}

var errFull = errors.New("the disk is full")

func (f *filling) Change(ctx context.Context, book desk.BookID, reads []desk.Ref, do func(desk.Tx) error) error {
	if f.left--; f.left < 0 {
		return errFull
	}
	return f.Store.Change(ctx, book, reads, do)
}
