package chat

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// Setting is a setting as it is stored.
type Setting struct{ Name, Value string }

// The names of the settings, which are those of the options with their defaults.
const (
	SettingName      = "name"
	SettingLanguage  = "language"
	SettingTimeZone  = "time-zone"
	SettingPasswords = "auth.passwords"
)

// Settings are the options that can be changed while the server runs. They are the same on
// all nodes.
type Settings struct {
	Name      string // of the server in clients
	Language  string // of the server's texts: "en" or "zh"
	TimeZone  string // of the time strings that clients get: an IANA name, or Local
	Passwords bool   // people may sign in with passwords
}

// zone is the zone of the time strings.
func (s *Settings) zone() *time.Location {
	if zone, err := time.LoadLocation(s.TimeZone); err == nil {
		return zone
	}
	return time.UTC
}

// settings are the settings in force.
type settings struct {
	Settings
	location *time.Location
}

// Settings returns the settings in force.
func (s *Service) Settings() Settings { return s.settings.Load().Settings }

// Locale returns the zone and the language of what clients get.
func (s *Service) Locale() (*time.Location, string) {
	now := s.settings.Load()
	return now.location, now.Language
}

// LoadSettings reads the settings. Call it at the start, and when events may have been missed.
func (s *Service) LoadSettings(ctx context.Context) error {
	stored, err := view(ctx, s, Tx.Settings)
	if err == nil {
		s.apply(stored)
	}
	return err
}

// Heed applies the settings among committed events. A server calls it with those of all nodes, in
// the order of the commits.
func (s *Service) Heed(events []Event) {
	for _, e := range events {
		if e, ok := e.(SettingsChanged); ok {
			s.apply(e.Settings)
		}
	}
}

// apply puts stored settings in force, except those that the configuration fixes.
func (s *Service) apply(stored []Setting) {
	now := s.opts.Settings
	for _, one := range stored {
		if !s.fixed(one.Name) {
			now.set(one)
		}
	}
	s.settings.Store(&settings{now, now.zone()})
}

func (s *Service) fixed(name string) bool { return slices.Contains(s.opts.Fixed, name) }

// set ignores names and values of a later version.
func (s *Settings) set(one Setting) {
	switch one.Name {
	case SettingName:
		s.Name = one.Value
	case SettingLanguage:
		s.Language = one.Value
	case SettingTimeZone:
		s.TimeZone = one.Value
	case SettingPasswords:
		if on, err := strconv.ParseBool(one.Value); err == nil {
			s.Passwords = on
		}
	}
}

// store stores settings and publishes all of them. Those that the configuration fixes are left out.
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
