package phonepe

import (
	"context"
	"strings"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// The limits of lists.
const (
	maxPage   = 100             // things in an answer
	scanned   = 2000            // payments looked at for one answer
	lately    = 5 * time.Minute // what a list of transactions covers if it is not said
	timestamp = int64(4_765_046_400_000)
)

// listedWire is a payment in a list of transactions.
type listedWire struct {
	Merchant    string        `json:"merchantId"`
	Transaction string        `json:"transactionId"`
	Reference   string        `json:"providerReferenceId"`
	Amount      ledger.Amount `json:"amount"`
	Order       string        `json:"merchantOrderId,omitempty"`
	State       string        `json:"paymentState"`
	Response    string        `json:"payResponseCode"`
	Mobile      string        `json:"mobileNumber,omitempty"` // the last four digits
	Store       string        `json:"storeId,omitempty"`
	Terminal    string        `json:"terminalId,omitempty"`
	At          int64         `json:"transactionDate"` // milliseconds
}

type listWire struct {
	Count        int          `json:"resultCount"`
	From         int64        `json:"startTimestamp"`
	To           int64        `json:"endTimestamp"`
	Transactions []listedWire `json:"transactions"`
}

// listTransactions is "Transaction List": what was paid at a shop by scanning a
// code, the newest first.
func (r *room) listTransactions(q *request) (any, error) {
	s := q.body
	size := s.whole("size", 0, 1, maxPage)
	store := s.need("storeId", maxName)
	amount := s.whole("amount", -1, 1, int64(ledger.MaxAmount))
	last4 := s.text("last4Digits", 4)
	code := s.text("qrCodeId", maxName)
	terminal := s.text("terminalId", maxName)
	now, err := r.now(q)
	if err != nil {
		return nil, err
	}
	from := s.whole("startTimestamp", millis(now.Add(-lately)), 1, timestamp)
	if *s.err != nil {
		return nil, *s.err
	}
	w := listWire{From: from, To: millis(now), Transactions: []listedWire{}}
	if code != "" { // there are no codes that stand in a shop here
		return say(codeSuccess, w), nil
	}
	_, err = r.scan(q, fromMillis(from), now, func(t thing) bool {
		switch p := t.payment; {
		case t.Kind != "qr" || t.Merchant != q.merchant || t.Store != store || !p.Captured:
		case terminal != "" && t.Terminal != terminal, amount > 0 && int64(p.Amount) != amount:
		case last4 != "" && (t.Mobile == "" || !strings.HasSuffix(t.Mobile, last4)):
		default:
			res := t.result(g1)
			l := listedWire{
				Merchant: q.merchant, Transaction: t.transaction, Reference: paymentRef(p.ID), Amount: p.Amount, State: res.state, Response: res.response,
				Store: t.Store, Terminal: t.Terminal, At: millis(p.CreatedAt),
			}
			if t.Order != t.transaction {
				l.Order = t.Order
			}
			w.Transactions = append(w.Transactions, l)
		}
		return len(w.Transactions) < int(size)
	})
	w.Count = len(w.Transactions)
	return say(codeSuccess, w), err
}

// now is the book's time.
func (r *room) now(q *request) (ledger.Time, error) {
	face, err := r.desk.Clock(q.Context(), q.book())
	return face.Now, err
}

func fromMillis(ms int64) ledger.Time { return ledger.At(time.UnixMilli(ms)) }

// scan calls visit with the payments of the older generations that were made in
// a time, the newest first, until it says enough. It looks at so many payments
// of any room (scanned) at most: if there are more, cut is the last of them.
func (r *room) scan(q *request, from, to ledger.Time, visit func(t thing) bool) (cut *desk.Payment, err error) {
	const step = 100
	for skip := 0; ; skip += step {
		page, err := desk.List[desk.Payment](q.Context(), r.desk, desk.Query{Book: q.book(), From: from, To: to, Skip: skip, Count: step})
		if err != nil {
			return nil, err
		}
		for _, p := range page {
			t, ok, err := r.named(q.Context(), q.book(), p)
			if err != nil {
				return nil, err
			}
			if ok && !visit(t) {
				return nil, nil
			}
		}
		if len(page) < step {
			return nil, nil
		}
		if skip+step >= scanned {
			return &page[step-1], nil
		}
	}
}

// named is a payment under the merchant's name for it; ok is false if another
// API, or the newest generation, took it.
func (r *room) named(ctx context.Context, book desk.BookID, p desk.Payment) (t thing, ok bool, err error) {
	all, err := r.desk.Handles(ctx, book, p.ID)
	if err != nil {
		return t, false, err
	}
	for _, h := range all {
		if t.memo, t.transaction, ok = readMemo(h); ok {
			t.payment = p
			return t, true, nil
		}
	}
	return t, false, nil
}

// A reconciledWire is a payment or a refund in the reconciliation. Here
// transactionId is PhonePe's, as in the vendor's sample.
type reconciledWire struct {
	Transaction string           `json:"transactionId"`
	Type        string           `json:"transactionType"` // PAYMENT, REFUND
	State       string           `json:"paymentState"`
	Amount      ledger.Amount    `json:"amount"`
	Merchants   string           `json:"merchantTransactionId"`
	Order       string           `json:"merchantOrderId,omitempty"`
	Reference   string           `json:"providerReferenceId"`
	Response    string           `json:"payResponseCode"`
	Original    string           `json:"originalTransactionId,omitempty"` // of a refund: the payment's merchantTransactionId
	Store       string           `json:"storeId,omitempty"`
	At          int64            `json:"timestamp"`
	Refunds     []reconciledWire `json:"refundTransactionDetails,omitempty"`
}

type reconcileWire struct {
	Details []reconciledWire `json:"transactionDetails"`
	Total   int              `json:"totalResult"` // of this answer
	After   *afterWire       `json:"searchAfter"` // null if there is no more
}

type afterWire struct {
	Timestamp   int64  `json:"timestamp"`
	Transaction string `json:"transactionId"`
}

// reconcile lists payments that were made in a time with their refunds, the
// newest first. Code and message are null if it could.
func (r *room) reconcile(q *request) (any, error) {
	s := q.body
	size := s.whole("size", maxPage, 1, maxPage)
	from := s.whole("startTimestamp", 0, 1, timestamp)
	to := s.whole("endTimestamp", 0, 1, timestamp)
	after, _ := s.object("searchAfter")
	upTo := min(to, after.whole("timestamp", to, 1, timestamp))
	last := after.text("transactionId", maxTransaction)
	store := s.text("storeId", maxName)
	if *s.err == nil && from > to {
		s.refuse("startTimestamp", whyRange, "at most endTimestamp")
	}
	if *s.err != nil {
		return nil, *s.err
	}
	w := reconcileWire{Details: []reconciledWire{}}
	var failed error
	// A millisecond has a thousand moments of the book.
	cut, err := r.scan(q, fromMillis(from), fromMillis(upTo).Add(time.Millisecond-time.Microsecond), func(t thing) bool {
		ref := paymentRef(t.payment.ID)
		if t.Merchant != q.merchant || store != "" && t.Store != store || last != "" && ref >= last {
			return true
		}
		if len(w.Details) == int(size) { // there is more
			end := w.Details[size-1]
			w.After = &afterWire{end.At, end.Transaction}
			return false
		}
		var d reconciledWire
		d, failed = r.reconciled(q, t)
		w.Details = append(w.Details, d)
		return failed == nil
	})
	if err == nil {
		err = failed
	}
	if cut != nil {
		w.After = &afterWire{millis(cut.CreatedAt), paymentRef(cut.ID)}
	}
	w.Total = len(w.Details)
	return struct {
		Success bool          `json:"success"`
		Code    *string       `json:"code"`
		Message *string       `json:"message"`
		Data    reconcileWire `json:"data"`
	}{true, nil, nil, w}, err
}

// reconciled is a payment with its refunds, whichever API made them.
func (r *room) reconciled(q *request, t thing) (reconciledWire, error) {
	res := t.result(g1)
	ref := paymentRef(t.payment.ID)
	w := reconciledWire{
		Transaction: ref, Type: "PAYMENT", State: res.state, Amount: t.payment.Amount, Merchants: t.transaction, Order: t.Order,
		Reference: ref, Response: res.response, Store: t.Store, At: millis(t.payment.CreatedAt),
	}
	all, err := desk.List[desk.Refund](q.Context(), r.desk, desk.Query{Book: q.book(), Parent: t.payment.ID, Oldest: true, Count: maxPage})
	if err != nil {
		return w, err
	}
	for _, x := range all {
		name, own, order := string(x.ID), string(x.ID), ""
		var u thing
		if u.refund, u.order, err = r.desk.RefundOrdered(q.Context(), q.book(), x.ID); err != nil {
			return w, err
		}
		handles, err := r.desk.Handles(q.Context(), q.book(), x.ID)
		if err != nil {
			return w, err
		}
		for _, h := range handles {
			if m, transaction, ok := readMemo(h); ok {
				name, own, order = transaction, refundRef(m.Gen, x.ID), m.Order
			}
		}
		res := u.result(g1)
		w.Refunds = append(w.Refunds, reconciledWire{
			Transaction: own, Type: "REFUND", State: res.state, Amount: x.Amount, Merchants: name, Order: order,
			Reference: own, Response: res.response, Original: t.transaction, At: millis(x.CreatedAt),
		})
	}
	return w, nil
}
