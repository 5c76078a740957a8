package servertest

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parley/internal/config"
	"parley/internal/server"
)

// The links of a new server lead to its own address and to the public one, and set it up once.
// The settings that were chosen are in force at once, without a restart.
func TestSetUpOfANewServer(t *testing.T) {
	c := Config(t)
	c.PublicURL, c.Sources = "https://www.example.test/tools/parley", map[string]config.Source{"time-zone": config.SourceFlag}
	var written log
	ctx, stop := context.WithCancel(t.Context())
	s, err := server.New(ctx, c, server.NewLogger(&written, config.Log{Format: "text", Level: "info"}), nil)
	if err != nil {
		t.Fatal(err)
	}
	links, err := s.SetUpLinks(ctx)
	if err != nil || len(links) != 2 {
		t.Fatalf("links = %v %v, want two", links, err)
	}
	_, secret, _ := strings.Cut(links[0], "#")
	if links[0] != s.URL()+"/tools/parley/set-up#"+secret || links[1] != "https://www.example.test/tools/parley/set-up#"+secret {
		t.Errorf("links = %v", links)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(method, path, body string, out any) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if out != nil {
			if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
				t.Fatal(err)
			}
		}
		return answer
	}
	type shown struct {
		SetUp  bool
		Server struct{ Name, Language, TimeZone string }
		SignIn struct{ Password bool }
	}
	var before, after shown
	ask(http.MethodGet, "/api/config", "", &before)
	if !before.SetUp || before.SignIn.Password {
		t.Errorf("config before = %+v", before)
	}
	if got := ask(http.MethodGet, "/set-up", "", nil); got.StatusCode != http.StatusOK {
		t.Errorf("the page before: %d, want 200", got.StatusCode)
	}
	body := `{"secret": "` + secret + `", "organization": "Example Works", "name": "Olga Owner", "email": "olga@example.test",
		"password": "correct horse battery", "language": "zh", "timeZone": "Asia/Shanghai"}`
	var done struct{ SignIn struct{ Token string } }
	if got := ask(http.MethodPost, "/api/set-up", body, &done); got.StatusCode != http.StatusCreated || done.SignIn.Token == "" {
		t.Fatalf("set-up: %d", got.StatusCode)
	}
	if got := ask(http.MethodPost, "/api/set-up", body, nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("again: %d, want 404", got.StatusCode)
	}
	ask(http.MethodGet, "/api/config", "", &after)
	if after.SetUp || after.Server.Name != "Example Works" || after.Server.Language != "zh" || after.Server.TimeZone != "UTC" || !after.SignIn.Password {
		t.Errorf("config after = %+v, want the settings of the set-up, and the zone of the configuration", after)
	}
	if got := ask(http.MethodGet, "/set-up", "", nil); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/tools/parley/" {
		t.Errorf("the page after: %d %s, want a redirect to the client", got.StatusCode, got.Header.Get("Location"))
	}
	if strings.Contains(written.String(), secret) {
		t.Error("the secret is in the log, although the caller of SetUpLinks decides where it is shown")
	}
}

// A server that listens on all interfaces can be set up from another machine: each link leads to it. With one address, there is no other link.
func TestSetUpLinksOfTheNetwork(t *testing.T) {
	for listen, all := range map[string]bool{"0.0.0.0:0": true, ":0": true, "127.0.0.1:0": false} {
		t.Run(listen, func(t *testing.T) {
			c := Config(t)
			c.Listen = listen
			s, err := server.New(t.Context(), c, server.NewLogger(&log{}, config.Log{Format: "text", Level: "info"}), nil)
			if err != nil {
				t.Fatal(err)
			}
			links, err := s.SetUpLinks(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- s.Run(ctx) }()
			defer func() {
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}()
			addresses, err := net.InterfaceAddrs()
			if err != nil {
				t.Fatal(err)
			}
			others := slices.ContainsFunc(addresses, func(a net.Addr) bool {
				network, ok := a.(*net.IPNet)
				return ok && network.IP.To4() != nil && network.IP.IsGlobalUnicast()
			})
			if !strings.HasPrefix(links[0], "http://127.0.0.1:") || (all && others) != (len(links) > 1) || len(links) > 4 {
				t.Errorf("links = %v of a machine with %v", links, addresses)
			}
			for _, link := range links {
				answer, err := http.Get(link)
				if err != nil {
					t.Errorf("%s: %v", link, err)
					continue
				}
				_ = answer.Body.Close()
				if answer.StatusCode != http.StatusOK {
					t.Errorf("%s = %d", link, answer.StatusCode)
				}
			}
		})
	}
}
