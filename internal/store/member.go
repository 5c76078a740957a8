package store

import (
	"time"

	"parley/internal/chat"
)

const memberColumns = `account, conversation, role, push, listed, top_at, join_seq, joined_at, left_at, left_seq,
	read_seq, sure_seq, read_count, own, own_at_read, departure, left_name, left_avatar, reacted, marked_unread`

func readMembership(scan scanFunc) (m chat.Membership, err error) {
	err = scan(&m.Account, &m.Conversation, &m.Role, &m.Push, &m.Listed, when{&m.TopAt}, &m.JoinSeq, when{&m.JoinedAt},
		when{&m.LeftAt}, &m.LeftSeq, &m.ReadSeq, &m.SureSeq, &m.ReadCount, &m.Own, &m.OwnAtRead, &m.Departure, &m.LeftName, address{&m.LeftAvatar}, &m.Reacted, &m.Marked)
	return m, err
}

func (t *tx) Membership(id chat.ConversationID, a chat.AccountID) (chat.Membership, error) {
	return cached(&t.cache.members, memberKey{id, a}, func() (chat.Membership, error) {
		return first(t, readMembership, "SELECT "+memberColumns+" FROM member WHERE conversation = ? AND account = ?",
			int64(id), string(a))
	})
}

// insertMember adds a participant whose cursor is at the end, or brings a
// former one back.
func (t *tx) insertMember(c *conversation, a chat.AccountID, role chat.Role, at time.Time) error {
	t.cache.members.drop(memberKey{c.ID, a})
	t.cache.listed.drop(c.ID)
	return t.insert(`INSERT INTO member (`+memberColumns+`, grouped) VALUES (?, ?, ?, 1, 0, 0, ?, ?, 0, 0, ?, ?, ?, 0, 0, 0, '', '', 0, 0, ?)
		ON CONFLICT (account, conversation) DO UPDATE SET
			role = excluded.role, push = 1, listed = 0, top_at = 0,
			join_seq = excluded.join_seq, joined_at = excluded.joined_at, left_at = 0, departure = 0, left_seq = 0,
			left_name = '', left_avatar = '', reacted = 0, marked_unread = 0,
			read_seq = excluded.read_seq, sure_seq = excluded.sure_seq, read_count = excluded.read_count, own_at_read = member.own
		WHERE member.left_at > 0`,
		string(a), int64(c.ID), int64(role), c.LastSeq, millis(at), c.LastSeq, c.LastSeq, c.Count, flag(c.Kind == chat.KindGroup))
}

func (t *tx) AddMembers(id chat.ConversationID, accounts []chat.AccountID, role chat.Role, at time.Time) error {
	c, err := t.conversation(id)
	if err != nil {
		return err
	}
	added := 0
	for _, a := range accounts {
		switch err := t.insertMember(&c, a, role, at); err {
		case nil:
			added++
		case chat.ErrDuplicate: // is a member
		default:
			return err
		}
	}
	return t.addToMemberCount(c.Group, added)
}

func (t *tx) addToMemberCount(g chat.GroupID, n int) error {
	if g == "" || n == 0 {
		return nil
	}
	t.forgetGroup(g)
	return t.one("UPDATE chat_group SET members = members + ? WHERE id = ?", n, string(g))
}

// RemoveMember returns chat.ErrNoRow when the account is no participant.
func (t *tx) RemoveMember(id chat.ConversationID, a chat.AccountID, at time.Time, how chat.Departure) error {
	c, err := t.conversation(id)
	if err != nil {
		return err
	}
	t.cache.members.drop(memberKey{id, a})
	n, err := t.endMemberships(&c, at, how, " AND account = ?", string(a))
	if err != nil {
		return err
	}
	if n == 0 {
		return chat.ErrNoRow
	}
	return t.addToMemberCount(c.Group, -1)
}

func (t *tx) RemoveAllMembers(id chat.ConversationID, at time.Time) error {
	c, err := t.conversation(id)
	if err != nil {
		return err
	}
	t.cache.dropMembers(id)
	n, err := t.endMemberships(&c, at, chat.DepartureDissolved, "")
	if err != nil {
		return err
	}
	return t.addToMemberCount(c.Group, int(-n))
}

// endMemberships ends the memberships of a conversation that the further condition selects
// and returns how many they are. Each keeps the name and the picture of the group.
func (t *tx) endMemberships(c *conversation, at time.Time, how chat.Departure, condition string, args ...any) (int64, error) {
	var g chat.Group
	if c.Group != "" {
		var err error
		if g, err = t.GroupHead(c.Group); err != nil {
			return 0, err
		}
	}
	return t.exec(`UPDATE member SET role = 0, left_at = ?, departure = ?, left_name = ?, left_avatar = ?,
			left_seq = ?, read_seq = ?, sure_seq = ?, read_count = ?, own_at_read = own, reacted = 0, marked_unread = 0
		WHERE conversation = ? AND left_at = 0`+condition,
		append([]any{millis(at), int64(how), g.Name, g.Avatar, c.LastSeq, c.LastSeq, c.LastSeq, c.Count, int64(c.ID)}, args...)...)
}

func (t *tx) SetRole(id chat.ConversationID, a chat.AccountID, role chat.Role) error {
	c, err := t.conversation(id)
	if err != nil {
		return err
	}
	t.forgetGroup(c.Group)
	return t.setMember(id, a, "UPDATE member SET role = ? WHERE conversation = ? AND account = ?", int64(role))
}

func (t *tx) SetPush(id chat.ConversationID, a chat.AccountID, push bool) error {
	return t.setMember(id, a, "UPDATE member SET push = ? WHERE conversation = ? AND account = ?", flag(push))
}

// SetTop does nothing where the account has no such chat.
func (t *tx) SetTop(id chat.ConversationID, a chat.AccountID, at time.Time) error {
	return ifThere(t.setMember(id, a, "UPDATE member SET top_at = ? WHERE conversation = ? AND account = ?", millis(at)))
}

// Unlist does nothing where the account has no such chat.
func (t *tx) Unlist(id chat.ConversationID, a chat.AccountID) error {
	t.cache.listed.drop(id)
	return ifThere(t.setMember(id, a, "UPDATE member SET listed = ? WHERE conversation = ? AND account = ?", 0))
}

func (t *tx) setMember(id chat.ConversationID, a chat.AccountID, query string, value int64) error {
	t.cache.members.drop(memberKey{id, a})
	return t.one(query, value, int64(id), string(a))
}

func ifThere(err error) error {
	if err == chat.ErrNoRow {
		return nil
	}
	return err
}

func (t *tx) List(id chat.ConversationID) (gained []chat.AccountID, err error) {
	if _, ok := t.cache.listed.get(id); ok {
		return nil, nil
	}
	err = t.returning(func(scan scanFunc) error {
		a, err := readString[chat.AccountID](scan)
		gained = append(gained, a)
		t.cache.members.drop(memberKey{id, a})
		return err
	}, "UPDATE member SET listed = 1 WHERE conversation = ? AND listed = 0 AND left_at = 0 RETURNING account", int64(id))
	if err != nil {
		return nil, err
	}
	t.cache.listed.put(id, true)
	return gained, nil
}

func (t *tx) CountTop(a chat.AccountID) (int, error) {
	n, err := t.int(`SELECT (SELECT count(*) FROM member WHERE account = ? AND top_at > 0)
		+ (SELECT count(*) FROM inbox WHERE account = ? AND top_at > 0)`, string(a), string(a))
	return int(n), err
}
