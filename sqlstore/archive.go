package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"wapas/archive"
	"wapas/desk"
	"wapas/ledger"
)

// An Archive is a file that holds part of a book's past: the seals from one to
// another, and with them entries with their postings, events and the lines of
// statements. Its rows are no longer in the tables. Everything that reads a book
// reads both as one: see archived.go, and verify.
type Archive struct {
	Book desk.BookID
	N    int64  // dense from 1
	File string // below the folder of archives
	Made archive.Made

	FirstSeal, Seal   int64
	SealedAt          ledger.Time // of the last seal, as its hash is
	Hash              string
	FirstEntry, Entry int64 // none if the first is above the last
	FirstEvent, Event int64
	Postings, Lines   int64
	Digest            string // of the lines of statements
	FirstAt, LastAt   ledger.Time
	Youngest          string // see youth
	At                ledger.Time
}

const archiveCols = `n file size index_at sum first_seal seal sealed_at hash first_entry entry first_event event
	postings wallet_lines lines_digest first_at last_at youngest archived_at`

func archiveFields(a *Archive) []any {
	return []any{&a.N, &a.File, &a.Made.Size, &a.Made.Index, &a.Made.Sum, &a.FirstSeal, &a.Seal, n(&a.SealedAt), &a.Hash, &a.FirstEntry, &a.Entry,
		&a.FirstEvent, &a.Event, &a.Postings, &a.Lines, &a.Digest, n(&a.FirstAt), n(&a.LastAt), &a.Youngest, n(&a.At)}
}

// youth orders the names of things by when they were made: an id without its
// prefix. Something younger than all that an archive is about is not in it.
func youth(id desk.ID) string {
	return string(id[strings.LastIndexByte(string(id), '_')+1:])
}

// unreadable says that an archive cannot be read: the caller may try again when
// its file is there.
func (a *Archive) unreadable(err error) error {
	return &ledger.Error{Code: ledger.Internal, Why: desk.WhyArchiveAway, Err: fmt.Errorf("archive %d of book %d, %s: %w", a.N, a.Book, a.File, err)}
}

// A shelf is what a store knows of the archives: their folder, the rows of
// each book as far as they were read, and the indexes of files that were used
// last.
type shelf struct {
	folder string

	mu    sync.Mutex
	books map[desk.BookID][]Archive
	files map[string]*archive.File
	held  int // members in the indexes
}

// maxHeld bounds the indexes that are kept: some hundred bytes for each member.
const maxHeld = 50_000

// ArchivesBeside is the folder of the archives of a SQLite database, if nobody says
// another.
func ArchivesBeside(path string) string { return filepath.Clean(path) + ".archive" }

// ArchiveFolder is where the files of archives are, or empty if nobody said.
func (st *Store) ArchiveFolder() string { return st.shelf.folder }

// Archives lists a book's archives, the oldest first.
func (st *Store) Archives(ctx context.Context, book desk.BookID) ([]Archive, error) {
	return st.archives(ctx, st.db, book)
}

// archives are those that a reader sees. Their rows never change and none goes,
// so each is read once.
func (st *Store) archives(ctx context.Context, r reader, book desk.BookID) ([]Archive, error) {
	var last int64
	err := r.query(ctx, stmt{
		sql:  "SELECT n FROM archives WHERE book = $1 ORDER BY n DESC LIMIT 1",
		args: []any{int64(book)},
		each: func(scan func(...any) error) error { return scan(&last) },
	})
	if err != nil || last == 0 {
		return nil, err
	}
	st.shelf.mu.Lock()
	known := st.shelf.books[book]
	st.shelf.mu.Unlock()
	if int64(len(known)) < last {
		fresh, err := archivesBehind(ctx, r, book, int64(len(known)))
		if err != nil {
			return nil, err
		}
		known = append(known[:len(known):len(known)], fresh...)
		st.shelf.mu.Lock()
		if len(st.shelf.books[book]) < len(known) {
			st.shelf.books[book] = known
		}
		st.shelf.mu.Unlock()
	}
	if int64(len(known)) < last {
		return nil, fmt.Errorf("book %d has archive %d, and not all before it", book, last)
	}
	return known[:last:last], nil // who reads at an earlier moment sees fewer than are known
}

// archivesBehind reads the rows of a book after one.
func archivesBehind(ctx context.Context, r reader, book desk.BookID, after int64) (all []Archive, err error) {
	err = r.query(ctx, stmt{
		sql:  "SELECT " + listed(archiveCols) + " FROM archives WHERE book = $1 AND n > $2 ORDER BY n",
		args: []any{int64(book), after},
		each: func(scan func(...any) error) error {
			a := Archive{Book: book}
			err := scan(archiveFields(&a)...)
			all = append(all, a)
			return err
		},
	})
	return all, err
}

// path is where the file of an archive is.
func (s *shelf) path(a *Archive) (string, error) {
	if s.folder == "" {
		return "", errors.New("nobody said where the files of archives are: give the folder with --archive")
	}
	if !filepath.IsLocal(a.File) {
		return "", fmt.Errorf("%q is no name of a file in the folder", a.File)
	}
	return filepath.Join(s.folder, a.File), nil
}

// file opens the file of an archive and reads its index.
func (s *shelf) file(a *Archive) (*archive.File, error) {
	path, err := s.path(a)
	if err != nil {
		return nil, err
	}
	return archive.Open(path, a.Made)
}

// open is the file of an archive for pages: its index is kept.
func (s *shelf) open(a *Archive) (*archive.File, error) {
	s.mu.Lock()
	f := s.files[a.File]
	s.mu.Unlock()
	if f != nil {
		return f, nil
	}
	f, err := s.file(a)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held += f.Members(); s.held > maxHeld {
		clear(s.files)
		s.held = f.Members()
	}
	s.files[a.File] = f
	return f, nil
}

// Strays are files in the folder that are below the name of a book's and belong
// to none of its archives: what a run that was broken off left behind.
func (st *Store) Strays(ctx context.Context, book desk.Book) ([]string, error) {
	if st.shelf.folder == "" {
		return nil, nil
	}
	all, err := st.Archives(ctx, book.ID)
	if err != nil {
		return nil, err
	}
	folder := folderOf(book)
	there, err := os.ReadDir(filepath.Join(st.shelf.folder, folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var strays []string
	for _, f := range there {
		name := filepath.Join(folder, f.Name())
		if !slices.ContainsFunc(all, func(a Archive) bool { return a.File == name }) {
			strays = append(strays, name)
		}
	}
	return strays, err
}

// folderOf is the folder of a book's archives, below that of all.
func folderOf(b desk.Book) string { return string(b.Merchant) + "-" + string(b.Mode) }
