package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"wapas/bench"
)

// folder is where the figures and records lie, below the documents.
const folder = "performance"

//go:embed paper.md.tmpl
var text string

// A paper is what the template is filled with.
type paper struct {
	Runs    []*record
	figures map[string]string
}

// A record is one report, with what the page asks of it.
type record struct{ *bench.Report }

// write makes the page and its figures, by their file names.
func write(reports []*bench.Report) (page string, figures map[string]string, err error) {
	p := &paper{figures: map[string]string{}}
	for _, r := range reports {
		p.Runs = append(p.Runs, &record{r})
	}
	t, err := template.New("performance.md").Funcs(template.FuncMap{
		"count": bench.Count, "bytes": bench.Bytes, "ms": bench.Milliseconds,
		"percent":  func(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) },
		"list":     listed,
		"postings": postingsOf,
		"share": func(v float64) string {
			if v == 0 {
				return ""
			}
			return fmt.Sprintf("%.2f", v)
		},
	}).Parse(text)
	if err != nil {
		return "", nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, p); err != nil {
		return "", nil, err
	}
	return out.String(), p.figures, nil
}

// listed joins words: "a, b and c".
func listed(words []string) string {
	switch n := len(words); n {
	case 0:
		return "none"
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

// Figure draws a figure and is how the page shows it.
func (p *paper) Figure(name string) (string, error) {
	draw := map[string]func() plot{
		"rate": p.rates, "latency": p.latencies, "size": p.sizes, "call": p.calls, "commit": p.commits, "offered": p.offered,
	}[name]
	if draw == nil {
		return "", fmt.Errorf("there is no figure %q", name)
	}
	d := draw()
	p.figures[name+".svg"] = d.svg()
	return fmt.Sprintf("![%s](%s/%s.svg)", d.title, folder, name), nil
}

// Name is the engine's without its version.
func (r *record) Name() string {
	name, _, _ := strings.Cut(r.Engine, " ")
	return name
}

// most is the number of clients at which things are compared, or the most that
// there were.
func (r *record) most() int {
	n := 0
	for _, l := range r.Lines {
		if l.Name == "echo" {
			if n = max(n, l.Clients); l.Clients == bench.Usual {
				return n
			}
		}
	}
	return n
}

// plain are the lines of a workload in a closed loop at one book, without those
// in rounds: the first of each number of clients.
func (r *record) plain(name string) (all []bench.Line) {
	for _, l := range r.Lines {
		if l.Round > 0 {
			continue
		}
		seen := slices.ContainsFunc(all, func(x bench.Line) bool { return x.Clients == l.Clients })
		if l.Name == name && l.Plain() && !seen && (l.Each == 0 || l.Each == 500) {
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b bench.Line) int { return a.Clients - b.Clients })
	return all
}

// at is a plain line at a number of clients; the zero line if there is none.
func (r *record) at(name string, clients int) (found bench.Line) {
	for _, l := range r.plain(name) {
		if l.Clients == clients {
			return l
		}
	}
	return found
}

// stages are the rounds of a workload, of each size of the book.
func (r *record) stages(name string) (all [][]bench.Line) {
	for _, l := range r.Lines {
		if l.Name == name && l.Round == 1 {
			all = append(all, nil)
		}
		if n := len(all) - 1; l.Name == name && l.Round > 0 {
			all[n] = append(all[n], l)
		}
	}
	return all
}

// grown are the lines of a workload as the book grew: the middle one of each
// stage, by its share of the echo.
func (r *record) grown(name string) (all []bench.Line) {
	for _, rounds := range r.stages(name) {
		all = append(all, middle(rounds, bench.Line.OfEcho))
	}
	return all
}

// middle is the line in the middle of some that were measured alike.
func middle(lines []bench.Line, by func(bench.Line) float64) bench.Line {
	return slices.SortedFunc(slices.Values(lines), func(a, b bench.Line) int { return cmp.Compare(by(a), by(b)) })[len(lines)/2]
}

// workloads are those that were measured alone, in their order.
func (r *record) workloads() (names []string) {
	for _, l := range r.Lines {
		if !l.Reference() && l.Plain() && !slices.Contains(names, l.Name) {
			names = append(names, l.Name)
		}
	}
	return names
}

// panels draws one panel for each engine.
func (p *paper) panels(of func(r *record) []series) (all []panel) {
	for _, r := range p.Runs {
		all = append(all, panel{r.Name(), of(r)})
	}
	return all
}

// against is a workload's value against its clients.
func against(lines []bench.Line, x, y func(l bench.Line) float64) (points []point) {
	for _, l := range lines {
		if px, py := x(l), y(l); px > 0 && py > 0 {
			points = append(points, point{px, py})
		}
	}
	return points
}

func clientsOf(l bench.Line) float64  { return float64(l.Clients) }
func rateOf(l bench.Line) float64     { return l.Rate }
func p50Of(l bench.Line) float64      { return float64(l.P50) / 1e6 }
func p99Of(l bench.Line) float64      { return float64(l.P99) / 1e6 }
func postingsOf(l bench.Line) float64 { return 2 * float64(l.Entries) }

func (p *paper) perClients(title, y string, of func(l bench.Line) float64) plot {
	return plot{title, "clients", y, p.panels(func(r *record) (all []series) {
		for _, name := range append(r.workloads(), "echo") {
			if lines := r.plain(name); len(lines) > 1 && lines[0].Each == 0 {
				all = append(all, series{name, against(lines, clientsOf, of)})
			}
		}
		return all
	})}
}

func (p *paper) rates() plot {
	return p.perClients("Operations a second against the number of clients", "a second", rateOf)
}

func (p *paper) latencies() plot {
	return p.perClients("The time that 99 of 100 operations do not exceed, against the number of clients", "p99 in ms", p99Of)
}

func (p *paper) sizes() plot {
	return plot{"Operations a second against the size of the book", "postings in the book", "a second", p.panels(func(r *record) (all []series) {
		for _, name := range r.workloads() {
			if lines := r.grown(name); len(lines) > 1 {
				all = append(all, series{name, against(lines, postingsOf, rateOf)})
			}
		}
		return all
	})}
}

func (p *paper) calls() plot {
	return plot{"Credits a second against the credits of a call", "credits of a call", "credits a second", p.panels(func(r *record) []series {
		return []series{{"bulk", against(r.calls(), func(l bench.Line) float64 { return float64(l.Each) }, rateOf)}}
	})}
}

// calls are the lines of bulk with calls of several sizes, at the number of
// clients that has the most of them.
func (r *record) calls() (all []bench.Line) {
	byClients := map[int][]bench.Line{}
	for _, l := range r.Lines {
		if l.Name == "bulk" {
			byClients[l.Clients] = append(byClients[l.Clients], l)
		}
	}
	for _, lines := range byClients {
		if len(lines) > len(all) {
			all = lines
		}
	}
	slices.SortFunc(all, func(a, b bench.Line) int { return a.Each - b.Each })
	return all
}

func (p *paper) commits() plot {
	return plot{"Changes that shared a commit against the number of clients", "clients", "changes a commit", p.panels(func(r *record) (all []series) {
		for _, name := range []string{"credit", "pay", "refund"} {
			all = append(all, series{name, against(r.plain(name), clientsOf, func(l bench.Line) float64 { return l.PerBatch })})
		}
		return all
	})}
}

// open are the lines of credit at fixed rates.
func (r *record) open() (all []bench.Line) {
	for _, l := range r.Lines {
		if l.Name == "credit" && l.Offered > 0 {
			all = append(all, l)
		}
	}
	return all
}

func (p *paper) offered() plot {
	return plot{"Times of credits that begin at a fixed rate", "credits offered a second", "ms", p.panels(func(r *record) []series {
		x := func(l bench.Line) float64 { return l.Offered }
		return []series{{"p99", against(r.open(), x, p99Of)}, {"p50", against(r.open(), x, p50Of)}}
	})}
}
