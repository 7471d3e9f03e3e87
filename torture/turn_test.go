package torture

import (
	"fmt"
	"strings"
	"time"
)

// load is one client: it does turn after turn, in every room, until all is over.
func (s *shop) load(w *witness, client int) {
	for n := 0; !w.t.Failed(); n++ {
		if _, more := w.up(client); !more {
			return
		}
		if w.keepUp != nil && !w.keepUp() {
			time.Sleep(5 * time.Millisecond)
			continue
		}
		s.turn(w, client, n)
	}
}

// turn buys and gives back: an order is paid, some of it is split among sellers,
// and parts of it go back through three rooms; a wallet is loaded and paid from;
// store credit is given and spent; cash is sent, does not arrive, and goes back
// against an OTP.
func (s *shop) turn(w *witness, client, n int) {
	name := fmt.Sprintf("%d-%d", client, n)
	customer := s.customers[client]
	amount := int64(10000 + 100*(n%50))
	if o, ok := s.order(w, client, name, amount); ok {
		if p, ok := s.pay(w, client, o, "/v1/payments/create/recurring", paymentOf(o, amount, customer), amount); ok {
			s.giveBack(w, client, n, name, p, amount)
		}
	}
	if _, ok := w.do(client, &request{
		deed: deed{What: "load", Ref: name, Amount: 100}, room: "razorpay", path: "/v1/transfers", once: true, id: idOf,
		body: fmt.Sprintf(`{"customer_id":%q,"amount":100,"currency":"INR","notes":{"ref":%q}}`, customer, name),
	}); ok {
		if o, ok := s.order(w, client, name+"w", 100); ok {
			s.pay(w, client, o, "/v1/payments/create/openwallet", fmt.Sprintf(`{"amount":100,"currency":"INR","order_id":%q,"customer_id":%q,"email":"a@example.com","contact":"9876543210","method":"wallet","wallet":"openwallet"}`, o, customer), 100)
		}
	}
	w.do(client, &request{
		deed: deed{What: "credit", Ref: name, Amount: 200}, room: "engage", path: "/issuinghq/test/v3/engage/transactions/credit",
		body: fmt.Sprintf(`{"contact":"98764%05d","partner_user_id":"user-%d","amount":200,"action":"load","currency":"INR","reference_id":%q,"purpose":"refund"}`, client, client, name),
	})
	w.do(client, &request{
		deed: deed{What: "spend", Ref: name, Amount: 50}, room: "native", path: "/api/v1/members/" + s.members[client] + "/spend", key: "spend-" + name, id: idOf,
		body: fmt.Sprintf(`{"amount":50,"reference":%q}`, name),
	})
	s.cash(w, client, n, name)
}

func idOf(said spoken) string { return said.text("id") }

func (s *shop) order(w *witness, client int, name string, amount int64) (string, bool) {
	said, ok := w.do(client, &request{
		deed: deed{What: "order", Ref: name, Amount: amount}, room: "razorpay", path: "/v1/orders", once: true, id: idOf,
		body: fmt.Sprintf(`{"amount":%d,"currency":"INR","payment_capture":1,"receipt":%q}`, amount, name),
	})
	return said.text("id"), ok
}

// pay pays an order, of which there must be one payment at most.
func (s *shop) pay(w *witness, client int, order, path, body string, amount int64) (string, bool) {
	id := func(said spoken) string { return said.text("razorpay_payment_id") }
	said, ok := w.do(client, &request{deed: deed{What: "payment", Ref: order, Amount: amount}, room: "razorpay", path: path, body: body, once: true, id: id})
	return id(said), ok
}

// giveBack gives parts of a payment back: through Razorpay's room, PhonePe's and
// our own. At every third turn it is split among sellers first, and then goes
// back whole, with what they had of it.
func (s *shop) giveBack(w *witness, client, n int, name, payment string, amount int64) {
	back := request{deed: deed{What: "refund", Ref: name, Amount: 5000}, room: "razorpay", path: "/v1/payments/" + payment + "/refund", key: "refund-" + name, id: idOf}
	back.body = fmt.Sprintf(`{"amount":5000,"receipt":%q}`, name)
	if n%3 == 0 {
		if _, ok := w.do(client, &request{
			deed: deed{What: "split", Ref: payment, Amount: 4000}, room: "razorpay", path: "/v1/payments/" + payment + "/transfers", once: true,
			body: fmt.Sprintf(`{"transfers":[{"account":%q,"amount":2500,"currency":"INR"},{"account":%q,"amount":1500,"currency":"INR"}]}`, s.linked[0], s.linked[1]),
		}); !ok {
			return
		}
		back.Amount = amount
		back.body = fmt.Sprintf(`{"amount":%d,"receipt":%q,"reverse_all":1}`, amount, name)
		w.do(client, &back)
		return
	}
	w.do(client, &back)
	w.do(client, &request{
		deed: deed{What: "refund", Ref: "P" + name, Amount: 1000}, room: "phonepe", path: "/v3/credit/backToSource",
		body: fmt.Sprintf(`{"merchantId":%q,"transactionId":"P%s","originalTransactionId":%q,"amount":1000,"message":"P%s"}`, w.keys.merchant(), name, payment, name),
		// A repeat is refused as one.
		already: func(status int, said spoken) bool { return said.text("code") == "DUPLICATE_TXN_REQUEST" },
	})
	w.do(client, &request{
		deed: deed{What: "refund", Ref: "N" + name, Amount: 500}, room: "native", path: "/api/v1/refunds", key: "refund-N" + name, id: idOf,
		body: fmt.Sprintf(`{"payment_id":%q,"amount":500,"reference":"N%s"}`, payment, name),
	})
}

// cash sends cash that will not arrive (so the paise say), and gives back that of
// an earlier turn, as soon as it is known that it did not.
func (s *shop) cash(w *witness, client, n int, name string) {
	who := fmt.Sprintf(`"initiator_id":%q,"user_code":%q`, initiator, agentCode)
	if n%2 == 0 {
		said, ok := w.do(client, &request{
			deed: deed{What: "remittance", Ref: name, Amount: 3013}, room: "eko", path: "/ekoapi/v3/customer/payment/ppi-digikhata",
			body: fmt.Sprintf(`{%s,"recipient_id":"10019064","amount":"30.13","customer_id":"97%08d","client_ref_id":%q,"channel":2,"recipient_name":"Asha","account":"11214311215411","ifsc":"HDFC0000053","currency":"INR","state":1,"service_code":80}`,
				who, client*1000+n%50, name),
			yes: func(status int, said spoken) bool {
				return status == 200 && (said.text("status") == "0" || said.text("status") == "55")
			},
			already: func(status int, said spoken) bool {
				return status == 200 && said.text("message") == "Transaction with this client_ref_id already exists"
			},
		})
		if tid := said.text("data", "tid"); ok && tid != "<nil>" {
			s.open[client] = append(s.open[client], &owing{name, tid})
		}
	}
	if len(s.open[client]) < 2 {
		return
	}
	o := s.open[client][0]
	base, more := w.up(client)
	if !more {
		return
	}
	_, said, err := w.send(base, "GET", "eko", fmt.Sprintf("/ekoapi/v3/tools/reference/transaction/%s?initiator_id=%s&user_code=%s", o.tid, initiator, agentCode), "", "")
	if err != nil || said.text("data", "tx_status") != "3" { // not known yet that it failed
		return
	}
	s.open[client] = s.open[client][1:]
	w.do(client, &request{
		deed: deed{What: "cash", Ref: o.ref, Amount: 3013}, room: "eko", path: "/ekoapi/v3/customer/payment/refund/" + o.tid,
		body: fmt.Sprintf(`{%s,"otp":123456}`, who),
		yes:  func(status int, said spoken) bool { return status == 200 && said.text("status") == "0" },
		already: func(status int, said spoken) bool {
			return said.text("message") == "Transaction is already in refunded state."
		},
		renew: func(base string, said spoken) bool { // once the clock has gone far ahead
			if !strings.HasPrefix(said.text("message"), "OTP expired") {
				return false
			}
			_, _, err := w.send(base, "POST", "eko", "/ekoapi/v3/customer/payment/refund/"+o.tid+"/otp", "{"+who+"}", "")
			return err == nil
		},
	})
}
