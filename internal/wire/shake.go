package wire

import "parley/internal/chat"

// Shake is the payload of [EventShake].
type Shake struct {
	AID       chat.AccountID `json:"aid" rule:"required,max=128" doc:"account to shake"`
	MessageID string         `json:"messageId,omitempty" rule:"max=128" doc:"ignored"`
}

// GroupShake is the payload of [EventGroupShake].
type GroupShake struct {
	GID       chat.GroupID   `json:"gid" rule:"required,max=128" doc:"group"`
	ToUser    Accounts       `json:"toUser" rule:"required" doc:"mentioned members: a list of accounts, or all"`
	MessageID chat.MessageID `json:"messageId" rule:"required" doc:"the caller's message in this group that mentions them"`
}

// Accounts is a list of accounts, or the word all.
type Accounts struct {
	IDs []chat.AccountID
	All bool
}

func (a *Accounts) decode(d *decoder, depth int) error {
	*a = Accounts{}
	one := func() error {
		k, err := d.kind()
		if err != nil {
			return err
		}
		id, err := d.text(k)
		if err != nil {
			return notAccounts(err)
		}
		switch {
		case id == "" || len(id) > MaxID:
			return errNotAccounts
		case chat.AccountID(id) == chat.Everyone:
			a.All = true
		default:
			a.IDs = append(a.IDs, chat.AccountID(id))
		}
		return nil
	}
	k, err := d.kind()
	if err != nil {
		return err
	}
	switch k {
	case kindArray:
		return d.array(depth, func(i int) error {
			if i == MaxNamed {
				return chat.Invalid("", "must name at most %d accounts", MaxNamed)
			}
			return one()
		})
	case kindString, kindNumber:
		return one()
	}
	return errNotAccounts
}

var errNotAccounts = chat.Invalid("", `must be a list of account ids, or "all"`)

// notAccounts returns errors about JSON unchanged, and replaces all others.
func notAccounts(err error) error {
	if _, ok := err.(*chat.InvalidError); ok {
		return errNotAccounts
	}
	return err
}

// Shaken is the payload of [PushShake].
type Shaken struct {
	AID chat.AccountID `json:"aid" doc:"account that shakes"`
}

// GroupShaken is the payload of [PushGroupShake].
type GroupShaken struct {
	From chat.AccountID `json:"from" doc:"account that wrote the mention"`
	GID  chat.GroupID   `json:"gid" doc:"group"`
	Msg  ShakenBy       `json:"msg" doc:"the message with the mention"`
}

// ShakenBy is the message that mentions the shaken members.
type ShakenBy struct {
	MsgID string `json:"msgid" doc:"message"`
	Time  string `json:"time" doc:"time of the message"`
	TS    int64  `json:"ts" doc:"the same time in Unix milliseconds"`
}

// Shaken returns the payload of "shake shake".
func (e *Encoder) Shaken(ev chat.Shaken) *Shaken { return &Shaken{ev.From} }

// GroupShaken returns the payload of "group shake".
func (e *Encoder) GroupShaken(ev *chat.GroupShaken) *GroupShaken {
	return &GroupShaken{
		From: ev.From,
		GID:  ev.Group,
		Msg:  ShakenBy{MsgID: messageID(ev.Message), Time: e.Time(ev.At), TS: ev.At.UnixMilli()},
	}
}
