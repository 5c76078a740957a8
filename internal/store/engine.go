package store

import (
	"context"
	"database/sql"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

// engine is what differs between databases.
type engine interface {
	// open returns a pool that writes and one that only reads.
	open(file string, o Options) (write, read *sql.DB, err error)
	// begin is the statement that starts a transaction.
	begin(readOnly bool) string
	// rebind gives a statement written with ? the engine's placeholders.
	rebind(query string) string
	// rebindInsert does so for a statement that is given to insert.
	rebindInsert(query string) string
	// insert runs a statement that adds at most one row and returns the row's
	// number, 0 for none.
	insert(s *sql.Stmt, args []any) (int64, error)
	// isMissingReference reports whether a statement named a row that is not there.
	isMissingReference(error) bool
	// isDeadlock reports whether a transaction was undone because it and another one waited for each other.
	isDeadlock(error) bool
	// isDuplicate reports whether a statement gave a row what another one has.
	isDuplicate(error) bool
	// isBroken reports whether a connection cannot be used any more.
	isBroken(*sql.Conn) bool
	// turn is a statement that waits until no other process writes, and returns how
	// many transactions have written, this one included; empty where there is one process.
	turn() string
	// patience bounds a statement; 0: no bound.
	patience() time.Duration
	// isServer reports whether the database is another process. Then a statement costs
	// a round trip, a connection can break, and a statement that fails or is interrupted
	// spoils its transaction back to the latest savepoint.
	isServer() bool
	// refuses reports whether a server that works has refused a connection.
	refuses(error) bool
	// args and scan adapt texts that the engine cannot store as they are.
	args([]any) []any
	scan(scanFunc) scanFunc
	// lower is an expression for a column in lower case, of all scripts.
	lower(column string) string
	// probe is a statement that changes a row without a meaning.
	probe() string
	// check is a query that returns the one text "ok" for a database whose file
	// is sound, and texts that say what is wrong for another.
	check() string
	// inspect opens the database to read it before it is opened. readOnly leaves
	// every file as it is; a change that a crash has interrupted needs the other.
	inspect(file string, readOnly bool) (*sql.DB, error)
	// inspectAlone opens the file as if there were no log.
	inspectAlone(file string) (*sql.DB, error)
	// isDamaged reports whether the file is damaged or no database.
	isDamaged(error) bool
	// fault returns why a statement failed, empty where the statement is to blame.
	fault(error) Fault
	// checkpoint is a statement that moves what was committed into the file.
	checkpoint() string
	// openWords are statements that make what index().words reads.
	openWords() []string
	// index has the statements of the index for searching.
	index() indexSQL
	// among is a condition on a column and a parameter that keys or names makes of the possible values.
	among(column string) string
	keys(ids []int64) any
	names(ids []string) any
	// rowsOf is a table m of the rows of member with conversations that keys makes, of one account: two parameters. It looks for
	// each row, also if the database expects that the account has few.
	rowsOf() string
	// by stands behind a table to read it by an index, for an engine that would not choose it.
	by(index string) string
	// sameEmail is a condition on the column email and a parameter that ignores case.
	sameEmail() string
	// unhurried are statements that end the bounds of time of a transaction.
	unhurried() []string
	// tables is a query for the names of all tables.
	tables() string
	// beforeLoad are statements for the connection of a move to this database, and emptyLoad for its first
	// transaction: they remove what the migrations have made. afterLoad are those of its last transaction, which a
	// move that goes on can repeat.
	beforeLoad() []string
	emptyLoad() []string
	afterLoad() []string
	// load adds rows to a table, until next returns nil, and returns their number.
	load(ctx context.Context, db *sql.Conn, table string, columns []string, next func() ([]any, error)) (int64, error)
	// loadIndex adds entries to the index for searching.
	loadIndex(ctx context.Context, t *tx, entries []indexEntry) error
	// migrations returns the engine's tables, their dialect and options of the migration.
	migrations() (goose.Dialect, fs.FS, []goose.ProviderOption)
}

// indexSQL has the parts of statements about the index for searching, the table
// message_index, which a query calls i.
type indexSQL struct {
	empty          []string // statements that remove all entries and the list of words, before the index is rebuilt
	leftovers      bool     // entries stay when the index is rebuilt, and insertMany replaces them; no search reads those behind the last indexed message
	custom         string   // a statement that makes the database plan each query of the transaction for its parameters; empty: there is none
	insert, remove string   // one entry: the message's id and its words with spaces between them; the id
	id             string   // the message's id of an entry
	key            string   // its column
	insertMany     string   // many entries: an array of ids and one of words; empty: insert adds each
	matches        string   // a condition with an expression of and, or and quote as its parameter
	and, or        string
	quote          func(word string) string
	join           string // of the index with messages, and of these with their conversations
	inParts        bool   // a query computes all rows before it returns the first one, so that it must not ask for too many
	entries        string // a table with the column id of all entries
	words          string // a query for every word of the index, or many with spaces between them, and the message's id
}
