//go:build linux

// Command load measures what the server costs, beside plain socket.io servers on Node
// and on Bun with the same handlers and beside the bare system calls. It also compares
// SQLite with PostgreSQL, one node with two, and the present server with an earlier one:
//
//	go run ./test/load [-quick] all
//	go run ./test/load [-rounds 3] [-time 2s] [-cpuprofile dir] ack fanout …
//	go run ./test/load -row '16 in flight' ack bun
//	go run ./test/load -before REVISION before
//
// A name of a server (node, bun, floor) measures only that one beside parley, and -row only
// some rows.
//
// It starts every server by itself as a child process on 127.0.0.1, PostgreSQL and NATS
// included, drives it over raw sockets, reads the processor time and the memory of the
// server alone from /proc, and prints one table for each kind of comparison. In each
// comparison the servers take turns within the same run, and a figure is the median of
// the rounds: on a shared machine the ratios mean something, the absolute numbers little.
//
// It never connects to an address outside of 127.0.0.0/8, and every wait in it
// has an end. What the server does right or wrong is for other tests; here an
// unexpected answer only ends the run.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A bench is one invocation: its options, and what the scenarios share.
type bench struct {
	rounds   int
	window   time.Duration // how long each measurement lasts
	protocol int           // of Engine.IO
	quick    bool
	profiles string
	before   string          // revision to compare with
	only     *regexp.Regexp  // the names of the rows to measure; nil: all
	beside   map[string]bool // the servers to measure beside parley, by their names as arguments; empty: all

	hasPeers   bool // findPeers was called
	node, bun  javaScript
	processors *processors // nil: not used

	certificate certificateFiles // of servers with TLS

	root         string // of the module
	tmp          string
	built        map[string]string // package to binary
	profileCount int
	seeds        map[int]seeded // by number of people
	loop         *loop
	table        *table // beside the peers; other scenarios have tables of their own
	tables       []*table
	closers      []func() // of processes that do not end with this one
	closing      sync.Once
	load         string // of the machine before the first scenario
}

// peersTable has the columns of the scenarios that compare with the peers.
func peersTable() *table {
	return &table{columns: []string{node, bun, ours, floor}, ratios: []ratio{{ours, node}, {ours, bun}, {ours, floor}}}
}

// addTable adds a table to those that are printed.
func (b *bench) addTable(t *table) *table {
	b.tables = append(b.tables, t)
	return t
}

// atEnd has a function called when this process ends, unless it is killed.
func (b *bench) atEnd(end func()) { b.closers = append(b.closers, end) }

func (b *bench) close() {
	b.closing.Do(func() {
		for _, end := range slices.Backward(b.closers) {
			end()
		}
		os.RemoveAll(b.tmp)
	})
}

// A scenario adds its rows to the table.
type scenario struct {
	name  string
	about string
	run   func(*bench) error
}

var scenarios = []scenario{
	{"ack", "requests with an ack from 200 clients: 1 and 16 in flight, and 16 at once", (*bench).ack},
	{"fanout", "broadcasts to 1,000 and 10,000 members, several and one at a time", (*bench).fanout},
	{"handshake", "new connections, CONNECT included", (*bench).handshake},
	{"namespaces", "128 namespaces on one connection", (*bench).namespaces},
	{"durable", "messages through the whole chat server, at a pace and as many as it takes", (*bench).durable},
	{"postgres", "the same messages on a PostgreSQL server that it starts, beside SQLite", (*bench).sendsOnPostgres},
	{"nodes", "messages between people on two nodes of a cluster, beside the same on one node", (*bench).nodes},
	{"before", "messages and memory on SQLite, beside the server of an earlier revision (with the option -before)", (*bench).earlier},
	{"disk", "bytes on the disk for each message, on SQLite and on PostgreSQL", (*bench).disk},
	{"reads", "the chat list, unread counts and the opening of a conversation, on SQLite and on PostgreSQL", (*bench).reads},
	{"idle", "memory for each of 15,000 idle connections, also over TLS", (*bench).idle},
	{"online", "10,000 people who see whether others are online, when nobody writes", (*bench).online},
	{"tls", "requests and idle connections over TLS, beside the same without it", (*bench).encrypted},
	{"ready", "time to ready and memory of the whole server: empty, with 1,000,000 messages indexed, and while it indexes them", (*bench).ready},
	{"search", "searches among 1,000,000 messages, indexed and while they are", (*bench).search},
}

func main() {
	// Children die with the thread that started them (see spawn), so it has to stay.
	runtime.LockOSThread()
	if len(os.Args) == 2 && os.Args[1] == floorServerArg {
		fmt.Fprintln(os.Stderr, serveFloor(os.Stdout)) // it serves until it cannot
		os.Exit(1)
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	b := &bench{built: map[string]string{}, seeds: map[int]seeded{}}
	b.table = b.addTable(peersTable())
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.Usage = func() { usage(flags) }
	flags.IntVar(&b.rounds, "rounds", 3, "rounds, of which the median counts")
	flags.DurationVar(&b.window, "time", 2*time.Second, "length of each measurement, at most 1m")
	flags.IntVar(&b.protocol, "eio", 4, "revision of Engine.IO that the clients speak: 3 or 4")
	flags.BoolVar(&b.quick, "quick", false, "one short round and a tenth of the idle connections: a check that it runs, not a measurement")
	flags.StringVar(&b.profiles, "cpuprofile", "", "existing folder for processor profiles of our servers")
	flags.StringVar(&b.before, "before", "", "revision of git whose server the scenario before compares with")
	row := flags.String("row", "", "regular expression: only rows whose names match are measured, where a row can be measured alone")
	apart := flags.Bool("apart", true, "where the library is measured, have the server on one processor and the generator on another")
	wanted, err := parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if b.quick {
		b.rounds, b.window = 1, 500*time.Millisecond
	}
	if b.rounds < 1 || b.rounds > 99 || b.window <= 0 || b.window > time.Minute || (b.protocol != 3 && b.protocol != 4) {
		return errors.New("an option is out of range; see -help")
	}
	if *row != "" {
		if b.only, err = regexp.Compile(*row); err != nil {
			return fmt.Errorf("-row: %w", err)
		}
	}
	if *apart {
		if b.processors, err = findProcessors(); err != nil {
			return err
		}
	}
	wanted, b.beside = chooseServers(wanted)
	chosen, err := choose(wanted)
	if err != nil {
		return err
	}
	return b.measure(chosen)
}

// parse takes options before, between and after the names of scenarios.
func parse(flags *flag.FlagSet, args []string) (names []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return names, nil
		}
		names = append(names, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

func usage(flags *flag.FlagSet) {
	fmt.Fprintln(os.Stderr, "usage: go run ./test/load [options] all | scenario… [node] [bun] [floor]")
	for _, s := range scenarios {
		fmt.Fprintf(os.Stderr, "  %-10s %s\n", s.name, s.about)
	}
	flags.PrintDefaults()
}

// The names of servers as arguments.
const (
	nodeArg  = "node"
	bunArg   = "bun"
	floorArg = "floor"
)

// chooseServers takes the names of servers out of the arguments.
func chooseServers(args []string) (scenarios []string, beside map[string]bool) {
	beside = map[string]bool{}
	for _, arg := range args {
		switch arg {
		case nodeArg, bunArg, floorArg:
			beside[arg] = true
		default:
			scenarios = append(scenarios, arg)
		}
	}
	return scenarios, beside
}

// isBeside reports whether a server is to be measured.
func (b *bench) isBeside(arg string) bool { return len(b.beside) == 0 || b.beside[arg] }

// wants reports whether a row is to be measured, of which this is the name or its beginning.
func (b *bench) wants(what string) bool { return b.only == nil || b.only.MatchString(what) }

func choose(names []string) ([]scenario, error) {
	if len(names) == 0 {
		return nil, errors.New("which scenario? (all, or see -help)")
	}
	if slices.Equal(names, []string{"all"}) {
		return scenarios, nil
	}
	var chosen []scenario
	for _, name := range names {
		i := slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown scenario %q (see -help)", name)
		}
		chosen = append(chosen, scenarios[i])
	}
	return chosen, nil
}

// measure runs the scenarios and prints the table, also of those that were
// finished when one failed.
func (b *bench) measure(chosen []scenario) (err error) {
	// Fewer collections in the generator leave more of the machine to the server.
	debug.SetGCPercent(800)
	debug.SetMemoryLimit(2 << 30)
	if b.root, err = moduleRoot(); err != nil {
		return err
	}
	if b.profiles != "" {
		if b.profiles, err = filepath.Abs(b.profiles); err != nil {
			return err
		}
	}
	if b.tmp, err = os.MkdirTemp("", "parley-load-"); err != nil {
		return err
	}
	defer b.close()
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		b.close()
		os.Exit(130) // the servers end with this process
	}()
	if b.loop, err = newLoop(); err != nil {
		return err
	}
	defer b.loop.close()
	b.load = loadAverage()
	for _, s := range chosen {
		if err = s.run(b); err != nil {
			err = fmt.Errorf("%s: %w", s.name, err)
			break
		}
	}
	b.print(os.Stdout)
	return err
}

func (b *bench) print(w io.Writer) {
	first := true
	for _, t := range b.tables {
		if len(t.rows) == 0 {
			continue
		}
		if first {
			fmt.Fprintf(w, "%d processors, %s, %sEngine.IO %d, median of %d, %s each; load average before %s, after %s\n",
				runtime.NumCPU(), runtime.Version(), b.peerVersions(), b.protocol, b.rounds, b.window, b.load, loadAverage())
		}
		first = false
		if t.title != "" {
			fmt.Fprintf(w, "\n%s\n", t.title)
		}
		fmt.Fprintln(w)
		t.print(w)
	}
}

// loadAverage is that of the last minute, with what this program itself has caused.
func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(b), " ")
	return one
}

func moduleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	root := filepath.Dir(strings.TrimSpace(string(out)))
	if _, err := os.Stat(filepath.Join(root, "test", "load", "peers")); err != nil {
		return "", errors.New("run it inside of the module's checkout")
	}
	return root, nil
}

// A starter starts one of the servers to compare.
type starter func() (*server, error)

// libraries are the servers that know no chat: the library of ours, and the peers.
func (b *bench) libraries() ([]starter, error) {
	return b.withPeers(b.startTarget, b.startNode, b.startBun)
}

// librariesAndFloor are also the server of floor.go.
func (b *bench) librariesAndFloor() ([]starter, error) {
	starters, err := b.libraries()
	if b.isBeside(floorArg) {
		starters = append(starters, b.startFloor)
	}
	return starters, err
}

// withPeers are the starters of the servers that are wanted and there. Without a peer its column stays empty.
func (b *bench) withPeers(own, onNode, onBun starter) ([]starter, error) {
	starters := []starter{own}
	hasNode, hasBun, err := b.peers()
	if hasNode {
		starters = append(starters, onNode)
	}
	if hasBun {
		starters = append(starters, onBun)
	}
	return starters, err
}

// compare lets the servers take turns, each in a fresh process every time. A peer that fails is
// left out for the rest of these rows, which say so.
func (b *bench) compare(starters []starter, measure func(*server) error, rows ...*row) error {
	starters = slices.Clone(starters)
	for range b.rounds {
		for i, start := range starters {
			if start == nil {
				continue
			}
			s, err := start()
			if err != nil {
				return err
			}
			err = measure(s)
			s.stop()
			if err == nil {
				continue
			}
			err = fmt.Errorf("%s: %w%s", s.name, err, s.lastWords())
			if !s.isPeer || len(rows) == 0 {
				return err
			}
			b.note("failed: %v", err)
			starters[i] = nil
			for _, r := range rows {
				r.fail(s.name)
			}
		}
	}
	return nil
}

// note tells who watches how it goes.
func (b *bench) note(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// anyone is the login of a client where only the library is measured.
func (b *bench) anyone(int) login { return login{protocol: b.protocol, token: "load", app: "load"} }
