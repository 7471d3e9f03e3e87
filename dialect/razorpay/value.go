package razorpay

import "wapas/dialect"

// What a body holds.
type (
	value  = dialect.Value
	text   = dialect.Text
	number = dialect.Number
	list   = dialect.List
	object = dialect.Object
)
