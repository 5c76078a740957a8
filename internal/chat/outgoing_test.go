package chat_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

// inWords encodes an event for tests.
func inWords(e *chat.OutgoingEvent) ([]byte, error) {
	words := string(e.Kind)
	switch d := e.Data.(type) {
	case chat.OutgoingMessage:
		words += fmt.Sprintf(" %d %q", d.Posted.Message.ID, d.Posted.Message.Text)
		if d.By != "" {
			words += " by " + string(d.By)
		}
	case chat.OutgoingAway:
		words += fmt.Sprintf(" %d %+v", d.Posted.Message.ID, d.Receivers)
	case chat.OutgoingRead:
		words += fmt.Sprintf(" %v %d", d.Accounts, d.UpTo)
	case chat.OutgoingGroup:
		var added []string
		for _, m := range d.Members {
			added = append(added, string(m.Account.ID))
		}
		slices.Sort(added)
		words += fmt.Sprintf(" %s banned=%t %s %s %d %t", d.Group.Name, d.Group.Banned, strings.Join(added, ","), d.Account, d.How, d.Admin)
	case chat.Account:
		words += fmt.Sprintf(" %s %s %t", d.ID, d.Name, d.Active)
	case chat.OutgoingTestData:
		words += " " + string(d.Subscription)
	default:
		return nil, fmt.Errorf("data of type %T", d)
	}
	return []byte(words), nil
}

func withEvents(o *chat.Options) { o.EncodeOutgoing = inWords }

// subscribe makes a subscription of a new application.
func (w *world) subscribe(app chat.AppID, kinds ...chat.OutgoingKind) chat.IssuedSubscription {
	w.t.Helper()
	w.system(app, chat.ScopeRead)
	return must(w.CreateSubscription(w.ctx, chat.Subscription{App: app, URL: "https://hooks.example.test/" + string(app), Kinds: kinds}))(w.t)
}

// spread gives events to their subscriptions.
func (w *world) spread() {
	w.t.Helper()
	for must(w.SpreadOutgoing(w.ctx))(w.t) {
	}
}

// due returns the events that are due for a subscription.
func (w *world) due(id chat.SubscriptionID) []chat.Outgoing {
	w.t.Helper()
	w.spread()
	return must(w.OutgoingWork(w.ctx, id, 100))(w.t).Due
}

// bodies returns the bodies and topics of the events that are due.
func (w *world) bodies(id chat.SubscriptionID) (all []string) {
	w.t.Helper()
	for _, o := range w.due(id) {
		all = append(all, string(o.Body)+" ["+o.Topic+"]")
	}
	return all
}

// accept removes all due events.
func (w *world) accept(id chat.SubscriptionID) chat.OutgoingOutcome {
	w.t.Helper()
	var r chat.OutgoingResult
	for _, o := range w.due(id) {
		r.Accepted = append(r.Accepted, o.ID)
	}
	return must(w.FinishOutgoing(w.ctx, id, r))(w.t)
}

// refuse lets the attempts of all due events fail.
func (w *world) refuse(id chat.SubscriptionID) chat.OutgoingOutcome {
	w.t.Helper()
	var r chat.OutgoingResult
	for _, o := range w.due(id) {
		r.Failed = append(r.Failed, chat.FailedOutgoing{ID: o.ID, Failure: "status 500"})
	}
	return must(w.FinishOutgoing(w.ctx, id, r))(w.t)
}

func TestOutgoingMessages(t *testing.T) {
	w := newWorld(t, withEvents)
	s := w.subscribe("archive", chat.OutgoingKinds...)
	g := w.found("Team", alice, bob)
	w.accept(s.ID)

	first := w.say(alice, bob, "hello")
	second := w.sayIn(g, bob, "hi all")
	must(w.EditMessage(w.ctx, by(alice), user(bob), first, "hello Bob"))(t)
	ok(t, w.ClearUnread(w.ctx, by(bob), user(alice)))
	must(w.WithdrawGroupMessage(w.ctx, by(alice), g, second))(t)
	ok(t, w.ClearAllUnread(w.ctx, by(alice)))
	own := must(w.SendMessage(w.ctx, by(alice), chat.FileTransfer, text("a note")))(t)
	same(t, "events", w.bodies(s.ID), []string{
		fmt.Sprintf(`message.sent %d "hello" [chat alice bob]`, first),
		fmt.Sprintf(`message.sent %d "hi all" [group %s]`, second, g),
		fmt.Sprintf(`message.edited %d "hello Bob" [chat alice bob]`, first),
		`message.read [bob] 0 [chat alice bob]`,
		fmt.Sprintf(`message.withdrawn %d "" by alice [group %s]`, second, g),
		`message.read [alice] 0 [account alice]`,
		fmt.Sprintf(`message.sent %d "a note" [chat alice alice]`, own.Message.ID),
	})
	w.accept(s.ID)

	// Whoever looks at the chat reads the message in the same commit.
	w.looks.set(bob, user(alice))
	read := w.say(alice, bob, "you see this")
	same(t, "read at once", w.bodies(s.ID), []string{
		fmt.Sprintf(`message.sent %d "you see this" [chat alice bob]`, read),
		fmt.Sprintf(`message.read [bob] %d [chat alice bob]`, read),
	})
	w.sound()
}

func TestOutgoingGroupsAndAccounts(t *testing.T) {
	w := newWorld(t, withEvents)
	kinds := slices.DeleteFunc(slices.Clone(chat.OutgoingKinds), func(k chat.OutgoingKind) bool { return strings.HasPrefix(string(k), "message.") })
	s := w.subscribe("archive", kinds...)
	g := w.found("Team", alice, bob)
	must(w.AddGroupMembers(w.ctx, by(alice), g, []chat.AccountID{carol}))(t)
	ok(t, w.SetGroupAdmin(w.ctx, by(alice), g, carol, true))
	ok(t, w.BanSpeak(w.ctx, by(alice), g, true))
	name := "Crew"
	must(w.UpdateGroup(w.ctx, by(alice), g, chat.GroupPatch{Name: &name}))(t)
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, bob))
	ok(t, w.LeaveGroup(w.ctx, by(carol), g))
	ok(t, w.DissolveGroup(w.ctx, by(alice), g))
	group := "[group " + string(g) + "]"
	same(t, "events of the group", w.bodies(s.ID), []string{
		"group.created Team banned=false alice,bob  0 false " + group,
		"group.members-added Team banned=false carol  0 false " + group,
		"group.role-changed Team banned=false  carol 0 true " + group,
		"group.changed Team banned=true   0 false " + group,
		"group.changed Crew banned=true   0 false " + group,
		"group.member-left Crew banned=true  bob 2 false " + group,
		"group.member-left Crew banned=true  carol 1 false " + group,
		"group.dissolved Crew banned=true   0 false " + group,
	})
	w.accept(s.ID)

	must(w.CreateAccount(w.ctx, chat.Account{ID: "erin", Name: "Erin"}))(t)
	inactive := false
	must(w.UpdateAccount(w.ctx, "erin", chat.AccountPatch{Active: &inactive}))(t)
	same(t, "events of accounts", w.bodies(s.ID), []string{
		"account.created erin Erin true [account erin]",
		"account.changed erin Erin false [account erin]",
	})
}

func TestOutgoingIsForWhoAsks(t *testing.T) {
	w := newWorld(t, withEvents)
	w.say(alice, bob, "before")
	sent := w.subscribe("sent", chat.OutgoingMessageSent)
	edited := w.subscribe("edited", chat.OutgoingMessageEdited, chat.OutgoingMessageSent)
	id := w.say(alice, bob, "one")
	a, b := w.due(sent.ID), w.due(edited.ID)
	if len(a) != 1 || len(b) != 1 || a[0].Event != b[0].Event || a[0].ID == b[0].ID {
		t.Errorf("got %v and %v, want one event with the same name for both", a, b)
	}
	must(w.EditMessage(w.ctx, by(alice), user(bob), id, "uno"))(t)
	same(t, "events", []int{len(w.due(sent.ID)), len(w.due(edited.ID))}, []int{1, 2})
	// A refused send, and the repetition of an accepted one, are no events.
	_, err := w.SendMessage(w.ctx, by(alice), dave, text("no"))
	refused(t, "stranger", err, "not my contract")
	repeated := text("once")
	repeated.WaitingID = "w1"
	must(w.SendMessage(w.ctx, by(alice), bob, repeated))(t)
	must(w.SendMessage(w.ctx, by(alice), bob, repeated))(t)
	same(t, "after both", len(w.due(sent.ID)), 2)

	// A subscription that is stopped gets nothing; what waits stays.
	stop, start := true, false
	must(w.UpdateSubscription(w.ctx, "sent", sent.ID, chat.SubscriptionPatch{Stopped: &stop}))(t)
	w.say(alice, bob, "unheard")
	_, err = w.OutgoingWork(w.ctx, sent.ID, 10)
	refused(t, "stopped", err, "not found")
	must(w.UpdateSubscription(w.ctx, "sent", sent.ID, chat.SubscriptionPatch{Stopped: &start}))(t)
	same(t, "started", len(w.due(sent.ID)), 2)
	// So does one whose application is disabled.
	must(w.UpdateApplication(w.ctx, "", "sent", chat.ApplicationPatch{Disabled: &stop}))(t)
	w.say(alice, bob, "unheard, too")
	must(w.UpdateApplication(w.ctx, "", "sent", chat.ApplicationPatch{Disabled: &start}))(t)
	w.say(alice, bob, "heard")
	same(t, "enabled", len(w.due(sent.ID)), 3)
	same(t, "of all that time", len(w.due(edited.ID)), 6)
}

// A chat waits for its event that has failed, and no other one does.
func TestOutgoingOrder(t *testing.T) {
	w := newWorld(t, withEvents)
	s := w.subscribe("archive", chat.OutgoingMessageSent)
	w.say(alice, bob, "1")
	w.say(alice, carol, "2")
	w.say(bob, alice, "3")
	all := w.due(s.ID)
	must(w.FinishOutgoing(w.ctx, s.ID, chat.OutgoingResult{
		Accepted: []chat.OutgoingID{all[1].ID},
		Failed:   []chat.FailedOutgoing{{ID: all[0].ID, Failure: "status 500"}},
	}))(t)
	w.say(carol, alice, "4")
	same(t, "others", len(w.due(s.ID)), 1)
	w.accept(s.ID)
	work := must(w.OutgoingWork(w.ctx, s.ID, 10))(t)
	same(t, "nothing is due", len(work.Due), 0)
	same(t, "when", work.NextAt, w.clock.Now().Add(5*time.Second))
	for _, pause := range []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second} {
		w.clock.advance(pause - time.Millisecond)
		same(t, "too early", len(w.due(s.ID)), 0)
		w.clock.advance(time.Millisecond)
		due := w.due(s.ID)
		same(t, "in order", []int{len(due), due[0].Attempts}, []int{2, due[0].Attempts})
		must(w.FinishOutgoing(w.ctx, s.ID, chat.OutgoingResult{Failed: []chat.FailedOutgoing{{ID: due[0].ID, Failure: "status 500"}}}))(t)
	}
	w.clock.advance(time.Hour)
	same(t, "both", len(w.due(s.ID)), 2)
	w.accept(s.ID)
	same(t, "all accepted", len(w.due(s.ID)), 0)
	w.sound()
}

func TestOutgoingPausesAReceiverThatFails(t *testing.T) {
	w := newWorld(t, withEvents)
	s := w.subscribe("archive", chat.OutgoingMessageSent, chat.OutgoingAccountChanged)
	healthy := w.subscribe("healthy", chat.OutgoingMessageSent)
	for i := range 10 {
		must(w.CreateAccount(w.ctx, chat.Account{ID: chat.AccountID(fmt.Sprint("p", i)), Name: "P"}))(t)
		name := "Q"
		must(w.UpdateAccount(w.ctx, chat.AccountID(fmt.Sprint("p", i)), chat.AccountPatch{Name: &name}))(t)
	}
	same(t, "due", len(w.due(s.ID)), 10)
	same(t, "outcome", w.refuse(s.ID), chat.OutgoingOutcome{Paused: true})
	w.say(alice, bob, "for both")
	same(t, "the healthy one", len(w.due(healthy.ID)), 1)
	work := must(w.OutgoingWork(w.ctx, s.ID, 100))(t)
	same(t, "paused", []any{len(work.Due), work.Subscription.Paused(), work.Subscription.Failure}, []any{0, true, "status 500"})
	// One event is tried, if possible one that has not failed.
	w.clock.now = work.NextAt
	due := w.due(s.ID)
	same(t, "tried", []any{len(due), due[0].Kind}, []any{1, chat.OutgoingMessageSent})
	before := work.NextAt
	same(t, "failed again", w.refuse(s.ID), chat.OutgoingOutcome{})
	work = must(w.OutgoingWork(w.ctx, s.ID, 100))(t)
	if pause, want := work.NextAt.Sub(before), 20*time.Second; pause < want {
		t.Errorf("the next pause is %v, want at least %v", pause, want)
	}
	w.clock.now = work.NextAt
	same(t, "resumed", w.accept(s.ID), chat.OutgoingOutcome{Resumed: true})
	same(t, "everything is due at once", len(w.due(s.ID)), 10)
	seen := must(w.Subscriptions(w.ctx, "archive"))(t)[0]
	same(t, "state", []any{seen.Failures, seen.Failure, seen.NextAt, seen.DeliveredAt}, []any{0, "", time.Time{}, w.clock.Now()})
}

// One event that the receiver never takes holds up its chat, and nothing else, until it is given up.
func TestOutgoingGivesUp(t *testing.T) {
	w := newWorld(t, withEvents)
	s := w.subscribe("archive", chat.OutgoingMessageSent)
	w.say(alice, bob, "poison")
	w.say(alice, bob, "behind it")
	began := w.clock.Now()
	for attempts := 0; ; attempts++ {
		if attempts > 200 {
			t.Fatal("the event is never given up")
		}
		poison := w.due(s.ID)[0]
		r := chat.OutgoingResult{Failed: []chat.FailedOutgoing{{ID: poison.ID, Failure: "status 400"}}}
		if must(w.FinishOutgoing(w.ctx, s.ID, r))(t).GivenUp == 1 {
			break
		}
		work := must(w.OutgoingWork(w.ctx, s.ID, 10))(t)
		if len(work.Due) != 0 || work.Subscription.Paused() {
			t.Fatalf("got %d events, want none until the next attempt", len(work.Due))
		}
		w.say(alice, carol, "another chat")
		same(t, "another chat", w.bodies(s.ID)[0][:12], "message.sent")
		w.accept(s.ID)
		w.clock.now = work.NextAt
	}
	if took := w.clock.Now().Sub(began); took < 72*time.Hour || took > 74*time.Hour {
		t.Errorf("the event was given up after %v, want some 72h", took)
	}
	same(t, "the next one", len(w.due(s.ID)), 1)
	w.accept(s.ID)

	dead := must(w.DeadOutgoing(w.ctx, "archive", s.ID, 0, 10))(t)
	same(t, "dead", []any{len(dead), dead[0].Failure}, []any{1, "status 400"})
	_, err := w.DeadOutgoing(w.ctx, "other", s.ID, 0, 10)
	refused(t, "of another application", err, "not found")
	ok(t, w.ReplayOutgoing(w.ctx, "archive", s.ID, dead[0].ID))
	refused(t, "twice", w.ReplayOutgoing(w.ctx, "archive", s.ID, dead[0].ID), "not found")
	again := w.due(s.ID)
	same(t, "again, with its name", []string{again[0].Event}, []string{dead[0].Event})
	w.accept(s.ID)
	same(t, "nothing is left", must(w.Subscription(w.ctx, "", s.ID))(t).OutgoingCount, chat.OutgoingCount{})
}

func TestOutgoingReplaysFromATime(t *testing.T) {
	w := newWorld(t, withEvents)
	s := w.subscribe("archive", chat.OutgoingMessageSent)
	var at []time.Time
	for _, words := range []string{"1", "2", "3"} {
		at = append(at, w.clock.Now())
		w.say(alice, bob, words)
		w.clock.advance(time.Minute)
	}
	w.spread()
	stop, start := true, false
	must(w.UpdateSubscription(w.ctx, "", s.ID, chat.SubscriptionPatch{Stopped: &stop}))(t)
	w.clock.advance(73 * time.Hour)
	for must(w.TidyOutgoing(w.ctx))(t) {
	}
	same(t, "given up while it is stopped", must(w.Subscription(w.ctx, "", s.ID))(t).OutgoingCount, chat.OutgoingCount{Dead: 3})
	same(t, "replayed", must(w.ReplayOutgoingSince(w.ctx, "archive", s.ID, at[1]))(t), chat.Replayed{Count: 2})
	must(w.UpdateSubscription(w.ctx, "", s.ID, chat.SubscriptionPatch{Stopped: &start}))(t)
	same(t, "posted again", len(w.due(s.ID)), 2)
	w.accept(s.ID)
	w.clock.advance(31 * 24 * time.Hour)
	for must(w.TidyOutgoing(w.ctx))(t) {
	}
	same(t, "forgotten", must(w.Subscription(w.ctx, "", s.ID))(t).OutgoingCount, chat.OutgoingCount{})
}

func TestOutgoingStops(t *testing.T) {
	w := newWorld(t, withEvents)
	s := w.subscribe("archive", chat.OutgoingMessageSent)
	w.say(alice, bob, "1")
	gone := must(w.FinishOutgoing(w.ctx, s.ID, chat.OutgoingResult{Failed: []chat.FailedOutgoing{{ID: w.due(s.ID)[0].ID, Failure: "status 410"}}, Gone: true}))(t)
	same(t, "gone", gone, chat.OutgoingOutcome{Stopped: chat.StopGone})
	w.say(alice, bob, "2")
	start := false
	seen := must(w.UpdateSubscription(w.ctx, "", s.ID, chat.SubscriptionPatch{Stopped: &start}))(t)
	same(t, "started", []any{seen.Stopped, seen.Waiting, len(w.due(s.ID))}, []any{chat.StopReason(""), 1, 1})

	// Nothing is accepted for three days.
	f := w.subscribe("failing", chat.OutgoingAccountChanged)
	for i := range 8 {
		id := chat.AccountID(fmt.Sprint("p", i))
		must(w.CreateAccount(w.ctx, chat.Account{ID: id, Name: "P"}))(t)
		name := "Q"
		must(w.UpdateAccount(w.ctx, id, chat.AccountPatch{Name: &name}))(t)
	}
	outcome := w.refuse(f.ID)
	for tries := 0; outcome.Stopped == "" && tries < 200; tries++ {
		w.clock.advance(time.Hour)
		outcome = w.refuse(f.ID)
	}
	same(t, "failing", outcome.Stopped, chat.StopFailing)
	if log := strings.Join(w.audit(), "\n"); !strings.Contains(log, "subscription.stopped") {
		t.Errorf("the audit log does not tell that the subscription was stopped:\n%s", log)
	}
}

// A receiver that asks for time gets it.
func TestOutgoingWaits(t *testing.T) {
	w := newWorld(t, withEvents)
	s := w.subscribe("archive", chat.OutgoingMessageSent)
	w.say(alice, bob, "1")
	w.say(alice, carol, "2")
	all := w.due(s.ID)
	must(w.FinishOutgoing(w.ctx, s.ID, chat.OutgoingResult{
		Accepted: []chat.OutgoingID{all[0].ID}, Failed: []chat.FailedOutgoing{{ID: all[1].ID, Failure: "status 429"}}, Wait: 10 * time.Minute,
	}))(t)
	work := must(w.OutgoingWork(w.ctx, s.ID, 10))(t)
	same(t, "wait", []any{len(work.Due), work.NextAt}, []any{0, w.clock.Now().Add(10 * time.Minute)})
	w.clock.now = work.NextAt
	same(t, "afterwards", len(w.due(s.ID)), 1)
	// A clock that was set back does not make it longer than the longest pause.
	w.refuse(s.ID)
	w.clock.advance(-48 * time.Hour)
	same(t, "after the clock was set back", len(w.due(s.ID)), 1)
}

func TestOutgoingAway(t *testing.T) {
	w := newWorld(t, withEvents, func(o *chat.Options) { o.MaxAway = 3 })
	s := w.subscribe("push", chat.OutgoingMessageAway)
	// told returns what is posted about the latest message, while some are online.
	told := func(online ...chat.AccountID) string {
		t.Helper()
		same(t, "due at once", len(w.due(s.ID)), 0)
		w.clock.advance(3 * time.Second)
		due := w.due(s.ID)
		if len(due) != 1 {
			t.Fatalf("got %d events, want one", len(due))
		}
		body := must(w.OutgoingBody(w.ctx, &due[0], func(_ context.Context, of []chat.AccountID) (map[chat.AccountID]bool, error) {
			here := map[chat.AccountID]bool{}
			for _, a := range of {
				here[a] = slices.Contains(online, a)
			}
			return here, nil
		}))(t)
		w.accept(s.ID)
		_, receivers, _ := strings.Cut(strings.TrimPrefix(string(body), "message.away "), " ")
		return receivers
	}
	w.say(alice, bob, "1")
	same(t, "a direct chat", told(alice), "[{Account:bob Badge:1 Muted:false Mentioned:false}]")
	w.say(alice, bob, "2")
	same(t, "online", told(alice, bob), "")
	w.say(alice, bob, "3")
	ok(t, w.ClearUnread(w.ctx, by(bob), user(alice)))
	same(t, "read meanwhile", told(), "")
	id := w.say(alice, bob, "4")
	must(w.WithdrawMessage(w.ctx, by(alice), bob, id))(t)
	same(t, "withdrawn meanwhile", told(), "")
	must(w.SendMessage(w.ctx, by(alice), chat.FileTransfer, text("a note")))(t)
	same(t, "to oneself", told(), "")

	g := w.found("Team", alice, bob, carol)
	for _, a := range []chat.AccountID{bob, carol} {
		ok(t, w.ClearAllUnread(w.ctx, by(a)))
	}
	ok(t, w.SetGroupPush(w.ctx, by(carol), g, false))
	w.sayIn(g, alice, "5")
	same(t, "a group", told(), "[{Account:bob Badge:1 Muted:false Mentioned:false} {Account:carol Badge:0 Muted:true Mentioned:false}]")
	h := w.hooked(g)
	w.alert(h, words("6 "), at("carol"))
	same(t, "a mention", told(alice), "[{Account:bob Badge:2 Muted:false Mentioned:false} {Account:carol Badge:0 Muted:true Mentioned:true}]")

	// In a larger group only those who are mentioned are told.
	ok(t, w.AddToOrganization(w.ctx, "demo", []chat.AccountID{dave}))
	must(w.AddGroupMembers(w.ctx, by(alice), g, []chat.AccountID{dave}))(t)
	w.sayIn(g, alice, "7")
	same(t, "a large group", told(), "")
	w.alert(h, words("8 "), at("bob"))
	same(t, "a mention in a large group", told(), "[{Account:bob Badge:4 Muted:false Mentioned:true}]")
}

func TestSubscriptionIsManaged(t *testing.T) {
	w := newWorld(t, withEvents)
	w.system("archive", chat.ScopeRead)
	must(w.CreateApplication(w.ctx, "", chat.Application{ID: "bound", Key: "bound", Name: "Bound", Kind: chat.AppServer, Scopes: []chat.Scope{chat.ScopeRead}, Organization: "demo"}))(t)
	good := chat.Subscription{App: "archive-key", URL: "https://hooks.example.test/in", Note: " Archive ", Kinds: []chat.OutgoingKind{chat.OutgoingGroupChanged, chat.OutgoingMessageSent, chat.OutgoingGroupChanged}}
	for _, c := range []struct {
		what   string
		change func(*chat.Subscription)
		want   string
	}{
		{"no address", func(s *chat.Subscription) { s.URL = "" }, "url is required"},
		{"a path", func(s *chat.Subscription) { s.URL = "/in" }, "url must begin with https:// and name a host"},
		{"another scheme", func(s *chat.Subscription) { s.URL = "ftp://hooks.example.test/" }, ""},
		{"a password", func(s *chat.Subscription) { s.URL = "https://a:b@hooks.example.test/" }, ""},
		{"a fragment", func(s *chat.Subscription) { s.URL += "#x" }, "url must not have a fragment"},
		{"a long note", func(s *chat.Subscription) { s.Note = strings.Repeat("x", 201) }, "note must be at most 200 characters"},
		{"no kinds", func(s *chat.Subscription) { s.Kinds = nil }, "kinds is required"},
		{"an unknown kind", func(s *chat.Subscription) { s.Kinds = []chat.OutgoingKind{"message.eaten"} }, `kinds names a kind of event that does not exist: "message.eaten"`},
		{"an unknown application", func(s *chat.Subscription) { s.App = "nobody" }, "application is not the id or the key of an application"},
		{"an application of clients", func(s *chat.Subscription) { s.App = "web" }, "application must be of kind server"},
		{"a bound application", func(s *chat.Subscription) { s.App = "bound" }, "application must not be bound to an organization, because events of all organizations are posted"},
	} {
		s := good
		c.change(&s)
		_, err := w.CreateSubscription(w.ctx, s)
		if c.want == "" {
			if err == nil {
				t.Errorf("%s: got no error", c.what)
			}
			continue
		}
		refused(t, c.what, err, "invalid payload: "+c.want)
	}
	made := must(w.CreateSubscription(w.ctx, good))(t)
	same(t, "made", []any{made.App, made.Note, made.Kinds}, []any{chat.AppID("archive"), "Archive", []chat.OutgoingKind{chat.OutgoingMessageSent, chat.OutgoingGroupChanged}})
	if !strings.HasPrefix(made.Secret, "whsec_") || len(made.Secret) < 40 {
		t.Errorf("got a secret of %d characters, want one that begins with whsec_", len(made.Secret))
	}

	// During a rotation there are two secrets.
	rotated := must(w.RotateSubscriptionSecret(w.ctx, "archive", made.ID, time.Hour))(t)
	live := func() []string {
		return must(w.OutgoingWork(w.ctx, made.ID, 1))(t).Secrets
	}
	same(t, "during the rotation", live(), []string{rotated.Secret, made.Secret})
	w.clock.advance(time.Hour)
	same(t, "after the rotation", live(), []string{rotated.Secret})
	_, err := w.RotateSubscriptionSecret(w.ctx, "other", made.ID, 0)
	refused(t, "rotation of another application", err, "not found")

	ok(t, w.TestSubscription(w.ctx, "archive", made.ID))
	same(t, "test", w.bodies(made.ID), []string{"test " + string(made.ID) + " [test]"})
	ok(t, w.RemoveSubscription(w.ctx, "archive", made.ID))
	same(t, "removed", len(must(w.Subscriptions(w.ctx, ""))(t)), 0)
	refused(t, "removed twice", w.RemoveSubscription(w.ctx, "archive", made.ID), "not found")
	for must(w.TidyOutgoing(w.ctx))(t) {
	}
	w.sound()
}

func TestSubscriptionsAreLimited(t *testing.T) {
	w := newWorld(t, withEvents, func(o *chat.Options) { o.MaxSubscriptions = 1 })
	s := w.subscribe("archive", chat.OutgoingMessageSent)
	another := chat.Subscription{App: "archive", URL: s.URL, Kinds: s.Kinds}
	_, err := w.CreateSubscription(w.ctx, another)
	refused(t, "a second one", err, "invalid payload: application must not have more than 1 subscriptions")
	ok(t, w.RemoveSubscription(w.ctx, "", s.ID))
	must(w.CreateSubscription(w.ctx, another))(t)
}

func TestSubscriptionsAreAdministrated(t *testing.T) {
	w := newWorld(t, withEvents)
	s := w.subscribe("archive", chat.OutgoingMessageSent)
	for what, err := range map[string]error{
		"list":   second(w.AdminSubscriptions(w.ctx, by(bob))),
		"create": second(w.AdminCreateSubscription(w.ctx, by(bob), s.Subscription)),
		"change": second(w.AdminUpdateSubscription(w.ctx, by(bob), s.ID, chat.SubscriptionPatch{})),
		"rotate": second(w.AdminRotateSubscriptionSecret(w.ctx, by(bob), s.ID, 0)),
		"remove": w.AdminRemoveSubscription(w.ctx, by(bob), s.ID),
		"test":   w.AdminTestSubscription(w.ctx, by(bob), s.ID),
		"dead":   second(w.AdminDeadOutgoing(w.ctx, by(bob), s.ID, 0, 10)),
		"replay": w.AdminReplayOutgoing(w.ctx, by(bob), s.ID, 1),
		"since":  second(w.AdminReplayOutgoingSince(w.ctx, by(bob), s.ID, w.clock.Now())),
	} {
		refused(t, what, err, "forbidden")
	}
	// The operator has no account.
	same(t, "list", len(must(w.AdminSubscriptions(w.ctx, host))(t)), 1)
	ok(t, w.AdminRemoveSubscription(w.ctx, host, s.ID))
	same(t, "removed", len(must(w.AdminSubscriptions(w.ctx, host))(t)), 0)
}
