package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
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
		return nil, fmt.Errorf("the bus %s cannot be reached: %w", where, err)
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
			o.Logger.Warn("the connection to the bus has ended", "error", err)
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
	for _, file := range []struct {
		name   string
		option func(string) nats.Option
	}{
		{o.CredentialsFile, func(name string) nats.Option { return nats.UserCredentials(name) }},
		{o.CAFile, func(name string) nats.Option { return nats.RootCAs(name) }},
		{o.CertFile, func(name string) nats.Option { return nats.ClientCert(name, o.KeyFile) }},
	} {
		if file.name == "" {
			continue
		}
		if _, err := os.Stat(file.name); err != nil {
			return nil, fmt.Errorf("a file for the bus cannot be read: %w", err)
		}
		all = append(all, file.option(file.name))
	}
	if o.NKeyFile != "" {
		key, err := nats.NkeyOptionFromSeed(o.NKeyFile)
		if err != nil {
			return nil, fmt.Errorf("the nkey for the bus cannot be read from %s: %w", o.NKeyFile, err)
		}
		all = append(all, key)
	}
	return all, nil
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
	case message.Number > 0:
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
