package razorpay

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// refusing is a room with one route that is always refused with err.
func refusing(log *bytes.Buffer, err error) *room {
	r := &room{desk: &desk.Desk{Log: slog.New(slog.NewTextHandler(log, nil))}}
	r.tree.add(route{"GET", "/", func(*request) (any, error) { return nil, err }, open})
	r.tree.add(route{"GET", "/panic", func(*request) (any, error) { panic("no way out") }, open})
	return r
}

func ask(r http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// Every code has words, whatever the rule, and the words are JSON that the
// clients understand.
func TestEveryCode(t *testing.T) {
	status := map[ledger.Code]int{
		ledger.Denied: 401, ledger.Limited: 429, ledger.Busy: 409, ledger.Mismatch: 409, ledger.Internal: 500,
	}
	for _, code := range ledger.Codes {
		if _, ok := fallback[code]; !ok {
			t.Errorf("%s has no words", code)
		}
		want := status[code]
		if want == 0 {
			want = 400
		}
		var log bytes.Buffer
		w := ask(refusing(&log, ledger.Refuse(code, "no_such_rule", "secret detail")), "/")
		body := w.Body.String()
		if w.Code != want {
			t.Errorf("%s: status %d, want %d", code, w.Code, want)
		}
		if !strings.HasPrefix(body, `{"error":{"code":"`) || strings.Contains(body, "internal_error_code") || strings.Contains(body, "secret") {
			t.Errorf("%s: %s", code, body)
		}
		if (w.Code == 429) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%s: Retry-After %q", code, w.Header().Get("Retry-After"))
		}
		if logged := strings.Count(log.String(), "\n"); logged != map[bool]int{true: 1}[w.Code == 500] {
			t.Errorf("%s: logged %d lines", code, logged)
		}
	}
}

// Faults of ours say nothing about themselves, are logged once, and have an id
// to find them by.
func TestOurFaults(t *testing.T) {
	const want = `{"error":{"code":"SERVER_ERROR","description":"We are facing some trouble completing your request at the moment. Please try again shortly.","source":"NA","step":"NA","reason":"NA","metadata":{}}}`
	for _, path := range []string{"/", "/panic"} {
		var log bytes.Buffer
		w := ask(refusing(&log, errors.New("the disk is on fire")), path)
		if w.Code != 500 || w.Body.String() != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		id := w.Header().Get("X-Request-Id")
		if id == "" || strings.Count(log.String(), id) != 1 {
			t.Errorf("%s: request %q, log %s", path, id, log.String())
		}
	}
}

// Every rule that this room can meet has its words in the table: what falls
// back to its code alone is listed here, with the reason. A rule of the desk is
// met if the file it stands in has something that this room calls.
func TestEveryRule(t *testing.T) {
	silent := map[string]string{}
	for reason, names := range map[string]string{
		"credentials: 401 whatever the rule": "WhyUnknownKey WhyWrongSecret WhyRevoked",
		"too many: 429 whatever the rule":    "WhyRate WhyStrangers",
		"operators do this, not callers":     "WhyNameTaken WhyNoSecret WhyMerchantName WhyTerms WhyClock WhyLiveClock WhyOutcome WhyNotSent WhyOutcomeFinal WhyCreditsAmount WhyCreditsShort",
		"no request opens a dispute":         "WhyDisputeState WhyDisputeAmount WhyDisputeOver",
		"no key here refuses every repeat":   "WhyKeyUsed",
		"other rooms and operators do this":  "WhyReplayOff WhyReplayRange WhyBulk WhyRefundNames WhyLiveScenario WhyScenarioExcess WhyScenarioParts",
		"people sign in to the console":      "WhyPersonEmail WhyPersonName WhyPersonRole WhyPassword WhyEmailTaken WhyUnknownPerson WhyUnknownMerchant WhyLastAdmin",
		"our own fault":                      "WhyInvariant",
	} {
		for _, name := range strings.Fields(names) {
			silent[name] = reason
		}
	}
	rules := rulesOf(t, "../../ledger/*.go")
	maps.Copy(rules, rulesOf(t, "*.go"))
	called := selected(t, "*.go")
	files, err := filepath.Glob("../../desk/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if slices.ContainsFunc(declared(t, file), func(name string) bool { return called[name] }) {
			maps.Copy(rules, rulesOf(t, file))
		}
	}
	if len(rules) < 150 {
		t.Errorf("only %d rules were found", len(rules))
	}
	for name, why := range rules {
		_, ok := refusals[why]
		if _, quiet := silent[name]; ok == quiet {
			t.Errorf("rule %s (%s): in the table %t, silent %t", name, why, ok, quiet)
		}
	}
}

// rulesOf finds the constants of type ledger.Why in source files.
func rulesOf(t *testing.T, pattern string) map[string]ledger.Why {
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]ledger.Why{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			switch typ := v.Type.(type) {
			case *ast.SelectorExpr:
				ok = typ.Sel.Name == "Why"
			case *ast.Ident: // in package ledger itself
				ok = typ.Name == "Why"
			default: // "const WhyX ledger.Why = …" and rules without a type
				ok = strings.HasPrefix(v.Names[0].Name, "Why") && len(v.Values) == 1
			}
			if !ok {
				return true
			}
			for i, id := range v.Names {
				s, err := strconv.Unquote(v.Values[i].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				rules[id.Name] = ledger.Why(s)
			}
			return true
		})
	}
	return rules
}

// A rule's own words, with what is filled in.
func TestBecause(t *testing.T) {
	err := because(ledger.Refuse(ledger.Invalid, whyInteger, "").In("linked_amount"), whyInteger, whyBoolean)
	w := ask(refusing(new(bytes.Buffer), err), "/")
	if want := errorBody("The linked amount field must be true or false.", "linked_amount"); w.Body.String() != want {
		t.Errorf("got %s\nwant %s", w.Body, want)
	}
}

// A payment that was made and failed is answered with its own error.
func TestFailedPayment(t *testing.T) {
	err := failedPayment(desk.Payment{
		ID: "pay_1", Order: "order_1",
		ErrorCode: "BAD_REQUEST_ERROR", ErrorDescription: "d", ErrorSource: "customer", ErrorStep: "payment_authorization", ErrorReason: "insufficient_funds",
	})
	w := ask(refusing(new(bytes.Buffer), err), "/")
	const want = `{"error":{"code":"BAD_REQUEST_ERROR","description":"d","source":"customer","step":"payment_authorization","reason":"insufficient_funds","metadata":{"payment_id":"pay_1","order_id":"order_1"}}}`
	if w.Code != 400 || w.Body.String() != want {
		t.Errorf("got %d %s\nwant 400 %s", w.Code, w.Body, want)
	}
}

// selected are the names behind a dot in source files that are no tests.
func selected(t *testing.T, pattern string) map[string]bool {
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				names[s.Sel.Name] = true
			}
			return true
		})
	}
	return names
}

// declared are the operations of the desk in a file: exported methods of Desk.
func declared(t *testing.T, file string) (names []string) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv == nil || !fn.Name.IsExported() {
			continue
		}
		if star, ok := fn.Recv.List[0].Type.(*ast.StarExpr); ok {
			if id, ok := star.X.(*ast.Ident); ok && id.Name == "Desk" {
				names = append(names, fn.Name.Name)
			}
		}
	}
	return names
}
