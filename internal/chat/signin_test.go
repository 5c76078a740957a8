package chat_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

var browser = chat.Device{App: "web", Name: "Firefox on Linux", TTL: time.Hour}

func TestSignInWithCode(t *testing.T) {
	w := newWorld(t)
	code, expires, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: alice})
	ok(t, err)
	if got, want := expires.Sub(w.clock.Now()), 10*time.Minute; got != want {
		t.Errorf("life = %v, want %v", got, want)
	}
	in := must(w.SignInWithCode(w.ctx, strings.ToLower(strings.ReplaceAll(code, "-", " ")), browser))(t)
	if in.Person.ID != alice || !in.Expires.Equal(w.clock.Now().Add(time.Hour)) {
		t.Errorf("got %+v, want Alice for an hour", in)
	}
	id := must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
	if id.Session != in.Session || id.App.ID != "web" || id.Account.ID != alice {
		t.Errorf("got %+v, want the log-in of the code", id)
	}
	_, err = w.SignInWithCode(w.ctx, code, browser)
	refused(t, "the same code again", err, "invalid code")

	many, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: bob, Reusable: true, TTL: time.Hour})
	ok(t, err)
	for range 3 {
		must(w.SignInWithCode(w.ctx, many, browser))(t)
	}
	w.clock.advance(time.Hour)
	_, err = w.SignInWithCode(w.ctx, many, browser)
	refused(t, "an hour later", err, "invalid code")
}

func TestSignInCodeRefusals(t *testing.T) {
	w := newWorld(t)
	late, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: alice, TTL: time.Second})
	ok(t, err)
	ofBob, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: bob})
	ok(t, err)
	ok(t, w.RevokeTokens(w.ctx, bob))
	ofDave, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: dave})
	ok(t, err)
	must(w.UpdateAccount(w.ctx, dave, chat.AccountPatch{Active: new(bool)}))(t)
	w.clock.advance(time.Second)
	for name, code := range map[string]string{
		"none": "", "unknown": "AAAA-BBBB-CCCC-DDDD", "late": late, "inactive": ofDave, "revoked": ofBob, "huge": strings.Repeat("A", 1<<20),
	} {
		_, err := w.SignInWithCode(w.ctx, code, browser)
		refused(t, name, err, "invalid code")
	}
	for what, n := range map[string]chat.NewSignInCode{
		"account not found":                                    {Account: "nobody"},
		"invalid payload: account is not active":               {Account: dave},
		"invalid payload: ttl must be a second to 30 days":     {Account: alice, TTL: -1},
		"invalid payload: ttl must be a second to 30 days\x00": {Account: alice, TTL: 31 * 24 * time.Hour},
	} {
		_, _, err := w.CreateSignInCode(w.ctx, n)
		refused(t, what, err, strings.TrimSuffix(what, "\x00"))
	}
}

// Of many who come with the same code at once, one is let in.
func TestSignInCodeIsGoodOnce(t *testing.T) {
	w := newWorld(t)
	code, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: alice})
	ok(t, err)
	var in sync.Map
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if _, err := w.SignInWithCode(w.ctx, code, browser); err == nil {
				in.Store(i, true)
			}
		})
	}
	all.Wait()
	got := 0
	in.Range(func(any, any) bool { got++; return true })
	if got != 1 {
		t.Errorf("let in %d, want 1", got)
	}
}

// plainHasher keeps what it is given: what a real one does belongs to package auth.
type plainHasher struct {
	mu       sync.Mutex
	verified int
	mark     string // of hashes made today
}

func (h *plainHasher) Hash(_ context.Context, password string) (string, error) {
	return h.mark + password, nil
}

func (h *plainHasher) Verify(_ context.Context, password, hash string) (ok, weak bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.verified++
	return hash != "" && hash[1:] == password, hash != "" && hash[:1] != h.mark, nil
}

func withPasswords(h *plainHasher) func(*chat.Options) {
	return func(o *chat.Options) { o.Passwords, o.MinPassword = h, 8 }
}

func TestSignInWithPassword(t *testing.T) {
	h := &plainHasher{mark: "1"}
	w := newWorld(t, withPasswords(h))
	ok(t, w.SetPassword(w.ctx, alice, "correct horse"))
	in := must(w.SignInWithPassword(w.ctx, " Alice@Example.com ", "correct horse", browser))(t)
	if in.Person.ID != alice {
		t.Errorf("got %+v, want Alice", in)
	}
	ok(t, w.SetPassword(w.ctx, dave, "correct horse"))
	must(w.UpdateAccount(w.ctx, dave, chat.AccountPatch{Active: new(bool)}))(t)
	for name, c := range map[string]struct{ email, password string }{
		"wrong password": {"alice@example.com", "correct horse "},
		"no password":    {"bob@example.com", ""},
		"nobody":         {"nobody@example.com", "correct horse"},
		"nothing":        {"", ""},
		"inactive":       {"dave@example.com", "correct horse"},
	} {
		before := h.verified
		_, err := w.SignInWithPassword(w.ctx, c.email, c.password, browser)
		refused(t, name, err, "wrong e-mail address or password")
		if got := h.verified - before; got != 1 {
			t.Errorf("%s: verified %d times, want once, so that the time tells nothing", name, got)
		}
	}
	h.mark = "2"
	must(w.SignInWithPassword(w.ctx, "alice@example.com", "correct horse", browser))(t)
	h.mark = "1" // what is stored now was made with 2
	must(w.SignInWithPassword(w.ctx, "alice@example.com", "correct horse", browser))(t)

	// Of two accounts with the same address, from a time when that was possible, nobody can say which is meant.
	const address = "alice@example.com"
	ok(t, w.SetPassword(w.ctx, bob, "correct horse"))
	twin := must(w.Account(w.ctx, bob))(t)
	twin.Email = address
	ok(t, w.store.Update(w.ctx, func(tx chat.Tx) error { return tx.UpdateAccount(twin) }))
	refused(t, "a second one", w.SetPassword(w.ctx, bob, "correct horse"), "invalid payload: account shares its e-mail address with another account that has a password")
	_, err := w.SignInWithPassword(w.ctx, address, "correct horse", browser)
	refused(t, "two with one address", err, "wrong e-mail address or password")
	ok(t, w.RemovePassword(w.ctx, bob))
	must(w.SignInWithPassword(w.ctx, address, "correct horse", browser))(t)
}

// An account with a password could be given the address of another one with a password, or come back with it: neither
// could sign in any more.
func TestTwoPasswordsHaveNotTheSameAddress(t *testing.T) {
	w := newWorld(t, withPasswords(&plainHasher{mark: "1"}))
	ok(t, w.SetPassword(w.ctx, alice, "words of Alice"))
	ok(t, w.SetPassword(w.ctx, bob, "words of Bob"))
	const taken = "invalid payload: email is that of another account that has a password, as this one has"
	_, err := w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Email: new("Alice@Example.com")})
	refused(t, "another one's address", err, taken)
	_, err = w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Email: new("alice@example.com"), Active: new(true)})
	refused(t, "another one's address again", err, taken)

	must(w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Active: new(false)}))(t)
	must(w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Email: new("alice@example.com")}))(t)
	_, err = w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Active: new(true)})
	refused(t, "active again with it", err, taken)
	in := must(w.SignInWithPassword(w.ctx, "alice@example.com", "words of Alice", browser))(t)
	if in.Person.ID != alice {
		t.Errorf("signed in as %s, want Alice", in.Person.ID)
	}

	// Without a password it may have the address.
	ok(t, w.RemovePassword(w.ctx, bob))
	must(w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Active: new(true)}))(t)
	must(w.UpdateAccount(w.ctx, carol, chat.AccountPatch{Email: new("alice@example.com")}))(t)
	must(w.SignInWithPassword(w.ctx, "alice@example.com", "words of Alice", browser))(t)
}

func TestSetPasswordRefusals(t *testing.T) {
	w := newWorld(t, withPasswords(&plainHasher{mark: "1"}))
	must(w.CreateAccount(w.ctx, chat.Account{ID: "mute", Name: "No address"}))(t)
	for want, c := range map[string]struct {
		account  chat.AccountID
		password string
	}{
		"account not found": {"nobody", "correct horse"},
		"invalid payload: account has no e-mail address to sign in with": {"mute", "correct horse"},
		"invalid payload: password must have at least 8 characters":      {alice, "四个汉字"},
		"invalid payload: password must be at most 1024 bytes":           {alice, strings.Repeat("x", 1025)},
		"invalid payload: password must not be the e-mail address":       {alice, "Alice@example.com"},
		"invalid payload: password must not be only spaces":              {alice, " \u3000        "},
	} {
		refused(t, want, w.SetPassword(w.ctx, c.account, c.password), want)
	}
	refused(t, "remove of nobody", w.RemovePassword(w.ctx, "nobody"), "account not found")
	off := newWorld(t)
	refused(t, "off", off.SetPassword(off.ctx, alice, "correct horse"), "passwords are off")
	_, err := off.SignInWithPassword(off.ctx, "alice@example.com", "correct horse", browser)
	refused(t, "off", err, "passwords are off")
}

// Other sessions stayed alive: those of other applications, tokens of the host system, JWTs. Whoever knew the old password
// is out now, whichever way they came in. Only systems with server tokens go on.
func TestChangePassword(t *testing.T) {
	w := newWorld(t, withPasswords(&plainHasher{mark: "1"}))
	ok(t, w.SetPassword(w.ctx, alice, "first words"))
	w.clock.advance(time.Second)
	in := must(w.SignInWithPassword(w.ctx, "alice@example.com", "first words", browser))(t)
	other := must(w.SignInWithPassword(w.ctx, "alice@example.com", "first words", browser))(t)
	program, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: alice})
	ok(t, err)
	server := must(w.CreateApplication(w.ctx, "", chat.Application{ID: "intranet", Name: "Intranet", Kind: chat.AppServer}))(t)
	system, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: alice, App: server.ID})
	ok(t, err)
	waiting, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: alice})
	ok(t, err)
	jwt := fmt.Sprintf("alice.s1-%d.dated", w.clock.Now().Unix())
	must(w.Authenticate(w.ctx, jwt, "web-key"))(t)
	given := w.clock.Now()
	who := must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
	w.events.take()

	refused(t, "wrong current", w.ChangePassword(w.ctx, who, "x", "second words"), "wrong e-mail address or password")
	refused(t, "too short", w.ChangePassword(w.ctx, who, "first words", "short"), "invalid payload: password must have at least 8 characters")
	w.happened()
	ok(t, w.ChangePassword(w.ctx, who, "first words", "second words"))
	w.happened("logged out alice session=false kept=2")
	must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
	must(w.AuthenticateServer(w.ctx, system))(t)
	_, err = w.AuthenticateClient(w.ctx, other.Token, "")
	refused(t, "the other session", err, "invalid token")
	_, err = w.Authenticate(w.ctx, program, "web-key")
	refused(t, "a token of the host system", err, "invalid token")
	_, err = w.Authenticate(w.ctx, jwt, "web-key")
	refused(t, "a JWT", err, "invalid token")
	_, err = w.Authenticate(w.ctx, "alice.s1.good", "web-key")
	refused(t, "a JWT without a date", err, "invalid token")
	_, err = w.SignInWithCode(w.ctx, waiting, browser)
	refused(t, "a code that waited", err, "invalid code")
	if must(w.StillGood(w.ctx, alice, given))(t) {
		t.Error("an upload token from before is still good")
	}
	must(w.Authenticate(w.ctx, fmt.Sprintf("alice.s1-%d.dated", w.clock.Now().Unix()+1), "web-key"))(t)
	_, err = w.SignInWithPassword(w.ctx, "alice@example.com", "first words", browser)
	refused(t, "the old password", err, "wrong e-mail address or password")

	// A JWT through which the password is changed stays good.
	must(w.SignInWithPassword(w.ctx, "alice@example.com", "second words", browser))(t)
	w.clock.advance(time.Minute)
	jwt = fmt.Sprintf("alice.s2-%d.dated", w.clock.Now().Unix())
	who = must(w.Authenticate(w.ctx, jwt, "web-key"))(t)
	ok(t, w.ChangePassword(w.ctx, who, "second words", "third words"))
	must(w.Authenticate(w.ctx, jwt, "web-key"))(t)
	_, err = w.AuthenticateClient(w.ctx, in.Token, "")
	refused(t, "the first session", err, "invalid token")

	// A new password of the host system, which has no session to keep, ends all of them.
	ok(t, w.SetPassword(w.ctx, alice, "fourth words"))
	_, err = w.Authenticate(w.ctx, jwt, "web-key")
	refused(t, "a JWT", err, "invalid token")
}

// A first password that the host system, the operator or an administrator set ended nothing: a stolen token stayed good.
func TestAFirstPasswordOfOthersEndsLogIns(t *testing.T) {
	w := newWorld(t, withPasswords(&plainHasher{mark: "1"}))
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", carol, chat.OrganizationAdministrator))
	for a, set := range map[chat.AccountID]func() error{
		alice: func() error { return w.SetPassword(w.ctx, alice, "first words") },
		bob:   func() error { return w.AdminSetPassword(w.ctx, by(carol), bob, "first words") },
	} {
		stolen, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: a, App: "web"})
		ok(t, err)
		jwt := string(a) + ".s1.good"
		must(w.Authenticate(w.ctx, jwt, "web-key"))(t)
		w.events.take()
		ok(t, set())
		w.happened("logged out " + string(a) + " session=false")
		_, err = w.AuthenticateClient(w.ctx, stolen, "")
		refused(t, "the stolen token", err, "invalid token")
		_, err = w.Authenticate(w.ctx, jwt, "web-key")
		refused(t, "a JWT", err, "invalid token")
		must(w.SignInWithPassword(w.ctx, string(a)+"@example.com", "first words", browser))(t)
	}

	// The session that sets it for its own account goes on.
	own := w.fresh(carol)
	ok(t, w.AdminSetPassword(own, by(carol), carol, "first words"))
	if got := must(w.Tokens(w.ctx, carol))(t)[0]; !got.RevokedAt.IsZero() {
		t.Errorf("got %+v, want the calling session to go on", got)
	}
}

// A stolen token set the first password without any proof, and signed in with it when all tokens were revoked.
func TestAFirstPasswordNeedsAProof(t *testing.T) {
	w := newWorld(t, withPasswords(&plainHasher{mark: "1"}))
	stolen, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: bob, App: "web"})
	ok(t, err)
	thief := must(w.AuthenticateClient(w.ctx, stolen, ""))(t)
	refused(t, "a token of the host system", w.ChangePassword(w.ctx, thief, "", "words of a thief"), "sign in again")
	refused(t, "with a guess", w.ChangePassword(w.ctx, thief, "guess", "words of a thief"), "sign in again")
	jwt := must(w.Authenticate(w.ctx, "bob.s1.good", "web-key"))(t)
	refused(t, "a JWT", w.ChangePassword(w.ctx, jwt, "", "words of a thief"), "sign in again")

	code, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: bob})
	ok(t, err)
	in := must(w.SignInWithCode(w.ctx, code, browser))(t)
	who := must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
	if got, want := must(w.FreshUntil(w.ctx, who))(t), w.clock.Now().Add(10*time.Minute); !got.Equal(want) {
		t.Errorf("fresh until %v, want %v", got, want)
	}
	w.clock.advance(10 * time.Minute)
	if got := must(w.FreshUntil(w.ctx, who))(t); !got.IsZero() {
		t.Errorf("fresh until %v, want it to be over", got)
	}
	refused(t, "a sign-in of long ago", w.ChangePassword(w.ctx, who, "", "his first words"), "sign in again")

	code, _, err = w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: bob})
	ok(t, err)
	in = must(w.SignInWithCode(w.ctx, code, browser))(t)
	who = must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
	ok(t, w.ChangePassword(w.ctx, who, "", "his first words"))
	_, err = w.AuthenticateClient(w.ctx, stolen, "")
	refused(t, "the stolen token", err, "invalid token")

	// A sign-in of the last minutes also stands for a forgotten password; a wrong one is wrong all the same.
	refused(t, "wrong current", w.ChangePassword(w.ctx, who, "guess", "his second words"), "wrong e-mail address or password")
	ok(t, w.ChangePassword(w.ctx, who, "", "his second words"))
	w.clock.advance(10 * time.Minute)
	refused(t, "without it", w.ChangePassword(w.ctx, who, "", "his third words"), "sign in again")
	ok(t, w.ChangePassword(w.ctx, who, "his second words", "his third words"))

	must(w.SignInWithPassword(w.ctx, "bob@example.com", "his third words", browser))(t)
	ok(t, w.RevokeTokens(w.ctx, bob))
	_, err = w.SignInWithPassword(w.ctx, "bob@example.com", "his third words", browser)
	refused(t, "with the password after everything was revoked", err, "wrong e-mail address or password")
}

// A clock that was two days ahead left sign-ins and ends of log-ins in the future. For two days, a session was a fresh proof of
// identity, and no JWT, upload token or known device was valid.
func TestSignInsAfterAWrongClock(t *testing.T) {
	const days = 48 * time.Hour
	for what, correct := range map[string]func(*world){
		"a server that runs": func(*world) {},
		"a start":            func(w *world) { ok(t, w.FollowClock(w.ctx)) },
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, withMail, withPasswords(&plainHasher{mark: "1"}))
			ok(t, w.SetPassword(w.ctx, alice, "first words"))
			w.clock.advance(days)
			in := must(w.SignInWithPassword(w.ctx, "alice@example.com", "first words", browser))(t)
			who := must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
			ok(t, w.ChangePassword(w.ctx, who, "first words", "second words"))
			ahead := w.clock.Now().Add(time.Second)
			w.clock.advance(-days)
			correct(w)
			must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
			if got := must(w.FreshUntil(w.ctx, who))(t); !got.IsZero() {
				t.Errorf("fresh until %v, want a session of the future to prove nothing", got)
			}
			refused(t, "a first password", w.ChangePassword(w.ctx, who, "", "words of a thief"), "sign in again")

			before := w.clock.Now()
			if must(w.StillGood(w.ctx, alice, before))(t) {
				t.Error("what was given before is good")
			}
			jwt := func() string { return fmt.Sprintf("alice.s1-%d.dated", w.clock.Now().Unix()) }
			_, err := w.Authenticate(w.ctx, jwt(), "web-key")
			refused(t, "a JWT of before", err, "invalid token")
			w.clock.advance(time.Second)
			must(w.Authenticate(w.ctx, jwt(), "web-key"))(t)
			if !must(w.StillGood(w.ctx, alice, w.clock.Now()))(t) {
				t.Error("an upload token of after is not good")
			}
			if !must(w.KnownDevice(w.ctx, "alice@example.com", w.clock.Now()))(t) {
				t.Error("a device that signed in after is not known")
			}
			if must(w.StillGood(w.ctx, alice, before))(t) || must(w.StillGood(w.ctx, alice, ahead))(t) {
				t.Error("what was given before, or in the future, is good")
			}
			w.clock.advance(days)
			must(w.Authenticate(w.ctx, jwt(), "web-key"))(t)
		})
	}
}

// Revoking everything also ends what a thief may have left behind.
func TestRevokingEverything(t *testing.T) {
	w := newWorld(t)
	policy := chat.IdentityPolicy{MatchEmail: true}
	linked := chat.ExternalIdentity{Issuer: "https://login.example.test", Subject: "1", Email: "alice@example.com", EmailVerified: true, Name: "Alice"}
	before, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: alice, App: "web"})
	ok(t, err)
	w.clock.advance(time.Minute)
	must(w.SignInCodeFor(w.ctx, linked, policy))(t)
	_, err = w.AuthenticateClient(w.ctx, before, "")
	refused(t, "a session from before the identity was linked", err, "invalid token")
	waiting := must(w.SignInCodeFor(w.ctx, linked, policy))(t)
	w.clock.advance(time.Minute)
	jwt := fmt.Sprintf("alice.s1-%d.dated", w.clock.Now().Unix())
	must(w.Authenticate(w.ctx, jwt, "web-key"))(t)

	ok(t, w.RevokeTokens(w.ctx, alice))
	_, err = w.SignInWithCode(w.ctx, waiting, browser)
	refused(t, "the code that waited", err, "invalid code")
	_, err = w.Authenticate(w.ctx, jwt, "web-key")
	refused(t, "a JWT", err, "invalid token")
	if must(w.StillGood(w.ctx, alice, w.clock.Now()))(t) {
		t.Error("an upload token is still good")
	}
	_, err = w.SignInCodeFor(w.ctx, linked, chat.IdentityPolicy{})
	refused(t, "the identity that was linked", err, "no account for this sign-in")
	w.clock.advance(time.Second)
	if !must(w.StillGood(w.ctx, alice, w.clock.Now()))(t) {
		t.Error("what is given afterwards is not good")
	}

	// The identity that an account was made for is the person's only way back to it.
	own := chat.ExternalIdentity{Issuer: "https://login.example.test", Subject: "2", Name: "Own"}
	first := must(w.SignInWithCode(w.ctx, must(w.SignInCodeFor(w.ctx, own, chat.IdentityPolicy{Create: true}))(t), browser))(t)
	ok(t, w.RevokeTokens(w.ctx, first.Person.ID))
	again := must(w.SignInWithCode(w.ctx, must(w.SignInCodeFor(w.ctx, own, chat.IdentityPolicy{}))(t), browser))(t)
	if again.Person.ID != first.Person.ID {
		t.Errorf("signed in as %s, want %s again", again.Person.ID, first.Person.ID)
	}

	// A code that was mailed to an address counts no more when the address has changed.
	mailed, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: bob})
	ok(t, err)
	must(w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Email: new("bob@elsewhere.example")}))(t)
	_, err = w.SignInWithCode(w.ctx, mailed, browser)
	refused(t, "a code that was mailed to another address", err, "invalid code")

	must(w.UpdateAccount(w.ctx, bob, chat.AccountPatch{Active: new(false)}))(t)
	if must(w.StillGood(w.ctx, bob, w.clock.Now()))(t) {
		t.Error("an upload token of an inactive account is good")
	}
}

func TestEndOtherSessions(t *testing.T) {
	w := newWorld(t)
	code, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: alice})
	ok(t, err)
	in := must(w.SignInWithCode(w.ctx, code, browser))(t)
	who := must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
	other, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: alice, App: "web"})
	ok(t, err)
	w.events.take()
	ok(t, w.EndOtherSessions(w.ctx, who))
	w.happened("logged out alice session=false kept=1")
	must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
	_, err = w.AuthenticateClient(w.ctx, other, "")
	refused(t, "another session", err, "invalid token")
	_, err = w.Authenticate(w.ctx, "alice.s1.good", "web-key")
	refused(t, "a JWT", err, "invalid token")
}

func TestSignInWithIdentity(t *testing.T) {
	w := newWorld(t)
	const issuer = "https://login.example.test"
	policy := chat.IdentityPolicy{MatchEmail: true, Create: true, Organization: "demo"}
	signIn := func(e chat.ExternalIdentity, p chat.IdentityPolicy) chat.AccountID {
		t.Helper()
		code := must(w.SignInCodeFor(w.ctx, e, p))(t)
		return must(w.SignInWithCode(w.ctx, code, browser))(t).Person.ID
	}
	ofAlice := chat.ExternalIdentity{Issuer: issuer, Subject: "1", Email: "ALICE@example.com", EmailVerified: true, Name: "A. Lice"}
	for what, p := range map[string]chat.IdentityPolicy{"by nothing": {}, "by an address alone": {MatchEmail: true}} {
		unverified := ofAlice
		unverified.EmailVerified = false
		_, err := w.SignInCodeFor(w.ctx, unverified, p)
		refused(t, what, err, "no account for this sign-in")
	}
	if got := signIn(ofAlice, policy); got != alice {
		t.Errorf("signed in %s, want alice", got)
	}
	// From then on it is the subject that counts.
	ofAlice.Email, ofAlice.EmailVerified = "elsewhere@example.com", false
	if got := signIn(ofAlice, chat.IdentityPolicy{}); got != alice {
		t.Errorf("signed in %s, want alice again", got)
	}

	// Somebody else got the address at the provider: they are not Alice.
	next := chat.ExternalIdentity{Issuer: issuer, Subject: "2", Email: "alice@example.com", EmailVerified: true, Name: "Alice the second", Picture: "https://pictures.example.test/2.png"}
	_, err := w.SignInCodeFor(w.ctx, next, chat.IdentityPolicy{MatchEmail: true})
	refused(t, "a new owner of the address", err, "no account for this sign-in")
	w.events.take()
	second := signIn(next, policy)
	a := must(w.Account(w.ctx, second))(t)
	if second == alice || a.Name != "Alice the second" || a.Avatar != next.Picture || a.Email != next.Email {
		t.Errorf("made %+v, want an account of their own", a)
	}
	if got := must(w.Account(w.ctx, signIn(next, policy)))(t).ID; got != second {
		t.Errorf("second sign-in is %s, want %s", got, second)
	}
	must(w.SendMessage(w.ctx, by(second), bob, text("hello, colleague")))(t)

	// An address that nobody verified is not written down.
	plain := chat.ExternalIdentity{Issuer: issuer, Subject: "3", Email: "bob@example.com", Picture: "javascript:alert(1)"}
	a = must(w.Account(w.ctx, signIn(plain, policy)))(t)
	if a.ID == bob || a.Email != "" || a.Name != "bob" || a.Avatar != "" {
		t.Errorf("made %+v, want somebody without the address", a)
	}
	must(w.UpdateAccount(w.ctx, a.ID, chat.AccountPatch{Active: new(bool)}))(t)
	_, err = w.SignInCodeFor(w.ctx, plain, policy)
	refused(t, "inactive", err, "no account for this sign-in")

	for what, e := range map[string]chat.ExternalIdentity{"no issuer": {Subject: "1"}, "no subject": {Issuer: issuer}, "long": {Issuer: issuer, Subject: strings.Repeat("x", 256)}} {
		_, err := w.SignInCodeFor(w.ctx, e, policy)
		refused(t, what, err, "invalid payload: identity must have an issuer and a subject")
	}
	policy.Organization = "none"
	_, err = w.SignInCodeFor(w.ctx, chat.ExternalIdentity{Issuer: issuer, Subject: "4", Name: "Four"}, policy)
	refused(t, "an organization that is not there", err, "no account for this sign-in")
}

// Somebody makes an account with the address of another person and a password, and waits until that person signs in with the
// provider. The person then has the account alone.
func TestIdentityTakesAnAccountOver(t *testing.T) {
	w := newWorld(t, withPasswords(&plainHasher{mark: "1"}))
	ok(t, w.SetPassword(w.ctx, alice, "known to a stranger"))
	in := must(w.SignInWithPassword(w.ctx, "alice@example.com", "known to a stranger", browser))(t)
	e := chat.ExternalIdentity{Issuer: "https://login.example.test", Subject: "1", Email: "alice@example.com", EmailVerified: true, Name: "Alice"}
	must(w.SignInCodeFor(w.ctx, e, chat.IdentityPolicy{MatchEmail: true}))(t)
	_, err := w.AuthenticateClient(w.ctx, in.Token, "")
	refused(t, "the session", err, "invalid token")
	_, err = w.SignInWithPassword(w.ctx, "alice@example.com", "known to a stranger", browser)
	refused(t, "the password", err, "wrong e-mail address or password")
}

func TestSessions(t *testing.T) {
	w := newWorld(t)
	signIn := func(a chat.AccountID, name string) chat.Identity {
		t.Helper()
		w.clock.advance(time.Second)
		code, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: a})
		ok(t, err)
		in := must(w.SignInWithCode(w.ctx, code, chat.Device{App: "web", Name: name}))(t)
		return must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
	}
	phone, desk, ofBob := signIn(alice, "phone"), signIn(alice, strings.Repeat("界", 300)), signIn(bob, "")
	_, late, err := w.IssueToken(w.ctx, chat.NewToken{Account: alice, TTL: time.Second})
	ok(t, err)
	program, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: alice, Label: "program"})
	ok(t, err)
	began := w.clock.Now()
	w.clock.advance(90 * time.Second)
	must(w.Authenticate(w.ctx, program, "web-key"))(t)

	check := func(when string) {
		t.Helper()
		all := must(w.Sessions(w.ctx, phone))(t)
		var names []string
		for _, s := range all {
			names = append(names, s.Label+"/"+s.AppName)
			if s.Current != (s.Session == phone.Session) || s.Session == late.Session {
				t.Errorf("%s: got %+v", when, s)
			}
		}
		same(t, when, names, []string{"program/", strings.Repeat("界", 200) + "/Web", "phone/Web"})
		if got := all[0].SeenAt; !got.Equal(began.Add(90 * time.Second)) {
			t.Errorf("%s: program seen at %v, want %v", when, got, began.Add(90*time.Second))
		}
	}
	check("before it is written down")
	ok(t, w.WriteSeen(w.ctx))
	check("after")

	w.events.take()
	refused(t, "another one's", w.EndSession(w.ctx, phone, ofBob.Session), "not found")
	refused(t, "nobody's", w.EndSession(w.ctx, phone, "none"), "not found")
	w.happened()
	ok(t, w.EndSession(w.ctx, phone, desk.Session))
	refused(t, "again", w.EndSession(w.ctx, phone, desk.Session), "not found")
	w.happened("logged out alice session=true")
	ok(t, w.SignOut(w.ctx, phone))
	w.happened("logged out alice session=true")
	if got := must(w.Sessions(w.ctx, phone))(t); len(got) != 1 {
		t.Errorf("left %+v, want the program's", got)
	}

	jwt := must(w.AuthenticateClient(w.ctx, "alice.s1.good", "web-key"))(t)
	ok(t, w.SignOut(w.ctx, jwt))
	_, err = w.AuthenticateClient(w.ctx, "alice.s1.good", "web-key")
	refused(t, "a JWT that signed out", err, "invalid token")
}

// Earlier versions stored domains in letters of any width as they came. Once addresses were looked up in one form, such a
// person could not sign in any more.
func TestEmailsOfEarlierVersionsAreRewritten(t *testing.T) {
	w := newWorld(t, withPasswords(&plainHasher{mark: "1"}))
	store := func(a chat.AccountID, email string) {
		t.Helper()
		account := must(w.Account(w.ctx, a))(t)
		account.Email = email
		ok(t, w.store.Update(w.ctx, func(tx chat.Tx) error { return tx.UpdateAccount(account) }))
	}
	must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Email: new("alice@example.com")}))(t)
	ok(t, w.SetPassword(w.ctx, alice, "correct horse"))
	store(alice, "alice@ｅｘａｍｐｌｅ．com")
	store(bob, "alice@ｅｘａｍｐｌｅ。com")
	store(carol, "carol@müller.example")
	store(dave, "dave@ü@")
	// Addresses of ASCII alone were neither rewritten nor reported.
	kept := map[chat.AccountID]string{"erin": "Erin <erin@example.com>", "fay": "fay@example.com\r\nBcc: x@example.com", "gil": "gil @example.com"}
	for id, email := range kept {
		must(w.CreateAccount(w.ctx, chat.Account{ID: id, Name: string(id)}))(t)
		store(id, email)
	}
	must(w.CreateAccount(w.ctx, chat.Account{ID: "hana", Name: "Hana"}))(t)
	store("hana", " hana@Example.com ")
	_, err := w.SignInWithPassword(w.ctx, "alice@example.com", "correct horse", browser)
	refused(t, "before", err, "wrong e-mail address or password")

	want := chat.RewrittenEmails{Rewritten: 2, Taken: []chat.AccountID{bob}, Invalid: []chat.AccountID{dave, "erin", "fay", "gil"}}
	if diff := cmp.Diff(must(w.RewriteEmails(w.ctx))(t), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	must(w.SignInWithPassword(w.ctx, "alice@example.com", "correct horse", browser))(t)
	must(w.SignInWithPassword(w.ctx, "alice@ｅｘａｍｐｌｅ.com", "correct horse", browser))(t)
	maps.Copy(kept, map[chat.AccountID]string{alice: "alice@example.com", bob: "alice@ｅｘａｍｐｌｅ。com", carol: "carol@müller.example", "hana": "hana@example.com"})
	for a, email := range kept {
		if got := must(w.Account(w.ctx, a))(t).Email; got != email {
			t.Errorf("%s: got %q, want %q", a, got, email)
		}
	}
	want.Rewritten = 0
	if diff := cmp.Diff(must(w.RewriteEmails(w.ctx))(t), want); diff != "" {
		t.Errorf("again (-got +want):\n%s", diff)
	}
}
