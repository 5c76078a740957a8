package servertest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/socketio/socketiotest"
)

// call makes a request of the client API with the token.
func (s *Server) call(t *testing.T, method, path, token string, into any) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if into != nil {
		if err := json.NewDecoder(res.Body).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	return res.StatusCode
}

// A session that is ended in the settings ends at once, and its sockets are closed.
func TestEndedSessionIsDisconnected(t *testing.T) {
	s := Start(t)
	signIn := func() (token, session string) {
		_, code, _ := strings.Cut(s.Accounts[0].Link, "#code=")
		_, token = s.exchange(t, code)
		var list struct {
			Items []struct {
				SessionID string
				Current   bool
			}
		}
		if status := s.call(t, http.MethodGet, "/api/sessions", token, &list); status != http.StatusOK {
			t.Fatalf("sessions = %d", status)
		}
		for _, one := range list.Items {
			if one.Current {
				return token, one.SessionID
			}
		}
		t.Fatalf("sessions = %+v, want the one that asks among them", list)
		return "", ""
	}
	connect := func(token string) *socketiotest.Client {
		c, err := socketiotest.Connect(t.Context(), socketiotest.Options{
			URL: s.URL, Path: s.Path, EIO: 4, Transport: "websocket", Query: url.Values{"token": {token}, "app": {"parley-web"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	here, _ := signIn()
	there, session := signIn()
	stays, goes := connect(here), connect(there)
	if status := s.call(t, http.MethodDelete, "/api/sessions/"+session, here, nil); status != http.StatusNoContent {
		t.Fatalf("end = %d", status)
	}
	e, err := goes.Take(t.Context(), func(e socketiotest.Event) bool { return e.Name == "logout message" })
	if err != nil || !strings.Contains(string(e.Args[0]), session) {
		t.Errorf("got %s, %v, want to be told of %s", e.Args, err, session)
	}
	<-goes.Done()
	if status := s.call(t, http.MethodGet, "/api/sessions", there, nil); status != http.StatusUnauthorized {
		t.Errorf("sessions with the ended one = %d, want 401", status)
	}
	if _, err := stays.Request(t.Context(), "unread count", map[string]any{}); err != nil {
		t.Errorf("the other one: %v", err)
	}

	// The session that signs itself out gets the push as well.
	if status := s.call(t, http.MethodPost, "/api/sign-out", here, nil); status != http.StatusNoContent {
		t.Fatalf("sign-out = %d", status)
	}
	<-stays.Done()
}
