package store

import (
	"strings"
	"time"

	"parley/internal/chat"
)

func (t *tx) SetFriends(a, b chat.AccountID, at time.Time) error {
	t.cache.related.drop(newPair(a, b))
	for _, side := range [...][2]chat.AccountID{{a, b}, {b, a}} {
		_, err := t.exec("INSERT INTO friendship (account, friend, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
			string(side[0]), string(side[1]), millis(at))
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) RemoveFriends(a, b chat.AccountID) (bool, error) {
	t.cache.related.drop(newPair(a, b))
	n, err := t.exec("DELETE FROM friendship WHERE account = ? AND friend = ? OR account = ? AND friend = ?",
		string(a), string(b), string(b), string(a))
	return n > 0, err
}

func (t *tx) AreFriends(a, b chat.AccountID) (bool, error) {
	return t.bool("SELECT EXISTS (SELECT 1 FROM friendship WHERE account = ? AND friend = ?)", string(a), string(b))
}

func (t *tx) Friends(of, after chat.AccountID, limit int) ([]chat.Account, error) {
	return list(t, readAccount, "SELECT "+accountOf+`
		FROM friendship f JOIN account p ON p.id = f.friend
		WHERE f.account = ? AND f.friend > ? ORDER BY f.friend`+limited,
		string(of), string(after), limit)
}

func (t *tx) RelatedAccounts(a, b chat.AccountID) (bool, error) {
	return cached(&t.cache.related, newPair(a, b), func() (bool, error) {
		return t.bool("SELECT "+related("?"), string(b), string(a), string(b), string(a))
	})
}

// related is an expression for whether an account, which is its first and its last parameter, and another one are friends or in one
// organization.
func related(other string) string {
	return "(EXISTS (SELECT 1 FROM colleague y WHERE y.account = " + other + " AND y.organization IN (SELECT organization FROM colleague WHERE account = ?)) " +
		"OR EXISTS (SELECT 1 FROM friendship f WHERE f.friend = " + other + " AND f.account = ?))"
}

func (t *tx) Contacts(of chat.AccountID, query string, offset, limit int) ([]chat.Account, error) {
	pattern := containing(query)
	lower := t.conn.engine.lower
	return list(t, readAccount, "SELECT "+accountColumns+` FROM account
		WHERE id IN (
			SELECT friend FROM friendship WHERE account = ?
			UNION SELECT y.account FROM colleague x JOIN colleague y ON y.organization = x.organization
				WHERE x.account = ?)
		AND id <> ? AND active = 1
		AND (? = '%%' OR `+lower("name")+` LIKE ? ESCAPE '\' OR `+lower("email")+` LIKE ? ESCAPE '\')
		ORDER BY name, id`+limited+" OFFSET ?",
		string(of), string(of), string(of), pattern, pattern, pattern, limit, offset)
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// containing returns the pattern for texts that contain s, for use with lower().
func containing(s string) string {
	return "%" + likeEscaper.Replace(strings.ToLower(s)) + "%"
}
