package chat

import (
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"
)

// GroupID identifies a group: a GUID string.
type GroupID string

// Role is what a member of a group may do.
type Role int

// The roles. A group's creator is also an administrator.
const (
	RoleMember Role = 0
	RoleAdmin  Role = 1
)

// Group is a conversation of many.
type Group struct {
	ID            GroupID
	Conversation  ConversationID
	Name          string
	Avatar        string
	Announcement  string
	IsPost        bool // true: a long-lived group of an organization; false: an ad-hoc discussion
	Creator       AccountID
	Admins        []AccountID // with the creator first; filled where an event or answer needs it
	Members       int
	Banned        bool // only administrators may speak
	MembersInvite bool // every member may add others; false: administrators only
	CreatedAt     time.Time
	DissolvedAt   time.Time // zero: open
}

// Dissolved reports whether the group is closed for good.
func (g *Group) Dissolved() bool { return !g.DissolvedAt.IsZero() }

// GroupMember is an entry of a group's list of members.
type GroupMember struct {
	Account  Account
	Role     Role
	Push     bool
	JoinedAt time.Time
}

// NewGroup describes a group to be created. Members need not name the creator.
type NewGroup struct {
	Name, Avatar string
	IsPost       bool
	Creator      AccountID
	Members      []AccountID
}

// GroupPatch changes the fields that are not nil.
type GroupPatch struct {
	Name, Avatar, Announcement *string
	IsPost                     *bool // only to true: a discussion becomes a group
	MembersInvite              *bool
}

// conversation is the group as those who deliver and those who look at it know
// it, without a look-up.
func (g *Group) conversation() *Conversation {
	return &Conversation{ID: g.Conversation, Kind: KindGroup, Group: g.ID}
}

// openGroup returns a group that is not dissolved, without Members and Admins.
func openGroup(tx Tx, id GroupID) (Group, error) {
	g, err := tx.GroupHead(id)
	if err != nil {
		return Group{}, or(err, ErrGroupNotFound)
	}
	if g.Dissolved() {
		return Group{}, ErrGroupNotFound
	}
	return g, nil
}

// memberOf returns the account's membership: [ErrNotInGroup] when it never had
// one, [ErrRelationEnded] when it is over.
func memberOf(tx Tx, g Group, a AccountID) (Membership, error) {
	m, err := tx.Membership(g.Conversation, a)
	if err != nil {
		return Membership{}, or(err, ErrNotInGroup)
	}
	if m.Left() {
		return Membership{}, ErrRelationEnded
	}
	return m, nil
}

func isMember(tx Tx, c ConversationID, a AccountID) (bool, error) {
	m, err := tx.Membership(c, a)
	if errors.Is(err, ErrNoRow) {
		return false, nil
	}
	return err == nil && !m.Left(), err
}

// speakIn returns the group if the account may speak in it.
func speakIn(tx Tx, a AccountID, id GroupID) (Group, error) {
	g, err := openGroup(tx, id)
	if err != nil {
		return Group{}, err
	}
	m, err := memberOf(tx, g, a)
	if err != nil {
		return Group{}, err
	}
	if g.Banned && m.Role != RoleAdmin {
		return Group{}, ErrBanSpeak
	}
	return g, nil
}

// operator returns an open group, who acts in it, and as what. The host system
// acts as an administrator under the name of the creator.
func (s *Service) operator(tx Tx, by Actor, id GroupID) (Group, Account, Role, error) {
	if err := checkID("group", id); err != nil {
		return Group{}, Account{}, 0, err
	}
	g, err := openGroup(tx, id)
	if err != nil {
		return Group{}, Account{}, 0, err
	}
	if by.Account == "" {
		who, err := tx.Account(g.Creator)
		return g, who, RoleAdmin, err
	}
	who, err := caller(tx, by)
	if err != nil {
		return Group{}, Account{}, 0, err
	}
	m, err := memberOf(tx, g, by.Account)
	return g, who, m.Role, err
}

// administrator is operator for what only administrators may do.
func (s *Service) administrator(tx Tx, by Actor, id GroupID) (Group, Account, error) {
	g, who, role, err := s.operator(tx, by, id)
	if err == nil && role != RoleAdmin {
		err = ErrForbidden
	}
	return g, who, err
}

// CreateGroup makes a group with its members, who get it into their chat lists
// with the system message that says so. Created by an account, the other members
// must be its contacts. A discussion without a name is named after its members.
func (s *Service) CreateGroup(ctx context.Context, by Actor, n NewGroup) (Group, error) {
	if n.Creator == "" {
		n.Creator = by.Account
	}
	if by.Account != "" && n.Creator != by.Account {
		return Group{}, ErrForbidden
	}
	if err := checkID("creator", n.Creator); err != nil {
		return Group{}, err
	}
	if err := checkURL("avatar", n.Avatar); err != nil {
		return Group{}, err
	}
	if n.IsPost || n.Name != "" {
		if err := s.checkName("name", n.Name); err != nil {
			return Group{}, err
		}
	}
	id, now := GroupID(newID()), s.now()
	return update(ctx, s, func(tx Tx) (Group, error) {
		creator, err := groupCreator(tx, by, n.Creator)
		if err != nil {
			return Group{}, err
		}
		members, err := s.newMembers(tx, by, "members", n.Members)
		if err != nil {
			return Group{}, err
		}
		members = slices.DeleteFunc(members, func(a Account) bool { return a.ID == creator.ID })
		if len(members)+1 > s.opts.MaxGroupMembers {
			return Group{}, s.tooManyMembers("members")
		}
		g, err := tx.CreateGroup(Group{
			ID: id, Name: n.Name, Avatar: n.Avatar, IsPost: n.IsPost,
			Creator: creator.ID, MembersInvite: true, CreatedAt: now,
		}.named(s, creator, members))
		if err != nil {
			return Group{}, err
		}
		if err := tx.AddMembers(g.Conversation, []AccountID{creator.ID}, RoleAdmin, now); err != nil {
			return Group{}, err
		}
		text := s.text().created(creator.Name)
		if len(members) > 0 {
			text = s.text().createdWith(creator.Name, s.text().names(members))
			if err := tx.AddMembers(g.Conversation, accountIDs(members), RoleMember, now); err != nil {
				return Group{}, err
			}
		}
		g.Members, g.Admins = len(members)+1, []AccountID{creator.ID}
		added := append([]GroupMember{{Account: creator, Role: RoleAdmin, Push: true, JoinedAt: now}}, asMembers(members, now)...)
		tx.Publish(GroupEntered{Group: g, Added: added, Created: true})
		_, err = s.announce(tx, by.App, g, creator, SystemAdded, text)
		return g, err
	})
}

// groupCreator returns the account whose group it shall be. What the host
// system names wrongly is its mistake; an acting account knows itself.
func groupCreator(tx Tx, by Actor, id AccountID) (Account, error) {
	a, err := caller(tx, Actor{Account: id})
	if errors.Is(err, ErrSenderNotFound) && by.Account == "" {
		return Account{}, Invalid("creator", "names no active account")
	}
	return a, err
}

// named fills in the name of a discussion that was given none.
func (g Group) named(s *Service, creator Account, members []Account) Group {
	if g.Name != "" {
		return g
	}
	g.Name = s.text().names(append([]Account{creator}, members...))
	for utf16Longer(g.Name, s.opts.MaxNameLength) {
		_, size := utf8.DecodeLastRuneInString(g.Name)
		g.Name = g.Name[:len(g.Name)-size]
	}
	return g
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
	return Invalid(field, "must not make the group larger than %d", s.opts.MaxGroupMembers)
}

func asMembers(accounts []Account, joined time.Time) []GroupMember {
	members := make([]GroupMember, len(accounts))
	for i, a := range accounts {
		members[i] = GroupMember{Account: a, Role: RoleMember, Push: true, JoinedAt: joined}
	}
	return members
}

// Group returns a group with its Members and Admins, a dissolved one too, or
// [ErrGroupNotFound].
func (s *Service) Group(ctx context.Context, id GroupID) (Group, error) {
	return view(ctx, s, func(tx Tx) (Group, error) {
		g, err := tx.Group(id)
		return g, or(err, ErrGroupNotFound)
	})
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

// UpdateGroup changes what the patch names. Administrators only. Every thing
// that really changes leaves one event and one system message.
func (s *Service) UpdateGroup(ctx context.Context, by Actor, id GroupID, p GroupPatch) (Group, error) {
	if err := s.checkGroupPatch(p); err != nil {
		return Group{}, err
	}
	return update(ctx, s, func(tx Tx) (Group, error) {
		_, who, err := s.administrator(tx, by, id)
		if err != nil {
			return Group{}, err
		}
		old, err := tx.Group(id)
		if err != nil {
			return Group{}, err
		}
		g := old
		setIf(&g.Name, p.Name)
		setIf(&g.Avatar, p.Avatar)
		setIf(&g.Announcement, p.Announcement)
		setIf(&g.IsPost, p.IsPost)
		setIf(&g.MembersInvite, p.MembersInvite)
		if old.IsPost && !g.IsPost {
			return Group{}, Invalid("isPost", "must not be taken from a group")
		}
		changes := s.groupChanges(old, g, who)
		if len(changes) == 0 {
			return g, nil
		}
		if err := tx.UpdateGroup(g); err != nil {
			return Group{}, err
		}
		for _, c := range changes {
			tx.Publish(c.event)
			if _, err := s.announce(tx, by.App, g, who, c.kind, c.text); err != nil {
				return Group{}, err
			}
		}
		return g, nil
	})
}

func (s *Service) checkGroupPatch(p GroupPatch) error {
	if p.Name != nil {
		if err := s.checkName("name", *p.Name); err != nil {
			return err
		}
	}
	if p.Avatar != nil {
		if err := checkURL("avatar", *p.Avatar); err != nil {
			return err
		}
	}
	if p.Announcement != nil {
		return checkLength("announcement", *p.Announcement, s.opts.MaxAnnouncement)
	}
	return nil
}

// groupChange is one thing that changed about a group, as it is told.
type groupChange struct {
	event Event
	kind  SystemType
	text  string
}

func (s *Service) groupChanges(old, g Group, who Account) []groupChange {
	var changes []groupChange
	add := func(changed bool, event Event, kind SystemType, text string) {
		if changed {
			changes = append(changes, groupChange{event, kind, text})
		}
	}
	t := s.text()
	add(g.Name != old.Name, GroupRenamed{Group: g, OldName: old.Name, By: who}, SystemRenamed, t.renamed(who.Name, g.Name))
	add(g.Avatar != old.Avatar, GroupChanged{Group: g}, SystemOther, t.pictured(who.Name))
	add(g.Announcement != old.Announcement, GroupChanged{Group: g}, SystemOther, t.announced(who.Name, g.Announcement))
	add(g.IsPost != old.IsPost, GroupChanged{Group: g}, SystemOther, t.converted(who.Name))
	add(g.MembersInvite != old.MembersInvite, GroupInviteSet{Group: g.ID, Can: g.MembersInvite}, SystemOther, t.invite(who.Name, g.MembersInvite))
	return changes
}

// AddGroupMembers brings accounts in and returns those who were not members
// yet. Administrators may, and every member where MembersInvite is set; an acting
// account brings in its contacts only ([ErrNotContact]). Nobody new: nothing happens.
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
		if g.Members+len(entering) > s.opts.MaxGroupMembers {
			return nil, s.tooManyMembers("accounts")
		}
		if err := tx.AddMembers(g.Conversation, accountIDs(entering), RoleMember, now); err != nil {
			return nil, err
		}
		g.Members += len(entering)
		added := asMembers(entering, now)
		tx.Publish(GroupEntered{Group: g, Added: added})
		_, err = s.announce(tx, by.App, g, who, SystemAdded, s.text().added(who.Name, s.text().names(entering)))
		return added, err
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
		text := s.text().removed(who.Name, gone.Name)
		if a == g.Creator {
			// The host's removals are shown as the creator's, who would seem to
			// remove themself.
			text = s.text().left(gone.Name)
		}
		return s.endMembership(tx, by, g, gone, who, text)
	})
}

// LeaveGroup ends the caller's own membership. The last administrator's place
// goes to the member who has been there longest, the creator's to an
// administrator; a group that the last member leaves is dissolved.
func (s *Service) LeaveGroup(ctx context.Context, by Actor, id GroupID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		who, err := caller(tx, by)
		if err != nil {
			return err
		}
		g, err := openGroup(tx, id)
		if err != nil {
			return err
		}
		if _, err := memberOf(tx, g, by.Account); err != nil {
			return err
		}
		return s.endMembership(tx, by, g, who, who, s.text().left(who.Name))
	})
}

// endMembership removes first and speaks then, so that who is gone does not
// read about it in the group.
func (s *Service) endMembership(tx Tx, by Actor, g Group, gone, who Account, text string) error {
	if err := tx.RemoveMember(g.Conversation, gone.ID, s.now()); err != nil {
		return err
	}
	g, err := tx.Group(g.ID)
	if err != nil {
		return err
	}
	if g.Members == 0 {
		tx.Publish(GroupMemberLeft{Group: g, Account: gone.ID})
		return s.dissolve(tx, g)
	}
	heir, promoted, err := succeed(tx, &g, gone.ID)
	if err != nil {
		return err
	}
	tx.Publish(GroupMemberLeft{Group: g, Account: gone.ID})
	if _, err := s.announce(tx, by.App, g, who, SystemRemoved, text); err != nil {
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
	_, err = s.announce(tx, by.App, g, account, SystemOther, s.text().succeeds(account.Name))
	return err
}

// succeed finds who takes the place of the creator, if that is who is gone:
// an administrator or, where none is left, the longest-standing member, who is
// promoted. The creator is always an administrator, so without the creator's
// going no group loses its last one.
func succeed(tx Tx, g *Group, gone AccountID) (heir AccountID, promoted bool, err error) {
	if g.Creator != gone {
		return "", false, nil
	}
	for _, a := range g.Admins {
		if a != gone {
			heir = a
			break
		}
	}
	if heir == "" {
		if heir, err = longestStanding(tx, g.Conversation); err != nil {
			return "", false, err
		}
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

// longestStanding reads every member: it happens once in the life of a large
// group, if at all, and needs no index for it.
func longestStanding(tx Tx, c ConversationID) (AccountID, error) {
	members, err := tx.Members(c, "", 0)
	if err != nil {
		return "", err
	}
	first := slices.MinFunc(members, func(a, b GroupMember) int { return a.JoinedAt.Compare(b.JoinedAt) })
	return first.Account.ID, nil
}

// DissolveGroup closes a group for good. Its creator may ([ErrForbidden] for
// others), and the host system. Everybody keeps the chat to read in.
func (s *Service) DissolveGroup(ctx context.Context, by Actor, id GroupID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		g, who, _, err := s.operator(tx, by, id)
		if err != nil {
			return err
		}
		if by.Account != "" && by.Account != g.Creator {
			return ErrForbidden
		}
		if _, err := s.announce(tx, by.App, g, who, SystemOther, s.text().dissolved(who.Name)); err != nil {
			return err
		}
		return s.dissolve(tx, g)
	})
}

func (s *Service) dissolve(tx Tx, g Group) error {
	now := s.now()
	if err := tx.RemoveAllMembers(g.Conversation, now); err != nil {
		return err
	}
	g.DissolvedAt = now
	g.Members, g.Admins = 0, nil
	if err := tx.UpdateGroup(g); err != nil {
		return err
	}
	tx.Publish(GroupDissolved{Group: g})
	return nil
}

// SetGroupAdmin makes a member an administrator, which every administrator may,
// or takes that away, which the creator may from everybody else and everybody
// from themself. The creator stays one ([ErrForbidden]).
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
		_, err = s.announce(tx, by.App, g, who, SystemOther, s.text().admin(who.Name, account.Name, admin))
		return err
	})
}

// BanSpeak lets only administrators speak, or everybody again. Administrators only.
func (s *Service) BanSpeak(ctx context.Context, by Actor, id GroupID, banned bool) error {
	return s.store.Update(ctx, func(tx Tx) error {
		g, who, err := s.administrator(tx, by, id)
		if err != nil || g.Banned == banned {
			return err
		}
		g.Banned = banned
		if err := tx.UpdateGroup(g); err != nil {
			return err
		}
		tx.Publish(GroupBanSet{Group: id, By: who, Banned: banned})
		_, err = s.announce(tx, by.App, g, who, SystemOther, s.text().ban(who.Name, banned))
		return err
	})
}

// SetGroupPush mutes a group for the caller, or unmutes it. Its messages still
// come and count, apart.
func (s *Service) SetGroupPush(ctx context.Context, by Actor, id GroupID, push bool) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := caller(tx, by); err != nil {
			return err
		}
		g, err := openGroup(tx, id)
		if err != nil {
			return err
		}
		if _, err := memberOf(tx, g, by.Account); err != nil {
			return err
		}
		if err := tx.SetPush(g.Conversation, by.Account, push); err != nil {
			return err
		}
		tx.Publish(GroupPushSet{Group: id, Account: by.Account, Push: push})
		return nil
	})
}
