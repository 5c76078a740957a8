package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/internal/chat"
)

func (t *tx) AddReaction(id chat.MessageID, emoji string, a chat.AccountID, at time.Time) (bool, error) {
	n, err := t.exec("INSERT INTO reaction (message, emoji, account, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		int64(id), emoji, string(a), millis(at))
	return n > 0, err
}

func (t *tx) RemoveReaction(id chat.MessageID, emoji string, a chat.AccountID) (bool, error) {
	n, err := t.exec("DELETE FROM reaction WHERE message = ? AND emoji = ? AND account = ?", int64(id), emoji, string(a))
	return n > 0, err
}

func (t *tx) Reactions(reader chat.AccountID, id chat.MessageID, names int) ([]chat.Reaction, error) {
	all, err := t.reactions(reader, []chat.MessageID{id}, names)
	return all[id], err
}

// reactions is Reactions for many messages.
func (t *tx) reactions(reader chat.AccountID, ids []chat.MessageID, names int) (map[chat.MessageID][]chat.Reaction, error) {
	type row struct {
		message chat.MessageID
		chat.Reaction
		account chat.AccountID
	}
	all := make(map[chat.MessageID][]chat.Reaction)
	for _, part := range messageParts(slices.Compact(slices.Sorted(slices.Values(ids)))) {
		// The first account of each emoji is read in any case: it makes the row of the emoji.
		args := append(append([]any{string(reader)}, part...), max(names, 1))
		rows, err := list(t, func(scan scanFunc) (r row, err error) {
			err = scan(&r.message, &r.Emoji, &r.Count, &r.Mine, &r.account)
			return r, err
		}, `SELECT message, emoji, accounts, mine, account FROM (
				SELECT message, emoji, account, count(*) OVER same AS accounts, max(CASE WHEN account = ? THEN 1 ELSE 0 END) OVER same AS mine,
					row_number() OVER (PARTITION BY message, emoji ORDER BY at, account) AS place
				FROM reaction WHERE message IN (?`+strings.Repeat(", ?", len(part)-1)+`) WINDOW same AS (PARTITION BY message, emoji)) AS r
			WHERE place <= ? ORDER BY message, accounts DESC, emoji, place`, args...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			of := all[r.message]
			if len(of) == 0 || of[len(of)-1].Emoji != r.Emoji {
				of = append(of, r.Reaction)
			}
			if last := &of[len(of)-1]; len(last.First) < names {
				a, err := t.Account(r.account)
				if err != nil {
					return nil, err
				}
				last.First = append(last.First, chat.ReportName{ID: a.ID, Name: a.Name})
			}
			all[r.message] = of
		}
	}
	return all, nil
}

func (t *tx) Reactors(id chat.MessageID, emoji string, offset, limit int) ([]chat.Reactor, error) {
	all, err := list(t, func(scan scanFunc) (r chat.Reactor, err error) {
		err = scan(&r.Account.ID, when{&r.At})
		return r, err
	}, "SELECT account, at FROM reaction WHERE message = ? AND emoji = ? ORDER BY at, account"+limited+" OFFSET ?", int64(id), emoji, limit, offset)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Account, err = t.Account(all[i].Account.ID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (t *tx) ReactionsBy(a chat.AccountID, after chat.MessageID, limit int) ([]chat.GivenReaction, error) {
	return list(t, readGivenReaction, "SELECT message, emoji, account, at FROM reaction WHERE account = ? AND message > ? ORDER BY message, at, emoji"+limited,
		string(a), int64(after), limit)
}

func (t *tx) ReactionsTo(ids []chat.MessageID) (map[chat.MessageID][]chat.GivenReaction, error) {
	all := make(map[chat.MessageID][]chat.GivenReaction)
	for _, part := range messageParts(ids) {
		found, err := list(t, readGivenReaction, "SELECT message, emoji, account, at FROM reaction WHERE message IN (?"+strings.Repeat(", ?", len(part)-1)+") ORDER BY message, at, account, emoji", part...)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			all[r.Message] = append(all[r.Message], r)
		}
	}
	return all, nil
}

func readGivenReaction(scan scanFunc) (r chat.GivenReaction, err error) {
	err = scan(&r.Message, &r.Emoji, &r.Account, when{&r.At})
	return r, err
}

// reactions checks that withdrawn and removed messages have none, and that no message has too many.
func (v *verifier) reactions() error {
	for what, query := range map[string]string{
		"its message was withdrawn":               "SELECT DISTINCT r.message FROM reaction r JOIN message m ON m.id = r.message WHERE m.withdrawn_at IS NOT NULL",
		"its message has too many different ones": fmt.Sprintf("SELECT message FROM reaction GROUP BY message HAVING count(DISTINCT emoji) > %d", chat.MaxReactions),
	} {
		if err := v.readable("of reaction", v.findRows("reaction", what, query)); err != nil {
			return err
		}
	}
	return nil
}

// SetReacted does nothing where the account has no such chat.
func (t *tx) SetReacted(id chat.ConversationID, a chat.AccountID, m chat.MessageID) error {
	return ifThere(t.setMember(id, a, "UPDATE member SET reacted = ? WHERE conversation = ? AND account = ?", int64(m)))
}

// reactionMarks returns the latest reaction of another account to each of the messages, without the name of the
// account. It leaves out messages that have none any more.
func (t *tx) reactionMarks(to chat.AccountID, ids []int64) (map[chat.MessageID]*chat.ReactionMark, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	all := make(map[chat.MessageID]*chat.ReactionMark, len(ids))
	err := t.query(func(scan scanFunc) error {
		var m chat.ReactionMark
		err := scan(&m.Message, &m.Emoji, &m.By.ID, when{&m.At})
		all[m.Message] = &m
		return err
	}, `SELECT message, emoji, account, at FROM (
			SELECT message, emoji, account, at, row_number() OVER (PARTITION BY message ORDER BY at DESC, emoji, account) AS place
			FROM reaction WHERE `+t.conn.engine.among("message")+` AND account <> ?) AS r
		WHERE place = 1`, t.conn.engine.keys(ids), string(to))
	return all, err
}

// messageParts divides the ids of messages into the parameters of statements, of which there are two, as in wordParts.
func messageParts(ids []chat.MessageID) (parts [][]any) {
	const many = 100
	for len(ids) > 0 {
		n := 1
		if len(ids) > 2 {
			n = many
		}
		part := make([]any, n)
		for i := range part {
			part[i] = int64(ids[min(i, len(ids)-1)])
		}
		parts = append(parts, part)
		ids = ids[min(n, len(ids)):]
	}
	return parts
}
