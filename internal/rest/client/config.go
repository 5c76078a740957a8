package client

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// Config is the configuration that clients read before anybody signs in.
type Config struct {
	App            string        `json:"app" doc:"Key of the web client's application" example:"parley-web"`
	Server         ConfigServer  `json:"server"`
	SignIn         ConfigSignIn  `json:"signIn"`
	SetUp          bool          `json:"setUp,omitempty" doc:"There are no people: somebody with the link that the server prints at its start has to set it up"`
	EmailChange    bool          `json:"emailChange" doc:"People with a password can change their e-mail address: /api/me/email"`
	Limits         ConfigLimits  `json:"limits"`
	SocketPath     string        `json:"socketPath" doc:"Path for sockets" example:"/socket.io/"`
	HistoryPath    string        `json:"historyPath" doc:"Base path of the history" example:"/"`
	Uploads        ConfigUploads `json:"uploads"`
	PictureOrigins []string      `json:"pictureOrigins" nullable:"false" doc:"Origins, besides the server's own, from which a client may load pictures, sound and video: exact, with a * for the first part of the host, or * for all. For other origins it shows a link, because loading would tell them who reads and when"`
}

// ConfigServer describes the server.
type ConfigServer struct {
	Name              string `json:"name" example:"parley"`
	Version           string `json:"version"`
	TimeZone          string `json:"timeZone" doc:"Zone of the time strings in pushes and history: an IANA name, or Local if only the offset is known" example:"Asia/Shanghai"`
	TimeOffsetMinutes int    `json:"timeOffsetMinutes" doc:"Current offset of that zone from UTC" example:"480"`
	Language          string `json:"language" enum:"en,zh" doc:"Language of system messages"`
}

// ConfigSignIn says how people can sign in.
type ConfigSignIn struct {
	Code     bool             `json:"code" doc:"Show a field for a sign-in code from the company's own systems. Links with a code always work"`
	Password bool             `json:"password"`
	Mail     bool             `json:"mail" doc:"A sign-in link can be sent by mail: /api/sign-in/link"`
	OIDC     []ConfigProvider `json:"oidc" nullable:"false" doc:"Begin at /api/sign-in/oidc/{id}"`
}

// ConfigProvider is an OpenID Connect provider.
type ConfigProvider struct {
	ID   string `json:"id" example:"main"`
	Name string `json:"name" doc:"Text of the button" example:"OpenID Connect"`
}

// ConfigLimits are the limits of the server: lengths in UTF-16 units, files in bytes.
type ConfigLimits struct {
	Text            int   `json:"text"`
	Name            int   `json:"name"`
	Announcement    int   `json:"announcement"`
	Image           int64 `json:"image"`
	File            int64 `json:"file"`
	Voice           int64 `json:"voice"`
	Video           int64 `json:"video"`
	WithdrawSeconds int   `json:"withdrawSeconds" doc:"How long people can withdraw their own messages"`
	EditSeconds     int   `json:"editSeconds" doc:"How long people can edit their own messages"`
	HideRevisions   bool  `json:"hideRevisions" doc:"Only the author of an edited message can read its former texts"`
	Top             int   `json:"top" doc:"Maximum number of chats on top"`
	ShakeSeconds    int   `json:"shakeSeconds" doc:"Minimum time between two shakes of the same person"`
	Password        int   `json:"password" doc:"Minimum number of characters of a password"`
}

// ConfigUploads describes where clients upload files.
type ConfigUploads struct {
	Kind    string `json:"kind" enum:"disk,qiniu,s3"`
	Address string `json:"address" doc:"Address for the form" example:"/upload"`
}

func (a *api) config() {
	addOpen(a, endpoint.Operation{
		ID: "get-config", Method: http.MethodGet, Path: "/api/config",
		Summary: "Get the configuration for clients",
		Doc:     "It needs no token. It is the same for everybody. Name, language, time zone, the ways to sign in and the limits can change while the server runs.",
	}, func(ctx context.Context, _ *struct{}) (*struct{ Body Config }, error) {
		c := a.opts.Config
		if a.opts.Limits != nil {
			c.Limits = a.opts.Limits()
		}
		c.SignIn.Code = c.SignIn.Code && !a.chat.SignInHidden(chat.WayCode)
		shown := make([]ConfigProvider, 0, len(c.SignIn.OIDC))
		for _, p := range c.SignIn.OIDC {
			if !a.chat.SignInHidden(p.ID) {
				shown = append(shown, p)
			}
		}
		c.SignIn.OIDC = shown
		if c.PictureOrigins == nil {
			c.PictureOrigins = []string{}
		}
		settings := a.chat.Settings()
		c.Server.Name, c.Server.Language, c.Server.TimeZone = settings.Name, settings.Language, settings.TimeZone
		c.Server.TimeOffsetMinutes = int(a.router.Encoder.Offset(a.router.Now()) / time.Minute)
		c.SignIn.Password, c.SignIn.Mail = a.chat.PasswordsOn(), a.chat.LinksOn()
		c.EmailChange = a.chat.EmailChangeOn()
		if !a.hasPeople.Load() {
			var err error
			if c.SetUp, err = a.chat.NeedsSetUp(ctx); err != nil {
				return nil, err
			}
			a.hasPeople.Store(!c.SetUp)
		}
		return &struct{ Body Config }{c}, nil
	})
}
