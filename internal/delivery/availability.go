package delivery

import (
	"context"
	"slices"
	"time"

	"parley/internal/chat"
	"parley/internal/wire"
	"parley/socketio"
)

// AvailabilitySource tells what people may know of each other.
type AvailabilitySource interface {
	// TellAvailability is that of [chat.Service]. It must see every commit whose events were published.
	TellAvailability(ctx context.Context, a chat.AccountID, readers []chat.AccountID) (chat.ToldAvailability, error)
	// AvailabilityPause is the minimum time between two pushes to a client.
	AvailabilityPause() time.Duration
	// SawAccount notes that an account is connected at this moment. It must not block.
	SawAccount(chat.AccountID)
}

const (
	// An account whose last connection has ended is told as absent after this time, because most clients come back.
	absentAfter = 20 * time.Second
	// How often a node tells the others that it is there, and after which silence it counts as gone.
	nodeBeat, nodeSilence = 10 * time.Second, 35 * time.Second
	// Between two times that a node tells all others everything.
	anewPause = 2 * time.Second
	// As many accounts as one event names.
	attendedMost = 5000
)

// people tells clients about the accounts that they show: whether they are connected, and what they say about themselves. All of
// it needs the hub's lock. Requirements:
//
//  1. Events and connections say only that something may have changed. What is told is read from the rules afterwards, so that
//     the last push tells the present state, to those who may know it at that moment.
//  2. A client gets at most one push in AvailabilityPause, with all accounts whose state is another one than before.
//  3. Accounts that no client of this node shows cost nothing.
//  4. Each node tells the others which accounts are connected to it ([chat.Attended]), and counts one that is silent as gone.
type people struct {
	source  AvailabilitySource
	watched map[chat.AccountID]*watched
	changed map[*watched]struct{} // may be told otherwise

	node    string
	number  int64                              // of the last event of this node
	here    map[chat.AccountID]chat.Attendance // what the other nodes were told
	moved   map[chat.AccountID]struct{}        // may be otherwise here than that
	beaten  time.Time                          // when the others were told something last
	anew    time.Time                          // when they were told everything last
	asked   bool                               // by another node for everything
	nodes   map[string]*otherNode
	greeted bool // the other nodes were asked
}

// watched is an account that clients show.
type watched struct {
	id      chat.AccountID
	clients []*Client
	told    chat.Availability // what was told last; unknown at first
	anyway  bool              // tell it even if nothing has changed: others may know it than before
	again   bool              // the same, but only the activity: clients that came meanwhile have been told otherwise
	after   time.Time         // not before this
}

// otherNode is what another node has told.
type otherNode struct {
	number   int64
	heard    time.Time
	accounts map[chat.AccountID]chat.Attendance
}

func newPeople(source AvailabilitySource, node string) *people {
	return &people{
		source:  source,
		watched: make(map[chat.AccountID]*watched),
		changed: make(map[*watched]struct{}),
		node:    node,
		here:    make(map[chat.AccountID]chat.Attendance),
		moved:   make(map[chat.AccountID]struct{}),
		nodes:   make(map[string]*otherNode),
	}
}

// Watch makes the accounts those that the client shows, in place of those before. Until it is known that they are contacts, the
// client is told nothing of those that are not. Call it before the answer is read, and then again with those that are contacts.
func (c *Client) Watch(ids []chat.AccountID, known bool) {
	h := c.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.people == nil || slices.Index(c.account.clients, c) < 0 {
		return
	}
	c.unsure = !known
	before := c.watches
	c.watches = make([]*watched, 0, len(ids))
	for _, id := range ids {
		w := h.people.watched[id]
		if w == nil {
			w = &watched{id: id}
			h.people.watched[id] = w
		}
		if slices.Contains(c.watches, w) {
			continue
		}
		c.watches = append(c.watches, w)
		if _, waits := h.people.changed[w]; waits {
			w.again = true
		}
		if !slices.Contains(before, w) {
			w.clients = append(w.clients, c)
		}
	}
	for _, w := range before {
		if !slices.Contains(c.watches, w) {
			h.people.leave(w, c)
		}
	}
}

// SetAway says whether somebody uses the client.
func (c *Client) SetAway(away bool) {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	if c.away != away {
		c.away = away
		c.hub.attendanceMayChange(c.account.id)
	}
}

// unwatch forgets what a client shows. It needs the lock.
func (h *Hub) unwatch(c *Client) {
	if h.people == nil {
		return
	}
	for _, w := range c.watches {
		h.people.leave(w, c)
	}
	c.watches = nil
}

func (p *people) leave(w *watched, c *Client) {
	if i := slices.Index(w.clients, c); i >= 0 {
		w.clients = slices.Delete(w.clients, i, i+1)
	}
	if len(w.clients) == 0 {
		delete(p.watched, w.id)
		delete(p.changed, w)
	}
}

// Attendance says whether an account is connected, to this or another node.
func (h *Hub) Attendance(id chat.AccountID) chat.Attendance {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.attendance(id)
}

func (h *Hub) attendance(id chat.AccountID) chat.Attendance {
	at := h.attendanceHere(id)
	if h.people != nil {
		for _, n := range h.people.nodes {
			at = max(at, n.accounts[id])
		}
	}
	return at
}

func (h *Hub) attendanceHere(id chat.AccountID) chat.Attendance {
	a := h.accounts[id]
	if a == nil || len(a.clients) == 0 {
		return chat.Absent
	}
	if slices.ContainsFunc(a.clients, func(c *Client) bool { return !c.away }) {
		return chat.Online
	}
	return chat.Away
}

// connectedNow notes that a client of an account has come, or has just gone. It needs the lock.
func (h *Hub) connectedNow(id chat.AccountID) {
	if h.people != nil {
		h.people.source.SawAccount(id)
		h.attendanceMayChange(id)
	}
}

// attendanceMayChange notes that the clients of an account have changed. It needs the lock.
func (h *Hub) attendanceMayChange(id chat.AccountID) {
	p := h.people
	if p == nil {
		return
	}
	if h.opts.Pass != nil {
		p.moved[id] = struct{}{}
	}
	h.attendanceChanged(id)
}

// attendanceChanged notes that an account may be connected otherwise than before, on some node.
func (h *Hub) attendanceChanged(id chat.AccountID) {
	w := h.people.watched[id]
	if w == nil {
		return
	}
	w.after = time.Time{}
	if h.attendance(id) == chat.Absent {
		w.after = time.Now().Add(absentAfter)
	}
	h.people.changed[w] = struct{}{}
}

// touchPeople notes the accounts about which others may be told something else because of an event.
func (h *Hub) touchPeople(e chat.Event) {
	if h.people == nil {
		return
	}
	switch e := e.(type) {
	case chat.AvailabilityChanged:
		if len(e.Accounts) == 0 {
			for _, w := range h.people.watched {
				h.people.touch(w)
			}
		}
		for _, id := range e.Accounts {
			h.touchAccount(id)
		}
	case chat.ContactChanged:
		h.touchAccount(e.Person.ID)
	case chat.SettingsChanged:
		for _, w := range h.people.watched {
			h.people.touch(w)
		}
	}
}

// touchAccount notes an account, and those that its clients show.
func (h *Hub) touchAccount(id chat.AccountID) {
	if w := h.people.watched[id]; w != nil {
		h.people.touch(w)
	}
	if a := h.accounts[id]; a != nil {
		for _, c := range a.clients {
			for _, w := range c.watches {
				h.people.touch(w)
			}
		}
	}
}

func (p *people) touch(w *watched) {
	w.anyway = true
	w.after = time.Time{}
	p.changed[w] = struct{}{}
}

// tellPeople is the goroutine.
func (h *Hub) tellPeople() {
	defer h.done.Done()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-h.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	tick := time.NewTimer(h.opts.PeopleTick)
	defer tick.Stop()
	var told time.Time
	for {
		select {
		case <-h.stop:
			return
		case <-tick.C:
		}
		began := time.Now()
		h.tellNodes()
		if h.tellClients(ctx, began.Sub(told)) {
			told = began
		}
		tick.Reset(max(h.opts.PeopleTick, restAfterMarks*time.Since(began)))
	}
}

// news is what clients are told about an account.
type news struct {
	chat.ToldAvailability
	all, some map[chat.AccountID]bool
	toSome    bool // what is told to those has changed, too
}

// tellClients tells what has changed if the last time was so long ago, and reports whether there was something.
func (h *Hub) tellClients(ctx context.Context, since time.Duration) bool {
	due := h.duePeople()
	if len(due) == 0 {
		return false
	}
	if since < h.people.source.AvailabilityPause() {
		h.putBack(due)
		return false
	}
	var told []*news
	for w, readers := range due {
		said, err := h.people.source.TellAvailability(ctx, w.id, readers)
		if err != nil {
			if ctx.Err() == nil {
				h.opts.Logger.Debug("availability not told", "error", err)
				h.tellLater(w)
			}
			continue
		}
		if n := h.newsOf(w, said); n != nil {
			told = append(told, n)
		}
	}
	h.pushPeople(told)
	return true
}

// duePeople takes the accounts that have changed, with those whose clients show them.
func (h *Hub) duePeople() map[*watched][]chat.AccountID {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	due := make(map[*watched][]chat.AccountID)
	for w := range h.people.changed {
		if now.Before(w.after) {
			continue
		}
		delete(h.people.changed, w)
		readers := make(map[chat.AccountID]bool, len(w.clients))
		for _, c := range w.clients {
			readers[c.account.id] = true
		}
		for id := range readers {
			due[w] = append(due[w], id)
		}
	}
	return due
}

// putBack keeps for later what was taken too soon.
func (h *Hub) putBack(due map[*watched][]chat.AccountID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for w := range due {
		if h.people.watched[w.id] == w {
			h.people.changed[w] = struct{}{}
		}
	}
}

// tellLater is for an account that could not be read.
func (h *Hub) tellLater(w *watched) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w.anyway, w.after = true, time.Now().Add(retryMarks)
	if h.people.watched[w.id] == w {
		h.people.changed[w] = struct{}{}
	}
}

// newsOf returns nil if nothing has changed.
func (h *Hub) newsOf(w *watched, said chat.ToldAvailability) *news {
	h.mu.Lock()
	defer h.mu.Unlock()
	if said.Availability == w.told && !w.anyway && !w.again {
		return nil
	}
	before := chat.ToldAvailability{Availability: w.told}
	n := &news{
		ToldAvailability: said, all: make(map[chat.AccountID]bool, len(said.All)), some: make(map[chat.AccountID]bool, len(said.Some)),
		toSome: w.anyway || said.ToSome() != before.ToSome(),
	}
	w.told, w.anyway, w.again = said.Availability, false, false
	for _, a := range said.All {
		n.all[a] = true
	}
	for _, a := range said.Some {
		n.some[a] = true
	}
	return n
}

// pushPeople sends each client one push. Clients that are told of one account alone, which is usual, get the same bytes.
func (h *Hub) pushPeople(told []*news) {
	h.mu.Lock()
	defer h.mu.Unlock()
	bit := pushBits[wire.PushAvailability]
	each := make(map[*Client][]chat.Availability)
	for _, n := range told {
		w := h.people.watched[n.Account]
		if w == nil {
			continue
		}
		for _, c := range slices.Clone(w.clients) {
			said := n.Availability
			switch a := c.account.id; {
			case n.all[a]:
			case n.some[a]:
				if !n.toSome {
					continue
				}
				said = n.ToSome()
			case c.unsure:
				continue
			default:
				// It is a contact no longer.
				said = n.ToOthers()
				c.watches = slices.DeleteFunc(c.watches, func(other *watched) bool { return other == w })
				h.people.leave(w, c)
			}
			if c.app.muted&bit == 0 {
				each[c] = append(each[c], said)
			}
		}
	}
	same := make(map[chat.Availability][]*socketio.Socket)
	for c, all := range each {
		if len(all) == 1 {
			same[all[0]] = append(same[all[0]], c.socket)
			continue
		}
		h.begin()
		h.sockets = append(h.sockets, c.socket)
		h.send(wire.PushAvailability, func() any { return h.opts.Encoder.Availabilities(all) })
	}
	for one, sockets := range same {
		h.begin()
		h.sockets = append(h.sockets, sockets...)
		h.send(wire.PushAvailability, func() any { return h.opts.Encoder.Availabilities([]chat.Availability{one}) })
	}
	h.begin()
}
