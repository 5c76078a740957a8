package wire

import (
	"encoding/json"
	"strings"
	"testing"

	"parley/internal/chat"
)

func TestFileURL(t *testing.T) {
	enc := &Encoder{FileURL: func(key string) string { return "/files/" + key + "?e=1&s=2" }}
	for _, c := range []struct{ name, sent, want string }{
		{"key alone", `{"key":"a/b.png"}`, `{"url":"/files/a/b.png?e=1&s=2","key":"a/b.png"}`},
		{"in the middle", `{"name":"x","key":"a/b","size":3,"width":4,"height":5}`, `{"url":"/files/a/b?e=1&s=2","key":"a/b","size":3,"name":"x","width":4,"height":5}`},
		{"empty address", `{"url":"","key":"k"}`, `{"url":"/files/k?e=1&s=2","key":"k"}`},
		{"address elsewhere", `{"url":"https://files.example.test/k","key":"k"}`, `{"url":"https://files.example.test/k","key":"k"}`},
		{"our own of yesterday", `{"url":"/files/k?e=0&s=0","key":"k"}`, `{"url":"/files/k?e=1&s=2","key":"k"}`},
		{"our own, complete", `{"url":"https://chat.example.test/files/k?e=0&s=0","key":"k"}`, `{"url":"/files/k?e=1&s=2","key":"k"}`},
		{"our own of another file", `{"url":"/files/l?e=0&s=0","key":"k"}`, `{"url":"/files/l?e=0&s=0","key":"k"}`},
		{"no key", `{"id":"7"}`, `{"id":"7"}`},
		{"empty key", `{"key":"","id":"7"}`, `{"id":"7","key":""}`},
		{"a name that looks like a key", `{"name":"\",\"key\":\"x","key":"k"}`, `{"url":"/files/k?e=1&s=2","key":"k","name":"\",\"key\":\"x"}`},
		{"only a name that looks like one", `{"name":"\"key\":\"x","id":"7"}`, `{"id":"7","name":"\"key\":\"x"}`},
		{"escaped key", `{"key":"a\"b\u4e2d"}`, `{"url":"/files/a\"b中?e=1&s=2","key":"a\"b中"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var f File
			if err := json.Unmarshal([]byte(c.sent), &f); err != nil {
				t.Fatal(err)
			}
			content, err := content(int(chat.TypeFile), "", &f, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			p := &chat.Posted{Message: chat.Message{Content: content}}
			if got := string(enc.UserMessage(p).Msg.Files); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			quoting := &chat.Posted{Quote: &chat.Quote{Message: p.Message}}
			if got := string(enc.UserMessage(quoting).Refer.MsgDetail.Files); got != c.want {
				t.Errorf("quoted: got  %s\nwant %s", got, c.want)
			}
			p.Heard = true
			heard := string(enc.UserHistory([]chat.Posted{*p}, "a")[0].Msg.Files)
			if want := strings.TrimSuffix(c.want, "}") + `,"read":true}`; heard != want {
				t.Errorf("heard: got  %s\nwant %s", heard, want)
			}
			if got, want := string((&Encoder{}).UserMessage(p).Msg.Files), string(content.File); got != want {
				t.Errorf("without addresses: got  %s\nwant %s", got, want)
			}
		})
	}
}

func BenchmarkFileURL(b *testing.B) {
	enc := &Encoder{FileURL: func(string) string { return "/files/k" }}
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
