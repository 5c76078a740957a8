package wire

import "parley/internal/chat"

// The requests; docs/protocol/README.md says on which page each is told.
const (
	EventCurrentChat          = "current chat"
	EventOperate              = "operate"
	EventUnreadCount          = "unread count"
	EventAllUnread            = "all unread"
	EventClearUnread          = "clear unread"
	EventClearAllUnread       = "clear all unread"
	EventInboxUnread          = "inbox unread"
	EventSendMessage          = "send message"
	EventSendGroupMessage     = "send group message"
	EventUploadToken          = "upload token"
	EventRemoveSession        = "remove session"
	EventShake                = "shake shake"
	EventGroupShake           = "group shake"
	EventClearNotification    = "clear notification"
	EventVoiceAsRead          = "voice as read"
	EventClearChat            = "clear chat"
	EventWithdrawMessage      = "withdraw user message"
	EventWithdrawGroupMessage = "withdraw group message"
	EventStickyOnTop          = "sticky on top"
	EventSilenceMessage       = "silence message"
)

// The pushes; docs/protocol/README.md says on which page each is told.
const (
	PushOperate              = "operate"
	PushShake                = "shake shake"
	PushGroupShake           = "group shake"
	PushNewMessage           = "new message"
	PushNewGroupMessage      = "new group message"
	PushNewGroup             = "new group"
	PushGroupMemberAdded     = "group member added"
	PushGroupRenamed         = "group renamed"
	PushRemovedFromGroup     = "removed from group"
	PushGroupMemberRemoved   = "group member removed"
	PushGroupAdminRemoved    = "group admin removed"
	PushGroupAdminAdded      = "group admin added"
	PushSetGroupNotice       = "set group notice"
	PushClearAllUnread       = "clear all unread"
	PushClearUnread          = "clear unread"
	PushUnreadAgain          = "unread again"
	PushUnreadLeft           = "unread left"
	PushClearNotification    = "clear notification"
	PushSessionRemoved       = "session removed"
	PushNewNotify            = "new notify"
	PushNewHistory           = "new history"
	PushNewSession           = "new session"
	PushBanSpeak             = "ban speak"
	PushPermitSpeak          = "permit speak"
	PushVoiceAsRead          = "voice as read"
	PushWithdrawMessage      = "new withdraw usermessage"
	PushWithdrawGroupMessage = "new withdraw groupmessage"
	PushStickyOnTop          = "new sticky on top"
	PushSilenceMessage       = "new silence message"
	PushLogout               = "logout message"
	PushCanAddMember         = "can add member"
	PushGroupChanged         = "group changed"
	PushContactChanged       = "contact changed"
)

// Request is something that a client asks.
type Request struct {
	Name    string
	Payload any // a zero value of the type of the first argument
	Result  any // a zero value of the type of the result
	// Fault is what the client is told when the server itself fails.
	Fault chat.Error
	Doc   string
	// Refusals are the texts of its own rules; those of [CommonRefusals] and Fault
	// come on top.
	Refusals []chat.Error
}

// Push is something that the server says unasked.
type Push struct {
	Name    string
	Payload any  // a zero value of the type of the argument
	WebOnly bool // only to applications of kind web
	Doc     string
}

// Requests lists every request, in the order of the documentation.
var Requests = []Request{
	{EventCurrentChat, CurrentChat{}, Number(1), chat.ErrInternal, "Says which chat this socket is looking at: its messages are read as they arrive. 0 when there is no such chat.", nil},
	{EventClearChat, Empty{}, Number(1), chat.ErrInternal, "Says that this socket looks at no chat any more.", nil},
	{EventOperate, Operation{}, Number(1), chat.ErrInternal, "Relays an object to the caller's other web sockets as it is.", nil},
	{EventSendMessage, SendMessage{}, Sent{}, chat.ErrDatabase, "Sends a message to an account, or to oneself.", []chat.Error{chat.ErrNotContact, chat.ErrRelationEnded, chat.ErrMessageNotFound, chat.ErrMessageTooLong}},
	{EventSendGroupMessage, SendGroupMessage{}, Sent{}, chat.ErrDatabaseGroup, "Sends a message to a group.", []chat.Error{chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrRelationEnded, chat.ErrBanSpeak, chat.ErrMessageNotFound, chat.ErrMessageTooLong}},
	{EventWithdrawMessage, WithdrawMessage{}, Withdrawn{}, chat.ErrDatabase, "Takes back a message to an account.", []chat.Error{chat.ErrNotContact, chat.ErrMessageNotFound, chat.ErrForbidden, chat.ErrWithdrawExpired}},
	{EventWithdrawGroupMessage, WithdrawGroupMessage{}, Withdrawn{}, chat.ErrDatabaseGroup, "Takes back a message to a group.", []chat.Error{chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrRelationEnded, chat.ErrMessageNotFound, chat.ErrForbidden, chat.ErrWithdrawExpired}},
	{EventVoiceAsRead, VoiceAsRead{}, Number(1), chat.ErrDatabase, "Marks a voice message as heard.", []chat.Error{chat.ErrMessageNotFound}},
	{EventUnreadCount, Empty{}, UnreadCount{}, chat.ErrInternal, "Counts the unread messages of every chat that has some.", nil},
	{EventAllUnread, Empty{}, AllUnread{}, chat.ErrInternal, "Counts everything that is unread, chats and inbox together.", nil},
	{EventInboxUnread, Empty{}, []InboxUnread{}, chat.ErrInternal, "Lists the inboxes with unread notifications, newest first.", nil},
	{EventClearUnread, ClearUnread{}, Number(1), chat.ErrInternal, "Marks a chat as read, to its end or up to a message.", []chat.Error{chat.ErrNotContact, chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrMessageNotFound}},
	{EventClearAllUnread, Empty{}, Number(1), chat.ErrInternal, "Marks every chat and inbox as read.", nil},
	{EventClearNotification, ClearNotification{}, Number(1), chat.ErrInternal, "Marks an inbox as read, up to the newest few.", nil},
	{EventRemoveSession, RemoveSession{}, Number(1), chat.ErrInternal, "Takes a chat off the list until something new arrives in it.", []chat.Error{chat.ErrNotContact, chat.ErrGroupNotFound, chat.ErrNotInGroup}},
	{EventStickyOnTop, StickyOnTop{}, Number(1), chat.ErrInternal, "Keeps a chat on top of the list, or no longer.", []chat.Error{chat.ErrNotContact, chat.ErrGroupNotFound, chat.ErrNotInGroup}},
	{EventSilenceMessage, SilenceMessage{}, Number(1), chat.ErrInternal, "Keeps an inbox quiet, or no longer.", nil},
	{EventShake, Shake{}, Number(1), chat.ErrDatabase, "Shakes the window of another account, once in three seconds.", []chat.Error{chat.ErrNotContact, chat.ErrRelationEnded}},
	{EventGroupShake, GroupShake{}, Number(1), chat.ErrDatabaseGroup, "Mentions members of a group, after the message that names them.", []chat.Error{chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrRelationEnded, chat.ErrBanSpeak, chat.ErrMessageNotFound}},
	{EventUploadToken, UploadToken{}, Upload{}, chat.ErrInternal, "Gives leave to upload one file.", []chat.Error{chat.ErrForbidden}},
}

// Pushes lists every push, in the order of the documentation.
var Pushes = []Push{
	{PushNewMessage, UserMessage{}, false, "A message between two accounts: to every socket of both but the one that sent it."},
	{PushNewGroupMessage, GroupMessage{}, false, "A message in a group: to every socket of the members but the one that sent it."},
	{PushNewSession, NewSession{}, false, "A chat enters the account's list: to every socket of the account, the acting one too, before the message that brings it."},
	{PushNewHistory, NewHistory{}, false, "The line of a chat in the list changes: to every socket that gets the message, after it."},
	{PushWithdrawMessage, NewWithdrawMessage{}, false, "A message between two accounts was taken back: to every socket of both but the acting one."},
	{PushWithdrawGroupMessage, NewWithdrawGroupMessage{}, false, "A message in a group was taken back: to every socket of the members but the acting one."},
	{PushVoiceAsRead, VoiceRead{}, false, "The account has heard a voice message: to its other sockets."},
	{PushClearUnread, Session{}, false, "The account has read a chat: to its other sockets; where it was read by looking at it, to those that look elsewhere."},
	{PushUnreadAgain, UnreadAgain{}, false, "Messages that were read in a chat only because a socket of the account looked at it are unread again, because that socket turns out to have been dead: to every socket of the account."},
	{PushUnreadLeft, UnreadLeft{}, false, "The account has read a chat up to a message: to every socket of it, the acting one too. Where nothing is left, its other sockets get \"clear unread\" as well."},
	{PushClearAllUnread, Empty{}, false, "The account has read everything: to every socket of it, the acting one too."},
	{PushSessionRemoved, Session{}, false, "The account has taken a chat off its list: to every socket of it, the acting one too."},
	{PushStickyOnTop, Sticky{}, false, "The account has put a chat on top of its list, or taken it from there: to every socket of it, the acting one too."},
	{PushOperate, Operation{}, true, "What another web socket of the account has relayed: to its other sockets."},
	{PushShake, Shaken{}, false, "Somebody shakes the account's window: to every socket of it."},
	{PushGroupShake, GroupShaken{}, false, "Somebody mentions the account in a group: to every socket of those mentioned, never the mentioner's."},
	{PushNewGroup, NewGroup{}, false, "The account is in a group from now on: to every socket of everybody added, the creator too."},
	{PushGroupMemberAdded, GroupMemberAdded{}, false, "Others are in the group from now on: to every socket of those who were in it before."},
	{PushGroupMemberRemoved, GroupMemberRemoved{}, false, "Somebody is no longer in the group: to every socket of those who stay."},
	{PushRemovedFromGroup, RemovedFromGroup{}, false, "The account is no longer in the group: to every socket of it. Or the group is no more: to every socket of every member."},
	{PushGroupRenamed, GroupRenamed{}, false, "The group has another name: to every socket of every member."},
	{PushGroupAdminAdded, GroupAdminAdded{}, false, "The group has another administrator: to every socket of every member."},
	{PushGroupAdminRemoved, GroupAdminRemoved{}, false, "The group has one administrator less: to every socket of every member."},
	{PushSetGroupNotice, SetGroupNotice{}, false, "The account has muted a group, or no longer: to every socket of the account."},
	{PushBanSpeak, SpeakBan{}, false, "Only administrators may speak in the group from now on: to every socket of every member."},
	{PushPermitSpeak, SpeakBan{}, false, "Everybody may speak in the group again: to every socket of every member."},
	{PushCanAddMember, CanAddMember{}, false, "Who may add members to the group has changed: to every socket of every member."},
	{PushGroupChanged, GroupChanged{}, false, "The group has another picture, announcement, kind or creator: to every socket of every member."},
	{PushContactChanged, ContactChanged{}, false, "A friend has another name or picture, or can no longer sign in, or again; or a friendship begins or ends: to every socket of the account. Its own name or picture has changed: likewise."},
	{PushNewNotify, NewNotify{}, false, "A notification arrives in an inbox: to every socket of the account."},
	{PushClearNotification, NotificationCleared{}, false, "The account has read an inbox: to its other sockets."},
	{PushSilenceMessage, Silenced{}, false, "The account keeps an inbox quiet, or no longer: to every socket of it, the acting one too."},
	{PushLogout, Logout{}, false, "The log-in has ended: to the sockets of that log-in, whose connections close after it."},
}

var requestByName = func() map[string]*Request {
	m := make(map[string]*Request, len(Requests))
	for i := range Requests {
		m[Requests[i].Name] = &Requests[i]
	}
	return m
}()
