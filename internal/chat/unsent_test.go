package chat_test

import (
	"fmt"
	"strings"
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

	w.clock.advance(time.Second)
	answer := must(w.SetUnsent(w.ctx, by(alice), chat.Unsent{Ref: user(bob), Refer: message, Note: "mine", At: w.clock.Now()}))(t)
	same(t, "an answer without a text yet", answer, chat.Unsent{Ref: user(bob), Refer: message, Note: "mine", At: w.clock.Now()})
	same(t, "to oneself", set(alice, user(alice), "a note", 0).Ref, user(chat.FileTransfer))
	w.events.take()

	// An empty text has no note: nothing bounds the number of empty ones.
	w.clock.advance(time.Second)
	empty := must(w.SetUnsent(w.ctx, by(alice), chat.Unsent{Ref: user(bob), Note: "mine", At: w.clock.Now()}))(t)
	same(t, "an empty text", empty, chat.Unsent{Ref: user(bob), At: w.clock.Now()})
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

func TestUnsentLimits(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) {
		o.MaxUnsent = 2
		o.MaxUnsentBytes = 20
		o.MaxText = 15
	})
	g := w.found("team", alice, bob)
	set := func(ref chat.ChatRef, text, note string) error {
		w.clock.advance(time.Second)
		_, err := w.SetUnsent(w.ctx, by(alice), chat.Unsent{Ref: ref, Text: text, Note: note, At: w.clock.Now()})
		return err
	}
	refused(t, "a text that cannot be sent", set(user(bob), strings.Repeat("x", 16), ""), "message too long")
	refused(t, "too large alone", set(user(bob), "ten bytes.", "and eleven."), "invalid payload: msg must not be kept: all drafts together can have 20 bytes")
	ok(t, set(user(bob), "ten bytes.", "five."))
	refused(t, "too large together", set(group(g), "six by", ""), "invalid payload: msg must not be kept: all drafts together can have 20 bytes")
	ok(t, set(group(g), "five.", ""))
	refused(t, "too many", set(user(chat.FileTransfer), "x", ""), "invalid payload: msg must not be kept for more than 2 chats")
	// One that is there can be changed and emptied, and makes room for another one.
	ok(t, set(user(bob), "others.", ""))
	ok(t, set(group(g), "", ""))
	ok(t, set(group(g), "", "")) // a repetition
	ok(t, set(user(chat.FileTransfer), "x", ""))
	same(t, "what another account has", must(w.UnsentTexts(w.ctx, bob))(t), nil)
}

// A server whose clock had been ahead took no text until that time had come.
func TestUnsentAfterAClockThatWasAhead(t *testing.T) {
	w := newWorld(t)
	set := func(text string) chat.Unsent {
		return must(w.SetUnsent(w.ctx, by(alice), chat.Unsent{Ref: user(bob), Text: text, At: w.clock.Now()}))(t)
	}
	w.clock.advance(time.Hour)
	ahead := set("ahead")
	w.clock.advance(-time.Hour)
	now := set("now")
	same(t, "text", now.Text, "now")
	// Devices that know the earlier time take what is newer than that.
	same(t, "time", now.At, ahead.At.Add(time.Millisecond))
	same(t, "text", set("later").Text, "later")
	// So it is in the same millisecond.
	w.clock.advance(2 * time.Hour)
	first := set("first")
	same(t, "time of the second", set("second").At, first.At.Add(time.Millisecond))
}
