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
		{"timers due", "SELECT id FROM timers WHERE book = $1 AND due_at > 0 AND due_at <= $2 ORDER BY due_at, id LIMIT 10", "timers_due_at"},
		{"lines of an account", "SELECT n FROM postings WHERE book = $1 AND account = $2 ORDER BY n DESC LIMIT 10", "(book=? AND account=?"},
		{"a statement", "SELECT n FROM wallet_lines WHERE book = $1 AND wallet = $2 AND n <= 7 ORDER BY n DESC LIMIT 10", "(book=? AND wallet=? AND n<?)"},
		{"rail orders that wait", railOrders.selectWhere("id > '' AND what = 'refund' AND what <> '' AND ended_at = $2 AND ended_at = 0 ORDER BY id LIMIT 10"), "rail_orders_open (book=? AND what=? AND ended_at=?"},
		{"exceptions that are open", exceptions.selectWhere("id > '' AND closed_at = $2 AND closed_at = 0 ORDER BY id LIMIT 10"), "exceptions_open (book=? AND closed_at=?"},
		{"refunds of payments", refunds.selectWhere("id > '' AND payment_id <> '' ORDER BY id DESC LIMIT 10"), "refunds_of_payments (book=? AND id>?)"},
		{"members with a contact", members.selectWhere("id > '' AND contact = $2 AND contact <> '' ORDER BY id DESC LIMIT 10"), "members_contact (book=? AND contact=?"},
		{"transfers settled together", transfers.selectWhere("id > '' AND settlement_id = $2 AND settlement_id <> '' ORDER BY id LIMIT 10"), "(book=? AND settlement_id=?"},
		{"transfers to be settled", transfers.selectWhere("id > '' AND recipient = $2 AND settlement_state = 'pending' AND settlement_state <> '' AND settlement_id = '' ORDER BY id LIMIT 10"), "(book=? AND recipient=? AND settlement_state=?"},
	} {
		if p := plan(tt.sql, []any{1, "x"}); !strings.Contains(p, tt.want) || strings.Contains(p, "TEMP B-TREE FOR ORDER") {
			t.Errorf("%s: %s", tt.what, p)
		}
	}
}
