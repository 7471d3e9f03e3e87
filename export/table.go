package export

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Row is one line of a table.
type Row struct {
	Line  int // of the file, from 1
	Cells map[string]string
}

// Get is a cell without the spaces around it; empty if the table has no such
// column.
func (r Row) Get(column string) string { return r.Cells[column] }

// Table reads a whole CSV file whose first line names its columns. It refuses
// one without a column that is needed, one with a column that it does not know,
// for a column that is not read is usually a mistyped one, and one with more
// than most rows.
func Table(in io.Reader, needed, known []string, most int) ([]Row, error) {
	r := csv.NewReader(in)
	r.ReuseRecord = true
	head, err := r.Read()
	if err == io.EOF {
		return nil, fmt.Errorf("it is empty: its first line names the columns %s", strings.Join(needed, ","))
	}
	if err != nil {
		return nil, err
	}
	columns := make([]string, len(head))
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))) // spreadsheets write a mark first
		switch {
		case slices.Contains(columns[:i], name):
			return nil, fmt.Errorf("the column %q comes twice", name)
		case !slices.Contains(needed, name) && !slices.Contains(known, name):
			return nil, fmt.Errorf("nobody knows the column %q: there are %s", name, strings.Join(append(needed[:len(needed):len(needed)], known...), ", "))
		}
		columns[i] = name
	}
	for _, name := range needed {
		if !slices.Contains(columns, name) {
			return nil, fmt.Errorf("the column %q is missing: the first line must name %s", name, strings.Join(needed, ","))
		}
	}
	var rows []Row
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		if len(rows) == most {
			return nil, fmt.Errorf("it has more than %d rows: cut it into several files", most)
		}
		line, _ := r.FieldPos(0)
		row := Row{Line: line, Cells: make(map[string]string, len(columns))}
		for i, cell := range cells {
			row.Cells[columns[i]] = strings.TrimSpace(cell)
		}
		rows = append(rows, row)
	}
}
