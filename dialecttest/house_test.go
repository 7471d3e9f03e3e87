package dialecttest

import (
	"testing"
	"time"
)

// A new house stands, its clock moves only when told, and its books add up.
func TestHouse(t *testing.T) {
	h := Open(t)
	h.Issue(t, h.Book, "razorpay", "rzp_test_1", "secret")
	c, err := h.Desk.Authenticate(t.Context(), "razorpay", "rzp_test_1", []byte("secret"))
	if err != nil || c.Book != h.Book {
		t.Fatalf("Authenticate = %+v, %v", c, err)
	}
	h.Advance(t, time.Hour)
	if now := h.Desk.Now().Unix(); now != Start+3600 {
		t.Errorf("an hour after the start it is %d", now)
	}
	h.Audit(t)
}
