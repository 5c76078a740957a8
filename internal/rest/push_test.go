package rest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
	"parley/internal/server/demo"
	"parley/internal/server/servertest"
	"parley/socketio/socketiotest"
)

// Every call of the host leaves the pushes that the contract names, at the right
// sockets, in order; nobody else hears of it. What is in them the protocol's
// transcripts show.
func TestHostCallsPush(t *testing.T) {
	s := servertest.Start(t)
	one, two, three, stranger := s.Accounts[0], s.Accounts[1], s.Accounts[2], s.Stranger
	everybody := []demo.Person{one, two, three, stranger}
	sockets := map[chat.AccountID]*socketiotest.Client{}
	for i, p := range everybody {
		sockets[p.ID] = s.Connect(3+i%2, []string{"websocket", "polling"}[i%2], p.Token)
	}
	host := func(method, path string, body any, status int) map[string]any {
		t.Helper()
		var answer map[string]any
		if got := s.Host(method, path, body, &answer); got != status {
			t.Fatalf("%s %s = %d %v, want %d", method, path, got, answer, status)
		}
		return answer
	}
	marks := 0
	// heard returns what each heard until now: a notification to everybody is
	// sent after it, and nothing overtakes.
	heard := func() map[string]string {
		t.Helper()
		marks++
		mark := fmt.Sprint("mark ", marks)
		host("POST", "/notifications", map[string]any{
			"category": "system", "type": "systemmessage", "text": mark, "accounts": []chat.AccountID{one.ID, two.ID, three.ID, stranger.ID},
		}, http.StatusCreated)
		out := map[string]string{}
		for i, p := range everybody {
			if sockets[p.ID] == nil {
				continue
			}
			if names := until(t, sockets[p.ID], mark); names != "" {
				out[[]string{"one", "two", "three", "stranger"}[i]] = names
			}
		}
		return out
	}
	heard() // the demo's own

	group := host("POST", "/groups", map[string]any{"name": "Plans", "kind": "discussion", "creator": one.ID, "members": []chat.AccountID{two.ID}}, http.StatusCreated)
	const message = "new group message, new history"
	const listed = "new session, " + message
	const changed = "group changed, " + message
	if diff := cmp.Diff(heard(), map[string]string{"one": "new group, " + listed, "two": "new group, " + listed}); diff != "" {
		t.Errorf("creating a group, got - want +:\n%s", diff)
	}
	g := "/groups/" + group["id"].(string)
	id := func(p demo.Person) string { return string(p.ID) }
	for _, step := range []struct {
		what, method, path string
		body               any
		status             int
		want               map[string]string
	}{
		{"a picture", "PATCH", g, map[string]any{"avatar": "https://files.example.test/g.png"}, 200, map[string]string{"one": changed, "two": changed}},
		{"an announcement", "PATCH", g, map[string]any{"announcement": "Be kind"}, 200, map[string]string{"one": changed, "two": changed}},
		{"a conversion", "PATCH", g, map[string]any{"kind": "group"}, 200, map[string]string{"one": changed, "two": changed}},
		{"a new name", "PATCH", g, map[string]any{"name": "Crew"}, 200, map[string]string{"one": "group renamed, " + message, "two": "group renamed, " + message}},
		{"who may invite", "PATCH", g, map[string]any{"membersInvite": false}, 200, map[string]string{"one": "can add member, " + message, "two": "can add member, " + message}},
		{"a ban", "PUT", g + "/ban", nil, 204, map[string]string{"one": "ban speak, " + message, "two": "ban speak, " + message}},
		{"a permission", "DELETE", g + "/ban", nil, 204, map[string]string{"one": "permit speak, " + message, "two": "permit speak, " + message}},
		{"members", "POST", g + "/members", map[string]any{"accounts": []string{id(three)}}, 200, map[string]string{
			"one": "group member added, " + message, "two": "group member added, " + message, "three": "new group, " + listed,
		}},
		{"an administrator", "PUT", g + "/administrators/" + id(two), nil, 204, map[string]string{
			"one": "group admin added, " + message, "two": "group admin added, " + message, "three": "group admin added, " + message,
		}},
		{"an administrator less", "DELETE", g + "/administrators/" + id(two), nil, 204, map[string]string{
			"one": "group admin removed, " + message, "two": "group admin removed, " + message, "three": "group admin removed, " + message,
		}},
		{"muting", "PATCH", g + "/members/" + id(three), map[string]any{"push": false}, 200, map[string]string{"three": "set group notice"}},
		{"a system message", "POST", g + "/system-messages", map[string]any{"text": "Restart at ten"}, 201, map[string]string{
			"one": message, "two": message, "three": message,
		}},
		{"a message in the group", "POST", "/messages", map[string]any{"from": two.ID, "toGroup": group["id"], "text": "hello"}, 201, map[string]string{
			"one": message, "two": message, "three": message,
		}},
		{"a direct message", "POST", "/messages", map[string]any{"from": two.ID, "toAccount": three.ID, "text": "hello"}, 201, map[string]string{
			"two": "new session, new message, new history", "three": "new session, new message, new history",
		}},
		{"a notification to an organization", "POST", "/notifications", map[string]any{
			"category": "task", "type": "taskcomment", "text": "x", "organization": organizationOf(t, s),
		}, 201, map[string]string{"one": "new notify", "two": "new notify", "three": "new notify"}},
		{"a friendship", "POST", "/accounts/" + id(one) + "/friends", map[string]any{"account": stranger.ID}, 204, map[string]string{"one": "contact changed", "stranger": "contact changed"}},
		{"leaving", "POST", g + "/members/" + id(two) + "/leave", nil, 204, map[string]string{
			"two": "removed from group", "one": "group member removed, " + message, "three": "group member removed, " + message,
		}},
		{"a removal", "DELETE", g + "/members/" + id(three), nil, 204, map[string]string{
			"three": "removed from group", "one": "group member removed, " + message,
		}},
		{"a refusal", "PATCH", g + "?by=" + id(three), map[string]any{"name": "Mine"}, 403, map[string]string{}},
		{"the end", "DELETE", g, nil, 204, map[string]string{"one": message + ", removed from group"}},
	} {
		host(step.method, step.path, step.body, step.status)
		if diff := cmp.Diff(heard(), step.want); diff != "" {
			t.Errorf("%s, got - want +:\n%s", step.what, diff)
		}
	}

	// A client whose log-in ends gets a push and is disconnected.
	host("DELETE", "/accounts/"+id(two)+"/tokens", nil, http.StatusNoContent)
	host("PATCH", "/accounts/"+id(three), map[string]any{"active": false}, 200)
	for _, p := range []demo.Person{two, three} {
		if _, err := take(t, sockets[p.ID], func(e socketiotest.Event) bool { return e.Name == "logout message" }); err != nil {
			t.Errorf("%s: no logout message: %v", p.Name, err)
		}
		<-sockets[p.ID].Done()
		sockets[p.ID] = nil
	}
	if diff := cmp.Diff(heard(), map[string]string{}); diff != "" {
		t.Errorf("the others, got - want nothing:\n%s", diff)
	}
}

// until returns the names of the events up to the notification with that text.
func until(t *testing.T, c *socketiotest.Client, mark string) string {
	t.Helper()
	var names []string
	for {
		e, err := take(t, c, nil)
		if err != nil {
			t.Fatalf("waiting for %q after %v: %v", mark, names, err)
		}
		if e.Name == "new notify" && strings.Contains(string(e.Args[0]), `"`+mark+`"`) {
			return strings.Join(names, ", ")
		}
		names = append(names, e.Name)
	}
}

func take(t *testing.T, c *socketiotest.Client, want func(socketiotest.Event) bool) (socketiotest.Event, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return c.Take(ctx, want)
}

func organizationOf(t *testing.T, s *servertest.Server) string {
	t.Helper()
	var page map[string]any
	if got := s.Host("GET", "/organizations", nil, &page); got != 200 {
		t.Fatalf("organizations = %d", got)
	}
	return resttest.Items(t, page, "id")[0]
}

// A client that was away reads what it missed, exactly once and in order, from
// the message that it heard last.
func TestReconnectingClientMissesNothing(t *testing.T) {
	s := servertest.Start(t)
	one, two := s.Accounts[0], s.Accounts[1]
	socket := s.Connect(4, "websocket", two.Token)
	send := func(text string) {
		t.Helper()
		if got := s.Host("POST", "/messages", map[string]any{"from": one.ID, "toAccount": two.ID, "text": text}, nil); got != 201 {
			t.Fatalf("send = %d", got)
		}
	}
	send("heard")
	e, err := take(t, socket, func(e socketiotest.Event) bool { return e.Name == "new message" })
	if err != nil {
		t.Fatal(err)
	}
	var last struct{ ID string }
	resttest.Decode(t, e.Args[0], &last)
	socket.Close()
	var want, got []string
	for i := range 130 {
		send(fmt.Sprint("missed ", i))
		want = append(want, fmt.Sprint("missed ", i))
	}
	s.Connect(4, "websocket", two.Token)
	for {
		var rows []map[string]any
		q := resttest.Values("accountid", string(one.ID), "direction", "1", "sinceid", last.ID, "num", "50")
		if status := s.History(two.Token, "/messages", q, &rows); status != 200 {
			t.Fatalf("history = %d", status)
		}
		if len(rows) == 0 {
			break
		}
		got = append(got, resttest.Texts(rows)...)
		last.ID = fmt.Sprint(rows[len(rows)-1]["id"])
	}
	if !cmp.Equal(got, want) {
		t.Errorf("read %d, want %d, each once in order", len(got), len(want))
	}
}
