package chat_test

import (
	"testing"
	"time"

	"parley/internal/chat"
)

func withMail(o *chat.Options) { o.Mail = true }

func mailLink(code string) string { return "https://chat.example.test/sign-in#code=" + code }

// Nobody learns from the answer who has an account, and only one account can be meant.
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

// Attempts become rarer, and end with the use of the mail.
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
