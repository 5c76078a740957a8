package server

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"parley/engineio"
	"parley/internal/auth"
	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/delivery"
	"parley/internal/gateway"
	"parley/internal/rest"
	"parley/internal/rest/client"
	"parley/internal/rest/endpoint"
	"parley/internal/rest/history"
	"parley/internal/rest/host"
	"parley/internal/wire"
	"parley/socketio"
)

func chatOptions(c config.Config) chat.Options {
	var passwords chat.PasswordHasher
	if c.Auth.Passwords || !c.IsGiven(chat.SettingPasswords) {
		passwords = passwordHasher{auth.NewPasswords(c.Auth.PasswordWork, c.Auth.PasswordWaiting)}
	}
	return chat.Options{
		Passwords:   passwords,
		Settings:    chat.Settings{Name: c.Name, Language: c.Language, TimeZone: c.TimeZone},
		Fixed:       fixed(c),
		Mail:        c.Mail.SMTP != "",
		MinPassword: c.Auth.MinPassword,

		PasswordsOptional: !c.Auth.Passwords,

		FreshSignIn:     c.Auth.FreshSignIn,
		MaxText:         c.Chat.MaxText,
		MaxObject:       int(c.Chat.MaxObject),
		WithdrawWindow:  c.Chat.WithdrawWindow,
		MaxTop:          c.Chat.MaxTop,
		ShakeInterval:   c.Chat.ShakeInterval,
		MaxPage:         c.Chat.MaxPage,
		MaxMentions:     c.Chat.MaxMentions,
		MaxGroupMembers: c.Chat.MaxGroupMembers,
		MaxBatch:        c.Chat.MaxGroupMembers,
		MaxNameLength:   c.Chat.MaxName,
		MaxAnnouncement: c.Chat.MaxAnnouncement,

		MaxFriendRequests:  c.Chat.MaxFriendRequests,
		FriendRequestPause: c.Chat.FriendRequestPause,
		SearchTime:         c.Chat.SearchTime,

		DefaultApp: c.DefaultApp,
		Pushes:     pushes(),
	}
}

// fixed names the settings that the configuration decides.
func fixed(c config.Config) []string {
	return slices.DeleteFunc([]string{chat.SettingName, chat.SettingLanguage, chat.SettingTimeZone, chat.SettingPasswords},
		func(name string) bool { return !c.IsGiven(name) })
}

// passwordHasher is [chat.PasswordHasher] on package auth, which knows nothing of chat.
type passwordHasher struct{ passwords *auth.Passwords }

func (h passwordHasher) Hash(ctx context.Context, password string) (string, error) {
	hash, err := h.passwords.Hash(ctx, password)
	return hash, busy(err)
}

func (h passwordHasher) Verify(ctx context.Context, password, hash string) (ok, weak bool, err error) {
	ok, weak, err = h.passwords.Verify(ctx, password, hash)
	return ok, weak, busy(err)
}

func busy(err error) error {
	if errors.Is(err, auth.ErrBusy) {
		return chat.ErrTooManyRequests
	}
	return err
}

// pushes names what an application may mute.
func pushes() []string {
	names := make([]string, len(wire.Pushes))
	for i, p := range wire.Pushes {
		names[i] = p.Name
	}
	return names
}

func (s *Server) newEncoder() wire.Encoder {
	return wire.Encoder{FileURL: s.uploads.fileURL, Locale: func() (*time.Location, string) { return s.chat.Locale() }}
}

// zone is the zone of the time strings; Validate has seen that it exists.
func zone(c config.Config) *time.Location {
	if l, err := time.LoadLocation(c.TimeZone); err == nil {
		return l
	}
	return time.UTC
}

func (s *Server) socketOptions() socketio.Options {
	c := s.config
	options := socketio.Options{
		ConnectTimeout:     c.Socket.ConnectTimeout,
		MaxAttachments:     c.Socket.MaxAttachments,
		MaxAttachmentBytes: int(c.Socket.MaxAttachmentBytes),
		// There is one namespace, and its middleware keeps what it needs.
		MaxNamespaces:    1,
		ReleaseHandshake: true,
		MaxPending:       c.Socket.MaxPending,
		Engine: engineio.Options{
			PingInterval:   c.Socket.PingInterval,
			PingTimeout:    c.Socket.PingTimeout,
			MaxPayload:     int(c.Socket.MaxPayload),
			MaxQueue:       int(c.Socket.MaxQueue),
			UpgradeTimeout: c.Socket.UpgradeTimeout,
			WriteTimeout:   c.Socket.WriteTimeout,
			MaxSessions:    c.Socket.MaxSessions,
			AllowedOrigins: allowedOrigins(c),
			OriginRefused:  s.refusedOrigins.refused,
			Headers:        []string{"Authorization", "Cookie"}, // where a log-in may be
			Cookie:         c.Socket.Cookie,
			CookiePath:     c.BasePath() + "/",
			CookieSecure:   strings.HasPrefix(c.PublicURL, "https://"),
			JSONP:          c.Socket.JSONP,
			Logger:         s.log,
		},
	}
	if s.forwarding != nil {
		options.Engine.Node, options.Engine.Forward = s.forwarding.node, s.forwarding.forwarder.Forward
	}
	return options
}

func (s *Server) deliveryOptions(now func() time.Time) delivery.Options {
	return delivery.Options{
		Encoder:   s.newEncoder(),
		MaxQueued: int(s.config.Delivery.MaxQueue),
		MaxWait:   s.config.Delivery.MaxWait,
		Now:       now,
		Logger:    s.log,
	}
}

func (s *Server) gatewayOptions(now func() time.Time) gateway.Options {
	c := s.config
	request := gateway.Rate{PerSecond: c.Rate.Request, Burst: c.Rate.RequestBurst}
	var leads func() bool
	if s.cluster != nil {
		leads = s.cluster.leads.Load
	}
	return gateway.Options{
		Encoder: s.newEncoder(),
		Rates: gateway.Rates{
			Send:    gateway.Rate{PerSecond: c.Rate.Send, Burst: c.Rate.SendBurst},
			Query:   request,
			Control: request,
			Refused: gateway.Rate{PerSecond: c.Rate.Login, Burst: c.Rate.LoginBurst},
		},
		MaxPerToken:   c.Socket.MaxPerToken,
		MaxPerAccount: c.Socket.MaxPerAccount,
		RestoreWindow: c.Chat.RestoreWindow,
		Leads:         leads,
		UploadToken:   s.uploads.grant,
		Answered:      s.metrics.answered,
		Now:           now,
		Logger:        s.log,
	}
}

func (s *Server) restOptions() rest.Options {
	c := s.config
	encoder := s.newEncoder()
	return rest.Options{
		Options: endpoint.Options{
			AllowedOrigins: allowedOrigins(c),
			OriginRefused:  s.refusedOrigins.refused,
			MaxBody:        int64(c.HTTP.MaxBodyBytes),
			Timeout:        c.HTTP.RequestTimeout,
			ReadTimeout:    c.Socket.WriteTimeout,
			HistoryRate:    unlimited(c.Rate.History),
			HistoryBurst:   c.Rate.HistoryBurst,
			PublicURL:      s.PublicURL(),
			PublicPath:     c.BasePath(),
			TokenTTL:       c.Token.TTL,
			Enter:          s.gateway.Enter,
			Encoder:        &encoder,
			Logger:         s.log,
		},
		Host:    host.Options{CodeTTL: c.Auth.CodeTTL},
		Admin:   s.adminOptions(),
		History: history.Options{BasePath: c.HTTP.HistoryPath},
		Client: client.Options{
			SignInRate:       unlimited(c.Rate.SignIn),
			SignInBurst:      c.Rate.SignInBurst,
			PasswordRate:     unlimited(c.Rate.Password),
			PasswordBurst:    c.Rate.PasswordBurst,
			PasswordAllRate:  unlimited(c.Rate.PasswordAll),
			PasswordAllBurst: c.Rate.PasswordAllBurst,
			DeviceKey:        func() []byte { return deviceKey(s.uploads.keys.Load().current) },
			Providers:        s.providers(),
			Config:           s.clientConfig(),
			App:              s.clientApp.ID,
			Avatar:           s.uploads.avatar,
		},
		Files: s.uploads.Store,
	}
}

// unlimited turns the configuration's 0, which is no limit, into what package
// rest takes for it.
func unlimited(rate float64) float64 {
	if rate == 0 {
		return -1
	}
	return rate
}
