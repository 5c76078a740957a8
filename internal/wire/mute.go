package wire

import "parley/internal/chat"

// SetUserNotice is the payload of [EventSetUserNotice] and of [PushSetUserNotice].
type SetUserNotice struct {
	AID    chat.AccountID `json:"aid" rule:"required,max=128" doc:"the other account of the chat"`
	IsPush bool           `json:"isPush" rule:"required" doc:"false: muted"`
}

// SetUserNotice returns the payload of "set user notice".
func (e *Encoder) SetUserNotice(ev chat.DirectPushSet) *SetUserNotice {
	return &SetUserNotice{ev.Peer, ev.Push}
}
