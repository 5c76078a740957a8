package host_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

func TestApplicationTellsWhoCalls(t *testing.T) {
	w := resttest.New(t)
	a := w.Host("GET", "/v1/application", "")
	got := w.Want(a, 200)
	if got["key"] != w.System.Key || got["name"] != "Demo system" || got["kind"] != "server" || resttest.Contains(a.Body, w.System.Secret) || resttest.Contains(a.Body, w.System.Secrets[0].Value) {
		t.Errorf("application = %s, want its own, without the secret", a.Body)
	}
}

func TestApplicationIsMadeReadAndChanged(t *testing.T) {
	w := resttest.New(t)
	const base = "/v1/applications"
	made := w.Want(w.Host("POST", base, `{"name":"Demo phone","kind":"mobile","url":"https://phone.example.test","key":"phone-key","sendAck":"result-first","mutedPushes":["new history"]}`), http.StatusCreated)
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
		if diff := cmp.Diff(w.Want(w.Host("GET", base+"/"+ref, ""), 200), want); diff != "" {
			t.Errorf("by %s (-got +want):\n%s", ref, diff)
		}
	}
	listed := w.Host("GET", base, "")
	if got, want := resttest.Items(t, w.Want(listed, 200), "name"), []string{"Demo app", "Demo system", "Demo phone"}; !cmp.Equal(got, want) {
		t.Errorf("list = %v, want %v", got, want)
	}
	if resttest.Contains(listed.Body, w.System.Secret) || resttest.Contains(listed.Body, w.System.Secrets[0].Value) {
		t.Error("the list shows secrets")
	}

	// Its clients connect through it.
	w.List(w.Do("GET", "/chat_list?app=phone-key", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+w.Token(w.Alice)) }), 200)

	w.Published()
	changed := w.Want(w.Host("PATCH", base+"/phone-key", `{"name":"Demo pocket","mutedPushes":[]}`), 200)
	want["name"], want["mutedPushes"] = "Demo pocket", []any{}
	if diff := cmp.Diff(changed, want); diff != "" {
		t.Errorf("changed (-got +want):\n%s", diff)
	}
	if got, want := w.Published(), []string{"AppChanged"}; !cmp.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}

	small := w.Want(w.Host("POST", base, `{"name":"Demo site"}`), http.StatusCreated)["application"].(map[string]any)
	if small["kind"] != "web" || small["sendAck"] != "error-first" || len(small["mutedPushes"].([]any)) != 0 || small["key"] == "" {
		t.Errorf("with a name alone: %v, want the defaults and a key", small)
	}
	w.Refused(w.Host("POST", base, `{"name":"x","key":"phone-key"}`), 409, "already exists")
	w.Names(w.Want(w.Host("POST", base, `{"name":"x","key":"a b"}`), 422), "body.key")
	w.Names(w.Want(w.Host("POST", base, `{"name":"x","mutedPushes":[""]}`), 422), "body.mutedPushes")
	w.Refused(w.Host("GET", base+"/none", ""), 404, "not found")
}

// A system has the scopes that whoever registers it names and has himself.
func TestSystemIsRegistered(t *testing.T) {
	w := resttest.New(t)
	const base = "/v1/applications"
	made := w.Want(w.Host("POST", base, `{"name":"Payroll","kind":"server","key":"payroll","scopes":["notifications","read"]}`), http.StatusCreated)
	app := made["application"].(map[string]any)
	if got, want := app["scopes"], []any{"read", "notifications"}; !cmp.Equal(got, want) {
		t.Errorf("scopes = %v, want %v", got, want)
	}
	if got := app["secrets"].([]any); len(got) != 1 || len(app["signingKeys"].([]any)) != 0 {
		t.Errorf("secrets %v, signing keys %v; want one secret and no key", got, app["signingKeys"])
	}
	payroll := func(r *http.Request) { r.SetBasicAuth("payroll", made["secret"].(string)) }
	w.Want(w.Do("GET", "/v1/accounts", nil, payroll), 200)
	w.Refused(w.Do("POST", "/v1/accounts", strings.NewReader(`{"name":"x"}`), payroll), 403, "scope required: accounts")
	w.Refused(w.Do("PATCH", base+"/payroll", strings.NewReader(`{"scopes":["read","accounts"]}`), payroll), 403, "scope required: applications")

	w.Want(w.Host("PATCH", base+"/payroll", `{"scopes":["read","applications"]}`), 200)
	w.Refused(w.Do("POST", "/v1/notifications", strings.NewReader(`{}`), payroll), 403, "scope required: notifications")
	w.Refused(w.Do("PATCH", base+"/payroll", strings.NewReader(`{"scopes":["read","applications","accounts"]}`), payroll), 403, "scope required: accounts")
	w.Refused(w.Do("POST", base+"/"+w.System.Key+"/secret", nil, payroll), 403, "scope required: accounts")
	w.Refused(w.Do("POST", base, strings.NewReader(`{"name":"x","kind":"server","scopes":["tokens"]}`), payroll), 403, "scope required: tokens")
	w.Refused(w.Do("POST", base+"/"+w.App.Key+"/signing-key", nil, payroll), 403, "scope required: tokens")
	w.Want(w.Do("POST", base, strings.NewReader(`{"name":"x","kind":"server","scopes":["read"]}`), payroll), http.StatusCreated)

	w.Names(w.Want(w.Host("POST", base, `{"name":"x","kind":"server"}`), 422), "body.scopes")
	w.Names(w.Want(w.Host("POST", base, `{"name":"x","scopes":["read"]}`), 422), "body.scopes")
	w.Names(w.Want(w.Host("POST", base, `{"name":"x","kind":"server","scopes":["admin"]}`), 422), "body.scopes[0]")
	w.Names(w.Want(w.Host("PATCH", base+"/payroll", `{"scopes":[]}`), 422), "body.scopes")
	w.Names(w.Want(w.Host("PATCH", base+"/payroll", `{"kind":"web"}`), 422), "body.kind")
	w.Names(w.Want(w.Host("PATCH", base+"/"+w.App.Key, `{"kind":"server","scopes":["read"]}`), 422), "body.kind")
	w.Names(w.Want(w.Host("POST", base, `{"name":"x","organization":"none"}`), 422), "body.organization")
}

func TestSecretIsRotated(t *testing.T) {
	w := resttest.New(t)
	const path = "/v1/applications/system-key/secret"
	token := w.Token(w.Alice)
	old := w.System.Secret
	// With an overlap both are good, and a retry gets the same secret, not a third one.
	again := resttest.Header("Idempotency-Key", "rotate-1")
	first := w.Host("POST", path, `{"overlapSeconds":3600}`, again)
	got := w.Want(first, 200)
	rotated, _ := got["secret"].(string)
	if len(rotated) < 32 || rotated == old {
		t.Fatalf("secret of %d letters, want a new one", len(rotated))
	}
	secrets := got["application"].(map[string]any)["secrets"].([]any)
	if len(secrets) != 2 || secrets[0].(map[string]any)["expiresAt"] != nil || secrets[1].(map[string]any)["expiresAt"] == nil {
		t.Errorf("secrets = %v, want the new one, and the old one until later", secrets)
	}
	if a := w.Host("POST", path, `{"overlapSeconds":3600}`, again); string(a.Body) != string(first.Body) {
		t.Errorf("retry = %d %s, want the first answer", a.Status, a.Body)
	}
	w.System.Secret = rotated
	w.Want(w.Host("GET", "/v1/application", ""), 200)
	w.System.Secret = old
	w.Want(w.Host("GET", "/v1/application", ""), 200)

	// Without one the others end at once; access tokens stay.
	last := w.Want(w.Host("POST", path, ""), 200)["secret"].(string)
	for _, over := range []string{old, rotated} {
		w.System.Secret = over
		w.Refused(w.Host("GET", "/v1/application", ""), 401, "invalid app")
	}
	w.List(w.Do("GET", "/chat_list", nil, resttest.As(token)), 200)
	w.System.Secret = last
	w.Refused(w.Host("POST", "/v1/applications/none/secret", ""), 404, "not found")
	w.Names(w.Want(w.Host("POST", "/v1/applications/demo-key/secret", ""), 422), "path.application")
	w.Names(w.Want(w.Host("POST", path, `{"overlapSeconds":2592001}`), 422), "body.overlapSeconds")
	w.Names(w.Want(w.Host("POST", path, `{"overlapSeconds":-1}`), 422), "body.overlapSeconds")
}

func TestSigningKeyIsRotated(t *testing.T) {
	w := resttest.New(t)
	const path = "/v1/applications/demo-key/signing-key"
	first := w.Want(w.Host("POST", path, ""), 200)["signingKey"].(string)
	second := w.Want(w.Host("POST", path, `{"overlapSeconds":60}`), 200)
	if key := second["signingKey"].(string); len(key) < 32 || key == first {
		t.Errorf("key of %d letters, want a new one", len(key))
	}
	a := w.Host("GET", "/v1/applications/demo-key", "")
	if got := w.Want(a, 200)["signingKeys"].([]any); len(got) != 2 || resttest.Contains(a.Body, first) {
		t.Errorf("signing keys = %v, want two of them, without themselves", got)
	}
	w.Refused(w.Host("POST", "/v1/applications/none/signing-key", ""), 404, "not found")
}

func TestTokensTakeAnApplicationByItsKey(t *testing.T) {
	w := resttest.New(t)
	base := "/v1/accounts/" + string(w.Alice) + "/tokens"
	for _, ref := range []string{w.App.Key, string(w.App.ID)} {
		if got := w.Want(w.Host("POST", base, resttest.ToJSON(map[string]any{"app": ref})), http.StatusCreated); got["app"] != string(w.App.ID) {
			t.Errorf("bound to %v, want the application of %s", got["app"], ref)
		}
	}
	w.Names(w.Want(w.Host("POST", base, `{"app":"none"}`), 422), "body.app")
	inactive := false
	_, err := w.Service.UpdateAccount(t.Context(), w.Alice, chat.AccountPatch{Active: &inactive})
	w.OK(err)
	w.Names(w.Want(w.Host("POST", base, `{}`), 422), "path.account")
}
