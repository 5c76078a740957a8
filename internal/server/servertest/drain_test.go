package servertest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A client that polls had its request taken, with the "ok" of a POST, and was refused the GET that was to bring the
// acknowledgement: the listener closed before the sessions did.
func TestDrainLetsPollersFetchTheirAcks(t *testing.T) {
	s := Start(t)
	query := url.Values{"EIO": {"4"}, "transport": {"polling"}, "token": {s.Accounts[0].Token}, "app": {s.App}}
	ask := func(method, body string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL+s.Path+"?"+query.Encode(), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatalf("%s %.20q: %v", method, body, err)
		}
		defer response.Body.Close()
		answer, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%s %.20q: got %s %.200q, %v", method, body, response.Status, answer, err)
		}
		return string(answer)
	}
	var open struct {
		SID string `json:"sid"`
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(ask(http.MethodGet, ""), "0")), &open); err != nil {
		t.Fatal(err)
	}
	query.Set("sid", open.SID)
	ask(http.MethodPost, "40")
	if answer := ask(http.MethodGet, ""); !strings.HasPrefix(answer, `40{"sid"`) {
		t.Fatalf("connect: got %s", answer)
	}
	payload, err := json.Marshal(send(s, "the last word"))
	if err != nil {
		t.Fatal(err)
	}
	ask(http.MethodPost, `427["send group message",`+string(payload)+`]`)

	stopped := make(chan error, 1)
	go func() { stopped <- s.Stop() }()
	for status := http.StatusOK; status != http.StatusServiceUnavailable; {
		response, err := http.Get(s.URL + "/readyz")
		if err != nil {
			t.Fatalf("nothing is served any more: %v", err)
		}
		response.Body.Close()
		status = response.StatusCode
	}
	for answer := ""; !strings.Contains(answer, "437[false,"); {
		answer = ask(http.MethodGet, "") // pushes may come before
	}
	if err := <-stopped; err != nil {
		t.Errorf("stop: got %v, want a clean end", err)
	}
	if strings.Contains(s.Log(), "cut off") {
		t.Errorf("not everything was finished:\n%s", s.Log())
	}
}
