package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"

	"parley/internal/blob"
	"parley/internal/bus"
	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/wire"
)

// Data is what the commands of an operator use: the rules on the database of a data folder.
// Either this process has opened the folder, with nobody connected; or it is the data of a
// server that serves, and changes reach its clients; or it is a database that nodes of a
// cluster serve, and this process writes beside them. One process owns a folder at a time.
type Data struct {
	Chat   *chat.Service
	store  *store.Store
	config config.Config
	server *Server // that serves; nil: this process alone has opened the folder
}

// Config returns the configuration in force.
func (d *Data) Config() config.Config { return d.config }

// Reasons why a data folder cannot be used. A command adds the remedy.
var (
	ErrInUse      = errors.New("the data folder is in use")
	ErrNoDatabase = errors.New("no database")
)

// OpenData opens a folder that has a database, and migrates it. It creates
// nothing: without a database it fails with [ErrNoDatabase], so that a mistyped
// folder does not pass for an empty one. Its errors are written for an operator.
func OpenData(ctx context.Context, c config.Config, log *slog.Logger) (*Data, error) {
	return openData(ctx, c, store.Options{Logger: log, Alone: true})
}

func openData(ctx context.Context, c config.Config, o store.Options) (*Data, error) {
	if found, err := store.Exists(ctx, store.Options{Path: c.Data, Database: string(c.Database)}); err != nil {
		return nil, explain(c, err)
	} else if !found {
		return nil, fmt.Errorf("%w in %s", ErrNoDatabase, where(c))
	}
	return newData(ctx, c, o)
}

// OpenDamagedData is OpenData for a database that may be damaged. The undamaged rows can
// be read. On PostgreSQL a server may run meanwhile.
func OpenDamagedData(ctx context.Context, c config.Config, log *slog.Logger) (*Data, error) {
	return openData(ctx, c, store.Options{Logger: log, Damaged: true})
}

// CreateData is OpenData and creates the folder and the database if they are missing.
func CreateData(ctx context.Context, c config.Config, log *slog.Logger) (*Data, error) {
	return newData(ctx, c, store.Options{Logger: log, Alone: true})
}

func newData(ctx context.Context, c config.Config, o store.Options) (*Data, error) {
	if c.Database != "" {
		return newServerData(ctx, c, o)
	}
	st, err := openStore(ctx, c, o)
	if err != nil {
		return nil, err
	}
	rules := newRules(st, nil, jwtVerifier{maxLife: c.Auth.JWTMaxLife}, chatOptions(settings.New(c, o.Logger), c), wire.Encoder{}, o.Logger)
	return loaded(ctx, &Data{Chat: rules, store: st, config: c}, o)
}

// newServerData is newData on a PostgreSQL database. The folder may be on another machine. If
// nodes of a cluster serve the database, this process writes beside them: its commits are in
// their log, so that they deliver the events. It does not join them, because it has no clients.
func newServerData(ctx context.Context, c config.Config, o store.Options) (*Data, error) {
	if o.Damaged { // it only reads
		return openServerData(ctx, c, o)
	}
	if c.Bus == "" {
		d, err := openServerData(ctx, c, o)
		if !errors.Is(err, store.ErrCluster) {
			return d, err
		}
	}
	o.Alone = false
	return openServerData(ctx, c, o)
}

func openServerData(ctx context.Context, c config.Config, o store.Options) (*Data, error) {
	var presence *chat.Presence
	var known atomic.Pointer[chat.Service] // nil as long as there are no rules
	if !o.Alone && !o.Damaged {
		presence = chat.NewPresence()
		o.Node, o.Encode, o.Decode = "command-"+strings.ToLower(rand.Text()[:10]), bus.Encode, bus.Decode
		presence.JoinCluster(o.Node)
		o.Before = func(events []chat.Event) {
			if rules := known.Load(); rules != nil {
				rules.Before(events)
			}
		}
		o.Missed = func() {
			if rules := known.Load(); rules != nil {
				rules.Missed()
			}
		}
		o.Logged = func(c store.Commit) {
			if rules := known.Load(); rules != nil {
				rules.Committed(c.Events)
			}
		}
	}
	st, err := openDatabase(ctx, c, o)
	if err != nil {
		return nil, err
	}
	rules := newRules(st, presence, jwtVerifier{maxLife: c.Auth.JWTMaxLife}, chatOptions(settings.New(c, o.Logger), c), wire.Encoder{}, o.Logger)
	known.Store(rules)
	return loaded(ctx, &Data{Chat: rules, store: st, config: c}, o)
}

// loaded reads the settings.
func loaded(ctx context.Context, d *Data, o store.Options) (*Data, error) {
	if err := d.Chat.LoadSettings(ctx); err != nil && !o.Damaged {
		return nil, errors.Join(fmt.Errorf("settings: %w", err), d.store.Close())
	}
	return d, nil
}

// Close closes the database, unless a server serves it. First it stores which applications were used.
func (d *Data) Close() error {
	if d.server != nil {
		return nil
	}
	return errors.Join(d.Chat.WriteSeen(context.Background()), d.store.Close())
}

// Verify recounts every stored count of the database. If files is true and the files are
// kept in the folder, it also reads every file.
func (d *Data) Verify(ctx context.Context, files bool, progress Progress) (store.Report, error) {
	report, err := store.VerifyWith(ctx, d.store, func(done, total int64) { progress("verify", done, total) })
	if err != nil {
		return report, err
	}
	if err := d.verifyUploadKey(ctx, &report); err != nil {
		return report, err
	}
	if !files || d.config.Blob != "disk" {
		return report, nil
	}
	disk, err := d.disk()
	if err != nil {
		return report, err
	}
	report.Files, err = disk.Check(ctx, func(done, total int64) { progress("verify files", done, total) }, func(f blob.Finding) {
		report.Add(store.Difference{Table: "file", Row: f.Name, What: f.What, Got: f.Got, Want: f.Want})
	})
	if err != nil {
		return report, err
	}
	progress("verify files", 1, 1)
	return report, store.MessageFiles(ctx, d.store, func(id chat.MessageID, file []byte) error {
		var named wire.File
		// The keys that are granted have the uploader before a slash; others may
		// name files elsewhere.
		if json.Unmarshal(file, &named) != nil || named.Key == nil || !strings.Contains(*named.Key, "/") {
			return nil
		}
		_, err := disk.Stat(*named.Key)
		row := fmt.Sprintf("%d, file %s", id, *named.Key)
		switch {
		case errors.Is(err, blob.ErrNotFound):
			report.Add(store.Difference{Table: "message", Row: row, What: "the file is missing in the folder objects"})
		case err != nil:
			report.Add(store.Difference{Table: "message", Row: row, What: "the file cannot be found: " + err.Error()})
		}
		return ctx.Err()
	})
}

// disk returns the files of the folder.
func (d *Data) disk() (*blob.Disk, error) {
	if d.server != nil {
		return d.server.uploads.Disk, nil
	}
	if _, err := os.Stat(d.config.Data); errors.Is(err, fs.ErrNotExist) { // which OpenDisk would make
		return nil, fmt.Errorf("there is no data folder %s to verify files in; name it with --data, or leave the files out with --no-files", d.config.Data)
	}
	// A server may use the folder.
	return blob.OpenDisk(d.config.Data, blob.DiskOptions{Shared: d.config.Upload.Shared || d.config.Database != ""})
}

// verifyUploadKey checks the file of the keys that sign addresses of files, uploads
// and cookies, and compares it with the database. The first server on a folder makes the
// file. A folder without the file that no server has served is correct.
func (d *Data) verifyUploadKey(ctx context.Context, report *store.Report) error {
	served, err := hasServed(ctx, d.Chat)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		served = true // only a server makes the row that cannot be read
	}
	stored, err := d.store.UploadKey(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		report.Add(store.Difference{Table: "upload_key", Row: "table", What: "it cannot be read: " + err.Error()})
		stored = ""
	}
	keys, err := readUploadKeys(d.config.Data)
	switch {
	case err == nil && keys.compare(stored) == keyOther:
		report.Add(store.Difference{Table: "file", Row: "upload.key", What: otherKey + ". Its fingerprint is " + fingerprint(keys.current) + ", that of the other key " + stored + ". To repair this, " + keyRemedy})
	case err == nil, !served && stored == "" && errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, fs.ErrNotExist):
		report.Add(store.Difference{Table: "file", Row: "upload.key", What: "it is missing: addresses of files and signed-in devices that were given out are no longer valid. Restore it from a backup"})
	default:
		report.Add(store.Difference{Table: "file", Row: "upload.key", What: "it cannot be used: " + err.Error()})
	}
	return nil
}

// Migration is a step from one version of the tables to the next.
type Migration = store.Migration

// Migrated is the outcome of [Migrate].
type Migrated struct {
	Version int64       // of the tables
	Run     []Migration // that were pending
	Lost    string      // describes the commits that are missing; empty: nothing is missing
}

// Migrate brings the database of the folder up to date. withoutLog continues without
// commits that are missing. begins is called before each migration.
func Migrate(ctx context.Context, c config.Config, withoutLog bool, begins func(Migration)) (m Migrated, err error) {
	if c.Database == "" {
		if err := checkFolder(c.Data); err != nil {
			return m, err
		}
	}
	done, err := store.Migrate(ctx, store.Options{Path: c.Data, Database: string(c.Database), WithoutLog: withoutLog, Migrating: begins})
	m.Version, m.Run = done.Version, done.Run
	if done.Lost != nil {
		m.Lost = done.Lost.String()
	}
	return m, explain(c, err)
}

// Pending returns the version of the tables and the migrations that a start would run. It
// changes nothing, and a server may run meanwhile.
func Pending(ctx context.Context, c config.Config) (version int64, pending []Migration, err error) {
	o := store.Options{Path: c.Data, Database: string(c.Database)}
	if found, err := store.Exists(ctx, o); err != nil {
		return 0, nil, explain(c, err)
	} else if !found {
		return 0, nil, fmt.Errorf("%w in %s", ErrNoDatabase, where(c))
	}
	version, pending, err = store.Pending(ctx, o)
	return version, pending, explain(c, err)
}

// Recovery is the outcome of [Recover].
type Recovery = store.Recovery

// Recover copies the rows that can be read of the database of the folder, which may be
// damaged, into a new folder, or goes on with an interrupted recovery. See [store.Recover].
func Recover(ctx context.Context, c config.Config, to string, progress Progress) (done Recovery, err error) {
	if c.Database != "" {
		return done, errors.New("recover reads the file of an SQLite database; PostgreSQL has its own programs and backups")
	}
	if found, err := store.Exists(ctx, store.Options{Path: c.Data}); err != nil {
		return done, explain(c, err)
	} else if !found {
		return done, fmt.Errorf("%w in %s", ErrNoDatabase, c.Data)
	}
	if err := checkFolder(to); err != nil {
		return done, err
	}
	done, err = store.Recover(ctx, c.Data, to, progress)
	var changed *store.ChangedError
	if errors.As(err, &changed) {
		return done, fmt.Errorf("%s has a part of a recovery of %s, which is another database or has changed since. Recover into a new folder", to, changed.Source)
	}
	if ctx.Err() != nil {
		return done, ctx.Err()
	}
	return done, explain(c, err)
}

// movePercent is the growth of the heap between two garbage collections of a move, which keeps little in memory.
const movePercent = 400

// ErrMoveChanged is returned by [Move] if the source differs from what an interrupted move has copied.
var ErrMoveChanged = errors.New("an interrupted move has copied other rows")

// Move copies a database into an empty one, or goes on with an interrupted move; with restart it begins again. See
// [store.Move]. Each place is a data folder or the address of a PostgreSQL database.
func Move(ctx context.Context, from, to config.Database, restart bool, progress func(step string, done, total int64)) (store.Moved, error) {
	source, target := placeOf(from), placeOf(to)
	if (source.Database == "") == (target.Database == "") {
		return store.Moved{}, errors.New("move copies a data folder into a PostgreSQL database, or the other way round: " +
			"one place must be a folder, the other one an address that begins with postgres://")
	}
	if found, err := store.Exists(ctx, store.Options{Path: source.Data, Database: string(source.Database)}); err != nil {
		return store.Moved{}, explain(source, err)
	} else if !found {
		return store.Moved{}, fmt.Errorf("%w in %s", ErrNoDatabase, where(source))
	}
	if target.Database == "" {
		if err := checkFolder(target.Data); err != nil {
			return store.Moved{}, err
		}
	}
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(movePercent)
	}
	moved, err := store.Move(ctx, store.Options{Path: source.Data, Database: string(source.Database)},
		store.Options{Path: target.Data, Database: string(target.Database)}, restart,
		func(step store.MoveStep, done, total int64) { progress(string(step), done, total) })
	var side *store.MoveError
	if !errors.As(err, &side) {
		return moved, err
	}
	c := source
	if side.Side == store.SideTarget {
		c = target
	}
	var filled *store.NotEmptyError
	if errors.As(err, &filled) {
		return moved, fmt.Errorf("the database in %s is not empty: its table %s has rows. Move into a new one", where(c), filled.Table)
	}
	var changed *store.ChangedError
	if errors.As(err, &changed) {
		return moved, fmt.Errorf("%w: the database in %s has a part of a copy of %s. The source is another one, or was used after the interruption: "+
			"its table %s has changed", ErrMoveChanged, where(target), changed.Source, changed.Table)
	}
	return moved, explain(c, side.Err)
}

// placeOf is a configuration of which only the database matters.
func placeOf(p config.Database) config.Config {
	if s := string(p); strings.HasPrefix(s, "postgres://") || strings.HasPrefix(s, "postgresql://") {
		return config.Config{Database: p}
	}
	return config.Config{Data: string(p)}
}

// openStore is openDatabase and makes the data folder ready.
func openStore(ctx context.Context, c config.Config, o store.Options) (*store.Store, error) {
	if err := checkFolder(c.Data); err != nil {
		return nil, err
	}
	st, err := openDatabase(ctx, c, o)
	if err != nil {
		return nil, err
	}
	if err := tighten(c.Data); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return st, nil
}

// openDatabase opens the database with the limits of the configuration.
func openDatabase(ctx context.Context, c config.Config, o store.Options) (*store.Store, error) {
	o.Path, o.Database = c.Data, string(c.Database)
	o.MaxBatch = c.Store.MaxBatch
	o.MaxWaiting = c.Store.MaxWaiting
	o.Readers = c.Store.Readers
	o.CacheKiB = int(c.Store.Cache >> 10)
	o.Reads = store.Share{Running: c.Work.Reads, Waiting: c.Work.ReadsWaiting, AddressWaiting: c.Work.LoginsWaiting}
	o.Searches = store.Share{Running: c.Work.Searches, Waiting: c.Work.SearchesWaiting}
	st, err := store.Open(ctx, o)
	return st, explain(c, err)
}

// tighten removes the permissions of other users from the files beside the
// database. A restored backup or a copy may have brought other permissions. The files
// within the folders keep theirs: others cannot reach them through a closed folder, and
// there can be millions. New files and folders are created with 0600 and 0700.
func tighten(folder string) error {
	for _, name := range []string{"upload.key", "objects", "uploads", "avatars", "scaled"} {
		file := filepath.Join(folder, name)
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			continue
		}
		if err := os.Chmod(file, info.Mode().Perm()&0o700); err != nil {
			return fmt.Errorf("others may read %s, and it cannot be changed: %w", file, cause(err))
		}
	}
	return nil
}

// checkFolder makes the folder and reports why it cannot be used. The database's error
// for an unwritable folder names neither the folder nor the reason.
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

// cause returns an error without the operation and the path, which the sentence of the
// caller has.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// where returns the name of the database for an operator.
func where(c config.Config) string {
	if c.Database != "" {
		return c.Database.String()
	}
	return c.Data
}

// explain returns the error with a remedy for the operator.
func explain(c config.Config, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrUnfinished):
		return fmt.Errorf("the database in %s is incomplete: parley move or parley recover began to fill it and has not ended. Run that command again, "+
			"which goes on, or use another database", where(c))
	case c.Database != "":
		return explainServer(c, err)
	default:
		return explainFolder(c.Data, err)
	}
}

// explainServer is explain for a PostgreSQL database.
func explainServer(c config.Config, err error) error {
	var pending *store.PendingError
	switch {
	case errors.As(err, &pending):
		one := pending.Migrations[0]
		return &operatorError{fmt.Sprintf("the database %s must be migrated, and nothing else may use it meanwhile: %s is not compatible (%s). "+
			"Stop all servers, nodes and commands of the earlier version first", where(c), one.Name, one.Why), ErrInUse}
	case errors.Is(err, store.ErrCluster):
		return &operatorError{fmt.Sprintf("nodes of a cluster serve the database %s; this needs it alone, so stop all nodes first", where(c)), errors.Join(ErrInUse, store.ErrCluster)}
	case errors.Is(err, store.ErrInUse):
		return &operatorError{fmt.Sprintf("another parley serves the database %s; one server runs on a database", where(c)), ErrInUse}
	case errors.Is(err, store.ErrNewer):
		return fmt.Errorf("the database %s was written by a newer version of parley; use that version, or another database: %w", where(c), err)
	default:
		return fmt.Errorf("the database cannot be opened: %w", err)
	}
}

// explainFolder is explain for a data folder.
func explainFolder(folder string, err error) error {
	var (
		used    *store.InUseError
		lost    *store.LostError
		writes  *store.LostWritesError
		stray   *store.StrayLogError
		damaged *store.DamagedError
		fault   *store.FaultError
		foreign *store.ForeignError
	)
	switch {
	case errors.As(err, &used):
		holder := ""
		if used.Process != "" {
			holder = ", process " + used.Process
		}
		return &operatorError{fmt.Sprintf("another parley runs on the data folder %s%s", folder, holder), ErrInUse}
	case errors.Is(err, store.ErrNewer):
		return fmt.Errorf("the database in %s was written by a newer version of parley; use that version, or another folder: %w", folder, err)
	case errors.As(err, &lost):
		return fmt.Errorf("the data folder %s belongs to a database, but its file is missing or empty: %s is there, %s is not. "+
			"Put the file back, or restore a backup. To begin with an empty database use another folder", folder, lost.Trace, filepath.Base(lost.File))
	case errors.As(err, &writes):
		name := filepath.Base(writes.File)
		what, remedy := "", ""
		switch writes.Why {
		case store.LogMissing:
			what, remedy = fmt.Sprintf("its log %s-wal is missing or empty", name), "Put the log back, or restore a backup"
		case store.LogDamaged:
			what, remedy = fmt.Sprintf("its log %s-wal is damaged or was cut short", name), "Put an intact copy of the log back, or restore a backup"
		case store.OlderCopy:
			what, remedy = fmt.Sprintf("%s is older than the last commit in this folder; it was replaced by an older copy, or its log was removed", name),
				"Put the newest file back, with its log if there was one, or restore a backup"
		}
		return fmt.Errorf("the database in %s lacks writes that were acknowledged: %s. Lost are %s. %s. "+
			"To go on without them: parley migrate --without-log --data %s", folder, what, writes.Lost, remedy, folder)
	case errors.As(err, &stray):
		return fmt.Errorf("the log %s-wal belongs to another database, or to another copy of the one beside it. "+
			"Put the file and the log that belong together into the folder, or restore a backup into a new folder", stray.File)
	case errors.As(err, &damaged):
		return damagedError(folder, damaged.What)
	case errors.As(err, &fault) && fault.Fault == store.FaultDamaged:
		return damagedError(folder, err.Error())
	case errors.As(err, &foreign):
		return fmt.Errorf("%s was made by another program; use another folder", foreign.File)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("no space left for the data folder %s: %w", folder, err)
	default:
		return fmt.Errorf("the database in %s cannot be opened: %w", filepath.Clean(folder), err)
	}
}

func damagedError(folder, what string) error {
	return fmt.Errorf("the database in %s is damaged: %s. Advice: %s. Check the disk", folder, what, store.Advice)
}

// operatorError is a sentence for an operator that wraps an error for programs.
type operatorError struct {
	text string
	is   error
}

func (e *operatorError) Error() string { return e.text }
func (e *operatorError) Unwrap() error { return e.is }
