package host_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

func TestSubscription(t *testing.T) {
	w := resttest.New(t)
	const base = "/v1/subscriptions"
	created := w.Host("POST", base, `{"url":"https://hooks.example.test/in","note":"Archive","kinds":["group.changed","message.sent"]}`)
	made := w.Want(created, http.StatusCreated)
	one, _ := made["subscription"].(map[string]any)
	secret, _ := made["secret"].(string)
	if !strings.HasPrefix(secret, "whsec_") || one["state"] != "active" || one["note"] != "Archive" || fmt.Sprint(one["kinds"]) != "[message.sent group.changed]" || one["waiting"] != 0.0 {
		t.Errorf("made %s", created.Body)
	}
	path := base + "/" + one["id"].(string)
	listed := w.Host("GET", base, "")
	if items := w.Want(listed, 200)["items"].([]any); len(items) != 1 || resttest.Contains(listed.Body, secret) {
		t.Errorf("list = %s, want one without its secret", listed.Body)
	}
	changed := w.Want(w.Host("PATCH", path, `{"kinds":["account.created"],"stopped":true}`), 200)
	if changed["state"] != "stopped" || changed["stopped"] != "by-hand" || fmt.Sprint(changed["kinds"]) != "[account.created]" || changed["note"] != "Archive" {
		t.Errorf("changed to %v", changed)
	}
	w.Refused(w.Host("POST", path+"/test", ""), 422, "invalid payload: subscription is stopped")
	w.Want(w.Host("PATCH", path, `{"stopped":false}`), 200)
	w.Want(w.Host("POST", path+"/test", ""), 204)
	rotated := w.Want(w.Host("POST", path+"/secret", `{"overlapSeconds":60}`), 200)
	if rotated["secret"] == secret || len(rotated["subscription"].(map[string]any)["secrets"].([]any)) != 2 {
		t.Errorf("rotated to %v", rotated)
	}
	for body, place := range map[string]string{
		`{"url":"ftp://hooks.example.test","kinds":["message.sent"]}`:              "body.url",
		`{"url":"https://a:b@hooks.example.test","kinds":["message.sent"]}`:        "body.url",
		`{"url":"https://hooks.example.test","kinds":["message.eaten"]}`:           "body.kinds",
		`{"url":"https://hooks.example.test","kinds":[]}`:                          "body.kinds",
		`{"kinds":["message.sent"]}`:                                               "body",
		`{"url":"https://hooks.example.test","kinds":["message.sent"],"app":"me"}`: "body.app",
	} {
		a := w.Host("POST", base, body)
		if a.Status != 422 || !resttest.Contains(a.Body, `"`+place) {
			t.Errorf("%s = %d %s, want it to name %s", body, a.Status, a.Body, place)
		}
	}
	// Nobody else's.
	other, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Name: "Other", Kind: chat.AppServer, Scopes: chat.Scopes})
	w.OK(err)
	as := func(r *http.Request) { r.SetBasicAuth(other.Key, other.Secret) }
	w.Refused(w.Do("PATCH", path, strings.NewReader(`{"stopped":true}`), as), 404, "not found")
	w.Refused(w.Do("DELETE", path, nil, as), 404, "not found")
	if items := w.Want(w.Do("GET", base, nil, as), 200)["items"].([]any); len(items) != 0 {
		t.Errorf("another application sees %v", items)
	}
	w.Want(w.Host("DELETE", path, ""), 204)
	w.Refused(w.Host("DELETE", path, ""), 404, "not found")
}

func TestDeadLetters(t *testing.T) {
	w := resttest.New(t)
	id, first := w.Subscribed()
	_, second := w.Subscribed()
	_, third := w.Subscribed()
	base := fmt.Sprintf("/v1/subscriptions/%s/dead-letters", id)
	page := w.Want(w.Host("GET", base+"?limit=2", ""), 200)
	items := page["items"].([]any)
	if len(items) != 2 || page["next"] != fmt.Sprint(second) {
		t.Fatalf("a page = %v", page)
	}
	if one := items[0].(map[string]any); one["id"] != fmt.Sprint(first) || one["failure"] != "status 500" || one["attempts"] != 20.0 ||
		fmt.Sprint(one["body"]) != "map[type:group.dissolved]" || one["event"] != "0198c0de-0000-7000-8000-0000000000b2" {
		t.Errorf("a dead letter = %v", one)
	}
	if rest := w.Want(w.Host("GET", fmt.Sprintf("%s?after=%d", base, second), ""), 200); len(rest["items"].([]any)) != 1 || rest["next"] != nil {
		t.Errorf("the last page = %v", rest)
	}
	w.Want(w.Host("POST", fmt.Sprintf("%s/%d/replay", base, third), ""), 204)
	w.Refused(w.Host("POST", fmt.Sprintf("%s/%d/replay", base, third), ""), 404, "not found")
	if got := w.Want(w.Host("POST", base+"/replay", `{"from":"2100-01-01T00:00:00Z"}`), 200); got["replayed"] != 0.0 {
		t.Errorf("from a time after all of them: %v", got)
	}
	if got := w.Want(w.Host("POST", base+"/replay", `{"from":"2000-01-01T00:00:00Z"}`), 200); got["replayed"] != 2.0 || got["more"] != false {
		t.Errorf("from a time before all of them: %v", got)
	}
	listed := w.Want(w.Host("GET", "/v1/subscriptions", ""), 200)["items"].([]any)[0].(map[string]any)
	if listed["waiting"] != 3.0 || listed["deadLetters"] != 0.0 {
		t.Errorf("the subscription = %v, want three events that wait", listed)
	}
}
