package wire

import "parley/internal/chat"

// HistoryRow has the fields of a message in the history that its push does not have.
type HistoryRow struct {
	FromAccount FromAccount    `json:"fromAccount" doc:"the sender"`
	IsWd        bool           `json:"iswd" doc:"it was withdrawn; its text is then a notice"`
	WdAdminID   chat.AccountID `json:"wdAdminid,omitempty" doc:"the administrator who withdrew it"`
	WaitingID   string         `json:"waitingid,omitempty" doc:"only for messages of the reader"`
	ReadMark    *ReadCount     `json:"readMark,omitempty" doc:"only for messages of the reader: how many have read it. Absent if it has no read mark"`
}

// FromAccount is the sender of a message in the history.
type FromAccount struct {
	ID   chat.AccountID `json:"id" doc:"account"`
	Name string         `json:"name" doc:"name to show"`
	Logo string         `json:"logo" doc:"address of the picture; may be empty"`
}

// UserHistoryRow is an entry of GET /messages and its relatives.
type UserHistoryRow struct {
	UserMessage
	HistoryRow
}

// GroupHistoryRow is an entry of GET /group_messages and its relatives.
type GroupHistoryRow struct {
	GroupMessage
	HistoryRow
}

// UserHistory returns the entries of GET /messages and its relatives.
func (e *Encoder) UserHistory(posted []chat.Posted, reader chat.AccountID) []UserHistoryRow {
	out := make([]UserHistoryRow, len(posted))
	for i := range posted {
		p := &posted[i]
		out[i] = UserHistoryRow{*e.UserMessage(p), historyRow(p, reader)}
		markHeard(out[i].Msg.Files, p)
	}
	return out
}

// GroupHistory returns the entries of GET /group_messages and its relatives.
func (e *Encoder) GroupHistory(posted []chat.Posted, reader chat.AccountID, push bool) []GroupHistoryRow {
	out := make([]GroupHistoryRow, len(posted))
	for i := range posted {
		p := &posted[i]
		out[i] = GroupHistoryRow{*e.GroupMessage(p, push), historyRow(p, reader)}
		markHeard(out[i].Msg.Files, p)
	}
	return out
}

func historyRow(p *chat.Posted, reader chat.AccountID) HistoryRow {
	row := HistoryRow{
		FromAccount: FromAccount{p.From.ID, p.From.Name, p.From.Avatar},
		IsWd:        p.Message.Withdrawn(),
		WdAdminID:   administrator(&p.Message),
	}
	if p.Message.From == reader {
		row.WaitingID = p.Message.WaitingID
	}
	if p.Mark != nil {
		row.ReadMark = &ReadCount{p.Mark.Read, p.Mark.Of}
	}
	return row
}

// administrator returns the account that withdrew the message, if it is not the sender.
func administrator(m *chat.Message) chat.AccountID {
	if m.WithdrawnBy == m.From {
		return ""
	}
	return m.WithdrawnBy
}

// markHeard sets in the file that the reader has heard the voice message.
func markHeard(f *Files, p *chat.Posted) {
	if f != nil {
		f.Read = p.Heard
	}
}
