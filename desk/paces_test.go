package desk

import (
	"fmt"
	"testing"
	"time"
)

// However many names strangers make up, only so many are remembered; and those
// who are ahead of their rate are not forgotten for the sake of those who are
// not.
func TestPacesForget(t *testing.T) {
	var p paces
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for range 1000 {
		p.pass("fast", now, 1, 1000)
	}
	for i := range 3 * maxPaces {
		p.pass(fmt.Sprint(i), now.Add(time.Duration(i)*time.Millisecond), 1000, 1000)
		if len(p.even) > maxPaces {
			t.Fatalf("%d names are remembered", len(p.even))
		}
	}
	if now = now.Add(3 * maxPaces * time.Millisecond); p.pass("fast", now, 1, 1000) != true || len(p.even) > maxPaces {
		t.Errorf("%d names", len(p.even))
	}
	p = paces{}
	p.pass("fast", now, 1, 1)
	for i := range maxPaces + 10 {
		p.pass(fmt.Sprint(i), now, 1000, 1000)
		now = now.Add(time.Microsecond)
	}
	if p.pass("fast", now, 1, 1) {
		t.Error("who was ahead of its rate was forgotten")
	}
}
