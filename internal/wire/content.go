package wire

import (
	"encoding/json"

	"parley/internal/chat"
)

// Card is a preview of an object of another application, such as a task or a post, with a
// link to it.
type Card struct {
	Title    string  `json:"title" rule:"required" doc:"first line"`
	MD       *string `json:"md,omitempty" doc:"object of a built-in application: task, calendar, post, vote, kcfile, kcfolder"`
	Text     *string `json:"text,omitempty" doc:"second line"`
	URL      string  `json:"url" rule:"required" doc:"full address that opens on a click"`
	Pic      *string `json:"pic,omitempty" doc:"picture, for applications that are not built in"`
	EntityID *string `json:"entityid,omitempty" doc:"id of the object in its application"`
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

// content converts the common fields of both sends. Package chat checks which type needs
// which parts. This function checks the values inside files, cards and locations, because
// package chat gets these as JSON: it refuses unsafe addresses, negative sizes and
// coordinates out of range.
func content(t int, msg string, f *File, c *Card, l *Location) (chat.Content, error) {
	out := chat.Content{Type: chat.MessageType(t), Text: msg}
	if f != nil {
		if err := checkAddress("file.url", f.URL); err != nil {
			return out, err
		}
		if f.Key != nil {
			if err := chat.CheckFileKey("file.key", *f.Key); err != nil {
				return out, err
			}
		}
		if f.Size != nil && *f.Size < 0 {
			return out, chat.Invalid("file.size", "must not be negative")
		}
		if f.Width != nil && *f.Width < 0 || f.Height != nil && *f.Height < 0 {
			return out, chat.Invalid("file.width", "must not be negative, nor file.height")
		}
		out.File = compact(f.toStore())
	}
	if c != nil {
		if err := checkAddress("card.url", &c.URL); err != nil {
			return out, err
		}
		if err := checkAddress("card.pic", c.Pic); err != nil {
			return out, err
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

// checkAddress refuses an address that clients must not open. Many clients send an empty
// string if there is no address.
func checkAddress(field string, address *string) error {
	if address == nil || *address == "" {
		return nil
	}
	return chat.CheckAddress(field, *address)
}

// card returns a stored card for readers, without addresses that were stored before the
// rule that refuses them.
func card(stored json.RawMessage) json.RawMessage {
	if stored == nil {
		return nil
	}
	var c Card
	if err := json.Unmarshal(stored, &c); err != nil {
		return nil // impossible: stored cards have the form of Card
	}
	if checkAddress("", &c.URL) == nil && checkAddress("", c.Pic) == nil {
		return stored
	}
	if checkAddress("", &c.URL) != nil {
		c.URL = ""
	}
	if checkAddress("", c.Pic) != nil {
		c.Pic = nil
	}
	return compact(&c)
}
