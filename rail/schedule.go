package rail

import (
	"time"

	"wapas/ledger"
)

// A Schedule says when a rail is asked about an order that it has not ended,
// counted from when the order was sent: so it is the same after a restart, and
// a clock that was moved ahead makes up for no question.
type Schedule struct {
	First   time.Duration // until the first question
	Steps   []Step        // then these, one after the other
	Pause   time.Duration // then this long, and each time twice as long
	Longest time.Duration // but never longer
	Until   time.Duration // the last question comes no later; a person has been told long before
}

// A Step is a question every so often, for so long.
type Step struct{ Every, For time.Duration }

// A Scheduler is a rail whose provider recommends a schedule of its own.
type Scheduler interface {
	Schedule(o Order) Schedule
}

// Doubling is the schedule of payouts, and of whatever has no other: from two
// minutes on, twice as long each time, at most a day. That is nine questions on
// the first day, and then one a day.
var Doubling = Schedule{First: 2 * time.Minute, Pause: 4 * time.Minute, Longest: 24 * time.Hour, Until: 30 * 24 * time.Hour}

// StatusCalls is the schedule that PhonePe asks of those who wait for a
// transaction: soon and often, then once a minute until it would have expired.
// That is some fifty questions in twenty minutes, after which it doubles.
var StatusCalls = Schedule{
	First: 25 * time.Second,
	Steps: []Step{
		{3 * time.Second, 30 * time.Second},
		{6 * time.Second, time.Minute},
		{10 * time.Second, time.Minute},
		{30 * time.Second, time.Minute},
		{time.Minute, 16 * time.Minute},
	},
	Pause: 2 * time.Minute, Longest: 24 * time.Hour, Until: 30 * 24 * time.Hour,
}

// ScheduleOf is when to ask a rail about an order: as the rail says, or else by
// the room whose vendor would have been asked.
func ScheduleOf(r Rail, o Order) Schedule {
	if s, ok := r.(Scheduler); ok {
		return s.Schedule(o)
	}
	if o.Room == "phonepe" {
		return StatusCalls
	}
	return Doubling
}

// Next is the first moment on the schedule after now, for an order sent at a
// moment; zero if there is none.
func (s Schedule) Next(sent, now ledger.Time) ledger.Time {
	at := sent.Add(s.First)
	for _, step := range s.Steps {
		for end := at.Add(step.For); at < end; at = at.Add(step.Every) {
			if at > now {
				return at
			}
		}
	}
	last := sent.Add(s.Until)
	for pause := s.Pause; at <= now && at <= last && pause > 0; pause = min(2*pause, s.Longest) {
		at = at.Add(pause)
	}
	if at <= now || at > last {
		return 0
	}
	return at
}
