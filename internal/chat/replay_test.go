package chat_test

import (
	"testing"

	"parley/internal/chat"
)

func TestReplay(t *testing.T) {
	w := newWorld(t)
	_, found, err := w.Replay(w.ctx, "web", "k1")
	ok(t, err)
	same(t, "before", found, false)
	r := chat.Replay{Fingerprint: [32]byte{1}, Status: 201, Body: []byte("{}")}
	ok(t, w.SaveReplay(w.ctx, "web", "k1", r))
	got, found, err := w.Replay(w.ctx, "web", "k1")
	ok(t, err)
	r.At = w.clock.Now()
	same(t, "after", got, r)
	same(t, "found", found, true)
	_, found, err = w.Replay(w.ctx, "web", "k2")
	ok(t, err)
	same(t, "another key", found, false)
	refused(t, "no key", w.SaveReplay(w.ctx, "web", "", r), "invalid payload: Idempotency-Key is required")
}

// The mark is left by the very transaction that does the work, so it is there
// after a crash exactly when the work is.
func TestReplayMark(t *testing.T) {
	w := newWorld(t)
	ctx := chat.WithReplay(w.ctx, "web", "k1", [32]byte{7})
	_, err := w.SendMessage(ctx, by(alice), dave, text("x"))
	refused(t, "refused work", err, "not my contract")
	_, found, err := w.Replay(w.ctx, "web", "k1")
	ok(t, err)
	same(t, "a mark of refused work", found, false)

	must(w.SendMessage(ctx, by(alice), bob, text("once")))(t)
	r, found, err := w.Replay(w.ctx, "web", "k1")
	ok(t, err)
	same(t, "mark", [3]any{found, r.Status, r.Fingerprint}, [3]any{true, 0, [32]byte{7}})
	_, err = w.SendMessage(ctx, by(alice), bob, text("once"))
	refused(t, "again", err, "already exists")
	same(t, "history", w.read(bob, user(alice)), []string{"once"})
}
