package control_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/control"
)

// serve runs commands in a folder until the test ends.
func serve(t *testing.T, run func(context.Context, control.Call, control.Streams) int) (folder string) {
	t.Helper()
	folder = t.TempDir()
	l, err := control.Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- l.Serve(ctx, control.Handler{
			Program: "1.2.3",
			Accepts: func(c control.Call) bool { return c.Database == "" },
			Run:     run,
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(folder, "parley.sock")); err == nil {
			t.Error("the socket was left")
		}
	})
	return folder
}

// A command gets its arguments and its input, and the client its output, its errors and its status.
func TestCommand(t *testing.T) {
	long := strings.Repeat("0123456789", 20_000) + "\n"
	folder := serve(t, func(_ context.Context, c control.Call, std control.Streams) int {
		line, err := bufio.NewReader(std.In).ReadString('\n')
		fmt.Fprintf(std.Out, "%v %s %t %v %s", c.Args, c.Folder, c.Terminal, err, line)
		fmt.Fprint(std.Err, "an error")
		return 3
	})
	var out, problem bytes.Buffer
	done, err := control.Do(t.Context(), folder, control.Call{Args: []string{"a", "b"}, Folder: "/f", Terminal: true},
		control.Streams{Out: &out, Err: &problem, In: strings.NewReader(long + "rest")})
	if err != nil || done != (control.Done{Status: 3, Program: "1.2.3"}) {
		t.Errorf("got %+v, %v", done, err)
	}
	if want := "[a b] /f true <nil> " + long; out.String() != want {
		t.Errorf("got %.100s… (%d bytes), want %.100s… (%d bytes)", &out, out.Len(), want, len(want))
	}
	if problem.String() != "an error" {
		t.Errorf("got %s", &problem)
	}
}

// The input is not read unless the command reads it, and its end arrives.
func TestInput(t *testing.T) {
	folder := serve(t, func(_ context.Context, c control.Call, std control.Streams) int {
		if c.Args[0] == "none" {
			return 0
		}
		all, err := io.ReadAll(std.In)
		if err != nil || string(all) != c.Args[0] {
			return 1
		}
		return 0
	})
	for text, rest := range map[string]string{"none": "none", "": "", "some": ""} {
		in := strings.NewReader(text)
		done, err := control.Do(t.Context(), folder, control.Call{Args: []string{text}}, control.Streams{Out: io.Discard, Err: io.Discard, In: in})
		left, _ := io.ReadAll(in)
		if err != nil || done.Status != 0 || string(left) != rest {
			t.Errorf("%q: got %+v, %v, and %q was not read, want %q", text, done, err, left, rest)
		}
	}
}

// A command ends when its client interrupts it, and when the server stops.
func TestInterrupt(t *testing.T) {
	begun := make(chan struct{})
	folder := serve(t, func(ctx context.Context, _ control.Call, _ control.Streams) int {
		begun <- struct{}{}
		<-ctx.Done()
		return 4
	})
	std := control.Streams{Out: io.Discard, Err: io.Discard}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-begun
		cancel()
	}()
	if done, err := control.Do(ctx, folder, control.Call{}, std); err != nil || done.Status != 4 {
		t.Errorf("got %+v, %v", done, err)
	}
	// The server stops after this, and waits for the command.
	go func() { _, _ = control.Do(context.Background(), folder, control.Call{}, std) }()
	<-begun
}

// A command for another database, and one without a server, is left to the client.
func TestNobody(t *testing.T) {
	folder := serve(t, func(context.Context, control.Call, control.Streams) int { return 0 })
	std := control.Streams{Out: io.Discard, Err: io.Discard}
	if _, err := control.Do(t.Context(), folder, control.Call{Database: "postgres://other"}, std); !errors.Is(err, control.ErrNobody) {
		t.Errorf("got %v", err)
	}
	if _, err := control.Do(t.Context(), t.TempDir(), control.Call{}, std); !errors.Is(err, control.ErrNobody) {
		t.Errorf("got %v", err)
	}
	if _, err := control.Listen(folder); err == nil {
		t.Error("a second server has taken the socket of one that runs")
	}
	if done, err := control.Do(t.Context(), folder, control.Call{}, std); err != nil || done.Status != 0 {
		t.Errorf("got %+v, %v", done, err)
	}
}
