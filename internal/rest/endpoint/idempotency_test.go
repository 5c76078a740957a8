package endpoint_test

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
	"parley/internal/rest/endpoint"
	"parley/internal/rest/resttest"
	"parley/internal/store"
)

const replayed = "Idempotency-Replayed"

func organizationCount(w *resttest.World) int {
	w.T.Helper()
	return len(resttest.Items(w.T, w.Want(w.Host("GET", "/v1/organizations", ""), 200), "id"))
}

func TestRetryGetsTheSameAnswer(t *testing.T) {
	w := resttest.New(t)
	const body = `{"name":"Once"}`
	first := w.Host("POST", "/v1/organizations", body, resttest.Key("k-1"))
	w.Want(first, http.StatusCreated)
	second := w.Host("POST", "/v1/organizations", body, resttest.Key("k-1"))
	if second.Status != first.Status || string(second.Body) != string(first.Body) {
		t.Errorf("retry = %d %s, want %d %s", second.Status, second.Body, first.Status, first.Body)
	}
	if got := second.Header.Get("Content-Type"); got != first.Header.Get("Content-Type") {
		t.Errorf("Content-Type of the retry = %q, want %q", got, first.Header.Get("Content-Type"))
	}
	if first.Header.Get(replayed) != "" || second.Header.Get(replayed) != "true" {
		t.Errorf("%s = %q, then %q, want only the retry to have it", replayed, first.Header.Get(replayed), second.Header.Get(replayed))
	}
	if got := organizationCount(w); got != 2 {
		t.Errorf("organizations = %d, want one more than before", got)
	}
	// An answer without a body is repeated too.
	members := "/v1/organizations/" + string(w.Org) + "/members"
	added := resttest.ToJSON(map[string]any{"accounts": []chat.AccountID{w.Mallory}})
	w.Want(w.Host("POST", members, added, resttest.Key("k-2")), http.StatusNoContent)
	w.Want(w.Host("DELETE", members+"/"+string(w.Mallory), ""), http.StatusNoContent)
	w.Want(w.Host("POST", members, added, resttest.Key("k-2")), http.StatusNoContent)
	if got := resttest.Items(t, w.Want(w.Host("GET", members, ""), 200), "id"); len(got) != 2 {
		t.Errorf("members = %v, want the retry to have changed nothing", got)
	}
}

func TestKeyOfAnotherRequest(t *testing.T) {
	w := resttest.New(t)
	w.Want(w.Host("POST", "/v1/organizations", `{"name":"Once"}`, resttest.Key("k")), http.StatusCreated)
	const text = "this idempotency key was used for another request"
	w.Names(w.Refused(w.Host("POST", "/v1/organizations", `{"name":"Twice"}`, resttest.Key("k")), 422, text), "header.Idempotency-Key")
	w.Refused(w.Host("POST", "/v1/organizations?x=1", `{"name":"Once"}`, resttest.Key("k")), 422, text)
	w.Refused(w.Host("POST", "/v1/accounts", `{"name":"Once"}`, resttest.Key("k")), 422, text)
	if got := organizationCount(w); got != 2 {
		t.Errorf("organizations = %d, want 2", got)
	}
	// Keys belong to an application: another one's are not seen.
	other, err := w.Service.CreateApplication(t.Context(), "", chat.Application{Name: "Other demo", Kind: chat.AppServer, Scopes: chat.Scopes})
	w.OK(err)
	a := w.Host("POST", "/v1/organizations", `{"name":"Twice"}`, resttest.Key("k"), func(r *http.Request) { r.SetBasicAuth(other.Key, other.Secret) })
	w.Want(a, http.StatusCreated)
	if a.Header.Get(replayed) != "" {
		t.Errorf("%s = %q for another application, want none", replayed, a.Header.Get(replayed))
	}
}

func TestRefusalLeavesTheKeyFree(t *testing.T) {
	w := resttest.New(t)
	friends := "/v1/accounts/" + string(w.Alice) + "/friends"
	const body = `{"account":"0198c0de-0000-7000-8000-00000000000d"}`
	w.Refused(w.Host("POST", friends, body, resttest.Key("k")), 404, "account not found")
	w.Want(w.Host("POST", "/v1/accounts", `{"id":"0198c0de-0000-7000-8000-00000000000d","name":"Dora Demo"}`), http.StatusCreated)
	a := w.Host("POST", friends, body, resttest.Key("k"))
	w.Want(a, http.StatusNoContent)
	if a.Header.Get(replayed) != "" {
		t.Error("the second attempt was answered from memory, want it carried out")
	}
}

func TestBadKeys(t *testing.T) {
	w := resttest.New(t)
	for _, k := range []string{"", "with space", "ümlaut", strings.Repeat("k", 256)} {
		w.Names(w.Refused(w.Host("POST", "/v1/organizations", `{"name":"x"}`, resttest.Key(k)), 422, "the idempotency key is not valid"), "header.Idempotency-Key")
	}
	twice := func(r *http.Request) { r.Header["Idempotency-Key"] = []string{"a", "b"} }
	w.Names(w.Want(w.Host("POST", "/v1/organizations", `{"name":"x"}`, twice), 422), "header.Idempotency-Key")
	if got := organizationCount(w); got != 1 {
		t.Errorf("organizations = %d, want none made", got)
	}
	// Other methods are idempotent by themselves, and take no key.
	w.Want(w.Host("GET", "/v1/organizations", "", resttest.Key("with space")), 200)
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
	w := resttest.New(t)
	node := httptest.NewServer(rest.New(rest.Options{}, w.Service))
	t.Cleanup(node.Close)
	nodes := []string{w.URL, node.URL}
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
			w.AsHost(r)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", "k")
			res, err := w.Client.Do(r)
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
	if got := organizationCount(w); got != 2 {
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
	w := resttest.New(t)
	db, err := store.Open(t.Context(), store.Options{Path: t.TempDir()})
	w.OK(err)
	t.Cleanup(func() { _ = db.Close() })
	disk := &crashing{Store: db}
	svc := chat.New(disk, nil, nil, chat.Options{}, nil)
	w.System, err = svc.CreateApplication(t.Context(), "", chat.Application{Name: "Demo system", Kind: chat.AppServer})
	w.OK(err)
	first := httptest.NewServer(rest.New(rest.Options{Options: endpoint.Options{Logger: slog.New(slog.DiscardHandler)}}, svc))
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
		{"/v1/organizations/{organization}/members", "/v1/organizations/" + org + "/members", resttest.ToJSON(map[string]any{"accounts": []string{a, b}})},
		{"/v1/accounts/{account}/friends", "/v1/accounts/" + a + "/friends", `{"account":"` + c + `"}`},
		{"/v1/accounts/{account}/tokens", "/v1/accounts/" + a + "/tokens", `{}`},
		{"/v1/accounts/{account}/sign-in-codes", "/v1/accounts/" + a + "/sign-in-codes", `{}`},
		{"/v1/groups", "/v1/groups", resttest.ToJSON(map[string]any{"name": "G", "id": group, "creator": a, "members": []string{b}})},
		{"/v1/groups/{group}/members", "/v1/groups/" + group + "/members", resttest.ToJSON(map[string]any{"accounts": []string{c}})},
		{"/v1/groups/{group}/members/{account}/leave", "/v1/groups/" + group + "/members/" + c + "/leave", ``},
		{"/v1/groups/{group}/system-messages", "/v1/groups/" + group + "/system-messages", `{"text":"S"}`},
		{"/v1/messages", "/v1/messages", resttest.ToJSON(map[string]any{"from": a, "toAccount": b, "text": "M"})},
		{"/v1/messages", "/v1/messages", resttest.ToJSON(map[string]any{"from": a, "toGroup": group, "text": "M"})},
		{"/v1/notifications", "/v1/notifications", resttest.ToJSON(map[string]any{"category": "hr", "type": "x", "text": "N", "accounts": []string{a, b}})},
		{"/v1/invitations", "/v1/invitations", `{"maxUses":1}`},
		{"/v1/applications", "/v1/applications", `{"name":"Other","key":"other","kind":"server","scopes":["read"]}`},
		{"/v1/applications/{application}/secret", "/v1/applications/other/secret", ``},
		{"/v1/applications/{application}/signing-key", "/v1/applications/other/signing-key", ``},
	} {
		seen[call.operation] = true
		k := resttest.Key(fmt.Sprint("k-", n))
		w.URL = first.URL
		disk.writes.Store(0)
		disk.armed.Store(true)
		done := w.Host("POST", call.path, call.body, k)
		disk.armed.Store(false)
		if done.Status >= 300 {
			t.Errorf("%s: got %d %s", call.path, done.Status, done.Body)
			continue
		}
		w.URL = restarted.URL
		again := w.Host("POST", call.path, call.body, k)
		if again.Status != done.Status || string(again.Body) != string(done.Body) || again.Header.Get(replayed) != "true" ||
			again.Header.Get("Content-Type") != done.Header.Get("Content-Type") {
			t.Errorf("%s again: got %d %s, want %d %s once more", call.path, again.Status, again.Body, done.Status, done.Body)
		}
	}
	ops, _ := w.Document()
	for _, op := range ops {
		if op.Method == "POST" && strings.HasPrefix(op.Path, "/v1/") && !seen[op.Path] {
			t.Errorf("POST %s is missing in this test", op.Path)
		}
	}
	w.Refused(w.Host("POST", "/v1/organizations", `{"name":"Twice"}`, resttest.Key("k-0")), 422, "this idempotency key was used for another request")
}

// A client that got no answer when it created a group made a second one by asking again.
func TestRetryOfAClient(t *testing.T) {
	w := resttest.New(t)
	create := func(token, body, k string) resttest.Answer {
		return w.Do("POST", "/api/groups", strings.NewReader(body), resttest.Header("Authorization", "Bearer "+token), resttest.Header("App", w.App.Key),
			resttest.Header("Content-Type", "application/json"), resttest.Key(k))
	}
	body := resttest.ToJSON(map[string]any{"name": "Once", "isPost": true, "members": []chat.AccountID{w.Bob}})
	alice, bob := w.Token(w.Alice), w.Token(w.Bob)
	first := w.Want(create(alice, body, "k"), http.StatusCreated)
	again := create(alice, body, "k")
	if got := w.Want(again, http.StatusCreated); got["id"] != first["id"] || again.Header.Get(replayed) != "true" {
		t.Errorf("retry = %v, want %v once more", got, first)
	}
	if got := len(resttest.Items(t, w.Want(w.API(alice, "GET", "/api/groups", ""), 200), "id")); got != 1 {
		t.Errorf("groups = %d, want 1", got)
	}
	w.Refused(create(alice, strings.Replace(body, "Once", "Twice", 1), "k"), 422, "this idempotency key was used for another request")
	w.Names(w.Refused(create(alice, body, "with space"), 422, "the idempotency key is not valid"), "header.Idempotency-Key")
	// Keys belong to an account: another one's are not seen.
	mine := strings.Replace(body, string(w.Bob), string(w.Alice), 1)
	if got := w.Want(create(bob, mine, "k"), http.StatusCreated); got["id"] == first["id"] {
		t.Errorf("another account got %v, want a group of its own", got)
	}
}

// An issued token is in the kept answer, and the database must not hold it.
func TestKeptAnswersAreSealed(t *testing.T) {
	w := resttest.New(t)
	var kept []chat.Replay
	db, err := store.Open(t.Context(), store.Options{Path: t.TempDir()})
	w.OK(err)
	t.Cleanup(func() { _ = db.Close() })
	svc := chat.New(&watching{Store: db, saved: &kept}, nil, nil, chat.Options{}, nil)
	w.System, err = svc.CreateApplication(t.Context(), "", chat.Application{Name: "Demo system", Kind: chat.AppServer})
	w.OK(err)
	alice, err := svc.CreateAccount(t.Context(), chat.Account{Name: "Alice Demo"})
	w.OK(err)
	srv := httptest.NewServer(rest.New(rest.Options{}, svc))
	t.Cleanup(srv.Close)
	w.URL = srv.URL

	path := "/v1/accounts/" + string(alice.ID) + "/tokens"
	first := w.Want(w.Host("POST", path, `{}`, resttest.Key("4f0c5a8e-demo")), http.StatusCreated)
	again := w.Host("POST", path, `{}`, resttest.Key("4f0c5a8e-demo"))
	if got := w.Want(again, http.StatusCreated); got["token"] != first["token"] || again.Header.Get(replayed) != "true" {
		t.Errorf("retry = %v, want the same token", got)
	}
	if len(kept) != 1 {
		t.Fatalf("kept %d times, want once", len(kept))
	}
	for _, r := range kept {
		if resttest.Contains(r.Body, first["token"].(string)) || resttest.Contains(r.Body, "token") {
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
