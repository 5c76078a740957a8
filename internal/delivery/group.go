package delivery

import (
	"parley/internal/chat"
	"parley/internal/wire"
)

// note keeps a change of membership for an account whose groups are being looked
// up, and reports whether it did.
func (a *account) note(c change) bool {
	if a == nil || a.load == nil {
		return false
	}
	a.load.changes = append(a.load.changes, c)
	return true
}

func (h *Hub) groupEntered(e *chat.GroupEntered) {
	added := make(map[*account]bool, len(e.Added)) // those of them who are online
	for _, m := range e.Added {
		if a := h.accounts[m.Account.ID]; a != nil {
			added[a] = m.Push
		}
	}
	h.begin()
	if r := h.rooms[e.Group.ID]; r != nil && !e.Created {
		for a := range r.members {
			if _, is := added[a]; !is {
				h.add(a, nil, wire.PushGroupMemberAdded)
			}
		}
	}
	h.send(wire.PushGroupMemberAdded, func() any { return h.opts.Encoder.GroupMemberAdded(e) })

	for a, push := range added {
		if !a.note(change{e.Group.ID, entered, push}) {
			h.enter(a, e.Group.ID, push)
		}
	}
	for _, setting := range []bool{true, false} {
		h.begin()
		for a, push := range added {
			if push == setting {
				h.add(a, nil, wire.PushNewGroup)
			}
		}
		h.send(wire.PushNewGroup, func() any { return h.opts.Encoder.NewGroup(&e.Group, setting) })
	}
}

func (h *Hub) groupMemberLeft(e *chat.GroupMemberLeft) {
	a := h.accounts[e.Account]
	if !a.note(change{e.Group.ID, left, false}) {
		h.leave(a, h.rooms[e.Group.ID])
	}
	h.toAccount(e.Account, "", wire.PushRemovedFromGroup, h.opts.Encoder.RemovedFromGroup(&e.Group, e.How))
	h.toGroup(e.Group.ID, wire.PushGroupMemberRemoved, h.opts.Encoder.GroupMemberRemoved(e))
}

func (h *Hub) groupDissolved(e *chat.GroupDissolved) {
	h.toGroup(e.Group.ID, wire.PushRemovedFromGroup, h.opts.Encoder.RemovedFromGroup(&e.Group, chat.DepartureDissolved))
	for a := range h.loading {
		a.note(change{e.Group.ID, left, false})
	}
	if r := h.rooms[e.Group.ID]; r != nil {
		for a := range r.members {
			h.leave(a, r)
		}
	}
}

func (h *Hub) groupPushSet(e chat.GroupPushSet) {
	a := h.accounts[e.Account]
	if !a.note(change{e.Group, pushSet, e.Push}) {
		h.rooms[e.Group].setPush(a, e.Push)
	}
	h.toAccount(e.Account, "", wire.PushSetGroupNotice, h.opts.Encoder.SetGroupNotice(e))
}

func (h *Hub) groupShaken(e *chat.GroupShaken) {
	payload := h.opts.Encoder.GroupShaken(e)
	h.begin()
	if !e.All {
		for _, id := range e.To {
			if id != e.From {
				h.add(h.accounts[id], nil, wire.PushGroupShake)
			}
		}
	} else if r := h.rooms[e.Group]; r != nil {
		for a := range r.members {
			if a.id != e.From {
				h.add(a, nil, wire.PushGroupShake)
			}
		}
	}
	h.send(wire.PushGroupShake, payload)
}
