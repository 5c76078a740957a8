// Package resttest serves the HTTP side on a real database, for the tests of its packages.
package resttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/hotp"

	"parley/internal/auth"
	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/rest"
	"parley/internal/rest/client"
	"parley/internal/rest/endpoint"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/wire"
)

// World is a served API on a real database, with an organization of two, a
// stranger outside of it, and an application.
type World struct {
	T       testing.TB
	URL     string
	Handler http.Handler // of the server, for requests of any address
	Client  *http.Client
	Stop    func() // the server, after the requests under way
	Service *chat.Service
	App     chat.Application // of the clients
	System  chat.WithSecret  // calls the host API, with all scopes
	Org     chat.OrganizationID
	Alice   chat.AccountID
	Bob     chat.AccountID
	Mallory chat.AccountID // no contact of anybody
	Log     *strings.Builder
	Fault   *Fault // of the database

	start time.Time // of the clock of the service, which hardly moves

	subscription chat.SubscriptionID // see [World.Subscribed]; empty: not made yet

	mu     sync.Mutex
	events []chat.Event
}

// New serves the API with options that change may alter.
func New(t testing.TB, change ...func(*rest.Options)) *World {
	t.Helper()
	w := &World{T: t, Log: &strings.Builder{}, start: time.Now()}
	db, err := store.Open(t.Context(), store.Options{Path: t.TempDir(), Publish: w.publish})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w.Fault = &Fault{Store: db}
	given := config.Default()
	given.TimeZone, given.Auth.Passwords = "UTC", true
	w.Service = chat.New(w.Fault, nil, nil, chat.Options{
		EncodeOutgoing: (&wire.Encoder{}).Outgoing,

		DefaultApp: "demo-key", Now: ticking(w.start), Mail: true, Passwords: auth.NewPasswords(2, 100), Configuration: settings.New(given, nil),
	}, nil)
	t.Cleanup(func() {
		if t.Failed() && w.Log.Len() > 0 {
			t.Logf("log:\n%s", w.Log)
		}
	})
	opts := rest.Options{
		Options: endpoint.Options{
			HistoryRate: -1,
			PublicURL:   "https://chat.example.test",
			Logger:      slog.New(slog.NewTextHandler(&lockedWriter{w: w.Log}, nil)),
			Encoder:     &wire.Encoder{Zone: time.FixedZone("", 8*3600)},
		},
		Client: client.Options{
			SignInRate: -1, PasswordRate: -1,
			// Nobody listens there: what a provider does is tested with one that runs.
			Providers: []client.Provider{{ID: "main", OIDC: auth.NewProvider(auth.ProviderOptions{Issuer: "http://127.0.0.1:1", ClientID: "parley"})}},
		},
	}
	for _, c := range change {
		c(&opts)
	}
	w.Handler = rest.New(opts, w.Service)
	srv := httptest.NewServer(w.Handler)
	t.Cleanup(srv.Close)
	w.URL, w.Client, w.Stop = srv.URL, srv.Client(), srv.Close

	app, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Key: "demo-key", Name: "Demo app", URL: "https://app.example.test", Kind: chat.AppWeb})
	w.OK(err)
	w.App = app.Application
	w.System, err = w.Service.CreateApplication(t.Context(), "", chat.Application{Key: "system-key", Name: "Demo system", Kind: chat.AppServer})
	w.OK(err)
	o, err := w.Service.CreateOrganization(t.Context(), chat.Organization{Name: "Demo organization"})
	w.OK(err)
	w.Org = o.ID
	w.Alice, w.Bob, w.Mallory = w.Account("Alice Demo"), w.Account("Bob Demo"), w.Account("Mallory Demo")
	w.OK(w.Service.AddToOrganization(t.Context(), w.Org, []chat.AccountID{w.Alice, w.Bob}))
	return w
}

// SettingsVersion returns the version of the settings.
func (w *World) SettingsVersion() string {
	w.T.Helper()
	seen, err := w.Service.AllSettings(w.T.Context(), chat.Actor{})
	w.OK(err)
	return seen.Version
}

// ticking is a clock that never tells the same time twice, so that what came
// later is later in every list.
func ticking(start time.Time) func() time.Time {
	var ticks atomic.Int64
	return func() time.Time { return start.Add(time.Duration(ticks.Add(1)) * time.Millisecond) }
}

// OK ends the test if there is an error.
func (w *World) OK(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Account is one more account without an organization.
func (w *World) Account(name string) chat.AccountID {
	w.T.Helper()
	a, err := w.Service.CreateAccount(w.T.Context(), chat.Account{Name: name})
	w.OK(err)
	return a.ID
}

// Contact is one more member of the organization.
func (w *World) Contact(name string) chat.AccountID {
	w.T.Helper()
	id := w.Account(name)
	w.OK(w.Service.AddToOrganization(w.T.Context(), w.Org, []chat.AccountID{id}))
	return id
}

// Token is an access token of an account.
func (w *World) Token(of chat.AccountID) string {
	w.T.Helper()
	plain, _, err := w.Service.IssueToken(w.T.Context(), chat.NewToken{Account: of})
	w.OK(err)
	return plain
}

// SignedIn returns a token of a session that has just begun with a sign-in.
func (w *World) SignedIn(as chat.AccountID) string {
	w.T.Helper()
	code, _, err := w.Service.CreateSignInCode(w.T.Context(), chat.NewSignInCode{Account: as})
	w.OK(err)
	in, err := w.Service.SignInWithCode(w.T.Context(), code, chat.Device{})
	w.OK(err)
	return in.Token
}

// AppCode returns the code of an authenticator app, steps of 30 seconds after the present one of
// the service.
func (w *World) AppCode(secret string, steps int) string {
	w.T.Helper()
	code, err := hotp.GenerateCode(secret, uint64(w.start.Unix()/30+int64(steps)))
	w.OK(err)
	return code
}

// Subscribed returns a subscription of [World.System], the same each time, and an event of it that was given up.
func (w *World) Subscribed() (chat.SubscriptionID, chat.OutgoingID) {
	w.T.Helper()
	if w.subscription == "" {
		made, err := w.Service.CreateSubscription(w.T.Context(), chat.Subscription{
			App: w.System.ID, URL: "https://hooks.example.test/parley", Kinds: []chat.OutgoingKind{chat.OutgoingGroupDissolved},
		})
		w.OK(err)
		w.subscription = made.ID
	}
	at := w.start
	w.OK(w.Fault.Update(w.T.Context(), func(tx chat.Tx) error {
		return tx.AddOutgoing(chat.Outgoing{
			Subscription: w.subscription, Event: "0198c0de-0000-7000-8000-0000000000b2", Kind: chat.OutgoingGroupDissolved, Topic: "group x",
			At: at, Since: at, DeadAt: at, Attempts: 20, Failure: "status 500", Body: []byte(`{"type":"group.dissolved"}`),
		})
	}))
	dead, err := w.Service.DeadOutgoing(w.T.Context(), "", w.subscription, 0, 100)
	w.OK(err)
	return w.subscription, dead[len(dead)-1].ID
}

// Group has Alice as its creator and Bob as a member.
func (w *World) Group() chat.GroupID {
	w.T.Helper()
	g, err := w.Service.CreateGroup(w.T.Context(), chat.Actor{}, chat.NewGroup{
		Name: "Demo group", IsPost: true, Creator: w.Alice, Members: []chat.AccountID{w.Bob},
	})
	w.OK(err)
	return g.ID
}

// Say sends a text to an account.
func (w *World) Say(from, to chat.AccountID, text string) chat.Receipt {
	w.T.Helper()
	r, err := w.Service.SendMessage(w.T.Context(), chat.Actor{Account: from, App: w.App.ID}, to, TextDraft(text))
	w.OK(err)
	return r
}

// SayIn sends a text to a group.
func (w *World) SayIn(g chat.GroupID, from chat.AccountID, text string) chat.Receipt {
	w.T.Helper()
	r, err := w.Service.SendGroupMessage(w.T.Context(), chat.Actor{Account: from, App: w.App.ID}, g, TextDraft(text))
	w.OK(err)
	return r
}

// TextDraft is a message with only a text.
func TextDraft(text string) chat.Draft {
	return chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: text}}
}

func (w *World) publish(events []chat.Event) {
	w.Service.ApplyEvents(events) // as a server does
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, events...)
}

// Published returns what was published since the last call, by type.
func (w *World) Published() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var names []string
	for _, e := range w.events {
		names = append(names, strings.TrimPrefix(fmt.Sprintf("%T", e), "chat."))
	}
	w.events = nil
	return names
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// AsHost adds the application's credentials.
func (w *World) AsHost(r *http.Request) { r.SetBasicAuth(w.System.Key, w.System.Secret) }

// As adds an access token.
func As(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

// Header sets a header.
func Header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// Do makes a request; a body is JSON unless change sets another type.
func (w *World) Do(method, path string, body io.Reader, change ...func(*http.Request)) Answer {
	w.T.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(w.T.Context()), method, w.URL+path, body)
	w.OK(err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, c := range change {
		c(r)
	}
	res, err := w.Client.Do(r)
	w.OK(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	w.OK(err)
	return Answer{res.StatusCode, res.Header, b}
}

// Host calls the host API with the application's credentials; body is a string
// of JSON, or nothing.
func (w *World) Host(method, path, body string, change ...func(*http.Request)) Answer {
	w.T.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	return w.Do(method, path, in, append([]func(*http.Request){w.AsHost}, change...)...)
}

// Want checks the status and returns the body as an object.
func (w *World) Want(a Answer, status int) map[string]any {
	w.T.Helper()
	if a.Status != status {
		w.T.Fatalf("status = %d %s, want %d", a.Status, a.Body, status)
	}
	if len(a.Body) == 0 {
		return nil
	}
	var v map[string]any
	if err := json.Unmarshal(a.Body, &v); err != nil {
		w.T.Fatalf("%s: %v", a.Body, err)
	}
	return v
}

// Refused checks that the answer is a problem document with that text.
func (w *World) Refused(a Answer, status int, text string) map[string]any {
	w.T.Helper()
	v := w.Want(a, status)
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		w.T.Errorf("Content-Type = %q, want application/problem+json", got)
	}
	if v["detail"] != text {
		w.T.Errorf("detail = %v, want %q", v["detail"], text)
	}
	if v["status"] != float64(status) || v["title"] != http.StatusText(status) {
		w.T.Errorf("problem = %s, want status %d and its title", a.Body, status)
	}
	return v
}

// Names checks that the problem names the field.
func (w *World) Names(problem map[string]any, location string) {
	w.T.Helper()
	details, _ := problem["errors"].([]any)
	var got []string
	for _, d := range details {
		got = append(got, fmt.Sprint(d.(map[string]any)["location"]))
		if d.(map[string]any)["message"] == "" {
			w.T.Errorf("problem %v says nothing of %s", problem, location)
		}
	}
	for _, l := range got {
		if l == location {
			return
		}
	}
	w.T.Errorf("problem names %q, want %q", got, location)
}

// Items returns the ids of a page, found at the path in each item.
func Items(t testing.TB, page map[string]any, path ...string) []string {
	t.Helper()
	ids := []string{}
	for _, item := range page["items"].([]any) {
		v := item
		for _, p := range path {
			v = v.(map[string]any)[p]
		}
		ids = append(ids, fmt.Sprint(v))
	}
	return ids
}

// ToJSON encodes a body.
func ToJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// Contains reports whether a body contains a text.
func Contains(b []byte, s string) bool { return bytes.Contains(b, []byte(s)) }

// List checks the status of an answer whose body is an array.
func (w *World) List(a Answer, status int) []map[string]any {
	w.T.Helper()
	if a.Status != status {
		w.T.Fatalf("status = %d %s, want %d", a.Status, a.Body, status)
	}
	var v []map[string]any
	if err := json.Unmarshal(a.Body, &v); err != nil {
		w.T.Fatalf("%s: %v", a.Body, err)
	}
	return v
}

// MessageID is the id of a sent message as it is in answers.
func MessageID(r chat.Receipt) string { return fmt.Sprint(int64(r.Message.ID)) }

// Decode decodes a body.
func Decode(t testing.TB, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
}

// Key adds an idempotency key.
func Key(k string) func(*http.Request) { return Header("Idempotency-Key", k) }

// API calls the client API with a token; body is a string of JSON, or nothing.
func (w *World) API(token, method, path, body string) Answer {
	w.T.Helper()
	if body == "" {
		return w.Do(method, path, nil, As(token))
	}
	return w.Do(method, path, strings.NewReader(body), As(token))
}

// Equal compares an object with what is wanted of it.
func (w *World) Equal(what string, got, want map[string]any) {
	w.T.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		w.T.Errorf("%s, got - want +:\n%s", what, diff)
	}
}

// Fault is a store that does what a test tells it instead of reading.
type Fault struct {
	chat.Store
	Viewing func(ctx context.Context) error
}

// View calls Viewing and then reads, unless that fails.
func (f *Fault) View(ctx context.Context, fn func(chat.Tx) error) error {
	if f.Viewing != nil {
		if err := f.Viewing(ctx); err != nil {
			return err
		}
	}
	return f.Store.View(ctx, fn)
}

// Read reads history as the account and returns the rows.
func (w *World) Read(token, path string, query ...string) []map[string]any {
	w.T.Helper()
	return w.List(w.Do("GET", path+"?"+Values(query...).Encode(), nil, As(token)), 200)
}

// Values are those of a query.
func Values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// Texts are those of rows of history.
func Texts(rows []map[string]any) []string {
	out := []string{}
	for _, r := range rows {
		out = append(out, fmt.Sprint(r["msg"].(map[string]any)["con"]))
	}
	return out
}

// PostOpen calls the client API without a token.
func (w *World) PostOpen(path string, body map[string]any, change ...func(*http.Request)) Answer {
	w.T.Helper()
	return w.Do("POST", path, strings.NewReader(ToJSON(body)), change...)
}
