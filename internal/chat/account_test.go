package chat_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/internal/chat"
)

func TestCreateAccount(t *testing.T) {
	w := newWorld(t)
	a := must(w.CreateAccount(w.ctx, chat.Account{Name: "Erin", Avatar: "https://example.com/e.png", Email: "erin@example.com"}))(t)
	w.happened(`account ` + string(a.ID) + ` "Erin" active=true`)
	if _, err := uuid.Parse(string(a.ID)); err != nil {
		t.Errorf("made id %q: %v", a.ID, err)
	}
	same(t, "stored account", must(w.Account(w.ctx, a.ID))(t), a)
	for _, id := range []chat.AccountID{"00000000-0000-0000-0000-000000000001", "e.rin_2@example.com", "7c"} {
		same(t, "id", must(w.CreateAccount(w.ctx, chat.Account{ID: id, Name: "x"}))(t).ID, id)
	}
}

func TestCreateAccountRefusals(t *testing.T) {
	w := newWorld(t)
	charset := "invalid payload: id must consist of letters, digits and -._@, and begin with a letter or digit"
	for name, c := range map[string]struct {
		a    chat.Account
		want string
	}{
		"taken":         {chat.Account{ID: alice, Name: "x"}, "already exists"},
		"number":        {chat.Account{ID: "42", Name: "x"}, "invalid payload: id must not be a number"},
		"fraction":      {chat.Account{ID: "4.2", Name: "x"}, "invalid payload: id must not be a number"},
		"spaces":        {chat.Account{ID: "a b", Name: "x"}, charset},
		"sign in front": {chat.Account{ID: "-1", Name: "x"}, charset},
		"no ASCII":      {chat.Account{ID: "爱丽丝", Name: "x"}, charset},
		"long":          {chat.Account{ID: chat.AccountID(strings.Repeat("x", 65)), Name: "x"}, "invalid payload: id must be at most 64 bytes"},
		"inbox":         {chat.Account{ID: "task", Name: "x"}, "invalid payload: id is a reserved name"},
		"everyone":      {chat.Account{ID: "all", Name: "x"}, "invalid payload: id is a reserved name"},
		"file-transfer": {chat.Account{ID: "file-transfer", Name: "x"}, "invalid payload: id is a reserved name"},
		"no name":       {chat.Account{}, "invalid payload: name is required"},
		"bad name":      {chat.Account{Name: "\xff"}, "invalid payload: name must be valid UTF-8"},
		"long name":     {chat.Account{Name: strings.Repeat("😀", 101)}, "invalid payload: name must be at most 200 characters"},
		"long avatar":   {chat.Account{Name: "x", Avatar: strings.Repeat("x", 2049)}, "invalid payload: avatar must be at most 2048 bytes"},
		"long email":    {chat.Account{Name: "x", Email: strings.Repeat("x", 255)}, "invalid payload: email must be at most 254 bytes"},
	} {
		_, err := w.CreateAccount(w.ctx, c.a)
		refused(t, name, err, c.want)
	}
	w.happened()
}

func TestUpdateAccount(t *testing.T) {
	w := newWorld(t)
	a := must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Name: new("Alicia"), Email: new("")}))(t)
	w.happened(`account alice "Alicia" active=true`, `contact alice "Alicia" contact=false friend=false to alice`, `logged out alice session=false`)
	same(t, "stored account", must(w.Account(w.ctx, alice))(t), a)
	must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Name: new("Alicia")}))(t)
	w.happened()
	must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Active: new(false)}))(t)
	w.happened(`account alice "Alicia" active=false`, "readers changed alice in 0 groups", `logged out alice session=false`)
	must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Active: new(true)}))(t)
	w.happened(`account alice "Alicia" active=true`, "readers changed alice in 0 groups", `contact alice "Alicia" contact=false friend=false to alice`)
	must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Email: new("a@example.com")}))(t)
	w.happened(`account alice "Alicia" active=true`, `contact alice "Alicia" contact=false friend=false to alice`, `logged out alice session=false`)

	_, err := w.UpdateAccount(w.ctx, "nobody", chat.AccountPatch{})
	refused(t, "nobody", err, "account not found")
	_, err = w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Name: new("")})
	refused(t, "no name", err, "invalid payload: name is required")
	_, err = w.Account(w.ctx, "nobody")
	refused(t, "nobody", err, "account not found")
	page := must(w.Accounts(w.ctx, alice, 2))(t)
	if len(page) != 2 || page[0].ID != bob || page[1].ID != carol {
		t.Errorf("got page %+v, want bob and carol", page)
	}
}

func TestOrganization(t *testing.T) {
	w := newWorld(t)
	o := must(w.CreateOrganization(w.ctx, chat.Organization{Name: "Example"}))(t)
	same(t, "stored", must(w.Organization(w.ctx, o.ID))(t), o)
	o.Name = "Sample"
	same(t, "renamed", must(w.UpdateOrganization(w.ctx, o.ID, chat.OrganizationPatch{Name: new("Sample")}))(t), o)
	same(t, "all", len(must(w.Organizations(w.ctx, "", 10))(t)), 2)

	_, err := w.SendMessage(w.ctx, by(bob), dave, text("x"))
	refused(t, "before", err, "not my contract")
	ok(t, w.AddToOrganization(w.ctx, o.ID, []chat.AccountID{bob, dave, bob}))
	ok(t, w.AddToOrganization(w.ctx, o.ID, []chat.AccountID{bob}))
	w.say(bob, dave, "colleagues now")
	members := must(w.OrganizationMembers(w.ctx, o.ID, "", 10))(t)
	if len(members) != 2 || members[0].ID != bob || members[1].ID != dave {
		t.Errorf("got members %+v", members)
	}
	ok(t, w.RemoveFromOrganization(w.ctx, o.ID, dave))
	_, err = w.SendMessage(w.ctx, by(bob), dave, text("x"))
	refused(t, "after", err, "removeit")
	refused(t, "twice", w.RemoveFromOrganization(w.ctx, o.ID, dave), "not found")
	ok(t, w.AddToOrganization(w.ctx, o.ID, []chat.AccountID{dave}))
	ok(t, w.DeleteOrganization(w.ctx, o.ID))
	_, err = w.SendMessage(w.ctx, by(bob), dave, text("x"))
	refused(t, "when it is gone", err, "removeit")

	refused(t, "gone", w.DeleteOrganization(w.ctx, o.ID), "not found")
	_, err = w.Organization(w.ctx, o.ID)
	refused(t, "gone", err, "not found")
	_, err = w.UpdateOrganization(w.ctx, o.ID, chat.OrganizationPatch{Name: new("x")})
	refused(t, "gone", err, "not found")
	_, err = w.OrganizationMembers(w.ctx, o.ID, "", 1)
	refused(t, "gone", err, "not found")
	refused(t, "gone", w.AddToOrganization(w.ctx, o.ID, []chat.AccountID{bob}), "not found")
	refused(t, "gone", w.RemoveFromOrganization(w.ctx, o.ID, bob), "not found")
	refused(t, "nobody", w.AddToOrganization(w.ctx, "demo", []chat.AccountID{"nobody"}), `invalid payload: accounts names an account that does not exist: "nobody"`)
	refused(t, "no account", w.AddToOrganization(w.ctx, "demo", nil), "invalid payload: accounts is required")
	_, err = w.CreateOrganization(w.ctx, chat.Organization{ID: "demo", Name: "x"})
	refused(t, "taken", err, "already exists")
	_, err = w.CreateOrganization(w.ctx, chat.Organization{ID: "7", Name: "x"})
	refused(t, "number", err, "invalid payload: id must not be a number")
	_, err = w.CreateOrganization(w.ctx, chat.Organization{})
	refused(t, "no name", err, "invalid payload: name is required")
	_, err = w.UpdateOrganization(w.ctx, "demo", chat.OrganizationPatch{Name: new(" ")})
	refused(t, "no name", err, "invalid payload: name is required")
}

func TestContacts(t *testing.T) {
	w := newWorld(t)
	ok(t, w.Befriend(w.ctx, alice, dave))
	ok(t, w.Befriend(w.ctx, dave, alice)) // twice is once
	ids := func(accounts []chat.Account) (ids []chat.AccountID) {
		for _, a := range accounts {
			ids = append(ids, a.ID)
		}
		return ids
	}
	same(t, "alice's", ids(must(w.Contacts(w.ctx, alice, "", 0, 10))(t)), []chat.AccountID{bob, carol, dave})
	same(t, "second page", ids(must(w.Contacts(w.ctx, alice, "", 2, 2))(t)), []chat.AccountID{dave})
	same(t, "by name", ids(must(w.Contacts(w.ctx, alice, "ARO", 0, 10))(t)), []chat.AccountID{carol})
	same(t, "by email", ids(must(w.Contacts(w.ctx, alice, "dave@", 0, 10))(t)), []chat.AccountID{dave})
	same(t, "dave's", ids(must(w.Contacts(w.ctx, dave, "", 0, 10))(t)), []chat.AccountID{alice})
	same(t, "friends", ids(must(w.Friends(w.ctx, alice, "", 10))(t)), []chat.AccountID{dave})
	must(w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Active: new(bool)}))(t)
	same(t, "active ones", ids(must(w.Contacts(w.ctx, alice, "", 0, 10))(t)), []chat.AccountID{carol, dave})

	ok(t, w.Unfriend(w.ctx, dave, alice))
	refused(t, "twice", w.Unfriend(w.ctx, alice, dave), "not found")
	refused(t, "oneself", w.Befriend(w.ctx, alice, alice), "invalid payload: friend must be somebody else")
	refused(t, "nobody", w.Befriend(w.ctx, alice, "nobody"), "account not found")
	_, err := w.Contacts(w.ctx, "nobody", "", 0, 1)
	refused(t, "nobody's", err, "account not found")
	_, err = w.Friends(w.ctx, "nobody", "", 1)
	refused(t, "nobody's", err, "account not found")
	_, err = w.Contacts(w.ctx, alice, "", -1, 1)
	refused(t, "offset", err, "invalid payload: offset must not be negative")
	_, err = w.Contacts(w.ctx, alice, strings.Repeat("x", 201), 0, 1)
	refused(t, "query", err, "invalid payload: query must be at most 200 characters")
}
