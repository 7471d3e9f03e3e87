package torture

import (
	"slices"
	"sync"
	"time"
)

// A pulse is when something happened, and at which server.
type pulse struct {
	mu    sync.Mutex
	beats []beat
}

type beat struct {
	at   time.Time
	base string
}

func (p *pulse) add(base string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.beats = append(p.beats, beat{time.Now(), base})
}

// between are the beats of a stretch of time, but for those at one server.
func (p *pulse) between(from, to time.Time, but string) (at []time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.beats {
		if b.base != but && b.at.After(from) && b.at.Before(to) {
			at = append(at, b.at)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	return at
}

// gap is the longest time without a beat that ended in a stretch of time, but
// for those at one server; also the time at its end, if there was none any more.
func (p *pulse) gap(from, to time.Time, but string) (most time.Duration) {
	last := from
	if before := p.between(from.Add(-time.Minute), from, but); len(before) > 0 {
		last = before[len(before)-1]
	}
	for _, at := range append(p.between(from, to, but), to) {
		most = max(most, at.Sub(last))
		last = at
	}
	return most
}

// first is the first beat after a moment; the zero time if there was none yet.
func (p *pulse) first(after time.Time) (at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.beats {
		if b.at.After(after) && (at.IsZero() || b.at.Before(at)) {
			at = b.at
		}
	}
	return at
}

// spread is the middle and the longest of some durations, as it is told.
func spread(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	all = slices.Sorted(slices.Values(all))
	return short(all[len(all)/2]) + " (p50), " + short(all[len(all)-1]) + " (max)"
}
