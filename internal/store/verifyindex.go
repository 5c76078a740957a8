package store

import (
	"fmt"
	"strings"

	"parley/internal/chat"
)

// index compares the index for searching with the messages up to where it goes.
func (v *verifier) index() error {
	indexed, err := v.tx.int("SELECT indexed FROM search_state")
	if err != nil {
		return err
	}
	last, err := v.tx.lastMessage()
	if err != nil {
		return err
	}
	if indexed < 0 || indexed > int64(last) {
		v.differ("search_state", "", "indexed", indexed, fmt.Sprint("0 to ", last))
	}
	const inIndex = "EXISTS (SELECT 1 FROM message_index_docsize d WHERE d.id = m.id)"
	const indexable = "m.system = 0 AND m.withdrawn_at IS NULL"
	if err := v.indexRows("missing", "in it", "SELECT m.id FROM message m WHERE m.id <= ? AND "+indexable+" AND NOT "+inIndex, indexed); err != nil {
		return err
	}
	if err := v.indexRows("in it", "missing", `SELECT d.id FROM message_index_docsize d LEFT JOIN message m ON m.id = d.id
		WHERE m.id IS NULL OR m.id > ? OR NOT (`+indexable+")", indexed); err != nil {
		return err
	}
	return v.indexedWords(indexed)
}

func (v *verifier) indexRows(got, want, query string, indexed int64) error {
	return v.tx.query(func(scan scanFunc) error {
		var id int64
		err := scan(&id)
		v.differ("message_index", fmt.Sprint("message ", id), "the message", got, want)
		return err
	}, query, indexed)
}

// indexedWords asks the index for all words of some messages.
func (v *verifier) indexedWords(indexed int64) error {
	x := newIndexer(nil)
	for id := int64(1); id <= indexed; id += verifyEvery {
		if err := v.ctx.Err(); err != nil {
			return err
		}
		entries, err := x.read(v.tx, id-1, id)
		if err != nil {
			return err
		}
		for _, e := range entries {
			var words []string
			for _, w := range strings.Fields(e.words) {
				words = append(words, quote(w))
			}
			found, err := v.tx.bool("SELECT EXISTS (SELECT 1 FROM message_index WHERE message_index MATCH ? AND rowid = ?)",
				strings.Join(words, " AND "), e.id)
			if err != nil {
				return err
			}
			equal(v, "message_index", fmt.Sprint("message ", e.id), "found by its words", found, true)
			for _, w := range e.fresh {
				known, err := v.tx.bool("SELECT EXISTS (SELECT 1 FROM search_word WHERE word = ?)", w)
				if err != nil {
					return err
				}
				equal(v, "search_word", fmt.Sprint("message ", e.id), "has its words", known, true)
			}
		}
	}
	return nil
}

// verifyEvery is how far apart the messages are whose words are looked up: that
// takes longer than all the rest.
const verifyEvery = 100

// places compares what accounts are found by with their names, and their places
// in organizations with their own.
func (v *verifier) places() error {
	var a chat.Account
	var find, place string
	err := v.tx.query(func(scan scanFunc) error {
		if err := scan(&a.ID, &a.Name, &a.Email, &find, &place); err != nil {
			return err
		}
		n := named(a)
		equal(v, "account", "id "+string(a.ID), "find", find, n.Find)
		equal(v, "account", "id "+string(a.ID), "place", place, n.Place)
		return v.ctx.Err()
	}, "SELECT id, name, email, find, place FROM account")
	if err != nil {
		return err
	}
	return v.tx.query(func(scan scanFunc) error {
		var account, got, want string
		err := scan(&account, &got, &want)
		v.differ("organization_member", "account "+account, "place", got, want)
		return err
	}, `SELECT o.account, o.place, CASE a.active WHEN 1 THEN a.place ELSE '' END FROM organization_member o JOIN account a ON a.id = o.account
		WHERE o.place <> CASE a.active WHEN 1 THEN a.place ELSE '' END`)
}
