package client

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
	"parley/internal/wire"
)

// The sections of a search, the values of the parameter in.
const (
	inMessages = "messages"
	inPeople   = "people"
	inGroups   = "groups"
	inFiles    = "files"
)

// firstFew is the maximum number of results in each section of a search of several sections.
const firstFew = 5

// searchList has the results of one section.
type searchList[T any] struct {
	Items   []T    `json:"items" nullable:"false"`
	Next    string `json:"next,omitempty" doc:"Value of next for the following page; missing on the last page"`
	Partial bool   `json:"partial,omitempty" doc:"The search took too long and was ended: there may be more results after next or, without next, anywhere"`
}

// searchSections has the results of all sections that were searched.
type searchSections struct {
	Messages *searchList[wire.SearchHit]  `json:"messages,omitempty"`
	People   *searchList[Person]          `json:"people,omitempty"`
	Groups   *searchList[ownGroup]        `json:"groups,omitempty"`
	Files    *searchList[wire.SearchFile] `json:"files,omitempty"`
}

// searchAnswer is one list for a search of one section, and all sections for any other search.
type searchAnswer struct {
	searchSections
	one bool
}

// MarshalJSON writes one of the two shapes.
func (s searchAnswer) MarshalJSON() ([]byte, error) {
	if !s.one {
		return json.Marshal(s.searchSections)
	}
	switch {
	case s.Messages != nil:
		return json.Marshal(s.Messages)
	case s.People != nil:
		return json.Marshal(s.People)
	case s.Groups != nil:
		return json.Marshal(s.Groups)
	default:
		return json.Marshal(s.Files)
	}
}

// Schema describes both shapes.
func (searchAnswer) Schema(r huma.Registry) *huma.Schema {
	of := func(t reflect.Type, name string) *huma.Schema { return r.Schema(t, true, name) }
	return &huma.Schema{OneOf: []*huma.Schema{
		of(reflect.TypeFor[searchSections](), "SearchSections"),
		of(reflect.TypeFor[searchList[wire.SearchHit]](), "FoundMessages"),
		of(reflect.TypeFor[searchList[Person]](), "FoundPeople"),
		of(reflect.TypeFor[searchList[ownGroup]](), "FoundGroups"),
		of(reflect.TypeFor[searchList[wire.SearchFile]](), "FoundFiles"),
	}}
}

// searchRequest are the parameters of a search.
type searchRequest struct {
	Query string         `query:"query" maxLength:"200" example:"report" doc:"Words in any order; the last one may be the beginning of a word. Words in quotation marks stand beside each other. Can be omitted in a search of messages and files with a filter"`
	In    []string       `query:"in,explode" maxItems:"4" enum:"messages,people,groups,files" doc:"What to search; can occur several times. Default: all four; without query: messages and files"`
	Type  int            `query:"type" minimum:"1" maximum:"2" doc:"Type of chat: 1 user, 2 group"`
	Chat  string         `query:"chat" maxLength:"128" doc:"Messages and files: only of the chat with this account, or of this group"`
	From  chat.AccountID `query:"from" maxLength:"128" doc:"Messages and files: only those from this account"`
	Since int64          `query:"since" minimum:"0" maximum:"253402300799999" doc:"Messages and files: not older, in Unix milliseconds"`
	Until int64          `query:"until" minimum:"0" maximum:"253402300799999" doc:"Messages and files: older than this, in Unix milliseconds"`
	Kind  []string       `query:"kind,explode" maxItems:"7" enum:"text,image,voice,file,card,location,video" doc:"Messages and files: only of this type of message; can occur several times. A file is an image, file or video"`
	Link  bool           `query:"link" doc:"Messages and files: only with a web address in the text, or cards with one"`
	Next  string         `query:"next" maxLength:"256" doc:"The next of the previous page; only for a search with one value of in"`
	Limit int            `query:"limit" minimum:"1" default:"20" doc:"How many; at most 100 are given, and at most 5 of each where several things are searched"`
}

func (a *api) searches() {
	add(a, endpoint.Operation{
		ID: "search", Method: http.MethodGet, Path: "/api/search", Errors: []int{403, 404},
		Summary: "Search messages, people, groups and files",
		Doc: "Messages and files are sorted newest first, people and groups by name. With one value of in, the answer is one list; with several, one list for each. " +
			"A search finds only what the caller may see: in former chats, the messages from before they left; never withdrawn messages.",
		Fields: map[string]string{
			"query": "query.query", "from": "query.from", "id": "query.chat", "type": "query.type", "until": "query.until", "kind": "query.kind", "next": "query.next",
		},
	}, func(ctx context.Context, by chat.Actor, in *searchRequest) (*struct{ Body searchAnswer }, error) {
		if (in.Type == 0) != (in.Chat == "") {
			return nil, chat.Invalid("type", "must stand beside chat")
		}
		what, err := in.sections()
		if err != nil {
			return nil, err
		}
		out := &struct{ Body searchAnswer }{searchAnswer{one: len(what) == 1}}
		if !out.Body.one && in.Next != "" {
			return nil, chat.Invalid("next", "is of a search of one thing")
		}
		limit := min(in.Limit, maxRows)
		if !out.Body.one {
			limit = min(limit, firstFew)
		}
		return out, a.search(ctx, by, in, what, limit, &out.Body.searchSections)
	})
}

// sections returns what to search. People and groups are searched only with a query, and messages and
// files without one only with a filter.
func (in *searchRequest) sections() ([]string, error) {
	blank := strings.TrimSpace(in.Query) == ""
	if q := in.messages(); blank && !q.Restricted() {
		return nil, chat.Invalid("query", "is required without a filter")
	}
	what := in.In
	switch {
	case len(what) == 0 && blank:
		what = []string{inMessages, inFiles}
	case len(what) == 0:
		what = []string{inMessages, inPeople, inGroups, inFiles}
	case blank && (slices.Contains(what, inPeople) || slices.Contains(what, inGroups)):
		return nil, chat.Invalid("query", "is required to search people and groups")
	}
	return slices.Compact(slices.Sorted(slices.Values(what))), nil
}

// kinds are the values of the parameter kind.
var kinds = map[string]chat.MessageType{
	"text": chat.TypeText, "image": chat.TypeImage, "voice": chat.TypeVoice, "file": chat.TypeFile,
	"card": chat.TypeCard, "location": chat.TypeLocation, "video": chat.TypeVideo,
}

// messages returns the search for messages that the parameters describe, without its page.
func (in *searchRequest) messages() chat.MessageSearch {
	q := chat.MessageSearch{Text: in.Query, From: in.From, Link: in.Link}
	if in.Chat != "" {
		q.Chat = chat.ChatRef{Type: chat.SessionType(in.Type), ID: in.Chat}
	}
	if in.Since != 0 {
		q.Since = time.UnixMilli(in.Since)
	}
	if in.Until != 0 {
		q.Until = time.UnixMilli(in.Until)
	}
	for _, kind := range in.Kind {
		q.Kinds = append(q.Kinds, kinds[kind])
	}
	slices.Sort(q.Kinds)
	q.Kinds = slices.Compact(q.Kinds)
	return q
}

// search fills the sections that are asked for.
func (a *api) search(ctx context.Context, by chat.Actor, in *searchRequest, what []string, limit int, out *searchSections) error {
	for _, section := range what {
		var err error
		switch section {
		case inMessages:
			out.Messages, err = searchMessages(ctx, a, by, in, chat.SearchMessages, limit, a.router.Encoder.SearchHits)
		case inFiles:
			if q := in.messages(); len(what) > 1 && q.ExcludesFiles() {
				out.Files = &searchList[wire.SearchFile]{Items: []wire.SearchFile{}}
				continue
			}
			out.Files, err = searchMessages(ctx, a, by, in, chat.SearchFiles, limit, a.router.Encoder.SearchFiles)
		case inPeople:
			out.People, err = a.searchPeople(ctx, by, in, limit)
		case inGroups:
			page := Page{Next: in.Next, Limit: limit}
			var found *clientListBody[ownGroup]
			found, err = offsetPage(page, showOwnGroup, func(offset, limit int) ([]chat.OwnGroup, error) {
				return a.chat.OwnGroups(ctx, by, in.Query, offset, limit)
			})
			if err == nil {
				out.Groups = &searchList[ownGroup]{Items: found.Body.Items, Next: found.Body.Next}
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func searchMessages[T any](ctx context.Context, a *api, by chat.Actor, in *searchRequest, what chat.SearchFor, limit int,
	show func([]chat.Hit) []T,
) (*searchList[T], error) {
	q := in.messages()
	q.For, q.Limit = what, limit
	if in.Next != "" {
		before, err := strconv.ParseInt(in.Next, 10, 64)
		if err != nil || before <= 0 {
			return nil, chat.Invalid("next", "must be the next of a page")
		}
		q.Before = chat.MessageID(before)
	}
	found, err := a.chat.Search(ctx, by, q)
	if err != nil {
		return nil, err
	}
	out := &searchList[T]{Items: show(found.Hits), Partial: found.Partial}
	if found.Next != 0 {
		out.Next = strconv.FormatInt(int64(found.Next), 10)
	}
	return out, nil
}

func (a *api) searchPeople(ctx context.Context, by chat.Actor, in *searchRequest, limit int) (*searchList[Person], error) {
	q := chat.DirectoryQuery{Query: in.Query, Limit: limit}
	if in.Next != "" {
		var err error
		if q.Offset, err = strconv.Atoi(in.Next); err != nil || q.Offset < 0 || q.Offset > maxOffset {
			return nil, chat.Invalid("next", "must be the next of a page")
		}
	}
	page, err := a.chat.Directory(ctx, by, q)
	if err != nil {
		return nil, err
	}
	list := peopleList(page, q)
	return &searchList[Person]{Items: list.Items, Next: list.Next}, nil
}
