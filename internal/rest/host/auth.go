package host

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// authenticate returns the calling application. A request must have exactly one kind
// of credentials: HTTP Basic with key and secret, the two X-Parley headers, or the bearer
// token of an application of kind server.
func (a *api) authenticate(r *http.Request) (chat.Application, *huma.ErrorModel) {
	scheme, token := endpoint.Authorization(r.Header.Get("Authorization"))
	key, secret := r.Header.Get("X-Parley-App"), r.Header.Get("X-Parley-Secret")
	if len(r.Header.Values("Authorization")) > 1 || (scheme != "" && secret != "") {
		return chat.Application{}, endpoint.Problem(http.StatusUnauthorized, string(chat.ErrCredentialsDiffer))
	}
	var app chat.Application
	var err error
	switch {
	case scheme == "bearer":
		var who chat.Identity
		who, err = a.chat.AuthenticateServer(r.Context(), token)
		app = who.App
	case scheme == "basic":
		var ok bool
		if key, secret, ok = r.BasicAuth(); !ok {
			return chat.Application{}, endpoint.Problem(http.StatusUnauthorized, textCredentials)
		}
		app, err = a.chat.AuthenticateApp(r.Context(), key, secret)
	case scheme == "" && key != "" && secret != "":
		app, err = a.chat.AuthenticateApp(r.Context(), key, secret)
	default:
		return chat.Application{}, endpoint.Problem(http.StatusUnauthorized, textCredentials)
	}
	if scheme == "bearer" && errors.Is(err, chat.ErrInvalidToken) {
		return chat.Application{}, endpoint.Problem(http.StatusUnauthorized, textServerToken)
	}
	if err != nil {
		return chat.Application{}, a.router.Refusal(r.Context(), &huma.Operation{OperationID: "authenticate"}, err)
	}
	return app, nil
}

type callerKey struct{}

func withCaller(ctx context.Context, app chat.Application) context.Context {
	return context.WithValue(ctx, callerKey{}, app)
}

// caller returns the application whose credentials were checked before the
// operation. No operation runs without this check.
func caller(ctx context.Context) chat.Application {
	return ctx.Value(callerKey{}).(chat.Application)
}
