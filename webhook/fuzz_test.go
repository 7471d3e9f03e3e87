package webhook

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

// Nothing of a live book goes to an address that is not everybody's: what is let
// pass by its text is https at a name, or at an address that may be connected to.
func FuzzReach(f *testing.F) {
	for _, s := range []string{
		"https://example.in/hook", "http://example.in/", "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest", "https://localhost./x", "https://LOCALHOST:443", "https://[fe80::1%25eth0]/",
		"https://0x7f000001/", "https://2130706433/", "https://example.in:22/", "ftp://example.in/", "https://user@127.0.0.1/", "//127.0.0.1", "https://１２７.0.0.1/", "https://[64:ff9b::a00:1]/", "https://[2002:7f00:1::]/", "https://a.localhost",
	} {
		f.Add(s)
	}
	g := Guard{}
	f.Fuzz(func(t *testing.T, text string) {
		if g.Reach(text) != nil {
			return
		}
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "https" || u.Hostname() == "" {
			t.Fatalf("%q is let pass", text)
		}
		host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
		if host == "localhost" || strings.HasSuffix(host, ".localhost") {
			t.Fatalf("%q is let pass", text)
		}
		if addr, err := netip.ParseAddr(host); err == nil && (!g.open(addr) || addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast()) {
			t.Fatalf("%q is let pass", text)
		}
	})
}

// An address that is let pass in one spelling is let pass in every other, and no
// address inside another opens what is closed by itself.
func FuzzOpen(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add([]byte{169, 254, 169, 254})
	f.Add([]byte{8, 8, 8, 8})
	f.Add([]byte{0x20, 0x02, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	g := Guard{}
	f.Fuzz(func(t *testing.T, raw []byte) {
		addr, ok := netip.AddrFromSlice(raw)
		if !ok || !g.open(addr) {
			return
		}
		plain := addr.Unmap()
		if plain.IsLoopback() || plain.IsPrivate() || plain.IsLinkLocalUnicast() || plain.IsMulticast() || plain.IsUnspecified() {
			t.Fatalf("%s is open", addr)
		}
		if plain.Is4() && !g.open(netip.AddrFrom16(plain.As16())) || !g.open(addr.WithZone("x")) && addr.Is6() {
			t.Fatalf("%s is open, and closed in another spelling", addr)
		}
	})
}
