package chat

import (
	"context"
	"slices"
	"time"
)

// AdminApplications lists every application. Administrators only.
func (s *Service) AdminApplications(ctx context.Context, by Actor) ([]Application, error) {
	return view(ctx, s, func(tx Tx) ([]Application, error) {
		if _, err := administrator(tx, by); err != nil {
			return nil, err
		}
		return s.applications(tx)
	})
}

// grantor returns the application whose scopes limit those that a call can grant. A call of a person
// has no such limit.
func (by Actor) grantor() AppID {
	if by.Account != "" {
		return ""
	}
	return by.App
}

// AdminCreateApplication registers an application; see [Service.CreateApplication]. Administrators
// only. An application of kind [AppServer] can change owners, so only owners register one.
// [ErrSignInAgain]: it is of this kind, and the session is not fresh; see [Service.FreshUntil].
func (s *Service) AdminCreateApplication(ctx context.Context, by Actor, a Application) (WithSecret, error) {
	check := func(tx Tx, who admin) error {
		if a.Kind == AppServer {
			return s.onlyProvenOwners(ctx)(tx, who)
		}
		return nil
	}
	return s.CreateApplication(s.administering(ctx, by, check), by.grantor(), a)
}

// AdminUpdateApplication changes an application; see [Service.UpdateApplication]. Administrators
// only. Only owners change an application of kind [AppServer]. A caller cannot disable the
// application that it uses. [ErrSignInAgain]: the application gets another scope, or is enabled again and calls the host
// API or has a signing key, and the session is not fresh; see [Service.FreshUntil].
func (s *Service) AdminUpdateApplication(ctx context.Context, by Actor, ref AppID, p ApplicationPatch) (Application, error) {
	check := func(tx Tx, who admin) error {
		if err := mayChangeApplication(ref)(tx, who); err != nil {
			return err
		}
		a, err := applicationBy(tx, ref)
		if err == nil && p.Disabled != nil && *p.Disabled && a.ID == by.App {
			err = errOwnApplication
		}
		enabled := p.Disabled != nil && !*p.Disabled && !a.DisabledAt.IsZero() && (a.Kind == AppServer || len(a.SigningKeys) > 0)
		if err == nil && (enabled || p.Scopes != nil && addsScope(a.Scopes, *p.Scopes)) {
			err = who.proven(ctx, s, tx)
		}
		return err
	}
	return s.UpdateApplication(s.administering(ctx, by, check), by.grantor(), ref, p)
}

// addsScope reports whether there is a scope in now that is not in before.
func addsScope(before, now []Scope) bool {
	return slices.ContainsFunc(now, func(scope Scope) bool { return !slices.Contains(before, scope) })
}

// mayChangeApplication is the check for calls that change the application.
func mayChangeApplication(ref AppID) func(Tx, admin) error {
	return func(tx Tx, who admin) error {
		a, err := applicationBy(tx, ref)
		if err != nil {
			return or(err, ErrNotFound)
		}
		if a.Kind == AppServer {
			return onlyOwners(tx, who)
		}
		return nil
	}
}

// AdminRotateSecret gives an application a new secret; see [Service.RotateSecret]. Owners with a
// fresh session only ([ErrSignInAgain]; see [Service.FreshUntil]).
func (s *Service) AdminRotateSecret(ctx context.Context, by Actor, ref AppID, overlap time.Duration) (WithSecret, error) {
	return s.RotateSecret(s.administering(ctx, by, s.onlyProvenOwners(ctx)), by.grantor(), ref, overlap)
}

// AdminRotateSigningKey gives an application a new signing key; see [Service.RotateSigningKey].
// The key can sign in every account. Owners with a fresh session only, as for a secret.
func (s *Service) AdminRotateSigningKey(ctx context.Context, by Actor, ref AppID, overlap time.Duration) (WithSecret, error) {
	return s.RotateSigningKey(s.administering(ctx, by, s.onlyProvenOwners(ctx)), by.grantor(), ref, overlap)
}
