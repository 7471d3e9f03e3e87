package engage

import "wapas/desk"

// NewToken mints a bearer token. It carries no mode: the path does.
func NewToken(desk.Mode) string { return desk.Letters(40) }

// NewClient mints a client id and its secret, for who asks at /token. The
// vendor's clients check that an id is 1 to 14 letters and digits.
func NewClient(desk.Mode) (id, secret string) { return desk.Letters(14), desk.Letters(24) }
