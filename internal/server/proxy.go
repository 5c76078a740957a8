package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// trustProxies makes RemoteAddr the client's where the request came through a
// proxy that the configuration trusts.
func (s *Server) trustProxies(next http.Handler) http.Handler {
	var trusted []netip.Prefix
	for _, p := range s.config.HTTP.TrustedProxies {
		if prefix, err := netip.ParsePrefix(p); err == nil { // Validate has seen it
			trusted = append(trusted, prefix)
		}
	}
	if len(trusted) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if client, ok := clientAddress(trusted, r.RemoteAddr, r.Header.Values("X-Forwarded-For")); ok {
			r.RemoteAddr = net.JoinHostPort(client.String(), "0")
		}
		next.ServeHTTP(w, r)
	})
}

// clientAddress walks back through the addresses that proxies appended, from the
// nearest: the first one that is not itself a trusted proxy is the client. What stands
// before it anybody could have written.
func clientAddress(trusted []netip.Prefix, peer string, forwarded []string) (netip.Addr, bool) {
	isTrusted := func(a netip.Addr) bool {
		for _, p := range trusted {
			if p.Contains(a) {
				return true
			}
		}
		return false
	}
	from, err := netip.ParseAddrPort(peer)
	if err != nil || !isTrusted(from.Addr().Unmap()) {
		return netip.Addr{}, false
	}
	client := netip.Addr{}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		client = hop.Unmap()
		if !isTrusted(client) {
			break
		}
	}
	return client, client.IsValid()
}
