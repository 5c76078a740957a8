package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEcho(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- serve(ctx, listener, defaults()) }()
	for _, c := range []struct{ eio, sent, want string }{
		{"4", "4hello \U0001F600\x1ebAAH/", "4hello \U0001F600\x1ebAAH/"},
		{"3", "8:4hello \u00e910:b4AAECAwQF", "8:4hello \u00e910:b4AAECAwQF"},
	} {
		url := "http://" + listener.Addr().String() + "/?transport=polling&b64=1&EIO=" + c.eio
		_, sid, _ := strings.Cut(request(t, http.MethodGet, url, ""), `"sid":"`)
		sid, _, _ = strings.Cut(sid, `"`)
		url += "&sid=" + sid
		if got := request(t, http.MethodPost, url, c.sent); got != "ok" {
			t.Errorf("EIO %s: got %q, want ok", c.eio, got)
		}
		if got := request(t, http.MethodGet, url, ""); got != c.want {
			t.Errorf("EIO %s: got %q, want %q", c.eio, got, c.want)
		}
	}
	// Tests of the protocol try JSONP as well.
	if got := request(t, http.MethodGet, "http://"+listener.Addr().String()+"/?transport=polling&EIO=3&j=0", ""); !strings.HasPrefix(got, `___eio[0]("`) {
		t.Errorf("JSONP: got %q", got)
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func request(t *testing.T, method, url, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/plain; charset=UTF-8")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: got %s %s, %v", method, response.Status, answer, err)
	}
	return string(answer)
}

func TestFlags(t *testing.T) {
	var value time.Duration
	for flag, want := range map[string]time.Duration{"300": 300 * time.Millisecond, "300ms": 300 * time.Millisecond, "2s": 2 * time.Second} {
		if err := (duration{&value}).Set(flag); err != nil || value != want {
			t.Errorf("%s: got %v, %v, want %v", flag, value, err, want)
		}
	}
	for want, args := range map[string][]string{
		"unexpected argument": {"x"},
		"invalid value":       {"-ping-interval", "soon"},
		"must be more than 0": {"-connect-timeout", "0"},
		"address":             {"-addr", "nowhere"},
	} {
		if err := run(t.Context(), args); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", args, err, want)
		}
	}
}
