package chat_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/settings"
)

// settled is a server that was set up, with its owner, an administrator and a member. change changes its configuration.
func settled(t *testing.T, change func(*config.Config)) (w *world, owner, admin, member chat.Actor) {
	t.Helper()
	w = emptyWorld(t, func(o *chat.Options) {
		c := config.Default()
		c.TimeZone = "UTC"
		if change != nil {
			change(&c)
		}
		o.Passwords, o.Configuration, o.Mail = &plainHasher{mark: "1"}, settings.New(c, nil), c.Mail.SMTP != ""
	})
	done := must(w.SetUp(w.ctx, installation(must(w.OpenSetUp(w.ctx, ""))(t))))(t)
	people := map[chat.OrganizationRole]chat.Actor{}
	for _, role := range []chat.OrganizationRole{chat.OrganizationAdministrator, chat.OrganizationMember} {
		a := must(w.CreateAccount(w.ctx, chat.Account{Name: string(role)}))(t)
		ok(t, w.AddToOrganization(w.ctx, done.Organization.ID, []chat.AccountID{a.ID}))
		ok(t, w.SetOrganizationRole(w.ctx, chat.Actor{}, done.Organization.ID, a.ID, role))
		people[role] = by(a.ID)
	}
	w.ApplyEvents(w.events.take())
	return w, by(done.Person.ID), people[chat.OrganizationAdministrator], people[chat.OrganizationMember]
}

func set(pairs ...string) (changes []chat.SettingChange) {
	for i := 0; i < len(pairs); i += 2 {
		changes = append(changes, chat.SettingChange{Name: pairs[i], Value: pairs[i+1]})
	}
	return changes
}

// change makes a change that must be accepted, and puts it in force as a server does.
func (w *world) change(by chat.Actor, changes ...chat.SettingChange) chat.SettingsSeen {
	w.t.Helper()
	seen := must(w.ChangeSettings(w.fresh(by.Account), by, "", changes))(w.t)
	w.ApplyEvents(w.events.take())
	return seen
}

func option(seen chat.SettingsSeen, name string) chat.ConfigOption {
	for _, o := range seen.Options {
		if o.Name == name {
			return o
		}
	}
	return chat.ConfigOption{}
}

func TestChangeSettings(t *testing.T) {
	w, _, admin, _ := settled(t, nil)
	first := must(w.AllSettings(w.ctx, admin))(t)
	seen := must(w.ChangeSettings(w.ctx, admin, first.Version, set("chat.max-text", "5", "name", " New  Works ", "upload.max-image", "1048576")))(t)
	w.ApplyEvents(w.events.take())
	if o := option(seen, "upload.max-image"); o.Value != "1MiB" || o.Source != chat.SourceDatabase || o.Default != "20MiB" {
		t.Errorf("got %+v", o)
	}
	now := w.Settings()
	if now.MaxText != 5 || now.Name != "New Works" {
		t.Errorf("in force: %+v", now)
	}
	bob := must(w.CreateAccount(w.ctx, chat.Account{Name: "Bob"}))(t)
	ok(t, w.Befriend(w.ctx, admin.Account, bob.ID))
	_, err := w.SendMessage(w.ctx, admin, bob.ID, text("longer"))
	refused(t, "a long message", err, "message too long")
	must(w.SendMessage(w.ctx, admin, bob.ID, text("short")))(t)

	// The main organization had the name of the server, so it is renamed, too.
	if main := must(w.AdminAccess(w.ctx, admin))(t).Organization; main.Name != "New Works" {
		t.Errorf("the main organization is called %q", main.Name)
	}
	log := must(w.AuditLog(w.ctx, admin, chat.AuditQuery{Kind: chat.AuditSettingChanged}))(t)
	got := map[string]string{}
	for _, e := range log {
		if e.Actor != admin.Account || e.TargetType != chat.TargetSetting {
			t.Errorf("got %+v", e)
		}
		got[e.Target] = e.Detail["from"] + " > " + e.Detail["to"]
	}
	if diff := cmp.Diff(got, map[string]string{"chat.max-text": "20480 > 5", "name": "Example Works > New Works", "upload.max-image": "20MiB > 1MiB"}); diff != "" {
		t.Errorf("audit log (-got +want):\n%s", diff)
	}

	// Another caller has read the former settings.
	_, err = w.ChangeSettings(w.ctx, admin, first.Version, set("chat.max-text", "6"))
	refused(t, "a former version", err, "the settings were changed meanwhile")
	_, err = w.ChangeSettings(w.ctx, admin, seen.Version, set("chat.max-text", "6"))
	ok(t, err)
	w.ApplyEvents(w.events.take())

	// A change to the present value is not recorded and not published.
	before := len(must(w.AuditLog(w.ctx, admin, chat.AuditQuery{Kind: chat.AuditSettingChanged}))(t))
	w.change(admin, set("chat.max-text", "6")...)
	if after := len(must(w.AuditLog(w.ctx, admin, chat.AuditQuery{Kind: chat.AuditSettingChanged}))(t)); after != before {
		t.Error("a change to the same value was recorded")
	}
	seen = w.change(admin, chat.SettingChange{Name: "chat.max-text", Reset: true})
	if o := option(seen, "chat.max-text"); o.Source != chat.SourceDefault || w.Settings().MaxText != 20480 {
		t.Errorf("after a reset: %+v, %d", o, w.Settings().MaxText)
	}
}

func TestChangeSettingsRefusals(t *testing.T) {
	w, owner, admin, member := settled(t, func(c *config.Config) {
		c.Chat.MaxTop, c.Sources = 3, map[string]config.Source{"chat.max-top": config.SourceEnvironment}
	})
	system := must(w.CreateApplication(w.ctx, "", chat.Application{Key: "other", Name: "Other", Kind: chat.AppServer, Scopes: []chat.Scope{chat.ScopeRead}}))(t)
	for name, who := range map[string]chat.Actor{"a member": member, "nobody": by("none"), "another scope": {App: system.ID}} {
		if _, err := w.AllSettings(w.ctx, who); err == nil {
			t.Errorf("%s sees the settings", name)
		}
		if _, err := w.ChangeSettings(w.ctx, who, "", set("chat.max-text", "5")); err == nil {
			t.Errorf("%s changes the settings", name)
		}
	}
	before := must(w.AllSettings(w.ctx, owner))(t)
	w.events.take()
	for want, changes := range map[string][]chat.SettingChange{
		"chat.max-top is fixed by the configuration (environment)": set("chat.max-text", "5", "chat.max-top", "5"),
		"listen cannot be changed while the server runs":           set("chat.max-text", "5", "listen", "127.0.0.1:1"),
		"mail.password cannot be changed while the server runs":    set("mail.password", "secret"),
		"none is no setting":                                     set("chat.max-text", "5", "none", "5"),
		"chat.max-text must be at least 1, got 0":                set("language", "zh", "chat.max-text", "0"),
		"audit.keep can be changed by owners only":               set("chat.max-text", "5", "audit.keep", "48h"),
		"auth.two-factor can be changed by owners only":          set("auth.two-factor", "optional"),
		"auth.passwords can be changed by owners only":           set("auth.passwords", "true"),
		"auth.hidden can be changed by owners only":              set("auth.hidden", "code"),
		"token.ttl can be changed by owners only":                set("token.ttl", "2h"),
		"auth.fresh-sign-in can be changed by owners only":       set("auth.fresh-sign-in", "2h"),
		"name is required":                                       set("name", ""),
		"name is":                                                set("name", "   "),
		"name must be one line that can be read, without U+000A": set("name", "New\nWorks"),
		"name must be one line that can be read, without U+202E": set("name", "New\u202eWorks"),
		"name must be at most 200 characters":                    set("name", strings.Repeat("x", 300)),
		"language is named more than once":                       append(set("language", "zh"), chat.SettingChange{Name: "language", Reset: true}),
		"time-zone no zone is named \"Mars/Olympus\"":            set("time-zone", "Mars/Olympus"),
		"auth.min-password can be changed by owners only":        set("auth.min-password", "8"),
		"rate.sign-in can be changed by owners only":             set("rate.sign-in", "0"),
		"rate.sign-in-burst can be changed by owners only":       set("rate.sign-in-burst", "1000000"),
		"rate.password can be changed by owners only":            set("rate.password", "0"),
		"rate.password-burst can be changed by owners only":      set("rate.password-burst", "1000000"),
		"rate.password-all can be changed by owners only":        set("rate.password-all", "0"),
		"rate.password-all-burst can be changed by owners only":  set("rate.password-all-burst", "1000000"),
		"chat.withdraw-window must be at least 1s, got 1ms":      set("chat.withdraw-window", "1ms"),
	} {
		_, err := w.ChangeSettings(w.ctx, admin, "", changes)
		var all chat.InvalidErrors
		if !errors.As(err, &all) || len(all) != 1 || !strings.HasPrefix(all[0].Field+" "+all[0].Reason, want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	_, err := w.ChangeSettings(w.ctx, admin, "", set("chat.max-text", "0", "language", "fr", "name", ""))
	var all chat.InvalidErrors
	if !errors.As(err, &all) || len(all) != 3 {
		t.Errorf("got %v, want all faults", err)
	}
	if after := must(w.AllSettings(w.ctx, owner))(t); after.Version != before.Version {
		t.Error("a refused change has changed something")
	}
	if events := w.events.take(); len(events) > 0 {
		t.Errorf("a refused change has published %v", events)
	}
	w.change(owner, set("audit.keep", "48h", "auth.two-factor", "all")...)
	if got := w.Settings().TwoFactor; got != chat.TwoFactorAll {
		t.Errorf("two-factor of %s, want all", got)
	}
}

// At least one owner can always sign in without the help of the operator.
func TestTheLastWayToSignInStays(t *testing.T) {
	t.Run("a password", func(t *testing.T) {
		w, owner, _, _ := settled(t, nil)
		_, err := w.ChangeSettings(w.fresh(owner.Account), owner, "", set("auth.passwords", "false"))
		refused(t, "the only way", err, "invalid payload: auth.passwords must leave a way by which an owner can sign in")
		w.change(owner, set("auth.hidden", "code")...) // no host system makes codes
		ok(t, w.RemovePassword(w.ctx, owner.Account))
		w.change(owner, set("auth.passwords", "false")...) // no owner could sign in before either
	})
	t.Run("mail", func(t *testing.T) {
		w, owner, _, _ := settled(t, func(c *config.Config) { c.Mail.SMTP, c.Mail.From = "smtp.example.test:25", "a@example.test" })
		w.change(owner, set("auth.passwords", "false")...)
		_, err := w.ChangeSettings(w.fresh(owner.Account), owner, "", set("auth.hidden", "mail"))
		refused(t, "the only way", err, "invalid payload: auth.hidden must leave a way by which an owner can sign in")
		w.change(owner, set("auth.passwords", "true", "auth.hidden", "mail")...)
		refused(t, "a link", w.MailSignInLink(w.ctx, "olga@example.test", func(string) string { return "" }), "not found")
	})
	t.Run("the e-mail address of an owner", func(t *testing.T) {
		w, owner, _, _ := settled(t, nil)
		second := must(w.CreateAccount(w.ctx, chat.Account{Name: "Otto"}))(t)
		main := must(w.AdminAccess(w.ctx, owner))(t).Organization.ID
		ok(t, w.AddToOrganization(w.ctx, main, []chat.AccountID{second.ID}))
		ok(t, w.SetOrganizationRole(w.ctx, host, main, second.ID, chat.OrganizationOwner))
		none, other := "", "olga.new@example.test"
		_, err := w.AdminUpdatePerson(w.fresh(second.ID), by(second.ID), owner.Account, chat.PersonPatch{Email: &none})
		refused(t, "the only way", err, "invalid payload: email must leave a way by which an owner can sign in")
		must(w.AdminUpdatePerson(w.fresh(second.ID), by(second.ID), owner.Account, chat.PersonPatch{Email: &other}))(t)
	})
	// The owner who could sign in gave the role up, and the owners who were left could not sign in.
	t.Run("the role of an owner", func(t *testing.T) {
		w, owner, _, _ := settled(t, nil)
		main := must(w.AdminAccess(w.ctx, owner))(t).Organization.ID
		second := must(w.AdminCreatePerson(w.fresh(owner.Account), owner, chat.NewPerson{
			Account: chat.Account{ID: "otto", Name: "Otto", Email: "otto@example.test"}, Role: chat.OrganizationOwner,
		}))(t)
		const noWay = " must leave a way by which an owner can sign in"
		member, inactive, none := chat.OrganizationMember, false, ""
		for _, by := range []chat.Actor{owner, host, by(second.ID)} {
			ctx := w.ctx
			if by.Account != "" {
				ctx = w.fresh(by.Account)
			}
			refused(t, "the role", w.SetOrganizationRole(ctx, by, main, owner.Account, member), "invalid payload: role"+noWay)
			_, err := w.AdminUpdatePerson(ctx, by, owner.Account, chat.PersonPatch{Role: &member})
			refused(t, "the role of a person", err, "invalid payload: role"+noWay)
			if by.Account == owner.Account {
				continue
			}
			_, err = w.AdminUpdatePerson(ctx, by, owner.Account, chat.PersonPatch{Active: &inactive})
			refused(t, "deactivation", err, "invalid payload: active"+noWay)
			_, err = w.AdminUpdatePerson(ctx, by, owner.Account, chat.PersonPatch{Email: &none})
			refused(t, "no address", err, "invalid payload: email"+noWay)
			_, err = w.Erase(ctx, by, owner.Account, "Olga Owner")
			refused(t, "erasure", err, "invalid payload: account"+noWay)
		}
		refused(t, "leaves the organization", w.RemoveFromOrganization(w.ctx, main, owner.Account), "invalid payload: account"+noWay)
		_, err := w.UpdateAccount(w.ctx, owner.Account, chat.AccountPatch{Active: &inactive})
		refused(t, "deactivation by the host system", err, "invalid payload: active"+noWay)
		var invalid *chat.InvalidError
		if !errors.As(err, &invalid) || invalid.Code != chat.ReasonNoWay {
			t.Errorf("got %#v, want the code of the reason", err)
		}

		must(w.AdminUpdatePerson(w.fresh(owner.Account), owner, second.ID, chat.PersonPatch{Email: new("otto.new@example.test")}))(t) // has no way yet
		ok(t, w.SetPassword(w.ctx, second.ID, "correct horse battery"))
		ok(t, w.SetOrganizationRole(w.fresh(owner.Account), owner, main, owner.Account, member))
		refused(t, "the last owner", w.SetOrganizationRole(w.ctx, host, main, second.ID, member), "invalid payload: role is that of the last owner of the organization")
	})
	t.Run("a code of a host system", func(t *testing.T) {
		w, owner, _, _ := settled(t, nil)
		readOnly := chat.Application{Key: "reader", Name: "Reader", Kind: chat.AppServer, Scopes: []chat.Scope{chat.ScopeRead}}
		must(w.CreateApplication(w.ctx, "", readOnly))(t)
		_, err := w.ChangeSettings(w.fresh(owner.Account), owner, "", set("auth.passwords", "false"))
		refused(t, "a system without the scope", err, "invalid payload: auth.passwords must leave a way by which an owner can sign in")
		host := must(w.CreateApplication(w.ctx, "", chat.Application{Key: "host", Name: "Host", Kind: chat.AppServer, Scopes: []chat.Scope{chat.ScopeRead, chat.ScopeTokens}}))(t)
		w.change(owner, set("auth.passwords", "false")...)

		// The application is now the only way, so it must stay one.
		for want, patch := range map[string]chat.ApplicationPatch{
			"invalid payload: disabled must leave a way by which an owner can sign in": {Disabled: new(true)},
			"invalid payload: scopes must leave a way by which an owner can sign in":   {Scopes: &[]chat.Scope{chat.ScopeRead}},
		} {
			_, err := w.AdminUpdateApplication(w.ctx, owner, host.ID, patch)
			refused(t, "an owner", err, want)
			_, err = w.UpdateApplication(w.ctx, "", host.ID, patch)
			refused(t, "another call", err, want)
		}
		must(w.AdminUpdateApplication(w.ctx, owner, host.ID, chat.ApplicationPatch{Name: new("Renamed")}))(t)
		other := must(w.CreateApplication(w.ctx, "", chat.Application{Key: "other", Name: "Other", Kind: chat.AppServer, Scopes: []chat.Scope{chat.ScopeTokens}}))(t)
		must(w.AdminUpdateApplication(w.ctx, owner, other.ID, chat.ApplicationPatch{Disabled: new(true)}))(t)

		_, err = w.ChangeSettings(w.fresh(owner.Account), owner, "", set("auth.hidden", "code"))
		refused(t, "the only way", err, "invalid payload: auth.hidden must leave a way by which an owner can sign in")
	})
	t.Run("a provider", func(t *testing.T) {
		w, owner, _, _ := settled(t, func(c *config.Config) {
			c.Auth.OIDC.Issuer, c.Auth.OIDC.ClientID = "https://login.example.test", "parley"
		})
		_, err := w.ChangeSettings(w.fresh(owner.Account), owner, "", set("auth.passwords", "false"))
		refused(t, "the only way", err, "invalid payload: auth.passwords must leave a way by which an owner can sign in")
		ok(t, w.store.Update(w.ctx, func(tx chat.Tx) error {
			return tx.LinkIdentity("https://login.example.test", "olga", owner.Account, w.clock.Now())
		}))
		w.change(owner, set("auth.passwords", "false")...)
		_, err = w.ChangeSettings(w.fresh(owner.Account), owner, "", set("auth.hidden", "main"))
		refused(t, "the only way", err, "invalid payload: auth.hidden must leave a way by which an owner can sign in")
	})
}

// The thief of a session made it fresh with a longer auth.fresh-sign-in, and then kept the account.
func TestSettingsOfTheSignInNeedAProof(t *testing.T) {
	w, owner, admin, _ := settled(t, nil)
	ctx, ofAdmin := w.fresh(owner.Account), w.fresh(admin.Account)
	w.clock.advance(10 * time.Minute)
	before := must(w.AllSettings(w.ctx, owner))(t)
	var names []string
	for _, o := range before.Options {
		if !o.Live || !strings.HasPrefix(o.Name, "auth.") {
			continue
		}
		names = append(names, o.Name)
		_, err := w.ChangeSettings(ctx, owner, "", append(set("chat.max-text", "5"), chat.SettingChange{Name: o.Name, Reset: true}))
		refused(t, "a reset of "+o.Name, err, "sign in again")
		_, err = w.ChangeSettings(ctx, owner, "", set(o.Name, o.Value))
		refused(t, o.Name, err, "sign in again")
	}
	if !slices.Contains(names, chat.SettingFreshSignIn) || len(names) < 5 {
		t.Errorf("only %v were tried", names)
	}
	_, err := w.ChangeSettings(ctx, owner, "", set("auth.fresh-sign-in", "24h", "auth.min-password", "12"))
	refused(t, "a longer time", err, "sign in again")
	_, err = w.ChangeSettings(ctx, owner, "", set("rate.password-all", "0")) // the limit on guessing
	refused(t, "no limit on guessing", err, "sign in again")
	_, err = w.ChangeSettings(ofAdmin, admin, "", set("auth.code-ttl", "20m"))
	refused(t, "an administrator", err, "sign in again")
	_, err = w.ChangeSettings(w.fresh(admin.Account), owner, "", set("auth.min-password", "12"))
	refused(t, "the session of another account", err, "sign in again")
	if after := must(w.AllSettings(w.ctx, owner))(t); after.Version != before.Version {
		t.Error("a refused change has changed something")
	}

	must(w.ChangeSettings(ctx, owner, "", set("chat.max-text", "5")))(t) // no setting of the sign-in
	must(w.ChangeSettings(w.fresh(owner.Account), owner, "", set("auth.fresh-sign-in", "1h", "auth.min-password", "12")))(t)
	must(w.ChangeSettings(w.ctx, host, "", set("auth.min-password", "13")))(t) // the operator
}
