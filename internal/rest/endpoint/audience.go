package endpoint

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Audience is a group of callers with addresses of their own.
type Audience struct {
	// Has reports whether a path belongs to the audience.
	Has func(path string) bool
	// CORS has the methods with which pages of allowed origins may call; empty: pages of other
	// origins cannot read the answers.
	CORS string
	// Serve checks a request before its operation, and passes it to [Router.Perform] or
	// [Router.Route]; nil: it is routed unchecked.
	Serve http.HandlerFunc
	// Problem converts a problem document into the form that the audience has for it; nil: it is
	// sent unchanged.
	Problem func(*huma.ErrorModel) any

	// Tags are those of the operations, in the order of the document.
	Tags []*huma.Tag
	// Credentials are the security schemes of the operations.
	Credentials map[string]*huma.SecurityScheme
	// Schemas has the names of schemas that differ from those of their types. All schemas of the
	// document have different names.
	Schemas map[reflect.Type]string
}

// Add adds an audience. It must come before the operations of the audience. A path of several
// audiences belongs to the first of them.
func (r *Router) Add(a Audience) {
	r.audiences = append(r.audiences, a)
	doc := r.Document()
	doc.Tags = append(doc.Tags, a.Tags...)
	for name, scheme := range a.Credentials {
		doc.Components.SecuritySchemes[name] = scheme
	}
	for t, name := range a.Schemas {
		r.schemas[t] = name
	}
}

// audience returns the audience of a path, without anything if there is none.
func (r *Router) audience(path string) Audience {
	for _, a := range r.audiences {
		if a.Has(path) {
			return a
		}
	}
	return Audience{}
}

// form returns a problem document in the form of the audience of the path.
func (r *Router) form(path string, p *huma.ErrorModel) any {
	if a := r.audience(path); a.Problem != nil {
		return a.Problem(p)
	}
	for _, d := range p.Errors {
		d.Value = nil // a [Reason], for which this form has no place
	}
	return p
}
