package bench

import (
	"fmt"
	"math/rand/v2"
)

// A Choice is how clients choose whose wallet it is.
type Choice string

const (
	Uniform Choice = "uniform" // all alike
	Zipf    Choice = "zipf"    // a few very often, most hardly ever
	Hot     Choice = "hot"     // always the same one
)

// zipfSkew is how steeply it falls: who is at place k is chosen as often as k to
// the power of minus zipfSkew. Of ten thousand the first has a seventh of all.
const zipfSkew = 1.1

// Check refuses a choice that there is not.
func (c Choice) Check() error {
	switch c {
	case Uniform, Zipf, Hot:
		return nil
	}
	return fmt.Errorf("wallets are chosen %s, %s or %s, not %q", Uniform, Zipf, Hot, c)
}

// from makes what chooses one of n for a client with dice.
func (c Choice) from(dice *rand.Rand) func(n int) int {
	switch c {
	case Zipf:
		made := map[int]*rand.Zipf{}
		return func(n int) int {
			z := made[n]
			if z == nil {
				z = rand.NewZipf(dice, zipfSkew, 1, uint64(n-1))
				made[n] = z
			}
			return int(z.Uint64())
		}
	case Hot:
		return func(int) int { return 0 }
	}
	return dice.IntN
}
