package server

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"parley/internal/rest/admin"
)

// adminOptions are those of the administration API.
func (s *Server) adminOptions() admin.Options {
	started := time.Now()
	return admin.Options{
		Status: func(ctx context.Context) admin.Status { return s.status(ctx, started) },
	}
}

// status returns the figures of the server that are not in the database.
func (s *Server) status(ctx context.Context, started time.Time) admin.Status {
	hub := s.hub.Stats()
	out := admin.Status{
		Version: Version(), StartedAt: started,
		Online: hub.Accounts, Connections: int(hub.Clients), Nodes: 1, Waiting: s.store.Waiting(),
	}
	if s.cluster != nil {
		if nodes, err := s.store.Nodes(ctx); err == nil { // otherwise the database is away, which other figures show
			out.Nodes = len(nodes)
		}
	}
	if s.config.Database == "" {
		out.DatabaseBytes = sizeOf(filepath.Join(s.config.Data, "*.db*"))
	}
	out.Backup = s.backups.status()
	out.DiskFree, out.DiskTotal = diskOf(s.config.Data)
	return out
}

// sizeOf adds the sizes of the files with a name of the pattern.
func sizeOf(pattern string) (size int64) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return 0 // the data folder has a name that is a malformed pattern
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			size += info.Size()
		}
	}
	return size
}
