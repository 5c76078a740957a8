package client_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/auth"
	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

func TestFileLinks(t *testing.T) {
	w, f := resttest.Storing(t)
	key := w.Stored(f, w.Alice, auth.UploadFile, "hello")
	send := func(file string) chat.MessageID {
		t.Helper()
		r, err := w.Service.SendMessage(t.Context(), chat.Actor{Account: w.Alice}, w.Bob, chat.Draft{Content: chat.Content{Type: chat.TypeFile, File: json.RawMessage(file)}})
		w.OK(err)
		return r.Message.ID
	}
	kept := send(`{"key":"` + key + `","name":"x"}`)
	elsewhere := send(`{"url":"https://files.example.test/x","key":"x"}`)
	prefixed := send(`{"url":"https://files.example.test/` + key + `","key":"` + key + `"}`)
	back := send(`{"key":"` + key + `"}`)
	_, err := w.Service.WithdrawMessage(t.Context(), chat.Actor{Account: w.Alice}, w.Bob, back)
	w.OK(err)
	ask := func(who chat.AccountID) []any {
		t.Helper()
		body := fmt.Sprintf(`{"messages": ["%d", "%d", "%d", "%d", "999999"]}`, kept, elsewhere, back, prefixed)
		items, _ := w.Want(w.API(w.Token(who), "POST", "/api/files/links", body), 200)["items"].([]any)
		return items
	}
	for _, who := range []chat.AccountID{w.Alice, w.Bob} {
		items := ask(who)
		if len(items) != 2 || items[1].(map[string]any)["message"] != fmt.Sprint(prefixed) {
			t.Fatalf("got %v", items)
		}
		item := items[0].(map[string]any)
		address, _ := item["url"].(string)
		if got := w.Do("GET", address, nil); string(got.Body) != "hello" || item["message"] != fmt.Sprint(kept) {
			t.Errorf("%v: got %d %s", item, got.Status, got.Body)
		}
		if until, _ := item["expiresAt"].(float64); until < float64(time.Now().Add(29*time.Minute).UnixMilli()) {
			t.Errorf("got %v", item)
		}
	}
	if items := ask(w.Mallory); len(items) != 0 {
		t.Errorf("a stranger gets %v", items)
	}
	w.Names(w.Want(w.API(w.Token(w.Bob), "POST", "/api/files/links", `{"messages": ["x"]}`), 422), "body.messages")
	w.Want(w.Do("POST", "/api/files/links", strings.NewReader(`{"messages": ["1"]}`)), 401)

	var rows []struct {
		Msg struct {
			Files struct{ URL, Key string }
		}
	}
	w.OK(json.Unmarshal(w.API(w.Token(w.Bob), "GET", "/messages?accountid="+string(w.Alice), "").Body, &rows))
	var shown []string
	for _, r := range rows {
		shown = append(shown, r.Msg.Files.URL)
	}
	if diff := cmp.Diff(shown, []string{"", f.Links.Address(key), "https://files.example.test/x", f.Links.Address(key)}); diff != "" {
		t.Errorf("addresses in history (-got +want):\n%s", diff)
	}
}
