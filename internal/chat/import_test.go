package chat_test

import (
	"fmt"
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
	for i := range 120 { // in the next transaction
		rows = append(rows, chat.ImportRow{Line: 8 + i, ID: chat.AccountID("p" + strconv.Itoa(i)), Name: new("Person"), Email: new("p" + strconv.Itoa(i) + "@example.com")})
	}
	rows = append(rows, chat.ImportRow{Line: 200, Name: new("Next Dave"), Email: new("dave@example.com")})
	show := func(apply bool) (lines []string) {
		for _, r := range must(w.ImportPeople(w.ctx, host, rows, apply))(t).Rows {
			if r.Line < 8 || r.Line >= 200 {
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
		"200 create  <nil>",
	})
	same(t, "import", show(true), preview)
}
