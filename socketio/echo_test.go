package socketio

import (
	"encoding/json"
	"log/slog"
)

// newEcho returns a server with the namespaces "/" and "/custom" that answers as example/echo does.
func newEcho(options Options) *Server {
	options.Engine.Logger = slog.New(slog.DiscardHandler)
	io := newServer(options)
	for _, name := range []string{"/", "/custom"} {
		n := io.Of(name)
		n.Use(func(s *Socket, h *Handshake) error {
			s.SetValue(h.Auth)
			return nil
		})
		n.OnConnect(func(s *Socket) {
			if auth := s.Value().(json.RawMessage); auth != nil {
				_ = s.Emit("auth", auth)
			}
		})
		n.On("message", func(e *Event) { _ = e.Socket.Emit("message-back", e.Values()) })
		n.On("message-with-ack", func(e *Event) { _ = e.Ack(e.Values()) })
	}
	return io
}
