package chat

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// The server and the web client had different words for the same report, so the language
// of the server was not the only difference between clients.
func TestReportsAreWordedAsInTheWebClient(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		file, err := os.ReadFile("../../web/src/i18n/" + lang + "/message.json")
		if err != nil {
			t.Fatal(err)
		}
		var texts struct {
			Report map[string]json.RawMessage `json:"report"`
		}
		if err := json.Unmarshal(file, &texts); err != nil {
			t.Fatal(err)
		}
		x := systemText{chinese: lang == "zh"}
		server := map[string]string{
			"created": x.created("BY"), "createdWith": x.createdWith("BY", "USERS"), "added": x.added("BY", "USERS"),
			"removed": x.removed("BY", "USERS"), "left": x.left("BY"), "renamed": x.renamed("BY", "NAME"),
			"picture": x.pictured("BY"), "announced": x.announced("BY", "TEXT"), "unannounced": x.announced("BY", ""),
			"converted": x.converted("BY"), "inviteAll": x.invite("BY", true), "inviteAdmins": x.invite("BY", false),
			"admin": x.admin("BY", "USERS", true), "noAdmin": x.admin("BY", "USERS", false), "successor": x.succeeds("BY"),
			"banned": x.ban("BY", true), "permitted": x.ban("BY", false), "dissolved": x.dissolved("BY"),
			"pinned": x.pinned("BY"),
		}
		values := strings.NewReplacer("{{by}}", "BY", "{{users}}", "USERS", "{{name}}", "NAME", "{{text}}", "TEXT")
		for key, raw := range texts.Report {
			var web struct{ Other string }
			if raw[0] != '{' {
				continue // a part of others: "you", the comma
			}
			if err := json.Unmarshal(raw, &web); err != nil {
				t.Fatal(err)
			}
			if got, want := server[key], values.Replace(web.Other); got != want {
				t.Errorf("%s, %s: got %q, the web client has %q", lang, key, got, want)
			}
			delete(server, key)
		}
		for key := range server {
			t.Errorf("%s: the web client has no text for %s", lang, key)
		}
	}
}
