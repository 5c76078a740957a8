package client

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
	"parley/internal/wire"
)

// fileLink is a current address of a message's file.
type fileLink struct {
	Message   string `json:"message" doc:"The message"`
	URL       string `json:"url" doc:"Address of its file; &size=thumb or &size=preview for a smaller picture, &download to save it"`
	ExpiresAt int64  `json:"expiresAt" doc:"Expiry in Unix milliseconds"`
}

func (a *api) fileLinks() {
	add(a, endpoint.Operation{
		ID: "get-file-links", Method: http.MethodPost, Path: "/api/files/links",
		Summary: "Get new addresses of files",
		Doc:     "The address of a file in a message works for a limited time. The answer omits messages that the caller may not see, that were withdrawn, or whose file is not on this server.",
		Status:  http.StatusOK,
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Body struct {
			Messages []string `json:"messages" nullable:"false" minItems:"1" maxItems:"100" doc:"Ids of messages" example:"[\"1\"]"`
		} `nameHint:"FileLinksRequest"`
	},
	) (*clientListBody[fileLink], error) {
		out := &clientListBody[fileLink]{Body: clientList[fileLink]{Items: []fileLink{}}}
		for _, text := range in.Body.Messages {
			link, err := a.fileLink(ctx, by.Account, text)
			if err != nil {
				return nil, err
			}
			if link != nil {
				out.Body.Items = append(out.Body.Items, *link)
			}
		}
		return out, nil
	})
}

// fileLink returns nil for a message without a file to be addressed.
func (a *api) fileLink(ctx context.Context, reader chat.AccountID, text string) (*fileLink, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return nil, chat.Invalid("messages", "must be ids of messages")
	}
	if a.opts.Links == nil {
		return nil, nil
	}
	p, err := a.chat.Message(ctx, reader, chat.MessageID(id))
	if isHidden(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f, ok := wire.StoredFile(&p.Message)
	if p.Message.Withdrawn() || !ok || f.Key == nil || *f.Key == "" {
		return nil, nil
	}
	if f.URL != nil && *f.URL != "" && !a.opts.Keeps(*f.Key) {
		return nil, nil // it is elsewhere
	}
	address, expires := a.opts.Links.Sign(*f.Key)
	return &fileLink{Message: text, URL: address, ExpiresAt: expires.UnixMilli()}, nil
}

// isHidden reports whether a message is not there for the reader.
func isHidden(err error) bool {
	return errors.Is(err, chat.ErrMessageNotFound) || errors.Is(err, chat.ErrNotInGroup) || errors.Is(err, chat.ErrGroupNotFound) ||
		errors.Is(err, chat.ErrNotContact) || errors.Is(err, chat.ErrForbidden)
}
