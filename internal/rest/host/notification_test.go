package host_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

func TestNotificationsReachInboxes(t *testing.T) {
	w := resttest.New(t)
	w.Published()
	got := w.Want(w.Host("POST", "/v1/notifications", resttest.ToJSON(map[string]any{
		"category": "task", "type": "taskcomment", "text": "Bob Demo commented", "name": "Bob Demo",
		"url": "https://tasks.example.test/1", "entityId": "1",
		// Alice is named and in the organization: she gets it once.
		"accounts": []chat.AccountID{w.Alice, w.Mallory}, "organization": w.Org,
	})), http.StatusCreated)
	if got["receivers"] != 3.0 {
		t.Errorf("receivers = %v, want 3", got["receivers"])
	}
	if got, want := w.Published(), []string{"Notified"}; !cmp.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
	for i := range 3 {
		w.Want(w.Host("POST", "/v1/notifications", resttest.ToJSON(map[string]any{
			"category": "task", "type": "taskmessage", "text": fmt.Sprint("task ", i), "weak": true, "accounts": []chat.AccountID{w.Alice},
		})), http.StatusCreated)
	}
	list := "/v1/accounts/" + string(w.Alice) + "/notifications?category=task"
	first := w.Want(w.Host("GET", list+"&limit=3", ""), 200)
	second := w.Want(w.Host("GET", list+"&limit=3&after="+first["next"].(string), ""), 200)
	texts := append(resttest.Items(t, first, "text"), resttest.Items(t, second, "text")...)
	if want := []string{"task 2", "task 1", "task 0", "Bob Demo commented"}; !cmp.Equal(texts, want) || second["next"] != nil {
		t.Errorf("inbox = %v, next %v, want %v and no next", texts, second["next"], want)
	}
	if empty := w.Want(w.Host("GET", "/v1/accounts/"+string(w.Alice)+"/notifications?category=hr", ""), 200); len(empty["items"].([]any)) != 0 {
		t.Errorf("another category = %v, want nothing", empty)
	}
	unread, err := w.Service.InboxUnread(t.Context(), w.Alice)
	if err != nil || len(unread) != 1 || unread[0].Inbox.Unread() != 1 || unread[0].Inbox.WeakUnread() != 3 {
		t.Errorf("unread inboxes = %+v, %v, want 1 and 3 weak ones", unread, err)
	}
}

func TestNotificationRefusals(t *testing.T) {
	w := resttest.New(t)
	valid := func(change map[string]any) string {
		b := map[string]any{"category": "task", "type": "taskcomment", "text": "x", "accounts": []chat.AccountID{w.Alice}}
		for k, v := range change {
			if v == nil {
				delete(b, k)
				continue
			}
			b[k] = v
		}
		return resttest.ToJSON(b)
	}
	for _, c := range []struct {
		change map[string]any
		field  string
	}{
		{map[string]any{"category": "gossip"}, "body.category"},
		{map[string]any{"category": nil}, "body.category"},
		{map[string]any{"type": nil}, "body.type"},
		{map[string]any{"type": ""}, "body.type"},
		{map[string]any{"text": nil}, "body.text"},
		{map[string]any{"text": 5}, "body.text"},
		{map[string]any{"accounts": nil}, "body.accounts"},
		{map[string]any{"accounts": []string{}}, "body.accounts"},
		{map[string]any{"accounts": []string{"nobody"}}, "body.accounts"},
		{map[string]any{"organization": "none"}, "body.organization"},
		{map[string]any{"weak": "yes"}, "body.weak"},
	} {
		w.Names(w.Want(w.Host("POST", "/v1/notifications", valid(c.change)), 422), c.field)
	}
	w.Refused(w.Host("GET", "/v1/accounts/nobody/notifications?category=task", ""), 404, "account not found")
	w.Names(w.Want(w.Host("GET", "/v1/accounts/"+string(w.Alice)+"/notifications", ""), 422), "query.category")
	w.Names(w.Want(w.Host("GET", "/v1/accounts/"+string(w.Alice)+"/notifications?category=task&after=x", ""), 422), "query.after")
	if unread, err := w.Service.InboxUnread(t.Context(), w.Alice); err != nil || len(unread) != 0 {
		t.Errorf("unread inboxes = %+v, %v, want none after refusals", unread, err)
	}
}
