package archive_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wapas/archive"
)

// newFile makes a file of numbers 1 to 5000 and of words, each of which has some.
func newFile(t *testing.T, folder string) (path string, made archive.Made) {
	t.Helper()
	w, err := archive.Create(filepath.Join(folder, "some", "where"), "file")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	for n := range int64(5000) {
		if err := w.Add("numbers", archive.Key{N: n + 1}, fmt.Appendf(nil, `{"n":%d,"pad":%q}`, n+1, strings.Repeat("x", int(n%90)))); err != nil {
			t.Fatal(err)
		}
	}
	for word := range 300 {
		for n := range int64(20) {
			k := archive.Key{Text: fmt.Sprintf("word%03d", word*2), N: n * 10}
			if err := w.Add("words", k, fmt.Appendf(nil, "%s %d %040d", k.Text, k.N, n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	made, err = w.Publish("file.gz")
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, "some", "where", "file.gz"), made
}

// What was written is read from any key on, upwards and downwards; the same lines
// make the same file; and gzip alone reads all of it.
func TestFile(t *testing.T) {
	path, made := newFile(t, t.TempDir())
	if _, again := newFile(t, t.TempDir()); again != made {
		t.Errorf("the same lines made %+v and %+v", made, again)
	}
	if sum, err := archive.SumOf(path); err != nil || sum != made.Sum {
		t.Errorf("sum %s, want %s (%v)", sum, made.Sum, err)
	}
	if there, err := os.ReadDir(filepath.Dir(path)); err != nil || len(there) != 1 {
		t.Errorf("%d files are there, want one (%v)", len(there), err)
	}
	f, err := archive.Open(path, made)
	if err != nil {
		t.Fatal(err)
	}
	if f.Members() < 8 {
		t.Fatalf("%d members: this proves little", f.Members())
	}
	for _, n := range []int64{-5, 1, 2, 700, 2500, 4999, 5000, 6000} {
		first, lines, err := f.Numbered("numbers", n)
		if err != nil {
			t.Fatal(err)
		}
		if want := min(max(n, 1), 5000); first > want || want >= first+int64(len(lines)) || !bytes.HasPrefix(lines[want-first], fmt.Appendf(nil, `{"n":%d,`, want)) {
			t.Errorf("number %d is not among the %d from %d on", n, len(lines), first)
		}
	}
	for _, k := range []archive.Key{{}, {"word000", 0}, {"word100", 95}, {"word101", 0}, {"word598", 190}, {"zebra", 0}} {
		up, down := 0, 0
		for line, err := range f.From("words", k) {
			if err != nil {
				t.Fatal(err)
			}
			if keyOf(line).Compare(k) >= 0 {
				up++
			}
		}
		last := archive.Key{Text: "~", N: math.MaxInt64}
		for line, err := range f.Back("words", k) {
			if err != nil {
				t.Fatal(err)
			}
			at := keyOf(line)
			if at.Compare(last) >= 0 {
				t.Fatalf("%v comes after %v on the way down", at, last)
			}
			if last = at; at.Compare(k) < 0 {
				down++
			}
		}
		if up+down != 300*20 {
			t.Errorf("from %v there are %d upwards and %d downwards, want %d together", k, up, down, 300*20)
		}
	}
	for range f.All("nothing") {
		t.Error("a section that is not there has a line")
	}

	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if lines := bytes.Count(text, []byte("\n")); err != nil || lines != 5000+300*20+f.Members() {
		t.Errorf("gzip reads %d lines (%v)", lines, err)
	}
}

func keyOf(line []byte) (k archive.Key) {
	fmt.Sscan(string(line), &k.Text, &k.N)
	return k
}

// Lines that would not be found again are refused.
func TestOrder(t *testing.T) {
	w, err := archive.Create(t.TempDir(), "file")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	if err := w.Add("a", archive.Key{N: 2}, []byte("two")); err != nil {
		t.Fatal(err)
	}
	if err := w.Add("a", archive.Key{N: 1}, []byte("one")); err == nil {
		t.Error("a line before the last was taken")
	}
	if err := w.Add("b", archive.Key{N: 1}, []byte("one\ntwo")); err == nil {
		t.Error("two lines were taken for one")
	}
}

// A file that is cut is known by its size; any byte that is another is noticed
// when its member is read.
func TestDamage(t *testing.T) {
	path, made := newFile(t, t.TempDir())
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read := func() error {
		f, err := archive.Open(path, made)
		if err != nil {
			return err
		}
		for _, section := range []string{"numbers", "words"} {
			for _, err := range f.All(section) {
				if err != nil {
					return err
				}
			}
		}
		return nil
	}
	if err := os.WriteFile(path, whole[:len(whole)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := read(); !errors.Is(err, archive.ErrCut) {
		t.Errorf("a file that was cut: %v", err)
	}
	for at := 40; at < len(whole); at += 997 {
		bad := slices.Clone(whole)
		bad[at] ^= 0x10
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := read(); err == nil {
			if sum, err := archive.SumOf(path); err != nil || sum == made.Sum {
				t.Errorf("byte %d is another, and nothing notices", at)
			}
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := read(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}
}
