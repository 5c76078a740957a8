package server

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// redirecting is the handler of the listener without TLS: it answers the ACME server, and redirects to the address with https. It
// redirects only to names of this server. Otherwise a link to this server could lead to any other host.
func (s *Server) redirecting() http.Handler {
	redirect := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := s.secureHost(r.Host)
		if to == "" {
			say(w, http.StatusMisdirectedRequest, "this server does not have the name of the request")
			return
		}
		w.Header().Set("Connection", "close")
		target := url.URL{Scheme: "https", Host: to, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
		http.Redirect(w, r, target.String(), http.StatusPermanentRedirect)
	})
	if s.encryption.acme == nil {
		return redirect
	}
	answer := s.encryption.acme.manager.HTTPHandler(redirect)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		named := *r
		named.Host = hostName(r.Host) // autocert compares it with the names
		answer.ServeHTTP(w, &named)
	})
}

// hostName returns the name of a host that may have a port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// secureHost returns the host with https that belongs to the host of a request, "" if it is not a host of this server.
func (s *Server) secureHost(asked string) string {
	name := hostName(asked)
	if public, err := url.Parse(s.config.PublicURL); err == nil && public.Host != "" && name == strings.ToLower(public.Hostname()) {
		return public.Host
	}
	known := slices.Contains(s.config.TLS.ACME.Domains, name)
	if !known && s.encryption.pair != nil && name != "" {
		known = s.encryption.pair.current.Load().Leaf.VerifyHostname(name) == nil
	}
	if !known {
		return ""
	}
	_, port, err := net.SplitHostPort(s.listener.Addr().String())
	if err != nil || port == "443" {
		port = ""
	}
	if strings.Contains(name, ":") {
		name = "[" + name + "]"
	}
	if port != "" {
		name += ":" + port
	}
	return name
}
