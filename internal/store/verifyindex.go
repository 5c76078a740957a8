package store

import (
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"

	"parley/internal/chat"
)

// index compares the index for searching with the messages up to the last indexed one.
func (v *verifier) index() error {
	indexed, err := v.tx.indexed()
	if err != nil {
		return err
	}
	last, err := v.tx.lastMessage()
	if err != nil {
		return err
	}
	if indexed < 0 || indexed > int64(last) {
		v.differ("search_state", "table", "indexed", indexed, fmt.Sprint("0 to ", last))
	}
	entries := v.tx.conn.engine.index().entries
	inIndex := "EXISTS (SELECT 1 FROM " + entries + " d WHERE d.id = m.id)"
	const indexable = "m.system = 0 AND m.withdrawn_at IS NULL"
	if err := v.indexRows("it is missing in the search index", "SELECT m.id FROM message m WHERE m.id <= ? AND "+indexable+" AND NOT "+inIndex, indexed); err != nil {
		return err
	}
	wrong := "m.id IS NULL OR NOT (" + indexable + ") OR m.id > ?"
	if v.tx.conn.engine.index().leftovers {
		wrong = "(m.id IS NULL OR NOT (" + indexable + ")) AND d.id <= ?"
	}
	if err := v.indexRows("it is in the search index, but was withdrawn, deleted or is a system message",
		"SELECT d.id FROM "+entries+" d LEFT JOIN message m ON m.id = d.id WHERE "+wrong, indexed); err != nil {
		return err
	}
	return v.indexedWords(indexed)
}

func (v *verifier) indexRows(what, query string, indexed int64) error {
	return v.tx.query(func(scan scanFunc) error {
		var id int64
		err := scan(&id)
		v.find("message", fmt.Sprint(id), what)
		return err
	}, query, indexed)
}

// indexedWords compares the words of every message with its words in the index, which finds
// a changed text. Only a sum of hashes of each is kept.
func (v *verifier) indexedWords(indexed int64) error {
	sums := make(map[int64]uint64, v.report.Messages)
	seed := maphash.MakeSeed()
	if err := v.tx.conn.scratch(func() error {
		return v.tx.query(func(scan scanFunc) error {
			var words string
			var id int64
			err := scan(&words, &id)
			for word := range strings.FieldsSeq(words) {
				sums[id] += maphash.String(seed, word)
			}
			return err
		}, v.tx.conn.engine.index().words)
	}); err != nil {
		return err
	}
	x := newIndexer(nil)
	for from := int64(0); from < indexed; from += verifyPart {
		if err := v.ctx.Err(); err != nil {
			return err
		}
		entries, err := x.read(v.tx, from, min(from+verifyPart, indexed))
		if err != nil {
			return err
		}
		var fresh []string
		for _, e := range entries {
			fresh = append(fresh, e.fresh...)
		}
		known, err := v.tx.knownWords(fresh)
		if err != nil {
			return err
		}
		for _, e := range entries {
			v.indexEntry(e, sums[e.id], seed, known)
		}
		x.remember(slices.Collect(maps.Keys(known)))
	}
	return nil
}

func (v *verifier) indexEntry(e indexEntry, got uint64, seed maphash.Seed, known map[string]bool) {
	words := strings.Fields(e.words)
	slices.Sort(words)
	var want uint64
	for _, w := range slices.Compact(words) {
		want += maphash.String(seed, w)
	}
	if got != want {
		v.find("message", fmt.Sprintf("%d in conversation %d", e.id, e.conversation), "the text differs from the search index")
		return
	}
	if slices.ContainsFunc(e.fresh, func(w string) bool { return !known[w] }) {
		v.find("message", fmt.Sprintf("%d in conversation %d", e.id, e.conversation), "a word of it is missing in the list of words")
	}
}

// verifyPart is the number of messages that are read at a time.
const verifyPart = 1000

// places compares the directory columns of accounts with their names, and the copies of
// the order in organizations with those of the accounts.
func (v *verifier) places() error {
	type row struct {
		account     chat.Account
		find, place string
	}
	rows, err := fromBothEnds(v, "of account", func(scan scanFunc) (r row, err error) {
		err = scan(&r.account.ID, &r.account.Name, &r.account.Email, &r.find, &r.place)
		return r, err
	}, func(r row) string { return string(r.account.ID) }, "SELECT id, name, email, find, place FROM account", "id")
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := v.ctx.Err(); err != nil {
			return err
		}
		n := named(r.account)
		equal(v, "account", string(r.account.ID), "find", r.find, n.Find)
		equal(v, "account", string(r.account.ID), "place", r.place, n.Place)
	}
	return v.tx.query(func(scan scanFunc) error {
		var account, got, want string
		err := scan(&account, &got, &want)
		v.differ("organization_member", "account "+account, "place", got, want)
		return err
	}, `SELECT o.account, o.place, CASE a.active WHEN 1 THEN a.place ELSE '' END FROM organization_member o JOIN account a ON a.id = o.account
		WHERE o.place <> CASE a.active WHEN 1 THEN a.place ELSE '' END`)
}
