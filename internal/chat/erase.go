package chat

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// Erasure is the erasure of a person, for ever. It has two parts:
//
//  1. One transaction removes the profile, all credentials and all relations. The account stays, because messages refer to
//     it, under a name that says that the person was deleted.
//  2. [Service.ContinueErasure] withdraws the messages of the person and replaces the name in texts that the
//     server knows to name the person. It goes on after a restart.
type Erasure struct {
	Account      AccountID
	Began, Ended time.Time // Ended is zero while it goes on
	Name         string    // the former one, while it goes on
	Conversation ConversationID
	Seq          int64
	Notice       NotificationID
	Done, Total  int64 // messages
}

// erasePiece is the number of messages that one transaction of an erasure changes. It is small, because the requests of
// clients wait for the transaction.
const erasePiece = 50

// Erase begins the erasure of a person. Owners only, and nobody erases the own account. name must be the name of the
// person, which the caller has typed. The last owner of an organization cannot be erased. A repetition changes nothing.
// [ErrSignInAgain]: the caller's sign-in is not recent.
func (s *Service) Erase(ctx context.Context, by Actor, id AccountID, name string) (Erasure, error) {
	ctx = s.administering(ctx, by, s.onlyProvenOwners(ctx))
	return update(ctx, s, func(tx Tx) (Erasure, error) {
		a, err := tx.Account(id)
		if err != nil {
			return Erasure{}, or(err, ErrAccountNotFound)
		}
		if e, err := tx.Erasure(id); !errors.Is(err, ErrNoRow) {
			return e, err
		}
		if err := notBot(tx, id); err != nil {
			return Erasure{}, err
		}
		if by.Account == id {
			return Erasure{}, invalidFor("account", ReasonOwnAccount, "must not be your own")
		}
		if name != a.Name {
			return Erasure{}, invalidFor("name", ReasonOtherName, "must be the name of the person")
		}
		if err := s.keepOwners(tx, id, "account"); err != nil {
			return Erasure{}, err
		}
		e := Erasure{Account: id, Began: s.now(), Name: a.Name}
		if e.Total, err = tx.CountOwn(id); err != nil {
			return e, err
		}
		if err := tx.SaveErasure(e); err != nil {
			return e, err
		}
		return e, s.eraseProfile(ctx, tx, a)
	})
}

func (s *Service) eraseProfile(ctx context.Context, tx Tx, a Account) error {
	if err := tx.RemoveUnconfirmedMail(a.ID); err != nil { // before the change of the address ends with the sessions
		return err
	}
	if err := s.endOthers(tx, a.ID, "", true); err != nil {
		return err
	}
	left := Account{ID: a.ID, Name: s.text().deleted(), CreatedAt: a.CreatedAt}
	if err := tx.UpdateAccount(left); err != nil {
		return err
	}
	tx.Publish(AccountChanged{Account: left})
	if err := publishReaders(tx, a.ID); err != nil {
		return err
	}
	tx.Publish(AvailabilityChanged{[]AccountID{a.ID}})
	if err := tellFriends(tx, left); err != nil { // before the friendships end
		return err
	}
	if err := tx.RemoveTraces(a); err != nil {
		return err
	}
	return s.record(ctx, tx, onAccount(AuditAccountErased, a.ID))
}

// Erasures returns the erasures that have not ended.
func (s *Service) Erasures(ctx context.Context) ([]Erasure, error) {
	return view(ctx, s, Tx.Erasures)
}

// ErasureOf returns the erasure of an account. There is none if Account is empty.
func (s *Service) ErasureOf(ctx context.Context, id AccountID) (Erasure, error) {
	return view(ctx, s, func(tx Tx) (Erasure, error) {
		e, err := tx.Erasure(id)
		return e, or(err, nil)
	})
}

// CountMessagesOf counts the messages that an account has sent, also those that were withdrawn.
func (s *Service) CountMessagesOf(ctx context.Context, id AccountID) (int64, error) {
	return view(ctx, s, func(tx Tx) (int64, error) { return tx.CountOwn(id) })
}

// ContinueErasure does the next part of an erasure that has begun, and returns its state.
func (s *Service) ContinueErasure(ctx context.Context, id AccountID) (Erasure, error) {
	return update(ctx, s, func(tx Tx) (Erasure, error) {
		e, err := tx.Erasure(id)
		if err != nil || !e.Ended.IsZero() {
			return e, err
		}
		a, err := tx.Account(id)
		if err != nil {
			return e, err
		}
		if err := s.erasePart(tx, a, &e); err != nil {
			return e, err
		}
		return e, tx.SaveErasure(e)
	})
}

// erasePart does one of the steps: the messages of the conversation in which the erasure is, the messages that name the
// person there, the next conversation; after the last one the notifications and the audit log.
func (s *Service) erasePart(tx Tx, a Account, e *Erasure) error {
	if n, err := eraseReactions(tx, a); err != nil || n > 0 {
		return err
	}
	if e.Conversation > 0 {
		own, err := tx.OwnMessages(e.Conversation, a.ID, 0, erasePiece)
		if err != nil {
			return err
		}
		for _, m := range own {
			if _, err := s.withdraw(tx, Actor{}, a, m); err != nil {
				return err
			}
		}
		if e.Done += int64(len(own)); len(own) > 0 {
			return nil
		}
		naming, err := tx.MessagesNaming(e.Conversation, a.ID, e.Name, e.Seq, erasePiece)
		if err != nil {
			return err
		}
		discussion, err := discussionOf(tx, e.Conversation)
		if err != nil {
			return err
		}
		for _, m := range naming {
			e.Seq = m.Seq
			if err := renameRevisions(tx, m, a, e.Name); err != nil {
				return err
			}
			if !rename(&m, a, e.Name, discussion.ID != "") {
				continue
			}
			if err := tx.ReplaceText(&m); err != nil {
				return err
			}
		}
		if len(naming) > 0 {
			return nil
		}
		if err := renameGroup(tx, e.Conversation, e.Name, a.Name); err != nil {
			return err
		}
	}
	next, err := tx.ConversationsOf(a.ID, e.Conversation, 1)
	if err != nil {
		return err
	}
	if len(next) > 0 {
		e.Conversation, e.Seq = next[0], 0
		return tellMembers(tx, a, e.Conversation)
	}
	if more, err := tx.EmptyNotices(a.ID, erasePiece); err != nil || more {
		return err
	}
	last, err := tx.RenameNotices(e.Name, a.Name, map[string]string{
		NotifyFriendRequest: s.text().asksForFriendship(a.Name, ""), NotifyFriendAccepted: s.text().isFriendNow(a.Name),
	}, e.Notice, erasePiece)
	if err != nil || last > 0 {
		e.Notice = last
		return err
	}
	n, err := tx.ScrubAudit(a.ID, 10*erasePiece)
	if err != nil || n > 0 {
		return err
	}
	e.Ended, e.Name, e.Done = s.now(), "", e.Total
	return nil
}

// tellMembers tells the other members of a conversation the new name of an erased person, so that no screen keeps the former one.
func tellMembers(tx Tx, a Account, id ConversationID) error {
	const page = 1000
	for after := AccountID(""); ; {
		some, err := tx.Members(id, after, page)
		if err != nil {
			return err
		}
		var to []AccountID
		for _, m := range some {
			if after = m.Account.ID; after != a.ID {
				to = append(to, after)
			}
		}
		if len(to) > 0 {
			tx.Publish(ContactChanged{Person: Person{Account: a}, To: to})
		}
		if len(some) < page {
			return nil
		}
	}
}

// rename replaces the former name of a person in a message that names the person: in a notice everywhere, in a message of
// somebody else behind an @. In a discussion it also replaces the name within the names that the group has had. It reports
// whether it has changed anything.
func rename(m *Message, a Account, former string, discussion bool) bool {
	text := m.Text
	if m.System == NotSystem {
		m.Text = replaceName(m.Text, "@"+former, "@"+a.Name)
		return m.Text != text
	}
	if m.Report == nil {
		m.Text = replaceName(m.Text, former, a.Name)
		return m.Text != text
	}
	r := *m.Report
	r.Users = slices.Clone(r.Users)
	changed, named := false, m.From == a.ID
	for _, one := range append([]*ReportName{&r.By}, pointers(r.Users)...) {
		if one.ID != a.ID {
			continue
		}
		m.Text = replaceName(m.Text, one.Name, a.Name) // the name at that time
		changed, named, one.Name = changed || one.Name != a.Name, true, a.Name
	}
	if named {
		m.Text = replaceName(m.Text, former, a.Name)
	}
	if group := replaceName(r.Name, former, a.Name); discussion && group != r.Name {
		m.Text = strings.ReplaceAll(m.Text, r.Name, group)
		changed, r.Name = true, group
	}
	m.Report = &r
	return changed || m.Text != text
}

func pointers(names []ReportName) (all []*ReportName) {
	for i := range names {
		all = append(all, &names[i])
	}
	return all
}

// renameRevisions does the same in the former texts of an edited message.
func renameRevisions(tx Tx, m Message, a Account, former string) error {
	if m.EditedAt.IsZero() {
		return nil
	}
	all, err := tx.Revisions(m.ID)
	if err != nil {
		return err
	}
	changed := false
	for i := range all {
		text := replaceName(all[i].Text, "@"+former, "@"+a.Name)
		changed = changed || text != all[i].Text
		all[i].Text = text
	}
	if !changed {
		return nil
	}
	return tx.ReplaceRevisions(m.ID, all)
}

// replaceName replaces a name in a text, but not within a longer word of Latin letters.
func replaceName(text, former, name string) string {
	var out strings.Builder
	for {
		i := strings.Index(text, former)
		if i < 0 || former == "" {
			out.WriteString(text)
			return out.String()
		}
		end := i + len(former)
		out.WriteString(text[:i])
		if i > 0 && isWordByte(text[i-1]) && isWordByte(former[0]) || end < len(text) && isWordByte(text[end]) && isWordByte(former[len(former)-1]) {
			out.WriteString(former)
		} else {
			out.WriteString(name)
		}
		text = text[end:]
	}
}

func isWordByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9'
}

// renameGroup replaces the former name in the name of a discussion, which may be made of the names of its members.
func renameGroup(tx Tx, id ConversationID, former, name string) error {
	g, err := discussionOf(tx, id)
	if err != nil || g.ID == "" {
		return err
	}
	named := replaceName(g.Name, former, name)
	if named == g.Name {
		return nil
	}
	if err := tx.RenameLeft(id, former, name); err != nil {
		return err
	}
	g.Name = named
	if err := tx.UpdateGroup(g); err != nil {
		return err
	}
	if !g.Dissolved() {
		tx.Publish(GroupChanged{Group: g})
	}
	return nil
}

// discussionOf returns the discussion of a conversation. There is none if ID is empty.
func discussionOf(tx Tx, id ConversationID) (Group, error) {
	c, err := tx.Conversation(id)
	if err != nil || c.Kind != KindGroup {
		return Group{}, err
	}
	g, err := tx.Group(c.Group)
	if err != nil || g.IsPost {
		return Group{}, err
	}
	return g, nil
}

// notErased refuses to change an account that was erased, or that is a bot.
func notErased(tx Tx, id AccountID) error {
	if err := notBot(tx, id); err != nil {
		return err
	}
	there, err := hasRow(second(tx.Erasure(id)))
	if there {
		return invalidFor("account", ReasonErased, "was erased, and cannot be changed")
	}
	return err
}
