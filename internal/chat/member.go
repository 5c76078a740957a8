package chat

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"
)

// GroupMember is an entry of a group's list of members.
type GroupMember struct {
	Account  Account
	Role     Role
	Push     bool
	JoinedAt time.Time
}

// newMembers returns the accounts that are to enter a group: existing, active,
// and contacts of the account that brings them in.
func (s *Service) newMembers(tx Tx, by Actor, field string, ids []AccountID) ([]Account, error) {
	accounts, err := s.accounts(tx, field, ids)
	if err != nil {
		if by.Account != "" && isInvalid(err) && len(ids) <= s.opts.MaxBatch {
			return nil, ErrNotContact // an account is not told who exists
		}
		return nil, err
	}
	for _, a := range accounts {
		if by.Account == "" {
			if !a.Active {
				return nil, Invalid(field, "names an inactive account: %q", string(a.ID))
			}
			continue
		}
		if a.ID == by.Account {
			continue
		}
		if _, err := contact(tx, by.Account, a.ID); err != nil {
			return nil, err
		}
	}
	return accounts, nil
}

func isInvalid(err error) bool {
	var invalid *InvalidError
	return errors.As(err, &invalid)
}

func (s *Service) tooManyMembers(field string) error {
	return invalidNumber(field, ReasonGroupFull, "most", s.live().MaxGroupMembers, "must not make the group larger than %d")
}

func asMembers(accounts []Account, joined time.Time) []GroupMember {
	members := make([]GroupMember, len(accounts))
	for i, a := range accounts {
		members[i] = GroupMember{Account: a, Role: RoleMember, Push: true, JoinedAt: joined}
	}
	return members
}

// GroupMembers pages through the current members by account id.
func (s *Service) GroupMembers(ctx context.Context, id GroupID, after AccountID, limit int) ([]GroupMember, error) {
	return view(ctx, s, func(tx Tx) ([]GroupMember, error) {
		g, err := tx.GroupHead(id)
		if err != nil {
			return nil, or(err, ErrGroupNotFound)
		}
		return tx.Members(g.Conversation, after, s.page(limit))
	})
}

// MemberSeen is a member of a group as another one sees it.
type MemberSeen struct {
	GroupMember // Account is the person's, as the caller sees it
	Person      Person
	Creator     bool
}

// FindMembers pages through the current members of one of the caller's groups:
// its creator, then the other administrators, then everybody else, each by name.
// query matches names and addresses as in a directory, but only addresses that the caller
// may see. Others could be guessed letter by letter.
func (s *Service) FindMembers(ctx context.Context, by Actor, id GroupID, query string, offset, limit int) ([]MemberSeen, error) {
	if err := s.checkSearch(query, offset); err != nil {
		return nil, err
	}
	return read(ctx, s.looking(query), func(tx Tx) ([]MemberSeen, error) {
		g, err := ownGroup(tx, by, id)
		if err != nil {
			return nil, err
		}
		knowsAddress := func(id AccountID) (bool, error) {
			a, err := tx.Account(id)
			if err != nil {
				return false, err
			}
			p, err := seen(tx, by.Account, a)
			return p.Email != "", err
		}
		found, err := tx.FindMembers(&g.Group, query, knowsAddress, offset, s.page(limit))
		if err != nil {
			return nil, err
		}
		return membersSeen(tx, by.Account, &g.Group, found)
	})
}

func membersSeen(tx Tx, me AccountID, g *Group, members []GroupMember) ([]MemberSeen, error) {
	all := make([]MemberSeen, len(members))
	for i, m := range members {
		p, err := seen(tx, me, m.Account)
		if err != nil {
			return nil, err
		}
		m.Account = p.Account
		all[i] = MemberSeen{m, p, m.Account.ID == g.Creator}
	}
	return all, nil
}

// GroupMember returns one current member, or [ErrNotInGroup].
func (s *Service) GroupMember(ctx context.Context, id GroupID, a AccountID) (GroupMember, error) {
	return view(ctx, s, func(tx Tx) (GroupMember, error) {
		g, err := tx.GroupHead(id)
		if err != nil {
			return GroupMember{}, or(err, ErrGroupNotFound)
		}
		m, err := tx.Membership(g.Conversation, a)
		if errors.Is(err, ErrNoRow) || err == nil && m.Left() {
			return GroupMember{}, ErrNotInGroup
		}
		if err != nil {
			return GroupMember{}, err
		}
		account, err := tx.Account(a)
		return GroupMember{Account: account, Role: m.Role, Push: m.Push, JoinedAt: m.JoinedAt}, err
	})
}

// GroupsOf returns the groups the account is in now, and which of them are muted.
func (s *Service) GroupsOf(ctx context.Context, a AccountID) ([]GroupSubscription, error) {
	return view(ctx, s, func(tx Tx) ([]GroupSubscription, error) { return tx.GroupsOf(a) })
}

// AddGroupMembers adds accounts to a group and returns those that were not members yet.
// Administrators may do this, and with MembersInvite every member. An account can add
// only its contacts ([ErrNotContact]), a guest nobody. Without a new member nothing happens.
func (s *Service) AddGroupMembers(ctx context.Context, by Actor, id GroupID, accounts []AccountID) ([]GroupMember, error) {
	if len(accounts) == 0 {
		return nil, Invalid("accounts", "is required")
	}
	now := s.now()
	return update(ctx, s, func(tx Tx) ([]GroupMember, error) {
		g, who, role, err := s.operator(tx, by, id)
		if err != nil {
			return nil, err
		}
		if role != RoleAdmin && !g.MembersInvite {
			return nil, ErrForbidden
		}
		if err := refuseGuest(tx, by); err != nil {
			return nil, err
		}
		candidates, err := s.newMembers(tx, by, "accounts", accounts)
		if err != nil {
			return nil, err
		}
		entering, err := outside(tx, g.Conversation, candidates)
		if err != nil || len(entering) == 0 {
			return nil, err
		}
		if g, err = tx.Group(id); err != nil {
			return nil, err
		}
		if err := s.enterGroup(tx, by.App, g, who, entering); err != nil {
			return nil, err
		}
		return asMembers(entering, now), s.record(ctx, tx, by.did(AuditMembersAdded, id).withAccounts(accountIDs(entering)))
	})
}

// enterGroup adds accounts that are not members of the group, of which Members and Admins are filled in.
func (s *Service) enterGroup(tx Tx, app AppID, g Group, by Account, entering []Account) error {
	if g.Members+len(entering) > s.live().MaxGroupMembers {
		return s.tooManyMembers("accounts")
	}
	now := s.now()
	if err := tx.AddMembers(g.Conversation, accountIDs(entering), RoleMember, now); err != nil {
		return err
	}
	g.Members += len(entering)
	tx.Publish(GroupEntered{Group: g, Added: asMembers(entering, now)})
	_, err := s.announce(tx, app, g, by, SystemAdded, s.text().added(by.Name, s.text().names(entering)), about(ReportAdded, entering...))
	return err
}

// BringInMembers is [Service.AddGroupMembers] for one of the caller's groups.
func (s *Service) BringInMembers(ctx context.Context, by Actor, id GroupID, accounts []AccountID) ([]MemberSeen, error) {
	added, err := s.AddGroupMembers(ctx, by, id, accounts)
	if err != nil {
		return nil, err
	}
	return view(ctx, s, func(tx Tx) ([]MemberSeen, error) {
		g, err := tx.GroupHead(id)
		if err != nil {
			return nil, err
		}
		return membersSeen(tx, by.Account, &g, added)
	})
}

// outside keeps of the accounts those that are not in the conversation now.
func outside(tx Tx, c ConversationID, accounts []Account) ([]Account, error) {
	var others []Account
	for _, a := range accounts {
		in, err := isMember(tx, c, a.ID)
		if err != nil {
			return nil, err
		}
		if !in {
			others = append(others, a)
		}
	}
	return others, nil
}

// RemoveGroupMember ends somebody's membership. Administrators may remove
// anybody but the creator ([ErrForbidden]), the host system anybody; to remove
// oneself is to leave.
func (s *Service) RemoveGroupMember(ctx context.Context, by Actor, id GroupID, a AccountID) error {
	if a == by.Account {
		return s.LeaveGroup(ctx, by, id)
	}
	return s.store.Update(ctx, func(tx Tx) error {
		g, who, err := s.administrator(tx, by, id)
		if err != nil {
			return err
		}
		if a == g.Creator && by.Account != "" {
			return ErrForbidden
		}
		in, err := isMember(tx, g.Conversation, a)
		if err != nil {
			return err
		}
		if !in {
			return Invalid("account", "is not in the group")
		}
		gone, err := tx.Account(a)
		if err != nil {
			return err
		}
		text, report := s.text().removed(who.Name, gone.Name), about(ReportRemoved, gone)
		if a == g.Creator {
			// The host system acts under the name of the creator. "The creator removed
			// the creator" would be wrong.
			text, report = s.text().left(gone.Name), &Report{Kind: ReportLeft}
		}
		if err := s.endMembership(tx, by, g, gone, who, text, report, DepartureRemoved); err != nil {
			return err
		}
		return s.record(ctx, tx, by.did(AuditMemberRemoved, id).with("account", string(a)))
	})
}

// LeaveGroup ends the caller's membership. If the last administrator leaves, the member
// who joined first becomes an administrator. If the creator leaves, an administrator
// becomes the creator. If the last member leaves, the group is dissolved.
func (s *Service) LeaveGroup(ctx context.Context, by Actor, id GroupID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		who, err := caller(tx, by)
		if err != nil {
			return err
		}
		g, _, err := memberGroup(tx, id, by.Account)
		if err != nil {
			return err
		}
		if err := s.endMembership(tx, by, g, who, who, s.text().left(who.Name), &Report{Kind: ReportLeft}, DepartureLeft); err != nil {
			return err
		}
		return s.record(ctx, tx, by.did(AuditMemberLeft, id))
	})
}

// endMembership removes the member before it sends the system message, so that the former
// member does not get it.
func (s *Service) endMembership(tx Tx, by Actor, g Group, gone, who Account, text string, report *Report, how Departure) error {
	if err := tx.RemoveMember(g.Conversation, gone.ID, s.now(), how); err != nil {
		return err
	}
	g, err := tx.Group(g.ID)
	if err != nil {
		return err
	}
	if g.Members == 0 {
		tx.Publish(GroupMemberLeft{Group: g, Account: gone.ID, How: how})
		return s.dissolve(tx, g)
	}
	heir, promoted, err := succeed(tx, &g, gone.ID)
	if err != nil {
		return err
	}
	tx.Publish(GroupMemberLeft{Group: g, Account: gone.ID, How: how})
	if _, err := s.announce(tx, by.App, g, who, SystemRemoved, text, report); err != nil {
		return err
	}
	if heir == "" {
		return nil
	}
	account, err := tx.Account(heir)
	if err != nil {
		return err
	}
	if promoted {
		tx.Publish(GroupAdminSet{Group: g.ID, Account: heir, By: gone.ID, Admin: true})
	}
	tx.Publish(GroupChanged{Group: g})
	_, err = s.announce(tx, by.App, g, account, SystemOther, s.text().succeeds(account.Name), &Report{Kind: ReportSuccessor})
	return err
}

// succeed chooses a new creator if the creator has left: an administrator or, without
// one, the member who joined first, who is promoted. A guest, who brings nobody into a group, is
// chosen only if all are guests. The creator is always an administrator, so a group cannot lose its
// last administrator in another way.
func succeed(tx Tx, g *Group, gone AccountID) (heir AccountID, promoted bool, err error) {
	if g.Creator != gone {
		return "", false, nil
	}
	admins := slices.DeleteFunc(slices.Clone(g.Admins), func(a AccountID) bool { return a == gone })
	if heir, err = firstButGuests(tx, admins); err != nil {
		return "", false, err
	}
	if heir == "" {
		standing, err := byStanding(tx, g.Conversation)
		if err != nil {
			return "", false, err
		}
		if heir, err = firstButGuests(tx, standing); err != nil {
			return "", false, err
		}
		if heir == "" { // all are guests
			heir = slices.Concat(admins, standing)[0]
		}
	}
	if !slices.Contains(admins, heir) {
		if err := tx.SetRole(g.Conversation, heir, RoleAdmin); err != nil {
			return "", false, err
		}
		promoted = true
	}
	g.Creator = heir
	if err := tx.UpdateGroup(*g); err != nil {
		return "", false, err
	}
	*g, err = tx.Group(g.ID)
	return heir, promoted, err
}

// firstButGuests returns the first account that is no guest, or none.
func firstButGuests(tx Tx, accounts []AccountID) (AccountID, error) {
	for _, a := range accounts {
		if guest, err := isGuest(tx, a); err != nil || !guest {
			return a, err
		}
	}
	return "", nil
}

// byStanding returns every member, the one who joined first at the head. It happens once in the
// life of a large group, if at all, and needs no index for it.
func byStanding(tx Tx, c ConversationID) ([]AccountID, error) {
	members, err := tx.Members(c, "", 0)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(members, func(a, b GroupMember) int { return a.JoinedAt.Compare(b.JoinedAt) })
	ids := make([]AccountID, len(members))
	for i, m := range members {
		ids[i] = m.Account.ID
	}
	return ids, nil
}

// SetGroupAdmin makes a member an administrator, or ends that. Every administrator can
// add administrators. The creator can remove all others, and administrators can remove
// themselves. The creator cannot be removed ([ErrForbidden]).
func (s *Service) SetGroupAdmin(ctx context.Context, by Actor, id GroupID, a AccountID, admin bool) error {
	return s.store.Update(ctx, func(tx Tx) error {
		g, who, err := s.administrator(tx, by, id)
		if err != nil {
			return err
		}
		m, err := tx.Membership(g.Conversation, a)
		if errors.Is(err, ErrNoRow) || err == nil && m.Left() {
			return Invalid("account", "is not in the group")
		}
		if err != nil {
			return err
		}
		if !admin {
			own := by.Account == "" || by.Account == g.Creator || by.Account == a
			if a == g.Creator || !own {
				return ErrForbidden
			}
		}
		if (m.Role == RoleAdmin) == admin {
			return nil
		}
		role := RoleMember
		if admin {
			role = RoleAdmin
		}
		if err := tx.SetRole(g.Conversation, a, role); err != nil {
			return err
		}
		account, err := tx.Account(a)
		if err != nil {
			return err
		}
		tx.Publish(GroupAdminSet{Group: id, Account: a, By: who.ID, Admin: admin})
		report := about(ReportNoAdmin, account)
		if admin {
			report.Kind = ReportAdmin
		}
		if _, err := s.announce(tx, by.App, g, who, SystemOther, s.text().admin(who.Name, account.Name, admin), report); err != nil {
			return err
		}
		return s.record(ctx, tx, by.did(AuditGroupAdmin, id).with("account", string(a)).with("administrator", strconv.FormatBool(admin)))
	})
}

// SetGroupPush mutes a group for the caller, or unmutes it. Its messages still
// come and count, apart.
func (s *Service) SetGroupPush(ctx context.Context, by Actor, id GroupID, push bool) error {
	return s.store.Update(ctx, func(tx Tx) error { return setGroupPush(tx, by, id, push) })
}

func setGroupPush(tx Tx, by Actor, id GroupID, push bool) error {
	if _, err := caller(tx, by); err != nil {
		return err
	}
	g, _, err := memberGroup(tx, id, by.Account)
	if err != nil {
		return err
	}
	if err := tx.SetPush(g.Conversation, by.Account, push); err != nil {
		return err
	}
	tx.Publish(GroupPushSet{Group: id, Account: by.Account, Push: push})
	return nil
}
