package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"parley/internal/chat"
	"parley/internal/search"
)

// A message is found by its words, which [search.Words] returns. indexer.go maintains the
// index, which can lag behind. The index also has these words:
//
//	conversation 7            U+E000 "7"
//	sender a-1                U+E001 "a" U+E004 "1"
//	a file                    U+E002
//	in no group, between a-1  U+E003 "a" U+E004 "1"
//	and b                     U+E003 "b"
//	signs ?!                  U+E005 U+E13F U+E121
//	type 2                    U+E006 "2"
//	a link                    U+E007
//
// No other word begins with these characters. Accounts whose ids differ only in case and
// punctuation have the same word.
const (
	markConversation = "\uE000"
	markSender       = "\uE001"
	markFile         = "\uE002"
	markBetween      = "\uE003"
	markOther        = "\uE004" // replaces characters that the index would treat as a space
	markSign         = "\uE005"
	markType         = "\uE006"
	markLink         = "\uE007"
	asciiSigns       = '\uE100' // added to ASCII signs, which the index would treat as spaces
)

func conversationWord(id chat.ConversationID) string {
	return markConversation + strconv.FormatInt(int64(id), 10)
}

func accountWord(mark string, a chat.AccountID) string {
	var b strings.Builder
	b.WriteString(mark)
	for _, r := range string(a) {
		if r < 0x80 && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9') {
			b.WriteString(markOther)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func typeWord(kind chat.MessageType) string {
	return markType + strconv.Itoa(int(kind))
}

// indexWord returns a word of [search.Words] as the index has it.
func indexWord(word string) string {
	if !search.IsSign(word) {
		return word
	}
	return markSign + strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return asciiSigns + r
		}
		return r
	}, word)
}

// searched is the part of a message that a search looks at.
type searched struct {
	text, file, card, location string // as stored
	kind                       chat.MessageType
}

const searchedColumns = "m.text, m.file, m.card, m.location, m.type"

func (s *searched) fields() []any {
	return []any{&s.text, text[string]{&s.file}, text[string]{&s.card}, text[string]{&s.location}, &s.kind}
}

// read returns the text in which is looked, its parts on lines of their own.
func (s *searched) read(what chat.SearchFor) string {
	var parts struct{ Name, Title, Text, Address string }
	read := func(object string) {
		parts.Name, parts.Title, parts.Text, parts.Address = "", "", "", ""
		if object != "" {
			_ = json.Unmarshal([]byte(object), &parts) // what is stored was written by us
		}
	}
	all := s.text
	add := func(more string) {
		switch {
		case more == "":
		case all == "":
			all = more
		default:
			all += "\n" + more
		}
	}
	if what != chat.SearchFiles {
		read(s.card)
		add(parts.Title)
		add(parts.Text)
		read(s.location)
		add(parts.Title)
		add(parts.Address)
	}
	if what != chat.SearchMessages && s.isFile() {
		read(s.file)
		caption := all
		all = parts.Name
		add(caption)
	}
	return all
}

// isFile reports whether the message has a file; a voice message does not count.
func (s *searched) isFile() bool { return s.file != "" && s.kind.IsFile() }

// hasLink reports whether the text has a link, or the message is a card with one.
func (s *searched) hasLink() bool {
	if search.HasLink(s.text) {
		return true
	}
	var card struct{ URL string }
	if s.card != "" {
		_ = json.Unmarshal([]byte(s.card), &card) // what is stored was written by us
	}
	return search.HasLink(card.URL)
}

const (
	// maxGroups is the maximum number of groups in a query of the index. An account in
	// more groups can see so many messages that it is cheaper to query for all messages
	// and drop those that it cannot see.
	maxGroups = 200
	// maxBeginnings is the maximum number of words with the same beginning in a query of
	// the index. With more, they are in so many messages that reading the texts finds
	// one soon.
	maxBeginnings = 256
)

func (t *tx) FindMessages(of chat.AccountID, q chat.FindMessages) (found chat.FoundMessages, err error) {
	s := &searcher{tx: t, of: of, q: q, query: search.Parse(q.Text)}
	if s.query.Empty() && !q.AnyText || q.Limit <= 0 {
		return found, nil
	}
	ctx, failed := t.ctx, t.failed
	if q.Within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, q.Within)
		defer cancel()
	}
	err = t.conn.guarded(func() error { return s.run(ctx) })
	if errors.Is(err, errEnough) {
		err = nil
	}
	if err != nil && ctx.Err() != nil && t.ctx.Err() == nil {
		// The interruption may have ended a look-up, too. The snapshot is still valid.
		s.found.Partial, s.found.Next, err, t.failed = true, s.last, nil, failed
	}
	if err != nil {
		return chat.FoundMessages{}, t.check(err)
	}
	// After the rows were read: an interruption of those would end this, too.
	for _, id := range s.ids {
		m, err := t.Message(id)
		if err != nil {
			return chat.FoundMessages{}, fmt.Errorf("message %d: %w", id, err)
		}
		s.found.Messages = append(s.found.Messages, m)
	}
	return s.found, nil
}

// searcher is one search under way.
type searcher struct {
	tx    *tx
	of    chat.AccountID
	q     chat.FindMessages
	query search.Query

	// scope is a set of words; every message that the account can see has one of them.
	// nil: there are too many, and the rows must be joined with the memberships.
	scope []string
	// joined is true if the rows are joined with the account's memberships: without a scope,
	// and on a server, whose connection runs one query at a time.
	joined         bool
	oldest, before int64          // the ids to look at: from oldest on, below before; 0: no bound
	until          chat.MessageID // the rows end with this one
	seen           int
	lastSeq        int64          // the place of the last row in its conversation's log
	last           chat.MessageID // everything from here on was looked at; 0: nothing yet
	ids            []chat.MessageID
	found          chat.FoundMessages
}

// The reasons to stop reading rows.
var (
	errEnough   = errors.New("store: enough was found")
	errTailEnds = errors.New("store: what follows is indexed")
)

// run looks first at the messages that are not indexed yet, which are the newest,
// and then at those that the index names.
func (s *searcher) run(ctx context.Context) (err error) {
	// One plan cannot be right for a common and a rare word, for few ids and for all.
	if custom := s.tx.conn.engine.index().custom; custom != "" {
		if _, err := s.tx.conn.exec(custom); err != nil {
			return err
		}
	}
	if err = s.findScope(); err != nil {
		return err
	}
	s.joined = s.q.Conversation == 0 && (s.scope == nil || s.tx.conn.engine.isServer())
	if s.oldest, s.before, err = s.bounds(); err != nil {
		return err
	}
	if s.readsLog() {
		return s.readLog(ctx)
	}
	indexed, err := s.tx.indexed()
	if err != nil {
		return err
	}
	if err := s.readTail(ctx, indexed); err != nil {
		return err
	}
	match, none, err := s.match()
	if none || err != nil {
		return err
	}
	return s.readIndexed(ctx, match, indexed)
}

// findScope sets scope.
func (s *searcher) findScope() error {
	if s.q.Conversation != 0 {
		s.scope = []string{conversationWord(s.q.Conversation)}
		return nil
	}
	groups, err := list(s.tx, func(scan scanFunc) (id chat.ConversationID, err error) {
		err = scan(&id)
		return id, err
	}, "SELECT conversation FROM member WHERE account = ? AND grouped = 1 AND (left_at = 0 OR left_seq > 0)"+limited,
		string(s.of), maxGroups+1)
	if err != nil || len(groups) > maxGroups {
		return err
	}
	s.scope = append(s.scope, accountWord(markBetween, s.of))
	for _, id := range groups {
		s.scope = append(s.scope, conversationWord(id))
	}
	return nil
}

// match returns the query for the index, empty for all messages. none is true if nothing
// can match.
func (s *searcher) match() (match string, none bool, err error) {
	var b strings.Builder
	sql := s.tx.conn.engine.index()
	and := func(words ...string) {
		if b.Len() > 0 {
			b.WriteString(sql.and)
		}
		for i, w := range words {
			b.WriteString([...]string{"(", sql.or}[min(i, 1)])
			b.WriteString(sql.quote(w))
		}
		b.WriteByte(')')
	}
	asked := s.query.Words()
	for _, w := range asked.Words {
		and(indexWord(w))
	}
	if asked.Begin != "" {
		words, err := list(s.tx, readString[string], "SELECT word FROM search_word WHERE word >= ? AND word < ? ORDER BY word"+limited,
			asked.Begin, asked.Begin+"\U0010FFFF", maxBeginnings+1)
		if err != nil || len(words) == 0 {
			return "", true, err
		}
		if len(words) <= maxBeginnings {
			and(words...)
		}
	}
	if s.q.From != "" {
		and(accountWord(markSender, s.q.From))
	}
	if s.q.For == chat.SearchFiles {
		and(markFile)
	}
	if len(s.q.Kinds) > 0 {
		var kinds []string
		for _, kind := range s.q.Kinds {
			kinds = append(kinds, typeWord(kind))
		}
		and(kinds...)
	}
	if s.q.Link {
		and(markLink)
	}
	if s.scope != nil {
		and(s.scope...)
	}
	return b.String(), false, nil
}

// readsLog reports whether every message of a part of a conversation is looked for. The index
// would name them all; they are read from the log.
func (s *searcher) readsLog() bool {
	return s.q.AnyText && s.q.Conversation != 0 && s.q.From == "" && s.q.For != chat.SearchFiles && len(s.q.Kinds) == 0 && !s.q.Link
}

// readLog looks at the messages of a conversation, whether they are indexed or not.
func (s *searcher) readLog(ctx context.Context) error {
	first, end := int64(1), int64(0)
	c, err := s.tx.conversation(s.q.Conversation)
	if err == nil && s.oldest != 0 {
		first, err = s.seqOfID(&c, s.oldest)
	}
	if end = c.LastSeq + 1; err == nil && s.before != 0 {
		end, err = s.seqOfID(&c, s.before)
	}
	if err != nil {
		return err
	}
	if s.q.UntilSeq > 0 {
		end = min(end, s.q.UntilSeq+1)
	}
	// Most rows fit, so some more than a page are read at a time.
	part := s.q.Skip + s.q.Limit + 1
	query, args := s.rows("message m")
	query += " AND m.conversation = ? AND m.seq >= ? AND m.seq < ? ORDER BY m.seq DESC" + limited
	for first < end {
		seen := s.seen
		if err := s.read(ctx, query, append(slices.Clip(args), int64(s.q.Conversation), first, end, part)); err != nil {
			return err
		}
		if s.seen-seen < part {
			return nil
		}
		end, part = s.lastSeq, 4*part
	}
	return nil
}

// seqOfID returns the place of the first message of a conversation with at least this id, or the one
// after its last message. Ids increase with the places.
func (s *searcher) seqOfID(c *conversation, id int64) (int64, error) {
	low, high := int64(1), c.LastSeq+1
	for low < high {
		middle := (low + high) / 2
		var seq, got int64
		err := s.tx.row([]any{&seq, &got}, "SELECT seq, id FROM message WHERE conversation = ? AND seq >= ? ORDER BY seq LIMIT 1", int64(c.ID), middle)
		switch {
		case err == chat.ErrNoRow:
			high = middle
		case err != nil:
			return 0, err
		case got < id:
			low = seq + 1
		default:
			high = middle
		}
	}
	return low, nil
}

// readTail looks at the messages behind the indexed ones.
func (s *searcher) readTail(ctx context.Context, indexed int64) error {
	if s.before != 0 && s.before <= indexed+1 {
		return nil
	}
	last, err := s.tx.lastMessage()
	if err != nil {
		return err
	}
	query, args := s.rows("message m")
	if s.q.Conversation == 0 || s.tx.conn.engine.index().inParts {
		if s.q.Conversation != 0 {
			query, args = query+" AND m.conversation = ?", append(args, int64(s.q.Conversation))
		}
		return s.readIDs(ctx, query, args, "m.id", indexed+1, int64(last))
	}
	// By the places of the log, on which there is an index, down to the first id
	// that is indexed.
	s.until = chat.MessageID(max(indexed, s.oldest-1))
	if s.before != 0 {
		query, args = query+" AND m.id < ?", append(args, s.before)
	}
	err = s.read(ctx, query+" AND m.conversation = ? ORDER BY m.seq DESC", append(args, int64(s.q.Conversation)))
	s.until = 0
	if err == errTailEnds {
		return nil
	}
	return err
}

// readIndexed looks at the messages that the index names for match.
func (s *searcher) readIndexed(ctx context.Context, match string, indexed int64) error {
	if match == "" {
		query, args := s.rows("message m")
		return s.readIDs(ctx, query, args, "m.id", 1, indexed)
	}
	sql := s.tx.conn.engine.index()
	query, args := s.rows("message_index i " + sql.join + " message m ON m.id = " + sql.id)
	return s.readIDs(ctx, query+" AND "+sql.matches, append(args, match), sql.id, 1, indexed)
}

// firstPart is the number of ids that are looked at first where a database is read in parts.
var firstPart = int64(8192) // tests make it smaller

// readIDs looks at the rows of a query between two ids, and within the bounds of the search, the
// newest first. A database that computes all rows before it returns the first one is asked for parts
// of them that become larger: what many messages have is soon found in the newest ones, and what few
// have costs some queries that return little.
func (s *searcher) readIDs(ctx context.Context, query string, args []any, id string, first, last int64) error {
	first = max(first, s.oldest)
	if s.before != 0 {
		last = min(last, s.before-1)
	}
	query += " AND " + id + " >= ? AND " + id + " <= ? ORDER BY " + id + " DESC"
	for part := firstPart; first <= last; part *= 8 {
		from := first
		if s.tx.conn.engine.index().inParts {
			from = max(first, last-part+1)
		}
		if err := s.read(ctx, query, append(slices.Clip(args), from, last)); err != nil {
			return err
		}
		// Everything from here on was looked at, whether there were rows or not.
		s.last, last = chat.MessageID(from), from-1
	}
	return nil
}

// rows begins the query for the messages from a table.
func (s *searcher) rows(from string) (query string, args []any) {
	query = "SELECT m.id, m.conversation, m.seq, " + searchedColumns + " FROM " + from
	if s.joined {
		query += " " + s.tx.conn.engine.index().join + " member x ON x.account = ? AND x.conversation = m.conversation AND (x.left_at = 0 OR m.seq <= x.left_seq)"
		args = append(args, string(s.of))
	}
	query += " WHERE m.system = 0 AND m.withdrawn_at IS NULL"
	if s.q.From != "" {
		query, args = query+" AND m.sender = ?", append(args, string(s.q.From))
	}
	if len(s.q.Kinds) > 0 {
		query += " AND m.type IN (?" + strings.Repeat(", ?", len(s.q.Kinds)-1) + ")"
		for _, kind := range s.q.Kinds {
			args = append(args, int64(kind))
		}
	}
	if !s.q.Since.IsZero() {
		query, args = query+" AND COALESCE(m.sent_at, m.at) >= ?", append(args, millis(s.q.Since))
	}
	if !s.q.Until.IsZero() {
		query, args = query+" AND COALESCE(m.sent_at, m.at) < ?", append(args, millis(s.q.Until))
	}
	return query, args
}

// read looks at the rows of a query, the newest first. It ends with errEnough
// when there is a full answer.
func (s *searcher) read(ctx context.Context, query string, args []any) error {
	var id chat.MessageID
	var c chat.ConversationID
	var seq int64
	var m searched
	dest := append([]any{&id, &c, &seq}, m.fields()...)
	return s.tx.conn.queryContext(ctx, func(scan scanFunc) error {
		if err := scan(dest...); err != nil {
			return err
		}
		if id <= s.until {
			return errTailEnds
		}
		s.seen++
		s.lastSeq = seq
		if s.seen%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		return s.look(id, c, seq, &m)
	}, query, args...)
}

// look looks at one message.
func (s *searcher) look(id chat.MessageID, c chat.ConversationID, seq int64, m *searched) error {
	before := s.last
	s.last = id
	if s.q.For == chat.SearchFiles && !m.isFile() {
		return nil
	}
	if s.q.Link && !m.hasLink() {
		return nil
	}
	what := s.q.For
	if s.q.AnyText && what == chat.SearchMessages {
		what = chat.SearchAnything // the name of a file is all that there is to show of it
	}
	text := m.read(what)
	if !s.q.AnyText && !s.query.Match(search.Fold(text)) {
		return nil
	}
	if visible, err := s.visible(c, seq); err != nil || !visible {
		return err
	}
	if s.q.Skip > 0 {
		s.q.Skip--
		return nil
	}
	if len(s.ids) == s.q.Limit {
		s.found.Next = before
		return errEnough
	}
	s.ids = append(s.ids, id)
	if s.q.Excerpts {
		s.found.Excerpts = append(s.found.Excerpts, chat.Excerpt(s.query.Excerpt(text)))
	}
	return nil
}

// visible reports whether a place of a conversation's log is in the scope.
func (s *searcher) visible(c chat.ConversationID, seq int64) (bool, error) {
	if s.q.Conversation != 0 {
		return c == s.q.Conversation && (s.q.UntilSeq == 0 || seq <= s.q.UntilSeq), nil
	}
	if s.joined {
		return true, nil
	}
	m, err := s.tx.Membership(c, s.of)
	if err == chat.ErrNoRow {
		return false, nil
	}
	return err == nil && (!m.Left() || seq <= m.LeftSeq), err
}

// bounds narrows the ids to those between Since and Until, as far as times
// increase with ids, which is as far as the clock goes forward: a day is left for
// one that was set back. Imported messages have ids of their own ranges, and a range that
// has messages of the time is between the bounds. 0: no bound.
func (s *searcher) bounds() (oldest, before int64, err error) {
	before = int64(s.q.Before)
	if s.q.Since.IsZero() && s.q.Until.IsZero() {
		return 0, before, nil
	}
	const slack = 24 * time.Hour
	imported, err := s.tx.importedRanges()
	if err != nil {
		return 0, 0, err
	}
	since, until := millis(s.q.Since), millis(s.q.Until)
	if !s.q.Since.IsZero() {
		if oldest, err = s.idAt(s.q.Since.Add(-slack), imported); err != nil {
			return 0, 0, err
		}
	}
	last := int64(0)
	if !s.q.Until.IsZero() {
		if last, err = s.idAt(s.q.Until.Add(slack), imported); err != nil {
			return 0, 0, err
		}
	}
	for _, r := range imported {
		if (since == 0 || r.newest >= since) && (until == 0 || r.oldest < until) {
			oldest = min(oldest, r.first)
			if last > 0 {
				last = max(last, r.last+1)
			}
		}
	}
	if last > 0 && (before == 0 || last < before) {
		before = last
	}
	return oldest, before, nil
}

// idAt returns the id of the first message from a time on that was not imported, or an id in the gap
// before it. Ids have gaps where messages were lost.
func (s *searcher) idAt(at time.Time, imported []importedRange) (int64, error) {
	last, err := s.tx.lastMessage()
	if err != nil {
		return 0, err
	}
	want := millis(at)
	low, high := int64(1), int64(last)+1
	for low < high {
		middle := (low + high) / 2
		at, err := s.tx.int("SELECT at FROM message WHERE id >= ? ORDER BY id LIMIT 1", afterImported(imported, middle))
		switch {
		case err == chat.ErrNoRow:
			high = middle
		case err != nil:
			return 0, err
		case at < want:
			low = middle + 1
		default:
			high = middle
		}
	}
	return low, nil
}
