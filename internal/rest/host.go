package rest

import (
	"context"
	"maps"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"parley/internal/chat"
)

// operation is what one endpoint of the host API says of itself.
type operation struct {
	id, method, path string
	tag              string
	summary          string
	doc              string            // what happens, which pushes leave
	status           int               // of success; 0: 200, or 204 without a body
	errors           []int             // beside 401, 403, 422, 429 and 500, which all have
	fields           map[string]string // the chat's names of fields to their locations here

	// Of the host API alone.
	scopes  []chat.Scope // that the calling application must have; nil is not allowed, see [noScope]
	unbound bool         // not for applications that are bound to an organization
	guests  bool         // the account of the path may be a member of the group who is from elsewhere
}

// host registers an endpoint: it adds what all have in common and turns what
// the chat refuses into problem documents.
func host[I, O any](a *api, o operation, fn func(ctx context.Context, app chat.Application, in *I) (*O, error)) {
	op := huma.Operation{
		OperationID:     o.id,
		Method:          o.method,
		Path:            o.path,
		Tags:            []string{o.tag},
		Summary:         o.summary,
		Description:     o.doc,
		DefaultStatus:   o.status,
		MaxBodyBytes:    a.opts.MaxBody + 1, // checked before, exactly
		BodyReadTimeout: a.opts.ReadTimeout,
		Metadata:        map[string]any{metaFields: o.fields},
	}
	a.declareScopes(&op, o.scopes)
	references := referencesOf(reflect.TypeFor[I]())
	codes := map[int]bool{
		http.StatusUnauthorized: true, http.StatusForbidden: true, http.StatusUnprocessableEntity: true, http.StatusTooManyRequests: true,
	}
	for _, c := range o.errors {
		codes[c] = true
	}
	if o.method == http.MethodPost {
		codes[http.StatusConflict] = true
		op.Parameters = append(op.Parameters, idempotencyParam())
	}
	op.Errors = slices.Sorted(maps.Keys(codes))
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		app := caller(ctx)
		replaced, err := a.confine(ctx, app, &o, references, in)
		if err != nil {
			return nil, a.refusal(ctx, a.operationOf(op), err)
		}
		out, err := fn(ctx, app, in)
		if err != nil {
			return nil, asWritten(a.refusal(ctx, a.operationOf(op), err), replaced)
		}
		return out, nil
	})
	if body, ok := reflect.TypeFor[I]().FieldByName("Body"); ok && body.Type.Kind() == reflect.Struct {
		a.limit(a.operationOf(op), body.Type)
	}
}

// post registers an endpoint that an idempotency key carries out once. do calls the
// service once, and show makes the answer from its result, which is struct{}{} if
// the call returns only an error.
func post[I, R, O any](a *api, o operation, do func(ctx context.Context, app chat.Application, in *I) (R, error), show func(R) *O) {
	o.method = http.MethodPost
	host(a, o, func(ctx context.Context, app chat.Application, in *I) (*O, error) {
		r, err := do(keepAnswer(ctx, o, show), app, in)
		if err != nil {
			return nil, err
		}
		return show(r), nil
	})
}

// noAnswer is the answer without a body.
func noAnswer(struct{}) *nothing { return &nothing{} }

// operationOf returns the registered form of the operation, with the parameters
// that huma found in its input.
func (a *api) operationOf(op huma.Operation) *huma.Operation {
	item := a.huma.OpenAPI().Paths[op.Path]
	for _, registered := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Put, item.Delete} {
		if registered != nil && registered.Method == op.Method {
			return registered
		}
	}
	return &op
}

// By is the account on whose behalf a group is changed.
type By struct {
	Operator chat.AccountID `query:"by" maxLength:"128" doc:"The acting account; a change that it is not allowed to make is refused. Without it the host system itself acts: everything is allowed, and members see the group's creator as the actor."`
}

func (b By) actor(app chat.Application) chat.Actor {
	return chat.Actor{Account: b.Operator, App: app.ID}
}

// Page is the stretch of a list that is asked for.
type Page struct {
	After string `query:"after" maxLength:"128" doc:"The next of the previous page; empty for the first page"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most"`
}

// list is a page of a longer list, and the way to the following one.
type list[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Value of after for the following page; missing on the last page"`
}

type listBody[T any] struct{ Body list[T] }

// pageOf makes a page of what was read, one more than the page holds: if it is
// there, something follows.
func pageOf[R, T any](rows []R, limit int, show func(R) T, id func(R) string) *listBody[T] {
	out := &listBody[T]{Body: list[T]{Items: []T{}}}
	if len(rows) > limit {
		rows = rows[:limit]
		out.Body.Next = id(rows[limit-1])
	}
	for _, r := range rows {
		out.Body.Items = append(out.Body.Items, show(r))
	}
	return out
}

// accountIDs is a body that names accounts.
type accountIDs struct {
	Accounts []chat.AccountID `json:"accounts" nullable:"false" minItems:"1" limit:"accounts" doc:"Ids of accounts" example:"[\"0198c0de-0000-7000-8000-000000000002\"]"`
}

type nothing struct{}
