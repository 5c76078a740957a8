package store

import "parley/internal/chat"

const requestColumns = "id, sender, receiver, message, state, at, told_at, answered_at"

func readRequest(scan scanFunc) (r chat.FriendRequest, err error) {
	err = scan(&r.ID, &r.From, &r.To, &r.Message, &r.State, when{&r.At}, when{&r.ToldAt}, when{&r.AnsweredAt})
	return r, err
}

func (t *tx) SaveFriendRequest(r chat.FriendRequest) error {
	return t.one("INSERT INTO friend_request ("+requestColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET message = excluded.message, state = excluded.state, at = excluded.at,
			told_at = excluded.told_at, answered_at = excluded.answered_at`,
		string(r.ID), string(r.From), string(r.To), r.Message, int64(r.State), millis(r.At), millis(r.ToldAt), millis(r.AnsweredAt))
}

func (t *tx) FriendRequest(id chat.RequestID) (chat.FriendRequest, error) {
	return first(t, readRequest, "SELECT "+requestColumns+" FROM friend_request WHERE id = ?", string(id))
}

func (t *tx) FriendRequestBetween(from, to chat.AccountID) (chat.FriendRequest, error) {
	return first(t, readRequest, "SELECT "+requestColumns+" FROM friend_request WHERE sender = ? AND receiver = ?",
		string(from), string(to))
}

func (t *tx) FriendRequests(of chat.AccountID, offset, limit int) ([]chat.FriendRequest, error) {
	return list(t, readRequest, "SELECT "+requestColumns+` FROM friend_request
		WHERE (sender = ? OR receiver = ?) AND state <> ? ORDER BY at DESC, id`+limited+" OFFSET ?",
		string(of), string(of), int64(chat.RequestTakenBack), limit, offset)
}

func (t *tx) CountFriendRequests(from chat.AccountID) (int, error) {
	n, err := t.int("SELECT count(*) FROM friend_request WHERE sender = ? AND state = ?", string(from), int64(chat.RequestWaiting))
	return int(n), err
}
