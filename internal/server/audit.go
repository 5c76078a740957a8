package server

import (
	"context"
	"errors"
	"time"

	"parley/internal/chat"
)

// auditUpkeep is the interval at which old entries are removed.
const auditUpkeep = 10 * time.Minute

// refusalUpkeep is the interval at which counted refusals are recorded whose time has passed.
const refusalUpkeep = time.Minute

// lastRefusals is the maximum time for recording the rest of them when the server stops.
const lastRefusals = 5 * time.Second

// keepRefusals records the refusals that were only counted, until ctx ends; see [chat.Service.WriteRefusals].
func (s *Server) keepRefusals(ctx context.Context) {
	write := func(ctx context.Context, all bool) {
		if err := s.chat.WriteRefusals(ctx, all); err != nil && !errors.Is(err, chat.ErrLogged) && !errors.Is(err, context.Canceled) {
			s.log.ErrorContext(ctx, "refused sign-ins are missing in the audit log", "error", err)
		}
	}
	every := time.NewTicker(refusalUpkeep)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			write(ctx, false)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastRefusals)
			defer cancel()
			write(last, true)
			return
		}
	}
}

// pruneAudit removes old entries of the audit log until ctx ends. In a cluster only the leading node
// removes them.
func (s *Server) pruneAudit(ctx context.Context) {
	every := time.NewTicker(auditUpkeep)
	defer every.Stop()
	for {
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
		if s.cluster != nil && !s.cluster.leads.Load() {
			continue
		}
		removed, err := s.chat.PruneAudit(ctx, s.live.Config().Audit.Keep)
		if err != nil && !errors.Is(err, chat.ErrLogged) && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "old entries of the audit log could not be removed", "error", err)
		}
		if removed > 0 {
			s.log.InfoContext(ctx, "old entries of the audit log were removed", "count", removed)
		}
	}
}
