package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/internal/store/storetest"
	"parley/test/postgres"
)

// TestListOrder has random people send random messages. Few of the messages change a place, and every page of a list has the order
// of the last messages.
func TestListOrder(t *testing.T) {
	store.ShiftAtMost(t, 2)
	t.Run("one process", func(t *testing.T) {
		testListOrder(t, open(t, store.Options{Path: t.TempDir(), Readers: 2}))
	})
	t.Run("nodes", func(t *testing.T) {
		url := postgres.Start(t, "fsync=off").Create(t)
		var nodes []*store.Store
		for i := range 3 {
			nodes = append(nodes, open(t, store.Options{
				Database: url, Node: fmt.Sprint("n", i), Encode: storetest.Encode, Decode: storetest.Decode, Readers: 2,
			}))
		}
		testListOrder(t, nodes...)
	})
}

// TestMigrateMemberList updates a database whose participants have no places yet.
func TestMigrateMemberList(t *testing.T) {
	for name, place := range map[string]func() (store.Options, string, string, string){
		"SQLite": func() (store.Options, string, string, string) {
			folder := t.TempDir()
			return store.Options{Path: folder, Readers: 2}, "sqlite", filepath.Join(folder, "parley.db"), "00077_member_list.sql"
		},
		"PostgreSQL": func() (store.Options, string, string, string) {
			url := postgres.Start(t, "fsync=off").Create(t)
			return store.Options{Database: url, Readers: 2}, "pgx", url, "00065_member_list.sql"
		},
	} {
		t.Run(name, func(t *testing.T) {
			store.ShiftAtMost(t, 0) // the migration puts every chat where its last message puts it
			o, driver, address, migration := place()
			s := open(t, o)
			w := newStreet(t, s)
			for range 100 {
				w.step()
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			again := store.MigrationText(t, driver == "pgx", migration)
			db, err := sql.Open(driver, address)
			if err != nil {
				t.Fatal(err)
			}
			for _, statement := range []string{
				"DROP INDEX member_list", "DROP INDEX member_has_unread", "DROP INDEX member_top",
				"ALTER TABLE member DROP COLUMN place", "ALTER TABLE member DROP COLUMN has_unread", again,
			} {
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, o)
			if report, err := store.Verify(t.Context(), s); err != nil || !report.OK() {
				t.Errorf("got %v\n%s", err, report)
			}
			w.stores = []*store.Store{s}
			for offset := range len(w.people) + 3 {
				w.checkPage(w.people[0], offset, 3)
			}
		})
	}
}

// street has people who talk with each other.
type street struct {
	t      *testing.T
	stores []*store.Store
	random *rand.Rand
	people []chat.AccountID
	chats  []chat.Conversation
}

func newStreet(t *testing.T, stores ...*store.Store) *street {
	w := &street{t: t, stores: stores, random: rand.New(rand.NewPCG(1, 2))}
	for i := range 12 {
		w.people = append(w.people, chat.AccountID(fmt.Sprint("p", i)))
	}
	if err := stores[0].Update(t.Context(), w.build); err != nil {
		t.Fatal(err)
	}
	return w
}

func testListOrder(t *testing.T, stores ...*store.Store) {
	w := newStreet(t, stores...)
	for step := range 300 {
		w.step()
		for range 3 {
			w.checkPage(w.people[w.random.IntN(3)], w.random.IntN(len(w.people)+3), 1+w.random.IntN(4))
		}
		if step%100 == 99 {
			for offset := range len(w.people) + 3 {
				w.checkPage(w.people[0], offset, 3)
			}
		}
		if t.Failed() {
			t.Fatalf("after step %d", step)
		}
	}
	for i, s := range stores {
		if report, err := store.Verify(t.Context(), s); err != nil || !report.OK() {
			t.Errorf("store %d: %v\n%s", i, err, report)
		}
	}
}

// build has the first three talk with everybody, also with themselves, and all others than the third in a group.
func (w *street) build(tx chat.Tx) error {
	w.chats = nil
	at := time.UnixMilli(1_000_000)
	for _, a := range w.people {
		if err := tx.CreateAccount(chat.Account{ID: a, Name: string(a), Active: true, CreatedAt: at}); err != nil {
			return err
		}
	}
	for i, a := range w.people[:3] {
		for _, b := range w.people[i:] {
			c, err := tx.CreateDirectConversation(a, b, at)
			if err != nil {
				return err
			}
			w.chats = append(w.chats, c)
		}
	}
	g, err := tx.CreateGroup(chat.Group{ID: "g", Name: "Street", Creator: "p0", CreatedAt: at})
	if err != nil {
		return err
	}
	if err := tx.AddMembers(g.Conversation, append(w.people[:2:2], w.people[3:]...), chat.RoleMember, at); err != nil {
		return err
	}
	w.chats = append(w.chats, chat.Conversation{ID: g.Conversation, Kind: chat.KindGroup})
	for _, c := range w.chats {
		if _, err := tx.List(c.ID); err != nil {
			return err
		}
	}
	return nil
}

// step runs a function on a store. Some fail after they have written, and some stores have just been started.
func (w *street) step() {
	seed := w.random.Uint64()
	err := w.stores[w.random.IntN(len(w.stores))].Update(context.Background(), func(tx chat.Tx) error {
		r := rand.New(rand.NewPCG(seed, 0)) // it may run again, and then does the same
		if r.IntN(20) == 0 {
			store.Forget(tx)
		}
		for range 1 + r.IntN(4) {
			if err := w.act(tx, r); err != nil {
				return err
			}
		}
		if _, wrong := store.CheckCache(tx); len(wrong) > 0 {
			w.t.Errorf("the memory is wrong: %s", wrong)
		}
		if r.IntN(6) == 0 {
			return errRefused
		}
		return nil
	})
	if err != nil && !errors.Is(err, errRefused) {
		w.t.Fatal(err)
	}
}

func (w *street) act(tx chat.Tx, r *rand.Rand) error {
	c := w.chats[min(r.IntN(len(w.chats)), r.IntN(len(w.chats)))] // some talk more
	a, b := c.A, c.B
	if c.Kind == chat.KindGroup {
		a, b = w.people[0], w.people[1]
	}
	if b != "" && r.IntN(2) == 0 {
		a = b
	}
	switch r.IntN(14) {
	case 0:
		return ignoreMoved(tx.MarkRead(c.ID, a))
	case 1:
		_, err := tx.MarkEverythingRead(a)
		return err
	case 2:
		_, err := tx.ReadByPresence(c.ID, []chat.Viewing{{Account: a}})
		return err
	case 3:
		return tx.SetTop(c.ID, a, time.UnixMilli(int64(r.IntN(5)/4)))
	case 4, 5:
		return w.change(tx, r, c, a)
	case 6:
		if err := tx.Unlist(c.ID, a); err != nil {
			return err
		}
		fallthrough
	default:
		if _, err := tx.List(c.ID); err != nil {
			return err
		}
		return tx.AppendMessage(&chat.Message{Conversation: c.ID, From: a, At: time.Now(), System: chat.SystemType(r.IntN(8) / 7 * int(chat.SystemOther))})
	}
}

// change edits or withdraws one of the last messages of a chat, or reacts to it. That moves no chat and counts nothing.
func (w *street) change(tx chat.Tx, r *rand.Rand, c chat.Conversation, by chat.AccountID) error {
	some, err := tx.Messages(chat.MessageQuery{Conversation: c.ID, Limit: 3})
	if err != nil || len(some) == 0 {
		return err
	}
	m := some[r.IntN(len(some))]
	if m.System != chat.NotSystem || m.Withdrawn() {
		return nil
	}
	switch r.IntN(4) {
	case 0:
		return tx.WithdrawMessage(m.ID, m.From, time.Now())
	case 1:
		if _, err := tx.AddReaction(m.ID, "👍", by, time.Now()); err != nil {
			return err
		}
		return tx.SetReacted(c.ID, m.From, m.ID)
	default:
		return tx.EditMessage(m.ID, fmt.Sprint(r.IntN(100)), time.Now())
	}
}

func ignoreMoved(_ bool, err error) error { return err }

// checkPage compares a page, and the unread counts, with the whole list, which has them in the order of the last messages.
func (w *street) checkPage(of chat.AccountID, offset, limit int) {
	var all, page []chat.ChatRow
	var counts []chat.ChatUnread
	if err := w.stores[w.random.IntN(len(w.stores))].View(context.Background(), func(tx chat.Tx) (err error) {
		if all, err = tx.ChatList(of, 0, 1000); err != nil {
			return err
		}
		if page, err = tx.ChatList(of, offset, limit); err != nil {
			return err
		}
		counts, err = tx.ChatUnreads(of)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	for i := range len(all) - 1 {
		one, next := all[i], all[i+1]
		if before := !one.TopAt.IsZero(); before != !next.TopAt.IsZero() {
			if !before {
				w.t.Errorf("%s: a chat on top comes after another one", of)
			}
		} else if one.LastID < next.LastID {
			w.t.Errorf("%s: the chat with message %d comes before the one with %d", of, one.LastID, next.LastID)
		}
	}
	want := refsOf(all[min(offset, len(all)):min(offset+limit, len(all))])
	if got := refsOf(page); !slices.Equal(got, want) {
		w.t.Errorf("%s: %d from %d: got %v, want %v of %v", of, limit, offset, got, want, refsOf(all))
	}
	unread := map[chat.ChatRef]int64{}
	for _, row := range all {
		if row.Unread > 0 {
			unread[row.Ref] = row.Unread
		}
	}
	for _, u := range counts {
		if unread[u.Ref] != u.Count {
			w.t.Errorf("%s: %v has %d unread messages, and %d in the list", of, u.Ref, u.Count, unread[u.Ref])
		}
		delete(unread, u.Ref)
	}
	if len(unread) > 0 {
		w.t.Errorf("%s: no counts of %v", of, unread)
	}
}

func refsOf(rows []chat.ChatRow) (all []chat.ChatRef) {
	for _, r := range rows {
		all = append(all, r.Ref)
	}
	return all
}
