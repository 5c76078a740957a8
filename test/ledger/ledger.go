// Package ledger lets accounts talk to each other while a test interrupts the server, and
// compares what their clients were told with what is there afterwards:
//
//  1. A message whose send was acknowledged is in the history once, under the
//     acknowledged id, for its sender and for every receiver.
//  2. A message whose send was not acknowledged is sent again with the same
//     waitingid until it is, and is in the history once as well.
//  3. The messages of one sender stand in the order in which they were sent.
//  4. Every unread figure is the number of messages of others, or 0 in a chat that somebody looks
//     at all the time.
//  5. No socket receives a message twice or out of order.
package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"

	"parley/socketio/socketiotest"
)

// Server is the server under test, or a balancer in front of several.
type Server interface {
	// Connect opens a socket of the account that the token belongs to.
	Connect(ctx context.Context, token string, eio int, transport string) (*socketiotest.Client, error)
	// Host calls the host API below /v1. body and answer may be nil.
	Host(ctx context.Context, method, path string, body, answer any) error
	// History reads a page of one of the history endpoints.
	History(ctx context.Context, token, path string, query url.Values, answer any) error
}

// World is what the clients know.
type World struct {
	People []*Person
	groups []group

	looked map[view]bool

	mu           sync.Mutex
	acknowledged map[string]string // text → message id
	checked      map[view]checked
}

// view is a chat of a person.
type view struct{ person, chat string }

// checked is how far a chat was checked.
type checked struct {
	newest string         // message
	sent   map[string]int // sender → number of messages
}

// Person is an account that talks.
type Person struct {
	ID, Token string
	world     *World
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
	members []*Person
}

// Acknowledged returns how many messages were acknowledged.
func (w *World) Acknowledged() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.acknowledged)
}

// New returns a world without people.
func New() *World {
	return &World{acknowledged: map[string]string{}, looked: map[view]bool{}, checked: map[view]checked{}}
}

// Look says that a device of the person looks at a chat all the time. It is called before [World.Check].
func (w *World) Look(p *Person, c Chat) { w.looked[view{p.ID, c.ID}] = true }

// Populate makes the people and the groups.
func (w *World) Populate(ctx context.Context, s Server) error {
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
		w.People = append(w.People, &Person{ID: account.ID, Token: issued.Token, world: w})
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
		w.groups = append(w.groups, group{id: made.ID, members: w.People[:size]})
	}
	return nil
}

// Load lets everybody talk, over every transport, until the server is gone.
func (w *World) Load(ctx context.Context, t *testing.T, s Server) {
	var wait sync.WaitGroup
	for n, p := range w.People {
		wait.Go(func() {
			client, err := s.Connect(ctx, p.Token, 3+n%2, []string{"websocket", "polling"}[n/2%2])
			if err != nil {
				return // killed before it was connected
			}
			defer client.Close()
			last := LastSeen{}
			for p.Speak(ctx, client) {
				if err := last.See(client.Drain()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}

// Settle sends what is not acknowledged yet.
func (w *World) Settle(ctx context.Context, t *testing.T, s Server) {
	for _, p := range w.People {
		client, err := s.Connect(ctx, p.Token, 4, "websocket")
		if err != nil {
			t.Fatal(err)
		}
		for p.pending != nil {
			if !p.Speak(ctx, client) {
				t.Fatalf("%s could not send what was left", p.ID)
			}
		}
		client.Close()
	}
}

// Speak sends the pending message, or a new one where there is none, and
// reports whether it was acknowledged.
func (p *Person) Speak(ctx context.Context, client *socketiotest.Client) bool {
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

func (p *Person) compose() *message {
	p.sent++
	m := &message{text: fmt.Sprintf("%s-%d", p.ID, p.sent)}
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
	for m.target == "" || m.target == p.ID {
		m.target = p.world.People[rand.IntN(len(p.world.People))].ID
	}
	return m
}

// LastSeen is the newest message of each conversation that one socket received.
type LastSeen map[string]int64

// See holds newly received pushes against what came before on the same socket.
func (l LastSeen) See(events []socketiotest.Event) error {
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

// Check compares the history and the unread figures of everybody with what was acknowledged. It calls read with each history, if
// read is not nil, for several people at the same time.
func (w *World) Check(ctx context.Context, t *testing.T, s Server, read func(*Person, Chat, []Row)) {
	w.mu.Lock()
	clear(w.checked)
	w.mu.Unlock()
	w.CheckNew(ctx, t, s, read)
}

// CheckNew is [World.Check] for the part of each history that came since the last check.
func (w *World) CheckNew(ctx context.Context, t *testing.T, s Server, read func(*Person, Chat, []Row)) {
	var checking sync.WaitGroup
	for _, reader := range w.People {
		checking.Go(func() {
			if err := w.check(ctx, t, s, reader, read); err != nil {
				t.Errorf("%s: %v", reader.ID, err)
			}
		})
	}
	checking.Wait()
}

func (w *World) check(ctx context.Context, t *testing.T, s Server, reader *Person, read func(*Person, Chat, []Row)) error {
	got, err := Unread(ctx, s, reader.Token)
	if err != nil {
		return err
	}
	for _, c := range w.Chats(reader) {
		w.mu.Lock()
		before := w.checked[view{reader.ID, c.ID}]
		w.mu.Unlock()
		rows, err := historyAfter(ctx, s, reader.Token, c, before.newest)
		if err != nil {
			return err
		}
		w.checkChat(t, reader, c, before, rows, got[c.ID])
		if read != nil {
			read(reader, c, rows)
		}
	}
	return nil
}

// Unread returns the unread count of every chat with unread messages, by its id.
func Unread(ctx context.Context, s Server, token string) (map[string]int, error) {
	var counts struct {
		User, Group []struct {
			ID  string
			Num int
		}
		Num int
	}
	client, err := s.Connect(ctx, token, 4, "websocket")
	if err != nil {
		return nil, err
	}
	answer, err := client.Request(ctx, "unread count", map[string]any{})
	client.Close()
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(answer[1], &counts); err != nil {
		return nil, err
	}
	unread := map[string]int{}
	total := 0
	for _, one := range append(counts.User, counts.Group...) {
		unread[one.ID] = one.Num
		total += one.Num
	}
	if counts.Num != total {
		return nil, fmt.Errorf("unread count: num is %d, its parts are %d", counts.Num, total)
	}
	return unread, nil
}

// Chat is a conversation as one of its people sees it.
type Chat struct {
	Path, Field, ID string // the endpoint of its history, the parameter that names it, and its value
	people          []*Person
}

// Chats returns every chat of the person.
func (w *World) Chats(p *Person) []Chat {
	var all []Chat
	for _, peer := range w.People {
		if peer != p {
			all = append(all, Chat{"/messages", "accountid", peer.ID, []*Person{p, peer}})
		}
	}
	for _, g := range w.groups {
		if slices.Contains(g.members, p) {
			all = append(all, Chat{"/group_messages", "groupid", g.id, g.members})
		}
	}
	return all
}

// checkChat compares the part of a chat of the reader that was not checked before with what was acknowledged.
func (w *World) checkChat(t *testing.T, reader *Person, c Chat, before checked, rows []Row, unread int) {
	got := map[string][]string{} // sender → texts in order
	for _, row := range rows {
		if row.SysType != 0 {
			continue
		}
		if want := w.acknowledged[row.Msg.Con]; row.ID != want {
			t.Errorf("%s: message %q has id %s, acknowledged was %q", c.ID, row.Msg.Con, row.ID, want)
		}
		got[row.From] = append(got[row.From], row.Msg.Con)
	}
	others := 0
	now := checked{before.newest, map[string]int{}}
	for _, sender := range c.people {
		var want []string
		for _, m := range sender.history {
			direct := !m.group && (sender == reader && m.target == c.ID || sender.ID == c.ID && m.target == reader.ID)
			if m.group && m.target == c.ID || direct && c.Field == "accountid" {
				want = append(want, m.text)
			}
		}
		if err := equal(got[sender.ID], want[before.sent[sender.ID]:]); err != nil {
			t.Errorf("%s as %s reads it, messages of %s after %d: %v", c.ID, reader.ID, sender.ID, before.sent[sender.ID], err)
		}
		now.sent[sender.ID] = len(want)
		if sender != reader {
			others += len(want)
		}
	}
	own := view{reader.ID, c.ID}
	if w.looked[own] {
		others = 0
	}
	if unread != others {
		t.Errorf("%s: unread of %s is %d, want %d", c.ID, reader.ID, unread, others)
	}
	if len(rows) > 0 {
		now.newest = rows[len(rows)-1].ID
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.checked[own] = now
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

// Row is a message of the history.
type Row struct {
	ID, From string
	Msg      struct{ Con string }
	SysType  int
}

// History pages through a chat from its newest message back to its first, and
// returns it oldest first.
func History(ctx context.Context, s Server, token string, c Chat) ([]Row, error) {
	return historyAfter(ctx, s, token, c, "")
}

// historyAfter is History without the messages up to the one with the id; empty: all of them.
func historyAfter(ctx context.Context, s Server, token string, c Chat, id string) ([]Row, error) {
	var all []Row
	for since, found := "", false; !found; since = all[len(all)-1].ID {
		query := url.Values{c.Field: {c.ID}, "num": {"100"}}
		if since != "" {
			query.Set("sinceid", since)
		}
		var page []Row
		if err := s.History(ctx, token, c.Path, query, &page); err != nil {
			return nil, err
		}
		if len(page) == 0 {
			break
		}
		if len(page) > 100 {
			return nil, errors.New("a page of more than 100")
		}
		for _, row := range page {
			if found = row.ID == id; found {
				break
			}
			all = append(all, row)
		}
		if len(all) == 0 {
			break
		}
	}
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all, nil
}
