package endpoint

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

// The texts of problems that do not come from package chat.
const (
	TextInternal = "internal error"
	TextTimeout  = "the request took too long"
	textStopping = "the server is stopping: nothing was done, try again"
)

// statuses maps the refusals of package chat to HTTP. Any other error is a fault of the server.
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
	chat.ErrWrongCode:         http.StatusForbidden,
	chat.ErrCodeUsed:          http.StatusForbidden,
	chat.ErrSignInExpired:     http.StatusForbidden,
	chat.ErrTwoFactorRequired: http.StatusForbidden,
	chat.ErrOwnTwoFactor:      http.StatusForbidden,
	chat.ErrConflict:          http.StatusConflict,
	chat.ErrMainOrganization:  http.StatusConflict,
	chat.ErrSettingsChanged:   http.StatusConflict,
	chat.ErrMessageTooLong:    http.StatusUnprocessableEntity,
	chat.ErrTooManyRequests:   http.StatusTooManyRequests,
}

// Problem returns a problem document; the details name the fields concerned.
func Problem(status int, text string, details ...*huma.ErrorDetail) *huma.ErrorModel {
	return &huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: text, Errors: details}
}

// Refusal converts an error of package chat into a problem document. A fault of the server
// is logged here, once; the document does not contain its cause.
func (r *Router) Refusal(ctx context.Context, op *huma.Operation, err error) *huma.ErrorModel {
	var invalid *chat.InvalidError
	if errors.As(err, &invalid) {
		place := location(op, invalid.Field)
		_, name, _ := strings.Cut(place, ".")
		told := chat.InvalidError{Field: name, Reason: invalid.Reason}
		detail := &huma.ErrorDetail{Location: place, Message: invalid.Reason}
		if invalid.Code != "" {
			detail.Value = Reason{string(invalid.Code), invalid.Params}
		}
		return Problem(http.StatusUnprocessableEntity, told.Error(), detail)
	}
	var lacking *chat.ScopeError
	if errors.As(err, &lacking) {
		return Problem(http.StatusForbidden, lacking.Error())
	}
	var ready *huma.ErrorModel
	if errors.As(err, &ready) {
		return ready
	}
	var refused chat.Error
	if errors.As(err, &refused) {
		if status, ok := statuses[refused]; ok {
			return Problem(status, string(refused))
		}
	}
	if ctx.Err() != nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)) {
		return Problem(http.StatusServiceUnavailable, TextTimeout)
	}
	if errors.Is(err, chat.ErrBusy) || errors.Is(err, chat.ErrLogged) { // not once for every request
		return Problem(http.StatusInternalServerError, string(chat.ErrDatabase))
	}
	attrs := []any{"operation", op.OperationID, "error", err}
	var panicked interface{ Stack() []byte } // a panic in a transaction
	if errors.As(err, &panicked) {
		attrs = append(attrs, "stack", string(panicked.Stack()))
	}
	r.Logger.ErrorContext(ctx, "request failed", attrs...)
	return Problem(http.StatusInternalServerError, TextInternal)
}

// location returns the place in the request of a field of package chat, such as body.name.
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

// metaFields is the key in an operation's metadata of [Operation.Fields].
const metaFields = "fields"

// metaMaxBody is the key in an operation's metadata of [Operation.MaxBody].
const metaMaxBody = "max body"

// metaTooLarge is the key in an operation's metadata of [Operation.TooLarge].
const metaTooLarge = "too large"

// polish gives the problems of huma the form of all others: the location names the missing
// field, and the document does not repeat the sent value, which may be a megabyte or a secret.
func (r *Router) polish(ctx huma.Context, _ string, v any) (any, error) {
	p, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	missing, _, _ := strings.Cut(validation.MsgExpectedRequiredProperty, "%s")
	_, rest, _ := strings.Cut(validation.MsgExpectedRequiredProperty, "%s")
	for _, d := range p.Errors {
		if _, ours := d.Value.(Reason); !ours {
			d.Value = nil
		}
		if name, ok := strings.CutPrefix(d.Message, missing); ok {
			d.Location += "." + strings.TrimSuffix(name, rest)
		}
	}
	return r.form(ctx.Operation().Path, p), nil
}

// Refuse answers a request that reaches no operation, in the form of its audience.
func (r *Router) Refuse(w http.ResponseWriter, req *http.Request, p *huma.ErrorModel) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Del("Content-Length")
	w.WriteHeader(p.Status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(r.form(req.URL.Path, p)) // fails only if the client has disconnected
}
