package razorpay

import "wapas/desk"

// Room is this room's name in the register of credentials.
const Room = name

// NewKey mints a key id and its secret as the vendor's look: the id says which
// mode its book is in.
func NewKey(mode desk.Mode) (id, secret string) {
	return "rzp_" + string(mode) + "_" + desk.Letters(14), desk.Letters(24)
}
