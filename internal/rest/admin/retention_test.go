package admin_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/rest/admin"
	"parley/internal/rest/resttest"
)

func TestRetention(t *testing.T) {
	began := time.UnixMilli(1_767_225_600_000)
	w := resttest.New(t, func(o *rest.Options) {
		o.Admin.Backups = func(context.Context) []admin.KeptBackup {
			return []admin.KeptBackup{{At: began, Took: 2 * time.Second, Bytes: 1000, Files: 3, Differences: 1}}
		}
		o.Admin.Status = func(context.Context) admin.Status {
			return admin.Status{Backup: &admin.Backup{At: began, Bytes: 1000, Folder: "/backups"}}
		}
	})
	first, second := w.Contact("Owner Demo"), w.Contact("Manager Demo")
	stale := []string{role(w, first, chat.OrganizationOwner), role(w, second, chat.OrganizationAdministrator)}
	owner, manager := signedIn(w, first, chat.OrganizationOwner), signedIn(w, second, chat.OrganizationAdministrator)
	g := w.Group()
	const path = "/api/admin/retention"
	const organizations, groups = "/api/admin/organizations/", "/api/admin/groups/"
	ofOrganization, ofGroup := organizations+string(w.Org)+"/retention", groups+string(g)+"/retention"

	empty := call(w, owner, "GET", path, nil)
	if len(empty["rules"].([]any)) != 0 || empty["run"].(map[string]any)["running"] != false {
		t.Errorf("got %v", empty)
	}
	if all := empty["organizations"].([]any); len(all) != 1 || all[0].(map[string]any)["id"] != string(w.Org) {
		t.Errorf("got organizations %v", all)
	}
	if all := empty["backups"].([]any); len(all) != 1 || all[0].(map[string]any)["seconds"] != 2.0 || all[0].(map[string]any)["files"] != 3.0 || all[0].(map[string]any)["differences"] != 1.0 {
		t.Errorf("got backups %v", all)
	}
	if b := empty["backup"].(map[string]any); b["folder"] != "/backups" || b["at"] != float64(began.UnixMilli()) {
		t.Errorf("got backup %v", b)
	}

	of, _, err := w.Service.PastConversation(t.Context(), chat.KindGroup, string(g))
	w.OK(err)
	text := chat.Content{Type: chat.TypeText, Text: "hello"}
	old := time.Now().Add(-50 * time.Hour).Truncate(time.Millisecond)
	_, err = w.Service.ImportMessages(t.Context(), "elsewhere", []chat.PastMessage{
		{External: "1", Conversation: of, From: w.Alice, At: old, Content: text},
		{External: "2", Conversation: of, From: w.Alice, At: old.Add(time.Second), Content: text},
	})
	w.OK(err)
	preview := ofOrganization + "/preview?days="
	if p := call(w, manager, "GET", preview+"2", nil); p["messages"] != 2.0 || p["chats"] != 1.0 || p["oldestAt"] != float64(old.UnixMilli()) || p["progress"] != 1.0 || p["next"] != nil {
		t.Errorf("got %v", p)
	}
	if p := call(w, manager, "GET", fmt.Sprint(preview, "2&after=", of), nil); p["messages"] != 0.0 || p["progress"] != 1.0 || p["next"] != nil {
		t.Errorf("after the chat: got %v", p)
	}
	if p := call(w, manager, "GET", preview+"0", nil); p["messages"] != 0.0 || p["oldestAt"] != nil {
		t.Errorf("got %v", p)
	}
	if r := call(w, manager, "PUT", ofOrganization, map[string]any{"days": 365}); r["days"] != 365.0 || r["scope"] != "organization" || r["name"] == "" {
		t.Errorf("got %v", r)
	}
	call(w, owner, "PUT", ofOrganization, map[string]any{"days": 2})
	call(w, owner, "PUT", ofGroup, map[string]any{"days": 0})
	rules := call(w, owner, "GET", path, nil)["rules"].([]any)
	if len(rules) != 2 || rules[0].(map[string]any)["days"] != 2.0 || rules[1].(map[string]any)["id"] != string(g) || rules[1].(map[string]any)["days"] != 0.0 {
		t.Errorf("got rules %v", rules)
	}
	call(w, owner, "DELETE", ofGroup, nil)
	call(w, owner, "DELETE", ofGroup, nil) // changes nothing
	if rules := call(w, owner, "GET", path, nil)["rules"].([]any); len(rules) != 1 {
		t.Errorf("got rules %v", rules)
	}
	run, err := w.Service.RemoveOld(t.Context(), func(context.Context, chat.RetentionRun) error { return nil })
	w.OK(err)
	shown := call(w, owner, "GET", path, nil)["run"].(map[string]any)
	if shown["messages"] != float64(run.Messages) || run.Messages != 2 || shown["running"] != false || shown["endedAt"] == nil {
		t.Errorf("got %v, want %+v", shown, run)
	}

	// Refusals name the field and change nothing.
	for body, field := range map[string]string{`{"days":-1}`: "body.days", `{"days":36501}`: "body.days", `{"days":1.5}`: "body.days", `{}`: "body.days"} {
		w.Names(w.Want(w.API(owner, "PUT", ofOrganization, body), 422), field)
	}
	w.Names(w.Want(w.API(owner, "GET", preview+"-1", ""), 422), "query.days")
	w.Names(w.Want(w.API(owner, "GET", preview+"1&after=-1", ""), 422), "query.after")
	w.Refused(w.API(owner, "PUT", groups+"none/retention", `{"days":1}`), 404, "group not found")
	w.Refused(w.API(owner, "PUT", organizations+"none/retention", `{"days":1}`), 404, "not found")
	w.Refused(w.API(owner, "DELETE", groups+"none/retention", ""), 404, "group not found")
	w.Refused(w.API(w.Token(w.Alice), "PUT", ofOrganization, `{"days":1}`), 403, "forbidden")
	if rules := call(w, owner, "GET", path, nil)["rules"].([]any); len(rules) != 1 || rules[0].(map[string]any)["days"] != 2.0 {
		t.Errorf("got rules %v", rules)
	}

	// With a stolen session, all messages could be removed.
	for _, token := range stale {
		w.Refused(w.API(token, "PUT", ofOrganization, `{"days":1}`), 403, "sign in again")
		w.Refused(w.API(token, "DELETE", ofOrganization, ""), 403, "sign in again")
		w.Refused(w.API(token, "PUT", ofGroup, `{"days":1}`), 403, "sign in again")
		w.Refused(w.API(token, "DELETE", ofGroup, ""), 403, "sign in again")
		call(w, token, "GET", preview+"1", nil)
	}
	if rules := call(w, owner, "GET", path, nil)["rules"].([]any); len(rules) != 1 || rules[0].(map[string]any)["days"] != 2.0 {
		t.Errorf("got rules %v", rules)
	}
	w.Want(w.Do("PUT", ofGroup, strings.NewReader(`{"days":7}`), w.AsHost), 200)
	w.Want(w.Do("DELETE", ofGroup, nil, w.AsHost), 204)

	log, err := w.Service.AuditLog(t.Context(), chat.Actor{}, chat.AuditQuery{Kind: chat.AuditRetentionChanged, Limit: 10})
	w.OK(err)
	var got []string
	for _, e := range log {
		got = append(got, fmt.Sprint(e.TargetType, " ", e.Detail["from"], " ", e.Detail["to"]))
	}
	want := "[group 7 none group none 7 group forever none group none forever organization 365 2 organization none 365]"
	if fmt.Sprint(got) != want {
		t.Errorf("the audit log has\n%v\nwant\n%s", got, want)
	}
}
