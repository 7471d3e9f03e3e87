package desk

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"wapas/ledger"
)

// A Hash is what is kept of a password: argon2id, its costs, a salt and the
// sum, in the usual form $argon2id$v=19$m=…,t=…,p=…$salt$sum. It prints as dots.
type Hash string

func (Hash) Format(w fmt.State, _ rune)   { hide(w) }
func (Hash) MarshalText() ([]byte, error) { return []byte("••••••"), nil }

// What a new hash costs: 19 MiB and two passes over them, some 30 ms.
const (
	hashMemory = 19 << 10 // KiB
	hashPasses = 2
	saltSize   = 16
	sumSize    = 32
)

// A password has at least so many characters and at most so many bytes.
const (
	minPassword = 12
	maxPassword = 256
)

// mayBePassword says whether a password will do for a person: long enough, and
// not what everybody knows of them. Long ones need no digits and no signs.
func mayBePassword(password string, p Person) error {
	bad := func(text string, args ...any) error {
		return ledger.Refuse(ledger.Invalid, WhyPassword, text, args...).In("password")
	}
	name, _, _ := strings.Cut(p.Email, "@")
	low := strings.ToLower(strings.TrimSpace(password))
	switch {
	case !utf8.ValidString(password) || len(password) > maxPassword:
		return bad("a password has at most %d bytes of text", maxPassword)
	case utf8.RuneCountInString(password) < minPassword:
		return bad("a password has at least %d characters", minPassword)
	case low == "" || low == p.Email || low == name || low == strings.ToLower(p.Name) || strings.Trim(low, string([]rune(low)[:1])) == "":
		return bad("that is easily guessed")
	}
	return nil
}

// hash is a new hash of a password. Each costs memory, so only a few are made
// at a time: who waits too long is told so by ctx.
func (d *Desk) hash(ctx context.Context, password string) (Hash, error) {
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails: it would end the program
	sum, err := d.sum(ctx, password, salt, d.hashMemory(), hashPasses, 1, sumSize)
	code := base64.RawStdEncoding.EncodeToString
	return Hash(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, d.hashMemory(), hashPasses, code(salt), code(sum))), err
}

// hashMemory is what a new hash costs in memory, in KiB.
func (d *Desk) hashMemory() uint32 { return cmp.Or(d.HashMemory, hashMemory) }

// nobody is the hash that a password is compared with where there is no person:
// of an unknown text, and it takes as long as anybody's.
func (d *Desk) nobody() Hash {
	return Hash(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$d2FwYXMgLSBub2JvZHkhIQ$MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA", argon2.Version, d.hashMemory(), hashPasses))
}

// matches says whether a password is the one that was hashed.
func (d *Desk) matches(ctx context.Context, h Hash, password string) (bool, error) {
	var version, passes, memory, threads uint32
	parts := strings.Split(string(h), "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, fmt.Errorf("a password's hash of an unknown form")
	}
	_, err1 := fmt.Sscanf(parts[2], "v=%d", &version)
	_, err2 := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads)
	salt, err3 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err4 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || version != argon2.Version ||
		passes < 1 || passes > 16 || memory < 8 || memory > 64<<10 || threads < 1 || threads > 16 || len(want) < 16 || len(want) > 64 {
		return false, fmt.Errorf("a password's hash of an unknown form")
	}
	got, err := d.sum(ctx, password, salt, memory, passes, uint8(threads), uint32(len(want)))
	return err == nil && subtle.ConstantTimeCompare(got, want) == 1, err
}

// sum is argon2id, when it is its turn.
func (d *Desk) sum(ctx context.Context, password string, salt []byte, memory, passes uint32, threads uint8, size uint32) ([]byte, error) {
	if err := d.hashing.enter(ctx); err != nil {
		return nil, err
	}
	defer d.hashing.leave()
	return argon2.IDKey([]byte(password), salt, passes, memory, threads, size), nil
}

// atOnce is how many passwords are hashed at a time: each takes its memory.
const atOnce = 2

// turns lets atOnce through at a time. The zero turns works.
type turns struct {
	once sync.Once
	free chan struct{}
}

func (t *turns) enter(ctx context.Context) error {
	t.once.Do(func() { t.free = make(chan struct{}, atOnce) })
	select {
	case t.free <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *turns) leave() { <-t.free }
