package history

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// problem is a problem document with the contract's own member, which is
// what clients of history compare.
type problem struct {
	huma.ErrorModel
	Text string `json:"error" doc:"Error text of the protocol" example:"invalid token"`
}

// ContentType is that of every problem document.
func (p *problem) ContentType(string) string { return "application/problem+json" }

// withText adds the contract's text: the refusal of package chat, or which field
// is wrong and why.
func withText(p *huma.ErrorModel) *problem {
	text := p.Detail
	if p.Status == http.StatusUnprocessableEntity && len(p.Errors) > 0 && !strings.HasPrefix(text, "invalid payload:") {
		_, field, _ := strings.Cut(p.Errors[0].Location, ".")
		text = "invalid payload: " + field + " " + p.Errors[0].Message
	}
	return &problem{ErrorModel: *p, Text: text}
}
