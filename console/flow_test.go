package console

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// Of every picture: what comes in to a node goes out of it, what is captured and
// the merchant's other money are all that ends somewhere, and it is drawn.
func TestFlow(t *testing.T) {
	transfer := func(id desk.ID, a, back, fee ledger.Amount) desk.Transfer {
		x := desk.Transfer{ID: id, Recipient: "acc_1", Amount: a, Reversed: back, Fee: fee, State: "processed"}
		if back > 0 {
			x.State = "partially_reversed"
		}
		return x
	}
	refund := func(to, state string, a ledger.Amount) desk.Refund {
		return desk.Refund{To: to, State: state, Amount: a}
	}
	paid := desk.Payment{ID: "pay_1", Amount: 1000_00, Captured: true, Fee: 23_60}
	disputed := paid
	disputed.Disputed = 100_00
	var many []desk.Transfer
	for range 9 {
		many = append(many, transfer("trf_m", 50_00, 20_00, 1_18))
	}
	for _, tt := range []struct {
		what      string
		p         desk.Payment
		transfers []desk.Transfer
		refunds   []desk.Refund
		has       []string
		own       ledger.Amount
	}{
		{what: "only captured", p: paid, has: []string{"Left with the merchant", "Fees and tax"}},
		{"split, one transfer back, a part refunded", paid, []desk.Transfer{transfer("trf_1", 400_00, 100_00, 1_18), transfer("trf_2", 200_00, 0, 0)},
			[]desk.Refund{refund("source", "done", 100_00), refund("credit", "done", 50_00), refund("source", "failed", 70_00)}, []string{"Stays there", "Store credit", "Back the way it came"}, 0},
		{"all refunded, and the fee is the merchant’s", paid, nil, []desk.Refund{refund("source", "pending", 1000_00)}, []string{"Merchant’s other money", "On its way back"}, 23_60},
		{"many transfers", paid, many, nil, []string{"Other transfers"}, 0},
		{"disputed", disputed, nil, []desk.Refund{refund("wallet", "done", 10_00)}, []string{"Disputed", "Back to the wallet"}, 0},
		{"a transfer that was not made", paid, []desk.Transfer{{ID: "trf_f", Amount: 900_00, State: "failed"}}, nil, []string{"Kept by the merchant"}, 0},
	} {
		f := flowOf(tt.p, tt.transfers, tt.refunds, map[desk.ID]string{"acc_1": "Saree House"})
		in, out := make([]ledger.Amount, len(f.Nodes)), make([]ledger.Amount, len(f.Nodes))
		for _, b := range f.Bands {
			out[b.From] += b.Amount
			in[b.To] += b.Amount
		}
		var starts, ends ledger.Amount
		for i, n := range f.Nodes {
			switch {
			case in[i] == 0:
				starts += n.Amount
			case in[i] != n.Amount:
				t.Errorf("%s: %d comes in to %s of %d", tt.what, in[i], n.Name, n.Amount)
			}
			switch {
			case out[i] == 0:
				ends += n.Amount
			case out[i] != n.Amount:
				t.Errorf("%s: %d goes out of %s of %d", tt.what, out[i], n.Name, n.Amount)
			}
		}
		if starts != tt.p.Amount+tt.own || starts != ends {
			t.Errorf("%s: %d comes in and %d ends somewhere, want %d", tt.what, starts, ends, tt.p.Amount+tt.own)
		}
		svg := string(f.SVG())
		for _, want := range tt.has {
			if !strings.Contains(svg, want) {
				t.Errorf("%s: the picture does not say %q", tt.what, want)
			}
		}
		if strings.Contains(svg, "style=") || strings.Contains(svg, "NaN") {
			t.Errorf("%s: %s", tt.what, svg)
		}
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v in %s", tt.what, err, svg)
			}
		}
		if len(f.Rows()) != len(f.Bands) {
			t.Errorf("%s: the table has %d rows", tt.what, len(f.Rows()))
		}
	}
}
