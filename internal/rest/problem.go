package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"parley/internal/chat"
)

// The texts of problems that are ours and not the chat's.
const (
	textCredentials = "credentials required: an application's key and secret, or a server token"
	textServerToken = "invalid token: this API takes the bearer of a token that was issued for an application of kind server, and no person's"
	textInternal    = "internal error"
	textTimeout     = "the request took too long"
	textForeignPage = "web pages of other origins cannot call the host API; call it from a system of yours"
	textStopping    = "the server is stopping: nothing was done, try again"
)

// statuses maps the refusals of the chat to HTTP. What is not here is a fault
// of ours.
var statuses = map[chat.Error]int{
	chat.ErrTokenRequired:     http.StatusUnauthorized,
	chat.ErrInvalidToken:      http.StatusUnauthorized,
	chat.ErrTokenExpired:      http.StatusUnauthorized,
	chat.ErrAppRequired:       http.StatusUnauthorized,
	chat.ErrInvalidApp:        http.StatusUnauthorized,
	chat.ErrNotServer:         http.StatusUnauthorized,
	chat.ErrCredentialsDiffer: http.StatusUnauthorized,
	chat.ErrForbidden:         http.StatusForbidden,
	chat.ErrNotContact:        http.StatusForbidden,
	chat.ErrRelationEnded:     http.StatusForbidden,
	chat.ErrNotInGroup:        http.StatusForbidden,
	chat.ErrBanSpeak:          http.StatusForbidden,
	chat.ErrWithdrawExpired:   http.StatusForbidden,
	chat.ErrGroupNotFound:     http.StatusNotFound,
	chat.ErrMessageNotFound:   http.StatusNotFound,
	chat.ErrAccountNotFound:   http.StatusNotFound,
	chat.ErrSenderNotFound:    http.StatusNotFound,
	chat.ErrNotFound:          http.StatusNotFound,
	chat.ErrInvalidCode:       http.StatusForbidden,
	chat.ErrWrongPassword:     http.StatusForbidden,
	chat.ErrPasswordsOff:      http.StatusForbidden,
	chat.ErrSignInAgain:       http.StatusForbidden,
	chat.ErrUnknownIdentity:   http.StatusForbidden,
	chat.ErrConflict:          http.StatusConflict,
	chat.ErrMessageTooLong:    http.StatusUnprocessableEntity,
	chat.ErrTooManyRequests:   http.StatusTooManyRequests,
}

// newProblem returns a problem document; the details name the fields concerned.
func newProblem(status int, text string, details ...*huma.ErrorDetail) *huma.ErrorModel {
	return &huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: text, Errors: details}
}

// refusal turns what the chat returned into a problem document. A fault of ours
// is logged here, once, and told without its cause.
func (a *api) refusal(ctx context.Context, op *huma.Operation, err error) *huma.ErrorModel {
	var invalid *chat.InvalidError
	if errors.As(err, &invalid) {
		place := location(op, invalid.Field)
		_, name, _ := strings.Cut(place, ".")
		told := chat.InvalidError{Field: name, Reason: invalid.Reason}
		return newProblem(http.StatusUnprocessableEntity, told.Error(), &huma.ErrorDetail{Location: place, Message: invalid.Reason})
	}
	var lacking *chat.ScopeError
	if errors.As(err, &lacking) {
		return newProblem(http.StatusForbidden, lacking.Error())
	}
	var ready *huma.ErrorModel
	if errors.As(err, &ready) {
		return ready
	}
	var refused chat.Error
	if errors.As(err, &refused) {
		if status, ok := statuses[refused]; ok {
			return newProblem(status, string(refused))
		}
	}
	if ctx.Err() != nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)) {
		return newProblem(http.StatusServiceUnavailable, textTimeout)
	}
	if errors.Is(err, chat.ErrBusy) || errors.Is(err, chat.ErrLogged) { // not once for every request
		return newProblem(http.StatusInternalServerError, string(chat.ErrDatabase))
	}
	attrs := []any{"operation", op.OperationID, "error", err}
	var panicked interface{ Stack() []byte } // a panic in a transaction
	if errors.As(err, &panicked) {
		attrs = append(attrs, "stack", string(panicked.Stack()))
	}
	a.opts.Logger.ErrorContext(ctx, "request failed", attrs...)
	return newProblem(http.StatusInternalServerError, textInternal)
}

// location says where in the request a field of the chat stands.
func location(op *huma.Operation, field string) string {
	aliases, _ := op.Metadata[metaFields].(map[string]string)
	if alias, ok := aliases[field]; ok {
		return alias
	}
	for _, p := range op.Parameters {
		if p.Name == field {
			return p.In + "." + field
		}
	}
	return "body." + field
}

// metaFields is the key in an operation's metadata of the fields that the host
// API calls otherwise than the chat: its name to the location.
const metaFields = "fields"

// historyProblem is a problem document with the contract's own member, which is
// what clients of history compare.
type historyProblem struct {
	huma.ErrorModel
	Text string `json:"error" doc:"Error text of the protocol" example:"invalid token"`
}

// ContentType is that of every problem document.
func (p *historyProblem) ContentType(string) string { return "application/problem+json" }

// polish makes the problems that huma itself writes like ours: the location
// names the field that is missing, and what was sent is not echoed (it may be
// a megabyte, or a secret).
func polish(ctx huma.Context, _ string, v any) (any, error) {
	p, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	missing, _, _ := strings.Cut(validation.MsgExpectedRequiredProperty, "%s")
	_, rest, _ := strings.Cut(validation.MsgExpectedRequiredProperty, "%s")
	for _, d := range p.Errors {
		d.Value = nil
		if name, ok := strings.CutPrefix(d.Message, missing); ok {
			d.Location += "." + strings.TrimSuffix(name, rest)
		}
	}
	if isHistory(ctx.Operation()) {
		return asHistoryProblem(p), nil
	}
	return p, nil
}

// asHistoryProblem adds the contract's text: what the chat said, or which field
// is wrong and why.
func asHistoryProblem(p *huma.ErrorModel) *historyProblem {
	text := p.Detail
	if p.Status == http.StatusUnprocessableEntity && len(p.Errors) > 0 && !strings.HasPrefix(text, "invalid payload:") {
		_, field, _ := strings.Cut(p.Errors[0].Location, ".")
		text = "invalid payload: " + field + " " + p.Errors[0].Message
	}
	return &historyProblem{ErrorModel: *p, Text: text}
}

// writeProblem answers where no operation of huma's does.
func writeProblem(w http.ResponseWriter, p any, status int) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Del("Content-Length")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(p) // the peer is gone: nobody to tell
}

func writeHostProblem(w http.ResponseWriter, p *huma.ErrorModel) { writeProblem(w, p, p.Status) }
