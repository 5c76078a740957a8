package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/engineio/origin"
	"parley/internal/chat"
	"parley/internal/turn"
)

// The client API has the operations of a program for the account that is signed in. Only
// the history is separate, because it has another form.
const (
	clientPrefix = "/api/"
	clientTag    = "client"
)

func isClient(op *huma.Operation) bool { return op != nil && slices.Contains(op.Tags, clientTag) }

// client registers an operation of the client API and sets its tag. by is the account of
// the access token and the application that it uses; [reader] returns the whole log-in
// from the context.
func client[I, O any](a *api, o operation, fn func(ctx context.Context, by chat.Actor, in *I) (*O, error)) {
	registerClient(a, o, []map[string][]string{{"accessToken": {}}}, func(ctx context.Context, in *I) (*O, error) {
		who := reader(ctx)
		return fn(ctx, chat.Actor{Account: who.Account.ID, App: who.App.ID}, in)
	})
}

// clientOnce is client for a POST that runs once for each idempotency key; see [post].
func clientOnce[I, R, O any](a *api, o operation, do func(ctx context.Context, by chat.Actor, in *I) (R, error), show func(R) *O) {
	o.method = http.MethodPost
	a.keyed[o.method+" "+o.path] = true
	o.errors = append(o.errors, http.StatusConflict)
	client(a, o, func(ctx context.Context, by chat.Actor, in *I) (*O, error) {
		r, err := do(keepAnswer(ctx, o, show), by, in)
		if err != nil {
			return nil, err
		}
		return show(r), nil
	})
}

// clientOpen registers an operation of the client API for callers without a token. The
// operation limits their requests itself.
func clientOpen[I, O any](a *api, o operation, fn func(ctx context.Context, in *I) (*O, error)) {
	a.open[o.method+" "+o.path] = true
	registerClient(a, o, []map[string][]string{}, fn)
}

func registerClient[I, O any](a *api, o operation, security []map[string][]string, fn func(ctx context.Context, in *I) (*O, error)) {
	op := huma.Operation{
		OperationID:     o.id,
		Method:          o.method,
		Path:            o.path,
		Tags:            []string{clientTag},
		Summary:         o.summary,
		Description:     o.doc,
		DefaultStatus:   o.status,
		Security:        security,
		MaxBodyBytes:    a.opts.MaxBody + 1, // checked before, exactly
		BodyReadTimeout: a.opts.ReadTimeout,
		Metadata:        map[string]any{metaFields: o.fields},
	}
	if a.keyed[o.method+" "+o.path] {
		op.Parameters = append(op.Parameters, idempotencyParam())
	}
	codes := map[int]bool{http.StatusUnprocessableEntity: true, http.StatusTooManyRequests: true}
	if len(security) > 0 {
		codes[http.StatusUnauthorized] = true
	}
	for _, c := range o.errors {
		codes[c] = true
	}
	op.Errors = slices.Sorted(maps.Keys(codes))
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		var early *tooEarly
		switch {
		case errors.As(err, &early):
			return nil, early.answer()
		case err != nil:
			return nil, a.refusal(ctx, a.operationOf(op), err)
		}
		return out, nil
	})
	if body, ok := reflect.TypeFor[I]().FieldByName("Body"); ok {
		a.limit(a.operationOf(op), body.Type)
	}
}

// serveClient checks a request of the client API before its operation: first the log-in,
// then the rate limit, then the body. As in the host API, a caller without a log-in gets
// no other answer than a refusal, except from the operations for signing in.
func (a *api) serveClient(w http.ResponseWriter, r *http.Request) {
	if a.cors(w, r, clientMethods) {
		return
	}
	if p := badAddress(r); p != nil {
		writeHostProblem(w, p)
		return
	}
	ctx, cancel := contextWithTimeout(r, a.opts.Timeout)
	defer cancel()
	ctx = context.WithValue(ctx, peerKey{}, peer{turn.Peer(r.RemoteAddr), r.UserAgent(), origin.IsSecure(r)})
	r = r.WithContext(ctx)
	_, pattern := a.mux.Handler(r)
	var who chat.Identity
	if !a.open[pattern] {
		var err error
		who, err = a.signedIn(r)
		if err == nil && !a.rates.allow(who.Account.ID) {
			err = chat.ErrTooManyRequests
		}
		if err != nil {
			p := a.refusal(ctx, &huma.Operation{OperationID: "authenticate"}, err)
			if p.Status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", `Bearer realm="parley"`)
			}
			writeHostProblem(w, p)
			return
		}
		ctx = context.WithValue(turn.For(ctx, turn.Account(string(who.Account.ID))), readerKey{}, who)
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
	r = r.WithContext(ctx)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if a.keyed[pattern] && r.Header[idempotencyKey] != nil {
		a.replays.serve(w, r, who.App.ID, who.Account.ID, body, a.route)
		return
	}
	a.route(w, r)
}

// peer describes a caller without a token.
type peer struct {
	address, agent string
	secure         bool // the request came over HTTPS
}

type peerKey struct{}

func peerOf(ctx context.Context) peer { return ctx.Value(peerKey{}).(peer) }

// signedIn returns the log-in of the caller. It reads the access token only from the
// Authorization header, so that a page of another origin cannot use credentials that
// browsers send automatically.
func (a *api) signedIn(r *http.Request) (chat.Identity, error) {
	token, app, err := clientCredentials(r)
	if err != nil {
		return chat.Identity{}, err
	}
	return a.chat.AuthenticateClient(r.Context(), token, app)
}

const clientMethods = "GET, HEAD, POST, PUT, PATCH, DELETE"

// clientList is a page of a list of the client API; the cursor is opaque.
type clientList[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Value of next for the following page; missing on the last page"`
}

type clientListBody[T any] struct{ Body clientList[T] }

// ClientPage are the parameters for a page of a list.
type ClientPage struct {
	Next  string `query:"next" maxLength:"256" doc:"The next of the previous page; empty for the first page"`
	Limit int    `query:"limit" minimum:"1" default:"50" doc:"How many, at most 100"`
}

// size is the requested limit, at most maxRows.
// maxRows is the maximum number of rows in one answer of the client API.
const maxRows = 100

func (p ClientPage) size() int { return min(p.Limit, maxRows) }

// clientItems returns a page of the items. next is the cursor of the following page, empty
// on the last one.
func clientItems[R, T any](rows []R, next string, show func(R) T) *clientListBody[T] {
	out := &clientListBody[T]{Body: clientList[T]{Items: make([]T, 0, len(rows)), Next: next}}
	for _, r := range rows {
		out.Body.Items = append(out.Body.Items, show(r))
	}
	return out
}

// isClientPath reports whether the path belongs to the client API.
func isClientPath(path string) bool { return strings.HasPrefix(path, clientPrefix) }
