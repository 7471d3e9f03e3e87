package phonepe

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialect"
	"wapas/dialecttest"
	"wapas/rail"
)

// The credentials of every transcript: the demo's salt and a second one, with
// their like for the live book and for another merchant of the same book.
const (
	testMerchant = "WAPASDEMO"
	testSalt     = "5a17c0de-1111-4222-8333-444455556666"
	nextSalt     = "5a17c0de-2222-4222-8333-444455556666"
	liveMerchant = "WAPASLIVE"
	liveSalt     = "5a17c0de-3333-4222-8333-444455556666"
)

// TestTranscripts runs testdata/*.txt but for g3_*: see package dialecttest for the form.
//
// Bodies of signed calls are written as the JSON that goes inside the base64;
// they are wrapped and signed here with salt 1, and so are paths. The line
//
//	Sign: …
//
// among the headers asks for something else, by these words: none (no X-VERIFY),
// index=2, salt=text, upper (hex), urlsafe, unpadded, wrong (another digest),
// saltfirst (salt before the path), path=/other, and plain (the body is sent as
// it stands). A body with the member "request" is sent as it stands too.
//
// {{merchant}}, {{live}}, {{salt}} and {{salt2}} are known from the start. Refunds
// whose id is NOT-ACTIVATED, WINDOW or FAULT end that way, after an hour.
func TestTranscripts(t *testing.T) {
	dialecttest.Run(t, "testdata/[^g]*.txt", openRoom) // g3_* is the newest generation
}

func openRoom(t *testing.T, h *dialecttest.House) dialecttest.Room {
	issueSalts(t, h)
	// Outcomes that no amount stands for, by the caller's own id.
	for ref, outcome := range map[string]string{"NOT-ACTIVATED": rail.ScenarioNotActivated, "WINDOW": rail.ScenarioWindow, "FAULT": rail.ScenarioFault} {
		if _, err := h.Desk.SetScenario(t.Context(), h.Book, desk.ScenarioRequest{What: "refund", Ref: ref, Outcome: outcome, After: 3600}); err != nil {
			t.Fatal(err)
		}
	}
	return dialecttest.Room{
		Handler: New(h.Desk, Config{}),
		Vars:    map[string]string{"merchant": testMerchant, "live": liveMerchant, "salt": testSalt, "salt2": nextSalt},
		Prepare: signRequest,
	}
}

func issueSalts(t testing.TB, h *dialecttest.House) {
	h.Issue(t, h.Book, Room, KeyName(testMerchant, "1"), testSalt)
	h.Issue(t, h.Book, Room, KeyName(testMerchant, "2"), nextSalt)
	h.Issue(t, h.Live, Room, KeyName(liveMerchant, "1"), liveSalt)
	// The merchants of the seed's two samples.
	h.Issue(t, h.Book, Room, KeyName("MERCHANTUAT", "1"), testSalt)
	h.Issue(t, h.Book, Room, KeyName("DemoMerchant", "1"), testSalt)
	for _, s := range []struct{ merchant, transaction, reference string }{
		{"MERCHANTUAT", "TX123456XXXXX00", "T2512291450000000000999"},
		{"DemoMerchant", "TX123456YYYYY00", "T2XXXXXXXXXXX"},
	} {
		if _, err := Sample(context.Background(), h.Desk, h.Book, s.merchant, s.transaction, s.reference, 10_000); err != nil {
			t.Fatal(err)
		}
	}
}

// signRequest makes of a request as a transcript has it what a client sends.
func signRequest(r *http.Request, body string) *http.Request {
	how := map[string]string{}
	for _, word := range strings.Fields(r.Header.Get("Sign")) {
		name, value, _ := strings.Cut(word, "=")
		how[name] = value
	}
	r.Header.Del("Sign")
	path := signedPath(r.URL.Path)
	route, _, _ := (&room{table: (&room{}).routes()}).find(r.Method, path)
	salt, index, text := how["salt"], how["index"], path
	if index == "" {
		index = "1"
	}
	if salt == "" {
		salt = map[string]string{"1": testSalt, "2": nextSalt}[index]
		if strings.Contains(r.URL.Path, liveMerchant) || strings.Contains(body, liveMerchant) {
			salt = liveSalt
		}
	}
	if other, ok := how["path"]; ok {
		path, text = other, other
	}
	_, plain := how["plain"]
	switch route.door {
	case signed:
		coded := ""
		if v, err := dialect.ParseJSON([]byte(body)); err == nil {
			if o, ok := v.(*dialect.Object); ok && o.Has("request") {
				plain = true
				given, _ := o.Vals["request"].(dialect.Text)
				coded = string(given)
			}
		}
		if !plain {
			coded = base64.StdEncoding.EncodeToString([]byte(body))
			if _, ok := how["urlsafe"]; ok {
				coded = base64.URLEncoding.EncodeToString([]byte(body))
			}
			if _, ok := how["unpadded"]; ok {
				coded = strings.TrimRight(coded, "=")
			}
			body = `{"request":"` + coded + `"}`
		}
		text = coded + path
		if _, ok := how["saltfirst"]; ok {
			text = coded + salt + path
			salt = ""
		}
	case fields:
		text = fieldsOf(r, body)
	}
	verify := Sign(text, []byte(salt), index)
	if _, ok := how["upper"]; ok {
		verify = strings.ToUpper(verify)
	}
	if _, ok := how["wrong"]; ok {
		verify = Sign("another text", []byte(salt), index)
	}
	_, none := how["none"]
	if route.door != bearer && route.door != open && !none && r.Header.Get("X-Verify") == "" {
		r.Header.Set("X-Verify", verify)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader([]byte(body))), int64(len(body))
	return r
}

// fieldsOf is what a request of generation 0 is signed over.
func fieldsOf(r *http.Request, body string) string {
	if r.Method == http.MethodGet {
		parts := split(signedPath(r.URL.Path))
		return parts[2] + parts[3]
	}
	v, err := dialect.ParseJSON([]byte(body))
	o, ok := v.(*dialect.Object)
	if err != nil || !ok {
		return ""
	}
	text := ""
	for _, name := range []string{"merchantId", "transactionId", "amount"} {
		switch v := o.Vals[name].(type) {
		case dialect.Text:
			text += string(v)
		case dialect.Number:
			text += string(v)
		}
	}
	return text
}

// Every refusal of the one table has an HTTP status and a message, and every
// code of the seed's table is one that we say.
func TestMeanings(t *testing.T) {
	for why, code := range refusals {
		if m, ok := meanings[code]; !ok || m.status == 0 || m.message == "" {
			t.Errorf("%s is answered with %q, which means %+v", why, code, m)
		}
	}
	for code, c := range fallback {
		if meanings[c].status == 0 {
			t.Errorf("%s falls back to %q", code, c)
		}
	}
	const seed = `BAD_REQUEST AUTHORIZATION_FAILED TRANSACTION_NOT_FOUND INTERNAL_SERVER_ERROR PAYMENT_SUCCESS PAYMENT_ERROR
		PAYMENT_PENDING TIMED_OUT DUPLICATE_TXN_REQUEST EXCESS_REFUND_AMOUNT WALLLET_NOT_ACTIVATED`
	for _, code := range strings.Fields(seed) {
		if _, ok := meanings[code]; !ok {
			t.Errorf("the seed's %s means nothing", code)
		}
	}
}

// An operator may choose the HTTP status of a code.
func TestStatuses(t *testing.T) {
	h := dialecttest.Open(t)
	issueSalts(t, h)
	r := newRoom(h.Desk, Config{Statuses: map[string]int{codeNoTransaction: 200}})
	for code, want := range map[string]int{codeNoTransaction: 200, codeUsedID: 417, codeInternal: 500} {
		if got := r.statusOf(code); got != want {
			t.Errorf("%s has status %d, want %d", code, got, want)
		}
	}
}

// digits say which moment an id was minted at, and no two are the same.
func TestReferences(t *testing.T) {
	h := dialecttest.Open(t)
	seen := map[string]bool{}
	for i := range 50 {
		p, err := Sample(t.Context(), h.Desk, h.Book, testMerchant, "PAY"+strconv.Itoa(i), "", 100)
		if err != nil {
			t.Fatal(err)
		}
		ref := paymentRef(p.ID)
		if len(ref) != 23 || !strings.HasPrefix(ref, "T251229145") || seen[ref] {
			t.Errorf("payment %s is called %s", p.ID, ref)
		}
		seen[ref] = true
	}
	if got := refundRef(g1, desk.ID("rfnd_")); len(got) != 23 {
		t.Errorf("what is no id is called %s", got)
	}
}
