package chat_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

func TestSendMessage(t *testing.T) {
	w := newWorld(t)

	first := must(w.SendMessage(w.ctx, by(alice), bob, text("hello")))(t)
	w.happened(`sent from alice "hello" to bob not alice-1 gained alice,bob`)
	second := must(w.SendMessage(w.ctx, by(bob), alice, text("well met")))(t)
	w.happened(`sent from bob "well met" to alice not bob-1`)

	if second.Message.ID <= first.Message.ID {
		t.Errorf("ids do not increase: %d, then %d", first.Message.ID, second.Message.ID)
	}
	// The clock stands still, but times tell messages apart.
	if got, want := second.Message.At.Sub(first.Message.At), time.Millisecond; got != want {
		t.Errorf("second message is %v after the first, want %v", got, want)
	}
	if first.Peer != bob || first.From.Name != "Alice" || first.App.Name != "Web" || first.Duplicate {
		t.Errorf("receipt is not whole: %+v", first)
	}
	same(t, "alice reads", w.read(alice, user(bob)), []string{"hello", "well met"})
	same(t, "bob reads", w.read(bob, user(alice)), []string{"hello", "well met"})
	same(t, "stored message", must(w.Message(w.ctx, bob, first.Message.ID))(t), first.Posted)
	same(t, "bob's unread", w.unread(bob), map[string]int64{"alice": 1})
	same(t, "alice's list", w.listed(alice), []string{"bob"})
}

func TestSendMessageTellsOtherSocketsWhoIsMeant(t *testing.T) {
	w := newWorld(t)
	w.say(alice, bob, "hello")
	sent := w.events.take()[0].(chat.MessageSent)
	if sent.To.Name != "Bob" {
		t.Errorf("got recipient %+v, want Bob", sent.To)
	}
}

func TestSendMessageRefusals(t *testing.T) {
	w := newWorld(t)
	must(w.CreateAccount(w.ctx, chat.Account{ID: "gone", Name: "Gone"}))(t)
	ok(t, w.AddToOrganization(w.ctx, "demo", []chat.AccountID{"gone"}))
	must(w.UpdateAccount(w.ctx, "gone", chat.AccountPatch{Active: new(bool)}))(t)
	g := w.found("team", alice, bob)
	elsewhere := w.sayIn(g, alice, "in the group")
	w.events.take()

	quote := func(id chat.MessageID) chat.Draft {
		d := text("see there")
		d.Refer = id
		return d
	}
	of := func(kind chat.MessageType) chat.Draft {
		return chat.Draft{Content: chat.Content{Type: kind}}
	}
	named := func(waitingID string) chat.Draft {
		d := text("x")
		d.WaitingID = waitingID
		return d
	}
	withFile := func(size int) chat.Draft {
		d := of(chat.TypeFile)
		d.File = json.RawMessage(`{"name":"` + strings.Repeat("x", size) + `"}`)
		return d
	}
	for name, c := range map[string]struct {
		by   chat.AccountID
		to   chat.AccountID
		d    chat.Draft
		want string
	}{
		"stranger":           {alice, dave, text("x"), "not my contract"},
		"unknown peer":       {alice, "nobody", text("x"), "not my contract"},
		"inactive peer":      {alice, "gone", text("x"), "not my contract"},
		"group as a peer":    {alice, chat.AccountID(g), text("x"), "not my contract"},
		"inactive sender":    {"gone", alice, text("x"), "from user not found"},
		"unknown sender":     {"nobody", alice, text("x"), "from user not found"},
		"no peer":            {alice, "", text("x"), "invalid payload: touser is required"},
		"huge peer":          {alice, chat.AccountID(strings.Repeat("x", 129)), text("x"), "invalid payload: touser must be at most 128 bytes"},
		"peer in no charset": {alice, "\xff", text("x"), "invalid payload: touser must be valid UTF-8"},
		"no text":            {alice, bob, text(""), "invalid payload: msg is required"},
		"text in no charset": {alice, bob, text("a\xff"), "invalid payload: msg must be valid UTF-8"},
		"text too long":      {alice, bob, text(strings.Repeat("😀", 10241)), "message too long"},
		"no type":            {alice, bob, of(0), "invalid payload: type must be 1 to 7"},
		"unknown type":       {alice, bob, of(8), "invalid payload: type must be 1 to 7"},
		"image, no file":     {alice, bob, of(chat.TypeImage), "invalid payload: file is required"},
		"voice, no file":     {alice, bob, of(chat.TypeVoice), "invalid payload: file is required"},
		"file, no file":      {alice, bob, of(chat.TypeFile), "invalid payload: file is required"},
		"video, no file":     {alice, bob, of(chat.TypeVideo), "invalid payload: file is required"},
		"file of nowhere":    {alice, bob, withFile(1), "invalid payload: file must have a url, a key or an id"},
		"card, no card":      {alice, bob, of(chat.TypeCard), "invalid payload: card is required"},
		"no location":        {alice, bob, of(chat.TypeLocation), "invalid payload: location is required"},
		"huge file":          {alice, bob, withFile(16384), "invalid payload: file must be at most 16384 bytes"},
		"huge waitingid":     {alice, bob, named(strings.Repeat("w", 129)), "invalid payload: waitingid must be at most 128 bytes"},
		"quote of nothing":   {alice, bob, quote(999), "message not found"},
		"quote below zero":   {alice, bob, quote(-1), "invalid payload: refer.msgid must be a positive number"},
		"quote of elsewhere": {alice, bob, quote(elsewhere), "message not found"},
	} {
		_, err := w.SendMessage(w.ctx, by(c.by), c.to, c.d)
		refused(t, name, err, c.want)
	}
	w.happened()
	same(t, "alice's list", w.listed(alice), []string{string(g)})
}

func TestTextOfAnyUnicodeUpToTheLimit(t *testing.T) {
	w := newWorld(t)
	for name, words := range map[string]string{
		"20480 units": strings.Repeat("😀", 10240),
		"verbatim":    "<b>&amp;</b>\n[微笑]\t\x00 e\u0301 \u202e \U0001F468\u200d\U0001F469",
		"spaces":      "   ",
	} {
		id := w.say(alice, bob, words)
		if got := must(w.Message(w.ctx, bob, id))(t).Message.Text; got != words {
			t.Errorf("%s: got %.40q, want %.40q", name, got, words)
		}
	}
}

func TestEveryTypeOfMessage(t *testing.T) {
	w := newWorld(t)
	file, card := json.RawMessage(`{"key":"k"}`), json.RawMessage(`{"title":"t"}`)
	byURL, byID := json.RawMessage(`{"url":"https://files.example.test/a"}`), json.RawMessage(`{"id":"5"}`)
	place := json.RawMessage(`{"lng":1.5,"lat":2}`)
	for _, c := range []chat.Content{
		{Type: chat.TypeText, Text: "words", File: file},
		{Type: chat.TypeImage, File: byURL},
		{Type: chat.TypeVoice, File: file},
		{Type: chat.TypeFile, File: file, Text: "see"},
		{Type: chat.TypeCard, Card: card},
		{Type: chat.TypeLocation, Location: place},
		{Type: chat.TypeVideo, File: byID},
	} {
		r := must(w.SendMessage(w.ctx, by(alice), bob, chat.Draft{Content: c}))(t)
		same(t, fmt.Sprintf("type %d", c.Type), must(w.Message(w.ctx, bob, r.Message.ID))(t).Message.Content, c)
	}
}

func TestRelationEnds(t *testing.T) {
	w := newWorld(t)
	ok(t, w.Befriend(w.ctx, alice, dave))
	w.say(alice, dave, "hello")
	ok(t, w.Unfriend(w.ctx, alice, dave))
	w.events.take()

	_, err := w.SendMessage(w.ctx, by(alice), dave, text("still there?"))
	refused(t, "chat in the list", err, "removeit")
	refused(t, "shake", w.Shake(w.ctx, by(alice), dave), "removeit")
	same(t, "history stays", w.read(alice, user(dave)), []string{"hello"})

	ok(t, w.RemoveSession(w.ctx, by(alice), user(dave)))
	_, err = w.SendMessage(w.ctx, by(alice), dave, text("still there?"))
	refused(t, "chat not in the list", err, "not my contract")
	_, err = w.SendMessage(w.ctx, by(dave), alice, text("yes"))
	refused(t, "the other side", err, "removeit")

	ok(t, w.Befriend(w.ctx, dave, alice))
	w.say(alice, dave, "again")
	same(t, "history goes on", w.read(dave, user(alice)), []string{"hello", "again"})
}

func TestRetryGetsTheStoredMessage(t *testing.T) {
	w := newWorld(t)
	ok(t, w.Befriend(w.ctx, alice, dave))
	g := w.found("team", alice, bob)
	d := text("once")
	d.WaitingID = "w1"
	first := must(w.SendMessage(w.ctx, by(alice), dave, d))(t)
	w.events.take()

	retry := func(what string) {
		t.Helper()
		r := must(w.SendMessage(w.ctx, by(alice), dave, d))(t)
		if r.Message.ID != first.Message.ID || !r.Duplicate {
			t.Errorf("%s: got message %d (duplicate %t), want %d", what, r.Message.ID, r.Duplicate, first.Message.ID)
		}
	}
	retry("at once")
	ok(t, w.Unfriend(w.ctx, alice, dave))
	retry("when the relation has ended")
	r := must(w.SendGroupMessage(w.ctx, by(alice), g, d))(t)
	if r.Message.ID != first.Message.ID || r.Peer != dave {
		t.Errorf("to somewhere else: got %+v, want the stored message", r)
	}
	conversations := func() int { return must(store.Verify(w.ctx, w.store))(t).Conversations }
	before := conversations()
	r = must(w.SendMessage(w.ctx, by(alice), carol, d))(t)
	if r.Message.ID != first.Message.ID || !r.Duplicate {
		t.Errorf("to somebody new: got %+v, want the stored message", r)
	}
	same(t, "conversations", conversations(), before)
	must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Active: new(bool)}))(t)
	w.events.take()
	retry("when the sender is inactive")
	w.happened()
	same(t, "history", w.read(dave, user(alice)), []string{"once"})

	// The name is the sender's own: somebody else's is another message.
	other := must(w.SendMessage(w.ctx, by(bob), carol, d))(t)
	if other.Duplicate {
		t.Error("bob's message was taken for alice's")
	}
}

func TestRetryOfAWithdrawnMessageShowsItWithdrawn(t *testing.T) {
	w := newWorld(t)
	d := text("oops")
	d.WaitingID = "w1"
	first := must(w.SendMessage(w.ctx, by(alice), bob, d))(t)
	must(w.WithdrawMessage(w.ctx, by(alice), bob, first.Message.ID))(t)
	again := must(w.SendMessage(w.ctx, by(alice), bob, d))(t)
	if !again.Duplicate || !again.Message.Withdrawn() || again.Message.Text != "" {
		t.Errorf("got %+v, want the withdrawn message", again.Message)
	}
}

func TestRetriesAtTheSameTimeGiveOneMessage(t *testing.T) {
	w := newWorld(t)
	const senders, names = 32, 4
	ids := make([]chat.MessageID, senders)
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			d := text(fmt.Sprint(i % names))
			d.WaitingID = fmt.Sprint("w", i%names)
			r, err := w.SendMessage(w.ctx, by(alice), bob, d)
			if err != nil {
				t.Errorf("send: %v", err)
			}
			ids[i] = r.Message.ID
		})
	}
	wg.Wait()
	for i, id := range ids {
		if id != ids[i%names] {
			t.Errorf("sender %d got message %d, sender %d got %d", i, id, i%names, ids[i%names])
		}
	}
	if got := len(w.read(bob, user(alice))); got != names {
		t.Errorf("got %d messages, want %d", got, names)
	}
	if got := len(w.events.take()); got != names {
		t.Errorf("got %d events, want %d", got, names)
	}
}

func TestFileTransfer(t *testing.T) {
	w := newWorld(t)
	must(w.SendMessage(w.ctx, by(alice), chat.FileTransfer, text("from the phone")))(t)
	w.happened(`sent from alice "from the phone" to file-transfer not alice-1 gained alice`)
	r := must(w.SendMessage(w.ctx, by(alice), alice, text("to myself")))(t)
	w.happened(`sent from alice "to myself" to file-transfer not alice-1`)

	for _, name := range []chat.AccountID{chat.FileTransfer, alice} {
		same(t, "history", w.read(alice, user(name)), []string{"from the phone", "to myself"})
	}
	same(t, "unread", w.unread(alice), nil)
	same(t, "bob's own is another", w.read(bob, user(chat.FileTransfer)), nil)
	rows := must(w.ChatList(w.ctx, alice, 0, 10))(t)
	if len(rows) != 1 || rows[0].Ref != user(chat.FileTransfer) || rows[0].Name != "File transfer" {
		t.Errorf("got list %+v, want the file transfer", rows)
	}

	w.clock.advance(24 * time.Hour)
	must(w.WithdrawMessage(w.ctx, by(alice), chat.FileTransfer, r.Message.ID))(t)
	same(t, "after withdrawal", w.read(alice, user(alice)), []string{"from the phone", "(withdrawn)"})
	refused(t, "shake oneself", w.Shake(w.ctx, by(alice), alice), "invalid payload: aid must be somebody else")
	refused(t, "shake file-transfer", w.Shake(w.ctx, by(alice), chat.FileTransfer), "invalid payload: aid must be somebody else")
}

func TestQuote(t *testing.T) {
	w := newWorld(t)
	first := w.say(alice, bob, "first")
	d := text("about that")
	d.Refer = first
	r := must(w.SendMessage(w.ctx, by(bob), alice, d))(t)
	if r.Quote == nil || r.Quote.Message.Text != "first" || r.Quote.From.Name != "Alice" {
		t.Fatalf("got quote %+v, want alice's first", r.Quote)
	}
	same(t, "stored message", must(w.Message(w.ctx, alice, r.Message.ID))(t), r.Posted)

	must(w.WithdrawMessage(w.ctx, by(alice), bob, first))(t)
	quote := must(w.Message(w.ctx, alice, r.Message.ID))(t).Quote
	if quote == nil || !quote.Message.Withdrawn() || quote.Message.Text != "" {
		t.Errorf("got quote %+v, want it withdrawn and without text", quote)
	}
	again := must(w.SendMessage(w.ctx, by(bob), alice, d))(t)
	if again.Quote == nil || !again.Quote.Message.Withdrawn() {
		t.Errorf("got quote %+v, want it withdrawn", again.Quote)
	}
}

func TestPresenceReadsInTheSameCommit(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	w.looks.set(bob, user(alice))
	w.looks.set(alice, user(bob)) // the sender looks too
	w.say(alice, bob, "hello")
	w.happened(`sent from alice "hello" to bob not alice-1 gained alice,bob read bob`)
	same(t, "bob's unread", w.unread(bob), nil)

	w.looks.set(bob, group(g))
	w.looks.set(dave, group(g)) // no member, but somebody says so
	w.sayIn(g, alice, "all hands")
	w.happened(`sent from alice "all hands" to group team not alice-1 read bob`)
	same(t, "bob's unread", w.unread(bob), nil)
	same(t, "carol's unread", w.unread(carol), map[string]int64{string(g): 1})
	w.say(alice, bob, "you there?")
	same(t, "bob's unread", w.unread(bob), map[string]int64{"alice": 1})
}

func TestSendGroupMessage(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	r := must(w.SendGroupMessage(w.ctx, by(bob), g, text("hello")))(t)
	w.happened(`sent from bob "hello" to group team not bob-1`)
	if r.Group == nil || r.Group.Name != "team" || r.Peer != "" {
		t.Errorf("receipt is not whole: %+v", r)
	}
	for a, want := range map[chat.AccountID]map[string]int64{alice: {string(g): 1}, bob: nil, carol: {string(g): 1}} {
		same(t, string(a)+"'s unread", w.unread(a), want)
	}
}

// The receipt says how the sender has the group, a repeated send's as it is now.
func TestSendToMutedGroup(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	send := func(waitingID string) chat.Receipt {
		d := text("hello")
		d.WaitingID = waitingID
		return must(w.SendGroupMessage(w.ctx, by(bob), g, d))(t)
	}
	same(t, "muted", send("w1").Muted, false)
	ok(t, w.SetGroupPush(w.ctx, by(bob), g, false))
	same(t, "muted", send("w2").Muted, true)
	r := send("w1")
	same(t, "repeated", r.Duplicate, true)
	same(t, "muted", r.Muted, true)
}

func TestSendGroupMessageRefusals(t *testing.T) {
	w := newWorld(t)
	must(w.CreateAccount(w.ctx, chat.Account{ID: "erin", Name: "Erin"}))(t)
	g := w.found("team", alice, bob, carol, "erin")
	over := w.found("over", alice, bob)
	ok(t, w.DissolveGroup(w.ctx, by(alice), over))
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, carol))
	must(w.UpdateAccount(w.ctx, "erin", chat.AccountPatch{Active: new(bool)}))(t)
	private := w.say(alice, bob, "private")
	w.events.take()

	send := func(what string, from chat.AccountID, to chat.GroupID, d chat.Draft, want string) {
		t.Helper()
		_, err := w.SendGroupMessage(w.ctx, by(from), to, d)
		refused(t, what, err, want)
	}
	send("unknown group", alice, "nowhere", text("x"), "group not found")
	send("dissolved group", alice, over, text("x"), "group not found")
	send("never a member", dave, g, text("x"), "not in group")
	send("no member any more", carol, g, text("x"), "removeit")
	send("inactive sender", "erin", g, text("x"), "from user not found")
	send("unknown sender", "nobody", g, text("x"), "from user not found")
	send("no group", alice, "", text("x"), "invalid payload: togroup is required")
	send("too long", alice, g, text(strings.Repeat("x", 20481)), "message too long")
	send("no text", alice, g, text(""), "invalid payload: msg is required")
	quote := text("look")
	quote.Refer = private
	send("quote of elsewhere", alice, g, quote, "message not found")
	w.happened()

	ok(t, w.BanSpeak(w.ctx, by(alice), g, true))
	send("banned member", bob, g, text("x"), "ban speak")
	w.sayIn(g, alice, "administrators may")
	ok(t, w.BanSpeak(w.ctx, by(alice), g, false))
	w.sayIn(g, bob, "so may all")
}

func TestSystemMessageOfTheHost(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	r := must(w.SendSystemMessage(w.ctx, "web", g, "maintenance at six"))(t)
	w.happened(`system 4 from alice to group team`)
	if r.Message.Text != "maintenance at six" {
		t.Errorf("got %q", r.Message.Text)
	}
	same(t, "nobody counts it", w.unread(bob), nil)
	_, err := w.SendSystemMessage(w.ctx, "web", "nowhere", "x")
	refused(t, "unknown group", err, "group not found")
	_, err = w.SendSystemMessage(w.ctx, "web", g, "")
	refused(t, "no text", err, "invalid payload: msg is required")
	_, err = w.SendSystemMessage(w.ctx, "web", g, strings.Repeat("x", 20481))
	refused(t, "too long", err, "message too long")
}

func TestMessageThroughAnUnknownApplicationComesThroughNone(t *testing.T) {
	w := newWorld(t)
	r := must(w.SendMessage(w.ctx, chat.Actor{Account: alice, App: "forgotten"}, bob, text("x")))(t)
	if r.App.ID != "" || r.Message.App != "" {
		t.Errorf("got application %+v, want none", r.App)
	}
}
