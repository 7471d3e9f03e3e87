package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Flag beats environment beats file beats default, and config says which.
func TestConfig(t *testing.T) {
	s := newShell(t)
	file := filepath.Join(s.dir, "wapas.conf")
	text := "# settings\n\nlisten = :1\nlog = json\nLOG_LEVEL = warn\ntimeout=1m\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = []string{
		"WAPAS_CONFIG=" + file, "WAPAS_LOG=text", "WAPAS_TIMEOUT=2m", "WAPAS_KEY=ffff", "HOME=/",
		"WAPAS_DB=postgres://wapas:hunter2@db.example/wapas?sslmode=require",
	}
	var lines []struct{ Name, Value, From, Env string }
	s.json(&lines, "config", "--timeout", "3m")
	got := map[string][2]string{}
	for _, l := range lines {
		got[l.Name] = [2]string{l.Value, l.From}
	}
	for name, want := range map[string][2]string{
		"listen":    {":1", file},
		"log":       {"text", "WAPAS_LOG"},
		"log-level": {"warn", file},
		"timeout":   {"3m", "--timeout"},
		"grace":     {"20s", "default"},
		"key":       {"••••••", "WAPAS_KEY"},
		"db":        {"postgres://wapas:xxxxx@db.example/wapas?sslmode=require", "WAPAS_DB"},
	} {
		if got[name] != want {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
	}
	plain := s.ok("config")
	for _, secret := range []string{"hunter2", "ffff"} {
		if strings.Contains(plain, secret) {
			t.Errorf("config shows %s:\n%s", secret, plain)
		}
	}

	if err := os.WriteFile(file, []byte("listen = :1\nlisen = :2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.fails(exitUsage, []string{file + ":2", `"lisen = :2" is not a setting`}, "config")
}

func TestMasked(t *testing.T) {
	for db, want := range map[string]string{
		"sqlite:wapas.db":                         "sqlite:wapas.db",
		"postgres://u@h/d":                        "postgres://u@h/d",
		"postgres://u:secret@h:5432/d":            "postgres://u:xxxxx@h:5432/d",
		"postgres:///d?host=/tmp&password=secret": "postgres://••••••",
		"postgres://h/d?password=secret":          "postgres://h/d?password=xxxxx",
		"postgres://u:sec ret@h/d":                "postgres:••••••",
	} {
		if got := masked(db); strings.Contains(got, "sec") || got != want && !strings.Contains(got, "•") {
			t.Errorf("masked(%q) = %q, want %q", db, got, want)
		}
	}
}
