package chat_test

import (
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

func withMail(o *chat.Options) { o.Mail = true }

func mailLink(code string) string { return "https://chat.example.test/sign-in#code=" + code }

// The answer does not show who has an account. An address of several accounts gets no link.
func TestMailSignInLink(t *testing.T) {
	w := newWorld(t, withMail)
	must(w.CreateAccount(w.ctx, chat.Account{ID: "twin", Name: "Twin", Email: "carol@example.com"}))(t)
	must(w.UpdateAccount(w.ctx, dave, chat.AccountPatch{Active: new(bool)}))(t)
	for _, email := range []string{"alice@EXAMPLE.com", "nobody@example.com", "carol@example.com", "dave@example.com", ""} {
		ok(t, w.MailSignInLink(w.ctx, email, mailLink))
	}
	refused(t, "no address", w.MailSignInLink(w.ctx, "alice", mailLink), "invalid payload: email must be an e-mail address like anna@example.test")
	due := must(w.DueMail(w.ctx, 10))(t)
	if len(due) != 1 || due[0].To != "alice@example.com" {
		t.Fatalf("mail %+v, want one for Alice", due)
	}
	refused(t, "without mail", newWorld(t).MailSignInLink(w.ctx, "alice@example.com", mailLink), "not found")
}

// The time between attempts grows. There is no attempt after the mail has expired.
func TestMailFailed(t *testing.T) {
	w := newWorld(t, withMail)
	ok(t, w.MailSignInLink(w.ctx, "alice@example.com", mailLink))
	attempts := 0
	for began := w.clock.Now(); w.clock.Now().Sub(began) < time.Hour; w.clock.advance(time.Second) {
		for _, m := range must(w.DueMail(w.ctx, 10))(t) {
			if m.Attempts != attempts {
				t.Fatalf("attempt %d has %d before it", attempts, m.Attempts)
			}
			attempts++
			forgotten := must(w.MailFailed(w.ctx, m, false))(t)
			if forgotten != (attempts == 8) {
				t.Fatalf("attempt %d: forgotten %t after %s", attempts, forgotten, w.clock.Now().Sub(began))
			}
		}
	}
	if attempts != 8 {
		t.Errorf("%d attempts in the half hour of the link, want 8", attempts)
	}
	ok(t, w.MailSignInLink(w.ctx, "bob@example.com", mailLink))
	if !must(w.MailFailed(w.ctx, must(w.DueMail(w.ctx, 1))(t)[0], true))(t) {
		t.Error("a mail that is refused for good is kept")
	}
}

// Administrators see mail that has waited too long, until it is no longer attempted.
func TestLateMail(t *testing.T) {
	w := newWorld(t, withMail)
	ok(t, w.MailSignInLink(w.ctx, "alice@example.com", mailLink))
	for _, want := range []int{0, 1, 0} { // at once, after 16 minutes, and when the link has expired
		if o := must(w.Overview(w.ctx, chat.Actor{}, 1, time.UTC))(t); o.LateMail != want {
			t.Errorf("got %d late mails, want %d", o.LateMail, want)
		}
		w.clock.advance(16 * time.Minute)
	}
}

// A mail has the language and the time zone of its reader, or those of the server.
func TestMailLocale(t *testing.T) {
	w := newWorld(t, withMail, func(o *chat.Options) { o.Settings.TimeZone = "Europe/Berlin" })
	must(w.UpdateProfile(w.ctx, chat.Actor{Account: bob}, chat.ProfilePatch{Language: new("zh"), TimeZone: new("Asia/Shanghai")}))(t)
	until := w.clock.Now().Add(30 * time.Minute)
	berlin, shanghai := must(time.LoadLocation("Europe/Berlin"))(t), must(time.LoadLocation("Asia/Shanghai"))(t)
	for email, want := range map[string]string{
		"alice@example.com": "until " + until.In(berlin).Format("15:04 on 2 January 2006") + " (Europe/Berlin)",
		"bob@example.com":   "有效期至 " + until.In(shanghai).Format("2006年1月2日 15:04") + "（Asia/Shanghai）",
	} {
		ok(t, w.MailSignInLink(w.ctx, email, mailLink))
		m := must(w.DueMail(w.ctx, 1))(t)[0]
		ok(t, w.MailSent(w.ctx, m.ID))
		if m.To != email || !strings.Contains(m.Text, want) {
			t.Errorf("mail to %s: %s\nwant it to have %q", m.To, m.Text, want)
		}
	}
}

// Language and time zone are checked, and changed by the person, the host system and administrators.
func TestAccountLocale(t *testing.T) {
	w := newWorld(t)
	for _, zone := range []string{"Mars/Olympus", "Local", "../etc/passwd"} {
		_, err := w.UpdateAccount(w.ctx, alice, chat.AccountPatch{TimeZone: &zone})
		refused(t, zone, err, "invalid payload: timeZone must be the name of a time zone, like Europe/Berlin")
	}
	_, err := w.UpdateProfile(w.ctx, chat.Actor{Account: alice}, chat.ProfilePatch{Language: new("fr")})
	refused(t, "fr", err, "invalid payload: language must be en or zh")
	_, err = w.CreateAccount(w.ctx, chat.Account{Name: "X", Language: "EN"})
	refused(t, "EN", err, "invalid payload: language must be en or zh")

	must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Language: new("zh"), TimeZone: new("UTC")}))(t)
	must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{TimeZone: new("")}))(t)
	if a := must(w.Account(w.ctx, alice))(t); a.Language != "zh" || a.TimeZone != "" {
		t.Errorf("language %q and time zone %q, want zh and none", a.Language, a.TimeZone)
	}
}

// Mail that was queued while the clock was ahead waited until the clock got there.
func TestMailOfAWrongClock(t *testing.T) {
	const days = 48 * time.Hour
	w := newWorld(t, withMail)
	w.clock.advance(days)
	for _, a := range []string{"alice", "bob"} {
		ok(t, w.MailSignInLink(w.ctx, a+"@example.com", func(code string) string { return code }))
	}
	m := must(w.DueMail(w.ctx, 1))(t)[0]
	must(w.MailFailed(w.ctx, m, false))(t)
	w.clock.advance(-days)
	due := must(w.DueMail(w.ctx, 9))(t)
	if len(due) != 2 {
		t.Fatalf("got %d mails, want both at once", len(due))
	}
	for _, m := range due {
		must(w.MailFailed(w.ctx, m, false))(t)
	}
	if due := must(w.DueMail(w.ctx, 9))(t); len(due) != 0 {
		t.Errorf("got %+v, want a pause after the attempt", due)
	}
	w.clock.advance(time.Minute)
	if due := must(w.DueMail(w.ctx, 9))(t); len(due) != 2 {
		t.Errorf("got %d mails, want both again", len(due))
	}
}
