package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"parley/internal/chat"
	"parley/internal/config"
)

// mailer sends the mail that waits in the database. In a cluster only the leading node sends. A mail is
// deleted after the mail server has accepted it. A crash between the two sends it twice, but loses none.
type mailer struct {
	config config.Mail
	log    *slog.Logger
	wake   chan struct{} // holds a token when mail was queued

	// Set before run.
	chat  *chat.Service
	leads func() bool
}

const (
	mailTime  = 30 * time.Second // for one connection to the mail server
	mailBatch = 20               // over one connection
	mailLook  = 5 * time.Second  // between two checks for due mail
)

func newMailer(c config.Mail, log *slog.Logger) *mailer {
	if c.SMTP == "" {
		return nil
	}
	return &mailer{config: c, log: log, wake: make(chan struct{}, 1)}
}

// signal makes run check for mail. A nil mailer does nothing.
func (m *mailer) signal() {
	if m == nil {
		return
	}
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// run sends mail until ctx ends.
func (m *mailer) run(ctx context.Context) {
	if m == nil {
		return
	}
	every := time.NewTicker(mailLook)
	defer every.Stop()
	for {
		if m.leads == nil || m.leads() {
			if err := m.send(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, chat.ErrLogged) {
				m.log.ErrorContext(ctx, "waiting mail could not be read or written", "error", err)
			}
		}
		select {
		case <-m.wake:
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

// send sends all due mail.
func (m *mailer) send(ctx context.Context) error {
	for {
		due, err := m.chat.DueMail(ctx, mailBatch)
		if err != nil || len(due) == 0 {
			return err
		}
		for _, one := range due {
			if err := m.deliver(ctx, one); err != nil {
				return err
			}
		}
	}
}

// deliver sends a mail and stores the result. A mail that is interrupted by the end of ctx stays due.
func (m *mailer) deliver(ctx context.Context, one chat.Mail) error {
	err := m.post(ctx, one)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		return m.chat.MailSent(ctx, one.ID)
	}
	var refused *mail.SendError
	permanent := errors.As(err, &refused) && refused.ErrorCode() >= 500 && !refused.IsTemp()
	forgotten, storeErr := m.chat.MailFailed(ctx, one, permanent)
	switch {
	case storeErr != nil:
		return storeErr
	case forgotten:
		m.log.ErrorContext(ctx, "a mail could not be sent and is given up", "mail", one.ID, "error", err)
	default:
		m.log.WarnContext(ctx, "a mail could not be sent; it is tried again", "mail", one.ID, "attempts", one.Attempts+1, "error", err)
	}
	return nil
}

func (m *mailer) post(ctx context.Context, one chat.Mail) error {
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := message.From(m.config.From); err != nil {
		return err
	}
	if err := message.To(one.To); err != nil {
		return err
	}
	message.Subject(one.Subject)
	message.SetDateWithValue(one.CreatedAt)
	message.SetMessageIDWithValue(string(one.ID) + "@" + m.domain()) // the same in each attempt
	message.SetBodyString(mail.TypeTextPlain, one.Text)
	client, err := m.client()
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, message)
}

func (m *mailer) domain() string {
	for i := len(m.config.From) - 1; i >= 0; i-- {
		if m.config.From[i] == '@' {
			return m.config.From[i+1:]
		}
	}
	return "localhost"
}

func (m *mailer) client() (*mail.Client, error) {
	host, port, err := net.SplitHostPort(m.config.SMTP)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	options := []mail.Option{mail.WithPort(number), mail.WithTimeout(mailTime)}
	switch m.config.TLS {
	case "tls":
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if m.config.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.config.User), mail.WithPassword(string(m.config.Password)))
	}
	return mail.NewClient(host, options...)
}
