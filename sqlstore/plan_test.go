package sqlstore

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"wapas/desk"
)

// On SQLite, too, what a change or a page reads is found by an index, also
// before anything was ever counted: no plan goes through a whole book.
func TestPlans(t *testing.T) {
	st := openTest(t, "sqlite:"+filepath.Join(t.TempDir(), "wapas.db"), Options{})
	plan := func(sql string, args []any) string {
		var steps []string
		err := st.db.query(context.Background(), stmt{"EXPLAIN QUERY PLAN " + sql, args, func(scan func(...any) error) error {
			var id, parent, unused int
			var step string
			err := scan(&id, &parent, &unused, &step)
			steps = append(steps, step)
			return err
		}})
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return strings.Join(steps, "; ")
	}
	for _, tab := range tables {
		if tab == nil {
			continue
		}
		one := tab.selectWhere(st.in("id", "$2"))
		if p := plan(one, []any{1, `["x"]`}); !strings.Contains(p, "(book=? AND id=?)") {
			t.Errorf("rows of %s: %s", tab.name, p)
		}
		if tab.parent == "" || tab.parent == everyRow {
			continue
		}
		under := tab.selectWhere(tab.parent + " <> '' AND " + st.in(tab.parent, "$2"))
		if p := plan(under, []any{1, `["x"]`}); !strings.Contains(p, "(book=? AND "+tab.parent+"=?") {
			t.Errorf("rows of %s under one: %s", tab.name, p)
		}
		page := tab.selectWhere("id > '' AND " + tab.parent + " <> '' AND " + tab.parent + " = $2 ORDER BY id DESC LIMIT 10")
		if p := plan(page, []any{1, "x"}); !strings.Contains(p, "(book=? AND "+tab.parent+"=?") {
			t.Errorf("a page of %s under one: %s", tab.name, p)
		}
	}
	transfers, railOrders, exceptions := tables[desk.KindTransfer], tables[desk.KindRailOrder], tables[desk.KindException]
	refunds, members := tables[desk.KindRefund], tables[desk.KindMember]
	for _, tt := range []struct{ what, sql, want string }{
		{"entries of a cause", "SELECT no FROM entries WHERE book = $1 AND cause = $2 ORDER BY no DESC LIMIT 10", "(book=? AND cause=?"},
		{"a merchant's books", "SELECT book FROM books WHERE merchant_id = $1 AND mode = $2", "books_merchant_id (merchant_id=?)"},
		{"a merchant's credentials", "SELECT name FROM credentials WHERE merchant_id = $1", "credentials_merchant_id (merchant_id=?)"},
		{"the last book", "SELECT COALESCE(max(book), 0) FROM books WHERE $1 = $1", "SEARCH books"},
		{"books with an order", "SELECT book FROM books WHERE mode = $1 AND book = (SELECT r.book FROM orders r WHERE r.book = books.book AND r.id = $2) ORDER BY book", "SEARCH r USING PRIMARY KEY (book=? AND id=?)"},
		{"books with a timer that is due", "SELECT book FROM books WHERE (SELECT min(t.due_at) FROM timers t WHERE t.book = books.book AND t.due_at > 0) <= $1", "timers_due_at (book=? AND due_at>?)"},
		{"timers due", "SELECT id FROM timers WHERE book = $1 AND due_at > 0 AND due_at <= $2 ORDER BY due_at, id LIMIT 10", "timers_due_at"},
		{"lines of an account", "SELECT n FROM postings WHERE book = $1 AND account = $2 ORDER BY n DESC LIMIT 10", "(book=? AND account=?"},
		{"a statement", "SELECT n FROM wallet_lines WHERE book = $1 AND wallet = $2 AND n <= 7 ORDER BY n DESC LIMIT 10", "(book=? AND wallet=? AND n<?)"},
		{"rail orders that wait", railOrders.selectWhere("id > '' AND ended_at = 0 AND what <> '' AND what = $2 ORDER BY id LIMIT 10"), "rail_orders_open (book=? AND what=? AND ended_at=?"},
		{"exceptions that are open", exceptions.selectWhere("id > '' AND closed_at = 0 ORDER BY id LIMIT 10"), "exceptions_open (book=? AND closed_at=?"},
		{"refunds of payments", refunds.selectWhere("id > '' AND payment_id <> '' ORDER BY id DESC LIMIT 10"), "refunds_of_payments (book=? AND id>?)"},
		{"members with a contact", members.selectWhere("id > '' AND contact = $2 AND contact <> '' ORDER BY id DESC LIMIT 10"), "members_contact (book=? AND contact=?"},
		{"refunds in a state", tables[desk.KindRefund].selectWhere("id > '' AND state = $2 AND state <> '' ORDER BY id DESC LIMIT 10"), "refunds_state (book=? AND state=?"},
		{"refunds of an order", tables[desk.KindRefund].selectWhere("id > '' AND order_id = $2 AND order_id <> '' ORDER BY id DESC LIMIT 10"), "refunds_order_id (book=? AND order_id=?"},
		{"refunds with a proof", tables[desk.KindRefund].selectWhere("id > '' AND reference = $2 AND reference <> '' ORDER BY id DESC LIMIT 10"), "refunds_reference (book=? AND reference=?"},
		{"refunds with a receipt", tables[desk.KindRefund].selectWhere("id > '' AND receipt = $2 AND receipt <> '' ORDER BY id DESC LIMIT 10"), "refunds_receipt (book=? AND receipt=?"},
		{"refunds given to a holder", tables[desk.KindRefund].selectWhere("id > '' AND holder = $2 AND holder <> '' ORDER BY id DESC LIMIT 10"), "refunds_holder (book=? AND holder=?"},
		{"payments with a contact", tables[desk.KindPayment].selectWhere("id > '' AND contact = $2 AND contact <> '' ORDER BY id DESC LIMIT 10"), "payments_contact (book=? AND contact=?"},
		{"payments with an e-mail", tables[desk.KindPayment].selectWhere("id > '' AND email = $2 AND email <> '' ORDER BY id DESC LIMIT 10"), "payments_email (book=? AND email=?"},
		{"payments with a proof", tables[desk.KindPayment].selectWhere("id > '' AND reference = $2 AND reference <> '' ORDER BY id DESC LIMIT 10"), "payments_reference (book=? AND reference=?"},
		{"payments of a customer", tables[desk.KindPayment].selectWhere("id > '' AND customer_id = $2 AND customer_id <> '' ORDER BY id DESC LIMIT 10"), "payments_customer_id (book=? AND customer_id=?"},
		{"orders with a receipt", tables[desk.KindOrder].selectWhere("id > '' AND receipt = $2 AND receipt <> '' ORDER BY id DESC LIMIT 10"), "orders_receipt (book=? AND receipt=?"},
		{"customers with a contact", tables[desk.KindCustomer].selectWhere("id > '' AND contact = $2 AND contact <> '' ORDER BY id DESC LIMIT 10"), "customers_contact (book=? AND contact=?"},
		{"customers with an e-mail", tables[desk.KindCustomer].selectWhere("id > '' AND email = $2 AND email <> '' ORDER BY id DESC LIMIT 10"), "customers_email (book=? AND email=?"},
		{"members with an e-mail", tables[desk.KindMember].selectWhere("id > '' AND email = $2 AND email <> '' ORDER BY id DESC LIMIT 10"), "members_email (book=? AND email=?"},
		{"credits with a reference", tables[desk.KindCredit].selectWhere("id > '' AND reference = $2 AND reference <> '' ORDER BY id DESC LIMIT 10"), "credits_reference (book=? AND reference=?"},
		{"remittances of a customer", tables[desk.KindRemittance].selectWhere("id > '' AND customer = $2 AND customer <> '' ORDER BY id DESC LIMIT 10"), "remittances_customer (book=? AND customer=?"},
		{"reversals of a refund", tables[desk.KindReversal].selectWhere("id > '' AND refund_id = $2 AND refund_id <> '' ORDER BY id DESC LIMIT 10"), "reversals_refund_id (book=? AND refund_id=?"},
		{"rail orders nobody knows of", railOrders.selectWhere("id > '' AND state <> '' AND state = 'unknown' ORDER BY id LIMIT 1"), "rail_orders_unknown (book=? AND id>?)"},
		{"rail orders that a person carries out", railOrders.selectWhere("id > '' AND ended_at = 0 AND rail <> '' AND rail = 'manual' ORDER BY id LIMIT 1"), "rail_orders_by_hand (book=? AND id>?)"},
		{"bookings that were asked for", tables[desk.KindBooking].selectWhere("id > '' AND state <> '' AND state = 'asked' ORDER BY id LIMIT 1"), "bookings_asked (book=? AND id>?)"},
		{"words that wait", tables[desk.KindWord].selectWhere("id > '' AND state <> '' AND state = 'open' ORDER BY id LIMIT 1"), "words_open (book=? AND id>?)"},
		{"accounts of a code", "SELECT id FROM accounts WHERE book = $1 AND id > '' AND id >= '2100' AND id < $2 ORDER BY id LIMIT 50", "(book=? AND id>? AND id<?)"},
		{"hours", "SELECT hour, what, room, destination, made FROM days WHERE book = $1 AND hour >= $2 AND hour <= 7 ORDER BY hour, what, room, destination", "(book=? AND hour>? AND hour<?)"},
		{"wallets that are frozen", tables[desk.KindWallet].selectWhere("id > '' AND frozen = $2 AND frozen ORDER BY id DESC LIMIT 10"), "wallets_frozen (book=? AND frozen=?"},
		{"members that are frozen", tables[desk.KindMember].selectWhere("id > '' AND frozen = $2 AND frozen ORDER BY id DESC LIMIT 10"), "members_frozen (book=? AND frozen=?"},
		{"payouts of a customer", tables[desk.KindPayout].selectWhere("id > '' AND customer_id = $2 AND customer_id <> '' ORDER BY id DESC LIMIT 10"), "payouts_customer_id (book=? AND customer_id=?"},
		{"rows of a job", tables[desk.KindJobRow].selectWhere("id > '' AND id > $2 ORDER BY id LIMIT 10"), "(book=? AND id>?)"},
		{"rows of a job that were refused", tables[desk.KindJobRow].selectWhere("id > '' AND refused_of = $2 AND refused_of <> '' AND id > $2 ORDER BY id LIMIT 10"), "job_rows_refused_of (book=? AND refused_of=? AND id>?)"},
		{"what somebody did", tables[desk.KindAct].selectWhere("id > '' AND person = $2 AND person <> '' ORDER BY id DESC LIMIT 10"), "acts_person (book=? AND person=?"},
		{"requests, the newest", "SELECT path FROM requests WHERE book = $1 AND id > '' ORDER BY id DESC LIMIT 10", "(book=? AND id>?)"},
		{"requests about a thing", "SELECT path FROM requests WHERE book = $1 AND about <> '' AND about = $2 ORDER BY id DESC LIMIT 10", "requests_about (book=? AND about=?"},
		{"requests with a reference", "SELECT path FROM requests WHERE book = $1 AND reference <> '' AND reference = $2 ORDER BY id DESC LIMIT 10", "requests_reference (book=? AND reference=?"},
		{"a request by its own id", "SELECT path FROM requests WHERE book = $1 AND request_id <> '' AND request_id = $2 ORDER BY id DESC LIMIT 10", "requests_request_id (book=? AND request_id=?"},
		{"events about a thing", "SELECT no FROM events WHERE book = $1 AND subject <> '' AND subject = $2 AND no > 7 ORDER BY no LIMIT 10", "events_subject (book=? AND subject=?"},
		{"exceptions of a sort", exceptions.selectWhere("id > '' AND what = $2 AND what <> '' AND closed_at = 0 ORDER BY id LIMIT 10"), "exceptions_what (book=? AND what=?"},
		{"jobs that wait", tables[desk.KindJob].selectWhere("id > '' AND state <> '' AND state = 'asked' ORDER BY id LIMIT 10"), "jobs_asked (book=? AND id>?)"},
		{"deliveries to an endpoint", "SELECT id FROM deliveries WHERE book = $1 AND endpoint_id = $2 AND event <= 7 AND (event < 7 OR id > 'x') ORDER BY event DESC, id LIMIT 10", "deliveries_endpoint (book=? AND endpoint_id=? AND event<?"},
		{"deliveries that are not well", "SELECT id FROM deliveries WHERE book = $1 AND endpoint_id = $2 AND state = 'expired' AND state <> 'delivered' ORDER BY event DESC, id LIMIT 10", "deliveries_trouble (book=? AND endpoint_id=? AND state=?"},
		{"proposals that wait", tables[desk.KindProposal].selectWhere("id > '' AND state = $2 AND state <> '' ORDER BY id LIMIT 10"), "proposals_state (book=? AND state=?"},
		{"what tries a refund again", tables[desk.KindRefund].selectWhere("id > '' AND again_of = $2 AND again_of <> '' ORDER BY id DESC LIMIT 10"), "refunds_again_of (book=? AND again_of=?"},
		{"refunds to a destination", tables[desk.KindRefund].selectWhere("id > '' AND destination = $2 AND destination <> '' ORDER BY id DESC LIMIT 10"), "refunds_destination (book=? AND destination=?"},
		{"refunds of the first room", tables[desk.KindRefund].selectWhere("id > '' AND room = '' ORDER BY id DESC LIMIT 10"), "refunds_razorpay (book=? AND id>?)"},
		{"refunds in a state of a day", tables[desk.KindRefund].selectWhere("id > '' AND state = $2 AND state <> '' AND id >= 'rfnd_2' AND id < 'rfnd_3' AND created_at >= 7 ORDER BY id DESC LIMIT 10"), "refunds_state (book=? AND state=? AND id>? AND id<?)"},
		{"refunds of a day", tables[desk.KindRefund].selectWhere("id > '' AND id >= 'rfnd_2' AND id < 'rfnd_3' AND created_at >= 7 ORDER BY id DESC LIMIT 10"), "(book=? AND id>? AND id<?)"},
		{"payments in a state", tables[desk.KindPayment].selectWhere("id > '' AND status = $2 AND status <> '' ORDER BY id DESC LIMIT 10"), "payments_status (book=? AND status=?"},
		{"transfers to somebody", transfers.selectWhere("id > '' AND recipient = $2 AND recipient <> '' ORDER BY id DESC LIMIT 10"), "transfers_recipient (book=? AND recipient=?"},
		{"payouts in a state", tables[desk.KindPayout].selectWhere("id > '' AND state = $2 AND state <> '' ORDER BY id DESC LIMIT 10"), "payouts_state (book=? AND state=?"},
		{"payouts with a proof", tables[desk.KindPayout].selectWhere("id > '' AND utr = $2 AND utr <> '' ORDER BY id DESC LIMIT 10"), "payouts_utr (book=? AND utr=?"},
		{"payouts with a reference", tables[desk.KindPayout].selectWhere("id > '' AND reference = $2 AND reference <> '' ORDER BY id DESC LIMIT 10"), "payouts_reference (book=? AND reference=?"},
		{"transfers settled together", transfers.selectWhere("id > '' AND settlement_id = $2 AND settlement_id <> '' ORDER BY id LIMIT 10"), "(book=? AND settlement_id=?"},
		{"transfers to be settled", transfers.selectWhere("id > '' AND recipient = $2 AND settlement_state = 'pending' AND settlement_state <> '' AND settlement_id = '' ORDER BY id LIMIT 10"), "(book=? AND recipient=? AND settlement_state=?"},
	} {
		if p := plan(tt.sql, []any{1, "x"}); !strings.Contains(p, tt.want) || strings.Contains(p, "TEMP B-TREE FOR ORDER") {
			t.Errorf("%s: %s", tt.what, p)
		}
	}
}

// A row that may hold a hundred kilobytes lies beside its index, not in it:
// SQLite reads a row of a WITHOUT ROWID table to its end whenever a search
// passes it, and answers of bulk calls so halved the rate of everything.
func TestLargeRowsAreBesideTheirIndex(t *testing.T) {
	st := openTest(t, "sqlite:"+filepath.Join(t.TempDir(), "wapas.db"), Options{})
	within := -1
	err := st.db.query(t.Context(), stmt{"SELECT wr FROM pragma_table_list WHERE name = 'keys'", nil,
		func(scan func(...any) error) error { return scan(&within) }})
	if err != nil || within != 0 {
		t.Errorf("whether the rows of keys lie within their index is %d, want 0 (%v)", within, err)
	}
}

// What a text says of a column, because an index may have nothing else, is not bound
// as well: SQLite would prepare the statement anew whenever it runs.
func TestSaidIsNotBound(t *testing.T) {
	for _, c := range []struct {
		kind  desk.Kind
		where map[string]string
		want  string
		args  int
	}{
		{desk.KindRailOrder, map[string]string{"ended_at": "0", "what": "refund"}, " AND ended_at = 0 AND what <> '' AND what = $2", 2},
		{desk.KindRailOrder, map[string]string{"ended_at": "7", "state": "unknown"}, " AND ended_at = $2 AND state <> '' AND state = 'unknown'", 2},
		{desk.KindRefund, map[string]string{"room": ""}, " AND room = ''", 1},
		{desk.KindRefund, map[string]string{"room": "eko"}, " AND room <> '' AND room = $2", 2},
		{desk.KindEndpoint, map[string]string{"active": "true"}, " AND active", 1},
		{desk.KindEndpoint, map[string]string{"active": "false"}, " AND active = $2", 2},
	} {
		w, err := tables[c.kind].filter(desk.Query{Book: 1, Where: c.where})
		if err != nil {
			t.Fatal(err)
		}
		if w.text != c.want || len(w.args) != c.args {
			t.Errorf("%v: %q with %d values, want %q with %d", c.where, w.text, len(w.args), c.want, c.args)
		}
	}
}
