package store

import (
	"maps"
	"time"

	"parley/internal/chat"
)

// cache holds rows that the transactions of the writer have read recently, so that a
// message costs little more than its writes. It belongs to the writing goroutine, which is
// the only writer of the database. Its entries are exact, because every method that changes
// a row drops or replaces the entry.
//
// When a function is rolled back, the entries that it has loaded or replaced are dropped.
// When a commit fails, all entries are dropped.
type cache struct {
	applications  memo[chat.AppID, chat.Application]
	accounts      memo[chat.AccountID, chat.Account]
	groups        memo[chat.GroupID, chat.Group]
	heads         memo[chat.GroupID, chat.Group] // without members and administrators
	conversations memo[chat.ConversationID, conversation]
	directs       memo[pair, chat.ConversationID]
	members       memo[memberKey, chat.Membership]
	related       memo[pair, bool]
	// listed has the conversations that every participant has in their list.
	listed memo[chat.ConversationID, bool]
	last   memo[struct{}, chat.MessageID]
	clock  memo[struct{}, time.Time] // the latest time of a message that was appended
	// damagedTimes is set when a damaged page prevents the look-up of times that are ahead.
	// Sending must not fail on it again and again. Nothing resets it.
	damagedTimes bool
}

// pair is two accounts, the lesser first.
type pair struct{ a, b chat.AccountID }

func newPair(a, b chat.AccountID) pair {
	if b < a {
		a, b = b, a
	}
	return pair{a, b}
}

type memberKey struct {
	conversation chat.ConversationID
	account      chat.AccountID
}

func newCache() *cache { return &cache{} }

func (c *cache) each(do func(forgetter)) {
	do(&c.applications)
	do(&c.accounts)
	do(&c.groups)
	do(&c.heads)
	do(&c.conversations)
	do(&c.directs)
	do(&c.members)
	do(&c.related)
	do(&c.listed)
	do(&c.last)
	do(&c.clock)
}

type forgetter interface {
	keep()
	undo()
	clear()
}

func (c *cache) keep()  { c.each(forgetter.keep) }
func (c *cache) undo()  { c.each(forgetter.undo) }
func (c *cache) clear() { c.each(forgetter.clear) }

// maxMemo bounds every part of the cache; some 20 MB when all are full.
const maxMemo = 16384

// memo is one part of the cache.
type memo[K comparable, V any] struct {
	entries map[K]V
	touched []K // set since the function under way began
}

func (m *memo[K, V]) get(k K) (V, bool) {
	v, ok := m.entries[k]
	return v, ok
}

func (m *memo[K, V]) put(k K, v V) {
	if m.entries == nil {
		m.entries = make(map[K]V)
	}
	if len(m.entries) >= maxMemo {
		m.evict()
	}
	m.entries[k] = v
	m.touched = append(m.touched, k)
}

// evict makes room by dropping an eighth, whichever the map names first: the
// ones in use come back with one look-up.
func (m *memo[K, V]) evict() {
	n := maxMemo / 8
	for k := range m.entries {
		delete(m.entries, k)
		if n--; n == 0 {
			return
		}
	}
}

func (m *memo[K, V]) drop(k K) { delete(m.entries, k) }

// dropAll drops the entries whose keys fit.
func (m *memo[K, V]) dropAll(fits func(K) bool) {
	maps.DeleteFunc(m.entries, func(k K, _ V) bool { return fits(k) })
}

func (m *memo[K, V]) keep() { m.touched = m.touched[:0] }

func (m *memo[K, V]) undo() {
	for _, k := range m.touched {
		delete(m.entries, k)
	}
	m.touched = m.touched[:0]
}

func (m *memo[K, V]) clear() {
	clear(m.entries)
	m.touched = m.touched[:0]
}

// cached returns the entry, loading it when there is none. Errors, such as
// chat.ErrNoRow, are not kept.
func cached[K comparable, V any](m *memo[K, V], k K, load func() (V, error)) (V, error) {
	if v, ok := m.get(k); ok {
		return v, nil
	}
	v, err := load()
	if err == nil {
		m.put(k, v)
	}
	return v, err
}
