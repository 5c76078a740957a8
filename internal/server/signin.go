package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"parley/internal/auth"
	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/rest/client"
	"parley/internal/rest/endpoint"
)

// registerClient returns the application of the web client. It registers it if there is none.
func registerClient(ctx context.Context, svc *chat.Service) (chat.Application, error) {
	app, err := svc.ApplicationByKey(ctx, chat.ClientApp)
	if errors.Is(err, chat.ErrInvalidApp) {
		var made chat.WithSecret
		made, err = svc.CreateApplication(ctx, "", chat.Application{Key: chat.ClientApp, Name: "parley web", Kind: chat.AppWeb})
		app = made.Application
		if errors.Is(err, chat.ErrConflict) { // another node has made it meanwhile
			app, err = svc.ApplicationByKey(ctx, chat.ClientApp)
		}
	}
	if err != nil {
		return chat.Application{}, fmt.Errorf("application of the web client: %w", err)
	}
	return app, nil
}

// rewriteEmails repairs the e-mail addresses that an earlier version stored.
func (s *Server) rewriteEmails(ctx context.Context) {
	done, err := s.chat.RewriteEmails(ctx)
	if err != nil {
		s.log.Error("the e-mail addresses of earlier versions could not be repaired", "error", err)
		return
	}
	if done.Rewritten > 0 {
		s.log.Info("e-mail addresses of an earlier version were rewritten", "accounts", done.Rewritten)
	}
	if len(done.Taken) > 0 {
		s.log.Warn("accounts cannot be found by their e-mail address, because another account has it",
			"count", len(done.Taken), "accounts", first(done.Taken, maxNamed), "remedy", "give one of them another address")
	}
	if len(done.Invalid) > 0 {
		s.log.Warn("accounts have an e-mail address that is not valid and cannot be found by it",
			"count", len(done.Invalid), "accounts", first(done.Invalid, maxNamed), "remedy", "give them another address")
	}
}

// maxNamed is the maximum number of accounts in a line of the log.
const maxNamed = 20

func first(ids []chat.AccountID, n int) []chat.AccountID { return ids[:min(n, len(ids))] }

// hasServed reports whether a server has ever run on the folder.
func hasServed(ctx context.Context, svc *chat.Service) (bool, error) {
	_, err := svc.ApplicationByKey(ctx, chat.ClientApp)
	if errors.Is(err, chat.ErrInvalidApp) {
		return false, nil
	}
	return err == nil, err
}

// PublicURL returns the address at which people reach a server with this configuration. With port 0
// the address is only known once the server runs.
func PublicURL(c config.Config) string {
	if c.PublicURL != "" {
		return strings.TrimRight(c.PublicURL, "/")
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return publicOrigin(c, c.Listen, "")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return publicOrigin(c, net.JoinHostPort(host, port), port)
}

// PublicURL returns the address at which people reach the server.
func (s *Server) PublicURL() string {
	if s.config.PublicURL != "" {
		return PublicURL(s.config)
	}
	address := reachable(s.listener.Addr())
	_, port, _ := net.SplitHostPort(address)
	return publicOrigin(s.config, address, port)
}

// SignInLink returns the link that signs a person in with a code.
func SignInLink(c config.Config, code string) string { return endpoint.SignInLink(PublicURL(c), code) }

// SignInLink returns the link that signs a person in with a code.
func (s *Server) SignInLink(code string) string { return endpoint.SignInLink(s.PublicURL(), code) }

func (s *Server) providers() []client.Provider {
	configured := s.config.Auth.AllProviders()
	var doubted []string
	for _, p := range configured {
		if !p.MatchEmail {
			doubted = append(doubted, p.Issuer)
		}
	}
	var all []client.Provider
	for _, p := range configured {
		all = append(all, client.Provider{
			ID: p.ID, Issuer: p.Issuer,
			OIDC: auth.NewProvider(auth.ProviderOptions{
				Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: string(p.ClientSecret), Scopes: p.Scopes,
				Redirect: s.PublicURL() + "/api/sign-in/oidc/" + p.ID + "/callback",
			}),
			Policy: chat.IdentityPolicy{MatchEmail: p.MatchEmail, Create: p.Create, Organization: chat.OrganizationID(p.Organization), Doubted: doubted},
		})
	}
	return all
}

// clientConfig returns the configuration that clients get before they sign in.
func (s *Server) clientConfig() client.Config {
	c := s.config
	out := client.Config{
		App:            chat.ClientApp,
		Server:         client.ConfigServer{Version: Version()},
		SignIn:         client.ConfigSignIn{Code: true},
		SocketPath:     c.BasePath() + c.Socket.Paths[0],
		HistoryPath:    c.BasePath() + c.HTTP.HistoryPath,
		PictureOrigins: s.pictureOrigins(),
		Uploads:        client.ConfigUploads{Kind: c.Blob, Address: s.uploads.address},
	}
	for _, p := range c.Auth.AllProviders() {
		out.SignIn.OIDC = append(out.SignIn.OIDC, client.ConfigProvider{ID: p.ID, Name: p.Name})
	}
	return out
}

// clientLimits returns the limits in force.
func (s *Server) clientLimits() client.ConfigLimits {
	c := s.live.Config()
	seconds := func(d time.Duration) int { return int(d / time.Second) }
	return client.ConfigLimits{
		Text: c.Chat.MaxText, Name: c.Chat.MaxName, Announcement: c.Chat.MaxAnnouncement, Top: c.Chat.MaxTop,
		Image: int64(c.Upload.MaxImage), File: int64(c.Upload.MaxFile), Voice: int64(c.Upload.MaxVoice), Video: int64(c.Upload.MaxVideo),
		WithdrawSeconds: seconds(c.Chat.WithdrawWindow), ShakeSeconds: seconds(c.Chat.ShakeInterval),
		EditSeconds: seconds(c.Chat.EditWindow), HideRevisions: c.Chat.HideRevisions,
		Password: c.Auth.MinPassword,
	}
}

// keepSeen writes down when log-ins and applications were used, until ctx ends, and then once more.
func (s *Server) keepSeen(ctx context.Context) {
	repeat(ctx, time.Minute, func(ctx context.Context) {
		if err := s.chat.WriteSeen(ctx); err != nil && !errors.Is(err, chat.ErrLogged) {
			s.log.ErrorContext(ctx, "the last use of sessions and applications could not be stored; the times of the last minute are lost", "err", err)
		}
	})
}

// SetUpLinks returns the addresses at which a server without people is set up, first the one
// for this machine and those of the network if there is no TLS, then the public one, or none if there are people. Their secret replaces that of an
// earlier start.
func (s *Server) SetUpLinks(ctx context.Context) ([]string, error) {
	node := ""
	if s.cluster != nil {
		s.cluster.mu.Lock()
		node = s.cluster.id
		s.cluster.mu.Unlock()
	}
	secret, err := s.chat.OpenSetUp(ctx, node)
	if err != nil || secret == "" {
		return nil, err
	}
	var links []string
	if s.encryption == nil { // a browser would not accept the certificate at other addresses than the public one
		for _, url := range append([]string{s.URL()}, s.networkURLs()...) {
			links = append(links, setUpLink(url+s.config.BasePath(), secret))
		}
	}
	if s.config.PublicURL != "" || s.encryption != nil {
		links = append(links, setUpLink(s.PublicURL(), secret))
	}
	return links, nil
}

// keepSettings reads the settings regularly, because this node may have missed a change while it was
// cut off.
func (s *Server) keepSettings(ctx context.Context) {
	repeat(ctx, time.Minute, func(ctx context.Context) {
		if err := s.chat.LoadSettings(ctx); err != nil && !errors.Is(err, chat.ErrLogged) {
			s.log.ErrorContext(ctx, "the settings could not be read; the former ones stay in force", "err", err)
		}
	})
}

// tellHowToBegin logs how to register applications, if there are none but the web client. It also warns
// of signing keys of an earlier version.
func (s *Server) tellHowToBegin(ctx context.Context) {
	apps, err := s.chat.Applications(ctx)
	if err != nil {
		return
	}
	if len(apps) == 1 && apps[0].Key == chat.ClientApp {
		s.log.Info("the web client is ready; other clients and systems of the host need an application of their own",
			"command", "parley app create NAME --data "+s.config.Data+", for a system with --kind server")
	}
	for _, app := range apps {
		if slices.ContainsFunc(app.SigningKeys, func(c chat.Credential) bool { return c.CreatedAt.IsZero() }) {
			s.log.Warn("an application signs JWTs with what was its secret in an earlier version: whoever has it can sign in everybody",
				"app", app.Key, "remedy", "if a client has ever had it, replace it: parley app revoke "+app.Key+" --signing-key")
		}
	}
}

// setUpLink returns the link that sets up a server. Browsers do not send the part after the #.
func setUpLink(address, secret string) string { return address + "/set-up#" + secret }
