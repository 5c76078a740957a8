package client_test

import (
	"fmt"
	"testing"

	"parley/internal/chat"
)

func TestUnreadPlace(t *testing.T) {
	w := newWorld(t)
	token, g := w.Token(w.Bob), w.Group()
	path := "/api/unread?type=1&chat=" + string(w.Alice)
	w.Equal("nothing said", w.Want(w.API(token, "GET", path, ""), 200), map[string]any{"count": 0.0})
	first := w.Say(w.Alice, w.Bob, "one")
	w.Say(w.Bob, w.Alice, "own")
	second := w.Say(w.Alice, w.Bob, "two")
	id := func(r chat.Receipt) string { return fmt.Sprint(r.Message.ID) }
	at := func(r chat.Receipt) float64 { return float64(r.Message.At.UnixMilli()) }
	w.Equal("two unread", w.Want(w.API(token, "GET", path, ""), 200), map[string]any{"count": 2.0, "first": id(first), "at": at(first)})
	ref := chat.ChatRef{Type: chat.SessionUser, ID: string(w.Alice)}
	w.OK(w.Service.ReadUpTo(t.Context(), chat.Actor{Account: w.Bob}, ref, first.Message.ID))
	w.Equal("one unread", w.Want(w.API(token, "GET", path, ""), 200), map[string]any{"count": 1.0, "first": id(second), "at": at(second)})
	w.OK(w.Service.ClearUnread(t.Context(), chat.Actor{Account: w.Bob}, ref))
	w.Equal("all read", w.Want(w.API(token, "GET", path, ""), 200), map[string]any{"count": 0.0})

	said := w.SayIn(g, w.Alice, "in the group")
	w.Equal("group", w.Want(w.API(token, "GET", "/api/unread?type=2&chat="+string(g), ""), 200), map[string]any{"count": 1.0, "first": id(said), "at": at(said)})
	w.Equal("file-transfer", w.Want(w.API(token, "GET", "/api/unread?type=1&chat=file-transfer", ""), 200), map[string]any{"count": 0.0})

	w.Refused(w.API(token, "GET", "/api/unread?type=1&chat=nobody", ""), 403, "not my contract")
	w.Refused(w.API(token, "GET", "/api/unread?type=2&chat=nobody", ""), 404, "group not found")
	w.Refused(w.API(w.Token(w.Mallory), "GET", "/api/unread?type=2&chat="+string(g), ""), 403, "not in group")
	w.Names(w.Refused(w.API(token, "GET", "/api/unread?type=3&chat=task", ""), 422, "validation failed"), "query.type")
	w.Names(w.Refused(w.API(token, "GET", "/api/unread?type=1&chat=", ""), 422, "validation failed"), "query.chat")
}
