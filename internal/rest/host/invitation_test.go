package host_test

import (
	"net/http"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

func TestInvitations(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	const all = "/v1/invitations"
	body := `{"role":"guest","groups":["` + string(g) + `"],"domain":"example.test","maxUses":1,"ttlSeconds":3600}`
	key := resttest.Header("Idempotency-Key", "one-invitation")
	first := w.Do("POST", all, strings.NewReader(body), w.AsHost, key)
	made := w.Want(first, http.StatusCreated)
	link := made["link"].(string)
	secret, ok := strings.CutPrefix(link, "https://chat.example.test/invite#")
	if !ok || made["mailed"] != false {
		t.Errorf("made %v, want a link", made)
	}
	// A repeated request creates no second one. It gets the secret again, which is only in the stored answer.
	if again := w.Do("POST", all, strings.NewReader(body), w.AsHost, key); string(again.Body) != string(first.Body) || again.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("again: %s, want %s", again.Body, first.Body)
	}
	for range 2 {
		w.Want(w.Host("POST", all, `{"maxUses":0}`), http.StatusCreated)
	}

	one := made["invitation"].(map[string]any)
	if one["role"] != "guest" || one["domain"] != "example.test" || one["state"] != "live" || one["maxUses"] != 1.0 || one["uses"] != 0.0 || one["creator"] != nil {
		t.Errorf("made %v", one)
	}
	id := one["id"].(string)
	page := w.Want(w.Host("GET", all+"?limit=2", ""), 200)
	rest := w.Want(w.Host("GET", all+"?limit=2&after="+page["next"].(string), ""), 200)
	if got := resttest.Items(t, rest, "id"); len(got) != 1 || got[0] != id || len(resttest.Items(t, page, "id")) != 2 || rest["next"] != nil {
		t.Errorf("pages %v and %v, want the first one at the end", page, rest)
	}
	if a := w.Host("GET", all, ""); resttest.Contains(a.Body, secret) {
		t.Error("the list shows the secret")
	}
	for _, after := range []string{"x", "-1", "1000000001"} {
		w.Refused(w.Host("GET", all+"?after="+after, ""), 422, "invalid payload: after must be the next of a page")
	}
	w.Names(w.Refused(w.Host("POST", all, `{"maxUses":1,"ttlSeconds":1}`), 422, "invalid payload: ttlSeconds must be a minute to 366 days"), "body.ttlSeconds")

	in, err := w.Service.AcceptInvitation(t.Context(), secret, chat.Newcomer{
		Name: "Erna", Email: "erna@example.test", Password: "correct horse battery", Device: chat.Device{App: w.App.ID},
	})
	w.OK(err)
	if _, err := w.Service.GroupMember(t.Context(), g, in.Person.ID); err != nil {
		t.Errorf("the guest is not in the group: %v", err)
	}
	rest = w.Want(w.Host("GET", all+"?limit=2&after=2", ""), 200)
	if got := resttest.Items(t, rest, "state"); len(got) != 1 || got[0] != "used" {
		t.Errorf("state %v, want used", got)
	}
	other := resttest.Items(t, page, "id")[0]
	w.Want(w.Host("DELETE", all+"/"+other, ""), http.StatusNoContent)
	w.Want(w.Host("DELETE", all+"/"+other, ""), http.StatusNoContent)
	if got := resttest.Items(t, w.Want(w.Host("GET", all, ""), 200), "state"); got[0] != "revoked" || got[1] != "live" {
		t.Errorf("states %v, want the first one revoked", got)
	}
	w.Refused(w.Host("DELETE", all+"/none", ""), 404, "not found")

	// The audit log names the system.
	entries, err := w.Service.AuditLog(t.Context(), chat.Actor{}, chat.AuditQuery{Target: other, Limit: 10})
	w.OK(err)
	if len(entries) != 2 || entries[0].Kind != chat.AuditInvitationRevoked || entries[0].App != w.System.ID || entries[0].Actor != "" {
		t.Errorf("audit log %+v, want the system's invitation and its end", entries)
	}
}
