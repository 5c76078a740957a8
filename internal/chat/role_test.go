package chat_test

import (
	"testing"

	"parley/internal/chat"
)

func TestOrganizationRoles(t *testing.T) {
	w := newWorld(t)
	must(w.CreateOrganization(w.ctx, chat.Organization{ID: "other", Name: "Other"}))(t)
	ok(t, w.AddToOrganization(w.ctx, "other", []chat.AccountID{alice, dave}))
	must(w.CreateApplication(w.ctx, "", chat.Application{ID: "bound", Key: "bound-key", Name: "Bound", Organization: "other"}))(t)
	set := func(by chat.Actor, a chat.AccountID, role chat.OrganizationRole) error {
		ctx := w.ctx
		if by.Account != "" {
			ctx = w.fresh(by.Account)
		}
		return w.SetOrganizationRole(ctx, by, "demo", a, role)
	}
	refused(t, "no such role", set(host, alice, "king"), "invalid payload: role must be owner, administrator, member or guest")
	refused(t, "not in it", set(host, dave, chat.OrganizationOwner), "not found")
	refused(t, "a member", set(by(alice), alice, chat.OrganizationOwner), "forbidden")
	ok(t, set(host, alice, chat.OrganizationOwner))
	ok(t, set(by(alice), bob, chat.OrganizationAdministrator))

	refused(t, "an administrator makes an owner", set(by(bob), carol, chat.OrganizationOwner), "forbidden")
	refused(t, "an administrator becomes an owner", set(by(bob), bob, chat.OrganizationOwner), "forbidden")
	refused(t, "an administrator unmakes an owner", set(by(bob), alice, chat.OrganizationMember), "forbidden")
	ok(t, set(by(bob), carol, chat.OrganizationAdministrator))
	ok(t, set(by(carol), carol, chat.OrganizationGuest))
	refused(t, "a guest", set(by(carol), carol, chat.OrganizationMember), "forbidden")

	// The last owner keeps the role, even if the operator asks.
	const last = "is that of the last owner of the organization"
	refused(t, "last owner", set(by(alice), alice, chat.OrganizationMember), "invalid payload: role "+last)
	refused(t, "last owner, by the operator", set(host, alice, chat.OrganizationMember), "invalid payload: role "+last)
	refused(t, "last owner leaves", w.RemoveFromOrganization(w.ctx, "demo", alice), "invalid payload: account "+last)
	_, err := w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Active: new(false)})
	refused(t, "last owner inactive", err, "invalid payload: active "+last)
	ok(t, set(by(alice), bob, chat.OrganizationOwner))
	ok(t, set(by(bob), alice, chat.OrganizationMember))
	refused(t, "no owner any more", set(by(alice), bob, chat.OrganizationMember), "forbidden")

	// An application of another organization signs nobody in as an administrator.
	ok(t, w.AddToOrganization(w.ctx, "other", []chat.AccountID{bob}))
	refused(t, "through a bound application", set(chat.Actor{Account: bob, App: "bound"}, carol, chat.OrganizationMember), "forbidden")
	ok(t, w.SetOrganizationRole(w.ctx, host, "other", dave, chat.OrganizationOwner))
	refused(t, "an owner of another organization", set(by(dave), carol, chat.OrganizationMember), "forbidden")

	// A host system needs the scope and must not be bound to an organization.
	system := func(id chat.AppID, of chat.OrganizationID, scopes ...chat.Scope) chat.Actor {
		must(w.CreateApplication(w.ctx, "", chat.Application{ID: id, Name: "System", Kind: chat.AppServer, Organization: of, Scopes: scopes}))(t)
		return chat.Actor{App: id}
	}
	refused(t, "another scope", set(system("some", "", chat.ScopeAccounts), carol, chat.OrganizationMember), "scope required: administration")
	refused(t, "a bound system", set(system("theirs", "demo", chat.ScopeAdministration), carol, chat.OrganizationMember), "forbidden")
	refused(t, "no system", set(chat.Actor{App: "none"}, carol, chat.OrganizationMember), "forbidden")
	ok(t, set(system("every", "", chat.ScopeAdministration), carol, chat.OrganizationMember))
}

// A host system with only the scope accounts deleted the main organization, and nobody administered the server any more. If there
// were invitations to an organization, the deletion failed.
func TestDeleteOrganization(t *testing.T) {
	w := invitingWorld(t)
	made := must(w.CreateInvitation(w.ctx, by(alice), chat.NewInvitation{}))(t)
	refused(t, "the main one", w.DeleteOrganization(w.ctx, "demo"), "the main organization cannot be deleted")
	must(w.InvitationBySecret(w.ctx, made.Secret))(t)
	ok(t, w.MayAdminister(w.ctx, by(alice)))

	must(w.CreateOrganization(w.ctx, chat.Organization{ID: "other", Name: "Other"}))(t)
	ok(t, w.store.Update(w.ctx, func(tx chat.Tx) error { // as if demo had never been the main one
		if err := tx.UpdateOrganization(chat.Organization{ID: "demo", Name: "Demo"}); err != nil {
			return err
		}
		return tx.UpdateOrganization(chat.Organization{ID: "other", Name: "Other", Main: true})
	}))
	ok(t, w.DeleteOrganization(w.ctx, "demo"))
	_, err := w.InvitationBySecret(w.ctx, made.Secret)
	refused(t, "its invitation", err, "invalid code")
}

// A server with several organizations from a version without roles has no main one until the operator
// names an owner.
func TestMainOrganization(t *testing.T) {
	w := newWorld(t)
	main := func(id chat.OrganizationID) bool { return must(w.Organization(w.ctx, id))(t).Main }
	must(w.CreateOrganization(w.ctx, chat.Organization{ID: "other", Name: "Other"}))(t)
	same(t, "the first one", []bool{main("demo"), main("other")}, []bool{true, false})
	ok(t, w.store.Update(w.ctx, func(tx chat.Tx) error {
		return tx.UpdateOrganization(chat.Organization{ID: "demo", Name: "Demo"})
	}))
	same(t, "none", []bool{main("demo"), main("other")}, []bool{false, false})
	ok(t, w.AddToOrganization(w.ctx, "other", []chat.AccountID{alice}))
	ok(t, w.SetOrganizationRole(w.ctx, host, "other", alice, chat.OrganizationAdministrator))
	refused(t, "no main organization", w.SetOrganizationRole(w.ctx, by(alice), "other", alice, chat.OrganizationMember), "forbidden")
	ok(t, w.SetOrganizationRole(w.ctx, host, "other", alice, chat.OrganizationOwner))
	same(t, "named by its owner", main("other"), true)
	must(w.UpdateOrganization(w.ctx, "other", chat.OrganizationPatch{Name: new("Renamed")}))(t)
	same(t, "renamed", main("other"), true)
}
