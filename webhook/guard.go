package webhook

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// A Guard keeps deliveries of live books away from what a merchant's URL must
// not reach: this machine, the network it stands in, a cloud's metadata. The
// zero Guard allows https to any public address on any port.
type Guard struct {
	// Allow are networks that may be reached although they are not public, such
	// as the one where the merchant's own services run.
	Allow []netip.Prefix
	// Ports are those that may be asked for; all if there are none.
	Ports []int
	// Plain allows http.
	Plain bool
	// Off allows everything but a cloud's metadata. It is how deliveries of test
	// books go, whose receivers are on the developer's own machine.
	Off bool
	// Tests holds test books to the rule of live ones: for a server whose
	// merchants are not all its operator's.
	Tests bool
}

// errGuarded says that the guard would not let a request out.
var errGuarded = errors.New("this address is not allowed")

// url is what is wrong with where a message shall go, before its host is looked
// up.
func (g Guard) url(u *url.URL) error {
	port := 443
	switch u.Scheme {
	case "https":
	case "http":
		port = 80
		if !g.Off && !g.Plain {
			return fmt.Errorf("%w: a live book's events go out by https only", errGuarded)
		}
	default:
		return fmt.Errorf("%w: %q is no way to send a webhook", errGuarded, u.Scheme)
	}
	if u.Port() != "" {
		var err error
		if port, err = strconv.Atoi(u.Port()); err != nil || port < 1 || port > 65535 {
			return fmt.Errorf("%w: there is no port %q", errGuarded, u.Port())
		}
	}
	if !g.Off && len(g.Ports) > 0 && !slices.Contains(g.Ports, port) {
		return fmt.Errorf("%w: port %d", errGuarded, port)
	}
	return nil
}

// Reach is what is wrong with where an endpoint shall lie, as far as its URL
// tells: a name is not looked up, and what it turns out to be is looked at when
// something is sent.
func (g Guard) Reach(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return fmt.Errorf("%w: it is no URL", errGuarded)
	}
	if err := g.url(u); err != nil {
		return err
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		host = "127.0.0.1" // whatever the network says
	}
	if addr, err := netip.ParseAddr(host); err == nil && !g.open(addr) {
		return g.closed(addr)
	}
	return nil
}

// closed says why an address is not connected to.
func (g Guard) closed(addr netip.Addr) error {
	if addr = addr.WithZone("").Unmap(); g.Off {
		return fmt.Errorf("%w: %s is a cloud's metadata", errGuarded, addr)
	}
	return fmt.Errorf("%w: %s is not public", errGuarded, addr)
}

// control looks at the address that a name turned out to be, on the very
// connection that is about to be made: a name that answers otherwise the second
// time gains nothing.
func (g Guard) control(network, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return err
	}
	if !g.open(addr) {
		return g.closed(addr)
	}
	return nil
}

// open says whether an address may be connected to.
func (g Guard) open(addr netip.Addr) bool {
	addr = addr.WithZone("").Unmap()
	switch {
	case within(addr, g.Allow):
		return true
	case within(addr, metadata):
		return false
	case g.Off:
		return true
	case !addr.IsGlobalUnicast() || addr.IsPrivate():
		return false // also loopback, link-local, multicast, unspecified
	}
	if addr.Is6() && !publicIPv6.Contains(addr) {
		return false
	}
	return !within(addr, notPublic)
}

func within(addr netip.Addr, all []netip.Prefix) bool {
	return slices.ContainsFunc(all, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// metadata are where clouds tell a machine its own credentials. No receiver of
// webhooks has such an address, in a test book neither.
var metadata = prefixes(
	"169.254.0.0/16",      // link-local: most clouds
	"fe80::/10",           // link-local
	"fd00:ec2::254/128",   // Amazon
	"fd20:ce::254/128",    // Google
	"100.100.100.200/32",  // Alibaba
	"168.63.129.16/32",    // Azure's agent: public, and answers to its own machines
	"192.0.0.192/32",      // Oracle
	"::169.254.0.0/112",   // the first of them inside an address of IPv6:
	"64:ff9b::a9fe:0/112", // NAT64
	"::ffff:0:a9fe:0/112", // translated
	"2002:a9fe::/32",      // 6to4
)

// publicIPv6 is all of IPv6 that is given to anybody: what lies outside is set
// aside, or carries an IPv4 address inside.
var publicIPv6 = netip.MustParsePrefix("2000::/3")

// notPublic are the networks set aside by the registries of special addresses
// that look like anybody's. Those that carry an IPv4 address inside are here
// whole: what is inside could be any.
var notPublic = prefixes(
	"0.0.0.0/8",         // this network
	"100.64.0.0/10",     // behind a carrier's NAT; clouds have metadata here too
	"192.0.0.0/24",      // protocol assignments
	"192.0.2.0/24",      // documentation
	"192.31.196.0/24",   // AS112
	"192.52.193.0/24",   // multicast tunnels
	"192.88.99.0/24",    // 6to4 relays
	"192.175.48.0/24",   // AS112
	"198.18.0.0/15",     // benchmarks
	"198.51.100.0/24",   // documentation
	"203.0.113.0/24",    // documentation
	"240.0.0.0/4",       // reserved, and broadcast
	"2001::/23",         // protocol assignments, with Teredo
	"2001:db8::/32",     // documentation
	"2002::/16",         // 6to4
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation
)

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		all[i] = netip.MustParsePrefix(t)
	}
	return all
}
