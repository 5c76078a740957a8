// Package cluster runs several nodes of parley as processes on loopback: on a PostgreSQL
// server and a NATS server of their own, behind a balancer that knows nothing of sessions.
// Its test interrupts them under load; the command in run shows them to people.
package cluster

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"parley/test/cluster/balancer"
	"parley/test/ledger"
	"parley/test/port"
	"parley/test/postgres"
)

// Options say what to run.
type Options struct {
	Parley   string    // the program
	NATS     string    // the program nats-server
	Postgres string    // the folder of PostgreSQL's programs
	Nodes    int       // 3
	Listen   string    // of the balancer; 127.0.0.1 and any port
	Env      []string  // more options of the nodes, as NAME=value
	Bare     bool      // few data, for tests
	Empty    bool      // no data: the server must be set up
	Roam     bool      // each request of a session goes to another node than the one before
	Tell     io.Writer // gets what the demo prints; nil: nobody
}

// Patient is an option of the nodes for tests without faults: a slow machine must not cut off a node.
const Patient = "PARLEY_CLUSTER_LOST_TIMEOUT=1m"

// Cluster is several nodes with what they need.
type Cluster struct {
	ledger.Client                 // of the balancer; has only the URL if Options.Tell is set
	JSON          json.RawMessage // what `parley demo --json` has printed, with this URL; nil if Options.Tell is set

	Postgres *postgres.Server
	Database string // its address
	Nodes    []*Node

	options Options
	folder  string
	nats    *process
	natsURL string
	port    int // of NATS
	balance *balancer.Balancer
}

// Node is one node. Its methods are for one goroutine at a time.
type Node struct {
	ledger.Client // of the node itself

	Name    string
	Bus     *Link  // between the node and NATS
	Program string // empty: that of the options

	cluster         *Cluster
	listen, private string
	process         *process
}

// Start runs everything, and returns when all nodes are ready. Close ends it.
func Start(ctx context.Context, o Options) (_ *Cluster, err error) {
	if o.Nodes == 0 {
		o.Nodes = 3
	}
	c := &Cluster{options: o, Client: ledger.Client{Apart: true}}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.logs())
			c.Close()
		}
	}()
	if c.folder, err = os.MkdirTemp("", "parley-cluster-"); err != nil {
		return nil, err
	}
	if c.Postgres, err = postgres.New(o.Postgres); err != nil {
		return nil, err
	}
	if c.Database, err = c.Postgres.NewDatabase(); err != nil {
		return nil, err
	}
	if c.port, err = port.Free(); err != nil {
		return nil, err
	}
	if err = c.StartNATS(); err != nil {
		return nil, err
	}
	for n := range o.Nodes {
		node, err := c.newNode(n + 1)
		if err != nil {
			return nil, err
		}
		c.Nodes = append(c.Nodes, node)
	}
	if err = c.fill(ctx); err != nil {
		return nil, err
	}
	for _, n := range c.Nodes {
		n.Client = c.Client
		n.URL = "http://" + n.listen
		if err = n.Start(ctx); err != nil {
			return nil, err
		}
	}
	if err = c.startBalancer(); err != nil {
		return nil, err
	}
	return c, nil
}

// Close ends all processes and removes their data.
func (c *Cluster) Close() {
	if c.balance != nil {
		c.balance.Close()
	}
	var stopping sync.WaitGroup
	for _, n := range c.Nodes {
		if n.process != nil {
			n.process.signal(syscall.SIGCONT)
			stopping.Go(func() { _ = n.process.stop() })
		}
	}
	stopping.Wait()
	for _, n := range c.Nodes {
		n.Bus.Close()
	}
	if c.nats != nil {
		_ = c.nats.stop()
	}
	if c.Postgres != nil {
		c.Postgres.Close()
	}
	_ = os.RemoveAll(c.folder)
}

// StartNATS starts the NATS server, also after StopNATS.
func (c *Cluster) StartNATS() (err error) {
	c.natsURL = "127.0.0.1:" + strconv.Itoa(c.port)
	if c.nats, err = run(c.options.NATS, nil, c.log("nats"), "--addr", "127.0.0.1", "--port", strconv.Itoa(c.port)); err != nil {
		return err
	}
	for range 500 {
		conn, err := net.Dial("tcp", c.natsURL)
		if err == nil {
			return conn.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("the NATS server does not listen")
}

// StopNATS kills the NATS server.
func (c *Cluster) StopNATS() { c.nats.kill() }

// fill lets `parley demo` create its data in the database, alone, and chooses the address of the balancer.
func (c *Cluster) fill(ctx context.Context) error {
	listen := c.options.Listen
	if listen == "" {
		var err error
		if listen, err = port.Address(); err != nil {
			return err
		}
	}
	// The links that the demo prints have the address of the balancer, which listens there afterwards.
	c.URL = "http://" + listen
	if c.options.Empty {
		return nil
	}
	args := []string{"demo", "--listen", listen, "--data", c.data()}
	if c.options.Bare {
		args = append(args, "--bare")
	}
	if c.options.Tell == nil {
		args = append(args, "--json")
	}
	demo := exec.CommandContext(ctx, c.options.Parley, args...)
	demo.Env = append(os.Environ(), "PARLEY_DATABASE="+c.Database)
	demo.Stderr = os.Stderr
	out, err := demo.StdoutPipe()
	if err != nil {
		return err
	}
	if err := demo.Start(); err != nil {
		return err
	}
	lines := bufio.NewReader(out)
	if c.options.Tell == nil {
		var line []byte
		if line, err = lines.ReadBytes('\n'); err == nil {
			c.JSON, err = line, json.Unmarshal(line, &c.Client)
		}
		err = errors.Join(err, demo.Process.Signal(syscall.SIGTERM))
		_, _ = io.Copy(io.Discard, lines)
	} else {
		err = errors.Join(c.whenServing(listen), demo.Process.Signal(syscall.SIGTERM))
		_, _ = io.Copy(c.options.Tell, lines)
	}
	if end := demo.Wait(); end != nil {
		err = errors.Join(err, fmt.Errorf("parley demo: %w", end))
	}
	return err
}

// whenServing waits until the demo, which has then printed everything, accepts connections.
func (c *Cluster) whenServing(listen string) error {
	p := &process{ended: make(chan struct{})}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return p.ready(ctx, "http://"+listen+"/readyz")
}

func (c *Cluster) startBalancer() (err error) {
	listen := balancer.Listen
	if c.options.Roam {
		listen = balancer.Roam
	}
	if c.balance, err = listen(strings.TrimPrefix(c.URL, "http://")); err == nil {
		c.balanceWithout(nil)
	}
	return err
}

func (c *Cluster) data() string           { return filepath.Join(c.folder, "data") }
func (c *Cluster) log(name string) string { return filepath.Join(c.folder, name+".log") }

// logs returns the ends of all logs as an error, for a start that has failed.
func (c *Cluster) logs() error {
	var all error
	files, _ := filepath.Glob(filepath.Join(c.folder, "*.log"))
	for _, file := range files {
		text, _ := os.ReadFile(file)
		all = errors.Join(all, fmt.Errorf("%s:\n%s", filepath.Base(file), text[max(0, len(text)-4000):]))
	}
	return all
}

// Logs returns what the node has logged since the beginning.
func (n *Node) Logs() string {
	text, _ := os.ReadFile(n.cluster.log(n.Name))
	return string(text)
}

func (c *Cluster) newNode(number int) (*Node, error) {
	n := &Node{Name: "node" + strconv.Itoa(number), cluster: c}
	var err error
	if n.listen, err = port.Address(); err != nil {
		return nil, err
	}
	if n.private, err = port.Address(); err != nil {
		return nil, err
	}
	n.Bus, err = NewLink(c.natsURL)
	return n, err
}

// Start starts the node, and returns when it is ready.
func (n *Node) Start(ctx context.Context) (err error) {
	c := n.cluster
	env := append([]string{
		"PARLEY_DATABASE=" + c.Database,
		"PARLEY_BUS=nats://" + n.Bus.Address,
		"PARLEY_CLUSTER_LISTEN=" + n.private,
		"PARLEY_CLUSTER_SECRET=a secret of this test alone",
		"PARLEY_UPLOAD_SHARED=true",
		"PARLEY_PUBLIC_URL=" + c.URL,
		"PARLEY_METRICS_LISTEN=",
		"PARLEY_LOG_FORMAT=text",
	}, c.options.Env...)
	if c.App != "" {
		env = append(env, "PARLEY_DEFAULT_APP="+c.App)
	}
	n.process, err = run(cmp.Or(n.Program, c.options.Parley), env, c.log(n.Name), "serve", "--listen", n.listen, "--data", c.data())
	if err != nil {
		return err
	}
	if err := n.process.ready(ctx, n.URL+"/readyz"); err != nil {
		return fmt.Errorf("%s: %w", n.Name, err)
	}
	return nil
}

// Kill ends the node as a power cut does.
func (n *Node) Kill() { n.process.kill() }

// Stop asks the node to drain, and returns how it ended.
func (n *Node) Stop() error { return n.process.stop() }

// Replace stops the node as an update does, and starts it again. The balancer sends it no new connections from the moment at
// which /readyz says no, until the node is ready again.
func (n *Node) Replace(ctx context.Context) error {
	n.process.signal(syscall.SIGTERM)
	if err := n.process.unready(ctx, n.URL+"/readyz"); err != nil {
		return fmt.Errorf("%s: %w", n.Name, err)
	}
	n.cluster.balanceWithout(n)
	if err := n.process.end(); err != nil {
		return fmt.Errorf("%s: %w", n.Name, err)
	}
	if err := n.Start(ctx); err != nil {
		return err
	}
	n.cluster.balanceWithout(nil)
	return nil
}

func (c *Cluster) balanceWithout(left *Node) {
	var addresses []string
	for _, n := range c.Nodes {
		if n != left {
			addresses = append(addresses, n.listen)
		}
	}
	c.balance.SetNodes(addresses...)
}

// Pause stops the node's process where it is; Continue lets it go on.
func (n *Node) Pause() { n.process.signal(syscall.SIGSTOP) }

// Continue ends a Pause.
func (n *Node) Continue() { n.process.signal(syscall.SIGCONT) }

// Ready waits until the node says that it is ready.
func (n *Node) Ready(ctx context.Context) error { return n.process.ready(ctx, n.URL+"/readyz") }
