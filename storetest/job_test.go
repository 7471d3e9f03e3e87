package storetest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// A job of some thousand rows is killed again and again: at a terminal, and in a
// server. After each restart the books add up; in the end each row is done once.
func TestJobKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds an engine")
	}
	binary := filepath.Join(t.TempDir(), "wapas")
	if out, err := exec.Command("go", "build", "-o", binary, "wapas/cmd/wapas").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) { jobKilled(t, binary, e) })
	}
}

func jobKilled(t *testing.T, binary string, e storetest.Engine) {
	const rows = 3000
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	dir := t.TempDir()
	key, address := filepath.Join(dir, "key"), e.New(t)
	must(t, os.WriteFile(key, []byte(strings.Repeat("00", desk.MasterKeySize)), 0o600))
	p := &process{t: t, binary: binary, flags: []string{"--db", address, "--key-file", key}}
	db := p.flags[:2]
	p.run("migrate", db...)
	p.run("merchant", append([]string{"create", "Crash"}, p.flags...)...)
	var payments, refunds bytes.Buffer
	payments.WriteString("provider,reference,amount,method,captured_at,order\n")
	refunds.WriteString("payment,amount,reference\n")
	for i := range rows {
		fmt.Fprintf(&payments, "bank,P%d,10.00,upi,2026-11-02T10:00:00+05:30,SEAT-%d\n", i, i)
		fmt.Fprintf(&refunds, "SEAT-%d,,R-%d\n", i, i)
	}
	paid, owed := filepath.Join(dir, "payments.csv"), filepath.Join(dir, "refunds.csv")
	must(t, os.WriteFile(paid, payments.Bytes(), 0o600))
	must(t, os.WriteFile(owed, refunds.Bytes(), 0o600))
	p.run("import", append([]string{"payments", paid}, db...)...)

	args := append([]string{"job", "run", owed, "--yes", "--json"}, db...)
	kills := 0
	for at := range 40 {
		cmd := exec.Command(binary, args...)
		if at%2 == 1 { // the job is there, and a server goes on with it unasked
			cmd = exec.Command(binary, append([]string{"serve", "--listen", "127.0.0.1:0"}, p.flags...)...)
		}
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		must(t, cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("%v\n%s", err, out.Bytes())
			}
		case <-time.After(time.Duration((300+r.IntN(700))*(1+at/4)) * time.Millisecond): // longer each time, for slow machines
			must(t, cmd.Process.Kill())
			<-ended
			kills++
		}
		p.run("verify", db...)
		var all []struct{ State string }
		must(t, json.Unmarshal(p.run("job", append([]string{"list", "--json"}, db...)...), &all))
		if len(all) == 1 && all[0].State == desk.JobDone {
			break
		}
	}
	var j struct {
		State         string
		Done, Refused int64
	}
	must(t, json.Unmarshal(p.run("job", append([]string{"run", owed, "--yes", "--json"}, db...)...), &j)) // exits 1 unless every row is done
	if j.State != desk.JobDone || j.Done != rows {
		t.Errorf("it is %+v", j)
	}
	st := open(t, address, sqlstore.Options{})
	d := &desk.Desk{Store: st}
	seen := map[desk.ID]int{}
	q := desk.Query{Book: 1, Oldest: true, Count: 1000}
	for {
		page := got(desk.List[desk.Refund](t.Context(), d, q))(t)
		for _, x := range page {
			seen[x.Payment]++
			q.After = string(x.ID)
		}
		if len(page) < q.Count {
			break
		}
	}
	if len(seen) != rows {
		t.Errorf("%d payments were given back", len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was given back %d times", id, n)
		}
	}
	clean(t, st)
	t.Logf("%d kills", kills)
}

// must stops the test at an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
