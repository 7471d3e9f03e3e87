package torture

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"wapas/desk"
)

// keys are the credentials of a merchant's test book, by room.
type keys map[string]struct{ name, secret string }

// readMerchant reads what "wapas merchant create --json" prints, and finds the
// test book in what "wapas merchant list --json" prints.
func readMerchant(t testing.TB, printed, list []byte) (id string, ks keys, test desk.BookID) {
	t.Helper()
	var m struct {
		ID   string
		Keys []struct{ Room, Kind, Mode, Name, Secret string }
	}
	var all []struct {
		ID    string
		Books []struct {
			ID   desk.BookID
			Mode string
		}
	}
	if err := errors.Join(json.Unmarshal(printed, &m), json.Unmarshal(list, &all)); err != nil {
		t.Fatalf("%v: %s %s", err, printed, list)
	}
	for _, a := range all {
		for _, b := range a.Books {
			if a.ID == m.ID && b.Mode == "test" {
				test = b.ID
			}
		}
	}
	if test == 0 {
		t.Fatalf("%s has no test book: %s", m.ID, list)
	}
	ks = keys{}
	for _, k := range m.Keys {
		if _, known := ks[k.Room]; k.Mode == "test" && !known { // the first of a room's kinds
			ks[k.Room] = struct{ name, secret string }{k.Name, k.Secret}
		}
	}
	return m.ID, ks, test
}

// merchant is what PhonePe calls the merchant.
func (ks keys) merchant() string { return strings.TrimSuffix(ks["phonepe"].name, "#1") }

// sign does what a room asks of its callers; PhonePe's wrap the body as well.
func (ks keys) sign(q *http.Request, room string, body *string) {
	k := ks[room]
	switch room {
	case "razorpay":
		q.SetBasicAuth(k.name, k.secret)
	case "engage", "native":
		q.Header.Set("Authorization", "Bearer "+k.secret)
	case "phonepe":
		coded := base64.StdEncoding.EncodeToString([]byte(*body))
		*body = `{"request":"` + coded + `"}`
		sum := sha256.Sum256([]byte(coded + q.URL.Path + k.secret))
		q.Header.Set("X-VERIFY", hex.EncodeToString(sum[:])+"###1")
	case "eko":
		now := strconv.FormatInt(time.Now().UnixMilli(), 10)
		mac := hmac.New(sha256.New, []byte(base64.StdEncoding.EncodeToString([]byte(k.secret))))
		mac.Write([]byte(now))
		q.Header.Set("developer_key", k.name)
		q.Header.Set("secret-key", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		q.Header.Set("secret-key-timestamp", now)
	}
}

// Who stands behind the counter of the Eko room.
const agentCode, initiator = "20810200", "9962981729"

// clients call at the same time, of most shops.
const clients = 12

// A shop is a merchant's test book with all that the load needs in it.
type shop struct {
	linked    []string   // accounts that payments are split among
	customers []string   // with wallets, one for each client
	members   []string   // who hold store credit
	open      [][]*owing // remittances that failed and whose cash is to go back
}

// newShop makes one for so many clients.
func newShop(clients int) *shop {
	return &shop{customers: make([]string, clients), members: make([]string, clients), open: make([][]*owing, clients)}
}

// An owing is a remittance that failed.
type owing struct{ ref, tid string }

// found opens the shop through the servers: what cannot be made fails the test.
func (s *shop) found(t testing.TB, w *witness) {
	t.Helper()
	base, _ := w.up(0)
	n := 0
	must := func(room, path, body string) spoken {
		t.Helper()
		n++
		status, said, err := w.send(base, "POST", room, path, body, fmt.Sprint("found-", n))
		if err != nil || status > 201 {
			t.Fatalf("%s %s: %d %v %v", path, body, status, said, err)
		}
		return said
	}
	for i := range 2 {
		s.linked = append(s.linked, must("razorpay", "/v2/accounts", fmt.Sprintf(`{"email":"seller%d@example.com","phone":"980000100%d","type":"route",
			"reference_id":"seller-%d","legal_business_name":"Shop %d","business_type":"proprietorship","contact_name":"Asha Rao",
			"profile":{"category":"ecommerce","subcategory":"ecommerce_marketplace","addresses":{"registered":{"street1":"1, Market Road","street2":"Old Town","city":"Pune","state":"MAHARASHTRA","postal_code":"411001","country":"IN"}}}}`, i, i, i, i)).text("id"))
	}
	for i := range s.customers {
		s.customers[i] = must("razorpay", "/v1/customers", fmt.Sprintf(`{"name":"Client","contact":"98765%05d"}`, i)).text("id")
		s.members[i] = must("native", "/api/v1/credits", fmt.Sprintf(`{"partner_user_id":"user-%d","contact":"98764%05d","amount":100,"purpose":"gift","reference":"first-%d"}`, i, i, i)).text("member_id")
	}
	o := must("razorpay", "/v1/orders", `{"amount":1000000000,"currency":"INR","payment_capture":1,"receipt":"capital"}`).text("id")
	must("razorpay", "/v1/payments/create/recurring", paymentOf(o, 1000000000, s.customers[0]))
}

func paymentOf(order string, amount int64, customer string) string {
	return fmt.Sprintf(`{"amount":%d,"currency":"INR","order_id":%q,"email":"a@example.com","contact":"9876543210","customer_id":%q,"token":"token_00000000000001","recurring":"1"}`, amount, order, customer)
}
