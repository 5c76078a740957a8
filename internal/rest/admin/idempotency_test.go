package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

// Every POST runs once for each idempotency key, for a person and for a host system. Without a key it
// runs each time.
func TestEveryPostTakesAKey(t *testing.T) {
	for name, of := range map[string]func(*resttest.World) func(*http.Request){
		"an owner": func(w *resttest.World) func(*http.Request) {
			return resttest.As(signedIn(w, w.Contact("Owner Demo"), chat.OrganizationOwner))
		},
		"a host system": func(w *resttest.World) func(*http.Request) { return w.AsHost },
	} {
		t.Run(name, func(t *testing.T) {
			w := resttest.New(t)
			g := w.Group()
			as := of(w)
			system, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Name: "Rotated", Kind: chat.AppServer, Scopes: chat.Scopes[:1]})
			w.OK(err)
			ops, _ := w.Document()
			posts := 0
			for _, op := range ops {
				if !op.Admin || op.Method != http.MethodPost {
					continue
				}
				posts++
				path := w.Fill(op.Path, g, "")
				if op.ID == "admin-rotate-secret" { // which only an application of kind server has
					path = strings.ReplaceAll(path, string(w.App.ID), string(system.ID))
				}
				if op.ID == "admin-erase-person" { // somebody whom no other operation needs
					path = strings.ReplaceAll(path, string(w.Alice), string(w.Contact("Alice Demo")))
				}
				body := resttest.ToJSON(w.Bodies(g)[op.ID])
				post := func(body, key string) resttest.Answer {
					return w.Do("POST", path, strings.NewReader(body), as, resttest.Header("Content-Type", "application/json"), resttest.Key(key))
				}
				first := post(body, op.ID)
				if first.Status >= 300 {
					t.Errorf("%s = %d %s", op.ID, first.Status, first.Body)
					continue
				}
				before := state(w)
				again := post(body, op.ID)
				if again.Status != first.Status || string(again.Body) != string(first.Body) || again.Header.Get("Idempotency-Replayed") != "true" {
					t.Errorf("%s again = %d %s, want %d %s once more", op.ID, again.Status, again.Body, first.Status, first.Body)
				}
				w.Refused(post(body+" ", op.ID), 422, "this idempotency key was used for another request")
				if after := state(w); after != before {
					t.Errorf("%s again: got\n%s\nwant\n%s", op.ID, after, before)
				}
				w.Names(w.Refused(post(body, "with space"), 422, "the idempotency key is not valid"), "header.Idempotency-Key")
			}
			if posts < 8 {
				t.Errorf("got %d operations, want every POST of the administration", posts)
			}
		})
	}
}
