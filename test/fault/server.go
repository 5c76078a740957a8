// Package fault takes the server's power away under load and holds what its
// clients were told against what is there afterwards.
//
// It runs the built binary as a process of its own and speaks to it only as
// clients and host systems do: over sockets and HTTP.
package fault

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"parley/socketio/socketiotest"
)

// Server is a parley process on a folder that outlives it.
type Server struct {
	URL, Path, App string
	HostApp        struct{ App, Secret string } `json:"host"`

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
		err = json.Unmarshal(first, s)
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

// Host calls the host API. body and answer may be nil.
func (s *Server) Host(ctx context.Context, method, path string, body, answer any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, s.URL+"/v1"+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	request.SetBasicAuth(s.HostApp.App, s.HostApp.Secret)
	request.Header.Set("Content-Type", "application/json")
	return do(request, answer)
}

// History reads a page of one of the history endpoints.
func (s *Server) History(ctx context.Context, token, path string, query url.Values, answer any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "md_pss_id "+token)
	return do(request, answer)
}

func do(request *http.Request, answer any) error {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s %s", request.Method, request.URL.Path, response.Status, strings.TrimSpace(string(text)))
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// Connect opens a socket of the account that the token belongs to.
func (s *Server) Connect(ctx context.Context, token string, eio int, transport string) (*socketiotest.Client, error) {
	return socketiotest.Connect(ctx, socketiotest.Options{
		URL: s.URL, Path: s.Path, EIO: eio, Transport: transport,
		Query: url.Values{"token": {token}, "app": {s.App}},
	})
}
