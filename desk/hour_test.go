package desk_test

import (
	"slices"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

func at(text string) ledger.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return ledger.At(t)
}

// Hours begin on the hour in India, which is the half hour of UTC, and 24 of
// them from the first of a day are that day.
func TestHourOf(t *testing.T) {
	for _, tt := range []struct{ moment, begins string }{
		{"2026-03-07T18:29:59.999999Z", "2026-03-07T17:30:00Z"},
		{"2026-03-07T18:30:00Z", "2026-03-07T18:30:00Z"}, // midnight in India
		{"2026-03-07T19:29:59Z", "2026-03-07T18:30:00Z"},
		{"1970-01-01T00:00:00Z", "1969-12-31T23:30:00Z"},
		{"1969-12-31T18:29:59Z", "1969-12-31T17:30:00Z"},
	} {
		if got := desk.HourStart(desk.HourOf(at(tt.moment))); got != at(tt.begins) {
			t.Errorf("the hour of %s begins %s, want %s", tt.moment, got.Std(), tt.begins)
		}
	}
	if h := desk.HourOf(at("2026-03-07T18:30:00Z")); h%24 != 0 {
		t.Errorf("midnight in India is hour %d of its day", h%24)
	}
}

// What happens is counted in its hour, by its room and where it went; and the
// sum of the hours of a day is the day.
func TestHours(t *testing.T) {
	s := newShop(t)
	show := func(text string) {
		t.Helper()
		must(s.Desk.SetClock(s.ctx, s.Book, desk.ClockRequest{Do: desk.ClockFreeze, At: at(text)}))(t)
	}
	show("2026-03-07T17:45:00Z") // 23:15 in India
	c := s.customer(50000, 0)
	p := s.pay("card", 30000)
	s.refund(desk.RefundRequest{Payment: p.ID, Amount: 10000})
	s.refund(desk.RefundRequest{Payment: p.ID, Amount: 2000, Outcome: "refused"})
	show("2026-03-07T18:00:00Z") // 23:30: they are sent
	show("2026-03-07T18:15:00Z") // 23:45: both ends are heard
	show("2026-03-07T18:45:00Z") // 00:15 of the next day
	w := s.spend(c, 20000)
	s.refund(desk.RefundRequest{Payment: w.ID, Amount: 700, Called: desk.Called{Room: "phonepe"}})
	s.refund(desk.RefundRequest{Payment: w.ID, Amount: 300, Called: desk.Called{Room: "phonepe"}})

	hours := must(s.Desk.Hours(s.ctx, s.Book, at("2026-03-07T17:30:00Z"), at("2026-03-07T19:00:00Z")))(t)
	late, night := desk.HourOf(at("2026-03-07T17:45:00Z")), desk.HourOf(at("2026-03-07T18:45:00Z"))
	want := []desk.Hour{
		{HourKey: desk.HourKey{Hour: late, What: desk.CountPayments}, Made: desk.Sum{2, 80000}, Done: desk.Sum{2, 80000}},
		{HourKey: desk.HourKey{Hour: late, What: desk.CountRefunds, To: "source"}, Made: desk.Sum{2, 12000}, Done: desk.Sum{1, 10000}, Failed: desk.Sum{1, 2000}},
		{HourKey: desk.HourKey{Hour: night, What: desk.CountPayments}, Made: desk.Sum{1, 20000}, Done: desk.Sum{1, 20000}},
		{HourKey: desk.HourKey{Hour: night, What: desk.CountRefunds, Room: "phonepe", To: "wallet"}, Made: desk.Sum{2, 1000}, Done: desk.Sum{2, 1000}},
	}
	if !slices.Equal(hours, want) {
		t.Errorf("hours:\n%+v\nwant\n%+v", hours, want)
	}
	if got := must(s.Desk.Hours(s.ctx, s.Book, at("2026-03-07T18:30:00Z"), at("2026-03-08T18:30:00Z")))(t); !slices.Equal(got, want[2:]) {
		t.Errorf("the hours of one day: %+v", got)
	}
	days := must(s.Desk.Days(s.ctx, s.Book, at("2026-03-07T00:00:00Z"), at("2026-03-08T00:00:00Z")))(t)
	for i := range want {
		want[i].Hour -= want[i].Hour % 24
	}
	if !slices.Equal(days, want) {
		t.Errorf("days:\n%+v\nwant\n%+v", days, want)
	}
}

// What was refused is not counted, nor is the repeat of what was done.
func TestHoursOfWhatWasNotDone(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 30000)
	q := desk.RefundRequest{Payment: p.ID, Amount: 10000, Key: desk.Once{Scope: "test", Key: "one", Digest: "d"}}
	s.refund(q)
	s.refund(q)
	if _, err := s.Desk.Refund(s.ctx, s.Book, desk.RefundRequest{Payment: p.ID, Amount: 30000}); err == nil {
		t.Error("a refund above the payment was made")
	}
	now := must(s.Desk.Clock(s.ctx, s.Book))(t).Now
	var made int64
	for _, h := range must(s.Desk.Hours(s.ctx, s.Book, now.Add(-time.Hour), now))(t) {
		if h.What == desk.CountRefunds {
			made += h.Made.N
		}
	}
	if made != 1 {
		t.Errorf("%d refunds were counted", made)
	}
}

// A book's standing: what is owed by the codes of the chart, and what waits.
func TestStanding(t *testing.T) {
	s := newShop(t)
	c := s.customer(50000, 1000)
	more := must(s.Desk.CreateCustomer(s.ctx, s.Book, desk.CustomerRequest{Name: "Meera", Contact: "+919876500002"}))(t)
	s.transfer(s.pay("card", 25000).ID, desk.TransferTo{Recipient: more.ID, Amount: 25000})
	p := s.pay("card", 30000)
	first := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 10000, Outcome: "silence"})
	s.refund(desk.RefundRequest{Payment: p.ID, Amount: 2000, Outcome: "silence"})
	st := must(s.Desk.Standing(s.ctx, s.Book))(t)
	owed := map[string]desk.Owed{}
	for _, o := range st.Owed {
		owed[o.Code] = o
	}
	if o := owed[ledger.WalletCash]; o.Amount != 75000 || o.Accounts != 2 || o.Name != "wallet.cash" {
		t.Errorf("wallets: %+v", o)
	}
	if o := owed[ledger.RefundClearing]; o.Amount != 12000 || o.Accounts != 1 {
		t.Errorf("refunds in flight: %+v", o)
	}
	if w := st.Pending; w.N != 2 || w.More || w.First != first.ID || w.Since != first.CreatedAt {
		t.Errorf("pending: %+v", w)
	}
	if w := st.Approvals; w.N != 0 {
		t.Errorf("approvals: %+v", w)
	}
	// Then is as it was, however much has happened since.
	entry := must(s.Desk.Store.Book(s.ctx, s.Book))(t).Entry
	was := must(s.Desk.Trial(s.ctx, s.Book, entry))(t)
	if !slices.Equal(was, st.Owed) {
		t.Errorf("the trial balance of now: %+v", was)
	}
	s.spend(c, 100)
	if then := must(s.Desk.Trial(s.ctx, s.Book, entry))(t); !slices.Equal(then, was) {
		t.Errorf("the trial balance of then: %+v", then)
	}
	if all := must(s.Desk.Trial(s.ctx, s.Book, 0))(t); len(all) != 0 {
		t.Errorf("before the first entry: %+v", all)
	}
}

// What takes another person's word is counted until somebody has given it.
func TestStandingOfApprovals(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.TwoPeopleAbove = 100 })
	s.pay("card", 30000)
	b := must(s.Desk.Adjust(s.ctx, s.Book, desk.Adjustment{
		MoneyRequest: desk.MoneyRequest{Amount: 500, Reference: "N100", By: "asha", Note: "a mistake"}, Debit: ledger.Available, Credit: ledger.Equity,
	}))(t)
	if w := must(s.Desk.Standing(s.ctx, s.Book))(t).Approvals; w.N != 1 || w.First != b.ID || w.Since != b.CreatedAt {
		t.Errorf("asked: %+v", w)
	}
	must(s.Desk.Agree(s.ctx, s.Book, desk.Agreement{Booking: b.ID, By: "ravi"}))(t)
	if w := must(s.Desk.Standing(s.ctx, s.Book))(t).Approvals; w != (desk.Waits{}) {
		t.Errorf("agreed: %+v", w)
	}
}

// The last entry at or before a moment.
func TestEntryAt(t *testing.T) {
	s := newShop(t)
	before := must(s.Desk.Clock(s.ctx, s.Book))(t).Now
	s.pay("card", 100)
	must(s.Desk.SetClock(s.ctx, s.Book, desk.ClockRequest{Do: desk.ClockMove, By: time.Hour}))(t)
	s.pay("card", 200)
	s.pay("card", 300)
	after := must(s.Desk.Clock(s.ctx, s.Book))(t).Now
	entries := must(s.Desk.Store.Entries(s.ctx, desk.Query{Book: s.Book, Oldest: true}))(t)
	for _, tt := range []struct {
		at   ledger.Time
		want int64
	}{
		{before - 1e6, 0},
		{entries[0].At, 1},
		{entries[1].At - 1, 1},
		{after.Add(time.Minute), int64(len(entries))},
	} {
		if got := must(s.Desk.EntryAt(s.ctx, s.Book, tt.at))(t); got != tt.want {
			t.Errorf("at %s: entry %d, want %d", tt.at.Std(), got, tt.want)
		}
	}
}
