package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/internal/store/storetest"
	"parley/test/postgres"
)

// node opens a store as a node of a cluster, which has joined it.
func node(t testing.TB, url, id string, with ...func(*store.Options)) *store.Store {
	t.Helper()
	o := store.Options{Database: url, Node: id, Encode: storetest.Encode, Decode: storetest.Decode, Readers: 2}
	for _, change := range with {
		change(&o)
	}
	s := open(t, o)
	if err := s.Join(t.Context(), store.NodeInfo{ID: id, Address: id + ".test:1", Version: "v1"}); err != nil {
		t.Fatal(err)
	}
	return s
}

// nodes opens several nodes on one database, of which the first leads.
func nodes(t testing.TB, url string, n int, with ...func(*store.Options)) (all []*store.Store) {
	t.Helper()
	for i := range n {
		all = append(all, node(t, url, fmt.Sprint("n", i+1), with...))
	}
	if leads, err := all[0].Lead(t.Context()); !leads {
		t.Fatalf("the first node does not lead (error %v)", err)
	}
	return all
}

// rotating is a store in which every call goes to another node.
type rotating struct {
	nodes []*store.Store
	next  atomic.Int64
}

func (r *rotating) node() *store.Store { return r.nodes[int(r.next.Add(1))%len(r.nodes)] }

func (r *rotating) Update(ctx context.Context, fn func(chat.Tx) error) error {
	return r.node().Update(ctx, fn)
}

func (r *rotating) View(ctx context.Context, fn func(chat.Tx) error) error {
	return r.node().View(ctx, fn)
}

func (r *rotating) Search(ctx context.Context, fn func(chat.Tx) error) error {
	return r.node().Search(ctx, fn)
}

// inOrder publishes the events of several nodes in the order of their commits, as a
// follower does. Two nodes may tell of their commits at the same moment.
type inOrder struct {
	publish func([]chat.Event)

	mu    sync.Mutex
	next  int64 // the number that is published next; 0: the first that comes
	early map[int64][]chat.Event
}

func (o *inOrder) commit(c store.Commit) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.next == 0 {
		o.next = c.Number
	}
	o.early[c.Number] = c.Events
	for events, ok := o.early[o.next]; ok; events, ok = o.early[o.next] {
		delete(o.early, o.next)
		o.next++
		if len(events) > 0 {
			o.publish(events)
		}
	}
}

// TestStoreOfNodes is the suite of every store on three nodes.
func TestStoreOfNodes(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	storetest.Run(t, func(t testing.TB, publish func([]chat.Event)) storetest.Subject {
		told := &inOrder{publish: publish, early: make(map[int64][]chat.Event)}
		all := nodes(t, server.Create(t), 3, func(o *store.Options) { o.Logged = told.commit })
		return storetest.Subject{Store: &rotating{nodes: all}, Verify: func(ctx context.Context) error {
			report, err := store.Verify(ctx, all[2])
			if err == nil && !report.OK() {
				err = errors.New(report.String())
			}
			return err
		}}
	})
}

// commitsAfter reads the whole log after a number.
func commitsAfter(t *testing.T, s *store.Store, number int64) (all []store.Commit) {
	t.Helper()
	for {
		some, err := s.CommitsAfter(t.Context(), number, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			return all
		}
		all, number = append(all, some...), some[len(some)-1].Number
	}
}

func lastCommit(t *testing.T, s *store.Store) int64 {
	t.Helper()
	last, err := s.LastCommit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return last
}

// TestCommitLog has three nodes commit at once, with functions that fail and functions
// that only read among them. The log has every commit once, without a gap, and what it says
// is what the nodes have told. A later transaction of another node knows what it must.
func TestCommitLog(t *testing.T) {
	url := postgres.Start(t, "fsync=off").Create(t)
	var mu sync.Mutex
	told := make(map[int64]store.Commit)
	var latest [3]int64
	known := make([]map[string]bool, 3) // the sockets of which a node has heard
	var all []*store.Store
	for i := range 3 {
		known[i] = make(map[string]bool)
		all = append(all, node(t, url, fmt.Sprint("n", i+1), func(o *store.Options) {
			o.Logged = func(c store.Commit) {
				mu.Lock()
				defer mu.Unlock()
				if c.Number <= latest[i] {
					t.Errorf("node %d told commit %d after %d", i+1, c.Number, latest[i])
				}
				latest[i] = c.Number
				told[c.Number] = c
			}
			o.Before = func(events []chat.Event) { // on the goroutine of the node's functions
				for _, e := range events {
					moved, ok := e.(chat.ViewerMoved)
					if !ok {
						continue
					}
					if moved.Node == fmt.Sprint("n", i+1) {
						t.Errorf("node %d hears of its own socket", i+1)
					}
					known[i][string(moved.Socket)] = true
				}
			}
			o.Missed = func() { t.Errorf("node %d missed something", i+1) }
		}))
	}
	if err := all[0].Update(t.Context(), func(tx chat.Tx) error {
		return errors.Join(account("a")(tx), account("nobody has moved")(tx))
	}); err != nil {
		t.Fatal(err)
	}
	start := lastCommit(t, all[0])
	refused := errors.New("refused")
	var wg sync.WaitGroup
	for worker := range 9 {
		wg.Go(func() {
			i, random := worker%3, rand.New(rand.NewPCG(1, uint64(worker)))
			for n := range 60 {
				name := fmt.Sprintf("%d-%d", worker, n)
				kind := random.IntN(4)
				err := all[i].Update(context.Background(), func(tx chat.Tx) error {
					// The name of the account is the latest socket that has moved on any node.
					a, err := tx.Account("a")
					if err != nil {
						return err
					}
					if mover, socket, ok := strings.Cut(a.Name, "/"); ok && mover != fmt.Sprint("n", i+1) && !known[i][socket] {
						t.Errorf("node %d does not know the socket %s", i+1, a.Name)
					}
					if kind == 0 {
						return nil
					}
					tx.Publish(chat.ViewerMoved{Node: fmt.Sprint("n", i+1), Socket: chat.SocketID(name), Account: "a"})
					tx.Publish(chat.AllRead{Account: chat.AccountID(name)})
					tx.Publish(chat.NodeGone{Node: "another"})
					if kind == 1 {
						return nil
					}
					a.Name = fmt.Sprintf("n%d/%s", i+1, name)
					if err := tx.UpdateAccount(a); err != nil {
						return err
					}
					if kind == 2 {
						return refused
					}
					return nil
				})
				if kind == 2 != errors.Is(err, refused) || kind != 2 && err != nil {
					t.Errorf("update of kind %d: %v", kind, err)
				}
			}
		})
	}
	wg.Wait()
	commits := commitsAfter(t, all[2], start)
	if got, want := int64(len(commits)), lastCommit(t, all[1])-start; got != want || got == 0 {
		t.Fatalf("the log has %d commits, want %d", got, want)
	}
	published := 0
	for i, c := range commits {
		if c.Number != start+int64(i)+1 {
			t.Fatalf("the log has commit %d at the place of %d", c.Number, start+int64(i)+1)
		}
		events, err := storetest.Decode(c.Body)
		if err != nil {
			t.Fatalf("commit %d: %v", c.Number, err)
		}
		published += len(events)
		own := told[c.Number]
		if c.Node != own.Node || !c.At.Equal(own.At) || string(c.Body) != string(own.Body) || !reflect.DeepEqual(events, own.Events) {
			t.Errorf("commit %d: the log has %+v, and its node told %+v", c.Number, c, own)
		}
		for _, e := range events {
			if !chat.ForDelivery(e) {
				t.Errorf("commit %d: the log has %T for delivery", c.Number, e)
			}
		}
	}
	for _, c := range told {
		if c.Number > start {
			published -= len(c.Events)
		}
	}
	if published != 0 {
		t.Errorf("the log and the nodes differ by %d events", published)
	}
}

// TestPrunedBacklog removes more commits than one statement removes.
func TestPrunedBacklog(t *testing.T) {
	url := postgres.Start(t, "fsync=off").Create(t)
	a := node(t, url, "a")
	db, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(t.Context())
	if _, err := db.Exec(t.Context(), "INSERT INTO commit_log (number, node, at) SELECT n, 'b', 0 FROM generate_series(-12000, -1) n"); err != nil {
		t.Fatal(err)
	}
	if pruned, err := a.PruneCommits(t.Context(), time.Hour); err != nil || pruned != 12000 {
		t.Errorf("got %d, %v, want the 12000 old ones removed", pruned, err)
	}
	if kept, err := a.CommitsAfter(t.Context(), 0, 10); err != nil || len(kept) == 0 {
		t.Errorf("got %d commits, %v, want those of this hour", len(kept), err)
	}
}

// TestPrunedLog removes the part of the log that a node has not read. The node then forgets
// what it remembers of rows, and hears that it has missed events.
func TestPrunedLog(t *testing.T) {
	url := postgres.Start(t, "fsync=off").Create(t)
	missed := 0
	a, b := node(t, url, "a"), node(t, url, "b", func(o *store.Options) { o.Missed = func() { missed++ } })
	do := func(s *store.Store, fn func(chat.Tx) error) {
		t.Helper()
		if err := s.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	name := func(tx chat.Tx) string {
		one, err := tx.Account("one")
		if err != nil {
			t.Error(err)
		}
		return one.Name
	}
	rename := func(to string) func(chat.Tx) error {
		return func(tx chat.Tx) error {
			one, err := tx.Account("one")
			one.Name = to
			return errors.Join(err, tx.UpdateAccount(one))
		}
	}
	do(a, account("one"))
	do(b, func(tx chat.Tx) error { name(tx); return nil })
	start := lastCommit(t, a)
	for _, to := range []string{"First", "Second", "Third"} {
		do(a, rename(to))
	}
	if pruned, err := a.PruneCommits(t.Context(), time.Hour); err != nil || pruned != 0 {
		t.Errorf("got %d, %v, want that nothing is old enough", pruned, err)
	}
	if pruned, err := a.PruneCommits(t.Context(), -time.Hour); err != nil || pruned < 3 {
		t.Errorf("got %d, %v, want that all were removed", pruned, err)
	}
	if _, err := b.CommitsAfter(t.Context(), start, 100); !errors.Is(err, store.ErrNotLogged) {
		t.Errorf("got %v, want %v", err, store.ErrNotLogged)
	}
	do(b, func(tx chat.Tx) error {
		if got := name(tx); got != "Third" {
			t.Errorf("got name %q, want the one that was committed", got)
		}
		return nil
	})
	if missed != 1 {
		t.Errorf("the node was told %d times that it missed something, want once", missed)
	}
	do(a, rename("Fourth"))
	do(b, func(tx chat.Tx) error {
		if got := name(tx); got != "Fourth" {
			t.Errorf("got name %q, want the one that was committed", got)
		}
		return nil
	})
	if missed != 1 {
		t.Errorf("the node was told %d times that it missed something, want once", missed)
	}
}

// TestLeader ends the connection of the leader: another node then leads, and the former
// leader notices. A leader that is silent is replaced, too.
func TestLeader(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	url := server.Create(t)
	all := nodes(t, url, 2)
	lead := func(s *store.Store) bool {
		t.Helper()
		leads, err := s.Lead(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return leads
	}
	if !lead(all[0]) || lead(all[1]) {
		t.Fatal("want that the first node leads, and it alone")
	}
	// The second node stays in touch, and the first does not.
	until(t, func() bool { return lead(all[1]) })
	if lead(all[0]) {
		t.Error("a leader that was silent still leads")
	}
	if err := all[1].Close(); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return lead(all[0]) })

	server.Kill(syscall.SIGQUIT)
	if leads, err := all[0].Lead(t.Context()); leads || err == nil {
		t.Errorf("got %t, %v, want an error without a server", leads, err)
	}
	if err := server.Run(); err != nil {
		t.Fatal(err)
	}
	if !lead(all[0]) {
		t.Error("no node leads after a restart of the server")
	}
	if leads, err := open(t, store.Options{Database: server.Create(t)}).Lead(t.Context()); !leads || err != nil {
		t.Errorf("got %t, %v, want that a store that is not one of several leads", leads, err)
	}
}

// until waits for a condition.
func until(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !ok(); {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen within two minutes")
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// TestIndexOfNodes searches on a node that does not lead for what another such node has stored.
func TestIndexOfNodes(t *testing.T) {
	url := postgres.Start(t, "fsync=off").Create(t)
	all := nodes(t, url, 3)
	var c chat.Conversation
	send := func(s *store.Store, words string) {
		t.Helper()
		if err := s.Update(t.Context(), func(tx chat.Tx) error {
			return tx.AppendMessage(&chat.Message{Content: chat.Content{Type: chat.TypeText, Text: words}, Conversation: c.ID, From: "one", At: time.Now()})
		}); err != nil {
			t.Fatal(err)
		}
	}
	find := func(s *store.Store, words string) (found int) {
		t.Helper()
		if err := s.Search(t.Context(), func(tx chat.Tx) error {
			m, err := tx.FindMessages("one", chat.FindMessages{Text: words, Limit: 10})
			found = len(m.Messages)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return found
	}
	if err := all[1].Update(t.Context(), func(tx chat.Tx) (err error) {
		if err := errors.Join(account("one")(tx), account("two")(tx)); err != nil {
			return err
		}
		c, err = tx.CreateDirectConversation("one", "two", time.Now())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	send(all[1], "an indexed word")
	for _, s := range all {
		if err := s.Indexed(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	send(all[2], "another word")
	for i, s := range all {
		if got := find(s, "word"); got != 2 {
			t.Errorf("node %d finds %d messages, want 2", i+1, got)
		}
	}
	if report, err := store.Verify(t.Context(), all[2]); err != nil || !report.OK() {
		t.Errorf("verify: %v\n%s", err, report)
	}
}

// TestClaims opens a database in every way while another process has it open.
func TestClaims(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	url := server.Create(t)
	asNode := store.Options{Database: url, Node: "n", Encode: storetest.Encode, Decode: storetest.Decode}
	refused := func(what string, o store.Options, is error, says string) {
		t.Helper()
		s, err := store.Open(t.Context(), o)
		if err == nil {
			_ = s.Close()
		}
		if !errors.Is(err, store.ErrInUse) || is != nil && !errors.Is(err, is) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %v that says %q", what, err, store.ErrInUse, says)
		}
	}
	one := node(t, url, "one")
	two := node(t, url, "two")
	refused("a server beside nodes", store.Options{Database: url, Alone: true}, store.ErrCluster, "nodes of a cluster serve the database")
	for _, s := range []*store.Store{one, two} {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	alone := open(t, store.Options{Database: url, Alone: true})
	refused("a node beside a server", asNode, nil, "must be alone")
	refused("a server beside a server", store.Options{Database: url, Alone: true}, nil, "must be alone")
	// It may be read, and is brought up to date without taking a number.
	if _, err := store.Migrate(t.Context(), store.Options{Database: url}); err != nil {
		t.Error(err)
	}
	if err := alone.Close(); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]store.Options{
		"SQLite": {Path: t.TempDir(), Node: "n", Encode: storetest.Encode, Decode: storetest.Decode},
		"alone":  {Database: url, Node: "n", Encode: storetest.Encode, Decode: storetest.Decode, Alone: true},
		"silent": {Database: url, Node: "n"},
	} {
		if s, err := store.Open(t.Context(), o); err == nil || errors.Is(err, store.ErrInUse) {
			t.Errorf("%s: got %v, want that it is refused", name, err)
			_ = s.Close()
		}
	}
}

// TestNodes lets nodes come, be silent and go. A node that was declared gone writes nothing
// any more, even where it has not asked yet, until it has a new id.
func TestNodes(t *testing.T) {
	url := postgres.Start(t, "fsync=off").Create(t)
	var heard []chat.Event
	a := node(t, url, "a", func(o *store.Options) { o.Before = func(e []chat.Event) { heard = append(heard, e...) } })
	b, c := node(t, url, "b"), node(t, url, "c")
	list := func() (ids []string) {
		t.Helper()
		all, err := a.Nodes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range all {
			if n.Address != n.ID+".test:1" || n.Version != "v1" || n.StartedAt.IsZero() || n.SeenAt.Before(n.StartedAt) {
				t.Errorf("got node %+v", n)
			}
			ids = append(ids, n.ID)
		}
		return ids
	}
	if got := fmt.Sprint(list()); got != "[a b c]" {
		t.Errorf("got nodes %s", got)
	}
	if id, err := a.DatabaseID(t.Context()); err != nil || len(id) != 32 {
		t.Errorf("got database id %q, %v", id, err)
	}
	if err := b.Beat(t.Context(), `{"busy":1}`); err != nil {
		t.Error(err)
	}
	// A node that joins again before its next sign of life keeps its figures.
	if err := b.Join(t.Context(), store.NodeInfo{ID: "b", Address: "b.test:1", Version: "v1"}); err != nil {
		t.Error(err)
	}
	all, err := a.Nodes(t.Context())
	if err != nil || len(all) != 3 || all[0].Figures != "" || all[1].Figures != `{"busy":1}` || all[2].Figures != "" {
		t.Errorf("got %+v, %v, want the figures of b", all, err)
	}
	if size, err := a.DatabaseSize(t.Context()); err != nil || size < 1<<20 {
		t.Errorf("got a database of %d bytes, %v, want more than one MiB", size, err)
	}
	if gone, err := a.RemoveSilent(t.Context(), time.Hour); err != nil || len(gone) != 0 {
		t.Errorf("got %v, %v, want that nobody was silent for so long", gone, err)
	}
	gone, err := a.RemoveSilent(t.Context(), -time.Hour)
	if err != nil || len(gone) != 2 {
		t.Errorf("got %v, %v, want the other two", gone, err)
	}
	if got := fmt.Sprint(list()); got != "[a]" {
		t.Errorf("got nodes %s", got)
	}
	if err := b.Update(t.Context(), account("late")); !errors.Is(err, store.ErrNodeGone) {
		t.Errorf("an update of a node that is gone: got %v, want %v", err, store.ErrNodeGone)
	}
	for name, s := range map[string]*store.Store{"b": b, "c": c} {
		if err := s.Beat(t.Context(), ""); !errors.Is(err, store.ErrNodeGone) {
			t.Errorf("beat of %s: got %v, want %v", name, err, store.ErrNodeGone)
		}
		if _, err := s.Lead(t.Context()); !errors.Is(err, store.ErrNodeGone) {
			t.Errorf("lead of %s: got %v, want %v", name, err, store.ErrNodeGone)
		}
	}
	if err := c.Join(t.Context(), store.NodeInfo{ID: "c", Address: "c.test:1", Version: "v1"}); !errors.Is(err, store.ErrNodeGone) {
		t.Errorf("joining with the old id: got %v, want %v", err, store.ErrNodeGone)
	}
	if err := b.Join(t.Context(), store.NodeInfo{ID: "b2", Address: "b2.test:1", Version: "v1"}); err != nil {
		t.Fatal(err)
	}
	for _, do := range []func() error{
		func() error { return b.Beat(t.Context(), "") },
		func() error { return b.Update(t.Context(), account("back")) },
		func() error { return a.Beat(t.Context(), "") },
		func() error { return b.Leave(t.Context()) },
		func() error { return a.Beat(t.Context(), "") },
	} {
		if err := do(); err != nil {
			t.Error(err)
		}
	}
	if err := b.Update(t.Context(), account("left")); !errors.Is(err, store.ErrNodeGone) {
		t.Errorf("an update of a node that has left: got %v, want %v", err, store.ErrNodeGone)
	}
	if got := fmt.Sprint(list()); got != "[a]" {
		t.Errorf("got nodes %s", got)
	}
	if got := fmt.Sprint(accounts(t, a)); got != "[back]" {
		t.Errorf("got accounts %s, want [back]", got)
	}
	if got := fmt.Sprint(heard); got != "[{b2}]" {
		t.Errorf("the first node heard %s, want that b2 is gone", got)
	}
	commits := commitsAfter(t, a, 0)
	if last := commits[len(commits)-1]; last.Node != "b2" || last.Number != lastCommit(t, a) {
		t.Errorf("got the last commit %+v", last)
	}
}

// TestNodeGoneUnread declares a node gone and prunes the log before the node writes again.
func TestNodeGoneUnread(t *testing.T) {
	url := postgres.Start(t, "fsync=off").Create(t)
	a, b := node(t, url, "a"), node(t, url, "b")
	if _, err := a.RemoveSilent(t.Context(), -time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := a.PruneCommits(t.Context(), -time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := b.Update(t.Context(), account("late")); !errors.Is(err, store.ErrNodeGone) {
		t.Errorf("got %v, want %v", err, store.ErrNodeGone)
	}
}
