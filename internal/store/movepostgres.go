package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

func (postgresEngine) tables() string {
	return "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
}

func (postgresEngine) unhurried() []string {
	return []string{"SET LOCAL statement_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0"}
}

func (postgresEngine) beforeLoad() []string { return nil }

func (postgresEngine) emptyLoad() []string {
	names := []string{"message_index", "search_word"}
	for _, t := range moved {
		names = append(names, t.name)
	}
	return []string{"TRUNCATE " + strings.Join(names, ", "), "DROP INDEX IF EXISTS message_index_words"}
}

// The numbers of new rows go on after those that were copied.
func (postgresEngine) afterLoad() []string {
	all := []string{
		"SET LOCAL maintenance_work_mem = '256MB'",
		"CREATE INDEX IF NOT EXISTS message_index_words ON message_index USING gin (words)", // faster than to keep it up
	}
	for _, table := range []string{"conversation", "notice", "outgoing", "outgoing_batch"} {
		all = append(all, "SELECT setval(pg_get_serial_sequence('"+table+"', 'id'), GREATEST(max(id), 1), max(id) IS NOT NULL) FROM "+table)
	}
	for _, t := range moved {
		all = append(all, "ANALYZE "+t.name)
	}
	return all
}

func (postgresEngine) load(ctx context.Context, db *sql.Conn, table string, columns []string, next func() ([]any, error)) (n int64, err error) {
	err = db.Raw(func(driver any) error {
		n, err = driver.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(next))
		return err
	})
	return n, err
}

func (e postgresEngine) loadIndex(ctx context.Context, t *tx, entries []indexEntry) error {
	_, err := e.load(ctx, t.conn.db, "message_index", []string{"id", "words"}, func() ([]any, error) {
		if len(entries) == 0 {
			return nil, nil
		}
		one := entries[0]
		entries = entries[1:]
		words := strings.Fields(one.words)
		slices.Sort(words)
		words = slices.Compact(words)
		vector := pgtype.TSVector{Lexemes: make([]pgtype.TSVectorLexeme, len(words)), Valid: true}
		for i, w := range words {
			vector.Lexemes[i].Word = w
		}
		return []any{one.id, vector}, nil
	})
	return err
}
