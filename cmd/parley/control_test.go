package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/internal/control"
	"parley/socketio/socketiotest"
	"parley/test/postgres"
)

// outcome is everything that a command shows.
type outcome struct {
	status      int
	out, errors string
}

func command(t *testing.T, input string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, problem bytes.Buffer
	status := run(ctx, args, streams{out: &out, err: &problem, in: strings.NewReader(input)})
	return outcome{status, out.String(), problem.String()}
}

// hides replaces what differs between two runs.
var hides = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[\w-]{32,}|20\d\d-[\dT: .Z-]*\d(Z|)|\w{4}(-\w{4}){3}|127\.0\.0\.1:\d+|/\S*-out/\S*|[\d.]+ (bytes|[KMG]iB)|\b[\d.]+m?s\b`)

func (o outcome) likeness() outcome {
	// A column is as wide as what is in it.
	o.out = regexp.MustCompile(` +`).ReplaceAllString(hides.ReplaceAllString(o.out, "…"), " ")
	o.errors = hides.ReplaceAllString(o.errors, "…")
	return o
}

// A server refuses a path that it does not see as the client does, such as one in a /tmp of its own.
func TestPathOfAnotherFileSystem(t *testing.T) {
	data, root := t.TempDir(), t.TempDir()
	seen, other := filepath.Join(root, "seen"), filepath.Join(root, "other")
	for _, folder := range []string{seen, other} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	l, err := control.Listen(data)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var places []control.Place
	var refused bool
	ended := make(chan error, 1)
	go func() {
		ended <- l.Serve(ctx, control.Handler{
			Accepts: func(control.Call) bool { return true },
			Run: func(ctx context.Context, call control.Call, std control.Streams) int {
				places = call.Places
				if refused { // the server sees another folder under this name
					if err := errors.Join(os.Rename(seen, filepath.Join(root, "former")), os.Rename(other, seen)); err != nil {
						t.Error(err)
					}
				}
				call.Args = append(call.Args, "--data", filepath.Join(root, "none"))
				return serveCommand(ctx, nil, call, std)
			},
		})
	}()
	target := filepath.Join(seen, "new", "out")
	if o := command(t, "", "backup", target, "--data", data); !strings.Contains(o.errors, "no database") { // it has come as far as that
		t.Errorf("got %+v", o)
	}
	if len(places) != 1 || places[0].Path != target || places[0].Found != seen {
		t.Errorf("got %+v, want %s in %s", places, target, seen)
	}
	refused = true
	if o := command(t, "", "backup", target, "--data", data); o.status != 1 || !strings.HasPrefix(o.errors, "parley: the server runs this command, and it cannot see "+target+". ") || !strings.Contains(o.errors, "/var/backups/parley") {
		t.Errorf("got %+v, want a refusal", o)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for err, want := range map[error]bool{
		&fs.PathError{Op: "mkdir", Path: "/mnt/x", Err: syscall.EROFS}: true,
		&fs.PathError{Op: "open", Path: "/mnt/x", Err: syscall.EACCES}: true,
		errors.New("something else"):                                   false,
	} {
		if got := strings.Contains(explainServed(err).Error(), "/var/lib/parley"); got != want {
			t.Errorf("%v: got %v, want %v", err, got, want)
		}
	}
}

// Each command gives the same on a folder and while a server runs on it.
func TestCommandsWhileServing(t *testing.T) {
	t.Setenv("PARLEY_AUTH_PASSWORDS", "true")
	alone, served := t.TempDir(), t.TempDir()
	for _, folder := range []string{alone, served} { // the same people in both
		p, _ := startDemo(t, "--bare", "--data", folder)
		p.stop(t)
	}
	p, _ := startDemo(t, "--bare", "--data", served)
	same := commandsAlike(t, []string{"--data", alone}, []string{"--data", served})

	same(0, "", "account", "list")
	same(0, "", "account", "list", "--json")
	org := same(0, "", "org", "create", "Example organization")
	account := same(0, "", "account", "create", "First Person", "--email", "first@example.test", "--org", "ORG", org)
	same(1, "", "account", "create", "Second Person", "--id", "ACCOUNT", account)
	same(1, "", "account", "create", "Third Person", "--org", "nobody")
	same(0, "", "account", "link", "ACCOUNT", account)
	same(1, "", "account", "link", "ACCOUNT", "--ttl", "1ms", account)
	same(0, "correct horse battery\nrest", "account", "password", "ACCOUNT", account)
	same(1, "short\n", "account", "password", "ACCOUNT", account)
	same(1, "", "account", "password", "ACCOUNT", account)
	same(0, "", "account", "password", "--remove", "ACCOUNT", account)
	same(0, "", "org", "list")
	same(0, "", "org", "role", "ORG", "administrator", "ACCOUNT", org, account)
	same(1, "", "org", "role", "ORG", "member", "typo", org)
	same(0, "", "org", "remove", "ORG", "ACCOUNT", org, account)
	same(0, "", "org", "add", "ORG", "ACCOUNT", org, account)
	same(0, "", "app", "create", "System", "--kind", "server", "--scopes", "read", "--json")
	same(0, "", "app", "create", "Web", "--key", "web")
	same(1, "", "app", "create", "Typo", "--muted-pushes", "new histroy")
	same(0, "", "app", "disable", "web")
	same(0, "", "app", "enable", "web")
	same(1, "", "app", "disable", "nobody")
	same(0, "", "app", "list")
	same(0, "", "settings", "set", "chat.max-top=3", "name=Example Works")
	same(1, "", "settings", "set", "chat.max-top=0")
	same(1, "", "settings", "set", "chat.max-top")
	same(0, "", "settings", "reset", "chat.max-top")
	same(1, "", "app", "rotate", "web")
	same(0, "", "app", "rotate", "--signing-key", "web")
	same(0, "", "app", "revoke", "--signing-key", "web")
	token := same(0, "", "token", "create", "ACCOUNT", "--label", "a phone", account)
	same(1, "", "token", "create", "nobody")
	same(0, "", "token", "list", "ACCOUNT", account)
	same(0, "", "token", "revoke", "SESSION", token)
	same(1, "", "token", "revoke", "nosuch")
	same(2, "", "token", "revoke")
	same(0, "", "token", "revoke", "--account", "ACCOUNT", account)
	same(0, "", "upload-key", "rotate", "--overlap", "1h")
	same(0, "", "account", "revoke", "ACCOUNT", account)
	root := t.TempDir()
	out := names{"OUT", filepath.Join(root, "alone-out"), filepath.Join(root, "served-out")}
	same(0, "", "backup", "OUT/backups", out)
	same(0, "", "export", "--account", "ACCOUNT", "OUT/person", out, account)
	same(1, "", "export", "--account", "ACCOUNT", "OUT/person", out, account)
	same(1, "", "export", "--account", "nobody", "OUT/nobody", out)
	same(0, "", "export", "--organization", "ORG", "OUT/org", out, org)
	same(0, "", "import", "--dry-run", "OUT/org", out)
	same(0, "", "import", "OUT/org", out)
	same(1, "", "import", "OUT/none", out)
	same(1, "", "erase", "ACCOUNT", account)
	same(1, "", "erase", "ACCOUNT", "--json", account)
	same(0, "", "erase", "ACCOUNT", "--yes", account)
	same(1, "", "erase", "nobody", "--yes")
	same(0, "", "verify")
	same(0, "", "verify", "--no-files")
	same(2, "", "verify", "--no-such-flag")

	// These need the folder for themselves.
	for _, args := range [][]string{{"migrate"}, {"serve", "--listen=127.0.0.1:0", "--metrics.listen="}} {
		o := command(t, "", append(args, "--data", served)...)
		if want := "another parley runs on the data folder " + served + ", process " + strconv.Itoa(p.Process.Pid); o.status != 1 || !strings.Contains(o.errors, want) {
			t.Errorf("%v: got %+v, want %q", args, o, want)
		}
	}
	p.stop(t)
	if o := command(t, "", "verify", "--data", served); o.status != 0 {
		t.Errorf("verify: got %+v", o)
	}
}

// names are values that the two folders have each for one name.
type names struct {
	name          string
	alone, served string
}

// commandsAlike returns a function that runs a command in two places and compares what it
// shows. It returns the id that the command has made, under a name for the next commands.
func commandsAlike(t *testing.T, alone, served []string) func(status int, input string, args ...any) names {
	return func(status int, input string, args ...any) names {
		t.Helper()
		places := [2][]string{alone, served}
		var got [2]outcome
		var words []string
		for i := range places {
			words = nil
			replace := []string{}
			for _, a := range args {
				if n, ok := a.(names); ok {
					replace = append(replace, n.name, [2]string{n.alone, n.served}[i])
				}
			}
			for _, a := range args {
				if word, ok := a.(string); ok {
					words = append(words, strings.NewReplacer(replace...).Replace(word))
				}
			}
			got[i] = command(t, input, append(words, places[i]...)...)
		}
		if got[0].likeness() != got[1].likeness() || got[0].status != status {
			t.Errorf("parley %s:\non the folder       %+v\nwhile a server runs %+v\nwant status %d", strings.Join(words, " "), got[0], got[1], status)
		}
		made := regexp.MustCompile(`(?m)^(?:id|session) +(\S+)$`)
		one, two := made.FindStringSubmatch(got[0].out), made.FindStringSubmatch(got[1].out)
		if one == nil || two == nil {
			return names{}
		}
		return names{map[string]string{"org": "ORG", "account": "ACCOUNT", "token": "SESSION"}[words[0]], one[1], two[1]}
	}
}

// A change by a command reaches the clients of the server at once.
func TestCommandsReachClients(t *testing.T) {
	folder := t.TempDir()
	p, d := startDemo(t, "--bare", "--data", folder)
	one, two := connect(t, d, 4, d.Accounts[0].Token), connect(t, d, 3, d.Accounts[1].Token)
	if o := command(t, "", "account", "revoke", d.Accounts[0].ID, "--data", folder); o.status != 0 {
		t.Fatalf("got %+v", o)
	}
	closed(t, one)
	o := command(t, "", "app", "create", "System", "--kind", "server", "--scopes", "read", "--data", folder)
	found := regexp.MustCompile(`(?s)key +(\S+)\nsecret +(\S+)`).FindStringSubmatch(o.out)
	if found == nil {
		t.Fatalf("got %+v", o)
	}
	host := func() int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+"/v1/accounts", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(found[1], found[2])
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if got := host(); got != http.StatusOK {
		t.Errorf("with the secret of a new application: got %d", got)
	}
	if o := command(t, "", "app", "revoke", found[1], "--data", folder); o.status != 0 {
		t.Fatalf("got %+v", o)
	}
	if got := host(); got != http.StatusUnauthorized {
		t.Errorf("with a revoked secret: got %d", got)
	}
	select {
	case <-two.Done():
		t.Error("the client of another account was closed, too")
	default:
	}
	p.stop(t)
}

func closed(t *testing.T, c *socketiotest.Client) {
	t.Helper()
	select {
	case <-c.Done():
	case <-time.After(time.Minute):
		t.Fatal("the client of a deactivated account is still connected")
	}
}

// The new key signs at once, and the server still knows the former one.
func TestRotateUploadKeyWhileServing(t *testing.T) {
	folder := t.TempDir()
	p, d := startDemo(t, "--data", folder)
	former := fileAddress(t, d)
	fetch := func(address string) int {
		t.Helper()
		answer, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if got := fetch(former); got != http.StatusOK {
		t.Fatalf("got %d for %s", got, former)
	}
	if o := command(t, "", "upload-key", "rotate", "--data", folder); o.status != 0 {
		t.Fatalf("got %+v", o)
	}
	next := fileAddress(t, d)
	if next == former {
		t.Error("addresses are signed with the former key")
	}
	for _, address := range []string{former, next} {
		if got := fetch(address); got != http.StatusOK {
			t.Errorf("after a rotation: got %d for %s", got, address)
		}
	}
	if o := command(t, "", "upload-key", "rotate", "--overlap", "0", "--data", folder); o.status != 0 {
		t.Fatalf("got %+v", o)
	}
	for _, address := range []string{former, next} {
		if got := fetch(address); got == http.StatusOK {
			t.Errorf("after a rotation without an overlap: got %d for %s", got, address)
		}
	}
	if got := fetch(fileAddress(t, d)); got != http.StatusOK {
		t.Errorf("with the new key: got %d", got)
	}
	p.stop(t)
}

// fileAddress returns the address of a file in the demo's group.
func fileAddress(t *testing.T, d demoLine) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+"/group_messages?num=100&direction=1&app="+d.App+"&groupid="+d.Group.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+d.Accounts[0].Token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`"(?:http://[^"/]*)?(/files/[^"]+)"`).FindSubmatch(text)
	if found == nil {
		t.Fatalf("no address of a file in %s", text)
	}
	return d.URL + strings.ReplaceAll(string(found[1]), `\u0026`, "&")
}

// Ctrl-C interrupts the command and not the server. A command whose process is killed ends, too.
func TestInterruptCommand(t *testing.T) {
	t.Setenv("PARLEY_AUTH_PASSWORDS", "true")
	folder := t.TempDir()
	p, d := startDemo(t, "--bare", "--data", folder)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, signal := range []os.Signal{os.Interrupt, os.Kill} {
		c := exec.CommandContext(t.Context(), self, "account", "password", d.Accounts[0].ID, "--data", folder)
		c.Env = append(os.Environ(), asParley+"=1")
		if _, err := c.StdinPipe(); err != nil { // it waits for a line that never comes
			t.Fatal(err)
		}
		problem, err := c.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		text := make([]byte, 16) // the beginning of the prompt
		if _, err := io.ReadFull(problem, text); err != nil {
			t.Fatal(err)
		}
		if err := c.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		rest, _ := io.ReadAll(problem)
		_ = c.Wait()
		if signal == os.Interrupt && (c.ProcessState.ExitCode() != 1 || !strings.HasSuffix(string(rest), "parley: interrupted\n")) {
			t.Errorf("after Ctrl-C: got status %d, %q", c.ProcessState.ExitCode(), rest)
		}
	}
	if o := command(t, "", "account", "list", "--data", folder); o.status != 0 || !strings.Contains(o.out, d.Accounts[0].ID) {
		t.Errorf("got %+v", o)
	}
	p.stop(t) // which would wait for commands that go on
}

// A socket of a killed server keeps nobody off: neither a command on the folder nor the next server.
func TestSocketOfKilledServer(t *testing.T) {
	// A longer path than a socket can have.
	folder := filepath.Join(t.TempDir(), strings.Repeat("a long name ", 10))
	socket := filepath.Join(folder, "parley.sock")
	for range 2 {
		p, d := startDemo(t, "--bare", "--data", folder)
		info, err := os.Stat(socket)
		if err != nil || info.Mode() != os.ModeSocket|0o600 {
			t.Errorf("got %v, %v, want a socket that only its owner can use", info, err)
		}
		if o := command(t, "", "account", "list", "--data", folder); o.status != 0 || !strings.Contains(o.out, d.Accounts[0].ID) {
			t.Errorf("got %+v", o)
		}
		if err := p.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = p.Wait()
		if _, err := os.Stat(socket); err != nil {
			t.Error("a killed server has removed its socket, so that this finds nothing")
		}
		if o := command(t, "", "account", "list", "--data", folder); o.status != 0 || !strings.Contains(o.out, d.Accounts[0].ID) {
			t.Errorf("after kill -9: got %+v", o)
		}
	}
	p, _ := startDemo(t, "--bare", "--data", folder)
	p.stop(t)
	if _, err := os.Stat(socket); err == nil {
		t.Error("a server that was stopped has left its socket")
	}
	if left, _ := filepath.Glob(filepath.Join(folder, ".parley.sock*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// The flags of the place may be anywhere, and are left out.
func TestWithoutPlace(t *testing.T) {
	for line, want := range map[string]string{
		"--data d org list":                        "org list",
		"org --data=d list --config c --json":      "org list --json",
		"org create --database x Name":             "org create Name",
		"org create -- --data":                     "org create -- --data",
		"org create Name --id=--data --data":       "org create Name --id=--data",
		"account create --email a@example.test Na": "account create --email a@example.test Na",
	} {
		if got := strings.Join(withoutPlace(strings.Fields(line)), " "); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

// On PostgreSQL, a single server has the socket in its data folder, too.
func TestCommandsWhileServingPostgres(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	url, folder := server.Create(t), t.TempDir()
	t.Setenv("PARLEY_DATABASE", url)
	p, d := startDemo(t, "--bare", "--data", folder)
	one := connect(t, d, 4, d.Accounts[0].Token)
	for _, place := range [][]string{{"--data", folder}, {"--data", folder, "--database", url}} {
		if o := command(t, "", append([]string{"account", "list"}, place...)...); o.status != 0 || !strings.Contains(o.out, d.Accounts[0].ID) {
			t.Errorf("got %+v", o)
		}
	}
	if o := command(t, "", "account", "revoke", d.Accounts[0].ID, "--data", folder); o.status != 0 {
		t.Fatalf("got %+v", o)
	}
	closed(t, one)
	if o := command(t, "", "account", "list", "--data", t.TempDir()); o.status != 1 || !strings.Contains(o.errors, "run the command on the machine of the server, with its data folder") {
		t.Errorf("in another folder: got %+v", o)
	}
	// The server of the folder has another database.
	if o := command(t, "", "account", "create", "Anna Demo", "--data", folder, "--database", server.Create(t)); o.status != 0 {
		t.Errorf("on another database: got %+v", o)
	}
	if o := command(t, "", "account", "list", "--data", folder); strings.Contains(o.out, "Anna Demo") {
		t.Errorf("the account is in the wrong database: %+v", o)
	}
	if o := command(t, "", "verify", "--data", folder); o.status != 0 {
		t.Errorf("verify: got %+v", o)
	}
	p.stop(t)
}
