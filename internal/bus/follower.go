package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"parley/internal/chat"
)

// Log is the log of commits in the database.
type Log interface {
	// CommitsAfter returns the commits after a number that the log still has, in order,
	// limit of them at most.
	CommitsAfter(ctx context.Context, number int64, limit int) ([]Commit, error)
	// LastCommit returns the number of the latest commit.
	LastCommit(ctx context.Context) (int64, error)
}

// FollowerOptions configure a follower. A zero field means its default.
type FollowerOptions struct {
	// Deliver gets the events of one commit after the other, in the order of their
	// numbers. It may block.
	Deliver func([]chat.Event)
	// Missed is called once when events cannot be delivered because the log does not have
	// them. Nothing is delivered before the next Begin, which Missed itself must not call.
	Missed func(error)
	// Decode decodes the events of a commit; [Decode].
	Decode func([]byte) ([]chat.Event, error)

	// Wait is how long a commit that is missing may still come from the bus; 200 ms.
	Wait time.Duration
	// Poll is the time between two looks at the number of the latest commit; 1 s.
	Poll time.Duration
	// Timeout bounds one look into the log; 10 s.
	Timeout time.Duration
	// MaxHeld is how many bytes of events may wait for an earlier commit. Further events
	// are read from the log later; 64 MiB.
	MaxHeld int
	Logger  *slog.Logger // nil discards
}

func (o *FollowerOptions) setDefaults() {
	if o.Missed == nil {
		o.Missed = func(error) {}
	}
	if o.Decode == nil {
		o.Decode = Decode
	}
	if o.Wait <= 0 {
		o.Wait = 200 * time.Millisecond
	}
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.MaxHeld <= 0 {
		o.MaxHeld = 64 << 20
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

// maxHeldCommits is how many commits may wait for an earlier one, with or without their
// events: the database may be away for long while the bus goes on.
const maxHeldCommits = 65536

// Follower delivers the commits of all nodes in the order of their numbers, each once. Own
// and Hear never block, and may be called from any goroutine.
//
//  1. A commit is delivered when all before it are.
//  2. A commit that came before is dropped. If another one with its number was delivered, the
//     database has gone back, as to a standby that lacked commits, and nodes have continued from
//     there: see 5.
//  3. A missing commit is read from the log when it has been missing for Options.Wait, or
//     at once after an interruption of the bus or if a message came without its events.
//  4. Every Options.Poll the follower looks for commits that it has not heard of.
//  5. If the log lacks a commit that must be delivered, or the database has gone back to an
//     earlier state, the follower calls Options.Missed and waits for Begin.
type Follower struct {
	opts FollowerOptions
	log  Log
	wake chan struct{} // holds a token when there may be something to do
	stop context.CancelFunc
	done chan struct{}

	// turn holds a token unless a commit is being delivered. It is taken before mu.
	turn chan struct{}

	mu      sync.Mutex
	begun   int   // how often Begin was called
	next    int64 // the number to deliver next; 0: nothing is delivered before Begin
	highest int64 // the latest commit that is known of
	held    map[int64]Message
	bytes   int       // of the events that are held
	since   time.Time // when next began to be missing; zero: it is not
	urgent  bool      // look into the log without waiting
	heard   bool      // of a commit since the last poll
	stalled time.Time // since when next is known to be there and is not delivered
	behind  time.Time // since when there always was such a commit
	own     int64     // the latest commit of this node
	awaited []awaited
	stats   FollowerStats

	recent   []recent // the latest delivered commits, each at its number modulo recentCommits
	replaced error    // a commit that was delivered is not the one that the database has
}

// recent is a commit that was delivered.
type recent struct {
	number, at int64
	node       string
}

// recentCommits is how many delivered commits are compared with later ones of the same number.
const recentCommits = 4096

// awaited is a commit whose delivery somebody waits for.
type awaited struct {
	number int64
	done   chan struct{}
}

// FollowerStats are the numbers for metrics, counted since the start.
type FollowerStats struct {
	Received   uint64        // messages of other nodes
	Repaired   uint64        // commits that were read from the log
	Duplicates uint64        // messages of commits that were known already
	Missed     uint64        // times that events could not be delivered
	Held       int           // commits that wait for an earlier one
	Behind     int64         // commits that are known of and not delivered
	Lag        time.Duration // how long there always were such commits
}

// NewFollower starts a follower. It delivers nothing before Begin. Close stops it.
func NewFollower(opts FollowerOptions, log Log) *Follower {
	opts.setDefaults()
	f := &Follower{
		opts:   opts,
		log:    log,
		recent: make([]recent, recentCommits),
		wake:   make(chan struct{}, 1),
		turn:   make(chan struct{}, 1),
		done:   make(chan struct{}),
		held:   make(map[int64]Message),
	}
	f.turn <- struct{}{}
	var ctx context.Context
	ctx, f.stop = context.WithCancel(context.Background())
	go f.run(ctx)
	return f
}

// Begin continues after the present commit, whatever was delivered before. When it returns,
// no earlier commit is delivered any more.
func (f *Follower) Begin(ctx context.Context) error {
	if err := f.enter(ctx); err != nil {
		return err
	}
	defer f.leave()
	last, err := f.log.LastCommit(ctx)
	if err != nil {
		return fmt.Errorf("bus: number of the latest commit: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begun++
	clear(f.recent)
	f.replaced = nil
	f.next = last + 1
	f.highest = last
	for number, m := range f.held {
		if number <= last {
			f.drop(number, m)
		} else {
			f.highest = max(f.highest, number)
		}
	}
	f.caughtUp()
	f.signal()
	return nil
}

// caughtUp forgets that anything was missing. It needs the lock.
func (f *Follower) caughtUp() {
	f.since, f.stalled, f.behind, f.urgent = time.Time{}, time.Time{}, time.Time{}, false
	f.release()
}

// release tells those that wait for a commit. It needs the lock.
func (f *Follower) release() {
	f.awaited = slices.DeleteFunc(f.awaited, func(a awaited) bool {
		over := f.next == 0 || a.number < f.next
		if over {
			close(a.done)
		}
		return over
	})
}

// AwaitOwn returns when the latest commit of this node was delivered, or cannot be, or when
// ctx ends, with its error.
func (f *Follower) AwaitOwn(ctx context.Context) error {
	f.mu.Lock()
	a := awaited{f.own, make(chan struct{})}
	f.awaited = append(f.awaited, a)
	f.release()
	f.mu.Unlock()
	select {
	case <-a.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	// The commit was taken out, and is perhaps not yet delivered.
	if err := f.enter(ctx); err != nil {
		return err
	}
	f.leave()
	return nil
}

// enter waits until nothing is being delivered, and leave lets the next delivery begin.
func (f *Follower) enter(ctx context.Context) error {
	select {
	case <-f.turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *Follower) leave() { f.turn <- struct{}{} }

// Own takes in a commit of this node, with its events.
func (f *Follower) Own(c Commit) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.own = c.Number
	if f.next == 0 {
		return
	}
	if c.Number < f.next {
		// Either it was read from the log before, or the database has gone back.
		f.compare(c)
		f.urgent = true
		f.signal()
		return
	}
	f.hold(Message{Commit: c})
}

// Hear takes in a message of another node; see [Listener].
func (f *Follower) Hear(m Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stats.Received++
	if f.next == 0 {
		return
	}
	known, ok := f.held[m.Number]
	switch {
	case m.Number < f.next:
		f.stats.Duplicates++
		f.compare(m.Commit)
	case ok && (m.Missing || !known.Missing):
		f.stats.Duplicates++
		if !known.Missing && !known.is(&m.Commit) { // the log says which of the two there is
			f.hold(Message{Commit: Commit{Number: known.Number, Node: known.Node, At: known.At}, Missing: true})
		}
	default:
		f.hold(m)
	}
}

// is reports whether another commit with the same number is the same one. A message without a node names only the number; see
// [Outbox].
func (c *Commit) is(other *Commit) bool {
	return other.Node == "" || c.Node == other.Node && c.At.UnixMilli() == other.At.UnixMilli()
}

// compare compares a commit with the delivered one that has its number. It needs the lock.
func (f *Follower) compare(c Commit) {
	if c.Number <= 0 || c.Node == "" {
		return
	}
	had := f.recent[c.Number%recentCommits]
	if had.number != c.Number || had.node == c.Node && had.at == c.At.UnixMilli() {
		return
	}
	f.replaced = fmt.Errorf("bus: commit %d of node %s was delivered, but the database has another one, of node %s: it has gone back and lacks commits", c.Number, had.node, c.Node)
	f.signal()
}

// lost gives up if a commit that was delivered is not in the database.
func (f *Follower) lost() {
	f.mu.Lock()
	err, begun := f.replaced, f.begun
	f.mu.Unlock()
	if err != nil {
		f.miss(begun, err)
	}
}

// Interrupted looks into the log at once; see [Listener].
func (f *Follower) Interrupted() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.urgent = true
	f.heard = false
	f.signal()
}

// Stalled returns since when a commit is known of and cannot be delivered.
func (f *Follower) Stalled() (since time.Time, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stalled, !f.stalled.IsZero()
}

// Delivered returns the number of the latest commit that was delivered.
func (f *Follower) Delivered() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.next - 1
}

// Stats returns the present numbers.
func (f *Follower) Stats() FollowerStats {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stats
	s.Held = len(f.held)
	if f.next > 0 {
		s.Behind = max(f.highest-f.next+1, 0)
	}
	if !f.behind.IsZero() {
		s.Lag = time.Since(f.behind)
	}
	return s
}

// Close delivers what is complete and returns when the goroutine has ended.
func (f *Follower) Close() {
	f.stop()
	<-f.done
}

// hold keeps a commit until its turn. It needs the lock.
func (f *Follower) hold(m Message) {
	if len(f.held) >= maxHeldCommits && m.Number != f.next {
		// It is read from the log later, like every commit that was not heard of.
		f.know(m.Number)
		f.signal()
		return
	}
	if f.bytes+len(m.Body) > f.opts.MaxHeld && m.Number != f.next {
		m.Events, m.Body, m.Missing = nil, nil, true
	}
	if old, ok := f.held[m.Number]; ok {
		f.bytes -= len(old.Body)
	}
	f.held[m.Number] = m
	f.bytes += len(m.Body)
	f.know(m.Number)
	f.signal()
}

// know notes that a commit exists. It needs the lock.
func (f *Follower) know(number int64) {
	f.highest = max(f.highest, number)
	f.heard = true
	if f.next > f.highest {
		return
	}
	now := time.Now()
	if f.stalled.IsZero() {
		f.stalled = now
	}
	if f.behind.IsZero() {
		f.behind = now
	}
}

// drop needs the lock.
func (f *Follower) drop(number int64, m Message) {
	delete(f.held, number)
	f.bytes -= len(m.Body)
}

func (f *Follower) signal() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (f *Follower) run(ctx context.Context) {
	defer close(f.done)
	poll := time.NewTicker(f.opts.Poll)
	defer poll.Stop()
	wait := time.NewTimer(f.opts.Wait)
	defer wait.Stop()
	failing := false
	var again time.Time // after a failure
	for {
		f.deliver()
		f.lost()
		if ctx.Err() != nil {
			return
		}
		delay, missing := f.missing()
		delay = max(delay, time.Until(again))
		if missing && delay <= 0 {
			err := f.repair(ctx)
			f.report(&failing, err)
			if err == nil {
				continue
			}
			delay = f.opts.Wait
			again = time.Now().Add(delay)
		}
		var due <-chan time.Time
		if missing {
			wait.Reset(delay)
			due = wait.C
		}
		select {
		case <-f.wake:
		case <-due:
		case <-poll.C:
			f.poll()
		case <-ctx.Done():
		}
	}
}

// report logs the first of several failures to read the log, and the end of them.
func (f *Follower) report(failing *bool, err error) {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, chat.ErrLogged): // the store logs the end of a fault, too
	case err != nil && !*failing:
		f.opts.Logger.Error("commits of other nodes cannot be read", "error", err)
		*failing = true
	case err == nil && *failing:
		f.opts.Logger.Info("commits of other nodes can be read again")
		*failing = false
	}
}

// poll asks for a look into the log, unless commits are coming.
func (f *Follower) poll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.heard {
		f.urgent = true
	}
	f.heard = false
}

// deliver delivers what is complete.
func (f *Follower) deliver() {
	for f.deliverOne() {
	}
}

// deliverOne delivers the commit whose turn it is, if it is there.
func (f *Follower) deliverOne() bool {
	<-f.turn
	defer f.leave()
	m, begun, ok := f.take()
	if !ok {
		return false
	}
	events := m.Events
	if events == nil && len(m.Body) > 0 {
		var err error
		if events, err = f.opts.Decode(m.Body); err != nil {
			f.miss(begun, fmt.Errorf("bus: commit %d of node %s: %w", m.Number, m.Node, err))
			return false
		}
	}
	if len(events) > 0 {
		f.opts.Deliver(events)
	}
	return true
}

// take takes out the commit whose turn it is.
func (f *Follower) take() (m Message, begun int, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m, ok = f.held[f.next]
	if !ok || m.Missing || f.replaced != nil {
		return Message{}, 0, false
	}
	f.drop(f.next, m)
	f.recent[m.Number%recentCommits] = recent{m.Number, m.At.UnixMilli(), m.Node}
	f.next++
	if f.next > f.highest {
		urgent := f.urgent
		f.caughtUp()
		f.urgent = urgent
	} else {
		f.since, f.stalled = time.Time{}, time.Now()
		f.release()
	}
	return m, f.begun, true
}

// missing reports whether the log is to be read, and how much later.
func (f *Follower) missing() (delay time.Duration, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.next == 0:
		return 0, false
	case f.urgent:
		return 0, true
	case f.next > f.highest:
		return 0, false
	case f.held[f.next].Missing:
		return 0, true
	}
	if f.since.IsZero() {
		f.since = time.Now()
	}
	return f.opts.Wait - time.Since(f.since), true
}

// repairLimit is how many commits are read from the log at once.
const repairLimit = 256

// repair takes missing commits from the log.
func (f *Follower) repair(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, f.opts.Timeout)
	defer cancel()
	f.mu.Lock()
	next, highest, begun := f.next, f.highest, f.begun
	f.urgent = false
	f.mu.Unlock()
	// Every commit before next has ended before these reads begin. So they see it, and all
	// commits up to last, unless the database or its log has lost them.
	last, err := f.log.LastCommit(ctx)
	if err != nil {
		return f.again(err)
	}
	if last < next-1 {
		f.miss(begun, fmt.Errorf("bus: the latest commit in the database is %d, although commit %d was delivered", last, next-1))
		return nil
	}
	if last < next {
		f.forget(last, highest)
		return nil
	}
	if replaced, err := f.isReplaced(ctx, next-1); err != nil || replaced {
		return err
	}
	commits, err := f.log.CommitsAfter(ctx, next-1, repairLimit)
	if err != nil {
		return f.again(err)
	}
	if len(commits) == 0 || commits[0].Number != next {
		f.miss(begun, fmt.Errorf("bus: the log does not have commit %d any more; the latest is %d", next, last))
		return nil
	}
	f.fill(commits, last)
	return nil
}

// isReplaced reports whether the log has another commit under the number of one that was delivered.
func (f *Follower) isReplaced(ctx context.Context, number int64) (bool, error) {
	if number <= 0 {
		return false, nil
	}
	commits, err := f.log.CommitsAfter(ctx, number-1, 1)
	if err != nil {
		return false, f.again(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(commits) > 0 {
		f.compare(commits[0])
	}
	return f.replaced != nil, nil
}

// again has the log read again after a failure.
func (f *Follower) again(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.urgent = true
	if f.stalled.IsZero() {
		f.stalled = time.Now()
	}
	return err
}

// fill holds commits of the log that the bus has not brought.
func (f *Follower) fill(commits []Commit, last int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range commits {
		if known, ok := f.held[c.Number]; c.Number < f.next || ok && !known.Missing {
			continue
		}
		f.stats.Repaired++
		f.hold(Message{Commit: c})
	}
	f.know(last)
	if last > commits[len(commits)-1].Number {
		f.urgent = true // the rest is read when these are delivered
	}
}

// forget drops messages of commits that the database does not have: it has gone back to an
// earlier state, or they came from another installation. heard is the latest commit that
// was known of before the database was asked.
func (f *Follower) forget(last, heard int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.highest != heard || f.highest <= last || f.next != last+1 {
		return
	}
	for number, m := range f.held {
		f.drop(number, m)
	}
	f.highest = last
	f.caughtUp()
}

// miss gives up what was not delivered, unless Begin was called since.
func (f *Follower) miss(begun int, err error) {
	f.mu.Lock()
	if f.begun != begun {
		f.mu.Unlock()
		return
	}
	f.next = 0
	f.replaced = nil
	for number, m := range f.held {
		f.drop(number, m)
	}
	f.caughtUp()
	f.stats.Missed++
	f.mu.Unlock()
	f.opts.Missed(err)
}
