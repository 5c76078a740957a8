package chat

import (
	"context"
	"errors"
	"time"
)

// AdministrationTx is the part of [Tx] for the administration.
type AdministrationTx interface {
	AccountDetail(AccountID) (Detail, error)
	SetAccountDetail(AccountID, Detail) error
	People(FindPeople) ([]PersonRow, error) // in the order of a directory
	CountPeople(main OrganizationID) (PeopleCount, error)
	LastSeen(AccountID) (time.Time, error) // of its access tokens; zero: never

	Groups(FindGroups) ([]GroupRow, error) // newest first
	GroupsCreatedBy(AccountID) ([]GroupID, error)
	CountGroups() (GroupCount, error)

	// CountDay counts messages and uploads of people from one time up to another.
	CountDay(from, to time.Time) (DayCount, error)
	LiveTokens(FindTokens) ([]Token, error) // newest first
}

// admin is a caller who may administer the server.
type admin struct {
	Actor
	owner bool           // also has the rights that only owners have
	main  OrganizationID // the main organization; empty: there is none
}

// administrator returns the caller as an administrator, or [ErrForbidden]:
//
//  1. Without an account and an application it is the operator of the server.
//  2. Without an account it is an application that calls the host API. It must have
//     [ScopeAdministration] and must not be bound to an organization. Such an application
//     counts as an owner.
//  3. An account must be active, and an owner or an administrator of the main organization. It
//     must not use an application that is bound to another organization: the owner of that
//     application's signing key could sign in as everybody who is in both organizations.
func administrator(tx Tx, by Actor) (admin, error) {
	app := Application{}
	if by.App != "" {
		var err error
		if app, err = tx.Application(by.App); err != nil {
			return admin{}, or(err, ErrForbidden)
		}
		if !app.DisabledAt.IsZero() {
			return admin{}, ErrForbidden
		}
	}
	main, err := tx.MainOrganization()
	if err != nil && !errors.Is(err, ErrNoRow) {
		return admin{}, err
	}
	if by.Account == "" {
		if by.App == "" {
			return admin{by, true, main.ID}, nil
		}
		if app.Organization != "" {
			return admin{}, ErrForbidden
		}
		return admin{by, true, main.ID}, app.RequireScopes(ScopeAdministration)
	}
	if main.ID == "" || app.Organization != "" && app.Organization != main.ID {
		return admin{}, ErrForbidden
	}
	if _, err := caller(tx, by); errors.Is(err, ErrSenderNotFound) {
		return admin{}, ErrForbidden
	} else if err != nil {
		return admin{}, err
	}
	role, err := roleIn(tx, main.ID, by.Account)
	if err != nil {
		return admin{}, err
	}
	if !role.administers() {
		return admin{}, ErrForbidden
	}
	return admin{by, role == OrganizationOwner, main.ID}, nil
}

// MayAdminister returns [ErrForbidden], or a [*ScopeError] for an application, if the caller
// does not administer the server. Every administrative call checks the same again in its
// transaction.
func (s *Service) MayAdminister(ctx context.Context, by Actor) error {
	return s.store.View(ctx, func(tx Tx) error {
		_, err := administrator(tx, by)
		return err
	})
}

// AdminAccess describes the rights of a caller in the administration.
type AdminAccess struct {
	Role         OrganizationRole // in the main organization; empty: a host system
	Owner        bool             // has the rights of an owner
	Organization Organization     // the main one; zero: there is none
}

// AdminAccess returns the rights of the caller. Administrators only.
func (s *Service) AdminAccess(ctx context.Context, by Actor) (AdminAccess, error) {
	return view(ctx, s, func(tx Tx) (a AdminAccess, err error) {
		who, err := administrator(tx, by)
		if err != nil {
			return a, err
		}
		a.Owner = who.owner
		if a.Organization, err = tx.MainOrganization(); err != nil {
			return a, or(err, nil)
		}
		if by.Account != "" {
			a.Role, err = roleIn(tx, who.main, by.Account)
		}
		return a, err
	})
}

type guardKey struct{}

// administering returns a context for one call of the service. The transaction of the call
// begins with the check of the administrator, and with the further check if it is not nil. The
// audit log names the administrator.
func (s *Service) administering(ctx context.Context, by Actor, check func(Tx, admin) error) context.Context {
	o := OriginOf(ctx)
	o.Account, o.App = by.Account, by.App
	ctx = WithOrigin(ctx, o)
	return context.WithValue(ctx, guardKey{}, func(tx Tx) error {
		who, err := administrator(tx, by)
		if err != nil || check == nil {
			return err
		}
		return check(tx, who)
	})
}

// guarded returns fn behind the check of [Service.administering].
func guarded(ctx context.Context, fn func(Tx) error) func(Tx) error {
	check, ok := ctx.Value(guardKey{}).(func(Tx) error)
	if !ok {
		return fn
	}
	return func(tx Tx) error {
		if err := check(tx); err != nil {
			return err
		}
		return fn(tx)
	}
}

// mayChange returns [ErrForbidden] if the account is an owner and the caller is not.
func (a admin) mayChange(tx Tx, id AccountID) error {
	if a.owner {
		return nil
	}
	role, err := roleIn(tx, a.main, id)
	if err == nil && role == OrganizationOwner {
		err = ErrForbidden
	}
	return err
}

// onlyOwners is the check for calls that give the same power as the role of an owner.
func onlyOwners(_ Tx, by admin) error {
	if !by.owner {
		return ErrForbidden
	}
	return nil
}

// proven returns [ErrSignInAgain] if the caller is a person whose session did not begin with a recent
// sign-in. It guards the calls with which the thief of a session could keep the access, and those that remove what only
// a backup restores. Host systems and the operator have no session and need no proof.
func (a admin) proven(ctx context.Context, s *Service, tx Tx) error {
	if a.Account == "" {
		return nil
	}
	until, err := s.freshUntil(tx, Identity{Account: Account{ID: a.Account}, Session: OriginOf(ctx).Session})
	if err == nil && until.IsZero() {
		err = ErrSignInAgain
	}
	return err
}

// provenFor is [admin.proven] for changes of how the account signs in. It needs a proof for the
// caller's own account and for owners and administrators.
func (s *Service) provenFor(ctx context.Context, tx Tx, by admin, id AccountID) error {
	if by.Account == "" {
		return nil
	}
	if id != by.Account {
		role, err := roleIn(tx, by.main, id)
		if err != nil || !role.administers() {
			return err
		}
	}
	return by.proven(ctx, s, tx)
}

// provenToGive is [admin.proven] for a role that somebody gets. It needs a proof for the roles that
// administer the server.
func (s *Service) provenToGive(ctx context.Context, tx Tx, by admin, role OrganizationRole) error {
	if !role.administers() {
		return nil
	}
	return by.proven(ctx, s, tx)
}

// onlyProvenOwners is [onlyOwners] with [admin.proven].
func (s *Service) onlyProvenOwners(ctx context.Context) func(Tx, admin) error {
	return func(tx Tx, by admin) error {
		if err := onlyOwners(tx, by); err != nil {
			return err
		}
		return by.proven(ctx, s, tx)
	}
}

// mayChangeSignIn is the check for calls that change how the account signs in.
func (s *Service) mayChangeSignIn(ctx context.Context, id AccountID) func(Tx, admin) error {
	return func(tx Tx, by admin) error {
		if err := by.mayChange(tx, id); err != nil {
			return err
		}
		return s.provenFor(ctx, tx, by, id)
	}
}

// mayChangeAccount is the check for calls that change the account.
func mayChangeAccount(id AccountID) func(Tx, admin) error {
	return func(tx Tx, by admin) error { return by.mayChange(tx, id) }
}
