package storetest_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"wapas/desk"
	"wapas/sqlstore"
	"wapas/storetest"
)

// Two servers at one job, beside live traffic: each row is done once, and in the
// end the books add up.
func TestJobByTwoServers(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		second, shut := openFor(t, w.address, sqlstore.Options{Now: w.Now, Rows: 100})
		defer shut()
		other := &desk.Desk{Store: second, Now: w.Now, Log: w.Log, Rails: w.Rails, Sealer: w.Sealer}
		j := got(w.CreateJob(w.ctx, w.book, desk.JobRequest{What: desk.JobRefunds, By: "Asha"}))(t)
		var page desk.JobPage
		var payments []desk.ID
		for range 200 {
			p := w.paid(1000)
			payments = append(payments, p.ID)
			page.Rows = append(page.Rows, desk.JobRowRequest{Names: string(p.ID), Amount: 600})
		}
		page.Job = j.ID
		got(w.AddJobRows(w.ctx, w.book, page))(t)
		live := w.paid(100_000)
		work := func() {
			var all sync.WaitGroup
			for _, d := range []*desk.Desk{w.Desk, other} {
				all.Go(func() {
					for {
						j, err := d.WorkJob(w.ctx, w.book, j.ID)
						if err != nil || !j.Working() {
							if err != nil {
								t.Error(err)
							}
							return
						}
					}
				})
			}
			for i := range 20 {
				all.Go(func() {
					_, err := w.Refund(w.ctx, w.book, desk.RefundRequest{Payment: live.ID, Amount: 100, Receipt: fmt.Sprint(j.State, i)})
					if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			j = got(w.Job(w.ctx, w.book, j.ID))(t)
		}
		j = got(w.PreviewJob(w.ctx, w.book, j.ID))(t)
		work()
		if j.State != desk.JobChecked || j.Ready != 200 || j.Left != 200*600 {
			t.Fatalf("checked it is %+v", j)
		}
		j = got(w.StartJob(w.ctx, w.book, desk.JobStart{Job: j.ID, Total: j.Left, By: "Asha"}))(t)
		work()
		if j.State != desk.JobDone || j.Done != 200 || j.Moved != 200*600 {
			t.Errorf("done it is %+v", j)
		}
		for _, id := range payments {
			if p := w.payment(id); p.RefundPending != 600 {
				t.Errorf("of %s %d paise are on their way back", id, p.RefundPending)
			}
		}
		w.wait(time.Hour)
		clean(t, w.store)
	})
}

// must stops the test at an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
