package server

import "github.com/coreos/go-systemd/v22/daemon"

// notify tells the service manager the state of this server, if one has started it and waits for that: a unit of systemd
// with Type=notify. Otherwise it does nothing.
func (s *Server) notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.log.Warn("the service manager was not told the state of the server", "state", state, "error", err)
	}
}
