package bus

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/chat"
)

// memoryLog is a log of commits in memory.
type memoryLog struct {
	mu      sync.Mutex
	commits []Commit // number 1 is the first
	pruned  int64    // the latest that is no longer there
	fault   error
	reads   atomic.Int64
}

func (l *memoryLog) CommitsAfter(_ context.Context, number int64, limit int) ([]Commit, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads.Add(1)
	if l.fault != nil {
		return nil, l.fault
	}
	rest := l.commits[min(max(number, l.pruned), int64(len(l.commits))):]
	return slices.Clone(rest[:min(limit, len(rest))]), nil
}

func (l *memoryLog) LastCommit(context.Context) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int64(len(l.commits)), l.fault
}

func (l *memoryLog) set(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

// event is the event of a commit in these tests.
func event(number int64) chat.Event {
	return chat.AllRead{Account: chat.AccountID(fmt.Sprint(number))}
}

// add commits and returns the commit as its own node has it.
func (l *memoryLog) add(t testing.TB, node string) Commit {
	t.Helper()
	return l.addOf(t, node, "")
}

// addOf is add with an event of that account; empty: that of the number.
func (l *memoryLog) addOf(t testing.TB, node string, account chat.AccountID) Commit {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	number := int64(len(l.commits) + 1)
	events := []chat.Event{event(number)}
	if account != "" {
		events[0] = chat.AllRead{Account: account}
	}
	body, err := Encode(events)
	if err != nil {
		t.Fatal(err)
	}
	c := Commit{Number: number, Node: node, At: time.Now(), Body: body}
	l.commits = append(l.commits, c)
	c.Events = events
	return c
}

// delivered are the accounts of the delivered events.
type delivered struct {
	mu  sync.Mutex
	all []string
}

func (d *delivered) deliver(events []chat.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range events {
		d.all = append(d.all, string(e.(chat.AllRead).Account))
	}
}

func (d *delivered) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return fmt.Sprint(d.all)
}

// follow starts a follower at the present commit.
func follow(t *testing.T, log Log, o FollowerOptions) (*Follower, *delivered) {
	t.Helper()
	d := &delivered{}
	if o.Deliver == nil {
		o.Deliver = d.deliver
	}
	f := NewFollower(o, log)
	t.Cleanup(f.Close)
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return f, d
}

func heard(c Commit) Message {
	c.Events = nil
	return Message{Commit: c}
}

func TestFollower_OrderAndDuplicates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memoryLog{}
		log.add(t, "b") // before the start
		f, got := follow(t, log, FollowerOptions{})
		own2, other3, other4, own5 := log.add(t, "a"), log.add(t, "b"), log.add(t, "c"), log.add(t, "a")
		f.Own(own2)
		f.Own(own5)
		f.Hear(heard(other4))
		synctest.Wait()
		if got.String() != "[2]" {
			t.Errorf("got %s, want [2] only while 3 is missing", got)
		}
		f.Hear(heard(other3))
		f.Hear(heard(other4))
		f.Hear(heard(other3))
		synctest.Wait()
		if got.String() != "[2 3 4 5]" {
			t.Errorf("got %s, want [2 3 4 5]", got)
		}
		f.Hear(heard(other4))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if s := f.Stats(); got.String() != "[2 3 4 5]" || s.Duplicates != 3 || s.Received != 5 || s.Repaired != 0 || s.Behind != 0 || s.Lag != 0 {
			t.Errorf("got %s and %+v", got, s)
		}
	})
}

// Events of an own commit are delivered as they were published.
func TestFollower_OwnEventsAreNotDecoded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memoryLog{}
		f, got := follow(t, log, FollowerOptions{Decode: func([]byte) ([]chat.Event, error) { return nil, errors.New("decoded") }})
		f.Own(log.add(t, "a"))
		f.Own(log.add(t, "a"))
		synctest.Wait()
		if got.String() != "[1 2]" {
			t.Errorf("got %s, want [1 2]", got)
		}
	})
}

func TestFollower_Repair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memoryLog{}
		f, got := follow(t, log, FollowerOptions{})
		log.add(t, "b") // its node died before it published
		f.Own(log.add(t, "a"))
		time.Sleep(199 * time.Millisecond)
		synctest.Wait()
		if got.String() != "[]" || log.reads.Load() != 0 {
			t.Errorf("got %s after %d reads, want to wait for the bus", got, log.reads.Load())
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if s := f.Stats(); got.String() != "[1 2]" || s.Repaired != 1 {
			t.Errorf("got %s, %+v, want [1 2]", got, s)
		}

		for range 3 * repairLimit { // nobody tells of them
			log.add(t, "b")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if s := f.Stats(); f.Delivered() != 2+3*repairLimit || s.Repaired != 1+3*repairLimit {
			t.Errorf("delivered up to %d, %+v", f.Delivered(), s)
		}
		for i, number := range got.all {
			if number != fmt.Sprint(i+1) {
				t.Fatalf("got %s at place %d", number, i)
			}
		}
	})
}

// A node without the database whose bus goes on kept every commit that it heard of.
func TestFollower_HoldsSome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memoryLog{}
		f, got := follow(t, log, FollowerOptions{})
		log.set(func() { log.fault = errors.New("the database is away") })
		log.add(t, "b") // it does not come over the bus
		last := int64(maxHeldCommits + 1000)
		for range last - 1 {
			f.Hear(heard(log.add(t, "b")))
		}
		f.mu.Lock()
		held := len(f.held)
		f.mu.Unlock()
		if held != maxHeldCommits {
			t.Errorf("got %d commits held, want %d", held, maxHeldCommits)
		}
		log.set(func() { log.fault = nil })
		for range 600 {
			time.Sleep(time.Second)
			synctest.Wait()
		}
		if f.Delivered() != last || len(got.all) != int(last) || got.all[last-1] != fmt.Sprint(last) {
			t.Errorf("delivered %d events up to %d, want all %d once", len(got.all), f.Delivered(), last)
		}
	})
}

// A message without events and the end of an interruption are no reason to wait.
func TestFollower_RepairAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memoryLog{}
		f, got := follow(t, log, FollowerOptions{})
		f.Hear(Message{Commit: Commit{Number: log.add(t, "b").Number, Node: "b"}, Missing: true})
		synctest.Wait()
		if got.String() != "[1]" {
			t.Errorf("a message without events: got %s, want [1]", got)
		}
		log.add(t, "b")
		f.Interrupted()
		synctest.Wait()
		if got.String() != "[1 2]" {
			t.Errorf("an interruption: got %s, want [1 2]", got)
		}
	})
}

func TestFollower_DatabaseAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memoryLog{}
		f, got := follow(t, log, FollowerOptions{})
		log.add(t, "b")
		log.set(func() { log.fault = errors.New("away") })
		f.Own(log.add(t, "a"))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		since, stalled := f.Stalled()
		if got.String() != "[]" || !stalled || time.Since(since) != 5*time.Second {
			t.Errorf("got %s, stalled %v since %v", got, stalled, since)
		}
		if s := f.Stats(); s.Behind != 2 || s.Lag != 5*time.Second {
			t.Errorf("got %+v, want to be 2 commits and 5 s behind", s)
		}
		log.set(func() { log.fault = nil })
		time.Sleep(time.Second)
		synctest.Wait()
		if _, stalled := f.Stalled(); got.String() != "[1 2]" || stalled {
			t.Errorf("got %s, stalled %v, want [1 2]", got, stalled)
		}
	})
}

// A follower reports commits that the log no longer has. It never skips them silently.
func TestFollower_Missed(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(*memoryLog)
		want string // after the next Begin
	}{
		"pruned":     {func(l *memoryLog) { l.pruned = 2 }, "[1 4 5]"},
		"all pruned": {func(l *memoryLog) { l.pruned = 3 }, "[1 4 5]"},
		"gone back":  {func(l *memoryLog) { l.commits = l.commits[:0] }, "[1 1 2]"},
		"unreadable": {func(l *memoryLog) { l.commits[1].Body = []byte{99} }, "[1 4 5]"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &memoryLog{}
				missed := make(chan error, 10)
				f, got := follow(t, log, FollowerOptions{Missed: func(err error) { missed <- err }})
				f.Own(log.add(t, "a"))
				synctest.Wait()
				log.add(t, "b")
				log.add(t, "b")
				log.set(func() { c.harm(log) })
				time.Sleep(3 * time.Second)
				synctest.Wait()
				if len(missed) != 1 || got.String() != "[1]" {
					t.Fatalf("missed %d times, got %s, want to stop once after [1]", len(missed), got)
				}
				if err := f.Begin(t.Context()); err != nil {
					t.Fatal(err)
				}
				f.Own(log.add(t, "a"))
				log.add(t, "b")
				time.Sleep(3 * time.Second)
				synctest.Wait()
				if len(missed) != 1 || got.String() != c.want {
					t.Errorf("missed %d times, got %s, want %s", len(missed), got, c.want)
				}
			})
		})
	}
}

// A database that had lost commits, as after a change to a standby, was not noticed if other nodes had
// used the lost numbers again before the next look: their commits counted as repetitions.
func TestFollower_NumbersUsedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		delivered int
		tell      func(f *Follower, again []Commit)
	}{
		"heard":       {100, func(f *Follower, again []Commit) { f.Hear(heard(again[0])) }},
		"own":         {100, func(f *Follower, again []Commit) { f.Own(again[1]) }},
		"interrupted": {100, func(f *Follower, _ []Commit) { f.Interrupted() }},
		"unheard":     {100, func(*Follower, []Commit) {}},
		"all": {100, func(f *Follower, again []Commit) {
			for _, commit := range again {
				f.Hear(heard(commit))
			}
		}},
		// Those that wait for an earlier commit are replaced by those of the log.
		"held": {95, func(f *Follower, again []Commit) {
			for _, commit := range again[1:] {
				f.Hear(heard(commit))
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &memoryLog{}
				missed := make(chan error, 10)
				f, got := follow(t, log, FollowerOptions{Missed: func(err error) { missed <- err }})
				for number := 1; number <= 100; number++ {
					commit := log.add(t, "b")
					if number <= c.delivered || number > 96 { // 96 is still on its way
						f.Hear(heard(commit))
					}
				}
				synctest.Wait()
				if f.Delivered() != int64(c.delivered) {
					t.Fatalf("delivered up to %d, want %d", f.Delivered(), c.delivered)
				}
				log.set(func() { log.commits = log.commits[:95] })
				time.Sleep(time.Millisecond)
				var again []Commit
				for range 6 {
					again = append(again, log.addOf(t, "c", "again"))
				}
				c.tell(f, again)
				time.Sleep(3 * time.Second)
				synctest.Wait()
				if c.delivered == 95 {
					if want := "again again again again again again]"; len(missed) != 0 || !strings.HasSuffix(got.String(), " 95 "+want) {
						t.Errorf("missed %d times, got %s, want what the database has", len(missed), got)
					}
					return
				}
				if len(missed) != 1 || f.Delivered() != -1 || !strings.HasSuffix(got.String(), " 100]") {
					t.Fatalf("missed %d times, got %s, want to stop once after 100", len(missed), got)
				}
				if err := f.Begin(t.Context()); err != nil {
					t.Fatal(err)
				}
				for _, commit := range again {
					f.Hear(heard(commit)) // these are repetitions now
				}
				f.Hear(heard(log.addOf(t, "c", "later")))
				time.Sleep(3 * time.Second)
				synctest.Wait()
				if len(missed) != 1 || !strings.HasSuffix(got.String(), " 100 later]") {
					t.Errorf("missed %d times, got %s, want to go on", len(missed), got)
				}
			})
		})
	}
}

// After an interruption of the bus, a node tells the number of its latest commit, without its node and time. Where that commit was
// delivered already, the message counted as another commit with its number, and the node closed its clients.
func TestFollower_OnlyTheNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memoryLog{}
		missed := make(chan error, 10)
		f, got := follow(t, log, FollowerOptions{Missed: func(err error) { missed <- err }})
		first, second := log.add(t, "b"), log.add(t, "b")
		f.Hear(heard(first))
		synctest.Wait()
		f.Hear(Message{Commit: Commit{Number: first.Number}, Missing: true})
		f.Hear(heard(log.add(t, "b")))
		f.Hear(Message{Commit: Commit{Number: 3}, Missing: true}) // 3 is held
		f.Hear(heard(second))
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if len(missed) != 0 || got.String() != "[1 2 3]" {
			t.Errorf("missed %d times, got %s, want [1 2 3]", len(missed), got)
		}
	})
}

// Messages of another installation with the same subject, or of commits that a restored
// database does not have, held up what came after them.
func TestFollower_ForeignMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memoryLog{}
		f, got := follow(t, log, FollowerOptions{})
		f.Hear(Message{Commit: Commit{Number: 1000, Node: "x"}})
		f.Hear(Message{Commit: Commit{Number: 1, Node: "x"}, Missing: true})
		f.Hear(Message{Commit: Commit{Number: -1, Node: "x"}})
		time.Sleep(time.Second)
		synctest.Wait()
		if s := f.Stats(); s.Behind != 0 || s.Held != 0 {
			t.Errorf("got %+v, want the messages dropped", s)
		}
		f.Own(log.add(t, "a"))
		synctest.Wait()
		if _, stalled := f.Stalled(); got.String() != "[1]" || stalled {
			t.Errorf("got %s, stalled %v, want [1]", got, stalled)
		}
	})
}

func TestFollower_HoldsNoMoreThanAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memoryLog{}
		f, got := follow(t, log, FollowerOptions{MaxHeld: 100})
		log.add(t, "b")
		for range 20 {
			f.Own(log.add(t, "a"))
		}
		f.mu.Lock()
		if f.bytes > 100 {
			t.Errorf("holds %d bytes", f.bytes)
		}
		f.mu.Unlock()
		time.Sleep(time.Second)
		synctest.Wait()
		if f.Delivered() != 21 || len(got.all) != 21 {
			t.Errorf("got %s", got)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.bytes != 0 || len(f.held) != 0 {
			t.Errorf("still holds %d commits, %d bytes", len(f.held), f.bytes)
		}
	})
}

// AwaitOwn is what a node that ends waits for.
func TestFollower_AwaitOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memoryLog{}
		f, got := follow(t, log, FollowerOptions{})
		if err := f.AwaitOwn(t.Context()); err != nil {
			t.Errorf("with nothing to wait for: %v", err)
		}
		log.add(t, "b")
		f.Own(log.add(t, "a"))
		short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := f.AwaitOwn(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the context", err)
		}
		if err := f.AwaitOwn(t.Context()); err != nil || got.String() != "[1 2]" {
			t.Errorf("got %v and %s, want [1 2]", err, got)
		}
	})
}

// Begin returns only when nothing earlier is being delivered.
func TestFollower_BeginWaitsForDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memoryLog{}
		let := make(chan struct{})
		f, _ := follow(t, log, FollowerOptions{Deliver: func([]chat.Event) { <-let }})
		f.Own(log.add(t, "a"))
		synctest.Wait()
		begun := make(chan error, 1)
		go func() { begun <- f.Begin(t.Context()) }()
		synctest.Wait()
		if len(begun) > 0 {
			t.Error("Begin returned during a delivery")
		}
		close(let)
		if err := <-begun; err != nil {
			t.Error(err)
		}
	})
}

// lossy passes messages on late, twice, or not at all.
type lossy struct {
	to  *Follower
	rnd *rand.Rand
}

func (l *lossy) send(m Message) {
	for range []int{0, 1, 1, 1, 2}[l.rnd.IntN(5)] {
		m := m
		if l.rnd.IntN(20) == 0 {
			m.Body, m.Missing = nil, true
		}
		delay := time.Duration(l.rnd.IntN(300)) * time.Millisecond
		time.AfterFunc(delay, func() { l.to.Hear(m) })
	}
}

// TestFollower_EveryNodeShowsOneOrder commits on three nodes at random times over a bus
// that loses, repeats and reorders.
func TestFollower_EveryNodeShowsOneOrder(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			log := &memoryLog{}
			names := []string{"a", "b", "c"}
			var followers []*Follower
			var shown []*delivered
			for range names {
				f, d := follow(t, log, FollowerOptions{MaxHeld: 500 + rnd.IntN(5000), Missed: func(err error) { t.Errorf("missed: %v", err) }})
				followers, shown = append(followers, f), append(shown, d)
			}
			for range 300 {
				i := rnd.IntN(len(names))
				c := log.add(t, names[i])
				followers[i].Own(c)
				for j := range names {
					if j != i {
						(&lossy{followers[j], rnd}).send(heard(c))
					}
				}
				if rnd.IntN(50) == 0 {
					followers[rnd.IntN(len(names))].Interrupted()
				}
				time.Sleep(time.Duration(rnd.IntN(30)) * time.Millisecond)
			}
			time.Sleep(10 * time.Second)
			synctest.Wait()
			for i, d := range shown {
				if len(d.all) != 300 {
					t.Errorf("seed %d: node %s shows %d events, want 300", seed, names[i], len(d.all))
				}
				for n, got := range d.all {
					if got != fmt.Sprint(n+1) {
						t.Fatalf("seed %d: node %s shows %s at place %d", seed, names[i], got, n+1)
					}
				}
			}
		})
	}
}
