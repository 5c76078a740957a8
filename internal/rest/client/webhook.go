package client

import (
	"context"
	"net/http"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// Webhook is an incoming webhook of a group. It is exported because huma describes no embedded type that is not.
type Webhook struct {
	ID          chat.WebhookID `json:"id"`
	Bot         chat.AccountID `json:"bot" doc:"Account of its messages"`
	Name        string         `json:"name" doc:"Of the bot"`
	Avatar      string         `json:"avatar" doc:"Address of a picture, or empty"`
	Signed      bool           `json:"signed" doc:"Requests need a signature, made with the secret"`
	CreatorName string         `json:"creatorName" doc:"Empty if a host system has made it"`
	CreatedAt   int64          `json:"createdAt"`
	UsedAt      int64          `json:"usedAt,omitempty" doc:"Time of the latest message, to the minute; missing if there was none"`
}

func showWebhook(h chat.WebhookSeen) Webhook {
	out := Webhook{
		ID: h.ID, Bot: h.Account, Name: h.Bot.Name, Avatar: h.Bot.Avatar, Signed: h.Webhook.Secret != "",
		CreatorName: h.CreatorName, CreatedAt: h.CreatedAt.UnixMilli(),
	}
	if !h.UsedAt.IsZero() {
		out.UsedAt = h.UsedAt.UnixMilli()
	}
	return out
}

// issuedWebhook is a webhook after a change.
type issuedWebhook struct {
	Webhook
	URL    string `json:"url,omitempty" doc:"The address, if it is new. It is a secret, and cannot be read again later"`
	Secret string `json:"secret,omitempty" doc:"For signatures, if it is new. It cannot be read again later"`
}

type issuedWebhookBody struct{ Body issuedWebhook }

func (a *api) showIssued(h chat.IssuedWebhook) *issuedWebhookBody {
	out := issuedWebhook{Webhook: showWebhook(h.WebhookSeen), Secret: h.Secret}
	if h.Token != "" {
		out.URL = a.router.PublicURL + "/hooks/" + h.Token
	}
	return &issuedWebhookBody{out}
}

// InWebhook names the webhook of a path.
type InWebhook struct {
	InGroup
	Webhook chat.WebhookID `path:"webhook" maxLength:"128" doc:"Id of the webhook"`
}

func (a *api) webhooks() {
	const base, one = "/api/groups/{group}/webhooks", "/api/groups/{group}/webhooks/{webhook}"
	add(a, endpoint.Operation{
		ID: "list-webhooks", Method: http.MethodGet, Path: base, Errors: []int{403, 404},
		Summary: "List the incoming webhooks of a group",
		Doc:     "For administrators of the group. Oldest first, all on one page.",
	}, func(ctx context.Context, by chat.Actor, in *struct{ InGroup }) (*clientListBody[Webhook], error) {
		hooks, err := a.chat.Webhooks(ctx, by, in.Group)
		if err != nil {
			return nil, err
		}
		return clientItems(hooks, "", showWebhook), nil
	})

	addOnce(a, endpoint.Operation{
		ID: "create-webhook", Path: base, Status: http.StatusCreated, Errors: []int{403, 404},
		Summary: "Make an incoming webhook",
		Doc:     "By administrators of the group. Programs send messages to its address (docs/incoming-webhooks.md), which appear in the group under its name.",
		Fields:  map[string]string{"avatar": "body.avatarKey"},
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InGroup
		Body struct {
			Name      string `json:"name" minLength:"1" limit:"name" example:"Demo alerts"`
			AvatarKey string `json:"avatarKey,omitempty" limit:"key" doc:"Key of an image that the caller has uploaded"`
		} `nameHint:"NewWebhook"`
	},
	) (chat.IssuedWebhook, error) {
		avatar, err := a.avatar(ctx, by, &in.Body.AvatarKey)
		if err != nil {
			return chat.IssuedWebhook{}, err
		}
		return a.chat.CreateWebhook(ctx, by, in.Group, in.Body.Name, *avatar)
	}, a.showIssued)

	add(a, endpoint.Operation{
		ID: "update-webhook", Method: http.MethodPatch, Path: one, Errors: []int{403, 404},
		Summary: "Change an incoming webhook",
		Doc:     "By administrators of the group. Omitted fields are unchanged. A new name and picture are also those of its earlier messages.",
		Fields:  map[string]string{"avatar": "body.avatarKey"},
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InWebhook
		Body struct {
			Name      *string `json:"name,omitempty" minLength:"1" limit:"name" example:"Demo alerts"`
			AvatarKey *string `json:"avatarKey,omitempty" limit:"key" doc:"Key of an image that the caller has uploaded; empty removes the picture"`
			Signed    *bool   `json:"signed,omitempty" doc:"True: makes a new secret, which is in the answer, and requests need a signature from then on; false: they need none"`
		} `nameHint:"WebhookPatch"`
	},
	) (*issuedWebhookBody, error) {
		avatar, err := a.avatar(ctx, by, in.Body.AvatarKey)
		if err != nil {
			return nil, err
		}
		h, err := a.chat.UpdateWebhook(ctx, by, in.Group, in.Webhook, chat.WebhookPatch{Name: in.Body.Name, Avatar: avatar, Signed: in.Body.Signed})
		if err != nil {
			return nil, err
		}
		return a.showIssued(h), nil
	})

	addOnce(a, endpoint.Operation{
		ID: "rotate-webhook", Path: one + "/rotate", Errors: []int{403, 404},
		Summary: "Give an incoming webhook another address",
		Doc:     "By administrators of the group. The former address ends at once.",
	}, func(ctx context.Context, by chat.Actor, in *InWebhook) (chat.IssuedWebhook, error) {
		return a.chat.RotateWebhook(ctx, by, in.Group, in.Webhook)
	}, a.showIssued)

	add(a, endpoint.Operation{
		ID: "remove-webhook", Method: http.MethodDelete, Path: one, Errors: []int{403, 404},
		Summary: "Remove an incoming webhook",
		Doc:     "By administrators of the group. Its messages stay.",
	}, func(ctx context.Context, by chat.Actor, in *InWebhook) (*nothing, error) {
		return nil, a.chat.RemoveWebhook(ctx, by, in.Group, in.Webhook)
	})
}
