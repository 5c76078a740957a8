//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os/exec"
	"strconv"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/test/postgres"
)

// The columns of the comparison of nodes. In both, the nodes are those of a cluster, with
// PostgreSQL and NATS on the same machine. On two nodes, all senders are on the first and
// all receivers on the second.
const (
	oneNode  = "one node"
	twoNodes = "two nodes"
)

const (
	nodesRate    = 2000
	groupMembers = 1000
	groupSenders = 8 // of them, each with one message under way
)

// nodes measures what it costs that a message crosses from one node to another.
func (b *bench) nodes() error {
	t := b.addTable(&table{title: "Several nodes", columns: []string{oneNode, twoNodes}, ratios: []ratio{{twoNodes, oneNode}}})
	database, err := b.startPostgres()
	if database == nil {
		return err
	}
	bus, err := b.startNATS()
	if err != nil {
		return err
	}
	cluster := &nodesBench{bench: b, table: t, database: database, bus: bus}
	if err := cluster.directPaced(); err != nil {
		return err
	}
	if err := cluster.directSaturated(); err != nil {
		return err
	}
	return cluster.group()
}

type nodesBench struct {
	*bench
	table    *table
	database *postgres.Server
	bus      *natsServer
}

// costs are the rows for the processor time of one delivery and for the bytes on the bus.
type costs struct{ nodes, database, bus, bytes *row }

func (b *nodesBench) costRows(what string, wanted goal) costs {
	return costs{
		nodes:    b.table.row(what+": CPU µs a delivery of all nodes", wanted),
		database: b.table.row(what+": CPU µs a delivery of the database", goal{}),
		bus:      b.table.row(what+": CPU µs a delivery of NATS", goal{}),
		bytes:    b.table.row(what+": bytes published on the bus a message", goal{}),
	}
}

func (c costs) add(s *server, m measured, published float64) {
	c.nodes.add(s.name, microseconds(m.each()))
	c.database.add(s.name, microseconds(m.eachOf(m.cpu.database)))
	c.bus.add(s.name, microseconds(m.eachOf(m.cpu.bus)))
	c.bytes.add(s.name, published)
}

func (b *nodesBench) directPaced() error {
	what := fmt.Sprintf("message to one, %s a second paced", thousands(nodesRate))
	p50, p99 := b.table.row(what+": p50 ms until it arrives", goal{}), b.table.row(what+": p99 ms until it arrives", goal{})
	cost := b.costRows(what, goal{})
	return b.compareNodes(pacedPeople, isSecond, func(s *server, people []person) error {
		published, err := b.bus.published()
		if err != nil {
			return err
		}
		r, err := b.pacedRun(s, people, nodesRate)
		if err != nil {
			return err
		}
		each, err := b.bus.publishedEach(published, r.sent)
		if err != nil {
			return err
		}
		b.note("%s · %s: p50 %s, p99 %s, %s bytes on the bus, %s", what, s.name, r.arrival.p50, r.arrival.p99, number(each), r.measured)
		p50.add(s.name, milliseconds(r.arrival.p50))
		p99.add(s.name, milliseconds(r.arrival.p99))
		cost.add(s, r.measured, each)
		return nil
	})
}

func (b *nodesBench) directSaturated() error {
	const what = "message to one, saturated"
	rate := b.table.row(what+": a second", goal{})
	cost := b.costRows(what, atMostTimes(twoNodes, oneNode, 1.3))
	return b.compareNodes(fullPeople, isSecond, func(s *server, people []person) error {
		published, err := b.bus.published()
		if err != nil {
			return err
		}
		r, err := b.saturatedRun(s, people)
		if err != nil {
			return err
		}
		each, err := b.bus.publishedEach(published, r.sent)
		if err != nil {
			return err
		}
		b.note("%s · %s: %s bytes on the bus, %s", what, s.name, number(each), r.measured)
		rate.add(s.name, r.perSecond())
		cost.add(s, r.measured, each)
		return nil
	})
}

func (b *nodesBench) group() error {
	what := fmt.Sprintf("message to a group of %s, %d under way", thousands(groupMembers), groupSenders)
	rate := b.table.row(what+": deliveries a second", goal{})
	cost := b.costRows(what, atMostTimes(twoNodes, oneNode, 1.3))
	receives := func(i int) bool { return i >= groupSenders }
	return b.compareNodes(groupMembers, receives, func(s *server, people []person) error {
		published, err := b.bus.published()
		if err != nil {
			return err
		}
		m, sent, err := b.groupRun(s, people)
		if err != nil {
			return err
		}
		each, err := b.bus.publishedEach(published, sent)
		if err != nil {
			return err
		}
		b.note("%s · %s: %s bytes on the bus, %s", what, s.name, number(each), m)
		rate.add(s.name, m.perSecond())
		cost.add(s, m, each)
		return nil
	})
}

// groupRun has the senders send to the group of everybody. A message is followed by the next
// one of its sender when all other members have it.
func (b *bench) groupRun(s *server, people []person) (m measured, sent int, err error) {
	t, err := b.startTalk(s, people)
	if err != nil {
		return measured{}, 0, err
	}
	defer t.close()
	missing := map[int]int{} // by the number of the message
	sender := map[int]int{}
	going := true
	deliveries := 0
	send := func(i int) {
		missing[t.sent], sender[t.sent] = len(people)-1, i
		c := t.clients[i]
		c.send(textFrame(fmt.Sprintf(`420["send group message",{"togroup":%q,"msg":%q,"type":1,"waitingid":"%s-%d"}]`,
			seedGroup, numbered(t.sent), t.name, t.sent)))
		t.sent++
	}
	for _, c := range t.clients {
		c.onAck = func(_ *client, _ int, args []byte) { t.checkAck(args) }
		c.onEvent = func(_ *client, args []byte) {
			if !bytes.HasPrefix(args, []byte(`["new group message",`)) {
				return
			}
			n, ok := numberOf(args)
			if !ok || missing[n] == 0 {
				b.loop.fail(fmt.Errorf("an unexpected message: %.200q", args))
				return
			}
			deliveries++
			if missing[n]--; missing[n] > 0 {
				return
			}
			delete(missing, n)
			if going {
				send(sender[n])
			}
			delete(sender, n)
		}
	}
	for i := range groupSenders {
		send(i)
	}
	if m, err = b.watch(s, func() int { return deliveries }); err != nil {
		return measured{}, 0, err
	}
	going = false
	if err := t.loop.runUntil(settlingTime, func() bool { return t.acked == t.sent && len(missing) == 0 }); err != nil {
		return measured{}, 0, fmt.Errorf("%d sent, %d acknowledged, %d not delivered to all: %w", t.sent, t.acked, len(missing), err)
	}
	return m, t.sent, nil
}

func isSecond(i int) bool { return i%2 == 1 }

// compareNodes lets one node and two nodes take turns on one database. There are accounts
// who are in a group. receives says who is on the second of two nodes.
func (b *nodesBench) compareNodes(accounts int, receives func(i int) bool, measure func(s *server, people []person) error) error {
	folder, err := b.folder()
	if err != nil {
		return err
	}
	address, err := b.database.NewDatabase()
	if err != nil {
		return err
	}
	d, err := b.fill(seeded{folder: folder, database: address}, accounts, 0)
	if err != nil {
		return err
	}
	if err := seedGroupOf(d); err != nil {
		return err
	}
	start := func(name string, n int) starter {
		return func() (*server, error) {
			s, err := b.startNodes(name, d, n)
			if err != nil {
				return nil, err
			}
			for i := range d.people {
				d.people[i].at = s
				if receives(i) && len(s.others) > 0 {
					d.people[i].at = s.others[0]
				}
			}
			return s, nil
		}
	}
	return b.compare([]starter{start(oneNode, 1), start(twoNodes, 2)}, func(s *server) error { return measure(s, d.people) })
}

// startNodes starts so many nodes. It returns the first one, which has the others.
func (b *nodesBench) startNodes(name string, d seeded, n int) (first *server, err error) {
	bin, err := b.build("./cmd/parley")
	if err != nil {
		return nil, err
	}
	for range n {
		private, err := freeAddress()
		if err != nil {
			return nil, err
		}
		s, err := b.serve(name, bin, d.folder,
			"PARLEY_DATABASE="+d.database, "PARLEY_BUS=nats://"+b.bus.addr.String(), "PARLEY_UPLOAD_SHARED=true",
			"PARLEY_CLUSTER_LISTEN="+private.String(), "PARLEY_CLUSTER_SECRET=a secret of the load generator")
		if err != nil {
			if first != nil {
				first.stop()
			}
			return nil, err
		}
		if first == nil {
			first = s
			first.database, first.bus = b.database, b.bus.server
		} else {
			first.others = append(first.others, s)
		}
	}
	return first, nil
}

const seedGroup chat.GroupID = "00000000-0000-4000-8000-000000000002"

// seedGroupOf puts everybody into one group.
func seedGroupOf(d seeded) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db, err := store.Open(ctx, store.Options{Path: d.folder, Database: d.database})
	if err != nil {
		return err
	}
	members := make([]chat.AccountID, len(d.people))
	for i, p := range d.people {
		members[i] = chat.AccountID(p.account)
	}
	now := time.Now()
	err = db.Update(ctx, func(tx chat.Tx) error {
		g, err := tx.CreateGroup(chat.Group{ID: seedGroup, Name: "everybody", IsPost: true, Creator: members[0], CreatedAt: now})
		if err != nil {
			return err
		}
		return tx.AddMembers(g.Conversation, members, chat.RoleMember, now)
	})
	return errors.Join(err, db.Close())
}

// natsServer is a NATS server on loopback.
type natsServer struct {
	*server
	monitor netip.AddrPort
}

// startNATS builds and runs a NATS server until this program ends.
func (b *bench) startNATS() (*natsServer, error) {
	bin, err := b.build("github.com/nats-io/nats-server/v2")
	if err != nil {
		return nil, err
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	monitor, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s, err := spawn("nats-server", exec.Command(bin, "--addr", addr.Addr().String(),
		"--port", strconv.Itoa(int(addr.Port())), "--http_port", strconv.Itoa(int(monitor.Port()))))
	if err != nil {
		return nil, err
	}
	s.addr = addr
	b.atEnd(s.stop)
	for began := time.Now(); ; {
		conn, err := net.DialTimeout("tcp4", addr.String(), time.Second)
		if err == nil {
			return &natsServer{s, monitor}, conn.Close()
		}
		if time.Since(began) > 20*time.Second {
			return nil, fmt.Errorf("the NATS server does not listen: %w%s", err, s.lastWords())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// published returns how many bytes of messages the nodes have published.
func (n *natsServer) published() (int64, error) {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get("http://" + n.monitor.String() + "/varz")
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var v struct {
		InBytes int64 `json:"in_bytes"`
	}
	err = json.NewDecoder(answer.Body).Decode(&v)
	return v.InBytes, err
}

// publishedEach returns the bytes since then for each of so many messages.
func (n *natsServer) publishedEach(before int64, messages int) (float64, error) {
	now, err := n.published()
	return float64(now-before) / float64(max(messages, 1)), err
}
