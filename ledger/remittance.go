package ledger

// An agent takes a customer's cash and sends it on from e-value, which the
// agent bought before. A remittance that fails is owed to the agent until the
// customer has agreed to take the cash back; so long, 2420 holds it. What is
// under way and what is owed has one account for each agent, so that there are
// not as many accounts as remittances; which remittances it is made of, their
// rows say (I-8).
//
// The cash itself is the agent's, and in no account of ours. What agents hold
// for customers whose money is still on its way stands in the memo pair 9010
// and 9011: it begins with J28 and ends with the remittance.

// BuyValue is J27: an agent pays a into escrow and has as much e-value.
func BuyValue(agent string, a Amount) Journal {
	return Journal{}.Dr(BankEscrow, a).Cr(Account(AgentValue, agent), a)
}

// SendRemittance is J28: a is on its way, and fee f is taken for it.
func SendRemittance(agent string, a Amount, f Fee) Journal {
	return Journal{}.Dr(Account(AgentValue, agent), a.Add(f.Total())).
		Cr(Account(DMTInFlight, agent), a).Cr(FeeDeferred, f.Total()).
		Dr(CashAtAgent, a.Add(f.Total())).Cr(CashAtAgentC, a.Add(f.Total()))
}

// RemittanceGone is J28s: it arrived, paid by a partner, and the fee is earned.
func RemittanceGone(agent, partner string, a Amount, f Fee) Journal {
	return Journal{}.Dr(Account(DMTInFlight, agent), a).Dr(FeeDeferred, f.Total()).
		Cr(Account(PayoutFloat, partner), a).fee(FeeDMT, f).cashGone(a, f)
}

// RemittanceFailed is J28f: it did not arrive; amount and fee are owed until
// the customer has the cash again.
func RemittanceFailed(agent string, a Amount, f Fee) Journal {
	return Journal{}.Dr(Account(DMTInFlight, agent), a).Dr(FeeDeferred, f.Total()).
		Cr(Account(DMTRefund, agent), a.Add(f.Total()))
}

// RemittanceRestored is J28r: the customer agreed and has the cash, and the
// agent the e-value.
func RemittanceRestored(agent string, a Amount, f Fee) Journal {
	return Journal{}.Dr(Account(DMTRefund, agent), a.Add(f.Total())).
		Cr(Account(AgentValue, agent), a.Add(f.Total())).cashGone(a, f)
}

// RemittanceLateSuccess is a remittance that arrived after J28f and before
// J28r: nothing is owed any more, and the fee is earned.
func RemittanceLateSuccess(agent, partner string, a Amount, f Fee) Journal {
	return Journal{}.Dr(Account(DMTRefund, agent), a.Add(f.Total())).
		Cr(Account(PayoutFloat, partner), a).fee(FeeDMT, f).cashGone(a, f)
}

// RemittanceTwice is a remittance that arrived after J28r: the money was given
// twice. The customer has it, and the agent was in the right; the merchant,
// whose balance may go below zero for this, bears it. No fee is earned.
func RemittanceTwice(partner string, a Amount) Journal {
	return Journal{}.Dr(Available, a).Cr(Account(PayoutFloat, partner), a)
}

// RemittanceTwiceBack undoes RemittanceTwice: the bank sent it back.
func RemittanceTwiceBack(partner string, a Amount) Journal {
	return Journal{}.Dr(Account(PayoutFloat, partner), a).Cr(Available, a)
}

// RemittanceBack is a remittance that came back after it had arrived: its money
// is nobody's until a person has found the customer. RemittanceBackGone undoes
// it: it has arrived again.
func RemittanceBack(partner string, a Amount) Journal {
	return Journal{}.Dr(Account(PayoutFloat, partner), a).Cr(SuspenseCredit, a)
}

// RemittanceBackGone: see RemittanceBack.
func RemittanceBackGone(partner string, a Amount) Journal {
	return Journal{}.Dr(SuspenseCredit, a).Cr(Account(PayoutFloat, partner), a)
}

// GiveCommission is what an agent is paid for a remittance, less the tax tds
// that is kept back for the state; TakeCommission is its mirror, for one that
// failed.
func GiveCommission(agent string, a, tds Amount) Journal {
	return Journal{}.Dr(AgentCommission, a).Cr(Account(AgentValue, agent), a.Sub(tds)).Cr(TDSPayable, tds)
}

// TakeCommission: see GiveCommission.
func TakeCommission(agent string, a, tds Amount) Journal {
	return Journal{}.Dr(Account(AgentValue, agent), a.Sub(tds)).Dr(TDSPayable, tds).Cr(AgentCommission, a)
}

// cashGone ends the memo of the cash an agent held.
func (j Journal) cashGone(a Amount, f Fee) Journal {
	return j.Dr(CashAtAgentC, a.Add(f.Total())).Cr(CashAtAgent, a.Add(f.Total()))
}
