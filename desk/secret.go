package desk

import (
	"fmt"
	"io"

	"wapas/mask"
)

// A Secret are bytes that open something. Printed, by whatever verb and inside
// whatever else, they are dots; so they are in JSON.
type Secret []byte

func (Secret) Format(w fmt.State, _ rune)   { hide(w) }
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + mask.Dots + `"`), nil }

// What holds a password, a code or a token as text is dots as a whole, and so is
// the desk itself, which remembers what callers have shown.
func (SignInRequest) Format(w fmt.State, _ rune) { hide(w) }
func (PersonRequest) Format(w fmt.State, _ rune) { hide(w) }
func (Link) Format(w fmt.State, _ rune)          { hide(w) }
func (Text) Format(w fmt.State, _ rune)          { hide(w) }
func (*Desk) Format(w fmt.State, _ rune)         { hide(w) }
func (*Keyring) Format(w fmt.State, _ rune)      { hide(w) }

func hide(w io.Writer) { io.WriteString(w, mask.Dots) }

// A Sealer closes secrets that must be readable again (webhook secrets, API
// secrets that sign) before they are kept, and opens them.
type Sealer interface {
	Seal(secret []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}
