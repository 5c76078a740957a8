package wire

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"parley/internal/chat"
)

func TestFile(t *testing.T) {
	enc := &Encoder{FileURL: func(key, sent string) string {
		if sent != "" && !strings.HasPrefix(key, "ours/") {
			return sent
		}
		return "/files/" + key + "?e=1&s=2"
	}}
	for _, c := range []struct{ name, sent, want string }{
		{"key alone", `{"key":"a/b.png"}`, `{"key":"a/b.png","url":"/files/a/b.png?e=1&s=2","aid":"alice"}`},
		{"every field", `{"id":"7","key":"k","hash":"h","size":3,"name":"x","len":1.5,"width":4,"height":5,"isEmotion":false}`, `{"id":"7","key":"k","hash":"h","size":3,"name":"x","len":1.5,"width":4,"height":5,"isEmotion":false,"url":"/files/k?e=1&s=2","aid":"alice"}`},
		{"empty address", `{"url":"","key":"k"}`, `{"key":"k","url":"/files/k?e=1&s=2","aid":"alice"}`},
		{"address elsewhere", `{"url":"https://files.example.test/k","key":"k"}`, `{"key":"k","url":"https://files.example.test/k","aid":"alice"}`},
		// Receivers got the client's own prefix, and 403 from there.
		{"client's own prefix", `{"url":"https://files.example.test/ours/k","key":"ours/k"}`, `{"key":"ours/k","url":"/files/ours/k?e=1&s=2","aid":"alice"}`},
		{"client's own prefix with a command", `{"url":"https://files.example.test/ours/k?imageView2/2/w/200","key":"ours/k"}`, `{"key":"ours/k","url":"/files/ours/k?e=1&s=2","aid":"alice"}`},
		{"our own of yesterday", `{"url":"/files/k?e=0&s=0","key":"k"}`, `{"key":"k","url":"/files/k?e=1&s=2","aid":"alice"}`},
		{"our own, complete", `{"url":"https://chat.example.test/files/k?e=0&s=0","key":"k"}`, `{"key":"k","url":"/files/k?e=1&s=2","aid":"alice"}`},
		{"our own of another file", `{"url":"/files/l?e=0&s=0","key":"k"}`, `{"key":"k","url":"/files/l?e=0&s=0","aid":"alice"}`},
		{"no key", `{"id":"7"}`, `{"id":"7","aid":"alice"}`},
		{"empty key", `{"key":"","id":"7"}`, `{"id":"7","key":"","aid":"alice"}`},
		{"a name that looks like a key", `{"name":"\",\"key\":\"x","id":"7"}`, `{"id":"7","name":"\",\"key\":\"x","aid":"alice"}`},
		{"escaped key", `{"key":"a\"b\u4e2d"}`, `{"key":"a\"b中","url":"/files/a\"b中?e=1&s=2","aid":"alice"}`},
		// ft came back as a string, and aid was missing or what the sender wrote.
		{"aid of somebody else", `{"id":"7","aid":"bob"}`, `{"id":"7","aid":"alice"}`},
		{"ft", `{"id":"7","ft":3}`, `{"id":"7","aid":"alice","ft":3}`},
		{"ft in quotes", `{"id":"7","ft":"3"}`, `{"id":"7","aid":"alice","ft":3}`},
		{"ft with a fraction", `{"id":"7","ft":3.0}`, `{"id":"7","aid":"alice","ft":3}`},
		{"ft is a word", `{"id":"7","ft":"image/png"}`, `{"id":"7","aid":"alice","ft":2}`},
		{"ft is no number", `{"id":"7","ft":"NaN"}`, `{"id":"7","aid":"alice","ft":2}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			sent, err := Decode[SendMessage]([]byte(`{"touser":"bob","type":4,"file":` + c.sent + `}`))
			if err != nil {
				t.Fatal(err)
			}
			draft, err := sent.Draft()
			if err != nil {
				t.Fatal(err)
			}
			p := &chat.Posted{Message: chat.Message{Content: draft.Content, From: "alice"}}
			if got := string(compact(enc.UserMessage(p).Msg.Files)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			quoting := &chat.Posted{Quote: &chat.Quote{Message: p.Message}}
			if got := string(compact(enc.UserMessage(quoting).Refer.MsgDetail.Files)); got != c.want {
				t.Errorf("quoted: got  %s\nwant %s", got, c.want)
			}
			p.Heard = true
			heard := string(compact(enc.UserHistory([]chat.Posted{*p}, "a")[0].Msg.Files))
			if want := strings.TrimSuffix(c.want, "}") + `,"read":true}`; heard != want {
				t.Errorf("heard: got  %s\nwant %s", heard, want)
			}
		})
	}
}

// Messages from before the rule for addresses are shown without those that
// it refuses.
func TestStoredAddresses(t *testing.T) {
	const bad = `\u200bjavascript:alert(1)`
	for _, c := range []struct{ name, file, card, wantFile, wantCard string }{
		{"safe", `{"url":"https://f.test/1"}`, `{"title":"T","url":"/tasks/1","pic":"http://c.test/p.png"}`, `{"url":"https://f.test/1","aid":"alice"}`, `{"title":"T","url":"/tasks/1","pic":"http://c.test/p.png"}`},
		{"unsafe", `{"url":"file:///etc/passwd"}`, `{"title":"T","url":"` + bad + `","pic":"data:image/svg+xml,x"}`, `{"aid":"alice"}`, `{"title":"T","url":""}`},
		{"own paths that lead elsewhere", `{"url":"/.//f.test"}`, `{"title":"T","url":"/%2e//c.test","pic":"/files/../x"}`, `{"aid":"alice"}`, `{"title":"T","url":""}`},
		{"key that leads elsewhere", `{"url":"https://f.test/1","key":"../../x"}`, `{"title":"T","url":"/"}`, `{"url":"https://f.test/1","aid":"alice"}`, `{"title":"T","url":"/"}`},
		{"key with a query", `{"key":"k?e=1"}`, `{"title":"T","url":"/"}`, `{"aid":"alice"}`, `{"title":"T","url":"/"}`},
		{"unsafe picture", `{"url":"//f.test/1","key":"k"}`, `{"title":"T","url":"https://c.test","pic":"` + bad + `"}`, `{"key":"k","url":"/files/k","aid":"alice"}`, `{"title":"T","url":"https://c.test"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			enc := &Encoder{FileURL: func(key, _ string) string { return "/files/" + key }}
			m := chat.Message{From: "alice", Content: chat.Content{Type: chat.TypeFile, File: json.RawMessage(c.file), Card: json.RawMessage(c.card)}}
			shown := enc.UserMessage(&chat.Posted{Message: m, Quote: &chat.Quote{Message: m}})
			for _, got := range []*Files{shown.Msg.Files, shown.Refer.MsgDetail.Files} {
				if got := string(compact(got)); got != c.wantFile {
					t.Errorf("got %s, want %s", got, c.wantFile)
				}
			}
			for _, got := range []json.RawMessage{shown.Card, shown.Refer.Card} {
				if string(got) != c.wantCard {
					t.Errorf("got %s, want %s", got, c.wantCard)
				}
			}
		})
	}
}

// Addresses of other schemes start programs, or show the reader's files.
func TestAddressesAreRefused(t *testing.T) {
	for _, field := range []string{"file.url", "card.url", "card.pic"} {
		for address, ok := range map[string]bool{
			"https://a.test/b": true, "http://a.test": true, "/files/x": true,
			"file:///etc/passwd": false, `\\host\share`: false, "ms-msdt:x": false, "intent:x": false, "\u200bjavascript:alert(1)": false, "//a.test": false,
			"/.//a.test": false, "/files/../x": false,
		} {
			file, card := File{ID: &address}, Card{Title: "T", URL: "https://a.test"}
			switch field {
			case "file.url":
				file.URL = &address
			case "card.url":
				card.URL = address
			case "card.pic":
				card.Pic = &address
			}
			_, err := content(int(chat.TypeCard), "", &file, &card, nil)
			if ok {
				if err != nil {
					t.Errorf("%s %q: got %v", field, address, err)
				}
				continue
			}
			var invalid *chat.InvalidError
			if !errors.As(err, &invalid) || invalid.Field != field {
				t.Errorf("%s %q: got %v, want it refused by name", field, address, err)
			}
		}
	}
}

func BenchmarkFile(b *testing.B) {
	enc := &Encoder{FileURL: func(string, string) string { return "/files/k" }}
	text := &chat.Posted{Message: chat.Message{Content: chat.Content{Type: chat.TypeText, Text: "t"}}}
	file := &chat.Posted{Message: chat.Message{Content: chat.Content{Type: chat.TypeFile, File: json.RawMessage(`{"ft":"image/png","key":"a/2026/6/14/0190","size":3,"name":"x"}`)}}}
	for name, p := range map[string]*chat.Posted{"text": text, "file": file} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				enc.body(p)
			}
		})
	}
}
