package phonepe

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"wapas/desk"
)

// 64 identical refunds at once are one refund: one is pending, the others hear
// that their id was used.
func TestSameRefundAtOnce(t *testing.T) {
	room, h, _ := shop(t)
	codes := atOnce(64, func(int) string {
		return ask(room, "/v3/credit/backToSource", `{"merchantId":"SHOPDEMO","transactionId":"SAME","originalTransactionId":"PAY0001","amount":100,"message":"m"}`)
	})
	if codes[codePending] != 1 || codes[codeUsedRefundID] != 63 {
		t.Errorf("answers %v", codes)
	}
	left(t, h.Desk, h.Book, 9_900)
	h.Audit(t)
}

// 64 refunds of a payment under their own ids, of which ten fit: ten are
// pending, and for the others nothing is left but what is under way.
func TestRefundsAtOnce(t *testing.T) {
	room, h, _ := shop(t)
	codes := atOnce(64, func(i int) string {
		return ask(room, "/v3/credit/backToSource", fmt.Sprintf(`{"merchantId":"SHOPDEMO","transactionId":"R%d","originalTransactionId":"PAY0001","amount":1000,"message":"m"}`, i))
	})
	if codes[codePending] != 10 || codes[codeFailed] != 54 {
		t.Errorf("answers %v", codes)
	}
	left(t, h.Desk, h.Book, 0)
	h.Advance(t, 10e9)
	h.Audit(t)
}

// The same payment asked for 64 times at once is one payment.
func TestSameChargeAtOnce(t *testing.T) {
	room, h, _ := shop(t)
	codes := atOnce(64, func(int) string {
		return ask(room, "/v3/qr/init", `{"merchantId":"SHOPDEMO","transactionId":"QSAME","amount":1000,"storeId":"s"}`)
	})
	if codes[codeSuccess] != 1 || codes[codeUsedID] != 63 {
		t.Errorf("answers %v", codes)
	}
	h.Advance(t, 10e9)
	h.Audit(t)
}

// atOnce counts the codes that n calls hear.
func atOnce(n int, call func(i int) string) map[string]int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	codes := map[string]int{}
	for i := range n {
		wg.Go(func() {
			var e struct{ Code string }
			answer := call(i)
			if json.Unmarshal([]byte(answer), &e) != nil {
				e.Code = answer
			}
			mu.Lock()
			codes[e.Code]++
			mu.Unlock()
		})
	}
	wg.Wait()
	return codes
}

// ask sends a payload signed with salt 1, and returns the answer.
func ask(room http.Handler, path, payload string) string {
	coded := base64.StdEncoding.EncodeToString([]byte(payload))
	return strings.TrimSpace(post(room, path, coded, Sign(coded+path, []byte(saltOne), "1")).Body.String())
}

// left checks what is left of the only payment.
func left(t *testing.T, d *desk.Desk, book desk.BookID, want int64) {
	t.Helper()
	all, err := desk.List[desk.Payment](t.Context(), d, desk.Query{Book: book})
	if err != nil || len(all) != 1 {
		t.Fatalf("%d payments, %v", len(all), err)
	}
	if got := all[0].Budget().Left(); int64(got) != want {
		t.Errorf("%d paise are left, want %d", got, want)
	}
}
