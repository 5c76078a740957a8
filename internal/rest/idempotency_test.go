package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/store"
)

const replayed = "Idempotency-Replayed"

func key(k string) func(*http.Request) { return header("Idempotency-Key", k) }

func (w *world) organizationCount() int {
	w.t.Helper()
	return len(items(w.t, w.want(w.host("GET", "/v1/organizations", ""), 200), "id"))
}

func TestRetryGetsTheSameAnswer(t *testing.T) {
	w := newWorld(t)
	const body = `{"name":"Once"}`
	first := w.host("POST", "/v1/organizations", body, key("k-1"))
	w.want(first, http.StatusCreated)
	second := w.host("POST", "/v1/organizations", body, key("k-1"))
	if second.status != first.status || string(second.body) != string(first.body) {
		t.Errorf("retry = %d %s, want %d %s", second.status, second.body, first.status, first.body)
	}
	if got := second.header.Get("Content-Type"); got != first.header.Get("Content-Type") {
		t.Errorf("Content-Type of the retry = %q, want %q", got, first.header.Get("Content-Type"))
	}
	if first.header.Get(replayed) != "" || second.header.Get(replayed) != "true" {
		t.Errorf("%s = %q, then %q, want only the retry to have it", replayed, first.header.Get(replayed), second.header.Get(replayed))
	}
	if got := w.organizationCount(); got != 2 {
		t.Errorf("organizations = %d, want one more than before", got)
	}
	// An answer without a body is repeated too.
	members := "/v1/organizations/" + string(w.org) + "/members"
	added := toJSON(map[string]any{"accounts": []chat.AccountID{w.mallory}})
	w.want(w.host("POST", members, added, key("k-2")), http.StatusNoContent)
	w.want(w.host("DELETE", members+"/"+string(w.mallory), ""), http.StatusNoContent)
	w.want(w.host("POST", members, added, key("k-2")), http.StatusNoContent)
	if got := items(t, w.want(w.host("GET", members, ""), 200), "id"); len(got) != 2 {
		t.Errorf("members = %v, want the retry to have changed nothing", got)
	}
}

func TestKeyOfAnotherRequest(t *testing.T) {
	w := newWorld(t)
	w.want(w.host("POST", "/v1/organizations", `{"name":"Once"}`, key("k")), http.StatusCreated)
	const text = "this idempotency key was used for another request"
	w.names(w.refused(w.host("POST", "/v1/organizations", `{"name":"Twice"}`, key("k")), 422, text), "header.Idempotency-Key")
	w.refused(w.host("POST", "/v1/organizations?x=1", `{"name":"Once"}`, key("k")), 422, text)
	w.refused(w.host("POST", "/v1/accounts", `{"name":"Once"}`, key("k")), 422, text)
	if got := w.organizationCount(); got != 2 {
		t.Errorf("organizations = %d, want 2", got)
	}
	// Keys belong to an application: another one's are not seen.
	other, err := w.svc.CreateApplication(t.Context(), "", chat.Application{Name: "Other demo", Kind: chat.AppServer, Scopes: chat.Scopes})
	w.ok(err)
	a := w.host("POST", "/v1/organizations", `{"name":"Twice"}`, key("k"), func(r *http.Request) { r.SetBasicAuth(other.Key, other.Secret) })
	w.want(a, http.StatusCreated)
	if a.header.Get(replayed) != "" {
		t.Errorf("%s = %q for another application, want none", replayed, a.header.Get(replayed))
	}
}

func TestRefusalLeavesTheKeyFree(t *testing.T) {
	w := newWorld(t)
	friends := "/v1/accounts/" + string(w.alice) + "/friends"
	const body = `{"account":"0198c0de-0000-7000-8000-00000000000d"}`
	w.refused(w.host("POST", friends, body, key("k")), 404, "account not found")
	w.want(w.host("POST", "/v1/accounts", `{"id":"0198c0de-0000-7000-8000-00000000000d","name":"Dora Demo"}`), http.StatusCreated)
	a := w.host("POST", friends, body, key("k"))
	w.want(a, http.StatusNoContent)
	if a.header.Get(replayed) != "" {
		t.Error("the second attempt was answered from memory, want it carried out")
	}
}

func TestBadKeys(t *testing.T) {
	w := newWorld(t)
	for _, k := range []string{"", "with space", "ümlaut", strings.Repeat("k", 256)} {
		w.names(w.refused(w.host("POST", "/v1/organizations", `{"name":"x"}`, key(k)), 422, "the idempotency key is not valid"), "header.Idempotency-Key")
	}
	twice := func(r *http.Request) { r.Header["Idempotency-Key"] = []string{"a", "b"} }
	w.names(w.want(w.host("POST", "/v1/organizations", `{"name":"x"}`, twice), 422), "header.Idempotency-Key")
	if got := w.organizationCount(); got != 1 {
		t.Errorf("organizations = %d, want none made", got)
	}
	// Other methods are idempotent by themselves, and take no key.
	w.want(w.host("GET", "/v1/organizations", "", key("with space")), 200)
}

// Duplicates that come at the same time, on two nodes that share a database,
// are carried out once, and all get the same answer. One of them with another body is told so.
func TestDuplicatesAtTheSameTime(t *testing.T) {
	for name, tt := range map[string]struct {
		bodies [2]string
		want   int // of the duplicates with the second body
	}{
		"same request":    {[2]string{`{"name":"Once"}`, `{"name":"Once"}`}, http.StatusCreated},
		"another request": {[2]string{`{"name":"Once"}`, `{"name":"Twice"}`}, http.StatusUnprocessableEntity},
	} {
		t.Run(name, func(t *testing.T) { testDuplicates(t, tt.bodies, tt.want) })
	}
}

func testDuplicates(t *testing.T, bodies [2]string, want int) {
	w := newWorld(t)
	node := httptest.NewServer(rest.New(rest.Options{}, w.svc))
	t.Cleanup(node.Close)
	nodes := []string{w.url, node.URL}
	const each = 8
	var answers [2]chan string
	for i := range answers {
		answers[i] = make(chan string, each)
	}
	var wg sync.WaitGroup
	for i := range 2 * each {
		wg.Go(func() {
			r, err := http.NewRequestWithContext(t.Context(), "POST", nodes[i%2]+"/v1/organizations", strings.NewReader(bodies[i%2]))
			if err != nil {
				t.Error(err)
				return
			}
			w.asHost(r)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", "k")
			res, err := w.client.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Error(err)
			}
			_ = res.Body.Close()
			answers[i%2] <- fmt.Sprint(res.StatusCode, " ", string(body))
		})
	}
	wg.Wait()
	seen := map[string]int{}
	for i := range answers {
		close(answers[i])
		for answer := range answers[i] {
			seen[answer]++
		}
	}
	wanted := map[int]int{http.StatusCreated: each, want: each}
	if want == http.StatusCreated {
		wanted[want] = 2 * each
	}
	for answer, times := range seen {
		var status int
		if _, err := fmt.Sscan(answer, &status); err != nil || times != wanted[status] {
			t.Errorf("%d times: %s, want %v", times, answer, wanted)
		}
	}
	if got := w.organizationCount(); got != 2 {
		t.Errorf("organizations = %d, want one more than before", got)
	}
}

// crashing is a store that loses every write after the first one while it is
// armed, as if the process had been killed after that commit.
type crashing struct {
	chat.Store
	armed  atomic.Bool
	writes atomic.Int32
}

func (c *crashing) Update(ctx context.Context, fn func(chat.Tx) error) error {
	if c.armed.Load() && c.writes.Add(1) > 1 {
		return errors.New("killed")
	}
	return c.Store.Update(ctx, fn)
}

// A process that was killed between the commit of a request and that of its
// answer refused every retry with 409, for good. The answer is part of the same
// commit, for every operation that takes a key.
func TestCrashAfterTheCommit(t *testing.T) {
	w := newWorld(t)
	db, err := store.Open(t.Context(), store.Options{Path: t.TempDir()})
	w.ok(err)
	t.Cleanup(func() { _ = db.Close() })
	disk := &crashing{Store: db}
	svc := chat.New(disk, nil, nil, chat.Options{}, nil)
	w.system, err = svc.CreateApplication(t.Context(), "", chat.Application{Name: "Demo system", Kind: chat.AppServer})
	w.ok(err)
	first := httptest.NewServer(rest.New(rest.Options{Logger: slog.New(slog.DiscardHandler)}, svc))
	t.Cleanup(first.Close)
	restarted := httptest.NewServer(rest.New(rest.Options{}, svc))
	t.Cleanup(restarted.Close)

	const a, b, c = "a0000000-0000-4000-8000-00000000000a", "b0000000-0000-4000-8000-00000000000b", "c0000000-0000-4000-8000-00000000000c"
	const org, group = "d0000000-0000-4000-8000-00000000000d", "e0000000-0000-4000-8000-00000000000e"
	seen := map[string]bool{}
	for n, call := range []struct{ operation, path, body string }{
		{"/v1/organizations", "/v1/organizations", `{"name":"Once","id":"` + org + `"}`},
		{"/v1/accounts", "/v1/accounts", `{"name":"A","id":"` + a + `"}`},
		{"/v1/accounts", "/v1/accounts", `{"name":"B","id":"` + b + `"}`},
		{"/v1/accounts", "/v1/accounts", `{"name":"C","id":"` + c + `"}`},
		{"/v1/organizations/{organization}/members", "/v1/organizations/" + org + "/members", toJSON(map[string]any{"accounts": []string{a, b}})},
		{"/v1/accounts/{account}/friends", "/v1/accounts/" + a + "/friends", `{"account":"` + c + `"}`},
		{"/v1/accounts/{account}/tokens", "/v1/accounts/" + a + "/tokens", `{}`},
		{"/v1/accounts/{account}/sign-in-codes", "/v1/accounts/" + a + "/sign-in-codes", `{}`},
		{"/v1/groups", "/v1/groups", toJSON(map[string]any{"name": "G", "id": group, "creator": a, "members": []string{b}})},
		{"/v1/groups/{group}/members", "/v1/groups/" + group + "/members", toJSON(map[string]any{"accounts": []string{c}})},
		{"/v1/groups/{group}/members/{account}/leave", "/v1/groups/" + group + "/members/" + c + "/leave", ``},
		{"/v1/groups/{group}/system-messages", "/v1/groups/" + group + "/system-messages", `{"text":"S"}`},
		{"/v1/messages", "/v1/messages", toJSON(map[string]any{"from": a, "toAccount": b, "text": "M"})},
		{"/v1/messages", "/v1/messages", toJSON(map[string]any{"from": a, "toGroup": group, "text": "M"})},
		{"/v1/notifications", "/v1/notifications", toJSON(map[string]any{"category": "hr", "type": "x", "text": "N", "accounts": []string{a, b}})},
		{"/v1/applications", "/v1/applications", `{"name":"Other","key":"other","kind":"server","scopes":["read"]}`},
		{"/v1/applications/{application}/secret", "/v1/applications/other/secret", ``},
		{"/v1/applications/{application}/signing-key", "/v1/applications/other/signing-key", ``},
	} {
		seen[call.operation] = true
		k := key(fmt.Sprint("k-", n))
		w.url = first.URL
		disk.writes.Store(0)
		disk.armed.Store(true)
		done := w.host("POST", call.path, call.body, k)
		disk.armed.Store(false)
		if done.status >= 300 {
			t.Errorf("%s: got %d %s", call.path, done.status, done.body)
			continue
		}
		w.url = restarted.URL
		again := w.host("POST", call.path, call.body, k)
		if again.status != done.status || string(again.body) != string(done.body) || again.header.Get(replayed) != "true" ||
			again.header.Get("Content-Type") != done.header.Get("Content-Type") {
			t.Errorf("%s again: got %d %s, want %d %s once more", call.path, again.status, again.body, done.status, done.body)
		}
	}
	ops, _ := w.document()
	for _, op := range ops {
		if op.Method == "POST" && strings.HasPrefix(op.Path, "/v1/") && !seen[op.Path] {
			t.Errorf("POST %s is missing in this test", op.Path)
		}
	}
	w.refused(w.host("POST", "/v1/organizations", `{"name":"Twice"}`, key("k-0")), 422, "this idempotency key was used for another request")
}

// A client that got no answer when it created a group made a second one by asking again.
func TestRetryOfAClient(t *testing.T) {
	w := newWorld(t)
	create := func(token, body, k string) answer {
		return w.do("POST", "/api/groups", strings.NewReader(body), header("Authorization", "Bearer "+token), header("App", w.app.Key),
			header("Content-Type", "application/json"), key(k))
	}
	body := toJSON(map[string]any{"name": "Once", "isPost": true, "members": []chat.AccountID{w.bob}})
	alice, bob := w.token(w.alice), w.token(w.bob)
	first := w.want(create(alice, body, "k"), http.StatusCreated)
	again := create(alice, body, "k")
	if got := w.want(again, http.StatusCreated); got["id"] != first["id"] || again.header.Get(replayed) != "true" {
		t.Errorf("retry = %v, want %v once more", got, first)
	}
	if got := len(items(t, w.want(w.api(alice, "GET", "/api/groups", ""), 200), "id")); got != 1 {
		t.Errorf("groups = %d, want 1", got)
	}
	w.refused(create(alice, strings.Replace(body, "Once", "Twice", 1), "k"), 422, "this idempotency key was used for another request")
	w.names(w.refused(create(alice, body, "with space"), 422, "the idempotency key is not valid"), "header.Idempotency-Key")
	// Keys belong to an account: another one's are not seen.
	mine := strings.Replace(body, string(w.bob), string(w.alice), 1)
	if got := w.want(create(bob, mine, "k"), http.StatusCreated); got["id"] == first["id"] {
		t.Errorf("another account got %v, want a group of its own", got)
	}
}

// An issued token is in the kept answer, and the database must not hold it.
func TestKeptAnswersAreSealed(t *testing.T) {
	w := newWorld(t)
	var kept []chat.Replay
	db, err := store.Open(t.Context(), store.Options{Path: t.TempDir()})
	w.ok(err)
	t.Cleanup(func() { _ = db.Close() })
	svc := chat.New(&watching{Store: db, saved: &kept}, nil, nil, chat.Options{}, nil)
	w.system, err = svc.CreateApplication(t.Context(), "", chat.Application{Name: "Demo system", Kind: chat.AppServer})
	w.ok(err)
	alice, err := svc.CreateAccount(t.Context(), chat.Account{Name: "Alice Demo"})
	w.ok(err)
	srv := httptest.NewServer(rest.New(rest.Options{}, svc))
	t.Cleanup(srv.Close)
	w.url = srv.URL

	path := "/v1/accounts/" + string(alice.ID) + "/tokens"
	first := w.want(w.host("POST", path, `{}`, key("4f0c5a8e-demo")), http.StatusCreated)
	again := w.host("POST", path, `{}`, key("4f0c5a8e-demo"))
	if got := w.want(again, http.StatusCreated); got["token"] != first["token"] || again.header.Get(replayed) != "true" {
		t.Errorf("retry = %v, want the same token", got)
	}
	if len(kept) != 1 {
		t.Fatalf("kept %d times, want once", len(kept))
	}
	for _, r := range kept {
		if contains(r.Body, first["token"].(string)) || contains(r.Body, "token") {
			t.Errorf("the kept answer can be read: %q", r.Body)
		}
	}
}

// watching tells what is saved for idempotency keys.
type watching struct {
	chat.Store
	saved *[]chat.Replay
}

func (s *watching) Update(ctx context.Context, fn func(chat.Tx) error) error {
	return s.Store.Update(ctx, func(tx chat.Tx) error { return fn(watchingTx{tx, s.saved}) })
}

type watchingTx struct {
	chat.Tx
	saved *[]chat.Replay
}

func (t watchingTx) SaveReplay(app chat.AppID, key string, r chat.Replay) error {
	*t.saved = append(*t.saved, r)
	return t.Tx.SaveReplay(app, key, r)
}
