package server

import (
	"context"
	"log/slog"
	"maps"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// A shelf is a store that counts how often the requests of each book were pruned.
type shelf struct {
	desk.Store
	old []desk.BookID // those with old requests

	mu     sync.Mutex
	pruned map[desk.BookID]int
}

func (s *shelf) Sweep(context.Context, ledger.Time) error { return nil }

func (s *shelf) KeepRequests(context.Context, desk.BookID, []desk.RequestRow) error { return nil }

func (s *shelf) OldRequests(context.Context, ledger.Time) ([]desk.BookID, error) { return s.old, nil }

func (s *shelf) PruneRequests(_ context.Context, book desk.BookID, _ ledger.Time, _, _ int) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pruned[book]++
	return 0, nil
}

func (s *shelf) times() map[desk.BookID]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.pruned)
}

// Only those books are pruned that have old requests, or to which something was
// written since the last time: it may be too much.
func TestPrunesWhatHasGrown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{old: []desk.BookID{7}, pruned: map[desk.BookID]int{}}
		l := NewRequestLog(&desk.Desk{Store: s, Now: time.Now}, slog.New(slog.DiscardHandler), LogTest, time.Hour)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- l.Run(ctx) }()
		synctest.Wait()
		l.queue <- &call{visit: &visit{Visit: desk.Visit{Book: 8}}, began: time.Now(), url: &url.URL{Path: "/"}}
		for minute, want := range []map[desk.BookID]int{{7: 1}, {7: 2, 8: 1}, {7: 3, 8: 1}} {
			if got := s.times(); !maps.Equal(got, want) {
				t.Errorf("after %d minutes %v were pruned, want %v", minute, got, want)
			}
			time.Sleep(pruneEach)
			synctest.Wait()
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
