package archive

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"sort"
)

// A File is an archive that can be read: its index is in memory, and the file is
// opened when it is needed.
type File struct {
	path     string
	size     int64
	sections map[string][]member
}

// ErrCut says that a file has not the size that it was made with.
var ErrCut = errors.New("it has not the size that it was made with")

// maxUnpacked bounds what one member may unpack to: a file that was tampered with
// must not fill the memory. A member is as large as memberSize and its last line.
const maxUnpacked = 64 << 20

// Open reads the index of a file, as it was made.
func Open(path string, made Made) (*File, error) {
	f := &File{path: path, size: made.Size, sections: map[string][]member{}}
	file, err := f.open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := unpack(file, made.Index, made.Size-made.Index)
	if err != nil {
		return nil, fmt.Errorf("its index: %w", err)
	}
	for line := range bytes.Lines(text) {
		var m member
		if err := json.Unmarshal(line, &m); err != nil {
			return nil, fmt.Errorf("its index: %w", err)
		}
		if m.At < 0 || m.Size < 0 || m.At > made.Index || m.Size > made.Index-m.At {
			return nil, fmt.Errorf("its index: a member of %s is not in the file", m.Section)
		}
		f.sections[m.Section] = append(f.sections[m.Section], m)
	}
	return f, nil
}

// Members is how many members its index names.
func (f *File) Members() int {
	n := 0
	for _, s := range f.sections {
		n += len(s)
	}
	return n
}

// open opens the file, if it has its size.
func (f *File) open() (*os.File, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.Size() != f.size {
		err = fmt.Errorf("%s: %w: %d bytes, not %d", f.path, ErrCut, info.Size(), f.size)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func (f *File) unpack(file io.ReaderAt, m member) ([]byte, error) {
	text, err := unpack(file, m.At, m.Size)
	if err != nil {
		return nil, fmt.Errorf("%s: its %s from %v on: %w", f.path, m.Section, m.key(), err)
	}
	return text, nil
}

func unpack(file io.ReaderAt, at, size int64) ([]byte, error) {
	z, err := gzip.NewReader(io.NewSectionReader(file, at, size))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(z, maxUnpacked+1))
	if err == nil && len(text) > maxUnpacked {
		err = errors.New("a member is too large")
	}
	return text, err
}

// SumOf works out the SHA-256 of a file.
func SumOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// From goes through the lines of a section, upwards from the first of the member
// in which a key would be. It ends with an error if it cannot go on.
func (f *File) From(section string, k Key) iter.Seq2[[]byte, error] {
	return f.walk(section, f.find(section, k), 1)
}

// Back goes through the lines of a section downwards from the last of the member
// in which a key would be.
func (f *File) Back(section string, k Key) iter.Seq2[[]byte, error] {
	return f.walk(section, f.find(section, k), -1)
}

// All goes through a section.
func (f *File) All(section string) iter.Seq2[[]byte, error] { return f.walk(section, 0, 1) }

// find is the last member that does not begin behind a key, or the first.
func (f *File) find(section string, k Key) int {
	members := f.sections[section]
	behind := sort.Search(len(members), func(i int) bool { return members[i].key().Compare(k) > 0 })
	return max(0, behind-1)
}

func (f *File) walk(section string, from, step int) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		members := f.sections[section]
		if len(members) == 0 {
			return
		}
		file, err := f.open()
		if err != nil {
			yield(nil, err)
			return
		}
		defer file.Close()
		for i := from; i >= 0 && i < len(members); i += step {
			text, err := f.unpack(file, members[i])
			if err != nil {
				yield(nil, err)
				return
			}
			for line := range linesOf(text, step) {
				if !yield(line, nil) {
					return
				}
			}
		}
	}
}

// linesOf goes through the lines of a text, downwards if step is below zero.
func linesOf(text []byte, step int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		text = bytes.TrimSuffix(text, []byte{'\n'})
		for more := len(text) > 0; more; {
			var line []byte
			if step > 0 {
				line, text, more = bytes.Cut(text, []byte{'\n'})
			} else if at := bytes.LastIndexByte(text, '\n'); at >= 0 {
				line, text = text[at+1:], text[:at]
			} else {
				line, more = text, false
			}
			if !yield(line) {
				return
			}
		}
	}
}

// Numbered is the lines of the member of a section that has a number, and the
// number of the first: in a section whose keys are numbers without gaps.
func (f *File) Numbered(section string, n int64) (first int64, lines [][]byte, err error) {
	members := f.sections[section]
	if len(members) == 0 {
		return 0, nil, nil
	}
	file, err := f.open()
	if err != nil {
		return 0, nil, err
	}
	defer file.Close()
	m := members[f.find(section, Key{N: n})]
	text, err := f.unpack(file, m)
	if err != nil {
		return 0, nil, err
	}
	return m.N, slices.Collect(linesOf(text, 1)), nil
}
