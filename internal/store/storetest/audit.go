package storetest

import (
	"time"

	"parley/internal/chat"
)

var auditTests = []test{
	{"audit log", func(w *world) {
		begin := w.tick()
		add := func(e chat.AuditEntry) {
			e.At = w.clock
			w.do(func(tx chat.Tx) error { return tx.AddAudit(e) })
		}
		add(chat.AuditEntry{Kind: "group.created", Actor: "ann", App: "web", TargetType: chat.TargetGroup, Target: "g1", Detail: map[string]string{"accounts": "bob,cid"}})
		add(chat.AuditEntry{Kind: "group.dissolved", Actor: "bob", TargetType: chat.TargetGroup, Target: "g1"})
		w.tick()
		later := w.clock
		add(chat.AuditEntry{Kind: "groupie", Session: "s", Address: "192.0.2.7", Agent: "Browser/1", Request: "r1", TargetType: chat.TargetAccount, Target: "ann"})
		find := func(q chat.AuditQuery) (kinds []string) {
			if q.Limit == 0 {
				q.Limit = 100
			}
			for _, e := range get(w, func(tx chat.Tx) ([]chat.AuditEntry, error) { return tx.Audit(q) }) {
				kinds = append(kinds, string(e.Kind))
			}
			return kinds
		}
		all := get(w, func(tx chat.Tx) ([]chat.AuditEntry, error) { return tx.Audit(chat.AuditQuery{Limit: 100}) })
		same(w, "all of it", all, []chat.AuditEntry{
			{
				ID: all[0].ID, At: later, Kind: "groupie", Session: "s", Address: "192.0.2.7", Agent: "Browser/1", Request: "r1",
				TargetType: chat.TargetAccount, Target: "ann",
			},
			{ID: all[1].ID, At: begin, Kind: "group.dissolved", Actor: "bob", TargetType: chat.TargetGroup, Target: "g1"},
			{
				ID: all[2].ID, At: begin, Kind: "group.created", Actor: "ann", App: "web", TargetType: chat.TargetGroup, Target: "g1",
				Detail: map[string]string{"accounts": "bob,cid"},
			},
		})
		same(w, "ids rise", all[0].ID > all[1].ID && all[1].ID > all[2].ID, true)
		same(w, "a kind", find(chat.AuditQuery{Kind: "group.created"}), []string{"group.created"})
		same(w, "kinds", find(chat.AuditQuery{Kind: "group."}), []string{"group.dissolved", "group.created"})
		same(w, "an actor", find(chat.AuditQuery{Actor: "ann"}), []string{"group.created"})
		same(w, "an application", find(chat.AuditQuery{App: "web"}), []string{"group.created"})
		same(w, "a target", find(chat.AuditQuery{TargetType: chat.TargetGroup, Target: "g1", Kind: "group.dissolved"}), []string{"group.dissolved"})
		same(w, "since", find(chat.AuditQuery{Since: later}), []string{"groupie"})
		same(w, "until", find(chat.AuditQuery{Until: later}), []string{"group.dissolved", "group.created"})
		same(w, "the first", find(chat.AuditQuery{Limit: 1}), []string{"groupie"})
		same(w, "the next", find(chat.AuditQuery{Before: all[0].ID, Limit: 1}), []string{"group.dissolved"})

		// The clock is set back: later entries still have higher ids.
		w.do(func(tx chat.Tx) error {
			return tx.AddAudit(chat.AuditEntry{Kind: "back", At: begin.Add(-time.Hour)})
		})
		same(w, "newest", find(chat.AuditQuery{Limit: 1}), []string{"back"})

		prune := func(before time.Time, limit int) int {
			return made(w, func(tx chat.Tx) (int, error) { return tx.PruneAudit(before, limit) })
		}
		same(w, "nothing is old", prune(begin, 10), 0)
		same(w, "a piece", prune(later, 1), 1)
		same(w, "the oldest", find(chat.AuditQuery{}), []string{"back", "groupie", "group.dissolved"})
		same(w, "the rest", prune(later.Add(time.Hour), 10), 3)
		add(chat.AuditEntry{Kind: "again"})
		same(w, "ids are not given twice", get(w, func(tx chat.Tx) ([]chat.AuditEntry, error) {
			return tx.Audit(chat.AuditQuery{Limit: 1})
		})[0].ID >= all[0].ID, true)
	}},
}
