package storetest_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"wapas/desk"
	"wapas/ledger"
	"wapas/storetest"
)

// LinearEnv says for how long TestLinear is to go on with each engine.
const LinearEnv = "WAPAS_TEST_LINEAR"

// A dozen clients ask two servers on one database for credits, payments,
// refunds and balances of the same few wallets and payments, many of them
// again under the same key, while calls are cancelled, lines to the database
// break before and after a commit, and servers are closed and opened. What
// each heard, and when, must be what one server could have said that does one
// thing after another. Reads are no exception, whichever server they are asked
// of. Each round has things of its own, so that its history is short.
func TestLinear(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		seed := uint64(time.Now().UnixNano())
		if text := os.Getenv("WAPAS_TEST_SEED"); text != "" {
			var err error
			if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
				t.Fatal(err)
			}
		}
		more := func(rounds int, _ time.Duration) bool { return rounds < 4 }
		if text := os.Getenv(LinearEnv); text != "" {
			long, err := time.ParseDuration(text)
			if err != nil {
				t.Fatalf("%s: %v", LinearEnv, err)
			}
			more = func(_ int, took time.Duration) bool { return took < long }
		}
		p := newPair(t, e, nil)
		n := map[string]int{}
		for rounds, began := 0, time.Now(); more(rounds, time.Since(began)); rounds++ {
			r := p.round(seed + uint64(rounds))
			r.count(n)
			n["rounds"]++
			mustBeLinear(t, r.seed, r.deeds)
		}
		for _, s := range p.servers {
			n["errors of our own"] += int(s.log.n.Load())
		}
		t.Logf("seed %d: %v", seed, n)
		for _, what := range []string{"give", "spend", "pay", "back", "home", "holds", "backed", "in doubt", "repeats", "refused", "cancelled", "restarts"} {
			if n[what] == 0 {
				t.Errorf("%s never happened: these histories prove little", what)
			}
		}
		if e.Name == "postgres" && n["faults at commits"]*n["lines cut"] == 0 {
			t.Error("the line to the database was never broken")
		}
		clean(t, p.store)
	})
}

// Each of these stores is wrong in one way, and is found out.
func TestLinearFinds(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(desk.Store) desk.Store
	}{
		{"reads that are stale", func(st desk.Store) desk.Store { return &staleStore{Store: st} }},
		{"an update that is lost", func(st desk.Store) desk.Store { return &losingStore{Store: st} }},
		{"an update that is made twice", func(st desk.Store) desk.Store { return &doublingStore{Store: st} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, storetest.Engines(t)[0], tt.make)
			for n := range uint64(20) {
				r := p.round(n)
				if result, _ := judge(r.deeds); result == porcupine.Illegal {
					return
				}
			}
			t.Error("it was not noticed")
		})
	}
}

// A staleStore answers every fourth look, and every fourth read of balances, as it
// answered the one before.
type staleStore struct {
	desk.Store
	n    atomic.Int64
	last sync.Map // by the first that is asked for
}

func (s *staleStore) Balances(ctx context.Context, book desk.BookID, ids ...ledger.AccountID) (ledger.Accounts, error) {
	as, err := s.Store.Balances(ctx, book, ids...)
	if len(ids) == 0 || err != nil {
		return as, err
	}
	if old, ok := s.last.Swap(ids[0], as); ok && s.n.Add(1)%4 == 0 {
		return old.(ledger.Accounts), nil
	}
	return as, nil
}

func (s *staleStore) Look(ctx context.Context, book desk.BookID, refs ...desk.Ref) (desk.Sight, error) {
	seen, err := s.Store.Look(ctx, book, refs...)
	if err != nil {
		return nil, err
	}
	if old, ok := s.last.Swap(refs[0], seen); ok && s.n.Add(1)%4 == 0 {
		return old.(desk.Sight), nil
	}
	return seen, nil
}

var errForget = errors.New("forget it")

// A losingStore says of every thirtieth change that it was kept, which it was
// not.
type losingStore struct {
	desk.Store
	n atomic.Int64
}

func (s *losingStore) Change(ctx context.Context, book desk.BookID, reads []desk.Ref, do func(desk.Tx) error) error {
	if s.n.Add(1)%30 != 0 {
		return s.Store.Change(ctx, book, reads, do)
	}
	err := s.Store.Change(ctx, book, reads, func(tx desk.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return errForget
	})
	if err == errForget {
		err = nil
	}
	return err
}

// A doublingStore makes every tenth change twice, as if it had not heard that
// it was kept.
type doublingStore struct {
	desk.Store
	n atomic.Int64
}

func (s *doublingStore) Change(ctx context.Context, book desk.BookID, reads []desk.Ref, do func(desk.Tx) error) error {
	err := s.Store.Change(ctx, book, reads, do)
	if err == nil && s.n.Add(1)%10 == 0 {
		err = s.Store.Change(ctx, book, reads, do)
	}
	return err
}
