package native

import (
	"slices"

	"wapas/desk"
)

// NewToken mints a bearer token, which says which mode its book is in.
func NewToken(mode desk.Mode) string { return "wapas_" + string(mode) + "_" + desk.Letters(40) }

// Scopes are the words that a token may be limited by.
func Scopes() []string { return slices.Clone(scopes) }
