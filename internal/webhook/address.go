package webhook

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// notPublic are networks with addresses that look global and are not: of providers' own networks, for documentation and tests, and
// those in which an IPv4 address is hidden, which may be a private one.
var notPublic = func() []netip.Prefix {
	var all []netip.Prefix
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	} {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}()

// globalUnicast6 has all public addresses of IPv6. It leaves out NAT64 and mapped IPv4 addresses, too.
var globalUnicast6 = netip.MustParsePrefix("2000::/3")

// IsPublic reports whether the address is one of the Internet.
func IsPublic(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !globalUnicast6.Contains(a) {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

var (
	errNotPublic = errors.New("the address of the host is not public")
	errPlain     = errors.New("plain http is only for addresses of the networks in outgoing.networks")
)

// allowed returns why there must be no connection to an address.
func (p *Poster) allowed(a netip.Addr, encrypted bool) error {
	a = a.Unmap().WithZone("")
	for _, n := range p.opts.Networks {
		if n.Contains(a) {
			return nil
		}
	}
	switch {
	case !IsPublic(a):
		return errNotPublic
	case !encrypted:
		return errPlain
	}
	return nil
}

// CheckURL returns what is wrong with an address; "": nothing that is known without asking for the addresses of its host.
func (p *Poster) CheckURL(u *url.URL) string {
	encrypted := u.Scheme == "https"
	if !encrypted && len(p.opts.Networks) == 0 {
		return "must begin with https://"
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	a, err := netip.ParseAddr(host)
	if err != nil {
		if (host == "localhost" || strings.HasSuffix(host, ".localhost")) && p.allowed(netip.AddrFrom4([4]byte{127, 0, 0, 1}), encrypted) != nil {
			return "must name a host with a public address"
		}
		return ""
	}
	switch p.allowed(a, encrypted) {
	case nil:
		return ""
	case errPlain:
		return "must begin with https://"
	default:
		return "must name a host with a public address"
	}
}
