package webhook_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialect/razorpay"
	"wapas/dialecttest"
	"wapas/webhook"
)

// What telling costs those who make things happen: payments of 32 clients, each
// with three events, without anything that tells, with a post that has nobody to
// tell, and with endpoints that are told of everything. Run it with
//
//	go test ./webhook -run '^$' -bench Telling -benchtime 5000x
func BenchmarkTelling(b *testing.B) {
	for _, c := range []struct {
		name      string
		post      bool
		endpoints int
	}{{"no post", false, 0}, {"no endpoint", true, 0}, {"an endpoint", true, 1}, {"ten endpoints", true, 10}} {
		b.Run(c.name, func(b *testing.B) {
			h := dialecttest.Open(b)
			h.Desk.Now = time.Now
			ctx, cancel := context.WithCancel(context.Background())
			r := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			defer r.Close()
			for range c.endpoints {
				must(h.Desk.CreateEndpoint(ctx, h.Book, desk.EndpointRequest{URL: r.URL, Secret: []byte("whsec"), Events: []string{"*"}}))(b)
			}
			done := make(chan error, 1)
			if c.post {
				p := webhook.New(h.Desk, webhook.Options{}, razorpay.Herald{})
				go func() { done <- p.Work(ctx) }()
			} else {
				close(done)
			}
			b.SetParallelism(16)
			used := cpu(b)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					o, _, err := h.Desk.CreateOrder(ctx, h.Book, desk.OrderRequest{Amount: 5000, Capture: true})
					if err == nil {
						_, err = h.Desk.CreatePayment(ctx, h.Book, desk.PaymentRequest{Order: o.ID, Amount: 5000, Method: "upi", VPA: "success@razorpay", Contact: "+919876543210"})
					}
					if err != nil {
						b.Error(err)
					}
				}
			})
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "payments/s")
			b.ReportMetric(float64((cpu(b)-used).Microseconds())/float64(b.N), "cpu-µs/payment")
			cancel()
			<-done
			told, err := h.Desk.Store.Listening(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			for _, l := range told {
				b.ReportMetric(float64(l.Seen)/float64(l.Event)*100, "%told")
			}
		})
	}
}

// cpu is the time that the processors have spent on this process.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
