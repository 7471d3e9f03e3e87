package wapas

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors are the packages of the house from the ground up. A package imports
// only from floors below its own; rooms do not know each other.
var floors = [][]string{
	{"ledger", "client", "mask", "archive"},
	{"rail"},
	{"rail/sim", "desk"},
	{"dialect", "webhook", "sms", "export", "trigger"},
	{"dialect/razorpay", "dialect/engage", "dialect/phonepe", "dialect/eko", "dialect/native", "console", "sqlstore"},
	{"server", "bench"},
	{"soak"},
	{"cmd/wapas", "bench/paper"},
}

// pure may not be imported by the ground: it reads no clock, no network and no
// database, and knows no wire.
var pure = []string{"context", "net/http", "database/sql", "encoding/json"}

// onlyTests are packages for tests.
var onlyTests = []string{"storetest", "dialecttest", "upgrade"}

func floorOf(pkg string) int {
	return slices.IndexFunc(floors, func(f []string) bool { return slices.Contains(f, pkg) })
}

// TestArrows reads the imports of every file that is not a test.
func TestArrows(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(".", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == "node_modules" || e.Name() == "testdata" || len(e.Name()) > 1 && e.Name()[0] == '.') {
			return fs.SkipDir
		}
		if filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		pkg := path.Dir(filepath.ToSlash(file))
		if slices.Contains(onlyTests, pkg) {
			return nil
		}
		at := floorOf(pkg)
		if at < 0 {
			t.Errorf("%s: the package %s has no floor: give it one here and in the README", file, pkg)
			return nil
		}
		seen++
		src, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range src.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			if pkg == "ledger" && slices.Contains(pure, name) {
				t.Errorf("%s imports %s: the ground stays pure", file, name)
			}
			ours, ok := strings.CutPrefix(name, "wapas/")
			switch {
			case !ok:
			case slices.Contains(onlyTests, ours):
				t.Errorf("%s imports %s, which is for tests", file, name)
			case floorOf(ours) < 0 || floorOf(ours) >= at:
				t.Errorf("%s imports %s: imports point down, never sideways", file, name)
			case ours == "sqlstore" && pkg != "cmd/wapas" && pkg != "soak":
				t.Errorf("%s imports %s: only the program, its simulation and tests know the store", file, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 30 {
		t.Errorf("only %d files were read: is this the root of the module?", seen)
	}
}
