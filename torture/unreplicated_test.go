package torture

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A change that only the primary has is told to nobody, whatever happens to the
// primary: it is lost if the standby takes over. PostgreSQL shows such changes
// when it comes back from a crash, and when somebody ends the wait for the
// standby.
func TestNotYetReplicated(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	t.Parallel()
	c := newCouple(t)
	row := table.begin(t, "standby away: a commit waits, and something happens to the primary", "postgres")
	address := c.address() + "&target_session_attrs=read-write"
	r := newRig(t, row, address, address, 1)
	r.open()
	url := r.servers[0].url
	// give gives store credit and says whether that was acknowledged in time.
	give := func(ref string, within time.Duration) (id string, ok bool) {
		w := newWitness(t, r.w.keys, r.w.of)
		for end := time.Now().Add(within); ; time.Sleep(20 * time.Millisecond) {
			w.http.Timeout = max(time.Until(end), time.Millisecond)
			status, said, err := w.send(url, "POST", "native", "/api/v1/credits",
				fmt.Sprintf(`{"partner_user_id":"user-1","contact":"9876400001","amount":100,"purpose":"gift","reference":%q}`, ref), "key-"+ref)
			if err != nil || status != http.StatusConflict { // the first is still under way
				return said.text("id"), err == nil && status < 300
			}
		}
	}
	// waits returns once a commit waits for the standby.
	waits := func(t *testing.T) (pid string) {
		t.Helper()
		for begun := time.Now(); pid == ""; time.Sleep(10 * time.Millisecond) {
			pid = strings.TrimSpace(c.primary.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'wapas' AND wait_event = 'SyncRep' LIMIT 1"))
			if time.Since(begun) > 20*time.Second {
				t.Fatal("no commit waits for the standby")
			}
		}
		return pid
	}
	if _, ok := give("first", 20*time.Second); !ok {
		t.Fatal("nothing can be given")
	}
	r.verbs.run("verify", "--db", c.standby.address()) // which takes no writes

	for _, end := range []string{"cancel", "terminate"} {
		t.Run(end, func(t *testing.T) {
			c.standby.signal(syscall.SIGSTOP)
			t.Cleanup(func() { c.standby.signal(syscall.SIGCONT) })
			told := make(chan string, 1)
			go func() {
				id, ok := give(end, 60*time.Second)
				told <- fmt.Sprint(id, " ", ok)
			}()
			pid := waits(t)
			if out := c.primary.sql("SELECT pg_" + end + "_backend(" + pid + ")"); strings.TrimSpace(out) != "t" {
				t.Fatalf("pg_%s_backend: %s", end, out)
			}
			row.Times++
			select {
			case said := <-told:
				t.Fatalf("pg_%s_backend while a commit waits: the caller heard %q", end, said)
			case <-time.After(time.Second):
			}
			waits(t) // whoever looks what became of it
			c.standby.signal(syscall.SIGCONT)
			said := <-told
			if id, ok := give(end, 20*time.Second); !ok || said != id+" true" {
				t.Fatalf("the caller heard %q, and later %s", said, id)
			}
		})
	}
	t.Run("crash", func(t *testing.T) {
		c.standby.kill()
		go give("crash", time.Second)
		waits(t)
		c.primary.kill()
		row.Times++
		c.primary.start()
		if id, ok := give("crash", 3*time.Second); ok {
			t.Errorf("the primary crashed and came back without its standby: a change that only it has was told as %s", id)
		}
		c.primary.kill()
		c.standby.start()
		c.promote()
		id, ok := give("crash", 30*time.Second)
		if again, _ := give("crash", 10*time.Second); !ok || again != id {
			t.Errorf("at the new primary: %s (%v), then %s", id, ok, again)
		}
	})
	r.verify()
	if got := facts(t, r.direct, r.w.of)[thing{"credit", "crash"}]; len(got) != 1 {
		t.Errorf("it happened %d times", len(got))
	}
	row.end()
}
