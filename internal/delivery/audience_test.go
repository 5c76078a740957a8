package delivery_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/delivery"
	"parley/internal/wire"
)

var (
	alice = chat.Account{ID: "alice", Name: "Alice", Avatar: "a.png"}
	bob   = chat.Account{ID: "bob", Name: "Bob", Avatar: "b.png"}
	carol = chat.Account{ID: "carol", Name: "Carol"}
	team  = chat.Group{ID: "team", Name: "Team", Members: 3, Creator: "alice", Admins: []chat.AccountID{"alice"}}
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 5e6, time.UTC)
)

func direct(from chat.Account, to chat.AccountID, text string) chat.Posted {
	return chat.Posted{
		Message: chat.Message{ID: 7, Content: chat.Content{Type: chat.TypeText, Text: text}, From: from.ID, At: noon},
		Peer:    to,
		From:    from,
	}
}

func inTeam(from chat.Account, text string) chat.Posted {
	p := direct(from, "", text)
	p.Group = &team
	return p
}

// Alice has two sockets, Bob a phone beside, Carol one; all three are in the
// group, which Bob has muted. Dave is in nothing.
func newCast(t *testing.T) *node {
	n := newNode(t, delivery.Options{})
	push := chat.GroupSubscription{Group: "team", Push: true}
	n.groups["alice"] = []chat.GroupSubscription{push}
	n.groups["bob"] = []chat.GroupSubscription{{Group: "team", Push: false}}
	n.groups["carol"] = []chat.GroupSubscription{push}
	n.connect("alice", "web")
	n.connect("alice/2", "mobile")
	n.connect("bob", "web")
	n.connect("bob/2", "mobile")
	n.connect("carol", "web")
	n.connect("dave", "web")
	return n
}

func TestAudience(t *testing.T) {
	member := func(a chat.Account, push bool) chat.GroupMember { return chat.GroupMember{Account: a, Push: push} }
	const origin = "ORIGIN" // of alice's first socket
	tests := []struct {
		name   string
		events []chat.Event
		fields []string
		want   []string
	}{
		{
			"direct message",
			[]chat.Event{chat.MessageSent{Posted: direct(alice, "bob", "hi"), Origin: origin, To: bob}},
			[]string{"id", "from", "to", "message"},
			[]string{
				"alice/2 < new message id=7 from=alice to=bob", `alice/2 < new history from={"accountId":"alice","fullname":"Alice","avatar":"a.png"} to={"aid":"bob"} message=hi`,
				"bob < new message id=7 from=alice to=bob", `bob < new history from={"accountId":"alice","fullname":"Alice","avatar":"a.png"} to={"aid":"bob"} message=hi`,
				"bob/2 < new message id=7 from=alice to=bob", `bob/2 < new history from={"accountId":"alice","fullname":"Alice","avatar":"a.png"} to={"aid":"bob"} message=hi`,
			},
		},
		{
			"first direct message",
			[]chat.Event{chat.MessageSent{Posted: direct(alice, "bob", "hi"), Origin: origin, To: bob, Gained: []chat.AccountID{"alice", "bob"}}},
			[]string{"type", "id", "name", "logo"},
			[]string{
				"alice < new session type=1 id=bob name=Bob logo=b.png",
				"alice/2 < new session type=1 id=bob name=Bob logo=b.png", "alice/2 < new message type=1 id=7 logo=a.png", "alice/2 < new history",
				"bob < new session type=1 id=alice name=Alice logo=a.png", "bob < new message type=1 id=7 logo=a.png", "bob < new history",
				"bob/2 < new session type=1 id=alice name=Alice logo=a.png", "bob/2 < new message type=1 id=7 logo=a.png", "bob/2 < new history",
			},
		},
		{
			"to oneself",
			[]chat.Event{chat.MessageSent{
				Posted: direct(alice, chat.FileTransfer, "x"), Origin: origin, To: chat.Account{ID: chat.FileTransfer, Name: "Files"}, Gained: []chat.AccountID{"alice"},
			}},
			[]string{"id", "name", "to"},
			[]string{
				"alice < new session id=file-transfer name=Files",
				"alice/2 < new session id=file-transfer name=Files", "alice/2 < new message id=7 to=file-transfer", `alice/2 < new history to={"aid":"file-transfer"}`,
			},
		},
		{
			"to somebody who is not here",
			[]chat.Event{chat.MessageSent{Posted: direct(alice, "nobody", "x"), Origin: origin}},
			nil,
			[]string{"alice/2 < new message", "alice/2 < new history"},
		},
		{
			"group message",
			[]chat.Event{chat.MessageSent{Posted: inTeam(alice, "hi"), Origin: origin}},
			[]string{"to", "groupname", "isPush", "sysType"},
			[]string{
				"alice/2 < new group message to=team groupname=Team isPush=true", `alice/2 < new history to={"gid":"team"}`,
				"bob < new group message to=team groupname=Team isPush=false", `bob < new history to={"gid":"team"}`,
				"bob/2 < new group message to=team groupname=Team isPush=false", `bob/2 < new history to={"gid":"team"}`,
				"carol < new group message to=team groupname=Team isPush=true", `carol < new history to={"gid":"team"}`,
			},
		},
		{
			"group message of the host",
			[]chat.Event{chat.MessageSent{Posted: inTeam(bob, "hi"), Gained: []chat.AccountID{"bob", "nobody"}}},
			nil,
			[]string{
				"alice < new group message", "alice < new history", "alice/2 < new group message", "alice/2 < new history",
				"bob < new session", "bob < new group message", "bob < new history", "bob/2 < new session", "bob/2 < new group message", "bob/2 < new history",
				"carol < new group message", "carol < new history",
			},
		},
		{
			"withdrawn",
			[]chat.Event{chat.MessageWithdrawn{Posted: direct(alice, "bob", ""), By: alice, Origin: origin}},
			[]string{"id", "from", "to", "msg"},
			[]string{
				`alice/2 < new withdraw usermessage id=7 from=alice to=bob msg={"con":"Alice withdrew a message"}`,
				`bob < new withdraw usermessage id=7 from=alice to=bob msg={"con":"Alice withdrew a message"}`,
				`bob/2 < new withdraw usermessage id=7 from=alice to=bob msg={"con":"Alice withdrew a message"}`,
			},
		},
		{
			"withdrawn in a group",
			[]chat.Event{chat.MessageWithdrawn{Posted: inTeam(bob, ""), By: alice, Origin: origin}},
			[]string{"gid", "from"},
			[]string{
				"alice/2 < new withdraw groupmessage gid=team from=alice", "bob < new withdraw groupmessage gid=team from=alice",
				"bob/2 < new withdraw groupmessage gid=team from=alice", "carol < new withdraw groupmessage gid=team from=alice",
			},
		},
		{
			"edited",
			[]chat.Event{chat.MessageEdited{Posted: direct(alice, "bob", "better"), Origin: origin}},
			[]string{"id", "from", "to", "msg"},
			[]string{
				`alice/2 < message edited id=7 from=alice to=bob msg={"con":"better"}`, `bob < message edited id=7 from=alice to=bob msg={"con":"better"}`,
				`bob/2 < message edited id=7 from=alice to=bob msg={"con":"better"}`,
			},
		},
		{
			"edited in a group",
			[]chat.Event{chat.MessageEdited{Posted: inTeam(alice, "better"), Origin: origin}},
			[]string{"gid", "msg"},
			[]string{
				`alice/2 < message edited gid=team msg={"con":"better"}`, `bob < message edited gid=team msg={"con":"better"}`,
				`bob/2 < message edited gid=team msg={"con":"better"}`, `carol < message edited gid=team msg={"con":"better"}`,
			},
		},
		{
			"reaction",
			[]chat.Event{chat.ReactionSet{
				Message: 7, From: "bob", Peer: "alice", By: chat.ReportName{ID: "alice", Name: "Alice"}, On: true, Origin: origin,
				Reaction: chat.Reaction{Emoji: "👍", Count: 1, First: []chat.ReportName{{ID: "alice", Name: "Alice"}}},
			}},
			[]string{"id", "from", "to", "emoji", "isOn", "count", "by"},
			[]string{
				`alice/2 < message reaction id=7 from=bob to=alice emoji=👍 isOn=true count=1 by={"id":"alice","name":"Alice"}`,
				`bob < message reaction id=7 from=bob to=alice emoji=👍 isOn=true count=1 by={"id":"alice","name":"Alice"}`,
				`bob/2 < message reaction id=7 from=bob to=alice emoji=👍 isOn=true count=1 by={"id":"alice","name":"Alice"}`,
			},
		},
		{
			"reaction in a group",
			[]chat.Event{chat.ReactionSet{
				Message: 7, From: "bob", Group: "team", By: chat.ReportName{ID: "alice", Name: "Alice"}, Origin: origin, Reaction: chat.Reaction{Emoji: "👍"},
			}},
			[]string{"gid", "isOn", "count", "users"},
			[]string{
				"alice/2 < message reaction gid=team isOn=false count=0 users=[]", "bob < message reaction gid=team isOn=false count=0 users=[]",
				"bob/2 < message reaction gid=team isOn=false count=0 users=[]", "carol < message reaction gid=team isOn=false count=0 users=[]",
			},
		},
		{
			"pinned",
			[]chat.Event{chat.PinSet{
				Message: 7, From: "bob", Peer: "alice", By: chat.ReportName{ID: "alice", Name: "Alice"}, Count: 1, Origin: origin,
				Pinned: &chat.PinnedMessage{Quote: chat.Quote{Message: chat.Message{ID: 7, From: "bob"}, From: bob}, By: alice, At: noon},
			}},
			[]string{"id", "from", "to", "isPinned", "count"},
			[]string{
				"alice/2 < message pinned id=7 from=bob to=alice isPinned=true count=1",
				"bob < message pinned id=7 from=bob to=alice isPinned=true count=1", "bob/2 < message pinned id=7 from=bob to=alice isPinned=true count=1",
			},
		},
		{
			"no longer pinned in a group",
			[]chat.Event{chat.PinSet{Message: 7, From: "bob", Group: "team", By: chat.ReportName{ID: "alice", Name: "Alice"}, Origin: origin}},
			[]string{"gid", "isPinned", "count", "pin"},
			[]string{
				"alice/2 < message pinned gid=team isPinned=false count=0", "bob < message pinned gid=team isPinned=false count=0",
				"bob/2 < message pinned gid=team isPinned=false count=0", "carol < message pinned gid=team isPinned=false count=0",
			},
		},
		{
			"replies, sparing nobody",
			[]chat.Event{chat.RepliesChanged{Message: 7, From: "bob", Peer: "alice", Count: 2}},
			[]string{"id", "from", "to", "replies"},
			[]string{
				"alice < reply count id=7 from=bob to=alice replies=2", "alice/2 < reply count id=7 from=bob to=alice replies=2",
				"bob < reply count id=7 from=bob to=alice replies=2", "bob/2 < reply count id=7 from=bob to=alice replies=2",
			},
		},
		{
			"replies in a group",
			[]chat.Event{chat.RepliesChanged{Message: 7, From: "bob", Group: "team"}},
			[]string{"gid", "to", "replies"},
			[]string{
				"alice < reply count gid=team replies=0", "alice/2 < reply count gid=team replies=0", "bob < reply count gid=team replies=0",
				"bob/2 < reply count gid=team replies=0", "carol < reply count gid=team replies=0",
			},
		},
		{
			"of one account, sparing the one that acts",
			[]chat.Event{
				chat.ChatRead{Account: "alice", Ref: chat.ChatRef{Type: chat.SessionUser, ID: "bob"}, Origin: origin},
				chat.MarkedUnread{
					Account: "alice", From: 6, Last: 8, Origin: origin,
					Unread: chat.ChatUnread{Ref: chat.ChatRef{Type: chat.SessionUser, ID: "bob"}, Count: 2},
				},
				chat.VoiceHeard{Account: "alice", Message: 7, Origin: origin},
				chat.InboxCleared{Account: "alice", Category: "task", Value: 2, At: noon, Origin: origin},
				chat.UnsentChanged{Account: "alice", Unsent: chat.Unsent{Ref: chat.ChatRef{Type: chat.SessionUser, ID: "bob"}, Text: "half", At: noon}, Origin: origin},
			},
			[]string{"type", "id", "messageId", "value", "time", "num", "fromid", "lastid", "msg"},
			[]string{
				"alice/2 < clear unread type=1 id=bob", "alice/2 < mark unread type=1 id=bob num=2 fromid=6 lastid=8", "alice/2 < voice as read messageId=7", "alice/2 < clear notification type=task value=2 time=1772366400",
				"alice/2 < draft changed type=1 id=bob time=1772366400005 msg=half",
			},
		},
		{
			"of one account, sparing nobody",
			[]chat.Event{
				chat.AllRead{Account: "bob"},
				chat.SessionRemoved{Account: "bob", Ref: chat.ChatRef{Type: chat.SessionTask, ID: "task"}},
				chat.StickySet{Account: "bob", Ref: chat.ChatRef{Type: chat.SessionGroup, ID: "team"}, Top: true, At: noon},
				chat.SilenceSet{Account: "bob", Category: chat.CategoryInfo{Category: "hr", Session: chat.SessionHR}, Silent: true},
				chat.Shaken{From: "alice", To: "bob"},
			},
			[]string{"type", "id", "value", "top_info", "isSilent", "aid"},
			[]string{
				"bob < clear all unread", "bob < session removed type=6 id=task", `bob < new sticky on top type=2 value=team top_info={"isTop":true,"time":"2026-03-01 12:00:00.005"}`, "bob < new silence message type=8 value=hr isSilent=true", "bob < shake shake aid=alice",
				"bob/2 < clear all unread", "bob/2 < session removed type=6 id=task", `bob/2 < new sticky on top type=2 value=team top_info={"isTop":true,"time":"2026-03-01 12:00:00.005"}`, "bob/2 < new silence message type=8 value=hr isSilent=true", "bob/2 < shake shake aid=alice",
			},
		},
		{
			"operate is for the web only",
			[]chat.Event{chat.Operated{Account: "bob", Payload: json.RawMessage(`{"a":{"b":[1]}}`)}},
			[]string{"a"},
			[]string{`bob < operate a={"b":[1]}`},
		},
		{
			"mention of some",
			[]chat.Event{chat.GroupShaken{From: "alice", Group: "team", To: []chat.AccountID{"bob", "alice", "nobody"}, Message: 7, At: noon}},
			[]string{"from", "gid", "msg"},
			[]string{
				`bob < group shake from=alice gid=team msg={"msgid":"7","time":"2026-03-01 12:00:00.005","ts":1772366400005}`,
				`bob/2 < group shake from=alice gid=team msg={"msgid":"7","time":"2026-03-01 12:00:00.005","ts":1772366400005}`,
			},
		},
		{
			"mention of all",
			[]chat.Event{chat.GroupShaken{From: "alice", Group: "team", All: true, Message: 7, At: noon}},
			nil,
			[]string{"bob < group shake", "bob/2 < group shake", "carol < group shake"},
		},
		{
			"notification",
			[]chat.Event{chat.Notified{
				Notification: chat.Notification{ID: 3, Category: "task", Type: "0", Text: "t", At: noon},
				Inboxes:      []chat.NotifiedInbox{{Account: "bob", Silent: true}, {Account: "carol"}, {Account: "nobody"}},
			}},
			[]string{"aid", "type", "dtype", "msg", "isSilent"},
			[]string{
				"bob < new notify aid=bob type=0 dtype=3 msg=t isSilent=true", "bob/2 < new notify aid=bob type=0 dtype=3 msg=t isSilent=true",
				"carol < new notify aid=carol type=0 dtype=3 msg=t isSilent=false",
			},
		},
		{
			"group settings",
			[]chat.Event{
				chat.GroupRenamed{Group: team, OldName: "Old", By: alice},
				chat.GroupAdminSet{Group: "team", Account: "carol", By: "alice", Admin: true},
				chat.GroupAdminSet{Group: "team", Account: "carol", By: "alice"},
				chat.GroupBanSet{Group: "team", By: alice, Banned: true},
				chat.GroupBanSet{Group: "team", By: alice},
				chat.GroupInviteSet{Group: "team", Can: true},
				chat.GroupChanged{Group: team},
				chat.AccountChanged{Account: alice},
				chat.GroupRenamed{Group: chat.Group{ID: "nobody here"}},
			},
			[]string{"oldName", "name", "gid", "groupid", "addAid", "removedAid", "aid", "can", "creator"},
			each([]string{"alice", "alice/2", "bob", "bob/2", "carol"},
				"group renamed oldName=Old name=Team gid=team", "group admin added gid=team addAid=carol aid=alice", "group admin removed gid=team removedAid=carol aid=alice",
				"ban speak groupid=team", "permit speak groupid=team", "can add member gid=team can=true",
				"group changed name=Team gid=team creator=alice"),
		},
		{
			"a contact",
			[]chat.Event{
				chat.ContactChanged{Person: chat.Person{Account: alice, Contact: true, Friend: true}, To: []chat.AccountID{"bob", "nobody", "dave"}},
				chat.ContactChanged{Person: chat.Person{Account: alice}, To: []chat.AccountID{"alice"}},
				chat.ContactChanged{Person: chat.Person{Account: carol}},
			},
			[]string{"id", "name", "avatar", "isContact", "isFriend"},
			[]string{
				"alice < contact changed id=alice name=Alice avatar=a.png isContact=false isFriend=false", "alice/2 < contact changed id=alice name=Alice avatar=a.png isContact=false isFriend=false",
				"bob < contact changed id=alice name=Alice avatar=a.png isContact=true isFriend=true", "bob/2 < contact changed id=alice name=Alice avatar=a.png isContact=true isFriend=true",
				"dave < contact changed id=alice name=Alice avatar=a.png isContact=true isFriend=true",
			},
		},
		{
			"muting",
			[]chat.Event{
				chat.GroupPushSet{Group: "team", Account: "carol", Push: false},
				chat.GroupPushSet{Group: "other", Account: "dave", Push: false},
				chat.MessageSent{Posted: inTeam(alice, "hi"), Origin: origin},
				chat.DirectPushSet{Account: "bob", Peer: "alice", Push: false},
				chat.MessageSent{Posted: direct(alice, "bob", "hi"), To: bob, Gained: []chat.AccountID{"alice", "bob"}, Muted: []chat.AccountID{"bob"}},
			},
			[]string{"gid", "aid", "isPush"},
			[]string{
				"alice < new session", "alice < new message", "alice < new history",
				"alice/2 < new group message isPush=true", "alice/2 < new history", "alice/2 < new session", "alice/2 < new message", "alice/2 < new history",
				"bob < new group message isPush=false", "bob < new history", "bob < set user notice aid=alice isPush=false",
				"bob < new session isPush=false", "bob < new message", "bob < new history",
				"bob/2 < new group message isPush=false", "bob/2 < new history", "bob/2 < set user notice aid=alice isPush=false",
				"bob/2 < new session isPush=false", "bob/2 < new message", "bob/2 < new history",
				"carol < set group notice gid=team aid=carol isPush=false", "carol < new group message isPush=false", "carol < new history",
				"dave < set group notice gid=other aid=dave isPush=false",
			},
		},
		{
			"a member more",
			[]chat.Event{
				chat.GroupEntered{Group: team, Added: []chat.GroupMember{member(chat.Account{ID: "dave", Name: "Dave", Email: "d@x.test"}, true), member(chat.Account{ID: "nobody"}, true)}},
				chat.MessageSent{Posted: inTeam(alice, "hi"), Origin: origin},
			},
			[]string{"id", "name", "uCount", "users"},
			[]string{
				`alice < group member added id=team name=Team users=[{"AccountID":"dave","Email":"d@x.test","Fullname":"Dave","Avatar":""},{"AccountID":"nobody","Email":"","Fullname":"","Avatar":""}]`,
				`alice/2 < group member added id=team name=Team users=[{"AccountID":"dave","Email":"d@x.test","Fullname":"Dave","Avatar":""},{"AccountID":"nobody","Email":"","Fullname":"","Avatar":""}]`, "alice/2 < new group message id=7", "alice/2 < new history",
				`bob < group member added id=team name=Team users=[{"AccountID":"dave","Email":"d@x.test","Fullname":"Dave","Avatar":""},{"AccountID":"nobody","Email":"","Fullname":"","Avatar":""}]`, "bob < new group message id=7", "bob < new history",
				`bob/2 < group member added id=team name=Team users=[{"AccountID":"dave","Email":"d@x.test","Fullname":"Dave","Avatar":""},{"AccountID":"nobody","Email":"","Fullname":"","Avatar":""}]`, "bob/2 < new group message id=7", "bob/2 < new history",
				`carol < group member added id=team name=Team users=[{"AccountID":"dave","Email":"d@x.test","Fullname":"Dave","Avatar":""},{"AccountID":"nobody","Email":"","Fullname":"","Avatar":""}]`, "carol < new group message id=7", "carol < new history",
				"dave < new group id=team name=Team uCount=3", "dave < new group message id=7", "dave < new history",
			},
		},
		{
			"a new group",
			[]chat.Event{
				chat.GroupEntered{Group: chat.Group{ID: "new", Name: "New", Members: 2, Creator: "dave", Admins: []chat.AccountID{"dave"}, IsPost: true}, Created: true, Added: []chat.GroupMember{member(chat.Account{ID: "dave"}, true), member(carol, false)}},
				chat.GroupRenamed{Group: chat.Group{ID: "new"}},
			},
			[]string{"id", "uCount", "admins", "isPost", "cuser", "isPush"},
			[]string{
				`carol < new group id=new uCount=2 admins=[{"aid":"dave"}] isPost=true cuser=dave isPush=false`, "carol < group renamed",
				`dave < new group id=new uCount=2 admins=[{"aid":"dave"}] isPost=true cuser=dave isPush=true`, "dave < group renamed",
			},
		},
		{
			"a member less",
			[]chat.Event{
				chat.GroupMemberLeft{Group: team, Account: "bob"},
				chat.MessageSent{Posted: inTeam(alice, "hi"), Origin: origin},
			},
			[]string{"id", "name", "aid"},
			[]string{
				"alice < group member removed id=team name=Team aid=bob",
				"alice/2 < group member removed id=team name=Team aid=bob", "alice/2 < new group message id=7", "alice/2 < new history",
				"bob < removed from group id=team name=Team", "bob/2 < removed from group id=team name=Team",
				"carol < group member removed id=team name=Team aid=bob", "carol < new group message id=7", "carol < new history",
			},
		},
		{
			"the end of a group",
			[]chat.Event{chat.GroupDissolved{Group: team}, chat.GroupRenamed{Group: team}},
			[]string{"id"},
			each([]string{"alice", "alice/2", "bob", "bob/2", "carol"}, "removed from group id=team"),
		},
		{
			"an application that wants less",
			[]chat.Event{
				chat.AppChanged{App: chat.Application{ID: "mobile", Kind: chat.AppMobile, MutedPushes: []string{wire.PushNewHistory}}},
				chat.MessageSent{Posted: direct(alice, "bob", "hi"), Origin: origin, To: bob},
			},
			nil,
			[]string{"alice/2 < new message", "bob < new message", "bob < new history", "bob/2 < new message"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := newCast(t)
			for _, e := range tt.events {
				n.hub.Publish([]chat.Event{withOrigin(e, n.origin("alice"))})
			}
			got := n.heard(tt.fields...)
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("-got +want\n%s", diff)
			}
		})
	}
}

// A socket may be attached with what its log-in has read of the application
// before a change that the hub knows already.
func TestApplicationChangedDuringLogIn(t *testing.T) {
	n := newNode(t, delivery.Options{})
	n.connect("bob", "web")
	n.hub.Publish([]chat.Event{chat.AppChanged{
		App: chat.Application{ID: "mobile", Kind: chat.AppMobile, SendAck: chat.AckResultFirst, MutedPushes: []string{wire.PushNewMessage, wire.PushNewHistory}},
	}})
	n.heard() // and with it, the change was delivered
	n.connect("alice", "mobile")
	n.hub.Publish([]chat.Event{chat.MessageSent{Posted: direct(bob, "alice", "hi"), Origin: n.origin("bob"), To: alice}})
	if diff := cmp.Diff(n.heard(), []string(nil)); diff != "" {
		t.Errorf("-got +want\n%s", diff)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.clients["alice"].ResultFirst() {
		t.Error("got the form of acknowledgements of before the change")
	}
}

func each(sockets []string, pushes ...string) []string {
	var lines []string
	for _, s := range sockets {
		for _, p := range pushes {
			lines = append(lines, s+" < "+p)
		}
	}
	return lines
}

// withOrigin puts the id of the acting socket, which the table cannot know, in place.
func withOrigin(e chat.Event, id chat.SocketID) chat.Event {
	set := func(o *chat.SocketID) {
		if *o == "ORIGIN" {
			*o = id
		}
	}
	switch e := e.(type) {
	case chat.MessageSent:
		set(&e.Origin)
		return e
	case chat.MessageWithdrawn:
		set(&e.Origin)
		return e
	case chat.ChatRead:
		set(&e.Origin)
		return e
	case chat.MarkedUnread:
		set(&e.Origin)
		return e
	case chat.VoiceHeard:
		set(&e.Origin)
		return e
	case chat.MessageEdited:
		set(&e.Origin)
		return e
	case chat.ReactionSet:
		set(&e.Origin)
		return e
	case chat.PinSet:
		set(&e.Origin)
		return e
	case chat.UnsentChanged:
		set(&e.Origin)
		return e
	case chat.InboxCleared:
		set(&e.Origin)
		return e
	}
	return e
}

func TestMutedPushes(t *testing.T) {
	n := newNode(t, delivery.Options{})
	n.groups["alice"] = []chat.GroupSubscription{{Group: "team", Push: true}}
	n.connect("alice", "quiet")
	n.connect("alice/2", "web")
	n.hub.Publish([]chat.Event{chat.MessageSent{Posted: inTeam(bob, "hi"), Gained: []chat.AccountID{"alice"}}, chat.GroupRenamed{Group: team}})
	got := n.heard()
	want := []string{"alice < group renamed", "alice/2 < new session", "alice/2 < new group message", "alice/2 < new history", "alice/2 < group renamed"}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("-got +want\n%s", diff)
	}
}

func TestReadByPresence(t *testing.T) {
	n := newCast(t)
	n.clients["bob"].SetCurrent(chat.ChatRef{Type: chat.SessionUser, ID: "alice"})
	n.clients["carol"].SetCurrent(chat.ChatRef{Type: chat.SessionGroup, ID: "team"})
	n.clients["bob/2"].SetCurrent(chat.ChatRef{Type: chat.SessionGroup, ID: "team"})

	for _, tt := range []struct {
		c    chat.Conversation
		want string
	}{
		{chat.Conversation{Kind: chat.KindDirect, A: "alice", B: "bob"}, "bob"},
		{chat.Conversation{Kind: chat.KindDirect, A: "alice", B: "carol"}, ""},
		{chat.Conversation{Kind: chat.KindSelf, A: "bob"}, ""},
		{chat.Conversation{Kind: chat.KindGroup, Group: "team"}, "bob carol"},
	} {
		if got := names(n.hub.Presence().Viewings(&tt.c)); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.c, got, tt.want)
		}
	}

	n.hub.Publish([]chat.Event{
		chat.MessageSent{Posted: direct(alice, "bob", "x"), To: bob, Readers: []chat.AccountID{"bob"}},
		chat.MessageSent{Posted: inTeam(alice, "x"), Readers: []chat.AccountID{"bob", "carol"}},
	})
	var got []string
	for _, line := range n.heard("type", "id") {
		if strings.Contains(line, wire.PushClearUnread) {
			got = append(got, line)
		}
	}
	want := []string{"bob < clear unread type=2 id=team", "bob/2 < clear unread type=1 id=alice"}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("-got +want\n%s", diff)
	}

	n.clients["carol"].SetCurrent(chat.ChatRef{Type: chat.SessionUser, ID: string(chat.FileTransfer)})
	n.clients["bob/2"].SetCurrent(chat.ChatRef{})
	n.sockets["bob"].Close()
	<-n.gone
	delete(n.sockets, "bob")
	for _, tt := range []struct {
		c    chat.Conversation
		want string
	}{
		{chat.Conversation{Kind: chat.KindDirect, A: "alice", B: "bob"}, ""},
		{chat.Conversation{Kind: chat.KindSelf, A: "carol"}, "carol"},
		{chat.Conversation{Kind: chat.KindGroup, Group: "team"}, ""},
	} {
		if got := names(n.hub.Presence().Viewings(&tt.c)); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.c, got, tt.want)
		}
	}
}

func names(viewings []chat.Viewing) string {
	var s []string
	for _, v := range viewings {
		s = append(s, string(v.Account))
	}
	slices.Sort(s)
	return strings.Join(s, " ")
}
