package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

func TestAuthenticate(t *testing.T) {
	w := newWorld(t)
	plain, token, err := w.IssueToken(w.ctx, chat.NewToken{Account: alice, Label: "phone", TTL: time.Hour})
	ok(t, err)
	id := must(w.Authenticate(w.ctx, plain, "web-key"))(t)
	if id.Account.Name != "Alice" || id.App.ID != "web" || id.Session != token.Session || !id.Expires.Equal(token.ExpiresAt) {
		t.Errorf("got identity %+v", id)
	}
	w.clock.advance(time.Hour - time.Millisecond)
	must(w.Authenticate(w.ctx, plain, "web-key"))(t)
	w.clock.advance(time.Millisecond)
	_, err = w.Authenticate(w.ctx, plain, "web-key")
	refused(t, "an hour later", err, "token expired")

	plain, _, err = w.IssueToken(w.ctx, chat.NewToken{Account: alice})
	ok(t, err)
	w.clock.advance(1e6 * time.Hour)
	must(w.Authenticate(w.ctx, plain, "web-key"))(t) // without a TTL it lives on
}

func TestAuthenticateRefusals(t *testing.T) {
	w := newWorld(t)
	must(w.CreateApplication(w.ctx, "", chat.Application{ID: "other", Key: "other-key", Name: "Other"}))(t)
	issue := func(n chat.NewToken) string {
		plain, _, err := w.IssueToken(w.ctx, n)
		ok(t, err)
		return plain
	}
	good, bound, ofDave := issue(chat.NewToken{Account: alice}), issue(chat.NewToken{Account: alice, App: "web"}), issue(chat.NewToken{Account: dave})
	must(w.UpdateAccount(w.ctx, dave, chat.AccountPatch{Active: new(bool)}))(t)
	must(w.Authenticate(w.ctx, bound, "web-key"))(t)
	for name, c := range map[string]struct{ token, app, want string }{
		"no token":              {"", "web-key", "token required"},
		"neither":               {"", "", "token required"},
		"no app":                {good, "", "app required"},
		"unknown app":           {good, "nokey", "invalid app"},
		"unknown token, app":    {"x", "nokey", "invalid app"},
		"unknown token":         {"x", "web-key", "invalid token"},
		"huge token":            {strings.Repeat("x", 1<<20), "web-key", "invalid token"},
		"of another app":        {bound, "other-key", "invalid token"},
		"inactive account":      {ofDave, "web-key", "invalid token"},
		"app's id is no key":    {good, "web", "invalid app"},
		"JWT, bad":              {"alice.s1.bad", "web-key", "invalid token"},
		"JWT, late":             {"alice.s1.late", "web-key", "token expired"},
		"JWT, nobody":           {"nobody.s1.good", "web-key", "invalid token"},
		"JWT, inactive account": {"dave.s1.good", "web-key", "invalid token"},
	} {
		_, err := w.Authenticate(w.ctx, c.token, c.app)
		refused(t, name, err, c.want)
	}
}

func TestDefaultApplication(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.DefaultApp = "web-key" })
	plain, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: alice})
	ok(t, err)
	same(t, "app", must(w.Authenticate(w.ctx, plain, ""))(t).App.ID, "web")
}

func TestJWT(t *testing.T) {
	w := newWorld(t)
	id := must(w.Authenticate(w.ctx, "alice.s1.good", "web-key"))(t)
	same(t, "session", id.Session, "s1")
	ok(t, w.RevokeToken(w.ctx, "s1"))
	w.happened(`logged out  session=true`)
	_, err := w.Authenticate(w.ctx, "alice.s1.good", "web-key")
	refused(t, "revoked", err, "invalid token")
	ok(t, w.RevokeToken(w.ctx, "s1"))
	must(w.Authenticate(w.ctx, "alice.s2.good", "web-key"))(t)

	none := chat.New(w.store, nil, nil, chat.Options{}, nil)
	_, err = none.Authenticate(w.ctx, "alice.s2.good", "web-key")
	refused(t, "no verifier", err, "invalid token")
}

func TestRevokeToken(t *testing.T) {
	w := newWorld(t)
	phone, onPhone, err := w.IssueToken(w.ctx, chat.NewToken{Account: alice, Label: "phone"})
	ok(t, err)
	w.clock.advance(time.Second)
	desk, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: alice, Label: "desk"})
	ok(t, err)
	same(t, "different", phone == desk, false)

	same(t, "by its session", must(w.TokenBySession(w.ctx, onPhone.Session))(t).Label, "phone")
	_, err = w.TokenBySession(w.ctx, "none")
	refused(t, "no such session", err, "not found")
	ok(t, w.RevokeToken(w.ctx, onPhone.Session))
	w.happened(`logged out alice session=true`)
	ok(t, w.RevokeToken(w.ctx, onPhone.Session))
	w.happened()
	_, err = w.Authenticate(w.ctx, phone, "web-key")
	refused(t, "revoked", err, "invalid token")
	must(w.Authenticate(w.ctx, desk, "web-key"))(t)
	tokens := must(w.Tokens(w.ctx, alice))(t)
	if len(tokens) != 2 || tokens[0].Label != "desk" || !tokens[0].RevokedAt.IsZero() || tokens[1].RevokedAt.IsZero() {
		t.Errorf("got tokens %+v", tokens)
	}
	ok(t, w.RevokeTokens(w.ctx, alice))
	w.happened(`logged out alice session=false`)
	_, err = w.Authenticate(w.ctx, desk, "web-key")
	refused(t, "all revoked", err, "invalid token")

	refused(t, "no session", w.RevokeToken(w.ctx, ""), "invalid payload: session is required")
	refused(t, "nobody's", w.RevokeTokens(w.ctx, "nobody"), "account not found")
	_, err = w.Tokens(w.ctx, "nobody")
	refused(t, "nobody's", err, "account not found")
	must(w.UpdateAccount(w.ctx, dave, chat.AccountPatch{Active: new(false)}))(t)
	for want, n := range map[string]chat.NewToken{
		"account not found":                                               {Account: "nobody"},
		"invalid payload: account is not active":                          {Account: dave},
		"invalid payload: app is not the id or the key of an application": {Account: alice, App: "none"},
		"invalid payload: ttl must not be negative":                       {Account: alice, TTL: -1},
		"invalid payload: label must be at most 200 characters":           {Account: alice, Label: strings.Repeat("x", 201)},
	} {
		_, _, err := w.IssueToken(w.ctx, n)
		refused(t, want, err, want)
	}
}

// A device that was lost before must not be signed in again when the person comes back.
func TestDeactivatingEndsLogInsForGood(t *testing.T) {
	w := newWorld(t, withPasswords(&plainHasher{mark: "1"}))
	ok(t, w.SetPassword(w.ctx, alice, "words of Alice"))
	w.clock.advance(time.Minute)
	plain, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: alice})
	ok(t, err)
	in := must(w.SignInWithPassword(w.ctx, "alice@example.com", "words of Alice", browser))(t)
	link, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: alice})
	ok(t, err)
	jwt := fmt.Sprintf("alice.s1-%d.dated", w.clock.Now().Unix())
	must(w.Authenticate(w.ctx, jwt, "web-key"))(t)
	logIns := map[string]func() error{
		"token":   func() error { _, err := w.Authenticate(w.ctx, plain, "web-key"); return err },
		"session": func() error { _, err := w.AuthenticateClient(w.ctx, in.Token, ""); return err },
		"JWT":     func() error { _, err := w.Authenticate(w.ctx, jwt, "web-key"); return err },
	}
	w.happened(`logged out alice session=false`)
	for _, active := range []bool{false, true} {
		must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Active: new(active)}))(t)
		if !active {
			w.happened(`account alice "Alice" active=false`, "readers changed alice in 0 groups", `logged out alice session=false`)
		}
		for what, logIn := range logIns {
			refused(t, fmt.Sprintf("%s, active=%t", what, active), logIn(), "invalid token")
		}
	}
	_, err = w.SignInWithCode(w.ctx, link, browser)
	refused(t, "link", err, "invalid code")
	must(w.SignInWithPassword(w.ctx, "alice@example.com", "words of Alice", browser))(t)
}

func TestServerToken(t *testing.T) {
	w := newWorld(t)
	must(w.CreateApplication(w.ctx, "", chat.Application{ID: "host", Name: "Host", Kind: chat.AppServer}))(t)
	issue := func(n chat.NewToken) string {
		plain, _, err := w.IssueToken(w.ctx, n)
		ok(t, err)
		return plain
	}
	server := issue(chat.NewToken{Account: alice, App: "host", TTL: time.Hour})
	id := must(w.AuthenticateServer(w.ctx, server))(t)
	same(t, "app", id.App.ID, "host")
	byKey := issue(chat.NewToken{Account: alice, App: chat.AppID(id.App.Key)})
	same(t, "app named by its key", must(w.AuthenticateServer(w.ctx, byKey))(t).App.ID, "host")
	for what, token := range map[string]string{
		"unbound":      issue(chat.NewToken{Account: alice}),
		"of a web app": issue(chat.NewToken{Account: alice, App: "web"}),
		"unknown":      "x",
		"huge":         strings.Repeat("x", 1<<20),
	} {
		_, err := w.AuthenticateServer(w.ctx, token)
		refused(t, what, err, "invalid token")
	}
	_, err := w.AuthenticateServer(w.ctx, "")
	refused(t, "none", err, "token required")
	w.clock.advance(time.Hour)
	_, err = w.AuthenticateServer(w.ctx, server)
	refused(t, "late", err, "token expired")
}
