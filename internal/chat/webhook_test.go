package chat_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

// hooked makes a webhook in the group, of which alice is an administrator.
func (w *world) hooked(g chat.GroupID) chat.IssuedWebhook {
	w.t.Helper()
	h := must(w.CreateWebhook(w.ctx, by(alice), g, "Alerts", ""))(w.t)
	w.events.take()
	return h
}

// alert sends a text by a webhook.
func (w *world) alert(h chat.IssuedWebhook, parts ...chat.WebhookText) chat.Receipt {
	w.t.Helper()
	return must(w.SendByWebhook(w.ctx, h.Webhook, chat.WebhookMessage{Text: parts}))(w.t)
}

func words(s string) chat.WebhookText { return chat.WebhookText{Text: s} }

func at(who string) chat.WebhookText { return chat.WebhookText{At: who} }

func TestWebhookSends(t *testing.T) {
	w := newWorld(t)
	g := w.found("Team", alice, bob, carol)
	h := w.hooked(g)
	for _, a := range []chat.AccountID{alice, bob, carol} {
		ok(t, w.ClearUnread(w.ctx, by(a), group(g)))
	}
	w.events.take()
	sent := w.alert(h, words("the disk is full"))
	w.alert(h, words("it is still full"))
	same(t, "sender", sent.From, h.Bot)
	same(t, "bot", []any{h.Bot.Bot, h.Bot.Active, h.Bot.Name}, []any{true, false, "Alerts"})
	for _, a := range []chat.AccountID{alice, bob, carol} {
		same(t, "unread of "+string(a), w.unread(a), map[string]int64{string(g): 2})
	}
	// Somebody who reads a part has the rest unread.
	ok(t, w.ReadUpTo(w.ctx, by(bob), group(g), sent.Message.ID))
	same(t, "unread of bob", w.unread(bob), map[string]int64{string(g): 1})
	// A withdrawn message counts no more.
	must(w.WithdrawGroupMessage(w.ctx, by(alice), g, sent.Message.ID))(t)
	same(t, "unread of carol", w.unread(carol), map[string]int64{string(g): 1})
	w.sound()

	seen := must(w.WebhookOf(w.ctx, h.Token))(t)
	same(t, "latest use", seen.UsedAt, w.clock.Now())
	w.clock.advance(59 * time.Second)
	w.alert(h, words("soon after"))
	same(t, "use soon after", must(w.WebhookOf(w.ctx, h.Token))(t).UsedAt, seen.UsedAt)
	w.clock.advance(time.Second)
	w.alert(h, words("later"))
	same(t, "later use", must(w.WebhookOf(w.ctx, h.Token))(t).UsedAt, w.clock.Now())
}

// sound verifies the database.
func (w *world) sound() {
	w.t.Helper()
	if report := must(store.Verify(w.ctx, w.store))(w.t); !report.OK() {
		w.t.Errorf("verify: %s", report)
	}
}

func TestWebhookMentions(t *testing.T) {
	w := newWorld(t)
	ok(t, w.AddToOrganization(w.ctx, "demo", []chat.AccountID{dave}))
	g := w.found("Team", alice, bob, carol)
	h := w.hooked(g)
	shaken := func(parts ...chat.WebhookText) (text string, to []chat.AccountID, all bool) {
		t.Helper()
		w.events.take()
		text = w.alert(h, parts...).Message.Text
		for _, e := range w.events.take() {
			if s, ok := e.(chat.GroupShaken); ok {
				if s.From != h.Account || s.Group != g {
					t.Errorf("shaken by %s in %s", s.From, s.Group)
				}
				return text, s.To, s.All
			}
		}
		return text, nil, false
	}
	for _, c := range []struct {
		parts []chat.WebhookText
		text  string
		to    []chat.AccountID
		all   bool
	}{
		{[]chat.WebhookText{words("look "), at("bob"), words(" please")}, "look @Bob please", []chat.AccountID{bob}, false},
		{[]chat.WebhookText{at("BOB@example.com"), words("look")}, "@Bob look", []chat.AccountID{bob}, false},
		{[]chat.WebhookText{words("all: "), at("bob"), at("carol"), at("bob")}, "all: @Bob @Carol @Bob", []chat.AccountID{bob, carol}, false},
		{[]chat.WebhookText{at("all"), words(" and "), at("bob")}, "@everyone and @Bob", nil, true},
		// Somebody who is not in the group is shown, and not called.
		{[]chat.WebhookText{at("dave"), words(" look")}, "@dave look", nil, false},
		{[]chat.WebhookText{{At: "U12", Text: "On call"}, words(" look")}, "@On call look", nil, false},
		{[]chat.WebhookText{at("dave@example.com")}, "@dave@example.com", nil, false},
		{[]chat.WebhookText{at("+1 555 0100")}, "@+1 555 0100", nil, false},
	} {
		text, to, all := shaken(c.parts...)
		same(t, "text", text, c.text)
		same(t, c.text+": called", to, c.to)
		same(t, c.text+": all", all, c.all)
	}
	counts := must(w.UnreadCounts(w.ctx, bob))(t)
	if m := counts.Groups[0].Mention; m == nil || m.From != h.Account || !m.All {
		t.Errorf("bob's latest mention is %+v, want that of everyone by the bot", m)
	}
	w.sound()
}

// A text with very many mentions held the writing transaction as long as all of them were looked up.
func TestWebhookMentionsFew(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.MaxMentions = 2 })
	h := w.hooked(w.found("Team", alice, bob, carol))
	_, err := w.SendByWebhook(w.ctx, h.Webhook, chat.WebhookMessage{Text: []chat.WebhookText{at("u1"), at("u2"), at("u3")}})
	same(t, "refused", err, chat.Invalid("text", "must mention at most 2 members"))
	same(t, "one of them often", w.alert(h, at("bob"), at("u1"), at("bob"), at("u1")).Message.Text, "@Bob @u1 @Bob @u1")
}

func TestWebhookCard(t *testing.T) {
	w := newWorld(t)
	g := w.found("Team", alice, bob)
	h := w.hooked(g)
	card := json.RawMessage(`{"title":"Build 7","url":"https://ci.example.test/7"}`)
	r := must(w.SendByWebhook(w.ctx, h.Webhook, chat.WebhookMessage{Card: card}))(t)
	same(t, "type", r.Message.Type, chat.TypeCard)
	same(t, "card", string(r.Message.Card), string(card))
}

// Members react to a message of a bot. Nobody edits it: only the author of a message does, and a bot does not act.
func TestWebhookMessageIsReactedTo(t *testing.T) {
	w := newWorld(t)
	g := w.found("Team", alice, bob)
	h := w.hooked(g)
	id := w.alert(h, words("the disk is full")).Message.ID
	w.events.take()
	same(t, "reactions", w.react(bob, group(g), id, "👀", true), []chat.Reaction{{Emoji: "👀", Count: 1, Mine: true, First: []chat.ReportName{{ID: bob, Name: "Bob"}}}})
	// The bot has no list of chats, so it has no mark there.
	for _, e := range w.events.take() {
		if set, ok := e.(chat.ReactionSet); ok && (set.From != h.Account || set.Marked) {
			t.Errorf("got %+v, want a reaction to the bot without a mark", set)
		}
	}
	for who, want := range map[chat.AccountID]string{alice: "forbidden", bob: "forbidden", h.Account: "from user not found"} {
		refused(t, "an edit by "+string(who), second(w.EditMessage(w.ctx, by(who), group(g), id, "it is not")), want)
	}
	refused(t, "a reaction by the bot", second(w.SetReaction(w.ctx, by(h.Account), group(g), id, "👀", true)), "from user not found")
	w.sound()
	// An administrator withdraws it as any other message, with its reactions.
	must(w.WithdrawGroupMessage(w.ctx, by(alice), g, id))(t)
	same(t, "reactions of the withdrawn message", w.reacted(bob, group(g), id), nil)
	w.sound()
}

func TestWebhookRepeats(t *testing.T) {
	w := newWorld(t)
	g := w.found("Team", alice, bob)
	h := w.hooked(g)
	m := chat.WebhookMessage{Text: []chat.WebhookText{words("once")}, WaitingID: "build-7"}
	first := must(w.SendByWebhook(w.ctx, h.Webhook, m))(t)
	again := must(w.SendByWebhook(w.ctx, h.Webhook, m))(t)
	same(t, "repetition", []any{again.Message.ID, again.Duplicate}, []any{first.Message.ID, true})
	// Another webhook may use the same name.
	other := must(w.SendByWebhook(w.ctx, w.hooked(g).Webhook, m))(t)
	same(t, "of another webhook", other.Duplicate, false)
}

func TestWebhookRefuses(t *testing.T) {
	w := newWorld(t)
	g := w.found("Team", alice, bob)
	h := w.hooked(g)
	send := func(h chat.Webhook, text string) error {
		_, err := w.SendByWebhook(w.ctx, h, chat.WebhookMessage{Text: []chat.WebhookText{words(text)}})
		return err
	}
	refused(t, "too long", send(h.Webhook, strings.Repeat("x", 20_481)), "message too long")
	refused(t, "empty", send(h.Webhook, " "), "invalid payload: msg is required")
	// A ban does not apply to what an administrator has made.
	ok(t, w.BanSpeak(w.ctx, by(alice), g, true))
	ok(t, send(h.Webhook, "banned"))

	next := must(w.RotateWebhook(w.ctx, by(alice), g, h.ID))(t)
	refused(t, "the former address", send(h.Webhook, "late"), "not found")
	_, err := w.WebhookOf(w.ctx, h.Token)
	refused(t, "the former token", err, "not found")
	ok(t, send(next.Webhook, "with the new one"))
	ok(t, w.RemoveWebhook(w.ctx, by(alice), g, h.ID))
	refused(t, "removed", send(next.Webhook, "late"), "not found")
	refused(t, "removed twice", w.RemoveWebhook(w.ctx, by(alice), g, h.ID), "not found")
	// Its messages stay, with their sender.
	said := must(w.History(w.ctx, bob, group(g), chat.HistoryQuery{Limit: 1}))(t)[0]
	same(t, "last message", []any{said.Message.Text, said.From.Name, said.From.Bot}, []any{"with the new one", "Alerts", true})

	ended := w.hooked(g)
	ok(t, w.DissolveGroup(w.ctx, by(alice), g))
	refused(t, "dissolved", send(ended.Webhook, "late"), "not found")
	w.sound()
}

func TestWebhookIsManagedByAdministrators(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.MaxWebhooks = 2 })
	g, other := w.found("Team", alice, bob), w.found("Other", alice)
	w.audit()
	h := w.hooked(g)
	for who, want := range map[chat.AccountID]string{bob: "forbidden", dave: "not in group"} {
		_, err := w.CreateWebhook(w.ctx, by(who), g, "Mine", "")
		refused(t, string(who)+" makes one", err, want)
		_, err = w.Webhooks(w.ctx, by(who), g)
		refused(t, string(who)+" lists them", err, want)
		_, err = w.UpdateWebhook(w.ctx, by(who), g, h.ID, chat.WebhookPatch{})
		refused(t, string(who)+" changes one", err, want)
		_, err = w.RotateWebhook(w.ctx, by(who), g, h.ID)
		refused(t, string(who)+" rotates one", err, want)
		refused(t, string(who)+" removes one", w.RemoveWebhook(w.ctx, by(who), g, h.ID), want)
	}
	refused(t, "of another group", w.RemoveWebhook(w.ctx, by(alice), other, h.ID), "not found")
	_, err := w.CreateWebhook(w.ctx, by(alice), g, " ", "")
	refused(t, "without a name", err, "invalid payload: name is required")
	_, err = w.CreateWebhook(w.ctx, by(alice), g, "x", "javascript:1")
	refused(t, "with a bad picture", err, "invalid payload: avatar must begin with https://, http:// or a slash")
	w.hooked(g)
	_, err = w.CreateWebhook(w.ctx, by(alice), g, "Third", "")
	refused(t, "too many", err, "invalid payload: group must not have more than 2 webhooks")

	name, picture, yes, no := "Builds", "/a/b.png", true, false
	changed := must(w.UpdateWebhook(w.ctx, by(alice), g, h.ID, chat.WebhookPatch{Name: &name, Avatar: &picture, Signed: &yes}))(t)
	same(t, "changed", []any{changed.Bot.Name, changed.Bot.Avatar, changed.Token, changed.Secret != "", changed.Secret == changed.Webhook.Secret}, []any{name, picture, "", true, true})
	again := must(w.UpdateWebhook(w.ctx, by(alice), g, h.ID, chat.WebhookPatch{Signed: &yes}))(t)
	if again.Secret == "" || again.Secret == changed.Secret {
		t.Error("signing again made no new secret")
	}
	off := must(w.UpdateWebhook(w.ctx, by(alice), g, h.ID, chat.WebhookPatch{Signed: &no}))(t)
	same(t, "unsigned", off.Webhook.Secret+off.Secret, "")
	same(t, "in the list", must(w.Webhooks(w.ctx, by(alice), g))(t)[0].Bot.Name, name)
	must(w.RotateWebhook(w.ctx, by(alice), g, h.ID))(t)
	ok(t, w.RemoveWebhook(w.ctx, by(alice), g, h.ID))
	last := must(w.Webhooks(w.ctx, by(alice), g))(t)
	same(t, "rest", len(last), 1)
	entry := func(kind, rest string, id chat.WebhookID) string {
		return "group.webhook-" + kind + " alice→" + string(g) + rest + " webhook=" + string(id)
	}
	same(t, "audit log", w.audit(), []string{
		entry("created", " name=Alerts", h.ID),
		entry("created", " name=Alerts", last[0].ID),
		entry("changed", " avatar=changed name=Alerts → Builds signed=true", h.ID),
		entry("changed", " name=Builds signed=true", h.ID),
		entry("changed", " name=Builds signed=false", h.ID),
		entry("rotated", " name=Builds", h.ID),
		entry("removed", " name=Builds", h.ID),
	})
}

// A bot is no person: nobody reaches it, and nothing makes one of it.
func TestBotIsNobody(t *testing.T) {
	w := newWorld(t)
	g := w.found("Team", alice, bob)
	bot := w.hooked(g).Account
	yes, name, mail := true, "Somebody", "bot@example.test"
	const isBot = "invalid payload: account is a bot, which the administrators of its group change"
	for what, c := range map[string]struct {
		err  error
		want string
	}{
		"a message to it":       {second(w.SendMessage(w.ctx, by(alice), bot, text("hi"))), "not my contract"},
		"a friend request":      {second(w.RequestFriend(w.ctx, by(alice), chat.NewFriendRequest{To: bot})), "account not found"},
		"a friendship":          {w.Befriend(w.ctx, alice, bot), "account not found"},
		"an organization":       {w.AddToOrganization(w.ctx, "demo", []chat.AccountID{bot}), `invalid payload: accounts names a bot: "` + string(bot) + `"`},
		"a group":               {second(w.AddGroupMembers(w.ctx, host, g, []chat.AccountID{bot})), `invalid payload: accounts names a bot: "` + string(bot) + `"`},
		"a group, by a member":  {second(w.AddGroupMembers(w.ctx, by(alice), g, []chat.AccountID{bot})), "not my contract"},
		"a group of its own":    {second(w.CreateGroup(w.ctx, host, chat.NewGroup{Name: "Its", IsPost: true, Creator: bot})), "invalid payload: creator names no active account"},
		"activation":            {second(w.UpdateAccount(w.ctx, bot, chat.AccountPatch{Active: &yes})), isBot},
		"a name":                {second(w.UpdateAccount(w.ctx, bot, chat.AccountPatch{Name: &name})), isBot},
		"an address":            {second(w.UpdateAccount(w.ctx, bot, chat.AccountPatch{Email: &mail})), isBot},
		"a token":               {third(w.IssueToken(w.ctx, chat.NewToken{Account: bot})), "invalid payload: account is not active"},
		"a code":                {third(w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: bot})), "invalid payload: account is not active"},
		"a profile":             {second(w.Profile(w.ctx, by(alice), bot)), "account not found"},
		"removal as a member":   {w.RemoveGroupMember(w.ctx, by(alice), g, bot), "invalid payload: account is not in the group"},
		"administration":        {w.SetGroupAdmin(w.ctx, by(alice), g, bot, true), "invalid payload: account is not in the group"},
		"administration of it":  {second(w.AdminPerson(w.ctx, host, bot)), "account not found"},
		"an erasure":            {second(w.Erase(w.ctx, host, bot, "Alerts")), isBot},
		"a message by the host": {second(w.SendGroupMessage(w.ctx, chat.Actor{Account: bot}, g, text("hi"))), "from user not found"},
	} {
		refused(t, what, c.err, c.want)
	}
	for _, p := range must(w.Directory(w.ctx, by(alice), chat.DirectoryQuery{Limit: 100}))(t).People {
		if p.ID == bot {
			t.Error("the directory has the bot")
		}
	}
	for _, m := range must(w.FindMembers(w.ctx, by(alice), g, "", 0, 100))(t) {
		if m.Account.ID == bot {
			t.Error("the members include the bot")
		}
	}
	same(t, "members", must(w.Group(w.ctx, g))(t).Members, 2)
}

func second[T any](_ T, err error) error { return err }

func third[T, U any](_ T, _ U, err error) error { return err }
