package endpoint_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"parley/internal/rest"
	"parley/internal/rest/resttest"
)

func TestUnknownAddressesAreProblems(t *testing.T) {
	w := resttest.New(t)
	const nothing = "there is nothing at this address"
	w.Refused(w.Do("GET", "/", nil), 404, nothing)
	w.Refused(w.Do("GET", "/none", nil), 404, nothing)
	w.Refused(w.Host("GET", "/v1/none", ""), 404, nothing)
	w.Refused(w.Host("GET", "/v1/", ""), 404, nothing)
	a := w.Host("DELETE", "/v1/accounts", "")
	w.Refused(a, 405, "this address answers to "+a.Header.Get("Allow"))
	if got := a.Header.Get("Allow"); got != "GET, HEAD, POST" {
		t.Errorf("Allow = %q, want GET, HEAD, POST", got)
	}
	a = w.Do("POST", "/chat_list", nil)
	if p := w.Refused(a, 405, "this address answers to GET, HEAD"); p["error"] != p["detail"] {
		t.Errorf("problem = %s, want the contract's member too", a.Body)
	}
	// An unauthenticated caller does not learn which paths exist.
	for _, path := range []string{"/v1/none", "/v1/accounts"} {
		w.Refused(w.Do("GET", path, nil), 401, "credentials required: an application's key and secret, or a server token")
	}
}

func TestBadBodies(t *testing.T) {
	w := resttest.New(t, func(o *rest.Options) { o.MaxBody = 2000; o.MaxDepth = 8 })
	const validation = "validation failed"
	for _, c := range []struct {
		name, body string
		status     int
		text       string
		field      string
	}{
		{"no JSON", `{"name":`, 400, validation, "body"},
		{"two values", `{"name":"x"} {}`, 400, validation, "body"},
		{"not UTF-8", "{\"name\":\"\xff\xfe\"}", 400, validation, "body"},
		{"too deep", `{"name":` + strings.Repeat("[", 9) + strings.Repeat("]", 9) + `}`, 400, validation, "body"},
		{"an array", `[]`, 422, validation, "body"},
		{"null", `null`, 422, validation, "body"},
		{"a string", `"x"`, 422, validation, "body"},
		{"nothing", ``, 400, "request body is required", ""},
		{"too large", `{"name":"` + strings.Repeat("x", 2000) + `"}`, 413, "the body has more than 2000 bytes", ""},
		{"a field that is no field", `{"name":"x","constructor":1}`, 422, validation, "body.constructor"},
		{"a name in capitals", `{"name":"x","NAME":"` + strings.Repeat("y", 300) + `"}`, 422, validation, "body.NAME"},
		{"null in a field", `{"name":null}`, 422, validation, "body.name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.T = t
			p := w.Refused(w.Host("POST", "/v1/organizations", c.body), c.status, c.text)
			if c.field != "" {
				w.Names(p, c.field)
			}
		})
	}
	w.T = t
	w.Refused(w.Host("POST", "/v1/organizations", `{"name":"x"}`, resttest.Header("Content-Type", "application/x-www-form-urlencoded")), 415, validation)
	// A body of exactly the limit is taken.
	exact := `{"name":"x"` + strings.Repeat(" ", 2000-12) + `}`
	w.Want(w.Host("POST", "/v1/organizations", exact), http.StatusCreated)
	if got := len(resttest.Items(t, w.Want(w.Host("GET", "/v1/organizations", ""), 200), "id")); got != 2 {
		t.Errorf("organizations = %d, want nothing of what was refused", got)
	}
}

// A problem does not contain the input, which may be secret or large.
func TestProblemsDoNotEcho(t *testing.T) {
	w := resttest.New(t)
	const secret = "not-for-the-answer"
	for _, body := range []string{`{"name":["` + secret + `"]}`, `{"name":"` + secret, `{"name":"x","` + `extra":"` + secret + `"}`} {
		if a := w.Host("POST", "/v1/organizations", body); resttest.Contains(a.Body, secret) || a.Status < 400 {
			t.Errorf("%s → %d %s, want a problem without the value", body, a.Status, a.Body)
		}
	}
}

func TestBadAddresses(t *testing.T) {
	w := resttest.New(t)
	w.Refused(w.Host("GET", "/v1/accounts/%ff", ""), 400, "the path is not valid UTF-8 text")
	w.Refused(w.Host("GET", "/v1/accounts/%00", ""), 400, "the path is not valid UTF-8 text")
	w.Refused(w.Host("GET", "/v1/accounts?after=%ff", ""), 400, "the query is not valid UTF-8 text")
	w.Refused(w.Do("GET", "/messages?accountid=%c0%80", nil, resttest.As(w.Token(w.Alice))), 400, "the query is not valid UTF-8 text")
	w.Names(w.Want(w.Host("GET", "/v1/accounts/"+strings.Repeat("a", 129), ""), 422), "path.account")
}

func TestSlowBodyIsCutOff(t *testing.T) {
	w := resttest.New(t, func(o *rest.Options) { o.ReadTimeout = 1 })
	body, writer := io.Pipe()
	t.Cleanup(func() { _ = writer.Close() })
	w.Refused(w.Do("POST", "/v1/organizations", body, w.AsHost, func(r *http.Request) { r.ContentLength = 10 }), 408, "the body took too long to arrive")
}

func TestAnswersAreNotCachedOrSniffed(t *testing.T) {
	w := resttest.New(t)
	for _, a := range []resttest.Answer{w.Host("GET", "/v1/accounts", ""), w.Do("GET", "/chat_list", nil, resttest.As(w.Token(w.Alice))), w.Do("GET", "/none", nil)} {
		if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("headers = %v, want no-store and nosniff", a.Header)
		}
		if bytes.HasPrefix(a.Body, []byte("<")) {
			t.Errorf("body = %s, want JSON", a.Body)
		}
	}
}

// The host API is for servers: no page of any origin may read it.
func TestHostAPIHasNoCORS(t *testing.T) {
	w := resttest.New(t, func(o *rest.Options) { o.AllowedOrigins = []string{"*"} })
	a := w.Host("GET", "/v1/accounts", "", resttest.Header("Origin", "https://chat.example.test"))
	if got := a.Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("Access-Control-Allow-Origin = %q, want none", got)
	}
	a = w.Do("OPTIONS", "/v1/accounts", nil, resttest.Header("Origin", "https://chat.example.test"), resttest.Header("Access-Control-Request-Method", "GET"))
	if got := a.Header.Get("Access-Control-Allow-Origin"); got != "" || a.Status < 400 {
		t.Errorf("preflight = %d, %q, want a refusal", a.Status, got)
	}
}

// A browser adds HTTP Basic credentials that it was once asked for to the requests
// of every page. A foreign page could have changed things by them: a body without a
// type needs no preflight.
func TestForeignPagesDoNotCallTheHostAPI(t *testing.T) {
	w := resttest.New(t, func(o *rest.Options) {
		o.AllowedOrigins = []string{"*", "https://chat.example.test"}
		o.PublicURL = "https://public.example.test"
	})
	const form = `{"name": "Mallory"}`
	for _, c := range []struct {
		name, origin, site string
		want               int
	}{
		{"a program", "", "", 201},
		{"the own page", "https://public.example.test", "same-origin", 201},
		{"an allowed page", "https://chat.example.test", "cross-site", 403},
		{"any page", "https://evil.example.test", "cross-site", 403},
		{"any page of an old browser", "https://evil.example.test", "", 403},
		{"a page without an origin", "null", "", 403},
		{"an element of a page", "", "cross-site", 403},
		{"an element of a subdomain's page", "", "same-site", 403},
	} {
		with := []func(*http.Request){func(r *http.Request) { r.Header.Del("Content-Type") }}
		if c.origin != "" {
			with = append(with, resttest.Header("Origin", c.origin))
		}
		if c.site != "" {
			with = append(with, resttest.Header("Sec-Fetch-Site", c.site))
		}
		if a := w.Host("POST", "/v1/accounts", form, with...); a.Status != c.want {
			t.Errorf("%s: got %d %s, want %d", c.name, a.Status, a.Body, c.want)
		}
	}
}
