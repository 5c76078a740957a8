package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// trustProxies makes RemoteAddr the client's, Host the one that the client asked for,
// and the scheme of the URL "https" if it came by TLS, where the request came through a
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
		peer := r.RemoteAddr
		if client, ok := clientAddress(trusted, peer, r.Header.Values("X-Forwarded-For")); ok {
			r.RemoteAddr = net.JoinHostPort(client.String(), "0")
		}
		if host, ok := clientHost(trusted, peer, r.Header.Values("X-Forwarded-Host")); ok {
			r.Host = host
		}
		if proto := last(r.Header.Values("X-Forwarded-Proto")); isProxy(trusted, peer) && (proto == "https" || proto == "wss") {
			r.URL.Scheme = "https"
		}
		next.ServeHTTP(w, r)
	})
}

// clientAddress walks back through the addresses that proxies appended, from the
// nearest: the first one that is not itself a trusted proxy is the client. What stands
// before it anybody could have written.
func clientAddress(trusted []netip.Prefix, peer string, forwarded []string) (netip.Addr, bool) {
	if !isProxy(trusted, peer) {
		return netip.Addr{}, false
	}
	client := netip.Addr{}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := parseHop(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		client = hop.Unmap()
		if !isAmong(trusted, client) {
			break
		}
	}
	return client, client.IsValid()
}

// clientHost is the host that the nearest proxy was asked for, which is the last
// value. A client can write the values before it.
func clientHost(trusted []netip.Prefix, peer string, forwarded []string) (string, bool) {
	if !isProxy(trusted, peer) {
		return "", false
	}
	host := last(forwarded)
	return host, plainHost.MatchString(host)
}

// last is the value that was appended last to a header that lists values.
func last(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	line := lines[len(lines)-1]
	return strings.TrimSpace(line[strings.LastIndexByte(line, ',')+1:])
}

func isProxy(trusted []netip.Prefix, peer string) bool {
	from, err := netip.ParseAddrPort(peer)
	return err == nil && isAmong(trusted, from.Addr().Unmap())
}

func isAmong(networks []netip.Prefix, a netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// parseHop takes an address, or one with a port, as some proxies write it. Without that all of their clients would
// share the proxy's own address, and its limits.
func parseHop(text string) (netip.Addr, error) {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr(), nil
	}
	return netip.ParseAddr(strings.Trim(text, "[]"))
}
