package chat

import "time"

// Category is an inbox of notifications; its English name is its id.
type Category string

// CategoryInfo relates the numbers that the contract has for a category.
type CategoryInfo struct {
	Category Category
	Session  SessionType
	DType    int // "new notify".dtype; the order is crossed with Session's
}

// Categories lists the inboxes in order of their session type.
var Categories = []CategoryInfo{
	{"system", SessionSystem, 1},
	{"post", SessionPost, 0},
	{"calendar", SessionCalendar, 2},
	{"task", SessionTask, 3},
	{"knowledge", SessionKnowledge, 4},
	{"hr", SessionHR, 5},
	{"worksheet", SessionWorksheet, 6},
	{"workflow", SessionWorkflow, 7},
}

// NotificationID identifies a notification.
type NotificationID int64

// Notification is one entry of somebody's inbox.
type Notification struct {
	ID       NotificationID
	Account  AccountID
	Category Category
	Seq      int64  // position in (Account, Category), from 1 without gaps
	Strong   int64  // how many not-weak ones there are up to and with this one
	Type     string // "taskcomment", …, or "0" (@me) and "1" (reply to me), which light a badge
	Text     string
	Name     string // who or what it comes from; may be empty
	URL      string
	EntityID string
	Weak     bool // counted apart
	At       time.Time
}

// Inbox is the state of one category for one account.
type Inbox struct {
	Account    AccountID
	Category   Category
	LastSeq    int64
	Strong     int64 // not-weak notifications ever received
	ReadSeq    int64
	ReadStrong int64 // of these, up to ReadSeq
	Silent     bool
	Listed     bool
	TopAt      time.Time
	LastAt     time.Time
}

// Unread counts the not-weak notifications after the cursor.
func (i *Inbox) Unread() int64 { return i.Strong - i.ReadStrong }

// WeakUnread counts the weak notifications after the cursor.
func (i *Inbox) WeakUnread() int64 { return (i.LastSeq - i.ReadSeq) - i.Unread() }

// InboxUnread is an entry of "inbox unread".
type InboxUnread struct {
	Inbox Inbox
	Last  Notification // the latest of the category
}

// NewNotification describes a notification to be put into inboxes.
type NewNotification struct {
	Category         Category
	Type, Text, Name string
	URL, EntityID    string
	Weak             bool
	Accounts         []AccountID    // who gets it
	Organization     OrganizationID // or all its members; empty: none
}

// CategoryByName looks a category up by its English name.
func CategoryByName(name Category) (CategoryInfo, bool) {
	for _, info := range Categories {
		if info.Category == name {
			return info, true
		}
	}
	return CategoryInfo{}, false
}

// CategoryBySession looks a category up by its session type, 3 to 10.
func CategoryBySession(t SessionType) (CategoryInfo, bool) {
	for _, info := range Categories {
		if info.Session == t {
			return info, true
		}
	}
	return CategoryInfo{}, false
}
