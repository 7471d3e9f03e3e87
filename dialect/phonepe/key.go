package phonepe

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"

	"wapas/desk"
)

// NewSalt mints the name under which a merchant's salt key is kept,
// MERCHANTID#INDEX, and the key, which looks like the vendor's. Old is the name
// of a salt of the same merchant that this one is to follow, or empty for a new
// merchant id.
func NewSalt(mode desk.Mode, old string) (name, key string) {
	merchant, index, found := strings.Cut(old, "#")
	n, err := strconv.Atoi(index)
	if !found || err != nil {
		merchant, n = newMerchant(mode), 0
	}
	return merchant + "#" + strconv.Itoa(n+1), newUUID()
}

// NewClient mints the name of a client of the newest generation, client:ID, and
// its secret.
func NewClient(mode desk.Mode) (name, secret string) {
	return clientPrefix + newMerchant(mode) + "_" + strings.ToUpper(desk.Letters(4)), newUUID()
}

// newMerchant mints a merchant id: capital letters and digits, and what it is
// for at its front.
func newMerchant(mode desk.Mode) string {
	id := strings.ToUpper(desk.Letters(14))
	if mode == desk.Test {
		return "UAT" + id
	}
	return "M" + id
}

// newUUID is a random one, as keys are written.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: it would end the program
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
