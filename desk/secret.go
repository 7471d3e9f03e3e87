package desk

// A Sealer closes secrets that must be readable again (webhook secrets, API
// secrets that sign) before they are kept, and opens them.
type Sealer interface {
	Seal(secret []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}
