package forward

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Options configure a [Forwarder].
type Options struct {
	Peers Peers
	// Secret is sent with every request; see [Handler].
	Secret string
	// TLS is the configuration for connections to other nodes; nil: they are not encrypted.
	TLS *tls.Config
	// WriteTimeout is how long either end of a WebSocket may take to accept what is written to it; 30 s.
	WriteTimeout time.Duration
	// Logger gets what somebody must act on; slog.Default().
	Logger *slog.Logger
}

// Forwarder passes requests on to other nodes. It is safe for concurrent use.
type Forwarder struct {
	options   Options
	scheme    string
	dialer    net.Dialer
	transport *http.Transport
	warned    warned

	requests, failures atomic.Uint64

	running sync.WaitGroup // the goroutines of WebSockets

	mu        sync.Mutex
	closed    bool
	releasing bool
	waiting   map[*waiting]struct{}
}

// waiting is what lasts for long: a poll or a WebSocket that is passed on.
type waiting struct {
	sid, address string
	isWebSocket  bool
	cut          func() // ends it at once
}

// Stats are figures of a [Forwarder].
type Stats struct {
	Requests   uint64 // passed on, WebSockets included
	Failures   uint64 // of them, because the other node did not answer
	Polls      int    // pending now
	WebSockets int    // open now
}

const (
	// dialTime bounds the time until another node has accepted a connection. A node whose machine is gone does
	// not refuse it.
	dialTime = 3 * time.Second
	// idleTime is how long a connection to another node is kept between two requests. It is shorter than on the
	// listener's side, which would otherwise close a connection on which a request is on its way.
	idleTime = 30 * time.Second
	// IdleTimeout is the http.Server.IdleTimeout of a private listener.
	IdleTimeout = 2 * idleTime
	// maxIdle is how many connections to one node are kept between two requests.
	maxIdle = 1024
	// copySize is how much of an answer is held at a time, in bytes. It is small, so that the owner sees that a slow client
	// reads.
	copySize = 8 << 10
)

// keepAlive finds a node whose machine is gone while a poll or a WebSocket waits for it.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3}

// New returns a forwarder. Its end is [Forwarder.Close].
func New(options Options) *Forwarder {
	options.WriteTimeout = cmp.Or(options.WriteTimeout, 30*time.Second)
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	f := &Forwarder{
		options: options,
		scheme:  "http",
		dialer:  net.Dialer{Timeout: dialTime, KeepAliveConfig: keepAlive},
		waiting: make(map[*waiting]struct{}),
	}
	f.transport = &http.Transport{
		DialContext:         f.dialer.DialContext,
		TLSClientConfig:     options.TLS,
		TLSHandshakeTimeout: dialTime,
		DisableCompression:  true,
		MaxIdleConnsPerHost: maxIdle,
		IdleConnTimeout:     idleTime,
		// An answer of the transport has few headers, but a poll that is ended early by a slow body has none.
		MaxResponseHeaderBytes: 64 << 10,
	}
	if options.TLS != nil {
		f.scheme = "https"
	}
	return f
}

// Stats returns the present figures.
func (f *Forwarder) Stats() Stats {
	s := Stats{Requests: f.requests.Load(), Failures: f.failures.Load()}
	f.mu.Lock()
	defer f.mu.Unlock()
	for w := range f.waiting {
		if w.isWebSocket {
			s.WebSockets++
		} else {
			s.Polls++
		}
	}
	return s
}

// Forward passes the request on to the node and its answer back. It is for engineio.Options.Forward: it returns false,
// with nothing written, if the node is unknown or does not answer.
func (f *Forwarder) Forward(node string, w http.ResponseWriter, r *http.Request) bool {
	address, ok := f.options.Peers.Address(node)
	if !ok {
		return false
	}
	f.requests.Add(1)
	var err error
	if r.Header.Get("Upgrade") != "" && r.Method == http.MethodGet {
		err = f.openTunnel(address, w, r)
	} else {
		err = f.passOn(address, w, r)
	}
	if err == nil {
		return true
	}
	if !errors.Is(err, context.Canceled) && !errors.Is(err, errClosed) { // neither the client is gone nor this node stops
		f.failures.Add(1)
		f.warn(node, address, err)
	}
	return false
}

// passOn makes the request and copies the answer. The error says why there was no answer.
func (f *Forwarder) passOn(address string, w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	if r.Method == http.MethodGet {
		poll := &waiting{sid: r.URL.Query().Get("sid"), address: address, cut: cancel}
		if !f.begin(poll, 0) {
			return errClosed
		}
		defer f.end(poll)
	}
	out := f.newRequest(ctx, address, r)
	if out.Body == nil && r.Method == http.MethodGet {
		out.Body = once{}
	}
	answer, err := f.transport.RoundTrip(out)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode == refused {
		return errRefused
	}
	copyAnswer(w, answer)
	return nil
}

var (
	errClosed  = errors.New("this node stops")
	errRefused = errors.New("the node refused the secret of this node; cluster.secret must be the same on all nodes")
)

// newRequest returns the request for the other node. Cookies and other headers are left out: they were needed to open
// the session, which is no business of a forwarded request.
func (f *Forwarder) newRequest(ctx context.Context, address string, r *http.Request) *http.Request {
	target := url.URL{Scheme: f.scheme, Host: address, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	header := make(http.Header, 4)
	for _, name := range passedHeaders {
		if values := r.Header[name]; len(values) > 0 {
			header[name] = values
		}
	}
	header["User-Agent"] = nil // not Go's
	header[headerClient] = []string{r.RemoteAddr}
	if f.options.Secret != "" {
		header[headerSecret] = []string{f.options.Secret}
	}
	if r.TLS != nil || r.URL.Scheme == "https" {
		header[headerScheme] = []string{"https"}
	}
	out := &http.Request{
		Method: r.Method, URL: &target, Host: r.Host, Header: header,
		Body: r.Body, ContentLength: r.ContentLength,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if r.ContentLength == 0 {
		out.Body = nil
	}
	return out.WithContext(ctx)
}

// once is an empty body that forbids http.Transport to send the request again. Without a body, it repeats a GET when a
// kept connection breaks. But the owner may have answered the poll, and the messages in the answer would be lost: the repeated
// poll gets the next ones. If the poll is not repeated, its client begins a new session and reads what it has missed.
// The transport looks for a first byte of the body, and then sends none.
type once struct{}

// Read is io.Reader's.
func (once) Read([]byte) (int, error) { return 0, io.EOF }

// Close is io.Closer's.
func (once) Close() error { return nil }

// passedHeaders are those that the transport reads in requests of a session. Expect is not among them: net/http
// tells the client to go on when the body is read here.
var passedHeaders = []string{
	"Content-Type", "Sec-Websocket-Version", "Sec-Websocket-Key", "Sec-Websocket-Protocol", "Sec-Websocket-Extensions",
}

var copyBuffers = sync.Pool{New: func() any { return new([copySize]byte) }}

// copyAnswer passes an answer back. If it breaks off, the client's connection is closed: net/http does so after an
// answer that is shorter than its Content-Length, which every answer of the transport has.
func copyAnswer(w http.ResponseWriter, answer *http.Response) {
	copyHeader(w.Header(), answer.Header)
	w.WriteHeader(answer.StatusCode)
	buf := copyBuffers.Get().(*[copySize]byte)
	defer copyBuffers.Put(buf)
	// Only a Writer: net/http's own ReadFrom would take a buffer of its own.
	_, err := io.CopyBuffer(struct{ io.Writer }{w}, answer.Body, buf[:])
	if err != nil && answer.ContentLength < 0 {
		panic(http.ErrAbortHandler)
	}
}

// copyHeader adds the headers of an answer to those that this node has set, without those of the connection.
func copyHeader(to, from http.Header) {
	for name, values := range from {
		switch name {
		case "Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Trailer", "Date":
		default:
			to[name] = append(to[name], values...)
		}
	}
}

// begin reports false if the forwarder is closed. Otherwise Close waits for so many calls of running.Done, by goroutines
// that the caller starts. While sessions are released, a new poll is released a moment later:
// its client has not yet learned to go elsewhere.
func (f *Forwarder) begin(w *waiting, goroutines int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.running.Add(goroutines)
	f.waiting[w] = struct{}{}
	if f.releasing {
		f.running.Go(func() { f.releaseLate(w) })
	}
	return true
}

func (f *Forwarder) end(w *waiting) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.waiting, w)
}

// warn logs why a node could not be reached, once for each node. Its clients begin anew.
func (f *Forwarder) warn(node, address string, err error) {
	if !f.warned.isNew(node) {
		return
	}
	level := slog.LevelWarn
	if errors.Is(err, errRefused) || isCertificate(err) {
		level = slog.LevelError // it will not pass by itself
	}
	f.options.Logger.Log(context.Background(), level, "requests could not be forwarded to another node", "node", node, "address", address, "err", err)
}

// isCertificate reports whether one of the two nodes has refused the certificate of the other.
func isCertificate(err error) bool {
	var alert *net.OpError // "remote error", with the type of the alert, which crypto/tls does not export for TCP
	return errors.Is(err, errCertificate) || errors.As(err, &alert) && alert.Op == "remote error"
}

// warned remembers the nodes that were logged. There is a new name for each start of a node.
type warned struct {
	mu    sync.Mutex
	nodes map[string]bool
}

const maxWarned = 1000

func (w *warned) isNew(node string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.nodes[node] || len(w.nodes) >= maxWarned {
		return false
	}
	if w.nodes == nil {
		w.nodes = make(map[string]bool)
	}
	w.nodes[node] = true
	return true
}

// Close ends what is passed on at once, and waits for the goroutines of WebSockets.
func (f *Forwarder) Close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.cutAll()
	f.running.Wait()
	f.transport.CloseIdleConnections()
}

func (f *Forwarder) cutAll() {
	f.mu.Lock()
	left := make([]*waiting, 0, len(f.waiting))
	for w := range f.waiting {
		left = append(left, w)
	}
	f.mu.Unlock()
	for _, w := range left {
		w.cut()
	}
}
