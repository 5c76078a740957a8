package admin

import (
	"github.com/danielgtaylor/huma/v2"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// problem is a problem document whose details have the reasons for programs.
type problem struct {
	huma.ErrorModel
	Errors []problemField `json:"errors,omitempty"`
}

type problemField struct {
	Location string            `json:"location,omitempty"`
	Message  string            `json:"message,omitempty"`
	Code     string            `json:"code,omitempty"`
	Params   map[string]string `json:"params,omitempty"`
}

// ContentType is that of every problem document.
func (p *problem) ContentType(string) string { return "application/problem+json" }

// withReasons puts the reasons of a problem beside its texts. A problem without reasons is not changed.
func withReasons(p *huma.ErrorModel) any {
	out := &problem{ErrorModel: *p}
	found := false
	for _, d := range p.Errors {
		reason, ok := d.Value.(endpoint.Reason)
		found = found || ok
		out.Errors = append(out.Errors, problemField{d.Location, d.Message, reason.Code, reason.Params})
	}
	if !found {
		return p
	}
	return out
}

// describeReasons adds the reasons to the document: huma does not know the form of this audience.
func describeReasons(doc *huma.OpenAPI) {
	field := doc.Components.Schemas.Map()["ProblemField"]
	codes := make([]any, len(chat.ReasonCodes))
	for i, code := range chat.ReasonCodes {
		codes[i] = string(code)
	}
	field.Properties["code"] = &huma.Schema{
		Type: huma.TypeString, Enum: codes,
		Description: "Reason for programs, when a setting is refused. unknown: no setting has the name. not-live: it cannot be changed while the server runs. " +
			"fixed: the operator has set it (source). owners-only: only owners change it. repeated: the change names it more than once. form: the text is no value of the setting's type. " +
			"too-small, too-large: the value is outside of the range (least, most; zero is true where 0 is possible as well). required: it is empty. too-long: most is the number of characters. " +
			"characters: it has characters that cannot be in a name. unknown-zone: no time zone has the name. unknown-way: way is no way to sign in that can be hidden. " +
			"no-way: no owner could sign in any more. other: message has the reason",
	}
	field.Properties["params"] = &huma.Schema{
		Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString},
		Description: "Parameters of the reason, by their names: least, most, zero, source, way",
	}
}
