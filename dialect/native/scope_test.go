package native

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
)

// Every route refuses a token that has every scope but the one it needs, before
// it looks at anything else of the request, and lets one in that has no other.
// Nothing can be written without a scope.
func TestEveryRouteNeedsItsScope(t *testing.T) {
	h := dialecttest.Open(t)
	room := New(h.Desk, Config{})
	issue := func(name string, scopes []string) {
		t.Helper()
		if _, err := h.Desk.Issue(t.Context(), desk.IssueRequest{Room: Room, Book: h.Book, Secret: []byte(name), Scopes: strings.Join(scopes, " ")}); err != nil {
			t.Fatal(err)
		}
	}
	for _, scope := range scopes {
		without := slices.DeleteFunc(slices.Clone(scopes), func(s string) bool {
			noun, _, _ := strings.Cut(scope, ":")
			return s == scope || s == adminScope || strings.HasSuffix(scope, ":read") && s == noun+":write"
		})
		issue("without "+scope, without)
		issue("with "+scope, []string{scope})
	}
	ask := func(r route, token string) int {
		path := base
		for part := range strings.SplitSeq(strings.Trim(r.path, "/"), "/") {
			if _, ok := placeholder(part); ok {
				part = "x"
			}
			path += "/" + part
		}
		q := httptest.NewRequest(r.method, path, strings.NewReader(`{"nonsense":1}`))
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		room.ServeHTTP(w, q)
		return w.Code
	}
	needed := 0
	for _, r := range routes() {
		if r.scope == anyScope {
			if r.writes() {
				t.Errorf("%s is written by anybody", r.id)
			}
			continue
		}
		needed++
		if code := ask(r, "without "+r.scope); code != http.StatusForbidden {
			t.Errorf("%s without %s: %d", r.id, r.scope, code)
		}
		if code := ask(r, "with "+r.scope); code == http.StatusForbidden || code == http.StatusUnauthorized || code >= 500 {
			t.Errorf("%s with %s: %d", r.id, r.scope, code)
		}
		if code := ask(r, "nobody's"); code != http.StatusUnauthorized {
			t.Errorf("%s with a wrong token: %d", r.id, code)
		}
	}
	if needed < 60 {
		t.Errorf("only %d routes need a scope", needed)
	}
}
