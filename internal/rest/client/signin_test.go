package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/internal/auth"
	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/rest/client"
	"parley/internal/rest/resttest"
	"parley/internal/turn"
)

// code asks the host API for a sign-in code.
func (w *world) code(of chat.AccountID) string {
	w.T.Helper()
	return w.Want(w.Host("POST", "/v1/accounts/"+string(of)+"/sign-in-codes", `{}`), 201)["code"].(string)
}

func withClientApp(o *rest.Options) {
	o.TokenTTL = time.Hour
	o.Client.Config = client.Config{App: "demo-key", Limits: client.ConfigLimits{Password: 10}}
}

func TestClientConfig(t *testing.T) {
	w := newWorld(t, withClientApp)
	got := w.Want(w.Do("GET", "/api/config", nil), 200)
	server := got["server"].(map[string]any)
	if got["app"] != "demo-key" || server["name"] != "parley" || got["setUp"] != nil || server["timeOffsetMinutes"] != 480.0 {
		t.Errorf("config = %v", got)
	}
	if providers, ok := got["signIn"].(map[string]any)["oidc"].([]any); !ok || len(providers) != 0 {
		t.Errorf("signIn = %v, want an empty list of providers", got["signIn"])
	}
}

func TestSignInWithCodeOverHTTP(t *testing.T) {
	w := newWorld(t, withClientApp)
	made := w.Want(w.Host("POST", "/v1/accounts/"+string(w.Alice)+"/sign-in-codes", `{"ttlSeconds":60}`), 201)
	code := made["code"].(string)
	if made["link"] != "https://chat.example.test/sign-in#code="+code {
		t.Errorf("link = %v, want the code behind the #", made["link"])
	}
	in := w.Want(w.PostOpen("/api/sign-in/code", map[string]any{"code": code}, resttest.Header("User-Agent", "Mozilla/5.0 (Macintosh) AppleWebKit/1 Version/18 Safari/605")), 200)
	if who := in["account"].(map[string]any); who["id"] != string(w.Alice) || who["name"] != "Alice Demo" || in["expiresAt"] == nil {
		t.Errorf("signed in %v", in)
	}
	token := in["token"].(string)
	sessions := w.Want(w.Do("GET", "/api/sessions", nil, resttest.As(token), resttest.Header("App", "demo-key")), 200)["items"].([]any)
	if s := sessions[0].(map[string]any); len(sessions) != 1 || s["device"] != "Safari, Mac" || s["current"] != true || s["sessionId"] != in["sessionId"] || s["lastSeenAt"] == nil {
		t.Errorf("sessions = %v", sessions)
	}
	w.Refused(w.PostOpen("/api/sign-in/code", map[string]any{"code": code}), 403, "invalid code")
	named := w.Want(w.PostOpen("/api/sign-in/code", map[string]any{"code": strings.ToLower(w.code(w.Alice)), "device": "My desk"}), 200)
	if sessions := w.Want(w.Do("GET", "/api/sessions", nil, resttest.As(named["token"].(string)), resttest.Header("App", "demo-key")), 200)["items"].([]any); sessions[0].(map[string]any)["device"] != "My desk" {
		t.Errorf("sessions = %v, want the name that was given", sessions)
	}
	w.Refused(w.Host("POST", "/v1/accounts/none/sign-in-codes", `{}`), 404, "account not found")
	for _, log := range []string{code, token} {
		if strings.Contains(w.Log.String(), log) {
			t.Errorf("log has %s", log)
		}
	}
}

func TestSignInWithPasswordOverHTTP(t *testing.T) {
	w := newWorld(t, withClientApp)
	path := "/v1/accounts/" + string(w.Alice)
	w.Want(w.Host("PATCH", path, `{"email":"alice@example.test"}`), 200)
	w.Want(w.Host("PUT", path+"/password", `{"password":"correct horse battery"}`), 204)
	w.Names(w.Want(w.Host("PUT", path+"/password", `{"password":"short"}`), 422), "body.password")
	w.Names(w.Want(w.Host("PUT", "/v1/accounts/"+string(w.Bob)+"/password", `{"password":"correct horse battery"}`), 422), "path.account")
	with := func(password string) map[string]any {
		return map[string]any{"email": "Alice@example.test", "password": password}
	}
	in := w.Want(w.PostOpen("/api/sign-in/password", with("correct horse battery")), 200)
	mine := func(r *http.Request) {
		resttest.As(in["token"].(string))(r)
		resttest.Header("App", "demo-key")(r)
	}
	const wrong = "wrong e-mail address or password"
	w.Refused(w.PostOpen("/api/sign-in/password", with("wrong")), 403, wrong)
	w.Refused(w.PostOpen("/api/sign-in/password", map[string]any{"email": "bob@example.test", "password": "x"}), 403, wrong)

	change := func(current string) resttest.Answer {
		return w.Do("PUT", "/api/me/password", strings.NewReader(resttest.ToJSON(map[string]any{"current": current, "password": "another horse"})), mine)
	}
	w.Refused(change("wrong"), 403, wrong)
	w.Want(change("correct horse battery"), 204)
	w.Refused(w.PostOpen("/api/sign-in/password", with("correct horse battery")), 403, wrong)
	w.Want(w.PostOpen("/api/sign-in/password", with("another horse")), 200)
	w.Want(w.Host("DELETE", path+"/password", ""), 204)
	w.Refused(w.PostOpen("/api/sign-in/password", with("another horse")), 403, wrong)
}

func TestSessionsOverHTTP(t *testing.T) {
	w := newWorld(t)
	signIn := func(a chat.AccountID) (token, session string) {
		in := w.Want(w.PostOpen("/api/sign-in/code", map[string]any{"code": w.code(a)}), 200)
		return in["token"].(string), in["sessionId"].(string)
	}
	desk, _ := signIn(w.Alice)
	_, phone := signIn(w.Alice)
	other, ofBob := signIn(w.Bob)
	w.Published()
	w.Refused(w.Do("DELETE", "/api/sessions/"+ofBob, nil, resttest.As(desk)), 404, "not found")
	w.Want(w.Do("GET", "/api/sessions", nil, resttest.As(other)), 200)
	w.Want(w.Do("DELETE", "/api/sessions/"+phone, nil, resttest.As(desk)), 204)
	w.Refused(w.Do("DELETE", "/api/sessions/"+phone, nil, resttest.As(desk)), 404, "not found")
	// A request that a browser sends by itself does not sign anybody out.
	w.Refused(w.Do("POST", "/api/sign-out", nil, resttest.Header("Cookie", "md_pss_id="+desk)), 401, "token required")
	if got := w.Published(); len(got) != 1 || got[0] != "LoggedOut" {
		t.Errorf("published %v, want one log-out", got)
	}
	w.Want(w.Do("POST", "/api/sign-out", nil, resttest.As(desk)), 204)
	w.Refused(w.Do("GET", "/api/sessions", nil, resttest.As(desk)), 401, "invalid token")
	if got := w.Published(); len(got) != 1 || got[0] != "LoggedOut" {
		t.Errorf("published %v, want one log-out", got)
	}
}

// Guessing is slowed down by address and by what is guessed at; who signs in
// well is not, however many they are behind one address.
func TestSignInRates(t *testing.T) {
	const never = 1e-9
	w := newWorld(t, func(o *rest.Options) {
		o.Client.SignInRate, o.Client.SignInBurst, o.Client.PasswordRate, o.Client.PasswordBurst = never, 3, -1, 1
	})
	for range 5 {
		w.Want(w.PostOpen("/api/sign-in/code", map[string]any{"code": w.code(w.Alice)}), 200)
	}
	for range 3 {
		w.Refused(w.PostOpen("/api/sign-in/code", map[string]any{"code": "none"}), 403, "invalid code")
	}
	a := w.PostOpen("/api/sign-in/code", map[string]any{"code": "none"})
	w.Refused(a, 429, "too many requests")
	if seconds, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || seconds < 1 {
		t.Errorf("Retry-After = %q, want seconds", a.Header.Get("Retry-After"))
	}
	// A good code was refused for the wrong ones of others behind the address.
	w.Want(w.PostOpen("/api/sign-in/code", map[string]any{"code": w.code(w.Alice)}), 200)
	w.Refused(w.PostOpen("/api/sign-in/code", map[string]any{"code": "none"}), 429, "too many requests")
	// Wrong codes are no reason to refuse passwords. One address against many accounts is.
	for _, name := range []string{"a", "b", "c"} {
		w.Refused(w.PostOpen("/api/sign-in/password", map[string]any{"email": name + "@example.test", "password": "x"}), 403, "wrong e-mail address or password")
	}
	w.Refused(w.PostOpen("/api/sign-in/password", map[string]any{"email": "d@example.test", "password": "x"}), 429, "too many requests")

	w = newWorld(t, func(o *rest.Options) {
		o.Client.SignInRate, o.Client.PasswordRate, o.Client.PasswordBurst = -1, never, 2
	})
	w.Want(w.Host("PATCH", "/v1/accounts/"+string(w.Alice), `{"email":"alice@example.test"}`), 200)
	w.Want(w.Host("PUT", "/v1/accounts/"+string(w.Alice)+"/password", `{"password":"correct horse battery"}`), 204)
	try := func(email, password string) resttest.Answer {
		return w.PostOpen("/api/sign-in/password", map[string]any{"email": email, "password": password})
	}
	for range 3 {
		w.Want(try("alice@example.test", "correct horse battery"), 200)
	}
	for _, email := range []string{"alice@example.test", "nobody@example.test"} {
		for range 2 {
			w.Refused(try(email, "guess"), 403, "wrong e-mail address or password")
		}
		w.Refused(try(" "+strings.ToUpper(email), "guess"), 429, "too many requests")
	}
}

func TestPasswordsOff(t *testing.T) {
	w := newWorld(t)
	srv := httptest.NewServer(rest.New(rest.Options{}, chat.New(w.Fault, nil, nil, chat.Options{DefaultApp: "demo-key"}, nil)))
	t.Cleanup(srv.Close)
	w.URL = srv.URL
	w.Refused(w.PostOpen("/api/sign-in/password", map[string]any{"email": "x", "password": "x"}), 403, "passwords are off")
	w.Refused(w.Host("PUT", "/v1/accounts/"+string(w.Alice)+"/password", `{"password":"correct horse battery"}`), 403, "passwords are off")
	w.Refused(w.Do("PUT", "/api/me/password", strings.NewReader(`{"password":"correct horse battery"}`), resttest.As(w.Token(w.Alice))), 403, "passwords are off")

	// That does not tell an application of an organization who there is.
	bound, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Name: "Bound", Kind: chat.AppServer, Scopes: chat.Scopes, Organization: w.Org})
	w.OK(err)
	for _, account := range []string{string(w.Alice), string(w.Mallory), "nobody"} {
		for method, want := range map[string]int{"PUT": 403, "DELETE": 404} {
			if account == string(w.Alice) && method == "DELETE" {
				want = 204
			}
			a := w.Do(method, "/v1/accounts/"+account+"/password", strings.NewReader(`{"password":"correct horse battery"}`), func(r *http.Request) { r.SetBasicAuth(bound.Key, bound.Secret) })
			if a.Status != want {
				t.Errorf("%s for %s = %d %s, want %d", method, account, a.Status, a.Body, want)
			}
		}
	}
}

// A page of another origin reads nothing that it was not allowed to.
func TestClientAPICORS(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) { o.AllowedOrigins = []string{"https://chat.example.test"} })
	for origin, want := range map[string]string{"https://chat.example.test": "https://chat.example.test", "https://evil.example.test": ""} {
		preflight := w.Do("OPTIONS", "/api/sessions/x", nil, resttest.Header("Origin", origin), resttest.Header("Access-Control-Request-Method", "DELETE"))
		if got := preflight.Header.Get("Access-Control-Allow-Origin"); preflight.Status != 204 || got != want {
			t.Errorf("preflight of %s = %d, allows %q, want %q", origin, preflight.Status, got, want)
		}
		if got := preflight.Header.Get("Access-Control-Allow-Methods"); strings.Contains(got, "DELETE") != (want != "") {
			t.Errorf("preflight of %s allows %q", origin, got)
		}
		a := w.Do("GET", "/api/sessions", nil, resttest.As(w.Token(w.Alice)), resttest.Header("Origin", origin))
		if got := a.Header.Get("Access-Control-Allow-Origin"); a.Status != 200 || got != want {
			t.Errorf("answer to %s = %d, allows %q, want %q", origin, a.Status, got, want)
		}
	}
}

// The token itself tells its application; who names another one is refused.
func TestClientAPICredentials(t *testing.T) {
	w := newWorld(t)
	other, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Key: "other-key", Name: "Other demo", Kind: chat.AppWeb})
	w.OK(err)
	bound, _, err := w.Service.IssueToken(t.Context(), chat.NewToken{Account: w.Alice, App: other.ID})
	w.OK(err)
	w.Want(w.Do("GET", "/api/sessions", nil, resttest.As(bound)), 200)
	w.Want(w.Do("GET", "/api/sessions", nil, resttest.Header("Authorization", "md_pss_id "+bound), resttest.Header("X-Parley-App", "other-key")), 200)
	w.Want(w.Do("GET", "/api/sessions", nil, resttest.As(w.Token(w.Alice))), 200)
	w.Refused(w.Do("GET", "/api/sessions", nil, resttest.As(bound), resttest.Header("X-Parley-App", "demo-key")), 401, "invalid token")
	w.Refused(w.Do("GET", "/api/sessions", nil, resttest.As(bound), resttest.Header("App", "other-key"), resttest.Header("X-Parley-App", "demo-key")), 401, "credentials disagree")
	w.Refused(w.Do("GET", "/api/none", nil), 401, "token required")
	w.Refused(w.Do("GET", "/api/none", nil, resttest.As(bound)), 404, "there is nothing at this address")
	w.Refused(w.Do("POST", "/api/sessions", nil, resttest.As(bound)), 405, "this address answers to DELETE, GET, HEAD")
}

// A stolen token set a first password, and everything else that it had made outlived its revocation.
func TestStolenTokenOverHTTP(t *testing.T) {
	f := resttest.Store(t, t.TempDir())
	w := newWorld(t, withClientApp, func(o *rest.Options) { o.Files = f })
	path := "/v1/accounts/" + string(w.Alice)
	w.Want(w.Host("PATCH", path, `{"email":"alice@example.test"}`), 200)
	stolen := resttest.As(w.Token(w.Alice))
	password := strings.NewReader(`{"password":"correct horse battery"}`)
	w.Refused(w.Do("PUT", "/api/me/password", password, stolen), 403, "sign in again")
	if fresh, ok := w.Want(w.Do("GET", "/api/me", nil, stolen), 200)["freshUntil"]; ok {
		t.Errorf("freshUntil = %v of a token that nobody signed in for, want none", fresh)
	}

	in := w.Want(w.PostOpen("/api/sign-in/code", map[string]any{"code": w.code(w.Alice)}), 200)
	own := resttest.As(in["token"].(string))
	if fresh, _ := w.Want(w.Do("GET", "/api/me", nil, own), 200)["freshUntil"].(float64); fresh < float64(time.Now().UnixMilli()) {
		t.Errorf("freshUntil = %v, want a time to come", fresh)
	}
	given := resttest.Grant(t, f, w.Alice, auth.UploadFile)
	w.Published()
	w.Want(w.Do("PUT", "/api/me/password", strings.NewReader(`{"password":"correct horse battery"}`), own), 204)
	if got := w.Published(); len(got) != 1 || got[0] != "LoggedOut" {
		t.Errorf("published %v, want one log-out", got)
	}
	w.Refused(w.Do("GET", "/api/me", nil, stolen), 401, "invalid token")
	w.Want(w.Do("GET", "/api/me", nil, own), 200)
	if a := w.Parts(given, "POST", "", ""); a.Status != 401 {
		t.Errorf("an upload token of the time before: got %d, want 401", a.Status)
	}

	other := w.Want(w.PostOpen("/api/sign-in/code", map[string]any{"code": w.code(w.Alice)}), 200)["token"].(string)
	w.Want(w.Do("DELETE", "/api/sessions", nil, own), 204)
	w.Refused(w.Do("GET", "/api/me", nil, resttest.As(other)), 401, "invalid token")
	w.Want(w.Do("GET", "/api/me", nil, own), 200)

	waiting := w.code(w.Alice)
	w.Want(w.Host("DELETE", path+"/tokens", ""), 204)
	w.Refused(w.Do("GET", "/api/me", nil, own), 401, "invalid token")
	w.Refused(w.PostOpen("/api/sign-in/code", map[string]any{"code": waiting}), 403, "invalid code")
	w.Refused(w.PostOpen("/api/sign-in/password", map[string]any{"email": "alice@example.test", "password": "correct horse battery"}), 403, "wrong e-mail address or password")
}

// Log-ins had no key of their own, and no limit of those that wait.
func TestLogInsWaitUnderTheirAddress(t *testing.T) {
	w := newWorld(t)
	token, code := w.Token(w.Alice), w.code(w.Alice)
	w.Fault.Viewing = func(ctx context.Context) error {
		if turn.KeyOf(ctx) != turn.Address("127.0.0.1") {
			return errors.New("a log-in waits under the key " + turn.KeyOf(ctx))
		}
		return chat.ErrTooManyRequests
	}
	for name, a := range map[string]resttest.Answer{
		"client API": w.API(token, "GET", "/api/me", ""),
		"history":    w.Do("GET", "/chat_list", nil, resttest.As(token)),
		"host API":   w.Host("GET", "/v1/accounts", ""),
		"code":       w.PostOpen("/api/sign-in/code", map[string]any{"code": code}),
		"password":   w.PostOpen("/api/sign-in/password", map[string]any{"email": "alice@example.test", "password": "x"}),
	} {
		if a.Status != 429 || a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: got %d, Retry-After %q, want 429 and seconds: %s", name, a.Status, a.Header.Get("Retry-After"), a.Body)
		}
	}
}
