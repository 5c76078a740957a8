package rest_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

func TestApplicationTellsWhoCalls(t *testing.T) {
	w := newWorld(t)
	a := w.host("GET", "/v1/application", "")
	got := w.want(a, 200)
	if got["key"] != w.app.Key || got["name"] != "Demo app" || got["kind"] != "web" || contains(a.body, w.app.Secret) {
		t.Errorf("application = %s, want its own, without the secret", a.body)
	}
}

func TestApplicationIsMadeReadAndChanged(t *testing.T) {
	w := newWorld(t)
	const base = "/v1/applications"
	made := w.want(w.host("POST", base, `{"name":"Demo phone","kind":"mobile","url":"https://phone.example.test","key":"phone-key","sendAck":"result-first","mutedPushes":["new history"]}`), http.StatusCreated)
	app, _ := made["application"].(map[string]any)
	want := map[string]any{
		"id": app["id"], "key": "phone-key", "name": "Demo phone", "url": "https://phone.example.test", "kind": "mobile",
		"sendAck": "result-first", "mutedPushes": []any{"new history"}, "createdAt": app["createdAt"],
	}
	if diff := cmp.Diff(app, want); diff != "" {
		t.Errorf("application (-got +want):\n%s", diff)
	}
	secret, _ := made["secret"].(string)
	if len(secret) < 32 {
		t.Fatalf("secret of %d letters, want a long one", len(secret))
	}
	for _, ref := range []string{"phone-key", app["id"].(string)} {
		if diff := cmp.Diff(w.want(w.host("GET", base+"/"+ref, ""), 200), want); diff != "" {
			t.Errorf("by %s (-got +want):\n%s", ref, diff)
		}
	}
	listed := w.host("GET", base, "")
	if got, want := items(t, w.want(listed, 200), "name"), []string{"Demo app", "Demo phone"}; !cmp.Equal(got, want) {
		t.Errorf("list = %v, want %v", got, want)
	}
	if contains(listed.body, secret) || contains(listed.body, w.app.Secret) {
		t.Error("the list shows secrets")
	}

	// It may call the host API, and its clients connect through it.
	as := func(r *http.Request) { r.SetBasicAuth("phone-key", secret) }
	w.want(w.do("GET", "/v1/application", nil, as), 200)
	w.list(w.do("GET", "/chat_list?app=phone-key", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+w.token(w.alice)) }), 200)

	w.published()
	changed := w.want(w.host("PATCH", base+"/phone-key", `{"name":"Demo pocket","mutedPushes":[]}`), 200)
	want["name"], want["mutedPushes"] = "Demo pocket", []any{}
	if diff := cmp.Diff(changed, want); diff != "" {
		t.Errorf("changed (-got +want):\n%s", diff)
	}
	if got, want := w.published(), []string{"AppChanged"}; !cmp.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}

	small := w.want(w.host("POST", base, `{"name":"Demo site"}`), http.StatusCreated)["application"].(map[string]any)
	if small["kind"] != "web" || small["sendAck"] != "error-first" || len(small["mutedPushes"].([]any)) != 0 || small["key"] == "" {
		t.Errorf("with a name alone: %v, want the defaults and a key", small)
	}
	w.refused(w.host("POST", base, `{"name":"x","key":"phone-key"}`), 409, "already exists")
	w.names(w.want(w.host("POST", base, `{"name":"x","key":"a b"}`), 422), "body.key")
	w.names(w.want(w.host("POST", base, `{"name":"x","mutedPushes":[""]}`), 422), "body.mutedPushes")
	w.refused(w.host("GET", base+"/none", ""), 404, "not found")
}

func TestSecretIsRotated(t *testing.T) {
	w := newWorld(t)
	const path = "/v1/applications/demo-key/secret"
	token := w.token(w.alice)
	again := header("Idempotency-Key", "rotate-1")
	first := w.host("POST", path, "", again)
	rotated, _ := w.want(first, 200)["secret"].(string)
	if len(rotated) < 32 || rotated == w.app.Secret {
		t.Fatalf("secret of %d letters, want a new one", len(rotated))
	}
	w.refused(w.host("GET", "/v1/application", ""), 401, "invalid app")
	w.list(w.do("GET", "/chat_list", nil, as(token)), 200)
	w.app.Secret = rotated
	// A retry gets the same secret, not a third one.
	if a := w.host("POST", path, "", again); string(a.body) != string(first.body) {
		t.Errorf("retry = %d, want the first answer", a.status)
	}
	w.want(w.host("GET", "/v1/application", ""), 200)
	w.refused(w.host("POST", "/v1/applications/none/secret", ""), 404, "not found")
}

func TestTokensTakeAnApplicationByItsKey(t *testing.T) {
	w := newWorld(t)
	base := "/v1/accounts/" + string(w.alice) + "/tokens"
	for _, ref := range []string{w.app.Key, string(w.app.ID)} {
		if got := w.want(w.host("POST", base, toJSON(map[string]any{"app": ref})), http.StatusCreated); got["app"] != string(w.app.ID) {
			t.Errorf("bound to %v, want the application of %s", got["app"], ref)
		}
	}
	w.names(w.want(w.host("POST", base, `{"app":"none"}`), 422), "body.app")
	inactive := false
	_, err := w.svc.UpdateAccount(t.Context(), w.alice, chat.AccountPatch{Active: &inactive})
	w.ok(err)
	w.names(w.want(w.host("POST", base, `{}`), 422), "path.account")
}
