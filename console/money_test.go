package console_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
	"wapas/rail"
)

// A till is a house with a payment of 500 rupees by card, and people who look.
type till struct {
	*dialecttest.House
	t    *testing.T
	ctx  context.Context
	paid desk.Payment
}

func newTill(t *testing.T) *till {
	t.Helper()
	h := &till{House: dialecttest.Open(t), t: t, ctx: context.Background()}
	t.Cleanup(func() {
		if !t.Failed() {
			h.Audit(t)
		}
	})
	h.paid = h.pay(h.Book, 500_00)
	return h
}

func (h *till) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *till) pay(book desk.BookID, a ledger.Amount) desk.Payment {
	h.t.Helper()
	o, _, err := h.Desk.CreateOrder(h.ctx, book, desk.OrderRequest{Amount: a, Capture: true, Receipt: "INV-7"})
	h.must(err)
	p, err := h.Desk.CreatePayment(h.ctx, book, desk.PaymentRequest{
		Order: o.ID, Amount: a, Method: "card", Email: "asha@example.com", Contact: "+919876543210", Card: desk.Card{Name: "Asha", Last4: "1111", Network: "Visa", Type: "credit"},
	})
	h.must(err)
	return p
}

func (h *till) refund(a ledger.Amount, outcome string) desk.Refund {
	h.t.Helper()
	r, err := h.Desk.Refund(h.ctx, h.Book, desk.RefundRequest{Payment: h.paid.ID, Amount: a, Outcome: outcome})
	h.must(err)
	h.Advance(h.t, 10*time.Second)
	r, err = desk.Find[desk.Refund](h.ctx, h.Desk, h.Book, r.ID)
	h.must(err)
	return r
}

func (h *till) refunds() []desk.Refund {
	h.t.Helper()
	all, err := desk.List[desk.Refund](h.ctx, h.Desk, desk.Query{Book: h.Book, Count: 50})
	h.must(err)
	return all
}

// split passes 300 rupees of the payment on, and pulls 100 back.
func (h *till) split() (desk.Transfer, desk.Reversal) {
	h.t.Helper()
	a, err := h.Desk.CreateLinked(h.ctx, h.Book, desk.Linked{Email: "seller@example.com", Type: "route", LegalName: "Saree House", BusinessType: "partnership"})
	h.must(err)
	all, err := h.Desk.TransferPayment(h.ctx, h.Book, desk.PaymentTransferRequest{Payment: h.paid.ID, To: []desk.TransferTo{{Recipient: a.ID, Amount: 300_00}}})
	h.must(err)
	r, err := h.Desk.Reverse(h.ctx, h.Book, desk.ReversalRequest{Transfer: all[0].ID, Amount: 100_00})
	h.must(err)
	return all[0], r
}

// payout pays 100 rupees out of a wallet.
func (h *till) payout(outcome string) desk.Payout {
	h.t.Helper()
	terms := desk.DefaultTerms()
	terms.AllowPayout = true
	_, err := h.Desk.SetTerms(h.ctx, h.Book, terms)
	h.must(err)
	c, err := h.Desk.CreateCustomer(h.ctx, h.Book, desk.CustomerRequest{Name: "Ravi", Contact: "+919876500001"})
	h.must(err)
	_, err = h.Desk.TransferPayment(h.ctx, h.Book, desk.PaymentTransferRequest{Payment: h.pay(h.Book, 400_00).ID, To: []desk.TransferTo{{Recipient: c.ID, Amount: 300_00}}})
	h.must(err)
	f, err := h.Desk.CreateFundAccount(h.ctx, h.Book, desk.FundAccountRequest{Customer: c.ID, Type: "bank_account", Name: "Ravi", IFSC: "HDFC0000001", Number: "50100012345678"})
	h.must(err)
	p, err := h.Desk.CreatePayout(h.ctx, h.Book, desk.PayoutRequest{Customer: c.ID, FundAccount: f.ID, Amount: 100_00, Purpose: "refund", Outcome: outcome})
	h.must(err)
	h.Advance(h.t, 10*time.Second)
	return p
}

// Each page is there for whoever may see it, with what it is about; personal
// data is masked where the role does not see it.
func TestMoneyPages(t *testing.T) {
	h := newTill(t)
	moved, back := h.split()
	out := h.payout("")
	r := h.refund(120_00, "")
	pages := []struct {
		path string
		has  []string
	}{
		{"refunds", []string{string(r.ID), "Visa card ending 1111", "Oldest pending"}},
		{"refunds?state=done&from=2025-12-29&to=2025-12-29", []string{string(r.ID)}},
		{"refunds?state=pending&order=oldest", []string{"No refund is like this"}},
		{"refunds?from=2026-01-01", []string{"No refund is like this"}},
		{"refunds/" + string(r.ID), []string{"₹120.00", "Processed", "ARN", "Done ₹120.00", "Left ₹380.00", "Refund accepted", "refund.processed"}},
		{"payments", []string{string(h.paid.ID), "₹120.00"}},
		{"payments?state=captured", []string{string(h.paid.ID)}},
		{"payments/" + string(h.paid.ID), []string{"Where the money went", "Saree House", "Back the way it came", "Left ₹380.00", string(moved.ID), string(r.ID)}},
		{"orders", []string{"INV-7"}},
		{"orders/" + string(h.paid.Order), []string{string(h.paid.ID), string(r.ID), "₹120.00 given back"}},
		{"transfers", []string{string(moved.ID)}},
		{"transfers?recipient=" + string(moved.Recipient), []string{string(moved.ID)}},
		{"transfers/" + string(moved.ID), []string{"Saree House", "₹100.00 of it were pulled back", string(back.ID)}},
		{"reversals", []string{string(back.ID), string(moved.ID)}},
		{"reversals/" + string(back.ID), []string{string(moved.ID), "₹100.00"}},
		{"payouts", []string{string(out.ID)}},
		{"payouts?state=processed", []string{string(out.ID)}},
		{"payouts/" + string(out.ID), []string{"Arrived", "UTR", "5678"}},
	}
	for _, role := range desk.Roles {
		i := signIn(t, h.House, role)
		for _, p := range pages {
			page := i.get("/test/" + p.path)
			for _, want := range p.has {
				if !strings.Contains(sight(page), want) && !strings.Contains(page, want) {
					t.Errorf("%s as %s does not say %q:\n%s", p.path, role, want, sight(page))
				}
			}
			if strings.Contains(page, "style=") || strings.Contains(page, "<script>") {
				t.Errorf("%s has a style or a script of its own", p.path)
			}
			if role == desk.Viewer {
				hasNot(t, page, "9876543210", "asha@example.com", "50100012345678", "Ravi")
			}
		}
	}
	live := signIn(t, h.House, desk.Admin)
	for _, path := range []string{"refunds", "payments", "orders", "transfers", "reversals", "payouts", "refunds/new"} {
		live.get("/live/" + path)
	}
}

// sight is a page as it is read: amounts in one piece.
func sight(page string) string { return strings.ReplaceAll(text(page), " .", ".") }

// What belongs to another merchant, or to the other book, is not there.
func TestMoneyOfOthers(t *testing.T) {
	h := newTill(t)
	moved, back := h.split()
	out := h.payout("")
	r := h.refund(120_00, rail.ScenarioPending)
	prop, err := h.Desk.ProposeRefund(h.ctx, h.Book, desk.Once{}, desk.ProposalRequest{ManualRefund: desk.ManualRefund{Payment: h.paid.ID, Amount: 10_00, To: desk.ToSource}, By: "Asha", Note: "broken"})
	h.must(err)
	other, _, _, err := h.Desk.CreateMerchant(h.ctx, desk.MerchantRequest{Name: "Other"})
	h.must(err)
	own, mine := signIn(t, h.House, desk.Admin), h.Merchant
	h.Merchant = other.ID
	stranger := signIn(t, h.House, desk.Admin)
	h.Merchant = mine
	for _, path := range []string{
		"refunds/" + string(r.ID), "payments/" + string(h.paid.ID), "orders/" + string(h.paid.Order), "transfers/" + string(moved.ID), "reversals/" + string(back.ID),
		"payouts/" + string(out.ID), "refunds/new?payment=" + string(h.paid.ID), "refunds/new?again=" + string(r.ID), "waiting/approvals/" + string(prop.ID),
	} {
		own.get("/test/" + path)
		for who, w := range map[string]int{"a stranger": stranger.ask("GET", "/test/"+path, nil).Code, "the live book": own.ask("GET", "/live/"+path, nil).Code} {
			if w != http.StatusNotFound {
				t.Errorf("%s sees %s: %d", who, path, w)
			}
		}
	}
	for _, path := range []string{"refunds/" + string(r.ID) + "/ask", "payouts/" + string(out.ID) + "/ask"} {
		if w := stranger.ask("POST", "/test/"+path, form()); w.Code != http.StatusNotFound {
			t.Errorf("a stranger posts to %s: %d", path, w.Code)
		}
	}
	has(t, stranger.get("/test/find?q="+string(r.ID)), "Nothing was found")
	has(t, stranger.get("/test/find?q=9876543210"), "Nothing was found")
}

// What a customer reads out is found: an id leads to its page.
func TestFind(t *testing.T) {
	h := newTill(t)
	r := h.refund(120_00, "")
	out := h.payout("")
	out, err := desk.Find[desk.Payout](h.ctx, h.Desk, h.Book, out.ID)
	h.must(err)
	i := signIn(t, h.House, desk.Support)
	for id, to := range map[desk.ID]string{r.ID: "refunds/", h.paid.ID: "payments/", h.paid.Order: "orders/", out.ID: "payouts/"} {
		w := i.ask("GET", "/test/find?q="+string(id), nil)
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "/console/test/"+to+string(id) {
			t.Errorf("%s leads to %d %q", id, w.Code, got)
		}
	}
	for q, want := range map[string][]desk.ID{
		"98765 43210": {r.ID, h.paid.ID}, "+91-98765-43210": {r.ID, h.paid.ID}, "ASHA@example.com": {r.ID, h.paid.ID}, "INV-7": {h.paid.Order, h.paid.ID, r.ID},
		r.Reference: {r.ID}, h.paid.Reference: {h.paid.ID, r.ID}, out.UTR: {out.ID}, "9876500001": {out.Customer},
	} {
		if q == "" {
			continue
		}
		page := i.get("/test/find?q=" + url.QueryEscape(q))
		for _, id := range want {
			has(t, page, string(id))
		}
	}
	has(t, i.get("/test/find?q=nonsense"), "Nothing was found", "A phone number")
	has(t, i.get("/test/find"), "What can be searched for")
	hasNot(t, signIn(t, h.House, desk.Viewer).get("/test/find?q=98765+43210"), "+919876543210", "asha@example.com")
}

var formKey = regexp.MustCompile(`name="key" value="([^"]+)"`)

// A refund is found, written down, looked at and made; the same form sent twice
// makes it once, and what is refused keeps what was typed.
func TestMakeRefund(t *testing.T) {
	h := newTill(t)
	i := signIn(t, h.House, desk.Support)
	has(t, sight(i.get("/test/refunds/new?q=9876543210")), string(h.paid.ID), "₹500.00")
	page := i.get("/test/refunds/new?payment=" + string(h.paid.ID))
	has(t, page, `value="500.00"`, "At most ₹500.00", "In this test book it ends")
	key := formKey.FindStringSubmatch(page)[1]
	f := form("payment", string(h.paid.ID), "key", key, "amount", "1,20.50", "to", "source", "reason", "arrived <broken>", "reference", "RET-1")

	before, err := h.Desk.Store.Book(h.ctx, h.Book)
	h.must(err)
	seen := i.ask("POST", "/test/refunds/new", with(f, "step", "preview"))
	if seen.Code != http.StatusOK {
		t.Fatalf("the preview: %d\n%s", seen.Code, sight(seen.Body.String()))
	}
	has(t, sight(seen.Body.String()), "Give back ₹120.50?", "Nothing has moved yet", "Refund accepted", "Merchant's balance", "₹379.50", "arrived <broken>")
	if after, err := h.Desk.Store.Book(h.ctx, h.Book); err != nil || after != before {
		t.Errorf("the preview left %+v (%v), want %+v", after, err, before)
	}
	edit := i.ask("POST", "/test/refunds/new", with(f, "step", "edit"))
	has(t, edit.Body.String(), `value="1,20.50"`, "arrived &lt;broken&gt;", `value="RET-1"`)

	page = i.send("/test/refunds/new", with(f, "step", "do"))
	has(t, page, "on their way back", "Asked for through Console")
	i.send("/test/refunds/new", with(f, "step", "do"))
	all := h.refunds()
	if len(all) != 1 || all[0].Amount != 120_50 || all[0].Room != desk.ManualRoom || all[0].Receipt != "RET-1" || !strings.Contains(string(all[0].Notes), "arrived") {
		t.Fatalf("sent twice there are %+v", all)
	}
	i.refused("/test/refunds/new", with(with(f, "step", "do"), "amount", "99"), http.StatusConflict)

	for _, tt := range []struct {
		name, value, says string
	}{
		{"amount", "380.00", "38000 paise asked, 37950 left"}, {"amount", "a lot", "write rupees"}, {"amount", "0", ""}, {"reason", "", "say why"},
		{"to", "wallet", "goes back to its source"}, {"reference", "RET-1", ""},
	} {
		bad := with(with(with(f, "step", "preview"), "key", "another-key"), "reference", "RET-2")
		w := i.ask("POST", "/test/refunds/new", with(bad, tt.name, tt.value))
		if w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusConflict {
			t.Errorf("%s %q: %d", tt.name, tt.value, w.Code)
		}
		has(t, w.Body.String(), tt.says)
		if tt.name != "to" {
			has(t, w.Body.String(), `value="`+tt.value+`"`)
		}
	}
	for _, path := range []string{"/test/refunds/new", "/test/refunds/new?payment=" + string(h.paid.ID)} {
		if w := signIn(t, h.House, desk.Viewer).ask("GET", path, nil); w.Code != http.StatusForbidden {
			t.Errorf("a viewer opens %s: %d", path, w.Code)
		}
	}
	signIn(t, h.House, desk.Viewer).refused("/test/refunds/new", with(f, "step", "do"), http.StatusForbidden)
	acts, err := h.Desk.Acts(h.ctx, desk.Query{Book: h.Book, Parent: all[0].ID, Count: 9})
	h.must(err)
	if len(acts) != 1 || acts[0].By != string(i.person.ID) || acts[0].What != "console.refunds.new" {
		t.Errorf("written down for it: %+v", acts)
	}
}

// with is a form with one more value.
func with(f url.Values, name, value string) url.Values {
	out := url.Values{}
	for k, v := range f {
		out[k] = v
	}
	out.Set(name, value)
	return out
}

// Store credit is given instead only if the customer agreed.
func TestRefundAsCredit(t *testing.T) {
	h := newTill(t)
	i := signIn(t, h.House, desk.Finance)
	has(t, i.get("/test/refunds/new?payment="+string(h.paid.ID)), "Store credit does not count against payments here")
	p := desk.DefaultProgramme()
	p.CountsOrders = true
	_, err := h.Desk.SetProgramme(h.ctx, h.Book, p)
	h.must(err)
	f := form("payment", string(h.paid.ID), "key", "k1", "amount", "50", "to", "credit", "reason", "wants to choose again", "partner", "9876543210", "contact", "+91 98765 43210", "step", "do")
	has(t, i.refused("/test/refunds/new", f, http.StatusUnprocessableEntity), "only if the customer agrees")
	has(t, i.send("/test/refunds/new", with(f, "consent", "yes")), "₹50.00 were given back.", "Store credit")
	if all := h.refunds(); len(all) != 1 || all[0].To != "credit" || all[0].Payment != h.paid.ID || !strings.Contains(string(all[0].Notes), "agreed") {
		t.Errorf("there are %+v", all)
	}
}

// Small refunds of one payment add up: together they do not go beyond what one
// person may do alone.
func TestRefundByTwoInParts(t *testing.T) {
	h := newTill(t)
	terms := desk.DefaultTerms()
	terms.TwoPeopleAbove = 100_00
	_, err := h.Desk.SetTerms(h.ctx, h.Book, terms)
	h.must(err)
	i := signIn(t, h.House, desk.Support)
	f := form("payment", string(h.paid.ID), "amount", "60", "to", "source", "reason", "cancelled", "step", "do")
	i.send("/test/refunds/new", with(f, "key", "k1"))
	has(t, i.get("/test/refunds/new?payment="+string(h.paid.ID)), "Above ₹40.00 somebody else must agree")
	has(t, i.send("/test/refunds/new", with(f, "key", "k2")), "Nothing moves until somebody else agrees")
	i.send("/test/refunds/new", with(with(f, "key", "k3"), "amount", "40"))
	if all := h.refunds(); len(all) != 2 {
		t.Errorf("there are %+v", all)
	}
}

// A support agent's refund above what one person may do waits for another.
func TestRefundByTwo(t *testing.T) {
	h := newTill(t)
	terms := desk.DefaultTerms()
	terms.TwoPeopleAbove = 100_00
	_, err := h.Desk.SetTerms(h.ctx, h.Book, terms)
	h.must(err)
	i := signIn(t, h.House, desk.Support)
	f := form("payment", string(h.paid.ID), "key", "k1", "amount", "200", "to", "source", "reason", "cancelled")
	has(t, i.get("/test/refunds/new?payment="+string(h.paid.ID)), "Above ₹100.00 somebody else must agree")
	has(t, sight(i.ask("POST", "/test/refunds/new", with(f, "step", "preview")).Body.String()), "more than you may give back alone", "Ask for it")
	has(t, i.send("/test/refunds/new", with(f, "step", "do")), "Nothing moves until somebody else agrees")
	i.send("/test/refunds/new", with(f, "step", "do"))
	if all := h.refunds(); len(all) != 0 {
		t.Fatalf("before anybody agreed there are %+v", all)
	}
	props, err := desk.List[desk.Proposal](h.ctx, h.Desk, desk.Query{Book: h.Book, Count: 9})
	h.must(err)
	if len(props) != 1 || props[0].Amount != 200_00 || props[0].State != desk.ProposalAsked {
		t.Fatalf("asked for is %+v", props)
	}
	path := "/test/waiting/approvals/" + string(props[0].ID)
	i.refused(path, form("do", "agree"), http.StatusForbidden)
	signIn(t, h.House, desk.Finance).send(path, form("do", "agree"))
	if all := h.refunds(); len(all) != 1 || all[0].Amount != 200_00 {
		t.Errorf("after it there are %+v", all)
	}
	small := with(with(f, "amount", "100"), "key", "k2")
	i.send("/test/refunds/new", with(small, "step", "do"))
	finance := with(with(f, "amount", "150"), "key", "k3")
	signIn(t, h.House, desk.Finance).send("/test/refunds/new", with(finance, "step", "do"))
	if all := h.refunds(); len(all) != 3 {
		t.Errorf("alone, and by finance: %+v", all)
	}
}

// What failed is tried again from its page, once.
func TestTryAgain(t *testing.T) {
	h := newTill(t)
	r := h.refund(200_00, rail.ScenarioRefused)
	i := signIn(t, h.House, desk.Support)
	page := i.get("/test/refunds/" + string(r.ID))
	has(t, page, "Try again", "refunds/new?again="+string(r.ID), "Failed")
	has(t, i.get("/test/refunds/new?again="+string(r.ID)), "is tried again", "₹200")
	f := form("again", string(r.ID), "payment", string(h.paid.ID), "key", "k1", "to", "source", "reason", "the account is open again", "step", "do")
	i.send("/test/refunds/new", f)
	i.refused("/test/refunds/new", with(f, "key", "k2"), http.StatusConflict)
	all := h.refunds()
	if len(all) != 2 || all[0].Again != r.ID || all[0].Amount != 200_00 {
		t.Fatalf("there are %+v", all)
	}
	page = i.get("/test/refunds/" + string(r.ID))
	has(t, page, "It is tried again by", string(all[0].ID))
	hasNot(t, page, "refunds/new?again=")
	has(t, i.get("/test/refunds/"+string(all[0].ID)), "after "+string(r.ID)+" failed")
}

// A rail is asked at once by whoever makes refunds; others look.
func TestAskNow(t *testing.T) {
	h := newTill(t)
	r := h.refund(120_00, rail.ScenarioTimeout)
	path := "/test/refunds/" + string(r.ID)
	viewer, support := signIn(t, h.House, desk.Viewer), signIn(t, h.House, desk.Support)
	hasNot(t, viewer.get(path), "Ask the rail now</button>")
	viewer.refused(path+"/ask", form(), http.StatusForbidden)
	has(t, support.get(path), "Ask the rail now", "nobody knows whether it moved")
	hasNot(t, support.get(path), "Record what became of it")
	has(t, signIn(t, h.House, desk.Finance).get(path), "Record what became of it")
	has(t, support.send(path+"/ask", form()), "the money went", "Processed")
	out := h.payout(rail.ScenarioPending)
	has(t, support.get("/test/payouts/"+string(out.ID)), "Ask the rail now", "Not there yet")
	has(t, support.send("/test/payouts/"+string(out.ID)+"/ask", form()), "The rail was asked")
}
