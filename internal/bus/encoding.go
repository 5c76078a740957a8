package bus

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"

	"github.com/fxamacker/cbor/v2"

	"parley/internal/chat"
)

// The encoding of events, in the log of commits and on the bus:
//
//	version byte, then for each event: name of its type, event
//
// The name and the event are CBOR; an event is a map from the names of its fields. During
// an update, nodes of two versions read each other's events. A reader ignores types and
// fields that it does not know, and a missing field has its zero value. So types and fields
// may be added, and their meaning must not change. The types that are part of every message
// leave out their zero fields, for the log, for the bus, and because all nodes wait while a
// commit is encoded. A change that an older version must
// not ignore needs another version byte, and then the two cannot run side by side.
const encodingVersion = 1

// These make a process send what a later version may send. They are nil outside of tests; see later.go.
var laterEvents, laterMessage func([]byte) []byte

// ErrVersion is why events of an incompatible version cannot be decoded.
var ErrVersion = errors.New("bus: events have the encoding of another version")

// types are the events by the names that they have in the encoding.
var types = func() map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for _, e := range []chat.Event{
		chat.MessageSent{},
		chat.MessageWithdrawn{},
		chat.ChatRead{},
		chat.ChatReadUpTo{},
		chat.ReadTakenBack{},
		chat.AllRead{},
		chat.SessionRemoved{},
		chat.Operated{},
		chat.Shaken{},
		chat.GroupShaken{},
		chat.InboxCleared{},
		chat.VoiceHeard{},
		chat.ReactionSet{},
		chat.MessageEdited{},
		chat.ReadersChanged{},
		chat.StickySet{},
		chat.UnsentChanged{},
		chat.Typed{},
		chat.AvailabilityChanged{},
		chat.Attended{},
		chat.AttendanceWanted{},
		chat.SilenceSet{},
		chat.GroupEntered{},
		chat.GroupMemberLeft{},
		chat.GroupDissolved{},
		chat.GroupRenamed{},
		chat.GroupChanged{},
		chat.GroupAdminSet{},
		chat.GroupBanSet{},
		chat.GroupInviteSet{},
		chat.GroupPushSet{},
		chat.DirectPushSet{},
		chat.MarkedUnread{},
		chat.PinSet{},
		chat.Notified{},
		chat.LoggedOut{},
		chat.ContactChanged{},
		chat.AccountChanged{},
		chat.AppChanged{},
		chat.SettingsChanged{},
		chat.MailQueued{},
		chat.UploadKeyChanged{},
		chat.ViewerMoved{},
		chat.ReadsMade{},
		chat.NodeGone{},
	} {
		t := reflect.TypeOf(e)
		all[t.Name()] = t
	}
	return all
}()

var (
	encoder = must(cbor.EncOptions{Time: cbor.TimeRFC3339NanoUTC}.UserBufferEncMode())
	decoder = must(cbor.DecOptions{UTF8: cbor.UTF8DecodeInvalid, MaxArrayElements: 1 << 24}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // the options are constants
	}
	return v
}

// Encode encodes events. No events are nil.
func Encode(events []chat.Event) ([]byte, error) {
	if len(events) == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	b.WriteByte(encodingVersion)
	for _, e := range events {
		t := reflect.TypeOf(e)
		if types[t.Name()] != t {
			return nil, fmt.Errorf("bus: events of the type %s have no encoding", t)
		}
		if err := errors.Join(encoder.MarshalToBuffer(t.Name(), &b), encoder.MarshalToBuffer(e, &b)); err != nil {
			return nil, fmt.Errorf("bus: encode %s: %w", t, err)
		}
	}
	if laterEvents != nil {
		return laterEvents(b.Bytes()), nil
	}
	return b.Bytes(), nil
}

// Decode decodes the events that [Encode] has encoded, without those of unknown types.
func Decode(data []byte) ([]chat.Event, error) {
	if len(data) == 0 {
		return nil, nil
	}
	if data[0] != encodingVersion {
		return nil, ErrVersion
	}
	var events []chat.Event
	for rest := data[1:]; len(rest) > 0; {
		var name string
		var err error
		if rest, err = decoder.UnmarshalFirst(rest, &name); err != nil {
			return nil, fmt.Errorf("bus: decode the type of an event: %w", err)
		}
		t := types[name]
		if t == nil {
			var unknown cbor.RawMessage
			if rest, err = decoder.UnmarshalFirst(rest, &unknown); err != nil {
				return nil, fmt.Errorf("bus: decode an event of an unknown type: %w", err)
			}
			continue
		}
		e := reflect.New(t)
		if rest, err = decoder.UnmarshalFirst(rest, e.Interface()); err != nil {
			return nil, fmt.Errorf("bus: decode %s: %w", t, err)
		}
		events = append(events, e.Elem().Interface().(chat.Event))
	}
	return events, nil
}
