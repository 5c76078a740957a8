package chat

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"
)

// cluster is what a node knows of viewers because there are other nodes. The requirements
// of [Presence] hold for the viewers of all nodes together:
//
//  1. A viewer moves in a transaction, which stores its current chat and publishes
//     [ViewerMoved]. Its own node takes that in when the transaction has committed
//     ([Service.Committed]), another node before its next transaction ([Service.Before]). So a
//     transaction knows where every viewer looks at its place in the order of commits.
//  2. The node that reads a chat for viewers of other nodes publishes [ReadsMade] in the same
//     way. Only the node of a viewer knows its signs of life, and decides about its reads. [MarkedUnread] is taken in like that.
//  3. The transaction that removes a viewer decides about its reads, and stores those that are
//     certain. It sees all reads that were made for the viewer.
//  4. A viewer of a lost connection leaves its current chat in the database. The next socket
//     of the session takes it, on any node. One that is there already, because the loss was
//     noticed late, has said in the database that it waits, and is given the current chat by the
//     transaction that removes the lost viewer.
//  5. The current chats of a node that is gone wait in the same way. If nobody takes one, the reads
//     that are not certain in the database become unread again.
type cluster struct {
	node    string
	unknown bool // what the other nodes' viewers are has to be read from the database
	viewers map[SocketID]*Viewer
	waiting map[viewerLogin][]*Viewer
	// Endings that failed and are repeated by the upkeep.
	unended   map[*Viewer]Ending
	untenable []CurrentChat // this node has the row, and no viewer for it
}

// viewerLogin is a log-in, all of whose sockets show the same client or its windows.
type viewerLogin struct {
	session SessionID
	account AccountID
}

func (v *Viewer) login() viewerLogin { return viewerLogin{v.session, v.account} }

// JoinCluster makes the process a node among several. Call it before the first
// socket connects, and when the node has got another id; then all its sockets must have ended.
func (p *Presence) JoinCluster(node string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cluster == nil {
		p.cluster = &cluster{}
	}
	c := p.cluster
	for _, v := range c.viewers {
		if !v.isHere() || v.ended {
			p.drop(v)
		}
	}
	viewers := make(map[SocketID]*Viewer)
	for _, v := range c.viewers {
		viewers[v.id] = v
	}
	*c = cluster{node: node, unknown: true, viewers: viewers, waiting: make(map[viewerLogin][]*Viewer), unended: make(map[*Viewer]Ending)}
}

// InCluster reports whether the process is a node among several.
func (p *Presence) InCluster() bool { return p != nil && p.cluster != nil }

// InCluster reports whether the process is a node among several.
func (s *Service) InCluster() bool { return s.presence.InCluster() }

// Before takes in what other nodes have committed and what the next transaction must
// know; see [ForTransactions]. Call it in the order of the commits, before the functions of
// the transaction run.
func (s *Service) Before(events []Event) {
	for _, e := range events {
		if shaken, ok := e.(Shaken); ok {
			s.shakes.hear(shakePair{shaken.From, shaken.To}, shaken.At, s.now(), s.live().ShakeInterval)
			continue
		}
		s.presence.takeIn(e, false)
	}
}

// Committed takes in what this node has committed. Call it in the order of the commits,
// before the events are delivered and before the next transaction begins.
func (s *Service) Committed(events []Event) {
	for _, e := range events {
		if moved, ok := e.(ViewerMoved); ok {
			s.presence.takeIn(moved, true)
		}
	}
}

// Missed says that [Service.Before] has not got all events.
func (s *Service) Missed() { s.presence.missed() }

// Deliver takes in an event whose turn to be delivered has come. The same event has often
// been taken in before.
func (p *Presence) Deliver(e Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := e.(type) {
	case ReadsMade:
		p.readElsewhere(&e, true)
	case ViewerMoved:
		if heir := p.cluster.viewers[e.Heir]; heir != nil && e.Node == p.cluster.node && !heir.settled {
			p.inherit(&e)
		}
	}
}

// takeIn takes in an event of a commit of this node, own, or of another one.
func (p *Presence) takeIn(e Event, own bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := e.(type) {
	case ViewerMoved:
		p.moved(&e, own)
	case ReadsMade:
		p.readElsewhere(&e, false)
	case MarkedUnread:
		p.forgetAfter(provenChat{e.Account, e.Unread.Ref}, e.ReadSeq)
	case NodeGone:
		for _, v := range p.cluster.viewers {
			if v.node == e.Node {
				p.drop(v)
			}
		}
	}
}

// moved takes in a committed move.
func (p *Presence) moved(e *ViewerMoved, own bool) {
	c := p.cluster
	if e.Node == c.node {
		p.movedHere(e)
		return
	}
	if v := c.viewers[e.Socket]; v != nil && v.isHere() && !own {
		// The viewer has taken over this current chat in a later commit, which was delivered before this one was
		// taken in.
		return
	}
	for _, id := range []SocketID{e.Socket, e.Heir} {
		if v := c.viewers[id]; v != nil {
			p.drop(v)
		}
	}
	if e.Ref.Type == 0 && !e.Waits {
		return
	}
	v := &Viewer{account: e.Account, since: e.Since, id: e.Socket, node: e.Node, session: e.Session, inherited: e.Heir != ""}
	c.viewers[v.id] = v
	if e.Waits {
		p.wait(v)
		return
	}
	p.place(v, e.Ref)
	v.seen = e.Seen
	v.takeOver(e)
}

// movedHere takes in a move of a viewer of this node.
func (p *Presence) movedHere(e *ViewerMoved) {
	if e.Heir != "" {
		p.inherit(e)
		return
	}
	v := p.cluster.viewers[e.Socket]
	switch {
	case v == nil || !v.isHere():
		// Its node is gone, and has another id now.
	case e.Waits:
		v.session = e.Session
		if !v.settled {
			p.wait(v)
		}
	case v.ended:
		p.drop(v)
	default:
		p.unwait(v)
		p.move(v, e.Ref)
		v.seen, v.inherited = e.Seen, false
	}
}

// inherit gives the current chat of a lost viewer to its heir, a viewer of this node.
func (p *Presence) inherit(e *ViewerMoved) {
	c := p.cluster
	if lost := c.viewers[e.Socket]; lost != nil {
		if lost.isHere() && lost.own == e.Heir {
			return // it is the heir, which has taken over before
		}
		p.drop(lost)
	}
	v := c.viewers[e.Heir]
	if v == nil || v.settled {
		// It has gone, or moved, in the same commit.
		c.untenable = append(c.untenable, CurrentChat{ID: e.Socket, Session: e.Session, Account: e.Account, Ref: e.Ref, Node: e.Node})
		return
	}
	p.unwait(v)
	delete(c.viewers, v.id)
	v.id, v.settled, v.inherited = e.Socket, true, true
	c.viewers[v.id] = v
	p.place(v, e.Ref)
	v.takeOver(e)
	if v.mark.open {
		v.mark.signs = v.signs()
		p.unproven[v] = struct{}{}
	}
}

// takeOver gives the unproven reads of a lost viewer to its heir.
func (v *Viewer) takeOver(e *ViewerMoved) {
	if e.Unproven.To > 0 {
		v.mark = mark{open: true, floor: e.Unproven.From, end: e.Unproven.To, at: e.ReadAt}
	}
}

// drop removes a viewer without proving anything.
func (p *Presence) drop(v *Viewer) {
	if key, ok := presenceKeyOf(v.account, v.ref); ok {
		p.remove(key, v)
	}
	delete(p.unproven, v)
	v.ref, v.mark = ChatRef{}, mark{}
	p.forget(v)
}

// forget removes a viewer that is at no chat.
func (p *Presence) forget(v *Viewer) {
	if c := p.cluster; c != nil {
		p.unwait(v)
		if c.viewers[v.id] == v {
			delete(c.viewers, v.id)
		}
	}
}

func (p *Presence) wait(v *Viewer) {
	if !v.waits {
		v.waits = true
		p.cluster.waiting[v.login()] = append(p.cluster.waiting[v.login()], v)
	}
}

func (p *Presence) unwait(v *Viewer) {
	if !v.waits {
		return
	}
	v.waits = false
	all := p.cluster.waiting
	if all[v.login()] = slices.DeleteFunc(all[v.login()], func(w *Viewer) bool { return w == v }); len(all[v.login()]) == 0 {
		delete(all, v.login())
	}
}

// readElsewhere marks the reads that another node has made. Each is taken in twice, before
// a transaction and when it is delivered; delivered says that the message has been sent to
// the client now. A sign of life from before proves nothing.
func (p *Presence) readElsewhere(e *ReadsMade, delivered bool) {
	viewers := p.chats[e.Conversation.presenceKey()]
	for _, r := range e.Reads {
		for _, v := range viewers[r.Account] {
			switch {
			case r.To > v.mark.end:
				if v.isHere() && v.isProven() {
					// Like the Proven of Viewings on the node that has made the read.
					p.noteProven(provenChat{v.account, v.ref}, r.From)
				}
				p.markRead(v, r, e.At)
			case delivered && v.isHere() && v.mark.open && v.isProven() && r.From > v.mark.floor:
				p.noteProven(provenChat{v.account, v.ref}, r.From)
				v.mark.floor, v.mark.signs = r.From, v.signs()
			case delivered && v.isHere() && v.mark.open && v.isProven():
				v.mark.signs = v.signs()
			}
		}
	}
}

func (p *Presence) missed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cluster.unknown = true
}

// knowViewers reads the viewers of the other nodes from the database if that is necessary.
func (s *Service) knowViewers(tx Tx) error {
	p := s.presence
	if p.cluster == nil {
		return nil
	}
	p.mu.Lock()
	unknown, node := p.cluster.unknown, p.cluster.node
	p.mu.Unlock()
	if !unknown {
		return nil
	}
	stored, err := tx.CurrentChatsElsewhere(node)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range p.cluster.viewers {
		switch {
		case !v.isHere():
			p.drop(v)
		case v.ref.Type != 0 && !v.mark.open:
			// More reads may have been made for it.
			v.mark.open, v.mark.floor, v.mark.signs = true, v.mark.end, v.signs()
			p.unproven[v] = struct{}{}
		}
	}
	for _, c := range stored {
		v := &Viewer{account: c.Account, since: c.At, id: c.ID, node: c.Node, session: c.Session}
		p.cluster.viewers[v.id] = v
		if c.Ref.Type == 0 {
			p.wait(v)
			continue
		}
		p.place(v, c.Ref)
		v.seen = c.Seen
		v.mark.open = true // with reads that are not known here
	}
	p.cluster.unknown = false
	return nil
}

// state returns where the viewer looks, as its current chat is stored.
func (p *Presence) state(v *Viewer) (c CurrentChat, waits bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c = CurrentChat{ID: v.id, Session: v.session, Account: v.account, Ref: v.ref}
	if p.cluster != nil {
		c.Node = p.cluster.node
	}
	return c, v.waits
}

// begin notes the session of a viewer that is going to move by itself. One that waits may
// still be given a current chat before its transaction, which then moves it from there.
func (p *Presence) begin(v *Viewer, session SessionID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v.session = session
	if !v.waits {
		v.settled = true
	}
}

// LookAt is [Service.SetCurrentChat] for the viewer of a socket of the session, which
// looks at the chat afterwards.
func (s *Service) LookAt(ctx context.Context, v *Viewer, session SessionID, id string) (ChatRef, bool, error) {
	if !s.InCluster() {
		own, _ := s.presence.Current(v)
		ref, ok, err := s.SetCurrentChat(ctx, CurrentChat{ID: own, Session: session, Account: v.account}, id)
		if err == nil {
			s.presence.Look(v, ref)
		}
		return ref, ok, err
	}
	if err := checkID("id", id); err != nil {
		return ChatRef{}, false, err
	}
	s.presence.begin(v, session)
	var ok bool
	ref, err := update(ctx, s, func(tx Tx) (ref ChatRef, err error) {
		if ref, ok, err = lookAtAny(tx, v.account, id); err != nil {
			return ChatRef{}, err
		}
		return ref, s.moveViewer(tx, v, ref)
	})
	return ref, ok && err == nil, err
}

// LookAway removes the current chat of the viewer's socket.
func (s *Service) LookAway(ctx context.Context, v *Viewer, session SessionID) error {
	p := s.presence
	if !s.InCluster() {
		id, ref := p.Current(v)
		p.Look(v, ChatRef{})
		if ref.Type == 0 {
			return nil
		}
		return s.ClearCurrentChat(ctx, id)
	}
	p.begin(v, session)
	if c, waits := p.state(v); c.Ref.Type == 0 && !waits {
		return nil
	}
	return s.store.Update(ctx, func(tx Tx) error { return s.moveViewer(tx, v, ChatRef{}) })
}

// moveViewer stores that a viewer of this node looks at a chat now. By moving it proves
// that its client has seen the chat before.
func (s *Service) moveViewer(tx Tx, v *Viewer, to ChatRef) error {
	if err := s.knowViewers(tx); err != nil {
		return err
	}
	c, waits := s.presence.state(v)
	if c.Ref != to {
		if err := makeSure(tx, c.Account, c.Ref, math.MaxInt64); err != nil {
			return err
		}
	}
	c.Seen = 0
	if to.Type != 0 {
		var err error
		if c.Seen, err = cursorOf(tx, c.Account, to); err != nil {
			return err
		}
		c.Ref, c.At = to, s.now()
		if err := tx.SetCurrentChat(c); err != nil {
			return err
		}
	} else if c.Ref.Type != 0 || waits {
		if err := tx.ClearCurrentChats([]SocketID{c.ID}); err != nil {
			return err
		}
	}
	tx.Publish(ViewerMoved{Node: c.Node, Socket: c.ID, Session: c.Session, Account: c.Account, Ref: to, Since: v.since, Seen: c.Seen})
	return nil
}

// cursorOf returns the seq up to which the account has read a chat; 0 if there is none.
func cursorOf(tx Tx, a AccountID, ref ChatRef) (int64, error) {
	if _, ok := presenceKeyOf(a, ref); !ok {
		return 0, nil
	}
	found, err := findChat(tx, a, ref)
	var refusal Error
	if errors.As(err, &refusal) || err == nil && !found.begun {
		return 0, nil
	}
	return found.member.ReadSeq, err
}

// makeSure makes reads of a chat certain up to a seq.
func makeSure(tx Tx, a AccountID, ref ChatRef, seq int64) error {
	if _, ok := presenceKeyOf(a, ref); !ok || seq == 0 {
		return nil
	}
	found, err := findChat(tx, a, ref)
	var refusal Error
	if errors.As(err, &refusal) {
		return nil // it is no chat of the account any more
	}
	if err != nil || !found.begun {
		return err
	}
	return tx.MakeSure(found.id, a, seq)
}

// ComeBack gives a socket that has just connected the current chat of a lost one of its
// session, on any node, if that was lost within the window. If the session has
// a socket that looks at a chat, the new one waits for the case that it is lost already.
func (s *Service) ComeBack(ctx context.Context, v *Viewer, session SessionID, window time.Duration) error {
	some, err := view(ctx, s, func(tx Tx) (bool, error) {
		stored, err := tx.CurrentChatsOf(session, v.account)
		return len(stored) > 0, err
	})
	if err != nil || !some {
		return err
	}
	p := s.presence
	p.mu.Lock()
	v.session = session
	p.mu.Unlock()
	return s.store.Update(ctx, func(tx Tx) error {
		if err := s.knowViewers(tx); err != nil {
			return err
		}
		if p.Settled(v) {
			return nil
		}
		stored, err := tx.CurrentChatsOf(session, v.account)
		if err != nil || len(stored) == 0 {
			return err
		}
		own, _ := p.state(v)
		var lost *CurrentChat // the latest
		for i, c := range stored {
			if !c.LostAt.IsZero() && s.now().Sub(c.LostAt) < window && (lost == nil || !c.LostAt.Before(lost.LostAt)) {
				lost = &stored[i]
			}
		}
		moved := ViewerMoved{Node: own.Node, Socket: own.ID, Session: session, Account: v.account, Since: v.since}
		if lost == nil {
			own.At, moved.Waits = v.since, true
			tx.Publish(moved)
			return tx.SetCurrentChat(own)
		}
		if err := s.keepForHeir(tx, *lost, nil); err != nil {
			return err
		}
		moved.Socket, moved.Heir, moved.Ref = lost.ID, own.ID, lost.Ref
		own.ID, own.Ref, own.At = lost.ID, lost.Ref, s.now()
		tx.Publish(moved)
		return tx.SetCurrentChat(own)
	})
}
