package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"sync"
	"time"
)

// Streams are those of a command.
type Streams struct {
	Out, Err io.Writer
	In       io.Reader
}

// Handler runs commands. It is called by several goroutines.
type Handler struct {
	Program string // its version
	// Accepts reports whether the command is for this server.
	Accepts func(Call) bool
	// Run runs the command and returns its exit status. The context ends if the client
	// interrupts the command or goes away, and when the server stops.
	Run func(context.Context, Call, Streams) int
}

// Listener is the server's side.
type Listener struct {
	socket *net.UnixListener
	file   string
	once   sync.Once
	err    error
}

// Listen makes the socket of the data folder, which the caller holds. Clients wait until
// Serve is called.
func Listen(folder string) (*Listener, error) {
	if c, err := dial(folder); err == nil { // two servers on different databases have been given one folder
		_ = c.Close()
		return nil, errors.New("another server listens on the socket of the data folder")
	}
	socket, file, err := bind(folder)
	if err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	return &Listener{socket: socket, file: file}, nil
}

// Close removes the socket. Commands are not interrupted by it.
func (l *Listener) Close() error {
	l.once.Do(func() {
		l.err = os.Remove(l.file)
		if errors.Is(l.err, fs.ErrNotExist) {
			l.err = nil
		}
		l.err = errors.Join(l.err, l.socket.Close())
	})
	return l.err
}

// Serve runs the commands of clients until ctx ends, closes the listener, and returns when
// all commands have ended.
func (l *Listener) Serve(ctx context.Context, h Handler) error {
	var commands sync.WaitGroup
	defer commands.Wait()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	for {
		c, err := l.socket.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = c.Close()
			}
			return l.Close()
		}
		if err != nil {
			return fmt.Errorf("control: %w", err)
		}
		commands.Go(func() { serve(ctx, c, h) })
	}
}

const (
	greeting = 10 * time.Second // for the client to send its Call
	farewell = 5 * time.Second  // for the client to read the remaining output when the server stops
)

// serve runs one command.
func serve(ctx context.Context, c net.Conn, h Handler) {
	defer c.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in, out := json.NewDecoder(c), &sender{to: json.NewEncoder(c)}
	_ = c.SetDeadline(time.Now().Add(greeting))
	var call Call
	if err := in.Decode(&call); err != nil {
		return
	}
	declined := call.Version != version || !h.Accepts(call)
	if err := out.send(answer{Version: version, Program: h.Program, Declined: declined}); err != nil || declined {
		return
	}
	_ = c.SetDeadline(time.Time{})
	stop := context.AfterFunc(ctx, func() { _ = c.SetWriteDeadline(time.Now().Add(farewell)) })
	defer stop()

	input := &input{more: make(chan toServer), want: func() error { return out.send(toClient{Read: true}) }, ctx: ctx}
	var reading sync.WaitGroup
	reading.Go(func() {
		defer cancel()
		for {
			var m toServer
			if err := in.Decode(&m); err != nil || m.Cancel {
				return
			}
			select {
			case input.more <- m:
			case <-ctx.Done():
				return
			}
		}
	})
	status := h.Run(ctx, call, Streams{
		Out: writer(func(p []byte) error { return out.send(toClient{Out: p}) }),
		Err: writer(func(p []byte) error { return out.send(toClient{Err: p}) }),
		In:  input,
	})
	_ = out.send(toClient{Exit: &status})
	_ = c.Close()
	reading.Wait()
}

// sender sends one value at a time.
type sender struct {
	mu sync.Mutex
	to *json.Encoder
}

func (s *sender) send(v any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Encode(v)
}

// writer sends what is written, in parts.
type writer func([]byte) error

const part = 32 << 10

func (w writer) Write(p []byte) (n int, err error) {
	for rest := p; len(rest) > 0; {
		now := rest[:min(part, len(rest))]
		if err := w(now); err != nil {
			return n, err
		}
		n += len(now)
		rest = rest[len(now):]
	}
	return n, nil
}

// input is the standard input of the client. The client is asked for it only when the
// command reads, so that a command which does not read leaves a terminal alone.
type input struct {
	ctx  context.Context
	want func() error
	more chan toServer
	rest bytes.Reader
	over bool
}

func (i *input) Read(p []byte) (int, error) {
	for i.rest.Len() == 0 {
		if i.over {
			return 0, io.EOF
		}
		if err := i.want(); err != nil {
			return 0, err
		}
		select {
		case m := <-i.more:
			i.over = m.EOF
			i.rest.Reset(m.In)
		case <-i.ctx.Done():
			return 0, i.ctx.Err()
		}
	}
	return i.rest.Read(p)
}
