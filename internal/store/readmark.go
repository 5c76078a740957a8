package store

import "parley/internal/chat"

// hidingOrganizations selects the organizations of an account that hide the reading of their members.
const hidingOrganizations = "SELECT 1 FROM organization_member o JOIN organization g ON g.id = o.organization WHERE g.hides_reading = 1 AND o.account = "

func (t *tx) HidesReading(id chat.AccountID) (bool, error) {
	a, err := t.Account(id)
	if err != nil || a.HidesReading || !a.Active {
		return true, ifThere(err)
	}
	return t.bool("SELECT EXISTS ("+hidingOrganizations+"?)", string(id))
}

// shownReaders returns the end of a query of the participants m of a conversation, with their accounts a, whose reading is shown.
func (t *tx) shownReaders() (string, error) {
	shown := ` FROM member m JOIN account a ON a.id = m.account
		WHERE m.conversation = ? AND m.left_at = 0 AND a.active = 1 AND a.hides_reading = 0`
	// Without such an organization, which is usual, nothing has to be looked up for each participant.
	some, err := t.bool("SELECT EXISTS (SELECT 1 FROM organization WHERE hides_reading = 1)")
	if some {
		shown += " AND NOT EXISTS (" + hidingOrganizations + "m.account)"
	}
	return shown, err
}

func (t *tx) ReadCursors(id chat.ConversationID) ([]chat.Cursors, error) {
	shown, err := t.shownReaders()
	if err != nil {
		return nil, err
	}
	return list(t, func(scan scanFunc) (c chat.Cursors, err error) {
		err = scan(&c.Joined, &c.Read, &c.Count)
		return c, err
	}, "SELECT m.join_seq, m.read_seq, count(*)"+shown+" GROUP BY m.join_seq, m.read_seq ORDER BY m.join_seq, m.read_seq", int64(id))
}

func (t *tx) Readers(id chat.ConversationID, author chat.AccountID, seq int64, read bool, offset, limit int) ([]chat.Account, error) {
	shown, err := t.shownReaders()
	if err != nil {
		return nil, err
	}
	side := " AND m.read_seq < ?"
	if read {
		side = " AND m.read_seq >= ?"
	}
	ids, err := list(t, readString[chat.AccountID], "SELECT a.id"+shown+" AND m.account <> ? AND m.join_seq < ?"+side+" ORDER BY a.place, a.id"+limited+" OFFSET ?",
		int64(id), string(author), seq, seq, limit, offset)
	if err != nil {
		return nil, err
	}
	return t.Accounts(ids)
}

func (t *tx) MarkedPlaces(id chat.ConversationID, from, to int64, limit int) ([]chat.MessagePlace, error) {
	return list(t, func(scan scanFunc) (p chat.MessagePlace, err error) {
		err = scan(&p.ID, &p.Seq, &p.From)
		return p, err
	}, `SELECT id, seq, sender FROM message WHERE conversation = ? AND seq >= ? AND seq <= ? AND system = 0 AND withdrawn_at IS NULL
		ORDER BY seq DESC`+limited, int64(id), from, to, limit)
}
