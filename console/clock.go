package console

import (
	"math"
	"strconv"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// A clockPage says what a change of the clock will do before it is done.
type clockPage struct {
	Do       string // as desk.ClockRequest
	By       int64  // seconds, of a move
	Till     string // the moment of a set, as a form writes it
	Now      desk.ClockFace
	Then     ledger.Time // what it will show
	Stands   bool        // and whether it stands still then
	Back     bool        // it goes back
	Due      []duty      // by then
	More     bool        // than are shown
	Overtook bool        // there is something due already that has not been seen to
}

// dueShown is how much of what becomes due is shown before a clock is moved.
const dueShown = 40

// formMoment is how a browser writes a moment of a form.
const formMoment = "2006-01-02T15:04"

// readClock reads what is to be done to the clock, and what it will show.
func (q *visit) readClock() (desk.ClockRequest, clockPage, error) {
	face, err := q.desk().Clock(q.Context(), q.book.ID)
	p := clockPage{Do: q.value("do"), Now: face, Then: face.Now, Stands: face.Frozen}
	ask := desk.ClockRequest{Do: p.Do}
	if err != nil {
		return ask, p, err
	}
	switch p.Do {
	case desk.ClockMove:
		each, ok := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[q.value("unit")]
		n, err := strconv.ParseInt(q.value("n"), 10, 64)
		if !ok || err != nil || n < 1 || n > math.MaxInt64/int64(each) {
			return ask, p, ledger.Refuse(ledger.Invalid, desk.WhyClock, "write how far ahead: a whole number").In("n")
		}
		ask.By = time.Duration(n) * each
		p.By, p.Then = int64(ask.By/time.Second), p.Then.Add(ask.By)
	case desk.ClockSet:
		at, err := time.ParseInLocation(formMoment, q.value("at"), india)
		if err != nil {
			return ask, p, ledger.Refuse(ledger.Invalid, desk.WhyClock, "write a day and a time").In("at")
		}
		ask.At = ledger.At(at)
		p.Then, p.Till = ask.At, q.value("at")
	case desk.ClockFreeze:
		p.Stands = true
	case desk.ClockRun:
		p.Stands = false
	case desk.ClockReal:
		p.Then, p.Stands = ledger.At(q.desk().Now()), false
	default:
		return ask, p, ledger.Refuse(ledger.Invalid, desk.WhyClock, "say what the clock is to do").In("do")
	}
	if p.Then < desk.FirstMoment || p.Then > desk.LastMoment {
		return ask, p, ledger.Refuse(ledger.Invalid, desk.WhyClock, "a clock shows a moment from %s to %s",
			desk.FirstMoment.Std().Format("2006"), desk.LastMoment.Std().Format("2006")).In("at")
	}
	p.Back = p.Then < face.Now-ledger.Time(time.Second/time.Microsecond)
	return ask, p, nil
}

// showClock says what becomes due by a change of the clock.
func showClock(q *visit) error {
	_, p, err := q.readClock()
	if err != nil {
		if q.refused(err) {
			return showSandbox(q)
		}
		return err
	}
	if p.Due, p.More, err = q.duties(p.Then, dueShown); err != nil {
		return err
	}
	return q.show("clock", "Change the clock", p)
}

// setClock changes the clock, and does what is due by then. The same form sent
// twice moves it once.
func setClock(q *visit) error {
	ask, _, err := q.readClock()
	if err == nil {
		var before bool
		if before, err = q.desk().Claim(q.Context(), q.book.ID, q.once(ask.Do, int64(ask.At), int64(ask.By))); before {
			return q.done("/sandbox", "That was done already.")
		}
	}
	var face desk.ClockFace
	if err == nil {
		face, err = q.desk().SetClock(q.Context(), q.book.ID, ask)
	}
	if err != nil {
		if q.refused(err) {
			return showSandbox(q)
		}
		return err
	}
	return q.done("/sandbox", "The clock shows %s.", face.Now.Std().In(india).Format("2 Jan 2006, 15:04:05"))
}

// aheadOf is how a clock differs from the real one, in words.
func aheadOf(c desk.ClockFace) string {
	d := c.Ahead.Round(time.Second)
	way := " ahead of the real time."
	if d < 0 {
		d, way = -d, " behind the real time."
	}
	days, hours, minutes := int64(d/(24*time.Hour)), int64(d%(24*time.Hour)/time.Hour), int64(d%time.Hour/time.Minute)
	switch {
	case d == 0:
		return "It is the real time."
	case days > 0 && hours > 0:
		return many(days, "day") + " and " + many(hours, "hour") + way
	case days > 0:
		return many(days, "day") + way
	case hours > 0 && minutes > 0:
		return many(hours, "hour") + " and " + many(minutes, "minute") + way
	case hours > 0:
		return many(hours, "hour") + way
	}
	return span(int64(d/time.Second)) + way
}
