package store

import (
	"encoding/json"
	"fmt"

	"parley/internal/chat"
)

const invitationColumns = "id, hash, organization, role, group_ids, email, domain, uses, max_uses, creator, created_at, expires_at, revoked_at"

func readInvitation(scan scanFunc) (i chat.Invitation, err error) {
	var hash []byte
	var groups string
	err = scan(&i.ID, &hash, &i.Organization, &i.Role, &groups, &i.Email, &i.Domain, &i.Uses, &i.MaxUses, text[chat.AccountID]{&i.Creator},
		when{&i.CreatedAt}, when{&i.ExpiresAt}, when{&i.RevokedAt})
	if err != nil {
		return i, err
	}
	copy(i.Hash[:], hash)
	if groups == "[]" {
		return i, nil
	}
	if err := json.Unmarshal([]byte(groups), &i.Groups); err != nil {
		return i, fmt.Errorf("store: invitation %s: the groups are no JSON list", i.ID)
	}
	return i, nil
}

func (t *tx) CreateInvitation(i chat.Invitation) error {
	groups, err := jsonArray(i.Groups)
	if err != nil {
		return err
	}
	return t.insert("INSERT INTO invitation ("+invitationColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		string(i.ID), i.Hash[:], string(i.Organization), string(i.Role), groups, i.Email, i.Domain, i.Uses, i.MaxUses, orNull(i.Creator),
		millis(i.CreatedAt), millis(i.ExpiresAt), millis(i.RevokedAt))
}

// UpdateInvitation changes the fields that can change after an invitation was created.
func (t *tx) UpdateInvitation(i chat.Invitation) error {
	return t.one("UPDATE invitation SET uses = ?, revoked_at = ? WHERE id = ?", i.Uses, millis(i.RevokedAt), string(i.ID))
}

func (t *tx) Invitation(id chat.InvitationID) (chat.Invitation, error) {
	return first(t, readInvitation, "SELECT "+invitationColumns+" FROM invitation WHERE id = ?", string(id))
}

func (t *tx) InvitationByHash(hash [32]byte) (chat.Invitation, error) {
	return first(t, readInvitation, "SELECT "+invitationColumns+" FROM invitation WHERE hash = ?", hash[:])
}

func (t *tx) Invitations(of chat.OrganizationID, offset, limit int) ([]chat.Invitation, error) {
	return list(t, readInvitation, "SELECT "+invitationColumns+` FROM invitation WHERE organization = ?
		ORDER BY created_at DESC, id DESC`+limited+" OFFSET ?", string(of), limit, offset)
}
