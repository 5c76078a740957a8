package server

import (
	"context"
	"errors"
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
	"parley/internal/rest/webhook"
	"parley/internal/settings"
	"parley/internal/wire"
	"parley/socketio"
)

func chatOptions(live *settings.Live, c config.Config) chat.Options {
	var passwords chat.PasswordHasher
	if c.Auth.Passwords || !c.IsGiven(chat.SettingPasswords) {
		passwords = passwordHasher{auth.NewPasswords(c.Auth.PasswordWork, c.Auth.PasswordWaiting)}
	}
	return chat.Options{
		Configuration:   live,
		Passwords:       passwords,
		Mail:            c.Mail.SMTP != "",
		MaxObject:       int(c.Chat.MaxObject),
		MaxPage:         c.Chat.MaxPage,
		MaxUnsentBytes:  int(min(c.Chat.MaxDraftBytes, c.Socket.MaxQueue/8)), // JSON takes up to six times as much
		MaxMentions:     c.Chat.MaxMentions,
		MaxWebhooks:     c.Chat.MaxWebhooks,
		MaxBatch:        c.Chat.MaxGroupMembers,
		MaxNameLength:   c.Chat.MaxName,
		MaxAnnouncement: c.Chat.MaxAnnouncement,

		DefaultApp: c.DefaultApp,
		Pushes:     pushes(),
	}
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

// pushes returns the names of the pushes that an application may mute.
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
			CookieSecure:   strings.HasPrefix(s.PublicURL(), "https://"),
			JSONP:          c.Socket.JSONP,
			Goroutines:     !c.Socket.Epoll,
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
		Encoder:      s.newEncoder(),
		MaxQueued:    int(s.config.Delivery.MaxQueue),
		MaxWait:      s.config.Delivery.MaxWait,
		ReadMarks:    readMarkSource{s},
		Availability: availabilitySource{s},
		Pass:         s.passToNodes(),
		Node:         s.nodeName(),
		Now:          now,
		Logger:       s.log,
	}
}

// readMarkSource is the rules, which are made after the delivery.
type readMarkSource struct{ *Server }

func (s readMarkSource) ChangedReadMarks(ctx context.Context, key chat.ChatKey, authors []chat.AccountID, before chat.ReadMarkState) (map[chat.AccountID]chat.ChangedMarks, chat.ReadMarkState, error) {
	return s.chat.ChangedReadMarks(ctx, key, authors, before)
}

func (s readMarkSource) ReadMarkPause() time.Duration { return s.chat.ReadMarkPause() }

// availabilitySource is the rules, which are made after the delivery.
type availabilitySource struct{ *Server }

func (s availabilitySource) TellAvailability(ctx context.Context, a chat.AccountID, readers []chat.AccountID) (chat.ToldAvailability, error) {
	return s.chat.TellAvailability(ctx, a, readers)
}

func (s availabilitySource) AvailabilityPause() time.Duration { return s.chat.AvailabilityPause() }
func (s availabilitySource) SawAccount(a chat.AccountID)      { s.chat.SawAccount(a) }

// passToNodes returns nil if there are no other nodes.
func (s *Server) passToNodes() func(chat.Event) {
	if s.cluster == nil {
		return nil
	}
	return s.cluster.pass
}

func (s *Server) nodeName() string {
	if s.cluster == nil {
		return ""
	}
	return s.cluster.name
}

func (s *Server) gatewayOptions(now func() time.Time) gateway.Options {
	c := s.config
	var leads func() bool
	if s.cluster != nil {
		leads = s.cluster.leads.Load
	}
	return gateway.Options{
		Encoder:       s.newEncoder(),
		Live:          s.socketLimits,
		RestoreWindow: c.Chat.RestoreWindow,
		Leads:         leads,
		UploadToken:   s.uploads.grant,
		Answered:      s.metrics.answered,
		Now:           now,
		Logger:        s.log,
	}
}

// socketLimits are the limits in force.
func (s *Server) socketLimits() gateway.Limits {
	c := s.live.Config()
	request := gateway.Rate{PerSecond: c.Rate.Request, Burst: c.Rate.RequestBurst}
	return gateway.Limits{
		Rates: gateway.Rates{
			Send:    gateway.Rate{PerSecond: c.Rate.Send, Burst: c.Rate.SendBurst},
			Query:   request,
			Control: request,
			Refused: gateway.Rate{PerSecond: c.Rate.Login, Burst: c.Rate.LoginBurst},
		},
		MaxPerToken:   c.Socket.MaxPerToken,
		MaxPerAccount: c.Socket.MaxPerAccount,
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
			Live:           s.restLive,
			PublicURL:      s.PublicURL(),
			PublicPath:     c.BasePath(),
			Enter:          s.gateway.Enter,
			Encoder:        &encoder,
			Logger:         s.log,
		},
		Admin:   s.adminOptions(),
		History: history.Options{BasePath: c.HTTP.HistoryPath},
		Client: client.Options{
			Live:      s.signInRates,
			DeviceKey: func() []byte { return deviceKey(s.uploads.keys.Load().current) },
			Providers: s.providers(),
			Config:    s.clientConfig(),
			Limits:    s.clientLimits,
			App:       s.clientApp.ID,
			Avatar:    s.uploads.avatar,
		},
		Files:   s.uploads.Store,
		Webhook: webhook.Options{Rate: limitOf(c.Rate.Webhook, c.Rate.WebhookBurst).PerSecond, Burst: c.Rate.WebhookBurst},
	}
}

// restLive returns the options of all HTTP APIs that can change while the server runs.
func (s *Server) restLive() endpoint.Live {
	c := s.live.Config()
	return endpoint.Live{History: limitOf(c.Rate.History, c.Rate.HistoryBurst), TokenTTL: c.Token.TTL, CodeTTL: c.Auth.CodeTTL}
}

// signInRates returns the rates in force.
func (s *Server) signInRates() client.Rates {
	r := &s.live.Config().Rate
	return client.Rates{
		SignIn:      limitOf(r.SignIn, r.SignInBurst),
		Password:    limitOf(r.Password, r.PasswordBurst),
		PasswordAll: limitOf(r.PasswordAll, r.PasswordAllBurst),
	}
}

// limitOf converts a limit of the configuration. 0 means no limit there, and a negative rate means no
// limit in package rest.
func limitOf(rate float64, burst int) endpoint.Rate {
	if rate == 0 {
		rate = -1
	}
	return endpoint.Rate{PerSecond: rate, Burst: burst}
}
