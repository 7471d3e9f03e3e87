package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wapas/desk"
)

func TestPeople(t *testing.T) {
	s := bareShell(t)
	s.ok("merchant", "create", "Chai Point")
	var p personLine
	s.json(&p, "person", "add", "Asha@Example.in", "--role", "admin", "--generate")
	if p.Email != "asha@example.in" || p.Role != desk.Admin || p.Name != "asha" || len(p.Password) != 20 {
		t.Fatalf("got %+v", p)
	}
	if out := s.ok("person", "add", "ravi@example.in", "--name", "Ravi Kumar"); !strings.Contains(out, "viewer") || !strings.Contains(out, "once") {
		t.Errorf("got %s", out)
	}
	s.ok("person", "role", "ravi@example.in", "finance")
	s.ok("--as", "meera", "person", "disable", "Ravi@example.in")
	var all []personLine
	s.json(&all, "person", "list")
	if len(all) != 2 || all[1].Role != desk.Finance || all[1].DisabledAt == "" || all[1].Password != "" || all[0].DisabledAt != "" {
		t.Fatalf("got %+v", all)
	}
	s.ok("person", "enable", "ravi@example.in")
	if out := s.ok("person", "password", "ravi@example.in", "--generate"); !strings.Contains(out, "password  ") {
		t.Errorf("got %s", out)
	}
	for _, x := range []struct {
		code  int
		words string
		args  string
	}{
		{exitFailed, "somebody has the e-mail", "person add asha@example.in"},
		{exitFailed, "is no role", "person role ravi@example.in boss"},
		{exitFailed, "is the last admin", "person role asha@example.in viewer"},
		{exitFailed, "nobody with the e-mail", "person disable nobody@example.in"},
		{exitFailed, "is no address", "person add asha"},
		{exitFailed, "there is no merchant", "person add x@example.in --merchant none"},
	} {
		s.fails(x.code, []string{x.words}, strings.Fields(x.args)...)
	}
	s.ok("merchant", "create", "Another")
	s.fails(exitUsage, []string{"--merchant"}, "person", "add", "x@example.in")
	s.ok("verify")
}

// A password may come by a pipe; and what people do at a terminal stands in the
// books, with who did it.
func TestPersonPiped(t *testing.T) {
	s := bareShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	run := exec.Command(theProgram(t), "--as", "meera", "person", "add", "asha@example.in", "--password-stdin", "--role", "admin")
	run.Dir, run.Env = s.dir, append(os.Environ(), s.env...)
	run.Stdin = strings.NewReader("correct horse battery\r\n")
	if out, err := run.CombinedOutput(); err != nil || strings.Contains(string(out), "horse") {
		t.Fatalf("%v: %s", err, out)
	}
	p := &program{env: map[string]string{"WAPAS_DB": "sqlite:" + filepath.Join(s.dir, "wapas.db")}, flags: map[string]string{}, out: io.Discard, err: io.Discard}
	cfg, err := p.load()
	if err != nil {
		t.Fatal(err)
	}
	h, err := p.open(t.Context(), cfg, false)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	who, err := h.desk.SignIn(t.Context(), desk.SignInRequest{Email: "asha@example.in", Password: "correct horse battery"})
	if err != nil {
		t.Fatal(err)
	}
	books, err := h.store.Books(t.Context(), desk.BookQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range books {
		acts, err := h.desk.Acts(t.Context(), desk.Query{Book: b.ID})
		if err != nil {
			t.Fatal(err)
		}
		if len(acts) != 8 || acts[0].By != "cli:meera" || acts[0].What != "person.add" || acts[0].Of != who.ID || acts[7].What != "merchant.create" {
			t.Errorf("book %d has %+v", b.ID, acts)
		}
	}
}
