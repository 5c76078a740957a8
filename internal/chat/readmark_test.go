package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

// markOf returns the mark of a message as the history of the reader and "read marks" have it, which must be the same.
func (w *world) markOf(reader chat.AccountID, ref chat.ChatRef, id chat.MessageID) string {
	w.t.Helper()
	all := must(w.HistoryAround(w.ctx, reader, ref, id, 1))(w.t)
	inHistory := "none"
	if m := all[0].Mark; m != nil {
		inHistory = fmt.Sprintf("%d of %d", m.Read, m.Of)
	}
	page := must(w.History(w.ctx, reader, ref, chat.HistoryQuery{Limit: 100}))(w.t)
	for _, p := range page {
		if p.Message.ID == id && fmt.Sprint(p.Mark) != fmt.Sprint(all[0].Mark) {
			w.t.Errorf("the mark of %d: got %v in a page, and %v alone", id, p.Mark, all[0].Mark)
		}
	}
	asked := "none"
	for _, m := range must(w.ReadMarks(w.ctx, reader, ref, []chat.MessageID{id}))(w.t) {
		asked = fmt.Sprintf("%d of %d", m.Read, m.Of)
	}
	if asked != inHistory {
		w.t.Errorf("the mark of %d: got %s in the history, and %s for the request", id, inHistory, asked)
	}
	return inHistory
}

// readersOf returns those who have read a message, a bar, and those who have not.
func (w *world) readersOf(author chat.AccountID, ref chat.ChatRef, id chat.MessageID) string {
	w.t.Helper()
	var sides []string
	for _, read := range []bool{true, false} {
		mark, all, err := w.Readers(w.ctx, author, ref, id, read, 0, 100)
		ok(w.t, err)
		var ids []string
		for _, a := range all {
			ids = append(ids, string(a.ID))
		}
		want := mark.Read
		if !read {
			want = mark.Of - mark.Read
		}
		if int64(len(ids)) != want {
			w.t.Errorf("read=%t: got %d accounts, the mark says %d of %d", read, len(ids), mark.Read, mark.Of)
		}
		sides = append(sides, strings.Join(ids, " "))
	}
	return strings.Join(sides, "|")
}

func TestReadMarkOfDirectChat(t *testing.T) {
	w := newWorld(t)
	first := w.say(alice, bob, "one")
	second := w.say(alice, bob, "two")
	same(t, "unread", w.markOf(alice, user(bob), first), "0 of 1")
	ok(t, w.ReadUpTo(w.ctx, by(bob), user(alice), first))
	same(t, "read", w.markOf(alice, user(bob), first), "1 of 1")
	same(t, "the next one", w.markOf(alice, user(bob), second), "0 of 1")
	same(t, "bob's view", w.markOf(bob, user(alice), first), "none")
	same(t, "who", w.readersOf(alice, user(bob), first), "bob|")
	same(t, "who", w.readersOf(alice, user(bob), second), "|bob")

	// An answer is no reading, and the own cursor does not count.
	answer := w.say(bob, alice, "three")
	same(t, "after an answer", w.markOf(alice, user(bob), second), "0 of 1")
	same(t, "the answer", w.markOf(bob, user(alice), answer), "0 of 1")
	ok(t, w.ClearAllUnread(w.ctx, by(alice)))
	same(t, "after everything", w.markOf(bob, user(alice), answer), "1 of 1")

	note := w.say(alice, chat.FileTransfer, "for me")
	same(t, "the chat with oneself", w.markOf(alice, user(chat.FileTransfer), note), "none")
	must(w.WithdrawMessage(w.ctx, by(alice), bob, first))(t)
	same(t, "withdrawn", w.markOf(alice, user(bob), first), "none")
	same(t, "who, withdrawn", w.readersOf(alice, user(bob), first), "|")

	_, _, err := w.Readers(w.ctx, alice, user(bob), answer, true, 0, 10)
	refused(t, "of another author", err, "forbidden")
	_, _, err = w.Readers(w.ctx, alice, user(bob), note, true, 0, 10)
	refused(t, "of another chat", err, "message not found")
	_, err = w.ReadMarks(w.ctx, dave, user(alice), []chat.MessageID{second})
	refused(t, "a stranger", err, "not my contract")
	same(t, "of another chat", len(must(w.ReadMarks(w.ctx, alice, user(bob), []chat.MessageID{note, answer, 999}))(t)), 0)
}

// People who are not contacts any more must not learn what the other one reads.
func TestReadMarkAfterTheRelation(t *testing.T) {
	w := newWorld(t)
	id := w.say(alice, bob, "one")
	ok(t, w.RemoveFromOrganization(w.ctx, "demo", bob))
	ok(t, w.ClearUnread(w.ctx, by(bob), user(alice)))
	same(t, "no contacts", w.markOf(alice, user(bob), id), "none")
	same(t, "who", w.readersOf(alice, user(bob), id), "|")
	ok(t, w.AddToOrganization(w.ctx, "demo", []chat.AccountID{bob}))
	same(t, "contacts again", w.markOf(alice, user(bob), id), "1 of 1")
	must(w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Active: new(false)}))(t)
	same(t, "inactive", w.markOf(alice, user(bob), id), "none")
}

func TestReadMarkOfGroup(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	id := w.sayIn(g, alice, "one")
	same(t, "nobody", w.markOf(alice, group(g), id), "0 of 2")
	ok(t, w.ClearUnread(w.ctx, by(carol), group(g)))
	same(t, "carol", w.markOf(alice, group(g), id), "1 of 2")
	same(t, "who", w.readersOf(alice, group(g), id), "carol|bob")
	same(t, "carol's view", w.markOf(carol, group(g), id), "none")

	// Who comes later was not addressed, and has not read it, though the cursor is behind it.
	ok(t, w.AddToOrganization(w.ctx, "demo", []chat.AccountID{dave}))
	must(w.AddGroupMembers(w.ctx, by(alice), g, []chat.AccountID{dave}))(t)
	same(t, "with a new member", w.markOf(alice, group(g), id), "1 of 2")
	second := w.sayIn(g, bob, "two")
	same(t, "a message for all", w.markOf(bob, group(g), second), "0 of 3")
	ok(t, w.ClearUnread(w.ctx, by(dave), group(g)))
	same(t, "the new member reads", w.readersOf(bob, group(g), second), "dave|alice carol")
	same(t, "only the later one", w.readersOf(alice, group(g), id), "carol|bob")

	// Former members do not count, nor do they see marks, and whoever comes back is new.
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, carol))
	same(t, "without carol", w.readersOf(alice, group(g), id), "|bob")
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, bob))
	same(t, "of a former member", w.markOf(bob, group(g), second), "none")
	same(t, "who, for a former member", w.readersOf(bob, group(g), second), "|")
	must(w.AddGroupMembers(w.ctx, by(alice), g, []chat.AccountID{carol}))(t)
	same(t, "carol is back", w.readersOf(alice, group(g), id), "|")
	same(t, "no mark is left", w.markOf(alice, group(g), id), "none")

	third := w.sayIn(g, alice, "three")
	ok(t, w.ClearUnread(w.ctx, by(carol), group(g)))
	same(t, "three", w.readersOf(alice, group(g), third), "carol|dave")
	must(w.UpdateAccount(w.ctx, dave, chat.AccountPatch{Active: new(false)}))(t)
	same(t, "without an inactive account", w.readersOf(alice, group(g), third), "carol|")
	ok(t, w.DissolveGroup(w.ctx, by(alice), g))
	same(t, "dissolved", w.markOf(alice, group(g), third), "none")
}

// Whoever hides it is neither shown nor counted, and does not see it of others.
func TestHiddenReading(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	id := w.sayIn(g, alice, "one")
	direct := w.say(alice, bob, "one")
	answer := w.say(bob, alice, "two")
	ok(t, w.ClearAllUnread(w.ctx, by(bob)))
	ok(t, w.ClearAllUnread(w.ctx, by(alice)))
	w.events.take()
	hide := func(a chat.AccountID, hides bool) {
		t.Helper()
		must(w.UpdateProfile(w.ctx, by(a), chat.ProfilePatch{HidesReading: &hides}))(t)
	}
	hide(bob, true)
	w.happened(`account bob "Bob" active=true`, "readers changed bob in 1 groups", `contact bob "Bob" contact=false friend=false to bob`)
	same(t, "group", w.readersOf(alice, group(g), id), "|carol")
	same(t, "group", w.markOf(alice, group(g), id), "0 of 1")
	same(t, "direct", w.markOf(alice, user(bob), direct), "none")
	same(t, "bob sees none", w.markOf(bob, user(alice), answer), "none")
	same(t, "nor who", w.readersOf(bob, user(alice), answer), "|")
	same(t, "bob", must(w.HidesReading(w.ctx, bob))(t), true)
	hide(bob, false)
	same(t, "again", w.readersOf(alice, group(g), id), "bob|carol")
	same(t, "again", w.markOf(bob, user(alice), answer), "1 of 1")

	must(w.CreateOrganization(w.ctx, chat.Organization{ID: "works", Name: "Works"}))(t)
	ok(t, w.AddToOrganization(w.ctx, "works", []chat.AccountID{bob}))
	w.events.take()
	must(w.UpdateOrganization(w.ctx, "works", chat.OrganizationPatch{HidesReading: new(true)}))(t)
	w.happened("readers changed  in 0 groups")
	same(t, "an organization of bob", w.readersOf(alice, group(g), id), "|carol")
	same(t, "bob sees none", w.markOf(bob, user(alice), answer), "none")
	same(t, "not alice", must(w.HidesReading(w.ctx, alice))(t), false)
	same(t, "bob", must(w.HidesReading(w.ctx, bob))(t), true)
	same(t, "kept", must(w.UpdateOrganization(w.ctx, "works", chat.OrganizationPatch{Name: new("Works 2")}))(t).HidesReading, true)
	w.events.take()
	ok(t, w.AddToOrganization(w.ctx, "works", []chat.AccountID{carol}))
	w.happened("readers changed  in 0 groups")
	same(t, "nobody is left", w.markOf(alice, group(g), id), "none")
	ok(t, w.RemoveFromOrganization(w.ctx, "works", carol))
	w.happened("readers changed  in 0 groups")
	ok(t, w.RemoveFromOrganization(w.ctx, "works", bob))
	same(t, "without it", w.readersOf(alice, group(g), id), "bob|carol")
}

func TestReadMarksOff(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.Settings.HideReadMarks = true })
	id := w.say(alice, bob, "one")
	same(t, "direct", w.markOf(alice, user(bob), id), "none")
	same(t, "alice", must(w.HidesReading(w.ctx, alice))(t), true)

	w = newWorld(t, func(o *chat.Options) { o.Settings.MaxReadMarks = 2 })
	g := w.found("two", alice, bob)
	same(t, "as large as possible", w.markOf(alice, group(g), w.sayIn(g, alice, "one")), "0 of 1")
	g = w.found("three", alice, bob, carol)
	same(t, "too large", w.markOf(alice, group(g), w.sayIn(g, alice, "one")), "none")
}

// A connection that was dead has read nothing.
func TestReadMarkTakenBack(t *testing.T) {
	w := newWorld(t)
	phone := w.looks.device(bob, "phone")
	w.looks.Look(phone.Viewer, user(alice))
	id := w.say(alice, bob, "one")
	same(t, "read on arrival", w.markOf(alice, user(bob), id), "1 of 1")
	ok(t, w.LoseViewer(w.ctx, phone.Viewer))
	same(t, "unread again", w.markOf(alice, user(bob), id), "0 of 1")
}

func TestErasedAccountIsNoReader(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	id := w.sayIn(g, alice, "one")
	ok(t, w.ClearUnread(w.ctx, by(bob), group(g)))
	w.events.take()
	must(w.Erase(w.ctx, host, bob, "Bob"))(t)
	same(t, "erased", w.readersOf(alice, group(g), id), "|carol")
}

// changed returns the marks that have changed since the state, and goes on with the new one.
func (w *world) changed(state *chat.ReadMarkState, key chat.ChatKey, authors ...chat.AccountID) string {
	w.t.Helper()
	all, next, err := w.ChangedReadMarks(w.ctx, key, authors, *state)
	ok(w.t, err)
	*state = next
	var parts []string
	for _, a := range authors {
		for _, m := range all[a].Marks {
			parts = append(parts, fmt.Sprintf("%s %d: %d of %d", a, m.Message, m.Read, m.Of))
		}
		if all[a].More {
			parts = append(parts, "more")
		}
	}
	return strings.Join(parts, ", ")
}

func TestChangedReadMarks(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	key := chat.ChatKey{Group: g}
	var state chat.ReadMarkState
	one := w.sayIn(g, alice, "one")
	two := w.sayIn(g, bob, "two")
	three := w.sayIn(g, alice, "three")
	same(t, "at first all", w.changed(&state, key, alice, bob),
		fmt.Sprintf("alice %d: 0 of 2, alice %d: 0 of 2, bob %d: 0 of 2", one, three, two))
	same(t, "nothing since", w.changed(&state, key, alice, bob), "")
	ok(t, w.ReadUpTo(w.ctx, by(carol), group(g), two))
	same(t, "up to two", w.changed(&state, key, alice, bob), fmt.Sprintf("alice %d: 1 of 2, bob %d: 1 of 2", one, two))
	ok(t, w.ClearUnread(w.ctx, by(carol), group(g)))
	same(t, "the rest", w.changed(&state, key, alice, bob), fmt.Sprintf("alice %d: 1 of 2", three))
	ok(t, w.ClearUnread(w.ctx, by(alice), group(g)))
	four := w.sayIn(g, bob, "four")
	same(t, "alice has read", w.changed(&state, key, bob), fmt.Sprintf("bob %d: 2 of 2, bob %d: 0 of 2", two, four))
	same(t, "strangers get none", w.changed(new(chat.ReadMarkState), key, dave), "")

	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, carol))
	same(t, "without carol", w.changed(&state, key, alice, bob),
		fmt.Sprintf("alice %d: 0 of 1, alice %d: 0 of 1, bob %d: 1 of 1, bob %d: 0 of 1", one, three, two, four))
	must(w.UpdateProfile(w.ctx, by(alice), chat.ProfilePatch{HidesReading: new(true)}))(t)
	same(t, "alice hides hers", w.changed(&state, key, alice, bob), fmt.Sprintf("bob %d: 0 of 0, bob %d: 0 of 0", two, four))

	// In a direct chat the mark goes when the two are no contacts any more.
	state = chat.ReadMarkState{}
	key, _ = chat.KeyOf(carol, user(bob))
	id := w.say(bob, carol, "hello")
	ok(t, w.ClearUnread(w.ctx, by(carol), user(bob)))
	same(t, "read", w.changed(&state, key, bob, carol), fmt.Sprintf("bob %d: 1 of 1", id))
	ok(t, w.RemoveFromOrganization(w.ctx, "demo", carol))
	same(t, "no contacts", w.changed(&state, key, bob, carol), fmt.Sprintf("bob %d: 0 of 0", id))
	same(t, "no such chat", w.changed(&state, chat.ChatKey{A: alice, B: dave}, alice), "")
	same(t, "no such group", w.changed(&state, chat.ChatKey{Group: "x"}, alice), "")
}

// A push has a hundred marks at most, and says that there are more.
func TestManyChangedReadMarks(t *testing.T) {
	w := newWorld(t)
	key, _ := chat.KeyOf(alice, user(bob))
	var state chat.ReadMarkState
	first := w.say(alice, bob, "first")
	w.changed(&state, key, alice)
	var last chat.MessageID
	for range 120 {
		w.clock.advance(time.Millisecond)
		last = w.say(alice, bob, "again")
	}
	w.changed(&state, key, alice)
	ok(t, w.ClearUnread(w.ctx, by(bob), user(alice)))
	all, _, err := w.ChangedReadMarks(w.ctx, key, []chat.AccountID{alice}, state)
	ok(t, err)
	got := all[alice]
	if len(got.Marks) != 100 || !got.More || got.Marks[99] != (chat.ReadMark{Message: last, Read: 1, Of: 1}) || got.Marks[0].Message <= first {
		t.Errorf("got %d marks, more %t", len(got.Marks), got.More)
	}
	_, err = w.ReadMarks(w.ctx, alice, user(bob), make([]chat.MessageID, 101))
	refused(t, "too many", err, "invalid payload: messageIds must name at most 100 messages")
}
