package razorpay

import (
	"os"
	"os/exec"
	"testing"
)

// TestNodeClient takes the official Node client through every method that the
// room has a path for: testdata/node/suite.js. It needs Node and the client
// ("npm ci" in that directory), which make test provides; without them it
// fails, because a part that could not be run has not passed. A plain go test
// leaves it out.
func TestNodeClient(t *testing.T) {
	if os.Getenv("WAPAS_TEST_FULL") == "" {
		t.Skip("the Node client is part of the full run only: make test")
	}
	const dir = "testdata/node"
	if _, err := os.Stat(dir + "/node_modules/razorpay"); err != nil {
		t.Fatalf("the client is not there: run npm ci in dialect/razorpay/%s (%v)", dir, err)
	}
	s := serve(t)
	cmd := exec.CommandContext(t.Context(), "node", "suite.js")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "WAPAS_URL="+s.URL, "WAPAS_KEY="+testKey, "WAPAS_SECRET="+testSecret, "WAPAS_TOKEN="+testToken)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("node suite.js: %v\n%s", err, out)
	}
	missed := s.missed(
		"POST /v1/refunds",                  // no method
		"GET /v1/transfers/{trf}/reversals", // no method
		"POST /v1/beta/accounts",            // no method
		"GET /methods",                      // the Python client's
		"GET /v1/payments/downtimes/{down}", // there are none
		"GET /checkout/payments/{pay}", "POST /checkout/payments/{pay}",
		"GET /checkout/{order}", "POST /checkout/{order}", // for browsers
	)
	if len(missed) > 0 {
		t.Errorf("the client was not taken through %q", missed)
	}
}
