package servertest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/config"
)

// administer calls the administration as the demo's application of kind server.
func (s *Server) administer(method, path, body string, answer any) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+"/api/admin"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.SetBasicAuth(s.HostApp.App, s.HostApp.Secret)
	r.Header.Set("Content-Type", "application/json")
	if status := s.do(r, answer); status != http.StatusOK {
		s.t.Fatalf("%s %s: got %d", method, path, status)
	}
}

// A server that starts removes old messages with their files. The figures and the administration say so.
func TestRetention(t *testing.T) {
	metrics := func(c *config.Config) { c.Metrics.Listen = "127.0.0.1:0" }
	s := Start(t, metrics)
	ctx := t.Context()
	ann := s.Accounts[0]
	key := s.put(s.Connect(4, "websocket", ann.Token))
	g, err := s.Chat.CreateGroup(ctx, chat.Actor{}, chat.NewGroup{Name: "Old", IsPost: true, Creator: ann.ID, Members: []chat.AccountID{s.Accounts[1].ID}})
	if err != nil {
		t.Fatal(err)
	}
	past := make([]chat.PastMessage, 150)
	for n := range past {
		past[n] = chat.PastMessage{
			External: fmt.Sprint(n), Conversation: g.Conversation, From: ann.ID, At: s.Now().Add(-60*24*time.Hour + time.Duration(n)*time.Second),
			Content: chat.Content{Type: chat.TypeText, Text: fmt.Sprint("old ", n)},
		}
	}
	past[0].Type, past[0].Text, past[0].File = chat.TypeImage, "", []byte(`{"key":"`+key+`","name":"wide.png"}`)
	if _, err := s.Chat.ImportMessages(ctx, "elsewhere", past); err != nil {
		t.Fatal(err)
	}
	s.administer(http.MethodPut, "/groups/"+string(g.ID)+"/retention", `{"days":30}`, nil)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}

	again := Start(t, metrics, func(c *config.Config) { c.Data = s.Data() })
	until(t, "the messages and the file are removed", func() bool {
		page := scrape(t, again)
		return strings.Contains(page, "\nparley_retention_messages_removed_total 150\n") && strings.Contains(page, "\nparley_files_removed_total 1\n")
	})
	until(t, "the run has ended", func() bool { return strings.Contains(scrape(t, again), "\nparley_retention_running 0\n") })
	page := scrape(t, again)
	for _, want := range []string{"parley_retention_files_removed_total 1", "parley_retention_last_success_seconds 1"} {
		if !strings.Contains(page, "\n"+want) {
			t.Errorf("no %q in the figures", want)
		}
	}
	if strings.Contains(page, "\nparley_retention_bytes_removed_total 0\n") {
		t.Error("the size of the file is not counted")
	}
	var shown struct {
		Rules []struct {
			Name string
			Days int
		}
		Run struct {
			Running                bool
			Messages, Files, Bytes int64
		}
	}
	again.administer(http.MethodGet, "/retention", "", &shown)
	if r := shown.Run; r.Running || r.Messages != 150 || r.Files != 1 || r.Bytes == 0 {
		t.Errorf("got %+v", r)
	}
	if len(shown.Rules) != 1 || shown.Rules[0].Name != "Old" || shown.Rules[0].Days != 30 {
		t.Errorf("got %+v", shown.Rules)
	}
}
