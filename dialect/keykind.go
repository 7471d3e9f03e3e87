package dialect

import "wapas/desk"

// A KeyKind is a sort of credential that a room knows: what it looks like, and
// how one is tried. A bearer token has no name: its secret is all there is of it.
type KeyKind struct {
	Room, Kind string
	// Of says whether a credential of the room with this name is of this kind.
	Of func(name string) bool
	// Mint makes one for a book of a mode. Old is the name of what it replaces.
	Mint func(mode desk.Mode, old string) (name, secret string)
	// Scopes are the words that it may be limited by; it may do everything without.
	Scopes []string
	// Parts are what the vendor's clients are given, by the vendor's words for it.
	Parts func(name, secret string) []KeyPart
	// Base is what stands behind the server's address where a client is told where
	// to call.
	Base string
	// Try is a line for a shell that shows a test book's credential at the door.
	Try func(Trial) string
}

// A KeyPart is one thing that a client is given.
type KeyPart struct{ Name, Value string }

// A Trial is what a line to try needs: the server's address, both halves of a
// credential, and an agent of the book, if it has one.
type Trial struct {
	Base, Name, Secret string
	Agent              desk.Agent
}
