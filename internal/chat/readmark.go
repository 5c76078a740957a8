package chat

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"time"
)

// The rule for read marks. A read mark says how many people have read a message; it is computed from their cursors.
//
//  1. Only the author of a message has its mark, while the author is in the chat. System messages, withdrawn messages and the
//     chat with oneself have none, nor has a direct chat of two people who are not contacts.
//  2. The people who count are the others who were in the chat when the message was sent and are still in it, and whose
//     accounts are active.
//  3. People who hide their reading, themselves or through an organization that they are in, do not count and are not named.
//     They see no marks, either.
//  4. Settings.HideReadMarks removes all marks. Groups with more than Settings.MaxReadMarks members have none.
//
// A cursor can move back ([ReadTakenBack], [MarkedUnread]); the mark follows it.

// maxReadMarks is the maximum number of messages whose marks a request names, or a push tells.
const maxReadMarks = 100

// ReadMark says how many people have read a message. It is nothing if Of is 0.
type ReadMark struct {
	Message MessageID `cbor:",omitzero"`
	Read    int64     `cbor:",omitzero"`
	Of      int64     `cbor:",omitzero"`
}

// Cursors are participants of a conversation who have joined it at the same place and have read it up to the same place.
type Cursors struct {
	Joined, Read int64 // seq
	Count        int64
}

// MessagePlace is the place of a message in the log of its conversation.
type MessagePlace struct {
	ID   MessageID
	Seq  int64
	From AccountID
}

// ReadMarkTx reads what read marks are made of. Those who hide their reading are left out everywhere, and so are former
// participants and inactive accounts.
type ReadMarkTx interface {
	// HidesReading reports whether the account or one of its organizations hides its reading, or the account is inactive.
	HidesReading(AccountID) (bool, error)
	// ReadCursors returns the cursors of a conversation, ordered.
	ReadCursors(ConversationID) ([]Cursors, error)
	// Readers pages through the participants, except the author, who had joined before seq and have read the conversation
	// up to it, or who have not, in the order of a directory.
	Readers(c ConversationID, author AccountID, seq int64, read bool, offset, limit int) ([]Account, error)
	// MarkedPlaces returns the newest messages of a conversation between two seqs, both included, that can have a mark.
	MarkedPlaces(c ConversationID, from, to int64, limit int) ([]MessagePlace, error)
}

// ReadersChanged: no push of its own. An account counts as a reader now, or no longer, because it has changed whether it hides
// its reading, or was activated or deactivated. An empty Account means many accounts.
type ReadersChanged struct {
	Account AccountID
	Groups  []GroupID // of the account
}

func (ReadersChanged) event() {}

// publishReaders publishes [ReadersChanged] for an account.
func publishReaders(tx Tx, a AccountID) error {
	all, err := tx.GroupsOf(a)
	if err != nil {
		return err
	}
	groups := make([]GroupID, len(all))
	for i, g := range all {
		groups[i] = g.Group
	}
	tx.Publish(ReadersChanged{a, groups})
	return nil
}

// HidesReading reports whether the reading of the account is hidden by itself, by one of its organizations, or by the server.
func (s *Service) HidesReading(ctx context.Context, a AccountID) (bool, error) {
	if s.live().HideReadMarks {
		return true, nil
	}
	return view(ctx, s, func(tx Tx) (bool, error) { return tx.HidesReading(a) })
}

// ReadMarkPause returns the minimum time between two pushes of the marks of a chat.
func (s *Service) ReadMarkPause() time.Duration { return s.live().ReadMarkPause }

// ReadMarks returns the marks of the caller's own messages among the given ones. A message without a mark is left out.
func (s *Service) ReadMarks(ctx context.Context, reader AccountID, ref ChatRef, ids []MessageID) ([]ReadMark, error) {
	if len(ids) > maxReadMarks {
		return nil, Invalid("messageIds", "must name at most %d messages", maxReadMarks)
	}
	return view(ctx, s, func(tx Tx) ([]ReadMark, error) {
		found, err := findChat(tx, reader, ref)
		if err != nil || !found.begun {
			return nil, err
		}
		var own []Message
		for _, id := range ids {
			m, err := tx.Message(id)
			if errors.Is(err, ErrNoRow) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if m.Conversation == found.id && canBeMarked(&m, reader) {
				own = append(own, m)
			}
		}
		if len(own) == 0 {
			return nil, nil
		}
		marks, err := s.marksFor(tx, found)
		if err != nil || marks == nil {
			return nil, err
		}
		var all []ReadMark
		for i := range own {
			if mark := marks.of(own[i].ID, own[i].Seq); mark.Of > 0 {
				all = append(all, mark)
			}
		}
		return all, nil
	})
}

// Readers returns the mark of one of the caller's messages, and a page of those who have read it, or who have not. The
// message must be one of the chat ([ErrMessageNotFound]) and the caller's own ([ErrForbidden]).
func (s *Service) Readers(ctx context.Context, reader AccountID, ref ChatRef, id MessageID, read bool, offset, limit int) (ReadMark, []Account, error) {
	if offset < 0 {
		return ReadMark{}, nil, Invalid("offset", "must not be negative")
	}
	var mark ReadMark
	page, err := view(ctx, s, func(tx Tx) ([]Account, error) {
		mark = ReadMark{Message: id}
		found, m, err := findMessage(tx, reader, ref, id)
		if err != nil {
			return nil, err
		}
		if m.From != reader || m.System != NotSystem {
			return nil, ErrForbidden
		}
		if m.Withdrawn() {
			return nil, nil
		}
		marks, err := s.marksFor(tx, found)
		if err != nil || marks == nil {
			return nil, err
		}
		mark = marks.of(m.ID, m.Seq)
		return tx.Readers(found.id, reader, m.Seq, read, offset, s.page(limit))
	})
	return mark, page, err
}

// canBeMarked reports whether a message of the author can have a mark.
func canBeMarked(m *Message, author AccountID) bool {
	return m.From == author && m.System == NotSystem && !m.Withdrawn()
}

// addMarks adds the marks of the reader's own messages to a stretch of a chat.
func (s *Service) addMarks(tx Tx, found chat, all []Posted) error {
	own := slices.ContainsFunc(all, func(p Posted) bool { return canBeMarked(&p.Message, found.member.Account) })
	if !own {
		return nil
	}
	marks, err := s.marksFor(tx, found)
	if err != nil || marks == nil {
		return err
	}
	for i := range all {
		if m := &all[i].Message; canBeMarked(m, found.member.Account) {
			if mark := marks.of(m.ID, m.Seq); mark.Of > 0 {
				all[i].Mark = &mark
			}
		}
	}
	return nil
}

// marks computes the marks of the messages of one author.
type marks struct {
	cursors []Cursors // with the author's; none if the chat has no marks
	author  Membership
}

// marksFor returns nil if the participant sees no marks in the chat.
func (s *Service) marksFor(tx Tx, found chat) (*marks, error) {
	if found.member.Left() {
		return nil, nil
	}
	c, err := tx.Conversation(found.id)
	if err != nil {
		return nil, err
	}
	shown, err := s.marksShown(tx, &c)
	if err != nil || !shown {
		return nil, err
	}
	cursors, err := tx.ReadCursors(c.ID)
	if err != nil {
		return nil, err
	}
	return authorsMarks(tx, cursors, found.member)
}

// authorsMarks returns nil for an author who hides the own reading.
func authorsMarks(tx Tx, cursors []Cursors, author Membership) (*marks, error) {
	hides, err := tx.HidesReading(author.Account)
	if err != nil || hides {
		return nil, err
	}
	return &marks{cursors, author}, nil
}

// marksShown reports whether messages of a conversation have marks.
func (s *Service) marksShown(tx Tx, c *Conversation) (bool, error) {
	now := s.live()
	if now.HideReadMarks {
		return false, nil
	}
	switch c.Kind {
	case KindSelf:
		return false, nil
	case KindGroup:
		g, err := tx.Group(c.Group)
		return err == nil && !g.Dissolved() && g.Members <= now.MaxReadMarks, err
	default:
		_, err := contact(tx, c.A, c.B)
		if err == nil {
			_, err = contact(tx, c.B, c.A)
		}
		if errors.Is(err, ErrNotContact) {
			return false, nil
		}
		return err == nil, err
	}
}

// of returns the mark of a message of the author.
func (m *marks) of(id MessageID, seq int64) ReadMark {
	mark := ReadMark{Message: id}
	mark.Read, mark.Of = countCursors(m.cursors, seq)
	if mark.Of > 0 && m.author.JoinSeq < seq {
		mark.Of--
		if m.author.ReadSeq >= seq {
			mark.Read--
		}
	}
	return mark
}

// countCursors counts the cursors of those who were there when the message at seq was sent, and those that have reached it.
func countCursors(all []Cursors, seq int64) (read, of int64) {
	for _, c := range all {
		if c.Joined >= seq {
			continue
		}
		of += c.Count
		if c.Read >= seq {
			read += c.Count
		}
	}
	return read, of
}

// ChatKey names a conversation in the same way for all its participants: a group, or two accounts in order.
type ChatKey struct {
	Group GroupID
	A, B  AccountID
}

// KeyOf returns the key of a chat that an account calls ref; false for an inbox and for the chat with oneself.
func KeyOf(a AccountID, ref ChatRef) (ChatKey, bool) {
	switch ref.Type {
	case SessionGroup:
		return ChatKey{Group: GroupID(ref.ID)}, true
	case SessionUser:
		b := AccountID(ref.ID)
		return ChatKey{A: min(a, b), B: max(a, b)}, a != b && b != FileTransfer
	}
	return ChatKey{}, false
}

// Ref returns what a participant calls the chat.
func (k ChatKey) Ref(a AccountID) ChatRef {
	switch {
	case k.Group != "":
		return ChatRef{SessionGroup, string(k.Group)}
	case a == k.A:
		return ChatRef{SessionUser, string(k.B)}
	default:
		return ChatRef{SessionUser, string(k.A)}
	}
}

func (k ChatKey) presence() presenceKey {
	if k.Group != "" {
		return presenceKey{group: true, a: string(k.Group)}
	}
	return directKey(k.A, k.B)
}

// Watched reports whether a socket of this node looks at the chat. Sockets of the account except, which may be empty, do not count.
func (p *Presence) Watched(k ChatKey, except AccountID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for a, viewers := range p.chats[k.presence()] {
		if a != except && slices.ContainsFunc(viewers, (*Viewer).isHere) {
			return true
		}
	}
	return false
}

// Watchers returns the accounts with sockets of this node that look at the chat.
func (p *Presence) Watchers(k ChatKey) (all []AccountID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for a, viewers := range p.chats[k.presence()] {
		if slices.ContainsFunc(viewers, (*Viewer).isHere) {
			all = append(all, a)
		}
	}
	return all
}

// WatchedChats returns the chats that sockets of this node look at: all of them or, with an account, the direct chats with
// that account.
func (p *Presence) WatchedChats(with AccountID) (all []ChatKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for k := range p.chats {
		switch {
		case with != "" && (k.group || k.a != string(with) && k.b != string(with)):
		case k.group:
			all = append(all, ChatKey{Group: GroupID(k.a)})
		case k.a != k.b:
			all = append(all, ChatKey{A: AccountID(k.a), B: AccountID(k.b)})
		}
	}
	return all
}

// ReadMarkState is the state of a conversation when its marks were last pushed. The zero value means that they were not pushed.
type ReadMarkState struct {
	known   bool
	cursors []Cursors
	last    int64 // seq of the newest message
}

// ChangedMarks are marks of one author that have changed.
type ChangedMarks struct {
	Marks []ReadMark // oldest message first
	More  bool       // marks of older messages may have changed, too
}

// ChangedReadMarks returns the marks of the authors' messages in a conversation that may have changed since the state, for
// each author who has some, and the new state. A mark that has become nothing has Of 0.
func (s *Service) ChangedReadMarks(ctx context.Context, key ChatKey, authors []AccountID, before ReadMarkState) (map[AccountID]ChangedMarks, ReadMarkState, error) {
	var all map[AccountID]ChangedMarks
	after := before
	err := s.store.View(ctx, func(tx Tx) error {
		all, after = nil, before
		c, err := conversationOf(tx, key)
		if err != nil {
			return or(err, nil)
		}
		now := ReadMarkState{known: true, last: c.LastSeq}
		shown, err := s.marksShown(tx, &c)
		if err != nil {
			return err
		}
		if shown {
			if now.cursors, err = tx.ReadCursors(c.ID); err != nil {
				return err
			}
		}
		after = now
		from, to := int64(1), c.LastSeq
		if before.known {
			from, to = changedBetween(before.cursors, now.cursors)
			if before.last < c.LastSeq {
				from, to = min(from, before.last+1), c.LastSeq
			}
		}
		if to = min(to, c.LastSeq); from > to {
			return nil
		}
		places, err := tx.MarkedPlaces(c.ID, from, to, maxReadMarks)
		if err != nil {
			return err
		}
		all, err = changedMarks(tx, &c, authors, places, before, now)
		if len(places) == maxReadMarks && places[len(places)-1].Seq > from {
			for a, changed := range all {
				changed.More = true
				all[a] = changed
			}
		}
		return err
	})
	return all, after, err
}

func conversationOf(tx Tx, key ChatKey) (Conversation, error) {
	if key.Group == "" {
		return tx.DirectConversation(key.A, key.B)
	}
	g, err := tx.GroupHead(key.Group)
	if err != nil {
		return Conversation{}, err
	}
	return tx.Conversation(g.Conversation)
}

// changedMarks computes the marks of messages, newest first, for those of the authors who may have them.
func changedMarks(tx Tx, c *Conversation, authors []AccountID, places []MessagePlace, before, now ReadMarkState) (map[AccountID]ChangedMarks, error) {
	of := make(map[AccountID]*marks)
	for _, a := range authors {
		if !slices.ContainsFunc(places, func(p MessagePlace) bool { return p.From == a }) {
			continue
		}
		m, err := tx.Membership(c.ID, a)
		if errors.Is(err, ErrNoRow) || err == nil && m.Left() {
			continue
		}
		if err != nil {
			return nil, err
		}
		if of[a], err = authorsMarks(tx, now.cursors, m); err != nil {
			return nil, err
		}
	}
	all := make(map[AccountID]ChangedMarks)
	for _, p := range slices.Backward(places) {
		m := of[p.From]
		if m == nil {
			continue
		}
		mark := m.of(p.ID, p.Seq)
		if before.known && p.Seq > before.last && mark.Of == 0 {
			continue // a new message that has none
		}
		changed := all[p.From]
		changed.Marks = append(changed.Marks, mark)
		all[p.From] = changed
	}
	return all, nil
}

// changedBetween returns the first and the last seq at which messages may have other marks with one set of cursors than with
// another; the first is above the last if there are none.
func changedBetween(before, after []Cursors) (from, to int64) {
	type step struct{ read, of int64 }
	steps := make(map[int64]step) // change of the difference at a seq
	add := func(all []Cursors, sign int64) {
		for _, c := range all {
			n := sign * c.Count
			at := steps[c.Joined+1]
			at.of += n
			if c.Read > c.Joined {
				at.read += n
				end := steps[c.Read+1]
				end.read -= n
				steps[c.Read+1] = end
			}
			steps[c.Joined+1] = at
		}
	}
	add(before, -1)
	add(after, 1)
	from, to = math.MaxInt64, 0
	var now step
	for _, seq := range slices.Sorted(maps.Keys(steps)) {
		if now != (step{}) {
			to = seq - 1
		}
		now.read += steps[seq].read
		now.of += steps[seq].of
		if now != (step{}) {
			from = min(from, seq)
		}
	}
	if now != (step{}) {
		to = math.MaxInt64
	}
	return from, to
}
