package servertest

import (
	"encoding/json"
	"net/http"
	"testing"

	"parley/internal/chat"
	"parley/internal/config"
)

// Each of these is read where it takes effect, on the server that runs.
func TestSettingsTakeEffect(t *testing.T) {
	s := Start(t, func(c *config.Config) { c.Auth.Passwords = true })
	change := func(values ...string) {
		t.Helper()
		var changes []chat.SettingChange
		for i := 0; i < len(values); i += 2 {
			changes = append(changes, chat.SettingChange{Name: values[i], Value: values[i+1]})
		}
		if _, err := s.Chat.ChangeSettings(t.Context(), chat.Actor{}, "", changes); err != nil {
			t.Fatal(err)
		}
	}
	alice := s.Accounts[0]
	first := s.Connect(4, "websocket", alice.Token)
	ask := func(event string, payload, answer any) (refusal string) {
		t.Helper()
		ack, err := first.Request(t.Context(), event, payload)
		if err != nil {
			t.Fatal(err)
		}
		if len(ack) == 1 {
			return string(ack[0])
		}
		if err := json.Unmarshal(ack[1], answer); err != nil {
			t.Fatal(err)
		}
		return ""
	}
	var leave struct{ MaxSize int64 }
	ask("upload token", map[string]any{"type": 1}, &leave)
	if leave.MaxSize != 20<<20 {
		t.Errorf("before: %d bytes", leave.MaxSize)
	}
	change("upload.max-image", "1MiB", "name", "New Works", "chat.max-text", "5")
	ask("upload token", map[string]any{"type": 1}, &leave)
	if leave.MaxSize != 1<<20 {
		t.Errorf("after: %d bytes, want 1 MiB", leave.MaxSize)
	}
	var sent any
	if got := ask("send message", map[string]any{"touser": s.Accounts[1].ID, "msg": "longer", "type": 1}, &sent); got != `{"error":"message too long"}` {
		t.Errorf("a long message: got %s", got)
	}
	if got := ask("send message", map[string]any{"touser": s.Accounts[1].ID, "msg": "short", "type": 1}, &sent); got != "" {
		t.Errorf("a short message: got %s", got)
	}

	get := func(path, token string, answer any) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		return s.do(r, answer)
	}
	var shown struct {
		Server struct{ Name string }
		Limits struct{ Image, Text int64 }
	}
	get("/api/config", "", &shown)
	if shown.Server.Name != "New Works" || shown.Limits.Image != 1<<20 || shown.Limits.Text != 5 {
		t.Errorf("config = %+v", shown)
	}

	// A limit that had no effect before, and then has none again.
	change("rate.send", "0.1", "rate.send-burst", "2")
	refusal := ""
	for n := 0; n < 1000 && refusal == ""; n++ {
		refusal = ask("send message", map[string]any{"touser": s.Accounts[1].ID, "msg": "hello", "type": 1}, &sent)
	}
	if refusal != `{"error":"too many requests"}` {
		t.Errorf("with a limit: got %s", refusal)
	}
	change("rate.send", "0")
	if got := ask("send message", map[string]any{"touser": s.Accounts[1].ID, "msg": "hello", "type": 1}, &sent); got != "" {
		t.Errorf("without a limit: got %s", got)
	}
	change("rate.history", "1", "rate.history-burst", "20")
	status := http.StatusOK
	for n := 0; n < 10_000 && status == http.StatusOK; n++ {
		status = get("/api/me", s.Accounts[1].Token, nil)
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("many requests: got %d, want 429", status)
	}
}
