// Package archive keeps rows that will never change again in files that are
// small and can be read without this program: lines of JSON, packed by gzip, so
// that zcat prints the whole file.
//
// A file is made of gzip members one after another, each of some thousand lines
// at most. Lines lie in sections, and in each section in the order of a key; the
// last member is the index: where each member lies, and the key of its first
// line. Whoever looks for a key so unpacks one member, not the file. The same
// lines make the same file, byte for byte.
//
// What the lines say, and whether it is true, is left to who writes and reads
// them.
package archive

import "cmp"

// A Key says where a line belongs in its section: by a text, then by a number.
type Key struct {
	Text string
	N    int64
}

// Compare is below zero if k comes before other.
func (k Key) Compare(other Key) int {
	return cmp.Or(cmp.Compare(k.Text, other.Text), cmp.Compare(k.N, other.N))
}

// memberSize is from how many bytes of lines on a member is packed. Larger ones
// pack a little better; a page that needs lines from many members is read the
// faster the smaller they are.
const memberSize = 64 << 10

// A member is where some lines of a section lie: one line of the index.
type member struct {
	Row     string `json:"row"` // index
	Section string `json:"section"`
	Text    string `json:"text"` // the key of its first line
	N       int64  `json:"n"`
	At      int64  `json:"at"`   // bytes from the file's beginning
	Size    int64  `json:"size"` // bytes, packed
}

func (m member) key() Key { return Key{m.Text, m.N} }
