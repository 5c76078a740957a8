package endpoint

import "parley/internal/chat"

// The host API and the administration API share these types for subscriptions.

// InSubscription names the subscription of a path.
type InSubscription struct {
	Subscription chat.SubscriptionID `path:"subscription" maxLength:"128" doc:"Id of the subscription"`
}

// InDeadLetter names an event of a path that was given up.
type InDeadLetter struct {
	InSubscription
	Event chat.OutgoingID `path:"event" minimum:"1" doc:"The id from the list of dead letters"`
}

// SubscriptionFields maps the names of fields in package chat to their names in requests.
var SubscriptionFields = map[string]string{
	"url": "body.url", "note": "body.note", "kinds": "body.kinds", "application": "body.application",
	"overlap": "body.overlapSeconds", "subscription": "path.subscription",
}

// NewSubscription is the part of a body that makes a subscription.
type NewSubscription struct {
	URL   string              `json:"url" minLength:"1" limit:"url" doc:"Address to which the events are posted, with https:// and without a fragment or a password" example:"https://hooks.example.test/parley"`
	Note  string              `json:"note,omitempty" maxLength:"200" doc:"For people: what the receiver is" example:"Archive"`
	Kinds []chat.OutgoingKind `json:"kinds" nullable:"false" minItems:"1" maxItems:"64" enum:"message.sent,message.edited,message.withdrawn,message.read,message.away,group.created,group.changed,group.dissolved,group.members-added,group.member-left,group.role-changed,account.created,account.changed" doc:"Kinds of events that it gets" example:"[\"message.sent\"]"`
}

// Subscription returns what is to be made for an application.
func (b *NewSubscription) Subscription(app chat.AppID) chat.Subscription {
	return chat.Subscription{App: app, URL: b.URL, Note: b.Note, Kinds: b.Kinds}
}

// SubscriptionPatch is the body that changes a subscription.
type SubscriptionPatch struct {
	URL     *string              `json:"url,omitempty" minLength:"1" limit:"url" doc:"Waiting events are posted to it, too" example:"https://hooks.example.test/parley"`
	Note    *string              `json:"note,omitempty" maxLength:"200"`
	Kinds   *[]chat.OutgoingKind `json:"kinds,omitempty" nullable:"false" minItems:"1" maxItems:"64" enum:"message.sent,message.edited,message.withdrawn,message.read,message.away,group.created,group.changed,group.dissolved,group.members-added,group.member-left,group.role-changed,account.created,account.changed" doc:"The complete list, for the events that happen from now on"`
	Stopped *bool                `json:"stopped,omitempty" doc:"true: events are neither stored nor posted; those that wait stay. false: it goes on at once, also if the receiver had failed"`
}

// Patch returns what is to be changed.
func (b *SubscriptionPatch) Patch() chat.SubscriptionPatch {
	return chat.SubscriptionPatch{URL: b.URL, Note: b.Note, Kinds: b.Kinds, Stopped: b.Stopped}
}

// SubscriptionState names the state of a subscription.
func SubscriptionState(s *chat.Subscription) string {
	switch {
	case !s.StoppedAt.IsZero():
		return "stopped"
	case s.Paused():
		return "paused"
	case !s.FailingAt.IsZero():
		return "failing"
	default:
		return "active"
	}
}
