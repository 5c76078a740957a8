package host

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// eventSubscription is a subscription of the calling application; subscription is one of a member to a group.
type eventSubscription struct {
	ID        chat.SubscriptionID `json:"id" example:"0198c0de-0000-7000-8000-0000000000b1"`
	URL       string              `json:"url" example:"https://hooks.example.test/parley"`
	Note      string              `json:"note"`
	Kinds     []chat.OutgoingKind `json:"kinds" nullable:"false"`
	CreatedAt time.Time           `json:"createdAt"`
	Secrets   []credential        `json:"secrets" nullable:"false" doc:"The secrets with which events are signed, without their values, newest first"`
	State     string              `json:"state" enum:"active,failing,paused,stopped" doc:"failing: the last attempt has failed, and events are tried again. paused: several have failed, and one event is tried at retryAt before the others"`
	Stopped   chat.StopReason     `json:"stopped,omitempty" enum:"by-hand,failing,gone" doc:"Why it is stopped. failing: nothing was accepted for outgoing.give-up. gone: the receiver has answered with status 410"`
	StoppedAt *time.Time          `json:"stoppedAt,omitempty"`

	FailingSince *time.Time `json:"failingSince,omitempty" doc:"First failed attempt since the last event that was accepted"`
	Failure      string     `json:"failure,omitempty" doc:"Of the last failed attempt" example:"status 500"`
	RetryAt      *time.Time `json:"retryAt,omitempty" doc:"No event is posted before this time"`
	DeliveredAt  *time.Time `json:"deliveredAt,omitempty" doc:"The last accepted event, to the minute; missing: none yet"`
	Waiting      int        `json:"waiting" doc:"Events that wait; counted up to 10,000"`
	OldestAt     *time.Time `json:"oldestAt,omitempty" doc:"The oldest event that waits"`
	DeadLetters  int        `json:"deadLetters" doc:"Events that were given up; counted up to 10,000"`
}

func (a *api) showSubscription(s chat.SubscriptionSeen) eventSubscription {
	return eventSubscription{
		ID: s.ID, URL: s.URL, Note: s.Note, Kinds: endpoint.List(s.Kinds), CreatedAt: s.CreatedAt.UTC(),
		Secrets: endpoint.LiveCredentials(a.router, s.Secrets, func(created, expires time.Time) credential {
			return credential{CreatedAt: moment(created), ExpiresAt: moment(expires)}
		}),
		State: endpoint.SubscriptionState(&s.Subscription), Stopped: s.Stopped, StoppedAt: moment(s.StoppedAt),
		FailingSince: moment(s.FailingAt), Failure: s.Failure, RetryAt: moment(s.NextAt), DeliveredAt: moment(s.DeliveredAt),
		Waiting: s.Waiting, OldestAt: moment(s.Oldest), DeadLetters: s.Dead,
	}
}

type subscriptionBody struct{ Body eventSubscription }

// issuedSubscription is a subscription with a secret, which no other answer has.
type issuedSubscription struct {
	Subscription eventSubscription `json:"subscription"`
	Secret       string            `json:"secret" doc:"With which events are signed. It is shown only in this answer" example:"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"`
}

type issuedSubscriptionBody struct{ Body issuedSubscription }

func (a *api) showIssuedSubscription(made chat.IssuedSubscription) *issuedSubscriptionBody {
	return &issuedSubscriptionBody{issuedSubscription{a.showSubscription(made.SubscriptionSeen), made.Secret}}
}

// deadLetter is an event that was given up.
type deadLetter struct {
	ID       string            `json:"id" example:"1"`
	Event    string            `json:"event" doc:"The webhook-id that the receiver gets" example:"0198c0de-0000-7000-8000-0000000000b2"`
	Kind     chat.OutgoingKind `json:"kind" example:"message.sent"`
	At       time.Time         `json:"at" doc:"When it happened"`
	DeadAt   time.Time         `json:"deadAt" doc:"When it was given up"`
	Attempts int               `json:"attempts"`
	Failure  string            `json:"failure" doc:"Of the last attempt; empty: there was none" example:"status 400"`
	Body     any               `json:"body" doc:"What is posted"`
}

func showDeadLetter(o chat.Outgoing) deadLetter {
	return deadLetter{
		ID: strconv.FormatInt(int64(o.ID), 10), Event: o.Event, Kind: o.Kind, At: o.At.UTC(), DeadAt: o.DeadAt.UTC(),
		Attempts: o.Attempts, Failure: o.Failure, Body: json.RawMessage(o.Body),
	}
}

// replayed is the answer to a request to post events again.
type replayed struct {
	Replayed int  `json:"replayed" doc:"Events that wait to be posted again"`
	More     bool `json:"more" doc:"There are more; call again"`
}

type replayedBody struct{ Body replayed }

func (a *api) subscriptions() {
	const tag, base = "subscriptions", "/v1/subscriptions"
	const one, dead = base + "/{subscription}", base + "/{subscription}/dead-letters"
	see := access{scopes: []chat.Scope{chat.ScopeRead}, unbound: true}
	// The receiver of events reads all messages, which no other scope allows.
	change := access{scopes: []chat.Scope{chat.ScopeAdministration}, unbound: true}

	add(a, see, endpoint.Operation{
		ID: "list-subscriptions", Method: http.MethodGet, Path: base, Tag: tag,
		Summary: "List the subscriptions of the calling application",
		Doc:     "In one page, oldest first, without secrets.",
	}, func(ctx context.Context, app chat.Application, _ *nothing) (*listBody[eventSubscription], error) {
		rows, err := a.chat.Subscriptions(ctx, app.ID)
		return pageOf(rows, len(rows), a.showSubscription, nil), err
	})

	addOnce(a, change, endpoint.Operation{
		ID: "create-subscription", Path: base, Tag: tag, Status: http.StatusCreated,
		Summary: "Subscribe an address to events",
		Doc:     "The events that happen from now on are posted to the address, signed with the secret of the answer; see docs/outgoing-webhooks.md.",
		Fields:  endpoint.SubscriptionFields,
	}, func(ctx context.Context, app chat.Application, in *struct {
		Body endpoint.NewSubscription
	},
	) (chat.IssuedSubscription, error) {
		return a.chat.CreateSubscription(ctx, in.Body.Subscription(app.ID))
	}, a.showIssuedSubscription)

	add(a, change, endpoint.Operation{
		ID: "update-subscription", Method: http.MethodPatch, Path: one, Tag: tag, Errors: []int{404},
		Summary: "Change, stop or start a subscription",
		Doc:     "Omitted fields are unchanged.",
		Fields:  endpoint.SubscriptionFields,
	}, func(ctx context.Context, app chat.Application, in *struct {
		endpoint.InSubscription
		Body endpoint.SubscriptionPatch
	},
	) (*subscriptionBody, error) {
		s, err := a.chat.UpdateSubscription(ctx, app.ID, in.Subscription, in.Body.Patch())
		return &subscriptionBody{a.showSubscription(s)}, err
	})

	add(a, change, endpoint.Operation{
		ID: "remove-subscription", Method: http.MethodDelete, Path: one, Tag: tag, Errors: []int{404},
		Summary: "End a subscription",
		Doc:     "Events that wait and dead letters are removed.",
	}, func(ctx context.Context, app chat.Application, in *struct{ endpoint.InSubscription }) (*nothing, error) {
		return nil, a.chat.RemoveSubscription(ctx, app.ID, in.Subscription)
	})

	addOnce(a, change, endpoint.Operation{
		ID: "rotate-subscription-secret", Path: one + "/secret", Tag: tag, Errors: []int{404},
		Summary: "Give a subscription a new secret",
		Doc:     "During the overlap, events are signed with both secrets, so that there is time to give the receiver the new one.",
		Fields:  endpoint.SubscriptionFields,
	}, func(ctx context.Context, app chat.Application, in *struct {
		endpoint.InSubscription
		Body *endpoint.Rotation `required:"false"`
	},
	) (chat.IssuedSubscription, error) {
		return a.chat.RotateSubscriptionSecret(ctx, app.ID, in.Subscription, in.Body.Overlap())
	}, a.showIssuedSubscription)

	addOnce(a, change, endpoint.Operation{
		ID: "test-subscription", Path: one + "/test", Tag: tag, Errors: []int{404},
		Summary: "Post an event for a test",
		Doc:     "An event of kind `test` is posted, whatever kinds the subscription asks for. It is tried again like any other event.",
		Fields:  endpoint.SubscriptionFields,
	}, func(ctx context.Context, app chat.Application, in *struct{ endpoint.InSubscription }) (struct{}, error) {
		return struct{}{}, a.chat.TestSubscription(ctx, app.ID, in.Subscription)
	}, noAnswer)

	add(a, see, endpoint.Operation{
		ID: "list-dead-letters", Method: http.MethodGet, Path: dead, Tag: tag, Errors: []int{404},
		Summary: "List the events that were given up",
		Doc:     "Oldest first. They are kept for `outgoing.keep`.",
	}, func(ctx context.Context, app chat.Application, in *struct {
		endpoint.InSubscription
		After chat.OutgoingID `query:"after" minimum:"1" doc:"The next of the previous page; empty for the first page"`
		Limit int             `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most"`
	},
	) (*listBody[deadLetter], error) {
		rows, err := a.chat.DeadOutgoing(ctx, app.ID, in.Subscription, in.After, in.Limit+1)
		return pageOf(rows, in.Limit, showDeadLetter, func(o chat.Outgoing) string { return strconv.FormatInt(int64(o.ID), 10) }), err
	})

	addOnce(a, change, endpoint.Operation{
		ID: "replay-dead-letter", Path: dead + "/{event}/replay", Tag: tag, Errors: []int{404},
		Summary: "Post an event again that was given up",
		Doc:     "With its former webhook-id. It comes before the events that wait and happened later.",
	}, func(ctx context.Context, app chat.Application, in *endpoint.InDeadLetter) (struct{}, error) {
		return struct{}{}, a.chat.ReplayOutgoing(ctx, app.ID, in.Subscription, in.Event)
	}, noAnswer)

	addOnce(a, change, endpoint.Operation{
		ID: "replay-dead-letters", Path: dead + "/replay", Tag: tag, Errors: []int{404},
		Summary: "Post the events again that were given up, from a time on",
		Doc:     "At most some thousand of them; call again while `more` is true.",
	}, func(ctx context.Context, app chat.Application, in *struct {
		endpoint.InSubscription
		Body struct {
			From time.Time `json:"from" doc:"Events that happened at this time or later" example:"2026-01-01T00:00:00Z"`
		} `nameHint:"ReplayFrom"`
	},
	) (chat.Replayed, error) {
		return a.chat.ReplayOutgoingSince(ctx, app.ID, in.Subscription, in.Body.From)
	}, func(r chat.Replayed) *replayedBody { return &replayedBody{replayed{r.Count, r.More}} })
}
