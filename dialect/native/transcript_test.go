package native

import (
	"net/http"
	"testing"

	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/dialect/phonepe"
	"wapas/dialect/razorpay"
	"wapas/dialecttest"
	"wapas/webhook"
)

const (
	testToken   = "wapas_demo_native_token"
	otherToken  = "wapas_demo_native_other"  // another person's, for the same book
	liveToken   = "wapas_demo_native_live"   // of the live book
	readerToken = "wapas_demo_native_reader" // may read refunds and nothing else
)

// TestTranscripts runs testdata/*.txt: see package dialecttest for the form.
// Every answer in them is held against the OpenAPI document.
func TestTranscripts(t *testing.T) {
	dialecttest.Run(t, "testdata/*.txt", openRoom)
}

func openRoom(t *testing.T, h *dialecttest.House) dialecttest.Room {
	h.Issue(t, h.Book, Room, "", testToken)
	h.Issue(t, h.Book, Room, "", otherToken)
	h.Issue(t, h.Live, Room, "", liveToken)
	_, err := h.Desk.Issue(t.Context(), desk.IssueRequest{Room: Room, Book: h.Book, Secret: []byte(readerToken), Scopes: refundRead})
	if err != nil {
		t.Fatal(err)
	}
	return dialecttest.Room{
		Handler: conforming(t, New(h.Desk, Config{Version: "test", Heralds: []webhook.Herald{razorpay.Herald{}, phonepe.Herald{}, eko.Herald{}}})),
		Header:  http.Header{"Authorization": {"Bearer " + testToken}},
		Vars: map[string]string{
			"merchant": string(h.Merchant),
			"live":     "Bearer " + liveToken,
			"reader":   "Bearer " + readerToken,
			"other":    "Bearer " + otherToken,
		},
	}
}
