package admin_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/rest/resttest"
)

// role gives a person a role and returns a token of the person.
func role(w *resttest.World, a chat.AccountID, role chat.OrganizationRole) string {
	w.T.Helper()
	w.OK(w.Service.SetOrganizationRole(w.T.Context(), chat.Actor{}, w.Org, a, role))
	return w.Token(a)
}

// signedIn is [role] with a session that has just begun with a sign-in.
func signedIn(w *resttest.World, a chat.AccountID, as chat.OrganizationRole) string {
	w.T.Helper()
	w.OK(w.Service.SetOrganizationRole(w.T.Context(), chat.Actor{}, w.Org, a, as))
	return w.SignedIn(a)
}

// call makes a call with a token and returns the answer, which must be a success.
func call(w *resttest.World, token, method, path string, body any) map[string]any {
	w.T.Helper()
	sent := ""
	if body != nil {
		sent = resttest.ToJSON(body)
	}
	a := w.API(token, method, path, sent)
	if a.Status >= 300 {
		w.T.Fatalf("%s %s = %d %s", method, path, a.Status, a.Body)
	}
	if len(a.Body) == 0 {
		return nil
	}
	var out map[string]any
	w.OK(json.Unmarshal(a.Body, &out))
	return out
}

// Every operation refuses callers without the right, in the same way as paths that do not exist, and
// changes nothing.
func TestNobodyElseAdministers(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	owner := role(w, w.Contact("Owner Demo"), chat.OrganizationOwner)
	guest := role(w, w.Contact("Guest Demo"), chat.OrganizationGuest)
	other, err := w.Service.CreateOrganization(t.Context(), chat.Organization{Name: "Another"})
	w.OK(err)
	w.OK(w.Service.AddToOrganization(t.Context(), other.ID, []chat.AccountID{w.Mallory}))
	w.OK(w.Service.SetOrganizationRole(t.Context(), chat.Actor{}, other.ID, w.Mallory, chat.OrganizationOwner))
	system := func(of chat.OrganizationID, scopes ...chat.Scope) func(*http.Request) {
		app, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Name: "System", Kind: chat.AppServer, Organization: of, Scopes: scopes})
		w.OK(err)
		return func(r *http.Request) { r.SetBasicAuth(app.Key, app.Secret) }
	}
	session, token, err := w.Service.IssueToken(t.Context(), chat.NewToken{Account: w.Alice})
	w.OK(err)
	_ = session
	callers := map[string]struct {
		credentials func(*http.Request)
		status      int
	}{
		"nobody":                 {func(*http.Request) {}, 401},
		"a broken token":         {resttest.As("wrong"), 401},
		"a wrong secret":         {func(r *http.Request) { r.SetBasicAuth(w.System.Key, "wrong") }, 401},
		"a client's application": {func(r *http.Request) { r.SetBasicAuth(w.App.Key, "wrong") }, 401},
		"a member":               {resttest.As(w.Token(w.Alice)), 403},
		"a guest":                {resttest.As(guest), 403},
		"an owner of another":    {resttest.As(w.Token(w.Mallory)), 403},
		"another scope":          {system("", chat.ScopeRead, chat.ScopeAccounts, chat.ScopeApplications, chat.ScopeTokens, chat.ScopeGroups), 403},
		"a bound system":         {system(w.Org, chat.ScopeAdministration), 403},
		"a foreign page": {func(r *http.Request) {
			w.AsHost(r)
			r.Header.Set("Origin", "https://evil.example.test")
		}, 403},
	}
	paths := []struct{ method, path, body string }{{"GET", "/api/admin/none", ""}, {"POST", "/api/admin/people/none/none", "{}"}}
	ops, _ := w.Document()
	for _, op := range ops {
		if op.Admin {
			paths = append(paths, struct{ method, path, body string }{op.Method, w.Fill(op.Path, g, string(token.Session)), resttest.ToJSON(w.Bodies(g)[op.ID])})
		}
	}
	if len(paths) < 25 {
		t.Fatalf("got %d operations, want all of the administration", len(paths)-2)
	}
	before := state(w)
	w.Published()
	for name, caller := range callers {
		refusal := ""
		for _, p := range paths {
			a := w.Do(p.method, p.path, strings.NewReader(p.body), caller.credentials)
			if a.Status != caller.status {
				t.Errorf("%s: %s %s = %d %s, want %d", name, p.method, p.path, a.Status, a.Body, caller.status)
			}
			if refusal == "" {
				refusal = string(a.Body)
			}
			if string(a.Body) != refusal {
				t.Errorf("%s: %s %s answers %s, others %s", name, p.method, p.path, a.Body, refusal)
			}
		}
	}
	if got := w.Published(); got != nil {
		t.Errorf("published %v, want nothing", got)
	}
	if after := state(w); after != before {
		t.Errorf("got\n%s\nwant\n%s", after, before)
	}
	// The same calls reach an owner, and a system with the scope.
	for _, as := range []func(*http.Request){resttest.As(owner), w.AsHost} {
		if a := w.Do("GET", "/api/admin/people", nil, as); a.Status != 200 {
			t.Errorf("got %d %s", a.Status, a.Body)
		}
		if a := w.Do("GET", "/api/admin/none", nil, as); a.Status != 404 {
			t.Errorf("got %d %s, want 404", a.Status, a.Body)
		}
	}
	// A system with the scope may call every operation. It has the scope read as well, to give it to the new application.
	only := system("", chat.ScopeAdministration, chat.ScopeRead)
	for _, p := range paths[2:] {
		if a := w.Do(p.method, p.path, strings.NewReader(p.body), only); a.Status == 401 || a.Status == 403 || a.Status >= 500 {
			t.Errorf("a system: %s %s = %d %s", p.method, p.path, a.Status, a.Body)
		}
	}
}

// state returns everything that an administrative call could change.
func state(w *resttest.World) string {
	w.T.Helper()
	ctx := w.T.Context()
	accounts, err := w.Service.Accounts(ctx, "", 500)
	w.OK(err)
	apps, err := w.Service.Applications(ctx)
	w.OK(err)
	log, err := w.Service.AuditLog(ctx, chat.Actor{}, chat.AuditQuery{Limit: 500})
	w.OK(err)
	sessions, _, err := w.Service.AdminSessions(ctx, chat.Actor{}, chat.SessionsQuery{Limit: 500})
	w.OK(err)
	groups, _, err := w.Service.AdminGroups(ctx, chat.Actor{}, chat.GroupsQuery{Limit: 500})
	w.OK(err)
	for i := range sessions {
		sessions[i].SeenAt = sessions[i].CreatedAt // every use is one
	}
	for i := range apps {
		apps[i].SeenAt = apps[i].CreatedAt
	}
	return fmt.Sprintf("%+v\n%+v\n%d %+v\n%+v", accounts, apps, len(log), groups, sessions)
}

func TestPeople(t *testing.T) {
	w := resttest.New(t)
	owner := signedIn(w, w.Bob, chat.OrganizationOwner)
	got := call(w, owner, "GET", "/api/admin", nil)
	if got["role"] != "owner" || got["owner"] != true || got["organization"].(map[string]any)["id"] != string(w.Org) {
		t.Errorf("got access %v", got)
	}
	made := call(w, owner, "POST", "/api/admin/people", map[string]any{"name": "张三", "email": "San@Example.test", "title": "Baker", "role": "administrator"})
	id := chat.AccountID(made["accountId"].(string))
	if made["role"] != "administrator" || made["title"] != "Baker" || made["active"] != true {
		t.Errorf("got %v", made)
	}
	w.Names(w.Want(w.API(owner, "POST", "/api/admin/people", `{"name":"x","email":"san@example.test"}`), 422), "body.email")
	for query, want := range map[string]int{"query=zhangsan": 1, "query=zs": 1, "query=san%40example": 1, "query=nobody": 0, "role=owner": 1, "active=false": 0, "": 4} {
		if list := call(w, owner, "GET", "/api/admin/people?"+query, nil)["items"].([]any); len(list) != want {
			t.Errorf("%q finds %v, want %d", query, list, want)
		}
	}
	// Each person is on one page only.
	seen, next := map[string]bool{}, ""
	for {
		p := call(w, owner, "GET", "/api/admin/people?limit=1&next="+next, nil)
		for _, one := range p["items"].([]any) {
			seen[one.(map[string]any)["accountId"].(string)] = true
		}
		if p["next"] == nil {
			break
		}
		next = p["next"].(string)
	}
	if len(seen) != 4 {
		t.Errorf("the pages have %d people, want 4", len(seen))
	}

	// An administrator changes people except owners.
	admin := w.Token(id)
	path := "/api/admin/people/"
	for _, c := range []struct{ method, path, body string }{
		{"PATCH", string(w.Bob), `{"name":"Mine"}`},
		{"PATCH", string(w.Bob), `{"active":false}`},
		{"PATCH", string(w.Alice), `{"role":"owner"}`},
		{"DELETE", string(w.Bob) + "/sessions", ``},
		{"DELETE", string(w.Bob) + "/sessions?everything=true", ``},
		{"PUT", string(w.Bob) + "/password", `{"password":"correct horse battery"}`},
		{"POST", string(w.Bob) + "/sign-in-links", ``},
		{"POST", string(w.Bob) + "/hand-over", `{"to":"` + string(w.Alice) + `"}`},
	} {
		w.Refused(w.API(admin, c.method, path+c.path, c.body), 403, "forbidden")
	}
	if a := w.API(admin, "PATCH", path+string(id), `{"active":false}`); a.Status != 422 {
		t.Errorf("deactivating oneself answers %d %s", a.Status, a.Body)
	}
	// The address of another person was accepted here, although not for a new person.
	w.Names(w.Want(w.API(admin, "PATCH", path+string(w.Alice), `{"email":"san@example.test"}`), 422), "body.email")
	changed := call(w, admin, "PATCH", path+string(w.Alice), map[string]any{"email": "alice@example.test", "department": "Oven", "phone": "7", "role": "guest"})
	if changed["department"] != "Oven" || changed["phone"] != "7" || changed["role"] != "guest" || changed["email"] != "alice@example.test" {
		t.Errorf("got %v", changed)
	}
	call(w, admin, "PUT", path+string(w.Alice)+"/password", map[string]any{"password": "correct horse battery"})
	link := call(w, admin, "POST", path+string(w.Alice)+"/sign-in-links", nil)
	if link["link"] != "https://chat.example.test/sign-in#code="+link["code"].(string) {
		t.Errorf("got link %v", link)
	}
	alice := w.Token(w.Alice)
	profile := call(w, admin, "GET", path+string(w.Alice), nil)
	if profile["password"] != true || len(profile["sessions"].([]any)) != 1 || len(profile["organizations"].([]any)) != 1 {
		t.Errorf("got %v", profile)
	}
	call(w, admin, "DELETE", path+string(w.Alice)+"/sessions", nil)
	w.Refused(w.API(alice, "GET", "/api/me", ""), 401, "invalid token")
	if got := call(w, admin, "GET", path+string(w.Alice), nil); got["password"] != true {
		t.Errorf("got %v, want the password to stay", got)
	}
	call(w, admin, "DELETE", path+string(w.Alice)+"/sessions?everything=true", nil)
	if got := call(w, admin, "GET", path+string(w.Alice), nil); got["password"] == true || got["email"] != "alice@example.test" {
		t.Errorf("got %v, want no password and the address that an administrator has given", got)
	}
	w.Names(w.Want(w.API(admin, "DELETE", path+string(id)+"/sessions?everything=true", ""), 422), "query.everything")
	if got := call(w, admin, "PATCH", path+string(w.Alice), map[string]any{"active": false}); got["active"] != false {
		t.Errorf("got %v", got)
	}

	// The log has all of it, with the administrator and without the password and the code.
	log := w.API(owner, "GET", "/api/admin/audit?actor="+string(id)+"&limit=100", "")
	for _, kind := range []string{"account.changed", "role.changed", "password.set", "code.created", "sessions.ended", "account.deactivated"} {
		if !bytes.Contains(log.Body, []byte(`"`+kind+`"`)) {
			t.Errorf("the log of the administrator has no %s", kind)
		}
	}
	for _, secret := range []string{"correct horse", link["code"].(string)} {
		if bytes.Contains(log.Body, []byte(secret)) {
			t.Errorf("the log has %q", secret)
		}
	}
}

func TestGroups(t *testing.T) {
	w := resttest.New(t)
	owner := role(w, w.Contact("Owner Demo"), chat.OrganizationOwner)
	g := w.Group() // of Alice, with Bob
	w.SayIn(g, w.Bob, "between us")
	list := call(w, owner, "GET", "/api/admin/groups?query=demo", nil)["items"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["messages"] != 1.0 || list[0].(map[string]any)["ownerName"] != "Alice Demo" {
		t.Errorf("got %v", list)
	}
	path := "/api/admin/groups/" + string(g)
	if a := w.API(owner, "GET", path, ""); a.Status != 200 || bytes.Contains(a.Body, []byte("between us")) {
		t.Errorf("got %d %s", a.Status, a.Body)
	}
	call(w, owner, "PATCH", "/api/admin/people/"+string(w.Alice), map[string]any{"active": false})
	if got := call(w, owner, "GET", "/api/admin/groups?ownerless=true", nil)["items"].([]any); len(got) != 1 {
		t.Errorf("got %v, want the group without an active owner", got)
	}
	if got := fmt.Sprint(call(w, owner, "GET", "/api/admin/overview?days=2", nil)["attention"]); !strings.Contains(got, "ownerless-groups") || !strings.Contains(got, "one-owner") {
		t.Errorf("got attention %s", got)
	}
	// Another person gets the groups of a person who leaves.
	third := w.Contact("Third Demo")
	if got := call(w, owner, "POST", "/api/admin/people/"+string(w.Alice)+"/hand-over", map[string]any{"to": third})["groups"].([]any); len(got) != 1 {
		t.Errorf("handed over %v", got)
	}
	if got := call(w, owner, "GET", path, nil); got["ownerId"] != string(third) || got["members"] != 3.0 {
		t.Errorf("got %v", got)
	}
	call(w, owner, "PUT", path+"/owner", map[string]any{"account": w.Bob})
	call(w, owner, "DELETE", path+"/members/"+string(third), nil)
	call(w, owner, "POST", path+"/members", map[string]any{"accounts": []any{third}})
	if got := call(w, owner, "GET", path+"/members", nil)["items"].([]any); len(got) != 3 {
		t.Errorf("got members %v", got)
	}
	w.Names(w.Want(w.API(owner, "PUT", path+"/owner", `{"account":"none"}`), 422), "body.account")
	call(w, owner, "DELETE", path, nil)
	if got := call(w, owner, "GET", "/api/admin/groups", nil)["items"].([]any); len(got) != 0 {
		t.Errorf("got %v, want no open group", got)
	}
	if got := call(w, owner, "GET", "/api/admin/groups?dissolved=true", nil)["items"].([]any); len(got) != 1 {
		t.Errorf("got %v, want the dissolved group", got)
	}
}

// Applications of kind server can change owners, so only owners change them.
func TestApplications(t *testing.T) {
	w := resttest.New(t)
	owner, admin := signedIn(w, w.Bob, chat.OrganizationOwner), role(w, w.Alice, chat.OrganizationAdministrator)
	server := map[string]any{"name": "Payroll", "kind": "server", "scopes": []any{"read", "administration"}}
	w.Refused(w.API(admin, "POST", "/api/admin/applications", resttest.ToJSON(server)), 403, "forbidden")
	made := call(w, owner, "POST", "/api/admin/applications", server)
	app := made["application"].(map[string]any)
	path := "/api/admin/applications/" + app["id"].(string)
	as := func(secret any) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(app["key"].(string), secret.(string)) }
	}
	w.Want(w.Do("GET", "/api/admin/overview", nil, as(made["secret"])), 200)
	for _, c := range []string{"/secret", "/signing-key"} {
		w.Refused(w.API(admin, "POST", path+c, ""), 403, "forbidden")
	}
	w.Refused(w.API(admin, "PATCH", path, `{"name":"x"}`), 403, "forbidden")
	renewed := call(w, owner, "POST", path+"/secret", map[string]any{"overlapSeconds": 3600})
	w.Want(w.Do("GET", "/v1/application", nil, as(made["secret"])), 200)
	w.Want(w.Do("GET", "/v1/application", nil, as(renewed["secret"])), 200)
	if got := fmt.Sprint(call(w, owner, "GET", "/api/admin/overview", nil)["attention"]); !strings.Contains(got, "two-secrets") {
		t.Errorf("got attention %s", got)
	}
	call(w, owner, "POST", path+"/secret", nil)
	w.Want(w.Do("GET", "/v1/application", nil, as(made["secret"])), 401)

	client := call(w, admin, "POST", "/api/admin/applications", map[string]any{"name": "Phone", "kind": "mobile"})
	path = "/api/admin/applications/" + client["application"].(map[string]any)["id"].(string)
	if got := call(w, admin, "PATCH", path, map[string]any{"mutedPushes": []any{"new history"}}); fmt.Sprint(got["mutedPushes"]) != "[new history]" {
		t.Errorf("got %v", got)
	}
	w.Refused(w.API(admin, "POST", path+"/signing-key", ""), 403, "forbidden")
	if got := call(w, owner, "POST", path+"/signing-key", nil); got["secret"] == "" {
		t.Errorf("got %v", got)
	}
	list := w.API(admin, "GET", "/api/admin/applications", "")
	if bytes.Contains(list.Body, []byte(renewed["secret"].(string))) || !bytes.Contains(list.Body, []byte(`"Phone"`)) {
		t.Errorf("got %s", list.Body)
	}
	// A host system grants only what it has.
	some, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Name: "Some", Kind: chat.AppServer, Scopes: []chat.Scope{chat.ScopeAdministration}})
	w.OK(err)
	a := w.Do("POST", "/api/admin/applications", strings.NewReader(`{"name":"x","kind":"server","scopes":["tokens"]}`), func(r *http.Request) { r.SetBasicAuth(some.Key, some.Secret) })
	w.Refused(a, 403, "scope required: tokens")
}

// An entry has the present names for the ids in its detail.
func TestAuditNames(t *testing.T) {
	w := resttest.New(t)
	owner := role(w, w.Bob, chat.OrganizationOwner)
	g := w.Group()
	call(w, owner, "PUT", "/api/admin/groups/"+string(g)+"/owner", map[string]any{"account": w.Bob})
	call(w, owner, "POST", "/api/admin/groups/"+string(g)+"/members", map[string]any{"accounts": []chat.AccountID{w.Mallory}})
	for kind, want := range map[string]map[string]any{
		"group.handed-over":   {string(w.Alice): "Alice Demo", string(w.Bob): "Bob Demo"},
		"group.members-added": {string(w.Mallory): "Mallory Demo"},
		"role.changed":        {string(w.Org): "Demo organization"},
	} {
		got := call(w, owner, "GET", "/api/admin/audit?limit=1&kind="+kind, nil)["items"].([]any)[0].(map[string]any)["names"]
		if diff := cmp.Diff(got, any(want)); diff != "" {
			t.Errorf("%s: -got +want\n%s", kind, diff)
		}
	}
}

// A host system that only reads was shown as never used.
func TestApplicationLastSeen(t *testing.T) {
	w := resttest.New(t)
	owner := role(w, w.Bob, chat.OrganizationOwner)
	seen := func() any {
		t.Helper()
		for _, item := range call(w, owner, "GET", "/api/admin/applications", nil)["items"].([]any) {
			if one := item.(map[string]any); one["id"] == string(w.System.ID) {
				return one["lastSeenAt"]
			}
		}
		t.Fatal("the host system is not in the list")
		return nil
	}
	if got := seen(); got != nil {
		t.Errorf("before the first use: %v", got)
	}
	w.Want(w.Host("GET", "/v1/organizations", ""), 200)
	first := seen()
	if first == nil {
		t.Fatal("after a read: never seen")
	}
	w.OK(w.Service.WriteSeen(t.Context()))
	if got := seen(); got != first {
		t.Errorf("after it was written: %v, want %v", got, first)
	}
	if got := call(w, owner, "PATCH", "/api/admin/applications/"+string(w.System.ID), map[string]any{"name": "New name"})["lastSeenAt"]; got != first {
		t.Errorf("the answer to a change: %v, want %v", got, first)
	}
}

// A disabled application lets nobody in. When it is enabled again, everything works as before.
func TestDisabledApplication(t *testing.T) {
	w := resttest.New(t)
	owner, admin := signedIn(w, w.Bob, chat.OrganizationOwner), role(w, w.Alice, chat.OrganizationAdministrator)
	phone := call(w, owner, "POST", "/api/admin/applications", map[string]any{"name": "Phone", "kind": "mobile", "key": "phone"})
	path := "/api/admin/applications/" + phone["application"].(map[string]any)["id"].(string)
	member := w.Contact("Member Demo")
	code, _, err := w.Service.CreateSignInCode(t.Context(), chat.NewSignInCode{Account: member, Reusable: true})
	w.OK(err)
	app, err := w.Service.ApplicationByKey(t.Context(), "phone")
	w.OK(err)
	in, err := w.Service.SignInWithCode(t.Context(), code, chat.Device{App: app.ID})
	w.OK(err)
	me := func() resttest.Answer {
		return w.Do("GET", "/api/me", nil, resttest.As(in.Token), resttest.Header("App", "phone"))
	}
	w.Want(me(), 200)
	w.Published()
	if got := call(w, admin, "PATCH", path, map[string]any{"disabled": true}); got["disabledAt"] == nil {
		t.Errorf("got %v", got)
	}
	if got := w.Published(); !slices.Contains(got, "AppChanged") {
		t.Errorf("published %v, want that the sockets are told", got)
	}
	w.Refused(me(), 401, "invalid app")
	if _, err := w.Service.SignInWithCode(t.Context(), code, chat.Device{App: app.ID}); err != chat.ErrInvalidApp {
		t.Errorf("a sign-in got %v, want %v", err, chat.ErrInvalidApp)
	}
	call(w, admin, "PATCH", path, map[string]any{"disabled": true})
	if got := call(w, admin, "PATCH", path, map[string]any{"disabled": false}); got["disabledAt"] != nil {
		t.Errorf("got %v", got)
	}
	w.Want(me(), 200)

	// A host system: by its secret and by a server token. Only owners disable it.
	system := "/api/admin/applications/" + string(w.System.ID)
	server, _, err := w.Service.IssueToken(t.Context(), chat.NewToken{Account: w.Bob, App: w.System.ID})
	w.OK(err)
	w.Refused(w.API(admin, "PATCH", system, `{"disabled":true}`), 403, "forbidden")
	w.Names(w.Want(w.Do("PATCH", system, strings.NewReader(`{"disabled":true}`), w.AsHost), 422), "body.disabled")
	w.Names(w.Want(w.Host("PATCH", "/v1/applications/"+string(w.System.ID), `{"disabled":true}`), 422), "body.disabled")
	w.Names(w.Want(w.API(owner, "PATCH", "/api/admin/applications/"+string(w.App.ID), `{"disabled":true}`), 422), "body.disabled")
	w.Want(w.Do("GET", "/v1/application", nil, resttest.As(server)), 200)
	// An owner must keep a way to sign in.
	w.Names(w.Want(w.API(owner, "PATCH", system, `{"disabled":true}`), 422), "body.disabled")
	w.Names(w.Want(w.API(owner, "PATCH", system, `{"scopes":["read"]}`), 422), "body.scopes")
	_, err = w.Service.UpdateAccount(t.Context(), w.Bob, chat.AccountPatch{Email: new("bob@example.test")})
	w.OK(err)
	owner = w.SignedIn(w.Bob) // the new address has ended the former session
	call(w, owner, "PATCH", system, map[string]any{"disabled": true})
	for _, as := range []func(*http.Request){w.AsHost, resttest.As(server)} {
		for _, path := range []string{"/v1/application", "/api/admin"} {
			if a := w.Do("GET", path, nil, as); a.Status != 401 {
				t.Errorf("%s = %d %s, want 401", path, a.Status, a.Body)
			}
		}
	}
	// It can sign in anybody: enabling it needs a fresh sign-in.
	call(w, w.SignedIn(w.Bob), "PATCH", system, map[string]any{"disabled": false, "name": "Renamed"})
	w.Want(w.Host("GET", "/v1/application", ""), 200)
	var kinds []string
	if got := call(w, owner, "GET", "/api/admin/audit?application="+string(w.System.ID), nil); len(got["items"].([]any)) != 0 {
		t.Errorf("got %v, want no entry of a host system that changed nothing", got)
	}
	for _, e := range call(w, owner, "GET", "/api/admin/audit?kind=application.", nil)["items"].([]any) {
		e := e.(map[string]any)
		kinds = append(kinds, fmt.Sprint(e["kind"], " ", e["targetName"], " ", e["detail"]))
	}
	want := []string{
		"application.changed Renamed map[change:name]", "application.enabled Renamed <nil>", "application.disabled Renamed <nil>",
		"application.enabled Phone <nil>", "application.disabled Phone <nil>", "application.created Phone map[kind:mobile name:Phone]",
	}
	if diff := cmp.Diff(kinds[:6], want); diff != "" {
		t.Errorf("audit log: -got +want\n%s", diff)
	}
}

func TestSessions(t *testing.T) {
	w := resttest.New(t)
	owner, admin := role(w, w.Bob, chat.OrganizationOwner), role(w, w.Alice, chat.OrganizationAdministrator)
	member := w.Contact("Member Demo")
	token := w.Token(member)
	list := call(w, admin, "GET", "/api/admin/sessions?account="+string(member), nil)["items"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["name"] != "Member Demo" {
		t.Fatalf("got %v", list)
	}
	if got := call(w, admin, "GET", "/api/admin/sessions?limit=2", nil); len(got["items"].([]any)) != 2 || got["next"] == nil {
		t.Errorf("got %v", got)
	} else if got := call(w, admin, "GET", "/api/admin/sessions?limit=2&next="+got["next"].(string), nil); len(got["items"].([]any)) != 1 || got["next"] != nil {
		t.Errorf("got second page %v", got)
	}
	call(w, token, "GET", "/api/me", nil)
	w.OK(w.Service.WriteSeen(t.Context()))
	for query, want := range map[string]int{
		"application=" + string(w.App.ID): 0, "device=none": 0, "device=": 3, "seenSince=1": 2, "seenSince=9999999999999": 0, "seenBefore=9999999999999": 3, "seenBefore=1": 1,
		"account=" + string(member) + "&seenBefore=1": 0, "account=" + string(member) + "&seenSince=1": 1,
	} {
		if list := call(w, admin, "GET", "/api/admin/sessions?"+query, nil)["items"].([]any); len(list) != want {
			t.Errorf("%q finds %v, want %d", query, list, want)
		}
	}
	path := "/api/admin/sessions/" + list[0].(map[string]any)["sessionId"].(string)
	call(w, admin, "DELETE", path, nil)
	w.Refused(w.API(token, "GET", "/api/me", ""), 401, "invalid token")
	w.Refused(w.API(admin, "DELETE", path, ""), 404, "not found")
	of := call(w, admin, "GET", "/api/admin/sessions?account="+string(w.Bob), nil)["items"].([]any)
	w.Refused(w.API(admin, "DELETE", "/api/admin/sessions/"+of[0].(map[string]any)["sessionId"].(string), ""), 403, "forbidden")
	w.Want(w.API(owner, "GET", "/api/me", ""), 200)
}

func TestResetTwoFactor(t *testing.T) {
	w := resttest.New(t)
	owner, admin := role(w, w.Bob, chat.OrganizationOwner), role(w, w.Alice, chat.OrganizationAdministrator)
	for _, id := range []chat.AccountID{w.Alice, w.Bob} {
		w.OK(w.Fault.Update(t.Context(), func(tx chat.Tx) error {
			return tx.SaveTwoFactor(chat.TwoFactor{Account: id, Secret: "AAAA", OnAt: time.Now()})
		}))
	}
	path := func(id chat.AccountID) string { return "/api/admin/people/" + string(id) }
	if p := call(w, admin, "GET", path(w.Bob), nil); p["twoFactor"] != true {
		t.Errorf("got %v, want two-factor on", p)
	}
	w.Refused(w.API(admin, "DELETE", path(w.Bob)+"/two-factor", ""), 403, "forbidden")
	w.Refused(w.API(admin, "DELETE", path("none")+"/two-factor", ""), 404, "account not found")
	// A stolen session turned two-factor off without a proof.
	w.Refused(w.API(owner, "DELETE", path(w.Bob)+"/two-factor", ""), 403, "turn your own two-factor off in your settings")
	w.Want(w.Do("DELETE", path(w.Bob)+"/two-factor", nil, w.AsHost), 204)
	if p := call(w, admin, "GET", path(w.Bob), nil); p["twoFactor"] != false {
		t.Errorf("got %v, want two-factor off", p)
	}
	w.Want(w.Do("DELETE", path(w.Alice)+"/two-factor", nil, w.AsHost), 204)
	if got := call(w, admin, "GET", "/api/admin/audit?kind=two-factor.reset", nil)["items"].([]any); len(got) != 2 {
		t.Errorf("log %v, want two entries", got)
	}
}

// With a stolen session of an administrator, the administration changed the sign-in of that account,
// without the proof that the settings require.
func TestOwnSignIn(t *testing.T) {
	w := resttest.New(t)
	owner := role(w, w.Bob, chat.OrganizationOwner)
	path := "/api/admin/people/" + string(w.Bob)
	changes := []struct{ method, path, body string }{
		{"PATCH", path, `{"email":"new@example.test"}`},
		{"PUT", path + "/password", `{"password":"correct horse battery"}`},
		{"POST", path + "/sign-in-links", ``},
	}
	for _, c := range changes {
		w.Refused(w.API(owner, c.method, c.path, c.body), 403, "sign in again")
	}
	row := `{"csv":"id,name,email\n` + string(w.Bob) + `,Bob,new@example.test\n","apply":true}`
	if got := resttest.ToJSON(w.Want(w.API(owner, "POST", "/api/admin/people/import", row), 200)); !strings.Contains(got, "sign in again") {
		t.Errorf("the import answers %s, want a refusal", got)
	}
	if p := call(w, owner, "PATCH", path, map[string]any{"name": "Bob B", "title": "Baker"}); p["name"] != "Bob B" || p["email"] == "new@example.test" {
		t.Errorf("got %v, want the other fields changed", p)
	}
	code, _, err := w.Service.CreateSignInCode(t.Context(), chat.NewSignInCode{Account: w.Bob})
	w.OK(err)
	in, err := w.Service.SignInWithCode(t.Context(), code, chat.Device{})
	w.OK(err)
	for _, c := range changes {
		if a := w.API(in.Token, c.method, c.path, c.body); a.Status >= 300 {
			t.Errorf("after a sign-in, %s %s = %d %s", c.method, c.path, a.Status, a.Body)
		}
	}
}

// With a stolen session of an owner or an administrator, the thief kept the access: with another account
// of one of these roles, with an application, or with a setting.
func TestLastingAccessNeedsAProof(t *testing.T) {
	w := resttest.New(t)
	stale, admin := role(w, w.Bob, chat.OrganizationOwner), role(w, w.Alice, chat.OrganizationAdministrator)
	second := w.Contact("Second Owner")
	role(w, second, chat.OrganizationOwner)
	other, colleague, member, leaver := w.Contact("Other Administrator"), w.Contact("Colleague"), w.Contact("Member Demo"), w.Contact("Leaver Demo")
	role(w, other, chat.OrganizationAdministrator)
	role(w, colleague, chat.OrganizationMember)
	role(w, member, chat.OrganizationMember)
	for _, id := range []chat.AccountID{second, other, member} {
		w.OK(w.Fault.Update(t.Context(), func(tx chat.Tx) error {
			return tx.SaveTwoFactor(chat.TwoFactor{Account: id, Secret: "AAAA", OnAt: time.Now()})
		}))
	}
	system, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Name: "System", Kind: chat.AppServer, Scopes: []chat.Scope{chat.ScopeRead}})
	w.OK(err)
	closed, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Name: "Closed", Kind: chat.AppServer, Scopes: []chat.Scope{chat.ScopeRead}})
	w.OK(err)
	_, err = w.Service.UpdateApplication(t.Context(), "", closed.ID, chat.ApplicationPatch{Disabled: new(true)})
	w.OK(err)
	var away [3]chat.AccountID // two administrators and an owner who are not active
	for i, as := range []chat.OrganizationRole{chat.OrganizationAdministrator, chat.OrganizationAdministrator, chat.OrganizationOwner} {
		away[i] = w.Contact("Away " + strconv.Itoa(i))
		role(w, away[i], as)
		_, err := w.Service.UpdateAccount(t.Context(), away[i], chat.AccountPatch{Active: new(false)})
		w.OK(err)
	}
	version := call(w, stale, "GET", "/api/admin/settings", nil)["version"].(string)
	person := func(id chat.AccountID) string { return "/api/admin/people/" + string(id) }
	const applications = "/api/admin/applications/"
	type request struct{ method, path, body string }
	both := []request{ // of owners and administrators
		{"POST", "/api/admin/people", `{"name":"New Administrator","role":"administrator"}`},
		{"PATCH", person(member), `{"title":"Baker","role":"administrator"}`},
		{"PATCH", person(other), `{"email":"other@example.test"}`},
		{"PUT", person(other) + "/password", `{"password":"correct horse battery"}`},
		{"POST", person(other) + "/sign-in-links", ``},
		{"DELETE", person(other) + "/two-factor", ``},
		{"PATCH", person(away[0]), `{"active":true}`},
		{"POST", applications + string(w.App.ID) + "/signing-key", ``},
		{"PATCH", "/api/admin/settings", `{"version":"` + version + `","values":[{"name":"auth.code-ttl","value":"20m"}]}`},
		{"PATCH", "/api/admin/settings", `{"version":"` + version + `","reset":["auth.code-ttl"]}`},
	}
	owners := []request{
		{"POST", "/api/admin/people", `{"name":"New Owner","role":"owner"}`},
		{"PATCH", person(colleague), `{"role":"owner"}`},
		{"PATCH", person(second), `{"email":"second@example.test"}`},
		{"PUT", person(second) + "/password", `{"password":"correct horse battery"}`},
		{"POST", person(second) + "/sign-in-links", ``},
		{"DELETE", person(second) + "/two-factor", ``},
		{"POST", person(leaver) + "/erase", `{"name":"Leaver Demo"}`},
		{"POST", "/api/admin/applications", `{"name":"Payroll","kind":"server","scopes":["read"]}`},
		{"PATCH", applications + string(system.ID), `{"name":"Renamed","scopes":["read","administration"]}`},
		{"POST", applications + string(system.ID) + "/secret", ``},
		{"PATCH", applications + string(closed.ID), `{"disabled":false}`},
		{"PATCH", person(away[2]), `{"active":true}`},
		{"PATCH", "/api/admin/settings", `{"version":"` + version + `","values":[{"name":"auth.fresh-sign-in","value":"24h"}]}`},
		{"PATCH", "/api/admin/settings", `{"version":"` + version + `","values":[{"name":"token.ttl","value":"9000h"}]}`},
		{"PATCH", "/api/admin/settings", `{"version":"` + version + `","values":[{"name":"auth.min-password","value":"8"}]}`},
		{"PATCH", "/api/admin/settings", `{"version":"` + version + `","values":[{"name":"rate.sign-in","value":"0"}]}`},
		{"PATCH", "/api/admin/settings", `{"version":"` + version + `","reset":["token.ttl"]}`},
		{"PATCH", "/api/admin/settings", `{"version":"` + version + `","values":[{"name":"audit.keep","value":"48h"}]}`},
	}
	before := state(w)
	for _, c := range append(slices.Clone(both), owners...) {
		w.Refused(w.API(stale, c.method, c.path, c.body), 403, "sign in again")
	}
	for _, c := range both {
		if !strings.HasSuffix(c.path, "/signing-key") { // which only owners make
			w.Refused(w.API(admin, c.method, c.path, c.body), 403, "sign in again")
		}
	}
	row := func(apply bool) map[string]any {
		return map[string]any{"csv": "id,name,email,role,active\nnew,New,,administrator,\n" + string(colleague) + ",Colleague,,administrator,\n" + string(second) + ",Second Owner,b@example.test,,\n" + string(away[1]) + ",Away 1,,,true\n", "apply": apply}
	}
	for _, apply := range []bool{false, true} {
		for _, line := range call(w, stale, "POST", "/api/admin/people/import", row(apply))["lines"].([]any) {
			if line := line.(map[string]any); line["action"] != "refuse" || line["problem"] != "sign in again" {
				t.Errorf("the import (apply: %t) does %v, want a refusal", apply, line)
			}
		}
	}
	if after := state(w); after != before {
		t.Errorf("a refused call has changed something: got\n%s\nwant\n%s", after, before)
	}
	if p := call(w, stale, "GET", person(second), nil); p["twoFactor"] != true || p["password"] != false {
		t.Errorf("got %v, want two-factor and no password", p)
	}
	if got := call(w, stale, "GET", "/api/admin/settings", nil)["version"]; got != version {
		t.Error("a refused call has changed a setting")
	}

	// A session of any age does the rest.
	call(w, stale, "POST", "/api/admin/people", map[string]any{"name": "New Member"})
	call(w, stale, "PATCH", person(member), map[string]any{"email": "member@example.test", "title": "Baker"})
	call(w, stale, "PATCH", person(other), map[string]any{"title": "Baker", "role": "administrator"})
	call(w, stale, "PUT", person(member)+"/password", map[string]any{"password": "correct horse battery"})
	call(w, stale, "POST", person(member)+"/sign-in-links", nil)
	call(w, stale, "DELETE", person(member)+"/two-factor", nil)
	call(w, stale, "PATCH", applications+string(system.ID), map[string]any{"name": "System 2", "scopes": []any{"read"}})
	call(w, stale, "POST", "/api/admin/applications", map[string]any{"name": "Phone", "kind": "mobile"})

	fresh := signedIn(w, w.Bob, chat.OrganizationOwner)
	for _, c := range append(slices.Clone(both), owners...) {
		body := strings.Replace(c.body, version, call(w, stale, "GET", "/api/admin/settings", nil)["version"].(string), 1)
		if a := w.API(fresh, c.method, c.path, body); a.Status >= 300 {
			t.Errorf("after a sign-in, %s %s %s = %d %s", c.method, c.path, body, a.Status, a.Body)
		}
	}
	role(w, colleague, chat.OrganizationMember)
	for _, line := range call(w, fresh, "POST", "/api/admin/people/import", row(true))["lines"].([]any) {
		if line := line.(map[string]any); line["action"] == "refuse" {
			t.Errorf("after a sign-in, the import does %v", line)
		}
	}
	// A host system has no session.
	w.Want(w.Do("PUT", person(second)+"/password", strings.NewReader(`{"password":"correct horse battery"}`), w.AsHost), 204)
}

// Only owners erase a person, whose name they have typed; and nobody changes an erased account.
func TestErasePerson(t *testing.T) {
	w := resttest.New(t)
	owner := signedIn(w, w.Bob, chat.OrganizationOwner)
	admin, member := signedIn(w, w.Alice, chat.OrganizationAdministrator), w.Contact("Member Demo")
	role(w, member, chat.OrganizationMember)
	person := func(id chat.AccountID) string { return "/api/admin/people/" + string(id) }
	body := func(name string) string { return resttest.ToJSON(map[string]any{"name": name}) }
	memberToken := w.Token(member)
	before := state(w)
	w.Refused(w.API(admin, "POST", person(member)+"/erase", body("Member Demo")), 403, "forbidden")
	w.Refused(w.API(memberToken, "POST", person(w.Alice)+"/erase", body("Alice")), 403, "forbidden")
	w.Refused(w.API(owner, "POST", person("none")+"/erase", body("Member Demo")), 404, "account not found")
	for name, a := range map[string]resttest.Answer{
		"another name":    w.API(owner, "POST", person(member)+"/erase", body("member demo")),
		"no name":         w.API(owner, "POST", person(member)+"/erase", "{}"),
		"the own account": w.API(owner, "POST", person(w.Bob)+"/erase", body(nameOf(w, w.Bob))),
		"the last owner":  w.Do("POST", person(w.Bob)+"/erase", strings.NewReader(body(nameOf(w, w.Bob))), w.AsHost),
	} {
		if a.Status != 422 {
			t.Errorf("%s: got %d %s, want a refusal", name, a.Status, a.Body)
		}
	}
	if after := state(w); after != before {
		t.Errorf("a refused call has changed something: got\n%s\nwant\n%s", after, before)
	}
	if p := call(w, owner, "GET", person(member), nil); p["erasure"] != nil {
		t.Errorf("got %v, want no erasure", p)
	}

	first := call(w, owner, "POST", person(member)+"/erase", map[string]any{"name": "Member Demo"})
	if first["accountId"] != string(member) || first["startedAt"] == nil {
		t.Errorf("got %v", first)
	}
	if again := call(w, owner, "POST", person(member)+"/erase", map[string]any{"name": "Member Demo"}); again["startedAt"] != first["startedAt"] {
		t.Errorf("a repetition: got %v, want %v", again, first)
	}
	p := call(w, owner, "GET", person(member), nil)
	if p["name"] != "Deleted person" || p["email"] != "" || p["active"] != false || p["role"] != nil || p["erasure"] == nil {
		t.Errorf("got %v, want an erased account", p)
	}
	for _, c := range []struct{ method, path, body string }{
		{"PATCH", person(member), `{"active":true}`},
		{"PATCH", person(member), `{"title":"Baker"}`},
		{"PATCH", person(member), `{"role":"member"}`},
		{"PUT", person(member) + "/password", `{"password":"correct horse battery"}`},
		{"POST", person(member) + "/sign-in-links", ``},
	} {
		if a := w.API(owner, c.method, c.path, c.body); a.Status != 422 {
			t.Errorf("%s %s %s: got %d %s, want a refusal", c.method, c.path, c.body, a.Status, a.Body)
		}
	}
	log := call(w, owner, "GET", "/api/admin/audit?kind=account.erased", nil)["items"].([]any)
	if len(log) != 1 || strings.Contains(resttest.ToJSON(log), "Member Demo") || !strings.Contains(resttest.ToJSON(log), string(w.Bob)) {
		t.Errorf("log %v, want one entry that names the owner and not the person", log)
	}
	w.Want(w.Do("POST", person(w.Alice)+"/erase", strings.NewReader(body(nameOf(w, w.Alice))), w.AsHost), 200)
}

func nameOf(w *resttest.World, id chat.AccountID) string {
	a, err := w.Service.Account(w.T.Context(), id)
	w.OK(err)
	return a.Name
}

// Five hundred people from a file: a preview, the import, and a second import without changes.
func TestImport(t *testing.T) {
	w := resttest.New(t)
	admin := role(w, w.Bob, chat.OrganizationAdministrator)
	owner := w.Contact("Owner Demo")
	role(w, owner, chat.OrganizationOwner)
	var file strings.Builder
	file.WriteString("\ufeffEmail;Name;Title;Department;Role;Active;Id;Language;TimeZone\r\n")
	for i := range 500 {
		fmt.Fprintf(&file, "p%d@example.test;Person %d;Baker;Oven;%s;;;zh;Asia/Shanghai\r\n", i, i, []string{"", "guest"}[i%2])
	}
	file.WriteString("p7@EXAMPLE.test;Again;;;;;\r\n;Nameless;;;;;\r\nbad;Bad;;;;;\r\n" +
		";Alice Renamed;;;;;" + string(w.Alice) + "\r\n;;;;;false;" + string(owner) + "\r\n;;;;owner;;" + string(w.Alice) + "x\r\na@example.test;A;;;;;;;;more\r\n")
	run := func(apply bool) (got map[string]any, problems string) {
		got = call(w, admin, "POST", "/api/admin/people/import", map[string]any{"csv": file.String(), "apply": apply})
		for _, line := range got["lines"].([]any) {
			if p, ok := line.(map[string]any)["problem"]; ok {
				problems += fmt.Sprintf("%v: %v\n", line.(map[string]any)["line"], p)
			}
		}
		return got, problems
	}
	numbers := func(got map[string]any) string {
		return fmt.Sprint(got["created"], got["updated"], got["unchanged"], got["refused"], got["applied"])
	}
	const refused = `502: line names the same person as an earlier line
503: email or an id is required
504: email must be an e-mail address like anna@example.test
506: forbidden
507: name is required
508: line has more fields than columns
`
	before := state(w)
	preview, problems := run(false)
	if got, want := numbers(preview), "500 1 0 6 false"; got != want || problems != refused {
		t.Errorf("preview: got %s, want %s\n%s", got, want, problems)
	}
	if state(w) != before {
		t.Error("the preview has changed something")
	}
	applied, problems := run(true)
	if got, want := numbers(applied), "500 1 0 6 true"; got != want || problems != refused {
		t.Errorf("applied: got %s, want %s\n%s", got, want, problems)
	}
	again, _ := run(true)
	if got, want := numbers(again), "0 0 501 6 true"; got != want {
		t.Errorf("again: got %s, want %s", got, want)
	}
	found := call(w, admin, "GET", "/api/admin/people?query=p7@example.test", nil)["items"].([]any)
	if len(found) != 1 || found[0].(map[string]any)["role"] != "guest" || found[0].(map[string]any)["department"] != "Oven" ||
		found[0].(map[string]any)["language"] != "zh" || found[0].(map[string]any)["timeZone"] != "Asia/Shanghai" {
		t.Errorf("got %v", found)
	}
	w.Names(w.Want(w.API(admin, "POST", "/api/admin/people/import", `{"csv":"name,shoe\n"}`), 422), "body.csv")
}

// A stray quote refuses its line and not the file. Headings of Chinese files are known.
func TestImportReadsFilesOfSpreadsheets(t *testing.T) {
	w := resttest.New(t)
	admin := role(w, w.Bob, chat.OrganizationAdministrator)
	read := func(file string) (lines []string) {
		for _, each := range call(w, admin, "POST", "/api/admin/people/import", map[string]any{"csv": file})["lines"].([]any) {
			line := each.(map[string]any)
			lines = append(lines, fmt.Sprint(line["line"], " ", line["action"], " ", line["name"], " ", line["email"]))
		}
		return lines
	}
	for file, want := range map[string][]string{
		"name,email\nA \"x\" B,a@example.test\n\n\"C,c@example.test\nD,d@example.test\n\"E\"x,e@example.test\n\"F\",f@example.test\n\"G,g@example.test": {
			"2 refuse  ", "4 refuse  ", "5 create D d@example.test", "6 refuse  ", "7 create F f@example.test", "8 refuse  ",
		},
		"name,email\n\"" + strings.Repeat("x", 70<<10) + "\",a@example.test\nB,b@example.test": {"2 refuse  ", "3 create B b@example.test"},
		"姓名,E-Mail,部门,职位,电话,角色\nA,a@example.test,B,C,1,guest\n":                                {"2 create A a@example.test"},
		"姓名;电子邮箱\r\n\r\nA;a@example.test\r\n":                                                  {"3 create A a@example.test"},
		"邮箱\t姓名\na@example.test\tA":                                                            {"2 create A a@example.test"},
	} {
		if diff := cmp.Diff(read(file), want); diff != "" {
			t.Errorf("%.80q: -got +want\n%s", file, diff)
		}
	}
	w.Refused(w.API(admin, "POST", "/api/admin/people/import", `{"csv":"name,email,E-Mail\nA,a@example.test,b@example.test"}`), 422,
		`invalid payload: csv has the column email twice: "E-Mail"`)
}

// The preview did not show from which role to which a line changes somebody, the reasons were only in English, and a file with the
// words of the Chinese client was refused.
func TestImportTellsRolesAndReasons(t *testing.T) {
	w := resttest.New(t)
	owner := signedIn(w, w.Bob, chat.OrganizationOwner)
	file := "账号,姓名,邮箱,角色,状态,语言\n" +
		",New,new@example.test,访客,,\n" +
		",Plain,plain@example.test,,,\n" +
		string(w.Alice) + ",,,管理员,停用,\n" +
		string(w.Mallory) + ",,,成员,,\n" +
		string(w.Bob) + ",,,成员,,\n" +
		",Away,away@example.test,所有者,否,\n" +
		",,none@example.test,,,\n" +
		"," + strings.Repeat("x", 201) + ",long@example.test,,,\n" +
		",No Address,address,,,\n" +
		",No Role,role@example.test,king,,\n" +
		",No Language,language@example.test,,,de\n" +
		",Nobody,,,,\n" +
		",Again,new@example.test,,,\n" +
		",Quote \" here,,,,\n" +
		",More,more@example.test,,,,,,\n"
	var got []string
	for _, each := range call(w, owner, "POST", "/api/admin/people/import", map[string]any{"csv": file})["lines"].([]any) {
		line := each.(map[string]any)
		text := fmt.Sprint(line["line"], " ", line["action"])
		for _, key := range []string{"oldRole", "role", "active", "field", "code", "params"} {
			if v, ok := line[key]; ok {
				text += fmt.Sprint(" ", key, "=", v)
			}
		}
		got = append(got, text)
	}
	if diff := cmp.Diff(got, []string{
		"2 create role=guest",
		"3 create role=member",
		"4 update oldRole=member role=administrator active=false",
		"5 update role=member",
		"6 refuse oldRole=owner role=member field=role code=own-account",
		"7 refuse role=owner field=active code=new-inactive",
		"8 refuse role=member field=name code=required",
		"9 refuse role=member field=name code=too-long params=map[most:200]",
		"10 refuse field=email code=form",
		"11 refuse field=role code=form",
		"12 refuse role=member field=language code=form",
		"13 refuse field=email code=required",
		"14 refuse field=line code=repeated",
		"15 refuse field=line code=unreadable",
		"16 refuse field=line code=too-many-fields",
	}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// A file above the limit is refused with the limit and the remedy.
func TestImportTooLarge(t *testing.T) {
	w := resttest.New(t, func(o *rest.Options) { o.MaxBody, o.Admin.MaxImport = 1000, 2000 })
	admin := role(w, w.Bob, chat.OrganizationAdministrator)
	call(w, admin, "POST", "/api/admin/people/import", map[string]any{"csv": "name,email\n" + strings.Repeat("x,x@example.test\n", 80)})
	file := "name,email\n" + strings.Repeat("x,x@example.test\n", 200)
	body, err := json.Marshal(map[string]any{"csv": file})
	w.OK(err)
	w.Refused(w.API(admin, "POST", "/api/admin/people/import", string(body)), 413,
		"the body has more than 2000 bytes: send the file in pieces, each with the first line, for example 500 people in each")
	w.Refused(w.API(admin, "POST", "/api/admin/people", string(body)), 413, "the body has more than 1000 bytes")
}

func TestAuditExport(t *testing.T) {
	w := resttest.New(t)
	owner := role(w, w.Bob, chat.OrganizationOwner)
	call(w, owner, "PATCH", "/api/admin/people/"+string(w.Alice), map[string]any{"name": "=1+1"})
	_, err := w.Service.UpdateAccount(chat.WithOrigin(t.Context(), chat.OperatorOrigin("account rename")), w.Alice, chat.AccountPatch{Language: new("zh")})
	w.OK(err)
	a := w.API(owner, "GET", "/api/admin/audit/export?target="+string(w.Alice), "")
	rows, err := csv.NewReader(bytes.NewReader(a.Body)).ReadAll()
	w.OK(err)
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") || rows[0][2] != "kind" || rows[1][2] != "account.changed" || rows[1][14] != "'=1+1" ||
		rows[0][5] != "operator" || rows[1][5] != "true" || rows[2][5] != "" {
		t.Errorf("got %s %q", a.Header.Get("Content-Type"), rows)
	}
	a = w.API(owner, "GET", "/api/admin/audit/export?format=jsonl", "")
	lines, kinds := bufio.NewScanner(bytes.NewReader(a.Body)), []string{}
	for lines.Scan() {
		var e struct {
			Kind, ActorName, Address string
			At                       int64
		}
		w.OK(json.Unmarshal(lines.Bytes(), &e))
		kinds = append(kinds, e.Kind)
		if len(kinds) == 1 && (e.ActorName != "Bob Demo" || e.Address != "127.0.0.1" || e.At == 0) {
			t.Errorf("got the entry of the export %s", lines.Bytes())
		}
	}
	if len(kinds) < 10 || kinds[0] != "audit.exported" || kinds[1] != "audit.exported" || kinds[2] != "account.changed" {
		t.Errorf("got %v", kinds)
	}
	for _, at := range []string{"audit?kind=nope", "audit?kind=nope.", "audit?kind=sign", "audit/export?kind=nope"} {
		w.Names(w.Want(w.API(owner, "GET", "/api/admin/"+at, ""), 422), "query.kind")
	}
	// The pages reach the first entry.
	count, next := 0, ""
	for {
		p := call(w, owner, "GET", "/api/admin/audit?limit=3&next="+next, nil)
		count += len(p["items"].([]any))
		if p["next"] == nil {
			break
		}
		next = p["next"].(string)
	}
	if count != len(kinds) {
		t.Errorf("the pages have %d entries, the export %d", count, len(kinds))
	}
	if got := call(w, owner, "GET", "/api/admin/audit?kind=organization.&until=1", nil)["items"].([]any); len(got) != 0 {
		t.Errorf("got %v before the first day", got)
	}
	if got := call(w, owner, "GET", "/api/admin/audit?kind=organization.", nil)["items"].([]any); len(got) < 2 {
		t.Errorf("got %v", got)
	}
}

func TestOverview(t *testing.T) {
	w := resttest.New(t)
	owner := role(w, w.Bob, chat.OrganizationOwner)
	w.Say(w.Alice, w.Bob, "hello")
	w.Say(w.Alice, w.Bob, "again")
	w.Say(w.Bob, w.Alice, "hello")
	for range 2 {
		got := call(w, owner, "GET", "/api/admin/overview?days=3", nil)
		days := got["days"].([]any)
		today := days[len(days)-1].(map[string]any)
		if len(days) != 3 || today["messages"] != 3.0 || today["people"] != 2.0 || days[0].(map[string]any)["messages"] != 0.0 {
			t.Errorf("got days %v", days)
		}
		if got["active"] != 3.0 || got["administrators"] != 1.0 || got["nodes"] != 1.0 {
			t.Errorf("got %v", got)
		}
	}
}
