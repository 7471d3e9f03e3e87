package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"wapas/dialect/eko"
	"wapas/dialect/engage"
	"wapas/dialect/native"
	"wapas/dialect/phonepe"
	"wapas/dialect/razorpay"
)

// A try is a line to paste into a shell, and what it does.
type try struct{ what, line string }

// next says what to try: the keys, and lines to paste for each room.
func (p *program) next(ctx context.Context, api *client, dir string, once bool) error {
	pay, err := refundable(ctx, api)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("\n" + p.bold("── The demo is at "+api.base+" ──") + "\n\n")
	for _, k := range demoKeyring {
		fmt.Fprintf(&b, "%-9s %s\n", k.what, k.line)
	}
	for _, r := range []struct {
		room  string
		tries []try
	}{
		{razorpay.Room, tryRazorpay(api.base, pay)},
		{engage.Room, tryEngage(api.base)},
		{phonepe.Room, tryPhonePe(api.base)},
		{eko.Room, tryEko(api.base)},
		{native.Room, tryNative(api.base)},
	} {
		b.WriteString("\n" + p.bold("── "+r.room+" ──") + "\n")
		for _, t := range r.tries {
			fmt.Fprintf(&b, "# %s\n%s\n", t.what, t.line)
		}
	}
	self, db := p.self(), " --db sqlite:"+quoted(filepath.Join(dir, "wapas.db"))
	b.WriteString("\n" + p.bold("── in another terminal ──") + "\n")
	for _, t := range []try{
		{"Prove the books", self + " verify" + db},
		{"Move their clock: what waits is done", self + " clock move 24h" + db},
		{"What still waits, and what a person must look at", self + " waiting list" + db},
		{"Watch what happens; " + demoHook + " is sent it, signed, if something answers there", self + " listen" + db},
	} {
		fmt.Fprintf(&b, "# %s\n%s\n", t.what, t.line)
	}
	if !once {
		b.WriteString("\nCtrl-C stops it; it will be here again on the next start.\n")
	}
	_, err = p.out.Write([]byte(b.String()))
	return err
}

// demoKeyring is what the demo's rooms open to.
var demoKeyring = []try{
	{"Console", "/console as admin@wapas.local, password " + demoPassword},
	{"Razorpay", "key id " + demoKeyID + ", key secret " + demoKeySecret + ", webhook secret " + demoWebhookSecret},
	{"Engage", "bearer token " + demoEngageToken},
	{"PhonePe", "merchant " + demoPhonePe + ", salt key " + demoSalt + ", salt index 1"},
	{"", "client id " + demoPhonePe + ", client secret " + demoClientSecret + ", client version 1"},
	{"Eko", "developer key " + demoDeveloper + ", access key " + demoAccess},
	{"", "initiator " + demoInitiator + ", user code " + demoUserCode + ", every OTP is 123456"},
	{"native", "bearer token " + demoNativeToken},
}

// jsonHeader says that JSON follows.
const jsonHeader = " -H 'Content-Type: application/json'"

func tryRazorpay(base, pay string) []try {
	curl := "curl -s -u " + demoKeyID + ":" + demoKeySecret + " "
	return []try{
		{"The latest payments", curl + "'" + base + "/v1/payments?count=3'"},
		{"Give two rupees of one back", curl + base + "/v1/payments/" + pay + "/refund" + jsonHeader + ` -d '{"amount": 200}'`},
		{"Its refunds", curl + base + "/v1/payments/" + pay + "/refunds"},
		{"A customer's wallet", curl + base + "/v1/customers/cust_00000000000001/balance"},
		{"A new order, for the checkout page at " + base + "/checkout/ and the order's id",
			curl + base + "/v1/orders" + jsonHeader + ` -d '{"amount": 49900, "currency": "INR", "payment_capture": true}'`},
	}
}

func tryEngage(base string) []try {
	return []try{{"Give a customer 25 rupees of store credit; the same reference_id again changes nothing",
		"curl -s -H 'Authorization: Bearer " + demoEngageToken + "' " + base + creditPath + jsonHeader +
			` -d '{"contact": "9663957855", "partner_user_id": "9663957855", "amount": 2500, "action": "load", "currency": "INR", "reference_id": "my_return_1", "purpose": "refund"}'`}}
}

func tryPhonePe(base string) []try {
	// The payload goes as base64, and is signed with the path and the salt.
	send := func(path, payload string) string {
		return "P=$(printf '" + payload + "' $(date +%s) | openssl base64 -A); curl -s " + base + path + jsonHeader +
			` -H "X-VERIFY: $(printf %s "$P` + path + demoSalt + `" | openssl dgst -sha256 -r | cut -c1-64)###1" -d "{\"request\":\"$P\"}"`
	}
	return []try{
		{"A payment; open the url of the answer in a browser, and be the customer",
			send("/pg/v1/pay", `{"merchantId":"`+demoPhonePe+`","merchantTransactionId":"PAY%s","merchantUserId":"ME","amount":49900,"redirectUrl":"`+base+`/","redirectMode":"REDIRECT","paymentInstrument":{"type":"PAY_PAGE"}}`)},
		{"Give one rupee of the sample's payment back",
			send("/v3/credit/backToSource", `{"merchantId":"MERCHANTUAT","transactionId":"BACK%s","originalTransactionId":"TX123456XXXXX00","amount":100,"message":"a try"}`)},
		{"How the sample's refund ended", `curl -s ` + base + `/v3/transaction/MERCHANTUAT/TX123456789001/status -H "X-VERIFY: $(printf %s /v3/transaction/MERCHANTUAT/TX123456789001/status` +
			demoSalt + ` | openssl dgst -sha256 -r | cut -c1-64)###1"`},
	}
}

func tryEko(base string) []try {
	// The time is signed with the base64 of the access key, as text.
	key := base64.StdEncoding.EncodeToString([]byte(demoAccess))
	curl := `T=$(date +%s)000; curl -s -H 'developer_key: ` + demoDeveloper + `' -H "secret-key-timestamp: $T" -H "secret-key: $(printf %s $T | openssl dgst -sha256 -hmac ` + key + ` -binary | openssl base64 -A)" `
	agent, ref := demoAgents[owedCash%len(demoAgents)].Code, cashRef(owedCash)
	return []try{
		{"The refunds that wait for the customers' consent",
			curl + "'" + base + "/ekoapi/v3/customer/payment/refunds?initiator_id=" + demoInitiator + "&user_code=" + agent + "&customer_id=" + cashFrom(owedCash) + "'"},
		{"Text one of the customers the OTP again", curl + base + refundPath(ref) + "/otp" + jsonHeader + ` -d '{"initiator_id": "` + demoInitiator + `"}'`},
		{"Show the OTP: the agent has the e-value again", curl + base + refundPath(ref) + jsonHeader +
			` -d '{"initiator_id": "` + demoInitiator + `", "user_code": "` + agent + `", "otp": 123456}'`},
	}
}

func tryNative(base string) []try {
	return []try{{"The latest refunds of every room (" + base + "/docs has all there is)",
		"curl -s -H 'Authorization: Bearer " + demoNativeToken + "' '" + base + "/api/v1/refunds?limit=3'"}}
}

// refundable is a payment that has something left to give back.
func refundable(ctx context.Context, api *client) (string, error) {
	list, err := api.do(ctx, "GET", "/v1/payments?count=100", nil)
	if err != nil {
		return "", err
	}
	for _, p := range list.items() {
		if amount, _ := p["amount"].(float64); p.text("status") == "captured" && p["amount_refunded"] == 0.0 && amount >= 1000 {
			return p.text("id"), nil
		}
	}
	return "", fmt.Errorf("none of the latest payments can be refunded")
}

// self is how this program was called, for lines to paste.
func (p *program) self() string {
	exe, err := os.Executable()
	if err != nil || strings.Contains(exe, "go-build") {
		return "go run ./cmd/wapas"
	}
	if found, err := exec.LookPath("wapas"); err == nil && sameFile(found, exe) {
		return "wapas"
	}
	return quoted(os.Args[0])
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// quoted is a word for a shell.
func quoted(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
