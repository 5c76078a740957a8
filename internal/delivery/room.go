package delivery

import (
	"slices"

	"parley/internal/chat"
	"parley/socketio"
)

// room is a group with at least one member online. It needs the hub's lock.
type room struct {
	id      chat.GroupID
	members map[*account]bool // and whether it wants notifications
	// segments are the sockets of the members, put together once and kept until
	// something changes: a push to ten thousand is a few copies of memory.
	segments []segment
}

// segment is the sockets of a room that get the same bytes.
type segment struct {
	app     *app
	push    bool
	sockets []*socketio.Socket
}

// enter makes an account, which has sockets, a member of a group.
func (h *Hub) enter(a *account, g chat.GroupID, push bool) {
	r := h.rooms[g]
	if r == nil {
		r = &room{id: g, members: make(map[*account]bool)}
		h.rooms[g] = r
	}
	if _, in := r.members[a]; !in {
		a.rooms = append(a.rooms, r)
	}
	r.members[a] = push
	r.changed()
}

// leave takes an account out of a room; either may be nil.
func (h *Hub) leave(a *account, r *room) {
	if a == nil || r == nil {
		return
	}
	if _, in := r.members[a]; !in {
		return
	}
	delete(r.members, a)
	i := slices.Index(a.rooms, r)
	a.rooms = slices.Delete(a.rooms, i, i+1)
	r.changed()
	if len(r.members) == 0 {
		delete(h.rooms, r.id)
	}
}

// setPush changes a member's setting; nothing happens to others.
func (r *room) setPush(a *account, push bool) {
	if r == nil || a == nil {
		return
	}
	if _, in := r.members[a]; in {
		r.members[a] = push
		r.changed()
	}
}

func (r *room) changed() { r.segments = nil }

// audience returns the sockets of the members.
func (r *room) audience() []segment {
	if r.segments == nil {
		for a, push := range r.members {
			for _, c := range a.clients {
				s := r.segment(c.app, push)
				s.sockets = append(s.sockets, c.socket)
			}
		}
	}
	return r.segments
}

func (r *room) segment(app *app, push bool) *segment {
	for i := range r.segments {
		if s := &r.segments[i]; s.app == app && s.push == push {
			return s
		}
	}
	r.segments = append(r.segments, segment{app: app, push: push})
	return &r.segments[len(r.segments)-1]
}
