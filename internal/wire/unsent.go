package wire

import (
	"time"

	"parley/internal/chat"
)

// SetDraft is the payload of [EventSetDraft].
type SetDraft struct {
	Type  int            `json:"type" rule:"required" doc:"1 user, 2 group"`
	ID    string         `json:"id" rule:"required,max=128" doc:"account, file-transfer, or group"`
	Msg   string         `json:"msg" rule:"max=1000000" doc:"text; empty if it was emptied or sent"`
	Refer chat.MessageID `json:"refer,omitempty" doc:"message that it answers"`
	Note  string         `json:"note,omitempty" doc:"anything that the client keeps with the text, for example whom it mentions; returned unchanged"`
	Age   int64          `json:"age,omitempty" doc:"how long ago it was written, in milliseconds"`
}

const longestAge = 100 * 365 * 24 * time.Hour

func (s *SetDraft) check() error {
	if s.Age < 0 || s.Age > longestAge.Milliseconds() {
		return chat.Invalid("age", "must be 0 to %d", longestAge.Milliseconds())
	}
	return nil
}

// Unsent returns the text in chat's terms.
func (s *SetDraft) Unsent(now time.Time) chat.Unsent {
	return chat.Unsent{
		Ref: chat.ChatRef{Type: chat.SessionType(s.Type), ID: s.ID}, Text: s.Msg, Refer: s.Refer, Note: s.Note,
		At: now.Add(-time.Duration(s.Age) * time.Millisecond),
	}
}

// Draft is the result of [EventSetDraft], an entry of that of [EventDrafts], and the payload of [PushDraftChanged].
type Draft struct {
	Type  chat.SessionType `json:"type" doc:"1 user, 2 group"`
	ID    string           `json:"id" doc:"account, file-transfer, or group"`
	Msg   string           `json:"msg" doc:"text; empty if it was emptied or sent"`
	Refer string           `json:"refer,omitempty" doc:"message that it answers; it may be gone"`
	Note  string           `json:"note,omitempty" doc:"what the client that wrote it keeps with it"`
	Time  int64            `json:"time" doc:"when it was written, in Unix milliseconds"`
}

// Draft returns a text that is not sent.
func (e *Encoder) Draft(u chat.Unsent) *Draft {
	d := &Draft{Type: u.Ref.Type, ID: u.Ref.ID, Msg: u.Text, Note: u.Note, Time: u.At.UnixMilli()}
	if u.Refer != 0 {
		d.Refer = messageID(u.Refer)
	}
	return d
}

// Drafts is the result of [EventDrafts].
func (e *Encoder) Drafts(all []chat.Unsent) []Draft {
	drafts := make([]Draft, len(all))
	for i, u := range all {
		drafts[i] = *e.Draft(u)
	}
	return drafts
}
