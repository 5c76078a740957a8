package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/socketio/socketiotest"
)

func TestEcho(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- serve(ctx, listener, defaults()) }()
	for _, eio := range []int{3, 4} {
		client, err := socketiotest.Connect(t.Context(), socketiotest.Options{
			URL: "http://" + listener.Addr().String(), Path: "/socket.io/", EIO: eio, Transport: "websocket",
			Auth: map[string]string{"token": "123"},
		})
		if err != nil {
			t.Fatal(err)
		}
		want := map[int]string{3: `{}`, 4: `{"token":"123"}`}[eio]
		if e, err := client.Take(t.Context(), nil); err != nil || e.Name != "auth" || string(e.Args[0]) != want {
			t.Errorf("got %s %s, %v, want auth %s", e.Name, e.Args, err, want)
		}
		if err := client.Emit("message", 1, "2", json.RawMessage(`{"3":[true]}`)); err != nil {
			t.Fatal(err)
		}
		if e, err := client.Take(t.Context(), nil); err != nil || e.Name != "message-back" || len(e.Args) != 3 || string(e.Args[2]) != `{"3":[true]}` {
			t.Errorf("got %s %s, %v", e.Name, e.Args, err)
		}
		if args, err := client.Request(t.Context(), "message-with-ack", "x"); err != nil || len(args) != 1 || string(args[0]) != `"x"` {
			t.Errorf("got %s, %v", args, err)
		}
		client.Close()
	}
	// Tests of the protocol try JSONP as well.
	if got := request(t, http.MethodGet, "http://"+listener.Addr().String()+"/socket.io/?EIO=3&transport=polling&j=0", ""); !strings.HasPrefix(got, `___eio[0]("`) {
		t.Errorf("JSONP: got %q", got)
	}
	url := "http://" + listener.Addr().String() + "/socket.io/?EIO=3&transport=polling"
	_, sid, _ := strings.Cut(request(t, http.MethodGet, url, ""), `"sid":"`)
	sid, _, _ = strings.Cut(sid, `"`)
	request(t, http.MethodPost, url+"&sid="+sid, "22:40/custom?a=b&c=1&c=2,")
	if got, want := request(t, http.MethodGet, url+"&sid="+sid, ""), `42/custom,["auth",{"a":"b","c":["1","2"]}]`; !strings.HasSuffix(got, want) {
		t.Errorf("namespace with a query: got %s, want %s", got, want)
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
	for _, flag := range []string{"", "x", "0", "-1s"} {
		if err := (duration{&value}).Set(flag); err == nil {
			t.Errorf("%q was accepted as %v", flag, value)
		}
	}
	for want, args := range map[string][]string{
		"unexpected argument": {"x"},
		"invalid value":       {"-ping-interval", "soon"},
		"address":             {"-addr", "nowhere"},
	} {
		if err := run(t.Context(), args); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", args, err, want)
		}
	}
}
