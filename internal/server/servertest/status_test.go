package servertest

import (
	"net/http"
	"testing"
)

// The overview has the figures of the server beside those of the database.
func TestOverview(t *testing.T) {
	s := Start(t)
	var o struct {
		Version                  string
		Nodes                    int
		StartedAt, DatabaseBytes int64
		DiskFree, DiskTotal      int64
		Days                     []any
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/admin/overview", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(s.HostApp.App, s.HostApp.Secret)
	if status := s.do(r, &o); status != http.StatusOK {
		t.Fatalf("got %d", status)
	}
	if o.Version == "" || o.Nodes != 1 || o.StartedAt == 0 || o.DatabaseBytes == 0 || o.DiskFree > o.DiskTotal || len(o.Days) != 30 {
		t.Errorf("got %+v", o)
	}
}
