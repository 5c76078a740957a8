package rest

import (
	"context"
	"net/http"
)

// ClientConfig is what a client is told before anybody signs in.
type ClientConfig struct {
	App            string        `json:"app" doc:"Key of the application that the web client is" example:"parley-web"`
	Server         ClientServer  `json:"server"`
	SignIn         ClientSignIn  `json:"signIn"`
	Limits         ClientLimits  `json:"limits"`
	SocketPath     string        `json:"socketPath" doc:"Path that sockets connect to" example:"/socket.io/"`
	HistoryPath    string        `json:"historyPath" doc:"Where the history lies" example:"/"`
	Uploads        ClientUploads `json:"uploads"`
	PictureOrigins []string      `json:"pictureOrigins" nullable:"false" doc:"Origins, beside the server's own, from which a client may load pictures, sound and films: exact, with a * for the first part of the host, or * for all. Of other places it shows a link, because loading would tell them who reads and when"`
}

// ClientServer is what the server says of itself.
type ClientServer struct {
	Name              string `json:"name" example:"parley"`
	Version           string `json:"version"`
	TimeZone          string `json:"timeZone" doc:"Zone of the time strings in pushes and history: an IANA name, or Local where only the offset is known" example:"Asia/Shanghai"`
	TimeOffsetMinutes int    `json:"timeOffsetMinutes" doc:"What that zone is ahead of UTC at this moment" example:"480"`
	Language          string `json:"language" enum:"en,zh" doc:"Language of system messages"`
}

// ClientSignIn says how people can sign in.
type ClientSignIn struct {
	Code     bool             `json:"code" doc:"With a code or link, which the company's own systems hand out"`
	Password bool             `json:"password"`
	OIDC     []ClientProvider `json:"oidc" nullable:"false" doc:"Begin at /api/sign-in/oidc/{id}"`
}

// ClientProvider is one of OpenID Connect.
type ClientProvider struct {
	ID   string `json:"id" example:"main"`
	Name string `json:"name" doc:"What stands on the button" example:"OpenID Connect"`
}

// ClientLimits are the sizes beyond which something is refused: lengths in
// UTF-16 units, files in bytes.
type ClientLimits struct {
	Text            int   `json:"text"`
	Name            int   `json:"name"`
	Announcement    int   `json:"announcement"`
	Image           int64 `json:"image"`
	File            int64 `json:"file"`
	Voice           int64 `json:"voice"`
	Video           int64 `json:"video"`
	WithdrawSeconds int   `json:"withdrawSeconds" doc:"How long one's own message can be taken back"`
	Top             int   `json:"top" doc:"Chats on top"`
	ShakeSeconds    int   `json:"shakeSeconds" doc:"Between two shakes of the same person"`
	Password        int   `json:"password" doc:"Characters that a password has at least"`
}

// ClientUploads says where files go.
type ClientUploads struct {
	Kind    string `json:"kind" enum:"disk,qiniu,s3"`
	Address string `json:"address" doc:"Where the form is sent" example:"/upload"`
}

func (a *api) clientConfig() {
	clientOpen(a, operation{
		id: "get-config", method: http.MethodGet, path: "/api/config",
		summary: "What a client must know before it signs in",
		doc:     "The same for everybody, as long as the server runs.",
	}, func(context.Context, *struct{}) (*struct{ Body ClientConfig }, error) {
		c := a.opts.Client
		if c.SignIn.OIDC == nil {
			c.SignIn.OIDC = []ClientProvider{}
		}
		if c.PictureOrigins == nil {
			c.PictureOrigins = []string{}
		}
		if now := a.opts.Encoder.Zone; now != nil {
			_, offset := a.opts.Now().In(now).Zone()
			c.Server.TimeOffsetMinutes = offset / 60
		}
		return &struct{ Body ClientConfig }{c}, nil
	})
}
