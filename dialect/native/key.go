package native

import "wapas/desk"

// NewToken mints a bearer token, which says which mode its book is in.
func NewToken(mode desk.Mode) string { return "wapas_" + string(mode) + "_" + desk.Letters(40) }
