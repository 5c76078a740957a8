package server

import (
	"net"
	"slices"
	"strconv"
)

// maxNetworkURLs bounds the addresses that are printed: a machine with containers can have very many.
const maxNetworkURLs = 3

// networkInterface is an interface of the machine.
type networkInterface struct {
	up        bool
	addresses []net.IP
}

// networkURLs returns the addresses at which other machines reach the listener, if it listens on all interfaces.
func (s *Server) networkURLs() (urls []string) {
	tcp, ok := s.listener.Addr().(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return nil
	}
	all, err := networkInterfaces()
	if err != nil {
		s.log.Warn("the addresses of this machine cannot be read", "error", err)
		return nil
	}
	for _, ip := range networkAddresses(tcp.IP, all) {
		urls = append(urls, "http://"+net.JoinHostPort(ip.String(), strconv.Itoa(tcp.Port)))
	}
	return urls
}

func networkInterfaces() ([]networkInterface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	out := make([]networkInterface, 0, len(all))
	for _, i := range all {
		addresses, err := i.Addrs()
		if err != nil {
			return nil, err
		}
		one := networkInterface{up: i.Flags&net.FlagUp != 0}
		for _, a := range addresses {
			if network, ok := a.(*net.IPNet); ok {
				one.addresses = append(one.addresses, network.IP)
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// networkAddresses returns the IPv4 addresses that other machines can use. If there is none and the listener takes IPv6, it returns
// the IPv6 addresses. Addresses that hold on one link only are left out.
func networkAddresses(listening net.IP, all []networkInterface) []net.IP {
	var four, six []net.IP
	for _, i := range all {
		if !i.up {
			continue
		}
		for _, ip := range i.addresses {
			if !ip.IsGlobalUnicast() {
				continue
			}
			if ip.To4() != nil {
				four = append(four, ip)
			} else {
				six = append(six, ip)
			}
		}
	}
	if len(four) == 0 && listening.To4() == nil {
		four = six
	}
	four = slices.CompactFunc(four, net.IP.Equal)
	return four[:min(len(four), maxNetworkURLs)]
}
