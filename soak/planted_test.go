package soak_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// PlantedEnv says which bugs are planted: "all", or those with such a name.
// Without it those that are tried often.
const PlantedEnv = "WAPAS_TEST_PLANTED"

const plantedSwitch = "WAPAS_SOAK_PLANTED"

// The soak finds bugs. The plants are put into copies of their files, each behind
// a switch, and the program is built with them. With one switched on `wapas soak`
// must end with 1 and say what it found; with none of them the same command of
// the same program finds nothing.
func TestPlanted(t *testing.T) {
	which := os.Getenv(PlantedEnv)
	runs := "60" // in so many each must be found
	if which == "" {
		runs = "4"
	}
	var some []plant
	for _, b := range plants {
		if which == "all" || which == "" && b.often || which != "" && strings.Contains(b.name, which) {
			some = append(some, b)
		}
	}
	if len(some) == 0 {
		t.Fatalf("no plant is called %q", which)
	}
	patched(t, plants) // the list does not rot
	if testing.Short() {
		t.Skip("builds the program")
	}
	began := time.Now()
	program := build(t, some)
	t.Logf("built with %d bugs in %v", len(some), time.Since(began).Round(time.Second))
	code, said := soakWith(t, program, runs, "")
	if code != 0 {
		t.Fatalf("nothing is switched on, and it ends with %d:\n%s", code, tail(said, 30))
	}
	for _, b := range some {
		t.Run(b.name, func(t *testing.T) {
			began := time.Now()
			code, said := soakWith(t, program, runs, b.name)
			_, what, found := strings.Cut(said, "\nseed ")
			if code != 1 || !found {
				t.Fatalf("%s, and it is not found: the soak ends with %d\n%s", b.breaks, code, tail(said, 30))
			}
			t.Logf("%v: seed %s", time.Since(began).Round(time.Second), strings.Join(strings.Split(what, "\n")[:2], " | "))
		})
	}
}

// patched are the files with the plants in them, by their paths, and for each
// package the switch.
func patched(t *testing.T, some []plant) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, b := range some {
		path, err := filepath.Abs(filepath.Join("..", b.file))
		if err != nil {
			t.Fatal(err)
		}
		if files[path] == "" {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files[path] = string(data)
		}
		if n := strings.Count(files[path], b.old); n != 1 {
			t.Fatalf("%s: this is %d times in %s:\n%s", b.name, n, b.file, b.old)
		}
		put := strings.ReplaceAll(b.put, "PLANTED", fmt.Sprintf("(planted == %q)", b.name))
		files[path] = strings.Replace(files[path], b.old, put, 1)
		dir := filepath.Dir(path)
		files[filepath.Join(dir, "planted.go")] = fmt.Sprintf("package %s\n\nimport \"os\"\n\nvar planted = os.Getenv(%q)\n", filepath.Base(dir), plantedSwitch)
	}
	return files
}

// build builds the program with plants in it.
func build(t *testing.T, some []plant) string {
	t.Helper()
	dir := t.TempDir()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	some = append(some, plant{name: "nobody reads how short a run can be", file: "soak/shrink.go", old: "shrinkFor = 30 * time.Second", put: "shrinkFor = time.Second"})
	for path, text := range patched(t, some) {
		at := filepath.Join(dir, fmt.Sprint(len(overlay.Replace), ".go"))
		overlay.Replace[path] = at
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	list, program := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "wapas")
	if err := os.WriteFile(list, data, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-overlay", list, "-o", program, "wapas/cmd/wapas")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as it is released
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// soakWith runs the soak with one bug switched on, and returns its exit code and
// what it printed.
func soakWith(t *testing.T, program, runs, bug string) (int, string) {
	t.Helper()
	var said bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, program, "soak", "--seeds", runs)
	run.Env = append(os.Environ(), plantedSwitch+"="+bug)
	run.Stdout, run.Stderr = &said, &said
	err := run.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return run.ProcessState.ExitCode(), said.String()
}

// tail is the last lines of a text.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
