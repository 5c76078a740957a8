package bus

import (
	"testing"
	"time"

	"parley/internal/chat"
)

// BenchmarkEvents encodes and decodes one message of sixty bytes from one to one.
func BenchmarkEvents(b *testing.B) {
	data, err := Encode(aMessage())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("encode", func(b *testing.B) {
		events := aMessage()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Encode(events); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(data)), "bytes")
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Decode(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// aMessage is what most commits publish.
func aMessage() []chat.Event {
	at := time.UnixMilli(1_700_000_000_000).UTC()
	from := chat.Account{ID: "0b8fb1d4-0000-7000-8000-000000000001", Name: "Person 00001", Active: true, CreatedAt: at}
	to := chat.Account{ID: "0b8fb1d4-0000-7000-8000-000000000002", Name: "Person 00002", Active: true, CreatedAt: at}
	app := chat.Application{ID: "0b8fb1d4-0000-7000-8000-0000000000aa", Key: "web", Name: "Web client", Kind: chat.AppWeb, SendAck: chat.AckErrorFirst, CreatedAt: at}
	return []chat.Event{chat.MessageSent{
		Posted: chat.Posted{
			Message: chat.Message{
				Content: chat.Content{Type: chat.TypeText, Text: "a message of an ordinary length, some sixty bytes of text ok"},
				ID:      1_000_000, Conversation: 1000, Seq: 20, Count: 20, From: from.ID, App: app.ID, At: at,
				WaitingID: "0b8fb1d4-0000-7000-8000-0000000000bb",
			},
			Peer: to.ID, From: from, App: app,
		},
		Origin: "node-1-socket-1", To: to,
	}}
}
