package sqlstore

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// A gate is a disk whose syncs wait to be let through, and end as they are told.
type gate struct{ begun, end chan error }

func gated(t *testing.T) (*Store, *flusher, gate) {
	t.Helper()
	st := openTest(t, "sqlite:"+filepath.Join(t.TempDir(), "wapas.db"), Options{})
	if err := st.PutMerchant(t.Context(), desk.Merchant{ID: "m", Name: "M", CreatedAt: 1}, desk.Book{ID: 1, Merchant: "m", Mode: desk.Test, CreatedAt: 1}); err != nil {
		t.Fatal(err)
	}
	g := gate{make(chan error), make(chan error)}
	f := st.db.(*sqliteDB).flush
	over := make(chan struct{})
	f.sync = func() error {
		select {
		case g.begun <- nil:
		case <-over:
		}
		select {
		case err := <-g.end:
			return err
		case <-over:
			return nil
		}
	}
	t.Cleanup(func() { close(over) }) // before the store is closed
	return st, f, g
}

// put is a change of its own, on its way.
func put(t *testing.T, st *Store, id desk.ID) <-chan error {
	t.Helper()
	ended := make(chan error, 1)
	go func() {
		ended <- st.Change(context.Background(), 1, nil, func(tx desk.Tx) error {
			if _, err := tx.Get(desk.KindCustomer, id); err != nil {
				return err
			}
			tx.Put(desk.Customer{ID: id, Name: "x", CreatedAt: 1})
			return nil
		})
	}()
	return ended
}

func (f *flusher) commits() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.written
}

// unanswered says that no answer is given, while what it waits for is held.
func unanswered[T any](t *testing.T, what string, from <-chan T) {
	t.Helper()
	select {
	case v := <-from:
		t.Fatalf("%s was answered before it was on the disk: %v", what, v)
	case <-time.After(30 * time.Millisecond): // time enough for one that does not wait
	}
}

// No change is answered, and nothing that was written is read, before a sync that
// began after its commit has ended. The next batch is made meanwhile.
func TestNothingToldBeforeTheDisk(t *testing.T) {
	st, f, g := gated(t)
	base := f.commits()
	first := put(t, st, "cust_1")
	<-g.begun
	second := put(t, st, "cust_2") // is committed while the first one is synced
	for f.commits() < base+2 {
		time.Sleep(time.Millisecond)
	}
	refused := make(chan error, 1)
	go func() {
		refused <- st.Change(context.Background(), 1, nil, func(tx desk.Tx) error {
			if r, err := tx.Get(desk.KindCustomer, "cust_2"); err != nil || r == nil {
				t.Errorf("what the batch before wrote: %v, %v", r, err)
			}
			return ledger.Refuse(ledger.Duplicate, "seen", "")
		})
	}()
	read := make(chan desk.Row, 1)
	go func() {
		r, err := st.Find(context.Background(), 1, desk.KindCustomer, "cust_2")
		if err != nil {
			t.Error(err)
		}
		read <- r
	}()
	unanswered(t, "the first change", first)
	unanswered(t, "the second change", second)
	g.end <- nil // of the sync that began before the second commit
	if err := <-first; err != nil {
		t.Error(err)
	}
	<-g.begun
	unanswered(t, "the second change", second)
	unanswered(t, "a refusal that rests on it", refused)
	unanswered(t, "a read of it", read)
	g.end <- nil
	if err := <-second; err != nil {
		t.Error(err)
	}
	if err := <-refused; ledger.CodeOf(err) != ledger.Duplicate {
		t.Error(err)
	}
	if r := <-read; r == nil || r.RowID() != "cust_2" {
		t.Errorf("read %v", r)
	}
}

// What is written beside the books does not wait for the disk.
func TestPostDoesNotWait(t *testing.T) {
	st, _, g := gated(t)
	if err := st.post(t.Context(), stmt{sql: "UPDATE delivery_leases SET until = 0"}); err != nil {
		t.Fatal(err)
	}
	if err := st.post(t.Context(), stmt{sql: "UPDATE no_table SET until = 0"}); err == nil {
		t.Error("a table that is not there was written")
	}
	ended := put(t, st, "cust_1") // but the next change does
	<-g.begun
	unanswered(t, "a change", ended)
	g.end <- nil
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Once the disk did not take something nobody knows what is on it. A second try
// would say that all is well, so there is none: nothing is answered any more but
// that, until the program is started again.
func TestDiskThatFails(t *testing.T) {
	st, f, g := gated(t)
	ended := put(t, st, "cust_1")
	<-g.begun
	g.end <- errors.New("input/output error")
	says := func(what string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "input/output error") || !strings.Contains(err.Error(), "started again") {
			t.Errorf("%s hears %v", what, err)
		}
	}
	err := <-ended
	says("the change", err)
	if !errors.As(err, new(*unknownError)) {
		t.Errorf("%v: not as of an unknown end", err)
	}
	before := f.commits()
	says("the next change", <-put(t, st, "cust_2"))
	if f.commits() != before {
		t.Error("something was written since")
	}
	says("a credential", st.PutCredential(t.Context(), desk.Credential{Room: "r", Name: "n", Merchant: "m", Book: 1, Secret: []byte("s")}))
	_, err = st.Find(t.Context(), 1, desk.KindCustomer, "cust_1")
	says("a read", err)
	says("whoever asks how it is", st.Writable(t.Context()))
	says("closing", st.Close())
}
