package chat

import (
	"context"
	"errors"
	"strings"
	"time"
)

// ExternalIdentity is an identity that a trusted provider has confirmed.
type ExternalIdentity struct {
	Issuer, Subject string // together they name the person, for ever
	Email           string
	EmailVerified   bool
	Name, Picture   string
}

// IdentityPolicy decides about identities that are not known yet.
type IdentityPolicy struct {
	MatchEmail   bool           // use the one account with the verified e-mail address
	Create       bool           // create an account if there is none
	Organization OrganizationID // that such an account joins; may be empty
	// Doubted are the issuers of all providers without MatchEmail. An account with an identity there
	// may have its address from there, so it is not found by the address.
	Doubted []string
}

// SignInCodeFor returns a sign-in code for the account of the identity. The code is valid for one use
// and one minute. [ErrUnknownIdentity]: the identity has no account and the policy gives it none, or
// the account is inactive.
func (s *Service) SignInCodeFor(ctx context.Context, e ExternalIdentity, p IdentityPolicy) (string, error) {
	return s.signInCodeFor(ctx, e, func(tx Tx, e ExternalIdentity) (Account, error) {
		var create func() (Account, error)
		if p.Create {
			create = func() (Account, error) { return s.accountOf(tx, e, p) }
		}
		return s.accountFor(ctx, tx, e, p, create)
	})
}

// AcceptInvitationAs is [Service.SignInCodeFor] for a person who has already shown the secret of the invitation. The account
// of the identity joins the organization and the groups of the invitation. A new person gets an account even if the
// policy creates none. [ErrInvalidCode]: the invitation can no longer be used.
func (s *Service) AcceptInvitationAs(ctx context.Context, id InvitationID, e ExternalIdentity, p IdentityPolicy) (_ string, err error) {
	var i Invitation
	defer func() { s.refusedInvitation(ctx, i, err) }()
	return s.signInCodeFor(ctx, e, func(tx Tx, e ExternalIdentity) (Account, error) {
		var err error
		if i, err = tx.Invitation(id); err == nil {
			err = s.mustBeLive(tx, i)
		}
		if err != nil {
			return Account{}, or(err, ErrInvalidCode)
		}
		a, err := s.accountFor(ctx, tx, e, p, func() (Account, error) { return s.invitedAccountOf(tx, e, i) })
		if err != nil || !a.Active {
			return a, err
		}
		_, err = s.joinInvited(ctx, tx, i, a, Actor{Account: a.ID})
		return a, err
	})
}

// signInCodeFor makes the code for the account that find returns in the transaction.
func (s *Service) signInCodeFor(ctx context.Context, e ExternalIdentity, find func(Tx, ExternalIdentity) (Account, error)) (_ string, err error) {
	var account AccountID
	defer func() {
		if errors.Is(err, ErrUnknownIdentity) {
			s.RecordRefusal(ctx, Refusal{Kind: AuditSignInRefused, Method: MethodOpenID, Account: account, Reason: err})
		}
	}()
	if e.Issuer == "" || e.Subject == "" || len(e.Issuer) > maxURL || len(e.Subject) > 255 {
		return "", Invalid("identity", "must have an issuer and a subject")
	}
	if e.Email, err = cleanEmail("email", e.Email); err != nil {
		e.Email = ""
	}
	code, now := newCode(), s.now()
	err = s.store.Update(ctx, func(tx Tx) error {
		a, err := find(tx, e)
		if err != nil {
			return err
		}
		account = a.ID
		if !a.Active {
			return ErrUnknownIdentity
		}
		return tx.CreateSignInCode(SignInCode{Hash: hashCode(code), Account: a.ID, Vouched: true, ExpiresAt: now.Add(time.Minute)}, now)
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// accountFor returns the account of the identity. An account that is found by the address is linked to the identity.
// For a new person, create creates an account; if create is nil, the result is [ErrUnknownIdentity].
func (s *Service) accountFor(ctx context.Context, tx Tx, e ExternalIdentity, p IdentityPolicy, create func() (Account, error)) (Account, error) {
	known, err := tx.AccountByIdentity(e.Issuer, e.Subject)
	if err == nil {
		return tx.Account(known)
	}
	if !errors.Is(err, ErrNoRow) {
		return Account{}, err
	}
	a, err := s.accountByEmail(tx, e, p)
	if err != nil {
		return Account{}, err
	}
	if a.ID == "" {
		if create == nil {
			return Account{}, ErrUnknownIdentity
		}
		if a, err = create(); err != nil {
			return Account{}, err
		}
		if err := s.record(ctx, tx, onAccount(AuditAccountCreated, a.ID).with("issuer", e.Issuer)); err != nil {
			return Account{}, err
		}
	} else if err := s.takeOver(ctx, tx, a.ID); err != nil {
		return Account{}, err
	}
	if err := tx.LinkIdentity(e.Issuer, e.Subject, a.ID, s.now()); err != nil {
		return Account{}, err
	}
	return a, s.record(ctx, tx, onAccount(AuditIdentityLinked, a.ID).with("issuer", e.Issuer))
}

// takeOver ends every way into an account that was found by its address. The account may be that of
// another person who has typed this address. The owner of the address can set a new password.
func (s *Service) takeOver(ctx context.Context, tx Tx, a AccountID) error {
	if err := s.endOthers(tx, a, "", false); err != nil {
		return err
	}
	// The second factor may also be that of the other person, and would keep the owner of the address out.
	if err := s.resetTwoFactor(ctx, tx, a); err != nil {
		return err
	}
	removed, err := tx.RemovePassword(a)
	if err != nil || !removed {
		return err
	}
	return s.record(ctx, tx, onAccount(AuditPasswordRemoved, a))
}

// accountByEmail returns the account with the verified address of the identity, or the zero account.
// It returns none that has another identity at the same provider, which may have given the address to
// a new person, and none with an identity at a provider where people may choose their address.
func (s *Service) accountByEmail(tx Tx, e ExternalIdentity, p IdentityPolicy) (Account, error) {
	if !p.MatchEmail || !e.EmailVerified || e.Email == "" {
		return Account{}, nil
	}
	accounts, err := tx.AccountsByEmail(e.Email)
	if err != nil || len(accounts) != 1 {
		return Account{}, err
	}
	for _, issuer := range append([]string{e.Issuer}, p.Doubted...) {
		if has, err := tx.HasIdentity(issuer, accounts[0].ID); err != nil || has {
			return Account{}, err
		}
	}
	return accounts[0], nil
}

// accountOf creates the account of a new person. The account has no address if the provider has not
// verified it, because it may be that of another person. The same applies to the address of another
// account, if the addresses of the provider are not trusted.
func (s *Service) accountOf(tx Tx, e ExternalIdentity, p IdentityPolicy) (Account, error) {
	email := ""
	if e.EmailVerified && e.Email != "" {
		others, err := tx.AccountsByEmail(e.Email)
		if err != nil {
			return Account{}, err
		}
		if p.MatchEmail || len(others) == 0 {
			email = e.Email
		}
	}
	a, err := s.newAccountOf(tx, e, email)
	if err != nil || p.Organization == "" {
		return a, err
	}
	if _, err := tx.Organization(p.Organization); err != nil {
		return Account{}, or(err, ErrUnknownIdentity)
	}
	return a, tx.AddToOrganization(p.Organization, []AccountID{a.ID})
}

// invitedAccountOf creates the account of a new person with an invitation. If another account has the verified address, the
// person must sign in to that account instead.
func (s *Service) invitedAccountOf(tx Tx, e ExternalIdentity, i Invitation) (Account, error) {
	email := ""
	if e.EmailVerified {
		email = e.Email
	}
	if i.Domain != "" && email == "" {
		return Account{}, invalidEmail(ReasonEmailUnverified, "must be verified by the provider")
	}
	if err := emailFree(tx, email, ""); err != nil {
		return Account{}, err
	}
	return s.newAccountOf(tx, e, email)
}

func (s *Service) newAccountOf(tx Tx, e ExternalIdentity, email string) (Account, error) {
	a := Account{ID: AccountID(newID()), Email: email, Active: true, CreatedAt: s.now()}
	local, _, _ := strings.Cut(e.Email, "@")
	for _, name := range []string{e.Name, local, e.Subject} {
		if a.Name = cutUTF16(PlainText(name), s.opts.MaxNameLength); a.Name != "" {
			break
		}
	}
	if a.Name == "" {
		return Account{}, Invalid("identity", "must have a name")
	}
	if strings.HasPrefix(e.Picture, "https://") && checkURL("avatar", e.Picture) == nil {
		a.Avatar = e.Picture
	}
	if err := tx.CreateAccount(a); err != nil {
		return Account{}, err
	}
	tx.Publish(AccountChanged{Account: a})
	return a, nil
}
