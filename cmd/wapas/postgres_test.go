package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"wapas/desk"
)

// newDatabase is a database of its own on the server that tests are given.
func newDatabase(t *testing.T) string {
	t.Helper()
	address := os.Getenv("WAPAS_TEST_POSTGRES")
	if address == "" {
		if os.Getenv("WAPAS_TEST_FULL") != "" {
			t.Fatal("WAPAS_TEST_POSTGRES is not set")
		}
		t.Skip("WAPAS_TEST_POSTGRES is not set")
	}
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	name := "cmd_" + strings.ToLower(desk.Letters(12))
	if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// On PostgreSQL the schema is changed only when asked, and the master key is
// the operator's to make.
func TestPostgres(t *testing.T) {
	db := newDatabase(t)
	s := &shell{t: t, dir: t.TempDir(), env: []string{"WAPAS_DB=" + db}}
	s.fails(exitFailed, []string{"schema", `"wapas migrate"`, "--migrate"}, "merchant", "list")
	s.ok("migrate")
	s.ok("migrate")
	s.fails(exitFailed, []string{"cannot be distributed", "no Citus"}, "migrate", "--distribute", "citus")
	s.fails(exitUsage, []string{"--distribute", "citus", "oracle"}, "migrate", "--distribute", "oracle")
	s.ok("merchant", "list")
	s.fails(exitUsage, []string{"master key", "WAPAS_KEY_FILE"}, "merchant", "create", "Chai Point")
	key := filepath.Join(s.dir, "key")
	if _, err := makeKeyFile(key); err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "WAPAS_KEY_FILE="+key)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")

	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	api := p.api(m.Keys[0].Name, m.Keys[0].Secret)
	c := &chronicle{api: api}
	pay, err := c.paidOrder(t.Context(), api, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.do(t.Context(), "POST", "/v1/payments/"+pay+"/refund", doc{"amount": 30_000}); err != nil {
		t.Fatal(err)
	}
	s.ok("clock", "move", "1h", "--merchant", m.ID)
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone {
		t.Errorf("after SIGTERM: exit %d\n%s", code, p.text())
	}
	var v verdict
	if s.json(&v, "verify"); !v.OK || v.Entries < 2 {
		t.Errorf("verify: got %+v", v)
	}
}
