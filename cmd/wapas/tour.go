package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"

	"golang.org/x/term"
)

// tour makes the sample requests of the documents, as they are printed there,
// and shows the answers. Those that change something are made once in the life
// of a demo: the vendor's API refuses a second refund with the same receipt,
// and so does this one.
func (p *program) tour(ctx context.Context, api *client, again bool) error {
	for _, s := range seeds {
		fmt.Fprintf(p.out, "\n%s\n", p.bold("── "+s.title+" ──"))
		for _, q := range s.samples {
			if again && !q.again {
				fmt.Fprintf(p.out, "\n%s: was made on the first start\n", q.title)
				continue
			}
			got, err := api.at(s.room).send(ctx, q.method, q.path, q.body)
			if err != nil {
				return fmt.Errorf("%s: %w", q.title, err)
			}
			fmt.Fprintf(p.out, "\n%s\n%s %s\n", p.bold(q.title), q.method, q.path)
			if q.body != "" {
				fmt.Fprintln(p.out, q.body)
			}
			fmt.Fprintf(p.out, "→ %d\n%s\n", got.status, indented(got.body))
			if got.status != http.StatusOK {
				return fmt.Errorf("the documents' request %q was refused", q.title)
			}
		}
	}
	return nil
}

// indented is JSON for people; what is not JSON stays as it is.
func indented(body []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, bytes.TrimSpace(body), "", "  ") != nil {
		return string(body)
	}
	return b.String()
}

// bold is for terminals.
func (p *program) bold(s string) string {
	if f, ok := p.out.(*os.File); ok && term.IsTerminal(int(f.Fd())) && p.env["NO_COLOR"] == "" {
		return "\x1b[1m" + s + "\x1b[0m"
	}
	return s
}

// next says what to try: lines to paste.
func (p *program) next(ctx context.Context, api *client, dir string, once bool) error {
	pay, err := refundable(ctx, api)
	if err != nil {
		return err
	}
	curl := "curl -s -u " + demoKeyID + ":" + demoKeySecret
	post := " -H 'Content-Type: application/json' -d "
	var b strings.Builder
	b.WriteString("\n" + p.bold("── The demo is at "+api.base+" ──") + "\n\n")
	fmt.Fprintf(&b, "Razorpay key id %s, key secret %s, webhook secret %s\n\n", demoKeyID, demoKeySecret, demoWebhookSecret)
	for _, t := range []struct{ what, line string }{
		{"The latest payments", curl + " '" + api.base + "/v1/payments?count=3'"},
		{"Give two rupees of one back", curl + " " + api.base + "/v1/payments/" + pay + "/refund" + post + `'{"amount": 200}'`},
		{"Its refunds", curl + " " + api.base + "/v1/payments/" + pay + "/refunds"},
		{"A customer's wallet", curl + " " + api.base + "/v1/customers/cust_00000000000001/balance"},
		{"A new order, for the checkout page at " + api.base + "/checkout/ and the order's id", curl + " " + api.base + "/v1/orders" + post + `'{"amount": 49900, "currency": "INR", "payment_capture": true}'`},
		{"What it measures", "curl -s " + api.base + "/metrics"},
	} {
		fmt.Fprintf(&b, "# %s\n%s\n", t.what, t.line)
	}
	db := " --db sqlite:" + dir + "/wapas.db"
	fmt.Fprintf(&b, "# Prove the books; move their clock\n%s verify%s\n%s clock move 24h%s\n", p.self(), db, p.self(), db)
	if !once {
		b.WriteString("\nCtrl-C stops it; it will be here again on the next start.\n")
	}
	_, err = p.out.Write([]byte(b.String()))
	return err
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
	if err == nil && strings.Contains(exe, "go-build") {
		return "go run ./cmd/wapas"
	}
	return "wapas"
}
