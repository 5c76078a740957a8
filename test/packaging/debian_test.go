package packaging

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
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

	"parley/socketio/socketiotest"
	"parley/test/port"
)

const (
	conf    = "/etc/parley/parley.yaml"
	data    = "/var/lib/parley"
	backups = "/var/backups/parley"
	unit    = "/usr/lib/systemd/system/parley.service"
	enabled = "/etc/systemd/system/multi-user.target.wants/parley.service"
	policy  = "/usr/sbin/policy-rc.d"
)

// TestDebian is the life of a server in the hands of an operator who has only the documentation: install, first start,
// backups by schedule, an update while people are connected, the loss of the disk, a restore into another folder, removal.
// It needs root on Debian, and leaves the machine as it was. systemd need not run: the test starts what the unit says.
func TestDebian(t *testing.T) {
	tools(t)
	if _, err := exec.LookPath("dpkg"); err != nil || os.Geteuid() != 0 {
		t.Skip("the package is installed where this is root on Debian")
	}
	m := fresh(t)
	m.install("1.2.3")
	m.checkFiles()
	m.checkUnit()
	m.configure(
		"listen: 127.0.0.1:8080", "listen: 127.0.0.1:"+strconv.Itoa(m.port)+"\nmetrics: {listen: \"\"}",
	)

	// The first start, and the first people.
	p := m.start()
	owner := m.setUp(p)
	var organization, anna, token struct{ ID, Token string }
	m.parley(&organization, "org", "list")
	m.parley(&anna, "account", "create", "Anna Demo", "--org", organization.ID)
	m.parley(&token, "token", "create", anna.ID)
	socket := m.connect(token.Token)
	var wrote []string
	write := func(text string, file map[string]any) {
		t.Helper()
		wrote = append(wrote, text)
		message := map[string]any{"touser": owner.ID, "msg": text, "type": 1, "waitingid": text}
		if file != nil {
			message["type"], message["file"] = 4, file
		}
		ask(t, socket, "send message", message, nil)
	}
	for i := range 10 {
		write(fmt.Sprint("before ", i), nil)
	}
	content := bytes.Repeat([]byte("a file of the test\n"), 50_000)
	write("a file", m.upload(socket, content))

	// Backups by schedule, which begin with the update.
	m.configure("# backup:\n#   folder: /var/backups/parley\n#   every: 24h\n#   keep: 14", "backup:\n  folder: /var/backups/parley\n  every: 1h\n  keep: 14")
	m.install("1.2.4")
	if out := m.must("parley", "health", "--config", conf); strings.TrimSpace(out) != "ready" {
		t.Errorf("the server during an update: got %q", out)
	}
	write("while the new version is installed", nil)
	p.stop() // systemd does this when postinst restarts the service
	<-socket.Done()
	p = m.start()
	if !strings.Contains(p.wait(`"serving"`), `"version":"1.2.4"`) {
		t.Error("after the update, the former version runs")
	}
	p.wait("a backup was made")
	socket = m.connect(token.Token)
	if got := m.history(token.Token, owner.ID); fmt.Sprint(got.texts) != fmt.Sprint(wrote) {
		t.Errorf("after the update: got %q, want %q", got.texts, wrote)
	}

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
	restored := m.history(token.Token, owner.ID)
	if fmt.Sprint(restored.texts) != fmt.Sprint(wrote) {
		t.Errorf("after the restore: got %q, want %q", restored.texts, wrote)
	}
	if got := m.get(restored.file, token.Token); !bytes.Equal(got, content) {
		t.Errorf("the file after the restore: got %d bytes, want %d", len(got), len(content))
	}
	p.stop()

	// Removal keeps the data, and purge as well.
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

// machine is this machine with the package.
type machine struct {
	*testing.T
	port int
	url  string
	app  string // key of the web client
	env  []string
}

// fresh holds that this machine knows nothing of parley, and removes everything at the end.
func fresh(t *testing.T) *machine {
	t.Helper()
	for _, path := range []string{"/etc/parley", data, backups, "/usr/bin/parley", unit} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("%s exists: this test would remove a server that is installed here", path)
		}
	}
	if _, err := user.Lookup("parley"); err == nil {
		t.Fatal("there is a user parley: this test would remove it")
	}
	m := &machine{T: t}
	var err error
	if m.port, err = port.Free(); err != nil {
		t.Fatal(err)
	}
	m.url = "http://127.0.0.1:" + strconv.Itoa(m.port)
	settings := filepath.Join(t.TempDir(), "apt.conf")
	// A machine that updates itself may hold the lock of dpkg for a while.
	if err := os.WriteFile(settings, []byte("APT::Get::Assume-Yes \"true\";\nAPT::Install-Recommends \"false\";\nDPkg::Lock::Timeout \"300\";\nAPT::Sandbox::User \"root\";\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m.env = append(os.Environ(), "APT_CONFIG="+settings, "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	// The test starts the server itself, also where systemd runs.
	if _, err := os.Lstat(policy); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(policy, []byte("#!/bin/sh\nexit 101\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Remove(policy) })
	}
	t.Cleanup(func() {
		_ = exec.Command("dpkg", "--purge", "parley").Run()
		_ = exec.Command("deluser", "--quiet", "--system", "parley").Run()
		for _, path := range []string{"/etc/parley", data, backups} {
			_ = os.RemoveAll(path)
		}
		if _, err := user.Lookup("parley"); err == nil {
			t.Error("the user parley is left")
		}
	})
	return m
}

// must runs a program and returns what it has printed.
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

// parley runs a command beside the server, as root, and reads its last line.
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

// checkUnit lets systemd read the unit, where it is installed.
func (m *machine) checkUnit() {
	m.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		return
	}
	// It also reads units that this one names, which are not ours.
	if out := m.must("systemd-analyze", "verify", "--man=no", unit); strings.Contains(out, "parley") {
		m.Errorf("systemd-analyze verify: %s", out)
	}
	// The exposure is from 0 to 10; the number is ten times that.
	m.must("systemd-analyze", "security", "--offline=yes", "--threshold=20", unit)
}

// service is the server as systemd would start it.
type service struct {
	*testing.T
	process *exec.Cmd
	ended   chan struct{}

	mu      sync.Mutex
	log     []string
	changed chan struct{}
}

// start runs what the unit says, as its user, and returns when the server has told systemd that it is ready.
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
		m.Fatalf("the server has ended:\n%s", strings.Join(p.log, "\n"))
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

// wait returns the first line of the log with a text.
func (p *service) wait(text string) string {
	p.Helper()
	for {
		p.mu.Lock()
		log, changed := p.log, p.changed
		p.mu.Unlock()
		for _, line := range log {
			if strings.Contains(line, text) {
				return line
			}
		}
		select {
		case <-changed:
		case <-p.ended:
			p.Fatalf("the server has ended without %q in its log:\n%s", text, strings.Join(log, "\n"))
		}
	}
}

// stop ends the server as systemd does.
func (p *service) stop() {
	p.Helper()
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		p.Fatal(err)
	}
	<-p.ended
	if code := p.process.ProcessState.ExitCode(); code != 0 {
		p.Errorf("after SIGTERM: got exit status %d\n%s", code, strings.Join(p.log, "\n"))
	}
}

func (p *service) kill() {
	_ = p.process.Process.Kill()
	<-p.ended
}

// person is who has signed in.
type person struct{ ID, Token string }

// setUp uses the link of the log.
func (m *machine) setUp(p *service) person {
	m.Helper()
	found := regexp.MustCompile(`/set-up#([^"\s]+)`).FindStringSubmatch(p.wait("/set-up#"))
	body, err := json.Marshal(map[string]any{
		"secret": found[1], "organization": "Example Works", "name": "Olga Owner", "email": "olga@example.test",
		"password": "correct horse battery", "language": "en", "timeZone": "UTC",
	})
	if err != nil {
		m.Fatal(err)
	}
	var done struct {
		SignIn struct {
			Token   string
			Account struct{ ID string }
		}
	}
	m.read(http.MethodPost, "/api/set-up", "application/json", bytes.NewReader(body), "", &done)
	var config struct{ App string }
	m.read(http.MethodGet, "/api/config", "", nil, "", &config)
	m.app = config.App
	if done.SignIn.Token == "" || done.SignIn.Account.ID == "" || m.app == "" {
		m.Fatalf("got %+v and %+v", done, config)
	}
	return person{done.SignIn.Account.ID, done.SignIn.Token}
}

// read sends a request over HTTP and decodes its answer.
func (m *machine) read(method, path, kind string, body io.Reader, token string, into any) {
	m.Helper()
	r, err := http.NewRequestWithContext(m.Context(), method, m.url+path, body)
	if err != nil {
		m.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		m.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode/100 != 2 {
		m.Fatalf("%s %s: got %s, %v\n%s", method, path, answer.Status, err, text)
	}
	if raw, ok := into.(*[]byte); ok {
		*raw = text
	} else if err := json.Unmarshal(text, into); err != nil {
		m.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
}

func (m *machine) get(path, token string) (content []byte) {
	m.Helper()
	m.read(http.MethodGet, path, "", nil, token, &content)
	return content
}

func (m *machine) connect(token string) *socketiotest.Client {
	m.Helper()
	c, err := socketiotest.Connect(m.Context(), socketiotest.Options{
		URL: m.url, Path: "/socket.io/", EIO: 4, Transport: "websocket", Query: url.Values{"token": {token}, "app": {m.app}},
	})
	if err != nil {
		m.Fatal(err)
	}
	m.Cleanup(c.Close)
	return c
}

// ask sends a request over a socket and decodes its answer.
func ask(t *testing.T, c *socketiotest.Client, event string, payload, into any) {
	t.Helper()
	answer, err := c.Request(t.Context(), event, payload)
	if err != nil || len(answer) != 2 || string(answer[0]) != "false" {
		t.Fatalf("%s: got %s, %v", event, answer, err)
	}
	if into != nil {
		if err := json.Unmarshal(answer[1], into); err != nil {
			t.Fatal(err)
		}
	}
}

// upload uploads a file and returns it as a message names it.
func (m *machine) upload(c *socketiotest.Client, content []byte) map[string]any {
	m.Helper()
	var to struct{ Token, Key, Address string }
	ask(m.T, c, "upload token", map[string]any{"type": 2, "ext": ".txt"}, &to)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	err := errors.Join(w.WriteField("token", to.Token), w.WriteField("key", to.Key))
	f, ferr := w.CreateFormFile("file", "test.txt")
	if err = errors.Join(err, ferr); err == nil {
		_, err = f.Write(content)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		m.Fatal(err)
	}
	var done struct {
		Key, Hash string
		Size      int
	}
	m.read(http.MethodPost, to.Address, w.FormDataContentType(), &form, "", &done)
	return map[string]any{"key": done.Key, "hash": done.Hash, "size": done.Size, "name": "test.txt"}
}

// conversation is what the history has of a chat.
type conversation struct {
	texts []string
	file  string // path of the last file
}

func (m *machine) history(token, with string) (c conversation) {
	m.Helper()
	var rows []struct {
		Msg struct {
			Con   string
			Files *struct{ URL string }
		}
	}
	m.read(http.MethodGet, "/messages?num=100&direction=1&accountid="+url.QueryEscape(with)+"&app="+url.QueryEscape(m.app), "", nil, token, &rows)
	for _, row := range rows {
		c.texts = append(c.texts, row.Msg.Con)
		if row.Msg.Files != nil {
			c.file = strings.TrimPrefix(row.Msg.Files.URL, m.url)
		}
	}
	return c
}
