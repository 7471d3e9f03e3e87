package dialecttest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// StatementsEnv names a directory. Where it is set, every test that opens a store
// writes down there which statements it sends: see TestEveryStatement in storetest.
const StatementsEnv = "WAPAS_TEST_STATEMENTS"

// Statements are the different statements that stores were heard to send, each
// with its engine: the key is "sqlite" or "postgres", a tab, and the text in one
// line.
type Statements struct {
	raw   sync.Map // texts as they came, with their engines, that need no second look
	mu    sync.Mutex
	all   map[string]bool
	fresh func(line string) // told of every new one; may be nil
}

// NewStatements has none yet.
func NewStatements() *Statements { return &Statements{all: map[string]bool{}} }

// Of is what a store at an address is to tell of its statements (sqlstore.Options).
func (s *Statements) Of(address string) func(sql string) {
	engine, _, _ := strings.Cut(address, ":")
	return func(sql string) { s.hear(engine, sql) }
}

func (s *Statements) hear(engine, sql string) {
	if _, known := s.raw.LoadOrStore(engine+"\t"+sql, true); known {
		return
	}
	line := engine + "\t" + shape(sql)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[line] {
		return
	}
	s.all[line] = true
	if s.fresh != nil {
		s.fresh(line)
	}
}

// Lines are all of them.
func (s *Statements) Lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for line := range s.all {
		all = append(all, line)
	}
	return all
}

// rows are the rows of an INSERT behind its first.
var rows = regexp.MustCompile(`(VALUES \([$?0-9, ]*\))(?:, \([$?0-9, ]*\))+`)

// shape is a text in one line, and an INSERT of many rows as one of a single row.
func shape(sql string) string {
	return rows.ReplaceAllString(strings.Join(strings.Fields(sql), " "), "$1")
}

// Heard is Of for all stores of this process if the environment says where their
// statements are to be written down, and nil otherwise.
func Heard(t testing.TB, address string) func(sql string) {
	t.Helper()
	dir := os.Getenv(StatementsEnv)
	if dir == "" {
		return nil
	}
	s, err := ours(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s.Of(address)
}

var (
	oursOnce sync.Once
	oursAll  *Statements
	oursErr  error
)

// ours are the statements of this process, and the file that they go to.
func ours(dir string) (*Statements, error) {
	oursOnce.Do(func() {
		var f *os.File
		f, oursErr = os.Create(filepath.Join(dir, fmt.Sprintf("%s-%d", filepath.Base(os.Args[0]), os.Getpid())))
		oursAll = NewStatements()
		oursAll.fresh = func(line string) { fmt.Fprintln(f, line) } // it is closed with the process
	})
	return oursAll, oursErr
}
