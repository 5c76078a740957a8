package chat

import (
	"context"
	"slices"
	"time"
)

// The rule for availability: whether an account is connected at this moment, and what it says about itself. It has nothing to do
// with [Presence], which decides what is read.
//
//  1. Only contacts are told, and the account itself. They ask for the accounts that they show, and are told when something
//     changes, damped: see package delivery.
//  2. The attendance and the last time of an account are part of its activity: they are told only among accounts that show
//     theirs ([ActivityTx]). The status is told to all contacts, because the account says it itself.
//  3. The last time is told in steps.

// Attendance says whether an account is connected, on any node.
type Attendance uint8

// The attendances. Of several clients, the largest one counts.
const (
	Absent Attendance = iota
	Away              // connected, and none of its clients has been used for some time
	Online
)

// Status is what an account says about itself. It is over at Ends.
type Status struct {
	Emoji string    `cbor:",omitzero"` // in its fully-qualified form; empty: none
	Text  string    `cbor:",omitzero"`
	Quiet bool      `cbor:",omitzero"` // the account does not want to be disturbed
	Ends  time.Time `cbor:",omitzero"` // zero: it has no end
}

// IsZero reports whether nothing is said.
func (st Status) IsZero() bool { return st.Emoji == "" && st.Text == "" && !st.Quiet }

func (st Status) same(other Status) bool {
	return st.Emoji == other.Emoji && st.Text == other.Text && st.Quiet == other.Quiet && st.Ends.Equal(other.Ends)
}

// at returns the status at a time.
func (st Status) at(now time.Time) Status {
	if st.IsZero() || !st.Ends.IsZero() && !now.Before(st.Ends) {
		return Status{}
	}
	return st
}

// Seen is how long ago an account was connected last.
type Seen uint8

// The steps.
const (
	SeenUnknown Seen = iota
	SeenHour         // less than an hour ago, and so on
	SeenDay
	SeenWeek
	SeenMonth
	SeenLong // a month ago or longer
)

func seenStep(at, now time.Time) Seen {
	if at.IsZero() {
		return SeenUnknown
	}
	const day = 24 * time.Hour
	for i, step := range [...]time.Duration{time.Hour, day, 7 * day, 30 * day} {
		if now.Sub(at) < step {
			return SeenHour + Seen(i)
		}
	}
	return SeenLong
}

// Availability is what somebody is told about an account.
type Availability struct {
	Account    AccountID
	Known      bool // the account is a contact; otherwise nothing is told about it
	Shown      bool // Attendance and Seen are told
	Attendance Attendance
	Seen       Seen // of an account that is absent
	Status     Status
}

// without returns it without the activity.
func (a Availability) without() Availability {
	a.Shown, a.Attendance, a.Seen = false, Absent, SeenUnknown
	return a
}

// ToldAvailability says what several accounts are told about one.
type ToldAvailability struct {
	Availability             // everything
	All          []AccountID // the accounts that are told everything
	Some         []AccountID // the accounts that are told all but the activity
}

// ToSome returns what is told to Some.
func (t *ToldAvailability) ToSome() Availability { return t.without() }

// ToOthers returns what is told to those that are in neither list.
func (t *ToldAvailability) ToOthers() Availability { return Availability{Account: t.Account} }

// KeptStatus is what is stored of an account's availability.
type KeptStatus struct {
	Status
	SeenAt time.Time // when it was last connected; zero: it is not known
}

// AvailabilityTx are the operations on what is stored of the availability of accounts.
type AvailabilityTx interface {
	// ContactsAmong returns those of the accounts, in their order, that are active and are the account itself or its contacts.
	ContactsAmong(of AccountID, ids []AccountID) ([]AccountID, error)
	// KeptStatuses returns what is stored of accounts. Those without anything are left out.
	KeptStatuses(ids []AccountID) (map[AccountID]KeptStatus, error)
	SetStatus(AccountID, Status) error
	// SeeAccount moves the last time of an account forward, unless it is later already.
	SeeAccount(AccountID, time.Time) error
	// ForgetSeen removes the last time of an account.
	ForgetSeen(AccountID) error
}

// AvailabilityChanged: no push of its own. Others may be told something else about the accounts, and the accounts about others. No
// accounts means many.
type AvailabilityChanged struct{ Accounts []AccountID }

func (AvailabilityChanged) event() {}

// maxWatched is the maximum number of accounts that a client watches, and that one call names.
const maxWatched = 200

// Attended: no push of its own. A node tells the others which of its accounts are connected. It is in no commit.
//
// The numbers of a node have no gaps. A node that finds one asks for everything with [AttendanceWanted].
type Attended struct {
	Node   string
	Number int64
	Anew   bool // what the node has told before does not hold any more
	Online []AccountID
	Away   []AccountID
	Absent []AccountID
}

func (Attended) event() {}

// AttendanceWanted asks a node, or all nodes if it is empty, to tell about all their accounts. It is in no commit.
type AttendanceWanted struct{ Node string }

func (AttendanceWanted) event() {}

// CheckWatched refuses a list of accounts that is too long or has one that cannot be an id.
func CheckWatched(ids []AccountID) error {
	if len(ids) > maxWatched {
		return Invalid("ids", "must name at most %d accounts", maxWatched)
	}
	for _, id := range ids {
		if err := checkID("ids", id); err != nil {
			return err
		}
	}
	return nil
}

// Availabilities returns what the reader is told about accounts. Those that are neither the reader nor a contact are left out.
func (s *Service) Availabilities(ctx context.Context, reader AccountID, ids []AccountID) ([]Availability, error) {
	if err := CheckWatched(ids); err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return view(ctx, s, func(tx Tx) ([]Availability, error) {
		contacts, err := tx.ContactsAmong(reader, unique(ids))
		if err != nil || len(contacts) == 0 {
			return nil, err
		}
		kept, err := tx.KeptStatuses(contacts)
		if err != nil {
			return nil, err
		}
		showing, err := s.showing(tx, append([]AccountID{reader}, contacts...))
		if err != nil {
			return nil, err
		}
		all := make([]Availability, len(contacts))
		for i, a := range contacts {
			all[i] = s.availability(a, kept[a])
			if !showing[reader] || !showing[a] {
				all[i] = all[i].without()
			}
		}
		return all, nil
	})
}

// TellAvailability returns what each of the readers is told about an account at this moment.
func (s *Service) TellAvailability(ctx context.Context, a AccountID, readers []AccountID) (ToldAvailability, error) {
	return view(ctx, s, func(tx Tx) (ToldAvailability, error) {
		told := ToldAvailability{Availability: Availability{Account: a}}
		contacts, err := tx.ContactsAmong(a, readers)
		if err != nil || len(contacts) == 0 {
			return told, err
		}
		kept, err := tx.KeptStatuses([]AccountID{a})
		if err != nil {
			return told, err
		}
		showing, err := s.showing(tx, append([]AccountID{a}, contacts...))
		if err != nil {
			return told, err
		}
		told.Availability = s.availability(a, kept[a])
		for _, reader := range contacts {
			if showing[a] && showing[reader] {
				told.All = append(told.All, reader)
			} else {
				told.Some = append(told.Some, reader)
			}
		}
		return told, nil
	})
}

// showing returns which of the accounts show their activity.
func (s *Service) showing(tx Tx, ids []AccountID) (map[AccountID]bool, error) {
	showing := make(map[AccountID]bool, len(ids))
	if s.live().HideActivity {
		return showing, nil
	}
	shown, err := tx.ShowingActivity(ids)
	for _, a := range shown {
		showing[a] = true
	}
	return showing, err
}

func (s *Service) availability(a AccountID, kept KeptStatus) Availability {
	now := s.now()
	out := Availability{Account: a, Known: true, Shown: true, Status: kept.Status.at(now)}
	if s.opts.Attendance != nil {
		out.Attendance = s.opts.Attendance(a)
	}
	if out.Attendance == Absent {
		at := kept.SeenAt
		if noted := s.sightings.people.at(a); noted.After(at) {
			at = noted
		}
		out.Seen = seenStep(at, now)
	}
	return out
}

// AvailabilityPause returns the minimum time between two pushes of availabilities to a client.
func (s *Service) AvailabilityPause() time.Duration { return s.live().AvailabilityPause }

// SawAccount notes that an account is connected at this moment. It is stored later; see [Service.WriteSeen].
func (s *Service) SawAccount(a AccountID) { s.sightings.people.note(a, s.now()) }

// SetStatus stores what the caller says about itself, in place of what it has said before. An empty status says nothing.
func (s *Service) SetStatus(ctx context.Context, by Actor, st Status) (Status, error) {
	text, err := s.cleanLabel("text", st.Text)
	if err != nil {
		return Status{}, err
	}
	st.Text = text
	if err := checkLength("text", st.Text, s.live().MaxStatus); err != nil {
		return Status{}, err
	}
	st.Ends = st.Ends.UTC().Truncate(time.Millisecond)
	switch {
	case st.IsZero():
		st = Status{}
	case !st.Ends.IsZero() && !st.Ends.After(s.now()):
		return Status{}, Invalid("until", "must be in the future")
	}
	return update(ctx, s, func(tx Tx) (Status, error) {
		if _, err := caller(tx, by); err != nil {
			return Status{}, err
		}
		kept, err := tx.KeptStatuses([]AccountID{by.Account})
		if err != nil || kept[by.Account].same(st) {
			return st, err
		}
		if err := tx.SetStatus(by.Account, st); err != nil {
			return Status{}, err
		}
		tx.Publish(AvailabilityChanged{[]AccountID{by.Account}})
		return st, nil
	})
}

// writeSeenAccounts stores when accounts were connected, but not of those that hide it.
func (s *Service) writeSeenAccounts(ctx context.Context) error {
	taken := s.sightings.people.take()
	if len(taken) == 0 {
		return nil
	}
	ids := make([]AccountID, 0, len(taken))
	for a := range taken {
		ids = append(ids, a)
	}
	for part := range slices.Chunk(ids, 500) {
		shown, err := view(ctx, s, func(tx Tx) (map[AccountID]bool, error) { return s.showing(tx, part) })
		if err != nil {
			return err
		}
		for _, a := range part {
			if !shown[a] {
				delete(taken, a)
			}
		}
	}
	return writeSeen(ctx, s, taken, Tx.SeeAccount)
}

// Add notes an account.
func (e *Attended) Add(id AccountID, at Attendance) {
	switch at {
	case Online:
		e.Online = append(e.Online, id)
	case Away:
		e.Away = append(e.Away, id)
	default:
		e.Absent = append(e.Absent, id)
	}
}

// Count returns how many accounts are named.
func (e *Attended) Count() int { return len(e.Online) + len(e.Away) + len(e.Absent) }
