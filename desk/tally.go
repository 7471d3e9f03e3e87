package desk

import (
	"hash/maphash"

	"wapas/ledger"
)

// A tally holds what things add up to against what is written down of them,
// for any number of sums in a fixed amount of memory. Each sum falls in one of
// many places, and a place holds only a fingerprint of the differences in it:
// zero, but for one chance in 2 to the 64, if and only if all its sums agree.
// A second pass over the same books keeps the sums of the places that did not
// come out at zero as they are.
type tally struct {
	seed   maphash.Seed
	places []uint64
	open   []bool // in a second pass: the places whose sums are kept
	exact  map[sum]*[2]ledger.Amount
}

// A sum is something that is told twice and must be the same both times:
// something of a thing, by the rule that says so.
type sum struct{ rule, what, of string }

const tallyPlaces = 1 << 16

func newTally() tally {
	return tally{seed: maphash.MakeSeed(), places: make([]uint64, tallyPlaces)}
}

// second is the tally of a second pass, and whether one is needed.
func (t *tally) second() (tally, bool) {
	again := tally{seed: t.seed, places: make([]uint64, tallyPlaces), open: make([]bool, tallyPlaces), exact: map[sum]*[2]ledger.Amount{}}
	needed := false
	for i, fingerprint := range t.places {
		again.open[i] = fingerprint != 0
		needed = needed || fingerprint != 0
	}
	return again, needed
}

// adds counts x towards what a sum adds up to; says counts it towards what is
// written down of it.
func (t *tally) adds(rule, what, of string, x ledger.Amount) { t.tell(rule, what, of, 0, x) }
func (t *tally) says(rule, what, of string, x ledger.Amount) { t.tell(rule, what, of, 1, x) }

func (t *tally) tell(rule, what, of string, side int, x ledger.Amount) {
	if x == 0 {
		return
	}
	hash := t.hash(rule, what, of)
	place := hash % tallyPlaces
	factor := hash | 1 // odd, so that a single difference never vanishes
	if side == 0 {
		t.places[place] += factor * uint64(x)
	} else {
		t.places[place] -= factor * uint64(x)
	}
	if t.open == nil || !t.open[place] {
		return
	}
	k := sum{rule, what, of}
	if t.exact[k] == nil {
		t.exact[k] = new([2]ledger.Amount)
	}
	t.exact[k][side] += x // not checked: tampered books may hold anything
}

func (t *tally) hash(parts ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(t.seed)
	for _, p := range parts {
		h.WriteString(p)
		h.WriteByte(0)
	}
	return h.Sum64()
}

// differ calls f for each sum that is told in two ways.
func (t *tally) differ(f func(k sum, adds, says ledger.Amount)) {
	for k, v := range t.exact {
		if v[0] != v[1] {
			f(k, v[0], v[1])
		}
	}
}
