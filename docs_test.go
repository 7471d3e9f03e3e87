package wapas

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"wapas/ledger"
)

// TestAccounting keeps docs/accounting.md in step: every account of the chart
// and every reason of an entry has its line there.
func TestAccounting(t *testing.T) {
	page := readFile(t, "docs/accounting.md")
	for _, h := range ledger.Chart() {
		floor := ""
		if h.Floor {
			floor = "0"
		}
		line := regexp.MustCompile(`(?m)^\| ` + h.Code + " \\| `" + regexp.QuoteMeta(h.Name) + "` \\| " +
			map[ledger.Side]string{ledger.Debit: "debit", ledger.Credit: "credit"}[h.Normal] + ` \| ([^|]*) \| ` + floor + ` \|`)
		found := line.FindStringSubmatch(page)
		if found == nil {
			t.Errorf("docs/accounting.md has no line for %s %s, or another side or floor", h.Code, h.Name)
		} else if (strings.TrimSpace(found[1]) != "") != h.Owned {
			t.Errorf("docs/accounting.md is wrong about whose %s %s is", h.Code, h.Name)
		}
	}
	for _, reason := range reasons(t) {
		if !strings.Contains(page, "`"+reason+"`") {
			t.Errorf("docs/accounting.md does not have the reason %s", reason)
		}
	}
}

// reasons are the constants of type Reason in ledger/journal.go.
func reasons(t *testing.T) (all []string) {
	t.Helper()
	src, err := parser.ParseFile(token.NewFileSet(), "ledger/journal.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(src, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := v.Type.(*ast.Ident); ok && id.Name == "Reason" {
			text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, text)
		}
		return true
	})
	if len(all) < 30 {
		t.Fatalf("only %d reasons were found", len(all))
	}
	return all
}

// TestLinks follows the links between our own pages.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md", "dialect/*/*.md"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, more...)
	}
	for _, page := range pages {
		for _, m := range link.FindAllStringSubmatch(readFile(t, page), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			}
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
