package rest_test

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
	"parley/internal/turn"
)

// postOpen calls the client API without a token.
func (w *world) postOpen(path string, body map[string]any, change ...func(*http.Request)) answer {
	w.t.Helper()
	return w.do("POST", path, strings.NewReader(toJSON(body)), change...)
}

// code asks the host API for a sign-in code.
func (w *world) code(of chat.AccountID) string {
	w.t.Helper()
	return w.want(w.host("POST", "/v1/accounts/"+string(of)+"/sign-in-codes", `{}`), 201)["code"].(string)
}

func withClientApp(o *rest.Options) {
	o.TokenTTL = time.Hour
	o.Client = rest.ClientConfig{App: "demo-key", Server: rest.ClientServer{Name: "Demo server", TimeZone: "Asia/Shanghai"}}
}

func TestClientConfig(t *testing.T) {
	w := newWorld(t, withClientApp)
	got := w.want(w.do("GET", "/api/config", nil), 200)
	server := got["server"].(map[string]any)
	if got["app"] != "demo-key" || server["name"] != "Demo server" || server["timeOffsetMinutes"] != 480.0 {
		t.Errorf("config = %v", got)
	}
	if providers, ok := got["signIn"].(map[string]any)["oidc"].([]any); !ok || len(providers) != 0 {
		t.Errorf("signIn = %v, want an empty list of providers", got["signIn"])
	}
}

func TestSignInWithCodeOverHTTP(t *testing.T) {
	w := newWorld(t, withClientApp)
	made := w.want(w.host("POST", "/v1/accounts/"+string(w.alice)+"/sign-in-codes", `{"ttlSeconds":60}`), 201)
	code := made["code"].(string)
	if made["link"] != "https://chat.example.test/sign-in#code="+code {
		t.Errorf("link = %v, want the code behind the #", made["link"])
	}
	in := w.want(w.postOpen("/api/sign-in/code", map[string]any{"code": code}, header("User-Agent", "Mozilla/5.0 (Macintosh) AppleWebKit/1 Version/18 Safari/605")), 200)
	if who := in["account"].(map[string]any); who["id"] != string(w.alice) || who["name"] != "Alice Demo" || in["expiresAt"] == nil {
		t.Errorf("signed in %v", in)
	}
	token := in["token"].(string)
	sessions := w.want(w.do("GET", "/api/sessions", nil, as(token), header("App", "demo-key")), 200)["items"].([]any)
	if s := sessions[0].(map[string]any); len(sessions) != 1 || s["device"] != "Safari, Mac" || s["current"] != true || s["sessionId"] != in["sessionId"] || s["lastSeenAt"] == nil {
		t.Errorf("sessions = %v", sessions)
	}
	w.refused(w.postOpen("/api/sign-in/code", map[string]any{"code": code}), 403, "invalid code")
	named := w.want(w.postOpen("/api/sign-in/code", map[string]any{"code": strings.ToLower(w.code(w.alice)), "device": "My desk"}), 200)
	if sessions := w.want(w.do("GET", "/api/sessions", nil, as(named["token"].(string)), header("App", "demo-key")), 200)["items"].([]any); sessions[0].(map[string]any)["device"] != "My desk" {
		t.Errorf("sessions = %v, want the name that was given", sessions)
	}
	w.refused(w.host("POST", "/v1/accounts/none/sign-in-codes", `{}`), 404, "account not found")
	for _, log := range []string{code, token} {
		if strings.Contains(w.log.String(), log) {
			t.Errorf("log has %s", log)
		}
	}
}

func TestSignInWithPasswordOverHTTP(t *testing.T) {
	w := newWorld(t, withClientApp)
	path := "/v1/accounts/" + string(w.alice)
	w.want(w.host("PATCH", path, `{"email":"alice@example.test"}`), 200)
	w.want(w.host("PUT", path+"/password", `{"password":"correct horse battery"}`), 204)
	w.names(w.want(w.host("PUT", path+"/password", `{"password":"short"}`), 422), "body.password")
	w.names(w.want(w.host("PUT", "/v1/accounts/"+string(w.bob)+"/password", `{"password":"correct horse battery"}`), 422), "path.account")
	with := func(password string) map[string]any {
		return map[string]any{"email": "Alice@example.test", "password": password}
	}
	in := w.want(w.postOpen("/api/sign-in/password", with("correct horse battery")), 200)
	mine := func(r *http.Request) {
		as(in["token"].(string))(r)
		header("App", "demo-key")(r)
	}
	const wrong = "wrong e-mail address or password"
	w.refused(w.postOpen("/api/sign-in/password", with("wrong")), 403, wrong)
	w.refused(w.postOpen("/api/sign-in/password", map[string]any{"email": "bob@example.test", "password": "x"}), 403, wrong)

	change := func(current string) answer {
		return w.do("PUT", "/api/me/password", strings.NewReader(toJSON(map[string]any{"current": current, "password": "another horse"})), mine)
	}
	w.refused(change("wrong"), 403, wrong)
	w.want(change("correct horse battery"), 204)
	w.refused(w.postOpen("/api/sign-in/password", with("correct horse battery")), 403, wrong)
	w.want(w.postOpen("/api/sign-in/password", with("another horse")), 200)
	w.want(w.host("DELETE", path+"/password", ""), 204)
	w.refused(w.postOpen("/api/sign-in/password", with("another horse")), 403, wrong)
}

func TestSessionsOverHTTP(t *testing.T) {
	w := newWorld(t)
	signIn := func(a chat.AccountID) (token, session string) {
		in := w.want(w.postOpen("/api/sign-in/code", map[string]any{"code": w.code(a)}), 200)
		return in["token"].(string), in["sessionId"].(string)
	}
	desk, _ := signIn(w.alice)
	_, phone := signIn(w.alice)
	other, ofBob := signIn(w.bob)
	w.published()
	w.refused(w.do("DELETE", "/api/sessions/"+ofBob, nil, as(desk)), 404, "not found")
	w.want(w.do("GET", "/api/sessions", nil, as(other)), 200)
	w.want(w.do("DELETE", "/api/sessions/"+phone, nil, as(desk)), 204)
	w.refused(w.do("DELETE", "/api/sessions/"+phone, nil, as(desk)), 404, "not found")
	// What a browser sends by itself signs nobody out.
	w.refused(w.do("POST", "/api/sign-out", nil, header("Cookie", "md_pss_id="+desk)), 401, "token required")
	if got := w.published(); len(got) != 1 || got[0] != "LoggedOut" {
		t.Errorf("published %v, want one log-out", got)
	}
	w.want(w.do("POST", "/api/sign-out", nil, as(desk)), 204)
	w.refused(w.do("GET", "/api/sessions", nil, as(desk)), 401, "invalid token")
	if got := w.published(); len(got) != 1 || got[0] != "LoggedOut" {
		t.Errorf("published %v, want one log-out", got)
	}
}

// Guessing is slowed down by address and by what is guessed at; who signs in
// well is not, however many they are behind one address.
func TestSignInRates(t *testing.T) {
	const never = 1e-9
	w := newWorld(t, func(o *rest.Options) { o.SignInRate, o.SignInBurst, o.PasswordRate, o.PasswordBurst = never, 3, -1, 1 })
	for range 5 {
		w.want(w.postOpen("/api/sign-in/code", map[string]any{"code": w.code(w.alice)}), 200)
	}
	for range 3 {
		w.refused(w.postOpen("/api/sign-in/code", map[string]any{"code": "none"}), 403, "invalid code")
	}
	a := w.postOpen("/api/sign-in/code", map[string]any{"code": "none"})
	w.refused(a, 429, "too many requests")
	if seconds, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || seconds < 1 {
		t.Errorf("Retry-After = %q, want seconds", a.header.Get("Retry-After"))
	}
	// A good code was refused for the wrong ones of others behind the address.
	w.want(w.postOpen("/api/sign-in/code", map[string]any{"code": w.code(w.alice)}), 200)
	w.refused(w.postOpen("/api/sign-in/code", map[string]any{"code": "none"}), 429, "too many requests")
	// Wrong codes are no reason to refuse passwords. One address against many accounts is.
	for _, name := range []string{"a", "b", "c"} {
		w.refused(w.postOpen("/api/sign-in/password", map[string]any{"email": name + "@example.test", "password": "x"}), 403, "wrong e-mail address or password")
	}
	w.refused(w.postOpen("/api/sign-in/password", map[string]any{"email": "d@example.test", "password": "x"}), 429, "too many requests")

	w = newWorld(t, func(o *rest.Options) { o.SignInRate, o.PasswordRate, o.PasswordBurst = -1, never, 2 })
	w.want(w.host("PATCH", "/v1/accounts/"+string(w.alice), `{"email":"alice@example.test"}`), 200)
	w.want(w.host("PUT", "/v1/accounts/"+string(w.alice)+"/password", `{"password":"correct horse battery"}`), 204)
	try := func(email, password string) answer {
		return w.postOpen("/api/sign-in/password", map[string]any{"email": email, "password": password})
	}
	for range 3 {
		w.want(try("alice@example.test", "correct horse battery"), 200)
	}
	for _, email := range []string{"alice@example.test", "nobody@example.test"} {
		for range 2 {
			w.refused(try(email, "guess"), 403, "wrong e-mail address or password")
		}
		w.refused(try(" "+strings.ToUpper(email), "guess"), 429, "too many requests")
	}
}

func TestPasswordsOff(t *testing.T) {
	w := newWorld(t)
	srv := httptest.NewServer(rest.New(rest.Options{}, chat.New(w.fault, nil, nil, chat.Options{DefaultApp: "demo-key"}, nil)))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	w.refused(w.postOpen("/api/sign-in/password", map[string]any{"email": "x", "password": "x"}), 403, "passwords are off")
	w.refused(w.host("PUT", "/v1/accounts/"+string(w.alice)+"/password", `{"password":"correct horse battery"}`), 403, "passwords are off")
	w.refused(w.do("PUT", "/api/me/password", strings.NewReader(`{"password":"correct horse battery"}`), as(w.token(w.alice))), 403, "passwords are off")

	// That does not tell an application of an organization who there is.
	bound, err := w.svc.CreateApplication(t.Context(), "", chat.Application{Name: "Bound", Kind: chat.AppServer, Scopes: chat.Scopes, Organization: w.org})
	w.ok(err)
	for _, account := range []string{string(w.alice), string(w.mallory), "nobody"} {
		for method, want := range map[string]int{"PUT": 403, "DELETE": 404} {
			if account == string(w.alice) && method == "DELETE" {
				want = 204
			}
			a := w.do(method, "/v1/accounts/"+account+"/password", strings.NewReader(`{"password":"correct horse battery"}`), func(r *http.Request) { r.SetBasicAuth(bound.Key, bound.Secret) })
			if a.status != want {
				t.Errorf("%s for %s = %d %s, want %d", method, account, a.status, a.body, want)
			}
		}
	}
}

// A page of another origin reads nothing that it was not allowed to.
func TestClientAPICORS(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) { o.AllowedOrigins = []string{"https://chat.example.test"} })
	for origin, want := range map[string]string{"https://chat.example.test": "https://chat.example.test", "https://evil.example.test": ""} {
		preflight := w.do("OPTIONS", "/api/sessions/x", nil, header("Origin", origin), header("Access-Control-Request-Method", "DELETE"))
		if got := preflight.header.Get("Access-Control-Allow-Origin"); preflight.status != 204 || got != want {
			t.Errorf("preflight of %s = %d, allows %q, want %q", origin, preflight.status, got, want)
		}
		if got := preflight.header.Get("Access-Control-Allow-Methods"); strings.Contains(got, "DELETE") != (want != "") {
			t.Errorf("preflight of %s allows %q", origin, got)
		}
		a := w.do("GET", "/api/sessions", nil, as(w.token(w.alice)), header("Origin", origin))
		if got := a.header.Get("Access-Control-Allow-Origin"); a.status != 200 || got != want {
			t.Errorf("answer to %s = %d, allows %q, want %q", origin, a.status, got, want)
		}
	}
}

// The token itself tells its application; who names another one is refused.
func TestClientAPICredentials(t *testing.T) {
	w := newWorld(t)
	other, err := w.svc.CreateApplication(t.Context(), "", chat.Application{Key: "other-key", Name: "Other demo", Kind: chat.AppWeb})
	w.ok(err)
	bound, _, err := w.svc.IssueToken(t.Context(), chat.NewToken{Account: w.alice, App: other.ID})
	w.ok(err)
	w.want(w.do("GET", "/api/sessions", nil, as(bound)), 200)
	w.want(w.do("GET", "/api/sessions", nil, header("Authorization", "md_pss_id "+bound), header("X-Parley-App", "other-key")), 200)
	w.want(w.do("GET", "/api/sessions", nil, as(w.token(w.alice))), 200)
	w.refused(w.do("GET", "/api/sessions", nil, as(bound), header("X-Parley-App", "demo-key")), 401, "invalid token")
	w.refused(w.do("GET", "/api/sessions", nil, as(bound), header("App", "other-key"), header("X-Parley-App", "demo-key")), 401, "credentials disagree")
	w.refused(w.do("GET", "/api/none", nil), 401, "token required")
	w.refused(w.do("GET", "/api/none", nil, as(bound)), 404, "there is nothing at this address")
	w.refused(w.do("POST", "/api/sessions", nil, as(bound)), 405, "this address answers to DELETE, GET, HEAD")
}

// A stolen token set a first password, and everything else that it had made outlived its revocation.
func TestStolenTokenOverHTTP(t *testing.T) {
	f := files(t, t.TempDir())
	w := newWorld(t, withClientApp, func(o *rest.Options) { o.Files = f })
	path := "/v1/accounts/" + string(w.alice)
	w.want(w.host("PATCH", path, `{"email":"alice@example.test"}`), 200)
	stolen := as(w.token(w.alice))
	password := strings.NewReader(`{"password":"correct horse battery"}`)
	w.refused(w.do("PUT", "/api/me/password", password, stolen), 403, "sign in again")
	if fresh, ok := w.want(w.do("GET", "/api/me", nil, stolen), 200)["freshUntil"]; ok {
		t.Errorf("freshUntil = %v of a token that nobody signed in for, want none", fresh)
	}

	in := w.want(w.postOpen("/api/sign-in/code", map[string]any{"code": w.code(w.alice)}), 200)
	own := as(in["token"].(string))
	if fresh, _ := w.want(w.do("GET", "/api/me", nil, own), 200)["freshUntil"].(float64); fresh < float64(time.Now().UnixMilli()) {
		t.Errorf("freshUntil = %v, want a time to come", fresh)
	}
	given := grant(t, f, w.alice, auth.UploadFile)
	w.published()
	w.want(w.do("PUT", "/api/me/password", strings.NewReader(`{"password":"correct horse battery"}`), own), 204)
	if got := w.published(); len(got) != 1 || got[0] != "LoggedOut" {
		t.Errorf("published %v, want one log-out", got)
	}
	w.refused(w.do("GET", "/api/me", nil, stolen), 401, "invalid token")
	w.want(w.do("GET", "/api/me", nil, own), 200)
	if a := w.parts(given, "POST", "", ""); a.status != 401 {
		t.Errorf("an upload token of the time before: got %d, want 401", a.status)
	}

	other := w.want(w.postOpen("/api/sign-in/code", map[string]any{"code": w.code(w.alice)}), 200)["token"].(string)
	w.want(w.do("DELETE", "/api/sessions", nil, own), 204)
	w.refused(w.do("GET", "/api/me", nil, as(other)), 401, "invalid token")
	w.want(w.do("GET", "/api/me", nil, own), 200)

	waiting := w.code(w.alice)
	w.want(w.host("DELETE", path+"/tokens", ""), 204)
	w.refused(w.do("GET", "/api/me", nil, own), 401, "invalid token")
	w.refused(w.postOpen("/api/sign-in/code", map[string]any{"code": waiting}), 403, "invalid code")
	w.refused(w.postOpen("/api/sign-in/password", map[string]any{"email": "alice@example.test", "password": "correct horse battery"}), 403, "wrong e-mail address or password")
}

// Log-ins had no key of their own, and no limit of those that wait.
func TestLogInsWaitUnderTheirAddress(t *testing.T) {
	w := newWorld(t)
	token, code := w.token(w.alice), w.code(w.alice)
	w.fault.view = func(ctx context.Context) error {
		if turn.KeyOf(ctx) != turn.Address("127.0.0.1") {
			return errors.New("a log-in waits under the key " + turn.KeyOf(ctx))
		}
		return chat.ErrTooManyRequests
	}
	for name, a := range map[string]answer{
		"client API": w.api(token, "GET", "/api/me", ""),
		"history":    w.do("GET", "/chat_list", nil, as(token)),
		"host API":   w.host("GET", "/v1/accounts", ""),
		"code":       w.postOpen("/api/sign-in/code", map[string]any{"code": code}),
		"password":   w.postOpen("/api/sign-in/password", map[string]any{"email": "alice@example.test", "password": "x"}),
	} {
		if a.status != 429 || a.header.Get("Retry-After") == "" {
			t.Errorf("%s: got %d, Retry-After %q, want 429 and seconds: %s", name, a.status, a.header.Get("Retry-After"), a.body)
		}
	}
}
