package endpoint_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/rest/resttest"
)

// The chat accepts the longest fields that the document allows. (One letter more is refused: TestWalkWithBadInput.)
func TestWalkUpToTheLimits(t *testing.T) {
	w := resttest.New(t)
	g := w.Group()
	ops, _ := w.Document()
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
			body := w.Bodies(g)[op.ID]
			body[field] = strings.Repeat("x", *s.MaxLength)
			a := w.Do(op.Method, w.Fill(op.Path, g, "none"), strings.NewReader(resttest.ToJSON(body)), w.AsHost)
			if resttest.Contains(a.Body, "at most") || resttest.Contains(a.Body, "length") || resttest.Contains(a.Body, "too long") || a.Status >= 500 {
				t.Errorf("%s with %d letters in %s = %d %s", op.ID, *s.MaxLength, field, a.Status, a.Body)
			}
		}
	}
	if tried < 20 {
		t.Errorf("tried %d fields, want those of every body", tried)
	}
}

// A limit that an option changed is documented and held as it is then.
func TestLimitsFollowTheOptions(t *testing.T) {
	w := resttest.New(t)
	svc := chat.New(w.Fault, nil, nil, chat.Options{MaxNameLength: 7, MaxAnnouncement: 30000, MaxBatch: 2}, nil)
	srv := httptest.NewServer(rest.New(rest.Options{}, svc))
	t.Cleanup(srv.Close)
	g := w.Group()
	w.URL = srv.URL
	_, schemas := w.Document()
	for schema, want := range map[string]int{
		"NewAccount.name": 7, "NewGroup.name": 7, "NewApplication.name": 7, "NewToken.label": 7, "NewNotification.name": 7,
		"GroupPatch.announcement": 30000, "NewAccount.id": 64, "NewGroup.id": 64, "NewOrganization.id": 64, "NewMessage.from": 128,
	} {
		name, field, _ := strings.Cut(schema, ".")
		if got := schemas[name].Properties[field].MaxLength; got == nil || *got != want {
			t.Errorf("%s: got %v, want %d", schema, got, want)
		}
	}
	w.Names(w.Want(w.Host("POST", "/v1/accounts", `{"name":"eight888"}`), 422), "body.name")
	w.Want(w.Host("POST", "/v1/accounts", `{"name":"seven77"}`), 201)
	long := resttest.ToJSON(map[string]any{"announcement": strings.Repeat("x", 30000)})
	w.Want(w.Host("PATCH", "/v1/groups/"+string(g), long), 200)
	three := resttest.ToJSON(map[string]any{"accounts": []chat.AccountID{w.Alice, w.Bob, w.Mallory}})
	w.Names(w.Want(w.Host("POST", "/v1/groups/"+string(g)+"/members", three), 422), "body.accounts")
}

func TestNewIDs(t *testing.T) {
	w := resttest.New(t)
	for _, id := range []string{"a b", "-a", "ä", "7", "task", strings.Repeat("a", 65)} {
		for path, body := range map[string]map[string]any{
			"/v1/accounts":      {"id": id, "name": "x"},
			"/v1/organizations": {"id": id, "name": "x"},
			"/v1/groups":        {"id": id, "name": "x", "creator": w.Alice},
		} {
			w.Names(w.Want(w.Host("POST", path, resttest.ToJSON(body)), 422), "body.id")
		}
	}
	body := resttest.ToJSON(map[string]any{"id": "team.night@demo", "name": "Night shift", "creator": w.Alice})
	if made := w.Want(w.Host("POST", "/v1/groups", body), 201); made["id"] != "team.night@demo" {
		t.Errorf("group %v, want the id that was asked for", made["id"])
	}
	w.Refused(w.Host("POST", "/v1/groups", body), 409, "already exists")
}
