package chat_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/settings"
)

const alicesPassword = "words of Alice"

// emailLink remembers the secret of the last link.
type emailLink struct{ secret string }

func (l *emailLink) link(secret string) string {
	l.secret = secret
	return "https://chat.example.test/confirm-email#" + secret
}

// newEmailWorld is a world in which Alice has signed in with a password.
func newEmailWorld(t *testing.T, change ...func(*chat.Options)) (*world, chat.Identity) {
	w := newWorld(t, append([]func(*chat.Options){withMail, withPasswords(&plainHasher{mark: "1"})}, change...)...)
	ok(t, w.SetPassword(w.ctx, alice, alicesPassword))
	in := must(w.SignInWithPassword(w.ctx, "alice@example.com", alicesPassword, browser))(t)
	return w, must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
}

// takeMails returns and removes the waiting mail, by its receiver.
func (w *world) takeMails(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, m := range must(w.DueMail(w.ctx, 100))(t) {
		texts[m.To] += m.Text
		ok(t, w.MailSent(w.ctx, m.ID))
	}
	return texts
}

func TestEmailChange(t *testing.T) {
	w, who := newEmailWorld(t)
	w.audit()
	w.events.take()
	var l emailLink
	ctx := chat.WithOrigin(w.ctx, chat.Origin{Account: alice, App: "web", Session: who.Session})
	ok(t, w.RequestEmailChange(ctx, who, " anna@EXAMPLE.test ", alicesPassword, l.link))
	mails := w.takeMails(t)
	if text := mails["anna@example.test"]; len(mails) != 2 || !strings.Contains(text, "/confirm-email#"+l.secret) || !strings.Contains(text, "Hello Alice") {
		t.Errorf("mails %v, want a link in one of two", mails)
	}
	if text := mails["alice@example.com"]; strings.Contains(text, l.secret) || !strings.Contains(text, "to anna@example.test") || !strings.Contains(text, "change your password") {
		t.Errorf("notice %q, want the new address and no link", text)
	}
	for range 2 { // mail scanners open links
		seen := must(w.EmailChangeBySecret(w.ctx, l.secret))(t)
		same(t, "seen", seen, chat.EmailChangeSeen{Name: "Alice", Email: "anna@example.test"})
	}
	if got := must(w.Account(w.ctx, alice))(t).Email; got != "alice@example.com" {
		t.Errorf("address before the confirmation %s", got)
	}
	w.events.take()

	ok(t, w.ConfirmEmailChange(chat.WithOrigin(w.ctx, chat.Origin{App: "web"}), l.secret))
	var told []chat.AccountID
	for _, e := range w.events.take() {
		if changed, is := e.(chat.ContactChanged); is && changed.Person.Email == "anna@example.test" {
			told = append(told, changed.To...)
		}
	}
	same(t, "told", told, []chat.AccountID{alice})
	refused(t, "again", w.ConfirmEmailChange(w.ctx, l.secret), "invalid code")
	_, err := w.EmailChangeBySecret(w.ctx, l.secret)
	refused(t, "seen again", err, "invalid code")
	_, err = w.SignInWithPassword(w.ctx, "alice@example.com", alicesPassword, browser)
	refused(t, "the old address", err, "wrong e-mail address or password")
	must(w.SignInWithPassword(w.ctx, "anna@example.test", alicesPassword, browser))(t)
	log := w.audit()
	same(t, "log", log[:2], []string{
		"account.email-requested alice→alice email=anna@example.test",
		"account.changed alice→alice email=alice@example.com → anna@example.test",
	})
	if strings.Contains(strings.Join(log, "\n"), l.secret) {
		t.Error("the log has the secret")
	}
}

func TestEmailChangeRefusals(t *testing.T) {
	w, who := newEmailWorld(t)
	var l emailLink
	for _, c := range []struct{ email, current, want string }{
		{"anna@example.test", "words of a thief", "wrong e-mail address or password"},
		{"anna@example.test", "", "wrong e-mail address or password"},
		{"anna@example.test", strings.Repeat("x", 1025), "wrong e-mail address or password"},
		{"bob@example.com", "words of a thief", "wrong e-mail address or password"},
		{"anna", alicesPassword, "invalid payload: email must be an e-mail address like anna@example.test"},
		{" ", alicesPassword, "invalid payload: email is required"},
		{"alice@example.com", alicesPassword, "invalid payload: email is the present address"},
	} {
		refused(t, c.email+" with "+c.current, w.RequestEmailChange(w.ctx, who, c.email, c.current, l.link), c.want)
	}
	code, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: bob})
	ok(t, err)
	in := must(w.SignInWithCode(w.ctx, code, browser))(t)
	refused(t, "without a password", w.RequestEmailChange(w.ctx, must(w.AuthenticateClient(w.ctx, in.Token, ""))(t), "bert@example.test", "", l.link),
		"wrong e-mail address or password")
	if mails := w.takeMails(t); len(mails) != 0 || l.secret != "" {
		t.Errorf("mails of refused requests: %v", mails)
	}
	refused(t, "no secret", w.ConfirmEmailChange(w.ctx, ""), "invalid code")
	off := newWorld(t, withPasswords(&plainHasher{mark: "1"}))
	refused(t, "without mail", off.RequestEmailChange(off.ctx, who, "anna@example.test", alicesPassword, l.link), "not found")
	off = newWorld(t, withMail)
	refused(t, "without passwords", off.RequestEmailChange(off.ctx, who, "anna@example.test", alicesPassword, l.link), "passwords are off")
}

// A new address left every session alive, and a sign-in that had begun with a link to the old address and waited for the second
// factor.
func TestNewEmailEndsLogIns(t *testing.T) {
	for what, c := range map[string]struct {
		change func(w *world, who chat.Identity) error
		kept   bool // the session of Alice
	}{
		"the person": {func(w *world, who chat.Identity) error {
			var l emailLink
			if err := w.RequestEmailChange(w.ctx, who, "anna@example.test", alicesPassword, l.link); err != nil {
				return err
			}
			return w.ConfirmEmailChange(w.ctx, l.secret)
		}, true},
		"an administrator": {func(w *world, _ chat.Identity) error {
			_, err := w.AdminUpdatePerson(w.ctx, by(bob), alice, chat.PersonPatch{Email: new("anna@example.test")})
			return err
		}, false},
		"the own administrator": {func(w *world, who chat.Identity) error {
			if err := w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationAdministrator); err != nil {
				return err
			}
			ctx := chat.WithOrigin(w.ctx, chat.Origin{Account: alice, App: "web", Session: who.Session})
			_, err := w.AdminUpdatePerson(ctx, by(alice), alice, chat.PersonPatch{Email: new("anna@example.test")})
			return err
		}, true},
		"the host system": {func(w *world, _ chat.Identity) error {
			_, err := w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Email: new("anna@example.test")})
			return err
		}, false},
		"the host system, none": {func(w *world, _ chat.Identity) error {
			_, err := w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Email: new("")})
			return err
		}, false},
	} {
		t.Run(what, func(t *testing.T) {
			w, who := newEmailWorld(t, withPolicy(chat.TwoFactorAdministrators))
			ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationAdministrator))
			stolen, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: alice, App: "web"})
			ok(t, err)
			server := must(w.CreateApplication(w.ctx, "", chat.Application{ID: "intranet", Name: "Intranet", Kind: chat.AppServer}))(t)
			system, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: alice, App: server.ID})
			ok(t, err)
			given := w.clock.Now()
			var mailed string
			ok(t, w.MailSignInLink(w.ctx, "alice@example.com", func(code string) string { mailed = code; return "" }))
			ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationAdministrator))
			waits := must(w.SignInWithCode(w.ctx, mailed, browser))(t)
			ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationMember))
			w.events.take()

			ok(t, c.change(w, who))
			var out []chat.LoggedOut
			for _, e := range w.events.take() {
				if e, is := e.(chat.LoggedOut); is {
					out = append(out, e)
				}
			}
			if len(out) != 1 || out[0].Account != alice || slices.Contains(out[0].Kept, who.Session) != c.kept {
				t.Errorf("got %+v, want a log-out of Alice", out)
			}
			_, err = w.AuthenticateClient(w.ctx, stolen, "")
			refused(t, "the stolen token", err, "invalid token")
			_, err = w.Authenticate(w.ctx, "alice.s1.good", "web-key")
			refused(t, "a JWT", err, "invalid token")
			_, err = w.BeginTwoFactorWith(w.ctx, waits.Needs.Ticket)
			refused(t, "a sign-in that waits", err, "sign-in expired")
			if must(w.StillGood(w.ctx, alice, given))(t) {
				t.Error("an upload token from before is still good")
			}
			must(w.AuthenticateServer(w.ctx, system))(t)
			own := must(w.TokenBySession(w.ctx, who.Session))(t)
			if own.RevokedAt.IsZero() != c.kept {
				t.Errorf("the session of Alice: %+v, want it kept: %t", own, c.kept)
			}
		})
	}
}

// The same address in other letters ends nothing.
func TestEmailInOtherLettersEndsNothing(t *testing.T) {
	w, who := newEmailWorld(t)
	must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Email: new("Alice@Example.COM")}))(t)
	if own := must(w.TokenBySession(w.ctx, who.Session))(t); !own.RevokedAt.IsZero() {
		t.Errorf("got %+v, want a session that goes on", own)
	}
}

// The answer does not show who has an account. The mail to the address says that it cannot be used.
func TestEmailChangeToTakenAddress(t *testing.T) {
	w, who := newEmailWorld(t)
	must(w.UpdateProfile(w.ctx, chat.Actor{Account: bob}, chat.ProfilePatch{Language: new("zh")}))(t)
	must(w.UpdateAccount(w.ctx, dave, chat.AccountPatch{Active: new(bool)}))(t)
	var first, l emailLink
	ok(t, w.RequestEmailChange(w.ctx, who, "anna@example.test", alicesPassword, first.link))
	free := w.takeMails(t)
	ok(t, w.RequestEmailChange(w.ctx, who, "Bob@example.com", alicesPassword, l.link))
	taken := w.takeMails(t)
	if text := taken["Bob@example.com"]; len(taken) != 2 || !strings.Contains(text, "已有账号") || strings.Contains(text, "http") || l.secret != "" {
		t.Errorf("mails %v, want one without a link, in the language of Bob", taken)
	}
	if got, want := taken["alice@example.com"], strings.ReplaceAll(free["alice@example.com"], "anna@example.test", "Bob@example.com"); got != want {
		t.Errorf("the notice tells whether the address is taken:\n%s\nwant\n%s", got, want)
	}
	refused(t, "an earlier link", w.ConfirmEmailChange(w.ctx, first.secret), "invalid code")

	ok(t, w.RequestEmailChange(w.ctx, who, "dave@example.com", alicesPassword, l.link))
	if text := w.takeMails(t)["dave@example.com"]; !strings.Contains(text, "already has an account") {
		t.Errorf("mail to the address of an inactive account %q", text)
	}

	ok(t, w.RequestEmailChange(w.ctx, who, "anna@example.test", alicesPassword, l.link))
	must(w.CreateAccount(w.ctx, chat.Account{ID: "anna", Name: "Anna", Email: "anna@example.test"}))(t)
	refused(t, "taken meanwhile", w.ConfirmEmailChange(w.ctx, l.secret), "invalid payload: email is that of an account that exists")
	if got := must(w.Account(w.ctx, alice))(t).Email; got != "alice@example.com" {
		t.Errorf("address %s, want the one from before", got)
	}
}

// If two people request the same address, one of them gets it.
func TestEmailChangeRace(t *testing.T) {
	w, who := newEmailWorld(t)
	ok(t, w.SetPassword(w.ctx, bob, "words of Bob"))
	in := must(w.SignInWithPassword(w.ctx, "bob@example.com", "words of Bob", browser))(t)
	links := make([]emailLink, 2)
	ok(t, w.RequestEmailChange(w.ctx, who, "team@example.test", alicesPassword, links[0].link))
	ok(t, w.RequestEmailChange(w.ctx, must(w.AuthenticateClient(w.ctx, in.Token, ""))(t), "team@example.test", "words of Bob", links[1].link))
	errs := make([]error, len(links))
	var wait sync.WaitGroup
	for i := range links {
		wait.Go(func() { errs[i] = w.ConfirmEmailChange(w.ctx, links[i].secret) })
	}
	wait.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("got %v, want one success", errs)
	}
	for _, err := range errs {
		if err != nil {
			refused(t, "the other one", err, "invalid payload: email is that of an account that exists")
		}
	}
}

// After the owner has acted, the link of a thief must not work.
func TestEmailChangeEnds(t *testing.T) {
	for what, end := range map[string]func(w *world, who chat.Identity) error{
		"signed out everywhere else": func(w *world, who chat.Identity) error { return w.EndOtherSessions(w.ctx, who) },
		"all revoked":                func(w *world, _ chat.Identity) error { return w.RevokeTokens(w.ctx, alice) },
		"another password": func(w *world, who chat.Identity) error {
			return w.ChangePassword(w.ctx, who, alicesPassword, "other words")
		},
		"another address": func(w *world, _ chat.Identity) error {
			_, err := w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Email: new("alicia@example.test")})
			return err
		},
		"deactivated and activated again": func(w *world, _ chat.Identity) error {
			_, err := w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Active: new(false)})
			if err == nil {
				_, err = w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Active: new(true)})
			}
			return err
		},
		"another request": func(w *world, who chat.Identity) error {
			return w.RequestEmailChange(w.ctx, who, "annie@example.test", alicesPassword, func(string) string { return "" })
		},
		"an hour later": func(w *world, _ chat.Identity) error { w.clock.advance(time.Hour); return nil },
	} {
		t.Run(what, func(t *testing.T) {
			w, who := newEmailWorld(t)
			var l emailLink
			ok(t, w.RequestEmailChange(w.ctx, who, "anna@example.test", alicesPassword, l.link))
			must(w.EmailChangeBySecret(w.ctx, l.secret))(t)
			ok(t, end(w, who))
			_, err := w.EmailChangeBySecret(w.ctx, l.secret)
			refused(t, "seen", err, "invalid code")
			refused(t, "confirmed", w.ConfirmEmailChange(w.ctx, l.secret), "invalid code")
		})
	}
	for what, goOn := range map[string]func(w *world) error{
		"another name": func(w *world) error {
			_, err := w.UpdateProfile(w.ctx, chat.Actor{Account: alice}, chat.ProfilePatch{Name: new("Anna")})
			return err
		},
		"almost an hour": func(w *world) error { w.clock.advance(time.Hour - time.Second); return nil },
	} {
		t.Run(what, func(t *testing.T) {
			w, who := newEmailWorld(t)
			var l emailLink
			ok(t, w.RequestEmailChange(w.ctx, who, "anna@example.test", alicesPassword, l.link))
			ok(t, goOn(w))
			ok(t, w.ConfirmEmailChange(w.ctx, l.secret))
		})
	}
}

// With the scope accounts alone a host system gave the owner an e-mail address of its own, had a sign-in link sent to it, and was
// the owner.
func TestEmailByHostSystem(t *testing.T) {
	apps := func(w *world) (accounts, tokens, administration, bound chat.AppID) {
		for id, scopes := range map[chat.AppID][]chat.Scope{
			"accounts": {chat.ScopeAccounts}, "tokens": {chat.ScopeAccounts, chat.ScopeTokens}, "administration": {chat.ScopeAccounts, chat.ScopeAdministration},
		} {
			must(w.CreateApplication(w.ctx, "", chat.Application{ID: id, Name: string(id), Kind: chat.AppServer, Scopes: scopes}))(t)
		}
		must(w.CreateApplication(w.ctx, "", chat.Application{ID: "bound", Name: "Bound", Kind: chat.AppServer, Scopes: chat.Scopes, Organization: "demo"}))(t)
		ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationOwner))
		ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationAdministrator))
		return "accounts", "tokens", "administration", "bound"
	}
	change := func(w *world, by chat.AppID, a chat.AccountID, email string) error {
		_, err := w.UpdateAccount(w.ctx, a, chat.AccountPatch{Email: &email, By: by})
		return err
	}
	const needsAdministration, needsTokens = "scope required: administration", "scope required: tokens"

	w := newWorld(t, withMail)
	accounts, tokens, administration, bound := apps(w)
	for _, a := range []chat.AccountID{alice, bob} {
		refused(t, "accounts", change(w, accounts, a, "thief@example.test"), needsAdministration)
		refused(t, "tokens", change(w, tokens, a, "thief@example.test"), needsAdministration)
		refused(t, "bound", change(w, bound, a, "thief@example.test"), "forbidden")
	}
	refused(t, "a member", change(w, accounts, carol, "thief@example.test"), needsTokens)
	refused(t, "a person outside of organizations", change(w, accounts, dave, "thief@example.test"), needsTokens)
	ok(t, change(w, accounts, carol, "carol@example.com")) // nothing changes
	if mails := w.takeMails(t); len(mails) != 0 {
		t.Errorf("refused changes have sent %v", mails)
	}
	code, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: carol})
	ok(t, err)
	ok(t, change(w, tokens, carol, "carol.new@example.test"))
	_, err = w.SignInWithCode(w.ctx, code, browser)
	refused(t, "a code from before", err, "invalid code")
	ok(t, change(w, bound, carol, "carol.newer@example.test"))
	ok(t, change(w, administration, alice, "alice.new@example.test"))
	ok(t, change(w, administration, bob, ""))
	mails := w.takeMails(t)
	for to, words := range map[string]string{
		"carol@example.com": "to carol.new@example.test", "carol.new@example.test": "to carol.newer@example.test",
		"alice@example.com": "to alice.new@example.test", "bob@example.com": "has removed",
	} {
		if !strings.Contains(mails[to], words) {
			t.Errorf("%s got %q, want %q", to, mails[to], words)
		}
	}
	if len(mails) != 4 {
		t.Errorf("got %v, want only the notices", mails)
	}

	// An administrator who was deactivated does not come back.
	must(w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Active: new(false), By: accounts}))(t)
	_, err = w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Active: new(true), By: tokens})
	refused(t, "reactivates an administrator", err, needsAdministration)
	must(w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Active: new(true), By: administration}))(t)

	// Without mail, the address of a member lets nobody in, unless a provider matches it.
	w = newWorld(t)
	accounts, _, _, _ = apps(w)
	ok(t, change(w, accounts, carol, "carol.new@example.test"))
	refused(t, "an owner", change(w, accounts, alice, "thief@example.test"), needsAdministration)
	for match, want := range map[bool]string{false: "", true: needsTokens} {
		w := newWorld(t, func(o *chat.Options) {
			c := config.Default()
			c.Auth.OIDC.Issuer, c.Auth.OIDC.ClientID, c.Auth.OIDC.MatchEmail = "https://login.example.test", "parley", match
			o.Configuration = settings.New(c, nil)
		})
		accounts, _, _, _ := apps(w)
		if err := change(w, accounts, carol, "carol.new@example.test"); want == "" {
			ok(t, err)
		} else {
			refused(t, "a member", err, want)
		}
	}
}

// The former address is told when an administrator changes it.
func TestEmailByAdministrator(t *testing.T) {
	w := newWorld(t, withMail)
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationOwner))
	must(w.AdminUpdatePerson(w.ctx, by(alice), bob, chat.PersonPatch{Name: new("Bobby"), Language: new("zh")}))(t)
	must(w.AdminUpdatePerson(w.ctx, by(alice), bob, chat.PersonPatch{Email: new("bob.new@example.test")}))(t)
	if mails := w.takeMails(t); len(mails) != 1 || !strings.Contains(mails["bob@example.com"], "更改为 bob.new@example.test") {
		t.Errorf("got %v, want a notice to the former address", mails)
	}
}

// An e-mail address that a thief had put in received sign-in links after everything was revoked.
func TestRevokingEverythingTakesTheOwnAddress(t *testing.T) {
	revoke := map[string]func(*world) error{
		"host system or operator": func(w *world) error { return w.RevokeTokens(w.ctx, alice) },
		"administrator":           func(w *world) error { return w.AdminRevokeEverything(w.ctx, by(bob), alice) },
	}
	for what, revoke := range revoke {
		t.Run(what, func(t *testing.T) {
			w, who := newEmailWorld(t)
			ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationAdministrator))
			made := must(w.BeginTwoFactor(w.ctx, who, chat.Proof{}))(t)
			must(w.ConfirmTwoFactor(w.ctx, who, w.app(made.Secret, 0)))(t)
			var l emailLink
			ok(t, w.RequestEmailChange(w.ctx, who, "thief@example.test", alicesPassword, l.link))
			ok(t, w.ConfirmEmailChange(w.ctx, l.secret))
			w.takeMails(t)
			w.audit()
			ok(t, revoke(w))
			if log := strings.Join(w.audit(), "\n"); !strings.Contains(log, "email=thief@example.test → ") {
				t.Errorf("log %s, want the address that was removed", log)
			}
			if got := must(w.Account(w.ctx, alice))(t).Email; got != "" {
				t.Errorf("address %s, want none", got)
			}
			ok(t, w.MailSignInLink(w.ctx, "thief@example.test", mailLink))
			if mails := w.takeMails(t); len(mails) != 0 {
				t.Errorf("mails %v, want no link for a thief", mails)
			}
			thief := chat.ExternalIdentity{Issuer: "https://login.example.test", Subject: "9", Email: "thief@example.test", EmailVerified: true, Name: "Thief"}
			_, err := w.SignInCodeFor(w.ctx, thief, chat.IdentityPolicy{MatchEmail: true})
			refused(t, "a provider", err, "no account for this sign-in")

			// A code of the host system does not ask for the second factor, which stays.
			code, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: alice})
			ok(t, err)
			in := must(w.SignInWithCode(w.ctx, code, browser))(t)
			who = must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
			if state := must(w.TwoFactorState(w.ctx, who))(t); state.OnAt.IsZero() {
				t.Error("two-factor is off")
			}

			// An address that others have given is trusted.
			must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Email: new("alice@example.com")}))(t)
			ok(t, revoke(w))
			ok(t, w.MailSignInLink(w.ctx, "alice@example.com", mailLink))
			if mails := w.takeMails(t); len(mails) != 1 {
				t.Errorf("mails %v, want a link for Alice", mails)
			}
		})
	}
}

func TestAdminRevokesEverything(t *testing.T) {
	w, who := newEmailWorld(t)
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationOwner))
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationAdministrator))
	refused(t, "nobody", w.AdminRevokeEverything(w.ctx, by(carol), dave), "forbidden")
	refused(t, "of an owner", w.AdminRevokeEverything(w.ctx, by(bob), alice), "forbidden")
	refused(t, "the own account", w.AdminRevokeEverything(w.ctx, by(bob), bob), "invalid payload: everything must not be used for your own account")
	refused(t, "unknown", w.AdminRevokeEverything(w.ctx, by(bob), "none"), "account not found")

	// The only owner who can sign in is not locked out by another one.
	var l emailLink
	ok(t, w.RequestEmailChange(w.ctx, who, "anna@example.test", alicesPassword, l.link))
	ok(t, w.ConfirmEmailChange(w.ctx, l.secret))
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", carol, chat.OrganizationOwner))
	must(w.UpdateAccount(w.ctx, carol, chat.AccountPatch{Email: new("")}))(t)
	refused(t, "the last way in of owners", w.AdminRevokeEverything(w.ctx, by(carol), alice),
		"invalid payload: everything must leave a way by which an owner can sign in")
	must(w.SignInWithPassword(w.ctx, "anna@example.test", alicesPassword, browser))(t)
	ok(t, w.AdminRevokeEverything(w.ctx, by(alice), carol))
}
