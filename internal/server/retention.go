package server

import (
	"context"
	"errors"
	"time"

	"parley/internal/chat"
)

// retention removes messages that no rule keeps any more. In a cluster the leading node does so.
type retention struct{ server *Server }

const (
	retentionEvery = time.Hour              // between the ends of two runs
	retentionLook  = time.Minute            // between two looks at whether a run is due, or was interrupted
	retentionPause = 20 * time.Millisecond  // after each transaction
	retentionYield = 500 * time.Millisecond // at most, while other writes wait
)

// errNotLeading ends a run on a node that no longer leads. The leading one goes on.
var errNotLeading = errors.New("server: another node leads")

// run removes old messages until ctx ends.
func (r *retention) run(ctx context.Context) {
	every := time.NewTicker(retentionLook)
	defer every.Stop()
	var ended time.Time
	for {
		if r.leads() && time.Since(ended) >= retentionEvery {
			if err := r.remove(ctx); err == nil {
				ended = time.Now()
			}
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

func (r *retention) leads() bool { return r.server.cluster == nil || r.server.cluster.leads.Load() }

// remove is one run, or the rest of one that was interrupted.
func (r *retention) remove(ctx context.Context) error {
	s := r.server
	began := time.Now()
	done, err := s.chat.RemoveOld(ctx, r.pause)
	switch {
	case err == nil:
	case ctx.Err() != nil, errors.Is(err, errNotLeading), errors.Is(err, chat.ErrLogged), errors.Is(err, chat.ErrBusy):
		return err
	default:
		s.log.ErrorContext(ctx, "old messages could not be removed; it is tried again", "error", err)
		return err
	}
	if done.Messages > 0 {
		s.log.InfoContext(ctx, "old messages were removed", "messages", done.Messages, "files", done.Files, "took", time.Since(began).Round(time.Millisecond).String())
		s.files.signal()
	}
	for more := true; more; {
		if more, err = s.store.ReturnSpace(ctx); err == nil {
			err = r.pause(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pause lets others write.
func (r *retention) pause(ctx context.Context) error {
	for until := time.Now().Add(retentionYield); ; {
		select {
		case <-time.After(retentionPause):
		case <-ctx.Done():
			return ctx.Err()
		}
		if !r.leads() {
			return errNotLeading
		}
		if r.server.store.Waiting() == 0 || time.Now().After(until) {
			return nil
		}
	}
}
