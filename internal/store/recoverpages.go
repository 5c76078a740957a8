package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
)

// A damaged page of the tree of a table hides the pages below it, up to the whole table if
// the page is the root. SQLite cannot read them, but they are often intact. So the pages of
// the file are decoded here, as https://www.sqlite.org/fileformat2.html describes them. The
// virtual table sqlite_dbpage returns the pages as the last commit left them, including
// those in the log.

// pageScan reads the pages of a damaged file.
type pageScan struct {
	ctx    context.Context
	db     *sql.DB
	usable int               // bytes of a page
	count  uint32            // pages of the file
	owner  []uint16          // of each page, as an index into names; page 1 is owner[0]
	names  []string          // of the trees; the first two are unreachable and free pages
	known  map[string]uint16 // the index of a name
	hidden bool              // which unreachable pages are free is known

	progress func(step string, done, total int64)
}

const (
	unreachable = 0
	freePage    = 1
)

// newPageScan finds out which page belongs to which tree.
func newPageScan(ctx context.Context, db *sql.DB, progress func(step string, done, total int64)) (*pageScan, error) {
	s := &pageScan{ctx: ctx, db: db, progress: progress, names: []string{"", ""}, known: make(map[string]uint16)}
	var size int
	if err := db.QueryRowContext(ctx, "SELECT page_size, page_count FROM pragma_page_size, pragma_page_count").Scan(&size, &s.count); err != nil {
		return nil, err
	}
	head, err := s.page(1)
	if err != nil || len(head) < 100 {
		return nil, errors.Join(err, errors.New("the first page cannot be read"))
	}
	s.usable = size - int(head[20])
	s.owner = make([]uint16, s.count)
	rows, err := db.QueryContext(ctx, "SELECT name, pageno FROM dbstat WHERE pagetype <> 'corrupted'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var page uint32
		if err := rows.Scan(&name, &page); err != nil {
			return nil, err
		}
		if page == 0 || page > s.count {
			continue
		}
		i, ok := s.known[name]
		if !ok {
			i = uint16(len(s.names))
			s.names = append(s.names, name)
			s.known[name] = i
		}
		s.owner[page-1] = i
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	s.hidden = s.freePages(head)
	return s, nil
}

// freePages marks the pages that are not in use. They have old rows, which may have been
// deleted or changed since. It returns false if the list of these pages is damaged.
func (s *pageScan) freePages(head []byte) bool {
	trunk, want := binary.BigEndian.Uint32(head[32:]), binary.BigEndian.Uint32(head[36:])
	var found uint32
	free := func(page uint32) bool {
		if page == 0 || page > s.count || s.owner[page-1] != unreachable {
			return false
		}
		s.owner[page-1] = freePage
		found++
		return true
	}
	for trunk != 0 {
		if !free(trunk) {
			return false
		}
		page, err := s.page(trunk)
		if err != nil || len(page) < s.usable {
			return false
		}
		n := int(binary.BigEndian.Uint32(page[4:]))
		if n > s.usable/4-2 {
			return false
		}
		for i := range n {
			if !free(binary.BigEndian.Uint32(page[8+4*i:])) {
				return false
			}
		}
		trunk = binary.BigEndian.Uint32(page)
	}
	return found == want
}

func (s *pageScan) page(number uint32) (data []byte, err error) {
	err = s.db.QueryRowContext(s.ctx, "SELECT data FROM sqlite_dbpage WHERE pgno = ?", int64(number)).Scan(&data)
	return data, err
}

// scanned is a table that is read by its pages.
type scanned struct {
	columns []scannedColumn // in the order in which a row is stored
	rowid   bool            // the rows have row numbers
	least   int             // columns that every row has; the later ones have defaults
}

type scannedColumn struct {
	name, kind string
	notNull    bool
	alias      bool // of the row number
}

// isRecognized reports whether the rows of a table differ from those of all other tables and
// indexes. Those with few columns do not. Of those of friendship, the ones without accounts
// are removed later.
func (t *scanned) isRecognized(table string) bool {
	return len(t.columns) >= 4 || table == "friendship"
}

// scanTogether is how many pages are searched in a transaction.
var scanTogether = 1000 // tests make it smaller

// rows calls each for every row of some pages from one on that belong to a table, or that can only belong
// to it. A row is a value for each of the first columns. Many of them are known already. next is the page behind them; 0: these
// were the last ones.
func (s *pageScan) rows(table string, t *scanned, from int, each func(id int64, row []any) error) (next int, err error) {
	s.progress("pages for "+table, int64(from), int64(len(s.owner)))
	own, reachable := s.known[table]
	for i := from; i < len(s.owner); i++ {
		if i == from+scanTogether {
			return i, nil
		}
		owner := s.owner[i]
		certain := reachable && owner == own
		if !certain && (owner != unreachable || !s.hidden || !t.isRecognized(table)) {
			continue
		}
		if err := s.ctx.Err(); err != nil {
			return 0, err
		}
		page, err := s.page(uint32(i + 1))
		if err != nil {
			continue // it is beyond the end of the file
		}
		rows, ok := s.decode(page, t)
		if !ok && !certain {
			continue
		}
		for _, r := range rows {
			if err := each(r.id, r.values); err != nil {
				return 0, err
			}
		}
	}
	s.progress("pages for "+table, 1, 1)
	return 0, nil
}

type scannedRow struct {
	id     int64
	values []any
}

// decode returns the rows of a page. ok says that the page is sound and every row fits the table.
func (s *pageScan) decode(page []byte, t *scanned) (rows []scannedRow, ok bool) {
	if len(page) < s.usable {
		return nil, false
	}
	header, kind := 8, page[0]
	switch {
	case t.rowid && kind == 0x0d, !t.rowid && kind == 0x0a:
	case !t.rowid && kind == 0x02: // an inner page of such a tree has rows, too
		header = 12
	default:
		return nil, false
	}
	n := int(binary.BigEndian.Uint16(page[3:]))
	if n == 0 || header+2*n > s.usable {
		return nil, false
	}
	ok = true
	for i := range n {
		at := int(binary.BigEndian.Uint16(page[header+2*i:]))
		r, err := s.cell(page, at, kind, t)
		if err != nil {
			ok = false
			continue
		}
		rows = append(rows, r)
	}
	return rows, ok
}

var errNoRecord = errors.New("no record of the table")

// cell decodes the cell at a place of a page.
func (s *pageScan) cell(page []byte, at int, kind byte, t *scanned) (r scannedRow, err error) {
	if at < 8 || at >= s.usable {
		return r, errNoRecord
	}
	cell := page[at:s.usable]
	if kind == 0x02 {
		if len(cell) < 4 {
			return r, errNoRecord
		}
		cell = cell[4:]
	}
	size, n := uvarint(cell)
	cell = cell[n:]
	if n == 0 || size == 0 || size > math.MaxInt32 {
		return r, errNoRecord
	}
	most := (s.usable-12)*64/255 - 23
	if t.rowid {
		most = s.usable - 35
		id, n := uvarint(cell)
		if n == 0 {
			return r, errNoRecord
		}
		r.id, cell = int64(id), cell[n:]
	}
	payload, err := s.payload(cell, int(size), most)
	if err != nil {
		return r, err
	}
	r.values, err = record(payload, t, r.id)
	return r, err
}

// payload puts a record together from the part in its page and the pages behind it.
func (s *pageScan) payload(cell []byte, size, most int) ([]byte, error) {
	local := size
	if size > most {
		least := (s.usable-12)*32/255 - 23
		if local = least + (size-least)%(s.usable-4); local > most {
			local = least
		}
	}
	if local == size {
		if len(cell) < size {
			return nil, errNoRecord
		}
		return cell[:size], nil
	}
	if len(cell) < local+4 || size/(s.usable-4) > int(s.count) {
		return nil, errNoRecord
	}
	payload := append(make([]byte, 0, size), cell[:local]...)
	next := binary.BigEndian.Uint32(cell[local:])
	for len(payload) < size {
		if next == 0 || next > s.count {
			return nil, errNoRecord
		}
		page, err := s.page(next)
		if err != nil || len(page) < s.usable {
			return nil, errNoRecord
		}
		payload = append(payload, page[4:4+min(s.usable-4, size-len(payload))]...)
		next = binary.BigEndian.Uint32(page)
	}
	return payload, nil
}

// record decodes a row. It returns an error if the row does not fit the table.
func record(payload []byte, t *scanned, id int64) (values []any, err error) {
	size, n := uvarint(payload)
	if n == 0 || size > uint64(len(payload)) || size < uint64(n) {
		return nil, errNoRecord
	}
	types, body := payload[n:size], payload[size:]
	for len(types) > 0 {
		kind, n := uvarint(types)
		if n == 0 || len(values) == len(t.columns) {
			return nil, errNoRecord
		}
		types = types[n:]
		v, length, ok := value(kind, body)
		if !ok || !t.columns[len(values)].takes(v) {
			return nil, errNoRecord
		}
		body = body[length:]
		if t.columns[len(values)].alias {
			v = id
		}
		values = append(values, v)
	}
	if len(values) < t.least || len(body) > 0 {
		return nil, errNoRecord
	}
	return values, nil
}

// takes reports whether a stored value fits the column.
func (c scannedColumn) takes(v any) bool {
	switch v.(type) {
	case nil:
		return !c.notNull
	case int64:
		return c.kind == "INTEGER" && !c.alias
	case string:
		return c.kind == "TEXT"
	case []byte:
		return c.kind == "BLOB"
	default:
		return false
	}
}

// value decodes a value of a serial type and returns its length.
func value(kind uint64, body []byte) (v any, length int, ok bool) {
	switch {
	case kind == 0:
		return nil, 0, true
	case kind == 8 || kind == 9:
		return int64(kind - 8), 0, true
	case kind <= 6:
		length = [...]int{0, 1, 2, 3, 4, 6, 8}[kind]
		if len(body) < length {
			return nil, 0, false
		}
		n := int64(int8(body[0]))
		for _, b := range body[1:length] {
			n = n<<8 | int64(b)
		}
		return n, length, true
	case kind == 7:
		if len(body) < 8 {
			return nil, 0, false
		}
		return math.Float64frombits(binary.BigEndian.Uint64(body)), 8, true
	case kind < 12 || (kind-12)/2 > uint64(len(body)):
		return nil, 0, false
	}
	length = int(kind-12) / 2
	if kind%2 == 1 {
		return string(body[:length]), length, true
	}
	return slices.Clone(body[:length:length]), length, true
}

// uvarint decodes an integer of the file format and returns its length, 0 for none.
func uvarint(b []byte) (v uint64, n int) {
	for n < min(len(b), 9) {
		c := b[n]
		n++
		if n == 9 {
			return v<<8 | uint64(c), n
		}
		v = v<<7 | uint64(c&0x7f)
		if c < 0x80 {
			return v, n
		}
	}
	return 0, 0
}

// scannedTable describes the rows of a table as the target has it.
func scannedTable(ctx context.Context, db queryer, table string, rowid bool) (*scanned, error) {
	rows, err := db.QueryContext(ctx, "SELECT name, type, \"notnull\", pk, dflt_value IS NOT NULL FROM pragma_table_info(?) ORDER BY cid", table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	t := &scanned{rowid: rowid}
	var keys, others []scannedColumn
	places := map[string]int{}
	optional := 0
	for rows.Next() {
		var c scannedColumn
		var key int
		var hasDefault bool
		if err := rows.Scan(&c.name, &c.kind, &c.notNull, &key, &hasDefault); err != nil {
			return nil, err
		}
		c.alias = rowid && key == 1
		c.notNull = c.notNull && !c.alias
		// A column that was added to the table has a default or can be NULL. Rows that are
		// older than such a column do not have it.
		if hasDefault || !c.notNull && !c.alias {
			optional++
		} else {
			optional = 0
		}
		if key > 0 && !rowid {
			keys = append(keys, c)
			places[c.name] = key
		} else {
			others = append(others, c)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(keys, func(a, b scannedColumn) int { return places[a.name] - places[b.name] })
	t.columns = append(keys, others...)
	t.least = len(t.columns) - min(optional, len(others))
	return t, nil
}

// scan reads the rows that are hidden by damaged pages of the table.
func (c *copying) scan() error {
	if c.pages == nil {
		pages, err := newPageScan(c.ctx, c.from, c.progress)
		if err != nil {
			if c.ctx.Err() != nil {
				return c.ctx.Err()
			}
			c.place.Damage += "; its pages cannot be searched: " + err.Error()
			return nil
		}
		c.pages = pages
	}
	t, err := scannedTable(c.ctx, c.db, c.table, c.rowids)
	if err != nil {
		return err
	}
	inserts := make(map[int]*sql.Stmt)
	defer func() {
		for _, s := range inserts {
			_ = s.Close()
		}
	}()
	numbered := c.rowids && !slices.ContainsFunc(t.columns, func(c scannedColumn) bool { return c.alias })
	each := func(id int64, row []any) error {
		if len(row) == 0 {
			return nil
		}
		insert := inserts[len(row)]
		if insert == nil {
			names := make([]string, 0, len(row)+1)
			for _, column := range t.columns[:len(row)] {
				names = append(names, column.name)
			}
			if numbered {
				names = append(names, "rowid")
			}
			var err error
			if insert, err = c.db.PrepareContext(c.ctx, "INSERT OR IGNORE INTO "+c.table+" ("+strings.Join(names, ", ")+
				") VALUES (?"+strings.Repeat(", ?", len(names)-1)+")"); err != nil {
				return err
			}
			inserts[len(row)] = insert
		}
		if numbered {
			row = append(row, id)
		}
		result, err := insert.ExecContext(c.ctx, row...)
		if err != nil {
			if c.ctx.Err() != nil || c.engine.fault(err) != "" {
				return err
			}
			return nil // the table does not take the row
		}
		n, err := result.RowsAffected()
		c.place.Rows += n
		c.place.Scanned += n
		return err
	}
	for more := true; more; {
		if err := c.part(func() (err error) {
			c.place.Page, err = c.pages.rows(c.table, t, c.place.Page, each)
			more = c.place.Page > 0
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
