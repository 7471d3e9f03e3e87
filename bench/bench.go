// Package bench measures a server the way its users meet it: over HTTP, with
// real requests, waiting for durable answers, each of which is looked at. Every
// figure stands beside references taken in the same run on the same machine
// and disk, because machines differ and are shared.
//
// A Workload is what one client does again and again (work.go); a Shop is the
// book that it does it to (shop.go); a Load says how many clients there are and
// how they take turns (drive.go); a Line is what came of it. What is measured
// beside time comes from the server's own /metrics and from the system
// (gauge.go), so that a server elsewhere is measured in the same way.
package bench

import "time"

// A Line is what one workload, or one reference, did under one load.
type Line struct {
	Name    string  `json:"name"`
	Clients int     `json:"clients"`
	Offered float64 `json:"offered,omitempty"` // operations that were to begin a second; 0: a closed loop
	Wallets Choice  `json:"wallets,omitempty"`
	Books   int     `json:"books,omitempty"`
	Entries int64   `json:"entries,omitempty"` // in the first book before it began; each has at least two postings
	Depth   int64   `json:"depth,omitempty"`   // lines above the pages that were read, if not the first
	Each    int     `json:"each,omitempty"`    // things of a call, where it holds many: they are what is counted
	Round   int     `json:"round,omitempty"`   // of a stage that is measured in rounds, from 1
	Echo    float64 `json:"echo,omitempty"`    // what the echo last did with as many clients, a second

	Seconds    float64       `json:"seconds"`
	Operations int           `json:"operations"` // that began in the measured time and were answered rightly
	Requests   int           `json:"requests"`   // that they took; of a call that holds many, its things
	Rate       float64       `json:"rate"`       // operations a second; of a call that holds many, its things
	P50        time.Duration `json:"p50_ns"`     // of an operation, in an open loop from when it was to begin
	P99        time.Duration `json:"p99_ns"`
	P999       time.Duration `json:"p999_ns"`
	Max        time.Duration `json:"max_ns"`
	Unserved   int           `json:"unserved,omitempty"` // in an open loop: never begun, because all clients were busy for as long again
	After      time.Duration `json:"after_ns,omitempty"` // until outside money had moved as well
	Wrong      int           `json:"wrong,omitempty"`    // operations with an answer that was not the one wanted
	FirstWrong string        `json:"first_wrong,omitempty"`

	// What it cost, for each request. Of a server in this process it is with
	// what the clients cost; the line of the echo says what that is about.
	CPU      float64 `json:"cpu_s_per_1000,omitempty"`      // seconds per thousand requests
	Written  float64 `json:"written_per_request,omitempty"` // bytes: SQLite's to the disk, PostgreSQL's to its log
	Allocs   float64 `json:"allocs_per_request,omitempty"`
	Resident float64 `json:"resident,omitempty"` // bytes of memory, at the end
	Busy     float64 `json:"busy,omitempty"`     // the share of this machine's processors that worked, for anybody

	// How changes shared commits.
	Commits  float64       `json:"commits,omitempty"`   // a second
	PerBatch float64       `json:"per_batch,omitempty"` // changes
	Batch    time.Duration `json:"batch_ns,omitempty"`  // from the first read of a batch to its commit, on average

	Top []string `json:"top,omitempty"` // where the processors' time went: the head of a CPU profile
}

// A Report is one run.
type Report struct {
	Machine  Machine   `json:"machine"`
	Engine   string    `json:"engine,omitempty"` // with its version
	Version  string    `json:"version"`          // of this program
	Command  string    `json:"command"`
	Began    time.Time `json:"began"`
	Seconds  float64   `json:"seconds"`
	Seed     uint64    `json:"seed"`
	Settings []string  `json:"settings,omitempty"` // of the database
	Lines    []Line    `json:"lines"`
	Peak     float64   `json:"peak,omitempty"` // bytes of memory, at their most, of a server in this process
	Audited  bool      `json:"audited"`        // what was acknowledged is in the books, neither more nor less
	Verified string    `json:"verified,omitempty"`
}

// Find is the first line that fits; nil if there is none.
func (r *Report) Find(fits func(l Line) bool) *Line {
	for i := range r.Lines {
		if fits(r.Lines[i]) {
			return &r.Lines[i]
		}
	}
	return nil
}

// Plain says that a line is of a closed loop at one book with wallets taken at
// random, and so to be held against its like.
func (l Line) Plain() bool {
	return l.Offered == 0 && l.Books <= 1 && l.Wallets != Zipf && l.Wallets != Hot
}
