// Package history serves messages and chat lists to clients, in the form of the pushes: arrays
// of rows without an object around them (docs/protocol/history.md). The rows belong to package
// wire.
package history

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
	"parley/internal/rest/openapi"
	"parley/internal/turn"
	"parley/internal/wire"
)

const tag = "history"

// Options tune the history.
type Options struct {
	// BasePath is where the endpoints are; "/".
	BasePath string
}

// api has the endpoints of the history.
type api struct {
	router *endpoint.Router
	opts   Options
	chat   *chat.Service
	paths  map[string]bool
}

// Add adds the history to the router.
func Add(r *endpoint.Router, opts Options) {
	endpoint.Default(&opts.BasePath, "/")
	a := &api{router: r, opts: opts, chat: r.Chat, paths: map[string]bool{}}
	r.Add(endpoint.Audience{
		Has:     func(path string) bool { return a.paths[path] },
		CORS:    "GET, HEAD",
		Problem: func(p *huma.ErrorModel) any { return withText(p) },
		Tags: []*huma.Tag{
			{Name: tag, Description: "Messages and chat lists for clients: arrays of rows as in the pushes, with times in the server's zone, without its name. " +
				"The bearer token is an account's access token."},
		},
		Schemas: map[reflect.Type]string{reflect.TypeFor[problem](): "HistoryProblem"},
	})
	a.histories()
}

// maxHistory is the maximum number of rows in an answer of the history. Clients read pages
// until one is empty.
const maxHistory = 500

// InChatWith are the parameters of a direct chat's history.
type InChatWith struct {
	Account string `query:"accountid" required:"true" maxLength:"128" doc:"Other account of the chat, or file-transfer"`
}

// InChatGroup are the parameters of a group's history.
type InChatGroup struct {
	Group string `query:"groupid" required:"true" maxLength:"128" doc:"The group"`
}

// Stretch are the parameters that select messages.
type Stretch struct {
	Num       int    `query:"num" minimum:"1" default:"20" doc:"How many, at most 500"`
	SinceTime string `query:"sincetime" maxLength:"32" doc:"Time of a message: older messages than this one, or with direction 1 newer ones; empty for the newest messages"`
	SinceID   int64  `query:"sinceid" minimum:"1" maximum:"9007199254740991" doc:"Id of a message, instead of sincetime; exact even if the clock was changed"`
	Direction string `query:"direction" enum:"0,1" doc:"Empty or 0: older messages, newest first. 1: newer messages, oldest first"`
	Keyword   string `query:"keyword" maxLength:"200" doc:"Only messages that match this search, newest first: words in any order, the last one can be the beginning of a word"`
	PageIndex int    `query:"page" minimum:"1" maximum:"100000" default:"1" doc:"Page of the results of keyword"`
}

// query converts the parameters for package chat.
func (s Stretch) query(enc *wire.Encoder) (chat.HistoryQuery, error) {
	q := chat.HistoryQuery{Limit: min(s.Num, maxHistory)}
	if s.Keyword != "" {
		q.Keyword, q.Page = s.Keyword, s.PageIndex
		return q, nil
	}
	newer := s.Direction == "1"
	q.OldestFirst = newer
	if s.SinceID != 0 {
		if newer {
			q.AfterID = chat.MessageID(s.SinceID)
		} else {
			q.BeforeID = chat.MessageID(s.SinceID)
		}
		return q, nil
	}
	var since time.Time
	if s.SinceTime != "" {
		var err error
		if since, err = parseTime(enc, s.SinceTime); err != nil {
			return q, chat.Invalid("sincetime", "must be the time of a message, like 2026-01-31 08:00:00.000")
		}
	}
	switch {
	case newer && since.IsZero():
		q.AfterAt = time.UnixMilli(0) // everything is newer
	case newer:
		q.AfterAt = since
	default:
		q.BeforeAt = since
	}
	return q, nil
}

// parseTime reads a message's time, or its ts: Unix milliseconds.
func parseTime(enc *wire.Encoder, s string) (time.Time, error) {
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.UnixMilli(ms), nil
	}
	return enc.ParseTime(s)
}

// Around are the parameters for the messages around a message.
type Around struct {
	Message chat.MessageID `query:"msgid" required:"true" minimum:"1" maximum:"9007199254740991" doc:"The message in the middle"`
}

// rows is a bare array.
type rows[T any] struct {
	Body []T `nullable:"false"`
}

func (a *api) histories() {
	enc := a.router.Encoder
	add(a, "chat_list", "The chat list", "Chats and inboxes, those on top first, then the most recent first. An empty array ends it.",
		func(ctx context.Context, who chat.Identity, in *struct {
			PageIndex int `query:"pageIndex" minimum:"1" maximum:"100000" default:"1"`
			PageSize  int `query:"pageSize" minimum:"1" default:"30" doc:"How many, at most 500"`
		},
		) (*rows[wire.ChatRow], error) {
			size := min(in.PageSize, maxHistory)
			list, err := a.chat.ChatList(ctx, who.Account.ID, (in.PageIndex-1)*size, size)
			return &rows[wire.ChatRow]{enc.ChatList(list)}, err
		})

	const about = "Rows as in the push `%s`, with `fromAccount` and `iswd`. To read all that was missed: direction 1 with the id of the last " +
		"message known as sinceid, then again with the id of the last row, until nothing comes."
	add(a, "messages", "Messages of a direct chat", strings.Replace(about, "%s", "new message", 1),
		func(ctx context.Context, who chat.Identity, in *struct {
			InChatWith
			Stretch
		},
		) (*rows[wire.UserHistoryRow], error) {
			q, err := in.query(enc)
			if err != nil {
				return nil, err
			}
			found, err := orNothing(a.chat.History(ctx, who.Account.ID, userRef(in.Account), q))
			return &rows[wire.UserHistoryRow]{enc.UserHistory(found, who.Account.ID)}, err
		})
	add(a, "group_messages", "Messages of a group", strings.Replace(about, "%s", "new group message", 1),
		func(ctx context.Context, who chat.Identity, in *struct {
			InChatGroup
			Stretch
		},
		) (*rows[wire.GroupHistoryRow], error) {
			q, err := in.query(enc)
			if err != nil {
				return nil, err
			}
			found, err := a.chat.History(ctx, who.Account.ID, groupRef(in.Group), q)
			return a.groupRows(ctx, who, found, err)
		})

	const context1 = "The messages around and including one, oldest first."
	add(a, "messages_byid", "What surrounds a message of a direct chat", context1,
		func(ctx context.Context, who chat.Identity, in *struct {
			Around
			Account string `query:"accountid" maxLength:"128" doc:"Other account of the chat; not needed"`
			Size    int    `query:"size" minimum:"1" default:"21" doc:"How many, at most 500"`
		},
		) (*rows[wire.UserHistoryRow], error) {
			ref, err := a.chatOf(ctx, who, in.Message, chat.SessionUser, in.Account)
			if err != nil {
				return nil, err
			}
			found, err := orNothing(a.chat.HistoryAround(ctx, who.Account.ID, ref, in.Message, min(in.Size, maxHistory)))
			return &rows[wire.UserHistoryRow]{enc.UserHistory(found, who.Account.ID)}, err
		})
	add(a, "group_messages_byid", "What surrounds a message of a group", context1,
		func(ctx context.Context, who chat.Identity, in *struct {
			Around
			Group string `query:"groupid" maxLength:"128" doc:"Group; not needed"`
			Size  int    `query:"size" minimum:"1" default:"21" doc:"How many, at most 500"`
		},
		) (*rows[wire.GroupHistoryRow], error) {
			ref, err := a.chatOf(ctx, who, in.Message, chat.SessionGroup, in.Group)
			if err != nil {
				return nil, err
			}
			found, err := a.chat.HistoryAround(ctx, who.Account.ID, ref, in.Message, min(in.Size, maxHistory))
			return a.groupRows(ctx, who, found, err)
		})

	const files = "Messages with files, oldest first."
	add(a, "user_files_byid", "Files of a direct chat around a message", files,
		func(ctx context.Context, who chat.Identity, in *struct {
			Around
			Account string `query:"accountid" maxLength:"128" doc:"Other account of the chat; not needed"`
			Files
		},
		) (*rows[wire.UserHistoryRow], error) {
			ref, err := a.chatOf(ctx, who, in.Message, chat.SessionUser, in.Account)
			if err != nil {
				return nil, err
			}
			found, err := orNothing(a.chat.FilesAround(ctx, who.Account.ID, ref, in.Message, in.Where, min(in.Size, maxHistory)))
			return &rows[wire.UserHistoryRow]{enc.UserHistory(found, who.Account.ID)}, err
		})
	add(a, "group_files_byid", "Files of a group around a message", files,
		func(ctx context.Context, who chat.Identity, in *struct {
			Around
			Group string `query:"groupid" maxLength:"128" doc:"Group; not needed"`
			Files
		},
		) (*rows[wire.GroupHistoryRow], error) {
			ref, err := a.chatOf(ctx, who, in.Message, chat.SessionGroup, in.Group)
			if err != nil {
				return nil, err
			}
			found, err := a.chat.FilesAround(ctx, who.Account.ID, ref, in.Message, in.Where, min(in.Size, maxHistory))
			return a.groupRows(ctx, who, found, err)
		})
}

// Files are the parameters that select messages with files.
type Files struct {
	Size  int `query:"size" minimum:"1" default:"20" doc:"How many, at most 500"`
	Where int `query:"type" minimum:"0" maximum:"2" default:"0" doc:"0 around the message, 1 before it (the message itself last), 2 after it (without the message)"`
}

func userRef(id string) chat.ChatRef  { return chat.ChatRef{Type: chat.SessionUser, ID: id} }
func groupRef(id string) chat.ChatRef { return chat.ChatRef{Type: chat.SessionGroup, ID: id} }

// orNothing replaces the refusal for a direct chat that does not exist, with an account
// that is no contact, by an empty history. This reveals no more about the account than the
// refusal. Clients treat a refusal as a fault and repeat the request.
func orNothing(found []chat.Posted, err error) ([]chat.Posted, error) {
	if errors.Is(err, chat.ErrNotContact) {
		return nil, nil
	}
	return found, err
}

// chatOf returns the chat of a message if the request names no chat. For a message of the
// other type of chat it returns "message not found".
func (a *api) chatOf(ctx context.Context, who chat.Identity, id chat.MessageID, want chat.SessionType, named string) (chat.ChatRef, error) {
	if named != "" {
		return chat.ChatRef{Type: want, ID: named}, nil
	}
	p, err := a.chat.Message(ctx, who.Account.ID, id)
	if err != nil {
		return chat.ChatRef{}, err
	}
	switch {
	case p.Group != nil && want == chat.SessionGroup:
		return groupRef(string(p.Group.ID)), nil
	case p.Group == nil && want == chat.SessionUser:
		if p.Peer != who.Account.ID {
			return userRef(string(p.Peer)), nil
		}
		return userRef(string(p.Message.From)), nil
	}
	return chat.ChatRef{}, chat.ErrMessageNotFound
}

// groupRows returns the messages of a group with the reader's own setting. For former
// members, isPush is false.
func (a *api) groupRows(ctx context.Context, who chat.Identity, found []chat.Posted, err error) (*rows[wire.GroupHistoryRow], error) {
	if err != nil {
		return nil, err
	}
	push := false
	if len(found) > 0 {
		if m, err := a.chat.GroupMember(ctx, found[0].Group.ID, who.Account.ID); err == nil {
			push = m.Push
		}
	}
	return &rows[wire.GroupHistoryRow]{a.router.Encoder.GroupHistory(found, who.Account.ID, push)}, nil
}

// add registers an endpoint that clients read (docs/protocol/history.md).
func add[I, O any](a *api, name, summary, doc string, fn func(context.Context, chat.Identity, *I) (*O, error)) {
	op := huma.Operation{
		OperationID: strings.ReplaceAll(name, "_", "-"),
		Method:      http.MethodGet,
		Path:        strings.TrimSuffix(a.opts.BasePath, "/") + "/" + name,
		Tags:        []string{tag},
		Summary:     summary,
		Description: doc,
		Security:    []map[string][]string{{endpoint.AccessToken: {}}},
		Middlewares: huma.Middlewares{a.authenticate},
		Parameters: []*huma.Param{{
			Name: "app", In: "query", Schema: &huma.Schema{Type: huma.TypeString},
			Description: "Key of the client's application; also possible as the header App. Default: the option default-app",
		}},
		Responses: a.answers(),
		Metadata:  map[string]any{openapi.Curl: `-H "Authorization: Bearer $TOKEN" -H "App: $APP"`},
	}
	a.paths[op.Path] = true
	huma.Register(a.router.API(), op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, reader(ctx), in)
		if err != nil {
			return nil, a.router.Refusal(ctx, a.router.Registered(op.Method, op.Path), err)
		}
		return out, nil
	})
}

func (a *api) answers() map[string]*huma.Response {
	schema := a.router.Document().Components.Schemas.Schema(reflect.TypeFor[problem](), true, "HistoryProblem")
	content := map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}
	out := map[string]*huma.Response{}
	for status, text := range map[int]string{
		http.StatusUnauthorized:        "token required, invalid token, token expired, app required, invalid app, credentials disagree",
		http.StatusForbidden:           "not in group, forbidden",
		http.StatusNotFound:            "group not found, message not found",
		http.StatusUnprocessableEntity: "invalid payload: which parameter, why",
		http.StatusTooManyRequests:     "too many requests",
		http.StatusInternalServerError: "internal error",
	} {
		out[strconv.Itoa(status)] = &huma.Response{Description: text, Content: content}
	}
	return out
}

type readerKey struct{}

// reader is the log-in that authenticate put into the context.
func reader(ctx context.Context) chat.Identity { return ctx.Value(readerKey{}).(chat.Identity) }

// authenticate checks requests of the history. It reads the access token only from
// the Authorization header, which browsers do not send automatically.
func (a *api) authenticate(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	limited, cancel := context.WithTimeout(r.Context(), a.router.Timeout)
	defer cancel()
	refuse := func(err error) {
		p := a.router.Refusal(limited, ctx.Operation(), err)
		if p.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="parley"`)
		}
		a.router.Refuse(w, r, p)
	}
	token, app, err := endpoint.AccountCredentials(r)
	if err != nil {
		refuse(err)
		return
	}
	who, err := a.chat.Authenticate(limited, token, app)
	if err != nil {
		refuse(err)
		return
	}
	if !a.router.Allow(who.Account.ID) {
		refuse(chat.ErrTooManyRequests)
		return
	}
	limited = turn.For(limited, turn.Account(string(who.Account.ID)))
	next(huma.WithContext(ctx, context.WithValue(limited, readerKey{}, who)))
}
