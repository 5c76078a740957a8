// Package settings puts the settings of the database over the configuration. It knows both package
// config, which reads and checks values, and package chat, which decides who may change them.
package settings

import (
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"parley/internal/chat"
	"parley/internal/config"
)

// Live is a configuration with the settings in force. It implements [chat.Configuration], and is
// safe for concurrent use.
type Live struct {
	given   config.Config
	options []chat.ConfigOption // with the values of given
	log     *slog.Logger
	now     atomic.Pointer[inForce]
}

type inForce struct {
	config config.Config
	zone   *time.Location
}

func force(c config.Config) *inForce {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil { // Validate has seen that it exists
		zone = time.UTC
	}
	return &inForce{c, zone}
}

// New returns the settings of a valid configuration, without stored ones. A nil log discards.
func New(c config.Config, log *slog.Logger) *Live {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	l := &Live{given: c, log: log}
	all, err := c.Options()
	if err != nil {
		panic(err) // a fault of the program, which a test would find
	}
	for _, o := range all {
		l.options = append(l.options, chat.ConfigOption{
			Name: o.Name, Group: o.Group, Help: o.Help, Type: string(o.Type), Unit: o.Unit, Choices: o.Choices, Least: o.Least, Most: o.Most,
			Default: o.Default, Value: o.Value, Source: string(o.Source), Live: o.Live, Secret: o.Secret,
		})
	}
	l.now.Store(force(c))
	return l
}

// Config returns the configuration with the settings in force. The caller must not change it. It
// takes no lock and allocates nothing.
func (l *Live) Config() *config.Config { return &l.now.Load().config }

// Zone returns the time zone in force, as Config does.
func (l *Live) Zone() *time.Location { return l.now.Load().zone }

// Options implements [chat.Configuration].
func (l *Live) Options(stored []chat.Setting) []chat.ConfigOption {
	c, valid := l.with(stored)
	options := slices.Clone(l.options)
	if len(valid) == 0 {
		return options
	}
	texts := c.Texts()
	for i := range options {
		if _, ok := valid[options[i].Name]; ok {
			options[i].Value, options[i].Source = texts[options[i].Name], chat.SourceDatabase
		}
	}
	return options
}

// Check implements [chat.Configuration].
func (l *Live) Check(stored []chat.Setting) ([]chat.Setting, []*chat.InvalidError) {
	values := map[string]string{}
	for _, one := range stored {
		if l.live(one.Name) {
			values[one.Name] = one.Value
		}
	}
	c, wrong := l.given.With(values)
	var invalid []*chat.InvalidError
	for _, e := range wrong {
		invalid = append(invalid, &chat.InvalidError{Field: e.Option, Reason: e.Reason, Code: chat.ReasonCode(e.Code), Params: e.Params})
	}
	checked, texts := slices.Clone(stored), c.Texts()
	for i, one := range checked {
		if l.live(one.Name) && !slices.ContainsFunc(wrong, func(e *config.OptionError) bool { return e.Option == one.Name }) {
			checked[i].Value = texts[one.Name]
		}
	}
	return checked, invalid
}

// Apply implements [chat.Configuration].
func (l *Live) Apply(stored []chat.Setting) chat.Settings {
	c, valid := l.with(stored)
	for _, one := range stored {
		if _, ok := valid[one.Name]; !ok && l.live(one.Name) {
			l.log.Warn("a setting in the database is ignored, because this version does not accept its value", "setting", one.Name)
		}
	}
	l.now.Store(force(c))
	return Of(&c)
}

// with returns the configuration with the valid ones of the stored settings.
func (l *Live) with(stored []chat.Setting) (config.Config, map[string]string) {
	values := map[string]string{}
	for _, one := range stored {
		if l.live(one.Name) {
			values[one.Name] = one.Value
		}
	}
	l.forget(values)
	for len(values) > 0 {
		c, wrong := l.given.With(values)
		if len(wrong) == 0 {
			return c, values
		}
		before := len(values)
		for _, e := range wrong {
			delete(values, e.Option)
		}
		if len(values) == before { // the error is in an option that is not a setting
			clear(values)
		}
	}
	return l.given, values
}

// forget removes hidden ways to sign in that the configuration no longer has. Otherwise the whole value
// would be invalid, and the other ways would be shown again.
func (l *Live) forget(values map[string]string) {
	hidden, ok := values[chat.SettingHidden]
	if !ok {
		return
	}
	i := slices.IndexFunc(l.options, func(o chat.ConfigOption) bool { return o.Name == chat.SettingHidden })
	ways := strings.Split(hidden, ",")
	values[chat.SettingHidden] = strings.Join(slices.DeleteFunc(ways, func(way string) bool { return !slices.Contains(l.options[i].Choices, way) }), ",")
}

// live reports whether a stored value of the option is used.
func (l *Live) live(name string) bool {
	return slices.ContainsFunc(l.options, func(o chat.ConfigOption) bool { return o.Name == name && o.Live && !o.Fixed() })
}

// Providers implements [chat.Configuration].
func (l *Live) Providers() map[string]chat.Provider {
	all := map[string]chat.Provider{}
	for _, p := range l.given.Auth.AllProviders() {
		all[p.ID] = chat.Provider{Issuer: p.Issuer, MatchEmail: p.MatchEmail}
	}
	return all
}

// Of returns the settings of package chat in a configuration.
func Of(c *config.Config) chat.Settings {
	return chat.Settings{
		Name:      c.Name,
		Language:  c.Language,
		TimeZone:  c.TimeZone,
		Passwords: c.Auth.Passwords,
		Hidden:    c.Auth.Hidden,
		TwoFactor: chat.TwoFactorPolicy(c.Auth.TwoFactor),

		MaxText:         c.Chat.MaxText,
		WithdrawWindow:  c.Chat.WithdrawWindow,
		EditWindow:      c.Chat.EditWindow,
		HideRevisions:   c.Chat.HideRevisions,
		HideReadMarks:   c.Chat.HideReadMarks,
		MaxReadMarks:    c.Chat.MaxReadMarks,
		ReadMarkPause:   c.Chat.ReadMarkPause,
		MaxTop:          c.Chat.MaxTop,
		MaxPins:         c.Chat.MaxPins,
		MaxUnsent:       c.Chat.MaxDrafts,
		ShakeInterval:   c.Chat.ShakeInterval,
		MaxGroupMembers: c.Chat.MaxGroupMembers,
		SearchTime:      c.Chat.SearchTime,

		HideActivity:      c.Chat.HideActivity,
		TypingPause:       c.Chat.TypingPause,
		MaxTyping:         c.Chat.MaxTyping,
		AvailabilityPause: c.Chat.AvailabilityPause,
		MaxStatus:         c.Chat.MaxStatus,

		MaxFriendRequests:  c.Chat.MaxFriendRequests,
		FriendRequestPause: c.Chat.FriendRequestPause,
		MinPassword:        c.Auth.MinPassword,
		FreshSignIn:        c.Auth.FreshSignIn,
	}
}
