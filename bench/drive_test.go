package bench

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

const ms = time.Millisecond

// Time stands still in these tests but for what is slept: they are exact.

// A server that stalls once for a second is asked by one client, a hundred
// times a second, for ten seconds, with answers that take a millisecond. Who
// would have come in that second waits as well: in an open loop a tenth of all
// see it, in a closed one a single answer.
func TestStall(t *testing.T) {
	for _, x := range []struct {
		name     string
		rate     float64
		slow     int // more than half a second
		p50, p99 time.Duration
	}{
		{"closed loop", 0, 1, ms, ms},
		{"open loop", 100, 56, ms, 910 * ms}, // one comes each 10 ms, and 9 ms are made good with each
	} {
		t.Run(x.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, stalled := time.Now(), false
				got, err := drive(t.Context(), Load{Clients: 1, Rate: x.rate, For: 10*time.Second + 50*ms, Seed: 1}, nil, func(int, *rand.Rand) (int, error) {
					if !stalled && time.Since(began) >= 5*time.Second {
						stalled = true
						time.Sleep(time.Second)
						return 1, nil
					}
					time.Sleep(ms)
					return 1, nil
				})
				if err != nil {
					t.Fatal(err)
				}
				slow := 0
				for _, d := range got.took {
					if d > 500*ms {
						slow++
					}
				}
				if slow != x.slow || got.at(0.5) != x.p50 {
					t.Errorf("%d answers took more than half a second and half of them at most %s; want %d and %s", slow, got.at(0.5), x.slow, x.p50)
				}
				if d := got.at(0.99); d < x.p99 || d > x.p99+20*ms {
					t.Errorf("p99 is %s, want %s", d, x.p99)
				}
				if got.at(1) != time.Second {
					t.Errorf("the longest took %s", got.at(1))
				}
				if x.rate > 0 && (got.good != 1005 || got.unserved != 0) {
					t.Errorf("%d of 1,005 were done, %d never begun", got.good, got.unserved)
				}
			})
		})
	}
}

// An open loop offers twice what one client can do: what is not begun after as
// long again counts as never begun, with the time that it has waited.
func TestOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, err := drive(t.Context(), Load{Clients: 1, Rate: 400, For: time.Second}, nil, func(int, *rand.Rand) (int, error) {
			time.Sleep(10 * ms)
			return 1, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		// 440 are offered in 1.1 s, of which 40 are warm-up; 211 begin in 2.1 s.
		if got.good != 171 || got.unserved != 229 || len(got.took) != 400 {
			t.Errorf("%d done, %d never begun, %d times", got.good, got.unserved, len(got.took))
		}
		if last := got.at(1); last < time.Second || last > 1600*ms {
			t.Errorf("the longest waited %s", last)
		}
		if !slices.IsSorted(got.took) {
			t.Error("the times are not sorted")
		}
	})
}

// Clients that wait for a turn behind the end do not make the run longer.
func TestSlowRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		got, err := drive(t.Context(), Load{Clients: 64, Rate: 8, For: time.Second}, nil, func(int, *rand.Rand) (int, error) { return 1, nil })
		if err != nil {
			t.Fatal(err)
		}
		// They begin each 125 ms from 0 on, and count from 100 to 1,100 ms.
		if got.good != 8 || got.unserved != 0 || got.lasted != time.Second || time.Since(began) > 1100*ms {
			t.Errorf("%d done, %d never begun, in %s; all of it took %s", got.good, got.unserved, got.lasted, time.Since(began))
		}
	})
}

// What begins in the warm-up, a tenth of the time, is not counted; what is
// wrong in it is.
func TestWarmUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, measured := time.Now(), time.Duration(0)
		n := 0
		got, err := drive(t.Context(), Load{Clients: 1, For: time.Second}, func() { measured = time.Since(began) }, func(int, *rand.Rand) (int, error) {
			time.Sleep(15 * ms)
			if n++; n == 1 {
				return 1, errors.New("the first")
			}
			return 3, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got.good != 67 || got.requests != 3*67 || got.ended != 3*68 || got.wrong != 1 || got.first.Error() != "the first" {
			t.Errorf("good %d, requests %d, wrong %d, first %v", got.good, got.requests, got.wrong, got.first)
		}
		if got.lasted != 1010*ms || measured != 100*ms {
			t.Errorf("it lasted %s and began after %s", got.lasted, measured)
		}
	})
}

// An operation that takes longer than the whole time is measured all the same,
// and a run that is told to stop stops.
func TestSlowAndStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(int, *rand.Rand) (int, error) { time.Sleep(time.Minute); return 1, nil }
		got, err := drive(t.Context(), Load{Clients: 2, For: time.Second}, nil, slow)
		if err != nil || got.good != 2 || got.at(0.5) != time.Minute {
			t.Errorf("%d done, half of them within %s, %v", got.good, got.at(0.5), err)
		}
		for _, rate := range []float64{0, 0.01} {
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			began := time.Now()
			_, err = drive(ctx, Load{Clients: 1, For: time.Hour, Rate: rate}, nil, func(int, *rand.Rand) (int, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			})
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 2*time.Minute {
				t.Errorf("at a rate of %v: stopped after %s with %v", rate, time.Since(began), err)
			}
		}
		_, err = drive(t.Context(), Load{Clients: 1, For: time.Second}, nil, func(int, *rand.Rand) (int, error) {
			time.Sleep(ms)
			return 1, errors.New("no")
		})
		if err == nil {
			t.Error("a run without one right answer succeeds")
		}
	})
	for _, l := range []Load{{}, {Clients: 1}, {For: 1}, {Clients: 1, For: 1, Rate: -1}} {
		if _, err := drive(t.Context(), l, nil, nil); err == nil {
			t.Errorf("%+v is no load", l)
		}
	}
}

// A seed gives every client the same dice again, and each its own.
func TestSeed(t *testing.T) {
	throws := func(seed uint64) (first [3]int) {
		synctest.Test(t, func(t *testing.T) {
			_, err := drive(t.Context(), Load{Clients: len(first), For: time.Second, Seed: seed}, nil, func(c int, dice *rand.Rand) (int, error) {
				if first[c] == 0 {
					first[c] = 1 + dice.IntN(1e9)
				}
				time.Sleep(time.Second)
				return 1, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
		return first
	}
	a, b, other := throws(7), throws(7), throws(8)
	for c := range 3 {
		if a[c] != b[c] || a[c] == other[c] || a[c] == a[(c+1)%3] {
			t.Errorf("client %d throws %d, then %d, with another seed %d", c, a[c], b[c], other[c])
		}
	}
}

func TestQuantiles(t *testing.T) {
	times := func(n int) (all []time.Duration) {
		for i := range n {
			all = append(all, time.Duration(i+1))
		}
		return all
	}
	for _, x := range []struct {
		n    int
		q    float64
		want time.Duration
	}{
		{0, 0.5, 0}, {1, 0, 1}, {1, 0.5, 1}, {1, 0.999, 1}, {2, 0.5, 1}, {2, 0.51, 2}, {100, 0.5, 50}, {100, 0.99, 99}, {100, 0.999, 100}, {100, 1, 100}, {1000, 0.999, 999}, {1000, 0.99, 990},
	} {
		if got := (&timing{took: times(x.n)}).at(x.q); got != x.want {
			t.Errorf("of 1 to %d, %v of all do not exceed %d, want %d", x.n, x.q, got, x.want)
		}
	}
}
