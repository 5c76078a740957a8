package server

import (
	"context"
	"errors"
	"time"

	"parley/internal/chat"
)

// auditUpkeep is the interval at which old entries are removed.
const auditUpkeep = 10 * time.Minute

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
