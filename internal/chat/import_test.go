package chat_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"parley/internal/chat"
)

// On a server without a main organization, the preview promised people and roles that the import then refused.
func TestImportWithoutAnOrganization(t *testing.T) {
	w := emptyWorld(t)
	old := must(w.CreateAccount(w.ctx, chat.Account{Name: "Old Demo"}))(t)
	rows := []chat.ImportRow{
		{Line: 2, Name: new("New Demo"), Email: new("new@example.test")},
		{Line: 3, ID: old.ID, Role: new(chat.OrganizationMember)},
	}
	for _, apply := range []bool{false, true} {
		done := must(w.ImportPeople(w.ctx, host, rows, apply))(t)
		for i, want := range []string{
			"invalid payload: organization is missing: create one first",
			"invalid payload: role needs an organization",
		} {
			if got := done.Rows[i]; got.Action != chat.ImportRefuse {
				t.Errorf("apply %t: line %d: got %s, want a refusal", apply, got.Line, got.Action)
			} else {
				refused(t, string(got.Action), got.Problem, want)
			}
		}
	}
}

// The preview did not see what the earlier lines of the file would do, so it promised lines that the import refused, and refused
// lines that it carried out.
func TestPreviewOfLinesThatFollow(t *testing.T) {
	w := newWorld(t)
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationOwner))
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationOwner))
	rows := []chat.ImportRow{
		{Line: 2, ID: carol, Email: new("carol.new@example.com")},
		{Line: 3, Name: new("Next Carol"), Email: new("CAROL@example.com")}, // the address is free now
		{Line: 4, ID: "erna", Name: new("Erna"), Email: new("carol.new@example.com")},
		{Line: 5, ID: alice, Role: new(chat.OrganizationMember)},
		{Line: 6, Email: new("bob@example.com"), Active: new(false)}, // the last owner
		{Line: 7, ID: dave, Email: new("dave.new@example.com")},
	}
	for i := range 1100 { // also those in the next transaction of a preview
		rows = append(rows, chat.ImportRow{Line: 8 + i, ID: chat.AccountID("p" + strconv.Itoa(i)), Name: new("Person"), Email: new("p" + strconv.Itoa(i) + "@example.com")})
	}
	rows = append(rows, chat.ImportRow{Line: 2000, Name: new("Next Dave"), Email: new("dave@example.com")})
	show := func(apply bool) (lines []string) {
		for _, r := range must(w.ImportPeople(w.ctx, host, rows, apply))(t).Rows {
			if r.Line < 8 || r.Line >= 2000 {
				lines = append(lines, fmt.Sprintf("%d %s %s %v", r.Line, r.Action, strings.Join(r.Changes, ","), r.Problem))
			}
		}
		return lines
	}
	preview := show(false)
	same(t, "preview", preview, []string{
		"2 update email <nil>",
		"3 create  <nil>",
		"4 refuse  invalid payload: email is that of an earlier line",
		"5 update role <nil>",
		"6 refuse active invalid payload: active is that of the last owner of the organization",
		"7 update email <nil>",
		"2000 create  <nil>",
	})
	same(t, "import", show(true), preview)
}

// The owner's line was refused in the preview, because no other owner was there yet. The import made the owner a member, because an
// earlier line had made another owner, and stopped there without a report.
func TestImportKeepsTheOwner(t *testing.T) {
	w, owner, _, _ := settled(t, nil)
	rows := []chat.ImportRow{
		{Line: 2, Name: new("Big Boss"), Email: new("boss@example.test"), Role: new(chat.OrganizationOwner)},
		{Line: 3, ID: owner.Account, Role: new(chat.OrganizationMember)},
		{Line: 4, ID: owner.Account, Email: new("")}, // names the same person
	}
	for i := range 250 {
		rows = append(rows, chat.ImportRow{Line: 5 + i, ID: chat.AccountID("p" + strconv.Itoa(i)), Name: new("Person"), Email: new("p" + strconv.Itoa(i) + "@example.test")})
	}
	for who, want := range map[chat.Actor]string{
		owner: "role must not be taken from your own account",
		host:  "role must leave a way by which an owner can sign in", // the boss has no password
	} {
		for _, apply := range []bool{false, true} {
			ctx := w.ctx
			if who.Account != "" {
				ctx = w.fresh(who.Account)
			}
			done := must(w.ImportPeople(ctx, who, rows, apply))(t).Rows
			if len(done) != len(rows) {
				t.Fatalf("%d results of %d lines", len(done), len(rows))
			}
			refused(t, "the owner's line", done[1].Problem, "invalid payload: "+want)
			for _, r := range append(done[:1:1], done[3:]...) {
				if r.Problem != nil {
					t.Errorf("line %d: %v", r.Line, r.Problem)
				}
			}
		}
		ok(t, w.MayAdminister(w.ctx, owner))
	}
}

// interfering runs a function before the second transaction.
type interfering struct {
	chat.Store
	before func()
	n      int
}

func (s *interfering) Update(ctx context.Context, fn func(chat.Tx) error) error {
	if s.n++; s.n == 2 {
		s.before()
	}
	return s.Store.Update(ctx, fn)
}

// An import whose caller lost the right to administer was answered with only "forbidden". Nobody knew which lines it had imported.
func TestImportThatEndsEarly(t *testing.T) {
	w := newWorld(t)
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationOwner))
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationAdministrator))
	var rows []chat.ImportRow
	for i := range 250 {
		rows = append(rows, chat.ImportRow{Line: 2 + i, ID: chat.AccountID("p" + strconv.Itoa(i)), Name: new("Person")})
	}
	db := &interfering{Store: w.store, before: func() {
		ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationMember))
	}}
	s := chat.New(db, w.looks.Presence, fakeJWT{}, chat.Options{Now: w.clock.Now}, slog.New(slog.DiscardHandler))
	done := must(s.ImportPeople(w.ctx, by(bob), rows, true))(t).Rows
	if len(done) != len(rows) {
		t.Fatalf("%d results of %d lines", len(done), len(rows))
	}
	for i, r := range done {
		_, err := w.Account(w.ctx, rows[i].ID)
		switch {
		case r.Line != rows[i].Line:
			t.Fatalf("result %d is of line %d", i, r.Line)
		case i < 100 && (r.Action != chat.ImportCreate || err != nil):
			t.Fatalf("line %d: %s, %v; want a new person", r.Line, r.Action, err)
		case i >= 100:
			refused(t, "the line", r.Problem, "forbidden")
			refused(t, "the account", err, "account not found")
		}
	}
	_, err := s.ImportPeople(w.ctx, by(bob), rows, true)
	refused(t, "another import", err, "forbidden")
}
