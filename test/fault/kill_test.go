package fault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"parley/socketio/socketiotest"
	"parley/test/postgres"
)

// The test's rules:
//
//  1. A message whose send was acknowledged is in the history once, under the
//     acknowledged id, for its sender and for every receiver.
//  2. A message whose send was not acknowledged is sent again with the same
//     waitingid until it is, and is in the history once as well.
//  3. The messages of one sender stand in the order in which they were sent.
//  4. Every unread figure is the number of messages of others; `parley verify`
//     recounts the rest.
//  5. No socket receives a message twice or out of order.
//
// PARLEY_SOAK, a duration, makes it go on for so long; otherwise there are four kills.
func TestKill(t *testing.T) {
	killAgainAndAgain(t)
}

// TestKillOnPostgreSQL kills the server, not the database.
func TestKillOnPostgreSQL(t *testing.T) {
	t.Setenv("PARLEY_DATABASE", postgres.Start(t).Create(t))
	killAgainAndAgain(t)
}

func killAgainAndAgain(t *testing.T) {
	t.Helper()
	binary := build(t)
	folder := t.TempDir()
	enough := untilEnough(t)
	w := newWorld()

	for round := 0; !enough(round); round++ {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		server, err := Start(ctx, binary, folder)
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			if err := w.populate(ctx, server); err != nil {
				t.Fatal(err)
			}
		}
		kill := time.AfterFunc(time.Duration(100+rand.IntN(700))*time.Millisecond, server.Kill)
		w.load(ctx, t, server)
		if kill.Stop() {
			t.Fatal("the load ended before the server was killed")
		}
		cancel()
	}

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	server, err := Start(ctx, binary, folder)
	if err != nil {
		t.Fatal(err)
	}
	w.settle(ctx, t, server)
	w.check(ctx, t, server)
	if err := server.Stop(); err != nil {
		t.Errorf("after SIGTERM: got %v, want exit code 0", err)
	}
	if out, err := exec.Command(binary, "verify", "--data", folder).CombinedOutput(); err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}
	t.Logf("%d messages of %d accounts", len(w.acknowledged), len(w.people))
}

func build(t *testing.T) string {
	t.Helper()
	if binary := os.Getenv("PARLEY_BIN"); binary != "" {
		return binary
	}
	binary := filepath.Join(t.TempDir(), "parley")
	if out, err := exec.Command("go", "build", "-o", binary, "parley/cmd/parley").CombinedOutput(); err != nil {
		t.Fatalf("building the server: %v\n%s", err, out)
	}
	return binary
}

// untilEnough returns whether the rounds so far were enough.
func untilEnough(t *testing.T) func(rounds int) bool {
	soak := os.Getenv("PARLEY_SOAK")
	if soak == "" {
		return func(rounds int) bool { return rounds == 4 }
	}
	length, err := time.ParseDuration(soak)
	if err != nil {
		t.Fatal(err)
	}
	end := time.Now().Add(length)
	return func(int) bool { return time.Now().After(end) }
}

// world is what the clients know.
type world struct {
	people []*person
	groups []group

	mu           sync.Mutex
	acknowledged map[string]string // text → message id
}

type person struct {
	id, token string
	world     *world
	sent      int      // messages made so far
	pending   *message // made, perhaps sent, not acknowledged
	history   []message
}

// message is one send; its text is its waitingid, which is unique.
type message struct {
	text, target string
	group        bool
}

type group struct {
	id      string
	members []*person
}

func newWorld() *world { return &world{acknowledged: map[string]string{}} }

func (w *world) populate(ctx context.Context, s *Server) error {
	var organization, account, issued struct{ ID, Token string }
	if err := s.Host(ctx, "POST", "/organizations", map[string]any{"name": "Load"}, &organization); err != nil {
		return err
	}
	var ids []string
	for n := range 12 {
		if err := s.Host(ctx, "POST", "/accounts", map[string]any{"name": fmt.Sprintf("Load %d", n)}, &account); err != nil {
			return err
		}
		if err := s.Host(ctx, "POST", "/accounts/"+account.ID+"/tokens", map[string]any{}, &issued); err != nil {
			return err
		}
		w.people = append(w.people, &person{id: account.ID, token: issued.Token, world: w})
		ids = append(ids, account.ID)
	}
	if err := s.Host(ctx, "POST", "/organizations/"+organization.ID+"/members", map[string]any{"accounts": ids}, nil); err != nil {
		return err
	}
	for n := range 3 {
		size := 4 * (n + 1)
		body := map[string]any{"name": fmt.Sprintf("Load %d", n), "creator": ids[0], "members": ids[1:size], "kind": "group"}
		var made struct{ ID string }
		if err := s.Host(ctx, "POST", "/groups", body, &made); err != nil {
			return err
		}
		w.groups = append(w.groups, group{id: made.ID, members: w.people[:size]})
	}
	return nil
}

// load lets everybody talk, over every transport, until the server is gone.
func (w *world) load(ctx context.Context, t *testing.T, s *Server) {
	var wait sync.WaitGroup
	for n, p := range w.people {
		wait.Go(func() {
			client, err := s.Connect(ctx, p.token, 3+n%2, []string{"websocket", "polling"}[n/2%2])
			if err != nil {
				return // killed before it was connected
			}
			defer client.Close()
			last := lastSeen{}
			for p.speak(ctx, client) {
				if err := last.see(client.Drain()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}

// settle sends what is not acknowledged yet.
func (w *world) settle(ctx context.Context, t *testing.T, s *Server) {
	for _, p := range w.people {
		client, err := s.Connect(ctx, p.token, 4, "websocket")
		if err != nil {
			t.Fatal(err)
		}
		for p.pending != nil {
			if !p.speak(ctx, client) {
				t.Fatalf("%s could not send what was left", p.id)
			}
		}
		client.Close()
	}
}

// speak sends the pending message, or a new one where there is none, and
// reports whether it was acknowledged.
func (p *person) speak(ctx context.Context, client *socketiotest.Client) bool {
	if p.pending == nil {
		p.pending = p.compose()
	}
	m := p.pending
	event, field := "send message", "touser"
	if m.group {
		event, field = "send group message", "togroup"
	}
	answer, err := client.Request(ctx, event, map[string]any{field: m.target, "msg": m.text, "type": 1, "waitingid": m.text})
	if err != nil || len(answer) != 2 {
		return false
	}
	var result struct{ ID string }
	if json.Unmarshal(answer[1], &result) != nil || result.ID == "" {
		return false
	}
	p.world.mu.Lock()
	p.world.acknowledged[m.text] = result.ID
	p.world.mu.Unlock()
	p.history = append(p.history, *m)
	p.pending = nil
	return true
}

func (p *person) compose() *message {
	p.sent++
	m := &message{text: fmt.Sprintf("%s-%d", p.id, p.sent)}
	if rand.IntN(2) == 0 {
		var mine []group
		for _, g := range p.world.groups {
			for _, member := range g.members {
				if member == p {
					mine = append(mine, g)
				}
			}
		}
		m.group, m.target = true, mine[rand.IntN(len(mine))].id
		return m
	}
	for m.target == "" || m.target == p.id {
		m.target = p.world.people[rand.IntN(len(p.world.people))].id
	}
	return m
}

// lastSeen is the newest message of each conversation that one socket received.
type lastSeen map[string]int64

// see holds newly received pushes against what came before on the same socket.
func (l lastSeen) see(events []socketiotest.Event) error {
	for _, event := range events {
		if event.Name != "new message" && event.Name != "new group message" {
			continue
		}
		var message struct{ ID, From, To string }
		if err := json.Unmarshal(event.Args[0], &message); err != nil {
			return err
		}
		id, err := strconv.ParseInt(message.ID, 10, 64)
		if err != nil {
			return err
		}
		conversation := message.To
		if event.Name == "new message" {
			conversation = min(message.From, message.To) + " " + max(message.From, message.To)
		}
		if id <= l[conversation] {
			return fmt.Errorf("message %d came after %d in %s", id, l[conversation], conversation)
		}
		l[conversation] = id
	}
	return nil
}

func (w *world) check(ctx context.Context, t *testing.T, s *Server) {
	for _, reader := range w.people {
		var counts struct {
			User, Group []struct {
				ID  string
				Num int
			}
			Num int
		}
		client, err := s.Connect(ctx, reader.token, 4, "websocket")
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Request(ctx, "unread count", map[string]any{})
		client.Close()
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(answer[1], &counts); err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		total := 0
		for _, one := range append(counts.User, counts.Group...) {
			got[one.ID] = one.Num
			total += one.Num
		}
		if counts.Num != total {
			t.Errorf("%s: num is %d, its parts are %d", reader.id, counts.Num, total)
		}
		for _, peer := range w.people {
			if peer != reader {
				w.checkChat(ctx, t, s, reader, thread{"/messages", "accountid", peer.id, []*person{reader, peer}}, got[peer.id])
			}
		}
		for _, g := range w.groups {
			for _, member := range g.members {
				if member == reader {
					w.checkChat(ctx, t, s, reader, thread{"/group_messages", "groupid", g.id, g.members}, got[g.id])
				}
			}
		}
	}
}

type thread struct {
	path, field, id string
	people          []*person
}

// checkChat compares one chat of the reader with what was acknowledged.
func (w *world) checkChat(ctx context.Context, t *testing.T, s *Server, reader *person, c thread, unread int) {
	rows, err := readAll(ctx, s, reader.token, c)
	if err != nil {
		t.Error(err)
		return
	}
	got := map[string][]string{} // sender → texts in order
	for _, row := range rows {
		if row.SysType != 0 {
			continue
		}
		if want := w.acknowledged[row.Msg.Con]; row.ID != want {
			t.Errorf("%s: message %q has id %s, acknowledged was %q", c.id, row.Msg.Con, row.ID, want)
		}
		got[row.From] = append(got[row.From], row.Msg.Con)
	}
	others := 0
	for _, sender := range c.people {
		var want []string
		for _, m := range sender.history {
			direct := !m.group && (sender == reader && m.target == c.id || sender.id == c.id && m.target == reader.id)
			if m.group && m.target == c.id || direct && c.field == "accountid" {
				want = append(want, m.text)
			}
		}
		if err := equal(got[sender.id], want); err != nil {
			t.Errorf("%s as %s reads it, messages of %s: %v", c.id, reader.id, sender.id, err)
		}
		if sender != reader {
			others += len(want)
		}
	}
	if unread != others {
		t.Errorf("%s: unread of %s is %d, want %d", c.id, reader.id, unread, others)
	}
}

func equal(got, want []string) error {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return fmt.Errorf("%d missing, the first is %q", len(want)-len(got), want[i])
		case i >= len(want):
			return fmt.Errorf("%d too many, the first is %q", len(got)-len(want), got[i])
		case got[i] != want[i]:
			return fmt.Errorf("number %d: got %q, want %q", i, got[i], want[i])
		}
	}
	return nil
}

type row struct {
	ID, From string
	Msg      struct{ Con string }
	SysType  int
}

// readAll pages through a chat from its newest message back to its first, and
// returns it oldest first.
func readAll(ctx context.Context, s *Server, token string, c thread) ([]row, error) {
	var all []row
	for since := ""; ; since = all[len(all)-1].ID {
		query := url.Values{c.field: {c.id}, "num": {"100"}}
		if since != "" {
			query.Set("sinceid", since)
		}
		var page []row
		if err := s.History(ctx, token, c.path, query, &page); err != nil {
			return nil, err
		}
		if len(page) == 0 {
			break
		}
		if len(page) > 100 {
			return nil, errors.New("a page of more than 100")
		}
		all = append(all, page...)
	}
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all, nil
}
