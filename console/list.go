package console

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// perPage is how many rows a list shows.
const perPage = 50

// A filter is one thing that a list can be narrowed by. Its value stands in the
// address.
type filter struct {
	Name, Label string
	Options     []option // of a choice; none: a text
	Type        string   // of a text: text, date
	Value       string
}

// An option is one choice of a filter: what the address says, and what people
// read.
type option struct{ Value, Label string }

// choice is a filter of a few words; the first option, "any", is added.
func (q *visit) choice(name, label string, values ...string) filter {
	f := filter{Name: name, Label: label, Value: q.value(name), Options: []option{{"", "Any"}}}
	for _, v := range values {
		said := plain(v)
		if name == "room" {
			said = roomOf(v)
		}
		f.Options = append(f.Options, option{v, said})
	}
	if !slices.Contains(values, f.Value) {
		f.Value = ""
	}
	return f
}

// text is a filter of a word.
func (q *visit) text(name, label string) filter {
	return filter{Name: name, Label: label, Type: "text", Value: q.value(name)}
}

// days are two filters for the first and the last day of a list, in India. What
// is no date filters nothing.
func (q *visit) days() (from, to filter, since, until ledger.Time) {
	from = filter{Name: "from", Label: "From", Type: "date", Value: q.value("from")}
	to = filter{Name: "to", Label: "To", Type: "date", Value: q.value("to")}
	if t, err := time.ParseInLocation(time.DateOnly, from.Value, india); err == nil {
		since = ledger.At(t)
	} else {
		from.Value = ""
	}
	if t, err := time.ParseInLocation(time.DateOnly, to.Value, india); err == nil {
		until = ledger.At(t.AddDate(0, 0, 1)) - 1
	} else {
		to.Value = ""
	}
	return from, to, since, until
}

// where is the part of a query that filters ask for: columns by the filters'
// names, for those that have a value.
func where(columns map[string]string, filters ...filter) map[string]string {
	out := map[string]string{}
	for _, f := range filters {
		if col := columns[f.Name]; col != "" && f.Value != "" {
			out[col] = f.Value
		}
	}
	return out
}

// A listed is a page of a list. Older is what the next page begins behind;
// empty on the last one.
type listed[R any] struct {
	Filters []filter
	Rows    []R
	Older   string
	Deep    bool // this is not the first page
}

// Filtered says whether a filter is in force.
func (l listed[R]) Filtered() bool {
	return slices.ContainsFunc(l.Filters, func(f filter) bool { return f.Value != "" })
}

// rowsOf reads a page of rows behind the one that the address names.
func rowsOf[R desk.Row](q *visit, query desk.Query, filters ...filter) (listed[R], error) {
	query.Book, query.Count, query.After = q.book.ID, perPage+1, q.value("after")
	if query.Where != nil {
		query.Where = maps.Clone(query.Where)
	}
	rows, err := desk.List[R](q.Context(), q.desk(), query)
	if err != nil {
		return listed[R]{}, err
	}
	return cutPage(q, rows, func(r R) string { return string(r.RowID()) }, filters...), nil
}

// cutPage makes a page of one row more than it shows.
func cutPage[R any](q *visit, rows []R, name func(R) string, filters ...filter) listed[R] {
	l := listed[R]{Filters: filters, Rows: rows, Deep: q.value("after") != ""}
	if len(rows) > perPage {
		l.Rows = rows[:perPage]
		l.Older = name(l.Rows[perPage-1])
	}
	return l
}

// number is a whole number that the address or a form gives; def without one.
func (q *visit) number(name string, def int64) int64 {
	n, err := strconv.ParseInt(q.value(name), 10, 64)
	if err != nil {
		return def
	}
	return n
}
