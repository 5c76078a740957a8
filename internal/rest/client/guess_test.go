package client_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parley/internal/rest"
	"parley/internal/rest/resttest"
)

// Ten wrong passwords for an address locked its owner out, wherever they came from. Now the one who guesses is held up and the
// owner elsewhere is not; who guesses from many addresses holds up strangers alone, and no device that has signed in before.
func TestNobodyIsLockedOut(t *testing.T) {
	const never = 1e-9
	w := newWorld(t, withClientApp, func(o *rest.Options) {
		o.Client.PasswordRate, o.Client.PasswordBurst, o.Client.PasswordAllRate, o.Client.PasswordAllBurst = never, 2, never, 5
		o.Client.DeviceKey, o.PublicURL = func() []byte { return []byte("a key of the test") }, "https://chat.example.test"
	})
	const email, right = "alice@example.test", "correct horse battery"
	path := "/v1/accounts/" + string(w.Alice)
	w.Want(w.Host("PATCH", path, `{"email":"`+email+`"}`), 200)
	w.Want(w.Host("PUT", path+"/password", `{"password":"`+right+`"}`), 204)
	signIn := func(address, email, password, cookie string) *http.Response {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/api/sign-in/password",
			strings.NewReader(resttest.ToJSON(map[string]any{"email": email, "password": password})))
		r.Header.Set("Content-Type", "application/json")
		r.RemoteAddr = address
		if cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		answer := httptest.NewRecorder()
		w.Handler.ServeHTTP(answer, r)
		return answer.Result()
	}
	try := func(what, address, email, password, cookie string, want int) *http.Response {
		t.Helper()
		r := signIn(address, email, password, cookie)
		if r.StatusCode != want {
			t.Errorf("%s: got %d, want %d", what, r.StatusCode, want)
		}
		return r
	}

	first := try("the owner", "198.51.100.1:1", email, right, "", 200)
	set := first.Header.Get("Set-Cookie")
	for _, want := range []string{"parley_known=", "Path=/api/sign-in/", "HttpOnly", "Secure", "SameSite=Strict"} {
		if !strings.Contains(set, want) {
			t.Errorf("Set-Cookie = %q, want %q in it", set, want)
		}
	}
	known, _, _ := strings.Cut(set, ";")

	for range 2 {
		try("a guess", "203.0.113.1:1", email, "guess", "", 403)
	}
	try("one guess more", "203.0.113.1:1", email, "guess", "", 429)
	try("another port of the same address", "203.0.113.1:2", email, "guess", "", 429)
	try("another way to write the e-mail address", "203.0.113.1:1", " ALICE@Example.test ", "guess", "", 429)
	try("the same address for another account", "203.0.113.1:1", "bob@example.test", "guess", "", 403)
	try("the owner elsewhere", "198.51.100.2:1", email, right, "", 200)

	for _, address := range []string{"203.0.113.2:1", "[2001:db8:1::1]:1", "[2001:db8:2::1]:1"} {
		try("a guess from "+address, address, email, "guess", "", 403)
	}
	try("a guess from one more address", "203.0.113.9:1", email, "guess", "", 429)
	try("a stranger with the right password", "198.51.100.3:1", email, right, "", 429)
	try("a known device", "198.51.100.3:1", email, right, known, 200)
	try("a known device at the address of the guesses", "203.0.113.1:1", email, right, known, 200)
	try("a known device of another account", "198.51.100.3:1", "bob@example.test", "guess", known, 403)
	try("a cookie that was made up", "198.51.100.3:1", email, right, "parley_known="+strings.Repeat("A", 32), 429)
	w.Want(w.PostOpen("/api/sign-in/code", map[string]any{"code": w.code(w.Alice)}), 200)

	// A known device that guesses has a bucket of its own.
	for range 2 {
		try("a guess of a known device", "198.51.100.4:1", email, "guess", known, 403)
	}
	try("one more", "198.51.100.4:1", email, right, known, 429)

	// Revoking everything makes it a stranger.
	w.Want(w.Host("DELETE", path+"/tokens", ""), 204)
	w.Want(w.Host("PUT", path+"/password", `{"password":"`+right+`"}`), 204)
	try("a device that was known", "198.51.100.5:1", email, right, known, 429)
}

// A thief with a stolen token kept the owner from changing the password, by wrong ones.
func TestWrongCurrentPasswordsAreCountedBySession(t *testing.T) {
	w := newWorld(t, withClientApp, func(o *rest.Options) { o.Client.PasswordRate, o.Client.PasswordBurst = 1e-9, 2 })
	path := "/v1/accounts/" + string(w.Alice)
	w.Want(w.Host("PATCH", path, `{"email":"alice@example.test"}`), 200)
	w.Want(w.Host("PUT", path+"/password", `{"password":"correct horse battery"}`), 204)
	change := func(token, current string) resttest.Answer {
		return w.Do("PUT", "/api/me/password", strings.NewReader(`{"current":"`+current+`","password":"another horse"}`), resttest.As(token))
	}
	stolen, own := w.Token(w.Alice), w.Token(w.Alice)
	for range 2 {
		w.Refused(change(stolen, "guess"), 403, "wrong e-mail address or password")
	}
	w.Refused(change(stolen, "correct horse battery"), 429, "too many requests")
	w.Want(change(own, "correct horse battery"), 204)
}
