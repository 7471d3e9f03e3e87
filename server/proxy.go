package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// asSeen makes a request look as it did to the reverse proxy that passed it on:
// where it came from is the last address of X-Forwarded-For that is no proxy's
// of ours. Of a request that no such proxy sent the header is not believed, for
// anybody can write one.
func asSeen(r *http.Request, proxies []netip.Prefix) {
	from, ok := among(r.RemoteAddr, proxies)
	if !ok {
		return
	}
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(said) {
		at, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil {
			break
		}
		from = at.Unmap().WithZone("") // which is any text
		if !within(from, proxies) {
			break
		}
	}
	r.RemoteAddr = net.JoinHostPort(from.String(), "0")
}

// among is the address of a host and port, and whether it is a proxy's.
func among(hostPort string, proxies []netip.Prefix) (netip.Addr, bool) {
	if len(proxies) == 0 {
		return netip.Addr{}, false
	}
	p, err := netip.ParseAddrPort(hostPort)
	if err != nil {
		return netip.Addr{}, false
	}
	at := p.Addr().Unmap()
	return at, within(at, proxies)
}

func within(at netip.Addr, networks []netip.Prefix) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(at) })
}
