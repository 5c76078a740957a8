package chat

import (
	"context"
	"errors"
	"slices"
)

// OrganizationRole is what a person may do in an organization. The role in the main
// organization also decides about the administration of the server.
type OrganizationRole string

// The roles in an organization.
const (
	// OrganizationOwner may do everything, also change owners and create applications
	// that call the host API.
	OrganizationOwner OrganizationRole = "owner"
	// OrganizationAdministrator administers everybody except owners.
	OrganizationAdministrator OrganizationRole = "administrator"
	// OrganizationMember is a colleague of all others except guests.
	OrganizationMember OrganizationRole = "member"
	// OrganizationGuest is a colleague of nobody: a guest sees and reaches the groups that
	// the guest is in and the people who became a contact of the guest, no others.
	OrganizationGuest OrganizationRole = "guest"
)

// OrganizationRoles are all of them, from the most powerful one to the least.
var OrganizationRoles = []OrganizationRole{
	OrganizationOwner, OrganizationAdministrator, OrganizationMember, OrganizationGuest,
}

// administers reports whether somebody with the role takes part in the administration.
func (r OrganizationRole) administers() bool {
	return r == OrganizationOwner || r == OrganizationAdministrator
}

// colleague reports whether the organization opens its members to somebody with the role.
// The zero role is that of somebody who is not in it.
func (r OrganizationRole) colleague() bool { return r != "" && r != OrganizationGuest }

func checkRole(role OrganizationRole) error {
	if !slices.Contains(OrganizationRoles, role) {
		return Invalid("role", "must be owner, administrator, member or guest")
	}
	return nil
}

// roleIn returns the zero role for an account that is not in the organization.
func roleIn(tx Tx, id OrganizationID, a AccountID) (OrganizationRole, error) {
	role, err := tx.OrganizationRole(id, a)
	if errors.Is(err, ErrNoRow) {
		return "", nil
	}
	return role, err
}

// SetOrganizationRole gives a member of an organization another role. An account must be an
// administrator of the server for it, and an owner where the role of an owner is given or
// taken ([ErrForbidden]). The zero Actor is the operator. [ErrNotFound]: the account is not
// in the organization. The last owner stays one. If there is no main organization, the
// organization that the operator gives an owner becomes it.
func (s *Service) SetOrganizationRole(ctx context.Context, by Actor, id OrganizationID, a AccountID, role OrganizationRole) error {
	if err := checkRole(role); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		admin, err := administrator(tx, by)
		if err != nil {
			return err
		}
		return s.setRole(ctx, tx, admin, id, a, role)
	})
}

func (s *Service) setRole(ctx context.Context, tx Tx, by admin, id OrganizationID, a AccountID, role OrganizationRole) error {
	old, err := tx.OrganizationRole(id, a)
	if err != nil {
		return or(err, ErrNotFound)
	}
	if (old == OrganizationOwner || role == OrganizationOwner) && !by.owner {
		return ErrForbidden
	}
	if old == role {
		return nil
	}
	if old == OrganizationOwner {
		if err := keepOwner(tx, id, a, "role"); err != nil {
			return err
		}
	}
	if role == OrganizationOwner {
		if err := makeMain(tx, id); err != nil {
			return err
		}
	}
	if err := tx.SetOrganizationRole(id, a, role); err != nil {
		return err
	}
	e := onAccount(AuditRoleChanged, a).with("from", string(old)).with("to", string(role)).with("organization", string(id))
	e.Actor, e.App = by.Account, by.App
	return s.record(ctx, tx, e)
}

// makeMain makes the organization the main one if there is none.
func makeMain(tx Tx, id OrganizationID) error {
	_, err := tx.MainOrganization()
	if !errors.Is(err, ErrNoRow) {
		return err
	}
	o, err := tx.Organization(id)
	if err != nil {
		return err
	}
	o.Main = true
	return tx.UpdateOrganization(o)
}

// keepOwner refuses to end the role of the last active owner of an organization. field
// names what ends it.
func keepOwner(tx Tx, id OrganizationID, a AccountID, field string) error {
	owners, err := tx.Owners(id)
	if err == nil && len(owners) == 1 && owners[0] == a {
		err = Invalid(field, "is that of the last owner of the organization")
	}
	return err
}

// keepOwners is keepOwner for all organizations of the account.
func keepOwners(tx Tx, a AccountID, field string) error {
	roles, err := tx.RolesOf(a)
	if err != nil {
		return err
	}
	for id, role := range roles {
		if role != OrganizationOwner {
			continue
		}
		if err := keepOwner(tx, id, a, field); err != nil {
			return err
		}
	}
	return nil
}
