package chat_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/internal/chat"
)

func TestProfile(t *testing.T) {
	w := newWorld(t)
	must(w.CreateOrganization(w.ctx, chat.Organization{ID: "own", Name: "Bob's own"}))(t)
	ok(t, w.AddToOrganization(w.ctx, "own", []chat.AccountID{bob}))
	see := func(me, id chat.AccountID) string {
		t.Helper()
		p := must(w.Profile(w.ctx, by(me), id))(t)
		var in []string
		for _, o := range p.Organizations {
			in = append(in, o.Name)
		}
		for _, g := range p.InCommon {
			in = append(in, g.Name)
		}
		return fmt.Sprintf("%s %q contact=%t friend=%t %s %s", p.ID, p.Email, p.Contact, p.Friend, strings.Join(in, "+"), p.Request)
	}
	same(t, "a colleague", see(alice, bob), `bob "bob@example.com" contact=true friend=false Demo `)
	same(t, "oneself", see(bob, bob), `bob "bob@example.com" contact=false friend=false Demo+Bob's own `)
	_, err := w.Profile(w.ctx, by(alice), dave)
	refused(t, "a stranger", err, "account not found")
	_, err = w.Profile(w.ctx, by(alice), "nobody")
	refused(t, "nobody", err, "account not found")
	_, err = w.Profile(w.ctx, by("nobody"), alice)
	refused(t, "by nobody", err, "from user not found")
	_, err = w.Profile(w.ctx, by("nobody"), "nobody")
	refused(t, "nobody of nobody", err, "from user not found")
	_, err = w.Profile(w.ctx, by(alice), chat.AccountID(strings.Repeat("x", 129)))
	refused(t, "long", err, "invalid payload: account must be at most 128 bytes")

	// Members of a common group see each other's profile, but not the address.
	g := w.found("team", alice, dave)
	same(t, "in a group", see(dave, alice), `alice "" contact=false friend=false team `)
	ok(t, w.LeaveGroup(w.ctx, by(dave), g))
	_, err = w.Profile(w.ctx, by(dave), alice)
	refused(t, "no longer in a group", err, "account not found")

	must(w.RequestFriend(w.ctx, by(dave), chat.NewFriendRequest{To: alice}))(t)
	same(t, "asked", see(dave, alice), `alice "" contact=false friend=false  sent`)
	same(t, "was asked", see(alice, dave), `dave "" contact=false friend=false  received`)
	ok(t, w.Befriend(w.ctx, alice, dave))
	same(t, "a friend", see(dave, alice), `alice "alice@example.com" contact=true friend=true  `)
	w.say(dave, alice, "hello")
	ok(t, w.Unfriend(w.ctx, alice, dave))
	same(t, "somebody with whom one has talked", see(dave, alice), `alice "" contact=false friend=false  `)

	must(w.UpdateAccount(w.ctx, carol, chat.AccountPatch{Active: new(false)}))(t)
	same(t, "a former colleague", see(alice, carol), `carol "" contact=false friend=false Demo `)
}

func TestUpdateProfile(t *testing.T) {
	w := newWorld(t)
	ok(t, w.Befriend(w.ctx, alice, dave))
	ok(t, w.Befriend(w.ctx, alice, bob))
	w.events.take()
	p := must(w.UpdateProfile(w.ctx, by(alice), chat.ProfilePatch{Name: new("Zoe"), Avatar: new("/z.png")}))(t)
	if p.Name != "Zoe" || p.Avatar != "/z.png" || p.Initial != "Z" || p.Email == "" {
		t.Errorf("got %+v", p)
	}
	w.happened(
		`account alice "Zoe" active=true`,
		`contact alice "Zoe" contact=false friend=false to alice`,
		`contact alice "Zoe" contact=true friend=true to bob,dave`,
	)
	must(w.UpdateProfile(w.ctx, by(alice), chat.ProfilePatch{Name: new("Zoe")}))(t)
	w.happened()
	for want, p := range map[string]chat.ProfilePatch{
		"invalid payload: name is required":                    {Name: new(" ")},
		"invalid payload: name must be at most 200 characters": {Name: new(strings.Repeat("x", 201))},
		"invalid payload: avatar must be at most 2048 bytes":   {Avatar: new(strings.Repeat("x", 2049))},
	} {
		_, err := w.UpdateProfile(w.ctx, by(alice), p)
		refused(t, want, err, want)
	}
	// A name with a line break looked like a name and a message.
	for name, at := range map[string]string{
		"bob\nhello": "U+000A", "bob\x00": "U+0000", "bob\u2028b": "U+2028", "\u202eecilA": "U+202E", "\u2066bob": "U+2066", "a\u0085b": "U+0085",
	} {
		_, err := w.UpdateProfile(w.ctx, by(alice), chat.ProfilePatch{Name: &name})
		refused(t, name, err, "invalid payload: name must be one line that can be read, without "+at)
	}
	_, err := w.UpdateProfile(w.ctx, by("nobody"), chat.ProfilePatch{Name: new("x")})
	refused(t, "nobody", err, "from user not found")
	w.happened()
}

func TestFriendsAreTold(t *testing.T) {
	w := newWorld(t)
	ok(t, w.Befriend(w.ctx, alice, dave))
	w.happened(
		`contact dave "Dave" contact=true friend=true to alice`,
		`contact alice "Alice" contact=true friend=true to dave`,
	)
	ok(t, w.Befriend(w.ctx, dave, alice))
	w.happened()
	ok(t, w.Unfriend(w.ctx, dave, alice))
	w.happened(
		`contact alice "Alice" contact=false friend=false to dave`,
		`contact dave "Dave" contact=false friend=false to alice`,
	)
	ok(t, w.Befriend(w.ctx, alice, bob))
	w.events.take()
	ok(t, w.Unfriend(w.ctx, alice, bob)) // who stay colleagues
	w.happened(
		`contact bob "Bob" contact=true friend=false to alice`,
		`contact alice "Alice" contact=true friend=false to bob`,
	)
}
