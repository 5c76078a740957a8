package engineio_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(bothWays{m}) }

// goroutines is Options.Goroutines of the servers of the tests.
var goroutines bool

// bothWays runs the tests with WebSockets that loops read, and again with a goroutine for each.
type bothWays struct{ *testing.M }

func (m bothWays) Run() int {
	code := m.run("loops")
	for _, name := range []string{"test.bench", "test.fuzz", "test.list"} {
		if flag.Lookup(name).Value.String() != "" {
			return code
		}
	}
	goroutines = true
	return max(code, m.run("goroutines"))
}

func (m bothWays) run(way string) int {
	code := m.M.Run()
	if code != 0 {
		fmt.Fprintln(os.Stderr, "these were the tests with", way)
	}
	return code
}
