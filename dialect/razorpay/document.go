package razorpay

import (
	"strconv"

	"wapas/desk"
	"wapas/ledger"
)

// The rules of files.
const (
	whyFile     ledger.Why = "file"      // it is not one, but a text
	whyFileForm ledger.Why = "file_form" // nor a picture or PDF by its content
	whyFileSize ledger.Why = "file_size" // Detail is the most, in kilobytes
)

// fileSizes is how large a file may be, in bytes, by what its content is: the
// forms the manual knows.
var fileSizes = map[string]int64{
	"image/jpeg":      4 << 20,
	"image/png":       4 << 20,
	"application/pdf": 2 << 20,
}

// The manual's types of documents of an account and of a stakeholder, each with
// what it proves, which is the key it is listed under. It spells one of them in
// two ways.
const (
	provesBusiness = "business_proof_of_identification"
	provesMore     = "additional_documents"
	provesPerson   = "individual_proof_of_identification"
	provesAddress  = "individual_proof_of_address"
)

var accountDocuments = map[string]string{
	"shop_establishment_certificate": provesBusiness, "gst_certificate": provesBusiness, "msme_certificate": provesBusiness,
	"business_proof_url": provesBusiness, "business_pan_url": provesBusiness,
	"form_12_a_url": provesMore, "form_12a_url": provesMore, "form_80g_url": provesMore, "cancelled_cheque": provesMore, "bank_statement": provesMore,
	"sebi_registration_certificate": provesMore, "sla_sebi_registration_certificate": provesMore,
	"ffmc_license": provesMore, "sla_ffmc_license": provesMore,
	"irdai_registration_certificate": provesMore, "sla_irdai_registration_certificate": provesMore,
	"nbfc_registration_certificate": provesMore, "sla_nbfc_registration_certificate": provesMore,
	"amfi_certificate": provesMore, "sla_amfi_certificate": provesMore,
	"iata_certificate": provesMore, "sla_iata_certificate": provesMore, "affiliation_certificate": provesMore,
}

var stakeholderDocuments = map[string]string{
	"personal_pan": provesPerson,
	"aadhar_front": provesAddress, "aadhar_back": provesAddress, "passport_front": provesAddress, "passport_back": provesAddress,
	"voter_id_front": provesAddress, "voter_id_back": provesAddress,
}

// A documentsWire is a list of documents by what they prove.
type documentsWire[D any] struct {
	Business []D `json:"business_proof_of_identification,omitempty"`
	More     []D `json:"additional_documents,omitempty"`
	Person   []D `json:"individual_proof_of_identification,omitempty"`
	Address  []D `json:"individual_proof_of_address,omitempty"`
}

func (w *documentsWire[D]) add(proves string, d D) {
	to := map[string]*[]D{provesBusiness: &w.Business, provesMore: &w.More, provesPerson: &w.Person, provesAddress: &w.Address}[proves]
	*to = append(*to, d)
}

// A documentWire is a document in a list.
type documentWire struct {
	Type string  `json:"type"`
	ID   desk.ID `json:"document_id"`
}

// An uploadWire is the answer to a document that was sent. The manual's sample
// has a link to the file and its table an id; we have no link to give.
type uploadWire struct {
	documentWire
	URL *string `json:"url"`
}

// uploadAccountDocument: "Upload account documents".
func (r *room) uploadAccountDocument(q *request) (any, error) {
	return r.uploadDocument(q, "", accountDocuments)
}

// uploadStakeholderDocument: "Upload stakeholder documents".
func (r *room) uploadStakeholderDocument(q *request) (any, error) {
	return r.uploadDocument(q, q.id("sth"), stakeholderDocuments)
}

func (r *room) uploadDocument(q *request, stakeholder desk.ID, types map[string]string) (any, error) {
	b, f := q.upload("file", "files") // the manual's Java sample has the second
	most, ok := fileSizes[f.form]
	switch {
	case !ok:
		b.refuseIn("file", whyFileForm, "")
	case f.size > most:
		b.refuseIn("file", whyFileSize, strconv.FormatInt(most>>10, 10))
	}
	b.require("document_type")
	kind := b.text("document_type", 255)
	proves, ok := types[kind]
	if !ok {
		b.refuseIn("document_type", whyNotOne, "")
	}
	if err := b.done(); err != nil {
		return nil, err
	}
	doc, err := r.desk.KeepDocument(q.Context(), q.book(), q.id("acc"), stakeholder,
		desk.Document{Type: kind, Name: f.name, Form: f.form, Size: f.size, SHA256: f.sha256})
	if err != nil {
		return nil, err
	}
	var w documentsWire[uploadWire]
	w.add(proves, uploadWire{documentWire: documentWire{doc.Type, doc.ID}})
	return w, nil
}

// listAccountDocuments: "Fetch account documents".
func (r *room) listAccountDocuments(q *request) (any, error) {
	return r.listDocuments(q, "", accountDocuments)
}

// listStakeholderDocuments: "Fetch stakeholder documents".
func (r *room) listStakeholderDocuments(q *request) (any, error) {
	return r.listDocuments(q, q.id("sth"), stakeholderDocuments)
}

func (r *room) listDocuments(q *request, stakeholder desk.ID, types map[string]string) (any, error) {
	all, err := r.desk.Documents(q.Context(), q.book(), q.id("acc"), stakeholder)
	if err != nil {
		return nil, err
	}
	var w documentsWire[documentWire]
	for _, doc := range all {
		w.add(types[doc.Type], documentWire{doc.Type, doc.ID})
	}
	return w, nil
}
