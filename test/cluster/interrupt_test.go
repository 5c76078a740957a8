package cluster

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/test/port"
	"parley/test/postgres"
)

// Ctrl-C of a terminal goes to every process of the group. It reached PostgreSQL at the same moment as the command, so the nodes
// ended without a database.
func TestInterrupt(t *testing.T) {
	parley, nats, bin := os.Getenv("PARLEY_BIN"), os.Getenv(variable), os.Getenv(postgres.Variable)
	if parley == "" || nats == "" || bin == "" {
		t.Skipf("NOT TESTED with several nodes: PARLEY_BIN, %s and %s must be set; make test does that", variable, postgres.Variable)
	}
	folder, err := os.MkdirTemp("", "parley-interrupt-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil { // PostgreSQL may run as another user
		t.Fatal(err)
	}
	program := filepath.Join(folder, "run")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "parley/test/cluster/run").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	listen, err := port.Address()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(folder, "data")
	if err := os.Mkdir(data, 0o755); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "-bare", "-listen", listen, "-parley", parley, "-nats", nats, "-postgres", bin)
	command.Env = append(os.Environ(), "TMPDIR="+data)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Signal(syscall.SIGTERM); _ = command.Wait() })
	lines := bufio.NewReader(out)
	for line := ""; !strings.HasPrefix(line, "PostgreSQL:"); {
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	logs, err := filepath.Glob(filepath.Join(data, "parley-cluster-*", "node*.log"))
	if err != nil || len(logs) != 3 {
		t.Fatalf("got logs %v, %v, want three", logs, err)
	}
	var opened []*os.File // the command removes them
	for _, name := range logs {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		opened = append(opened, file)
	}

	if err := syscall.Kill(-command.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, _ = io.Copy(io.Discard, lines)
		ended <- command.Wait()
	}()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the command ended with %v", err)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("the command does not end")
	}
	for _, file := range opened {
		text, err := io.ReadAll(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "level=ERROR") || strings.Contains(string(text), "could not be told") {
			t.Errorf("%s: the node did not end in order:\n%s", filepath.Base(file.Name()), text)
		}
	}
	// parley-test-ports has the ports that were taken.
	if left, err := filepath.Glob(filepath.Join(data, "parley-[^t]*")); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
	commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range commands {
		line, err := os.ReadFile(name)
		if err == nil && strings.Contains(string(line), data) {
			t.Errorf("a process is left: %s", strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
}
