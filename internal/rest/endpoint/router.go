package endpoint

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"runtime"
	"runtime/debug"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"parley/engineio/origin"
	"parley/internal/chat"
	"parley/internal/turn"
)

// Without ValidateStrictCasing, huma checks a field "NAME" as if it were "name". If a body has
// both, huma checks one and decodes the other.
func init() { huma.ValidateStrictCasing = true }

// Router is the HTTP side of the chat: it passes each request to its audience, and from there to
// its operation. It is safe for concurrent use after the last operation is registered.
type Router struct {
	Options
	Chat *chat.Service // nil in a router that only describes its operations

	limits    chat.Limits
	huma      huma.API
	mux       *http.ServeMux
	origins   origin.Policy
	audiences []Audience
	schemas   map[reflect.Type]string // names of schemas that differ from those of their types
	replays   *replays
	rates     *Rates[chat.AccountID]
}

// NewRouter returns a router without audiences, whose document begins with info.
func NewRouter(opts Options, info *huma.Info, svc *chat.Service) *Router {
	opts = opts.withDefaults()
	r := &Router{
		Options: opts,
		Chat:    svc,
		limits:  chat.DefaultLimits(),
		mux:     http.NewServeMux(),
		origins: origin.New(opts.AllowedOrigins),
		schemas: map[reflect.Type]string{},
		rates:   NewRates[chat.AccountID](func() Rate { return opts.Live().History }),
	}
	if svc != nil {
		r.limits = svc.Limits()
	}
	r.replays = newReplays(r)
	r.huma = humago.New(r.mux, r.config(info))
	return r
}

// config returns huma's configuration without its default routes and transformers: the
// documentation of huma loads scripts from other servers, and its document is rendered
// at the first request, without a lock.
func (r *Router) config(info *huma.Info) huma.Config {
	json := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: r.unmarshal}
	var servers []*huma.Server
	if r.PublicPath != "" { // else the document is at the root of what it describes
		servers = []*huma.Server{{URL: r.PublicURL}}
	}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    info,
			Servers: servers,
			Components: &huma.Components{
				Schemas:         huma.NewMapRegistry("#/components/schemas/", r.schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{AccessToken: accessToken()},
			},
		},
		Formats:       map[string]huma.Format{"application/json": json, "json": json},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{r.polish},
	}
}

// schemaName names a schema after its type.
func (r *Router) schemaName(t reflect.Type, hint string) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[huma.ErrorModel]():
		return "Problem"
	case reflect.TypeFor[huma.ErrorDetail]():
		return "ProblemField"
	}
	if name, ok := r.schemas[t]; ok {
		return name
	}
	return huma.DefaultSchemaNamer(t, hint)
}

// Document returns the OpenAPI document of the operations that are registered.
func (r *Router) Document() *huma.OpenAPI { return r.huma.OpenAPI() }

// API registers operations that [Register] does not fit.
func (r *Router) API() huma.API { return r.huma }

// Handle registers a handler that is no operation of the document.
func (r *Router) Handle(pattern string, handler http.HandlerFunc) { r.mux.HandleFunc(pattern, handler) }

// Pattern returns the pattern of the operation that a request is for, such as
// "GET /v1/groups/{group}"; empty if there is none.
func (r *Router) Pattern(req *http.Request) string {
	_, pattern := r.mux.Handler(req)
	return pattern
}

// Allow reports whether the account may make one more request now, and counts it.
func (r *Router) Allow(account chat.AccountID) bool { return r.rates.Allow(account) }

// ServeHTTP answers a request. A panic in an operation is logged once and answered with 500.
// Other requests continue.
func (r *Router) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	tracked := &tracked{ResponseWriter: w}
	defer func() {
		if v := recover(); v == any(http.ErrAbortHandler) {
			panic(v) // the way to drop a connection
		} else if v != nil {
			r.Logger.ErrorContext(req.Context(), "panic in a request", "method", req.Method, "panic", panicText(v), "stack", string(debug.Stack()))
			if !tracked.written {
				r.Refuse(w, req, Problem(http.StatusInternalServerError, TextInternal))
			}
		}
	}()
	r.serve(tracked, req)
}

// panicText returns the text of an error of the runtime, and only the type of other values: they
// may contain data of a client, which does not belong in a log.
func panicText(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", v)
}

func (r *Router) serve(w http.ResponseWriter, req *http.Request) {
	// The request waits under its network address until the account or the application is known.
	peer := turn.Peer(req.RemoteAddr)
	ctx := turn.For(req.Context(), turn.Address(peer))
	req = req.WithContext(chat.WithOrigin(ctx, chat.Origin{Address: peer, Agent: req.UserAgent(), Request: req.Header.Get("X-Request-Id")}))
	a := r.audience(req.URL.Path)
	if a.CORS != "" && r.cors(w, req, a.CORS) {
		return
	}
	if p := badAddress(req); p != nil {
		r.Refuse(w, req, p)
		return
	}
	if a.Serve == nil {
		r.Route(w, req)
		return
	}
	a.Serve(w, req)
}

// Perform reads the body of a request of a known caller, and passes the request to its operation.
// If once is set and the request has an idempotency key, it is carried out once for the caller:
// the account, or the application itself if there is none. The audit log names both.
func (r *Router) Perform(w http.ResponseWriter, req *http.Request, app chat.AppID, account chat.AccountID, once bool) {
	from := chat.OriginOf(req.Context())
	from.App, from.Account = app, account
	req = req.WithContext(chat.WithOrigin(req.Context(), from))
	op, most := r.Registered(req.Method, req.URL.Path), r.MaxBody
	if op != nil {
		if own, ok := op.Metadata[metaMaxBody].(int64); ok {
			most = own
		}
	}
	body, p := r.readBody(w, req, most)
	if p != nil {
		if op != nil && p.Status == http.StatusRequestEntityTooLarge {
			if remedy, _ := op.Metadata[metaTooLarge].(string); remedy != "" {
				p.Detail += ": " + remedy
			}
		}
		r.Refuse(w, req, p)
		return
	}
	// Enter comes after the body, because a slow client may delay the body and with it the stop.
	leave, ok := r.Enter()
	if !ok {
		r.Refuse(w, req, Problem(http.StatusServiceUnavailable, textStopping))
		return
	}
	defer leave()
	req.Body = io.NopCloser(bytes.NewReader(body))
	if once && req.Header[idempotencyKey] != nil {
		r.replays.serve(w, req, app, account, body, r.Route)
		return
	}
	r.Route(w, req)
}

// Route passes the request to its operation. If there is none, it answers with a problem
// document instead of the plain text of the mux.
func (r *Router) Route(w http.ResponseWriter, req *http.Request) {
	handler, pattern := r.mux.Handler(req)
	if pattern != "" {
		r.mux.ServeHTTP(w, req)
		return
	}
	discarded := &discarded{header: http.Header{}}
	handler.ServeHTTP(discarded, req)
	status, text := http.StatusNotFound, "there is nothing at this address"
	if allow := discarded.header.Get("Allow"); allow != "" {
		status, text = http.StatusMethodNotAllowed, "this address answers to "+allow
		w.Header().Set("Allow", allow)
	}
	r.Refuse(w, req, Problem(status, text))
}

// tracked records whether an answer has begun. It adds Retry-After to answers with 429 and 503.
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

// discarded receives the answer of the mux for an unknown address; only its Allow header is used.
type discarded struct{ header http.Header }

func (d *discarded) Header() http.Header         { return d.header }
func (d *discarded) Write(b []byte) (int, error) { return len(b), nil }
func (d *discarded) WriteHeader(int)             {}
