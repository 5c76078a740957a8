package packaging

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// service is the server as systemd would start it.
type service struct {
	*testing.T
	process *exec.Cmd
	ended   chan struct{}

	mu      sync.Mutex
	log     []string
	changed chan struct{}
}

// start runs the command of the unit as its user, and returns when the server has told systemd that it is ready.
func (m *machine) start() *service {
	m.Helper()
	text, err := os.ReadFile(unit)
	if err != nil {
		m.Fatal(err)
	}
	setting := func(name string) string {
		found := regexp.MustCompile(`(?m)^` + name + `=(.*)$`).FindStringSubmatch(string(text))
		if found == nil {
			m.Fatalf("the unit has no %s", name)
		}
		return found[1]
	}
	if got := setting("Type"); got != "notify" {
		m.Fatalf("got type %s, want notify", got)
	}
	u, err := user.Lookup(setting("User"))
	if err != nil {
		m.Fatal(err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)

	folder, err := os.MkdirTemp("", "parley-notify-")
	if err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() { _ = os.RemoveAll(folder) })
	socket := filepath.Join(folder, "notify")
	notified, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err == nil {
		err = errors.Join(os.Chmod(folder, 0o755), os.Chmod(socket, 0o777))
	}
	if err != nil {
		m.Fatal(err)
	}
	defer notified.Close()

	command := strings.Fields(setting("ExecStart"))
	p := &service{T: m.T, ended: make(chan struct{}), changed: make(chan struct{})}
	p.process = exec.Command(command[0], command[1:]...)
	p.process.Dir = setting("WorkingDirectory")
	p.process.Env = []string{"NOTIFY_SOCKET=" + socket, "PATH=/usr/bin:/bin", "HOME=" + u.HomeDir, "USER=" + u.Username}
	p.process.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	written, err := p.process.StderrPipe()
	if err == nil {
		err = p.process.Start()
	}
	if err != nil {
		m.Fatal(err)
	}
	go p.read(written)
	m.Cleanup(p.kill)
	ready := make(chan string, 1)
	go func() {
		said := make([]byte, 100)
		n, _ := notified.Read(said)
		ready <- string(said[:n])
	}()
	select {
	case got := <-ready:
		if got != "READY=1" {
			m.Fatalf("the server told systemd %q", got)
		}
	case <-p.ended:
		m.Fatalf("the server has ended:\n%s", p.all())
	case <-m.Context().Done():
		m.Fatal(m.Context().Err())
	}
	return p
}

func (p *service) read(written io.Reader) {
	lines := bufio.NewScanner(written)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		p.mu.Lock()
		p.log = append(p.log, lines.Text())
		close(p.changed)
		p.changed = make(chan struct{})
		p.mu.Unlock()
	}
	_ = p.process.Wait()
	close(p.ended)
}

// wait returns the line of the log with a text for the nth time.
func (p *service) wait(text string, n int) string {
	p.Helper()
	for {
		lines, changed := p.lines(text)
		if len(lines) >= n {
			return lines[n-1]
		}
		select {
		case <-changed:
		case <-p.ended:
			p.Fatalf("the server has ended with %q in %d lines of its log, want %d:\n%s", text, len(lines), n, p.all())
		case <-p.Context().Done():
			p.Fatal(p.Context().Err())
		}
	}
}

// count returns the number of lines of the log with a text.
func (p *service) count(text string) int {
	lines, _ := p.lines(text)
	return len(lines)
}

// lines returns the lines of the log with a text, and a channel that is closed when the log has more.
func (p *service) lines(text string) (with []string, changed chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.log {
		if strings.Contains(line, text) {
			with = append(with, line)
		}
	}
	return with, p.changed
}

func (p *service) all() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.log, "\n")
}

// stop ends the server as systemd does.
func (p *service) stop() {
	p.Helper()
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		p.Fatal(err)
	}
	<-p.ended
	if code := p.process.ProcessState.ExitCode(); code != 0 {
		p.Errorf("after SIGTERM: got exit status %d\n%s", code, p.all())
	}
}

// kill ends the server as a crash does.
func (p *service) kill() {
	_ = p.process.Process.Kill()
	<-p.ended
}
