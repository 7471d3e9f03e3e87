package torture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/sqlstore"
	"wapas/storetest"
)

// A job of some thousand rows is killed again and again: at a terminal, and in a
// server. After each restart the books add up; in the end each row is done once.
func TestJobKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds an engine")
	}
	t.Parallel()
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			jobKilled(t, e)
		})
	}
}

func jobKilled(t *testing.T, e storetest.Engine) {
	const rows = 3000
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	row := table.begin(t, "SIGKILL of a job of 3,000 refunds", e.Name)
	dir := t.TempDir()
	key, address := filepath.Join(dir, "key"), e.New(t)
	must(t, os.WriteFile(key, []byte(strings.Repeat("00", desk.MasterKeySize)), 0o600))
	p := &process{t: t, flags: []string{"--db", address, "--key-file", key}}
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
		cmd := exec.Command(binary.at(t), args...)
		if at%2 == 1 { // the job is there, and a server goes on with it unasked
			cmd = exec.Command(binary.at(t), append([]string{"serve", "--listen", "127.0.0.1:0"}, p.flags...)...)
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
	st, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
	must(t, err)
	defer st.Close()
	seen := map[desk.ID]int{}
	each(t, &desk.Desk{Store: st}, 1, func(x desk.Refund) { seen[x.Payment]++ })
	if len(seen) != rows {
		t.Errorf("%d payments were given back", len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was given back %d times", id, n)
		}
	}
	p.run("verify", db...)
	row.Times, row.Kept = kills, rows
}

// must stops the test at an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
