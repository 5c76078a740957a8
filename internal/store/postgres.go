package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// postgresEngine is a PostgreSQL server, 15 or newer.
//
// A transaction that writes counts itself in commit_count first and holds that row
// until it ends, so the transactions of all nodes follow one another as those of
// the one writing goroutine do on SQLite, and see what was committed before. The
// count tells a node whether another one has written since its own last commit:
// then what it remembers of rows may be old and is dropped.
type postgresEngine struct{}

//go:embed migrations/postgres/*.sql
var postgresMigrations embed.FS

// laterMigrations adds those of a later version. It is nil outside of tests; see later.go.
var laterMigrations func(fs.FS) fs.FS

// migrations are done by one node while others wait.
func (postgresEngine) migrations() (goose.Dialect, fs.FS, []goose.ProviderOption) {
	sub, err := fs.Sub(postgresMigrations, "migrations/postgres")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	if laterMigrations != nil {
		sub = laterMigrations(sub)
	}
	// Other nodes wait up to an hour, one try every five seconds.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(5, 720))
	if err != nil {
		panic(err) // there are no options to be wrong
	}
	return goose.DialectPostgres, sub, []goose.ProviderOption{goose.WithSessionLocker(patientLocker{locker})}
}

// patientLocker ends the bounds of time of a session for migrations. A statement of a migration of a large table may take minutes.
// The bound for locks stays: clients of other nodes wait behind a migration that waits for a lock.
type patientLocker struct{ lock.SessionLocker }

// SessionLock is called on the connection that runs the migrations.
func (l patientLocker) SessionLock(ctx context.Context, c *sql.Conn) error {
	for _, statement := range []string{"SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0"} {
		if _, err := c.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("prepare the session for migrations: %w", err)
		}
	}
	return l.SessionLocker.SessionLock(ctx, c)
}

const (
	// postgresPatience bounds a statement, as the server and the client see it.
	postgresPatience = 15 * time.Second
	// postgresIdle bounds the time between two statements of a transaction. The
	// server ends a transaction whose node has stopped, and others can write.
	postgresIdle = 2 * time.Second
	// postgresMinimum is the oldest version of the server that is supported.
	postgresMinimum = 150000
)

// open needs the Database of the options; there is no file.
func (postgresEngine) open(_ string, o Options) (write, read *sql.DB, err error) {
	config, err := pgx.ParseConfig(o.Database)
	if err != nil {
		return nil, nil, fmt.Errorf("store: database address: %w", err)
	}
	for name, value := range map[string]string{
		"application_name":                    "parley",
		"statement_timeout":                   milliseconds(postgresPatience),
		"lock_timeout":                        milliseconds(postgresPatience),
		"idle_in_transaction_session_timeout": milliseconds(postgresIdle),
		"synchronous_commit":                  "on",
		"timezone":                            "UTC",
	} {
		config.RuntimeParams[name] = value
	}
	// The end of a reader's context cancels its statement and keeps the connection.
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: time.Second}
	}
	write = stdlib.OpenDB(*config)
	readOnly := config.Copy()
	readOnly.RuntimeParams["default_transaction_read_only"] = "on"
	read = stdlib.OpenDB(*readOnly)
	read.SetMaxOpenConns(o.Readers)
	// Every connection that is in use is held by a [conn]. An idle one, such as that of the migrations, would be taken in place of
	// one that has broken when the server was restarted, and would be broken as well.
	write.SetMaxIdleConns(-1)
	read.SetMaxIdleConns(-1)
	if err := checkServer(write); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("store: PostgreSQL at %s, database %s: %w",
			config.Host, config.Database, err), write.Close(), read.Close())
	}
	return write, read, nil
}

// existsOnServer reports whether the database has parley's tables.
func existsOnServer(ctx context.Context, o Options) (found bool, err error) {
	write, read, err := postgresEngine{}.open("", o.withDefaults())
	if err != nil {
		return false, err
	}
	err = write.QueryRowContext(ctx, "SELECT to_regclass('commit_count') IS NOT NULL").Scan(&found)
	return found, errors.Join(err, write.Close(), read.Close())
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// checkServer refuses a server that parley cannot run on.
func checkServer(db *sql.DB) error {
	ctx, cancel := context.WithTimeout(context.Background(), postgresPatience)
	defer cancel()
	var version int
	var name, encoding, readOnly string
	var icu bool
	if err := db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_version'),
		current_setting('server_encoding'), current_setting('transaction_read_only'),
		EXISTS (SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu')`).Scan(&version, &name, &encoding, &readOnly, &icu); err != nil {
		return err
	}
	switch {
	case version < postgresMinimum:
		return fmt.Errorf("its version is %s; parley needs %d or newer", name, postgresMinimum/10000)
	case encoding != "UTF8":
		return fmt.Errorf("its encoding is %s; parley needs UTF8", encoding)
	case !icu:
		return errors.New("it was built without ICU, whose collations parley needs")
	case readOnly == "on":
		return errors.New("it is read-only")
	}
	return nil
}

func (postgresEngine) begin(readOnly bool) string {
	if readOnly {
		return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	}
	return "BEGIN"
}

func (postgresEngine) turn() string {
	return "UPDATE commit_count SET commits = commits + 1 RETURNING commits"
}

func (postgresEngine) patience() time.Duration { return postgresPatience }

// rebind numbers the placeholders. No statement has a question mark in a text.
func (postgresEngine) rebind(query string) string {
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		query = after
	}
}

func (e postgresEngine) rebindInsert(query string) string { return e.rebind(query) + " RETURNING id" }

func (postgresEngine) insert(s *sql.Stmt, args []any) (id int64, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), postgresPatience)
	defer cancel()
	err = s.QueryRowContext(ctx, args...).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) { // ON CONFLICT DO NOTHING
		return 0, nil
	}
	return id, err
}

func (postgresEngine) isMissingReference(err error) bool { return postgresCode(err) == "23503" }
func (postgresEngine) isDuplicate(err error) bool        { return postgresCode(err) == "23505" }
func (postgresEngine) isDeadlock(err error) bool         { return postgresCode(err) == "40P01" }

func postgresCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func (postgresEngine) isBroken(c *sql.Conn) bool {
	closed := true
	_ = c.Raw(func(raw any) error {
		closed = raw.(*stdlib.Conn).Conn().IsClosed()
		return nil
	})
	return closed
}

func (postgresEngine) isServer() bool { return true }

// A server that starts or stops refuses connections with a code of the class 57P.
func (postgresEngine) refuses(err error) bool {
	code := postgresCode(err)
	return code != "" && !strings.HasPrefix(code, "57P")
}

// The case of other letters than ASCII needs the collations of ICU; see checkServer.
func (postgresEngine) lower(column string) string { return `lower(` + column + ` COLLATE "und-x-icu")` }

func (postgresEngine) probe() string { return "UPDATE search_state SET indexed = indexed" }

func (postgresEngine) check() string { return "SELECT 'ok'" }

var errNoFile = errors.New("store: PostgreSQL has no file to inspect")

func (postgresEngine) inspect(string, bool) (*sql.DB, error) { return nil, errNoFile }
func (postgresEngine) inspectAlone(string) (*sql.DB, error)  { return nil, errNoFile }

// fault takes the classes of errors that PostgreSQL documents in its appendix A.
func (postgresEngine) fault(err error) Fault {
	code := postgresCode(err)
	var refused *pgconn.ConnectError
	switch {
	case errors.As(err, &refused), errors.Is(err, context.DeadlineExceeded):
		return FaultServer
	case strings.HasPrefix(code, "XX"):
		return FaultDamaged
	case code == "53100": // disk full
		return FaultFull
	case code == "55P03": // lock not available
		return FaultLocked
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "25006"), strings.HasPrefix(code, "53"), strings.HasPrefix(code, "57"), strings.HasPrefix(code, "58"):
		return FaultServer
	case code == "" && (errors.Is(err, driver.ErrBadConn) || pgconn.SafeToRetry(err) || errors.Is(err, io.ErrUnexpectedEOF)):
		return FaultServer
	}
	return ""
}

// databaseName returns the address without user and password.
func databaseName(address string) (string, error) {
	c, err := pgx.ParseConfig(address)
	if err != nil {
		return "", fmt.Errorf("store: database address: %w", err)
	}
	return fmt.Sprintf("postgres://%s:%d/%s", c.Host, c.Port, c.Database), nil
}

func (postgresEngine) isDamaged(err error) bool {
	return strings.HasPrefix(postgresCode(err), "XX")
}

func (postgresEngine) checkpoint() string  { return "SELECT 1" }
func (postgresEngine) openWords() []string { return nil }

func (postgresEngine) among(column string) string { return column + " = ANY(?)" }

func (postgresEngine) rowsOf() string {
	return "unnest(?::bigint[]) x CROSS JOIN LATERAL (SELECT * FROM member WHERE conversation = x AND account = ? OFFSET 0) m"
}

func (postgresEngine) keys(ids []int64) any { return ids }

func (postgresEngine) names(ids []string) any {
	kept := make([]string, len(ids))
	for i, id := range ids {
		kept[i] = keep(id)
	}
	return kept
}

func (postgresEngine) by(string) string { return " " }

func (postgresEngine) sameEmail() string { return "lower(email) = lower(?)" }

func (postgresEngine) index() indexSQL { return postgresIndex }

var postgresIndex = indexSQL{
	// A DELETE of all rows would let all nodes wait, and a TRUNCATE would wait for a backup.
	leftovers: true,
	custom:    "SET LOCAL plan_cache_mode = force_custom_plan",
	insert:    "INSERT INTO message_index (id, words) VALUES (?, array_to_tsvector(string_to_array(?, ' ')))",
	insertMany: `INSERT INTO message_index (id, words)
		SELECT id, array_to_tsvector(string_to_array(words, ' ')) FROM unnest(?::bigint[], ?::text[]) AS n (id, words)
		ON CONFLICT (id) DO UPDATE SET words = EXCLUDED.words`,
	remove:  "DELETE FROM message_index WHERE id = ?",
	id:      "i.id",
	key:     "id",
	matches: "i.words @@ ?::tsquery",
	and:     " & ",
	or:      " | ",
	quote:   func(word string) string { return "'" + tsqueryEscaper.Replace(word) + "'" },
	join:    "JOIN",
	inParts: true,
	entries: "message_index",
	words:   "SELECT array_to_string(tsvector_to_array(words), ' '), id FROM message_index",
}

var tsqueryEscaper = strings.NewReplacer("'", "''", `\`, `\\`)
