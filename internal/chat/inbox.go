package chat

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

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
	LastNotice NotificationID
	After      MessageID // the last message of any conversation before LastNotice
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

// InboxUnread returns the inboxes with unread notifications, newest first, each
// with its latest. Weak notifications alone do not bring an inbox in.
func (s *Service) InboxUnread(ctx context.Context, a AccountID) ([]InboxUnread, error) {
	return view(ctx, s, func(tx Tx) ([]InboxUnread, error) {
		inboxes, err := tx.Inboxes(a)
		if err != nil {
			return nil, err
		}
		var unread []InboxUnread
		for _, inbox := range inboxes {
			if inbox.Unread() == 0 {
				continue
			}
			last, err := tx.LastNotification(a, inbox.Category)
			if err != nil {
				return nil, err
			}
			unread = append(unread, InboxUnread{inbox, last})
		}
		slices.SortStableFunc(unread, func(a, b InboxUnread) int { return cmp.Compare(b.Inbox.LastNotice, a.Inbox.LastNotice) })
		return unread, nil
	})
}

// ClearNotification marks the notifications of a category as read, except the newest
// value ones, and tells the account's other sockets. Without clears nothing changes here
// and the sockets are told only. The value that they get is never above the unread count.
func (s *Service) ClearNotification(ctx context.Context, by Actor, c Category, value int64, clears bool) error {
	if _, ok := CategoryByName(c); !ok {
		return Invalid("type", "must be the name of an inbox")
	}
	if value < 0 {
		return Invalid("value", "must not be negative")
	}
	now := s.now()
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := caller(tx, by); err != nil {
			return err
		}
		inbox, err := tx.Inbox(by.Account, c)
		if err == nil && clears {
			inbox, err = tx.ReadInbox(by.Account, c, value)
		}
		// Without a row there is nothing unread; that may be told as well.
		if err := or(err, nil); err != nil {
			return err
		}
		tx.Publish(InboxCleared{
			Account: by.Account, Category: c, Value: min(value, inbox.Unread()), At: now, Origin: by.Socket,
		})
		return nil
	})
}

// SetSilence mutes an inbox, or unmutes it. It may be muted before anything
// has come.
func (s *Service) SetSilence(ctx context.Context, by Actor, t SessionType, silent bool) error {
	info, ok := CategoryBySession(t)
	if !ok {
		return Invalid("type", "must be 3 to 10")
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := caller(tx, by); err != nil {
			return err
		}
		if err := tx.SetInboxSilent(by.Account, info.Category, silent); err != nil {
			return err
		}
		tx.Publish(SilenceSet{Account: by.Account, Category: info, Silent: silent})
		return nil
	})
}

// Notify puts a notification into the inboxes of the accounts and of the
// organization's members, once each, and returns it with its id and how many
// they were. Inactive members are passed over; where nobody is left, nothing is
// stored and the id is 0.
func (s *Service) Notify(ctx context.Context, n NewNotification) (Notification, int, error) {
	if err := s.checkNotification(&n); err != nil {
		return Notification{}, 0, err
	}
	made := Notification{
		Category: n.Category, Type: n.Type, Text: n.Text, Name: n.Name,
		URL: n.URL, EntityID: n.EntityID, Weak: n.Weak, At: s.now(),
	}
	d, err := update(ctx, s, func(tx Tx) (DeliveredNotification, error) {
		accounts, err := s.receivers(tx, n)
		if err != nil {
			return DeliveredNotification{}, err
		}
		receivers, err := notify(tx, &made, accounts)
		return DeliveredNotification{made, receivers}, err
	})
	return d.Notification, d.Receivers, err
}

// DeliveredNotification is the result of [Service.Notify] for a [ReplayMark].
type DeliveredNotification struct {
	Notification Notification
	Receivers    int
}

// notify puts n into the inboxes of the accounts, fills in its id, and returns how
// many they were.
func notify(tx Tx, n *Notification, accounts []AccountID) (int, error) {
	inboxes, err := tx.AddNotification(n, accounts)
	if err != nil || len(inboxes) == 0 {
		return 0, err
	}
	told := make([]NotifiedInbox, len(inboxes))
	for i, inbox := range inboxes {
		told[i] = NotifiedInbox{inbox.Account, inbox.Silent}
	}
	tx.Publish(Notified{Notification: *n, Inboxes: told})
	return len(inboxes), nil
}

func (s *Service) checkNotification(n *NewNotification) error {
	if _, ok := CategoryByName(n.Category); !ok {
		return Invalid("category", "must be the name of an inbox")
	}
	if err := checkID("type", n.Type); err != nil {
		return err
	}
	if n.Text == "" {
		return Invalid("text", "is required")
	}
	if utf16Longer(n.Text, s.live().MaxText) {
		return ErrMessageTooLong
	}
	var err error
	if n.Name, err = s.cleanLabel("name", n.Name); err != nil {
		return err
	}
	if err := checkURL("url", n.URL); err != nil {
		return err
	}
	if len(n.EntityID) > maxID {
		return Invalid("entityId", "must be at most %d bytes", maxID)
	}
	if len(n.Accounts) == 0 && n.Organization == "" {
		return Invalid("accounts", "is required")
	}
	return checkText("text", n.Text)
}

func (s *Service) receivers(tx Tx, n NewNotification) ([]AccountID, error) {
	named, err := s.accounts(tx, "accounts", n.Accounts)
	if err != nil || n.Organization == "" {
		return accountIDs(named), err
	}
	if _, err := tx.Organization(n.Organization); errors.Is(err, ErrNoRow) {
		return nil, Invalid("organization", "does not exist")
	} else if err != nil {
		return nil, err
	}
	ids := accountIDs(named)
	const page = 1000
	after := AccountID("")
	for {
		members, err := tx.OrganizationMembers(n.Organization, after, page)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			after = m.ID
			if m.Active {
				ids = append(ids, m.ID)
			}
		}
		if len(members) < page {
			return unique(ids), nil
		}
	}
}

// Notice is a notification and whether it is still unread.
type Notice struct {
	Notification
	Unread bool
}

// Notices is [Service.Notifications] for the caller, with the unread state of each.
func (s *Service) Notices(ctx context.Context, by Actor, c Category, before int64, limit int) ([]Notice, error) {
	if _, ok := CategoryByName(c); !ok {
		return nil, Invalid("category", "must be the name of an inbox")
	}
	return view(ctx, s, func(tx Tx) ([]Notice, error) {
		if _, err := caller(tx, by); err != nil {
			return nil, err
		}
		inbox, err := tx.Inbox(by.Account, c)
		if err != nil {
			return nil, or(err, nil) // nothing has ever come
		}
		found, err := tx.Notifications(by.Account, c, max(before, 0), s.page(limit))
		if err != nil {
			return nil, err
		}
		notices := make([]Notice, len(found))
		for i, n := range found {
			notices[i] = Notice{n, n.Seq > inbox.ReadSeq}
		}
		return notices, nil
	})
}

// Notifications pages back through an inbox, newest first: those before the
// sequence number, or the newest where before is 0.
func (s *Service) Notifications(ctx context.Context, a AccountID, c Category, before int64, limit int) ([]Notification, error) {
	if _, ok := CategoryByName(c); !ok {
		return nil, Invalid("category", "must be the name of an inbox")
	}
	return view(ctx, s, func(tx Tx) ([]Notification, error) {
		if _, err := tx.Account(a); err != nil {
			return nil, or(err, ErrAccountNotFound)
		}
		return tx.Notifications(a, c, max(before, 0), s.page(limit))
	})
}
