package desk_test

import (
	"fmt"
	"sync"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
)

// BenchmarkJob measures the rows of a job of refunds: checked, and done, one after
// another, on SQLite. Run it with -benchtime 20000x.
func BenchmarkJob(b *testing.B) {
	h := dialecttest.Open(b)
	ctx := b.Context()
	ids := make([]desk.ID, b.N)
	var wg sync.WaitGroup
	for lane := range 64 {
		wg.Go(func() {
			for i := lane; i < b.N; i += 64 {
				p, err := h.Desk.ImportPayment(ctx, h.Book, desk.ImportPaymentRequest{
					Provider: "bank", Reference: fmt.Sprint("P", i), Order: fmt.Sprint("SEAT-", i), Amount: 500_00, Method: "upi", CapturedAt: ledger.At(h.Desk.Now()) - 1,
				})
				if err != nil {
					b.Error(err)
					return
				}
				ids[i] = p.ID
			}
		})
	}
	wg.Wait()
	j, err := h.Desk.CreateJob(ctx, h.Book, desk.JobRequest{What: desk.JobRefunds, By: "Asha"})
	if err != nil {
		b.Fatal(err)
	}
	for at := 0; at < b.N; at += desk.MaxJobPage {
		page := desk.JobPage{Job: j.ID}
		for _, id := range ids[at:min(at+desk.MaxJobPage, b.N)] {
			page.Rows = append(page.Rows, desk.JobRowRequest{Names: string(id)})
		}
		if _, err := h.Desk.AddJobRows(ctx, h.Book, page); err != nil {
			b.Fatal(err)
		}
	}
	work := func(err error) {
		for err == nil && j.Working() {
			j, err = h.Desk.WorkJob(ctx, h.Book, j.ID)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	j, err = h.Desk.PreviewJob(ctx, h.Book, j.ID)
	work(err)
	checked := b.Elapsed()
	j, err = h.Desk.StartJob(ctx, h.Book, desk.JobStart{Job: j.ID, Total: j.Left, By: "Asha"})
	work(err)
	b.ReportMetric(float64(b.N)/checked.Seconds(), "checked/s")
	b.ReportMetric(float64(b.N)/(b.Elapsed()-checked).Seconds(), "done/s")
	if j.Done != int64(b.N) {
		b.Fatalf("it is %+v", j)
	}
}
