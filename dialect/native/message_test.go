package native

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/razorpay/razorpay-go/utils"

	"wapas/dialect/phonepe"
)

// An event in a room's words is signed as the vendor signs, with the secret of
// who asks, and with no secret that is kept.
func TestEventMessage(t *testing.T) {
	h, c := openCaller(t)
	var e endpoint
	c.ask("POST", "/endpoints", `{"url":"https://example.com/hook","events":["*"],"secret":"kept secret"}`, &e)
	c.ask("POST", "/endpoints", `{"url":"https://example.com/p","room":"phonepe","secret":"user:kept"}`, &e)
	var got triggered
	c.ask("POST", "/sandbox/triggers/refund.created", `{}`, &got)
	if got.Event == nil || got.Event.Name != "refund.created" {
		t.Fatalf("triggered %+v", got)
	}
	path := "/events/" + itoa(got.Event.No) + "/message"
	header := func(m eventMessage, name string) string {
		for _, h := range m.Headers {
			if h.Name == name {
				return h.Value
			}
		}
		return ""
	}
	var m eventMessage
	c.ask("GET", path, "", &m, "Webhook-Secret", "mine")
	if !m.Told || m.Method != "POST" || !utils.VerifyWebhookSignature(m.Body, header(m, "X-Razorpay-Signature"), "mine") || header(m, "X-Razorpay-Event-Id") != string(got.Event.ID) {
		t.Errorf("the message is %+v", m)
	}
	c.ask("GET", path, "", &m)
	if header(m, "X-Razorpay-Signature") != "" {
		t.Errorf("without a secret it is signed: %+v", m)
	}
	var none eventMessage
	if c.ask("GET", path+"?room=eko", "", &none); none.Told || none.Body != "" {
		t.Errorf("Eko tells of a refund of another room: %+v", none)
	}
	if w := c.ask("GET", "/events/4711/message", "", nil); w.Code != 404 {
		t.Errorf("an event that is not there: %d", w.Code)
	}
	// Eko's is not signed.
	c.ask("POST", "/sandbox/triggers/remittance.failed", `{}`, &got)
	h.Advance(t, 5*time.Second)
	var events page[event]
	c.ask("GET", "/events?limit=100&behind="+itoa(got.Behind), "", &events)
	told := false
	for _, e := range events.Items {
		if e.Name == "remittance.failed" {
			c.ask("GET", "/events/"+itoa(e.No)+"/message?room=eko", "", &m, "Webhook-Secret", "mine")
			told = m.Told && strings.Contains(m.Body, `"txstatus_desc":"REFUND PENDING"`) && len(m.Headers) == 1
		}
	}
	if !told {
		t.Errorf("Eko's words are %+v", m)
	}
	// PhonePe's older callbacks are signed with the salt that the merchant has, its
	// newest webhooks with what is given.
	if want := phonepe.Credential([]byte("user:kept")); strings.Contains(m.Body, want) {
		t.Error("a secret that is kept is in the answer")
	}
	h.Audit(t)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
