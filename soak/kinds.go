package soak

import (
	"maps"
	"slices"
)

// kinds are the things that must happen in a good number of runs.
func kinds() []string {
	all := []string{
		"restart", "restart with calls under way", "call or work dropped by a restart", "verify", "work", "clock moved", "clock set back", "clock moved under way", "codes guessed", "done: guess",
		"changes that shared a batch", "call broken before its change", "call broken after its change", "work broken off",
		"call cancelled: gone", "call cancelled: left-queue", "commit unsent", "commit unheard", "answer lost", "found after a lost answer", "busy",
	}
	for _, how := range []string{"taken", "500", "silence", "cut after", "moved", "sender died", "not written down: cut-before", "not written down: cut-after"} {
		all = append(all, "webhook: "+how)
	}
	for _, f := range fates {
		all = append(all, "rail: "+f.name)
	}
	for _, a := range acts {
		all = append(all, "done: "+a.name)
	}
	return all
}

func sortedKeys(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }
