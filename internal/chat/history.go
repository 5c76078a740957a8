package chat

import (
	"context"
	"time"
)

// HistoryQuery selects a stretch of a chat. At most one of the four bounds is
// set; with none the newest messages are meant. A Keyword searches instead, and
// then Page counts from 1.
type HistoryQuery struct {
	BeforeID    MessageID
	AfterID     MessageID
	BeforeAt    time.Time
	AfterAt     time.Time
	Keyword     string
	Page        int
	Limit       int
	OldestFirst bool
}

func (q HistoryQuery) check() error {
	bounds := 0
	for _, set := range []bool{q.BeforeID != 0, q.AfterID != 0, !q.BeforeAt.IsZero(), !q.AfterAt.IsZero()} {
		if set {
			bounds++
		}
	}
	if bounds > 1 {
		return Invalid("sinceid", "must not stand beside sincetime")
	}
	if q.Page < 0 {
		return Invalid("page", "must be a positive number")
	}
	const maxKeyword = 200
	return checkLength("keyword", q.Keyword, maxKeyword)
}

// History reads a stretch of one of the reader's chats. A former member reads
// up to where they left.
func (s *Service) History(ctx context.Context, reader AccountID, ref ChatRef, q HistoryQuery) ([]Posted, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	how := s.store.View
	if q.Keyword != "" {
		how = s.store.Search
	}
	return read(ctx, how, func(tx Tx) ([]Posted, error) {
		found, err := findChat(tx, reader, ref)
		if err != nil {
			return nil, err
		}
		limit := s.page(q.Limit)
		all, err := stretch(tx, reader, found, MessageQuery{
			BeforeID:    q.BeforeID,
			AfterID:     q.AfterID,
			BeforeAt:    q.BeforeAt,
			AfterAt:     q.AfterAt,
			Keyword:     q.Keyword,
			Offset:      max(q.Page-1, 0) * limit,
			Limit:       limit,
			OldestFirst: q.OldestFirst,
		})
		if err != nil || q.Keyword != "" {
			return all, err
		}
		return all, s.addMarks(tx, found, all)
	})
}

// HistoryAround returns a message and its neighbours, size messages in total, oldest
// first.
func (s *Service) HistoryAround(ctx context.Context, reader AccountID, ref ChatRef, id MessageID, size int) ([]Posted, error) {
	return view(ctx, s, func(tx Tx) ([]Posted, error) {
		size := s.page(size)
		all, err := around(tx, reader, ref, id, size/2, size-size/2-1, false)
		if err != nil {
			return nil, err
		}
		found, err := findChat(tx, reader, ref)
		if err != nil {
			return nil, err
		}
		return all, s.addMarks(tx, found, all)
	})
}

// The directions of [Service.FilesAround].
const (
	FilesOnBothSides = 0
	FilesBefore      = 1 // up to and with the message
	FilesAfter       = 2 // the message not included
)

// FilesAround returns messages with files near a message, at most size, oldest
// first.
func (s *Service) FilesAround(ctx context.Context, reader AccountID, ref ChatRef, id MessageID, dir, size int) ([]Posted, error) {
	return view(ctx, s, func(tx Tx) ([]Posted, error) {
		size := s.page(size)
		switch dir {
		case FilesOnBothSides:
			return around(tx, reader, ref, id, size/2, size-size/2-1, true)
		case FilesBefore:
			return around(tx, reader, ref, id, size-1, 0, true)
		case FilesAfter:
			found, _, err := findMessage(tx, reader, ref, id)
			if err != nil {
				return nil, err
			}
			return stretch(tx, reader, found, MessageQuery{AfterID: id, FilesOnly: true, Limit: size, OldestFirst: true})
		default:
			return nil, Invalid("type", "must be 0, 1 or 2")
		}
	})
}

// around returns messages before a message, the message, and messages after it. With
// files, only messages with files are returned; the message itself need not have one.
func around(tx Tx, reader AccountID, ref ChatRef, id MessageID, before, after int, files bool) ([]Posted, error) {
	found, m, err := findMessage(tx, reader, ref, id)
	if err != nil {
		return nil, err
	}
	all, err := stretch(tx, reader, found, MessageQuery{BeforeID: id, FilesOnly: files, Limit: before, OldestFirst: true})
	if err != nil {
		return nil, err
	}
	if !files || m.File != nil {
		p, err := posted(tx, reader, m)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	newer, err := stretch(tx, reader, found, MessageQuery{AfterID: id, FilesOnly: files, Limit: after, OldestFirst: true})
	return append(all, newer...), err
}

// Message returns a message that the reader may read, or [ErrMessageNotFound].
func (s *Service) Message(ctx context.Context, reader AccountID, id MessageID) (Posted, error) {
	return view(ctx, s, func(tx Tx) (Posted, error) {
		m, err := readable(tx, reader, id)
		if err != nil {
			return Posted{}, err
		}
		return posted(tx, reader, m)
	})
}

func findMessage(tx Tx, reader AccountID, ref ChatRef, id MessageID) (chat, Message, error) {
	found, err := findChat(tx, reader, ref)
	if err != nil {
		return chat{}, Message{}, err
	}
	m, err := messageOf(tx, found, id)
	return found, m, err
}

// stretch runs the query on a chat within what the reader may see of it.
func stretch(tx Tx, reader AccountID, c chat, q MessageQuery) ([]Posted, error) {
	if !c.begun || q.Limit == 0 {
		return nil, nil
	}
	q.Conversation = c.id
	if c.member.Left() {
		if c.member.LeftSeq == 0 {
			return nil, nil // for the query 0 would mean no limit
		}
		q.UntilSeq = c.member.LeftSeq
	}
	messages, err := tx.Messages(q)
	if err != nil {
		return nil, or(err, ErrMessageNotFound) // the bound is no message of this chat
	}
	posted, err := allPosted(tx, reader, messages)
	if err != nil || q.Keyword == "" {
		return posted, err
	}
	shown := posted[:0]
	for i, p := range posted {
		if p.Message.EditedAt.Equal(messages[i].EditedAt) { // otherwise it was found by a text that a former member must not know
			shown = append(shown, p)
		}
	}
	return shown, nil
}
