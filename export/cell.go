package export

import (
	"slices"
	"strings"
	"unicode"
)

// Harmless is a cell that no spreadsheet takes for a formula: one that begins
// like one has an apostrophe before it, and there is nothing in it that is not
// printed. Unharmed takes the apostrophe off again.
func Harmless(cell string) string {
	cell = strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, cell))
	if Risky(cell) {
		return "'" + cell
	}
	return cell
}

// Unharmed is the cell that Harmless was given.
func Unharmed(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && Risky(rest) {
		return rest
	}
	return cell
}

// Risky says whether a spreadsheet might take a cell for a formula.
func Risky(cell string) bool {
	return cell != "" && slices.Contains([]rune("=+-@＝＋－＠"), []rune(cell)[0])
}
