package console

import (
	"context"
	"io"
	"net/http"
	"strings"

	"wapas/desk"
	"wapas/export"
	"wapas/ledger"
)

func sheetPages() []page {
	return []page{
		{at: "GET /waiting/sheets", right: desk.RightRails, show: showHandOut},
		{at: "POST /waiting/sheets", right: desk.RightRails, show: handOut},
		{at: "GET /waiting/sheets/{id}", right: desk.RightSee, show: showSheet},
		{at: "GET /waiting/sheets/{id}/orders.csv", right: desk.RightExport, show: sheetFile},
		{at: "GET /waiting/results", right: desk.RightRails, show: showResults},
		{at: "POST /waiting/results", right: desk.RightRails, show: recordResults},
	}
}

// A handOutPage is from where a list of what is to be paid by hand is made.
type handOutPage struct {
	Waiting string // how many orders a person carries, as a badge
	Most    int
}

func showHandOut(q *visit) error {
	n, err := q.countOf(manualOrders)
	if err != nil {
		return err
	}
	return q.show("handout", "Hand out a sheet", handOutPage{Waiting: badge(n), Most: desk.MaxSheet})
}

// handOut puts what waits on a new sheet. Sent twice it makes no second one.
func handOut(q *visit) error {
	format := q.value("format")
	if format != export.BankSheet && format != export.ListSheet {
		q.refused(ledger.Refuse(ledger.Invalid, "format", "say what should be on it").In("format"))
		return showHandOut(q)
	}
	before, err := q.desk().Claim(q.Context(), q.book.ID, q.once(format))
	if err == nil && before {
		return q.done("waiting?sort=by_hand", "That sheet was handed out already: see the sheet of each order.")
	}
	var s desk.Sheet
	if err == nil {
		s, err = q.desk().HandOut(q.Context(), q.book.ID, desk.SheetRequest{Bank: format == export.BankSheet})
	}
	switch {
	case q.refused(err):
		return showHandOut(q)
	case err != nil:
		return err
	case s.ID == "" && s.Skipped > 0:
		return q.done("waiting/sheets", "A bank can carry none of what waits: %s go back to where they came from. Hand out everything instead.", count(s.Skipped))
	case s.ID == "":
		return q.done("waiting?sort=by_hand", "Nothing waits that was not handed out before.")
	}
	more := ""
	if s.More {
		more = " There is more: hand out another sheet for it."
	}
	return q.done("waiting/sheets/"+string(s.ID), "%s orders were handed out.%s", count(len(s.Orders)), more)
}

// A sheetPage is a sheet with those of its orders that have not ended.
type sheetPage struct {
	desk.Sheet
	Total ledger.Amount
	Acts  []notedAct
}

func showSheet(q *visit) error {
	s, err := q.desk().HandOut(q.Context(), q.book.ID, desk.SheetRequest{Again: q.id("id")})
	if err != nil {
		return err
	}
	p := sheetPage{Sheet: s}
	for _, k := range s.Orders {
		p.Total = p.Total.Add(k.Order.Amount)
	}
	if p.Acts, err = q.actsOn(s.ID); err != nil {
		return err
	}
	return q.show("sheet", "Sheet "+string(s.ID), p)
}

// sheetFile is the file of a sheet. It holds account numbers, so the books say
// who took it.
func sheetFile(q *visit) error {
	format := q.value("format")
	if format != export.BankSheet {
		format = export.ListSheet
	}
	s, err := q.desk().HandOut(q.Context(), q.book.ID, desk.SheetRequest{Again: q.id("id")})
	if err != nil {
		return err
	}
	if err := q.desk().Witness(q.noting(map[string]string{"format": format}), q.book.ID, s.ID); err != nil {
		return err
	}
	if err := export.Sheet(q.file(string(s.ID)+"-"+format+".csv", "text/csv; charset=utf-8"), format, s); err != nil {
		q.room.cfg.Log.Debug("the reader has gone", "err", err)
	}
	return nil
}

// file makes the answer one that a browser keeps under a name.
func (q *visit) file(name, media string) http.ResponseWriter {
	h := q.w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	return q.w
}

// A resultsPage is a file of results: before it was sent, once it was checked,
// and once it was recorded.
type resultsPage struct {
	Columns           []string
	CSV               string // what was sent, to be recorded
	Rows              []resultRow
	OK, Done          bool // nothing is wrong with it; it was recorded
	New, Known, Await int
	None, Refused     int
	Sum               ledger.Amount // of what went
}

// A resultRow is what becomes of one row of a file.
type resultRow struct {
	Line   int
	ID     desk.ID
	Amount ledger.Amount
	Said   string // done, refused, returned
	Proof  string
	Result string // recorded, known, awaits_another, none, wrong, or checked
	Why    string
}

func showResults(q *visit) error {
	return q.show("results", "Record results from a file", resultsPage{Columns: export.ResultColumns})
}

// maxResultsFile is how many bytes of results are read.
const maxResultsFile = 4 << 20

// recordResults checks a file of results and says what each row would do; then,
// sent again, it records them. What was recorded before is known, so sending it
// again changes nothing.
func recordResults(q *visit) error {
	text, err := q.upload("file", "csv", maxResultsFile)
	if err == nil && strings.TrimSpace(text) == "" {
		err = ledger.Refuse(ledger.Invalid, "file", "choose the file first").In("file")
	}
	var rows []export.Row
	if err == nil {
		if rows, err = export.Table(strings.NewReader(text), export.ResultColumns, export.ResultOptional, desk.MaxResults); err != nil {
			err = ledger.Refuse(ledger.Invalid, "file", "The file cannot be read: %v", err).In("file")
		}
	}
	if q.refused(err) {
		return showResults(q)
	}
	if err != nil {
		return err
	}
	p := resultsPage{CSV: text, Columns: export.ResultColumns}
	record := func(ctx context.Context) error { return p.record(ctx, q, rows) }
	if q.value("step") == "do" {
		err = record(q.Context())
		p.Done = p.OK
	} else {
		_, err = q.desk().Preview(q.Context(), record)
	}
	if q.refused(err) {
		return showResults(q)
	}
	if err != nil {
		return err
	}
	return q.show("results", "Record results from a file", p)
}

// record has all rows recorded, or only tried, and says what became of each. A
// file of which a row cannot be read is not recorded.
func (p *resultsPage) record(ctx context.Context, q *visit, rows []export.Row) error {
	var words []desk.OutcomeRequest
	var at []int
	for _, r := range rows {
		w, has, err := export.Result(r, q.by())
		row := resultRow{Line: r.Line, ID: desk.ID(r.Get("reference")), Said: r.Get("outcome"), Proof: w.Reference}
		switch {
		case !has:
			row.Result, p.None = "none", p.None+1
		case err != nil:
			row.Result, row.Why, p.Refused = "wrong", err.Error(), p.Refused+1
		default:
			words, at = append(words, w), append(at, len(p.Rows))
		}
		p.Rows = append(p.Rows, row)
	}
	if p.Refused > 0 {
		for _, i := range at {
			p.Rows[i].Result = "checked"
		}
		return nil
	}
	results, ok, err := q.desk().RecordOutcomes(ctx, q.book.ID, words)
	for i, r := range results {
		row := &p.Rows[at[i]]
		row.Amount, row.Result = r.Order.Amount, r.State
		switch {
		case r.Err != nil:
			row.Result, row.Why, p.Refused = "wrong", wordWrong(r.Err), p.Refused+1
		case r.State == desk.ResultNew:
			p.New++
			if r.Order.State == "done" {
				p.Sum = p.Sum.Add(r.Order.Amount)
			}
		case r.State == desk.ResultKnown:
			p.Known++
		case r.State == desk.ResultSecond:
			p.Await++
		default:
			row.Result = "checked"
		}
	}
	p.OK = ok
	return err
}

// wordWrong is why a word was refused, for a person.
func wordWrong(err error) string {
	e := problemIn(err)
	if e == nil {
		return err.Error()
	}
	switch ledger.CodeOf(err) {
	case ledger.NotFound:
		return "no refund, payout or remittance of this book has this reference"
	case ledger.WrongState:
		return e.Title + ": " + e.Detail
	}
	return e.Detail
}

// upload reads a file that was chosen, or the text that was sent instead of one.
// It refuses Invalid if it is too long.
func (q *visit) upload(file, text string, most int64) (string, error) {
	if t := q.FormValue(text); t != "" || q.MultipartForm == nil {
		return t, nil
	}
	f, _, err := q.FormFile(file)
	if err != nil {
		return "", nil // none was chosen
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = ledger.Refuse(ledger.Invalid, "file", "a file has at most %s bytes: cut it into several", count(most)).In(file)
	}
	return string(data), err
}
