package delivery

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/socketio"
)

// BenchmarkGroupFanOut measures what a group message costs before the
// transport: audience, both variants, the line of the list. The sockets
// are not connected, so nothing is written.
func BenchmarkGroupFanOut(b *testing.B) {
	for _, members := range []int{3, 1000, 10_000} {
		b.Run(fmt.Sprint(members), func(b *testing.B) {
			io := socketio.NewServer(socketio.Options{})
			groups := func(_ context.Context, a chat.AccountID) ([]chat.GroupSubscription, error) {
				return []chat.GroupSubscription{{Group: "team", Push: len(a)%2 == 0}}, nil
			}
			hub := New(Options{}, io, io.Of("/"), GroupSourceFunc(groups))
			defer hub.Close()
			for i := range members {
				id := chat.Identity{Account: chat.Account{ID: chat.AccountID(fmt.Sprintf("account-%d", i))}}
				if _, err := hub.Attach(b.Context(), new(socketio.Socket), id, ""); err != nil {
					b.Fatal(err)
				}
			}
			sent := chat.MessageSent{Posted: chat.Posted{
				Message: chat.Message{ID: 1, Content: chat.Content{Type: chat.TypeText, Text: strings.Repeat("x", 40)}, From: "account-1", At: time.Unix(1, 0)},
				Group:   &chat.Group{ID: "team", Name: "Team"},
			}}
			b.ReportAllocs()
			for b.Loop() {
				hub.deliverOne(sent)
			}
		})
	}
}
