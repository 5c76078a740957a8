// Command run shows a cluster: three nodes of parley on a PostgreSQL server and a NATS server of
// their own, behind a balancer, with the people of the demo. Ctrl-C ends all of it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"parley/internal/server/demo"
	"parley/test/cluster"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "make cluster:", err)
		os.Exit(1)
	}
}

func run() error {
	o := cluster.Options{Tell: os.Stdout, Env: []string{"PARLEY_DEFAULT_APP=" + demo.AppKey, "PARLEY_LOG_LEVEL=warn", "PARLEY_CLUSTER_DRAIN_SPREAD=2s"}}
	flag.StringVar(&o.Listen, "listen", "127.0.0.1:8080", "address of the balancer")
	flag.IntVar(&o.Nodes, "nodes", 3, "number of nodes")
	flag.StringVar(&o.Parley, "parley", "bin/parley", "the program")
	flag.StringVar(&o.NATS, "nats", "bin/nats-server", "the program of NATS")
	flag.StringVar(&o.Postgres, "postgres", "", "the folder of PostgreSQL's programs")
	flag.BoolVar(&o.Bare, "bare", false, "create only the people, a group and three messages")
	flag.BoolVar(&o.Roam, "roam", false, "give each request of a session to another node than the one before")
	asJSON := flag.Bool("json", false, "print one line of JSON, as parley demo --json")
	flag.Parse()
	if *asJSON {
		o.Tell = nil
		o.Env = append(o.Env, cluster.Patient)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c, err := cluster.Start(ctx, o)
	if err != nil {
		return err
	}
	defer c.Close()
	if *asJSON {
		os.Stdout.Write(c.JSON)
		return obey(ctx, c)
	}
	fmt.Printf("\nThe balancer listens on %s. The nodes behind it:\n", c.URL)
	for _, n := range c.Nodes {
		fmt.Printf("  %s  %s\n", n.Name, n.URL)
	}
	fmt.Println("PostgreSQL:", c.Database)
	<-ctx.Done()
	return nil
}

// obey replaces the nodes whose numbers stand in the lines of the standard input, and repeats each number when the node
// serves again.
func obey(ctx context.Context, c *cluster.Cluster) error {
	numbers := make(chan int)
	go func() {
		for {
			var n int
			if _, err := fmt.Scanln(&n); err != nil {
				return // the input has ended
			}
			numbers <- n
		}
	}()
	for {
		select {
		case n := <-numbers:
			if err := c.Nodes[n].Replace(ctx); err != nil {
				return err
			}
			fmt.Println(n)
		case <-ctx.Done():
			return nil
		}
	}
}
