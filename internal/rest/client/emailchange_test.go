package client_test

import (
	"fmt"
	"regexp"
	"testing"

	"parley/internal/rest"
)

const alicesPassword = "correct horse battery"

// withEmail gives Alice an address and a password, and returns a token of hers.
func withEmail(w *world) string {
	w.T.Helper()
	w.Want(w.Host("PATCH", "/v1/accounts/"+string(w.Alice), `{"email": "alice@example.test"}`), 200)
	w.OK(w.Service.SetPassword(w.T.Context(), w.Alice, alicesPassword))
	return w.Token(w.Alice)
}

// linkTo returns the secret of the link in the mail to the address, and removes all mail.
func linkTo(w *world, to string) (secret string) {
	w.T.Helper()
	due, err := w.Service.DueMail(w.T.Context(), 100)
	w.OK(err)
	for _, m := range due {
		if found := regexp.MustCompile(`https://chat\.example\.test/confirm-email#(\S+)`).FindStringSubmatch(m.Text); m.To == to && found != nil {
			secret = found[1]
		}
		w.OK(w.Service.MailSent(w.T.Context(), m.ID))
	}
	return secret
}

func requestEmail(email, current string) string {
	return fmt.Sprintf(`{"email": %q, "current": %q}`, email, current)
}

func TestEmailChangeOverHTTP(t *testing.T) {
	w := newWorld(t, withClientApp)
	token := withEmail(w)
	if config := w.Want(w.Do("GET", "/api/config", nil), 200); config["emailChange"] != true {
		t.Errorf("config %v, want emailChange", config)
	}
	w.Refused(w.API(token, "POST", "/api/me/email", requestEmail("anna@example.test", "guess")), 403, "wrong e-mail address or password")
	w.Names(w.Refused(w.API(token, "POST", "/api/me/email", requestEmail("anna", alicesPassword)), 422, "invalid payload: email must be an e-mail address like anna@example.test"), "body.email")
	w.Want(w.API(token, "POST", "/api/me/email", requestEmail("anna@example.test", alicesPassword)), 204)
	secret := map[string]any{"secret": linkTo(w, "anna@example.test")}
	w.Equal("change", w.Want(w.PostOpen("/api/confirm-email/check", secret), 200), map[string]any{"name": "Alice Demo", "email": "anna@example.test"})
	w.Want(w.PostOpen("/api/confirm-email", secret), 204)
	w.Refused(w.PostOpen("/api/confirm-email", secret), 403, "invalid code")
	w.Refused(w.PostOpen("/api/confirm-email/check", secret), 403, "invalid code")
	if me := w.Want(w.API(token, "GET", "/api/me", ""), 200); me["email"] != "anna@example.test" {
		t.Errorf("me = %v", me)
	}
}

// A good link was refused for the wrong ones of others behind the network address.
func TestWrongEmailLinksAreLimited(t *testing.T) {
	w := newWorld(t, withClientApp, func(o *rest.Options) { o.Client.SignInRate, o.Client.SignInBurst = 1e-9, 2 })
	token := withEmail(w)
	w.Want(w.API(token, "POST", "/api/me/email", requestEmail("anna@example.test", alicesPassword)), 204)
	wrong, secret := map[string]any{"secret": "x"}, map[string]any{"secret": linkTo(w, "anna@example.test")}
	for _, path := range []string{"/api/confirm-email/check", "/api/confirm-email"} {
		w.Refused(w.PostOpen(path, wrong), 403, "invalid code")
	}
	for _, path := range []string{"/api/confirm-email/check", "/api/confirm-email"} {
		w.Refused(w.PostOpen(path, wrong), 429, "too many requests")
	}
	w.Want(w.PostOpen("/api/confirm-email/check", secret), 200)
	w.Want(w.PostOpen("/api/confirm-email", secret), 204)
	w.refusals("account.email-refused invalid code")
}

// Nobody learns who has an account, or that an account has got the address since.
func TestEmailChangeToTakenAddressOverHTTP(t *testing.T) {
	w := newWorld(t, withClientApp)
	token := withEmail(w)
	bobs := fmt.Sprintf("/v1/accounts/%s", w.Bob)
	w.Want(w.Host("PATCH", bobs, `{"email": "bob@example.test"}`), 200)
	w.Want(w.API(token, "POST", "/api/me/email", requestEmail("bob@example.test", alicesPassword)), 204)
	if secret := linkTo(w, "bob@example.test"); secret != "" {
		t.Errorf("link with %s to the address of Bob", secret)
	}
	w.Want(w.API(token, "POST", "/api/me/email", requestEmail("anna@example.test", alicesPassword)), 204)
	secret := linkTo(w, "anna@example.test")
	w.Want(w.Host("PATCH", bobs, `{"email": "anna@example.test"}`), 200)
	w.Refused(w.PostOpen("/api/confirm-email", map[string]any{"secret": secret}), 422, "invalid payload: email is that of an account that exists")
}

// A session that guesses at the password is slowed down, and nobody is sent many mails.
func TestEmailChangesAreLimited(t *testing.T) {
	w := newWorld(t, withClientApp, func(o *rest.Options) { o.Client.PasswordRate, o.Client.PasswordBurst = 0.0001, 2 })
	token := withEmail(w)
	for i := range 3 { // right passwords use up no guesses, but mails
		w.Want(w.API(token, "POST", "/api/me/email", requestEmail(fmt.Sprintf("anna%d@example.test", i), alicesPassword)), 204)
	}
	w.Refused(w.API(token, "POST", "/api/me/email", requestEmail("anna@example.test", alicesPassword)), 429, "too many requests")

	w = newWorld(t, withClientApp, func(o *rest.Options) { o.Client.PasswordRate, o.Client.PasswordBurst = 0.0001, 4 })
	token = withEmail(w)
	for range 4 { // refused requests use up no mails
		w.Refused(w.API(token, "POST", "/api/me/email", requestEmail("anna@example.test", "guess")), 403, "wrong e-mail address or password")
	}
	w.Refused(w.API(token, "POST", "/api/me/email", requestEmail("anna@example.test", alicesPassword)), 429, "too many requests")
	w.Want(w.API(w.Token(w.Alice), "POST", "/api/me/email", requestEmail("anna@example.test", alicesPassword)), 204)

	w = newWorld(t, withClientApp, func(o *rest.Options) { o.Client.SignInRate, o.Client.SignInBurst = 0.0001, 3 })
	for range 3 {
		w.Refused(w.PostOpen("/api/confirm-email/check", map[string]any{"secret": "x"}), 403, "invalid code")
	}
	w.Refused(w.PostOpen("/api/confirm-email", map[string]any{"secret": "x"}), 429, "too many requests")
}
