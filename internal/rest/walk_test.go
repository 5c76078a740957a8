package rest_test

import (
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

func TestWalkWithoutTheRightCredentials(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	token := w.Token(w.Alice)
	ops, _ := w.Document()
	w.Published()
	for _, op := range ops {
		if op.Open {
			continue
		}
		path := w.Fill(op.Path, g, "none")
		wrong := map[string]func(*http.Request){
			"nothing":         func(*http.Request) {},
			"another secret":  func(r *http.Request) { r.SetBasicAuth(w.App.Key, "wrong") },
			"a broken bearer": resttest.As("wrong"),
		}
		if op.History || op.Client {
			wrong["the host's"] = w.AsHost
		} else if !op.Admin { // there it is refused with 403, see package admin
			wrong["a person's token"] = resttest.As(token)
		}
		for name, credentials := range wrong {
			a := w.Do(op.Method, path, strings.NewReader(resttest.ToJSON(w.Bodies(g)[op.ID])), credentials)
			if a.Status != 401 || a.Header.Get("Content-Type") != "application/problem+json" || a.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s with %s = %d %s, want 401", op.Method, op.Path, name, a.Status, a.Body)
			}
		}
	}
	if got := w.Published(); got != nil {
		t.Errorf("published %v, want nothing", got)
	}
}

// A stranger's token and everybody else's ids: no operation that clients may
// call shows anything of it, by any parameter.
func TestWalkAsAStranger(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	const secret = "between us"
	direct := w.Say(w.Alice, w.Bob, secret)
	inGroup := w.SayIn(g, w.Bob, secret)
	w.Say(w.Alice, chat.FileTransfer, secret)
	stranger := w.Token(w.Mallory)
	ids := []string{string(w.Alice), string(w.Bob), string(w.Mallory), string(g), "file-transfer", resttest.MessageID(direct), resttest.MessageID(inGroup), "task", "1", "2"}
	ops, _ := w.Document()
	walkedOps := 0
	for _, op := range ops {
		if !op.History {
			continue
		}
		walkedOps++
		for _, id := range ids {
			for _, message := range []chat.Receipt{direct, inGroup} {
				query := resttest.Values("accountid", id, "groupid", id, "msgid", resttest.MessageID(message), "sinceid", "1", "direction", "1", "keyword", "")
				a := w.Do(op.Method, op.Path+"?"+query.Encode(), nil, resttest.As(stranger))
				if resttest.Contains(a.Body, secret) || resttest.Contains(a.Body, "Demo group") || resttest.Contains(a.Body, "Alice") || a.Status >= 500 {
					t.Errorf("%s with id %s = %d %s", op.ID, id, a.Status, a.Body)
				}
				if a.Status == 200 && string(a.Body) != "[]\n" {
					t.Errorf("%s with id %s = %s, want nothing", op.ID, id, a.Body)
				}
			}
		}
	}
	if walkedOps != 7 {
		t.Errorf("resttest.Operation %d operations of history, want 7", walkedOps)
	}
}

// Every operation with every kind of bad input: a problem that names the place,
// and nothing changes.
func TestWalkWithBadInput(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	token := w.Token(w.Alice)
	ops, schemas := w.Document()
	w.Published()
	for _, op := range ops {
		if strings.HasPrefix(op.Path, "/hooks/") { // which answers in the form of the caller
			continue
		}
		t.Run(op.ID, func(t *testing.T) {
			w.T = t
			credentials := w.AsHost
			if op.History || op.Client {
				credentials = resttest.As(token)
			}
			check := func(a resttest.Answer, statuses []int, place string) {
				t.Helper()
				if !slices.Contains(statuses, a.Status) || a.Header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("%s: %d %.300s, want %v", place, a.Status, a.Body, statuses)
					return
				}
				if place != "" && !resttest.Contains(a.Body, `"`+place) {
					t.Errorf("%.300s, want it to name %s", a.Body, place)
				}
			}
			base := w.Fill(op.Path, g, "none")
			badParameters(w, op, base, func(path, place string, statuses ...int) {
				var body io.Reader
				if op.Body != nil {
					body = strings.NewReader(resttest.ToJSON(w.Bodies(g)[op.ID]))
				}
				check(w.Do(op.Method, path, body, credentials), statuses, place)
			})
			if op.Body == nil {
				return
			}
			valid, ok := w.Bodies(g)[op.ID]
			if !ok {
				t.Fatal("the walk knows no body for this operation")
			}
			for _, raw := range []string{"", "{", "nul", "\"\xff\"", "{\"name\":\"\xc0\x80\"}", strings.Repeat("[", 1000), strings.Repeat("x", 1<<20+1), "[1]", "5", `""`, "null"} {
				if op.Bare && (raw == "" || raw == "null") {
					continue // no body
				}
				check(w.Do(op.Method, base, strings.NewReader(raw), credentials), []int{400, 413, 422}, "")
			}
			for _, spoiled := range spoil(valid, *op.Body, schemas, "body") {
				check(w.Do(op.Method, base, strings.NewReader(resttest.ToJSON(spoiled.body)), credentials), []int{400, 422}, spoiled.place)
			}
		})
	}
	w.T = t
	if got := w.Published(); got != nil {
		t.Errorf("published %v, want nothing of all that", got)
	}
	w.Want(w.Host("GET", "/v1/application", ""), 200)
}

// badParameters tries each parameter with what it cannot be.
func badParameters(w *resttest.World, op resttest.Operation, base string, try func(path, place string, statuses ...int)) {
	for _, p := range op.Parameters {
		place := p.In + "." + p.Name
		huge := strings.Repeat("a", 300)
		if p.Schema.MaxLength != nil {
			huge = strings.Repeat("a", max(300, *p.Schema.MaxLength+1))
		}
		switch p.In {
		case "path":
			template := strings.ReplaceAll(op.Path, "{"+p.Name+"}", "\x00")
			with := func(v string) string { return strings.ReplaceAll(w.Fill(template, "none", "none"), "\x00", v) }
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
func spoil(valid map[string]any, s resttest.Schema, schemas map[string]resttest.Schema, place string) []spoiled {
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
	w := resttest.New(t)
	token := w.Token(w.Alice)
	w.OK(w.Service.SetOrganizationRole(t.Context(), chat.Actor{}, w.Org, w.Alice, chat.OrganizationOwner))
	ops, _ := w.Document()
	w.Published()
	for _, op := range ops {
		if op.History || op.Open || !strings.Contains(op.Path, "{") {
			continue
		}
		credentials := w.AsHost
		if op.Client {
			credentials = resttest.As(token)
		}
		path := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(op.Path, "none")
		if op.ID == "list-notifications" {
			path += "?category=task"
		}
		body := w.Bodies("none")[op.ID]
		a := w.Do(op.Method, path, strings.NewReader(resttest.ToJSON(body)), credentials)
		if op.ID == "revoke-token" {
			// A session that no stored token has is a JWT's: refused from now on.
			w.Want(a, http.StatusNoContent)
			continue
		}
		if a.Status != 404 || a.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s = %d %s, want 404", op.Method, path, a.Status, a.Body)
		}
	}
	if got := w.Published(); len(got) != 1 || got[0] != "LoggedOut" {
		t.Errorf("published %v, want only the log-out of the JWT", got)
	}
}
