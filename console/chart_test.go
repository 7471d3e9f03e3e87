package console

import (
	"strings"
	"testing"

	"wapas/desk"
)

// The lines of a chart are at round values, at most five of them above zero, and
// the highest is not below the highest column.
func TestTicks(t *testing.T) {
	for _, tt := range []struct{ top, step, lines int64 }{
		{0, 1, 1}, {1, 1, 1}, {3, 1, 3}, {4, 1, 4}, {5, 2, 3}, {9, 5, 2}, {20, 5, 4}, {21, 10, 3}, {99, 50, 2}, {100, 50, 2}, {1234, 500, 3}, {8_000_000_000, 2_000_000_000, 4},
	} {
		if step, lines := ticks(tt.top); step != tt.step || lines != tt.lines || step*lines < tt.top {
			t.Errorf("up to %d: %d lines of %d, want %d of %d", tt.top, lines, step, tt.lines, tt.step)
		}
	}
}

func TestShortCount(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1k", 1500: "1.5k", 100_000: "1 L", 250_000: "2.5 L", 10_000_000: "1 Cr", 25_000_000: "2.5 Cr"} {
		if got := shortCount(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// A chart draws what is there and says it in words; its table has the same.
func TestChart(t *testing.T) {
	c := chart{Title: "Refunds <by> API", Series: []series{{"Razorpay", "s1"}, {"Eko", "s4"}}, Say: func(v int64) string { return count(v) }, Axis: shortCount}
	for _, values := range [][]int64{{3, 1}, {0, 0}, {1000, 0}} {
		c.Columns = append(c.Columns, column{Name: "an hour", Values: values})
	}
	svg := string(c.SVG())
	for _, want := range []string{"Refunds &lt;by&gt; API", `class="s1"`, `class="s4"`, "an hour: Razorpay 3, Eko 1", "an hour: Razorpay 1,000"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %q in %s", want, svg)
		}
	}
	if n := strings.Count(svg, "<rect"); n != 3 {
		t.Errorf("%d parts were drawn, want 3", n)
	}
	if c.Empty() || len(c.Rows()) != 2 || c.Total(0) != "1,003" {
		t.Errorf("rows %v, total %s", c.Rows(), c.Total(0))
	}
}

// An API has its colour whichever others are there.
func TestRoomSeries(t *testing.T) {
	hours := []desk.Hour{{HourKey: desk.HourKey{What: desk.CountRefunds, Room: "eko"}}, {HourKey: desk.HourKey{What: desk.CountPayouts, Room: "phonepe"}}, {HourKey: desk.HourKey{What: desk.CountRefunds}}, {HourKey: desk.HourKey{What: desk.CountRefunds, Room: "eko"}}}
	all := roomSeries(hours)
	if len(all) != 2 || all[0] != (series{"Razorpay", "s1"}) || all[1] != (series{"Eko", "s4"}) || seriesOf(all, "") != 0 || seriesOf(all, "eko") != 1 {
		t.Errorf("series: %v", all)
	}
}
