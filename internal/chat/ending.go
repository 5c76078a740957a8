package chat

import (
	"context"
	"math"
	"slices"
	"time"
)

// Ending is how the socket of a viewer has ended.
type Ending struct {
	Why    EndReason
	At     time.Time
	Window time.Duration // within which a socket that waits takes over the current chat
}

// EndReason is why a socket has ended.
type EndReason int

// The reasons.
const (
	EndedInOrder  EndReason = iota // with a goodbye: nobody takes over the current chat
	EndedAtOnce                    // the connection was closed and was good until then
	EndedLate                      // the connection may have been dead for some time
	EndedShutdown                  // the node stops
)

// EndViewer removes the viewer of a socket that has ended, in a cluster. Unproven reads
// become unread again as with [Service.LoseViewer].
func (s *Service) EndViewer(ctx context.Context, v *Viewer, e Ending) error {
	if !s.presence.end(v, e) {
		return nil
	}
	err := s.endViewer(ctx, v, e)
	s.presence.mu.Lock()
	defer s.presence.mu.Unlock()
	if err == nil {
		delete(s.presence.cluster.unended, v)
	} else {
		s.presence.cluster.unended[v] = e // KeepProven tries again
	}
	return err
}

// end makes the viewer count for nothing here. It reports whether other nodes must know.
func (p *Presence) end(v *Viewer, e Ending) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !v.ended {
		v.settled, v.ended, v.lost = true, true, true
		if key, ok := presenceKeyOf(v.account, v.ref); ok && (e.Why == EndedInOrder || e.Why == EndedAtOnce) {
			p.proveAll(p.chats[key][v.account])
		}
	}
	if v.ref.Type == 0 && !v.waits {
		p.drop(v)
		return false
	}
	return true
}

func (s *Service) endViewer(ctx context.Context, v *Viewer, e Ending) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if err := s.knowViewers(tx); err != nil {
			return err
		}
		c, waits := s.presence.state(v)
		if c.Ref.Type == 0 && !waits {
			return nil // it was removed meanwhile
		}
		moved := ViewerMoved{Node: c.Node, Socket: c.ID, Session: c.Session, Account: c.Account, Since: v.since}
		var heir *Viewer
		if c.Ref.Type != 0 && e.Why != EndedInOrder {
			heir = s.presence.heir(v, e, s.now())
		}
		if err := s.decideReads(tx, v, e, heir, &moved); err != nil {
			return err
		}
		var err error
		switch {
		case heir != nil:
			moved.Node, moved.Heir, moved.Ref, moved.Since = heir.nodeOr(c.Node), heir.id, c.Ref, heir.since
			c.Node, c.At = moved.Node, s.now()
			if err = tx.SetCurrentChat(c); err == nil {
				err = tx.ClearCurrentChats([]SocketID{heir.id})
			}
		case c.Ref.Type == 0 || e.Why == EndedInOrder:
			err = tx.ClearCurrentChats([]SocketID{c.ID})
		default:
			c.LostAt, c.Decided = e.At, e.Why != EndedShutdown
			err = tx.LoseCurrentChat(c)
		}
		tx.Publish(moved)
		return err
	})
}

func (v *Viewer) nodeOr(own string) string {
	if v.isHere() {
		return own
	}
	return v.node
}

// decideReads decides about the reads that were made for a viewer that has ended.
func (s *Service) decideReads(tx Tx, v *Viewer, e Ending, heir *Viewer, moved *ViewerMoved) error {
	p := s.presence
	c, _ := p.state(v)
	if _, ok := presenceKeyOf(c.Account, c.Ref); !ok {
		return nil
	}
	proves := e.Why == EndedInOrder || e.Why == EndedAtOnce
	p.mu.Lock()
	open, floor, end, at := !v.isProven(), v.mark.floor, v.mark.end, v.mark.at
	p.mu.Unlock()
	switch {
	case !open && proves:
		return makeSure(tx, c.Account, c.Ref, math.MaxInt64)
	case !open:
		return makeSure(tx, c.Account, c.Ref, end)
	case e.Why == EndedShutdown:
		return makeSure(tx, c.Account, c.Ref, floor)
	case heir != nil && !heir.since.After(at):
		// It was sent the messages since it connected.
		moved.Unproven, moved.ReadAt = PresenceRead{Account: c.Account, From: floor, To: end}, at
		return makeSure(tx, c.Account, c.Ref, floor)
	}
	floor, takeBack := p.verdict(v)
	if takeBack {
		return takeReadBack(tx, c.Account, c.Ref, floor)
	}
	return makeSure(tx, c.Account, c.Ref, floor)
}

// heir returns the latest socket of the session, on any node, that waits for the
// current chat of a lost viewer, or nil. If the loss was noticed at once, a socket that was
// there before is another window.
func (p *Presence) heir(lost *Viewer, e Ending, now time.Time) (heir *Viewer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	after := lost.since
	if e.Why != EndedLate {
		after = e.At
	}
	return p.latestWaiting(lost.login(), after, now.Add(-e.Window), nil)
}

// latestWaiting leaves out the sockets of the nodes in gone.
func (p *Presence) latestWaiting(login viewerLogin, after, within time.Time, gone map[string]bool) (heir *Viewer) {
	for _, v := range p.cluster.waiting[login] {
		if !v.ended && !gone[v.node] && !v.since.Before(after) && !v.since.Before(within) && (heir == nil || !v.since.Before(heir.since)) {
			heir = v
		}
	}
	return heir
}

// endAgain does again what has failed.
func (s *Service) endAgain(ctx context.Context) error {
	p := s.presence
	p.mu.Lock()
	untenable := p.cluster.untenable
	p.cluster.untenable = nil
	unended := make(map[*Viewer]Ending, len(p.cluster.unended))
	for v, e := range p.cluster.unended {
		unended[v] = e
	}
	p.mu.Unlock()
	for v, e := range unended {
		if err := s.EndViewer(ctx, v, e); err != nil {
			return err
		}
	}
	if len(untenable) == 0 {
		return nil
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		for _, c := range untenable {
			c.LostAt = s.now()
			if err := tx.LoseCurrentChat(c); err != nil {
				return err
			}
			tx.Publish(ViewerMoved{Node: c.Node, Socket: c.ID, Session: c.Session, Account: c.Account})
		}
		return nil
	})
	if err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.cluster.untenable = append(p.cluster.untenable, untenable...)
	}
	return err
}

// ForgetLost ends the current chats of nodes that are gone, and removes those of clients
// that have not come back within the window. Reads that are not certain become
// unread again, unless another socket of the account looks at the chat. One node of a cluster
// calls it regularly; it does no harm if several do.
func (s *Service) ForgetLost(ctx context.Context, window time.Duration) error {
	before := s.now().Add(-window)
	some, err := view(ctx, s, func(tx Tx) (bool, error) {
		gone, err := tx.CurrentChatsOfGoneNodes()
		if err != nil || len(gone) > 0 {
			return true, err
		}
		lost, err := tx.LostCurrentChats(before)
		return len(lost) > 0, err
	})
	if err != nil || !some {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := s.knowViewers(tx); err != nil {
			return err
		}
		if err := s.loseOfGoneNodes(tx, window); err != nil {
			return err
		}
		lost, err := tx.LostCurrentChats(before)
		if err != nil {
			return err
		}
		for _, c := range lost {
			if err := tx.ClearCurrentChats([]SocketID{c.ID}); err != nil {
				return err
			}
			if c.Decided {
				continue
			}
			if err := s.decideLost(tx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// loseOfGoneNodes gives the current chats of nodes that are gone to sockets that wait for
// them, or lets them wait for the next ones.
func (s *Service) loseOfGoneNodes(tx Tx, window time.Duration) error {
	p := s.presence
	stored, err := tx.CurrentChatsOfGoneNodes()
	if err != nil {
		return err
	}
	now := s.now()
	// The node that has removed them may still know their viewers.
	gone := map[string]bool{}
	for _, c := range stored {
		gone[c.Node] = true
	}
	given := map[*Viewer]bool{}
	for _, c := range stored {
		moved := ViewerMoved{Node: c.Node, Socket: c.ID, Session: c.Session, Account: c.Account}
		if c.Ref.Type == 0 {
			if err := tx.ClearCurrentChats([]SocketID{c.ID}); err != nil {
				return err
			}
			tx.Publish(moved)
			continue
		}
		p.mu.Lock()
		heir, node := p.latestWaiting(viewerLogin{c.Session, c.Account}, c.At, now.Add(-window), gone), p.cluster.node
		p.mu.Unlock()
		if heir != nil && !given[heir] {
			given[heir] = true
			if err := s.keepForHeir(tx, c, gone); err != nil {
				return err
			}
			moved.Node, moved.Heir, moved.Ref, moved.Since = heir.nodeOr(node), heir.id, c.Ref, heir.since
			c.Node, c.At, c.Seen = moved.Node, now, 0
			if err := tx.SetCurrentChat(c); err != nil {
				return err
			}
			if err := tx.ClearCurrentChats([]SocketID{heir.id}); err != nil {
				return err
			}
		} else {
			c.LostAt = now
			if err := tx.LoseCurrentChat(c); err != nil {
				return err
			}
		}
		tx.Publish(moved)
	}
	return nil
}

// keepForHeir makes certain what was read because of a lost socket whose client is back, unless another socket of the
// account looks at the chat, whose own reads may not be certain. It leaves out the sockets of the nodes in gone.
func (s *Service) keepForHeir(tx Tx, lost CurrentChat, gone map[string]bool) error {
	if s.presence.othersLook(lost, gone) {
		return nil
	}
	return makeSure(tx, lost.Account, lost.Ref, math.MaxInt64)
}

func (p *Presence) othersLook(lost CurrentChat, gone map[string]bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	key, ok := presenceKeyOf(lost.Account, lost.Ref)
	if !ok {
		return false
	}
	return slices.ContainsFunc(p.chats[key][lost.Account], func(v *Viewer) bool { return !v.lost && v.id != lost.ID && !gone[v.node] })
}
