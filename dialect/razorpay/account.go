package razorpay

import (
	"encoding/json"
	"strings"

	"wapas/desk"
	"wapas/dialect"
)

// A betaAccountWire is a linked account as the older account API shows it.
type betaAccountWire struct {
	ID         desk.ID         `json:"id"`
	Entity     string          `json:"entity"`
	Name       string          `json:"name"`
	Email      string          `json:"email"`
	Live       bool            `json:"live"`
	Managed    bool            `json:"managed"`
	Accepted   bool            `json:"tnc_accepted"`
	Activation betaActivation  `json:"activation_details"`
	Emails     betaEmails      `json:"secondary_emails"`
	Details    json.RawMessage `json:"account_details"`
	Notes      json.RawMessage `json:"notes"` // {} when empty, here only
	Transfer   betaDestination `json:"fund_transfer"`
}

type betaActivation struct {
	Status    string   `json:"status"`
	At        int64    `json:"activated_at"`
	CanSubmit bool     `json:"can_submit"`
	Pending   []string `json:"fields_pending"`
}

type betaEmails struct {
	Reports []string `json:"transaction_report_email"`
}

type betaDestination struct {
	ID string `json:"destination"`
}

// betaDetails are the account_details of an account of which nothing is known.
const betaDetails = `{"mobile":null,"landline":null,"business_name":null,"business_type":null,"business_model":null,
	"registered_address":{"address":null,"city":null,"state":null,"pin":null},
	"operational_address":{"address":null,"city":null,"state":null,"pin":null},
	"date_established":null,"transaction_volume":null,"average_transaction_size":null,
	"kyc_details":{"cin":null,"gstin":null,"p_gstin":null,"pan":null,"pan_name":null,"promoter_pan":null,"promoter_pan_name":null,
	"business_proof_file":null,"address_proof_file":null}}`

// createLinkedBeta: "Create an account" of the account APIs [beta]: the linked
// account and its bank account in one call.
func (r *room) createLinkedBeta(q *request) (any, error) {
	b := q.body()
	b.require("name", "email", "tnc_accepted", "account_details", "bank_account")
	a := desk.Linked{Type: "route"}
	a.ContactName = b.matching("name", nameForm, whyLinkedName)
	a.Email = b.matching("email", emailForm, whyLinkedForm)
	if accepted, sent := b.flag("tnc_accepted"); sent && !accepted {
		b.refuseIn("tnc_accepted", whyTnC, "")
	}
	business := b.object("account_details")
	business.require("business_name", "business_type")
	a.LegalName = business.text("business_name", 255)
	a.CustomerFacingName = a.LegalName
	a.BusinessType = business.businessType("business_type")
	bank := b.object("bank_account")
	bank.require("ifsc_code", "beneficiary_name", "account_number")
	bank.matching("ifsc_code", ifscForm, whyLinkedIFSC)
	bank.matching("beneficiary_name", nameForm, whyLinkedName)
	bank.text("account_type", 32)
	bank.accountNumber("account_number")
	a.Notes, _ = b.notes("notes")

	blank, err := dialect.ParseJSON([]byte(betaDetails))
	if err != nil {
		return nil, err
	}
	details := blank.(*object)
	if business.obj != nil {
		business.ignore(details.Keys...)
		details = merged(details, business.obj)
	}
	if err := b.done(); err != nil {
		return nil, err
	}
	wire := &object{}
	wire.Set("account_details", details)
	wire.Set("bank_account", bank.obj)
	a.Wire = dialect.WriteJSON(wire)
	if a, err = r.desk.CreateLinked(q.Context(), q.book(), a); err != nil {
		return nil, err
	}
	w := betaAccountWire{
		ID: a.ID, Entity: "account", Name: a.ContactName, Email: a.Email, Live: q.caller.Mode == desk.Live, Managed: true, Accepted: true,
		Activation: betaActivation{Status: "activated", At: a.CreatedAt.Unix(), CanSubmit: true, Pending: []string{}},
		Emails:     betaEmails{Reports: []string{}}, Details: json.RawMessage(dialect.WriteJSON(details)), Notes: json.RawMessage("{}"),
		Transfer: betaDestination{"ba_" + strings.TrimPrefix(string(a.ID), "acc_")},
	}
	if a.Notes != "" {
		w.Notes = json.RawMessage(a.Notes)
	}
	return w, nil
}
