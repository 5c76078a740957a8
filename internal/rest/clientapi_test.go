package rest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest"
)

// api calls the client API with a token; body is a string of JSON, or nothing.
func (w *world) api(token, method, path, body string) answer {
	w.t.Helper()
	if body == "" {
		return w.do(method, path, nil, as(token))
	}
	return w.do(method, path, strings.NewReader(body), as(token))
}

// equal compares an object with what is wanted of it.
func (w *world) equal(what string, got, want map[string]any) {
	w.t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		w.t.Errorf("%s, got - want +:\n%s", what, diff)
	}
}

func TestMe(t *testing.T) {
	w := newWorld(t)
	token, issued, err := w.svc.IssueToken(t.Context(), chat.NewToken{Account: w.alice})
	w.ok(err)
	me := w.want(w.api(token, "GET", "/api/me", ""), 200)
	w.equal("me", me, map[string]any{
		"id": string(w.alice), "name": "Alice Demo", "avatar": "", "email": "", "initial": "A", "isContact": false, "isFriend": false, "active": true,
		"organizations": []any{map[string]any{"id": string(w.org), "name": "Demo organization"}}, "hasPassword": false, "sessionId": string(issued.Session),
	})
	w.published()
	me = w.want(w.api(token, "PATCH", "/api/me", `{"name": "Zoe Demo"}`), 200)
	if me["name"] != "Zoe Demo" || me["initial"] != "Z" || len(me["organizations"].([]any)) != 1 {
		t.Errorf("changed to %v", me)
	}
	if got, want := w.published(), []string{"AccountChanged", "ContactChanged"}; !cmp.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
	w.want(w.api(token, "PATCH", "/api/me", `{}`), 200)
	w.names(w.want(w.api(token, "PATCH", "/api/me", `{"name": ""}`), 422), "body.name")
	w.names(w.refused(w.api(token, "PATCH", "/api/me", `{"name": " "}`), 422, "invalid payload: name is required"), "body.name")
	w.names(w.want(w.api(token, "PATCH", "/api/me", `{"email": "x@example.test"}`), 422), "body.email")
	// Here nobody keeps pictures.
	p := w.refused(w.api(token, "PATCH", "/api/me", `{"avatarKey": "x/1.png"}`), 422, "invalid payload: avatarKey cannot be made: the server keeps no pictures")
	w.names(p, "body.avatarKey")
	if got := w.published(); got != nil {
		t.Errorf("published %v, want nothing", got)
	}
}

func TestPictures(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) {
		o.Avatar = func(_ context.Context, by chat.AccountID, key string) (string, error) {
			if !strings.HasPrefix(key, string(by)+"/") {
				return "", chat.Invalid("avatar", "must be the key of an image of one's own")
			}
			return "/avatars/" + strings.TrimPrefix(key, string(by)+"/"), nil
		}
	})
	alice, bob, g := w.token(w.alice), w.token(w.bob), "/api/groups/"+string(w.group())
	key := func(of chat.AccountID) string { return fmt.Sprintf(`{"avatarKey": "%s/1.png"}`, of) }
	if me := w.want(w.api(alice, "PATCH", "/api/me", key(w.alice)), 200); me["avatar"] != "/avatars/1.png" {
		t.Errorf("got %v", me)
	}
	if me := w.want(w.api(alice, "PATCH", "/api/me", `{"avatarKey": ""}`), 200); me["avatar"] != "" {
		t.Errorf("taken away: %v", me)
	}
	if made := w.want(w.api(alice, "PATCH", g, key(w.alice)), 200); made["avatar"] != "/avatars/1.png" {
		t.Errorf("got %v", made)
	}
	w.refused(w.api(bob, "PATCH", g, key(w.bob)), 403, "forbidden")
	const own = "invalid payload: avatarKey must be the key of an image of one's own"
	w.names(w.refused(w.api(alice, "PATCH", "/api/me", key(w.bob)), 422, own), "body.avatarKey")
	w.names(w.refused(w.api(alice, "PATCH", g, key(w.bob)), 422, own), "body.avatarKey")
	w.names(w.want(w.api(alice, "PATCH", g, `{"avatarKey": "`+strings.Repeat("x", 751)+`"}`), 422), "body.avatarKey")
}

func TestProfileOfAPerson(t *testing.T) {
	w := newWorld(t)
	g := w.group()
	alice, mallory := w.token(w.alice), w.token(w.mallory)
	w.equal("a colleague", w.want(w.api(alice, "GET", "/api/people/"+string(w.bob), ""), 200), map[string]any{
		"id": string(w.bob), "name": "Bob Demo", "avatar": "", "email": "", "initial": "B", "isContact": true, "isFriend": false, "active": true,
		"organizations":  []any{map[string]any{"id": string(w.org), "name": "Demo organization"}},
		"groupsInCommon": []any{map[string]any{"id": string(g), "name": "Demo group"}},
	})
	w.refused(w.api(mallory, "GET", "/api/people/"+string(w.bob), ""), 404, "account not found")
	w.refused(w.api(alice, "GET", "/api/people/"+string(w.mallory), ""), 404, "account not found")
	w.want(w.api(mallory, "POST", "/api/friend-requests", fmt.Sprintf(`{"to": "%s"}`, w.alice)), 200)
	for token, side := range map[string]string{alice: "received", mallory: "sent"} {
		other := map[string]chat.AccountID{alice: w.mallory, mallory: w.alice}[token]
		if p := w.want(w.api(token, "GET", "/api/people/"+string(other), ""), 200); p["request"] != side || p["isContact"] != false {
			t.Errorf("got %v, want a request %s", p, side)
		}
	}
	w.names(w.want(w.api(alice, "GET", "/api/people/"+strings.Repeat("x", 129), ""), 422), "path.person")
}

// Addresses that are nobody's are answered a few times, so that nobody learns from
// a list of them who is here.
func TestFriendRequestsToNobody(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) { o.SignInRate, o.SignInBurst = 1e-9, 2 })
	w.want(w.host("PATCH", "/v1/accounts/"+string(w.bob), `{"email":"bob@example.test"}`), 200)
	ask := func(body string) answer { return w.api(w.token(w.alice), "POST", "/api/friend-requests", body) }
	w.refused(ask(`{"email": "a@example.test"}`), 404, "account not found")
	w.want(ask(`{"email": "bob@example.test"}`), 200)
	w.refused(ask(`{"email": "b@example.test"}`), 404, "account not found")
	w.refused(ask(`{"email": "bob@example.test"}`), 429, "too many requests")
	w.want(ask(`{"to": "`+string(w.bob)+`"}`), 200)
}

func TestFriendRequests(t *testing.T) {
	w := newWorld(t)
	alice, bob, mallory := w.token(w.alice), w.token(w.bob), w.token(w.mallory)
	const all = "/api/friend-requests"
	toMallory := fmt.Sprintf(`{"to": "%s", "message": "hello"}`, w.mallory)
	made := w.want(w.api(alice, "POST", all, toMallory), 200)
	one := all + "/" + made["id"].(string)
	if made["state"] != "waiting" || made["message"] != "hello" || made["from"].(map[string]any)["id"] != string(w.alice) || made["to"].(map[string]any)["name"] != "Mallory Demo" || made["at"].(float64) < 1e12 {
		t.Errorf("made %v", made)
	}
	w.want(w.api(bob, "POST", all, toMallory), 200)
	for token, want := range map[string]int{alice: 1, bob: 1, mallory: 2} {
		if got := items(t, w.want(w.api(token, "GET", all, ""), 200), "id"); len(got) != want {
			t.Errorf("listed %v, want %d", got, want)
		}
	}
	page := w.want(w.api(mallory, "GET", all+"?limit=1", ""), 200)
	second := w.want(w.api(mallory, "GET", all+"?limit=1&next="+page["next"].(string), ""), 200)
	if items(t, page, "from", "id")[0] != string(w.bob) || items(t, second, "from", "id")[0] != string(w.alice) || second["next"] != nil {
		t.Errorf("pages %v and %v, want the newer one and then the older", page, second)
	}
	for _, next := range []string{"x", "-1", "99999999999"} {
		w.names(w.want(w.api(mallory, "GET", all+"?next="+next, ""), 422), "query.next")
	}

	w.refused(w.api(bob, "POST", one+"/accept", ""), 404, "not found")
	w.refused(w.api(alice, "POST", one+"/accept", ""), 404, "not found")
	w.refused(w.api(mallory, "DELETE", one, ""), 404, "not found")
	if accepted := w.want(w.api(mallory, "POST", one+"/accept", ""), 200); accepted["state"] != "accepted" {
		t.Errorf("accepted %v", accepted)
	}
	w.refused(w.api(mallory, "POST", one+"/decline", ""), 409, "already exists")
	w.refused(w.api(alice, "POST", all, toMallory), 409, "already exists")
	bobs := all + "/" + items(t, w.want(w.api(bob, "GET", all, ""), 200), "id")[0]
	if declined := w.want(w.api(mallory, "POST", bobs+"/decline", ""), 200); declined["state"] != "declined" {
		t.Errorf("declined %v", declined)
	}
	w.refused(w.api(bob, "POST", all, toMallory), 429, "too many requests")
	w.refused(w.api(bob, "DELETE", bobs, ""), 404, "not found")

	w.want(w.api(alice, "DELETE", "/api/friends/"+string(w.mallory), ""), 204)
	w.refused(w.api(alice, "DELETE", "/api/friends/"+string(w.mallory), ""), 404, "not found")
	again := w.want(w.api(alice, "POST", all, toMallory), 200)
	w.want(w.api(alice, "DELETE", all+"/"+again["id"].(string), ""), 204)
	w.refused(w.api(alice, "DELETE", all+"/"+again["id"].(string), ""), 404, "not found")

	w.names(w.want(w.api(alice, "POST", all, `{}`), 422), "body.to")
	w.names(w.want(w.api(alice, "POST", all, fmt.Sprintf(`{"to": "%s"}`, w.alice)), 422), "body.to")
	w.names(w.want(w.api(alice, "POST", all, `{"to": "x", "email": "x"}`), 422), "body.email")
	w.refused(w.api(alice, "POST", all, `{"email": "x"}`), 404, "account not found")
}

func TestOwnGroups(t *testing.T) {
	w := newWorld(t)
	alice, bob, mallory := w.token(w.alice), w.token(w.bob), w.token(w.mallory)
	ids := func(ids ...chat.AccountID) string { return toJSON(ids) }
	made := w.want(w.api(alice, "POST", "/api/groups", fmt.Sprintf(`{"members": %s}`, ids(w.bob, w.alice))), 201)
	g := "/api/groups/" + made["id"].(string)
	want := map[string]any{
		"id": made["id"], "name": "Alice Demo, Bob Demo", "avatar": "", "announcement": "", "isPost": false, "creator": string(w.alice),
		"members": 2.0, "role": "admin", "banned": false, "membersInvite": true, "isPush": true, "createdAt": made["createdAt"],
	}
	w.equal("made", made, want)
	w.equal("read", w.want(w.api(alice, "GET", g, ""), 200), want)
	want["role"] = "member"
	w.equal("a member's", w.want(w.api(bob, "GET", g, ""), 200), want)
	w.refused(w.api(mallory, "GET", g, ""), 403, "not in group")
	w.refused(w.api(alice, "GET", "/api/groups/none", ""), 404, "group not found")
	w.names(w.want(w.api(alice, "POST", "/api/groups", `{"members": [], "isPost": true}`), 422), "body.name")
	w.refused(w.api(alice, "POST", "/api/groups", fmt.Sprintf(`{"members": %s}`, ids(w.mallory))), 403, "not my contract")
	w.refused(w.api(alice, "POST", "/api/groups", `{"members": ["nobody"]}`), 403, "not my contract")

	face := func(id chat.AccountID, name string) map[string]any {
		return map[string]any{"id": string(id), "name": name, "avatar": ""}
	}
	faces := map[string]any{"items": []any{map[string]any{"group": made["id"], "faces": []any{face(w.alice, "Alice Demo"), face(w.bob, "Bob Demo")}}}}
	facesOf := "/api/group-faces?group=none&group=" + made["id"].(string)
	w.equal("faces", w.want(w.api(bob, "GET", facesOf, ""), 200), faces)
	w.equal("faces for a stranger", w.want(w.api(mallory, "GET", facesOf, ""), 200), map[string]any{"items": []any{}})
	w.names(w.want(w.api(bob, "GET", "/api/group-faces", ""), 422), "query.group")

	w.want(w.api(alice, "POST", "/api/groups", fmt.Sprintf(`{"name": "Beta", "isPost": true, "members": %s}`, ids(w.bob))), 201)
	page := w.want(w.api(bob, "GET", "/api/groups?limit=1", ""), 200)
	second := w.want(w.api(bob, "GET", "/api/groups?limit=1&next="+page["next"].(string), ""), 200)
	if items(t, page, "name")[0] != "Alice Demo, Bob Demo" || items(t, second, "name")[0] != "Beta" || second["next"] != nil {
		t.Errorf("pages %v and %v", page, second)
	}
	if got := items(t, w.want(w.api(bob, "GET", "/api/groups?query=BET", ""), 200), "name"); !cmp.Equal(got, []string{"Beta"}) {
		t.Errorf("found %v, want Beta", got)
	}
	if got := w.want(w.api(mallory, "GET", "/api/groups", ""), 200)["items"].([]any); len(got) != 0 {
		t.Errorf("a stranger's groups: %v", got)
	}

	w.published()
	for _, refused := range []string{`"name": "x"`, `"announcement": "x"`, `"membersInvite": false`, `"banned": true`, `"isPost": true`, `"avatarKey": ""`} {
		status, text := 403, "forbidden"
		if a := w.api(bob, "PATCH", g, "{"+refused+`, "isPush": false}`); a.status != status || w.refused(a, status, text) == nil {
			t.Errorf("%s by a member = %d %s", refused, a.status, a.body)
		}
	}
	w.refused(w.api(mallory, "PATCH", g, `{"isPush": false}`), 403, "not in group")
	w.names(w.want(w.api(alice, "PATCH", g, `{"name": ""}`), 422), "body.name")
	w.names(w.refused(w.api(alice, "PATCH", g, `{"name": " "}`), 422, "invalid payload: name is required"), "body.name")
	w.names(w.want(w.api(alice, "PATCH", g, `{"announcement": "`+strings.Repeat("x", 5001)+`"}`), 422), "body.announcement")
	if got := w.published(); got != nil {
		t.Errorf("published %v of what was refused", got)
	}
	if muted := w.want(w.api(bob, "PATCH", g, `{"isPush": false}`), 200); muted["isPush"] != false || muted["role"] != "member" {
		t.Errorf("muted %v", muted)
	}
	changed := w.want(w.api(alice, "PATCH", g, `{"name": "Crew", "announcement": "Be kind", "membersInvite": false, "banned": true, "isPost": true}`), 200)
	if changed["name"] != "Crew" || changed["announcement"] != "Be kind" || changed["membersInvite"] != false || changed["banned"] != true || changed["isPost"] != true || changed["isPush"] != true {
		t.Errorf("changed %v", changed)
	}
	w.names(w.refused(w.api(alice, "PATCH", g, `{"isPost": false}`), 422, "invalid payload: isPost must not be taken from a group"), "body.isPost")

	w.refused(w.api(bob, "DELETE", g, ""), 403, "forbidden")
	w.want(w.api(bob, "POST", g+"/leave", ""), 204)
	w.refused(w.api(bob, "POST", g+"/leave", ""), 403, "removeit")
	w.refused(w.api(mallory, "POST", g+"/leave", ""), 403, "not in group")
	w.refused(w.api(bob, "GET", g, ""), 403, "removeit")
	w.want(w.api(alice, "DELETE", g, ""), 204)
	w.refused(w.api(alice, "DELETE", g, ""), 404, "group not found")
	w.refused(w.api(alice, "GET", g, ""), 404, "group not found")
}

func TestOwnMembers(t *testing.T) {
	w := newWorld(t)
	carol := w.contact("Carol Demo")
	g := "/api/groups/" + string(w.group())
	alice, bob, mallory := w.token(w.alice), w.token(w.bob), w.token(w.mallory)
	members := func(token, query string) []string {
		t.Helper()
		return items(t, w.want(w.api(token, "GET", g+"/members"+query, ""), 200), "person", "name")
	}
	named := func(id chat.AccountID) string { return fmt.Sprintf(`{"members": ["%s"]}`, id) }
	first := w.want(w.api(bob, "GET", g+"/members?limit=1", ""), 200)
	member := first["items"].([]any)[0].(map[string]any)
	if member["role"] != "admin" || member["isCreator"] != true || member["joinedAt"].(float64) < 1e12 || member["person"].(map[string]any)["isContact"] != true || first["next"] != "1" {
		t.Errorf("first page %v, want the creator", first)
	}
	added := w.want(w.api(bob, "POST", g+"/members", named(carol)), 200)
	if got := items(t, added, "person", "name"); !cmp.Equal(got, []string{"Carol Demo"}) {
		t.Errorf("added %v, want Carol", got)
	}
	if got := items(t, w.want(w.api(bob, "POST", g+"/members", named(carol)), 200)); len(got) != 0 {
		t.Errorf("added %v twice", got)
	}
	if got := members(bob, ""); !cmp.Equal(got, []string{"Alice Demo", "Bob Demo", "Carol Demo"}) {
		t.Errorf("members %v", got)
	}
	w.want(w.api(alice, "PUT", g+"/admins/"+string(carol), ""), 204)
	if got := members(bob, "?next=1"); !cmp.Equal(got, []string{"Carol Demo", "Bob Demo"}) {
		t.Errorf("behind the creator %v, want the administrator first", got)
	}
	if got := members(bob, "?query=BOB"); !cmp.Equal(got, []string{"Bob Demo"}) {
		t.Errorf("found %v, want Bob", got)
	}

	w.refused(w.api(mallory, "GET", g+"/members", ""), 403, "not in group")
	w.refused(w.api(alice, "GET", "/api/groups/none/members", ""), 404, "group not found")
	w.names(w.want(w.api(alice, "GET", g+"/members?next=x", ""), 422), "query.next")
	w.refused(w.api(bob, "POST", g+"/members", named(w.mallory)), 403, "not my contract")
	w.refused(w.api(mallory, "POST", g+"/members", named(w.bob)), 403, "not in group")
	w.names(w.want(w.api(bob, "POST", g+"/members", `{"members": []}`), 422), "body.members")
	w.refused(w.api(bob, "PUT", g+"/admins/"+string(w.bob), ""), 403, "forbidden")
	w.refused(w.api(bob, "DELETE", g+"/admins/"+string(carol), ""), 403, "forbidden")
	w.names(w.want(w.api(alice, "PUT", g+"/admins/"+string(w.mallory), ""), 422), "path.person")
	w.refused(w.api(bob, "DELETE", g+"/members/"+string(carol), ""), 403, "forbidden")
	w.names(w.want(w.api(alice, "DELETE", g+"/members/"+string(w.mallory), ""), 422), "path.person")
	w.want(w.api(alice, "DELETE", g+"/admins/"+string(carol), ""), 204)
	w.want(w.api(alice, "PATCH", g, `{"membersInvite": false}`), 200)
	w.want(w.api(alice, "DELETE", g+"/members/"+string(carol), ""), 204)
	w.refused(w.api(bob, "POST", g+"/members", named(carol)), 403, "forbidden")
	w.refused(w.api(w.token(carol), "GET", g+"/members", ""), 403, "removeit")
	if got := members(alice, ""); !cmp.Equal(got, []string{"Alice Demo", "Bob Demo"}) {
		t.Errorf("members %v", got)
	}
}

func TestInbox(t *testing.T) {
	w := newWorld(t)
	alice := w.token(w.alice)
	if got := w.want(w.api(alice, "GET", "/api/inboxes/task", ""), 200); len(got["items"].([]any)) != 0 || got["next"] != nil {
		t.Errorf("an empty inbox: %v", got)
	}
	for i := range 3 {
		_, _, err := w.svc.Notify(t.Context(), chat.NewNotification{
			Category: "task", Type: "taskcomment", Text: fmt.Sprint("number ", i), Name: "A task", URL: "https://example.test", EntityID: "7", Weak: i == 1,
			Accounts: []chat.AccountID{w.alice, w.bob},
		})
		w.ok(err)
	}
	w.ok(w.svc.ClearNotification(t.Context(), chat.Actor{Account: w.alice}, "task", 1, true))
	page := w.want(w.api(alice, "GET", "/api/inboxes/task?limit=2", ""), 200)
	newest := page["items"].([]any)[0].(map[string]any)
	w.equal("newest", newest, map[string]any{
		"id": newest["id"], "type": "taskcomment", "text": "number 2", "name": "A task", "url": "https://example.test", "entityId": "7", "weak": false,
		"unread": true, "at": newest["at"],
	})
	if got := items(t, page, "weak"); !cmp.Equal(got, []string{"false", "true"}) {
		t.Errorf("weak %v", got)
	}
	last := w.want(w.api(alice, "GET", "/api/inboxes/task?limit=2&before="+page["next"].(string), ""), 200)
	if got := items(t, last, "text"); !cmp.Equal(got, []string{"number 0"}) || last["next"] != nil || items(t, last, "unread")[0] != "false" {
		t.Errorf("last page %v", last)
	}
	w.refused(w.api(alice, "GET", "/api/inboxes/gossip", ""), 404, "not found")
	w.names(w.want(w.api(alice, "GET", "/api/inboxes/task?before=0", ""), 422), "query.before")
}

// A token that nobody may use any more, and everybody else's things: nothing of
// the client API shows or changes any of it.
func TestClientAPIOfAStranger(t *testing.T) {
	w := newWorld(t)
	g := w.group()
	r, err := w.svc.RequestFriend(t.Context(), chat.Actor{Account: w.mallory}, chat.NewFriendRequest{To: w.bob})
	w.ok(err)
	stranger := w.token(w.account("Eve Demo"))
	ops, _ := w.document()
	w.published()
	walked := 0
	for _, op := range ops {
		if !op.Client || op.Open || !strings.Contains(op.Path, "{") || strings.Contains(op.Path, "{category}") {
			continue
		}
		walked++
		path := strings.ReplaceAll(w.fill(op.Path, g, "none"), "/none", "/"+string(r.ID))
		body := w.bodies(g)[op.ID]
		a := w.do(op.Method, path, strings.NewReader(toJSON(body)), as(stranger))
		if a.status != 403 && a.status != 404 || contains(a.body, "Demo group") || contains(a.body, "Bob") {
			t.Errorf("%s %s = %d %s, want a refusal", op.Method, op.Path, a.status, a.body)
		}
	}
	if walked < 14 {
		t.Errorf("walked %d operations, want all of them", walked)
	}
	if got := w.published(); got != nil {
		t.Errorf("published %v, want nothing", got)
	}
}
