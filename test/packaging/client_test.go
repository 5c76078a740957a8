package packaging

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"parley/socketio/socketiotest"
)

// person is an account with a token.
type person struct{ ID, Token string }

// setUp opens the link that the server has logged, as the page of the web client does.
func (m *machine) setUp(p *service) person {
	m.Helper()
	found := regexp.MustCompile(`/set-up#([^"\s]+)`).FindStringSubmatch(p.wait("/set-up#", 1))
	body, err := json.Marshal(map[string]any{
		"secret": found[1], "organization": "Example Works", "name": "Olga Owner", "email": "olga@example.test",
		"password": "correct horse battery", "language": "en", "timeZone": "UTC",
	})
	if err != nil {
		m.Fatal(err)
	}
	var done struct {
		SignIn struct {
			Token   string
			Account struct{ ID string }
		}
	}
	m.read(http.MethodPost, "/api/set-up", "application/json", bytes.NewReader(body), "", &done)
	var config struct{ App string }
	m.read(http.MethodGet, "/api/config", "", nil, "", &config)
	m.app = config.App
	if done.SignIn.Token == "" || done.SignIn.Account.ID == "" || m.app == "" {
		m.Fatalf("got %+v and %+v", done, config)
	}
	return person{done.SignIn.Account.ID, done.SignIn.Token}
}

// read sends a request over HTTP and decodes its answer.
func (m *machine) read(method, path, kind string, body io.Reader, token string, into any) {
	m.Helper()
	r, err := http.NewRequestWithContext(m.Context(), method, m.url+path, body)
	if err != nil {
		m.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		m.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode/100 != 2 {
		m.Fatalf("%s %s: got %s, %v\n%s", method, path, answer.Status, err, text)
	}
	if raw, ok := into.(*[]byte); ok {
		*raw = text
	} else if err := json.Unmarshal(text, into); err != nil {
		m.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
}

func (m *machine) get(path, token string) (content []byte) {
	m.Helper()
	m.read(http.MethodGet, path, "", nil, token, &content)
	return content
}

func (m *machine) connect(token string) *socketiotest.Client {
	m.Helper()
	c, err := socketiotest.Connect(m.Context(), socketiotest.Options{
		URL: m.url, Path: "/socket.io/", EIO: 4, Transport: "websocket", Query: url.Values{"token": {token}, "app": {m.app}},
	})
	if err != nil {
		m.Fatal(err)
	}
	m.Cleanup(c.Close)
	return c
}

// ask sends a request over a socket and decodes its answer.
func ask(t *testing.T, c *socketiotest.Client, event string, payload, into any) {
	t.Helper()
	answer, err := c.Request(t.Context(), event, payload)
	if err != nil || len(answer) != 2 || string(answer[0]) != "false" {
		t.Fatalf("%s: got %s, %v", event, answer, err)
	}
	if into != nil {
		if err := json.Unmarshal(answer[1], into); err != nil {
			t.Fatal(err)
		}
	}
}

// upload uploads a file and returns it as a message names it.
func (m *machine) upload(c *socketiotest.Client, content []byte) map[string]any {
	m.Helper()
	var to struct{ Token, Key, Address string }
	ask(m.T, c, "upload token", map[string]any{"type": 2, "ext": ".txt"}, &to)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	err := errors.Join(w.WriteField("token", to.Token), w.WriteField("key", to.Key))
	f, ferr := w.CreateFormFile("file", "test.txt")
	if err = errors.Join(err, ferr); err == nil {
		_, err = f.Write(content)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		m.Fatal(err)
	}
	var done struct {
		Key, Hash string
		Size      int
	}
	m.read(http.MethodPost, to.Address, w.FormDataContentType(), &form, "", &done)
	return map[string]any{"key": done.Key, "hash": done.Hash, "size": done.Size, "name": "test.txt"}
}

// conversation is a direct chat. Its methods hold that both people see every message and every file.
type conversation struct {
	*machine
	from, to person
	sent     []message

	sender, receiver *socketiotest.Client
}

type message struct {
	id, text string
	content  []byte // of its file; nil: none
}

// connect connects both people.
func (c *conversation) connect() {
	c.Helper()
	c.sender, c.receiver = c.machine.connect(c.from.Token), c.machine.connect(c.to.Token)
}

// ended waits until the server has closed both connections.
func (c *conversation) ended() {
	c.Helper()
	for _, socket := range []*socketiotest.Client{c.sender, c.receiver} {
		select {
		case <-socket.Done():
		case <-c.Context().Done():
			c.Fatal(c.Context().Err())
		}
	}
}

// send sends a message, and waits until it is acknowledged and the other person has received it. A content that is not nil
// is uploaded and sent as a file.
func (c *conversation) send(text string, content []byte) {
	c.Helper()
	payload := map[string]any{"touser": c.to.ID, "msg": text, "type": 1, "waitingid": text}
	if content != nil {
		payload["type"], payload["file"] = 4, c.upload(c.sender, content)
	}
	var done struct{ ID string }
	ask(c.T, c.sender, "send message", payload, &done)
	c.sent = append(c.sent, message{done.ID, text, content})
	if _, err := c.receiver.Take(c.Context(), func(e socketiotest.Event) bool {
		return e.Name == "new message" && len(e.Args) == 1 && strings.Contains(string(e.Args[0]), `"`+text+`"`)
	}); err != nil {
		c.Fatalf("the message %q was not received: %v", text, err)
	}
}

// sendAgain sends a message a second time, and holds that it gets the answer of the first time.
func (c *conversation) sendAgain(text string) {
	c.Helper()
	var done struct{ ID string }
	ask(c.T, c.sender, "send message", map[string]any{"touser": c.to.ID, "msg": text, "type": 1, "waitingid": text}, &done)
	for _, m := range c.sent {
		if m.text == text && m.id != done.ID {
			c.Errorf("%q was sent again: got the message %s, want %s", text, done.ID, m.id)
		}
	}
}

// check compares the history of both people with the messages that were sent, and each file byte for byte.
func (c *conversation) check(when string) {
	c.Helper()
	for _, p := range [][2]person{{c.from, c.to}, {c.to, c.from}} {
		me, other := p[0], p[1]
		var rows []struct {
			ID  string
			Msg struct {
				Con   string
				Files *struct{ URL string }
			}
		}
		c.read(http.MethodGet, "/messages?num=100&direction=1&accountid="+url.QueryEscape(other.ID)+"&app="+url.QueryEscape(c.app), "", nil, me.Token, &rows)
		if len(rows) != len(c.sent) {
			c.Errorf("%s: got %d messages, want %d: %+v", when, len(rows), len(c.sent), rows)
			continue
		}
		for i, want := range c.sent {
			got := rows[i]
			if got.ID != want.id || got.Msg.Con != want.text || (got.Msg.Files != nil) != (want.content != nil) {
				c.Errorf("%s: got %+v, want message %s %q", when, got, want.id, want.text)
			} else if want.content != nil {
				if content := c.get(strings.TrimPrefix(got.Msg.Files.URL, c.url), me.Token); !bytes.Equal(content, want.content) {
					c.Errorf("%s: the file of %q has other bytes: got %d of them, want %d", when, want.text, len(content), len(want.content))
				}
			}
		}
	}
}
