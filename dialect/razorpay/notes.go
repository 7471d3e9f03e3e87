package razorpay

import (
	"unicode/utf8"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// The limits of notes. Lengths count characters, not bytes.
const (
	maxNotes    = 15
	maxNoteText = 256
)

// notesWire are notes on the wire: the object as it was sent, or [] if there
// are none, which is an array because it is one on the real API.
type notesWire desk.Notes

func (n notesWire) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("[]"), nil
	}
	return []byte(n), nil
}

// readNotes takes notes from a request: an object of texts, numbers and
// booleans, which are echoed as given. Null, an empty list, an empty text and
// an empty object are no notes.
func readNotes(v value, field string) (desk.Notes, error) {
	refused := ledger.Refuse(ledger.Invalid, whyNotes, "").In(field)
	if v == nil || v == text("") {
		return "", nil
	}
	if l, ok := v.(list); ok && len(l) == 0 {
		return "", nil
	}
	o, ok := v.(*object)
	if !ok || len(o.Keys) > maxNotes {
		return "", refused
	}
	if len(o.Keys) == 0 {
		return "", nil
	}
	for _, k := range o.Keys {
		if utf8.RuneCountInString(k) > maxNoteText {
			return "", refused
		}
		switch v := o.Vals[k].(type) {
		case *object, list:
			return "", refused
		case text:
			if utf8.RuneCountInString(string(v)) > maxNoteText {
				return "", refused
			}
		case number:
			if len(v) > maxNoteText {
				return "", refused
			}
		}
	}
	return desk.Notes(dialect.WriteJSON(o)), nil
}
