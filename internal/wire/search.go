package wire

import (
	"parley/internal/chat"
)

// SearchHit is a message that a search has found (docs/protocol/search.md).
type SearchHit struct {
	ID      string        `json:"id" doc:"the message"`
	Chat    SearchChat    `json:"chat" doc:"the chat of the message"`
	From    SearchPerson  `json:"from" doc:"sender"`
	At      int64         `json:"at" doc:"time in Unix milliseconds"`
	Excerpt SearchExcerpt `json:"excerpt" doc:"text around the first match"`
	MsgType int           `json:"msgType" doc:"type of the message"`
}

// SearchChat is a chat with the name and picture in the list of the searching account.
type SearchChat struct {
	Type  chat.SessionType `json:"type" doc:"1 user, 2 group"`
	Value string           `json:"value" doc:"account or group"`
	Name  string           `json:"name" doc:"name to show"`
	Logo  string           `json:"logo" doc:"picture to show; may be empty"`
}

// SearchPerson is the sender of a message.
type SearchPerson struct {
	ID     chat.AccountID `json:"id" doc:"account"`
	Name   string         `json:"name" doc:"name to show"`
	Avatar string         `json:"avatar" doc:"address of the picture; may be empty"`
}

// SearchExcerpt is a part of a text, on one line.
type SearchExcerpt struct {
	Text  string   `json:"text" doc:"the excerpt; … stands for omitted parts"`
	Marks [][2]int `json:"marks" nullable:"false" doc:"beginnings and ends of the matches, in UTF-16 units of text"`
}

// SearchFile is a file that a search has found.
type SearchFile struct {
	SearchHit
	File SearchFileInfo `json:"file" doc:"the file"`
}

// SearchFileInfo has the properties of a file that a list of files shows.
type SearchFileInfo struct {
	Name string `json:"name" doc:"file name"`
	Size int64  `json:"size" doc:"bytes; 0 if the sender did not give it"`
	Ft   *int64 `json:"ft,omitempty" doc:"file type, as in a message"`
	Key  string `json:"key,omitempty" doc:"the object's key"`
	URL  string `json:"url,omitempty" doc:"download address"`
}

// SearchHits returns the result of a search for messages.
func (e *Encoder) SearchHits(hits []chat.Hit) []SearchHit {
	out := make([]SearchHit, len(hits))
	for i := range hits {
		h := &hits[i]
		out[i] = SearchHit{
			ID:   messageID(h.Message.ID),
			Chat: SearchChat{h.Chat.Type, h.Chat.ID, h.Name, h.Avatar},
			From: SearchPerson{h.From.ID, h.From.Name, h.From.Avatar}, At: h.Message.Sent().UnixMilli(),
			Excerpt: SearchExcerpt{h.Excerpt.Text, h.Excerpt.Marks}, MsgType: int(h.Message.Type),
		}
		if out[i].Excerpt.Marks == nil {
			out[i].Excerpt.Marks = [][2]int{}
		}
	}
	return out
}

// SearchFiles returns the result of a search for files.
func (e *Encoder) SearchFiles(hits []chat.Hit) []SearchFile {
	out := make([]SearchFile, len(hits))
	for i, hit := range e.SearchHits(hits) {
		out[i].SearchHit = hit
		if f := e.file(&hits[i].Message); f != nil {
			out[i].File = SearchFileInfo{Name: valueOf(f.Name), Size: valueOf(f.Size), Ft: f.Ft, Key: valueOf(f.Key), URL: f.URL}
		}
	}
	return out
}

// valueOf returns the value of a pointer, and the zero value for nil.
func valueOf[T any](p *T) T {
	if p == nil {
		return *new(T)
	}
	return *p
}
