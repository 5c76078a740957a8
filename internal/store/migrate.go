package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"
)

func newMigrations(e engine, db *sql.DB) (*goose.Provider, error) {
	dialect, files, options := e.migrations()
	p, err := goose.NewProvider(dialect, db, files, options...)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return p, nil
}

// migrate brings the tables up to date and returns their version.
func migrate(ctx context.Context, e engine, db *sql.DB) (int64, error) {
	p, err := newMigrations(e, db)
	if err != nil {
		return 0, err
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the version of the tables: %w", err)
	}
	if current > target {
		return current, fmt.Errorf("%w: its tables have version %d, this program knows up to %d", ErrNewer, current, target)
	}
	if current == target {
		return current, nil
	}
	if _, err := p.Up(ctx); err != nil {
		return current, fmt.Errorf("migrate the tables from version %d to %d: %w", current, target, err)
	}
	return target, nil
}
