package export

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"wapas/desk"
	"wapas/ledger"
)

// The columns of a file that a job is filled from: those that are needed, and
// those that may be there.
var (
	RefundColumns  = []string{"payment"}
	RefundOptional = []string{"amount", "reference", "note"}
	CreditColumns  = []string{"customer", "contact", "amount"}
	CreditOptional = []string{"email", "purpose", "order", "reference", "note"}
)

// JobColumns are the columns of a file of refunds or of credits.
func JobColumns(what string) (needed, known []string) {
	if what == desk.JobCredits {
		return CreditColumns, CreditOptional
	}
	return RefundColumns, RefundOptional
}

// JobRow reads a row of such a file. An amount is rupees; without one a refund is
// of all that is left.
func JobRow(r Row) (q desk.JobRowRequest, err error) {
	text := func(column string) string { return Unharmed(r.Get(column)) }
	q = desk.JobRowRequest{
		Names: text("payment"), Reference: text("reference"),
		Contact: text("contact"), Email: text("email"), Purpose: text("purpose"), Order: text("order"),
	}
	if q.Names == "" {
		q.Names = text("customer")
	}
	if note := text("note"); note != "" {
		notes, err := json.Marshal(map[string]string{"note": note})
		if err != nil {
			return q, err
		}
		q.Notes = desk.Notes(notes)
	}
	if a := r.Get("amount"); a != "" {
		var ok bool
		if q.Amount, ok = ledger.ParseRupees(a); !ok || q.Amount == 0 {
			return q, fmt.Errorf("amount: %q is no amount in rupees, such as 499.00", a)
		}
	}
	return q, nil
}

// A JobLine is a row of a job, and what became of it.
type JobLine struct {
	No        int64   `json:"row"`
	Names     string  `json:"names"`
	Asked     string  `json:"asked"`
	Reference string  `json:"reference"`
	State     string  `json:"state"`
	Amount    Money   `json:"amount"`
	To        string  `json:"destination"`
	Payment   desk.ID `json:"payment_id"`
	Made      desk.ID `json:"made"`
	Twin      string  `json:"same_as_row"`
	Code      string  `json:"code"`
	Why       string  `json:"rule"`
	Detail    string  `json:"detail"`
	EndedAt   string  `json:"ended_at"`
}

// JobRows writes the report of a job: every row, in their order.
func (j Job) JobRows(ctx context.Context, job desk.ID, w io.Writer) error {
	return rows(ctx, j, newLineWriter[JobLine](w, j.Format),
		func(ctx context.Context, q desk.Query) ([]desk.JobRow, error) {
			behind, _ := strconv.ParseInt(q.After, 10, 64) // empty at first
			return j.Desk.JobRows(ctx, j.Book, job, behind, q.Count, false)
		},
		func(r desk.JobRow) string { return strconv.FormatInt(r.No, 10) },
		func(r desk.JobRow) []JobLine {
			asked, twin := "", ""
			if r.Asked != 0 {
				asked = r.Asked.String()
			}
			if r.Twin != 0 {
				twin = strconv.FormatInt(r.Twin, 10)
			}
			return []JobLine{{r.No, r.Names, asked, r.Reference, r.State, Money(r.Amount), r.To, r.Payment, r.Made, twin,
				r.Code, r.Why, r.Detail, inIndia(r.EndedAt)}}
		})
}
