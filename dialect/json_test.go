package dialect

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseJSON(t *testing.T) {
	for _, c := range []struct {
		in, want string // want is what WriteJSON writes; empty if it is refused
	}{
		{`{}`, `{}`},
		{` { "b" : 1 , "a" : [ true , false , null ] } `, `{"b":1,"a":[true,false,null]}`},
		{`{"n":100.0,"e":1E+2,"z":-0}`, `{"n":100.0,"e":1E+2,"z":-0}`},
		{`"a\"\\\/\b\f\n\r\té₹\ud83d\ude00<&>"`, `"a\"\\/\b\f\n\r\té₹😀<&>"`},
		{`12345678901234567890123`, `12345678901234567890123`},
		{`{"a":1,"a":2}`, ``},
		{`{"a":1,"\u0061":2}`, ``},
		{`{"a":"\u0000"}`, ``},
		{"\"\x00\"", ``},
		{"\"a\nb\"", ``},
		{`"\ud83d"`, ``},
		{`"\ud83dx"`, ``},
		{`"\ude00\ud83d"`, ``},
		{"\"\xff\"", ``},
		{`01`, ``},
		{`1.`, ``},
		{`.5`, ``},
		{`+1`, ``},
		{`1e`, ``},
		{`NaN`, ``},
		{`nul`, ``},
		{`{"a"}`, ``},
		{`{"a":1,}`, ``},
		{`[1,]`, ``},
		{`{} {}`, ``},
		{`{'a':1}`, ``},
		{`"`, ``},
		{`"\`, ``},
		{`"\u12`, ``},
		{`{`, ``},
		{`[`, ``},
		{``, ``},
		{`amount=100`, ``},
		{strings.Repeat("[", 17) + strings.Repeat("]", 17), strings.Repeat("[", 17) + strings.Repeat("]", 17)},
		{strings.Repeat("[", 18) + strings.Repeat("]", 18), ``},
		{strings.Repeat("[", 100000), ``},
	} {
		v, err := ParseJSON([]byte(c.in))
		got := ""
		if err == nil {
			got = WriteJSON(v)
		}
		if got != c.want {
			t.Errorf("ParseJSON(%.60q) = %s (%v), want %s", c.in, got, err, c.want)
		}
	}
}

func TestWhole(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int64
		ok   bool
	}{
		{"100", 100, true},
		{"100.0", 100, true},
		{"100.00", 100, true},
		{"1e2", 100, true},
		{"1E+2", 100, true},
		{"1.25e2", 125, true},
		{"10000e-2", 100, true},
		{"-0", 0, true},
		{"0e999999999999999999999", 0, true},
		{"-5", -5, true},
		{"9223372036854775807", 9223372036854775807, true},
		{"-9223372036854775808", -9223372036854775808, true},
		{"9223372036854775808", 0, false},
		{"100.5", 0, false},
		{"1.255e2", 0, false},
		{"1e-1", 0, false},
		{"1e400", 0, false},
		{"1e999999999999999999999", 0, false},
		{"0.000001e6", 1, true},
	} {
		if got, ok := Number(c.in).Whole(); got != c.want || ok != c.ok {
			t.Errorf("Number(%s).Whole() = %d, %t, want %d, %t", c.in, got, ok, c.want, c.ok)
		}
	}
}

// FuzzJSON holds the reader against the standard library's: whatever ours
// takes, the other takes too and understands the same, and writing it down and
// reading it again changes nothing.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"amount":100,"notes":{"a":"b"},"transfers":[{"account":"acc_1"}]}`, `[1e2,-0.5]`, `"😀\n"`, `null`, `{"a":{"b":[true,false]}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := ParseJSON(data)
		if err != nil {
			return
		}
		if !json.Valid(data) {
			t.Fatalf("%q is not JSON", data)
		}
		out := WriteJSON(v)
		if !utf8.ValidString(out) || strings.ContainsRune(out, 0) {
			t.Fatalf("%q became %q", data, out)
		}
		again, err := ParseJSON([]byte(out))
		if err != nil || WriteJSON(again) != out {
			t.Fatalf("%q became %q and then %q (%v)", data, out, WriteJSON(again), err)
		}
		var a, b any
		if json.Unmarshal(data, &a) == nil && json.Unmarshal([]byte(out), &b) == nil {
			x, _ := json.Marshal(a)
			y, _ := json.Marshal(b)
			if string(x) != string(y) {
				t.Fatalf("%q became %q", data, out)
			}
		}
		if n, ok := v.(Number); ok {
			n.Whole()
		}
	})
}
