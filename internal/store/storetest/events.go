package storetest

import (
	"bytes"
	"encoding/gob"

	"parley/internal/chat"
)

// Encode and Decode are a form of events for tests of nodes.

func init() {
	for _, e := range []chat.Event{
		chat.MessageSent{},
		chat.MessageWithdrawn{},
		chat.ChatRead{},
		chat.AllRead{},
		chat.SessionRemoved{},
		chat.Operated{},
		chat.Shaken{},
		chat.AccountChanged{},
		chat.ViewerMoved{},
		chat.ReadsMade{},
		chat.NodeGone{},
	} {
		gob.Register(e)
	}
}

// Encode encodes events of the types that tests publish.
func Encode(events []chat.Event) ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(events)
	return b.Bytes(), err
}

// Decode decodes what [Encode] returned.
func Decode(encoded []byte) (events []chat.Event, err error) {
	err = gob.NewDecoder(bytes.NewReader(encoded)).Decode(&events)
	return events, err
}
