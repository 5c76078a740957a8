package chat

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Service implements the rules of the chat on a store. Its methods are safe for concurrent
// use. Refusals are an [Error], an [*InvalidError] or a [*ScopeError]. Any other error is a
// fault of the server, which the caller logs once.
//
// Methods with an [Actor] check its permissions. Methods for the host system (accounts,
// organizations, friends, applications, tokens, notifications) have no Actor: the host
// system is trusted, and only invalid arguments are refused.
type Service struct {
	store     replayStore
	presence  *Presence
	jwt       JWTVerifier
	opts      Options
	log       *slog.Logger
	settings  settingsKept
	shakes    pace[shakePair]
	typings   pace[typist]
	sightings sightings
	days      dayCounts
	refusals  refusals
}

// Options are the tunable limits of the rules. A zero field means its default.
type Options struct {
	// Settings are the limits that can change while the server runs, if there is a Configuration, which then has
	// their values. Otherwise people sign in with passwords if Passwords is set.
	Settings
	Configuration Configuration // nil: the settings do not change

	MaxObject       int // bytes of a file, card or location as JSON; 16384
	MaxMentions     int // accounts named by one group shake; 200
	MaxWebhooks     int // webhooks of one group; 20
	MaxBatch        int // accounts named by one call of the host; 30000
	MaxNameLength   int // UTF-16 units of names; 200
	MaxAnnouncement int // UTF-16 units of a group's announcement; 5000
	MaxPage         int // entries of one page; 500
	MaxUnsentBytes  int // texts of an account that are not sent, with their notes; 524288

	DefaultApp string         // application key of clients that name none; empty: none
	Pushes     []string       // the names that an application may mute; nil: any
	Passwords  PasswordHasher // the setting decides whether they are used; nil: nobody signs in with a password
	Mail       bool           // mail can be sent; see [Service.DueMail]
	// Attendance says whether an account is connected at this moment; nil: nobody is. It must not block.
	Attendance func(AccountID) Attendance
	// Pass delivers an event that is in no commit, like [Typed], to the sockets of this node, and to the other nodes if it
	// concerns sockets there. Such an event may be lost. It must not block; nil: nobody is told.
	Pass func(e Event, elsewhere bool)
	Now  func() time.Time
}

// Limits are the size limits of the rules, for documentation and clients. Ids and
// addresses are counted in bytes, the rest in UTF-16 units.
type Limits struct {
	ID           int // of an id, category or name of an event that is asked for
	NewID        int // of an id that is given to something new; see [NewIDPattern]
	Name         int // of accounts, organizations, groups, applications, and of a token's label
	Announcement int
	URL          int
	Email        int
	Accounts     int // named by one call
	MutedPushes  int
}

// DefaultLimits returns the limits of a service without options.
func DefaultLimits() Limits {
	var o Options
	o.setDefaults()
	return o.limits()
}

// Limits returns the limits of this service.
func (s *Service) Limits() Limits { return s.opts.limits() }

func (o *Options) limits() Limits {
	return Limits{
		ID: maxID, NewID: maxNewID, Name: o.MaxNameLength, Announcement: o.MaxAnnouncement,
		URL: maxURL, Email: maxEmail, Accounts: o.MaxBatch, MutedPushes: maxMutedPushes,
	}
}

func (o *Options) setDefaults() {
	o.Settings.setDefaults()
	setDefault(&o.MaxObject, 16384)
	setDefault(&o.MaxMentions, 200)
	setDefault(&o.MaxWebhooks, 20)
	setDefault(&o.MaxBatch, 30000)
	setDefault(&o.MaxNameLength, 200)
	setDefault(&o.MaxAnnouncement, 5000)
	setDefault(&o.MaxPage, 500)
	setDefault(&o.MaxUnsentBytes, 512<<10)
	if o.Configuration == nil {
		o.Settings.Passwords = o.Passwords != nil
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// New returns the chat on a store. presence and jwt may be nil: then nobody is
// ever present, and no JWT is valid. A nil log discards.
func New(store Store, presence *Presence, jwt JWTVerifier, opts Options, log *slog.Logger) *Service {
	opts.setDefaults()
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Service{presence: presence, jwt: jwt, opts: opts, log: log}
	s.store = replayStore{store, s}
	s.apply(nil)
	return s
}

// now returns the present time in whole milliseconds. Clients see milliseconds, so a finer
// time must not decide an order.
func (s *Service) now() time.Time { return s.opts.Now().UTC().Truncate(time.Millisecond) }

// FollowClock corrects the times of messages that were sent while the clock was ahead.
// Call it at the start, because the clock may have been corrected while no server ran.
func (s *Service) FollowClock(ctx context.Context) error {
	return s.store.Update(ctx, func(tx Tx) error { return tx.MoveTimesBack(s.now()) })
}

// text returns the words of system messages.
func (s *Service) text() systemText { return systemText{chinese: s.live().Language == "zh"} }

// caller returns the account that acts, or [ErrSenderNotFound].
func caller(tx Tx, by Actor) (Account, error) {
	a, err := tx.Account(by.Account)
	if errors.Is(err, ErrNoRow) || err == nil && !a.Active {
		return Account{}, ErrSenderNotFound
	}
	return a, err
}

// or turns a store's "no such row" into the refusal.
func or(err error, refusal error) error {
	if errors.Is(err, ErrNoRow) {
		return refusal
	}
	return err
}

// page brings a page's size within its limit.
func (s *Service) page(limit int) int {
	if limit <= 0 {
		limit = 20
	}
	return min(limit, s.opts.MaxPage)
}

// view runs fn on a snapshot and returns its result.
func view[T any](ctx context.Context, s *Service, fn func(Tx) (T, error)) (T, error) {
	return read(ctx, s.store.View, fn)
}

// read runs fn in a View or a Search.
func read[T any](ctx context.Context, how func(context.Context, func(Tx) error) error, fn func(Tx) (T, error)) (T, error) {
	var result T
	err := how(ctx, func(tx Tx) (err error) {
		result, err = fn(tx)
		return err
	})
	if err != nil {
		var zero T
		return zero, err
	}
	return result, nil
}

// update runs fn in a transaction and returns its result once that is durable.
func update[T any](ctx context.Context, s *Service, fn func(Tx) (T, error)) (T, error) {
	var result T
	err := s.store.update(ctx, func(tx Tx) (err error) {
		result, err = fn(tx)
		return err
	}, func() any { return result })
	if err != nil {
		var zero T
		return zero, err
	}
	return result, nil
}

// orConflict turns a store's "row exists" into the refusal.
func orConflict(err error) error {
	if errors.Is(err, ErrDuplicate) {
		return ErrConflict
	}
	return err
}
