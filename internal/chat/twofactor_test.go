package chat_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/settings"
	"parley/test/postgres"
)

const horse = "correct horse"

// twoFactorWorld is a world in which all people have the same password.
func twoFactorWorld(t *testing.T, change ...func(*chat.Options)) *world {
	t.Helper()
	w := newWorld(t, append([]func(*chat.Options){withPasswords(&plainHasher{mark: "1"})}, change...)...)
	for _, a := range []chat.AccountID{alice, bob, carol, dave} {
		ok(t, w.SetPassword(w.ctx, a, horse))
	}
	return w
}

func withPolicy(p chat.TwoFactorPolicy) func(*chat.Options) {
	return func(o *chat.Options) { o.Settings.TwoFactor = p }
}

// app returns the code that an authenticator app shows in the time step that is steps after the present one.
func (w *world) app(secret string, steps int) string {
	w.t.Helper()
	return must(hotp.GenerateCode(secret, uint64(w.clock.Now().Unix()/30+int64(steps))))(w.t)
}

// wrongCode returns a code of six digits that differs from the valid ones.
func (w *world) wrongCode(secret string) string {
	for n := 0; ; n++ {
		code := fmt.Sprintf("%06d", n)
		if code != w.app(secret, -1) && code != w.app(secret, 0) && code != w.app(secret, 1) {
			return code
		}
	}
}

func (w *world) password(a chat.AccountID) chat.SignedIn {
	w.t.Helper()
	return must(w.SignInWithPassword(w.ctx, string(a)+"@example.com", horse, browser))(w.t)
}

// ticket returns the ticket of a sign-in with the correct password.
func (w *world) ticket(a chat.AccountID) string {
	w.t.Helper()
	in := w.password(a)
	if in.Needs == nil || in.Needs.SetUp || in.Token != "" || in.Session != "" {
		w.t.Fatalf("got %+v, want a sign-in that needs a code", in)
	}
	return in.Needs.Ticket
}

// turnOn turns on two-factor for the account and advances the clock to the next code.
func (w *world) turnOn(a chat.AccountID) (secret string, recovery []string) {
	w.t.Helper()
	who := must(w.AuthenticateClient(w.ctx, w.password(a).Token, ""))(w.t)
	made := must(w.BeginTwoFactor(w.ctx, who, chat.Proof{}))(w.t)
	recovery = must(w.ConfirmTwoFactor(w.ctx, who, w.app(made.Secret, 0)))(w.t)
	w.clock.advance(30 * time.Second)
	return made.Secret, recovery
}

func TestTwoFactor(t *testing.T) {
	w := twoFactorWorld(t)
	in := w.password(alice)
	who := must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
	w.audit()
	made := must(w.BeginTwoFactor(w.ctx, who, chat.Proof{}))(t)
	uri := must(url.Parse(made.URI))(t)
	if got := uri.Query(); uri.Scheme != "otpauth" || uri.Host != "totp" || uri.Path != "/parley:alice@example.com" || got.Get("secret") != made.Secret ||
		got.Get("issuer") != "parley" || got.Get("digits") != "6" || got.Get("period") != "30" || got.Get("algorithm") != "SHA1" || len(made.Secret) != 32 {
		t.Errorf("address %s, want one for an app", made.URI)
	}

	// Nothing changes until the secret is confirmed. A second secret replaces the first.
	if again := w.password(alice); again.Needs != nil {
		t.Errorf("got %+v, want a sign-in without a code", again)
	}
	_, err := w.ConfirmTwoFactor(w.ctx, who, w.wrongCode(made.Secret))
	refused(t, "a wrong code", err, "wrong code")
	first := made
	made = must(w.BeginTwoFactor(w.ctx, who, chat.Proof{Password: horse}))(t)
	_, err = w.ConfirmTwoFactor(w.ctx, who, w.app(first.Secret, 0))
	refused(t, "the code of the first secret", err, "wrong code")
	recovery := must(w.ConfirmTwoFactor(w.ctx, who, w.app(made.Secret, 0)))(t)
	if slices.Sort(recovery); len(slices.Compact(recovery)) != 10 {
		t.Errorf("recovery codes %v, want ten", recovery)
	}
	state := must(w.TwoFactorState(w.ctx, who))(t)
	same(t, "state", state, chat.TwoFactorState{OnAt: w.clock.Now(), Recovery: 10, Password: true})

	// A code works once, including the one that turned two-factor on.
	ticket := w.ticket(alice)
	_, err = w.FinishSignIn(w.ctx, ticket, w.app(made.Secret, 0), browser)
	refused(t, "the code that has turned it on", err, "code already used")
	code := w.app(made.Secret, 1)
	in = must(w.FinishSignIn(w.ctx, ticket, code[:3]+" "+code[3:], browser))(t)
	if in.Person.ID != alice || in.Needs != nil {
		t.Errorf("got %+v, want Alice", in)
	}
	must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
	_, err = w.FinishSignIn(w.ctx, ticket, w.app(made.Secret, 1), browser)
	refused(t, "the ticket again", err, "sign-in expired")
	ticket = w.ticket(alice)
	_, err = w.FinishSignIn(w.ctx, ticket, code, browser)
	refused(t, "the code again", err, "code already used")
	_, err = w.FinishSignIn(w.ctx, ticket, w.app(made.Secret, 0), browser)
	refused(t, "an earlier code", err, "code already used")

	// A recovery code works once as well.
	lower := strings.ToLower(strings.ReplaceAll(recovery[0], "-", ""))
	must(w.FinishSignIn(w.ctx, ticket, lower, browser))(t)
	ticket = w.ticket(alice)
	for what, code := range map[string]string{"used": recovery[0], "unknown": "AAAA-BBBB-CCCC-DDDD", "nothing": "", "huge": strings.Repeat("1", 1<<20)} {
		_, err = w.FinishSignIn(w.ctx, ticket, code, browser)
		refused(t, what, err, "wrong code")
	}
	got := w.audit()
	for i := range got {
		got[i] = strings.Replace(got[i], " device=Firefox on Linux", "", 1)
	}
	ok(t, w.WriteRefusals(w.ctx, true))
	counted := w.audit()
	slices.Sort(counted)
	got = append(got, counted...)
	same(t, "log", got, []string{
		"sign-in alice→alice method=password",
		"two-factor.on →alice replaced=false",
		"two-factor.asked →alice method=password",
		"sign-in.refused →alice method=password refusal=code already used",
		"sign-in alice→alice factor=app method=password",
		"sign-in.refused → method=two-factor refusal=sign-in expired",
		"two-factor.asked →alice method=password",
		"two-factor.recovery-code-used →alice left=9",
		"sign-in alice→alice factor=recovery-code method=password",
		"two-factor.asked →alice method=password",
		"sign-in.refused →alice method=password refusal=wrong code",
		"sign-in.refused →alice count=2 method=password refusal=code already used",
		"sign-in.refused →alice count=3 method=password refusal=wrong code",
	})
}

// The codes of RFC 6238, appendix B, shortened to six digits.
func TestTwoFactorCodes(t *testing.T) {
	w := twoFactorWorld(t)
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // 12345678901234567890
	for _, c := range []struct {
		at   int64
		code string
	}{
		{1111111109, "081804"}, {1111111111, "050471"}, {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
	} {
		for _, apart := range []time.Duration{-60 * time.Second, -30 * time.Second, 0, 30 * time.Second, 60 * time.Second} {
			w.clock.advance(time.Unix(c.at, 0).Add(apart).Sub(w.clock.Now()))
			ok(t, w.store.Update(w.ctx, func(tx chat.Tx) error {
				return tx.SaveTwoFactor(chat.TwoFactor{Account: alice, Secret: secret, OnAt: w.clock.Now()})
			}))
			_, err := w.FinishSignIn(w.ctx, w.ticket(alice), c.code, browser)
			if near := apart.Abs() <= 30*time.Second; near != (err == nil) {
				t.Errorf("code of %d at %v: %v", c.at, apart, err)
			}
		}
	}
}

// If many sign-ins use the same code at once on two nodes, one of them succeeds.
func TestTwoFactorCodeIsGoodOnce(t *testing.T) {
	w := &world{t: t, ctx: t.Context(), clock: &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}}
	ns := newNodes(t, postgres.Start(t, "fsync=off").Create(t), w.clock, &recorder{})
	hasher := withPasswords(&plainHasher{mark: "1"})
	nodes := []*node{ns.join(hasher), ns.join(hasher)}
	t.Cleanup(func() {
		for _, n := range nodes {
			ok(t, n.store.Close())
		}
	})
	w.Service = nodes[0].Service
	must(w.CreateApplication(w.ctx, "", chat.Application{ID: "web", Key: "web-key", Name: "Web"}))(t)
	must(w.CreateAccount(w.ctx, chat.Account{ID: alice, Name: "Alice", Email: "alice@example.com"}))(t)
	ok(t, w.SetPassword(w.ctx, alice, horse))
	secret, recovery := w.turnOn(alice)

	for what, code := range map[string]string{"app": w.app(secret, 0), "recovery code": recovery[0]} {
		var tickets []string
		for i := range 16 {
			in := must(nodes[i%2].SignInWithPassword(w.ctx, "alice@example.com", horse, browser))(t)
			tickets = append(tickets, in.Needs.Ticket)
		}
		var in atomic.Int32
		var all sync.WaitGroup
		for i, ticket := range tickets {
			all.Go(func() {
				// A ticket of one node works on the other.
				_, err := nodes[1-i%2].FinishSignIn(w.ctx, ticket, code, browser)
				if err == nil {
					in.Add(1)
				} else if !errors.Is(err, chat.ErrCodeUsed) && !errors.Is(err, chat.ErrWrongCode) && !errors.Is(err, chat.ErrTooManyRequests) {
					t.Errorf("%s: %v", what, err)
				}
			})
		}
		all.Wait()
		if in.Load() != 1 {
			t.Errorf("%s: let in %d, want 1", what, in.Load())
		}
	}
}

// After several wrong codes in a row, the account must wait, longer each time. Recovery codes still work.
func TestTwoFactorWrongCodes(t *testing.T) {
	w := twoFactorWorld(t)
	secret, recovery := w.turnOn(alice)
	try := func(code string) error {
		_, err := w.FinishSignIn(w.ctx, w.ticket(alice), code, browser)
		return err
	}
	for range 4 {
		refused(t, "wrong code", try(w.wrongCode(secret)), "wrong code")
	}
	ok(t, try(w.app(secret, 0))) // resets the count
	w.clock.advance(30 * time.Second)
	for range 5 {
		refused(t, "wrong code", try(w.wrongCode(secret)), "wrong code")
	}
	pause := 30 * time.Second
	for range 10 {
		for _, left := range []time.Duration{pause, time.Second} {
			err := try(w.app(secret, 0))
			refused(t, "a right code too early", err, "too many requests")
			var early *chat.TooManyCodesError
			if !errors.As(err, &early) || early.Wait != left {
				t.Errorf("got %#v, want a wait of %v", err, left)
			}
			w.clock.advance(left - time.Second)
			if left == time.Second {
				w.clock.advance(left)
			}
		}
		refused(t, "wrong code after the wait", try(w.wrongCode(secret)), "wrong code")
		pause = min(2*pause, time.Hour)
	}
	ok(t, try(recovery[3]))
	w.clock.advance(-24 * time.Hour) // the clock is set back
	w.clock.advance(24*time.Hour + pause)
	ok(t, try(w.app(secret, 0)))
	w.clock.advance(30 * time.Second)
	refused(t, "wrong code", try(w.wrongCode(secret)), "wrong code")
	ok(t, try(w.app(secret, 0)))
}

// Somebody who knew the password refused the owner's codes everywhere, by five wrong ones an hour. Devices and sessions that have signed
// in since two-factor was turned on are not kept out, and have no more attempts than others.
func TestTwoFactorKnownDevices(t *testing.T) {
	w := twoFactorWorld(t)
	before := w.clock.Now()
	w.clock.advance(time.Second)
	secret, _ := w.turnOn(alice)
	device := func(mark string, since time.Time) chat.Device {
		d := browser
		d.Known = func(email string) (string, time.Time, bool) { return mark, since, email == "alice@example.com" }
		return d
	}
	laptop, phone, early := device("laptop", w.clock.Now()), device("phone", w.clock.Now()), device("early", before)
	try := func(d chat.Device, code string) error {
		w.t.Helper()
		_, err := w.FinishSignIn(w.ctx, w.ticket(alice), code, d)
		return err
	}
	right := func() string { w.clock.advance(30 * time.Second); return w.app(secret, 0) }
	pause := func(d chat.Device) {
		t.Helper()
		for range 5 {
			refused(t, "wrong code", try(d, w.wrongCode(secret)), "wrong code")
		}
		for range 4 { // the pause is longer than the steps of the clock below
			w.clock.advance(time.Hour)
			refused(t, "wrong code", try(d, w.wrongCode(secret)), "wrong code")
		}
	}
	pause(browser)
	const tooMany = "too many requests"
	refused(t, "an unknown device", try(browser, right()), tooMany)
	refused(t, "a device from before two-factor", try(early, right()), tooMany)
	ok(t, try(laptop, right()))
	ok(t, try(laptop, right()))
	refused(t, "an unknown device after a known one", try(browser, right()), tooMany)

	// A session proves a change of the account with a code.
	in := must(w.FinishSignIn(w.ctx, w.ticket(alice), right(), laptop))(t)
	who := must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
	recovery := must(w.NewRecoveryCodes(w.ctx, who, chat.Proof{Code: right()}))(t)

	// A known device that guesses is bounded as unknown ones are, and does not keep others out.
	w.clock.advance(24 * time.Hour)
	pause(laptop)
	refused(t, "a known device that has guessed", try(laptop, right()), tooMany)
	ok(t, try(phone, right()))
	ok(t, try(browser, right()))
	ok(t, try(laptop, recovery[0]))

	// Ending the other log-ins makes a known device unknown.
	pause(browser)
	refused(t, "an unknown device", try(browser, right()), tooMany)
	ok(t, try(phone, right()))
	ok(t, w.EndOtherSessions(w.ctx, who))
	refused(t, "a device that was known", try(phone, right()), tooMany)
}

// A mailed link, a link of an administrator and a new password do not replace two-factor. A code of the
// host system, the operator or a provider does, because they have checked the person.
func TestTwoFactorWaysIn(t *testing.T) {
	w := twoFactorWorld(t, withMail)
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationAdministrator))
	secret, _ := w.turnOn(alice)
	asked := func(what string, want bool, in chat.SignedIn, err error) {
		t.Helper()
		ok(t, err)
		if (in.Needs != nil) != want {
			t.Errorf("%s: got %+v, want it asked: %t", what, in, want)
		}
		if want {
			must(w.FinishSignIn(w.ctx, in.Needs.Ticket, w.app(secret, 0), browser))(t)
			w.clock.advance(30 * time.Second)
		}
	}
	withCode := func(what string, want bool, code string) {
		t.Helper()
		in, err := w.SignInWithCode(w.ctx, code, browser)
		asked(what, want, in, err)
	}
	var mailed string
	ok(t, w.MailSignInLink(w.ctx, "alice@example.com", func(code string) string { mailed = code; return "" }))
	withCode("mailed link", true, mailed)
	made, _, err := w.AdminSignInCode(w.ctx, by(bob), alice, 0)
	ok(t, err)
	withCode("administrator's link", true, made)
	ok(t, w.AdminSetPassword(w.ctx, by(bob), alice, horse))
	in, err := w.SignInWithPassword(w.ctx, "alice@example.com", horse, browser)
	asked("administrator's password", true, in, err)

	made, _, err = w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: alice})
	ok(t, err)
	withCode("code of the operator", false, made)
	made = must(w.SignInCodeFor(w.ctx, chat.ExternalIdentity{
		Issuer: "https://login.example.test", Subject: "7", Email: "alice@example.com", EmailVerified: true,
	}, chat.IdentityPolicy{MatchEmail: true}))(t)
	withCode("provider", false, made)

	// An account that was found by its address may have the second factor of another person.
	ok(t, w.SetPassword(w.ctx, alice, horse))
	in, err = w.SignInWithPassword(w.ctx, "alice@example.com", horse, browser)
	asked("after the first sign-in with a provider", false, in, err)
}

// Ending all log-ins of the account also ends sign-ins that wait for a code.
func TestTwoFactorTicketEnds(t *testing.T) {
	w := twoFactorWorld(t)
	secret, _ := w.turnOn(alice)
	for what, end := range map[string]func(){
		"time":        func() { w.clock.advance(15 * time.Minute) },
		"password":    func() { ok(t, w.SetPassword(w.ctx, alice, horse)) },
		"no password": func() { ok(t, w.RemovePassword(w.ctx, alice)); ok(t, w.SetPassword(w.ctx, alice, horse)) },
		"inactive": func() {
			must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Active: new(false)}))(t)
		},
	} {
		ticket := w.ticket(alice)
		end()
		_, err := w.FinishSignIn(w.ctx, ticket, w.app(secret, 0), browser)
		refused(t, what, err, "sign-in expired")
		must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Active: new(true)}))(t)
	}
	for _, ticket := range []string{"", "unknown"} {
		_, err := w.FinishSignIn(w.ctx, ticket, w.app(secret, 0), browser)
		refused(t, "no ticket", err, "sign-in expired")
	}
}

// A change needs the password or a code; a session alone, even a new one, is not enough.
func TestTwoFactorProof(t *testing.T) {
	w := twoFactorWorld(t)
	secret, recovery := w.turnOn(alice)
	in := must(w.FinishSignIn(w.ctx, w.ticket(alice), w.app(secret, 0), browser))(t)
	who := must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
	w.clock.advance(30 * time.Second)
	changes := map[string]func(chat.Proof) error{
		"begin":          func(p chat.Proof) error { _, err := w.BeginTwoFactor(w.ctx, who, p); return err },
		"recovery codes": func(p chat.Proof) error { _, err := w.NewRecoveryCodes(w.ctx, who, p); return err },
		"off":            func(p chat.Proof) error { return w.TurnOffTwoFactor(w.ctx, who, p) },
	}
	for what, change := range changes {
		refused(t, what+" without a proof", change(chat.Proof{}), "sign in again")
		refused(t, what+" with a wrong password", change(chat.Proof{Password: "wrong"}), "wrong e-mail address or password")
		refused(t, what+" with a wrong code", change(chat.Proof{Code: w.wrongCode(secret)}), "wrong code")
		refused(t, what+" with a wrong recovery code", change(chat.Proof{Code: "AAAA-BBBB-CCCC-DDDD"}), "wrong code")
		must(w.FinishSignIn(w.ctx, w.ticket(alice), w.app(secret, 0), browser))(t)
		w.clock.advance(30 * time.Second)
	}
	w.audit()
	fresh := must(w.NewRecoveryCodes(w.ctx, who, chat.Proof{Code: w.app(secret, 0)}))(t)
	refused(t, "the code again", changes["off"](chat.Proof{Code: w.app(secret, 0)}), "code already used")
	_, err := w.FinishSignIn(w.ctx, w.ticket(alice), recovery[0], browser)
	refused(t, "a replaced recovery code", err, "wrong code")

	// Another app replaces the first one when it is confirmed.
	made := must(w.BeginTwoFactor(w.ctx, who, chat.Proof{Password: horse}))(t)
	w.clock.advance(30 * time.Second)
	ticket := w.ticket(alice)
	must(w.FinishSignIn(w.ctx, ticket, w.app(secret, 0), browser))(t)
	must(w.ConfirmTwoFactor(w.ctx, who, w.app(made.Secret, 0)))(t)
	w.clock.advance(30 * time.Second)
	_, err = w.FinishSignIn(w.ctx, w.ticket(alice), w.app(secret, 0), browser)
	refused(t, "the first app", err, "wrong code")
	_, err = w.FinishSignIn(w.ctx, w.ticket(alice), fresh[0], browser)
	refused(t, "a recovery code from before", err, "wrong code")

	ok(t, w.TurnOffTwoFactor(w.ctx, who, chat.Proof{Code: w.app(made.Secret, 0)}))
	refused(t, "off again", w.TurnOffTwoFactor(w.ctx, who, chat.Proof{Password: horse}), "not found")
	if in := w.password(alice); in.Needs != nil {
		t.Errorf("got %+v, want a sign-in without a code", in)
	}
	got := slices.DeleteFunc(w.audit(), func(line string) bool { return strings.HasPrefix(line, "sign-in") })
	same(t, "log", got, []string{
		"two-factor.recovery-codes-made →alice", "two-factor.asked →alice method=password", "two-factor.asked →alice method=password",
		"two-factor.on →alice replaced=true", "two-factor.asked →alice method=password", "two-factor.asked →alice method=password", "two-factor.off →alice",
	})

	// To turn it on, a recent sign-in is enough.
	w.clock.advance(time.Hour)
	_, err = w.BeginTwoFactor(w.ctx, who, chat.Proof{})
	refused(t, "begin with an old session", err, "sign in again")
	token, _, err := w.IssueToken(w.ctx, chat.NewToken{Account: bob})
	ok(t, err)
	who = must(w.Authenticate(w.ctx, token, "web-key"))(t)
	_, err = w.BeginTwoFactor(w.ctx, who, chat.Proof{})
	refused(t, "begin with a token of the host", err, "sign in again")
	_, err = w.BeginTwoFactor(w.ctx, who, chat.Proof{Code: "123456"})
	refused(t, "begin with a code of nothing", err, "wrong code")
	_, err = w.ConfirmTwoFactor(w.ctx, who, "123456")
	refused(t, "confirm what was not begun", err, "wrong code")
}

// A person who must have two-factor gets no session before it is set up.
func TestTwoFactorRequired(t *testing.T) {
	for policy, want := range map[chat.TwoFactorPolicy]map[chat.AccountID]bool{
		chat.TwoFactorOptional:       {},
		chat.TwoFactorAdministrators: {alice: true, bob: true},
		chat.TwoFactorAll:            {alice: true, bob: true, carol: true, dave: true},
	} {
		w := twoFactorWorld(t, withPolicy(policy))
		ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationOwner))
		ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationAdministrator))
		for _, a := range []chat.AccountID{alice, bob, carol, dave} {
			in := w.password(a)
			if (in.Needs != nil && in.Needs.SetUp) != want[a] || (in.Token == "") != want[a] {
				t.Errorf("%s, %s: got %+v", policy, a, in)
			}
			if due := must(w.TwoFactorDue(w.ctx, a))(t); due != want[a] {
				t.Errorf("%s, %s: due %t", policy, a, due)
			}
		}
	}

	w := twoFactorWorld(t, withPolicy(chat.TwoFactorAll), withMail)
	w.audit()
	ticket := w.password(alice).Needs.Ticket
	_, err := w.FinishSignIn(w.ctx, ticket, "123456", browser)
	refused(t, "a code of nothing", err, "sign-in expired")
	_, _, err = w.ConfirmTwoFactorWith(w.ctx, ticket, "123456", browser)
	refused(t, "confirm what was not begun", err, "wrong code")
	_, err = w.BeginTwoFactorWith(w.ctx, "unknown")
	refused(t, "unknown ticket", err, "sign-in expired")
	made := must(w.BeginTwoFactorWith(w.ctx, ticket))(t)
	_, _, err = w.ConfirmTwoFactorWith(w.ctx, ticket, w.wrongCode(made.Secret), browser)
	refused(t, "wrong code", err, "wrong code")
	other := w.password(alice).Needs.Ticket // of another person who knows the password
	in, recovery, err := w.ConfirmTwoFactorWith(w.ctx, ticket, w.app(made.Secret, 0), browser)
	ok(t, err)
	who := must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
	if len(recovery) != 10 || in.Person.ID != alice {
		t.Errorf("got %+v and %d recovery codes, want Alice and ten", in, len(recovery))
	}
	_, err = w.BeginTwoFactorWith(w.ctx, other)
	refused(t, "set up over it", err, "sign-in expired")
	_, _, err = w.ConfirmTwoFactorWith(w.ctx, other, w.app(made.Secret, 1), browser)
	refused(t, "confirm over it", err, "sign-in expired")
	refused(t, "off", w.TurnOffTwoFactor(w.ctx, who, chat.Proof{Password: horse}), "two-factor is required")
	if state := must(w.TwoFactorState(w.ctx, who))(t); !state.Required {
		t.Errorf("got %+v, want it required", state)
	}
	same(t, "log", w.audit(), []string{
		"two-factor.asked →alice method=password",
		"sign-in.refused →alice method=password refusal=sign-in expired",
		"sign-in.refused →alice method=password refusal=wrong code",
		"sign-in.refused → method=two-factor refusal=sign-in expired",
		"two-factor.asked →alice method=password",
		"two-factor.on →alice replaced=false", "sign-in alice→alice device=Firefox on Linux factor=app method=password",
	})

	// A mailed link does not avoid it.
	var mailed string
	ok(t, w.MailSignInLink(w.ctx, "bob@example.com", func(code string) string { mailed = code; return "" }))
	if in := must(w.SignInWithCode(w.ctx, mailed, browser))(t); in.Needs == nil || !in.Needs.SetUp {
		t.Errorf("got %+v, want the set-up", in)
	}
	// A person without a password is not reminded.
	ok(t, w.RemovePassword(w.ctx, carol))
	if must(w.TwoFactorDue(w.ctx, carol))(t) {
		t.Error("due without a password")
	}
}

// The first person and invited people set it up at once if they must have it.
func TestTwoFactorOfNewPeople(t *testing.T) {
	w := emptyWorld(t, func(o *chat.Options) {
		c := config.Default()
		c.TimeZone, c.Auth.MinPassword, c.Auth.TwoFactor = "UTC", 8, "administrators"
		o.Passwords, o.Configuration = &plainHasher{mark: "1"}, settings.New(c, nil)
	})
	done := must(w.SetUp(w.ctx, installation(must(w.OpenSetUp(w.ctx, ""))(t))))(t)
	if done.Needs == nil || !done.Needs.SetUp || done.Token != "" {
		t.Fatalf("got %+v, want the set-up of two-factor", done)
	}
	invite := func(w *world) chat.SignedIn {
		made := must(w.CreateInvitation(w.ctx, by(alice), chat.NewInvitation{}))(t)
		return must(w.AcceptInvitation(w.ctx, made.Secret, newcomer(1)))(t)
	}
	if in := invite(invitingWorld(t, withPolicy(chat.TwoFactorAdministrators))); in.Needs != nil {
		t.Errorf("got %+v, want a member signed in", in)
	}
	w = invitingWorld(t, withPolicy(chat.TwoFactorAll))
	in := invite(w)
	if in.Needs == nil || !in.Needs.SetUp || in.Token != "" {
		t.Fatalf("got %+v, want the set-up of two-factor", in)
	}
	made := must(w.BeginTwoFactorWith(w.ctx, in.Needs.Ticket))(t)
	in, _, err := w.ConfirmTwoFactorWith(w.ctx, in.Needs.Ticket, w.app(made.Secret, 0), browser)
	ok(t, err)
	must(w.AuthenticateClient(w.ctx, in.Token, ""))(t)
}

func TestResetTwoFactor(t *testing.T) {
	w := twoFactorWorld(t)
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationOwner))
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationAdministrator))
	secret, _ := w.turnOn(alice)
	w.turnOn(carol)
	ticket := w.ticket(alice)
	w.audit()
	refused(t, "a member", w.AdminResetTwoFactor(w.ctx, by(carol), carol), "forbidden")
	refused(t, "an owner's, by an administrator", w.AdminResetTwoFactor(w.ctx, by(bob), alice), "forbidden")
	refused(t, "nobody's", w.AdminResetTwoFactor(w.ctx, by(bob), "nobody"), "account not found")
	p := must(w.AdminPerson(w.ctx, by(bob), carol))(t)
	ok(t, w.AdminResetTwoFactor(w.ctx, by(bob), carol))
	ok(t, w.AdminResetTwoFactor(w.ctx, by(bob), carol)) // again
	if now := must(w.AdminPerson(w.ctx, by(bob), carol))(t); !p.TwoFactor || now.TwoFactor {
		t.Errorf("two-factor %t, then %t, want it on and then off", p.TwoFactor, now.TwoFactor)
	}
	if in := w.password(carol); in.Needs != nil {
		t.Errorf("got %+v, want a sign-in without a code", in)
	}
	ok(t, w.ResetTwoFactor(w.ctx, alice)) // the operator
	_, err := w.FinishSignIn(w.ctx, ticket, w.app(secret, 0), browser)
	refused(t, "a ticket from before", err, "sign-in expired")
	got := slices.DeleteFunc(w.audit(), func(line string) bool { return strings.HasPrefix(line, "sign-in ") })
	same(t, "log", got, []string{"two-factor.reset bob→carol", "two-factor.reset →alice", "sign-in.refused → method=two-factor refusal=sign-in expired"})
}
