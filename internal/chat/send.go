package chat

import (
	"context"
	"errors"
	"slices"
	"time"
)

// SendMessage sends a message to an account, or to the caller if to is [FileTransfer] or
// the caller. See docs/protocol/message.md. The order of the steps:
//
//  1. An invalid draft is refused ("invalid payload", "message too long").
//  2. If a stored message has the same sender and WaitingID, that message is returned in
//     its present state, and nothing else happens, even after the end of the relation.
//  3. The caller must be an active account, the recipient a contact ([ErrNotContact],
//     [ErrRelationEnded]), and the quoted message one of this chat ([ErrMessageNotFound]).
//  4. The message is stored. The chat enters the lists that do not contain it, and is
//     read for the accounts that look at it.
func (s *Service) SendMessage(ctx context.Context, by Actor, to AccountID, d Draft) (Receipt, error) {
	if err := checkID("touser", to); err != nil {
		return Receipt{}, err
	}
	if err := s.checkDraft(d); err != nil {
		return Receipt{}, err
	}
	ctx = ExpectWaitingID(ctx, WaitingID{by.Account, d.WaitingID})
	return update(ctx, s, func(tx Tx) (Receipt, error) {
		p, err := s.sendMessage(tx, by, to, d)
		return orSentBefore(tx, by.Account, d.WaitingID, Receipt{Posted: p}, err)
	})
}

func (s *Service) sendMessage(tx Tx, by Actor, to AccountID, d Draft) (Posted, error) {
	from, err := caller(tx, by)
	if err != nil {
		return Posted{}, err
	}
	peer, c, err := s.recipient(tx, from.ID, to)
	if err != nil {
		return Posted{}, err
	}
	quote, err := quoted(tx, c.ID, d.Refer)
	if err != nil {
		return Posted{}, err
	}
	// Not earlier: a request may have waited for its turn, and a time before those of
	// other messages looks as if the clock had been set back.
	now := s.now()
	if c.ID == 0 {
		if c, err = begin(tx, c, d.WaitingID, now); err != nil {
			return Posted{}, err
		}
	}
	p := Posted{Message: newMessage(by, d), Peer: peer.ID, From: from, Quote: quote}
	p.Message.Conversation, p.Message.At = c.ID, now
	if err := through(tx, &p); err != nil {
		return Posted{}, err
	}
	return s.post(tx, &c, MessageSent{Posted: p, Origin: by.Socket, To: peer})
}

// SendGroupMessage sends a message to a group. The order is that of
// [Service.SendMessage]; the refusals of its third step are [ErrGroupNotFound],
// [ErrNotInGroup], [ErrRelationEnded], [ErrBanSpeak] and [ErrMessageNotFound].
func (s *Service) SendGroupMessage(ctx context.Context, by Actor, to GroupID, d Draft) (Receipt, error) {
	if err := checkID("togroup", to); err != nil {
		return Receipt{}, err
	}
	if err := s.checkDraft(d); err != nil {
		return Receipt{}, err
	}
	ctx = ExpectWaitingID(ctx, WaitingID{by.Account, d.WaitingID})
	return update(ctx, s, func(tx Tx) (Receipt, error) {
		r, err := s.sendGroupMessage(tx, by, to, d)
		return orSentBefore(tx, by.Account, d.WaitingID, r, err)
	})
}

func (s *Service) sendGroupMessage(tx Tx, by Actor, to GroupID, d Draft) (Receipt, error) {
	from, err := caller(tx, by)
	if err != nil {
		return Receipt{}, err
	}
	g, m, err := speakIn(tx, by.Account, to)
	if err != nil {
		return Receipt{}, err
	}
	quote, err := quoted(tx, g.Conversation, d.Refer)
	if err != nil {
		return Receipt{}, err
	}
	p := Posted{Message: newMessage(by, d), Group: &g, From: from, Quote: quote}
	p.Message.Conversation, p.Message.At = g.Conversation, s.now()
	if err := through(tx, &p); err != nil {
		return Receipt{}, err
	}
	p, err = s.post(tx, g.conversation(), MessageSent{Posted: p, Origin: by.Socket})
	return Receipt{Posted: p, Muted: !m.Push}, err
}

// SendSystemMessage sends a text of the host system to a group, as a system message of
// the kind "other" in the name of the group's creator. It does not count as unread.
func (s *Service) SendSystemMessage(ctx context.Context, app AppID, to GroupID, text string) (Receipt, error) {
	if err := s.checkContent(Content{Type: TypeText, Text: text}); err != nil {
		return Receipt{}, err
	}
	return update(ctx, s, func(tx Tx) (Receipt, error) {
		g, err := openGroup(tx, to)
		if err != nil {
			return Receipt{}, err
		}
		from, err := tx.Account(g.Creator)
		if err != nil {
			return Receipt{}, err
		}
		p, err := s.announce(tx, app, g, from, SystemOther, text, nil)
		return Receipt{Posted: p}, err
	})
}

// announce sends a system message to a group. All sockets of the acting account get it,
// too: unlike an own message, no client has shown it yet.
func (s *Service) announce(tx Tx, app AppID, g Group, by Account, kind SystemType, text string, report *Report) (Posted, error) {
	if report != nil {
		report.By = ReportName{by.ID, by.Name}
	}
	p := Posted{
		Message: Message{
			Content:      Content{Type: TypeText, Text: text},
			Conversation: g.Conversation,
			System:       kind,
			Report:       report,
			From:         by.ID,
			App:          app,
			At:           s.now(),
		},
		Group: &g,
		From:  by,
	}
	if err := through(tx, &p); err != nil {
		return Posted{}, err
	}
	return s.post(tx, g.conversation(), MessageSent{Posted: p})
}

// post stores a message that has passed all checks, and publishes it and its effects.
func (s *Service) post(tx Tx, c *Conversation, sent MessageSent) (Posted, error) {
	var replies RepliesChanged
	var answers bool
	var err error
	if sent.Message.Refer != 0 {
		// Counted before the message is appended, because PostgreSQL gets the messages of a batch together.
		if replies, answers, err = repliesChanged(tx, &sent.Message, 1); err != nil {
			return Posted{}, err
		}
	}
	if err := tx.AppendMessage(&sent.Message); err != nil {
		return Posted{}, err
	}
	if sent.Gained, err = tx.List(c.ID); err != nil {
		return Posted{}, err
	}
	if sent.Muted, err = mutedBy(tx, c, sent.Gained); err != nil {
		return Posted{}, err
	}
	var elsewhere []PresenceRead
	if sent.Readers, elsewhere, err = s.readByPresence(tx, c, &sent.Message); err != nil {
		return Posted{}, err
	}
	tx.Publish(sent)
	if answers {
		tx.Publish(replies)
	}
	if len(elsewhere) > 0 {
		// After the message: when the nodes of the viewers deliver this, they have sent it.
		tx.Publish(ReadsMade{Conversation: c.identity(), Reads: elsewhere, At: s.opts.Now()})
	}
	return sent.Posted, nil
}

// readByPresence reads the conversation for the accounts that look at it, except the
// sender, whose own messages never count. It returns the accounts whose cursor moved, and
// the reads of those that have a viewer on another node.
func (s *Service) readByPresence(tx Tx, c *Conversation, m *Message) (readers []AccountID, elsewhere []PresenceRead, err error) {
	if s.presence == nil {
		return nil, nil, nil
	}
	if err := s.knowViewers(tx); err != nil {
		return nil, nil, err
	}
	viewings := slices.DeleteFunc(s.presence.Viewings(c), func(v Viewing) bool { return v.Account == m.From })
	if len(viewings) == 0 {
		return nil, nil, nil
	}
	reads, err := tx.ReadByPresence(c.ID, viewings)
	if err != nil || len(reads) == 0 {
		return nil, nil, err
	}
	// With the full resolution of the clock, like the time at which a viewer connected.
	elsewhere = s.presence.made(c, reads, s.opts.Now())
	readers = make([]AccountID, len(reads))
	for i, r := range reads {
		readers[i] = r.Account
	}
	return readers, elsewhere, nil
}

func newMessage(by Actor, d Draft) Message {
	return Message{
		Content:   d.Content,
		From:      by.Account,
		App:       by.App,
		Refer:     d.Refer,
		WaitingID: d.WaitingID,
	}
}

// orSentBefore answers a retry with the stored message, whatever the result of the
// attempt. This rule comes before all others, but is checked last: nearly every message
// is new, and the insertion fails without a change if the WaitingID exists.
func orSentBefore(tx Tx, from AccountID, waitingID string, r Receipt, failed error) (Receipt, error) {
	var refusal Error
	retry := errors.Is(failed, ErrDuplicate) || errors.As(failed, &refusal)
	if waitingID == "" || !retry {
		return r, failed
	}
	m, err := tx.MessageByWaitingID(from, waitingID)
	if err != nil {
		return Receipt{}, or(err, failed)
	}
	p, err := posted(tx, from, m)
	if err != nil {
		return Receipt{}, err
	}
	muted := false
	if p.Group != nil {
		sender, err := tx.Membership(m.Conversation, from)
		if err != nil {
			return Receipt{}, or(err, failed)
		}
		muted = !sender.Push
	}
	return Receipt{Posted: p, Muted: muted, Duplicate: true}, nil
}

// begin creates the conversation of two accounts. A retry must not leave an empty
// conversation behind, so the WaitingID is looked up first.
func begin(tx Tx, c Conversation, waitingID string, now time.Time) (Conversation, error) {
	if waitingID != "" {
		_, err := tx.MessageByWaitingID(c.A, waitingID)
		if err == nil {
			return Conversation{}, ErrDuplicate
		}
		if !errors.Is(err, ErrNoRow) {
			return Conversation{}, err
		}
	}
	return tx.CreateDirectConversation(c.A, c.B, now)
}

// recipient returns the account that to names and the conversation with it, whose ID is
// 0 if there is none yet.
func (s *Service) recipient(tx Tx, from, to AccountID) (Account, Conversation, error) {
	var peer Account
	var err error
	if to == FileTransfer || to == from {
		to = from
		peer = s.fileTransfer()
	} else if peer, err = contact(tx, from, to); err != nil {
		return Account{}, Conversation{}, relationEnded(tx, from, to, err)
	}
	c, err := tx.DirectConversation(from, to)
	if errors.Is(err, ErrNoRow) {
		return peer, Conversation{A: from, B: to}, nil
	}
	if err != nil {
		return Account{}, Conversation{}, err
	}
	// A participant has no row only if the database lost it. The two cannot have a second
	// conversation, so the message is refused.
	if _, err := tx.Membership(c.ID, from); err != nil {
		return Account{}, Conversation{}, or(err, ErrRelationEnded)
	}
	return peer, c, nil
}

// relationEnded tells apart whom the caller never knew and with whom there is a
// chat in the caller's list.
func relationEnded(tx Tx, me, peer AccountID, refusal error) error {
	if !errors.Is(refusal, ErrNotContact) {
		return refusal
	}
	c, err := tx.DirectConversation(me, peer)
	if err != nil {
		return or(err, refusal)
	}
	m, err := tx.Membership(c.ID, me)
	if err != nil {
		return or(err, refusal)
	}
	if m.Listed {
		return ErrRelationEnded
	}
	return refusal
}

func (s *Service) fileTransfer() Account {
	return Account{ID: FileTransfer, Name: s.text().fileTransfer(), Active: true}
}

// quoted returns the message that another one of the conversation refers to. A
// withdrawn one may be quoted: the quote shows that it was withdrawn.
func quoted(tx Tx, c ConversationID, refer MessageID) (*Quote, error) {
	if refer == 0 {
		return nil, nil
	}
	m, err := tx.Message(refer)
	if err != nil {
		return nil, or(err, ErrMessageNotFound)
	}
	if m.Conversation != c {
		return nil, ErrMessageNotFound
	}
	from, err := tx.Account(m.From)
	if err != nil {
		return nil, err
	}
	return &Quote{Message: m, From: from}, nil
}

// through fills in the application that a message was sent with. If it is not registered,
// the message is sent without an application.
func through(tx Tx, p *Posted) error {
	if p.Message.App == "" {
		return nil
	}
	app, err := tx.Application(p.Message.App)
	p.App, p.Message.App = app, app.ID
	return or(err, nil)
}

// posted completes one message for the reader.
func posted(tx Tx, reader AccountID, m Message) (Posted, error) {
	ps, err := allPosted(tx, reader, []Message{m})
	if err != nil {
		return Posted{}, err
	}
	return ps[0], nil
}

// allPosted completes messages for the reader, with the groups as the reader knows them.
func allPosted(tx Tx, reader AccountID, messages []Message) ([]Posted, error) {
	ps, err := tx.Posted(reader, messages)
	if err != nil || reader == "" {
		return ps, err
	}
	for i := range ps {
		if err := hideLater(tx, reader, &ps[i]); err != nil {
			return nil, err
		}
	}
	return ps, nil
}

// hideLater removes everything from the group of a message that a reader who has left it
// must not know.
func hideLater(tx Tx, reader AccountID, p *Posted) error {
	if p.Group == nil {
		return nil
	}
	m, err := tx.Membership(p.Group.Conversation, reader)
	if err != nil {
		return or(err, nil) // not a reader, but an operator of the group
	}
	g := m.known(*p.Group)
	p.Group = &g
	return hideChanges(tx, &m, p)
}
