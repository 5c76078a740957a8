package history_test

import (
	"net/http"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

func TestCredentials(t *testing.T) {
	w := resttest.New(t)
	token := w.Token(w.Alice)
	bound, _, err := w.Service.IssueToken(t.Context(), chat.NewToken{Account: w.Alice, App: w.App.ID})
	w.OK(err)
	other, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Key: "other-key", Name: "Other demo", Kind: chat.AppWeb})
	w.OK(err)
	for _, c := range []struct {
		name   string
		query  string
		change []func(*http.Request)
		text   string // "": accepted
	}{
		{"bearer", "", []func(*http.Request){resttest.As(token)}, ""},
		{"md_pss_id", "", []func(*http.Request){resttest.Header("Authorization", "md_pss_id "+token)}, ""},
		{"scheme in capitals", "", []func(*http.Request){resttest.Header("Authorization", "BEARER "+token)}, ""},
		{"app in the query", "?app=other-key", []func(*http.Request){resttest.As(token)}, ""},
		{"app in the header", "", []func(*http.Request){resttest.As(token), resttest.Header("App", "other-key")}, ""},
		{"app twice, the same", "?app=other-key", []func(*http.Request){resttest.As(token), resttest.Header("App", "other-key")}, ""},
		{"nothing", "", nil, "token required"},
		{"token in the query", "?token=" + token, nil, "token required"},
		{"token in a cookie", "", []func(*http.Request){resttest.Header("Cookie", "md_pss_id="+token)}, "token required"},
		{"the host's credentials", "", []func(*http.Request){w.AsHost}, "token required"},
		{"empty token", "", []func(*http.Request){resttest.Header("Authorization", "md_pss_id ")}, "token required"},
		{"unknown token", "", []func(*http.Request){resttest.As("nonsense")}, "invalid token"},
		{"broken JWT", "", []func(*http.Request){resttest.As("a.b.c")}, "invalid token"},
		{"unknown app", "?app=none", []func(*http.Request){resttest.As(token)}, "invalid app"},
		{"apps that disagree", "?app=demo-key", []func(*http.Request){resttest.As(token), resttest.Header("App", "other-key")}, "credentials disagree"},
		{"bound to another application", "?app=" + other.Key, []func(*http.Request){resttest.As(bound)}, "invalid token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.T = t
			a := w.Do("GET", "/chat_list"+c.query, nil, c.change...)
			if c.text == "" {
				w.List(a, 200)
				return
			}
			if p := w.Refused(a, 401, c.text); p["error"] != c.text {
				t.Errorf("error = %v, want %q", p["error"], c.text)
			}
		})
	}
}
