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
	environment := map[bool][]string{true: shared[true].examples("group-"), false: shared[false].examples("")}
	for _, example := range shown {
		id, code := example[1], html.UnescapeString(example[2])
		t.Run(id, func(t *testing.T) {
			variables := environment[ofGroup(id)]
			if strings.Contains(code, " -X DELETE ") || slices.Contains([]string{
				"leave-group", "leave-own-group", "sign-out", "ban-speaking", "rotate-secret", "decline-friend-request",
				"set-password", "change-password", "sign-in-with-password", "sign-in-with-code",
			}, id) {
				variables = newWorld(t).examples(id)
			}
			// Nobody can know a code before it is made.
			for _, v := range variables {
				if made, ok := strings.CutPrefix(v, "CODE="); ok {
					code = strings.ReplaceAll(code, "K7QF-29XM-4TRA-B0SW", made)
				}
			}
			cmd := exec.CommandContext(t.Context(), "bash", "-euc", `curl() { command curl -sS -w '\n%{http_code}' "$@"; }
`+code)
			cmd.Env = append(os.Environ(), variables...)
			out, err := cmd.CombinedOutput()
			lines := strings.Split(string(out), "\n")
			if status := lines[len(lines)-1]; err != nil || !strings.HasPrefix(status, "2") && (status != "302" || !strings.Contains(code, "/oidc/")) {
				t.Errorf("%s\nanswers %s %v", code, out, err)
			}
		})
	}
}

// examples makes what the operation's example names by ids, and returns the
// variables of the shell for the rest.
func (w *world) examples(operation string) []string {
	w.t.Helper()
	const one, two = "0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000002"
	ctx := w.t.Context()
	mail := map[chat.AccountID]string{one: "alice@example.test"}
	for id, name := range map[chat.AccountID]string{one: "Example One", two: "Example Two"} {
		_, err := w.svc.CreateAccount(ctx, chat.Account{ID: id, Name: name, Email: mail[id]})
		w.ok(err)
	}
	_, err := w.svc.CreateAccount(ctx, chat.Account{Name: "Example Bob", Email: "bob@example.test"})
	w.ok(err)
	w.ok(w.svc.AddToOrganization(ctx, w.org, []chat.AccountID{one, two}))
	w.ok(w.svc.Befriend(ctx, one, two))
	creator := w.alice
	if operation == "dissolve-own-group" || operation == "dismiss-admin" {
		creator = one // who alone may
	}
	made, err := w.svc.CreateGroup(ctx, chat.Actor{}, chat.NewGroup{Name: "Demo group", Creator: creator, Members: []chat.AccountID{one, two}})
	w.ok(err)
	group := made.ID
	w.ok(w.svc.SetGroupAdmin(ctx, chat.Actor{}, group, one, true))
	message := w.say(one, w.alice, "Hello")
	if strings.HasPrefix(operation, "group-") {
		message = w.sayIn(group, one, "Hello")
	}
	asks, asked := w.mallory, chat.AccountID(one)
	if operation == "take-back-friend-request" {
		asks, asked = asked, asks
	}
	request, err := w.svc.RequestFriend(ctx, chat.Actor{Account: asks}, chat.NewFriendRequest{To: asked})
	w.ok(err)
	token, issued, err := w.svc.IssueToken(ctx, chat.NewToken{Account: one})
	w.ok(err)
	code, _, err := w.svc.CreateSignInCode(ctx, chat.NewSignInCode{Account: one})
	w.ok(err)
	if operation == "change-password" { // for which a token of the host system proves nothing
		own, _, err := w.svc.CreateSignInCode(ctx, chat.NewSignInCode{Account: one})
		w.ok(err)
		in, err := w.svc.SignInWithCode(ctx, own, chat.Device{App: w.app.ID})
		w.ok(err)
		token = in.Token
	}
	if operation == "sign-in-with-password" {
		w.ok(w.svc.SetPassword(ctx, one, "correct horse battery"))
	}
	application := w.app.Key
	if operation == "rotate-secret" {
		application = w.system.Key
	}
	return []string{
		"CODE=" + code, "PROVIDER=main", "PARLEY=" + w.url, "APP_KEY=" + w.system.Key, "APP_SECRET=" + w.system.Secret, "TOKEN=" + token,
		"APPLICATION=" + application, "APP=" + w.app.Key, "ORGANIZATION=" + string(w.org), "ACCOUNT=" + one, "FRIEND=" + two, "GROUP=" + string(group),
		"TYPE=1", "CHAT=" + two, "SESSION=" + string(issued.Session), "MESSAGE=" + messageID(message),
		"QUERY=report", "PERSON=" + two, "REQUEST=" + string(request.ID), "CATEGORY=task",
	}
}
