package phonepe

import (
	"strings"
	"testing"

	"wapas/desk"
)

// The path that is signed is the same however its slashes are repeated, and
// leads to one route, whose parts it has.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"/v3/credit/backToSource", "//v3//transaction/M/T/status/", "/apis/hermes/v3/charge", "/apis/pg-sandbox/pg/v1/status/M/T", "/apis/hermesx/v3", "/apis/hermes/apis/hermes/v3/charge", "", "/v3/transaction/\xff/\x00/status", "/checkout/v2/order/a b/status"} {
		f.Add(s)
	}
	r := newRoom(&desk.Desk{}, Config{})
	f.Fuzz(func(t *testing.T, path string) {
		signed := signedPath(path)
		if strings.Contains(signed, "//") || signedPath(strings.ReplaceAll(path, "/", "//")+"/") != signed {
			t.Fatalf("%q is signed as %q", path, signed)
		}
		for _, method := range []string{"GET", "POST"} {
			to, ids, known := r.find(method, signed)
			if to.handle == nil {
				continue
			}
			if !known || len(split(to.path)) != len(split(signed)) {
				t.Fatalf("%s %q leads to %s", method, path, to.path)
			}
			for i, w := range split(to.path) {
				if part := split(signed)[i]; w[0] == '{' && ids[w[1:len(w)-1]] != part || w[0] != '{' && w != part {
					t.Fatalf("%s %q leads to %s with %v", method, path, to.path, ids)
				}
			}
		}
	})
}
