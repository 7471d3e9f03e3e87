package ledger_test

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"testing"

	. "wapas/ledger"
)

func TestApply(t *testing.T) {
	as := Accounts{Available: {Amount: 1000, N: 7}, "2100/w": {Amount: 200, N: 2}}
	before := maps.Clone(as)
	lines, after, err := as.Apply(Journal{}.Dr(Available, 600).Cr("2100/w", 500).Cr("2101/w", 100), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantLines := []Line{
		{Posting{Available, Debit, 600}, 8, 400},
		{Posting{"2100/w", Credit, 500}, 3, 700},
		{Posting{"2101/w", Credit, 100}, 1, 100},
	}
	wantAfter := Accounts{Available: {400, 8}, "2100/w": {700, 3}, "2101/w": {100, 1}}
	if !reflect.DeepEqual(lines, wantLines) {
		t.Errorf("lines %v, want %v", lines, wantLines)
	}
	if !maps.Equal(after, wantAfter) {
		t.Errorf("after %v, want %v", after, wantAfter)
	}
	if !maps.Equal(as, before) {
		t.Errorf("Apply changed its receiver to %v", as)
	}
}

// An account that an entry names twice has two lines, one after the other.
func TestApplyTwice(t *testing.T) {
	as := Accounts{Available: {Amount: 100, N: 1}}
	lines, after, err := as.Apply(Journal{}.Dr(Available, 150).Cr("2100/w", 150).Cr(Available, 60).Dr("1100/p", 60), nil)
	if err != nil {
		t.Fatal(err) // it dips below zero on the way and ends above it
	}
	if lines[0].N != 2 || lines[0].Balance != -50 || lines[2].N != 3 || lines[2].Balance != 10 || after[Available] != (Balance{10, 3}) {
		t.Errorf("lines %v, after %v", lines, after)
	}
}

func TestApplyRefusals(t *testing.T) {
	as := Accounts{Available: {Amount: 100, N: 1}, "2100/w": {Amount: 50, N: 1}, "2100/deep": {Amount: -80, N: 3}}
	tooMany := Journal{}
	for range MaxPostings/2 + 1 {
		tooMany = tooMany.Dr("1100/p", 1).Cr(Available, 1)
	}
	for _, tt := range []struct {
		name   string
		j      []Posting
		floors map[AccountID]Amount
		code   Code
		field  string
	}{
		{"no postings", nil, nil, Internal, ""},
		{"one posting", Journal{}.Dr(Available, 1), nil, Internal, ""},
		{"too many postings", tooMany, nil, Internal, ""},
		{"unbalanced", Journal{}.Dr(Available, 2).Cr("2100/w", 1), nil, Internal, ""},
		{"unbalanced, and below the floor", Journal{}.Dr(Available, 200).Cr("2100/w", 1), nil, Internal, ""},
		{"a negative amount", []Posting{{Available, Debit, -1}, {"2100/w", Credit, -1}}, nil, Internal, ""},
		{"an amount of zero", []Posting{{Available, Debit, 0}, {"2100/w", Credit, 0}}, nil, Internal, ""},
		{"no side", []Posting{{Available, 0, 1}, {"2100/w", Credit, 1}}, nil, Internal, ""},
		{"no such account", Journal{}.Dr("2099", 1).Cr(Available, 1), nil, Internal, ""},
		{"an owner is missing", Journal{}.Dr(Available, 1).Cr(WalletCash, 1), nil, Internal, ""},
		{"an owner too many", Journal{}.Dr("2010/m", 1).Cr("2100/w", 1), nil, Internal, ""},
		{"the last paisa", Journal{}.Dr(Available, 100).Cr("2100/w", 100), nil, "", ""},
		{"one more", Journal{}.Dr(Available, 101).Cr("2100/w", 101), nil, Insufficient, "2010"},
		{"an account that never had a posting", Journal{}.Dr("2101/w", 1).Cr(Available, 1), nil, Insufficient, "2101/w"},
		{"the first that is short is named", Journal{}.Dr("2100/w", 51).Dr(Available, 101).Cr("2020/l", 152), nil, Insufficient, "2100/w"},
		{"a reserve", Journal{}.Dr(Available, 150).Cr("2100/w", 150), map[AccountID]Amount{Available: -50}, "", ""},
		{"beyond the reserve", Journal{}.Dr(Available, 151).Cr("2100/w", 151), map[AccountID]Amount{Available: -50}, Insufficient, "2010"},
		{"a floor above zero", Journal{}.Dr(Available, 51).Cr("2100/w", 51), map[AccountID]Amount{Available: 50}, Insufficient, "2010"},
		{"no floor", Journal{}.Dr(FeePayment, 1000).Cr("1100/p", 1000), nil, "", ""},
		{"deep below, and growing", Journal{}.Dr(Available, 10).Cr("2100/deep", 10), nil, "", ""},
		{"deep below, in and out again", Journal{}.Cr("2100/deep", 10).Dr("2100/deep", 10), nil, "", ""},
		{"deep below, and sinking", Journal{}.Dr("2100/deep", 1).Cr(Available, 1), nil, Insufficient, "2100/deep"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := as.Apply(tt.j, tt.floors)
			if CodeOf(err) != tt.code {
				t.Fatalf("got %v, want code %q", err, tt.code)
			}
			if e, ok := err.(*Error); ok && e.Field != tt.field {
				t.Errorf("got field %q, want %q", e.Field, tt.field)
			}
		})
	}
}

func TestAccountID(t *testing.T) {
	id := Account(WalletCash, "cust_1")
	if id != "2100/cust_1" || id.Code() != WalletCash || id.Owner() != "cust_1" {
		t.Errorf("%q is of code %q and owner %q", id, id.Code(), id.Owner())
	}
	if id := Account(Available, ""); id != "2010" || id.Code() != Available || id.Owner() != "" {
		t.Errorf("%q is of code %q and owner %q", id, id.Code(), id.Owner())
	}
}

// Whatever journals are applied in whatever order, the trial balance is zero,
// every balance is the sum of its lines, positions are dense, and no account
// ends an entry below its floor.
func TestApplyAlwaysAddsUp(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		as, followed := Accounts{}, Accounts{}
		var posted, refused int
		for range 400 {
			j := journals[r.IntN(len(journals))].make(random(r))
			lines, after, err := as.Apply(j, nil)
			if err != nil {
				if CodeOf(err) != Insufficient {
					t.Fatalf("seed %d: %v", seed, err)
				}
				refused++
				continue
			}
			posted++
			for _, l := range lines {
				b, err := followed[l.Account].Follow(l)
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				followed[l.Account] = b
			}
			maps.Copy(as, after)
			for id := range after {
				if Floored(id) && as[id].Amount < 0 {
					t.Fatalf("seed %d: %s is at %d", seed, id, as[id].Amount)
				}
			}
		}
		if _, _, _, err := TrialBalance(as); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if !maps.Equal(as, followed) {
			t.Fatalf("seed %d: balances %v, their lines make %v", seed, as, followed)
		}
		if err := Escrow(as).Check(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if posted < 50 || refused < 10 {
			t.Fatalf("seed %d: %d posted and %d refused prove little", seed, posted, refused)
		}
	}
}
