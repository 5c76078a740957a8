package turn

import "net/netip"

// Peer returns what identifies the peer of a connection: its address without the port.
// An IPv6 address is replaced by its /64 network, because one customer has a whole
// network of addresses. remote is an address with or without a port; a text that is no
// address is returned as it is.
func Peer(remote string) string {
	addr, err := netip.ParseAddr(remote)
	if err != nil {
		port, err := netip.ParseAddrPort(remote)
		if err != nil {
			return remote
		}
		addr = port.Addr()
	}
	addr = addr.Unmap()
	if addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.WithZone("").Prefix(64)
	if err != nil {
		return addr.String()
	}
	return prefix.String()
}
