package dialecttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		known, want, got string // known is one "name=value"
		ok               bool
		then             string // what is known afterwards, for a name x
	}{
		{"", `{"a":1}`, `{"a":1}`, true, ""},
		{"", `{"a":1}`, `{"a":12}`, false, ""},
		{"", `{"id":"{{x}}"}`, `{"id":"pay_1"}`, true, "pay_1"},
		{"", `{"n":{{x}}}`, `{"n":17}`, true, "17"},
		{"x=pay_1", `{"id":"{{x}}"}`, `{"id":"pay_1"}`, true, "pay_1"},
		{"x=pay_1", `{"id":"{{x}}"}`, `{"id":"pay_2"}`, false, "pay_1"},
		{"", `["{{x}}","{{x}}"]`, `["a","a"]`, true, "a"},
		{"", `["{{x}}","{{x}}"]`, `["a","b"]`, false, ""},
		{"", `{"s":"{{*}}","n":{{*}}}`, `{"s":"any thing","n":{"a":"b"}}`, true, ""},
		{"", `{"s":"{{*}}"}`, `{"s":"a","t":"b"}`, false, ""},
		{"", `{{*}}`, `{"a":["b"]}`, true, ""},
		{"", `{"id":"{{x}}"}`, `{"id":""}`, false, ""},
	} {
		v := vars{}
		if name, val, ok := strings.Cut(c.known, "="); ok {
			v[name] = val
		}
		if ok := v.match(c.want, c.got); ok != c.ok || v["x"] != c.then {
			t.Errorf("match(%s, %s) knowing %q = %t, x is %q; want %t, %q", c.want, c.got, c.known, ok, v["x"], c.ok, c.then)
		}
	}
}

func TestSqueeze(t *testing.T) {
	const in = "{ \"a b\" : [ 1 ,\n\t2 ], \"c\\\" d\": \" e \" }\n"
	const want = `{"a b":[1,2],"c\" d":" e "}`
	if got := squeeze(in); got != want {
		t.Errorf("squeeze(%q) = %q, want %q", in, got, want)
	}
}

func TestGeneralise(t *testing.T) {
	v := vars{"pay": "pay_00000000000001", "merchant": "MMMMMMMMMMMMMM", "account": "acc_MMMMMMMMMMMMMM"}
	got := v.generalise(`{"id":"rfnd_00000000000002","payment_id":"pay_00000000000001","of":"pay_00000000000003","by":"acc_MMMMMMMMMMMMMM","sig":"` + strings.Repeat("0f", 32) + `"}`)
	const want = `{"id":"{{rfnd}}","payment_id":"{{pay}}","of":"{{pay2}}","by":"{{account}}","sig":"{{*}}"}`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// A transcript that is read and written again is the same file.
func TestReadWrite(t *testing.T) {
	const text = `# Prose at the head,
# of two lines.

# About the first request.
-- request --
POST /v1/orders
X-A: b

{"amount":100}
-- response 200 --
{"id":"{{order}}"}

-- advance 72h --
-- advance 1h30m0s --

# What was heard.
-- events --
order.paid
-- request --
GET /v1/orders/{{order}}
-- response 400 --
X-Request-Id: {{id}}

{}
# The end.
`
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	tr, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := tr.Refusals(); n != 1 {
		t.Errorf("%d refusals, want 1", n)
	}
	if tr.Blocks[2].Wait != 72*time.Hour || tr.Blocks[3].Wait != 90*time.Minute {
		t.Errorf("waits %v and %v", tr.Blocks[2].Wait, tr.Blocks[3].Wait)
	}
	if h, body := parts(tr.Blocks[6].Text); h.Get("X-Request-Id") != "{{id}}" || body != "{}" {
		t.Errorf("the last response: %v %q", h, body)
	}
	if err := tr.Write(); err != nil {
		t.Fatal(err)
	}
	again, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(text, "1h30m0s", "1h30m", 1); string(again) != want {
		t.Errorf("got\n%s\nwant\n%s", again, want)
	}
}
