package gateway

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"parley/internal/chat"
	"parley/internal/turn"
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
	credentials
	id      chat.Identity
	logouts uint64 // the hub's count before the check
}

// authenticate is the middleware that lets only logged-in sockets in.
func (g *Gateway) authenticate(s *socketio.Socket, h *socketio.Handshake) error {
	s.Yield() // for the database, also in connect, which follows
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

// logIn checks the credentials. A correct log-in is never refused because of others: a whole company may share one address,
// and a token has too many random bits to be guessed. Only refused log-ins count against the address. Above its limit they
// get "too many requests".
func (g *Gateway) logIn(h *socketio.Handshake) (*login, error) {
	l, err := g.checkLogin(h)
	if _, refused := wire.RefusalText(err); refused && !g.refusals.allow(turn.Peer(h.RemoteAddr), 0, g.opts.Now()) {
		return nil, chat.ErrTooManyRequests
	}
	if err == nil && !g.sockets.room(l.id.Session, l.id.Account.ID) {
		return nil, chat.ErrTooManyConnections
	}
	return l, err
}

func (g *Gateway) checkLogin(h *socketio.Handshake) (*login, error) {
	given, err := credentialsOf(h)
	if err != nil {
		return nil, err
	}
	l := &login{credentials: given, logouts: g.logouts()}
	l.id, err = g.identify(turn.Address(turn.Peer(h.RemoteAddr)), given)
	return l, err
}

// errBusy is not sent to the client: the connection is closed without an error packet, so
// that the client reconnects by itself.
var errBusy = errors.New("gateway: too many log-ins are waiting")

// identify checks the credentials. The check waits for its turn under the key.
func (g *Gateway) identify(key string, given credentials) (chat.Identity, error) {
	id, err := g.svc.Authenticate(turn.For(g.ctx, key), given.token, given.app)
	if errors.Is(err, chat.ErrTooManyRequests) {
		err = errBusy
	}
	return id, err
}

// revoked reports whether the token was revoked between its check and the
// attachment of the socket, when the log-out found nobody to send away.
func (g *Gateway) revoked(l *login) (bool, error) {
	if g.logouts() == l.logouts {
		return false, nil
	}
	_, err := g.identify(turn.Account(string(l.id.Account.ID)), l.credentials)
	if _, refused := wire.RefusalText(err); refused {
		return true, nil
	}
	return false, err
}

// credentials are the credentials of a log-in.
type credentials struct {
	token, app string
	pssID      string // the token, where it came as pss_id or in the cookie
}

// logoutName is the name by which the client knows its log-in. Clients that come
// with pss_id compare that with the sessionId of "logout message", and take one
// that differs for somebody else's.
func (l *login) logoutName() string {
	return cmp.Or(l.pssID, string(l.id.Session))
}

// credentialsOf finds the token and the application's key wherever clients put
// them. Clients that name the token by one of its two other names may name no
// application: then app is empty, and the default application is meant.
func credentialsOf(h *socketio.Handshake) (given credentials, err error) {
	var named, renamed, pssID, apps agreed
	for _, query := range []url.Values{h.Query, h.NamespaceQuery} {
		named.add(query["token"]...)
		pssID.add(query[tokenQuery]...)
		apps.add(query["app"]...)
	}
	if len(h.Auth) > 0 {
		a, err := wire.Decode[auth](h.Auth)
		if err != nil {
			return given, within("auth", err)
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
	pssID.add(cookies(h.Header)...)
	renamed.add(pssID.value)

	given = credentials{token: cmp.Or(named.value, renamed.value), app: apps.value, pssID: pssID.value}
	switch {
	case named.differ || renamed.differ || pssID.differ || apps.differ,
		named.value != "" && renamed.value != "" && named.value != renamed.value:
		return given, chat.ErrCredentialsDiffer
	case given.token == "":
		return given, chat.ErrTokenRequired
	case named.value != "" && given.app == "":
		return given, chat.ErrAppRequired
	}
	return given, nil
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
