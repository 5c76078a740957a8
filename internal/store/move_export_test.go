package store

import (
	"slices"
	"testing"
)

// MovedTables returns the tables that a move copies.
func MovedTables() (names []string) {
	for _, t := range moved {
		names = append(names, t.name)
	}
	return names
}

// MoveTogether makes the transactions of moves small.
func MoveTogether(t *testing.T, n int64) {
	rows, messages := moveTogether, indexTogether
	moveTogether, indexTogether = n, 40*n
	t.Cleanup(func() { moveTogether, indexTogether = rows, messages })
}

// clusterColumns exist only where there can be several nodes. A move leaves them out, as it
// does with every column that one side lacks.
var clusterColumns = map[string][]string{"current_chat": {"node", "seen", "seen_at", "lost_at", "decided"}}

// ColumnsToMove returns the columns of every table but those that a move leaves out.
func ColumnsToMove(t *testing.T, s *Store) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	if err := s.view(t.Context(), func(tx *tx) error {
		tables, err := column(t.Context(), tx.conn.db, s.engine.tables())
		for _, table := range tables {
			if slices.Contains(notMoved, table) {
				continue
			}
			columns, err := columnsOf(t.Context(), tx.conn.db, table)
			if err != nil {
				return err
			}
			columns = slices.DeleteFunc(columns, func(name string) bool { return slices.Contains(clusterColumns[table], name) })
			slices.Sort(columns)
			all[table] = columns
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// RecoverTogether makes the transactions of recoveries small.
func RecoverTogether(t *testing.T, n int) {
	rows, pages := recoverTogether, scanTogether
	recoverTogether, scanTogether = int64(n), n
	t.Cleanup(func() { recoverTogether, scanTogether = rows, pages })
}
