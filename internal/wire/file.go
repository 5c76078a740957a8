package wire

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"parley/internal/chat"
)

// File is what is attached to a message, as it is sent (docs/protocol/message.md).
// Its fields are pointers so that receivers get exactly those that the sender gave.
type File struct {
	URL       *string  `json:"url,omitempty" doc:"download address; not needed with the key of a file that was uploaded here"`
	ID        *string  `json:"id,omitempty" doc:"the file's id"`
	AID       *string  `json:"aid,omitempty" doc:"ignored: receivers see the sender of the message"`
	Ft        any      `json:"ft,omitempty" shape:"integer,string" doc:"file type, a number that the clients define, in quotes or not"`
	Key       *string  `json:"key,omitempty" doc:"the object's key, as given by upload token"`
	Hash      *string  `json:"hash,omitempty" doc:"the object's hash"`
	Size      *int64   `json:"size,omitempty" doc:"bytes"`
	Name      *string  `json:"name,omitempty" doc:"file name"`
	Len       *float64 `json:"len,omitempty" doc:"seconds, for a voice message or video"`
	Width     *int64   `json:"width,omitempty" doc:"pixels, for an image or video"`
	Height    *int64   `json:"height,omitempty" doc:"pixels, for an image or video"`
	IsEmotion *bool    `json:"isEmotion,omitempty" doc:"whether it is a sticker"`
}

// Files is the file of a message as receivers see it.
type Files struct {
	File
	URL  string         `json:"url,omitempty" doc:"download address. For a file on this server it is always a signed address of the server, which works for a limited time"`
	AID  chat.AccountID `json:"aid" doc:"sender of the message"`
	Ft   *int64         `json:"ft,omitempty" doc:"file type; if the sender gave no number, 1 image, 2 attachment, 3 voice, 4 video"`
	Read bool           `json:"read,omitempty" doc:"only in the history: the reader has heard this voice message"`
}

// toStore returns the file as it is stored. An address that this server has made
// is left out, because it expires: forwarded files have one, and readers get a new
// one. Invisible characters and direction marks are removed from the name, because they
// can make a program look like a picture.
func (f *File) toStore() *File {
	out := *f
	if f.Name != nil {
		name := chat.PlainText(*f.Name)
		out.Name = &name
	}
	if n, ok := fileType(f.Ft); ok {
		out.Ft = n
	}
	if f.URL != nil && f.Key != nil && *f.Key != "" && strings.Contains(*f.URL, "/files/"+*f.Key+"?") {
		out.URL = nil
	}
	return &out
}

// StoredFile returns the file of a message as it was sent, without an address or a key that
// was stored before the rule that refuses it. ok is false if the message has no file.
func StoredFile(m *chat.Message) (f File, ok bool) {
	if m.File == nil || json.Unmarshal(m.File, &f) != nil { // files are stored in the form of File
		return File{}, false
	}
	if f.URL != nil && !chat.IsSafeAddress(*f.URL) {
		f.URL = nil
	}
	if f.Key != nil && !chat.IsSafeFileKey(*f.Key) {
		f.Key = nil
	}
	return f, true
}

// file returns the file of a message as receivers see it.
func (e *Encoder) file(m *chat.Message) *Files {
	stored, ok := StoredFile(m)
	if !ok {
		return nil
	}
	f := &Files{File: stored, AID: m.From}
	if sent := f.File.Ft; sent != nil {
		n, ok := fileType(sent)
		if !ok {
			n = kindOfUpload(m.Type)
		}
		f.Ft = &n
	}
	if u := f.File.URL; u != nil {
		f.URL = *u
	}
	if k := f.Key; k != nil && *k != "" && e.FileURL != nil {
		f.URL = e.FileURL(*k, f.URL)
	}
	return f
}

// fileType reads the number that clients call ft. Older ones send words.
func fileType(sent any) (int64, bool) {
	switch v := sent.(type) {
	case int64:
		return v, true
	case float64: // of encoding/json
		return int64(v), math.Abs(v) <= MaxSafeInt && v == math.Trunc(v)
	case string:
		x, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return 0, false
		}
		return fileType(x)
	}
	return 0, false
}

// kindOfUpload is the number that "upload token" has for files of such a message.
func kindOfUpload(t chat.MessageType) int64 {
	switch t {
	case chat.TypeImage:
		return 1
	case chat.TypeVoice:
		return 3
	case chat.TypeVideo:
		return 4
	default:
		return 2
	}
}
