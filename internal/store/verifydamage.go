package store

import (
	"errors"
	"math"
	"slices"
	"strings"
)

// readable reports that a damaged page was read. It returns other errors.
func (v *verifier) readable(of string, err error) error {
	if err == nil || !v.tx.forgive(err) {
		return err
	}
	v.find("file", of, "a part of it cannot be read and was not verified: "+err.Error())
	v.report.Damaged = true
	return nil
}

// forgive reports whether an error says that the file is damaged. The transaction can then
// be used further: the snapshot is still there.
func (t *tx) forgive(err error) bool {
	if !t.conn.engine.isDamaged(err) {
		return false
	}
	t.failed = nil
	return true
}

// undamaged calls each for the rows of a table that can be read, in order of the column,
// which numbers the rows. The query ends with a condition that the column is above a
// parameter. Each returns the number of its row. damaged is called for each damage.
func (t *tx) undamaged(query, column string, each func(scan scanFunc) (int64, error), damaged func(error) error, args ...any) error {
	return t.undamagedPages(query+" ORDER BY "+column, each, func() error { return nil }, damaged, args...)
}

// undamagedPages is undamaged for a query in order that can have a limit. page is called
// after each execution of the query, until one returns no row. It can run other queries.
func (t *tx) undamagedPages(query string, each func(scan scanFunc) (int64, error), page func() error, damaged func(error) error, args ...any) error {
	after := int64(math.MinInt64)
	for {
		rows := 0
		err := t.query(func(scan scanFunc) error {
			n, err := each(scan)
			if err == nil {
				after = n
				rows++
			}
			return err
		}, query, append(slices.Clip(args), after)...)
		isDamaged := err != nil && t.forgive(err)
		if err != nil && !isDamaged {
			return err
		}
		if err := page(); err != nil {
			return err
		}
		switch {
		case isDamaged:
			if err := damaged(err); err != nil {
				return err
			}
		case rows == 0 || !strings.HasSuffix(query, limitedPage):
			return nil
		default:
			continue
		}
		var failed error
		next, ok := skipDamage(max(after, 0), func(from int64) bool {
			err := t.query(func(scanFunc) error { return errFirstRow }, query, append(slices.Clip(args), from)...)
			if err == errFirstRow {
				t.failed = nil
				return true
			}
			if err != nil && !t.forgive(err) {
				failed = err
			}
			return err == nil || failed != nil
		})
		if failed != nil || !ok {
			return failed
		}
		after = next
	}
}

// limitedPage is the end of a query for [tx.undamagedPages].
const limitedPage = " LIMIT 1000"

// errFirstRow ends a query after its first row.
var errFirstRow = errors.New("store: a row can be read")

// skipDamage returns the first number above after from which on rows can be read again, or
// false if there is none. A read is successful if there is no row.
func skipDamage(after int64, readable func(from int64) bool) (next int64, ok bool) {
	step := int64(1)
	for !readable(after + step) {
		if step > math.MaxInt64/4-after {
			return 0, false
		}
		step *= 2
	}
	low, high := step/2, step // nothing can be read from low on, but from high on
	for low+1 < high {
		if middle := low + (high-low)/2; readable(after + middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return after + high, true
}

// fromBothEnds reads the rows of a table without row numbers, up to the damage from both
// ends. The query names the columns of the key first.
func fromBothEnds[T any](v *verifier, of string, read func(scanFunc) (T, error), id func(T) string, query string, key ...string) (all []T, err error) {
	seen := make(map[string]struct{})
	for _, direction := range []string{"", " DESC"} {
		err := v.tx.query(func(scan scanFunc) error {
			one, err := read(scan)
			if err != nil {
				return err
			}
			if _, again := seen[id(one)]; !again {
				all = append(all, one)
				seen[id(one)] = struct{}{}
			}
			return nil
		}, query+" ORDER BY "+strings.Join(key, direction+", ")+direction)
		if err == nil {
			return all, nil
		}
		if err := v.readable(of, err); err != nil {
			return nil, err
		}
	}
	return all, nil
}
