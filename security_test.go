package wapas

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestThreats holds docs/security.md against the tests: every line of its
// tables names a test that shows the defence, and every test named is there.
func TestThreats(t *testing.T) {
	shown := regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`")
	there := map[string]string{} // the tests of a package, as text
	rows := 0
	for at, line := range strings.Split(readFile(t, "docs/security.md"), "\n") {
		named := shown.FindAllStringSubmatch(line, -1)
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| ---") && !strings.HasSuffix(line, "| shown by |") {
			rows++
			if len(named) == 0 {
				t.Errorf("docs/security.md:%d: no test shows this", at+1)
			}
		}
		for _, m := range named {
			pkg, test := m[1], m[2]
			if _, ok := there[pkg]; !ok {
				there[pkg] = testsOf(t, pkg)
			}
			if !strings.Contains(there[pkg], "\nfunc "+test+"(") {
				t.Errorf("docs/security.md:%d: there is no %s in %s", at+1, test, pkg)
			}
		}
	}
	if rows < 15 {
		t.Errorf("only %d lines were read", rows)
	}
}

// testsOf is the text of a package's tests. The root's own are under "wapas".
func testsOf(t *testing.T, pkg string) (all string) {
	t.Helper()
	dir := pkg
	if pkg == "wapas" {
		dir = "."
	}
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		all += readFile(t, f)
	}
	return all
}
