package ledger

import "testing"

// Store credit as it is given, spent, returned and lost, on the merchant's
// promise (J25, J25s) and on its money (J25f, J25t), and what is left of it.
func TestStoreCredit(t *testing.T) {
	const s = "iuser_1"
	for _, tt := range []struct {
		why     string
		entries []Journal
		want    map[AccountID]Amount
	}{
		{"promised", []Journal{LoadCredit(ProgrammeOwes, s, 10000), SpendCredit(s, 4000, 0)},
			map[AccountID]Amount{"2105/iuser_1": 6000, "1220": 6000, "2010": 50000}},
		{"prefunded", []Journal{LoadCredit(Available, s, 10000), SpendCredit(s, 0, 4000)},
			map[AccountID]Amount{"2105/iuser_1": 6000, "1220": 0, "2010": 44000}},
		{"from refund credits", []Journal{BuyCredits(10000), LoadCredit(RefundCredits, s, 10000)},
			map[AccountID]Amount{"2105/iuser_1": 10000, "2010": 40000, "2012": 0}},
		{"spent of both, and a part returned", []Journal{
			LoadCredit(ProgrammeOwes, s, 3000), LoadCredit(Available, s, 5000), SpendCredit(s, 3000, 2000), ReturnCredit(s, 1000, 2000)},
			map[AccountID]Amount{"2105/iuser_1": 6000, "1220": 1000, "2010": 45000}},
		{"expired", []Journal{LoadCredit(ProgrammeOwes, s, 3000), LoadCredit(Available, s, 5000), ExpireCredit(s, 3000, 0), ExpireCredit(s, 0, 5000)},
			map[AccountID]Amount{"2105/iuser_1": 0, "1220": 0, "2010": 50000}},
	} {
		as := Accounts{Available: {Amount: 50000, N: 1}, BankEscrow: {Amount: 50000, N: 1}}
		for _, j := range tt.entries {
			_, next, err := as.Apply(j, nil)
			if err != nil {
				t.Fatalf("%s: %v", tt.why, err)
			}
			for id, b := range next {
				as[id] = b
			}
		}
		for id, want := range tt.want {
			if got := as[id].Amount; got != want {
				t.Errorf("%s: %s holds %d, want %d", tt.why, id, got, want)
			}
		}
		if err := Escrow(as).Check(); err != nil {
			t.Errorf("%s: %v", tt.why, err)
		}
	}
	as := Accounts{"2105/iuser_1": {Amount: 100, N: 1}, "1220": {Amount: 100, N: 1}}
	if _, _, err := as.Apply(SpendCredit(s, 101, 0), nil); CodeOf(err) != Insufficient {
		t.Errorf("spending a paisa too much: %v", err)
	}
}
