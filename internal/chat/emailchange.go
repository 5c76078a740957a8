package chat

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"
)

// EmailChange is a new e-mail address that the link in a mail has not confirmed yet. An account has
// at most one. Only the hash of the link's secret is stored.
type EmailChange struct {
	Account   AccountID
	Hash      [32]byte
	Email     string
	Session   SessionID // that asked for it, with the password: it goes on after the change
	ExpiresAt time.Time
}

const (
	emailChangeTTL = time.Hour      // of the link
	emailNoticeTTL = 24 * time.Hour // of the attempts to send a notice of a change
)

// EmailChangeOn reports whether people can change their own e-mail address.
func (s *Service) EmailChangeOn() bool { return s.MailOn() && s.PasswordsOn() }

// RequestEmailChange sends a link that confirms a new e-mail address to that address, and a notice to
// the present one. link returns the address of the link with a secret. The current password is
// required, because an address receives sign-in links: a stolen token must not be enough to change
// it.
//
// If another account has the new address, the mail says so and has no link. The result is the same,
// so it does not show who has an account.
//
// [ErrNotFound]: the server cannot send mail. [ErrWrongPassword]: current is not the password, or the
// account has none.
func (s *Service) RequestEmailChange(ctx context.Context, who Identity, email, current string, link func(secret string) string) error {
	if !s.MailOn() {
		return ErrNotFound
	}
	if !s.PasswordsOn() {
		return ErrPasswordsOff
	}
	email, err := cleanEmail("email", email)
	if err != nil {
		return err
	}
	if email == "" {
		return Invalid("email", "is required")
	}
	hash, err := view(ctx, s, func(tx Tx) (string, error) { return passwordOf(tx, who.Account.ID) })
	if err != nil {
		return err
	}
	if err := s.checkCurrent(ctx, current, hash); err != nil {
		return err
	}
	secret := newSecret()
	return s.store.Update(ctx, func(tx Tx) error {
		a, err := caller(tx, Actor{Account: who.Account.ID, App: who.App.ID})
		if err != nil {
			return err
		}
		// The password may have changed since it was checked.
		if now, err := passwordOf(tx, a.ID); err != nil {
			return err
		} else if now != hash {
			return ErrWrongPassword
		}
		if email == a.Email {
			return Invalid("email", "is the present address")
		}
		if err := s.record(ctx, tx, onAccount(AuditEmailRequested, a.ID).with("email", email)); err != nil {
			return err
		}
		if err := s.noticeEmailChange(tx, a, email); err != nil {
			return err
		}
		owner, taken, err := ownerOfEmail(tx, email, a.ID)
		if err != nil {
			return err
		}
		now := s.now()
		until := now.Add(emailChangeTTL)
		if taken {
			if err := tx.DeleteEmailChange(a.ID); err != nil { // the last request counts
				return err
			}
			subject, text := s.textFor(owner).emailTakenMail(s.Settings().Name)
			return s.queueMail(tx, email, subject, text, until)
		}
		if err := tx.SetEmailChange(EmailChange{Account: a.ID, Hash: sha256.Sum256([]byte(secret)), Email: email, Session: who.Session, ExpiresAt: until}, now); err != nil {
			return err
		}
		subject, text := s.textFor(a).emailChangeMail(s.Settings().Name, a.Name, link(secret), s.timeFor(a, until))
		return s.queueMail(tx, email, subject, text, until)
	})
}

// noticeEmailChange sends a notice of a requested change to the present address.
func (s *Service) noticeEmailChange(tx Tx, a Account, email string) error {
	if a.Email == "" {
		return nil
	}
	subject, text := s.textFor(a).emailNoticeMail(s.Settings().Name, a.Name, email)
	return s.queueMail(tx, a.Email, subject, text, s.now().Add(emailNoticeTTL))
}

// noticeNewEmail tells the former address that somebody other than the person has changed it.
func (s *Service) noticeNewEmail(tx Tx, old, a Account) error {
	if old.Email == "" || old.Email == a.Email || !a.Active || !s.MailOn() {
		return nil
	}
	subject, text := s.textFor(a).emailChangedMail(s.Settings().Name, a.Name, a.Email)
	return s.queueMail(tx, old.Email, subject, text, s.now().Add(emailNoticeTTL))
}

// emailFree refuses an e-mail address that an account other than but has.
func emailFree(tx Tx, email string, but AccountID) error {
	if email == "" {
		return nil
	}
	_, taken, err := ownerOfEmail(tx, email, but)
	if err == nil && taken {
		err = invalidEmail(ReasonEmailTaken, "is that of an account that exists")
	}
	return err
}

// ownerOfEmail reports whether an account other than but has the address. It returns that account if
// there is only one.
func ownerOfEmail(tx Tx, email string, but AccountID) (owner Account, taken bool, err error) {
	all, err := tx.AccountsByEmail(email)
	if err != nil {
		return Account{}, false, err
	}
	others := slices.DeleteFunc(slices.Clone(all), func(a Account) bool { return a.ID == but })
	if len(others) == 1 {
		owner = others[0]
	}
	return owner, len(others) > 0, nil
}

// EmailChangeSeen is a change of an e-mail address as a person with the link sees it.
type EmailChangeSeen struct {
	Name  string // of the person whose account it is
	Email string // the new address
}

// EmailChangeBySecret returns the change that the secret of a link confirms. It changes nothing,
// because mail scanners open links. [ErrInvalidCode]: there is no such change, or it has expired.
func (s *Service) EmailChangeBySecret(ctx context.Context, secret string) (EmailChangeSeen, error) {
	seen, err := view(ctx, s, func(tx Tx) (EmailChangeSeen, error) {
		a, c, err := s.waitingEmailChange(tx, secret)
		return EmailChangeSeen{Name: a.Name, Email: c.Email}, err
	})
	if err == ErrInvalidCode {
		s.RecordRefusal(ctx, Refusal{Kind: AuditEmailRefused, Reason: err})
	}
	return seen, err
}

// ConfirmEmailChange gives the account its new e-mail address, and ends its log-ins except the session that asked for the
// change. The secret works once. The refusals are those of [Service.EmailChangeBySecret], and an [InvalidError] if another account got the address in
// the meantime.
func (s *Service) ConfirmEmailChange(ctx context.Context, secret string) error {
	// Wrong secrets are refused without a write, because the server makes one write at a time.
	if _, err := s.EmailChangeBySecret(ctx, secret); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		a, c, err := s.waitingEmailChange(tx, secret)
		if err != nil {
			return err
		}
		if err := emailFree(tx, c.Email, a.ID); err != nil {
			return err
		}
		if err := tx.DeleteEmailChange(a.ID); err != nil {
			return err
		}
		from := OriginOf(ctx)
		from.Account, from.Session = a.ID, c.Session // the link is the proof
		_, err = s.changeAccount(WithOrigin(ctx, from), tx, a, AccountPatch{Email: &c.Email})
		return err
	})
}

// waitingEmailChange returns the change with the secret and its account.
func (s *Service) waitingEmailChange(tx Tx, secret string) (Account, EmailChange, error) {
	c, err := tx.EmailChange(sha256.Sum256([]byte(secret)))
	if err != nil {
		return Account{}, EmailChange{}, or(err, ErrInvalidCode)
	}
	a, err := tx.Account(c.Account)
	if err != nil {
		return Account{}, EmailChange{}, or(err, ErrInvalidCode)
	}
	if !a.Active || !s.now().Before(c.ExpiresAt) {
		return Account{}, EmailChange{}, ErrInvalidCode
	}
	return a, c, nil
}

func (t systemText) emailChangeMail(server, name, link, until string) (subject, text string) {
	return t.say("Confirm your new e-mail address for {1}", "确认你在 {1} 的新邮箱", server),
		t.say("Hello {1},\n\nthe account of {1} at {2} is to get this e-mail address. Open this link to confirm it. It works once, until {4}.\n\n{3}\n\n"+
			"If you have not asked for it, ignore this mail. The address is then not used.\n",
			"{1}，你好：\n\n{1} 在 {2} 的账号将改用此邮箱。请打开以下链接进行确认。链接仅可使用一次，有效期至 {4}。\n\n{3}\n\n如果这不是你本人的操作，请忽略此邮件，此邮箱不会被使用。\n",
			name, server, link, until)
}

func (t systemText) emailTakenMail(server string) (subject, text string) {
	return t.say("Your e-mail address has an account at {1}", "你的邮箱在 {1} 已有账号", server),
		t.say("Hello,\n\nsomebody asked to use this e-mail address for another account at {1}. The address already has an account there, so nothing changes.\n\n"+
			"If it was you, sign in with the account that has this address, or ask an administrator to change it.\n\n"+
			"If it was not you, ignore this mail. Nobody has got into your account.\n",
			"你好：\n\n有人请求将此邮箱用于 {1} 的另一个账号。此邮箱在该服务器上已有账号，因此不会有任何更改。\n\n如果这是你本人的操作，请使用此邮箱对应的账号登录，或联系管理员更改邮箱。\n\n如果这不是你本人的操作，请忽略此邮件，你的账号没有被他人登录。\n",
			server)
}

func (t systemText) emailNoticeMail(server, name, email string) (subject, text string) {
	return t.say("Your e-mail address for {1} is about to change", "你在 {1} 的邮箱即将更改", server),
		t.say("Hello {1},\n\nsomebody with your password asked to change the e-mail address of your account at {2} to {3}. "+
			"It changes when this is confirmed by a mail to the new address, within an hour.\n\n"+
			"If it was you, there is nothing to do here.\n\n"+
			"If it was not you, sign in now and change your password in the settings. This stops the change and signs out all other devices. "+
			"Tell an administrator as well.\n",
			"{1}，你好：\n\n有人使用你的密码请求将你在 {2} 的账号邮箱更改为 {3}。在一小时内通过新邮箱收到的邮件确认后，更改即会生效。\n\n如果这是你本人的操作，无需在此进行任何操作。\n\n"+
				"如果这不是你本人的操作，请立即登录并在设置中修改密码。修改密码会取消此次更改，并使其他设备全部退出登录。同时请告知管理员。\n",
			name, server, email)
}

// emailChangedMail is for the former address. email is the new one; empty: there is none.
func (t systemText) emailChangedMail(server, name, email string) (subject, text string) {
	subject = t.say("Your e-mail address for {1} was changed", "你在 {1} 的邮箱已更改", server)
	if email == "" {
		return subject, t.say("Hello {1},\n\nan administrator or a system of your company has removed the e-mail address of your account at {2}. "+
			"You can no longer sign in with this address.\n\nIf you did not expect this, tell an administrator.\n",
			"{1}，你好：\n\n管理员或公司的系统已移除你在 {2} 的账号邮箱，此邮箱不能再用于登录。\n\n如果你对此并不知情，请联系管理员。\n",
			name, server)
	}
	return subject, t.say("Hello {1},\n\nan administrator or a system of your company has changed the e-mail address of your account at {2} to {3}. "+
		"You can no longer sign in with this address.\n\nIf you did not expect this, tell an administrator.\n",
		"{1}，你好：\n\n管理员或公司的系统已将你在 {2} 的账号邮箱更改为 {3}，此邮箱不能再用于登录。\n\n如果你对此并不知情，请联系管理员。\n",
		name, server, email)
}
