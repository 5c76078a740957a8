package admin_test

import (
	"testing"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

func TestOrganizations(t *testing.T) {
	w := resttest.New(t)
	manager := signedIn(w, w.Contact("Manager Demo"), chat.OrganizationAdministrator)
	const path = "/api/admin/organizations"
	one := path + "/" + string(w.Org)
	items := func() map[string]any {
		all := call(w, manager, "GET", path, nil)["items"].([]any)
		if len(all) != 1 {
			t.Fatalf("got organizations %v, want one", all)
		}
		return all[0].(map[string]any)
	}
	if got := items(); got["id"] != string(w.Org) || got["name"] != "Demo organization" || got["hidesReading"] != false || got["hidesActivity"] != false {
		t.Errorf("got %v", got)
	}
	w.Published()
	if got := call(w, manager, "PATCH", one, map[string]any{"hidesReading": true}); got["hidesReading"] != true || got["name"] != "Demo organization" {
		t.Errorf("changed to %v", got)
	}
	if got := w.Published(); len(got) != 1 || got[0] != "ReadersChanged" {
		t.Errorf("published %v, want ReadersChanged", got)
	}
	if got := items(); got["hidesReading"] != true {
		t.Errorf("got %v", got)
	}
	if got := call(w, manager, "PATCH", one, map[string]any{}); got["hidesReading"] != true {
		t.Errorf("an empty change made %v", got)
	}
	if got := call(w, manager, "PATCH", one, map[string]any{"hidesActivity": true}); got["hidesActivity"] != true || got["hidesReading"] != true {
		t.Errorf("changed to %v", got)
	}
	if got := items(); got["hidesActivity"] != true {
		t.Errorf("got %v", got)
	}
	w.Refused(w.API(manager, "PATCH", path+"/none", `{"hidesReading":true}`), 404, "not found")
	member, _, err := w.Service.IssueToken(t.Context(), chat.NewToken{Account: w.Alice})
	w.OK(err)
	w.Want(w.API(member, "GET", path, ""), 403)
	w.Want(w.API(member, "PATCH", one, `{"hidesReading":false}`), 403)
}
