package fault

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/server/servertest"
	"parley/internal/wire"
)

// harmless are the requests that a stranger may make with anybody's ids: they
// concern the stranger's own list and devices alone.
var harmless = map[string]bool{
	wire.EventClearChat: true, wire.EventOperate: true, wire.EventUnreadCount: true, wire.EventAllUnread: true,
	wire.EventClearAllUnread: true, wire.EventInboxUnread: true, wire.EventUploadToken: true,
	wire.EventClearNotification: true, wire.EventSilenceMessage: true,
	wire.EventClearUnread: true, wire.EventRemoveSession: true, wire.EventStickyOnTop: true, wire.EventDrafts: true,
}

// TestStranger walks every request and every history endpoint with the ids of
// people, a group and messages that the caller has nothing to do with. Nothing of
// theirs comes back, nothing of theirs changes, and they hear of nothing.
func TestStranger(t *testing.T) {
	server := servertest.Start(t)
	fill := fixtures(t, server)
	alice, bob := server.Accounts[0], server.Accounts[1]
	const file = `"msg":"","type":3,"file":{"url":"https://files.example.test/v","key":"v","len":1}`
	voice := send(t, server, wire.EventSendMessage, fmt.Sprintf(`{"touser":"%s",%s}`, bob.ID, file))
	groupVoice := send(t, server, wire.EventSendGroupMessage, fmt.Sprintf(`{"togroup":"%s",%s}`, server.Group.ID, file))
	stranger := server.Connect(4, "websocket", server.Stranger.Token)
	a := server.Connect(4, "websocket", alice.Token)
	b := server.Connect(4, "websocket", bob.Token)
	before := state(t, server)

	for _, name := range slices.Sorted(maps.Keys(good)) {
		answer := ask(t, stranger, name, json.RawMessage(fill.Replace(good[name])))
		refusal := refusalOf(answer)
		if refusal == "" && !harmless[name] && (name != wire.EventCurrentChat || string(answer[1]) != "0") {
			t.Errorf("%s was accepted: %s", name, answer)
		}
		for _, part := range answer {
			if strings.Contains(string(part), "hello") || strings.Contains(string(part), alice.Name) {
				t.Errorf("%s tells a stranger what is not theirs: %s", name, part)
			}
		}
	}
	account, group := string(alice.ID), string(server.Group.ID)
	queries := []url.Values{{"accountid": {account}}, {"groupid": {group}}, {"accountid": {account}, "groupid": {group}}}
	for _, path := range []string{"/messages", "/group_messages"} {
		for _, query := range queries {
			foreign(t, server, path, query)
		}
	}
	// A message may be named alone, or with a chat that it is not in.
	queries = append(queries, url.Values{}, url.Values{"accountid": {string(bob.ID)}}, url.Values{"accountid": {string(server.Stranger.ID)}})
	for _, path := range []string{"/messages_byid", "/group_messages_byid", "/user_files_byid", "/group_files_byid"} {
		for _, message := range []string{fill.Replace("$message"), fill.Replace("$direct"), voice, groupVoice} {
			for _, query := range queries {
				query = maps.Clone(query)
				query.Set("msgid", message)
				foreign(t, server, path, query)
			}
		}
	}
	var list []json.RawMessage
	if status := server.History(server.Stranger.Token, "/chat_list", nil, &list); status != http.StatusOK || len(list) != 0 {
		t.Errorf("GET /chat_list: got %d with %d chats, want none", status, len(list))
	}

	if after := state(t, server); after != before {
		t.Errorf("a stranger changed something:\n got %s\nwant %s", after, before)
	}
	ping(t, a)
	ping(t, b)
	for _, event := range append(a.Drain(), b.Drain()...) {
		t.Errorf("a stranger caused the push %s %s", event.Name, event.Args)
	}
}

// foreign asks for history that must not be told to the stranger.
func foreign(t *testing.T, server *servertest.Server, path string, query url.Values) {
	t.Helper()
	var body json.RawMessage
	status := server.History(server.Stranger.Token, path, query, &body)
	if (status != http.StatusOK || string(body) != "[]") && status/100 != 4 || strings.Contains(string(body), "hello") {
		t.Errorf("GET %s?%s tells a stranger what is not theirs: got %d %s", path, query.Encode(), status, body)
	}
}

// state is what the three members of the demo's group see.
func state(t *testing.T, server *servertest.Server) string {
	t.Helper()
	var all []any
	for _, one := range server.Accounts {
		list, err := server.Chat.ChatList(t.Context(), one.ID, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		counts, err := server.Chat.UnreadCounts(t.Context(), one.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range list {
			messages, err := server.Chat.History(t.Context(), one.ID, row.Ref, chat.HistoryQuery{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, row, messages)
		}
		all = append(all, counts)
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestNothingSecretInLogs drives what handles secrets and reads the log.
func TestNothingSecretInLogs(t *testing.T) {
	server := servertest.Start(t)
	alice, bob := server.Accounts[0], server.Accounts[1]
	a := server.Connect(4, "websocket", alice.Token)
	const text = "a very private sentence"
	ask(t, a, wire.EventSendMessage, json.RawMessage(fmt.Sprintf(`{"touser":"%s","msg":"%s","type":1}`, bob.ID, text)))
	ask(t, a, wire.EventSendMessage, json.RawMessage(fmt.Sprintf(`{"touser":"%s","msg":"%s","type":"%s"}`, bob.ID, text, text)))
	ask(t, a, "no such event", json.RawMessage(fmt.Sprintf(`"%s"`, text)))
	server.History(alice.Token, "/chat_list", nil, nil)
	server.History(alice.Token+"x", "/chat_list", nil, nil)
	server.Host(http.MethodPost, "/messages", map[string]any{"from": alice.ID, "toAccount": bob.ID, "text": text, "no": text}, nil)
	var issued struct{ Token string }
	server.Host(http.MethodPost, "/accounts/"+string(alice.ID)+"/tokens", map[string]any{}, &issued)
	if issued.Token == "" {
		t.Fatal("no token was issued")
	}
	if err := server.Stop(); err != nil {
		t.Error(err)
	}
	for what, secret := range map[string]string{
		"a message": text, "a token": alice.Token, "an issued token": issued.Token, "the application's secret": server.HostApp.Secret, "the signing key": server.SigningKey,
	} {
		if strings.Contains(server.Log(), secret) {
			t.Errorf("the log holds %s", what)
		}
	}
}
