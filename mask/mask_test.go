package mask

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

const (
	js   = "application/json; charset=utf-8"
	form = "application/x-www-form-urlencoded"
)

// Bodies that hold what nobody may keep, each with what must be gone and what
// must still be there.
var nasty = []struct {
	what, kind, body string
	gone, there      string // words
}{
	{"an OTP", js, `{"otp":"123456","amount":4990}`, "123456", "4990"},
	{"a body wrapped under a name in other letters", js, `{"Request":"eyJtb2JpbGVOdW1iZXIiOiI5ODc2NTQzMjEwIn0="}`, "eyJtb2 9876543", "3210"},
	{"a name and a password like an event's", js, `{"name":"asha.rao","password":"correct.horse","events":[{"name":"refund.speed_changed"}]}`, "asha rao correct horse", "refund.speed_changed"},
	{"an OTP as a number", js, `{"otp":123456,"tid":10000012}`, "123456", "10000012"},
	{"a code for a mobile", js, `{"mobile":"9123456789","code":"654321"}`, "654321 9123456 912345", "6789"},
	{"a code in a text", js, `{"messages":[{"to":"+919123456789","text":"582913 is your code"}]}`, "582913 9123456", "code"},
	{"a refusal's code stays", js, `{"code":"PAYMENT_ERROR","success":false}`, "", "PAYMENT_ERROR false"},
	{"a card", js, `{"card":{"number":"4111111111111111","cvv":"123","name":"Asha","expiry_month":"12","last4":"1111","network":"Visa"}}`, `41111 "123" Asha "12"`, "Visa 1111"},
	{"a card with spaces, elsewhere", js, `{"note":"4111 1111 1111 1111"}`, "4111 1111", ""},
	{"a card as a number", js, `{"reference":4111111111111111}`, "4111 1111", ""},
	{"a card as a reference, next to a word", js, `{"receipt":"c4111-1111-1111-1111"}`, "4111 1111", ""},
	{"a card in a form", form, "card[number]=4111111111111111&card[cvv]=999&card%5Bexpiry%5D=12%2F30&method=card", "4111 1111 999 12%2F30", "method=card"},
	{"a phone", js, `{"contact":"+919876543210"}`, "9876543 98765", "3210"},
	{"a phone with blanks", js, `{"notes":{"tel":"98765 43210"}}`, "98765 43210", "3210"},
	{"a phone in groups", js, `{"notes":{"tel":"(+91) 987-654-3210"}}`, "987 654", "3210"},
	{"a phone as a number", js, `{"x":9876543210}`, "987654", "3210"},
	{"a phone as a key", js, `{"9876543210":1}`, "987654", "3210"},
	{"a phone as a reference", js, `{"reference":"9876543210"}`, "987654", "3210"},
	{"a phone behind a date", js, `{"n":"2026-01-31 9876543210"}`, "987654", "2026-01-31 3210"},
	{"a phone in Hindi digits", js, `{"n":"९८७६५४३२१०"}`, "९८७६५४", "३२१०"},
	{"a phone in a reference of letters", js, `{"receipt":"R9876543210"}`, "987654", "3210"},
	{"a phone as the time", js, `{"created_at":9876543210}`, "987654", ""},
	{"a phone in an array", js, `{"contacts":["9876543210",{"mobile":"9876543211"}]}`, "98765", "3210 3211"},
	{"an e-mail", js, `{"email":"asha.rao@example.in"}`, "asha rao example", "e.in"},
	{"a short e-mail", js, `{"email":"a@b.in"}`, "a@b b.in", ""},
	{"an e-mail in a text", js, `{"description":"mail asha@example.in please"}`, "asha@", "mail please"},
	{"a VPA", js, `{"upi":{"vpa":"asha@okhdfc"}}`, "asha@ok", "hdfc"},
	{"a VPA elsewhere", js, `{"note":"pay 9876543210@ybl"}`, "98765", "pay"},
	{"an account", js, `{"account_number":"916010082985661","ifsc":"UTIB0000194"}`, "91601008", "5661 UTIB0000194"},
	{"a linked account's id", js, `{"account":"acc_GRWKk7qQsLnDjX"}`, "", "acc_GRWKk7qQsLnDjX"},
	{"a short account", js, `{"account_number":"1234567"}`, "12345 4567", ""},
	{"names and streets", js, `{"beneficiary_name":"Asha Rao","line1":"12 MG Road","address":{"street":"MG Road","city":"Pune"}}`, "Asha Road", "Pune"},
	{"what an event is called", js, `{"name":"refund.processed"}`, "", "refund.processed"},
	{"secrets", js, `{"client_secret":"s3cr3t-1","key":{"secret":"s3cr3t-2"},"access_token":"s3cr3t-3","tokens":["s3cr3t-4"],"password":{"is":["s3cr3t-5"]},"X-VERIFY":"s3cr3t-6","webhookSecret":"s3cr3t-7"}`, "s3cr3t", ""},
	{"a secret that is a number or a flag", js, `{"pin":4321,"otp":true,"cvv":null}`, "4321 true", "null"},
	{"a token in a text", js, `{"said":"Authorization: Bearer abcdefgh12345678"}`, "abcdefgh", "Authorization"},
	{"a JWT", js, `{"said":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"}`, "eyJ", ""},
	{"a very long word", js, `{"said":"` + strings.Repeat("aB3", 30) + `"}`, "aB3aB3", ""},
	{"JSON in a text", js, `{"notes":{"raw":"{\"otp\":\"123456\",\"phone\":\"9876543210\"}"}}`, "123456 98765", "3210"},
	{"JSON in Base64", js, `{"request":"` + base64.StdEncoding.EncodeToString([]byte(`{"mobileNumber":"9876543210","merchantTransactionId":"T123","amount":10000}`)) + `"}`, "98765 eyJ", "T123 10000 3210"},
	{"Base64 that is cut", js, `{"request":"` + base64.StdEncoding.EncodeToString([]byte(`{"mobileNumber":"9876543210"`)) + `"}`, "98765 eyJ", ""},
	{"a link with a secret", js, `{"url":"https://asha:s3cr3t@shop.example/hook/9876543210?token=s3cr3t&x=1"}`, "s3cr3t 98765", "https://shop.example/hook x=1"},
	{"a form", form, "otp=123456&mobile=9876543210&email=asha%40example.in&amount=300.5&client_ref_id=REM1", "123456 98765 asha", "300.5 REM1"},
	{"a form that is not one", form, "a=%zz&otp=123456", "123456 %zz", ""},
	{"JSON said to be a form", form, `{"otp":"123456"}`, "123456", ""},
	{"JSON said to be nothing", "", `{"otp":"123456"}`, "123456", ""},
	{"a mark in front", js, "\ufeff{\"otp\":\"123456\"}", "123456", ""},
	{"broken JSON", js, `{"a":1,"otp":"123456`, "123456", `{"a":1`},
	{"broken JSON behind it", js, `{"otp":"123456"} 9876543210`, "123456 98765", ""},
	{"a key twice", js, `{"otp":"1","otp":"123456"}`, "123456", ""},
	{"deep", js, strings.Repeat(`{"a":`, 500) + `"9876543210"` + strings.Repeat("}", 500), "98765", "3210"},
	{"a file", "multipart/form-data; boundary=9876543210", "--9876543210\r\nContent-Disposition: form-data\r\n\r\nPAN card of Asha", "Asha 98765", "(multipart/form-data)"},
	{"a text", "text/plain", "Call 9876543210 or asha@example.in", "98765 asha", "Call"},
	{"control characters", "text/plain", "a\x00b\x1b[31mc", "\x00 \x1b", "ab"},
	{"not text", js, "{\"a\":\"\xff\xfe\",\"otp\":\"123456\"}", "123456", ""},
	{"ids, times and amounts", js, `{"id":"rfnd_JJFNlNXPHY640A","created_at":1766000000,"timestamp":1766000000123,"amount":500000000,"utr":"412345678901","status":"processed","notes":[]}`,
		"•", "rfnd_JJFNlNXPHY640A 1766000000 1766000000123 500000000 412345678901 processed []"},
}

func TestBody(t *testing.T) {
	for _, tt := range nasty {
		got := Body(tt.kind, []byte(tt.body), 8192)
		for word := range strings.SplitSeq(tt.gone, " ") {
			if word != "" && strings.Contains(got, word) {
				t.Errorf("%s: %q is still in %.300s", tt.what, word, got)
			}
		}
		for word := range strings.SplitSeq(tt.there, " ") {
			if !strings.Contains(got, word) {
				t.Errorf("%s: %q is not in %.300s", tt.what, word, got)
			}
		}
	}
}

// Wherever a body is cut off, nothing of what is secret in it comes out, and
// never more than was asked for.
func TestCut(t *testing.T) {
	for _, tt := range nasty {
		if tt.what == "control characters" {
			continue
		}
		for most := 0; most < len(tt.body); most += 1 + len(tt.body)/400 {
			got := Body(tt.kind, []byte(tt.body), most)
			if len(got) > max(most, len("…"))+len("…") {
				t.Fatalf("%s: %d bytes, cut at %d", tt.what, len(got), most)
			}
			for word := range strings.SplitSeq(tt.gone, " ") {
				if word != "" && strings.Contains(got, word) {
					t.Errorf("%s, cut at %d: %q is in %s", tt.what, most, word, got)
				}
			}
			for part := range strings.SplitSeq(strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' {
					return r
				}
				return ' '
			}, got), " ") {
				if len(part) > 4 && strings.HasPrefix("9876543210", part) {
					t.Errorf("%s, cut at %d: a part of a phone: %s", tt.what, most, got)
				}
			}
		}
	}
}

func TestPath(t *testing.T) {
	for in, want := range map[string]string{
		"/v1/payments/pay_29QQoUBi66xm2f/refund":                                "/v1/payments/pay_29QQoUBi66xm2f/refund",
		"/ekoapi/v2/customers/mobile_number:9876543210?initiator_id=9962981729": "/ekoapi/v2/customers/mobile_number:••••••3210?initiator_id=••••••1729",
		"/v1/payments?contact=%2B919876543210&count=10&email=asha%40example.in": "/v1/payments?contact=••••••3210&count=10&email=••••••e.in",
		"/x/" + strings.Repeat("aB3", 30):                                       "/x/••••••",
		"/token?client_secret=s":                                                "/token?client_secret=••••••",
		"/a/asha@example.in":                                                    "/a/••••••e.in",
		"/v3/transaction/M1/T9876543210/status":                                 "/v3/transaction/M1/T••••••3210/status",
	} {
		u, err := url.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := Path(u); got != want {
			t.Errorf("Path(%s) = %s, want %s", in, got, want)
		}
	}
}

// What comes in as whole JSON goes out as JSON, and a second time as it is.
func FuzzBody(f *testing.F) {
	for _, tt := range nasty {
		f.Add(tt.kind, tt.body)
	}
	f.Fuzz(func(t *testing.T, kind, body string) {
		got := Body(kind, []byte(body), 8192)
		if len(got) > 8192+len(more) {
			t.Fatalf("%d bytes", len(got))
		}
		first := strings.TrimLeft(body, "\ufeff \t\r\n")
		if len(body) < 2000 && json.Valid([]byte(first)) && strings.HasPrefix(first, "{") && !json.Valid([]byte(got)) {
			t.Fatalf("%q is no JSON any more: %q", body, got)
		}
	})
}

func BenchmarkBody(b *testing.B) {
	body := []byte(`{"contact":"9876500003","partner_user_id":"shop-1","amount":100,"action":"load","currency":"INR","reference_id":"EN-1","purpose":"refund","notes":{"k":"a note"}}`)
	for b.Loop() {
		Body(js, body, 8192)
	}
}
