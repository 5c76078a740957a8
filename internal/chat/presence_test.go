package chat_test

import (
	"context"
	"testing"
	"time"

	"parley/internal/chat"
)

// lose ends a device whose connection turns out to have been dead.
func (w *world) lose(d *device) {
	w.t.Helper()
	ok(w.t, w.LoseViewer(w.ctx, d.Viewer))
}

// A dead connection used to mark messages as read on all devices until its end was noticed.
func TestReadsOfADeadConnectionAreTakenBack(t *testing.T) {
	w := newWorld(t)
	w.looks.set(bob, user(alice))
	w.say(alice, bob, "seen")
	phone := w.looks.device(bob, "1")
	phone.signs++
	w.say(alice, bob, "not seen")
	w.say(alice, bob, "nor this")
	same(t, "before it is noticed", w.unread(bob), nil)
	w.events.take()
	w.lose(phone)
	w.happened("unread again bob alice 2")
	same(t, "afterwards", w.unread(bob), map[string]int64{"alice": 2})
	w.lose(phone)
	w.happened()
	w.say(alice, bob, "nobody looks")
	same(t, "later", w.unread(bob), map[string]int64{"alice": 3})
}

func TestReadsThatStand(t *testing.T) {
	for name, since := range map[string]func(*world, *device){
		"something came from the client": func(w *world, d *device) { d.signs++ },
		"read on another device":         func(w *world, _ *device) { ok(t, w.ClearUnread(w.ctx, by(bob), user(alice))) },
		"everything read elsewhere":      func(w *world, _ *device) { ok(t, w.ClearAllUnread(w.ctx, by(bob))) },
		"taken off the list":             func(w *world, _ *device) { ok(t, w.RemoveSession(w.ctx, by(bob), user(alice))) },
		"another device looks":           func(w *world, _ *device) { w.looks.Look(w.looks.device(bob, "2").Viewer, user(alice)) },
		"another device has looked": func(w *world, _ *device) {
			w.looks.Look(w.looks.device(bob, "2").Viewer, user(alice))
			w.looks.Look(w.looks.device(bob, "2").Viewer, chat.ChatRef{})
		},
		"it looks elsewhere": func(w *world, d *device) { w.looks.Look(d.Viewer, chat.ChatRef{}) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.looks.set(bob, user(alice))
			w.say(alice, bob, "hello")
			phone := w.looks.device(bob, "1")
			since(w, phone)
			w.events.take()
			w.lose(phone)
			w.happened()
			same(t, "unread", w.unread(bob), nil)
		})
	}
}

// Messages that the account has read in another way in between stay read, and no others.
func TestReadsAreTakenBackToWhatIsCertain(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	w.looks.set(bob, group(g))
	w.sayIn(g, alice, "one")
	ok(t, w.ClearUnread(w.ctx, by(bob), group(g)))
	id := w.sayIn(g, alice, "@bob two")
	ok(t, w.ShakeGroup(w.ctx, by(alice), g, []chat.AccountID{bob}, false, id))
	w.sayIn(g, bob, "from another device: to speak is not to read")
	w.sayIn(g, carol, "three")
	w.lose(w.looks.device(bob, "1"))
	counts := must(w.UnreadCounts(w.ctx, bob))(t)
	if len(counts.Groups) != 1 || counts.Groups[0].Count != 2 || counts.Groups[0].Mention == nil || counts.Groups[0].Mention.Message != id {
		t.Errorf("got %+v, want two messages and the mention", counts.Groups)
	}
}

// The last of several dead connections decides, by what each is known to have seen.
func TestSeveralDeadConnections(t *testing.T) {
	w := newWorld(t)
	phone, desk := w.looks.device(bob, "1"), w.looks.device(bob, "2")
	w.looks.Look(phone.Viewer, user(alice))
	w.looks.Look(desk.Viewer, user(alice))
	w.say(alice, bob, "one")
	phone.signs++
	w.say(alice, bob, "two")
	w.lose(phone)
	same(t, "while one is left", w.unread(bob), nil)
	w.lose(desk)
	same(t, "afterwards", w.unread(bob), map[string]int64{"alice": 1})
}

// Messages that one device was known to have seen became unread when a second, dead device was lost after it.
func TestALostDeviceHasSeenWhatItProved(t *testing.T) {
	for name, lose := range map[string]func(*world, *device, *device){
		"it is lost first": func(w *world, phone, desk *device) { w.lose(phone); w.lose(desk) },
		"it is lost last":  func(w *world, phone, desk *device) { w.lose(desk); w.lose(phone) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			phone, desk := w.looks.device(bob, "1"), w.looks.device(bob, "2")
			w.looks.Look(phone.Viewer, user(alice))
			w.looks.Look(desk.Viewer, user(alice))
			w.say(alice, bob, "hello")
			phone.signs++
			lose(w, phone, desk)
			same(t, "unread", w.unread(bob), nil)
		})
	}
}

// A client is often back before its loss is noticed. It has seen the messages since then, and none from before. A message
// that arrived in the same millisecond as the client counted as one from before.
func TestClientBackBeforeItsLossIsNoticed(t *testing.T) {
	for name, want := range map[string]map[string]int64{"before": {"alice": 1}, "after": nil} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.looks.set(bob, user(alice))
			lost := w.looks.device(bob, "1")
			if name == "before" {
				w.say(alice, bob, "hello")
			}
			w.clock.advance(time.Second + 400*time.Microsecond)
			back := w.looks.device(bob, "2")
			if name == "after" {
				w.clock.advance(300 * time.Microsecond)
				w.say(alice, bob, "hello")
			}
			id, ref := w.looks.Current(lost.Viewer)
			same(t, "taken over", w.looks.Inherit(back.Viewer, id, ref), true)
			w.lose(lost)
			same(t, "unread", w.unread(bob), want)
			w.say(alice, bob, "it looks at the chat")
			same(t, "then", w.unread(bob), nil)
		})
	}
}

// A read stood because another device looked at the chat when the first was lost. It was taken
// back when the client that had come back in its place was lost, too, after the other device.
func TestReadsThatStandBecauseOfAnotherDevice(t *testing.T) {
	w := newWorld(t)
	w.looks.set(bob, user(alice))
	lost := w.looks.device(bob, "1")
	w.clock.advance(1e9)
	back := w.looks.device(bob, "2")
	w.say(alice, bob, "hello")
	other := w.looks.device(bob, "3")
	w.looks.Look(other.Viewer, user(alice))
	id, ref := w.looks.Current(lost.Viewer)
	same(t, "taken over", w.looks.Inherit(back.Viewer, id, ref), true)
	w.events.take()
	for _, d := range []*device{lost, other, back} {
		w.lose(d)
		same(t, "unread", w.unread(bob), nil)
	}
	w.happened()
}

// A database that is away for a moment loses nothing of what is proven.
func TestProvenReadsAreKeptForLater(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.SetCurrentChat(w.ctx, viewer(bob), "alice")
	ok(t, err)
	w.looks.set(bob, user(alice))
	w.say(alice, bob, "hello")
	w.looks.device(bob, "1").signs++
	away, cancel := context.WithCancel(w.ctx)
	cancel()
	if err := w.KeepProven(away); err == nil {
		t.Fatal("got no error of a cancelled context")
	}
	ok(t, w.KeepProven(w.ctx))
	ok(t, w.ForgetCurrentChats(w.ctx, nil, must(w.CurrentChats(w.ctx, 9))(t)))
	w.lose(w.looks.device(bob, "1"))
	m := must(w.CurrentChats(w.ctx, 9))(t)
	same(t, "stored", m, nil)
	same(t, "unread", w.unread(bob), nil)
}

// A device that was being given up had proved a read, and a message came while another device of the account looked at
// the chat: the proof was only in memory, and after a crash the message was unread again.
func TestWhatALostDeviceProvedOutlivesACrash(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.SetCurrentChat(w.ctx, viewer(bob), "alice")
	ok(t, err)
	phone, desk := w.looks.device(bob, "1"), w.looks.device(bob, "2")
	w.looks.Look(phone.Viewer, user(alice))
	w.looks.Look(desk.Viewer, user(alice))
	w.say(alice, bob, "hello")
	w.AbandonViewer(phone.Viewer)
	phone.signs++
	w.say(alice, bob, "the phone may not have seen this")
	ok(t, w.KeepProven(w.ctx))

	again := newLooks(w.clock)
	w.Service, w.looks = chat.New(w.store, again.Presence, fakeJWT{}, chat.Options{Now: w.clock.Now}, nil), again
	ok(t, w.ForgetCurrentChats(w.ctx, nil, must(w.CurrentChats(w.ctx, 9))(t)))
	same(t, "unread", w.unread(bob), map[string]int64{"alice": 1})
}

// After a crash nothing is known of the clients but what was stored.
func TestReadsOfClientsThatDoNotComeBack(t *testing.T) {
	for name, tt := range map[string]struct {
		before func(*world)
		after  func(*world)
		want   map[string]int64
	}{
		"not proven": {want: map[string]int64{"alice": 1}},
		"proven":     {before: func(w *world) { w.looks.device(bob, "1").signs++; ok(t, w.KeepProven(w.ctx)) }},
		"not proven when the server ended": {
			before: func(w *world) {
				d := w.looks.device(bob, "1")
				w.AbandonViewer(d.Viewer)
				w.looks.Leave(d.Viewer)
				ok(t, w.KeepProven(w.ctx))
			},
			want: map[string]int64{"alice": 1},
		},
		"proven when the server ended": {before: func(w *world) {
			d := w.looks.device(bob, "1")
			d.signs++
			w.AbandonViewer(d.Viewer)
			w.looks.Leave(d.Viewer)
			ok(t, w.KeepProven(w.ctx))
		}},
		"read otherwise": {after: func(w *world) { ok(t, w.ClearUnread(w.ctx, by(bob), user(alice))) }},
		"looked at now":  {after: func(w *world) { w.looks.set(bob, user(alice)) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			_, _, err := w.SetCurrentChat(w.ctx, viewer(bob), "alice")
			ok(t, err)
			w.looks.set(bob, user(alice))
			w.say(alice, bob, "hello")
			if tt.before != nil {
				tt.before(w)
			}

			again := newLooks(w.clock)
			w.Service, w.looks = chat.New(w.store, again.Presence, fakeJWT{}, chat.Options{Now: w.clock.Now}, nil), again
			w.events.take()
			stored := must(w.CurrentChats(w.ctx, 9))(t)
			if len(stored) != 1 || stored[0].Ref != user(alice) || stored[0].ID != viewer(bob).ID {
				t.Fatalf("got %+v, want bob's current chat", stored)
			}
			if tt.after != nil {
				tt.after(w)
				w.events.take()
			}
			ok(t, w.ForgetCurrentChats(w.ctx, nil, stored))
			same(t, "unread", w.unread(bob), tt.want)
			if tt.want != nil {
				w.happened("unread again bob alice 1")
			}
			same(t, "stored", must(w.CurrentChats(w.ctx, 9))(t), nil)
		})
	}
}
