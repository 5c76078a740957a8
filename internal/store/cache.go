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
//
// A node of a cluster records what its methods drop and replace, for the caches of the other
// nodes; see touched.go.
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
	// epochs and marks spare updates of members; see arrival.go.
	epochs memo[chat.AccountID, epoch]
	marks  memo[memberKey, mark]
	last   memo[struct{}, chat.MessageID]
	// subscriptions are the active ones, in one entry, because most transactions need all of them.
	subscriptions memo[struct{}, []chat.Subscriber]
	clock         memo[struct{}, time.Time] // the latest time of a message that was appended
	// damagedTimes is set when a damaged page prevents the look-up of times that are ahead.
	// Sending must not fail on it again and again. Nothing resets it.
	damagedTimes bool

	recording bool
	dropped   droppedSets
}

// droppedSets are entries that were dropped without naming each, since the last commit.
type droppedSets struct {
	conversations []chat.ConversationID // the members of these
	accounts      []chat.AccountID      // the memberships of these
	related       bool
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
	do(&c.epochs)
	do(&c.marks)
	do(&c.last)
	do(&c.subscriptions)
	do(&c.clock)
}

type forgetter interface {
	keep()
	undo()
	clear()
	record()
	committed()
}

func (c *cache) keep() { c.each(forgetter.keep) }
func (c *cache) undo() { c.each(forgetter.undo) }

func (c *cache) clear() {
	c.each(forgetter.clear)
	c.dropped = droppedSets{}
}

// record makes the cache record what is dropped and replaced.
func (c *cache) record() {
	c.recording = true
	c.each(forgetter.record)
}

// committed ends the record of a batch.
func (c *cache) committed() {
	if c.recording {
		c.each(forgetter.committed)
		c.dropped = droppedSets{}
	}
}

// dropMembers drops the memberships of a conversation.
func (c *cache) dropMembers(id chat.ConversationID) {
	c.forgetMembers(id)
	if c.recording {
		c.dropped.conversations = append(c.dropped.conversations, id)
	}
}

// dropMemberships drops the memberships of an account.
func (c *cache) dropMemberships(a chat.AccountID) {
	c.forgetMemberships(a)
	if c.recording {
		c.dropped.accounts = append(c.dropped.accounts, a)
	}
}

func (c *cache) forgetMembers(id chat.ConversationID) {
	of := func(k memberKey) bool { return k.conversation == id }
	c.members.dropAll(of)
	c.marks.dropAll(of)
}

func (c *cache) forgetMemberships(a chat.AccountID) {
	of := func(k memberKey) bool { return k.account == a }
	c.members.dropAll(of)
	c.marks.dropAll(of)
}

// dropRelated drops which accounts are related.
func (c *cache) dropRelated() {
	c.related.clear()
	c.dropped.related = c.recording
}

// maxMemo bounds every part of the cache; some 20 MB when all are full.
const maxMemo = 16384

// memo is one part of the cache.
type memo[K comparable, V any] struct {
	entries map[K]V
	touched []K              // set since the function under way began
	changed map[K]changedRow // since the last commit; nil: this is not recorded
}

// changedRow tells how a row was changed in a batch.
type changedRow bool

const (
	rowDropped  changedRow = false // at least once in a way that only dropped the entry
	rowReplaced changedRow = true
)

func (m *memo[K, V]) get(k K) (V, bool) {
	v, ok := m.entries[k]
	return v, ok
}

func (m *memo[K, V]) has(k K) bool {
	_, ok := m.entries[k]
	return ok
}

// put adds an entry for what the row contains already.
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

// replace is put for a row that is being changed.
func (m *memo[K, V]) replace(k K, v V) {
	m.put(k, v)
	if m.changed == nil {
		return
	}
	if _, already := m.changed[k]; !already {
		m.changed[k] = rowReplaced
	}
}

// drop removes the entry of a row that is being changed.
func (m *memo[K, V]) drop(k K) {
	m.forget(k)
	if m.changed != nil {
		m.changed[k] = rowDropped
	}
}

func (m *memo[K, V]) forget(k K) { delete(m.entries, k) }

// repair changes an entry, if there is one, to what another node has written.
func (m *memo[K, V]) repair(k K, change func(*V)) {
	if v, ok := m.entries[k]; ok {
		change(&v)
		m.entries[k] = v
	}
}

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
	clear(m.changed)
}

func (m *memo[K, V]) record()    { m.changed = make(map[K]changedRow) }
func (m *memo[K, V]) committed() { clear(m.changed) }

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
