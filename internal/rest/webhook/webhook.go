package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
	"parley/internal/turn"
)

const prefix = "/hooks/"

// Tag is that of the operation.
const Tag = "webhook"

// Options tune the webhooks. Zero values get the defaults named here.
type Options struct {
	// Rate is how many requests a second one webhook takes in the long run, Burst how many at once; 1 and 60. Negative: no limit.
	Rate  float64
	Burst int
}

// api has the operation of webhooks.
type api struct {
	router *endpoint.Router
	chat   *chat.Service
	rates  *endpoint.Rates[chat.WebhookID]
}

// Add adds the webhooks to the router. Pages of other origins cannot read the answers.
func Add(r *endpoint.Router, opts Options) {
	endpoint.Default(&opts.Rate, 1)
	endpoint.Default(&opts.Burst, 60)
	limit := endpoint.Rate{PerSecond: opts.Rate, Burst: opts.Burst}
	a := &api{router: r, chat: r.Chat, rates: endpoint.NewRates[chat.WebhookID](func() endpoint.Rate { return limit })}
	r.Add(endpoint.Audience{
		Has:   func(path string) bool { return strings.HasPrefix(path, prefix) },
		Serve: a.serve,
		Problem: func(p *huma.ErrorModel) any {
			return &undecided{Code: p.Status, Message: p.Detail, ErrorCode: p.Status, ErrorMessage: p.Detail}
		},
		Tags: []*huma.Tag{{Name: Tag, Description: "Messages of programs to a group. The address is the only credential, besides a signature if the webhook has a secret."}},
	})
	endpoint.Register(r, endpoint.Operation{
		ID: "send-by-webhook", Method: http.MethodPost, Path: prefix + "{key}", Tag: Tag,
		Summary: "Send a message by an incoming webhook",
		Doc: "Takes the JSON that the group robots of Slack, Feishu (Lark), DingTalk and WeCom take, also as the field `payload` of a form, and answers in the form of the same format. " +
			"The formats are told apart by their members. A refusal also has a matching HTTP status: 400 for a message that cannot be shown, 403 for a missing or wrong signature, 404 for an unknown address, " +
			"429 for too many requests. A message with the same `Idempotency-Key` as an earlier one of the webhook is not sent again. Pushes: `new group message` to the members, and `group shake` to those that it mentions.",
		Errors:   []int{400, 403, 404},
		MaxBody:  min(r.MaxBody, maxBody),
		Security: []map[string][]string{},
		Curl:     "-sS",
		Fields:   map[string]string{"waitingid": "header.Idempotency-Key", "msg": "body.text"},
	}, a.send)
	describe(r.Registered(http.MethodPost, prefix+"{key}"))
}

// describe puts the forms of bodies and answers into the document. The formats have many, so each is an object without fields.
func describe(op *huma.Operation) {
	op.RequestBody = &huma.RequestBody{
		Required: true,
		Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{
			Type: huma.TypeObject, Description: "A message in one of the formats", Examples: []any{map[string]any{"text": "The backup is complete"}},
		}}},
	}
	for _, r := range op.Responses {
		r.Content = map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, Description: "The answer of Feishu, DingTalk or WeCom", Examples: []any{map[string]any{"errcode": 0, "errmsg": "ok"}}}},
			"text/plain":       {Schema: &huma.Schema{Type: huma.TypeString, Description: "The answer of Slack", Examples: []any{"ok"}}},
		}
	}
}

// serve passes the request to the operation.
func (a *api) serve(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), a.router.Timeout)
	defer cancel()
	// A body without a type is read as well, because the operation looks at the body itself.
	if r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	a.router.Perform(w, r.WithContext(ctx), "", "", false)
}

// request is what a program sends.
type request struct {
	Token     string `path:"key" maxLength:"128" doc:"Last part of the address of the webhook"`
	Timestamp string `query:"timestamp" doc:"Of a signature in the way of DingTalk, in Unix milliseconds"`
	Sign      string `query:"sign" doc:"Signature in the way of DingTalk"`
	Key       string `header:"Idempotency-Key" doc:"The program's own name for the message, at most 128 bytes"`
	Type      string `header:"Content-Type" hidden:"true"`
	RawBody   []byte // huma would check a body of the type application/json against the schema of a string
}

// answer is what a program gets.
type answer struct {
	Status     int
	Type       string `header:"Content-Type"`
	RetryAfter string `header:"Retry-After"`
	Body       []byte
}

func (a *api) send(ctx context.Context, in *request) (*answer, error) {
	body := payload(in.RawBody, in.Type)
	f := told(body, in)
	h, err := a.chat.WebhookOf(ctx, in.Token)
	if err != nil {
		return a.refuse(ctx, f, err)
	}
	ctx = turn.For(ctx, turn.Account(string(h.Account)))
	if _, wait := a.rates.Take(h.ID); wait > 0 {
		return a.refuse(ctx, f, &endpoint.TooEarly{Wait: wait})
	}
	if h.Secret != "" {
		if err := f.signed(h.Secret, body, in, a.router.Now()); err != nil {
			return a.refuse(ctx, f, err)
		}
	}
	m, err := f.parse(body)
	if err != nil {
		return a.refuse(ctx, f, err)
	}
	sent, err := m.forChat()
	if err != nil {
		return a.refuse(ctx, f, err)
	}
	sent.WaitingID = in.Key
	if _, err := a.chat.SendByWebhook(ctx, h, sent); err != nil {
		return a.refuse(ctx, f, err)
	}
	return f.done(), nil
}

// refuse answers a request that was not carried out.
func (a *api) refuse(ctx context.Context, f format, err error) (*answer, error) {
	why, words := a.reasonOf(ctx, err)
	out := f.refuse(why, words)
	out.Status = why.status()
	var early *endpoint.TooEarly
	if errors.As(err, &early) {
		out.RetryAfter = fmt.Sprint(max(1, int((early.Wait+time.Second-1)/time.Second)))
	}
	return out, nil
}

// reason is why a request is refused. Each format has its own code for it.
type reason int

// The reasons.
const (
	noWebhook reason = iota
	badSignature
	tooMany
	invalid
	busy
	fault
)

func (r reason) status() int {
	return [...]int{
		noWebhook: http.StatusNotFound, badSignature: http.StatusForbidden, tooMany: http.StatusTooManyRequests, invalid: http.StatusBadRequest,
		busy: http.StatusServiceUnavailable, fault: http.StatusInternalServerError,
	}[r]
}

// reasonOf returns the reason of an error, and the words for the program. A fault of the server is logged here, once.
func (a *api) reasonOf(ctx context.Context, err error) (reason, string) {
	var early *endpoint.TooEarly
	var unsigned *signatureError
	var unshown *unshownError
	switch {
	case errors.As(err, &early):
		return tooMany, "this webhook gets too many messages: try again later"
	case errors.As(err, &unsigned):
		return badSignature, unsigned.Error()
	case errors.As(err, &unshown):
		return invalid, unshown.Error()
	case errors.Is(err, chat.ErrNotFound):
		return noWebhook, "there is no webhook with this address"
	}
	p := a.router.Refusal(ctx, a.router.Registered(http.MethodPost, prefix+"{key}"), err)
	switch p.Status {
	case http.StatusTooManyRequests:
		return tooMany, p.Detail
	case http.StatusServiceUnavailable:
		return busy, p.Detail
	case http.StatusInternalServerError:
		return fault, p.Detail
	}
	return invalid, p.Detail
}

// payload returns the JSON of a body: the body itself, or its field payload if it is a form, which some programs for Slack send.
func payload(body []byte, kind string) []byte {
	kind, _, _ = strings.Cut(kind, ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") || strings.HasPrefix(strings.TrimSpace(string(body)), "{") {
		return body
	}
	fields, err := url.ParseQuery(string(body))
	if err != nil {
		return body
	}
	return []byte(fields.Get("payload"))
}
