package host_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

func TestGroupIsMadeChangedAndDissolved(t *testing.T) {
	w := resttest.New(t)
	w.Published()
	made := w.Want(w.Host("POST", "/v1/groups", resttest.ToJSON(map[string]any{
		"name": "Demo group", "creator": w.Alice, "members": []chat.AccountID{w.Bob},
	})), http.StatusCreated)
	if got, want := w.Published(), []string{"GroupEntered", "MessageSent"}; !cmp.Equal(got, want) {
		t.Errorf("creating published %v, want %v", got, want)
	}
	want := map[string]any{
		"id": made["id"], "name": "Demo group", "avatar": "", "announcement": "", "kind": "group", "creator": string(w.Alice),
		"administrators": []any{string(w.Alice)}, "members": 2.0, "banned": false,
		"membersInvite": made["membersInvite"], "createdAt": made["createdAt"],
	}
	if diff := cmp.Diff(made, want); diff != "" {
		t.Errorf("group, got - want +:\n%s", diff)
	}
	one := "/v1/groups/" + made["id"].(string)
	if diff := cmp.Diff(w.Want(w.Host("GET", one, ""), 200), want); diff != "" {
		t.Errorf("read group, got - want +:\n%s", diff)
	}

	for _, step := range []struct {
		body, field string
		value       any
		events      []string
	}{
		{`{"name":"Renamed"}`, "name", "Renamed", []string{"GroupRenamed", "MessageSent"}},
		{`{"avatar":"https://pictures.example.test/g.png"}`, "avatar", "https://pictures.example.test/g.png", []string{"GroupChanged", "MessageSent"}},
		{`{"announcement":"Be kind."}`, "announcement", "Be kind.", []string{"GroupChanged", "MessageSent"}},
		{fmt.Sprintf(`{"membersInvite":%v}`, made["membersInvite"] == false), "membersInvite", made["membersInvite"] == false, []string{"GroupInviteSet", "MessageSent"}},
	} {
		got := w.Want(w.Host("PATCH", one, step.body), 200)
		if got[step.field] != step.value {
			t.Errorf("PATCH %s: %s = %v, want %v", step.body, step.field, got[step.field], step.value)
		}
		if got := w.Published(); !cmp.Equal(got, step.events) {
			t.Errorf("PATCH %s published %v, want %v", step.body, got, step.events)
		}
	}

	for _, step := range []struct {
		method string
		banned bool
	}{{"PUT", true}, {"DELETE", false}} {
		w.Want(w.Host(step.method, one+"/ban", ""), http.StatusNoContent)
		if got := w.Want(w.Host("GET", one, ""), 200); got["banned"] != step.banned {
			t.Errorf("after %s ban: banned = %v, want %v", step.method, got["banned"], step.banned)
		}
		if got := w.Published(); len(got) == 0 || got[0] != "GroupBanSet" {
			t.Errorf("%s ban published %v, want GroupBanSet first", step.method, got)
		}
	}

	w.Want(w.Host("DELETE", one, ""), http.StatusNoContent)
	if got, want := w.Published(), []string{"MessageSent", "GroupDissolved"}; !cmp.Equal(got, want) {
		t.Errorf("dissolving published %v, want %v", got, want)
	}
	w.Refused(w.Host("PATCH", one, `{"name":"x"}`), 404, "group not found")
	w.Refused(w.Host("POST", one+"/members", resttest.ToJSON(map[string]any{"accounts": []chat.AccountID{w.Mallory}})), 404, "group not found")
}

func TestDiscussionBecomesAGroup(t *testing.T) {
	w := resttest.New(t)
	made := w.Want(w.Host("POST", "/v1/groups", resttest.ToJSON(map[string]any{
		"name": "Lunch", "kind": "discussion", "creator": w.Alice, "members": []chat.AccountID{w.Bob},
	})), http.StatusCreated)
	if made["kind"] != "discussion" {
		t.Errorf("kind = %v, want discussion", made["kind"])
	}
	one := "/v1/groups/" + made["id"].(string)
	if got := w.Want(w.Host("PATCH", one, `{"kind":"group"}`), 200); got["kind"] != "group" {
		t.Errorf("kind = %v, want group", got["kind"])
	}
	w.Names(w.Want(w.Host("PATCH", one, `{"kind":"discussion"}`), 422), "body.kind")
}

func TestGroupRefusals(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	one := "/v1/groups/" + string(g)
	for _, method := range []string{"GET", "DELETE"} {
		w.Refused(w.Host(method, "/v1/groups/none", ""), 404, "group not found")
	}
	w.Refused(w.Host("PUT", "/v1/groups/none/ban", ""), 404, "group not found")
	w.Names(w.Want(w.Host("POST", "/v1/groups", `{"name":"x","creator":"nobody"}`), 422), "body.creator")
	w.Names(w.Want(w.Host("POST", "/v1/groups", resttest.ToJSON(map[string]any{"name": "x", "creator": w.Alice, "members": []string{"nobody"}})), 422), "body.members")
	w.Names(w.Want(w.Host("POST", "/v1/groups", resttest.ToJSON(map[string]any{"name": "x", "creator": w.Alice, "members": "everybody"})), 422), "body.members")
	w.Names(w.Want(w.Host("POST", "/v1/groups", resttest.ToJSON(map[string]any{"name": "x", "creator": w.Alice, "kind": "club"})), 422), "body.kind")

	// With by, the rules of that account apply.
	by := "?by=" + string(w.Bob)
	w.Refused(w.Host("PATCH", one+by, `{"announcement":"Mine now"}`), 403, "forbidden")
	w.Refused(w.Host("DELETE", one+by, ""), 403, "forbidden")
	w.Refused(w.Host("PUT", one+"/ban"+by, ""), 403, "forbidden")
	w.Refused(w.Host("PUT", one+"/administrators/"+string(w.Bob)+by, ""), 403, "forbidden")
	w.Refused(w.Host("DELETE", one+"/members/"+string(w.Alice)+by, ""), 403, "forbidden")
	w.Refused(w.Host("PATCH", one+"?by="+string(w.Mallory), `{"announcement":"Mine now"}`), 403, "not in group")
	w.Refused(w.Host("PATCH", one+"?by=nobody", `{"announcement":"Mine now"}`), 404, "from user not found")
	if got := w.Want(w.Host("GET", one, ""), 200); got["announcement"] != "" || got["members"] != 2.0 || got["banned"] != false {
		t.Errorf("group after refusals = %v, want it unchanged", got)
	}
	// An administrator may.
	w.Want(w.Host("PATCH", one+"?by="+string(w.Alice), `{"announcement":"Be kind."}`), 200)
}

func TestMembersComeAndGo(t *testing.T) {
	w := resttest.New(t)
	carol := w.Contact("Carol Demo")
	g := w.Group()
	members := "/v1/groups/" + string(g) + "/members"
	w.Published()

	added := w.Want(w.Host("POST", members, resttest.ToJSON(map[string]any{"accounts": []chat.AccountID{w.Bob, carol}})), 200)
	if got, want := resttest.Items(t, added, "account", "id"), []string{string(carol)}; !cmp.Equal(got, want) {
		t.Errorf("added = %v, want only who is new: %v", got, want)
	}
	if got, want := w.Published(), []string{"GroupEntered", "MessageSent"}; !cmp.Equal(got, want) {
		t.Errorf("adding published %v, want %v", got, want)
	}
	got := resttest.Items(t, w.Want(w.Host("GET", members+"?limit=2", ""), 200), "account", "id")
	got = append(got, resttest.Items(t, w.Want(w.Host("GET", members+"?after="+got[1], ""), 200), "account", "id")...)
	if want := []string{string(w.Alice), string(w.Bob), string(carol)}; !cmp.Equal(got, want) {
		t.Errorf("members = %v, want %v", got, want)
	}
	one := w.Want(w.Host("GET", members+"/"+string(w.Alice), ""), 200)
	if one["role"] != "administrator" || one["push"] != true {
		t.Errorf("creator = %v, want an administrator who is notified", one)
	}
	if got := resttest.Items(t, w.Want(w.Host("GET", "/v1/accounts/"+string(carol)+"/groups", ""), 200), "group"); !cmp.Equal(got, []string{string(g)}) {
		t.Errorf("groups of the added = %v, want %s", got, g)
	}

	admin := "/v1/groups/" + string(g) + "/administrators/" + string(carol)
	w.Published()
	for _, step := range []struct{ method, role string }{{"PUT", "administrator"}, {"DELETE", "member"}} {
		w.Want(w.Host(step.method, admin, ""), http.StatusNoContent)
		if got := w.Want(w.Host("GET", members+"/"+string(carol), ""), 200); got["role"] != step.role {
			t.Errorf("after %s: role = %v, want %s", step.method, got["role"], step.role)
		}
		if got := w.Published(); len(got) == 0 || got[0] != "GroupAdminSet" {
			t.Errorf("%s administrator published %v, want GroupAdminSet first", step.method, got)
		}
	}

	muted := w.Want(w.Host("PATCH", members+"/"+string(carol), `{"push":false}`), 200)
	if muted["push"] != false {
		t.Errorf("member = %v, want muted", muted)
	}
	if got, want := w.Published(), []string{"GroupPushSet"}; !cmp.Equal(got, want) {
		t.Errorf("muting published %v, want %v", got, want)
	}

	w.Want(w.Host("DELETE", members+"/"+string(carol), ""), http.StatusNoContent)
	if got, want := w.Published(), []string{"GroupMemberLeft", "MessageSent"}; !cmp.Equal(got, want) {
		t.Errorf("removing published %v, want %v", got, want)
	}
	w.Refused(w.Host("GET", members+"/"+string(carol), ""), 403, "not in group")
	w.Names(w.Want(w.Host("DELETE", members+"/"+string(carol), ""), 422), "path.account")
	w.Names(w.Want(w.Host("PUT", admin, ""), 422), "path.account")

	w.Want(w.Host("POST", members+"/"+string(w.Bob)+"/leave", ""), http.StatusNoContent)
	if got, want := w.Published(), []string{"GroupMemberLeft", "MessageSent"}; !cmp.Equal(got, want) {
		t.Errorf("leaving published %v, want %v", got, want)
	}
	w.Refused(w.Host("POST", members+"/"+string(w.Bob)+"/leave", ""), 403, "removeit")
	w.Refused(w.Host("POST", members+"/"+string(w.Mallory)+"/leave", ""), 403, "not in group")
	w.Names(w.Want(w.Host("PATCH", members+"/"+string(w.Alice), `{"push":"no"}`), 422), "body.push")
	w.Names(w.Want(w.Host("PATCH", members+"/"+string(w.Alice), `{}`), 422), "body.push")
	w.Names(w.Want(w.Host("POST", members, `{}`), 422), "body.accounts")
	w.Names(w.Want(w.Host("POST", members, `{"accounts":[7]}`), 422), "body.accounts[0]")

	// A member brings in contacts only, and is not told who exists.
	by := "?by=" + string(w.Alice)
	for _, id := range []string{string(w.Mallory), "nobody"} {
		w.Refused(w.Host("POST", members+by, resttest.ToJSON(map[string]any{"accounts": []string{id}})), 403, "not my contract")
	}
}
