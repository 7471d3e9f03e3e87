package torture

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A couple is a primary and its synchronous standby: a commit is acknowledged
// once it is on both disks.
type couple struct {
	t                *testing.T
	primary, standby *cluster
}

func newCouple(t *testing.T) *couple {
	t.Helper()
	c := &couple{t, newCluster(t, temporary(t)), noCluster(t, temporary(t))}
	c.standby.copy(c.primary)
	c.join()
	return c
}

// address names both; whoever asks takes the one that takes writes.
func (c *couple) address() string {
	return "postgres://wapas@127.0.0.1:" + c.primary.port + ",127.0.0.1:" + c.standby.port + "/postgres?sslmode=disable"
}

// join starts the standby and has the primary wait for it from here on.
func (c *couple) join() {
	c.t.Helper()
	c.standby.start()
	c.primary.waitFor("'*'")
	for begun := time.Now(); strings.TrimSpace(c.primary.sql("SELECT sync_state FROM pg_stat_replication")) != "sync"; time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > time.Minute {
			c.t.Fatalf("the standby does not follow:\n%s", tail(c.standby.log.String(), 3000))
		}
	}
}

// waitFor says which standbys have to have what is committed: "”" is none.
func (c *cluster) waitFor(names string) {
	c.t.Helper()
	c.sql("ALTER SYSTEM SET synchronous_standby_names = " + names)
	c.sql("SELECT pg_reload_conf()")
}

// promote makes the standby the primary, alone, as a supervisor does.
func (c *couple) promote() (promoted time.Time) {
	c.t.Helper()
	c.standby.waitFor("''") // nobody follows it yet
	if out, err := c.standby.program("pg_ctl", "promote", "-D", c.standby.data(), "-w", "-t", "60").CombinedOutput(); err != nil {
		c.t.Fatalf("pg_ctl promote: %v\n%s", err, out)
	}
	promoted = time.Now()
	c.primary, c.standby = c.standby, c.primary
	return promoted
}

// signal sends one to the server and all its children.
func (c *cluster) signal(s syscall.Signal) {
	c.t.Helper()
	if c.cmd == nil {
		return
	}
	me := strconv.Itoa(c.cmd.Process.Pid)
	children, err := os.ReadFile("/proc/" + me + "/task/" + me + "/children")
	if err != nil {
		c.t.Fatal(err)
	}
	for _, pid := range append(strings.Fields(string(children)), me) {
		n, err := strconv.Atoi(pid)
		if err == nil {
			err = syscall.Kill(n, s)
		}
		if err != nil && err != syscall.ESRCH {
			c.t.Fatal(err)
		}
	}
}

// copy makes a standby of another, anew.
func (c *cluster) copy(of *cluster) {
	c.t.Helper()
	if err := os.RemoveAll(c.data()); err != nil {
		c.t.Fatal(err)
	}
	if out, err := c.program("pg_basebackup", "-D", c.data(), "-R", "-c", "fast", "-X", "stream", "-d", of.conninfo()).CombinedOutput(); err != nil {
		c.t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
}

// rewind makes a standby of what was a primary until it was killed: what it had
// alone is undone.
func (c *cluster) rewind(to *cluster) {
	c.t.Helper()
	to.sql("CHECKPOINT") // which says that it was promoted
	if out, err := c.program("pg_rewind", "-D", c.data(), "-R", "--source-server", to.conninfo()+" dbname=postgres").CombinedOutput(); err != nil {
		c.t.Fatalf("pg_rewind: %v\n%s", err, out)
	}
}

// turn shuts the primary down in order, once the standby has all it had, and
// makes either what the other was.
func (c *couple) turn() (promoted time.Time) {
	c.t.Helper()
	old := c.primary
	old.sql("ALTER SYSTEM SET primary_conninfo = '" + c.standby.conninfo() + "'")
	old.sql("ALTER SYSTEM SET synchronous_standby_names = ''") // when it starts again: nobody follows it
	if out, err := old.program("pg_ctl", "stop", "-D", old.data(), "-m", "fast", "-w", "-t", "60").CombinedOutput(); err != nil {
		c.t.Fatalf("pg_ctl stop: %v\n%s", err, out)
	}
	old.kill() // it has ended, and is waited for
	promoted = c.promote()
	// A file that says: follow.
	if err := os.WriteFile(filepath.Join(old.data(), "standby.signal"), nil, 0o644); err != nil {
		c.t.Fatal(err)
	}
	return promoted
}

func (c *cluster) conninfo() string { return "host=127.0.0.1 port=" + c.port + " user=wapas" }
