package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"
)

// ChangedError is returned by [Move] and [Recover] if the source differs from what an interrupted run has copied. The
// source is another database, or it was used meanwhile.
type ChangedError struct {
	Source string // of the interrupted run
	Table  string // that differs; empty: any, of a recovery
}

// Error names the source and the table.
func (e *ChangedError) Error() string {
	if e.Table == "" {
		return "store: the target has an unfinished recovery of " + e.Source + ", which has changed since"
	}
	return "store: the target has an unfinished copy of " + e.Source + ", and the rows of " + e.Table + " differ from it"
}

// moveState says how far an interrupted move has come. Each transaction of the move stores it together with the
// rows. A move that goes on reads the copied rows of the source again and compares their checksum: then the target has
// what it would have after a move that was not interrupted.
type moveState struct {
	Source   string              `json:"source"`
	Version  int64               `json:"version"` // of the tables
	Tables   map[string]moveRows `json:"tables"`
	Complete bool                `json:"complete"` // everything was copied, and the index was built
}

// moveRows are the rows of a table that were copied: the first ones in the order of the key.
type moveRows struct {
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // see rowSum
}

// readMoveState returns nil for a database from which a move cannot go on. db reads the mark, and pool the version of the tables.
func readMoveState(ctx context.Context, e engine, db queryer, pool *sql.DB) (*moveState, error) {
	text, err := readUnfinished(ctx, e, db)
	if err != nil {
		return nil, err
	}
	var s moveState
	if text == "" || json.Unmarshal([]byte(text), &s) != nil || s.Tables == nil {
		return nil, nil
	}
	m, err := newMigrations(ctx, e, pool)
	if err != nil {
		return nil, err
	}
	if s.Version != m.target || m.current != m.target {
		return nil, nil // another version of the program has copied the rows
	}
	return &s, nil
}

// readUnfinished returns the state that the mark of a target has; empty: there is no mark, or none with a state.
func readUnfinished(ctx context.Context, e engine, db queryer) (text string, err error) {
	tables, err := column(ctx, db, e.tables())
	if err != nil {
		return "", fmt.Errorf("store: %w", err)
	}
	if !slices.Contains(tables, unfinishedTable) {
		return "", nil
	}
	// A mark of an earlier version has another column, with a text that is no state.
	all, err := column(ctx, db, "SELECT * FROM "+unfinishedTable)
	if err != nil {
		return "", fmt.Errorf("store: %w", err)
	}
	for _, one := range all {
		text = one
	}
	return text, nil
}

// mark marks the target as unfinished, with a state.
func (t *target) mark(ctx context.Context, state string) error {
	return t.commit(ctx, func() error {
		// An earlier version has made a mark with another column.
		if err := t.do(ctx, "DROP TABLE IF EXISTS "+unfinishedTable, "CREATE TABLE "+unfinishedTable+" (state TEXT NOT NULL)"); err != nil {
			return err
		}
		if _, err := t.conn.exec("INSERT INTO "+unfinishedTable+" VALUES (?)", state); err != nil {
			return fmt.Errorf("store: %w", err)
		}
		return nil
	})
}

// save stores the state of the move in the current transaction.
func (t *target) save() error { return t.saveState(t.state) }

func (t *target) saveState(state any) error {
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	if _, err := t.conn.exec("UPDATE "+unfinishedTable+" SET state = ?", string(text)); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// rowReader reads the rows of a table in order, with their checksum.
type rowReader struct {
	rows   *sql.Rows
	scan   scanFunc
	values []any
	dest   []any
	read   int64
	sum    rowSum
}

func newRowReader(rows *sql.Rows, e engine, columns []string) *rowReader {
	r := &rowReader{
		rows: rows, scan: e.scan(rows.Scan),
		values: make([]any, len(columns)), dest: make([]any, len(columns)),
		sum: rowSum{hash: sha256.New()},
	}
	r.sum.hash.Write([]byte(strings.Join(columns, ",")))
	for i := range r.values {
		r.dest[i] = &r.values[i]
	}
	return r
}

// next returns a row that is valid until the next call; nil: there are no more.
func (r *rowReader) next() ([]any, error) {
	if !r.rows.Next() {
		return nil, r.rows.Err()
	}
	if err := r.scan(r.dest...); err != nil {
		return nil, err
	}
	r.read++
	return r.values, r.sum.add(r.values)
}

// skip reads the rows that an interrupted move has copied. same is false if they have changed.
func (r *rowReader) skip(had moveRows, told func(read int64)) (same bool, err error) {
	for r.read < had.Rows {
		if r.read%10_000 == 0 {
			told(r.read)
		}
		if row, err := r.next(); row == nil || err != nil {
			return false, err
		}
	}
	return had.Rows == 0 || had.SHA256 == r.sum.hex(), nil
}

// rowSum is a checksum of rows in an order.
type rowSum struct {
	hash hash.Hash
	buf  []byte
}

// add adds a row. The type and the length of each value are in the sum, so that different rows have different bytes.
func (s *rowSum) add(row []any) error {
	b := s.buf[:0]
	size := func(kind byte, n int) { b = binary.AppendUvarint(append(b, kind), uint64(n)) }
	for _, v := range row {
		switch v := v.(type) {
		case nil:
			b = append(b, 'n')
		case bool:
			b = append(b, 'f')
			if v {
				b[len(b)-1] = 't'
			}
		case int64:
			b = binary.BigEndian.AppendUint64(append(b, 'i'), uint64(v))
		case float64:
			b = binary.BigEndian.AppendUint64(append(b, 'd'), math.Float64bits(v))
		case string:
			size('s', len(v))
			b = append(b, v...)
		case []byte:
			size('b', len(v))
			b = append(b, v...)
		default:
			return fmt.Errorf("no checksum for a value of the type %T", v)
		}
	}
	s.buf = b
	s.hash.Write(b)
	return nil
}

func (s *rowSum) hex() string { return hex.EncodeToString(s.hash.Sum(nil)) }
