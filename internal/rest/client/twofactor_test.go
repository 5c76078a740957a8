package client_test

import (
	"net/http"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/rest/resttest"
)

const horse = "correct horse battery"

// withPassword gives Alice a password and returns the answer to a sign-in with it.
func (w *world) withPassword() func() map[string]any {
	w.T.Helper()
	email := "alice@example.test"
	_, err := w.Service.UpdateAccount(w.T.Context(), w.Alice, chat.AccountPatch{Email: &email})
	w.OK(err)
	w.OK(w.Service.SetPassword(w.T.Context(), w.Alice, horse))
	return func() map[string]any {
		w.T.Helper()
		return w.Want(w.PostOpen("/api/sign-in/password", map[string]any{"email": email, "password": horse}), 200)
	}
}

// ticketOf returns the ticket of an answer that has nothing else.
func (w *world) ticketOf(in map[string]any, setUp bool) string {
	w.T.Helper()
	next, ok := in["twoFactor"].(map[string]any)
	if !ok || next["setUp"] != setUp || next["expiresAt"] == nil || in["token"] != nil || in["sessionId"] != nil || in["account"] != nil {
		w.T.Fatalf("got %v, want only a second step", in)
	}
	return next["ticket"].(string)
}

func TestTwoFactorOverHTTP(t *testing.T) {
	w := newWorld(t, withClientApp)
	signIn := w.withPassword()
	token := signIn()["token"].(string)
	me := func(method, path, body string) resttest.Answer {
		return w.API(token, method, "/api/me/two-factor"+path, body)
	}
	w.Equal("state", w.Want(me("GET", "", ""), 200), map[string]any{"on": false, "recoveryCodes": 0.0, "required": false, "password": true})
	made := w.Want(me("POST", "/begin", `{}`), 200)
	secret := made["secret"].(string)
	if !strings.HasPrefix(made["uri"].(string), "otpauth://totp/parley:alice@example.test?") {
		t.Errorf("got %v, want an address for an app", made)
	}
	w.Refused(me("POST", "/confirm", `{"code":"12345"}`), 403, "wrong code")
	codes := w.Want(me("POST", "/confirm", `{"code":"`+w.AppCode(secret, 0)+`"}`), 200)["codes"].([]any)
	state := w.Want(me("GET", "", ""), 200)
	if state["on"] != true || state["since"] == nil || state["recoveryCodes"] != 10.0 || len(codes) != 10 {
		t.Errorf("got %v and %d codes, want it on with ten", state, len(codes))
	}

	in := w.PostOpen("/api/sign-in/password", map[string]any{"email": "alice@example.test", "password": horse})
	if cookie := in.Header.Get("Set-Cookie"); cookie != "" {
		t.Errorf("cookie %q before the code, want none", cookie)
	}
	ticket := w.ticketOf(w.Want(in, 200), false)
	finish := func(code, device string) resttest.Answer {
		return w.PostOpen("/api/sign-in/two-factor", map[string]any{"ticket": ticket, "code": code, "device": device})
	}
	w.Refused(finish(w.AppCode(secret, 0), ""), 403, "code already used")
	w.Refused(finish("AAAA-BBBB-CCCC-DDDD", ""), 403, "wrong code")
	done := finish(w.AppCode(secret, 1), "My desk")
	if done.Header.Get("Set-Cookie") == "" {
		t.Error("no cookie for the known device")
	}
	second := w.Want(done, 200)
	if who := second["account"].(map[string]any); who["id"] != string(w.Alice) || second["twoFactor"] != nil {
		t.Errorf("got %v, want Alice", second)
	}
	sessions := w.Want(w.API(second["token"].(string), "GET", "/api/sessions", ""), 200)["items"].([]any)
	if sessions[0].(map[string]any)["device"] != "My desk" {
		t.Errorf("sessions %v, want the name of the device", sessions)
	}
	w.Refused(finish(codes[0].(string), ""), 403, "sign-in expired")
	ticket = w.ticketOf(signIn(), false)
	w.Want(finish(codes[0].(string), ""), 200)

	// The account waits after wrong codes.
	ticket = w.ticketOf(signIn(), false)
	for range 5 {
		w.Refused(finish(w.AppCode(secret, 0), ""), 403, "code already used")
	}
	early := finish(w.AppCode(secret, 0), "")
	w.Refused(early, 429, "too many requests")
	if got := early.Header.Get("Retry-After"); got == "" || len(got) > 2 {
		t.Errorf("Retry-After %q, want some seconds", got)
	}
	w.Want(finish(codes[1].(string), ""), 200)

	w.Refused(me("POST", "/recovery-codes", `{}`), 403, "sign in again")
	w.Refused(me("POST", "/recovery-codes", `{"password":"wrong"}`), 403, "wrong e-mail address or password")
	fresh := w.Want(me("POST", "/recovery-codes", `{"password":"`+horse+`"}`), 200)["codes"].([]any)
	w.Refused(me("POST", "/off", `{"code":"`+codes[2].(string)+`"}`), 403, "wrong code")
	w.Want(me("POST", "/off", `{"code":"`+fresh[2].(string)+`"}`), 204)
	w.Refused(me("POST", "/off", `{"password":"`+horse+`"}`), 404, "not found")
	if in := signIn(); in["token"] == nil {
		t.Errorf("got %v, want a session", in)
	}
	for _, text := range append(codes, ticket, secret) {
		if strings.Contains(w.Log.String(), text.(string)) {
			t.Errorf("the log has %s", text)
		}
	}
}

// No operation works before it is set up, and the ticket is no token.
func TestTwoFactorRequiredOverHTTP(t *testing.T) {
	w := newWorld(t, withClientApp)
	signIn := w.withPassword()
	before := signIn()["token"].(string)
	w.Service.ApplyEvents([]chat.Event{chat.SettingsChanged{Settings: []chat.Setting{{Name: chat.SettingTwoFactor, Value: "all"}}}})
	if me := w.Want(w.API(before, "GET", "/api/me", ""), 200); me["twoFactorDue"] != true {
		t.Errorf("me = %v, want two-factor due", me)
	}
	ticket := w.ticketOf(signIn(), true)
	w.Refused(w.API(ticket, "GET", "/api/me", ""), 401, "invalid token")
	w.Refused(w.PostOpen("/api/sign-in/two-factor", map[string]any{"ticket": ticket, "code": "123456"}), 403, "sign-in expired")
	w.Refused(w.PostOpen("/api/sign-in/two-factor/begin", map[string]any{"ticket": "none"}), 403, "sign-in expired")
	secret := w.Want(w.PostOpen("/api/sign-in/two-factor/begin", map[string]any{"ticket": ticket}), 200)["secret"].(string)
	confirm := func(code string) resttest.Answer {
		return w.PostOpen("/api/sign-in/two-factor/confirm", map[string]any{"ticket": ticket, "code": code})
	}
	w.Refused(confirm("12345"), 403, "wrong code")
	done := w.Want(confirm(w.AppCode(secret, 0)), 200)
	if codes := done["recoveryCodes"].([]any); len(codes) != 10 {
		t.Errorf("got %d recovery codes, want ten", len(codes))
	}
	token := done["signIn"].(map[string]any)["token"].(string)
	if me := w.Want(w.API(token, "GET", "/api/me", ""), 200); me["twoFactorDue"] != nil {
		t.Errorf("me = %v, want two-factor not due", me)
	}
	w.Refused(w.API(token, "POST", "/api/me/two-factor/off", `{"password":"`+horse+`"}`), 403, "two-factor is required")

	// An invitation leads to the set-up, too.
	w.OK(w.Service.SetOrganizationRole(t.Context(), chat.Actor{}, w.Org, w.Alice, chat.OrganizationOwner))
	link := w.Want(w.API(token, "POST", "/api/invitations", `{"maxUses": 1}`), 201)["link"].(string)
	_, invitation, _ := strings.Cut(link, "#")
	w.ticketOf(w.Want(w.PostOpen("/api/invitations/accept", map[string]any{
		"secret": invitation, "name": "Erna Demo", "email": "erna@example.test", "password": horse,
	}), 201), true)
}

// Wrong tickets are slowed down for the address that sends them. A right code was refused for the wrong ones of others behind the
// address, also from a known device, and a right password for their wrong codes.
func TestTwoFactorRates(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) { o.Client.SignInRate, o.Client.SignInBurst = 1e-9, 3 })
	for _, path := range []string{"", "/begin", "/confirm"} {
		w.Refused(w.PostOpen("/api/sign-in/two-factor"+path, ticketBody(path)), 403, "sign-in expired")
	}
	for _, path := range []string{"", "/begin", "/confirm"} {
		w.Refused(w.PostOpen("/api/sign-in/two-factor"+path, ticketBody(path)), 429, "too many requests")
	}
	signIn := w.withPassword()
	token := signIn()["token"].(string)
	secret := w.Want(w.API(token, "POST", "/api/me/two-factor/begin", `{}`), 200)["secret"].(string)
	codes := w.Want(w.API(token, "POST", "/api/me/two-factor/confirm", `{"code":"`+w.AppCode(secret, 0)+`"}`), 200)["codes"].([]any)
	tickets := []string{w.ticketOf(signIn(), false), w.ticketOf(signIn(), false)}
	for range 3 {
		w.Refused(w.PostOpen("/api/sign-in/password", map[string]any{"email": "a@example.test", "password": "x"}), 403, "wrong e-mail address or password")
	}
	w.Refused(w.PostOpen("/api/sign-in/password", map[string]any{"email": "a@example.test", "password": "x"}), 429, "too many requests")
	for i, code := range []any{w.AppCode(secret, 1), codes[0]} {
		finish := func(code any) resttest.Answer {
			return w.PostOpen("/api/sign-in/two-factor", map[string]any{"ticket": tickets[i], "code": code})
		}
		w.Refused(finish("AAAA-BBBB-CCCC-DDDD"), 429, "too many requests")
		w.Want(finish(code), 200)
	}
	w.refusals(
		"sign-in.refused two-factor sign-in expired", "sign-in.refused password wrong e-mail address or password",
		"sign-in.refused password too many requests", "sign-in.refused password wrong code",
	)

	w = newWorld(t, func(o *rest.Options) { o.Client.PasswordRate, o.Client.PasswordBurst = 1e-9, 2 })
	w.withPassword()
	token = w.Token(w.Alice)
	for range 2 {
		w.Refused(w.API(token, http.MethodPost, "/api/me/two-factor/off", `{"password":"wrong"}`), 403, "wrong e-mail address or password")
	}
	w.Refused(w.API(token, http.MethodPost, "/api/me/two-factor/off", `{"password":"wrong"}`), 429, "too many requests")
}

// The cookie of a known device lets a right code through while somebody goes on with wrong ones.
func TestTwoFactorKnownDeviceOverHTTP(t *testing.T) {
	w := newWorld(t, withClientApp)
	signIn := w.withPassword()
	token := signIn()["token"].(string)
	secret := w.Want(w.API(token, "POST", "/api/me/two-factor/begin", `{}`), 200)["secret"].(string)
	codes := w.Want(w.API(token, "POST", "/api/me/two-factor/confirm", `{"code":"`+w.AppCode(secret, 0)+`"}`), 200)["codes"].([]any)
	finish := func(code, cookie string) resttest.Answer {
		body := resttest.ToJSON(map[string]any{"ticket": w.ticketOf(signIn(), false), "code": code})
		return w.Do("POST", "/api/sign-in/two-factor", strings.NewReader(body), resttest.Header("Cookie", cookie))
	}
	first := finish(codes[0].(string), "")
	w.Want(first, 200)
	known, _, _ := strings.Cut(first.Header.Get("Set-Cookie"), ";")
	for range 5 {
		w.Refused(finish(w.AppCode(secret, 0), ""), 403, "code already used")
	}
	w.Refused(finish(w.AppCode(secret, 1), ""), 429, "too many requests")
	w.Refused(finish(w.AppCode(secret, 1), "parley_known="+strings.Repeat("A", 32)), 429, "too many requests")
	w.Want(finish(w.AppCode(secret, 1), known), 200)
}

func ticketBody(path string) map[string]any {
	body := map[string]any{"ticket": "none"}
	if path != "/begin" {
		body["code"] = "123456"
	}
	return body
}
