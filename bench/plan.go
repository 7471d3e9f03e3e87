package bench

import (
	"cmp"
	"slices"
	"time"
)

// A Step is one thing that a plan does: an echo, a fill, or a run.
type Step struct {
	Echo int   // so many clients ask the echo
	Fill int64 // the first book is given history until it has so many entries
	Run
	Does  string  // a workload by its name; empty if it is no run
	Books int     // that it is spread over; 1 if zero
	Share float64 // an open loop that offers this share of what the workload did in a closed one, with as many wallets and Least clients
	Least int
	Round int // of a stage
}

// A Plan is what is measured, in its order.
type Plan []Step

// Each is the plan of some workloads at some numbers of clients, beside the
// echo at the same.
func Each(workloads []string, clients []int, like Step) (p Plan) {
	for _, n := range clients {
		p = append(p, Step{Echo: n})
		for _, w := range workloads {
			s := like
			s.Does, s.Clients = w, n
			p = append(p, s)
		}
	}
	return p
}

// Usual is the number of clients at which engines, wallets, books and sizes are
// compared.
const Usual = 64

// manyClients is the most clients that send calls of 500 at the same time: more
// only wait for each other, in the end longer than a server lets a request take.
const manyClients = 16

// stage measures what the goals are about, and the echo, in turn and so many
// times: a shared machine's speed changes within seconds, and what is compared
// should have met the same weather.
func stage(rounds int, workloads ...string) (p Plan) {
	for round := range rounds {
		p = append(p, Each(workloads, []int{Usual}, Step{Round: round + 1})...)
	}
	return p
}

// Standard is the plan that docs/performance.md is made from. Clients are the
// numbers of clients, of which one should be 64. The first book, which is new, grows
// to so many postings, in tenfold steps from a million; at each size there are rounds.
func Standard(clients []int, postings int64, rounds int) Plan {
	sized := []string{"credit", "pay", "balance", "statement"}
	p := stage(rounds, sized...)
	for _, n := range clients {
		p = append(p, Step{Echo: n})
		for _, w := range Workloads {
			if w.Name == "statement-deep" || w.each > 0 && n > manyClients { // which is not deep yet
				continue
			}
			p = append(p, Step{Does: w.Name, Run: Run{Load: Load{Clients: n}, Profile: n == Usual}})
		}
	}
	for _, w := range []string{"credit", "pay"} {
		for _, how := range []Choice{Zipf, Hot} {
			p = append(p, Step{Does: w, Run: Run{Load: Load{Clients: Usual}, Wallets: how}})
		}
		p = append(p, Step{Does: w, Run: Run{Load: Load{Clients: Usual}}, Books: 16})
	}
	for _, share := range []float64{0.25, 0.5, 0.75, 0.9} {
		p = append(p, Step{Does: "credit", Run: Run{Load: Load{Clients: slices.Max(clients)}}, Share: share, Least: Usual})
	}
	for _, n := range []string{"1", "10", "100", "1000"} {
		p = append(p, Step{Does: "bulk:" + n, Run: Run{Load: Load{Clients: 4}}})
	}
	sized = append(sized, "statement-deep")
	for size := int64(1_000_000); size < postings; size *= 10 {
		p = append(append(p, Fill(size)...), stage(rounds, sized...)...)
	}
	p = append(append(p, Fill(postings)...), stage(rounds, sized...)...)
	for _, n := range clients {
		if n != Usual {
			p = append(p, Each([]string{"statement", "statement-deep"}, []int{n}, Step{})[1:]...)
		}
	}
	return p
}

// Fill grows the first book to so many postings, two to an entry.
func Fill(postings int64) Plan { return Plan{{Fill: (postings + 1) / 2}} }

// Lasting gives every run of the plan the same time and seed.
func (p Plan) Lasting(d time.Duration, seed uint64) Plan {
	for i := range p {
		p[i].For, p[i].Seed = d, seed
	}
	return p
}

// Check looks the workloads up and makes the rest of each step whole.
func (p Plan) Check() error {
	for i := range p {
		s := &p[i]
		if s.Does == "" {
			continue
		}
		s.Books = max(s.Books, 1)
		s.Wallets = cmp.Or(s.Wallets, Uniform)
		if err := s.Wallets.Check(); err != nil {
			return err
		}
		if err := s.Load.check(); err != nil {
			return err
		}
		var err error
		if s.Workload, err = Named(s.Does); err != nil {
			return err
		}
	}
	return nil
}

// Books is the most that a step is spread over, Clients the most there are.
func (p Plan) Books() (n int) {
	for _, s := range p {
		n = max(n, s.Books)
	}
	return n
}

func (p Plan) Clients() (n int) {
	for _, s := range p {
		n = max(n, s.Clients, s.Echo)
	}
	return n
}
