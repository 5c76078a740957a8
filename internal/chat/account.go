package chat

import (
	"context"
	"time"
)

// AccountID identifies a person: a GUID string, never empty for a stored account.
type AccountID string

// FileTransfer is the pseudo account with which everybody has a one-person
// chat between their own devices.
const FileTransfer AccountID = "file-transfer"

// Account is a person who can log in.
type Account struct {
	ID        AccountID `cbor:",omitzero"`
	Name      string    `cbor:",omitzero"` // full name
	Avatar    string    `cbor:",omitzero"` // URL, may be empty
	Email     string    `cbor:",omitzero"`
	Active    bool      `cbor:",omitzero"` // an inactive account cannot log in and is nobody's contact
	Language  string    `cbor:",omitzero"` // of mails to the person: "en" or "zh"; empty: that of the server
	TimeZone  string    `cbor:",omitzero"` // IANA name; empty: that of the server
	Bot       bool      `cbor:",omitzero"` // it writes for an incoming webhook; never active, in no organization, and a member of no group
	CreatedAt time.Time `cbor:",omitzero"`

	HidesReading  bool `cbor:",omitzero"` // see [ReadMark]
	HidesActivity bool `cbor:",omitzero"` // see [ActivityTx]
}

// SocketID names one connection of an account, so that a push can spare the
// connection that caused it. Empty when the action did not come from a socket.
type SocketID string

// Actor is the source of a request: an account, its application and its socket.
type Actor struct {
	Account AccountID
	App     AppID    // the application that speaks for the account; may be empty
	Socket  SocketID // the acting connection; may be empty
}

// AccountPatch changes the fields that are not nil.
type AccountPatch struct {
	Name, Avatar, Email *string
	Language, TimeZone  *string // empty: those of the server
	Active              *bool
	HidesReading        *bool
	HidesActivity       *bool
	By                  AppID          // the calling application; empty: the operator or an administrator
	Within              OrganizationID // that the calling application is bound to; may be empty
}

// CreateAccount stores a new account. The ID is made when it is empty. A new
// account is active. [ErrConflict]: the id is taken.
func (s *Service) CreateAccount(ctx context.Context, a Account) (Account, error) {
	return s.createAccount(ctx, a, "")
}

// CreateMember is CreateAccount for an application that is bound to the
// organization: the account becomes a member, and its e-mail address must not be
// one that an account outside of the organization has.
func (s *Service) CreateMember(ctx context.Context, of OrganizationID, a Account) (Account, error) {
	return s.createAccount(ctx, a, of)
}

func (s *Service) createAccount(ctx context.Context, a Account, within OrganizationID) (Account, error) {
	if a.ID == "" {
		a.ID = AccountID(newID())
	} else if err := checkNewID("id", a.ID); err != nil {
		return Account{}, err
	}
	a.Active = true
	a.CreatedAt = s.now()
	if err := s.cleanAccount(&a, Account{}); err != nil {
		return Account{}, err
	}
	return update(ctx, s, func(tx Tx) (Account, error) {
		if err := idFree(tx.GroupHead, GroupID(a.ID)); err != nil {
			return Account{}, err
		}
		if err := checkEmailWithin(tx, a, within); err != nil {
			return Account{}, err
		}
		if err := tx.CreateAccount(a); err != nil {
			return Account{}, orConflict(err)
		}
		if within != "" {
			if _, err := tx.Organization(within); err != nil {
				return Account{}, or(err, ErrNotFound)
			}
			if err := tx.AddToOrganization(within, []AccountID{a.ID}); err != nil {
				return Account{}, err
			}
		}
		tx.Publish(AccountChanged{Account: a})
		return a, s.record(ctx, tx, onAccount(AuditAccountCreated, a.ID))
	})
}

// UpdateAccount changes an account and returns it as it is then. Another e-mail address ends every other log-in, as a new password
// does. Deactivating disconnects it everywhere and ends for good what lets somebody in as the account, except for the password and
// the identities of providers. The last owner of an organization cannot be deactivated, and no change may keep all owners of the main one from signing in. The former e-mail address gets a notice of a change. [*ScopeError]: the calling application needs
// [ScopeAdministration] to change the address of an owner or administrator or to reactivate one, and [ScopeTokens] to change any
// other address if it is a way to sign in.
func (s *Service) UpdateAccount(ctx context.Context, id AccountID, p AccountPatch) (Account, error) {
	return update(ctx, s, func(tx Tx) (Account, error) {
		a, err := tx.Account(id)
		if err != nil {
			return Account{}, or(err, ErrAccountNotFound)
		}
		changed, err := s.changeAccount(ctx, tx, a, p)
		if err != nil {
			return Account{}, err
		}
		return changed, s.noticeNewEmail(tx, a, changed)
	})
}

// mayLetIn refuses to an application a change that may let another person in as the account: sign-in links go to the e-mail
// address, and a provider's identity may be matched by it.
func (s *Service) mayLetIn(tx Tx, by AppID, old, a Account) error {
	if by == "" || old.Email == a.Email && (old.Active || !a.Active) {
		return nil
	}
	main, err := tx.MainOrganization()
	if or(err, nil) != nil {
		return err
	}
	role, err := roleIn(tx, main.ID, a.ID)
	if err != nil {
		return err
	}
	if role.administers() {
		_, err := administrator(tx, Actor{App: by})
		return err
	}
	if old.Email == a.Email || !s.emailSignsIn() {
		return nil
	}
	app, err := tx.Application(by)
	if err != nil {
		return or(err, ErrInvalidApp)
	}
	return app.RequireScopes(ScopeTokens)
}

// emailSignsIn reports whether the owner of an e-mail address can sign in as its account. Links that are hidden now can be
// offered again, and the address is still the account's then.
func (s *Service) emailSignsIn() bool {
	if s.MailOn() {
		return true
	}
	if s.opts.Configuration == nil {
		return false
	}
	for _, p := range s.opts.Configuration.Providers() {
		if p.MatchEmail {
			return true
		}
	}
	return false
}

func (s *Service) changeAccount(ctx context.Context, tx Tx, old Account, p AccountPatch) (Account, error) {
	a := old
	setIf(&a.Name, p.Name)
	setIf(&a.Avatar, p.Avatar)
	setIf(&a.Email, p.Email)
	setIf(&a.Language, p.Language)
	setIf(&a.TimeZone, p.TimeZone)
	setIf(&a.Active, p.Active)
	setIf(&a.HidesReading, p.HidesReading)
	setIf(&a.HidesActivity, p.HidesActivity)
	if err := s.cleanAccount(&a, old); err != nil {
		return Account{}, err
	}
	if a == old {
		return a, nil
	}
	if err := notErased(tx, a.ID); err != nil {
		return Account{}, err
	}
	if err := s.mayLetIn(tx, p.By, old, a); err != nil {
		return Account{}, err
	}
	if old.Active && !a.Active {
		if err := s.keepOwners(tx, a.ID, "active"); err != nil {
			return Account{}, err
		}
	}
	if old.Email != a.Email {
		if err := s.keepWay(tx, a, "email"); err != nil {
			return Account{}, err
		}
		if err := checkEmailWithin(tx, a, p.Within); err != nil {
			return Account{}, err
		}
	}
	if old.Email != a.Email || !old.Active {
		if err := checkEmailSignsIn(tx, a, p.Within); err != nil {
			return Account{}, err
		}
	}
	if err := tx.UpdateAccount(a); err != nil {
		return Account{}, err
	}
	tx.Publish(AccountChanged{Account: a})
	if old.Active != a.Active || old.HidesReading != a.HidesReading {
		if err := publishReaders(tx, a.ID); err != nil {
			return Account{}, err
		}
	}
	if old.Active != a.Active || old.HidesActivity != a.HidesActivity {
		tx.Publish(AvailabilityChanged{[]AccountID{a.ID}})
	}
	if !old.HidesActivity && a.HidesActivity {
		if err := tx.ForgetSeen(a.ID); err != nil {
			return Account{}, err
		}
	}
	if old.Name != a.Name || old.Avatar != a.Avatar || old.Active != a.Active {
		if err := tellFriends(tx, a); err != nil {
			return Account{}, err
		}
	} else if (old.Email != a.Email || old.HidesReading != a.HidesReading || old.HidesActivity != a.HidesActivity) && a.Active {
		if err := tellOwn(tx, a); err != nil {
			return Account{}, err
		}
	}
	if old.Email != a.Email {
		// A code that was sent to the old address must end, with a sign-in that has begun with it: somebody else may read it.
		if err := tx.DeleteSignInCodes(a.ID); err != nil {
			return Account{}, err
		}
		if err := tx.DeleteTickets(a.ID); err != nil {
			return Account{}, err
		}
		if err := tx.DeleteEmailChange(a.ID); err != nil {
			return Account{}, err
		}
	}
	changed := EmailKey(old.Email) != EmailKey(a.Email)
	if changed {
		if err := tx.SetOwnEmail(a.ID, a.Email != "" && OriginOf(ctx).Account == a.ID); err != nil {
			return Account{}, err
		}
	}
	switch {
	case old.Active && !a.Active:
		err := s.endOthers(tx, a.ID, "", true)
		if err != nil {
			return Account{}, err
		}
	case changed:
		// The address is a way to sign in. Somebody else may have what was mailed to the old one, or a session.
		err := s.endOthers(tx, a.ID, callingSession(ctx, a.ID), false)
		if err != nil {
			return Account{}, err
		}
	}
	return a, s.recordAccount(ctx, tx, old, a)
}

// recordAccount records what has changed about an account.
func (s *Service) recordAccount(ctx context.Context, tx Tx, old, a Account) error {
	if old.Active != a.Active {
		kind := AuditAccountDeactivated
		if a.Active {
			kind = AuditAccountReactivated
		}
		if err := s.record(ctx, tx, onAccount(kind, a.ID)); err != nil {
			return err
		}
	}
	e := onAccount(AuditAccountChanged, a.ID)
	if old.Name != a.Name {
		e = e.with("name", old.Name+" → "+a.Name)
	}
	if old.Email != a.Email {
		e = e.with("email", old.Email+" → "+a.Email)
	}
	if old.Avatar != a.Avatar {
		e = e.with("avatar", "changed")
	}
	if old.Language != a.Language {
		e = e.with("language", old.Language+" → "+a.Language)
	}
	if old.TimeZone != a.TimeZone {
		e = e.with("timeZone", old.TimeZone+" → "+a.TimeZone)
	}
	if e.Detail == nil {
		return nil
	}
	return s.record(ctx, tx, e)
}

// checkEmailWithin refuses the account's e-mail address to an application that is bound to
// the organization if an account outside of it has the address. A second account with it
// would stand in the way of that person: when a password is set, when a provider's identity
// is matched, when a friend is looked for by the address.
func checkEmailWithin(tx Tx, a Account, within OrganizationID) error {
	if within == "" || a.Email == "" {
		return nil
	}
	accounts, err := tx.AccountsByEmail(a.Email)
	if err != nil {
		return err
	}
	for _, other := range accounts {
		if other.ID == a.ID {
			continue
		}
		if in, err := tx.InOrganization(within, other.ID); err != nil {
			return err
		} else if !in {
			return errEmailUnusable()
		}
	}
	return nil
}

// checkEmailSignsIn refuses that an active account with a password comes to share its
// e-mail address with another one: neither could sign in. An application that is bound to
// an organization is not told what the other account has.
func checkEmailSignsIn(tx Tx, a Account, within OrganizationID) error {
	if a.Email == "" || !a.Active {
		return nil
	}
	if own, err := passwordOf(tx, a.ID); err != nil || own == "" {
		return err
	}
	other, _, err := passwordAt(tx, a.Email, a.ID)
	switch {
	case err != nil || other == "":
		return err
	case within != "":
		return errEmailUnusable()
	}
	return invalidFor("email", ReasonEmailShared, "is that of another account that has a password, as this one has")
}

func errEmailUnusable() error { return Invalid("email", "cannot be used") }

func setIf[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// cleanAccount brings the fields that differ from the old account into the form in which they are stored, or
// refuses them. Unchanged fields are not checked, so that an account from before a rule can still be changed
// otherwise.
func (s *Service) cleanAccount(a *Account, old Account) (err error) {
	if a.Name != old.Name || a.Name == "" {
		if a.Name, err = s.cleanName("name", a.Name); err != nil {
			return err
		}
	}
	if a.Avatar != old.Avatar {
		if err := checkURL("avatar", a.Avatar); err != nil {
			return err
		}
	}
	if a.Email != old.Email {
		if a.Email, err = cleanEmail("email", a.Email); err != nil {
			return err
		}
	}
	return checkLocale(*a, old)
}

// Account returns the account with the id, active or not, or [ErrAccountNotFound].
func (s *Service) Account(ctx context.Context, id AccountID) (Account, error) {
	return view(ctx, s, func(tx Tx) (Account, error) {
		a, err := tx.Account(id)
		return a, or(err, ErrAccountNotFound)
	})
}

// Accounts pages through all accounts by id.
func (s *Service) Accounts(ctx context.Context, after AccountID, limit int) ([]Account, error) {
	return view(ctx, s, func(tx Tx) ([]Account, error) {
		return tx.AccountPage(after, s.page(limit))
	})
}

// accounts returns the named accounts once each, in the order of first mention.
// It refuses a list that is too long or names a bot or an account that does not exist.
func (s *Service) accounts(tx Tx, field string, ids []AccountID) ([]Account, error) {
	if len(ids) > s.opts.MaxBatch {
		return nil, Invalid(field, "must name at most %d accounts", s.opts.MaxBatch)
	}
	ids = unique(ids)
	accounts, err := tx.Accounts(ids)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		if a.Bot {
			return nil, Invalid(field, "names a bot: %.64q", string(a.ID))
		}
	}
	if len(accounts) == len(ids) {
		return accounts, nil
	}
	known := make(map[AccountID]bool, len(accounts))
	for _, a := range accounts {
		known[a.ID] = true
	}
	for _, id := range ids {
		if !known[id] {
			return nil, Invalid(field, "names an account that does not exist: %.64q", string(id))
		}
	}
	return accounts, nil
}

func unique[T comparable](ids []T) []T {
	seen := make(map[T]bool, len(ids))
	var once []T
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			once = append(once, id)
		}
	}
	return once
}

func accountIDs(accounts []Account) []AccountID {
	ids := make([]AccountID, len(accounts))
	for i, a := range accounts {
		ids[i] = a.ID
	}
	return ids
}
