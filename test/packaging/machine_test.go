package packaging

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"parley/test/port"
)

const (
	conf    = "/etc/parley/parley.yaml"
	data    = "/var/lib/parley"
	backups = "/var/backups/parley"
	unit    = "/usr/lib/systemd/system/parley.service"
	enabled = "/etc/systemd/system/multi-user.target.wants/parley.service"
	policy  = "/usr/sbin/policy-rc.d"
	account = "parley"
)

// noStart is the policy with which packages start no services.
const noStart = "#!/bin/sh\n# Of a test of parley.\nexit 101\n"

// places are the paths of the package and of the server.
var places = []string{"/etc/parley", data, backups, "/usr/bin/parley", unit, "/usr/share/doc/parley"}

// machine is this machine with the package.
type machine struct {
	*testing.T
	port int
	url  string
	app  string // key of the web client
	env  []string
}

// fresh holds that nothing of parley is on this machine, and removes everything at the end.
func fresh(t *testing.T) *machine {
	t.Helper()
	m := &machine{T: t}
	settings := filepath.Join(t.TempDir(), "apt.conf")
	// A machine that updates itself may hold the lock of dpkg for a while.
	if err := os.WriteFile(settings, []byte("APT::Get::Assume-Yes \"true\";\nAPT::Install-Recommends \"false\";\nDPkg::Lock::Timeout \"300\";\nAPT::Sandbox::User \"root\";\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m.env = append(os.Environ(), "APT_CONFIG="+settings, "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	mark := lock(t)
	if text, err := os.ReadFile(mark.Name()); err != nil {
		t.Fatal(err)
	} else if v := m.installed(); len(text) > 0 && (v == earlier || v == later) {
		t.Log("a former run of this test was broken off; its package and its data are removed")
		m.remove()
	}
	for _, path := range places {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("%s exists: this test would remove a server that is installed here", path)
		}
	}
	if _, err := user.Lookup(account); err == nil {
		t.Fatalf("there is a user %s: this test would remove it", account)
	}
	before := m.state()
	if _, err := mark.WriteString("the test of the package runs\n"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		m.remove()
		if after := m.state(); after != before {
			t.Errorf("the machine is not as it was before:\n%s\nbefore:\n%s", after, before)
		} else if err := mark.Truncate(0); err != nil {
			t.Error(err)
		}
	})
	var err error
	if m.port, err = port.Free(); err != nil {
		t.Fatal(err)
	}
	m.url = "http://127.0.0.1:" + strconv.Itoa(m.port)
	// The test starts the server itself, also where systemd runs.
	if _, err := os.Lstat(policy); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(policy, []byte(noStart), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// installed returns the version of the installed package, "" if there is none.
func (m *machine) installed() string {
	out, err := exec.CommandContext(m.Context(), "dpkg-query", "--show", "--showformat=${Version}", "parley").Output()
	if err != nil {
		return ""
	}
	return string(out)
}

// lock waits until no other process runs this test. The file is not empty if the last one was broken off.
func lock(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(os.TempDir(), "parley-test-package"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	return f
}

// remove removes everything that the package and the test have put on this machine. Its commands fail for what is absent.
func (m *machine) remove() {
	for _, args := range [][]string{{"apt-get", "purge", "parley"}, {"deluser", "--quiet", "--system", account}} {
		c := exec.Command(args[0], args[1:]...) //nolint:noctx // the context of the test has ended
		c.Env = m.env
		_ = c.Run()
	}
	for _, path := range places {
		_ = os.RemoveAll(path)
	}
	if text, err := os.ReadFile(policy); err == nil && string(text) == noStart {
		_ = os.Remove(policy)
	}
}

// state describes what the package adds to this machine. Packages on which it depends are not removed again.
func (m *machine) state() string {
	var b strings.Builder
	for _, path := range append([]string{enabled, policy, "/var/lib/systemd/deb-systemd-helper-enabled/parley.service.dsh-also"}, places...) {
		_, err := os.Lstat(path)
		fmt.Fprintf(&b, "%s: %t\n", path, err == nil)
	}
	for _, args := range [][]string{{"getent", "passwd", account}, {"getent", "group", account}, {"dpkg-query", "--show", "parley"}} {
		out, _ := exec.Command(args[0], args[1:]...).Output() //nolint:noctx // the context of the test may have ended
		fmt.Fprintf(&b, "%v: %s\n", args, out)
	}
	return b.String()
}

// must runs a program and returns its output.
func (m *machine) must(name string, args ...string) string {
	m.Helper()
	c := exec.CommandContext(m.Context(), name, args...)
	c.Env = m.env
	out, err := c.CombinedOutput()
	if err != nil {
		m.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// parley runs a command of an operator, as root while the server runs, and decodes the last line of its output.
func (m *machine) parley(into any, args ...string) {
	m.Helper()
	out := strings.Split(strings.TrimSpace(m.must("parley", append(args, "--json", "--config", conf)...)), "\n")
	if err := json.Unmarshal([]byte(out[len(out)-1]), into); err != nil {
		m.Fatalf("parley %s: %v in %q", strings.Join(args, " "), err, out)
	}
}

// page runs the shell blocks of a section of docs/operations in a folder.
func (m *machine) page(name, section, folder string) {
	m.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "operations", name))
	if err != nil {
		m.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "# "+section+"\n")
	if !found {
		m.Fatalf("%s has no section %s", name, section)
	}
	rest, _, _ = strings.Cut(rest, "\n#")
	blocks := strings.Split(rest, "```sh\n")[1:]
	if len(blocks) == 0 {
		m.Fatalf("the section %s of %s has no shell block", section, name)
	}
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		c := exec.CommandContext(m.Context(), "sh", "-e", "-c", block)
		c.Env, c.Dir = m.env, folder
		if out, err := c.CombinedOutput(); err != nil {
			m.Fatalf("%v in\n%s\n%s", err, block, out)
		}
	}
}

// install installs or updates the package as the page says.
func (m *machine) install(version string) {
	m.Helper()
	m.page("install.md", "The Debian package", release(m.T, root, version))
	if out := m.must("parley", "version"); !strings.HasPrefix(out, "parley "+version+",") {
		m.Errorf("after the installation of %s: got %s", version, out)
	}
}

// configure changes the configuration as an operator does.
func (m *machine) configure(from, to string) {
	m.Helper()
	text, err := os.ReadFile(conf)
	if err != nil {
		m.Fatal(err)
	}
	if strings.Count(string(text), from) != 1 {
		m.Fatalf("%s does not have once:\n%s\nbut is\n%s", conf, from, text)
	}
	if err := os.WriteFile(conf, []byte(strings.Replace(string(text), from, to, 1)), 0o640); err != nil {
		m.Fatal(err)
	}
	m.must("parley", "config", "check", "--config", conf)
}
