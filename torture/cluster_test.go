package torture

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A cluster is a PostgreSQL server of a test's own, which it may kill. It syncs
// to the disk, as servers do.
type cluster struct {
	t        *testing.T
	bin, dir string
	port     string
	as       *syscall.Credential // PostgreSQL refuses to run as root
	cmd      *exec.Cmd
	log      bytes.Buffer
}

// newCluster makes one in dir and starts it.
func newCluster(t *testing.T, dir string) *cluster {
	t.Helper()
	c := noCluster(t, dir)
	if out, err := c.program("initdb", "-D", c.data(), "-U", "wapas", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--wal-segsize=1", "--data-checksums").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	f, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(settings)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	c.start()
	return c
}

// settings are a cluster's. The last three are for those that have a standby.
const settings = `
max_connections = 100
shared_buffers = 32MB
max_wal_size = 32MB
min_wal_size = 2MB
wal_keep_size = 64MB
wal_receiver_status_interval = 1s
wal_retrieve_retry_interval = 200ms
`

// noCluster is a place and a port for one.
func noCluster(t *testing.T, dir string) *cluster {
	t.Helper()
	bin, err := exec.Command("../scripts/postgres.sh", "--find").Output()
	needs(t, "PostgreSQL's programs (../scripts/postgres.sh --find)", err)
	c := &cluster{t: t, bin: strings.TrimSpace(string(bin)), dir: dir}
	if os.Getuid() == 0 {
		who, err := user.Lookup("postgres")
		if err != nil {
			who, err = user.Lookup("nobody")
		}
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(who.Uid)
		gid, _ := strconv.Atoi(who.Gid)
		c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	c.port = freePort(t)
	t.Cleanup(func() {
		c.kill()
		if t.Failed() {
			t.Logf("the end of PostgreSQL's log:\n%s", tail(c.log.String(), 3000))
		}
	})
	return c
}

// temporary is a directory for one: t.TempDir is not open to other users.
func temporary(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "wapas-torture-pg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// freePort is one that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
}

func tail(text string, n int) string { return text[max(0, len(text)-n):] }

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) program(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = "/" // its user may not enter ours
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	return cmd
}

// start starts the server and returns once it takes connections. A server that
// ends is started again, as a supervisor would: after a kill its old children
// may hold it up for a moment.
func (c *cluster) start() {
	c.t.Helper()
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(50 * time.Millisecond) {
		if c.cmd == nil {
			c.cmd = c.program("postgres", "-D", c.data(), "-h", "127.0.0.1", "-p", c.port, "-k", c.dir)
			c.cmd.Stdout, c.cmd.Stderr = &c.log, &c.log
			if err := c.cmd.Start(); err != nil {
				c.t.Fatal(err)
			}
		}
		ready := c.program("pg_isready", "-q", "-U", "wapas", "-d", "postgres", "-h", "127.0.0.1", "-p", c.port)
		if ready.Run() == nil {
			return
		}
		if c.ended() {
			c.cmd.Wait()
			c.cmd = nil
		}
	}
	c.t.Fatalf("PostgreSQL does not start:\n%s", tail(c.log.String(), 3000))
}

// ended says whether the postmaster is gone (a zombie, until it is waited for).
func (c *cluster) ended() bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	return err != nil || bytes.Contains(stat, []byte(") Z "))
}

// kill is kill -9 of the postmaster. Its children see that it is gone and end.
func (c *cluster) kill() {
	if c.cmd != nil {
		c.cmd.Process.Kill()
		c.cmd.Wait()
		c.cmd = nil
	}
}

// crash is kill -9 of one child that serves somebody: the postmaster ends all
// others and recovers, as after any crash.
func (c *cluster) crash(application string) {
	c.t.Helper()
	c.sql("SELECT count(pg_backend_pid())") // it answers
	out := c.sql("SELECT pid FROM pg_stat_activity WHERE application_name = '" + application + "' ORDER BY random() LIMIT 1")
	pid, err := strconv.Atoi(strings.TrimSpace(out))
	if err != nil {
		c.t.Fatalf("no child serves %s: %q", application, out)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
		c.t.Fatal(err)
	}
}

func (c *cluster) sql(text string) string {
	c.t.Helper()
	out, err := c.program("psql", "-h", "127.0.0.1", "-p", c.port, "-U", "wapas", "-d", "postgres", "-Atc", text).CombinedOutput()
	if err != nil {
		c.t.Fatalf("%s: %v\n%s", text, err, out)
	}
	return string(out)
}

func (c *cluster) address() string { return c.addressOf("postgres") }

// addressOf is where one of its databases is.
func (c *cluster) addressOf(database string) string {
	return "postgres://wapas@127.0.0.1:" + c.port + "/" + database + "?sslmode=disable"
}
