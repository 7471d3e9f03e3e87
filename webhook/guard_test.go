package webhook

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"wapas/desk"
)

func TestGuardAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "172.32.0.1": true, "100.128.0.1": true, "192.0.1.1": true, "2606:4700::1111": true, "2a00:1450::1": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "127.8.8.8": false, "0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false,
		"169.254.169.254": false, "169.254.0.1": false, "100.64.0.1": false, "100.100.100.200": false, "100.127.255.255": false, "192.0.0.192": false,
		"192.0.2.1": false, "198.18.0.1": false, "198.19.255.255": false, "198.51.100.7": false, "203.0.113.9": false, "192.88.99.1": false,
		"224.0.0.1": false, "239.255.255.250": false, "240.0.0.1": false, "255.255.255.255": false,
		"::1": false, "::": false, "::127.0.0.1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false,
		"fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false, "ff0e::1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::1": false, "2002:7f00:1::": false, "2001::1": false, "2001:db8::1": false, "100::1": false,
		"::ffff:0:7f00:1": false, "::ffff:0:a9fe:a9fe": false, "4000::1": false, "1000::1": false, "2620:4f:8000::1": false,
	} {
		if got := (Guard{}).open(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: open is %t, want %t", text, got, want)
		}
	}
	g := Guard{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8")}}
	for text, want := range map[string]bool{"10.1.2.3": true, "::ffff:10.1.2.3": true, "10.2.0.1": false, "fd00::5": true, "8.8.8.8": true, "127.0.0.1": false} {
		if got := g.open(netip.MustParseAddr(text)); got != want {
			t.Errorf("with networks allowed, %s: open is %t, want %t", text, got, want)
		}
	}
}

// Where a cloud tells a machine its own credentials nothing is sent, of a test
// book neither, however the address is written; what else is not public a test
// book reaches unless its server holds it to the rule.
func TestGuardMetadata(t *testing.T) {
	off := Guard{Off: true}
	for text, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "10.0.0.1": true, "192.168.1.7": true, "fd00::5": true, "0.0.0.0": true, "8.8.8.8": true,
		"169.254.169.254": false, "169.254.170.2": false, "::ffff:169.254.169.254": false, "fe80::1%eth0": false, "fd00:ec2::254": false, "fd20:ce::254": false,
		"100.100.100.200": false, "168.63.129.16": false, "192.0.0.192": false, "::169.254.169.254": false, "64:ff9b::a9fe:a9fe": false, "::ffff:0:a9fe:a9fe": false, "2002:a9fe:a9fe::1": false,
	} {
		addr := netip.MustParseAddr(text)
		if got := off.open(addr); got != want {
			t.Errorf("a test book, %s: open is %t, want %t", text, got, want)
		}
		if text != "8.8.8.8" && (Guard{}).open(addr) {
			t.Errorf("a live book reaches %s", text)
		}
	}
	if g := (Guard{Off: true, Allow: prefixes("169.254.170.0/24")}); !g.open(netip.MustParseAddr("169.254.170.2")) || g.open(netip.MustParseAddr("169.254.169.254")) {
		t.Error("a network that was allowed, or the one beside it")
	}
	for _, url := range []string{"http://169.254.169.254/latest/meta-data/", "http://[::ffff:a9fe:a9fe]/", "http://[fd00:ec2::254]/"} {
		if err := off.Reach(url); !errors.Is(err, errGuarded) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// However an address is spelled, what counts is where the connection would go:
// numbers in octal, hexadecimal or one piece, a name that turns out to be
// inside, one that is public when it is looked at and inside when it is used.
func TestGuardSpellings(t *testing.T) {
	heard := 0
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard++ }))
	defer inside.Close()
	port := inside.URL[strings.LastIndex(inside.URL, ":")+1:]
	s := newSender(Options{Guard: Guard{Plain: true}, Timeout: 2 * time.Second}, time.Now)
	held := newSender(Options{Guard: Guard{Plain: true, Tests: true}, Timeout: 2 * time.Second}, time.Now)
	for _, host := range []string{"127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.1", "0", "localhost", "LOCALHOST.", "[::1]", "[::]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "127.0.0.1."} {
		e := desk.Endpoint{URL: "http://" + host + ":" + port + "/"}
		for _, x := range []struct {
			s    *sender
			mode desk.Mode
		}{{s, desk.Live}, {held, desk.Test}, {held, desk.Live}} {
			if a, ok := x.s.send(context.Background(), desk.Book{Mode: x.mode}, e, &Message{}, desk.Attempt{}); ok || a.Status != 0 {
				t.Errorf("%s of a %s book: sent, %+v", host, x.mode, a)
			}
		}
	}
	// A name that answered otherwise when it was looked at: the connection decides.
	for _, address := range []string{"127.0.0.1:" + port, "[::1]:" + port, "[::ffff:127.0.0.1]:" + port, "169.254.169.254:80"} {
		if err := (Guard{}).control("tcp", address, nil); !errors.Is(err, errGuarded) {
			t.Errorf("a name that turns out to be %s: %v", address, err)
		}
	}
	// Nor does an answer send the request on to where it may not go.
	away := httptest.NewServer(http.RedirectHandler(inside.URL, http.StatusTemporaryRedirect))
	defer away.Close()
	if a, ok := s.send(context.Background(), desk.Book{Mode: desk.Test}, desk.Endpoint{URL: away.URL}, &Message{}, desk.Attempt{}); ok || a.Status != http.StatusTemporaryRedirect {
		t.Errorf("a redirect: %t, %+v", ok, a)
	}
	if heard != 0 {
		t.Errorf("what is inside heard %d requests", heard)
	}
}

func TestGuardURLs(t *testing.T) {
	for _, c := range []struct {
		g    Guard
		url  string
		want bool
	}{
		{Guard{}, "https://example.com/hook", true},
		{Guard{}, "https://example.com:8443/hook", true},
		{Guard{}, "http://example.com/hook", false},
		{Guard{Plain: true}, "http://example.com/hook", true},
		{Guard{}, "ftp://example.com/hook", false},
		{Guard{Ports: []int{443}}, "https://example.com/hook", true},
		{Guard{Ports: []int{443}}, "https://example.com:8443/hook", false},
		{Guard{Ports: []int{443}}, "https://example.com:0/hook", false},
		{Guard{Plain: true, Ports: []int{443}}, "http://example.com/hook", false},
		{Guard{Off: true, Ports: []int{443}}, "http://localhost:3000/hook", true},
		{Guard{Off: true}, "gopher://localhost/", false},
	} {
		u, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.g.url(u) == nil; got != c.want {
			t.Errorf("%+v: %s is allowed: %t, want %t", c.g, c.url, got, c.want)
		}
	}
}

// What a URL tells is told when an endpoint is made, and by the same rule.
func TestGuardReach(t *testing.T) {
	for _, c := range []struct {
		g    Guard
		url  string
		want bool
	}{
		{Guard{}, "https://example.com/hook", true},
		{Guard{}, "http://example.com/hook", false},
		{Guard{Plain: true}, "http://example.com/hook", true},
		{Guard{Ports: []int{443}}, "https://example.com:8443/hook", false},
		{Guard{}, "https://127.0.0.1/hook", false},
		{Guard{}, "https://localhost/hook", false},
		{Guard{}, "https://LOCALHOST./hook", false},
		{Guard{}, "https://a.localhost:8443/hook", false},
		{Guard{}, "https://[::1]/hook", false},
		{Guard{}, "https://[::ffff:10.0.0.1]/hook", false},
		{Guard{}, "https://[fe80::1%25eth0]/hook", false},
		{Guard{}, "https://169.254.169.254/latest", false},
		{Guard{}, "https://8.8.8.8/hook", true},
		{Guard{Allow: prefixes("10.1.0.0/16")}, "https://10.1.2.3/hook", true},
		{Guard{Allow: prefixes("127.0.0.0/8"), Plain: true}, "http://localhost:3000/hook", true},
		{Guard{Off: true}, "http://localhost:3000/hook", true},
		{Guard{}, "https:///hook", false},
		{Guard{}, "ftp://example.com/", false},
	} {
		if err := c.g.Reach(c.url); (err == nil) != c.want {
			t.Errorf("%+v: %s: %v, want %t", c.g, c.url, err, c.want)
		}
	}
}

// A live book's request is stopped at the connection itself, whatever spelling
// led there and however the name resolves; a test book's goes through, and so
// does a live one into a network that was allowed.
func TestGuardOnTheWire(t *testing.T) {
	heard := 0
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard++ }))
	defer inside.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(inside.URL, "http://"), ":")
	home := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for _, c := range []struct {
		what string
		g    Guard
		mode desk.Mode
		host string
		want bool
	}{
		{"live, loopback", Guard{Plain: true}, desk.Live, "127.0.0.1", false},
		{"live, a name of loopback", Guard{Plain: true}, desk.Live, "localhost", false},
		{"live, loopback in IPv6", Guard{Plain: true}, desk.Live, "[::ffff:127.0.0.1]", false},
		{"live, unspecified", Guard{Plain: true}, desk.Live, "0.0.0.0", false},
		{"live, http", Guard{}, desk.Live, "127.0.0.1", false},
		{"live, allowed", Guard{Plain: true, Allow: home}, desk.Live, "127.0.0.1", true},
		{"test", Guard{}, desk.Test, "127.0.0.1", true},
	} {
		s := newSender(Options{Guard: c.g, Timeout: time.Second}, time.Now)
		heard = 0
		a, ok := s.send(context.Background(), desk.Book{Mode: c.mode}, desk.Endpoint{URL: "http://" + c.host + ":" + port + "/"}, &Message{}, desk.Attempt{})
		if ok != c.want || (heard == 1) != c.want {
			t.Errorf("%s: sent %t, heard %d times: %+v", c.what, ok, heard, a)
		}
		if !c.want && !strings.Contains(a.Error, errGuarded.Error()) {
			t.Errorf("%s: the log says %q", c.what, a.Error)
		}
	}
	// Nor does a connection of a test book serve a live one.
	s := newSender(Options{Guard: Guard{Plain: true}, Timeout: time.Second}, time.Now)
	e := desk.Endpoint{URL: inside.URL}
	s.send(context.Background(), desk.Book{Mode: desk.Test}, e, &Message{}, desk.Attempt{})
	if _, ok := s.send(context.Background(), desk.Book{Mode: desk.Live}, e, &Message{}, desk.Attempt{}); ok {
		t.Error("a live book's event went out on a test book's connection")
	}
	if err := (Guard{}).control("tcp", "10.0.0.1:443", nil); !errors.Is(err, errGuarded) {
		t.Errorf("10.0.0.1: %v", err)
	}
}
