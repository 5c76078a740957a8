package port

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

const child = "PARLEY_TEST_PORT_CHILD"

// Another process chose a port that a server was about to use.
func TestFree(t *testing.T) {
	if os.Getenv(child) != "" {
		printPorts(t)
		return
	}
	seen := make(map[int]bool)
	add := func(port int) {
		t.Helper()
		if seen[port] {
			t.Errorf("port %d was returned twice", port)
		}
		seen[port] = true
	}
	for range count / 4 {
		port, err := Free()
		if err != nil {
			t.Fatal(err)
		}
		add(port)
	}
	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFree$", "-test.v")
	other.Env = append(os.Environ(), child+"=1")
	out, err := other.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ports := 0
	for line := range strings.Lines(string(out)) {
		if _, text, found := strings.Cut(line, "port "); found {
			port, err := strconv.Atoi(strings.TrimSpace(text))
			if err != nil {
				t.Fatal(err)
			}
			add(port)
			ports++
		}
	}
	if ports != count/4 {
		t.Errorf("the other process printed %d ports, want %d", ports, count/4)
	}
}

func printPorts(t *testing.T) {
	for range count / 4 {
		port, err := Free()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("port %d", port)
	}
}
