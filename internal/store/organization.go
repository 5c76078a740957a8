package store

import "parley/internal/chat"

const organizationColumns = "id, name, main, created_at, hides_reading, hides_activity"

func readOrganization(scan scanFunc) (o chat.Organization, err error) {
	err = scan(&o.ID, &o.Name, &o.Main, when{&o.CreatedAt}, &o.HidesReading, &o.HidesActivity)
	return o, err
}

func (t *tx) CreateOrganization(o chat.Organization) error {
	return t.insert("INSERT INTO organization ("+organizationColumns+") VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		string(o.ID), o.Name, flag(o.Main), millis(o.CreatedAt), flag(o.HidesReading), flag(o.HidesActivity))
}

func (t *tx) UpdateOrganization(o chat.Organization) error {
	return t.one("UPDATE organization SET name = ?, main = ?, hides_reading = ?, hides_activity = ? WHERE id = ?", o.Name, flag(o.Main), flag(o.HidesReading), flag(o.HidesActivity), string(o.ID))
}

// DeleteOrganization deletes the rows that refer to the organization first.
func (t *tx) DeleteOrganization(id chat.OrganizationID) error {
	t.cache.dropRelated()
	for _, statement := range []string{
		"DELETE FROM organization_member WHERE organization = ?",
		"DELETE FROM invitation WHERE organization = ?",
		"DELETE FROM retention WHERE scope = 'organization' AND id = ?",
	} {
		if _, err := t.exec(statement, string(id)); err != nil {
			return err
		}
	}
	return t.one("DELETE FROM organization WHERE id = ?", string(id))
}

func (t *tx) Organization(id chat.OrganizationID) (chat.Organization, error) {
	return first(t, readOrganization, "SELECT "+organizationColumns+" FROM organization WHERE id = ?", string(id))
}

func (t *tx) MainOrganization() (chat.Organization, error) {
	return first(t, readOrganization, "SELECT "+organizationColumns+" FROM organization WHERE main = 1")
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
	return list(t, readAccount, "SELECT "+accountOf+`
		FROM organization_member o JOIN account p ON p.id = o.account
		WHERE o.organization = ? AND o.account > ? ORDER BY o.account`+limited,
		string(id), string(after), limit)
}

func (t *tx) InOrganization(id chat.OrganizationID, a chat.AccountID) (bool, error) {
	return t.bool("SELECT EXISTS (SELECT 1 FROM organization_member WHERE organization = ? AND account = ?)", string(id), string(a))
}

func (t *tx) OrganizationsOf(a chat.AccountID) ([]chat.Organization, error) {
	return list(t, readOrganization, `SELECT g.id, g.name, g.main, g.created_at, g.hides_reading, g.hides_activity
		FROM organization_member o JOIN organization g ON g.id = o.organization
		WHERE o.account = ? ORDER BY g.id`, string(a))
}

func (t *tx) OrganizationRole(id chat.OrganizationID, a chat.AccountID) (chat.OrganizationRole, error) {
	return first(t, readString[chat.OrganizationRole], "SELECT role FROM organization_member WHERE organization = ? AND account = ?",
		string(id), string(a))
}

func (t *tx) SetOrganizationRole(id chat.OrganizationID, a chat.AccountID, role chat.OrganizationRole) error {
	t.cache.dropRelated()
	return t.one("UPDATE organization_member SET role = ? WHERE organization = ? AND account = ?", string(role), string(id), string(a))
}

func (t *tx) RolesOf(a chat.AccountID) (map[chat.OrganizationID]chat.OrganizationRole, error) {
	roles := make(map[chat.OrganizationID]chat.OrganizationRole)
	err := t.query(func(scan scanFunc) error {
		var id chat.OrganizationID
		var role chat.OrganizationRole
		err := scan(&id, &role)
		roles[id] = role
		return err
	}, "SELECT organization, role FROM organization_member WHERE account = ?", string(a))
	return roles, err
}

func (t *tx) Owners(id chat.OrganizationID) ([]chat.AccountID, error) {
	return list(t, readString[chat.AccountID], `SELECT o.account FROM organization_member o JOIN account a ON a.id = o.account
		WHERE o.organization = ? AND o.role = 'owner' AND a.active = 1 ORDER BY o.account`, string(id))
}
