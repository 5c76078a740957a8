package server

import (
	"net/netip"
	"testing"
)

func TestClientAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		peer      string
		forwarded []string
		want      string // empty: the peer itself
	}{
		"no proxy":                           {"203.0.113.9:5", []string{"198.51.100.1"}, ""},
		"one proxy":                          {"10.0.0.1:5", []string{"198.51.100.1"}, "198.51.100.1"},
		"two proxies":                        {"10.0.0.1:5", []string{"198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		"two headers":                        {"10.0.0.1:5", []string{"198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
		"what the client wrote itself":       {"10.0.0.1:5", []string{"192.0.2.7, 198.51.100.1"}, "198.51.100.1"},
		"what the client wrote is no number": {"10.0.0.1:5", []string{"unknown, 198.51.100.1"}, "198.51.100.1"},
		"only proxies":                       {"10.0.0.1:5", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"nothing":                            {"10.0.0.1:5", nil, ""},
		"rubbish":                            {"10.0.0.1:5", []string{"rubbish"}, ""},
		"IPv6":                               {"[fd00::1]:5", []string{"2001:db8::1"}, "2001:db8::1"},
		"with a port":                        {"10.0.0.1:5", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		"IPv6 with a port":                   {"[fd00::1]:5", []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		"IPv4 in IPv6":                       {"[::ffff:10.0.0.1]:5", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := clientAddress(trusted, c.peer, c.forwarded)
			if ok != (c.want != "") || ok && got.String() != c.want {
				t.Errorf("got %v, %v, want %q", got, ok, c.want)
			}
		})
	}
}

func TestClientHost(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for name, c := range map[string]struct {
		peer      string
		forwarded []string
		want      string // empty: what Host says
	}{
		"no proxy":                     {"203.0.113.9:5", []string{"chat.example.test"}, ""},
		"one proxy":                    {"10.0.0.1:5", []string{"chat.example.test:8443"}, "chat.example.test:8443"},
		"what the client wrote itself": {"10.0.0.1:5", []string{"evil.test, chat.example.test"}, "chat.example.test"},
		"two headers":                  {"10.0.0.1:5", []string{"evil.test", "chat.example.test"}, "chat.example.test"},
		"IPv6":                         {"10.0.0.1:5", []string{"[2001:db8::1]:8443"}, "[2001:db8::1]:8443"},
		"nothing":                      {"10.0.0.1:5", nil, ""},
		"rubbish":                      {"10.0.0.1:5", []string{"a b"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := clientHost(trusted, c.peer, c.forwarded)
			if ok != (c.want != "") || ok && got != c.want {
				t.Errorf("got %q, %v, want %q", got, ok, c.want)
			}
		})
	}
}
