package wapas

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sources calls see for every file of the program: tests, and packages for tests
// and measuring, are none of it.
func sources(t *testing.T, see func(file string, set *token.FileSet, src *ast.File)) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(".", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		aside := []string{"node_modules", "testdata", "bench", "torture", "soak"}
		if e.IsDir() && file != "." && (slices.Contains(aside, e.Name()) || slices.Contains(onlyTests, file) || strings.HasPrefix(e.Name(), ".")) {
			return fs.SkipDir
		}
		if filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		src, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			return err
		}
		seen++
		see(filepath.ToSlash(file), set, src)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 200 {
		t.Errorf("only %d files were read: is this the root of the module?", seen)
	}
}

// secretName is what something is called that a stranger must not learn by
// measuring how long it takes to compare.
var secretName = regexp.MustCompile(`(?i)(secret|password|token|salt|proof|signature|signed|hmac|mac|otp|digits|verify)$`)

// compared are comparisons of what is called so, and why they may take as long
// as they like.
var compared = map[string]string{
	"desk/consent.go digits": "with the word of a scenario that sends no code",
	"mask/json.go secret":    "a sort of field, which is called so",
	"mask/sort.go secret":    "a sort of field, which is called so",
}

// TestConstantTime reads every comparison of the program: what is secret is
// compared by crypto/subtle or crypto/hmac, and never by ==.
func TestConstantTime(t *testing.T) {
	used := map[string]bool{}
	careful := 0
	sources(t, func(file string, set *token.FileSet, src *ast.File) {
		ast.Inspect(src, func(n ast.Node) bool {
			var x, y ast.Expr
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if n.Op != token.EQL && n.Op != token.NEQ {
					return true
				}
				x, y = n.X, n.Y
			case *ast.CallExpr:
				switch called(n) {
				case "bytes.Equal", "bytes.Compare", "strings.EqualFold", "strings.Compare", "slices.Equal", "reflect.DeepEqual":
					x, y = n.Args[0], n.Args[1]
				case "subtle.ConstantTimeCompare", "hmac.Equal":
					careful++
					return true
				default:
					return true
				}
			default:
				return true
			}
			if plain(x) || plain(y) {
				return true
			}
			for _, side := range []ast.Expr{x, y} {
				if name := nameOf(side); secretName.MatchString(name) {
					at := file + " " + name
					used[at] = true
					if compared[at] == "" {
						t.Errorf("%s compares %s: use subtle.ConstantTimeCompare, or say here why not", set.Position(n.Pos()), name)
					}
				}
			}
			return true
		})
	})
	for at := range compared {
		if !used[at] {
			t.Errorf("%s is not compared any more", at)
		}
	}
	if careful < 5 {
		t.Errorf("only %d careful comparisons were found", careful)
	}
}

// plain says whether one side of a comparison is something that everybody
// knows: a literal, nil, a number of things.
func plain(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil" || e.Name == "true" || e.Name == "false"
	case *ast.UnaryExpr:
		return plain(e.X)
	case *ast.CallExpr:
		return called(e) == "len"
	}
	return false
}

// nameOf is what something is called: x.Secret, secret, string(secret) and
// secret[:] are all secrets.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		return nameOf(e.X)
	case *ast.SliceExpr:
		return nameOf(e.X)
	case *ast.StarExpr:
		return nameOf(e.X)
	case *ast.ParenExpr:
		return nameOf(e.X)
	case *ast.CallExpr:
		if len(e.Args) == 1 {
			return nameOf(e.Args[0])
		}
		return nameOf(e.Fun)
	}
	return ""
}

// called is what a call calls: len, bytes.Equal.
func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
	}
	return ""
}

// A handful is what few places of the program may do: files, or directories
// with a slash behind, and why.
type handful map[string]string

// imported are packages that few files may import.
var imported = map[string]handful{
	"math/rand": {},
	"math/rand/v2": {
		"cmd/wapas/cast.go": "the people of the demo, the same each time",
		"sqlstore/store.go": "tails of ids, which are no secrets: what must not be guessed is desk.Letters",
	},
	"crypto/md5":     {},
	"crypto/sha1":    {},
	"crypto/des":     {},
	"crypto/rc4":     {},
	"encoding/gob":   {},
	"net/http/pprof": {},
	"os/exec":        {"cmd/wapas/try.go": "looks whether the program is on the path, and runs nothing"},
	"plugin":         {},
	"text/template":  {},
	"unsafe":         {"sqlstore/table.go": "a pointer to a named whole number, taken for one to an int64"},
}

// written are names of other packages that few files may use.
var written = map[string]handful{
	"http.DefaultClient":     {"client/client.go": "the caller's context bounds it"},
	"http.DefaultServeMux":   {},
	"http.FileServer":        {},
	"http.Get":               {},
	"http.Handle":            {},
	"http.HandleFunc":        {},
	"http.ListenAndServe":    {},
	"http.ListenAndServeTLS": {},
	"http.Post":              {},
	"http.PostForm":          {},
	"http.Server":            {"server/server.go": "the one server, with every limit set"},
	"os.Chmod":               {},
	"os.Create":              {},
	"os.MkdirAll":            {"cmd/wapas/demo.go": "the demo's directory", "archive/write.go": "the folder of archives, for its owner alone"},
	"os.WriteFile": {
		"cmd/wapas/bench.go": "a report without anybody's data",
		"cmd/wapas/demo.go":  "a note of where the demo got to",
		"sqlstore/backup.go": "nothing yet, for its owner alone",
	},
	"template.CSS":      {"dialect/native/docs.go": "our own style sheet"},
	"template.HTMLAttr": {},
	"template.JS":       {},
	"template.JSStr":    {},
	"template.URL":      {},
	"template.HTML": {
		"console/chart.go":  "numbers, words of ours, and names escaped",
		"console/flow.go":   "numbers, words of ours, and names escaped",
		"console/holder.go": "escaped",
		"console/sheet.go":  "escaped",
		"console/trail.go":  "amounts",
		"console/words.go":  "numbers, moments, words of ours; anything else is escaped",
	},
	"tls.Config": {"webhook/send.go": "version 1.2 at least"},
}

// TestDangerousCode keeps what is dangerous in Go to the few places that have a
// reason.
func TestDangerousCode(t *testing.T) {
	used := map[string]bool{}
	allow := func(all map[string]handful, what, file string) bool {
		for place, why := range all[what] {
			if file == place || strings.HasSuffix(place, "/") && strings.HasPrefix(file, place) {
				used[what+" "+place] = true
				return why != ""
			}
		}
		return false
	}
	sources(t, func(file string, set *token.FileSet, src *ast.File) {
		for _, imp := range src.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if _, watched := imported[name]; watched && !allow(imported, name, file) {
				t.Errorf("%s imports %s", file, name)
			}
		}
		ast.Inspect(src, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				x, ok := n.X.(*ast.Ident)
				if !ok {
					return true
				}
				what := x.Name + "." + n.Sel.Name
				if _, watched := written[what]; watched && !allow(written, what, file) {
					t.Errorf("%s: %s", set.Position(n.Pos()), what)
				}
			case *ast.KeyValueExpr:
				if nameOf(n.Key) == "InsecureSkipVerify" {
					t.Errorf("%s: certificates are not looked at", set.Position(n.Pos()))
				}
			}
			return true
		})
	})
	for _, all := range []map[string]handful{imported, written} {
		for what, places := range all {
			for place := range places {
				if !used[what+" "+place] {
					t.Errorf("%s has no %s any more", place, what)
				}
			}
		}
	}
}

// TestPinned finds tools and packages that are fetched in whichever version is
// there on the day.
func TestPinned(t *testing.T) {
	version := regexp.MustCompile(`^v[0-9]+\.[0-9]+\.[0-9]+$`)
	fetched := regexp.MustCompile(`(?:go (?:run|install|get) [^\n]*?|")((?:[a-z0-9-]+\.)+[a-z]{2,}/[A-Za-z0-9./_-]+)@([A-Za-z0-9.-]+)`)
	exact := regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)
	tools, packages := 0, 0
	err := filepath.WalkDir(".", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == "node_modules" || e.Name() == ".git") {
			return fs.SkipDir
		}
		switch {
		case e.IsDir():
		case file == "go.mod":
			if regexp.MustCompile(`(?m)^\s*replace\b`).MatchString(readFile(t, file)) {
				t.Error("go.mod replaces a module")
			}
		case e.Name() == "package.json":
			var p struct {
				Dependencies, DevDependencies, OptionalDependencies map[string]string
			}
			if err := json.Unmarshal([]byte(readFile(t, file)), &p); err != nil {
				t.Errorf("%s: %v", file, err)
			}
			for _, all := range []map[string]string{p.Dependencies, p.DevDependencies, p.OptionalDependencies} {
				for name, v := range all {
					if packages++; !exact.MatchString(v) {
						t.Errorf("%s asks for %s %q: name one version", file, name, v)
					}
				}
			}
			var lock struct {
				Packages map[string]struct {
					Link                bool
					Resolved, Integrity string
				}
			}
			if err := json.Unmarshal([]byte(readFile(t, filepath.Join(filepath.Dir(file), "package-lock.json"))), &lock); err != nil {
				t.Errorf("the lock beside %s: %v", file, err)
			}
			for name, p := range lock.Packages {
				if name != "" && !p.Link && !strings.HasPrefix(p.Integrity, "sha512-") {
					t.Errorf("the lock beside %s knows no sum of %s", file, name)
				}
			}
		case strings.HasPrefix(file, "scripts/"), strings.HasPrefix(file, ".ci/"), file == "Makefile", filepath.Ext(file) == ".go":
			for _, m := range fetched.FindAllStringSubmatch(readFile(t, file), -1) {
				if tools++; !version.MatchString(m[2]) {
					t.Errorf("%s fetches %s@%s: name one version", file, m[1], m[2])
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if tools < 3 || packages < 3 {
		t.Errorf("only %d tools and %d packages were found", tools, packages)
	}
}
