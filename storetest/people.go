package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

func testPeople(t *testing.T, st desk.Store) {
	ctx := context.Background()
	a := desk.Person{ID: "per_a", Merchant: "m1", Email: "a@example.in", Name: "Asha", Role: desk.Admin, Password: "h1", Epoch: 1, CreatedAt: 2, DisabledAt: 3, LastSeen: 4}
	b := desk.Person{ID: "per_b", Merchant: "m2", Email: "b@example.in", Name: "Bharat", Role: desk.Viewer, Password: "h2", CreatedAt: 1}
	check(t, st.AddPerson(ctx, a))
	check(t, st.AddPerson(ctx, b))
	c := b
	c.ID = "per_c"
	equal(t, "an e-mail that is taken", ledger.CodeOf(st.AddPerson(ctx, c)), ledger.Duplicate)
	got, err := st.Person(ctx, a.ID)
	check(t, err)
	equal(t, "a person", *got, a)
	got, err = st.PersonNamed(ctx, b.Email)
	check(t, err)
	equal(t, "a person by e-mail", *got, b)
	for _, none := range []func() (*desk.Person, error){
		func() (*desk.Person, error) { return st.Person(ctx, "per_none") },
		func() (*desk.Person, error) { return st.PersonNamed(ctx, "A@example.in") },
	} {
		got, err := none()
		check(t, err)
		if got != nil {
			t.Errorf("somebody who is not there: %v", got)
		}
	}
	all, err := st.People(ctx, "m1")
	check(t, err)
	equal(t, "people of a merchant", fmt.Sprint(all), fmt.Sprint([]desk.Person{a}))

	// Of changes at once none is lost, one that fails leaves nothing, and what
	// nobody may change stays.
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := st.ChangePerson(ctx, a.ID, func(p *desk.Person, _ []desk.Person) error { p.Epoch++; return nil }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	fault := errors.New("fault")
	if _, err := st.ChangePerson(ctx, a.ID, func(p *desk.Person, _ []desk.Person) error { p.Epoch = 99; return fault }); err != fault {
		t.Errorf("a change that fails: %v", err)
	}
	_, err = st.ChangePerson(ctx, "per_none", func(*desk.Person, []desk.Person) error { return nil })
	equal(t, "a change of nobody", ledger.CodeOf(err), ledger.NotFound)
	_, err = st.ChangePerson(ctx, a.ID, func(p *desk.Person, _ []desk.Person) error {
		p.Email, p.Merchant, p.Name, p.Role, p.Password, p.DisabledAt = "x", "m2", "A", desk.Finance, "h3", 0
		return nil
	})
	check(t, err)
	a.Name, a.Role, a.Password, a.DisabledAt, a.Epoch = "A", desk.Finance, "h3", 0, 11
	got, err = st.Person(ctx, a.ID)
	check(t, err)
	equal(t, "a changed person", *got, a)

	s := desk.Session{ID: "s1", Person: a.ID, Epoch: 11, From: "10.0.0.1", CreatedAt: 10, SeenAt: 10, ExpiresAt: 20}
	check(t, st.StartSession(ctx, s))
	check(t, st.StartSession(ctx, desk.Session{ID: "s2", Person: b.ID, ExpiresAt: 15}))
	s.SeenAt, s.ExpiresAt = 12, 22
	check(t, st.SeeSession(ctx, s))
	check(t, st.Sweep(ctx, 15))
	sess, who, err := st.SessionOf(ctx, "s1")
	check(t, err)
	a.LastSeen = 12
	equal(t, "a session", *sess, s)
	equal(t, "whose it is", *who, a)
	for _, end := range []func() error{func() error { return nil }, func() error { return st.EndSession(ctx, "s1") }} {
		check(t, end())
		sess, _, err = st.SessionOf(ctx, "s2")
		check(t, err)
		if sess != nil {
			t.Errorf("a session that is over: %v", sess)
		}
	}
	sess, _, err = st.SessionOf(ctx, "s1")
	check(t, err)
	if sess != nil {
		t.Errorf("a session that was ended: %v", sess)
	}

	count := func(name string, now, want int64) {
		t.Helper()
		n, err := st.CountTry(ctx, name, ledger.Time(now), ledger.Time(now+10))
		check(t, err)
		equal(t, fmt.Sprintf("tries of %s at %d", name, now), n, want)
	}
	count("x", 1, 1)
	count("x", 10, 2) // the first count goes on to 11
	count("y", 10, 1)
	check(t, st.ForgiveTry(ctx, "x"))
	check(t, st.ForgiveTry(ctx, "none"))
	count("x", 10, 2)
	count("x", 11, 1)
	for range 3 { // never below none
		check(t, st.ForgiveTry(ctx, "y"))
	}
	count("y", 12, 1)
	check(t, st.Sweep(ctx, 19))
	count("y", 19, 2)
	check(t, st.Sweep(ctx, 20))
	count("y", 19, 1)
	for range 20 {
		wg.Go(func() {
			if _, err := st.CountTry(ctx, "z", 1, 100); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for range 20 { // whose caller is gone is not counted
		if _, err := st.CountTry(gone, "z", 1, 100); err == nil {
			t.Error("a try was counted for a caller that is gone")
		}
	}
	count("z", 1, 21)
}

func testLogbook(t *testing.T, st desk.Store) {
	ctx := context.Background()
	one, two := newBook(t, st, 1), newBook(t, st, 2)
	row := func(book desk.BookID, at ledger.Time, status int64, about desk.ID, ref string) desk.RequestRow {
		return desk.RequestRow{
			ID: desk.RequestRowID(at, "x"), Request: fmt.Sprintf("r%d", at), Book: book, Room: "razorpay", Method: "POST", Path: "/p", Status: status, Took: 5000,
			Caller: "key", ContentType: "application/json", Body: "{}", Answer: "[]", About: about, Ref: ref, At: at,
		}
	}
	rows := []desk.RequestRow{
		row(one, 10, 200, "rfnd_1", "pay_1"), row(one, 20, 400, "pay_1", ""), row(one, 30, 200, "rfnd_2", "pay_1"), row(one, 40, 500, "", "R7"), row(one, 50, 200, "pay_1", "pay_1"),
	}
	rows[4].Room, rows[4].Request = "eko", "r10"
	check(t, st.KeepRequests(ctx, one, rows))
	check(t, st.KeepRequests(ctx, one, rows[:1])) // which are there
	check(t, st.KeepRequests(ctx, one, nil))
	check(t, st.KeepRequests(ctx, two, []desk.RequestRow{row(two, 10, 200, "pay_1", "")}))
	for _, tt := range []struct {
		what string
		q    desk.RequestQuery
		want []int // of rows
	}{
		{"all", desk.RequestQuery{}, []int{4, 3, 2, 1, 0}},
		{"a page", desk.RequestQuery{Count: 2}, []int{4, 3}},
		{"the next", desk.RequestQuery{Count: 2, Before: rows[3].ID}, []int{2, 1}},
		{"of a room", desk.RequestQuery{Room: "eko"}, []int{4}},
		{"refused", desk.RequestQuery{Class: 4}, []int{1}},
		{"failed", desk.RequestQuery{Class: 5}, []int{3}},
		{"about a refund", desk.RequestQuery{About: "rfnd_1"}, []int{0}},
		{"about a payment, in either place", desk.RequestQuery{About: "pay_1"}, []int{4, 2, 1, 0}},
		{"about a payment, a page", desk.RequestQuery{About: "pay_1", Count: 2, Before: rows[4].ID}, []int{2, 1}},
		{"about a payment, refused", desk.RequestQuery{About: "pay_1", Class: 4, Room: "razorpay"}, []int{1}},
		{"about a reference", desk.RequestQuery{About: "R7"}, []int{3}},
		{"about nothing known", desk.RequestQuery{About: "x"}, nil},
		{"of a time", desk.RequestQuery{From: 20, To: 40}, []int{3, 2, 1}},
	} {
		tt.q.Book = one
		got, err := st.Requests(ctx, tt.q)
		check(t, err)
		var want []desk.RequestRow
		for _, i := range tt.want {
			want = append(want, rows[i])
		}
		equal(t, tt.what, fmt.Sprint(got), fmt.Sprint(want))
	}
	for id, want := range map[string]*desk.RequestRow{string(rows[2].ID): &rows[2], "r20": &rows[1], "r10": &rows[4], "none": nil, "": nil} {
		got, err := st.Request(ctx, one, id)
		check(t, err)
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("request %q: got %v, want %v", id, got, want)
		}
	}
	old := func(before ledger.Time, want string) {
		t.Helper()
		ids, err := st.OldRequests(ctx, before)
		check(t, err)
		equal(t, fmt.Sprintf("books with requests from before %d", before), fmt.Sprint(ids), want)
	}
	old(10, "[]")
	old(11, "[1 2]")
	check(t, st.KeepRequests(ctx, newBook(t, st, 3), []desk.RequestRow{row(3, 30, 200, "", "")}))
	old(30, "[1 2]")
	old(31, "[1 2 3]")
	prune := func(before ledger.Time, most, count int, want int64, left ...int) {
		t.Helper()
		n, err := st.PruneRequests(ctx, one, before, most, count)
		check(t, err)
		equal(t, "deleted", n, want)
		all, err := st.Requests(ctx, desk.RequestQuery{Book: one})
		check(t, err)
		equal(t, "left", len(all), left[0])
	}
	prune(5, 100, 10, 0, 5)
	prune(31, 100, 2, 2, 3)
	prune(31, 100, 2, 1, 2)
	prune(5, 1, 10, 1, 1)
	prune(5, 0, 10, 1, 0)
	all, err := st.Requests(ctx, desk.RequestQuery{Book: two})
	check(t, err)
	equal(t, "the other book's", len(all), 1)
}
