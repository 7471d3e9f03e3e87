package console_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// What waits stands in one list, by its sort, and ends there once it has ended.
func TestInboxOfWhatWaits(t *testing.T) {
	w := newWorker(t, desk.Test)
	w.sees("admin", "waiting", "Nothing waits for anybody")
	w.sees("admin", "waiting?sort=late", "None of this sort waits")
	unknown := w.refund(1500_00, rail.ScenarioSilence)
	failed := w.refund(300_00, rail.ScenarioRefused)
	made := w.refund(200_00, rail.ScenarioRefused)
	w.refund(700_00, rail.ScenarioLate)
	w.later(30 * time.Hour)
	again, err := w.Desk.Refund(w.ctx, w.Book, desk.RefundRequest{Payment: made.Payment, Full: true})
	w.must(err)
	w.later(time.Hour)

	page := w.sees("admin", "waiting", "All 3", "Unknown 1", "Failed 1", "Unexpected 1", "Nobody knows whether it moved", "₹1,500 .00", "+919876543210", "no answer in time", "Find out", "Refunds that failed", "₹300 .00", "It went after it had failed", "!₹200 .00")
	if !strings.Contains(page, "/waiting/orders/"+string(unknown.ID)) || !strings.Contains(page, string(failed.Payment)) || strings.Contains(page, string(again.ID)) {
		t.Errorf("the ways from the inbox: %s", page)
	}
	w.sees("admin", "waiting?sort=unknown", "₹1,500 .00", "!₹300 .00", "Failed 1")
	w.sees("viewer", "waiting", "•3210", "!9876543210")
	w.sees("viewer", "waiting/orders/"+string(unknown.ID), "!9876543210", "!asha@", "!Record what became of it")

	w.denied("support", "waiting/orders/"+string(unknown.ID)+"/ask", "now", "yes")
	w.sees("finance", "waiting/orders/"+string(unknown.ID), "Ask the rail now")
	w.does("finance", "waiting/orders/"+string(unknown.ID)+"/ask", "now", "yes")
	w.does("finance", "waiting/orders/"+string(unknown.ID), "outcome", "done", "reference", "412345678901", "step", "do")
	w.sees("admin", "waiting", "All 2", "!₹1,500 .00")
}

// Refunds of a thousand lines are shown a page at a time, the oldest first.
func TestPagesOfWhatWaits(t *testing.T) {
	w := newWorker(t, desk.Live)
	var amounts []ledger.Amount
	for i := range 53 {
		amounts = append(amounts, ledger.Amount(1000+i)*100)
	}
	w.byHand(amounts...)
	w.sees("admin", "waiting", "By hand 53", "All 53 of these", "₹1,005 .00", "!₹1,006 .00")
	page := w.sees("admin", "waiting?sort=by_hand", "₹1,000 .00", "₹1,049 .00", "!₹1,050 .00")
	_, next, _ := strings.Cut(page, `after=`)
	next, _, _ = strings.Cut(next, `"`)
	w.sees("admin", "waiting?sort=by_hand&after="+strings.TrimSuffix(next, "&amp;sort=by_hand"), "₹1,050 .00", "₹1,052 .00", "!₹1,049 .00")
}

// A person says what became of an order: first they see what it does, then it is
// done, and once.
func TestRecordOneByHand(t *testing.T) {
	w := newWorker(t, desk.Live)
	ids := w.byHand(250_00, 400_00)
	path := "waiting/orders/" + string(ids[0])
	w.sees("admin", path, "To be paid by hand", "asha@okbank", "Send the money through your bank", "It went", "It did not go, and will not")
	w.denied("viewer", path, "outcome", "done")
	w.denied("support", path, "outcome", "done")
	w.hears("finance", path, 422, []string{"outcome", "done", "reference", "12"}, "6 to 40 letters and digits")
	if a := w.hears("finance", path, 422, []string{"outcome", "refused", "reason", "", "reference", "keep me"}, "say why, in words for the customer"); !strings.Contains(a.Body.String(), `value="keep me"`) {
		t.Errorf("what was typed is lost: %s", a.Body)
	}
	w.hears("finance", path, 422, []string{"outcome", "lost"}, "say what became of it")
	w.hears("finance", path, 409, []string{"outcome", "returned", "reason", "closed"}, "not in a state")

	w.hears("finance", path, 200, []string{"outcome", "done", "reference", "412345678901"}, "What this will do", "it went, reference 412345678901", "₹250 .00", "Record it")
	if o, err := desk.Find[desk.RailOrder](w.ctx, w.Desk, w.Live, ids[0]); err != nil || o.State != "sent" {
		t.Fatalf("looking at it changed it: %+v, %v", o, err)
	}
	for range 2 {
		if to := w.does("finance", path, "outcome", "done", "reference", "412345678901", "step", "do"); to != path {
			t.Errorf("it leads to %s", to)
		}
	}
	o, err := desk.Find[desk.RailOrder](w.ctx, w.Desk, w.Live, ids[0])
	if err != nil || o.State != "done" || o.Reference != "412345678901" || o.By != "finance@example.in" {
		t.Errorf("recorded: %+v, %v", o, err)
	}
	if acts, err := w.Desk.Acts(w.ctx, desk.Query{Book: w.Live, Where: map[string]string{"what": "console.waiting.orders"}}); err != nil || len(acts) != 1 {
		t.Errorf("the books say %+v, %v", acts, err)
	}
	w.does("finance", path, "outcome", "returned", "reason", "the account is closed", "step", "do")
	w.sees("finance", path, "came back", "the account is closed", "It came back after it had gone", "It went again, under another reference")

	w.does("finance", "waiting/orders/"+string(ids[1]), "outcome", "refused", "reason", "no such account", "step", "do")
	if r, err := desk.Find[desk.Refund](w.ctx, w.Desk, w.Live, ids[1]); err != nil || r.State != "failed" || r.Reason != "no such account" {
		t.Errorf("refused: %+v, %v", r, err)
	}
	if a := w.ask("admin", "waiting/orders/rfnd_00000000000000"); a.Code != 404 {
		t.Errorf("no such order: %d", a.Code)
	}
	w.mode = desk.Test // the order is of the live book
	if a := w.ask("admin", path); a.Code != 404 {
		t.Errorf("the other book's order: %d", a.Code)
	}
}

// Above a limit an order ends when two people have said the same.
func TestRecordByTwo(t *testing.T) {
	w := newWorker(t, desk.Live)
	w.twoAbove(1000_00)
	path := "waiting/orders/" + string(w.byHand(5000_00)[0])
	said := []string{"outcome", "done", "reference", "412345678901"}
	w.hears("finance", path, 200, said, "a second person must say the same within a day", "!Debit")
	w.does("finance", path, append(said, "step", "do")...)
	w.does("finance", path, append(said, "step", "do")...) // the same person says nothing new
	w.sees("finance", path, "finance@example.in (you)", "!Say the same…")
	w.sees("admin", "waiting?sort=approvals", "Approvals 1", "finance@example.in says it went", "Check and confirm")
	page := w.sees("admin", path, "finance@example.in", "Say the same…")
	w.hears("admin", path, 200, []string{"outcome", w.value(page, "outcome"), "reference", w.value(page, "reference")}, "Debit", "₹5,000 .00")
	w.does("admin", path, append(said, "step", "do")...)
	w.sees("admin", path, "finance@example.in, admin@example.in", "done")
	w.sees("admin", "waiting", "Nothing waits for anybody")
}

// What one asked for another agrees to, having seen the entries; nobody agrees to
// their own.
func TestApprovals(t *testing.T) {
	w := newWorker(t, desk.Test)
	w.twoAbove(100_00)
	w.refund(900_00, rail.ScenarioDone)
	b, err := w.Desk.Adjust(w.ctx, w.Book, desk.Adjustment{
		MoneyRequest: desk.MoneyRequest{Amount: 500_00, Note: "the bank's mistake", By: "finance@example.in"}, Debit: ledger.WriteOff, Credit: ledger.BankOperating,
	})
	w.must(err)
	path := "waiting/approvals/" + string(b.ID)
	w.sees("viewer", "waiting", "Correction by hand", "₹500 .00", "finance@example.in asks: the bank's mistake")
	w.sees("viewer", path, "₹500 .00", "Debit", "!Agree, and do it", "A finance person or an admin may agree")
	w.denied("support", path, "do", "agree")
	w.sees("finance", path, "You asked for it", "₹500 .00", "!Agree, and do it")
	w.hears("finance", path, 403, []string{"do", "agree"}, "finance@example.in asked for it")
	w.sees("admin", path, "Agree, and do it", "Debit")
	w.hears("admin", path, 422, []string{"do", "decline"}, "say whether you agree") // a booking is not declined, and not agreed to either
	w.hears("admin", path, 422, []string{"key", "k"}, "say whether you agree")
	w.does("admin", path, "do", "agree")
	w.sees("admin", path, "admin@example.in agreed", "done")
	w.hears("admin", path, 409, []string{"do", "agree"}, "not in a state")
	w.sees("admin", "waiting", "Nothing waits for anybody")

	p := w.refund(50_00, rail.ScenarioRefused).Payment
	w.later(time.Hour)
	prop, err := w.Desk.ProposeRefund(w.ctx, w.Book, desk.Once{}, desk.ProposalRequest{ManualRefund: desk.ManualRefund{Payment: p, Amount: 50_00, To: desk.ToSource}, By: "support@example.in", Note: "torn, says 9876501234"})
	w.must(err)
	path = "waiting/approvals/" + string(prop.ID)
	w.sees("admin", "waiting?sort=approvals", "support@example.in asks: torn, says 9876501234")
	w.sees("viewer", "waiting?sort=approvals", "support@example.in asks: torn", "!9876501234")
	w.sees("viewer", path, "torn", "!9876501234")
	w.sees("admin", path, "Refund of ₹50.00", string(p), "where it came from", "Decline it", "Debit")
	w.does("admin", path, "do", "decline")
	w.sees("admin", path, "admin@example.in declined it")
	if a := w.ask("admin", "waiting/approvals/bok_00000000000000"); a.Code != 404 {
		t.Errorf("no such booking: %d", a.Code)
	}
}

// A sheet is handed out once, its file holds what a person needs, and a file of
// results is checked before it is recorded.
func TestSheetsAndResults(t *testing.T) {
	w := newWorker(t, desk.Live)
	w.twoAbove(1000_00)
	ids := w.byHand(100_00, 200_00, 3000_00)
	w.denied("support", "waiting/sheets")
	w.denied("support", "waiting/results", "csv", "reference,outcome\n")
	w.hears("finance", "waiting/sheets", 422, []string{"format", "xml"}, "say what should be on it")
	page := w.sees("finance", "waiting/sheets", "3 orders are carried by a person")
	key := w.value(page, "key")
	to := w.does("finance", "waiting/sheets", "format", "list", "key", key)
	if !strings.HasPrefix(to, "waiting/sheets/sht_") {
		t.Fatalf("handing out leads to %s", to)
	}
	if again := w.does("finance", "waiting/sheets", "format", "list", "key", key); again != "waiting?sort=by_hand" {
		t.Errorf("handing out twice leads to %s", again)
	}
	w.sees("finance", to, "3 orders of ₹3,300 .00", "handed it out", "Download the list", string(ids[0]))
	w.sees("viewer", to, "!asha@okbank", "!Download")
	w.denied("viewer", to+"/orders.csv")
	a := w.ask("finance", to+"/orders.csv?format=list")
	rows, err := csv.NewReader(a.Body).ReadAll()
	if err != nil || a.Code != 200 || len(rows) != 4 || rows[0][0] != "reference" || rows[1][4] != "100.00" || rows[1][9] != "asha@okbank" {
		t.Errorf("the file: %d %v, %v", a.Code, rows, err)
	}
	w.sees("finance", to, "took the file")
	if a := w.ask("finance", "waiting/sheets/sht_00000000000000"); a.Code != 404 {
		t.Errorf("no such sheet: %d", a.Code)
	}

	head := "reference,outcome,utr,reason,amount\n"
	for _, x := range []struct{ file, says string }{
		{"", "choose the file first"},
		{"reference,outcom\na,b\n", `nobody knows the column "outcom"`},
	} {
		w.hears("finance", "waiting/results", 422, []string{"csv", x.file}, x.says)
	}
	for _, x := range []struct{ row, says string }{
		{string(ids[1]) + ",gone,,,", "is not done, refused or returned"},
		{string(ids[1]) + ",done,,,200.01", "not 200.01"},
		{"rfnd_00000000000000,done,,,", "no refund, payout or remittance of this book has this reference"},
	} {
		w.hears("finance", "waiting/results", 200, []string{"file", head + string(ids[0]) + ",done,412345678901,,\n" + x.row + "\n"}, "1 of 2 rows are wrong, so nothing was recorded", x.says, "!Record them")
	}
	good := head + string(ids[0]) + ",done,412345678901,,100.00\n" + string(ids[1]) + ",refused,,closed,\n" + string(ids[2]) + ",done,412345678903,,\n"
	w.hears("finance", "waiting/results", 200, []string{"file", good}, "Nothing is recorded yet", "2 rows end an order", "( ₹100 .00 went)", "1 need somebody else", "Record them")
	if o, err := desk.Find[desk.RailOrder](w.ctx, w.Desk, w.Live, ids[0]); err != nil || o.State != "sent" {
		t.Fatalf("checking recorded: %+v, %v", o, err)
	}
	w.hears("finance", "waiting/results", 200, []string{"step", "do", "csv", good}, "2 recorded", "1 wait for somebody else")
	w.hears("finance", "waiting/results", 200, []string{"step", "do", "csv", good}, "0 recorded", "2 were known before")
	w.hears("admin", "waiting/results", 200, []string{"step", "do", "csv", good}, "1 recorded")
	w.sees("admin", to, "Every order on it has its result")
	for i, want := range []string{"done", "failed", "done"} {
		if r, err := desk.Find[desk.Refund](w.ctx, w.Desk, w.Live, ids[i]); err != nil || r.State != want {
			t.Errorf("refund %d is %+v, %v; want it %s", i, r, err, want)
		}
	}
}

// What is unexpected is explained, and closed with a note that the books keep.
func TestExceptionPages(t *testing.T) {
	w := newWorker(t, desk.Test)
	late := w.refund(700_00, rail.ScenarioLate)
	silent := w.refund(900_00, rail.ScenarioSilence)
	w.later(30 * time.Hour)
	of := func(r desk.Refund) string {
		t.Helper()
		all, err := desk.List[desk.Exception](w.ctx, w.Desk, desk.Query{Book: w.Book, Parent: r.ID})
		if err != nil || len(all) != 1 {
			t.Fatalf("exceptions of %s: %+v, %v", r.ID, all, err)
		}
		return "waiting/" + string(all[0].ID)
	}
	path := of(late)
	w.sees("viewer", path, "It went after it had failed", "What to do", "₹700 .00", string(late.ID), "!Close with this note")
	w.denied("support", path, "note", "called the customer")
	w.hears("finance", path, 422, []string{"note", "x"}, "3 to 300 letters")
	w.does("finance", path, "note", "the customer keeps it")
	w.sees("finance", path, "closed it: “the customer keeps it”", "!Close with this note")
	w.sees("finance", of(silent), "Nobody knows whether it moved", "closes by itself once the order has ended", "!Close with this note")
	w.hears("finance", of(silent), 409, []string{"note", "let it be"}, "record what became of the order")
	if a := w.ask("admin", "waiting/exc_00000000000000"); a.Code != 404 {
		t.Errorf("no such exception: %d", a.Code)
	}
	w.mode = desk.Live
	if a := w.ask("admin", path); a.Code != 404 {
		t.Errorf("the other book's exception: %d", a.Code)
	}
}
