package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestConsole opens the console of the demo in a real browser: every page as
// every role, in every look (crawl.js), and the main jobs by clicking
// (jobs.js). It needs Chromium, Node and the suite's modules ("npm ci" in its
// directory), which make test provides; without them it fails, because a part
// that could not be run has not passed. A plain go test leaves it out.
func TestConsole(t *testing.T) {
	t.Parallel()
	if os.Getenv("WAPAS_TEST_FULL") == "" {
		t.Skip("the browser is part of the full run only: make test")
	}
	suite, err := filepath.Abs("../../console/testdata/browser")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(suite, "node_modules/playwright-core")); err != nil {
		t.Fatalf("the suite is not there: run npm ci in console/testdata/browser (%v)", err)
	}
	dir := t.TempDir()
	p := start(t, dir, nil, "demo", "--listen", "127.0.0.1:0")
	for text, ended := p.text(), false; !strings.Contains(text, "Ctrl-C"); text, ended = p.more(len(text)) {
		if ended || strings.Contains(text, "wapas: ") {
			t.Fatalf("the demo ended:\n%s", text)
		}
	}
	for _, script := range []string{"crawl.js", "jobs.js"} {
		t.Run(script, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "node", script)
			cmd.Dir = suite
			cmd.Env = append(os.Environ(), "WAPAS_URL="+p.url)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("node %s: %v\n%s", script, err, out)
			}
			t.Logf("%s", out)
		})
	}
}
