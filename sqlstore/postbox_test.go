package sqlstore

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// The lists of deliveries and attempts are read by an index, in order, without
// going through a whole book.
func TestPostboxPlans(t *testing.T) {
	st := openTest(t, "sqlite:"+filepath.Join(t.TempDir(), "wapas.db"), Options{})
	for _, c := range []struct{ what, sql, want string }{
		{"deliveries that are due", "SELECT id FROM deliveries WHERE book = $1 AND endpoint_id = $2 AND due_at > 0 AND due_at <= 9 ORDER BY due_at, event, id LIMIT 9", "deliveries_due_at (book=?"},
		{"all deliveries", "SELECT id FROM deliveries WHERE book = $1 ORDER BY event DESC, id LIMIT 9", "deliveries_event (book=?)"},
		{"deliveries of an event", "SELECT id FROM deliveries WHERE book = $1 AND event = $2 ORDER BY event DESC, id LIMIT 9", "deliveries_event (book=? AND event=?)"},
		{"old deliveries", "SELECT id FROM deliveries WHERE book = $1 AND created_at < 9 AND due_at = 0 AND ended_at < 9 ORDER BY event LIMIT 9", "deliveries_event (book=?)"},
		{"attempts of a delivery", "SELECT id FROM attempts WHERE book = $1 AND delivery = $2 ORDER BY id DESC LIMIT 9", "attempts_delivery (book=? AND delivery=?)"},
		{"all attempts", "SELECT id FROM attempts WHERE book = $1 ORDER BY id DESC LIMIT 9", "PRIMARY KEY (book=?)"},
		{"old attempts", "SELECT id FROM attempts WHERE book = $1 AND id < $2 ORDER BY id LIMIT 9", "PRIMARY KEY (book=? AND id<?)"},
		{"books that listen", "SELECT book FROM endpoints WHERE active UNION SELECT book FROM deliveries WHERE due_at > 0", "endpoints_active"},
		{"books with attempts", "SELECT book FROM books WHERE (SELECT min(a.id) FROM attempts a WHERE a.book = books.book) IS NOT NULL", "SEARCH a USING PRIMARY KEY (book=?)"},
		{"books with old requests", "SELECT book FROM books WHERE (SELECT min(r.id) FROM requests r WHERE r.book = books.book) < $1", "SEARCH r USING PRIMARY KEY (book=?)"},
		{"when the next is due", "SELECT min(d.due_at) FROM deliveries d WHERE d.book = $1 AND d.due_at > 0", "deliveries_due_at (book=? AND due_at>?)"},
	} {
		var steps []string
		args := []any{1, "x"}[:strings.Count(c.sql, "$")]
		err := st.db.query(context.Background(), stmt{"EXPLAIN QUERY PLAN " + c.sql, args, func(scan func(...any) error) error {
			var id, parent, unused int
			var step string
			err := scan(&id, &parent, &unused, &step)
			steps = append(steps, step)
			return err
		}})
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		if p := strings.Join(steps, "; "); !strings.Contains(p, c.want) {
			t.Errorf("%s: %s", c.what, p)
		}
	}
}
