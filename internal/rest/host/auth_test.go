package host_test

import (
	"net/http"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

func TestHostCredentials(t *testing.T) {
	w := resttest.New(t)
	server, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Name: "Payroll demo", Kind: chat.AppServer, Scopes: chat.Scopes})
	w.OK(err)
	signing, err := w.Service.RotateSigningKey(t.Context(), "", w.App.ID, 0)
	w.OK(err)
	bound := func(app chat.AppID) string {
		plain, _, err := w.Service.IssueToken(t.Context(), chat.NewToken{Account: w.Alice, App: app})
		w.OK(err)
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
		{"basic", []func(*http.Request){basic(w.System.Key, w.System.Secret)}, ""},
		{"two headers", []func(*http.Request){both(w.System.Key, w.System.Secret)}, ""},
		{"server token", []func(*http.Request){resttest.As(serverToken)}, ""},
		{"nothing", nil, required},
		{"wrong secret", []func(*http.Request){basic(w.System.Key, w.System.Secret+"x")}, "invalid app"},
		{"empty secret", []func(*http.Request){basic(w.System.Key, "")}, "invalid app"},
		{"unknown key", []func(*http.Request){basic("other", w.System.Secret)}, "invalid app"},
		{"secret of another", []func(*http.Request){basic(w.System.Key, server.Secret)}, "invalid app"},
		{"wrong secret in headers", []func(*http.Request){both(w.System.Key, "x")}, "invalid app"},
		{"key alone", []func(*http.Request){resttest.Header("X-Parley-App", w.App.Key)}, required},
		{"a client's application", []func(*http.Request){basic(w.App.Key, "")}, noServer},
		{"a client's signing key", []func(*http.Request){basic(w.App.Key, signing.Secret)}, noServer},
		{"a client's application with a system's secret", []func(*http.Request){basic(w.App.Key, w.System.Secret)}, noServer},
		{"secret alone", []func(*http.Request){resttest.Header("X-Parley-Secret", w.System.Secret)}, required},
		{"broken basic", []func(*http.Request){resttest.Header("Authorization", "Basic !!!")}, required},
		{"another scheme", []func(*http.Request){resttest.Header("Authorization", "Digest x")}, required},
		{"both ways", []func(*http.Request){basic(w.System.Key, w.System.Secret), resttest.Header("X-Parley-Secret", w.System.Secret)}, "credentials disagree"},
		{"two headers of one name", []func(*http.Request){basic(w.System.Key, w.System.Secret), func(r *http.Request) { r.Header.Add("Authorization", "Bearer x") }}, "credentials disagree"},
		{"empty token", []func(*http.Request){resttest.Header("Authorization", "Bearer ")}, "token required"},
		{"unknown token", []func(*http.Request){resttest.As("nonsense")}, noServerToken},
		{"huge token", []func(*http.Request){resttest.As(strings.Repeat("x", 9000))}, noServerToken},
		{"a person's token", []func(*http.Request){resttest.As(w.Token(w.Alice))}, noServerToken},
		// An application's key is public: with it a person's token stays a person's.
		{"a person's token with a server's key", []func(*http.Request){resttest.As(w.Token(w.Alice)), resttest.Header("X-Parley-App", server.Key)}, noServerToken},
		{"a token of a web application", []func(*http.Request){resttest.As(bound(w.App.ID))}, noServerToken},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.T = t
			a := w.Do("GET", "/v1/application", nil, c.change...)
			if c.text == "" {
				w.Want(a, 200)
				return
			}
			w.Refused(a, 401, c.text)
			if got := strings.Join(a.Header.Values("WWW-Authenticate"), ", "); !strings.Contains(got, "Basic") || !strings.Contains(got, "Bearer") {
				t.Errorf("WWW-Authenticate = %q, want both schemes", got)
			}
		})
	}
	w.T = t
	if got := w.Want(w.Do("GET", "/v1/application", nil, resttest.As(serverToken)), 200); got["name"] != "Payroll demo" {
		t.Errorf("application = %v, want the token's", got["name"])
	}
	w.OK(w.Service.RevokeTokens(t.Context(), w.Alice))
	w.Refused(w.Do("GET", "/v1/application", nil, resttest.As(serverToken)), 401, noServerToken)
}
