package wire

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"parley/internal/chat"
)

// File is what is attached to a message: sent as file, shown as msg.files
// (docs/protocol/message.md). Its fields are pointers so that receivers get exactly
// those that the sender gave.
type File struct {
	URL       *string  `json:"url,omitempty" doc:"where it can be fetched. Of a file that was sent by its key alone the server adds an address that works for a while"`
	ID        *string  `json:"id,omitempty" doc:"the file's id"`
	AID       *string  `json:"aid,omitempty" doc:"attachment id"`
	Ft        *string  `json:"ft,omitempty" doc:"file type, as the client names it"`
	Key       *string  `json:"key,omitempty" doc:"the object's key, as given by upload token"`
	Hash      *string  `json:"hash,omitempty" doc:"the object's hash"`
	Size      *int64   `json:"size,omitempty" doc:"bytes"`
	Name      *string  `json:"name,omitempty" doc:"file name"`
	Len       *float64 `json:"len,omitempty" doc:"seconds, of a voice message or video"`
	Width     *int64   `json:"width,omitempty" doc:"points, of an image or video"`
	Height    *int64   `json:"height,omitempty" doc:"points, of an image or video"`
	IsEmotion *bool    `json:"isEmotion,omitempty" doc:"whether it is a sticker"`
}

// Card is a link with a face: a task, a post, something of another application.
type Card struct {
	Title    string  `json:"title" rule:"required" doc:"first line"`
	MD       *string `json:"md,omitempty" doc:"what a built-in application shows: task, calendar, post, vote, kcfile, kcfolder"`
	Text     *string `json:"text,omitempty" doc:"second line"`
	URL      string  `json:"url" rule:"required" doc:"full address that a click opens"`
	Pic      *string `json:"pic,omitempty" doc:"picture, of applications that are not built in"`
	EntityID *string `json:"entityid,omitempty" doc:"id of the thing in its application"`
}

// Location is a place on the map.
type Location struct {
	Lng     *float64 `json:"lng,omitempty" rule:"required" doc:"degrees of longitude"`
	Lat     *float64 `json:"lat,omitempty" rule:"required" doc:"degrees of latitude"`
	Title   *string  `json:"title,omitempty" doc:"name of the place"`
	Address *string  `json:"address,omitempty" doc:"postal address"`
}

// ReferTo names the message that is quoted.
type ReferTo struct {
	MessageID chat.MessageID `json:"msgid" doc:"a message of the same chat"`
}

// content is what both sends have in common, in chat's terms. Which type needs
// which parts is chat's rule. What no value of a field can mean is the
// contract's, for chat gets files, cards and locations as they will be shown: no
// script in place of an address, no size below zero, no place off the map.
func content(t int, msg string, f *File, c *Card, l *Location) (chat.Content, error) {
	out := chat.Content{Type: chat.MessageType(t), Text: msg}
	if f != nil {
		if f.URL != nil && scripted(*f.URL) {
			return out, chat.Invalid("file.url", "must not be a script")
		}
		if f.Size != nil && *f.Size < 0 {
			return out, chat.Invalid("file.size", "must not be negative")
		}
		if f.Width != nil && *f.Width < 0 || f.Height != nil && *f.Height < 0 {
			return out, chat.Invalid("file.width", "must not be negative, nor file.height")
		}
		out.File = compact(f.toStore().named())
	}
	if c != nil {
		if scripted(c.URL) {
			return out, chat.Invalid("card.url", "must not be a script")
		}
		if c.Pic != nil && scripted(*c.Pic) {
			return out, chat.Invalid("card.pic", "must not be a script")
		}
		out.Card = compact(c)
	}
	if l != nil {
		if *l.Lng < -180 || *l.Lng > 180 {
			return out, chat.Invalid("location.lng", "must be between -180 and 180")
		}
		if *l.Lat < -90 || *l.Lat > 90 {
			return out, chat.Invalid("location.lat", "must be between -90 and 90")
		}
		out.Location = compact(l)
	}
	return out, nil
}

// toStore leaves the address out that this server itself has made of the key, as
// forwarded files have it: it will be over when somebody reads the message, and
// whoever reads gets a new one.
func (f *File) toStore() *File {
	if f.URL == nil || f.Key == nil || *f.Key == "" || !strings.Contains(*f.URL, "/files/"+*f.Key+"?") {
		return f
	}
	out := *f
	out.URL = nil
	return &out
}

// named leaves out of the file's name what cannot be seen or turns the direction of writing: it would let a program
// look like a picture.
func (f *File) named() *File {
	if f.Name == nil {
		return f
	}
	out, name := *f, chat.PlainText(*f.Name)
	out.Name = &name
	return &out
}

// withURL adds the address to a file that has none. Files are stored in the
// normal form of [File], so that the key is found without decoding: inside of a
// string its quotes would be escaped.
func (e *Encoder) withURL(file json.RawMessage) json.RawMessage {
	const urlHead, keyHead = `{"url":"`, `"key":"`
	if e.FileURL == nil || len(file) < len(urlHead) || string(file[:len(urlHead)]) == urlHead && file[len(urlHead)] != '"' {
		return file
	}
	_, rest, ok := bytes.Cut(file, []byte(keyHead))
	if !ok {
		return file
	}
	s := scanner{data: file, pos: len(file) - len(rest) - 1}
	key, err := s.str()
	if err != nil || key == "" {
		return file
	}
	address := compact(e.FileURL(key))
	out := make(json.RawMessage, 0, len(file)+len(address)+len(urlHead))
	out = append(out, `{"url":`...)
	out = append(out, address...)
	out = append(out, ',')
	return append(out, bytes.TrimPrefix(file[1:], []byte(`"url":"",`))...)
}

// scripted reports whether opening the address would run somebody else's
// program in the reader's page.
func scripted(address string) bool {
	// Browsers drop white space and control characters in and before a scheme.
	address = strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, address)
	scheme, _, ok := strings.Cut(address, ":")
	if !ok {
		return false
	}
	if s, err := url.PathUnescape(scheme); err == nil {
		scheme = s
	}
	switch strings.ToLower(scheme) {
	case "javascript", "vbscript", "data":
		return true
	}
	return false
}
