package eko

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"wapas/desk"
	"wapas/dialect"
	"wapas/webhook"
)

// Herald tells a book's endpoint what became of its transactions, as the vendor
// does: one static address for an account, one POST for a change of state, not
// signed. An endpoint that names no events hears what the vendor announces for
// sure: that a transaction went from initiated to success or failed. The other
// changes of state are told to those that ask for all events or for these.
type Herald struct{}

// The events that are told, and whether an endpoint must ask for them.
var told = map[string]bool{
	"remittance.processed": false,
	"remittance.failed":    false,
	"remittance.held":      true,
	"refund.processed":     true,
}

// Room is the room whose endpoints are told.
func (Herald) Room() string { return Room }

// Schedule is ours: the vendor does not document one.
func (Herald) Schedule() webhook.Schedule {
	return webhook.Schedule{
		Gaps: []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour},
		Life: 24 * time.Hour,
	}
}

// A callbackWire is a transaction as the callback tells of it: numbers are
// numbers here, and words are upper case.
type callbackWire struct {
	TxStatus        json.Number `json:"tx_status"`
	Amount          json.Number `json:"amount"`
	PaymentMode     string      `json:"payment_mode"`
	TxDesc          string      `json:"txstatus_desc"`
	Fee             json.Number `json:"fee"`
	GST             json.Number `json:"gst"`
	SenderName      string      `json:"sender_name"`
	TID             any         `json:"tid"`
	BeneficiaryType *int        `json:"beneficiary_account_type"`
	ClientRef       string      `json:"client_ref_id"`
	OldTxStatus     json.Number `json:"old_tx_status"`
	OldTxDesc       string      `json:"old_tx_status_desc"`
	BankRef         string      `json:"bank_ref_num"`
	IFSC            string      `json:"ifsc"`
	RecipientName   string      `json:"recipient_name"`
	Account         string      `json:"account"`
	Timestamp       string      `json:"timestamp"`
}

// Tell is what an endpoint is sent of an event.
func (Herald) Tell(_ context.Context, n webhook.Notice) (*webhook.Message, error) {
	ask, known := told[n.Event.Name]
	if !known || ask && n.Endpoint.Events == "" || !n.Endpoint.Asks(n.Event.Name) {
		return nil, nil
	}
	for _, row := range n.Event.About {
		r, ok := row.(desk.Remittance)
		if !ok {
			continue
		}
		body, err := dialect.Encode(wireCallback(r, n.Event))
		if err != nil {
			return nil, err
		}
		return &webhook.Message{Header: http.Header{"Content-Type": {"application/json"}}, Body: body}, nil
	}
	return nil, nil // a refund of another room
}

func wireCallback(r desk.Remittance, e desk.Event) callbackWire {
	status, desc := txStatus(r.State)
	was, wasDesc := txStatus(r.Was)
	mode := "5"
	if r.Channel == desk.NEFT {
		mode = "4"
	}
	return callbackWire{
		TxStatus: json.Number(status), Amount: json.Number(short(r.Amount)), PaymentMode: mode, TxDesc: strings.ToUpper(desc),
		Fee: json.Number(short(r.Fee)), GST: json.Number(short(r.Tax)), TID: number(r.TID), ClientRef: r.Ref,
		OldTxStatus: json.Number(was), OldTxDesc: wasDesc, BankRef: r.BankRef, IFSC: r.IFSC, RecipientName: r.RecipientName,
		Account: r.Account, Timestamp: localTime(e.At),
	}
}
