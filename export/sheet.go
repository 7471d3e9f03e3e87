package export

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// The columns of a sheet that is handed to a bank, and of one that is handed to
// a person: the latter has room for what became of each order.
var (
	BankColumns = []string{"reference", "amount", "beneficiary", "account", "ifsc", "vpa", "narration"}
	ListColumns = []string{"reference", "outcome", "utr", "reason", "amount", "what", "beneficiary", "account", "ifsc", "vpa", "narration", "to", "payment", "paid_under", "customer"}
)

// The formats of a sheet.
const (
	BankSheet = "bank" // BankColumns
	ListSheet = "list" // ListColumns
)

// Sheet writes the orders of a sheet as CSV.
func Sheet(to io.Writer, format string, s desk.Sheet) error {
	columns := BankColumns
	if format == ListSheet {
		columns = ListColumns
	}
	w := csv.NewWriter(to)
	w.Write(columns) // the writer keeps its error
	for _, k := range s.Orders {
		all := orderCells(k)
		line := make([]string, len(columns))
		for i, name := range columns {
			line[i] = Harmless(all[name])
		}
		w.Write(line)
	}
	w.Flush()
	return w.Error()
}

func orderCells(k desk.Carry) map[string]string {
	return map[string]string{
		"reference": string(k.Order.ID), "amount": k.Order.Amount.String(), "what": k.Order.What,
		"beneficiary": k.Beneficiary, "account": k.Account, "ifsc": k.IFSC, "vpa": k.VPA, "narration": k.Narration,
		"to": k.Order.To, "payment": string(k.Payment), "paid_under": k.PaidUnder, "customer": string(k.Customer),
	}
}

// The columns of a file of results: those that are needed, and those that may
// be there because the file was exported with them.
var (
	ResultColumns  = []string{"reference", "outcome"}
	ResultOptional = []string{"utr", "reason", "code", "amount", "what", "beneficiary", "account", "ifsc", "vpa", "narration", "to", "payment", "paid_under", "customer"}
)

// BankReference is the form of what a bank gives as proof: an ARN, RRN or UTR.
var BankReference = regexp.MustCompile(`^[A-Za-z0-9]{6,40}$`)

// Result reads one row of results as somebody's word. A row without an outcome
// has no result yet: ok is false.
func Result(r Row, by string) (q desk.OutcomeRequest, ok bool, err error) {
	if r.Get("outcome") == "" {
		return q, false, nil
	}
	q = desk.OutcomeRequest{
		Order: desk.ID(r.Get("reference")), Outcome: rail.Outcome(r.Get("outcome")), Code: r.Get("code"),
		Reason: Unharmed(r.Get("reason")), Reference: Unharmed(r.Get("utr")), By: by,
	}
	if text := r.Get("amount"); text != "" {
		if q.Amount, ok = ledger.ParseRupees(text); !ok {
			return q, true, fmt.Errorf("amount: %q is no amount in rupees, such as 499.00", text)
		}
	}
	done := q.Outcome == rail.Done
	switch {
	case q.Order == "":
		return q, true, errors.New("reference: it is empty")
	case !done && q.Outcome != rail.Refused && q.Outcome != desk.Returned:
		return q, true, fmt.Errorf("outcome: %q is not done, refused or returned", q.Outcome)
	case done && q.Reference != "" && !BankReference.MatchString(q.Reference):
		return q, true, fmt.Errorf("utr: %q is not 6 to 40 letters and digits", q.Reference)
	case !done && q.Reason == "":
		return q, true, errors.New("reason: a refusal needs one, in words for the customer")
	}
	if !done {
		q.Reference = ""
	}
	return q, true, nil
}
