package main

import (
	"reflect"
	"strings"
	"testing"

	"wapas/desk"
)

// Every term can be shown and set.
func TestTermsAreWhole(t *testing.T) {
	var terms desk.Terms
	fields := reflect.TypeOf(terms).NumField() - len([]string{"ID", "From"})
	if len(clauses) != fields {
		t.Errorf("%d terms are listed of %d", len(clauses), fields)
	}
	seen := map[any]string{}
	for _, m := range clauses {
		if other := seen[m.at(&terms)]; other != "" {
			t.Errorf("%s and %s are the same", m.name, other)
		}
		seen[m.at(&terms)] = m.name
	}
}

func TestTerms(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Chai Point")
	var shown map[string]any
	s.json(&shown, "terms", "show")
	if shown["programme"] != "closed" || shown["payment_bps"] != 0.0 || shown["max_balance"] != 2000000.0 {
		t.Errorf("a new book lives by %v", shown)
	}
	s.json(&shown, "terms", "set", "programme=full_kyc", "payment_bps=200", "confirm_refunds=true", "max_balance=20000000")
	s.json(&shown, "terms", "show")
	if shown["programme"] != "full_kyc" || shown["payment_bps"] != 200.0 || shown["confirm_refunds"] != true || shown["max_balance"] != 20000000.0 {
		t.Errorf("after setting it lives by %v", shown)
	}
	s.json(&shown, "terms", "show", "--mode", "live")
	if shown["programme"] != "closed" {
		t.Errorf("the live book changed too: %v", shown)
	}
	s.json(&shown, "terms", "set", "payment_bps=300", "--from", "2099-04-01T00:00:00+05:30")
	s.json(&shown, "terms", "show")
	if shown["payment_bps"] != 200.0 {
		t.Errorf("terms of 2099 are in force: %v", shown)
	}
	for _, bad := range []string{"payment_bps", "nothing=1", "payment_bps=much", "interstate=perhaps"} {
		s.fails(exitUsage, []string{strings.Split(bad, "=")[0]}, "terms", "set", bad)
	}
	s.fails(exitFailed, []string{"programme"}, "terms", "set", "programme=magic")
}
