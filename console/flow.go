package console

import (
	"fmt"
	"html/template"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// A flow is money on its way from left to right, drawn as bands whose width is
// their amount. The same stands in a table below it.
type flow struct {
	Title string
	Nodes []flowNode
	Bands []flowBand
}

// A flowNode is where money stands, in a column.
type flowNode struct {
	Name, Class string
	Column      int
	Amount      ledger.Amount
	To          desk.ID // what it is, if that has a page

	top, out, in float64
}

// A flowBand is money between two nodes, by their numbers.
type flowBand struct {
	From, To int
	Amount   ledger.Amount
}

// node adds a node, unless nothing stands there; it is its number, or -1.
func (f *flow) node(column int, name, class string, a ledger.Amount, to desk.ID) int {
	if a <= 0 {
		return -1
	}
	f.Nodes = append(f.Nodes, flowNode{Name: name, Class: class, Column: column, Amount: a, To: to})
	return len(f.Nodes) - 1
}

func (f *flow) band(from, to int, a ledger.Amount) {
	if from >= 0 && to >= 0 && a > 0 {
		f.Bands = append(f.Bands, flowBand{from, to, a})
	}
}

// maxBranches is how many transfers a picture shows apart.
const maxBranches = 6

// flowOf is where the money of a payment went: its fee, its transfers and what
// came back of them, its refunds and what is left. Names are what the
// recipients of transfers are called.
func flowOf(p desk.Payment, transfers []desk.Transfer, refunds []desk.Refund, names map[desk.ID]string) flow {
	f := flow{Title: "Where " + rupees(p.Amount) + " went"}
	in := f.node(0, "Captured", "s1", p.Amount, p.ID)
	fee, kept := p.Fee, p.Amount
	type branch struct {
		name       string
		id         desk.ID
		made, back ledger.Amount
	}
	var branches []branch
	for _, t := range transfers {
		if t.State != "processed" && t.State != "reversed" && t.State != "partially_reversed" {
			continue
		}
		fee += t.Fee
		kept -= t.Amount
		if len(branches) == maxBranches {
			branches[maxBranches-1].name, branches[maxBranches-1].id = "Other transfers", ""
			branches[maxBranches-1].made += t.Amount
			branches[maxBranches-1].back += t.Reversed
			continue
		}
		branches = append(branches, branch{"To " + clipped(names[t.Recipient], 26), t.ID, t.Amount, t.Reversed})
	}
	kept -= fee
	// What the merchant has of it: what was kept and what came back of transfers.
	// If more than that was given back, the rest is the merchant's other money.
	var back, given, left ledger.Amount
	for _, b := range branches {
		back += b.back
	}
	ways := map[string]ledger.Amount{}
	var order []string
	for _, r := range refunds {
		if r.State == "failed" {
			continue
		}
		way := map[string]string{desk.ToSource: "Back the way it came", desk.ToWallet: "Back to the wallet", desk.ToCredit: "Store credit", "agent": "Agent’s value"}[r.To]
		if r.State == "pending" {
			way = "On its way back"
		}
		if ways[way] == 0 {
			order = append(order, way)
		}
		ways[way] += r.Amount
		given += r.Amount
	}
	given += p.Disputed
	has := max(0, kept) + back
	left = has - given
	own := max(0, -left)

	purse := f.node(2, "With the merchant", "s1", has+own, "")
	stays := f.node(1, "Kept by the merchant", "s1", kept, "")
	f.band(in, stays, kept)
	f.band(stays, purse, kept)
	for _, b := range branches {
		n := f.node(1, b.name, "s3", b.made, b.id)
		f.band(in, n, b.made)
		f.band(n, f.node(2, "Stays there", "s3", b.made-b.back, ""), b.made-b.back)
		f.band(n, purse, b.back)
	}
	f.band(in, f.node(1, "Fees and tax", "s4", fee, ""), fee)
	f.band(f.node(1, "Merchant’s other money", "rest", own, ""), purse, own)
	for _, way := range order {
		class := map[bool]string{true: "s5", false: "s2"}[way == "On its way back"]
		f.band(purse, f.node(3, way, class, ways[way], ""), ways[way])
	}
	f.band(purse, f.node(3, "Disputed", "s2", p.Disputed, ""), p.Disputed)
	f.band(purse, f.node(3, "Left with the merchant", "s1", max(0, left), ""), max(0, left))
	return f
}

// The size of a picture, in the units of its drawing.
const (
	flowWide, flowHigh, flowNodeWide = 960, 300, 12
	flowGap                          = 34 // between the nodes of a column: room for their words
	flowLabel                        = 172
)

// Columns is how many columns are used.
func (f flow) columns() (n int) {
	for _, x := range f.Nodes {
		n = max(n, x.Column+1)
	}
	return n
}

// lay gives each node its place and says how high an amount of one is, and how
// high the picture is.
func (f flow) lay() (scale, high float64) {
	sums, counts := map[int]ledger.Amount{}, map[int]int{}
	for _, n := range f.Nodes {
		sums[n.Column] += n.Amount
		counts[n.Column]++
	}
	var most ledger.Amount
	many := 1
	for c, s := range sums {
		most, many = max(most, s), max(many, counts[c])
	}
	scale = float64(flowHigh-2*flowGap) / float64(max(1, most))
	top := map[int]float64{}
	for i := range f.Nodes {
		n := &f.Nodes[i]
		n.top = top[n.Column] + flowGap/2
		top[n.Column] = n.top + f.tall(*n, scale) + flowGap/2
		high = max(high, top[n.Column])
	}
	return scale, high
}

func (f flow) tall(n flowNode, scale float64) float64 { return max(2, float64(n.Amount)*scale) }

// SVG draws the flow.
func (f flow) SVG() template.HTML {
	f.Nodes = append([]flowNode(nil), f.Nodes...)
	scale, high := f.lay()
	each := float64(flowWide-flowLabel-flowNodeWide) / float64(max(1, f.columns()-1))
	x := func(n flowNode) float64 { return float64(n.Column) * each }
	var s strings.Builder
	fmt.Fprintf(&s, `<svg class="flow" viewBox="0 0 %d %.0f" role="img" aria-label="%s">`, flowWide, high+4, template.HTMLEscapeString(f.Title+". The same as a table is below."))
	for _, b := range f.Bands {
		from, to := &f.Nodes[b.From], &f.Nodes[b.To]
		wide := float64(b.Amount) * scale
		y0, y1 := from.top+from.out, to.top+to.in
		from.out, to.in = from.out+wide, to.in+wide
		x0, x1 := x(*from)+flowNodeWide, x(*to)
		mid := (x0 + x1) / 2
		fmt.Fprintf(&s, `<path class="%s" d="M%.1f %.2fC%.1f %.2f %.1f %.2f %.1f %.2fV%.2fC%.1f %.2f %.1f %.2f %.1f %.2fZ"><title>%s</title></path>`,
			to.Class, x0, y0, mid, y0, mid, y1, x1, y1, y1+max(1, wide), mid, y1+max(1, wide), mid, y0+max(1, wide), x0, y0+max(1, wide),
			template.HTMLEscapeString(from.Name+" → "+to.Name+": "+rupees(b.Amount)))
	}
	for _, n := range f.Nodes {
		fmt.Fprintf(&s, `<rect class="%s" x="%.1f" y="%.2f" width="%d" height="%.2f" rx="2"/>`, n.Class, x(n), n.top, flowNodeWide, f.tall(n, scale))
		y := n.top + f.tall(n, scale)/2
		fmt.Fprintf(&s, `<text x="%.1f" y="%.1f"><tspan class="what">%s</tspan><tspan x="%.1f" dy="15">%s</tspan></text>`,
			x(n)+flowNodeWide+7, y-2, template.HTMLEscapeString(n.Name), x(n)+flowNodeWide+7, rupees(n.Amount))
	}
	s.WriteString(`</svg>`)
	return template.HTML(s.String())
}

// A flowLine is a band in words.
type flowLine struct {
	From, To string
	Of       desk.ID
	Amount   ledger.Amount
}

// Rows are the bands in words, for the table.
func (f flow) Rows() (all []flowLine) {
	for _, b := range f.Bands {
		all = append(all, flowLine{f.Nodes[b.From].Name, f.Nodes[b.To].Name, f.Nodes[b.To].To, b.Amount})
	}
	return all
}

// clipped is the beginning of a text that may be too long for its place.
func clipped(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return text
}
