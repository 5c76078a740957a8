package chat

import "slices"

// Scope is a part of the host API that an application of kind [AppServer] may use.
type Scope string

// The scopes.
const (
	ScopeRead          Scope = "read"          // every operation that only reads
	ScopeAccounts      Scope = "accounts"      // accounts, organizations and friends
	ScopeGroups        Scope = "groups"        // groups and their members
	ScopeMessages      Scope = "messages"      // messages of accounts and of the system
	ScopeNotifications Scope = "notifications" // the inbox
	ScopeTokens        Scope = "tokens"        // everything that lets somebody log in: tokens, codes, passwords, signing keys
	ScopeApplications  Scope = "applications"  // applications and their secrets
	// ScopeAdministration is for everything that an owner of the server may do. It has no
	// effect for an application that is bound to an organization.
	ScopeAdministration Scope = "administration"
)

// Scopes are all of them, in the order in which an application's are listed.
var Scopes = []Scope{
	ScopeRead, ScopeAccounts, ScopeGroups, ScopeMessages, ScopeNotifications, ScopeTokens, ScopeApplications,
	ScopeAdministration,
}

// ScopeError refuses an operation for which the calling application has no scope.
type ScopeError struct{ Scope Scope }

// Error names the scope.
func (e *ScopeError) Error() string { return "scope required: " + string(e.Scope) }

// RequireScopes returns a [*ScopeError] that names the first of the scopes that the
// application does not have.
func (a *Application) RequireScopes(scopes ...Scope) error {
	for _, s := range scopes {
		if !slices.Contains(a.Scopes, s) {
			return &ScopeError{s}
		}
	}
	return nil
}

// sortScopes brings scopes into the order of [Scopes], without repetitions. A name
// that is no scope is refused.
func sortScopes(scopes []Scope) ([]Scope, error) {
	for _, s := range scopes {
		if !slices.Contains(Scopes, s) {
			return nil, Invalid("scopes", "names a scope that does not exist: %.64q", string(s))
		}
	}
	var sorted []Scope
	for _, s := range Scopes {
		if slices.Contains(scopes, s) {
			sorted = append(sorted, s)
		}
	}
	return sorted, nil
}

// mayManage reports whether the application by may hand out the power of the
// application a: an application cannot grant scopes that it does not have itself.
// by is empty for the operator of the server, who always may. An application
// outside the organization that the caller is bound to does not exist for it.
func mayManage(tx Tx, by AppID, a Application) error {
	if by == "" {
		return nil
	}
	caller, err := tx.Application(by)
	if err != nil {
		return or(err, ErrInvalidApp)
	}
	if caller.Organization != "" && caller.Organization != a.Organization {
		return ErrNotFound
	}
	return caller.RequireScopes(a.Scopes...)
}
