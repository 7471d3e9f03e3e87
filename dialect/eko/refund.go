package eko

import (
	"errors"

	"wapas/desk"
	"wapas/ledger"
)

// A refundWire is what a refund did. TxStatus is not in the vendor's sample but
// in its list of fields.
type refundWire struct {
	RefundTID         string `json:"refund_tid"`
	Amount            string `json:"amount"`
	TDS               string `json:"tds"`
	Balance           string `json:"balance"`
	Fee               string `json:"fee"`
	Currency          string `json:"currency"`
	CommissionReverse string `json:"commission_reverse"`
	TID               string `json:"tid"`
	Timestamp         string `json:"timestamp"`
	RefundedAmount    string `json:"refunded_amount"`
	TxStatus          string `json:"tx_status"`
	TxDesc            string `json:"txstatus_desc"`
}

func (w refundWire) tx() (string, string) { return w.TxStatus, w.TxDesc }

// wireRefund is a refunded transaction, with the agent's e-value after it.
func wireRefund(r desk.Remittance, value ledger.Amount) refundWire {
	w := refundWire{
		RefundTID: r.RefundTID, Amount: r.Amount.String(), TDS: short(r.TDS), Balance: value.String(), Fee: short(r.Fee), Currency: "INR",
		CommissionReverse: short(r.Commission), TID: r.TID, Timestamp: isoTime(r.EndedAt), RefundedAmount: r.Total().String(),
	}
	w.TxStatus, w.TxDesc = txStatus(r.State)
	return w
}

// transaction is the id of the one that the path names: by its number, or by
// the caller's own reference.
func (q *request) transaction() (desk.ID, error) {
	tid := q.parts["tid"]
	id, err := q.room.desk.RemittanceID(q.Context(), q.book(), tid)
	if ledger.CodeOf(err) == ledger.NotFound && !q.classic() && (!digits(tid) || len(tid) > 20) {
		err = ledger.Refuse(ledger.NotFound, whyTIDLength, "%.40s", tid)
	}
	return id, err
}

// sendOTP sends the customer the OTP for a refund again: "Get Refund OTP". Its
// manual lists initiator_id only; a user_code that is sent must be right.
func (r *room) sendOTP(q *request) (any, error) {
	f, err := q.read()
	if err != nil {
		return nil, err
	}
	initiator, code := f.mobile("initiator_id"), f.text("user_code", 20)
	f.text("service_code", 8)
	f.fixed("state", "1")
	if err := f.done(); err != nil {
		return nil, err
	}
	var agent desk.ID
	if code != "" {
		a, err := q.agent(initiator, code)
		if err != nil {
			return nil, err
		}
		agent = a.ID
	} else if err := r.desk.Initiator(q.Context(), q.book(), initiator); err != nil {
		return nil, err
	}
	id, err := q.transaction()
	if err != nil {
		return nil, err
	}
	if agent == "" {
		if agent, err = q.agentOf(id, initiator); err != nil {
			return nil, err
		}
	}
	c, err := r.desk.SendRefundOTP(q.Context(), q.book(), id, agent)
	if err != nil {
		return nil, err
	}
	return wireOTP(c), nil
}

// agentOf is the agent of a transaction, which must be the initiator's.
func (q *request) agentOf(id desk.ID, initiator string) (desk.ID, error) {
	tx, err := desk.Find[desk.Remittance](q.Context(), q.room.desk, q.book(), id)
	if err != nil {
		return "", err
	}
	a, err := desk.Find[desk.Agent](q.Context(), q.room.desk, q.book(), tx.Agent)
	if err == nil && a.Initiator != initiator {
		err = ledger.Refuse(ledger.WrongState, desk.WhyForeignAgent, "%s", tx.TID).In("initiator_id")
	}
	return a.ID, err
}

// refund gives the agent its e-value again: "Initiate Refund". A second call for
// a transaction that was refunded hears so, with what the refund did, and
// credits nothing.
func (r *room) refund(q *request) (any, error) {
	f, err := q.read()
	if err != nil {
		return nil, err
	}
	initiator, code := f.mobile("initiator_id"), f.need("user_code", 20)
	shown := desk.Code{Digits: f.need("otp", 16), Ref: f.text("otp_ref_id", 256)}
	if shown.Digits != "" && !digits(shown.Digits) {
		f.refuse("otp", codeInvalid, "Please provide digits only")
	}
	f.whole("service_code")
	f.fixed("state", "1")
	if err := f.done(); err != nil {
		return nil, err
	}
	a, err := q.agent(initiator, code)
	if err != nil {
		return nil, err
	}
	id, err := q.transaction()
	if err != nil {
		return nil, err
	}
	done, err := r.desk.RefundRemittance(q.Context(), q.book(), desk.RestoreRequest{Remittance: id, Agent: a.ID, Code: shown, Room: Room})
	if err != nil {
		return nil, q.notRefunded(err, id, a)
	}
	return envelope{
		StatusID: sidDone, Data: wireRefund(done.Remittance, done.Value), TypeID: typeRefunded, Message: "Refund done", TxStatus: "4", TxDesc: "Refunded",
	}, nil
}

// notRefunded adds to a refusal how the transaction stands, where that is why.
func (q *request) notRefunded(err error, id desk.ID, a desk.Agent) error {
	var e *ledger.Error
	if !errors.As(err, &e) || e.Why != desk.WhyRemitRefunded && e.Why != desk.WhyRemitState {
		return err
	}
	tx, bad := desk.Find[desk.Remittance](q.Context(), q.room.desk, q.book(), id)
	if bad != nil {
		return bad
	}
	value, bad := q.room.desk.ValueOf(q.Context(), q.book(), a)
	if bad != nil {
		return bad
	}
	if e.Why == desk.WhyRemitRefunded {
		return &notDone{err, sidRefunded, typeRefunded, wireRefund(tx, value)}
	}
	return &notDone{err, sidRead, typeInvalid, wireTx(tx, value)}
}
