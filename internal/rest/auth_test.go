package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"parley/internal/chat"
)

func TestHostCredentials(t *testing.T) {
	w := newWorld(t)
	server, err := w.svc.CreateApplication(t.Context(), "", chat.Application{Name: "Payroll demo", Kind: chat.AppServer, Scopes: chat.Scopes})
	w.ok(err)
	signing, err := w.svc.RotateSigningKey(t.Context(), "", w.app.ID, 0)
	w.ok(err)
	bound := func(app chat.AppID) string {
		plain, _, err := w.svc.IssueToken(t.Context(), chat.NewToken{Account: w.alice, App: app})
		w.ok(err)
		return plain
	}
	serverToken := bound(server.ID)
	basic := func(key, secret string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(key, secret) }
	}
	both := func(key, secret string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("X-Parley-App", key)
			r.Header.Set("X-Parley-Secret", secret)
		}
	}
	const noServerToken = "invalid token: this API takes the bearer of a token that was issued for an application of kind server, and no person's"
	const noServer = "invalid app: only an application of kind server calls the host API"
	const required = "credentials required: an application's key and secret, or a server token"
	for _, c := range []struct {
		name   string
		change []func(*http.Request)
		text   string // "": accepted
	}{
		{"basic", []func(*http.Request){basic(w.system.Key, w.system.Secret)}, ""},
		{"two headers", []func(*http.Request){both(w.system.Key, w.system.Secret)}, ""},
		{"server token", []func(*http.Request){as(serverToken)}, ""},
		{"nothing", nil, required},
		{"wrong secret", []func(*http.Request){basic(w.system.Key, w.system.Secret+"x")}, "invalid app"},
		{"empty secret", []func(*http.Request){basic(w.system.Key, "")}, "invalid app"},
		{"unknown key", []func(*http.Request){basic("other", w.system.Secret)}, "invalid app"},
		{"secret of another", []func(*http.Request){basic(w.system.Key, server.Secret)}, "invalid app"},
		{"wrong secret in headers", []func(*http.Request){both(w.system.Key, "x")}, "invalid app"},
		{"key alone", []func(*http.Request){header("X-Parley-App", w.app.Key)}, required},
		{"a client's application", []func(*http.Request){basic(w.app.Key, "")}, noServer},
		{"a client's signing key", []func(*http.Request){basic(w.app.Key, signing.Secret)}, noServer},
		{"a client's application with a system's secret", []func(*http.Request){basic(w.app.Key, w.system.Secret)}, noServer},
		{"secret alone", []func(*http.Request){header("X-Parley-Secret", w.system.Secret)}, required},
		{"broken basic", []func(*http.Request){header("Authorization", "Basic !!!")}, required},
		{"another scheme", []func(*http.Request){header("Authorization", "Digest x")}, required},
		{"both ways", []func(*http.Request){basic(w.system.Key, w.system.Secret), header("X-Parley-Secret", w.system.Secret)}, "credentials disagree"},
		{"two headers of one name", []func(*http.Request){basic(w.system.Key, w.system.Secret), func(r *http.Request) { r.Header.Add("Authorization", "Bearer x") }}, "credentials disagree"},
		{"empty token", []func(*http.Request){header("Authorization", "Bearer ")}, "token required"},
		{"unknown token", []func(*http.Request){as("nonsense")}, noServerToken},
		{"huge token", []func(*http.Request){as(strings.Repeat("x", 9000))}, noServerToken},
		{"a person's token", []func(*http.Request){as(w.token(w.alice))}, noServerToken},
		// An application's key is public: with it a person's token stays a person's.
		{"a person's token with a server's key", []func(*http.Request){as(w.token(w.alice)), header("X-Parley-App", server.Key)}, noServerToken},
		{"a token of a web application", []func(*http.Request){as(bound(w.app.ID))}, noServerToken},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			a := w.do("GET", "/v1/application", nil, c.change...)
			if c.text == "" {
				w.want(a, 200)
				return
			}
			w.refused(a, 401, c.text)
			if got := strings.Join(a.header.Values("WWW-Authenticate"), ", "); !strings.Contains(got, "Basic") || !strings.Contains(got, "Bearer") {
				t.Errorf("WWW-Authenticate = %q, want both schemes", got)
			}
		})
	}
	w.t = t
	if got := w.want(w.do("GET", "/v1/application", nil, as(serverToken)), 200); got["name"] != "Payroll demo" {
		t.Errorf("application = %v, want the token's", got["name"])
	}
	w.ok(w.svc.RevokeTokens(t.Context(), w.alice))
	w.refused(w.do("GET", "/v1/application", nil, as(serverToken)), 401, noServerToken)
}

func TestHistoryCredentials(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.alice)
	bound, _, err := w.svc.IssueToken(t.Context(), chat.NewToken{Account: w.alice, App: w.app.ID})
	w.ok(err)
	other, err := w.svc.CreateApplication(t.Context(), "", chat.Application{Key: "other-key", Name: "Other demo", Kind: chat.AppWeb})
	w.ok(err)
	for _, c := range []struct {
		name   string
		query  string
		change []func(*http.Request)
		text   string // "": accepted
	}{
		{"bearer", "", []func(*http.Request){as(token)}, ""},
		{"md_pss_id", "", []func(*http.Request){header("Authorization", "md_pss_id "+token)}, ""},
		{"scheme in capitals", "", []func(*http.Request){header("Authorization", "BEARER "+token)}, ""},
		{"app in the query", "?app=other-key", []func(*http.Request){as(token)}, ""},
		{"app in the header", "", []func(*http.Request){as(token), header("App", "other-key")}, ""},
		{"app twice, the same", "?app=other-key", []func(*http.Request){as(token), header("App", "other-key")}, ""},
		{"nothing", "", nil, "token required"},
		{"token in the query", "?token=" + token, nil, "token required"},
		{"token in a cookie", "", []func(*http.Request){header("Cookie", "md_pss_id="+token)}, "token required"},
		{"the host's credentials", "", []func(*http.Request){w.asHost}, "token required"},
		{"empty token", "", []func(*http.Request){header("Authorization", "md_pss_id ")}, "token required"},
		{"unknown token", "", []func(*http.Request){as("nonsense")}, "invalid token"},
		{"broken JWT", "", []func(*http.Request){as("a.b.c")}, "invalid token"},
		{"unknown app", "?app=none", []func(*http.Request){as(token)}, "invalid app"},
		{"apps that disagree", "?app=demo-key", []func(*http.Request){as(token), header("App", "other-key")}, "credentials disagree"},
		{"bound to another application", "?app=" + other.Key, []func(*http.Request){as(bound)}, "invalid token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			a := w.do("GET", "/chat_list"+c.query, nil, c.change...)
			if c.text == "" {
				w.list(a, 200)
				return
			}
			if p := w.refused(a, 401, c.text); p["error"] != c.text {
				t.Errorf("error = %v, want %q", p["error"], c.text)
			}
		})
	}
}
