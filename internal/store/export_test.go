package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

// WriterPragma returns a setting of the writing connection.
func WriterPragma(t *testing.T, s *Store, name string) (value string) {
	t.Helper()
	if err := s.Update(t.Context(), func(c chat.Tx) error {
		return c.(*tx).row([]any{&value}, "PRAGMA "+name)
	}); err != nil {
		t.Fatal(err)
	}
	return value
}

// WaitingName is where the search for a sender's waitingid starts.
var WaitingName = waitingName

// FailReading is a read that fails so badly that the engine takes the whole
// transaction back.
func FailReading(c chat.Tx) error {
	t := c.(*tx)
	t.conn.rollback()
	_, err := t.int("SELECT nothing FROM nowhere")
	return err
}

// Remembers reports whether the writer has the participant in its memory.
func Remembers(c chat.Tx, id chat.ConversationID, a chat.AccountID) bool {
	_, ok := c.(*tx).cache.members.get(memberKey{id, a})
	return ok
}

// WaitingReads and WaitingSearches return how many wait for their turn.
func (s *Store) WaitingReads() int    { return s.reads.Waiting() }
func (s *Store) WaitingSearches() int { return s.searches.Waiting() }

// MigrateTo makes the tables as they were at the version.
func MigrateTo(t *testing.T, db *sql.DB, version int64) {
	t.Helper()
	m, err := newMigrations(t.Context(), sqliteEngine{}, db)
	if err == nil {
		_, err = m.provider.UpTo(t.Context(), version)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// FaultsEndAtOnce lets the first commit end a fault until the test ends.
func FaultsEndAtOnce(t *testing.T) {
	before := faultCalm
	faultCalm = 0
	t.Cleanup(func() { faultCalm = before })
}

// ClaimAtOnce lets a store that cannot claim its database give up at once, until the test ends.
func ClaimAtOnce(t *testing.T) {
	before := claimPatience
	claimPatience = 0
	t.Cleanup(func() { claimPatience = before })
}

// WaitForCheck waits until the check beside the service has ended.
func (s *Store) WaitForCheck() { <-s.checked }

// CheckCache compares everything that the writer remembers with the rows. It returns how much
// that is, and what differs.
func CheckCache(c chat.Tx) (checked int, wrong []string) {
	t := c.(*tx)
	fresh := &tx{conn: t.conn, cache: newCache(), ctx: t.ctx, pending: t.pending}
	check := func(what string, got, want any, err error) {
		checked++
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %v", what, err))
		} else if diff := cmp.Diff(got, want, cmp.AllowUnexported(conversation{}, removed{})); diff != "" {
			wrong = append(wrong, fmt.Sprintf("%s (-remembered +stored):\n%s", what, diff))
		}
	}
	for id, got := range t.cache.applications.entries {
		want, err := fresh.Application(id)
		check("application "+string(id), got, want, err)
	}
	for id, got := range t.cache.accounts.entries {
		want, err := fresh.Account(id)
		check("account "+string(id), got, want, err)
	}
	for id, got := range t.cache.groups.entries {
		want, err := fresh.Group(id)
		check("group "+string(id), got, want, err)
	}
	for id, got := range t.cache.heads.entries {
		want, err := fresh.GroupHead(id)
		check("head of group "+string(id), got, want, err)
	}
	for id, got := range t.cache.conversations.entries {
		want, err := fresh.conversation(id)
		check(fmt.Sprint("conversation ", id), got, want, err)
	}
	for p, got := range t.cache.directs.entries {
		want, err := fresh.DirectConversation(p.a, p.b)
		check(fmt.Sprint("direct chat of ", p), got, want.ID, err)
	}
	for k, got := range t.cache.members.entries {
		want, err := fresh.Membership(k.conversation, k.account)
		check(fmt.Sprint("member ", k), got, want, err)
	}
	for p, got := range t.cache.related.entries {
		want, err := fresh.RelatedAccounts(p.a, p.b)
		check(fmt.Sprint("related ", p), got, want, err)
	}
	for id, got := range t.cache.listed.entries {
		want, err := fresh.bool("SELECT NOT EXISTS (SELECT 1 FROM member WHERE conversation = ? AND listed = 0 AND left_at = 0)", int64(id))
		check(fmt.Sprint("listed ", id), got, want, err)
	}
	for _, got := range t.cache.subscriptions.entries {
		want, err := fresh.ActiveSubscriptions()
		check("active subscriptions", got, want, err)
	}
	n, some := checkMarks(t, fresh)
	checked, wrong = checked+n, append(wrong, some...)
	for _, got := range t.cache.last.entries {
		want, err := fresh.lastMessage()
		check("last message", got, want, err)
	}
	return checked, wrong
}

// checkMarks compares what the writer knows of the rows of participants of direct chats.
func checkMarks(t, fresh *tx) (checked int, wrong []string) {
	if err := t.settle(); err != nil {
		return 0, []string{err.Error()}
	}
	for k, m := range t.cache.marks.entries {
		checked++
		var place int64
		var unread bool
		if err := fresh.row([]any{&place, &unread}, "SELECT place, has_unread FROM member WHERE account = ? AND conversation = ?", string(k.account), int64(k.conversation)); err != nil {
			wrong = append(wrong, fmt.Sprintf("mark %v: %v", k, err))
			continue
		}
		e, ok := t.cache.epochs.get(k.account)
		if m.unread && !unread || ok && m.placed && m.epoch == e.begin && place < int64(e.begin) {
			wrong = append(wrong, fmt.Sprintf("mark %v of %v: place %d, unread %t, epoch %v", m, k, place, unread, e))
		}
	}
	for a, e := range t.cache.epochs.entries {
		checked++
		n, err := fresh.int("SELECT count(*) FROM member m JOIN conversation c ON c.id = m.conversation WHERE m.account = ? AND m.grouped = 0 AND c.last_id >= ?", string(a), int64(e.begin))
		if err != nil || n > int64(e.chats) || e.chats > maxShift+1 {
			wrong = append(wrong, fmt.Sprintf("epoch %v of %s: %d chats, %v", e, a, n, err))
		}
	}
	return checked, wrong
}

// ShiftAtMost sets how far a chat can be from its position, until the test ends.
func ShiftAtMost(t *testing.T, n int) {
	before := maxShift
	maxShift = n
	t.Cleanup(func() { maxShift = before })
}

// Forget lets the writer forget everything, as a start does.
func Forget(c chat.Tx) { c.(*tx).cache.clear() }

// Repairs applies changes of another node to a cache with some entries.
func Repairs(changes []byte) error {
	c := filledCache()
	return c.repair(changes)
}

// Changes returns the encoding of changes of every kind.
func Changes() []byte {
	c := filledCache()
	c.dropMembers(2)
	c.dropMemberships("b")
	c.dropRelated()
	c.applications.drop("app")
	c.subscriptions.drop(struct{}{})
	c.accounts.drop("a")
	c.groups.drop("g")
	c.related.drop(newPair("a", "b"))
	c.listed.drop(1)
	c.conversations.drop(2)
	c.members.drop(memberKey{2, "a"})
	c.conversations.replace(1, conversation{Conversation: chat.Conversation{Kind: chat.KindDirect, A: "a", B: "b"}})
	c.members.replace(memberKey{1, "a"}, chat.Membership{Conversation: 1, Account: "a", Own: 3})
	c.last.replace(struct{}{}, 7)
	return c.changes()
}

func filledCache() *cache {
	c := newCache()
	c.record()
	c.conversations.put(1, conversation{})
	c.members.put(memberKey{1, "a"}, chat.Membership{Conversation: 1, Account: "a"})
	c.last.put(struct{}{}, 6)
	c.epochs.put("a", epoch{begin: 3, chats: 1})
	return c
}

// EarlierChecksums returns the checksums of all messages as an earlier version stored them.
func EarlierChecksums(t *testing.T, s *Store) map[chat.MessageID]int64 {
	t.Helper()
	sums := make(map[chat.MessageID]int64)
	if err := s.view(t.Context(), func(t *tx) error {
		messages, err := list(t, readMessage, "SELECT "+messageColumns+" FROM message")
		for i := range messages {
			sums[messages[i].ID] = earlierChecksum(&messages[i])
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return sums
}

// SwapLockFile replaces the open lock file and returns the former one. No write may run.
func (s *Store) SwapLockFile(f *os.File) (former *os.File) {
	former, s.lock.f = s.lock.f, f
	return former
}

// Compatible returns what the migrations of PostgreSQL say about themselves, by their names, and
// the errors of those that say nothing.
func Compatible() (says map[string]Migration, err error) {
	_, files, _ := postgresEngine{}.migrations()
	names, err := fs.Glob(files, "*.sql")
	says = make(map[string]Migration)
	for _, name := range names {
		one := Migration{Name: name}
		var wrong error
		one.Compatible, one.Why, wrong = readCompatible(files, name)
		says[name] = one
		err = errors.Join(err, wrong)
	}
	return says, err
}

// ReadCompatible is what a migration with this text says about itself.
func ReadCompatible(text string) (compatible bool, why string, err error) {
	return readCompatible(fstest.MapFS{"x.sql": {Data: []byte(text)}}, "x.sql")
}

// AddMigrations adds migrations to those of PostgreSQL, as a later version does, until the test ends.
// They replace those of an earlier call.
func AddMigrations(t *testing.T, added map[string]string) {
	laterMigrations = func(files fs.FS) fs.FS {
		all := fstest.MapFS{}
		names, err := fs.Glob(files, "*.sql")
		for _, name := range names {
			text, wrong := fs.ReadFile(files, name)
			err = errors.Join(err, wrong)
			all[name] = &fstest.MapFile{Data: text}
		}
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range added {
			all[name] = &fstest.MapFile{Data: []byte(text)}
		}
		return all
	}
	t.Cleanup(func() { laterMigrations = nil })
}

// LateAnswer records a fault of the server that ends, and then a question that began before the end and was not answered in time.
func LateAnswer(log *slog.Logger) (late, next error) {
	h := &health{log: log}
	began := time.Now()
	_ = h.report(FaultServer, errors.New("away"), false)
	h.latest = began.Add(-faultCalm)
	h.wrote()
	late = h.reportSince(began, errors.New("late"))
	return late, h.reportSince(time.Now(), errors.New("away again"))
}

// TellMuch makes everything long enough for the log until the test ends.
func TellMuch(t *testing.T) {
	every, behind := tellEvery, indexTold
	tellEvery, indexTold = time.Millisecond, 0
	t.Cleanup(func() { tellEvery, indexTold = every, behind })
}

// TellingOn runs a check that takes long.
var TellingOn = tellingOn

// SearchSmallParts makes searches read so few ids first where a database is read in parts.
func SearchSmallParts(t *testing.T) {
	part := firstPart
	firstPart = 2
	t.Cleanup(func() { firstPart = part })
}

// EarlierIndex makes the index one of the format before, with words that no message has, and leaves the
// list of words empty. It returns a function that reports whether such an entry is there.
func EarlierIndex(t *testing.T, s *Store) (there func(*Store) bool) {
	t.Helper()
	update := func(s *Store, do func(*tx) error) {
		t.Helper()
		if err := s.Update(t.Context(), func(c chat.Tx) error { return do(c.(*tx)) }); err != nil {
			t.Fatal(err)
		}
	}
	const old = "oldword"
	update(s, func(t *tx) error {
		index := t.conn.engine.index()
		ids, err := list(t, func(scan scanFunc) (id int64, err error) { err = scan(&id); return id, err }, "SELECT id FROM "+index.entries)
		for _, id := range ids {
			if _, more := t.exec(index.remove, id); more != nil {
				err = errors.Join(err, more)
			}
			if _, more := t.exec(index.insert, id, old); more != nil {
				err = errors.Join(err, more)
			}
		}
		_, more := t.exec("DELETE FROM search_word")
		_, last := t.exec("UPDATE search_state SET format = ?", int64(searchFormat-1))
		return errors.Join(err, more, last)
	})
	return func(s *Store) (found bool) {
		update(s, func(t *tx) error {
			index := t.conn.engine.index()
			n, err := t.int("SELECT count(*) FROM message_index i WHERE "+index.matches, index.quote(old))
			found = n > 0
			return err
		})
		return found
	}
}

// IndexAnew makes the index one of another format, which the next start builds anew.
func IndexAnew(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Update(t.Context(), func(c chat.Tx) error {
		_, err := c.(*tx).exec("UPDATE search_state SET format = 0")
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// MigrationText returns the statements of a migration, and registers the functions of SQLite that it can call.
func MigrationText(t *testing.T, ofServer bool, name string) string {
	t.Helper()
	registerFunctions()
	var e engine = sqliteEngine{}
	if ofServer {
		e = postgresEngine{}
	}
	_, files, _ := e.migrations()
	text, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// BeginRecovery is a file as a recovery leaves it that was killed right after it made its mark.
func BeginRecovery(t *testing.T, from, to string) {
	t.Helper()
	r := &recovery{ctx: t.Context(), engine: sqliteEngine{}, target: &target{engine: sqliteEngine{}, file: to}}
	var err error
	if r.source, err = sourceOf(from); err != nil {
		t.Fatal(err)
	}
	write, read, err := r.engine.open(to, Options{}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	r.target.pool, r.target.health = write, &health{log: slog.New(slog.DiscardHandler), file: to}
	if err := errors.Join(read.Close(), r.begin(), r.target.close()); err != nil {
		t.Fatal(err)
	}
}
