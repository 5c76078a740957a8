package chat_test

import (
	"errors"
	"testing"

	"parley/internal/chat"
)

// The answer is stored by the very transaction that does the work, so it is
// there after a crash exactly when the work is.
func TestReplay(t *testing.T) {
	w := newWorld(t)
	var answered []any
	mark := chat.ReplayMark{App: "web", Key: "k1", Fingerprint: [32]byte{7}, Answer: func(result any) (int, []byte, error) {
		answered = append(answered, result)
		return 201, []byte("sent"), nil
	}}
	ctx := chat.WithReplay(w.ctx, mark)
	_, err := w.SendMessage(ctx, by(alice), dave, text("x"))
	refused(t, "refused work", err, "not my contract")
	_, found, err := w.Replay(w.ctx, "web", "k1")
	ok(t, err)
	same(t, "an answer to refused work", found, false)

	receipt := must(w.SendMessage(ctx, by(alice), bob, text("once")))(t)
	same(t, "what the answer is made of", answered, []any{receipt})
	r, found, err := w.Replay(w.ctx, "web", "k1")
	ok(t, err)
	same(t, "found", found, true)
	same(t, "answer", r, chat.Replay{Fingerprint: [32]byte{7}, Status: 201, Body: []byte("sent"), At: w.clock.Now()})
	_, err = w.SendMessage(ctx, by(alice), bob, text("once"))
	refused(t, "again", err, "already exists")
	_, found, err = w.Replay(w.ctx, "web", "k2")
	ok(t, err)
	same(t, "another key", found, false)

	mark.Key, mark.Answer = "k2", func(any) (int, []byte, error) { return 0, nil, errors.New("no answer") }
	if _, err = w.SendMessage(chat.WithReplay(w.ctx, mark), by(alice), bob, text("twice")); err == nil {
		t.Error("work without an answer: got no error")
	}
	same(t, "history", w.read(bob, user(alice)), []string{"once"})
}
