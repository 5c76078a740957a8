package chat_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/test/postgres"
)

// The unread ledger against the naive model: a chat is a list of messages, each
// knows for every reader why it is read, and what is unread is found by looking at
// every message. Whatever people do, in whatever order, every screen agrees
// with the model after every step, and the database with its own recount.
func TestLedger(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		folder, err := os.MkdirTemp(t.TempDir(), "ledger")
		ok(rt, err)
		w := openWorld(rt, store.Options{Path: folder}, ledgerOptions)
		defer func() { ok(rt, w.store.Close()) }()
		newLedger(rt, w).run()
	})
}

func TestLedgerOnPostgreSQL(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	rapid.Check(t, func(rt *rapid.T) {
		w := openWorld(rt, store.Options{Database: server.Create(t)}, ledgerOptions)
		defer func() { ok(rt, w.store.Close()) }()
		newLedger(rt, w).run()
	})
}

// ledgerOptions lets everything be withdrawn: days pass, and messages are imported that are days old.
func ledgerOptions(o *chat.Options) { o.WithdrawWindow = 365 * 24 * time.Hour }

// ledgerChecks is how many stories TestLedger draws unless -rapid.checks says
// so: each opens a database of its own, on a real disk.
var ledgerChecks = "25"

func TestMain(m *testing.M) {
	flag.Parse()
	explicit := false
	flag.Visit(func(f *flag.Flag) { explicit = explicit || f.Name == "rapid.checks" })
	if !explicit {
		_ = flag.Set("rapid.checks", ledgerChecks)
	}
	os.Exit(m.Run())
}

// naiveChat is a conversation as the model sees it.
type naiveChat struct {
	ref      func(chat.AccountID) chat.ChatRef
	messages []*naiveMessage
	readers  map[chat.AccountID]*naiveReader
}

type naiveMessage struct {
	id        chat.MessageID
	from      chat.AccountID
	system    bool
	withdrawn bool
	removed   bool                    // because of its age
	sent      time.Time               // by the clock of the world
	at        map[chat.AccountID]bool // who is @-ed; Everyone is one
	read      map[chat.AccountID]*naiveRead
}

// naiveRead is why a message is read: for certain, or because devices looked at
// the chat of which nothing has been heard since.
type naiveRead struct {
	certain bool
	devices map[*device]bool
}

func (m *naiveMessage) readOf(a chat.AccountID) *naiveRead {
	r := m.read[a]
	if r == nil {
		r = &naiveRead{devices: map[*device]bool{}}
		if m.read == nil {
			m.read = map[chat.AccountID]*naiveRead{}
		}
		m.read[a] = r
	}
	return r
}

func (m *naiveMessage) unreadFor(a chat.AccountID) bool {
	r := m.readOf(a)
	return !r.certain && len(r.devices) == 0
}

type naiveReader struct {
	left   bool
	listed bool
	muted  bool
	marked bool // messages as unread, since the chat was last read
	joined int  // the number of messages before
}

func (c *naiveChat) unread(a chat.AccountID) (n int64) {
	r := c.readers[a]
	if r == nil || r.left {
		return 0
	}
	for _, m := range c.messages {
		if m.unreadFor(a) && !m.system && !m.withdrawn && !m.removed && m.from != a {
			n++
		}
	}
	return n
}

func (c *naiveChat) mention(a chat.AccountID) (latest chat.MessageID) {
	for _, m := range c.messages {
		if m.unreadFor(a) && !m.withdrawn && !m.removed && m.from != a && (m.at[a] || m.at[chat.Everyone]) {
			latest = m.id
		}
	}
	return latest
}

// readAll reads the chat to its end, for certain.
func (c *naiveChat) readAll(a chat.AccountID) {
	for _, m := range c.messages {
		m.readOf(a).certain = true
	}
}

// post appends a message: the chat enters every participant's list, and is read
// to its end because of every device that looks at it.
func (c *naiveChat) post(m *naiveMessage, l *looks) {
	m.sent = l.clock.Now()
	c.messages = append(c.messages, m)
	for a, r := range c.readers {
		if r.left {
			continue
		}
		r.listed = true
		if a == m.from {
			continue
		}
		if r.marked {
			continue // what arrives is not read by looking
		}
		viewers := l.at(a, c.ref(a))
		for _, d := range viewers {
			// Nothing waits for a sign of this one: it has seen what is read so far.
			if !c.waitsFor(d) {
				c.readSoFar(a)
			}
		}
		for _, d := range viewers {
			d.readAt = l.clock.Now()
			for _, m := range c.messages {
				m.readOf(a).devices[d] = true
			}
		}
	}
}

// imported appends a message that was imported. It is read by everybody who had read the chat to its end.
func (c *naiveChat) imported(m *naiveMessage) {
	var read []chat.AccountID
	for a, r := range c.readers {
		if end := len(c.messages); !r.left && (end == 0 || !c.messages[end-1].unreadFor(a)) {
			read = append(read, a)
		}
		r.listed = r.listed || !r.left
	}
	c.messages = append(c.messages, m)
	for _, a := range read {
		c.readAll(a)
	}
}

// waitsFor reports whether messages are read because of a device of which nothing has been heard since.
func (c *naiveChat) waitsFor(d *device) bool {
	return slices.ContainsFunc(c.messages, func(m *naiveMessage) bool { return m.readOf(d.account).devices[d] })
}

// readSoFar makes certain what is read.
func (c *naiveChat) readSoFar(a chat.AccountID) {
	for _, m := range c.messages {
		if r := m.readOf(a); len(r.devices) > 0 {
			r.certain = true
		}
	}
}

// at returns the account's devices that look at a chat.
func (l *looks) at(a chat.AccountID, ref chat.ChatRef) (all []*device) {
	for _, d := range l.devices {
		if d.account == a && d.presence.LooksAt(d.Viewer, ref) {
			all = append(all, d)
		}
	}
	return all
}

// prove makes certain what is read because of a device.
func (c *naiveChat) prove(d *device) {
	for _, m := range c.messages {
		if r := m.readOf(d.account); r.devices[d] {
			r.certain = true
			delete(r.devices, d)
		}
	}
}

type ledger struct {
	t       *rapid.T
	w       *world
	people  []chat.AccountID
	groups  []chat.GroupID
	direct  map[[2]chat.AccountID]*naiveChat
	group   map[chat.GroupID]*naiveChat
	inbox   map[chat.AccountID][]bool // not read yet: is it weak?
	silent  map[chat.AccountID]bool
	rules   map[string]int      // days by the id of an organization or a group
	heirs   map[*device]*device // of a client that is back, before its loss is noticed
	hook    chat.Webhook        // of the first group
	counted int
}

func newLedger(t *rapid.T, w *world) *ledger {
	l := &ledger{
		t: t, w: w,
		people: []chat.AccountID{"ann", "ben", "cid", "dee"},
		direct: map[[2]chat.AccountID]*naiveChat{},
		group:  map[chat.GroupID]*naiveChat{},
		inbox:  map[chat.AccountID][]bool{},
		silent: map[chat.AccountID]bool{},
		heirs:  map[*device]*device{},
	}
	for _, a := range l.people {
		must(w.CreateAccount(w.ctx, chat.Account{ID: a, Name: string(a)}))(t)
	}
	must(w.CreateOrganization(w.ctx, chat.Organization{ID: "demo", Name: "Demo"}))(t)
	ok(t, w.AddToOrganization(w.ctx, "demo", l.people))
	for i, members := range [][]chat.AccountID{{"ann", "ben", "cid"}, {"ben", "dee"}} {
		g := must(w.CreateGroup(w.ctx, host, chat.NewGroup{
			Name: fmt.Sprint("group ", i), IsPost: true, Creator: members[0], Members: members[1:],
		}))(t)
		l.groups = append(l.groups, g.ID)
		c := &naiveChat{
			ref:     func(chat.AccountID) chat.ChatRef { return group(g.ID) },
			readers: map[chat.AccountID]*naiveReader{},
		}
		for _, a := range members {
			c.readers[a] = &naiveReader{}
		}
		l.group[g.ID] = c
		l.announced(c, members[0])
	}
	l.hook = must(w.CreateWebhook(w.ctx, by("ann"), l.groups[0], "Alerts", ""))(t).Webhook
	return l
}

// run draws what people do. Group members come and go, but the creators, whose
// going would bring in the rules of succession.
func (l *ledger) run() {
	l.t.Repeat(l.actions())
}

func (l *ledger) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"":             func(*rapid.T) { l.check() },
		"send":         func(*rapid.T) { l.send() },
		"sendInGroup":  func(*rapid.T) { l.sendInGroup() },
		"sendInGroup2": func(*rapid.T) { l.sendInGroup() },
		"alert":        func(*rapid.T) { l.alert() },
		"read":         func(*rapid.T) { l.read() },
		"readUpTo":     func(*rapid.T) { l.readUpTo() },
		"readAll":      func(*rapid.T) { l.readAll() },
		"withdraw":     func(*rapid.T) { l.withdraw() },
		"hide":         func(*rapid.T) { l.hide() },
		"join":         func(*rapid.T) { l.join() },
		"leave":        func(*rapid.T) { l.leave() },
		"mention":      func(*rapid.T) { l.mention() },
		"mute":         func(*rapid.T) { l.mute() },
		"muteDirect":   func(*rapid.T) { l.muteDirect() },
		"markUnread":   func(*rapid.T) { l.markUnread() },
		"look":         func(*rapid.T) { l.look() },
		"look2":        func(*rapid.T) { l.look() },
		"sign": func(*rapid.T) {
			if _, d, _ := l.viewing(); d != nil {
				l.sign(d)
			}
		},
		"sayToViewer":  func(*rapid.T) { l.sayToViewer() },
		"sayToViewer2": func(*rapid.T) { l.sayToViewer() },
		"lose2":        func(*rapid.T) { l.lose() },
		"comeBack":     func(*rapid.T) { l.comeBack() },
		"lose":         func(*rapid.T) { l.lose() },
		"keepProven":   func(*rapid.T) { ok(l.t, l.w.KeepProven(l.w.ctx)) },
		"restart":      func(*rapid.T) { l.restart() },
		"kill":         func(*rapid.T) { l.kill() },
		"notify":       func(*rapid.T) { l.notify() },
		"clearInbox":   func(*rapid.T) { l.clearInbox() },
		"silence":      func(*rapid.T) { l.silence() },
		"keepFor":      func(*rapid.T) { l.keepFor() },
		"removeOld":    func(*rapid.T) { l.removeOld() },
		"importPast":   func(*rapid.T) { l.importPast() },
		"days":         func(*rapid.T) { l.w.clock.advance(time.Duration(rapid.IntRange(1, 48).Draw(l.t, "hours")) * time.Hour) },
	}
}

// keepFor sets a rule of retention, for everybody or for a group.
func (l *ledger) keepFor() {
	r := chat.RetentionRule{Scope: chat.RetentionOrganization, ID: "demo", Days: rapid.IntRange(chat.NoRetention, 2).Draw(l.t, "days")}
	if g := rapid.IntRange(-1, len(l.groups)-1).Draw(l.t, "of"); g >= 0 {
		r.Scope, r.ID = chat.RetentionGroup, string(l.groups[g])
	}
	must(l.w.SetRetention(l.w.ctx, host, r))(l.t)
	if l.rules == nil {
		l.rules = map[string]int{}
	}
	l.rules[r.ID] = r.Days
	if r.Days == chat.NoRetention {
		delete(l.rules, r.ID)
	}
}

// removeOld removes what the rules do not keep. What was not read counts no more.
func (l *ledger) removeOld() {
	now := l.w.clock.Now()
	before := must(l.w.PreviewRetention(l.w.ctx, host, nil, noProgress))(l.t)
	run := must(l.w.RemoveOld(l.w.ctx, noPause))(l.t)
	same(l.t, "removed as announced", run.Messages, before.Messages)
	removed := int64(0)
	remove := func(c *naiveChat, own string) {
		days, ruled := l.rules[own]
		if !ruled {
			days, ruled = l.rules["demo"]
		}
		if !ruled || days == chat.KeepForever {
			return
		}
		for _, m := range c.messages {
			if !m.removed && m.sent.Before(now.Add(-time.Duration(days)*24*time.Hour)) {
				m.removed = true
				removed++
			}
		}
		// Cursors move only over the removed messages at the beginning, not over imported ones that are behind younger ones.
		beginning := slices.IndexFunc(c.messages, func(m *naiveMessage) bool { return !m.removed })
		if beginning < 0 {
			beginning = len(c.messages)
		}
		for _, m := range c.messages[:beginning] {
			for a, r := range c.readers {
				if !r.left {
					m.readOf(a).certain = true
				}
			}
		}
	}
	for _, c := range l.direct {
		remove(c, "")
	}
	for g, c := range l.group {
		remove(c, string(g))
	}
	same(l.t, "removed", run.Messages, removed)
}

// importPast adds a message to a chat that was sent earlier, in another system.
func (l *ledger) importPast() {
	c := l.chatOf(l.person("of"))
	if c == nil {
		return
	}
	from := rapid.SampledFrom(slices.Sorted(maps.Keys(c.readers))).Draw(l.t, "from")
	l.counted++
	external := fmt.Sprint("past ", l.counted)
	at := l.w.clock.Now().Add(-time.Duration(rapid.IntRange(0, 72).Draw(l.t, "hours")) * time.Hour)
	var id chat.ConversationID
	ok(l.t, l.w.store.View(l.w.ctx, func(tx chat.Tx) error {
		if ref := c.ref(from); ref.Type == chat.SessionGroup {
			g, err := tx.GroupHead(chat.GroupID(ref.ID))
			id = g.Conversation
			return err
		}
		other := chat.AccountID(c.ref(from).ID)
		if other == chat.FileTransfer {
			other = from
		}
		d, err := tx.DirectConversation(from, other)
		id = d.ID
		return err
	}))
	n := must(l.w.ImportMessages(l.w.ctx, "elsewhere", []chat.PastMessage{{
		External: external, Conversation: id, From: from, At: at, Content: chat.Content{Type: chat.TypeText, Text: external},
	}}))(l.t)
	same(l.t, "imported", n, 1)
	m := &naiveMessage{id: must(l.w.LastMessage(l.w.ctx))(l.t), from: from}
	ok(l.t, l.w.store.View(l.w.ctx, func(tx chat.Tx) error {
		stored, err := tx.Message(m.id)
		m.sent = stored.Sent()
		return err
	}))
	c.imported(m)
}

// restart closes the database and opens it again. Who looks at what is remembered.
func (l *ledger) restart() {
	ok(l.t, l.w.store.Close())
	l.w.open(l.w.place, ledgerOptions)
}

// kill goes on with the files as a process leaves them that is killed. A server keeps its
// database, and the next process may begin before the connections have ended.
func (l *ledger) kill() {
	if l.w.place.Database != "" {
		killed := l.w.store
		l.w.open(l.w.place, ledgerOptions)
		ok(l.t, killed.Close())
		return
	}
	ok(l.t, l.w.store.Indexed(l.w.ctx)) // nothing else writes while the files are copied
	before := l.w.store.Path()
	folder := filepath.Join(filepath.Dir(before), "killed")
	ok(l.t, os.Mkdir(folder, 0o700))
	for _, suffix := range []string{"", "-wal", ".lock"} {
		data := must(os.ReadFile(before + suffix))(l.t)
		ok(l.t, os.WriteFile(filepath.Join(folder, "parley.db"+suffix), data, 0o600))
	}
	ok(l.t, l.w.store.Close())
	l.w.open(store.Options{Path: folder}, ledgerOptions)
}

func (l *ledger) person(what string) chat.AccountID {
	return rapid.SampledFrom(l.people).Draw(l.t, what)
}

// chatOf draws one of the chats that the account has ever been in.
func (l *ledger) chatOf(a chat.AccountID) *naiveChat {
	all := l.chatsOf(a)
	if len(all) == 0 {
		return nil
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(l.t, "chat")]
}

func (l *ledger) messageOf(c *naiveChat) *naiveMessage {
	return c.messages[rapid.IntRange(0, len(c.messages)-1).Draw(l.t, "message")]
}

func (l *ledger) chatsOf(a chat.AccountID) (all []*naiveChat) {
	for _, pair := range slices.SortedFunc(maps.Keys(l.direct), func(a, b [2]chat.AccountID) int { return slices.Compare(a[:], b[:]) }) {
		if pair[0] == a || pair[1] == a {
			all = append(all, l.direct[pair])
		}
	}
	for _, g := range l.groups {
		if l.group[g].readers[a] != nil {
			all = append(all, l.group[g])
		}
	}
	return all
}

func (l *ledger) words() chat.Draft {
	l.counted++
	return text(fmt.Sprint("message ", l.counted))
}

func (l *ledger) send() { l.sendFrom(l.person("from"), l.person("to")) }

func (l *ledger) sendFrom(from, to chat.AccountID) {
	r := must(l.w.SendMessage(l.w.ctx, by(from), to, l.words()))(l.t)
	l.beginDirect(from, to).post(&naiveMessage{id: r.Message.ID, from: from}, l.w.looks)
}

func (l *ledger) directChat(a, b chat.AccountID) *naiveChat {
	return l.direct[[2]chat.AccountID{min(a, b), max(a, b)}]
}

// beginDirect returns the direct chat of two people, which begins if there is none.
func (l *ledger) beginDirect(a, b chat.AccountID) *naiveChat {
	if c := l.directChat(a, b); c != nil {
		return c
	}
	pair := [2]chat.AccountID{min(a, b), max(a, b)}
	c := &naiveChat{
		ref: func(me chat.AccountID) chat.ChatRef {
			switch {
			case a == b:
				return user(chat.FileTransfer)
			case me == pair[0]:
				return user(pair[1])
			default:
				return user(pair[0])
			}
		},
		readers: map[chat.AccountID]*naiveReader{a: {}, b: {}},
	}
	l.direct[pair] = c
	return c
}

func (l *ledger) sendInGroup() { l.sendTo(rapid.SampledFrom(l.groups).Draw(l.t, "group")) }

func (l *ledger) sendTo(g chat.GroupID) {
	from := l.person("from")
	c := l.group[g]
	r, err := l.w.SendGroupMessage(l.w.ctx, by(from), g, l.words())
	switch reader := c.readers[from]; {
	case reader == nil:
		refused(l.t, "never a member", err, "not in group")
	case reader.left:
		refused(l.t, "no member any more", err, "removeit")
	default:
		ok(l.t, err)
		c.post(&naiveMessage{id: r.Message.ID, from: from}, l.w.looks)
	}
}

// alert sends a message by the webhook, whose bot is no member, and may mention somebody with it.
func (l *ledger) alert() {
	who := rapid.SampledFrom(append([]chat.AccountID{"", chat.Everyone}, l.people...)).Draw(l.t, "whom")
	c := l.group[l.groups[0]]
	r := must(l.w.SendByWebhook(l.w.ctx, l.hook, chat.WebhookMessage{Text: []chat.WebhookText{
		{Text: l.words().Text + " "}, {At: string(who)},
	}}))(l.t)
	m := &naiveMessage{id: r.Message.ID, from: l.hook.Account, at: map[chat.AccountID]bool{}}
	if r := c.readers[who]; who == chat.Everyone || r != nil && !r.left {
		m.at[who] = true
	}
	c.post(m, l.w.looks)
}

func (l *ledger) read() {
	a := l.person("reader")
	if c := l.chatOf(a); c != nil {
		ok(l.t, l.w.ClearUnread(l.w.ctx, by(a), c.ref(a)))
		c.readAll(a)
		c.readers[a].marked = false
	}
}

func (l *ledger) readUpTo() {
	a := l.person("reader")
	c := l.chatOf(a)
	if c == nil || len(c.messages) == 0 {
		return
	}
	last := l.messageOf(c)
	err := l.w.ReadUpTo(l.w.ctx, by(a), c.ref(a), last.id)
	if last.removed && last != c.messages[len(c.messages)-1] {
		refused(l.t, "read up to a removed message", err, "message not found")
		return
	}
	if c.readers[a].left {
		if err != nil { // it was said after they left
			refused(l.t, "read after leaving", err, "message not found")
		}
		return
	}
	ok(l.t, err)
	c.readers[a].marked = false
	for _, m := range c.messages {
		if m.id <= last.id {
			m.readOf(a).certain = true
		}
	}
}

// markUnread marks the messages from one on as unread, also those that were read because of a device.
func (l *ledger) markUnread() {
	a := l.person("reader")
	c := l.chatOf(a)
	if c == nil || len(c.messages) == 0 {
		return
	}
	first, r := l.messageOf(c), c.readers[a]
	_, err := l.w.MarkUnread(l.w.ctx, by(a), c.ref(a), first.id)
	switch {
	case first.removed:
		refused(l.t, "mark a removed message", err, "message not found")
	case r.left && errors.Is(err, chat.ErrMessageNotFound): // it was said after they left
	case r.left:
		refused(l.t, "mark after leaving", err, "removeit")
	case !r.listed:
		refused(l.t, "mark what is not in the list", err, "invalid payload: id is not in the chat list")
	default:
		ok(l.t, err)
		r.marked = true
		for _, m := range c.messages[r.joined:] {
			if m.id >= first.id {
				m.readOf(a).certain = false
				clear(m.readOf(a).devices)
			}
		}
	}
}

func (l *ledger) readAll() {
	a := l.person("reader")
	ok(l.t, l.w.ClearAllUnread(l.w.ctx, by(a)))
	for _, c := range l.chatsOf(a) {
		if !c.readers[a].left {
			c.readAll(a)
			c.readers[a].marked = false
		}
	}
	l.inbox[a] = nil
}

func (l *ledger) withdraw() {
	a := l.person("who")
	c := l.chatOf(a)
	if c == nil || len(c.messages) == 0 {
		return
	}
	m := l.messageOf(c)
	ref := c.ref(a)
	var err error
	if ref.Type == chat.SessionGroup {
		_, err = l.w.WithdrawGroupMessage(l.w.ctx, by(a), chat.GroupID(ref.ID), m.id)
		if c.readers[a].left {
			refused(l.t, "withdraw after leaving", err, "removeit")
			return
		}
	} else {
		_, err = l.w.WithdrawMessage(l.w.ctx, by(a), chat.AccountID(ref.ID), m.id)
	}
	if m.removed {
		refused(l.t, "withdraw a removed message", err, "message not found")
		return
	}
	administrator := ref.Type == chat.SessionGroup && l.creator(chat.GroupID(ref.ID)) == a
	if m.system || m.from != a && !administrator {
		refused(l.t, "withdraw what is another's", err, "forbidden")
		return
	}
	ok(l.t, err)
	m.withdrawn = true
}

func (l *ledger) creator(g chat.GroupID) chat.AccountID {
	if g == l.groups[0] {
		return "ann"
	}
	return "ben"
}

func (l *ledger) hide() {
	a := l.person("who")
	if c := l.chatOf(a); c != nil {
		ok(l.t, l.w.RemoveSession(l.w.ctx, by(a), c.ref(a)))
		if !c.readers[a].left {
			c.readAll(a)
			c.readers[a].marked = false
		}
		c.readers[a].listed = false
	}
}

func (l *ledger) join() {
	g, a := rapid.SampledFrom(l.groups).Draw(l.t, "group"), l.person("who")
	added := must(l.w.AddGroupMembers(l.w.ctx, host, g, []chat.AccountID{a}))(l.t)
	c := l.group[g]
	if r := c.readers[a]; r != nil && !r.left {
		same(l.t, "added", len(added), 0)
		return
	}
	c.readers[a] = &naiveReader{joined: len(c.messages)}
	c.readAll(a)
	l.announced(c, l.creator(g))
}

func (l *ledger) leave() {
	g, a := rapid.SampledFrom(l.groups).Draw(l.t, "group"), l.person("who")
	c := l.group[g]
	if r := c.readers[a]; r == nil || r.left || a == l.creator(g) {
		return
	}
	from := a
	if rapid.Bool().Draw(l.t, "removed") {
		from = l.creator(g)
		ok(l.t, l.w.RemoveGroupMember(l.w.ctx, by(from), g, a))
	} else {
		ok(l.t, l.w.LeaveGroup(l.w.ctx, by(a), g))
	}
	c.readers[a].left = true
	c.readAll(a)
	l.announced(c, from)
}

// announced takes over the system message that a change has left.
func (l *ledger) announced(c *naiveChat, from chat.AccountID) {
	for _, e := range l.w.events.take() {
		if sent, isSent := e.(chat.MessageSent); isSent && sent.Message.System != chat.NotSystem {
			c.post(&naiveMessage{id: sent.Message.ID, from: from, system: true}, l.w.looks)
		}
	}
}

func (l *ledger) mention() {
	g := rapid.SampledFrom(l.groups).Draw(l.t, "group")
	c := l.group[g]
	if len(c.messages) == 0 {
		return
	}
	m := l.messageOf(c)
	if m.from == l.hook.Account {
		return
	}
	who := rapid.SliceOfN(rapid.SampledFrom(l.people), 1, 3).Draw(l.t, "whom")
	all := rapid.Bool().Draw(l.t, "all")
	err := l.w.ShakeGroup(l.w.ctx, by(m.from), g, who, all, m.id)
	if c.readers[m.from].left {
		refused(l.t, "mention after leaving", err, "removeit")
		return
	}
	if m.system || m.withdrawn || m.removed {
		refused(l.t, "mention by no message", err, "message not found")
		return
	}
	ok(l.t, err)
	if m.at == nil {
		m.at = map[chat.AccountID]bool{}
	}
	if all {
		m.at[chat.Everyone] = true
		return
	}
	for _, a := range who {
		if r := c.readers[a]; r != nil && !r.left {
			m.at[a] = true
		}
	}
}

func (l *ledger) mute() {
	g, a := rapid.SampledFrom(l.groups).Draw(l.t, "group"), l.person("who")
	muted := rapid.Bool().Draw(l.t, "muted")
	err := l.w.SetGroupPush(l.w.ctx, by(a), g, !muted)
	if r := l.group[g].readers[a]; r != nil && !r.left {
		ok(l.t, err)
		r.muted = muted
	}
}

// muteDirect mutes a direct chat, perhaps one in which nothing has been said.
func (l *ledger) muteDirect() {
	a, peer := l.person("who"), l.person("other")
	muted := rapid.Bool().Draw(l.t, "muted")
	err := l.w.SetDirectPush(l.w.ctx, by(a), peer, !muted)
	if a == peer {
		refused(l.t, "mute oneself", err, "invalid payload: aid must be another account")
		return
	}
	ok(l.t, err)
	if c := l.directChat(a, peer); c != nil || muted {
		l.beginDirect(a, peer).readers[a].muted = muted
	}
}

// device draws one of an account's devices.
func (l *ledger) device() *device {
	a := l.person("who")
	return l.w.looks.device(a, rapid.SampledFrom([]string{"1", "2"}).Draw(l.t, "device"))
}

// viewed is the chat that a device looks at, if any.
func (l *ledger) viewed(d *device) *naiveChat {
	for _, c := range l.chatsOf(d.account) {
		if d.presence.LooksAt(d.Viewer, c.ref(d.account)) {
			return c
		}
	}
	return nil
}

// look lets a device look at a chat, or at none. What was read in the one before
// is certain: somebody has used the device.
func (l *ledger) look() {
	d := l.device()
	l.sign(d)
	before := l.viewed(d)
	var ref chat.ChatRef
	if c := l.chatOf(d.account); c != nil && rapid.IntRange(0, 3).Draw(l.t, "at a chat") > 0 {
		ref = c.ref(d.account)
	}
	if before != nil && before.ref(d.account) != ref {
		for _, other := range l.w.looks.at(d.account, before.ref(d.account)) {
			before.prove(other)
		}
	}
	l.w.looks.Look(d.Viewer, ref)
	d.inherited = false
}

// sign lets something come from a device: what was read because of it is certain.
func (l *ledger) sign(d *device) {
	d.signs++
	for _, c := range l.chatsOf(d.account) {
		c.prove(d)
	}
}

// comeBack lets the client of a device come again before its loss is noticed.
func (l *ledger) comeBack() {
	if _, d, _ := l.viewing(); d != nil && l.heirs[d] == nil {
		heir := &device{account: d.account, presence: d.presence}
		heir.Viewer = l.w.looks.Join(d.account, "heir", l.w.clock.Now(), func() uint64 { return heir.signs })
		l.heirs[d] = heir
	}
}

// viewing draws one of the devices that look at a chat, and gives its name.
func (l *ledger) viewing() (name string, d *device, c *naiveChat) {
	var names []string
	for name, d := range l.w.looks.devices {
		if l.viewed(d) != nil {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "", nil, nil
	}
	slices.Sort(names)
	name = rapid.SampledFrom(names).Draw(l.t, "viewing")
	d = l.w.looks.devices[name]
	return name, d, l.viewed(d)
}

// sayToViewer says something in a chat that a device looks at.
func (l *ledger) sayToViewer() {
	_, d, c := l.viewing()
	if d == nil {
		return
	}
	switch ref := c.ref(d.account); {
	case ref.Type == chat.SessionGroup:
		l.sendTo(chat.GroupID(ref.ID))
	case chat.AccountID(ref.ID) != chat.FileTransfer:
		l.sendFrom(chat.AccountID(ref.ID), d.account)
	}
}

// lose ends a device that was dead for some time. Where its client is back, that
// takes its place.
func (l *ledger) lose() {
	name, d, c := l.viewing()
	if d == nil {
		return
	}
	delete(l.w.looks.devices, name)
	if heir := l.heirs[d]; heir != nil {
		delete(l.heirs, d)
		l.w.looks.devices[name] = heir
		if id, ref := l.w.looks.Current(d.Viewer); ref.Type != 0 {
			heir.inherited = l.w.looks.Inherit(heir.Viewer, id, ref)
		}
	}
	c.lose(d, l.w.looks.at(d.account, c.ref(d.account)))
	ok(l.t, l.w.LoseViewer(l.w.ctx, d.Viewer))
}

// lose makes unread what was read because of a lost device alone, unless others
// of the account look at the chat.
func (c *naiveChat) lose(d *device, others []*device) {
	others = slices.DeleteFunc(others, func(o *device) bool { return o.inherited && o.Since().After(d.readAt) })
	waits := map[*device]bool{} // nothing has come since it was sent something
	for _, m := range c.messages {
		maps.Copy(waits, m.readOf(d.account).devices)
	}
	for _, m := range c.messages {
		r := m.readOf(d.account)
		if !r.devices[d] {
			continue
		}
		delete(r.devices, d)
		for _, other := range others {
			switch {
			case r.devices[other]:
			case other.inherited && !waits[other]:
				r.devices[other] = true
			default:
				r.certain = true
			}
		}
	}
}

func (l *ledger) notify() {
	a, weak := l.person("who"), rapid.Bool().Draw(l.t, "weak")
	_, n, err := l.w.Notify(l.w.ctx, chat.NewNotification{
		Category: "task", Type: "taskcomment", Text: "news", Weak: weak, Accounts: []chat.AccountID{a},
	})
	ok(l.t, err)
	same(l.t, "receivers", n, 1)
	l.inbox[a] = append(l.inbox[a], weak)
}

func (l *ledger) strong(a chat.AccountID) (n int64) {
	for _, weak := range l.inbox[a] {
		if !weak {
			n++
		}
	}
	return n
}

func (l *ledger) clearInbox() {
	a, left := l.person("who"), rapid.Int64Range(0, 3).Draw(l.t, "left")
	ok(l.t, l.w.ClearNotification(l.w.ctx, by(a), "task", left, true))
	if left == 0 {
		l.inbox[a] = nil
		return
	}
	for l.strong(a) > left {
		l.inbox[a] = l.inbox[a][1:]
	}
}

func (l *ledger) silence() {
	a, silent := l.person("who"), rapid.Bool().Draw(l.t, "silent")
	ok(l.t, l.w.SetSilence(l.w.ctx, by(a), chat.SessionTask, silent))
	l.silent[a] = silent
}

// figure is what a screen shows of a chat.
type figure struct {
	Count   int64
	Muted   bool
	Mention chat.MessageID
}

func (l *ledger) check() {
	l.w.events.take()
	l.w.clock.advance(time.Second)
	for _, a := range l.people {
		l.checkAccount(a)
	}
	report := must(store.Verify(l.w.ctx, l.w.store))(l.t)
	if !report.OK() {
		l.t.Errorf("Verify:\n%v", report)
	}
}

func (l *ledger) checkAccount(a chat.AccountID) {
	want, rows := map[string]figure{}, map[string]int64{}
	var total, muted int64
	for _, c := range l.chatsOf(a) {
		r, n := c.readers[a], c.unread(a)
		if r.listed {
			rows[c.ref(a).ID] = n
		}
		if n == 0 {
			continue
		}
		want[c.ref(a).ID] = figure{n, r.muted, c.mention(a)}
		total += n
		if r.muted {
			muted += n
		}
	}
	counts := must(l.w.UnreadCounts(l.w.ctx, a))(l.t)
	got := map[string]figure{}
	for _, c := range append(counts.Users, counts.Groups...) {
		f := figure{Count: c.Count, Muted: !c.Push}
		if c.Mention != nil {
			f.Mention = c.Mention.Message
		}
		got[c.Ref.ID] = f
	}
	same(l.t, string(a)+"'s unread", got, want)
	same(l.t, string(a)+"'s total", [2]int64{counts.Total, counts.Muted}, [2]int64{total, muted})

	strong := l.strong(a)
	total += strong
	if l.silent[a] {
		muted += strong
	}
	totals := must(l.w.UnreadTotals(l.w.ctx, a))(l.t)
	same(l.t, string(a)+"'s totals", [2]int64{totals.Count, totals.Muted}, [2]int64{total, muted})

	shown := map[string]int64{}
	for _, row := range must(l.w.ChatList(l.w.ctx, a, 0, 100))(l.t) {
		if row.Ref.Type == chat.SessionTask {
			same(l.t, string(a)+"'s inbox row", row.Unread, strong)
			continue
		}
		shown[row.Ref.ID] = row.Unread
	}
	same(l.t, string(a)+"'s list", shown, rows)
}
