package rest_test

import (
	"fmt"
	"testing"

	"parley/internal/chat"
)

func TestUnreadPlace(t *testing.T) {
	w := newWorld(t)
	token, g := w.token(w.bob), w.group()
	path := "/api/unread?type=1&chat=" + string(w.alice)
	w.equal("nothing said", w.want(w.api(token, "GET", path, ""), 200), map[string]any{"count": 0.0})
	first := w.say(w.alice, w.bob, "one")
	w.say(w.bob, w.alice, "own")
	second := w.say(w.alice, w.bob, "two")
	id := func(r chat.Receipt) string { return fmt.Sprint(r.Message.ID) }
	w.equal("two unread", w.want(w.api(token, "GET", path, ""), 200), map[string]any{"count": 2.0, "first": id(first)})
	ref := chat.ChatRef{Type: chat.SessionUser, ID: string(w.alice)}
	w.ok(w.svc.ReadUpTo(t.Context(), chat.Actor{Account: w.bob}, ref, first.Message.ID))
	w.equal("one unread", w.want(w.api(token, "GET", path, ""), 200), map[string]any{"count": 1.0, "first": id(second)})
	w.ok(w.svc.ClearUnread(t.Context(), chat.Actor{Account: w.bob}, ref))
	w.equal("all read", w.want(w.api(token, "GET", path, ""), 200), map[string]any{"count": 0.0})

	said := w.sayIn(g, w.alice, "in the group")
	w.equal("group", w.want(w.api(token, "GET", "/api/unread?type=2&chat="+string(g), ""), 200), map[string]any{"count": 1.0, "first": id(said)})
	w.equal("file-transfer", w.want(w.api(token, "GET", "/api/unread?type=1&chat=file-transfer", ""), 200), map[string]any{"count": 0.0})

	w.refused(w.api(token, "GET", "/api/unread?type=1&chat=nobody", ""), 403, "not my contract")
	w.refused(w.api(token, "GET", "/api/unread?type=2&chat=nobody", ""), 404, "group not found")
	w.refused(w.api(w.token(w.mallory), "GET", "/api/unread?type=2&chat="+string(g), ""), 403, "not in group")
	w.names(w.refused(w.api(token, "GET", "/api/unread?type=3&chat=task", ""), 422, "validation failed"), "query.type")
	w.names(w.refused(w.api(token, "GET", "/api/unread?type=1&chat=", ""), 422, "validation failed"), "query.chat")
}
