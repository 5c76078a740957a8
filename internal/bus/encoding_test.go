package bus

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

// secrets are fields that stay on the node; see their tags.
var secrets = map[string]bool{"Secrets": true, "SigningKeys": true}

// fill gives every field of v a value that is not zero.
func fill(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.UnixMilli(1_700_000_000_000 + int64(*n)).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() {
				t.Fatalf("%s.%s is not exported, so that it does not reach other nodes", v.Type(), field.Name)
			}
			if secrets[field.Name] || v.Type() == reflect.TypeFor[chat.Application]() && field.Name == "SeenAt" {
				continue // events leave it out
			}
			fill(t, v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(t, v.Index(i), n)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(t, key, n)
			fill(t, value, n)
			v.SetMapIndex(key, value)
		}
	case reflect.String:
		v.SetString("text " + strings.Repeat("x", *n%5))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n % 100))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		v.SetUint(uint64(*n % 100))
	default:
		t.Fatalf("%s: the test cannot fill a %s", v.Type(), v.Kind())
	}
}

// eventTypes are the names of the types that package chat declares as events.
func eventTypes(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("../chat/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && f.Recv != nil && f.Name.Name == "event" {
				names = append(names, f.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	return names
}

func TestEveryEventIsEncoded(t *testing.T) {
	names := eventTypes(t)
	if len(names) < 28 {
		t.Fatalf("found only the events %v", names)
	}
	for _, name := range names {
		if types[name] == nil {
			t.Errorf("chat.%s is an event and has no encoding", name)
		}
	}
	var all []chat.Event
	for _, typ := range types {
		zero, full := reflect.New(typ).Elem(), reflect.New(typ).Elem()
		n := 0
		fill(t, full, &n)
		all = append(all, zero.Interface().(chat.Event), full.Interface().(chat.Event))
	}
	data, err := Encode(all)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(all, got); d != "" {
		t.Errorf("after encoding and decoding (-want +got):\n%s", d)
	}
}

func TestMessagesHaveNoZeroFields(t *testing.T) {
	events := aMessage()
	group := events[0].(chat.MessageSent)
	group.Group = &chat.Group{ID: "g", Name: "All", Creator: "a", Members: 3}
	group.Quote = &chat.Quote{Message: group.Message, From: group.From}
	data, err := Encode(append(events, group))
	if err != nil {
		t.Fatal(err)
	}
	for rest := data[1:]; len(rest) > 0; {
		var name string
		var event map[string]any
		if rest, err = decoder.UnmarshalFirst(rest, &name); err != nil {
			t.Fatal(err)
		}
		if rest, err = decoder.UnmarshalFirst(rest, &event); err != nil {
			t.Fatal(err)
		}
		if zero := zeroFields(event); len(zero) > 0 {
			t.Errorf("%s has the zero fields %v", name, zero)
		}
	}
}

// zeroFields returns the names of fields without a value.
func zeroFields(v any) (names []string) {
	var fields []reflect.Value
	of := reflect.ValueOf(v)
	if of.Kind() != reflect.Map {
		return nil
	}
	for _, key := range of.MapKeys() {
		value := of.MapIndex(key).Elem()
		if !value.IsValid() || value.IsZero() || strings.HasPrefix(fmt.Sprint(value), "0001-01-01") {
			names = append(names, fmt.Sprint(key))
		}
		fields = append(fields, value)
	}
	for _, f := range fields {
		if f.IsValid() {
			names = append(names, zeroFields(f.Interface())...)
		}
	}
	return names
}

func TestSecretsStayOnTheNode(t *testing.T) {
	key := chat.Credential{Value: "the value"}
	app := chat.Application{ID: "a", Secrets: []chat.Credential{key}, SigningKeys: []chat.Credential{key}}
	data, err := Encode([]chat.Event{chat.AppChanged{App: app}, chat.MessageSent{Posted: chat.Posted{App: app}}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "the value") {
		t.Error("the encoding has the secrets of the application")
	}
}

// newer is what a later version may send.
func newer(t *testing.T, version byte, pairs ...any) []byte {
	t.Helper()
	data := []byte{version}
	for _, p := range pairs {
		b, err := cbor.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, b...)
	}
	return data
}

func TestUnknownIsIgnored(t *testing.T) {
	got, err := Decode(newer(t, encodingVersion,
		"SomethingNew", map[string]any{"Deep": []any{1, map[string]any{"x": "y"}}},
		"AllRead", map[string]any{"Account": "a", "Later": []int{1, 2}},
		"SomethingElse", 17))
	if d := cmp.Diff([]chat.Event{chat.AllRead{Account: "a"}}, got); d != "" || err != nil {
		t.Errorf("got %v, %v (-want +got):\n%s", got, err, d)
	}
	if _, err := Decode(newer(t, encodingVersion+1, "AllRead", map[string]any{})); err != ErrVersion {
		t.Errorf("another version: got %v, want %v", err, ErrVersion)
	}
	for _, damaged := range [][]byte{newer(t, encodingVersion, "AllRead"), newer(t, encodingVersion, "New"), newer(t, encodingVersion, 17), {encodingVersion, 0xff}} {
		if got, err := Decode(damaged); err == nil {
			t.Errorf("%x: got %v, want an error", damaged, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	data, err := Encode([]chat.Event{chat.AllRead{Account: "a"}, message(1)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		events, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Encode(events)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Decode(again); err != nil || !cmp.Equal(got, events) {
			t.Errorf("got %v, %v, want %v", got, err, events)
		}
	})
}

// message is an ordinary message in a group.
func message(id chat.MessageID) chat.MessageSent {
	at := time.UnixMilli(1_700_000_000_123)
	from := chat.Account{ID: "0b8fb1d4-0000-7000-8000-000000000001", Name: "Ordinary Name", Avatar: "/avatars/0b8fb1d4", Email: "name@example.test", Active: true, CreatedAt: at}
	return chat.MessageSent{
		Posted: chat.Posted{
			Message: chat.Message{
				Content: chat.Content{Type: chat.TypeText, Text: "a message of an ordinary length, some sixty bytes of text"},
				ID:      id, Conversation: 7, Seq: int64(id), Count: int64(id), From: from.ID, App: "0b8fb1d4-0000-7000-8000-0000000000aa", WaitingID: "w1", At: at,
			},
			Group: &chat.Group{ID: "0b8fb1d4-0000-7000-8000-0000000000bb", Conversation: 7, Name: "A group", IsPost: true, Creator: from.ID, Members: 12, CreatedAt: at},
			From:  from,
			App:   chat.Application{ID: "0b8fb1d4-0000-7000-8000-0000000000aa", Key: "web", Name: "parley", Kind: chat.AppWeb, CreatedAt: at},
		},
		Origin: "socket",
	}
}

func BenchmarkEncode(b *testing.B) {
	events := []chat.Event{message(1)}
	b.ReportAllocs()
	for b.Loop() {
		data, err := Encode(events)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(data)), "bytes/event")
	}
}

func BenchmarkDecode(b *testing.B) {
	data, err := Encode([]chat.Event{message(1)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}
