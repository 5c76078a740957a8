package wire

import "parley/internal/chat"

// The requests. docs/protocol/README.md names the page that describes each.
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
	EventEditMessage          = "edit message"
	EventMessageRevisions     = "message revisions"
	EventSetReaction          = "set reaction"
	EventReactors             = "reaction users"
	EventSetUserNotice        = "set user notice"
	EventMarkUnread           = "mark unread"
	EventSetPin               = "set pin"
	EventPinnedMessages       = "pinned messages"
	EventSetDraft             = "set draft"
	EventDrafts               = "drafts"
	EventReadMarks            = "read marks"
	EventReaders              = "message readers"
	EventTyping               = "typing"
	EventWatchAvailability    = "watch availability"
	EventSetStatus            = "set status"
	EventSetAway              = "set away"
)

// The pushes. docs/protocol/README.md names the page that describes each.
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
	PushMessageReaction      = "message reaction"
	PushMessageEdited        = "message edited"
	PushSetUserNotice        = "set user notice"
	PushMarkUnread           = "mark unread"
	PushMessagePinned        = "message pinned"
	PushDraftChanged         = "draft changed"
	PushReadMarks            = "read marks"
	PushTyping               = "typing"
	PushAvailability         = "availability"
)

// Request describes a request of a client.
type Request struct {
	Name    string
	Payload any // a zero value of the type of the first argument
	Result  any // a zero value of the type of the result
	// Fault is the error text for a failure of the server itself.
	Fault chat.Error
	Doc   string
	// Refusals are the errors of its own rules, in addition to [CommonRefusals] and Fault.
	Refusals []chat.Error
}

// Push describes an event that the server sends.
type Push struct {
	Name    string
	Payload any  // a zero value of the type of the argument
	WebOnly bool // only to applications of kind web
	Doc     string
}

// Requests lists every request, in the order of the documentation.
var Requests = []Request{
	{EventCurrentChat, CurrentChat{}, Number(1), chat.ErrInternal, "Sets the current chat of this socket: its messages are read when they arrive. The result is 0 if there is no such chat.", nil},
	{EventClearChat, Empty{}, Number(1), chat.ErrInternal, "Ends the current chat of this socket.", nil},
	{EventOperate, Operation{}, Number(1), chat.ErrInternal, "Relays an object unchanged to the caller's other sockets of kind web.", nil},
	{EventSendMessage, SendMessage{}, Sent{}, chat.ErrDatabase, "Sends a message to another account or to the caller's own.", []chat.Error{chat.ErrNotContact, chat.ErrRelationEnded, chat.ErrMessageNotFound, chat.ErrMessageTooLong}},
	{EventSendGroupMessage, SendGroupMessage{}, Sent{}, chat.ErrDatabaseGroup, "Sends a message to a group.", []chat.Error{chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrRelationEnded, chat.ErrBanSpeak, chat.ErrMessageNotFound, chat.ErrMessageTooLong}},
	{EventWithdrawMessage, WithdrawMessage{}, Withdrawn{}, chat.ErrDatabase, "Withdraws a message to an account.", []chat.Error{chat.ErrNotContact, chat.ErrMessageNotFound, chat.ErrForbidden, chat.ErrWithdrawExpired}},
	{EventWithdrawGroupMessage, WithdrawGroupMessage{}, Withdrawn{}, chat.ErrDatabaseGroup, "Withdraws a message to a group.", []chat.Error{chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrRelationEnded, chat.ErrMessageNotFound, chat.ErrForbidden, chat.ErrWithdrawExpired}},
	{EventEditMessage, EditMessage{}, Edited{}, chat.ErrDatabase, "Replaces the text of an own message.", []chat.Error{chat.ErrNotContact, chat.ErrRelationEnded, chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrBanSpeak, chat.ErrMessageNotFound, chat.ErrMessageTooLong, chat.ErrForbidden, chat.ErrEditExpired}},
	{EventMessageRevisions, MessageRevisions{}, RevisionList{}, chat.ErrInternal, "Lists the texts of an edited message.", []chat.Error{chat.ErrNotContact, chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrMessageNotFound, chat.ErrForbidden}},
	{EventSetReaction, SetReaction{}, ReactionsSet{}, chat.ErrDatabase, "Puts an emoji on a message, or removes it.", []chat.Error{chat.ErrNotContact, chat.ErrRelationEnded, chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrMessageNotFound, chat.ErrForbidden, chat.ErrTooManyReactions}},
	{EventReactors, Reactors{}, ReactorList{}, chat.ErrInternal, "Lists the accounts that have put an emoji on a message.", []chat.Error{chat.ErrNotContact, chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrMessageNotFound}},
	{EventSetPin, SetPin{}, MessagePinned{}, chat.ErrDatabase, "Pins or unpins a message in its chat.", []chat.Error{chat.ErrNotContact, chat.ErrRelationEnded, chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrMessageNotFound, chat.ErrForbidden, chat.ErrTooManyPins}},
	{EventPinnedMessages, PinnedMessages{}, PinList{}, chat.ErrInternal, "Lists the pinned messages of a chat.", []chat.Error{chat.ErrNotContact, chat.ErrGroupNotFound, chat.ErrNotInGroup}},
	{EventReadMarks, ReadMarks{}, ReadMarkList{}, chat.ErrInternal, "Returns the read marks of messages of the caller.", []chat.Error{chat.ErrNotContact, chat.ErrGroupNotFound, chat.ErrNotInGroup}},
	{EventReaders, Readers{}, ReaderList{}, chat.ErrInternal, "Lists the accounts that have read a message of the caller, or that have not.", []chat.Error{chat.ErrNotContact, chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrMessageNotFound, chat.ErrForbidden}},
	{EventTyping, Typing{}, Number(1), chat.ErrInternal, "Tells those who look at a chat that the caller writes a message in it.", []chat.Error{chat.ErrNotContact, chat.ErrRelationEnded, chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrBanSpeak}},
	{EventWatchAvailability, WatchAvailability{}, AvailabilityList{}, chat.ErrInternal, "Returns whether contacts are online and what they say about themselves, and has this socket told when that changes. Accounts that are neither contacts nor the caller are left out.", nil},
	{EventSetStatus, SetStatus{}, Status{}, chat.ErrDatabase, "Sets what the caller says about itself. Without fields, it says nothing any more.", nil},
	{EventSetAway, SetAway{}, Number(1), chat.ErrInternal, "Tells that this client is not used at the moment, or is used again.", nil},
	{EventVoiceAsRead, VoiceAsRead{}, Number(1), chat.ErrDatabase, "Marks a voice message as heard.", []chat.Error{chat.ErrMessageNotFound}},
	{EventUnreadCount, Empty{}, UnreadCount{}, chat.ErrInternal, "Returns the unread count of every chat with unread messages.", nil},
	{EventAllUnread, Empty{}, AllUnread{}, chat.ErrInternal, "Returns the total unread count of chats and inboxes.", nil},
	{EventInboxUnread, Empty{}, []InboxUnread{}, chat.ErrInternal, "Lists the inboxes with unread notifications, newest first.", nil},
	{EventClearUnread, ClearUnread{}, Number(1), chat.ErrInternal, "Marks a chat as read, to its end or up to a message.", []chat.Error{chat.ErrNotContact, chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrMessageNotFound}},
	{EventMarkUnread, MarkUnread{}, MarkedUnread{}, chat.ErrInternal, "Marks the messages of a chat from one of them on as unread.", []chat.Error{chat.ErrNotContact, chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrRelationEnded, chat.ErrMessageNotFound}},
	{EventClearAllUnread, Empty{}, Number(1), chat.ErrInternal, "Marks every chat and inbox as read.", nil},
	{EventClearNotification, ClearNotification{}, Number(1), chat.ErrInternal, "Marks an inbox as read, except the newest notifications.", nil},
	{EventRemoveSession, RemoveSession{}, Number(1), chat.ErrInternal, "Removes a chat from the list until a new message arrives in it.", []chat.Error{chat.ErrNotContact, chat.ErrGroupNotFound, chat.ErrNotInGroup}},
	{EventStickyOnTop, StickyOnTop{}, Number(1), chat.ErrInternal, "Puts a chat on top of the list, or back into the list.", []chat.Error{chat.ErrNotContact, chat.ErrGroupNotFound, chat.ErrNotInGroup}},
	{EventSetUserNotice, SetUserNotice{}, Number(1), chat.ErrInternal, "Mutes or unmutes a direct chat.", []chat.Error{chat.ErrNotContact}},
	{EventSilenceMessage, SilenceMessage{}, Number(1), chat.ErrInternal, "Silences an inbox, or ends that.", nil},
	{EventSetDraft, SetDraft{}, Draft{}, chat.ErrInternal, "Stores the draft of a chat, unless the stored draft is newer. The result is the draft that is stored afterwards.", []chat.Error{chat.ErrNotContact, chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrMessageTooLong}},
	{EventDrafts, Empty{}, []Draft{}, chat.ErrInternal, "Lists the drafts of the account, the newest first.", nil},
	{EventShake, Shake{}, Number(1), chat.ErrDatabase, "Shakes the window of another account, at most once in three seconds.", []chat.Error{chat.ErrNotContact, chat.ErrRelationEnded}},
	{EventGroupShake, GroupShake{}, Number(1), chat.ErrDatabaseGroup, "Mentions members of a group, after the message that names them.", []chat.Error{chat.ErrGroupNotFound, chat.ErrNotInGroup, chat.ErrRelationEnded, chat.ErrBanSpeak, chat.ErrMessageNotFound}},
	{EventUploadToken, UploadToken{}, Upload{}, chat.ErrInternal, "Returns a token to upload one file.", []chat.Error{chat.ErrForbidden}},
}

// Pushes lists every push, in the order of the documentation.
var Pushes = []Push{
	{PushNewMessage, UserMessage{}, false, "There is a new message between two accounts. Sent to every socket of both, except the sending one."},
	{PushNewGroupMessage, GroupMessage{}, false, "There is a new message in a group. Sent to every socket of the members, except the sending one."},
	{PushNewSession, NewSession{}, false, "A chat enters the account's list. Sent to every socket of the account, the acting one too, before the message."},
	{PushNewHistory, NewHistory{}, false, "The entry of a chat in the list changes. Sent to every socket that gets the message, after the message."},
	{PushWithdrawMessage, NewWithdrawMessage{}, false, "A message between two accounts was withdrawn. Sent to every socket of both, except the acting one."},
	{PushWithdrawGroupMessage, NewWithdrawGroupMessage{}, false, "A message in a group was withdrawn. Sent to every socket of the members, except the acting one."},
	{PushMessageEdited, MessageEdited{}, false, "A message has another text. Sent to every socket of both, or of every member of the group, except the acting one."},
	{PushMessageReaction, MessageReaction{}, false, "Somebody has put an emoji on a message, or removed it. Sent to every socket of both, or of every member of the group, except the acting one."},
	{PushMessagePinned, MessagePinned{}, false, "A message was pinned in its chat, or is no longer pinned. Sent to every socket of both, or of every member of the group, except the acting one."},
	{PushReadMarks, ReadMarksChanged{}, false, "Other people have read messages of the account, or messages are unread again. Sent to the sockets of the account whose current chat it is, a few times a second at most."},
	{PushTyping, Typed{}, false, "Somebody writes a message in a chat. Sent to the sockets of the others whose current chat it is, at most once in three seconds for each account that writes."},
	{PushAvailability, AvailabilityList{}, false, "Contacts are online or not any more, say something else about themselves, or are no contacts any more. Sent to the sockets that watch them, with some seconds between two pushes to a socket. A socket that watches its own account is told of that, too."},
	{PushVoiceAsRead, VoiceRead{}, false, "The account has heard a voice message. Sent to its other sockets."},
	{PushClearUnread, Session{}, false, "The account has read a chat. Sent to its other sockets; if the chat was read as a current chat, to the sockets with another current chat."},
	{PushMarkUnread, MarkedUnread{}, false, "The account has marked messages of a chat as unread. Sent to its other sockets."},
	{PushUnreadAgain, UnreadAgain{}, false, "Messages that were read only because the chat was the current chat of a socket are unread again, because the connection of that socket was dead. Sent to every socket of the account."},
	{PushUnreadLeft, UnreadLeft{}, false, "The account has read a chat up to a message. Sent to every socket of the account, the acting one too. If nothing is left, its other sockets get \"clear unread\" as well."},
	{PushClearAllUnread, Empty{}, false, "The account has read everything. Sent to every socket of the account, the acting one too."},
	{PushSessionRemoved, Session{}, false, "The account has removed a chat from its list. Sent to every socket of the account, the acting one too."},
	{PushStickyOnTop, Sticky{}, false, "The account has put a chat on top of its list, or back into the list. Sent to every socket of the account, the acting one too."},
	{PushDraftChanged, Draft{}, false, "The account has written, emptied or sent the draft of a chat. Sent to its other sockets."},
	{PushOperate, Operation{}, true, "Another web socket of the account has relayed an object. Sent to the other sockets of the account."},
	{PushShake, Shaken{}, false, "Somebody shakes the account's window. Sent to every socket of the account."},
	{PushGroupShake, GroupShaken{}, false, "Somebody mentions the account in a group. Sent to every socket of the mentioned members, never to the author."},
	{PushNewGroup, NewGroup{}, false, "The account is now a member of a group. Sent to every socket of the new members, including the creator."},
	{PushGroupMemberAdded, GroupMemberAdded{}, false, "The group has new members. Sent to every socket of the previous members."},
	{PushGroupMemberRemoved, GroupMemberRemoved{}, false, "Somebody is no longer in the group. Sent to every socket of the remaining members."},
	{PushRemovedFromGroup, RemovedFromGroup{}, false, "The account is no longer in the group: sent to every socket of the account. Or the group was dissolved: sent to every socket of every member."},
	{PushGroupRenamed, GroupRenamed{}, false, "The group has a new name. Sent to every socket of every member."},
	{PushGroupAdminAdded, GroupAdminAdded{}, false, "The group has a new administrator. Sent to every socket of every member."},
	{PushGroupAdminRemoved, GroupAdminRemoved{}, false, "A member is no longer an administrator of the group. Sent to every socket of every member."},
	{PushSetGroupNotice, SetGroupNotice{}, false, "The account has muted or unmuted a group. Sent to every socket of the account."},
	{PushSetUserNotice, SetUserNotice{}, false, "The account has muted or unmuted a direct chat. Sent to every socket of the account, the acting one too."},
	{PushBanSpeak, SpeakBan{}, false, "From now on only administrators can speak in the group. Sent to every socket of every member."},
	{PushPermitSpeak, SpeakBan{}, false, "Everybody can speak in the group again. Sent to every socket of every member."},
	{PushCanAddMember, CanAddMember{}, false, "The permission to add members to the group has changed. Sent to every socket of every member."},
	{PushGroupChanged, GroupChanged{}, false, "The group has a new picture, announcement, kind or creator. Sent to every socket of every member."},
	{PushContactChanged, ContactChanged{}, false, "A friend has a new name or picture, was deactivated or activated, or a friendship begins or ends; a member of a common chat was erased; or the account itself has a new name, picture or e-mail address, or begins or stops hiding its reading or its activity. Sent to every socket of the account."},
	{PushNewNotify, NewNotify{}, false, "A notification arrives in an inbox. Sent to every socket of the account."},
	{PushClearNotification, NotificationCleared{}, false, "The account has read an inbox. Sent to its other sockets."},
	{PushSilenceMessage, Silenced{}, false, "The account has silenced an inbox, or ended that. Sent to every socket of the account, the acting one too."},
	{PushLogout, Logout{}, false, "The log-in has ended. Sent to the sockets of that log-in; their connections are closed after it."},
}

var requestByName = func() map[string]*Request {
	m := make(map[string]*Request, len(Requests))
	for i := range Requests {
		m[Requests[i].Name] = &Requests[i]
	}
	return m
}()
