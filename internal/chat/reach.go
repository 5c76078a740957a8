package chat

import (
	"context"
	"slices"
)

// Reach decides which objects exist for an application that is bound to an organization.
// It is valid during one call of [Service.Reach].
type Reach struct {
	tx           Tx
	organization OrganizationID
}

// Reach calls fn with the objects that exist for an application bound to the organization:
//
//  1. Its organization, and no other one.
//  2. The accounts that are its members.
//  3. The groups of which one of them is an administrator: the application may do
//     in a group what that person may. Of a dissolved group, which has no
//     administrators, the creator counts.
//  4. The applications that are bound to the same organization.
//  5. The log-ins of its accounts by access tokens. A JWT is known by a name that
//     does not tell its account.
func (s *Service) Reach(ctx context.Context, to OrganizationID, fn func(Reach) error) error {
	return s.store.View(ctx, func(tx Tx) error { return fn(Reach{tx, to}) })
}

// Organization reports whether the organization is the one.
func (r Reach) Organization(id OrganizationID) (bool, error) { return id == r.organization, nil }

// Account reports whether the account is a member of the organization. The chat
// with oneself is everybody's.
func (r Reach) Account(id AccountID) (bool, error) {
	if id == FileTransfer {
		return true, nil
	}
	return r.tx.InOrganization(r.organization, id)
}

// Group reports whether the group belongs to the organization.
func (r Reach) Group(id GroupID) (bool, error) {
	g, err := r.tx.Group(id)
	if err != nil {
		return false, or(err, nil)
	}
	masters := g.Admins
	if g.Dissolved() {
		masters = []AccountID{g.Creator}
	}
	for _, a := range masters {
		if in, err := r.tx.InOrganization(r.organization, a); in || err != nil {
			return in, err
		}
	}
	return false, nil
}

// Member reports whether the account, of any organization, is in the group.
func (r Reach) Member(g GroupID, a AccountID) (bool, error) {
	head, err := r.tx.GroupHead(g)
	if err != nil {
		return false, or(err, nil)
	}
	return isMember(r.tx, head.Conversation, a)
}

// Application reports whether the application with the id or key is bound to the
// organization.
func (r Reach) Application(ref AppID) (bool, error) {
	a, err := applicationBy(r.tx, ref)
	return err == nil && a.Organization == r.organization, or(err, nil)
}

// Session reports whether an account of the organization logged in by an access
// token that has this session.
func (r Reach) Session(id SessionID) (bool, error) {
	t, err := r.tx.TokenBySession(id)
	if err != nil {
		return false, or(err, nil)
	}
	return r.Account(t.Account)
}

// Applications lists the applications that are bound to the organization.
func (r Reach) Applications() ([]Application, error) {
	all, err := r.tx.Applications()
	return slices.DeleteFunc(all, func(a Application) bool { return a.Organization != r.organization }), err
}

// GroupsOf returns those groups of the account that belong to the organization.
func (r Reach) GroupsOf(a AccountID) ([]GroupSubscription, error) {
	all, err := r.tx.GroupsOf(a)
	if err != nil {
		return nil, err
	}
	var own []GroupSubscription
	for _, g := range all {
		ok, err := r.Group(g.Group)
		if err != nil {
			return nil, err
		}
		if ok {
			own = append(own, g)
		}
	}
	return own, nil
}

// reachPage is how many rows are read at once where those of others are left out.
const reachPage = 200

// Contacts pages through those contacts of the account that are members of the
// organization; see [Service.Contacts].
func (r Reach) Contacts(of AccountID, query string, offset, limit int) ([]Account, error) {
	if _, err := r.tx.Account(of); err != nil {
		return nil, or(err, ErrAccountNotFound)
	}
	from := 0
	return r.members(offset, limit, func() ([]Account, error) {
		page, err := r.tx.Contacts(of, query, from, reachPage)
		from += reachPage
		return page, err
	})
}

// Friends pages through those friends of the account that are members of the
// organization; see [Service.Friends].
func (r Reach) Friends(of, after AccountID, limit int) ([]Account, error) {
	if _, err := r.tx.Account(of); err != nil {
		return nil, or(err, ErrAccountNotFound)
	}
	return r.members(0, limit, func() ([]Account, error) {
		page, err := r.tx.Friends(of, after, reachPage)
		if len(page) > 0 {
			after = page[len(page)-1].ID
		}
		return page, err
	})
}

// members reads page after page and keeps the members of the organization, but for
// the first offset of them, until there are limit.
func (r Reach) members(offset, limit int, next func() ([]Account, error)) ([]Account, error) {
	var kept []Account
	for {
		page, err := next()
		if err != nil || len(page) == 0 {
			return kept, err
		}
		for _, a := range page {
			if ok, err := r.Account(a.ID); err != nil {
				return nil, err
			} else if !ok {
				continue
			}
			if offset > 0 {
				offset--
				continue
			}
			if kept = append(kept, a); len(kept) == limit {
				return kept, nil
			}
		}
	}
}

// HideAddresses removes the e-mail addresses of members of other organizations.
// Their names and pictures are shown: a group may be shared by two organizations.
func (r Reach) HideAddresses(members []GroupMember) error {
	for i := range members {
		ok, err := r.Account(members[i].Account.ID)
		if err != nil {
			return err
		}
		if !ok {
			members[i].Account.Email = ""
		}
	}
	return nil
}
