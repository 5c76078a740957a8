package client_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/rest/resttest"
	"parley/internal/wire"
)

// search asks with parameters, each a name and a value.
func (w *world) search(token string, query ...string) resttest.Answer {
	w.T.Helper()
	v := url.Values{}
	for i := 0; i < len(query); i += 2 {
		v.Add(query[i], query[i+1])
	}
	return w.API(token, "GET", "/api/search?"+v.Encode(), "")
}

// found returns a field of every item of a list.
func found(list map[string]any, field string) (all []any) {
	for _, i := range list["items"].([]any) {
		all = append(all, i.(map[string]any)[field])
	}
	return all
}

func TestSearchMessages(t *testing.T) {
	w := newWorld(t)
	token, g := w.Token(w.Bob), w.Group()
	first := w.Say(w.Alice, w.Bob, "检查悬空引用")
	second := w.SayIn(g, w.Alice, "悬空 again")
	got := w.Want(w.search(token, "query", "悬空", "in", "messages"), 200)
	id := func(r chat.Receipt) string { return fmt.Sprint(r.Message.ID) }
	want := map[string]any{"items": []any{
		map[string]any{
			"id": id(second), "chat": map[string]any{"type": 2.0, "value": string(g), "name": "Demo group", "logo": ""},
			"from": map[string]any{"id": string(w.Alice), "name": "Alice Demo", "avatar": ""}, "at": float64(second.Message.At.UnixMilli()),
			"excerpt": map[string]any{"text": "悬空 again", "marks": []any{[]any{0.0, 2.0}}}, "msgType": 1.0,
		},
		map[string]any{
			"id": id(first), "chat": map[string]any{"type": 1.0, "value": string(w.Alice), "name": "Alice Demo", "logo": ""},
			"from": map[string]any{"id": string(w.Alice), "name": "Alice Demo", "avatar": ""}, "at": float64(first.Message.At.UnixMilli()),
			"excerpt": map[string]any{"text": "检查悬空引用", "marks": []any{[]any{2.0, 4.0}}}, "msgType": 1.0,
		},
	}}
	w.Equal("found", got, want)

	page := w.Want(w.search(token, "query", "悬空", "in", "messages", "limit", "1"), 200)
	if got := found(page, "id"); !cmp.Equal(got, []any{id(second)}) {
		t.Errorf("first page: %v", page)
	}
	page = w.Want(w.search(token, "query", "悬空", "in", "messages", "limit", "1", "next", page["next"].(string)), 200)
	if got := found(page, "id"); !cmp.Equal(got, []any{id(first)}) || page["next"] != nil {
		t.Errorf("second page: %v", page)
	}
	for _, c := range []struct {
		query []string
		want  []any
	}{
		{[]string{"type", "2", "chat", string(g)}, []any{id(second)}},
		{[]string{"from", string(w.Bob)}, nil},
		{[]string{"since", fmt.Sprint(second.Message.At.UnixMilli())}, []any{id(second)}},
		{[]string{"until", fmt.Sprint(second.Message.At.UnixMilli())}, []any{id(first)}},
	} {
		page := w.Want(w.search(token, append([]string{"query", "悬空", "in", "messages"}, c.query...)...), 200)
		if got := found(page, "id"); !cmp.Equal(got, c.want) {
			t.Errorf("with %v: got %v, want %v", c.query, got, c.want)
		}
	}
}

func TestSearchWithFilters(t *testing.T) {
	w := newWorld(t)
	token, g := w.Token(w.Bob), w.Group()
	send := func(c chat.Content) string {
		t.Helper()
		r, err := w.Service.SendMessage(t.Context(), chat.Actor{Account: w.Alice}, w.Bob, chat.Draft{Content: c})
		w.OK(err)
		return fmt.Sprint(r.Message.ID)
	}
	link := send(chat.Content{Type: chat.TypeText, Text: "see https://docs.example.com/v2.1"})
	picture := send(chat.Content{Type: chat.TypeImage, Text: "the plan", File: json.RawMessage(`{"key":"a/1.png","name":"plan.png"}`)})
	voice := send(chat.Content{Type: chat.TypeVoice, File: json.RawMessage(`{"key":"a/2.amr","name":"x.amr"}`)})
	inGroup := fmt.Sprint(w.SayIn(g, w.Bob, "a plan").Message.ID)
	type ids = []any
	for _, c := range []struct {
		query           []string
		messages, files ids
	}{
		{[]string{"kind", "image"}, ids{picture}, ids{picture}},
		{[]string{"kind", "image", "kind", "voice"}, ids{voice, picture}, ids{picture}},
		{[]string{"kind", "voice"}, ids{voice}, nil},
		{[]string{"link", "true"}, ids{link}, nil},
		{[]string{"from", string(w.Bob)}, ids{inGroup}, nil},
		{[]string{"type", "2", "chat", string(g)}, ids{inGroup}, nil},
		{[]string{"type", "1", "chat", string(w.Alice), "query", " "}, ids{voice, picture, link}, ids{picture}},
		{[]string{"query", "plan", "kind", "text", "in", "messages", "in", "files", "in", "people"}, ids{inGroup}, nil},
		{[]string{"query", "2.1", "link", "true", "in", "messages", "in", "files"}, ids{link}, nil},
	} {
		got := w.Want(w.search(token, c.query...), 200)
		for section, want := range map[string]ids{"messages": c.messages, "files": c.files} {
			if got := found(got[section].(map[string]any), "id"); !cmp.Equal(got, want) {
				t.Errorf("%v, %s: got %v, want %v", c.query, section, got, want)
			}
		}
	}
	one := w.Want(w.search(token, "kind", "image", "in", "messages"), 200)
	if got, want := found(one, "excerpt"), []any{map[string]any{"text": "plan.png the plan", "marks": []any{}}}; !cmp.Equal(got, want) {
		t.Errorf("the excerpt: got %v, want %v", got, want)
	}
}

func TestSearchSections(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) {
		o.Encoder = &wire.Encoder{FileURL: func(key, _ string) string { return "/files/" + key + "?s=1" }}
	})
	w.Contact("Report Writer")
	g, err := w.Service.CreateGroup(t.Context(), chat.Actor{}, chat.NewGroup{Name: "Reports", IsPost: true, Creator: w.Alice, Members: []chat.AccountID{w.Bob}})
	w.OK(err)
	for i := range 6 {
		w.SayIn(g.ID, w.Alice, fmt.Sprint("report ", i))
	}
	_, err = w.Service.SendMessage(t.Context(), chat.Actor{Account: w.Alice}, w.Bob, chat.Draft{Content: chat.Content{
		Type: chat.TypeFile, File: json.RawMessage(`{"key":"a/1.pdf","size":5,"name":"report.pdf"}`),
	}})
	w.OK(err)
	token := w.Token(w.Bob)
	got := w.Want(w.search(token, "query", "report"), 200)
	section := func(name string) map[string]any { return got[name].(map[string]any) }
	if s := section("messages"); len(found(s, "id")) != 5 || s["next"] == nil {
		t.Errorf("messages: %v", s)
	}
	if got, want := found(section("people"), "name"), []any{"Report Writer"}; !cmp.Equal(got, want) {
		t.Errorf("people: got %v, want %v", got, want)
	}
	if got, want := found(section("groups"), "name"), []any{"Reports"}; !cmp.Equal(got, want) {
		t.Errorf("groups: got %v, want %v", got, want)
	}
	file := map[string]any{"name": "report.pdf", "size": 5.0, "key": "a/1.pdf", "url": "/files/a/1.pdf?s=1"}
	if got, want := found(section("files"), "file"), []any{file}; !cmp.Equal(got, want) {
		t.Errorf("files: got %v, want %v", got, want)
	}
	two := w.Want(w.search(token, "query", "report", "in", "people", "in", "groups"), 200)
	if len(two) != 2 || two["people"] == nil || two["groups"] == nil {
		t.Errorf("people and groups: %v", two)
	}
	one := w.Want(w.search(token, "query", "report", "in", "groups"), 200)
	if got, want := found(one, "name"), []any{"Reports"}; !cmp.Equal(got, want) {
		t.Errorf("groups alone: got %v, want %v", got, want)
	}
}

func TestSearchMistakes(t *testing.T) {
	w := newWorld(t)
	token, g := w.Token(w.Mallory), w.Group()
	for _, c := range []struct {
		query []string
		field string
	}{
		{nil, "query.query"},
		{[]string{"query", ""}, "query.query"},
		{[]string{"query", " "}, "query.query"},
		{[]string{"query", strings.Repeat("x", 201)}, "query.query"},
		{[]string{"query", "x", "in", "drawers"}, "query.in"},
		{[]string{"query", "x", "chat", string(g)}, "query.type"},
		{[]string{"query", "x", "type", "2"}, "query.type"},
		{[]string{"query", "x", "type", "7", "chat", "task"}, "query.type"},
		{[]string{"query", "x", "in", "messages", "next", "-1"}, "query.next"},
		{[]string{"query", "x", "in", "people", "next", "x"}, "query.next"},
		{[]string{"query", "x", "next", "1"}, "query.next"},
		{[]string{"query", "x", "limit", "0"}, "query.limit"},
		{[]string{"query", "x", "since", "-1"}, "query.since"},
		{[]string{"query", "x", "since", "yesterday"}, "query.since"},
		{[]string{"query", "x", "since", "20", "until", "10"}, "query.until"},
		{[]string{"query", "x", "from", strings.Repeat("x", 200)}, "query.from"},
		{[]string{"query", "x", "kind", "drawing"}, "query.kind"},
		{[]string{"query", "x", "kind", "voice", "in", "files"}, "query.kind"},
		{[]string{"query", "x", "link", "perhaps"}, "query.link"},
		{[]string{"in", "messages"}, "query.query"},
		{[]string{"link", "true", "in", "people"}, "query.query"},
		{[]string{"query", " ", "link", "true", "in", "messages", "in", "groups"}, "query.query"},
	} {
		p := w.Want(w.search(token, c.query...), 422)
		if got := fmt.Sprint(p["errors"]); !strings.Contains(got, c.field) {
			t.Errorf("%v: got %v, want one of %s", c.query, got, c.field)
		}
	}
	w.Refused(w.search(token, "query", "x", "type", "2", "chat", string(g)), 403, "not in group")
	w.Refused(w.search(token, "query", "x", "type", "1", "chat", string(w.Alice)), 403, "not my contract")
	w.Refused(w.search(token, "query", "x", "type", "2", "chat", "none"), 404, "group not found")
	w.Refused(w.search("", "query", "x"), 401, "token required")
}

func TestDirectory(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"张三", "Zoe", "42", "单雄信", "alina"} {
		w.Contact(name)
	}
	friend := w.Account("Friend")
	w.OK(w.Service.Befriend(t.Context(), w.Bob, friend))
	token := w.Token(w.Bob)
	list := func(query string) map[string]any { return w.Want(w.API(token, "GET", "/api/people"+query, ""), 200) }

	all := list("")
	if got, want := found(all, "name"), []any{"Alice Demo", "alina", "Friend", "单雄信", "张三", "Zoe", "42"}; !cmp.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	section := func(initial string, n float64) any { return map[string]any{"initial": initial, "count": n} }
	want := []any{section("A", 2), section("F", 1), section("S", 1), section("Z", 2), section("#", 1)}
	if got := all["sections"]; !cmp.Equal(got, any(want)) {
		t.Errorf("sections: got %v, want %v", got, want)
	}
	if got, want := found(all, "initial"), []any{"A", "A", "F", "S", "Z", "Z", "#"}; !cmp.Equal(got, want) {
		t.Errorf("initials: got %v, want %v", got, want)
	}
	page := list("?limit=3&offset=2")
	if got, want := found(page, "name"), []any{"Friend", "单雄信", "张三"}; !cmp.Equal(got, want) || page["next"] != "5" || page["sections"] != nil {
		t.Errorf("a page: %v", page)
	}
	page = list("?limit=3&next=5")
	if got, want := found(page, "name"), []any{"Zoe", "42"}; !cmp.Equal(got, want) || page["next"] != nil {
		t.Errorf("the last page: %v", page)
	}
	for query, want := range map[string][]any{
		"?query=zs":              {"张三"},
		"?query=dan":             {"单雄信"},
		"?query=shan":            {"单雄信"},
		"?query=ali":             {"Alice Demo", "alina"},
		"?friends=true":          {"Friend"},
		"?friends=true&query=zs": nil,
		"?query=fri&organization=" + string(w.Org):    nil,
		"?query=demo&organization=" + string(w.Org):   {"Alice Demo"},
		"?friends=true&organization=" + string(w.Org): nil,
	} {
		if got := found(list(query), "name"); !cmp.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
	}
	w.Names(w.Want(w.API(token, "GET", "/api/people?offset=-1", ""), 422), "query.offset")
	w.Refused(w.API(token, "GET", "/api/people?organization=other", ""), 404, "not found")

	// Names and activity follow at once.
	w.rename(w.Alice, "Zara", true)
	w.rename(friend, "Friend", false)
	if got, want := found(list(""), "name"), []any{"alina", "单雄信", "Zara", "张三", "Zoe", "42"}; !cmp.Equal(got, want) {
		t.Errorf("after the changes: got %v, want %v", got, want)
	}
}

func (w *world) rename(id chat.AccountID, name string, active bool) {
	w.T.Helper()
	_, err := w.Service.UpdateAccount(w.T.Context(), id, chat.AccountPatch{Name: &name, Active: &active})
	w.OK(err)
}
