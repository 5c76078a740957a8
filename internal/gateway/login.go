package gateway

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"parley/internal/chat"
	"parley/internal/wire"
	"parley/socketio"
)

// tokenCookie and tokenQuery are other names of the token (docs/protocol/connect.md).
const (
	tokenCookie = "md_pss_id"
	tokenQuery  = "pss_id"
)

// auth is the object of a CONNECT packet.
type auth struct {
	Token string `json:"token"`
	App   string `json:"app"`
}

// login is a log-in between its check and the attachment of its socket.
type login struct {
	id         chat.Identity
	token, app string
	logouts    uint64 // the hub's count before the check
}

// authenticate is the middleware that lets only logged-in sockets in.
func (g *Gateway) authenticate(s *socketio.Socket, h *socketio.Handshake) error {
	l, err := g.logIn(h)
	if err == nil {
		g.stats.logins.Add(1)
		s.SetValue(l)
		return nil
	}
	g.stats.turnedAway.Add(1)
	text, ok := wire.RefusalText(err)
	if !ok {
		g.turnBack(s, "log-in failed", err)
		text = chat.ErrInternal.Error()
	}
	return &socketio.ConnectError{Message: text}
}

// logIn checks the credentials. Only refusals count against an address, neither
// log-ins nor faults of ours: behind one address may be a whole company, and
// after a restart all of it comes back at once.
func (g *Gateway) logIn(h *socketio.Handshake) (_ *login, err error) {
	address := addressKey(h.RemoteAddr)
	if !g.refusals.left(address, 0, g.opts.Now()) {
		return nil, chat.ErrTooManyRequests
	}
	defer func() {
		if _, refused := wire.RefusalText(err); refused {
			g.refusals.allow(address, 0, g.opts.Now())
		}
	}()
	token, app, err := credentials(h)
	if err != nil {
		return nil, err
	}
	l := &login{token: token, app: app, logouts: g.logouts()}
	l.id, err = g.svc.Authenticate(g.ctx, token, app)
	return l, err
}

// revoked reports whether the token was revoked between its check and the
// attachment of the socket, when the log-out found nobody to send away.
func (g *Gateway) revoked(l *login) (bool, error) {
	if g.logouts() == l.logouts {
		return false, nil
	}
	_, err := g.svc.Authenticate(g.ctx, l.token, l.app)
	if _, refused := wire.RefusalText(err); refused {
		return true, nil
	}
	return false, err
}

// credentials finds the token and the application's key wherever clients put
// them. Whoever names the token by one of its two other names is today's web
// client, which names no application: then app is empty, and chat's default is meant.
func credentials(h *socketio.Handshake) (token, app string, err error) {
	var named, renamed, apps agreed
	for _, query := range []url.Values{h.Query, h.NamespaceQuery} {
		named.add(query["token"]...)
		renamed.add(query[tokenQuery]...)
		apps.add(query["app"]...)
	}
	if len(h.Auth) > 0 {
		a, err := wire.Decode[auth](h.Auth)
		if err != nil {
			return "", "", within("auth", err)
		}
		named.add(a.Token)
		apps.add(a.App)
	}
	switch scheme, token := authorization(h.Header); {
	case strings.EqualFold(scheme, "Bearer"):
		named.add(token)
	case strings.EqualFold(scheme, tokenCookie): // as the history takes it
		renamed.add(token)
	}
	renamed.add(cookies(h.Header)...)

	switch token := named.value; {
	case named.differ || renamed.differ || apps.differ,
		token != "" && renamed.value != "" && token != renamed.value:
		return "", "", chat.ErrCredentialsDiffer
	case token == "" && renamed.value == "":
		return "", "", chat.ErrTokenRequired
	case token == "":
		return renamed.value, apps.value, nil
	case apps.value == "":
		return "", "", chat.ErrAppRequired
	default:
		return token, apps.value, nil
	}
}

// within puts a name before the field that is at fault.
func within(name string, err error) error {
	var invalid *chat.InvalidError
	if !errors.As(err, &invalid) {
		return err
	}
	return chat.Invalid(name+"."+invalid.Field, "%s", invalid.Reason)
}

// agreed is a value that may be given in several places, but only one value.
type agreed struct {
	value  string
	differ bool
}

func (a *agreed) add(values ...string) {
	for _, v := range values {
		switch {
		case v == "":
		case a.value == "":
			a.value = v
		case a.value != v:
			a.differ = true
		}
	}
}

func authorization(h http.Header) (scheme, token string) {
	scheme, token, _ = strings.Cut(h.Get("Authorization"), " ")
	return scheme, strings.TrimSpace(token)
}

func cookies(h http.Header) []string {
	var values []string
	for _, line := range h["Cookie"] {
		found, err := http.ParseCookie(line)
		if err != nil {
			continue // somebody else's cookie is broken
		}
		for _, c := range found {
			if c.Name == tokenCookie {
				values = append(values, c.Value)
			}
		}
	}
	return values
}
