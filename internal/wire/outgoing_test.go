package wire

import (
	"strings"
	"testing"

	"parley/internal/chat"
)

// The bodies of events are part of the contract with receivers.
func TestOutgoing(t *testing.T) {
	direct, inGroup, own := textMessage(), textMessage(), textMessage()
	inGroup.Peer, inGroup.Group = "", &team
	own.Peer = chat.FileTransfer
	withdrawn := inGroup
	withdrawn.Message.Content = chat.Content{Type: chat.TypeText}
	withdrawn.Message.WithdrawnAt, withdrawn.Message.WithdrawnBy = at, "bob"
	notice := inGroup
	notice.Message.System = chat.SystemOther
	var out strings.Builder
	for _, e := range []chat.OutgoingEvent{
		{Kind: chat.OutgoingMessageSent, Data: chat.OutgoingMessage{Posted: &direct}},
		{Kind: chat.OutgoingMessageSent, Data: chat.OutgoingMessage{Posted: &inGroup}},
		{Kind: chat.OutgoingMessageSent, Data: chat.OutgoingMessage{Posted: &own}},
		{Kind: chat.OutgoingMessageSent, Data: chat.OutgoingMessage{Posted: &notice}},
		{Kind: chat.OutgoingMessageWithdrawn, Data: chat.OutgoingMessage{Posted: &withdrawn, By: "bob"}},
		{Kind: chat.OutgoingMessageRead, Data: chat.OutgoingRead{Accounts: []chat.AccountID{"bob"}, Chat: chat.ChatKey{A: "alice", B: "bob"}, UpTo: 7}},
		{Kind: chat.OutgoingMessageRead, Data: chat.OutgoingRead{Accounts: []chat.AccountID{"bob"}, Chat: chat.ChatKey{Group: "team"}}},
		{Kind: chat.OutgoingMessageRead, Data: chat.OutgoingRead{Accounts: []chat.AccountID{"bob"}}},
		{Kind: chat.OutgoingMessageAway, Data: chat.OutgoingAway{Posted: &direct, Receivers: []chat.AwayReceiver{{Account: "bob", Badge: 3, Mentioned: true}}}},
		{Kind: chat.OutgoingGroupCreated, Data: chat.OutgoingGroup{Group: team, Members: []chat.GroupMember{{Account: alice, Role: chat.RoleAdmin}, {Account: bob, Role: chat.RoleMember}}}},
		{Kind: chat.OutgoingMemberLeft, Data: chat.OutgoingGroup{Group: team, Account: "bob", How: chat.DepartureRemoved}},
		{Kind: chat.OutgoingRoleChanged, Data: chat.OutgoingGroup{Group: team, Account: "bob"}},
		{Kind: chat.OutgoingAccountChanged, Data: alice},
		{Kind: chat.OutgoingTest, Data: chat.OutgoingTestData{Subscription: "s1"}},
	} {
		e.At = at
		body, err := enc.Outgoing(&e)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(body)
		out.WriteByte('\n')
	}
	golden(t, "outgoing.golden", out.String())
	if _, err := enc.Outgoing(&chat.OutgoingEvent{Data: 1}); err == nil {
		t.Error("data of an unknown type is encoded")
	}
}
