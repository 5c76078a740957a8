package chat_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"parley/internal/chat"
)

// loseRows closes the database, deletes rows as damage does, and opens it again.
func (w *world) loseRows(t *testing.T, statements string) {
	t.Helper()
	path := w.store.Path()
	ok(t, w.store.Close())
	db := must(sql.Open("sqlite", path))(t)
	if _, err := db.ExecContext(w.ctx, statements); err != nil {
		t.Fatal(err)
	}
	ok(t, db.Close())
	w.open(w.place)
	w.events.take()
}

// Requests of an account whose row of member was lost failed with an error of the database.
func TestLostMembers(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	sent := w.say(alice, bob, "hello")
	w.loseRows(t, "DELETE FROM member WHERE account = 'alice'")
	for name, request := range map[string]struct {
		do   func(context.Context) error
		want error
	}{
		"chat list": {func(ctx context.Context) error { _, err := w.ChatList(ctx, alice, 0, 10); return err }, nil},
		"unread":    {func(ctx context.Context) error { _, err := w.UnreadCounts(ctx, alice); return err }, nil},
		"history": {func(ctx context.Context) error {
			_, err := w.History(ctx, alice, user(bob), chat.HistoryQuery{Limit: 10})
			return err
		}, nil},
		"read":         {func(ctx context.Context) error { return w.ClearUnread(ctx, by(alice), user(bob)) }, nil},
		"place":        {func(ctx context.Context) error { _, err := w.UnreadPlace(ctx, alice, user(bob)); return err }, nil},
		"current chat": {func(ctx context.Context) error { _, _, err := w.SetCurrentChat(ctx, viewer(alice), "bob"); return err }, nil},
		"remove":       {func(ctx context.Context) error { return w.RemoveSession(ctx, by(alice), user(bob)) }, nil},
		"search": {func(ctx context.Context) error {
			ref := user(bob)
			_, err := w.Search(ctx, by(alice), chat.MessageSearch{Text: "hello", Chat: ref})
			return err
		}, nil},
		"withdraw": {func(ctx context.Context) error { _, err := w.WithdrawMessage(ctx, by(alice), bob, sent); return err }, chat.ErrMessageNotFound},
		"message":  {func(ctx context.Context) error { _, err := w.Message(ctx, alice, sent); return err }, chat.ErrMessageNotFound},
		"send":     {func(ctx context.Context) error { _, err := w.SendMessage(ctx, by(alice), bob, text("x")); return err }, chat.ErrRelationEnded},
		"send to group": {func(ctx context.Context) error {
			_, err := w.SendGroupMessage(ctx, by(alice), g, text("x"))
			return err
		}, chat.ErrNotInGroup},
		"of group": {func(ctx context.Context) error {
			_, err := w.History(ctx, alice, group(g), chat.HistoryQuery{Limit: 10})
			return err
		}, chat.ErrNotInGroup},
		"the other": {func(ctx context.Context) error { _, err := w.SendMessage(ctx, by(bob), alice, text("x")); return err }, nil},
	} {
		if err := request.do(w.ctx); !errors.Is(err, request.want) {
			t.Errorf("%s: got %v, want %v", name, err, request.want)
		}
	}
}

// A lost message made the history by time, and the chat list if it was the last one, fail.
func TestLostMessages(t *testing.T) {
	w := newWorld(t)
	var ids []chat.MessageID
	for range 9 {
		ids = append(ids, w.say(alice, bob, "words"))
		w.clock.advance(time.Minute)
	}
	quoted := must(w.SendMessage(w.ctx, by(alice), bob, chat.Draft{Content: text("quoting").Content, Refer: ids[4]}))(t)
	w.clock.advance(time.Minute)
	last := w.say(bob, alice, "lost")
	w.loseRows(t, "DELETE FROM message WHERE seq IN (4, 5, 6, 11)")
	row := must(w.ChatList(w.ctx, alice, 0, 10))(t)[0]
	if row.Last == nil || row.Last.Message.ID != quoted.Message.ID || row.Last.Quote != nil {
		t.Errorf("got %+v", row.Last)
	}
	start := quoted.Message.At.Add(-9 * time.Minute)
	for n := range 13 {
		at := start.Add(time.Duration(n) * time.Minute)
		want := 0
		for _, seq := range []int{1, 2, 3, 7, 8, 9, 10} {
			if seq <= n {
				want++
			}
		}
		got := must(w.History(w.ctx, alice, user(bob), chat.HistoryQuery{BeforeAt: at, Limit: 20}))(t)
		if len(got) != want {
			t.Errorf("before minute %d: got %d messages, want %d", n, len(got), want)
		}
	}
	if got := w.say(bob, alice, "new"); got <= last {
		t.Errorf("got message %d, want one above %d", got, last)
	}
}
