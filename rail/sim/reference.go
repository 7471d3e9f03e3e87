package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"wapas/ledger"
	"wapas/rail"
)

var ist = time.FixedZone("IST", 5*3600+1800)

// Reference is the proof that an order sent at a moment went. It looks like
// the real ones and is made of the order's own reference:
//
//	refund to a card     ARN, 23 digits, the last one a check digit
//	refund by UPI        RRN, 12 digits
//	other refunds, NEFT  UTR, 16 characters
//	instant refund, IMPS UTR, 12 digits; a remittance's like a payout's
//	RTGS                 UTR, 22 characters
func Reference(o rail.Order, sent ledger.Time) string {
	sum := sha256.Sum256([]byte(o.Reference))
	n := binary.BigEndian.Uint64(sum[:])
	at := sent.Std().In(ist)
	payout := o.What == "payout" || o.What == "remittance"
	switch {
	case payout && o.Method == "NEFT":
		return neft(n, at)
	case payout && o.Method == "RTGS":
		return fmt.Sprintf("SIMBR5%s%08d", at.Format("20060102"), n%1e8)
	case payout, o.Method == "upi", o.Method == "wallet":
		return rrn(n, at)
	case o.Speed == "optimum" && scenario(o) != rail.ScenarioSlow:
		return rrn(n, at)
	case o.Method == "card":
		return arn(n, at)
	}
	return neft(n, at)
}

// arn is a format digit, the acquirer's six, the day as YDDD, eleven of its
// own, and a check digit.
func arn(n uint64, at time.Time) string {
	s := fmt.Sprintf("7%06d%s%011d", 412345, yddd(at), n%1e11)
	return s + string(luhn(s))
}

// rrn is the day as YDDD, the hour and six digits.
func rrn(n uint64, at time.Time) string {
	return fmt.Sprintf("%s%02d%06d", yddd(at), at.Hour(), n%1e6)
}

// neft is the bank, the system, the day and six digits.
func neft(n uint64, at time.Time) string {
	return fmt.Sprintf("SIMBN%02d%03d%06d", at.Year()%100, at.YearDay(), n%1e6)
}

func yddd(at time.Time) string { return fmt.Sprintf("%d%03d", at.Year()%10, at.YearDay()) }

// luhn is the check digit that goes behind a run of digits.
func luhn(digits string) byte {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}
