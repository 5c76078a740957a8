package servertest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Every place where an address comes in takes those of the web and of this server
// alone, and its refusal names the field. Programs, files and shares of the
// reader's machine could be written into all of them.
func TestAddressesThatAreRefused(t *testing.T) {
	s := Start(t)
	alice, bob := s.Accounts[0], s.Accounts[1]
	socket := s.Connect(4, "websocket", alice.Token)
	var app struct{ Application struct{ ID string } }
	if status := s.Host(http.MethodPost, "/applications", map[string]any{"name": "Other", "kind": "web"}, &app); status != http.StatusCreated {
		t.Fatalf("application: got %d", status)
	}
	var group struct{ ID string }
	if status := s.Host(http.MethodPost, "/groups", map[string]any{"name": "Crew", "creator": alice.ID, "members": []any{bob.ID}}, &group); status != http.StatusCreated {
		t.Fatalf("group: got %d", status)
	}
	type object = map[string]any
	message := func(field string, value object) object {
		return object{"from": alice.ID, "toAccount": bob.ID, "type": map[string]int{"file": 4, "card": 5}[field], field: value}
	}
	host := []struct {
		field, method, path string
		body                func(address string) object
	}{
		{"avatar", http.MethodPost, "/accounts", func(a string) object { return object{"name": "New", "avatar": a} }},
		{"avatar", http.MethodPatch, "/accounts/" + string(bob.ID), func(a string) object { return object{"avatar": a} }},
		{"avatar", http.MethodPost, "/groups", func(a string) object { return object{"name": "Group", "creator": alice.ID, "avatar": a} }},
		{"avatar", http.MethodPatch, "/groups/" + group.ID, func(a string) object { return object{"avatar": a} }},
		{"url", http.MethodPost, "/applications", func(a string) object { return object{"name": "App", "kind": "web", "url": a} }},
		{"url", http.MethodPatch, "/applications/" + app.Application.ID, func(a string) object { return object{"url": a} }},
		{"url", http.MethodPost, "/notifications", func(a string) object {
			return object{"category": "task", "type": "taskcomment", "text": "x", "url": a, "accounts": []any{bob.ID}}
		}},
		{"card.url", http.MethodPost, "/messages", func(a string) object { return message("card", object{"title": "T", "url": a}) }},
		{"card.pic", http.MethodPost, "/messages", func(a string) object { return message("card", object{"title": "T", "url": "/", "pic": a}) }},
		{"file.url", http.MethodPost, "/messages", func(a string) object { return message("file", object{"url": a}) }},
	}
	for _, h := range host {
		what := h.method + " " + h.path + " " + h.field
		for _, address := range []string{"https://app.example.test/x", "http://app.example.test", "/people"} {
			if status := s.Host(h.method, h.path, h.body(address), nil); status/100 != 2 {
				t.Errorf("%s of %q: got %d, want it taken", what, address, status)
			}
		}
		for _, address := range []string{
			"file:///etc/passwd", `\\host\share`, "ms-msdt:x", "intent://x#Intent;end", "javascript:alert(1)", "\u200bjavascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x",
			"//app.example.test", "https://app.example.test@evil.test", "https://app.example.test/\u202ex", "javascript%3Ax", "https\uff1a//app.example.test", "app.example.test",
		} {
			var problem struct {
				Detail string
				Errors []struct{ Location string }
			}
			status := s.Host(h.method, h.path, h.body(address), &problem)
			if status != http.StatusUnprocessableEntity || !strings.HasPrefix(problem.Detail, "invalid payload: "+h.field+" must ") || len(problem.Errors) != 1 || problem.Errors[0].Location != "body."+h.field {
				t.Errorf("%s of %q: got %d %+v, want it refused by name", what, address, status, problem)
			}
		}
	}
	for field, payload := range map[string]object{
		"file.url": {"type": 4, "file": object{"url": "ms-msdt:x"}},
		"card.url": {"type": 5, "card": object{"title": "T", "url": "ms-msdt:x"}},
		"card.pic": {"type": 5, "card": object{"title": "T", "url": "/", "pic": "ms-msdt:x"}},
	} {
		for event, to := range map[string]object{"send message": {"touser": bob.ID}, "send group message": {"togroup": group.ID}} {
			payload["touser"], payload["togroup"] = to["touser"], to["togroup"]
			ack, err := socket.Request(t.Context(), event, payload)
			want := fmt.Sprintf(`{"error":"invalid payload: %s must begin with https://, http:// or a slash"}`, field)
			if err != nil || len(ack) != 1 || string(ack[0]) != want {
				t.Errorf("%s: got %s, %v, want %s", event, ack, err, want)
			}
		}
	}
}
