package server

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"parley/internal/delivery"
	"parley/internal/rest/admin"
	"parley/internal/store"
)

// adminOptions returns the options of the administration API.
func (s *Server) adminOptions() admin.Options {
	started := time.Now()
	return admin.Options{
		Status:  func(ctx context.Context) admin.Status { return s.status(ctx, started) },
		Backups: func(context.Context) []admin.KeptBackup { return s.backups.kept() },

		MaxImport: int64(s.config.HTTP.MaxImportBytes),
	}
}

// status returns the figures of the server that are not in the database.
func (s *Server) status(ctx context.Context, started time.Time) admin.Status {
	out := admin.Status{
		Version: Version(), StartedAt: started, Figures: figuresOf(s.hub, s.store),
	}
	if s.cluster != nil {
		if nodes, err := s.store.Nodes(ctx); err == nil { // otherwise the database is away, which other figures show
			s.cluster.addNodes(&out, nodes)
		}
	}
	if s.config.Database == "" {
		out.DatabaseBytes = sizeOf(filepath.Join(s.config.Data, "*.db*"))
	} else if size, err := s.store.DatabaseSize(ctx); err == nil {
		out.DatabaseBytes = size
	}
	if totals, err := s.store.FileTotals(ctx); err == nil {
		out.Files = &admin.Files{Count: totals.Files, Bytes: totals.Bytes}
	}
	out.Backup = s.backups.status()
	out.DiskFree, out.DiskTotal = diskOf(s.config.Data)
	return out
}

// figuresOf returns the figures of this node.
func figuresOf(hub *delivery.Hub, st *store.Store) admin.Figures {
	stats := hub.Stats()
	return admin.Figures{Online: stats.Accounts, Connections: int(stats.Clients), Waiting: st.Waiting()}
}

// addNodes adds the other nodes to the status of this one.
func (k *cluster) addNodes(status *admin.Status, nodes []store.NodeInfo) {
	k.mu.Lock()
	self := k.id
	k.mu.Unlock()
	own := status.Figures
	for _, n := range nodes {
		node := admin.Node{ID: n.ID, Address: n.Address, Version: n.Version, Since: n.StartedAt, Here: n.ID == self}
		if node.Here {
			node.Figures = &own // newer than those of its last sign of life
		} else if f := readFigures(n.Figures); f != nil {
			node.Figures = f
			status.Online += f.Online
			status.Connections += f.Connections
			status.Waiting += f.Waiting
		}
		status.Nodes = append(status.Nodes, node)
	}
}

// readFigures returns nil if the figures of a node cannot be read, for example those of another version.
func readFigures(text string) *admin.Figures {
	var f admin.Figures
	if json.Unmarshal([]byte(text), &f) != nil {
		return nil
	}
	return &f
}

// sizeOf returns the total size of the files that match the pattern.
func sizeOf(pattern string) (size int64) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return 0 // the name of the data folder is not a valid pattern
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			size += info.Size()
		}
	}
	return size
}
