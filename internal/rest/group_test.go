package rest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

func TestGroupIsMadeChangedAndDissolved(t *testing.T) {
	w := newWorld(t)
	w.published()
	made := w.want(w.host("POST", "/v1/groups", toJSON(map[string]any{
		"name": "Demo group", "creator": w.alice, "members": []chat.AccountID{w.bob},
	})), http.StatusCreated)
	if got, want := w.published(), []string{"GroupEntered", "MessageSent"}; !cmp.Equal(got, want) {
		t.Errorf("creating published %v, want %v", got, want)
	}
	want := map[string]any{
		"id": made["id"], "name": "Demo group", "avatar": "", "announcement": "", "kind": "group", "creator": string(w.alice),
		"administrators": []any{string(w.alice)}, "members": 2.0, "banned": false,
		"membersInvite": made["membersInvite"], "createdAt": made["createdAt"],
	}
	if diff := cmp.Diff(made, want); diff != "" {
		t.Errorf("group, got - want +:\n%s", diff)
	}
	one := "/v1/groups/" + made["id"].(string)
	if diff := cmp.Diff(w.want(w.host("GET", one, ""), 200), want); diff != "" {
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
		got := w.want(w.host("PATCH", one, step.body), 200)
		if got[step.field] != step.value {
			t.Errorf("PATCH %s: %s = %v, want %v", step.body, step.field, got[step.field], step.value)
		}
		if got := w.published(); !cmp.Equal(got, step.events) {
			t.Errorf("PATCH %s published %v, want %v", step.body, got, step.events)
		}
	}

	for _, step := range []struct {
		method string
		banned bool
	}{{"PUT", true}, {"DELETE", false}} {
		w.want(w.host(step.method, one+"/ban", ""), http.StatusNoContent)
		if got := w.want(w.host("GET", one, ""), 200); got["banned"] != step.banned {
			t.Errorf("after %s ban: banned = %v, want %v", step.method, got["banned"], step.banned)
		}
		if got := w.published(); len(got) == 0 || got[0] != "GroupBanSet" {
			t.Errorf("%s ban published %v, want GroupBanSet first", step.method, got)
		}
	}

	w.want(w.host("DELETE", one, ""), http.StatusNoContent)
	if got, want := w.published(), []string{"MessageSent", "GroupDissolved"}; !cmp.Equal(got, want) {
		t.Errorf("dissolving published %v, want %v", got, want)
	}
	w.refused(w.host("PATCH", one, `{"name":"x"}`), 404, "group not found")
	w.refused(w.host("POST", one+"/members", toJSON(map[string]any{"accounts": []chat.AccountID{w.mallory}})), 404, "group not found")
}

func TestDiscussionBecomesAGroup(t *testing.T) {
	w := newWorld(t)
	made := w.want(w.host("POST", "/v1/groups", toJSON(map[string]any{
		"name": "Lunch", "kind": "discussion", "creator": w.alice, "members": []chat.AccountID{w.bob},
	})), http.StatusCreated)
	if made["kind"] != "discussion" {
		t.Errorf("kind = %v, want discussion", made["kind"])
	}
	one := "/v1/groups/" + made["id"].(string)
	if got := w.want(w.host("PATCH", one, `{"kind":"group"}`), 200); got["kind"] != "group" {
		t.Errorf("kind = %v, want group", got["kind"])
	}
	w.names(w.want(w.host("PATCH", one, `{"kind":"discussion"}`), 422), "body.kind")
}

func TestGroupRefusals(t *testing.T) {
	w := newWorld(t)
	g := w.group()
	one := "/v1/groups/" + string(g)
	for _, method := range []string{"GET", "DELETE"} {
		w.refused(w.host(method, "/v1/groups/none", ""), 404, "group not found")
	}
	w.refused(w.host("PUT", "/v1/groups/none/ban", ""), 404, "group not found")
	w.names(w.want(w.host("POST", "/v1/groups", `{"name":"x","creator":"nobody"}`), 422), "body.creator")
	w.names(w.want(w.host("POST", "/v1/groups", toJSON(map[string]any{"name": "x", "creator": w.alice, "members": []string{"nobody"}})), 422), "body.members")
	w.names(w.want(w.host("POST", "/v1/groups", toJSON(map[string]any{"name": "x", "creator": w.alice, "members": "everybody"})), 422), "body.members")
	w.names(w.want(w.host("POST", "/v1/groups", toJSON(map[string]any{"name": "x", "creator": w.alice, "kind": "club"})), 422), "body.kind")

	// With by, the rules of that account apply.
	by := "?by=" + string(w.bob)
	w.refused(w.host("PATCH", one+by, `{"announcement":"Mine now"}`), 403, "forbidden")
	w.refused(w.host("DELETE", one+by, ""), 403, "forbidden")
	w.refused(w.host("PUT", one+"/ban"+by, ""), 403, "forbidden")
	w.refused(w.host("PUT", one+"/administrators/"+string(w.bob)+by, ""), 403, "forbidden")
	w.refused(w.host("DELETE", one+"/members/"+string(w.alice)+by, ""), 403, "forbidden")
	w.refused(w.host("PATCH", one+"?by="+string(w.mallory), `{"announcement":"Mine now"}`), 403, "not in group")
	w.refused(w.host("PATCH", one+"?by=nobody", `{"announcement":"Mine now"}`), 404, "from user not found")
	if got := w.want(w.host("GET", one, ""), 200); got["announcement"] != "" || got["members"] != 2.0 || got["banned"] != false {
		t.Errorf("group after refusals = %v, want it unchanged", got)
	}
	// An administrator may.
	w.want(w.host("PATCH", one+"?by="+string(w.alice), `{"announcement":"Be kind."}`), 200)
}

func TestMembersComeAndGo(t *testing.T) {
	w := newWorld(t)
	carol := w.contact("Carol Demo")
	g := w.group()
	members := "/v1/groups/" + string(g) + "/members"
	w.published()

	added := w.want(w.host("POST", members, toJSON(map[string]any{"accounts": []chat.AccountID{w.bob, carol}})), 200)
	if got, want := items(t, added, "account", "id"), []string{string(carol)}; !cmp.Equal(got, want) {
		t.Errorf("added = %v, want only who is new: %v", got, want)
	}
	if got, want := w.published(), []string{"GroupEntered", "MessageSent"}; !cmp.Equal(got, want) {
		t.Errorf("adding published %v, want %v", got, want)
	}
	got := items(t, w.want(w.host("GET", members+"?limit=2", ""), 200), "account", "id")
	got = append(got, items(t, w.want(w.host("GET", members+"?after="+got[1], ""), 200), "account", "id")...)
	if want := []string{string(w.alice), string(w.bob), string(carol)}; !cmp.Equal(got, want) {
		t.Errorf("members = %v, want %v", got, want)
	}
	one := w.want(w.host("GET", members+"/"+string(w.alice), ""), 200)
	if one["role"] != "administrator" || one["push"] != true {
		t.Errorf("creator = %v, want an administrator who is notified", one)
	}
	if got := items(t, w.want(w.host("GET", "/v1/accounts/"+string(carol)+"/groups", ""), 200), "group"); !cmp.Equal(got, []string{string(g)}) {
		t.Errorf("groups of the added = %v, want %s", got, g)
	}

	admin := "/v1/groups/" + string(g) + "/administrators/" + string(carol)
	w.published()
	for _, step := range []struct{ method, role string }{{"PUT", "administrator"}, {"DELETE", "member"}} {
		w.want(w.host(step.method, admin, ""), http.StatusNoContent)
		if got := w.want(w.host("GET", members+"/"+string(carol), ""), 200); got["role"] != step.role {
			t.Errorf("after %s: role = %v, want %s", step.method, got["role"], step.role)
		}
		if got := w.published(); len(got) == 0 || got[0] != "GroupAdminSet" {
			t.Errorf("%s administrator published %v, want GroupAdminSet first", step.method, got)
		}
	}

	muted := w.want(w.host("PATCH", members+"/"+string(carol), `{"push":false}`), 200)
	if muted["push"] != false {
		t.Errorf("member = %v, want muted", muted)
	}
	if got, want := w.published(), []string{"GroupPushSet"}; !cmp.Equal(got, want) {
		t.Errorf("muting published %v, want %v", got, want)
	}

	w.want(w.host("DELETE", members+"/"+string(carol), ""), http.StatusNoContent)
	if got, want := w.published(), []string{"GroupMemberLeft", "MessageSent"}; !cmp.Equal(got, want) {
		t.Errorf("removing published %v, want %v", got, want)
	}
	w.refused(w.host("GET", members+"/"+string(carol), ""), 403, "not in group")
	w.names(w.want(w.host("DELETE", members+"/"+string(carol), ""), 422), "path.account")
	w.names(w.want(w.host("PUT", admin, ""), 422), "path.account")

	w.want(w.host("POST", members+"/"+string(w.bob)+"/leave", ""), http.StatusNoContent)
	if got, want := w.published(), []string{"GroupMemberLeft", "MessageSent"}; !cmp.Equal(got, want) {
		t.Errorf("leaving published %v, want %v", got, want)
	}
	w.refused(w.host("POST", members+"/"+string(w.bob)+"/leave", ""), 403, "removeit")
	w.refused(w.host("POST", members+"/"+string(w.mallory)+"/leave", ""), 403, "not in group")
	w.names(w.want(w.host("PATCH", members+"/"+string(w.alice), `{"push":"no"}`), 422), "body.push")
	w.names(w.want(w.host("PATCH", members+"/"+string(w.alice), `{}`), 422), "body.push")
	w.names(w.want(w.host("POST", members, `{}`), 422), "body.accounts")
	w.names(w.want(w.host("POST", members, `{"accounts":[7]}`), 422), "body.accounts[0]")

	// A member brings in contacts only, and is not told who exists.
	by := "?by=" + string(w.alice)
	for _, id := range []string{string(w.mallory), "nobody"} {
		w.refused(w.host("POST", members+by, toJSON(map[string]any{"accounts": []string{id}})), 403, "not my contract")
	}
}
