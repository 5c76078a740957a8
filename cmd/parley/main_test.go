package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// asParley in the environment makes this test binary be parley, so that tests
// can start, signal and kill a real process.
const asParley = "PARLEY_TEST_AS_PARLEY"

func TestMain(m *testing.M) {
	if os.Getenv(asParley) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"parley": main})
}

// The scripts in testdata run the commands as an operator does and hold their
// output, their errors and their exit status.
func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"listen": listen,
			"field":  field,
			"lose":   lose,
		},
	})
}

// listen VAR listens on a free port until the script ends and puts its address
// into the variable.
func listen(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
	ts.Setenv(args[0], l.Addr().String())
}

// lose FOLDER leaves the folder as if its server had acknowledged three commits
// more, messages 1 to 7 among them, and was killed, and somebody removed the log.
func lose(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(filepath.Join(args[0], "parley.db.lock"))
	text := regexp.MustCompile(` closed 0 (\d+) `).ReplaceAllStringFunc(ts.ReadFile(name), func(noted string) string {
		commits, err := strconv.Atoi(strings.Fields(noted)[2])
		ts.Check(err)
		return fmt.Sprintf(" open 7 %d ", commits+3)
	})
	ts.Check(os.WriteFile(name, []byte(text), 0o600))
}

// field VAR NAME puts the value that stands behind the name in the last output
// into the variable.
func field(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile(`(?m)^` + args[1] + ` +(.*)$`).FindStringSubmatch(ts.ReadFile("stdout"))
	if found == nil {
		ts.Fatalf("no %s in the output", args[1])
	}
	ts.Setenv(args[0], found[1])
}

func TestNewerDatabase(t *testing.T) {
	folder := t.TempDir()
	var out, problem bytes.Buffer
	if code := run(t.Context(), []string{"migrate", "--data", folder}, streams{out: &out, err: &problem}); code != 0 {
		t.Fatalf("migrate: got %d, %s", code, &problem)
	}
	db, err := sql.Open("sqlite", filepath.Join(folder, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (999999, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"migrate", "serve", "verify"} {
		args := []string{command, "--data", folder}
		if command == "serve" {
			args = append(args, "--listen=127.0.0.1:0", "--metrics.listen=")
		}
		problem.Reset()
		want := "was written by a newer version of parley"
		if code := run(t.Context(), args, streams{out: &out, err: &problem}); code != 1 || !strings.Contains(problem.String(), want) {
			t.Errorf("%s: got %d, %s, want %q", command, code, &problem, want)
		}
	}
}

// The audit log had the usage of a command, as in "token revoke <session>", in place of its name.
func TestAuditHasTheNameOfTheCommand(t *testing.T) {
	folder := t.TempDir()
	for _, args := range [][]string{{"org", "create", "Example Works"}, {"settings", "set", "chat.max-top=3"}, {"app", "create", "Payroll", "--key", "payroll"}, {"app", "disable", "payroll"}} {
		if o := command(t, "", append(args, "--data", folder)...); o.status != 0 {
			t.Fatalf("parley %v: got %+v", args, o)
		}
	}
	db, err := sql.Open("sqlite", filepath.Join(folder, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	var agents string
	if err := db.QueryRow("SELECT group_concat(agent, '; ' ORDER BY id) FROM audit").Scan(&agents); err != nil {
		t.Fatal(err)
	}
	if want := "parley org create; parley settings set; parley app create; parley app disable"; agents != want {
		t.Errorf("got %q, want %q", agents, want)
	}
}

// Pages of other origins look for files at their own origin if public-url is not set.
// Nothing told the operator.
func TestServeWarnsOfFileAddresses(t *testing.T) {
	for flags, warns := range map[string]bool{
		"":                                       false,
		"--public-url=https://chat.example.test": false,
		"--socket.allowed-origins=https://app.example.test":                                        true,
		"--socket.allowed-origins=https://app.example.test --public-url=https://chat.example.test": false,
	} {
		ended, cancel := context.WithCancel(t.Context())
		cancel() // the server is not needed
		var out, log bytes.Buffer
		args := append([]string{"serve", "--listen=127.0.0.1:0", "--metrics.listen=", "--log.format=text", "--data", t.TempDir()}, strings.Fields(flags)...)
		run(ended, args, streams{out: &out, err: &log})
		if got := strings.Contains(log.String(), "public-url") && strings.Contains(log.String(), "socket.allowed-origins"); got != warns {
			t.Errorf("%q: warned %t, want %t:\n%s", flags, got, warns, log.String())
		}
	}
}

// demo was silent about it.
func TestDemoWarnsOfFileAddresses(t *testing.T) {
	for origins, warns := range map[string]bool{"": false, "https://app.example.test": true} {
		t.Setenv("PARLEY_SOCKET_ALLOWED_ORIGINS", origins)
		ended, cancel := context.WithCancel(t.Context())
		cancel() // the server is not needed
		var out, log bytes.Buffer
		run(ended, []string{"demo", "--listen=127.0.0.1:0", "--bare", "--json", "--data", t.TempDir()}, streams{out: &out, err: &log})
		if got := strings.Contains(log.String(), "public-url") && strings.Contains(log.String(), "socket.allowed-origins"); got != warns {
			t.Errorf("origins %q: warned %t, want %t:\n%s", origins, got, warns, log.String())
		}
	}
}
