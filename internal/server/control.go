package server

import (
	"context"
	"fmt"
	"runtime/debug"

	"parley/internal/control"
)

// Command runs an operator's command on the rules and the database of a server that serves.
// It returns the exit status.
type Command func(ctx context.Context, d *Data, call control.Call, std control.Streams) int

// ServeCommands lets this server run the commands of operators from now on, over a socket in
// the data folder. Run serves them, and interrupts them before the database is closed. A
// node of several has no socket, because its data folder may be shared: there, a command is a
// process that writes beside the nodes.
func (s *Server) ServeCommands(run Command) {
	if s.cluster != nil {
		return
	}
	l, err := control.Listen(s.config.Data)
	if err != nil {
		s.log.Warn("commands in the data folder do not work while this server runs", "error", err)
		return
	}
	s.control, s.command = l, run
}

// keepCommands serves the commands of operators until ctx ends.
func (s *Server) keepCommands(ctx context.Context) {
	if s.control == nil {
		return
	}
	data := s.data()
	err := s.control.Serve(ctx, control.Handler{
		Program: Version(),
		Accepts: func(c control.Call) bool {
			return c.Database == "" || c.Database == s.config.Database.String()
		},
		Run: func(ctx context.Context, call control.Call, std control.Streams) (status int) {
			defer func() {
				if v := recover(); v != nil {
					s.log.Error("an operator's command panicked", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
					fmt.Fprintln(std.Err, "parley: a fault in the server; its log has the details")
					status = 1
				}
			}()
			return s.command(ctx, data, call, std)
		},
	})
	if err != nil {
		s.log.Error("commands in the data folder are not served any more", "error", err)
	}
}

// data returns the parts of this server that commands use.
func (s *Server) data() *Data {
	c := s.config
	c.PublicURL = s.PublicURL() // with the port that was chosen
	return &Data{Chat: s.chat, store: s.store, config: c, server: s}
}
