// Package fault takes the server's power away under load and holds what its
// clients were told against what is there afterwards.
//
// It runs the built binary as a process of its own and speaks to it only as
// clients and host systems do: over sockets and HTTP.
package fault

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"parley/test/ledger"
)

// Server is a parley process on a folder that outlives it.
type Server struct {
	ledger.Client

	process *exec.Cmd
	ended   chan error
}

// Start runs `parley demo` on the folder and returns when it accepts
// connections. Rate limits are off: the load is the test.
func Start(ctx context.Context, binary, folder string) (*Server, error) {
	process := exec.CommandContext(ctx, binary, "demo", "--json", "--bare", "--listen", "127.0.0.1:0", "--data", folder)
	process.Env = append(os.Environ(), "PARLEY_RATE_SEND=0", "PARLEY_RATE_REQUEST=0", "PARLEY_RATE_LOGIN=0", "PARLEY_LOG_LEVEL=warn")
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, err
	}
	s := &Server{process: process, ended: make(chan error, 1)}
	lines := bufio.NewReader(out)
	first, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(first, &s.Client)
	}
	go func() {
		_, _ = io.Copy(io.Discard, lines)
		s.ended <- process.Wait()
	}()
	if err != nil {
		s.Kill()
		return nil, fmt.Errorf("parley demo did not say where it listens: %w", err)
	}
	return s, nil
}

// Kill ends the process as a power cut does, and waits until it is gone.
func (s *Server) Kill() {
	_ = s.process.Process.Kill()
	<-s.ended
}

// Stop asks the process to drain and returns how it ended.
func (s *Server) Stop() error {
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return <-s.ended
}
