package host_test

import (
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
			a := w.Do(op.Method, w.Fill(op.Path, g, string(token.Session)), strings.NewReader(resttest.ToJSON(body)),
				w.AsHost, resttest.Header("X-Request-Id", "r-7"), resttest.Header("User-Agent", "Payroll/1"))
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

func log(w *resttest.World) []chat.AuditSeen {
	w.T.Helper()
	all, err := w.Service.AuditLog(w.T.Context(), chat.Actor{}, chat.AuditQuery{Limit: 500})
	w.OK(err)
	return all
}
