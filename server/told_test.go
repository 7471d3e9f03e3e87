package server_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/dialect/phonepe"
	"wapas/dialect/razorpay"
	"wapas/dialecttest"
	"wapas/webhook"
)

// A told is what a receiver was sent.
type told struct {
	method, path, body string
	head               http.Header
}

// An announcement is a refund that a room's caller asks for, and hears of at
// its own address.
type announcement struct {
	name string
	// move asks for it, to be announced at a URL.
	move func(t *testing.T, h *dialecttest.House, at string)
	// gap is how long after it was not taken it is sent again.
	gap time.Duration
	// says checks the room's own signature, and what the message says.
	says func(t *testing.T, m told)
}

const hookSecret = "hook-user:hook-pass-1"

var announcements = []announcement{
	{"phonepe v3, to the address in the request", func(t *testing.T, h *dialecttest.House, at string) {
		backToSource(t, h, "/v3/credit/backToSource", `{"merchantId":%q,"transactionId":"R1","originalTransactionId":%q,"amount":20000,"message":"m"}`, "X-CALLBACK-URL", at+"/own", "X-CALL-MODE", "PUT")
	}, time.Minute, func(t *testing.T, m told) {
		saltedCallback(t, m, "PUT /own", "PAYMENT_SUCCESS", `"transactionId":"R1"`)
	}},
	{"phonepe v3, to the address on file", func(t *testing.T, h *dialecttest.House, at string) {
		listen(t, h, desk.EndpointRequest{Room: phonepe.Room, URL: at + "/file"})
		backToSource(t, h, "/v3/credit/backToSource", `{"merchantId":%q,"transactionId":"R1","originalTransactionId":%q,"amount":20013,"message":"m"}`)
	}, time.Minute, func(t *testing.T, m told) {
		saltedCallback(t, m, "POST /file", "PAYMENT_ERROR", `"transactionId":"R1"`)
	}},
	{"phonepe pg v1", func(t *testing.T, h *dialecttest.House, at string) {
		backToSource(t, h, "/pg/v1/refund", `{"merchantId":%q,"merchantTransactionId":"R1","originalTransactionId":%q,"amount":20000,"callbackUrl":"`+at+`/pg"}`)
	}, time.Minute, func(t *testing.T, m told) {
		saltedCallback(t, m, "POST /pg", "PAYMENT_SUCCESS", `"merchantTransactionId":"R1"`)
	}},
	{"phonepe v2", func(t *testing.T, h *dialecttest.House, at string) {
		listen(t, h, desk.EndpointRequest{Room: phonepe.Room, URL: at + "/v2", Secret: []byte(hookSecret), Events: []string{"pg.refund.completed"}})
		room := phonepe.New(h.Desk, phonepe.Config{})
		form := url.Values{"client_id": {"TELLS"}, "client_secret": {"secret"}, "client_version": {"1"}, "grant_type": {"client_credentials"}}
		r := httptest.NewRequest("POST", "/v1/oauth/token", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		token := answered(t, room, r)["access_token"].(string)
		r = httptest.NewRequest("POST", "/payments/v2/refund", strings.NewReader(fmt.Sprintf(`{"merchantRefundId":"R1","originalMerchantOrderId":%q,"amount":20000}`, paid(t, h).ID)))
		r.Header.Set("Authorization", "O-Bearer "+token)
		answered(t, room, r)
	}, time.Minute, func(t *testing.T, m told) {
		if m.method+" "+m.path != "POST /v2" || m.head.Get("Authorization") != phonepe.Credential([]byte(hookSecret)) {
			t.Errorf("%s %s with %v", m.method, m.path, m.head)
		}
		for _, part := range []string{`"event":"pg.refund.completed"`, `"merchantRefundId":"R1"`, `"state":"COMPLETED"`} {
			if !strings.Contains(m.body, part) {
				t.Errorf("%s is not in %s", part, m.body)
			}
		}
	}},
	{"eko", func(t *testing.T, h *dialecttest.House, at string) {
		listen(t, h, desk.EndpointRequest{Room: eko.Room, URL: at + "/eko"})
		tellers[2].move(t, h, "REF1")
	}, 10 * time.Second, func(t *testing.T, m told) {
		var tx struct {
			Status int    `json:"tx_status"`
			Ref    string `json:"client_ref_id"`
		}
		if err := json.Unmarshal([]byte(m.body), &tx); err != nil || m.method+" "+m.path != "POST /eko" || tx.Status != 0 || tx.Ref != "REF1" {
			t.Errorf("%s %s %s, %v", m.method, m.path, m.body, err)
		}
	}},
	{"razorpay", func(t *testing.T, h *dialecttest.House, at string) {
		listen(t, h, desk.EndpointRequest{URL: at + "/rzp", Secret: []byte("whsec"), Events: []string{"refund.processed"}})
		tellers[0].move(t, h, "R1")
	}, 0, func(t *testing.T, m told) {
		if m.head.Get("X-Razorpay-Signature") == "" || !strings.Contains(m.body, `"event":"refund.processed"`) {
			t.Errorf("%v %s", m.head, m.body)
		}
	}},
}

// listen puts an endpoint on file.
func listen(t *testing.T, h *dialecttest.House, q desk.EndpointRequest) {
	t.Helper()
	if _, err := h.Desk.CreateEndpoint(t.Context(), h.Book, q); err != nil {
		t.Fatal(err)
	}
}

// backToSource asks PhonePe's older generations for the refund of a payment,
// whose merchant and name the payload leaves open.
func backToSource(t *testing.T, h *dialecttest.House, path, payload string, head ...string) {
	t.Helper()
	coded := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, payload, phonepeMerchant, paid(t, h).ID))
	r := httptest.NewRequest("POST", path, strings.NewReader(`{"request":"`+coded+`"}`))
	r.Header.Set("X-VERIFY", phonepe.Sign(coded+path, []byte(phonepeSalt), "1"))
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	answered(t, phonepe.New(h.Desk, phonepe.Config{}), r)
}

// answered makes a request that must be granted.
func answered(t *testing.T, room http.Handler, r *http.Request) (answer map[string]any) {
	t.Helper()
	w := httptest.NewRecorder()
	room.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", r.URL, w.Code, w.Body)
	}
	return answer
}

// saltedCallback checks a callback of PhonePe's older generations.
func saltedCallback(t *testing.T, m told, where, code, part string) {
	t.Helper()
	var body struct{ Response string }
	if err := json.Unmarshal([]byte(m.body), &body); err != nil || m.method+" "+m.path != where {
		t.Errorf("%s %s: %v", m.method, m.path, err)
	}
	if m.head.Get("X-Verify") != phonepe.Sign(body.Response, []byte(phonepeSalt), "1") {
		t.Errorf("%s is not signed by %s", m.body, m.head.Get("X-Verify"))
	}
	plain, err := base64.StdEncoding.DecodeString(body.Response)
	if err != nil || !strings.Contains(string(plain), `"code":"`+code+`"`) || !strings.Contains(string(plain), part) {
		t.Errorf("it says %s, %v; want %s of %s", plain, err, code, part)
	}
}

// What each room announces reaches the merchant's server, which does not take
// it at first: the same message comes again when the book's clock says so, not
// before, is taken, and does not come a third time.
func TestAnnouncements(t *testing.T) {
	for _, c := range announcements {
		t.Run(c.name, func(t *testing.T) {
			h := dialecttest.Open(t)
			h.Issue(t, h.Book, razorpay.Room, keyID, keySecret)
			h.Issue(t, h.Book, phonepe.Room, phonepe.KeyName(phonepeMerchant, "1"), phonepeSalt)
			h.Issue(t, h.Book, phonepe.Room, "client:TELLS", "secret")
			h.Issue(t, h.Book, eko.Room, ekoKey, ekoSecret)
			var got []told // the post writes one at a time here, and is done when it returns
			receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got = append(got, told{r.Method, r.URL.Path, string(body), r.Header})
				if len(got) == 1 {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
			}))
			defer receiver.Close()
			post := webhook.New(h.Desk, webhook.Options{}, razorpay.Herald{}, phonepe.Herald{}, eko.Herald{})
			run := func(d time.Duration) int {
				t.Helper()
				h.Advance(t, d)
				if err := post.Run(t.Context(), h.Book); err != nil {
					t.Fatal(err)
				}
				return len(got)
			}
			c.move(t, h, receiver.URL)
			if n := run(10 * time.Second); n != 1 {
				t.Fatalf("%d messages", n)
			}
			gap := c.gap
			if gap == 0 {
				gap = razorpay.Herald{}.Schedule().Gaps[0]
			}
			if n := run(gap - time.Second); n != 1 {
				t.Errorf("%d messages a second before it is to be sent again", n)
			}
			if n := run(time.Second); n != 2 {
				t.Fatalf("%d messages when it is to be sent again", n)
			}
			if n := run(48 * time.Hour); n != 2 {
				t.Errorf("%d messages after it was taken", n)
			}
			for _, m := range got {
				c.says(t, m)
			}
			if got[0].body != got[1].body || !slices.Equal(got[0].head["X-Verify"], got[1].head["X-Verify"]) {
				t.Errorf("first %s, then %s", got[0].body, got[1].body)
			}
			h.Audit(t)
		})
	}
}
