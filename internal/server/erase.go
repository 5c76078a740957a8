package server

import (
	"context"
	"errors"
	"time"

	"parley/internal/chat"
)

const (
	eraseLook  = 5 * time.Second       // between two looks for erasures
	erasePause = 10 * time.Millisecond // between two parts, for the messages of others
)

// keepErasures continues erasures until ctx ends: those that an administrator has begun, and those that were
// interrupted. In a cluster the leading node does so.
func (s *Server) keepErasures(ctx context.Context) {
	every := time.NewTicker(eraseLook)
	defer every.Stop()
	failing := false
	for {
		if s.cluster == nil || s.cluster.leads.Load() {
			err := s.continueErasures(ctx)
			switch {
			case ctx.Err() != nil, errors.Is(err, chat.ErrLogged), errors.Is(err, chat.ErrBusy):
			case err != nil && !failing:
				failing = true
				s.log.ErrorContext(ctx, "a person could not be erased completely; it is tried again", "error", err)
			case err == nil:
				failing = false
			}
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Server) continueErasures(ctx context.Context) error {
	all, err := s.chat.Erasures(ctx)
	for _, e := range all {
		err = errors.Join(err, continueErasure(ctx, s.chat, e.Account, func(int64, int64) {}))
	}
	return err
}

// continueErasure runs an erasure to its end.
func continueErasure(ctx context.Context, rules *chat.Service, id chat.AccountID, told func(done, total int64)) error {
	for {
		e, err := rules.ContinueErasure(ctx, id)
		if err != nil || !e.Ended.IsZero() {
			return err
		}
		total := max(e.Total, 1)
		told(min(e.Done, total-1), total)
		select {
		case <-time.After(erasePause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Erase erases a person. After an interruption, the server or another call continues.
func (d *Data) Erase(ctx context.Context, id chat.AccountID, progress Progress) (chat.Erasure, error) {
	a, err := d.Chat.Account(ctx, id)
	if err != nil {
		return chat.Erasure{}, err
	}
	if _, err := d.Chat.Erase(ctx, chat.Actor{}, id, a.Name); err != nil {
		return chat.Erasure{}, err
	}
	progress("messages", 0, 1)
	if err := continueErasure(ctx, d.Chat, id, func(done, total int64) { progress("messages", done, total) }); err != nil {
		return chat.Erasure{}, err
	}
	progress("messages", 1, 1)
	return d.Chat.ErasureOf(ctx, id)
}
