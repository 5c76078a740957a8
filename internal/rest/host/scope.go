package host

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// noScope declares that every application of kind server may call an operation.
var noScope = []chat.Scope{}

// declareScopes records the scopes that an operation requires, for [api.checkScopes] and for the
// document. It panics if the operation declares none.
func (a *api) declareScopes(o *endpoint.Operation, scopes []chat.Scope) {
	if scopes == nil {
		panic("host: " + o.ID + " declares no scope")
	}
	a.scopes[o.Method+" "+o.Path] = scopes
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	// OpenAPI 3.1 lets the list of any scheme name what the caller needs.
	o.Security = []map[string][]string{{"basic": names}, {"appKey": names, "appSecret": names}, {"serverToken": names}}
	if len(names) > 0 {
		o.Doc = strings.TrimSpace(o.Doc + " Scope: `" + strings.Join(names, "` and `") + "`.")
	}
}

// checkScopes is the one place where the scopes of the calling application are
// compared with those of the operation that the request is for.
func (a *api) checkScopes(r *http.Request, app chat.Application) *huma.ErrorModel {
	if err := app.RequireScopes(a.scopes[a.router.Pattern(r)]...); err != nil {
		return endpoint.Problem(http.StatusForbidden, err.Error())
	}
	return nil
}

// within runs bound for an application that is bound to an organization, and all for any other.
func (a *api) within(ctx context.Context, app chat.Application, all func() error, bound func(chat.Reach) error) error {
	if app.Organization == "" {
		return all()
	}
	return a.chat.Reach(ctx, app.Organization, bound)
}

// reference is a field of an operation's input that names something by its id.
type reference struct {
	index []int
	place string // the field's location: path.account
}

var (
	accountType      = reflect.TypeFor[chat.AccountID]()
	groupType        = reflect.TypeFor[chat.GroupID]()
	organizationType = reflect.TypeFor[chat.OrganizationID]()
	applicationType  = reflect.TypeFor[chat.AppID]()
	sessionType      = reflect.TypeFor[chat.SessionID]()
)

// referencesOf finds the fields of an input whose types are those of ids. An id
// for something new names nothing yet.
func referencesOf(input reflect.Type) []reference {
	var found []reference
	for _, f := range reflect.VisibleFields(input) {
		if f.Anonymous {
			continue
		}
		if f.Name == "Body" && f.Type.Kind() == reflect.Pointer {
			if len(referencesOf(f.Type.Elem())) > 0 {
				panic("host: a body that may be missing names something") // it would not be checked
			}
			continue
		}
		if f.Name == "Body" && f.Type.Kind() == reflect.Struct {
			for _, inner := range referencesOf(f.Type) {
				found = append(found, reference{append(f.Index[:len(f.Index):len(f.Index)], inner.index...), "body"})
			}
			continue
		}
		t := f.Type
		if t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		switch t {
		case accountType, groupType, organizationType, applicationType, sessionType:
			if f.Tag.Get("limit") != "new id" {
				found = append(found, reference{f.Index, placeOf(f)})
			}
		}
	}
	return found
}

func placeOf(f reflect.StructField) string {
	for _, in := range []string{"path", "query"} {
		if name, ok := f.Tag.Lookup(in); ok {
			return in + "." + name
		}
	}
	return "body"
}

// confine restricts an application that is bound to an organization to the objects that exist for
// it ([chat.Service.Reach]). It replaces the id of any other object by an unused one, so that the
// operation answers exactly as for an object that does not exist. It returns the new ids, each
// followed by the id that the caller wrote.
func (a *api) confine(ctx context.Context, app chat.Application, may access, references []reference, input any) (replaced []string, err error) {
	if app.Organization == "" {
		return nil, nil
	}
	if may.unbound {
		return nil, endpoint.Problem(http.StatusForbidden, "the calling application is bound to an organization")
	}
	in := reflect.ValueOf(input).Elem()
	err = a.chat.Reach(ctx, app.Organization, func(r chat.Reach) error {
		for _, ref := range references {
			field := in.FieldByIndex(ref.index)
			values := []reflect.Value{field}
			if field.Kind() == reflect.Slice {
				values = values[:0]
				for i := range field.Len() {
					values = append(values, field.Index(i))
				}
			}
			for _, v := range values {
				if v.String() == "" {
					continue
				}
				exists, err := reaches(r, v)
				if !exists && err == nil && may.guests && ref.place == "path.account" {
					exists, err = guest(r, in, references, v)
				}
				switch {
				case err != nil:
					return err
				case exists:
				case v.Type() == sessionType:
					// A session that no access token has is taken for a JWT's, and
					// those do not name their account.
					return chat.ErrNotFound
				default:
					nobody := rand.Text()
					replaced = append(replaced, nobody, v.String())
					v.SetString(nobody)
				}
			}
		}
		return nil
	})
	return replaced, err
}

// asWritten puts the caller's ids back into a refusal that names them.
func asWritten(p *huma.ErrorModel, replaced []string) *huma.ErrorModel {
	if len(replaced) > 0 {
		names := strings.NewReplacer(replaced...)
		p.Detail = names.Replace(p.Detail)
		for _, d := range p.Errors {
			d.Message = names.Replace(d.Message)
		}
	}
	return p
}

func reaches(r chat.Reach, id reflect.Value) (bool, error) {
	switch id := id.Interface().(type) {
	case chat.AccountID:
		return r.Account(id)
	case chat.GroupID:
		return r.Group(id)
	case chat.OrganizationID:
		return r.Organization(id)
	case chat.AppID:
		return r.Application(id)
	case chat.SessionID:
		return r.Session(id)
	default:
		return false, fmt.Errorf("host: no reach for %T", id)
	}
}

// guest reports whether the account of the path is in the group of the path, which
// must itself exist for the application.
func guest(r chat.Reach, in reflect.Value, references []reference, account reflect.Value) (bool, error) {
	for _, ref := range references {
		if ref.place == "path.group" {
			group := chat.GroupID(in.FieldByIndex(ref.index).String())
			if ok, err := r.Group(group); !ok {
				return false, err
			}
			return r.Member(group, chat.AccountID(account.String()))
		}
	}
	return false, nil
}
