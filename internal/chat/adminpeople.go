package chat

import (
	"context"
	"time"
)

// Detail has the fields of a person that only the administration shows.
type Detail struct{ Title, Department, Phone string }

// PersonRow is an account with its detail and its role.
type PersonRow struct {
	Account
	Detail
	Role OrganizationRole // in the main organization; empty: not in it
}

// AdminPerson is a person as administrators see them.
type AdminPerson struct {
	PersonRow
	SeenAt    time.Time // last use of a session; zero: never
	Password  bool      // the account has a password
	TwoFactor bool      // two-factor is on
}

// FindPeople selects people in storage's terms.
type FindPeople struct {
	In     OrganizationID // whose roles are returned
	Query  string         // as in a directory
	Role   OrganizationRole
	Active *bool
	After  AccountID // the last one of the previous page
	Limit  int
}

// PeopleQuery selects people for the administration. A zero field is no restriction.
type PeopleQuery struct {
	Query  string // as in [DirectoryQuery]
	Role   OrganizationRole
	Active *bool
	After  AccountID // the last one of the previous page
	Limit  int
}

// PeopleCount has numbers of people.
type PeopleCount struct{ Active, Inactive, Guests, Administrators int }

// AdminPeople returns a page of all people in the order of a directory, and whether there are
// more. Administrators only.
func (s *Service) AdminPeople(ctx context.Context, by Actor, q PeopleQuery) (people []AdminPerson, more bool, err error) {
	if err := s.checkSearch(q.Query, 0); err != nil {
		return nil, false, err
	}
	if q.Role != "" {
		if err := checkRole(q.Role); err != nil {
			return nil, false, err
		}
	}
	limit := s.page(q.Limit)
	err = s.store.Search(ctx, func(tx Tx) error {
		who, err := administrator(tx, by)
		if err != nil {
			return err
		}
		find := FindPeople{In: who.main, Query: q.Query, Role: q.Role, Active: q.Active, After: q.After, Limit: limit + 1}
		if q.After != "" {
			if _, err := tx.Account(q.After); err != nil {
				return or(err, Invalid("next", "is not the end of a page"))
			}
		}
		rows, err := tx.People(find)
		if err != nil {
			return err
		}
		more = len(rows) > limit
		people = make([]AdminPerson, min(limit, len(rows)))
		for i := range people {
			if people[i], err = s.completePerson(tx, rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return people, more, err
}

func (s *Service) completePerson(tx Tx, r PersonRow) (p AdminPerson, err error) {
	p.PersonRow = r
	if p.SeenAt, err = tx.LastSeen(r.ID); err != nil {
		return p, err
	}
	hash, err := passwordOf(tx, r.ID)
	p.Password = hash != ""
	if err != nil {
		return p, err
	}
	f, err := twoFactorOf(tx, r.ID)
	p.TwoFactor = f.Secret != ""
	return p, err
}

// AdminProfile is a person with organizations, groups and sessions.
type AdminProfile struct {
	AdminPerson
	Organizations []Organization
	Groups        []GroupRow // that the person is a member of
	Sessions      []Session
	Erasure       Erasure // Account is empty: the person was not erased
}

// AdminPerson returns one person. Administrators only.
func (s *Service) AdminPerson(ctx context.Context, by Actor, id AccountID) (AdminProfile, error) {
	return view(ctx, s, func(tx Tx) (p AdminProfile, err error) {
		who, err := administrator(tx, by)
		if err != nil {
			return p, err
		}
		if p.AdminPerson, err = s.adminPerson(tx, who, id); err != nil {
			return p, err
		}
		if p.Organizations, err = tx.OrganizationsOf(id); err != nil {
			return p, err
		}
		groups, err := tx.GroupsOf(id)
		if err != nil {
			return p, err
		}
		for _, g := range groups {
			row, err := groupRow(tx, g.Group)
			if err != nil {
				return p, err
			}
			p.Groups = append(p.Groups, row)
		}
		tokens, err := tx.Tokens(id)
		if err != nil {
			return p, err
		}
		if p.Sessions, err = s.liveSessions(tx, tokens); err != nil {
			return p, err
		}
		p.Erasure, err = tx.Erasure(id)
		return p, or(err, nil)
	})
}

func (s *Service) adminPerson(tx Tx, who admin, id AccountID) (p AdminPerson, err error) {
	r := PersonRow{}
	if r.Account, err = tx.Account(id); err != nil {
		return p, or(err, ErrAccountNotFound)
	}
	if r.Bot { // nor is it in the list
		return p, ErrAccountNotFound
	}
	if r.Detail, err = tx.AccountDetail(id); or(err, nil) != nil {
		return p, err
	}
	if r.Role, err = roleIn(tx, who.main, id); err != nil {
		return p, err
	}
	return s.completePerson(tx, r)
}

// NewPerson describes a person that an administrator creates.
type NewPerson struct {
	Account
	Detail
	Role OrganizationRole // in the main organization; empty: member
}

// AdminCreatePerson creates an account in the main organization. Administrators only; only owners
// create an owner. [ErrConflict]: the id is in use. [ErrSignInAgain]: the role is owner or administrator,
// and the session is not fresh; see [Service.FreshUntil].
func (s *Service) AdminCreatePerson(ctx context.Context, by Actor, n NewPerson) (AdminPerson, error) {
	ctx = s.administering(ctx, by, nil)
	setDefault(&n.Role, OrganizationMember)
	if n.ID == "" {
		n.ID = AccountID(newID())
	}
	if err := s.checkPerson(&n); err != nil {
		return AdminPerson{}, err
	}
	return update(ctx, s, func(tx Tx) (AdminPerson, error) {
		who, err := administrator(tx, by)
		if err != nil {
			return AdminPerson{}, err
		}
		if err := s.createPerson(ctx, tx, who, n); err != nil {
			return AdminPerson{}, err
		}
		return s.adminPerson(tx, who, n.ID)
	})
}

// checkPerson checks a new person and converts the fields to the stored form.
func (s *Service) checkPerson(n *NewPerson) error {
	if err := checkNewID("id", n.ID); err != nil {
		return err
	}
	if err := checkRole(n.Role); err != nil {
		return err
	}
	if err := s.checkDetail(n.Detail); err != nil {
		return err
	}
	n.Active, n.CreatedAt = true, s.now()
	return s.cleanAccount(&n.Account, Account{})
}

func (s *Service) checkDetail(d Detail) error {
	for _, field := range []struct{ name, text string }{{"title", d.Title}, {"department", d.Department}, {"phone", d.Phone}} {
		if err := checkText(field.name, field.text); err != nil {
			return err
		}
		if err := checkLength(field.name, field.text, s.opts.MaxNameLength); err != nil {
			return err
		}
	}
	return nil
}

// mayCreate refuses a new person that the caller may not create, or whose id or address is in use.
func (s *Service) mayCreate(ctx context.Context, tx Tx, who admin, n NewPerson) error {
	if n.Role == OrganizationOwner && !who.owner {
		return ErrForbidden
	}
	if who.main == "" {
		return invalidFor("organization", ReasonNoOrganization, "is missing: create one first")
	}
	if err := s.provenToGive(ctx, tx, who, n.Role); err != nil {
		return err
	}
	if err := idFree(tx.GroupHead, GroupID(n.ID)); err != nil {
		return err
	}
	return emailFree(tx, n.Email, "")
}

func (s *Service) createPerson(ctx context.Context, tx Tx, who admin, n NewPerson) error {
	if err := s.mayCreate(ctx, tx, who, n); err != nil {
		return err
	}
	if err := tx.CreateAccount(n.Account); err != nil {
		return orConflict(err)
	}
	if err := tx.AddToOrganization(who.main, []AccountID{n.ID}); err != nil {
		return err
	}
	if n.Role != OrganizationMember {
		if err := tx.SetOrganizationRole(who.main, n.ID, n.Role); err != nil {
			return err
		}
	}
	if n.Detail != (Detail{}) {
		if err := tx.SetAccountDetail(n.ID, n.Detail); err != nil {
			return err
		}
	}
	tx.Publish(AccountChanged{Account: n.Account})
	return s.record(ctx, tx, onAccount(AuditAccountCreated, n.ID).with("role", string(n.Role)))
}

// PersonPatch changes the fields that are not nil.
type PersonPatch struct {
	Name, Avatar, Email      *string
	Title, Department, Phone *string
	Language, TimeZone       *string // empty: those of the server
	Active                   *bool
	Role                     *OrganizationRole // in the main organization, which the person joins if necessary
}

// AdminUpdatePerson changes a person. Administrators only; only owners change an owner. An account
// cannot deactivate itself. Callers need a fresh session ([ErrSignInAgain]; see
// [Service.FreshUntil]) to change the e-mail address of their own account, of an owner or of an
// administrator, to reactivate one of these, and to give one of these roles. A change after which no owner could
// sign in is refused.
func (s *Service) AdminUpdatePerson(ctx context.Context, by Actor, id AccountID, p PersonPatch) (AdminPerson, error) {
	if p.Role != nil {
		if err := checkRole(*p.Role); err != nil {
			return AdminPerson{}, err
		}
	}
	ctx = s.administering(ctx, by, mayChangeAccount(id))
	return update(ctx, s, func(tx Tx) (AdminPerson, error) {
		who, err := administrator(tx, by)
		if err != nil {
			return AdminPerson{}, err
		}
		if err := s.updatePerson(ctx, tx, who, id, p); err != nil {
			return AdminPerson{}, err
		}
		return s.adminPerson(tx, who, id)
	})
}

func errOwnActive() error {
	return invalidFor("active", ReasonOwnAccount, "must not be taken from your own account")
}

func (s *Service) updatePerson(ctx context.Context, tx Tx, who admin, id AccountID, p PersonPatch) error {
	if p.Active != nil && !*p.Active && id == who.Account {
		return errOwnActive()
	}
	old, err := tx.Account(id)
	if err != nil {
		return or(err, ErrAccountNotFound)
	}
	if err := notErased(tx, id); err != nil {
		return err
	}
	changed, err := s.changeAccount(ctx, tx, old, AccountPatch{
		Name: p.Name, Avatar: p.Avatar, Email: p.Email, Language: p.Language, TimeZone: p.TimeZone, Active: p.Active,
	})
	if err != nil {
		return err
	}
	if err := s.noticeNewEmail(tx, old, changed); err != nil {
		return err
	}
	if changed.Email != old.Email || changed.Active && !old.Active {
		if err := s.provenFor(ctx, tx, who, id); err != nil {
			return err
		}
	}
	if changed.Email != old.Email {
		if err := emailFree(tx, changed.Email, id); err != nil {
			return err
		}
	}
	before, err := tx.AccountDetail(id)
	if or(err, nil) != nil {
		return err
	}
	detail := before
	setIf(&detail.Title, p.Title)
	setIf(&detail.Department, p.Department)
	setIf(&detail.Phone, p.Phone)
	if detail != before {
		if err := s.checkDetail(detail); err != nil {
			return err
		}
		if err := tx.SetAccountDetail(id, detail); err != nil {
			return err
		}
		e := onAccount(AuditAccountChanged, id)
		for _, field := range []struct{ name, old, now string }{
			{"title", before.Title, detail.Title}, {"department", before.Department, detail.Department}, {"phone", before.Phone, detail.Phone},
		} {
			if field.old != field.now {
				e = e.with(field.name, field.old+" → "+field.now)
			}
		}
		if err := s.record(ctx, tx, e); err != nil {
			return err
		}
	}
	if p.Role == nil {
		return nil
	}
	return s.giveRole(ctx, tx, who, id, *p.Role)
}

// errNoOrganization refuses a role on a server without a main organization.
var errNoOrganization = invalidFor("role", ReasonNoOrganization, "needs an organization")

// giveRole sets the role in the main organization, which the account joins if necessary.
func (s *Service) giveRole(ctx context.Context, tx Tx, who admin, id AccountID, role OrganizationRole) error {
	if who.main == "" {
		return errNoOrganization
	}
	in, err := tx.InOrganization(who.main, id)
	if err != nil {
		return err
	}
	if !in {
		if err := tx.AddToOrganization(who.main, []AccountID{id}); err != nil {
			return err
		}
		o, err := tx.Organization(who.main)
		if err != nil {
			return err
		}
		publishMoved(tx, o)
		if err := s.record(ctx, tx, onOrganization(AuditOrganizationJoined, who.main).withAccounts([]AccountID{id})); err != nil {
			return err
		}
	}
	return s.setRole(ctx, tx, who, who.main, id, role)
}

// AdminSignOut ends all sessions, JWTs, codes, upload tokens and known devices of a person. The password and the
// identities of providers stay. Administrators only; only owners sign out an owner.
func (s *Service) AdminSignOut(ctx context.Context, by Actor, id AccountID) error {
	ctx = s.administering(ctx, by, mayChangeAccount(id))
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := tx.Account(id); err != nil {
			return or(err, ErrAccountNotFound)
		}
		if err := s.endOthers(tx, id, "", false); err != nil {
			return err
		}
		return s.record(ctx, tx, onAccount(AuditSessionsEnded, id))
	})
}

// AdminRevokeEverything is [Service.RevokeTokens] for administrators; only owners do it for an owner. It is refused for the own
// account, and if no owner could sign in afterwards.
func (s *Service) AdminRevokeEverything(ctx context.Context, by Actor, id AccountID) error {
	if id == by.Account {
		return Invalid("everything", "must not be used for your own account")
	}
	ctx = s.administering(ctx, by, mayChangeAccount(id))
	return s.store.Update(ctx, func(tx Tx) error {
		a, err := tx.Account(id)
		if err != nil {
			return or(err, ErrAccountNotFound)
		}
		check, err := s.ownersStayIn(tx)
		if err != nil {
			return err
		}
		if err := s.revokeEverything(ctx, tx, a); err != nil {
			return err
		}
		return check("everything")
	})
}

// ownersStayIn returns a function to call after a change. It refuses the change if no owner can sign in any more, while one could
// before.
func (s *Service) ownersStayIn(tx Tx) (check func(field string) error, err error) {
	stored, err := tx.Settings()
	if err != nil {
		return nil, err
	}
	ways := signingIn{values: s.values(stored)}
	if ways.apps, err = tx.Applications(); err != nil {
		return nil, err
	}
	could, err := s.ownerCanSignIn(tx, ways)
	if err != nil || !could {
		return func(string) error { return nil }, err
	}
	return func(field string) error {
		can, err := s.ownerCanSignIn(tx, ways)
		if err == nil && !can {
			err = invalidFor(field, ReasonNoWay, "must leave a way by which an owner can sign in")
		}
		return err
	}, nil
}

// AdminSetPassword gives a person a password; see [Service.SetPassword]. Administrators only; only
// owners set the password of an owner. [ErrSignInAgain]: it is the account of the caller, of an owner
// or of an administrator, and the session is not fresh; see [Service.FreshUntil].
func (s *Service) AdminSetPassword(ctx context.Context, by Actor, id AccountID, password string) error {
	// Hashing is expensive, so the caller is checked first.
	if err := s.MayAdminister(ctx, by); err != nil {
		return err
	}
	return s.SetPassword(s.administering(ctx, by, s.mayChangeSignIn(ctx, id)), id, password)
}

// AdminSignInCode creates a code that signs a person in once. Unlike a code of the host system, it
// does not replace the second factor. Administrators only; only owners create a code for an owner.
// [ErrSignInAgain]: as for [Service.AdminSetPassword].
func (s *Service) AdminSignInCode(ctx context.Context, by Actor, id AccountID, ttl time.Duration) (code string, expires time.Time, err error) {
	return s.CreateSignInCode(s.administering(ctx, by, s.mayChangeSignIn(ctx, id)), NewSignInCode{Account: id, TTL: ttl, byAdministrator: true})
}
