//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"
)

const (
	pacedPeople  = 200 // who talk in pairs
	pacedRate    = 5000
	fullPeople   = 500
	sendsAtOnce  = 4 // of each of them; the server takes up one after the other
	sendText     = 60
	sendBacklog  = 100_000 // acks that may be missing when the pace cannot be kept
	settlingTime = 10 * time.Second
)

// A person is somebody who logs in.
type person struct {
	account, token string
	at             *server // the node to connect to; nil: there is one server
}

// durable measures "send message" on the whole chat server: the ack follows the
// commit, the message goes to one peer who is there. Node and Bun do the same without
// keeping anything, so their columns show what durability costs. The floor is the time
// of writing a page to the disk.
func (b *bench) durable() error {
	if err := b.durablePaced(); err != nil {
		return err
	}
	return b.durableSaturated()
}

func (b *bench) durablePaced() error {
	const what = "durable send (server), 5,000 a second paced"
	if !b.wants(what) {
		return nil
	}
	p50 := b.table.row(what+": p50 ms", atMost(1))
	p99 := b.table.row(what+": p99 ms", atMost(5))
	cost := b.table.row(what+": CPU s per 100,000", ofNode(1.2))
	if b.isBeside(floorArg) {
		for range b.rounds {
			bare, err := b.bareCommits()
			if err != nil {
				return err
			}
			p50.add(floor, milliseconds(quantile(bare, 0.5)))
			p99.add(floor, milliseconds(quantile(bare, 0.99)))
		}
	}
	return b.compareChat(pacedPeople, func(s *server, people []person) error {
		r, err := b.pacedRun(s, people, pacedRate)
		if err != nil {
			return err
		}
		b.note("sends, paced · %s: p50 %s, p99 %s, %s", s.name, r.ack.p50, r.ack.p99, r.measured)
		p50.add(s.name, milliseconds(r.ack.p50))
		p99.add(s.name, milliseconds(r.ack.p99))
		cost.add(s.name, 100_000*r.each().Seconds())
		return nil
	}, p50, p99, cost)
}

func (b *bench) durableSaturated() error {
	const what = "durable send (server), saturated, delivered to one peer"
	if !b.wants(what) {
		return nil
	}
	rate := b.table.row(what+": a second", atLeast(25_000))
	full := b.table.row(what+": CPU s per 100,000", ofNode(1))
	return b.compareChat(fullPeople, func(s *server, people []person) error {
		m, err := b.saturatedRun(s, people)
		if err != nil {
			return err
		}
		b.note("sends, saturated · %s: %s", s.name, m.measured)
		rate.addOf(s.name, m.perSecond(), m.measured)
		full.addOf(s.name, 100_000*m.each().Seconds(), m.measured)
		return nil
	}, rate, full)
}

// bareCommits returns, sorted, how long it takes to write one page and have it on the
// disk: what no durable ack can be faster than.
func (b *bench) bareCommits() ([]time.Duration, error) {
	f, err := os.CreateTemp(b.tmp, "commit-")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	page := make([]byte, 4096)
	var took []time.Duration
	for range 200 {
		start := time.Now()
		if _, err := f.WriteAt(page, 0); err != nil {
			return nil, err
		}
		if err := f.Sync(); err != nil {
			return nil, err
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	return took, nil
}

// A talk is people who send each other messages in pairs: 0 with 1, 2 with 3.
type talk struct {
	*crowd
	people   []person
	name     string // begins every waitingid, which must be new for ever
	sent     int
	acked    int
	received int

	onReceived func(args []byte) // nil: nobody looks
}

func (b *bench) startTalk(s *server, people []person) (*talk, error) {
	g, err := connectAll(b.loop, s, len(people), func(i int) login {
		return login{protocol: b.protocol, token: people[i].token, app: seedApp, at: people[i].at}
	}, 20*time.Second)
	if err != nil {
		return nil, err
	}
	t := &talk{crowd: g, people: people, name: strconv.FormatInt(time.Now().UnixNano(), 36)}
	for _, c := range g.clients {
		c.onEvent = func(_ *client, args []byte) {
			if bytes.HasPrefix(args, []byte(`["new message",`)) {
				t.received++
				if t.onReceived != nil {
					t.onReceived(args)
				}
			}
		}
	}
	return t, nil
}

// queueSend adds one message of client i, whose ack will have that id.
func (t *talk) queueSend(i, ack int) {
	t.queueText(i, ack, filler(sendText))
}

func (t *talk) queueText(i, ack int, text string) {
	t.sent++
	t.clients[i].queue(textFrame(fmt.Sprintf(`42%d["send message",{"touser":%q,"msg":%q,"type":1,"waitingid":"%s-%d"}]`,
		ack, t.people[i^1].account, text, t.name, t.sent)))
}

// settle waits until everything that was sent is acknowledged and delivered: a
// fast server that loses something has not been fast.
func (t *talk) settle() error {
	err := t.loop.runUntil(settlingTime, func() bool { return t.acked == t.sent && t.received == t.sent })
	if err != nil {
		return fmt.Errorf("%d sent, %d acknowledged, %d delivered: %w", t.sent, t.acked, t.received, err)
	}
	return nil
}

// checkAck fails the run if a send was refused.
func (t *talk) checkAck(args []byte) bool {
	if bytes.HasPrefix(args, []byte("[false,")) {
		t.acked++
		return true
	}
	t.loop.fail(fmt.Errorf("a send was answered with %.100q", args))
	return false
}

// sendRun is what a run of sends has measured.
type sendRun struct {
	measured
	sent int // also outside of the window
}

type paced struct {
	sendRun
	ack     latency
	arrival latency // of the message at the peer
}

type latency struct{ p50, p99 time.Duration }

// pacedRun sends at a fixed rate whatever the answers do. A latency is counted
// from the moment at which the message was due, not from when it left, so that
// a server that stalls has to answer for the queue in front of it too.
func (b *bench) pacedRun(s *server, people []person, rate int) (paced, error) {
	t, err := b.startTalk(s, people)
	if err != nil {
		return paced{}, err
	}
	defer t.close()
	interval := time.Second / time.Duration(rate)
	var (
		start          time.Time
		acks, arrivals []time.Duration
	)
	since := func(number int) time.Duration { return time.Since(start.Add(time.Duration(number) * interval)) }
	onAck := func(_ *client, id int, args []byte) {
		if t.checkAck(args) {
			acks = append(acks, since(id))
		}
	}
	t.onReceived = func(args []byte) {
		number, ok := numberOf(args)
		if !ok {
			b.loop.fail(fmt.Errorf("a message without a number: %.200q", args))
			return
		}
		arrivals = append(arrivals, since(number))
	}
	for _, c := range t.clients {
		c.onAck = onAck
	}
	start = time.Now()
	senders := t.senders()
	stop, err := b.loop.every(interval, func(int) {
		for due := int(time.Since(start) / interval); t.sent < due; {
			i := senders[t.sent%len(senders)]
			t.queueText(i, t.sent, numbered(t.sent))
			t.clients[i].flush()
		}
		if t.sent-t.acked > sendBacklog {
			b.loop.fail(fmt.Errorf("%d sends wait for their acks", t.sent-t.acked))
		}
	})
	if err != nil {
		return paced{}, err
	}
	m, err := b.watch(s, func() int { return t.acked })
	stop()
	if err != nil {
		return paced{}, err
	}
	if err := t.settle(); err != nil {
		return paced{}, err
	}
	return paced{sendRun{m, t.sent}, latencyOf(acks), latencyOf(arrivals)}, nil
}

// senders are the clients that send: all of them, or with several nodes one of each pair.
func (t *talk) senders() (senders []int) {
	for i, p := range t.people {
		if p.at == nil || i%2 == 0 {
			senders = append(senders, i)
		}
	}
	return senders
}

// numbered is a text of the usual length that says which message it is.
func numbered(n int) string {
	number := strconv.Itoa(n) + " "
	return number + filler(sendText-len(number))
}

// numberOf reads the number of a pushed message.
func numberOf(args []byte) (int, bool) {
	_, text, found := bytes.Cut(args, []byte(`"con":"`))
	n, digits := leadingInt(text)
	return n, found && digits > 0
}

// latencyOf leaves out the first half, which is as long as watch warms up.
func latencyOf(all []time.Duration) latency {
	all = all[len(all)/2:]
	slices.Sort(all)
	return latency{quantile(all, 0.5), quantile(all, 0.99)}
}

func milliseconds(d time.Duration) float64 { return 1e3 * d.Seconds() }
func microseconds(d time.Duration) float64 { return 1e6 * d.Seconds() }

// quantile of a sorted slice.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// saturatedRun has everybody keep a few sends under way. The rate is that of
// acks or of deliveries, whichever is lower.
func (b *bench) saturatedRun(s *server, people []person) (sendRun, error) {
	t, err := b.startTalk(s, people)
	if err != nil {
		return sendRun{}, err
	}
	defer t.close()
	going := true
	onAck := func(c *client, id int, args []byte) {
		if t.checkAck(args) && going {
			t.queueSend(c.index, id)
		}
	}
	for _, c := range t.clients {
		c.onAck = onAck
	}
	for _, i := range t.senders() {
		c := t.clients[i]
		for id := range sendsAtOnce {
			t.queueSend(i, id)
		}
		c.flush()
	}
	m, err := b.watch(s, func() int { return min(t.acked, t.received) })
	if err != nil {
		return sendRun{}, err
	}
	going = false
	if err := t.settle(); err != nil {
		return sendRun{}, err
	}
	return sendRun{m, t.sent}, nil
}
