package wire

import (
	"time"

	"parley/internal/chat"
	"parley/internal/emoji"
)

// WatchAvailability is the payload of [EventWatchAvailability].
type WatchAvailability struct {
	IDs AccountIDs `json:"ids" rule:"required" doc:"accounts that the client shows, at most 200; they replace those of the last request. An empty list ends the pushes"`
}

// AccountIDs is a list of accounts.
type AccountIDs []chat.AccountID

func (a *AccountIDs) decode(d *decoder, depth int) error {
	*a = nil
	k, err := d.kind()
	if err != nil {
		return err
	}
	if k != kindArray {
		return errNotAccountIDs
	}
	return d.array(depth, func(i int) error {
		if i == maxAccountIDs {
			return chat.Invalid("", "must name at most %d accounts", maxAccountIDs)
		}
		k, err := d.kind()
		if err != nil {
			return err
		}
		if k != kindString && k != kindNumber {
			return errNotAccountIDs
		}
		id, err := d.text(k)
		if err == nil && (id == "" || len(id) > MaxID) {
			err = errNotAccountIDs
		}
		*a = append(*a, chat.AccountID(id))
		return err
	})
}

const maxAccountIDs = 200

var errNotAccountIDs = chat.Invalid("", "must be a list of account ids")

// AvailabilityList is the result of [EventWatchAvailability] and the payload of [PushAvailability].
type AvailabilityList struct {
	Users []Availability `json:"users" doc:"the accounts, once each"`
}

// Availability is what somebody is told about an account.
type Availability struct {
	ID     chat.AccountID `json:"id" doc:"account"`
	State  string         `json:"state,omitempty" doc:"online, away (connected, but not used for some time) or offline; absent: it is not told"`
	Seen   string         `json:"seen,omitempty" doc:"when it is offline: hour, day, week or month: it was online within the last one; long: before; absent: it is not known"`
	Status *Status        `json:"status,omitempty" doc:"what the account says about itself; absent: nothing"`
}

// Status is the result of [EventSetStatus], and what an account says about itself.
type Status struct {
	Emoji string `json:"emoji,omitempty" doc:"one emoji, in its fully-qualified form"`
	Text  string `json:"text,omitempty" doc:"one line"`
	Quiet bool   `json:"quiet,omitempty" doc:"the account does not want to be disturbed"`
	Until int64  `json:"until,omitempty" doc:"when it ends, in Unix milliseconds; it is then no longer shown, and no push follows. Absent: it has no end"`
}

// SetStatus is the payload of [EventSetStatus].
type SetStatus struct {
	Emoji string `json:"emoji,omitempty" rule:"max=128" doc:"exactly one emoji; absent: none"`
	Text  string `json:"text,omitempty" doc:"one line of at most 100 UTF-16 units; absent: none"`
	Quiet bool   `json:"quiet,omitempty" doc:"the account does not want to be disturbed"`
	Until int64  `json:"until,omitempty" doc:"when it ends, in Unix milliseconds; absent: it has no end"`
}

// latestEnd is the year 9999.
const latestEnd = 253_402_300_799_999

func (s *SetStatus) check() error {
	if s.Emoji != "" {
		form, ok := emoji.Normal(s.Emoji)
		if !ok {
			return chat.Invalid("emoji", "must be one emoji")
		}
		s.Emoji = form
	}
	if s.Until < 0 || s.Until > latestEnd {
		return chat.Invalid("until", "must be a time in Unix milliseconds")
	}
	return nil
}

// Status returns the status in chat's terms.
func (s *SetStatus) Status() chat.Status {
	st := chat.Status{Emoji: s.Emoji, Text: s.Text, Quiet: s.Quiet}
	if s.Until > 0 {
		st.Ends = time.UnixMilli(s.Until)
	}
	return st
}

// SetAway is the payload of [EventSetAway].
type SetAway struct {
	IsAway bool `json:"isAway" rule:"required" doc:"true: nobody has used this client for some time; false: it is used"`
}

// Status returns the result of "set status".
func (e *Encoder) Status(st chat.Status) *Status {
	out := &Status{Emoji: st.Emoji, Text: st.Text, Quiet: st.Quiet}
	if !st.Ends.IsZero() {
		out.Until = st.Ends.UnixMilli()
	}
	return out
}

// Availabilities returns the result of "watch availability" and the payload of the push "availability".
func (e *Encoder) Availabilities(all []chat.Availability) *AvailabilityList {
	out := &AvailabilityList{Users: make([]Availability, len(all))}
	for i, a := range all {
		one := Availability{ID: a.Account}
		if a.Shown {
			one.State = states[a.Attendance]
			one.Seen = steps[a.Seen]
		}
		if !a.Status.IsZero() {
			one.Status = e.Status(a.Status)
		}
		out.Users[i] = one
	}
	return out
}

var (
	states = map[chat.Attendance]string{chat.Online: "online", chat.Away: "away", chat.Absent: "offline"}
	steps  = map[chat.Seen]string{chat.SeenHour: "hour", chat.SeenDay: "day", chat.SeenWeek: "week", chat.SeenMonth: "month", chat.SeenLong: "long"}
)
