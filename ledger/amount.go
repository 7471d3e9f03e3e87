// Package ledger is the ground: the values and the rules of money. It holds
// amounts, accounts, entries and what must be true of them, as functions of
// values. It reads no clock, no network and no database, and it knows nobody.
package ledger

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// An Amount is a count of paise. One rupee is 100. It is never a float, and a
// posting never holds a negative one: the side says which way money goes.
type Amount int64

// Add returns a + b. It panics if the sum does not fit: amounts are limited
// at every door to MaxAmount, so an overflow can only be our own mistake.
func (a Amount) Add(b Amount) Amount {
	c := a + b
	if (b > 0 && c < a) || (b < 0 && c > a) {
		panic(fmt.Sprintf("ledger: %d + %d paise overflows", a, b))
	}
	return c
}

// Sub returns a − b, and panics like Add.
func (a Amount) Sub(b Amount) Amount {
	if b == math.MinInt64 {
		panic("ledger: amount overflows")
	}
	return a.Add(-b)
}

// MaxAmount is the largest amount a single request may name: a thousand crore
// rupees. Nine million such amounts still fit in an Amount's 63 bits.
const MaxAmount Amount = 1_000_000_000_000

// String writes an amount for people, as rupees: "1234.50".
func (a Amount) String() string {
	sign := ""
	u := uint64(a)
	if a < 0 {
		sign, u = "-", -u
	}
	return fmt.Sprintf("%s%d.%02d", sign, u/100, u%100)
}

// Time is a moment: microseconds since 1970 UTC. Zero means "none".
type Time int64

// At turns a time.Time into a Time.
func At(t time.Time) Time { return Time(t.UnixMicro()) }

// Unix is the moment in whole seconds, as wires want it.
func (t Time) Unix() int64 { return int64(t) / 1e6 }

// Seconds makes a Time of Unix seconds.
func Seconds(s int64) Time { return Time(s * 1e6) }

// Add moves t by d.
func (t Time) Add(d time.Duration) Time { return t + Time(d.Microseconds()) }

// Std is t for package time, in UTC.
func (t Time) Std() time.Time { return time.UnixMicro(int64(t)).UTC() }

// ist is Indian Standard Time, where business days and months begin and end.
// India has no daylight saving.
var ist = time.FixedZone("IST", 5*3600+1800)

// Month is the calendar month in India of t, as YYYYMM. Monthly limits are
// counted by it.
func (t Time) Month() int64 {
	y, m, _ := t.Std().In(ist).Date()
	return int64(y)*100 + int64(m)
}

// ParseRupees reads rupees as String writes them: digits, and at most two more
// behind a point. There is no sign, no separator of thousands and no float in
// between. Ok is false for anything else, and for more than MaxAmount.
func ParseRupees(text string) (a Amount, ok bool) {
	whole, part, point := strings.Cut(text, ".")
	if whole == "" || len(whole) > 13 || len(part) > 2 || point && part == "" {
		return 0, false
	}
	for _, c := range whole + (part + "00")[:2] {
		if c < '0' || c > '9' {
			return 0, false
		}
		a = a*10 + Amount(c-'0')
	}
	return a, a <= MaxAmount
}
