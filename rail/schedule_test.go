package rail

import (
	"context"
	"slices"
	"testing"
	"time"

	"wapas/ledger"
)

// Every question of a schedule, counted from sending, in the words of those who
// recommend it.
func TestSchedules(t *testing.T) {
	const s, m, h, day = time.Second, time.Minute, time.Hour, 24 * time.Hour
	for _, c := range []struct {
		name  string
		of    Schedule
		first []time.Duration // since sending
		count map[time.Duration]int
	}{
		{"status calls", StatusCalls,
			[]time.Duration{25 * s, 28 * s, 31 * s, 34 * s, 37 * s, 40 * s, 43 * s, 46 * s, 49 * s, 52 * s, // every 3 s for 30 s
				55 * s, 61 * s, 67 * s, 73 * s, 79 * s, 85 * s, 91 * s, 97 * s, 103 * s, 109 * s, // every 6 s for 60 s
				115 * s, 125 * s, 135 * s, 145 * s, 155 * s, 165 * s, // every 10 s for 60 s
				175 * s, 205 * s, // every 30 s for 60 s
				235 * s, 295 * s}, // then once a minute
			map[time.Duration]int{20 * m: 45, day: 54, 30 * day: 83}},
		{"doubling", Doubling,
			[]time.Duration{2 * m, 6 * m, 14 * m, 30 * m, 62 * m, 126 * m, 254 * m, 510 * m, 1022 * m, 1022*m + 17*h + 4*m, 1022*m + 17*h + 4*m + day},
			map[time.Duration]int{h: 4, day: 9, 30 * day: 38, 400 * day: 38}},
	} {
		var sent ledger.Time = 1_777_000_000_000_000
		var asked []time.Duration
		for at := c.of.Next(sent, sent); at != 0; at = c.of.Next(sent, at) {
			asked = append(asked, time.Duration(at-sent)*time.Microsecond)
		}
		if got := asked[:min(len(asked), len(c.first))]; !slices.Equal(got, c.first) {
			t.Errorf("%s: asked after %v, want %v", c.name, got, c.first)
		}
		for within, want := range c.count {
			n := 0
			for _, d := range asked {
				if d <= within {
					n++
				}
			}
			if n != want {
				t.Errorf("%s: %d questions within %s, want %d", c.name, n, within, want)
			}
		}
		// A clock that was moved ahead finds the next one, whatever it missed.
		if got := c.of.Next(sent, sent.Add(40*time.Minute+time.Second)); got <= sent.Add(40*time.Minute) || got > sent.Add(2*time.Hour) {
			t.Errorf("%s: after a leap of 40 minutes the next is at %s", c.name, time.Duration(got-sent)*time.Microsecond)
		}
	}
}

// A rail of its own mind is asked when it says.
type picky struct{ Manual }

func (picky) Schedule(Order) Schedule { return Schedule{First: time.Hour, Until: time.Hour} }

func (picky) Send(context.Context, Order, ledger.Time) (Answer, error) { return Answer{}, nil }

func TestScheduleOf(t *testing.T) {
	for _, c := range []struct {
		name  string
		rail  Rail
		order Order
		first time.Duration
	}{
		{"a refund of no room", Manual{}, Order{What: "refund"}, 2 * time.Minute},
		{"a refund of PhonePe's room", Manual{}, Order{What: "refund", Room: "phonepe"}, 25 * time.Second},
		{"a rail that recommends", picky{}, Order{What: "refund", Room: "phonepe"}, time.Hour},
	} {
		if got := ScheduleOf(c.rail, c.order).First; got != c.first {
			t.Errorf("%s: first asked after %s, want %s", c.name, got, c.first)
		}
	}
	s := picky{}.Schedule(Order{})
	if at := s.Next(1, ledger.Time(1).Add(time.Hour)); at != 0 {
		t.Errorf("after the last question there is one at %d", at)
	}
}
