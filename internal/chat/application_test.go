package chat_test

import (
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

func TestApplication(t *testing.T) {
	w := newWorld(t)
	made := must(w.CreateApplication(w.ctx, "", chat.Application{Name: "Mobile", Kind: chat.AppMobile, MutedPushes: []string{"new history"}}))(t)
	a := made.Application
	w.happened(`app ` + string(a.ID) + ` "Mobile"`)
	if a.ID == "" || a.Key == "" || made.Secret != "" || a.SendAck != chat.AckErrorFirst {
		t.Errorf("got application %+v", a)
	}
	same(t, "stored", must(w.Application(w.ctx, a.ID))(t), a)
	same(t, "by key", must(w.ApplicationByKey(w.ctx, a.Key))(t), a)
	same(t, "default kind", must(w.Application(w.ctx, "web"))(t).Kind, chat.AppWeb)
	same(t, "all", len(must(w.Applications(w.ctx))(t)), 2)

	changed := must(w.UpdateApplication(w.ctx, "", a.ID, chat.ApplicationPatch{Name: new("Pocket"), SendAck: new(chat.AckResultFirst)}))(t)
	w.happened(`app ` + string(a.ID) + ` "Pocket"`)
	a.Name, a.SendAck = "Pocket", chat.AckResultFirst
	same(t, "changed", changed, a)
	same(t, "stored", must(w.Application(w.ctx, a.ID))(t), a)
	a.MutedPushes = nil
	must(w.UpdateApplication(w.ctx, "", chat.AppID(a.Key), chat.ApplicationPatch{MutedPushes: new([]string(nil))}))(t)
	w.happened(`app ` + string(a.ID) + ` "Pocket"`)
	same(t, "changed by its key", must(w.Application(w.ctx, chat.AppID(a.Key)))(t), a)
	_, err := w.UpdateApplication(w.ctx, "", a.ID, chat.ApplicationPatch{Name: new("")})
	refused(t, "no name", err, "invalid payload: name is required")
	w.happened()
	_, err = w.UpdateApplication(w.ctx, "", "none", chat.ApplicationPatch{Name: new("x")})
	refused(t, "no such", err, "not found")
	// People have tokens for it, whose bearers could then call the host API.
	_, err = w.UpdateApplication(w.ctx, "", a.ID, chat.ApplicationPatch{Kind: new(chat.AppServer), Scopes: &chat.Scopes})
	refused(t, "client into system", err, "invalid payload: kind cannot be changed to or from server: register another application")
	_, err = w.Application(w.ctx, "none")
	refused(t, "no such", err, "not found")
	_, err = w.ApplicationByKey(w.ctx, "none")
	refused(t, "no such key", err, "invalid app")
}

func TestMutedPushesAreKnown(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.Pushes = []string{"new message", "new history"} })
	must(w.CreateApplication(w.ctx, "", chat.Application{Name: "App", MutedPushes: []string{"new history"}}))(t)
	_, err := w.CreateApplication(w.ctx, "", chat.Application{Name: "App", MutedPushes: []string{"new history", "new histroy"}})
	refused(t, "misspelt", err, `invalid payload: muted_pushes names a push that does not exist: "new histroy"`)
}

func TestApplicationRefusals(t *testing.T) {
	w := newWorld(t)
	good := chat.Application{ID: "app", Key: "key", Name: "App"}
	for name, c := range map[string]struct {
		spoil func(*chat.Application)
		want  string
	}{
		"taken id":     {func(a *chat.Application) { a.ID = "web" }, "already exists"},
		"taken key":    {func(a *chat.Application) { a.Key = "web-key" }, "already exists"},
		"number":       {func(a *chat.Application) { a.ID = "1" }, "invalid payload: id must not be a number"},
		"no name":      {func(a *chat.Application) { a.Name = "" }, "invalid payload: name is required"},
		"long url":     {func(a *chat.Application) { a.URL = strings.Repeat("x", 2049) }, "invalid payload: url must be at most 2048 bytes"},
		"odd key":      {func(a *chat.Application) { a.Key = "a b" }, "invalid payload: key must be at most 128 printable ASCII characters"},
		"no scope":     {func(a *chat.Application) { a.Scopes = []chat.Scope{"admin"} }, `invalid payload: scopes names a scope that does not exist: "admin"`},
		"client":       {func(a *chat.Application) { a.Scopes = chat.Scopes }, "invalid payload: scopes is only for applications of kind server"},
		"organization": {func(a *chat.Application) { a.Organization = "none" }, "invalid payload: organization is not the id of an organization"},
		"kind":         {func(a *chat.Application) { a.Kind = "watch" }, "invalid payload: kind must be web, mobile, desktop or server"},
		"send ack":     {func(a *chat.Application) { a.SendAck = "both" }, "invalid payload: send_ack must be error-first or result-first"},
		"empty push":   {func(a *chat.Application) { a.MutedPushes = []string{""} }, `invalid payload: muted_pushes names a push that does not exist: ""`},
		"many pushes":  {func(a *chat.Application) { a.MutedPushes = make([]string, 65) }, "invalid payload: muted_pushes must name at most 64"},
	} {
		a := good
		c.spoil(&a)
		_, err := w.CreateApplication(w.ctx, "", a)
		refused(t, name, err, c.want)
	}
	w.happened()
	must(w.CreateApplication(w.ctx, "", good))(t)
}

// Every use counts that was let in, and none is written before the server does so for all of them.
func TestApplicationSeen(t *testing.T) {
	w := newWorld(t)
	made := must(w.CreateApplication(w.ctx, "", chat.Application{ID: "host", Key: "host-key", Name: "Host", Kind: chat.AppServer, Scopes: chat.Scopes}))(t)
	unbound, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: alice})
	ok(t, err)
	server := ""
	stored := func(id chat.AppID) (at time.Time) {
		ok(t, w.store.View(w.ctx, func(tx chat.Tx) error {
			a, err := tx.Application(id)
			at = a.SeenAt
			return err
		}))
		return at
	}
	for _, use := range []struct {
		name string
		app  chat.AppID
		do   func() error
	}{
		{"a call with the secret", "host", func() error { _, err := w.AuthenticateApp(w.ctx, "host-key", made.Secret); return err }},
		{"issue of a token", "host", func() (err error) {
			server, _, err = w.IssueToken(w.ctx, chat.NewToken{Account: alice, App: "host"})
			return err
		}},
		{"a call with a server token", "host", func() error { _, err := w.AuthenticateServer(w.ctx, server); return err }},
		{"a log-in with a token for all applications", "web", func() error { _, err := w.Authenticate(w.ctx, unbound, "web-key"); return err }},
		{"a log-in with a JWT", "web", func() error { _, err := w.AuthenticateClient(w.ctx, "alice.s1.good", "web-key"); return err }},
		{"a sign-in", "web", func() error {
			code, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: alice})
			ok(t, err)
			_, err = w.SignInWithCode(w.ctx, code, chat.Device{App: "web"})
			return err
		}},
	} {
		before := stored(use.app)
		w.clock.advance(90 * time.Second)
		ok(t, use.do())
		now := w.clock.Now()
		if got := must(w.Application(w.ctx, use.app))(t).SeenAt; !got.Equal(now) {
			t.Errorf("%s: seen at %v, want %v", use.name, got, now)
		}
		if got := stored(use.app); !got.Equal(before) {
			t.Errorf("%s: written at once", use.name)
		}
		ok(t, w.WriteSeen(w.ctx))
		if got := stored(use.app); !got.Equal(now) {
			t.Errorf("%s: written %v, want %v", use.name, got, now)
		}
		changed := must(w.UpdateApplication(w.ctx, "", use.app, chat.ApplicationPatch{URL: new("https://example.test")}))(t)
		if got := stored(use.app); !got.Equal(now) || !changed.SeenAt.Equal(now) {
			t.Errorf("%s: after a change of the application: %v and %v, want %v", use.name, got, changed.SeenAt, now)
		}
	}
	before := stored("host")
	w.clock.advance(time.Hour)
	_, err = w.AuthenticateApp(w.ctx, "host-key", "wrong")
	refused(t, "a wrong secret", err, "invalid app")
	must(w.UpdateApplication(w.ctx, "", "host", chat.ApplicationPatch{Disabled: new(true)}))(t)
	_, err = w.AuthenticateApp(w.ctx, "host-key", made.Secret)
	refused(t, "a disabled one", err, "invalid app")
	_, err = w.AuthenticateServer(w.ctx, server)
	refused(t, "a disabled one, by its token", err, "invalid token")
	if got := must(w.Application(w.ctx, "host"))(t).SeenAt; !got.Equal(before) {
		t.Errorf("a refused use: seen at %v, want %v", got, before)
	}
}

// Without the application of the web client, nobody signs in with a browser to enable it again.
func TestTheWebClientIsNotDisabled(t *testing.T) {
	w := newWorld(t)
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationOwner))
	client := must(w.CreateApplication(w.ctx, "", chat.Application{Key: chat.ClientApp, Name: "Web client"}))(t)
	system := must(w.CreateApplication(w.ctx, "", chat.Application{Key: "system", Name: "System", Kind: chat.AppServer, Scopes: chat.Scopes}))(t)
	const want = "invalid payload: disabled must not be set for the application of the web client"
	disable := chat.ApplicationPatch{Name: new("Renamed"), Disabled: new(true)}
	_, err := w.AdminUpdateApplication(w.fresh(alice), by(alice), client.ID, disable)
	refused(t, "a session", err, want)
	_, err = w.AdminUpdateApplication(w.ctx, chat.Actor{App: system.ID}, client.ID, disable)
	refused(t, "a host system", err, want)
	_, err = w.UpdateApplication(w.ctx, system.ID, client.ID, disable)
	refused(t, "the host API", err, want)
	_, err = w.UpdateApplication(w.ctx, "", chat.ClientApp, disable)
	refused(t, "the operator", err, want)
	if now := must(w.Application(w.ctx, client.ID))(t); now.Name != "Web client" || !now.DisabledAt.IsZero() {
		t.Errorf("got %+v, want no change", now)
	}
	must(w.UpdateApplication(w.ctx, "", client.ID, chat.ApplicationPatch{Name: new("Renamed"), Disabled: new(false)}))(t)
}
