package fault

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/server/demo"
	"parley/internal/server/servertest"
	"parley/internal/wire"
	"parley/socketio/socketiotest"
)

// good holds a payload that is accepted, for each request. $alice, $bob, $group
// and $message (alice's, in the group), $direct (alice's, to bob) are filled in.
var good = map[string]string{
	wire.EventCurrentChat:          `{"id":"$bob"}`,
	wire.EventClearChat:            `{}`,
	wire.EventOperate:              `{"open":"x"}`,
	wire.EventUnreadCount:          `{}`,
	wire.EventAllUnread:            `{}`,
	wire.EventClearUnread:          `{"type":1,"id":"$bob"}`,
	wire.EventMarkUnread:           `{"type":1,"id":"$bob","msgid":"$direct"}`,
	wire.EventClearAllUnread:       `{}`,
	wire.EventInboxUnread:          `{}`,
	wire.EventSendMessage:          `{"touser":"$bob","msg":"hello","type":1,"refer":{"msgid":"$direct"}}`,
	wire.EventSendGroupMessage:     `{"togroup":"$group","msg":"hello","type":1,"refer":{"msgid":"$message"}}`,
	wire.EventUploadToken:          `{"type":1}`,
	wire.EventRemoveSession:        `{"type":1,"id":"$bob"}`,
	wire.EventShake:                `{"aid":"$bob","messageId":"$direct"}`,
	wire.EventGroupShake:           `{"gid":"$group","toUser":["$bob"],"messageId":"$message"}`,
	wire.EventClearNotification:    `{"type":"task","value":0,"clear":true}`,
	wire.EventVoiceAsRead:          `{"messageId":"$direct"}`,
	wire.EventWithdrawMessage:      `{"messageId":"$direct","touser":"$bob"}`,
	wire.EventWithdrawGroupMessage: `{"messageId":"$message","groupid":"$group"}`,
	wire.EventEditMessage:          `{"type":2,"id":"$group","messageId":"$message","msg":"another text"}`,
	wire.EventMessageRevisions:     `{"type":2,"id":"$group","messageId":"$message"}`,
	wire.EventSetReaction:          `{"type":2,"id":"$group","messageId":"$message","emoji":"👍","isOn":true}`,
	wire.EventReactors:             `{"type":2,"id":"$group","messageId":"$message","emoji":"👍"}`,
	wire.EventSetPin:               `{"type":1,"id":"$bob","messageId":"$direct","isPinned":true}`,
	wire.EventPinnedMessages:       `{"type":2,"id":"$group"}`,
	wire.EventReadMarks:            `{"type":2,"id":"$group","messageIds":["$message"]}`,
	wire.EventReaders:              `{"type":2,"id":"$group","messageId":"$message","read":true,"offset":0,"limit":5}`,
	wire.EventReplies:              `{"type":2,"id":"$group","messageId":"$message","limit":5}`,
	wire.EventStickyOnTop:          `{"type":1,"value":"$bob","isTop":true}`,
	wire.EventSetUserNotice:        `{"aid":"$bob","isPush":true}`,
	wire.EventSetDraft:             `{"type":2,"id":"$group","msg":"half a sen","refer":"$message","note":"of the client","age":5}`,
	wire.EventDrafts:               `{}`,
	wire.EventSilenceMessage:       `{"type":6,"AccountID":"$alice","isSilent":true}`,
}

// wrong are values that no field takes, or that only some take; what they are
// called is for the test's messages.
var wrong = map[string]string{
	"null":      `null`,
	"an object": `{"a":{"b":1}}`,
	"a list":    `[[["x"]]]`,
	"a bool":    `true`,
	"a float":   `1.5e3`,
	"a number":  `-9223372036854775809`,
	"empty":     `""`,
	"huge":      `"` + strings.Repeat("语", 100_000) + `"`,
	"deep":      strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000),
	"a nul":     `"a\u0000b"`,
	"lone half": `"\ud800"`,
	"sql":       `"' OR 1=1; DROP TABLE message; --"`,
	"path":      `"../../etc/passwd"`,
	"no such":   `"0198c0de-0000-7000-8000-00000000dead"`,
}

// optional are the fields that may be missing, null or empty.
var optional = fields{
	wire.EventOperate + " open", wire.EventSendMessage + " refer", wire.EventSendGroupMessage + " refer",
	wire.EventShake + " messageId", wire.EventClearNotification + " value", wire.EventSilenceMessage + " AccountID",
	wire.EventSetDraft + " msg", wire.EventSetDraft + " refer", wire.EventSetDraft + " note", wire.EventSetDraft + " age",
	wire.EventReaders + " offset", wire.EventReaders + " limit", wire.EventReplies + " limit",
}

// free are the fields for which every short text or number will do: what it
// names need not exist.
var free = append(fields{
	wire.EventCurrentChat + " id", wire.EventSendMessage + " msg", wire.EventSendGroupMessage + " msg", wire.EventEditMessage + " msg",
	wire.EventGroupShake + " toUser",
}, optional...)

// takes names the fields that take an object, a list or a bool. All others want
// the text of an id or a number, for which these are never meant.
var takes = map[string]fields{
	"an object": {wire.EventOperate + " open", wire.EventSendMessage + " refer", wire.EventSendGroupMessage + " refer"},
	"a list":    {wire.EventOperate + " open"},
	"a bool": {
		wire.EventOperate + " open", wire.EventClearNotification + " clear", wire.EventStickyOnTop + " isTop",
		wire.EventSilenceMessage + " isSilent", wire.EventSetReaction + " isOn", wire.EventSetUserNotice + " isPush", wire.EventSetPin + " isPinned", wire.EventReaders + " read",
	},
}

// fields are named "request field".
type fields []string

func (f fields) has(request, field string) bool { return slices.Contains(f, request+" "+field) }

// mutation is a payload with one field changed.
type mutation struct{ field, what, payload string }

// want matches the refusals that the contract allows, nil when it does not refuse.
func (m mutation) want(request string) *regexp.Regexp {
	switch m.what {
	case "unknown":
		return nil
	case "missing", "null", "empty":
		if optional.has(request, m.field) {
			return nil
		}
		return invalid
	case "an object", "a list", "a bool":
		if takes[m.what].has(request, m.field) {
			return nil
		}
		return invalid
	case "huge":
		if m.field == "msg" {
			return tooLong
		}
		return invalid
	case "deep":
		return invalid
	}
	if free.has(request, m.field) {
		return nil
	}
	return refusals
}

var (
	invalid = regexp.MustCompile(`^invalid payload: \S+ .+$`)
	tooLong = regexp.MustCompile(`^message too long$`)

	// refusals are all texts that bad input may be answered with.
	refusals = regexp.MustCompile(`^(invalid payload: \S+ .+|not my contract|removeit|not in group|group not found|ban speak|` +
		`message not found|message too long|withdraw expired|edit expired|too many reactions|too many pins|forbidden|too many requests)$`)
)

// TestBadInput sends every request with every field missing, wrong, huge, deep
// and unknown. Each is answered once, by a result or a refusal of the contract;
// nothing changes and nobody else hears of it unless it was accepted; both
// connections live on, and the server has nothing to log.
func TestBadInput(t *testing.T) {
	for _, request := range wire.Requests {
		if good[request.Name] == "" {
			t.Errorf("no good payload for %q", request.Name)
		}
	}
	for _, transport := range []string{"websocket", "polling"} {
		t.Run(transport, func(t *testing.T) { badInput(t, transport) })
	}
}

func badInput(t *testing.T, transport string) {
	server := servertest.Start(t)
	alice, bob := server.Accounts[0], server.Accounts[1]
	fill := fixtures(t, server)
	a := server.Connect(4, transport, alice.Token)
	listeners := []*listener{listen(t, server, alice), listen(t, server, bob)}
	heard := func() (events []socketiotest.Event) {
		for _, l := range listeners {
			events = append(events, l.heard(t)...)
		}
		return events
	}
	for _, name := range slices.Sorted(maps.Keys(good)) {
		var rest []mutation
		before := state(t, server)
		for _, m := range mutations(t, fill.Replace(good[name])) {
			want := m.want(name)
			if want == nil {
				rest = append(rest, m)
			} else if refusal := refusalOf(ask(t, a, name, json.RawMessage(m.payload))); !want.MatchString(refusal) {
				t.Errorf("%s with %s %s: got %q, want a refusal like %v", name, m.field, m.what, refusal, want)
			}
		}
		for what, first := range map[string]string{"a list": `[1]`, "a string": `"x"`, "a number": `7`} {
			if refusal := refusalOf(ask(t, a, name, json.RawMessage(first))); !invalid.MatchString(refusal) {
				t.Errorf("%s with %s for a payload: got %q", name, what, refusal)
			}
		}
		if after := state(t, server); after != before {
			t.Errorf("%s: what was refused changed something:\n got %s\nwant %s", name, after, before)
		}
		for _, event := range heard() {
			t.Errorf("%s: what was refused pushed %s %s", name, event.Name, event.Args)
		}
		for _, m := range rest {
			refusal := refusalOf(ask(t, a, name, json.RawMessage(m.payload)))
			if refusal != "" && !refusals.MatchString(refusal) {
				t.Errorf("%s with %s %s: refused with %q", name, m.field, m.what, refusal)
			}
			if events := heard(); refusal != "" && len(events) > 0 {
				t.Errorf("%s with %s %s: refused with %q, and pushed %s", name, m.field, m.what, refusal, events)
			}
		}
	}
	ping(t, a)
	if log := server.Log(); strings.Contains(log, "level=ERROR") || strings.Contains(log, "panic") {
		t.Error("bad input made the server log an error")
	}
}

// mutations changes one field of the payload at a time.
func mutations(t *testing.T, payload string) (all []mutation) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(payload), &fields); err != nil {
		t.Fatal(err)
	}
	with := func(field, what string, change func(map[string]json.RawMessage)) {
		copied := maps.Clone(fields)
		change(copied)
		text, err := json.Marshal(copied)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, mutation{field, what, string(text)})
	}
	for field := range fields {
		with(field, "missing", func(m map[string]json.RawMessage) { delete(m, field) })
		for what, value := range wrong {
			with(field, what, func(m map[string]json.RawMessage) { m[field] = json.RawMessage(value) })
		}
	}
	with("another field", "unknown", func(m map[string]json.RawMessage) { m["no such field"] = json.RawMessage(`{"a":[1,2]}`) })
	return all
}

// listener is a device that only listens, and another of the same person.
type listener struct{ hears, speaks *socketiotest.Client }

func listen(t *testing.T, server *servertest.Server, who demo.Person) *listener {
	t.Helper()
	return &listener{server.Connect(4, "websocket", who.Token), server.Connect(4, "websocket", who.Token)}
}

// heard returns what was pushed to the device so far. The hub delivers in
// order: what came before the last word has come.
func (l *listener) heard(t *testing.T) (events []socketiotest.Event) {
	t.Helper()
	const last = `{"open":"the last word"}`
	ask(t, l.speaks, wire.EventOperate, json.RawMessage(last))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		event, err := l.hears.Take(ctx, nil)
		if err != nil {
			t.Fatalf("the last word was not heard: %v", err)
		}
		if strings.Contains(string(slices.Concat(event.Args...)), "the last word") {
			l.speaks.Drain()
			return events
		}
		events = append(events, event)
	}
}

// TestUnknownFieldsAreIgnored: the good payloads with a field more are accepted.
func TestUnknownFieldsAreIgnored(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(good)) {
		t.Run(name, func(t *testing.T) {
			server := servertest.Start(t)
			payload := fixtures(t, server).Replace(good[name])
			if name == wire.EventVoiceAsRead {
				payload = fmt.Sprintf(`{"messageId":"%s"}`, send(t, server, wire.EventSendMessage, `{"touser":"`+string(server.Accounts[1].ID)+
					`","msg":"","type":3,"file":{"url":"https://files.example.test/v","key":"v","len":1}}`))
			}
			a := server.Connect(4, "websocket", server.Accounts[0].Token)
			more := `{"no such field":[{}]` + strings.TrimSuffix(","+payload[1:], ",}")
			if payload == "{}" {
				more += "}"
			}
			if refusal := refusalOf(ask(t, a, name, json.RawMessage(more))); refusal != "" {
				t.Errorf("%s: refused with %q", more, refusal)
			}
		})
	}
}

// TestNotUTF8 closes the connection that sends it and no other.
func TestNotUTF8(t *testing.T) {
	server := servertest.Start(t)
	for _, eio := range []int{3, 4} {
		b := server.Connect(4, "websocket", server.Accounts[1].Token)
		a := server.Connect(eio, "websocket", server.Accounts[0].Token)
		_ = a.Emit(wire.EventSendMessage, json.RawMessage("{\"touser\":\"x\",\"msg\":\"\xff\xfe\",\"type\":1}"))
		select {
		case <-a.Done():
		case <-time.After(10 * time.Second):
			t.Errorf("EIO %d: the connection is still open", eio)
		}
		ping(t, b)
	}
}

// TestFlood lets one account send far beyond its rate: what is too much is
// refused, in order, and others are served meanwhile.
func TestFlood(t *testing.T) {
	server := servertest.Start(t, limited)
	a := server.Connect(4, "websocket", server.Accounts[0].Token)
	b := server.Connect(4, "websocket", server.Accounts[1].Token)
	accepted, refused := 0, 0
	for range 50 {
		answer := ask(t, a, wire.EventSendMessage, json.RawMessage(fmt.Sprintf(`{"touser":"%s","msg":"flood","type":1}`, server.Accounts[1].ID)))
		switch refusal := refusalOf(answer); refusal {
		case "":
			accepted++
		case string(chat.ErrTooManyRequests):
			refused++
		default:
			t.Fatalf("refused with %q", refusal)
		}
	}
	if accepted < 10 || refused == 0 {
		t.Errorf("got %d accepted and %d refused, want the burst of 10 accepted and the rest of 50 refused", accepted, refused)
	}
	ping(t, b)
}

// fixtures makes the messages that the good payloads speak of.
func fixtures(t *testing.T, server *servertest.Server) *strings.Replacer {
	t.Helper()
	alice, bob := server.Accounts[0], server.Accounts[1]
	direct := send(t, server, wire.EventSendMessage, fmt.Sprintf(`{"touser":"%s","msg":"hello","type":1}`, bob.ID))
	message := send(t, server, wire.EventSendGroupMessage, fmt.Sprintf(`{"togroup":"%s","msg":"hello","type":1}`, server.Group.ID))
	return strings.NewReplacer("$alice", string(alice.ID), "$bob", string(bob.ID), "$group", string(server.Group.ID),
		"$message", message, "$direct", direct)
}

// send lets the first account send a message and returns its id.
func send(t *testing.T, server *servertest.Server, event, payload string) string {
	t.Helper()
	a := server.Connect(4, "websocket", server.Accounts[0].Token)
	defer a.Close()
	answer := ask(t, a, event, json.RawMessage(payload))
	var result struct{ ID string }
	if refusal := refusalOf(answer); refusal != "" || json.Unmarshal(answer[1], &result) != nil {
		t.Fatalf("%s %s: %s", event, payload, answer)
	}
	return result.ID
}

func ask(t *testing.T, c *socketiotest.Client, name string, payload json.RawMessage) []json.RawMessage {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	answer, err := c.Request(ctx, name, payload)
	if err != nil || len(answer) == 0 {
		t.Fatalf("%s %.200s: %v", name, payload, err)
	}
	return answer
}

// refusalOf returns the error text of an acknowledgement, empty for a success.
func refusalOf(answer []json.RawMessage) string {
	var refusal struct{ Error string }
	_ = json.Unmarshal(answer[0], &refusal)
	return refusal.Error
}

// ping makes sure that the connection works.
func ping(t *testing.T, c *socketiotest.Client) {
	t.Helper()
	if refusal := refusalOf(ask(t, c, wire.EventUnreadCount, json.RawMessage(`{}`))); refusal != "" {
		t.Errorf("unread count: refused with %q", refusal)
	}
}
