package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

func TestCreateGroup(t *testing.T) {
	w := newWorld(t)
	g := must(w.CreateGroup(w.ctx, host, chat.NewGroup{
		Name: "team", Avatar: "https://example.com/t.png", IsPost: true, Creator: alice,
		Members: []chat.AccountID{bob, alice, dave, bob},
	}))(t)
	w.happened(
		`entered alice,bob,dave members=3 admins=alice created=true`,
		`system 1 from alice to group team gained alice,bob,dave`,
	)
	same(t, "group", must(w.Group(w.ctx, g.ID))(t), g)
	if g.Members != 3 || !g.MembersInvite || g.Banned || g.Creator != alice {
		t.Errorf("got group %+v", g)
	}
	same(t, "bob reads", w.read(bob, group(g.ID)), []string{"(1) Alice created the group with Bob, Dave"})
	same(t, "nobody counts it", w.unread(bob), map[string]int64{})
	for _, a := range []chat.AccountID{alice, bob, dave} {
		same(t, "list", w.listed(a), []string{string(g.ID)})
		same(t, "groups", must(w.GroupsOf(w.ctx, a))(t), []chat.GroupSubscription{{Group: g.ID, Push: true}})
	}
	members := must(w.GroupMembers(w.ctx, g.ID, "", 2))(t)
	if len(members) != 2 || members[0].Account.ID != alice || members[0].Role != chat.RoleAdmin || members[1].Account.ID != bob {
		t.Errorf("got first page of members %+v", members)
	}
	rest := must(w.GroupMembers(w.ctx, g.ID, bob, 2))(t)
	if len(rest) != 1 || rest[0].Account.ID != dave {
		t.Errorf("got second page of members %+v", rest)
	}
	member := must(w.GroupMember(w.ctx, g.ID, bob))(t)
	if member.Account.Name != "Bob" || member.Role != chat.RoleMember || !member.Push {
		t.Errorf("got member %+v", member)
	}
	_, err := w.GroupMember(w.ctx, g.ID, carol)
	refused(t, "no member", err, "not in group")
}

func TestGroupWithAnIDOfItsOwn(t *testing.T) {
	w := newWorld(t)
	create := func(id chat.GroupID) error {
		_, err := w.CreateGroup(w.ctx, host, chat.NewGroup{ID: id, Name: "team", IsPost: true, Creator: alice})
		return err
	}
	ok(t, create("team-1"))
	same(t, "group", must(w.Group(w.ctx, "team-1"))(t).Name, "team")
	same(t, "list", w.listed(alice), []string{"team-1"})
	w.events.take()
	refused(t, "taken", create("team-1"), "already exists")
	refused(t, "an account's", create(chat.GroupID(bob)), "already exists")
	refused(t, "a number", create("7"), "invalid payload: id must not be a number")
	refused(t, "an inbox", create("task"), "invalid payload: id is a reserved name")
	_, err := w.CreateAccount(w.ctx, chat.Account{ID: "team-1", Name: "x"})
	refused(t, "an account with a group's", err, "already exists")
	w.happened()
	same(t, "list", w.listed(alice), []string{"team-1"})
}

func TestGroupOfOneAndNamelessDiscussion(t *testing.T) {
	w := newWorld(t)
	alone := must(w.CreateGroup(w.ctx, by(alice), chat.NewGroup{Name: "alone", IsPost: true}))(t)
	same(t, "words", w.read(alice, group(alone.ID)), []string{"(1) Alice created the group"})
	talk := must(w.CreateGroup(w.ctx, by(alice), chat.NewGroup{Members: []chat.AccountID{bob, carol}}))(t)
	if got, want := talk.Name, "Alice, Bob, Carol"; got != want {
		t.Errorf("got name %q, want %q", got, want)
	}
}

func TestNamelessDiscussionOfManyKeepsWithinTheLimit(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.MaxNameLength = 12 })
	must(w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Name: new("😀😀😀😀😀")}))(t)
	talk := must(w.CreateGroup(w.ctx, by(alice), chat.NewGroup{Members: []chat.AccountID{bob}}))(t)
	if got, want := talk.Name, "Alice, 😀😀"; got != want {
		t.Errorf("got name %q, want %q", got, want)
	}
}

func TestCreateGroupRefusals(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.MaxGroupMembers = 3; o.MaxBatch = 4 })
	must(w.UpdateAccount(w.ctx, carol, chat.AccountPatch{Active: new(bool)}))(t)
	w.events.take()
	ids := func(ids ...chat.AccountID) []chat.AccountID { return ids }
	for name, c := range map[string]struct {
		by   chat.Actor
		n    chat.NewGroup
		want string
	}{
		"no name":                {host, chat.NewGroup{IsPost: true, Creator: alice}, "invalid payload: name is required"},
		"blank name":             {host, chat.NewGroup{Name: " ", Creator: alice}, "invalid payload: name is required"},
		"long name":              {host, chat.NewGroup{Name: strings.Repeat("x", 201), Creator: alice}, "invalid payload: name must be at most 200 characters"},
		"long avatar":            {host, chat.NewGroup{Name: "x", Avatar: strings.Repeat("x", 2049), Creator: alice}, "invalid payload: avatar must be at most 2048 bytes"},
		"no creator":             {host, chat.NewGroup{Name: "x"}, "invalid payload: creator is required"},
		"unknown creator":        {host, chat.NewGroup{Name: "x", Creator: "nobody"}, "invalid payload: creator names no active account"},
		"inactive creator":       {host, chat.NewGroup{Name: "x", Creator: carol}, "invalid payload: creator names no active account"},
		"inactive caller":        {by(carol), chat.NewGroup{Name: "x"}, "from user not found"},
		"somebody else's":        {by(alice), chat.NewGroup{Name: "x", Creator: bob}, "forbidden"},
		"unknown member":         {host, chat.NewGroup{Name: "x", Creator: alice, Members: ids("nobody")}, `invalid payload: members names an account that does not exist: "nobody"`},
		"inactive member":        {host, chat.NewGroup{Name: "x", Creator: alice, Members: ids(carol)}, `invalid payload: members names an inactive account: "carol"`},
		"stranger":               {by(alice), chat.NewGroup{Name: "x", Members: ids(bob, dave)}, "not my contract"},
		"inactive colleague":     {by(alice), chat.NewGroup{Name: "x", Members: ids(carol)}, "not my contract"},
		"unknown to the caller":  {by(alice), chat.NewGroup{Name: "x", Members: ids("nobody")}, "not my contract"},
		"more than one call may": {host, chat.NewGroup{Name: "x", Creator: alice, Members: ids("1", "2", "3", "4", "5")}, "invalid payload: members must name at most 4 accounts"},
	} {
		_, err := w.CreateGroup(w.ctx, c.by, c.n)
		refused(t, name, err, c.want)
	}
	w.happened()
	must(w.CreateAccount(w.ctx, chat.Account{ID: "erin", Name: "Erin"}))(t)
	_, err := w.CreateGroup(w.ctx, host, chat.NewGroup{Name: "x", Creator: alice, Members: ids(bob, dave, "erin")})
	refused(t, "too large a group", err, "invalid payload: members must not make the group larger than 3")
	must(w.CreateGroup(w.ctx, host, chat.NewGroup{Name: "x", Creator: alice, Members: ids(bob, dave)}))(t)
}

func TestUpdateGroup(t *testing.T) {
	w := newWorld(t)
	talk := must(w.CreateGroup(w.ctx, host, chat.NewGroup{Name: "talk", Creator: alice, Members: []chat.AccountID{bob}}))(t)
	w.events.take()
	patch := chat.GroupPatch{
		Name: new("plan"), Avatar: new("/p.png"), Announcement: new("meet at ten"), IsPost: new(true),
		MembersInvite: new(false), Banned: new(true),
	}
	g := must(w.UpdateGroup(w.ctx, by(alice), talk.ID, patch))(t)
	w.happened(
		`renamed "talk" to "plan" by alice`,
		`system 3 from alice to group plan`,
		`changed avatar="/p.png" announcement="meet at ten" post=true creator=alice`,
		`system 4 from alice to group plan`,
		`system 4 from alice to group plan`,
		`system 4 from alice to group plan`,
		`invite false`,
		`system 4 from alice to group plan`,
		`ban true by alice`,
		`system 4 from alice to group plan`,
	)
	same(t, "group", must(w.Group(w.ctx, talk.ID))(t), g)
	same(t, "words", w.read(bob, group(talk.ID))[1:], []string{
		"(3) Alice renamed the group to plan",
		"(4) Alice changed the group's picture",
		"(4) Alice announced: meet at ten",
		"(4) Alice made this a permanent group",
		"(4) Alice lets only administrators add others",
		"(4) Alice allowed only administrators to write",
	})
	must(w.UpdateGroup(w.ctx, host, talk.ID, patch))(t)
	w.happened() // nothing changes a second time

	update := func(what string, who chat.Actor, id chat.GroupID, p chat.GroupPatch, want string) {
		t.Helper()
		_, err := w.UpdateGroup(w.ctx, who, id, p)
		refused(t, what, err, want)
	}
	for what, p := range map[string]chat.GroupPatch{
		"name": {Name: new("mine")}, "picture": {Avatar: new("/x.png")}, "announcement": {Announcement: new("")},
		"kind": {IsPost: new(true)}, "invitations": {MembersInvite: new(true)}, "ban": {Banned: new(false)},
	} {
		update("member: "+what, by(bob), talk.ID, p, "forbidden")
	}
	update("stranger", by(dave), talk.ID, chat.GroupPatch{Name: new("mine")}, "not in group")
	update("unknown", by(alice), "nowhere", chat.GroupPatch{Name: new("mine")}, "group not found")
	update("no name", by(alice), talk.ID, chat.GroupPatch{Name: new("")}, "invalid payload: name is required")
	update("long picture", by(alice), talk.ID, chat.GroupPatch{Avatar: new(strings.Repeat("x", 2049))}, "invalid payload: avatar must be at most 2048 bytes")
	update("long announcement", by(alice), talk.ID, chat.GroupPatch{Announcement: new(strings.Repeat("x", 5001))}, "invalid payload: announcement must be at most 5000 characters")
	update("back to discussion", by(alice), talk.ID, chat.GroupPatch{IsPost: new(false)}, "invalid payload: isPost must not be taken from a group")
	w.happened()
}

func TestOwnGroups(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"beta", "Alpha", "gamma 100%", "left", "closed"} {
		w.found(name, alice, bob)
	}
	named := func(query string) chat.OwnGroup {
		t.Helper()
		return must(w.OwnGroups(w.ctx, by(bob), query, 0, 1))(t)[0]
	}
	ok(t, w.LeaveGroup(w.ctx, by(bob), named("LEFT").ID))
	ok(t, w.DissolveGroup(w.ctx, by(alice), named("clos").ID))
	ok(t, w.SetGroupPush(w.ctx, by(bob), named("beta").ID, false))
	ok(t, w.SetGroupAdmin(w.ctx, by(alice), named("gamma").ID, bob, true))
	list := func(who chat.AccountID, query string, offset, limit int) (all []string) {
		t.Helper()
		for _, g := range must(w.OwnGroups(w.ctx, by(who), query, offset, limit))(t) {
			all = append(all, fmt.Sprintf("%s members=%d role=%d push=%t", g.Name, g.Members, g.Role, g.Push))
		}
		return all
	}
	same(t, "all", list(bob, "", 0, 10), []string{"Alpha members=2 role=0 push=true", "beta members=2 role=0 push=false", "gamma 100% members=2 role=1 push=true"})
	same(t, "the second", list(bob, "", 1, 1), []string{"beta members=2 role=0 push=false"})
	same(t, "a percent sign", list(bob, "%", 0, 10), []string{"gamma 100% members=2 role=1 push=true"})
	same(t, "of a stranger", list(dave, "", 0, 10), nil)
	_, err := w.OwnGroups(w.ctx, host, "", 0, 1)
	refused(t, "nobody's", err, "from user not found")
	_, err = w.OwnGroups(w.ctx, by(bob), "", -1, 1)
	refused(t, "offset", err, "invalid payload: offset must not be negative")
	_, err = w.OwnGroups(w.ctx, by(bob), strings.Repeat("x", 201), 0, 1)
	refused(t, "query", err, "invalid payload: query must be at most 200 characters")

	one := must(w.OwnGroup(w.ctx, by(bob), named("gamma").ID))(t)
	same(t, "administrators", one.Admins, []chat.AccountID{alice, bob})
	if one.Role != chat.RoleAdmin || !one.Push || one.Members != 2 {
		t.Errorf("got group %+v", one)
	}
	_, err = w.OwnGroup(w.ctx, by(dave), one.ID)
	refused(t, "a stranger", err, "not in group")
	ok(t, w.LeaveGroup(w.ctx, by(bob), one.ID))
	_, err = w.OwnGroup(w.ctx, by(bob), one.ID)
	refused(t, "a former member", err, "removeit")
	_, err = w.OwnGroup(w.ctx, by(bob), "nowhere")
	refused(t, "unknown", err, "group not found")
}

func TestUpdateOwnGroup(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	own := must(w.UpdateOwnGroup(w.ctx, by(bob), g, chat.GroupPatch{}, new(false)))(t)
	w.happened(`push bob false`)
	if own.Push || own.Role != chat.RoleMember || own.Members != 2 {
		t.Errorf("got %+v", own)
	}
	own = must(w.UpdateOwnGroup(w.ctx, by(alice), g, chat.GroupPatch{Name: new("crew")}, new(false)))(t)
	w.happened(`push alice false`, `renamed "team" to "crew" by alice`, `system 3 from alice to group crew`)
	if own.Push || own.Name != "crew" || own.Role != chat.RoleAdmin {
		t.Errorf("got %+v", own)
	}
	// Both or neither.
	_, err := w.UpdateOwnGroup(w.ctx, by(bob), g, chat.GroupPatch{Name: new("mine")}, new(true))
	refused(t, "a member's patch", err, "forbidden")
	w.happened()
	if must(w.OwnGroup(w.ctx, by(bob), g))(t).Push {
		t.Error("half of a refused change was kept")
	}
	_, err = w.UpdateOwnGroup(w.ctx, by(dave), g, chat.GroupPatch{}, nil)
	refused(t, "a stranger", err, "not in group")
	_, err = w.UpdateOwnGroup(w.ctx, by(alice), g, chat.GroupPatch{Name: new("")}, nil)
	refused(t, "no name", err, "invalid payload: name is required")
}

func TestFindMembers(t *testing.T) {
	w := newWorld(t)
	must(w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Name: new("bob 100%")}))(t)
	g := w.found("team", carol, dave, bob, alice)
	ok(t, w.SetGroupAdmin(w.ctx, by(carol), g, dave, true))
	list := func(query string, offset, limit int) (all []string) {
		t.Helper()
		for _, m := range must(w.FindMembers(w.ctx, by(bob), g, query, offset, limit))(t) {
			all = append(all, fmt.Sprintf("%s role=%d creator=%t contact=%t email=%q", m.Account.ID, m.Role, m.Creator, m.Person.Contact, m.Account.Email))
		}
		return all
	}
	same(t, "all", list("", 0, 10), []string{
		`carol role=1 creator=true contact=true email="carol@example.com"`,
		`dave role=1 creator=false contact=false email=""`,
		`alice role=0 creator=false contact=true email="alice@example.com"`,
		`bob role=0 creator=false contact=false email="bob@example.com"`,
	})
	same(t, "a page", list("", 1, 1), []string{`dave role=1 creator=false contact=false email=""`})
	same(t, "by a contact's address", list("alice@example", 0, 10), []string{`alice role=0 creator=false contact=true email="alice@example.com"`})
	same(t, "by one's own address", list("bob@example", 0, 10), []string{`bob role=0 creator=false contact=false email="bob@example.com"`})
	same(t, "by the address of somebody who is no contact", list("dave@example", 0, 10), []string(nil))
	same(t, "by name", list("0%", 0, 10), []string{`bob role=0 creator=false contact=false email="bob@example.com"`})
	ok(t, w.LeaveGroup(w.ctx, by(alice), g))
	same(t, "one has left", len(list("", 0, 10)), 3)
	for _, c := range []struct {
		who  chat.AccountID
		g    chat.GroupID
		want string
	}{{alice, g, "removeit"}, {"nobody", g, "from user not found"}, {bob, "nowhere", "group not found"}} {
		_, err := w.FindMembers(w.ctx, by(c.who), c.g, "", 0, 1)
		refused(t, c.want, err, c.want)
	}
	_, err := w.FindMembers(w.ctx, by(bob), g, "", -1, 1)
	refused(t, "offset", err, "invalid payload: offset must not be negative")
}

func TestAddGroupMembers(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.MaxGroupMembers = 4 })
	g := w.found("team", alice, bob)
	added := must(w.AddGroupMembers(w.ctx, by(bob), g, []chat.AccountID{carol, alice, carol}))(t)
	w.happened(
		`entered carol members=3 admins=alice created=false`,
		`system 1 from bob to group team gained carol`,
	)
	if len(added) != 1 || added[0].Account.Name != "Carol" {
		t.Errorf("got added %+v, want Carol", added)
	}
	same(t, "carol reads what came before", w.read(carol, group(g)),
		[]string{"(1) Alice created the group with Bob", "(1) Bob added Carol"})
	must(w.AddGroupMembers(w.ctx, by(bob), g, []chat.AccountID{carol}))(t)
	w.happened() // nobody new

	add := func(what string, who chat.Actor, to chat.GroupID, want string, accounts ...chat.AccountID) {
		t.Helper()
		_, err := w.AddGroupMembers(w.ctx, who, to, accounts)
		refused(t, what, err, want)
	}
	add("stranger of the caller", by(bob), g, "not my contract", dave)
	add("unknown", by(bob), g, "not my contract", "nobody")
	add("unknown to the host", host, g, `invalid payload: accounts names an account that does not exist: "nobody"`, "nobody")
	add("no member", by(dave), g, "not in group", bob)
	add("no group", by(bob), "nowhere", "group not found", carol)
	add("nobody", by(bob), g, "invalid payload: accounts is required")
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, carol))
	add("former member", by(carol), g, "removeit", bob)
	must(w.UpdateGroup(w.ctx, by(alice), g, chat.GroupPatch{MembersInvite: new(false)}))(t)
	add("member who may not", by(bob), g, "forbidden", carol)
	must(w.AddGroupMembers(w.ctx, by(alice), g, []chat.AccountID{carol}))(t)
	must(w.AddGroupMembers(w.ctx, host, g, []chat.AccountID{dave}))(t)
	must(w.CreateAccount(w.ctx, chat.Account{ID: "erin", Name: "Erin"}))(t)
	add("one too many", host, g, "invalid payload: accounts must not make the group larger than 4", "erin")
}

func TestRemoveGroupMember(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	w.sayIn(g, alice, "before")
	w.events.take()
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, bob))
	w.happened(`left bob members=2`, `system 2 from alice to group team`)
	w.sayIn(g, alice, "after")

	same(t, "bob reads up to the end", w.read(bob, group(g)), []string{"(1) Alice created the group with Bob, Carol", "before"})
	same(t, "carol reads on", w.read(carol, group(g))[2:], []string{"(2) Alice removed Bob", "after"})
	same(t, "bob's unread", w.unread(bob), map[string]int64{})
	same(t, "bob's list", w.listed(bob), []string{string(g)})
	same(t, "bob's groups", must(w.GroupsOf(w.ctx, bob))(t), nil)
	if row := must(w.ChatList(w.ctx, bob, 0, 1))(t)[0]; row.IsContact || row.Last.Message.Text != "before" {
		t.Errorf("got row %+v: it must end with what bob may read", row)
	}
	ok(t, w.ClearUnread(w.ctx, by(bob), group(g)))
	ok(t, w.RemoveSession(w.ctx, by(bob), group(g)))
	same(t, "bob's list", w.listed(bob), nil)

	// Back again: everything can be read, nothing of the time between counts.
	must(w.AddGroupMembers(w.ctx, by(alice), g, []chat.AccountID{bob}))(t)
	same(t, "bob's unread", w.unread(bob), map[string]int64{})
	same(t, "bob reads all", len(w.read(bob, group(g))), 5)
	w.sayIn(g, carol, "welcome back")
	same(t, "bob's unread", w.unread(bob), map[string]int64{string(g): 1})
}

func TestRemoveGroupMemberRefusals(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	ok(t, w.SetGroupAdmin(w.ctx, by(alice), g, bob, true))
	w.events.take()
	refused(t, "member", w.RemoveGroupMember(w.ctx, by(carol), g, bob), "forbidden")
	refused(t, "the creator", w.RemoveGroupMember(w.ctx, by(bob), g, alice), "forbidden")
	refused(t, "no member", w.RemoveGroupMember(w.ctx, by(bob), g, dave), "invalid payload: account is not in the group")
	refused(t, "by a stranger", w.RemoveGroupMember(w.ctx, by(dave), g, bob), "not in group")
	refused(t, "no group", w.RemoveGroupMember(w.ctx, by(bob), "nowhere", carol), "group not found")
	refused(t, "stranger leaves", w.LeaveGroup(w.ctx, by(dave), g), "not in group")
	refused(t, "nobody leaves", w.LeaveGroup(w.ctx, host, g), "from user not found")
	w.happened()
	ok(t, w.RemoveGroupMember(w.ctx, by(bob), g, carol))
	refused(t, "twice", w.RemoveGroupMember(w.ctx, by(bob), g, carol), "invalid payload: account is not in the group")
	refused(t, "leave twice", w.LeaveGroup(w.ctx, by(carol), g), "removeit")
}

func TestSuccession(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice)
	for _, a := range []chat.AccountID{carol, bob, dave} {
		w.clock.advance(time.Second)
		must(w.AddGroupMembers(w.ctx, host, g, []chat.AccountID{a}))(t)
	}
	ok(t, w.SetGroupAdmin(w.ctx, by(alice), g, bob, true))
	w.events.take()

	ok(t, w.LeaveGroup(w.ctx, by(alice), g))
	w.happened(
		`left alice members=3`,
		`system 2 from alice to group team`,
		`changed avatar="" announcement="" post=true creator=bob`,
		`system 4 from bob to group team`,
	)
	ok(t, w.LeaveGroup(w.ctx, by(bob), g)) // the last administrator
	w.happened(
		`left bob members=2`,
		`system 2 from bob to group team`,
		`admin carol true by bob`,
		`changed avatar="" announcement="" post=true creator=carol`,
		`system 4 from carol to group team`,
	)
	got := must(w.Group(w.ctx, g))(t)
	same(t, "administrators", got.Admins, []chat.AccountID{carol})
	same(t, "words", w.read(dave, group(g))[5:], []string{
		"(2) Alice left the group", "(4) Bob is now in charge of the group",
		"(2) Bob left the group", "(4) Carol is now in charge of the group",
	})
	ok(t, w.RemoveGroupMember(w.ctx, host, g, carol)) // the host may remove a creator
	w.happened(
		`left carol members=1`,
		`system 2 from carol to group team`,
		`admin dave true by carol`,
		`changed avatar="" announcement="" post=true creator=dave`,
		`system 4 from dave to group team`,
	)
	ok(t, w.RemoveGroupMember(w.ctx, by(dave), g, dave)) // to remove oneself is to leave
	w.happened(`left dave members=0`, `dissolved team`)
	if last := must(w.Group(w.ctx, g))(t); !last.Dissolved() {
		t.Error("a group without members is open")
	}
}

func TestDissolveGroup(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	w.sayIn(g, alice, "last words")
	ok(t, w.SetGroupAdmin(w.ctx, by(alice), g, bob, true))
	refused(t, "administrator", w.DissolveGroup(w.ctx, by(bob), g), "forbidden")
	refused(t, "stranger", w.DissolveGroup(w.ctx, by(dave), g), "not in group")
	w.events.take()

	ok(t, w.DissolveGroup(w.ctx, by(alice), g))
	w.happened(`system 4 from alice to group team`, `dissolved team`)
	refused(t, "twice", w.DissolveGroup(w.ctx, by(alice), g), "group not found")
	_, err := w.AddGroupMembers(w.ctx, host, g, []chat.AccountID{dave})
	refused(t, "add", err, "group not found")
	for _, a := range []chat.AccountID{alice, bob, carol} {
		same(t, "groups", must(w.GroupsOf(w.ctx, a))(t), nil)
		same(t, "unread", w.unread(a), map[string]int64{})
		same(t, "list", w.listed(a), []string{string(g)})
		history := w.read(a, group(g))
		same(t, "last message", history[len(history)-1], "(4) Alice dissolved the group")
	}
	ok(t, w.RemoveSession(w.ctx, by(bob), group(g)))
	same(t, "list", w.listed(bob), nil)

	g = w.found("other", alice, bob)
	ok(t, w.DissolveGroup(w.ctx, host, g))
	w.happened(`system 4 from alice to group other`, `dissolved other`)
}

func TestGroupAdmin(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	ok(t, w.SetGroupAdmin(w.ctx, by(alice), g, bob, true))
	w.happened(`admin bob true by alice`, `system 4 from alice to group team`)
	ok(t, w.SetGroupAdmin(w.ctx, by(alice), g, bob, true))
	w.happened()
	same(t, "administrators", must(w.Group(w.ctx, g))(t).Admins, []chat.AccountID{alice, bob})

	refused(t, "by a member", w.SetGroupAdmin(w.ctx, by(carol), g, carol, true), "forbidden")
	refused(t, "by a stranger", w.SetGroupAdmin(w.ctx, by(dave), g, dave, true), "not in group")
	refused(t, "of no member", w.SetGroupAdmin(w.ctx, by(alice), g, dave, true), "invalid payload: account is not in the group")
	refused(t, "of the creator", w.SetGroupAdmin(w.ctx, by(bob), g, alice, false), "forbidden")
	refused(t, "of the creator by the host", w.SetGroupAdmin(w.ctx, host, g, alice, false), "forbidden")
	ok(t, w.SetGroupAdmin(w.ctx, by(bob), g, carol, true))
	refused(t, "among administrators", w.SetGroupAdmin(w.ctx, by(bob), g, carol, false), "forbidden")
	ok(t, w.SetGroupAdmin(w.ctx, by(carol), g, carol, false))
	w.events.take()
	ok(t, w.SetGroupAdmin(w.ctx, host, g, bob, false))
	w.happened(`admin bob false by alice`, `system 4 from alice to group team`)
}

func TestBanSpeak(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	refused(t, "member", w.BanSpeak(w.ctx, by(bob), g, true), "forbidden")
	ok(t, w.BanSpeak(w.ctx, by(alice), g, true))
	w.happened(`ban true by alice`, `system 4 from alice to group team`)
	ok(t, w.BanSpeak(w.ctx, by(alice), g, true))
	w.happened()
	ok(t, w.BanSpeak(w.ctx, host, g, false))
	w.happened(`ban false by alice`, `system 4 from alice to group team`)
}

func TestGroupPush(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	ok(t, w.SetGroupPush(w.ctx, by(bob), g, false))
	w.happened(`push bob false`)
	w.sayIn(g, alice, "one")
	w.say(alice, bob, "two")
	counts := must(w.UnreadCounts(w.ctx, bob))(t)
	same(t, "total and muted", [2]int64{counts.Total, counts.Muted}, [2]int64{2, 1})
	same(t, "groups", must(w.GroupsOf(w.ctx, bob))(t), []chat.GroupSubscription{{Group: g, Push: false}})
	refused(t, "stranger", w.SetGroupPush(w.ctx, by(dave), g, false), "not in group")
	refused(t, "no group", w.SetGroupPush(w.ctx, by(bob), "nowhere", false), "group not found")

	// A member who comes back has the default settings again.
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, bob))
	refused(t, "former member", w.SetGroupPush(w.ctx, by(bob), g, true), "removeit")
	must(w.AddGroupMembers(w.ctx, by(alice), g, []chat.AccountID{bob}))(t)
	same(t, "groups", must(w.GroupsOf(w.ctx, bob))(t), []chat.GroupSubscription{{Group: g, Push: true}})
}

func TestWordsOfALargeGroupStayShort(t *testing.T) {
	w := newWorld(t)
	var many []chat.AccountID
	for i := range 12 {
		id := chat.AccountID(fmt.Sprintf("u%02d", i))
		must(w.CreateAccount(w.ctx, chat.Account{ID: id, Name: string(id)}))(t)
		many = append(many, id)
	}
	g := w.found("crowd", append([]chat.AccountID{alice}, many...)...)
	same(t, "words", w.read(alice, group(g)),
		[]string{"(1) Alice created the group with u00, u01, u02, u03, u04, u05, u06, u07, u08, u09 and others"})
}

func TestWordsInChinese(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.Settings.Language = "zh" })
	must(w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Name: new("{1}")}))(t) // a name is never a placeholder
	g := w.found("团队", alice, bob, carol)
	ok(t, w.LeaveGroup(w.ctx, by(bob), g))
	same(t, "words", w.read(alice, group(g)), []string{"(1) Alice创建了群聊，成员有{1}、Carol", "(2) {1}退出了群聊"})
	same(t, "notice", chat.WithdrawNotice("zh", "Alice"), "Alice撤回了一条消息")
	same(t, "notice", chat.WithdrawNotice("en", "Alice"), "Alice withdrew a message")
}

// Clients had only the words of the server's language for what happened in a group.
// The report beside the words is kept, with the names of that time.
func TestSystemMessagesHaveReports(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	must(w.AddGroupMembers(w.ctx, by(alice), g, []chat.AccountID{carol}))(t)
	must(w.UpdateGroup(w.ctx, by(alice), g, chat.GroupPatch{Name: new("Crew"), Announcement: new("hello"), Banned: new(true)}))(t)
	ok(t, w.SetGroupAdmin(w.ctx, by(alice), g, bob, true))
	must(w.SendSystemMessage(w.ctx, "", g, "words of the host"))(t)
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, carol))
	ok(t, w.LeaveGroup(w.ctx, by(alice), g))
	must(w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Name: new("Robert")}))(t)

	name := func(id chat.AccountID, name string) chat.ReportName { return chat.ReportName{ID: id, Name: name} }
	a, b, c := name(alice, "Alice"), name(bob, "Bob"), name(carol, "Carol")
	want := []*chat.Report{
		{Kind: chat.ReportCreated, By: a, Users: []chat.ReportName{b}, Total: 1},
		{Kind: chat.ReportAdded, By: a, Users: []chat.ReportName{c}, Total: 1},
		{Kind: chat.ReportRenamed, By: a, Name: "Crew"},
		{Kind: chat.ReportAnnounced, By: a, Text: "hello"},
		{Kind: chat.ReportBanned, By: a},
		{Kind: chat.ReportAdmin, By: a, Users: []chat.ReportName{b}, Total: 1},
		nil,
		{Kind: chat.ReportRemoved, By: a, Users: []chat.ReportName{c}, Total: 1},
		{Kind: chat.ReportLeft, By: a},
		{Kind: chat.ReportSuccessor, By: b},
	}
	var got []*chat.Report
	for _, p := range must(w.History(w.ctx, bob, group(g), chat.HistoryQuery{Limit: 99, OldestFirst: true}))(t) {
		got = append(got, p.Message.Report)
	}
	same(t, "reports", got, want)

	departures := map[chat.AccountID]chat.Departure{alice: chat.DepartureLeft, carol: chat.DepartureRemoved}
	ok(t, w.DissolveGroup(w.ctx, by(bob), g))
	departures[bob] = chat.DepartureDissolved
	for id, how := range departures {
		row := must(w.ChatList(w.ctx, id, 0, 1))(t)[0]
		same(t, string(id), []any{row.Ref, row.Left, row.Departure}, []any{group(g), true, how})
	}
}

// A former member got "group not found" once the group was dissolved, and so learned
// what happened to it after the membership had ended.
func TestFormerMembersOfDissolvedGroups(t *testing.T) {
	w := newWorld(t)
	must(w.CreateAccount(w.ctx, chat.Account{ID: "erin", Name: "Erin"}))(t)
	dissolved := w.found("team", alice, bob, carol)
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), dissolved, carol))
	ok(t, w.LeaveGroup(w.ctx, by(bob), dissolved))
	ok(t, w.DissolveGroup(w.ctx, by(alice), dissolved))
	empty := w.found("empty", alice, bob) // dissolved when its last member leaves
	ok(t, w.LeaveGroup(w.ctx, by(bob), empty))
	ok(t, w.LeaveGroup(w.ctx, by(alice), empty))
	again := w.found("again", alice, bob) // left once, but a member at the end
	ok(t, w.LeaveGroup(w.ctx, by(bob), again))
	must(w.AddGroupMembers(w.ctx, by(alice), again, []chat.AccountID{bob}))(t)
	ok(t, w.DissolveGroup(w.ctx, host, again))
	w.events.take()

	for _, c := range []struct {
		what string
		who  chat.AccountID
		g    chat.GroupID
		want string
	}{
		{"left", bob, dissolved, "removeit"},
		{"was removed", carol, dissolved, "removeit"},
		{"member at the end", alice, dissolved, "group not found"},
		{"never a member", "erin", dissolved, "group not found"},
		{"left the last but one", bob, empty, "removeit"},
		{"left last", alice, empty, "removeit"},
		{"came back", bob, again, "group not found"},
	} {
		actor := by(c.who)
		_, err := w.SendGroupMessage(w.ctx, actor, c.g, text("x"))
		refused(t, c.what+": send", err, c.want)
		refused(t, c.what+": shake", w.ShakeGroup(w.ctx, actor, c.g, nil, true, 1), c.want)
		_, err = w.UpdateGroup(w.ctx, actor, c.g, chat.GroupPatch{Name: new("x")})
		refused(t, c.what+": change", err, c.want)
		_, err = w.AddGroupMembers(w.ctx, actor, c.g, []chat.AccountID{"erin"})
		refused(t, c.what+": add", err, c.want)
		_, err = w.OwnGroup(w.ctx, actor, c.g)
		refused(t, c.what+": read", err, c.want)
		_, err = w.FindMembers(w.ctx, actor, c.g, "", 0, 1)
		refused(t, c.what+": members", err, c.want)
		refused(t, c.what+": leave", w.LeaveGroup(w.ctx, actor, c.g), c.want)
		refused(t, c.what+": mute", w.SetGroupPush(w.ctx, actor, c.g, false), c.want)
		same(t, c.what+": faces", must(w.GroupFaces(w.ctx, actor, []chat.GroupID{c.g}))(t), []chat.GroupFaces{})
	}
	w.happened()
}

func TestGroupFaces(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", carol, dave, bob, alice)
	other := w.found("others", carol, alice)
	faces := func(reader chat.AccountID, groups ...chat.GroupID) map[chat.GroupID][]chat.AccountID {
		t.Helper()
		found := map[chat.GroupID][]chat.AccountID{}
		for _, f := range must(w.GroupFaces(w.ctx, by(reader), groups))(t) {
			for _, m := range f.Members {
				found[f.Group] = append(found[f.Group], m.ID)
			}
		}
		return found
	}
	same(t, "by id, own groups only", faces(bob, g, other, "nowhere"), map[chat.GroupID][]chat.AccountID{g: {alice, bob, carol, dave}})
	// A group that was named twice came twice.
	same(t, "named twice", faces(bob, g, g), map[chat.GroupID][]chat.AccountID{g: {alice, bob, carol, dave}})
	ok(t, w.LeaveGroup(w.ctx, by(alice), g))
	same(t, "without a former member", faces(bob, g), map[chat.GroupID][]chat.AccountID{g: {bob, carol, dave}})
	same(t, "nothing for a former member", faces(alice, g), map[chat.GroupID][]chat.AccountID{})
	_, err := w.GroupFaces(w.ctx, by("nobody"), []chat.GroupID{g})
	refused(t, "an unknown caller", err, "from user not found")
}
