package chat

// ChatUnread is what somebody has not read in one chat.
//
// Unread counts the messages after the cursor that are not system messages, not
// withdrawn and not the reader's own:
//
//	(conversation.Count - member.ReadCount) - (member.Own - member.OwnAtRead) - withdrawn ones of others after ReadSeq
type ChatUnread struct {
	Ref     ChatRef
	Count   int64
	Push    bool
	Mention *Mention // the latest @ since the cursor; nil if none
}

// UnreadCounts is the answer to "unread count": chats with unread messages only.
// Total is always the sum of Users and Groups, Muted the part in muted groups.
type UnreadCounts struct {
	Users, Groups []ChatUnread
	Total, Muted  int64
}

// UnreadTotals is the answer to "all unread": chats and inbox together.
type UnreadTotals struct {
	Count, Muted int64
}
