package torture

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// proxiesEnv asks for the test of the proxies in deploy/, which must be installed.
const proxiesEnv = "WAPAS_TORTURE_PROXIES"

// Two servers stand behind haproxy and before PgBouncer, each with its file in
// deploy/. They are told to stop and started again, one after the other, under
// load: no client hears an error.
func TestBehindProxies(t *testing.T) {
	if os.Getenv(proxiesEnv) == "" {
		t.Skip("set " + proxiesEnv + " where haproxy and pgbouncer are installed")
	}
	c := newCluster(t, temporary(t))
	row := table.begin(t, "behind haproxy and PgBouncer, one of two told to stop", "postgres")
	s := newStreet(t, row, bouncer(t, c), 2, 2, 6, "--linger", "2s")
	ports := []string{freePort(t), freePort(t)}
	for i, p := range s.servers {
		p.listen = "127.0.0.1:" + ports[i]
	}
	s.open()
	bind := "127.0.0.1:" + freePort(t)
	run(t, nil, []string{"WAPAS_BIND=" + bind, "WAPAS_1=127.0.0.1:" + ports[0], "WAPAS_2=127.0.0.1:" + ports[1]}, "haproxy", "-f", "../deploy/haproxy.cfg")
	url := "http://" + bind
	for begun := time.Now(); readyz(url).status != 200; time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("haproxy: %v", readyz(url))
		}
	}
	for _, r := range s.shops {
		r.w.open(url)
		r.shop.found(t, r.w)
		r.load()
	}
	for i := range 6 {
		s.atLeast(100)
		p := s.servers[i%2]
		p.signal(syscall.SIGTERM)
		if err := p.cmd.Wait(); err != nil {
			t.Errorf("a server that was told to stop: %v", err)
		}
		row.Times++
		s.atLeast(20)
		p.serve()
		s.wantReady(time.Now(), 20*time.Second, p.url)
		time.Sleep(time.Second) // haproxy sees it
	}
	s.end()
}

// bouncer is the address of a cluster through PgBouncer.
func bouncer(t *testing.T, c *cluster) string {
	t.Helper()
	dir, port := temporary(t), freePort(t)
	ini, err := os.ReadFile("../deploy/pgbouncer.ini")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("wapas = host=127.0.0.1 port=5432", "postgres = host=127.0.0.1 port="+c.port, "6432", port, "scram-sha-256", "trust",
		"/etc/pgbouncer/userlist.txt", filepath.Join(dir, "users")).Replace(string(ini))
	if mode := os.Getenv(proxiesEnv); mode == "transaction" {
		text = strings.Replace(text, "pool_mode = session", "pool_mode = transaction", 1)
	}
	for name, text := range map[string]string{"users": `"wapas" ""` + "\n", "ini": text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, c, nil, "pgbouncer", filepath.Join(dir, "ini"))
	address := "127.0.0.1:" + port
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			return "postgres://wapas@" + address + "/postgres?sslmode=disable"
		}
		if time.Since(begun) > 20*time.Second {
			t.Fatal(err)
		}
	}
}

// run runs a program until the test ends, as the user of a cluster if there is one.
func run(t *testing.T, as *cluster, env []string, name string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	if as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as.as}
	}
	cmd.Env = append(os.Environ(), env...)
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("the end of what %s said:\n%s", name, tail(log.String(), 2000))
		}
	})
}
