package console_test

import (
	"bytes"
	"context"
	"database/sql"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"wapas/console"
	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
)

// A hall is a book whose holders have something, and people who look at it.
type hall struct {
	*dialecttest.House
	t      *testing.T
	ctx    context.Context
	room   http.Handler
	tokens map[desk.Role]string

	customer desk.Customer
	member   desk.ID
	agent    desk.Agent
	linked   desk.ID
	paid     desk.Payment
}

// newHall furnishes a book with a wallet that was loaded and spent from.
func newHall(t *testing.T) *hall {
	t.Helper()
	return furnish(t, dialecttest.Open(t), true)
}

// furnish puts a wallet into a house; audit says that its books must add up when
// the test ends.
func furnish(t *testing.T, house *dialecttest.House, audit bool) *hall {
	t.Helper()
	h := &hall{House: house, t: t, ctx: context.Background(), tokens: map[desk.Role]string{}}
	h.room = http.StripPrefix(console.Base, console.New(h.Desk, console.Config{}))
	t.Cleanup(func() {
		if audit && !t.Failed() {
			h.Audit(t)
		}
	})
	terms := desk.DefaultTerms()
	terms.Programme, terms.TwoPeopleAbove, terms.MonthlySpend = "full_kyc", 500_00, 10_000_00
	h.must(h.Desk.SetTerms(h.ctx, h.Book, terms))
	h.customer, _ = h.Desk.CreateCustomer(h.ctx, h.Book, desk.CustomerRequest{Name: "Asha Rao", Contact: "+919876543210", Email: "asha@example.com"})
	h.paid = h.pay(1000_00)
	_, err := h.Desk.TransferPayment(h.ctx, h.Book, desk.PaymentTransferRequest{Payment: h.paid.ID, To: []desk.TransferTo{{Recipient: h.customer.ID, Amount: 800_00}}})
	h.must(nil, err)
	h.pay(500_00) // so that the merchant has something
	return h
}

// must stops the test where something could not be done.
func (h *hall) must(_ any, err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// pay makes a captured payment by UPI.
func (h *hall) pay(a ledger.Amount) desk.Payment {
	h.t.Helper()
	o, _, err := h.Desk.CreateOrder(h.ctx, h.Book, desk.OrderRequest{Amount: a, Capture: true})
	h.must(o, err)
	p, err := h.Desk.CreatePayment(h.ctx, h.Book, desk.PaymentRequest{Order: o.ID, Amount: a, Method: "upi", VPA: "success@razorpay", Contact: "+919876543210", Email: "asha@example.com"})
	h.must(p, err)
	return p
}

// spend pays from the wallet; held says that it is not captured yet.
func (h *hall) spend(a ledger.Amount, held bool) desk.Payment {
	h.t.Helper()
	o, _, err := h.Desk.CreateOrder(h.ctx, h.Book, desk.OrderRequest{Amount: a, Capture: !held})
	h.must(o, err)
	p, err := h.Desk.PayFromWallet(h.ctx, h.Book, desk.WalletPaymentRequest{Order: o.ID, Customer: h.customer.ID, Amount: a, Description: "Tea"})
	h.must(p, err)
	return p
}

// others furnishes the book with a member, an agent and a linked account.
func (h *hall) others() {
	h.t.Helper()
	x, err := h.Desk.LoadCredit(h.ctx, h.Book, desk.CreditRequest{Partner: "shop-17", Contact: "9123456789", Email: "ravi@example.com", Amount: 300_00, Purpose: desk.CreditGoodwill, Reference: "SORRY-1"})
	h.must(x, err)
	h.member = x.Member
	_, err = h.Desk.SpendCredit(h.ctx, h.Book, desk.SpendRequest{Member: x.Member, Amount: 120_00, Order: "A-1"})
	h.must(nil, err)
	h.agent, err = h.Desk.OpenAgent(h.ctx, h.Book, desk.AgentRequest{Code: "20810200", Initiator: "9962981729", Mobile: "9900112233", Name: "Kirana Store"})
	h.must(nil, err)
	_, err = h.Desk.BuyValue(h.ctx, h.Book, desk.ValueRequest{Agent: h.agent.ID, Amount: 5000_00})
	h.must(nil, err)
	a, err := h.Desk.CreateLinked(h.ctx, h.Book, desk.Linked{Email: "seller@example.com", Type: "route", LegalName: "Saree House", BusinessType: "partnership"})
	h.must(a, err)
	h.linked = a.ID
	p := h.pay(900_00)
	_, err = h.Desk.TransferPayment(h.ctx, h.Book, desk.PaymentTransferRequest{Payment: p.ID, To: []desk.TransferTo{
		{Recipient: a.ID, Amount: 400_00}, {Recipient: a.ID, Amount: 100_00, OnHold: true},
	}})
	h.must(nil, err)
}

// ask asks for a page of the test book as somebody; with a form it sends it.
func (h *hall) ask(role desk.Role, path string, form url.Values) *httptest.ResponseRecorder {
	h.t.Helper()
	if h.tokens[role] == "" {
		p, err := h.Desk.AddPerson(h.ctx, desk.PersonRequest{Merchant: h.Merchant, Email: string(role) + "@example.in", Role: role, Password: "a long password 17"})
		h.must(p, err)
		token, _, err := h.Desk.StartSession(h.ctx, p, "127.0.0.1")
		h.must(token, err)
		h.tokens[role] = token
	}
	method, body := "GET", ""
	if form != nil {
		method, body = "POST", form.Encode()
	}
	r := httptest.NewRequest(method, console.Base+"/test/"+path, strings.NewReader(body))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.AddCookie(&http.Cookie{Name: "wapas_session", Value: h.tokens[role]})
	w := httptest.NewRecorder()
	h.room.ServeHTTP(w, r)
	return w
}

// readOf is a page as a person reads it: without its marks.
func readOf(w *httptest.ResponseRecorder) string {
	_, main, _ := strings.Cut(w.Body.String(), `<main id="main" tabindex="-1">`)
	return strings.Join(strings.Fields(html.UnescapeString(marks.ReplaceAllString(main, " "))), " ")
}

var marks = regexp.MustCompile(`<[^>]*>`)

// shows asks for a page and compares what stands there.
func (h *hall) shows(role desk.Role, path string, want ...string) string {
	h.t.Helper()
	w := h.ask(role, path, nil)
	page := readOf(w)
	if w.Code != http.StatusOK {
		h.t.Fatalf("%s hears %d at %s: %s", role, w.Code, path, page)
	}
	for _, part := range want {
		if !strings.Contains(page, part) {
			h.t.Errorf("%s at %s does not show %q: %s", role, path, part, page)
		}
	}
	return page
}

// wallet is what the customer's wallet holds.
func (h *hall) wallet() desk.WalletBalance {
	h.t.Helper()
	b, err := h.Desk.WalletBalance(h.ctx, h.Book, h.customer.ID)
	h.must(b, err)
	return b
}

// Every page shows what is held to every role, and personal data only to those
// who may see it.
func TestHolders(t *testing.T) {
	h := newHall(t)
	h.others()
	held := h.spend(150_00, true)
	_, err := h.Desk.Settle(h.ctx, h.Book, h.linked)
	h.must(nil, err)
	_, err = h.Desk.Settle(h.ctx, h.Book, "")
	h.must(nil, err)
	all, err := desk.List[desk.Settlement](h.ctx, h.Desk, desk.Query{Book: h.Book, Count: 10})
	h.must(all, err)
	credits, err := desk.List[desk.Credit](h.ctx, h.Desk, desk.Query{Book: h.Book, Count: 10})
	h.must(credits, err)
	remit, err := h.Desk.Remit(h.ctx, h.Book, desk.RemitRequest{Agent: h.agent.ID, Customer: "9812345678", Ref: "R-1", Recipient: "1", RecipientName: "Lila Devi", Account: "11214311215411", IFSC: "HDFC0000053", Bank: "HDFC Bank", Channel: desk.IMPS, Amount: 1000_00})
	h.must(remit, err)
	private := []string{"9876543210", "asha@example.com", "Asha Rao", "9123456789", "ravi@example.com", "9900112233", "Kirana Store", "9812345678", "11214311215411", "Lila Devi", "seller@example.com"}
	for _, page := range []struct {
		path string
		want []string
	}{
		{"customers", []string{string(h.customer.ID), "₹650 .00", "₹150 .00", "active"}},
		{"customers?who=%2B91+98765+43210", []string{string(h.customer.ID)}},
		{"customers?who=ASHA%40example.com", []string{string(h.customer.ID)}},
		{"customers?who=" + string(h.customer.ID), []string{string(h.customer.ID)}},
		{"customers?who=nobody", []string{"No customer is like this"}},
		{"customers?wallet=frozen", []string{"No customer is like this"}},
		{"customers/" + string(h.customer.ID), []string{"May be spent ₹650 .00 65,000 paise", "is held for " + string(held.ID), "Holds what the wallet may hold", "₹800 .00 of ₹20,000 .00", "₹150 .00 of ₹10,000 .00 ₹9,850 .00 left", "starts anew on 1 Jan 2026", "Programme: full kyc", "Load", "Payment"}},
		{"customers/" + string(h.customer.ID) + "/statement", []string{"Tea", "₹650 .00"}},
		{"members", []string{"shop-17", "₹180 .00"}},
		{"members?who=9123456789", []string{"shop-17"}},
		{"members/" + string(h.member), []string{"Holds ₹180 .00", "never", "SORRY-1", "Credit spent", "Credit loaded"}},
		{"credits/" + string(credits[0].ID), []string{"Spent", "Taken from", string(credits[1].ID), "Store credit"}},
		{"credits/" + string(credits[1].ID), []string{"Goodwill", "₹180 .00 of it is left", "SORRY-1"}},
		{"agents", []string{"20810200", "₹4,000 .00"}},
		{"agents?who=20810200", []string{string(h.agent.ID)}},
		{"agents?who=none", []string{"No agent is called so"}},
		{"agents/" + string(h.agent.ID), []string{"E-value ₹4,000 .00", "Under way ₹1,000 .00", "Remittance sent"}},
		{"remittances/" + string(remit.ID), []string{"Amount ₹1,000 .00", "HDFC Bank", "Remittances under way"}},
		{"accounts", []string{"Saree House", "₹100 .00"}},
		{"accounts?who=SELLER%40example.com", []string{"Saree House"}},
		{"accounts/" + string(h.linked), []string{"Saree House", "On hold", "₹400 .00", "created"}},
		{"accounts/" + string(h.linked) + "?account=held", []string{"Transferred"}},
		{"settlements", []string{string(all[0].ID), string(all[1].ID), "the merchant"}},
		{"settlements/" + string(all[1].ID), []string{"What it covers", string(h.linked), "₹400 .00"}},
		{"settlements/" + string(all[0].ID), []string{"What it covers", "Captured"}},
	} {
		for _, role := range desk.Roles {
			got := h.shows(role, page.path, page.want...)
			for _, secret := range private {
				if role == desk.Viewer && strings.Contains(got, secret) {
					t.Errorf("a viewer at %s sees %q", page.path, secret)
				}
			}
		}
	}
	h.shows(desk.Support, "customers/"+string(h.customer.ID), "Asha Rao", "+919876543210", "asha@example.com", "Freeze the wallet")
	if got := h.shows(desk.Viewer, "customers/"+string(h.customer.ID), "••••••3210", "a•••@example.com"); strings.Contains(got, "Freeze") || strings.Contains(got, "Credit or debit") {
		t.Errorf("a viewer is offered what it may not do: %s", got)
	}
}

// What is another merchant's, or not there, is not there.
func TestHoldersOfOthers(t *testing.T) {
	h := newHall(t)
	h.others()
	m, _, _, err := h.Desk.CreateMerchant(h.ctx, desk.MerchantRequest{Name: "Another"})
	h.must(m, err)
	h.Merchant = m.ID // whoever comes now looks after the other's books
	for _, path := range []string{
		"customers/" + string(h.customer.ID), "customers/" + string(h.customer.ID) + "/statement", "customers/" + string(h.customer.ID) + "/statement/csv",
		"customers/" + string(h.customer.ID) + "/adjust", "members/" + string(h.member), "agents/" + string(h.agent.ID), "accounts/" + string(h.linked),
		"credits/ientxn_00000000000000", "remittances/rmt_00000000000000", "settlements/setl_00000000000000",
	} {
		if w := h.ask(desk.Admin, path, nil); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "There is nothing here") {
			t.Errorf("%s answers %d: %s", path, w.Code, readOf(w))
		}
	}
	for _, path := range []string{"customers/" + string(h.customer.ID) + "/freeze", "members/" + string(h.member) + "/freeze", "agents/" + string(h.agent.ID) + "/work"} {
		if w := h.ask(desk.Admin, path, url.Values{"reason": {"mine"}, "do": {"freeze"}}); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, w.Code)
		}
	}
	if got := readOf(h.ask(desk.Admin, "customers?who="+string(h.customer.ID), nil)); strings.Contains(got, "9876543210") {
		t.Errorf("another's customer is found: %s", got)
	}
}

// A wallet is frozen with a reason, and thawed; so is what a member holds.
func TestFreezeByHand(t *testing.T) {
	h := newHall(t)
	h.others()
	for _, tt := range []struct{ page, name string }{
		{"customers/" + string(h.customer.ID), "Freeze the wallet"}, {"members/" + string(h.member), "Freeze the credit"},
	} {
		freeze := tt.page + "/freeze"
		if w := h.ask(desk.Viewer, freeze, url.Values{"do": {"freeze"}, "reason": {"x"}}); w.Code != http.StatusForbidden {
			t.Errorf("a viewer hears %d", w.Code)
		}
		if w := h.ask(desk.Support, freeze, url.Values{"do": {"freeze"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(readOf(w), "say why") {
			t.Errorf("without a reason: %d %s", w.Code, readOf(w))
		}
		if w := h.ask(desk.Support, freeze, url.Values{"do": {"freeze"}, "reason": {"phone stolen"}}); w.Code != http.StatusSeeOther {
			t.Fatalf("freeze: %d %s", w.Code, readOf(w))
		}
		h.shows(desk.Viewer, tt.page, "Frozen since", "Why: phone stolen")
		list, _, _ := strings.Cut(tt.page, "/")
		h.shows(desk.Viewer, list+"?wallet=frozen&credit=frozen", strings.TrimPrefix(tt.page, list+"/"), "frozen")
		if w := h.ask(desk.Support, freeze, url.Values{"do": {"thaw"}}); w.Code != http.StatusSeeOther {
			t.Fatalf("thaw: %d %s", w.Code, readOf(w))
		}
		h.shows(desk.Support, tt.page, tt.name)
	}
	acts, err := h.Desk.Acts(h.ctx, desk.Query{Book: h.Book, Count: 10})
	h.must(acts, err)
	if len(acts) != 4 || acts[3].What != "console.customers.freeze" || acts[3].Of != h.customer.ID || acts[3].Name == "" {
		t.Errorf("acts: %+v", acts)
	}
	if w := h.ask(desk.Support, "agents/"+string(h.agent.ID)+"/work", url.Values{"do": {"stop"}}); w.Code != http.StatusSeeOther {
		t.Errorf("stop an agent: %d", w.Code)
	}
	h.shows(desk.Viewer, "agents/"+string(h.agent.ID), "disabled")
}

var keyField = regexp.MustCompile(`name="key" value="([^"]+)"`)

// A credit by hand is shown before it is done, and done once.
func TestAdjustByHand(t *testing.T) {
	h := newHall(t)
	path := "customers/" + string(h.customer.ID) + "/adjust"
	for _, role := range []desk.Role{desk.Viewer, desk.Support} {
		if w := h.ask(role, path, nil); w.Code != http.StatusForbidden {
			t.Errorf("%s hears %d", role, w.Code)
		}
	}
	empty := h.ask(desk.Finance, path, nil)
	key := keyField.FindStringSubmatch(empty.Body.String())
	if empty.Code != http.StatusOK || key == nil {
		t.Fatalf("the form: %d %s", empty.Code, readOf(empty))
	}
	form := url.Values{"key": {key[1]}, "way": {"credit"}, "of": {"cash"}, "against": {ledger.Available}, "amount": {"1,23.50"}, "note": {"paid twice"}, "step": {"preview"}}

	for _, bad := range []struct{ field, value, want string }{
		{"amount", "a lot", "write rupees"}, {"way", "sideways", "credit or a debit"}, {"of", "gold", "cash or cashback"}, {"against", "9999", "comes from"}, {"note", "", "who says so"},
	} {
		wrong := url.Values{}
		for k, v := range form {
			wrong[k] = v
		}
		wrong.Set(bad.field, bad.value)
		w := h.ask(desk.Finance, path, wrong)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(readOf(w), bad.want) {
			t.Errorf("%s %q: %d %s", bad.field, bad.value, w.Code, readOf(w))
		}
		if bad.field != "note" && !strings.Contains(w.Body.String(), `value="paid twice"`) {
			t.Errorf("%s: what was typed is gone", bad.field)
		}
	}

	seen := h.ask(desk.Finance, path, form)
	for _, want := range []string{"Put ₹123 .50 12,350 paise into the wallet", "Merchant's balance 2010", "Wallet, cash 2100", "₹923 .50", "Credit it"} {
		if !strings.Contains(readOf(seen), want) {
			t.Errorf("the preview does not show %q: %s", want, readOf(seen))
		}
	}
	if b := h.wallet(); b.Cash != 800_00 {
		t.Errorf("after the preview: %+v", b.Money)
	}
	form.Set("step", "do")
	for range 2 {
		if w := h.ask(desk.Finance, path, form); w.Code != http.StatusSeeOther {
			t.Fatalf("done: %d %s", w.Code, readOf(w))
		}
	}
	if b := h.wallet(); b.Cash != 923_50 {
		t.Errorf("done twice, it holds %+v", b.Money)
	}
	h.shows(desk.Viewer, "customers/"+string(h.customer.ID), "Credited by hand", "paid twice")

	// A debit of more than there is.
	short := url.Values{"key": {"0123456789abcdefghij"}, "way": {"debit"}, "of": {"cashback"}, "against": {ledger.WriteOff}, "amount": {"1"}, "note": {"wrong"}, "step": {"preview"}}
	if w := h.ask(desk.Finance, path, short); w.Code != http.StatusUnprocessableEntity || !strings.Contains(readOf(w), "not enough money") {
		t.Errorf("too much: %d %s", w.Code, readOf(w))
	}
}

// Above the terms' limit it waits for somebody else.
func TestAdjustByTwo(t *testing.T) {
	h := newHall(t)
	path := "customers/" + string(h.customer.ID) + "/adjust"
	form := url.Values{"key": {"0123456789abcdefghij"}, "way": {"debit"}, "of": {"cash"}, "against": {ledger.Available}, "amount": {"500.01"}, "note": {"loaded in error"}, "step": {"preview"}}
	w := h.ask(desk.Finance, path, form)
	for _, want := range []string{"it takes two people", "₹299 .99", "Ask for it"} {
		if !strings.Contains(readOf(w), want) {
			t.Errorf("the preview does not show %q: %s", want, readOf(w))
		}
	}
	form.Set("step", "do")
	if w := h.ask(desk.Finance, path, form); w.Code != http.StatusSeeOther {
		t.Fatalf("asked: %d %s", w.Code, readOf(w))
	}
	h.shows(desk.Viewer, "customers/"+string(h.customer.ID), "₹500 .01 waits for a second person", "finance@example.in", "loaded in error")
	if b := h.wallet(); b.Cash != 800_00 {
		t.Errorf("it holds %+v", b.Money)
	}
	asked, err := desk.List[desk.Booking](h.ctx, h.Desk, desk.Query{Book: h.Book, Where: map[string]string{"state": desk.BookingAsked}, Count: 2})
	h.must(asked, err)
	h.must(h.Desk.Agree(h.ctx, h.Book, desk.Agreement{Booking: asked[0].ID, By: "admin@example.in"}))
	if got := h.shows(desk.Viewer, "customers/"+string(h.customer.ID), "Debited by hand"); strings.Contains(got, "waits for a second person") {
		t.Errorf("it still waits: %s", got)
	}
}

// A statement is read by pages and by days, and handed out as a file to those
// who may.
func TestStatementPage(t *testing.T) {
	h := newHall(t)
	for range 120 {
		h.spend(1_00, false)
	}
	h.Advance(t, 48*time.Hour)
	h.spend(2_00, false)
	path := "customers/" + string(h.customer.ID) + "/statement"
	first := h.shows(desk.Finance, path, "₹678 .00", "Older")
	if n := strings.Count(first, "Payment pay_"); n != 50 {
		t.Errorf("the first page has %d lines", n)
	}
	last := h.shows(desk.Finance, path+"?after=22", "Newest", "Load", "₹800 .00")
	if strings.Contains(last, "Older") {
		t.Error("the last page leads on")
	}
	for _, tt := range []struct {
		days string
		want int
	}{
		{"?from=2025-12-31", 1}, {"?to=2025-12-28", 0}, {"?from=2025-12-30&to=2025-12-30", 0}, {"?to=2025-12-30", 50},
		{"?to=2025-12-29&after=23", 21}, {"?from=2026-01-01", 0}, {"?from=nonsense&after=x", 50},
	} {
		if got := strings.Count(h.shows(desk.Finance, path+tt.days), "Payment pay_"); got != tt.want {
			t.Errorf("%s shows %d payments, want %d", tt.days, got, tt.want)
		}
	}
	if w := h.ask(desk.Support, path+"/csv", nil); w.Code != http.StatusForbidden {
		t.Errorf("support hears %d", w.Code)
	}
	csv := h.ask(desk.Finance, path+"/csv?from=2025-12-31", nil)
	if lines := strings.Count(csv.Body.String(), "\n"); csv.Code != http.StatusOK || lines != 2 || !strings.HasPrefix(csv.Header().Get("Content-Type"), "text/csv") || !strings.Contains(csv.Header().Get("Content-Disposition"), string(h.customer.ID)) {
		t.Errorf("CSV: %d %v %s", csv.Code, csv.Header(), csv.Body)
	}
	pdf := h.ask(desk.Finance, path+"/pdf", nil)
	if pdf.Code != http.StatusOK || !bytes.HasPrefix(pdf.Body.Bytes(), []byte("%PDF-")) || pdf.Header().Get("Content-Type") != "application/pdf" {
		t.Errorf("PDF: %d %v", pdf.Code, pdf.Header())
	}
	if w := h.ask(desk.Finance, path+"/exe", nil); w.Code != http.StatusNotFound {
		t.Errorf("another format: %d", w.Code)
	}
}

// A page deep in a statement of a million lines costs what the first one does,
// by position and by day.
func TestLongStatement(t *testing.T) {
	if os.Getenv(largeEnv) == "" {
		t.Skip(largeEnv + " is not set")
	}
	address := dialecttest.NewSQLite(t)
	h := furnish(t, dialecttest.OpenOn(t, address), false)
	db, err := sql.Open("sqlite", strings.TrimPrefix(address, "sqlite:")+"?_pragma=busy_timeout(10000)&_pragma=synchronous(OFF)")
	h.must(db, err)
	defer db.Close()
	const lines = 1_000_000
	_, err = db.Exec(`WITH RECURSIVE i(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM i WHERE n < ?)
		INSERT INTO wallet_lines (book, wallet, n, id, entry, source, type, credit, debit, balance, description, created_at)
		SELECT ?, ?, n, 'ctxn_' || printf('%014d', n), n, 'pay_' || printf('%014d', n), 'transfer', 0, 100, 1000000, 'Tea', ? + n * 30000000 FROM i`,
		lines, int64(h.Book), string(h.customer.ID), int64(dialecttest.Start)*1_000_000)
	h.must(nil, err)
	_, err = db.Exec("UPDATE wallets SET lines = ? WHERE book = ? AND id = ?", lines, int64(h.Book), string(h.customer.ID))
	h.must(nil, err)
	path := "customers/" + string(h.customer.ID)
	for _, at := range []string{"", "/statement", "/statement?after=500000", "/statement?after=60", "/statement?from=2026-05-01&to=2026-05-01", "/statement?to=2025-12-30"} {
		best := time.Hour
		for range 6 {
			began := time.Now()
			h.shows(desk.Finance, path+at, "Tea")
			best = min(best, time.Since(began))
		}
		t.Logf("%-45s %6.1f ms", at, float64(best.Microseconds())/1000)
		if best > 300*time.Millisecond {
			t.Errorf("%s takes %s", at, best)
		}
	}
}
