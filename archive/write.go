package archive

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
)

// A Writer makes a file. It has a name that ends in .part until it is published.
type Writer struct {
	file    *os.File
	sum     hash.Hash
	at      int64
	packer  *gzip.Writer
	packed  bytes.Buffer
	lines   bytes.Buffer // of the member that is being filled
	now     member
	last    Key
	members []member
}

// Made is what there is to remember of a file that was made.
type Made struct {
	Size  int64  // bytes
	Index int64  // where its last member begins
	Sum   string // SHA-256, in hexadecimal
}

// Create begins a file in a folder, which is made if it is not there. Name is what
// it will be called.
func Create(folder, name string) (*Writer, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(folder, name+".*.part") // nobody else may read it
	if err != nil {
		return nil, err
	}
	return &Writer{file: file, sum: sha256.New(), packer: gzip.NewWriter(nil)}, nil
}

// Add adds a line, without its end. Lines of a section come together, in the
// order of their keys; those with the same key stay as they came.
func (w *Writer) Add(section string, k Key, line []byte) error {
	switch {
	case bytes.IndexByte(line, '\n') >= 0:
		return fmt.Errorf("a line of %s has two", section)
	case w.now.Section == section && k.Compare(w.last) < 0:
		return fmt.Errorf("a line of %s at %v comes after one at %v", section, k, w.last)
	}
	// Lines of one key lie in one member, so that the last member that begins with
	// a key has all of it.
	if w.now.Section != section || w.lines.Len() >= memberSize && k != w.last {
		if err := w.pack(); err != nil {
			return err
		}
		w.now = member{Row: "index", Section: section, Text: k.Text, N: k.N}
	}
	w.last = k
	w.lines.Write(line)
	return w.lines.WriteByte('\n')
}

// pack ends the member that is being filled.
func (w *Writer) pack() error {
	if w.lines.Len() == 0 {
		return nil
	}
	w.packed.Reset()
	w.packer.Reset(&w.packed)
	if _, err := w.packer.Write(w.lines.Bytes()); err != nil {
		return err
	}
	if err := w.packer.Close(); err != nil {
		return err
	}
	w.lines.Reset()
	w.now.At, w.now.Size = w.at, int64(w.packed.Len())
	w.members = append(w.members, w.now)
	w.at += w.now.Size
	w.sum.Write(w.packed.Bytes())
	_, err := w.file.Write(w.packed.Bytes())
	return err
}

// Publish ends the file and gives it its name, in place of one that has it
// already. When it returns the file is on the disk, whole.
func (w *Writer) Publish(name string) (Made, error) {
	if err := w.pack(); err != nil {
		return Made{}, err
	}
	index := w.at
	for _, m := range w.members {
		line, err := json.Marshal(m)
		if err != nil {
			return Made{}, err
		}
		w.lines.Write(append(line, '\n'))
	}
	if err := w.pack(); err != nil {
		return Made{}, err
	}
	if err := errors.Join(w.file.Sync(), w.file.Close()); err != nil {
		return Made{}, err
	}
	folder := filepath.Dir(w.file.Name())
	if err := os.Rename(w.file.Name(), filepath.Join(folder, name)); err != nil {
		return Made{}, err
	}
	// The name, and that of the folder, which may be new.
	for _, f := range []string{folder, filepath.Dir(folder), filepath.Dir(filepath.Dir(folder))} {
		if err := settle(f); err != nil {
			return Made{}, err
		}
	}
	return Made{Size: w.at, Index: index, Sum: hex.EncodeToString(w.sum.Sum(nil))}, nil
}

// Discard removes the file unless it was published.
func (w *Writer) Discard() {
	w.file.Close()
	os.Remove(w.file.Name())
}

// settle waits until a folder's list of files is on the disk.
func settle(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
