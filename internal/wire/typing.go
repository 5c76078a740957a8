package wire

import "parley/internal/chat"

// Typing is the payload of [EventTyping].
type Typing struct {
	Type int    `json:"type" rule:"required" doc:"1 user, 2 group"`
	ID   string `json:"id" rule:"required,max=128" doc:"account, group, or file-transfer"`
}

// Typed is the payload of [PushTyping].
type Typed struct {
	Type chat.SessionType `json:"type" doc:"1 user, 2 group"`
	ID   string           `json:"id" doc:"account or group"`
	By   Name             `json:"by" doc:"account that writes"`
	Stay int64            `json:"stay" doc:"milliseconds after which it is no longer shown, unless the push comes again"`
}

// Typed returns the payload of the push "typing" about a chat.
func (e *Encoder) Typed(ref chat.ChatRef, ev *chat.Typed) *Typed {
	return &Typed{ref.Type, ref.ID, Name{ev.By.ID, ev.By.Name}, ev.Stay.Milliseconds()}
}
