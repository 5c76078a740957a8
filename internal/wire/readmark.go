package wire

import "parley/internal/chat"

// ReadMarks is the payload of [EventReadMarks].
type ReadMarks struct {
	Type       int        `json:"type" rule:"required" doc:"1 user, 2 group"`
	ID         string     `json:"id" rule:"required,max=128" doc:"account or group"`
	MessageIDs MessageIDs `json:"messageIds" rule:"required" doc:"messages of this chat, at most 100"`
}

// MessageIDs is a list of ids of messages.
type MessageIDs []chat.MessageID

func (m *MessageIDs) decode(d *decoder, depth int) error {
	*m = nil
	k, err := d.kind()
	if err != nil {
		return err
	}
	if k != kindArray {
		return chat.Invalid("", "must be a list of ids of messages")
	}
	return d.array(depth, func(i int) error {
		if i == maxMessageIDs {
			return chat.Invalid("", "must name at most %d messages", maxMessageIDs)
		}
		k, err := d.kind()
		if err != nil {
			return err
		}
		id, set, err := d.messageID(k)
		if err == nil && !set {
			err = chat.Invalid("", "must be a list of ids of messages")
		}
		*m = append(*m, chat.MessageID(id))
		return err
	})
}

const maxMessageIDs = 100

// ReadMarkList is the result of [EventReadMarks].
type ReadMarkList struct {
	Marks []ReadMark `json:"marks" doc:"the read marks; messages without one are left out"`
}

// ReadMark says how many have read a message.
type ReadMark struct {
	ID   string `json:"id" doc:"the message"`
	Read int64  `json:"read" doc:"number of accounts that have read it"`
	Of   int64  `json:"of" doc:"number of accounts that count; 0: the message has no read mark"`
}

// ReadCount says how many have read the message in which it is.
type ReadCount struct {
	Read int64 `json:"read" doc:"number of accounts that have read it"`
	Of   int64 `json:"of" doc:"number of accounts that count"`
}

// ReadMarksChanged is the payload of [PushReadMarks].
type ReadMarksChanged struct {
	Type  chat.SessionType `json:"type" doc:"1 user, 2 group"`
	ID    string           `json:"id" doc:"account or group"`
	Marks []ReadMark       `json:"marks" doc:"read marks of messages of the account, the oldest message first; some may be unchanged"`
	More  bool             `json:"more,omitempty" doc:"read marks of older messages may have changed, too: the client requests those of the messages that it shows"`
}

// Readers is the payload of [EventReaders].
type Readers struct {
	Type      int            `json:"type" rule:"required" doc:"1 user, 2 group"`
	ID        string         `json:"id" rule:"required,max=128" doc:"account or group"`
	MessageID chat.MessageID `json:"messageId" rule:"required" doc:"a message of the caller in this chat"`
	Read      bool           `json:"read" rule:"required" doc:"true: those who have read it; false: those who have not"`
	Offset    int            `json:"offset,omitempty" doc:"number of accounts to skip"`
	Limit     int            `json:"limit,omitempty" doc:"at most so many accounts; 20 if absent"`
}

// ReaderList is the result of [EventReaders].
type ReaderList struct {
	Read  int64    `json:"read" doc:"number of accounts that have read it"`
	Of    int64    `json:"of" doc:"number of accounts that count; 0: the message has no read mark"`
	Users []Reader `json:"users" doc:"the accounts, in the order of a directory"`
}

// Reader is an account that has read a message, or has not.
type Reader struct {
	ID     chat.AccountID `json:"id" doc:"account"`
	Name   string         `json:"name" doc:"name to show"`
	Avatar string         `json:"avatar" doc:"address of the picture; may be empty"`
}

// ReadMarks returns the result of "read marks".
func (e *Encoder) ReadMarks(all []chat.ReadMark) *ReadMarkList { return &ReadMarkList{readMarks(all)} }

// ReadMarksChanged returns the payload of the push "read marks" about a chat.
func (e *Encoder) ReadMarksChanged(ref chat.ChatRef, changed chat.ChangedMarks) *ReadMarksChanged {
	return &ReadMarksChanged{ref.Type, ref.ID, readMarks(changed.Marks), changed.More}
}

// Readers returns the result of "message readers".
func (e *Encoder) Readers(mark chat.ReadMark, all []chat.Account) *ReaderList {
	out := &ReaderList{Read: mark.Read, Of: mark.Of, Users: make([]Reader, len(all))}
	for i, a := range all {
		out.Users[i] = Reader{a.ID, a.Name, a.Avatar}
	}
	return out
}

func readMarks(all []chat.ReadMark) []ReadMark {
	out := make([]ReadMark, len(all))
	for i, m := range all {
		out[i] = ReadMark{messageID(m.Message), m.Read, m.Of}
	}
	return out
}
