package console

import (
	"cmp"
	"fmt"
	"slices"

	"wapas/desk"
	"wapas/ledger"
)

// A refundPage is a refund with all that it is of, and all that it caused.
type refundPage struct {
	desk.Timeline
	Trail  trail // the calls about it, and what people did
	Steps  []refundStep
	Budget budgetView
	Also   []refundRow   // the payment's other refunds
	Lines  []entryLines  // of Timeline.Entries
	Again  *desk.Refund  // that tries it again, if it failed
	May    refundActions // what can be done next
}

// A refundStep is something that happened to a refund.
type refundStep struct {
	At         ledger.Time
	Tone, Text string
	Small      string // in fewer words, what else there is to know
	To         string // the page of it, below the book's
}

// refundActions are what can be done next, or why it cannot.
type refundActions struct {
	Ask    bool   // the rail can be asked
	NoAsk  string // or why not
	Record bool   // a person may say how it ended
	Retry  bool
	Credit bool
}

// Any says whether there is anything to do.
func (a refundActions) Any() bool { return a.Ask || a.Record || a.Retry || a.Credit }

func showRefund(q *visit) error {
	t, err := q.desk().Timeline(q.Context(), q.book.ID, q.id("id"))
	if err != nil {
		return err
	}
	slices.SortFunc(t.Entries, func(x, y desk.EntryLines) int { return cmp.Compare(x.No, y.No) })
	p := refundPage{Timeline: t, Lines: entriesOf(t.Entries)}
	if err := q.callsAbout(t.Refund.ID, &p.Trail); err != nil {
		return err
	}
	if t.Payment != nil {
		var all []desk.Refund
		if p.Budget, all, err = q.budgetOf(*t.Payment); err != nil {
			return err
		}
		for _, r := range all {
			if r.Again == t.Refund.ID && (p.Again == nil || r.State != "failed") {
				p.Again = &r
			}
			if r.ID != t.Refund.ID && len(p.Also) < maxTrail {
				p.Also = append(p.Also, refundRow{Refund: r})
			}
		}
	}
	p.May = q.refundActions(p)
	p.Steps = p.steps()
	return q.show("refund", "Refund of "+rupees(t.Refund.Amount), p)
}

// refundActions are what a person can do about a refund as it stands. Who may
// do it the page asks for itself.
func (q *visit) refundActions(p refundPage) (a refundActions) {
	r, o := p.Refund, p.Rail
	if o != nil && (o.State == "sent" || o.State == "unknown") {
		err := q.desk().MayAsk(*o)
		a.Ask, a.Record = err == nil, true
	}
	if r.State == "failed" && r.To == desk.ToSource && (p.Again == nil || p.Again.State == "failed") {
		a.Retry = true
		a.Credit = !r.Unsettled && r.Order != ""
	}
	return a
}

// steps tell the refund's story, the oldest first.
func (p refundPage) steps() []refundStep {
	r := p.Refund
	asked := refundStep{At: r.CreatedAt, Tone: "good", Text: "Asked for through " + roomOf(r.Room)}
	for _, a := range p.Trail.Acts {
		if a.At == r.CreatedAt {
			asked.Small = "by " + a.Name
		}
	}
	if r.Again != "" {
		asked.Small, asked.To = "again, after "+string(r.Again)+" failed", "refunds/"+string(r.Again)
	}
	all := []refundStep{asked}
	for _, x := range p.Reversals {
		all = append(all, refundStep{x.CreatedAt, "good", "Pulled back " + rupees(x.Amount) + " of a transfer", "", "transfers/" + string(x.Transfer)})
	}
	if r.To == desk.ToSource {
		all = append(all, refundStep{r.CreatedAt, "good", "Accepted: " + rupees(r.Amount) + " set aside", "", ""})
	}
	if o := p.Rail; o != nil {
		all = append(all, railSteps(*o)...)
	}
	for _, w := range p.Words {
		all = append(all, refundStep{w.CreatedAt, "unsure", w.By + " said: " + plain(w.Outcome), plain(w.State), ""})
	}
	for _, e := range p.Exceptions {
		all = append(all, refundStep{e.CreatedAt, "unsure", "Put before a person: " + plain(e.What), "", "waiting/" + string(e.ID)})
		if e.ClosedAt != 0 {
			all = append(all, refundStep{At: e.ClosedAt, Tone: "good", Text: "Dealt with: " + plain(e.What)})
		}
	}
	for _, d := range p.Deliveries {
		if d.State == desk.DeliveryDelivered {
			all = append(all, refundStep{d.EndedAt, "good", "Told by webhook: " + d.Name, "", ""})
		}
	}
	for _, e := range p.Timeline.Entries {
		if e.Reason == ledger.RefundFailed {
			all = append(all, refundStep{e.At, "bad", "Failed", cmp.Or(r.Reason, "the money is with the merchant again"), ""})
		}
	}
	if r.State == "done" {
		done := refundStep{At: r.ProcessedAt, Tone: "good", Text: "Processed"}
		if r.Reference != "" {
			done.Small = fmt.Sprintf("%s %s", proofName(r.Proof), r.Reference)
		}
		all = append(all, done)
	}
	slices.SortStableFunc(all, func(x, y refundStep) int { return cmp.Compare(x.At, y.At) })
	if r.State == "pending" {
		all = append(all, refundStep{Tone: "busy", Text: "Not processed yet"})
	}
	return all
}

// railSteps are what a rail was asked and what it said.
func railSteps(o desk.RailOrder) (all []refundStep) {
	path := "waiting/orders/" + string(o.ID)
	if o.SentAt != 0 {
		all = append(all, refundStep{o.SentAt, "good", "Sent to " + railName(o.Rail), "", path})
	}
	if o.Asked > 1 {
		said := "still under way"
		switch o.State {
		case "unknown":
			said = "it does not know"
		case "done", "refused":
			said = "until it had ended"
		}
		tone := map[bool]string{true: "unsure", false: "busy"}[o.State == "unknown"]
		if o.EndedAt != 0 {
			tone = "good"
		}
		all = append(all, refundStep{o.HeardAt, tone, "Asked what became of it, " + times(o.Asked-1), said, path})
	} else if o.State == "unknown" {
		all = append(all, refundStep{o.HeardAt, "unsure", "No answer: nobody knows whether it moved", plain(o.Code), path})
	}
	if o.By != "" {
		all = append(all, refundStep{o.EndedAt, "good", "Recorded by " + o.By, "", path})
	}
	return all
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return count(n) + " times"
}

// railName is who moves the money.
func railName(rail string) string {
	switch rail {
	case desk.SimRail:
		return "the simulated bank"
	case desk.ManualRail:
		return "a person, to be paid by hand"
	}
	return rail
}

// proofName is what the number of a bank is called.
func proofName(proof string) string {
	switch proof {
	case "arn":
		return "ARN"
	case "rrn":
		return "RRN"
	case "utr":
		return "UTR"
	}
	return "Reference"
}

// askRefund asks the rail now what became of a refund.
func askRefund(q *visit) error {
	id := q.id("id")
	if _, err := desk.Find[desk.Refund](q.Context(), q.desk(), q.book.ID, id); err != nil {
		return err
	}
	o, err := q.desk().AskRail(q.Context(), q.book.ID, id)
	if err != nil {
		if q.refused(err) {
			return showRefund(q)
		}
		return err
	}
	said := map[string]string{
		"done": "the money went", "refused": "the money did not go", "sent": "it is still under way", "unknown": "it still does not know",
	}[o.State]
	return q.done("refunds/"+string(id), "The rail was asked: %s.", said)
}
