package main

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// A plot is some panels beside each other, drawn to the same scales, both of
// them logarithmic: what is twice as much is as far away everywhere.
type plot struct {
	title  string // for those who cannot see it
	x, y   string // what the axes count
	panels []panel
}

type panel struct {
	title  string
	series []series
}

type series struct {
	name   string
	points []point
}

type point struct{ x, y float64 }

// The sizes of a panel in pixels: where it is drawn, and the margins around it.
const (
	plotWidth, plotHeight   = 250, 230
	leftOf, rightOf         = 52, 110
	above, below            = 30, 42
	panelWidth, panelHeight = leftOf + plotWidth + rightOf, above + plotHeight + below
	labelApart              = 12
)

// colours are told apart by most eyes, on white and on black; there are as many
// dashes, for the others.
var (
	light  = []string{"#0072b2", "#d55e00", "#009e73", "#b0418a", "#7a5c00", "#5b50c8", "#c0202f", "#3a7d99", "#6b7280", "#446600", "#a05a2c"}
	dark   = []string{"#56b4e9", "#ff9a4d", "#2fd6a5", "#f08ec8", "#e6c229", "#a79cff", "#ff7b86", "#8ed1e6", "#b6bcc6", "#b5d45c", "#e0a87c"}
	dashes = []string{"", "6 3", "2 3"}
)

// svg draws the plot. It is readable on light and on dark pages, and holds no
// script and no font.
func (p plot) svg() string {
	var s strings.Builder
	width := panelWidth * len(p.panels)
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`, width, panelHeight, width, panelHeight, html.EscapeString(p.title))
	s.WriteString("\n<style>text{font:11px system-ui,sans-serif;fill:#333}.t{font-weight:600}.g{stroke:#d5d8dc}")
	rules := func(colours []string) {
		for i, c := range colours {
			fmt.Fprintf(&s, ".s%d{stroke:%s;fill:%s}", i, c, c)
		}
	}
	rules(light)
	s.WriteString("path{fill:none!important;stroke-width:1.8}text{stroke:none!important}@media(prefers-color-scheme:dark){text{fill:#d7dae0}.g{stroke:#3d434c}")
	rules(dark)
	s.WriteString("}</style>\n")
	names := p.names()
	xs, ys := p.scale()
	for i, one := range p.panels {
		one.draw(&s, i*panelWidth, xs, ys, names, p)
	}
	s.WriteString("</svg>\n")
	return s.String()
}

// names are those of all series, so that each looks the same in every panel.
func (p plot) names() (names []string) {
	for _, one := range p.panels {
		for _, s := range one.series {
			if !slices.Contains(names, s.name) {
				names = append(names, s.name)
			}
		}
	}
	return names
}

// An axis is a logarithmic scale.
type axis struct{ least, most float64 }

// at is where a value lies: 0 is the least, 1 the most.
func (a axis) at(v float64) float64 {
	return math.Log(v/a.least) / math.Log(a.most/a.least)
}

// scale finds what every panel's points fit on.
func (p plot) scale() (x, y axis) {
	x, y = axis{math.Inf(1), 0}, axis{math.Inf(1), 0}
	for _, one := range p.panels {
		for _, s := range one.series {
			for _, q := range s.points {
				x = axis{min(x.least, q.x), max(x.most, q.x)}
				y = axis{min(y.least, q.y), max(y.most, q.y)}
			}
		}
	}
	if x.most <= x.least {
		x = axis{max(x.most, 1) / 2, max(x.most, 1) * 2}
	}
	for y.most/y.least < 4 { // a tenth more or less is not to look like a cliff
		y = axis{y.least / 1.2, y.most * 1.2}
	}
	return x, axis{y.least / 1.3, y.most * 1.3}
}

// ticks are the values that an axis names: 1, 2 and 5 of each power of ten, or
// only the powers if those would be too many.
func (a axis) ticks() (all []float64) {
	steps := []float64{1, 2, 5}
	if a.most/a.least > 2000 {
		steps = []float64{1}
	}
	for e := math.Floor(math.Log10(a.least)); math.Pow(10, e) <= a.most; e++ {
		for _, s := range steps {
			if v := s * math.Pow(10, e); v >= a.least*0.999 && v <= a.most*1.001 {
				all = append(all, v)
			}
		}
	}
	return all
}

func (one panel) draw(s *strings.Builder, left int, xs, ys axis, names []string, p plot) {
	px := func(x float64) float64 { return float64(left+leftOf) + xs.at(x)*plotWidth }
	py := func(y float64) float64 { return float64(above) + (1-ys.at(y))*plotHeight }
	fmt.Fprintf(s, `<text class="t" x="%d" y="16">%s</text>`+"\n", left+leftOf, html.EscapeString(one.title))
	for _, v := range ys.ticks() {
		fmt.Fprintf(s, `<line class="g" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n",
			left+leftOf, left+leftOf+plotWidth, py(v), py(v), left+leftOf-6, py(v)+4, short(v))
	}
	for _, v := range p.marks(xs) {
		fmt.Fprintf(s, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", px(v), above+plotHeight+20, short(v))
	}
	fmt.Fprintf(s, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", left+leftOf+plotWidth/2, above+plotHeight+38, html.EscapeString(p.x))
	fmt.Fprintf(s, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", left+leftOf+plotWidth, 16, html.EscapeString(p.y))

	type label struct {
		y    float64
		name string
		look int
	}
	var labels []label
	for _, line := range one.series {
		if len(line.points) == 0 {
			continue
		}
		n := slices.Index(names, line.name)
		look, path := n%len(light), ""
		for i, q := range line.points {
			path += fmt.Sprintf("%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[i == 0], px(q.x), py(q.y))
			fmt.Fprintf(s, `<circle class="s%d" cx="%.1f" cy="%.1f" r="2.6"/>`, look, px(q.x), py(q.y))
		}
		fmt.Fprintf(s, `<path class="s%d" stroke-dasharray="%s" d="%s"/>`+"\n", look, dashes[n%len(dashes)], path)
		labels = append(labels, label{py(line.points[len(line.points)-1].y), line.name, look})
	}
	slices.SortFunc(labels, func(a, b label) int { return int(math.Copysign(1, a.y-b.y)) })
	for i := 1; i < len(labels); i++ {
		labels[i].y = max(labels[i].y, labels[i-1].y+labelApart)
	}
	bottom := float64(above + plotHeight)
	for i := len(labels) - 1; i >= 0 && labels[i].y > bottom; i-- {
		labels[i].y = bottom
		bottom -= labelApart
	}
	for _, l := range labels {
		fmt.Fprintf(s, `<circle class="s%d" cx="%d" cy="%.1f" r="3"/><text x="%d" y="%.1f">%s</text>`+"\n",
			l.look, left+leftOf+plotWidth+9, l.y, left+leftOf+plotWidth+15, l.y+4, html.EscapeString(l.name))
	}
}

// marks are the values under the plot: those that were measured, if they are
// few.
func (p plot) marks(xs axis) (all []float64) {
	for _, one := range p.panels {
		for _, s := range one.series {
			for _, q := range s.points {
				near := slices.ContainsFunc(all, func(v float64) bool { return math.Abs(xs.at(v)-xs.at(q.x)) < 0.08 })
				if !near {
					all = append(all, q.x)
				}
			}
		}
	}
	slices.Sort(all)
	if len(all) > 8 {
		return xs.ticks()
	}
	return all
}

// short writes a number for an axis.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return trim(v/1e6) + "M"
	case v >= 1e3:
		return trim(v/1e3) + "k"
	}
	return trim(v)
}

// trim writes a number with at most two digits behind the point, and no more
// of them than say something.
func trim(v float64) string {
	digits := 0
	if v < 10 {
		digits = 1
	}
	if v < 0.1 {
		digits = 3
	}
	s := fmt.Sprintf("%.*f", digits, v)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}
