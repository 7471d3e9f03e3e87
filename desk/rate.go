package desk

import (
	"context"
	"maps"
	"sync"
	"time"

	"wapas/ledger"
)

// The rules of too many requests.
const (
	WhyRate      ledger.Why = "rate"      // Limited: the credential comes too often (Desk.Rate)
	WhyStrangers ledger.Why = "strangers" // Limited: too many wrong credentials were shown from there
)

// How many wrong credentials may be shown from one network: so many at once,
// and then so many a second.
const (
	wrongBurst = 120
	wrongRate  = 2
)

// MaxRate is the highest Rate there is.
const MaxRate = 1_000_000

// burstOf is how many requests a credential may make at once: those of two
// seconds.
const burstOf = 2

// Proved ends the door of a room that checks signatures by itself: c is who the
// request says it is from, and right whether it was signed with the secret of c.
// Only who has proved to be somebody is counted as that somebody, so that
// nobody spends what is another's. It refuses, in this order: Denied
// (WhyWrongSecret), or Limited (WhyStrangers) to who shows many wrong ones;
// Limited (WhyRate).
func (d *Desk) Proved(ctx context.Context, c Caller, right bool) error {
	if !right {
		return d.wrong(ctx, WhyWrongSecret)
	}
	return d.pace(c.Room + "\x00" + c.Name)
}

// Recognise is Identify for who shows only the public half of a credential, as a
// page in a customer's browser does. Each network is counted by itself, so that
// a stranger who has read it there does not spend the merchant's own.
func (d *Desk) Recognise(ctx context.Context, room, name string) (Caller, error) {
	c, err := d.Identify(ctx, room, name)
	if err == nil {
		err = d.pace(room + "\x00" + name + "\x00" + networkOf(ctx))
	}
	return c, err
}

// pace counts a request, and refuses Limited what is above Rate.
func (d *Desk) pace(name string) error {
	if d.Rate > 0 && !d.paces.pass(name, d.Now(), d.Rate, burstOf*d.Rate) {
		return ledger.Refuse(ledger.Limited, WhyRate, "more than %d requests a second", d.Rate)
	}
	return nil
}

// wrong counts a wrong credential, and is how it is refused.
func (d *Desk) wrong(ctx context.Context, why ledger.Why) error {
	if from := networkOf(ctx); from != "" && !d.strangers.pass(from, d.Now(), wrongRate, wrongBurst) {
		return ledger.Refuse(ledger.Limited, WhyStrangers, "")
	}
	return ledger.Refuse(ledger.Denied, why, "")
}

// networkOf is where a request comes from; empty where no server says, as in a
// program that calls the desk itself.
func networkOf(ctx context.Context) string {
	if v, ok := ctx.Value(visitKey{}).(*Visit); ok {
		return network(v.From)
	}
	return ""
}

// Paces count what passes by name, in the memory of this process: as often as
// there are servers may come what one lets through. The zero paces works.
type paces struct {
	mu sync.Mutex
	// even is when a name will have made up for what it was let through ahead of
	// its rate.
	even map[string]time.Time
}

// maxPaces bounds what is remembered.
const maxPaces = 100_000

// pass lets a name through rate times a second, and burst times at once.
func (p *paces) pass(name string, now time.Time, rate, burst int) bool {
	each := time.Second / time.Duration(rate)
	ahead := each * time.Duration(burst)
	p.mu.Lock()
	defer p.mu.Unlock()
	even, ok := p.even[name]
	if !ok {
		p.sweep(now)
	}
	if even.Before(now) || even.Sub(now) > ahead { // the second is what a clock that was set back leaves
		even = now
	}
	if even = even.Add(each); even.Sub(now) > ahead {
		return false
	}
	p.even[name] = even
	return true
}

// full says whether a name would not be let through.
func (p *paces) full(name string, now time.Time, rate, burst int) bool {
	each := time.Second / time.Duration(rate)
	ahead := each * time.Duration(burst)
	p.mu.Lock()
	defer p.mu.Unlock()
	left := p.even[name].Sub(now)
	return left <= ahead && left+each > ahead
}

// sweep makes room for one more name: those that are even go first, and all of
// them if strangers have brought too many.
func (p *paces) sweep(now time.Time) {
	if p.even != nil && len(p.even) < maxPaces {
		return
	}
	maps.DeleteFunc(p.even, func(_ string, even time.Time) bool { return even.Before(now) })
	if p.even == nil || len(p.even) > maxPaces/2 {
		p.even = map[string]time.Time{}
	}
}
