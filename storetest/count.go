package storetest

import "wapas/desk"

// CountIn is Count for a test that makes the change itself. It returns how
// many counts there were before.
func CountIn(tx desk.Tx, who desk.ID) (int64, error) { return count(tx, who) }
