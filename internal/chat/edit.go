package chat

import (
	"context"
	"slices"
	"time"
)

// Revision is a text that a message had.
type Revision struct {
	Text string
	At   time.Time // since when it had the text
}

// RevisionTx stores the texts of edited messages.
type RevisionTx interface {
	// EditMessage replaces the text of a message and keeps the former one.
	EditMessage(id MessageID, text string, at time.Time) error
	// Revisions returns the former texts of a message, oldest first.
	Revisions(id MessageID) ([]Revision, error)
	// ReplaceRevisions replaces all former texts of a message.
	ReplaceRevisions(id MessageID, all []Revision) error
}

// MessageEdited: a message has another text. "message edited" to both sides or the whole group, but not to Origin.
type MessageEdited struct {
	Posted
	Origin SocketID
}

func (MessageEdited) event() {}

// EditMessage replaces the text of one of the caller's own text messages. The caller must be able to write in the chat, with
// the refusals of a send. The message must be one of the chat ([ErrMessageNotFound]), a text of the caller that is not
// withdrawn ([ErrForbidden]), and sent within Settings.EditWindow ([ErrEditExpired]); in the chat with oneself it can have any
// age. Its place, its time and the unread counts stay. The former text is kept; see [Service.Revisions]. A text that is the
// same changes nothing.
func (s *Service) EditMessage(ctx context.Context, by Actor, ref ChatRef, id MessageID, text string) (Posted, error) {
	if err := s.checkContent(Content{Type: TypeText, Text: text}); err != nil {
		return Posted{}, err
	}
	return update(ctx, s, func(tx Tx) (Posted, error) {
		if _, err := caller(tx, by); err != nil {
			return Posted{}, err
		}
		c, m, err := s.writable(tx, by.Account, ref, id)
		if err != nil {
			return Posted{}, err
		}
		if c.Kind == KindGroup {
			if _, _, err := speakIn(tx, by.Account, c.Group); err != nil {
				return Posted{}, err
			}
		}
		if m.From != by.Account || m.Type != TypeText || m.System != NotSystem || m.Withdrawn() {
			return Posted{}, ErrForbidden
		}
		if m.Text == text {
			return posted(tx, by.Account, m)
		}
		if c.Kind != KindSelf && !s.within(&m, s.live().EditWindow) {
			return Posted{}, ErrEditExpired
		}
		// Clients tell by the time which of two texts is the later one.
		m.Text, m.EditedAt = text, later(s.now(), m.EditedAt)
		if err := tx.EditMessage(m.ID, m.Text, m.EditedAt); err != nil {
			return Posted{}, err
		}
		p, err := posted(tx, by.Account, m)
		if err != nil {
			return Posted{}, err
		}
		tx.Publish(MessageEdited{Posted: p, Origin: by.Socket})
		return p, nil
	})
}

// within reports whether a message was sent at most so long ago. The age of a message that was sent while the clock was
// ahead is unknown.
func (s *Service) within(m *Message, window time.Duration) bool {
	return m.FormerAt.IsZero() && s.now().Sub(m.Sent()).Abs() <= window
}

// hideChanges shows a former member of a group the texts that the message and its quote had when the membership ended, and the
// number of replies until then. It removes the reactions and the pin, of which nobody knows when others were removed, unless the
// membership ended with the group.
func hideChanges(tx Tx, reader *Membership, p *Posted) error {
	if !reader.Left() {
		return nil
	}
	if reader.hidesChanges() {
		p.Reactions, p.Pinned = nil, false
	}
	if err := hideReplies(tx, reader, p); err != nil {
		return err
	}
	if p.Quote != nil && p.Quote.Message.EditedAt.After(reader.LeftAt) {
		q := *p.Quote
		if err := textAt(tx, &q.Message, reader.LeftAt); err != nil {
			return err
		}
		p.Quote = &q
	}
	return textAt(tx, &p.Message, reader.LeftAt)
}

// textAt gives a message the text that it had at a time.
func textAt(tx Tx, m *Message, at time.Time) error {
	if !m.EditedAt.After(at) {
		return nil
	}
	all, err := tx.Revisions(m.ID)
	if err != nil {
		return err
	}
	for i, r := range all {
		if i > 0 && r.At.After(at) {
			break
		}
		if m.Text, m.EditedAt = r.Text, r.At; i == 0 {
			m.EditedAt = time.Time{}
		}
	}
	return nil
}

// Revisions returns the texts of a message that the caller may read, oldest first; the last one is the present text. A former
// member of a group gets those from before the end of the membership. With Settings.HideRevisions only the author of the
// message may have them ([ErrForbidden]). A withdrawn message has none.
func (s *Service) Revisions(ctx context.Context, reader AccountID, ref ChatRef, id MessageID) ([]Revision, error) {
	return view(ctx, s, func(tx Tx) ([]Revision, error) {
		c, m, err := findMessage(tx, reader, ref, id)
		if err != nil {
			return nil, err
		}
		if m.From != reader && s.live().HideRevisions {
			return nil, ErrForbidden
		}
		if m.Withdrawn() {
			return nil, nil
		}
		all, err := tx.Revisions(id)
		if err != nil {
			return nil, err
		}
		at := m.EditedAt
		if at.IsZero() {
			at = m.Sent()
		}
		all = append(all, Revision{Text: m.Text, At: at})
		if c.member.Left() {
			n := slices.IndexFunc(all[1:], func(r Revision) bool { return r.At.After(c.member.LeftAt) })
			if n >= 0 {
				all = all[:n+1]
			}
		}
		return all, nil
	})
}
