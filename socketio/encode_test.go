package socketio

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/engineio"
)

// encode writes a packet as its text and its attachments.
func encode(kind byte, namespace string, id uint64, event string, args ...any) (string, error) {
	e := encoders.Get().(*encoder)
	defer e.release()
	text, err := e.packet(kind, namespace, id, event, args)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.Write(text)
	for _, attachment := range e.attachments {
		fmt.Fprintf(&b, " + %x", attachment)
	}
	return b.String(), nil
}

type photo struct {
	Name string  `json:"name"`
	Data Binary  `json:"data"`
	Next []photo `json:"next,omitempty"`
}

// The examples of both revisions, "Packet encoding", and what can be an argument.
func TestPacketEncoding_Encodes(t *testing.T) {
	fromClient := Values{
		Args:        []json.RawMessage{json.RawMessage(`{"_placeholder":true,"num":1}`), json.RawMessage(`[ 1,{"num":0, "_placeholder":true} ]`)},
		Attachments: [][]byte{{0xa}, {0xb}},
	}
	for _, test := range []struct {
		kind      byte
		namespace string
		id        uint64
		event     string
		args      []any
		want      string
	}{
		{typeEvent, "/", noID, "foo", nil, `2["foo"]`},
		{typeEvent, "/admin", noID, "bar", nil, `2/admin,["bar"]`},
		{typeEvent, "/", 12, "foo", nil, `212["foo"]`},
		{typeAck, "/", 12, "", nil, `312[]`},
		{typeAck, "/admin", 13, "", []any{"bar"}, `3/admin,13["bar"]`},
		{typeEvent, "/", noID, "baz", []any{Binary{1, 2, 3, 4}}, `51-["baz",{"_placeholder":true,"num":0}] + 01020304`},
		{
			typeEvent, "/admin", noID, "baz",
			[]any{Binary{1, 2}, Binary{3, 4}},
			`52-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}] + 0102 + 0304`,
		},
		{typeAck, "/", 15, "", []any{"bar", Binary{1}}, `61-15["bar",{"_placeholder":true,"num":0}] + 01`},
		{typeEvent, "/", noID, "a", []any{Binary(nil)}, `51-["a",{"_placeholder":true,"num":0}] + `},

		{typeEvent, "/", noID, "a", []any{nil, true, 1, int64(-2), 1.5, []string{"b"}, map[string]int{"c": 3}}, `2["a",null,true,1,-2,1.5,["b"],{"c":3}]`},
		{typeEvent, "/", noID, "a", []any{"<é😀\"\\\n\r\t\x01\u2028\xff>"}, `2["a","<é😀\"\\\n\r\t\u0001` + "\u2028" + `\ufffd>"]`},
		{typeEvent, "/", noID, "a", []any{struct{ S string }{"<&>"}}, `2["a",{"S":"<&>"}]`},
		{typeEvent, "/", noID, "a", []any{json.RawMessage(` {"b" : 1}`), json.RawMessage(nil)}, `2["a", {"b" : 1},null]`},
		{
			typeEvent, "/", noID, "a",
			[]any{photo{"x", Binary{1}, []photo{{"y", Binary{2}, nil}}}, "b", Binary{3}},
			`53-["a",{"name":"x","data":{"_placeholder":true,"num":0},"next":[{"name":"y","data":{"_placeholder":true,"num":1}}]},"b",{"_placeholder":true,"num":2}] + 01 + 02 + 03`,
		},
		{typeEvent, "/", noID, "a", []any{map[string]any{"b": []any{Binary{1}}}}, `51-["a",{"b":[{"_placeholder":true,"num":0}]}] + 01`},

		{typeEvent, "/", noID, "a", []any{fromClient}, `52-["a",{"_placeholder":true,"num":1},[ 1,{"_placeholder":true,"num":0} ]] + 0a + 0b`},
		{typeAck, "/", 7, "", []any{fromClient}, `62-7[{"_placeholder":true,"num":1},[ 1,{"_placeholder":true,"num":0} ]] + 0a + 0b`},
		{typeAck, "/", 7, "", []any{Values{}, "b", Values{}}, `37["b"]`},
		{
			typeEvent, "/", noID, "a",
			[]any{Binary{9}, fromClient},
			`53-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":2},[ 1,{"_placeholder":true,"num":1} ]] + 09 + 0a + 0b`,
		},
		{
			typeEvent, "/", noID, "a",
			[]any{Values{Args: []json.RawMessage{json.RawMessage(`{"_placeholder":true,"num":0}`)}}},
			`2["a",{"_placeholder":true,"num":0}]`,
		},
	} {
		got, err := encode(test.kind, test.namespace, test.id, test.event, test.args...)
		if err != nil || got != test.want {
			t.Errorf("%q %v: %v\n got %s\nwant %s", test.event, test.args, err, got, test.want)
		}
	}
}

func TestPacketEncoding_RefusesArguments(t *testing.T) {
	lookalike := json.RawMessage(`{"_placeholder":true,"num":70}`)
	for _, test := range []struct {
		event string
		args  []any
		want  error
	}{
		{"a", []any{json.RawMessage(`{"b":`)}, errSyntax},
		{"a", []any{json.RawMessage(`1],[2`)}, errSyntax},
		{"a", []any{json.RawMessage("\"\xff\"")}, errNotUTF8},
		{"a", []any{Values{Args: []json.RawMessage{json.RawMessage(`{"_placeholder":true,"num":1}`)}, Attachments: [][]byte{nil}}}, errPlaceholder},
		{"a", []any{lookalike, Binary{1}}, errLookalike},
		{"a", []any{Binary{1}, Values{Args: []json.RawMessage{lookalike}}}, errLookalike},
		{"a", []any{map[string]any{"b": lookalike, "c": Binary{1}}}, errLookalike},
		{"a", []any{Binary{1}, map[string]any{"_placeholder": true, "num": 0}}, errLookalike},
	} {
		if got, err := encode(typeEvent, "/", noID, test.event, test.args...); !errors.Is(err, test.want) {
			t.Errorf("%q %s: got %s, %v, want %v", test.event, test.args, got, err, test.want)
		}
	}
	if got, err := encode(typeEvent, "/", noID, "disconnect"); err == nil {
		t.Errorf("a reserved name: got %s", got)
	}
	if got, err := encode(typeEvent, "/", noID, "a", make(chan int)); err == nil {
		t.Errorf("a channel: got %s", got)
	}
}

// FuzzEncode sends what came from a client on to others: the packet must be one that this package reads as the same.
func FuzzEncode(f *testing.F) {
	f.Add("message", `["a",{"b":[1,null]}]`, []byte{1, 2})
	f.Add("a\"b\n", `[{"_placeholder":true,"num":0}]`, []byte{})
	f.Add("\xff\u2028", `[ 1 ,{"num":0, "_placeholder":true} ]`, []byte("x"))
	f.Fuzz(func(t *testing.T, event, args string, attachment []byte) {
		split, err := splitArray([]byte(args), nil, 50)
		if err != nil {
			return
		}
		e := encoders.Get().(*encoder)
		defer e.release()
		text, err := e.packet(typeEvent, "/a", 7, event, []any{"first", Values{split, [][]byte{attachment}}, Binary(attachment)})
		if err != nil {
			return
		}
		p, err := parsePacket(text, 10)
		if err != nil || p.attachments != 2 || p.id != 7 || string(p.namespace) != "/a" {
			t.Fatalf("%q read as %s, %v", text, describe(p), err)
		}
		got, err := parseArgs(&p, nil, 100)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if len(got) != len(split)+3 {
			t.Fatalf("%q has %d arguments, want %d", text, len(got), len(split)+3)
		}
		name, err := eventName(got[0])
		if want := strings.ToValidUTF8(event, "\uFFFD"); err != nil || utf8Runs(string(name)) != utf8Runs(want) {
			t.Errorf("event %q became %q, %v", event, name, err)
		}
	})
}

// utf8Runs makes runs of U+FFFD one: encoding/json and strings.ToValidUTF8 count bad bytes differently.
func utf8Runs(s string) string {
	for strings.Contains(s, "\uFFFD\uFFFD") {
		s = strings.ReplaceAll(s, "\uFFFD\uFFFD", "\uFFFD")
	}
	return s
}

func BenchmarkEncode(b *testing.B) {
	type message struct {
		ID   string `json:"id"`
		Text string `json:"text"`
		Time int64  `json:"time"`
	}
	for name, args := range map[string][]any{
		"string": {"hello, how are you today?"},
		"struct": {message{"17", "hello, how are you today?", 1764000000}},
		"raw":    {json.RawMessage(`{"id":"17","text":"hello, how are you today?","time":1764000000}`)},
		"binary": {Binary(make([]byte, 1000))},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var frames [4]*engineio.Frame
			for b.Loop() {
				if _, err := appendPacket(frames[:0], typeEvent, "/", noID, "new message", args); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
