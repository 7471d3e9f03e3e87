package desk

import (
	"context"
	"strings"

	"wapas/ledger"
)

// A Proposal is a refund that somebody asks for who may not make it alone. It
// moves nothing: another person agrees within a day, or it ends.
type Proposal struct {
	ID                      ID // prop_
	Payment                 ID
	Amount                  ledger.Amount
	To                      string // as of a ManualRefund, all down to Email
	Speed                   string
	Receipt                 string
	ReverseAll              bool
	Again                   ID
	Notes                   Notes
	Outcome                 string
	Partner, Contact, Email string
	Note                    string // why, for who is to agree
	By                      string // who asks
	Second                  string // who agreed, or did not
	State                   string // ProposalAsked…
	Refund                  ID     // what was made of it
	CreatedAt               ledger.Time
	EndedAt                 ledger.Time
}

// Asked is the refund that a proposal asks for.
func (r Proposal) Asked() ManualRefund {
	return ManualRefund{
		Payment: r.Payment, Amount: r.Amount, To: r.To, Speed: r.Speed, Receipt: r.Receipt, ReverseAll: r.ReverseAll, Again: r.Again,
		Notes: r.Notes, Outcome: r.Outcome, Partner: r.Partner, Contact: r.Contact, Email: r.Email,
	}
}

// Ends is when nobody may agree any more.
func (r Proposal) Ends() ledger.Time { return r.CreatedAt.Add(secondWithin) }

// proposal is a refund by hand as it is proposed.
func (q ManualRefund) proposal() Proposal {
	return Proposal{
		Payment: q.Payment, Amount: q.Amount, To: q.To, Speed: q.Speed, Receipt: q.Receipt, ReverseAll: q.ReverseAll, Again: q.Again,
		Notes: q.Notes, Outcome: q.Outcome, Partner: q.Partner, Contact: q.Contact, Email: q.Email, State: ProposalAsked,
	}
}

func (r Proposal) Kind() Kind { return KindProposal }
func (r Proposal) RowID() ID  { return r.ID }
func (r Proposal) Parent() ID { return r.Payment }

// The states of a proposal.
const (
	ProposalAsked    = "asked"
	ProposalAgreed   = "agreed"
	ProposalDeclined = "declined"
	ProposalExpired  = "expired"
)

// The rules of proposals, beside those of refunds by hand.
const (
	WhyProposalNote  ledger.Why = "proposal_note"  // Invalid: nobody says so, or not why
	WhyProposalState ledger.Why = "proposal_state" // WrongState: it is decided, or has expired
	WhyProposalSame  ledger.Why = "proposal_same"  // Denied: the second person is the first
)

// Check is what must hold of a proposal's row.
func (r Proposal) Check() error {
	over, agreed := r.State != ProposalAsked, r.State == ProposalAgreed
	known := !over || agreed || r.State == ProposalDeclined || r.State == ProposalExpired
	if !known || r.Amount < 1 || r.By == "" || r.Note == "" || over != (r.EndedAt != 0) || agreed != (r.Refund != "") ||
		agreed && (r.Second == "" || samePerson(r.By, r.Second)) {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s of %d is %q, by %q and %q, and became %q", r.ID, r.Amount, r.State, r.By, r.Second, r.Refund)
	}
	return nil
}

// A ProposalRequest asks for a refund that another person is to agree to.
type ProposalRequest struct {
	ManualRefund
	By, Note string
	// Alone is the most that people may give back of the payment each on their own
	// word, this refund among it; 0: any. ProposeRefund does not look at it.
	Alone ledger.Amount
}

func (q ProposalRequest) check() error {
	if err := q.ManualRefund.check(); err != nil {
		return err
	}
	if q.By == "" || !isName(q.By) || q.Note == "" || len([]rune(q.Note)) > maxNote {
		return ledger.Refuse(ledger.Invalid, WhyProposalNote, "who asks, and why, in at most %d characters", maxNote).In("note")
	}
	return nil
}

func (q ProposalRequest) tidied() ProposalRequest {
	q.By, q.Note = strings.TrimSpace(q.By), strings.TrimSpace(q.Note)
	return q
}

// GiveBack makes the refund that a person asks for if they may make it alone,
// and is that Refund; or else it asks another person to agree, and is the
// Proposal. What people have given back of the payment before counts, or else
// many small refunds would go round the limit; and it is looked at in the very
// change, so that two at once do not.
//
// It refuses as ProposeRefund does.
func (d *Desk) GiveBack(ctx context.Context, book BookID, key Once, q ProposalRequest) (Row, error) {
	q = q.tidied()
	if err := q.check(); err != nil {
		return nil, err
	}
	reads := append(q.reads(), refUnder[Refund](q.Payment), refUnder[Proposal](q.Payment))
	return once(ctx, d, book, key, reads, func(c *change) (Row, error) {
		given, err := c.givenByHand(q.Payment)
		switch {
		case err != nil:
			return nil, err
		case q.Alone != 0 && q.Amount.Add(given) > q.Alone:
			return c.proposeRefund(q)
		}
		return c.refundByHand(q.ManualRefund)
	})
}

// ProposeRefund asks for a refund that takes another person. It is tried now,
// so that nobody waits for what cannot be; what is tried is thrown away.
//
// It refuses, in this order: Invalid; and what RefundByHand is refused for.
func (d *Desk) ProposeRefund(ctx context.Context, book BookID, key Once, q ProposalRequest) (Proposal, error) {
	q = q.tidied()
	if err := q.check(); err != nil {
		return Proposal{}, err
	}
	return once(ctx, d, book, key, q.reads(), func(c *change) (Proposal, error) { return c.proposeRefund(q) })
}

func (c *change) proposeRefund(q ProposalRequest) (Proposal, error) {
	if _, err := c.refundByHand(q.ManualRefund); err != nil {
		return Proposal{}, err
	}
	c.Reset()
	p := q.proposal()
	p.ID, p.Note, p.By, p.CreatedAt = c.NewID("prop"), q.Note, q.By, c.now
	c.Put(p)
	return p, c.wait(proposalEnds, p.ID, p.Ends())
}

// proposalEnds is what the timer of a proposal waits for.
const proposalEnds = "proposal.expire"

// proposalReads names what a word on a proposal looks at.
func proposalReads(id ID) []Ref {
	return []Ref{ref[Proposal](id), ref[Timer](timer(proposalEnds, id, 0).ID), refUnder[Terms](termsParent), refAccount(ledger.Available)}
}

// AgreeRefund makes the refund that another person asked for: exactly that,
// held against the books as they are now.
//
// It refuses, in this order: Invalid if nobody says so; NotFound; WrongState if
// it is decided or has expired; Denied if it is the same person; and what the
// refund itself is refused for.
func (d *Desk) AgreeRefund(ctx context.Context, book BookID, id ID, by string) (Proposal, error) {
	return d.decide(ctx, book, id, by, func(c *change, p *Proposal) error {
		if samePerson(by, p.By) {
			return ledger.Refuse(ledger.Denied, WhyProposalSame, "%s asked for it", p.By).In("by")
		}
		r, err := c.refundByHand(p.Asked())
		p.State, p.Refund = ProposalAgreed, r.ID
		return err
	})
}

// DeclineRefund ends a proposal without a refund. Who asked may do so too. It
// refuses as AgreeRefund does, but for the same person.
func (d *Desk) DeclineRefund(ctx context.Context, book BookID, id ID, by string) (Proposal, error) {
	return d.decide(ctx, book, id, by, func(_ *change, p *Proposal) error {
		p.State = ProposalDeclined
		return nil
	})
}

func (d *Desk) decide(ctx context.Context, book BookID, id ID, by string, do func(c *change, p *Proposal) error) (Proposal, error) {
	if by = strings.TrimSpace(by); by == "" || !isName(by) {
		return Proposal{}, ledger.Refuse(ledger.Invalid, WhyProposalNote, "who says so?").In("by")
	}
	var p Proposal
	err := d.change(ctx, book, proposalReads(id), func(c *change) (err error) {
		if p, err = need[Proposal](c, id, "id"); err != nil {
			return err
		}
		switch {
		case p.State != ProposalAsked:
			return ledger.Refuse(ledger.WrongState, WhyProposalState, "%s is %s", p.ID, p.State)
		case c.now >= p.Ends():
			return ledger.Refuse(ledger.WrongState, WhyProposalState, "%s has %s", p.ID, ProposalExpired)
		}
		if err := do(c, &p); err != nil {
			return err
		}
		p.Second, p.EndedAt = by, c.now
		c.Put(p)
		return c.unwait(proposalEnds, p.ID)
	})
	return p, err
}

// expireProposal ends what nobody decided.
func (d *Desk) expireProposal(ctx context.Context, book BookID, id ID) error {
	return d.change(ctx, book, proposalReads(id), func(c *change) error {
		p, err := need[Proposal](c, id, "")
		if err != nil {
			return err
		}
		if p.State == ProposalAsked {
			p.State, p.EndedAt = ProposalExpired, c.now
			c.Put(p)
		}
		return c.unwait(proposalEnds, id)
	})
}
