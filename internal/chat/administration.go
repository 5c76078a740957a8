package chat

import "errors"

// admin is a caller who may administer the server.
type admin struct {
	Actor
	owner bool // may also change owners, and what is as powerful as they are
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
	}
	if by.Account == "" {
		if by.App == "" {
			return admin{by, true}, nil
		}
		if app.Organization != "" {
			return admin{}, ErrForbidden
		}
		return admin{by, true}, app.RequireScopes(ScopeAdministration)
	}
	main, err := tx.MainOrganization()
	if err != nil {
		return admin{}, or(err, ErrForbidden)
	}
	if app.Organization != "" && app.Organization != main.ID {
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
	return admin{by, role == OrganizationOwner}, nil
}
