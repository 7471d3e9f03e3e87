package sqlstore

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"unsafe"

	"wapas/desk"
)

// A table says how one kind of row lies in the database: which columns, and
// where in the row each is. It is all the mapping there is.
type table struct {
	kind   desk.Kind
	name   string
	cols   []string // the first is the id; the column book comes before it
	later  int      // from here on, columns that were added to the table after it was released
	parent string   // the column that Under looks in; empty if it never does
	rare   bool     // see seldom

	blank  func() any             // a pointer to a zero row
	fields func(row any) []any    // *string, *int64 or *bool for each column, in order
	value  func(ptr any) desk.Row // what blank's pointer points to
	point  func(r desk.Row) any   // a pointer to a copy of r
}

// define makes a table of row type R. The columns are named in one text, in
// the order of the fields. Behind a bar stand those that a later migration
// added: a row in which they are empty is sealed as it was before they were.
func define[R desk.Row](name, parent, cols string, fields func(r *R) []any) *table {
	var zero R
	first, added, _ := strings.Cut(cols, "|")
	t := &table{
		kind: zero.Kind(), name: name, parent: parent,
		cols: append(strings.Fields(first), strings.Fields(added)...), later: len(strings.Fields(first)),
		blank:  func() any { return new(R) },
		fields: func(row any) []any { return fields(row.(*R)) },
		value:  func(ptr any) desk.Row { return *ptr.(*R) },
		point:  func(r desk.Row) any { v := r.(R); return &v },
	}
	if n := len(fields(new(R))); n != len(t.cols) {
		panic(fmt.Sprintf("sqlstore: table %s has %d columns and %d fields", name, len(t.cols), n))
	}
	return t
}

// s, n and b point at a field whose type is a text, a whole number or a flag.
// A pointer to a named text cannot be converted to a pointer to a text where
// its type is a parameter, though the constraint says that they are alike.
func s[T ~string](p *T) any { return (*string)(unsafe.Pointer(p)) }
func n[T ~int64](p *T) any  { return (*int64)(unsafe.Pointer(p)) }
func b(p *bool) any         { return p }

// values reads the columns of a row, as both drivers take them.
func (t *table) values(r desk.Row) []any {
	ptrs := t.fields(t.point(r))
	for i, p := range ptrs {
		ptrs[i] = deref(p)
	}
	return ptrs
}

func deref(p any) any {
	switch p := p.(type) {
	case *string:
		return *p
	case *int64:
		return *p
	case *bool:
		return *p
	}
	panic("sqlstore: a field that is no text, whole number or flag")
}

// encode appends the row's columns to buf in a form that only this row has:
// what seals and digests are made over.
func (t *table) encode(buf []byte, r desk.Row) []byte {
	buf = appendText(buf, t.name)
	for i, p := range t.fields(t.point(r)) {
		if i >= t.later {
			if empty(p) {
				continue
			}
			buf = appendText(buf, t.cols[i])
		}
		switch p := p.(type) {
		case *string:
			buf = appendText(buf, *p)
		case *int64:
			buf = binary.BigEndian.AppendUint64(buf, uint64(*p))
		case *bool:
			if *p {
				buf = append(buf, 1)
			} else {
				buf = append(buf, 0)
			}
		}
	}
	return buf
}

// empty says whether a field holds nothing.
func empty(p any) bool {
	switch v := deref(p).(type) {
	case string:
		return v == ""
	case int64:
		return v == 0
	case bool:
		return !v
	}
	return false
}

func appendText(buf []byte, text string) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(text))), text...)
}

// convert turns a text into the type of a column.
func (t *table) convert(col, text string) (any, error) {
	for i, c := range t.cols {
		if c != col {
			continue
		}
		switch t.fields(t.blank())[i].(type) {
		case *int64:
			return strconv.ParseInt(text, 10, 64)
		case *bool:
			return text == "true" || text == "1", nil
		}
		return text, nil
	}
	return nil, fmt.Errorf("table %s has no column %q", t.name, col)
}
