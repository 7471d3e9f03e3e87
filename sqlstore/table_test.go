package sqlstore

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// Every field of every row has a column of its own: setting all columns leaves
// no field empty, and no two columns share one.
func TestTablesHoldWholeRows(t *testing.T) {
	for kind := desk.KindAccount + 1; kind < desk.Kinds; kind++ {
		tab := tables[kind]
		if tab == nil {
			t.Errorf("kind %d has no table", kind)
			continue
		}
		ptr := tab.blank()
		for i, f := range tab.fields(ptr) {
			switch f := f.(type) {
			case *string:
				*f = fmt.Sprint("text ", i)
			case *int64:
				*f = int64(i + 1)
			case *bool:
				*f = true
			}
		}
		v := reflect.ValueOf(ptr).Elem()
		if v.NumField() != len(tab.cols) {
			t.Errorf("%s has %d columns for %d fields", tab.name, len(tab.cols), v.NumField())
		}
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s keeps no %s", tab.name, v.Type().Field(i).Name)
			}
		}
		row := tab.value(ptr)
		back, err := restore(snapshot([]desk.Row{row}))
		if err != nil || len(back) != 1 || back[0] != row {
			t.Errorf("a snapshot of %s came back as %+v, %v; want %+v", tab.name, back, err, row)
		}
	}
}

func TestSnapshotKeepsAnyText(t *testing.T) {
	for _, text := range []string{"", `"quoted"`, `back\slash`, "line\nbreak", "नमस्ते", "<&>", "\x7f\x01"} {
		row := desk.Customer{ID: "cust_1", Name: text, Notes: desk.Notes(`{"a":"` + "வணக்கம்" + `"}`)}
		back, err := restore(snapshot([]desk.Row{row}))
		if err != nil || back[0] != desk.Row(row) {
			t.Errorf("%q came back as %+v, %v", text, back, err)
		}
	}
}

// Any change to any column, and any exchange between two rows, gives another
// digest; the order of rows does not.
func TestDigest(t *testing.T) {
	tab := tables[desk.KindCustomer]
	of := func(rows ...desk.Customer) (d digest) {
		for _, r := range rows {
			d.add(tab.encode(nil, r))
		}
		return d
	}
	a, b := desk.Customer{ID: "cust_a", Name: "Asha", Email: "x"}, desk.Customer{ID: "cust_b", Name: "Bina"}
	if of(a, b) != of(b, a) {
		t.Error("the order of rows counts")
	}
	swapped := of(desk.Customer{ID: "cust_a", Name: "Bina", Email: "x"}, desk.Customer{ID: "cust_b", Name: "Asha"})
	if of(a, b) == swapped {
		t.Error("two rows that swapped a column have the same digest")
	}
	if of(desk.Customer{ID: "cust_a", Name: "Ashax"}) == of(desk.Customer{ID: "cust_a", Name: "Asha", Email: "x"}) {
		t.Error("a text that moved to the next column has the same digest")
	}
	d := of(a, b)
	d.sub(tab.encode(nil, b))
	if d != of(a) {
		t.Error("taking a row off does not leave the rest")
	}
	back, err := parseDigest(d.String())
	if err != nil || back != d {
		t.Errorf("%v came back as %v, %v", d, back, err)
	}
}

// Ids of the published samples decode to the moments in them.
func TestIDsLookLikeTheVendors(t *testing.T) {
	for id, at := range map[string]int64{"rfnd_JJFNlNXPHY640A": 1649941680, "ientxn_QgC3wXR2Q77wDN": 1749711418} {
		_, tail, _ := strings.Cut(id, "_")
		var nanos int64
		for _, c := range tail[:10] {
			nanos = nanos*62 + int64(strings.IndexRune(base62, c))
		}
		if got := (nanos + since2014) / 1e9; got != at {
			t.Errorf("%s is of %d, want %d", id, got, at)
		}
		random := uint64(0)
		for i := 13; i >= 10; i-- {
			random = random*62 + uint64(strings.IndexByte(base62, tail[i]))
		}
		prefix, _, _ := strings.Cut(id, "_")
		if got := makeID(prefix, nanos, random); string(got) != id {
			t.Errorf("made %s, want %s", got, id)
		}
	}
	now := ledger.At(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC))
	last := int64(0)
	previous := desk.ID("")
	for _, at := range []ledger.Time{now, now, now - 5e6, now + 1} { // a clock that stands still, and one that goes back
		last = idNanos(at, last)
		id := makeID("pay", last, 61)
		if id <= previous {
			t.Errorf("%s does not sort after %s", id, previous)
		}
		previous = id
	}
}

// The SQLite driver is generated for one version of its C library, and breaks
// in odd ways with another.
func TestLibcIsTheOneTheDriverWants(t *testing.T) {
	list := func(format, module string) string {
		out, err := exec.Command("go", "list", "-m", "-f", format, module).Output()
		if err != nil {
			t.Fatalf("go list %s: %v", module, err)
		}
		return strings.TrimSpace(string(out))
	}
	mod, err := os.ReadFile(filepath.Join(list("{{.Dir}}", "modernc.org/sqlite"), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	have := list("{{.Version}}", "modernc.org/libc")
	if !strings.Contains(string(mod), "modernc.org/libc "+have+"\n") {
		t.Errorf("modernc.org/libc is %s, which is not what this modernc.org/sqlite was made with:\n%s", have, mod)
	}
}
