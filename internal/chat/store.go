package chat

import (
	"context"
	"time"
)

// Store is the storage of the chat.
//
// Update runs fn in a transaction of its own. It returns when the writes of fn are durable.
// If fn fails, Update returns its error and keeps none of the writes. Many callers share
// one commit, in which the functions run one after the other in the order of their calls.
// fn can run more than once and must do nothing except use tx. Events that fn publishes
// are delivered after the commit, in commit order, before Update returns. If fn fails,
// they are dropped.
//
// View runs fn on a consistent snapshot that sees every commit that returned
// before; its Tx refuses to write.
//
// Search is View for functions that may read many rows. So few of them run at the same
// time that a View need not wait for them.
//
// The end of ctx interrupts View and Search. Both serve the keys of package turn in their
// contexts in turn, and limit the running and waiting requests of a key; one more is
// refused with [ErrTooManyRequests].
//
// The context of Update may name the waitingid that fn takes; see [ExpectWaitingID]. A store
// can then look for the waitingids of many functions with one query.
type Store interface {
	Update(ctx context.Context, fn func(Tx) error) error
	View(ctx context.Context, fn func(Tx) error) error
	Search(ctx context.Context, fn func(Tx) error) error
}

// WaitingID is a name that a sender gave to a message.
type WaitingID struct {
	From AccountID
	Name string
}

type expectedKey struct{}

// ExpectWaitingID returns a context for [Store.Update] whose function is going to
// take the sender's waitingid.
func ExpectWaitingID(ctx context.Context, id WaitingID) context.Context {
	if id.Name == "" {
		return ctx
	}
	return context.WithValue(ctx, expectedKey{}, id)
}

// ExpectedWaitingID returns what [ExpectWaitingID] has put into a context; its Name
// is empty if there is none.
func ExpectedWaitingID(ctx context.Context) WaitingID {
	id, _ := ctx.Value(expectedKey{}).(WaitingID)
	return id
}

// Tx is a transaction. Look-ups return [ErrNoRow] where nothing is found.
// Slices are nil when empty. No method knows a rule.
type Tx interface {
	SignInTx
	TwoFactorTx
	MailTx
	SearchTx
	AuditTx
	AdministrationTx
	TransferTx
	RetentionTx
	ReactionTx
	RevisionTx
	PinTx
	UnsentTx
	WebhookTx
	ReadMarkTx
	ActivityTx
	AvailabilityTx

	// MoveTimesBack corrects messages and notifications whose time is after now because
	// the clock was ahead, and calls MoveSignInsBack. Times still increase within a conversation, and a query by
	// the former time of a message finds it. AppendMessage calls it when the time of a
	// message shows that the clock was set back.
	MoveTimesBack(now time.Time) error

	// Publish hands the event on after the commit.
	Publish(Event)
	// Changed reports whether the transaction has changed rows or published an event.
	Changed() bool

	// Applications.
	CreateApplication(Application) error // ErrDuplicate: id or key taken
	// UpdateApplication leaves out SeenAt.
	UpdateApplication(Application) error
	// SeeApplication records when an application was last used; never backwards.
	SeeApplication(AppID, time.Time) error
	Application(AppID) (Application, error)
	ApplicationByKey(key string) (Application, error)
	Applications() ([]Application, error)

	// Accounts and tokens.
	CreateAccount(Account) error // ErrDuplicate: id taken
	UpdateAccount(Account) error
	Account(AccountID) (Account, error)
	Accounts([]AccountID) ([]Account, error)                   // those that exist, order of ids
	AccountPage(after AccountID, limit int) ([]Account, error) // ordered by id
	AccountsByEmail(email string) ([]Account, error)           // whatever its case, ordered by id
	CreateToken(Token) error
	TokenByHash(hash [32]byte) (Token, error)
	TokenBySession(SessionID) (Token, error)
	Tokens(AccountID) ([]Token, error) // newest first
	RevokeToken(SessionID, time.Time) error
	RevokeJWT(session SessionID, account AccountID, at, expires time.Time) error
	JWTRevoked(SessionID) (bool, error)

	// Settings, ordered by name.
	Settings() ([]Setting, error)
	SetSetting(Setting) error
	RemoveSetting(name string) error

	// AddSetUpSecret also forgets the secrets of earlier starts: all of them if node is
	// empty, otherwise those of nodes that are not registered.
	AddSetUpSecret(hash [32]byte, node string, at time.Time) error
	HasSetUpSecret(hash [32]byte) (bool, error)
	RemoveSetUpSecrets() error

	// Invitations.
	CreateInvitation(Invitation) error
	UpdateInvitation(Invitation) error // Uses and RevokedAt
	Invitation(InvitationID) (Invitation, error)
	InvitationByHash(hash [32]byte) (Invitation, error)
	// Invitations pages through those to the organization, newest first.
	Invitations(of OrganizationID, offset, limit int) ([]Invitation, error)

	// Organizations and friends.
	CreateOrganization(Organization) error
	UpdateOrganization(Organization) error
	DeleteOrganization(OrganizationID) error
	Organization(OrganizationID) (Organization, error)
	MainOrganization() (Organization, error)
	Organizations(after OrganizationID, limit int) ([]Organization, error)
	AddToOrganization(OrganizationID, []AccountID) error // already in it: no change
	RemoveFromOrganization(OrganizationID, AccountID) (bool, error)
	OrganizationMembers(id OrganizationID, after AccountID, limit int) ([]Account, error)
	OrganizationsOf(AccountID) ([]Organization, error)
	InOrganization(OrganizationID, AccountID) (bool, error)
	OrganizationRole(OrganizationID, AccountID) (OrganizationRole, error)
	SetOrganizationRole(OrganizationID, AccountID, OrganizationRole) error // of a member
	RolesOf(AccountID) (map[OrganizationID]OrganizationRole, error)
	Owners(OrganizationID) ([]AccountID, error) // the active ones
	SetFriends(a, b AccountID, at time.Time) error
	RemoveFriends(a, b AccountID) (bool, error)
	AreFriends(a, b AccountID) (bool, error)
	Friends(of, after AccountID, limit int) ([]Account, error)
	// RelatedAccounts reports whether two accounts are friends, or share an organization of
	// which neither is a guest. Contacts and Directory follow the same rule.
	RelatedAccounts(a, b AccountID) (bool, error)
	// Contacts pages through everybody related to the account (active ones, not
	// the account itself), ordered by name then id; query filters by a part of name or email.
	Contacts(of AccountID, query string, offset, limit int) ([]Account, error)

	// Friend requests: at most one from an account to another.
	SaveFriendRequest(FriendRequest) error // anew, or in the place of the one with the same id
	FriendRequest(RequestID) (FriendRequest, error)
	FriendRequestBetween(from, to AccountID) (FriendRequest, error)
	// FriendRequests pages through those to and from the account, newest first,
	// without those that were taken back.
	FriendRequests(of AccountID, offset, limit int) ([]FriendRequest, error)
	CountFriendRequests(from AccountID) (int, error) // that wait

	// Conversations and their participants.
	DirectConversation(a, b AccountID) (Conversation, error)                     // a == b: the chat with oneself
	CreateDirectConversation(a, b AccountID, at time.Time) (Conversation, error) // with its memberships, not listed
	Conversation(ConversationID) (Conversation, error)
	Membership(ConversationID, AccountID) (Membership, error)
	// ReadByPresence moves the cursors of those accounts that are participants now
	// to the end. SureSeq moves up to the old place of the cursor where the account
	// is Proven, and stays otherwise. It returns the cursors that moved.
	ReadByPresence(c ConversationID, viewings []Viewing) ([]PresenceRead, error)
	// TakeReadBack moves a cursor back to SureSeq, but not below floor; false if the
	// cursor is not above that.
	TakeReadBack(c ConversationID, a AccountID, floor int64) (bool, error)
	// MakeSure moves SureSeq on to seq, but not beyond the cursor.
	MakeSure(c ConversationID, a AccountID, seq int64) error
	// MarkRead moves the cursor to the end of the conversation, for certain; false when it was there.
	MarkRead(ConversationID, AccountID) (bool, error)
	// MarkUnread moves the cursor back to before seq, but not to before JoinSeq, and sets [Membership.Marked]. It never moves it on.
	MarkUnread(c ConversationID, a AccountID, seq int64) error
	EndMark(ConversationID, AccountID) error
	// MarkReadUpTo moves the cursor on to seq, for certain. It never moves it back.
	MarkReadUpTo(c ConversationID, a AccountID, seq int64) error
	// FirstUnread returns the oldest message that is unread, or [ErrNoRow].
	FirstUnread(ConversationID, AccountID) (MessageID, error)
	// MarkEverythingRead moves every cursor of the account, inboxes too, for certain. It returns the groups whose cursor moved.
	MarkEverythingRead(AccountID) ([]GroupID, error)

	// Current chats of sockets, for after a restart.
	SetCurrentChat(CurrentChat) error // a new one, or in place of the one with the same ID
	ClearCurrentChats(ids []SocketID) error
	CurrentChats(limit int) ([]CurrentChat, error) // the latest, oldest first
	// Those of a cluster.
	LoseCurrentChat(CurrentChat) error // sets LostAt and Decided, if it still belongs to the Node
	CurrentChatsOf(SessionID, AccountID) ([]CurrentChat, error)
	CurrentChatsElsewhere(node string) ([]CurrentChat, error) // of other registered nodes, not lost
	CurrentChatsOfGoneNodes() ([]CurrentChat, error)          // not lost, of nodes that are not registered
	LostCurrentChats(before time.Time) ([]CurrentChat, error)

	// List puts the chat into the lists of the current participants that do not
	// contain it, and returns those participants.
	List(ConversationID) ([]AccountID, error)
	Unlist(ConversationID, AccountID) error
	SetTop(ConversationID, AccountID, time.Time) error // zero: not on top
	CountTop(AccountID) (int, error)                   // chats and inboxes on top
	SetPush(ConversationID, AccountID, bool) error

	// Messages.
	// AppendMessage stores m at the end of its conversation and fills in ID, Seq,
	// Count and At (moved on where the conversation's last message is not older).
	AppendMessage(m *Message) error
	MessageByWaitingID(from AccountID, waitingID string) (Message, error)
	Message(MessageID) (Message, error)
	// WithdrawMessage takes the content away and with it its mentions, reactions, former texts and pin.
	WithdrawMessage(id MessageID, by AccountID, at time.Time) error
	// AddMentions marks the accounts (or Everyone) as @-ed by the message.
	AddMentions(c ConversationID, m MessageID, seq int64, accounts []AccountID) error
	SetHeard(AccountID, MessageID, time.Time) (bool, error) // false: was set
	// Messages reads a stretch of a conversation.
	Messages(MessageQuery) ([]Message, error)
	// Posted completes messages for showing to the reader: sender, application,
	// group, quote, heard, reactions, pinned. It keeps the order.
	Posted(reader AccountID, messages []Message) ([]Posted, error)

	// Unread counts and the chat list.
	ChatUnreads(AccountID) ([]ChatUnread, error) // only chats with unread messages, newest first
	ChatUnread(ConversationID, AccountID) (ChatUnread, error)
	ChatList(of AccountID, offset, limit int) ([]ChatRow, error) // listed chats and inboxes: on top first, then most recent first

	// Groups.
	CreateGroup(Group) (Group, error)                                                 // with an empty conversation; members follow
	UpdateGroup(Group) error                                                          // name, avatar, announcement, isPost, banned, invite, creator, dissolved
	Group(GroupID) (Group, error)                                                     // with Members and Admins
	GroupHead(GroupID) (Group, error)                                                 // without them: one row, for every send
	AddMembers(c ConversationID, accounts []AccountID, role Role, at time.Time) error // anew also for former members: cursor at the end, not listed
	RemoveMember(c ConversationID, a AccountID, at time.Time, how Departure) error    // keeps the row with LeftSeq; cursor at the end
	// RemoveAllMembers is RemoveMember for all current members, in one statement, when
	// a group is dissolved.
	RemoveAllMembers(c ConversationID, at time.Time) error
	SetRole(ConversationID, AccountID, Role) error
	Members(c ConversationID, after AccountID, limit int) ([]GroupMember, error) // current ones, ordered by account id; limit 0: all
	GroupsOf(AccountID) ([]GroupSubscription, error)                             // groups the account is in now
	// OwnGroups pages through the groups the account is in now, without Admins, in
	// the order of a directory; query filters as it does there.
	OwnGroups(of AccountID, query string, offset, limit int) ([]OwnGroup, error)
	// GroupsInCommon lists groups that both are in now, in the order of a directory,
	// without Members and Admins.
	GroupsInCommon(a, b AccountID, limit int) ([]Group, error)
	// GroupFaces returns the first current members, by account id, of each of the groups
	// that the account is in now; limit is the number for each group.
	GroupFaces(of AccountID, groups []GroupID, limit int) (map[GroupID][]Account, error)
	// FindMembers pages through the current members: the creator first, then the
	// administrators, then the others, each in the order of a directory; query
	// filters by names, and by the addresses of accounts for which knowsAddress is true.
	FindMembers(g *Group, query string, knowsAddress func(AccountID) (bool, error), offset, limit int) ([]GroupMember, error)

	// Inbox.
	// AddNotification stores n for every account, fills in its ID, and returns the
	// inboxes after it. Without accounts nothing is stored.
	AddNotification(n *Notification, accounts []AccountID) ([]Inbox, error)
	Inbox(AccountID, Category) (Inbox, error)
	Inboxes(AccountID) ([]Inbox, error)
	// ReadInbox moves the cursor so that at most left not-weak notifications
	// (the newest) stay unread; never backwards.
	ReadInbox(a AccountID, c Category, left int64) (Inbox, error)
	SetInboxSilent(AccountID, Category, bool) error
	SetInboxTop(AccountID, Category, time.Time) error
	UnlistInbox(AccountID, Category) error
	LastNotification(AccountID, Category) (Notification, error)
	// HasUnread reports whether a notification of one of the types is unread.
	HasUnread(a AccountID, c Category, types []string) (bool, error)
	Notifications(a AccountID, c Category, before int64, limit int) ([]Notification, error) // newest first; before 0: from the newest

	// Idempotency of the host API.
	Replay(app AppID, key string) (Replay, error)
	SaveReplay(app AppID, key string, r Replay) error
}

// Replay is the stored answer to a request with an idempotency key.
type Replay struct {
	Fingerprint [32]byte // of the request that it answered
	Status      int
	Body        []byte
	At          time.Time
}

// GroupSubscription is a group of an account, and whether it is muted; for delivery.
type GroupSubscription struct {
	Group GroupID
	Push  bool
}

// MessageQuery selects a stretch of a conversation's log. Exactly one of the
// bounds is set, or none for the newest.
type MessageQuery struct {
	Conversation ConversationID
	BeforeID     MessageID // older than this message
	AfterID      MessageID // newer than
	BeforeAt     time.Time // strictly older than
	AfterAt      time.Time // strictly newer than
	UntilSeq     int64     // never beyond this one; 0: no limit
	FilesOnly    bool
	Keyword      string // only what a search for it finds; newest first, without bounds
	Offset       int    // with Keyword
	Limit        int
	// OldestFirst orders the answer. Bounds in "before" give the nearest
	// messages below, bounds in "after" the nearest above, whatever the order.
	OldestFirst bool
}

type storeError string

func (e storeError) Error() string { return string(e) }

// The errors of a store. Users never see them.
const (
	ErrNoRow     storeError = "chat: no such row"
	ErrDuplicate storeError = "chat: row exists"
	ErrBusy      storeError = "chat: too many writes are waiting" // of Update: nothing was done
	// ErrLogged is a fault of the database that the store has logged once for all
	// failing requests.
	ErrLogged storeError = "chat: the database does not work, and the store has logged why"
)
