// Package postgres runs PostgreSQL for tests: the installed program, in a temporary
// folder, on loopback, never as root. Its own tests hold the store against it.
package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/test/port"
)

// Server is a PostgreSQL server.
type Server struct {
	bin, folder, data string
	port              int
	settings          []string
	process           *exec.Cmd
	databases         atomic.Int64
}

// Variable names the folder of PostgreSQL's programs; "make test" installs them and sets it.
const Variable = "PARLEY_TEST_POSTGRES"

// Start runs an empty server until the test ends. Settings are of the form
// name=value. Without the programs it says so and leaves the test out.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	bin := os.Getenv(Variable)
	if bin == "" {
		t.Skipf("NOT TESTED on PostgreSQL: %s names no folder of its programs; make test installs them", Variable)
	}
	s, err := New(bin, settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// New runs an empty server with the programs in the folder bin. Close ends it.
func New(bin string, settings ...string) (_ *Server, err error) {
	s := &Server{bin: bin, settings: settings}
	if s.folder, err = os.MkdirTemp("", "parley-pg-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(s.folder)
		}
	}()
	if err := give(s.folder); err != nil {
		return nil, err
	}
	s.data = filepath.Join(s.folder, "data")
	if out, err := s.command("initdb", "-D", s.data, "-U", "parley", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if s.port, err = port.Free(); err != nil {
		return nil, err
	}
	return s, s.Run()
}

// Run starts the server's process, after Start or Kill, and waits until it answers.
func (s *Server) Run() error {
	args := []string{"-D", s.data, "-k", s.folder, "-h", "127.0.0.1", "-p", strconv.Itoa(s.port)}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	s.process = s.command("postgres", args...)
	log, err := os.OpenFile(filepath.Join(s.folder, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.process.Stdout, s.process.Stderr = log, log
	if err := s.process.Start(); err != nil {
		return err
	}
	for deadline := time.Now().Add(time.Minute); ; {
		err := s.exec("SELECT 1")
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			s.Kill(syscall.SIGKILL)
			said, _ := os.ReadFile(log.Name())
			return fmt.Errorf("PostgreSQL does not answer: %w\n%s", err, said)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Kill ends the server's process: SIGTERM lets it finish, SIGQUIT is an immediate
// shutdown. It returns when the process is gone.
func (s *Server) Kill(signal syscall.Signal) {
	_ = s.process.Process.Signal(signal)
	_ = s.process.Wait()
}

// Pause stops all processes of the server where they are; Continue lets them go on.
func (s *Server) Pause() error { return s.signalAll(syscall.SIGSTOP) }

// Continue ends a Pause.
func (s *Server) Continue() error { return s.signalAll(syscall.SIGCONT) }

// signalAll sends a signal to the server's process and then to the processes that it has started.
func (s *Server) signalAll(signal syscall.Signal) error {
	if err := s.process.Process.Signal(signal); err != nil {
		return err
	}
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return err
	}
	for _, file := range files {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// pid (name) state parent …
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if parent, _ := strconv.Atoi(fields[1]); parent != s.PID() {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return nil
}

// Exec runs a statement as the superuser, in the database postgres.
func (s *Server) Exec(t testing.TB, statement string) {
	t.Helper()
	if err := s.exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Close ends the server at once and removes its folder.
func (s *Server) Close() {
	s.Kill(syscall.SIGQUIT)
	_ = os.RemoveAll(s.folder)
}

// URL returns the address of a database.
func (s *Server) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("parley"), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), Path: "/" + database}
	return u.String()
}

// PID returns the number of the server's process.
func (s *Server) PID() int { return s.process.Process.Pid }

// Create makes an empty database and returns its address.
func (s *Server) Create(t testing.TB) string {
	t.Helper()
	address, err := s.NewDatabase()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// NewDatabase makes an empty database and returns its address.
func (s *Server) NewDatabase() (string, error) {
	name := "db" + strconv.FormatInt(s.databases.Add(1), 10)
	return s.URL(name), s.exec("CREATE DATABASE " + name + " TEMPLATE template0")
}

func (s *Server) exec(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, statement)
	return err
}

// command runs a program of PostgreSQL, which refuses to run as root: then it
// gets the user nobody.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, name), args...)
	c.Dir = s.folder
	c.SysProcAttr = ownGroup()
	if uid, gid, ok := other(); ok {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
	}
	return c
}

// give makes the folder that of the user who runs the server.
func give(folder string) error {
	if uid, gid, ok := other(); ok {
		return os.Chown(folder, int(uid), int(gid))
	}
	return nil
}

func other() (uid, gid uint32, ok bool) {
	if os.Getuid() != 0 {
		return 0, 0, false
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return 0, 0, false
	}
	u, _ := strconv.ParseUint(nobody.Uid, 10, 32)
	g, _ := strconv.ParseUint(nobody.Gid, 10, 32)
	return uint32(u), uint32(g), true
}
