package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/internal/auth"
	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/store"
	"parley/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a served API on a real database, with an organization of two, a
// stranger outside of it, and an application.
type world struct {
	t       testing.TB
	url     string
	handler http.Handler // of the server, for requests of any address
	client  *http.Client
	stop    func() // the server, after the requests under way
	svc     *chat.Service
	app     chat.Application // of the clients
	system  chat.WithSecret  // calls the host API, with all scopes
	org     chat.OrganizationID
	alice   chat.AccountID
	bob     chat.AccountID
	mallory chat.AccountID // no contact of anybody
	log     *strings.Builder
	fault   *failing // of the database

	mu     sync.Mutex
	events []chat.Event
}

func newWorld(t testing.TB, change ...func(*rest.Options)) *world {
	t.Helper()
	w := &world{t: t, log: &strings.Builder{}}
	db, err := store.Open(t.Context(), store.Options{Path: t.TempDir(), Publish: w.publish})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w.fault = &failing{Store: db}
	w.svc = chat.New(w.fault, nil, nil, chat.Options{DefaultApp: "demo-key", Now: ticking(), Passwords: auth.NewPasswords(2, 100)}, nil)
	t.Cleanup(func() {
		if t.Failed() && w.log.Len() > 0 {
			t.Logf("log:\n%s", w.log)
		}
	})
	opts := rest.Options{
		HistoryRate: -1, SignInRate: -1, PasswordRate: -1,
		PublicURL: "https://chat.example.test",
		// Nobody listens there: what a provider does is tested with one that runs.
		Providers: []rest.Provider{{ID: "main", OIDC: auth.NewProvider(auth.ProviderOptions{Issuer: "http://127.0.0.1:1", ClientID: "parley"})}},
		Logger:    slog.New(slog.NewTextHandler(&lockedWriter{w: w.log}, nil)),
		Encoder:   &wire.Encoder{Zone: time.FixedZone("", 8*3600)},
	}
	for _, c := range change {
		c(&opts)
	}
	w.handler = rest.New(opts, w.svc)
	srv := httptest.NewServer(w.handler)
	t.Cleanup(srv.Close)
	w.url, w.client, w.stop = srv.URL, srv.Client(), srv.Close

	app, err := w.svc.CreateApplication(t.Context(), "", chat.Application{Key: "demo-key", Name: "Demo app", URL: "https://app.example.test", Kind: chat.AppWeb})
	w.ok(err)
	w.app = app.Application
	w.system, err = w.svc.CreateApplication(t.Context(), "", chat.Application{Key: "system-key", Name: "Demo system", Kind: chat.AppServer})
	w.ok(err)
	o, err := w.svc.CreateOrganization(t.Context(), chat.Organization{Name: "Demo organization"})
	w.ok(err)
	w.org = o.ID
	w.alice, w.bob, w.mallory = w.account("Alice Demo"), w.account("Bob Demo"), w.account("Mallory Demo")
	w.ok(w.svc.AddToOrganization(t.Context(), w.org, []chat.AccountID{w.alice, w.bob}))
	return w
}

// ticking is a clock that never tells the same time twice, so that what came
// later is later in every list.
func ticking() func() time.Time {
	start := time.Now()
	var ticks atomic.Int64
	return func() time.Time { return start.Add(time.Duration(ticks.Add(1)) * time.Millisecond) }
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) account(name string) chat.AccountID {
	w.t.Helper()
	a, err := w.svc.CreateAccount(w.t.Context(), chat.Account{Name: name})
	w.ok(err)
	return a.ID
}

// contact is one more member of the organization.
func (w *world) contact(name string) chat.AccountID {
	w.t.Helper()
	id := w.account(name)
	w.ok(w.svc.AddToOrganization(w.t.Context(), w.org, []chat.AccountID{id}))
	return id
}

func (w *world) token(of chat.AccountID) string {
	w.t.Helper()
	plain, _, err := w.svc.IssueToken(w.t.Context(), chat.NewToken{Account: of})
	w.ok(err)
	return plain
}

// group has Alice as its creator and Bob as a member.
func (w *world) group() chat.GroupID {
	w.t.Helper()
	g, err := w.svc.CreateGroup(w.t.Context(), chat.Actor{}, chat.NewGroup{
		Name: "Demo group", IsPost: true, Creator: w.alice, Members: []chat.AccountID{w.bob},
	})
	w.ok(err)
	return g.ID
}

func (w *world) say(from, to chat.AccountID, text string) chat.Receipt {
	w.t.Helper()
	r, err := w.svc.SendMessage(w.t.Context(), chat.Actor{Account: from, App: w.app.ID}, to, textDraft(text))
	w.ok(err)
	return r
}

func (w *world) sayIn(g chat.GroupID, from chat.AccountID, text string) chat.Receipt {
	w.t.Helper()
	r, err := w.svc.SendGroupMessage(w.t.Context(), chat.Actor{Account: from, App: w.app.ID}, g, textDraft(text))
	w.ok(err)
	return r
}

func textDraft(text string) chat.Draft {
	return chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: text}}
}

func (w *world) publish(events []chat.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, events...)
}

// published returns what was published since the last call, by type.
func (w *world) published() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var names []string
	for _, e := range w.events {
		names = append(names, strings.TrimPrefix(fmt.Sprintf("%T", e), "chat."))
	}
	w.events = nil
	return names
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// asHost adds the application's credentials.
func (w *world) asHost(r *http.Request) { r.SetBasicAuth(w.system.Key, w.system.Secret) }

func as(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func (w *world) do(method, path string, body io.Reader, change ...func(*http.Request)) answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(w.t.Context()), method, w.url+path, body)
	w.ok(err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, c := range change {
		c(r)
	}
	res, err := w.client.Do(r)
	w.ok(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	w.ok(err)
	return answer{res.StatusCode, res.Header, b}
}

// host calls the host API with the application's credentials; body is a string
// of JSON, or nothing.
func (w *world) host(method, path, body string, change ...func(*http.Request)) answer {
	w.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	return w.do(method, path, in, append([]func(*http.Request){w.asHost}, change...)...)
}

// want checks the status and returns the body as an object.
func (w *world) want(a answer, status int) map[string]any {
	w.t.Helper()
	if a.status != status {
		w.t.Fatalf("status = %d %s, want %d", a.status, a.body, status)
	}
	if len(a.body) == 0 {
		return nil
	}
	var v map[string]any
	if err := json.Unmarshal(a.body, &v); err != nil {
		w.t.Fatalf("%s: %v", a.body, err)
	}
	return v
}

// refused checks that the answer is a problem document with that text.
func (w *world) refused(a answer, status int, text string) map[string]any {
	w.t.Helper()
	v := w.want(a, status)
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		w.t.Errorf("Content-Type = %q, want application/problem+json", got)
	}
	if v["detail"] != text {
		w.t.Errorf("detail = %v, want %q", v["detail"], text)
	}
	if v["status"] != float64(status) || v["title"] != http.StatusText(status) {
		w.t.Errorf("problem = %s, want status %d and its title", a.body, status)
	}
	return v
}

// names checks that the problem names the field.
func (w *world) names(problem map[string]any, location string) {
	w.t.Helper()
	details, _ := problem["errors"].([]any)
	var got []string
	for _, d := range details {
		got = append(got, fmt.Sprint(d.(map[string]any)["location"]))
		if d.(map[string]any)["message"] == "" {
			w.t.Errorf("problem %v says nothing of %s", problem, location)
		}
	}
	for _, l := range got {
		if l == location {
			return
		}
	}
	w.t.Errorf("problem names %q, want %q", got, location)
}

// items returns the ids of a page, found at the path in each item.
func items(t testing.TB, page map[string]any, path ...string) []string {
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

func toJSON(v any) string {
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

func contains(b []byte, s string) bool { return bytes.Contains(b, []byte(s)) }

// list checks the status of an answer whose body is an array.
func (w *world) list(a answer, status int) []map[string]any {
	w.t.Helper()
	if a.status != status {
		w.t.Fatalf("status = %d %s, want %d", a.status, a.body, status)
	}
	var v []map[string]any
	if err := json.Unmarshal(a.body, &v); err != nil {
		w.t.Fatalf("%s: %v", a.body, err)
	}
	return v
}

func messageID(r chat.Receipt) string { return fmt.Sprint(int64(r.Message.ID)) }

func decode(t testing.TB, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
}
