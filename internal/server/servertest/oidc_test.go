package servertest

import (
	"encoding/json"
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

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"parley/internal/chat"
	"parley/internal/config"
)

// provider is one of OpenID Connect that has passed the foundation's conformance
// tests, with a page that asks for name and password, and people of ours.
type provider struct {
	*httptest.Server
	handler atomic.Pointer[http.Handler] // nil: it is down
	people  people
}

type people map[string]*storage.User

func (p people) GetUserByID(id string) *storage.User { return p[id] }
func (p people) ExampleClientID() string             { return "parley" }
func (p people) GetUserByUsername(name string) *storage.User {
	return p[name]
}

const (
	clientSecret   = "secret of the demo"
	personPassword = "the password there"
)

func newProvider(t *testing.T) *provider {
	p := &provider{people: people{}}
	for _, u := range []storage.User{
		{ID: "one", FirstName: "Demo", LastName: "One elsewhere", Email: "one@demo.example", EmailVerified: true},
		{ID: "new", FirstName: "Newly", LastName: "Hired", Email: "new@demo.example", EmailVerified: true},
		{ID: "liar", FirstName: "Says", LastName: "Two", Email: "two@demo.example"},
	} {
		u.Username, u.Password = u.ID, personPassword
		p.people[u.ID] = &u
	}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := p.handler.Load(); h != nil {
			(*h).ServeHTTP(w, r)
			return
		}
		http.Error(w, "down", http.StatusBadGateway)
	}))
	t.Cleanup(p.Close)
	return p
}

// register tells the provider of the server, and starts it.
func (p *provider) register(s *Server, client func(redirect string) *storage.Client) {
	p.registerAs(s, "main", client)
}

// registerAs is register for a server that knows the provider by the id.
func (p *provider) registerAs(s *Server, id string, client func(redirect string) *storage.Client) {
	storage.RegisterClients(client(s.URL + "/api/sign-in/oidc/" + id + "/callback"))
	var h http.Handler = exampleop.SetupServer(p.URL, storage.NewStorage(p.people), slog.New(slog.DiscardHandler), false)
	p.handler.Store(&h)
}

func confidential(redirect string) *storage.Client {
	return storage.WebClient("parley", clientSecret, redirect)
}

// browser keeps cookies and follows redirects, except to the sign-in page.
type browser struct {
	*http.Client
	t *testing.T
}

func newBrowser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, Client: &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/sign-in") || strings.HasSuffix(r.URL.Path, "/invite") {
			return http.ErrUseLastResponse
		}
		return nil
	}}}
}

func (b *browser) open(r *http.Response, err error) (*http.Response, string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return r, string(body)
}

// signIn signs the person in at the provider's page. It returns the part after the # of the last
// address.
func (b *browser) signIn(s *Server, who string) (key, value string) {
	b.t.Helper()
	return b.signInAt(s.URL+"/api/sign-in/oidc/main", who)
}

// signInAt is signIn from the address.
func (b *browser) signInAt(address, who string) (key, value string) {
	b.t.Helper()
	r, page := b.open(b.Get(address))
	if r.StatusCode == http.StatusFound {
		return b.landed(r)
	}
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(page)
	if id == nil {
		b.t.Fatalf("%s answers %d without a form:\n%s", r.Request.URL, r.StatusCode, page)
	}
	form := url.Values{"username": {who}, "password": {personPassword}, "id": {html.UnescapeString(id[1])}}
	r, page = b.open(b.PostForm(r.Request.URL.ResolveReference(&url.URL{Path: "/login/username"}).String(), form))
	if r.StatusCode != http.StatusFound {
		b.t.Fatalf("%s answers %d:\n%s", r.Request.URL, r.StatusCode, page)
	}
	return b.landed(r)
}

func (b *browser) landed(r *http.Response) (key, value string) {
	b.t.Helper()
	at, err := r.Location()
	if err != nil {
		b.t.Fatal(err)
	}
	key, value, _ = strings.Cut(at.Fragment, "=")
	return key, value
}

// exchange exchanges a code for a token, as the page does.
func (s *Server) exchange(t *testing.T, code string) (id chat.AccountID, token string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"code": code})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.Post(s.URL+"/api/sign-in/code", "application/json", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var in struct {
		Token   string
		Account struct{ ID chat.AccountID }
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("exchange = %d, %v", r.StatusCode, err)
	}
	return in.Account.ID, in.Token
}

func withProvider(p *provider, change ...func(*config.OIDC)) func(*config.Config) {
	return func(c *config.Config) {
		c.Auth.OIDC.Issuer, c.Auth.OIDC.ClientID, c.Auth.OIDC.ClientSecret = p.URL, "parley", clientSecret
		for _, fn := range change {
			fn(&c.Auth.OIDC)
		}
	}
}

func TestSignInWithAProvider(t *testing.T) {
	p := newProvider(t)
	s := Start(t, withProvider(p, func(o *config.OIDC) {
		o.MatchEmail, o.Create, o.Organization = true, true, "d0000000-0000-4000-8000-000000000001"
	}))

	// The page says that the provider is down. The next sign-in asks the provider again.
	if key, value := newBrowser(t).signIn(s, "one"); key != "error" || value != "provider not reachable" {
		t.Errorf("with the provider down: %s=%s", key, value)
	}
	p.register(s, confidential)

	key, code := newBrowser(t).signIn(s, "one")
	if key != "code" {
		t.Fatalf("%s=%s, want a code", key, code)
	}
	if id, _ := s.exchange(t, code); id != s.Accounts[0].ID {
		t.Errorf("signed in %s, want Demo One by their address", id)
	}

	key, code = newBrowser(t).signIn(s, "new")
	if key != "code" {
		t.Fatalf("%s=%s, want a code", key, code)
	}
	made, _ := s.exchange(t, code)
	account, err := s.Chat.Account(t.Context(), made)
	if err != nil || account.Name != "Newly Hired" || account.Email != "new@demo.example" {
		t.Errorf("made %+v, %v, want an account of Newly Hired", account, err)
	}
	if _, err := s.Chat.SendMessage(t.Context(), chat.Actor{Account: made}, s.Accounts[0].ID,
		chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: "hello"}}); err != nil {
		t.Errorf("the new colleague writes: %v", err)
	}
	if _, code = newBrowser(t).signIn(s, "new"); code == "" {
		t.Fatal("no code the second time")
	}
	if again, _ := s.exchange(t, code); again != made {
		t.Errorf("signed in %s, want %s again", again, made)
	}

	// An address that the provider has not verified opens no account.
	_, code = newBrowser(t).signIn(s, "liar")
	liar, _ := s.exchange(t, code)
	if account, err := s.Chat.Account(t.Context(), liar); err != nil || liar == s.Accounts[1].ID || account.Email != "" {
		t.Errorf("signed in %+v, %v, want somebody without an address", account, err)
	}
}

// withPartner adds a second provider.
func withPartner(p *provider, change ...func(*config.OIDC)) func(*config.Config) {
	return func(c *config.Config) {
		one := config.Provider{ID: "partner", OIDC: config.OIDC{
			Issuer: p.URL, ClientID: "parley-partner", ClientSecret: clientSecret, Name: "Partner Works", Scopes: []string{"openid", "profile", "email"},
		}}
		for _, fn := range change {
			fn(&one.OIDC)
		}
		c.Auth.Providers = append(c.Auth.Providers, one)
	}
}

func partnerClient(redirect string) *storage.Client {
	return storage.WebClient("parley-partner", clientSecret, redirect)
}

// signedInBy signs in with the provider with the id, and returns the account.
func (s *Server) signedInBy(t *testing.T, id, who string) chat.AccountID {
	t.Helper()
	key, code := newBrowser(t).signInAt(s.URL+"/api/sign-in/oidc/"+id, who)
	if key != "code" {
		t.Fatalf("%s as %s: %s=%s, want a code", id, who, key, code)
	}
	account, _ := s.exchange(t, code)
	return account
}

// Two providers at once. One is down when the server starts, and the other one works. The addresses of the first one are trusted. Those of
// the second one are not, so its people do not get the accounts of others, and their accounts are not later given to others.
func TestTwoProviders(t *testing.T) {
	p, partner := newProvider(t), newProvider(t)
	s := Start(t, withProvider(p, func(o *config.OIDC) { o.MatchEmail, o.Create = true, true }),
		withPartner(partner, func(o *config.OIDC) { o.Create = true }))
	p.register(s, confidential)
	at := s.URL + "/api/sign-in/oidc/partner"

	if id := s.signedInBy(t, "main", "one"); id != s.Accounts[0].ID {
		t.Errorf("signed in %s, want Demo One by their address", id)
	}
	if key, value := newBrowser(t).signInAt(at, "one"); key != "error" || value != "provider not reachable" {
		t.Errorf("with the partner down: %s=%s", key, value)
	}
	partner.registerAs(s, "partner", partnerClient)

	// The subject is the same as at the first provider, and so is the verified address.
	namesake := s.signedInBy(t, "partner", "one")
	if account, err := s.Chat.Account(t.Context(), namesake); err != nil || namesake == s.Accounts[0].ID || account.Email != "" {
		t.Errorf("the partner's one is %+v, %v, want an account of their own without the address", account, err)
	}
	if again := s.signedInBy(t, "partner", "one"); again != namesake {
		t.Errorf("signed in %s, want %s again", again, namesake)
	}

	// A person who has chosen an address at the partner does not get the account of the address's owner.
	squatter := s.signedInBy(t, "partner", "new")
	if account, err := s.Chat.Account(t.Context(), squatter); err != nil || account.Email != "new@demo.example" {
		t.Errorf("made %+v, %v, want the free address", account, err)
	}
	owner := s.signedInBy(t, "main", "new")
	if account, err := s.Chat.Account(t.Context(), owner); err != nil || owner == squatter || account.Email != "new@demo.example" {
		t.Errorf("the owner of the address is %+v, %v, want an account of their own", account, err)
	}

	var told struct {
		SignIn struct{ OIDC []struct{ ID, Name string } }
	}
	r, body := newBrowser(t).open(http.Get(s.URL + "/api/config"))
	if err := json.Unmarshal([]byte(body), &told); err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("config: %d %v", r.StatusCode, err)
	}
	if got := told.SignIn.OIDC; len(got) != 2 || got[0].ID != "main" || got[1].ID != "partner" || got[1].Name != "Partner Works" {
		t.Errorf("providers: %+v, want both", got)
	}
}

// If the addresses of both providers are trusted, one verified address is one person. An unverified address finds no account.
func TestOneAddressAtTwoProviders(t *testing.T) {
	p, partner := newProvider(t), newProvider(t)
	trusted := func(o *config.OIDC) { o.MatchEmail, o.Create = true, true }
	s := Start(t, withProvider(p, trusted), withPartner(partner, trusted))
	p.register(s, confidential)
	partner.registerAs(s, "partner", partnerClient)
	if first, second := s.signedInBy(t, "main", "new"), s.signedInBy(t, "partner", "new"); first != second {
		t.Errorf("signed in %s and %s, want one person", first, second)
	}
	s.signedInBy(t, "main", "liar")
	liar := s.signedInBy(t, "partner", "liar")
	if account, err := s.Chat.Account(t.Context(), liar); err != nil || liar == s.Accounts[1].ID || account.Email != "" {
		t.Errorf("signed in %+v, %v, want somebody without an address", account, err)
	}
}

// Two sign-ins run at the same time in one browser. Each ends at its own provider. An answer that names another provider is refused.
func TestTwoProvidersInOneBrowser(t *testing.T) {
	p, partner := newProvider(t), newProvider(t)
	s := Start(t, withProvider(p, func(o *config.OIDC) { o.MatchEmail = true }), withPartner(partner))
	p.register(s, confidential)
	partner.registerAs(s, "partner", partnerClient)
	b := newBrowser(t)
	for range 2 {
		b.open(b.Get(s.URL + "/api/sign-in/oidc/partner")) // stands at the form
		key, code := b.signIn(s, "one")
		if key != "code" {
			t.Fatalf("%s=%s, want a code", key, code)
		}
	}
	key, value := b.landed(must(b.open(b.Get(s.URL + "/api/sign-in/oidc/partner/callback?error=access_denied"))))
	if key != "error" || value != "sign-in cancelled" {
		t.Errorf("the other sign-in ends with %s=%s, want it still known", key, value)
	}
	b.open(b.Get(s.URL + "/api/sign-in/oidc/main"))
	key, value = b.landed(must(b.open(b.Get(s.URL + "/api/sign-in/oidc/main/callback?code=x&state=y&iss=" + url.QueryEscape(partner.URL)))))
	if key != "error" || value != "sign-in expired" {
		t.Errorf("an answer of another issuer: %s=%s", key, value)
	}
}

// acceptWith begins to accept the invitation with a provider, and returns the address to go to.
func (b *browser) acceptWith(s *Server, provider, secret string, want int) string {
	b.t.Helper()
	body, err := json.Marshal(map[string]string{"secret": secret})
	if err != nil {
		b.t.Fatal(err)
	}
	r, text := b.open(b.Post(s.URL+"/api/sign-in/oidc/"+provider, "application/json", strings.NewReader(string(body))))
	var answer struct{ Address string }
	if err := json.Unmarshal([]byte(text), &answer); err != nil || r.StatusCode != want {
		b.t.Fatalf("begin with an invitation: %d %s, want %d", r.StatusCode, text, want)
	}
	for _, c := range r.Cookies() {
		if strings.Contains(c.Value, secret) || strings.Contains(answer.Address, secret) {
			b.t.Error("the secret of the invitation leaves the page")
		}
	}
	return answer.Address
}

// An invitation is accepted with a provider that creates no accounts by itself.
func TestInvitationWithAProvider(t *testing.T) {
	p, partner := newProvider(t), newProvider(t)
	s := Start(t, withProvider(p, func(o *config.OIDC) { o.MatchEmail = true }), withPartner(partner))
	p.register(s, confidential)
	group, err := s.Chat.CreateGroup(t.Context(), chat.Actor{}, chat.NewGroup{Name: "Crew", Creator: s.Accounts[0].ID, IsPost: true})
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.Chat.CreateInvitation(t.Context(), chat.Actor{}, chat.NewInvitation{
		Organization: s.organization(t), Groups: []chat.GroupID{group.ID}, Domain: "demo.example", MaxUses: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	newBrowser(t).acceptWith(s, "main", "wrong", http.StatusForbidden)
	newBrowser(t).acceptWith(s, "other", made.Secret, http.StatusNotFound)
	newBrowser(t).acceptWith(s, "partner", made.Secret, http.StatusServiceUnavailable) // which is down
	partner.registerAs(s, "partner", partnerClient)

	// The answer to a sign-in works neither in another browser nor at another provider.
	b, thief := newBrowser(t), newBrowser(t)
	b.acceptWith(s, "partner", made.Secret, http.StatusOK)
	if _, value := thief.landed(must(thief.open(thief.Get(s.URL + "/api/sign-in/oidc/partner/callback?code=x&state=y")))); value != "sign-in expired" {
		t.Errorf("in another browser: %s", value)
	}
	r := must(b.open(b.Get(s.URL + "/api/sign-in/oidc/partner/callback?error=access_denied")))
	if key, value := b.landed(r); !strings.HasSuffix(r.Header.Get("Location"), "/invite#error=sign-in%20cancelled") {
		t.Errorf("cancelled: %s %s=%s, want the page of the invitation", r.Header.Get("Location"), key, value)
	}
	if key, value := b.signInAt(b.acceptWith(s, "partner", made.Secret, http.StatusOK), "liar"); key != "error" || value != "invalid payload: email must be verified by the provider&reason=email-unverified" {
		t.Errorf("an address that is not verified: %s=%s", key, value)
	}

	key, value := b.signInAt(b.acceptWith(s, "partner", made.Secret, http.StatusOK), "new")
	code, isNext := strings.CutSuffix(value, "&next=joined")
	if key != "code" || !isNext {
		t.Fatalf("%s=%s, want a code", key, value)
	}
	account, _ := s.exchange(t, code)
	a, err := s.Chat.Account(t.Context(), account)
	if err != nil || a.Name != "Newly Hired" || a.Email != "new@demo.example" {
		t.Errorf("made %+v, %v, want an account of Newly Hired", a, err)
	}
	if _, err := s.Chat.GroupMember(t.Context(), group.ID, account); err != nil {
		t.Errorf("not in the group: %v", err)
	}
	newBrowser(t).acceptWith(s, "main", made.Secret, http.StatusForbidden) // it is used up
	// The provider signs the person in from now on.
	if again := s.signedInBy(t, "partner", "new"); again != account {
		t.Errorf("signed in %s, want %s", again, account)
	}
}

func must(r *http.Response, _ string) *http.Response { return r }

func TestSignInWithAProviderAsAPublicClient(t *testing.T) {
	p := newProvider(t)
	s := Start(t, withProvider(p, func(o *config.OIDC) { o.ClientSecret, o.MatchEmail = "", true }))
	p.register(s, func(redirect string) *storage.Client { return storage.NativeClient("parley", redirect) })
	key, code := newBrowser(t).signIn(s, "one")
	if key != "code" {
		t.Fatalf("%s=%s, want a code", key, code)
	}
	if id, _ := s.exchange(t, code); id != s.Accounts[0].ID {
		t.Errorf("signed in %s, want Demo One", id)
	}
	if key, value := newBrowser(t).signIn(s, "new"); key != "error" || value != "no account for this sign-in" {
		t.Errorf("somebody unknown: %s=%s", key, value)
	}
}

// An answer to a sign-in that this browser did not begin signs nobody in.
func TestSignInWithAProviderIsBoundToTheBrowser(t *testing.T) {
	p := newProvider(t)
	s := Start(t, withProvider(p, func(o *config.OIDC) { o.MatchEmail = true }))
	p.register(s, confidential)
	const callback = "/api/sign-in/oidc/main/callback"

	victim := newBrowser(t)
	victim.open(victim.Get(s.URL + "/api/sign-in/oidc/main")) // began, and stands at the form
	stranger := newBrowser(t)
	for name, c := range map[string]struct {
		b     *browser
		query string
		want  string
	}{
		"who began nothing":         {stranger, "?code=x&state=y", "sign-in expired"},
		"with another one's state":  {victim, "?code=x&state=y", "sign-in expired"},
		"without a state":           {victim, "?code=x", "sign-in expired"},
		"who said no":               {victim, "?error=access_denied", "sign-in cancelled"},
		"whose provider is at odds": {victim, "?error=server_error", "provider not reachable"},
	} {
		r, _ := c.b.open(c.b.Get(s.URL + callback + c.query))
		if key, value := c.b.landed(r); key != "error" || value != c.want {
			t.Errorf("%s: %s=%s, want %s", name, key, value, c.want)
		}
		// Each ends what was begun.
		victim.open(victim.Get(s.URL + "/api/sign-in/oidc/main"))
	}

	// The cookie is out of reach of scripts, and goes nowhere else.
	r, err := (&http.Transport{}).RoundTrip(mustRequest(t, s.URL+"/api/sign-in/oidc/main"))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if set := r.Header.Get("Set-Cookie"); !strings.Contains(set, "HttpOnly") || !strings.Contains(set, "SameSite=Lax") || !strings.Contains(set, "Path=/api/sign-in/oidc/") {
		t.Errorf("Set-Cookie = %q", set)
	}
	at, err := r.Location()
	if err != nil || at.Query().Get("code_challenge_method") != "S256" || at.Query().Get("nonce") == "" || at.Query().Get("state") == "" {
		t.Errorf("sent to %v, %v, want PKCE, nonce and state", at, err)
	}
	for _, path := range []string{"/api/sign-in/oidc/other", "/api/sign-in/oidc/other/callback"} {
		if r, _ := stranger.open(stranger.Get(s.URL + path)); r.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", path, r.StatusCode)
		}
	}
}

func mustRequest(t *testing.T, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
