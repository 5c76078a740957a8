package chat

import (
	"context"
	"slices"
	"time"
)

// OrganizationID identifies an organization: a GUID string.
type OrganizationID string

// Organization is a company or team. Its members, except guests, are each other's contacts.
type Organization struct {
	ID        OrganizationID
	Name      string
	Main      bool // its owners and administrators administer the server; at most one organization
	CreatedAt time.Time

	HidesReading  bool // of all members; see [ReadMark]
	HidesActivity bool // of all members; see [ActivityTx]
}

// OrganizationPatch changes the fields that are not nil.
type OrganizationPatch struct {
	Name          *string
	HidesReading  *bool
	HidesActivity *bool
}

// CreateOrganization stores a new organization. The ID is made when it is
// empty. The first one is the main organization. [ErrConflict]: the id is taken.
func (s *Service) CreateOrganization(ctx context.Context, o Organization) (Organization, error) {
	if o.ID == "" {
		o.ID = OrganizationID(newID())
	} else if err := checkNewID("id", o.ID); err != nil {
		return Organization{}, err
	}
	var err error
	if o.Name, err = s.cleanName("name", o.Name); err != nil {
		return Organization{}, err
	}
	o.CreatedAt = s.now()
	return update(ctx, s, func(tx Tx) (Organization, error) {
		o, err := createOrganization(tx, o)
		if err != nil {
			return Organization{}, err
		}
		return o, s.record(ctx, tx, onOrganization(AuditOrganizationMade, o.ID).with("name", o.Name))
	})
}

func createOrganization(tx Tx, o Organization) (Organization, error) {
	others, err := tx.Organizations("", 1)
	if err != nil {
		return Organization{}, err
	}
	o.Main = len(others) == 0
	return o, orConflict(tx.CreateOrganization(o))
}

// UpdateOrganization changes an organization.
func (s *Service) UpdateOrganization(ctx context.Context, id OrganizationID, p OrganizationPatch) (Organization, error) {
	if p.Name != nil {
		name, err := s.cleanName("name", *p.Name)
		if err != nil {
			return Organization{}, err
		}
		p.Name = &name
	}
	return update(ctx, s, func(tx Tx) (Organization, error) { return s.changeOrganization(ctx, tx, id, p) })
}

// AdministerOrganization is UpdateOrganization for administrators of the server, who cannot change the name. Administrators only.
func (s *Service) AdministerOrganization(ctx context.Context, by Actor, id OrganizationID, p OrganizationPatch) (Organization, error) {
	p.Name = nil
	return update(ctx, s, func(tx Tx) (Organization, error) {
		if _, err := administrator(tx, by); err != nil {
			return Organization{}, err
		}
		return s.changeOrganization(ctx, tx, id, p)
	})
}

func (s *Service) changeOrganization(ctx context.Context, tx Tx, id OrganizationID, p OrganizationPatch) (Organization, error) {
	o, err := tx.Organization(id)
	if err != nil {
		return Organization{}, or(err, ErrNotFound)
	}
	old := o
	setIf(&o.Name, p.Name)
	setIf(&o.HidesReading, p.HidesReading)
	setIf(&o.HidesActivity, p.HidesActivity)
	if o == old {
		return o, nil
	}
	if err := tx.UpdateOrganization(o); err != nil {
		return Organization{}, err
	}
	e := onOrganization(AuditOrganizationNamed, id)
	if old.Name != o.Name {
		e = e.with("name", old.Name+" → "+o.Name)
	}
	if old.HidesReading != o.HidesReading {
		e = e.with("readMarks", onUnless(o.HidesReading))
		tx.Publish(ReadersChanged{})
	}
	if old.HidesActivity != o.HidesActivity {
		e = e.with("activity", onUnless(o.HidesActivity))
		tx.Publish(AvailabilityChanged{})
	}
	return o, s.record(ctx, tx, e)
}

// publishMoved publishes [ReadersChanged] when accounts have joined or left an organization that hides the reading of its members.
func publishMoved(tx Tx, o Organization) {
	if o.HidesReading {
		tx.Publish(ReadersChanged{})
	}
}

func onUnless(hidden bool) string {
	if hidden {
		return "off"
	}
	return "on"
}

// DeleteOrganization removes an organization and the invitations to it. Its members stay accounts, but
// are no longer each other's contacts through it. It is refused while an
// application is bound to the organization. [ErrMainOrganization]: it is the main one.
func (s *Service) DeleteOrganization(ctx context.Context, id OrganizationID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		o, err := tx.Organization(id)
		if err != nil {
			return or(err, ErrNotFound)
		}
		if o.Main {
			return ErrMainOrganization
		}
		all, err := tx.Applications()
		if err != nil {
			return err
		}
		if slices.ContainsFunc(all, func(a Application) bool { return a.Organization == id }) {
			return Invalid("organization", "has applications that are bound to it")
		}
		if err := tx.DeleteOrganization(id); err != nil {
			return err
		}
		publishMoved(tx, o)
		tx.Publish(AvailabilityChanged{})
		return s.record(ctx, tx, onOrganization(AuditOrganizationGone, id))
	})
}

// Organization returns the organization with the id, or [ErrNotFound].
func (s *Service) Organization(ctx context.Context, id OrganizationID) (Organization, error) {
	return view(ctx, s, func(tx Tx) (Organization, error) {
		o, err := tx.Organization(id)
		return o, or(err, ErrNotFound)
	})
}

// Organizations pages through all organizations by id.
func (s *Service) Organizations(ctx context.Context, after OrganizationID, limit int) ([]Organization, error) {
	return view(ctx, s, func(tx Tx) ([]Organization, error) {
		return tx.Organizations(after, s.page(limit))
	})
}

// AddToOrganization makes the accounts members. Existing members stay members.
func (s *Service) AddToOrganization(ctx context.Context, id OrganizationID, accounts []AccountID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		o, err := tx.Organization(id)
		if err != nil {
			return or(err, ErrNotFound)
		}
		members, err := s.accounts(tx, "accounts", accounts)
		if err != nil {
			return err
		}
		if len(members) == 0 {
			return Invalid("accounts", "is required")
		}
		var joining []AccountID
		for _, a := range accountIDs(members) {
			in, err := tx.InOrganization(id, a)
			if err != nil {
				return err
			}
			if !in {
				joining = append(joining, a)
			}
		}
		if len(joining) == 0 {
			return nil
		}
		if err := tx.AddToOrganization(id, joining); err != nil {
			return err
		}
		publishMoved(tx, o)
		tx.Publish(AvailabilityChanged{joining})
		return s.record(ctx, tx, onOrganization(AuditOrganizationJoined, id).withAccounts(joining))
	})
}

// RemoveFromOrganization ends a membership; [ErrNotFound] when there is none. The last
// owner stays, and so does the last owner of the main organization who can sign in.
func (s *Service) RemoveFromOrganization(ctx context.Context, id OrganizationID, a AccountID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		o, err := tx.Organization(id)
		if err != nil {
			return or(err, ErrNotFound)
		}
		if err := s.keepOwner(tx, id, a, "account"); err != nil {
			return err
		}
		removed, err := tx.RemoveFromOrganization(id, a)
		if err == nil && !removed {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		publishMoved(tx, o)
		tx.Publish(AvailabilityChanged{[]AccountID{a}})
		return s.record(ctx, tx, onAccount(AuditOrganizationLeft, a).with("organization", string(id)))
	})
}

// OrganizationMembers pages through the members by id.
func (s *Service) OrganizationMembers(ctx context.Context, id OrganizationID, after AccountID, limit int) ([]Account, error) {
	return view(ctx, s, func(tx Tx) ([]Account, error) {
		if _, err := tx.Organization(id); err != nil {
			return nil, or(err, ErrNotFound)
		}
		return tx.OrganizationMembers(id, after, s.page(limit))
	})
}
