package chat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

// attending says who is connected.
type attending map[chat.AccountID]chat.Attendance

func availabilityWorld(t *testing.T, change ...func(*chat.Options)) (*world, attending) {
	t.Helper()
	here := attending{}
	return newWorld(t, append(change, func(o *chat.Options) {
		o.Attendance = func(a chat.AccountID) chat.Attendance { return here[a] }
	})...), here
}

func availability(a chat.Availability) string {
	parts := []string{string(a.Account)}
	if a.Shown {
		parts = append(parts, [...]string{"absent", "away", "online"}[a.Attendance])
	}
	if a.Seen != chat.SeenUnknown {
		parts = append(parts, fmt.Sprintf("step %d", a.Seen))
	}
	if a.Status != (chat.Status{}) {
		parts = append(parts, fmt.Sprintf("says %s %s %t", a.Status.Emoji, a.Status.Text, a.Status.Quiet))
	}
	return strings.Join(parts, " ")
}

// told returns what the reader is told about accounts.
func (w *world) told(reader chat.AccountID, ids ...chat.AccountID) (all []string) {
	w.t.Helper()
	for _, a := range must(w.Availabilities(w.ctx, reader, ids))(w.t) {
		all = append(all, availability(a))
	}
	return all
}

// touched returns the accounts of which others may be told something else.
func (w *world) touched() (all []string) {
	for _, e := range w.events.take() {
		if e, ok := e.(chat.AvailabilityChanged); ok {
			all = append(all, names(e.Accounts))
		}
	}
	return all
}

func TestAvailability(t *testing.T) {
	w, here := availabilityWorld(t)
	here[bob], here[carol], here[dave] = chat.Online, chat.Away, chat.Online
	same(t, "contacts and oneself, in their order", w.told(alice, carol, dave, "nobody", bob, alice, bob), []string{"carol away", "bob online", "alice absent"})
	same(t, "a stranger", w.told(dave, alice, bob), nil)
	same(t, "nothing", w.told(alice), nil)
	must(w.UpdateAccount(w.ctx, carol, chat.AccountPatch{Active: new(false)}))(t)
	same(t, "an inactive account", w.told(alice, carol), nil)
	ok(t, w.Befriend(w.ctx, alice, dave))
	same(t, "a friend", w.told(alice, dave), []string{"dave online"})

	many := make([]chat.AccountID, 201)
	for i := range many {
		many[i] = chat.AccountID(fmt.Sprint("x", i))
	}
	_, err := w.Availabilities(w.ctx, alice, many)
	refused(t, "too many", err, "invalid payload: ids must name at most 200 accounts")
	_, err = w.Availabilities(w.ctx, alice, []chat.AccountID{""})
	refused(t, "no id", err, "invalid payload: ids is required")
}

func TestLastSeen(t *testing.T) {
	w, _ := availabilityWorld(t)
	same(t, "never", w.told(alice, bob), []string{"bob absent"})
	w.SawAccount(bob)
	same(t, "a moment ago", w.told(alice, bob), []string{"bob absent step 1"})
	ok(t, w.WriteSeen(w.ctx))
	for _, step := range []struct {
		after time.Duration
		want  string
	}{
		{time.Hour - time.Millisecond, "step 1"},
		{time.Millisecond, "step 2"},
		{23 * time.Hour, "step 3"},
		{6 * 24 * time.Hour, "step 4"},
		{23 * 24 * time.Hour, "step 5"},
		{1000 * 24 * time.Hour, "step 5"},
	} {
		w.clock.advance(step.after)
		same(t, step.after.String(), w.told(alice, bob), []string{"bob absent " + step.want})
	}
	// It is not stored of somebody who hides it, and forgotten.
	must(w.UpdateProfile(w.ctx, by(bob), chat.ProfilePatch{HidesActivity: new(true)}))(t)
	w.SawAccount(bob)
	w.SawAccount("nobody")
	ok(t, w.WriteSeen(w.ctx))
	must(w.UpdateProfile(w.ctx, by(bob), chat.ProfilePatch{HidesActivity: new(false)}))(t)
	same(t, "after it was hidden", w.told(alice, bob), []string{"bob absent"})
}

func TestStatus(t *testing.T) {
	w, here := availabilityWorld(t, func(o *chat.Options) { o.Settings.MaxStatus = 10 })
	here[bob] = chat.Online
	set := func(st chat.Status) chat.Status {
		t.Helper()
		return must(w.SetStatus(w.ctx, by(bob), st))(t)
	}
	w.touched()
	end := w.clock.Now().Add(time.Hour)
	same(t, "set", set(chat.Status{Emoji: "🌴", Text: "  on   leave ", Quiet: true, Ends: end}), chat.Status{Emoji: "🌴", Text: "on leave", Quiet: true, Ends: end})
	same(t, "told", w.touched(), []string{"bob"})
	same(t, "to a contact", w.told(alice, bob), []string{"bob online says 🌴 on leave true"})
	set(chat.Status{Emoji: "🌴", Text: "on leave", Quiet: true, Ends: end})
	same(t, "the same again", w.touched(), nil)
	w.clock.advance(time.Hour - time.Millisecond)
	same(t, "just before the end", w.told(bob, bob), []string{"bob online says 🌴 on leave true"})
	w.clock.advance(time.Millisecond)
	same(t, "at the end", w.told(alice, bob), []string{"bob online"})
	set(chat.Status{Quiet: true})
	same(t, "without a text", w.told(alice, bob), []string{"bob online says   true"})
	same(t, "nothing has no end", set(chat.Status{Ends: w.clock.Now().Add(time.Hour)}), chat.Status{})
	same(t, "nothing", w.told(alice, bob), []string{"bob online"})

	fails := func(name string, st chat.Status, want string) {
		t.Helper()
		_, err := w.SetStatus(w.ctx, by(bob), st)
		refused(t, name, err, want)
	}
	fails("too long", chat.Status{Text: "12345678901"}, "invalid payload: text must be at most 10 characters")
	fails("two lines", chat.Status{Text: "one\ntwo"}, "invalid payload: text must be one line that can be read, without U+000A")
	fails("over", chat.Status{Quiet: true, Ends: w.clock.Now()}, "invalid payload: until must be in the future")
	_, err := w.SetStatus(w.ctx, by("nobody"), chat.Status{})
	refused(t, "nobody", err, "from user not found")
}

// The status is for contacts. What an account does is for those who show what they do.
func TestHiddenAvailability(t *testing.T) {
	w, here := availabilityWorld(t)
	here[alice], here[bob] = chat.Online, chat.Online
	must(w.SetStatus(w.ctx, by(bob), chat.Status{Text: "busy"}))(t)
	w.touched()
	hide := func(a chat.AccountID, hides bool) {
		t.Helper()
		must(w.UpdateProfile(w.ctx, by(a), chat.ProfilePatch{HidesActivity: &hides}))(t)
		same(t, "told of", w.touched(), []string{string(a)})
	}
	same(t, "shown", w.told(alice, bob), []string{"bob online says  busy false"})
	hide(bob, true)
	same(t, "of somebody who hides it", w.told(alice, bob), []string{"bob says  busy false"})
	same(t, "to somebody who hides it", w.told(bob, alice, bob), []string{"alice", "bob says  busy false"})
	hide(bob, false)
	must(w.CreateOrganization(w.ctx, chat.Organization{ID: "works", Name: "Works"}))(t)
	ok(t, w.AddToOrganization(w.ctx, "works", []chat.AccountID{bob}))
	same(t, "a new member", w.touched(), []string{"bob"})
	must(w.UpdateOrganization(w.ctx, "works", chat.OrganizationPatch{HidesActivity: new(true)}))(t)
	same(t, "many", w.touched(), []string{""})
	same(t, "an organization hides it", w.told(alice, bob), []string{"bob says  busy false"})
	ok(t, w.RemoveFromOrganization(w.ctx, "works", bob))
	same(t, "a former member", w.touched(), []string{"bob"})
	same(t, "without it", w.told(alice, bob), []string{"bob online says  busy false"})
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationGuest))
	same(t, "a guest", w.touched(), []string{"bob"})
	same(t, "a guest", w.told(alice, bob), nil)

	w, here = availabilityWorld(t, func(o *chat.Options) { o.Settings.HideActivity = true })
	here[bob] = chat.Online
	same(t, "the server hides it", w.told(alice, bob), []string{"bob"})
}

func TestTellAvailability(t *testing.T) {
	w, here := availabilityWorld(t)
	here[bob] = chat.Away
	must(w.UpdateProfile(w.ctx, by(carol), chat.ProfilePatch{HidesActivity: new(true)}))(t)
	told := must(w.TellAvailability(w.ctx, bob, []chat.AccountID{alice, bob, carol, dave}))(t)
	same(t, "everything", availability(told.Availability), "bob away")
	same(t, "to", told.All, []chat.AccountID{alice, bob})
	same(t, "without the activity", availability(told.ToSome()), "bob")
	same(t, "to", told.Some, []chat.AccountID{carol})
	same(t, "to others", availability(told.ToOthers()), "bob")
	same(t, "known", []bool{told.Known, told.ToSome().Known, told.ToOthers().Known}, []bool{true, true, false})
	told = must(w.TellAvailability(w.ctx, bob, []chat.AccountID{dave}))(t)
	same(t, "nobody who may know", slices.Concat(told.All, told.Some), nil)
}

// An erased account leaves nothing.
func TestErasedAvailability(t *testing.T) {
	w, _ := availabilityWorld(t)
	must(w.SetStatus(w.ctx, by(bob), chat.Status{Text: "busy"}))(t)
	w.SawAccount(bob)
	ok(t, w.WriteSeen(w.ctx))
	kept := func() map[chat.AccountID]chat.KeptStatus {
		t.Helper()
		var all map[chat.AccountID]chat.KeptStatus
		ok(t, w.store.View(w.ctx, func(tx chat.Tx) (err error) {
			all, err = tx.KeptStatuses([]chat.AccountID{bob})
			return err
		}))
		return all
	}
	same(t, "kept", len(kept()), 1)
	must(w.Erase(w.ctx, host, bob, "Bob"))(t)
	same(t, "erased", len(kept()), 0)
}
