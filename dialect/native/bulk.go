package native

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"

	"wapas/desk"
	"wapas/ledger"
)

// A bulk of things asked for in one call: all of them or none, in one change,
// or each for itself. Each for itself, every item has a key of its own, made of
// the call's, so that a call that broke off half way is made again and does
// what is left.

type manyRefunds struct {
	Atomic bool        `json:"atomic,omitempty" doc:"All or none, in one change; otherwise each for itself."`
	Items  []newRefund `json:"items" len:"1000" doc:"What is asked for: at most 1,000."`
}

type manyCredits struct {
	Atomic bool        `json:"atomic,omitempty" doc:"All or none, in one change; otherwise each for itself."`
	Items  []newCredit `json:"items" len:"1000" doc:"What is asked for: at most 1,000."`
}

// A refundReport says what became of many refunds, in their order.
type refundReport struct {
	Done    int            `json:"done"`
	Refused int            `json:"refused"`
	Items   []refundResult `json:"items" doc:"One for each item, in the same order."`
}

type refundResult struct {
	Refund  *refund  `json:"refund,omitempty" doc:"If it was made."`
	Problem *problem `json:"problem,omitempty" doc:"If it was refused."`
}

// A creditReport says what became of many credits, in their order.
type creditReport struct {
	Done    int            `json:"done"`
	Refused int            `json:"refused"`
	Items   []creditResult `json:"items" doc:"One for each item, in the same order."`
}

type creditResult struct {
	Credit  *credit  `json:"credit,omitempty" doc:"If it was given."`
	Problem *problem `json:"problem,omitempty" doc:"If it was refused."`
}

func bulkRoutes() []route {
	const text = "Answers 200 whether all, some or none were made: look at each item. With atomic, the first item that cannot be refuses the call, and nothing is made. The same Idempotency-Key hears the same report; a call that broke off goes on where it was."
	refunds := act("POST /bulk/refunds", "createRefunds", refundWrite, "Ask for up to 1,000 refunds", createRefunds, createRefunds).money().says(text)
	refunds.answer = desk.KindRefund
	refunds.again = func(q *request, _ any, rows []desk.Row) (any, error) {
		out := refundReport{Done: len(rows), Items: []refundResult{}}
		for _, r := range rows {
			x := wireRefund(r.(desk.Refund))
			out.Items = append(out.Items, refundResult{Refund: &x})
		}
		return out, nil
	}
	credits := act("POST /bulk/credits", "createCredits", creditWrite, "Give up to 1,000 credits", createCredits, createCredits).money().says(text)
	return under("Bulk", refunds, credits)
}

func createRefunds(q *request, in manyRefunds) (refundReport, error) {
	if len(in.Items) == 0 {
		return refundReport{}, faults{{"items", "must not be empty"}}
	}
	out := refundReport{Items: make([]refundResult, len(in.Items))}
	if in.Atomic {
		asks := make([]desk.RefundRequest, len(in.Items))
		for i, item := range in.Items {
			if item.To != "" {
				return out, faults{{"items." + strconv.Itoa(i) + ".to", "is not said in an atomic call: money goes back the way it came"}}
			}
			asks[i] = q.refund(item)
		}
		all, err := q.desk().Refunds(q.Context(), q.book(), asks)
		if err != nil {
			return out, inItem(err)
		}
		out.Done = len(all)
		for i, x := range all {
			w := wireRefund(x)
			out.Items[i].Refund = &w
		}
		return out, nil
	}
	if err := q.claim(); err != nil {
		return out, err
	}
	q.apart(len(in.Items), desk.KindRefund, func(i int) string { return string(in.Items[i].Payment) }, func(i int) any { return in.Items[i] },
		func(one *request, i int) (desk.Row, error) { return createRefund(one, in.Items[i]) },
		func(i int, row desk.Row, err error) {
			if err != nil {
				out.Items[i].Problem = q.problem(err)
				return
			}
			w := wireRefund(row.(desk.Refund))
			out.Items[i].Refund = &w
		})
	for _, r := range out.Items {
		if r.Refund != nil {
			out.Done++
		} else {
			out.Refused++
		}
	}
	return out, nil
}

func createCredits(q *request, in manyCredits) (creditReport, error) {
	if len(in.Items) == 0 {
		return creditReport{}, faults{{"items", "must not be empty"}}
	}
	out := creditReport{Items: make([]creditResult, len(in.Items))}
	if in.Atomic {
		asks := make([]desk.CreditRequest, len(in.Items))
		for i, item := range in.Items {
			asks[i] = item.ask()
		}
		all, err := q.desk().LoadCredits(q.Context(), q.book(), asks)
		if err != nil {
			return out, inItem(err)
		}
		out.Done = len(all)
		for i, x := range all {
			w := wireCredit(x)
			out.Items[i].Credit = &w
		}
		return out, nil
	}
	if err := q.claim(); err != nil {
		return out, err
	}
	q.apart(len(in.Items), desk.KindCredit, func(i int) string { return in.Items[i].Partner }, func(i int) any { return in.Items[i] },
		func(one *request, i int) (desk.Row, error) {
			return one.desk().LoadCredit(one.Context(), one.book(), in.Items[i].ask())
		},
		func(i int, row desk.Row, err error) {
			if err != nil {
				out.Items[i].Problem = q.problem(err)
				return
			}
			w := wireCredit(row.(desk.Credit))
			out.Items[i].Credit = &w
		})
	for _, r := range out.Items {
		if r.Credit != nil {
			out.Done++
		} else {
			out.Refused++
		}
	}
	return out, nil
}

// claim keeps the call's own key, which its items' keys are made of.
func (q *request) claim() error {
	before, err := q.desk().Claim(q.Context(), q.book(), q.once)
	if before {
		q.w.Header().Set("Idempotent-Replayed", "true")
	}
	return err
}

// bulkLanes is how many items of a call are asked for at the same time: what
// waits together is written together.
const bulkLanes = 64

// apart asks for n things, each for itself and under a key of its own: those of
// the same group in their order, the groups at the same time.
func (q *request) apart(n int, kind desk.Kind, group func(i int) string, what func(i int) any, do func(one *request, i int) (desk.Row, error), told func(i int, row desk.Row, err error)) {
	outer := desk.Alone(q.Context())
	at := map[string]int{}
	var groups [][]int
	for i := range n {
		g, there := at[group(i)]
		if !there {
			g = len(groups)
			at[group(i)] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	var wg sync.WaitGroup
	free := make(chan struct{}, bulkLanes)
	for _, items := range groups {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			for _, i := range items {
				row, err := q.item(outer, i, kind, what, do)
				told(i, row, err)
			}
		})
	}
	wg.Wait()
}

// item asks for one of many. A panic is a fault of ours with this one, not with
// those beside it, and ends no process.
func (q *request) item(ctx context.Context, i int, kind desk.Kind, what func(i int) any, do func(one *request, i int) (desk.Row, error)) (row desk.Row, err error) {
	defer func() {
		if p := recover(); p != nil {
			row, err = nil, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	key := desk.Once{Scope: "native.item", Key: q.once.Key + "/" + strconv.Itoa(i), Digest: desk.Digest(q.route.id, what(i))}
	ctx, end, err := q.desk().Under(ctx, q.book(), key, kind)
	if err != nil {
		return nil, err
	}
	defer end()
	one := *q
	one.Request = q.WithContext(ctx)
	row, err = do(&one, i)
	if replay, again := desk.IsReplay(err); again {
		if replay.Refusal != nil {
			return nil, replay.Refusal
		}
		return replay.Rows[len(replay.Rows)-1], nil
	}
	return row, err
}

// problem tells of the refusal of one item.
func (q *request) problem(err error) *problem {
	p := problemOf(err)
	p.RequestID = q.w.Header().Get("X-Request-Id")
	if p.Code == string(ledger.Internal) {
		q.desk().Log.Error("an item failed", "request", p.RequestID, "book", q.book(), "err", err)
	}
	return &p
}

// inItem names the item at fault in a refusal of all.
func inItem(err error) error {
	var at *desk.ItemError
	var e *ledger.Error
	if !errors.As(err, &at) || !errors.As(err, &e) || e.Code == ledger.Internal {
		return err
	}
	told := *e
	told.Field = "items." + strconv.Itoa(at.Item)
	if e.Field != "" {
		told.Field += "." + e.Field
	}
	return &told
}
