package native

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// What the files say is what the books hold.
func TestExports(t *testing.T) {
	h, c := openCaller(t)
	c.ask("POST", "/sandbox/triggers/refund.created", `{"amount":50000}`, nil)
	c.ask("POST", "/sandbox/triggers/wallet.debited", `{}`, nil)
	get := func(path, media string) string {
		t.Helper()
		w := c.ask("GET", path, "", nil)
		if w.Code != 200 || w.Header().Get("Content-Type") != media || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment; filename=") || w.Header().Get("ETag") != "" {
			t.Fatalf("%s: %d %v %s", path, w.Code, w.Header(), w.Body)
		}
		return w.Body.String()
	}
	rows := func(text string) [][]string {
		t.Helper()
		all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(all) < 2 {
			t.Fatalf("%d rows: %v", len(all), err)
		}
		return all[1:]
	}
	var debit, credit ledger.Amount
	for _, r := range rows(get("/exports/journal", "text/csv")) {
		d, _ := ledger.ParseRupees(r[7])
		k, _ := ledger.ParseRupees(r[8])
		debit, credit = debit+d, credit+k
	}
	if debit != credit || debit == 0 {
		t.Errorf("the journal has %s on one side and %s on the other", debit, credit)
	}
	lines := strings.Split(strings.TrimSpace(get("/exports/refunds?format=jsonl", "application/jsonl")), "\n")
	var first struct{ Amount, Room string }
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || len(lines) != 1 || first.Amount != "500.00" || first.Room != "razorpay" {
		t.Errorf("the refunds: %v (%v)", lines, err)
	}
	var as page[account]
	c.ask("GET", "/accounts?code=2100", "", &as)
	posted := rows(get("/exports/postings/"+strings.ReplaceAll(string(as.Items[0].ID), "/", "%2F"), "text/csv"))
	if int64(len(posted)) != as.Items[0].Lines || posted[len(posted)-1][7] != as.Items[0].Balance.String() {
		t.Errorf("of %+v the postings are %v", as.Items[0], posted)
	}
	who := as.Items[0].Owner
	if s := rows(get("/exports/statement/"+who, "text/csv")); len(s) != 2 || s[1][7] != "0.00" {
		t.Errorf("the statement is %v", s)
	}
	if pdf := get("/exports/statement/"+who+"?format=pdf", "application/pdf"); !strings.HasPrefix(pdf, "%PDF-") {
		t.Errorf("the PDF begins with %.20q", pdf)
	}
	if none := get("/exports/journal?created_to=2020-01-01T00:00:00Z", "text/csv"); strings.Count(none, "\n") != 1 {
		t.Errorf("before there was anything: %q", none)
	}
	for path, status := range map[string]int{
		"/exports/statement/cust_00000000000000": 404, "/exports/journal?format=pdf": 400, "/exports/postings/9999": 404, "/exports/journal?created_from=soon": 400,
	} {
		if w := c.ask("GET", path, "", nil); w.Code != status || w.Header().Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	r := c.ask("HEAD", "/exports/journal", "", nil)
	if r.Code != http.StatusOK || r.Body.Len() != 0 {
		t.Errorf("HEAD: %d %s", r.Code, r.Body)
	}
	h.Audit(t)
}

// Accounts come page by page and once each, and the trial balance is theirs.
func TestAccountsPaged(t *testing.T) {
	h, c := openCaller(t)
	for range 3 {
		c.ask("POST", "/sandbox/triggers/wallet.imported", `{}`, nil)
	}
	c.ask("POST", "/sandbox/triggers/payout.initiated", `{}`, nil) // refused by the terms, half way
	all, err := h.Desk.Store.Balances(t.Context(), h.Book)
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]int{"": len(all), "2100": 4, "2010": 1, "1230": 0} {
		seen := map[ledger.AccountID]bool{}
		last := ledger.AccountID("")
		for path := "/accounts?limit=2&code=" + code; ; {
			var p page[account]
			c.ask("GET", path, "", &p)
			for _, a := range p.Items {
				if seen[a.ID] || a.ID <= last || a.Balance != all[a.ID].Amount || a.Lines != all[a.ID].N {
					t.Errorf("%+v comes after %s, and is %+v", a, last, all[a.ID])
				}
				seen[a.ID], last = true, a.ID
			}
			if p.Next == "" {
				break
			}
			path = "/accounts?limit=2&code=" + code + "&after=" + p.Next
		}
		if len(seen) != want {
			t.Errorf("of code %q there are %d, want %d", code, len(seen), want)
		}
	}
	if w := c.ask("GET", "/accounts?code=21", "", nil); w.Code != 400 {
		t.Errorf("half a code: %d %s", w.Code, w.Body)
	}
	var tb trialBalance
	c.ask("GET", "/trial_balance", "", &tb)
	count, debit := int64(0), ledger.Amount(0)
	for _, l := range tb.Lines {
		count, debit = count+l.Accounts, debit+l.Debit
		if l.Debit != 0 && l.Credit != 0 || l.Name == "" {
			t.Errorf("a line is %+v", l)
		}
	}
	if count != int64(len(all)) || tb.Debit != tb.Credit || tb.Debit != debit || debit == 0 || !tb.Escrow.Holds {
		t.Errorf("the trial balance is %+v, of %d accounts", tb, len(all))
	}
}

// Lists go on behind what was shown: what is added and deleted meanwhile leaves
// nothing out and shows nothing twice.
func TestKeysets(t *testing.T) {
	h, c := openCaller(t)
	ctx := t.Context()
	var posted desk.Posted
	for i := range 12 { // two runs, six events
		run, no := "run"+strconv.Itoa(i%2), int64(1+i/2)
		posted.Deliveries = append(posted.Deliveries, desk.Delivery{ID: desk.ID(run + "/" + strconv.FormatInt(no, 10)), Endpoint: "e", Event: no, State: "waiting", DueAt: 1})
		posted.Attempts = append(posted.Attempts, desk.Attempt{ID: desk.AttemptID(ledger.Time(i+1), "x"), Endpoint: "e", Event: no})
	}
	if err := h.Desk.Store.Keep(ctx, h.Book, posted); err != nil {
		t.Fatal(err)
	}
	var member string
	for i := range 6 {
		var x credit
		c.ask("POST", "/credits", `{"partner_user_id":"p","contact":"9876543210","amount":1000,"purpose":"gift","reference":"R`+strconv.Itoa(i)+`"}`, &x)
		member = string(x.MemberID)
	}
	more := 0
	between := func() { // something new between any two pages
		more++
		no := int64(100 + more)
		h.Desk.Store.Keep(ctx, h.Book, desk.Posted{
			Deliveries: []desk.Delivery{{ID: desk.ID("run0/" + strconv.FormatInt(no, 10)), Endpoint: "e", Event: no, State: "waiting", DueAt: 1}},
			Attempts:   []desk.Attempt{{ID: desk.AttemptID(ledger.Time(no), "x"), Endpoint: "e"}},
		})
		c.ask("POST", "/credits", `{"partner_user_id":"p","contact":"9876543210","amount":1000,"purpose":"gift","reference":"M`+strconv.Itoa(more)+`"}`, nil)
	}
	for path, want := range map[string]int{"/deliveries": 12, "/attempts": 12, "/members/" + member + "/transactions": 6} {
		var all page[struct{ ID desk.ID }]
		c.ask("GET", path+"?limit=100", "", &all)
		want = len(all.Items)
		seen := map[desk.ID]bool{}
		for next := "?limit=5"; ; {
			var p page[struct{ ID desk.ID }]
			c.ask("GET", path+next, "", &p)
			for _, x := range p.Items {
				if seen[x.ID] {
					t.Errorf("%s: %s comes twice", path, x.ID)
				}
				seen[x.ID] = true
			}
			if p.Next == "" {
				break
			}
			next = "?limit=5&after=" + p.Next
			between()
		}
		if len(seen) != want || want < 6 {
			t.Errorf("%s: %d are seen, want %d", path, len(seen), want)
		}
	}
	for _, path := range []string{"/deliveries", "/attempts"} {
		bad := (&request{route: &route{id: map[string]string{"/deliveries": "listDeliveries", "/attempts": "listAttempts"}[path]}}).cursor("x/y z")
		if w := c.ask("GET", path+"?after="+bad, "", nil); w.Code >= 500 {
			t.Errorf("%s behind nonsense: %d %s", path, w.Code, w.Body)
		}
	}
}
