package client_test

import (
	"context"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest"
)

func TestWebhooks(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) {
		o.Client.Avatar = func(_ context.Context, _ chat.AccountID, key string) (string, error) { return "/avatars/" + key, nil }
	})
	g := w.Group()
	creator, err := w.Service.Group(t.Context(), g)
	w.OK(err)
	admin := w.Token(creator.Creator)
	member := w.Token(w.Bob)
	base := "/api/groups/" + string(g) + "/webhooks"
	made := w.Want(w.API(admin, "POST", base, `{"name": "Alerts", "avatarKey": "a.png"}`), 201)
	address, _ := made["url"].(string)
	key, found := strings.CutPrefix(address, "https://chat.example.test/hooks/")
	if !found || len(key) != 43 || made["secret"] != nil || made["avatar"] != "/avatars/a.png" || made["signed"] != false {
		t.Fatalf("made %v", made)
	}
	one := base + "/" + made["id"].(string)
	post := func(key string) int {
		return w.Do("POST", "/hooks/"+key, strings.NewReader(`{"text": "The disk is full"}`)).Status
	}
	if status := post(key); status != 200 {
		t.Errorf("a message: %d", status)
	}
	listed := w.Want(w.API(admin, "GET", base, ""), 200)["items"].([]any)
	if len(listed) != 1 {
		t.Fatalf("listed %v", listed)
	}
	if h := listed[0].(map[string]any); h["name"] != "Alerts" || h["url"] != nil || h["usedAt"] == nil || h["creatorName"] != "Alice Demo" {
		t.Errorf("listed %v", listed)
	}
	// The history says that the sender is a bot.
	row := w.Read(member, "/group_messages", "groupid", string(g), "num", "1")[0]
	if row["bot"] != true || row["uname"] != "Alerts" || row["logo"] != "/avatars/a.png" || row["from"] != made["bot"] {
		t.Errorf("history %v", row)
	}
	changed := w.Want(w.API(admin, "PATCH", one, `{"name": "Builds", "avatarKey": "", "signed": true}`), 200)
	if changed["name"] != "Builds" || changed["avatar"] != "" || changed["signed"] != true || changed["secret"] == nil || changed["url"] != nil {
		t.Errorf("changed %v", changed)
	}
	if status := post(key); status != 403 {
		t.Errorf("a message without a signature: %d", status)
	}
	changed = w.Want(w.API(admin, "PATCH", one, `{"signed": false}`), 200)
	if changed["signed"] != false || changed["secret"] != nil {
		t.Errorf("changed %v", changed)
	}
	rotated := w.Want(w.API(admin, "POST", one+"/rotate", ""), 200)
	next, _ := strings.CutPrefix(rotated["url"].(string), "https://chat.example.test/hooks/")
	if next == key || post(key) != 404 || post(next) != 200 {
		t.Error("the former address works, or the new one does not")
	}
	w.Names(w.Want(w.API(admin, "POST", base, `{"name": ""}`), 422), "body.name")
	w.Names(w.Refused(w.API(admin, "PATCH", one, `{"name": " "}`), 422, "invalid payload: name is required"), "body.name")
	for _, call := range [][3]string{{"GET", base, ""}, {"POST", base, `{"name": "x"}`}, {"PATCH", one, `{"name": "x"}`}, {"POST", one + "/rotate", ""}, {"DELETE", one, ""}} {
		w.Refused(w.API(member, call[0], call[1], call[2]), 403, "forbidden")
		w.Refused(w.API(w.Token(w.Mallory), call[0], call[1], call[2]), 403, "not in group")
	}
	w.Want(w.API(admin, "DELETE", one, ""), 204)
	w.Refused(w.API(admin, "DELETE", one, ""), 404, "not found")
	if post(next) != 404 {
		t.Error("a removed webhook takes messages")
	}
}
