package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/rest/resttest"
	"parley/internal/rest/webhook"
)

// world is a served API with a webhook of a group of Alice, who administers it, and bob.
type world struct {
	*resttest.World
	group chat.GroupID
	hook  chat.IssuedWebhook
}

func newWorld(t *testing.T, change ...func(*rest.Options)) *world {
	t.Helper()
	w := &world{World: resttest.New(t, change...)}
	_, err := w.Service.CreateAccount(t.Context(), chat.Account{ID: "bob", Name: "Bob Demo", Email: "bob@example.test"})
	w.OK(err)
	g, err := w.Service.CreateGroup(t.Context(), chat.Actor{}, chat.NewGroup{Name: "Team", IsPost: true, Creator: w.Alice, Members: []chat.AccountID{"bob"}})
	w.OK(err)
	w.group = g.ID
	w.hook, err = w.Service.CreateWebhook(t.Context(), chat.Actor{Account: w.Alice}, g.ID, "Alerts", "")
	w.OK(err)
	return w
}

// send posts a body to an address below that of the webhook.
func (w *world) send(body string, change ...func(*http.Request)) resttest.Answer {
	w.T.Helper()
	return w.Do("POST", "/hooks/"+w.hook.Token, strings.NewReader(body), change...)
}

func as(kind string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Content-Type", kind) }
}

func query(q string) func(*http.Request) { return func(r *http.Request) { r.URL.RawQuery = q } }

// last returns the latest message of the group: its text, or its card as JSON.
func (w *world) last() string {
	w.T.Helper()
	found, err := w.Service.History(w.T.Context(), "bob", chat.ChatRef{Type: chat.SessionGroup, ID: string(w.group)}, chat.HistoryQuery{Limit: 1})
	w.OK(err)
	m := found[0].Message
	if m.Type == chat.TypeCard {
		return string(m.Card)
	}
	return m.Text
}

// The payloads are those of programs, with data made up for the test.
func TestPrograms(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) { o.Webhook.Rate = -1 })
	files, err := filepath.Glob("testdata/*.json")
	w.OK(err)
	if len(files) < 15 {
		t.Fatalf("found %d payloads", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			body, err := os.ReadFile(file)
			w.OK(err)
			want, err := os.ReadFile(strings.TrimSuffix(file, ".json") + ".want")
			w.OK(err)
			a := w.send(string(body), as("application/json"))
			if a.Status != http.StatusOK {
				t.Fatalf("got %d %s", a.Status, a.Body)
			}
			if diff := cmp.Diff(w.last(), strings.TrimSuffix(string(want), "\n")); diff != "" {
				t.Errorf("message (-got +want):\n%s", diff)
			}
		})
	}
}

// Many programs send no type, or a wrong one. Some for Slack send a form.
func TestTypesOfBodies(t *testing.T) {
	w := newWorld(t)
	const body = `{"text": "100 % done + more"}`
	for what, kind := range map[string]string{"JSON": "application/json", "with a charset": "application/json; charset=utf-8", "a form that is none": "application/x-www-form-urlencoded", "text": "text/plain", "none": ""} {
		if a := w.send(body, as(kind)); a.Status != 200 || string(a.Body) != "ok" {
			t.Errorf("%s: got %d %s", what, a.Status, a.Body)
		}
	}
	a := w.send(url.Values{"payload": {body}}.Encode(), as("application/x-www-form-urlencoded"))
	if a.Status != 200 || w.last() != "100 % done + more" {
		t.Errorf("a form: got %d %s, message %q", a.Status, a.Body, w.last())
	}
}

// answers has the answers in the form of each format.
func TestAnswers(t *testing.T) {
	w := newWorld(t)
	bodies := map[string]string{
		"slack":    `{"text": "hi"}`,
		"feishu":   `{"msg_type": "text", "content": {"text": "hi"}}`,
		"dingtalk": `{"msgtype": "text", "text": {"content": "hi"}, "at": {}}`,
		"wecom":    `{"msgtype": "markdown", "markdown": {"content": "hi"}}`,
		"none":     `{"alerts": []}`,
	}
	check := func(what string, want map[string]string, status int, send func(body string) resttest.Answer) {
		t.Helper()
		for format, body := range bodies {
			if want[format] == "" {
				continue
			}
			a := send(body)
			if a.Status != status || strings.TrimSpace(string(a.Body)) != want[format] {
				t.Errorf("%s, %s: got %d %s, want %d %s", what, format, a.Status, a.Body, status, want[format])
			}
			kind := "application/json"
			if format == "slack" {
				kind = "text/plain; charset=utf-8"
			}
			if got := a.Header.Get("Content-Type"); got != kind {
				t.Errorf("%s, %s: got the type %q, want %q", what, format, got, kind)
			}
		}
	}
	post := func(body string) resttest.Answer { return w.send(body, as("application/json")) }
	check("done", map[string]string{
		"slack":    "ok",
		"feishu":   `{"code":0,"msg":"success","data":{},"StatusCode":0,"StatusMessage":"success"}`,
		"dingtalk": `{"errcode":0,"errmsg":"ok"}`,
		"wecom":    `{"errcode":0,"errmsg":"ok"}`,
	}, 200, post)
	const none = "the body is not JSON of a known format: Slack has text, blocks or attachments, Feishu msg_type, DingTalk and WeCom msgtype"
	check("no format", map[string]string{"none": `{"code":400,"msg":"` + none + `","errcode":400,"errmsg":"` + none + `"}`}, 400, post)
	const unknown = "there is no webhook with this address"
	check("wrong address", map[string]string{
		"slack":    "no_service: " + unknown,
		"feishu":   `{"code":19001,"msg":"` + unknown + `","data":{},"StatusCode":19001,"StatusMessage":"` + unknown + `"}`,
		"dingtalk": `{"errcode":300005,"errmsg":"` + unknown + `"}`,
		"wecom":    `{"errcode":93000,"errmsg":"` + unknown + `"}`,
		"none":     `{"code":404,"msg":"` + unknown + `","errcode":404,"errmsg":"` + unknown + `"}`,
	}, 404, func(body string) resttest.Answer {
		return w.Do("POST", "/hooks/other", strings.NewReader(body), as("application/json"))
	})
}

func TestTooMany(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) { o.Webhook.Rate, o.Webhook.Burst = 0.0001, 2 })
	for range 2 {
		if a := w.send(`{"text": "hi"}`); a.Status != 200 {
			t.Fatalf("got %d %s", a.Status, a.Body)
		}
	}
	const words = "this webhook gets too many messages: try again later"
	for body, want := range map[string]string{
		`{"text": "hi"}`: "rate_limited: " + words,
		`{"msg_type": "text", "content": {"text": "hi"}}`:       `{"code":11232,"msg":"` + words + `","data":{},"StatusCode":11232,"StatusMessage":"` + words + `"}`,
		`{"msgtype": "text", "text": {"content": "hi"}}`:        `{"errcode":130101,"errmsg":"` + words + `"}`,
		`{"msgtype": "markdown", "markdown": {"content": "x"}}`: `{"errcode":45009,"errmsg":"` + words + `"}`,
	} {
		a := w.send(body)
		if a.Status != 429 || string(a.Body) != want {
			t.Errorf("got %d %s, want 429 %s", a.Status, a.Body, want)
		}
		if seconds, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || seconds < 1 {
			t.Errorf("Retry-After is %q", a.Header.Get("Retry-After"))
		}
	}
	// The limit is that of each webhook.
	other, err := w.Service.CreateWebhook(t.Context(), chat.Actor{Account: w.Alice}, w.group, "Builds", "")
	w.OK(err)
	if a := w.Do("POST", "/hooks/"+other.Token, strings.NewReader(`{"text": "hi"}`)); a.Status != 200 {
		t.Errorf("another webhook: got %d %s", a.Status, a.Body)
	}
}

// sign makes signatures as programs for the two formats do.
func sign(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestSignatures(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) { o.Webhook.Rate = -1 })
	yes := true
	signed, err := w.Service.UpdateWebhook(t.Context(), chat.Actor{Account: w.Alice}, w.group, w.hook.ID, chat.WebhookPatch{Signed: &yes})
	w.OK(err)
	secret := signed.Secret
	feishu := func(secret string, at time.Time, quoted bool) resttest.Answer {
		seconds := strconv.FormatInt(at.Unix(), 10)
		shown := seconds
		if quoted {
			shown = strconv.Quote(seconds)
		}
		return w.send(fmt.Sprintf(`{"timestamp": %s, "sign": %q, "msg_type": "text", "content": {"text": "signed"}}`, shown, sign(seconds+"\n"+secret, "")))
	}
	dingtalk := func(secret string, at time.Time, escape func(string) string) resttest.Answer {
		millis := strconv.FormatInt(at.UnixMilli(), 10)
		return w.send(`{"msgtype": "text", "text": {"content": "signed", "mentioned_list": []}}`, query("timestamp="+millis+"&sign="+escape(sign(secret, millis+"\n"+secret))))
	}
	plain := func(s string) string { return s }
	now := time.Now()
	for what, a := range map[string]resttest.Answer{
		"feishu":                   feishu(secret, now, true),
		"feishu, a number":         feishu(secret, now.Add(-59*time.Minute), false),
		"dingtalk":                 dingtalk(secret, now, url.QueryEscape),
		"dingtalk, not escaped":    dingtalk(secret, now, plain),
		"dingtalk, a clock behind": dingtalk(secret, now.Add(59*time.Minute), url.QueryEscape),
	} {
		if a.Status != 200 {
			t.Errorf("%s: got %d %s", what, a.Status, a.Body)
		}
	}
	for what, c := range map[string]struct {
		a    resttest.Answer
		code string
	}{
		"feishu, wrong secret":    {feishu("x", now, true), `"code":19021`},
		"feishu, too old":         {feishu(secret, now.Add(-61*time.Minute), true), `"code":19021`},
		"feishu, none":            {w.send(`{"msg_type": "text", "content": {"text": "hi"}}`), `"code":19021`},
		"dingtalk, wrong secret":  {dingtalk("x", now, url.QueryEscape), `"errcode":310000`},
		"dingtalk, of the future": {dingtalk(secret, now.Add(61*time.Minute), url.QueryEscape), `"errcode":310000`},
		"dingtalk, none":          {w.send(`{"msgtype": "text", "text": {"content": "hi"}}`), `"errcode":310000`},
		"dingtalk, no Base64":     {dingtalk(secret, now, func(string) string { return "!" }), `"errcode":310000`},
		"wecom":                   {w.send(`{"msgtype": "news", "news": {}}`), `"errcode":93000`},
		"slack":                   {w.send(`{"text": "hi"}`), "invalid_token: "},
	} {
		if c.a.Status != 403 || !strings.Contains(string(c.a.Body), c.code) {
			t.Errorf("%s: got %d %s, want 403 with %s", what, c.a.Status, c.a.Body, c.code)
		}
	}
	if w.last() != "signed" {
		t.Errorf("a refused message was sent: %q", w.last())
	}
	// Without a secret, signatures do not matter.
	no := false
	_, err = w.Service.UpdateWebhook(t.Context(), chat.Actor{Account: w.Alice}, w.group, w.hook.ID, chat.WebhookPatch{Signed: &no})
	w.OK(err)
	if a := dingtalk("x", now, url.QueryEscape); a.Status != 200 {
		t.Errorf("unsigned: got %d %s", a.Status, a.Body)
	}
}

// Nothing that a reader should see is left out: a message with a part that cannot be shown is refused, and the refusal names the part.
func TestUnshown(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) { o.Webhook.Rate = -1 })
	before := w.last()
	for body, want := range map[string]string{
		`{"text": ""}`: "invalid_payload: the message has no text",
		`{"text": 5}`:  "invalid_payload: the body: does not have the form of the format",
		`{"blocks": [{"type": "divider"}, {"type": "input"}]}`:                                          `invalid_payload: blocks[1]: a block of the type "input" cannot be shown`,
		`{"blocks": [{"type": "actions", "elements": [{"type": "button", "text": {"text": "Yes"}}]}]}`:  "invalid_payload: blocks[0].elements[0]: a button without an address cannot be shown, because nothing would answer it",
		`{"blocks": [{"type": "section", "text": {"text": "x"}, "accessory": {"type": "datepicker"}}]}`: `invalid_payload: blocks[0].accessory[0]: an element of the type "datepicker" cannot be shown`,
		`{"attachments": [{"title": "x", "actions": [{"type": "select"}]}]}`:                            `invalid_payload: attachments[0].actions[0]: an element of the type "select" cannot be shown`,
		`{"text": "x", "files": [{}]}`:                         "invalid_payload: files: files of Slack cannot be shown",
		`{"msg_type": "image", "content": {"image_key": "x"}}`: "a picture of Feishu cannot be shown, because image_key names a file there",
		`{"msg_type": "share_chat", "content": {}}`:            "a group of Feishu cannot be shared here",
		`{"msg_type": "audio"}`:                                `a message of the type \"audio\" cannot be shown: text, post and interactive are understood`,
		`{"msg_type": "text"}`:                                 "content: is required",
		`{"msg_type": "post", "content": {"post": {"zh_cn": {"content": [[{"tag": "img", "image_key": "x"}]]}}}}`:                                    `content.post[0][0]: an element with the tag \"img\" cannot be shown`,
		`{"msg_type": "post", "content": {"post": {}}}`:                                                                                              "content.post: has no language",
		`{"msg_type": "interactive", "card": {"type": "template"}}`:                                                                                  "card: a template cannot be shown, because it is stored at Feishu",
		`{"msg_type": "interactive", "card": {"elements": [{"tag": "img"}]}}`:                                                                        "card.elements[0]: a picture of Feishu cannot be shown",
		`{"msg_type": "interactive", "card": {"elements": [{"tag": "column_set", "columns": [{"tag": "column", "elements": [{"tag": "chart"}]}]}]}}`: `card.elements[0].columns[0].elements[0]: an element with the tag \"chart\" cannot be shown`,
		`{"msg_type": "interactive", "card": {"elements": [{"tag": "action", "actions": [{"tag": "button", "value": {}}]}]}}`:                        "card.elements[0].actions[0]: a button without an address cannot be shown",
		`{"msgtype": "empty"}`:                        `msgtype: a message of the type \"empty\" cannot be shown: text, markdown, link, actionCard and feedCard are understood`,
		`{"msgtype": "link"}`:                         "link: is required with this msgtype",
		`{"msgtype": "link", "link": {"title": "x"}}`: "link.messageUrl: is required",
		`{"msgtype": "actionCard", "actionCard": {"title": "x", "btns": [{"title": "y"}]}}`:                                                      "actionCard.btns[0]: a button without an address",
		`{"msgtype": "image", "image": {"base64": "", "md5": ""}}`:                                                                               "msgtype: a message of the type image cannot be shown: send the address of the image in a text",
		`{"msgtype": "template_card", "template_card": {"card_type": "vote_interaction"}}`:                                                       `template_card.card_type: a card of the type \"vote_interaction\" cannot be shown`,
		`{"msgtype": "template_card", "template_card": {"card_type": "text_notice", "card_action": {"type": 2, "appid": "x"}}}`:                  "template_card.card_action: a program of WeCom cannot be opened",
		`{"msgtype": "template_card", "template_card": {"card_type": "text_notice", "horizontal_content_list": [{"type": 2, "media_id": "x"}]}}`: "template_card.horizontal_content_list[0]: a file of WeCom cannot be shown",
		// The work on these would grow with the square of their size.
		`{"msgtype": "text", "text": {"content": "x"}, "at": {"atUserIds": [` + strings.Repeat(`"u", `, 500) + `"u"]}}`: "at: must name at most 500 members",
		`{"msgtype": "text", "text": {"content": "x"}, "at": {"atMobiles": [` + strings.Repeat(`"1", `, 500) + `"1"]}}`: "at: must name at most 500 members",
		`{"msgtype": "text", "text": {"content": "x", "mentioned_list": [` + strings.Repeat(`"u", `, 500) + `"u"]}}`:    "text: must name at most 500 members",
		`{"msgtype": "text", "text": {"content": "` + strings.Repeat("@", 200<<10) + `"}}`:                              "message too long",
		`{"text": "` + strings.Repeat("<a>", 60<<10) + `"}`:                                                             "message too long",
		`{"text": "` + strings.Repeat("x", 20_481) + `"}`:                                                               "invalid_payload: message too long",
		"{\"text\": \"\xff\"}": "the body is not JSON of a known format",
		`[]`:                   "the body is not JSON of a known format",
		`{`:                    "the body is not JSON of a known format",
	} {
		a := w.send(body)
		if a.Status != 400 || !strings.Contains(string(a.Body), want) {
			t.Errorf("%.80s: got %d %s, want 400 %s", body, a.Status, a.Body, want)
		}
	}
	if w.last() != before {
		t.Errorf("a refused message was sent: %q", w.last())
	}
}

// An address that clients must not open is shown as text, and makes no card.
func TestUnsafeAddress(t *testing.T) {
	w := newWorld(t)
	a := w.send(`{"msgtype": "link", "link": {"title": "Run", "text": "me", "messageUrl": "javascript:alert(1)"}}`)
	if a.Status != 200 || w.last() != "Run\nme\njavascript:alert(1)" {
		t.Errorf("got %d, message %q", a.Status, w.last())
	}
	// A text that is too long for a card is shown whole.
	long := strings.Repeat("long ", 120)
	a = w.send(`{"msgtype": "link", "link": {"title": "Read", "text": "` + long + `", "messageUrl": "https://example.test/"}}`)
	if a.Status != 200 || w.last() != "Read\n"+long+"\nhttps://example.test/" {
		t.Errorf("got %d, message %q", a.Status, w.last())
	}
}

func TestRepetition(t *testing.T) {
	w := newWorld(t)
	key := func(r *http.Request) { r.Header.Set("Idempotency-Key", "build-7") }
	w.Published()
	for range 2 {
		if a := w.send(`{"text": "once"}`, key); a.Status != 200 || string(a.Body) != "ok" {
			t.Errorf("got %d %s", a.Status, a.Body)
		}
	}
	if got, want := w.Published(), []string{"MessageSent"}; !cmp.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
	a := w.send(`{"text": "x"}`, func(r *http.Request) { r.Header.Set("Idempotency-Key", strings.Repeat("x", 129)) })
	if a.Status != 400 || !strings.Contains(string(a.Body), "invalid_payload: invalid payload: Idempotency-Key must be at most 128 bytes") {
		t.Errorf("a long key: got %d %s", a.Status, a.Body)
	}
}

// Requests that reach no webhook have an answer that every program can read.
func TestRefusedBefore(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) { o.MaxBody = 100 })
	for what, c := range map[string]struct {
		a      resttest.Answer
		status int
	}{
		"a large body":   {w.send(`{"text": "` + strings.Repeat("x", 100) + `"}`), 413},
		"no body":        {w.send(""), 400},
		"another method": {w.Do("GET", "/hooks/"+w.hook.Token, nil), 405},
		"another path":   {w.Do("POST", "/hooks/"+w.hook.Token+"/x", strings.NewReader("{}")), 404},
	} {
		var got struct {
			Code, ErrCode int
			Msg, ErrMsg   string
		}
		if err := json.Unmarshal(c.a.Body, &got); err != nil || c.a.Status != c.status || got.Code != c.status || got.ErrCode != c.status || got.Msg == "" || got.ErrMsg != got.Msg {
			t.Errorf("%s: got %d %s, want %d", what, c.a.Status, c.a.Body, c.status)
		}
		if c.a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: pages of other origins can read the answer", what)
		}
	}
}

// The token of an address and the text of a message are in no log.
func TestNothingIsLogged(t *testing.T) {
	w := newWorld(t)
	w.Fault.Viewing = func(context.Context) error { return errors.New("the disk is gone") }
	a := w.send(`{"text": "between us"}`)
	if a.Status != 500 || string(a.Body) != "server_error: internal error" {
		t.Errorf("got %d %s", a.Status, a.Body)
	}
	if log := w.Log.String(); !strings.Contains(log, "the disk is gone") || strings.Contains(log, w.hook.Token) || strings.Contains(log, "between us") {
		t.Errorf("log: %s", log)
	}
}

func FuzzBody(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if err := webhook.Parse(body); err != nil && err.Error() == "" {
			t.Error("a refusal without words")
		}
	})
}
