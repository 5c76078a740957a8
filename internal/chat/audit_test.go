package chat_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

// audit returns the entries since the last call, oldest first, as "kind actor→target details".
func (w *world) audit() (lines []string) {
	w.t.Helper()
	var entries []chat.AuditEntry
	ok(w.t, w.store.View(w.ctx, func(tx chat.Tx) (err error) {
		entries, err = tx.Audit(chat.AuditQuery{Limit: 10_000})
		return err
	}))
	slices.Reverse(entries)
	for _, e := range entries {
		if e.ID <= w.audited {
			continue
		}
		w.audited = e.ID
		line := fmt.Sprintf("%s %s→%s", e.Kind, e.Actor, e.Target)
		for _, key := range slices.Sorted(maps.Keys(e.Detail)) {
			line += fmt.Sprintf(" %s=%s", key, e.Detail[key])
		}
		lines = append(lines, line)
	}
	return lines
}

func TestAuditOfGroups(t *testing.T) {
	w := newWorld(t)
	w.audit()
	g := must(w.CreateGroup(w.ctx, by(alice), chat.NewGroup{Name: "team", IsPost: true, Members: []chat.AccountID{bob}}))(t).ID
	must(w.AddGroupMembers(w.ctx, by(alice), g, []chat.AccountID{carol}))(t)
	must(w.UpdateGroup(w.ctx, by(alice), g, chat.GroupPatch{Name: new("other"), Announcement: new("between us")}))(t)
	ok(t, w.SetGroupAdmin(w.ctx, by(alice), g, bob, true))
	ok(t, w.RemoveGroupMember(w.ctx, by(bob), g, carol))
	ok(t, w.LeaveGroup(w.ctx, by(bob), g))
	w.sayIn(g, alice, "between us")
	refused(t, "by somebody else", w.DissolveGroup(w.ctx, by(bob), g), "removeit")
	ok(t, w.DissolveGroup(w.ctx, by(alice), g))
	same(t, "log", w.audit(), []string{
		"group.created alice→" + string(g) + " accounts=bob",
		"group.members-added alice→" + string(g) + " accounts=carol",
		"group.changed alice→" + string(g) + " change=group renamed",
		"group.changed alice→" + string(g) + " change=announcement changed",
		"group.administrator alice→" + string(g) + " account=bob administrator=true",
		"group.member-removed bob→" + string(g) + " account=carol",
		"group.member-left bob→" + string(g),
		"group.dissolved alice→" + string(g),
	})
}

func TestAuditOfSignIns(t *testing.T) {
	w := newWorld(t, withPasswords(&plainHasher{mark: "1"}))
	w.audit()
	const password = "correct horse battery"
	ok(t, w.SetPassword(w.ctx, alice, password))
	from := chat.WithOrigin(w.ctx, chat.Origin{App: "web", Address: "192.0.2.7", Agent: "Browser/1\x00" + strings.Repeat("x", 1000), Request: "r1"})
	in := must(w.SignInWithPassword(from, "alice@example.com", password, chat.Device{App: "web", Name: "Laptop"}))(t)
	_, err := w.SignInWithPassword(from, "alice@example.com", "wrong horse", chat.Device{})
	refused(t, "wrong password", err, "wrong e-mail address or password")
	_, err = w.SignInWithPassword(from, password, password, chat.Device{})
	refused(t, "password in the wrong field", err, "wrong e-mail address or password")
	code, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: bob})
	ok(t, err)
	must(w.SignInWithCode(from, code, chat.Device{App: "web", Name: "Phone"}))(t)
	_, err = w.SignInWithCode(from, code, chat.Device{})
	refused(t, "used code", err, "invalid code")
	_, err = w.SignInCodeFor(from, chat.ExternalIdentity{Issuer: "https://login.example.test", Subject: "7"}, chat.IdentityPolicy{})
	refused(t, "unknown identity", err, "no account for this sign-in")
	ok(t, w.RevokeToken(w.ctx, in.Session))
	ok(t, w.RevokeTokens(w.ctx, alice))
	got := w.audit()
	same(t, "log", got, []string{
		"password.set →alice",
		"sign-in alice→alice device=Laptop method=password",
		"sign-in.refused →alice method=password refusal=wrong e-mail address or password",
		"sign-in.refused → method=password refusal=wrong e-mail address or password",
		"code.created →bob reusable=false",
		"sign-in bob→bob device=Phone method=code",
		"sign-in.refused → method=code refusal=invalid code",
		"sign-in.refused → method=openid refusal=no account for this sign-in",
		"session.ended →alice session=" + string(in.Session),
		"sessions.ended →alice password=removed",
	})
	for _, secret := range []string{password, "wrong horse", code, in.Token} {
		if strings.Contains(strings.Join(got, "\n"), secret) {
			t.Errorf("the log has the secret %q", secret)
		}
	}
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationOwner))
	page := must(w.AuditLog(w.ctx, by(alice), chat.AuditQuery{Kind: chat.AuditSignIn, Actor: alice}))(t)
	if len(page) != 1 || page[0].Address != "192.0.2.7" || len(page[0].Agent) > 256 || !strings.HasPrefix(page[0].Agent, "Browser/1x") ||
		page[0].Request != "r1" || page[0].Session != in.Session || page[0].ActorName != "Alice" || page[0].AppName != "Web" || page[0].TargetName != "Alice" {
		t.Errorf("got sign-in %+v", page)
	}
}

// A wrong or ended invitation, a used ticket, and a wrong link of the set-up were not in the log.
func TestAuditOfRefusals(t *testing.T) {
	w := newWorld(t)
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationAdministrator))
	made := must(w.CreateInvitation(w.ctx, by(alice), chat.NewInvitation{TTL: time.Hour}))(t)
	w.audit()
	_, err := w.InvitationBySecret(w.ctx, "wrong")
	refused(t, "a wrong invitation", err, "invalid code")
	w.clock.advance(2 * time.Hour)
	_, err = w.AcceptInvitation(w.ctx, made.Secret, chat.Newcomer{Name: "New"})
	refused(t, "an ended invitation", err, "invalid code")
	_, err = w.JoinByInvitation(w.ctx, by(bob), made.Secret)
	refused(t, "an ended invitation again", err, "invalid code")
	_, err = w.FinishSignIn(w.ctx, "used", "123456", chat.Device{})
	refused(t, "a used ticket", err, "sign-in expired")
	_, err = w.EmailChangeBySecret(w.ctx, "wrong")
	refused(t, "a wrong link", err, "invalid code")
	same(t, "log", w.audit(), []string{
		"invitation.refused → refusal=invalid code",
		"invitation.refused →" + string(made.ID) + " refusal=invalid code state=ended",
		"sign-in.refused → method=two-factor refusal=sign-in expired",
		"account.email-refused → refusal=invalid code",
	})
	ok(t, w.WriteRefusals(w.ctx, true))
	same(t, "the one that was counted", w.audit(), []string{"invitation.refused →" + string(made.ID) + " refusal=invalid code state=ended"})
}

// A flood of refusals must not flood the log: there is an entry for the first one, and one with the number of the others after
// ten minutes.
func TestAuditOfManyRefusals(t *testing.T) {
	w := newWorld(t)
	w.audit()
	from := func(address string) context.Context {
		return chat.WithOrigin(w.ctx, chat.Origin{Address: address, Agent: "Browser/1"})
	}
	guess := func(address string, times int) {
		t.Helper()
		for range times {
			_, err := w.SignInWithCode(from(address), "AAAA-BBBB-CCCC-DDDD", chat.Device{})
			refused(t, "a wrong code", err, "invalid code")
		}
	}
	const line = "sign-in.refused → method=code refusal=invalid code"
	counted := func(n int) string {
		return fmt.Sprintf("sign-in.refused → count=%d method=code refusal=invalid code", n)
	}
	guess("192.0.2.7", 500)
	guess("192.0.2.8", 1)
	same(t, "at once", w.audit(), []string{line, line})
	ok(t, w.WriteRefusals(w.ctx, false))
	same(t, "before the time has passed", w.audit(), []string(nil))
	w.clock.advance(10 * time.Minute)
	ok(t, w.WriteRefusals(w.ctx, false))
	same(t, "after it", w.audit(), []string{counted(499)})
	guess("192.0.2.7", 3) // the flood goes on: it begins with no entry of its own
	same(t, "in the next minutes", w.audit(), []string(nil))
	w.clock.advance(10 * time.Minute)
	guess("192.0.2.7", 1)
	same(t, "without a call of the server", w.audit(), []string{counted(4)})
	w.clock.advance(10 * time.Minute)
	ok(t, w.WriteRefusals(w.ctx, false))
	guess("192.0.2.7", 1)
	same(t, "after a rest", w.audit(), []string{line})

	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationOwner))
	for _, e := range must(w.AuditLog(w.ctx, by(alice), chat.AuditQuery{Kind: chat.AuditSignInRefused}))(t) {
		if !strings.HasPrefix(e.Address, "192.0.2.") || e.Agent != "Browser/1" {
			t.Errorf("got the entry %+v, want one with the source", e)
		}
	}

	// A flood from many addresses is counted for all of them together.
	w.audit()
	for n := range 1200 {
		guess(fmt.Sprintf("198.51.%d.%d", n/256, n%256), 1)
	}
	if got := len(w.audit()); got > 1000 {
		t.Errorf("1200 addresses have %d entries, want at most 1000", got)
	}
	ok(t, w.WriteRefusals(w.ctx, true))
	got := w.audit()
	if len(got) != 1 || !strings.HasPrefix(got[0], "sign-in.refused → addresses=several count=2") {
		t.Errorf("got %q, want one entry for the other addresses", got)
	}
}

// A change that changes nothing was recorded.
func TestAuditOfNoChange(t *testing.T) {
	w := newWorld(t)
	ok(t, w.Befriend(w.ctx, alice, bob))
	ok(t, w.RevokeToken(w.ctx, "a-jwt"))
	app := must(w.Application(w.ctx, "web"))(t)
	call := chat.WithOrigin(w.ctx, chat.Origin{App: "payroll", Operation: "PUT /v1/x", Path: "/v1/x"})
	w.audit()
	for _, ctx := range []context.Context{w.ctx, call} {
		ok(t, w.Befriend(ctx, bob, alice))
		ok(t, w.RevokeToken(ctx, "a-jwt"))
		ok(t, w.AddToOrganization(ctx, "demo", []chat.AccountID{alice, bob}))
		must(w.UpdateOrganization(ctx, "demo", chat.OrganizationPatch{Name: new("Demo")}))(t)
		must(w.UpdateAccount(ctx, alice, chat.AccountPatch{Name: new("Alice"), Active: new(true)}))(t)
		must(w.UpdateApplication(ctx, "", "web", chat.ApplicationPatch{Name: &app.Name, Disabled: new(false), MutedPushes: new([]string{}), Scopes: new([]chat.Scope{})}))(t)
		same(t, "log", w.audit(), []string(nil))
	}
	ok(t, w.AddToOrganization(w.ctx, "demo", []chat.AccountID{alice, dave}))
	same(t, "only the new member", w.audit(), []string{"organization.joined →demo accounts=dave"})
}

// Only administrators read the log. An export is recorded.
func TestAuditLog(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.MaxPage = 2 })
	for _, a := range []chat.AccountID{alice, dave} {
		_, err := w.AuditLog(w.ctx, by(a), chat.AuditQuery{})
		refused(t, "a member", err, "forbidden")
		refused(t, "a member's export", w.ExportAudit(w.ctx, by(a), chat.AuditQuery{}, nil), "forbidden")
	}
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationAdministrator))
	w.audit()
	var kinds []string
	ok(t, w.ExportAudit(w.ctx, by(alice), chat.AuditQuery{}, func(page []chat.AuditSeen) error {
		for _, e := range page {
			kinds = append(kinds, string(e.Kind))
		}
		return nil
	}))
	same(t, "log", w.audit(), []string{"audit.exported alice→"})
	same(t, "the export", kinds, []string{
		"audit.exported", "role.changed", "application.created", "organization.joined", "organization.created",
		"account.created", "account.created", "account.created", "account.created",
	})
}

// Old entries are removed in pieces. The others stay.
func TestPruneAudit(t *testing.T) {
	w := newWorld(t)
	ok(t, w.store.Update(w.ctx, func(tx chat.Tx) error {
		for range 1200 {
			if err := tx.AddAudit(chat.AuditEntry{Kind: "old", At: w.clock.Now()}); err != nil {
				return err
			}
		}
		return nil
	}))
	w.audit()
	w.clock.advance(48 * time.Hour)
	must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Name: new("Ally")}))(t)
	same(t, "removed", must(w.PruneAudit(w.ctx, 24*time.Hour))(t) >= 1200, true)
	same(t, "removed again", must(w.PruneAudit(w.ctx, 24*time.Hour))(t), 0)
	w.audited = 0
	same(t, "left", w.audit(), []string{"account.changed →alice name=Alice → Ally"})
}

// A change by the host API that has no entry of its own is recorded with the operation. A refused or
// repeated request is not recorded.
func TestAuditOfHostCalls(t *testing.T) {
	w := newWorld(t)
	w.audit()
	call := func(operation string) context.Context {
		return chat.WithOrigin(w.ctx, chat.Origin{App: "payroll", Operation: operation, Path: "/v1/x"})
	}
	must(w.SendMessage(call("POST /v1/messages"), by(alice), bob, text("between us")))(t)
	_, err := w.SendMessage(call("POST /v1/messages"), by(alice), dave, text("between us"))
	refused(t, "to a stranger", err, "not my contract")
	must(w.UpdateAccount(call("PATCH /v1/accounts/{account}"), alice, chat.AccountPatch{Active: new(false)}))(t)
	same(t, "log", w.audit(), []string{
		"host.call → operation=POST /v1/messages path=/v1/x",
		"account.deactivated →alice",
	})
}

func TestAuditOfTheOperator(t *testing.T) {
	w := newWorld(t)
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationAdministrator))
	ok(t, w.RevokeTokens(chat.WithOrigin(w.ctx, chat.OperatorOrigin("token revoke")), bob))
	ok(t, w.RevokeTokens(chat.WithOrigin(w.ctx, chat.Origin{Address: "192.0.2.7", Agent: "parley token revoke"}), bob))
	ok(t, w.RevokeTokens(chat.WithOrigin(w.ctx, chat.Origin{Account: alice}), bob))
	var got []bool
	for _, e := range must(w.AuditLog(w.ctx, by(alice), chat.AuditQuery{Kind: chat.AuditSessionsEnded}))(t) {
		got = append(got, e.Operator)
	}
	same(t, "by the operator, newest first", fmt.Sprint(got), "[false false true]")
}

// The filter refuses kinds that no entry can have, so every kind must be known.
func TestEveryAuditKindIsKnown(t *testing.T) {
	source, err := os.ReadFile("audit.go")
	ok(t, err)
	kinds := regexp.MustCompile(`AuditKind += "([^"]+)"`).FindAllSubmatch(source, -1)
	if len(kinds) < 40 {
		t.Errorf("found %d kinds", len(kinds))
	}
	for _, k := range kinds {
		if !chat.KnownAuditKind(chat.AuditKind(k[1])) {
			t.Errorf("%s is not known", k[1])
		}
	}
}

// The table in the documentation had no rows for invitations and the set-up.
func TestEveryAuditKindIsDocumented(t *testing.T) {
	source, err := os.ReadFile("audit.go")
	ok(t, err)
	page, err := os.ReadFile("../../docs/administration.md")
	ok(t, err)
	documented := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]+) \\|").FindAllSubmatch(page, -1) {
		noun := ""
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllSubmatch(row[1], -1) {
			kind := string(name[1])
			if strings.HasPrefix(kind, ".") {
				kind = noun + kind
			}
			noun, _, _ = strings.Cut(kind, ".")
			documented[kind] = true
		}
	}
	for _, k := range regexp.MustCompile(`AuditKind += "([^"]+)"`).FindAllSubmatch(source, -1) {
		if !documented[string(k[1])] {
			t.Errorf("docs/administration.md does not have the kind %s", k[1])
		}
	}
}
