package client_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest"
)

const setUpBody = `{"secret": "x", "organization": "x", "name": "x", "language": "en", "timeZone": "UTC"}`

// A server with people is not set up, whatever the secret. That the first person can do it is tested
// with a whole server and in a browser.
func TestSetUpOfAServerWithPeople(t *testing.T) {
	w := newWorld(t, withClientApp)
	w.Published()
	w.Refused(w.PostOpen("/api/set-up/check", map[string]any{"secret": "x"}), 404, "not found")
	w.Refused(w.Do("POST", "/api/set-up", strings.NewReader(setUpBody)), 404, "not found")
	if got := w.Published(); got != nil {
		t.Errorf("published %v, want nothing", got)
	}
}

func TestInvitationOverHTTP(t *testing.T) {
	w := newWorld(t, withClientApp)
	w.OK(w.Service.SetOrganizationRole(t.Context(), chat.Actor{}, w.Org, w.Alice, chat.OrganizationOwner))
	alice, bob := w.Token(w.Alice), w.Token(w.Bob)
	made := w.Want(w.API(alice, "POST", "/api/invitations", `{"maxUses": 1, "domain": "example.test"}`), 201)
	link := made["link"].(string)
	const start = "https://chat.example.test/invite#"
	if len(link) != len(start)+43 || link[:len(start)] != start {
		t.Fatalf("link = %s", link)
	}
	secret := link[len(start):]
	open := w.Want(w.PostOpen("/api/invitations/open", map[string]any{"secret": secret}), 200)
	w.Equal("open", open, map[string]any{
		"organization": "Demo organization", "inviter": "Alice Demo", "groups": []any{}, "guest": false, "domain": "example.test",
		"passwords": true, "minPassword": 10.0,
	})
	body := map[string]any{"secret": secret, "name": "Erna Demo", "email": "erna@example.test", "password": "short"}
	w.Names(w.Refused(w.PostOpen("/api/invitations/accept", body), 422, "invalid payload: password must have at least 10 characters"), "body.password")
	body["password"] = "correct horse battery"
	in := w.Want(w.PostOpen("/api/invitations/accept", body), 201)
	me := w.Want(w.API(in["token"].(string), "GET", "/api/me", ""), 200)
	if me["name"] != "Erna Demo" || me["role"] != "member" {
		t.Errorf("me = %v", me)
	}
	w.Refused(w.PostOpen("/api/invitations/accept", body), 403, "invalid code")
	w.Refused(w.API(bob, "POST", "/api/invitations/join", `{"secret": "`+secret+`"}`), 403, "invalid code")

	list := w.Want(w.API(alice, "GET", "/api/invitations", ""), 200)["items"].([]any)
	if one := list[0].(map[string]any); len(list) != 1 || one["state"] != "used" || one["uses"] != 1.0 {
		t.Errorf("list = %v", list)
	}
	id := made["invitation"].(map[string]any)["id"].(string)
	for _, request := range [][2]string{{"GET", "/api/invitations"}, {"POST", "/api/invitations"}, {"DELETE", "/api/invitations/" + id}} {
		text := ""
		if request[0] == "POST" {
			text = `{"maxUses": 1}`
		}
		w.Refused(w.API(bob, request[0], request[1], text), 403, "forbidden")
	}
	w.Want(w.API(alice, "DELETE", "/api/invitations/"+id, ""), 204)
}

// Guessing at links is slowed down for the address that guesses. Good ones were refused for the wrong ones of others behind the
// address.
func TestWrongInvitationsAreLimited(t *testing.T) {
	w := newWorld(t, withClientApp, func(o *rest.Options) { o.Client.SignInRate, o.Client.SignInBurst = 0.0001, 3 })
	for range 3 {
		w.Refused(w.PostOpen("/api/invitations/open", map[string]any{"secret": "x"}), 403, "invalid code")
	}
	w.Refused(w.PostOpen("/api/invitations/open", map[string]any{"secret": "x"}), 429, "too many requests")
	w.Refused(w.PostOpen("/api/confirm-email", map[string]any{"secret": "x"}), 429, "too many requests")
	w.Refused(w.PostOpen("/api/sign-in/oidc/main", map[string]any{"secret": "x"}), 429, "too many requests")
	w.Refused(w.PostOpen("/api/set-up/check", map[string]any{"secret": "x"}), 404, "not found") // there are people

	w.OK(w.Service.SetOrganizationRole(t.Context(), chat.Actor{}, w.Org, w.Alice, chat.OrganizationOwner))
	link := w.Want(w.API(w.Token(w.Alice), "POST", "/api/invitations", `{"maxUses": 1}`), 201)["link"].(string)
	_, good, _ := strings.Cut(link, "#")
	w.Want(w.PostOpen("/api/invitations/open", map[string]any{"secret": good}), 200)
	body := map[string]any{"secret": good, "name": "Erna Demo", "email": "erna@example.test", "password": "short"}
	w.Refused(w.PostOpen("/api/invitations/accept", body), 429, "too many requests")
	body["password"] = horse
	w.Want(w.PostOpen("/api/invitations/accept", body), 201)
	w.Refused(w.PostOpen("/api/invitations/accept", body), 429, "too many requests")
	w.refusals("invitation.refused invalid code", "account.email-refused invalid code", "invitation.refused invalid code")
}

// refusals compares the refusals in the audit log, without those that are only counted.
func (w *world) refusals(want ...string) {
	w.T.Helper()
	all, err := w.Service.AuditLog(w.T.Context(), chat.Actor{}, chat.AuditQuery{Limit: 500})
	w.OK(err)
	slices.Reverse(all)
	var got []string
	for _, e := range all {
		if strings.HasSuffix(string(e.Kind), "refused") {
			got = append(got, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s", e.Kind, e.Detail["method"], e.Detail["refusal"])), " "))
		}
	}
	if !slices.Equal(got, want) {
		w.T.Errorf("refusals in the audit log:\n got %q\nwant %q", got, want)
	}
}
