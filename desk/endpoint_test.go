package desk_test

import (
	"testing"

	"wapas/desk"
)

// Everything, in the vendor's room, is what the vendor announces: neither our
// own events nor those of other rooms.
func TestAsks(t *testing.T) {
	for _, tt := range []struct {
		room, events, name string
		want               bool
	}{
		{"", "refund.created refund.failed", "refund.failed", true},
		{"", "refund.created refund.failed", "refund.processed", false},
		{"", "*", "refund.processed", true},
		{"", "*", "reversal.created", false},
		{"", "* reversal.created", "reversal.created", true},
		{"", "*", "remittance.failed", false},
		{"", "*", "credit.given", false},
		{"eko", "", "remittance.failed", true},
		{"eko", "*", "remittance.failed", true},
		{"eko", "", "exception.raised", false},
		{"eko", "remittance.processed", "remittance.failed", false},
	} {
		if got := (desk.Endpoint{Room: tt.room, Events: tt.events}).Asks(tt.name); got != tt.want {
			t.Errorf("an endpoint of room %q that asks for %q, of %s: %t", tt.room, tt.events, tt.name, got)
		}
	}
}
