package ledger

// What the operator does with money of its own, and on the word of a bank.

// GiveOwnCashback is J07p: a to a customer's wallet as cashback, at the
// operator's cost; as much of its own money goes into escrow.
func GiveOwnCashback(customer string, a Amount) Journal {
	return Journal{}.Dr(PromoPlatform, a).Cr(Account(WalletPromo, customer), a).ownMoneyIn(a)
}

// AccrueCompensation is J26: a is owed to whose failed transaction is late.
func AccrueCompensation(a Amount) Journal { return Journal{}.Dr(TATCost, a).Cr(Compensation, a) }

// PayCompensation is J26: what is owed goes to an account with us, a wallet's
// or an agent's; as much of the operator's own money goes into escrow.
func PayCompensation(to AccountID, a Amount) Journal {
	return Journal{}.Dr(Compensation, a).Cr(to, a).ownMoneyIn(a)
}

// SendCompensation is J26 for whom we keep no account: the operator's own bank
// pays.
func SendCompensation(a Amount) Journal { return Journal{}.Dr(Compensation, a).Cr(BankOperating, a) }

// WaiveCompensation undoes AccrueCompensation.
func WaiveCompensation(a Amount) Journal { return Journal{}.Dr(Compensation, a).Cr(TATCost, a) }

// ReceiveUnknown is J30: a came into escrow, and nobody knows whose it is.
func ReceiveUnknown(a Amount) Journal { return Journal{}.Dr(BankEscrow, a).Cr(SuspenseCredit, a) }

// IdentifyReceipt is J30: a of it is found to belong to an account.
func IdentifyReceipt(to AccountID, a Amount) Journal {
	return Journal{}.Dr(SuspenseCredit, a).Cr(to, a)
}

// Adjust is J30: a is moved by hand. Which accounts a hand may touch is the
// desk's to say.
func Adjust(from, to AccountID, a Amount) Journal { return Journal{}.Dr(from, a).Cr(to, a) }

// SweepFees is J33: a of what was earned leaves escrow for our own bank.
func SweepFees(a Amount) Journal { return Journal{}.Dr(BankOperating, a).Cr(BankEscrow, a) }

// PayGST is J34: tax that was collected is paid to the state, as far as it is
// not set off by the tax that we paid ourselves.
func PayGST(cgst, sgst, igst, input Amount) Journal {
	return Journal{}.Dr(CGST, cgst).Dr(SGST, sgst).Dr(IGST, igst).
		Cr(GSTInput, input).Cr(BankOperating, cgst.Add(sgst).Add(igst).Sub(input))
}

// ownMoneyIn moves a of the operator's own money into escrow.
func (j Journal) ownMoneyIn(a Amount) Journal { return j.Dr(BankEscrow, a).Cr(BankOperating, a) }
