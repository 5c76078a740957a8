package chat

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Only the operator exports. These methods read pages, each in a snapshot of its own. An
// export takes the messages up to an id, so that all pages together show the chats as they were
// when that id was the last one. Messages that are withdrawn meanwhile are exported without content.

// exportPage is how many rows one read of an export returns.
const exportPage = 500

// ServerID returns the id of this server that exports have, which is made at the first call.
func (s *Service) ServerID(ctx context.Context) (string, error) {
	id, err := view(ctx, s, serverID)
	if err != nil || id != "" {
		return id, err
	}
	return update(ctx, s, func(tx Tx) (string, error) {
		if id, err := serverID(tx); err != nil || id != "" {
			return id, err
		}
		id := newID()
		return id, tx.SetImported("", importedServer, "", id)
	})
}

func serverID(tx Tx) (string, error) {
	found, err := tx.Imported("", importedServer, []string{""})
	return found[""], err
}

// LastMessage returns the id of the last message that was sent.
func (s *Service) LastMessage(ctx context.Context) (MessageID, error) {
	return view(ctx, s, Tx.LastMessageID)
}

// ExportScope selects the data of an export. Exactly one field is set.
type ExportScope struct {
	Organization OrganizationID // its members, and the chats among them
	Account      AccountID      // everything about one person
	Group        GroupID        // one group
	Direct       [2]AccountID   // the chat between two people, or of one with oneself
}

// ExportedConversations pages through the conversations of an export, by id.
func (s *Service) ExportedConversations(ctx context.Context, of ExportScope, after ConversationID) ([]ConversationID, error) {
	return view(ctx, s, func(tx Tx) ([]ConversationID, error) {
		one := func(c ConversationID, err error, refusal error) ([]ConversationID, error) {
			if err != nil || c <= after {
				return nil, or(err, refusal)
			}
			return []ConversationID{c}, nil
		}
		switch {
		case of.Organization != "":
			if _, err := tx.Organization(of.Organization); err != nil {
				return nil, or(err, ErrNotFound)
			}
			return tx.ConversationsWithin(of.Organization, after, exportPage)
		case of.Account != "":
			if _, err := tx.Account(of.Account); err != nil {
				return nil, or(err, ErrAccountNotFound)
			}
			return tx.ConversationsOf(of.Account, after, exportPage)
		case of.Group != "":
			g, err := tx.GroupHead(of.Group)
			return one(g.Conversation, err, ErrGroupNotFound)
		default:
			c, err := tx.DirectConversation(of.Direct[0], of.Direct[1])
			return one(c.ID, err, ErrNotFound)
		}
	})
}

// ExportedChat is a conversation with its present and former participants.
type ExportedChat struct {
	Conversation
	Group   *Group // nil: not a group
	Members []Membership
}

// ExportedChat returns a conversation.
func (s *Service) ExportedChat(ctx context.Context, id ConversationID) (ExportedChat, error) {
	return view(ctx, s, func(tx Tx) (c ExportedChat, err error) {
		if c.Conversation, err = tx.Conversation(id); err != nil {
			return c, err
		}
		if c.Members, err = tx.Participants(id); err != nil || c.Kind != KindGroup {
			return c, err
		}
		g, err := tx.GroupHead(c.Conversation.Group)
		c.Group = &g
		return c, err
	})
}

// ExportedMessage is a message with the accounts that it mentions, its reactions, its former texts and its pin.
type ExportedMessage struct {
	Message
	Mentions  []AccountID
	Reactions []GivenReaction
	Revisions []Revision
	Pin       *Pin // nil: it is not pinned
}

// ExportedMessages returns the messages of a conversation after a place of its log, oldest first, with ids
// up to one; none at the end. Messages of others have only what the reader may know of them; an empty reader may know everything.
func (s *Service) ExportedMessages(ctx context.Context, c ConversationID, after int64, upTo MessageID, reader AccountID) ([]ExportedMessage, error) {
	return view(ctx, s, func(tx Tx) ([]ExportedMessage, error) {
		var member Membership
		if reader != "" {
			var err error
			if member, err = tx.Membership(c, reader); err != nil && !errors.Is(err, ErrNoRow) {
				return nil, err
			}
		}
		messages, err := tx.MessagesAfter(c, after, exportPage)
		if err != nil || len(messages) == 0 {
			return nil, err
		}
		marked, err := tx.MentionedBy(c, messages[0].Seq, messages[len(messages)-1].Seq)
		if err != nil {
			return nil, err
		}
		ids := make([]MessageID, len(messages))
		for i := range messages {
			ids[i] = messages[i].ID
		}
		reacted, err := tx.ReactionsTo(ids)
		if err != nil {
			return nil, err
		}
		pins, err := tx.PinsOf(ids)
		if err != nil {
			return nil, err
		}
		var all []ExportedMessage
		for _, m := range messages {
			if m.ID > upTo {
				break
			}
			e := ExportedMessage{Message: m, Mentions: marked[m.ID], Reactions: reacted[m.ID]}
			if !m.EditedAt.IsZero() {
				if e.Revisions, err = tx.Revisions(m.ID); err != nil {
					return nil, err
				}
			}
			if pin, is := pins[m.ID]; is {
				e.Pin = &pin
			}
			if reader != "" && m.From != reader {
				s.hideFromExport(&member, &e)
			}
			all = append(all, e)
		}
		return all, nil
	})
}

// hideFromExport removes what a reader must not know about a message of somebody else: later texts and reactions if the reader
// is a former member of the group, as in the history, and former texts if only authors may have them.
func (s *Service) hideFromExport(reader *Membership, e *ExportedMessage) {
	if reader.Left() {
		if reader.hidesChanges() {
			e.Reactions, e.Pin = nil, nil
		}
		for n := len(e.Revisions); n > 0 && e.EditedAt.After(reader.LeftAt); n-- {
			last := e.Revisions[n-1]
			e.Text, e.EditedAt, e.Revisions = last.Text, last.At, e.Revisions[:n-1]
			if n == 1 {
				e.EditedAt = time.Time{}
			}
		}
	}
	if s.live().HideRevisions {
		e.Revisions = nil
	}
}

// ExportedOrganization returns an organization, or [ErrNotFound].
func (s *Service) ExportedOrganization(ctx context.Context, id OrganizationID) (Organization, error) {
	return view(ctx, s, func(tx Tx) (Organization, error) {
		o, err := tx.Organization(id)
		return o, or(err, ErrNotFound)
	})
}

// ExportedPerson is an account with its place in organizations.
type ExportedPerson struct {
	Account
	Detail
	Roles map[OrganizationID]OrganizationRole
	Kept  KeptStatus
}

// ExportedPeople returns those accounts that exist.
func (s *Service) ExportedPeople(ctx context.Context, ids []AccountID) ([]ExportedPerson, error) {
	return view(ctx, s, func(tx Tx) ([]ExportedPerson, error) {
		accounts, err := tx.Accounts(ids)
		if err != nil {
			return nil, err
		}
		people := make([]ExportedPerson, len(accounts))
		for i, a := range accounts {
			p := ExportedPerson{Account: a}
			if p.Detail, err = tx.AccountDetail(a.ID); or(err, nil) != nil {
				return nil, err
			}
			if p.Roles, err = tx.RolesOf(a.ID); err != nil {
				return nil, err
			}
			kept, err := tx.KeptStatuses([]AccountID{a.ID})
			if err != nil {
				return nil, err
			}
			p.Kept = kept[a.ID]
			people[i] = p
		}
		return people, nil
	})
}

// OrganizationPage pages through the members of an organization, by id.
func (s *Service) OrganizationPage(ctx context.Context, o OrganizationID, after AccountID) ([]AccountID, error) {
	return view(ctx, s, func(tx Tx) ([]AccountID, error) {
		accounts, err := tx.OrganizationMembers(o, after, exportPage)
		return accountIDs(accounts), err
	})
}

// AboutPerson is the data about a person that belongs to no chat. It has no secret that could be used to sign in.
type AboutPerson struct {
	ExportedPerson
	Sessions       []Token // without their hashes
	Identities     []LinkedIdentity
	Password       bool // one is set
	TwoFactor      bool
	Friends        []AccountID
	FriendRequests []FriendRequest
	Inboxes        []Inbox
	Unsent         []Unsent
}

// AboutPerson returns the data about a person, or [ErrAccountNotFound].
func (s *Service) AboutPerson(ctx context.Context, id AccountID) (AboutPerson, error) {
	people, err := s.ExportedPeople(ctx, []AccountID{id})
	if err != nil {
		return AboutPerson{}, err
	}
	if len(people) == 0 {
		return AboutPerson{}, ErrAccountNotFound
	}
	return view(ctx, s, func(tx Tx) (p AboutPerson, err error) {
		p.ExportedPerson = people[0]
		if p.Sessions, err = tx.Tokens(id); err != nil {
			return p, err
		}
		for i := range p.Sessions {
			p.Sessions[i].Hash = [32]byte{}
		}
		if p.Identities, err = tx.IdentitiesOf(id); err != nil {
			return p, err
		}
		hash, err := passwordOf(tx, id)
		if err != nil {
			return p, err
		}
		f, err := twoFactorOf(tx, id)
		if err != nil {
			return p, err
		}
		p.Password, p.TwoFactor = hash != "", f.Secret != ""
		for after := AccountID(""); ; {
			friends, err := tx.Friends(id, after, exportPage)
			if err != nil {
				return p, err
			}
			if len(friends) == 0 {
				break
			}
			p.Friends = append(p.Friends, accountIDs(friends)...)
			after = friends[len(friends)-1].ID
		}
		for {
			requests, err := tx.FriendRequests(id, len(p.FriendRequests), exportPage)
			if err != nil {
				return p, err
			}
			if len(requests) == 0 {
				break
			}
			p.FriendRequests = append(p.FriendRequests, requests...)
		}
		if p.Unsent, err = tx.UnsentOf(id); err != nil {
			return p, err
		}
		p.Inboxes, err = tx.Inboxes(id)
		return p, err
	})
}

// ExportedNotifications pages through the notifications of an inbox, newest first. before is the Seq of
// the last one of the page before, or 0.
func (s *Service) ExportedNotifications(ctx context.Context, a AccountID, c Category, before int64) ([]Notification, error) {
	return view(ctx, s, func(tx Tx) ([]Notification, error) { return tx.Notifications(a, c, before, exportPage) })
}

// ExportedReactions pages through the reactions of an account, by message. A page ends with all reactions to its last message.
func (s *Service) ExportedReactions(ctx context.Context, a AccountID, after MessageID) ([]GivenReaction, error) {
	return view(ctx, s, func(tx Tx) ([]GivenReaction, error) {
		page, err := tx.ReactionsBy(a, after, exportPage)
		if err != nil || len(page) < exportPage {
			return page, err
		}
		last := page[len(page)-1].Message
		for len(page) > 0 && page[len(page)-1].Message == last {
			page = page[:len(page)-1]
		}
		rest, err := tx.ReactionsBy(a, last-1, MaxReactions)
		for _, r := range rest {
			if r.Message == last {
				page = append(page, r)
			}
		}
		return page, err
	})
}

// ExportedAudit pages through the entries of the audit log that an account has made (by), or that are about it.
func (s *Service) ExportedAudit(ctx context.Context, a AccountID, by bool, before AuditID) ([]AuditEntry, error) {
	return view(ctx, s, func(tx Tx) ([]AuditEntry, error) {
		q := AuditQuery{Before: before, Limit: exportPage}
		if by {
			q.Actor = a
		} else {
			q.TargetType, q.Target = TargetAccount, string(a)
		}
		return tx.Audit(q)
	})
}

// RecordExport records that the operator has exported data.
func (s *Service) RecordExport(ctx context.Context, of ExportScope, messages int64, at time.Time) error {
	return s.recordExport(ctx, of, "messages", number(messages), "since", at.UTC().Format(time.RFC3339))
}

// RecordExportBegins records that the operator begins to export data. An export that is interrupted
// has written some of it.
func (s *Service) RecordExportBegins(ctx context.Context, of ExportScope) error {
	return s.recordExport(ctx, of, "state", "begun")
}

func (s *Service) recordExport(ctx context.Context, of ExportScope, details ...string) error {
	var e AuditEntry
	switch {
	case of.Organization != "":
		e = onOrganization(AuditDataExported, of.Organization)
	case of.Account != "":
		e = onAccount(AuditDataExported, of.Account)
	case of.Group != "":
		e = AuditEntry{Kind: AuditDataExported, TargetType: TargetGroup, Target: string(of.Group)}
	default:
		e = onAccount(AuditDataExported, of.Direct[0]).with("accounts", string(of.Direct[0])+","+string(of.Direct[1]))
	}
	for pair := range slices.Chunk(details, 2) {
		e = e.with(pair[0], pair[1])
	}
	return s.store.Update(ctx, func(tx Tx) error { return s.record(ctx, tx, e) })
}

// hasRow turns "no such row" into false.
func hasRow(err error) (bool, error) {
	if errors.Is(err, ErrNoRow) {
		return false, nil
	}
	return err == nil, err
}
