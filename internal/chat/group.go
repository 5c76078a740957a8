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

// Role is the role of a member of a group.
type Role int

// The roles. A group's creator is also an administrator.
const (
	RoleMember Role = 0
	RoleAdmin  Role = 1
)

// Group is a conversation of many.
type Group struct {
	ID            GroupID        `cbor:",omitzero"`
	Conversation  ConversationID `cbor:",omitzero"`
	Name          string         `cbor:",omitzero"`
	Avatar        string         `cbor:",omitzero"`
	Announcement  string         `cbor:",omitzero"`
	IsPost        bool           `cbor:",omitzero"` // true: a long-lived group of an organization; false: an ad-hoc discussion
	Creator       AccountID      `cbor:",omitzero"`
	Admins        []AccountID    `cbor:",omitzero"` // with the creator first; filled where an event or answer needs it
	Members       int            `cbor:",omitzero"`
	Banned        bool           `cbor:",omitzero"` // only administrators may speak
	MembersInvite bool           `cbor:",omitzero"` // every member may add others; false: administrators only
	CreatedAt     time.Time      `cbor:",omitzero"`
	DissolvedAt   time.Time      `cbor:",omitzero"` // zero: open
}

// Dissolved reports whether the group is closed for good.
func (g *Group) Dissolved() bool { return !g.DissolvedAt.IsZero() }

// NewGroup describes a group to be created. Members need not name the creator.
type NewGroup struct {
	ID           GroupID // made when empty
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
	Banned                     *bool // only administrators may speak
}

// OwnGroup is a group as one of its members has it.
type OwnGroup struct {
	Group
	Role Role
	Push bool
}

// conversation returns the group's conversation with the fields that delivery and
// presence need, without a look-up.
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

// memberGroup returns an open group without Members and Admins, and the account's
// membership of it:
//
//   - [ErrGroupNotFound]: there is no such group, or it was dissolved
//   - [ErrNotInGroup]: the account was never a member
//   - [ErrRelationEnded]: the account is a former member. This holds for a dissolved
//     group, too, if the membership ended earlier: a former member is not told what
//     happened to the group afterwards.
func memberGroup(tx Tx, id GroupID, a AccountID) (Group, Membership, error) {
	g, err := tx.GroupHead(id)
	if err != nil {
		return Group{}, Membership{}, or(err, ErrGroupNotFound)
	}
	m, err := tx.Membership(g.Conversation, a)
	switch {
	case g.Dissolved() && (errors.Is(err, ErrNoRow) || err == nil && !m.endedBefore(g.DissolvedAt)):
		return Group{}, Membership{}, ErrGroupNotFound
	case err != nil:
		return Group{}, Membership{}, or(err, ErrNotInGroup)
	case m.Left():
		return Group{}, Membership{}, ErrRelationEnded
	}
	return g, m, nil
}

func isMember(tx Tx, c ConversationID, a AccountID) (bool, error) {
	m, err := tx.Membership(c, a)
	if errors.Is(err, ErrNoRow) {
		return false, nil
	}
	return err == nil && !m.Left(), err
}

// speakIn returns the group if the account may speak in it.
func speakIn(tx Tx, a AccountID, id GroupID) (Group, Membership, error) {
	g, m, err := memberGroup(tx, id, a)
	if err != nil {
		return Group{}, Membership{}, err
	}
	if g.Banned && m.Role != RoleAdmin {
		return Group{}, Membership{}, ErrBanSpeak
	}
	return g, m, nil
}

// operator returns an open group, the acting account and its role. The host system acts
// as an administrator under the name of the creator.
func (s *Service) operator(tx Tx, by Actor, id GroupID) (Group, Account, Role, error) {
	if err := checkID("group", id); err != nil {
		return Group{}, Account{}, 0, err
	}
	if by.Account == "" {
		g, err := openGroup(tx, id)
		if err != nil {
			return Group{}, Account{}, 0, err
		}
		who, err := tx.Account(g.Creator)
		return g, who, RoleAdmin, err
	}
	who, err := caller(tx, by)
	if err != nil {
		return Group{}, Account{}, 0, err
	}
	g, m, err := memberGroup(tx, id, by.Account)
	return g, who, m.Role, err
}

// administrator is operator for actions that only administrators may perform.
func (s *Service) administrator(tx Tx, by Actor, id GroupID) (Group, Account, error) {
	g, who, role, err := s.operator(tx, by, id)
	if err == nil && role != RoleAdmin {
		err = ErrForbidden
	}
	return g, who, err
}

// CreateGroup makes a group with its members, who get it into their chat lists
// with the system message that says so. Created by an account, the other members
// must be its contacts. A guest creates no group ([ErrForbidden]). A discussion without a name is named after its members.
// [ErrConflict]: the id is taken.
func (s *Service) CreateGroup(ctx context.Context, by Actor, n NewGroup) (Group, error) {
	if n.Creator == "" {
		n.Creator = by.Account
	}
	if by.Account != "" && n.Creator != by.Account {
		return Group{}, ErrForbidden
	}
	if n.ID == "" {
		n.ID = GroupID(newID())
	} else if err := checkNewID("id", n.ID); err != nil {
		return Group{}, err
	}
	if err := checkID("creator", n.Creator); err != nil {
		return Group{}, err
	}
	if err := checkURL("avatar", n.Avatar); err != nil {
		return Group{}, err
	}
	if n.IsPost || n.Name != "" {
		var err error
		if n.Name, err = s.cleanName("name", n.Name); err != nil {
			return Group{}, err
		}
	}
	now := s.now()
	return update(ctx, s, func(tx Tx) (Group, error) {
		creator, err := groupCreator(tx, by, n.Creator)
		if err != nil {
			return Group{}, err
		}
		if err := refuseGuest(tx, by); err != nil {
			return Group{}, err
		}
		members, err := s.newMembers(tx, by, "members", n.Members)
		if err != nil {
			return Group{}, err
		}
		members = slices.DeleteFunc(members, func(a Account) bool { return a.ID == creator.ID })
		if len(members)+1 > s.live().MaxGroupMembers {
			return Group{}, s.tooManyMembers("members")
		}
		if err := idFree(tx.Account, AccountID(n.ID)); err != nil {
			return Group{}, err
		}
		g, err := tx.CreateGroup(Group{
			ID: n.ID, Name: n.Name, Avatar: n.Avatar, IsPost: n.IsPost,
			Creator: creator.ID, MembersInvite: true, CreatedAt: now,
		}.named(s, creator, members))
		if err != nil {
			return Group{}, orConflict(err)
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
		if _, err := s.announce(tx, by.App, g, creator, SystemAdded, text, about(ReportCreated, members...)); err != nil {
			return Group{}, err
		}
		return g, s.record(ctx, tx, by.did(AuditGroupCreated, g.ID).withAccounts(accountIDs(members)))
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

// Group returns a group with its Members and Admins, a dissolved one too, or
// [ErrGroupNotFound].
func (s *Service) Group(ctx context.Context, id GroupID) (Group, error) {
	return view(ctx, s, func(tx Tx) (Group, error) {
		g, err := tx.Group(id)
		return g, or(err, ErrGroupNotFound)
	})
}

// OwnGroups pages through the caller's groups, by name as in a directory; query
// looks for them as there. Admins are not filled in.
func (s *Service) OwnGroups(ctx context.Context, by Actor, query string, offset, limit int) ([]OwnGroup, error) {
	if err := s.checkSearch(query, offset); err != nil {
		return nil, err
	}
	return read(ctx, s.looking(query), func(tx Tx) ([]OwnGroup, error) {
		if _, err := caller(tx, by); err != nil {
			return nil, err
		}
		return tx.OwnGroups(by.Account, query, offset, s.page(limit))
	})
}

// looking is how a list is read: with something to look for, much of it may have
// to be read.
func (s *Service) looking(query string) func(context.Context, func(Tx) error) error {
	if query == "" {
		return s.store.View
	}
	return s.store.Search
}

// checkSearch checks the parameters of a search in one of the account's lists.
func (s *Service) checkSearch(query string, offset int) error {
	if offset < 0 {
		return Invalid("offset", "must not be negative")
	}
	return checkLength("query", query, s.opts.MaxNameLength)
}

// OwnGroup returns an open group with its Members and Admins for one of its
// members: [ErrNotInGroup] for others, [ErrRelationEnded] for former ones.
func (s *Service) OwnGroup(ctx context.Context, by Actor, id GroupID) (OwnGroup, error) {
	return view(ctx, s, func(tx Tx) (OwnGroup, error) { return ownGroup(tx, by, id) })
}

func ownGroup(tx Tx, by Actor, id GroupID) (OwnGroup, error) {
	if err := checkID("group", id); err != nil {
		return OwnGroup{}, err
	}
	if _, err := caller(tx, by); err != nil {
		return OwnGroup{}, err
	}
	_, m, err := memberGroup(tx, id, by.Account)
	if err != nil {
		return OwnGroup{}, err
	}
	g, err := tx.Group(id)
	return OwnGroup{g, m.Role, m.Push}, err
}

// facesOfGroup is the number of members that represent a group without a picture.
const facesOfGroup = 4

// GroupFaces are the members that represent a group without a picture.
type GroupFaces struct {
	Group   GroupID
	Members []Account
}

// GroupFaces returns the faces of the given groups. Each group is returned once. Groups that the caller is not a member of are left out. The faces
// are the first members by id: they are the same for every member, and few changes of the group change them.
func (s *Service) GroupFaces(ctx context.Context, by Actor, groups []GroupID) ([]GroupFaces, error) {
	var ids []GroupID
	seen := make(map[GroupID]bool, len(groups))
	for _, id := range groups {
		if err := checkID("group", id); err != nil {
			return nil, err
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return view(ctx, s, func(tx Tx) ([]GroupFaces, error) {
		if _, err := caller(tx, by); err != nil {
			return nil, err
		}
		members, err := tx.GroupFaces(by.Account, ids, facesOfGroup)
		if err != nil {
			return nil, err
		}
		all := make([]GroupFaces, 0, len(members))
		for _, id := range ids {
			if faces := members[id]; faces != nil {
				all = append(all, GroupFaces{Group: id, Members: faces})
			}
		}
		return all, nil
	})
}

// UpdateGroup changes the fields that the patch names. Administrators only. Every field
// whose value changes causes one event and one system message.
func (s *Service) UpdateGroup(ctx context.Context, by Actor, id GroupID, p GroupPatch) (Group, error) {
	if err := s.checkGroupPatch(&p); err != nil {
		return Group{}, err
	}
	return update(ctx, s, func(tx Tx) (Group, error) { return s.updateGroup(ctx, tx, by, id, p) })
}

// UpdateOwnGroup is [Service.UpdateGroup] for one of the caller's groups and, where
// push is not nil, [Service.SetGroupPush], both or neither.
func (s *Service) UpdateOwnGroup(ctx context.Context, by Actor, id GroupID, p GroupPatch, push *bool) (OwnGroup, error) {
	if err := s.checkGroupPatch(&p); err != nil {
		return OwnGroup{}, err
	}
	return update(ctx, s, func(tx Tx) (OwnGroup, error) {
		if push != nil {
			if err := setGroupPush(tx, by, id, *push); err != nil {
				return OwnGroup{}, err
			}
		}
		if p != (GroupPatch{}) {
			if _, err := s.updateGroup(ctx, tx, by, id, p); err != nil {
				return OwnGroup{}, err
			}
		}
		return ownGroup(tx, by, id)
	})
}

func (s *Service) updateGroup(ctx context.Context, tx Tx, by Actor, id GroupID, p GroupPatch) (Group, error) {
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
	setIf(&g.Banned, p.Banned)
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
		if c.event != nil {
			tx.Publish(c.event)
		}
		if _, err := s.announce(tx, by.App, g, who, c.kind, c.text, &c.report); err != nil {
			return Group{}, err
		}
		// An announcement is a text of people, so only its change is recorded.
		if err := s.record(ctx, tx, by.did(AuditGroupChanged, id).with("change", string(c.report.Kind))); err != nil {
			return Group{}, err
		}
	}
	return g, nil
}

func (s *Service) checkGroupPatch(p *GroupPatch) error {
	if p.Name != nil {
		name, err := s.cleanName("name", *p.Name)
		if err != nil {
			return err
		}
		p.Name = &name
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

// groupChange is the event and the system message of one change of a group.
type groupChange struct {
	event  Event // nil: told by an earlier one
	kind   SystemType
	text   string
	report Report
}

func (s *Service) groupChanges(old, g Group, who Account) []groupChange {
	var changes []groupChange
	told := false // of everything that "group changed" tells
	add := func(changed bool, event Event, kind SystemType, text string, report Report) {
		if !changed {
			return
		}
		if _, whole := event.(GroupChanged); whole {
			if told {
				event = nil
			}
			told = true
		}
		changes = append(changes, groupChange{event, kind, text, report})
	}
	t := s.text()
	invite, ban := ReportInviteAdmins, ReportPermitted
	if g.MembersInvite {
		invite = ReportInviteAll
	}
	if g.Banned {
		ban = ReportBanned
	}
	add(g.Name != old.Name, GroupRenamed{Group: g, OldName: old.Name, By: who}, SystemRenamed, t.renamed(who.Name, g.Name), Report{Kind: ReportRenamed, Name: g.Name})
	add(g.Avatar != old.Avatar, GroupChanged{Group: g}, SystemOther, t.pictured(who.Name), Report{Kind: ReportPicture})
	add(g.Announcement != old.Announcement, GroupChanged{Group: g}, SystemOther, t.announced(who.Name, g.Announcement), Report{Kind: ReportAnnounced, Text: g.Announcement})
	add(g.IsPost != old.IsPost, GroupChanged{Group: g}, SystemOther, t.converted(who.Name), Report{Kind: ReportConverted})
	add(g.MembersInvite != old.MembersInvite, GroupInviteSet{Group: g.ID, Can: g.MembersInvite}, SystemOther, t.invite(who.Name, g.MembersInvite), Report{Kind: invite})
	add(g.Banned != old.Banned, GroupBanSet{Group: g.ID, By: who, Banned: g.Banned}, SystemOther, t.ban(who.Name, g.Banned), Report{Kind: ban})
	return changes
}

// BanSpeak lets only administrators speak, or everybody again. Administrators only.
func (s *Service) BanSpeak(ctx context.Context, by Actor, id GroupID, banned bool) error {
	_, err := s.UpdateGroup(ctx, by, id, GroupPatch{Banned: &banned})
	return err
}

// DissolveGroup closes a group permanently. Only its creator and the host system may do
// this ([ErrForbidden]). The members can still read the messages.
func (s *Service) DissolveGroup(ctx context.Context, by Actor, id GroupID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		g, who, _, err := s.operator(tx, by, id)
		if err != nil {
			return err
		}
		if by.Account != "" && by.Account != g.Creator {
			return ErrForbidden
		}
		if _, err := s.announce(tx, by.App, g, who, SystemOther, s.text().dissolved(who.Name), &Report{Kind: ReportDissolved}); err != nil {
			return err
		}
		if err := s.dissolve(tx, g); err != nil {
			return err
		}
		return s.record(ctx, tx, by.did(AuditGroupDissolved, id))
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
	return tx.RemoveWebhooks(g.ID)
}
