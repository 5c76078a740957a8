package client

import (
	"context"
	"net/http"
	"strconv"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// directoryAnswer is a page of the directory.
type directoryAnswer struct {
	Items    []Person           `json:"items" nullable:"false"`
	Next     string             `json:"next,omitempty" doc:"Value of next for the following page; missing on the last page"`
	Sections []directorySection `json:"sections,omitempty" nullable:"false" doc:"On the first page: the number of people under each letter of the whole list, in order"`
}

type directorySection struct {
	Initial string `json:"initial" doc:"A to Z, or #"`
	Count   int    `json:"count"`
}

func (a *api) directory() {
	add(a, endpoint.Operation{
		ID: "list-people", Method: http.MethodGet, Path: "/api/people", Errors: []int{404},
		Summary: "List the contacts of the caller",
		Doc: "Colleagues and friends, without the caller, in the order of a directory: by letter, Chinese names by their pinyin, names without a letter last, under #. " +
			"The next of a page is the offset of the following one; any other offset is possible, too.",
		Fields: map[string]string{"organization": "query.organization", "query": "query.query", "offset": "query.offset"},
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Query        string              `query:"query" maxLength:"200" doc:"Parts of name or address, or the spelling of a name in pinyin: zhangsan, zs and 三 find 张三"`
		Organization chat.OrganizationID `query:"organization" maxLength:"128" doc:"Only members of this organization, which must be one of the caller's"`
		Friends      bool                `query:"friends" doc:"Only friends"`
		Offset       int                 `query:"offset" minimum:"0" maximum:"1000000000" doc:"Number of entries to skip"`
		Next         int                 `query:"next" minimum:"0" maximum:"1000000000" doc:"The next of the previous page, instead of offset"`
		Limit        int                 `query:"limit" minimum:"1" default:"50" doc:"How many, at most 100"`
	},
	) (*struct{ Body directoryAnswer }, error) {
		q := chat.DirectoryQuery{
			Query: in.Query, Organization: in.Organization, Friends: in.Friends,
			Offset: max(in.Offset, in.Next), Limit: min(in.Limit, maxRows),
		}
		page, err := a.chat.Directory(ctx, by, q)
		if err != nil {
			return nil, err
		}
		list := peopleList(page, q)
		out := directoryAnswer{Items: list.Items, Next: list.Next}
		for _, s := range page.Sections {
			out.Sections = append(out.Sections, directorySection{s.Initial, s.Count})
		}
		return &struct{ Body directoryAnswer }{out}, nil
	})
}

func peopleList(page chat.DirectoryPage, q chat.DirectoryQuery) clientList[Person] {
	next := ""
	if page.More {
		next = strconv.Itoa(q.Offset + len(page.People))
	}
	return clientItems(page.People, next, showPerson).Body
}
