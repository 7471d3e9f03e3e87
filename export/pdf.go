package export

import (
	_ "embed"
	"fmt"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"wapas/desk"
	"wapas/ledger"
)

// The letters that a statement may need: Latin ones, and the rupee's sign.
var (
	//go:embed fonts/sans.ttf
	sans []byte
	//go:embed fonts/sans-Bold.ttf
	sansBold []byte
)

// A statementPDF is a wallet's statement on A4 pages.
type statementPDF struct {
	w     io.Writer
	doc   *fpdf.Fpdf
	lines int
	debit ledger.Amount
	credt ledger.Amount
	last  ledger.Amount
}

// The columns of a statement: widths in millimetres, 190 in all.
var pdfColumns = []struct {
	name  string
	width float64
	align string
}{{"Date (IST)", 33, "L"}, {"Description", 67, "L"}, {"Debit", 30, "R"}, {"Credit", 30, "R"}, {"Balance", 30, "R"}}

func newStatementPDF(w io.Writer, book desk.Book, who desk.Customer, j Job, now ledger.Time) *statementPDF {
	doc := fpdf.New("P", "mm", "A4", "")
	doc.SetCreationDate(now.Std()) // the same statement is the same file
	doc.SetModificationDate(now.Std())
	doc.SetTitle("Wallet statement "+string(who.ID), true)
	doc.AddUTF8FontFromBytes("sans", "", sans)
	doc.AddUTF8FontFromBytes("sans", "B", sansBold)
	doc.AliasNbPages("{pages}")
	doc.SetAutoPageBreak(true, 18)
	doc.SetFooterFunc(func() {
		doc.SetY(-14)
		doc.SetFont("sans", "", 7)
		doc.SetTextColor(110, 110, 110)
		doc.CellFormat(95, 5, string(who.ID)+" · made "+now.Std().In(india).Format("2 January 2006, 15:04")+" IST", "", 0, "L", false, 0, "")
		doc.CellFormat(95, 5, fmt.Sprintf("page %d of {pages}", doc.PageNo()), "", 0, "R", false, 0, "")
		doc.SetTextColor(0, 0, 0)
	})
	p := &statementPDF{w: w, doc: doc}
	p.title(book, who, j)
	return p
}

// title is what stands above the lines of the first page.
func (p *statementPDF) title(book desk.Book, who desk.Customer, j Job) {
	d := p.doc
	d.AddPage()
	d.SetFont("sans", "B", 16)
	d.CellFormat(120, 9, "Wallet statement", "", 0, "L", false, 0, "")
	d.SetFont("sans", "B", 10)
	d.CellFormat(70, 9, drawable(book.Name), "", 1, "R", false, 0, "")
	d.SetFont("sans", "", 9)
	if book.Mode == desk.Test {
		d.SetTextColor(170, 60, 0)
		d.CellFormat(190, 5, "Test book: this is not money", "", 1, "L", false, 0, "")
		d.SetTextColor(0, 0, 0)
	}
	for _, line := range []string{who.Name, who.Contact, who.Email} {
		if line != "" && drawable(line) == line { // half a name is worse than none
			d.CellFormat(190, 5, line, "", 1, "L", false, 0, "")
		}
	}
	period := "all of it"
	switch {
	case j.From != 0 && j.To != 0:
		period = j.From.Day().String() + " to " + j.To.Day().String()
	case j.From != 0:
		period = "from " + j.From.Day().String()
	case j.To != 0:
		period = "up to " + j.To.Day().String()
	}
	d.CellFormat(190, 5, "Period: "+period, "", 1, "L", false, 0, "")
	d.Ln(4)
	d.SetDrawColor(220, 223, 228)
	d.SetHeaderFunc(p.columns) // of the pages that follow
	p.columns()
}

func (p *statementPDF) columns() {
	d := p.doc
	d.SetFont("sans", "B", 8)
	d.SetFillColor(238, 240, 243)
	for _, c := range pdfColumns {
		d.CellFormat(c.width, 7, c.name, "", 0, c.align, true, 0, "")
	}
	d.Ln(8)
	d.SetFont("sans", "", 8)
}

func (p *statementPDF) write(l StatementLine) error {
	d := p.doc
	at, err := time.Parse(time.RFC3339, l.At)
	if err != nil {
		return err
	}
	if p.lines++; p.lines > MaxPDF {
		return errLong
	}
	p.debit, p.credt, p.last = p.debit+ledger.Amount(l.Debit), p.credt+ledger.Amount(l.Credit), ledger.Amount(l.Balance)
	text := drawable(l.Description)
	if text == "NA" {
		text = l.Type + " " + string(l.Source)
	}
	for d.GetStringWidth(text) > pdfColumns[1].width-3 {
		text = strings.TrimSuffix(text, "…")
		text = string([]rune(text)[:len([]rune(text))-1]) + "…"
	}
	for i, cell := range []string{at.Format("02 Jan 2006 15:04"), text, indianIf(ledger.Amount(l.Debit)), indianIf(ledger.Amount(l.Credit)), indian(ledger.Amount(l.Balance))} {
		d.CellFormat(pdfColumns[i].width, 5.5, cell, "B", 0, pdfColumns[i].align, false, 0, "")
	}
	d.Ln(5.5)
	return d.Error()
}

func (p *statementPDF) end() error {
	d := p.doc
	d.SetFont("sans", "B", 8)
	sum := []string{"", fmt.Sprintf("%d lines", p.lines), indian(p.debit), indian(p.credt), indian(p.last)}
	if p.lines == 0 {
		sum = []string{"", "Nothing happened in this period.", "", "", ""}
	}
	for i, cell := range sum {
		d.CellFormat(pdfColumns[i].width, 8, cell, "", 0, pdfColumns[i].align, false, 0, "")
	}
	return d.Output(p.w)
}

// drawable is a text with a question mark for what the letters at hand cannot
// draw: scripts other than Latin.
func drawable(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= ' ' && r <= '~' || r >= 0xa0 && r <= 0x17f || r >= 0x2010 && r <= 0x2026 || r == '₹' {
			return r
		}
		return '?'
	}, s)
}

// indian is an amount as India writes it: ₹12,34,567.50.
func indian(a ledger.Amount) string {
	text, sign := a.String(), ""
	if text[0] == '-' {
		text, sign = text[1:], "-"
	}
	whole, part, _ := strings.Cut(text, ".")
	if n := len(whole); n > 3 {
		head, tail := whole[:n-3], whole[n-3:]
		for len(head) > 2 {
			tail = head[len(head)-2:] + "," + tail
			head = head[:len(head)-2]
		}
		whole = head + "," + tail
	}
	return sign + "₹" + whole + "." + part
}

// indianIf is empty for nothing.
func indianIf(a ledger.Amount) string {
	if a == 0 {
		return ""
	}
	return indian(a)
}
