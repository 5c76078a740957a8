package rest_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/internal/chat"
)

// walked is one operation of the served document.
type walked struct {
	ID, Method, Path string
	History          bool
	Client, Open     bool // of the client API; without a token
	Parameters       []struct {
		Name, In string
		Required bool
		Schema   schema
	}
	Body *schema
	Bare bool // the body may be missing

	Security []map[string][]string
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Enum       []any
	MaxLength  *int
	Required   []string
	Properties map[string]schema
	Items      *schema
}

// document reads every registered operation from the document that is served,
// so that no operation can be added and left out of the walk.
func (w *world) document() (ops []walked, schemas map[string]schema) {
	w.t.Helper()
	a := w.do("GET", "/openapi.json", nil)
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Tags        []string
			Security    []map[string][]string
			Parameters  []struct {
				Name, In string
				Required bool
				Schema   schema
			}
			RequestBody struct {
				Required bool
				Content  map[string]struct{ Schema schema }
			}
		}
		Components struct{ Schemas map[string]schema }
	}
	w.ok(json.Unmarshal(a.body, &doc))
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			o := doc.Paths[path][method]
			op := walked{
				ID: o.OperationID, Method: strings.ToUpper(method), Path: path,
				History: slices.Contains(o.Tags, "history"), Parameters: o.Parameters, Security: o.Security,
				Client: slices.Contains(o.Tags, "client"), Open: len(o.Security) == 0,
			}
			if content, ok := o.RequestBody.Content["application/json"]; ok {
				body := doc.Components.Schemas[strings.TrimPrefix(content.Schema.Ref, "#/components/schemas/")]
				op.Body, op.Bare = &body, !o.RequestBody.Required
			}
			ops = append(ops, op)
		}
	}
	if len(ops) < 40 {
		w.t.Fatalf("document has %d operations, want all", len(ops))
	}
	return ops, doc.Components.Schemas
}

// fill puts real ids into the path.
func (w *world) fill(path string, g chat.GroupID, session string) string {
	return strings.NewReplacer(
		"{organization}", string(w.org), "{account}", string(w.alice), "{friend}", string(w.bob),
		"{group}", string(g), "{session}", session, "{application}", string(w.app.ID),
		"{person}", string(w.bob), "{provider}", "main", "{request}", "none", "{category}", "task",
	).Replace(path)
}

// bodies are valid ones, to be spoiled field by field. An operation with a body
// that is not here fails the walk.
func (w *world) bodies(g chat.GroupID) map[string]map[string]any {
	return map[string]map[string]any{
		"create-application": {
			"name": "x", "kind": "server", "url": "x", "key": "x", "sendAck": "error-first", "mutedPushes": []any{"new history"},
			"scopes": []any{"read"}, "organization": w.org,
		},
		"rotate-secret":            {"overlapSeconds": 60},
		"rotate-signing-key":       {"overlapSeconds": 60},
		"update-application":       {"name": "x", "kind": "web", "url": "x", "sendAck": "error-first", "mutedPushes": []any{"new history"}, "scopes": []any{"read"}},
		"create-organization":      {"id": "0198c0de-0000-7000-8000-0000000000aa", "name": "x"},
		"update-organization":      {"name": "x"},
		"add-organization-members": {"accounts": []any{w.alice}},
		"create-account":           {"id": "0198c0de-0000-7000-8000-0000000000ab", "name": "x", "avatar": "/x", "email": "x@example.test"},
		"update-account":           {"name": "x", "avatar": "/x", "email": "x@example.test", "active": true},
		"add-friend":               {"account": w.bob},
		"sign-in-with-code":        {"code": "x", "device": "x"},
		"sign-in-with-password":    {"email": "x", "password": "x", "device": "x"},
		"change-password":          {"current": "x", "password": "x"},
		"create-sign-in-code":      {"ttlSeconds": 60},
		"set-password":             {"password": "correct horse battery"},
		"issue-token":              {"app": w.app.ID, "label": "x", "ttl": 60},
		"create-group":             {"name": "x", "avatar": "/x", "kind": "group", "creator": w.alice, "members": []any{w.bob}, "id": "0198c0de-0000-7000-8000-0000000000ac"},
		"update-group":             {"name": "x", "avatar": "/x", "announcement": "x", "kind": "group", "membersInvite": true},
		"add-members":              {"accounts": []any{w.bob}},
		"update-member":            {"push": true},
		"send-message": {
			"from": w.alice, "toAccount": w.bob, "toGroup": g, "type": 1, "text": "x", "refer": "1", "waitingId": "x",
			"file": map[string]any{"url": "x"}, "card": map[string]any{"title": "x", "url": "x"}, "location": map[string]any{"lng": 1, "lat": 1},
		},
		"get-file-links":      {"messages": []any{"1"}},
		"update-me":           {"name": "x", "avatarKey": ""},
		"request-friend":      {"to": w.bob, "email": "x@example.test", "message": "x"},
		"create-own-group":    {"name": "x", "members": []any{w.bob}, "isPost": true},
		"update-own-group":    {"name": "x", "avatarKey": "", "announcement": "x", "membersInvite": true, "banned": true, "isPost": true, "isPush": true},
		"bring-in-members":    {"members": []any{w.bob}},
		"send-system-message": {"text": "x"},
		"notify": {
			"category": "task", "type": "x", "text": "x", "name": "x", "url": "x", "entityId": "x", "weak": true,
			"accounts": []any{w.alice}, "organization": w.org,
		},
	}
}

func TestWalkWithoutTheRightCredentials(t *testing.T) {
	w := newWorld(t)
	g := w.group()
	token := w.token(w.alice)
	ops, _ := w.document()
	w.published()
	for _, op := range ops {
		if op.Open {
			continue
		}
		path := w.fill(op.Path, g, "none")
		wrong := map[string]func(*http.Request){
			"nothing":         func(*http.Request) {},
			"another secret":  func(r *http.Request) { r.SetBasicAuth(w.app.Key, "wrong") },
			"a broken bearer": as("wrong"),
		}
		if op.History || op.Client {
			wrong["the host's"] = w.asHost
		} else {
			wrong["a person's token"] = as(token)
		}
		for name, credentials := range wrong {
			a := w.do(op.Method, path, strings.NewReader(toJSON(w.bodies(g)[op.ID])), credentials)
			if a.status != 401 || a.header.Get("Content-Type") != "application/problem+json" || a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s with %s = %d %s, want 401", op.Method, op.Path, name, a.status, a.body)
			}
		}
	}
	if got := w.published(); got != nil {
		t.Errorf("published %v, want nothing", got)
	}
}

// A stranger's token and everybody else's ids: no operation that clients may
// call shows anything of it, by any parameter.
func TestWalkAsAStranger(t *testing.T) {
	w := newWorld(t)
	g := w.group()
	const secret = "between us"
	direct := w.say(w.alice, w.bob, secret)
	inGroup := w.sayIn(g, w.bob, secret)
	w.say(w.alice, chat.FileTransfer, secret)
	stranger := w.token(w.mallory)
	ids := []string{string(w.alice), string(w.bob), string(w.mallory), string(g), "file-transfer", messageID(direct), messageID(inGroup), "task", "1", "2"}
	ops, _ := w.document()
	walkedOps := 0
	for _, op := range ops {
		if !op.History {
			continue
		}
		walkedOps++
		for _, id := range ids {
			for _, message := range []chat.Receipt{direct, inGroup} {
				query := values("accountid", id, "groupid", id, "msgid", messageID(message), "sinceid", "1", "direction", "1", "keyword", "")
				a := w.do(op.Method, op.Path+"?"+query.Encode(), nil, as(stranger))
				if contains(a.body, secret) || contains(a.body, "Demo group") || contains(a.body, "Alice") || a.status >= 500 {
					t.Errorf("%s with id %s = %d %s", op.ID, id, a.status, a.body)
				}
				if a.status == 200 && string(a.body) != "[]\n" {
					t.Errorf("%s with id %s = %s, want nothing", op.ID, id, a.body)
				}
			}
		}
	}
	if walkedOps != 7 {
		t.Errorf("walked %d operations of history, want 7", walkedOps)
	}
}

// Every operation with every kind of bad input: a problem that names the place,
// and nothing changes.
func TestWalkWithBadInput(t *testing.T) {
	w := newWorld(t)
	g := w.group()
	token := w.token(w.alice)
	ops, schemas := w.document()
	w.published()
	for _, op := range ops {
		t.Run(op.ID, func(t *testing.T) {
			w.t = t
			credentials := w.asHost
			if op.History || op.Client {
				credentials = as(token)
			}
			check := func(a answer, statuses []int, place string) {
				t.Helper()
				if !slices.Contains(statuses, a.status) || a.header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("%s: %d %.300s, want %v", place, a.status, a.body, statuses)
					return
				}
				if place != "" && !contains(a.body, `"`+place) {
					t.Errorf("%.300s, want it to name %s", a.body, place)
				}
			}
			base := w.fill(op.Path, g, "none")
			badParameters(w, op, base, func(path, place string, statuses ...int) {
				var body io.Reader
				if op.Body != nil {
					body = strings.NewReader(toJSON(w.bodies(g)[op.ID]))
				}
				check(w.do(op.Method, path, body, credentials), statuses, place)
			})
			if op.Body == nil {
				return
			}
			valid, ok := w.bodies(g)[op.ID]
			if !ok {
				t.Fatal("the walk knows no body for this operation")
			}
			for _, raw := range []string{"", "{", "nul", "\"\xff\"", "{\"name\":\"\xc0\x80\"}", strings.Repeat("[", 1000), strings.Repeat("x", 1<<20+1), "[1]", "5", `""`, "null"} {
				if op.Bare && (raw == "" || raw == "null") {
					continue // no body
				}
				check(w.do(op.Method, base, strings.NewReader(raw), credentials), []int{400, 413, 422}, "")
			}
			for _, spoiled := range spoil(valid, *op.Body, schemas, "body") {
				check(w.do(op.Method, base, strings.NewReader(toJSON(spoiled.body)), credentials), []int{400, 422}, spoiled.place)
			}
		})
	}
	w.t = t
	if got := w.published(); got != nil {
		t.Errorf("published %v, want nothing of all that", got)
	}
	w.want(w.host("GET", "/v1/application", ""), 200)
}

// badParameters tries each parameter with what it cannot be.
func badParameters(w *world, op walked, base string, try func(path, place string, statuses ...int)) {
	for _, p := range op.Parameters {
		place := p.In + "." + p.Name
		huge := strings.Repeat("a", 300)
		if p.Schema.MaxLength != nil {
			huge = strings.Repeat("a", max(300, *p.Schema.MaxLength+1))
		}
		switch p.In {
		case "path":
			template := strings.ReplaceAll(op.Path, "{"+p.Name+"}", "\x00")
			with := func(v string) string { return strings.ReplaceAll(w.fill(template, "none", "none"), "\x00", v) }
			try(with(huge), place, 422)
			try(with("%ff"), "path", 400)
			try(with("%00"), "path", 400)
		case "query":
			others := ""
			for _, o := range op.Parameters {
				if o.In == "query" && o.Required && o.Name != p.Name {
					others += "&" + o.Name + "=1"
				}
			}
			if p.Required {
				try(base+"?"+strings.TrimPrefix(others, "&"), place, 422)
			}
			try(base+"?"+p.Name+"=%ff"+others, "query", 400)
			if p.Name == "app" {
				continue // a credential: 401
			}
			if p.Schema.Type == "integer" {
				for _, v := range []string{"x", "1.5", "-1", "99999999999999999999", "1e3", "null", "%20"} {
					try(base+"?"+p.Name+"="+v+others, place, 422)
				}
			} else {
				try(base+"?"+p.Name+"="+huge+others, place, 422)
			}
		}
	}
}

type spoiled struct {
	body  map[string]any
	place string
}

// spoil returns the valid body with each field in turn missing, of every wrong
// type, and huge, and with a field more; inner objects too.
func spoil(valid map[string]any, s schema, schemas map[string]schema, place string) []spoiled {
	var out []spoiled
	with := func(field string, v any) map[string]any {
		b := maps.Clone(valid)
		b[field] = v
		return b
	}
	out = append(out, spoiled{with("unknownField", 1), place + ".unknownField"})
	for field, v := range valid {
		p := s.Properties[field]
		if p.Ref != "" {
			p = schemas[strings.TrimPrefix(p.Ref, "#/components/schemas/")]
		}
		if slices.Contains(s.Required, field) {
			b := maps.Clone(valid)
			delete(b, field)
			out = append(out, spoiled{b, place + "." + field}, spoiled{with(field, nil), place + "." + field})
		}
		for kind, wrong := range map[string]any{
			"string": "x", "integer": 1.5, "boolean": true, "array": []any{}, "object": map[string]any{},
		} {
			if kind == "integer" && p.Type == "number" {
				continue
			}
			if kind != p.Type || kind == "integer" {
				out = append(out, spoiled{with(field, wrong), place + "." + field})
			}
		}
		switch p.Type {
		case "string":
			if p.MaxLength != nil {
				out = append(out, spoiled{with(field, strings.Repeat("x", *p.MaxLength+1)), place + "." + field})
			}
			if p.Enum != nil {
				out = append(out, spoiled{with(field, "none of these"), place + "." + field})
			}
		case "integer":
			out = append(out, spoiled{with(field, -1), place + "." + field}, spoiled{with(field, 1e18), place + "." + field})
		case "array":
			out = append(out, spoiled{with(field, []any{1}), place + "." + field + "[0]"})
			out = append(out, spoiled{with(field, slices.Repeat([]any{"x"}, 1001)), place + "." + field})
		case "object":
			for _, inner := range spoil(v.(map[string]any), p, schemas, place+"."+field) {
				out = append(out, spoiled{with(field, inner.body), inner.place})
			}
		}
	}
	return out
}

// Ids that do not exist are told so, by every operation that takes one.
func TestWalkWithUnknownIDs(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.alice)
	ops, _ := w.document()
	w.published()
	for _, op := range ops {
		if op.History || op.Open || !strings.Contains(op.Path, "{") {
			continue
		}
		credentials := w.asHost
		if op.Client {
			credentials = as(token)
		}
		path := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(op.Path, "none")
		if op.ID == "list-notifications" {
			path += "?category=task"
		}
		body := w.bodies("none")[op.ID]
		a := w.do(op.Method, path, strings.NewReader(toJSON(body)), credentials)
		if op.ID == "revoke-token" {
			// A session that no stored token has is a JWT's: refused from now on.
			w.want(a, http.StatusNoContent)
			continue
		}
		if a.status != 404 || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s = %d %s, want 404", op.Method, path, a.status, a.body)
		}
	}
	if got := w.published(); len(got) != 1 || got[0] != "LoggedOut" {
		t.Errorf("published %v, want only the log-out of the JWT", got)
	}
}
