package packaging

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestDebian is the work of an operator who has only the documentation: install, first start, backups by schedule, an
// update while people are connected, the loss of the disk, a restore into another folder, removal.
// It needs root on Debian, and leaves the machine as it was. systemd need not run: the test starts the command of the unit.
func TestDebian(t *testing.T) {
	if _, err := exec.LookPath("dpkg"); err != nil {
		t.Skip("NOT TESTED: the Debian package can be installed only on Debian, and this machine has no dpkg")
	}
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: only root can install the Debian package")
	}
	tools(t)
	m := fresh(t)
	m.install(earlier)
	m.checkFiles()
	m.checkUnit()
	m.configure("listen: 127.0.0.1:8080", "listen: 127.0.0.1:"+strconv.Itoa(m.port)+"\nmetrics: {listen: \"\"}")

	// The first start, and the first people.
	p := m.start()
	olga := m.setUp(p)
	var organization struct{ ID string }
	m.parley(&organization, "org", "list")
	var anna person
	m.parley(&anna, "account", "create", "Anna Demo", "--org", organization.ID)
	var token struct{ Token string }
	m.parley(&token, "token", "create", anna.ID)
	anna.Token = token.Token
	c := conversation{machine: m, from: anna, to: olga}
	c.connect()
	for i := range 10 {
		c.send(fmt.Sprint("before ", i), nil)
	}
	c.send("a file with a text", bytes.Repeat([]byte("a file of the test\n"), 50_000))
	random := make([]byte, 300_000)
	_, _ = rand.Read(random) // never fails
	c.send("a file with random bytes", random)

	// The update, while both are connected. The server has backups by schedule from then on.
	m.configure("# backup:\n#   folder: /var/backups/parley\n#   every: 24h\n#   keep: 14", "backup:\n  folder: /var/backups/parley\n  every: 2s\n  keep: 3")
	m.install(later)
	if out := m.must("parley", "health", "--config", conf); strings.TrimSpace(out) != "ready" {
		t.Errorf("the server during an update: got %q", out)
	}
	c.send("while the new version is installed", nil)
	p.stop() // systemd does this when postinst restarts the service
	c.ended()
	p = m.start()
	if !strings.Contains(p.wait(`"serving"`, 1), `"version":"`+later+`"`) {
		t.Error("after the update, the former version runs")
	}
	c.connect()
	c.sendAgain("while the new version is installed") // as a client does that has got no answer
	c.send("after the update", nil)
	c.check("after the update")

	// The backup that runs now may have begun before the last message; the one after it has not.
	const made = "a backup was made"
	p.wait(made, p.count(made)+2)

	// The disk is lost.
	p.kill()
	lost, err := os.ReadDir(data)
	if err != nil || len(lost) == 0 {
		t.Fatalf("got %v, %v, want a data folder", lost, err)
	}
	for _, e := range lost {
		if err := os.RemoveAll(filepath.Join(data, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	m.configure("data: /var/lib/parley", "data: /var/lib/parley/restored")
	m.page("backups.md", "On Debian", "/")
	p = m.start()
	if out := m.must("parley", "verify", "--config", conf); !strings.Contains(out, "0 differences") {
		t.Errorf("verify: got %s", out)
	}
	c.check("after the restore")
	c.connect()
	c.send("after the restore", nil)
	c.check("after a message to the restored server")
	p.stop()

	// Neither removal nor purge removes the data.
	m.must("apt-get", "remove", "parley")
	if _, err := os.Stat("/usr/bin/parley"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the program after the removal: %v", err)
	}
	for _, path := range []string{conf, data + "/restored/parley.db"} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("after the removal: %v", err)
		}
	}
	said := m.must("apt-get", "purge", "parley")
	for _, kept := range []string{data, backups, "the user parley"} {
		if !strings.Contains(said, "parley: "+kept+" is kept") {
			t.Errorf("purge does not say that %s is kept:\n%s", kept, said)
		}
	}
	for _, path := range []string{conf, "/etc/parley", enabled} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s after purge: %v", path, err)
		}
	}
	if _, err := os.Stat(data + "/restored/parley.db"); err != nil {
		t.Errorf("purge has removed the data: %v", err)
	}
}

// checkFiles holds that only the server's user and root read the configuration and the data.
func (m *machine) checkFiles() {
	m.Helper()
	for path, want := range map[string]string{
		"/etc/parley": "root parley 750", conf: "root parley 640", data: "parley parley 700", backups: "parley parley 700",
		"/usr/bin/parley": "root root 755", unit: "root root 644",
	} {
		if got := strings.TrimSpace(m.must("stat", "-c", "%U %G %a", path)); got != want {
			m.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	if target, err := os.Readlink(enabled); err != nil || filepath.Base(target) != "parley.service" {
		m.Errorf("the service is not enabled: %s, %v", target, err)
	}
	u, err := user.Lookup("parley")
	if err != nil {
		m.Fatal(err)
	}
	if id, err := strconv.Atoi(u.Uid); err != nil || id >= 1000 || u.HomeDir != data {
		m.Errorf("got user %+v, want one of the system", u)
	}
	if entry := m.must("getent", "passwd", "parley"); !strings.HasSuffix(strings.TrimSpace(entry), "/nologin") {
		m.Errorf("somebody can log in as the user: %s", entry)
	}
	out := m.must("dpkg-query", "--show", "--showformat=${Conffiles}", "parley")
	if !strings.Contains(out, conf) {
		m.Errorf("dpkg does not keep changes of %s: got %q", conf, out)
	}
}

// checkUnit checks the unit with systemd-analyze.
func (m *machine) checkUnit() {
	m.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		m.Error("NOT TESTED: the unit is not checked, because this machine has no systemd-analyze; install the package systemd")
		return
	}
	// The output can also have problems of other packages' units, to which this one refers.
	if out := m.must("systemd-analyze", "verify", "--man=no", unit); strings.Contains(out, "parley") {
		m.Errorf("systemd-analyze verify: %s", out)
	}
	// The exposure is from 0 to 10; the number is ten times that.
	m.must("systemd-analyze", "security", "--offline=yes", "--threshold=20", unit)
}
