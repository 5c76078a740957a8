package chat

import (
	"context"
	"errors"
	"slices"
)

// OrganizationRole is the role of a person in an organization. Owners and administrators of the main
// organization also administer the server.
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
	// OrganizationGuest is a colleague of nobody. A guest sees and reaches only the guest's own
	// groups and contacts.
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

// colleague reports whether a person with the role is a colleague of the other members. The zero role
// is that of a person outside of the organization.
func (r OrganizationRole) colleague() bool { return r != "" && r != OrganizationGuest }

func checkRole(role OrganizationRole) error {
	if !slices.Contains(OrganizationRoles, role) {
		return Invalid("role", "must be owner, administrator, member or guest")
	}
	return nil
}

// roleIn returns the role of the account; zero: it is not in the organization.
func roleIn(tx Tx, id OrganizationID, a AccountID) (OrganizationRole, error) {
	role, err := tx.OrganizationRole(id, a)
	if errors.Is(err, ErrNoRow) {
		return "", nil
	}
	return role, err
}

// SetOrganizationRole gives a member of an organization another role. Administrators only; only owners
// give or take the role of an owner. The zero Actor is the operator. [ErrNotFound]: the account is
// not in the organization. The last owner keeps the role, and so does the last one who can sign in. If there is no main organization, the
// first organization with an owner becomes the main one. [ErrSignInAgain]: the role is owner or
// administrator, and the session is not fresh; see [Service.FreshUntil].
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
	if err := s.provenToGive(ctx, tx, by, role); err != nil {
		return err
	}
	if old == OrganizationOwner {
		if err := s.keepOwner(tx, id, a, "role"); err != nil {
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
	if old == OrganizationGuest || role == OrganizationGuest {
		tx.Publish(AvailabilityChanged{[]AccountID{a}})
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

// keepOwner returns an [InvalidError] if the account is the last active owner of the organization, or the
// last owner of the main organization who can sign in. field is the field of the request that would end this.
func (s *Service) keepOwner(tx Tx, id OrganizationID, a AccountID, field string) error {
	owners, err := tx.Owners(id)
	if err != nil || !slices.Contains(owners, a) {
		return err
	}
	if len(owners) == 1 {
		return invalidFor(field, ReasonLastOwner, "is that of the last owner of the organization")
	}
	main, err := tx.MainOrganization()
	if err != nil || main.ID != id {
		return or(err, nil)
	}
	return s.keepWay(tx, Account{ID: a}, field)
}

// keepWay returns an [InvalidError] if no owner of the main organization can sign in after a change of one of
// them, but one could before. changed is the account after the change; it is not active if it will be no owner.
func (s *Service) keepWay(tx Tx, changed Account, field string) error {
	main, err := tx.MainOrganization()
	if err != nil {
		return or(err, nil)
	}
	if role, err := roleIn(tx, main.ID, changed.ID); err != nil || role != OrganizationOwner {
		return err
	}
	stored, err := tx.Settings()
	if err != nil {
		return err
	}
	ways := signingIn{values: s.values(stored)}
	if ways.apps, err = tx.Applications(); err != nil {
		return err
	}
	could, err := s.ownerCanSignIn(tx, ways)
	if err != nil || !could {
		return err
	}
	ways.changed = changed
	can, err := s.ownerCanSignIn(tx, ways)
	if err == nil && !can {
		err = invalidFor(field, ReasonNoWay, "must leave a way by which an owner can sign in")
	}
	return err
}

// keepOwners calls keepOwner for all organizations of the account.
func (s *Service) keepOwners(tx Tx, a AccountID, field string) error {
	roles, err := tx.RolesOf(a)
	if err != nil {
		return err
	}
	for id, role := range roles {
		if role != OrganizationOwner {
			continue
		}
		if err := s.keepOwner(tx, id, a, field); err != nil {
			return err
		}
	}
	return nil
}
