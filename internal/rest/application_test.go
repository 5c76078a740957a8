package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

func TestApplicationTellsWhoCalls(t *testing.T) {
	w := newWorld(t)
	a := w.host("GET", "/v1/application", "")
	got := w.want(a, 200)
	if got["key"] != w.system.Key || got["name"] != "Demo system" || got["kind"] != "server" || contains(a.body, w.system.Secret) || contains(a.body, w.system.Secrets[0].Value) {
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
		"scopes": []any{}, "secrets": []any{}, "signingKeys": []any{},
	}
	if diff := cmp.Diff(app, want); diff != "" {
		t.Errorf("application (-got +want):\n%s", diff)
	}
	if secret, ok := made["secret"]; ok {
		t.Fatalf("secret %v for a client, want none: clients would carry it about", secret)
	}
	for _, ref := range []string{"phone-key", app["id"].(string)} {
		if diff := cmp.Diff(w.want(w.host("GET", base+"/"+ref, ""), 200), want); diff != "" {
			t.Errorf("by %s (-got +want):\n%s", ref, diff)
		}
	}
	listed := w.host("GET", base, "")
	if got, want := items(t, w.want(listed, 200), "name"), []string{"Demo app", "Demo system", "Demo phone"}; !cmp.Equal(got, want) {
		t.Errorf("list = %v, want %v", got, want)
	}
	if contains(listed.body, w.system.Secret) || contains(listed.body, w.system.Secrets[0].Value) {
		t.Error("the list shows secrets")
	}

	// Its clients connect through it.
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

// A system has the scopes that whoever registers it names and has himself.
func TestSystemIsRegistered(t *testing.T) {
	w := newWorld(t)
	const base = "/v1/applications"
	made := w.want(w.host("POST", base, `{"name":"Payroll","kind":"server","key":"payroll","scopes":["notifications","read"]}`), http.StatusCreated)
	app := made["application"].(map[string]any)
	if got, want := app["scopes"], []any{"read", "notifications"}; !cmp.Equal(got, want) {
		t.Errorf("scopes = %v, want %v", got, want)
	}
	if got := app["secrets"].([]any); len(got) != 1 || len(app["signingKeys"].([]any)) != 0 {
		t.Errorf("secrets %v, signing keys %v; want one secret and no key", got, app["signingKeys"])
	}
	payroll := func(r *http.Request) { r.SetBasicAuth("payroll", made["secret"].(string)) }
	w.want(w.do("GET", "/v1/accounts", nil, payroll), 200)
	w.refused(w.do("POST", "/v1/accounts", strings.NewReader(`{"name":"x"}`), payroll), 403, "scope required: accounts")
	w.refused(w.do("PATCH", base+"/payroll", strings.NewReader(`{"scopes":["read","accounts"]}`), payroll), 403, "scope required: applications")

	w.want(w.host("PATCH", base+"/payroll", `{"scopes":["read","applications"]}`), 200)
	w.refused(w.do("POST", "/v1/notifications", strings.NewReader(`{}`), payroll), 403, "scope required: notifications")
	w.refused(w.do("PATCH", base+"/payroll", strings.NewReader(`{"scopes":["read","applications","accounts"]}`), payroll), 403, "scope required: accounts")
	w.refused(w.do("POST", base+"/"+w.system.Key+"/secret", nil, payroll), 403, "scope required: accounts")
	w.refused(w.do("POST", base, strings.NewReader(`{"name":"x","kind":"server","scopes":["tokens"]}`), payroll), 403, "scope required: tokens")
	w.refused(w.do("POST", base+"/"+w.app.Key+"/signing-key", nil, payroll), 403, "scope required: tokens")
	w.want(w.do("POST", base, strings.NewReader(`{"name":"x","kind":"server","scopes":["read"]}`), payroll), http.StatusCreated)

	w.names(w.want(w.host("POST", base, `{"name":"x","kind":"server"}`), 422), "body.scopes")
	w.names(w.want(w.host("POST", base, `{"name":"x","scopes":["read"]}`), 422), "body.scopes")
	w.names(w.want(w.host("POST", base, `{"name":"x","kind":"server","scopes":["admin"]}`), 422), "body.scopes[0]")
	w.names(w.want(w.host("PATCH", base+"/payroll", `{"scopes":[]}`), 422), "body.scopes")
	w.names(w.want(w.host("PATCH", base+"/payroll", `{"kind":"web"}`), 422), "body.kind")
	w.names(w.want(w.host("PATCH", base+"/"+w.app.Key, `{"kind":"server","scopes":["read"]}`), 422), "body.kind")
	w.names(w.want(w.host("POST", base, `{"name":"x","organization":"none"}`), 422), "body.organization")
}

func TestSecretIsRotated(t *testing.T) {
	w := newWorld(t)
	const path = "/v1/applications/system-key/secret"
	token := w.token(w.alice)
	old := w.system.Secret
	// With an overlap both are good, and a retry gets the same secret, not a third one.
	again := header("Idempotency-Key", "rotate-1")
	first := w.host("POST", path, `{"overlapSeconds":3600}`, again)
	got := w.want(first, 200)
	rotated, _ := got["secret"].(string)
	if len(rotated) < 32 || rotated == old {
		t.Fatalf("secret of %d letters, want a new one", len(rotated))
	}
	secrets := got["application"].(map[string]any)["secrets"].([]any)
	if len(secrets) != 2 || secrets[0].(map[string]any)["expiresAt"] != nil || secrets[1].(map[string]any)["expiresAt"] == nil {
		t.Errorf("secrets = %v, want the new one, and the old one until later", secrets)
	}
	if a := w.host("POST", path, `{"overlapSeconds":3600}`, again); string(a.body) != string(first.body) {
		t.Errorf("retry = %d %s, want the first answer", a.status, a.body)
	}
	w.system.Secret = rotated
	w.want(w.host("GET", "/v1/application", ""), 200)
	w.system.Secret = old
	w.want(w.host("GET", "/v1/application", ""), 200)

	// Without one the others end at once; access tokens stay.
	last := w.want(w.host("POST", path, ""), 200)["secret"].(string)
	for _, over := range []string{old, rotated} {
		w.system.Secret = over
		w.refused(w.host("GET", "/v1/application", ""), 401, "invalid app")
	}
	w.list(w.do("GET", "/chat_list", nil, as(token)), 200)
	w.system.Secret = last
	w.refused(w.host("POST", "/v1/applications/none/secret", ""), 404, "not found")
	w.names(w.want(w.host("POST", "/v1/applications/demo-key/secret", ""), 422), "path.application")
	w.names(w.want(w.host("POST", path, `{"overlapSeconds":2592001}`), 422), "body.overlapSeconds")
	w.names(w.want(w.host("POST", path, `{"overlapSeconds":-1}`), 422), "body.overlapSeconds")
}

func TestSigningKeyIsRotated(t *testing.T) {
	w := newWorld(t)
	const path = "/v1/applications/demo-key/signing-key"
	first := w.want(w.host("POST", path, ""), 200)["signingKey"].(string)
	second := w.want(w.host("POST", path, `{"overlapSeconds":60}`), 200)
	if key := second["signingKey"].(string); len(key) < 32 || key == first {
		t.Errorf("key of %d letters, want a new one", len(key))
	}
	a := w.host("GET", "/v1/applications/demo-key", "")
	if got := w.want(a, 200)["signingKeys"].([]any); len(got) != 2 || contains(a.body, first) {
		t.Errorf("signing keys = %v, want two of them, without themselves", got)
	}
	w.refused(w.host("POST", "/v1/applications/none/signing-key", ""), 404, "not found")
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
