package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wapas/dialect/native"
	"wapas/dialect/razorpay"
	"wapas/upgrade"
)

// fixtureKey is the master key of every fixture: 32 times the letter k.
const fixtureKey = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="

// Where scripts/fixture.sh says which program is to fill a fixture, and what
// commit that is.
const (
	fixtureProgram = "WAPAS_FIXTURE_PROGRAM"
	fixtureCommit  = "WAPAS_FIXTURE_COMMIT"
)

// TestMakeFixture is not a test: with a program it keeps a fixture of the demo
// that this program makes, for the tests of upgrades. See scripts/fixture.sh.
func TestMakeFixture(t *testing.T) {
	program := os.Getenv(fixtureProgram)
	if program == "" {
		t.Skip("make fixture does this")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "wapas.key"), []byte(fixtureKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command(program, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	run("demo", "--once", "--data", dir, "--listen", "127.0.0.1:0")
	const db = "sqlite:wapas.db"
	run("clock", "freeze", "--db", db) // so that nothing that waits happens between this and the tests

	f := upgrade.Fixture{Program: os.Getenv(fixtureCommit), Key: fixtureKey}
	p := startOf(t, program, dir, nil, "serve", "--db", db, "--listen", "127.0.0.1:0")
	f.Asked = asking(t, p.api(demoKeyID, demoKeySecret))
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone {
		t.Fatalf("exit %d\n%s", code, p.text())
	}
	run("verify", "--db", db)
	path := filepath.Join(dir, "wapas.db")
	if err := f.ReadTables(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	name, err := f.Write("../../upgrade")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%s: %d bytes, %d tables, %d answers\n", name, info.Size(), len(f.Tables), len(f.Asked))
}

// asking makes requests that a repeat must answer as the first time, and
// requests that only read, in every room that lets the demo in, and returns
// them with their answers.
func asking(t *testing.T, api *client) []upgrade.Asked {
	t.Helper()
	ctx := t.Context()
	var all []upgrade.Asked
	ask := func(room, method, path string, header map[string]string, body string) reply {
		t.Helper()
		q := upgrade.Asked{Room: room, Method: method, Path: path, Header: header, Body: body}
		got, err := again(t, api, q)
		if err != nil {
			t.Fatal(err)
		}
		if got.status == http.StatusUnauthorized || got.status == http.StatusNotFound && room != razorpay.Room {
			return got // the program does not have the room yet
		}
		if got.status >= 500 {
			t.Fatalf("%s %s: %d %s", method, path, got.status, got.body)
		}
		q.Status, q.Answer = got.status, string(got.body)
		all = append(all, q)
		return got
	}
	key := func(header, value string) map[string]string { return map[string]string{header: value} }

	pay, err := (&chronicle{api: api}).paidOrder(ctx, api, 90_000)
	if err != nil {
		t.Fatal(err)
	}
	refund := "/v1/payments/" + pay + "/refund"
	ask(razorpay.Room, "POST", refund, key("X-Refund-Idempotency", "before-the-upgrade-1"), `{"amount": 40000, "notes": {"why": "too big"}}`)
	ask(razorpay.Room, "POST", refund, key("X-Refund-Idempotency", "before-the-upgrade-2"), `{"amount": 400000}`) // too much, for good
	ask(razorpay.Room, "POST", "/v1/customers/cust_FVjPW3o1BxxOsa/payouts", key("X-Payout-Idempotency", "before-the-upgrade-3"),
		`{"fund_account_id": "fa_FaSwoEzHbedyPz","purpose": "refund","amount": 100,"currency": "INR"}`)
	for _, seed := range seeds[2:] { // those of Engage, PhonePe and Eko: the tour has made them, so these are repeats
		for _, q := range seed.samples {
			ask(seed.room, q.method, q.path, nil, q.body)
		}
	}
	ask(native.Room, "POST", "/api/v1/refunds", key("Idempotency-Key", "before-the-upgrade-4"), `{"payment_id": "`+pay+`", "amount": 1000}`)

	for _, path := range []string{
		"/v1/payments?count=100", "/v1/refunds?count=100", "/v1/orders?count=100", "/v1/transfers?count=100", "/v1/customers?count=100",
		"/v1/settlements?count=100", "/v1/payments/" + pay, refund + "s",
		"/v1/customers/cust_00000000000001/balance", "/v1/customers/cust_00000000000001/statement?count=100", "/v1/payments/pay_JJCqynf4fQS0N1/transfers",
	} {
		ask(razorpay.Room, "GET", path, nil, "")
	}
	for _, path := range []string{"/api/v1/refunds", "/api/v1/members", "/api/v1/events", "/api/v1/accounts", "/api/v1/exceptions"} {
		ask(native.Room, "GET", path, nil, "")
	}
	return all
}

// again makes a request of a fixture.
func again(t *testing.T, api *client, q upgrade.Asked) (reply, error) {
	door := demoDoors[q.Room]
	with := func(path, body string) (string, http.Header) {
		body, h := door(path, body)
		for name, value := range q.Header {
			h.Set(name, value)
		}
		return body, h
	}
	return (&client{base: api.base, door: with, via: api.via}).send(t.Context(), q.Method, q.Path, q.Body)
}
