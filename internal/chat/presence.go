package chat

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Presence knows the current chat of each socket. A message is read on arrival for the
// accounts with a viewer of the chat. The state is in memory. The methods are safe for
// concurrent use and are called inside transactions.
//
// A connection can be dead for some time before that is noticed. So a read by presence
// is unproven until something arrives from the client. Requirements:
//
//  1. If a viewer is lost, the account's cursor goes back to its place before the first
//     unproven read ([Service.LoseViewer]).
//  2. The cursor does not go back if another viewer of the account looks at the chat, and
//     never below the messages that were read in another way ([Membership.SureSeq]).
//  3. A viewer that changes its chat, or leaves in order, proves its reads.
//  4. Any later sign of life of the viewer proves a read, because by then the messages
//     were sent to its client.
//  5. Nothing is read for an account that has marked messages of the chat as unread
//     ([Membership.Marked]).
//
// In a cluster, it also knows the viewers of the other nodes; see [Presence.JoinCluster].
type Presence struct {
	mu       sync.Mutex
	chats    map[presenceKey]map[AccountID][]*Viewer
	unproven map[*Viewer]struct{} // viewers of this node with an open mark
	proven   map[provenChat]int64 // seq up to which reads are proven, but not yet in the database
	cluster  *cluster             // nil: this process is alone
}

// Viewer is a socket that may look at a chat. Make it with [Presence.Join].
type Viewer struct {
	account AccountID
	signs   func() uint64 // counts the client's signs of life
	since   time.Time

	// Guarded by Presence.mu.
	id        SocketID // of the stored current chat
	ref       ChatRef
	settled   bool // it has said, or was given, where it looks
	inherited bool // it was given that by the connection that it replaces
	lost      bool // it counts for nothing any more, and its unproven reads are being decided on
	mark      mark

	// In a cluster.
	node    string // that the socket belongs to; empty: this one
	own     SocketID
	session SessionID
	seen    int64 // as in CurrentChat
	waits   bool  // for the current chat of a lost socket of its session
	ended   bool  // its socket has ended
}

// mark is about the reads that presence has made for a viewer.
type mark struct {
	open  bool      // some of them are not proven
	signs uint64    // the viewer's, when the first of those was made
	floor int64     // everything up to this seq is proven
	end   int64     // the seq up to which the latest has read
	at    time.Time // of the latest
}

// Viewing is an account that looks at a conversation. Proven says that all reads
// that presence has made for it there are.
type Viewing struct {
	Account AccountID
	Proven  bool
}

// PresenceRead is a cursor that was moved because its account looks at the chat.
type PresenceRead struct {
	Account  AccountID
	From, To int64 // seq
}

// provenChat is a chat of an account in which reads have become certain.
type provenChat struct {
	account AccountID
	ref     ChatRef
}

// presenceKey names a conversation in the same way for all its participants: the
// group, or both accounts in order, or one account twice.
type presenceKey struct {
	group bool
	a, b  string
}

// NewPresence returns a presence in which nobody looks at anything.
func NewPresence() *Presence {
	return &Presence{
		chats:    make(map[presenceKey]map[AccountID][]*Viewer),
		unproven: make(map[*Viewer]struct{}),
		proven:   make(map[provenChat]int64),
	}
}

func presenceKeyOf(me AccountID, ref ChatRef) (presenceKey, bool) {
	switch ref.Type {
	case SessionGroup:
		return presenceKey{group: true, a: ref.ID}, true
	case SessionUser:
		if AccountID(ref.ID) == FileTransfer {
			return directKey(me, me), true
		}
		return directKey(me, AccountID(ref.ID)), true
	}
	return presenceKey{}, false // an inbox is read by its own request
}

func directKey(a, b AccountID) presenceKey {
	return presenceKey{a: string(min(a, b)), b: string(max(a, b))}
}

func (c *Conversation) presenceKey() presenceKey {
	switch c.Kind {
	case KindGroup:
		return presenceKey{group: true, a: string(c.Group)}
	case KindSelf:
		return directKey(c.A, c.A)
	default:
		return directKey(c.A, c.B)
	}
}

// Join returns the viewer of a socket, which looks at nothing yet. signs counts the
// signs of life of its client; since is when the socket connected.
func (p *Presence) Join(account AccountID, socket SocketID, since time.Time, signs func() uint64) *Viewer {
	v := &Viewer{account: account, id: socket, own: socket, since: since, signs: signs}
	if p.cluster != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.cluster.viewers[socket] = v
	}
	return v
}

// Since returns when the viewer's socket connected.
func (v *Viewer) Since() time.Time { return v.since }

// Look sets the chat of the viewer; the zero value means no chat. The request is a sign
// of life.
func (p *Presence) Look(v *Viewer, at ChatRef) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.move(v, at)
	v.inherited = false
}

// Inherit is Look for a viewer that takes the place of a lost one, and takes over
// its stored current chat. It reports false, and does nothing, if the viewer is
// settled; see [Presence.Settled].
func (p *Presence) Inherit(v *Viewer, id SocketID, at ChatRef) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v.settled {
		return false
	}
	p.move(v, at)
	v.id, v.inherited = id, true
	return true
}

// Leave removes a viewer when its socket has ended.
func (p *Presence) Leave(v *Viewer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v.ended {
		return // Service.EndViewer removes it
	}
	p.move(v, ChatRef{})
	v.inherited = false
	p.forget(v)
}

// Settled reports whether the viewer has said where it looks, or has inherited it.
func (p *Presence) Settled(v *Viewer) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return v.settled
}

// Current returns the chat that the viewer looks at, and the id under which it is
// stored.
func (p *Presence) Current(v *Viewer) (SocketID, ChatRef) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return v.id, v.ref
}

// LooksAt reports whether the viewer looks at the chat that its account calls ref.
func (p *Presence) LooksAt(v *Viewer, ref ChatRef) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return v.ref == ref
}

func (p *Presence) move(v *Viewer, at ChatRef) {
	v.settled = true
	if v.ref == at {
		return
	}
	if key, ok := presenceKeyOf(v.account, v.ref); ok {
		if !v.lost {
			p.proveAll(p.chats[key][v.account])
		}
		p.remove(key, v)
	}
	p.place(v, at)
}

// place is move for a viewer that is at no chat.
func (p *Presence) place(v *Viewer, at ChatRef) {
	delete(p.unproven, v)
	v.ref, v.mark, v.seen = at, mark{}, 0
	if key, ok := presenceKeyOf(v.account, at); ok {
		viewers := p.chats[key]
		if viewers == nil {
			viewers = make(map[AccountID][]*Viewer, 1)
			p.chats[key] = viewers
		}
		viewers[v.account] = append(viewers[v.account], v)
	}
}

func (p *Presence) remove(key presenceKey, v *Viewer) {
	viewers := p.chats[key]
	mine := viewers[v.account]
	for i, other := range mine {
		if other == v {
			mine = append(mine[:i:i], mine[i+1:]...)
			break
		}
	}
	if viewers[v.account] = mine; len(mine) == 0 {
		delete(viewers, v.account)
	}
	if len(viewers) == 0 {
		delete(p.chats, key)
	}
}

// proveAll is called where one viewer of an account has proved that it sees the chat.
func (p *Presence) proveAll(viewers []*Viewer) {
	for _, v := range viewers {
		p.prove(v)
	}
}

// prove closes the viewer's mark: its reads are certain.
func (p *Presence) prove(v *Viewer) {
	if v.mark.open {
		p.noteProven(provenChat{v.account, v.ref}, v.mark.end)
		v.mark.open = false
		delete(p.unproven, v)
	}
}

func (p *Presence) noteProven(chat provenChat, seq int64) { p.proven[chat] = max(p.proven[chat], seq) }

// isProven reports whether all reads made for the viewer are certain. Only its own node
// knows that of a viewer with reads.
func (v *Viewer) isProven() bool { return !v.mark.open || v.isHere() && v.signs() != v.mark.signs }

// isHere reports whether the viewer's socket belongs to this node.
func (v *Viewer) isHere() bool { return v.node == "" }

// Viewings returns the viewers of a conversation. Some accounts among them may not be
// participants.
func (p *Presence) Viewings(c *Conversation) []Viewing {
	p.mu.Lock()
	defer p.mu.Unlock()
	viewers := p.chats[c.presenceKey()]
	if len(viewers) == 0 {
		return nil
	}
	all := make([]Viewing, 0, len(viewers))
	for a, mine := range viewers {
		looks, proven := false, false
		for _, v := range mine {
			if !v.lost {
				looks = true
				proven = proven || v.isHere() && v.isProven()
			}
		}
		if looks {
			all = append(all, Viewing{a, proven})
		}
	}
	return all
}

// made notes the reads that presence has made, in the transaction that makes them.
// If the transaction is undone, the notes do no harm: a cursor only ever moves
// back, and never below the reads that are certain in the database. It returns the reads
// that concern viewers of other nodes.
func (p *Presence) made(c *Conversation, reads []PresenceRead, at time.Time) (elsewhere []PresenceRead) {
	p.mu.Lock()
	defer p.mu.Unlock()
	viewers := p.chats[c.presenceKey()]
	for _, r := range reads {
		away := false
		for _, v := range viewers[r.Account] {
			p.markRead(v, r, at)
			away = away || !v.isHere()
		}
		if away {
			elsewhere = append(elsewhere, r)
		}
	}
	return elsewhere
}

// markRead notes a read that was made for the viewer.
func (p *Presence) markRead(v *Viewer, r PresenceRead, at time.Time) {
	// Earlier reads after r.From no longer hold, because the account has marked these messages as unread since.
	v.forgetAfter(r.From)
	if v.isProven() {
		// The transaction may not have seen the proof: the sign of life came after
		// Viewings, or the viewer is lost.
		p.prove(v)
		v.mark = mark{open: true, floor: r.From}
		if v.isHere() {
			v.mark.signs = v.signs()
			p.unproven[v] = struct{}{}
		}
	}
	v.mark.end, v.mark.at = r.To, at
}

// marked records, in the transaction, that an account marks messages as unread. If the transaction is rolled back, this does
// no harm: only fewer reads are certain.
func (p *Presence) marked(e *MarkedUnread) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgetAfter(provenChat{e.Account, e.Unread.Ref}, e.ReadSeq)
}

// forgetAfter notes that the account has marked the messages of a chat after seq as unread: their reads are no
// longer certain, neither those of viewers nor those that are not in the database yet.
func (p *Presence) forgetAfter(chat provenChat, seq int64) {
	if proven, is := p.proven[chat]; is {
		p.proven[chat] = min(proven, seq)
	}
	if key, ok := presenceKeyOf(chat.account, chat.ref); ok {
		for _, v := range p.chats[key][chat.account] {
			v.forgetAfter(seq)
		}
	}
}

func (v *Viewer) forgetAfter(seq int64) {
	v.mark.floor, v.mark.end, v.seen = min(v.mark.floor, seq), min(v.mark.end, seq), min(v.seen, seq)
}

// losing makes the viewer count for nothing from here on.
func (p *Presence) losing(v *Viewer) (AccountID, ChatRef) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v.lost = true
	return v.account, v.ref
}

// verdict decides about the unproven reads of a lost viewer. takeBack is false if they
// are kept; otherwise the cursor goes back to floor. It is called in a transaction that
// begins after [Presence.losing], and may be called again.
func (p *Presence) verdict(v *Viewer) (floor int64, takeBack bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key, ok := presenceKeyOf(v.account, v.ref)
	if !ok {
		return 0, false
	}
	if v.isProven() {
		// The messages that it has seen stay read, also if another viewer is lost
		// later.
		for _, other := range p.chats[key][v.account] {
			other.mark.floor = max(other.mark.floor, v.mark.end)
		}
		p.prove(v)
		return 0, false
	}
	// sure is the seq up to which the reads are certain, because another viewer looks at
	// the chat that does not wait for a sign of life since they were made.
	sure := v.mark.floor
	var heirs, others []*Viewer
	for _, other := range p.chats[key][v.account] {
		switch {
		case other == v || other.lost:
		case other.inherited && other.since.After(v.mark.at):
			// the same client come back, after all that was read
		case other.inherited && other.isHere() && other.isProven():
			heirs = append(heirs, other)
		default:
			others = append(others, other)
			// Its client showed the chat when it began to look, whatever this node has missed since.
			sure = max(sure, min(other.seen, v.mark.end))
			switch {
			case !other.isHere(): // its node decides
			case other.isProven():
				sure = v.mark.end
			default:
				sure = max(sure, min(other.mark.floor, v.mark.end))
			}
		}
	}
	for _, other := range others {
		other.mark.floor = max(other.mark.floor, sure)
	}
	for _, heir := range heirs {
		if sure == v.mark.end {
			continue
		}
		// It was sent the messages since it connected, and may itself be lost.
		p.prove(heir)
		heir.mark = v.mark
		heir.mark.floor, heir.mark.signs = sure, heir.signs()
		p.unproven[heir] = struct{}{}
	}
	if sure > v.mark.floor {
		p.noteProven(provenChat{v.account, v.ref}, sure)
	}
	return sure, len(others)+len(heirs) == 0
}

// takeProven returns the reads that have become certain since the last call.
func (p *Presence) takeProven() map[provenChat]int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	for v := range p.unproven {
		if !v.lost && v.isProven() {
			p.prove(v)
		}
	}
	proven := p.proven
	p.proven = make(map[provenChat]int64)
	return proven
}

// keepForLater puts back reads that [Presence.takeProven] returned and that could
// not be stored.
func (p *Presence) keepForLater(proven map[provenChat]int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for chat, seq := range proven {
		p.noteProven(chat, seq)
	}
}

// seen reports whether a viewer of the account looks at the chat, and the seq up to which the chat was read when the
// latest of them began to.
func (p *Presence) seen(a AccountID, ref ChatRef) (seq int64, looks bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key, ok := presenceKeyOf(a, ref)
	if !ok {
		return 0, false
	}
	for _, v := range p.chats[key][a] {
		if !v.lost {
			seq, looks = max(seq, v.seen), true
		}
	}
	return seq, looks
}

// LoseViewer removes a viewer whose connection was dead for some time, if the process is alone. Messages that
// presence has read for it since the client's last sign of life become unread again,
// unless the account has read them in another way, or has another viewer of the chat.
func (s *Service) LoseViewer(ctx context.Context, v *Viewer) error {
	account, ref := s.presence.losing(v)
	defer s.presence.Leave(v)
	if _, ok := presenceKeyOf(account, ref); !ok {
		return nil
	}
	// Inside the transaction: a message that is being stored at this moment may have
	// been read for this viewer, too.
	return s.store.Update(ctx, func(tx Tx) error {
		floor, takeBack := s.presence.verdict(v)
		if !takeBack {
			return nil
		}
		return takeReadBack(tx, account, ref, floor)
	})
}

// takeReadBack moves a cursor back to the last read that is certain, but not below
// floor.
func takeReadBack(tx Tx, a AccountID, ref ChatRef, floor int64) error {
	found, err := findChat(tx, a, ref)
	var refusal Error
	if errors.As(err, &refusal) {
		return nil // it is no chat of the account any more
	}
	if err != nil || !found.begun {
		return err
	}
	moved, err := tx.TakeReadBack(found.id, a, floor)
	if err != nil || !moved {
		return err
	}
	unread, err := tx.ChatUnread(found.id, a)
	if err != nil || unread.Count == 0 {
		return err
	}
	tx.Publish(ReadTakenBack{Account: a, Unread: unread})
	return nil
}

// AbandonViewer removes a viewer when the server stops. Its unproven reads stay unproven
// until its client reconnects, or does not in time.
func (s *Service) AbandonViewer(v *Viewer) {
	p := s.presence
	p.mu.Lock()
	defer p.mu.Unlock()
	if v.isProven() {
		p.prove(v)
	} else {
		v.lost = true
	}
}

// KeepProven stores which reads by presence have become certain, so that a crash
// does not undo them.
func (s *Service) KeepProven(ctx context.Context) error {
	if s.presence == nil {
		return nil
	}
	if s.InCluster() {
		if err := s.endAgain(ctx); err != nil {
			return err
		}
	}
	proven := s.presence.takeProven()
	if len(proven) == 0 {
		return nil
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		for chat, seq := range proven {
			found, err := findChat(tx, chat.account, chat.ref)
			var refusal Error
			if errors.As(err, &refusal) {
				continue
			}
			if err != nil {
				return err
			}
			if !found.begun {
				continue
			}
			if err := tx.MakeSure(found.id, chat.account, seq); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.presence.keepForLater(proven)
	}
	return err
}
