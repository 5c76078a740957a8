package host_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

func TestMessageIsSentAsAnAccount(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	w.Published()
	text := "line\none <b>& ü 你好 🙂"
	direct := w.Want(w.Host("POST", "/v1/messages", resttest.ToJSON(map[string]any{
		"from": w.Alice, "toAccount": w.Bob, "text": text, "waitingId": "w-1",
	})), http.StatusCreated)
	want := map[string]any{
		"id": direct["id"], "from": string(w.Alice), "toAccount": string(w.Bob), "type": 1.0, "text": text,
		"at": direct["at"], "waitingId": "w-1", "duplicate": false,
	}
	if diff := cmp.Diff(direct, want); diff != "" {
		t.Errorf("sent, got - want +:\n%s", diff)
	}
	if got, want := w.Published(), []string{"MessageSent"}; !cmp.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
	rows := w.List(w.Do("GET", "/messages?accountid="+string(w.Alice), nil, resttest.As(w.Token(w.Bob))), 200)
	if len(rows) != 1 || rows[0]["id"] != direct["id"] || rows[0]["msg"].(map[string]any)["con"] != text ||
		rows[0]["app"].(map[string]any)["name"] != "Demo system" {
		t.Errorf("history = %v, want the message, with the application that sent it", rows)
	}

	again := w.Want(w.Host("POST", "/v1/messages", resttest.ToJSON(map[string]any{
		"from": w.Alice, "toAccount": w.Bob, "text": text, "waitingId": "w-1",
	})), http.StatusCreated)
	if again["id"] != direct["id"] || again["duplicate"] != true {
		t.Errorf("retry = %v, want the same message", again)
	}
	if got := w.Published(); got != nil {
		t.Errorf("the retry published %v, want nothing", got)
	}

	inGroup := w.Want(w.Host("POST", "/v1/messages", resttest.ToJSON(map[string]any{
		"from": w.Bob, "toGroup": g, "type": 5, "card": map[string]any{"title": "A task", "url": "https://tasks.example.test/1"},
	})), http.StatusCreated)
	if inGroup["toGroup"] != string(g) || inGroup["toAccount"] != nil || inGroup["type"] != 5.0 {
		t.Errorf("group message = %v, want a card in %s", inGroup, g)
	}
	quoting := w.Want(w.Host("POST", "/v1/messages", resttest.ToJSON(map[string]any{
		"from": w.Alice, "toGroup": g, "text": "done", "refer": inGroup["id"],
	})), http.StatusCreated)
	rows = w.List(w.Do("GET", "/group_messages?num=1&groupid="+string(g), nil, resttest.As(w.Token(w.Bob))), 200)
	if rows[0]["id"] != quoting["id"] || rows[0]["refer"].(map[string]any)["msgid"] != inGroup["id"] {
		t.Errorf("history = %v, want the quote", rows)
	}
}

func TestSystemMessage(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	w.Published()
	got := w.Want(w.Host("POST", "/v1/groups/"+string(g)+"/system-messages", `{"text":"Restart at ten"}`), http.StatusCreated)
	if got["system"] != 4.0 || got["from"] != string(w.Alice) || got["toGroup"] != string(g) {
		t.Errorf("system message = %v, want sysType 4 from the creator", got)
	}
	if got, want := w.Published(), []string{"MessageSent"}; !cmp.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
	counts, err := w.Service.UnreadCounts(t.Context(), w.Bob)
	if err != nil || counts.Total != 0 {
		t.Errorf("unread = %+v, %v, want nothing: system messages never count", counts, err)
	}
	w.Refused(w.Host("POST", "/v1/groups/none/system-messages", `{"text":"x"}`), 404, "group not found")
	w.Names(w.Want(w.Host("POST", "/v1/groups/"+string(g)+"/system-messages", `{"text":""}`), 422), "body.text")
	w.Refused(w.Host("POST", "/v1/groups/"+string(g)+"/system-messages", resttest.ToJSON(map[string]any{"text": strings.Repeat("x", 20481)})), 422, "message too long")
}

func TestMessageRefusals(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	other := w.Say(w.Alice, w.Bob, "in the direct chat")
	for _, c := range []struct {
		name   string
		body   map[string]any
		status int
		detail string
		field  string
	}{
		{"nobody to write to", map[string]any{"from": w.Alice, "text": "x"}, 422, "", "body.toAccount"},
		{"two to write to", map[string]any{"from": w.Alice, "toAccount": w.Bob, "toGroup": g, "text": "x"}, 422, "", "body.toAccount"},
		{"no sender", map[string]any{"toAccount": w.Bob, "text": "x"}, 422, "", "body.from"},
		{"unknown sender", map[string]any{"from": "nobody", "toAccount": w.Bob, "text": "x"}, 404, "from user not found", ""},
		{"no contact", map[string]any{"from": w.Alice, "toAccount": w.Mallory, "text": "x"}, 403, "not my contract", ""},
		{"unknown account", map[string]any{"from": w.Alice, "toAccount": "nobody", "text": "x"}, 403, "not my contract", ""},
		{"no member", map[string]any{"from": w.Mallory, "toGroup": g, "text": "x"}, 403, "not in group", ""},
		{"unknown group", map[string]any{"from": w.Alice, "toGroup": "none", "text": "x"}, 404, "group not found", ""},
		{"too long", map[string]any{"from": w.Alice, "toAccount": w.Bob, "text": strings.Repeat("x", 20481)}, 422, "message too long", ""},
		{"no text", map[string]any{"from": w.Alice, "toAccount": w.Bob}, 422, "", "body.text"},
		{"unknown type", map[string]any{"from": w.Alice, "toAccount": w.Bob, "type": 9, "text": "x"}, 422, "", "body.type"},
		{"card without title", map[string]any{"from": w.Alice, "toAccount": w.Bob, "type": 5, "card": map[string]any{"url": "https://x.example.test"}}, 422, "", "body.card.title"},
		{"card with a script", map[string]any{"from": w.Alice, "toAccount": w.Bob, "type": 5, "card": map[string]any{"title": "x", "url": "javascript:alert(1)"}}, 422, "", "body.card.url"},
		{"location without place", map[string]any{"from": w.Alice, "toAccount": w.Bob, "type": 6, "location": map[string]any{"title": "x"}}, 422, "", "body.location.lng"},
		{"location off the earth", map[string]any{"from": w.Alice, "toAccount": w.Bob, "type": 6, "location": map[string]any{"lng": 0, "lat": 91}}, 422, "", "body.location.lat"},
		{"image without file", map[string]any{"from": w.Alice, "toAccount": w.Bob, "type": 2}, 422, "", "body.file"},
		{"unknown field in a file", map[string]any{"from": w.Alice, "toAccount": w.Bob, "type": 2, "file": map[string]any{"uri": "x"}}, 422, "", "body.file.uri"},
		{"quote that is no id", map[string]any{"from": w.Alice, "toAccount": w.Bob, "text": "x", "refer": "abc"}, 422, "", "body.refer"},
		{"quote of nothing", map[string]any{"from": w.Alice, "toAccount": w.Bob, "text": "x", "refer": "999999"}, 404, "message not found", ""},
		{"quote of another chat", map[string]any{"from": w.Alice, "toGroup": g, "text": "x", "refer": resttest.MessageID(other)}, 404, "message not found", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.T = t
			p := w.Want(w.Host("POST", "/v1/messages", resttest.ToJSON(c.body)), c.status)
			if c.detail != "" && p["detail"] != c.detail {
				t.Errorf("detail = %v, want %q", p["detail"], c.detail)
			}
			if c.field != "" {
				w.Names(p, c.field)
			}
		})
	}
	w.T = t
	if err := w.Service.BanSpeak(t.Context(), chat.Actor{}, g, true); err != nil {
		t.Fatal(err)
	}
	w.Refused(w.Host("POST", "/v1/messages", resttest.ToJSON(map[string]any{"from": w.Bob, "toGroup": g, "text": "x"})), 403, "ban speak")
	if rows := w.List(w.Do("GET", "/messages?accountid="+string(w.Bob), nil, resttest.As(w.Token(w.Alice))), 200); len(rows) != 1 {
		t.Errorf("history = %v, want nothing of what was refused", rows)
	}
}
