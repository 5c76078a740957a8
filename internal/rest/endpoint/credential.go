package endpoint

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/internal/chat"
)

// Authorization splits an Authorization header; the scheme is returned in lower case.
func Authorization(header string) (scheme, credentials string) {
	scheme, credentials, _ = strings.Cut(strings.TrimSpace(header), " ")
	return strings.ToLower(scheme), strings.TrimSpace(credentials)
}

// AccessToken is the security scheme of operations that [AccountCredentials] is for.
const AccessToken = "accessToken"

func accessToken() *huma.SecurityScheme {
	return &huma.SecurityScheme{Type: "http", Scheme: "bearer", Description: "An account's access token; the scheme md_pss_id is also accepted"}
}

// AccountCredentials returns the access token and the application of a request in the name of an
// account. It reads the token only from the Authorization header, which browsers do not send
// automatically. If two places have different values, it refuses the request, as for sockets.
func AccountCredentials(r *http.Request) (token, app string, err error) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 || strings.TrimSpace(headers[0]) == "" {
		return "", "", chat.ErrTokenRequired
	}
	scheme, token := Authorization(headers[0])
	if scheme != "bearer" && scheme != "md_pss_id" {
		return "", "", chat.ErrTokenRequired
	}
	apps := slices.Concat(r.URL.Query()["app"], r.Header.Values("App"), r.Header.Values("X-Parley-App"))
	apps = slices.DeleteFunc(apps, func(s string) bool { return s == "" })
	if len(headers) > 1 || len(slices.Compact(slices.Sorted(slices.Values(apps)))) > 1 {
		return "", "", chat.ErrCredentialsDiffer
	}
	if len(apps) > 0 {
		app = apps[0]
	}
	return token, app, nil
}

// SignInLink is the address that signs in with a code.
func SignInLink(publicURL, code string) string { return publicURL + "/sign-in#code=" + code }

// InvitationLink is the address of an invitation with the secret.
func InvitationLink(publicURL, secret string) string { return publicURL + "/invite#" + secret }
