package resttest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"parley/internal/chat"
	"parley/internal/rest/webhook"
)

// Operation is one operation of the served document.
type Operation struct {
	ID, Method, Path string
	History          bool
	Client, Open     bool // of the client API; without a token
	Admin            bool // of the administration API
	Hook             bool // of incoming webhooks
	Parameters       []struct {
		Name, In string
		Required bool
		Schema   Schema
	}
	Body *Schema
	Bare bool // the body may be missing

	Security []map[string][]string
}

// Schema is what the tests read of a schema.
type Schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Enum       []any
	MaxLength  *int
	Required   []string
	Properties map[string]Schema
	Items      *Schema
}

// Document reads every registered operation from the document that is served,
// so that no operation can be added and left out of the walk.
func (w *World) Document() (ops []Operation, schemas map[string]Schema) {
	w.T.Helper()
	a := w.Do("GET", "/openapi.json", nil)
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Tags        []string
			Security    []map[string][]string
			Parameters  []struct {
				Name, In string
				Required bool
				Schema   Schema
			}
			RequestBody struct {
				Required bool
				Content  map[string]struct{ Schema Schema }
			}
		}
		Components struct{ Schemas map[string]Schema }
	}
	w.OK(json.Unmarshal(a.Body, &doc))
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			o := doc.Paths[path][method]
			op := Operation{
				ID: o.OperationID, Method: strings.ToUpper(method), Path: path,
				History: slices.Contains(o.Tags, "history"), Parameters: o.Parameters, Security: o.Security,
				Client: slices.Contains(o.Tags, "client"), Open: len(o.Security) == 0,
				Admin: slices.Contains(o.Tags, "admin"), Hook: slices.Contains(o.Tags, webhook.Tag),
			}
			if content, ok := o.RequestBody.Content["application/json"]; ok {
				body := doc.Components.Schemas[strings.TrimPrefix(content.Schema.Ref, "#/components/schemas/")]
				op.Body, op.Bare = &body, !o.RequestBody.Required
			}
			ops = append(ops, op)
		}
	}
	if len(ops) < 40 {
		w.T.Fatalf("document has %d operations, want all", len(ops))
	}
	return ops, doc.Components.Schemas
}

// Fill puts real ids into the path.
func (w *World) Fill(path string, g chat.GroupID, session string) string {
	return strings.NewReplacer(
		"{organization}", string(w.Org), "{account}", string(w.Alice), "{friend}", string(w.Bob),
		"{group}", string(g), "{session}", session, "{application}", string(w.App.ID),
		"{person}", string(w.Bob), "{provider}", "main", "{request}", "none", "{invitation}", "none", "{category}", "task", "{webhook}", "none", "{key}", "none",
	).Replace(path)
}

// Bodies are valid ones, to be spoiled field by field. An operation with a body
// that is not here fails the walk.
func (w *World) Bodies(g chat.GroupID) map[string]map[string]any {
	return map[string]map[string]any{
		"create-application": {
			"name": "x", "kind": "server", "url": "x", "key": "x", "sendAck": "error-first", "mutedPushes": []any{"new history"},
			"scopes": []any{"read"}, "organization": w.Org,
		},
		"rotate-secret":            {"overlapSeconds": 60},
		"rotate-signing-key":       {"overlapSeconds": 60},
		"update-application":       {"name": "x", "kind": "web", "url": "x", "sendAck": "error-first", "mutedPushes": []any{"new history"}, "scopes": []any{"read"}},
		"create-organization":      {"id": "0198c0de-0000-7000-8000-0000000000aa", "name": "x"},
		"update-organization":      {"name": "x", "hidesReading": true, "hidesActivity": true},
		"add-organization-members": {"accounts": []any{w.Alice}},
		"create-account":           {"language": "en", "timeZone": "UTC", "id": "0198c0de-0000-7000-8000-0000000000ab", "name": "x", "avatar": "/x", "email": "x@example.test"},
		"update-account":           {"language": "zh", "timeZone": "Europe/Berlin", "name": "x", "avatar": "/x", "email": "x@example.test", "active": true},
		"add-friend":               {"account": w.Bob},
		"sign-in-with-code":        {"code": "x", "device": "x"},
		"sign-in-with-password":    {"email": "x", "password": "x", "device": "x"},
		"sign-in-with-two-factor":  {"ticket": "x", "code": "123456", "device": "x"},

		"begin-two-factor-at-sign-in":   {"ticket": "x"},
		"confirm-two-factor-at-sign-in": {"ticket": "x", "code": "123456", "device": "x"},

		"begin-two-factor":    {"password": "x", "code": "123456"},
		"confirm-two-factor":  {"code": "123456"},
		"turn-off-two-factor": {"password": "x", "code": "123456"},
		"make-recovery-codes": {"password": "x", "code": "123456"},

		"check-set-up": {"secret": "x"},
		"set-up": {
			"secret": "x", "organization": "x", "name": "x", "email": "x@example.test", "password": "correct horse battery",
			"language": "en", "timeZone": "Europe/Berlin", "device": "x",
		},
		"mail-sign-in-link":     {"email": "x@example.test"},
		"request-email-change":  {"email": "x@example.test", "current": "x"},
		"check-email-change":    {"secret": "x"},
		"confirm-email-change":  {"secret": "x"},
		"open-invitation":       {"secret": "x"},
		"join-by-invitation":    {"secret": "x"},
		"begin-invited-sign-in": {"secret": "x"},
		"accept-invitation":     {"language": "en", "timeZone": "UTC", "secret": "x", "name": "x", "email": "x@example.test", "password": "correct horse battery", "device": "x"},
		"create-invitation": {
			"role": "member", "groups": []any{g}, "email": "x@example.test", "domain": "example.test", "maxUses": 1, "ttlSeconds": 60,
		},
		"create-host-invitation": {
			"role": "member", "groups": []any{g}, "email": "x@example.test", "domain": "example.test", "maxUses": 1, "ttlSeconds": 60,
		},
		"change-password":     {"current": "x", "password": "x"},
		"create-sign-in-code": {"ttlSeconds": 60},
		"set-password":        {"password": "correct horse battery"},
		"issue-token":         {"app": w.App.ID, "label": "x", "ttl": 60},
		"create-group":        {"name": "x", "avatar": "/x", "kind": "group", "creator": w.Alice, "members": []any{w.Bob}, "id": "0198c0de-0000-7000-8000-0000000000ac"},
		"update-group":        {"name": "x", "avatar": "/x", "announcement": "x", "kind": "group", "membersInvite": true},
		"add-members":         {"accounts": []any{w.Bob}},
		"update-member":       {"push": true},
		"send-message": {
			"from": w.Alice, "toAccount": w.Bob, "toGroup": g, "type": 1, "text": "x", "refer": "1", "waitingId": "x",
			"file": map[string]any{"url": "x"}, "card": map[string]any{"title": "x", "url": "x"}, "location": map[string]any{"lng": 1, "lat": 1},
		},
		"admin-create-person":              {"language": "en", "timeZone": "UTC", "name": "x", "email": "x@example.test", "title": "x", "department": "x", "phone": "x", "role": "member"},
		"admin-update-person":              {"language": "zh", "timeZone": "UTC", "name": "x", "email": "x@example.test", "title": "x", "department": "x", "phone": "x", "active": true, "role": "member"},
		"admin-set-organization-retention": {"days": 30},
		"admin-set-group-retention":        {"days": 30},
		"admin-update-organization":        {"hidesReading": true, "hidesActivity": true},
		"admin-set-password":               {"password": "correct horse battery"},
		"admin-create-sign-in-link":        {"ttlSeconds": 60},
		"admin-hand-over-groups":           {"to": w.Bob},
		"admin-erase-person":               {"name": "Alice Demo"},
		"admin-import-people":              {"csv": "name,email\nx,y@example.test\n", "apply": true},
		"admin-change-settings":            {"version": w.SettingsVersion(), "values": []any{map[string]any{"name": "chat.max-top", "value": "11"}}, "reset": []any{"chat.max-text"}},
		"admin-set-group-owner":            {"account": w.Bob},
		"admin-add-group-members":          {"accounts": []any{w.Bob}},
		"admin-create-application": {
			"name": "x", "kind": "server", "url": "/x", "key": "x", "sendAck": "error-first", "mutedPushes": []any{"new history"}, "scopes": []any{"read"},
			"organization": w.Org,
		},
		"admin-update-application": {"name": "x", "kind": "web", "url": "/x", "sendAck": "error-first", "mutedPushes": []any{"new history"}, "scopes": []any{"read"}},
		"admin-rotate-secret":      {"overlapSeconds": 60},
		"admin-rotate-signing-key": {"overlapSeconds": 60},

		"get-file-links":      {"messages": []any{"1"}},
		"update-me":           {"name": "x", "avatarKey": "", "language": "zh", "timeZone": "Europe/Berlin", "hidesReading": true, "hidesActivity": true},
		"request-friend":      {"to": w.Bob, "email": "x@example.test", "message": "x"},
		"create-own-group":    {"name": "x", "members": []any{w.Bob}, "isPost": true},
		"update-own-group":    {"name": "x", "avatarKey": "", "announcement": "x", "membersInvite": true, "banned": true, "isPost": true, "isPush": true},
		"create-webhook":      {"name": "x", "avatarKey": ""},
		"update-webhook":      {"name": "x", "avatarKey": "", "signed": true},
		"bring-in-members":    {"members": []any{w.Bob}},
		"send-system-message": {"text": "x"},
		"notify": {
			"category": "task", "type": "x", "text": "x", "name": "x", "url": "x", "entityId": "x", "weak": true,
			"accounts": []any{w.Alice}, "organization": w.Org,
		},
	}
}
