package wire

import "parley/internal/chat"

// ContactChanged is the payload of [PushContactChanged].
type ContactChanged struct {
	ID        chat.AccountID `json:"id" doc:"account; the receiver's own, when it is they who look otherwise"`
	Name      string         `json:"name" doc:"name to show"`
	Avatar    string         `json:"avatar" doc:"address of the picture; may be empty"`
	IsContact bool           `json:"isContact" doc:"can be written to; of oneself false"`
	IsFriend  bool           `json:"isFriend" doc:"a friend, who is a contact also without a common organization"`
}

// ContactChanged returns the payload of "contact changed".
func (e *Encoder) ContactChanged(ev *chat.ContactChanged) *ContactChanged {
	p := &ev.Person
	return &ContactChanged{p.ID, p.Name, p.Avatar, p.Contact, p.Friend}
}
