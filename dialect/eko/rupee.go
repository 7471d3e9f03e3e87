package eko

import (
	"strings"

	"wapas/ledger"
)

// Amounts on this wire are texts in rupees, and never go through a float: "5000",
// "5000.5" and "5000.00" are whole paise, "5000.001" is not an amount.

// parseRupees reads an amount. Behind the point there may be more than two
// digits, as some clients write, if those are zeros.
func parseRupees(s string) (ledger.Amount, bool) {
	if point := strings.IndexByte(s, '.'); point >= 0 && len(s) > point+3 {
		if strings.Trim(s[point+3:], "0") != "" {
			return 0, false
		}
		s = s[:point+3]
	}
	return ledger.ParseRupees(s)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// short writes an amount as Java prints a double of this size, which is how the
// vendor prints fees: "50.0", "7.1", "28.38". Amounts and balances have two
// digits behind the point: ledger.Amount.String.
func short(a ledger.Amount) string { return strings.TrimSuffix(a.String(), "0") }
