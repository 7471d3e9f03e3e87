package torture

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ownNamespace runs a test again in a mount namespace of its own, where it may
// mount what nobody else sees and what is gone when it ends. It is true in there.
func ownNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv(rowsEnv) != "" {
		return true
	}
	if os.Getuid() != 0 {
		needs(t, "root, to mount a disk of the test's own", errors.New("not root"))
	}
	for _, program := range []string{"mkfs.ext4", "mount", "chattr"} {
		_, err := exec.LookPath(program)
		needs(t, program+" (on Debian: apt-get install e2fsprogs mount)", err)
	}
	rowsAt := filepath.Join(t.TempDir(), "rows")
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=15m")
	cmd.Env = append(os.Environ(), rowsEnv+"="+rowsAt, binaryEnv+"="+binary.at(t))
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL} // which makes all mounts private
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("in a mount namespace of its own: %v\n%s", err, out)
	}
	if err := table.load(rowsAt); err != nil {
		t.Errorf("no result: %v", err)
	}
	return false
}

// A disk is a file system of a test's own, in a file of so many megabytes.
type disk struct {
	t       *testing.T
	dir     string
	ballast string
}

func newDisk(t *testing.T, megabytes int) *disk {
	t.Helper()
	at := t.TempDir()
	image, d := filepath.Join(at, "image"), &disk{t: t, dir: filepath.Join(at, "disk")}
	d.ballast = filepath.Join(d.dir, "ballast")
	do := func(program string, args ...string) {
		t.Helper()
		if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s %v: %v\n%s\nThis test needs the right to mount a disk of its own", program, args, err, out)
		}
	}
	if err := errors.Join(os.WriteFile(image, nil, 0o600), os.Truncate(image, int64(megabytes)<<20), os.Mkdir(d.dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	do("mkfs.ext4", "-q", "-m", "0", image)
	do("mount", "-o", "loop", image, d.dir)
	for up := at; up != "/" && strings.HasPrefix(up, os.TempDir()) && up != os.TempDir(); up = filepath.Dir(up) { // PostgreSQL's user must get through
		os.Chmod(up, 0o755)
	}
	t.Cleanup(func() {
		d.writable()
		if out, err := exec.Command("umount", "-l", d.dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v\n%s", err, out)
		}
	})
	return d
}

// fill takes all the space that is left, but for so many bytes.
func (d *disk) fill(leave int) {
	d.t.Helper()
	f, err := os.OpenFile(d.ballast, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 4096, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			d.t.Fatal(err)
		}
	}
	if err := f.Sync(); err != nil {
		d.t.Fatal(err)
	}
	if leave > 0 {
		if info, err := f.Stat(); err != nil || f.Truncate(info.Size()-int64(leave)) != nil {
			d.t.Fatal(err)
		}
	}
}

// free gives the space back.
func (d *disk) free() {
	d.t.Helper()
	if err := os.Remove(d.ballast); err != nil {
		d.t.Fatal(err)
	}
}

// readOnly makes the files of a database such as nobody can write to, not even
// who has them open: a mount cannot be made read-only under a program that writes.
func (d *disk) readOnly() {
	d.t.Helper()
	if out, err := exec.Command("chattr", append([]string{"+i"}, d.files()...)...).CombinedOutput(); err != nil {
		d.t.Fatalf("chattr: %v\n%s", err, out)
	}
}

func (d *disk) writable() {
	exec.Command("chattr", append([]string{"-i"}, d.files()...)...).Run()
}

func (d *disk) files() (all []string) {
	for _, name := range []string{"wapas.db", "wapas.db-wal"} {
		if path := filepath.Join(d.dir, name); exists(path) {
			all = append(all, path)
		}
	}
	return all
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// What /readyz says while the disk takes nothing.
const (
	full     = `^database: .*(disk is full|disk full)`
	readonly = `^database: .*(readonly|read-only|disk I/O error)`
)

// The disk of a SQLite database is full, or its files cannot be written to. What
// is asked meanwhile gets an error and has not happened; what was written is
// still read; /readyz says why; and once there is space the server goes on by
// itself.
func TestDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	t.Parallel()
	if !ownNamespace(t) {
		return
	}
	for _, f := range []struct {
		fault, why string
		begin, end func(d *disk)
	}{
		{"disk full", full, func(d *disk) { d.fill(0) }, (*disk).free},
		{"disk read-only", readonly, (*disk).readOnly, (*disk).writable},
	} {
		size := 96
		if long() { // the books of so many rounds need some of it, too
			size = 512
		}
		d := newDisk(t, size)
		row := table.begin(t, f.fault, "sqlite")
		address := "sqlite:" + filepath.Join(d.dir, "wapas.db")
		r := newRig(t, row, address, address, 1)
		r.firm = true
		r.begin()
		url := r.servers[0].url
		for range rounds(1, 8) {
			r.w.atLeast(r.some(), kept)
			r.sleep(200 * time.Millisecond)
			f.begin(d)
			row.Times++
			r.wantNotReady(url, f.why, 20*time.Second)
			r.w.atLeast(5, fault) // once what was set aside before is used up
			r.holds(url, f.why, time.Second)
			r.reads(url)
			f.end(d)
			r.wantReady(time.Now(), 20*time.Second, url)
			r.w.atLeast(r.some()/2, kept)
			r.look()
		}
		r.quiet(d, f.begin, f.end, f.why)
		r.end()
	}
}

// quiet has the fault happen while nobody asks for anything: /readyz sees it all
// the same, and sees it go.
func (r *rig) quiet(d *disk, begin, end func(d *disk), why string) {
	r.t.Helper()
	url := r.servers[0].url
	r.w.shut()
	time.Sleep(1500 * time.Millisecond) // what is under way ends
	begin(d)
	r.row.Times++
	r.wantNotReady(url, why, 20*time.Second)
	r.holds(url, why, time.Second)
	end(d)
	r.wantReady(time.Now(), 20*time.Second, url)
	r.w.open(url)
	r.w.atLeast(r.some()/2, kept)
}

// reads makes sure that what is there can be read while nothing can be written.
func (r *rig) reads(url string) {
	r.t.Helper()
	status, said, err := r.w.send(url, "GET", "razorpay", "/v1/customers/"+r.shop.customers[0]+"/balance", "", "")
	if err != nil || status != 200 || said.text("balance") == "<nil>" {
		r.t.Errorf("while nothing can be written a balance cannot be read: %d %v %v", status, said, err)
	}
}

// PostgreSQL's disk is full. It refuses, or ends and cannot recover until there is
// space; then it is started again, as its supervisor would. The server is not.
func TestPostgresDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	t.Parallel()
	if !ownNamespace(t) {
		return
	}
	d := newDisk(t, 160)
	at := filepath.Join(d.dir, "pg")
	if err := os.Mkdir(at, 0o755); err != nil {
		t.Fatal(err)
	}
	c := newCluster(t, at)
	row := table.begin(t, "disk full", "postgres")
	r := newRig(t, row, c.address(), c.address(), 1)
	r.begin()
	url := r.servers[0].url
	for range rounds(1, 5) {
		r.w.atLeast(r.some(), kept)
		d.fill(0)
		row.Times++
		r.wantNotReady(url, away, 60*time.Second)
		before := r.w.count(fault)
		r.holds(url, away, 2*time.Second)
		for begun := time.Now(); r.w.count(fault)+r.w.count(nothing) == before && time.Since(begun) < 30*time.Second; {
			time.Sleep(20 * time.Millisecond)
		}
		d.free()
		c.start() // if it has ended
		r.wantReady(time.Now(), 60*time.Second, url)
		r.w.atLeast(r.some()/2, kept)
		r.look()
	}
	r.end()
}
