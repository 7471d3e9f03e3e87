package console

import (
	"testing"

	"wapas/desk"
)

// Every sort of exception is explained.
func TestExplanations(t *testing.T) {
	for _, what := range desk.ExceptionSorts {
		if x := explanations[what]; x.Title == "" || x.Happened == "" || len(x.Check) == 0 {
			t.Errorf("%s is not explained", what)
		}
	}
	if len(explanations) != len(desk.ExceptionSorts) {
		t.Errorf("%d are explained, %d there are", len(explanations), len(desk.ExceptionSorts))
	}
}

func TestPretty(t *testing.T) {
	for _, x := range []struct{ text, want string }{
		{"", ""}, {"hello {", "hello {"}, {`{}`, `{}`},
		{`{"a":1,"b":[],"c":["x, y: \" {",null]}`, "{\n  \"a\": 1,\n  \"b\": [],\n  \"c\": [\n    \"x, y: \\\" {\",\n    null\n  ]\n}"},
		{`{"a":{"b":"cut o…`, "{\n  \"a\": {\n    \"b\": \"cut o…"},
	} {
		if got := pretty(x.text); got != x.want {
			t.Errorf("%s becomes %s", x.text, got)
		}
	}
}
