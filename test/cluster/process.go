package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// process is a program that runs until it is stopped.
type process struct {
	command *exec.Cmd
	ended   chan struct{}
	err     error // set before ended is closed
}

func run(program string, env []string, log string, args ...string) (*process, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	c := exec.Command(program, args...)
	c.Env = append(os.Environ(), env...)
	c.Stdout, c.Stderr = file, file
	// The programs do not get Ctrl-C of the terminal. They are stopped in order.
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		return nil, err
	}
	p := &process{command: c, ended: make(chan struct{})}
	go func() {
		p.err = c.Wait()
		close(p.ended)
	}()
	return p, nil
}

func (p *process) signal(s syscall.Signal) { _ = p.command.Process.Signal(s) }

// kill ends the process as a power cut does, and waits until it is gone.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// stop asks the process to end and returns how it ended. It kills it after a minute.
func (p *process) stop() error {
	p.signal(syscall.SIGTERM)
	return p.end()
}

// end waits until the process has ended after SIGTERM, and returns how.
func (p *process) end() error {
	select {
	case <-p.ended:
		return p.err
	case <-time.After(time.Minute):
		p.kill()
		return errors.New("it did not end within a minute after SIGTERM")
	}
}

// ready waits until the address answers with 200, or the process has ended.
func (p *process) ready(ctx context.Context, address string) error {
	for {
		err := isReady(address)
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("it ended: %w", p.err)
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// unready waits until the address does not answer with 200, or the process has ended.
func (p *process) unready(ctx context.Context, address string) error {
	for isReady(address) == nil {
		select {
		case <-p.ended:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

func isReady(address string) error {
	client := http.Client{Timeout: 2 * time.Second}
	response, err := client.Get(address)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}
