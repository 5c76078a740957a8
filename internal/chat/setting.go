package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Setting is a setting as it is stored.
type Setting struct{ Name, Value string }

// The names of some settings. All settings have the names of options of the configuration.
const (
	SettingName        = "name"
	SettingLanguage    = "language"
	SettingTimeZone    = "time-zone"
	SettingPasswords   = "auth.passwords"
	SettingTwoFactor   = "auth.two-factor"
	SettingHidden      = "auth.hidden"
	SettingTokenTTL    = "token.ttl"
	SettingFreshSignIn = "auth.fresh-sign-in"
	SettingMinPassword = "auth.min-password"
	SettingAuditKeep   = "audit.keep"
)

// Settings are the options of this package that can be changed while the server runs. They are the
// same on all nodes. A zero field has its default.
type Settings struct {
	Name      string          // of the server in clients
	Language  string          // of the server's texts: "en" or "zh"
	TimeZone  string          // of the time strings that clients get: an IANA name, or Local
	Passwords bool            // people may sign in with passwords
	TwoFactor TwoFactorPolicy // who must have two-factor
	Hidden    []string        // ways to sign in that are not offered: [WayCode], [WayMail], or the id of a provider

	MaxText         int           // UTF-16 units of a text; 20480
	WithdrawWindow  time.Duration // own messages; 5 minutes
	EditWindow      time.Duration // own messages; 24 h
	HideRevisions   bool          // only the author of an edited message can have its former texts
	HideReadMarks   bool          // nobody is told who has read a message
	MaxReadMarks    int           // members of a group with read marks; 5000
	ReadMarkPause   time.Duration // between two pushes of the read marks of a chat; 500 ms
	MaxTop          int           // chats on top; 10
	MaxPins         int           // pinned messages of a chat; 50
	MaxUnsent       int           // chats of an account with a text that is not sent; 100
	ShakeInterval   time.Duration // per pair; 3 s
	MaxGroupMembers int           // 30000
	SearchTime      time.Duration // after which a search answers with what it has; 2 s

	HideActivity      bool          // nobody is told who is online and who types
	TypingPause       time.Duration // between two times that it is told that an account types into a chat; 3 s
	MaxTyping         int           // members of a group in which it is told who types; 200
	AvailabilityPause time.Duration // between two pushes of availabilities to a client; 5 s
	MaxStatus         int           // UTF-16 units of the text of a status; 100

	MaxFriendRequests  int           // waiting ones of one account; 100
	FriendRequestPause time.Duration // after a refusal; 24 h
	MinPassword        int           // characters of a password; 10
	FreshSignIn        time.Duration // after a sign-in, in which changes need no further proof; 10 minutes
}

func (s *Settings) setDefaults() {
	setDefault(&s.Name, "parley")
	setDefault(&s.Language, "en")
	setDefault(&s.TimeZone, "UTC")
	setDefault(&s.TwoFactor, TwoFactorOptional)
	setDefault(&s.MaxText, 20480)
	setDefault(&s.WithdrawWindow, 5*time.Minute)
	setDefault(&s.EditWindow, 24*time.Hour)
	setDefault(&s.MaxReadMarks, 5000)
	setDefault(&s.ReadMarkPause, 500*time.Millisecond)
	setDefault(&s.TypingPause, 3*time.Second)
	setDefault(&s.MaxTyping, 200)
	setDefault(&s.AvailabilityPause, 5*time.Second)
	setDefault(&s.MaxStatus, 100)
	setDefault(&s.MaxTop, 10)
	setDefault(&s.MaxPins, 50)
	setDefault(&s.MaxUnsent, 100)
	setDefault(&s.ShakeInterval, 3*time.Second)
	setDefault(&s.MaxGroupMembers, 30000)
	setDefault(&s.SearchTime, 2*time.Second)
	setDefault(&s.MaxFriendRequests, 100)
	setDefault(&s.FriendRequestPause, 24*time.Hour)
	setDefault(&s.MinPassword, 10)
	setDefault(&s.FreshSignIn, 10*time.Minute)
}

// zone is the zone of the time strings.
func (s *Settings) zone() *time.Location {
	if zone, err := time.LoadLocation(s.TimeZone); err == nil {
		return zone
	}
	return time.UTC
}

// ConfigOption is an option of the configuration with its value. Every value is a text, as in the
// configuration file.
type ConfigOption struct {
	Name    string
	Group   string // title of its section in the documentation
	Help    string // English
	Type    string // text, choice, switch, number, decimal, size, duration or list
	Unit    string // of a number; may be empty
	Choices []string
	Least   string // smallest value; empty: none
	Most    string // largest value; empty: none
	Default string
	Value   string // in force; empty for a secret
	Source  string // default, database, file, environment or flag
	Live    bool   // it is a setting, which can be changed while the server runs
	Owners  bool   // only owners can change it
	Secret  bool
}

// The sources of values that are not set by the operator.
const (
	SourceDefault  = "default"
	SourceDatabase = "database"
)

// Fixed reports whether the operator has set the value, so that administrators cannot change it.
func (o *ConfigOption) Fixed() bool { return o.Source != SourceDefault && o.Source != SourceDatabase }

// Configuration is the configuration of the server. Stored settings replace the values of options that
// the operator has not set. Its methods are safe for concurrent use.
type Configuration interface {
	// Options returns all options with their values, those of the stored settings included.
	Options(stored []Setting) []ConfigOption
	// Check checks the settings together with all options. It returns them in their normal form, and
	// the errors.
	Check(stored []Setting) ([]Setting, []*InvalidError)
	// Apply puts stored settings in force and returns those of this package. It ignores options that
	// the operator has set, and unknown or invalid settings, which another version may have stored.
	Apply(stored []Setting) Settings
	// Providers returns the OpenID providers that people can sign in with, by their ids, whether hidden or not.
	Providers() map[string]Provider
}

// Provider is an OpenID provider.
type Provider struct {
	Issuer     string
	MatchEmail bool // of an account without an identity at the provider
}

// settings has the settings in force.
type settings struct {
	Settings
	location *time.Location
}

// settingsKept holds the settings of a service. Reading them takes no lock.
type settingsKept struct {
	now atomic.Pointer[settings]

	mu      sync.Mutex // held to change now
	changes uint64     // number of changes from events
}

// Settings returns the settings in force. The caller must not change the lists.
func (s *Service) Settings() Settings { return s.live().Settings }

// live returns the settings in force. A request that needs several of them calls it once.
func (s *Service) live() *settings { return s.settings.now.Load() }

// Locale returns the time zone and the language of the texts that clients get.
func (s *Service) Locale() (*time.Location, string) {
	now := s.live()
	return now.location, now.Language
}

// LoadSettings reads the settings from the database. Call it at the start, and when events may have been missed.
func (s *Service) LoadSettings(ctx context.Context) error {
	for {
		s.settings.mu.Lock()
		before := s.settings.changes
		s.settings.mu.Unlock()
		stored, err := view(ctx, s, Tx.Settings)
		if err != nil {
			return err
		}
		s.settings.mu.Lock()
		if s.settings.changes == before { // otherwise the settings of an event may be newer than those read
			s.apply(stored)
			s.settings.mu.Unlock()
			return nil
		}
		s.settings.mu.Unlock()
	}
}

// ApplyEvents puts changed settings in force. The server calls it with the committed events of all
// nodes, in the order of the commits.
func (s *Service) ApplyEvents(events []Event) {
	for _, e := range events {
		if e, ok := e.(SettingsChanged); ok {
			s.settings.mu.Lock()
			s.settings.changes++
			s.apply(e.Settings)
			s.settings.mu.Unlock()
		}
	}
}

// apply puts stored settings in force. The caller holds the lock.
func (s *Service) apply(stored []Setting) {
	now := s.opts.Settings
	if s.opts.Configuration != nil {
		now = s.opts.Configuration.Apply(stored)
		now.setDefaults()
	}
	s.settings.now.Store(&settings{now, now.zone()})
}

// fixed reports whether the operator has set the value of a setting.
func (s *Service) fixed(name string) bool {
	if s.opts.Configuration == nil {
		return true
	}
	all := s.opts.Configuration.Options(nil)
	i := slices.IndexFunc(all, func(o ConfigOption) bool { return o.Name == name })
	return i < 0 || all[i].Fixed()
}

// storeSettings stores settings, except those that the operator has set, and publishes all stored ones.
func (s *Service) storeSettings(tx Tx, changed ...Setting) error {
	for _, one := range changed {
		if s.fixed(one.Name) {
			continue
		}
		if err := tx.SetSetting(one); err != nil {
			return err
		}
	}
	all, err := tx.Settings()
	if err == nil {
		tx.Publish(SettingsChanged{Settings: all})
	}
	return err
}

// SettingsSeen has all options as an administrator sees them.
type SettingsSeen struct {
	Options []ConfigOption
	Version string // changes with each change of a stored setting
}

// SettingChange is a new value of a setting. With Reset the setting gets its default again.
type SettingChange struct {
	Name  string
	Value string
	Reset bool
}

// AllSettings returns all options with their values. Administrators only.
func (s *Service) AllSettings(ctx context.Context, by Actor) (SettingsSeen, error) {
	return view(ctx, s, func(tx Tx) (seen SettingsSeen, err error) {
		if _, err = administrator(tx, by); err != nil {
			return seen, err
		}
		stored, err := tx.Settings()
		return s.seen(stored), err
	})
}

func (s *Service) seen(stored []Setting) SettingsSeen {
	seen := SettingsSeen{Version: versionOf(stored)}
	if s.opts.Configuration != nil {
		seen.Options = s.opts.Configuration.Options(stored)
	}
	for i := range seen.Options {
		seen.Options[i].Owners = ownersOnly(seen.Options[i].Name)
	}
	return seen
}

// ownersOnly reports whether only owners can change the setting. With auth.two-factor, administrators
// could end the second factor that the owners require of them, and with audit.keep they could remove
// the log of their own changes. The others decide how owners sign in and for how long, and how many passwords
// and codes can be tried.
func ownersOnly(name string) bool {
	switch name {
	case SettingAuditKeep, SettingTwoFactor, SettingPasswords, SettingHidden, SettingMinPassword, SettingTokenTTL, SettingFreshSignIn,
		"rate.sign-in", "rate.sign-in-burst", "rate.password", "rate.password-burst", "rate.password-all", "rate.password-all-burst":
		return true
	}
	return false
}

// versionOf returns a hash of the stored settings.
func versionOf(stored []Setting) string {
	h := sha256.New()
	for _, one := range stored {
		_, _ = h.Write([]byte(one.Name + "\x00" + one.Value + "\x00")) // a hash returns no error
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// ChangeSettings makes all of the changes or none, and returns the new settings. version is that of
// the settings that the caller has read; empty: any. [ErrSettingsChanged]: the settings have changed
// since. [InvalidErrors] has an error for each invalid value. [ErrSignInAgain]: a name begins with "auth.", or only owners
// change the setting, and the session is not fresh; see [Service.FreshUntil]. Administrators only.
func (s *Service) ChangeSettings(ctx context.Context, by Actor, version string, changes []SettingChange) (SettingsSeen, error) {
	return update(ctx, s, func(tx Tx) (SettingsSeen, error) {
		who, err := administrator(tx, by)
		if err != nil {
			return SettingsSeen{}, err
		}
		before, err := tx.Settings()
		if err != nil {
			return SettingsSeen{}, err
		}
		if version != "" && version != versionOf(before) {
			return SettingsSeen{}, ErrSettingsChanged
		}
		after, err := s.changed(who, before, changes)
		if err != nil {
			return SettingsSeen{}, err
		}
		// The settings in force decide, so a longer auth.fresh-sign-in does not hold for its own change.
		if slices.ContainsFunc(changes, func(c SettingChange) bool { return strings.HasPrefix(c.Name, "auth.") || ownersOnly(c.Name) }) {
			if err := who.proven(ctx, s, tx); err != nil {
				return SettingsSeen{}, err
			}
		}
		if err := s.mayHide(tx, before, after); err != nil {
			return SettingsSeen{}, err
		}
		return s.seen(after), s.replaceSettings(ctx, tx, by, before, after)
	})
}

// changed returns the stored settings after the changes.
func (s *Service) changed(by admin, before []Setting, changes []SettingChange) ([]Setting, error) {
	values := map[string]string{}
	for _, one := range before {
		values[one.Name] = one.Value
	}
	var wrong, unreadable InvalidErrors
	options := s.seen(before).Options
	for n, c := range changes {
		i := slices.IndexFunc(options, func(o ConfigOption) bool { return o.Name == c.Name })
		switch {
		case i < 0:
			wrong = append(wrong, &InvalidError{Field: c.Name, Reason: "is no setting", Code: ReasonUnknown})
		case !options[i].Live:
			wrong = append(wrong, &InvalidError{Field: c.Name, Reason: "cannot be changed while the server runs", Code: ReasonNotLive})
		case options[i].Fixed():
			wrong = append(wrong, &InvalidError{
				Field: c.Name, Reason: "is fixed by the configuration (" + options[i].Source + ")",
				Code: ReasonFixed, Params: map[string]string{"source": options[i].Source},
			})
		case options[i].Owners && !by.owner:
			wrong = append(wrong, &InvalidError{Field: c.Name, Reason: "can be changed by owners only", Code: ReasonOwnersOnly})
		case slices.ContainsFunc(changes[:n], func(o SettingChange) bool { return o.Name == c.Name }):
			wrong = append(wrong, &InvalidError{Field: c.Name, Reason: "is named more than once", Code: ReasonRepeated})
		case c.Reset:
			delete(values, c.Name)
		case c.Name == SettingName: // also the name of the main organization, whose rules are stricter
			name, err := s.cleanName(c.Name, c.Value)
			if invalid, ok := errors.AsType[*InvalidError](err); ok {
				unreadable = append(unreadable, invalid)
				continue
			}
			values[c.Name] = name
		default:
			values[c.Name] = c.Value
		}
	}
	if wrong != nil {
		return nil, wrong
	}
	after := make([]Setting, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		after = append(after, Setting{name, values[name]})
	}
	after, wrong = s.opts.Configuration.Check(after)
	// Another version may have stored a value that is invalid here. It is not in force, and the caller
	// did not send it.
	wrong = slices.DeleteFunc(wrong, func(e *InvalidError) bool {
		return !slices.ContainsFunc(changes, func(c SettingChange) bool { return c.Name == e.Field })
	})
	if wrong = append(unreadable, wrong...); len(wrong) > 0 {
		return nil, wrong
	}
	return after, nil
}

// replaceSettings stores the changed settings and records each of them.
func (s *Service) replaceSettings(ctx context.Context, tx Tx, by Actor, before, after []Setting) error {
	was, is := s.values(before), s.values(after)
	for _, one := range before {
		if !slices.ContainsFunc(after, func(o Setting) bool { return o.Name == one.Name }) {
			if err := tx.RemoveSetting(one.Name); err != nil {
				return err
			}
		}
	}
	for _, one := range after {
		if !slices.Contains(before, one) {
			if err := tx.SetSetting(one); err != nil {
				return err
			}
		}
	}
	if slices.Equal(before, after) {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if was[name] == is[name] {
			continue
		}
		e := AuditEntry{Kind: AuditSettingChanged, Actor: by.Account, App: by.App, TargetType: TargetSetting, Target: name}
		if err := s.record(ctx, tx, e.with("from", was[name]).with("to", is[name])); err != nil {
			return err
		}
	}
	if err := s.renameMain(ctx, tx, was[SettingName], is[SettingName]); err != nil {
		return err
	}
	tx.Publish(SettingsChanged{Settings: after})
	return nil
}

// values returns the values of all settings, given the stored ones.
func (s *Service) values(stored []Setting) map[string]string {
	values := map[string]string{}
	for _, o := range s.seen(stored).Options {
		if o.Live {
			values[o.Name] = o.Value
		}
	}
	return values
}

// renameMain gives the main organization the new name of the server if both had the same name, as
// after the set-up.
func (s *Service) renameMain(ctx context.Context, tx Tx, from, to string) error {
	if from == to {
		return nil
	}
	main, err := tx.MainOrganization()
	if err != nil || main.Name != from {
		return or(err, nil)
	}
	main.Name = to
	if err := tx.UpdateOrganization(main); err != nil {
		return err
	}
	return s.record(ctx, tx, onOrganization(AuditOrganizationNamed, main.ID).with("name", to))
}

// The ways to sign in that can be hidden, besides providers.
const (
	WayCode = "code" // the field for a code; a link with one still works
	WayMail = "mail" // a link by mail
)

// SignInHidden reports whether a way to sign in is not offered.
func (s *Service) SignInHidden(way string) bool { return slices.Contains(s.live().Hidden, way) }

// mayHide refuses a change of settings after which no owner could sign in, if one could before.
func (s *Service) mayHide(tx Tx, before, after []Setting) error {
	was, is := s.values(before), s.values(after)
	if was[SettingPasswords] == is[SettingPasswords] && was[SettingHidden] == is[SettingHidden] {
		return nil
	}
	apps, err := tx.Applications()
	if err != nil {
		return err
	}
	if locksOut, err := s.locksOut(tx, signingIn{values: was, apps: apps}, signingIn{values: is, apps: apps}); err != nil || !locksOut {
		return err
	}
	field := SettingHidden
	if was[field] == is[field] {
		field = SettingPasswords
	}
	return InvalidErrors{{Field: field, Reason: "must leave a way by which an owner can sign in", Code: ReasonNoWay}}
}

// signingIn has what decides how people can sign in: the values of the settings, and the applications.
type signingIn struct {
	values  map[string]string
	apps    []Application
	changed Account // an account as it will be after the change; zero: none changes
}

// locksOut reports whether a change takes the last way to sign in from the owners. Every call that
// takes a way to sign in from all people checks it.
func (s *Service) locksOut(tx Tx, before, after signingIn) (bool, error) {
	could, err := s.ownerCanSignIn(tx, before)
	if err != nil || !could {
		return false, err
	}
	can, err := s.ownerCanSignIn(tx, after)
	return !can, err
}

// mayWeaken refuses a change of an application after which no owner could sign in, if one could before.
func (s *Service) mayWeaken(tx Tx, before, after Application) error {
	if before.DisabledAt.IsZero() == after.DisabledAt.IsZero() && slices.Equal(before.Scopes, after.Scopes) || s.opts.Configuration == nil {
		return nil
	}
	stored, err := tx.Settings()
	if err != nil {
		return err
	}
	others, err := tx.Applications()
	if err != nil {
		return err
	}
	others = slices.DeleteFunc(others, func(a Application) bool { return a.ID == before.ID })
	values := s.values(stored)
	locksOut, err := s.locksOut(tx, signingIn{values: values, apps: append(slices.Clone(others), before)}, signingIn{values: values, apps: append(others, after)})
	if err != nil || !locksOut {
		return err
	}
	field := "disabled"
	if after.DisabledAt.IsZero() {
		field = "scopes"
	}
	return invalidFor(field, ReasonNoWay, "must leave a way by which an owner can sign in")
}

// makesCodes reports whether the application can make sign-in codes for the members of the organization.
func (a *Application) makesCodes(in OrganizationID) bool {
	return a.Kind == AppServer && (a.Organization == "" || a.Organization == in) && a.DisabledAt.IsZero() && slices.Contains(a.Scopes, ScopeTokens)
}

// ownerCanSignIn reports whether an active owner of the main organization can sign in with a
// password, through a provider, with a link by mail, or with a code that a host system makes.
func (s *Service) ownerCanSignIn(tx Tx, by signingIn) (bool, error) {
	main, err := tx.MainOrganization()
	if err != nil {
		return false, or(err, nil)
	}
	owners, err := tx.Owners(main.ID)
	if err != nil || len(owners) == 0 {
		return false, err
	}
	hidden := strings.Split(by.values[SettingHidden], ",")
	makesCodes := func(a Application) bool { return a.makesCodes(main.ID) }
	if !slices.Contains(hidden, WayCode) && slices.ContainsFunc(by.apps, makesCodes) {
		return true, nil
	}
	for _, owner := range owners {
		a := by.changed
		if owner != a.ID {
			if a, err = tx.Account(owner); err != nil {
				return false, err
			}
		}
		if can, err := s.canSignIn(tx, a, by.values[SettingPasswords] == "true", hidden); err != nil || can {
			return can, err
		}
	}
	return false, nil
}

func (s *Service) canSignIn(tx Tx, a Account, passwords bool, hidden []string) (bool, error) {
	if !a.Active {
		return false, nil
	}
	if a.Email != "" && s.opts.Mail && !slices.Contains(hidden, WayMail) {
		return true, nil
	}
	if passwords && a.Email != "" && s.opts.Passwords != nil {
		if hash, err := passwordOf(tx, a.ID); err != nil || hash != "" {
			return true, err
		}
	}
	if s.opts.Configuration == nil {
		return false, nil
	}
	for way, p := range s.opts.Configuration.Providers() {
		if slices.Contains(hidden, way) {
			continue
		}
		if p.MatchEmail && a.Email != "" {
			return true, nil
		}
		if linked, err := tx.HasIdentity(p.Issuer, a.ID); err != nil || linked {
			return linked, err
		}
	}
	return false, nil
}

// InvalidErrors has one error for each invalid field.
type InvalidErrors []*InvalidError

// Error returns the texts of all, separated by semicolons.
func (e InvalidErrors) Error() string { return errors.Join(e.Unwrap()...).Error() }

// Unwrap returns the errors.
func (e InvalidErrors) Unwrap() []error {
	all := make([]error, len(e))
	for i, one := range e {
		all[i] = one
	}
	return all
}

func checkLanguage(field, language string) error {
	if language != "en" && language != "zh" {
		return Invalid(field, "must be en or zh")
	}
	return nil
}

// checkLocale checks the language and the time zone of an account, which may be empty.
func checkLocale(a, old Account) error {
	if a.Language != old.Language && a.Language != "" {
		if err := checkLanguage("language", a.Language); err != nil {
			return err
		}
	}
	if a.TimeZone != old.TimeZone && a.TimeZone != "" {
		return checkTimeZone("timeZone", a.TimeZone)
	}
	return nil
}

func checkTimeZone(field, name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" || len(name) > maxID {
		return Invalid(field, "must be the name of a time zone, like Europe/Berlin")
	}
	return nil
}
