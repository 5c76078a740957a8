package wire

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

var (
	shanghai = time.FixedZone("UTC+8", 8*3600)
	enc      = &Encoder{Zone: shanghai}
	at       = time.Date(2026, 6, 14, 20, 30, 15, 7e6, time.UTC) // the next day in Shanghai
	alice    = chat.Account{ID: "alice", Name: "Alice", Avatar: "https://a.test/a.png", Email: "alice@a.test"}
	bob      = chat.Account{ID: "bob", Name: "Bob"}
	web      = chat.Application{ID: "app1", Name: "Web", URL: "https://web.test", SigningKeys: []chat.Credential{{Value: "not for clients"}}}
	team     = chat.Group{ID: "team", Name: "Team", Avatar: "https://a.test/t.png", Members: 2, Creator: "alice", Admins: []chat.AccountID{"alice"}, IsPost: true}
)

func textMessage() chat.Posted {
	return chat.Posted{
		Message: chat.Message{ID: 1234567890123, Content: chat.Content{Type: chat.TypeText, Text: "<b> & \"so\"\n[smile] 😀"}, From: "alice", WaitingID: "w1", At: at},
		Peer:    "bob", From: alice, App: web,
	}
}

func richMessage() chat.Posted {
	p := textMessage()
	p.Message.Content = chat.Content{
		Type: chat.TypeVoice, File: json.RawMessage(`{"url":"https://f.test/1","len":2}`),
		Card: json.RawMessage(`{"title":"T","url":"https://c.test"}`), Location: json.RawMessage(`{"lng":1,"lat":2}`),
	}
	q := textMessage().Message
	q.ID, q.Content = 5, p.Message.Content
	p.Quote = &chat.Quote{Message: q, From: bob}
	return p
}

func inTeam(p chat.Posted) chat.Posted {
	p.Peer, p.Group = "", &team
	return p
}

func withdrawn(p chat.Posted, by chat.AccountID) chat.Posted {
	p.Message.Content = chat.Content{Type: p.Message.Type}
	p.Message.WithdrawnAt, p.Message.WithdrawnBy = at, by
	return p
}

func editedAt(p chat.Posted) chat.Posted {
	p.Message.EditedAt = at
	return p
}

func TestPushes(t *testing.T) {
	text, rich := textMessage(), richMessage()
	group, system := inTeam(rich), inTeam(text)
	system.Message.System = chat.SystemRenamed
	system.Message.Report = &chat.Report{Kind: chat.ReportRenamed, By: chat.ReportName{ID: "alice", Name: "Alice"}, Name: "Team"}
	system.App = chat.Application{}
	quoteGone := textMessage()
	quoteGone.Quote = &chat.Quote{Message: withdrawn(text, "alice").Message, From: alice}
	sent := &chat.MessageSent{Posted: text, To: bob}
	sentGroup := &chat.MessageSent{Posted: group}
	adminAdded, added := enc.GroupAdmin(chat.GroupAdminSet{Group: "team", Account: "bob", By: "alice", Admin: true})
	adminRemoved, removed := enc.GroupAdmin(chat.GroupAdminSet{Group: "team", Account: "bob", By: "alice"})
	ban, banned := enc.SpeakBan(&chat.GroupBanSet{Group: "team", By: alice, Banned: true})
	permit, permitted := enc.SpeakBan(&chat.GroupBanSet{Group: "team", By: alice})
	notice := &chat.Notification{ID: 9, Category: "task", Type: "taskcomment", Text: "t", Name: "n", URL: "https://n.test", EntityID: "e", Weak: true, At: at}
	mention := &chat.Notification{ID: 10, Category: "post", Type: "1", Text: "t", At: at}

	pushes := []struct {
		name    string
		payload any
	}{
		{PushNewMessage, enc.UserMessage(&text)},
		{PushNewMessage, enc.UserMessage(&rich)},
		{PushNewMessage, enc.UserMessage(&quoteGone)},
		{PushNewGroupMessage, enc.GroupMessage(&group, true)},
		{PushNewGroupMessage, enc.GroupMessage(&system, false)},
		{PushNewSession, enc.NewSession(sent, "bob")},
		{PushNewSession, enc.NewSession(sent, "alice")},
		{PushNewSession, enc.NewSession(sentGroup, "")},
		{PushNewSession, enc.NewSession(&chat.MessageSent{Posted: text, To: bob, Muted: []chat.AccountID{"bob"}}, "bob")},
		{PushNewHistory, enc.NewHistory(sent)},
		{PushNewHistory, enc.NewHistory(sentGroup)},
		{PushWithdrawMessage, enc.WithdrawnMessage(&chat.MessageWithdrawn{Posted: withdrawn(text, "alice"), By: alice})},
		{PushWithdrawGroupMessage, enc.WithdrawnGroupMessage(&chat.MessageWithdrawn{Posted: withdrawn(group, "bob"), By: bob})},
		{PushMessageEdited, enc.MessageEdited(&chat.MessageEdited{Posted: editedAt(text)})},
		{PushMessageEdited, enc.MessageEdited(&chat.MessageEdited{Posted: inTeam(editedAt(text))})},
		{PushMessageReaction, enc.MessageReaction(&chat.ReactionSet{
			Message: 7, From: "alice", Peer: "bob", By: chat.ReportName{ID: "bob", Name: "Bob"}, On: true, Marked: true,
			Reaction: chat.Reaction{Emoji: "❤️", Count: 2, First: []chat.ReportName{{ID: "bob", Name: "Bob"}, {ID: "alice", Name: "Alice"}}},
		})},
		{PushMessageReaction, enc.MessageReaction(&chat.ReactionSet{Message: 7, From: "alice", Group: "team", By: chat.ReportName{ID: "bob", Name: "Bob"}, Reaction: chat.Reaction{Emoji: "❤️"}})},
		{PushMessagePinned, enc.MessagePinned(&chat.PinSet{
			Message: 1234567890123, From: "alice", Peer: "bob", By: chat.ReportName{ID: "bob", Name: "Bob"}, Count: 2,
			Pinned: &chat.PinnedMessage{Quote: chat.Quote{Message: text.Message, From: alice}, By: bob, At: at},
		})},
		{PushMessagePinned, enc.MessagePinned(&chat.PinSet{Message: 7, From: "alice", Group: "team", By: chat.ReportName{ID: "bob", Name: "Bob"}})},
		{PushReadMarks, enc.ReadMarksChanged(chat.ChatRef{Type: chat.SessionUser, ID: "bob"}, chat.ChangedMarks{Marks: []chat.ReadMark{{Message: 7, Read: 1, Of: 1}}})},
		{PushReadMarks, enc.ReadMarksChanged(chat.ChatRef{Type: chat.SessionGroup, ID: "team"}, chat.ChangedMarks{Marks: []chat.ReadMark{{Message: 7, Read: 0, Of: 2}, {Message: 8}}, More: true})},
		{PushTyping, enc.Typed(chat.ChatRef{Type: chat.SessionGroup, ID: "team"}, &chat.Typed{By: chat.ReportName{ID: "bob", Name: "Bob"}, Stay: 6 * time.Second})},
		{PushAvailability, enc.Availabilities([]chat.Availability{
			{Account: "bob", Known: true, Shown: true, Attendance: chat.Online, Status: chat.Status{Emoji: "🌴", Text: "On holiday", Quiet: true, Ends: at}},
			{Account: "carol", Known: true, Shown: true, Attendance: chat.Absent, Seen: chat.SeenWeek},
			{Account: "dave"},
		})},
		{PushVoiceAsRead, enc.VoiceRead(chat.VoiceHeard{Message: 7})},
		{PushClearUnread, enc.Session(chat.ChatRef{Type: chat.SessionUser, ID: "bob"})},
		{PushMarkUnread, enc.MarkedUnread(&chat.MarkedUnread{From: 6, Last: 8, Unread: chat.ChatUnread{Ref: chat.ChatRef{Type: chat.SessionGroup, ID: "team"}, Count: 2, Mention: &chat.Mention{Message: 7, At: at}}})},
		{PushUnreadAgain, enc.UnreadAgain(&chat.ChatUnread{Ref: chat.ChatRef{Type: chat.SessionGroup, ID: "team"}, Count: 2, Mention: &chat.Mention{Message: 7, At: at}})},
		{PushUnreadAgain, enc.UnreadAgain(&chat.ChatUnread{Ref: chat.ChatRef{Type: chat.SessionUser, ID: "bob"}, Count: 1})},
		{PushUnreadLeft, enc.UnreadLeft(&chat.ChatReadUpTo{UpTo: 5, Last: 9, Left: chat.ChatUnread{Ref: chat.ChatRef{Type: chat.SessionUser, ID: "bob"}, Count: 4}})},
		{PushClearAllUnread, Empty{}},
		{PushSessionRemoved, enc.Session(chat.ChatRef{Type: chat.SessionTask, ID: "task"})},
		{PushStickyOnTop, enc.Sticky(chat.StickySet{Ref: chat.ChatRef{Type: chat.SessionGroup, ID: "team"}, Top: true, At: at})},
		{PushStickyOnTop, enc.Sticky(chat.StickySet{Ref: chat.ChatRef{Type: chat.SessionGroup, ID: "team"}, At: at})},
		{PushDraftChanged, enc.Draft(chat.Unsent{Ref: chat.ChatRef{Type: chat.SessionUser, ID: "bob"}, Text: "half a sen", Refer: 7, Note: "of the client", At: at})},
		{PushDraftChanged, enc.Draft(chat.Unsent{Ref: chat.ChatRef{Type: chat.SessionGroup, ID: "team"}, At: at})},
		{PushOperate, &Operation{json.RawMessage(`{"a":[1,2]}`)}},
		{PushShake, enc.Shaken(chat.Shaken{From: "alice", To: "bob"})},
		{PushGroupShake, enc.GroupShaken(&chat.GroupShaken{From: "alice", Group: "team", Message: 7, At: at})},
		{PushNewGroup, enc.NewGroup(&team, true)},
		{PushNewGroup, enc.NewGroup(&chat.Group{ID: "bare"}, false)},
		{PushGroupMemberAdded, enc.GroupMemberAdded(&chat.GroupEntered{Group: team, Added: []chat.GroupMember{{Account: alice}}})},
		{PushGroupMemberRemoved, enc.GroupMemberRemoved(&chat.GroupMemberLeft{Group: team, Account: "bob"})},
		{PushRemovedFromGroup, enc.RemovedFromGroup(&team, chat.DepartureRemoved)},
		{PushGroupRenamed, enc.GroupRenamed(&chat.GroupRenamed{Group: team, OldName: "Old", By: alice})},
		{adminAdded, added},
		{adminRemoved, removed},
		{PushSetUserNotice, enc.SetUserNotice(chat.DirectPushSet{Account: "bob", Peer: "alice"})},
		{PushSetGroupNotice, enc.SetGroupNotice(chat.GroupPushSet{Group: "team", Account: "bob", Push: true})},
		{ban, banned},
		{permit, permitted},
		{PushCanAddMember, enc.CanAddMember(chat.GroupInviteSet{Group: "team", Can: true})},
		{PushGroupChanged, enc.GroupChanged(&chat.Group{ID: "team", Name: "Team", Avatar: "t.png", Announcement: "at ten", IsPost: true, MembersInvite: true, Banned: true, Creator: "alice"})},
		{PushContactChanged, enc.ContactChanged(&chat.ContactChanged{Person: chat.Person{Account: alice, Contact: true, Friend: true}})},
		{PushNewNotify, enc.NewNotify(notice, chat.NotifiedInbox{Account: "bob", Silent: true})},
		{PushNewNotify, enc.NewNotify(mention, chat.NotifiedInbox{Account: "bob"})},
		{PushClearNotification, enc.NotificationCleared(chat.InboxCleared{Category: "task", Value: 2, At: at})},
		{PushSilenceMessage, enc.Silenced(chat.SilenceSet{Category: chat.CategoryInfo{Category: "hr", Session: chat.SessionHR}, Silent: true})},
		{PushLogout, &Logout{"s1"}},
	}
	documented := map[string]Push{}
	for _, p := range Pushes {
		documented[p.Name] = p
	}
	seen := map[string]bool{}
	var b strings.Builder
	for _, p := range pushes {
		seen[p.name] = true
		if got, want := reflect.Indirect(reflect.ValueOf(p.payload)).Type(), reflect.TypeOf(documented[p.name].Payload); got != want {
			t.Errorf("%s: got %v, documented as %v", p.name, got, want)
		}
		fmt.Fprintf(&b, "%s %s\n", p.name, compact(p.payload))
	}
	for _, p := range Pushes {
		if !seen[p.Name] {
			t.Errorf("%s: not pinned", p.Name)
		}
	}
	golden(t, "pushes.golden", b.String())
}

func TestResults(t *testing.T) {
	text, rich := textMessage(), inTeam(richMessage())
	gone := withdrawn(textMessage(), "alice")
	byAdmin := withdrawn(inTeam(textMessage()), "bob")
	heardOf := richMessage()
	heardOf.Heard = true
	zh := &Encoder{Zone: shanghai, Language: "zh"}
	group := chat.ChatRef{Type: chat.SessionGroup, ID: "team"}
	user := chat.ChatRef{Type: chat.SessionUser, ID: "bob"}
	results := []struct {
		name   string
		result any
	}{
		{"send message", enc.Sent(&chat.Receipt{Posted: text})},
		{"send message, withdrawn since", enc.Sent(&chat.Receipt{Posted: gone, Duplicate: true})},
		{"send group message", enc.Sent(&chat.Receipt{Posted: rich})},
		{"withdraw user message", enc.WithdrawResult(&gone)},
		{"withdraw group message in Chinese", zh.WithdrawResult(&byAdmin)},
		{"unread count, none", enc.UnreadCount(chat.UnreadCounts{})},
		{"unread count", enc.UnreadCount(chat.UnreadCounts{
			Users:  []chat.ChatUnread{{Ref: user, Count: 1, Push: true}},
			Groups: []chat.ChatUnread{{Ref: group, Count: 2, Mention: &chat.Mention{Message: 7, At: at}}, {Ref: group, Count: 3, Push: true}},
			Total:  6, Muted: 2,
		})},
		{"all unread", enc.AllUnread(chat.UnreadTotals{Count: 3, Muted: 1})},
		{"inbox unread, none", enc.InboxUnread(nil)},
		{"inbox unread", enc.InboxUnread([]chat.InboxUnread{{
			Inbox: chat.Inbox{Category: "task", LastSeq: 5, Strong: 3, ReadSeq: 1, ReadStrong: 1, Silent: true},
			Last:  chat.Notification{Text: "t", At: at},
		}})},
		{"upload token", Upload{Token: "t", Key: "k"}},
		{"upload token of a storage service", Upload{Token: "t", Key: "k", Address: "https://s3.example.test/b", MaxSize: 9, ChunkSize: 4, Fields: FormFields{"policy": "p", "key": "k"}}},
		{"chat list", enc.ChatList([]chat.ChatRow{
			{Ref: user, Name: "Bob", Last: &text, At: at, Unread: 1, Push: true, IsContact: true},
			{Ref: group, Name: "Team", Avatar: "t.png", Last: &rich, At: at, Push: false, IsPost: true, TopAt: at, Mentions: []chat.Mention{{Message: 9, At: at, From: "bob"}, {Message: 8, At: at, From: "bob"}}},
			{Ref: group, Name: "Team", Last: &byAdmin, At: at, Push: true},
			{Ref: user, Name: "Bob", Last: &gone, At: at, Push: true, IsContact: true},
			{Ref: chat.ChatRef{Type: chat.SessionTask, ID: "task"}, Name: "task", Notice: &chat.Notification{ID: 3, Text: "t", Name: "n"}, At: at, Unread: 2, Weak: 1, Push: true, Silent: true},
		})},
		{"chat list in Chinese", zh.ChatList([]chat.ChatRow{{Ref: user, Name: "Bob", Last: &gone, At: at, Push: true}})},
		{"messages", enc.UserHistory([]chat.Posted{text, heardOf, gone}, "alice")},
		{"messages of somebody else", enc.UserHistory([]chat.Posted{text}, "bob")},
		{"group_messages", enc.GroupHistory([]chat.Posted{rich, byAdmin}, "bob", true)},
	}
	var b strings.Builder
	for _, r := range results {
		text := compact(r.result)
		if strings.Contains(string(text), "not for clients") {
			t.Errorf("%s: shows a secret", r.name)
		}
		fmt.Fprintf(&b, "%s\n  %s\n", r.name, text)
	}
	golden(t, "results.golden", b.String())
}

func TestTime(t *testing.T) {
	text := enc.Time(at)
	if want := "2026-06-15 04:30:15.007"; text != want {
		t.Errorf("got %q, want %q", text, want)
	}
	for _, s := range []string{text, text[:19]} {
		got, err := enc.ParseTime(s)
		if want := at.Truncate(time.Second); err != nil || !got.Truncate(time.Second).Equal(want) {
			t.Errorf("%q: got %v, %v, want %v", s, got, err, want)
		}
	}
	if got, err := enc.ParseTime(text); err != nil || !got.Equal(at) {
		t.Errorf("got %v, %v, want %v", got, err, at)
	}
	if _, err := enc.ParseTime("yesterday"); err == nil {
		t.Error("took yesterday for a time")
	}
	if got := enc.Time(time.Time{}); got != "" {
		t.Errorf("no time: got %q", got)
	}
}

// A line of the chat list is short, and never half a character.
func TestLine(t *testing.T) {
	p := textMessage()
	p.Message.Text = strings.Repeat("悬", 1000)
	if got, want := enc.line(&p), strings.Repeat("悬", maxLine/3); got != want {
		t.Errorf("got %d bytes, want %d", len(got), len(want))
	}
	p.Message.Text = ""
	for typ, want := range map[chat.MessageType]string{
		chat.TypeImage: "[Image]", chat.TypeVoice: "[Voice]", chat.TypeFile: "[File]", chat.TypeCard: "[Card]",
		chat.TypeLocation: "[Location]", chat.TypeVideo: "[Video]", 99: "",
	} {
		p.Message.Type = typ
		if got := enc.line(&p); got != want {
			t.Errorf("type %d: got %q, want %q", typ, got, want)
		}
	}
}

// Every field that clients see has a name, and the tables name types that can be
// documented from their tags.
func TestTablesAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Requests {
		if r.Doc == "" || r.Fault == "" || r.Payload == nil || r.Result == nil || seen[r.Name] {
			t.Errorf("request %s: not documented, or twice", r.Name)
		}
		seen[r.Name] = true
	}
	seen = map[string]bool{}
	for _, p := range Pushes {
		if p.Doc == "" || p.Payload == nil || seen[p.Name] {
			t.Errorf("push %s: not documented, or twice", p.Name)
		}
		seen[p.Name] = true
	}
	if got, want := len(Requests), 36; got != want {
		t.Errorf("got %d requests, want %d", got, want)
	}
	if got, want := len(Pushes), 42; got != want {
		t.Errorf("got %d pushes, want %d", got, want)
	}
}

func BenchmarkEncodeGroupMessage(b *testing.B) {
	p := inTeam(textMessage())
	b.ReportAllocs()
	for b.Loop() {
		compact(enc.GroupMessage(&p, true))
	}
}
