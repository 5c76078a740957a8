//go:build linux

package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"parley/internal/chat"
	"parley/internal/store"
)

// search measures how long a search takes in a database with many messages, for
// somebody in 10,000 chats and for somebody in three: first when all of them are in
// the index, then while they are indexed again. It measures the rules on the store,
// without HTTP.
func (b *bench) search() error {
	folder, err := b.folder()
	if err != nil {
		return err
	}
	messages, chats := storedMessages, 10_000
	if b.quick {
		messages, chats = messages/100, chats/100
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	db, err := store.Open(ctx, store.Options{Path: folder})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // again; what was measured is measured
	start := time.Now()
	w, err := seedSearch(ctx, db, messages, chats)
	if err != nil {
		return err
	}
	b.note("seeded %d messages in %s", messages, time.Since(start).Round(time.Second))
	if err := db.Indexed(ctx); err != nil {
		return err
	}
	b.note("indexed after %s", time.Since(start).Round(time.Second))
	if err := b.searches(ctx, searchService(db), w); err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	if err := unindex(folder); err != nil {
		return err
	}
	indexing, err := store.Open(ctx, store.Options{Path: folder})
	if err != nil {
		return err
	}
	defer func() { _ = indexing.Close() }()
	return b.searchesMeanwhile(ctx, searchService(indexing), w)
}

func searchService(db *store.Store) *chat.Service {
	return chat.New(db, nil, nil, chat.Options{}, slog.New(slog.DiscardHandler))
}

// searchesMeanwhile runs some searches while all messages are indexed again.
// chat.search-time may end them early, with the rows found until then.
func (b *bench) searchesMeanwhile(ctx context.Context, svc *chat.Service, w searchWorld) error {
	for _, c := range []struct {
		what string
		by   chat.AccountID
		text string
	}{
		{"common word, in many chats", w.busy, w.latin[0]},
		{"two common Chinese characters, in many chats", w.busy, w.chinese[0]},
		{"nothing found, in many chats", w.busy, "absent"},
		{"signs that nobody wrote, in many chats", w.busy, "!?"},
		{"common word, in three chats", w.few, w.latin[0]},
	} {
		if !b.wants("search while indexing, " + c.what) {
			continue
		}
		took := make([]time.Duration, 0, 3)
		found, partial := 0, 0
		for range cap(took) {
			start := time.Now()
			hits, err := svc.Search(ctx, chat.Actor{Account: c.by}, chat.MessageSearch{Text: c.text})
			if err != nil {
				return fmt.Errorf("%s: %w", c.what, err)
			}
			took = append(took, time.Since(start))
			found = len(hits.Hits)
			if hits.Partial {
				partial++
			}
		}
		slices.Sort(took)
		ms := 1e3 * took[len(took)/2].Seconds()
		b.note("while indexing, %s: %d found, %d of %d in part, median %.2f ms", c.what, found, partial, cap(took), ms)
		b.table.row("search while indexing, "+c.what+": ms", goal{}).add(ours, ms)
	}
	return nil
}

// searches runs every search often enough and notes the median and the slowest.
func (b *bench) searches(ctx context.Context, svc *chat.Service, w searchWorld) error {
	group := chat.ChatRef{Type: chat.SessionGroup, ID: string(w.group)}
	for _, c := range []struct {
		what string
		by   chat.AccountID
		q    chat.MessageSearch
	}{
		{"common word, in many chats", w.busy, chat.MessageSearch{Text: w.latin[0]}},
		{"beginning of a common word, in many chats", w.busy, chat.MessageSearch{Text: w.latin[0][:3]}},
		{"one letter, in many chats", w.busy, chat.MessageSearch{Text: w.latin[0][:1]}},
		{"rare word, in many chats", w.busy, chat.MessageSearch{Text: "needle"}},
		{"two common Chinese characters, in many chats", w.busy, chat.MessageSearch{Text: w.chinese[0]}},
		{"four Chinese characters, in many chats", w.busy, chat.MessageSearch{Text: w.chinese[40] + w.chinese[60]}},
		{"two rare Chinese characters, in many chats", w.busy, chat.MessageSearch{Text: "悬空"}},
		{"one Chinese character, in many chats", w.busy, chat.MessageSearch{Text: string([]rune(w.chinese[0])[:1])}},
		{"two common words, in many chats", w.busy, chat.MessageSearch{Text: w.latin[1] + " " + w.chinese[1]}},
		{"nothing found, in many chats", w.busy, chat.MessageSearch{Text: "absent"}},
		{"signs that nobody wrote, in many chats", w.busy, chat.MessageSearch{Text: "!?"}},
		{"one sign, in many chats", w.busy, chat.MessageSearch{Text: "?"}},
		{"said by others alone, in many chats", w.busy, chat.MessageSearch{Text: "elsewhere"}},
		{"common word of one person, in many chats", w.busy, chat.MessageSearch{Text: w.latin[0], From: w.peer}},
		{"common word of last month, in many chats", w.busy, chat.MessageSearch{Text: w.latin[0], Until: w.started.Add(30 * 24 * time.Hour)}},
		{"everything of one person, in many chats", w.busy, chat.MessageSearch{From: w.peer}},
		{"everything of last month, in many chats", w.busy, chat.MessageSearch{Until: w.started.Add(30 * 24 * time.Hour)}},
		{"all texts, in many chats", w.busy, chat.MessageSearch{Kinds: []chat.MessageType{chat.TypeText}}},
		{"images that nobody sent, in many chats", w.busy, chat.MessageSearch{Kinds: []chat.MessageType{chat.TypeImage}}},
		{"links that nobody sent, in many chats", w.busy, chat.MessageSearch{Link: true}},
		{"common word, in three chats", w.few, chat.MessageSearch{Text: w.latin[0]}},
		{"rare word, in three chats", w.few, chat.MessageSearch{Text: "needle"}},
		{"two common Chinese characters, in three chats", w.few, chat.MessageSearch{Text: w.chinese[0]}},
		{"one Chinese character, in three chats", w.few, chat.MessageSearch{Text: string([]rune(w.chinese[0])[:1])}},
		{"said by others alone, in three chats", w.few, chat.MessageSearch{Text: "elsewhere"}},
		{"common word, one chat", w.busy, chat.MessageSearch{Text: w.latin[0], Chat: group}},
		{"rare word, one chat", w.busy, chat.MessageSearch{Text: "needle", Chat: group}},
		{"everything of last month, one chat", w.busy, chat.MessageSearch{Chat: group, Until: w.started.Add(30 * 24 * time.Hour)}},
		{"nothing found, one chat", w.busy, chat.MessageSearch{Text: w.latin[0] + " absent", Chat: group}},
	} {
		if !b.wants("search, " + c.what) {
			continue
		}
		took := make([]time.Duration, 0, 9)
		found := 0
		for range cap(took) {
			start := time.Now()
			hits, err := svc.Search(ctx, chat.Actor{Account: c.by}, c.q)
			if err != nil {
				return fmt.Errorf("%s: %w", c.what, err)
			}
			took = append(took, time.Since(start))
			found = len(hits.Hits)
			if hits.Partial {
				return fmt.Errorf("%s: gave up after %s", c.what, took[len(took)-1])
			}
		}
		first := took[0]
		slices.Sort(took)
		b.note("%s: %d found, first %.2f ms, median %.2f ms", c.what, found, 1e3*first.Seconds(), 1e3*took[len(took)/2].Seconds())
		b.table.row("search, "+c.what+": ms", atMost(100)).add(ours, 1e3*took[len(took)/2].Seconds())
	}
	return nil
}

// searchWorld is a database to search in: a busy account in direct chats with
// everybody, a group of some, others who talk among themselves, and an account
// with three chats.
type searchWorld struct {
	busy, few, peer chat.AccountID // peer is one of the many
	group           chat.GroupID
	latin           []string // the most common first
	chinese         []string
	started         time.Time
}

func seedSearch(ctx context.Context, db chat.Store, messages, chats int) (w searchWorld, err error) {
	people, err := seedPeople(ctx, db, chats+2)
	if err != nil {
		return w, err
	}
	account := func(i int) chat.AccountID { return chat.AccountID(people[i].account) }
	w.busy, w.few, w.peer = account(0), account(1), account(chats/2)
	w.started = time.Now().Add(-365 * 24 * time.Hour)
	r := rand.New(rand.NewPCG(1, 2)) // the same database every time
	w.latin, w.chinese = vocabulary(r)

	var direct, others, own []searchChat
	var group searchChat
	talk := func(tx chat.Tx, a, b int) (searchChat, error) {
		c, err := tx.CreateDirectConversation(account(a), account(b), w.started)
		return searchChat{c.ID, []chat.AccountID{account(a), account(b)}}, err
	}
	err = db.Update(ctx, func(tx chat.Tx) error {
		direct, others, own, group = nil, nil, nil, searchChat{}
		for i := 2; i < chats+2; i++ {
			c, err := talk(tx, 0, i)
			if err != nil {
				return err
			}
			direct = append(direct, c)
			if c, err = talk(tx, i, 2+(i-1)%chats); err != nil {
				return err
			}
			others = append(others, c)
		}
		for i := 2; i < 5; i++ {
			c, err := talk(tx, 1, i)
			if err != nil {
				return err
			}
			own = append(own, c)
		}
		w.group = chat.GroupID(uuid.NewString())
		g, err := tx.CreateGroup(chat.Group{ID: w.group, Name: "everybody", IsPost: true, Creator: w.busy, CreatedAt: w.started})
		if err != nil {
			return err
		}
		group.id = g.Conversation
		for i := range 200 {
			if i != 1 && i < chats {
				group.members = append(group.members, account(i))
			}
		}
		return tx.AddMembers(g.Conversation, group.members, chat.RoleMember, w.started)
	})
	if err != nil {
		return w, err
	}
	step := 365 * 24 * time.Hour / time.Duration(messages)
	words, signs := rand.NewZipf(r, 1.1, 5, uint64(len(w.latin)-1)), rand.NewZipf(r, 1.1, 5, uint64(len(w.chinese)-1))
	for from := 0; from < messages; from += seedAtOnce {
		err := db.Update(ctx, func(tx chat.Tx) error {
			for i := from; i < min(from+seedAtOnce, messages); i++ {
				var c searchChat
				more := ""
				switch n := r.IntN(1000); {
				case n < 500:
					c = direct[r.IntN(len(direct))]
				case n < 700:
					c = group
				case n < 703:
					c = own[r.IntN(len(own))]
				default:
					c = others[r.IntN(len(others))]
					if n%2 == 0 {
						more = " elsewhere"
					}
				}
				if i == messages/7 || i == messages/2 {
					c, more = group, " needle 悬空"
				}
				text := sentence(r, w, words, signs) + more
				m := chat.Message{
					Content: chat.Content{Type: chat.TypeText, Text: text}, Conversation: c.id,
					From: c.members[r.IntN(len(c.members))], App: uuidApp, At: w.started.Add(time.Duration(i) * step),
				}
				if err := tx.AppendMessage(&m); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return w, fmt.Errorf("seeding messages: %w", err)
		}
	}
	return w, nil
}

type searchChat struct {
	id      chat.ConversationID
	members []chat.AccountID
}

// vocabulary makes words that are told apart by nobody but a computer.
func vocabulary(r *rand.Rand) (latin, chinese []string) {
	for range 30_000 {
		var b strings.Builder
		for range 2 + r.IntN(3) {
			b.WriteByte("bcdfghklmnprstvw"[r.IntN(16)])
			b.WriteByte("aeiou"[r.IntN(5)])
		}
		latin = append(latin, b.String())
	}
	for range 8000 {
		// Some two thousand characters, all of them common ones.
		chinese = append(chinese, string([]rune{rune(0x5000 + r.IntN(2000)), rune(0x5000 + r.IntN(2000))}))
	}
	return latin, chinese
}

// sentence is some 60 bytes of text.
func sentence(r *rand.Rand, w searchWorld, words, signs *rand.Zipf) string {
	var b strings.Builder
	for range 3 + r.IntN(8) {
		b.WriteString(w.chinese[signs.Uint64()])
	}
	for range r.IntN(6) {
		b.WriteByte(' ')
		b.WriteString(w.latin[words.Uint64()])
	}
	b.WriteString([...]string{"", "", ".", "。", "?", "!", "…"}[r.IntN(7)])
	return b.String()
}
