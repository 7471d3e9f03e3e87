package bench

import (
	"math/rand/v2"
	"testing"
)

// Who is chosen how often, of ten thousand.
func TestChoice(t *testing.T) {
	const n, throws = 10_000, 200_000
	for _, x := range []struct {
		how         Choice
		first, half float64 // the shares of the first, and of the first half of all
		within      float64
	}{
		{Uniform, 0.0001, 0.5, 0.01},
		{Zipf, 0.15, 0.95, 0.02},
		{Hot, 1, 1, 0},
	} {
		choose := x.how.from(rand.New(rand.NewPCG(1, 2)))
		var first, half float64
		for range throws {
			i := choose(n)
			if i < 0 || i >= n {
				t.Fatalf("%s chooses %d of %d", x.how, i, n)
			}
			if i == 0 {
				first++
			}
			if i < n/2 {
				half++
			}
		}
		if first /= throws; first < x.first-x.within || first > x.first+x.within {
			t.Errorf("%s chooses the first %.4f of the time, want %.4f", x.how, first, x.first)
		}
		if half /= throws; half < x.half-x.within || half > x.half+x.within {
			t.Errorf("%s chooses of the first half %.4f of the time, want %.4f", x.how, half, x.half)
		}
		if one := choose(1); one != 0 {
			t.Errorf("%s chooses %d of one", x.how, one)
		}
		if err := x.how.Check(); err != nil {
			t.Error(err)
		}
	}
	if Choice("often").Check() == nil {
		t.Error("there is a choice called often")
	}
}
