package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/store"
)

// endsAfter is a context that ends when it has been looked at so many times, by
// whichever goroutine: database/sql looks, too.
type endsAfter struct {
	context.Context
	looks atomic.Int64
}

func (c *endsAfter) Err() error {
	if c.looks.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// A search for what nobody has said once read through the whole conversation,
// whoever still waited for it.
func TestSearchThroughMuch(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	const messages = 4500
	var c chat.Conversation
	err := s.Update(t.Context(), func(tx chat.Tx) (err error) {
		for _, a := range []chat.AccountID{"ann", "bob"} {
			if err := tx.CreateAccount(chat.Account{ID: a}); err != nil {
				return err
			}
		}
		if c, err = tx.CreateDirectConversation("ann", "bob", time.Time{}); err != nil {
			return err
		}
		for i := range messages {
			m := chat.Message{Content: chat.Content{Type: chat.TypeText, Text: fmt.Sprint("word ", i%1000)}, Conversation: c.ID, From: "ann"}
			if err := tx.AppendMessage(&m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	search := func(ctx context.Context, q chat.MessageQuery) (seqs []int64, err error) {
		q.Conversation = c.ID
		err = s.Search(ctx, func(tx chat.Tx) error {
			found, err := tx.Messages(q)
			for _, m := range found {
				seqs = append(seqs, m.Seq)
			}
			return err
		})
		return seqs, err
	}
	for name, tt := range map[string]struct {
		q    chat.MessageQuery
		want []int64
	}{
		"far apart":               {chat.MessageQuery{Keyword: "word 400", Limit: 9}, []int64{4401, 3401, 2401, 1401, 401}},
		"far apart, oldest first": {chat.MessageQuery{Keyword: "word 400", Limit: 9, OldestFirst: true}, []int64{401, 1401, 2401, 3401, 4401}},
		"the limit":               {chat.MessageQuery{Keyword: "word 400", Limit: 2}, []int64{4401, 3401}},
		"a later page":            {chat.MessageQuery{Keyword: "word 400", Limit: 2, Offset: 3}, []int64{1401, 401}},
		"a page behind the last":  {chat.MessageQuery{Keyword: "word 400", Limit: 2, Offset: 5}, nil},
		"up to a place":           {chat.MessageQuery{Keyword: "word 400", Limit: 9, UntilSeq: 3400}, []int64{2401, 1401, 401}},
		"a whole stretch":         {chat.MessageQuery{Keyword: "word", Limit: 2, Offset: 1999}, []int64{2501, 2500}},
		"nowhere":                 {chat.MessageQuery{Keyword: "nobody said this", Limit: 9}, nil},
	} {
		got, err := search(t.Context(), tt.q)
		if diff := cmp.Diff(got, tt.want); diff != "" || err != nil {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, tt.want)
		}
	}
	ctx := &endsAfter{Context: t.Context()}
	ctx.looks.Store(2)
	// A page far behind the last one has everything that is found left out.
	if got, err := search(ctx, chat.MessageQuery{Keyword: "word", Offset: 2 * messages, Limit: 9}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v of a search that ended half-way, want %v", got, err, context.Canceled)
	}
	// Signs alone once had no words in the index, and every text was read for them.
	if err := s.Indexed(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, signs := range []string{"!?", "%", "…", "\ue003"} {
		few := &endsAfter{Context: t.Context()}
		few.looks.Store(messages / 64 / 2)
		if got, err := search(few, chat.MessageQuery{Keyword: signs, Limit: 9}); len(got) > 0 || err != nil {
			t.Errorf("%q: got %v, %v, want nothing without reading the texts", signs, got, err)
		}
	}
}

// Searches leave a connection to those who read a page.
func TestSearchesLeaveAReader(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir(), Readers: 3})
	var running atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			err := s.Search(t.Context(), func(chat.Tx) error {
				defer running.Add(-1)
				if n := running.Add(1); n > 2 {
					return fmt.Errorf("%d searches at once on 3 readers", n)
				}
				for range 100 {
					if err := s.View(t.Context(), nothing); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	// A waiting caller can give up.
	g := make(chan struct{})
	for range 2 {
		entered := make(chan struct{})
		wg.Go(func() {
			_ = s.Search(t.Context(), func(chat.Tx) error { close(entered); <-g; return nil })
		})
		<-entered
	}
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error)
	go func() { gaveUp <- s.Search(ctx, nothing) }()
	if err := s.View(t.Context(), nothing); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v of a search that was given up, want %v", err, context.Canceled)
	}
	close(g)
	wg.Wait()
}
