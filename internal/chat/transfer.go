package chat

import "time"

// TransferTx is the part of [Tx] for exports, imports and the erasure of a person.
type TransferTx interface {
	// ConversationsOf pages through the conversations that the account is or was in, by id.
	ConversationsOf(a AccountID, after ConversationID, limit int) ([]ConversationID, error)
	// ConversationsWithin pages through the groups with a member of the organization, also those that
	// were dissolved, and the direct chats between two of its members, by id.
	ConversationsWithin(o OrganizationID, after ConversationID, limit int) ([]ConversationID, error)
	// Participants returns all rows of a conversation's members, also of former ones, by account.
	Participants(ConversationID) ([]Membership, error)
	// MessagesAfter returns the messages after a place of the log, oldest first.
	MessagesAfter(c ConversationID, seq int64, limit int) ([]Message, error)
	// MentionedBy returns the mentions of the messages from one place of the log to another.
	MentionedBy(c ConversationID, from, to int64) (map[MessageID][]AccountID, error)
	IdentitiesOf(AccountID) ([]LinkedIdentity, error)
	// LastMessageID returns the highest id that a message has had.
	LastMessageID() (MessageID, error)

	// Imported returns the ids here of those external ids that an import has noted.
	Imported(source string, kind ImportKind, externals []string) (map[string]string, error)
	SetImported(source string, kind ImportKind, external, own string) error // ErrDuplicate: noted before
	// AppendPast is AppendMessage for a message with an earlier time, which it keeps: in At if no later
	// message is in the conversation, otherwise in SentAt.
	AppendPast(m *Message) error
	// AddFormerMember adds a participant that left before the first message. It does not change a present or former
	// participant.
	AddFormerMember(c ConversationID, a AccountID, at time.Time) error
	// ReadPast moves the cursors that were not before a place to the end.
	ReadPast(c ConversationID, before int64) error

	Erasure(AccountID) (Erasure, error)
	Erasures() ([]Erasure, error) // that have not ended
	SaveErasure(Erasure) error    // a new one, or in the place of that of the account
	CountOwn(AccountID) (int64, error)
	// RemoveTraces removes the credentials, the relations, the details and the notifications of the account, and the
	// mails that wait to be sent to its address.
	RemoveTraces(Account) error
	// OwnMessages returns messages of the account after a place, without withdrawn ones and notices.
	OwnMessages(c ConversationID, a AccountID, after int64, limit int) ([]Message, error)
	// MessagesNaming returns messages of others after a place that mention the account, or have its name behind an @, also in a
	// former text, and mention nobody, like imported ones; and notices that may name it: also all notices of a new name of the group.
	MessagesNaming(c ConversationID, a AccountID, name string, after int64, limit int) ([]Message, error)
	ReplaceText(m *Message) error // Text, Report and EditedAt
	// RemoveUnconfirmedMail removes the waiting mail to an e-mail address that the account has not confirmed and nobody else has.
	RemoveUnconfirmedMail(a AccountID) error
	// RenameLeft replaces a part of the name by which former members know a group.
	RenameLeft(c ConversationID, former, name string) error
	// RenameNotices replaces the sender's name of notifications after one, and returns the last one that it has
	// changed; 0: there are no more. texts are for those about friend requests, by their types, in place of texts that have
	// the name and what the account has written.
	RenameNotices(former, name string, texts map[string]string, after NotificationID, limit int) (NotificationID, error)
	// EmptyNotices removes the content of notifications that only the account has had. more is true if there may be others.
	EmptyNotices(a AccountID, limit int) (more bool, err error)
	// ScrubAudit removes addresses and details from entries of the audit log by and about the account. It returns how many
	// it has changed.
	ScrubAudit(a AccountID, limit int) (int, error)
}

// LinkedIdentity is an identity of a provider with which an account signs in.
type LinkedIdentity struct {
	Issuer, Subject string
	LinkedAt        time.Time
}

// ImportKind is the kind of a thing that has an id in the other system.
type ImportKind string

// The kinds.
const (
	ImportedAccount ImportKind = "account"
	ImportedGroup   ImportKind = "group"
	ImportedDirect  ImportKind = "direct" // the id here is that of the conversation
	ImportedMessage ImportKind = "message"
	importedServer  ImportKind = "server" // this server itself, under no source
)
