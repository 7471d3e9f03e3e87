package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wapas/storetest"
)

// postgresBin is where PostgreSQL's programs are.
func postgresBin(t *testing.T) string {
	t.Helper()
	if !storetest.HasPostgres(t) {
		t.Skip("needs PostgreSQL")
	}
	out, err := exec.Command("../../scripts/postgres.sh", "--find").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// atDatabase is a shell at a PostgreSQL database, with a master key.
func atDatabase(t *testing.T, db string) *shell {
	t.Helper()
	dir := t.TempDir()
	key := filepath.Join(dir, "wapas.key")
	if _, err := makeKeyFile(key); err != nil {
		t.Fatal(err)
	}
	return &shell{t: t, dir: dir, env: []string{"WAPAS_DB=" + db, "WAPAS_KEY_FILE=" + key}}
}

// busy is a server at a database with some who work at it, and a witness.
func busy(t *testing.T, s *shell) (m madeMerchant, w *witness, rest func()) {
	t.Helper()
	s.ok("migrate")
	s.json(&m, "merchant", "create", "Chai Point")
	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	w = &witness{}
	ctx, stop := context.WithCancel(t.Context())
	var crowd sync.WaitGroup
	for who := range 4 {
		crowd.Go(func() { w.work(ctx, t, p.api(m.Keys[0].Name, m.Keys[0].Secret), who) })
	}
	return m, w, sync.OnceFunc(func() {
		stop()
		crowd.Wait()
		p.signal(syscall.SIGTERM)
		p.end()
	})
}

// more waits until the witness has seen so many more answers.
func (w *witness) more(t *testing.T, n int) {
	t.Helper()
	for at := len(w.seen()); len(w.seen()) < at+n && !t.Failed(); {
		time.Sleep(5 * time.Millisecond)
	}
}

// A dump that is made by PostgreSQL's own program while a server works, put
// into a new database, adds up, has every answer from before it began, and a
// server goes on from it. These are the commands of docs/backup.md.
func TestDumpUnderLoad(t *testing.T) {
	t.Parallel()
	bin := postgresBin(t)
	s := atDatabase(t, newDatabase(t))
	m, w, rest := busy(t, s)
	defer rest()
	n := backups(t)
	for i := range n {
		w.more(t, 20)
		before := w.seen()
		file := filepath.Join(t.TempDir(), "wapas.dump")
		pg(t, bin, "pg_dump", "--format=custom", "--file="+file, s.db())
		again := &shell{t: t, dir: s.dir, env: []string{"WAPAS_DB=" + newDatabase(t), s.env[1]}}
		pg(t, bin, "pg_restore", "--exit-on-error", "--no-owner", "--dbname="+again.db(), file)
		var v verdict
		if again.json(&v, "verify"); !v.OK || v.Entries == 0 {
			t.Errorf("verify: %+v", v)
		}
		w.holds(t, again.db(), before)
		if i == n-1 {
			rest()
			w.goesOn(t, again, m, before[max(0, len(before)-50):])
		}
	}
}

// db is the address of a shell's database.
func (s *shell) db() string { return strings.TrimPrefix(s.env[0], "WAPAS_DB=") }

func pg(t *testing.T, bin, program string, args ...string) {
	t.Helper()
	if out, err := exec.Command(filepath.Join(bin, program), args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// A cluster is a PostgreSQL server of a test's own.
type cluster struct {
	t    *testing.T
	bin  string
	home string // what the server's user may enter
	as   []string
	uid  int
}

func newCluster(t *testing.T, bin string) *cluster {
	t.Helper()
	c := &cluster{t: t, bin: bin, uid: -1}
	var err error
	if c.home, err = os.MkdirTemp("", "wapas-pitr"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(c.home) })
	if os.Getuid() == 0 { // as whom PostgreSQL refuses to run
		who, err := user.Lookup("postgres")
		if err != nil {
			who, err = user.Lookup("nobody")
		}
		if err != nil {
			t.Fatal(err)
		}
		c.as = []string{"runuser", "-u", who.Username, "--"}
		if c.uid, err = strconv.Atoi(who.Uid); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(c.home, c.uid, -1); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// run runs one of PostgreSQL's programs as its user.
func (c *cluster) run(program string, args ...string) {
	c.t.Helper()
	line := append(append([]string{}, c.as...), filepath.Join(c.bin, program))
	line = append(line, args...)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir = c.home
	if out, err := cmd.CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(c.home, "log"))
		c.t.Fatalf("%s: %v\n%s\n%s", strings.Join(line, " "), err, out, log)
	}
}

// set writes settings into a data directory.
func (c *cluster) set(data, name, lines string) {
	c.t.Helper()
	path := filepath.Join(c.home, data, name)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(lines)
	}
	if err == nil {
		err = f.Close()
	}
	if err == nil && c.uid >= 0 {
		err = os.Chown(path, c.uid, -1)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// start starts a server on a data directory, and returns the address of a
// database there.
func (c *cluster) start(data string) (address func(db string) string) {
	c.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	c.run("pg_ctl", "-D", data, "-s", "-w", "-t", "120", "-l", "log", "-o", fmt.Sprintf("-h 127.0.0.1 -p %d -k %s", port, c.home), "start")
	c.t.Cleanup(func() {
		stop := append(append([]string{}, c.as...), filepath.Join(c.bin, "pg_ctl"), "-D", filepath.Join(c.home, data), "-m", "immediate", "stop")
		cmd := exec.Command(stop[0], stop[1:]...)
		cmd.Dir = "/"
		cmd.Run() // or it was stopped
	})
	return func(db string) string {
		u := url.URL{Scheme: "postgres", User: url.User("wapas"), Host: fmt.Sprintf("127.0.0.1:%d", port), Path: "/" + db, RawQuery: "sslmode=disable"}
		return u.String()
	}
}

// With the write-ahead log archived, a base backup made under load is brought
// to a moment long after it: all that was answered before that moment is there,
// what came later is not, and a server goes on. These are the settings and
// commands of docs/backup.md.
func TestPointInTime(t *testing.T) {
	t.Parallel()
	c := newCluster(t, postgresBin(t))
	ctx := t.Context()
	c.run("initdb", "-D", "data", "-U", "wapas", "-A", "trust", "-E", "UTF8", "--locale=C")
	archive := filepath.Join(c.home, "archive")
	if err := os.Mkdir(archive, 0o700); err != nil {
		t.Fatal(err)
	}
	if c.uid >= 0 {
		if err := os.Chown(archive, c.uid, -1); err != nil {
			t.Fatal(err)
		}
	}
	c.set("data", "postgresql.conf", fmt.Sprintf(`
archive_mode = on
archive_command = 'test ! -f %s/%%f && cp %%p %[1]s/%%f'
`, archive))
	address := c.start("data")
	query := func(at, sql string, into ...any) {
		t.Helper()
		conn, err := pgx.Connect(ctx, at)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		if into == nil {
			_, err = conn.Exec(ctx, sql)
		} else {
			err = conn.QueryRow(ctx, sql).Scan(into...)
		}
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	query(address("postgres"), "CREATE DATABASE wapas")
	s := atDatabase(t, address("wapas"))
	m, w, rest := busy(t, s)
	defer rest()

	w.more(t, 20)
	c.run("pg_basebackup", "--dbname="+address("postgres"), "--pgdata=base", "--checkpoint=fast")
	w.more(t, 40)
	before := w.seen()
	var moment time.Time
	query(address("postgres"), "SELECT clock_timestamp()", &moment)
	w.more(t, 40)
	rest()
	all := len(w.seen())
	var last string
	query(address("postgres"), "SELECT pg_walfile_name(pg_switch_wal())", &last)
	for archived := ""; archived < last; { // which is when the server says so
		query(address("postgres"), "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver", &archived)
		time.Sleep(20 * time.Millisecond)
	}
	c.run("pg_ctl", "-D", "data", "-s", "-m", "immediate", "stop") // the machine is lost

	c.set("base", "recovery.signal", "")
	c.set("base", "postgresql.auto.conf", fmt.Sprintf(`
restore_command = 'cp %s/%%f %%p'
recovery_target_time = '%s'
recovery_target_action = 'promote'
`, archive, moment.Format("2006-01-02 15:04:05.999999-07:00")))
	address = c.start("base")
	for recovering := true; recovering; {
		query(address("postgres"), "SELECT pg_is_in_recovery()", &recovering)
		time.Sleep(20 * time.Millisecond)
	}
	again := &shell{t: t, dir: s.dir, env: []string{"WAPAS_DB=" + address("wapas"), s.env[1]}}
	var v verdict
	if again.json(&v, "verify"); !v.OK || v.Entries == 0 {
		t.Errorf("verify: %+v", v)
	}
	w.holds(t, again.db(), before)
	// Four work, so as many may have been under way at the moment.
	if n := len(refunds(t, again.db())); n > len(before)+4 || n >= all {
		t.Errorf("%d refunds are there; %d were answered before the moment, %d at all", n, len(before), all)
	}
	w.goesOn(t, again, m, before[max(0, len(before)-50):])
	t.Logf("%d answers, %d before the moment", all, len(before))
}
