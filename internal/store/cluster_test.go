package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/internal/store/storetest"
	"parley/test/postgres"
)

// TestNodesRememberRows has three nodes run random functions at once. Some fail after they
// have written. What a node remembers at the begin and at the end of a function equals the
// rows of the database.
func TestNodesRememberRows(t *testing.T) {
	store.ShiftAtMost(t, 1)
	url := postgres.Start(t, "fsync=off").Create(t)
	var nodes []*store.Store
	for i := range 3 {
		nodes = append(nodes, open(t, store.Options{
			Database: url, Node: fmt.Sprint("n", i), Encode: storetest.Encode, Decode: storetest.Decode, MaxBatch: 8, Readers: 1,
			Missed: func() { t.Error("a node has missed commits") },
		}))
	}
	h := &house{t: t}
	if err := nodes[0].Update(t.Context(), h.build); err != nil {
		t.Fatal(err)
	}
	var checked atomic.Int64
	var wg sync.WaitGroup
	for worker := range 12 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(7, uint64(worker)))
			for n := 0; n < 80 && !t.Failed(); n++ {
				seed := random.Uint64()
				err := nodes[worker%3].Update(context.Background(), func(tx chat.Tx) error {
					// It may run again, and then does the same.
					r := rand.New(rand.NewPCG(seed, 0))
					check := func(when string) {
						n, wrong := store.CheckCache(tx)
						checked.Add(int64(n))
						for _, w := range wrong {
							t.Errorf("node %d, %s: %s", worker%3, when, w)
						}
					}
					if r.IntN(4) == 0 {
						check("before")
					}
					for range 1 + r.IntN(3) {
						if err := h.act(tx, r, fmt.Sprintf("%d-%d-%x", worker, n, r.Uint32())); err != nil {
							return err
						}
					}
					if r.IntN(4) == 0 {
						check("after")
					}
					if r.IntN(10) == 0 {
						return errRefused
					}
					return nil
				})
				if err != nil && !errors.Is(err, errRefused) {
					t.Errorf("update: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if checked.Load() < 1000 {
		t.Errorf("only %d entries were compared", checked.Load())
	}
	report, err := store.Verify(t.Context(), nodes[1])
	if err != nil || !report.OK() {
		t.Errorf("verify: %v\n%s", err, report)
	}
}

var errRefused = errors.New("refused")

// house has few rows, so that random functions meet.
type house struct {
	t      *testing.T
	groups []chat.GroupID
	chats  []chat.ConversationID
}

var lodgers = []chat.AccountID{"ann", "bob", "cid", "dan", "eve"}

func (h *house) build(tx chat.Tx) error {
	h.groups, h.chats = nil, nil
	at := time.UnixMilli(1_000_000)
	for _, a := range lodgers {
		if err := tx.CreateAccount(chat.Account{ID: a, Name: string(a), Active: true, CreatedAt: at}); err != nil {
			return err
		}
	}
	if err := tx.CreateApplication(chat.Application{ID: "app", Key: "key", Kind: chat.AppServer, SendAck: chat.AckErrorFirst, CreatedAt: at}); err != nil {
		return err
	}
	if err := tx.CreateSubscription(chat.Subscription{ID: "sub", App: "app", URL: "https://hooks.example.test", CreatedAt: at}); err != nil {
		return err
	}
	for _, id := range []chat.OrganizationID{"org", "other"} {
		if err := tx.CreateOrganization(chat.Organization{ID: id, Name: "Demo", CreatedAt: at}); err != nil {
			return err
		}
	}
	for _, id := range []chat.GroupID{"g1", "g2"} {
		g, err := tx.CreateGroup(chat.Group{ID: id, Name: "Demo", IsPost: true, Creator: "ann", CreatedAt: at})
		if err != nil {
			return err
		}
		if err := tx.AddMembers(g.Conversation, lodgers[:1], chat.RoleAdmin, at); err != nil {
			return err
		}
		if err := tx.AddMembers(g.Conversation, lodgers[1:4], chat.RoleMember, at); err != nil {
			return err
		}
		h.groups, h.chats = append(h.groups, id), append(h.chats, g.Conversation)
	}
	for _, other := range lodgers[:3] {
		c, err := tx.CreateDirectConversation("ann", other, at)
		if err != nil {
			return err
		}
		h.chats = append(h.chats, c.ID)
	}
	return nil
}

// act does one random thing. A refusal by the store, as of a sender who is no participant,
// is no error here unless it has written.
func (h *house) act(tx chat.Tx, r *rand.Rand, name string) error {
	c, a, b := h.chats[r.IntN(len(h.chats))], lodgers[r.IntN(len(lodgers))], lodgers[r.IntN(len(lodgers))]
	g := h.groups[r.IntN(len(h.groups))]
	at := time.Now().Truncate(time.Millisecond).UTC()
	switch kind := r.IntN(26); kind {
	case 0, 1, 2, 3, 4, 5:
		return h.send(tx, r, c, a, name)
	case 6:
		_, err := tx.MarkRead(c, a)
		return err
	case 7:
		_, err := tx.ReadByPresence(c, []chat.Viewing{{Account: a, Proven: r.IntN(2) == 0}, {Account: b}})
		return err
	case 8:
		_, err := tx.TakeReadBack(c, a, int64(r.IntN(3)))
		return err
	case 9:
		_, err := tx.MarkEverythingRead(a)
		return err
	case 10:
		_, err := tx.List(c)
		return err
	case 11:
		return tx.Unlist(c, a)
	case 12:
		return tx.SetTop(c, a, at)
	case 13:
		return ignoreNoRow(tx.SetPush(c, a, r.IntN(2) == 0))
	case 14, 15:
		return h.changeMembers(tx, r, g, a)
	case 16:
		account, err := tx.Account(a)
		account.Name = name
		return errors.Join(err, tx.UpdateAccount(account))
	case 17:
		app, err := tx.Application("app")
		app.Name = name
		return errors.Join(err, tx.UpdateApplication(app))
	case 18:
		group, err := tx.Group(g)
		group.Name = name
		return errors.Join(err, tx.UpdateGroup(group))
	case 19:
		if r.IntN(2) == 0 {
			return tx.SetFriends(a, b, at)
		}
		_, err := tx.RemoveFriends(a, b)
		return err
	case 20:
		if r.IntN(2) == 0 {
			return tx.AddToOrganization("org", []chat.AccountID{a, b})
		}
		_, err := tx.RemoveFromOrganization("org", a)
		return err
	case 21:
		return h.withdraw(tx, c, a, at)
	case 22:
		return h.look(tx, c, g, a, b)
	case 23:
		sub, err := tx.Subscription("sub")
		sub.StoppedAt = time.Time{}
		if r.IntN(2) == 0 {
			sub.StoppedAt = at
		}
		return errors.Join(err, tx.UpdateSubscription(sub))
	case 24:
		active, err := tx.ActiveSubscriptions()
		for _, s := range active {
			err = errors.Join(err, tx.AddOutgoing(chat.Outgoing{Subscription: s.ID, Event: name, Kind: chat.OutgoingMessageSent, At: at, Since: at, Body: []byte("{}")}),
				tx.KeepOutgoing(chat.Outgoing{Event: name, Kind: chat.OutgoingMessageSent, At: at, Body: []byte("{}")}, []chat.SubscriptionID{s.ID}))
		}
		if r.IntN(2) == 0 {
			_, taken := tx.TakeKept(r.IntN(5) + 1)
			err = errors.Join(err, taken)
		}
		return err
	default:
		if _, err := tx.DirectConversation(a, b); !errors.Is(err, chat.ErrNoRow) {
			return err
		}
		_, err := tx.CreateDirectConversation(a, b, at)
		return err
	}
}

func ignoreNoRow(err error) error {
	if errors.Is(err, chat.ErrNoRow) {
		return nil
	}
	return err
}

func (h *house) send(tx chat.Tx, r *rand.Rand, c chat.ConversationID, from chat.AccountID, name string) error {
	m, err := tx.Membership(c, from)
	if err != nil || m.Left() {
		return ignoreNoRow(err)
	}
	message := chat.Message{
		Content: chat.Content{Type: chat.TypeText, Text: name}, Conversation: c, From: from, App: "app", WaitingID: name, At: time.Now(),
	}
	if err := tx.AppendMessage(&message); err != nil || r.IntN(3) > 0 {
		return err
	}
	if err := tx.AddMentions(c, message.ID, message.Seq, []chat.AccountID{chat.Everyone}); err != nil {
		return err
	}
	_, err = tx.List(c)
	return err
}

func (h *house) changeMembers(tx chat.Tx, r *rand.Rand, g chat.GroupID, a chat.AccountID) error {
	group, err := tx.Group(g)
	if err != nil {
		return err
	}
	at := time.Now().Truncate(time.Millisecond)
	switch r.IntN(6) {
	case 0:
		return tx.RemoveAllMembers(group.Conversation, at)
	case 1:
		return ignoreNoRow(tx.RemoveMember(group.Conversation, a, at, chat.DepartureLeft))
	case 2:
		m, err := tx.Membership(group.Conversation, a)
		if err != nil || m.Left() {
			return ignoreNoRow(err)
		}
		return tx.SetRole(group.Conversation, a, chat.Role(r.IntN(2)))
	default:
		return tx.AddMembers(group.Conversation, []chat.AccountID{a, "bob"}, chat.RoleMember, at)
	}
}

func (h *house) withdraw(tx chat.Tx, c chat.ConversationID, by chat.AccountID, at time.Time) error {
	latest, err := tx.Messages(chat.MessageQuery{Conversation: c, Limit: 3})
	if err != nil || len(latest) == 0 {
		return err
	}
	return tx.WithdrawMessage(latest[len(latest)-1].ID, by, at)
}

// look fills the cache.
func (h *house) look(tx chat.Tx, c chat.ConversationID, g chat.GroupID, a, b chat.AccountID) error {
	_, err := tx.Conversation(c)
	_, err2 := tx.Group(g)
	_, err3 := tx.GroupHead(g)
	_, err4 := tx.RelatedAccounts(a, b)
	_, err5 := tx.Membership(c, a)
	return errors.Join(err, err2, err3, err4, ignoreNoRow(err5))
}

// A cache must survive everything that another version may say.
func FuzzChanges(f *testing.F) {
	f.Add(store.Changes())
	f.Add([]byte{})
	f.Add([]byte{2, 1})
	f.Add([]byte{1, 5, 200})
	f.Fuzz(func(_ *testing.T, changes []byte) { _ = store.Repairs(changes) })
}

// The accounts with a socket are known to all nodes, until their node is gone.
func TestOnline(t *testing.T) {
	url := postgres.Start(t, "fsync=off").Create(t)
	var nodes []*store.Store
	for i := range 2 {
		id := fmt.Sprint("n", i)
		n := open(t, store.Options{Database: url, Node: id, Encode: storetest.Encode, Decode: storetest.Decode})
		if err := n.Join(t.Context(), store.NodeInfo{ID: id}); err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, n)
	}
	set := func(node int, online, offline []chat.AccountID) {
		t.Helper()
		if err := nodes[node].SetOnline(t.Context(), online, offline); err != nil {
			t.Fatal(err)
		}
	}
	want := func(what string, want ...chat.AccountID) {
		t.Helper()
		for i, n := range nodes {
			got, err := n.Online(t.Context(), []chat.AccountID{"ann", "bob", "cid"})
			if err != nil {
				t.Fatal(err)
			}
			all := map[chat.AccountID]bool{}
			for _, a := range want {
				all[a] = true
			}
			if diff := cmp.Diff(got, all); diff != "" {
				t.Errorf("%s, as node %d knows it (-got +want):\n%s", what, i, diff)
			}
		}
	}
	want("nobody")
	set(0, []chat.AccountID{"ann", "bob", "dot"}, nil)
	set(1, []chat.AccountID{"bob", "cid"}, nil)
	want("all", "ann", "bob", "cid")
	set(0, []chat.AccountID{"ann"}, []chat.AccountID{"bob"})
	want("one on another node", "ann", "bob", "cid")
	if err := nodes[1].Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	nodes = nodes[:1]
	want("a node has left", "ann")
}

func TestChangesOfOtherVersions(t *testing.T) {
	known := store.Changes()
	if err := store.Repairs(known); err != nil {
		t.Errorf("got %v, want that all kinds are known", err)
	}
	for name, changes := range map[string][]byte{
		"a newer version": append([]byte{2}, known[1:]...),
		"a new kind":      append(known[:len(known):len(known)], 200),
		"cut short":       known[:len(known)-1],
	} {
		if store.Repairs(changes) == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}
