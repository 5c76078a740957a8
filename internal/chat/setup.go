package chat

import (
	"context"
	"crypto/sha256"
	"errors"
	"strconv"
	"time"
)

// Installation has the choices of the set-up: the organization, and the first person, who becomes the
// owner.
type Installation struct {
	Secret       string // of the link; see [Service.OpenSetUp]
	Organization string // name
	Name, Email  string // of the person
	Password     string // empty: the person gets a sign-in code
	Language     string // of the server's texts and of the person: "en" or "zh"
	TimeZone     string // of the server and of the person: an IANA name
	Device       Device
}

// Installed is the result of the set-up, with the first log-in.
type Installed struct {
	SignedIn
	Organization Organization
	Code         IssuedCode // for the next sign-in, if the person has no password
	Passwords    bool       // people can sign in with passwords
}

// firstCodeTTL is how long the sign-in code of a first person without a password is valid.
const firstCodeTTL = 7 * 24 * time.Hour

// OpenSetUp returns a secret with which the server can be set up once, or "" if there are people. It
// replaces the secrets of earlier starts. node is the name of this process among several, each of
// which has a secret; empty: the server has one process.
func (s *Service) OpenSetUp(ctx context.Context, node string) (string, error) {
	needed, err := s.NeedsSetUp(ctx)
	if err != nil || !needed {
		return "", err
	}
	secret, now := newSecret(), s.now()
	return secret, s.store.Update(ctx, func(tx Tx) error {
		return tx.AddSetUpSecret(sha256.Sum256([]byte(secret)), node, now)
	})
}

// NeedsSetUp reports whether there are no people.
func (s *Service) NeedsSetUp(ctx context.Context) (bool, error) {
	return view(ctx, s, hasNoPeople)
}

func hasNoPeople(tx Tx) (bool, error) {
	some, err := tx.AccountPage("", 1)
	return err == nil && len(some) == 0, err
}

// CheckSetUp returns nil if the server can be set up with the secret. [ErrNotFound]: there
// are people. [ErrInvalidCode]: the secret is not that of the latest start.
func (s *Service) CheckSetUp(ctx context.Context, secret string) error {
	err := s.store.View(ctx, func(tx Tx) error { return checkSetUp(tx, secret) })
	if err == ErrInvalidCode {
		s.RecordRefusal(ctx, Refusal{Kind: AuditSignInRefused, Method: MethodSetUp, Reason: err})
	}
	return err
}

func checkSetUp(tx Tx, secret string) error {
	needed, err := hasNoPeople(tx)
	if err != nil {
		return err
	}
	if !needed {
		return ErrNotFound
	}
	known, err := tx.HasSetUpSecret(sha256.Sum256([]byte(secret)))
	if err == nil && !known {
		return ErrInvalidCode
	}
	return err
}

// SetUp creates the organization and its owner, stores name, language and time zone as settings, and
// signs the owner in, all in one transaction. A password of the owner turns passwords on. If it is called several times, one call succeeds. The
// refusals are those of [Service.CheckSetUp].
func (s *Service) SetUp(ctx context.Context, n Installation) (Installed, error) {
	if err := s.CheckSetUp(ctx, n.Secret); err != nil {
		return Installed{}, err
	}
	if err := s.cleanInstallation(&n); err != nil {
		return Installed{}, err
	}
	hash := ""
	if n.Password != "" {
		if !s.PasswordsPossible() {
			return Installed{}, ErrPasswordsOff
		}
		var err error
		if hash, err = s.hashPassword(ctx, n.Email, n.Password); err != nil {
			return Installed{}, err
		}
	}
	code := newCode()
	done, err := update(ctx, s, func(tx Tx) (Installed, error) {
		if err := checkSetUp(tx, n.Secret); err != nil {
			return Installed{}, err
		}
		if err := tx.RemoveSetUpSecrets(); err != nil {
			return Installed{}, err
		}
		done := Installed{}
		var err error
		if done.Organization, err = s.mainOrganization(tx, n.Organization); err != nil {
			return Installed{}, err
		}
		owner, err := s.enroll(tx, Account{Name: n.Name, Email: n.Email, Language: n.Language, TimeZone: n.TimeZone}, hash, done.Organization.ID, OrganizationOwner)
		if err != nil {
			return Installed{}, err
		}
		kept := []Setting{{SettingName, n.Organization}, {SettingLanguage, n.Language}, {SettingTimeZone, n.TimeZone}}
		if hash != "" {
			kept = append(kept, Setting{SettingPasswords, strconv.FormatBool(true)})
		} else {
			done.Code = IssuedCode{code, s.now().Add(firstCodeTTL)}
			if err := tx.CreateSignInCode(SignInCode{Hash: hashCode(code), Account: owner.ID, ExpiresAt: done.Code.Expires}, s.now()); err != nil {
				return Installed{}, err
			}
		}
		if err := s.storeSettings(tx, kept...); err != nil {
			return Installed{}, err
		}
		if err := s.record(ctx, tx, AuditEntry{
			Kind: AuditSetUp, Actor: owner.ID, App: n.Device.App, TargetType: TargetOrganization, Target: string(done.Organization.ID),
		}); err != nil {
			return Installed{}, err
		}
		done.SignedIn, err = s.signInOrAsk(ctx, tx, owner, n.Device, MethodSetUp)
		return done, err
	})
	if err != nil {
		return Installed{}, err
	}
	// A password turns the setting on, which is in force a moment later.
	if done.Passwords = hash != "" || s.PasswordsOn(); !done.Passwords {
		s.log.WarnContext(ctx, "the server was set up without a password, so nobody can sign in with one until an owner turns the setting on", "setting", SettingPasswords)
	}
	return done, nil
}

func (s *Service) cleanInstallation(n *Installation) (err error) {
	if n.Organization, err = s.cleanName("organization", n.Organization); err != nil {
		return err
	}
	if n.Name, err = s.cleanName("name", n.Name); err != nil {
		return err
	}
	if n.Email, err = cleanEmail("email", n.Email); err != nil {
		return err
	}
	if n.Email == "" && n.Password != "" {
		return Invalid("email", "is required")
	}
	if err := checkLanguage("language", n.Language); err != nil {
		return err
	}
	return checkTimeZone("timeZone", n.TimeZone)
}

// mainOrganization creates the organization whose owners administer the server, or renames it if the
// operator has already created it.
func (s *Service) mainOrganization(tx Tx, name string) (Organization, error) {
	o, err := tx.MainOrganization()
	if err == nil {
		o.Name = name
		return o, tx.UpdateOrganization(o)
	}
	if !errors.Is(err, ErrNoRow) {
		return Organization{}, err
	}
	o = Organization{ID: OrganizationID(newID()), Name: name, Main: true, CreatedAt: s.now()}
	return o, tx.CreateOrganization(o)
}

// enroll creates an active account in the organization. hash is that of its password; empty: it has
// none.
func (s *Service) enroll(tx Tx, a Account, hash string, in OrganizationID, role OrganizationRole) (Account, error) {
	a.ID, a.Active, a.CreatedAt = AccountID(newID()), true, s.now()
	if err := tx.CreateAccount(a); err != nil {
		return Account{}, err
	}
	if err := tx.AddToOrganization(in, []AccountID{a.ID}); err != nil {
		return Account{}, err
	}
	if role != OrganizationMember {
		if err := tx.SetOrganizationRole(in, a.ID, role); err != nil {
			return Account{}, err
		}
	}
	if hash != "" {
		if err := tx.SetPassword(a.ID, hash, a.CreatedAt); err != nil {
			return Account{}, err
		}
	}
	tx.Publish(AccountChanged{Account: a})
	return a, nil
}
