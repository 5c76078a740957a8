package store

import (
	"slices"
	"strings"
	"time"

	"parley/internal/chat"
	"parley/internal/search"
)

func (t *tx) AccountDetail(a chat.AccountID) (d chat.Detail, err error) {
	return first(t, func(scan scanFunc) (d chat.Detail, err error) {
		err = scan(&d.Title, &d.Department, &d.Phone)
		return d, err
	}, "SELECT title, department, phone FROM account_detail WHERE account = ?", string(a))
}

func (t *tx) SetAccountDetail(a chat.AccountID, d chat.Detail) error {
	_, err := t.exec(`INSERT INTO account_detail (account, title, department, phone) VALUES (?, ?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET title = excluded.title, department = excluded.department, phone = excluded.phone`,
		string(a), d.Title, d.Department, d.Phone)
	return err
}

// People reads accounts in the order of a directory from the place after, until enough match.
func (t *tx) People(q chat.FindPeople) (all []chat.PersonRow, err error) {
	who := search.ParsePerson(q.Query)
	place, after := "", q.After
	if after != "" {
		if err := t.row([]any{&place}, "SELECT place FROM account WHERE id = ?", string(after)); err != nil {
			return nil, err
		}
	}
	candidate, patterns := candidates("p.find", who)
	query := "SELECT " + accountOf + `, p.find, p.place, COALESCE(o.role, ''),
		COALESCE(d.title, ''), COALESCE(d.department, ''), COALESCE(d.phone, '')
		FROM account p LEFT JOIN organization_member o ON o.organization = ? AND o.account = p.id
		LEFT JOIN account_detail d ON d.account = p.id
		WHERE (p.place, p.id) > (?, ?) AND p.bot = 0` + candidate
	if q.Role != "" {
		query += " AND o.role = ?"
		patterns = append(patterns, string(q.Role))
	}
	if q.Active != nil {
		query += " AND p.active = ?"
		patterns = append(patterns, flag(*q.Active))
	}
	query += " ORDER BY p.place, p.id" + limited
	// The limit keeps PostgreSQL from sorting all candidates, of which some do not match.
	for limit := q.Limit; ; limit *= 4 {
		read := 0
		err = t.conn.query(func(scan scanFunc) error {
			var r chat.PersonRow
			var find string
			if err := scan(append(accountFields(&r.Account), &find, &place, &r.Role, &r.Title, &r.Department, &r.Phone)...); err != nil {
				return err
			}
			read, after = read+1, r.ID
			if !who.Match(find) {
				return t.ctx.Err()
			}
			if all = append(all, r); len(all) == q.Limit {
				return errEnough
			}
			return nil
		}, query, slices.Concat([]any{string(q.In), place, string(after)}, patterns, []any{limit})...)
		if err == errEnough {
			return all, nil
		}
		if err != nil || read < limit {
			return all, t.check(err)
		}
	}
}

func (t *tx) LastSeen(a chat.AccountID) (at time.Time, err error) {
	ms, err := t.int("SELECT COALESCE(MAX(seen_at), 0) FROM token WHERE account = ?", string(a))
	return moment(ms), err
}

func (t *tx) CountPeople(in chat.OrganizationID) (n chat.PeopleCount, err error) {
	err = t.row([]any{&n.Active, &n.Inactive, &n.Guests, &n.Administrators}, `SELECT
		(SELECT COUNT(*) FROM account WHERE active = 1),
		(SELECT COUNT(*) FROM account WHERE active = 0 AND bot = 0),
		(SELECT COUNT(*) FROM organization_member o JOIN account a ON a.id = o.account WHERE o.organization = ? AND o.role = 'guest' AND a.active = 1),
		(SELECT COUNT(*) FROM organization_member o JOIN account a ON a.id = o.account WHERE o.organization = ? AND o.role IN ('owner', 'administrator') AND a.active = 1)`,
		string(in), string(in))
	return n, err
}

func (t *tx) CountGroups() (n chat.GroupCount, err error) {
	err = t.row([]any{&n.Open, &n.Ownerless}, `SELECT COUNT(*), COUNT(CASE WHEN a.active = 0 THEN 1 END)
		FROM chat_group g JOIN account a ON a.id = g.creator WHERE g.dissolved_at = 0`)
	return n, err
}

// CountDay finds the messages of a day by a search for their ids, which rise with the
// times. Imported messages are not counted.
func (t *tx) CountDay(from, to time.Time) (d chat.DayCount, err error) {
	imported, err := t.importedRanges()
	if err != nil {
		return d, err
	}
	first, err := t.firstMessageSince(from, imported)
	if err != nil {
		return d, err
	}
	last, err := t.firstMessageSince(to, imported)
	if err != nil {
		return d, err
	}
	err = t.row([]any{&d.Uploads}, "SELECT COUNT(*) FROM stored_file WHERE stored_at >= ? AND stored_at < ?", millis(from), millis(to))
	if err != nil {
		return d, err
	}
	err = t.row([]any{&d.Messages, &d.People}, `SELECT COUNT(*), COUNT(DISTINCT sender) FROM message
		WHERE id >= ? AND id < ? AND system = 0 AND expired = 0
			AND NOT EXISTS (SELECT 1 FROM imported_ids i WHERE i.first_id <= message.id AND i.last_id >= message.id)`, first, last)
	return d, err
}

// firstMessageSince returns the id of the first message that is not before the time and was not
// imported, or one above all.
func (t *tx) firstMessageSince(at time.Time, imported []importedRange) (int64, error) {
	low := int64(1)
	high, err := t.int("SELECT COALESCE(MAX(id), 0) + 1 FROM message")
	if err != nil {
		return 0, err
	}
	for low < high {
		middle := low + (high-low)/2
		var id, ms int64
		err := t.row([]any{&id, &ms}, "SELECT id, at FROM message WHERE id >= ? ORDER BY id LIMIT 1", afterImported(imported, middle))
		switch {
		case err == chat.ErrNoRow: // only imported messages follow
			high = middle
		case err != nil:
			return 0, err
		case ms >= millis(at):
			high = middle
		default:
			low = id + 1
		}
	}
	return low, nil
}

// Groups reads groups, newest first.
func (t *tx) Groups(q chat.FindGroups) (all []chat.GroupRow, err error) {
	who := search.ParsePerson(q.Query)
	query := "SELECT " + groupColumns + ", c.last_at, c.counted, a.name, a.active FROM chat_group g JOIN conversation c ON c.group_id = g.id JOIN account a ON a.id = g.creator WHERE 1 = 1"
	var args []any
	if !q.AfterAt.IsZero() {
		query += " AND (g.created_at < ? OR g.created_at = ? AND g.id < ?)"
		args = append(args, millis(q.AfterAt), millis(q.AfterAt), string(q.After))
	}
	if !q.Dissolved {
		query += " AND g.dissolved_at = 0"
	}
	if q.Ownerless {
		query += " AND a.active = 0"
	}
	err = t.conn.query(func(scan scanFunc) error {
		var r chat.GroupRow
		if err := scan(append(groupFields(&r.Group), when{&r.LastAt}, &r.Messages, &r.CreatorName, &r.CreatorActive)...); err != nil {
			return err
		}
		if !who.Empty() && !who.Match(search.NewName(r.Name).Find) {
			return t.ctx.Err()
		}
		if all = append(all, r); len(all) == q.Limit {
			return errEnough
		}
		return nil
	}, query+" ORDER BY g.created_at DESC, g.id DESC", args...)
	if err == errEnough {
		err = nil
	}
	return all, t.check(err)
}

// GroupsCreatedBy lists the open groups with the account as their creator.
func (t *tx) GroupsCreatedBy(a chat.AccountID) ([]chat.GroupID, error) {
	return list(t, readString[chat.GroupID], "SELECT id FROM chat_group WHERE creator = ? AND dissolved_at = 0 ORDER BY id", string(a))
}

// LiveTokens reads the log-ins that are neither revoked nor expired, the newest first.
func (t *tx) LiveTokens(q chat.FindTokens) ([]chat.Token, error) {
	query, args := "SELECT "+tokenColumns+" FROM token WHERE revoked_at = 0 AND (expires_at = 0 OR expires_at > ?)", []any{millis(q.Now)}
	and := func(condition string, values ...any) {
		query += " AND " + condition
		args = append(args, values...)
	}
	if !q.Before.IsZero() {
		and("(created_at < ? OR created_at = ? AND session > ?)", millis(q.Before), millis(q.Before), string(q.After))
	}
	if q.Account != "" {
		and("account = ?", string(q.Account))
	}
	if q.App != "" {
		and("app = ?", string(q.App))
	}
	if q.Label != "" {
		and(`LOWER(label) LIKE ? ESCAPE '\'`, "%"+likeLiteral.Replace(strings.ToLower(q.Label))+"%")
	}
	if !q.SeenSince.IsZero() {
		and("seen_at >= ?", millis(q.SeenSince))
	}
	if !q.SeenBefore.IsZero() {
		and("seen_at < ?", millis(q.SeenBefore))
	}
	return list(t, readToken, query+" ORDER BY created_at DESC, session"+limited, append(args, q.Limit)...)
}

// likeLiteral escapes the special characters of LIKE patterns.
var likeLiteral = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)
