package cluster

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/socketio/socketiotest"
	"parley/test/ledger"
)

// maxTop is how many chats a person may keep on top in these tests.
const maxTop = 3

// A send that is repeated on another node at the same moment is one message.
func TestTwoNodesAtOnce(t *testing.T) {
	c := start(t, Patient)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	w := ledger.New()
	if err := w.Populate(ctx, c); err != nil {
		t.Fatal(err)
	}
	one, two := w.People[0], w.People[1]
	connect := func(t *testing.T, n int, token string) *socketiotest.Client {
		t.Helper()
		client, err := c.Nodes[n].Connect(ctx, token, 4, "websocket")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		return client
	}

	t.Run("the same waitingid", func(t *testing.T) {
		clients := []*socketiotest.Client{connect(t, 0, one.Token), connect(t, 1, one.Token)}
		for n := range 50 {
			message := map[string]any{"touser": two.ID, "msg": fmt.Sprint("once ", n), "type": 1, "waitingid": fmt.Sprint("same ", n)}
			answers := both(func(i int) string {
				answer, err := clients[i].Request(ctx, "send message", message)
				return text(answer, err, "id")
			})
			if answers[0] != answers[1] || answers[0] == "" {
				t.Fatalf("got ids %q, want one", answers)
			}
		}
		rows, err := ledger.History(ctx, c, one.Token, w.Chats(one)[0])
		if err != nil || len(rows) != 50 {
			t.Errorf("history: got %d messages, %v, want 50", len(rows), err)
		}
	})

	t.Run("the first messages between two people", func(t *testing.T) {
		for n := 2; n < len(w.People); n++ {
			a, b := connect(t, 0, one.Token), connect(t, 1, w.People[n].Token)
			answers := both(func(i int) string {
				answer, err := []*socketiotest.Client{a, b}[i].Request(ctx, "send message",
					map[string]any{"touser": []string{w.People[n].ID, one.ID}[i], "msg": "first", "type": 1})
				return text(answer, err, "id")
			})
			if answers[0] == "" || answers[1] == "" || answers[0] == answers[1] {
				t.Fatalf("got ids %q, want two", answers)
			}
			rows, err := ledger.History(ctx, c, one.Token, w.Chats(one)[n-1])
			if err != nil || len(rows) != 2 {
				t.Errorf("got %d messages, %v, want one conversation with both", len(rows), err)
			}
		}
	})

	t.Run("a message is edited, and gets reactions", func(t *testing.T) {
		devices := []*socketiotest.Client{connect(t, 0, one.Token), connect(t, 1, one.Token)}
		people := []*socketiotest.Client{devices[0], connect(t, 1, two.Token)}
		listener := connect(t, 2, two.Token)
		answer, err := devices[0].Request(ctx, "send message", map[string]any{"touser": two.ID, "msg": "first", "type": 1})
		id := text(answer, err, "id")
		peer := func(i int) string { return []string{two.ID, one.ID}[i] }
		for n := range 10 {
			both(func(i int) string {
				if answer, err := devices[i].Request(ctx, "edit message", map[string]any{"type": 1, "id": two.ID, "messageId": id, "msg": fmt.Sprintf("edit %d of node %d", n, i)}); text(answer, err, "id") != id {
					t.Errorf("edit: %s, %v", answer, err)
				}
				return ""
			})
		}
		var last struct {
			Msg    struct{ Con string }
			Edited int64
		}
		for range 20 {
			before := last.Edited
			event, err := listener.Take(ctx, func(e socketiotest.Event) bool { return e.Name == "message edited" })
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(event.Args[0], &last); err != nil || last.Edited <= before {
				t.Errorf("got the push %s, %v after that of %d", event.Args[0], err, before)
			}
		}
		answer, err = devices[0].Request(ctx, "message revisions", map[string]any{"type": 1, "id": two.ID, "messageId": id})
		var texts struct{ Revisions []struct{ Con string } }
		if err != nil || json.Unmarshal(answer[1], &texts) != nil || len(texts.Revisions) != 21 || texts.Revisions[20].Con != last.Msg.Con {
			t.Errorf("got the texts %s, %v, want 21 that end with %q", answer, err, last.Msg.Con)
		}

		react := func(i int, emoji string) bool {
			answer, err := people[i].Request(ctx, "set reaction", map[string]any{"type": 1, "id": peer(i), "messageId": id, "emoji": emoji, "isOn": true})
			return text(answer, err, "id") == id
		}
		// An emoji of both, 18 others, and two at once for the last place.
		both(func(i int) string { return fmt.Sprint(react(i, "👍")) })
		for _, emoji := range strings.Fields("😀 😃 😄 😁 😆 😅 😂 😊 😇 🙂 😉 😍 😘 😋 😜 😎 😏 😒") {
			if !react(0, emoji) {
				t.Fatalf("%s is refused", emoji)
			}
		}
		if taken := both(func(i int) string { return fmt.Sprint(react(i, []string{"🎉", "💔"}[i])) }); taken[0] == taken[1] {
			t.Errorf("two emoji for the last place: taken %q, want one", taken)
		}
		answer, err = devices[1].Request(ctx, "reaction users", map[string]any{"type": 1, "id": two.ID, "messageId": id, "emoji": "👍"})
		var users struct{ Users []struct{ ID string } }
		if err != nil || json.Unmarshal(answer[1], &users) != nil || len(users.Users) != 2 {
			t.Errorf("got the accounts %s, %v, want both", answer, err)
		}
	})

	t.Run("a message is pinned, and messages are marked as unread", func(t *testing.T) {
		people := []*socketiotest.Client{connect(t, 0, one.Token), connect(t, 1, two.Token)}
		phone := connect(t, 2, two.Token)
		take := func(from *socketiotest.Client, name string, want map[string]any) {
			t.Helper()
			event, err := from.Take(ctx, func(e socketiotest.Event) bool { return e.Name == name })
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var got map[string]any
			if err := json.Unmarshal(event.Args[0], &got); err != nil {
				t.Fatal(err)
			}
			for field, value := range want {
				if fmt.Sprint(got[field]) != fmt.Sprint(value) {
					t.Errorf("%s: got %s, want %s %v", name, event.Args[0], field, value)
				}
			}
		}
		answer, err := people[0].Request(ctx, "send message", map[string]any{"touser": two.ID, "msg": "the plan", "type": 1})
		id := text(answer, err, "id")
		// Both pin it at once: it is pinned once, by one of them, and there is one system message.
		both(func(i int) string {
			answer, err := people[i].Request(ctx, "set pin", map[string]any{"type": 1, "id": []string{two.ID, one.ID}[i], "messageId": id, "isPinned": true})
			if text(answer, err, "id") != id {
				t.Errorf("pin: %s, %v", answer, err)
			}
			return ""
		})
		take(phone, "message pinned", map[string]any{"id": id, "isPinned": true, "count": 1})
		for n, p := range append(people, phone) {
			answer, err := p.Request(ctx, "pinned messages", map[string]any{"type": 1, "id": []string{two.ID, one.ID, one.ID}[n]})
			var list struct {
				Pins []struct{ Message struct{ MsgID string } }
			}
			if err != nil || json.Unmarshal(answer[1], &list) != nil || len(list.Pins) != 1 || list.Pins[0].Message.MsgID != id {
				t.Errorf("node %d: got the pins %s, %v", n, answer, err)
			}
		}

		// A mark that one node stores also holds on the others, although a socket there looks at the chat.
		request := func(from *socketiotest.Client, event string, payload map[string]any) []json.RawMessage {
			t.Helper()
			answer, err := from.Request(ctx, event, payload)
			if err != nil || len(answer) < 2 {
				t.Fatalf("%s: %s, %v", event, answer, err)
			}
			return answer
		}
		request(phone, "current chat", map[string]any{"id": one.ID})
		request(phone, "clear unread", map[string]any{"type": 1, "id": one.ID})
		request(people[1], "mark unread", map[string]any{"type": 1, "id": one.ID, "msgid": id})
		take(phone, "mark unread", map[string]any{"id": one.ID, "num": 1, "fromid": id})
		request(people[0], "send message", map[string]any{"touser": two.ID, "msg": "more", "type": 1})
		request(phone, "set user notice", map[string]any{"aid": one.ID, "isPush": false})
		take(people[1], "set user notice", map[string]any{"aid": one.ID, "isPush": false})
		var counts struct {
			User []struct {
				ID  string
				Num int
			}
			NotPush int
		}
		counted := request(people[1], "unread count", map[string]any{})
		if err := json.Unmarshal(counted[1], &counts); err != nil || counts.NotPush != 2 {
			t.Errorf("got the counts %s, %v, want 2 in muted chats", counted[1], err)
		}
	})

	t.Run("a group is renamed", func(t *testing.T) {
		var group struct{ ID, Name string }
		if err := c.Host(ctx, "POST", "/groups", map[string]any{"name": "Crew", "creator": one.ID, "members": []string{two.ID}}, &group); err != nil {
			t.Fatal(err)
		}
		listeners := []*socketiotest.Client{connect(t, 0, two.Token), connect(t, 1, two.Token), connect(t, 2, two.Token)}
		for n := range 10 {
			both(func(i int) string {
				name := fmt.Sprintf("Crew %d of node %d", n, i)
				if err := c.Nodes[i].Host(ctx, "PATCH", "/groups/"+group.ID+"?by="+one.ID, map[string]any{"name": name}, nil); err != nil {
					t.Error(err)
				}
				return ""
			})
		}
		if err := c.Host(ctx, "GET", "/groups/"+group.ID, nil, &group); err != nil {
			t.Fatal(err)
		}
		var first []string
		for n, l := range listeners {
			var names []string
			for len(names) < 20 {
				event, err := l.Take(ctx, func(e socketiotest.Event) bool { return e.Name == "group renamed" })
				if err != nil {
					t.Fatalf("node %d: %v after %q", n, err, names)
				}
				names = append(names, string(event.Args[0]))
			}
			if n == 0 {
				first = names
			}
			if fmt.Sprint(names) != fmt.Sprint(first) {
				t.Errorf("node %d pushes %s, node 0 %s, want the same order", n, names, first)
			}
		}
	})

	t.Run("a token is revoked during handshakes", func(t *testing.T) {
		for range 10 {
			var issued struct{ Token, Session string }
			if err := c.Host(ctx, "POST", "/accounts/"+two.ID+"/tokens", map[string]any{}, &issued); err != nil {
				t.Fatal(err)
			}
			endHandshakes(ctx, t, issued.Token, c.Nodes[:2], func() error {
				return c.Nodes[2].Host(ctx, "DELETE", "/accounts/"+two.ID+"/tokens", nil, nil)
			})
		}
	})

	// renew gives the person a token in place of those that have ended.
	renew := func(t *testing.T) {
		t.Helper()
		var issued struct{ Token string }
		if err := c.Host(ctx, "POST", "/accounts/"+two.ID+"/tokens", map[string]any{}, &issued); err != nil {
			t.Fatal(err)
		}
		two.Token = issued.Token
	}
	renew(t)

	t.Run("a member is removed while they send", func(t *testing.T) {
		watchers := []*socketiotest.Client{connect(t, 0, one.Token), connect(t, 1, one.Token), connect(t, 2, one.Token)}
		for n := range 10 {
			var group struct{ ID string }
			body := map[string]any{"name": "Crew", "creator": one.ID, "members": []string{two.ID}}
			if err := c.Host(ctx, "POST", "/groups", body, &group); err != nil {
				t.Fatal(err)
			}
			sender := connect(t, n%3, two.Token)
			var said []string // acknowledged
			both(func(i int) string {
				if i == 0 {
					for m := range 5 {
						message := map[string]any{"togroup": group.ID, "msg": fmt.Sprint("message ", m), "type": 1}
						answer, err := sender.Request(ctx, "send group message", message)
						if id := text(answer, err, "id"); id != "" {
							said = append(said, id)
						} else if err != nil || !strings.Contains(string(answer[0]), "removeit") {
							t.Errorf("a message of a member who is being removed: got %s, %v", answer, err)
						}
					}
					return ""
				}
				if err := c.Nodes[(n+1)%3].Host(ctx, "DELETE", "/groups/"+group.ID+"/members/"+two.ID, nil, nil); err != nil {
					t.Error(err)
				}
				return ""
			})
			answer, err := sender.Request(ctx, "send group message", map[string]any{"togroup": group.ID, "msg": "afterwards", "type": 1})
			if err != nil || !strings.Contains(string(answer[0]), "removeit") {
				t.Errorf("a message of a removed member: got %s, %v", answer, err)
			}
			rows, err := ledger.History(ctx, c, one.Token, ledger.Chat{Path: "/group_messages", Field: "groupid", ID: group.ID})
			if err != nil {
				t.Fatal(err)
			}
			var kept []string
			for _, row := range rows {
				if row.SysType == 0 {
					kept = append(kept, row.ID)
				}
			}
			if fmt.Sprint(kept) != fmt.Sprint(said) {
				t.Errorf("the history has %s, acknowledged were %s", kept, said)
			}
			if last := rows[len(rows)-1]; last.SysType == 0 {
				t.Errorf("the last message is %+v, want the report of the removal", last)
			}
			// Each node pushes the messages and then the removal, which no message follows.
			for i, w := range watchers {
				var pushed []string
				for {
					event, err := w.Take(ctx, func(e socketiotest.Event) bool {
						return (e.Name == "new group message" || e.Name == "group member removed") && strings.Contains(string(e.Args[0]), group.ID)
					})
					if err != nil {
						t.Fatalf("node %d: %v after %s", i, err, pushed)
					}
					if event.Name == "group member removed" {
						break
					}
					var message struct {
						ID      string
						SysType int
					}
					if err := json.Unmarshal(event.Args[0], &message); err != nil {
						t.Fatal(err)
					}
					if message.SysType == 0 {
						pushed = append(pushed, message.ID)
					}
				}
				if fmt.Sprint(pushed) != fmt.Sprint(said) {
					t.Errorf("node %d pushed %s before the removal, acknowledged were %s", i, pushed, said)
				}
			}
		}
	})

	t.Run("an account is deactivated while it logs in", func(t *testing.T) {
		set := func(n int, active bool) error {
			return c.Nodes[n].Host(ctx, "PATCH", "/accounts/"+two.ID, map[string]any{"active": active}, nil)
		}
		for n := range 10 {
			endHandshakes(ctx, t, two.Token, c.Nodes, func() error { return set(n%3, false) })
			for i, node := range c.Nodes {
				if client, err := node.Connect(ctx, two.Token, 4, "websocket"); err == nil {
					client.Close()
					t.Errorf("node %d lets a deactivated account log in", i)
				}
			}
			if err := set((n+1)%3, true); err != nil {
				t.Fatal(err)
			}
			if client, err := c.Nodes[n%3].Connect(ctx, two.Token, 4, "websocket"); err == nil {
				client.Close()
				t.Error("a token from before the deactivation logs in")
			}
			renew(t)
		}
	})

	t.Run("the last sticky place is taken twice", func(t *testing.T) {
		clients := []*socketiotest.Client{connect(t, 0, one.Token), connect(t, 1, one.Token)}
		stick := func(i, person int, top bool) string {
			answer, err := clients[i].Request(ctx, "sticky on top", map[string]any{"type": 1, "value": w.People[person].ID, "isTop": top})
			if err != nil || len(answer) == 0 {
				t.Errorf("sticky on top: %v", err)
				return ""
			}
			return string(answer[0])
		}
		// Every chat of the person was begun above. All places but the last are taken.
		for n := range maxTop - 1 {
			if got := stick(0, 1+n, true); got != "false" {
				t.Fatalf("place %d: got %s", n+1, got)
			}
		}
		for range 20 {
			var taken int
			for i, got := range both(func(i int) string { return stick(i, maxTop+i, true) }) {
				switch {
				case got == "false":
					taken++
					if got := stick(1-i, maxTop+i, false); got != "false" {
						t.Errorf("giving the place back on the other node: got %s", got)
					}
				case !strings.Contains(got, "isTop must not be set for more than"):
					t.Errorf("got %s, want the place or that there is none", got)
				}
			}
			if taken != 1 {
				t.Errorf("the last place was taken %d times", taken)
			}
		}
	})

	t.Run("an application is changed", func(t *testing.T) {
		sender := connect(t, 0, two.Token)
		receivers := []*socketiotest.Client{connect(t, 0, one.Token), connect(t, 1, one.Token), connect(t, 2, one.Token)}
		// heard returns whether the receivers got "new history" for a message. The list of chats comes after the message.
		heard := func(say string) (all []bool) {
			t.Helper()
			for _, m := range []string{say, say + ", the end"} {
				answer, err := sender.Request(ctx, "send message", map[string]any{"touser": one.ID, "msg": m, "type": 1})
				if text(answer, err, "id") == "" {
					t.Fatalf("%s: %s, %v", m, answer, err)
				}
			}
			for i, r := range receivers {
				found := false
				for {
					event, err := r.Take(ctx, func(e socketiotest.Event) bool {
						return (e.Name == "new message" || e.Name == "new history") && strings.Contains(string(e.Args[0]), say)
					})
					if err != nil {
						t.Fatalf("node %d: %v", i, err)
					}
					found = found || event.Name == "new history"
					if event.Name == "new message" && strings.Contains(string(event.Args[0]), "the end") {
						break
					}
				}
				all = append(all, found)
			}
			return all
		}
		for n := range 5 {
			for _, muted := range [][]string{{"new history"}, {}} {
				if err := c.Nodes[n%3].Host(ctx, "PATCH", "/applications/"+c.App, map[string]any{"mutedPushes": muted}, nil); err != nil {
					t.Fatal(err)
				}
				// The answer says that the change is committed, and later messages are delivered after it, on every node.
				want := len(muted) == 0
				if got := heard(fmt.Sprintf("round %d muted %t", n, !want)); fmt.Sprint(got) != fmt.Sprint([]bool{want, want, want}) {
					t.Errorf("round %d, muted %q: got %v", n, muted, got)
				}
			}
		}
	})

	t.Run("an upload in parts", func(t *testing.T) {
		answer, err := connect(t, 0, one.Token).Request(ctx, "upload token", map[string]any{"type": 2, "ext": "txt"})
		token, key := text(answer, err, "token"), text(answer, err, "key")
		if token == "" || key == "" {
			t.Fatalf("upload token: got %s, %v", answer, err)
		}
		path := "/buckets/parley/objects/" + base64.URLEncoding.EncodeToString([]byte(key)) + "/uploads"
		ask := func(n int, method, rest, body string) (fields struct{ UploadID, Etag, Key string }) {
			t.Helper()
			request, err := http.NewRequestWithContext(ctx, method, c.Nodes[n].URL+path+rest, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "UpToken "+token)
			if err := c.Do(request, &fields); err != nil {
				t.Fatalf("node %d: %v", n, err)
			}
			return fields
		}
		id := ask(0, "POST", "", "").UploadID
		first, second := ask(1, "PUT", "/"+id+"/1", "one "), ask(2, "PUT", "/"+id+"/2", "two")
		parts, err := json.Marshal(map[string]any{"fname": "a.txt", "parts": []any{
			map[string]any{"partNumber": 1, "etag": first.Etag}, map[string]any{"partNumber": 2, "etag": second.Etag},
		}})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1, 0} { // the second time as if the answer had been lost
			if got := ask(n, "POST", "/"+id, string(parts)); got.Key != key {
				t.Errorf("node %d: got key %q, want %q", n, got.Key, key)
			}
		}
	})
}

// endHandshakes opens connections on the nodes while end takes the right to connect away from the token. None of the
// connections survives that.
func endHandshakes(ctx context.Context, t *testing.T, token string, nodes []*Node, end func() error) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- end() }()
	var handshakes sync.WaitGroup
	clients := make([]*socketiotest.Client, 4*len(nodes))
	for i := range clients {
		handshakes.Go(func() { clients[i], _ = nodes[i%len(nodes)].Connect(ctx, token, 4, "websocket") })
	}
	handshakes.Wait()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for _, client := range clients {
		if client == nil {
			continue // refused
		}
		select {
		case <-client.Done():
		case <-ctx.Done():
			t.Fatal("a connection lives whose token is no longer valid")
		}
		client.Close()
	}
}

// both runs the function for 0 and 1 at the same moment.
func both(do func(int) string) (results [2]string) {
	var wait sync.WaitGroup
	begin := make(chan struct{})
	for i := range 2 {
		wait.Go(func() {
			<-begin
			results[i] = do(i)
		})
	}
	close(begin)
	wait.Wait()
	return results
}

// text returns a field of the second argument of an acknowledgement; "" for a refusal.
func text(answer []json.RawMessage, err error, field string) string {
	if err != nil || len(answer) != 2 {
		return ""
	}
	var fields map[string]any
	if json.Unmarshal(answer[1], &fields) != nil {
		return ""
	}
	value, _ := fields[field].(string)
	return value
}
