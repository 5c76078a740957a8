package chat

import (
	"context"
	"time"
)

// MailID identifies a waiting mail.
type MailID string

// Mail is a mail that waits to be sent. It is stored in the transaction of the change that it tells
// of, so that a crash loses no mail. Its text may contain a secret.
type Mail struct {
	ID        MailID
	To        string // bare address
	Subject   string
	Text      string
	CreatedAt time.Time
	NextAt    time.Time // of the next attempt
	Until     time.Time // no attempt after this
	Attempts  int       // that have failed
}

// MailTx is the part of [Tx] for mail.
type MailTx interface {
	AddMail(Mail) error
	// DueMail returns the longest overdue first. Times in the future are from a clock that was ahead, so mail is due as well if its
	// first attempt is after first, or a further one after further.
	DueMail(now, first, further time.Time, limit int) ([]Mail, error)
	// CountMail counts the mail that was added before a time and is still attempted at now.
	CountMail(before, now time.Time) (int, error)
	PostponeMail(id MailID, next time.Time, attempts int) error
	DeleteMail(MailID) error
}

// The time between the attempts to send a mail doubles from the first to the last of these.
const (
	firstMailPause = 10 * time.Second
	lastMailPause  = 30 * time.Minute
)

// lateMail is the time after which waiting mail is shown to administrators.
const lateMail = 15 * time.Minute

// MailOn reports whether mail can be sent.
func (s *Service) MailOn() bool { return s.opts.Mail }

// LinksOn reports whether people can have a sign-in link sent to them.
func (s *Service) LinksOn() bool { return s.MailOn() && !s.SignInHidden(WayMail) }

// queueMail stores a mail. It is not attempted after until.
func (s *Service) queueMail(tx Tx, to, subject, text string, until time.Time) error {
	now := s.now()
	if err := tx.AddMail(Mail{ID: MailID(newID()), To: to, Subject: subject, Text: text, CreatedAt: now, NextAt: now, Until: until}); err != nil {
		return err
	}
	tx.Publish(MailQueued{})
	return nil
}

// DueMail returns at most limit mails whose next attempt is due. A mail from a time when the clock was ahead is due at once.
func (s *Service) DueMail(ctx context.Context, limit int) ([]Mail, error) {
	now := s.now()
	first := now.Add(clockSlack)
	return view(ctx, s, func(tx Tx) ([]Mail, error) { return tx.DueMail(now, first, first.Add(lastMailPause), limit) })
}

// MailSent deletes a mail that the mail server has accepted.
func (s *Service) MailSent(ctx context.Context, id MailID) error {
	return s.store.Update(ctx, func(tx Tx) error { return or(tx.DeleteMail(id), nil) })
}

// MailFailed postpones a mail. It deletes the mail if the failure is permanent or if the next attempt
// would be after Until, and reports whether it did.
func (s *Service) MailFailed(ctx context.Context, m Mail, permanent bool) (deleted bool, err error) {
	next := s.now().Add(min(firstMailPause<<min(m.Attempts, 16), lastMailPause))
	if permanent || next.After(m.Until) {
		return true, s.MailSent(ctx, m.ID)
	}
	return false, s.store.Update(ctx, func(tx Tx) error { return or(tx.PostponeMail(m.ID, next, m.Attempts+1), nil) })
}

// mailedCodeTTL is how long a sign-in link in a mail is valid.
const mailedCodeTTL = 30 * time.Minute

// MailSignInLink sends a sign-in link to the e-mail address if exactly one active account has it. It
// is for people who have forgotten their password or have none. The result does not show whether
// there is such an account. link returns the address of the link with a code.
// [ErrNotFound]: links are not sent; see [Service.LinksOn].
func (s *Service) MailSignInLink(ctx context.Context, email string, link func(code string) string) error {
	if !s.LinksOn() {
		return ErrNotFound
	}
	email, err := cleanEmail("email", email)
	if err != nil {
		return err
	}
	code := newCode()
	return s.store.Update(ctx, func(tx Tx) error {
		a, err := oneActive(tx, email)
		if err != nil {
			return err
		}
		if a.ID == "" { // also a write, so that the time of the answer does not show the difference
			return s.record(ctx, tx, AuditEntry{Kind: AuditLinkRequested})
		}
		now := s.now()
		until := now.Add(mailedCodeTTL)
		if err := tx.CreateSignInCode(SignInCode{Hash: hashCode(code), Account: a.ID, ExpiresAt: until}, now); err != nil {
			return err
		}
		if err := s.record(ctx, tx, onAccount(AuditLinkRequested, a.ID)); err != nil {
			return err
		}
		subject, text := s.textFor(a).signInMail(s.Settings().Name, a.Name, link(code), s.timeFor(a, until))
		return s.queueMail(tx, a.Email, subject, text, until)
	})
}

// oneActive returns the only active account with the address. If there is none or more than one, it
// returns the zero account.
func oneActive(tx Tx, email string) (Account, error) {
	if email == "" {
		return Account{}, nil
	}
	all, err := tx.AccountsByEmail(email)
	if err != nil {
		return Account{}, err
	}
	var found Account
	for _, a := range all {
		switch {
		case !a.Active:
		case found.ID != "":
			return Account{}, nil
		default:
			found = a
		}
	}
	return found, nil
}

// textFor returns the texts in the language of a person.
func (s *Service) textFor(a Account) systemText {
	if a.Language == "" {
		return s.text()
	}
	return systemText{chinese: a.Language == "zh"}
}

// timeFor formats a time in the language and the time zone of a person.
func (s *Service) timeFor(a Account, at time.Time) string {
	zone, _ := s.Locale()
	if own, err := time.LoadLocation(a.TimeZone); err == nil && a.TimeZone != "" {
		zone = own
	}
	name := zone.String()
	if zone == time.Local {
		name, _ = at.In(zone).Zone()
	}
	if s.textFor(a).chinese {
		return at.In(zone).Format("2006年1月2日 15:04") + "（" + name + "）"
	}
	return at.In(zone).Format("15:04 on 2 January 2006") + " (" + name + ")"
}

func (t systemText) signInMail(server, name, link, until string) (subject, text string) {
	return t.say("Sign in to {1}", "登录 {1}", server),
		t.say("Hello {1},\n\nthis link signs you in to {2}. It works once, until {4}. You can then set a new password in the settings.\n\n{3}\n\n"+
			"If you have not asked for it, ignore this mail. Nobody has got into your account.\n",
			"{1}，你好：\n\n打开以下链接即可登录 {2}。链接仅可使用一次，有效期至 {4}。登录后可以在设置中设置新密码。\n\n{3}\n\n如果这不是你本人的操作，请忽略此邮件，你的账号没有被他人登录。\n",
			name, server, link, until)
}

func (t systemText) invitationMail(organization, inviter, link string) (subject, text string) {
	subject = t.say("Invitation to {1}", "加入 {1} 的邀请", organization)
	if inviter == "" {
		return subject, t.say("Hello,\n\nyou are invited to {1}. Open this link to create your account:\n\n{2}\n",
			"你好：\n\n你受邀加入 {1}。打开以下链接即可创建账号：\n\n{2}\n", organization, link)
	}
	return subject, t.say("Hello,\n\n{1} invites you to {2}. Open this link to create your account:\n\n{3}\n",
		"你好：\n\n{1} 邀请你加入 {2}。打开以下链接即可创建账号：\n\n{3}\n", inviter, organization, link)
}
