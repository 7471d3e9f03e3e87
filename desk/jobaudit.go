package desk

import "wapas/ledger"

// What is told twice of a job: by its counts, and by its rows.
const (
	jobRows    = "rows"
	jobBad     = "rows that the check refused"
	jobReady   = "rows that are ready"
	jobDone    = "rows that are done"
	jobRefused = "rows that were refused"
	jobLeft    = "left of its rows"
	jobMoved   = "moved by its rows"
)

func (r Job) compare(t *tally) {
	for of, a := range map[string]ledger.Amount{
		jobRows: ledger.Amount(r.Rows), jobBad: ledger.Amount(r.Bad), jobReady: ledger.Amount(r.Ready), jobDone: ledger.Amount(r.Done),
		jobRefused: ledger.Amount(r.Refused), jobLeft: r.Left, jobMoved: r.Moved,
	} {
		t.says("I-11", string(r.ID), of, a)
	}
}

func (r JobRow) compare(t *tally) {
	adds := func(of string, a ledger.Amount) { t.adds("I-11", string(r.Job), of, a) }
	adds(jobRows, 1)
	switch r.State {
	case RowBad:
		adds(jobBad, 1)
	case RowReady:
		adds(jobReady, 1)
		adds(jobLeft, r.Amount)
	case RowDone:
		adds(jobDone, 1)
		adds(jobMoved, r.Amount)
	case RowRefused:
		adds(jobRefused, 1)
	}
}
