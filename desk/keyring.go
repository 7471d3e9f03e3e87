package desk

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// MasterKeySize is how long a master key is, in bytes.
const MasterKeySize = 32

// A Keyring seals secrets with AES-256-GCM under keys derived from master
// keys. It seals with the first and opens with whichever sealed: each sealed
// secret begins with the name of its key, so that a master key can be replaced
// while secrets sealed under the old one are still around.
type Keyring struct {
	keys []ringKey
}

// A ringKey is one key of a ring. Its name gives nothing of it away.
type ringKey struct {
	name []byte // keyNameSize bytes
	aead cipher.AEAD
}

const (
	sealVersion = 1 // the first byte of what is sealed, so that the form can change
	keyNameSize = 4
)

// ErrWrongKey says that a secret was sealed under a master key that is not in
// the ring.
var ErrWrongKey = errors.New("sealed under another master key")

// NewKeyring makes a ring that seals with the first master key, and opens what
// was sealed with any of them.
func NewKeyring(master ...[]byte) (*Keyring, error) {
	if len(master) == 0 {
		return nil, errors.New("a keyring needs a master key")
	}
	var ring Keyring
	for _, m := range master {
		if len(m) != MasterKeySize {
			return nil, fmt.Errorf("a master key has %d bytes, not %d", MasterKeySize, len(m))
		}
		key, err := hkdf.Key(sha256.New, m, nil, "wapas: sealed secrets", 32)
		if err != nil {
			return nil, err
		}
		name, err := hkdf.Key(sha256.New, m, nil, "wapas: name of the key", keyNameSize)
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		ring.keys = append(ring.keys, ringKey{name, aead})
	}
	return &ring, nil
}

// Seal closes a secret: version, key name, nonce, and the secret with its tag.
// The same secret sealed twice looks different.
func (r *Keyring) Seal(secret []byte) ([]byte, error) {
	k := r.keys[0]
	head := append([]byte{sealVersion}, k.name...)
	nonce := make([]byte, k.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return k.aead.Seal(append(bytes.Clone(head), nonce...), nonce, secret, head), nil
}

// Open gives a sealed secret back. It is ErrWrongKey if none of the ring's
// keys sealed it, and another error if it was changed since.
func (r *Keyring) Open(sealed []byte) ([]byte, error) {
	const head = 1 + keyNameSize
	if len(sealed) < head || sealed[0] != sealVersion {
		return nil, errors.New("not a sealed secret")
	}
	for _, k := range r.keys {
		if !bytes.Equal(sealed[1:head], k.name) {
			continue
		}
		n := k.aead.NonceSize()
		if len(sealed) < head+n {
			return nil, errors.New("a sealed secret was cut short")
		}
		secret, err := k.aead.Open(nil, sealed[head:head+n], sealed[head+n:], sealed[:head])
		if err != nil {
			return nil, fmt.Errorf("open a sealed secret: %w", err)
		}
		return secret, nil
	}
	return nil, ErrWrongKey
}

// SealedUnder is the name of the master key that a secret is sealed under; empty
// if it is too short to say so.
func SealedUnder(sealed []byte) string {
	if len(sealed) < 1+keyNameSize {
		return ""
	}
	return string(sealed[1 : 1+keyNameSize])
}

// stale says whether a secret was sealed under another key than the one that
// seals now.
func (r *Keyring) stale(sealed []byte) bool { return SealedUnder(sealed) != string(r.keys[0].name) }

// anew is a sealed secret, sealed under the key that seals now.
func (r *Keyring) anew(sealed []byte) ([]byte, error) {
	secret, err := r.Open(sealed)
	if err != nil {
		return nil, err
	}
	return r.Seal(secret)
}
