package ledger

import (
	"errors"
	"fmt"
)

// A Code says why something was refused. The order of the codes is the order
// of the checks, in every operation, so that nobody has to ask which of two
// faults is reported.
type Code string

const (
	Denied       Code = "denied"       // we do not know you, or you may not
	Limited      Code = "limited"      // too many, too fast
	Invalid      Code = "invalid"      // the request itself is wrong; Field says where
	Busy         Code = "busy"         // the same request is being worked on right now
	Mismatch     Code = "mismatch"     // this key was used with another body
	Duplicate    Code = "duplicate"    // this reference was used before
	NotFound     Code = "not_found"    // something you name is not there
	WrongState   Code = "wrong_state"  // it is there, but before or past this
	Exceeds      Code = "exceeds"      // more than is left to give back, or than a limit allows
	Insufficient Code = "insufficient" // more than is available
	Internal     Code = "internal"     // our fault; the caller learns nothing else
)

// Codes lists every code, in order, for tests that walk the tables of rooms.
var Codes = []Code{Denied, Limited, Invalid, Busy, Mismatch, Duplicate, NotFound, WrongState, Exceeds, Insufficient, Internal}

// An Error is a refusal. Why names the rule that refused, in a word or two
// that never changes, so that a room can give it the vendor's own words; it is
// empty where the code says enough. Field and Detail are for the caller and
// hold no secret. Err is for us and is never written to a wire.
type Error struct {
	Code   Code
	Why    Why
	Field  string
	Detail string
	Err    error
}

// Why names one rule. The rules of each operation are listed beside it.
type Why string

func (e *Error) Error() string {
	s := string(e.Code)
	if e.Why != "" {
		s += " (" + string(e.Why) + ")"
	}
	if e.Field != "" {
		s += " " + e.Field
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Refuse makes a refusal: a code, the rule, and a detail for the caller.
func Refuse(c Code, why Why, format string, args ...any) *Error {
	return &Error{Code: c, Why: why, Detail: fmt.Sprintf(format, args...)}
}

// In names the field that is at fault.
func (e *Error) In(field string) *Error { e.Field = field; return e }

// CodeOf is the code of err: its own if it is a refusal, Internal if it is
// any other error, and empty if it is nil.
func CodeOf(err error) Code {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Code
	}
	return Internal
}
