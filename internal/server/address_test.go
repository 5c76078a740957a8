package server

import (
	"net"
	"slices"
	"strings"
	"testing"
)

// The link to set up a server that listens on all interfaces named only 127.0.0.1.
func TestNetworkAddresses(t *testing.T) {
	parse := func(up bool, addresses string) networkInterface {
		i := networkInterface{up: up}
		for _, text := range strings.Fields(addresses) {
			i.addresses = append(i.addresses, net.ParseIP(text))
		}
		return i
	}
	loopback := parse(true, "127.0.0.1 ::1")
	for _, c := range []struct {
		name, listening string
		all             []networkInterface
		want            string
	}{
		{"two interfaces", "0.0.0.0", []networkInterface{loopback, parse(true, "192.168.1.5 fe80::1 2001:db8::5"), parse(true, "10.0.0.7")}, "192.168.1.5 10.0.0.7"},
		{"one is down", "::", []networkInterface{loopback, parse(false, "192.168.1.5"), parse(true, "10.0.0.7")}, "10.0.0.7"},
		{"only three", "::", []networkInterface{parse(true, "10.0.0.1 10.0.0.2"), parse(true, "10.0.0.3"), parse(true, "10.0.0.4")}, "10.0.0.1 10.0.0.2 10.0.0.3"},
		{"of the link, multicast and all", "::", []networkInterface{parse(true, "169.254.0.9 224.0.0.1 255.255.255.255 0.0.0.0 203.0.113.4")}, "203.0.113.4"},
		{"IPv6 where there is no IPv4", "::", []networkInterface{loopback, parse(true, "fe80::1 2001:db8::5")}, "2001:db8::5"},
		{"IPv6 on a listener of IPv4", "0.0.0.0", []networkInterface{loopback, parse(true, "2001:db8::5")}, ""},
		{"only this machine", "::", []networkInterface{loopback}, ""},
	} {
		var got []string
		for _, ip := range networkAddresses(net.ParseIP(c.listening).To16(), c.all) {
			got = append(got, ip.String())
		}
		if want := strings.Fields(c.want); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", c.name, got, want)
		}
	}
}
