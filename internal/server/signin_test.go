package server

import (
	"log/slog"
	"sync"
	"testing"

	"parley/internal/chat"
	"parley/internal/config"
)

// Several nodes that start on a new database at the same moment register the web client once.
func TestRegisterClientAtOnce(t *testing.T) {
	c, err := config.Load("", "--data="+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d, err := CreateData(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var found [8]chat.Application
	var all sync.WaitGroup
	for i := range found {
		all.Go(func() {
			var err error
			if found[i], err = registerClient(t.Context(), d.Chat); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i, app := range found {
		if app.ID == "" || app.ID != found[0].ID {
			t.Errorf("node %d has application %q, node 0 %q", i, app.ID, found[0].ID)
		}
	}
}
