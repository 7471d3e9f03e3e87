package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// A sheet is a CSV file whose first line names its columns.
type sheet struct {
	name string
	rows []sheetRow
}

// A sheetRow is one line of a sheet.
type sheetRow struct {
	line  int // of the file, from 1
	cells map[string]string
}

// get is a cell without the spaces around it; empty if the sheet has no such
// column.
func (r sheetRow) get(column string) string { return r.cells[column] }

// maxSheet is how many rows a sheet may have.
const maxSheet = 1_000_000

// readSheet reads a whole CSV file, "-" for standard input. It refuses a file
// without one of the columns that are needed, and one with a column that it
// does not know, for a column that is not read is usually a mistyped one.
func readSheet(path string, needed, known []string) (*sheet, error) {
	in := io.Reader(os.Stdin)
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	r := csv.NewReader(in)
	r.ReuseRecord = true
	head, err := r.Read()
	if err == io.EOF {
		return nil, fmt.Errorf("%s is empty: its first line names the columns %s", path, strings.Join(needed, ","))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	columns := make([]string, len(head))
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))) // spreadsheets write a mark first
		switch {
		case slices.Contains(columns[:i], name):
			return nil, fmt.Errorf("%s: the column %q comes twice", path, name)
		case !slices.Contains(needed, name) && !slices.Contains(known, name):
			return nil, fmt.Errorf("%s: nobody knows the column %q: there are %s", path, name, strings.Join(append(needed[:len(needed):len(needed)], known...), ", "))
		}
		columns[i] = name
	}
	for _, name := range needed {
		if !slices.Contains(columns, name) {
			return nil, fmt.Errorf("%s: the column %q is missing: the first line must name %s", path, name, strings.Join(needed, ","))
		}
	}
	s := &sheet{name: path}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if len(s.rows) == maxSheet {
			return nil, fmt.Errorf("%s has more than %d rows: cut it into several files", path, maxSheet)
		}
		line, _ := r.FieldPos(0)
		row := sheetRow{line: line, cells: make(map[string]string, len(columns))}
		for i, cell := range cells {
			row.cells[columns[i]] = strings.TrimSpace(cell)
		}
		s.rows = append(s.rows, row)
	}
}
