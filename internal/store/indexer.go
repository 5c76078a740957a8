package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"parley/internal/chat"
	"parley/internal/search"
)

// searchFormat is that of the words in the index. Increase it when they change: the index is then rebuilt.
const searchFormat = 4

// placeFormat is the first searchFormat with the places of names that this program computes. Set it to a new
// searchFormat when they change: those of all accounts are then computed again at the start.
const placeFormat = 3

// The indexer follows the log of messages. It reads new messages on a reading connection,
// computes their words there, and passes them to the writing goroutine as an ordinary
// write. This write shares a commit with new messages, and also stores how far the index
// goes. Messages after that are searched in their texts.
//
// A send has no additional cost. At most indexPart messages are indexed between two sends.
type indexer struct {
	store   *Store
	last    atomic.Int64                  // the last message stored
	indexed atomic.Int64                  // the last one in the index
	stored  chan struct{}                 // told of the first message that is not indexed
	much    chan struct{}                 // told when indexMuch are not
	moved   atomic.Pointer[chan struct{}] // closed when indexed changes
	stopped chan struct{}

	known map[string]struct{} // words that are in search_word

	told   time.Time // when the log said how far the index is
	behind bool      // the log said that the index is behind
}

const (
	// indexAfter is how long messages may wait for others, so that a quiet server
	// does not write once more for every one of them.
	indexAfter = 500 * time.Millisecond
	// indexMuch is how many do not wait.
	indexMuch = 512
	// indexYield is the pause while other writes wait, until indexBehind messages are
	// not indexed. A search reads those one by one.
	indexYield  = 10 * time.Millisecond
	indexBehind = 10_000
	// indexPart is how many go into the index in one write: some 5 ms. Where there
	// is much to catch up with and nobody waits, it is indexMuch.
	indexPart = 128
	// indexPoll is the time between two looks of a node whether others have stored or indexed messages.
	indexPoll = time.Second
	// maxKnown bounds the words remembered; looking one up in the table takes as
	// long as writing it.
	maxKnown = 20_000
)

// indexTold is the number of messages that are not indexed above which the log says how far the index is.
var indexTold = int64(100_000) // tests make it smaller

func newIndexer(s *Store) *indexer {
	x := &indexer{
		store:   s,
		stored:  make(chan struct{}, 1),
		much:    make(chan struct{}, 1),
		stopped: make(chan struct{}),
		known:   make(map[string]struct{}),
	}
	x.advance(0)
	return x
}

// advance says how far the index goes.
func (x *indexer) advance(to int64) {
	x.indexed.Store(to)
	next := make(chan struct{})
	if before := x.moved.Swap(&next); before != nil {
		close(*before)
	}
}

// tell is called by the writing goroutine after a commit.
func (x *indexer) tell(last chat.MessageID) {
	if x.last.Swap(int64(last)) == int64(last) {
		return
	}
	notify(x.stored)
	if int64(last)-x.indexed.Load() >= indexMuch {
		notify(x.much)
	}
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run is the indexing goroutine.
func (x *indexer) run() {
	defer close(x.stopped)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	failing := false
	for {
		if !x.store.indexes() {
			if !x.pause(nil, indexPoll) {
				return
			}
			continue
		}
		more, err := x.index(ctx)
		if err == nil {
			x.log()
		}
		switch {
		case errors.Is(err, ErrClosed):
			return
		case errors.Is(err, ErrBusy):
		case errors.Is(err, ErrNodeGone): // the node stops, or joins again by itself
		case errors.Is(err, chat.ErrLogged):
		case err != nil && !failing:
			failing = true
			x.store.opts.Logger.Error("indexing messages for search failed; it is tried again", "error", err)
		case err == nil && failing:
			failing = false
			x.store.opts.Logger.Info("indexing messages for search works again")
		}
		switch {
		case err == nil && more && x.mayGoOn():
		case err == nil && more:
			if !x.pause(nil, indexYield) {
				return
			}
		case err == nil && !x.wait() || !x.pause(x.much, indexAfter):
			return
		}
	}
}

// log says how far the index is, while it is far behind: it is built anew after a change of its format, and after a large import.
func (x *indexer) log() {
	indexed, last := x.indexed.Load(), x.last.Load()
	if last-indexed <= indexTold {
		if x.behind && indexed >= last {
			x.behind = false
			x.store.opts.Logger.Info("the search index is complete")
		}
		return
	}
	if now := time.Now(); !x.behind || now.Sub(x.told) >= tellEvery {
		x.behind, x.told = true, now
		x.store.opts.Logger.Info("building the search index", "message", indexed, "last", last)
	}
}

// wait waits for messages that are not indexed. It returns false when the store closes.
func (x *indexer) wait() bool {
	if x.store.opts.Node != "" { // other nodes store messages, too
		return x.pause(x.stored, indexPoll)
	}
	select {
	case <-x.stored:
		return true
	case <-x.store.closing:
		return false
	}
}

// mayGoOn is false while somebody waits for a commit, unless so much is not
// indexed that searches become slow.
func (x *indexer) mayGoOn() bool {
	return x.store.Waiting() == 0 || x.last.Load()-x.indexed.Load() > indexBehind
}

// pause lets more messages come, until the time is up or c says so.
func (x *indexer) pause(c chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c:
	case <-x.store.closing:
		return false
	}
	return true
}

// indexEntry is a message to be indexed.
type indexEntry struct {
	id           int64
	conversation chat.ConversationID
	words        string   // with spaces between them
	fresh        []string // of these the ones that search_word may not have
}

// index puts the next messages into the index; more says that there may be others.
func (x *indexer) index(ctx context.Context) (more bool, err error) {
	var entries []indexEntry
	var from, to, replaced int64
	err = x.store.view(ctx, func(t *tx) (err error) {
		from, replaced, err = t.indexedInFormat()
		if err == chat.ErrNoRow {
			return nil // a newer program has made the index anew
		}
		if err != nil {
			return err
		}
		last, err := t.lastMessage()
		if err != nil {
			return err
		}
		x.last.Store(max(x.last.Load(), int64(last)))
		if from == 0 {
			clear(x.known) // the index was made anew
		}
		to = min(from+x.part(int64(last)-from), int64(last))
		more = to < int64(last)
		entries, err = x.read(t, from, to)
		return err
	})
	if err != nil || from >= to {
		if err == nil {
			x.advance(from)
		}
		return false, err
	}
	written := false
	err = x.store.Update(ctx, func(ct chat.Tx) error {
		written, err = ct.(*tx).index(entries, from, to, replaced)
		return err
	})
	if err != nil || !written {
		return err == nil, err
	}
	for _, e := range entries {
		x.remember(e.fresh)
	}
	x.advance(to)
	return more, nil
}

// part is how many of so many messages go into one write.
func (x *indexer) part(lag int64) int64 {
	if lag > 8*indexMuch && x.store.Waiting() == 0 {
		return indexMuch
	}
	return indexPart
}

// read makes the words of the messages behind from, up to and with to.
func (x *indexer) read(t *tx, from, to int64) (entries []indexEntry, err error) {
	var m searched
	var id int64
	var c chat.ConversationID
	var sender, one, other chat.AccountID
	dest := append([]any{&id, &c, &sender, text[chat.AccountID]{&one}, text[chat.AccountID]{&other}}, m.fields()...)
	err = t.query(func(scan scanFunc) error {
		if err := scan(dest...); err != nil {
			return err
		}
		e := indexEntry{id: id, conversation: c}
		var b strings.Builder
		b.WriteString(conversationWord(c))
		add := func(word string) {
			b.WriteByte(' ')
			b.WriteString(word)
		}
		add(accountWord(markSender, sender))
		add(typeWord(m.kind))
		if m.isFile() {
			add(markFile)
		}
		if m.hasLink() {
			add(markLink)
		}
		if one != "" {
			add(accountWord(markBetween, one))
		}
		if other != "" && other != one {
			add(accountWord(markBetween, other))
		}
		had := make(map[string]struct{})
		search.Words(search.Fold(m.read(chat.SearchAnything)), func(word string, spelled bool) {
			if _, again := had[word]; again {
				return
			}
			had[word] = struct{}{}
			add(indexWord(word))
			if _, known := x.known[word]; spelled && !known {
				e.fresh = append(e.fresh, word)
			}
		})
		e.words = b.String()
		entries = append(entries, e)
		return nil
	}, "SELECT m.id, m.conversation, m.sender, c.a, c.b, "+searchedColumns+" FROM message m "+t.conn.engine.index().join+` conversation c ON c.id = m.conversation
		WHERE m.id > ? AND m.id <= ? AND m.system = 0 AND m.withdrawn_at IS NULL ORDER BY m.id`, from, to)
	return entries, err
}

func (x *indexer) remember(words []string) {
	if len(x.known)+len(words) > maxKnown {
		clear(x.known)
	}
	for _, w := range words {
		x.known[strings.Clone(w)] = struct{}{} // not the whole text with it
	}
}

// index writes the entries and says that the index goes up to to. It returns false if another node has written them, or if a
// text was replaced since the words were read; they are then read again.
func (t *tx) index(entries []indexEntry, from, to, replaced int64) (bool, error) {
	now, replacedNow, err := t.indexedInFormat()
	if err == chat.ErrNoRow || err == nil && (now != from || replacedNow != replaced) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	there, err := t.indexable(from, to)
	if err != nil {
		return false, err
	}
	entries = slices.DeleteFunc(entries, func(e indexEntry) bool { return !there[e.id] })
	if err := t.insertEntries(entries); err != nil {
		return false, err
	}
	var fresh []string
	for _, e := range entries {
		fresh = append(fresh, e.fresh...)
	}
	if err := t.addWords(fresh); err != nil {
		return false, err
	}
	_, err = t.exec("UPDATE search_state SET indexed = ?", to)
	return err == nil, err
}

// insertEntries adds the entries, in one statement where each would cost a round trip while
// all nodes wait.
func (t *tx) insertEntries(entries []indexEntry) error {
	index := t.conn.engine.index()
	if index.insertMany == "" {
		for _, e := range entries {
			if _, err := t.exec(index.insert, e.id, e.words); err != nil {
				return err
			}
		}
		return nil
	}
	if len(entries) == 0 {
		return nil
	}
	ids, words := make([]int64, len(entries)), make([]string, len(entries))
	for i, e := range entries {
		ids[i], words[i] = e.id, keep(e.words)
	}
	_, err := t.exec(index.insertMany, ids, words)
	return err
}

// addWords adds words to the list of words that searches complete.
func (t *tx) addWords(words []string) error {
	for _, some := range wordParts(words) {
		if _, err := t.exec("INSERT INTO search_word (word) VALUES (?)"+strings.Repeat(", (?)", len(some)-1)+" ON CONFLICT DO NOTHING", some...); err != nil {
			return err
		}
	}
	return nil
}

// knownWords returns which of the words are in the list of words.
func (t *tx) knownWords(words []string) (map[string]bool, error) {
	known := make(map[string]bool, len(words))
	for _, some := range wordParts(words) {
		if err := t.query(func(scan scanFunc) error {
			word, err := readString[string](scan)
			known[word] = true
			return err
		}, "SELECT word FROM search_word WHERE word IN (?"+strings.Repeat(", ?", len(some)-1)+")", some...); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// wordParts divides words into the parameters of statements, of which there are two: one for
// one word and one for many. The last word is repeated where there are fewer.
func wordParts(words []string) (parts [][]any) {
	const many = 64
	for len(words) > 0 {
		n := 1
		if len(words) > 2 {
			n = many
		}
		part := make([]any, n)
		for i := range part {
			part[i] = words[min(i, len(words)-1)]
		}
		parts = append(parts, part)
		words = words[min(n, len(words)):]
	}
	return parts
}

// indexable returns which messages were neither withdrawn nor removed since their words were made.
func (t *tx) indexable(from, to int64) (map[int64]bool, error) {
	all := map[int64]bool{}
	err := t.query(func(scan scanFunc) error {
		var id int64
		err := scan(&id)
		all[id] = true
		return err
	}, "SELECT id FROM message WHERE id > ? AND id <= ? AND withdrawn_at IS NULL", from, to)
	return all, err
}

// unindex takes a message out of the index, where it is in it.
func (t *tx) unindex(id chat.MessageID) error {
	index := t.conn.engine.index()
	indexed, err := t.indexed()
	if err != nil || int64(id) > indexed && !index.leftovers {
		return err
	}
	_, err = t.exec(index.remove, int64(id))
	return err
}

// indexed returns the last message in the index.
func (t *tx) indexed() (int64, error) { return t.int("SELECT indexed FROM search_state") }

// indexedInFormat is indexed if the index has the format of this program, else chat.ErrNoRow. replaced counts the texts that
// were replaced before they were in the index.
func (t *tx) indexedInFormat() (indexed, replaced int64, err error) {
	err = t.row([]any{&indexed, &replaced}, "SELECT indexed, replaced FROM search_state WHERE format = ?", int64(searchFormat))
	return indexed, replaced, err
}

// prepareSearch updates the search data to the format of this program, before the store
// is used.
func (s *Store) prepareSearch() error {
	t := &tx{conn: s.writer, cache: newCache(), ctx: context.Background()}
	if s.engine.isServer() {
		// A transaction that writes would have a number, and nodes would look for it in the log.
		if format, err := t.int(searchFormatQuery); err != nil || format == searchFormat {
			return err
		}
	}
	if err := s.begin(nil); err != nil {
		return err
	}
	err := t.run(func(chat.Tx) error { return t.checkFormat() })
	if err != nil {
		s.writer.rollback()
		return err
	}
	if !s.engine.isServer() {
		return s.writer.commit()
	}
	entry := &commitEntry{number: s.number, node: s.self.id}
	if err := s.writer.commitLogged(entry); err != nil {
		return err
	}
	s.commits = entry.number
	return nil
}

const searchFormatQuery = "SELECT format FROM search_state"

// checkFormat lets an index of another format be rebuilt, and computes the directory columns again if they may differ.
func (t *tx) checkFormat() error {
	format, err := t.int(searchFormatQuery)
	if err != nil || format == searchFormat {
		return err
	}
	for _, statement := range t.conn.engine.index().empty {
		if _, err := t.exec(statement); err != nil {
			return err
		}
	}
	if _, err = t.exec("UPDATE search_state SET indexed = 0, format = ?", int64(searchFormat)); err != nil {
		return err
	}
	if placeFormat <= format && format < searchFormat {
		return nil
	}
	return t.placeAll()
}

// Indexed waits until every message that is stored now is in the index.
func (s *Store) Indexed(ctx context.Context) error {
	return s.indexedWith(ctx, func(int64, int64) {})
}

// indexedWith is Indexed. progress gets the last message of the index, and the last one of all.
func (s *Store) indexedWith(ctx context.Context, progress func(done, total int64)) error {
	var last int64
	err := s.view(ctx, func(t *tx) error {
		id, err := t.lastMessage()
		last = int64(id)
		return err
	})
	for err == nil {
		moved := s.indexer.moved.Load()
		indexed := s.indexer.indexed.Load()
		if indexed < last && !s.indexes() {
			if indexed, err = s.indexedByOthers(ctx); err != nil {
				return err
			}
		}
		if indexed >= last {
			progress(1, 1)
			return nil
		}
		progress(indexed, last)
		notify(s.indexer.stored)
		notify(s.indexer.much)
		select {
		case <-*moved:
		case <-s.indexer.tick():
		case <-ctx.Done():
			return ctx.Err()
		case <-s.closing:
			return ErrClosed
		}
	}
	return err
}

// indexedByOthers returns how far the index goes where another process maintains it.
func (s *Store) indexedByOthers(ctx context.Context) (indexed int64, err error) {
	err = s.view(ctx, func(t *tx) error {
		indexed, err = t.indexed()
		return err
	})
	return indexed, err
}

// tick returns when it is time to look again what other nodes have indexed; nil: there are none.
func (x *indexer) tick() <-chan time.Time {
	if x.store.opts.Node == "" {
		return nil
	}
	return time.After(indexPoll / 10)
}
