package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"wapas/bench"
)

// A goal is one that was set before, with what was measured.
type goal struct {
	Engine, What, Wanted, Measured string
	Met                            bool
}

// Goals holds every run against the goals.
func (p *paper) Goals() (all []goal) {
	for _, r := range p.Runs {
		add := func(what, wanted, measured string, met bool) {
			all = append(all, goal{r.Name(), what, wanted, measured, met})
		}
		crowd := ", " + bench.Clients(bench.Usual)
		times := func(v float64) string { return fmt.Sprintf("%.2f ×", v) }
		if stages := r.stages("credit"); len(stages) > 0 {
			if r.TPCB() > 0 {
				v, said := spread(stages[0], times, r.OfTPCB)
				add("credits"+crowd, "≥ 3 × pgbench's best TPC-B", said, v >= 3)
			} else {
				v, said := spread(stages[0], times, bench.Line.OfEcho)
				add("credits"+crowd, "≥ 0.20 × the echo", said, v >= 0.2)
			}
			most := 10*r.sync() + 20*time.Millisecond
			v, said := spread(stages[0], func(v float64) string { return fmt.Sprintf("%.2f ms", v) }, p99Of)
			add("p99 of credits"+crowd, fmt.Sprintf("≤ 10 × the p50 of an fsync + 20 ms = %s", bench.Milliseconds(most)), said, v <= float64(most)/1e6)
		}
		if stages := r.stages("balance"); len(stages) > 0 {
			v, said := spread(stages[0], times, bench.Line.OfEcho)
			add("balances"+crowd, "≥ 0.5 × the echo", said, v >= 0.5)
		}
		if deep, first := r.stages("statement-deep"), r.stages("statement"); len(deep) > 0 {
			a, b := middle(first[len(first)-1], p50Of), middle(deep[len(deep)-1], p50Of)
			v := p50Of(b) / p50Of(a)
			add(fmt.Sprintf("p50 of a statement page %s lines down", bench.Count(float64(b.Depth))), "≤ 1.2 × the first page's", times(v), v <= 1.2)
		}
		if grown := r.grown("credit"); len(grown) > 1 {
			first, last := grown[0], grown[len(grown)-1]
			v := last.OfEcho() / first.OfEcho()
			add(fmt.Sprintf("credits with %s postings, beside the echo", bench.Count(postingsOf(last))), fmt.Sprintf("≥ 0.8 × those with %s", bench.Count(postingsOf(first))), times(v), v >= 0.8)
		}
		resident := 0.0
		for _, l := range r.Lines {
			resident = max(resident, l.Resident)
		}
		add("memory, server and clients together", "≤ 300 MB", bench.Bytes(resident), resident <= 300e6)
	}
	return all
}

// spread is the value in the middle of some lines' values, and how it is said
// with the least and the most.
func spread(lines []bench.Line, say func(float64) string, of func(bench.Line) float64) (v float64, said string) {
	v, said = of(middle(lines, of)), say(of(middle(lines, of)))
	if len(lines) > 1 {
		less := func(a, b bench.Line) int { return cmp.Compare(of(a), of(b)) }
		said += fmt.Sprintf(" (%s to %s)", say(of(slices.MinFunc(lines, less))), say(of(slices.MaxFunc(lines, less))))
	}
	return v, said
}

// sync is the p50 of the disk's fsync.
func (r *record) sync() time.Duration {
	if l := r.Find(func(l bench.Line) bool { return l.Name == "fsync" }); l != nil {
		return l.P50
	}
	return 0
}

// full is the share from which on something is said to be at its limit.
const full = 0.85

// Limit says what held a line up, as far as the figures tell.
func (r *record) Limit(l bench.Line) string {
	working := l.Commits * l.Batch.Seconds()
	commit := ""
	if l.PerBatch > 0 {
		commit = fmt.Sprintf("; a batch held %.1f changes and took %s, in which the disk syncs about %.1f times", l.PerBatch, bench.Milliseconds(l.Batch), float64(l.Batch)/float64(max(r.sync(), 1)))
	}
	switch {
	case l.Rate == 0:
		return "was not measured"
	case l.Busy >= full:
		return fmt.Sprintf("the processors: %.0f %% of this machine's worked, %.0f %% for the server and its clients%s", 100*l.Busy, 100*r.own(l), commit)
	case working >= full && l.Books <= 1:
		return fmt.Sprintf("the one writer of the book: a batch was under way %.0f %% of the time, while %.0f %% of the processors worked%s", 100*min(working, 1), 100*l.Busy, commit)
	case l.Clients < 4:
		return fmt.Sprintf("the wait for the answer before the next request: half of them came within %s, and %.0f %% of the processors worked%s", bench.Milliseconds(l.P50), 100*l.Busy, commit)
	}
	return fmt.Sprintf("nothing that these figures show to be full: %.0f %% of the processors worked, and batches were under way %.0f %% of the time%s", 100*l.Busy, 100*min(working, 1), commit)
}

// own is the share of this machine's processors that worked for the process of
// the server and the clients.
func (r *record) own(l bench.Line) float64 {
	if l.Seconds == 0 || r.Machine.CPUs == 0 {
		return 0
	}
	return l.CPU * float64(l.Requests) / 1000 / l.Seconds / float64(r.Machine.CPUs)
}

// A saying is a sentence about a workload.
type saying struct{ Engine, Workload, Says string }

// Limits say what holds every workload up at its usual number of clients.
func (p *paper) Limits() (all []saying) {
	for _, r := range p.Runs {
		for _, name := range r.workloads() {
			lines := r.plain(name)
			at := slices.IndexFunc(lines, func(l bench.Line) bool { return l.Clients == r.most() })
			if at < 0 {
				at = len(lines) - 1
			}
			if at >= 0 {
				all = append(all, saying{r.Name(), fmt.Sprintf("%s, %s", lines[at].Label(), lines[at].Crowd()), r.Limit(lines[at])})
			}
		}
	}
	return all
}

// Clients says what more clients bring.
func (p *paper) Clients() (all []string) {
	for _, r := range p.Runs {
		lines := r.plain("credit")
		if len(lines) < 2 {
			continue
		}
		first, last := lines[0], lines[len(lines)-1]
		best := slices.MaxFunc(lines, func(a, b bench.Line) int {
			if a.Rate < b.Rate {
				return -1
			}
			return 1
		})
		all = append(all, fmt.Sprintf("On %s, %s had %s credits a second and %d had %s; the most, %s, came with %d. What holds the fewest up is %s. What holds %d up is %s.",
			r.Name(), first.Crowd(), bench.Count(first.Rate), last.Clients, bench.Count(last.Rate), bench.Count(best.Rate), best.Clients, r.Limit(first), best.Clients, r.Limit(best)))
	}
	return all
}

// Waits say what the times do as clients are added.
func (p *paper) Waits() (all []string) {
	for _, r := range p.Runs {
		lines := r.plain("credit")
		if len(lines) < 2 {
			continue
		}
		a, b := lines[0], lines[len(lines)-1]
		all = append(all, fmt.Sprintf("On %s the p99 of credits goes from %s with %d to %s with %d clients: %.1f times, while there are %d times the clients and %.1f times the rate. An fsync of the same disk takes %s at its p50.",
			r.Name(), bench.Milliseconds(a.P99), a.Clients, bench.Milliseconds(b.P99), b.Clients, float64(b.P99)/float64(a.P99), b.Clients/a.Clients, b.Rate/a.Rate, bench.Milliseconds(r.sync())))
	}
	return all
}

// Growth says what a larger book costs.
func (p *paper) Growth() (all []string) {
	for _, r := range p.Runs {
		for _, name := range r.workloads() {
			lines := r.grown(name)
			if len(lines) < 2 {
				continue
			}
			a, b := lines[0], lines[len(lines)-1]
			said := fmt.Sprintf("%s, %s: from %s to %s postings the rate becomes %.2f times what it was, beside the echo %.2f times", r.Name(), name, bench.Count(postingsOf(a)), bench.Count(postingsOf(b)), b.Rate/a.Rate, b.OfEcho()/max(a.OfEcho(), 1e-9))
			if a.CPU > 0 && b.CPU > 0 {
				said += fmt.Sprintf(", and the processors' time for a request %.2f times", b.CPU/a.CPU)
			}
			if a.Written > 0 && b.Written > 0 && a.Commits > 0 {
				said += fmt.Sprintf("; what is written for it %.2f times", b.Written/a.Written)
			}
			all = append(all, said+". What holds it up then is "+r.Limit(b)+".")
		}
	}
	return all
}

// Calls say what larger calls bring.
func (p *paper) Calls() (all []string) {
	for _, r := range p.Runs {
		lines := r.calls()
		if len(lines) < 2 {
			continue
		}
		a, b := lines[0], lines[len(lines)-1]
		all = append(all, fmt.Sprintf("On %s, calls of %d carry %.1f times as many credits a second as calls of %d, and each credit takes %.2f times the processors' time. What holds the large ones up is %s.",
			r.Name(), b.Each, b.Rate/a.Rate, a.Each, b.CPU/a.CPU, r.Limit(b)))
	}
	return all
}

// Shared says how changes share commits.
func (p *paper) Shared() (all []string) {
	for _, r := range p.Runs {
		lines := r.plain("credit")
		if len(lines) < 2 {
			continue
		}
		a, b := lines[0], lines[len(lines)-1]
		all = append(all, fmt.Sprintf("On %s a commit holds %.1f credits with %d and %.1f with %d clients, and %.2f of what a credit writes to the disk with %d it writes with %d.",
			r.Name(), a.PerBatch, a.Clients, b.PerBatch, b.Clients, b.Written/max(a.Written, 1), a.Clients, b.Clients))
	}
	return all
}

// Offered says what whoever comes at a fixed rate sees.
func (p *paper) Offered() (all []string) {
	for _, r := range p.Runs {
		lines := r.open()
		if len(lines) < 2 {
			continue
		}
		a, b := lines[0], lines[len(lines)-1]
		said := fmt.Sprintf("On %s, at %s credits a second half of them are answered within %s and 99 of 100 within %s; at %s within %s and %s.",
			r.Name(), bench.Count(a.Offered), bench.Milliseconds(a.P50), bench.Milliseconds(a.P99), bench.Count(b.Offered), bench.Milliseconds(b.P50), bench.Milliseconds(b.P99))
		if b.Rate < 0.98*b.Offered || b.Unserved > 0 {
			said += fmt.Sprintf(" It did not keep up with that: it answered %s a second, and %d never had their turn.", bench.Count(b.Rate), b.Unserved)
		}
		all = append(all, said+" What holds them up then is "+r.Limit(b)+".")
	}
	return all
}

// Others are the lines of unusual wallets and books, each beside the plain one.
func (p *paper) Others() (all []string) {
	for _, r := range p.Runs {
		for _, l := range r.Lines {
			if l.Plain() || l.Offered > 0 {
				continue
			}
			if like := r.at(l.Name, l.Clients); like.Rate > 0 {
				all = append(all, fmt.Sprintf("%s: %s, %s: %s/s, which is %.2f times the plain one; p99 %s", r.Name(), l.Label(), l.Crowd(), bench.Count(l.Rate), l.Rate/like.Rate, bench.Milliseconds(l.P99)))
			}
		}
	}
	return all
}

// Profile is the head of the CPU profile of a workload.
func (r *record) Profile(name string) []string {
	if l := r.Find(func(l bench.Line) bool { return l.Name == name && len(l.Top) > 0 }); l != nil {
		return l.Top
	}
	return nil
}

// Workloads are those that there are, and what one operation of each is.
func (p *paper) Workloads() []bench.Workload { return bench.Workloads }
