package eko

import (
	"errors"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// An inquiryWire is a transaction as the inquiry tells of it.
type inquiryWire struct {
	TID             string `json:"tid"`
	TxStatus        string `json:"tx_status"`
	TxDesc          string `json:"txstatus_desc"`
	Amount          string `json:"amount"`
	Fee             string `json:"fee"`
	GST             string `json:"gst"`
	ClientRef       string `json:"client_ref_id"`
	BankRef         string `json:"bank_ref_num"`
	Account         string `json:"account"`
	IFSC            string `json:"ifsc"`
	SenderName      string `json:"sender_name"`
	RecipientName   string `json:"recipient_name"`
	BeneficiaryType int    `json:"beneficiary_account_type"`
	PaymentMode     int    `json:"payment_mode"`
	Timestamp       string `json:"timestamp"`
	Reason          string `json:"reason,omitempty"`
	RefundTID       string `json:"refund_tid,omitempty"`
	RefundedAmount  string `json:"refunded_amount,omitempty"`
}

func wireInquiry(r desk.Remittance) inquiryWire {
	w := inquiryWire{
		TID: r.TID, Amount: short(r.Amount), Fee: short(r.Fee), GST: short(r.Tax), ClientRef: r.Ref, BankRef: r.BankRef,
		Account: r.Account, IFSC: r.IFSC, RecipientName: r.RecipientName, BeneficiaryType: 1, PaymentMode: paymentMode(r),
		Timestamp: localTime(r.CreatedAt), Reason: reason(r), RefundTID: r.RefundTID,
	}
	w.TxStatus, w.TxDesc = txStatus(r.State)
	if r.State == desk.RemitRefunded {
		w.RefundedAmount = r.Total().String()
	}
	return w
}

// paymentMode is how it goes: 4 by NEFT, 5 by IMPS.
func paymentMode(r desk.Remittance) int {
	if r.Channel == desk.NEFT {
		return 4
	}
	return 5
}

// inquire tells what became of a transaction: "Transaction Inquiry". The
// reference is a number, client_ref_id: with the caller's own, or that alone. A
// transaction of another initiator is not there.
func (r *room) inquire(q *request) (any, error) {
	f, err := q.read()
	if err != nil {
		return nil, err
	}
	initiator, code := f.mobile("initiator_id"), f.text("user_code", 20)
	if err := f.done(); err != nil {
		return nil, err
	}
	if code != "" {
		_, err = q.agent(initiator, code)
	} else {
		err = r.desk.Initiator(q.Context(), q.book(), initiator)
	}
	if err != nil {
		return nil, err
	}
	tx, err := q.look(q.parts["ref"], initiator)
	var e *ledger.Error
	if errors.As(err, &e) && e.Why == desk.WhyNoRemittance && !q.classic() {
		e.Why = whyNoReference
	}
	if err != nil {
		return nil, err
	}
	return envelope{StatusID: sidDone, Data: wireInquiry(tx), TypeID: typeInquiry, Message: "Sucess! Enquiry success."}, nil
}

// look finds a transaction of an initiator by a reference.
func (q *request) look(ref, initiator string) (desk.Remittance, error) {
	own, named := strings.CutPrefix(ref, "client_ref_id:")
	d, ctx, book := q.room.desk, q.Context(), q.book()
	var tx desk.Remittance
	var err error
	if !named {
		tx, err = d.Remittance(ctx, book, ref)
	}
	if named || ledger.CodeOf(err) == ledger.NotFound {
		tx, err = d.RemittanceByRef(ctx, book, own)
	}
	if err != nil {
		return tx, err
	}
	a, err := desk.Find[desk.Agent](ctx, d, book, tx.Agent)
	if err == nil && a.Initiator != initiator {
		err = ledger.Refuse(ledger.NotFound, desk.WhyNoRemittance, "%.40s", ref).In("tid")
	}
	return tx, err
}

// An owedWire is a transaction that waits for its refund. The vendor does not
// say what its list looks like: this one is ours.
type owedWire struct {
	TID       string `json:"tid"`
	Amount    string `json:"amount"`
	Fee       string `json:"fee"`
	Timestamp string `json:"timestamp"`
	ClientRef string `json:"client_ref_id"`
	Customer  string `json:"customer_id"`
	TxStatus  string `json:"tx_status"`
	TxDesc    string `json:"txstatus_desc"`
	Reason    string `json:"reason"`
}

// maxOwed is how many transactions a list has at most.
const maxOwed = 500

// listOwed lists the transactions of an agent that wait for their refund, the
// oldest first: those of one customer, or of all if none is named.
func (r *room) listOwed(q *request) (any, error) {
	f, err := q.read()
	if err != nil {
		return nil, err
	}
	initiator, code := f.mobile("initiator_id"), f.need("user_code", 20)
	customer := ""
	if f.raw("customer_id") != "" {
		customer = f.mobile("customer_id")
	}
	f.asked["customer_id"] = true
	if err := f.done(); err != nil {
		return nil, err
	}
	a, err := q.agent(initiator, code)
	if err != nil {
		return nil, err
	}
	owed, err := r.desk.OwedTo(q.Context(), q.book(), customer, a.ID, 0, maxOwed)
	if err != nil {
		return nil, err
	}
	list := make([]owedWire, len(owed))
	for i, tx := range owed {
		status, desc := txStatus(tx.State)
		list[i] = owedWire{tx.TID, tx.Amount.String(), short(tx.Fee), localTime(tx.CreatedAt), tx.Ref, tx.Customer, status, desc, reason(tx)}
	}
	return envelope{StatusID: sidRead, Data: map[string]any{"refund_list": list}, Message: "Success! Pending refunds listed."}, nil
}
