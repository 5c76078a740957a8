package rest_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest"
)

// What the document allows, the chat does: a field that is as long as its schema
// says is not too long. (One letter more is refused: TestWalkWithBadInput.)
func TestWalkUpToTheLimits(t *testing.T) {
	w := newWorld(t)
	g := w.group()
	ops, _ := w.document()
	tried := 0
	for _, op := range ops {
		if op.Body == nil {
			continue
		}
		for field, s := range op.Body.Properties {
			if s.MaxLength == nil {
				continue
			}
			tried++
			body := w.bodies(g)[op.ID]
			body[field] = strings.Repeat("x", *s.MaxLength)
			a := w.do(op.Method, w.fill(op.Path, g, "none"), strings.NewReader(toJSON(body)), w.asHost)
			if contains(a.body, "at most") || contains(a.body, "length") || contains(a.body, "too long") || a.status >= 500 {
				t.Errorf("%s with %d letters in %s = %d %s", op.ID, *s.MaxLength, field, a.status, a.body)
			}
		}
	}
	if tried < 20 {
		t.Errorf("tried %d fields, want those of every body", tried)
	}
}

// A limit that an option changed is documented and held as it is then.
func TestLimitsFollowTheOptions(t *testing.T) {
	w := newWorld(t)
	svc := chat.New(w.fault, nil, nil, chat.Options{MaxNameLength: 7, MaxAnnouncement: 30000, MaxBatch: 2}, nil)
	srv := httptest.NewServer(rest.New(rest.Options{}, svc))
	t.Cleanup(srv.Close)
	g := w.group()
	w.url = srv.URL
	_, schemas := w.document()
	for schema, want := range map[string]int{
		"NewAccount.name": 7, "NewGroup.name": 7, "NewApplication.name": 7, "NewToken.label": 7, "NewNotification.name": 7,
		"GroupPatch.announcement": 30000, "NewAccount.id": 64, "NewGroup.id": 64, "NewOrganization.id": 64, "NewMessage.from": 128,
	} {
		name, field, _ := strings.Cut(schema, ".")
		if got := schemas[name].Properties[field].MaxLength; got == nil || *got != want {
			t.Errorf("%s: got %v, want %d", schema, got, want)
		}
	}
	w.names(w.want(w.host("POST", "/v1/accounts", `{"name":"eight888"}`), 422), "body.name")
	w.want(w.host("POST", "/v1/accounts", `{"name":"seven77"}`), 201)
	long := toJSON(map[string]any{"announcement": strings.Repeat("x", 30000)})
	w.want(w.host("PATCH", "/v1/groups/"+string(g), long), 200)
	three := toJSON(map[string]any{"accounts": []chat.AccountID{w.alice, w.bob, w.mallory}})
	w.names(w.want(w.host("POST", "/v1/groups/"+string(g)+"/members", three), 422), "body.accounts")
}

func TestNewIDs(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"a b", "-a", "ä", "7", "task", strings.Repeat("a", 65)} {
		for path, body := range map[string]map[string]any{
			"/v1/accounts":      {"id": id, "name": "x"},
			"/v1/organizations": {"id": id, "name": "x"},
			"/v1/groups":        {"id": id, "name": "x", "creator": w.alice},
		} {
			w.names(w.want(w.host("POST", path, toJSON(body)), 422), "body.id")
		}
	}
	body := toJSON(map[string]any{"id": "team.night@demo", "name": "Night shift", "creator": w.alice})
	if made := w.want(w.host("POST", "/v1/groups", body), 201); made["id"] != "team.night@demo" {
		t.Errorf("group %v, want the id that was asked for", made["id"])
	}
	w.refused(w.host("POST", "/v1/groups", body), 409, "already exists")
}
