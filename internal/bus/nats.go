package bus

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// NATSOptions configure a connection to a NATS server or cluster. URLs, Subject and
// Listener are required.
type NATSOptions struct {
	// URLs are the addresses of the servers, which may have a user and password or a token.
	URLs []string
	// Subject is what the nodes of one installation publish to.
	Subject string
	// Name is the name of the connection for the operator of the server.
	Name string
	// CredentialsFile and NKeyFile are files of NATS that identify the user.
	CredentialsFile, NKeyFile string
	// CAFile has the certificates that the server's is checked against, instead of the
	// system's. CertFile and KeyFile identify this node.
	CAFile, CertFile, KeyFile string
	// Silence is how long the server may not answer before the connection counts as
	// broken; 2 s.
	Silence  time.Duration
	Listener Listener
	Logger   *slog.Logger // nil discards

	maxPending int // messages that wait for the listener; 0: the default of the client
}

// NATS is a bus on a NATS server. The connection is made again when it breaks.
type NATS struct {
	opts NATSOptions
	conn *nats.Conn
}

var _ Bus = (*NATS)(nil)

// DialNATS connects and subscribes. Its errors are written for an operator and have no
// password in them.
func DialNATS(ctx context.Context, o NATSOptions) (*NATS, error) {
	if o.Silence <= 0 {
		o.Silence = 2 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	b := &NATS{opts: o}
	options, err := b.options()
	if err != nil {
		return nil, err
	}
	where := hidePasswords(o.URLs)
	if b.conn, err = nats.Connect(strings.Join(o.URLs, ","), options...); err != nil {
		return nil, fmt.Errorf("the bus %s cannot be reached: %w%s", where, err, o.remedy(err))
	}
	sub, err := b.conn.Subscribe(o.Subject, b.hear)
	if err == nil && o.maxPending > 0 {
		err = sub.SetPendingLimits(o.maxPending, -1)
	}
	if err == nil {
		err = b.tryPermissions(ctx)
	}
	if err != nil {
		b.conn.Close()
		return nil, fmt.Errorf("the bus %s cannot be used: %w", where, err)
	}
	return b, nil
}

func (b *NATS) options() ([]nats.Option, error) {
	o := b.opts
	all := []nats.Option{
		nats.Name(o.Name),
		nats.NoEcho(),
		nats.Timeout(2 * time.Second),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(100 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.IgnoreAuthErrorAbort(),
		nats.PermissionErrOnSubscribe(true),
		// Others read from the log what cannot be sent now.
		nats.ReconnectBufSize(-1),
		nats.PingInterval(o.Silence / 2),
		nats.MaxPingsOutstanding(1),
		nats.FlusherTimeout(o.Silence),
		nats.ReconnectOnFlusherError(),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil { // not by Close
				o.Logger.Warn("the connection to the bus has ended", "error", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) {
			o.Logger.Info("the bus is connected again", "server", c.ConnectedUrlRedacted())
			o.Listener.Interrupted()
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrSlowConsumer) {
				o.Logger.Warn("bus messages were dropped because this node reads them too slowly")
				o.Listener.Interrupted()
				return
			}
			o.Logger.Error("the bus reports an error", "error", err)
		}),
	}
	identity, err := o.identity()
	return append(all, identity...), err
}

// identity are the options with which the node and the server know each other. An error names the option of the
// operator and the file.
func (o *NATSOptions) identity() (all []nats.Option, err error) {
	add := func(name, file string, make func() (nats.Option, error)) {
		if file == "" || err != nil {
			return
		}
		option, wrong := make()
		if wrong == nil {
			scratch := nats.GetDefaultOptions()
			wrong = option(&scratch) // it reads the file
		}
		if wrong != nil {
			err = fmt.Errorf("%s: %s cannot be used: %w", name, file, wrong)
			return
		}
		all = append(all, option)
	}
	add("nats.creds", o.CredentialsFile, func() (nats.Option, error) {
		return nats.UserCredentials(o.CredentialsFile), checkCredentials(o.CredentialsFile)
	})
	add("nats.nkey", o.NKeyFile, func() (nats.Option, error) { return nats.NkeyOptionFromSeed(o.NKeyFile) })
	add("nats.tls-ca", o.CAFile, func() (nats.Option, error) { return nats.RootCAs(o.CAFile), nil })
	add("nats.tls-cert", o.CertFile, func() (nats.Option, error) { return nats.ClientCert(o.CertFile, o.KeyFile), nil })
	return all, err
}

// checkCredentials reads a file of credentials, which the client of NATS does only when it connects.
func checkCredentials(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if _, err := nkeys.ParseDecoratedJWT(text); err != nil {
		return err
	}
	_, err = nkeys.ParseDecoratedUserNKey(text)
	return err
}

// remedy returns what an operator can do about an error of the first connection, after a semicolon; empty: nothing
// that is known.
func (o *NATSOptions) remedy(err error) string {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked):
		switch {
		case o.CredentialsFile != "":
			return "; the server refuses the credentials in nats.creds"
		case o.NKeyFile != "":
			return "; the server refuses the key in nats.nkey"
		case o.hasUser():
			return "; the server refuses the user, password or token in bus"
		}
		return "; the server requires a user: set nats.creds or nats.nkey, or a user or token in bus"
	case errors.As(err, &authority):
		return "; nats.tls-ca must be the authority of the server's certificate"
	case errors.As(err, &name):
		return "; bus must name the server as its certificate does"
	case errors.Is(err, nats.ErrSecureConnWanted):
		return "; the server does not use TLS, but bus or nats.tls-ca or nats.tls-cert asks for it"
	case isCertificateRefused(err):
		if o.CertFile == "" {
			return "; the server requires a certificate: set nats.tls-cert and nats.tls-key"
		}
		return "; the server refuses the certificate in nats.tls-cert"
	}
	return ""
}

func (o *NATSOptions) hasUser() bool {
	return slices.ContainsFunc(o.URLs, func(text string) bool {
		u, err := url.Parse(text)
		return err == nil && u.User != nil
	})
}

// isCertificateRefused reports whether the server has ended the connection at the end of the TLS handshake, when it knows the
// certificate of this node. The alert may come too late for the first write.
func isCertificateRefused(err error) bool {
	if errors.Is(err, nats.ErrTLS) {
		return true
	}
	var remote *net.OpError // with the alert, whose type crypto/tls does not export for TCP
	return errors.As(err, &remote) && remote.Op == "remote error"
}

// tryPermissions finds out whether the user may subscribe and publish. NATS refuses both
// without an answer to the request itself.
func (b *NATS) tryPermissions(ctx context.Context) error {
	nothing, err := encodeMessage(Message{})
	if err != nil {
		return err
	}
	if err := b.conn.Publish(b.opts.Subject, nothing); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := b.conn.FlushWithContext(ctx); err != nil {
		return err
	}
	return b.conn.LastError()
}

func (b *NATS) hear(m *nats.Msg) {
	message, err := decodeMessage(m.Data)
	switch {
	case err != nil:
		b.opts.Logger.Debug("message of the bus not read", "error", err)
	case message.Number > 0 || len(message.Body) > 0:
		b.opts.Listener.Hear(message)
	}
}

// Publish implements [Bus]. Events that are larger than the server allows are left out.
func (b *NATS) Publish(m Message) error {
	data, err := encodeMessage(m)
	if err != nil {
		return err
	}
	if most := b.conn.MaxPayload(); most > 0 && int64(len(data)) > most {
		m.Body, m.Missing = nil, true
		if data, err = encodeMessage(m); err != nil {
			return err
		}
	}
	if err := b.conn.Publish(b.opts.Subject, data); err != nil {
		return fmt.Errorf("bus: publish: %w", err)
	}
	return nil
}

// Check implements [Bus]: a message to the server and back.
func (b *NATS) Check(ctx context.Context) error {
	if status := b.conn.Status(); status != nats.CONNECTED {
		return fmt.Errorf("bus: the connection is %s", strings.ToLower(status.String()))
	}
	if err := b.conn.FlushWithContext(ctx); err != nil {
		return fmt.Errorf("bus: no answer: %w", err)
	}
	return nil
}

// Close implements [Bus].
func (b *NATS) Close(ctx context.Context) error {
	err := b.Check(ctx)
	b.conn.Close()
	return err
}

// hidePasswords leaves out users and passwords.
func hidePasswords(urls []string) string {
	shown := make([]string, len(urls))
	for i, text := range urls {
		u, err := url.Parse(text)
		if err != nil {
			shown[i] = "(hidden)"
			continue
		}
		u.User = nil
		shown[i] = u.String()
	}
	return strings.Join(shown, ",")
}
