package chat

import (
	"context"
	"errors"
	"time"
)

// ChatRow is an entry of somebody's chat list. IsContact and ShowBadge follow
// from rules: a store leaves them alone.
type ChatRow struct {
	Ref       ChatRef
	Name      string
	Avatar    string
	Last      *Posted   // nil for an inbox row, and if all messages of the chat were removed because of their age
	LastID    MessageID // of a chat: the last message that there was
	Notice    *Notification
	At        time.Time // of the last message or notification
	After     MessageID // inbox: the last message of any chat before its last notification
	Unread    int64
	Weak      int64 // inbox: weak notifications unread
	Push      bool
	IsPost    bool
	Left      bool // group: no longer a member
	Departure Departure
	IsContact bool // direct: still contacts; group: still a member
	Silent    bool // inbox
	ShowBadge int  // inbox
	TopAt     time.Time
	Mentions  []Mention // since the read cursor, newest first
	Reacted   *ReactionMark
}

// RemoveSession removes an entry from the chat list until something new arrives in
// it. The entry is marked as read and is no longer on top, because a hidden entry
// must not count as unread or occupy a place on top. No message is deleted. An inbox
// is identified by its type alone.
func (s *Service) RemoveSession(ctx context.Context, by Actor, ref ChatRef) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := caller(tx, by); err != nil {
			return err
		}
		removed, err := unlist(tx, by.Account, ref)
		if err != nil {
			return err
		}
		tx.Publish(SessionRemoved{Account: by.Account, Ref: removed})
		return nil
	})
}

func unlist(tx Tx, me AccountID, ref ChatRef) (ChatRef, error) {
	if info, ok := CategoryBySession(ref.Type); ok {
		return ChatRef{info.Session, string(info.Category)}, unlistInbox(tx, me, info.Category)
	}
	switch ref.Type {
	case SessionPublic:
		// There are no public accounts here; a list that shows one may drop it.
		return ref, checkID("id", ref.ID)
	case SessionUser, SessionGroup:
	default:
		return ChatRef{}, Invalid("type", "must be 1 to 10 or 100")
	}
	found, err := findChat(tx, me, ref)
	if err != nil || !found.begun {
		return found.ref, err
	}
	if !found.member.Left() {
		if _, err := tx.MarkRead(found.id, me); err != nil {
			return ChatRef{}, err
		}
		if err := unmark(tx, found); err != nil {
			return ChatRef{}, err
		}
	}
	if !found.member.TopAt.IsZero() {
		if err := tx.SetTop(found.id, me, time.Time{}); err != nil {
			return ChatRef{}, err
		}
	}
	return found.ref, tx.Unlist(found.id, me)
}

func unlistInbox(tx Tx, me AccountID, c Category) error {
	inbox, err := tx.ReadInbox(me, c, 0)
	if err != nil {
		return or(err, nil) // nothing has ever come
	}
	if !inbox.TopAt.IsZero() {
		if err := tx.SetInboxTop(me, c, time.Time{}); err != nil {
			return err
		}
	}
	return tx.UnlistInbox(me, c)
}

// SetSticky puts an entry of the chat list on top, or back into the list. The entry
// must be in the list, and at most Options.MaxTop entries can be on top.
func (s *Service) SetSticky(ctx context.Context, by Actor, ref ChatRef, top bool) error {
	now := s.now()
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := caller(tx, by); err != nil {
			return err
		}
		entry, err := listEntryOf(tx, by.Account, ref)
		if err != nil {
			return err
		}
		set := StickySet{Account: by.Account, Ref: entry.ref, Top: top, At: now}
		switch {
		case !top:
			err = entry.setTop(time.Time{})
		case !entry.topAt.IsZero():
			set.At = entry.topAt // twice is once
		case !entry.listed:
			return Invalid("value", "is not in the chat list")
		default:
			n, err := tx.CountTop(by.Account)
			if err != nil {
				return err
			}
			if n >= s.live().MaxTop {
				return Invalid("isTop", "must not be set for more than %d chats", s.live().MaxTop)
			}
			if err := entry.setTop(now); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		tx.Publish(set)
		return nil
	})
}

// listEntry is an entry of the chat list: a chat or an inbox.
type listEntry struct {
	ref    ChatRef
	listed bool
	topAt  time.Time
	setTop func(time.Time) error
}

func listEntryOf(tx Tx, me AccountID, ref ChatRef) (listEntry, error) {
	if info, ok := CategoryBySession(ref.Type); ok {
		inbox, err := tx.Inbox(me, info.Category)
		return listEntry{
			ref:    ChatRef{info.Session, string(info.Category)},
			listed: inbox.Listed,
			topAt:  inbox.TopAt,
			setTop: func(at time.Time) error { return tx.SetInboxTop(me, info.Category, at) },
		}, or(err, nil)
	}
	if ref.Type != SessionUser && ref.Type != SessionGroup {
		return listEntry{}, Invalid("type", "must be 1 to 10")
	}
	found, err := findChat(tx, me, ref)
	return listEntry{
		ref:    found.ref,
		listed: found.member.Listed,
		topAt:  found.member.TopAt,
		setTop: func(at time.Time) error {
			if !found.begun {
				return nil
			}
			return tx.SetTop(found.id, me, at)
		},
	}, err
}

// ChatList returns a page of an account's chat list: entries on top first, then by
// the last arrival, newest first. Inboxes are entries, too.
func (s *Service) ChatList(ctx context.Context, a AccountID, offset, limit int) ([]ChatRow, error) {
	if offset < 0 {
		return nil, Invalid("pageIndex", "must be a positive number")
	}
	return view(ctx, s, func(tx Tx) ([]ChatRow, error) {
		rows, err := tx.ChatList(a, offset, s.page(limit))
		if err != nil {
			return nil, err
		}
		for i := range rows {
			if err := s.completeRow(tx, a, &rows[i]); err != nil {
				return nil, err
			}
		}
		return rows, nil
	})
}

// badgeTypes are the notifications that light a badge: somebody mentioned the
// reader, or replied.
var badgeTypes = []string{"0", "1"}

// completeRow fills in the fields of a row that depend on the rules.
func (s *Service) completeRow(tx Tx, of AccountID, row *ChatRow) error {
	switch {
	case row.Ref == ChatRef{SessionUser, string(FileTransfer)}:
		row.Name, row.IsContact = s.text().fileTransfer(), true
	case row.Ref.Type == SessionUser:
		_, err := contact(tx, of, AccountID(row.Ref.ID))
		row.IsContact = err == nil
		if !errors.Is(err, ErrNotContact) {
			return err
		}
	case row.Ref.Type == SessionGroup:
		row.IsContact = !row.Left // of a dissolved group nobody is
		return hideLaterOfRow(tx, of, row)
	default:
		lit, err := tx.HasUnread(of, Category(row.Ref.ID), badgeTypes)
		if lit {
			row.ShowBadge = 1
		}
		return err
	}
	return nil
}

// hideLaterOfRow is [hideLater] for the row of a group.
func hideLaterOfRow(tx Tx, of AccountID, row *ChatRow) error {
	if !row.Left {
		return nil
	}
	g, err := tx.GroupHead(GroupID(row.Ref.ID))
	if err != nil {
		return err
	}
	m, err := tx.Membership(g.Conversation, of)
	if err != nil {
		return err
	}
	g = m.known(g)
	row.Name, row.Avatar = g.Name, g.Avatar
	if row.Last != nil {
		row.Last.Group = &g
		return hideChanges(tx, &m, row.Last)
	}
	return nil
}
