package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"parley/internal/config"
)

// healthCmd sends its request to the listener of clients, as a balancer does, so that it also works if several nodes share a data folder.
type healthCmd struct {
	config.Config `embed:""`
}

// healthTime limits the request. A server that is not ready answers earlier.
const healthTime = 5 * time.Second

func (c *healthCmd) Run(ctx context.Context, std streams) error {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if port == "0" {
		return errors.New("listen: the port is 0, so the address of the server is not known")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	scheme := "http"
	if c.TLS.IsOn() {
		scheme = "https"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	// A proxy from the environment could send the request to another machine.
	client := http.Client{Transport: &http.Transport{Proxy: nil, TLSClientConfig: c.tls()}}
	answer, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer answer.Body.Close()
	line, err := io.ReadAll(io.LimitReader(answer.Body, 1000))
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	said := strings.TrimSpace(string(line))
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: %s", said)
	}
	_, err = fmt.Fprintln(std.out, said)
	return err
}

// tls names the server by one of its domains, because a server with ACME has no certificate for other names.
// The certificate is not checked: the server is on this machine, and a certificate does not contain the address of its listener.
func (c *healthCmd) tls() *tls.Config {
	name := ""
	if len(c.TLS.ACME.Domains) > 0 {
		name = c.TLS.ACME.Domains[0]
	}
	return &tls.Config{ServerName: name, InsecureSkipVerify: true} //nolint:gosec // see above
}
