package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Every figure that the dashboard and the alerts ask for is one that a server
// shows.
func TestDashboard(t *testing.T) {
	s := newShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	if _, err := p.api(m.Keys[0].Name, m.Keys[0].Secret).do(t.Context(), "POST", "/v1/webhooks", doc{
		"url": "http://127.0.0.1:1/hook", "events": []string{"order.paid"}, "secret": "s"}); err != nil {
		t.Fatal(err)
	}
	s.ok("trigger", "order.paid")
	asked := map[string]bool{}
	for _, name := range []string{"grafana.json", "alerts.yml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "deploy", name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".json") && !json.Valid(text) {
			t.Errorf("%s is not JSON", name)
		}
		for _, metric := range regexp.MustCompile(`wapas_[a-z_]+`).FindAllString(string(text), -1) {
			asked[regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(metric, "")] = true
		}
	}
	if len(asked) < 8 {
		t.Fatalf("only %d figures are asked for", len(asked))
	}
	var shown string
	for range 100 { // the first attempt and the first survey take a moment
		resp, err := http.Get(p.url + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if shown = string(body); strings.Contains(shown, "wapas_webhook_attempts_total{") && strings.Contains(shown, "wapas_oldest_seconds{") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	for metric := range asked {
		if !strings.Contains(shown, "# TYPE "+metric+" ") {
			t.Errorf("%s is asked for and not shown", metric)
		}
	}
	p.signal(syscall.SIGTERM)
	p.end()
}
