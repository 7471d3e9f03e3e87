package server

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

// Only what a proxy of ours says about where a request came from is believed.
func TestAsSeen(t *testing.T) {
	ours := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, x := range []struct {
		from    string
		said    []string
		proxies []netip.Prefix
		want    string
	}{
		{"203.0.113.7:4711", nil, ours, "203.0.113.7:4711"},
		{"203.0.113.7:4711", []string{"198.51.100.1"}, ours, "203.0.113.7:4711"},
		{"10.0.0.1:4711", []string{"198.51.100.1"}, nil, "10.0.0.1:4711"},
		{"10.0.0.1:4711", nil, ours, "10.0.0.1:0"},
		{"10.0.0.1:4711", []string{"198.51.100.1"}, ours, "198.51.100.1:0"},
		{"10.0.0.1:4711", []string{"1.2.3.4, 198.51.100.1"}, ours, "198.51.100.1:0"},
		{"10.0.0.1:4711", []string{"1.2.3.4", "198.51.100.1, 10.0.0.9"}, ours, "198.51.100.1:0"},
		{"10.0.0.1:4711", []string{"1.2.3.4, nonsense"}, ours, "10.0.0.1:0"},
		{"[fd00::1]:4711", []string{"2001:db8::5"}, ours, "[2001:db8::5]:0"},
		{"[::ffff:10.0.0.1]:4711", []string{"::ffff:198.51.100.1"}, ours, "198.51.100.1:0"},
		{"@", []string{"198.51.100.1"}, ours, "@"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = x.from
		r.Header["X-Forwarded-For"] = x.said
		asSeen(r, x.proxies)
		if r.RemoteAddr != x.want {
			t.Errorf("%s with %q: %s, want %s", x.from, x.said, r.RemoteAddr, x.want)
		}
	}
}
