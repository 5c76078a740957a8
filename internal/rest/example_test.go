package rest_test

import (
	"html"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/internal/chat"
)

// The page shows how each operation is called. What it shows is run here, in a
// world that has what the examples name, and must succeed. What takes
// something away has a world of its own.
func TestExamplesOfTheDocsWork(t *testing.T) {
	page := string(newWorld(t).do("GET", "/docs", nil).body)
	ops, _ := newWorld(t).document()
	shown := regexp.MustCompile(`(?s)<h3 id="([a-z-]+)">.*?<pre>(curl .*?)</pre>`).FindAllStringSubmatch(page, -1)
	if len(shown) != len(ops) {
		t.Fatalf("the page has %d examples, want one of each of %d operations", len(shown), len(ops))
	}
	ofGroup := func(id string) bool { return strings.HasPrefix(id, "group-") }
	shared := map[bool]*world{true: newWorld(t), false: newWorld(t)}
	environment := map[bool][]string{true: shared[true].examples(true), false: shared[false].examples(false)}
	for _, example := range shown {
		id, code := example[1], html.UnescapeString(example[2])
		t.Run(id, func(t *testing.T) {
			variables := environment[ofGroup(id)]
			if strings.Contains(code, " -X DELETE ") || slices.Contains([]string{"leave-group", "ban-speaking", "rotate-secret"}, id) {
				variables = newWorld(t).examples(ofGroup(id))
			}
			cmd := exec.CommandContext(t.Context(), "bash", "-euc", `curl() { command curl -sS -w '\n%{http_code}' "$@"; }
`+code)
			cmd.Env = append(os.Environ(), variables...)
			out, err := cmd.CombinedOutput()
			lines := strings.Split(string(out), "\n")
			if status := lines[len(lines)-1]; err != nil || !strings.HasPrefix(status, "2") {
				t.Errorf("%s\nanswers %s %v", code, out, err)
			}
		})
	}
}

// examples makes what the examples name by ids, and returns the variables of the
// shell for the rest.
func (w *world) examples(ofGroup bool) []string {
	w.t.Helper()
	const one, two = "0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000002"
	ctx := w.t.Context()
	for id, name := range map[chat.AccountID]string{one: "Example One", two: "Example Two"} {
		_, err := w.svc.CreateAccount(ctx, chat.Account{ID: id, Name: name})
		w.ok(err)
	}
	w.ok(w.svc.AddToOrganization(ctx, w.org, []chat.AccountID{one, two}))
	w.ok(w.svc.Befriend(ctx, one, two))
	group := w.group()
	_, err := w.svc.AddGroupMembers(ctx, chat.Actor{}, group, []chat.AccountID{one})
	w.ok(err)
	w.ok(w.svc.SetGroupAdmin(ctx, chat.Actor{}, group, one, true))
	message := w.say(one, w.alice, "Hello")
	if ofGroup {
		message = w.sayIn(group, one, "Hello")
	}
	token, issued, err := w.svc.IssueToken(ctx, chat.NewToken{Account: one})
	w.ok(err)
	return []string{
		"PARLEY=" + w.url, "APP_KEY=" + w.app.Key, "APP_SECRET=" + w.app.Secret, "TOKEN=" + token,
		"APPLICATION=" + w.app.Key, "ORGANIZATION=" + string(w.org), "ACCOUNT=" + one, "FRIEND=" + two, "GROUP=" + string(group),
		"SESSION=" + string(issued.Session), "MESSAGE=" + messageID(message),
	}
}
