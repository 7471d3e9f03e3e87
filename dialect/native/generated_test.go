package native

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// generator writes a Go client from an OpenAPI document. It is a tool of this
// test and no part of the program.
const generator = "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2"

// TestGenerated has a client generated from the document, in a module of its
// own, and goes once around with it. It fetches modules, so that it runs in full
// runs only (scripts/test.sh fetches them first), or if WAPAS_GENERATED is set.
func TestGenerated(t *testing.T) {
	if os.Getenv("WAPAS_GENERATED") == "" && os.Getenv("WAPAS_TEST_FULL") == "" {
		t.Skip("a client is generated in the full run (make test), or with WAPAS_GENERATED set: modules are fetched")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	trip, err := os.ReadFile("testdata/generated/trip.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string][]byte{
		"go.mod":            []byte("module generated\n\ngo 1.26\n\nrequire wapas v0.0.0\n\nreplace wapas => " + root + "\n"),
		"go.sum":            sums,
		"openapi.json":      document(routes(), "test"),
		"trip/trip_test.go": trip,
		"api/doc.go":        []byte("package api\n"),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"run", generator, "-package", "api", "-generate", "types,client", "-o", "api/api.go", "openapi.json"},
		{"mod", "tidy"},
		{"vet", "./..."},
		{"test", "./trip"},
	} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "CGO_ENABLED=0") // as scripts/test.sh has built the generator
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
}
