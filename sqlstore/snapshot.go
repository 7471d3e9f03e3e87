package sqlstore

import (
	"encoding/json"
	"fmt"
	"strconv"

	"wapas/desk"
)

// snapshot writes rows down as a JSON array of one-member objects, the member
// named after the table: [{"refunds":{"id":"rfnd_…","amount":100}}]. Columns
// that are empty, zero or false are left out.
func snapshot(rows []desk.Row) string {
	buf := append(make([]byte, 0, 512), '[')
	for i, r := range rows {
		if i > 0 {
			buf = append(buf, ',')
		}
		t := tables[r.Kind()]
		buf = append(append(append(buf, `{"`...), t.name...), `":{`...)
		first := true
		name := func(i int) {
			if !first {
				buf = append(buf, ',')
			}
			first = false
			buf = append(append(append(buf, '"'), t.cols[i]...), `":`...)
		}
		for i, p := range t.fields(t.point(r)) {
			switch p := p.(type) {
			case *string:
				if *p != "" {
					name(i)
					buf = appendJSON(buf, *p)
				}
			case *int64:
				if *p != 0 {
					name(i)
					buf = strconv.AppendInt(buf, *p, 10)
				}
			case *bool:
				if *p {
					name(i)
					buf = append(buf, "true"...)
				}
			}
		}
		buf = append(buf, "}}"...)
	}
	return string(append(buf, ']'))
}

// appendJSON quotes a text.
func appendJSON(buf []byte, text string) []byte {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			quoted, _ := json.Marshal(text) // a string always can be
			return append(buf, quoted...)
		}
	}
	return append(append(append(buf, '"'), text...), '"')
}

// restore reads what snapshot wrote.
func restore(text string) ([]desk.Row, error) {
	var list []map[string]map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("read a snapshot: %w", err)
	}
	var rows []desk.Row
	for _, one := range list {
		for name, cols := range one {
			t := tableNamed(name)
			if t == nil {
				return nil, fmt.Errorf("a snapshot of %q, which is no table", name)
			}
			ptr := t.blank()
			fields := t.fields(ptr)
			for i, col := range t.cols {
				if raw, ok := cols[col]; ok {
					if err := json.Unmarshal(raw, fields[i]); err != nil {
						return nil, fmt.Errorf("read column %s of a snapshot of %s: %w", col, name, err)
					}
				}
			}
			rows = append(rows, t.value(ptr))
		}
	}
	return rows, nil
}

func tableNamed(name string) *table {
	for _, t := range tables {
		if t != nil && t.name == name {
			return t
		}
	}
	return nil
}
