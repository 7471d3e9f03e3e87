package main

import (
	"fmt"
	"io"
	"os"

	"wapas/export"
)

// A sheet is a CSV file whose first line names its columns.
type sheet struct {
	name string
	rows []sheetRow
}

// A sheetRow is one line of a sheet.
type sheetRow export.Row

// get is a cell without the spaces around it; empty if the sheet has no such
// column.
func (r sheetRow) get(column string) string { return r.Cells[column] }

// maxSheet is how many rows a sheet may have.
const maxSheet = 1_000_000

// readSheet reads a whole CSV file, "-" for standard input: see export.Table.
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
	rows, err := export.Table(in, needed, known, maxSheet)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s := &sheet{name: path}
	for _, r := range rows {
		s.rows = append(s.rows, sheetRow(r))
	}
	return s, nil
}
