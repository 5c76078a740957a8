package endpoint

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/internal/chat"
)

// maxNamed is the maximum number of accounts in one body. So many ids of any length fit into the
// size of a body.
const maxNamed = 1000

// limit writes the sizes that package chat allows into the schemas of the fields of a body that
// have a tag limit. So the document always has the number that is enforced, also if an option
// changes it. Repeated calls for the same body have the same result.
func (r *Router) limit(op *huma.Operation, body reflect.Type) {
	schema := op.RequestBody.Content["application/json"].Schema
	if schema.Ref != "" {
		schema = r.Document().Components.Schemas.SchemaFromRef(schema.Ref)
	}
	for _, f := range reflect.VisibleFields(body) {
		what, ok := f.Tag.Lookup("limit")
		if !ok {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		s := schema.Properties[name]
		switch what {
		case "accounts":
			most := min(maxNamed, r.limits.Accounts)
			s.MaxItems, s.Items.MaxLength = &most, &r.limits.ID
		case "pushes":
			s.MaxItems = &r.limits.MutedPushes
		default:
			s.MaxLength = r.length(what)
		}
		if what == "new id" {
			s.Pattern, s.PatternDescription = chat.NewIDPattern, "letters, digits and -._@, beginning with a letter or digit"
		}
		s.PrecomputeMessages()
	}
}

// longestKey is the maximum length of the key of an uploaded file, in bytes.
var longestKey = 750

func (r *Router) length(what string) *int {
	switch l := &r.limits; what {
	case "id":
		return &l.ID
	case "new id":
		return &l.NewID
	case "name":
		return &l.Name
	case "announcement":
		return &l.Announcement
	case "text": // it can change while the server runs, so that only package chat checks it
		return nil
	case "url":
		return &l.URL
	case "email":
		return &l.Email
	case "key":
		return &longestKey
	}
	panic("endpoint: no limit is called " + what) // impossible: the tag is part of the program
}
