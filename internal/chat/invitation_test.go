package chat_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

// invitingWorld is a world in which Alice owns the organization "demo".
func invitingWorld(t *testing.T, change ...func(*chat.Options)) *world {
	t.Helper()
	w := newWorld(t, append([]func(*chat.Options){withPasswords(&plainHasher{mark: "1"})}, change...)...)
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationOwner))
	w.events.take()
	return w
}

func newcomer(n int) chat.Newcomer {
	return chat.Newcomer{Name: fmt.Sprint("Person ", n), Email: fmt.Sprintf("person%d@example.test", n), Password: "long enough", Device: browser}
}

func TestInvitation(t *testing.T) {
	w := invitingWorld(t)
	crew := must(w.CreateGroup(w.ctx, by(alice), chat.NewGroup{Name: "Crew", IsPost: true, Members: []chat.AccountID{bob}}))(t)
	gone := must(w.CreateGroup(w.ctx, by(alice), chat.NewGroup{Name: "Gone", IsPost: true}))(t)
	made := must(w.CreateInvitation(w.ctx, by(alice), chat.NewInvitation{
		Groups: []chat.GroupID{crew.ID, gone.ID, crew.ID}, Domain: "@Example.TEST", MaxUses: 2,
	}))(t)
	ok(t, w.DissolveGroup(w.ctx, by(alice), gone.ID))
	open := must(w.InvitationBySecret(w.ctx, made.Secret))(t)
	if open.Into != "Demo" || open.Inviter != "Alice" || !slices.Equal(open.GroupNames, []string{"Crew"}) || open.Domain != "example.test" {
		t.Errorf("got %+v, want what Alice invites to", open)
	}
	_, err := w.AcceptInvitation(w.ctx, made.Secret, chat.Newcomer{Name: "X", Email: "x@elsewhere.test", Password: "long enough"})
	refused(t, "another domain", err, "invalid payload: email must end in @example.test")
	_, err = w.AcceptInvitation(w.ctx, made.Secret, chat.Newcomer{Name: "X", Email: "x@sub.example.test", Password: "long enough"})
	refused(t, "a domain below it", err, "invalid payload: email must end in @example.test")
	_, err = w.AcceptInvitation(w.ctx, made.Secret, chat.Newcomer{Name: "X", Email: "x@example.test", Password: "short"})
	refused(t, "a short password", err, "invalid payload: password must have at least 8 characters")

	in := must(w.AcceptInvitation(w.ctx, made.Secret, newcomer(1)))(t)
	if member := must(w.GroupMember(w.ctx, crew.ID, in.Person.ID))(t); member.Account.Name != "Person 1" {
		t.Errorf("got %+v, want the new member", member)
	}
	if p := must(w.Profile(w.ctx, by(in.Person.ID), bob))(t); !p.Contact {
		t.Error("a new member is no colleague")
	}
	must(w.SendMessage(w.ctx, by(in.Person.ID), bob, text("hello")))(t)
	_, err = w.AcceptInvitation(w.ctx, made.Secret, newcomer(1))
	refused(t, "the same address", err, "invalid payload: email is that of an account that exists")
	must(w.AcceptInvitation(w.ctx, made.Secret, newcomer(2)))(t)
	_, err = w.AcceptInvitation(w.ctx, made.Secret, newcomer(3))
	refused(t, "used up", err, "invalid code")

	var kinds []chat.AuditKind
	for _, e := range must(w.AuditLog(w.ctx, by(alice), chat.AuditQuery{Target: string(made.ID), Limit: 10}))(t) {
		kinds = append(kinds, e.Kind)
	}
	want := []chat.AuditKind{chat.AuditInvitationRefused, chat.AuditInvitationAccepted, chat.AuditInvitationAccepted, chat.AuditInvitationCreated}
	if diff := cmp.Diff(kinds, want); diff != "" {
		t.Errorf("audit log (-got +want):\n%s", diff)
	}
}

func TestInvitationEnds(t *testing.T) {
	w := invitingWorld(t)
	revoked := must(w.CreateInvitation(w.ctx, by(alice), chat.NewInvitation{}))(t)
	late := must(w.CreateInvitation(w.ctx, by(alice), chat.NewInvitation{TTL: time.Hour}))(t)
	ok(t, w.RevokeInvitation(w.ctx, by(alice), revoked.ID))
	ok(t, w.RevokeInvitation(w.ctx, by(alice), revoked.ID))
	w.clock.advance(time.Hour)
	for name, secret := range map[string]string{"revoked": revoked.Secret, "late": late.Secret, "unknown": "x", "none": ""} {
		_, err := w.InvitationBySecret(w.ctx, secret)
		refused(t, name, err, "invalid code")
		_, err = w.AcceptInvitation(w.ctx, secret, newcomer(1))
		refused(t, name, err, "invalid code")
		_, err = w.JoinByInvitation(w.ctx, by(dave), secret)
		refused(t, name, err, "invalid code")
	}
	refused(t, "an unknown one", w.RevokeInvitation(w.ctx, by(alice), "x"), "not found")
	var got []chat.InvitationID
	for _, i := range must(w.Invitations(w.ctx, by(alice), "", 0, 10))(t) {
		got = append(got, i.ID)
	}
	if diff := cmp.Diff(got, []chat.InvitationID{late.ID, revoked.ID}); diff != "" {
		t.Errorf("invitations (-got +want):\n%s", diff)
	}
}

// The invitations of an administrator still worked after the administrator was demoted or deactivated.
func TestInvitationOfAFormerAdministrator(t *testing.T) {
	w := invitingWorld(t)
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationAdministrator))
	made := must(w.CreateInvitation(w.ctx, by(bob), chat.NewInvitation{}))(t)
	system := must(w.CreateInvitation(w.ctx, host, chat.NewInvitation{}))(t)
	state := func() chat.InvitationState {
		t.Helper()
		for _, i := range must(w.Invitations(w.ctx, by(alice), "", 0, 10))(t) {
			if i.ID == made.ID {
				return i.State(w.clock.Now())
			}
		}
		return ""
	}
	void := func(what string) {
		t.Helper()
		_, err := w.InvitationBySecret(w.ctx, made.Secret)
		refused(t, what, err, "invalid code")
		_, err = w.AcceptInvitation(w.ctx, made.Secret, newcomer(1))
		refused(t, what, err, "invalid code")
		_, err = w.JoinByInvitation(w.ctx, by(dave), made.Secret)
		refused(t, what, err, "invalid code")
		_, err = w.AcceptInvitationAs(w.ctx, made.ID, somebodyAt("1", "one@example.test", true), chat.IdentityPolicy{})
		refused(t, what, err, "invalid code")
		same(t, what, state(), chat.InvitationVoid)
	}
	same(t, "state", state(), chat.InvitationLive)
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationMember))
	void("demoted")
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationAdministrator))
	same(t, "state", state(), chat.InvitationLive)
	active := false
	must(w.AdminUpdatePerson(w.ctx, by(alice), bob, chat.PersonPatch{Active: &active}))(t)
	void("deactivated")
	must(w.AcceptInvitation(w.ctx, system.Secret, newcomer(2)))(t)
	ok(t, w.RevokeInvitation(w.ctx, by(alice), made.ID))
	same(t, "state", state(), chat.InvitationRevoked)
}

func TestInvitationRefusals(t *testing.T) {
	w := invitingWorld(t)
	made := must(w.CreateInvitation(w.ctx, by(alice), chat.NewInvitation{}))(t)
	for _, who := range []chat.AccountID{bob, dave} { // a member and a stranger
		_, err := w.CreateInvitation(w.ctx, by(who), chat.NewInvitation{})
		refused(t, "create", err, "forbidden")
		_, err = w.Invitations(w.ctx, by(who), "", 0, 10)
		refused(t, "list", err, "forbidden")
		refused(t, "revoke", w.RevokeInvitation(w.ctx, by(who), made.ID), "forbidden")
		refused(t, "revoke an unknown one", w.RevokeInvitation(w.ctx, by(who), "x"), "forbidden")
	}
	for want, n := range map[string]chat.NewInvitation{
		"role must be member or guest":                                                 {Role: chat.OrganizationOwner},
		"groups is required: a guest sees only the groups of the invitation":           {Role: chat.OrganizationGuest},
		`groups names a group that does not exist: "nowhere"`:                          {Groups: []chat.GroupID{"nowhere"}},
		"maxUses must be between 0 and 100000":                                         {MaxUses: -1},
		"ttl must be a minute to 366 days":                                             {TTL: time.Second},
		"domain must be the part of an e-mail address behind the @, like example.test": {Domain: "no domain"},
	} {
		_, err := w.CreateInvitation(w.ctx, by(alice), n)
		refused(t, want, err, "invalid payload: "+want)
	}
	// Host systems may invite as well. Their invitations have no inviter.
	byHost := must(w.CreateInvitation(w.ctx, host, chat.NewInvitation{Email: "erna@example.test"}))(t)
	if open := must(w.InvitationBySecret(w.ctx, byHost.Secret))(t); open.Inviter != "" || open.Email != "erna@example.test" {
		t.Errorf("got %+v", open)
	}
}

// A guest is in the groups of the invitation, a friend of the person who invites, and a colleague of nobody.
func TestInvitationOfAGuest(t *testing.T) {
	w := invitingWorld(t)
	crew := must(w.CreateGroup(w.ctx, by(alice), chat.NewGroup{Name: "Crew", IsPost: true, Members: []chat.AccountID{bob}}))(t)
	made := must(w.CreateInvitation(w.ctx, by(alice), chat.NewInvitation{Role: chat.OrganizationGuest, Groups: []chat.GroupID{crew.ID}}))(t)
	in := must(w.AcceptInvitation(w.ctx, made.Secret, newcomer(1)))(t)
	must(w.SendGroupMessage(w.ctx, by(in.Person.ID), crew.ID, text("hello")))(t)
	_, err := w.SendMessage(w.ctx, by(in.Person.ID), carol, text("hello"))
	refused(t, "a guest to somebody else", err, "not my contract")
	must(w.SendMessage(w.ctx, by(in.Person.ID), alice, text("hello")))(t) // Alice has invited the guest
}

func TestJoinByInvitation(t *testing.T) {
	w := invitingWorld(t)
	crew := must(w.CreateGroup(w.ctx, by(alice), chat.NewGroup{Name: "Crew", IsPost: true}))(t)
	made := must(w.CreateInvitation(w.ctx, by(alice), chat.NewInvitation{Groups: []chat.GroupID{crew.ID}, MaxUses: 2}))(t)
	for range 2 { // the second time changes nothing
		must(w.JoinByInvitation(w.ctx, by(dave), made.Secret))(t)
		must(w.GroupMember(w.ctx, crew.ID, dave))(t)
	}
	must(w.JoinByInvitation(w.ctx, by(bob), made.Secret))(t) // a member enters the group alone
	must(w.GroupMember(w.ctx, crew.ID, bob))(t)
	_, err := w.JoinByInvitation(w.ctx, by(carol), made.Secret)
	refused(t, "used up", err, "invalid code")
}

// If more people accept at once than there are uses left, the uses decide how many succeed.
func TestInvitationRace(t *testing.T) {
	w := invitingWorld(t)
	made := must(w.CreateInvitation(w.ctx, by(alice), chat.NewInvitation{MaxUses: 3}))(t)
	var in atomic.Int32
	var all sync.WaitGroup
	for n := range 12 {
		all.Go(func() {
			_, err := w.AcceptInvitation(context.Background(), made.Secret, newcomer(n))
			switch {
			case err == nil:
				in.Add(1)
			case !strings.Contains(err.Error(), "invalid code"):
				t.Errorf("got error %v, want invalid code", err)
			}
		})
	}
	all.Wait()
	if n := in.Load(); n != 3 {
		t.Errorf("%d got in, want 3", n)
	}
}

// somebodyAt is a person whom a provider confirms.
func somebodyAt(subject, email string, verified bool) chat.ExternalIdentity {
	return chat.ExternalIdentity{Issuer: "https://login.example.test", Subject: subject, Email: email, EmailVerified: verified, Name: "Person " + subject}
}

func TestInvitationWithAProvider(t *testing.T) {
	w := invitingWorld(t)
	crew := must(w.CreateGroup(w.ctx, by(alice), chat.NewGroup{Name: "Crew", IsPost: true, Members: []chat.AccountID{bob}}))(t)
	made := must(w.CreateInvitation(w.ctx, by(alice), chat.NewInvitation{Groups: []chat.GroupID{crew.ID}, Domain: "example.test", MaxUses: 2}))(t)
	none := chat.IdentityPolicy{} // nobody gets an account without an invitation
	refuse := func(what string, e chat.ExternalIdentity, want string) {
		t.Helper()
		_, err := w.AcceptInvitationAs(w.ctx, made.ID, e, none)
		refused(t, what, err, want)
		_, err = w.SignInCodeFor(w.ctx, e, none)
		refused(t, what+" left nothing behind", err, "no account for this sign-in")
	}
	refuse("another domain", somebodyAt("1", "one@elsewhere.test", true), "invalid payload: email must end in @example.test")
	refuse("an address that is not verified", somebodyAt("1", "one@example.test", false), "invalid payload: email must be verified by the provider")
	refuse("no address", somebodyAt("1", "", true), "invalid payload: email must be verified by the provider")

	one := somebodyAt("1", "one@example.test", true)
	in := must(w.SignInWithCode(w.ctx, must(w.AcceptInvitationAs(w.ctx, made.ID, one, none))(t), browser))(t)
	if in.Person.Name != "Person 1" || in.Person.Email != "one@example.test" {
		t.Errorf("got %+v, want the name and the address from the provider", in.Person)
	}
	must(w.GroupMember(w.ctx, crew.ID, in.Person.ID))(t)
	must(w.SendMessage(w.ctx, by(in.Person.ID), bob, text("hello, colleague")))(t)

	// The same person again, without another use.
	again := must(w.SignInWithCode(w.ctx, must(w.AcceptInvitationAs(w.ctx, made.ID, one, none))(t), browser))(t)
	if again.Person.ID != in.Person.ID {
		t.Errorf("signed in %s, want %s again", again.Person.ID, in.Person.ID)
	}
	// An address finds an existing account only if the addresses of the provider are trusted.
	refuse("the address of somebody else", somebodyAt("2", "one@example.test", true), "invalid payload: email is that of an account that exists")
	if left := must(w.InvitationBySecret(w.ctx, made.Secret))(t); left.Uses != 1 {
		t.Errorf("uses %d, want 1", left.Uses)
	}
	_ = must(w.AcceptInvitationAs(w.ctx, made.ID, somebodyAt("3", "three@example.test", true), none))(t)
	refuse("used up", somebodyAt("4", "four@example.test", true), "invalid code")

	var kinds []chat.AuditKind
	for _, e := range must(w.AuditLog(w.ctx, by(alice), chat.AuditQuery{Actor: in.Person.ID, Limit: 10}))(t) {
		kinds = append(kinds, e.Kind)
	}
	if !slices.Contains(kinds, chat.AuditInvitationAccepted) {
		t.Errorf("audit log has %v, want the accepted invitation", kinds)
	}
}

// An existing account joins. It is found by its identity or by a trusted address.
func TestInvitationOfAnAccountWithAProvider(t *testing.T) {
	w := invitingWorld(t)
	crew := must(w.CreateGroup(w.ctx, by(alice), chat.NewGroup{Name: "Crew", IsPost: true, Members: []chat.AccountID{bob}}))(t)
	made := must(w.CreateInvitation(w.ctx, by(alice), chat.NewInvitation{Role: chat.OrganizationGuest, Groups: []chat.GroupID{crew.ID}}))(t)
	must(w.UpdateAccount(w.ctx, dave, chat.AccountPatch{Email: new("dave@example.test")}))(t)
	ofDave := somebodyAt("dave", "dave@example.test", true)
	for range 2 { // by the address, and by the identity that it was linked to
		in := must(w.SignInWithCode(w.ctx, must(w.AcceptInvitationAs(w.ctx, made.ID, ofDave, chat.IdentityPolicy{MatchEmail: true}))(t), browser))(t)
		if in.Person.ID != dave {
			t.Fatalf("signed in %s, want dave", in.Person.ID)
		}
	}
	must(w.GroupMember(w.ctx, crew.ID, dave))(t)
	if seen := must(w.InvitationBySecret(w.ctx, made.Secret))(t); seen.Uses != 1 {
		t.Errorf("uses %d, want 1", seen.Uses)
	}
	must(w.UpdateAccount(w.ctx, dave, chat.AccountPatch{Active: new(false)}))(t)
	_, err := w.AcceptInvitationAs(w.ctx, made.ID, ofDave, chat.IdentityPolicy{})
	refused(t, "an account that is not active", err, "no account for this sign-in")

	// A person without a verified address can use an invitation without a domain; the account has no address.
	in := must(w.SignInWithCode(w.ctx, must(w.AcceptInvitationAs(w.ctx, made.ID, somebodyAt("9", "bob@example.com", false), chat.IdentityPolicy{MatchEmail: true, Create: true, Organization: "demo"}))(t), browser))(t)
	if in.Person.ID == bob || in.Person.Email != "" {
		t.Errorf("got %+v, want somebody new without the address", in.Person)
	}
	// The guest does not become a member of the organization of the policy.
	_, err = w.SendMessage(w.ctx, by(in.Person.ID), carol, text("hello"))
	refused(t, "a guest to somebody else", err, "not my contract")
	must(w.SendMessage(w.ctx, by(in.Person.ID), alice, text("hello")))(t) // Alice has invited the guest

	ok(t, w.RevokeInvitation(w.ctx, by(alice), made.ID))
	_, err = w.AcceptInvitationAs(w.ctx, made.ID, somebodyAt("10", "ten@example.test", true), chat.IdentityPolicy{})
	refused(t, "revoked while the person was at the provider", err, "invalid code")
}

// Several people take the last use at the same time, some with a provider.
func TestLastUseWithAProvider(t *testing.T) {
	w := invitingWorld(t)
	made := must(w.CreateInvitation(w.ctx, by(alice), chat.NewInvitation{MaxUses: 1}))(t)
	var wg sync.WaitGroup
	var joined atomic.Int32
	for n := range 8 {
		wg.Go(func() {
			var err error
			if n%2 == 0 {
				_, err = w.AcceptInvitationAs(w.ctx, made.ID, somebodyAt(fmt.Sprint(n), "", false), chat.IdentityPolicy{})
			} else {
				_, err = w.AcceptInvitation(w.ctx, made.Secret, newcomer(n))
			}
			if err == nil {
				joined.Add(1)
			} else if err != chat.ErrInvalidCode {
				t.Errorf("got %v, want an invalid code", err)
			}
		})
	}
	wg.Wait()
	if joined.Load() != 1 {
		t.Errorf("%d people joined, want 1", joined.Load())
	}
}
