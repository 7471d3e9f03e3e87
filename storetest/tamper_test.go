package storetest_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"wapas/desk"
	"wapas/ledger"
	"wapas/sqlstore"
	"wapas/storetest"
)

// Whoever changes the books behind the program's back is found out, and what
// was changed is named. The rule against it (a trigger) is taken away first.
func TestVerifyFindsTampering(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		who := playGolden(t, w, deskHands{w})
		clean(t, w.store)
		w.shut()
		copied := e.Copies(t, w.address)
		names := strings.NewReplacer("$A", string(who.payA), "$B", string(who.payB), "$W", string(who.custW),
			"$T", string(who.tat), "$G", string(who.agent), "$S", string(who.member), "$F", string(who.failed), "$D", string(who.sent))

		for _, tt := range []struct {
			name string
			sql  string   // one statement a line
			want []string // each is the beginning of a finding
		}{
			{"a changed amount",
				"UPDATE postings SET amount = amount + 1 WHERE account = '2010' AND n = 3",
				[]string{"I-1 entry ", "I-2 2010: ", "seals seal "}},
			{"a deleted posting",
				"DELETE FROM postings WHERE account = '2010' AND n = 3",
				[]string{"I-1 entry ", "I-2 2010: ", "seals seal "}},
			{"a deleted last posting",
				"DELETE FROM postings WHERE account = '1100/sim' AND n = (SELECT n FROM accounts WHERE id = '1100/sim')",
				[]string{"I-1 entry ", "I-2 1100/sim: ", "seals seal "}},
			{"two postings swapped",
				"UPDATE postings SET n = -1 WHERE account = '2010' AND n = 3\n" +
					"UPDATE postings SET n = 3 WHERE account = '2010' AND n = 4\n" +
					"UPDATE postings SET n = 4 WHERE account = '2010' AND n = -1",
				[]string{"I-2 2010: ", "seals seal "}},
			{"a posting moved to another account",
				"UPDATE postings SET account = '3000', n = 2 WHERE account = '4010' AND n = 2",
				[]string{"I-2 3000: ", "I-2 4010: ", "seals seal "}},
			{"another entry's posting",
				"UPDATE postings SET entry = entry + 1000 WHERE account = '4030' AND n = 1",
				[]string{"I-1 entry ", "I-1 account 4030: ", "seals seal "}},
			{"another side",
				"UPDATE postings SET side = -side WHERE account = '2014' AND n = 1",
				[]string{"I-1 entry ", "I-2 2014: ", "seals seal "}},
			{"an edited balance",
				"UPDATE accounts SET balance = balance + 1 WHERE id = '2010'",
				[]string{"I-1 book: ", "I-2 2010: ", "state book "}},
			{"an edited balance, with the last posting's",
				"UPDATE accounts SET balance = balance + 1 WHERE id = '2010'\n" +
					"UPDATE postings SET balance = balance + 1 WHERE account = '2010' AND n = (SELECT n FROM accounts WHERE id = '2010')",
				[]string{"I-2 2010: ", "seals seal ", "state book "}},
			{"an edited position",
				"UPDATE accounts SET n = n + 1 WHERE id = '2100/$W'",
				[]string{"I-2 2100/$W: ", "state book "}},
			{"a deleted balance",
				"DELETE FROM accounts WHERE id = '4030'",
				[]string{"I-2 4030: ", "state book "}},
			{"an edited reason",
				"UPDATE entries SET reason = 'cashback' WHERE reason = 'loaded'",
				[]string{"seals seal "}},
			{"an entry of another refund",
				"UPDATE entries SET cause = '$B' WHERE reason = 'refund_failed'",
				[]string{"I-11 $B: ", "seals seal "}},
			{"an entry at another time",
				"UPDATE entries SET at = at + 1 WHERE no = 5",
				[]string{"seals seal "}},
			{"a deleted entry",
				"DELETE FROM postings WHERE entry = 7\nDELETE FROM entries WHERE no = 7",
				[]string{"I-14 entry 8: ", "I-2 2010: ", "seals seal "}},
			{"a deleted end",
				"DELETE FROM postings WHERE entry = (SELECT max(no) FROM entries)\nDELETE FROM entries WHERE no = (SELECT max(no) FROM entries)",
				[]string{"I-2 2014: ", "seals seal "}},
			{"an added entry",
				"INSERT INTO entries (book, no, reason, cause, at) SELECT book, max(no) + 1, 'captured', 'pay_x', 1 FROM entries GROUP BY book",
				[]string{"seals entry "}},
			{"an edited event",
				"UPDATE events SET about = replace(about, '12000', '12001') WHERE about LIKE '%12000%'",
				[]string{"seals seal "}},
			{"a renamed event",
				"UPDATE events SET name = 'refund.processed' WHERE name = 'refund.failed'",
				[]string{"seals seal "}},
			{"a deleted event",
				"DELETE FROM events WHERE no = 3",
				[]string{"seals seal "}},
			{"an edited seal",
				"UPDATE seals SET hash = replace(replace(hash, 'a', 'b'), '1', '2') WHERE n = 5",
				[]string{"seals seal 5: ", "seals seal 6: "}},
			{"a seal's state",
				"UPDATE seals SET state = (SELECT state FROM seals s WHERE s.book = seals.book AND s.n = 4) WHERE n = 5",
				[]string{"seals seal 5: "}},
			{"a deleted seal",
				"DELETE FROM seals WHERE n = 5",
				[]string{"seals seal 6: "}},
			{"a deleted last seal",
				"DELETE FROM seals WHERE n = (SELECT max(n) FROM seals)",
				[]string{"seals "}},
			{"a book that forgot its last seal",
				"UPDATE books SET seal = seal - 1 WHERE seal > 0",
				[]string{"seals book "}},
			{"an edited refund",
				"UPDATE refunds SET amount = amount - 1 WHERE payment_id = '$B'",
				[]string{"I-4 $B: ", "I-11 rfnd_", "state book "}},
			{"a refund that failed and did not",
				"UPDATE refunds SET state = 'done', processed_at = 1 WHERE state = 'failed'",
				[]string{"I-4 $A: ", "I-11 rfnd_", "state book "}},
			{"two refunds swapped",
				"UPDATE refunds SET payment_id = CASE payment_id WHEN '$A' THEN '$B' ELSE '$A' END WHERE payment_id IN ('$A', '$B')",
				[]string{"I-4 $A: ", "I-4 $B: ", "state book "}},
			{"an edited payment",
				"UPDATE payments SET refunded = 0 WHERE id = '$B'",
				[]string{"I-4 $B: ", "state book "}},
			{"a payment above its limit",
				"UPDATE payments SET disputed = amount WHERE id = '$A'",
				[]string{"I-4 $A: ", "state book "}},
			{"an edited transfer",
				"UPDATE transfers SET reversed = reversed - 1, state = 'partially_reversed' WHERE amount = 150000",
				[]string{"I-6 trf_", "state book "}},
			{"an edited payout",
				"UPDATE payouts SET state = 'processed' WHERE state = 'reversed'",
				[]string{"I-11 pout_", "state book "}},
			{"an edited credit",
				"UPDATE credits SET amount = amount - 1, remaining = remaining - 1 WHERE purpose = 'goodwill'",
				[]string{"I-11 ientxn_", "state book "}},
			{"a credit that has more left",
				"UPDATE credits SET remaining = remaining + 1 WHERE purpose = 'goodwill'",
				[]string{"I-8 2105/$S: ", "state book "}},
			{"a spend of less",
				"UPDATE credits SET amount = amount - 1 WHERE purpose = 'spend'",
				[]string{"I-11 ientxn_", "state book "}},
			{"an edited remittance",
				"UPDATE remittances SET amount = amount + 1 WHERE id = '$D'",
				[]string{"I-11 $D: ", "state book "}},
			{"a remittance that arrived and did not",
				"UPDATE remittances SET state = 'refund_pending', owed = customer WHERE id = '$D'",
				[]string{"I-8 2420/$G: ", "I-11 $D: ", "state book "}},
			{"a remittance of another fee",
				"UPDATE remittances SET fee = fee + 1 WHERE id = '$F'",
				[]string{"I-11 $F: ", "state book "}},
			{"a commission that was another, of a remittance that was refunded",
				"UPDATE remittances SET commission = commission + 1 WHERE id = '$F'",
				[]string{"I-11 $F: commission given: ", "state book "}},
			{"a rail order of another amount",
				"UPDATE rail_orders SET amount = amount + 1 WHERE id = '$D'",
				[]string{"I-8 $D: to be moved by its rail order: ", "state book "}},
			{"a consent to another amount",
				"UPDATE consents SET amount = amount - 1 WHERE subject = '$F' AND state = 'spent'",
				[]string{"I-11 $F: agreed to by consent: ", "state book "}},
			{"a consent that was not given",
				"UPDATE consents SET state = 'dead', tries = 5 WHERE subject = '$F'",
				[]string{"I-11 $F: consents spent: 0, but 1", "state book "}},
			{"a refund to an agent, edited",
				"UPDATE refunds SET amount = amount + 100 WHERE holder = '$G'",
				[]string{"I-11 rfnd_", "state book "}},
			{"a clock that paid less",
				"UPDATE tat_clocks SET accrued = accrued - 10000, late_days = late_days - 1 WHERE id = '$T'",
				[]string{"I-11 $T: posted on 5030: ", "state book "}},
			{"a clock against its rule",
				"UPDATE tat_clocks SET accrued = accrued + 1 WHERE id = '$T'",
				[]string{"I-11 $T: clock is late by 2 days", "state book "}},
			{"a clock that owes again",
				"UPDATE tat_clocks SET state = 'breached', paid_to = '', ended_at = 0 WHERE id = '$T'",
				[]string{"I-8 2500: ", "I-11 $T: ", "state book "}},
			{"a clock that was due later",
				"UPDATE tat_clocks SET due_day = due_day + 1 WHERE id = '$T'",
				[]string{"I-11 $T: clock of PPI_ONUS is due", "state book "}},
			{"a deleted clock",
				"DELETE FROM tat_clocks WHERE id = '$T'",
				[]string{"I-11 $T: ", "state book "}},
			{"an edited booking",
				"UPDATE bookings SET amount = amount + 1 WHERE what = 'own_funds'",
				[]string{"I-11 bok_", "state book "}},
			{"a clock that stopped on another day",
				"UPDATE tat_clocks SET stop_day = stop_day + 1 WHERE id = '$T'",
				[]string{"I-11 $T: clock stopped on ", "state book "}},
			{"a booking with a part that it cannot have",
				"UPDATE bookings SET identified = 1 WHERE what = 'own_funds'",
				[]string{"I-11 bok_", "state book "}},
			{"a booking of another cost",
				"UPDATE bookings SET cost = cost - 1, tax = tax + 1 WHERE what = 'provider_settled'",
				[]string{"I-11 bok_", "state book "}},
			{"a deleted booking",
				"DELETE FROM bookings WHERE what = 'float_topped_up'",
				[]string{"I-11 bok_", "state book "}},
			{"a booking nobody posted",
				"INSERT INTO bookings SELECT book, 'bok_x', what, about, party, amount, cost, tax, cgst, sgst, igst, debit, credit, identified, reference, note, person, second, state, created_at, done_at FROM bookings WHERE what = 'own_funds'",
				[]string{"I-11 bok_x: opening entries: 0, but 1", "state book "}},
			{"an edited reference of a booking",
				"UPDATE bookings SET reference = 'HDFCN000000' WHERE what = 'own_funds'",
				[]string{"state book "}},
			{"an edited name",
				"UPDATE customers SET name = 'Eve' WHERE id = '$W'",
				[]string{"state book "}},
			{"an added row",
				"INSERT INTO timers (book, id, what, subject, due_at) SELECT book, 'x', 'x', 'x', 1 FROM books WHERE seal > 0",
				[]string{"state book "}},
			{"a deleted row",
				"DELETE FROM refunds WHERE payment_id = '$A' AND state = 'failed'",
				[]string{"I-11 rfnd_", "state book "}},
			{"a key about nothing",
				"DELETE FROM linked_accounts WHERE email = 'one@example.com'",
				[]string{"I-10 linked.email/one@example.com: ", "state book "}},
			{"a clock moved behind the program's back",
				"UPDATE books SET clock_ahead = clock_ahead + 1 WHERE mode = 'test'",
				[]string{"state book "}},
			{"a test book made live",
				"UPDATE books SET mode = 'live' WHERE mode = 'test'",
				[]string{"state book "}},
			{"an edited line of a statement",
				"UPDATE wallet_lines SET credit = credit + 1 WHERE wallet = '$W' AND n = 1",
				[]string{"I-12 $W: "}},
			{"an edited description on a statement",
				"UPDATE wallet_lines SET description = 'something else' WHERE wallet = '$W' AND n = 2",
				nil},
			{"a refund that was counted twice",
				"UPDATE hours SET made = made + 1 WHERE what = 'refund' AND made = (SELECT max(made) FROM hours WHERE what = 'refund')",
				[]string{"I-15 refunds of the day ", "I-15 refunds of the hour "}},
			{"a payout that was not counted",
				"DELETE FROM hours WHERE what = 'payout'",
				[]string{"I-15 payouts of the "}},
			{"payments counted in another hour",
				"UPDATE hours SET hour = hour + 1000 WHERE what = 'payment'",
				[]string{"I-15 payments of the hour "}},
			{"a day with another amount",
				"UPDATE days SET done_amount = done_amount - 1 WHERE what = 'refund' AND done_amount > 0",
				[]string{"I-15 refunds of the day "}},
			{"an edited sum of wallets",
				"UPDATE code_sums SET net = net - 1 WHERE code = '2100'",
				[]string{"I-15 code 2100: "}},
			{"a wallet more than there are",
				"UPDATE code_sums SET accounts = accounts + 1 WHERE code = '2100'",
				[]string{"I-15 code 2100: "}},
			{"a deleted last line of a statement",
				"DELETE FROM wallet_lines WHERE wallet = '$W' AND n = 8",
				[]string{"I-12 $W: "}},
		} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				address := copied(t)
				tamper(t, e, address, strings.Split(names.Replace(tt.sql), "\n"))
				st := open(t, address, sqlstore.Options{})
				rep, err := sqlstore.Verify(context.Background(), st, nil)
				if err != nil {
					t.Fatal(err)
				}
				var found []string
				for _, f := range rep.Findings {
					found = append(found, fmt.Sprintf("%s %s: %s", f.Rule, f.What, f.Detail))
				}
				if len(found) == 0 {
					t.Fatal("nothing was found")
				}
				for _, want := range tt.want {
					want = names.Replace(want)
					if !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, want) }) {
						t.Errorf("want %s…, found\n%s", want, strings.Join(found, "\n"))
					}
				}
			})
		}
	})
}

// facts are the tables that the database refuses to change, beside acts.
var facts = []string{"entries", "postings", "wallet_lines", "events", "seals"}

// Whoever rewrites what people did, or what one asked and another agreed to, is
// found out as well: the audit log lies under the seals. The rule against it is
// taken away first.
func TestVerifyFindsTamperedActs(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		p := w.paid(900_00)
		as := func(who string) context.Context {
			return desk.As(w.ctx, desk.Actor{By: "per_" + who, Name: who, What: "console.refunds.new", Detail: `{"reason":"broken"}`, From: "10.0.0.1"})
		}
		ask := func(a ledger.Amount) desk.Proposal {
			return got(w.ProposeRefund(as("asha"), w.book, desk.Once{}, desk.ProposalRequest{
				ManualRefund: desk.ManualRefund{Payment: p.ID, Amount: a, To: desk.ToSource}, By: "asha@example.in", Note: "broken",
			}))(t)
		}
		agreed, declined, asked := ask(100_00), ask(200_00), ask(300_00)
		got(w.AgreeRefund(as("ravi"), w.book, agreed.ID, "ravi@example.in"))(t)
		got(w.DeclineRefund(as("ravi"), w.book, declined.ID, "ravi@example.in"))(t)
		acts := got(w.Acts(w.ctx, desk.Query{Book: w.book, Oldest: true}))(t)
		if len(acts) != 5 {
			t.Fatalf("there are %d acts", len(acts))
		}
		clean(t, w.store)
		w.shut()
		copied := e.Copies(t, w.address)
		names := strings.NewReplacer("$1", string(acts[0].ID), "$2", string(acts[1].ID), "$5", string(acts[4].ID),
			"$A", string(agreed.ID), "$D", string(declined.ID), "$O", string(asked.ID))
		const columns, theirs = "book, id, person, name, what, about, detail, address, created_at", "book, '%s', person, name, what, about, detail, address, created_at"
		swap := "UPDATE acts SET id = 'act_x' WHERE id = '$1'\nUPDATE acts SET id = '$1' WHERE id = '$2'\nUPDATE acts SET id = '$2' WHERE id = 'act_x'"
		for _, tt := range []struct{ name, sql string }{
			{"another person", "UPDATE acts SET person = 'per_ravi', name = 'ravi' WHERE id = '$1'"},
			{"another thing that was done", "UPDATE acts SET what = 'console.refunds.look' WHERE id = '$1'"},
			{"done to something else", "UPDATE acts SET about = '$D' WHERE id = '$1'"},
			{"another reason", "UPDATE acts SET detail = '{}' WHERE id = '$1'"},
			{"from another address", "UPDATE acts SET address = '10.0.0.2' WHERE id = '$1'"},
			{"at another time", "UPDATE acts SET created_at = created_at + 1 WHERE id = '$1'"},
			{"removed, the first", "DELETE FROM acts WHERE id = '$1'"},
			{"removed, the last", "DELETE FROM acts WHERE id = '$5'"},
			{"removed, all of one person", "DELETE FROM acts WHERE person = 'per_ravi'"},
			{"removed, all", "DELETE FROM acts"},
			{"two in another order", swap},
			{"two at each other's time", "UPDATE acts SET created_at = (SELECT max(created_at) FROM acts a) + (SELECT min(created_at) FROM acts a) - created_at + 1 WHERE id IN ('$1', '$5')"},
			{"inserted", "INSERT INTO acts (" + columns + ") SELECT " + fmt.Sprintf(theirs, "act_zzzzzzzzzzzzzz") + " FROM acts WHERE id = '$1'"},
			{"inserted without a name", "INSERT INTO acts (" + columns + ") SELECT " + fmt.Sprintf(theirs, "") + " FROM acts WHERE id = '$1'"},
			{"moved to another book", "UPDATE acts SET book = (SELECT max(book) FROM books) WHERE id = '$1'"},
			{"a proposal that was agreed to", "UPDATE proposals SET state = 'agreed', second = 'ravi@example.in', refund_id = 'rfnd_x', ended_at = 1 WHERE id = '$O'"},
			{"a proposal that nobody agreed to", "UPDATE proposals SET state = 'declined', refund_id = '' WHERE id = '$A'"},
			{"a proposal that was not declined", "UPDATE proposals SET state = 'asked', second = '', ended_at = 0 WHERE id = '$D'"},
			{"a proposal of another amount", "UPDATE proposals SET amount = amount + 1 WHERE id = '$A'"},
			{"another who asked", "UPDATE proposals SET person = 'somebody' WHERE id = '$A'"},
			{"another who agreed", "UPDATE proposals SET second = 'somebody' WHERE id = '$A'"},
			{"another note", "UPDATE proposals SET note = 'lost' WHERE id = '$A'"},
			{"another refund made of it", "UPDATE proposals SET refund_id = 'rfnd_x' WHERE id = '$A'"},
			{"a proposal that is gone", "DELETE FROM proposals WHERE id = '$A'"},
			{"a proposal that nobody made", "UPDATE proposals SET id = 'prop_zzzzzzzzzzzzzz' WHERE id = '$D'"},
			{"a proposal without a name", "UPDATE proposals SET id = '' WHERE id = '$D'"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				address := copied(t)
				tamper(t, e, address, strings.Split(names.Replace(tt.sql), "\n"))
				rep, err := sqlstore.Verify(w.ctx, open(t, address, sqlstore.Options{}), nil)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.ContainsFunc(rep.Findings, func(f sqlstore.Finding) bool { return f.Rule == "state" }) {
					t.Errorf("the state of no book is found to be another: %+v", rep.Findings)
				}
			})
		}
		// A row that looks like nothing in the digest is still counted.
		address := copied(t)
		tamper(t, e, address, []string{"INSERT INTO timers (book, id, what, subject, due_at) SELECT book, '', 'x', 'x', 1 FROM books WHERE seal > 0"})
		if rep := got(sqlstore.Verify(w.ctx, open(t, address, sqlstore.Options{}), nil))(t); len(rep.Findings) == 0 {
			t.Error("a row without a name was added, and nothing was found")
		}
	})
}

// tamper runs statements on a database, each of which must change something.
func tamper(t *testing.T, e storetest.Engine, address string, stmts []string) {
	t.Helper()
	driver, dsn := "pgx", address
	if e.Name == "sqlite" {
		driver, dsn = "sqlite", strings.TrimPrefix(address, "sqlite:")
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, table := range append(slices.Clone(facts), "acts", "archives") {
		drop := []string{"DROP TRIGGER IF EXISTS " + table + "_append_only ON " + table}
		if e.Name == "sqlite" {
			drop = []string{"DROP TRIGGER " + table + "_no_update", "DROP TRIGGER " + table + "_no_delete"}
		}
		for _, d := range drop {
			if _, err := db.Exec(d); err != nil {
				t.Fatalf("%s: %v", d, err)
			}
		}
	}
	for _, s := range stmts {
		res, err := db.Exec(s)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			t.Fatalf("%s: changed %d rows, %v", s, n, err)
		}
	}
}

// The rule against it holds while nobody takes it away.
func TestFactsCannotBeEdited(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		w.paid(1000)
		c := w.customer("9876543210")
		got(w.TransferDirect(desk.As(w.ctx, desk.Actor{By: "per_asha", What: "console.transfer"}), w.book, transferOf(c.ID, 500)))(t)
		driver, dsn := "pgx", w.address
		if e.Name == "sqlite" {
			driver, dsn = "sqlite", strings.TrimPrefix(w.address, "sqlite:")
		}
		db, err := sql.Open(driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for _, table := range append(slices.Clone(facts), "acts") {
			for _, s := range []string{"UPDATE " + table + " SET book = book", "DELETE FROM " + table} {
				if _, err := db.Exec(s); err == nil || !strings.Contains(err.Error(), "append-only") {
					t.Errorf("%s: %v", s, err)
				}
			}
		}
		clean(t, w.store)
	})
}
