//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"parley/internal/chat"
	"parley/internal/store"
)

// readSize is the size of the database that reads are measured on.
type readSize struct {
	chats      int // of one account
	unread     int // of them that have an unread message
	messages   int // of one group
	longUnread int // of them, for one member
}

var fullReadSize = readSize{chats: 10_000, unread: 100, messages: 100_000, longUnread: 5000}

const (
	longMembers = 50  // of the group with many messages
	chatPage    = 100 // entries of a page of the chat list

	// Pages of the web client (web/src/app/sync/conversations.ts).
	newestPage = 50
	aroundPage = 61
)

// reads measures what a client requests when it starts and when it opens a conversation: the processor time of the server and
// of its database for one repetition. One client repeats it, one request after the other.
func (b *bench) reads() error {
	size := fullReadSize
	if b.quick {
		size = readSize{size.chats / 50, size.unread / 10, size.messages / 100, size.longUnread / 100}
	}
	questions := slices.DeleteFunc(size.questions(), func(q question) bool { return !b.wants(q.what) })
	if len(questions) == 0 {
		return nil
	}
	t := b.addTable(&table{
		title:   "Reading (server); the processor time is that of the server and of PostgreSQL together",
		columns: []string{onSQLite, onPostgres}, ratios: []ratio{{onPostgres, onSQLite}},
	})
	worlds, starters, err := b.readStarters(size)
	if err != nil {
		return err
	}
	return b.compare(starters, func(s *server) error {
		r := newReader(s, worlds[s.name])
		defer r.close()
		for _, q := range questions {
			cpu, took, err := b.repeat(s, func() error { return q.ask(b, r) })
			if err != nil {
				return fmt.Errorf("%s: %w", q.what, err)
			}
			b.note("%s · %s: CPU %s, %s", q.what, s.name, cpu, took)
			t.row(q.what+": CPU ms", atMostOnBoth(2)).add(s.name, milliseconds(cpu))
			t.row(q.what+": ms").add(s.name, milliseconds(took))
		}
		return nil
	})
}

// A question is what one row repeats.
type question struct {
	what string
	ask  func(*bench, *reader) error
}

func (size readSize) questions() []question {
	chats := number(float64(size.chats)) + " chats"
	last := size.chats / chatPage
	return []question{
		{fmt.Sprintf("chat list, the first %d of %s", chatPage, chats), func(_ *bench, r *reader) error { return r.chatList(1) }},
		{fmt.Sprintf("chat list, the last %d of %s", chatPage, chats), func(_ *bench, r *reader) error { return r.chatList(last) }},
		{fmt.Sprintf("unread count, %s, %d of them unread", chats, size.unread), func(b *bench, r *reader) error { return r.unreadCount(b, size.unread) }},
		{
			fmt.Sprintf("opening a conversation at its first unread message, %s unread of %s", number(float64(size.longUnread)), number(float64(size.messages))),
			func(_ *bench, r *reader) error { return r.open(size.longUnread) },
		},
	}
}

// repeat asks for one window unwatched and for another one that it measures. It returns the processor time of one repetition,
// and the median of the time until the answer.
func (b *bench) repeat(s *server, ask func() error) (cpu, median time.Duration, err error) {
	var took []time.Duration
	run := func() error {
		took = took[:0]
		for end := time.Now().Add(b.window); len(took) == 0 || time.Now().Before(end); {
			start := time.Now()
			if err := ask(); err != nil {
				return err
			}
			took = append(took, time.Since(start))
		}
		return nil
	}
	if err := run(); err != nil {
		return 0, 0, err
	}
	before, err := s.usage()
	if err != nil {
		return 0, 0, err
	}
	if err := run(); err != nil {
		return 0, 0, err
	}
	after, err := s.usage()
	used := after.minus(before)
	cpu = (used.server + used.database) / time.Duration(len(took))
	slices.Sort(took)
	return cpu, quantile(took, 0.5), err
}

// readWorld is the people and the group in a database for reads.
type readWorld struct {
	seeded
	group string
}

// busy is in many chats, and member in the group with many messages.
func (w *readWorld) busy() person   { return w.people[0] }
func (w *readWorld) member() person { return w.people[1] }

// readStarters makes the databases. The worlds are by the names of their servers.
func (b *bench) readStarters(size readSize) (worlds map[string]readWorld, starters []starter, err error) {
	database, err := b.startPostgres()
	if err != nil {
		return nil, nil, err
	}
	bin, err := b.build("./cmd/parley")
	if err != nil {
		return nil, nil, err
	}
	worlds = map[string]readWorld{}
	for _, name := range []string{onSQLite, onPostgres} {
		isServer := name == onPostgres
		if isServer && database == nil {
			continue
		}
		var d seeded
		if d.folder, err = b.folder(); err != nil {
			return nil, nil, err
		}
		if isServer {
			if d.database, err = database.NewDatabase(); err != nil {
				return nil, nil, err
			}
		}
		w, err := b.seedReads(d, size)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		worlds[name] = w
		starters = append(starters, func() (*server, error) {
			// One account reads more than it may.
			env := []string{"PARLEY_RATE_HISTORY=0"}
			if isServer {
				env = append(env, "PARLEY_DATABASE="+w.database)
			}
			s, err := b.serve(name, bin, w.folder, env...)
			if err == nil && isServer {
				s.database = database
			}
			return s, err
		})
	}
	return worlds, starters, nil
}

// seedReads fills an empty database.
func (b *bench) seedReads(d seeded, size readSize) (w readWorld, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	db, err := store.Open(ctx, store.Options{Path: d.folder, Database: d.database})
	if err != nil {
		return w, err
	}
	start := time.Now()
	w.seeded = d
	if w.people, err = seedPeople(ctx, db, max(size.chats, longMembers)+1); err == nil {
		err = seedManyChats(ctx, db, w.people, size)
	}
	if err == nil {
		w.group, err = seedLongGroup(ctx, db, w.people[1:1+longMembers], size)
	}
	if err == nil {
		err = db.Indexed(ctx)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return w, err
	}
	if d.database != "" {
		err = d.exec("VACUUM ANALYZE") // PostgreSQL does this by itself after a minute
	}
	b.note("seeded %d chats and a group with %d messages in %s", size.chats, size.messages, time.Since(start).Round(time.Millisecond))
	return w, err
}

// seedManyChats has the first of the people talk with all others. Some of the chats have an unread message.
func seedManyChats(ctx context.Context, db chat.Store, people []person, size readSize) error {
	me := chat.AccountID(people[0].account)
	started := time.Now().Add(-24 * time.Hour)
	for from := 1; from <= size.chats; from += seedAtOnce {
		err := db.Update(ctx, func(tx chat.Tx) error {
			for i := from; i < min(from+seedAtOnce, size.chats+1); i++ {
				peer, at := chat.AccountID(people[i].account), started.Add(time.Duration(i)*time.Second)
				c, err := tx.CreateDirectConversation(me, peer, at)
				if err != nil {
					return err
				}
				if _, err := tx.List(c.ID); err != nil {
					return err
				}
				if err := tx.AppendMessage(textMessage(c.ID, peer, i, at)); err != nil {
					return err
				}
				if i%(size.chats/size.unread) != 0 {
					if _, err := tx.MarkRead(c.ID, me); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("seeding chats: %w", err)
		}
	}
	return nil
}

// seedLongGroup makes a group in which the last messages, of others, are unread for the first member.
func seedLongGroup(ctx context.Context, db chat.Store, people []person, size readSize) (string, error) {
	members := make([]chat.AccountID, len(people))
	for i, p := range people {
		members[i] = chat.AccountID(p.account)
	}
	started := time.Now().Add(-24 * time.Hour)
	g := chat.Group{ID: chat.GroupID(uuid.NewString()), Name: "everybody", IsPost: true, Creator: members[0], CreatedAt: started}
	err := db.Update(ctx, func(tx chat.Tx) error {
		made, err := tx.CreateGroup(g)
		if err != nil {
			return err
		}
		g.Conversation = made.Conversation
		if err := tx.AddMembers(g.Conversation, members, chat.RoleMember, started); err != nil {
			return err
		}
		_, err = tx.List(g.Conversation)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("seeding a group: %w", err)
	}
	read := size.messages - size.longUnread
	for from := 0; from < size.messages; from += seedAtOnce {
		err := db.Update(ctx, func(tx chat.Tx) error {
			for i := from; i < min(from+seedAtOnce, size.messages); i++ {
				sender := members[i%len(members)]
				if i >= read && sender == members[0] {
					sender = members[1]
				}
				m := textMessage(g.Conversation, sender, i, started.Add(time.Duration(i)*time.Millisecond))
				if err := tx.AppendMessage(m); err != nil {
					return err
				}
				if i == read-1 {
					if err := tx.MarkReadUpTo(g.Conversation, members[0], m.Seq); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return "", fmt.Errorf("seeding messages: %w", err)
		}
	}
	return string(g.ID), nil
}

func textMessage(in chat.ConversationID, from chat.AccountID, n int, at time.Time) *chat.Message {
	return &chat.Message{Content: chat.Content{Type: chat.TypeText, Text: numbered(n)}, Conversation: in, From: from, App: uuidApp, At: at}
}

// A reader is a client that reads.
type reader struct {
	world readWorld
	base  string
	http  *http.Client
	crowd *crowd // the socket, once it is needed
	s     *server
}

func newReader(s *server, w readWorld) *reader {
	return &reader{world: w, base: "http://" + s.addr.String(), http: &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}, s: s}
}

func (r *reader) close() {
	r.http.CloseIdleConnections()
	if r.crowd != nil {
		r.crowd.close()
	}
}

func (r *reader) get(as person, path string, to any) error {
	request, err := http.NewRequest(http.MethodGet, r.base+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+as.token)
	request.Header.Set("App", seedApp)
	answer, err := r.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %.200s", path, answer.Status, body)
	}
	return json.Unmarshal(body, to)
}

// rows gets an array of which the length is known.
func (r *reader) rows(as person, want int, path string) error {
	var rows []json.RawMessage
	if err := r.get(as, path, &rows); err != nil {
		return err
	}
	if len(rows) != want {
		return fmt.Errorf("%s: got %d rows, want %d", path, len(rows), want)
	}
	return nil
}

func (r *reader) chatList(page int) error {
	return r.rows(r.world.busy(), chatPage, fmt.Sprintf("/chat_list?pageIndex=%d&pageSize=%d", page, chatPage))
}

// open requests what the web client requests.
func (r *reader) open(unread int) error {
	var place struct {
		Count int
		First string
	}
	member := r.world.member()
	if err := r.get(member, "/api/unread?type=2&chat="+r.world.group, &place); err != nil {
		return err
	}
	if place.Count != unread {
		return fmt.Errorf("got %d unread messages, want %d", place.Count, unread)
	}
	if err := r.rows(member, newestPage, fmt.Sprintf("/group_messages?groupid=%s&num=%d", r.world.group, newestPage)); err != nil {
		return err
	}
	return r.rows(member, aroundPage, fmt.Sprintf("/group_messages_byid?msgid=%s&size=%d", place.First, aroundPage))
}

// unreadCount asks over the socket.
func (r *reader) unreadCount(b *bench, want int) (err error) {
	if r.crowd == nil {
		if r.crowd, err = connectAll(b.loop, r.s, 1, loginsOf(b.protocol, []person{r.world.busy()}), 10*time.Second); err != nil {
			return err
		}
	}
	var answer []byte
	c := r.crowd.clients[0]
	c.onAck = func(_ *client, _ int, args []byte) { answer = bytes.Clone(args) }
	c.send(textFrame(`420["unread count",{}]`))
	if err := b.loop.runUntil(20*time.Second, func() bool { return answer != nil }); err != nil {
		return err
	}
	if got := bytes.Count(answer, []byte(`"id":`)); got != want {
		return fmt.Errorf("got %d chats with unread messages, want %d: %.200s", got, want, answer)
	}
	return nil
}
