package rest_test

import (
	"html"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

// The page shows how each operation is called. What it shows is run here, in a
// world that has what the examples name, and must succeed. What takes
// something away has a world of its own.
func TestExamplesOfTheDocsWork(t *testing.T) {
	page := string(resttest.New(t).Do("GET", "/docs", nil).Body)
	ops, _ := resttest.New(t).Document()
	shown := regexp.MustCompile(`(?s)<h3 id="([a-z-]+)">.*?<pre>(curl .*?)</pre>`).FindAllStringSubmatch(page, -1)
	if len(shown) != len(ops) {
		t.Fatalf("the page has %d examples, want one of each of %d operations", len(shown), len(ops))
	}
	ofGroup := func(id string) bool { return strings.HasPrefix(id, "group-") }
	shared := map[bool]*resttest.World{true: resttest.New(t), false: resttest.New(t)}
	environment := map[bool][]string{true: examples(shared[true], "group-"), false: examples(shared[false], "")}
	for _, example := range shown {
		id, code := example[1], html.UnescapeString(example[2])
		t.Run(id, func(t *testing.T) {
			variables := environment[ofGroup(id)]
			if strings.Contains(code, " -X DELETE ") || strings.HasPrefix(id, "admin-") || slices.Contains([]string{
				"leave-group", "leave-own-group", "sign-out", "ban-speaking", "rotate-secret", "decline-friend-request",
				"set-password", "change-password", "sign-in-with-password", "sign-in-with-code",
				"sign-in-with-two-factor", "begin-two-factor", "confirm-two-factor", "turn-off-two-factor", "make-recovery-codes",
				"begin-two-factor-at-sign-in", "confirm-two-factor-at-sign-in",
				"create-invitation", "open-invitation", "accept-invitation", "join-by-invitation", "list-invitations", "begin-invited-sign-in",
				"request-email-change", "check-email-change", "confirm-email-change",
				"rotate-webhook", "rotate-subscription-secret", "update-subscription", "test-subscription", "replay-dead-letter", "replay-dead-letters",
			}, id) {
				variables = examples(resttest.New(t), id)
			}
			// Nobody can know a code before it is made.
			for _, v := range variables {
				if made, ok := strings.CutPrefix(v, "CODE="); ok {
					code = strings.ReplaceAll(code, "K7QF-29XM-4TRA-B0SW", made)
				}
				if made, ok := strings.CutPrefix(v, "TICKET="); ok {
					code = strings.ReplaceAll(code, "YbXKnOWoT4q0nGl5vZ8dJ1sCmR2uF7hAe3iPjLkMxQs", made)
				}
				if made, ok := strings.CutPrefix(v, "APP_CODE="); ok {
					code = strings.ReplaceAll(code, "123456", made)
				}
				if made, ok := strings.CutPrefix(v, "SECRET="); ok && made != "" {
					code = strings.ReplaceAll(code, "YbXKnOWoT4q0nGl5vZ8dJ1sCmR2uF7hAe3iPjLkMxQs", made)
				}
			}
			cmd := exec.CommandContext(t.Context(), "bash", "-euc", `curl() { command curl -sS -w '\n%{http_code}' "$@"; }
`+code)
			cmd.Env = append(os.Environ(), variables...)
			out, err := cmd.CombinedOutput()
			lines := strings.Split(string(out), "\n")
			status := lines[len(lines)-1]
			if strings.HasSuffix(id, "set-up") && status == "404" {
				return // the server has people
			}
			if id == "begin-invited-sign-in" && status == "503" {
				return // the invitation is valid, and there is no provider
			}
			if err != nil || !strings.HasPrefix(status, "2") && (status != "302" || !strings.Contains(code, "/oidc/")) {
				t.Errorf("%s\nanswers %s %v", code, out, err)
			}
		})
	}
}

// examples makes what the operation's example names by ids, and returns the
// variables of the shell for the rest.
func examples(w *resttest.World, operation string) []string {
	w.T.Helper()
	const one, two = "0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000002"
	ctx := w.T.Context()
	mail := map[chat.AccountID]string{one: "alice@example.test"}
	for id, name := range map[chat.AccountID]string{one: "Example One", two: "Example Two"} {
		_, err := w.Service.CreateAccount(ctx, chat.Account{ID: id, Name: name, Email: mail[id]})
		w.OK(err)
	}
	_, err := w.Service.CreateAccount(ctx, chat.Account{Name: "Example Bob", Email: "bob@example.test"})
	w.OK(err)
	w.OK(w.Service.AddToOrganization(ctx, w.Org, []chat.AccountID{one, two}))
	w.OK(w.Service.Befriend(ctx, one, two))
	creator := w.Alice
	if operation == "dissolve-own-group" || operation == "dismiss-admin" {
		creator = one // who alone may
	}
	made, err := w.Service.CreateGroup(ctx, chat.Actor{}, chat.NewGroup{Name: "Demo group", Creator: creator, Members: []chat.AccountID{one, two}})
	w.OK(err)
	group := made.ID
	w.OK(w.Service.SetGroupAdmin(ctx, chat.Actor{}, group, one, true))
	hook, err := w.Service.CreateWebhook(ctx, chat.Actor{Account: one}, group, "Demo alerts", "")
	w.OK(err)
	message := w.Say(one, w.Alice, "Hello")
	if strings.HasPrefix(operation, "group-") {
		message = w.SayIn(group, one, "Hello")
	}
	asks, asked := w.Mallory, chat.AccountID(one)
	if operation == "take-back-friend-request" {
		asks, asked = asked, asks
	}
	request, err := w.Service.RequestFriend(ctx, chat.Actor{Account: asks}, chat.NewFriendRequest{To: asked})
	w.OK(err)
	if strings.HasSuffix(operation, "-email-change") || operation == "sign-in-with-password" {
		w.OK(w.Service.SetPassword(ctx, one, "correct horse battery"))
	}
	token, issued, err := w.Service.IssueToken(ctx, chat.NewToken{Account: one})
	w.OK(err)
	code, _, err := w.Service.CreateSignInCode(ctx, chat.NewSignInCode{Account: one})
	w.OK(err)
	if operation == "change-password" { // for which a token of the host system proves nothing
		own, _, err := w.Service.CreateSignInCode(ctx, chat.NewSignInCode{Account: one})
		w.OK(err)
		in, err := w.Service.SignInWithCode(ctx, own, chat.Device{App: w.App.ID})
		w.OK(err)
		token = in.Token
	}
	var second []string
	if strings.Contains(operation, "two-factor") && !strings.HasPrefix(operation, "admin-") || operation == "make-recovery-codes" {
		second = secondFactor(w, one, operation)
	}
	secret := ""
	if strings.HasSuffix(operation, "-email-change") {
		who, err := w.Service.AuthenticateClient(ctx, token, w.App.Key)
		w.OK(err)
		w.OK(w.Service.RequestEmailChange(ctx, who, "anna@example.test", "correct horse battery", func(s string) string {
			secret = s
			return ""
		}))
	}
	organization := w.Org
	if operation == "delete-organization" { // the main organization cannot be deleted
		other, err := w.Service.CreateOrganization(ctx, chat.Organization{Name: "Example Works"})
		w.OK(err)
		organization = other.ID
	}
	var invitation chat.IssuedInvitation
	if strings.Contains(operation, "invit") {
		w.OK(w.Service.SetOrganizationRole(ctx, chat.Actor{}, w.Org, one, chat.OrganizationOwner))
		invitation, err = w.Service.CreateInvitation(ctx, chat.Actor{Account: one}, chat.NewInvitation{})
		w.OK(err)
		secret = invitation.Secret
	}
	application := w.App.Key
	subscription, event := w.Subscribed()
	if operation == "admin-create-subscription" { // its example names an application of this id
		_, err := w.Service.CreateApplication(ctx, "", chat.Application{ID: "0198c0de-0000-7000-8000-0000000000a3", Name: "Archive", Kind: chat.AppServer, Scopes: []chat.Scope{chat.ScopeRead}})
		w.OK(err)
	}
	w.OK(w.Service.SetOrganizationRole(ctx, chat.Actor{}, w.Org, w.Bob, chat.OrganizationOwner))
	if operation == "rotate-secret" || operation == "admin-rotate-secret" {
		application = w.System.Key
	}
	return append([]string{
		"CODE=" + code, "PROVIDER=main", "PARLEY=" + w.URL, "APP_KEY=" + w.System.Key, "APP_SECRET=" + w.System.Secret, "TOKEN=" + token, "ADMIN_TOKEN=" + w.SignedIn(w.Bob),
		"APPLICATION=" + application, "APP=" + w.App.Key, "ORGANIZATION=" + string(organization), "ACCOUNT=" + one, "FRIEND=" + two, "GROUP=" + string(group),
		"TYPE=1", "CHAT=" + two, "SESSION=" + string(issued.Session), "MESSAGE=" + resttest.MessageID(message),
		"SECRET=" + secret, "INVITATION=" + string(invitation.ID),
		"SUBSCRIPTION=" + string(subscription), "EVENT=" + strconv.FormatInt(int64(event), 10),
		"WEBHOOK=" + string(hook.ID), "KEY=" + hook.Token,
		"QUERY=report", "PERSON=" + two, "REQUEST=" + string(request.ID), "CATEGORY=task",
	}, second...)
}

// secondFactor prepares the account for an operation of two-factor, and returns the ticket of a
// sign-in or the token of a session, and a code.
func secondFactor(w *resttest.World, id chat.AccountID, operation string) []string {
	w.T.Helper()
	ctx, browser := w.T.Context(), chat.Device{App: w.App.ID}
	const password = "correct horse battery"
	w.OK(w.Service.SetPassword(ctx, id, password))
	signIn := func() chat.SignedIn {
		in, err := w.Service.SignInWithPassword(ctx, "alice@example.test", password, browser)
		w.OK(err)
		return in
	}
	if strings.HasSuffix(operation, "-at-sign-in") {
		w.Service.ApplyEvents([]chat.Event{chat.SettingsChanged{Settings: []chat.Setting{{Name: chat.SettingTwoFactor, Value: "all"}}}})
		in := signIn()
		made, err := w.Service.BeginTwoFactorWith(ctx, in.Needs.Ticket)
		w.OK(err)
		return []string{"TICKET=" + in.Needs.Ticket, "APP_CODE=" + w.AppCode(made.Secret, 0)}
	}
	token := signIn().Token
	who, err := w.Service.AuthenticateClient(ctx, token, "")
	w.OK(err)
	variables := []string{"TOKEN=" + token}
	if operation == "begin-two-factor" {
		return variables
	}
	made, err := w.Service.BeginTwoFactor(ctx, who, chat.Proof{})
	w.OK(err)
	code := w.AppCode(made.Secret, 0)
	if operation != "confirm-two-factor" {
		_, err = w.Service.ConfirmTwoFactor(ctx, who, code)
		w.OK(err)
		code = w.AppCode(made.Secret, 1)
	}
	if operation == "sign-in-with-two-factor" {
		variables = append(variables, "TICKET="+signIn().Needs.Ticket)
	}
	return append(variables, "APP_CODE="+code)
}
