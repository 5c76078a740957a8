package store

import (
	"slices"
	"strings"

	"parley/internal/chat"
	"parley/internal/search"
)

func (t *tx) CreateGroup(g chat.Group) (chat.Group, error) {
	err := t.insert(`INSERT INTO chat_group (id, name, avatar, announcement, is_post, creator, members, banned, members_invite,
			created_at, dissolved_at)
		VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 0) ON CONFLICT DO NOTHING`,
		string(g.ID), g.Name, g.Avatar, g.Announcement, flag(g.IsPost), string(g.Creator), flag(g.Banned), flag(g.MembersInvite),
		millis(g.CreatedAt))
	if err != nil {
		return chat.Group{}, err
	}
	c := conversation{Conversation: chat.Conversation{Kind: chat.KindGroup, Group: g.ID}}
	if err := t.insertConversation(&c, g.CreatedAt); err != nil {
		return chat.Group{}, err
	}
	return t.Group(g.ID)
}

func (t *tx) UpdateGroup(g chat.Group) error {
	t.forgetGroup(g.ID)
	return t.one(`UPDATE chat_group SET name = ?, avatar = ?, announcement = ?, is_post = ?, creator = ?, banned = ?,
		members_invite = ?, dissolved_at = ? WHERE id = ?`,
		g.Name, g.Avatar, g.Announcement, flag(g.IsPost), string(g.Creator), flag(g.Banned), flag(g.MembersInvite),
		millis(g.DissolvedAt), string(g.ID))
}

// forgetGroup must be called after a change of the row or its administrators.
func (t *tx) forgetGroup(id chat.GroupID) {
	t.cache.groups.drop(id)
	t.cache.heads.drop(id)
}

func (t *tx) Group(id chat.GroupID) (chat.Group, error) {
	return cached(&t.cache.groups, id, func() (chat.Group, error) {
		g, err := t.group(id)
		if err == nil {
			g.Admins, err = t.admins(&g)
		}
		return g, err
	})
}

func (t *tx) GroupHead(id chat.GroupID) (chat.Group, error) {
	return cached(&t.cache.heads, id, func() (chat.Group, error) {
		g, err := t.group(id)
		g.Members = 0
		return g, err
	})
}

const groupColumns = `g.id, c.id, g.name, g.avatar, g.announcement, g.is_post, g.creator, g.members, g.banned, g.members_invite,
	g.created_at, g.dissolved_at`

func groupFields(g *chat.Group) []any {
	return []any{
		&g.ID, &g.Conversation, &g.Name,
		address{&g.Avatar},
		&g.Announcement, &g.IsPost, &g.Creator, &g.Members,
		&g.Banned, &g.MembersInvite,
		when{&g.CreatedAt},
		when{&g.DissolvedAt},
	}
}

func readGroup(scan scanFunc) (g chat.Group, err error) {
	err = scan(groupFields(&g)...)
	return g, err
}

func (t *tx) group(id chat.GroupID) (chat.Group, error) {
	return first(t, readGroup, "SELECT "+groupColumns+" FROM chat_group g JOIN conversation c ON c.group_id = g.id WHERE g.id = ?", string(id))
}

// admins returns the administrators in order of joining, the creator first.
func (t *tx) admins(g *chat.Group) ([]chat.AccountID, error) {
	all, err := list(t, readString[chat.AccountID],
		"SELECT account FROM member WHERE conversation = ? AND role = 1 AND left_at = 0 ORDER BY joined_at, account", int64(g.Conversation))
	if err != nil {
		return nil, err
	}
	if i := slices.Index(all, g.Creator); i > 0 {
		all = slices.Insert(slices.Delete(all, i, i+1), 0, g.Creator)
	}
	// Events carry the slice past the transaction: nobody may append in place.
	return slices.Clip(all), nil
}

const memberOfGroup = "SELECT " + accountOf + `, m.role, m.push, m.joined_at
	FROM member m JOIN account p ON p.id = m.account WHERE m.conversation = ? AND m.left_at = 0`

func readMember(scan scanFunc) (m chat.GroupMember, err error) {
	err = scan(append(accountFields(&m.Account), &m.Role, &m.Push, when{&m.JoinedAt})...)
	return m, err
}

func (t *tx) Members(id chat.ConversationID, after chat.AccountID, limit int) ([]chat.GroupMember, error) {
	query := memberOfGroup + " AND m.account > ? ORDER BY m.account"
	args := []any{int64(id), string(after)}
	if limit > 0 {
		query += limited
		args = append(args, limit)
	}
	return list(t, readMember, query, args...)
}

// GroupFaces reads all groups in one query, because a chat list asks for a page of groups.
// The limit is applied before the members are read: a group can have thousands.
func (t *tx) GroupFaces(of chat.AccountID, groups []chat.GroupID, limit int) (map[chat.GroupID][]chat.Account, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	args := []any{string(of), limit}
	for _, id := range groups {
		args = append(args, string(id))
	}
	// Prepared statements are kept. The last id is repeated, so that there are few of them.
	n := 1
	for n < len(groups) {
		n *= 2
	}
	for range n - len(groups) {
		args = append(args, string(groups[len(groups)-1]))
	}
	all := make(map[chat.GroupID][]chat.Account, len(groups))
	err := t.query(func(scan scanFunc) error {
		var id chat.GroupID
		a, err := readAccount(func(dest ...any) error { return scan(append([]any{&id}, dest...)...) })
		all[id] = append(all[id], a)
		return err
	}, "SELECT c.group_id, "+accountOf+`
		FROM conversation c
			JOIN member me ON me.account = ? AND me.conversation = c.id AND me.left_at = 0
			JOIN member m ON m.conversation = c.id AND m.left_at = 0 AND m.account <= (SELECT max(f.account) FROM
				(SELECT x.account FROM member x WHERE x.conversation = c.id AND x.left_at = 0 ORDER BY x.account LIMIT ?) f)
			JOIN account p ON p.id = m.account
		WHERE c.group_id IN (?`+strings.Repeat(", ?", n-1)+`) ORDER BY c.group_id, p.id`, args...)
	return all, err
}

func (t *tx) GroupsOf(a chat.AccountID) ([]chat.GroupSubscription, error) {
	return list(t, func(scan scanFunc) (s chat.GroupSubscription, err error) {
		err = scan(&s.Group, &s.Push)
		return s, err
	}, `SELECT c.group_id, m.push FROM member m JOIN conversation c ON c.id = m.conversation
		WHERE m.account = ? AND m.grouped = 1 AND m.left_at = 0 ORDER BY c.group_id`, string(a))
}

// listedGroup is a group in a list by name.
type listedGroup struct {
	listing
	chat.OwnGroup
}

func (t *tx) OwnGroups(of chat.AccountID, query string, offset, limit int) ([]chat.OwnGroup, error) {
	who := search.ParsePerson(query)
	var all []listedGroup
	err := t.query(func(scan scanFunc) error {
		var g listedGroup
		if err := scan(&g.ID, &g.Name, &g.Role, &g.Push); err != nil {
			return err
		}
		n := search.NewName(g.Name)
		if who.Empty() || who.Match(n.Find) {
			g.listing = listing{n.Place, chat.AccountID(g.ID)}
			all = append(all, g)
		}
		return nil
	}, `SELECT g.id, g.name, m.role, m.push
		FROM member m JOIN conversation c ON c.id = m.conversation JOIN chat_group g ON g.id = c.group_id
		WHERE m.account = ? AND m.grouped = 1 AND m.left_at = 0`, string(of))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b listedGroup) int { return a.compare(b.listing) })
	var page []chat.OwnGroup
	for _, g := range window(all, offset, limit) {
		own := chat.OwnGroup{Role: g.Role, Push: g.Push}
		if own.Group, err = t.group(g.ID); err != nil {
			return nil, err
		}
		page = append(page, own)
	}
	return page, nil
}

// window returns the part of a list that is on a page; the list can end before the page.
func window[T any](all []T, offset, limit int) []T {
	from := min(offset, len(all))
	return all[from:min(from+limit, len(all))]
}

func (t *tx) GroupsInCommon(a, b chat.AccountID, limit int) ([]chat.Group, error) {
	ids, err := list(t, func(scan scanFunc) (l listing, err error) {
		var name string
		err = scan(&l.id, &name)
		l.place = search.NewName(name).Place
		return l, err
	}, `SELECT g.id, g.name
		FROM member x JOIN member y ON y.account = ? AND y.conversation = x.conversation AND y.left_at = 0
			JOIN conversation c ON c.id = x.conversation JOIN chat_group g ON g.id = c.group_id
		WHERE x.account = ? AND x.grouped = 1 AND x.left_at = 0`, string(b), string(a))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(ids, listing.compare)
	var groups []chat.Group
	for _, l := range window(ids, 0, limit) {
		g, err := t.GroupHead(chat.GroupID(l.id))
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	return groups, nil
}

// FindMembers sorts the members in the database. With a query it reads the search text of
// every candidate.
func (t *tx) FindMembers(g *chat.Group, query string, knowsAddress func(chat.AccountID) (bool, error), offset, limit int) ([]chat.GroupMember, error) {
	const those = ` FROM member m JOIN account a ON a.id = m.account
		WHERE m.conversation = ? AND m.left_at = 0`
	const order = " ORDER BY a.id <> ?, m.role DESC, a.place, a.id"
	var ids []chat.AccountID
	var err error
	if who := search.ParsePerson(query); who.Empty() {
		ids, err = list(t, readString[chat.AccountID], "SELECT a.id"+those+order+limited+" OFFSET ?",
			int64(g.Conversation), string(g.Creator), limit, offset)
	} else {
		candidate, patterns := candidates("a.find", who)
		args := slices.Concat([]any{int64(g.Conversation)}, patterns, []any{string(g.Creator)})
		ids, err = t.matching(who, knowsAddress, "SELECT a.id, a.find"+those+candidate+order, args...)
		ids = window(ids, offset, limit)
	}
	if err != nil {
		return nil, err
	}
	var page []chat.GroupMember
	for _, id := range ids {
		m, err := t.Membership(g.Conversation, id)
		if err != nil {
			return nil, err
		}
		a, err := t.Account(id)
		if err != nil {
			return nil, err
		}
		page = append(page, chat.GroupMember{Account: a, Role: m.Role, Push: m.Push, JoinedAt: m.JoinedAt})
	}
	return page, nil
}

// matching reads rows of an id and its search text, and returns the ids that match. A
// match of the address counts only if the reader knows it.
func (t *tx) matching(who search.Person, knowsAddress func(chat.AccountID) (bool, error), query string, args ...any) ([]chat.AccountID, error) {
	var ids []chat.AccountID
	byAddress := map[chat.AccountID]bool{}
	err := t.query(func(scan scanFunc) error {
		var id chat.AccountID
		var find string
		if err := scan(&id, &find); err != nil {
			return err
		}
		if who.Match(find) {
			ids = append(ids, id)
			byAddress[id] = !who.MatchName(find)
		}
		return nil
	}, query, args...)
	if err != nil {
		return nil, err
	}
	kept := ids[:0]
	for _, id := range ids {
		knows := true
		if byAddress[id] {
			if knows, err = knowsAddress(id); err != nil {
				return nil, err
			}
		}
		if knows {
			kept = append(kept, id)
		}
	}
	return kept, nil
}
