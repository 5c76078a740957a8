package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/socketio/socketiotest"
)

// demoLine is what --json promises, each field of it and no other.
type demoLine struct {
	URL  string `json:"url"`
	Path string `json:"path"`
	App  string `json:"app"`
	Host struct {
		App    string `json:"app"`
		Secret string `json:"secret"`
	} `json:"host"`
	SigningKey string       `json:"signingKey"`
	Accounts   []demoPerson `json:"accounts"`
	Group      struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"group"`
	Stranger demoPerson `json:"stranger"`
}

type demoPerson struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Token string `json:"token"`
	Link  string `json:"link"`
}

// process is a running parley.
type process struct {
	*exec.Cmd
	out    *bufio.Reader
	stderr *bytes.Buffer
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(self, args...), stderr: &bytes.Buffer{}}
	p.Env = append(os.Environ(), asParley+"=1")
	p.Stderr = p.stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	return p
}

// stop ends the process as an operator does and holds that it drained.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(p.out)
	if err := p.Wait(); err != nil {
		t.Errorf("after SIGTERM: got %v, want exit status 0\n%s", err, p.stderr)
	}
	if len(rest) > 0 && strings.HasPrefix(string(rest), "{") {
		t.Errorf("more than one line: %s", rest)
	}
}

func startDemo(t *testing.T, args ...string) (*process, demoLine) {
	t.Helper()
	p := start(t, append([]string{"demo", "--json", "--listen", "127.0.0.1:0"}, args...)...)
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("%v\n%s", err, p.stderr)
	}
	var d demoLine
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	return p, d
}

func connect(t *testing.T, d demoLine, eio int, token string) *socketiotest.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := socketiotest.Connect(ctx, socketiotest.Options{
		URL: d.URL, Path: d.Path, EIO: eio, Transport: "websocket", Query: url.Values{"token": {token}, "app": {d.App}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestDemo(t *testing.T) {
	folder := t.TempDir()
	p, d := startDemo(t, "--data", folder)
	if len(d.Accounts) != 3 || d.Path != "/socket.io/" || d.Group.ID == "" || d.Host.Secret == "" || d.SigningKey == "" || strings.HasSuffix(d.URL, ":0") {
		t.Fatalf("got %+v", d)
	}
	for path, want := range map[string]int{
		"/": 200, "/healthz": 200, "/readyz": 200, "/docs": 200, "/openapi.json": 200, "/nothing": 404, "/v1/accounts": 401, "/metrics": 404,
	} {
		r, err := http.Get(d.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("GET %s: got %d, want %d", path, r.StatusCode, want)
		}
	}

	// Pages of this machine may connect, whatever their port, and no others.
	for page, want := range map[string]int{
		"http://localhost:5173": 400, "http://127.0.0.1:3000": 400, "http://[::1]:3000": 400, "https://app.localhost": 400,
		"https://evil.example.test": 403, "http://127.0.0.1.evil.example.test:3000": 403, "null": 403,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.URL+d.Path+"?EIO=4&transport=polling", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", page)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("page of %s: got %d, want %d", page, answer.StatusCode, want)
		}
	}

	// The links sign in, as often as somebody opens them.
	for range 2 {
		for _, p := range append(d.Accounts[:3:3], d.Stranger) {
			at, code, ok := strings.Cut(p.Link, "#code=")
			if !ok || at != d.URL+"/sign-in" {
				t.Fatalf("link %s, want one to %s", p.Link, d.URL)
			}
			r, err := http.Post(d.URL+"/api/sign-in/code", "application/json", strings.NewReader(`{"code":"`+code+`"}`))
			if err != nil {
				t.Fatal(err)
			}
			var in struct{ Account struct{ ID string } }
			err = json.NewDecoder(r.Body).Decode(&in)
			r.Body.Close()
			if err != nil || in.Account.ID != p.ID {
				t.Errorf("%s signs in %q, %v, want %s", p.Link, in.Account.ID, err, p.ID)
			}
		}
	}

	one, two := connect(t, d, 4, d.Accounts[0].Token), connect(t, d, 3, d.Accounts[1].Token)
	message := map[string]any{"togroup": d.Group.ID, "msg": "hello", "type": 1, "waitingid": "demo-test"}
	ack, err := one.Request(t.Context(), "send group message", message)
	if err != nil || len(ack) != 2 || string(ack[0]) != "false" {
		t.Fatalf("got %s, %v, want an acknowledgement", ack, err)
	}
	if _, err := two.Take(t.Context(), func(e socketiotest.Event) bool { return e.Name == "new group message" }); err != nil {
		t.Fatal(err)
	}
	stranger := connect(t, d, 4, d.Stranger.Token)
	ack, err = stranger.Request(t.Context(), "send group message", message)
	if err != nil || len(ack) != 1 || !strings.Contains(string(ack[0]), "not in group") {
		t.Errorf("stranger: got %s, %v, want a refusal", ack, err)
	}
	ack, err = stranger.Request(t.Context(), "send message", map[string]any{"touser": d.Accounts[0].ID, "msg": "hello", "type": 1})
	if err != nil || len(ack) != 1 || !strings.Contains(string(ack[0]), "not my contract") {
		t.Errorf("stranger: got %s, %v, want a refusal", ack, err)
	}

	// A folder has one owner, and whoever comes second is told what to do.
	for _, args := range [][]string{
		{"migrate"}, {"demo", "--listen", "127.0.0.1:0"},
	} {
		var out, problem bytes.Buffer
		if code := run(t.Context(), append(args, "--data", folder), streams{out: &out, err: &problem}); code != 1 || !strings.Contains(problem.String(), "another parley runs on") {
			t.Errorf("%v: got %d, %s, want the folder to be in use", args, code, &problem)
		}
	}
	p.stop(t)
	<-one.Done()
	<-two.Done()

	// The people of the demo are there again after any change to them.
	var told, refused bytes.Buffer
	if code := run(t.Context(), []string{"account", "revoke", d.Stranger.ID, "--data", folder}, streams{out: &told, err: &refused}); code != 0 {
		t.Fatalf("account revoke: got %d, %s", code, &refused)
	}

	// The second start has the same people and groups, and earlier tokens go on working.
	p, again := startDemo(t, "--data", folder)
	if again.Group != d.Group || again.App != d.App || again.SigningKey != d.SigningKey || again.Host.App != d.Host.App {
		t.Errorf("got %+v, want what the first start had, %+v", again, d)
	}
	for i := range d.Accounts {
		if again.Accounts[i].ID != d.Accounts[i].ID {
			t.Errorf("got %+v, want the id of %+v", again.Accounts[i], d.Accounts[i])
		}
		connect(t, again, 4, again.Accounts[i].Token)
		connect(t, again, 3, d.Accounts[i].Token)
	}
	connect(t, again, 4, again.Stranger.Token)
	for _, secret := range []string{d.Host.Secret, again.Host.Secret} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, again.URL+"/v1/application", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(again.Host.App, secret)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("the host API with a secret of either start: got %d", response.StatusCode)
		}
	}
	p.stop(t)

	var out, problem bytes.Buffer
	if code := run(t.Context(), []string{"verify", "--data", folder}, streams{out: &out, err: &problem}); code != 0 {
		t.Errorf("verify: got %d, %s%s", code, &out, &problem)
	}
}

// shown returns the types of the messages in the demo's group, as a client reads them.
func shown(t *testing.T, d demoLine) []int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+"/group_messages?num=100&direction=1&app="+d.App+"&groupid="+d.Group.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+d.Accounts[0].Token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var rows []struct{ Type int }
	if err := json.NewDecoder(res.Body).Decode(&rows); err != nil {
		t.Fatal(err)
	}
	var types []int
	for _, row := range rows {
		types = append(types, row.Type)
	}
	return types
}

// A first look has something of every kind to see, and a second start does not
// say it all again.
func TestDemoShowsEveryKindOfMessage(t *testing.T) {
	folder := t.TempDir()
	p, d := startDemo(t, "--data", folder)
	first := shown(t, d)
	for _, kind := range []int{1, 2, 3, 4, 5, 6} {
		if !slices.Contains(first, kind) {
			t.Errorf("shows messages of types %v, want one of type %d", first, kind)
		}
	}
	p.stop(t)
	p, d = startDemo(t, "--data", folder)
	if again := shown(t, d); !slices.Equal(again, first) {
		t.Errorf("second start shows %v, want what the first did, %v", again, first)
	}
	p.stop(t)
	p, d = startDemo(t, "--bare")
	if bare := shown(t, d); len(bare) >= len(first) || slices.Contains(bare, 2) {
		t.Errorf("bare it shows %v, want little", bare)
	}
	p.stop(t)
}

func TestDemoInATemporaryFolder(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	p, _ := startDemo(t)
	if left, err := os.ReadDir(temporary); err != nil || len(left) != 1 {
		t.Errorf("got %v, %v, want one folder while it runs", left, err)
	}
	p.stop(t)
	if left, err := os.ReadDir(temporary); err != nil || len(left) != 0 {
		t.Errorf("got %v, %v, want nothing left", left, err)
	}
}

func TestDemoText(t *testing.T) {
	p := start(t, "demo", "--listen", "127.0.0.1:0")
	var text strings.Builder
	for !strings.Contains(text.String(), "Stop with Ctrl-C") {
		line, err := p.out.ReadString('\n')
		if err != nil {
			t.Fatalf("%v\n%s\n%s", err, text.String(), p.stderr)
		}
		text.WriteString(line)
	}
	for _, want := range []string{"http://127.0.0.1:", "Demo One", "Demo Two", "Demo Three", "Demo Stranger", "Demo Group", "socket.io-client", "demo-app"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	p.stop(t)
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	p, d := startDemo(t, "--data", t.TempDir())
	connect(t, d, 4, d.Accounts[0].Token)
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	// Whether it comes before the drain is over or after: the process is gone.
	_ = p.Process.Signal(syscall.SIGTERM)
	_, _ = io.ReadAll(p.out)
	if err := p.Wait(); err != nil && p.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("got %v, want exit status 0 or the signal", err)
	}
}
