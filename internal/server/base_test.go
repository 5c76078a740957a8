package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

// The document of the client is served at addresses of any depth, so its files are
// named by whole paths, below the base.
func TestPageNamesItsFilesBelowTheBase(t *testing.T) {
	client := fstest.MapFS{"index.html": {Data: []byte(`<link href="./icon.svg"><script src="./assets/a.js"></script>`)}}
	for base, want := range map[string]string{
		"":            `<link href="/icon.svg"><script src="/assets/a.js"></script>`,
		"/chat":       `<link href="/chat/icon.svg"><script src="/chat/assets/a.js"></script>`,
		"/tools/chat": `<link href="/tools/chat/icon.svg"><script src="/tools/chat/assets/a.js"></script>`,
	} {
		p, err := newPages(client, base, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		p.page(w, httptest.NewRequest(http.MethodGet, "/chat/1/someone", nil))
		if got := w.Body.String(); got != want {
			t.Errorf("%q: got %s, want %s", base, got, want)
		}
	}
}

// The page loaded pictures from every host, which told the host who reads which
// message and when.
func TestPagePolicyAllowsThePicturesOfTheOption(t *testing.T) {
	for _, c := range []struct {
		name              string
		uploads, pictures []string
		img, media        string
	}{
		{"default", nil, nil, "img-src 'self' blob: data:;", "media-src 'self' blob:;"},
		{"storage service", []string{"https://files.example.test/bucket"}, nil, "img-src 'self' blob: data: https://files.example.test;", "media-src 'self' blob: https://files.example.test;"},
		{"origins", nil, []string{"https://cdn.example.test", "https://*.example.test"}, "img-src 'self' blob: data: https://cdn.example.test https://*.example.test;", "media-src 'self' blob: https://cdn.example.test https://*.example.test;"},
		{"all", nil, []string{"*"}, "img-src 'self' blob: data: https: http:;", "media-src 'self' blob: https: http:;"},
	} {
		policy := newPagePolicy(c.uploads, c.pictures).of("chat.example.test")
		if !strings.Contains(policy, " "+c.img) || !strings.Contains(policy, " "+c.media) {
			t.Errorf("%s: got %s, want %s and %s", c.name, policy, c.img, c.media)
		}
	}
}

func TestServeBelow(t *testing.T) {
	for _, c := range []struct{ base, asked, want string }{
		{"", "/chat/1/a", "/chat/1/a"},
		{"/chat", "/chat/", "/"},
		{"/chat", "/chat/docs?a=b", "/docs?a=b"},
		{"/chat", "/docs", "/docs"}, // a proxy has removed the base
		{"/chat", "/chat/1/a", "/chat/1/a"},
		{"/chat", "/chat/2/a%2Fb", "/chat/2/a%2Fb"},
		{"/chat", "/chat/chat/1/a", "/chat/1/a"},
		{"/chat", "/chatter", "/chatter"},
		{"/chat", "/chat/files/a%2Fb", "/files/a%2Fb"},
		{"/tools/chat", "/tools/chat/chat/1/a", "/chat/1/a"},
		{"/tools/chat", "/chat/1/a", "/chat/1/a"},
		// Redirects lead below the base, whatever the proxy has made of the path.
		{"/chat", "/chat", "to /chat/"},
		{"/chat", "/chat?a=b", "to /chat/?a=b"},
		{"/chat", "/chat//docs", "to /chat/docs"},
		{"/chat", "//docs", "to /chat/docs"},
		{"/chat", "/chat/a/../docs/", "to /chat/docs/"},
		{"/chat", "/chat//v1/accounts/a%40b", "to /chat/v1/accounts/a%40b"},
		{"/chat", "/chat//files/a%2Fb?e=1", "to /chat/files/a%2Fb?e=1"},
		{"/chat", "/chat/x/../people/%41", "to /chat/people/%41"},
		{"/chat", "/chat//evil.test/", "to /chat/evil.test/"},
		{"", "//files/a%2Fb?e=1", "to /files/a%2Fb?e=1"},
		{"", "//evil.test/", "to /evil.test/"},
		{"", "/files/a%2Fb", "/files/a%2Fb"},
	} {
		var got string
		h := serveBelow(c.base, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.RequestURI() }))
		r := httptest.NewRequest(http.MethodGet, "http://www.example.test"+c.asked, nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if to := w.Header().Get("Location"); to != "" {
			got = "to " + to
		}
		if got != c.want {
			t.Errorf("%s below %q: got %s, want %s", c.asked, c.base, got, c.want)
		}
		if strings.HasPrefix(c.want, "to ") != (w.Code == http.StatusTemporaryRedirect) {
			t.Errorf("%s below %q: got %d", c.asked, c.base, w.Code)
		}
	}
}
