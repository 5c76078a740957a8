package wire

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

// decoders has the decoder of every request with a payload.
var decoders = map[string]func([]byte) (any, error){
	EventCurrentChat:          decode[CurrentChat],
	EventClearChat:            decode[Empty],
	EventOperate:              decode[Operation],
	EventSendMessage:          decodeDraft[SendMessage],
	EventSendGroupMessage:     decodeDraft[SendGroupMessage],
	EventWithdrawMessage:      decode[WithdrawMessage],
	EventWithdrawGroupMessage: decode[WithdrawGroupMessage],
	EventEditMessage:          decode[EditMessage],
	EventMessageRevisions:     decode[MessageRevisions],
	EventSetReaction:          decode[SetReaction],
	EventReactors:             decode[Reactors],
	EventSetPin:               decode[SetPin],
	EventPinnedMessages:       decode[PinnedMessages],
	EventReadMarks:            decode[ReadMarks],
	EventReaders:              decode[Readers],
	EventTyping:               decode[Typing],
	EventWatchAvailability:    decode[WatchAvailability],
	EventSetStatus:            decode[SetStatus],
	EventSetAway:              decode[SetAway],
	EventVoiceAsRead:          decode[VoiceAsRead],
	EventUnreadCount:          decode[Empty],
	EventAllUnread:            decode[Empty],
	EventInboxUnread:          decode[Empty],
	EventClearUnread:          decode[ClearUnread],
	EventMarkUnread:           decode[MarkUnread],
	EventClearAllUnread:       decode[Empty],
	EventClearNotification:    decode[ClearNotification],
	EventRemoveSession:        decode[RemoveSession],
	EventStickyOnTop:          decode[StickyOnTop],
	EventSetUserNotice:        decode[SetUserNotice],
	EventSilenceMessage:       decode[SilenceMessage],
	EventSetDraft:             decode[SetDraft],
	EventDrafts:               decode[Empty],
	EventShake:                decode[Shake],
	EventGroupShake:           decode[GroupShake],
	EventUploadToken:          decode[UploadToken],
}

func decode[T any](data []byte) (any, error) { return Decode[T](data) }

func decodeDraft[T any, P interface {
	*T
	Draft() (chat.Draft, error)
}](data []byte) (any, error) {
	m, err := Decode[T](data)
	if err != nil {
		return nil, err
	}
	_, err = P(m).Draft()
	return m, err
}

func TestEveryRequestHasADecoder(t *testing.T) {
	for _, r := range Requests {
		d, ok := decoders[r.Name]
		if !ok {
			t.Errorf("%s: no decoder", r.Name)
			continue
		}
		got, _ := d([]byte("{}"))
		if got != nil && !reflect.ValueOf(got).IsNil() && reflect.TypeOf(got).Elem() != reflect.TypeOf(r.Payload) {
			t.Errorf("%s: got %T, want *%T", r.Name, got, r.Payload)
		}
	}
	if got, want := len(decoders), len(Requests); got != want {
		t.Errorf("got %d decoders, want %d", got, want)
	}
}

// refusals are inputs that no client should send; the golden file has the
// answer to each.
var refusals = []struct{ event, payload string }{
	{EventCurrentChat, ``},
	{EventCurrentChat, `null`},
	{EventCurrentChat, `{}`},
	{EventCurrentChat, `[]`},
	{EventCurrentChat, `"x"`},
	{EventCurrentChat, `5`},
	{EventCurrentChat, `true`},
	{EventCurrentChat, `{"id":""}`},
	{EventCurrentChat, `{"id":true}`},
	{EventCurrentChat, `{"id":{}}`},
	{EventCurrentChat, `{"id":["a"]}`},
	{EventCurrentChat, `{"id":"a"`},
	{EventCurrentChat, `{"id":"a"} x`},
	{EventCurrentChat, `{"id":"\x"}`},
	{EventCurrentChat, `{id:"a"}`},
	{EventCurrentChat, "{\"id\":\"\xff\"}"},
	{EventCurrentChat, "{\"id\":\"a\nb\"}"},
	{EventCurrentChat, `{"id":"` + strings.Repeat("a", 129) + `"}`},
	{EventOperate, ` null`},
	{EventOperate, `[1]`},
	{EventOperate, `{"a":01}`},
	{EventOperate, `{"a":"` + strings.Repeat("a", MaxOperate) + `"}`},
	{EventOperate, strings.Repeat(`{"a":`, 40) + `1` + strings.Repeat(`}`, 40)},
	{EventReadMarks, `{"type":2,"id":"g"}`},
	{EventReadMarks, `{"type":2,"id":"g","messageIds":7}`},
	{EventReadMarks, `{"type":2,"id":"g","messageIds":[7,""]}`},
	{EventReadMarks, `{"type":2,"id":"g","messageIds":["07"]}`},
	{EventReadMarks, `{"type":2,"id":"g","messageIds":[` + strings.Repeat("7,", 100) + `7]}`},
	{EventReaders, `{"type":2,"id":"g","messageId":"7"}`},
	{EventReaders, `{"type":2,"id":"g","messageId":"x","read":true}`},
	{EventTyping, `{"type":2}`},
	{EventTyping, `{"id":"g"}`},
	{EventWatchAvailability, `{}`},
	{EventWatchAvailability, `{"ids":"bob"}`},
	{EventWatchAvailability, `{"ids":["bob",""]}`},
	{EventWatchAvailability, `{"ids":["bob",{}]}`},
	{EventWatchAvailability, `{"ids":[` + strings.Repeat("7,", 200) + `7]}`},
	{EventSetStatus, `{"emoji":"ab"}`},
	{EventSetStatus, `{"text":["a"]}`},
	{EventSetStatus, `{"until":-1}`},
	{EventSetAway, `{}`},
	{EventSendMessage, `{}`},
	{EventSendMessage, `{"touser":"b"}`},
	{EventSendMessage, `{"touser":"b","type":"text","msg":"hi"}`},
	{EventSendMessage, `{"touser":"b","type":1.5,"msg":"hi"}`},
	{EventSendMessage, `{"touser":"b","type":"","msg":"hi"}`},
	{EventSendMessage, `{"touser":"b","type":1e99,"msg":"hi"}`},
	{EventSendMessage, `{"touser":"b","type":9007199254740993,"msg":"hi"}`},
	{EventSendMessage, `{"touser":"b","type":1,"msg":{"con":"hi"}}`},
	{EventSendMessage, `{"touser":"b","type":2,"file":"x.png"}`},
	{EventSendMessage, `{"touser":"b","type":2,"file":{"size":"big"}}`},
	{EventSendMessage, `{"touser":"b","type":2,"file":{"size":-1}}`},
	{EventSendMessage, `{"touser":"b","type":2,"file":{"url":5,"isEmotion":"perhaps"}}`},
	{EventSendMessage, `{"touser":"b","type":2,"file":{"url":"javascript:alert(1)"}}`},
	{EventSendMessage, `{"touser":"b","type":2,"file":{"len":"long"}}`},
	{EventSendMessage, `{"touser":"b","type":2,"file":{"name":"` + strings.Repeat("a", MaxField+1) + `"}}`},
	{EventSendMessage, `{"touser":"b","type":5,"card":{}}`},
	{EventSendMessage, `{"touser":"b","type":5,"card":[]}`},
	{EventSendMessage, `{"touser":"b","type":5,"card":{"title":{}}}`},
	{EventSendMessage, `{"touser":"b","type":5,"card":{"title":"a"}}`},
	{EventSendMessage, `{"touser":"b","type":5,"card":{"title":"a","url":" Java\tScript:x"}}`},
	{EventSendMessage, `{"touser":"b","type":5,"card":{"title":"a","url":"https://x.test","pic":"data:text/html,x"}}`},
	{EventSendMessage, `{"touser":"b","type":6,"location":{"lng":1}}`},
	{EventSendMessage, `{"touser":"b","type":6,"location":{"lng":181,"lat":1}}`},
	{EventSendMessage, `{"touser":"b","type":6,"location":{"lng":1,"lat":"north"}}`},
	{EventSendMessage, `{"touser":"b","type":6,"location":{"lng":1,"lat":-90.1}}`},
	{EventSendMessage, `{"touser":"b","type":1,"msg":"hi","refer":7}`},
	{EventSendMessage, `{"touser":"b","type":1,"msg":"hi","refer":{"msgid":"abc"}}`},
	{EventSendMessage, `{"touser":"b","type":1,"msg":"hi","refer":{"msgid":-5}}`},
	{EventSendMessage, `{"touser":"b","type":1,"msg":"hi","waitingid":["a"]}`},
	{EventSendMessage, `{"touser":"b","type":1,"msg":"hi","waitingid":"` + strings.Repeat("w", 129) + `"}`},
	{EventSendMessage, `{"touser":"b","type":1,"msg":"hi","x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`},
	{EventSendMessage, `{"touser":"b","type":1,"msg":"hi","x":` + strings.Repeat("[", 100_000)},
	{EventSendGroupMessage, `{}`},
	{EventSendGroupMessage, `{"touser":"g","type":1,"msg":"hi"}`},
	{EventSendGroupMessage, `{"togroup":"g","msg":"hi"}`},
	{EventWithdrawMessage, `{"touser":"b"}`},
	{EventWithdrawMessage, `{"messageId":0,"touser":"b"}`},
	{EventWithdrawMessage, `{"messageId":"x","touser":"b"}`},
	{EventWithdrawMessage, `{"messageId":"5"}`},
	{EventWithdrawGroupMessage, `{"messageId":"5"}`},
	{EventWithdrawGroupMessage, `{"groupid":"g"}`},
	{EventVoiceAsRead, `{}`},
	{EventVoiceAsRead, `{"messageId":null}`},
	{EventVoiceAsRead, `{"messageId":9007199254740992}`},
	{EventUnreadCount, `[]`},
	{EventClearUnread, `{}`},
	{EventClearUnread, `{"type":1,"id":"b","msgid":""}`},
	{EventClearUnread, `{"type":1,"id":"b","msgid":"05"}`},
	{EventClearUnread, `{"type":1,"id":"b","msgid":5.0}`},
	{EventClearUnread, `{"type":1,"id":"b","msgid":"1e3"}`},
	{EventClearUnread, `{"type":1,"id":"b","msgid":"+5"}`},
	{EventClearUnread, `{"type":1,"id":"b","msgid":0}`},
	{EventClearUnread, `{"type":1,"id":"b","msgid":-5}`},
	{EventClearUnread, `{"type":1,"id":"b","msgid":" 5"}`},
	{EventClearUnread, `{"type":1,"id":"b","msgid":[]}`},
	{EventClearUnread, `{"type":"1"}`},
	{EventRemoveSession, `{"type":1}`},
	{EventRemoveSession, `{"id":"x"}`},
	{EventShake, `{}`},
	{EventShake, `{"aid":false}`},
	{EventGroupShake, `{"gid":"g","messageId":"1"}`},
	{EventGroupShake, `{"gid":"g","toUser":5.5,"messageId":"x"}`},
	{EventGroupShake, `{"gid":"g","toUser":{},"messageId":"1"}`},
	{EventGroupShake, `{"gid":"g","toUser":[null],"messageId":"1"}`},
	{EventGroupShake, `{"gid":"g","toUser":[["a"]],"messageId":"1"}`},
	{EventGroupShake, `{"gid":"g","toUser":[""],"messageId":"1"}`},
	{EventGroupShake, `{"gid":"g","toUser":["a",],"messageId":"1"}`},
	{EventGroupShake, `{"gid":"g","toUser":["a"` + strings.Repeat(`,"a"`, MaxNamed) + `],"messageId":"1"}`},
	{EventGroupShake, `{"gid":"g","toUser":["a"]}`},
	{EventGroupShake, `{"toUser":"all","messageId":"1"}`},
	{EventClearNotification, `{}`},
	{EventClearNotification, `{"type":"task","value":0}`},
	{EventClearNotification, `{"type":"task","value":0,"clear":2}`},
	{EventStickyOnTop, `{"type":1,"value":"b"}`},
	{EventStickyOnTop, `{"type":1,"isTop":true}`},
	{EventStickyOnTop, `{"value":"b","isTop":true}`},
	{EventSilenceMessage, `{"type":6}`},
	{EventUploadToken, `{}`},
	{EventUploadToken, `{"type":5}`},
	{EventUploadToken, `{"type":1,"ext":"../x"}`},
}

func TestRefusals(t *testing.T) {
	var b strings.Builder
	for _, r := range refusals {
		_, err := decoders[r.event]([]byte(r.payload))
		if err == nil {
			t.Errorf("%s %.80s: got no error", r.event, r.payload)
			continue
		}
		f, known := Refusal(r.event, err)
		if !known {
			t.Errorf("%s %.80s: got %v, which is no refusal", r.event, r.payload, err)
		}
		fmt.Fprintf(&b, "%s %s\n  → %s\n", r.event, excerpt(r.payload), f.Error)
	}
	golden(t, "refusals.golden", b.String())
}

// excerpt keeps the golden file readable.
func excerpt(s string) string {
	if len(s) > 100 {
		s = fmt.Sprintf("%s… (%d bytes)", s[:60], len(s))
	}
	return strings.ToValidUTF8(strings.NewReplacer("\n", `␊`, "\t", `␉`).Replace(s), "\uFFFD")
}

func ptr[T any](v T) *T { return &v }

func TestDecodeForgives(t *testing.T) {
	const whole = `{"touser":"b","msg":"hi","type":1,"waitingid":"7","refer":{"msgid":12}}`
	sent := &SendMessage{ToUser: "b", Msg: "hi", Type: 1, WaitingID: "7", Refer: &ReferTo{12}}
	tests := []struct {
		name, event, payload string
		want                 any
	}{
		{"as written", EventSendMessage, whole, sent},
		{"white space", EventSendMessage, " \n{ \"touser\" :\t\"b\" , \"msg\":\"hi\",\"type\":1 ,\"waitingid\":\"7\",\"refer\":{ \"msgid\" : 12 } }\r\n", sent},
		{"numbers in quotes", EventSendMessage, `{"touser":"b","msg":"hi","type":"1","waitingid":"7","refer":{"msgid":"12"}}`, sent},
		{"strings without quotes", EventSendMessage, `{"touser":"b","msg":"hi","type":1,"waitingid":7,"refer":{"msgid":12}}`, sent},
		{"whole numbers with a fraction", EventSendMessage, `{"touser":"b","msg":"hi","type":1.0,"waitingid":"7","refer":{"msgid":12}}`, sent},
		{"unknown fields", EventSendMessage, `{"a":[{"b":[1,true,null,"\u00e9"]}],"touser":"b","msg":"hi","type":1,"waitingid":"7","refer":{"msgid":12,"q":{}}}`, sent},
		{"null is absent", EventSendMessage, `{"touser":"b","msg":"hi","type":1,"waitingid":"7","refer":{"msgid":12},"card":null,"file":null,"location":null}`, sent},
		{"the last one counts", EventSendMessage, `{"touser":"a","touser":"b","msg":"hi","type":1,"waitingid":"7","refer":{"msgid":12}}`, sent},
		{"escaped names", EventSendMessage, `{"to\u0075ser":"b","msg":"\u0068\u0069","type":1,"waitingid":"7","refer":{"msgid":12}}`, sent},
		{"text as it is", EventSendMessage, `{"touser":"b","type":1,"msg":"<b>&\n[smile] \ud83d\ude00 é\/\ud800"}`, &SendMessage{ToUser: "b", Type: 1, Msg: "<b>&\n[smile] 😀 é/\uFFFD"}},
		{"an empty quote is none", EventSendMessage, `{"touser":"b","type":1,"msg":"x","refer":{"msgid":""}}`, &SendMessage{ToUser: "b", Type: 1, Msg: "x", Refer: &ReferTo{}}},
		{"file", EventSendMessage, `{"touser":"b","type":4,"file":{"url":"https://f.test/a","id":5,"size":"12","len":"1.5","isEmotion":"0","ft":3,"secret":1}}`, &SendMessage{ToUser: "b", Type: 4, File: &File{URL: ptr("https://f.test/a"), ID: ptr("5"), Size: ptr(int64(12)), Len: ptr(1.5), IsEmotion: ptr(false), Ft: "3"}}},
		{"location", EventSendMessage, `{"touser":"b","type":6,"location":{"lng":"-0.5","lat":51.25,"title":"T"}}`, &SendMessage{ToUser: "b", Type: 6, Location: &Location{Lng: ptr(-0.5), Lat: ptr(51.25), Title: ptr("T")}}},
		{"no payload", EventUnreadCount, ``, &Empty{}},
		{"null", EventUnreadCount, `null`, &Empty{}},
		{"any object", EventUnreadCount, `{"a":1}`, &Empty{}},
		{"operate", EventOperate, ` {"a":[1, 2],"b":"<"} `, &Operation{[]byte(`{"a":[1, 2],"b":"<"}`)}},
		{"all", EventGroupShake, `{"gid":"g","toUser":"all","messageId":5}`, &GroupShake{GID: "g", ToUser: Accounts{All: true}, MessageID: 5}},
		{"one account", EventGroupShake, `{"gid":"g","toUser":"a","messageId":5}`, &GroupShake{GID: "g", ToUser: Accounts{IDs: []chat.AccountID{"a"}}, MessageID: 5}},
		{"accounts", EventGroupShake, `{"gid":"g","toUser":["a","b"],"messageId":"5"}`, &GroupShake{GID: "g", ToUser: Accounts{IDs: []chat.AccountID{"a", "b"}}, MessageID: 5}},
		{"inbox by type", EventRemoveSession, `{"type":6,"id":"whatever"}`, &RemoveSession{6, "task"}},
		{"flag as number", EventStickyOnTop, `{"type":"2","value":"g","isTop":1}`, &StickyOnTop{2, "g", true}},
		{"ending with a dot", EventUploadToken, `{"type":1,"ext":".png"}`, &UploadToken{1, "png"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decoders[tt.event]([]byte(tt.payload))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("-got +want\n%s", diff)
			}
		})
	}
}

// A receiver gets exactly the fields that the sender gave, in their proper types.
func TestNormalForm(t *testing.T) {
	m, err := Decode[SendMessage]([]byte(`{"touser":"b","type":4,
		"file":{"isEmotion":false,"len":3,"name":"<a>.txt","size":"10","x":1},
		"card":{"entityid":7,"md":"","url":"https://c.test/?a=1&b=2","title":"T"},
		"location":{"lat":"1.50","lng":2}}`))
	if err != nil {
		t.Fatal(err)
	}
	d, err := m.Draft()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ got, want string }{
		{string(d.File), `{"size":10,"name":"<a>.txt","len":3,"isEmotion":false}`},
		{string(d.Card), `{"title":"T","md":"","url":"https://c.test/?a=1&b=2","entityid":"7"}`},
		{string(d.Location), `{"lng":2,"lat":1.5}`},
	} {
		if tt.got != tt.want {
			t.Errorf("got %s, want %s", tt.got, tt.want)
		}
	}
}

func TestRefusalOfFaults(t *testing.T) {
	fault := fmt.Errorf("disk is full")
	for _, tt := range []struct {
		event string
		err   error
		want  string
		known bool
	}{
		{EventSendMessage, fault, "database error", false},
		{EventSendGroupMessage, fault, "database err", false},
		{EventClearUnread, fault, "internal error", false},
		{"no such event", fault, "internal error", false},
		{EventSendMessage, fmt.Errorf("send: %w", chat.ErrNotContact), "not my contract", true},
		{EventClearUnread, chat.Invalid("type", "must be %d", 1), "invalid payload: type must be 1", true},
	} {
		got, known := Refusal(tt.event, tt.err)
		if got.Error != tt.want || known != tt.known {
			t.Errorf("%s: got %q, %t, want %q, %t", tt.event, got.Error, known, tt.want, tt.known)
		}
	}
}

// FuzzDecode throws bytes at every decoder. Whatever they are, the answer is a
// payload that encodes again or a refusal that names a field.
func FuzzDecode(f *testing.F) {
	for _, r := range refusals {
		if len(r.payload) < 1000 {
			f.Add([]byte(r.payload))
		}
	}
	f.Add([]byte(`{"touser":"b","togroup":"g","msg":"\ud83d\ude00","type":"1","file":{"size":"1"},"card":{"title":"a","url":"https://x.test"},"refer":{"msgid":1}}`))
	f.Add([]byte(`{"type":6,"id":"x","value":1,"clear":"true","isTop":0,"isSilent":1,"messageId":"5","gid":"g","toUser":["a",1],"aid":"b","groupid":"g"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for name, d := range decoders {
			got, err := d(data)
			if err == nil {
				compact(got)
				continue
			}
			text, ok := RefusalText(err)
			if !ok || !strings.HasPrefix(text, "invalid payload: ") {
				t.Errorf("%s: got error %v", name, err)
			}
		}
	})
}

func BenchmarkDecodeSendMessage(b *testing.B) {
	data := []byte(`{"touser":"0190c5f0-5e5e-7aaa-8bbb-0123456789ab","msg":"shall we meet at five? 😀","type":1,"waitingid":"w-1234567890"}`)
	b.ReportAllocs()
	for b.Loop() {
		m, err := Decode[SendMessage](data)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := m.Draft(); err != nil {
			b.Fatal(err)
		}
	}
}
