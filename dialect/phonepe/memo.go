package phonepe

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"wapas/desk"
)

// The names of a thing. What a merchant calls it is one namespace for payments
// and refunds of all generations; what PhonePe calls it is another.
func handleOf(transaction string) desk.ID { return desk.HandleID(Room, transaction) }
func refOf(reference string) desk.ID      { return desk.HandleID(Room+".ref", reference) }

// A memo is what the room remembers with the merchant's name of a thing, to
// answer and to call back as its vendor does.
type memo struct {
	Gen      generation `json:"gen"`
	Kind     string     `json:"kind"`               // charge, qr, debit, pay, refund
	Merchant string     `json:"merchant"`           // the merchant id that the request came under
	Index    string     `json:"index,omitempty"`    // of the salt that it was signed with
	Callback string     `json:"callback,omitempty"` // where to say how it ended, if the request said so
	Mode     string     `json:"mode,omitempty"`     // POST or PUT
	Order    string     `json:"order,omitempty"`    // merchantOrderId
	Original string     `json:"original,omitempty"` // of a refund: originalTransactionId as it was given
	Provider string     `json:"provider,omitempty"` // of a refund: providerReferenceId as it was given
	Sub      string     `json:"sub,omitempty"`      // subMerchant
	User     string     `json:"user,omitempty"`     // merchantUserId
	Mobile   string     `json:"mobile,omitempty"`
	Store    string     `json:"store,omitempty"`
	Terminal string     `json:"terminal,omitempty"`
	Redirect string     `json:"redirectUrl,omitempty"`  // where a page sends the customer afterwards
	How      string     `json:"redirectMode,omitempty"` // and how: GET, POST, REDIRECT
	Type     string     `json:"type,omitempty"`         // the instrument of a payment of generation 2
}

// handle is the memo under the merchant's name.
func (m memo) handle(transaction string) desk.Handle {
	b, err := json.Marshal(m)
	if err != nil { // it is made of strings
		panic(err)
	}
	return desk.Handle{ID: handleOf(transaction), Wire: string(b)}
}

// readMemo reads a memo back. Ok is false for a handle of the newest
// generation or of another room.
func readMemo(h desk.Handle) (m memo, transaction string, ok bool) {
	transaction, ok = strings.CutPrefix(string(h.ID), Room+"/")
	if !ok || json.Unmarshal([]byte(h.Wire), &m) != nil || m.Gen > g2 || m.Kind == "" {
		return memo{}, "", false
	}
	return m, transaction, true
}

// India is where the vendor's references are told in.
var india = time.FixedZone("IST", 5*3600+1800)

// digitsOf are the 22 digits of PhonePe's name of a thing: the moment of its id
// as yyMMddHHmmss in India, its nanoseconds, and a digit to check it by. No two
// things of a book have the same.
func digitsOf(id desk.ID) string {
	at, _ := id.Moment()
	s := at.In(india).Format("060102150405") + fmt.Sprintf("%09d", at.Nanosecond())
	sum := 0
	for i, c := range s {
		sum += int(c-'0') * (i%9 + 1)
	}
	return s + string(rune('0'+sum%10))
}

// paymentRef is PhonePe's name of a payment, in every older generation.
func paymentRef(id desk.ID) string { return "T" + digitsOf(id) }

// refundRef is PhonePe's name of a refund.
func refundRef(gen generation, id desk.ID) string {
	if gen == g2 {
		return "TR" + digitsOf(id)
	}
	return "P" + digitsOf(id)
}

// called is how the desk is told the names of a new thing.
func (m memo) called(transaction string, ref func(desk.ID) string) desk.Called {
	return desk.Called{
		Room: Room, Handle: m.handle(transaction), Callback: m.Callback != "", Ref: transaction,
		Aliases: func(id desk.ID) []desk.ID { return []desk.ID{refOf(ref(id))} },
	}
}
