package chat

import (
	"context"
	"errors"
	"time"
)

// Unsent is what an account has written in a chat and not sent, on any of its devices. Without a text and a message that it
// answers it says that the account has emptied or sent it.
type Unsent struct {
	Ref   ChatRef
	Text  string
	Refer MessageID // the message that it answers; 0: none. It may be gone.
	Note  string    // whatever the client that wrote it keeps with it
	At    time.Time // when it was written
}

// Empty reports whether nothing is written.
func (u Unsent) Empty() bool { return u.Text == "" && u.Refer == 0 }

func (u *Unsent) size() int { return len(u.Text) + len(u.Note) }

// UnsentChanged: to the account's sockets but Origin.
type UnsentChanged struct {
	Account AccountID
	Unsent  Unsent
	Origin  SocketID
}

func (UnsentChanged) event() {}

// UnsentTx are the operations on texts that are not sent.
type UnsentTx interface {
	Unsent(AccountID, ChatRef) (Unsent, error)
	// UnsentOf returns those of an account that are not empty, the newest first.
	UnsentOf(AccountID) ([]Unsent, error)
	SetUnsent(AccountID, Unsent) error
	// ForgetUnsent removes the empty ones of an account that are older than before.
	ForgetUnsent(a AccountID, before time.Time) error
}

// An empty draft is kept for this time, so that a device that was offline does not restore an older text.
const emptyUnsentFor = 30 * 24 * time.Hour

// A draft younger than this replaces one whose time is in the future because the clock of the server was ahead.
const justWritten = 10 * time.Second

// SetUnsent stores what the caller has written in a chat, unless what is stored was written later. It returns what is stored
// afterwards. At most Options.MaxUnsent chats of an account can have a text, with Options.MaxUnsentBytes together.
//
//   - [ErrMessageTooLong]: the text could not be sent either
//   - the errors of findChat, but an empty text is always taken
func (s *Service) SetUnsent(ctx context.Context, by Actor, u Unsent) (Unsent, error) {
	if err := s.checkUnsent(&u); err != nil {
		return Unsent{}, err
	}
	return update(ctx, s, func(tx Tx) (Unsent, error) {
		if _, err := caller(tx, by); err != nil {
			return Unsent{}, err
		}
		found, err := findChat(tx, by.Account, u.Ref)
		if err != nil && (!u.Empty() || found.ref.ID == "") {
			return Unsent{}, err
		}
		u.Ref = found.ref
		before, err := tx.Unsent(by.Account, u.Ref)
		fresh := errors.Is(err, ErrNoRow)
		switch {
		case err != nil && !fresh:
			return Unsent{}, err
		case fresh && u.Empty():
			return u, nil
		case !fresh && before.same(u):
			return before, nil
		case !fresh && (before.At.Equal(u.At) || before.At.After(s.now()) && u.At.After(s.now().Add(-justWritten))):
			// Two were written in the same millisecond, or the clock of the server was ahead: the one that arrives later is the
			// newer one. Each has another time, so that all devices agree.
			u.At = before.At.Add(time.Millisecond)
		case !fresh && before.At.After(u.At):
			return before, nil
		}
		if err := s.checkUnsentRoom(tx, by.Account, before, u); err != nil {
			return Unsent{}, err
		}
		if err := tx.SetUnsent(by.Account, u); err != nil {
			return Unsent{}, err
		}
		tx.Publish(UnsentChanged{Account: by.Account, Unsent: u, Origin: by.Socket})
		return u, tx.ForgetUnsent(by.Account, s.now().Add(-emptyUnsentFor))
	})
}

// checkUnsentRoom refuses a text if the account has too many with it. One that was there before and has not grown is always
// taken, because a limit can have become lower.
func (s *Service) checkUnsentRoom(tx Tx, a AccountID, before, u Unsent) error {
	if u.size() <= before.size() && !before.Empty() {
		return nil
	}
	all, err := tx.UnsentOf(a)
	if err != nil {
		return err
	}
	size := u.size() - before.size()
	for i := range all {
		size += all[i].size()
	}
	if most := s.live().MaxUnsent; before.Empty() && len(all) >= most {
		return Invalid("msg", "must not be kept for more than %d chats", most)
	}
	if most := s.opts.MaxUnsentBytes; size > most {
		return Invalid("msg", "must not be kept: all drafts together can have %d bytes", most)
	}
	return nil
}

func (s *Service) checkUnsent(u *Unsent) error {
	if now := s.now(); u.At.After(now) {
		u.At = now
	}
	u.At = u.At.UTC().Truncate(time.Millisecond)
	if err := checkText("msg", u.Text); err != nil {
		return err
	}
	if utf16Longer(u.Text, s.live().MaxText) {
		return ErrMessageTooLong
	}
	if u.Refer < 0 {
		return Invalid("refer", "must be a positive number")
	}
	if u.Empty() {
		u.Note = ""
	}
	return checkText("note", u.Note)
}

func (u Unsent) same(other Unsent) bool {
	return u.Text == other.Text && u.Refer == other.Refer && u.Note == other.Note
}

// UnsentTexts returns what the account has written and not sent, the newest first.
func (s *Service) UnsentTexts(ctx context.Context, a AccountID) ([]Unsent, error) {
	return view(ctx, s, func(tx Tx) ([]Unsent, error) { return tx.UnsentOf(a) })
}
