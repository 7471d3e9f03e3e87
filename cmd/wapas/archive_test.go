package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
)

// Months are archived from the command line; backups say what belongs to them, and
// restores want it.
func TestArchive(t *testing.T) {
	s := newShell(t)
	path := filepath.Join(s.dir, "wapas.db")
	h := dialecttest.OpenOn(t, "sqlite:"+path) // its clock stands at the end of 2025
	for range 3 {
		o, _, err := h.Desk.CreateOrder(t.Context(), h.Book, desk.OrderRequest{Amount: 5000, Capture: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Desk.CreatePayment(t.Context(), h.Book, desk.PaymentRequest{
			Order: o.ID, Amount: 5000, Method: "upi", VPA: "success@razorpay", Email: "asha@example.com", Contact: "+919876543210",
		}); err != nil {
			t.Fatal(err)
		}
		h.Advance(t, 30*24*time.Hour)
	}

	s.fails(exitUsage, []string{"fewer than the 3 closed months"}, "archive", "--before", "2999-01")
	s.fails(exitUsage, []string{"a month, such as 2026-04"}, "archive", "--before", "April")
	s.fails(exitUsage, []string{"--keep must be 1 or more"}, "archive", "--keep", "0")
	s.fails(exitUsage, []string{"test or live"}, "archive", "--mode", "both")
	s.fails(exitFailed, []string{"no such book"}, "archive", "--merchant", "nobody")

	type said struct {
		Archive, Before string
		Archives        []shelved
		Strays          []string
	}
	folder := path + ".archive"
	var plan, made, list said
	s.json(&plan, "archive", "--dry-run", "--before", "2026-02", "--keep", "1")
	if len(plan.Archives) != 2 || plan.Before != "2026-02" || plan.Archive != folder || plan.Archives[0].Month != "2025-12" || plan.Archives[1].Month != "2026-01" {
		t.Fatalf("the plan: %+v", plan)
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("a plan made a folder")
	}
	if code, out, _ := s.run("archive", "--list"); code != exitDone || !strings.Contains(out, "there are no archives") {
		t.Errorf("list: exit %d\n%s", code, out)
	}
	s.json(&made, "archive", "--before", "2026-02", "--keep", "1", "--mode", "test", "--merchant", string(h.Merchant))
	if len(made.Archives) != 2 || made.Archives[0].File != plan.Archives[0].File || made.Archives[0].Seals != plan.Archives[0].Seals || len(made.Strays) != 0 {
		t.Fatalf("made %+v, planned %+v", made, plan)
	}
	if code, out, _ := s.run("archive", "--before", "2026-02", "--keep", "1"); code != exitDone || !strings.Contains(out, "nothing from before 2026-02 is left") {
		t.Errorf("again: exit %d\n%s", code, out)
	}
	if code, out, _ := s.run("archive", "--before", "2026-03", "--keep", "1"); code != exitDone || !strings.Contains(out, "2026-02") || !strings.Contains(out, folder) {
		t.Errorf("the next month: exit %d\n%s", code, out)
	}
	s.json(&list, "archive", "--list")
	if len(list.Archives) != 3 || !slices.Equal(list.Archives[:2], made.Archives) {
		t.Errorf("listed %+v, made %+v", list, made)
	}
	for _, a := range list.Archives {
		if info, err := os.Stat(filepath.Join(folder, a.File)); err != nil || info.Size() != a.Bytes || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", a.File, info, err)
		}
	}
	var v verdict
	if s.json(&v, "verify"); !v.OK || v.Entries < 3 {
		t.Errorf("verify: %+v", v)
	}
	stray := filepath.Join(folder, filepath.Dir(list.Archives[0].File), "00009-x.part")
	if err := os.WriteFile(stray, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := s.run("archive", "--list"); code != exitDone || !strings.Contains(out, "00009-x.part belongs to no archive") {
		t.Errorf("a stray: exit %d\n%s", code, out)
	}

	// A backup, and what belongs to it.
	copied := filepath.Join(t.TempDir(), "copy.db")
	code, out, errs := s.run("backup", copied, "--verify")
	if code != exitDone || !strings.Contains(out, "with it belong 3 archives") || !strings.Contains(out, folder) || !strings.Contains(out, "all of it adds up") {
		t.Fatalf("backup: exit %d\n%s%s", code, out, errs)
	}
	var kept struct {
		Archive  string
		Archives []shelved
	}
	s.json(&kept, "backup", filepath.Join(t.TempDir(), "again.db"))
	if kept.Archive != folder || !slices.Equal(kept.Archives, list.Archives) {
		t.Errorf("the backup says %+v", kept)
	}
	again := bareShell(t)
	again.fails(exitFailed, []string{"archive 1", "no such file", "Nothing was restored"}, "restore", copied)
	if err := os.CopyFS(filepath.Join(again.dir, "wapas.db.archive"), os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := again.run("restore", copied); code != exitDone {
		t.Fatalf("restore: exit %d\n%s%s", code, out, errs)
	}
	if again.json(&v, "verify"); !v.OK || v.Entries < 3 {
		t.Errorf("verify what was restored: %+v", v)
	}
	// A folder of their own.
	away := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Rename(filepath.Join(again.dir, "wapas.db.archive"), away); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := again.run("verify"); code != exitFailed || !strings.Contains(out, "archive 1") || !strings.Contains(out, "no such file") {
		t.Errorf("verify without archives: exit %d\n%s", code, out)
	}
	if again.json(&v, "verify", "--archive", away); !v.OK {
		t.Errorf("verify with archives elsewhere: %+v", v)
	}
}
