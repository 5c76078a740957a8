package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

// Options tune a [Poster]. Zero values get the defaults named here.
type Options struct {
	Networks  []netip.Prefix // that may be reached although their addresses are not public, also by plain http
	Timeout   time.Duration  // for one request with its answer; 15 s
	UserAgent string
	Roots     *x509.CertPool // for tests; nil: those of the system
	Now       func() time.Time
}

// maxAnswer is how much of an answer is read, so that the connection can be used again.
const maxAnswer = 64 << 10

// Poster posts requests. It is safe for concurrent use.
type Poster struct {
	opts             Options
	encrypted, plain *http.Client
}

// New returns a poster.
func New(o Options) *Poster {
	if o.Timeout <= 0 {
		o.Timeout = 15 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Poster{opts: o}
	p.encrypted, p.plain = p.client(true), p.client(false)
	return p
}

// client returns a client that checks each address when it connects, after the name of the host was resolved. A check before that
// could be passed by a name whose addresses change. There is no proxy, which would connect without the check.
func (p *Poster) client(encrypted bool) *http.Client {
	dialer := &net.Dialer{
		Timeout: p.opts.Timeout,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			return p.allowed(to.Addr(), encrypted)
		},
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{RootCAs: p.opts.Roots, MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: maxAnswer,
		},
	}
}

// Close closes idle connections.
func (p *Poster) Close() {
	p.encrypted.CloseIdleConnections()
	p.plain.CloseIdleConnections()
}

// Request is a signed request.
type Request struct {
	URL     string
	ID      string
	Secrets []string
	Body    []byte // JSON
}

// Failure is why a request was not accepted. Its text is for the owner of the receiver: it has nothing of the answer but the status,
// and no address that a name has been resolved to.
type Failure struct {
	Status     int           // of the answer; 0: there was none
	RetryAfter time.Duration // that the receiver asks for, with status 429 or 503; 0: it does not
	Reason     string
	Err        error // for the log; nil with a status
}

// Error returns the reason.
func (f *Failure) Error() string { return f.Reason }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Post posts a request. It is accepted if the answer has a status of 200 to 299; otherwise the error is a [*Failure]. If ctx ends, the
// error is that of ctx, and whether the request was accepted is not known.
func (p *Poster) Post(ctx context.Context, r Request) error {
	bounded, cancel := context.WithTimeout(ctx, p.opts.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(bounded, http.MethodPost, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return &Failure{Reason: "the address cannot be used", Err: err}
	}
	now := p.opts.Now()
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", p.opts.UserAgent)
	// The names are written in lower case in the text; HTTP does not distinguish.
	request.Header.Set("Webhook-Id", r.ID)
	request.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	request.Header.Set("Webhook-Signature", Sign(r.Secrets, r.ID, now, r.Body))
	client := p.plain
	if request.URL.Scheme == "https" {
		client = p.encrypted
	}
	answer, err := client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &Failure{Reason: reason(err, p.opts.Timeout), Err: err}
	}
	defer answer.Body.Close()
	// An answer is complete when its status is known; what follows decides only whether the connection can be used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer))
	if answer.StatusCode >= 200 && answer.StatusCode < 300 {
		return nil
	}
	f := &Failure{Status: answer.StatusCode, Reason: fmt.Sprintf("status %d", answer.StatusCode)}
	switch {
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		f.Reason += ": redirects are not followed"
	case answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode == http.StatusServiceUnavailable:
		f.RetryAfter = retryAfter(answer.Header.Get("Retry-After"), now)
	}
	return f
}

// reason words an error for the owner of the receiver.
func reason(err error, timeout time.Duration) string {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var timing interface{ Timeout() bool }
	switch {
	case errors.Is(err, errNotPublic):
		return errNotPublic.Error()
	case errors.Is(err, errPlain):
		return errPlain.Error()
	case errors.As(err, &timing) && timing.Timeout():
		return fmt.Sprintf("no answer within %v", timeout)
	case errors.As(err, &dns):
		return "the name of the host has no address"
	case errors.As(err, &certificate):
		return "the certificate of the host is not valid"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "the connection was closed without an answer"
	default:
		return "the connection failed"
	}
}

// retryAfter reads the header of this name: seconds or a time.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
