package storetest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"wapas/desk"
	"wapas/ledger"
	"wapas/server"
	"wapas/storetest"
)

// A crowd is sixty-four clients of one merchant, over HTTP.
type crowd struct {
	*town
	base string
	http http.Client
}

const crowdKey, crowdSecret = "rzp_test_crowd", "secret"

// answer is what the requests of a crowd are answered with, all in one.
type answer struct {
	ID                string
	RazorpayPaymentID string `json:"razorpay_payment_id"`
	Balance           int64
	Error             struct{ Code, Description string }
}

const crowded = 64

func newCrowd(t *testing.T, e storetest.Engine) *crowd {
	w := newTown(t, e)
	_, err := w.Issue(w.ctx, desk.IssueRequest{Room: "razorpay", Book: w.book, Name: crowdKey, Secret: []byte(crowdSecret)})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server.New(w.Desk, server.Config{}))
	t.Cleanup(web.Close)
	c := &crowd{town: w, base: web.URL}
	c.http.Transport = &http.Transport{MaxIdleConnsPerHost: crowded}
	return c
}

// all lets every client do something, all at the same time.
func (c *crowd) all(do func(client int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range crowded {
		all.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	all.Wait()
}

// ask sends a request that must be answered, and says whether it was granted.
func (c *crowd) ask(method, path, key, body string) (a answer, granted bool) {
	q, err := http.NewRequest(method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Error(err)
		return a, false
	}
	q.SetBasicAuth(crowdKey, crowdSecret)
	q.Header.Set("Content-Type", "application/json")
	if key != "" {
		q.Header.Set("X-Refund-Idempotency", key)
	}
	res, err := c.http.Do(q)
	if err != nil {
		c.t.Errorf("%s %s was not answered: %v", method, path, err)
		return a, false
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err == nil {
		err = json.Unmarshal(data, &a)
	}
	if err != nil || res.StatusCode >= 500 {
		c.t.Errorf("%s %s: %d %s, %v", method, path, res.StatusCode, data, err)
	}
	return a, res.StatusCode == http.StatusOK
}

func (c *crowd) payFromWallet(customer desk.ID, amount int64) (payment string, granted bool, refusal string) {
	o, ok := c.ask("POST", "/v1/orders", "", fmt.Sprintf(`{"amount":%d,"currency":"INR","payment_capture":1}`, amount))
	if !ok {
		c.t.Errorf("no order: %s", o.Error.Description)
		return
	}
	a, ok := c.ask("POST", "/v1/payments/create/openwallet", "", fmt.Sprintf(
		`{"method":"wallet","wallet":"openwallet","customer_id":%q,"order_id":%q,"amount":%d,"currency":"INR","contact":"9876543210","email":"a@example.com"}`, customer, o.ID, amount))
	return a.RazorpayPaymentID, ok, a.Error.Description
}

// Sixty-four clients spend from one wallet what is there for twenty: twenty
// succeed, the others hear why not, and it never holds less than nothing.
func TestCrowdAtOneWallet(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		c := newCrowd(t, e)
		c.paid(100000)
		cust := c.customer("9876543210")
		got(c.TransferDirect(c.ctx, c.book, transferOf(cust.ID, 10000)))(t)
		var spent atomic.Int64
		c.all(func(int) {
			for range 2 {
				_, ok, refusal := c.payFromWallet(cust.ID, 500)
				switch {
				case ok:
					spent.Add(500)
				case !strings.Contains(strings.ToLower(refusal), "balance"):
					t.Errorf("refused with %q", refusal)
				}
				b, ok := c.ask("GET", "/v1/customers/"+string(cust.ID)+"/balance", "", "")
				if !ok || b.Balance < 0 {
					t.Errorf("the balance is %d", b.Balance)
				}
			}
		})
		equal(t, "spent", spent.Load(), 10000)
		b := got(c.WalletBalance(c.ctx, c.book, cust.ID))(t)
		equal(t, "left in the wallet", b.Total(), 0)
		clean(t, c.store)
	})
}

// The same wallet is loaded, spent from and refunded to by all at once: what is
// left is what was put in and not taken out.
func TestCrowdMixed(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		c := newCrowd(t, e)
		c.paid(1000000)
		cust := c.customer("9876543210")
		var want, refused atomic.Int64
		c.all(func(client int) {
			for n := range 3 {
				if (client+n)%2 == 0 {
					body := fmt.Sprintf(`{"customer_id":%q,"amount":%d,"currency":"INR"}`, cust.ID, 100+client)
					if a, ok := c.ask("POST", "/v1/transfers", "", body); ok {
						want.Add(int64(100 + client))
					} else {
						t.Errorf("a load was refused: %s", a.Error.Description)
					}
				}
				p, ok, _ := c.payFromWallet(cust.ID, 150)
				if !ok {
					refused.Add(1)
					continue
				}
				want.Add(-150)
				if a, ok := c.ask("POST", "/v1/payments/"+p+"/refund", "", `{"amount":60}`); ok {
					want.Add(60)
				} else {
					t.Errorf("a refund was refused: %s", a.Error.Description)
				}
			}
		})
		b := got(c.WalletBalance(c.ctx, c.book, cust.ID))(t)
		equal(t, "left in the wallet", int64(b.Total()), want.Load())
		if b.Total() < 0 {
			t.Errorf("the wallet holds %d", b.Total())
		}
		t.Logf("%d payments were refused", refused.Load())
		clean(t, c.store)
	})
}

// Sixty-four clients refund one payment, twice each, four times over what was
// captured: no more than that goes back, and exactly as much as fits.
func TestCrowdAtOnePayment(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		c := newCrowd(t, e)
		c.paid(1000000) // so that the merchant is not short
		p := c.paid(100000)
		var back atomic.Int64
		c.all(func(client int) {
			for n := range 2 {
				key := ""
				if client%2 == 0 {
					key = fmt.Sprintf("crowd-key-%d-%d", client, n)
				}
				a, ok := c.ask("POST", "/v1/payments/"+string(p.ID)+"/refund", key, `{"amount":3000}`)
				switch {
				case ok:
					back.Add(3000)
				case !strings.Contains(a.Error.Description, "greater than"):
					t.Errorf("refused with %q", a.Error.Description)
				}
			}
		})
		equal(t, "given back", back.Load(), 99000)
		now := c.payment(p.ID)
		equal(t, "given back of the payment", now.Refunded+now.RefundPending, 99000)
		refunds := got(desk.List[desk.Refund](c.ctx, c.Desk, desk.Query{Book: c.book, Parent: p.ID, Count: 1000}))(t)
		equal(t, "its refunds", len(refunds), 33)
		c.wait(0)
		clean(t, c.store)
	})
}

// Sixty-four clients send one and the same refund under one key: it is made
// once, and whoever does not hear of it hears that it is being made.
func TestCrowdWithOneKey(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		c := newCrowd(t, e)
		p := c.paid(100000)
		var ids sync.Map
		c.all(func(int) {
			for range 3 {
				a, ok := c.ask("POST", "/v1/payments/"+string(p.ID)+"/refund", "one-key-for-all", `{"amount":3000}`)
				switch {
				case ok:
					ids.Store(a.ID, true)
				case !strings.Contains(a.Error.Description, "in progress"):
					t.Errorf("refused with %q", a.Error.Description)
				}
			}
		})
		n := 0
		ids.Range(func(any, any) bool { n++; return true })
		equal(t, "refunds heard of", n, 1)
		equal(t, "given back", c.payment(p.ID).RefundPending+c.payment(p.ID).Refunded, ledger.Amount(3000))
		c.wait(0)
		clean(t, c.store)
	})
}

// Sixty-four clients pull one transfer back and refund its payment with
// reverse_all, at the same time: what one of them takes no other gets.
func TestCrowdAtOneTransfer(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		c := newCrowd(t, e)
		c.paid(1000000)
		p := c.paid(100000)
		l := got(c.CreateLinked(c.ctx, c.book, desk.Linked{Email: "seller@example.com", Phone: "9000090000", LegalName: "A seller", BusinessType: "partnership", ContactName: "Asha"}))(t)
		tr := got(c.TransferPayment(c.ctx, c.book, desk.PaymentTransferRequest{Payment: p.ID, To: []desk.TransferTo{{Recipient: l.ID, Amount: 50000}}}))(t)[0]
		c.all(func(client int) {
			if client%2 == 0 {
				c.ask("POST", "/v1/transfers/"+string(tr.ID)+"/reversals", "", `{"amount":1700}`)
			} else {
				c.ask("POST", "/v1/payments/"+string(p.ID)+"/refund", "", `{"amount":3100,"reverse_all":1}`)
			}
		})
		tr = got(desk.Find[desk.Transfer](c.ctx, c.Desk, c.book, tr.ID))(t)
		reversals := got(desk.List[desk.Reversal](c.ctx, c.Desk, desk.Query{Book: c.book, Parent: tr.ID, Count: 1000}))(t)
		var sum ledger.Amount
		for _, r := range reversals {
			sum += r.Amount
		}
		equal(t, "the sum of the reversals", sum, tr.Reversed)
		if tr.Reversed > tr.Amount || tr.Reversed < 48301 {
			t.Errorf("%d of %d is reversed", tr.Reversed, tr.Amount)
		}
		now := c.payment(p.ID)
		equal(t, "given back", now.Refunded+now.RefundPending, 32*3100)
		c.wait(0)
		clean(t, c.store)
	})
}

// equal reports two values that should be the same.
func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
