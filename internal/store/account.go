package store

import (
	"parley/internal/chat"
)

const accountColumns = "id, name, avatar, email, active, language, time_zone, bot, created_at, hides_reading, hides_activity"

// accountOf are the [accountColumns] of the table that is named p.
const accountOf = "p.id, p.name, p.avatar, p.email, p.active, p.language, p.time_zone, p.bot, p.created_at, p.hides_reading, p.hides_activity"

func accountFields(a *chat.Account) []any {
	return []any{&a.ID, &a.Name, address{&a.Avatar}, &a.Email, &a.Active, &a.Language, &a.TimeZone, &a.Bot, when{&a.CreatedAt}, &a.HidesReading, &a.HidesActivity}
}

func readAccount(scan scanFunc) (a chat.Account, err error) {
	err = scan(accountFields(&a)...)
	return a, err
}

func (t *tx) CreateAccount(a chat.Account) error {
	n := named(a)
	return t.insert("INSERT INTO account ("+accountColumns+", find, place) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		string(a.ID), a.Name, a.Avatar, a.Email, flag(a.Active), a.Language, a.TimeZone, flag(a.Bot), millis(a.CreatedAt), flag(a.HidesReading), flag(a.HidesActivity), n.Find, n.Place)
}

func (t *tx) UpdateAccount(a chat.Account) error {
	t.cache.accounts.drop(a.ID)
	n := named(a)
	if err := t.one("UPDATE account SET name = ?, avatar = ?, email = ?, active = ?, language = ?, time_zone = ?, hides_reading = ?, hides_activity = ?, find = ?, place = ? WHERE id = ?",
		a.Name, a.Avatar, a.Email, flag(a.Active), a.Language, a.TimeZone, flag(a.HidesReading), flag(a.HidesActivity), n.Find, n.Place, string(a.ID)); err != nil {
		return err
	}
	return t.placeMember(a, n.Place)
}

func (t *tx) Account(id chat.AccountID) (chat.Account, error) {
	return cached(&t.cache.accounts, id, func() (chat.Account, error) {
		return first(t, readAccount, "SELECT "+accountColumns+" FROM account WHERE id = ?", string(id))
	})
}

func (t *tx) Accounts(ids []chat.AccountID) (all []chat.Account, err error) {
	for _, id := range ids {
		a, err := t.Account(id)
		if err == chat.ErrNoRow {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

func (t *tx) AccountPage(after chat.AccountID, limit int) ([]chat.Account, error) {
	return list(t, readAccount, "SELECT "+accountColumns+" FROM account WHERE id > ? ORDER BY id"+limited, string(after), limit)
}

func (t *tx) AccountsByEmail(email string) ([]chat.Account, error) {
	return list(t, readAccount, "SELECT "+accountColumns+" FROM account WHERE "+t.conn.engine.sameEmail()+" AND email <> '' ORDER BY id", email)
}
