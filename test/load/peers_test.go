//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// testBench is a bench that measures only a moment.
func testBench(t *testing.T) *bench {
	b := &bench{
		rounds: 1, window: time.Millisecond, protocol: 4, quick: true,
		built: map[string]string{}, seeds: map[int]seeded{}, tmp: t.TempDir(),
	}
	b.table = b.addTable(peersTable())
	var err error
	if b.root, err = moduleRoot(); err != nil {
		t.Fatal(err)
	}
	if b.loop, err = newLoop(); err != nil {
		t.Fatal(err)
	}
	if bin := os.Getenv("PARLEY_BIN"); bin != "" {
		b.built["./cmd/parley"] = bin
	}
	t.Cleanup(func() {
		for _, end := range slices.Backward(b.closers) {
			end()
		}
		b.loop.close()
	})
	return b
}

// askPeers are the peers, where they are installed. The test does not install them.
func askPeers(t *testing.T, b *bench) (hasNode, hasBun bool) {
	if _, err := os.Stat(b.peersFolder() + "/node_modules/@socket.io/bun-engine"); err != nil {
		t.Log("NOT TESTED with Node and Bun: they are not installed in test/load/peers; make bench does that")
		return false, false
	}
	hasNode, hasBun, err := b.peers()
	if err != nil {
		t.Fatal(err)
	}
	return hasNode, hasBun
}

// servers are the library, the floor, and the peers that are installed.
func servers(t *testing.T, b *bench) map[string]starter {
	all := map[string]starter{"target": b.startTarget, "floor": b.startFloor}
	hasNode, hasBun := askPeers(t, b)
	if hasNode {
		all["node"] = b.startNode
	}
	if hasBun {
		all["bun"] = b.startBun
	}
	return all
}

func TestEveryServerAnswersOneRequest(t *testing.T) {
	b := testBench(t)
	if err := b.makeCertificate(); err != nil {
		t.Fatal(err)
	}
	starters := servers(t, b)
	starters["target with TLS"] = b.startTargetTLS
	if starters["node"] != nil {
		starters["node with TLS"] = b.startNodeTLS
	}
	if starters["bun"] != nil {
		starters["bun with TLS"] = b.startBunTLS
	}
	for name, start := range starters {
		t.Run(name, func(t *testing.T) {
			s, err := start()
			if err != nil {
				t.Fatal(err)
			}
			defer s.stop()
			g, err := connectAll(b.loop, s, 2, b.anyone, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			defer g.close()
			if err := g.ask("join", `"room"`, time.Minute); err != nil {
				t.Fatal(err)
			}
			var acks, pushed []string
			for _, c := range g.clients {
				c.onAck = func(_ *client, id int, args []byte) { acks = append(acks, fmt.Sprint(id, string(args))) }
				c.onEvent = func(_ *client, args []byte) { pushed = append(pushed, string(args)) }
			}
			g.clients[1].send(textFrame(`427["echo",{"text":"hello"}]`))
			g.clients[0].send(textFrame(`42["broadcast",{"n":1}]`))
			if err := b.loop.runUntil(time.Minute, func() bool { return len(acks) == 1 && len(pushed) == 2 }); err != nil {
				t.Fatalf("acknowledged: %q, pushed: %q, %v", acks, pushed, err)
			}
			if acks[0] != `7[{"text":"hello"}]` {
				t.Errorf("acknowledged: got %q", acks)
			}
			if want := `["message",{"n":1}]`; pushed[0] != want || pushed[1] != want {
				t.Errorf("pushed: got %q", pushed)
			}
			s.stop()
			if err := unix.Kill(s.pid, 0); !errors.Is(err, unix.ESRCH) {
				t.Errorf("after stop: got %v, want no such process", err)
			}
		})
	}
}

func TestNamespacesAreJoined(t *testing.T) {
	b := testBench(t)
	for name, start := range servers(t, b) {
		t.Run(name, func(t *testing.T) {
			s, err := start()
			if err != nil {
				t.Fatal(err)
			}
			defer s.stop()
			if took, _, err := b.namespacesRun(s); err != nil || took <= 0 {
				t.Errorf("got %s, %v", took, err)
			}
		})
	}
}

func TestAPeerThatFailsEndsOnlyItsOwnRow(t *testing.T) {
	b := testBench(t)
	b.rounds = 2
	r := b.table.row("ack")
	peer := func() (*server, error) {
		s, err := asPeer(b.startFloor())
		if err == nil {
			s.name = bun
		}
		return s, err
	}
	runs := map[string]int{}
	measure := func(s *server) error {
		runs[s.name]++
		if s.isPeer {
			return errTooLong
		}
		r.add(s.name, 1)
		return nil
	}
	if err := b.compare([]starter{peer, b.startFloor}, measure, r); err != nil {
		t.Fatal(err)
	}
	if !r.failed[bun] || len(r.samples[floor]) != 2 || runs[bun] != 1 {
		t.Errorf("failed: %v, samples: %v, runs: %v", r.failed, r.samples, runs)
	}
	// A server of ours must not fail.
	if err := b.compare([]starter{b.startFloor}, func(*server) error { return errTooLong }, r); !errors.Is(err, errTooLong) {
		t.Errorf("got %v", err)
	}
}

func TestServerAndGeneratorHaveAProcessorEach(t *testing.T) {
	b := testBench(t)
	p, err := findProcessors()
	if err != nil {
		t.Fatal(err)
	}
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		t.Fatal(err)
	}
	if want := allowed.Count() > 1; (p != nil) != want {
		t.Fatalf("got %v for %d processors", p, allowed.Count())
	}
	if p == nil {
		return // both share the only one
	}
	s, err := p.start(b.startFloor)
	if err != nil {
		t.Fatal(err)
	}
	defer s.stop()
	for _, c := range []struct {
		what string
		pid  int
		want unix.CPUSet
	}{{"server", s.pid, p.server}, {"generator", 0, p.generator}} {
		var got unix.CPUSet
		if err := unix.SchedGetaffinity(c.pid, &got); err != nil || got != c.want {
			t.Errorf("%s: got %v, %v, want %v", c.what, got, err, c.want)
		}
	}
	if err := p.release(); err != nil {
		t.Fatal(err)
	}
	var got unix.CPUSet
	if err := unix.SchedGetaffinity(0, &got); err != nil || got != p.all {
		t.Errorf("afterwards: got %v, %v, want %v", got, err, p.all)
	}
}

func TestOldProcessorsGetTheirOwnBun(t *testing.T) {
	for _, c := range []struct{ architecture, cpuinfo, want string }{
		{"amd64", "flags\t\t: fpu sse4_2 avx avx2 bmi1", "bun-linux-x64 bun-linux-x64-musl bun-linux-x64-baseline bun-linux-x64-musl-baseline"},
		{"amd64", "flags\t\t: fpu sse4_2 avx", "bun-linux-x64-baseline bun-linux-x64-musl-baseline"},
		{"arm64", "Features\t: fp asimd", "bun-linux-aarch64 bun-linux-aarch64-musl"},
		{"riscv64", "", ""},
	} {
		if got := strings.Join(bunFor(c.architecture, c.cpuinfo), " "); got != c.want {
			t.Errorf("%s with %q: got %q, want %q", c.architecture, c.cpuinfo, got, c.want)
		}
	}
	if found := findBun(t.TempDir()); found.program != "" {
		t.Errorf("nothing is installed: got %s", found.program)
	}
}

func TestArgumentsChooseServersAndRows(t *testing.T) {
	scenarios, beside := chooseServers([]string{"ack", "bun", "idle"})
	if !slices.Equal(scenarios, []string{"ack", "idle"}) {
		t.Errorf("scenarios: got %q", scenarios)
	}
	b := testBench(t)
	b.beside = beside
	if b.isBeside(nodeArg) || !b.isBeside(bunArg) || b.isBeside(floorArg) {
		t.Errorf("got node %t, bun %t, floor %t", b.isBeside(nodeArg), b.isBeside(bunArg), b.isBeside(floorArg))
	}
	b.beside = nil
	if !b.isBeside(nodeArg) || !b.isBeside(floorArg) {
		t.Error("without a choice, not all servers are measured")
	}
}

// reads checks every answer, so that a run of it is a test of what it measures.
func TestReadsGetWhatTheyAskFor(t *testing.T) {
	b := testBench(t)
	if err := b.reads(); err != nil {
		t.Fatal(err)
	}
	rows := b.tables[len(b.tables)-1].rows
	if len(rows) != 8 {
		t.Errorf("got %d rows", len(rows))
	}
	for _, r := range rows {
		if len(r.samples[onSQLite]) != 1 {
			t.Errorf("%s: got %v", r.what, r.samples)
		}
	}
}

func TestAcksAreCounted(t *testing.T) {
	b := testBench(t)
	b.window = 50 * time.Millisecond
	s, err := b.startFloor()
	if err != nil {
		t.Fatal(err)
	}
	defer s.stop()
	for _, kind := range ackKinds {
		if m, err := b.ackRun(s, kind.inFlight, kind.atOnce); err != nil || m.n == 0 {
			t.Errorf("%s: got %d, %v", kind.what, m.n, err)
		}
	}
}
