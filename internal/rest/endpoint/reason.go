package endpoint

import "github.com/danielgtaylor/huma/v2"

// Reason is the value of a detail of a problem: the reason for programs, with its parameters.
type Reason struct {
	Code   string
	Params map[string]string
}

// reasoned is a problem document whose details have the reasons for programs.
type reasoned struct {
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
func (p *reasoned) ContentType(string) string { return "application/problem+json" }

// WithReasons is an [Audience.Problem] that puts the reasons of a problem beside its texts. A problem without reasons is not changed.
func WithReasons(p *huma.ErrorModel) any {
	out := &reasoned{ErrorModel: *p}
	found := false
	for _, d := range p.Errors {
		reason, ok := d.Value.(Reason)
		found = found || ok
		out.Errors = append(out.Errors, problemField{d.Location, d.Message, reason.Code, reason.Params})
	}
	if !found {
		return p
	}
	return out
}
