package phonepe

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wapas/dialecttest"
)

// The salts of the vectors, which are made up.
const (
	saltOne = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
	saltTwo = "11112222-3333-4444-5555-666677778888"
)

// The payloads of the vectors, as they are sent.
const (
	refundV1   = "eyJtZXJjaGFudElkIjoiU0hPUERFTU8iLCJ0cmFuc2FjdGlvbklkIjoiUkZORDAwMDEiLCJvcmlnaW5hbFRyYW5zYWN0aW9uSWQiOiJQQVkwMDAxIiwiYW1vdW50IjoxMDAsIm1lcmNoYW50T3JkZXJJZCI6Ik9EMDAwMSIsIm1lc3NhZ2UiOiJyZWZ1bmQgZm9yIGNhbmNlbGxlZCBvcmRlciJ9"
	standardV2 = "eyJtZXJjaGFudElkIjoiU0hPUERFTU8iLCJ0cmFuc2FjdGlvbklkIjoiUkZORDAwMDIiLCJwcm92aWRlclJlZmVyZW5jZUlkIjoiVDI2MTEyMjAxMDEwMTAwMDAwMDAwMDEiLCJhbW91bnQiOjUwLCJtZXNzYWdlIjoiwr9wYXJ0aWFsPyDDv8O+In0="
	urlSafeV2  = "eyJtZXJjaGFudElkIjoiU0hPUERFTU8iLCJ0cmFuc2FjdGlvbklkIjoiUkZORDAwMDIiLCJwcm92aWRlclJlZmVyZW5jZUlkIjoiVDI2MTEyMjAxMDEwMTAwMDAwMDAwMDEiLCJhbW91bnQiOjUwLCJtZXNzYWdlIjoiwr9wYXJ0aWFsPyDDv8O-In0="
	unpaddedV2 = "eyJtZXJjaGFudElkIjoiU0hPUERFTU8iLCJ0cmFuc2FjdGlvbklkIjoiUkZORDAwMDIiLCJwcm92aWRlclJlZmVyZW5jZUlkIjoiVDI2MTEyMjAxMDEwMTAwMDAwMDAwMDEiLCJhbW91bnQiOjUwLCJtZXNzYWdlIjoiwr9wYXJ0aWFsPyDDv8O+In0"
	refundV5   = "eyJtZXJjaGFudElkIjoiU0hPUERFTU8iLCJtZXJjaGFudFVzZXJJZCI6IlUxIiwib3JpZ2luYWxUcmFuc2FjdGlvbklkIjoiUEFZMDAwMSIsIm1lcmNoYW50VHJhbnNhY3Rpb25JZCI6IlJGTkQwMDAzIiwiYW1vdW50IjoxMDAwLCJjYWxsYmFja1VybCI6Imh0dHBzOi8vbWVyY2hhbnQuZXhhbXBsZS9jYiJ9"
	callbackV7 = "eyJzdWNjZXNzIjp0cnVlLCJjb2RlIjoiUEFZTUVOVF9TVUNDRVNTIiwibWVzc2FnZSI6IllvdXIgcGF5bWVudCBpcyBzdWNjZXNzZnVsLiIsImRhdGEiOnsibWVyY2hhbnRJZCI6IlNIT1BERU1PIiwidHJhbnNhY3Rpb25JZCI6IlJGTkQwMDAxIiwicHJvdmlkZXJSZWZlcmVuY2VJZCI6IlQyNjExMjIwMTAxMDEwMDAwMDAwMDAyIiwiYW1vdW50IjoxMDAsInBheW1lbnRTdGF0ZSI6IkNPTVBMRVRFRCIsInBheVJlc3BvbnNlQ29kZSI6IlNVQ0NFU1MifX0="
)

// Vectors V1 to V8, and those that the vendor and its client have published.
func TestSign(t *testing.T) {
	for _, c := range []struct{ name, text, salt, index, want string }{
		{"V1, salt 1", refundV1 + "/v3/credit/backToSource", saltOne, "1", "64c2de7e34964ed01f65601b849cb30a81132f98d7143dcae4fcf22ac03ac9c2###1"},
		{"V1, salt 2", refundV1 + "/v3/credit/backToSource", saltTwo, "2", "bf08c6e76bc3ca584736b6f461adac2e9e4c97548d480a7d291931f31fa4becc###2"},
		{"V2, standard", standardV2 + "/v3/credit/backToSource", saltOne, "1", "c149d5f59b1eeed7013404ad5ec2d1f3aeafcb8830fd6daf9857cc6ae887db86###1"},
		{"V2, URL-safe", urlSafeV2 + "/v3/credit/backToSource", saltOne, "1", "98c2e85ec40d1d6370600923ddd7f5d488d2baaf7d77915b82de90712d114890###1"},
		{"V2, unpadded", unpaddedV2 + "/v3/credit/backToSource", saltOne, "1", "e7cf01f22ca65137f39bd2a168ccb4e4c2e3383618e0be800ba65222bf7aa002###1"},
		{"V3, status", "/v3/transaction/SHOPDEMO/RFND0001/status", saltOne, "1", "aaa50f83e6d3939c4c59b64c3c7d361f60ef57b509a1864aa03cbe9349e0783f###1"},
		{"V4, cancel", "/v3/charge/SHOPDEMO/PAY0001/cancel", saltOne, "1", "deb84cab2920e4a4c8421f03f6fcfc8dd62d59733dc759b0608864b82ea16e23###1"},
		{"V5, generation 2", refundV5 + "/pg/v1/refund", saltOne, "1", "3a86622052adbe8bdedfe9b46ec03c60a38b9aa144a9846cb92022b23fc76af2###1"},
		{"V6, its status", "/pg/v1/status/SHOPDEMO/RFND0003", saltOne, "1", "872d0ea9238fcbb178687c1034d460b3041a2afc8c4ada7f3bbbef7bee60d0fb###1"},
		{"V7, callback", callbackV7, saltOne, "1", "1771b10216e9ee23f0f47ac1c0e5b83fb96b0ff5043c94a4d163d5b8bfb34093###1"},
		{"V8, generation 0 refund", "SHOPDEMORFND0001100", saltOne, "1", "2c7fdfbdc1183d54a1bda23451079158e2685d4b24d4c951c88be723a96287db###1"},
		{"V8, generation 0 status", "SHOPDEMORFND0001", saltOne, "1", "51f520bb77f60a70a2c91ef9fc63889c0b678b520b4114f5204626e886faa59c###1"},
		{"the vendor's page", "ewoJImdyYW50VG9rZW4iOiAiR1JUOTc5YTYzZjQ4ZjIxYjZmMWRiN2JhOTNiYjRhMGZiMjk3NWQ0OWFmYmMyY2QxMDdkYTBmYWMxZGQ1N2RlN2ZiNCIKfQ==/v3/service/auth/access",
			"6b451f58-d565-4890-836f-6fb1gjt84d97", "1", strings.ToLower("5DE0E70CF2B78F3923CA108E583E6A80FABE910EFD1726570B3E5CB2040DF7D2") + "###1"},
		{"the vendor's PHP client", "MerchantIdTransactionIdAmount", "Salt", "1", "5fa90742c72a61bd4619345afa0d0809323e0fbb31839355d61a088d49975b24###1"},
	} {
		if got := Sign(c.text, []byte(c.salt), c.index); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// shop is the room with the merchant of the vectors, and what it logs.
func shop(t testing.TB) (http.Handler, *dialecttest.House, *bytes.Buffer) {
	h := dialecttest.Open(t)
	h.Issue(t, h.Book, Room, KeyName("SHOPDEMO", "1"), saltOne)
	h.Issue(t, h.Book, Room, KeyName("SHOPDEMO", "2"), saltTwo)
	if _, err := Sample(t.Context(), h.Desk, h.Book, "SHOPDEMO", "PAY0001", "T2611220101010000000001", 10_000); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	h.Desk.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return New(h.Desk, Config{}), h, &log
}

func post(room http.Handler, path, coded, verify string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "http://wapas.test"+path, strings.NewReader(`{"request":"`+coded+`"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-VERIFY", verify)
	w := httptest.NewRecorder()
	room.ServeHTTP(w, r)
	return w
}

// The vectors as requests: each is accepted with its own digest in either case
// of hex, and with no other's.
func TestVectors(t *testing.T) {
	for _, c := range []struct{ name, path, coded, verify string }{
		{"V1", "/v3/credit/backToSource", refundV1, "64c2de7e34964ed01f65601b849cb30a81132f98d7143dcae4fcf22ac03ac9c2###1"},
		{"V1 upper", "/v3/credit/backToSource", refundV1, "64C2DE7E34964ED01F65601B849CB30A81132F98D7143DCAE4FCF22AC03AC9C2###1"},
		{"V1 salt 2", "/v3/credit/backToSource/", refundV1, "bf08c6e76bc3ca584736b6f461adac2e9e4c97548d480a7d291931f31fa4becc###2"},
		{"V2 standard", "/v3/credit/backToSource", standardV2, "c149d5f59b1eeed7013404ad5ec2d1f3aeafcb8830fd6daf9857cc6ae887db86###1"},
		{"V2 URL-safe", "/enterprise-sandbox/v3/credit/backToSource", urlSafeV2, "98c2e85ec40d1d6370600923ddd7f5d488d2baaf7d77915b82de90712d114890###1"},
		{"V2 unpadded", "/v3/credit/backToSource", unpaddedV2, "e7cf01f22ca65137f39bd2a168ccb4e4c2e3383618e0be800ba65222bf7aa002###1"},
		{"V5", "/apis/pg-sandbox/pg/v1/refund", refundV5, "3a86622052adbe8bdedfe9b46ec03c60a38b9aa144a9846cb92022b23fc76af2###1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			room, _, _ := shop(t)
			other := standardV2
			if c.coded == standardV2 {
				other = urlSafeV2
			}
			if w := post(room, c.path, other, c.verify); w.Code != 401 || !strings.Contains(w.Body.String(), "AUTHORIZATION_FAILED") {
				t.Errorf("another payload: %d %s", w.Code, w.Body)
			}
			if w := post(room, c.path, c.coded, c.verify); w.Code != 200 || !strings.Contains(w.Body.String(), "PAYMENT_PENDING") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

// Every mistake that we know is named in the log, and the salt never is.
func TestHints(t *testing.T) {
	room, _, log := shop(t)
	const path = "/v3/credit/backToSource"
	sum := func(text string) string {
		s := sha256.Sum256([]byte(text))
		return hex.EncodeToString(s[:]) + "###1"
	}
	mac := hmac.New(sha256.New, []byte(saltOne))
	mac.Write([]byte(refundV1 + path))
	for _, c := range []struct{ verify, says string }{
		{sum(refundV1 + saltOne + path), "the salt stands before the path"},
		{sum(saltOne + refundV1 + path), "the salt stands first"},
		{sum(path + refundV1 + saltOne), "the path stands before the payload"},
		{sum(refundV1 + saltOne), "the path is missing"},
		{sum(refundV1 + path), "the salt is missing"},
		{sum(path + saltOne), "the payload is missing"},
		{sum(refundV1 + "/enterprise-sandbox" + path + saltOne), "the prefix of the host"},
		{sum(refundV1 + path + "/" + saltOne), "a slash at its end"},
		{sum(refundV1 + path[1:] + saltOne), "the slash before the path"},
		{sum(refundV1 + path + "?a=b" + saltOne), "the query is in the path"},
		{sum(`{"merchantId":"SHOPDEMO","transactionId":"RFND0001","originalTransactionId":"PAY0001","amount":100,"merchantOrderId":"OD0001","message":"refund for cancelled order"}` + path + saltOne), "the JSON was signed"},
		{sum(refundV1 + path + saltOne + "\n"), "a line ends"},
		{sum(refundV1 + path + " " + saltOne), "a blank stands"},
		{sum(refundV1 + "/pg/v1/refund" + saltOne), "the path of another call was signed: /pg/v1/refund"},
		{hex.EncodeToString(mac.Sum(nil)) + "###1", "an HMAC"},
		{sum("anything"), "no mistake that we know"},
	} {
		log.Reset()
		if w := post(room, "/enterprise-sandbox"+path+"?a=b", refundV1, c.verify); w.Code != 401 {
			t.Errorf("%s: %d %s", c.says, w.Code, w.Body)
		}
		if !strings.Contains(log.String(), c.says) || strings.Contains(log.String(), saltOne) {
			t.Errorf("the log does not say %q, or says the salt: %s", c.says, log)
		}
	}
	log.Reset() // encoded in another way after it was signed
	if post(room, path, unpaddedV2, "c149d5f59b1eeed7013404ad5ec2d1f3aeafcb8830fd6daf9857cc6ae887db86###1"); !strings.Contains(log.String(), "written in another way") {
		t.Errorf("the log says %s", log)
	}
}

// The client of generation 0 sends its salt in the body. It is not logged,
// whatever becomes of the request.
func TestSaltInBody(t *testing.T) {
	room, _, log := shop(t)
	const body = `{"merchantId":"SHOPDEMO","transactionId":"RFND0001","originalTransactionId":"PAY0001","amount":100,"header":{"salt":{"key":"` + saltOne + `","index":1}}}`
	for _, verify := range []string{"2c7fdfbdc1183d54a1bda23451079158e2685d4b24d4c951c88be723a96287db###1", "2c7fdfbdc1183d54a1bda23451079158e2685d4b24d4c951c88be723a96287db###1", strings.Repeat("0", 64) + "###1", ""} {
		r := httptest.NewRequest("POST", "http://wapas.test/v1/credit/backToSource", strings.NewReader(body))
		r.Header.Set("X-Verify", verify)
		w := httptest.NewRecorder()
		room.ServeHTTP(w, r)
		if strings.Contains(log.String()+w.Body.String(), saltOne) {
			t.Fatalf("the salt is out: %s %s", log, w.Body)
		}
	}
	if !strings.Contains(log.String(), "refused") {
		t.Error("nothing was logged at all")
	}
}

// What a caller names may be a customer's number. Why it was refused is logged
// without.
func TestNameIsMasked(t *testing.T) {
	room, _, log := shop(t)
	got := ask(room, "/v3/credit/backToSource", `{"merchantId":"SHOPDEMO","transactionId":"R1","originalTransactionId":"+919876500004","amount":100,"message":"m"}`)
	if !strings.Contains(log.String(), "unknown_id") || strings.Contains(log.String(), "9876500004") {
		t.Errorf("%s\nthe log says %s", got, log)
	}
}

// A salt that was revoked opens nothing, and the other one still does.
func TestRotatedSalt(t *testing.T) {
	room, h, _ := shop(t)
	ask := func(salt, index string) string {
		const path = "/v3/transaction/SHOPDEMO/PAY0001/status"
		r := httptest.NewRequest("GET", "http://wapas.test"+path, nil)
		r.Header.Set("X-Verify", Sign(path, []byte(salt), index))
		w := httptest.NewRecorder()
		room.ServeHTTP(w, r)
		return w.Body.String()
	}
	if got := ask(saltOne, "1"); !strings.Contains(got, codePaid) {
		t.Fatal(got)
	}
	if _, err := h.Desk.Revoke(t.Context(), Room, KeyName("SHOPDEMO", "1")); err != nil {
		t.Fatal(err)
	}
	if got := ask(saltOne, "1"); !strings.Contains(got, codeNoKey) {
		t.Error(got)
	}
	if got := ask(saltTwo, "2"); !strings.Contains(got, codePaid) {
		t.Error(got)
	}
}

// Whatever is in the header and in the base64, the answer is one of ours, and
// nothing but the right digest lets anybody in.
func FuzzVerify(f *testing.F) {
	f.Add("64c2de7e34964ed01f65601b849cb30a81132f98d7143dcae4fcf22ac03ac9c2###1", refundV1)
	f.Add(strings.Repeat("f", 64)+"###0", urlSafeV2)
	f.Add("###", "")
	f.Add(" ###1", "e30=")
	f.Add("", "W10=")
	room, _, log := shop(f)
	f.Fuzz(func(t *testing.T, verify, coded string) {
		if strings.ContainsAny(coded, "\"\\") || strings.ContainsFunc(coded, func(r rune) bool { return r < ' ' }) {
			return
		}
		log.Reset()
		w := post(room, "/v3/credit/backToSource", coded, verify)
		body := w.Body.String()
		switch {
		case w.Code >= 500:
			t.Fatalf("%d %s", w.Code, body)
		case w.Code == 401, strings.Contains(body, codeBadRequest), strings.Contains(body, codeNoKey), strings.Contains(body, codeBodyTooLarge):
		case !strings.EqualFold(verify, Sign(coded+"/v3/credit/backToSource", []byte(saltOne), "1")) &&
			!strings.EqualFold(verify, Sign(coded+"/v3/credit/backToSource", []byte(saltTwo), "2")):
			t.Fatalf("let in with %q: %d %s", verify, w.Code, body)
		}
	})
}

// Decoding base64 never fails on what any encoder of it writes, and what it
// refuses is refused as ours.
func FuzzDecodePayload(f *testing.F) {
	for _, s := range []string{refundV1, standardV2, urlSafeV2, unpaddedV2, "", "=", "e30", "bnVsbA=="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, coded string) {
		obj, err := decodePayload(coded)
		if (obj == nil) == (err == nil) {
			t.Fatalf("%v and %v", obj, err)
		}
	})
}
