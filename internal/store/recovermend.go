package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"parley/internal/chat"
)

// mending makes a recovered database consistent. Rows that are lost are replaced only as far
// as other rows prove them:
//
//  1. Ids of lost messages are not given out again.
//  2. Accounts, applications and organizations that other rows name get a row. Such an
//     account is not active and such an application has no secret, because what the lost row
//     allowed is not known.
//  3. Conversations that messages or members name get a row. The two members of a direct chat
//     become participants again. Other conversations become groups of the members that are
//     left. Nobody becomes a member because of a message: the account may have been removed.
//  4. Rows that belong to a lost message are removed.
//  5. All counts are computed again. Sequence numbers stay as they are, with gaps.
//  6. If revoked credentials may be valid again, all credentials end.
type mending struct {
	ctx     context.Context
	tx      *sql.Conn // in a transaction
	from    *sql.DB
	damaged map[string]bool // by table
	done    []string
	err     error
}

// mend makes the copied rows consistent, and adds sentences about the rows that were replaced to the state.
func (r *recovery) mend(before note) error {
	return r.commit(func() error {
		m := &mending{ctx: r.ctx, tx: r.target.conn.db, from: r.from, damaged: make(map[string]bool)}
		tables := r.state.Tables
		for _, t := range tables {
			m.damaged[t.Table] = t.Damage != ""
		}
		all := []func(){
			func() { m.keepIDs(before) }, m.removeOrphans, m.conversations, m.groups, m.subscriptions, m.placeholders, m.webhooks, m.recount, m.inboxes, m.friendships,
			m.waitingIDs, m.endSessions,
		}
		for i, step := range all {
			r.progress("mend", int64(i), int64(len(all)))
			step()
		}
		for i := range tables {
			if tables[i].Table == "message" {
				tables[i].Lost = m.int("SELECT COALESCE(sum(last_seq), 0) - (SELECT count(*) FROM message) FROM conversation")
				if tables[i].Lost > 0 && tables[i].Damage == "" {
					tables[i].Damage = "rows are missing"
				}
			}
		}
		if m.err != nil {
			return fmt.Errorf("store: mend the rows: %w", m.err)
		}
		r.progress("mend", 1, 1)
		r.state.Mended, r.state.Whole = m.done, true
		return nil
	})
}

// exec returns how many rows were changed.
func (m *mending) exec(query string, args ...any) int64 {
	if m.err != nil {
		return 0
	}
	result, err := m.tx.ExecContext(m.ctx, query, args...)
	if err != nil {
		m.err = fmt.Errorf("%w: %.60s", err, query)
		return 0
	}
	n, err := result.RowsAffected()
	m.err = err
	return n
}

func (m *mending) int(query string, args ...any) (n int64) {
	if m.err != nil {
		return 0
	}
	if err := m.tx.QueryRowContext(m.ctx, query, args...).Scan(&n); err != nil {
		m.err = fmt.Errorf("%w: %.60s", err, query)
	}
	return n
}

// rows reads rows of as many values as dest has, and calls each after each row.
func (m *mending) rows(dest []any, each func(), query string, args ...any) {
	if m.err != nil {
		return
	}
	rows, err := m.tx.QueryContext(m.ctx, query, args...)
	if err != nil {
		m.err = fmt.Errorf("%w: %.60s", err, query)
		return
	}
	defer rows.Close()
	for rows.Next() {
		if m.err = rows.Scan(dest...); m.err != nil {
			return
		}
		each()
	}
	m.err = rows.Err()
}

// say adds a sentence if it is about any rows.
func (m *mending) say(n int64, format string) {
	if n > 0 {
		m.done = append(m.done, fmt.Sprintf(format, n))
	}
}

// maxPlausibleID is the highest id that is believed. JavaScript cannot represent higher ones.
const maxPlausibleID = 1 << 53

// keepIDs finds the highest ids that were ever given out, in any row that names them.
func (m *mending) keepIDs(before note) {
	message, notice := int64(before.last), int64(0)
	raise := func(to *int64, n int64) {
		if n < maxPlausibleID {
			*to = max(*to, n)
		}
	}
	for _, column := range []string{
		"id FROM message", "refer FROM message", "last_id FROM conversation", "message FROM mention", "message FROM waitingid",
		"message FROM heard", "message FROM reaction", "message FROM revision", "message FROM pin", "reacted FROM member", "after_message FROM inbox", "last_lost FROM message_state",
	} {
		raise(&message, m.int("SELECT COALESCE(max(x), 0) FROM (SELECT "+withAlias(column)+")"))
	}
	for _, column := range []string{"id FROM notice", "notice FROM notification", "last_notice FROM inbox"} {
		raise(&notice, m.int("SELECT COALESCE(max(x), 0) FROM (SELECT "+withAlias(column)+")"))
	}
	// Tables that are not copied. They may be damaged as well.
	for query, to := range map[string]*int64{
		"SELECT max(id) FROM message_index_docsize":                &message,
		"SELECT max(indexed) FROM search_state":                    &message,
		"SELECT max(id) FROM message":                              &message,
		"SELECT max(seq) FROM sqlite_sequence WHERE name='notice'": &notice,
	} {
		var n sql.NullInt64
		if m.from.QueryRowContext(m.ctx, query).Scan(&n) == nil {
			raise(to, n.Int64)
		}
	}
	m.exec("UPDATE message_state SET last_lost = ?1 WHERE last_lost < ?1 AND ?1 > (SELECT COALESCE(max(id), 0) FROM message)", message)
	if notice > 0 {
		m.exec("DELETE FROM sqlite_sequence WHERE name = 'notice'")
		m.exec("INSERT INTO sqlite_sequence (name, seq) VALUES ('notice', ?)", notice)
	}
}

func withAlias(column string) string {
	for i := range column {
		if column[i] == ' ' {
			return column[:i] + " AS x" + column[i:]
		}
	}
	return column
}

// removeOrphans removes rows that mean nothing without a lost row.
func (m *mending) removeOrphans() {
	for _, table := range []string{"mention", "heard", "reaction", "revision", "pin", "waitingid"} {
		m.exec("DELETE FROM " + table + " WHERE message NOT IN (SELECT id FROM message)")
	}
	// Which files messages name is read again from the messages. The files of lost messages stay for 30 days.
	m.exec("UPDATE stored_file SET remove_at = (unixepoch() + 30 * 86400) * 1000 WHERE remove_at = 0")
	m.exec("DELETE FROM file_use")
	m.exec("DELETE FROM file_state")
	m.exec("INSERT INTO file_state (followed, walked, walking) VALUES (0, 0, 0)")
	m.exec("DELETE FROM notification WHERE notice NOT IN (SELECT id FROM notice)")
	if m.damaged["friendship"] { // see scanned.isRecognized
		m.exec("DELETE FROM friendship WHERE account NOT IN (SELECT id FROM account) OR friend NOT IN (SELECT id FROM account)")
	}
}

// lostConversation is a conversation without a row.
type lostConversation struct {
	id               chat.ConversationID
	members, grouped int
	a, b             chat.AccountID // the first and the last of the members
	taken            bool           // the two have another conversation
}

// conversations makes rows for conversations that messages or members name.
func (m *mending) conversations() {
	var all []lostConversation
	var c lostConversation
	m.rows([]any{&c.id, &c.members, &c.grouped, &c.a, &c.b, &c.taken}, func() { all = append(all, c) },
		`SELECT x.*, EXISTS (SELECT 1 FROM conversation c WHERE c.a = x.a AND c.b = x.b) FROM (
			SELECT x.conversation, count(m.account), COALESCE(sum(m.grouped), 0), COALESCE(min(m.account), '') AS a, COALESCE(max(m.account), '') AS b
			FROM (SELECT conversation FROM message UNION SELECT conversation FROM member) x LEFT JOIN member m ON m.conversation = x.conversation
			WHERE x.conversation NOT IN (SELECT id FROM conversation) GROUP BY x.conversation) x ORDER BY x.conversation`)
	var direct, groups int64
	used := make(map[pair]bool)
	for _, c := range all {
		two := newPair(c.a, c.b)
		isDirect := c.members == 2 && c.grouped == 0
		isSelf := c.members == 1 && c.grouped == 0 && !m.damaged["member"]
		kind := chat.KindGroup
		switch {
		case c.taken || used[two]:
		case isDirect:
			kind = chat.KindDirect
		case isSelf:
			kind = chat.KindSelf
		}
		var a, b any
		if kind != chat.KindGroup {
			a, b = string(two.a), string(two.b)
			used[two] = true
			direct++
		} else {
			m.exec("UPDATE member SET grouped = 1 WHERE conversation = ? AND grouped = 0", int64(c.id))
			groups++
		}
		m.exec(`INSERT INTO conversation (id, kind, a, b, group_id, last_seq, counted, last_at, last_id, withdrawn, mentioned, created_at)
			VALUES (?1, ?2, ?3, ?4, NULL, 0, 0, 0, 0, 0, 0, COALESCE((SELECT min(at) FROM message WHERE conversation = ?1), 0))`,
			int64(c.id), int64(kind), a, b)
	}
	m.say(direct, "%d direct chats whose row was lost have one again, with the members that are left")
	m.say(groups, "%d other chats whose row was lost are groups now, with the members that are left")
	m.say(m.exec(`INSERT INTO member (account, conversation, role, push, listed, top_at, join_seq, joined_at, left_at, left_seq, read_seq, sure_seq,
			read_count, own, own_at_read, grouped)
		SELECT p.account, p.id, 0, 1, 1, 0, 0, p.created_at, 0, 0, p.last_seq, p.last_seq, 0, 0, 0, 0
		FROM (SELECT id, a AS account, last_seq, created_at FROM conversation WHERE kind <> 2 AND a IS NOT NULL
			UNION SELECT id, b, last_seq, created_at FROM conversation WHERE kind <> 2 AND b IS NOT NULL) p
		WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.account = p.account AND m.conversation = p.id)`),
		"%d members of direct chats were lost and are back; everything counts as read for them")
}

// lostAccount is the creator of groups without a known administrator.
const lostAccount = "lost"

// groups brings chat_group and the conversations of groups together. A group without a
// conversation belongs to a conversation without a group if the creator joined it when the
// group was made, or if there is one of each.
func (m *mending) groups() {
	var found [][2]any
	var id int64
	var group string
	m.rows([]any{&id, &group}, func() { found = append(found, [2]any{id, group}) },
		`WITH pairs AS (
			SELECT c.id AS conversation, g.id AS group_id FROM conversation c JOIN member m ON m.conversation = c.id
				JOIN chat_group g ON g.creator = m.account AND g.created_at = m.joined_at
			WHERE c.kind = 2 AND c.group_id IS NULL AND NOT EXISTS (SELECT 1 FROM conversation o WHERE o.group_id = g.id))
		SELECT min(conversation), group_id FROM pairs p
		WHERE (SELECT count(*) FROM pairs o WHERE o.conversation = p.conversation) = 1 GROUP BY group_id HAVING count(*) = 1`)
	for _, one := range found {
		m.exec("UPDATE conversation SET group_id = ?2 WHERE id = ?1", one[0], one[1])
	}
	const withoutGroup = "FROM conversation WHERE kind = 2 AND group_id IS NULL"
	const withoutConversation = "FROM chat_group WHERE id NOT IN (SELECT group_id FROM conversation WHERE group_id IS NOT NULL)"
	if !m.damaged["chat_group"] && m.int("SELECT count(*) "+withoutGroup) == 1 && m.int("SELECT count(*) "+withoutConversation) == 1 {
		m.exec("UPDATE conversation SET group_id = (SELECT id " + withoutConversation + ") WHERE kind = 2 AND group_id IS NULL")
	}
	m.exec(`UPDATE conversation SET group_id = 'lost-' || id WHERE kind = 2 AND group_id IS NULL`)
	m.say(m.exec(`INSERT INTO conversation (kind, a, b, group_id, last_seq, counted, last_at, last_id, withdrawn, mentioned, created_at)
		SELECT 2, NULL, NULL, id, 0, 0, 0, 0, 0, 0, created_at `+withoutConversation),
		"%d groups have lost their chat and have an empty one without members")
	n := m.exec(`INSERT INTO chat_group (id, name, avatar, announcement, is_post, creator, members, banned, members_invite, created_at, dissolved_at)
		SELECT c.group_id, COALESCE((SELECT max(m.left_name) FROM member m WHERE m.conversation = c.id AND m.left_name <> ''), c.group_id), '', '', 0,
			COALESCE((SELECT m.account FROM member m WHERE m.conversation = c.id AND m.role = 1 AND m.left_at = 0 ORDER BY m.joined_at, m.account LIMIT 1), ?),
			0, 0, 0, c.created_at,
			COALESCE((SELECT max(m.left_at) FROM member m WHERE m.conversation = c.id AND m.departure = 3), 0)
		FROM conversation c WHERE c.kind = 2 AND c.group_id NOT IN (SELECT id FROM chat_group)`, lostAccount)
	m.say(n, "%d groups have lost their name and settings; they are named by their id or by the name that former members know")
}

// placeholders makes rows for accounts, applications and organizations that are named.
func (m *mending) placeholders() {
	made := make(map[string]int64)
	for _, r := range references {
		var insert string
		switch r.parent {
		case "account":
			insert = "account (id, name, avatar, email, active, created_at) SELECT DISTINCT %[1]s, %[1]s, '', '', 0, 0"
		case "application":
			insert = `application (id, app_key, name, url, kind, send_ack, muted_pushes, created_at) SELECT DISTINCT %[1]s, 'lost-' || lower(hex(randomblob(16))), %[1]s, '',
				'web', COALESCE((SELECT max(send_ack) FROM application), ''), '[]', 0`
		case "organization":
			insert = "organization (id, name, created_at) SELECT DISTINCT %[1]s, %[1]s, 0"
		default:
			continue
		}
		made[r.parent] += m.exec(fmt.Sprintf("INSERT INTO "+insert+" FROM %[2]s WHERE %[1]s IS NOT NULL AND %[1]s NOT IN (SELECT id FROM %[3]s)", r.column, r.table, r.parent))
	}
	m.say(made["account"], "%d accounts were lost and only their ids are known; they are not active. Give them their names, and activate those that may sign in")
	m.say(made["application"], "%d applications were lost and only their ids are known; register them again")
	m.say(made["organization"], "%d organizations were lost and only their ids are known")
}

// subscriptions removes those whose application is lost: nobody could manage them. Events without a subscription go, too.
func (m *mending) subscriptions() {
	m.say(m.exec("DELETE FROM subscription WHERE app NOT IN (SELECT id FROM application)"),
		"%d subscriptions of applications that were lost are removed; make new ones")
	m.say(m.exec("DELETE FROM outgoing WHERE subscription NOT IN (SELECT id FROM subscription)"),
		"%d events that waited for removed or lost subscriptions are removed")
}

// webhooks makes bots of the accounts of webhooks again, which may have lost their row, and participants of the groups.
func (m *mending) webhooks() {
	m.say(m.exec("DELETE FROM webhook WHERE group_id NOT IN (SELECT id FROM chat_group)"),
		"%d incoming webhooks of groups that were lost are removed")
	m.exec("UPDATE account SET bot = 1, active = 0, email = '' WHERE bot = 0 AND id IN (SELECT account FROM webhook)")
	m.exec(`INSERT INTO member (account, conversation, role, push, listed, top_at, join_seq, joined_at, left_at, left_seq, read_seq, sure_seq,
			read_count, own, own_at_read, departure, grouped)
		SELECT h.account, c.id, 0, 1, 0, 0, 0, h.created_at, max(h.created_at, 1), 0, 0, 0, 0, 0, 0, ?, 1
		FROM webhook h JOIN conversation c ON c.group_id = h.group_id
		WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.account = h.account AND m.conversation = c.id)`, int64(chat.DepartureLeft))
}

// recount computes the counts of conversations, members and groups.
func (m *mending) recount() {
	m.exec(`UPDATE message SET counted = x.n FROM (
			SELECT m.id, c.removed_count + sum(m.system = 0) OVER (PARTITION BY m.conversation ORDER BY m.seq) AS n
			FROM message m JOIN conversation c ON c.id = m.conversation) x
		WHERE x.id = message.id AND message.counted <> x.n`)
	m.exec(`UPDATE conversation SET last_seq = max(last_seq, x.seq), counted = x.counted, last_at = max(last_at, x.at), last_id = max(last_id, x.id),
			withdrawn = x.withdrawn
		FROM (SELECT c.id AS conversation, COALESCE(max(m.seq), c.removed_seq) AS seq, COALESCE(max(m.counted), c.removed_count) AS counted, COALESCE(max(m.at), 0) AS at,
				COALESCE(max(m.id), 0) AS id, COALESCE(max(CASE WHEN m.withdrawn_at IS NOT NULL THEN m.seq END), 0) AS withdrawn
			FROM conversation c LEFT JOIN message m ON m.conversation = c.id GROUP BY c.id) x
		WHERE x.conversation = conversation.id`)
	m.exec(`UPDATE conversation SET mentioned = x.seq FROM (SELECT conversation, max(seq) AS seq FROM mention GROUP BY conversation) x
		WHERE x.conversation = conversation.id AND mentioned < x.seq`)
	// A conversation whose row was lost may have had later messages.
	m.exec(`UPDATE member SET read_seq = min(read_seq, c.last_seq), sure_seq = min(sure_seq, read_seq, c.last_seq), join_seq = min(join_seq, c.last_seq),
			left_seq = min(left_seq, c.last_seq)
		FROM conversation c WHERE c.id = member.conversation AND max(read_seq, sure_seq, join_seq, left_seq) > c.last_seq`)
	m.exec(`UPDATE member SET read_count = COALESCE((SELECT w.counted FROM message w
		WHERE w.conversation = member.conversation AND w.seq <= member.read_seq ORDER BY w.seq DESC LIMIT 1),
		(SELECT c.removed_count FROM conversation c WHERE c.id = member.conversation), 0)
		WHERE left_at = 0 OR read_seq >= (SELECT c.removed_seq FROM conversation c WHERE c.id = member.conversation)`)
	m.exec("DROP TABLE IF EXISTS temp.own_count")
	m.exec(`CREATE TEMP TABLE own_count AS SELECT m.account, m.conversation, count(*) AS own, sum(w.seq <= m.read_seq) AS at_read
		FROM message w JOIN member m ON m.account = w.sender AND m.conversation = w.conversation WHERE w.system = 0 GROUP BY 1, 2`)
	m.exec("CREATE INDEX temp.own_count_member ON own_count (account, conversation)")
	m.exec(`UPDATE member SET own = 0, own_at_read = 0
		WHERE (own <> 0 OR own_at_read <> 0) AND NOT EXISTS (SELECT 1 FROM temp.own_count o WHERE o.account = member.account AND o.conversation = member.conversation)`)
	m.exec(`UPDATE member SET own = o.own, own_at_read = o.at_read FROM temp.own_count o
		WHERE o.account = member.account AND o.conversation = member.conversation AND (member.own <> o.own OR member.own_at_read <> o.at_read)`)
	// The conditions are those of verifier.listOrder.
	m.exec(`UPDATE member SET place = CASE WHEN grouped = 0 THEN c.last_id ELSE 0 END
		FROM conversation c WHERE c.id = member.conversation AND account IN (
			SELECT account FROM (SELECT m.account, m.grouped, m.place, c.last_id,
					row_number() OVER (PARTITION BY m.account, m.grouped ORDER BY m.place)
					- row_number() OVER (PARTITION BY m.account, m.grouped ORDER BY c.last_id) AS shift
				FROM member m JOIN conversation c ON c.id = m.conversation)
			WHERE CASE WHEN grouped = 1 OR last_id = 0 THEN place <> 0 ELSE place <= 0 OR place > last_id OR abs(shift) > ? END)`, maxShift)
	m.exec(`UPDATE member SET has_unread = 1 - has_unread FROM conversation c WHERE c.id = member.conversation
		AND has_unread <> (grouped = 0 AND left_at = 0 AND c.counted - read_count > own - own_at_read)`)
	m.exec(`UPDATE chat_group SET members = (SELECT count(*) FROM conversation c JOIN member m ON m.conversation = c.id
		WHERE c.group_id = chat_group.id AND m.left_at = 0)`)
}

// inboxes makes the inboxes of notifications and numbers their notifications without gaps.
func (m *mending) inboxes() {
	m.say(m.exec(`INSERT INTO inbox (account, category, last_seq, strong, read_seq, read_strong, silent, listed, top_at, last_at)
		SELECT DISTINCT account, category, 0, 0, 0, 0, 0, 1, 0, 0 FROM notification WHERE true ON CONFLICT DO NOTHING`),
		"%d inboxes were lost and have their notifications again, all of them unread")
	m.exec("DROP TABLE IF EXISTS temp.placed")
	m.exec(`CREATE TEMP TABLE placed AS SELECT x.account, x.category, x.seq AS former, row_number() OVER w AS seq, sum(n.weak = 0) OVER w AS strong, x.notice, n.at
		FROM notification x JOIN notice n ON n.id = x.notice WINDOW w AS (PARTITION BY x.account, x.category ORDER BY x.seq)`)
	m.exec("CREATE INDEX temp.placed_inbox ON placed (account, category, former)")
	m.exec(`UPDATE inbox SET read_seq = (SELECT count(*) FROM temp.placed p WHERE p.account = inbox.account AND p.category = inbox.category AND p.former <= inbox.read_seq)
		WHERE EXISTS (SELECT 1 FROM temp.placed p WHERE p.account = inbox.account AND p.category = inbox.category AND p.former <> p.seq) OR read_seq > last_seq`)
	if m.int("SELECT count(*) FROM notification x JOIN temp.placed p ON p.account = x.account AND p.category = x.category AND p.former = x.seq WHERE p.seq <> x.seq OR p.strong <> x.strong") > 0 {
		m.exec("DELETE FROM notification")
		m.exec("INSERT INTO notification (account, category, seq, strong, notice) SELECT account, category, seq, strong, notice FROM temp.placed ORDER BY account, category, seq")
	}
	m.exec(`UPDATE inbox SET
			last_seq    = (SELECT COALESCE(max(p.seq), 0) FROM temp.placed p WHERE p.account = inbox.account AND p.category = inbox.category),
			strong      = (SELECT COALESCE(max(p.strong), 0) FROM temp.placed p WHERE p.account = inbox.account AND p.category = inbox.category),
			last_at     = COALESCE((SELECT p.at FROM temp.placed p WHERE p.account = inbox.account AND p.category = inbox.category ORDER BY p.former DESC LIMIT 1), 0),
			last_notice = COALESCE((SELECT p.notice FROM temp.placed p WHERE p.account = inbox.account AND p.category = inbox.category ORDER BY p.former DESC LIMIT 1), 0)`)
	m.exec("UPDATE inbox SET read_seq = min(read_seq, last_seq)")
	m.exec(`UPDATE inbox SET read_strong = COALESCE((SELECT x.strong FROM notification x
		WHERE x.account = inbox.account AND x.category = inbox.category AND x.seq = inbox.read_seq), 0)`)
}

func (m *mending) friendships() {
	m.say(m.exec(`INSERT INTO friendship (account, friend, at) SELECT f.friend, f.account, f.at FROM friendship f
		WHERE NOT EXISTS (SELECT 1 FROM friendship o WHERE o.account = f.friend AND o.friend = f.account)`),
		"%d friendships had lost one of their two rows and have both again")
}

// waitingIDs makes the table again from the messages if it lacks rows.
func (m *mending) waitingIDs() {
	if m.int("SELECT (SELECT count(*) FROM waitingid) = (SELECT count(*) FROM message WHERE waitingid IS NOT NULL)") == 1 {
		return
	}
	m.exec("DELETE FROM waitingid")
	if m.err != nil {
		return
	}
	insert, err := m.tx.PrepareContext(m.ctx, "INSERT INTO waitingid (name, message) VALUES (?, ?) ON CONFLICT DO NOTHING")
	if err != nil {
		m.err = err
		return
	}
	defer insert.Close()
	const part = 10_000
	type named struct {
		id   int64
		name int64
	}
	for last := int64(0); m.err == nil; {
		var page []named
		var id int64
		var sender chat.AccountID
		var name string
		m.rows([]any{&id, &sender, &name}, func() { page = append(page, named{id, waitingName(sender, name)}) },
			"SELECT id, sender, waitingid FROM message WHERE id > ? AND waitingid IS NOT NULL ORDER BY id LIMIT ?", last, part)
		for _, n := range page {
			for m.err == nil { // the next free number
				result, err := insert.ExecContext(m.ctx, n.name, n.id)
				if m.err = err; err != nil {
					break
				}
				if taken, _ := result.RowsAffected(); taken > 0 {
					break
				}
				n.name++
			}
			last = n.id
		}
		if len(page) < part {
			return
		}
	}
}

// endSessions ends all credentials if it is not known which ones were revoked.
func (m *mending) endSessions() {
	if !slices.ContainsFunc([]string{"account_ended", "revoked_jwt", "token", "replay"}, func(table string) bool { return m.damaged[table] }) {
		return
	}
	now := millis(time.Now())
	n := m.exec(`INSERT INTO account_ended (account, at, kept) SELECT id, ?, '' FROM account WHERE true
		ON CONFLICT (account) DO UPDATE SET at = max(at, excluded.at), kept = ''`, now)
	m.exec("UPDATE token SET revoked_at = ? WHERE revoked_at = 0", now)
	m.exec("DELETE FROM signin_code")
	m.exec("DELETE FROM signin_ticket")
	m.exec("DELETE FROM email_change")
	m.say(n, "it is not known which credentials were revoked, so all that the %d accounts had until now have ended; everybody signs in again, and other systems make new tokens")
}
