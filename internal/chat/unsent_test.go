package chat_test

import (
	"fmt"
	"testing"
	"time"

	"parley/internal/chat"
)

func TestUnsent(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	message := w.say(bob, alice, "when?")
	w.events.take()
	set := func(a chat.AccountID, ref chat.ChatRef, text string, ago time.Duration) chat.Unsent {
		t.Helper()
		return must(w.SetUnsent(w.ctx, by(a), chat.Unsent{Ref: ref, Text: text, At: w.clock.Now().Add(-ago)}))(t)
	}
	texts := func(a chat.AccountID) (all []string) {
		t.Helper()
		for _, u := range must(w.UnsentTexts(w.ctx, a))(t) {
			all = append(all, u.Ref.ID+" "+u.Text)
		}
		return all
	}

	same(t, "stored", set(alice, user(bob), "at no", time.Minute).Text, "at no")
	w.happened(fmt.Sprintf("unsent alice bob %q answers 0 not alice-1", "at no"))
	set(alice, group(g), "hello all", 0)
	w.happened(fmt.Sprintf("unsent alice %s %q answers 0 not alice-1", g, "hello all"))
	same(t, "the newest first", texts(alice), []string{string(g) + " hello all", "bob at no"})
	same(t, "nobody else's", texts(bob), nil)

	// The newest wins, whatever comes first.
	same(t, "older", set(alice, user(bob), "at on", 2*time.Minute).Text, "at no")
	w.happened()
	same(t, "newer", set(alice, user(bob), "at noon", 30*time.Second).Text, "at noon")
	w.happened(fmt.Sprintf("unsent alice bob %q answers 0 not alice-1", "at noon"))
	set(alice, user(bob), "at noon", 0)
	w.happened() // nothing has changed
	// A clock that is ahead does not win for ever.
	set(alice, user(bob), "ahead", -time.Hour)
	w.clock.advance(time.Second)
	same(t, "after a clock that was ahead", set(alice, user(bob), "behind", 0).Text, "behind")
	w.events.take()

	// Emptied and sent, it stays so for a device that comes back with something older.
	same(t, "emptied", set(alice, user(bob), "", 0).Text, "")
	w.happened(fmt.Sprintf("unsent alice bob %q answers 0 not alice-1", ""))
	same(t, "older than emptied", set(alice, user(bob), "old", time.Minute).Text, "")
	same(t, "what is left", texts(alice), []string{string(g) + " hello all"})
	set(alice, user(carol), "", 0) // nothing was written there
	w.happened()

	answer := must(w.SetUnsent(w.ctx, by(alice), chat.Unsent{Ref: user(bob), Refer: message, Note: "mine", At: w.clock.Now()}))(t)
	same(t, "an answer without a text yet", answer, chat.Unsent{Ref: user(bob), Refer: message, Note: "mine", At: w.clock.Now()})
	same(t, "to oneself", set(alice, user(alice), "a note", 0).Ref, user(chat.FileTransfer))
	w.events.take()

	refusal := func(what string, a chat.AccountID, u chat.Unsent, want string) {
		t.Helper()
		u.At = w.clock.Now()
		_, err := w.SetUnsent(w.ctx, by(a), u)
		refused(t, what, err, want)
	}
	refusal("no contact", alice, chat.Unsent{Ref: user("nobody"), Text: "x"}, "not my contract")
	refusal("group of others", carol, chat.Unsent{Ref: group(g), Text: "x"}, "not in group")
	refusal("no group", alice, chat.Unsent{Ref: group("nowhere"), Text: "x"}, "group not found")
	refusal("inbox", alice, chat.Unsent{Ref: chat.ChatRef{Type: chat.SessionTask, ID: "task"}}, "invalid payload: type must be 1 or 2")
	refusal("a bad reference", alice, chat.Unsent{Ref: user(bob), Refer: -1}, "invalid payload: refer must be a positive number")
	refusal("unknown caller", "nobody", chat.Unsent{Ref: user(bob), Text: "x"}, "from user not found")
	w.happened()
}
