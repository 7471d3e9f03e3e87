package native

import (
	"wapas/desk"
	"wapas/ledger"
)

// A booking is one thing the operator did with money, or asked to do.
type booking struct {
	ID         desk.ID       `json:"id" doc:"bok_ and 14 characters."`
	What       string        `json:"what" doc:"The reason of its entry." eg:"provider_settled"`
	Of         desk.ID       `json:"of,omitempty" doc:"The receipt that it identifies, the clock that it waives."`
	Party      string        `json:"party,omitempty" doc:"The provider, partner or customer."`
	Amount     ledger.Amount `json:"amount" doc:"Paise."`
	Cost       ledger.Amount `json:"cost,omitempty" doc:"Of a provider."`
	Tax        ledger.Amount `json:"tax,omitempty" doc:"That we paid."`
	Debit      string        `json:"debit,omitempty" doc:"Of an adjustment: the account."`
	Credit     string        `json:"credit,omitempty" doc:"Likewise."`
	Identified ledger.Amount `json:"identified,omitempty" doc:"Of a receipt: what is known whose it is."`
	Reference  string        `json:"reference,omitempty" doc:"The bank's or the provider's."`
	Note       string        `json:"note,omitempty"`
	By         string        `json:"by,omitempty" doc:"Who did it."`
	Second     string        `json:"second,omitempty" doc:"Who agreed, where it takes two."`
	State      string        `json:"state" enum:"asked|done|expired" doc:"asked takes another credential's agreement."`
	CreatedAt  moment        `json:"created_at"`
	DoneAt     moment        `json:"done_at,omitempty"`
}

func wireBooking(b desk.Booking) booking {
	return booking{
		b.ID, b.What, b.Of, b.Party, b.Amount, b.Cost, b.Tax, b.Debit, b.Credit, b.Identified, b.Reference, b.Note, b.By, b.Second,
		b.State, moment(b.CreatedAt), moment(b.DoneAt),
	}
}

func showBooking(_ *request, b desk.Booking) (booking, error) { return wireBooking(b), nil }

// A lawClock is a time that the law allows for money to be back.
type lawClock struct {
	ID        desk.ID       `json:"id" doc:"tat_ and 14 characters."`
	Rule      string        `json:"rule" eg:"UPI_P2M"`
	Subject   desk.ID       `json:"subject" doc:"What failed."`
	HolderID  desk.ID       `json:"holder_id,omitempty" doc:"Whose account is compensated."`
	Day       string        `json:"day" form:"date" doc:"Of the transaction, in India."`
	Due       string        `json:"due" form:"date" doc:"The last day without compensation."`
	Late      int64         `json:"late" doc:"Days."`
	Accrued   ledger.Amount `json:"accrued" doc:"Compensation, in paise."`
	State     string        `json:"state" enum:"running|met|breached|compensated|waived"`
	PaidTo    string        `json:"paid_to,omitempty"`
	Reference string        `json:"reference,omitempty"`
	CreatedAt moment        `json:"created_at"`
	EndedAt   moment        `json:"ended_at,omitempty"`
}

func wireLawClock(t desk.TAT) lawClock {
	return lawClock{
		t.ID, t.Rule, t.Subject, t.Holder, t.Day.String(), t.Due.String(), t.Late, t.Accrued, t.State, t.PaidTo, t.Reference,
		moment(t.CreatedAt), moment(t.EndedAt),
	}
}

func operatorRoutes() []route {
	const two = "Above the terms' two_people_above it is only asked, and done once another credential agrees."
	return under("Operator",
		read("/bookings", "listBookings", moneyRead, "List what the operator did with money", listBookings).says("Newest first."),
		read("/bookings/{booking_id}", "getBooking", moneyRead, "Read a booking", getBooking),
		write("POST /bookings/own_funds", "bookOwnFunds", moneyWrite, "The operator's own money comes in", bookOwnFunds, showBooking).money().created(),
		write("POST /bookings/provider_settled", "bookProviderSettled", moneyWrite, "A provider paid what it captured", bookProviderSettled, showBooking).money().created(),
		write("POST /bookings/float_topped_up", "bookTopUp", moneyWrite, "Escrow money goes to a partner who pays out", bookTopUp, showBooking).money().created(),
		write("POST /bookings/fees_swept", "bookFeesSwept", moneyWrite, "What was earned leaves escrow", bookFeesSwept, showBooking).money().created(),
		write("POST /bookings/cashback", "bookCashback", moneyWrite, "Cashback at the operator's cost", bookCashback, showBooking).money().created().says(two),
		write("POST /bookings/receipt", "bookReceipt", moneyWrite, "Money came in and nobody knows whose it is", bookReceipt, showBooking).money().created(),
		write("POST /bookings/{booking_id}/identify", "identifyReceipt", moneyWrite, "Say whose a receipt is, or a part of it", identifyReceipt, showBooking).money().created().says("What was identified of the receipt before counts. "+two),
		write("POST /bookings/adjustment", "bookAdjustment", moneyWrite, "Correct the books by hand", bookAdjustment, showBooking).money().created().says(two),
		write("POST /bookings/{booking_id}/agree", "agreeBooking", moneyWrite, "Agree to what another asked", agreeBooking, showBooking).money(),
		act("POST /refund_credits", "buyRefundCredits", moneyWrite, "Set the merchant's money aside for refunds", buyRefundCredits,
			func(q *request, _ buyCredits) (refundCredits, error) { return refundCreditsNow(q) }).money(),
		read("/clocks", "listLawClocks", moneyRead, "List the times that the law allows", listLawClocks).says("Newest first."),
		read("/clocks/{clock_id}", "getLawClock", moneyRead, "Read such a time", getLawClock),
		write("POST /clocks/{clock_id}/waive", "waiveClock", moneyWrite, "Ask that no compensation is paid", waiveClock, showBooking).money().created().
			says("It always takes another credential's agreement."),
	)
}

func listBookings(q *request, in listing) (page[booking], error) {
	return list(q, in, nil, wireBooking)
}

type bookingPath struct {
	ID desk.ID `path:"booking_id" form:"id" doc:"The booking's id."`
}

func getBooking(q *request, in bookingPath) (booking, error) {
	b, err := desk.Find[desk.Booking](q.Context(), q.desk(), q.book(), in.ID)
	return wireBooking(b), err
}

// A move is what all bookings have in common.
type move struct {
	Amount    ledger.Amount `json:"amount" min:"1" doc:"Paise."`
	Reference string        `json:"reference" len:"64" doc:"The bank's or the provider's: booked once for good."`
	Note      string        `json:"note,omitempty"`
}

func (q *request) money(in move) desk.MoneyRequest {
	return desk.MoneyRequest{Amount: in.Amount, Reference: in.Reference, Note: in.Note, By: q.person()}
}

// person is who says so: the credential. Two people are two credentials.
func (q *request) person() string {
	name := q.caller.Name
	if q.room.inside == nil && len(name) > 24 {
		name = name[:24]
	}
	return name
}

func bookOwnFunds(q *request, in move) (desk.Booking, error) {
	return q.desk().OwnFunds(q.Context(), q.book(), q.money(in))
}

type providerMove struct {
	move
	Provider string        `json:"provider" len:"40"`
	Cost     ledger.Amount `json:"cost,omitempty" min:"0" doc:"What it kept of amount, without tax."`
	Tax      ledger.Amount `json:"tax,omitempty" min:"0" doc:"On its cost."`
}

func bookProviderSettled(q *request, in providerMove) (desk.Booking, error) {
	return q.desk().ProviderSettled(q.Context(), q.book(), desk.ProviderSettlement{MoneyRequest: q.money(in.move), Provider: in.Provider, Cost: in.Cost, Tax: in.Tax})
}

type partnerMove struct {
	move
	Partner string `json:"partner" len:"40"`
}

func bookTopUp(q *request, in partnerMove) (desk.Booking, error) {
	return q.desk().TopUpFloat(q.Context(), q.book(), desk.TopUp{MoneyRequest: q.money(in.move), Partner: in.Partner})
}

func bookFeesSwept(q *request, in move) (desk.Booking, error) {
	return q.desk().SweepFees(q.Context(), q.book(), q.money(in))
}

type customerMove struct {
	move
	Customer desk.ID `json:"customer_id" form:"id"`
}

func bookCashback(q *request, in customerMove) (desk.Booking, error) {
	return q.desk().GiveOwnCashback(q.Context(), q.book(), desk.OwnCashback{MoneyRequest: q.money(in.move), Customer: in.Customer})
}

func bookReceipt(q *request, in move) (desk.Booking, error) {
	return q.desk().UnknownReceipt(q.Context(), q.book(), q.money(in))
}

type identification struct {
	bookingPath
	Amount    ledger.Amount    `json:"amount" min:"1" doc:"Paise."`
	To        ledger.AccountID `json:"to" form:"account" doc:"The account it belongs to."`
	Reference string           `json:"reference,omitempty" len:"64"`
	Note      string           `json:"note"`
}

func identifyReceipt(q *request, in identification) (desk.Booking, error) {
	return q.desk().IdentifyReceipt(q.Context(), q.book(), desk.Identification{
		MoneyRequest: desk.MoneyRequest{Amount: in.Amount, Reference: in.Reference, Note: in.Note, By: q.person()}, Receipt: in.ID, To: in.To,
	})
}

type adjustment struct {
	move
	Debit  ledger.AccountID `json:"debit" form:"account"`
	Credit ledger.AccountID `json:"credit" form:"account"`
}

func bookAdjustment(q *request, in adjustment) (desk.Booking, error) {
	return q.desk().Adjust(q.Context(), q.book(), desk.Adjustment{MoneyRequest: q.money(in.move), Debit: in.Debit, Credit: in.Credit})
}

func agreeBooking(q *request, in bookingPath) (desk.Booking, error) {
	return q.desk().Agree(q.Context(), q.book(), desk.Agreement{Booking: in.ID, By: q.person()})
}

// refundCredits are what is set aside for refunds.
type refundCredits struct {
	Balance ledger.Amount `json:"balance" doc:"Paise."`
}

type buyCredits struct {
	Amount ledger.Amount `json:"amount" min:"1" doc:"Paise."`
}

func buyRefundCredits(q *request, in buyCredits) (refundCredits, error) {
	b, err := q.desk().BuyCredits(q.Context(), q.book(), in.Amount)
	return refundCredits{b}, err
}

func refundCreditsNow(q *request) (refundCredits, error) {
	as, err := q.desk().Store.Balances(q.Context(), q.book(), ledger.RefundCredits)
	return refundCredits{as[ledger.RefundCredits].Amount}, err
}

type clockFilter struct {
	listing
	Subject desk.ID `query:"subject" form:"id" doc:"Only those for this."`
}

func listLawClocks(q *request, in clockFilter) (page[lawClock], error) {
	return list(q, in.listing, func(p *desk.Query) { p.Parent = in.Subject }, wireLawClock)
}

type clockPath struct {
	ID desk.ID `path:"clock_id" form:"id" doc:"The clock's id."`
}

func getLawClock(q *request, in clockPath) (lawClock, error) {
	t, err := desk.Find[desk.TAT](q.Context(), q.desk(), q.book(), in.ID)
	return wireLawClock(t), err
}

type waiver struct {
	clockPath
	Note string `json:"note" doc:"Why."`
}

func waiveClock(q *request, in waiver) (desk.Booking, error) {
	return q.desk().WaiveTAT(q.Context(), q.book(), desk.Waiver{TAT: in.ID, By: q.person(), Note: in.Note})
}
