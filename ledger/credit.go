package ledger

// Store credit is closed-loop money: it can be spent with the merchant and
// nowhere else. Behind it stands either the merchant's promise to honour it
// (ProgrammeOwes), which holds no money, or money that the merchant paid in
// (Available, or RefundCredits).

// LoadCredit is J25 for a programme that the merchant backs, and J25f for one
// that is prefunded: a customer is given a of store credit. Behind is
// ProgrammeOwes, Available or RefundCredits.
func LoadCredit(behind, customer string, a Amount) Journal {
	return Journal{}.Dr(AccountID(behind), a).Cr(Account(StoreCredit, customer), a)
}

// SpendCredit is J25s and J25t: the customer pays the merchant with credit of
// which promised stood on the merchant's promise and funded on its money.
func SpendCredit(customer string, promised, funded Amount) Journal {
	return Journal{}.Dr(Account(StoreCredit, customer), promised.Add(funded)).Cr(ProgrammeOwes, promised).Cr(Available, funded)
}

// ReturnCredit undoes a spend, or a part of it: what was bought came back, and
// the customer has as much credit again.
func ReturnCredit(customer string, promised, funded Amount) Journal {
	return Journal{}.Dr(ProgrammeOwes, promised).Dr(Available, funded).Cr(Account(StoreCredit, customer), promised.Add(funded))
}

// ExpireCredit is J25s and J25t of credit that was not spent in time.
func ExpireCredit(customer string, promised, funded Amount) Journal {
	return SpendCredit(customer, promised, funded)
}
