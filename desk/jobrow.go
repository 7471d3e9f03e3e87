package desk

import (
	"slices"

	"wapas/ledger"
)

// A JobRow is one thing that a job asks for, and what became of it.
type JobRow struct {
	ID        ID // JobRowID
	Job       ID
	No        int64  // from 1, dense
	Names     string // of a refund: what names the payment (see nameRow); of a credit: what the merchant calls the customer
	Contact   string // of a credit
	Email     string // of a credit
	Purpose   string // of a credit
	Order     string // of a credit: what the merchant calls the order; of a refund: the payment's, once it is known
	Asked     ledger.Amount
	Reference string // the caller's own; of a credit always one
	Notes     Notes
	State     string
	Twins     ID            // the job and what the row is about, while it is ready or done: rows about the same are found under it
	Twin      int64         // an earlier row about the same; 0: there is none
	Payment   ID            // of a refund: found by the check
	To        string        // where the money goes
	Amount    ledger.Amount // as the check found it, and what was moved once it is done
	Fee       ledger.Amount // of an instant refund
	Merchant  ledger.Amount // what the check saw leave the merchant
	RefusedOf ID            // the job, if the row was refused by the check or by the books
	Made      ID            // the refund or credit
	// Why it was refused.
	Code, Why, Field, Detail string
	CreatedAt, EndedAt       ledger.Time
}

func (r JobRow) Kind() Kind { return KindJobRow }
func (r JobRow) RowID() ID  { return r.ID }
func (r JobRow) Parent() ID { return r.Twins }

// The states of a row.
const (
	RowWaiting = "waiting" // it was not checked yet
	RowBad     = "bad"     // the check refused it: it is not done
	RowReady   = "ready"
	RowDone    = "done"
	RowRefused = "refused" // it was ready, but the books had gone on
)

// The limits of a row's texts, in characters.
const (
	maxJobName      = 255
	maxJobReference = 255
)

// A JobRowRequest is one row as it is asked for.
type JobRowRequest struct {
	// Names is, of a refund, what names the payment: its id or its order's, an
	// order's receipt, what a room's caller calls either, or the bank's number. Of a
	// credit it is what the merchant calls the customer.
	Names     string
	Amount    ledger.Amount // of a refund 0 is all that is left
	Reference string        // the caller's own: see RefundRequest.Receipt and CreditRequest.Reference; a credit without one has the row's id
	Notes     Notes
	// The rest is a credit's.
	Contact, Email, Purpose, Order string
}

// Check is what is wrong with the row itself, of a job of refunds or credits: Invalid,
// naming the field.
func (q JobRowRequest) Check(what string) error {
	switch {
	case q.Names == "" || !isLabel(q.Names, maxJobName):
		return ledger.Refuse(ledger.Invalid, WhyJobText, "1 to %d characters must say what it is about", maxJobName).In(nameField(what))
	case !isLabel(q.Reference, maxJobReference):
		return ledger.Refuse(ledger.Invalid, WhyJobText, "a reference has at most %d characters", maxJobReference).In("reference")
	case q.Amount < 0 || q.Amount > ledger.MaxAmount:
		return ledger.Refuse(ledger.Invalid, WhyJobAmount, "%d is no amount of a row", q.Amount).In("amount")
	case !isLabel(string(q.Notes), len(q.Notes)):
		return ledger.Refuse(ledger.Invalid, WhyJobText, "notes are text").In("notes")
	case what == JobCredits:
		return q.credit("reference").check()
	case q.Contact+q.Email+q.Purpose+q.Order != "":
		return ledger.Refuse(ledger.Invalid, WhyJobWhat, "a refund goes to who paid: contact, email, purpose and order are a credit's").In("contact")
	}
	return nil
}

// nameField is what callers know Names as.
func nameField(what string) string {
	if what == JobCredits {
		return "partner_user_id"
	}
	return "payment"
}

// credit is a row as the desk is asked for it.
func (q JobRowRequest) credit(reference string) CreditRequest {
	if q.Reference != "" {
		reference = q.Reference
	}
	purpose := q.Purpose
	if purpose == "" {
		purpose = CreditRefund
	}
	return CreditRequest{
		Partner: q.Names, Contact: q.Contact, Email: q.Email, Amount: q.Amount, Purpose: purpose, Reference: reference, Order: q.Order,
		Notes: q.Notes, Room: jobRoom,
	}
}

// row is the next row of a job.
func (q JobRowRequest) row(j Job, now ledger.Time) JobRow {
	r := JobRow{
		ID: JobRowID(j.ID, j.Rows), Job: j.ID, No: j.Rows, Names: q.Names, Contact: q.Contact, Email: q.Email, Purpose: q.Purpose, Order: q.Order,
		Asked: q.Amount, Reference: q.Reference, Notes: q.Notes, State: RowWaiting, CreatedAt: now,
	}
	if j.What == JobCredits {
		credit := q.credit(string(r.ID))
		r.Purpose, r.Reference = credit.Purpose, credit.Reference
	}
	return r
}

// credit is what the row of a job of credits asks for.
func (r JobRow) credit() CreditRequest {
	return JobRowRequest{
		Names: r.Names, Amount: r.Asked, Reference: r.Reference, Notes: r.Notes, Contact: r.Contact, Email: r.Email, Purpose: r.Purpose, Order: r.Order,
	}.credit("")
}

// jobRoom is the room that refunds and credits of jobs are of: our own API's.
const jobRoom = "native"

// refused is the row with why it was refused, by the check or by the books.
func (r JobRow) refused(state string, e *ledger.Error, now ledger.Time) JobRow {
	r.State, r.RefusedOf, r.EndedAt = state, r.Job, now
	r.Code, r.Why, r.Field, r.Detail = string(e.Code), string(e.Why), e.Field, e.Detail
	return r
}

// Refusal is why a row was refused; nil if it was not.
func (r JobRow) Refusal() *ledger.Error {
	if r.Code == "" {
		return nil
	}
	return &ledger.Error{Code: ledger.Code(r.Code), Why: ledger.Why(r.Why), Field: r.Field, Detail: r.Detail}
}

// unchecked is the row as it was before it was checked.
func (r JobRow) unchecked() JobRow {
	r.State, r.Twins, r.Twin, r.To, r.Amount, r.Fee, r.Merchant, r.RefusedOf, r.EndedAt = RowWaiting, "", 0, "", 0, 0, 0, "", 0
	r.Code, r.Why, r.Field, r.Detail = "", "", "", ""
	if r.Payment != "" {
		r.Payment, r.Order = "", ""
	}
	return r
}

// Check is the rule of a row: it is in one of its states and says what that is.
func (r JobRow) Check() error {
	refused := r.State == RowBad || r.State == RowRefused
	done := r.State == RowDone
	ok := slices.Contains([]string{RowWaiting, RowBad, RowReady, RowDone, RowRefused}, r.State) && r.ID == JobRowID(r.Job, r.No) &&
		refused == (r.Code != "") && refused == (r.RefusedOf != "") && done == (r.Made != "") && (done || refused) == (r.EndedAt != 0) &&
		r.Amount >= 0 && r.Fee >= 0 && r.Asked >= 0
	if r.State == RowReady || done {
		ok = ok && r.Amount > 0 && r.To != ""
	}
	if !ok {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s is %q of %d paise, made %q, code %q", r.ID, r.State, r.Amount, r.Made, r.Code)
	}
	return nil
}
