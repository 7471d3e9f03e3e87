package desk

import "wapas/ledger"

// What must be true between store credit and its entries. A credit that is a
// refund has no entry of its own: the refund's is.

// creditEffect is what the entry of a credit adds up to.
func creditEffect(r Credit) ledger.Journal {
	funded := r.Amount - r.Backed
	switch r.Purpose {
	case CreditRefund:
		return nil
	case CreditSpend:
		return ledger.SpendCredit("", r.Backed, funded)
	case CreditExpiry:
		return ledger.ExpireCredit("", r.Backed, funded)
	case CreditReturn:
		return ledger.ReturnCredit("", r.Backed, funded)
	}
	if r.Backed > 0 {
		return ledger.LoadCredit(ledger.ProgrammeOwes, "", r.Amount)
	}
	return ledger.LoadCredit(ledger.Available, "", r.Amount)
}

const (
	creditTaken   = "spent and expired of what was given"
	creditBack    = "returned of the spend"
	creditOf      = "credit of the refund"
	creditHeld    = "balance after"
	creditWaiting = "timers of credit that ends"
	creditPromise = "on the merchant's promise"
)

// compareCredit holds a credit against what others say of it: what was taken of
// a lot, what came back of a spend, what a member holds and what is promised.
func compareCredit(t *tally, r Credit) {
	id := string(r.ID)
	t.says("I-12", id, creditHeld, r.Balance)
	if r.lot() {
		t.says("I-6", id, creditTaken, r.Amount-r.Left)
		t.adds("I-8", string(creditAccount(r.Member)), underWay, r.Left)
		if r.Backed > 0 {
			t.adds("I-8", ledger.ProgrammeOwes, underWay, r.Left)
		}
		if r.Left > 0 && r.ExpiresAt != 0 {
			t.says("I-8", id, creditWaiting, 1)
		}
	}
	sign := ledger.Amount(1)
	switch r.Purpose {
	case CreditRefund:
		t.adds("I-11", string(r.Refund()), creditOf, r.Amount)
		t.says("I-11", id, creditPromise, r.Backed)
	case CreditSpend:
		t.says("I-6", id, creditBack, r.Returned)
	case CreditReturn:
		t.adds("I-6", string(r.Linked), creditBack, r.Amount)
		sign = -1
	}
	for _, p := range r.parts() {
		t.adds("I-6", string(p.lot), creditTaken, sign*p.Amount)
	}
}

// creditPosting holds the balance that a line of a member's account leaves
// against what the credit behind it says, and what a credit that is a refund
// has of the merchant's promise: its refund does not say that.
func creditPosting(t *tally, cause ID, l ledger.Line) {
	switch {
	case l.Account.Code() == ledger.StoreCredit:
		t.adds("I-12", string(CreditID(cause)), creditHeld, l.Balance)
	case l.Account == ledger.ProgrammeOwes && cause.Prefix() == "rfnd":
		t.adds("I-11", string(CreditID(cause)), creditPromise, ledger.Amount(l.Side)*l.Amount)
	}
}
