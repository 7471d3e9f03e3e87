package ledger

import "time"

// A Day is a calendar day in India, as YYYYMMDD. Zero means "none".
type Day int64

// Day is the day in India of t.
func (t Time) Day() Day { return dayOf(t.Std().In(ist)) }

func dayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day(y*10000 + int(m)*100 + d)
}

func (d Day) date() time.Time {
	return time.Date(int(d/10000), time.Month(d/100%100), int(d%100), 0, 0, 0, 0, ist)
}

// Start is the first moment of the day.
func (d Day) Start() Time { return At(d.date()) }

// Real says whether there is such a day.
func (d Day) Real() bool { return d > 0 && dayOf(d.date()) == d }

// Add is the day n days later.
func (d Day) Add(n int64) Day { return dayOf(d.date().AddDate(0, 0, int(n))) }

// Since is how many days d is after e.
func (d Day) Since(e Day) int64 { return int64(d.date().Sub(e.date()) / (24 * time.Hour)) }

// String writes a day as 2026-03-07.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	return d.date().Format(time.DateOnly)
}

// ParseDay reads a day as String writes it.
func ParseDay(text string) (Day, bool) {
	t, err := time.ParseInLocation(time.DateOnly, text, ist)
	if err != nil {
		return 0, false
	}
	return dayOf(t), true
}
