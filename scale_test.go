package wapas

import (
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var writeScale = flag.Bool("scale", false, "write what docs/scale.md computes into it")

// TestScale works out the last table of docs/scale.md from the figures and the
// scenarios above it, so that text and figures cannot drift apart. After a change of
// a figure: go test -run TestScale -scale .
func TestScale(t *testing.T) {
	page := readFile(t, "docs/scale.md")
	f := map[string]float64{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|[^|]*\\| ([0-9.,]+) \\|").FindAllStringSubmatch(page, -1) {
		f[m[1]] = numberOf(t, m[2])
	}
	var rows strings.Builder
	rows.WriteString("| | moves/s, peak | refunds/s, peak | books, at least | server cores | database cores | nodes | log MB/s, peak | GB a day | TB a year, all copies | verify, core hours a day | ₹ lakh a month |\n")
	rows.WriteString("| --- " + strings.Repeat("| ---: ", 11) + "|\n")
	scenarios := regexp.MustCompile(`(?m)^\| \*\*([^*]+)\*\* \| ([0-9.,]+) \| ([0-9.,]+) \| ([0-9.,]+) \| ([0-9.,]+) \|`).FindAllStringSubmatch(page, -1)
	if len(scenarios) == 0 {
		t.Fatal("docs/scale.md has no scenarios")
	}
	get := func(name string) float64 {
		v, ok := f[name]
		if !ok || v <= 0 {
			t.Fatalf("docs/scale.md has no figure %s", name)
		}
		return v
	}
	for _, s := range scenarios {
		moves, refunds, peak := numberOf(t, s[3]), numberOf(t, s[4]), numberOf(t, s[5])
		movesPeak, refundsPeak := moves/86400*peak, refunds/86400*peak
		share := get("share")
		books := math.Ceil(movesPeak/(get("move_rate")*share) + refundsPeak/(get("refund_rate")*share))
		server := (movesPeak*get("move_cpu") + refundsPeak*get("refund_cpu")) / 1000 / share
		database := (movesPeak*get("move_db_cpu") + refundsPeak*get("refund_db_cpu")) / 1000 / share
		nodes := math.Ceil(server/get("node_cores")) + 2*math.Ceil(database/get("node_cores"))
		log := (movesPeak*get("move_log") + refundsPeak*get("refund_log")) / 1e6
		day := (moves*get("move_disk") + refunds*get("refund_disk")) / 1e9
		year := day * 365 * get("copies")
		verify := (moves*get("move_entries") + refunds*get("refund_entries")) / get("verify_rate") / 3600
		cost := (nodes*get("node_cores")*get("core_price") + year*get("disk_price")) / 1e5
		fmt.Fprintf(&rows, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", s[1], figure(movesPeak), figure(refundsPeak), figure(books),
			figure(server), figure(database), figure(nodes), figure(log), figure(day), figure(year/1000), figure(verify), figure(cost))
	}
	const begin, end = "<!-- computed -->\n", "<!-- end -->"
	before, rest, ok := strings.Cut(page, begin)
	was, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("docs/scale.md does not say where the table goes")
	}
	if *writeScale {
		if err := os.WriteFile("docs/scale.md", []byte(before+begin+rows.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if was != rows.String() {
		t.Errorf("the table of docs/scale.md is not what its figures make:\n%s", rows.String())
	}
}

// numberOf reads 8,000 and 0.5.
func numberOf(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// figure writes a number with two digits that mean something, or whole.
func figure(v float64) string {
	if v < 10 {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	text := strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
