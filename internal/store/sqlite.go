package store

import (
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"parley/internal/chat"
)

// sqliteEngine is SQLite as modernc.org/sqlite translates it: no C compiler.
type sqliteEngine struct{}

//go:embed migrations/sqlite/*.sql
var sqliteMigrations embed.FS

func (sqliteEngine) migrations() (goose.Dialect, fs.FS, []goose.ProviderOption) {
	sub, err := fs.Sub(sqliteMigrations, "migrations/sqlite")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return goose.DialectSQLite3, sub, nil
}

func (sqliteEngine) open(file string, o Options) (write, read *sql.DB, err error) {
	registerFunctions()
	common := []string{
		"busy_timeout(5000)",
		"foreign_keys(1)",
		"temp_store(2)", // in memory: no temporary files beside the database
		"mmap_size(0)",
	}
	write, err = openSQLite(file, url.Values{"_pragma": append(common,
		"auto_vacuum(2)", // incremental, in a new file; see ReturnSpace
		"journal_mode(WAL)",
		"synchronous(FULL)", // COMMIT returns when the log is on the disk
		"journal_size_limit(67108864)",
		"secure_delete(2)", // fast: the text of a withdrawn message does not linger in its page
		"cache_size(-"+strconv.Itoa(o.CacheKiB)+")",
	)})
	if err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	read, err = openSQLite(file, url.Values{"_pragma": append(common,
		"query_only(1)",
		"cache_size(-"+strconv.Itoa(max(o.CacheKiB/8, 256))+")",
	)})
	if err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(o.Readers)
	return write, read, nil
}

func (sqliteEngine) inspect(file string, readOnly bool) (*sql.DB, error) {
	options := url.Values{}
	if readOnly {
		options.Set("mode", "ro") // the last to close such a connection does not remove the log
	}
	return inspectSQLite(file, options)
}

func (sqliteEngine) inspectAlone(file string) (*sql.DB, error) {
	return inspectSQLite(file, url.Values{"immutable": {"1"}})
}

func inspectSQLite(file string, options url.Values) (*sql.DB, error) {
	registerFunctions()
	options["_pragma"] = []string{"busy_timeout(5000)", "query_only(1)", "mmap_size(0)"}
	db, err := openSQLite(file, options)
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

func (e sqliteEngine) isDamaged(err error) bool {
	var damaged *DamagedError
	return e.fault(err) == FaultDamaged || errors.As(err, &damaged)
}

func (sqliteEngine) fault(err error) Fault {
	switch sqliteCode(err) & 0xff {
	case sqlite3.SQLITE_FULL:
		return FaultFull
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return FaultLocked
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return FaultDisk
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return FaultDamaged
	}
	return ""
}

// A connection that only reads may not even make a temporary table.
func (sqliteEngine) openWords() []string {
	return []string{
		"PRAGMA query_only = 0",
		"CREATE VIRTUAL TABLE IF NOT EXISTS temp.message_index_word USING fts5vocab (main, message_index, instance)",
		"PRAGMA query_only = 1",
	}
}

func (sqliteEngine) index() indexSQL { return sqliteIndex }

var sqliteIndex = indexSQL{
	empty: []string{
		"INSERT INTO message_index (message_index) VALUES ('delete-all')",
		// Twice as many parts before they are put together: a fifth less to write.
		"INSERT INTO message_index (message_index, rank) VALUES ('automerge', 8)",
		"DELETE FROM search_word",
	},
	insert:  "INSERT INTO message_index (rowid, words) VALUES (?, ?)",
	remove:  "DELETE FROM message_index WHERE rowid = ?",
	id:      "i.rowid",
	key:     "rowid",
	matches: "i.message_index MATCH ?",
	and:     " AND ",
	or:      " OR ",
	quote:   func(word string) string { return `"` + strings.ReplaceAll(word, `"`, `""`) + `"` },
	join:    "CROSS JOIN", // in SQLite: in this order
	entries: "message_index_docsize",
	words:   "SELECT term, doc FROM temp.message_index_word",
}

func (sqliteEngine) among(column string) string {
	return column + " IN (SELECT value FROM json_each(?))"
}

func (sqliteEngine) rowsOf() string {
	return "json_each(?) x CROSS JOIN member m ON m.conversation = x.value AND m.account = ?"
}

func (sqliteEngine) keys(ids []int64) any { return valueArray(ids) }

func (sqliteEngine) names(ids []string) any { return valueArray(ids) }

func valueArray[T int64 | string](values []T) string {
	array, err := json.Marshal(values)
	if err != nil {
		panic(err) // it never fails for these types
	}
	return string(array)
}

func (sqliteEngine) by(index string) string { return " INDEXED BY " + index + " " }

func (sqliteEngine) sameEmail() string { return "email = ? COLLATE NOCASE" }

// A connection to a file does not break.
func (sqliteEngine) isBroken(*sql.Conn) bool { return false }

func (sqliteEngine) turn() string { return "" }

func (sqliteEngine) patience() time.Duration { return 0 }

func (sqliteEngine) isServer() bool { return false }

func (sqliteEngine) refuses(error) bool { return false }

func (sqliteEngine) args(args []any) []any { return args }

func (sqliteEngine) scan(scan scanFunc) scanFunc { return scan }

// See registerFunctions.
func (sqliteEngine) lower(column string) string { return "lower(" + column + ")" }

func (sqliteEngine) probe() string { return "UPDATE folder_state SET probed = probed + 1" }

func (sqliteEngine) checkpoint() string { return "PRAGMA wal_checkpoint(PASSIVE)" }

func openSQLite(file string, options url.Values) (*sql.DB, error) {
	dsn := url.URL{Scheme: "file", Path: file, RawQuery: options.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", file, err)
	}
	return db, nil
}

// A reader takes its snapshot with its first statement. The writer takes the
// right to write at once: another program may have opened the file.
func (sqliteEngine) begin(readOnly bool) string {
	if readOnly {
		return "BEGIN"
	}
	return "BEGIN IMMEDIATE"
}

func (sqliteEngine) rebind(query string) string { return query }

func (sqliteEngine) rebindInsert(query string) string { return query }

// SQLite remembers the number: that is cheaper than RETURNING. It would also
// remember an earlier statement's.
func (sqliteEngine) insert(s *sql.Stmt, args []any) (int64, error) {
	r, err := s.Exec(args...)
	if err != nil {
		return 0, err
	}
	if n, err := r.RowsAffected(); n == 0 || err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

// SQLite has one writer.
func (sqliteEngine) isDeadlock(error) bool { return false }

func (sqliteEngine) isMissingReference(err error) bool {
	return sqliteCode(err) == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
}

func (sqliteEngine) isDuplicate(err error) bool {
	code := sqliteCode(err)
	return code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

func (sqliteEngine) check() string { return "PRAGMA integrity_check" }

func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return sqlite3.SQLITE_OK
}

// registerFunctions gives SQLite a lower() that knows more than ASCII, as
// PostgreSQL's does, and what migrations need: a digest, the rule for addresses, and the checksum of a
// notice without texts.
var registerFunctions = sync.OnceFunc(func() {
	sqlite.MustRegisterDeterministicScalarFunction("lower", 1,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			if s, ok := args[0].(string); ok {
				return strings.ToLower(s), nil
			}
			return args[0], nil
		})
	sqlite.MustRegisterDeterministicScalarFunction("sha256_hex", 1,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			s, ok := args[0].(string)
			if !ok {
				return nil, errors.New("sha256_hex takes a text")
			}
			sum := sha256.Sum256([]byte(s))
			return hex.EncodeToString(sum[:]), nil
		})
	sqlite.MustRegisterDeterministicScalarFunction("is_safe_address", 1,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			s, ok := args[0].(string)
			if !ok {
				return nil, errors.New("is_safe_address takes a text")
			}
			return chat.IsSafeAddress(s), nil
		})
	sqlite.MustRegisterDeterministicScalarFunction("empty_notice_checksum", 3,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			weak, isInt := args[0].(int64)
			category, isText := args[1].(string)
			kind, isTexts := args[2].(string)
			if !isInt || !isText || !isTexts {
				return nil, errors.New("empty_notice_checksum takes a number and two texts")
			}
			return noticeChecksum(&chat.Notification{Weak: weak != 0, Category: chat.Category(category), Type: kind}), nil
		})
})
