package ledger

// A Reason says why an entry was written. The list is closed: an entry with
// another reason is not of these books. J numbers are those of the accounting
// model in docs/accounting.md.
type Reason string

const (
	Opened          Reason = "opened"           // a balance comes in from the books before these
	OwnFunds        Reason = "own_funds"        // the operator's own money comes in
	Captured        Reason = "captured"         // J01 a payment is captured
	ProviderSettled Reason = "provider_settled" // J02 a provider pays what it captured
	BecameAvailable Reason = "became_available" // J03 captured money may be spent
	AutoRefunded    Reason = "auto_refunded"    // J04 money of a payment never captured comes and goes back
	AutoRefundDone  Reason = "auto_refund_done" // J04 second half
	Loaded          Reason = "loaded"           // J05 payment to a wallet
	Transferred     Reason = "transferred"      // J06 to a linked account
	HoldReleased    Reason = "hold_released"    // J06h
	HoldPlaced      Reason = "hold_placed"      // J06h backwards
	Cashback        Reason = "cashback"         // J07 to a wallet, from the merchant
	Spent           Reason = "spent"            // J08 a wallet pays at once
	Held            Reason = "held"             // J09 a wallet payment is authorised
	HeldCaptured    Reason = "held_captured"    // J09 and captured
	HeldReleased    Reason = "held_released"    // J09 or let go
	RefundedWallet  Reason = "refunded_wallet"  // J10
	RefundAccepted  Reason = "refund_accepted"  // J11, J13 with reversals
	Reversed        Reason = "reversed"         // J12 a transfer is pulled back
	RefundDone      Reason = "refund_done"      // J14
	RefundFailed    Reason = "refund_failed"    // J15
	RefundLate      Reason = "refund_late"      // J16 success after failure
	InstantFee      Reason = "instant_fee"      // J17 taken
	InstantFeeBack  Reason = "instant_fee_back" // J17 returned
	InstantFeeKept  Reason = "instant_fee_kept" // J17 earned
	PayoutSent      Reason = "payout_sent"      // J18
	PayoutDone      Reason = "payout_done"      // J19
	PayoutReversed  Reason = "payout_reversed"  // J20
	PayoutReturned  Reason = "payout_returned"  // J21 came back after it was done
	PayoutLate      Reason = "payout_late"      // success after it was reversed
	DisputeOpened   Reason = "dispute_opened"   // J22
	DisputeLost     Reason = "dispute_lost"     // J23
	DisputeWon      Reason = "dispute_won"      // J24
	SettlementSent  Reason = "settlement_sent"  // J29
	SettlementDone  Reason = "settlement_done"  // J29
	SettlementBack  Reason = "settlement_back"  // J29 failed
	FloatToppedUp   Reason = "float_topped_up"  // escrow money moved to the payout float
	CreditsBought   Reason = "credits_bought"   // the merchant sets money aside for refunds

	CreditLoaded   Reason = "credit_loaded"   // J25, J25f store credit is given
	CreditSpent    Reason = "credit_spent"    // J25s, J25t
	CreditReturned Reason = "credit_returned" // a spend is undone
	CreditExpired  Reason = "credit_expired"  // J25s, J25t

	ValueBought        Reason = "value_bought"        // J27 an agent buys e-value
	RemittanceSent     Reason = "remittance_sent"     // J28
	RemittanceDone     Reason = "remittance_done"     // J28s
	RemittanceRefused  Reason = "remittance_failed"   // J28f
	RemittanceRefunded Reason = "remittance_refunded" // J28r
	RemittanceLate     Reason = "remittance_late"     // success after failure
	RemittanceReturned Reason = "remittance_returned" // and came back
	CommissionGiven    Reason = "commission_given"    // an agent is paid for a remittance
	CommissionTaken    Reason = "commission_taken"    // and pays it back for one that failed

	CashbackOwn         Reason = "cashback_own"         // J07p to a wallet, from the operator
	CompensationAccrued Reason = "compensation_accrued" // J26 days that a failed transaction is late
	CompensationPaid    Reason = "compensation_paid"    // J26 to a wallet or an agent
	CompensationSent    Reason = "compensation_sent"    // J26 to a bank account, by the operator
	CompensationWaived  Reason = "compensation_waived"  // J26 undone
	ReceiptUnknown      Reason = "receipt_unknown"      // J30 money came, and nobody knows whose it is
	ReceiptIdentified   Reason = "receipt_identified"   // J30 now somebody does
	Adjusted            Reason = "adjusted"             // J30 by hand
	FeesSwept           Reason = "fees_swept"           // J33
	GSTPaid             Reason = "gst_paid"             // J34
)

// A Journal collects the postings of an entry. Amounts of zero are left out,
// so that a rule can be written once for every case.
type Journal []Posting

// Dr adds a debit, Cr a credit.
func (j Journal) Dr(account AccountID, a Amount) Journal { return j.post(account, Debit, a) }
func (j Journal) Cr(account AccountID, a Amount) Journal { return j.post(account, Credit, a) }

func (j Journal) post(account AccountID, s Side, a Amount) Journal {
	if a == 0 {
		return j
	}
	return append(j, Posting{account, s, a})
}

// fee credits a fee that was earned: its base to income, its tax to the state.
func (j Journal) fee(income string, f Fee) Journal {
	return j.Cr(AccountID(income), f.Base).Cr(CGST, f.CGST).Cr(SGST, f.SGST).Cr(IGST, f.IGST)
}

// net credits an amount less its fee; where a flat fee is more than the
// amount, the account pays the difference.
func (j Journal) net(to AccountID, a Amount, f Fee) Journal {
	if f.Total() > a {
		return j.Dr(to, f.Total().Sub(a))
	}
	return j.Cr(to, a.Sub(f.Total()))
}

// Capture is J01: a provider captured a for the merchant, who pays fee f. The
// rest is the merchant's to spend now, or later if it is pending. Of an amount
// that does not cover its fee nothing is pending.
func Capture(provider string, a Amount, f Fee, pending bool) Journal {
	to := AccountID(Available)
	if pending && f.Total() <= a {
		to = Pending
	}
	return Journal{}.Dr(Account(PSPReceivable, provider), a).net(to, a, f).fee(FeePayment, f)
}

// ProviderSettles is J02: a provider pays gross, less its cost and the tax on
// that, into escrow.
func ProviderSettles(provider string, gross, cost, gst Amount) Journal {
	return Journal{}.Dr(BankEscrow, gross.Sub(cost).Sub(gst)).Dr(PSPCost, cost).Dr(GSTInput, gst).Cr(Account(PSPReceivable, provider), gross)
}

// Becomes is J03: a of the merchant's captured money may be spent.
func Becomes(a Amount) Journal { return Journal{}.Dr(Pending, a).Cr(Available, a) }

// AutoRefund is J04, first half: the money of a payment that was never
// captured is with the provider, and owed back. Its second half is RefundGone.
func AutoRefund(provider string, a Amount) Journal {
	return Journal{}.Dr(Account(PSPReceivable, provider), a).Cr(Account(RefundClearing, provider), a)
}

// Load is J05: a from the merchant to a customer's wallet, for fee f.
func Load(customer string, a Amount, f Fee) Journal {
	return Journal{}.Dr(Available, a.Add(f.Total())).Cr(Account(WalletCash, customer), a).fee(FeeTransfer, f)
}

// GiveCashback is J07: as Load, as cashback.
func GiveCashback(customer string, a Amount, f Fee) Journal {
	return Journal{}.Dr(Available, a.Add(f.Total())).Cr(Account(WalletPromo, customer), a).fee(FeeTransfer, f)
}

// Transfer is J06: a from the merchant to a linked account, for fee f; on hold
// it is there but cannot leave.
func Transfer(linked string, a Amount, f Fee, held bool) Journal {
	return Journal{}.Dr(Available, a.Add(f.Total())).Cr(LinkedAccount(linked, held), a).fee(FeeTransfer, f)
}

// LinkedAccount is where a linked account's money is: held or free.
func LinkedAccount(linked string, held bool) AccountID {
	if held {
		return Account(LinkedHeld, linked)
	}
	return Account(LinkedFree, linked)
}

// ReleaseHold is J06h; PlaceHold is its mirror.
func ReleaseHold(linked string, a Amount) Journal {
	return Journal{}.Dr(Account(LinkedHeld, linked), a).Cr(Account(LinkedFree, linked), a)
}

// PlaceHold puts a of a linked account's free money on hold.
func PlaceHold(linked string, a Amount) Journal {
	return Journal{}.Dr(Account(LinkedFree, linked), a).Cr(Account(LinkedHeld, linked), a)
}

// Spend is J08: a wallet pays a at once, promo of it as cashback, and the
// merchant pays fee f.
func Spend(customer string, a, promo Amount, f Fee) Journal {
	return Journal{}.Dr(Account(WalletPromo, customer), promo).Dr(Account(WalletCash, customer), a-promo).
		net(Available, a, f).fee(FeePayment, f)
}

// Hold is J09: a wallet payment is authorised.
func Hold(customer string, a, promo Amount) Journal {
	return Journal{}.Dr(Account(WalletPromo, customer), promo).Dr(Account(WalletCash, customer), a-promo).
		Cr(Account(WalletHeld, customer), a)
}

// CaptureHeld is J09: what was authorised is captured.
func CaptureHeld(customer string, a Amount, f Fee) Journal {
	return Journal{}.Dr(Account(WalletHeld, customer), a).net(Available, a, f).fee(FeePayment, f)
}

// Release is J09: what was authorised goes back where it came from.
func Release(customer string, a, promo Amount) Journal {
	return Journal{}.Dr(Account(WalletHeld, customer), a).
		Cr(Account(WalletCash, customer), a-promo).Cr(Account(WalletPromo, customer), promo)
}

// RefundToWallet is J10: r goes back to the wallet that paid, promo of it as
// cashback. From is where the merchant's money is taken: Available or
// RefundCredits.
func RefundToWallet(from, customer string, r, promo Amount) Journal {
	return Journal{}.Dr(AccountID(from), r).
		Cr(Account(WalletCash, customer), r-promo).Cr(Account(WalletPromo, customer), promo)
}

// BuyCredits sets a of the merchant's balance aside for refunds.
func BuyCredits(a Amount) Journal { return Journal{}.Dr(Available, a).Cr(RefundCredits, a) }

// AcceptRefund is J11: r leaves the merchant for the provider to send back.
func AcceptRefund(from, provider string, r Amount) Journal {
	return Journal{}.Dr(AccountID(from), r).Cr(Account(RefundClearing, provider), r)
}

// Reverse is J12: r of a transfer comes back from the account it went to:
// 2020, 2021, 2100 or 2101 of its recipient.
func Reverse(from AccountID, r Amount) Journal {
	return Journal{}.Dr(from, r).Cr(Available, r)
}

// RefundGone is J14: the provider sent r back; it will take it off what it
// owes us.
func RefundGone(provider string, r Amount) Journal {
	return Journal{}.Dr(Account(RefundClearing, provider), r).Cr(Account(PSPReceivable, provider), r)
}

// RefundBack is J15: the provider could not; r is the merchant's again.
func RefundBack(to, provider string, r Amount) Journal {
	return Journal{}.Dr(Account(RefundClearing, provider), r).Cr(AccountID(to), r)
}

// RefundLateSuccess is J16: it went after all, although we had given r back.
func RefundLateSuccess(from, provider string, r Amount) Journal {
	return Journal{}.Dr(AccountID(from), r).Cr(Account(PSPReceivable, provider), r)
}

// TakeInstantFee, ReturnInstantFee and KeepInstantFee are J17.
func TakeInstantFee(f Fee) Journal {
	return Journal{}.Dr(Available, f.Total()).Cr(FeeDeferred, f.Total())
}

// ReturnInstantFee gives the fee back when the refund went the slow way.
func ReturnInstantFee(f Fee) Journal {
	return Journal{}.Dr(FeeDeferred, f.Total()).Cr(Available, f.Total())
}

// KeepInstantFee earns the fee once the refund has gone the fast way.
func KeepInstantFee(f Fee) Journal {
	return Journal{}.Dr(FeeDeferred, f.Total()).fee(FeeInstant, f)
}

// SendPayout is J18: a leaves the wallet, and its fee the account feeFrom: the
// wallet's cash too, or Available if the merchant pays it.
func SendPayout(customer, partner string, a Amount, f Fee, feeFrom AccountID) Journal {
	return Journal{}.share(Debit, customer, a, f, feeFrom).
		Cr(Account(PayoutClearing, partner), a).Cr(FeeDeferred, f.Total())
}

// PayoutGone is J19.
func PayoutGone(partner string, a Amount, f Fee) Journal {
	return Journal{}.Dr(Account(PayoutClearing, partner), a).Dr(FeeDeferred, f.Total()).
		Cr(Account(PayoutFloat, partner), a).fee(FeePayout, f)
}

// PayoutBack is J20: it did not go; amount and fee return to where they were
// taken.
func PayoutBack(customer, partner string, a Amount, f Fee, feeFrom AccountID) Journal {
	return Journal{}.Dr(Account(PayoutClearing, partner), a).Dr(FeeDeferred, f.Total()).
		share(Credit, customer, a, f, feeFrom)
}

// PayoutReturn is J21: it had gone, and came back.
func PayoutReturn(customer, partner string, a Amount, f Fee, feeFrom AccountID) Journal {
	return Journal{}.Dr(Account(PayoutFloat, partner), a).Dr(FeePayout, f.Base).
		Dr(CGST, f.CGST).Dr(SGST, f.SGST).Dr(IGST, f.IGST).
		share(Credit, customer, a, f, feeFrom)
}

// PayoutLateSuccess is the success of a payout after it was given back. A
// wallet is never taken below zero, so it pays no more than fromWallet; the
// merchant, whose balance may go below zero for this, bears the rest.
func PayoutLateSuccess(customer, partner string, a Amount, f Fee, fromWallet Amount) Journal {
	return Journal{}.Dr(Account(WalletCash, customer), fromWallet).Dr(Available, a.Add(f.Total()).Sub(fromWallet)).
		Cr(Account(PayoutFloat, partner), a).fee(FeePayout, f)
}

// PayoutLateReturn undoes PayoutLateSuccess without a fee: it came back, and the
// wallet and the merchant each have again what they paid.
func PayoutLateReturn(customer, partner string, a, fromWallet Amount) Journal {
	return Journal{}.Dr(Account(PayoutFloat, partner), a).
		Cr(Account(WalletCash, customer), fromWallet).Cr(Available, a.Sub(fromWallet))
}

// share posts a payout's amount on the wallet and its fee on feeFrom, as one
// posting if that is the wallet too.
func (j Journal) share(side Side, customer string, a Amount, f Fee, feeFrom AccountID) Journal {
	wallet := Account(WalletCash, customer)
	if feeFrom == wallet {
		return j.post(wallet, side, a.Add(f.Total()))
	}
	return j.post(wallet, side, a).post(feeFrom, side, f.Total())
}

// OpenDispute, LoseDispute and WinDispute are J22, J23 and J24.
func OpenDispute(a Amount) Journal { return Journal{}.Dr(Available, a).Cr(DisputeHold, a) }

// LoseDispute gives the disputed money to the provider, who has paid it back.
func LoseDispute(provider string, a Amount) Journal {
	return Journal{}.Dr(DisputeHold, a).Cr(Account(PSPReceivable, provider), a)
}

// WinDispute gives it back to the merchant.
func WinDispute(a Amount) Journal { return Journal{}.Dr(DisputeHold, a).Cr(Available, a) }

// SendSettlement, SettlementArrived and SettlementReturned are J29; an instant
// settlement's fee stays with us.
func SendSettlement(a Amount, f Fee) Journal {
	return Journal{}.Dr(Available, a.Add(f.Total())).Cr(SettleClearing, a).fee(FeeInstant, f)
}

// SettleLinked is J29 for a linked account: a of its free money is on its way
// to its bank.
func SettleLinked(linked string, a Amount) Journal {
	return Journal{}.Dr(Account(LinkedFree, linked), a).Cr(SettleClearing, a)
}

// SettleLinkedReturned is the bank's word that it did not pay a linked account.
func SettleLinkedReturned(linked string, a Amount) Journal {
	return Journal{}.Dr(SettleClearing, a).Cr(Account(LinkedFree, linked), a)
}

// SettlementArrived is the bank's word that it paid.
func SettlementArrived(a Amount) Journal { return Journal{}.Dr(SettleClearing, a).Cr(BankEscrow, a) }

// SettlementReturned is the bank's word that it did not.
func SettlementReturned(a Amount) Journal { return Journal{}.Dr(SettleClearing, a).Cr(Available, a) }

// BringOwnFunds is the operator's own money coming in; TopUpFloat moves escrow
// money to where payouts are paid from.
func BringOwnFunds(a Amount) Journal { return Journal{}.Dr(BankOperating, a).Cr(Equity, a) }

// TopUpFloat moves a from escrow to a payout partner.
func TopUpFloat(partner string, a Amount) Journal {
	return Journal{}.Dr(Account(PayoutFloat, partner), a).Cr(BankEscrow, a)
}
