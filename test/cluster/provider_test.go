package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

// onePerson is somebody whom a provider knows.
type onePerson struct{ *storage.User }

func (p onePerson) GetUserByID(string) *storage.User       { return p.User }
func (p onePerson) GetUserByUsername(string) *storage.User { return p.User }
func (p onePerson) ExampleClientID() string                { return "parley" }

// An invitation is accepted with a provider: each step reaches another node than the one before. The state of the sign-in was once known only to the node where it began.
func TestProviderOnThreeNodes(t *testing.T) {
	var handler atomic.Pointer[http.Handler]
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*handler.Load()).ServeHTTP(w, r) }))
	t.Cleanup(provider.Close)
	person := onePerson{&storage.User{ID: "7", Username: "pia", Password: "there", FirstName: "Pia", LastName: "Person", Email: "pia@example.test", EmailVerified: true}}
	var there http.Handler = exampleop.SetupServer(provider.URL, storage.NewStorage(person), slog.New(slog.DiscardHandler), false)
	handler.Store(&there)

	list, err := json.Marshal([]map[string]any{{"id": "partner", "issuer": provider.URL, "client-id": "parley", "client-secret": "a secret"}})
	if err != nil {
		t.Fatal(err)
	}
	c := startEmpty(t, Patient, "PARLEY_AUTH_PROVIDERS="+string(list))
	storage.RegisterClients(storage.WebClient("parley", "a secret", c.URL+"/api/sign-in/oidc/partner/callback"))
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()

	secret := regexp.MustCompile(`/set-up#([\w-]+)`).FindStringSubmatch(c.Nodes[0].Logs())
	if secret == nil {
		t.Fatal("no link is printed")
	}
	var owner struct{ SignIn struct{ Token string } }
	setUp := map[string]any{
		"secret": secret[1], "organization": "Works", "name": "Owner", "email": "owner@example.test", "password": "correct horse battery",
		"language": "en", "timeZone": "UTC",
	}
	if got := ask(ctx, t, c.Nodes[0].URL, "POST", "/api/set-up", "", setUp, &owner); got != http.StatusCreated {
		t.Fatalf("set up: got %d", got)
	}
	var made struct{ Link string }
	if got := ask(ctx, t, c.Nodes[1].URL, "POST", "/api/invitations", owner.SignIn.Token, map[string]any{"maxUses": 1, "domain": "example.test"}, &made); got != http.StatusCreated {
		t.Fatalf("invite: got %d", got)
	}
	_, invitation, _ := strings.Cut(made.Link, "#")

	jar, err := cookiejar.New(nil) // cookies of all ports of the machine: one browser, whichever node answers
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/partner/callback") || strings.HasSuffix(r.URL.Path, "/sign-in") {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	fetch := func(r *http.Request, err error) (*http.Response, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		answer, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer, string(text)
	}
	post := func(address, kind, body string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
		if err == nil {
			r.Header.Set("Content-Type", kind)
		}
		return fetch(r, err)
	}
	get := func(address string) (*http.Response, string) {
		t.Helper()
		return fetch(http.NewRequestWithContext(ctx, http.MethodGet, address, nil))
	}

	r, text := post(c.Nodes[1].URL+"/api/sign-in/oidc/partner", "application/json", fmt.Sprintf(`{"secret": %q}`, invitation))
	var begun struct{ Address string }
	if err := json.Unmarshal([]byte(text), &begun); err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("begin: %d %s", r.StatusCode, text)
	}
	r, text = get(begun.Address)
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(text)
	if id == nil {
		t.Fatalf("%s answers %d without a form", r.Request.URL, r.StatusCode)
	}
	form := url.Values{"username": {"pia"}, "password": {"there"}, "id": {html.UnescapeString(id[1])}}
	r, _ = post(provider.URL+"/login/username", "application/x-www-form-urlencoded", form.Encode())
	back, err := r.Location()
	if err != nil || !strings.HasPrefix(back.String(), c.URL+"/api/sign-in/oidc/partner/callback") {
		t.Fatalf("the provider sends the browser to %v, %v", back, err)
	}
	r, _ = get(c.Nodes[2].URL + back.RequestURI())
	landed, err := r.Location()
	if err != nil {
		t.Fatalf("back on another node: %d, %v", r.StatusCode, err)
	}
	code := regexp.MustCompile(`^code=([^&]+)&next=joined$`).FindStringSubmatch(landed.Fragment)
	if code == nil {
		t.Fatalf("back on another node: %s, want a code", landed)
	}
	var in struct {
		Token   string
		Account struct{ Name, Email string }
	}
	if got := ask(ctx, t, c.Nodes[0].URL, "POST", "/api/sign-in/code", "", map[string]any{"code": code[1]}, &in); got != http.StatusOK || in.Account.Name != "Pia Person" || in.Account.Email != "pia@example.test" {
		t.Errorf("signed in %+v, status %d, want Pia", in.Account, got)
	}
	var me struct{ Organizations []struct{ Name string } }
	if ask(ctx, t, c.Nodes[1].URL, "GET", "/api/me", in.Token, nil, &me); len(me.Organizations) != 1 || me.Organizations[0].Name != "Works" {
		t.Errorf("on another node: %+v, want the organization", me)
	}
	if got := ask(ctx, t, c.Nodes[2].URL, "POST", "/api/invitations/open", "", map[string]any{"secret": invitation}, nil); got != http.StatusForbidden {
		t.Errorf("the used invitation: got %d, want 403", got)
	}
}
