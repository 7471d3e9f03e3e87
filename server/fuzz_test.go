package server

import (
	"net"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"wapas/desk"
)

// Where a request is said to come from is believed of our own proxies only, and
// is an address whatever the header says: it is counted by, and written down.
func FuzzForwarded(f *testing.F) {
	f.Add("10.0.0.1:80", "203.0.113.9, 10.0.0.2")
	f.Add("198.51.100.1:80", "203.0.113.9")
	f.Add("10.0.0.1:80", "fe80::1%eth0\x00<b>")
	f.Add("[::1]:1", "::ffff:10.0.0.9,,x")
	f.Add("", ",")
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	f.Fuzz(func(t *testing.T, from, header string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = from
		r.Header.Set("X-Forwarded-For", header)
		_, trusted := among(from, proxies)
		asSeen(r, proxies)
		if !trusted {
			if r.RemoteAddr != from {
				t.Fatalf("%q was believed to be %q", from, r.RemoteAddr)
			}
			return
		}
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		at, bad := netip.ParseAddr(host)
		if err != nil || bad != nil || at.Zone() != "" || at.Is4In6() {
			t.Fatalf("%q of %q is %q", header, from, r.RemoteAddr)
		}
		if last := header[strings.LastIndexByte(header, ',')+1:]; at.String() != strings.TrimSpace(last) {
			if said, err := netip.ParseAddr(strings.TrimSpace(last)); err == nil && !within(said.Unmap(), proxies) && said.Unmap().WithZone("") != at {
				t.Fatalf("%q of %q is %q", header, from, r.RemoteAddr)
			}
		}
	})
}

// A path in the log has no number that may be somebody's and no word that may be
// a secret, and is short.
func FuzzMasked(f *testing.F) {
	for _, s := range []string{"/v1/customers/9876500003", "/transact/" + strings.Repeat("a", 140), "/a/+919876500003/b", "/" + strings.Repeat("12345678/", 60), "/\xff" + strings.Repeat("9", 300), ""} {
		f.Add(s)
	}
	number := regexp.MustCompile(`[0-9]{9,}`)
	f.Fuzz(func(t *testing.T, path string) {
		got := masked(path)
		if number.MatchString(got) || longWord.MatchString(got) || len(got) > 600 {
			t.Fatalf("%q is logged as %q", path, got)
		}
	})
}

// A request's id can be written anywhere as it stands, whatever its caller
// called it.
func FuzzRequestID(f *testing.F) {
	for _, s := range []string{"req-1", "a\r\nX-Evil: 1", strings.Repeat("a", 65), "é", "", "१"} {
		f.Add(s)
	}
	form := regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	f.Fuzz(func(t *testing.T, said string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("X-Request-Id", said)
		got := requestID(r)
		if !form.MatchString(got) || form.MatchString(said) && got != said {
			t.Fatalf("%q is called %q", said, got)
		}
	})
}

// Every path is somebody's: the owner is the same however often its slashes are
// repeated, and what a room sees of it begins with one.
func FuzzOwner(f *testing.F) {
	for _, s := range []string{"/v1/orders", "//v1//payments", "/v1/credit/backToSource", "/console/test", "/phonepe/apis/hermes/v3", "/consolex", "/%2e%2e", "", "/r//", "/native/api/v1"} {
		f.Add(s)
	}
	rooms := []room{{name: "razorpay", roots: []string{"/v1", "/v2"}}, {name: "phonepe", roots: []string{"/v1/credit", "/v3"}}, {name: "native", roots: []string{"/api"}}}
	f.Fuzz(func(t *testing.T, path string) {
		flat := squeeze(path)
		if strings.Contains(flat, "//") || owner(rooms, flat).name == "" {
			t.Fatalf("%q is %q, of %q", path, flat, owner(rooms, flat).name)
		}
		if owner(rooms, squeeze(strings.ReplaceAll(path, "/", "//"))).name != owner(rooms, flat).name {
			t.Fatalf("%q is another's with slashes twice", path)
		}
		for _, room := range rooms {
			if got := cut(flat, room.name); !strings.HasPrefix(got, "/") || under(flat, "/"+room.name) && squeeze("/"+room.name+got) != flat && flat != "/"+room.name {
				t.Fatalf("%q without %s is %q", flat, room.name, got)
			}
		}
		if _, err := url.Parse(cut(flat, "r")); err != nil && url.PathEscape(path) == path {
			t.Fatalf("%q: %v", path, err)
		}
	})
}

// The log of requests keeps no more of a body than there is room for, whatever
// its pieces.
func FuzzKeepSome(f *testing.F) {
	f.Add([]byte("abc"), []byte("def"), 3)
	f.Add([]byte{}, make([]byte, 4096), 900)
	f.Fuzz(func(t *testing.T, a, b []byte, times int) {
		var kept, all []byte
		for range (times%50 + 50) % 50 {
			for _, piece := range [][]byte{a, b} {
				kept = keepSome(kept, piece)
				all = append(all, piece...)
			}
		}
		if len(kept) > len(all) || len(kept) > 4*desk.MaxLogged || string(all[:len(kept)]) != string(kept) {
			t.Fatalf("%d of %d bytes are kept", len(kept), len(all))
		}
	})
}
