package soak

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
)

// phonepe reads an answer of the older generations.
func phonepe(status int, said spoken) string {
	words := map[string]string{
		"200 PAYMENT_PENDING":       "pending",
		"200 PAYMENT_SUCCESS":       "done",
		"200 PAYMENT_ERROR":         "failed",
		"200 TIMED_OUT":             "timed out",
		"400 DUPLICATE_TXN_REQUEST": "id used",
		"400 EXCESS_REFUND_AMOUNT":  "more than is left",
		"404 TRANSACTION_NOT_FOUND": "no such transaction",
	}
	word := words[fmt.Sprint(status, " ", said.text("code"))]
	switch word {
	case "pending", "done", "failed", "timed out":
		return ok("%s %d", word, said.number("data", "amount"))
	case "":
		return fmt.Sprint(status, " ", said.text("code"), " ", said.text("message"))
	}
	return word
}

// makePhonePeRefund is a refund with a name that is good once. What stands in
// its way only because it is on its way itself is a refund that failed.
func makePhonePeRefund(w *world, r *rand.Rand, name string) *call {
	g := w.giving(r, name, "phonepe")
	if g == nil {
		return nil
	}
	g.all, g.receipt = false, ""
	g.amount = max(g.amount, 100)
	id := "PR" + name
	again := r.IntN(4) == 0
	if again {
		id = fmt.Sprint("PR-again-", r.IntN(6))
	}
	inner := fmt.Sprintf(`{"merchantId":%q,"transactionId":%q,"originalTransactionId":%q,"amount":%d,"merchantOrderId":"O1","message":"m"}`, phonepeMerchant, id, g.p.id, g.amount)
	c := &call{room: "salt", method: "POST", path: "/v3/credit/backToSource", body: `{"request":"` + base64.StdEncoding.EncodeToString([]byte(inner)) + `"}`}
	no := ""
	c.plan = func() string {
		w.touch(g.p)
		if w.model.names[id] != nil {
			no = "id used"
			return no
		}
		no = w.model.refund(g)
		if g.made != nil {
			w.model.names[id] = g.made
			no = ""
		}
		return no
	}
	c.late = func() string {
		switch {
		case no == "":
			return ok("%s %d", "pending", g.amount)
		case no == "merchant short", no == "more than is left" && g.amount <= g.p.amount-g.p.back, no == "all given back" && g.amount <= g.p.amount-g.p.back:
			return ok("failed %d", g.amount)
		case no == "all given back":
			return "more than is left"
		}
		return no
	}
	if g.p.wallet != "" {
		late := c.late
		c.late = func() string {
			if no == "" {
				return ok("done %d", g.amount)
			}
			return late()
		}
	}
	c.read = phonepe
	w.named = append(w.named, id)
	return c
}

// makePhonePeStatus asks what became of a refund.
func makePhonePeStatus(w *world, r *rand.Rand, name string) *call {
	id := recent(r, w.named)
	if id == "" {
		return nil
	}
	return &call{
		room: "salt", method: "GET", path: "/v3/transaction/" + phonepeMerchant + "/" + id + "/status",
		plan: func() string {
			x := w.model.names[id]
			if x == nil {
				return "no such transaction"
			}
			if x.state == "pending" && x.lost {
				return ok("timed out %d", x.amount)
			}
			return ok("%s %d", x.state, x.amount)
		},
		read: phonepe,
	}
}
