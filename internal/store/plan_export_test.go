package store

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"parley/internal/chat"
)

// Plans returns how the database runs the statements of a function that reads, by their texts.
func Plans(t *testing.T, s *Store, fn func(chat.Tx) error) map[string]string {
	t.Helper()
	plans := make(map[string]string)
	if err := s.view(t.Context(), func(t *tx) error {
		before := maps.Clone(t.conn.stmts)
		if err := fn(t); err != nil {
			return err
		}
		for query := range t.conn.stmts {
			if _, ok := before[query]; ok || !strings.HasPrefix(query, "SELECT") {
				continue
			}
			var err error
			if plans[query], err = t.plan(query); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return plans
}

func (t *tx) plan(query string) (string, error) {
	explain, column := "EXPLAIN QUERY PLAN "+query, 3
	if t.conn.engine.isServer() {
		// The plan for all values, because the server keeps it.
		for _, statement := range []string{"SET LOCAL plan_cache_mode = force_generic_plan", "PREPARE plan AS " + postgresEngine{}.rebind(query)} {
			if _, err := t.conn.db.ExecContext(t.ctx, statement); err != nil {
				return "", err
			}
		}
		values := strings.TrimSuffix(strings.Repeat("NULL, ", strings.Count(query, "?")), ", ")
		explain, column = "EXPLAIN EXECUTE plan ("+values+")", 0
	}
	var args []any
	if !t.conn.engine.isServer() {
		args = make([]any, strings.Count(query, "?"))
	}
	rows, err := t.conn.db.QueryContext(t.ctx, explain, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		dest := make([]any, column+1)
		for i := range dest {
			dest[i] = new(any)
		}
		if err := rows.Scan(dest...); err != nil {
			return "", err
		}
		fmt.Fprintln(&plan, *dest[column].(*any))
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || !t.conn.engine.isServer() {
		return plan.String(), err
	}
	_, err = t.conn.db.ExecContext(t.ctx, "DEALLOCATE plan")
	return plan.String(), err
}

// Multiply gives a PostgreSQL database n copies of the one direct chat of an account, each with another account. One in a hundred
// has an unread message. The server counts its rows then, which it does by itself later.
func Multiply(t *testing.T, s *Store, peer chat.AccountID, n int) {
	t.Helper()
	if !s.engine.isServer() {
		return
	}
	copies := func(table, condition, changes string) string {
		return fmt.Sprintf(`INSERT INTO %[1]s SELECT (x.copied).* FROM (
			SELECT jsonb_populate_record(r, jsonb_build_object(%[3]s)) AS copied FROM %[1]s r, generate_series(1, %[4]d) n WHERE %[2]s OFFSET 0) x`,
			table, condition, changes, n)
	}
	direct := "(SELECT id FROM conversation WHERE group_id IS NULL)"
	c, err := s.writeDB.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, statement := range []string{
		"SET statement_timeout = 0", "SET session_replication_role = replica", // rows in any order
		copies("member", "conversation = "+direct, "'conversation', 100 + n, 'place', 100 + n, 'has_unread', CASE WHEN n % 100 = 0 THEN has_unread ELSE 0 END, 'read_count', CASE WHEN n % 100 = 0 THEN 0 ELSE 1 END, 'account', CASE WHEN account = '"+string(peer)+"' THEN account || n ELSE account END"),
		copies("message", "conversation = "+direct, "'id', 100 + n, 'conversation', 100 + n"),
		copies("conversation", "group_id IS NULL AND id < 100", "'id', 100 + n, 'b', b || n, 'last_id', 100 + n"),
		copies("account", "id = '"+string(peer)+"'", "'id', id || n"),
		"VACUUM ANALYZE",
	} {
		if _, err := c.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}
