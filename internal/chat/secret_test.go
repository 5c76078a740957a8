package chat_test

import (
	"testing"
	"time"

	"parley/internal/chat"
)

// system registers an application of kind server.
func (w *world) system(id chat.AppID, scopes ...chat.Scope) chat.WithSecret {
	return must(w.CreateApplication(w.ctx, "", chat.Application{ID: id, Key: string(id) + "-key", Name: "System", Kind: chat.AppServer, Scopes: scopes}))(w.t)
}

func TestAuthenticateApp(t *testing.T) {
	w := newWorld(t)
	a := w.system("host")
	if len(a.Secret) < 32 {
		t.Errorf("got a secret of %d letters, want a long one", len(a.Secret))
	}
	same(t, "app", must(w.AuthenticateApp(w.ctx, "host-key", a.Secret))(t), a.Application)
	signing := must(w.RotateSigningKey(w.ctx, "", "host", 0))(t)
	ofClient := must(w.RotateSigningKey(w.ctx, "", "web", 0))(t)
	for what, key := range map[string]string{"nothing": "", "its signing key": ofClient.Secret, "a system's secret": a.Secret} {
		_, err := w.AuthenticateApp(w.ctx, "web-key", key)
		refused(t, "a client with "+what, err, "invalid app: only an application of kind server calls the host API")
	}
	for what, c := range map[string][2]string{
		"wrong secret":    {"host-key", a.Secret + "x"},
		"no secret":       {"host-key", ""},
		"the hash of it":  {"host-key", a.Secrets[0].Value},
		"its signing key": {"host-key", signing.Secret},
		"unknown key":     {"none", a.Secret},
		"nothing":         {"", ""},
	} {
		_, err := w.AuthenticateApp(w.ctx, c[0], c[1])
		refused(t, what, err, "invalid app")
	}
}

func TestRotateSecret(t *testing.T) {
	w := newWorld(t)
	first := w.system("host").Secret
	w.events.take()
	good := func(what, secret string) {
		t.Helper()
		_, err := w.AuthenticateApp(w.ctx, "host-key", secret)
		if err != nil {
			t.Errorf("%s: got %v, want it to be good", what, err)
		}
	}
	over := func(what, secret string) {
		t.Helper()
		_, err := w.AuthenticateApp(w.ctx, "host-key", secret)
		refused(t, what, err, "invalid app")
	}

	second := must(w.RotateSecret(w.ctx, "", "host-key", time.Hour))(t).Secret
	w.happened(`app host "System"`)
	good("the first, for an hour", first)
	good("the second", second)
	w.clock.advance(time.Hour - time.Millisecond)
	good("the first, at the end of the hour", first)
	w.clock.advance(time.Millisecond)
	over("the first, after the hour", first)
	good("the second, after the hour", second)

	// There are never more than two, and no rotation prolongs a life.
	third := must(w.RotateSecret(w.ctx, "", "host", time.Hour))(t).Secret
	w.clock.advance(time.Minute)
	fourth := must(w.RotateSecret(w.ctx, "", "host", chat.MaxOverlap))(t).Secret
	over("the second of three", second)
	good("the third", third)
	good("the fourth", fourth)

	fifth := must(w.RotateSecret(w.ctx, "", "host", 0))(t)
	over("the third, without an overlap", third)
	over("the fourth, without an overlap", fourth)
	good("the fifth", fifth.Secret)
	same(t, "kept", len(fifth.Secrets), 1)

	for _, overlap := range []time.Duration{-1, chat.MaxOverlap + 1} {
		_, err := w.RotateSecret(w.ctx, "", "host", overlap)
		refused(t, overlap.String(), err, "invalid payload: overlap must be between 0 and 2592000 seconds")
	}
	good("what a refusal left", fifth.Secret)
	_, err := w.RotateSecret(w.ctx, "", "none", 0)
	refused(t, "no such", err, "not found")
	_, err = w.RotateSecret(w.ctx, "", "web", 0)
	refused(t, "a client", err, "invalid payload: application has no secret: only applications of kind server have one")
}

func TestRotateSigningKey(t *testing.T) {
	w := newWorld(t)
	keys := func() []string {
		a := must(w.Application(w.ctx, "web"))(t)
		return a.LiveSigningKeys(w.clock.Now())
	}
	same(t, "none before it is asked for", len(keys()), 0)
	first := must(w.RotateSigningKey(w.ctx, "", "web", time.Hour))(t).Secret
	same(t, "the first", keys(), []string{first})
	second := must(w.RotateSigningKey(w.ctx, "", "web-key", time.Hour))(t).Secret
	same(t, "both", keys(), []string{second, first})
	w.clock.advance(time.Hour)
	same(t, "after the overlap", keys(), []string{second})
}

// Nobody grants what he does not have, neither to others nor to himself, by
// whatever way: a new application, a changed one, another one's secret, signing
// key or server token.
func TestNobodyGrantsMoreThanHeHas(t *testing.T) {
	w := newWorld(t)
	whole := w.system("whole")
	same(t, "the first system", whole.Scopes, chat.Scopes)
	_, err := w.CreateApplication(w.ctx, "", chat.Application{Name: "Second", Kind: chat.AppServer})
	refused(t, "the second system", err, "invalid payload: scopes is required for an application of kind server")
	w.system("some", chat.ScopeApplications, chat.ScopeTokens, chat.ScopeRead)
	w.events.take()

	created := func(by chat.AppID, scopes ...chat.Scope) error {
		_, err := w.CreateApplication(w.ctx, by, chat.Application{Name: "New", Kind: chat.AppServer, Scopes: scopes})
		return err
	}
	updated := func(by, ref chat.AppID, scopes ...chat.Scope) error {
		_, err := w.UpdateApplication(w.ctx, by, ref, chat.ApplicationPatch{Scopes: &scopes})
		return err
	}
	refused(t, "creates", created("some", chat.ScopeRead, chat.ScopeMessages), "scope required: messages")
	refused(t, "creates without scopes", created("some"), "invalid payload: scopes is required for an application of kind server")
	refused(t, "itself", updated("some", "some", chat.Scopes...), "scope required: accounts")
	refused(t, "takes away", updated("some", "whole", chat.ScopeRead), "scope required: accounts")
	_, err = w.UpdateApplication(w.ctx, "some", "whole", chat.ApplicationPatch{Name: new("Mine")})
	refused(t, "renames", err, "scope required: accounts")
	_, err = w.RotateSecret(w.ctx, "some", "whole", 0)
	refused(t, "another one's secret", err, "scope required: accounts")
	_, err = w.RotateSigningKey(w.ctx, "some", "whole", 0)
	refused(t, "another one's signing key", err, "scope required: accounts")
	_, _, err = w.IssueToken(w.ctx, chat.NewToken{Account: alice, App: "whole", By: "some"})
	refused(t, "another one's server token", err, "scope required: accounts")
	w.happened()

	ok(t, created("some", chat.ScopeTokens, chat.ScopeRead))
	ok(t, updated("some", "some", chat.ScopeApplications, chat.ScopeRead))
	same(t, "in their order", must(w.Application(w.ctx, "some"))(t).Scopes, []chat.Scope{chat.ScopeRead, chat.ScopeApplications})
	refused(t, "back again", updated("some", "some", chat.ScopeTokens, chat.ScopeApplications), "scope required: tokens")
	must(w.RotateSecret(w.ctx, "whole", "some", 0))(t)
	_, _, err = w.IssueToken(w.ctx, chat.NewToken{Account: alice, App: "some", By: "whole"})
	ok(t, err)
	_, _, err = w.IssueToken(w.ctx, chat.NewToken{Account: alice, App: "web", By: "some"})
	ok(t, err)
}

// An application that is bound to an organization lets nobody else in: it could
// otherwise sign tokens for everybody.
func TestLogInThroughABoundApplication(t *testing.T) {
	w := newWorld(t)
	must(w.CreateApplication(w.ctx, "", chat.Application{ID: "bound", Key: "bound-key", Name: "Bound", Organization: "demo"}))(t)
	must(w.CreateApplication(w.ctx, "", chat.Application{ID: "host", Name: "Host", Kind: chat.AppServer, Organization: "demo"}))(t)
	for who, want := range map[chat.AccountID]string{alice: "", dave: "invalid token"} {
		plain, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: who})
		ok(t, err)
		server, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: who, App: "host"})
		ok(t, err)
		_, byToken := w.Authenticate(w.ctx, plain, "bound-key")
		_, byJWT := w.Authenticate(w.ctx, string(who)+".s1.good", "bound-key")
		_, asServer := w.AuthenticateServer(w.ctx, server)
		for way, err := range map[string]error{"token": byToken, "JWT": byJWT, "server token": asServer} {
			if want == "" {
				ok(t, err)
			} else {
				refused(t, way+" of "+string(who), err, want)
			}
		}
	}
	ok(t, w.RemoveFromOrganization(w.ctx, "demo", alice))
	_, err := w.Authenticate(w.ctx, "alice.s2.good", "bound-key")
	refused(t, "who has left", err, "invalid token")
	must(w.CreateOrganization(w.ctx, chat.Organization{ID: "other", Name: "Other"}))(t)
	must(w.CreateApplication(w.ctx, "", chat.Application{ID: "other-app", Key: "other-key", Name: "Other", Organization: "other"}))(t)
	refused(t, "an organization that is in use", w.DeleteOrganization(w.ctx, "other"), "invalid payload: organization has applications that are bound to it")
}
