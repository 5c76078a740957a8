package chat_test

import (
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
