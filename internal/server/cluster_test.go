package server

import (
	"log/slog"
	"testing"
	"time"

	"parley/internal/config"
)

// An answer to a question that is nearly as old as the timeout keeps a node that serves, but does not let one return that is cut
// off: it would be cut off again before the next answer.
func TestCluster_Ill(t *testing.T) {
	const lost = time.Hour
	for _, test := range []struct {
		name           string
		cut            string
		database, line time.Duration // ago
		want           string
	}{
		{"serving, old answers", "", lost * 3 / 4, lost * 3 / 4, ""},
		{"serving, no answer of the database", "", lost * 5 / 4, 0, cutDatabase},
		{"serving, no answer of the bus", "", 0, lost * 5 / 4, cutBus},
		{"cut off, an old answer of the database", cutDatabase, lost * 3 / 4, 0, cutDatabase},
		{"cut off, an old answer of the bus", cutBus, 0, lost * 3 / 4, cutBus},
		{"cut off, recent answers", cutDatabase, lost / 4, lost / 4, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := newCluster(config.Config{Bus: "nats://127.0.0.1", Cluster: config.Cluster{LostTimeout: lost}}, slog.New(slog.DiscardHandler))
			defer k.follower.Close()
			k.reason = test.cut
			k.database.good(time.Now().Add(-test.database))
			k.line.good(time.Now().Add(-test.line))
			if got, _ := k.ill(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestCheck_GoodNeverGoesBack(t *testing.T) {
	var c check
	now := time.Now()
	c.good(now)
	c.good(now.Add(-time.Hour)) // the answer to an earlier question came later
	if !c.last.Load().Equal(now) {
		t.Errorf("got %v, want %v", c.last.Load(), now)
	}
}
