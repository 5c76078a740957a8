package chat

import (
	"context"
	"errors"
)

// Person is an account as another account sees it. Email is empty unless they are contacts or the
// same account.
type Person struct {
	Account
	Initial string // of the name in a directory: "A" to "Z", or "#"
	Contact bool   // the reader may write to the person
	Friend  bool
}

// Profile is a person with the details of their profile page.
type Profile struct {
	Person
	Organizations []Organization // of another person: those that both are in
	InCommon      []Group        // groups that both are in, without Members and Admins
	Request       RequestSide    // of a waiting friend request
}

// RequestSide is the side of a friend request that the reader is on.
type RequestSide string

// The reader has sent the request, or has received it.
const (
	RequestSent     RequestSide = "sent"
	RequestReceived RequestSide = "received"
)

// maxInCommon bounds the groups that a profile lists.
const maxInCommon = 100

// ProfilePatch changes the fields that are not nil.
type ProfilePatch struct {
	Name, Avatar, Language, TimeZone *string
	HidesReading, HidesActivity      *bool
}

// seen returns the account a as the account me sees it.
func seen(tx Tx, me AccountID, a Account) (Person, error) {
	p := Person{Account: a, Initial: tx.Initial(a.Name)}
	if a.ID == me {
		return p, nil
	}
	related, err := tx.RelatedAccounts(me, a.ID)
	if err != nil {
		return Person{}, err
	}
	p.Contact = related && a.Active
	if !p.Contact {
		p.Email = ""
	}
	if related {
		p.Friend, err = tx.AreFriends(me, a.ID)
	}
	return p, err
}

// Me returns the caller's own profile.
func (s *Service) Me(ctx context.Context, by Actor) (Profile, error) {
	return view(ctx, s, func(tx Tx) (Profile, error) {
		me, err := caller(tx, by)
		if err != nil {
			return Profile{}, err
		}
		p := Profile{}
		if p.Person, err = seen(tx, me.ID, me); err != nil {
			return Profile{}, err
		}
		p.Organizations, err = tx.OrganizationsOf(me.ID)
		return p, err
	})
}

// ServerRole returns the caller's role in the main organization, or "" if the caller is not in it.
func (s *Service) ServerRole(ctx context.Context, by Actor) (OrganizationRole, error) {
	return view(ctx, s, func(tx Tx) (OrganizationRole, error) {
		main, err := tx.MainOrganization()
		if err != nil {
			return "", or(err, nil)
		}
		return roleIn(tx, main.ID, by.Account)
	})
}

// Profile returns a person whom the caller knows: a colleague, a friend, a member of a common group, a
// person with a common chat, or the other side of a waiting friend request. For all other ids,
// existing or not, it returns [ErrAccountNotFound].
func (s *Service) Profile(ctx context.Context, by Actor, id AccountID) (Profile, error) {
	if id == by.Account {
		return s.Me(ctx, by)
	}
	if err := checkID("account", id); err != nil {
		return Profile{}, err
	}
	return view(ctx, s, func(tx Tx) (Profile, error) {
		me, err := caller(tx, by)
		if err != nil {
			return Profile{}, err
		}
		a, err := tx.Account(id)
		if err != nil {
			return Profile{}, or(err, ErrAccountNotFound)
		}
		p, err := profile(tx, me.ID, a)
		if err != nil {
			return Profile{}, err
		}
		known := p.Friend || len(p.Organizations) > 0 || len(p.InCommon) > 0 || p.Request != ""
		if !known {
			known, err = haveTalked(tx, me.ID, id)
		}
		if err == nil && !known {
			err = ErrAccountNotFound
		}
		return p, err
	})
}

func profile(tx Tx, me AccountID, a Account) (p Profile, err error) {
	if p.Person, err = seen(tx, me, a); err != nil {
		return p, err
	}
	if p.Organizations, err = organizationsInCommon(tx, me, a.ID); err != nil {
		return p, err
	}
	if p.InCommon, err = tx.GroupsInCommon(me, a.ID, maxInCommon); err != nil {
		return p, err
	}
	p.Request, err = waitingRequest(tx, me, a.ID)
	return p, err
}

// organizationsInCommon returns the organizations in which both are colleagues: an
// organization opens nobody to a guest, and no guest to anybody.
func organizationsInCommon(tx Tx, a, b AccountID) ([]Organization, error) {
	own, err := tx.RolesOf(a)
	if err != nil {
		return nil, err
	}
	others, err := tx.RolesOf(b)
	if err != nil {
		return nil, err
	}
	all, err := tx.OrganizationsOf(b)
	if err != nil {
		return nil, err
	}
	var both []Organization
	for _, o := range all {
		if own[o.ID].colleague() && others[o.ID].colleague() {
			both = append(both, o)
		}
	}
	return both, nil
}

func haveTalked(tx Tx, a, b AccountID) (bool, error) {
	c, err := tx.DirectConversation(a, b)
	if errors.Is(err, ErrNoRow) {
		return false, nil
	}
	return err == nil && c.LastSeq > 0, err
}

// UpdateProfile changes the fields that people may change about themselves, and pushes
// the new profile to their own sockets and to their friends.
func (s *Service) UpdateProfile(ctx context.Context, by Actor, p ProfilePatch) (Person, error) {
	return update(ctx, s, func(tx Tx) (Person, error) {
		me, err := caller(tx, by)
		if err != nil {
			return Person{}, err
		}
		if me, err = s.changeAccount(ctx, tx, me, AccountPatch{
			Name: p.Name, Avatar: p.Avatar, Language: p.Language, TimeZone: p.TimeZone, HidesReading: p.HidesReading, HidesActivity: p.HidesActivity,
		}); err != nil {
			return Person{}, err
		}
		return seen(tx, me.ID, me)
	})
}
