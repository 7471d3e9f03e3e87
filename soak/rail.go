package soak

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"wapas/ledger"
	"wapas/rail"
)

// A faulty rail moves money as its fates say. It remembers what it was asked,
// as a bank does, while the servers come and go.
type faultyRail struct {
	world  *world
	orders map[string]*railOrder
}

// A fate is how an order goes: what is answered first, and what after so long.
type fate struct {
	name  string
	first rail.Outcome // Unknown is an error
	after time.Duration
	then  rail.Outcome
}

var fates = []fate{
	{"done", rail.Done, 0, ""},
	{"done", rail.Done, 0, ""},
	{"refused", rail.Refused, 0, ""},
	{"pending, then done", rail.Pending, 20 * time.Minute, rail.Done},
	{"pending, then refused", rail.Pending, 3 * time.Hour, rail.Refused},
	{"answer lost, then done", rail.Unknown, 0, rail.Done},
	{"unknown, then done", rail.Unknown, 2 * time.Hour, rail.Done},
	{"unknown, then refused", rail.Unknown, 2 * time.Hour, rail.Refused},
	{"done, and said again", rail.Done, time.Hour, rail.Done},
	{"refused, and said again", rail.Refused, time.Hour, rail.Refused},
	{"refused, then done", rail.Refused, 24 * time.Hour, rail.Done},
	{"done, then refused", rail.Done, 24 * time.Hour, rail.Refused},
	{"done, then refused", rail.Done, 24 * time.Hour, rail.Refused},
	{"done, then refused", rail.Done, 24 * time.Hour, rail.Refused},
}

// steady is how many of the fates end as they first say; remittances and
// payouts have no others.
const steady = 10

// A railOrder is what the rail knows of an order.
type railOrder struct {
	rail.Order
	fate
	asked int
}

// A railAnswer is on its way to the books.
type railAnswer struct {
	ref   string
	heard int // how many answers the model had of it when it was asked
	rail.Answer
}

// fateOf is drawn when the order is first heard of, by its reference.
func (r *faultyRail) fateOf(o rail.Order) fate {
	h := fnv.New64a()
	h.Write([]byte(o.Reference))
	some := fates
	if o.What != "refund" {
		some = fates[:steady]
	}
	return some[rand.New(rand.NewPCG(r.world.seed, h.Sum64())).IntN(len(some))]
}

func (r *faultyRail) Send(ctx context.Context, o rail.Order, now ledger.Time) (rail.Answer, error) {
	t := taskOf(ctx)
	if r.orders[o.Reference] != nil {
		r.world.fail("the rail was sent %s a second time", o.Reference)
	}
	r.orders[o.Reference] = &railOrder{Order: o, fate: r.fateOf(o)}
	r.world.count("rail: "+r.orders[o.Reference].name, 1)
	return r.answer(t, o.Reference, now)
}

func (r *faultyRail) Ask(ctx context.Context, o rail.Order, now ledger.Time) (rail.Answer, error) {
	t := taskOf(ctx)
	if r.orders[o.Reference] == nil {
		// Its server died before it sent it, and then it never will and a person must
		// end it; or it is about to, and its clock is behind the asking one's.
		r.world.count("rail: asked of an order it never had", 1)
		return r.tell(t, o.Reference, rail.Answer{Outcome: rail.Unknown})
	}
	return r.answer(t, o.Reference, now)
}

// answer says what became of an order.
func (r *faultyRail) answer(t *task, ref string, now ledger.Time) (rail.Answer, error) {
	o := r.orders[ref]
	a := rail.Answer{Outcome: o.first, Reference: "UTR" + ref[len(ref)-10:]}
	due := o.SentAt.Add(o.after)
	switch {
	case o.then != "" && now >= due && (o.asked > 0 || o.after > 0):
		a.Outcome = o.then
	case o.then != "" && o.first != rail.Unknown:
		a.AskAt = due
	}
	o.asked++
	if a.Outcome != rail.Done {
		a.Reference = ""
	}
	if a.Outcome == rail.Refused {
		a.Code, a.Reason = rail.CodeClosed, rail.Words[rail.CodeClosed]
	}
	return r.tell(t, ref, a)
}

// tell stops the task while the answer is on its way, and loses it if nobody is
// to know.
func (r *faultyRail) tell(t *task, ref string, a rail.Answer) (rail.Answer, error) {
	w := r.world
	w.say("    rail: %s: %s", ref, a.Outcome)
	word := &railAnswer{ref: ref, heard: w.model.heard(ref), Answer: a}
	t.park("rail")
	t.word = word
	if t.at.dead {
		return rail.Answer{}, errCut
	}
	if a.Outcome == rail.Unknown {
		return rail.Answer{Outcome: rail.Unknown}, fmt.Errorf("%w: %s", rail.ErrTimeout, ref)
	}
	return a, nil
}
