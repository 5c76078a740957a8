package rest_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest"
)

func TestAccountIsMadeReadAndChanged(t *testing.T) {
	w := newWorld(t)
	made := w.want(w.host("POST", "/v1/accounts", `{"id":"0198c0de-0000-7000-8000-000000000009","name":"Dora Demo","email":"dora@example.test"}`), http.StatusCreated)
	want := map[string]any{
		"id": "0198c0de-0000-7000-8000-000000000009", "name": "Dora Demo", "email": "dora@example.test", "avatar": "",
		"active": true, "createdAt": made["createdAt"],
	}
	if diff := cmp.Diff(made, want); diff != "" {
		t.Errorf("created account, got - want +:\n%s", diff)
	}
	one := "/v1/accounts/0198c0de-0000-7000-8000-000000000009"
	if diff := cmp.Diff(w.want(w.host("GET", one, ""), 200), want); diff != "" {
		t.Errorf("read account, got - want +:\n%s", diff)
	}
	want["name"], want["avatar"] = "Dora D.", "https://pictures.example.test/dora.png"
	changed := w.want(w.host("PATCH", one, `{"name":"Dora D.","avatar":"https://pictures.example.test/dora.png"}`), 200)
	if diff := cmp.Diff(changed, want); diff != "" {
		t.Errorf("changed account, got - want +:\n%s", diff)
	}
	if got, want := w.published(), []string{"AccountChanged"}; !slices.Contains(got, want[0]) {
		t.Errorf("published %v, want %v", got, want)
	}
}

func TestDeactivatingEndsEveryLogIn(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.bob)
	w.published()
	got := w.want(w.host("PATCH", "/v1/accounts/"+string(w.bob), `{"active":false}`), 200)
	if got["active"] != false {
		t.Errorf("account = %v, want inactive", got)
	}
	if got := w.published(); !slices.Contains(got, "LoggedOut") {
		t.Errorf("published %v, want LoggedOut", got)
	}
	w.refused(w.do("GET", "/chat_list", nil, as(token)), 401, "invalid token")
	w.refused(w.host("POST", "/v1/messages", toJSON(map[string]any{"from": w.bob, "toAccount": w.alice, "text": "x"})), 404, "from user not found")
}

func TestAccountRefusals(t *testing.T) {
	w := newWorld(t)
	w.refused(w.host("POST", "/v1/accounts", toJSON(map[string]any{"id": w.alice, "name": "Twice"})), 409, "already exists")
	w.refused(w.host("GET", "/v1/accounts/nobody", ""), 404, "account not found")
	w.refused(w.host("PATCH", "/v1/accounts/nobody", `{"name":"x"}`), 404, "account not found")
	w.refused(w.host("GET", "/v1/accounts/nobody/contacts", ""), 404, "account not found")
	w.refused(w.host("GET", "/v1/accounts/nobody/friends", ""), 404, "account not found")
	w.refused(w.host("GET", "/v1/accounts/nobody/tokens", ""), 404, "account not found")
	w.names(w.refused(w.host("POST", "/v1/accounts", `{}`), 422, "validation failed"), "body.name")
	w.names(w.refused(w.host("POST", "/v1/accounts", `{"name":5}`), 422, "validation failed"), "body.name")
	w.names(w.refused(w.host("POST", "/v1/accounts", `{"name":""}`), 422, "validation failed"), "body.name")
	w.names(w.refused(w.host("POST", "/v1/accounts", `{"name":"x","nickname":"y"}`), 422, "validation failed"), "body.nickname")
	// The pseudo account cannot be taken by anybody.
	w.names(w.want(w.host("POST", "/v1/accounts", `{"id":"file-transfer","name":"x"}`), 422), "body.id")
}

func TestFriendsAndContacts(t *testing.T) {
	w := newWorld(t)
	friends := "/v1/accounts/" + string(w.alice) + "/friends"
	w.want(w.host("POST", friends, toJSON(map[string]any{"account": w.mallory})), http.StatusNoContent)
	w.want(w.host("POST", friends, toJSON(map[string]any{"account": w.mallory})), http.StatusNoContent)
	if got, want := items(t, w.want(w.host("GET", friends, ""), 200), "id"), []string{string(w.mallory)}; !cmp.Equal(got, want) {
		t.Errorf("friends = %v, want %v", got, want)
	}
	contacts := "/v1/accounts/" + string(w.alice) + "/contacts"
	if got, want := items(t, w.want(w.host("GET", contacts, ""), 200), "name"), []string{"Bob Demo", "Mallory Demo"}; !cmp.Equal(got, want) {
		t.Errorf("contacts = %v, want %v", got, want)
	}
	page := w.want(w.host("GET", contacts+"?limit=1", ""), 200)
	rest := w.want(w.host("GET", contacts+"?limit=1&after="+page["next"].(string), ""), 200)
	if got, want := append(items(t, page, "name"), items(t, rest, "name")...), []string{"Bob Demo", "Mallory Demo"}; !cmp.Equal(got, want) || rest["next"] != nil {
		t.Errorf("pages of contacts = %v, next %v, want %v and no next", got, rest["next"], want)
	}
	if got, want := items(t, w.want(w.host("GET", contacts+"?query=mall", ""), 200), "name"), []string{"Mallory Demo"}; !cmp.Equal(got, want) {
		t.Errorf("contacts with mall = %v, want %v", got, want)
	}
	// The relation lets them write, and its end forbids it.
	w.say(w.alice, w.mallory, "hello")
	w.want(w.host("DELETE", friends+"/"+string(w.mallory), ""), http.StatusNoContent)
	_, err := w.svc.SendMessage(t.Context(), chat.Actor{Account: w.alice}, w.mallory, textDraft("still there?"))
	if !errors.Is(err, chat.ErrRelationEnded) {
		t.Errorf("send after the end of the friendship: %v, want %v", err, chat.ErrRelationEnded)
	}

	w.refused(w.host("DELETE", friends+"/"+string(w.mallory), ""), 404, "not found")
	w.refused(w.host("POST", friends, `{"account":"nobody"}`), 404, "account not found")
	w.want(w.host("POST", friends, toJSON(map[string]any{"account": w.alice})), 422)
	w.names(w.refused(w.host("POST", friends, `{}`), 422, "validation failed"), "body.account")
}

func TestTokensAreIssuedListedAndRevoked(t *testing.T) {
	w := newWorld(t)
	base := "/v1/accounts/" + string(w.alice) + "/tokens"
	first := w.want(w.host("POST", base, `{"label":"phone","ttl":3600}`), http.StatusCreated)
	second := w.want(w.host("POST", base, `{"label":"laptop"}`), http.StatusCreated)
	if first["expiresAt"] == nil || second["expiresAt"] != nil {
		t.Errorf("expiry of %v and %v, want only the first to have one", first, second)
	}
	listed := w.host("GET", base, "")
	if got, want := items(t, w.want(listed, 200), "label"), []string{"laptop", "phone"}; !cmp.Equal(got, want) {
		t.Errorf("tokens = %v, want %v", got, want)
	}
	for _, plain := range []string{first["token"].(string), second["token"].(string)} {
		if len(plain) < 20 || contains(listed.body, plain) {
			t.Errorf("token %q, want a long one that the list does not show", plain)
		}
		w.list(w.do("GET", "/chat_list", nil, as(plain)), 200)
	}

	w.published()
	w.want(w.host("DELETE", "/v1/tokens/"+first["session"].(string), ""), http.StatusNoContent)
	if got, want := w.published(), []string{"LoggedOut"}; !cmp.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
	w.refused(w.do("GET", "/chat_list", nil, as(first["token"].(string))), 401, "invalid token")
	w.list(w.do("GET", "/chat_list", nil, as(second["token"].(string))), 200)
	w.want(w.host("DELETE", base, ""), http.StatusNoContent)
	w.refused(w.do("GET", "/chat_list", nil, as(second["token"].(string))), 401, "invalid token")

	w.refused(w.host("POST", "/v1/accounts/nobody/tokens", `{}`), 404, "account not found")
	w.refused(w.host("DELETE", "/v1/accounts/nobody/tokens", ""), 404, "account not found")
	for _, bad := range []string{`{"ttl":-5}`, `{"ttl":1.5}`, `{"ttl":"soon"}`, `{"ttl":1e30}`} {
		w.names(w.want(w.host("POST", base, bad), 422), "body.ttl")
	}
}

// Whoever forgets ttl gets a token that ends; for ever must be asked for.
func TestLifeOfTokens(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) { o.TokenTTL = 90 * time.Minute })
	for body, want := range map[string]time.Duration{`{}`: 90 * time.Minute, `{"ttl":60}`: time.Minute, `{"ttl":0}`: 0} {
		got := w.want(w.host("POST", "/v1/accounts/"+string(w.alice)+"/tokens", body), http.StatusCreated)
		if want == 0 {
			if got["expiresAt"] != nil {
				t.Errorf("%s: expires %v, want never", body, got["expiresAt"])
			}
			continue
		}
		if life := moment(t, got["expiresAt"]).Sub(moment(t, got["createdAt"])); life != want {
			t.Errorf("%s: lives %v, want %v", body, life, want)
		}
	}
}

func moment(t *testing.T, v any) time.Time {
	t.Helper()
	text, _ := v.(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatalf("got time %v", v)
	}
	return at
}
