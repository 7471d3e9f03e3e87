package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// job makes a job with rows, each a name and an amount, and has it checked.
func (s *shop) job(q desk.JobRequest, rows ...desk.JobRowRequest) desk.Job {
	s.t.Helper()
	if q.What == "" {
		q.What = desk.JobRefunds
	}
	if q.By == "" {
		q.By = "Asha"
	}
	j := must(s.Desk.CreateJob(s.ctx, s.Book, q))(s.t)
	must(s.Desk.AddJobRows(s.ctx, s.Book, desk.JobPage{Job: j.ID, Rows: rows}))(s.t)
	return s.preview(j.ID)
}

func (s *shop) preview(id desk.ID) desk.Job {
	s.t.Helper()
	must(s.Desk.PreviewJob(s.ctx, s.Book, id))(s.t)
	s.sent()
	return row[desk.Job](s, id)
}

// start starts a job that was checked, and does what is due.
func (s *shop) start(j desk.Job) desk.Job {
	s.t.Helper()
	must(s.Desk.StartJob(s.ctx, s.Book, desk.JobStart{Job: j.ID, Total: j.Left, By: "Asha"}))(s.t)
	s.sent()
	return row[desk.Job](s, j.ID)
}

// rows are all of a job's.
func (s *shop) rows(id desk.ID) []desk.JobRow {
	s.t.Helper()
	return must(s.Desk.JobRows(s.ctx, s.Book, id, 0, 10000, false))(s.t)
}

// told says what became of rows, each in a few words.
func told(rows []desk.JobRow) string {
	var all []string
	for _, r := range rows {
		say := fmt.Sprintf("%d %s %d", r.No, r.State, r.Amount)
		if r.To != "" {
			say += " " + r.To
		}
		if r.Twin != 0 {
			say += fmt.Sprintf(" twin of %d", r.Twin)
		}
		if r.Why != "" {
			say += " " + r.Why
		}
		all = append(all, say)
	}
	return strings.Join(all, "\n")
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n%s\nwant\n%s", what, got, want)
	}
}

// A job of refunds finds its payments by whatever names them, tells what each row
// would do before anything is done, and does what it told.
func TestJobOfRefunds(t *testing.T) {
	s := newShop(t)
	card, upi := s.pay("card", 500_00), s.pay("upi", 300_00)
	o, _, err := s.Desk.CreateOrder(s.ctx, s.Book, desk.OrderRequest{Amount: 200_00, Capture: true, Receipt: "SEAT-12"})
	if err != nil {
		t.Fatal(err)
	}
	s.payFor(o, "netbanking")
	elsewhere := must(s.Desk.ImportPayment(s.ctx, s.Book, desk.ImportPaymentRequest{
		Provider: "phonepe", Reference: "T77", Transaction: "MT-77", Amount: 90_00, Method: "upi", Proof: "600112345678", CapturedAt: ledger.At(s.Desk.Now()).Add(-time.Hour),
	}))(t)
	customer := s.customer(400_00, 0)
	wallet := s.spend(customer, 150_00)
	open := s.order(70_00, true)
	before := s.balance(ledger.Available)

	j := s.job(desk.JobRequest{Note: "The concert is off"},
		desk.JobRowRequest{Names: string(card.ID), Amount: 100_00, Reference: "R-1"},
		desk.JobRowRequest{Names: string(upi.Order)},
		desk.JobRowRequest{Names: "SEAT-12"},
		desk.JobRowRequest{Names: "MT-77", Amount: 40_00},
		desk.JobRowRequest{Names: "600112345678", Amount: 51_00},
		desk.JobRowRequest{Names: string(wallet.ID), Amount: 50_00},
		desk.JobRowRequest{Names: string(card.ID)},
		desk.JobRowRequest{Names: string(card.ID), Amount: 1},
		desk.JobRowRequest{Names: string(open.ID)},
		desk.JobRowRequest{Names: "pay_00000000000000"},
		desk.JobRowRequest{Names: string(card.ID), Amount: 100, Reference: "R-1"},
	)
	same(t, "checked", told(s.rows(j.ID)), `1 ready 10000 source
2 ready 30000 source
3 ready 20000 source
4 ready 4000 source
5 bad 0 twin of 4 over_budget
6 ready 5000 wallet
7 ready 40000 source twin of 1
8 bad 0 twin of 1 fully_refunded
9 bad 0 refund_uncaptured
10 bad 0 unknown_id
11 bad 0 twin of 1 refund_receipt`)
	want := desk.Job{
		ID: j.ID, What: desk.JobRefunds, State: desk.JobChecked, Note: "The concert is off", By: "Asha", Speed: desk.Normal,
		Next: 12, Rows: 11, Bad: 5, Ready: 6, Twins: 4, Left: 1090_00, ToSource: 1040_00, ToWallet: 50_00, Merchant: 1090_00,
		CreatedAt: j.CreatedAt, CheckedAt: j.CheckedAt,
	}
	if j != want {
		t.Errorf("checked it is\n%+v, want\n%+v", j, want)
	}
	if got := s.balance(ledger.Available); got != before {
		t.Errorf("the check moved %d paise", before-got)
	}
	if got := must(desk.List[desk.Refund](s.ctx, s.Desk, desk.Query{Book: s.Book}))(t); len(got) > 0 {
		t.Errorf("the check made %v", got)
	}

	// Between the check and the start the world goes on.
	s.refund(desk.RefundRequest{Payment: upi.ID, Amount: 100_00}) // all that is left is less
	s.refund(desk.RefundRequest{Payment: elsewhere.ID, Full: true})
	j = s.start(j)
	same(t, "done", told(s.rows(j.ID)), `1 done 10000 source
2 done 20000 source
3 done 20000 source
4 refused 4000 source fully_refunded
5 bad 0 twin of 4 over_budget
6 done 5000 wallet
7 done 40000 source twin of 1
8 bad 0 twin of 1 fully_refunded
9 bad 0 refund_uncaptured
10 bad 0 unknown_id
11 bad 0 twin of 1 refund_receipt`)
	if j.State != desk.JobDone || j.Done != 5 || j.Refused != 1 || j.Moved != 950_00 || j.Left != 0 || j.Quoted != 1090_00 || j.EndedAt == 0 || j.Starter != "Asha" {
		t.Errorf("done it is %+v", j)
	}
	for _, r := range s.rows(j.ID) {
		if r.State != desk.RowDone {
			continue
		}
		if x := row[desk.Refund](s, r.Made); x.Payment != r.Payment || x.Amount != r.Amount || x.Room != "native" || x.Receipt != r.Reference {
			t.Errorf("row %d made %+v", r.No, x)
		}
	}
	refused := must(s.Desk.JobRows(s.ctx, s.Book, j.ID, 4, 3, true))(t)
	same(t, "refused behind the fourth", told(refused), "5 bad 0 twin of 4 over_budget\n8 bad 0 twin of 1 fully_refunded\n9 bad 0 refund_uncaptured")
	if e := refused[0].Refusal(); e == nil || e.Code != ledger.Exceeds || e.Field != "amount" {
		t.Errorf("row 5 was refused as %v", e)
	}
	if got := strings.Join(s.events(j.ID), " "); got != "job.checked job.started job.done" {
		t.Errorf("events: %s", got)
	}
	// The rows of one job are not the next one's.
	s.job(desk.JobRequest{}, desk.JobRowRequest{Names: "x"})
	if n := len(s.rows(j.ID)); n != 11 {
		t.Errorf("it has %d rows", n)
	}
}

// A job of credits gives each once for its reference.
func TestJobOfCredits(t *testing.T) {
	s := newShop(t)
	s.pay("card", 1000_00)
	must(s.Desk.LoadCredit(s.ctx, s.Book, desk.CreditRequest{Partner: "c1", Contact: "9876543210", Amount: 10_00, Purpose: desk.CreditGift, Reference: "G-1"}))(t)
	j := s.job(desk.JobRequest{What: desk.JobCredits},
		desk.JobRowRequest{Names: "c1", Contact: "9876543210", Amount: 50_00, Reference: "V-1", Purpose: desk.CreditGoodwill},
		desk.JobRowRequest{Names: "c2", Contact: "9876543211", Amount: 60_00},
		desk.JobRowRequest{Names: "c1", Contact: "9876543210", Amount: 10_00, Reference: "G-1", Purpose: desk.CreditGift},
		desk.JobRowRequest{Names: "c1", Contact: "9876543210", Amount: 10_00, Reference: "V-1", Purpose: desk.CreditGift},
		desk.JobRowRequest{Names: "c2", Contact: "9876543211", Amount: 70_00},
	)
	same(t, "checked", told(s.rows(j.ID)), `1 ready 5000 credit
2 ready 6000 credit
3 bad 0 twin of 1 key_used
4 bad 0 twin of 1 key_mismatch
5 ready 7000 credit twin of 2`)
	if j.ToCredit != 180_00 || j.Merchant != 0 { // the programme is backed by a promise
		t.Errorf("checked it is %+v", j)
	}
	j = s.start(j)
	if j.State != desk.JobDone || j.Done != 3 || j.Moved != 180_00 {
		t.Errorf("done it is %+v", j)
	}
	x := row[desk.Credit](s, s.rows(j.ID)[1].Made)
	if x.Reference != string(desk.JobRowID(j.ID, 2)) || x.Amount != 60_00 || x.Purpose != desk.CreditRefund {
		t.Errorf("row 2 made %+v", x)
	}
}

// A job stops by itself before its budget is passed, and where the merchant's
// balance ends, and goes on when there is more.
func TestJobStops(t *testing.T) {
	s := newShop(t)
	var rows []desk.JobRowRequest
	for range 5 {
		rows = append(rows, desk.JobRowRequest{Names: string(s.pay("upi", 100_00).ID)})
	}
	j := s.start(s.job(desk.JobRequest{Budget: 250_00}, rows...))
	if j.State != desk.JobPaused || j.Done != 2 || j.Next != 3 || !strings.Contains(j.Reason, "budget: row 3") {
		t.Errorf("at its budget it is %+v", j)
	}
	resume := func(b *ledger.Amount) error {
		_, err := s.Desk.ResumeJob(s.ctx, s.Book, desk.JobResume{JobWord: desk.JobWord{Job: j.ID, By: "Asha"}, Budget: b})
		s.sent()
		j = row[desk.Job](s, j.ID)
		return err
	}
	less, more, none := ledger.Amount(199_99), ledger.Amount(300_00), ledger.Amount(0)
	refused(t, "less than was moved", resume(&less), ledger.Invalid, desk.WhyJobAmount)
	if err := resume(&more); err != nil || j.State != desk.JobPaused || j.Done != 3 || j.Budget != 300_00 {
		t.Errorf("with more it is %+v (%v)", j, err)
	}
	// The merchant's money goes elsewhere.
	acc := s.linked("seller@example.com")
	must(s.Desk.TransferDirect(s.ctx, s.Book, desk.DirectTransferRequest{To: desk.TransferTo{Recipient: acc, Amount: 150_00}}))(t)
	if err := resume(&none); err != nil || j.State != desk.JobPaused || j.Done != 3 || !strings.Contains(j.Reason, "balance is short of row 4") {
		t.Errorf("without money it is %+v (%v)", j, err)
	}
	s.pay("upi", 150_00)
	if err := resume(nil); err != nil || j.State != desk.JobDone || j.Done != 5 || j.Reason != "" {
		t.Errorf("at the end it is %+v (%v)", j, err)
	}
	// A check does not mind that the balance is short.
	if j := s.job(desk.JobRequest{}, rows[0]); j.Bad != 1 {
		t.Errorf("of what was given back: %+v", j)
	}
	p := s.pay("upi", 80_00)
	must(s.Desk.TransferDirect(s.ctx, s.Book, desk.DirectTransferRequest{To: desk.TransferTo{Recipient: acc, Amount: 80_00}}))(t)
	if j := s.job(desk.JobRequest{}, desk.JobRowRequest{Names: string(p.ID)}); j.Ready != 1 || j.Merchant != 80_00 {
		t.Errorf("of what is not there now: %+v", j)
	}
}

// A row that is refused half way leaves nothing, and takes no other with it.
func TestJobRowsStandAlone(t *testing.T) {
	s := newShop(t)
	acc := s.linked("seller@example.com")
	var rows []desk.JobRowRequest
	for range 3 {
		p := s.pay("card", 100_00)
		s.transfer(p.ID, desk.TransferTo{Recipient: acc, Amount: 60_00})
		rows = append(rows, desk.JobRowRequest{Names: string(p.ID), Reference: "R"})
	}
	s.pay("card", 500_00)
	j := s.job(desk.JobRequest{ReverseAll: true}, rows...)
	if j.Ready != 3 || j.Merchant != 3*40_00 {
		t.Fatalf("checked it is %+v", j)
	}
	// The seller spends the money of two.
	must(s.Desk.Adjust(s.ctx, s.Book, desk.Adjustment{
		MoneyRequest: desk.MoneyRequest{Amount: 100_00, Reference: "ADJ-1", By: "Asha", Note: "taken out"},
		Debit:        ledger.LinkedAccount(string(acc), false), Credit: ledger.SuspenseDebit,
	}))(t)
	j = s.start(j)
	if j.State != desk.JobDone || j.Done != 1 || j.Refused != 2 {
		t.Errorf("done it is %+v\n%s", j, told(s.rows(j.ID)))
	}
	if all := must(desk.List[desk.Reversal](s.ctx, s.Desk, desk.Query{Book: s.Book}))(t); len(all) != 1 {
		t.Errorf("there are %d reversals", len(all))
	}
}

// Pause, resume, cancel; a start that takes two people; what was checked is what
// is started.
func TestJobByPeople(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.TwoPeopleAbove = 100_00 })
	p := s.pay("card", 500_00)
	word := func(by string, j desk.Job) desk.JobWord { return desk.JobWord{Job: j.ID, By: by} }
	j := s.job(desk.JobRequest{}, desk.JobRowRequest{Names: string(p.ID), Amount: 100_00})
	_, err := s.Desk.AddJobRows(s.ctx, s.Book, desk.JobPage{Job: j.ID, First: 2, Rows: []desk.JobRowRequest{{Names: string(p.ID), Amount: 50_00}}})
	if err != nil {
		t.Fatal(err)
	}
	start := func(total ledger.Amount) (desk.Job, error) {
		return s.Desk.StartJob(s.ctx, s.Book, desk.JobStart{Job: j.ID, Total: total, By: "Asha"})
	}
	_, err = start(100_00)
	refused(t, "rows were added", err, ledger.WrongState, desk.WhyJobState)
	j = s.preview(j.ID)
	_, err = start(100_00)
	refused(t, "another total", err, ledger.WrongState, desk.WhyJobTotal)
	if j, err = start(150_00); err != nil || j.State != desk.JobAsked || j.StartedAt != 0 {
		t.Fatalf("started it is %+v (%v)", j, err)
	}
	_, err = s.Desk.AgreeJob(s.ctx, s.Book, word(" asha ", j))
	refused(t, "the same person", err, ledger.Denied, desk.WhyJobSame)
	s.after(24 * time.Hour)
	if j = row[desk.Job](s, j.ID); j.State != desk.JobChecked {
		t.Errorf("a day later it is %+v", j)
	}
	_, err = s.Desk.AgreeJob(s.ctx, s.Book, word("Ravi", j))
	refused(t, "too late", err, ledger.WrongState, desk.WhyJobState)
	must(start(150_00))(t)
	j = must(s.Desk.AgreeJob(s.ctx, s.Book, word("Ravi", j)))(t)
	if j.State != desk.JobRunning || j.Starter != "Asha" || j.Second != "Ravi" {
		t.Errorf("agreed it is %+v", j)
	}
	j = must(s.Desk.PauseJob(s.ctx, s.Book, word("Ravi", j)))(t)
	s.sent()
	if j = row[desk.Job](s, j.ID); j.State != desk.JobPaused || j.Done != 0 || j.Reason != "by Ravi" {
		t.Errorf("paused it is %+v", j)
	}
	_, err = s.Desk.PauseJob(s.ctx, s.Book, word("Ravi", j))
	refused(t, "paused twice", err, ledger.WrongState, desk.WhyJobState)
	must(s.Desk.ResumeJob(s.ctx, s.Book, desk.JobResume{JobWord: word("Ravi", j)}))(t)
	j = must(s.Desk.CancelJob(s.ctx, s.Book, word("Ravi", j)))(t)
	s.sent()
	if j = row[desk.Job](s, j.ID); j.State != desk.JobCancelled || j.Ready != 2 || j.Moved != 0 || j.EndedAt == 0 {
		t.Errorf("cancelled it is %+v", j)
	}
	_, err = s.Desk.CancelJob(s.ctx, s.Book, word("Ravi", j))
	refused(t, "cancelled twice", err, ledger.WrongState, desk.WhyJobState)

	empty := must(s.Desk.CreateJob(s.ctx, s.Book, desk.JobRequest{What: desk.JobRefunds, By: "Asha"}))(t)
	_, err = s.Desk.PreviewJob(s.ctx, s.Book, empty.ID)
	refused(t, "without rows", err, ledger.WrongState, desk.WhyJobEmpty)
	bad := s.job(desk.JobRequest{}, desk.JobRowRequest{Names: "nobody"})
	_, err = s.Desk.StartJob(s.ctx, s.Book, desk.JobStart{Job: bad.ID, By: "Asha"})
	refused(t, "with bad rows only", err, ledger.WrongState, desk.WhyJobEmpty)
}

// Whoever asked for a start does not give the job more than another agreed to,
// and nobody agrees to what was asked for too long ago, seen to or not.
func TestJobAgreedBudget(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.TwoPeopleAbove = 100_00 })
	var rows []desk.JobRowRequest
	for range 5 {
		rows = append(rows, desk.JobRowRequest{Names: string(s.pay("upi", 100_00).ID)})
	}
	j := s.job(desk.JobRequest{Budget: 100_00}, rows...)
	ask := func() {
		t.Helper()
		j = must(s.Desk.StartJob(s.ctx, s.Book, desk.JobStart{Job: j.ID, Total: 500_00, By: "Asha"}))(t)
	}
	agree := func() error {
		_, err := s.Desk.AgreeJob(s.ctx, s.Book, desk.JobWord{Job: j.ID, By: "Ravi"})
		return err
	}
	ask()
	must(s.Desk.SetClock(s.ctx, s.Book, desk.ClockRequest{Do: "move", By: 25 * time.Hour}))(t)
	refused(t, "a day later", agree(), ledger.WrongState, desk.WhyJobState)
	s.sent()
	ask()
	if err := agree(); err != nil {
		t.Fatal(err)
	}
	s.sent()
	resume := func(by string, budget ledger.Amount) error {
		_, err := s.Desk.ResumeJob(s.ctx, s.Book, desk.JobResume{JobWord: desk.JobWord{Job: j.ID, By: by}, Budget: &budget})
		return err
	}
	refused(t, "more", resume("asha", 100_01), ledger.Denied, desk.WhyJobSame)
	refused(t, "any", resume("asha", 0), ledger.Denied, desk.WhyJobSame)
	if err := resume("asha", 100_00); err != nil {
		t.Errorf("the same: %v", err)
	}
	s.sent()
	if err := resume("Ravi", 0); err != nil {
		t.Errorf("by the other: %v", err)
	}
	s.sent()
	if j = row[desk.Job](s, j.ID); j.State != desk.JobDone || j.Moved != 500_00 {
		t.Errorf("it is %+v", j)
	}
}

// What cannot be a job, or a row of one, is refused; a page is added once.
func TestJobRefusals(t *testing.T) {
	s := newShop(t)
	for _, tt := range []struct {
		what string
		q    desk.JobRequest
		why  ledger.Why
	}{
		{"of nothing", desk.JobRequest{By: "Asha"}, desk.WhyJobWhat},
		{"at no speed", desk.JobRequest{What: "refund", Speed: "slow", By: "Asha"}, desk.WhyRefundSpeed},
		{"of optimum credits", desk.JobRequest{What: "credit", Speed: "optimum", By: "Asha"}, desk.WhyJobWhat},
		{"with half a note", desk.JobRequest{What: "refund", Note: "\xff", By: "Asha"}, desk.WhyJobText},
		{"with less than no budget", desk.JobRequest{What: "refund", Budget: -1, By: "Asha"}, desk.WhyJobAmount},
		{"by nobody", desk.JobRequest{What: "refund", By: " "}, desk.WhyPerson},
	} {
		_, err := s.Desk.CreateJob(s.ctx, s.Book, tt.q)
		refused(t, tt.what, err, ledger.Invalid, tt.why)
	}
	create := func() desk.Job {
		return must(s.Desk.CreateJob(s.ctx, s.Book, desk.JobRequest{What: "refund", By: "Asha", Key: desk.Once{Scope: "t", Key: "file", Digest: "d"}}))(t)
	}
	j := create()
	if again := create(); again != j {
		t.Errorf("again it is %+v", again)
	}
	for _, tt := range []struct {
		what string
		row  desk.JobRowRequest
		why  ledger.Why
	}{
		{"no name", desk.JobRowRequest{}, desk.WhyJobText},
		{"a name of nothing", desk.JobRowRequest{Names: "a\x00"}, desk.WhyJobText},
		{"a long reference", desk.JobRowRequest{Names: "a", Reference: strings.Repeat("x", 256)}, desk.WhyJobText},
		{"less than nothing", desk.JobRowRequest{Names: "a", Amount: -1}, desk.WhyJobAmount},
		{"a refund to somebody", desk.JobRowRequest{Names: "a", Contact: "9876543210"}, desk.WhyJobWhat},
	} {
		_, err := s.Desk.AddJobRows(s.ctx, s.Book, desk.JobPage{Job: j.ID, Rows: []desk.JobRowRequest{{Names: "fine"}, tt.row}})
		at, ok := err.(*desk.ItemError)
		if !ok || at.Item != 1 {
			t.Fatalf("%s: %v does not name the row", tt.what, err)
		}
		refused(t, tt.what, at.Err, ledger.Invalid, tt.why)
	}
	page := desk.JobPage{Job: j.ID, First: 1, Rows: []desk.JobRowRequest{{Names: "a"}, {Names: "b"}}}
	page.Key = desk.Once{Scope: "t", Key: "page 1", Digest: "d"}
	for range 2 {
		if j = must(s.Desk.AddJobRows(s.ctx, s.Book, page))(t); j.Rows != 2 {
			t.Errorf("it has %d rows", j.Rows)
		}
	}
	page.Key = desk.Once{}
	_, err := s.Desk.AddJobRows(s.ctx, s.Book, page)
	refused(t, "the first row once more", err, ledger.WrongState, desk.WhyJobFirst)
	_, err = s.Desk.AddJobRows(s.ctx, s.Book, desk.JobPage{Job: j.ID})
	refused(t, "no rows", err, ledger.Invalid, desk.WhyJobPage)
	_, err = s.Desk.AddJobRows(s.ctx, s.Book, desk.JobPage{Job: "job_00000000000000", Rows: page.Rows})
	refused(t, "no such job", err, ledger.NotFound, desk.WhyUnknownID)
}

// A job of many steps is done by turns with whatever else is due, on a frozen
// clock too, and two workers do no row twice.
func TestJobOfManySteps(t *testing.T) {
	s := newShop(t)
	must(s.Desk.SetClock(s.ctx, s.Book, desk.ClockRequest{Do: desk.ClockFreeze}))(t)
	p := s.pay("card", 100_00)
	var rows []desk.JobRowRequest
	for i := range 400 {
		name := string(p.ID)
		if i >= 20 {
			name = "none"
		}
		rows = append(rows, desk.JobRowRequest{Names: name, Amount: 1})
	}
	j := must(s.Desk.CreateJob(s.ctx, s.Book, desk.JobRequest{What: desk.JobRefunds, By: "Asha"}))(t)
	must(s.Desk.AddJobRows(s.ctx, s.Book, desk.JobPage{Job: j.ID, Rows: rows[:200]}))(t)
	must(s.Desk.AddJobRows(s.ctx, s.Book, desk.JobPage{Job: j.ID, Rows: rows[200:]}))(t)
	if j = s.preview(j.ID); j.State != desk.JobChecked || j.Ready != 20 || j.Bad != 380 || j.Twins != 19 {
		t.Fatalf("checked it is %+v", j)
	}
	// One row too many about the same.
	must(s.Desk.AddJobRows(s.ctx, s.Book, desk.JobPage{Job: j.ID, Rows: rows[:1]}))(t)
	if j = s.preview(j.ID); j.Ready != 20 || j.Bad != 381 || j.Twins != 20 || s.rows(j.ID)[400].Why != string(desk.WhyJobTwins) {
		t.Fatalf("checked again it is %+v", j)
	}
	must(s.Desk.StartJob(s.ctx, s.Book, desk.JobStart{Job: j.ID, Total: 20, By: "Asha"}))(t)
	ended := make(chan error, 2)
	for range 2 {
		go func() {
			for {
				j, err := s.Desk.WorkJob(s.ctx, s.Book, j.ID)
				if err != nil || !j.Working() {
					ended <- err
					return
				}
			}
		}()
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if j = row[desk.Job](s, j.ID); j.State != desk.JobDone || j.Done != 20 {
		t.Errorf("done it is %+v", j)
	}
	if p = row[desk.Payment](s, p.ID); p.RefundPending != 20 {
		t.Errorf("of the payment %d are on their way back", p.RefundPending)
	}
}

// A job that counts other than its rows are, or a row that made what is not there,
// is found.
func TestJobAudit(t *testing.T) {
	job := desk.Job{ID: "job_1", What: desk.JobRefunds, State: desk.JobPaused, Next: 3, Rows: 2, Done: 1, Ready: 1, Moved: 100, Left: 50, Quoted: 150, StartedAt: 1}
	done := desk.JobRow{ID: desk.JobRowID("job_1", 1), Job: "job_1", No: 1, State: desk.RowDone, To: "credit", Amount: 100, Made: "iuser_1", EndedAt: 1}
	ready := desk.JobRow{ID: desk.JobRowID("job_1", 2), Job: "job_1", No: 2, State: desk.RowReady, To: "credit", Amount: 50}
	member := desk.Member{ID: "iuser_1", Partner: "c1", KnownAs: "c1"}
	found := func(rows ...desk.Row) string {
		a := desk.NewAudit(nil)
		for range 2 {
			for _, r := range rows {
				a.Row(r)
			}
			next := a.Again()
			if next == nil {
				break
			}
			a = next
		}
		var all []string
		for _, f := range a.Findings() {
			all = append(all, f.String())
		}
		return strings.Join(all, "\n")
	}
	if got := found(job, done, ready, member); got != "" {
		t.Errorf("what adds up: %s", got)
	}
	if got, want := found(job, done, ready), "I-10 job_1/0000001: it is about iuser_1, which is not there"; got != want {
		t.Errorf("without what was made: %q, want %q", got, want)
	}
	ready.Amount = 49
	if got := found(job, done, ready, member); !strings.Contains(got, "I-11 job_1: left of its rows: 49, but 50 is written down") {
		t.Errorf("a row that was changed: %q", got)
	}
	if got := found(job, done, member); !strings.Contains(got, "I-11 job_1: rows: 1, but 2 is written down") {
		t.Errorf("a row that is lost: %q", got)
	}
}
