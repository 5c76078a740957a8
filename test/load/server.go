//go:build linux

package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"parley/test/postgres"
)

// A server is a process under test.
type server struct {
	name string
	addr netip.AddrPort
	path string // of the Socket.IO endpoint
	pid  int
	tls  *tls.Config   // of its clients; nil: no TLS
	took time.Duration // from its start until it was ready, where that was measured

	isPeer bool // it is not part of this repository, so its failure ends only its own measurement

	// The processes whose processor time counts.
	others   []*server        // the other nodes
	database *postgres.Server // nil: it needs none
	bus      *server          // the NATS server; nil: it needs none

	cmd    *exec.Cmd
	exited chan struct{}
	errors *tail
}

// The names of the columns of the table.
const (
	ours  = "parley"
	node  = "Node"
	bun   = "Bun"
	floor = "floor"
)

// start runs a command whose first line of output is "listening <address>".
func start(name string, cmd *exec.Cmd) (*server, error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s, err := spawn(name, cmd)
	if err != nil {
		return nil, err
	}
	line := make(chan string, 1)
	go func() {
		first, _ := bufio.NewReader(out).ReadString('\n')
		line <- first
		io.Copy(io.Discard, out)
	}()
	select {
	case first := <-line:
		address, ok := strings.CutPrefix(strings.TrimSpace(first), "listening ")
		if s.addr, err = netip.ParseAddrPort(address); ok && err == nil {
			return s, nil
		}
	case <-time.After(20 * time.Second):
	}
	s.stop()
	return nil, fmt.Errorf("%s did not say where it listens: %s", name, s.errors)
}

// spawn starts the process; the caller finds out when it is ready.
func spawn(name string, cmd *exec.Cmd) (*server, error) {
	s := &server{name: name, path: "/socket.io/", cmd: cmd, exited: make(chan struct{}), errors: &tail{}}
	cmd.Stderr = s.errors
	// However the generator ends, the server ends with it. The main goroutine
	// keeps its thread (see main), whose end this would otherwise be about.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	s.pid = cmd.Process.Pid
	go func() {
		cmd.Wait()
		close(s.exited)
	}()
	return s, nil
}

// stop ends the process, and those of the other nodes, and returns when they are gone.
func (s *server) stop() {
	for _, other := range s.others {
		other.stop()
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.exited:
	case <-time.After(3 * time.Second):
		s.cmd.Process.Kill()
		<-s.exited
	}
}

// tail keeps the end of what a process writes to its standard error.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if len(t.b) > 4096 {
		t.b = append(t.b[:0], t.b[len(t.b)-2048:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.b)) }

// startTarget runs the library alone: test/load/target.
func (b *bench) startTarget() (*server, error) {
	bin, err := b.build("./test/load/target")
	if err != nil {
		return nil, err
	}
	return start(ours, b.profiled(exec.Command(bin), "library"))
}

// startFloor runs this very program as the server of floor.go.
func (b *bench) startFloor() (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, floorServerArg)
	// Its thread is never to be interrupted for the scheduler.
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	return start(floor, cmd)
}

// floorServerArg is the only argument of this program when it is the server of floor.go.
const floorServerArg = "floor-server"

// build compiles a command of the module and returns the path of the binary. If
// profiles are wanted it adds the file that makes them.
func (b *bench) build(pkg string) (string, error) {
	if bin, ok := b.built[pkg]; ok {
		return bin, nil
	}
	bin := filepath.Join(b.tmp, strconv.Itoa(len(b.built))+"-"+filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-o", bin)
	cmd.Dir = b.root
	if b.profiles != "" && strings.HasPrefix(pkg, "./") {
		overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
			filepath.Join(b.root, pkg, "loadprofile.go"): filepath.Join(b.root, "test", "load", "profile", "main.go.txt"),
		}})
		if err != nil {
			return "", err
		}
		file := filepath.Join(b.tmp, "overlay.json")
		if err := os.WriteFile(file, overlay, 0o600); err != nil {
			return "", err
		}
		cmd.Args = append(cmd.Args, "-overlay", file)
	}
	cmd.Args = append(cmd.Args, pkg)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	b.built[pkg] = bin
	return bin, nil
}

// profiled has a server of ours write a profile of its processor time, if wanted.
func (b *bench) profiled(cmd *exec.Cmd, name string) *exec.Cmd {
	if b.profiles != "" {
		b.profileCount++
		file := filepath.Join(b.profiles, fmt.Sprintf("%02d-%s.prof", b.profileCount, name))
		cmd.Env = append(cmd.Environ(), "LOAD_CPUPROFILE="+file)
	}
	return cmd
}

// lastWords is what the server wrote about a failure, if anything.
func (s *server) lastWords() string {
	if words := s.errors.String(); words != "" {
		return "\n" + words
	}
	return ""
}
