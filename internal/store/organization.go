package store

import "parley/internal/chat"

const organizationColumns = "id, name, created_at"

func readOrganization(scan scanFunc) (o chat.Organization, err error) {
	err = scan(&o.ID, &o.Name, when{&o.CreatedAt})
	return o, err
}

func (t *tx) CreateOrganization(o chat.Organization) error {
	return t.insert("INSERT INTO organization ("+organizationColumns+") VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
		string(o.ID), o.Name, millis(o.CreatedAt))
}

func (t *tx) UpdateOrganization(o chat.Organization) error {
	return t.one("UPDATE organization SET name = ? WHERE id = ?", o.Name, string(o.ID))
}

// DeleteOrganization takes its members out first.
func (t *tx) DeleteOrganization(id chat.OrganizationID) error {
	t.cache.dropRelated()
	if _, err := t.exec("DELETE FROM organization_member WHERE organization = ?", string(id)); err != nil {
		return err
	}
	return t.one("DELETE FROM organization WHERE id = ?", string(id))
}

func (t *tx) Organization(id chat.OrganizationID) (chat.Organization, error) {
	return first(t, readOrganization, "SELECT "+organizationColumns+" FROM organization WHERE id = ?", string(id))
}

func (t *tx) Organizations(after chat.OrganizationID, limit int) ([]chat.Organization, error) {
	return list(t, readOrganization, "SELECT "+organizationColumns+" FROM organization WHERE id > ? ORDER BY id"+limited,
		string(after), limit)
}

func (t *tx) AddToOrganization(id chat.OrganizationID, accounts []chat.AccountID) error {
	t.cache.dropRelated()
	for _, a := range accounts {
		_, err := t.exec(`INSERT INTO organization_member (organization, account, place)
			VALUES (?, ?, COALESCE((SELECT place FROM account WHERE id = ? AND active = 1), '')) ON CONFLICT DO NOTHING`,
			string(id), string(a), string(a))
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) RemoveFromOrganization(id chat.OrganizationID, a chat.AccountID) (bool, error) {
	t.cache.dropRelated()
	n, err := t.exec("DELETE FROM organization_member WHERE organization = ? AND account = ?", string(id), string(a))
	return n > 0, err
}

func (t *tx) OrganizationMembers(id chat.OrganizationID, after chat.AccountID, limit int) ([]chat.Account, error) {
	return list(t, readAccount, `SELECT p.id, p.name, p.avatar, p.email, p.active, p.created_at
		FROM organization_member o JOIN account p ON p.id = o.account
		WHERE o.organization = ? AND o.account > ? ORDER BY o.account`+limited,
		string(id), string(after), limit)
}

func (t *tx) InOrganization(id chat.OrganizationID, a chat.AccountID) (bool, error) {
	return t.bool("SELECT EXISTS (SELECT 1 FROM organization_member WHERE organization = ? AND account = ?)", string(id), string(a))
}

func (t *tx) OrganizationsOf(a chat.AccountID) ([]chat.Organization, error) {
	return list(t, readOrganization, `SELECT g.id, g.name, g.created_at
		FROM organization_member o JOIN organization g ON g.id = o.organization
		WHERE o.account = ? ORDER BY g.id`, string(a))
}
