package chat_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/internal/chat"
)

// passed keeps the events that are in no commit.
type passed struct {
	mu  sync.Mutex
	all []string
}

func (p *passed) pass(e chat.Event, elsewhere bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := fmt.Sprintf("%T", e)
	if e, ok := e.(chat.Typed); ok {
		chatName := string(e.Chat.Group)
		if chatName == "" {
			chatName = fmt.Sprintf("%s and %s", e.Chat.A, e.Chat.B)
		}
		line = fmt.Sprintf("%s types in %s to %s for %s", e.By.Name, chatName, names(e.To), e.Stay)
	}
	if elsewhere {
		line += ", elsewhere"
	}
	p.all = append(p.all, line)
}

func (p *passed) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.all
	p.all = nil
	return all
}

func typingWorld(t *testing.T, change ...func(*chat.Options)) (*world, *passed) {
	t.Helper()
	p := &passed{}
	return newWorld(t, append(change, func(o *chat.Options) { o.Pass = p.pass })...), p
}

func TestTyping(t *testing.T) {
	w, p := typingWorld(t)
	told := func(name string, want ...string) {
		t.Helper()
		same(t, name, p.take(), want)
	}
	ok(t, w.TellTyping(w.ctx, by(alice), user(bob)))
	told("nobody looks")
	w.looks.set(bob, user(alice))
	w.looks.set(alice, user(bob))
	w.looks.set(carol, user(alice))
	ok(t, w.TellTyping(w.ctx, by(alice), user(bob)))
	told("bob looks", "Alice types in alice and bob to bob for 6s")
	ok(t, w.TellTyping(w.ctx, by(alice), user(bob)))
	told("at once again")
	ok(t, w.TellTyping(w.ctx, by(bob), user(alice)))
	told("the other way", "Bob types in alice and bob to alice for 6s")
	ok(t, w.TellTyping(w.ctx, by(alice), user(carol)))
	told("in another chat", "Alice types in alice and carol to carol for 6s")
	w.clock.advance(2999 * time.Millisecond)
	ok(t, w.TellTyping(w.ctx, by(alice), user(bob)))
	told("just before the pause ends")
	w.clock.advance(time.Millisecond)
	ok(t, w.TellTyping(w.ctx, by(alice), user(bob)))
	told("after the pause", "Alice types in alice and bob to bob for 6s")
	w.happened() // nothing is stored, and nothing is in a commit

	ok(t, w.TellTyping(w.ctx, by(alice), user(chat.FileTransfer)))
	ok(t, w.TellTyping(w.ctx, by(alice), user(alice)))
	told("with oneself")
	refused(t, "stranger", w.TellTyping(w.ctx, by(alice), user(dave)), "not my contract")
	refused(t, "nobody", w.TellTyping(w.ctx, by(alice), user("nobody")), "not my contract")
	refused(t, "no id", w.TellTyping(w.ctx, by(alice), user("")), "invalid payload: id is required")
	refused(t, "inbox", w.TellTyping(w.ctx, by(alice), chat.ChatRef{Type: chat.SessionTask, ID: "task"}), "invalid payload: type must be 1 or 2")
	refused(t, "unknown caller", w.TellTyping(w.ctx, by("nobody"), user(bob)), "from user not found")
	w.say(alice, bob, "hi")
	ok(t, w.RemoveFromOrganization(w.ctx, "demo", bob))
	refused(t, "no longer a contact", w.TellTyping(w.ctx, by(alice), user(bob)), "removeit")
	told("refused")
}

func TestTypingInAGroup(t *testing.T) {
	w, p := typingWorld(t, func(o *chat.Options) { o.Settings.MaxTyping = 3 })
	g := w.found("team", alice, bob, carol)
	for _, a := range []chat.AccountID{alice, bob, carol} {
		w.looks.set(a, group(g))
	}
	typed := func(name string, a chat.AccountID, want ...string) {
		t.Helper()
		w.clock.advance(3 * time.Second)
		ok(t, w.TellTyping(w.ctx, by(a), group(g)))
		same(t, name, p.take(), want)
	}
	typed("all look", alice, fmt.Sprintf("Alice types in %s to bob,carol for 6s", g))
	w.looks.set(carol, user(alice))
	typed("one looks elsewhere", alice, fmt.Sprintf("Alice types in %s to bob for 6s", g))
	// Somebody who is no longer a member may still look.
	w.looks.set(carol, group(g))
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, carol))
	typed("a former member looks", alice, fmt.Sprintf("Alice types in %s to bob for 6s", g))
	refused(t, "a former member", w.TellTyping(w.ctx, by(carol), group(g)), "removeit")
	refused(t, "a stranger", w.TellTyping(w.ctx, by(dave), group(g)), "not in group")
	refused(t, "no group", w.TellTyping(w.ctx, by(dave), group("none")), "group not found")
	ok(t, w.BanSpeak(w.ctx, by(alice), g, true))
	refused(t, "who may not speak", w.TellTyping(w.ctx, by(bob), group(g)), "ban speak")
	ok(t, w.BanSpeak(w.ctx, by(alice), g, false))
	ok(t, w.Befriend(w.ctx, alice, dave))
	must(w.AddGroupMembers(w.ctx, by(alice), g, []chat.AccountID{carol, dave}))(t)
	p.take()
	typed("too large", alice)
}

// Whoever hides the own activity is not told of, and is not told.
func TestHiddenActivity(t *testing.T) {
	w, p := typingWorld(t)
	w.looks.set(bob, user(alice))
	w.looks.set(alice, user(bob))
	typed := func(name string, from, to chat.AccountID, is bool) {
		t.Helper()
		w.clock.advance(3 * time.Second)
		ok(t, w.TellTyping(w.ctx, by(from), user(to)))
		same(t, name, len(p.take()) == 1, is)
	}
	hide := func(hides bool) {
		t.Helper()
		must(w.UpdateProfile(w.ctx, by(bob), chat.ProfilePatch{HidesActivity: &hides}))(t)
	}
	typed("shown", alice, bob, true)
	hide(true)
	w.happened(`account bob "Bob" active=true`, `contact bob "Bob" contact=false friend=false to bob`)
	typed("to who hides it", alice, bob, false)
	typed("from who hides it", bob, alice, false)
	same(t, "bob", must(w.HidesActivity(w.ctx, bob))(t), true)
	hide(false)
	typed("again", bob, alice, true)

	must(w.CreateOrganization(w.ctx, chat.Organization{ID: "works", Name: "Works"}))(t)
	ok(t, w.AddToOrganization(w.ctx, "works", []chat.AccountID{bob}))
	must(w.UpdateOrganization(w.ctx, "works", chat.OrganizationPatch{HidesActivity: new(true)}))(t)
	typed("to a member", alice, bob, false)
	typed("from a member", bob, alice, false)
	same(t, "bob", must(w.HidesActivity(w.ctx, bob))(t), true)
	same(t, "not alice", must(w.HidesActivity(w.ctx, alice))(t), false)
	same(t, "kept", must(w.UpdateOrganization(w.ctx, "works", chat.OrganizationPatch{Name: new("Works 2")}))(t).HidesActivity, true)
	ok(t, w.RemoveFromOrganization(w.ctx, "works", bob))
	typed("a former member", bob, alice, true)

	w, p = typingWorld(t, func(o *chat.Options) { o.Settings.HideActivity = true })
	w.looks.set(bob, user(alice))
	typed("the server hides it", alice, bob, false)
	same(t, "alice", must(w.HidesActivity(w.ctx, alice))(t), true)
}

// Two devices of a person may be on different nodes.
func TestTypingElsewhere(t *testing.T) {
	w, p := typingWorld(t)
	w.looks.set(bob, user(alice))
	at := w.clock.Now()
	key, _ := chat.KeyOf(alice, user(bob))
	w.Overhear([]chat.Event{chat.Typed{By: chat.ReportName{ID: alice, Name: "Alice"}, Chat: key, At: at}})
	ok(t, w.TellTyping(w.ctx, by(alice), user(bob)))
	same(t, "told by another node", p.take(), []string(nil))
	w.clock.advance(3 * time.Second)
	ok(t, w.TellTyping(w.ctx, by(alice), user(bob)))
	same(t, "later", p.take(), []string{"Alice types in alice and bob to bob for 6s"})
}
