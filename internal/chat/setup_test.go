package chat_test

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/settings"
	"parley/internal/store"
)

// emptyWorld is a world without people.
func emptyWorld(t *testing.T, change ...func(*chat.Options)) *world {
	t.Helper()
	w := openWorld(t, store.Options{Path: t.TempDir()}, change...)
	t.Cleanup(func() {
		if err := w.store.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	must(w.CreateApplication(w.ctx, "", chat.Application{ID: "web", Key: "web-key", Name: "Web"}))(t)
	return w
}

// optional leaves the choice of passwords to the settings.
func optional(o *chat.Options) {
	c := config.Default()
	c.TimeZone, c.Auth.MinPassword = "UTC", 8
	o.Passwords, o.Configuration = &plainHasher{mark: "1"}, settings.New(c, nil)
}

// chosen has the settings that the set-up stores.
type chosen struct {
	name, language, timeZone string
	passwords                bool
}

func chosenIn(s *chat.Service) chosen {
	now := s.Settings()
	return chosen{now.Name, now.Language, now.TimeZone, now.Passwords}
}

func installation(secret string) chat.Installation {
	return chat.Installation{
		Secret: secret, Organization: " Example Works ", Name: "Olga Owner", Email: "olga@EXAMPLE.test", Password: "long enough",
		Language: "zh", TimeZone: "Asia/Shanghai", Device: browser,
	}
}

func TestSetUp(t *testing.T) {
	w := emptyWorld(t, optional)
	if w.PasswordsOn() {
		t.Error("passwords are on before the set-up")
	}
	secret := must(w.OpenSetUp(w.ctx, ""))(t)
	ok(t, w.CheckSetUp(w.ctx, secret))
	done := must(w.SetUp(w.ctx, installation(secret)))(t)
	if done.Organization.Name != "Example Works" || !done.Organization.Main || done.Person.Email != "olga@example.test" || done.Code.Code != "" || !done.Passwords {
		t.Errorf("got %+v, want the main organization with its owner, who has a password", done)
	}
	id := must(w.AuthenticateClient(w.ctx, done.Token, ""))(t)
	if id.Account.Name != "Olga Owner" {
		t.Errorf("got %+v, want the owner signed in", id)
	}
	if id.Account.Language != "zh" || id.Account.TimeZone != "Asia/Shanghai" {
		t.Errorf("the owner has language %q and time zone %q, want those of the set-up", id.Account.Language, id.Account.TimeZone)
	}
	owners := must(read(w, func(tx chat.Tx) ([]chat.AccountID, error) { return tx.Owners(done.Organization.ID) }))(t)
	if diff := cmp.Diff(owners, []chat.AccountID{id.Account.ID}); diff != "" {
		t.Errorf("owners (-got +want):\n%s", diff)
	}
	want := chosen{"Example Works", "zh", "Asia/Shanghai", true}
	w.ApplyEvents(w.events.take()) // as a server would
	if got := chosenIn(w.Service); got != want {
		t.Errorf("settings = %+v, want %+v", got, want)
	}
	must(w.SignInWithPassword(w.ctx, "olga@example.test", "long enough", browser))(t)

	// A server with people is never set up again, with this secret or another one.
	for _, s := range []string{secret, "", "other"} {
		refused(t, "again", w.CheckSetUp(w.ctx, s), "not found")
		_, err := w.SetUp(w.ctx, installation(s))
		refused(t, "again", err, "not found")
	}
	if again := must(w.OpenSetUp(w.ctx, ""))(t); again != "" {
		t.Error("a server with people has opened the set-up again")
	}

	// The settings are there after a restart.
	var o chat.Options
	optional(&o)
	second := chat.New(w.store, nil, nil, o, slog.New(slog.DiscardHandler))
	ok(t, second.LoadSettings(w.ctx))
	if got := chosenIn(second); got != want {
		t.Errorf("settings after a restart = %+v, want %+v", got, want)
	}
}

func read[T any](w *world, fn func(chat.Tx) (T, error)) (v T, err error) {
	err = w.store.View(w.ctx, func(tx chat.Tx) (err error) {
		v, err = fn(tx)
		return err
	})
	return v, err
}

func TestSetUpWithoutPassword(t *testing.T) {
	w := emptyWorld(t, optional)
	n := installation(must(w.OpenSetUp(w.ctx, ""))(t))
	n.Password, n.Email = "", ""
	done := must(w.SetUp(w.ctx, n))(t)
	w.clock.advance(6 * 24 * time.Hour)
	if in := must(w.SignInWithCode(w.ctx, done.Code.Code, browser))(t); in.Person.ID != done.Person.ID {
		t.Errorf("the code signs in %s, want the owner", in.Person.ID)
	}
	w.ApplyEvents(w.events.take())
	if w.PasswordsOn() {
		t.Error("passwords are on, and nobody has one")
	}
	if done.Passwords {
		t.Error("the answer says that passwords are on")
	}
}

// Ten spaces were accepted as a password.
func TestSetUpWithSpaces(t *testing.T) {
	w := emptyWorld(t, func(o *chat.Options) { o.Passwords = &plainHasher{mark: "1"} })
	n := installation(must(w.OpenSetUp(w.ctx, ""))(t))
	n.Password = "          "
	_, err := w.SetUp(w.ctx, n)
	refused(t, "spaces", err, "invalid payload: password must not be only spaces")
}

func TestSetUpRefusals(t *testing.T) {
	w := emptyWorld(t, optional)
	first := must(w.OpenSetUp(w.ctx, ""))(t)
	secret := must(w.OpenSetUp(w.ctx, ""))(t) // at the next start
	for name, s := range map[string]string{"none": "", "unknown": "x", "of the start before": first} {
		_, err := w.SetUp(w.ctx, installation(s))
		refused(t, name, err, "invalid code")
		refused(t, name, w.CheckSetUp(w.ctx, s), "invalid code")
	}
	for want, change := range map[string]func(*chat.Installation){
		"invalid payload: organization is required":                                              func(n *chat.Installation) { n.Organization = " " },
		"invalid payload: name is required":                                                      func(n *chat.Installation) { n.Name = "" },
		"invalid payload: email is required":                                                     func(n *chat.Installation) { n.Email = "" },
		"invalid payload: password must have at least 8 characters":                              func(n *chat.Installation) { n.Password = "short" },
		"invalid payload: password must not be the e-mail address":                               func(n *chat.Installation) { n.Password = "olga@example.test" },
		"invalid payload: language must be en or zh":                                             func(n *chat.Installation) { n.Language = "fr" },
		"invalid payload: timeZone must be the name of a time zone, like Europe/Berlin":          func(n *chat.Installation) { n.TimeZone = "Mars/Olympus" },
		"invalid payload: email must be an e-mail address like anna@example.test":                func(n *chat.Installation) { n.Email = "olga" },
		"invalid payload: timeZone must be the name of a time zone, like Europe/Berlin" + "\x00": func(n *chat.Installation) { n.TimeZone = "" },
	} {
		n := installation(secret)
		change(&n)
		_, err := w.SetUp(w.ctx, n)
		refused(t, want, err, trimMark(want))
	}
	must(w.SetUp(w.ctx, installation(secret)))(t) // none of them has used the secret up
}

func trimMark(s string) string {
	if n := len(s); n > 0 && s[n-1] == 0 {
		return s[:n-1]
	}
	return s
}

// The set-up does not replace a value that the configuration sets.
func TestSetUpLeavesFixedSettings(t *testing.T) {
	w := emptyWorld(t, func(o *chat.Options) {
		c := config.Default()
		c.Name, c.TimeZone = "Fixed", "Europe/Berlin"
		c.Sources = map[string]config.Source{chat.SettingName: config.SourceFile, chat.SettingPasswords: config.SourceFile, chat.SettingTimeZone: config.SourceFlag}
		o.Configuration = settings.New(c, nil)
	})
	secret := must(w.OpenSetUp(w.ctx, ""))(t)
	_, err := w.SetUp(w.ctx, installation(secret))
	refused(t, "a password where passwords are off", err, "passwords are off")
	n := installation(secret)
	n.Password = ""
	must(w.SetUp(w.ctx, n))(t)
	w.ApplyEvents(w.events.take())
	want := chosen{"Fixed", "zh", "Europe/Berlin", false}
	if got := chosenIn(w.Service); got != want {
		t.Errorf("settings = %+v, want %+v", got, want)
	}
	if zone, language := w.Locale(); zone.String() != "Europe/Berlin" || language != "zh" {
		t.Errorf("locale = %v %s", zone, language)
	}
}

// If many people use the same link at once, one of them becomes the owner.
func TestSetUpHasOneWinner(t *testing.T) {
	w := emptyWorld(t, optional)
	secret := must(w.OpenSetUp(w.ctx, ""))(t)
	var won atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := w.SetUp(context.Background(), installation(secret)); err == nil {
				won.Add(1)
			}
		})
	}
	all.Wait()
	if n := won.Load(); n != 1 {
		t.Errorf("%d have set the server up, want 1", n)
	}
	if people := must(w.Accounts(w.ctx, "", 10))(t); len(people) != 1 {
		t.Errorf("there are %d people, want 1", len(people))
	}
}
