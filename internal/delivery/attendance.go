package delivery

import (
	"time"

	"parley/internal/chat"
)

// tellNodes tells the other nodes what has changed here, and that this node is there. It also forgets nodes that are silent.
func (h *Hub) tellNodes() {
	if h.opts.Pass == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	p, now := h.people, time.Now()
	if !p.greeted {
		p.greeted = true
		h.opts.Pass(chat.AttendanceWanted{})
		h.attendedAnew(now)
		return
	}
	for name, n := range p.nodes {
		if now.Sub(n.heard) > nodeSilence {
			h.forgetNode(name)
		}
	}
	if p.asked && now.Sub(p.anew) >= anewPause {
		h.attendedAnew(now)
		return
	}
	var e chat.Attended
	for id := range p.moved {
		at := h.attendanceHere(id)
		if at == p.here[id] {
			continue
		}
		if at == chat.Absent {
			delete(p.here, id)
		} else {
			p.here[id] = at
		}
		e.Add(id, at)
	}
	clear(p.moved)
	if e.Count() > 0 || now.Sub(p.beaten) >= nodeBeat {
		h.passAttended(e, now)
	}
}

// attendedAnew tells the other nodes everything.
func (h *Hub) attendedAnew(now time.Time) {
	p := h.people
	p.asked, p.anew = false, now
	clear(p.moved)
	clear(p.here)
	e := chat.Attended{Anew: true}
	for id := range h.accounts {
		at := h.attendanceHere(id)
		if at == chat.Absent {
			continue
		}
		p.here[id] = at
		e.Add(id, at)
		if e.Count() == attendedMost {
			h.passAttended(e, now)
			e = chat.Attended{}
		}
	}
	if e.Anew || e.Count() > 0 {
		h.passAttended(e, now)
	}
}

func (h *Hub) passAttended(e chat.Attended, now time.Time) {
	p := h.people
	p.number++
	p.beaten = now
	e.Node, e.Number = p.node, p.number
	h.opts.Pass(e)
}

// attended takes in what another node tells. It needs the lock.
func (h *Hub) attended(e *chat.Attended) {
	p := h.people
	if p == nil || e.Node == p.node {
		return
	}
	n := p.nodes[e.Node]
	if n == nil {
		n = &otherNode{accounts: make(map[chat.AccountID]chat.Attendance)}
		p.nodes[e.Node] = n
	}
	n.heard = time.Now()
	switch {
	case e.Anew:
		before := n.accounts
		n.accounts = make(map[chat.AccountID]chat.Attendance)
		for id := range before {
			h.attendanceChanged(id)
		}
	case e.Number != n.number+1:
		// Something was lost. What is known is kept until everything is told again.
		if h.opts.Pass != nil {
			h.opts.Pass(chat.AttendanceWanted{Node: e.Node})
		}
		return
	}
	n.number = e.Number
	set := func(ids []chat.AccountID, at chat.Attendance) {
		for _, id := range ids {
			if at == chat.Absent {
				delete(n.accounts, id)
			} else {
				n.accounts[id] = at
			}
			h.attendanceChanged(id)
		}
	}
	set(e.Online, chat.Online)
	set(e.Away, chat.Away)
	set(e.Absent, chat.Absent)
}

// attendanceWanted notes that another node asks for everything. It needs the lock.
func (h *Hub) attendanceWanted(node string) {
	if p := h.people; p != nil && (node == "" || node == p.node) {
		p.asked = true
	}
}

// forgetNode takes in that a node is gone. It needs the lock.
func (h *Hub) forgetNode(name string) {
	p := h.people
	if p == nil || p.nodes[name] == nil {
		return
	}
	accounts := p.nodes[name].accounts
	delete(p.nodes, name)
	for id := range accounts {
		h.attendanceChanged(id)
	}
}
