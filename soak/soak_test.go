package soak

import (
	"context"
	"os"
	"strings"
	"testing"

	"wapas/bench"
)

// Some runs, in which every answer, balance and state is as the model says: see
// Run. "make soak" plays thousands, and there everything must happen that there
// is to happen; in these few every room must have its say, and every sort of
// fault.
func TestSoak(t *testing.T) {
	res, err := Run(context.Background(), Config{Seeds: 4, Steps: 120})
	fine(t, res, err)
	for _, what := range []string{
		"done: refund", "done: native refund", "done: credit", "done: PhonePe refund", "done: remit", "done: cash given back", "done: repeat",
		"restart with calls under way", "work broken off", "changes that shared a batch", "call broken before its change",
		"call broken after its change", "answer lost", "webhook: taken", "rail: pending, then done",
	} {
		if res.Counts[what] == 0 {
			t.Errorf("it never happened: %s\n%s", what, res.Table())
		}
	}
}

// The same on PostgreSQL.
func TestSoakOnPostgreSQL(t *testing.T) {
	server := os.Getenv("WAPAS_TEST_POSTGRES")
	if server == "" {
		t.Skip("there is no PostgreSQL: scripts/postgres.sh starts one")
	}
	res, err := Run(context.Background(), Config{Seed: 3, Steps: 40, Scratch: func(ctx context.Context) (string, func() error, error) {
		return bench.Scratch(ctx, server, "soak")
	}})
	fine(t, res, err)
}

func fine(t *testing.T, res Result, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if v := res.Violation; v != nil {
		t.Fatalf("seed %d, steps %v: %s\n%s", v.Seed, v.Steps, v.What, v.Tail(20))
	}
}

// The same seed is the same run, to the letter.
func TestSameSeedSameRun(t *testing.T) {
	var said [2]string
	for i := range said {
		res, err := Run(context.Background(), Config{Seed: 12, Steps: 50})
		fine(t, res, err)
		said[i] = res.Transcript
	}
	if said[0] == said[1] {
		return
	}
	a, b := strings.Split(said[0], "\n"), strings.Split(said[1], "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("line %d of two runs of one seed:\n%s\n%s", i, a[i], b[i])
		}
	}
	t.Fatalf("one run says %d lines more than the other", len(a)-len(b))
}
