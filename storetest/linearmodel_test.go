package storetest_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unique"

	"github.com/anishathalye/porcupine"
)

// A deed is one request of a history: what was asked of which thing, what was
// heard, and when. Things are wallets, members' store credit and payments; no
// deed touches two of them, except that a wallet's payments belong to it.
type deed struct {
	thing  int
	what   string // see state.do
	slot   int    // which of the thing's payments it is about
	amount int64
	under  string // its key, if it has one
	key    int    // 1, 2… of the keys that several deeds of the thing have

	client    int
	call, end time.Duration
	said      said
	sent      string // for people: the request
}

// What was said. A request that was not answered, or with our own fault, is
// in doubt: it may have been done, may be done later, or never.
type said struct {
	doubt bool
	why   string // it was refused: what for
	id    string // of what was made
	value int64  // the balance after it, or what was read; -1 if the answer has none
	used  int64  // of a wallet: used this month; -1 if the answer has none
}

// A state is what a thing is, as the whole of the model knows it: a few lines
// that say what a wallet and a refund budget are.
type state struct {
	holds, used  int64
	paid, backed [slots]int64                 // of its payments: what was captured, and given back
	kept         [maxKeys]unique.Handle[kept] // under its keys
}

// nothing stands for a key that was not used. A handle is a word, so states are
// small and quickly compared.
var nothing unique.Handle[kept]

const (
	slots   = 6
	maxKeys = 64
)

// kept is what was done under a key: by whom it was heard first, why it was
// refused, and the balance after it.
type kept struct {
	by    *deed
	why   string
	value int64
}

// do is what a thing becomes by a deed, and whether that can have been the
// answer. A deed in doubt can have been anything, so it always can.
func (s state) do(d *deed) (state, bool) {
	if d.key > 0 && s.kept[d.key] != nothing {
		return s.again(d)
	}
	after, why := s, ""
	value := int64(-1)
	switch d.what {
	case "paid": // a payment by other means, which is captured
		after.paid[d.slot] = d.amount
	case "give":
		after.holds += d.amount
		value = after.holds
	case "spend":
		if s.holds < d.amount {
			why = "short"
			break
		}
		after.holds -= d.amount
		value = after.holds
	case "pay": // an order, which can be paid once
		switch {
		case s.paid[d.slot] > 0:
			why = "paid"
		case s.holds < d.amount:
			why = "short"
		default:
			after.holds, after.used, after.paid[d.slot] = s.holds-d.amount, s.used+d.amount, d.amount
		}
	case "back", "home": // home is a wallet, into which it goes
		if s.backed[d.slot]+d.amount > s.paid[d.slot] {
			why = "exceeds"
			break
		}
		after.backed[d.slot] += d.amount
		if d.what == "home" {
			after.holds += d.amount
		}
	case "holds":
		value = s.holds
	case "backed":
		value = s.backed[d.slot]
	}
	if d.key > 0 {
		after.kept[d.key] = unique.Make(kept{d, why, value})
	}
	switch {
	case d.said.doubt:
		return after, true
	case d.said.why != why:
		return after, false
	case why == "" && d.said.value >= 0 && value != d.said.value:
		return after, false
	case why == "" && d.said.used >= 0 && s.used != d.said.used:
		return after, false
	}
	return after, true
}

// again is a deed whose key was used: it changes nothing and hears what was
// heard first. What nobody has heard yet is known from then on.
func (s state) again(d *deed) (state, bool) {
	first := s.kept[d.key].Value()
	switch {
	case d.said.doubt:
		return s, true
	case d.said.why != first.why, d.said.why == "" && d.said.value >= 0 && d.said.value != first.value:
		return s, false
	case first.by.said.doubt:
		first.by = d
		s.kept[d.key] = unique.Make(first)
		return s, true
	}
	return s, d.said == first.by.said
}

// linear says how histories are judged. Each thing is judged for itself.
var linear = porcupine.Model{
	Partition: func(all []porcupine.Operation) [][]porcupine.Operation {
		var parts [][]porcupine.Operation
		for _, op := range all {
			i := op.Input.(*deed).thing
			for len(parts) <= i {
				parts = append(parts, nil)
			}
			parts[i] = append(parts[i], op)
		}
		return parts
	},
	Init: func() any { return state{} },
	Step: func(s, in, _ any) (bool, any) {
		after, can := s.(state).do(in.(*deed))
		return can, after
	},
	DescribeOperation: func(in, _ any) string { return in.(*deed).String() },
	DescribeState: func(s any) string {
		x := s.(state)
		return fmt.Sprintf("holds %d, used %d, paid %v, given back %v", x.holds, x.used, x.paid, x.backed)
	},
}

func (d *deed) String() string {
	heard := fmt.Sprint(d.said.id, " ", d.said.value)
	switch {
	case d.said.doubt:
		heard = "in doubt"
	case d.said.why != "":
		heard = "refused: " + d.said.why
	}
	return fmt.Sprintf("%s %d of %d (%s) → %s", d.what, d.amount, d.slot, d.sent, heard)
}

// A key of a thing.
type key struct {
	thing int
	text  string
}

// settled is the history without what is in doubt under a key that was answered
// later, or before: the answer is as good as if it had taken since the first of
// them was sent, for what a key stands for is done once. Each doubt that is left
// doubles what has to be tried.
func settled(all []*deed) []*deed {
	first := map[key]*deed{} // of the answers
	var left []*deed
	for _, d := range all {
		if d.said.doubt {
			continue
		}
		d := new(*d)
		left = append(left, d)
		if k := (key{d.thing, d.under}); d.under != "" && (first[k] == nil || d.end < first[k].end) {
			first[k] = d
		}
	}
	for _, d := range all {
		if !d.said.doubt {
			continue
		}
		if heard := first[key{d.thing, d.under}]; d.under != "" && heard != nil {
			heard.call = min(heard.call, d.call)
			continue
		}
		left = append(left, new(*d))
	}
	return left
}

// judge says whether a history could have been that of one server which does one
// thing after another. What is in doubt stays open to its end.
func judge(all []*deed) (porcupine.CheckResult, porcupine.LinearizationInfo) {
	all = settled(all)
	var end time.Duration
	uses, keys, last := map[key]int{}, map[key]int{}, map[int]int{}
	for _, d := range all {
		end = max(end, d.call+1, d.end+1)
		uses[key{d.thing, d.under}]++
	}
	for _, d := range all {
		k := key{d.thing, d.under}
		if d.under == "" || uses[k] == 1 {
			continue
		}
		if keys[k] == 0 {
			last[d.thing]++
			keys[k] = last[d.thing]
		}
		d.key = keys[k]
	}
	ops := make([]porcupine.Operation, len(all))
	for i, d := range all {
		back := d.end
		if d.said.doubt {
			back = end
		}
		ops[i] = porcupine.Operation{ClientId: d.client, Input: d, Output: d.said, Call: int64(d.call), Return: int64(back)}
	}
	return porcupine.CheckOperationsVerbose(linear, ops, 2*time.Minute)
}

// mustBeLinear fails the test unless the history is, and leaves a picture of it
// behind.
func mustBeLinear(t *testing.T, seed uint64, all []*deed) {
	t.Helper()
	result, info := judge(all)
	if result == porcupine.Ok {
		return
	}
	f, err := os.CreateTemp("", "wapas-linear-*.html")
	if err == nil {
		err = porcupine.Visualize(linear, info, f)
		f.Close()
	}
	if err != nil {
		t.Error(err)
	}
	t.Fatalf("no order of these requests explains what was heard (%s): seed %d, picture in %s", result, seed, f.Name())
}

// The model itself, by hand: what it takes and what it does not.
func TestLinearModel(t *testing.T) {
	give := func(amount, value int64) *deed {
		return &deed{what: "give", amount: amount, said: said{value: value, used: -1}}
	}
	keyed := func(d *deed, id string) *deed { d.under, d.said.id = "k", id; return d }
	spend := func(amount int64, why string) *deed {
		return &deed{what: "spend", amount: amount, said: said{why: why, value: -1, used: -1}}
	}
	read := func(value int64) *deed { return &deed{what: "holds", said: said{value: value, used: -1}} }
	back := func(amount int64, why string) *deed {
		return &deed{what: "back", amount: amount, said: said{why: why, value: -1, used: -1}}
	}
	doubt := func(d *deed) *deed { d.said = said{doubt: true}; return d }
	for _, tt := range []struct {
		name string
		all  []*deed // one after another
		want porcupine.CheckResult
	}{
		{"given and read", []*deed{give(5, 5), read(5)}, porcupine.Ok},
		{"a stale read", []*deed{give(5, 5), read(0)}, porcupine.Illegal},
		{"a lost update", []*deed{give(5, 5), give(5, 5)}, porcupine.Illegal},
		{"spent twice", []*deed{give(5, 5), spend(5, ""), spend(5, "")}, porcupine.Illegal},
		{"refused although it is there", []*deed{give(5, 5), spend(5, "short")}, porcupine.Illegal},
		{"a key does it once", []*deed{keyed(give(5, 5), "a"), keyed(give(5, 5), "a"), read(5)}, porcupine.Ok},
		{"a key does it twice", []*deed{keyed(give(5, 5), "a"), keyed(give(5, 10), "b")}, porcupine.Illegal},
		{"a key answers with something else", []*deed{keyed(give(5, 5), "a"), keyed(give(5, 5), "b")}, porcupine.Illegal},
		{"in doubt and done", []*deed{doubt(give(5, 0)), read(0), read(5)}, porcupine.Ok},
		{"in doubt and not done", []*deed{doubt(give(5, 0)), read(0), read(0)}, porcupine.Ok},
		{"in doubt and undone", []*deed{doubt(give(5, 0)), read(5), read(0)}, porcupine.Illegal},
		{"in doubt, and heard when asked again", []*deed{doubt(keyed(give(5, 0), "")), keyed(give(5, 5), "a"), keyed(give(5, 5), "a"), read(5)}, porcupine.Ok},
		{"in doubt, and done again", []*deed{doubt(keyed(give(5, 0), "")), read(5), keyed(give(5, 10), "a")}, porcupine.Illegal},
		{"within a budget", []*deed{{what: "paid", amount: 9, said: said{value: -1, used: -1}}, back(5, ""), back(5, "exceeds"), back(4, "")}, porcupine.Ok},
		{"beyond a budget", []*deed{{what: "paid", amount: 9, said: said{value: -1, used: -1}}, back(5, ""), back(5, "")}, porcupine.Illegal},
	} {
		for i, d := range tt.all {
			d.call, d.end = time.Duration(10*i), time.Duration(10*i+5)
		}
		if got, _ := judge(tt.all); got != tt.want {
			t.Errorf("%s: %s, want %s\n%s", tt.name, got, tt.want, strings.Join(strings.Fields(fmt.Sprint(tt.all)), " "))
		}
	}
}
