// Paper writes docs/performance.md, with its figures, from what wapas bench has
// measured: the JSON of one run for each engine. "make bench" calls it. Whatever
// it says is worked out from the records, so that a page and its figures cannot
// part.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"wapas/bench"
)

func main() {
	out := flag.String("out", "docs", "folder of the documents; the figures go into performance/ below it")
	flag.Parse()
	if err := run(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "paper:", err)
		os.Exit(1)
	}
}

func run(out string, records []string) error {
	var reports []*bench.Report
	for _, path := range records {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		r := new(bench.Report)
		if err := json.Unmarshal(text, r); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if !r.Audited || r.Verified == "" {
			return fmt.Errorf("%s is of a run that failed: its books were not verified", path)
		}
		reports = append(reports, r)
	}
	if len(reports) == 0 {
		return fmt.Errorf("give the records of one run for each engine")
	}
	page, figures, err := write(reports)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(out, folder), 0o755); err != nil {
		return err
	}
	for name, svg := range figures {
		if err := os.WriteFile(filepath.Join(out, folder, name), []byte(svg), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(out, "performance.md"), []byte(page), 0o644)
}
