package script

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parley/internal/chat"
	"parley/socketio/socketiotest"
)

// Server is what a transcript is played against.
type Server struct {
	URL, Path string
	Chat      *chat.Service
	Advance   func(time.Duration) // moves the server's clock
}

// Variant is one way to connect.
type Variant struct {
	EIO       int
	Transport string
}

func (v Variant) String() string { return fmt.Sprintf("EIO %d over %s", v.EIO, v.Transport) }

// Variants are the four ways in which every transcript is played.
var Variants = []Variant{{3, "websocket"}, {3, "polling"}, {4, "websocket"}, {4, "polling"}}

// Player plays one transcript.
type Player struct {
	server  Server
	variant Variant
	names   Names

	app      chat.Application // of the sockets that "people" and "stranger" open
	host     chat.WithSecret  // calls the host API
	muted    []string
	sendAck  chat.SendAck
	sockets  map[string]*socket
	accounts map[string]chat.AccountID
	login    string
	response string // of the last call over HTTP
}

type socket struct {
	client  *socketiotest.Client
	app     chat.Application
	token   string
	answers []chan result // of open requests, in order
}

type result struct {
	args []json.RawMessage
	err  error
}

// ErrOtherVariant is returned for a transcript that another variant plays.
var ErrOtherVariant = errors.New("script: not for this variant")

// Play runs the statements and then makes sure that nobody received anything
// that no statement expects.
func Play(ctx context.Context, server Server, variant Variant, lines []Line) error {
	p := &Player{
		server: server, variant: variant, names: Names{}, sendAck: chat.AckErrorFirst,
		sockets: map[string]*socket{}, accounts: map[string]chat.AccountID{},
	}
	defer p.close()
	for _, line := range lines {
		if err := p.step(ctx, line); errors.Is(err, ErrOtherVariant) {
			return err
		} else if err != nil {
			return fmt.Errorf("line %d, %s %s %s: %w", line.Number, line.Subject, line.Verb, line.Rest, err)
		}
	}
	return p.quiet(ctx)
}

func (p *Player) close() {
	for _, s := range p.sockets {
		if s.client != nil {
			s.client.Close()
		}
	}
}

func (p *Player) step(ctx context.Context, l Line) error {
	switch {
	case l.Subject == "host" && l.Verb == ">":
		return p.callHost(ctx, l)
	case l.Subject == "host" && l.Verb == "<":
		return p.matchAnswer(l)
	case l.Subject == "history" && l.Verb == ">":
		return p.readHistory(ctx, l)
	case l.Subject == "history" && l.Verb == "<":
		return p.matchAnswer(l)
	case l.Subject == "api" && l.Verb == ">":
		return p.callAPI(ctx, l)
	case l.Subject == "api" && l.Verb == "<":
		return p.matchAnswer(l)
	case l.Subject == "program" && l.Verb == ">":
		return p.callWebhook(ctx, l)
	case l.Subject == "program" && l.Verb == "<":
		return p.matchAnswer(l)
	case l.Subject == "login" && l.Verb == ">":
		return p.logIn(ctx, l)
	case l.Subject == "login" && l.Verb == "<":
		return p.matchLogin(l)
	case l.Verb == ">" || l.Verb == ">>":
		return p.emit(ctx, l)
	case l.Verb == "<":
		return p.expect(ctx, l)
	}
	return p.direct(ctx, l)
}

func (p *Player) direct(ctx context.Context, l Line) error {
	fields := strings.Fields(l.Rest)
	switch l.Subject {
	case "only":
		if l.Rest != fmt.Sprintf("eio%d", p.variant.EIO) && l.Rest != p.variant.Transport {
			return ErrOtherVariant
		}
		return nil
	case "mute":
		p.muted = append(p.muted, l.Rest)
		return nil
	case "results":
		p.sendAck = chat.AckResultFirst
		return nil
	case "people":
		return p.people(ctx, fields, true)
	case "stranger":
		return p.people(ctx, fields, false)
	case "socket":
		name, kind := fields[0], chat.AppKind(fields[1])
		return p.open(ctx, name, kind)
	case "group":
		return p.group(ctx, fields[0], fields[1:])
	case "clock":
		by, err := time.ParseDuration(strings.TrimPrefix(l.Rest, "+"))
		if err != nil {
			return err
		}
		p.server.Advance(by)
		return nil
	}
	s, ok := p.sockets[l.Subject]
	switch {
	case ok && l.Rest == "closes":
		s.client.Close()
		return nil
	case ok && l.Rest == "breaks":
		s.client.Break()
		return nil
	case ok && l.Rest == "connects":
		return p.connect(ctx, s)
	case ok && l.Rest == "is disconnected":
		return within(ctx, s.client.Done())
	}
	return errors.New("no such statement")
}

// people creates accounts and a socket for each.
func (p *Player) people(ctx context.Context, names []string, contacts bool) error {
	var ids []chat.AccountID
	for _, name := range names {
		full := strings.ToUpper(name[:1]) + name[1:]
		account, err := p.server.Chat.CreateAccount(ctx, chat.Account{Name: full, Email: name + "@example.test", Active: true})
		if err != nil {
			return err
		}
		p.names[name] = string(account.ID)
		p.accounts[name] = account.ID
		ids = append(ids, account.ID)
		if err := p.open(ctx, name, chat.AppWeb); err != nil {
			return err
		}
	}
	if !contacts {
		return nil
	}
	organization, err := p.server.Chat.CreateOrganization(ctx, chat.Organization{Name: "Transcript"})
	if err != nil {
		return err
	}
	p.names["org"] = string(organization.ID)
	return p.server.Chat.AddToOrganization(ctx, organization.ID, ids)
}

func (p *Player) open(ctx context.Context, name string, kind chat.AppKind) error {
	app, err := p.server.Chat.CreateApplication(ctx, "", chat.Application{
		Name: "transcript", Kind: kind, SendAck: p.sendAck, MutedPushes: p.muted,
	})
	if err != nil {
		return err
	}
	if p.app.ID == "" {
		p.app = app.Application
		p.names["app"] = app.Key
	}
	person, _, _ := strings.Cut(name, "/")
	plain, token, err := p.server.Chat.IssueToken(ctx, chat.NewToken{Account: p.accounts[person], TTL: time.Hour * 24 * 365})
	if err != nil {
		return err
	}
	variable := strings.ReplaceAll(name, "/", ".")
	p.names[variable+".token"] = plain
	p.names[variable+".session"] = string(token.Session)
	s := &socket{app: app.Application, token: plain}
	p.sockets[name] = s
	return p.connect(ctx, s)
}

func (p *Player) connect(ctx context.Context, s *socket) (err error) {
	s.answers = nil
	s.client, err = socketiotest.Connect(ctx, socketiotest.Options{
		URL: p.server.URL, Path: p.server.Path, EIO: p.variant.EIO, Transport: p.variant.Transport,
		Query: url.Values{"token": {s.token}, "app": {s.app.Key}},
	})
	return err
}

// group creates a group and lets everybody forget how it came about.
func (p *Player) group(ctx context.Context, name string, people []string) error {
	group := chat.NewGroup{Name: name, IsPost: true, Creator: p.accounts[people[0]]}
	for _, person := range people[1:] {
		group.Members = append(group.Members, p.accounts[person])
	}
	made, err := p.server.Chat.CreateGroup(ctx, chat.Actor{Account: group.Creator}, group)
	if err != nil {
		return err
	}
	p.names[name] = string(made.ID)
	_, err = p.settle(ctx)
	return err
}

func (p *Player) emit(ctx context.Context, l Line) error {
	s, ok := p.sockets[l.Subject]
	if !ok {
		return errors.New("no such socket")
	}
	l.Rest = p.names.Fill(l.Rest)
	name, values, err := l.Split()
	if err != nil {
		return err
	}
	args := make([]any, len(values))
	for i, value := range values {
		args[i] = json.RawMessage(value)
	}
	if l.Verb == ">>" {
		return s.client.Emit(name, args...)
	}
	answer := make(chan result, 1)
	s.answers = append(s.answers, answer)
	got, err := s.client.Request(ctx, name, args...)
	answer <- result{got, err}
	return nil
}

func (p *Player) expect(ctx context.Context, l Line) error {
	s, ok := p.sockets[l.Subject]
	if !ok {
		return errors.New("no such socket")
	}
	name, want, err := l.Split()
	if err != nil {
		return err
	}
	var got []json.RawMessage
	if name == "ack" {
		if len(s.answers) == 0 {
			return errors.New("no request is open")
		}
		answer := <-s.answers[0]
		s.answers = s.answers[1:]
		if answer.err != nil {
			return answer.err
		}
		got = answer.args
	} else {
		event, err := s.client.Take(ctx, nil)
		if err != nil {
			return err
		}
		if event.Name != name {
			return fmt.Errorf("received %s %s", event.Name, event.Args)
		}
		got = event.Args
	}
	return p.matchAll(want, got)
}

func (p *Player) matchAll(want []string, got []json.RawMessage) error {
	if len(want) != len(got) {
		return fmt.Errorf("got %d arguments %s, want %d", len(got), got, len(want))
	}
	for i := range want {
		if err := p.names.Match(want[i], string(got[i])); err != nil {
			return fmt.Errorf("argument %d: %w; received %s", i+1, err, got[i])
		}
	}
	return nil
}

func (p *Player) callHost(ctx context.Context, l Line) error {
	method, rest, _ := strings.Cut(p.names.Fill(l.Rest), " ")
	path, body, _ := strings.Cut(rest, " ")
	request, err := http.NewRequestWithContext(ctx, method, p.server.URL+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	host, err := p.hostApp(ctx)
	if err != nil {
		return err
	}
	request.SetBasicAuth(host.Key, host.Secret)
	request.Header.Set("Content-Type", "application/json")
	return p.do(request)
}

// hostApp returns the application that calls the host API, which is made for the
// first call.
func (p *Player) hostApp(ctx context.Context) (_ chat.WithSecret, err error) {
	if p.host.Secret == "" {
		p.host, err = p.server.Chat.CreateApplication(ctx, "", chat.Application{Name: "transcript host", Kind: chat.AppServer, Scopes: chat.Scopes})
	}
	return p.host, err
}

// callAPI makes a call like "alice POST /api/groups {…}" as the client of that
// socket does.
func (p *Player) callAPI(ctx context.Context, l Line) error {
	name, call, _ := strings.Cut(p.names.Fill(l.Rest), " ")
	method, rest, _ := strings.Cut(call, " ")
	path, body, _ := strings.Cut(rest, " ")
	s, ok := p.sockets[name]
	if !ok {
		return errors.New("no such socket")
	}
	request, err := http.NewRequestWithContext(ctx, method, p.server.URL+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("App", s.app.Key)
	request.Header.Set("Content-Type", "application/json")
	return p.do(request)
}

// callWebhook posts a body to the address of a webhook, as in "$address {…}".
func (p *Player) callWebhook(ctx context.Context, l Line) error {
	address, body, _ := strings.Cut(p.names.Fill(l.Rest), " ")
	u, err := url.Parse(address) // it begins with the public URL
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.server.URL+u.Path, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	return p.do(request)
}

// readHistory asks for "alice /messages?…" as the client of that socket does.
func (p *Player) readHistory(ctx context.Context, l Line) error {
	name, path, _ := strings.Cut(p.names.Fill(l.Rest), " ")
	s, ok := p.sockets[name]
	if !ok {
		return errors.New("no such socket")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.server.URL+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("App", s.app.Key)
	return p.do(request)
}

func (p *Player) do(request *http.Request) error {
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	p.response = strconv.Itoa(answer.StatusCode) + " " + string(text)
	return err
}

func (p *Player) matchAnswer(l Line) error {
	wantStatus, wantBody, _ := strings.Cut(l.Rest, " ")
	status, body, _ := strings.Cut(p.response, " ")
	if status != wantStatus {
		return fmt.Errorf("answered %s", p.response)
	}
	if wantBody == "" {
		return nil
	}
	if err := p.names.Match(expandDots(wantBody), body); err != nil {
		return fmt.Errorf("%w; answered %s", err, p.response)
	}
	return nil
}

// logIn tries to connect with {"query": {…}, "auth": {…}, "headers": {…}}.
func (p *Player) logIn(ctx context.Context, l Line) error {
	var with struct {
		Query, Headers map[string]string
		Auth           any
	}
	if err := json.Unmarshal([]byte(p.names.Fill(l.Rest)), &with); err != nil {
		return err
	}
	o := socketiotest.Options{
		URL: p.server.URL, Path: p.server.Path, EIO: p.variant.EIO, Transport: p.variant.Transport,
		Query: url.Values{}, Header: http.Header{}, Auth: with.Auth,
	}
	for name, value := range with.Query {
		o.Query.Set(name, value)
	}
	for name, value := range with.Headers {
		o.Header.Set(name, value)
	}
	client, err := socketiotest.Connect(ctx, o)
	var refused *socketiotest.Refused
	switch {
	case err == nil:
		client.Close()
		p.login = "connected"
	case errors.As(err, &refused):
		p.login = "refused " + refused.Text
	default:
		return err
	}
	return nil
}

func (p *Player) matchLogin(l Line) error {
	if p.login != l.Rest {
		return fmt.Errorf("got %s", p.login)
	}
	return nil
}

// quiet fails when anybody has received something that was not expected.
func (p *Player) quiet(ctx context.Context) error {
	left, err := p.settle(ctx)
	if err != nil {
		return err
	}
	for name, events := range left {
		for _, event := range events {
			return fmt.Errorf("%s received what nobody expected: %s %s", name, event.Name, event.Args)
		}
	}
	return nil
}

// settle waits until everything that was pushed so far has arrived, and takes
// it away: a notification to everybody travels behind it.
func (p *Player) settle(ctx context.Context) (map[string][]socketiotest.Event, error) {
	const mark = "end of the line"
	var everybody []chat.AccountID
	for _, id := range p.accounts {
		everybody = append(everybody, id)
	}
	if len(everybody) == 0 {
		return nil, nil
	}
	_, _, err := p.server.Chat.Notify(ctx, chat.NewNotification{Category: "hr", Type: "systemmessage", Text: mark, Accounts: everybody})
	if err != nil {
		return nil, err
	}
	for _, id := range p.accounts {
		if err := p.server.Chat.ClearNotification(ctx, chat.Actor{Account: id}, "hr", 0, true); err != nil {
			return nil, err
		}
	}
	left := map[string][]socketiotest.Event{}
	for name, s := range p.sockets {
		for marked := false; ; {
			event, err := s.client.Take(ctx, nil)
			if errors.Is(err, socketiotest.ErrClosed) || isDone(s.client) {
				break
			} else if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			marked = marked || event.Name == "new notify" && strings.Contains(string(event.Args[0]), mark)
			if marked && event.Name == "clear notification" {
				break
			}
			if !marked {
				left[name] = append(left[name], event)
			}
		}
	}
	return left, nil
}

func isDone(c *socketiotest.Client) bool {
	select {
	case <-c.Done():
		return true
	default:
		return false
	}
}

func within(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errors.New("still connected")
	}
}
