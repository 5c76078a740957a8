package wire

import "parley/internal/chat"

// ContactChanged is the payload of [PushContactChanged].
type ContactChanged struct {
	ID        chat.AccountID `json:"id" doc:"account; the receiver's own if it is the account that has changed"`
	Name      string         `json:"name" doc:"name to show"`
	Avatar    string         `json:"avatar" doc:"address of the picture; may be empty"`
	IsContact bool           `json:"isContact" doc:"the account can write to this person; false for the own account"`
	IsFriend  bool           `json:"isFriend" doc:"a friend: a contact even without a common organization"`
}

// ContactChanged returns the payload of "contact changed".
func (e *Encoder) ContactChanged(ev *chat.ContactChanged) *ContactChanged {
	p := &ev.Person
	return &ContactChanged{p.ID, p.Name, p.Avatar, p.Contact, p.Friend}
}
