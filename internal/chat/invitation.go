package chat

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// InvitationID identifies an invitation. It is not a secret.
type InvitationID string

// Invitation lets people create accounts in an organization. Its link contains a secret. Only the
// hash of the secret is stored.
type Invitation struct {
	ID           InvitationID
	Hash         [32]byte
	Organization OrganizationID
	Role         OrganizationRole // [OrganizationMember] or [OrganizationGuest]
	Groups       []GroupID        // that the person joins
	Email        string           // that it was sent to; may be empty
	Domain       string           // that e-mail addresses must have; empty: any
	Uses         int
	MaxUses      int       // 0: any number
	Creator      AccountID // empty: a host system
	CreatedAt    time.Time
	ExpiresAt    time.Time
	RevokedAt    time.Time // zero: not revoked
}

// InvitationState is the state of an invitation. Only a live one can be used.
type InvitationState string

// The states.
const (
	InvitationLive    InvitationState = "live"
	InvitationEnded   InvitationState = "ended"
	InvitationUsed    InvitationState = "used" // MaxUses times
	InvitationRevoked InvitationState = "revoked"
	InvitationVoid    InvitationState = "void" // the creator may no longer invite people
)

// State returns the state at a time. It does not check the creator; [InvitationSeen.State] does.
func (i *Invitation) State(now time.Time) InvitationState {
	switch {
	case !i.RevokedAt.IsZero():
		return InvitationRevoked
	case i.MaxUses > 0 && i.Uses >= i.MaxUses:
		return InvitationUsed
	case !now.Before(i.ExpiresAt):
		return InvitationEnded
	}
	return InvitationLive
}

// did begins an entry of the audit log about the invitation.
func (i *Invitation) did(kind AuditKind, by Actor) AuditEntry {
	return AuditEntry{Kind: kind, Actor: by.Account, App: by.App, TargetType: TargetInvitation, Target: string(i.ID)}
}

// NewInvitation describes an invitation to be created.
type NewInvitation struct {
	Organization OrganizationID   // empty: the main one
	Role         OrganizationRole // empty: [OrganizationMember]
	Groups       []GroupID        // a guest needs one
	Email        string           // for the one person with this address; may be empty
	Domain       string           // of e-mail addresses, like example.test; may be empty
	MaxUses      int              // 0: any number
	TTL          time.Duration    // 0: seven days

	// Link returns the address with the secret. If Link and Email are set and mail is on, the
	// invitation is sent to Email.
	Link func(secret string) string
}

// The limits of an invitation.
const (
	defaultInvitationTTL = 7 * 24 * time.Hour
	maxInvitationTTL     = 366 * 24 * time.Hour
	maxInvitationUses    = 100_000
	maxInvitationGroups  = 50
)

// IssuedInvitation is a new invitation with its secret, which cannot be read again.
type IssuedInvitation struct {
	InvitationSeen
	Secret string
	Mailed bool // it is sent to Email
}

// InvitationSeen is an invitation with the names of the things that it refers to.
type InvitationSeen struct {
	Invitation
	Inviter    string   // name of the creator
	Into       string   // name of the organization
	GroupNames []string // without dissolved groups
	Void       bool     // the creator may no longer invite people
}

// State returns the state at a time.
func (i *InvitationSeen) State(now time.Time) InvitationState {
	state := i.Invitation.State(now)
	if state == InvitationLive && i.Void {
		return InvitationVoid
	}
	return state
}

// CreateInvitation creates an invitation. Administrators only.
func (s *Service) CreateInvitation(ctx context.Context, by Actor, n NewInvitation) (IssuedInvitation, error) {
	if err := s.cleanInvitation(&n); err != nil {
		return IssuedInvitation{}, err
	}
	secret, now := newSecret(), s.now()
	return update(ctx, s, func(tx Tx) (IssuedInvitation, error) {
		o, err := s.mayInvite(tx, by, n.Organization)
		if err != nil {
			return IssuedInvitation{}, err
		}
		for _, id := range n.Groups {
			switch _, err := openGroup(tx, id); {
			case errors.Is(err, ErrGroupNotFound):
				return IssuedInvitation{}, Invalid("groups", "names a group that does not exist: %.64q", string(id))
			case err != nil:
				return IssuedInvitation{}, err
			}
		}
		i := Invitation{
			ID: InvitationID(newID()), Hash: sha256.Sum256([]byte(secret)), Organization: o.ID, Role: n.Role, Groups: n.Groups,
			Email: n.Email, Domain: n.Domain, MaxUses: n.MaxUses, Creator: by.Account, CreatedAt: now, ExpiresAt: now.Add(n.TTL),
		}
		if err := tx.CreateInvitation(i); err != nil {
			return IssuedInvitation{}, err
		}
		entry := i.did(AuditInvitationCreated, by).with("role", string(i.Role)).with("maxUses", strconv.Itoa(i.MaxUses))
		if err := s.record(ctx, tx, entry); err != nil {
			return IssuedInvitation{}, err
		}
		seen, err := seeInvitation(tx, i)
		if err != nil {
			return IssuedInvitation{}, err
		}
		mailed := i.Email != "" && n.Link != nil && s.MailOn()
		if mailed {
			subject, text := s.text().invitationMail(seen.Into, seen.Inviter, n.Link(secret))
			if err := s.queueMail(tx, i.Email, subject, text, i.ExpiresAt); err != nil {
				return IssuedInvitation{}, err
			}
		}
		return IssuedInvitation{seen, secret, mailed}, nil
	})
}

// mayInvite returns the organization if the caller may invite people to it.
func (s *Service) mayInvite(tx Tx, by Actor, id OrganizationID) (Organization, error) {
	if _, err := administrator(tx, by); err != nil {
		return Organization{}, err
	}
	if id == "" {
		o, err := tx.MainOrganization()
		return o, or(err, ErrNotFound)
	}
	o, err := tx.Organization(id)
	return o, or(err, ErrNotFound)
}

func (s *Service) cleanInvitation(n *NewInvitation) (err error) {
	setDefault(&n.Role, OrganizationMember)
	setDefault(&n.TTL, defaultInvitationTTL)
	n.Groups = unique(n.Groups)
	if n.Email, err = cleanEmail("email", n.Email); err != nil {
		return err
	}
	if n.Domain != "" {
		address, err := cleanEmail("domain", "somebody@"+strings.TrimPrefix(strings.TrimSpace(n.Domain), "@"))
		if err != nil {
			return Invalid("domain", "must be the part of an e-mail address behind the @, like example.test")
		}
		n.Domain = domainOf(address)
	}
	switch {
	case n.Role != OrganizationMember && n.Role != OrganizationGuest:
		return Invalid("role", "must be member or guest")
	case n.Role == OrganizationGuest && len(n.Groups) == 0:
		return Invalid("groups", "is required: a guest sees only the groups of the invitation")
	case len(n.Groups) > maxInvitationGroups:
		return Invalid("groups", "must name at most %d groups", maxInvitationGroups)
	case n.MaxUses < 0 || n.MaxUses > maxInvitationUses:
		return Invalid("maxUses", "must be between 0 and %d", maxInvitationUses)
	case n.TTL < time.Minute || n.TTL > maxInvitationTTL:
		return Invalid("ttl", "must be a minute to %d days", maxInvitationTTL/(24*time.Hour))
	}
	for _, id := range n.Groups {
		if err := checkID("groups", id); err != nil {
			return err
		}
	}
	return nil
}

// domainOf returns the domain of an address that [cleanEmail] has returned.
func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// Invitations returns a page of the invitations to an organization (empty: the main one), newest
// first. Administrators only.
func (s *Service) Invitations(ctx context.Context, by Actor, of OrganizationID, offset, limit int) ([]InvitationSeen, error) {
	return view(ctx, s, func(tx Tx) ([]InvitationSeen, error) {
		o, err := s.mayInvite(tx, by, of)
		if err != nil {
			return nil, err
		}
		all, err := tx.Invitations(o.ID, offset, s.page(limit))
		if err != nil {
			return nil, err
		}
		shown := make([]InvitationSeen, len(all))
		for n, i := range all {
			if shown[n], err = seeInvitation(tx, i); err != nil {
				return nil, err
			}
		}
		return shown, nil
	})
}

// RevokeInvitation ends an invitation. Accounts that were created with it stay. Administrators only.
func (s *Service) RevokeInvitation(ctx context.Context, by Actor, id InvitationID) error {
	if err := checkID("invitation", id); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		i, err := tx.Invitation(id)
		if err != nil {
			if _, denied := s.mayInvite(tx, by, ""); denied != nil {
				return denied
			}
			return or(err, ErrNotFound)
		}
		if _, err := s.mayInvite(tx, by, i.Organization); err != nil {
			return err
		}
		if !i.RevokedAt.IsZero() {
			return nil
		}
		i.RevokedAt = s.now()
		if err := tx.UpdateInvitation(i); err != nil {
			return err
		}
		return s.record(ctx, tx, i.did(AuditInvitationRevoked, by))
	})
}

func seeInvitation(tx Tx, i Invitation) (seen InvitationSeen, err error) {
	seen.Invitation = i
	if i.Creator != "" {
		creator, err := tx.Account(i.Creator)
		if err != nil {
			return seen, err
		}
		seen.Inviter = creator.Name
	}
	may, err := creatorMayInvite(tx, i)
	if err != nil {
		return seen, err
	}
	seen.Void = !may
	o, err := tx.Organization(i.Organization)
	if err != nil {
		return seen, err
	}
	seen.Into = o.Name
	for _, id := range i.Groups {
		g, err := openGroup(tx, id)
		if errors.Is(err, ErrGroupNotFound) {
			continue
		}
		if err != nil {
			return seen, err
		}
		seen.GroupNames = append(seen.GroupNames, g.Name)
	}
	return seen, nil
}

// InvitationBySecret returns the invitation with the secret of a link. [ErrInvalidCode]: it does not
// exist, has expired, was revoked or used up, or its creator may no longer invite people.
func (s *Service) InvitationBySecret(ctx context.Context, secret string) (_ InvitationSeen, err error) {
	var i Invitation
	defer func() { s.refusedInvitation(ctx, i, err) }()
	return view(ctx, s, func(tx Tx) (InvitationSeen, error) {
		var err error
		if i, err = s.liveInvitation(tx, secret); err != nil {
			return InvitationSeen{}, err
		}
		return seeInvitation(tx, i)
	})
}

// refusedInvitation records that an invitation was refused because it cannot be used. i is zero if there is none.
func (s *Service) refusedInvitation(ctx context.Context, i Invitation, err error) {
	if err != ErrInvalidCode {
		return
	}
	r := Refusal{Kind: AuditInvitationRefused, Invitation: i.ID, Reason: err}
	if i.ID != "" {
		if r.State = i.State(s.now()); r.State == InvitationLive {
			r.State = InvitationVoid
		}
	}
	s.RecordRefusal(ctx, r)
}

// liveInvitation returns the invitation with the secret. An invitation that exists is also returned with [ErrInvalidCode].
func (s *Service) liveInvitation(tx Tx, secret string) (Invitation, error) {
	i, err := tx.InvitationByHash(sha256.Sum256([]byte(secret)))
	if err == nil {
		err = s.mustBeLive(tx, i)
	}
	return i, or(err, ErrInvalidCode)
}

// mustBeLive returns [ErrNoRow] for an invitation that cannot be used.
func (s *Service) mustBeLive(tx Tx, i Invitation) error {
	if i.State(s.now()) != InvitationLive {
		return ErrNoRow
	}
	may, err := creatorMayInvite(tx, i)
	if err == nil && !may {
		err = ErrNoRow
	}
	return err
}

// creatorMayInvite reports whether the creator of the invitation may still invite people. The creator
// must be an active owner or administrator of the main organization, or a host system.
func creatorMayInvite(tx Tx, i Invitation) (bool, error) {
	if i.Creator == "" {
		return true, nil
	}
	creator, err := tx.Account(i.Creator)
	if err != nil || !creator.Active {
		return false, err
	}
	main, err := tx.MainOrganization()
	if err != nil {
		return false, or(err, nil)
	}
	role, err := roleIn(tx, main.ID, creator.ID)
	return role.administers(), err
}

// Newcomer describes the person who accepts an invitation.
type Newcomer struct {
	Name, Email        string
	Password           string // required if people sign in with passwords
	Language, TimeZone string // see [Account]
	Device             Device
}

// AcceptInvitation creates an account in the organization and in the groups of the invitation, and
// signs it in. If several people accept the last use at the same time, one succeeds. The refusals
// are those of [Service.InvitationBySecret].
func (s *Service) AcceptInvitation(ctx context.Context, secret string, n Newcomer) (_ SignedIn, err error) {
	var i Invitation
	defer func() { s.refusedInvitation(ctx, i, err) }()
	// Checked before the password is hashed, because hashing is expensive.
	if err := s.store.View(ctx, func(tx Tx) (err error) {
		i, err = s.liveInvitation(tx, secret)
		return err
	}); err != nil {
		return SignedIn{}, err
	}
	if n.Name, err = s.cleanName("name", n.Name); err != nil {
		return SignedIn{}, err
	}
	if n.Email, err = cleanEmail("email", n.Email); err != nil {
		return SignedIn{}, err
	}
	if err := i.admits(n.Email); err != nil {
		return SignedIn{}, err
	}
	newcomer := Account{Name: n.Name, Email: n.Email, Language: n.Language, TimeZone: n.TimeZone}
	if err := checkLocale(newcomer, Account{}); err != nil {
		return SignedIn{}, err
	}
	hash := ""
	if s.PasswordsOn() {
		if n.Email == "" {
			return SignedIn{}, Invalid("email", "is required")
		}
		if hash, err = s.hashPassword(ctx, n.Email, n.Password); err != nil {
			return SignedIn{}, err
		}
	} else if n.Password != "" {
		return SignedIn{}, ErrPasswordsOff
	}
	return update(ctx, s, func(tx Tx) (SignedIn, error) {
		var err error
		if i, err = s.useInvitation(tx, secret); err != nil {
			return SignedIn{}, err
		}
		if err := emailFree(tx, n.Email, ""); err != nil {
			return SignedIn{}, err
		}
		a, err := s.enroll(tx, newcomer, hash, i.Organization, i.Role)
		if err != nil {
			return SignedIn{}, err
		}
		if err := s.enterInvited(tx, i, a); err != nil {
			return SignedIn{}, err
		}
		if err := s.record(ctx, tx, i.did(AuditInvitationAccepted, Actor{Account: a.ID, App: n.Device.App})); err != nil {
			return SignedIn{}, err
		}
		return s.signInOrAsk(ctx, tx, a, n.Device, MethodInvitation)
	})
}

// admits refuses an address outside of the domain of the invitation. An address that a person types
// is not verified.
func (i *Invitation) admits(email string) error {
	if i.Domain != "" && (email == "" || domainOf(email) != i.Domain) {
		return invalidEmail(ReasonEmailDomain, "must end in @%s", i.Domain)
	}
	return nil
}

// useInvitation counts one use.
func (s *Service) useInvitation(tx Tx, secret string) (Invitation, error) {
	i, err := s.liveInvitation(tx, secret)
	if err != nil {
		return i, err
	}
	i.Uses++
	return i, tx.UpdateInvitation(i)
}

// befriendInviter makes the creator of the invitation a friend of a new guest. Without it the guest
// could write to nobody directly.
func (s *Service) befriendInviter(tx Tx, i Invitation, a Account) error {
	if i.Role != OrganizationGuest || i.Creator == "" || i.Creator == a.ID {
		return nil
	}
	related, err := tx.RelatedAccounts(i.Creator, a.ID)
	if err != nil || related {
		return err
	}
	inviter, err := tx.Account(i.Creator)
	if err != nil || !inviter.Active {
		return err
	}
	return s.befriend(tx, inviter, a)
}

// enterInvited adds the account to the groups of the invitation, except dissolved ones.
func (s *Service) enterInvited(tx Tx, i Invitation, a Account) error {
	if err := s.befriendInviter(tx, i, a); err != nil {
		return err
	}
	for _, id := range i.Groups {
		g, err := openGroup(tx, id)
		if errors.Is(err, ErrGroupNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if in, err := isMember(tx, g.Conversation, a.ID); err != nil {
			return err
		} else if in {
			continue
		}
		if g, err = tx.Group(id); err != nil {
			return err
		}
		// An invitation of a host system has no creator. Members see the creator of the group as the inviter.
		inviter := i.Creator
		if inviter == "" {
			inviter = g.Creator
		}
		who, err := tx.Account(inviter)
		if err != nil {
			return err
		}
		if err := s.enterGroup(tx, "", g, who, []Account{a}); err != nil {
			return err
		}
	}
	return nil
}

// JoinByInvitation adds the caller's account to the organization and to the groups of the
// invitation. A member of the organization keeps the present role.
func (s *Service) JoinByInvitation(ctx context.Context, by Actor, secret string) (_ InvitationSeen, err error) {
	var i Invitation
	defer func() { s.refusedInvitation(ctx, i, err) }()
	return update(ctx, s, func(tx Tx) (InvitationSeen, error) {
		a, err := caller(tx, by)
		if err != nil {
			return InvitationSeen{}, err
		}
		if i, err = s.liveInvitation(tx, secret); err != nil {
			return InvitationSeen{}, err
		}
		if i, err = s.joinInvited(ctx, tx, i, a, by); err != nil {
			return InvitationSeen{}, err
		}
		return seeInvitation(tx, i)
	})
}

// joinInvited adds an account to the organization and to the groups of a live invitation, and counts
// the use. If the account is already in all of them, nothing changes.
func (s *Service) joinInvited(ctx context.Context, tx Tx, i Invitation, a Account, by Actor) (Invitation, error) {
	if err := i.admits(a.Email); err != nil {
		return i, err
	}
	fresh, err := s.newTo(tx, i, a.ID)
	if err != nil || !fresh {
		return i, err
	}
	i.Uses++
	if err := tx.UpdateInvitation(i); err != nil {
		return i, err
	}
	if err := s.joinOrganization(tx, i, a.ID); err != nil {
		return i, err
	}
	if err := s.enterInvited(tx, i, a); err != nil {
		return i, err
	}
	return i, s.record(ctx, tx, i.did(AuditInvitationAccepted, by))
}

// newTo reports whether the invitation would change something for the account.
func (s *Service) newTo(tx Tx, i Invitation, a AccountID) (bool, error) {
	in, err := tx.InOrganization(i.Organization, a)
	if err != nil || !in {
		return true, err
	}
	return slices.ContainsFunc(i.Groups, func(id GroupID) bool {
		g, openErr := openGroup(tx, id)
		if openErr != nil {
			return false
		}
		member, memberErr := isMember(tx, g.Conversation, a)
		err = errors.Join(err, memberErr)
		return memberErr == nil && !member
	}), err
}

func (s *Service) joinOrganization(tx Tx, i Invitation, a AccountID) error {
	in, err := tx.InOrganization(i.Organization, a)
	if err != nil || in {
		return err
	}
	if err := tx.AddToOrganization(i.Organization, []AccountID{a}); err != nil {
		return err
	}
	o, err := tx.Organization(i.Organization)
	if err != nil {
		return err
	}
	publishMoved(tx, o)
	if i.Role == OrganizationMember {
		return nil
	}
	return tx.SetOrganizationRole(i.Organization, a, i.Role)
}
