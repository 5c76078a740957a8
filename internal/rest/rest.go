package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"parley/engineio/origin"
	"parley/internal/chat"
	"parley/internal/turn"
)

const hostPrefix = "/v1/"

// Otherwise huma checks "NAME" as if it were "name" and, where both are there,
// checks one and decodes the other.
func init() { huma.ValidateStrictCasing = true }

// api is the whole HTTP side: the operations, and what stands before them.
type api struct {
	opts     Options
	chat     *chat.Service
	limits   chat.Limits
	huma     huma.API
	mux      *http.ServeMux
	origins  origin.Policy
	own      origin.Policy           // without the listed origins
	history  map[string]bool         // paths of the history
	scopes   map[string][]chat.Scope // of the operations of the host API, by the mux's pattern
	open     map[string]bool         // patterns of the client API that need no token
	keyed    map[string]bool         // patterns of the client API that take an idempotency key
	replays  *replays
	attempts *attempts
	rates    *rates[chat.AccountID]

	guesses   *guesses
	codes     *rates[string] // wrong sign-in codes of an address
	seeking   *rates[string] // e-mail addresses that are nobody's and that an account asked for
	passwords *rates[string] // wrong current passwords of a session
	exchanges *turn.Queue    // requests to a provider, by the address for which they are made
	known     *knownDevices
}

// New returns a handler for /v1, /api, /docs, /openapi.json, /openapi.yaml and the
// history endpoints. Every other path is answered with 404, every other method
// with 405, as problem documents. It is safe for concurrent use.
func New(opts Options, svc *chat.Service) http.Handler {
	a := build(opts, svc)
	a.serveDocument()
	return a
}

// Document returns the OpenAPI 3.1 document of the API with these options, as YAML.
func Document(opts Options) ([]byte, error) {
	return build(opts, nil).huma.OpenAPI().YAML()
}

func build(opts Options, svc *chat.Service) *api {
	opts = opts.withDefaults()
	a := &api{
		opts:    opts,
		chat:    svc,
		limits:  chat.DefaultLimits(),
		mux:     http.NewServeMux(),
		origins: origin.New(opts.AllowedOrigins),
		own:     origin.New([]string{origin.Of(opts.PublicURL)}),
		history: map[string]bool{},
		scopes:  map[string][]chat.Scope{},
		open:    map[string]bool{},
		keyed:   map[string]bool{},
		rates:   newRates[chat.AccountID](opts.HistoryRate, opts.HistoryBurst),

		guesses:   newGuesses(&opts),
		codes:     newRates[string](opts.SignInRate, opts.SignInBurst),
		seeking:   newRates[string](opts.SignInRate, opts.SignInBurst),
		exchanges: turn.New(turn.Limits{Slots: maxExchanges, PerKey: maxExchanges / 4, Waiting: maxExchangesWaiting}),
		known:     newKnownDevices(opts.DeviceKey, opts.PublicPath, strings.HasPrefix(opts.PublicURL, "https://")),
		passwords: newRates[string](opts.PasswordRate, opts.PasswordBurst),
	}
	if svc != nil {
		a.limits = svc.Limits()
	}
	a.replays = newReplays(a)
	a.attempts = newAttempts(opts.PublicPath+oidcPath, strings.HasPrefix(opts.PublicURL, "https://"))
	a.huma = humago.New(a.mux, a.config())
	a.applications()
	a.organizations()
	a.accounts()
	a.friends()
	a.tokens()
	a.groups()
	a.members()
	a.messages()
	a.notifications()
	a.histories()
	a.unreadPlaces()
	a.me()
	a.people()
	a.directory()
	a.searches()
	a.friendRequests()
	a.ownGroups()
	a.ownMembers()
	a.inboxes()
	a.files()
	a.clientConfig()
	a.signIn()
	a.oidc()
	a.sessions()
	a.signInCodes()
	return a
}

// config is huma's, without the routes and transformers that it has by default:
// its documentation loads scripts from elsewhere, and its document is rendered
// at the first request, without a lock.
func (a *api) config() huma.Config {
	json := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: a.unmarshal}
	var servers []*huma.Server
	if a.opts.PublicPath != "" { // else the document is at the root of what it describes
		servers = []*huma.Server{{URL: a.opts.PublicURL}}
	}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI:    "3.1.0",
			Info:       documentInfo(),
			Servers:    servers,
			Tags:       documentTags(),
			Components: documentComponents(),
		},
		Formats:       map[string]huma.Format{"application/json": json, "json": json},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{polish},
	}
}

// ServeHTTP answers a request. What goes wrong in an operation stays there: the
// client is told, the log once, and everybody else is served on.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	tracked := &tracked{ResponseWriter: w}
	defer func() {
		if v := recover(); v == any(http.ErrAbortHandler) {
			panic(v) // the way to drop a connection
		} else if v != nil {
			a.opts.Logger.ErrorContext(r.Context(), "panic in a request", "method", r.Method, "panic", panicText(v), "stack", string(debug.Stack()))
			if !tracked.written {
				writeProblem(w, a.problemFor(r, newProblem(http.StatusInternalServerError, textInternal)), http.StatusInternalServerError)
			}
		}
	}()
	a.serve(tracked, r)
}

// panicText keeps to the errors of the runtime and else to the type: other values
// may hold what a client has sent, which does not belong in a log.
func panicText(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", v)
}

func (a *api) serve(w http.ResponseWriter, r *http.Request) {
	// Until the account or the application is known.
	r = r.WithContext(turn.For(r.Context(), turn.Address(turn.Peer(r.RemoteAddr))))
	switch {
	case a.history[r.URL.Path]:
		if a.cors(w, r, "GET, HEAD") {
			return
		}
	case isFilePath(r.URL.Path):
		if a.cors(w, r, fileMethods) {
			return
		}
	case isClientPath(r.URL.Path):
		a.serveClient(w, r)
		return
	}
	if p := badAddress(r); p != nil {
		writeProblem(w, a.problemFor(r, p), p.Status)
		return
	}
	if strings.HasPrefix(r.URL.Path, hostPrefix) {
		a.serveHost(w, r)
		return
	}
	a.route(w, r)
}

// serveHost stands before the host API: credentials first, then the scopes, then
// the body, then the idempotency key, then the operation. An unauthenticated caller
// learns nothing, not even which operations there are.
func (a *api) serveHost(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := contextWithTimeout(r, a.opts.Timeout)
	defer cancel()
	r = r.WithContext(ctx)
	// A browser that was once asked for HTTP Basic credentials adds them to the requests of every page.
	if a.own.Standing(r) != origin.Trusted {
		writeHostProblem(w, newProblem(http.StatusForbidden, textForeignPage))
		return
	}
	app, p := a.authenticateHost(r)
	if p != nil {
		w.Header().Add("WWW-Authenticate", `Basic realm="parley", charset="UTF-8"`)
		w.Header().Add("WWW-Authenticate", `Bearer realm="parley"`)
		writeHostProblem(w, p)
		return
	}
	if p := a.checkScopes(r, app); p != nil {
		writeHostProblem(w, p)
		return
	}
	body, p := a.readBody(w, r)
	if p != nil {
		writeHostProblem(w, p)
		return
	}
	// Not before the body is here, which a slow client may keep back.
	leave, ok := a.opts.Enter()
	if !ok {
		writeHostProblem(w, newProblem(http.StatusServiceUnavailable, textStopping))
		return
	}
	defer leave()
	r.Body = io.NopCloser(bytes.NewReader(body))
	r = r.WithContext(withCaller(turn.For(ctx, turn.Application(string(app.ID))), app))
	if r.Method == http.MethodPost && r.Header[idempotencyKey] != nil {
		a.replays.serve(w, r, app.ID, "", body, a.route)
		return
	}
	a.route(w, r)
}

// route hands the request to its operation; where there is none, the mux's plain
// text becomes a problem document.
func (a *api) route(w http.ResponseWriter, r *http.Request) {
	handler, pattern := a.mux.Handler(r)
	if pattern != "" {
		a.mux.ServeHTTP(w, r)
		return
	}
	discarded := &discarded{header: http.Header{}}
	handler.ServeHTTP(discarded, r)
	status, text := http.StatusNotFound, "there is nothing at this address"
	if allow := discarded.header.Get("Allow"); allow != "" {
		status, text = http.StatusMethodNotAllowed, "this address answers to "+allow
		w.Header().Set("Allow", allow)
	}
	writeProblem(w, a.problemFor(r, newProblem(status, text)), status)
}

func (a *api) problemFor(r *http.Request, p *huma.ErrorModel) any {
	if a.history[r.URL.Path] {
		return asHistoryProblem(p)
	}
	return p
}

// unreadTime is how long the rest of a body may take that is not read to its end. Many
// clients read no answer before they have sent everything.
const unreadTime = 2 * time.Second

// readBody reads the whole body within the limits of size and time.
func (a *api) readBody(w http.ResponseWriter, r *http.Request) ([]byte, *huma.ErrorModel) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	// A writer without deadlines (a test's recorder) has no slow peer either.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(a.opts.ReadTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, a.opts.MaxBody))
	if err == nil {
		_ = control.SetReadDeadline(time.Time{})
		return body, nil
	}
	// net/http reads the rest of the body before it closes the connection.
	_ = control.SetReadDeadline(time.Now().Add(unreadTime))
	w.Header().Set("Connection", "close")
	var tooLarge *http.MaxBytesError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &tooLarge):
		return nil, newProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes", tooLarge.Limit))
	case errors.As(err, &timeout) && timeout.Timeout():
		return nil, newProblem(http.StatusRequestTimeout, "the body took too long to arrive")
	default:
		return nil, newProblem(http.StatusBadRequest, "the body ended early")
	}
}

// unmarshal decodes a body. encoding/json would replace bytes that are no UTF-8;
// here they are refused, because what is stored must be what was sent.
func (a *api) unmarshal(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("is not valid UTF-8")
	}
	if depth(data) > a.opts.MaxDepth {
		return fmt.Errorf("is nested deeper than %d levels", a.opts.MaxDepth)
	}
	return json.Unmarshal(data, v)
}

// depth returns how deep the arrays and objects of a JSON text are nested. On
// text that is no JSON the result means nothing, and the parser refuses it.
func depth(data []byte) int {
	deepest, now, inString := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}

// badAddress refuses paths and queries whose escapes make no UTF-8 text, or
// that hold a NUL, which not every database can store.
func badAddress(r *http.Request) *huma.ErrorModel {
	if !plain(r.URL.Path) {
		return newProblem(http.StatusBadRequest, "the path is not valid UTF-8 text", &huma.ErrorDetail{Location: "path", Message: "must be UTF-8 without NUL"})
	}
	if r.URL.RawQuery == "" {
		return nil
	}
	for name, values := range r.URL.Query() {
		for _, v := range values {
			if !plain(name) || !plain(v) {
				return newProblem(http.StatusBadRequest, "the query is not valid UTF-8 text", &huma.ErrorDetail{Location: "query", Message: "must be UTF-8 without NUL"})
			}
		}
	}
	return nil
}

func plain(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// tracked remembers whether an answer has begun, and says with every refusal that
// is a matter of time when to try again.
type tracked struct {
	http.ResponseWriter
	written bool
}

func (t *tracked) WriteHeader(status int) {
	t.written = true
	if h := t.Header(); (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) && h.Get("Retry-After") == "" {
		h.Set("Retry-After", "1")
	}
	t.ResponseWriter.WriteHeader(status)
}

func (t *tracked) Write(b []byte) (int, error) {
	t.written = true
	return t.ResponseWriter.Write(b)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (t *tracked) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// discarded takes what the mux says of an unknown address, for its Allow header.
type discarded struct{ header http.Header }

func (d *discarded) Header() http.Header         { return d.header }
func (d *discarded) Write(b []byte) (int, error) { return len(b), nil }
func (d *discarded) WriteHeader(int)             {}
