package admin_test

import (
	"fmt"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

func TestSubscriptions(t *testing.T) {
	w := resttest.New(t)
	owner := signedIn(w, w.Contact("Owner Demo"), chat.OrganizationOwner)
	manager := signedIn(w, w.Contact("Manager Demo"), chat.OrganizationAdministrator)
	id, event := w.Subscribed()
	const path = "/api/admin/subscriptions"
	one := path + "/" + string(id)
	items := call(w, manager, "GET", path, nil)["items"].([]any)
	if got := items[0].(map[string]any); len(items) != 1 || got["appName"] != "Demo system" || got["state"] != "active" || got["deadLetters"] != 1.0 {
		t.Errorf("got %v", items)
	}
	// The texts of messages, and what changes something, are for owners.
	for method, paths := range map[string][]string{
		"GET": {one + "/dead-letters"}, "DELETE": {one},
		"POST": {one + "/test", one + "/dead-letters/1/replay"},
	} {
		for _, p := range paths {
			w.Refused(w.API(manager, method, p, ""), 403, "forbidden")
		}
	}
	w.Refused(w.API(manager, "PATCH", one, `{"stopped":true}`), 403, "forbidden")
	w.Refused(w.API(manager, "POST", one+"/secret", `{}`), 403, "forbidden")
	w.Refused(w.API(manager, "POST", path, `{"application":"system-key","url":"https://hooks.example.test","kinds":["message.sent"]}`), 403, "forbidden")

	if dead := call(w, owner, "GET", one+"/dead-letters", nil)["items"].([]any); len(dead) != 1 || dead[0].(map[string]any)["id"] != fmt.Sprint(event) {
		t.Errorf("dead letters %v", dead)
	}
	w.Want(w.API(owner, "POST", fmt.Sprintf("%s/dead-letters/%d/replay", one, event), ""), 204)
	if got := call(w, owner, "POST", one+"/dead-letters/replay", map[string]any{"from": 0}); got["replayed"] != 0.0 {
		t.Errorf("replayed %v, want nothing", got)
	}
	if got := call(w, owner, "PATCH", one, map[string]any{"stopped": true}); got["state"] != "stopped" || got["stopped"] != "by-hand" || got["waiting"] != 1.0 {
		t.Errorf("stopped: %v", got)
	}
	made := call(w, owner, "POST", path, map[string]any{"application": "system-key", "url": "https://other.example.test", "kinds": []string{"message.sent"}})
	if made["secret"] == "" || made["subscription"].(map[string]any)["app"] != string(w.System.ID) {
		t.Errorf("made %v", made)
	}
	w.Refused(w.API(owner, "POST", path, `{"application":"none","url":"https://other.example.test","kinds":["message.sent"]}`), 422, "invalid payload: application is not the id or the key of an application")
	bad := w.API(owner, "POST", path, `{"application":"system-key","url":"https://a:b@other.example.test","kinds":["message.sent"]}`)
	if bad.Status != 422 || !resttest.Contains(bad.Body, `"code":"receiver"`) {
		t.Errorf("an address with a password: %d %s", bad.Status, bad.Body)
	}
	w.Want(w.API(owner, "DELETE", one, ""), 204)
	w.Refused(w.API(owner, "DELETE", one, ""), 404, "not found")
}
