package main

import (
	"database/sql"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	_ "modernc.org/sqlite"
)

// Somebody with the database changes what is in it; verify says what is wrong.
// The triggers that forbid most of it are taken away first, as such a person
// would do.
func TestVerify(t *testing.T) {
	s := bareShell(t)
	s.fails(exitFailed, []string{"there is no database", "--db sqlite:FILE"}, "verify", "--db", "sqlite:"+filepath.Join(s.dir, "no", "such", "wapas.db"))
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	api := p.api(m.Keys[0].Name, m.Keys[0].Secret)
	c := &chronicle{api: api}
	for range 2 {
		pay, err := c.paidOrder(t.Context(), api, 100_000)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := api.do(t.Context(), "POST", "/v1/payments/"+pay+"/refund", doc{"amount": 30_000}); err != nil {
			t.Fatal(err)
		}
	}
	p.signal(syscall.SIGTERM)
	p.end()

	var v verdict
	s.json(&v, "verify")
	if !v.OK || v.Books != 2 || v.Entries < 4 || v.Postings < 8 || v.Seals == 0 || v.Events == 0 || v.Rows == 0 {
		t.Fatalf("verify: got %+v", v)
	}

	for _, x := range []struct{ what, sql, names string }{
		{"a changed amount", "UPDATE postings SET amount = amount + 100 WHERE account = '2010' AND n = 1", "2010"},
		{"a deleted posting", "DELETE FROM postings WHERE account = '2010' AND n = 2", "2010"},
		{"an edited balance", "UPDATE accounts SET balance = balance + 100 WHERE id = '2010'", "2010"},
		{"a refund that says less", "UPDATE refunds SET amount = amount - 100 WHERE id = (SELECT min(id) FROM refunds)", "rfnd_"},
		{"two rows that changed places", "UPDATE refunds SET payment_id = (SELECT payment_id FROM refunds r WHERE r.id <> refunds.id)", "pay_"},
		{"a seal with another hash", "UPDATE seals SET hash = replace(hash, substr(hash, 1, 2), 'zz') WHERE n = 2", "seal 2"},
	} {
		bad := &shell{t: t, dir: t.TempDir()}
		path := filepath.Join(bad.dir, "wapas.db")
		bad.env = []string{"WAPAS_DB=sqlite:" + path}
		copyDatabase(t, filepath.Join(s.dir, "wapas.db"), path)
		tamper(t, path, x.sql)
		code, out, _ := bad.run("verify")
		if code != exitFailed || !strings.Contains(out, "WRONG") || !strings.Contains(out, x.names) {
			t.Errorf("%s: exit %d, want %d and %q named:\n%s", x.what, code, exitFailed, x.names, out)
		}
		code, out, _ = bad.run("verify", "--json")
		if code != exitFailed || !strings.Contains(out, `"ok": false`) || !strings.Contains(out, x.names) {
			t.Errorf("%s, as JSON: exit %d\n%s", x.what, code, out)
		}
	}
}

// copyDatabase makes a consistent copy.
func copyDatabase(t *testing.T, from, to string) {
	t.Helper()
	tamper(t, from, "VACUUM INTO '"+to+"'")
}

// tamper runs a statement on a database behind the program's back.
func tamper(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if !strings.HasPrefix(statement, "VACUUM") {
		rows, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'trigger'")
		if err != nil {
			t.Fatal(err)
		}
		var triggers []string
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			triggers = append(triggers, name)
		}
		rows.Close()
		for _, name := range triggers {
			if _, err := db.Exec("DROP TRIGGER " + name); err != nil {
				t.Fatal(err)
			}
		}
	}
	r, err := db.Exec(statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	if n, _ := r.RowsAffected(); n == 0 && !strings.HasPrefix(statement, "VACUUM") {
		t.Fatalf("%s: changed nothing", statement)
	}
}
