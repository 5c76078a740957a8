package host_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

// Every operation that changes something is in the audit log, with the application and where
// it called from, and without the texts and secrets of the request.
func TestAuditOfEveryOperation(t *testing.T) {
	ops, _ := resttest.New(t).Document()
	recorded := 0
	for _, op := range ops {
		if op.History || op.Client || op.Admin || op.Method == http.MethodGet {
			continue
		}
		t.Run(op.ID, func(t *testing.T) {
			w := resttest.New(t)
			g := w.Group()
			w.OK(w.Service.Befriend(t.Context(), w.Alice, w.Bob))
			_, token, err := w.Service.IssueToken(t.Context(), chat.NewToken{Account: w.Bob})
			w.OK(err)
			_, err = w.Service.UpdateAccount(t.Context(), w.Alice, chat.AccountPatch{Email: new("alice@example.test")})
			w.OK(err)
			body := w.Bodies(g)[op.ID]
			// Of the fields that exclude each other one is enough.
			for _, field := range []string{"toGroup", "refer", "url", "file", "card", "location", "avatar", "scopes"} {
				delete(body, field)
			}
			if body["text"] != nil {
				body["text"] = "between us"
			}
			if op.ID == "create-application" {
				body["scopes"] = []any{"read"}
			}
			before := len(log(w))
			path := w.Fill(op.Path, g, string(token.Session))
			do := func() resttest.Answer {
				return w.Do(op.Method, path, strings.NewReader(resttest.ToJSON(body)),
					w.AsHost, resttest.Header("X-Request-Id", "r-7"), resttest.Header("User-Agent", "Payroll/1"))
			}
			host := chat.Actor{}
			if change := map[string]func() error{
				"add-friend":      func() error { return w.Service.Unfriend(t.Context(), w.Alice, w.Bob) },
				"remove-password": func() error { return w.Service.SetPassword(t.Context(), w.Alice, "correct horse battery") },
				"add-administrator": func() error { // not the creator
					path = strings.Replace(path, string(w.Alice), string(w.Bob), 1)
					return nil
				},
				"permit-speaking":          func() error { return ban(t.Context(), w, g) },
				"add-members":              func() error { return w.Service.RemoveGroupMember(t.Context(), host, g, w.Bob) },
				"add-organization-members": func() error { return w.Service.RemoveFromOrganization(t.Context(), w.Org, w.Alice) },
			}[op.ID]; change != nil {
				// Until then the call changes nothing.
				if a := do(); a.Status >= 300 || len(log(w)) != before {
					t.Fatalf("a call that changes nothing answers %d %s and has %d entries", a.Status, a.Body, len(log(w))-before)
				}
				w.OK(change())
				before = len(log(w))
			}
			a := do()
			if a.Status >= 300 {
				t.Logf("%s answers %d %s", op.ID, a.Status, a.Body)
				if got := len(log(w)); got != before {
					t.Errorf("a refused call has %d entries", got-before)
				}
				return
			}
			entries := log(w)
			if len(entries) == before {
				t.Fatal("the call is not in the audit log")
			}
			recorded++
			for _, e := range entries[:len(entries)-before] {
				if e.App != w.System.ID || e.Address != "127.0.0.1" || e.Agent != "Payroll/1" || e.Request != "r-7" {
					t.Errorf("got entry %+v", e)
				}
				for key, value := range e.Detail {
					if strings.Contains(value, "between us") || strings.Contains(value, "correct horse") {
						t.Errorf("%s of %s is %q", key, e.Kind, value)
					}
				}
			}
		})
	}
	if recorded < 28 {
		t.Errorf("%d operations succeeded, want nearly all", recorded)
	}
}

func ban(ctx context.Context, w *resttest.World, g chat.GroupID) error {
	_, err := w.Service.UpdateGroup(ctx, chat.Actor{}, g, chat.GroupPatch{Banned: new(true)})
	return err
}

func log(w *resttest.World) []chat.AuditSeen {
	w.T.Helper()
	all, err := w.Service.AuditLog(w.T.Context(), chat.Actor{}, chat.AuditQuery{Limit: 500})
	w.OK(err)
	return all
}
