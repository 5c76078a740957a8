package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/store"
)

// Data is a data folder that no server runs on: the same rules on the same
// database, with nobody connected. It is what the commands of an operator work
// on. One process owns a folder at a time.
type Data struct {
	Chat  *chat.Service
	store *store.Store
}

// Reasons why a data folder cannot be worked on, for a command to add what to do.
var (
	ErrInUse      = errors.New("the data folder is in use")
	ErrNoDatabase = errors.New("no database")
)

// OpenData opens a folder that has a database, and migrates it. It creates
// nothing: without a database it fails with [ErrNoDatabase], so that a mistyped
// folder does not pass for an empty one. Its errors are written for an operator.
func OpenData(ctx context.Context, c config.Config, log *slog.Logger) (*Data, error) {
	if found, err := store.Exists(c.Data); err != nil {
		return nil, explain(c.Data, err)
	} else if !found {
		return nil, fmt.Errorf("%w in %s", ErrNoDatabase, c.Data)
	}
	return CreateData(ctx, c, log)
}

// CreateData is OpenData and creates the folder and the database where they are missing.
func CreateData(ctx context.Context, c config.Config, log *slog.Logger) (*Data, error) {
	st, err := openStore(ctx, c, store.Options{Logger: log})
	if err != nil {
		return nil, err
	}
	return &Data{Chat: chat.New(st, nil, jwtVerifier{maxLife: c.Auth.JWTMaxLife}, chatOptions(c), log), store: st}, nil
}

// Close closes the database.
func (d *Data) Close() error { return d.store.Close() }

// Verify recounts every figure of the database from first principles.
func (d *Data) Verify(ctx context.Context) (store.Report, error) { return store.Verify(ctx, d.store) }

// Migrate brings the database of the folder up to date and returns the version
// of its tables.
func Migrate(ctx context.Context, c config.Config) (int64, error) {
	if err := checkFolder(c.Data); err != nil {
		return 0, err
	}
	version, err := store.Migrate(ctx, c.Data)
	return version, explain(c.Data, err)
}

// openStore opens the database with the limits of the configuration.
func openStore(ctx context.Context, c config.Config, o store.Options) (*store.Store, error) {
	if err := checkFolder(c.Data); err != nil {
		return nil, err
	}
	o.Path = c.Data
	o.MaxBatch = c.Store.MaxBatch
	o.MaxWaiting = c.Store.MaxWaiting
	o.Readers = c.Store.Readers
	o.CacheKiB = int(c.Store.Cache >> 10)
	o.Reads = store.Share{Running: c.Work.Reads, Waiting: c.Work.ReadsWaiting}
	o.Searches = store.Share{Running: c.Work.Searches, Waiting: c.Work.SearchesWaiting}
	st, err := store.Open(ctx, o)
	return st, explain(c.Data, err)
}

// checkFolder makes the folder and reports in plain words why it cannot be used:
// what the database says of an unwritable folder names neither.
func checkFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("the data folder %s cannot be made: %w", folder, cause(err))
	}
	probe, err := os.CreateTemp(folder, ".writable-*")
	if err != nil {
		return fmt.Errorf("the data folder %s is not writable: %w", folder, cause(err))
	}
	_ = probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return fmt.Errorf("the data folder %s is not writable: %w", folder, cause(err))
	}
	return nil
}

// cause leaves out the operation and the path, which the sentence around has.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// explain tells the operator what to do.
func explain(folder string, err error) error {
	var used *store.InUseError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &used):
		holder := ""
		if used.Process != "" {
			holder = ", process " + used.Process
		}
		return &operatorError{fmt.Sprintf("another parley runs on the data folder %s%s", folder, holder), ErrInUse}
	case errors.Is(err, store.ErrNewer):
		return fmt.Errorf("the database in %s was written by a newer version of parley; use that version, or another folder: %w", folder, err)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("no space left for the data folder %s: %w", folder, err)
	default:
		return fmt.Errorf("the database in %s cannot be opened: %w", filepath.Clean(folder), err)
	}
}

// operatorError is a sentence of its own that is another error to programs.
type operatorError struct {
	text string
	is   error
}

func (e *operatorError) Error() string { return e.text }
func (e *operatorError) Unwrap() error { return e.is }
