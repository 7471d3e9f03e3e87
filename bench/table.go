package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Table writes a report for people: a line for each measurement, with a bar of
// its rate.
func (r *Report) Table(out io.Writer) error {
	fmt.Fprintf(out, "%s, %d CPUs, %.1f GB, %s, %s", r.Machine.CPU, r.Machine.CPUs, r.Machine.Memory/1e9, r.Machine.FileSystem, r.Machine.Go)
	if r.Engine != "" {
		fmt.Fprintf(out, "; %s", r.Engine)
	}
	fmt.Fprintf(out, "; seed %d\n", r.Seed)
	fmt.Fprintf(out, "Every write durable before its answer, every answer looked at.\n\n")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "what\tclients\tper second\t"+strings.Repeat(" ", barWidth)+"\tp50\tp99\tp99.9\tCPU s/1000\tbytes\tallocs\tof echo\tof TPC-B\t")
	for _, l := range r.Lines {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", l.Label(), l.Clients, Count(l.Rate), r.bar(l),
			Milliseconds(l.P50), Milliseconds(l.P99), Milliseconds(l.P999), some("%.3f", l.CPU), Bytes(l.Written), some("%.0f", l.Allocs),
			some("%.2f", l.OfEcho()), some("%.2f", r.OfTPCB(l)))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if r.Peak > 0 {
		fmt.Fprintf(out, "\nThe clients and the server together had %s of memory at most.\n", Bytes(r.Peak))
	}
	if r.Audited {
		fmt.Fprintln(out, "What was acknowledged is in the books, neither more nor less.")
	}
	if r.Verified != "" {
		fmt.Fprintln(out, r.Verified)
	}
	return nil
}

// Label names what a line is about, with what is unusual about it.
func (l Line) Label() string {
	s := l.Name
	if l.Each > 0 {
		s += fmt.Sprintf(" of %d", l.Each)
	}
	if l.Depth > 0 {
		s += fmt.Sprintf(", %s lines down", Count(float64(l.Depth)))
	}
	if l.Wallets == Zipf || l.Wallets == Hot {
		s += ", " + string(l.Wallets)
	}
	if l.Books > 1 {
		s += fmt.Sprintf(", %d books", l.Books)
	}
	if l.Offered > 0 {
		s += fmt.Sprintf(", %s/s offered", Count(l.Offered))
	}
	if l.Round > 0 {
		s += fmt.Sprintf(", round %d", l.Round)
	}
	return s
}

// Crowd is how many clients there were, in words.
func (l Line) Crowd() string { return Clients(l.Clients) }

// Clients is a number of clients in words.
func Clients(n int) string {
	if n == 1 {
		return "1 client"
	}
	return fmt.Sprintf("%d clients", n)
}

// Reference says that a line is of something else than this server.
func (l Line) Reference() bool {
	return l.Name == "echo" || l.Name == "fsync" || strings.HasPrefix(l.Name, "pgbench")
}

// OfEcho is a line's rate as a share of the echo's that was measured last before
// it with as many clients; zero if there is none.
func (l Line) OfEcho() float64 {
	if l.Echo == 0 || l.Reference() || l.Offered > 0 || l.Each > 0 {
		return 0
	}
	return l.Rate / l.Echo
}

// TPCB is the best rate of pgbench; zero if it was not measured.
func (r *Report) TPCB() (best float64) {
	for _, l := range r.Lines {
		if strings.HasPrefix(l.Name, "pgbench") {
			best = max(best, l.Rate)
		}
	}
	return best
}

// OfTPCB is a line's rate as a share of pgbench's best.
func (r *Report) OfTPCB(l Line) float64 {
	if best := r.TPCB(); best > 0 && !l.Reference() && l.Offered == 0 {
		return l.Rate / best
	}
	return 0
}

const barWidth = 20

// bar draws a line's rate against the best of its kind: of fsyncs, of calls that
// hold many things, or of all other lines, the echo and pgbench among them.
func (r *Report) bar(l Line) string {
	kind := func(l Line) string {
		switch {
		case l.Name == "fsync":
			return l.Name
		case l.Each > 0:
			return "many"
		}
		return ""
	}
	best := 0.0
	for _, x := range r.Lines {
		if kind(x) == kind(l) {
			best = max(best, x.Rate)
		}
	}
	return Bar(l.Rate, best, barWidth)
}

// Bar draws a value as a share of the whole in eighths of a character, so wide
// that the whole fills it.
func Bar(value, whole float64, width int) string {
	eighths := 0
	if whole > 0 {
		eighths = min(max(int(value/whole*float64(width*8)+0.5), 0), width*8)
	}
	text := []rune(strings.Repeat("█", eighths/8))
	if rest := eighths % 8; rest > 0 {
		text = append(text, []rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return string(text) + strings.Repeat(" ", width-len(text))
}

// Count writes a number without a fraction, with commas; small ones with one
// digit behind the point.
func Count(v float64) string {
	if v < 10 && v != float64(int(v)) {
		return fmt.Sprintf("%.1f", v)
	}
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Milliseconds writes a time; nothing if it is zero.
func Milliseconds(d time.Duration) string { return some("%.2f ms", float64(d)/1e6) }

// Bytes writes an amount of memory or disk; nothing if it is zero.
func Bytes(v float64) string {
	switch {
	case v >= 1e9:
		return some("%.1f GB", v/1e9)
	case v >= 1e6:
		return some("%.1f MB", v/1e6)
	case v >= 1e3:
		return some("%.1f kB", v/1e3)
	}
	return some("%.0f", v)
}

func some(format string, v float64) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf(format, v)
}
