package eko

import (
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/webhook"
)

// What an endpoint hears of each change of state: the vendor's two by default,
// all if it asks, with numbers as numbers and words in upper case.
func TestHerald(t *testing.T) {
	h := dialecttest.Open(t)
	a := furnish(t, h)
	d, ctx := h.Desk, t.Context()
	remit := func(ref string) desk.Remittance {
		t.Helper()
		r, err := d.Remit(ctx, h.Book, desk.RemitRequest{Agent: a.ID, Customer: "9123456789", Ref: ref, Recipient: "1", Amount: 120_00, RecipientName: "Ravi", Account: "234243534", IFSC: "SBIN0000001"})
		if err != nil {
			t.Fatal(err)
		}
		h.Advance(t, time.Second)
		return r
	}
	remit("OK")
	r := remit("FAIL1")
	remit("HOLD")
	if _, err := d.RefundRemittance(ctx, h.Book, desk.RestoreRequest{Remittance: r.ID, Agent: a.ID, Code: desk.Code{Digits: desk.TestCode}, Room: Room}); err != nil {
		t.Fatal(err)
	}
	book, err := d.Store.Book(ctx, h.Book)
	if err != nil {
		t.Fatal(err)
	}
	events, err := d.Store.Events(ctx, h.Book, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	heard := func(asks string) map[string]string {
		t.Helper()
		got := map[string]string{}
		for _, e := range events {
			m, err := Herald{}.Tell(ctx, webhook.Notice{Desk: d, Book: book, Event: e, Endpoint: desk.Endpoint{Room: Room, Events: asks, Active: true}})
			if err != nil {
				t.Fatal(err)
			}
			if m != nil {
				got[e.Name] = string(m.Body)
				if m.URL != "" || m.Header.Get("Content-Type") != "application/json" || len(m.Header) != 1 {
					t.Errorf("%s goes to %q with %v", e.Name, m.URL, m.Header)
				}
			}
		}
		return got
	}
	sample := func(status, desc, was, wasDesc, tid, ref, bank string) string {
		return `{"tx_status":` + status + `,"amount":120.0,"payment_mode":"5","txstatus_desc":"` + desc + `","fee":1.2,"gst":0.18,"sender_name":"","tid":` + tid +
			`,"beneficiary_account_type":null,"client_ref_id":"` + ref + `","old_tx_status":` + was + `,"old_tx_status_desc":"` + wasDesc + `","bank_ref_num":"` + bank +
			`","ifsc":"SBIN0000001","recipient_name":"Ravi","account":"234243534","timestamp":"` + stamp(ref) + `"}`
	}
	ok, err := d.RemittanceByRef(ctx, h.Book, "OK")
	if err != nil {
		t.Fatal(err)
	}
	held, err := d.RemittanceByRef(ctx, h.Book, "HOLD")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"remittance.processed": sample("0", "SUCCESS", "2", "Initiated", ok.TID, "OK", ok.BankRef),
		"remittance.failed":    sample("3", "REFUND PENDING", "2", "Initiated", r.TID, "FAIL1", ""),
	}
	compare(t, "by default", heard(""), want)
	want["remittance.held"] = sample("5", "ON HOLD", "2", "Initiated", held.TID, "HOLD", "")
	want["refund.processed"] = sample("4", "REFUNDED", "3", "Refund Pending", r.TID, "FAIL1", "")
	want["refund.processed"] = want["refund.processed"][:len(want["refund.processed"])-len(stamp(""))-2] + stamp("refund") + `"}`
	compare(t, "all", heard(desk.AllEvents), want)
	compare(t, "another room's", heard("payment.captured"), map[string]string{})
	if s := (Herald{}).Schedule(); (Herald{}).Room() != Room || len(s.Gaps) == 0 || s.Disable {
		t.Errorf("the schedule is %+v", s)
	}
}

// stamp is when the events of a reference were recorded, in India: due work is
// done before a second passes.
func stamp(ref string) string {
	return map[string]string{"": "2025-12-29 14:50:00", "OK": "2025-12-29 14:50:00", "FAIL1": "2025-12-29 14:50:01", "HOLD": "2025-12-29 14:50:02", "refund": "2025-12-29 14:50:03"}[ref]
}

func compare(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: heard %d, want %d: %v", what, len(got), len(want), got)
	}
	for name, body := range want {
		if got[name] != body {
			t.Errorf("%s: %s\n got %s\nwant %s", what, name, got[name], body)
		}
	}
}
