package eko

import (
	"net"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"wapas/dialecttest"
)

// TestNodeClient runs the vendor's Node client against the room, as far as it
// reaches: testdata/node/suite.js. It needs Node and the client ("npm ci" in that
// directory), which make test provides; without them it fails, because a part
// that could not be run has not passed. A plain go test leaves it out.
func TestNodeClient(t *testing.T) {
	if os.Getenv("WAPAS_TEST_FULL") == "" {
		t.Skip("the Node client is part of the full run only: make test")
	}
	const dir = "testdata/node"
	if _, err := os.Stat(dir + "/node_modules/@ekoindia/eko-sdk-node"); err != nil {
		t.Fatalf("the client is not there: run npm ci in dialect/eko/%s (%v)", dir, err)
	}
	h := dialecttest.Open(t)
	room := openRoom(t, h, Config{ClockTolerance: 20 * 365 * 24 * time.Hour}) // the client signs by the real clock
	srv := httptest.NewServer(room.Handler)
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(u.Host)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "suite.js")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "WAPAS_HOST="+host, "WAPAS_PORT="+port, "WAPAS_DEVELOPER_KEY="+developerKey, "WAPAS_ACCESS_KEY="+accessKey)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("node suite.js: %v\n%s", err, out)
	}
	h.Audit(t)
}
