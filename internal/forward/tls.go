package forward

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
)

// TLS returns the configuration with which nodes authenticate each other by certificates. It is used by the private listener and
// by the connections to other nodes. The certificate of another node must come from the authority in the file
// caFile and share a DNS name with this node's certificate. The name is a name of the cluster, not the address of
// a node, so that all nodes can use one certificate, and nodes need no fixed address.
func TLS(certFile, keyFile, caFile string) (*tls.Config, error) {
	certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("the certificate of this node: %w", err)
	}
	own, err := x509.ParseCertificate(certificate.Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("the certificate of this node: %w", err)
	}
	if len(own.DNSNames) == 0 {
		return nil, fmt.Errorf("the certificate %s has no DNS name; the nodes of a cluster need one in common", certFile)
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("the authority of the nodes: %w", err)
	}
	authority := x509.NewCertPool()
	if !authority.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s contains no CA certificate", caFile)
	}
	names := own.DNSNames
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{certificate},
		// The listener asks for a certificate and both ends check it below. The standard check of a client would compare
		// it with the address of the node.
		ClientAuth:         tls.RequireAnyClientCert,
		InsecureSkipVerify: true, //nolint:gosec // see VerifyConnection
		VerifyConnection:   func(state tls.ConnectionState) error { return verify(state, authority, names) },
	}, nil
}

var errCertificate = errors.New("the certificate of the other node is not accepted")

func verify(state tls.ConnectionState, authority *x509.CertPool, names []string) error {
	if len(state.PeerCertificates) == 0 {
		return fmt.Errorf("%w: it is missing", errCertificate)
	}
	intermediates := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		intermediates.AddCert(c)
	}
	peer := state.PeerCertificates[0]
	_, err := peer.Verify(x509.VerifyOptions{Roots: authority, Intermediates: intermediates, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return fmt.Errorf("%w: %w", errCertificate, err)
	}
	if !slices.ContainsFunc(peer.DNSNames, func(name string) bool { return slices.Contains(names, name) }) {
		return fmt.Errorf("%w: it has no DNS name in common with the certificate of this node", errCertificate)
	}
	return nil
}
