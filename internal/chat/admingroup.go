package chat

import (
	"context"
	"time"
)

// GroupRow is a group as administrators see it, without its messages.
type GroupRow struct {
	Group
	CreatorName   string
	CreatorActive bool
	LastAt        time.Time // of the last message; zero: none
	Messages      int64     // of people
}

// FindGroups selects groups in storage's terms.
type FindGroups struct {
	Query     string
	Dissolved bool      // also dissolved ones
	Ownerless bool      // only those whose creator is not active
	AfterAt   time.Time // the page begins after the group with this creation time and the id After
	After     GroupID
	Limit     int
}

// GroupCount has numbers of groups.
type GroupCount struct {
	Open      int
	Ownerless int // open ones whose creator is not active
}

// GroupsQuery selects groups for the administration. A zero field is no restriction.
type GroupsQuery struct {
	Query     string // as in a directory
	Dissolved bool   // also dissolved ones
	Ownerless bool   // only those whose creator is not active
	After     GroupID
	Limit     int
}

// AdminGroups returns a page of all groups, newest first, and whether there are more.
// Administrators only.
func (s *Service) AdminGroups(ctx context.Context, by Actor, q GroupsQuery) (groups []GroupRow, more bool, err error) {
	if err := s.checkSearch(q.Query, 0); err != nil {
		return nil, false, err
	}
	limit := s.page(q.Limit)
	err = s.store.Search(ctx, func(tx Tx) error {
		if _, err := administrator(tx, by); err != nil {
			return err
		}
		find := FindGroups{Query: q.Query, Dissolved: q.Dissolved, Ownerless: q.Ownerless, Limit: limit + 1}
		if q.After != "" {
			after, err := tx.GroupHead(q.After)
			if err != nil {
				return or(err, Invalid("next", "is not the end of a page"))
			}
			find.AfterAt, find.After = after.CreatedAt, after.ID
		}
		groups, err = tx.Groups(find)
		more = len(groups) > limit
		groups = groups[:min(limit, len(groups))]
		return err
	})
	return groups, more, err
}

// groupRow returns one group with its Members.
func groupRow(tx Tx, id GroupID) (r GroupRow, err error) {
	if r.Group, err = tx.Group(id); err != nil {
		return r, or(err, ErrGroupNotFound)
	}
	c, err := tx.Conversation(r.Conversation)
	if err != nil {
		return r, err
	}
	r.LastAt, r.Messages = c.LastAt, c.Count
	creator, err := tx.Account(r.Creator)
	r.CreatorName, r.CreatorActive = creator.Name, creator.Active
	return r, err
}

// AdminGroup returns a group, also a dissolved one. Administrators only.
func (s *Service) AdminGroup(ctx context.Context, by Actor, id GroupID) (GroupRow, error) {
	return view(ctx, s, func(tx Tx) (GroupRow, error) {
		if _, err := administrator(tx, by); err != nil {
			return GroupRow{}, err
		}
		return groupRow(tx, id)
	})
}

// AdminGroupMembers returns a page of the members by account id. Administrators only.
func (s *Service) AdminGroupMembers(ctx context.Context, by Actor, id GroupID, after AccountID, limit int) ([]GroupMember, error) {
	return view(ctx, s, func(tx Tx) ([]GroupMember, error) {
		if _, err := administrator(tx, by); err != nil {
			return nil, err
		}
		g, err := tx.GroupHead(id)
		if err != nil {
			return nil, or(err, ErrGroupNotFound)
		}
		return tx.Members(g.Conversation, after, s.page(limit))
	})
}

// AdminDissolveGroup closes a group permanently; see [Service.DissolveGroup]. Administrators only.
func (s *Service) AdminDissolveGroup(ctx context.Context, by Actor, id GroupID) error {
	return s.DissolveGroup(s.administering(ctx, by, nil), Actor{App: by.App}, id)
}

// AdminAddGroupMembers adds people to a group. Administrators only.
func (s *Service) AdminAddGroupMembers(ctx context.Context, by Actor, id GroupID, accounts []AccountID) ([]GroupMember, error) {
	return s.AddGroupMembers(s.administering(ctx, by, nil), Actor{App: by.App}, id, accounts)
}

// AdminRemoveGroupMember removes a person from a group. Administrators only.
func (s *Service) AdminRemoveGroupMember(ctx context.Context, by Actor, id GroupID, a AccountID) error {
	if a == "" {
		return Invalid("account", "is required")
	}
	return s.RemoveGroupMember(s.administering(ctx, by, nil), Actor{App: by.App}, id, a)
}

// AdminHandOverGroup makes another person the creator of a group, and a member if necessary. The
// former creator stays an administrator of the group. A guest is refused. Administrators only.
func (s *Service) AdminHandOverGroup(ctx context.Context, by Actor, id GroupID, to AccountID) (GroupRow, error) {
	ctx = s.administering(ctx, by, nil)
	return update(ctx, s, func(tx Tx) (GroupRow, error) {
		if err := s.handOver(ctx, tx, by, id, to); err != nil {
			return GroupRow{}, err
		}
		return groupRow(tx, id)
	})
}

// AdminHandOverGroups hands over every open group of one person to another, for example of a person
// who leaves the company, and returns the groups. Administrators only.
func (s *Service) AdminHandOverGroups(ctx context.Context, by Actor, from, to AccountID) ([]GroupID, error) {
	ctx = s.administering(ctx, by, mayChangeAccount(from))
	return update(ctx, s, func(tx Tx) ([]GroupID, error) {
		if _, err := tx.Account(from); err != nil {
			return nil, or(err, ErrAccountNotFound)
		}
		groups, err := tx.GroupsCreatedBy(from)
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			if err := s.handOver(ctx, tx, by, g, to); err != nil {
				return nil, err
			}
		}
		return groups, nil
	})
}

func (s *Service) handOver(ctx context.Context, tx Tx, by Actor, id GroupID, to AccountID) error {
	if _, err := openGroup(tx, id); err != nil {
		return err
	}
	g, err := tx.Group(id)
	if err != nil {
		return err
	}
	heir, err := tx.Account(to)
	if err != nil {
		return or(err, invalidFor("account", ReasonNobody, "names nobody"))
	}
	if !heir.Active {
		return invalidFor("account", ReasonInactive, "is not active")
	}
	if g.Creator == to {
		return nil
	}
	if guest, err := isGuest(tx, to); err != nil {
		return err
	} else if guest {
		return invalidFor("account", ReasonGuest, "is a guest, who cannot own a group")
	}
	from, now := g.Creator, s.now()
	m, err := tx.Membership(g.Conversation, to)
	if or(err, nil) != nil {
		return err
	}
	in := err == nil && !m.Left()
	if !in && g.Members >= s.live().MaxGroupMembers {
		return s.tooManyMembers("account")
	}
	if !in {
		err = tx.AddMembers(g.Conversation, []AccountID{to}, RoleAdmin, now)
	} else {
		err = tx.SetRole(g.Conversation, to, RoleAdmin)
	}
	if err != nil {
		return err
	}
	if g, err = tx.Group(id); err != nil {
		return err
	}
	g.Creator = to
	if err := tx.UpdateGroup(g); err != nil {
		return err
	}
	if g, err = tx.Group(id); err != nil {
		return err
	}
	switch {
	case !in:
		entered := asMembers([]Account{heir}, now)
		entered[0].Role = RoleAdmin
		tx.Publish(GroupEntered{Group: g, Added: entered})
	case m.Role != RoleAdmin:
		tx.Publish(GroupAdminSet{Group: id, Account: to, By: from, Admin: true})
	}
	tx.Publish(GroupChanged{Group: g})
	if _, err := s.announce(tx, by.App, g, heir, SystemOther, s.text().succeeds(heir.Name), &Report{Kind: ReportSuccessor}); err != nil {
		return err
	}
	return s.record(ctx, tx, by.did(AuditGroupHandedOver, id).with("from", string(from)).with("to", string(to)))
}
