package console

import (
	"fmt"
	"html/template"
	"strings"
)

// A chart is columns over time, each of some parts on top of another, drawn here.
// Whoever cannot see it is given the same in a table beside it.
type chart struct {
	Title   string
	Series  []series
	Columns []column
	Say     func(v int64) string // a value in words
	Axis    func(v int64) string // the same, short
}

// A series is one part of every column: what it is called, and its class in the
// style sheet.
type series struct{ Name, Class string }

// A column is one moment. Values are in the order of the series. Mark is what
// stands below it, for few of them.
type column struct {
	Name, Mark string
	Values     []int64
}

// Empty says whether there is nothing to draw.
func (c chart) Empty() bool {
	for _, b := range c.Columns {
		if b.total() != 0 {
			return false
		}
	}
	return true
}

func (b column) total() (n int64) {
	for _, v := range b.Values {
		n += v
	}
	return n
}

// Total is what a series comes to over all bars.
func (c chart) Total(i int) string {
	var n int64
	for _, b := range c.Columns {
		n += b.Values[i]
	}
	return c.Say(n)
}

// Rows are the bars in which something happened, the newest first.
func (c chart) Rows() []column {
	var rows []column
	for i := len(c.Columns) - 1; i >= 0; i-- {
		if c.Columns[i].total() != 0 {
			rows = append(rows, c.Columns[i])
		}
	}
	return rows
}

// The size of a chart, in the units of its drawing.
const (
	chartWide, chartHigh  = 520, 200
	chartLeft, chartBelow = 44, 22
	chartTop              = 8
)

// SVG draws the chart.
func (c chart) SVG() template.HTML {
	var top int64
	for _, b := range c.Columns {
		top = max(top, b.total())
	}
	step, lines := ticks(top)
	high := float64(chartHigh - chartTop - chartBelow)
	y := func(v int64) float64 { return float64(chartTop) + high - high*float64(v)/float64(step*lines) }
	var s strings.Builder
	fmt.Fprintf(&s, `<svg class="chart" viewBox="0 0 %d %d" role="img" aria-label="%s">`, chartWide, chartHigh, template.HTMLEscapeString(c.Title+". The same as a table is below."))
	for i := int64(0); i <= lines; i++ {
		at := y(i * step)
		fmt.Fprintf(&s, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`,
			chartLeft, chartWide, at, at, chartLeft-6, at+4, template.HTMLEscapeString(c.Axis(i*step)))
	}
	each := float64(chartWide-chartLeft) / float64(max(1, len(c.Columns)))
	gap := min(2, each/4)
	for i, b := range c.Columns {
		x := float64(chartLeft) + float64(i)*each
		if b.Mark != "" {
			fmt.Fprintf(&s, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, min(max(x+each/2, chartLeft+14), chartWide-18), chartHigh-6, template.HTMLEscapeString(b.Mark))
		}
		if b.total() == 0 {
			continue
		}
		fmt.Fprintf(&s, `<g><title>%s</title>`, template.HTMLEscapeString(c.told(b)))
		var below int64
		for j, v := range b.Values {
			if v > 0 {
				fmt.Fprintf(&s, `<rect class="%s" x="%.1f" y="%.2f" width="%.1f" height="%.2f"/>`, c.Series[j].Class, x+gap/2, y(below+v), each-gap, y(below)-y(below+v))
				below += v
			}
		}
		s.WriteString(`</g>`)
	}
	s.WriteString(`</svg>`)
	return template.HTML(s.String())
}

// told is what a column says to who points at it.
func (c chart) told(b column) string {
	parts := []string{b.Name + ":"}
	for i, v := range b.Values {
		if v != 0 {
			parts = append(parts, c.Series[i].Name+" "+c.Say(v)+",")
		}
	}
	return strings.TrimSuffix(strings.Join(parts, " "), ",")
}

// ticks are a round step and how many of it reach the top.
func ticks(top int64) (step, lines int64) {
	step = 1
	for {
		for _, m := range []int64{1, 2, 5} {
			if top <= 4*step*m {
				return step * m, max(1, (top+step*m-1)/(step*m))
			}
		}
		step *= 10
	}
}

// A portion is a part of a flat bar, as wide as its value is of the whole.
type portion struct {
	Name, Class string
	Value       int64
}

// portionsSVG draws parts of a whole side by side.
func portionsSVG(title string, all []portion) template.HTML {
	var whole int64
	for _, p := range all {
		whole += max(0, p.Value)
	}
	if whole == 0 {
		return ""
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg class="bar" viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label="%s">`, template.HTMLEscapeString(title))
	x := 0.0
	for _, p := range all {
		if p.Value > 0 {
			w := 1000 * float64(p.Value) / float64(whole)
			fmt.Fprintf(&s, `<rect class="%s" x="%.2f" y="0" width="%.2f" height="14"><title>%s</title></rect>`, p.Class, x, w, template.HTMLEscapeString(p.Name))
			x += w
		}
	}
	s.WriteString(`</svg>`)
	return template.HTML(s.String())
}
