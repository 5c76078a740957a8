package store

import (
	"context"
	"database/sql"
	"strings"
)

func (sqliteEngine) tables() string { return "SELECT name FROM sqlite_schema WHERE type = 'table'" }

// References are checked when the copy is verified.
func (sqliteEngine) beforeLoad() []string { return []string{"PRAGMA foreign_keys = 0"} }

func (sqliteEngine) emptyLoad() []string { return nil } // the file is new

func (sqliteEngine) afterLoad() []string { return nil }

func (sqliteEngine) unhurried() []string { return nil }

// loadTogether is the number of rows in a statement.
const loadTogether = 50

func (sqliteEngine) load(ctx context.Context, db *sql.Conn, table string, columns []string, next func() ([]any, error)) (n int64, err error) {
	insert := func(rows int) (*sql.Stmt, error) {
		row := "(?" + strings.Repeat(", ?", len(columns)-1) + ")"
		return db.PrepareContext(ctx, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES "+row+strings.Repeat(", "+row, rows-1))
	}
	many, err := insert(loadTogether)
	if err != nil {
		return 0, err
	}
	defer many.Close()
	args := make([]any, 0, loadTogether*len(columns))
	flush := func(s *sql.Stmt) error {
		n += int64(len(args) / len(columns))
		_, err := s.ExecContext(ctx, args...)
		args = args[:0]
		return err
	}
	for {
		row, err := next()
		if err != nil {
			return n, err
		}
		if row == nil {
			break
		}
		if args = append(args, row...); len(args) == cap(args) {
			if err := flush(many); err != nil {
				return n, err
			}
		}
	}
	if len(args) == 0 {
		return n, nil
	}
	rest, err := insert(len(args) / len(columns))
	if err != nil {
		return n, err
	}
	defer rest.Close()
	return n, flush(rest)
}

func (e sqliteEngine) loadIndex(_ context.Context, t *tx, entries []indexEntry) error {
	for _, one := range entries {
		if _, err := t.exec(e.index().insert, one.id, one.words); err != nil {
			return err
		}
	}
	return nil
}
