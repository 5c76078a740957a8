package script

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/server/servertest"
	"parley/internal/wire"
	"parley/test/postgres"
)

// TestTranscripts plays every transcript over both transports and on both
// versions of Engine.IO.
func TestTranscripts(t *testing.T) {
	playAll(t, servertest.Start(t))
}

// TestTranscriptsOnPostgreSQL plays them on the other database.
func TestTranscriptsOnPostgreSQL(t *testing.T) {
	url := postgres.Start(t, "fsync=off").Create(t)
	playAll(t, servertest.Start(t, func(c *config.Config) { c.Database = config.Database(url) }))
}

func playAll(t *testing.T, running *servertest.Server) {
	server := Server{URL: running.URL, Path: running.Path, Chat: running.Chat, Advance: running.Advance}
	for name, lines := range transcripts(t) {
		t.Run(name, func(t *testing.T) {
			played := 0
			for _, variant := range Variants {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				err := Play(ctx, server, variant, lines)
				cancel()
				if errors.Is(err, ErrOtherVariant) {
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", variant, err)
				}
				played++
			}
			if played == 0 {
				t.Error("no variant played it")
			}
		})
	}
}

// TestEveryEventHasATranscript holds the transcripts against the events of the
// protocol: each request must be acknowledged in one and refused in one, each
// push received in one.
func TestEveryEventHasATranscript(t *testing.T) {
	requests := []string{
		"current chat", "operate", "unread count", "all unread", "clear unread", "clear all unread", "inbox unread",
		"send message", "send group message", "upload token", "remove session", "shake shake", "group shake",
		"clear notification", "voice as read",
		"clear chat", "withdraw user message", "withdraw group message", "sticky on top", "silence message",
		"edit message", "message revisions", "set reaction", "reaction users", "set user notice", "mark unread", "set pin", "pinned messages",
		"set draft", "drafts", "read marks", "message readers", "message replies",
	}
	pushes := []string{
		"operate", "shake shake", "group shake", "new message", "new group message", "new group", "group member added",
		"group renamed", "removed from group", "group member removed", "group admin removed", "group admin added",
		"set group notice", "clear all unread", "clear unread", "unread again", "clear notification", "session removed", "new notify",
		"new history", "new session", "ban speak", "permit speak", "voice as read",
		"new withdraw usermessage", "new withdraw groupmessage", "new sticky on top", "new silence message",
		"can add member", "group changed", "contact changed", "logout message",
		"message edited", "message reaction", "set user notice", "mark unread", "message pinned",
		"draft changed", "read marks", "reply count",
	}
	answered, refused, received := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, lines := range transcripts(t) {
		open := map[string]string{} // subject → its latest request
		for _, l := range lines {
			name, values, err := l.Split()
			if err != nil && l.Subject != "host" && l.Subject != "history" && l.Subject != "login" {
				t.Fatal(err)
			}
			switch {
			case l.Subject == "login" && l.Verb == "<":
				if l.Rest == "connected" {
					answered["connect"] = true
				} else {
					refused["connect"] = true
				}
			case l.Verb == ">":
				open[l.Subject] = name
			case l.Verb == "<" && name == "ack" && strings.Contains(values[0], `"error"`):
				refused[open[l.Subject]] = true
			case l.Verb == "<" && name == "ack":
				answered[open[l.Subject]] = true
			case l.Verb == "<":
				received[name] = true
			}
		}
	}
	for _, name := range append(requests, "connect") {
		if !answered[name] {
			t.Errorf("no transcript shows %q succeed", name)
		}
		if !refused[name] {
			t.Errorf("no transcript shows %q refused", name)
		}
	}
	for _, name := range pushes {
		if !received[name] {
			t.Errorf("no transcript shows the push %q", name)
		}
	}
}

// TestRefusalsAreDocumented holds what transcripts are refused with against what
// the contract says that the request may be.
func TestRefusalsAreDocumented(t *testing.T) {
	documented := map[string][]chat.Error{}
	for _, r := range wire.Requests {
		documented[r.Name] = slices.Concat(r.Refusals, wire.CommonRefusals, []chat.Error{r.Fault})
	}
	for name, lines := range transcripts(t) {
		open := map[string]string{}
		for _, l := range lines {
			event, values, _ := l.Split()
			if l.Verb == ">" {
				open[l.Subject] = event
			}
			if l.Verb != "<" || event != "ack" || !strings.HasPrefix(values[0], `{"error"`) {
				continue
			}
			var refused wire.Failure
			if err := json.Unmarshal([]byte(values[0]), &refused); err != nil {
				t.Fatalf("%s, line %d: %v", name, l.Number, err)
			}
			request, ok := documented[open[l.Subject]]
			invalid := strings.HasPrefix(strings.TrimPrefix(refused.Error, "/^"), "invalid payload:")
			if ok && !invalid && !slices.Contains(request, chat.Error(refused.Error)) {
				t.Errorf("%s, line %d: wire.Requests does not say that %q may be refused with %q", name, l.Number, open[l.Subject], refused.Error)
			}
		}
	}
}

func transcripts(t *testing.T) map[string][]Line {
	t.Helper()
	files, err := filepath.Glob("transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	all := map[string][]Line{}
	for _, path := range files {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		title, lines, err := Parse(file)
		_ = file.Close()
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if title == "" {
			t.Errorf("%s has no title", path)
		}
		all[strings.TrimSuffix(filepath.Base(path), ".txt")] = lines
	}
	return all
}
