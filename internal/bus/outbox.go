package bus

import (
	"context"
	"sync"
	"time"
)

// Outbox publishes the commits of a node in their order, without holding up the goroutine
// that commits. What it cannot publish is not kept: it is in the log.
type Outbox struct {
	bus      Bus
	maxBytes int
	more     chan struct{} // holds a token when there is something to do
	done     chan struct{} // closed when the goroutine has ended

	mu      sync.Mutex
	waiting []waiting
	passing []Message // that are in no commit
	bytes   int
	last    int64 // the latest commit
	bell    bool  // tell the others of the latest commit
	closed  bool
	stats   OutboxStats
}

type waiting struct {
	Message
	since time.Time
}

// OutboxStats are the numbers for metrics, counted since the start.
type OutboxStats struct {
	Published uint64 // commits
	Failed    uint64 // commits that could not be published
	Dropped   uint64 // messages without a commit that were not published
	Waiting   int
	Age       time.Duration // how long the oldest has waited
}

const (
	outboxBytes   = 64 << 20 // of events that wait
	outboxCommits = 1 << 16  // that wait
	outboxPassing = 1 << 10  // messages with events that are in no commit
)

// NewOutbox starts an outbox. Close stops it.
func NewOutbox(b Bus) *Outbox {
	o := &Outbox{bus: b, maxBytes: outboxBytes, more: make(chan struct{}, 1), done: make(chan struct{})}
	go o.run()
	return o
}

// Add publishes a commit. It never blocks.
func (o *Outbox) Add(c Commit) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = max(o.last, c.Number)
	m := Message{Commit: c}
	m.Events = nil
	if o.bytes+len(m.Body) > o.maxBytes {
		m.Body, m.Missing = nil, true
	}
	if len(o.waiting) >= outboxCommits {
		// The message for the latest commit makes the others read all before it.
		o.stats.Failed++
		o.bell = true
		return
	}
	o.bytes += len(m.Body)
	o.waiting = append(o.waiting, waiting{m, time.Now()})
	o.signal()
}

// Pass publishes events that are in no commit, before the commits that wait. It never blocks. If too many wait, they are dropped.
func (o *Outbox) Pass(m Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.passing) >= outboxPassing {
		o.stats.Dropped++
		return
	}
	o.passing = append(o.passing, m)
	o.signal()
}

// Bell tells the others which commit is the latest of this node, so that they look for what
// they have not got.
func (o *Outbox) Bell() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bell = true
	o.signal()
}

// Stats returns the present numbers.
func (o *Outbox) Stats() OutboxStats {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.stats
	s.Waiting = len(o.waiting)
	if len(o.waiting) > 0 {
		s.Age = time.Since(o.waiting[0].since)
	}
	return s
}

// Close publishes what waits. It returns when that is done or ctx ends, with its error.
// The bus is left open.
func (o *Outbox) Close(ctx context.Context) error {
	o.mu.Lock()
	o.closed = true
	o.signal()
	o.mu.Unlock()
	select {
	case <-o.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (o *Outbox) signal() {
	select {
	case o.more <- struct{}{}:
	default:
	}
}

func (o *Outbox) run() {
	defer close(o.done)
	for {
		batch, passing, closed := o.take()
		for _, m := range passing {
			if o.bus.Publish(m) != nil {
				o.dropped()
			}
		}
		for _, w := range batch {
			err := o.bus.Publish(w.Message)
			o.published(w, err)
		}
		if len(batch)+len(passing) > 0 {
			continue
		}
		if closed {
			return
		}
		<-o.more
	}
}

// take returns what is to be published. Commits stay among the waiting until they are.
func (o *Outbox) take() (batch []waiting, passing []Message, closed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) == 0 && o.bell && o.last > 0 {
		o.waiting = append(o.waiting, waiting{Message{Commit: Commit{Number: o.last}, Missing: true}, time.Now()})
		o.bell = false
	}
	passing, o.passing = o.passing, nil
	return append(batch, o.waiting...), passing, o.closed
}

func (o *Outbox) dropped() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stats.Dropped++
}

func (o *Outbox) published(w waiting, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting[0] = waiting{}
	o.waiting = o.waiting[1:]
	o.bytes -= len(w.Body)
	if err != nil {
		o.stats.Failed++
	} else {
		o.stats.Published++
	}
}
