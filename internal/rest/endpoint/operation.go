package endpoint

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"parley/internal/chat"
	"parley/internal/rest/openapi"
)

// Operation describes an operation of an audience.
type Operation struct {
	ID, Method, Path string
	Tag              string
	Summary          string
	Doc              string            // effects and pushes
	Status           int               // of success; 0: 200, or 204 without a body
	Errors           []int             // besides 422, 429 and 500, which all operations have
	Fields           map[string]string // package chat's names of fields to their locations here
	Security         []map[string][]string
	Once             bool   // takes an idempotency key
	MaxBody          int64  // of a body in bytes; 0: that of [Options]
	TooLarge         string // what to do about a body that is too large, for the refusal
	Curl             string // the options with which curl sends the credentials, in the documentation
}

// Register adds an operation. It converts the errors of fn into problem documents, and writes
// the sizes that package chat allows into the schema of the body (see the tag limit).
func Register[I, O any](r *Router, o Operation, fn func(ctx context.Context, in *I) (*O, error)) {
	Default(&o.MaxBody, r.MaxBody)
	op := huma.Operation{
		OperationID:     o.ID,
		Method:          o.Method,
		Path:            o.Path,
		Tags:            []string{o.Tag},
		Summary:         o.Summary,
		Description:     o.Doc,
		DefaultStatus:   o.Status,
		Security:        o.Security,
		MaxBodyBytes:    o.MaxBody + 1, // checked before, exactly
		BodyReadTimeout: r.ReadTimeout,
		Metadata:        map[string]any{metaFields: o.Fields, metaMaxBody: o.MaxBody, metaTooLarge: o.TooLarge, openapi.Curl: o.Curl},
	}
	codes := map[int]bool{http.StatusUnprocessableEntity: true, http.StatusTooManyRequests: true}
	for _, c := range o.Errors {
		codes[c] = true
	}
	if o.Once {
		codes[http.StatusConflict] = true
		op.Parameters = append(op.Parameters, idempotencyParam())
	}
	op.Errors = slices.Sorted(maps.Keys(codes))
	huma.Register(r.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		var early *TooEarly
		var codes *chat.TooManyCodesError
		if errors.As(err, &codes) {
			err = &TooEarly{Wait: codes.Wait}
		}
		switch {
		case errors.As(err, &early):
			return nil, early.answer()
		case err != nil:
			return nil, r.Refusal(ctx, r.Registered(o.Method, o.Path), err)
		}
		return out, nil
	})
	if body, ok := reflect.TypeFor[I]().FieldByName("Body"); ok && body.Type.Kind() == reflect.Struct {
		r.limit(r.Registered(o.Method, o.Path), body.Type)
	}
}

// Registered returns an operation with the parameters that huma found in its input, or nil if
// there is no such operation.
func (r *Router) Registered(method, path string) *huma.Operation {
	item := r.Document().Paths[path]
	if item == nil {
		return nil
	}
	for _, op := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Put, item.Delete} {
		if op != nil && op.Method == method {
			return op
		}
	}
	return nil
}
