package admin_test

import (
	"maps"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/rest/resttest"
)

// shownSetting returns a setting of the answer.
func shownSetting(t *testing.T, answer map[string]any, name string) map[string]any {
	t.Helper()
	for _, item := range answer["items"].([]any) {
		if one := item.(map[string]any); one["name"] == name {
			return one
		}
	}
	t.Fatalf("there is no setting %s", name)
	return nil
}

func values(pairs ...string) (all []any) {
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, map[string]any{"name": pairs[i], "value": pairs[i+1]})
	}
	return all
}

func TestSettings(t *testing.T) {
	w := resttest.New(t)
	owner := signedIn(w, w.Contact("Owner Demo"), chat.OrganizationOwner)
	const path = "/api/admin/settings"
	first := call(w, owner, "GET", path, nil)
	if one := shownSetting(t, first, "chat.max-top"); one["value"] != "10" || one["source"] != "default" || one["live"] != true || one["fixed"] != false || one["type"] != "number" {
		t.Errorf("got %v", one)
	}
	if one := shownSetting(t, first, "mail.password"); one["secret"] != true || one["value"] != "" || one["live"] != false {
		t.Errorf("got %v", one)
	}
	second := call(w, owner, "PATCH", path, map[string]any{"version": first["version"], "values": values("chat.max-top", "2", "auth.min-password", "12")})
	if one := shownSetting(t, second, "chat.max-top"); one["value"] != "2" || one["source"] != "database" {
		t.Errorf("got %v", one)
	}
	if got := w.Service.Settings(); got.MaxTop != 2 || got.MinPassword != 12 {
		t.Errorf("in force: %+v", got)
	}

	conflict := resttest.ToJSON(map[string]any{"version": first["version"], "values": values("chat.max-top", "3")})
	w.Refused(w.API(owner, "PATCH", path, conflict), 409, "the settings were changed meanwhile")
	wrong := resttest.ToJSON(map[string]any{"version": second["version"], "values": values("language", "zh", "chat.max-top", "0", "upload.max-file", "big")})
	w.Names(w.Want(w.API(owner, "PATCH", path, wrong), 422), "body.values[1].value")
	w.Names(w.Want(w.API(owner, "PATCH", path, wrong), 422), "body.values[2].value")
	if got := w.Service.Settings(); got.Language != "en" || got.MaxTop != 2 {
		t.Errorf("a part of a refused change is in force: %+v", got)
	}
	twice := resttest.ToJSON(map[string]any{"version": second["version"], "values": values("chat.max-top", "4"), "reset": []any{"chat.max-top"}})
	w.Names(w.Refused(w.API(owner, "PATCH", path, twice), 400, "chat.max-top is named more than once"), "body.reset[0]")
	name := resttest.ToJSON(map[string]any{"version": second["version"], "values": values("name", "New\nWorks")})
	w.Names(w.Want(w.API(owner, "PATCH", path, name), 422), "body.values[0].value")
	// A host system with the scope does the same.
	third := w.Want(w.Do("PATCH", path, strings.NewReader(resttest.ToJSON(map[string]any{"version": second["version"], "reset": []any{"chat.max-top"}})), w.AsHost), 200)
	if one := shownSetting(t, third, "chat.max-top"); one["source"] != "default" || w.Service.Settings().MaxTop != 10 {
		t.Errorf("got %v", one)
	}
}

// Clients say the reasons in their own languages, so each has a code with its parameters.
func TestReasonsOfSettings(t *testing.T) {
	w := resttest.New(t)
	owner, admin := role(w, w.Contact("Owner Demo"), chat.OrganizationOwner), role(w, w.Alice, chat.OrganizationAdministrator)
	const path = "/api/admin/settings"
	version := call(w, owner, "GET", path, nil)["version"]
	for _, c := range []struct {
		who, name, value string
		code             chat.ReasonCode
		params           map[string]any
	}{
		{owner, "no.such", "1", chat.ReasonUnknown, nil},
		{owner, "listen", ":80", chat.ReasonNotLive, nil},
		{admin, "auth.passwords", "true", chat.ReasonOwnersOnly, nil},
		{owner, "upload.max-file", "big", chat.ReasonForm, nil},
		{owner, "chat.max-text", "many", chat.ReasonForm, nil},
		{owner, "rate.send", "x", chat.ReasonForm, nil},
		{owner, "token.ttl", "soon", chat.ReasonForm, nil},
		{owner, "auth.passwords", "perhaps", chat.ReasonForm, nil},
		{owner, "language", "fr", chat.ReasonForm, nil},
		{owner, "chat.max-top", "0", chat.ReasonTooSmall, map[string]any{"least": "1"}},
		{owner, "auth.min-password", "129", chat.ReasonTooLarge, map[string]any{"most": "128"}},
		{owner, "token.ttl", "1s", chat.ReasonTooSmall, map[string]any{"least": "1h", "zero": "true"}},
		{owner, "time-zone", "Europe/Nowhere", chat.ReasonZone, nil},
		{owner, "auth.hidden", "fax", chat.ReasonWay, map[string]any{"way": "fax"}},
		{owner, "name", " ", chat.ReasonRequired, nil},
		{owner, "name", "New\nWorks", chat.ReasonCharacters, nil},
		{owner, "name", strings.Repeat("x", 201), chat.ReasonTooLong, map[string]any{"most": "200"}},
	} {
		answer := w.API(c.who, "PATCH", path, resttest.ToJSON(map[string]any{"version": version, "values": values(c.name, c.value)}))
		got := w.Want(answer, 422)["errors"].([]any)[0].(map[string]any)
		params, _ := got["params"].(map[string]any)
		if got["code"] != string(c.code) || !maps.Equal(params, c.params) {
			t.Errorf("%s: %q: got %v, want %s %v", c.name, c.value, got, c.code, c.params)
		}
	}
	twice := w.API(owner, "PATCH", path, resttest.ToJSON(map[string]any{"version": version, "values": values("chat.max-top", "4", "chat.max-top", "5")}))
	if got := w.Want(twice, 400)["errors"].([]any)[0].(map[string]any); got["code"] != string(chat.ReasonRepeated) {
		t.Errorf("named twice: got %v", got)
	}
}

// A rate of the configuration that lets no request through does not keep anybody from the settings. They have a rate of their own.
func TestSettingsHaveTheirOwnRate(t *testing.T) {
	w := resttest.New(t, func(o *rest.Options) { o.HistoryRate, o.HistoryBurst = 1e-9, 1 })
	owner := role(w, w.Contact("Owner Demo"), chat.OrganizationOwner)
	call(w, owner, "GET", "/api/admin", nil)
	w.Refused(w.API(owner, "GET", "/api/admin", ""), 429, "too many requests")
	version := call(w, owner, "GET", "/api/admin/settings", nil)["version"]
	call(w, owner, "PATCH", "/api/admin/settings", map[string]any{"version": version, "values": values("rate.history", "0")})
	status := 200
	for n := 0; n < 100_000 && status == 200; n++ {
		status = w.API(owner, "GET", "/api/admin/settings", "").Status
	}
	if status != 429 {
		t.Errorf("very many requests: got %d, want 429", status)
	}
}

// A hidden way to sign in is not offered, and a hidden provider signs nobody in.
func TestHiddenWays(t *testing.T) {
	w := resttest.New(t)
	owner := signedIn(w, w.Contact("Owner Demo"), chat.OrganizationOwner)
	if _, err := w.Service.ChangeSettings(t.Context(), chat.Actor{}, "", []chat.SettingChange{{Name: "auth.hidden", Value: "main"}}); err == nil {
		t.Error("a provider that is not there was hidden")
	}
	version := call(w, owner, "GET", "/api/admin/settings", nil)["version"]
	call(w, owner, "PATCH", "/api/admin/settings", map[string]any{"version": version, "values": values("auth.hidden", "mail")})
	w.Refused(w.API("", "POST", "/api/sign-in/link", `{"email":"x@example.test"}`), 404, "not found")
}
