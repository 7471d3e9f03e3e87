package main

import "testing"

func TestMeant(t *testing.T) {
	known := []string{"merchant", "mode", "json", "after", "refund.failed"}
	for typed, want := range map[string]string{
		"merchnat": `; did you mean "--merchant"?`, "jsn": `; did you mean "--json"?`, "Mode": `; did you mean "--mode"?`, "afterr": `; did you mean "--after"?`,
		"refund.faild": `; did you mean "--refund.failed"?`, "xyzzy": "", "": "", "j": "", "merch": `; did you mean "--merchant"?`,
	} {
		if got := meant(typed, known, "--"); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	for _, d := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"ab", "ba", 1}, {"kitten", "sitting", 3}, {"flag", "flags", 1}} {
		if got := distance(d.a, d.b); got != d.want {
			t.Errorf("%q and %q: %d", d.a, d.b, got)
		}
	}
}
