package delivery

import (
	"parley/internal/chat"
	"parley/internal/wire"
)

// typed tells the sockets that look at the chat. A direct chat has one receiver, and a group has the same name for all.
func (h *Hub) typed(e *chat.Typed) {
	h.begin()
	var ref chat.ChatRef
	for _, to := range e.To {
		ref = e.Chat.Ref(to)
		h.addLookers(to, ref, wire.PushTyping)
	}
	h.send(wire.PushTyping, func() any { return h.opts.Encoder.Typed(ref, e) })
}
