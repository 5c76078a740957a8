package host_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

// operationScopes are what the operations of the host API require. A new operation
// has to be entered here, and in the table of [TestBoundApplicationSeesItsOrganization].
var operationScopes = map[string][]chat.Scope{
	"get-caller": {},

	"list-applications": {chat.ScopeRead}, "get-application": {chat.ScopeRead},
	"create-application": {chat.ScopeApplications}, "update-application": {chat.ScopeApplications},
	"rotate-secret": {chat.ScopeApplications}, "rotate-signing-key": {chat.ScopeApplications, chat.ScopeTokens},

	"list-organizations": {chat.ScopeRead}, "get-organization": {chat.ScopeRead}, "list-organization-members": {chat.ScopeRead},
	"create-organization": {chat.ScopeAccounts}, "update-organization": {chat.ScopeAccounts}, "delete-organization": {chat.ScopeAccounts},
	"add-organization-members": {chat.ScopeAccounts}, "remove-organization-member": {chat.ScopeAccounts},

	"list-accounts": {chat.ScopeRead}, "get-account": {chat.ScopeRead}, "list-contacts": {chat.ScopeRead}, "list-account-groups": {chat.ScopeRead},
	"create-account": {chat.ScopeAccounts}, "update-account": {chat.ScopeAccounts},
	"list-friends": {chat.ScopeRead}, "add-friend": {chat.ScopeAccounts}, "remove-friend": {chat.ScopeAccounts},

	"list-tokens": {chat.ScopeRead}, "issue-token": {chat.ScopeTokens}, "revoke-tokens": {chat.ScopeTokens}, "revoke-token": {chat.ScopeTokens},
	"create-sign-in-code": {chat.ScopeTokens}, "set-password": {chat.ScopeTokens}, "remove-password": {chat.ScopeTokens},

	"get-group": {chat.ScopeRead}, "list-members": {chat.ScopeRead}, "get-member": {chat.ScopeRead},
	"create-group": {chat.ScopeGroups}, "update-group": {chat.ScopeGroups}, "dissolve-group": {chat.ScopeGroups},
	"ban-speaking": {chat.ScopeGroups}, "permit-speaking": {chat.ScopeGroups}, "add-members": {chat.ScopeGroups}, "remove-member": {chat.ScopeGroups},
	"leave-group": {chat.ScopeGroups}, "update-member": {chat.ScopeGroups},
	"add-administrator": {chat.ScopeGroups}, "remove-administrator": {chat.ScopeGroups},

	"send-message": {chat.ScopeMessages}, "send-system-message": {chat.ScopeMessages},
	"notify": {chat.ScopeNotifications}, "list-notifications": {chat.ScopeRead},

	"list-subscriptions": {chat.ScopeRead}, "list-dead-letters": {chat.ScopeRead},
	"create-subscription": {chat.ScopeAdministration}, "update-subscription": {chat.ScopeAdministration},
	"remove-subscription": {chat.ScopeAdministration}, "rotate-subscription-secret": {chat.ScopeAdministration},
	"test-subscription": {chat.ScopeAdministration}, "replay-dead-letter": {chat.ScopeAdministration},
	"replay-dead-letters": {chat.ScopeAdministration},

	"list-host-invitations": {chat.ScopeAdministration}, "create-host-invitation": {chat.ScopeAdministration}, "revoke-host-invitation": {chat.ScopeAdministration},
}

// Every application's secret opened every operation. Each operation now requires
// its scope, before anything else is looked at, and says which one is missing.
func TestScopes(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	as := map[string]func(*http.Request){}
	system := func(name string, scopes []chat.Scope) func(*http.Request) {
		if as[name] == nil {
			app, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Name: name, Kind: chat.AppServer, Scopes: scopes})
			w.OK(err)
			as[name] = func(r *http.Request) { r.SetBasicAuth(app.Key, app.Secret) }
		}
		return as[name]
	}
	ops, _ := w.Document()
	for _, op := range ops {
		if op.History || op.Client || op.Admin || op.Hook {
			continue
		}
		t.Run(op.ID, func(t *testing.T) {
			w.T = t
			scopes, ok := operationScopes[op.ID]
			if !ok {
				t.Fatal("this test does not know which scope the operation requires")
			}
			shown := make([]string, len(scopes))
			for i, s := range scopes {
				shown[i] = string(s)
			}
			for _, scheme := range op.Security {
				for name, got := range scheme {
					if diff := cmp.Diff(got, shown); diff != "" {
						t.Errorf("the document shows for %s (-got +want):\n%s", name, diff)
					}
				}
			}
			path := w.Fill(op.Path, g, "none")
			for _, missing := range scopes {
				others := slices.DeleteFunc(slices.Clone(chat.Scopes), func(s chat.Scope) bool { return s == missing })
				credentials := system("all but "+string(missing), others)
				w.Published()
				// Neither a broken body nor a taken idempotency key is looked at before.
				for _, body := range []string{resttest.ToJSON(w.Bodies(g)[op.ID]), "{"} {
					a := w.Do(op.Method, path, strings.NewReader(body), credentials, resttest.Header("Idempotency-Key", "k"))
					w.Refused(a, 403, "scope required: "+string(missing))
				}
				if got := w.Published(); got != nil {
					t.Errorf("published %v, want nothing", got)
				}
			}
			// With exactly what it requires the operation gets past the scopes: what is wrong is the id.
			alone := scopes
			if len(alone) == 0 {
				alone = []chat.Scope{chat.ScopeRead}
			}
			a := w.Do(op.Method, w.Fill(strings.NewReplacer("{account}", "none", "{group}", "none", "{organization}", "none", "{application}", "none").Replace(op.Path), "none", "none"),
				strings.NewReader("{}"), system("only "+strings.Join(shown, "+"), alone))
			if a.Status == 401 || a.Status == 403 && resttest.Contains(a.Body, "scope") {
				t.Errorf("with its scopes alone: %d %s", a.Status, a.Body)
			}
		})
	}
}

type boundCall struct {
	path string // behind /v1
	body string
	want int
	text string // of the refusal
}

// For an application that is bound to an organization, what is outside of it does
// not exist: every operation answers as for ids that nobody has.
func TestBoundApplicationSeesItsOrganization(t *testing.T) {
	w := resttest.New(t)
	ctx := t.Context()
	elsewhere, err := w.Service.CreateOrganization(ctx, chat.Organization{Name: "Elsewhere"})
	w.OK(err)
	w.OK(w.Service.AddToOrganization(ctx, elsewhere.ID, []chat.AccountID{w.Mallory}))
	// Contacts across the border do not open it.
	w.OK(w.Service.Befriend(ctx, w.Alice, w.Mallory))
	w.OK(w.Service.Befriend(ctx, w.Alice, w.Bob))
	mail := "mallory@example.test"
	_, err = w.Service.UpdateAccount(ctx, w.Mallory, chat.AccountPatch{Email: &mail})
	w.OK(err)
	group := func(creator chat.AccountID, members ...chat.AccountID) string {
		g, err := w.Service.CreateGroup(ctx, chat.Actor{}, chat.NewGroup{Name: "Group", IsPost: true, Creator: creator, Members: members})
		w.OK(err)
		return string(g.ID)
	}
	own, theirs := group(w.Alice, w.Bob, w.Mallory), group(w.Mallory, w.Alice)
	app := func(a chat.Application) chat.WithSecret {
		made, err := w.Service.CreateApplication(ctx, "", a)
		w.OK(err)
		return made
	}
	ours := app(chat.Application{Name: "Ours", Key: "ours", Organization: w.Org})
	app(chat.Application{Name: "Theirs", Key: "theirs", Organization: elsewhere.ID})
	bound := app(chat.Application{Name: "Bound", Key: "bound", Kind: chat.AppServer, Scopes: chat.Scopes, Organization: w.Org})
	w.App = ours.Application
	as := func(r *http.Request) { r.SetBasicAuth(bound.Key, bound.Secret) }
	issue := func(of chat.AccountID) string {
		_, token, err := w.Service.IssueToken(ctx, chat.NewToken{Account: of})
		w.OK(err)
		return string(token.Session)
	}
	ownSession, theirSession := issue(w.Bob), issue(w.Mallory)

	names := strings.NewReplacer(
		"ALICE", string(w.Alice), "BOB", string(w.Bob), "MALLORY", string(w.Mallory), "OWN", own, "THEIRS", theirs,
		"ORG", string(w.Org), "ELSEWHERE", string(elsewhere.ID), "PUBLIC", "demo-key",
		"OUR-SESSION", ownSession, "THEIR-SESSION", theirSession,
	)
	const noAccount, noGroup, notFound = "account not found", "group not found", "not found"
	const noneSuch = `invalid payload: accounts names an account that does not exist: \"MALLORY\"`
	const isBound = "the calling application is bound to an organization"
	const bothMembers = `{"accounts":["BOB","MALLORY"]}`
	calls := map[string]struct{ foreign, own []boundCall }{
		"get-caller":          {own: []boundCall{{"/application", "", 200, ""}}},
		"list-applications":   {own: []boundCall{{"/applications", "", 200, ""}}},
		"list-organizations":  {own: []boundCall{{"/organizations", "", 200, ""}}},
		"list-accounts":       {own: []boundCall{{"/accounts", "", 200, ""}}},
		"create-organization": {foreign: []boundCall{{"/organizations", `{"name":"x"}`, 403, "the calling application is bound to an organization"}}},
		"create-account":      {own: []boundCall{{"/accounts", `{"id":"carol","name":"Carol Demo"}`, 201, ""}}},
		"get-application":     {[]boundCall{{"/applications/theirs", "", 404, notFound}, {"/applications/PUBLIC", "", 404, notFound}}, []boundCall{{"/applications/ours", "", 200, ""}}},
		"create-application": {
			[]boundCall{{"/applications", `{"name":"x","organization":"ELSEWHERE"}`, 422, ""}},
			[]boundCall{{"/applications", `{"name":"New","key":"new"}`, 201, ""}, {"/applications", `{"name":"New system","kind":"server","scopes":["read"],"organization":"ORG"}`, 201, ""}},
		},
		"update-application": {[]boundCall{{"/applications/theirs", `{"name":"x"}`, 404, notFound}}, []boundCall{{"/applications/ours", `{"name":"Ours"}`, 200, ""}}},
		"rotate-secret":      {[]boundCall{{"/applications/system-key/secret", "", 404, notFound}}, nil},
		"rotate-signing-key": {[]boundCall{{"/applications/theirs/signing-key", "", 404, notFound}, {"/applications/PUBLIC/signing-key", "", 404, notFound}}, []boundCall{{"/applications/ours/signing-key", "", 200, ""}}},

		"get-organization":           {[]boundCall{{"/organizations/ELSEWHERE", "", 404, notFound}}, []boundCall{{"/organizations/ORG", "", 200, ""}}},
		"update-organization":        {[]boundCall{{"/organizations/ELSEWHERE", `{"name":"x"}`, 404, notFound}}, []boundCall{{"/organizations/ORG", `{"name":"Demo organization"}`, 200, ""}}},
		"delete-organization":        {[]boundCall{{"/organizations/ELSEWHERE", "", 404, notFound}, {"/organizations/ORG", "", 409, "the main organization cannot be deleted"}}, nil},
		"list-organization-members":  {[]boundCall{{"/organizations/ELSEWHERE/members", "", 404, notFound}}, []boundCall{{"/organizations/ORG/members", "", 200, ""}}},
		"add-organization-members":   {[]boundCall{{"/organizations/ORG/members", bothMembers, 422, noneSuch}, {"/organizations/ELSEWHERE/members", `{"accounts":["BOB"]}`, 404, notFound}}, []boundCall{{"/organizations/ORG/members", `{"accounts":["BOB"]}`, 204, ""}}},
		"remove-organization-member": {[]boundCall{{"/organizations/ELSEWHERE/members/MALLORY", "", 404, notFound}, {"/organizations/ORG/members/MALLORY", "", 404, notFound}}, nil},

		"get-account":         {[]boundCall{{"/accounts/MALLORY", "", 404, noAccount}}, []boundCall{{"/accounts/ALICE", "", 200, ""}}},
		"update-account":      {[]boundCall{{"/accounts/MALLORY", `{"active":false}`, 404, noAccount}}, []boundCall{{"/accounts/ALICE", `{"name":"Alice Demo"}`, 200, ""}}},
		"list-contacts":       {[]boundCall{{"/accounts/MALLORY/contacts", "", 404, noAccount}}, []boundCall{{"/accounts/ALICE/contacts", "", 200, ""}}},
		"list-account-groups": {[]boundCall{{"/accounts/MALLORY/groups", "", 404, noAccount}}, []boundCall{{"/accounts/ALICE/groups", "", 200, ""}}},
		"list-friends":        {[]boundCall{{"/accounts/MALLORY/friends", "", 404, noAccount}}, []boundCall{{"/accounts/ALICE/friends", "", 200, ""}}},
		"add-friend":          {[]boundCall{{"/accounts/ALICE/friends", `{"account":"MALLORY"}`, 404, noAccount}, {"/accounts/MALLORY/friends", `{"account":"BOB"}`, 404, noAccount}}, []boundCall{{"/accounts/ALICE/friends", `{"account":"BOB"}`, 204, ""}}},
		"remove-friend":       {[]boundCall{{"/accounts/ALICE/friends/MALLORY", "", 404, notFound}, {"/accounts/MALLORY/friends/ALICE", "", 404, notFound}}, []boundCall{{"/accounts/ALICE/friends/BOB", "", 204, ""}}},

		"issue-token": {
			[]boundCall{
				{"/accounts/MALLORY/tokens", "{}", 404, noAccount},
				{"/accounts/ALICE/tokens", `{"app":"theirs"}`, 422, ""},
				{"/accounts/ALICE/tokens", `{"app":"system-key"}`, 422, ""},
				{"/accounts/ALICE/tokens", `{"app":"PUBLIC"}`, 422, ""},
			},
			[]boundCall{{"/accounts/ALICE/tokens", `{"app":"ours"}`, 201, ""}, {"/accounts/ALICE/tokens", `{"app":"bound"}`, 201, ""}},
		},
		"list-tokens":   {[]boundCall{{"/accounts/MALLORY/tokens", "", 404, noAccount}}, []boundCall{{"/accounts/ALICE/tokens", "", 200, ""}}},
		"revoke-tokens": {[]boundCall{{"/accounts/MALLORY/tokens", "", 404, noAccount}}, []boundCall{{"/accounts/ALICE/tokens", "", 204, ""}}},
		// A session that no token has would be taken for a JWT's, of whatever organization.
		"revoke-token":        {[]boundCall{{"/tokens/THEIR-SESSION", "", 404, notFound}, {"/tokens/a-jti", "", 404, notFound}}, []boundCall{{"/tokens/OUR-SESSION", "", 204, ""}}},
		"create-sign-in-code": {[]boundCall{{"/accounts/MALLORY/sign-in-codes", "{}", 404, noAccount}}, []boundCall{{"/accounts/ALICE/sign-in-codes", "{}", 201, ""}}},
		"set-password":        {[]boundCall{{"/accounts/MALLORY/password", `{"password":"correct horse battery"}`, 404, noAccount}}, nil},
		"remove-password":     {[]boundCall{{"/accounts/MALLORY/password", "", 404, noAccount}}, []boundCall{{"/accounts/ALICE/password", "", 204, ""}}},

		"get-group":       {[]boundCall{{"/groups/THEIRS", "", 404, noGroup}}, []boundCall{{"/groups/OWN", "", 200, ""}}},
		"create-group":    {[]boundCall{{"/groups", `{"name":"x","creator":"MALLORY"}`, 422, "invalid payload: creator names no active account"}, {"/groups", `{"name":"x","creator":"ALICE","members":["MALLORY"]}`, 422, `invalid payload: members names an account that does not exist: \"MALLORY\"`}, {"/groups?by=MALLORY", `{"name":"x","creator":"ALICE"}`, 403, "forbidden"}}, []boundCall{{"/groups", `{"name":"x","creator":"ALICE","members":["BOB"]}`, 201, ""}}},
		"update-group":    {[]boundCall{{"/groups/THEIRS", `{"name":"x"}`, 404, noGroup}, {"/groups/OWN?by=MALLORY", `{"name":"x"}`, 404, "from user not found"}}, []boundCall{{"/groups/OWN", `{"name":"Renamed"}`, 200, ""}}},
		"dissolve-group":  {[]boundCall{{"/groups/THEIRS", "", 404, noGroup}}, nil},
		"ban-speaking":    {[]boundCall{{"/groups/THEIRS/ban", "", 404, noGroup}}, []boundCall{{"/groups/OWN/ban", "", 204, ""}}},
		"permit-speaking": {[]boundCall{{"/groups/THEIRS/ban", "", 404, noGroup}}, []boundCall{{"/groups/OWN/ban", "", 204, ""}}},
		"list-members":    {[]boundCall{{"/groups/THEIRS/members", "", 404, noGroup}}, []boundCall{{"/groups/OWN/members", "", 200, ""}}},
		// Guests in a group of the organization are shown, and can be removed.
		"get-member":           {[]boundCall{{"/groups/THEIRS/members/ALICE", "", 404, noGroup}}, []boundCall{{"/groups/OWN/members/MALLORY", "", 200, ""}}},
		"add-members":          {[]boundCall{{"/groups/OWN/members", bothMembers, 422, noneSuch}, {"/groups/THEIRS/members", `{"accounts":["BOB"]}`, 404, noGroup}}, []boundCall{{"/groups/OWN/members", `{"accounts":["BOB"]}`, 200, ""}}},
		"add-administrator":    {[]boundCall{{"/groups/THEIRS/administrators/ALICE", "", 404, noGroup}}, []boundCall{{"/groups/OWN/administrators/MALLORY", "", 204, ""}}},
		"remove-administrator": {[]boundCall{{"/groups/THEIRS/administrators/MALLORY", "", 404, noGroup}}, []boundCall{{"/groups/OWN/administrators/MALLORY", "", 204, ""}}},
		"remove-member":        {[]boundCall{{"/groups/THEIRS/members/ALICE", "", 404, noGroup}}, nil},
		// These are done as the account itself.
		"leave-group":   {[]boundCall{{"/groups/OWN/members/MALLORY/leave", "", 404, "from user not found"}, {"/groups/THEIRS/members/ALICE/leave", "", 404, noGroup}}, nil},
		"update-member": {[]boundCall{{"/groups/OWN/members/MALLORY", `{"push":false}`, 404, "from user not found"}, {"/groups/THEIRS/members/ALICE", `{"push":false}`, 404, noGroup}}, []boundCall{{"/groups/OWN/members/ALICE", `{"push":true}`, 200, ""}}},

		"send-message": {
			[]boundCall{
				{"/messages", `{"from":"MALLORY","toAccount":"ALICE","text":"x"}`, 404, "from user not found"},
				{"/messages", `{"from":"MALLORY","toGroup":"OWN","text":"x"}`, 404, "from user not found"},
				{"/messages", `{"from":"ALICE","toAccount":"MALLORY","text":"x"}`, 403, "not my contract"},
				{"/messages", `{"from":"ALICE","toGroup":"THEIRS","text":"x"}`, 404, noGroup},
			},
			[]boundCall{{"/messages", `{"from":"ALICE","toAccount":"BOB","text":"x"}`, 201, ""}, {"/messages", `{"from":"ALICE","toGroup":"OWN","text":"x"}`, 201, ""}, {"/messages", `{"from":"ALICE","toAccount":"file-transfer","text":"x"}`, 201, ""}},
		},
		"send-system-message": {[]boundCall{{"/groups/THEIRS/system-messages", `{"text":"x"}`, 404, noGroup}}, []boundCall{{"/groups/OWN/system-messages", `{"text":"x"}`, 201, ""}}},
		"notify": {
			[]boundCall{{"/notifications", `{"category":"task","type":"x","text":"x","accounts":["ALICE","MALLORY"]}`, 422, noneSuch}, {"/notifications", `{"category":"task","type":"x","text":"x","organization":"ELSEWHERE"}`, 422, "invalid payload: organization does not exist"}},
			[]boundCall{{"/notifications", `{"category":"task","type":"x","text":"x","organization":"ORG"}`, 201, ""}},
		},
		"list-host-invitations":      {foreign: []boundCall{{"/invitations", "", 403, "the calling application is bound to an organization"}}},
		"create-host-invitation":     {foreign: []boundCall{{"/invitations", `{"maxUses":1}`, 403, "the calling application is bound to an organization"}}},
		"revoke-host-invitation":     {foreign: []boundCall{{"/invitations/none", "", 403, "the calling application is bound to an organization"}}},
		"list-subscriptions":         {foreign: []boundCall{{"/subscriptions", "", 403, isBound}}},
		"create-subscription":        {foreign: []boundCall{{"/subscriptions", `{"url":"https://hooks.example.test/","kinds":["message.sent"]}`, 403, isBound}}},
		"update-subscription":        {foreign: []boundCall{{"/subscriptions/none", `{"stopped":true}`, 403, isBound}}},
		"remove-subscription":        {foreign: []boundCall{{"/subscriptions/none", "", 403, isBound}}},
		"rotate-subscription-secret": {foreign: []boundCall{{"/subscriptions/none/secret", "", 403, isBound}}},
		"test-subscription":          {foreign: []boundCall{{"/subscriptions/none/test", "", 403, isBound}}},
		"list-dead-letters":          {foreign: []boundCall{{"/subscriptions/none/dead-letters", "", 403, isBound}}},
		"replay-dead-letter":         {foreign: []boundCall{{"/subscriptions/none/dead-letters/1/replay", "", 403, isBound}}},
		"replay-dead-letters":        {foreign: []boundCall{{"/subscriptions/none/dead-letters/replay", `{"from":"2026-01-01T00:00:00Z"}`, 403, isBound}}},

		"list-notifications": {[]boundCall{{"/accounts/MALLORY/notifications?category=task", "", 404, noAccount}}, []boundCall{{"/accounts/ALICE/notifications?category=task", "", 200, ""}}},
	}

	ops, _ := w.Document()
	answers := map[string]resttest.Answer{}
	run := func(op resttest.Operation, c boundCall) {
		t.Helper()
		var body *strings.Reader
		if c.body != "" {
			body = strings.NewReader(names.Replace(c.body))
		} else {
			body = strings.NewReader("")
		}
		a := w.Do(op.Method, "/v1"+names.Replace(c.path), body, as)
		answers[op.ID] = a
		if a.Status != c.want || c.text != "" && !resttest.Contains(a.Body, `"detail":"`+names.Replace(c.text)+`"`) {
			t.Errorf("%s: %s %s = %d %s, want %d %s", op.ID, op.Method, c.path, a.Status, a.Body, c.want, c.text)
		}
	}
	w.Published()
	for _, op := range ops {
		if op.History || op.Client || op.Admin || op.Hook {
			continue
		}
		call, ok := calls[op.ID]
		if !ok {
			t.Errorf("this test does not know the operation %s", op.ID)
		}
		for _, c := range call.foreign {
			run(op, c)
			// It is the answer for what nobody has.
			unknown := strings.NewReplacer("MALLORY", "nobody", "theirs", "nothing", "system-key", "nothing", "THEIRS", "nowhere", "ELSEWHERE", "nowhere", "PUBLIC", "nothing", "THEIR-SESSION", "a-jti")
			if c.want == 404 || c.want == 422 {
				got := w.Do(op.Method, "/v1"+names.Replace(unknown.Replace(c.path)), strings.NewReader(names.Replace(unknown.Replace(c.body))), as)
				foreign := strings.ReplaceAll(string(answers[op.ID].Body), string(w.Mallory), "nobody")
				if string(got.Body) != foreign {
					t.Errorf("%s: unknown id = %s, another organization's = %s", op.ID, got.Body, foreign)
				}
			}
		}
	}
	if got := w.Published(); got != nil {
		t.Errorf("published %v for what is elsewhere, want nothing", got)
	}
	for _, op := range ops {
		for _, c := range calls[op.ID].own {
			run(op, c)
		}
	}

	// Lists have only entries of the organization.
	listed := func(path, field string) []string {
		return resttest.Items(t, w.Want(w.Do("GET", "/v1"+names.Replace(path), nil, as), 200), field)
	}
	id := func(ids ...chat.AccountID) []string {
		out := []string{}
		for _, i := range ids {
			out = append(out, string(i))
		}
		return out
	}
	for path, want := range map[string][]string{
		"/accounts":                  id(w.Alice, w.Bob, "carol"),
		"/organizations":             {string(w.Org)},
		"/accounts/ALICE/contacts":   id(w.Bob, "carol"),
		"/accounts/ALICE/friends":    {},
		"/organizations/ORG/members": id(w.Alice, w.Bob, "carol"),
	} {
		if diff := cmp.Diff(listed(path, "id"), want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", path, diff)
		}
	}
	if got, want := listed("/applications", "name"), []string{"Ours", "Bound", "New", "New system"}; !cmp.Equal(got, want) {
		t.Errorf("applications %v, want %v", got, want)
	}
	if got := listed("/accounts/ALICE/groups", "group"); !slices.Contains(got, own) || slices.Contains(got, theirs) {
		t.Errorf("groups %v, want %s and not %s", got, own, theirs)
	}
	if got := listed("/organizations?after=ORG", "id"); len(got) != 0 {
		t.Errorf("organizations behind its own: %v, want none", got)
	}
	var page struct{ Items []struct{ ID string } }
	resttest.Decode(t, w.Do("GET", "/v1"+names.Replace("/accounts/ALICE/contacts?limit=1&after=1"), nil, as).Body, &page)
	if len(page.Items) != 1 || page.Items[0].ID != "carol" {
		t.Errorf("the second page of contacts = %v, want Carol", page.Items)
	}

	// Guests of its groups are shown without their addresses.
	members := w.Do("GET", "/v1"+names.Replace("/groups/OWN/members"), nil, as)
	guest := w.Do("GET", "/v1"+names.Replace("/groups/OWN/members/MALLORY"), nil, as)
	for _, a := range []resttest.Answer{members, guest} {
		if !resttest.Contains(a.Body, string(w.Mallory)) || resttest.Contains(a.Body, mail) {
			t.Errorf("%s, want the guest without the address", a.Body)
		}
	}

	// An application that it registers is bound to the same organization: others cannot log in through it.
	made, err := w.Service.Application(ctx, "new")
	w.OK(err)
	if made.Organization != w.Org {
		t.Errorf("a new application is bound to %q, want the caller's organization", made.Organization)
	}
	if _, err := w.Service.OrganizationMembers(ctx, w.Org, "", 10); err != nil {
		t.Error(err)
	}
	w.Want(w.Do("DELETE", "/v1"+names.Replace("/groups/OWN/members/MALLORY"), nil, as), 204)
	w.Want(w.Do("POST", "/v1"+names.Replace("/groups/OWN/members/BOB/leave"), nil, as), 204)
	w.Want(w.Do("DELETE", "/v1"+names.Replace("/groups/OWN"), nil, as), 204)
	if got := w.Want(w.Do("GET", "/v1"+names.Replace("/groups/OWN"), nil, as), 200); got["dissolvedAt"] == nil {
		t.Errorf("group = %v, want it dissolved, and still the organization's", got)
	}
	// An account that has left the organization is not found any more.
	w.Want(w.Do("DELETE", "/v1"+names.Replace("/organizations/ORG/members/BOB"), nil, as), 204)
	w.Refused(w.Do("GET", "/v1"+names.Replace("/accounts/BOB"), nil, as), 404, noAccount)
	for _, body := range []string{"/accounts/BOB/tokens", "/accounts/BOB/sign-in-codes"} {
		w.Refused(w.Do("POST", "/v1"+names.Replace(body), strings.NewReader("{}"), as), 404, noAccount)
	}

	// Nothing of all that is so for an application that is bound to none.
	var all struct{ Items []json.RawMessage }
	resttest.Decode(t, w.Host("GET", "/v1/accounts", "").Body, &all)
	if len(all.Items) != 4 {
		t.Errorf("an unbound application sees %d accounts, want all 4", len(all.Items))
	}
}

// An application of one organization gave its account the e-mail address of somebody elsewhere, whose password could then
// not be set any more; and the refusal of a password told whether that person had one.
func TestBoundApplicationTakesNoAddressFromElsewhere(t *testing.T) {
	w := resttest.New(t)
	bound, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Name: "Bound", Kind: chat.AppServer, Scopes: chat.Scopes, Organization: w.Org})
	w.OK(err)
	do := func(method, path, body string) resttest.Answer {
		return w.Do(method, "/v1/accounts"+path, strings.NewReader(body), func(r *http.Request) { r.SetBasicAuth(bound.Key, bound.Secret) })
	}
	const unusable, password = "invalid payload: email cannot be used", `{"password":"correct horse battery"}`
	bob, victim := "/"+string(w.Bob), "/"+string(w.Mallory)
	w.Want(w.Host("PATCH", "/v1/accounts"+victim, `{"email":"vic@e.test"}`), 200)
	refuse := func() {
		t.Helper()
		w.Refused(do("PATCH", bob, `{"email":" Vic@E.test "}`), 422, unusable)
		w.Refused(do("POST", "", `{"id":"twin","name":"Twin","email":"vic@e.test"}`), 422, unusable)
		w.Refused(do("GET", "/twin", ""), 404, "account not found")
	}
	refuse()
	w.Want(w.Host("PUT", "/v1/accounts"+victim+"/password", password), 204)
	refuse()
	w.Want(w.Host("PATCH", "/v1/accounts"+victim, `{"active":false}`), 200)
	refuse()
	w.Want(w.Host("PATCH", "/v1/accounts"+victim, `{"active":true}`), 200)
	w.Want(do("PATCH", bob, `{"email":"bob@e.test","name":"Bob Demo"}`), 200)
	w.Want(do("PUT", bob+"/password", password), 204)
	w.Want(w.Host("PUT", "/v1/accounts"+victim+"/password", password), 204)
	in := w.Want(w.PostOpen("/api/sign-in/password", map[string]any{"email": "vic@e.test", "password": "correct horse battery"}), 200)
	if id := in["account"].(map[string]any)["id"]; id != string(w.Mallory) {
		t.Errorf("signed in as %v, want the owner of the address", id)
	}

	// Within the organization two may share an address, and an application that is bound to none may let others do so.
	w.Want(do("PATCH", "/"+string(w.Alice), `{"email":"bob@e.test"}`), 200)
	w.Want(do("POST", "", `{"id":"third","name":"Third","email":"bob@e.test"}`), 201)
	w.Want(w.Host("PATCH", "/v1/accounts/third", `{"email":"vic@e.test"}`), 200)
	// An address that stays the same is not checked.
	w.Want(do("PATCH", "/third", `{"email":"vic@e.test","name":"Other name"}`), 200)

	// An account with a password that was away while the address went to somebody else does not come back with it.
	w.Want(do("POST", "", `{"id":"early","name":"Early","email":"new@e.test"}`), 201)
	w.Want(do("PUT", "/early/password", password), 204)
	w.Want(do("PATCH", "/early", `{"active":false}`), 200)
	w.Want(w.Host("PATCH", "/v1/accounts"+victim, `{"email":"new@e.test"}`), 200)
	w.Refused(do("PATCH", "/early", `{"active":true}`), 422, unusable)
	w.Want(do("PATCH", "/early", `{"active":true,"email":""}`), 200)
}
