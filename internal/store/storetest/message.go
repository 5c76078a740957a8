package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"parley/internal/chat"
)

func history(w *world, q chat.MessageQuery) []chat.Message {
	w.Helper()
	return get(w, func(tx chat.Tx) ([]chat.Message, error) { return tx.Messages(q) })
}

func seqs(messages []chat.Message) (all []int64) {
	for _, m := range messages {
		all = append(all, m.Seq)
	}
	return all
}

var messageTests = []test{
	{"every field comes back", func(w *world) {
		w.people("ann", "bob")
		w.do(func(tx chat.Tx) error { return tx.CreateApplication(chat.Application{ID: "app", Key: "k"}) })
		c := w.direct("ann", "bob")
		first := w.say(c.ID, "bob", "悬空 😀\n\x00 end")
		same(w, "first", []int64{first.Seq, first.Count}, []int64{1, 1})
		m := chat.Message{
			Content: chat.Content{
				Type: chat.TypeFile, Text: "", File: json.RawMessage(`{"name":"a.pdf"}`),
				Card: json.RawMessage(`{"title":"t"}`), Location: json.RawMessage(`{"lng":1}`),
			},
			Conversation: c.ID, From: "ann", App: "app", Refer: first.ID, WaitingID: "w1", At: w.tick().Add(123456 * time.Nanosecond),
		}
		m = w.post(m)
		if m.ID <= first.ID || m.Seq != 2 || m.Count != 2 || m.At != w.clock {
			w.Errorf("filled in: got %+v", m)
		}
		for name, read := range map[string]func(chat.Tx) (chat.Message, error){
			"by id":        func(tx chat.Tx) (chat.Message, error) { return tx.Message(m.ID) },
			"by waitingid": func(tx chat.Tx) (chat.Message, error) { return tx.MessageByWaitingID("ann", "w1") },
		} {
			same(w, name, get(w, read), m)
		}
		same(w, "text", get(w, func(tx chat.Tx) (chat.Message, error) { return tx.Message(first.ID) }), first)
		w.both(func(tx chat.Tx) error {
			_, err := tx.MessageByWaitingID("bob", "w1")
			w.wantNoRow(err)
			_, err = tx.Message(m.ID + 1)
			w.wantNoRow(err)
			return nil
		})
		c = get(w, func(tx chat.Tx) (chat.Conversation, error) { return tx.Conversation(c.ID) })
		same(w, "conversation", c, chat.Conversation{ID: c.ID, Kind: chat.KindDirect, A: "ann", B: "bob", LastSeq: 2, Count: 2, LastAt: m.At, LastID: m.ID})
	}},

	{"few and many messages of one commit are stored alike", func(w *world) {
		var people []chat.AccountID
		for i := range 20 {
			people = append(people, chat.AccountID(fmt.Sprintf("p%02d", i)))
		}
		w.people(people...)
		w.do(func(tx chat.Tx) error { return tx.CreateApplication(chat.Application{ID: "app", Key: "k"}) })
		var chats []chat.Conversation
		for i := 0; i < len(people); i += 2 {
			chats = append(chats, w.direct(people[i], people[i+1]))
		}
		quoted := w.say(chats[0].ID, people[0], "quoted")
		for _, n := range []int{1, 3, 4, 5, 6, 70} {
			sent := make([]chat.Message, n)
			for i := range sent {
				from := i % len(chats)
				sent[i] = chat.Message{
					Content:      chat.Content{Type: chat.TypeText, Text: fmt.Sprintf("%d of %d 悬空 \x00", i, n)},
					Conversation: chats[from].ID, From: people[2*from+i%2], At: w.tick(),
				}
				if i%3 == 0 {
					sent[i].Content = chat.Content{
						Type: chat.TypeFile, File: json.RawMessage(`{"name":"a.pdf"}`),
						Card: json.RawMessage(`{"title":"t"}`), Location: json.RawMessage(`{"lng":1}`),
					}
					sent[i].App = "app"
				}
				if from == 0 {
					sent[i].Refer = quoted.ID
				}
			}
			// The messages have no waitingids, which would each be looked up.
			w.do(func(tx chat.Tx) error {
				for i := range sent {
					if err := tx.AppendMessage(&sent[i]); err != nil {
						return err
					}
				}
				return nil
			})
			for _, want := range sent {
				same(w, fmt.Sprintf("one of %d", n), get(w, func(tx chat.Tx) (chat.Message, error) { return tx.Message(want.ID) }), want)
			}
		}
		for i, c := range chats {
			for n, reader := range people[2*i : 2*i+2] {
				other := people[2*i+1-n]
				var others int64
				for _, m := range history(w, chat.MessageQuery{Conversation: c.ID, Limit: 1000}) {
					if m.From == other {
						others++
					}
				}
				w.wantUnread(c.ID, reader, others)
			}
		}
	}},

	{"few and many waitingids of one commit are taken once", func(w *world) {
		var people []chat.AccountID
		for i := range 20 {
			people = append(people, chat.AccountID(fmt.Sprintf("p%02d", i)))
		}
		w.people(people...)
		var chats []chat.Conversation
		for i := range len(people) / 2 {
			chats = append(chats, w.direct(people[2*i], people[2*i+1]))
		}
		// They wait for the first function, which holds the commit up, and share the next one.
		for _, n := range []int{1, 4, 5, 40} {
			for again, want := range []error{nil, chat.ErrDuplicate} {
				errs := w.atOnce(n, func(i int) error {
					id := chat.WaitingID{From: people[i%len(people)], Name: fmt.Sprint(n, " ", i)}
					return w.store.Update(chat.ExpectWaitingID(w.Context(), id), func(tx chat.Tx) error {
						return tx.AppendMessage(&chat.Message{
							Conversation: chats[i%len(people)/2].ID, From: id.From, WaitingID: id.Name, At: w.clock,
						})
					})
				})
				for i, err := range errs {
					if !errors.Is(err, want) {
						w.Errorf("%d of %d, time %d: got %v, want %v", i, n, again+1, err, want)
					}
				}
			}
			for i := range n {
				from, name := people[i%len(people)], fmt.Sprint(n, " ", i)
				m := get(w, func(tx chat.Tx) (chat.Message, error) { return tx.MessageByWaitingID(from, name) })
				same(w, "sender", m.From, from)
				same(w, "waitingid", m.WaitingID, name)
			}
		}
	}},

	{"a waitingid is unique to its sender", func(w *world) {
		w.people("ann", "bob")
		c := w.direct("ann", "bob")
		send := func(from chat.AccountID, waiting string) error {
			return w.store.Update(w.Context(), func(tx chat.Tx) error {
				return tx.AppendMessage(&chat.Message{Conversation: c.ID, From: from, WaitingID: waiting, At: w.tick()})
			})
		}
		for _, ok := range []error{send("ann", "1"), send("bob", "1"), send("ann", ""), send("ann", "")} {
			if ok != nil {
				w.Error(ok)
			}
		}
		if err := send("ann", "1"); !errors.Is(err, chat.ErrDuplicate) {
			w.Errorf("the second time: got error %v", err)
		}
	}},

	{"a sender must be a participant", func(w *world) {
		w.people("ann", "bob", "cid")
		c := w.direct("ann", "bob")
		err := w.store.Update(w.Context(), func(tx chat.Tx) error {
			return tx.AppendMessage(&chat.Message{Conversation: c.ID, From: "cid", At: w.tick()})
		})
		w.wantNoRow(err)
		w.announce(c.ID, "cid")
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error {
			return tx.AppendMessage(&chat.Message{Conversation: 99, From: "ann", At: w.tick()})
		}))
	}},

	{"times strictly increase", func(w *world) {
		w.people("ann", "bob")
		c := w.direct("ann", "bob")
		at := w.tick()
		var last time.Time
		for i := range 5 {
			m := w.post(chat.Message{Conversation: c.ID, From: "ann", At: at.Add(-time.Duration(i) * time.Second)})
			if i > 0 && m.At != last.Add(time.Millisecond) {
				w.Errorf("message %d: got %v after %v", i, m.At, last)
			}
			last = m.At
		}
	}},

	{"times move back with the clock", func(w *world) {
		w.people("ann", "bob", "cid")
		c, other := w.direct("ann", "bob"), w.direct("ann", "cid")
		first := w.say(c.ID, "ann", "in time")
		now := w.tick()
		const days = 48 * time.Hour
		var ahead []chat.Message
		for i := range 4 {
			ahead = append(ahead, w.post(chat.Message{Conversation: c.ID, From: "ann", At: now.Add(days + time.Duration(i)*time.Hour)}))
		}
		// A message elsewhere shows that the clock was set back.
		w.post(chat.Message{Conversation: other.ID, From: "ann", At: now})
		moved := history(w, chat.MessageQuery{Conversation: c.ID, AfterID: first.ID, Limit: 9, OldestFirst: true})
		last := first.At
		for i, m := range moved {
			if !m.At.After(last) || !m.At.Before(now) || m.FormerAt != ahead[i].At || m.Sent() != m.At {
				w.Errorf("message %d: got %+v, want it after %v and before %v", i, m, last, now)
			}
			last = m.At
			// Both times name it.
			for _, at := range []time.Time{m.At, m.FormerAt} {
				same(w, "before", seqs(history(w, chat.MessageQuery{Conversation: c.ID, BeforeAt: at, Limit: 9})), seqs(history(w, chat.MessageQuery{Conversation: c.ID, BeforeID: m.ID, Limit: 9})))
				same(w, "after", seqs(history(w, chat.MessageQuery{Conversation: c.ID, AfterAt: at, Limit: 9})), seqs(history(w, chat.MessageQuery{Conversation: c.ID, AfterID: m.ID, Limit: 9})))
			}
		}
		same(w, "moved", len(moved), 4)
		next := w.post(chat.Message{Conversation: c.ID, From: "ann", At: now})
		same(w, "next", []time.Time{next.At, next.Sent()}, []time.Time{now, now})
	}},

	{"a burst stays where it is", func(w *world) {
		w.people("ann", "bob")
		c := w.direct("ann", "bob")
		now := w.tick()
		var last chat.Message
		w.do(func(tx chat.Tx) error {
			for range 11000 { // the last one has a time eleven seconds later
				last = chat.Message{Conversation: c.ID, From: "ann", At: now}
				if err := tx.AppendMessage(&last); err != nil {
					return err
				}
			}
			return tx.MoveTimesBack(now)
		})
		same(w, "last", get(w, func(tx chat.Tx) (chat.Message, error) { return tx.Message(last.ID) }), last)
	}},

	{"stretches", func(w *world) {
		w.people("ann", "bob")
		c, other := w.direct("ann", "bob"), w.direct("ann", "ann")
		var all []chat.Message
		for i := range 10 {
			m := chat.Message{Content: chat.Content{Type: chat.TypeText, Text: fmt.Sprintf("Word %d 悬空_%%", i)}, Conversation: c.ID, From: "ann", At: w.tick()}
			if i%3 == 0 {
				m.Type, m.File = chat.TypeFile, json.RawMessage(`{}`)
			}
			all = append(all, w.post(m))
			w.say(other.ID, "ann", "elsewhere")
		}
		elsewhere := history(w, chat.MessageQuery{Conversation: other.ID, Limit: 1})[0]
		at := func(i int) time.Time { return all[i-1].At }
		id := func(i int) chat.MessageID { return all[i-1].ID }
		for name, c := range map[string]struct {
			q    chat.MessageQuery
			want []int64
		}{
			"newest":                  {chat.MessageQuery{Limit: 3}, []int64{10, 9, 8}},
			"newest, oldest first":    {chat.MessageQuery{Limit: 3, OldestFirst: true}, []int64{8, 9, 10}},
			"before id":               {chat.MessageQuery{BeforeID: id(5), Limit: 2}, []int64{4, 3}},
			"before id, oldest first": {chat.MessageQuery{BeforeID: id(5), Limit: 2, OldestFirst: true}, []int64{3, 4}},
			"after id":                {chat.MessageQuery{AfterID: id(5), Limit: 2}, []int64{7, 6}},
			"after id, oldest first":  {chat.MessageQuery{AfterID: id(5), Limit: 2, OldestFirst: true}, []int64{6, 7}},
			"before the first":        {chat.MessageQuery{BeforeID: id(1), Limit: 2}, nil},
			"after the last":          {chat.MessageQuery{AfterID: id(10), Limit: 2}, nil},
			"before time":             {chat.MessageQuery{BeforeAt: at(5), Limit: 2}, []int64{4, 3}},
			"before a finer time":     {chat.MessageQuery{BeforeAt: at(5).Add(1), Limit: 2}, []int64{5, 4}},
			"after time":              {chat.MessageQuery{AfterAt: at(5), Limit: 2, OldestFirst: true}, []int64{6, 7}},
			"after a finer time":      {chat.MessageQuery{AfterAt: at(5).Add(1), Limit: 2, OldestFirst: true}, []int64{6, 7}},
			"after just before":       {chat.MessageQuery{AfterAt: at(5).Add(-1), Limit: 1, OldestFirst: true}, []int64{5}},
			"before all times":        {chat.MessageQuery{BeforeAt: at(1), Limit: 2}, nil},
			"after no time of them":   {chat.MessageQuery{AfterAt: at(1).Add(-time.Hour), Limit: 1, OldestFirst: true}, []int64{1}},
			"before the end of days":  {chat.MessageQuery{BeforeAt: at(10).Add(time.Hour), Limit: 1}, []int64{10}},
			"until":                   {chat.MessageQuery{UntilSeq: 4, Limit: 2}, []int64{4, 3}},
			"until, after":            {chat.MessageQuery{UntilSeq: 4, AfterID: id(2), Limit: 5, OldestFirst: true}, []int64{3, 4}},
			"files":                   {chat.MessageQuery{FilesOnly: true, Limit: 3}, []int64{10, 7, 4}},
			"files after":             {chat.MessageQuery{FilesOnly: true, AfterID: id(2), Limit: 2, OldestFirst: true}, []int64{4, 7}},
			"keyword":                 {chat.MessageQuery{Keyword: "WORD", Limit: 2}, []int64{10, 9}},
			"keyword, second page":    {chat.MessageQuery{Keyword: "word", Limit: 2, Offset: 2}, []int64{8, 7}},
			"keyword in Chinese":      {chat.MessageQuery{Keyword: "悬空", Limit: 1}, []int64{10}},
			"keyword with wildcards":  {chat.MessageQuery{Keyword: "空_%", Limit: 1}, []int64{10}},
			"keyword, no wildcard":    {chat.MessageQuery{Keyword: "w_rd", Limit: 1}, nil},
			"a number":                {chat.MessageQuery{Keyword: "word 7", Limit: 5}, []int64{8}},
			"no middle of a word":     {chat.MessageQuery{Keyword: "ord 7", Limit: 5}, nil},
			"nothing asked":           {chat.MessageQuery{}, nil},
		} {
			c.q.Conversation = all[0].Conversation
			same(w, name, seqs(history(w, c.q)), c.want)
		}
		w.both(func(tx chat.Tx) error {
			_, err := tx.Messages(chat.MessageQuery{Conversation: c.ID, BeforeID: elsewhere.ID, Limit: 5})
			w.wantNoRow(err)
			return nil
		})
	}},

	{"withdrawing", func(w *world) {
		w.people("ann", "bob")
		g := w.group("g", "ann", "bob")
		m := w.post(chat.Message{
			Content:      chat.Content{Type: chat.TypeFile, Text: "secret", File: json.RawMessage(`{}`), Card: json.RawMessage(`{}`), Location: json.RawMessage(`{}`)},
			Conversation: g.Conversation, From: "ann", WaitingID: "w", At: w.tick(),
		})
		w.do(func(tx chat.Tx) error {
			return tx.AddMentions(g.Conversation, m.ID, m.Seq, []chat.AccountID{"bob", chat.Everyone})
		})
		w.do(func(tx chat.Tx) error { return tx.EditMessage(m.ID, "a better secret", w.tick()) })
		same(w, "reacted", made(w, func(tx chat.Tx) (bool, error) { return tx.AddReaction(m.ID, "👍", "bob", w.tick()) }), true)
		same(w, "pinned", made(w, func(tx chat.Tx) (bool, error) {
			return tx.AddPin(g.Conversation, chat.Pin{Message: m.ID, By: "bob", At: w.tick()})
		}), true)
		at := w.tick()
		for range 2 {
			w.do(func(tx chat.Tx) error { return tx.WithdrawMessage(m.ID, "bob", at) })
			at2 := at.Add(time.Hour)
			w.do(func(tx chat.Tx) error { return tx.WithdrawMessage(m.ID, "ann", at2) })
		}
		m.Content = chat.Content{Type: chat.TypeFile}
		m.WithdrawnAt, m.WithdrawnBy = at, "bob"
		same(w, "message", get(w, func(tx chat.Tx) (chat.Message, error) { return tx.Message(m.ID) }), m)
		same(w, "files", len(history(w, chat.MessageQuery{Conversation: g.Conversation, FilesOnly: true, Limit: 5})), 0)
		same(w, "former texts", get(w, func(tx chat.Tx) ([]chat.Revision, error) { return tx.Revisions(m.ID) }), nil)
		same(w, "reactions", get(w, func(tx chat.Tx) ([]chat.Reaction, error) { return tx.Reactions("bob", m.ID, 3) }), nil)
		same(w, "pins", get(w, func(tx chat.Tx) ([]chat.Pin, error) { return tx.Pins(g.Conversation) }), nil)
		c := get(w, func(tx chat.Tx) (chat.Conversation, error) { return tx.Conversation(g.Conversation) })
		same(w, "conversation", []int64{c.Withdrawn, c.Count, c.LastSeq}, []int64{m.Seq, 1, 1})
		same(w, "mention", get(w, func(tx chat.Tx) (chat.ChatUnread, error) { return tx.ChatUnread(g.Conversation, "bob") }).Mention, nil)
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.WithdrawMessage(m.ID+1, "bob", at) }))
	}},

	{"editing", func(w *world) {
		w.people("ann", "bob")
		c := w.direct("ann", "bob")
		m := w.say(c.ID, "ann", "the first text")
		quoting := w.post(chat.Message{Content: chat.Content{Type: chat.TypeText, Text: "re"}, Conversation: c.ID, From: "bob", Refer: m.ID, At: w.tick()})
		var former []chat.Revision
		since := m.At
		for _, text := range []string{"悬空 \x00", "", "the first text"} {
			former = append(former, chat.Revision{Text: m.Text, At: since})
			since = w.tick()
			w.do(func(tx chat.Tx) error { return tx.EditMessage(m.ID, text, since) })
			m.Text, m.EditedAt = text, since
			same(w, "message", get(w, func(tx chat.Tx) (chat.Message, error) { return tx.Message(m.ID) }), m)
			same(w, "former texts", get(w, func(tx chat.Tx) ([]chat.Revision, error) { return tx.Revisions(m.ID) }), former)
		}
		shown := get(w, func(tx chat.Tx) ([]chat.Posted, error) { return tx.Posted("bob", []chat.Message{quoting}) })
		same(w, "a quote of it", shown[0].Quote.Message, m)
		w.do(func(tx chat.Tx) error { return tx.ReplaceRevisions(m.ID, former[1:]) })
		same(w, "replaced", get(w, func(tx chat.Tx) ([]chat.Revision, error) { return tx.Revisions(m.ID) }), former[1:])
		same(w, "of another", get(w, func(tx chat.Tx) ([]chat.Revision, error) { return tx.Revisions(quoting.ID) }), nil)
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.EditMessage(m.ID+9, "x", since) }))
	}},

	{"pins", func(w *world) {
		w.people("ann", "bob")
		g, c := w.group("g", "ann", "bob"), w.direct("ann", "bob")
		one, two, other := w.say(g.Conversation, "ann", "one"), w.say(g.Conversation, "bob", "two"), w.say(c.ID, "ann", "other")
		add := func(c chat.ConversationID, p chat.Pin) bool {
			return made(w, func(tx chat.Tx) (bool, error) { return tx.AddPin(c, p) })
		}
		pin := func(m chat.Message, by chat.AccountID) chat.Pin { return chat.Pin{Message: m.ID, By: by, At: w.tick()} }
		second, first, elsewhere := pin(two, "ann"), pin(one, "bob"), pin(other, "bob")
		same(w, "added", []bool{add(g.Conversation, second), add(g.Conversation, first), add(c.ID, elsewhere), add(g.Conversation, pin(one, "ann"))}, []bool{true, true, true, false})
		pins := func(c chat.ConversationID) []chat.Pin {
			return get(w, func(tx chat.Tx) ([]chat.Pin, error) { return tx.Pins(c) })
		}
		same(w, "the latest first", pins(g.Conversation), []chat.Pin{first, second})
		same(w, "those of the other chat", pins(c.ID), []chat.Pin{elsewhere})
		same(w, "messages", len(get(w, func(tx chat.Tx) ([]chat.Message, error) { return tx.PinnedOf(g.Conversation) })), 2)
		same(w, "number", get(w, func(tx chat.Tx) (int, error) { return tx.CountPins(g.Conversation) }), 2)
		same(w, "of messages", get(w, func(tx chat.Tx) (map[chat.MessageID]chat.Pin, error) {
			return tx.PinsOf([]chat.MessageID{two.ID, other.ID, 99})
		}),
			map[chat.MessageID]chat.Pin{two.ID: second, other.ID: elsewhere})
		posted := get(w, func(tx chat.Tx) ([]chat.Posted, error) { return tx.Posted("bob", []chat.Message{one, two, other}) })
		same(w, "for showing", []bool{posted[0].Pinned, posted[1].Pinned, posted[2].Pinned}, []bool{true, true, true})
		remove := func(id chat.MessageID) bool {
			return made(w, func(tx chat.Tx) (bool, error) { return tx.RemovePin(id) })
		}
		same(w, "removed", []bool{remove(two.ID), remove(two.ID)}, []bool{true, false})
		same(w, "afterwards", pins(g.Conversation), []chat.Pin{first})
	}},

	{"replies", func(w *world) {
		w.people("ann", "bob")
		g, c := w.group("g", "ann", "bob"), w.direct("ann", "bob")
		one, two, other := w.say(g.Conversation, "ann", "one"), w.say(g.Conversation, "bob", "two"), w.say(c.ID, "ann", "other")
		reply := func(m chat.Message, words string) chat.Message {
			return w.post(chat.Message{Content: chat.Content{Type: chat.TypeText, Text: words}, Conversation: m.Conversation, From: "bob", Refer: m.ID, At: w.tick()})
		}
		first, elsewhere, second, deeper := reply(one, "first"), reply(other, "elsewhere"), reply(one, "second"), reply(two, "deeper")
		count := func(until int64, ids ...chat.MessageID) map[chat.MessageID]int64 {
			return get(w, func(tx chat.Tx) (map[chat.MessageID]int64, error) { return tx.CountReplies(ids, until) })
		}
		same(w, "number", count(0, one.ID, two.ID, other.ID, first.ID, 99), map[chat.MessageID]int64{one.ID: 2, two.ID: 1, other.ID: 1})
		same(w, "number of one", count(0, one.ID), map[chat.MessageID]int64{one.ID: 2})
		same(w, "number until a place", count(first.Seq, one.ID, two.ID), map[chat.MessageID]int64{one.ID: 1})
		same(w, "number of none", count(0), map[chat.MessageID]int64{})
		replies := func(m chat.Message, before int64, limit int) (texts []string) {
			for _, r := range get(w, func(tx chat.Tx) ([]chat.Message, error) { return tx.Replies(m.ID, before, limit) }) {
				texts = append(texts, r.Text)
			}
			return texts
		}
		same(w, "oldest first", replies(one, 1<<40, 10), []string{"first", "second"})
		same(w, "the last one", replies(one, 1<<40, 1), []string{"second"})
		same(w, "before it", replies(one, second.Seq, 10), []string{"first"})
		same(w, "before the first one", replies(one, first.Seq, 10), nil)
		posted := get(w, func(tx chat.Tx) ([]chat.Posted, error) {
			return tx.Posted("ann", []chat.Message{one, two, deeper, elsewhere})
		})
		same(w, "for showing", []int64{posted[0].Replies, posted[1].Replies, posted[2].Replies, posted[3].Replies}, []int64{2, 1, 0, 0})

		// Also those of the same transaction, which PostgreSQL does not have yet.
		w.do(func(tx chat.Tx) error {
			m := chat.Message{Content: chat.Content{Type: chat.TypeText, Text: "third"}, Conversation: one.Conversation, From: "ann", Refer: one.ID, At: w.tick()}
			if err := tx.AppendMessage(&m); err != nil {
				return err
			}
			counts, err := tx.CountReplies([]chat.MessageID{one.ID}, 0)
			same(w, "in the transaction", counts[one.ID], 3)
			return err
		})
		w.do(func(tx chat.Tx) error { return tx.WithdrawMessage(first.ID, "bob", w.tick()) })
		w.do(func(tx chat.Tx) error { return tx.WithdrawMessage(one.ID, "ann", w.tick()) })
		same(w, "after withdrawals", replies(one, 1<<40, 10), []string{"second", "third"})
		same(w, "number after withdrawals", count(0, one.ID, two.ID), map[chat.MessageID]int64{one.ID: 2, two.ID: 1})
	}},

	{"reactions", func(w *world) {
		w.people("ann", "bob", "cid")
		g := w.group("g", "ann", "bob", "cid")
		m, other := w.say(g.Conversation, "ann", "one"), w.say(g.Conversation, "ann", "two")
		add := func(id chat.MessageID, emoji string, a chat.AccountID) bool {
			return made(w, func(tx chat.Tx) (bool, error) { return tx.AddReaction(id, emoji, a, w.tick()) })
		}
		begin := w.clock
		same(w, "added", []bool{add(m.ID, "👍", "bob"), add(m.ID, "👍", "bob"), add(m.ID, "👍", "ann"), add(m.ID, "👍🏽", "bob"), add(m.ID, "❤️", "ann"), add(other.ID, "👍", "bob")},
			[]bool{true, false, true, true, true, true})
		at := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Second) }
		name := func(a chat.AccountID) chat.ReportName {
			return chat.ReportName{ID: a, Name: get(w, func(tx chat.Tx) (chat.Account, error) { return tx.Account(a) }).Name}
		}
		want := []chat.Reaction{
			{Emoji: "👍", Count: 2, Mine: true, First: []chat.ReportName{name("bob"), name("ann")}},
			{Emoji: "❤️", Count: 1, First: []chat.ReportName{name("ann")}},
			{Emoji: "👍🏽", Count: 1, Mine: true, First: []chat.ReportName{name("bob")}},
		}
		same(w, "to bob", get(w, func(tx chat.Tx) ([]chat.Reaction, error) { return tx.Reactions("bob", m.ID, 3) }), want)
		shown := get(w, func(tx chat.Tx) ([]chat.Posted, error) { return tx.Posted("bob", []chat.Message{other, m, other, m}) })
		same(w, "for showing", [][]chat.Reaction{shown[1].Reactions, shown[3].Reactions}, [][]chat.Reaction{want, want})
		want[0].Mine, want[2].Mine, want[0].First = false, false, want[0].First[:1]
		same(w, "to cid, with one name", get(w, func(tx chat.Tx) ([]chat.Reaction, error) { return tx.Reactions("cid", m.ID, 1) }), want)
		list := get(w, func(tx chat.Tx) ([]chat.Reactor, error) { return tx.Reactors(m.ID, "👍", 1, 5) })
		same(w, "the second one", []any{len(list), list[0].Account.ID, list[0].At}, []any{1, chat.AccountID("ann"), at(3)})
		same(w, "those of bob", get(w, func(tx chat.Tx) ([]chat.GivenReaction, error) { return tx.ReactionsBy("bob", m.ID-1, 2) }), []chat.GivenReaction{
			{Message: m.ID, Emoji: "👍", Account: "bob", At: at(1)}, {Message: m.ID, Emoji: "👍🏽", Account: "bob", At: at(4)},
		})
		same(w, "to both", get(w, func(tx chat.Tx) (map[chat.MessageID][]chat.GivenReaction, error) {
			return tx.ReactionsTo([]chat.MessageID{m.ID, other.ID, 99})
		})[other.ID], []chat.GivenReaction{{Message: other.ID, Emoji: "👍", Account: "bob", At: at(6)}})

		mark := func() *chat.ReactionMark {
			rows := get(w, func(tx chat.Tx) ([]chat.ChatRow, error) { return tx.ChatList("ann", 0, 10) })
			if len(rows) != 1 {
				w.Fatalf("got %d chats", len(rows))
			}
			return rows[0].Reacted
		}
		same(w, "no mark", mark(), nil)
		w.do(func(tx chat.Tx) error { return tx.SetReacted(g.Conversation, "ann", m.ID) })
		same(w, "the mark of ann, who has reacted later", mark(), &chat.ReactionMark{Message: m.ID, Emoji: "👍🏽", By: name("bob"), At: at(4)})
		same(w, "removed", made(w, func(tx chat.Tx) (bool, error) { return tx.RemoveReaction(m.ID, "👍🏽", "bob") }), true)
		same(w, "removed before", made(w, func(tx chat.Tx) (bool, error) { return tx.RemoveReaction(m.ID, "👍🏽", "bob") }), false)
		same(w, "the mark then", mark(), &chat.ReactionMark{Message: m.ID, Emoji: "👍", By: name("bob"), At: at(1)})
		w.do(func(tx chat.Tx) error { _, err := tx.MarkEverythingRead("ann"); return err })
		same(w, "after reading", mark(), nil)
	}},

	{"complete for showing", func(w *world) {
		w.people("ann", "bob")
		app := chat.Application{ID: "app", Key: "k", Kind: chat.AppMobile}
		w.do(func(tx chat.Tx) error { return tx.CreateApplication(app) })
		c := w.direct("ann", "bob")
		g := w.group("g", "ann", "bob")
		voice := w.post(chat.Message{Content: chat.Content{Type: chat.TypeVoice}, Conversation: c.ID, From: "ann", App: "app", At: w.tick()})
		reply := w.post(chat.Message{Content: chat.Content{Type: chat.TypeText, Text: "re"}, Conversation: c.ID, From: "bob", Refer: voice.ID, At: w.tick()})
		inGroup := w.say(g.Conversation, "bob", "all")
		same(w, "heard", made(w, func(tx chat.Tx) (bool, error) { return tx.SetHeard("bob", voice.ID, w.clock) }), true)
		same(w, "heard before", made(w, func(tx chat.Tx) (bool, error) { return tx.SetHeard("bob", voice.ID, w.clock) }), false)
		ann := get(w, func(tx chat.Tx) (chat.Account, error) { return tx.Account("ann") })
		bob := get(w, func(tx chat.Tx) (chat.Account, error) { return tx.Account("bob") })
		posted := func(reader chat.AccountID, m ...chat.Message) []chat.Posted {
			return get(w, func(tx chat.Tx) ([]chat.Posted, error) { return tx.Posted(reader, m) })
		}
		want := []chat.Posted{
			{Message: reply, Peer: "ann", From: bob, Quote: &chat.Quote{Message: voice, From: ann}},
			{Message: voice, Peer: "bob", From: ann, App: app, Heard: true},
		}
		same(w, "to bob", posted("bob", reply, voice), want)
		want[1].Heard = false
		same(w, "to ann", posted("ann", reply, voice), want)
		p := posted("ann", inGroup)[0]
		if p.Group == nil || p.Group.Name != "Group g" || p.Peer != "" {
			w.Errorf("in a group: got %+v", p)
		}
		same(w, "nothing", posted("ann"), nil)
	}},
}
