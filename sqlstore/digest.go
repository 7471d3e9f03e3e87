package sqlstore

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
)

// A digest stands for a set of rows whatever their order: the sum of their
// hashes, modulo 2 to the 256. Changing a row takes its old hash off and puts
// its new one on, so the digest of a book's whole state is kept at the cost of
// the rows that change, and one pass over the tables recomputes it.
type digest [4]uint64

func hashOf(encoded []byte) digest {
	h := sha256.Sum256(encoded)
	var d digest
	for i := range d {
		d[i] = binary.LittleEndian.Uint64(h[8*i:])
	}
	return d
}

// add puts a row's encoding into the set, sub takes it out.
func (d *digest) add(encoded []byte) { d.sum(hashOf(encoded), bits.Add64) }
func (d *digest) sub(encoded []byte) { d.sum(hashOf(encoded), bits.Sub64) }

// join puts all of another set in.
func (d *digest) join(other digest) { d.sum(other, bits.Add64) }

func (d *digest) sum(h digest, op func(x, y, carry uint64) (uint64, uint64)) {
	var carry uint64
	for i := range d {
		d[i], carry = op(d[i], h[i], carry)
	}
}

func (d digest) String() string {
	var buf [32]byte
	for i, limb := range d {
		binary.LittleEndian.PutUint64(buf[8*i:], limb)
	}
	return hex.EncodeToString(buf[:])
}

// parseDigest reads what String wrote; the empty text is the empty set.
func parseDigest(text string) (d digest, err error) {
	if text == "" {
		return d, nil
	}
	buf, err := hex.DecodeString(text)
	if err != nil || len(buf) != 32 {
		return d, fmt.Errorf("%q is no digest", text)
	}
	for i := range d {
		d[i] = binary.LittleEndian.Uint64(buf[8*i:])
	}
	return d, nil
}
