package native

import (
	"strconv"

	"wapas/desk"
	"wapas/ledger"
)

// A programme is what the merchant's store credit is.
type programme struct {
	ID           desk.ID       `json:"id,omitempty" doc:"iprog_ and 14 characters, once the first credit was given or it was set."`
	Kind         string        `json:"kind" enum:"closed|gift" doc:"gift takes no refunds."`
	Funding      string        `json:"funding" enum:"backed|prefunded" doc:"What stands behind it: the merchant's promise, or the merchant's money."`
	MaxBalance   ledger.Amount `json:"max_balance" min:"0" doc:"Of one member, in paise; 0: no limit."`
	Expiry       int64         `json:"expiry" min:"0" doc:"Seconds that a credit lives; 0: for ever."`
	CountsOrders bool          `json:"counts_orders" doc:"A credit that refunds an order of this book counts against what may be given back of it."`
	ThirdParty   bool          `json:"third_party" doc:"It buys what independent sellers sell."`
	Basis        string        `json:"closed_loop_basis,omitempty" len:"2000" doc:"Then: why it is closed-loop still."`
}

func wireProgramme(p desk.Programme) programme {
	return programme{p.ID, p.Type, p.Funding, p.MaxBalance, p.Expiry, p.CountsOrders, p.ThirdParty, p.Basis}
}

func showProgramme(_ *request, p desk.Programme) (programme, error) { return wireProgramme(p), nil }

// A member is a customer who holds store credit.
type member struct {
	ID        desk.ID `json:"id" doc:"iuser_ and 14 characters."`
	Partner   string  `json:"partner_user_id" doc:"What the merchant calls the customer."`
	Released  bool    `json:"released" doc:"That name was let go: it is another customer's now, or nobody's."`
	Contact   string  `json:"contact" doc:"Ten digits."`
	Email     string  `json:"email,omitempty"`
	Frozen    bool    `json:"frozen" doc:"What it holds cannot be spent."`
	FrozenFor string  `json:"frozen_for,omitempty" doc:"Why."`
	FrozenAt  moment  `json:"frozen_at,omitempty"`
	CreatedAt moment  `json:"created_at"`
	UpdatedAt moment  `json:"updated_at"`
}

func wireMember(m desk.Member) member {
	return member{m.ID, m.Partner, m.KnownAs == "", m.Contact, m.Email, m.Frozen, m.FrozenFor, moment(m.FrozenAt), moment(m.CreatedAt), moment(m.UpdatedAt)}
}

func showMember(_ *request, m desk.Member) (member, error) { return wireMember(m), nil }

// A credit is a transaction of store credit.
type credit struct {
	ID        desk.ID       `json:"id" doc:"ientxn_ and 14 characters."`
	MemberID  desk.ID       `json:"member_id"`
	Type      string        `json:"type" enum:"credit|debit"`
	Purpose   string        `json:"purpose" doc:"refund, gift or goodwill; spend or expiry; return."`
	Amount    ledger.Amount `json:"amount" doc:"Paise."`
	Balance   ledger.Amount `json:"balance" doc:"Of the member after it."`
	Left      ledger.Amount `json:"left" doc:"Of a credit that was given: what can still be spent."`
	Returned  ledger.Amount `json:"returned,omitempty" doc:"Of a spend: what was given back."`
	Reference string        `json:"reference,omitempty" doc:"The caller's own."`
	Order     string        `json:"order,omitempty" doc:"What the merchant calls the order."`
	RefundID  desk.ID       `json:"refund_id,omitempty" doc:"The refund that it is."`
	ExpiresAt moment        `json:"expires_at,omitempty"`
	Notes     labels        `json:"notes"`
	CreatedAt moment        `json:"created_at"`
}

func wireCredit(x desk.Credit) credit {
	out := credit{
		ID: x.ID, MemberID: x.Member, Type: x.Type, Purpose: x.Purpose, Amount: x.Amount, Balance: x.Balance, Left: x.Left,
		Returned: x.Returned, Reference: x.Reference, Order: x.Order, ExpiresAt: moment(x.ExpiresAt), Notes: labels(x.Notes), CreatedAt: moment(x.CreatedAt),
	}
	if x.Purpose == desk.CreditRefund {
		out.RefundID = x.Refund()
	}
	return out
}

func showCredit(_ *request, x desk.Credit) (credit, error) { return wireCredit(x), nil }

func creditRoutes() []route {
	return under("Store credit",
		read("/programme", "getProgramme", creditRead, "What the merchant's store credit is", getProgramme),
		write("PUT /programme", "setProgramme", creditWrite, "Set what the merchant's store credit is", setProgramme, showProgramme).
			says("The funding cannot change while anybody holds credit."),
		read("/members", "listMembers", creditRead, "List members, or find them", listMembers).says("Newest first."),
		read("/members/{member_id}", "getMember", creditRead, "Read a member", getMember),
		write("PATCH /members/{member_id}", "editMember", creditWrite, "Change a member, or let its name go", editMember, showMember),
		write("POST /members/{member_id}/freeze", "freezeMember", creditWrite, "Freeze what a member holds", freezeMember, showMember).
			says("It is not spent until it is thawed. It may be given more, and what was spent may come back."),
		write("POST /members/{member_id}/thaw", "thawMember", creditWrite, "Thaw what a member holds", thawMember, showMember),
		read("/members/{member_id}/balance", "getCreditBalance", creditRead, "What a member holds, credit by credit", getCreditBalance),
		read("/members/{member_id}/transactions", "listCredits", creditRead, "A member's transactions", listCredits).says("Newest first."),
		write("POST /members/{member_id}/spend", "spendCredit", creditWrite, "Pay the merchant with store credit", spendCredit, showCredit).money().created().
			says("What ends first is spent first."),
		write("POST /credits", "createCredit", creditWrite, "Give a customer store credit", createCredit, showCredit).money().created().
			says("reference names it for good, in every room: the same request under it hears the first answer."),
		read("/credits/{credit_id}", "getCredit", creditRead, "Read a transaction", getCredit),
		write("POST /credits/{credit_id}/return", "returnCredit", creditWrite, "Undo a spend, or a part of it", returnCredit, showCredit).money().created(),
	)
}

func getProgramme(q *request, _ nothing) (programme, error) {
	p, err := q.desk().Programme(q.Context(), q.book())
	return wireProgramme(p), err
}

type programmeEdit struct {
	Kind         string        `json:"kind" enum:"closed|gift"`
	Funding      string        `json:"funding" enum:"backed|prefunded"`
	MaxBalance   ledger.Amount `json:"max_balance,omitempty" min:"0"`
	Expiry       int64         `json:"expiry,omitempty" min:"0"`
	CountsOrders bool          `json:"counts_orders,omitempty"`
	ThirdParty   bool          `json:"third_party,omitempty"`
	Basis        string        `json:"closed_loop_basis,omitempty" len:"2000"`
}

func setProgramme(q *request, in programmeEdit) (desk.Programme, error) {
	return q.desk().SetProgramme(q.Context(), q.book(), desk.Programme{
		Type: in.Kind, Funding: in.Funding, MaxBalance: in.MaxBalance, Expiry: in.Expiry,
		CountsOrders: in.CountsOrders, ThirdParty: in.ThirdParty, Basis: in.Basis,
	})
}

type memberPath struct {
	ID desk.ID `path:"member_id" form:"id" doc:"The member's id."`
}

type memberFilter struct {
	listing
	Partner string `query:"partner_user_id" doc:"Only whom the merchant calls so."`
	Contact string `query:"contact" len:"10" doc:"Only those with this contact: ten digits."`
}

func listMembers(q *request, in memberFilter) (page[member], error) {
	return list(q, in.listing, func(p *desk.Query) {
		p.Parent = desk.ID(in.Partner)
		if in.Contact != "" {
			p.Where = map[string]string{"contact": in.Contact}
		}
	}, wireMember)
}

func getMember(q *request, in memberPath) (member, error) {
	m, err := desk.Find[desk.Member](q.Context(), q.desk(), q.book(), in.ID)
	return wireMember(m), err
}

type memberEdit struct {
	memberPath
	Contact *string `json:"contact" len:"10" doc:"Ten digits."`
	Email   *string `json:"email" len:"254"`
	Release bool    `json:"release,omitempty" doc:"Let go of partner_user_id: the next credit under it makes a new member who holds nothing."`
}

func editMember(q *request, in memberEdit) (desk.Member, error) {
	return q.desk().EditMember(q.Context(), q.book(), desk.MemberEdit{
		Member: in.ID, Contact: in.Contact, Email: in.Email, Release: in.Release,
	})
}

type memberFreeze struct {
	memberPath
	Reason string `json:"reason" len:"200" doc:"Why, for whoever asks later."`
}

func freezeMember(q *request, in memberFreeze) (desk.Member, error) {
	return q.desk().FreezeMember(q.Context(), q.book(), desk.FreezeRequest{Holder: in.ID, Frozen: true, Reason: in.Reason})
}

func thawMember(q *request, in memberPath) (desk.Member, error) {
	return q.desk().FreezeMember(q.Context(), q.book(), desk.FreezeRequest{Holder: in.ID})
}

// A creditBalance is what a member holds.
type creditBalance struct {
	MemberID desk.ID       `json:"member_id"`
	Balance  ledger.Amount `json:"balance" doc:"Paise."`
	Lots     []credit      `json:"lots" doc:"What is left of each credit, in the order in which it is spent."`
}

func getCreditBalance(q *request, in memberPath) (creditBalance, error) {
	b, lots, err := q.desk().CreditHeld(q.Context(), q.book(), in.ID)
	return creditBalance{in.ID, b, each(lots, wireCredit)}, err
}

type memberPage struct {
	memberPath
	listing
}

func listCredits(q *request, in memberPage) (page[credit], error) {
	p, err := q.numbered(in.listing)
	if err != nil {
		return page[credit]{}, err
	}
	if _, err := desk.Find[desk.Member](q.Context(), q.desk(), q.book(), in.ID); err != nil {
		return page[credit]{}, err
	}
	all, err := q.desk().CreditStatement(q.Context(), in.ID, p)
	if err != nil {
		return page[credit]{}, err
	}
	at := func(l desk.CreditLine) string { return strconv.FormatInt(l.N, 10) }
	return paged(q, p, all, at, func(l desk.CreditLine) credit { return wireCredit(l.Credit) }), nil
}

type spend struct {
	memberPath
	Amount    ledger.Amount `json:"amount" min:"1" doc:"Paise."`
	Order     string        `json:"order,omitempty" doc:"What you call the order that it pays for."`
	Reference string        `json:"reference,omitempty" doc:"Your own."`
	Notes     labels        `json:"notes,omitempty"`
}

func spendCredit(q *request, in spend) (desk.Credit, error) {
	return q.desk().SpendCredit(q.Context(), q.book(), desk.SpendRequest{
		Member: in.ID, Amount: in.Amount, Order: in.Order, Reference: in.Reference, Notes: desk.Notes(in.Notes),
	})
}

// A newCredit asks to give a customer store credit.
type newCredit struct {
	creditor
	Amount    ledger.Amount `json:"amount" min:"100" doc:"Paise; at least a rupee."`
	Purpose   string        `json:"purpose" enum:"refund|gift|goodwill" doc:"What it is given for."`
	Reference string        `json:"reference" doc:"Your own, and its key: one credit for good."`
	Order     string        `json:"order,omitempty" doc:"What you call the order that it refunds."`
	Notes     labels        `json:"notes,omitempty"`
}

func (in newCredit) ask() desk.CreditRequest {
	return desk.CreditRequest{
		Partner: in.Partner, Contact: in.Contact, Email: in.Email, Amount: in.Amount, Purpose: in.Purpose,
		Reference: in.Reference, Order: in.Order, Notes: desk.Notes(in.Notes), Room: Room,
	}
}

func createCredit(q *request, in newCredit) (desk.Credit, error) {
	return q.desk().LoadCredit(q.Context(), q.book(), in.ask())
}

type creditPath struct {
	ID desk.ID `path:"credit_id" form:"id" doc:"The transaction's id."`
}

func getCredit(q *request, in creditPath) (credit, error) {
	x, err := desk.Find[desk.Credit](q.Context(), q.desk(), q.book(), in.ID)
	return wireCredit(x), err
}

type creditReturn struct {
	creditPath
	Amount    *ledger.Amount `json:"amount" min:"1" doc:"Paise; all that is left of the spend if it is not given."`
	Reference string         `json:"reference,omitempty" doc:"Your own."`
	Notes     labels         `json:"notes,omitempty"`
}

func returnCredit(q *request, in creditReturn) (desk.Credit, error) {
	ask := desk.ReturnRequest{Spend: in.ID, Full: in.Amount == nil, Reference: in.Reference, Notes: desk.Notes(in.Notes)}
	if in.Amount != nil {
		ask.Amount = *in.Amount
	}
	return q.desk().ReturnCredit(q.Context(), q.book(), ask)
}
