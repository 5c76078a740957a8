package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// subscription is what an application has subscribed to.
type subscription struct {
	ID        chat.SubscriptionID `json:"id" example:"0198c0de-0000-7000-8000-0000000000b1"`
	App       chat.AppID          `json:"app" doc:"Id of the application"`
	AppName   string              `json:"appName"`
	URL       string              `json:"url" example:"https://hooks.example.test/parley"`
	Note      string              `json:"note"`
	Kinds     []chat.OutgoingKind `json:"kinds" nullable:"false"`
	CreatedAt int64               `json:"createdAt" doc:"Unix milliseconds" example:"1767225600000"`
	Secrets   []credential        `json:"secrets" nullable:"false" doc:"The secrets with which events are signed, without their values, newest first"`
	State     string              `json:"state" enum:"active,failing,paused,stopped,disabled" doc:"failing: the last attempt has failed, and events are tried again. paused: several have failed, and one event is tried at retryAt before the others. disabled: the application is disabled"`
	Stopped   chat.StopReason     `json:"stopped,omitempty" enum:"by-hand,failing,gone" doc:"Why it is stopped. failing: nothing was accepted for outgoing.give-up. gone: the receiver has answered with status 410"`
	StoppedAt int64               `json:"stoppedAt,omitempty"`

	FailingSince int64  `json:"failingSince,omitempty" doc:"First failed attempt since the last event that was accepted"`
	Failure      string `json:"failure,omitempty" doc:"Of the last failed attempt, in English" example:"status 500"`
	RetryAt      int64  `json:"retryAt,omitempty" doc:"No event is posted before this time"`
	DeliveredAt  int64  `json:"deliveredAt,omitempty" doc:"The last accepted event, to the minute; missing: none yet"`
	Waiting      int    `json:"waiting" doc:"Events that wait; counted up to 10,000"`
	OldestAt     int64  `json:"oldestAt,omitempty" doc:"The oldest event that waits"`
	DeadLetters  int    `json:"deadLetters" doc:"Events that were given up; counted up to 10,000"`
}

func (a *api) showSubscription(s chat.SubscriptionSeen) subscription {
	state := endpoint.SubscriptionState(&s.Subscription)
	if s.AppDisabled {
		state = "disabled"
	}
	return subscription{
		ID: s.ID, App: s.App, AppName: s.AppName, URL: s.URL, Note: s.Note, Kinds: endpoint.List(s.Kinds), CreatedAt: s.CreatedAt.UnixMilli(),
		Secrets: a.showCredentials(s.Secrets), State: state, Stopped: s.Stopped, StoppedAt: unixMilli(s.StoppedAt),
		FailingSince: unixMilli(s.FailingAt), Failure: s.Failure, RetryAt: unixMilli(s.NextAt), DeliveredAt: unixMilli(s.DeliveredAt),
		Waiting: s.Waiting, OldestAt: unixMilli(s.Oldest), DeadLetters: s.Dead,
	}
}

type subscriptionBody struct{ Body subscription }

// issuedSubscription is a subscription with a secret, which no other answer has.
type issuedSubscription struct {
	Subscription subscription `json:"subscription"`
	Secret       string       `json:"secret" doc:"With which events are signed. It is shown only in this answer" example:"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"`
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
	At       int64             `json:"at" doc:"When it happened, in Unix milliseconds" example:"1767225600000"`
	DeadAt   int64             `json:"deadAt" doc:"When it was given up"`
	Attempts int               `json:"attempts"`
	Failure  string            `json:"failure" doc:"Of the last attempt, in English; empty: there was none" example:"status 400"`
	Body     any               `json:"body" doc:"What is posted"`
}

func showDeadLetter(o chat.Outgoing) deadLetter {
	return deadLetter{
		ID: outgoingID(o), Event: o.Event, Kind: o.Kind, At: o.At.UnixMilli(), DeadAt: unixMilli(o.DeadAt),
		Attempts: o.Attempts, Failure: o.Failure, Body: json.RawMessage(o.Body),
	}
}

func outgoingID(o chat.Outgoing) string { return strconv.FormatInt(int64(o.ID), 10) }

// replayed is the answer to a request to post events again.
type replayed struct {
	Replayed int  `json:"replayed" doc:"Events that wait to be posted again"`
	More     bool `json:"more" doc:"There are more; call again"`
}

type replayedBody struct{ Body replayed }

// newSubscription is the body that subscribes an application.
type newSubscription struct {
	Application chat.AppID `json:"application" minLength:"1" limit:"id" doc:"Id or key of an application of kind server that is not bound to an organization" example:"0198c0de-0000-7000-8000-0000000000a3"`
	endpoint.NewSubscription
}

func noAnswer(struct{}) *nothing { return &nothing{} }

func (a *api) subscriptions() {
	const base, one = prefix + "/subscriptions", prefix + "/subscriptions/{subscription}"
	const dead = one + "/dead-letters"
	add(a, endpoint.Operation{
		ID: "admin-list-subscriptions", Method: http.MethodGet, Path: base,
		Summary: "List the subscriptions of all applications",
		Doc:     "In one page, oldest first, without secrets.",
	}, func(ctx context.Context, by chat.Actor, _ *struct{}) (*pageBody[subscription], error) {
		rows, err := a.chat.AdminSubscriptions(ctx, by)
		if err != nil {
			return nil, err
		}
		return pageOf(rows, false, a.showSubscription, nil), nil
	})

	addOnce(a, endpoint.Operation{
		ID: "admin-create-subscription", Path: base, Status: http.StatusCreated,
		Summary: "Subscribe an address to events",
		Doc: "For an application. The receiver gets the messages of everybody, so owners do this, with a sign-in of the last minutes (403: `sign in again`). " +
			"The events are signed with the secret of the answer; see docs/outgoing-webhooks.md.",
		Fields: endpoint.SubscriptionFields,
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Body newSubscription `nameHint:"AdminNewSubscription"`
	},
	) (chat.IssuedSubscription, error) {
		return a.chat.AdminCreateSubscription(ctx, by, in.Body.Subscription(in.Body.Application))
	}, a.showIssuedSubscription)

	add(a, endpoint.Operation{
		ID: "admin-update-subscription", Method: http.MethodPatch, Path: one, Errors: []int{404},
		Summary: "Change, stop or start a subscription",
		Doc:     "By owners. Omitted fields are unchanged. Another address or other kinds need a sign-in of the last minutes (403: `sign in again`).",
		Fields:  endpoint.SubscriptionFields,
	}, func(ctx context.Context, by chat.Actor, in *struct {
		endpoint.InSubscription
		Body endpoint.SubscriptionPatch
	},
	) (*subscriptionBody, error) {
		s, err := a.chat.AdminUpdateSubscription(ctx, by, in.Subscription, in.Body.Patch())
		return &subscriptionBody{a.showSubscription(s)}, err
	})

	add(a, endpoint.Operation{
		ID: "admin-remove-subscription", Method: http.MethodDelete, Path: one, Errors: []int{404},
		Summary: "End a subscription",
		Doc:     "By owners. Events that wait and dead letters are removed.",
	}, func(ctx context.Context, by chat.Actor, in *struct{ endpoint.InSubscription }) (*nothing, error) {
		return nil, a.chat.AdminRemoveSubscription(ctx, by, in.Subscription)
	})

	addOnce(a, endpoint.Operation{
		ID: "admin-rotate-subscription-secret", Path: one + "/secret", Errors: []int{404},
		Summary: "Give a subscription a new secret",
		Doc:     "By owners with a sign-in of the last minutes (403: `sign in again`). During the overlap, events are signed with both secrets.",
		Fields:  endpoint.SubscriptionFields,
	}, func(ctx context.Context, by chat.Actor, in *struct {
		endpoint.InSubscription
		Body *endpoint.Rotation
	},
	) (chat.IssuedSubscription, error) {
		return a.chat.AdminRotateSubscriptionSecret(ctx, by, in.Subscription, in.Body.Overlap())
	}, a.showIssuedSubscription)

	addOnce(a, endpoint.Operation{
		ID: "admin-test-subscription", Path: one + "/test", Errors: []int{404},
		Summary: "Post an event for a test",
		Doc:     "By owners. An event of kind `test` is posted, whatever kinds the subscription asks for.",
		Fields:  endpoint.SubscriptionFields,
	}, func(ctx context.Context, by chat.Actor, in *struct{ endpoint.InSubscription }) (struct{}, error) {
		return struct{}{}, a.chat.AdminTestSubscription(ctx, by, in.Subscription)
	}, noAnswer)

	add(a, endpoint.Operation{
		ID: "admin-list-dead-letters", Method: http.MethodGet, Path: dead, Errors: []int{404},
		Summary: "List the events that were given up",
		Doc:     "For owners, because they have the texts of messages. Oldest first. They are kept for `outgoing.keep`.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		endpoint.InSubscription
		Next  chat.OutgoingID `query:"next" minimum:"1" doc:"The next of the previous page; empty for the first page"`
		Limit int             `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most"`
	},
	) (*pageBody[deadLetter], error) {
		rows, err := a.chat.AdminDeadOutgoing(ctx, by, in.Subscription, in.Next, in.Limit+1)
		if err != nil {
			return nil, err
		}
		more := len(rows) > in.Limit
		return pageOf(rows[:min(len(rows), in.Limit)], more, showDeadLetter, outgoingID), nil
	})

	addOnce(a, endpoint.Operation{
		ID: "admin-replay-dead-letter", Path: dead + "/{event}/replay", Errors: []int{404},
		Summary: "Post an event again that was given up",
		Doc:     "By owners. It has its former webhook-id, and comes before the events that wait and happened later.",
	}, func(ctx context.Context, by chat.Actor, in *endpoint.InDeadLetter) (struct{}, error) {
		return struct{}{}, a.chat.AdminReplayOutgoing(ctx, by, in.Subscription, in.Event)
	}, noAnswer)

	addOnce(a, endpoint.Operation{
		ID: "admin-replay-dead-letters", Path: dead + "/replay", Errors: []int{404},
		Summary: "Post the events again that were given up, from a time on",
		Doc:     "By owners. At most some thousand of them; call again while `more` is true.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		endpoint.InSubscription
		Body struct {
			From int64 `json:"from" minimum:"0" doc:"Events that happened at this time or later, in Unix milliseconds; 0: all" example:"1767225600000"`
		} `nameHint:"AdminReplayFrom"`
	},
	) (chat.Replayed, error) {
		return a.chat.AdminReplayOutgoingSince(ctx, by, in.Subscription, time.UnixMilli(in.Body.From))
	}, func(r chat.Replayed) *replayedBody { return &replayedBody{replayed{r.Count, r.More}} })
}
