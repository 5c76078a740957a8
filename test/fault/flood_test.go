package fault

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // small pictures without transparency
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/server/servertest"
	"parley/internal/wire"
	"parley/socketio/socketiotest"
)

// flood makes the same kind of request many times at once, and counts.
type flood struct {
	open, refused atomic.Int64
	answered      chan struct{}
	all           sync.WaitGroup
}

// start sends n requests and returns when the first is answered.
func (f *flood) start(t *testing.T, n int, ask func(i int) (status int, h http.Header)) {
	t.Helper()
	f.answered = make(chan struct{}, n)
	f.open.Store(int64(n))
	for i := range n {
		f.all.Go(func() {
			defer func() {
				f.open.Add(-1)
				f.answered <- struct{}{}
			}()
			switch status, h := ask(i); {
			case status == http.StatusTooManyRequests && h.Get("Retry-After") != "":
				f.refused.Add(1)
			case status != http.StatusOK:
				t.Errorf("request %d: got %d %v", i, status, h)
			}
		})
	}
	<-f.answered
}

// A search that reads much, and finds nothing, once made everybody else's wait for
// all that one account had asked for. Others are served while its own wait.
func TestSearchesOfOneAccountDelayNobodyElse(t *testing.T) {
	server := servertest.Start(t, func(c *config.Config) { c.Work.SearchesWaiting = 40 })
	alice, bob, carol := server.Accounts[0], server.Accounts[1], server.Accounts[2]
	say(t, server, alice.Token, bob.ID, 400, far)
	say(t, server, bob.Token, carol.ID, 1, "a needle")

	// Every text has the words, and none has them so close to each other.
	slow := "/api/search?in=messages&query=" + url.QueryEscape("one.three")
	var f flood
	f.start(t, 60, func(int) (int, http.Header) {
		status, h, _ := get(t, server, alice.Token, slow)
		return status, h
	})
	status, _, body := get(t, server, carol.Token, "/api/search?in=messages&query=needle")
	if open := f.open.Load(); status != http.StatusOK || !strings.Contains(body, "needle") || open < 10 {
		t.Errorf("another account's search: got %d %s with %d searches of the flood open, want it found before most of them", status, body, open)
	}
	if status, _, body := get(t, server, alice.Token, "/chat_list"); status != http.StatusOK {
		t.Errorf("the account's own chat list: got %d %s", status, body)
	}
	f.all.Wait()
	if refused := f.refused.Load(); refused == 0 || refused > 20 {
		t.Errorf("%d of 60 searches were refused, want those beyond 1 that runs and 40 that wait", refused)
	}
	if status, _, body := get(t, server, alice.Token, "/api/search?in=messages&query="+url.QueryEscape("!?")); status != http.StatusOK || body != `{"items":[]}` {
		t.Errorf("signs that nobody wrote: got %d %s", status, body)
	}
}

// A few kilobytes are a picture of many points. One account's pictures once kept
// everybody else's waiting for the last of them.
func TestPicturesOfOneAccountDelayNobodyElse(t *testing.T) {
	server := servertest.Start(t)
	alice, bob := server.Accounts[0], server.Accounts[1]
	const side, many = 2500, 10
	links := make([]string, many)
	for i := range links {
		links[i] = picture(t, server, alice.Token, bob.ID, side)
	}
	small := picture(t, server, bob.Token, alice.ID, 800)
	var f flood
	f.start(t, many, func(i int) (int, http.Header) {
		status, h, _ := get(t, server, "", links[i]+"&size=thumb")
		return status, h
	})
	status, _, body := get(t, server, "", small+"&size=thumb")
	if c, _, err := image.DecodeConfig(strings.NewReader(body)); status != http.StatusOK || err != nil || c.Width != 360 {
		t.Errorf("another account's picture: got %d, %+v, %v", status, c, err)
	}
	if open := f.open.Load(); open < many/2 {
		t.Errorf("another account's picture came with %d of %d pictures of the flood open, want it before most of them", open, many)
	}
	f.all.Wait()
}

// far has the words one and three and the sign between them, never beside each other.
var far = strings.Repeat("one two. three ", 1300)

// say sends the same text n times.
func say(t *testing.T, server *servertest.Server, token string, to chat.AccountID, n int, text string) {
	t.Helper()
	who, err := server.Chat.Authenticate(t.Context(), token, server.App)
	if err != nil {
		t.Fatal(err)
	}
	draft := chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: text}}
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			if _, err := server.Chat.SendMessage(t.Context(), chat.Actor{Account: who.Account.ID, App: who.App.ID}, to, draft); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// get reads an address of the server; token may be empty.
func get(t *testing.T, server *servertest.Server, token, address string) (status int, h http.Header, body string) {
	t.Helper()
	answer, err := http.DefaultClient.Do(request(t.Context(), t, server, token, address))
	if err != nil {
		t.Error(err)
		return 0, nil, ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return answer.StatusCode, answer.Header, strings.TrimSpace(string(text))
}

func request(ctx context.Context, t *testing.T, server *servertest.Server, token, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, absolute(server, address), nil)
	if err != nil {
		t.Error(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

func absolute(server *servertest.Server, address string) string {
	if strings.HasPrefix(address, "/") {
		return server.URL + address
	}
	return address
}

// result is what a request was acknowledged with.
func result(t *testing.T, c *socketiotest.Client, event, payload string, into any) {
	t.Helper()
	answer := ask(t, c, event, json.RawMessage(payload))
	if refusal := refusalOf(answer); refusal != "" || json.Unmarshal(answer[1], into) != nil {
		t.Fatalf("%s %s: %s", event, payload, answer)
	}
}

// picture uploads an image with so many points a side, sends it, and returns its address.
func picture(t *testing.T, server *servertest.Server, token string, to chat.AccountID, side int) string {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.Black, color.White})); err != nil {
		t.Fatal(err)
	}
	client := server.Connect(4, "websocket", token)
	defer client.Close()
	var leave struct{ Token, Key, Address string }
	result(t, client, wire.EventUploadToken, `{"type":1,"ext":"png"}`, &leave)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("token", leave.Token)
	_ = w.WriteField("key", leave.Key)
	part, err := w.CreateFormFile("file", "x.png")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(file.Bytes())
	_ = w.Close()
	answer, err := http.Post(absolute(server, leave.Address), w.FormDataContentType(), &form)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("upload: got %s", answer.Status)
	}
	var sent struct{ ID string }
	result(t, client, wire.EventSendMessage, fmt.Sprintf(`{"touser":"%s","msg":"","type":2,"file":{"key":"%s"}}`, to, leave.Key), &sent)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/files/links", strings.NewReader(`{"messages":["`+sent.ID+`"]}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	if answer, err = http.DefaultClient.Do(r); err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var links struct{ Items []struct{ URL string } }
	if err := json.NewDecoder(answer.Body).Decode(&links); err != nil || len(links.Items) != 1 {
		t.Fatalf("address of the picture: %v, %+v", err, links)
	}
	return links.Items[0].URL
}
