package socketio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// describe writes a packet in one line.
func describe(p packet) string {
	id := "-"
	if p.hasID {
		id = fmt.Sprint(p.id)
	}
	return fmt.Sprintf("%c %d %s %s %s", p.kind, p.attachments, p.namespace, id, p.data)
}

// The examples of both revisions, "Packet encoding".
func TestPacketEncoding_Decodes(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{`0`, `0 0 / - `},
		{`0{"token":"123"}`, `0 0 / - {"token":"123"}`},
		{`0/admin,`, `0 0 /admin - `},
		{`0/admin`, `0 0 /admin - `},
		{`0/admin?token=1234&uid=abcd,`, `0 0 /admin?token=1234&uid=abcd - `},
		{`0/admin,{"token":"123"}`, `0 0 /admin - {"token":"123"}`},
		{`1`, `1 0 / - `},
		{`1/admin,`, `1 0 /admin - `},
		{`2["foo"]`, `2 0 / - ["foo"]`},
		{`2/admin,["bar"]`, `2 0 /admin - ["bar"]`},
		{`212["foo"]`, `2 0 / 12 ["foo"]`},
		{`2/admin,13["foo"]`, `2 0 /admin 13 ["foo"]`},
		{`20["foo"]`, `2 0 / 0 ["foo"]`},
		{`29007199254740992["foo"]`, `2 0 / 9007199254740992 ["foo"]`},
		{`312[]`, `3 0 / 12 []`},
		{`3/admin,13["bar"]`, `3 0 /admin 13 ["bar"]`},
		{`4{"message":"Not authorized"}`, `4 0 / - {"message":"Not authorized"}`},
		{`51-["baz",{"_placeholder":true,"num":0}]`, `2 1 / - ["baz",{"_placeholder":true,"num":0}]`},
		{`52-/admin,["baz",{}]`, `2 2 /admin - ["baz",{}]`},
		{`51-14["foo",{}]`, `2 1 / 14 ["foo",{}]`},
		{`61-15["bar",{}]`, `3 1 / 15 ["bar",{}]`},
		{`61-/admin,1[{}]`, `3 1 /admin 1 [{}]`},
	} {
		p, err := parsePacket([]byte(test.in), 10)
		if err != nil {
			t.Errorf("parsePacket(%s): %v", test.in, err)
		} else if got := describe(p); got != test.want {
			t.Errorf("parsePacket(%s) = %s, want %s", test.in, got, test.want)
		}
	}
}

func TestPacketEncoding_RefusesMalformed(t *testing.T) {
	for _, test := range []struct {
		in   string
		want error
	}{
		{``, errType},
		{`7`, errType},
		{`abc`, errType},
		{` 2["a"]`, errType},
		{`2`, errPayload},
		{`2/admin`, errPayload},
		{`212`, errPayload},
		{`3[]`, errID},
		{`31`, errPayload},
		{`012`, errID},
		{`1{}`, errPayload},
		{`15`, errPayload},
		{`5["a"]`, errAttachments},
		{`5-["a"]`, errAttachments},
		{`50-["a"]`, errAttachments},
		{`511-["a"]`, errAttachments},
		{`51`, errAttachments},
		{`51.5-["a"]`, errAttachments},
		{`599999999999999999999-["a"]`, errAttachments},
		{`29007199254740993["a"]`, errID},
		{`299999999999999999999["a"]`, errID},
	} {
		if p, err := parsePacket([]byte(test.in), 10); !errors.Is(err, test.want) {
			t.Errorf("parsePacket(%s) = %s, %v, want %v", test.in, describe(p), err, test.want)
		}
	}
}

func TestParseArgs_ChecksPlaceholders(t *testing.T) {
	for _, test := range []struct {
		in string
		ok bool
	}{
		{`52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, true},
		{`51-["a",{"b":[{ "num" : 0 , "_placeholder" : true }]}]`, true},
		{`51-["a"]`, true},
		{`51-["a",{"_placeholder":false,"num":7}]`, true},
		{`51-["a",{"_placeholder":"true","num":7}]`, true},
		{`51-["a",["_placeholder",true,"num",7]]`, true},
		{`51-["a",{"_placeholder":{"_placeholder":true,"num":0}}]`, true},
		{`51-["a",{"_placeholder":true,"num":1}]`, false},
		{`51-["a",{"_placeholder":true,"num":-1}]`, false},
		{`51-["a",{"_placeholder":true,"num":0.5}]`, false},
		{`51-["a",{"_placeholder":true,"num":"0"}]`, false},
		{`51-["a",{"_placeholder":true}]`, false},
		{`51-["a",{"_placeholder":true,"num":0,"num":9}]`, false},
		{`51-["a",{"b":{"c":[0,{"_placeholder":true,"num":1}]}}]`, false},
		{`51-["a",{"\u005fplaceholder":true,"num":1}]`, false},
		{`51-["a",{"_placeholder":true,"n\u0075m":1}]`, false},
	} {
		p, err := parsePacket([]byte(test.in), 10)
		if err != nil {
			t.Fatalf("parsePacket(%s): %v", test.in, err)
		}
		if _, err := parseArgs(&p, nil, 10); (err == nil) != test.ok {
			t.Errorf("parseArgs(%s): %v, want ok %v", test.in, err, test.ok)
		}
	}
}

func TestEventName(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{`"message"`, "message"},
		{`""`, ""},
		{`"send \u006dessage"`, "send message"},
		{`"a\"b"`, `a"b`},
		{`12`, "12"},
		{`{}`, "refused"},
		{`null`, "refused"},
		{`true`, "refused"},
		{`["a"]`, "refused"},
		{`"connect"`, "refused"},
		{`"connect_error"`, "refused"},
		{`"disconnect"`, "refused"},
		{`"disconnecting"`, "refused"},
		{`"newListener"`, "refused"},
		{`"removeListener"`, "refused"},
		{`"\u0064isconnect"`, "refused"},
	} {
		name, err := eventName(json.RawMessage(test.in))
		if err != nil {
			name = []byte("refused")
		}
		if string(name) != test.want {
			t.Errorf("eventName(%s) = %s, want %s", test.in, name, test.want)
		}
	}
}

// FuzzPacket reads arbitrary messages. What is accepted must mean the same when it is written again.
func FuzzPacket(f *testing.F) {
	for _, seed := range []string{
		`0`, `0{"token":"123"}`, `0/admin?token=1,{}`, `1/admin,`, `2["foo"]`, `2/admin,13["foo",{"a":[]}]`, `312[]`, `4"no"`,
		`52-/admin,7["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, `61-15["bar",{"num":0,"_placeholder":true}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		p, err := parsePacket(message, 10)
		if err != nil {
			return
		}
		id := uint64(noID)
		if p.hasID {
			id = p.id
		}
		again, err := parsePacket(append(appendHeader(nil, p.kind, p.attachments, string(p.namespace), id), p.data...), 10)
		if err != nil {
			t.Fatalf("%q read as %s, written again: %v", message, describe(p), err)
		}
		if describe(again) != describe(p) {
			t.Fatalf("%q read as %s, written again %s", message, describe(p), describe(again))
		}
		switch p.kind {
		case typeConnect:
			if auth, err := parseAuth(p.data); err == nil && auth != nil && json.Unmarshal(auth, new(map[string]any)) != nil {
				t.Errorf("auth %q is no object", auth)
			}
		case typeEvent, typeAck:
			args, err := parseArgs(&p, nil, 100)
			if err != nil {
				return
			}
			for _, arg := range args {
				if !json.Valid(arg) {
					t.Errorf("argument %q is not valid", arg)
				}
				if p.attachments > 0 {
					checkInlined(t, arg, p.attachments)
				}
			}
		}
	})
}

// FuzzPlaceholder looks for placeholders in arbitrary JSON.
func FuzzPlaceholder(f *testing.F) {
	for _, seed := range []string{
		`{"_placeholder":true,"num":0}`, `[{"num":1,"_placeholder":true},{"a":{"_placeholder" : true,"num":2}}]`,
		`{"_placeholder":{"_placeholder":true,"num":0},"num":{"num":9}}`, `{"_placeholder":true,"num":0,"_placeholder":false}`,
		`{"\u005fplaceholder":true,"n\u0075m":1}`, `["_placeholder",true,"num",0]`,
	} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, attachments uint8) {
		if checkJSON(data) != nil || !utf8.Valid(data) {
			return
		}
		found, err := findPlaceholders(data, int(attachments))
		if err != nil {
			return
		}
		for i, p := range found {
			if i > 0 && p.start < found[i-1].end || p.end <= p.start || p.num >= int(attachments) {
				t.Fatalf("findPlaceholders(%q): %v", data, found)
			}
		}
		if attachments > 0 {
			checkInlined(t, data, int(attachments))
		}
	})
}

// checkInlined compares the placeholders of arg with those that a naive search in the decoded value finds.
func checkInlined(t *testing.T, arg json.RawMessage, attachments int) {
	t.Helper()
	data := make([][]byte, attachments)
	for i := range data {
		data[i] = []byte{byte(i)}
	}
	var plain any
	if json.Unmarshal(arg, &plain) != nil {
		return // a number beyond float64, which is valid JSON
	}
	var got any
	if err := bind(arg, data, &got); err != nil {
		t.Fatalf("bind(%q): %v", arg, err)
	}
	want := replaceNaively(plain, data)
	gotJSON, _ := json.Marshal(got)
	wantJSON, _ := json.Marshal(want)
	if !bytes.Equal(gotJSON, wantJSON) {
		t.Errorf("bind(%q) = %s, want %s", arg, gotJSON, wantJSON)
	}
}

func replaceNaively(v any, data [][]byte) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = replaceNaively(v[i], data)
		}
	case map[string]any:
		if v["_placeholder"] == true {
			num, _ := v["num"].(float64)
			return Binary(data[int(num)])
		}
		for name := range v {
			v[name] = replaceNaively(v[name], data)
		}
	}
	return v
}

func TestBind(t *testing.T) {
	var got struct {
		Name  string
		Files []struct {
			Data Binary
			None Binary
		}
	}
	values := Values{
		Args: []json.RawMessage{json.RawMessage(`{"name":"x","files":[{"data":{"_placeholder":true,"num":1}},{"data":{"num":0,"_placeholder":true},"none":null}]}`)},
		Attachments: [][]byte{
			{1, 2},
			{3},
		},
	}
	if err := values.Bind(0, &got); err != nil {
		t.Fatal(err)
	}
	if want := "{x [{[3] []} {[1 2] []}]}"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if err := values.Bind(1, &got); err == nil || !strings.Contains(err.Error(), "no argument 1") {
		t.Errorf("Bind of a missing argument: %v", err)
	}
	var b Binary
	if err := (Values{Args: []json.RawMessage{json.RawMessage(`"AQI="`)}}).Bind(0, &b); !errors.Is(err, errNotBinary) {
		t.Errorf("Bind of a string to Binary: %v, want %v", err, errNotBinary)
	}
	clone := values.Clone()
	values.Attachments[0][0], values.Args[0][2] = 9, 'N'
	if clone.Attachments[0][0] != 1 || clone.Args[0][2] != 'n' {
		t.Errorf("the clone shares memory with its original")
	}
}
