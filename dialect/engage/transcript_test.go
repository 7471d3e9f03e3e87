package engage

import (
	"net/http"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
)

// The credentials of every transcript: the demo's token, with its like for the
// live book, a client of each for /token, a token that may only read and one
// that was revoked.
const (
	testToken  = "wapas_demo_engage_token"
	liveToken  = "wapas_live_engage_token"
	readToken  = "wapas_demo_engage_reader"
	goneToken  = "wapas_demo_engage_revoked"
	testClient = "wapasEngTest01"
	testSecret = "wapasEngageSecretTest001"
	liveClient = "wapasEngLive01"
	liveSecret = "wapasEngageSecretLive001"
)

// TestTranscripts runs testdata/*.txt: see package dialecttest for the form.
// {{merchant}}, {{live}}, {{reader}} and {{revoked}} (tokens) are known from
// the start. Files in testdata/counts run with a programme that counts orders.
func TestTranscripts(t *testing.T) {
	dialecttest.Run(t, "testdata/*.txt", openRoom)
}

func TestTranscriptsOfCountedOrders(t *testing.T) {
	dialecttest.Run(t, "testdata/counts/*.txt", func(t *testing.T, h *dialecttest.House) dialecttest.Room {
		ctx := t.Context()
		p := desk.DefaultProgramme()
		p.CountsOrders = true
		if _, err := h.Desk.SetProgramme(ctx, h.Book, p); err != nil {
			t.Fatal(err)
		}
		pay := func(receipt string, parts ...desk.PaymentRequest) {
			q := desk.OrderRequest{Receipt: receipt, Capture: true, Partial: len(parts) > 1, Amount: 50000}
			o, _, err := h.Desk.CreateOrder(ctx, h.Book, q)
			for _, p := range parts {
				if err == nil {
					p.Order, p.Method, p.VPA = o.ID, "upi", "success@razorpay"
					_, err = h.Desk.CreatePayment(ctx, h.Book, p)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		pay("paid", desk.PaymentRequest{Amount: 50000})
		pay("unpaid")
		pay("in parts", desk.PaymentRequest{Amount: 20000}, desk.PaymentRequest{Amount: 30000})
		return openRoom(t, h)
	})
}

func TestTranscriptsOfLimits(t *testing.T) {
	dialecttest.Run(t, "testdata/limits/*.txt", func(t *testing.T, h *dialecttest.House) dialecttest.Room {
		p := desk.DefaultProgramme()
		p.Funding, p.MaxBalance, p.Expiry = desk.Prefunded, 30000, 24*3600
		if _, err := h.Desk.SetProgramme(t.Context(), h.Book, p); err != nil {
			t.Fatal(err)
		}
		o, _, err := h.Desk.CreateOrder(t.Context(), h.Book, desk.OrderRequest{Amount: 20000, Capture: true})
		if err == nil {
			_, err = h.Desk.CreatePayment(t.Context(), h.Book, desk.PaymentRequest{Order: o.ID, Amount: 20000, Method: "upi", VPA: "success@razorpay"})
		}
		if err != nil {
			t.Fatal(err)
		}
		return openRoom(t, h)
	})
}

func openRoom(t *testing.T, h *dialecttest.House) dialecttest.Room {
	h.Issue(t, h.Book, Room, "", testToken)
	h.Issue(t, h.Live, Room, "", liveToken)
	h.Issue(t, h.Book, Room, testClient, testSecret)
	h.Issue(t, h.Live, Room, liveClient, liveSecret)
	h.Issue(t, h.Book, Room, "", goneToken)
	if _, err := h.Desk.Revoke(t.Context(), Room, desk.BearerName([]byte(goneToken))); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Desk.Issue(t.Context(), desk.IssueRequest{Room: Room, Book: h.Book, Secret: []byte(readToken), Scopes: "read_only"}); err != nil {
		t.Fatal(err)
	}
	return dialecttest.Room{
		Handler: New(h.Desk, Config{}),
		Header:  http.Header{"Authorization": {"Bearer " + testToken}},
		Vars: map[string]string{
			"merchant": string(h.Merchant), "live": liveToken, "reader": readToken, "revoked": goneToken,
		},
	}
}
