package endpoint_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/rest"
	"parley/internal/rest/resttest"
)

// A request that comes while the server stops is refused before anything is done;
// one that came before has left when it is answered.
func TestStopping(t *testing.T) {
	var inside atomic.Int64
	var stopping atomic.Bool
	w := resttest.New(t, func(o *rest.Options) {
		o.Enter = func() (func(), bool) {
			if stopping.Load() {
				return nil, false
			}
			inside.Add(1)
			return func() { inside.Add(-1) }, true
		}
	})
	w.Fault.Viewing = func(context.Context) error {
		if inside.Load() == 1 { // after the credentials and the body
			panic("in the middle")
		}
		return nil
	}
	w.Refused(w.Host("GET", "/v1/accounts", ""), 500, "internal error")
	w.Fault.Viewing = nil
	if got := inside.Load(); got != 0 {
		t.Errorf("got %d requests inside after the answer, want none", got)
	}
	stopping.Store(true)
	a := w.Host("POST", "/v1/accounts", `{"id":"late","name":"x"}`)
	w.Refused(a, 503, "the server is stopping: nothing was done, try again")
	stopping.Store(false)
	w.Refused(w.Host("GET", "/v1/accounts/late", ""), 404, "account not found")
}

type panicked struct{}

func (panicked) Error() string { return "panic" }
func (panicked) Stack() []byte { return []byte("the place of it") }

// A fault of ours is told without its cause, logged once, and stays with the
// request that met it.
func TestFaultsStayInTheirRequest(t *testing.T) {
	w := resttest.New(t, func(o *rest.Options) { o.Timeout = 50 * time.Millisecond })
	token := w.Token(w.Alice)
	for _, c := range []struct {
		name   string
		view   func(context.Context) error
		status int
		text   string
		logged string
	}{
		{"an error", func(context.Context) error { return errors.New("disk on fire") }, 500, "internal error", "disk on fire"},
		{"a panic", func(context.Context) error { panic("secret words") }, 500, "internal error", "panic=string stack="},
		{"a panic in a transaction", func(context.Context) error { return panicked{} }, 500, "internal error", "the place of it"},
		{"a wait", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 503, "the request took too long", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.T = t
			for _, request := range []func() resttest.Answer{
				func() resttest.Answer { return w.Host("POST", "/v1/accounts", `{"name":"x"}`, resttest.Key("k")) },
				func() resttest.Answer { return w.Host("GET", "/v1/accounts", "") },
				func() resttest.Answer { return w.Do("GET", "/chat_list", nil, resttest.As(token)) },
			} {
				w.Log.Reset()
				w.Fault.Viewing = c.view
				a := request()
				w.Fault.Viewing = nil
				p := w.Refused(a, c.status, c.text)
				if c.logged == "" {
					if w.Log.Len() > 0 {
						t.Errorf("logged %s, want nothing", w.Log)
					}
				} else if strings.Count(w.Log.String(), c.logged) != 1 || resttest.Contains(a.Body, c.logged) {
					t.Errorf("answer %v, log %s, want the cause once in the log and not in the answer", p, w.Log)
				}
				for _, secret := range []string{token, w.System.Secret, "secret words"} {
					if strings.Contains(w.Log.String(), secret) || resttest.Contains(a.Body, secret) {
						t.Errorf("log %s, answer %s, want no secret", w.Log, a.Body)
					}
				}
			}
		})
	}
	w.T = t
	w.Want(w.Host("GET", "/v1/accounts", ""), 200)
}

// A caller who has gone does not stop the work half way: it is done or it is not.
func TestCallerWhoIsGone(t *testing.T) {
	w := resttest.New(t)
	reached, release := make(chan struct{}), make(chan struct{})
	w.Fault.Viewing = func(context.Context) error {
		w.Fault.Viewing = nil
		close(reached)
		<-release
		return nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "POST", w.URL+"/v1/organizations", strings.NewReader(`{"name":"Never"}`))
	w.OK(err)
	w.AsHost(r)
	r.Header.Set("Content-Type", "application/json")
	gone := make(chan error)
	go func() {
		res, err := w.Client.Do(r)
		if err == nil {
			_ = res.Body.Close()
		}
		gone <- err
	}()
	<-reached
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("request = %v, want it cancelled", err)
	}
	close(release)
	w.Stop()
	if got, err := w.Service.Organizations(t.Context(), "", 10); err != nil || len(got) > 2 {
		t.Errorf("organizations = %v, %v, want at most the one", got, err)
	}
	if strings.Contains(w.Log.String(), "level=ERROR") {
		t.Errorf("logged %s: nobody must act on a caller who has gone", w.Log)
	}
}
