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
	MatchEmail   bool           // they are the one account with their verified e-mail address
	Create       bool           // they get an account
	Organization OrganizationID // that such an account joins; may be empty
	// Doubted are the issuers of all providers without MatchEmail. An account whose person can
	// sign in there may have its address from there, so the address does not find it.
	Doubted []string
}

// SignInCodeFor returns a sign-in code for the account of the identity. The code is valid
// for one use and one minute. [ErrUnknownIdentity]: by the policy there is no account, or
// it is inactive. An account or a link that was created stays.
func (s *Service) SignInCodeFor(ctx context.Context, e ExternalIdentity, p IdentityPolicy) (string, error) {
	return s.signInCodeFor(ctx, e, func(tx Tx, e ExternalIdentity) (Account, error) {
		var create func() (Account, error)
		if p.Create {
			create = func() (Account, error) { return s.accountOf(tx, e, p) }
		}
		return s.accountFor(ctx, tx, e, p, create)
	})
}

// AcceptInvitationAs is [Service.SignInCodeFor] for somebody who has shown the secret of the invitation before. The account of
// the identity joins the organization and the groups of the invitation; somebody new gets an account, whatever the
// policy says about that. [ErrInvalidCode]: the invitation has ended meanwhile.
func (s *Service) AcceptInvitationAs(ctx context.Context, id InvitationID, e ExternalIdentity, p IdentityPolicy) (string, error) {
	return s.signInCodeFor(ctx, e, func(tx Tx, e ExternalIdentity) (Account, error) {
		i, err := tx.Invitation(id)
		if err == nil {
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
			s.recordRefusal(ctx, MethodOpenID, account, err)
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

// accountFor returns the account of the identity. One that the address has found is linked to it; for somebody new
// create makes one, nil: there is none.
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

// takeOver ends every way into an account that its address has found: the account may be
// that of somebody who has typed the address of another person. The person can set a new password.
func (s *Service) takeOver(ctx context.Context, tx Tx, a AccountID) error {
	if err := s.endOthers(tx, a, "", false); err != nil {
		return err
	}
	// It may be that of somebody else, too, and would keep the person out.
	if err := s.resetTwoFactor(ctx, tx, a); err != nil {
		return err
	}
	removed, err := tx.RemovePassword(a)
	if err != nil || !removed {
		return err
	}
	return s.record(ctx, tx, onAccount(AuditPasswordRemoved, a))
}

// accountByEmail returns the one account that the identity may be, the zero one
// where there is none. One that is somebody else at the same provider is not it:
// an address may have been given to a new person there. Nor is one whose person can sign in
// with a provider that may let them choose the address.
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

// accountOf makes the account of somebody new. An address that nobody verified
// is left out: others would take it for theirs. So is one that another account has, if the
// provider's addresses are not trusted.
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

// invitedAccountOf makes the account of somebody new who has an invitation. If another account has the verified address, the
// person has to sign in to that one.
func (s *Service) invitedAccountOf(tx Tx, e ExternalIdentity, i Invitation) (Account, error) {
	email := ""
	if e.EmailVerified {
		email = e.Email
	}
	if i.Domain != "" && email == "" {
		return Account{}, Invalid("email", "must be verified by the provider")
	}
	if err := emailFree(tx, email); err != nil {
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
