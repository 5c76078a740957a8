package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"parley/internal/chat"
)

// Difference is a difference between the database and the recount.
type Difference struct {
	Table string
	Row   string // the row, as an operator would name it: "17 in conversation 3"
	What  string // the column or count; or a whole sentence, without Got and Want
	Got   string // the stored value
	Want  string // the recounted value
}

// String is one line for an operator.
func (d Difference) String() string {
	if d.Got == d.Want {
		return fmt.Sprintf("%s %s: %s", d.Table, printable(d.Row), printable(d.What))
	}
	return fmt.Sprintf("%s %s: %s is %s, want %s", d.Table, printable(d.Row), printable(d.What), printable(d.Got), printable(d.Want))
}

// printable quotes a text that a terminal might not show as it is. Stored texts can have
// any characters.
func printable(s string) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return s
	}
	return strconv.Quote(s)
}

// Cause is the group of all differences with the same table and the same What.
type Cause struct {
	Table, What string
	Found       int
	Examples    []Difference // the first of them
}

// Report is the outcome of [Verify].
type Report struct {
	Accounts, Conversations, Members, Messages, Mentions, Notifications int  // numbers of recounted rows
	Files                                                               int  // number of files that were read; see [Report.Add]
	Unchecked                                                           int  // messages and notices that an earlier version stored without a checksum
	Damaged                                                             bool // the database file is
	Found                                                               int  // differences
	Causes                                                              []Cause
}

// maxExamples is the maximum number of examples of a cause in a report.
const maxExamples = 5

// OK reports whether nothing differs.
func (r Report) OK() bool { return r.Found == 0 }

// Add adds a difference to the report.
func (r *Report) Add(d Difference) {
	r.Found++
	i := slices.IndexFunc(r.Causes, func(c Cause) bool { return c.Table == d.Table && c.What == d.What })
	if i < 0 {
		i = len(r.Causes)
		r.Causes = append(r.Causes, Cause{Table: d.Table, What: d.What})
	}
	c := &r.Causes[i]
	c.Found++
	if len(c.Examples) < maxExamples {
		c.Examples = append(c.Examples, d)
	}
}

// with is the report of r and o, which are about different things of the same database.
func (r Report) with(o Report) Report {
	r.Accounts += o.Accounts
	r.Conversations += o.Conversations
	r.Members += o.Members
	r.Messages += o.Messages
	r.Mentions += o.Mentions
	r.Notifications += o.Notifications
	r.Files += o.Files
	r.Unchecked += o.Unchecked
	r.Damaged = r.Damaged || o.Damaged
	r.Found += o.Found
	r.Causes = append(slices.Clip(r.Causes), o.Causes...)
	return r
}

// String has the first differences of each cause, and a summary.
func (r Report) String() string {
	var b strings.Builder
	for _, c := range r.Causes {
		for _, d := range c.Examples {
			fmt.Fprintln(&b, d)
		}
		if more := c.Found - len(c.Examples); more > 0 {
			fmt.Fprintf(&b, "%s: %d more of the same kind: %s\n", c.Table, more, printable(c.What))
		}
	}
	if r.Damaged {
		fmt.Fprintf(&b, "the database file is damaged: %s\n", Advice)
	}
	if r.Unchecked > 0 {
		fmt.Fprintf(&b, "%d messages and notices have no checksum, because an earlier version stored them: only their words were compared\n", r.Unchecked)
	}
	fmt.Fprintf(&b, "recounted %d accounts, %d conversations, %d members, %d messages, %d mentions, %d notifications, read %d files: %d differences\n",
		r.Accounts, r.Conversations, r.Members, r.Messages, r.Mentions, r.Notifications, r.Files, r.Found)
	return b.String()
}

// Verify recounts the database from its messages and cursors, without any stored count,
// and reports the differences. It checks:
//
//  1. every sequence number: gaps, duplicates, order of ids and times;
//  2. the counts of conversations, cursors, inboxes and groups, and the order of every chat list;
//  3. every unread count that the store returns, and every mention;
//  4. every reference, and the participants of direct chats;
//  5. the index for searching, and the order and search texts of names;
//  6. the checksums of messages, their former texts and notices, see [messageChecksum];
//  7. the record of which files messages name;
//  8. the database file, if the engine can check it.
//
// If a part of the file cannot be read, Verify reports that and continues with the rest.
//
// Verify reads one snapshot, on a connection of its own. Meanwhile the log of an SQLite database
// grows with each write.
func Verify(ctx context.Context, s *Store) (Report, error) {
	return VerifyWith(ctx, s, func(int64, int64) {})
}

// VerifyWith is [Verify]. progress gets the number of steps that are done, and of all.
func VerifyWith(ctx context.Context, s *Store, progress func(done, total int64)) (Report, error) {
	return verify(ctx, s.viewBeside, progress)
}

// viewer runs a function on a snapshot of a database.
type viewer func(ctx context.Context, fn func(*tx) error) error

func verify(ctx context.Context, view viewer, progress func(done, total int64)) (Report, error) {
	return verifySteps(ctx, view, func(v *verifier) []func() error {
		return slices.Concat(v.counts(), v.searching(), v.texts())
	}, progress)
}

// verifyAlone is [Verify] in half the time, on several connections. Nobody else may write to the database, because each
// of them reads a snapshot of its own.
func verifyAlone(ctx context.Context, s *Store) (Report, error) {
	parts := []func(*verifier) []func() error{(*verifier).counts, (*verifier).searching, (*verifier).texts}
	reports := make([]Report, len(parts))
	work, both := errgroup.WithContext(ctx)
	for i, steps := range parts {
		work.Go(func() (err error) {
			reports[i], err = verifySteps(both, s.viewBeside, steps, func(int64, int64) {})
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return Report{}, err
	}
	var all Report
	for _, r := range reports {
		all = all.with(r)
	}
	return all, nil
}

// verifyUnindexed is [Verify] without the index for searching.
func verifyUnindexed(ctx context.Context, s *Store) (Report, error) {
	return verifySteps(ctx, s.viewBeside, func(v *verifier) []func() error { return append(v.counts(), v.texts()...) }, func(int64, int64) {})
}

// counts, searching and texts are the steps of [Verify].
func (v *verifier) counts() []func() error {
	return []func() error{v.file, v.references, v.conversations, v.unreadLists, v.groups, v.inboxes, v.waitingIDs, v.friendships, v.bots}
}

func (v *verifier) searching() []func() error { return []func() error{v.index} }

func (v *verifier) texts() []func() error {
	return []func() error{v.places, v.checksums, v.revisions, v.reactions, v.pins, v.storedFiles}
}

func verifySteps(ctx context.Context, view viewer, steps func(*verifier) []func() error, progress func(done, total int64)) (Report, error) {
	v := &verifier{ctx: ctx, totals: make(map[chat.AccountID]total)}
	err := view(ctx, func(t *tx) error {
		v.tx = t
		all := steps(v)
		for i, step := range all {
			progress(int64(i), int64(len(all)))
			if err := v.readable("of the database", step()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Report{}, fmt.Errorf("store: verify: %w", err)
	}
	progress(1, 1)
	return v.report, nil
}

type verifier struct {
	ctx    context.Context
	tx     *tx
	report Report
	totals map[chat.AccountID]total // the expected sums of the lists of counts
	// uncounted is set if a conversation could not be read: then totals are too small.
	uncounted bool
}

type total struct {
	chats         int
	unread, muted int64
}

// equal reports a difference unless got is want.
func equal[T comparable](v *verifier, table string, row any, what string, got, want T) {
	if got != want {
		v.differ(table, row, what, got, want)
	}
}

// find reports a difference that is described by its text alone.
func (v *verifier) find(table, row, what string) {
	v.report.Add(Difference{Table: table, Row: row, What: what})
}

func (v *verifier) differ(table string, row any, what string, got, want any) {
	v.report.Add(Difference{table, fmt.Sprint(row), what, fmt.Sprint(got), fmt.Sprint(want)})
}

// MessageFiles calls each for every message with a file, which is JSON. It skips messages
// that cannot be read, because [Verify] reports them.
func MessageFiles(ctx context.Context, s *Store, each func(id chat.MessageID, file []byte) error) error {
	return messageFiles(ctx, s.viewBeside, each)
}

func messageFiles(ctx context.Context, view viewer, each func(id chat.MessageID, file []byte) error) error {
	return view(ctx, func(t *tx) error {
		return t.undamaged("SELECT id, file FROM message WHERE file IS NOT NULL AND id > ?", "id", func(scan scanFunc) (int64, error) {
			var id chat.MessageID
			var file []byte
			if err := scan(&id, &file); err != nil {
				return 0, err
			}
			return int64(id), each(id, file)
		}, func(error) error { return nil })
	})
}

func (v *verifier) file() error {
	return v.tx.query(func(scan scanFunc) error {
		said, err := readString[string](scan)
		if err == nil {
			equal(v, "file", "of the database", "the engine's own check", said, "ok")
			v.report.Damaged = v.report.Damaged || said != "ok"
		}
		return err
	}, v.tx.conn.engine.check())
}

// references are the columns that name a row of another table.
var references = []struct{ table, key, column, parent, parentKey, except string }{
	{"token", "session", "account", "account", "id", ""},
	{"token", "session", "app", "application", "id", ""},
	{"revoked_jwt", "session", "account", "account", "id", ""},
	{"organization_member", "account", "account", "account", "id", ""},
	{"account_detail", "account", "account", "account", "id", ""},
	{"erasure", "account", "account", "account", "id", ""},
	{"own_email", "account", "account", "account", "id", ""},
	{"two_factor", "account", "account", "account", "id", ""},
	{"two_factor_failure", "account", "account", "account", "id", ""},
	{"recovery_code", "account", "account", "account", "id", ""},
	{"organization_member", "account", "organization", "organization", "id", ""},
	{"friendship", "account", "account", "account", "id", ""},
	{"friendship", "account", "friend", "account", "id", ""},
	{"friend_request", "id", "sender", "account", "id", ""},
	{"friend_request", "id", "receiver", "account", "id", ""},
	{"chat_group", "id", "creator", "account", "id", ""},
	{"chat_group", "id", "id", "conversation", "group_id", ""},
	{"conversation", "id", "a", "account", "id", ""},
	{"conversation", "id", "b", "account", "id", ""},
	{"conversation", "id", "group_id", "chat_group", "id", ""},
	{"member", "account", "account", "account", "id", ""},
	{"member", "account", "conversation", "conversation", "id", ""},
	{"message", "id", "conversation", "conversation", "id", ""},
	{"message", "id", "sender", "account", "id", ""},
	{"message", "id", "app", "application", "id", ""},
	// A quoted message may have been removed because of its age.
	{"message", "id", "refer", "message", "id", " AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.id = t.conversation AND c.removed_id >= t.refer)"},
	{"message", "id", "withdrawn_by", "account", "id", ""},
	{"waitingid", "name", "message", "message", "id", ""},
	{"mention", "message", "conversation", "conversation", "id", ""},
	{"mention", "message", "account", "account", "id", ""},
	{"mention", "message", "message", "message", "id", ""},
	{"heard", "account", "account", "account", "id", ""},
	{"heard", "account", "message", "message", "id", ""},
	{"reaction", "message", "account", "account", "id", ""},
	{"reaction", "message", "message", "message", "id", ""},
	{"revision", "message", "message", "message", "id", ""},
	{"pin", "message", "message", "message", "id", ""},
	{"pin", "message", "conversation", "conversation", "id", ""},
	{"pin", "message", "account", "account", "id", ""},
	{"unsent", "account", "account", "account", "id", ""},
	{"availability", "account", "account", "account", "id", ""},
	{"inbox", "account", "account", "account", "id", ""},
	{"notification", "account", "notice", "notice", "id", ""},
	{"webhook", "id", "group_id", "chat_group", "id", ""},
	{"webhook", "id", "account", "account", "id", ""},
	{"webhook", "id", "creator", "account", "id", ""},
	{"replay", "idem_key", "app", "application", "id", ""},
}

func (v *verifier) references() error {
	for _, r := range references {
		if err := v.ctx.Err(); err != nil {
			return err
		}
		err := v.tx.query(func(scan scanFunc) error {
			var key, value string
			if err := scan(&key, &value); err != nil {
				return err
			}
			row := r.key + " " + key
			if r.key == "id" {
				row = key
			}
			v.differ(r.table, row, r.column, value, "a row of "+r.parent)
			return nil
		}, fmt.Sprintf(`SELECT CAST(t.%[1]s AS TEXT), CAST(t.%[2]s AS TEXT) FROM %[3]s t WHERE t.%[2]s IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM %[4]s p WHERE p.%[5]s = t.%[2]s)%[6]s`, r.key, r.column, r.table, r.parent, r.parentKey, r.except))
		if err := v.readable("of "+r.table, err); err != nil {
			return err
		}
	}
	return v.tx.query(func(scan scanFunc) error {
		var a, c string
		err := scan(&a, &c)
		v.differ("notification", "account "+a, "category", c, "a row of inbox")
		return err
	}, `SELECT DISTINCT x.account, x.category FROM notification x
		WHERE NOT EXISTS (SELECT 1 FROM inbox i WHERE i.account = x.account AND i.category = x.category)`)
}

func (v *verifier) friendships() error {
	return v.tx.query(func(scan scanFunc) error {
		var a, b string
		err := scan(&a, &b)
		v.find("friendship", "account "+a+", friend "+b, "the row of the other side is missing")
		return err
	}, `SELECT f.account, f.friend FROM friendship f
		WHERE NOT EXISTS (SELECT 1 FROM friendship o WHERE o.account = f.friend AND o.friend = f.account)`)
}

// waitingIDs asks for every message by its waitingid.
func (v *verifier) waitingIDs() error {
	if err := v.readable("of message", v.doubledWaitingIDs()); err != nil {
		return err
	}
	kept, err := v.tx.int("SELECT count(*) FROM waitingid")
	if err != nil {
		return err
	}
	var named int64
	damaged := false
	type waiting struct {
		id     chat.MessageID
		sender chat.AccountID
		name   string
	}
	var page []waiting
	look := func() error {
		names := make([]any, len(page))
		for i, w := range page {
			names[i] = waitingName(w.sender, w.name)
		}
		direct, err := v.waitingIDsOf(names)
		if err != nil && !v.tx.forgive(err) { // then each is asked for below
			return err
		}
		for i, w := range page {
			if direct[names[i]] == w.id {
				continue
			}
			found, err := v.tx.MessageByWaitingID(w.sender, w.name)
			if err != nil && err != chat.ErrNoRow {
				damaged = true
				if err := v.readable("of waitingid", err); err != nil {
					return err
				}
				continue
			}
			equal(v, "message", fmt.Sprint(w.id), "the message found by its waitingid", found.ID, w.id)
		}
		named += int64(len(page))
		page = page[:0]
		return v.ctx.Err()
	}
	if err := v.tx.undamagedPages("SELECT id, sender, waitingid FROM message WHERE waitingid IS NOT NULL AND id > ? ORDER BY id"+limitedPage, func(scan scanFunc) (int64, error) {
		var w waiting
		err := scan(&w.id, &w.sender, &w.name)
		page = append(page, w)
		return int64(w.id), err
	}, look, func(err error) error {
		damaged = true
		return v.readable("of message", err)
	}); err != nil {
		return err
	}
	if !damaged {
		equal(v, "waitingid", "table", "the number of rows", kept, named)
	}
	return nil
}

// waitingIDsOf returns the messages under some names. Nearly every waitingid is under its
// first name, and asking for many together spares a server's round trips.
func (v *verifier) waitingIDsOf(names []any) (map[any]chat.MessageID, error) {
	found := make(map[any]chat.MessageID, len(names))
	if len(names) == 0 {
		return found, nil
	}
	return found, v.tx.query(func(scan scanFunc) error {
		var name int64
		var id chat.MessageID
		err := scan(&name, &id)
		found[name] = id
		return err
	}, "SELECT name, message FROM waitingid WHERE name IN (?"+strings.Repeat(", ?", len(names)-1)+")", names...)
}

func (v *verifier) doubledWaitingIDs() error {
	return v.tx.query(func(scan scanFunc) error {
		var sender string
		var n, first int64
		err := scan(&sender, &n, &first)
		v.differ("message", fmt.Sprintf("%d of %s", first, sender), "the number of messages with its waitingid", n, 1)
		return err
	}, `SELECT sender, count(*), min(id) FROM message WHERE waitingid IS NOT NULL GROUP BY sender, waitingid HAVING count(*) > 1`)
}

func (v *verifier) groups() error {
	return v.tx.query(func(scan scanFunc) error {
		var id string
		var members, counted, conversations int64
		if err := scan(&id, &members, &counted, &conversations); err != nil {
			return err
		}
		equal(v, "chat_group", id, "members", members, counted)
		equal(v, "chat_group", id, "conversations", conversations, 1)
		return nil
	}, `SELECT g.id, g.members,
			(SELECT count(*) FROM member m JOIN conversation c ON c.id = m.conversation WHERE c.group_id = g.id AND m.left_at = 0),
			(SELECT count(*) FROM conversation c WHERE c.group_id = g.id)
		FROM chat_group g`)
}

// inboxes recounts every category of every account from its notifications.
func (v *verifier) inboxes() error {
	inboxes, err := fromBothEnds(v, "of inbox", readInbox, func(i chat.Inbox) string { return string(i.Account) + "\x00" + string(i.Category) },
		"SELECT "+inboxColumns+" FROM inbox", "account", "category")
	if err != nil {
		return err
	}
	for _, i := range inboxes {
		if err := v.ctx.Err(); err != nil {
			return err
		}
		if err := v.readable("of notification", v.inbox(i)); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) inbox(i chat.Inbox) error {
	row := fmt.Sprintf("account %s, category %s", i.Account, i.Category)
	var seq, strong, readStrong, unread, weak int64
	var last chat.Notification
	err := v.tx.query(func(scan scanFunc) error {
		var category chat.Category
		n := chat.Notification{}
		if err := scan(&n.ID, &n.Seq, &n.Strong, &n.Weak, &category, when{&n.At}); err != nil {
			return err
		}
		seq++
		if !n.Weak {
			strong++
		}
		switch {
		case n.Seq <= i.ReadSeq:
			readStrong = strong
		case n.Weak:
			weak++
		default:
			unread++
		}
		at := fmt.Sprintf("%s, place %d", row, seq)
		equal(v, "notification", at, "seq", n.Seq, seq)
		equal(v, "notification", at, "strong", n.Strong, strong)
		equal(v, "notification", at, "category of its notice", category, i.Category)
		last = n
		return nil
	}, `SELECT n.id, x.seq, x.strong, n.weak, n.category, n.at FROM notification x JOIN notice n ON n.id = x.notice
		WHERE x.account = ? AND x.category = ? ORDER BY x.seq`, string(i.Account), string(i.Category))
	if err != nil {
		return err
	}
	v.report.Notifications += int(seq)
	equal(v, "inbox", row, "last_seq", i.LastSeq, seq)
	equal(v, "inbox", row, "strong", i.Strong, strong)
	equal(v, "inbox", row, "read_strong", i.ReadStrong, readStrong)
	equal(v, "inbox", row, "last_at", i.LastAt, last.At)
	equal(v, "inbox", row, "last_notice", i.LastNotice, last.ID)
	equal(v, "inbox", row, "unread", i.Unread(), unread)
	equal(v, "inbox", row, "weak unread", i.WeakUnread(), weak)
	if i.ReadSeq < 0 || i.ReadSeq > seq {
		v.differ("inbox", row, "read_seq", i.ReadSeq, fmt.Sprint("0 to ", seq))
	}
	return nil
}

// listOrder checks that the direct chats of an account are near the positions of their last messages.
func (v *verifier) listOrder(a chat.AccountID) error {
	type figures struct {
		id          chat.ConversationID
		place, last int64
		byPlace     int
	}
	var all []*figures
	if err := v.tx.query(func(scan scanFunc) error {
		var f figures
		var grouped bool
		if err := scan(&f.id, &f.place, &f.last, &grouped); err != nil {
			return err
		}
		row := fmt.Sprintf("conversation %d, account %s", f.id, a)
		switch {
		case grouped || f.last == 0:
			equal(v, "member", row, "place", f.place, 0)
		case f.place <= 0 || f.place > f.last:
			v.differ("member", row, "place", f.place, fmt.Sprint("1 to ", f.last))
		default:
			all = append(all, &f)
		}
		return nil
	}, "SELECT m.conversation, m.place, c.last_id, m.grouped FROM member m JOIN conversation c ON c.id = m.conversation WHERE m.account = ?", string(a)); err != nil {
		return err
	}
	slices.SortFunc(all, func(f, g *figures) int { return cmp.Compare(g.place, f.place) })
	for i, f := range all {
		f.byPlace = i
	}
	slices.SortFunc(all, func(f, g *figures) int { return cmp.Compare(g.last, f.last) })
	for i, f := range all {
		if i-f.byPlace > maxShift || f.byPlace-i > maxShift {
			v.differ("member", fmt.Sprintf("conversation %d, account %s", f.id, a), "position by place", f.byPlace, fmt.Sprintf("at most %d from %d", maxShift, i))
		}
	}
	return nil
}

// unreadLists checks the order of the chat lists, and compares the sums of the lists of counts.
func (v *verifier) unreadLists() error {
	accounts, err := fromBothEnds(v, "of account", readString[chat.AccountID], func(a chat.AccountID) string { return string(a) }, "SELECT id FROM account", "id")
	if err != nil {
		return err
	}
	v.report.Accounts = len(accounts)
	if v.uncounted {
		return nil // the sums are not known
	}
	for _, a := range accounts {
		if err := v.ctx.Err(); err != nil {
			return err
		}
		if err := v.readable("of account", v.listOrder(a)); err != nil {
			return err
		}
		counts, err := v.tx.ChatUnreads(a)
		if err != nil {
			if err := v.readable("of account", err); err != nil {
				return err
			}
			continue
		}
		got := total{chats: len(counts)}
		for _, c := range counts {
			got.unread += c.Count
			if !c.Push {
				got.muted += c.Count
			}
		}
		want := v.totals[a]
		equal(v, "account", string(a), "chats in its list of counts", got.chats, want.chats)
		equal(v, "account", string(a), "sum of its list of counts", got.unread, want.unread)
		equal(v, "account", string(a), "muted part of its list of counts", got.muted, want.muted)
	}
	return nil
}
