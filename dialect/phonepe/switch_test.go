package phonepe

import (
	"encoding/base64"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wapas/desk"
)

// In-app integrations send the envelope of generation 1 with a token instead of
// a signature: it is good for the merchant ids of its own book only.
func TestSwitch(t *testing.T) {
	room, h, _ := shop(t)
	h.Issue(t, h.Book, Room, "client:APP", "app secret")
	h.Issue(t, h.Live, Room, KeyName("OTHERSHOP", "1"), "another salt")
	c, err := h.Desk.Identify(t.Context(), Room, "client:APP")
	if err != nil {
		t.Fatal(err)
	}
	token, _, _, err := h.Desk.Grant(c, Room, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		merchant, authorization string
		status                  int
		code                    string
	}{
		{"SHOPDEMO", "O-Bearer " + token, 200, codePending},
		{"SHOPDEMO", "O-Bearer " + token, 400, codeUsedRefundID},
		{"OTHERSHOP", "O-Bearer " + token, 400, codeNoKey},
		{"SHOPDEMO", "Bearer " + token, 401, codeUnauthorized},
		{"SHOPDEMO", "O-Bearer x", 401, codeUnauthorized},
	} {
		coded := base64.StdEncoding.EncodeToString([]byte(`{"merchantId":"` + k.merchant + `","transactionId":"SW","originalTransactionId":"PAY0001","amount":100,"message":"m"}`))
		r := httptest.NewRequest("POST", "http://wapas.test/apis/apphub/v4/credit/backToSource", strings.NewReader(`{"request":"`+coded+`"}`))
		r.Header.Set("Authorization", k.authorization)
		w := httptest.NewRecorder()
		room.ServeHTTP(w, r)
		if w.Code != k.status || !strings.Contains(w.Body.String(), `"`+k.code+`"`) {
			t.Errorf("%s by %s: %d %s", k.merchant, k.authorization, w.Code, w.Body)
		}
	}
	if _, err := h.Desk.Revoke(t.Context(), Room, "client:APP"); err != nil {
		t.Fatal(err)
	}
}

// A live book knows nothing of the test book's payments, and takes none itself.
func TestLiveBook(t *testing.T) {
	room, h, _ := shop(t)
	h.Issue(t, h.Live, Room, KeyName("LIVESHOP", "1"), saltOne)
	coded := base64.StdEncoding.EncodeToString([]byte(`{"merchantId":"LIVESHOP","transactionId":"L1","originalTransactionId":"PAY0001","amount":100,"message":"m"}`))
	const path = "/v3/credit/backToSource"
	if w := post(room, path, coded, Sign(coded+path, []byte(saltOne), "1")); !strings.Contains(w.Body.String(), codeNoTransaction) {
		t.Errorf("the test book's payment in the live book: %s", w.Body)
	}
	if w := post(room, "/v3/charge", coded, Sign(coded+"/v3/charge", []byte(saltOne), "1")); w.Code != 400 {
		t.Errorf("a payment of a live book: %d %s", w.Code, w.Body)
	}
	if all, err := desk.List[desk.Refund](t.Context(), h.Desk, desk.Query{Book: h.Live}); err != nil || len(all) != 0 {
		t.Errorf("%d refunds, %v", len(all), err)
	}
}
