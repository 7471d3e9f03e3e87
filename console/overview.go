package console

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

func overviewPages() []page {
	return []page{
		{at: "GET /{$}", right: desk.RightSee, show: showOverview},
		{at: "POST /checkup", right: desk.RightAdjust, show: askCheckup},
	}
}

// An overview is how the book stands, on one page: what waits, what happens,
// what is owed, and whether the books are well.
type overview struct {
	Standing desk.Standing
	Waits    []waiting
	Today    desk.Hour // of refunds
	LastHour desk.Hour
	Speed    *speed
	ByDay    bool
	InMoney  bool
	Asked    chart // refunds, by the API they were asked for through
	Ended    chart // and how they ended
	Owed     []owing
	Shares   []share
	Cover    ledger.Coverage
	Well     health
}

// A waiting is one sort of thing that waits for somebody.
type waiting struct {
	Name string
	desk.Waits
	To    string // below the book's address; empty if this person has no page of it
	Quiet string // what is said when none waits
}

// A speed is how fast the last calls that are kept were answered.
type speed struct {
	Calls          int
	Median, Slow   string
	Refused, Wrong int
}

// An owing is money that belongs to somebody.
type owing struct {
	Name  string
	Codes []string // of the chart
	Class string
	ledger.Amount
	Accounts int64
}

// owings are to whom money is owed, in the order in which they are told. Two
// whose whole lies elsewhere are not among them: see Cover.
var owings = []owing{
	{Name: "Customers' wallets", Codes: []string{ledger.WalletCash, ledger.WalletPromo, ledger.WalletHeld}, Class: "s1"},
	{Name: "Store credit", Codes: []string{ledger.StoreCredit}, Class: "s6"},
	{Name: "Merchant", Codes: []string{ledger.Available, ledger.Pending, ledger.RefundCredits, ledger.Reserve, ledger.DisputeHold}, Class: "s3"},
	{Name: "Linked accounts", Codes: []string{ledger.LinkedFree, ledger.LinkedHeld}, Class: "s4"},
	{Name: "Agents", Codes: []string{ledger.AgentValue, ledger.DMTRefund}, Class: "s5"},
	{Name: "Refunds on their way", Codes: []string{ledger.RefundClearing}, Class: "s2"},
	{Name: "Payouts and settlements on their way", Codes: []string{ledger.PayoutClearing, ledger.SettleClearing, ledger.DMTInFlight}, Class: "s7"},
	{Name: "Received, and not known whose", Codes: []string{ledger.SuspenseCredit}, Class: "other"},
	{Name: "Compensation for late reversals", Codes: []string{ledger.Compensation}, Class: "other"},
}

// showOverview is the first page. Where one part of it is read again, only that
// is looked up.
func showOverview(q *visit) error {
	o := overview{ByDay: q.value("by") == "day", InMoney: q.value("in") == "money"}
	part := q.Header.Get("X-Live")
	for _, read := range []struct {
		part string
		do   func(o *overview) error
	}{{"now", q.standing}, {"now", q.speed}, {"now", q.today}, {"charts", q.charts}, {"health", q.health}} {
		if part == "" || part == read.part {
			if err := read.do(&o); err != nil {
				return err
			}
		}
	}
	return q.show("overview", "Overview", o)
}

// standing is what is owed and what waits for somebody, with the way to it.
func (q *visit) standing(o *overview) error {
	s, err := q.desk().Standing(q.Context(), q.book.ID)
	if err != nil {
		return err
	}
	o.Standing = s
	o.Owed, o.Shares, o.Cover = owed(s.Owed)
	o.Waits = []waiting{
		{Name: "Refunds pending", Waits: s.Pending, To: "refunds?state=pending", Quiet: "every refund has ended"},
		{Name: "Outcome unknown", Waits: s.Unknown, To: "waiting?kind=unknown", Quiet: "the rails know of every order"},
		{Name: "To be paid by hand", Waits: s.ByHand, To: "waiting?kind=manual", Quiet: "no order waits for a person"},
		{Name: "Exceptions", Waits: s.Exceptions, To: "waiting?kind=exceptions", Quiet: "nothing out of the ordinary"},
		{Name: "Approvals", Waits: s.Approvals, To: "waiting?kind=approvals", Quiet: "nobody waits for a second person"},
	}
	for i, w := range o.Waits {
		o.Waits[i].To = ""
		if dir, _, _ := strings.Cut(w.To, "?"); q.room.shows("GET /" + dir) {
			o.Waits[i].To = q.path(w.To)
		}
	}
	return nil
}

// owed gathers the codes of the chart by whom they are owed to, and says what
// stands behind it.
func owed(all []desk.Owed) (out []owing, shares []share, cover ledger.Coverage) {
	as := ledger.Accounts{}
	at := map[string]desk.Owed{}
	for _, o := range all {
		at[o.Code] = o
		as[ledger.AccountID(o.Code)] = ledger.Balance{Amount: o.Amount, N: 1}
	}
	for _, o := range owings {
		for _, code := range o.Codes {
			o.Amount += at[code].Amount
			o.Accounts += at[code].Accounts
		}
		if o.Accounts == 0 {
			continue
		}
		out = append(out, o)
		shares = append(shares, share{Name: o.Name, Style: o.Class, Amount: o.Amount})
	}
	return out, bar(shares...), ledger.Escrow(as)
}

// speed looks at the last calls of APIs that were kept.
func (q *visit) speed(o *overview) error {
	rows, err := q.desk().Requests(q.Context(), desk.RequestQuery{Book: q.book.ID, Count: 50})
	if err != nil || len(rows) == 0 {
		return err
	}
	s := &speed{Calls: len(rows)}
	o.Speed = s
	var took []time.Duration
	for _, r := range rows {
		took = append(took, r.Took)
		switch {
		case r.Status >= 500:
			s.Wrong++
		case r.Status >= 400:
			s.Refused++
		}
	}
	slices.Sort(took)
	s.Median, s.Slow = millis(took[len(took)/2]), millis(took[len(took)-1])
	return nil
}

// millis is a short time.
func millis(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 1, 64) + " ms"
}

// How far charts look back.
const (
	chartHours = 48
	chartDays  = 90
)

// today counts the refunds of today and of this hour.
func (q *visit) today(o *overview) error {
	now := q.now()
	hours, err := q.desk().Hours(q.Context(), q.book.ID, now.Day().Start(), now)
	for _, h := range hours {
		if h.What != desk.CountRefunds {
			continue
		}
		if o.Today = o.Today.Plus(h); h.Hour == desk.HourOf(now) {
			o.LastHour = o.LastHour.Plus(h)
		}
	}
	return err
}

// charts draws refunds by the hour or by the day.
func (q *visit) charts(o *overview) error {
	now := q.now()
	first, step, n, read := desk.HourOf(now)-chartHours+1, int64(1), chartHours, q.desk().Hours
	if o.ByDay {
		first, step, n, read = desk.HourOf(now.Day().Add(1-chartDays).Start()), 24, chartDays, q.desk().Days
	}
	hours, err := read(q.Context(), q.book.ID, desk.HourStart(first), now)
	if err != nil {
		return err
	}
	columns := make([]column, n)
	for i := range columns {
		columns[i] = columnOf(first+int64(i)*step, o.ByDay)
	}
	value := func(s desk.Sum) int64 {
		if o.InMoney {
			return int64(s.Amount)
		}
		return s.N
	}
	say := func(v int64) string { return count(v) }
	axis := shortCount
	if o.InMoney {
		say = func(v int64) string { return rupees(ledger.Amount(v)) }
		axis = func(v int64) string { return "₹" + shortCount(v/100) }
	}
	o.Asked = chart{Title: "Refunds asked for, by API", Series: roomSeries(hours), Say: say, Axis: axis}
	o.Ended = chart{Title: "How refunds ended", Series: []series{{"Done", "good"}, {"Failed", "bad"}}, Say: say, Axis: axis}
	for _, b := range columns {
		b.Values = make([]int64, len(o.Asked.Series))
		o.Asked.Columns = append(o.Asked.Columns, b)
		b.Values = make([]int64, 2)
		o.Ended.Columns = append(o.Ended.Columns, b)
	}
	for _, h := range hours {
		i := (h.Hour - first) / step
		if h.What != desk.CountRefunds || i < 0 || i >= int64(n) {
			continue
		}
		o.Asked.Columns[i].Values[seriesOf(o.Asked.Series, h.Room)] += value(h.Made)
		o.Ended.Columns[i].Values[0] += value(h.Done)
		o.Ended.Columns[i].Values[1] += value(h.Failed)
	}
	return nil
}

// columnOf is the column of an hour or of a day, without its values.
func columnOf(hour int64, day bool) column {
	t := desk.HourStart(hour).Std().In(india)
	if day {
		b := column{Name: t.Format("Mon 2 Jan 2006")}
		if t.Day() == 1 || t.Day() == 15 {
			b.Mark = t.Format("2 Jan")
		}
		return b
	}
	b := column{Name: t.Format("Mon 2 Jan, 15:04") + "–" + t.Add(time.Hour).Format("15:04")}
	switch t.Hour() {
	case 0:
		b.Mark = t.Format("2 Jan")
	case 6, 12, 18:
		b.Mark = t.Format("15:04")
	}
	return b
}

// roomSeries are the APIs that refunds came through, in one order and with one
// colour each, however few of them are there.
func roomSeries(hours []desk.Hour) []series {
	classes := map[string]string{"Razorpay": "s1", "PhonePe": "s2", "Engage": "s3", "Eko": "s4"}
	var all []series
	for _, h := range hours {
		name := roomOf(h.Room)
		if h.What != desk.CountRefunds || slices.ContainsFunc(all, func(s series) bool { return s.Name == name }) {
			continue
		}
		all = append(all, series{name, cmp.Or(classes[name], "s5")})
	}
	slices.SortFunc(all, func(x, y series) int { return cmp.Or(cmp.Compare(x.Class, y.Class), cmp.Compare(x.Name, y.Name)) })
	return all
}

func seriesOf(all []series, room string) int {
	return slices.IndexFunc(all, func(s series) bool { return s.Name == roomOf(room) })
}

// shortCount is a number for an axis: 1,500 is 1.5k, and so on with lakh and
// crore.
func shortCount(n int64) string {
	for _, u := range []struct {
		of   int64
		mark string
	}{{10_000_000, " Cr"}, {100_000, " L"}, {1000, "k"}} {
		if n >= u.of {
			return strconv.FormatFloat(float64(n)/float64(u.of), 'f', -1, 64) + u.mark
		}
	}
	return strconv.FormatInt(n, 10)
}

// A health is whether the books are known to add up.
type health struct {
	Seal    desk.Seal
	Last    *desk.Checkup // the last full verification
	Past    []desk.Checkup
	Running *desk.Checkup
	Refused int64 // changes that would have broken a rule, since this server was started
	Rules   []rule
}

// A rule is one of what is held at every change.
type rule struct{ Name, Text string }

// rules are what a change that would break one is refused for, and what a full
// verification holds besides.
var rules = []rule{
	{"I-1", "Every entry balances: debits and credits are the same."},
	{"I-2", "A balance is what its postings add up to, without a gap."},
	{"I-3", "No wallet, seller or agent falls below zero."},
	{"I-4", "No more of a payment is given back than was captured, over every API together."},
	{"I-6", "No more of a transfer is reversed than was transferred."},
	{"I-9", "A fee holds its tax."},
	{"I-10", "A request under one key is done once, and its answer is kept."},
}

func (q *visit) health(o *overview) (err error) {
	h := &o.Well
	if h.Seal, err = q.desk().Store.LastSeal(q.Context(), q.book.ID); err != nil {
		return err
	}
	if h.Past, err = q.desk().Checkups(q.Context(), q.book.ID, 5); err != nil {
		return err
	}
	if len(h.Past) > 0 {
		h.Last = &h.Past[0]
	}
	if seen, runs := q.desk().CheckupUnderWay(q.book.ID); runs {
		h.Running = &seen
	}
	h.Refused, h.Rules = q.desk().Violations.Load(), rules
	return nil
}

// askCheckup has the book verified in the background.
func askCheckup(q *visit) error {
	err := q.desk().AskCheckup(q.Context(), q.book.ID, q.person.Name)
	if err != nil && q.refused(err) {
		return showOverview(q)
	}
	if err != nil {
		return err
	}
	return q.done("", "The books are being verified. What is found appears here.")
}
