package wire

import "parley/internal/chat"

// The requests: the seed's, and those that today's client adds
// (PROTOCOL.md sections 4 to 6).
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

// The pushes: the seed's, and those that today's client adds (PROTOCOL.md
// sections 1, 4, 6 and 7).
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
)

// Request is something that a client asks.
type Request struct {
	Name    string
	Payload any // a zero value of the type of the first argument
	Result  any // a zero value of the type of the result
	// Fault is what the client is told when the server itself fails.
	Fault chat.Error
	Doc   string
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
	{EventCurrentChat, CurrentChat{}, Number(1), chat.ErrInternal, "Says which chat this socket is looking at: its messages are read as they arrive. 0 when there is no such chat."},
	{EventClearChat, Empty{}, Number(1), chat.ErrInternal, "Says that this socket looks at no chat any more."},
	{EventOperate, Operation{}, Number(1), chat.ErrInternal, "Relays an object to the caller's other web sockets as it is."},
	{EventSendMessage, SendMessage{}, Sent{}, chat.ErrDatabase, "Sends a message to an account."},
	{EventSendGroupMessage, SendGroupMessage{}, Sent{}, chat.ErrDatabaseGroup, "Sends a message to a group."},
	{EventWithdrawMessage, WithdrawMessage{}, Withdrawn{}, chat.ErrDatabase, "Takes back a message to an account."},
	{EventWithdrawGroupMessage, WithdrawGroupMessage{}, Withdrawn{}, chat.ErrDatabaseGroup, "Takes back a message to a group."},
	{EventVoiceAsRead, VoiceAsRead{}, Number(1), chat.ErrDatabase, "Marks a voice message as heard."},
	{EventUnreadCount, Empty{}, UnreadCount{}, chat.ErrInternal, "Counts the unread messages of every chat that has some."},
	{EventAllUnread, Empty{}, AllUnread{}, chat.ErrInternal, "Counts everything that is unread, chats and inbox together."},
	{EventInboxUnread, Empty{}, []InboxUnread{}, chat.ErrInternal, "Lists the inboxes with unread notifications, newest first."},
	{EventClearUnread, ClearUnread{}, Number(1), chat.ErrInternal, "Marks a chat as read."},
	{EventClearAllUnread, Empty{}, Number(1), chat.ErrInternal, "Marks every chat and inbox as read."},
	{EventClearNotification, ClearNotification{}, Number(1), chat.ErrInternal, "Marks an inbox as read, up to the newest few."},
	{EventRemoveSession, RemoveSession{}, Number(1), chat.ErrInternal, "Takes a chat off the list until something new arrives in it."},
	{EventStickyOnTop, StickyOnTop{}, Number(1), chat.ErrInternal, "Keeps a chat on top of the list, or no longer."},
	{EventSilenceMessage, SilenceMessage{}, Number(1), chat.ErrInternal, "Keeps an inbox quiet, or no longer."},
	{EventShake, Shake{}, Number(1), chat.ErrDatabase, "Shakes the window of another account, once in three seconds."},
	{EventGroupShake, GroupShake{}, Number(1), chat.ErrDatabaseGroup, "Mentions members of a group, after the message that names them."},
	{EventUploadToken, UploadToken{}, Upload{}, chat.ErrInternal, "Gives leave to upload one file."},
}

// Pushes lists every push, in the order of the documentation.
var Pushes = []Push{
	{PushNewMessage, UserMessage{}, false, "A message between two accounts: to every socket of both but the one that sent it."},
	{PushNewGroupMessage, GroupMessage{}, false, "A message in a group: to every socket of the members but the one that sent it."},
	{PushNewSession, NewSession{}, false, "A chat appears in the list: before the message that brings it."},
	{PushNewHistory, NewHistory{}, false, "The line of the chat list changes: after every message."},
	{PushWithdrawMessage, NewWithdrawMessage{}, false, "A message between two accounts was taken back."},
	{PushWithdrawGroupMessage, NewWithdrawGroupMessage{}, false, "A message in a group was taken back."},
	{PushVoiceAsRead, VoiceRead{}, false, "The account has heard a voice message on another device."},
	{PushClearUnread, Session{}, false, "The account has read a chat on another device."},
	{PushClearAllUnread, Empty{}, false, "The account has read everything."},
	{PushSessionRemoved, Session{}, false, "The account has taken a chat off its list."},
	{PushStickyOnTop, Sticky{}, false, "The account has put a chat on top of its list, or taken it from there."},
	{PushOperate, Operation{}, true, "What another web socket of the account has relayed."},
	{PushShake, Shaken{}, false, "Somebody shakes the account's window."},
	{PushGroupShake, GroupShaken{}, false, "Somebody mentions the account in a group."},
	{PushNewGroup, NewGroup{}, false, "The account is in a group from now on."},
	{PushGroupMemberAdded, GroupMemberAdded{}, false, "Others are in the group from now on."},
	{PushGroupMemberRemoved, GroupMemberRemoved{}, false, "Somebody is no longer in the group."},
	{PushRemovedFromGroup, RemovedFromGroup{}, false, "The account is no longer in the group, or the group is no more."},
	{PushGroupRenamed, GroupRenamed{}, false, "The group has another name."},
	{PushGroupAdminAdded, GroupAdminAdded{}, false, "The group has another administrator."},
	{PushGroupAdminRemoved, GroupAdminRemoved{}, false, "The group has one administrator less."},
	{PushSetGroupNotice, SetGroupNotice{}, false, "The account has muted a group, or no longer."},
	{PushBanSpeak, SpeakBan{}, false, "Only administrators may speak in the group from now on."},
	{PushPermitSpeak, SpeakBan{}, false, "Everybody may speak in the group again."},
	{PushCanAddMember, CanAddMember{}, false, "Who may add members to the group has changed."},
	{PushNewNotify, NewNotify{}, false, "A notification arrives in an inbox."},
	{PushClearNotification, NotificationCleared{}, false, "The account has read an inbox on another device."},
	{PushSilenceMessage, Silenced{}, false, "The account keeps an inbox quiet, or no longer."},
	{PushLogout, Logout{}, false, "The log-in has ended: the connection closes after it."},
}

var requestByName = func() map[string]*Request {
	m := make(map[string]*Request, len(Requests))
	for i := range Requests {
		m[Requests[i].Name] = &Requests[i]
	}
	return m
}()
