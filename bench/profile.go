package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"
)

// A Profile takes a CPU profile of this process while a line is measured, and
// keeps it in a file. A nil Profile does nothing.
type Profile struct {
	Path string
	text bytes.Buffer
	err  error
	runs bool
}

// topCount is how many functions of a profile stand in the record.
const topCount = 25

func (p *Profile) start() {
	if p != nil {
		p.err = pprof.StartCPUProfile(&p.text)
		p.runs = p.err == nil
	}
}

// stop ends the profile, writes it down, and returns the head of its list of
// functions, or why there is none.
func (p *Profile) stop() []string {
	switch {
	case p == nil:
		return nil
	case !p.runs:
		return []string{fmt.Sprintf("there is no profile: %v", p.err)}
	}
	pprof.StopCPUProfile()
	err := os.MkdirAll(filepath.Dir(p.Path), 0o755)
	if err == nil {
		err = os.WriteFile(p.Path, p.text.Bytes(), 0o644)
	}
	if err != nil {
		return []string{fmt.Sprintf("there is no profile: %v", err)}
	}
	return top(p.Path)
}

// top has the Go tool list where the time went.
func top(path string) []string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", fmt.Sprint("-nodecount=", topCount), path).Output()
	if err != nil {
		return []string{fmt.Sprintf("the profile is in %s; listing it takes the Go tool: %v", filepath.Base(path), err)}
	}
	var lines []string
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimRight(line, "\n"); !strings.HasPrefix(line, "File:") && !strings.HasPrefix(line, "Time:") && !strings.HasPrefix(line, "Build ID:") {
			lines = append(lines, line)
		}
	}
	return lines
}
