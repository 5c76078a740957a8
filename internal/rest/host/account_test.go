package host_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/rest/resttest"
)

func TestAccountIsMadeReadAndChanged(t *testing.T) {
	w := resttest.New(t)
	made := w.Want(w.Host("POST", "/v1/accounts", `{"id":"0198c0de-0000-7000-8000-000000000009","name":"Dora Demo","email":"dora@example.test","language":"zh"}`), http.StatusCreated)
	want := map[string]any{
		"id": "0198c0de-0000-7000-8000-000000000009", "name": "Dora Demo", "email": "dora@example.test", "avatar": "", "language": "zh", "timeZone": "",
		"active": true, "createdAt": made["createdAt"],
	}
	if diff := cmp.Diff(made, want); diff != "" {
		t.Errorf("created account, got - want +:\n%s", diff)
	}
	one := "/v1/accounts/0198c0de-0000-7000-8000-000000000009"
	if diff := cmp.Diff(w.Want(w.Host("GET", one, ""), 200), want); diff != "" {
		t.Errorf("read account, got - want +:\n%s", diff)
	}
	want["name"], want["avatar"], want["timeZone"] = "Dora D.", "https://pictures.example.test/dora.png", "Asia/Shanghai"
	changed := w.Want(w.Host("PATCH", one, `{"name":"Dora D.","avatar":"https://pictures.example.test/dora.png","timeZone":"Asia/Shanghai"}`), 200)
	if diff := cmp.Diff(changed, want); diff != "" {
		t.Errorf("changed account, got - want +:\n%s", diff)
	}
	if got, want := w.Published(), []string{"AccountChanged"}; !slices.Contains(got, want[0]) {
		t.Errorf("published %v, want %v", got, want)
	}
}

func TestDeactivatingEndsEveryLogIn(t *testing.T) {
	w := resttest.New(t)
	token := w.Token(w.Bob)
	w.Published()
	got := w.Want(w.Host("PATCH", "/v1/accounts/"+string(w.Bob), `{"active":false}`), 200)
	if got["active"] != false {
		t.Errorf("account = %v, want inactive", got)
	}
	if got := w.Published(); !slices.Contains(got, "LoggedOut") {
		t.Errorf("published %v, want LoggedOut", got)
	}
	w.Refused(w.Do("GET", "/chat_list", nil, resttest.As(token)), 401, "invalid token")
	w.Refused(w.Host("POST", "/v1/messages", resttest.ToJSON(map[string]any{"from": w.Bob, "toAccount": w.Alice, "text": "x"})), 404, "from user not found")
}

func TestAccountRefusals(t *testing.T) {
	w := resttest.New(t)
	w.Refused(w.Host("POST", "/v1/accounts", resttest.ToJSON(map[string]any{"id": w.Alice, "name": "Twice"})), 409, "already exists")
	w.Refused(w.Host("GET", "/v1/accounts/nobody", ""), 404, "account not found")
	w.Refused(w.Host("PATCH", "/v1/accounts/nobody", `{"name":"x"}`), 404, "account not found")
	w.Refused(w.Host("GET", "/v1/accounts/nobody/contacts", ""), 404, "account not found")
	w.Refused(w.Host("GET", "/v1/accounts/nobody/friends", ""), 404, "account not found")
	w.Refused(w.Host("GET", "/v1/accounts/nobody/tokens", ""), 404, "account not found")
	w.Names(w.Refused(w.Host("POST", "/v1/accounts", `{}`), 422, "validation failed"), "body.name")
	w.Names(w.Refused(w.Host("POST", "/v1/accounts", `{"name":5}`), 422, "validation failed"), "body.name")
	w.Names(w.Refused(w.Host("POST", "/v1/accounts", `{"name":""}`), 422, "validation failed"), "body.name")
	w.Names(w.Refused(w.Host("POST", "/v1/accounts", `{"name":"x","nickname":"y"}`), 422, "validation failed"), "body.nickname")
	// The pseudo account cannot be taken by anybody.
	w.Names(w.Want(w.Host("POST", "/v1/accounts", `{"id":"file-transfer","name":"x"}`), 422), "body.id")
}

func TestFriendsAndContacts(t *testing.T) {
	w := resttest.New(t)
	friends := "/v1/accounts/" + string(w.Alice) + "/friends"
	w.Want(w.Host("POST", friends, resttest.ToJSON(map[string]any{"account": w.Mallory})), http.StatusNoContent)
	w.Want(w.Host("POST", friends, resttest.ToJSON(map[string]any{"account": w.Mallory})), http.StatusNoContent)
	if got, want := resttest.Items(t, w.Want(w.Host("GET", friends, ""), 200), "id"), []string{string(w.Mallory)}; !cmp.Equal(got, want) {
		t.Errorf("friends = %v, want %v", got, want)
	}
	contacts := "/v1/accounts/" + string(w.Alice) + "/contacts"
	if got, want := resttest.Items(t, w.Want(w.Host("GET", contacts, ""), 200), "name"), []string{"Bob Demo", "Mallory Demo"}; !cmp.Equal(got, want) {
		t.Errorf("contacts = %v, want %v", got, want)
	}
	page := w.Want(w.Host("GET", contacts+"?limit=1", ""), 200)
	rest := w.Want(w.Host("GET", contacts+"?limit=1&after="+page["next"].(string), ""), 200)
	if got, want := append(resttest.Items(t, page, "name"), resttest.Items(t, rest, "name")...), []string{"Bob Demo", "Mallory Demo"}; !cmp.Equal(got, want) || rest["next"] != nil {
		t.Errorf("pages of contacts = %v, next %v, want %v and no next", got, rest["next"], want)
	}
	if got, want := resttest.Items(t, w.Want(w.Host("GET", contacts+"?query=mall", ""), 200), "name"), []string{"Mallory Demo"}; !cmp.Equal(got, want) {
		t.Errorf("contacts with mall = %v, want %v", got, want)
	}
	// The relation lets them write, and its end forbids it.
	w.Say(w.Alice, w.Mallory, "hello")
	w.Want(w.Host("DELETE", friends+"/"+string(w.Mallory), ""), http.StatusNoContent)
	_, err := w.Service.SendMessage(t.Context(), chat.Actor{Account: w.Alice}, w.Mallory, resttest.TextDraft("still there?"))
	if !errors.Is(err, chat.ErrRelationEnded) {
		t.Errorf("send after the end of the friendship: %v, want %v", err, chat.ErrRelationEnded)
	}

	w.Refused(w.Host("DELETE", friends+"/"+string(w.Mallory), ""), 404, "not found")
	w.Refused(w.Host("POST", friends, `{"account":"nobody"}`), 404, "account not found")
	w.Want(w.Host("POST", friends, resttest.ToJSON(map[string]any{"account": w.Alice})), 422)
	w.Names(w.Refused(w.Host("POST", friends, `{}`), 422, "validation failed"), "body.account")
}

func TestTokensAreIssuedListedAndRevoked(t *testing.T) {
	w := resttest.New(t)
	base := "/v1/accounts/" + string(w.Alice) + "/tokens"
	first := w.Want(w.Host("POST", base, `{"label":"phone","ttl":3600}`), http.StatusCreated)
	second := w.Want(w.Host("POST", base, `{"label":"laptop"}`), http.StatusCreated)
	if first["expiresAt"] == nil || second["expiresAt"] != nil {
		t.Errorf("expiry of %v and %v, want only the first to have one", first, second)
	}
	listed := w.Host("GET", base, "")
	if got, want := resttest.Items(t, w.Want(listed, 200), "label"), []string{"laptop", "phone"}; !cmp.Equal(got, want) {
		t.Errorf("tokens = %v, want %v", got, want)
	}
	for _, plain := range []string{first["token"].(string), second["token"].(string)} {
		if len(plain) < 20 || resttest.Contains(listed.Body, plain) {
			t.Errorf("token %q, want a long one that the list does not show", plain)
		}
		w.List(w.Do("GET", "/chat_list", nil, resttest.As(plain)), 200)
	}

	w.Published()
	w.Want(w.Host("DELETE", "/v1/tokens/"+first["session"].(string), ""), http.StatusNoContent)
	if got, want := w.Published(), []string{"LoggedOut"}; !cmp.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
	w.Refused(w.Do("GET", "/chat_list", nil, resttest.As(first["token"].(string))), 401, "invalid token")
	w.List(w.Do("GET", "/chat_list", nil, resttest.As(second["token"].(string))), 200)
	w.Want(w.Host("DELETE", base, ""), http.StatusNoContent)
	w.Refused(w.Do("GET", "/chat_list", nil, resttest.As(second["token"].(string))), 401, "invalid token")

	w.Refused(w.Host("POST", "/v1/accounts/nobody/tokens", `{}`), 404, "account not found")
	w.Refused(w.Host("DELETE", "/v1/accounts/nobody/tokens", ""), 404, "account not found")
	for _, bad := range []string{`{"ttl":-5}`, `{"ttl":1.5}`, `{"ttl":"soon"}`, `{"ttl":1e30}`} {
		w.Names(w.Want(w.Host("POST", base, bad), 422), "body.ttl")
	}
}

// The scope accounts was enough to become the owner: give the owner another e-mail address, and request a sign-in link.
func TestAddressIsAWayIn(t *testing.T) {
	w := resttest.New(t)
	w.OK(w.Service.SetOrganizationRole(t.Context(), chat.Actor{}, w.Org, w.Alice, chat.OrganizationOwner))
	app, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Name: "Staff", Kind: chat.AppServer, Scopes: []chat.Scope{chat.ScopeRead, chat.ScopeAccounts}})
	w.OK(err)
	patch := func(of chat.AccountID, body string) resttest.Answer {
		return w.Do("PATCH", "/v1/accounts/"+string(of), strings.NewReader(body), func(r *http.Request) { r.SetBasicAuth(app.Key, app.Secret) })
	}
	w.Refused(patch(w.Alice, `{"email":"thief@example.test"}`), 403, "scope required: administration")
	w.Refused(patch(w.Bob, `{"email":"thief@example.test"}`), 403, "scope required: tokens")
	w.Want(patch(w.Alice, `{"name":"Alice Demo","language":"en"}`), 200)
	w.Want(w.Host("PATCH", "/v1/accounts/"+string(w.Alice), `{"email":"alice.new@example.test"}`), 200)
}

// A token without ttl in its request expires. A token that does not expire must be requested.
func TestLifeOfTokens(t *testing.T) {
	w := resttest.New(t, func(o *rest.Options) { o.TokenTTL = 90 * time.Minute })
	for body, want := range map[string]time.Duration{`{}`: 90 * time.Minute, `{"ttl":60}`: time.Minute, `{"ttl":0}`: 0} {
		got := w.Want(w.Host("POST", "/v1/accounts/"+string(w.Alice)+"/tokens", body), http.StatusCreated)
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
