package desk_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// from is the context of a request from an address.
func from(t *testing.T, address string) context.Context {
	return desk.Visiting(t.Context(), &desk.Visit{From: address})
}

// A credential passes twice its rate at once and its rate after that, each by
// itself, and only those who hold its secret count for it.
func TestRate(t *testing.T) {
	d, test, live, w := keyDesk(t)
	d.Rate = 10
	for book, name := range map[desk.BookID]string{test.ID: "rzp_test_a", live.ID: "rzp_live_a"} {
		issueKey(t, d, desk.IssueRequest{Room: "razorpay", Book: book, Name: name, Secret: []byte("one")})
	}
	passed := func(name, secret string) (n int) {
		t.Helper()
		for range 50 {
			switch _, err := d.Authenticate(from(t, "192.0.2.1"), "razorpay", name, []byte(secret)); ledger.CodeOf(err) {
			case "":
				n++
			case ledger.Limited:
				refused(t, name, err, ledger.Limited, desk.WhyRate)
			}
		}
		return n
	}
	if n := passed("rzp_test_a", "two"); n != 0 {
		t.Errorf("%d passed with a wrong secret", n)
	}
	for _, x := range []struct {
		name string
		wait time.Duration
		want int
	}{
		{"rzp_test_a", 0, 20}, {"rzp_test_a", 0, 0}, {"rzp_live_a", 0, 20}, {"rzp_test_a", time.Second, 10}, {"rzp_test_a", 300 * time.Millisecond, 3},
		{"rzp_test_a", time.Hour, 20}, {"rzp_test_a", -time.Hour, 20}, // the clock was set back: nobody waits for it to come forward again
	} {
		w.wait(x.wait)
		if n := passed(x.name, "one"); n != x.want {
			t.Errorf("%s after %s: %d passed, want %d", x.name, x.wait, n, x.want)
		}
	}
	d.Rate = 0
	if n := passed("rzp_test_a", "one"); n != 50 {
		t.Errorf("with no rate, %d passed", n)
	}
}

// Whoever shows only the public half is counted by network, and spends nothing
// of what is the merchant's own.
func TestRateInPublic(t *testing.T) {
	d, test, _, _ := keyDesk(t)
	d.Rate = 5
	issueKey(t, d, desk.IssueRequest{Room: "razorpay", Book: test.ID, Name: "rzp_test_a", Secret: []byte("one")})
	passed := func(address string) (n int) {
		for range 30 {
			if _, err := d.Recognise(from(t, address), "razorpay", "rzp_test_a"); err == nil {
				n++
			}
		}
		return n
	}
	for _, x := range []struct {
		address string
		want    int
	}{{"192.0.2.1:999", 10}, {"192.0.2.1:1000", 0}, {"192.0.2.2", 10}, {"[2001:db8::1]:9", 10}, {"[2001:db8::2]:9", 0}, {"[2001:db8:1::2]:9", 10}} {
		if n := passed(x.address); n != x.want {
			t.Errorf("%s: %d passed, want %d", x.address, n, x.want)
		}
	}
	if _, err := d.Authenticate(from(t, "192.0.2.1"), "razorpay", "rzp_test_a", []byte("one")); err != nil {
		t.Errorf("the merchant itself: %v", err)
	}
}

// lookups counts the credentials that are read from the database.
type lookups struct {
	desk.Store
	n int
}

func (s *lookups) Credential(ctx context.Context, room, name string) (*desk.Credential, error) {
	s.n++
	return s.Store.Credential(ctx, room, name)
}

// A network that shows one wrong credential after another is told to wait, and
// costs the database nothing more; whoever was let in here before gets in from
// there as well, and others are not touched.
func TestStrangers(t *testing.T) {
	d, test, _, w := keyDesk(t)
	store := &lookups{Store: d.Store}
	d.Store = store
	issueKey(t, d, desk.IssueRequest{Room: "native", Book: test.ID, Secret: []byte("known")})
	issueKey(t, d, desk.IssueRequest{Room: "native", Book: test.ID, Secret: []byte("new")})
	if _, err := d.Bearer(from(t, "192.0.2.1"), "native", []byte("known")); err != nil {
		t.Fatal(err)
	}
	store.n = 0
	denied, limited := 0, 0
	guess := func(n int) {
		for i := range n {
			switch _, err := d.Bearer(from(t, "192.0.2.1"), "native", fmt.Appendf(nil, "guess %d", i)); ledger.CodeOf(err) {
			case ledger.Denied:
				denied++
			case ledger.Limited:
				refused(t, "a guess", err, ledger.Limited, desk.WhyStrangers)
				limited++
			default:
				t.Fatalf("a guess was answered %v", err)
			}
		}
	}
	guess(1000)
	if denied != 120 || limited != 880 || store.n != 120 {
		t.Errorf("%d denied, %d limited, %d looked up; want 120, 880 and 120", denied, limited, store.n)
	}
	w.wait(6 * time.Second) // what is known of a credential is not fresh any more
	guess(100)
	if _, err := d.Bearer(from(t, "192.0.2.1"), "native", []byte("known")); err != nil {
		t.Errorf("who was here before: %v", err)
	}
	_, err := d.Bearer(from(t, "192.0.2.1"), "native", []byte("new"))
	refused(t, "who was not", err, ledger.Limited, desk.WhyStrangers)
	for _, address := range []string{"192.0.2.2", ""} {
		if _, err := d.Bearer(from(t, address), "native", []byte("new")); err != nil {
			t.Errorf("from %q: %v", address, err)
		}
	}
	w.wait(time.Second)
	denied = 0
	if guess(10); denied != 2 {
		t.Errorf("a second later, %d were looked at", denied)
	}
	// A wrong secret of a known name is told to wait, and the right one still opens.
	issueKey(t, d, desk.IssueRequest{Room: "razorpay", Book: test.ID, Name: "rzp_test_a", Secret: []byte("one")})
	if _, err := d.Authenticate(from(t, "192.0.2.9"), "razorpay", "rzp_test_a", []byte("one")); err != nil {
		t.Fatal(err)
	}
	for range 130 {
		_, err = d.Authenticate(from(t, "192.0.2.9"), "razorpay", "rzp_test_a", []byte("two"))
	}
	refused(t, "a wrong secret", err, ledger.Limited, desk.WhyStrangers)
	if _, err := d.Authenticate(from(t, "192.0.2.9"), "razorpay", "rzp_test_a", []byte("one")); err != nil {
		t.Errorf("the right secret: %v", err)
	}
}
