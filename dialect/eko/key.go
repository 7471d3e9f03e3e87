package eko

import "wapas/desk"

// NewKey mints a developer key and its access key. They look the same for
// either mode: the vendor's say nothing of theirs.
func NewKey(desk.Mode) (developer, access string) { return desk.Letters(32), desk.Letters(40) }
