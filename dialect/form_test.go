package dialect

import (
	"strings"
	"testing"
)

func TestParseForm(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", `{}`},
		{"amount=100&receipt=a+b%21", `{"amount":"100","receipt":"a b!"}`},
		{"notes[a]=1&notes[b]=2", `{"notes":{"a":"1","b":"2"}}`},
		{"notes%5Ba%5D=1", `{"notes":{"a":"1"}}`},
		{"transfers[0][account]=acc_1&transfers[0][amount]=5&transfers[1][account]=acc_2",
			`{"transfers":{"0":{"account":"acc_1","amount":"5"},"1":{"account":"acc_2"}}}`},
		{"expand[]=a&expand[]=b", `{"expand":{"0":"a","1":"b"}}`},
		{"list[]=", `{"list":{}}`},
		{"list[]=&list[]=a&list[]=", `{"list":{"0":"a","1":""}}`},
		{"a=1&a=2", `{"a":"2"}`},
		{"a=1&a[b]=2", `{"a":{"b":"2"}}`},
		{"a[b]=1&a=2", `{"a":"2"}`},
		{"&&a=1&", `{"a":"1"}`},
		{"status", `{"status":""}`},
		{"a[=1&]b=2&c]=3&[d]=4", `{"a[":"1","]b":"2","c]":"3","[d]":"4"}`},
		{"a=%zz", ``},
		{"a=%ff", ``},
		{"a=%00", ``},
		{"a%00=1", ``},
		{"a" + strings.Repeat("[b]", 16) + "=1", ``},
		{strings.Repeat("a=1&", MaxPairs+1), ``},
	} {
		o, err := ParseForm(c.in)
		got := ""
		if err == nil {
			got = WriteJSON(o)
		}
		if got != c.want {
			t.Errorf("ParseForm(%.60q) = %s (%v), want %s", c.in, got, err, c.want)
		}
	}
}

func TestAsList(t *testing.T) {
	for _, c := range []struct {
		in, want string
	}{
		{`[1,2]`, `[1,2]`},
		{`[]`, `[]`},
		{`{"1":"b","0":"a"}`, `["a","b"]`},
		{`{"0":""}`, `[""]`},
		{`{"0":{"a":1}}`, `[{"a":1}]`},
		{`{}`, `[]`},
		{`{"1":"b"}`, ``},
		{`{"00":"b"}`, ``},
		{`{"a":"b"}`, ``},
		{`"a"`, ``},
		{`1`, ``},
		{`null`, ``},
	} {
		v, err := ParseJSON([]byte(c.in))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if l, ok := AsList(v); ok {
			got = WriteJSON(l)
		}
		if got != c.want {
			t.Errorf("AsList(%s) = %s, want %s", c.in, got, c.want)
		}
	}
}

// FuzzForm looks for a form that is not read, or that reads as what cannot be
// written down.
func FuzzForm(f *testing.F) {
	for _, s := range []string{"a=1&b[c]=2&d[]=3&d[]=4&e[0][f]=5", "a[b=1", "%5B%5D=", "a[][]=1", "x[a][]=1&x[]=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := ParseForm(s)
		if err != nil {
			return
		}
		if _, err := ParseJSON([]byte(WriteJSON(o))); err != nil {
			t.Fatalf("%q became %s: %v", s, WriteJSON(o), err)
		}
		for _, k := range o.Keys {
			AsList(o.Vals[k])
		}
	})
}
