package servertest_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"image"
	_ "image/png" // of pictures
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/server"
	"parley/internal/server/servertest"
	"parley/test/exports"
	"parley/test/modes"
	"parley/test/postgres"
)

func quiet(string, int64, int64) {}

// onBoth runs a test on a database of each kind. create makes a further empty one.
func onBoth(t *testing.T, test func(t *testing.T, create func() config.Config)) {
	t.Run("SQLite", func(t *testing.T) {
		test(t, func() config.Config { return servertest.Config(t) })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		place := postgres.Start(t, "fsync=off")
		test(t, func() config.Config {
			c := servertest.Config(t)
			c.Database = config.Database(place.Create(t))
			return c
		})
	})
}

// openData creates an empty database.
func openData(t *testing.T, c config.Config) *server.Data {
	t.Helper()
	d, err := server.CreateData(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return d
}

func verified(t *testing.T, d *server.Data) {
	t.Helper()
	report, err := d.Verify(t.Context(), true, func(string, int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() {
		t.Errorf("verify: %s", report)
	}
}

func imported(t *testing.T, d *server.Data, name string, o server.ImportOptions) server.ImportReport {
	t.Helper()
	r, err := d.Import(t.Context(), name, o, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// accountOf returns the account with an e-mail address.
func accountOf(t *testing.T, d *server.Data, email string) chat.Account {
	t.Helper()
	all, err := d.Chat.Accounts(t.Context(), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(a chat.Account) bool { return a.Email == email })
	if i < 0 {
		t.Fatalf("nobody has %s", email)
	}
	return all[i]
}

// history returns the messages of a chat as somebody sees them, oldest first.
func history(t *testing.T, d *server.Data, a chat.AccountID, ref chat.ChatRef) []chat.Posted {
	t.Helper()
	all, err := d.Chat.History(t.Context(), a, ref, chat.HistoryQuery{OldestFirst: true, Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// groupNamed returns the group with a name in somebody's list.
func groupNamed(t *testing.T, d *server.Data, a chat.AccountID, name string) chat.ChatRef {
	t.Helper()
	groups, err := d.Chat.OwnGroups(t.Context(), chat.Actor{Account: a}, name, 0, 100)
	if err != nil || len(groups) != 1 {
		t.Fatalf("groups %q: got %d, %v", name, len(groups), err)
	}
	return chat.ChatRef{Type: chat.SessionGroup, ID: string(groups[0].ID)}
}

// unreadOf is the number of messages that somebody has not read.
func unreadOf(t *testing.T, d *server.Data, a chat.AccountID) int64 {
	t.Helper()
	n, err := d.Chat.UnreadTotals(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return n.Count
}

func auditKinds(t *testing.T, d *server.Data, kind chat.AuditKind) int {
	t.Helper()
	all, err := d.Chat.AuditLog(t.Context(), chat.Actor{}, chat.AuditQuery{Kind: kind, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func TestImportSlack(t *testing.T) {
	onBoth(t, func(t *testing.T, create func() config.Config) {
		folder := t.TempDir()
		archive, uploads := filepath.Join(folder, "slack.zip"), filepath.Join(folder, "uploads")
		if err := exports.Slack(archive, uploads, 6); err != nil {
			t.Fatal(err)
		}
		d := openData(t, create())
		if _, err := d.Import(t.Context(), archive, server.ImportOptions{}, quiet); err == nil || !strings.Contains(err.Error(), "parley org create") {
			t.Errorf("without an organization: got %v", err)
		}
		if _, err := d.Chat.CreateOrganization(t.Context(), chat.Organization{ID: "demo", Name: "Demo"}); err != nil {
			t.Fatal(err)
		}
		// Bo is here already, and has written.
		if _, err := d.Chat.CreateAccount(t.Context(), chat.Account{ID: "bo", Name: "Bo from here", Email: "BO@example.test"}); err != nil {
			t.Fatal(err)
		}
		if err := d.Chat.AddToOrganization(t.Context(), "demo", []chat.AccountID{"bo"}); err != nil {
			t.Fatal(err)
		}
		entries := auditKinds(t, d, "")
		dry := imported(t, d, archive, server.ImportOptions{DryRun: true, Files: uploads})
		if auditKinds(t, d, "") != entries {
			t.Error("a dry run has changed the audit log")
		}
		if all, err := d.Chat.Accounts(t.Context(), "", 100); err != nil || len(all) != 1 {
			t.Fatalf("after a dry run: %d people, %v", len(all), err)
		}
		const messages = 8 + 7 + 6*40 // general: a message with two files is two
		want := server.ImportTally{Made: messages}
		if dry.Messages != want || dry.People.Made != 6 || dry.People.Matched != 1 || dry.Chats.Made != 6 {
			t.Errorf("dry run: people %+v, chats %+v, messages %+v", dry.People, dry.Chats, dry.Messages)
		}
		first := imported(t, d, archive, server.ImportOptions{Files: uploads})
		if first.People != dry.People || first.Chats != dry.Chats || first.Messages != dry.Messages || first.Files != dry.Files {
			t.Errorf("the import differs from its dry run: %+v %+v %+v %+v", first.People, first.Chats, first.Messages, first.Files)
		}
		if want := (server.ImportTally{Made: 1, Matched: 1, Skipped: 1}); first.Files != want {
			t.Errorf("files: got %+v, want %+v", first.Files, want)
		}
		if want := (server.ImportTally{Made: 2}); first.Pictures != want || dry.Pictures != want { // Bo is here already
			t.Errorf("pictures: got %+v, of the dry run %+v, want %+v", first.Pictures, dry.Pictures, want)
		}
		hasPicture(t, d, accountOf(t, d, "ada@example.test").Avatar)
		hasPicture(t, d, accountOf(t, d, "cy@example.test").Avatar)
		if bo, err := d.Chat.Account(t.Context(), "bo"); err != nil || bo.Avatar != "" {
			t.Errorf("Bo, who was here, has the picture %q, %v", bo.Avatar, err)
		}
		if first.LeftOut["reactions"] != 2 || first.LeftOut["notices of Slack (channel_join)"] != 1 {
			t.Errorf("left out: %v", first.LeftOut)
		}
		if got := auditKinds(t, d, chat.AuditDataImported); got != 2 { // the first one was refused
			t.Errorf("%d entries about imports", got)
		}
		slackHistory(t, d)
		before := stateOf(t, d)
		second := imported(t, d, archive, server.ImportOptions{Files: uploads})
		if second.Changed() || second.Messages.Matched != messages {
			t.Errorf("the second import: %+v %+v %+v", second.People, second.Chats, second.Messages)
		}
		if after := stateOf(t, d); after != before {
			t.Errorf("the second import has changed something: %s, before %s", after, before)
		}
		verified(t, d)
	})
}

// stateOf describes how much a database has.
func stateOf(t *testing.T, d *server.Data) string {
	t.Helper()
	report, err := d.Verify(t.Context(), true, func(string, int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	return report.String()
}

// hasPicture holds that the file of the address of a picture is there.
func hasPicture(t *testing.T, d *server.Data, address string) {
	t.Helper()
	name := path.Base(address)
	if len(name) < 2 {
		t.Errorf("no picture: %q", address)
		return
	}
	f, err := os.Open(filepath.Join(d.Config().Data, "avatars", name[:2], name))
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	if _, _, err := image.Decode(f); err != nil {
		t.Errorf("%s: %v", address, err)
	}
}

func slackHistory(t *testing.T, d *server.Data) {
	t.Helper()
	ada, cy := accountOf(t, d, "ada@example.test"), accountOf(t, d, "cy@example.test")
	general := history(t, d, ada.ID, groupNamed(t, d, ada.ID, "demo-general"))
	var texts []string
	for _, p := range general[:9] {
		texts = append(texts, p.From.Name+": "+p.Message.Text)
	}
	want := []string{
		"Ada Example: Demo: hello @Bo from here, see the page (https://example.test/demo) and #demo-old <!>",
		"Bo from here: Demo: an answer in the thread",
		"Cy Guest: Demo: a picture",
		"Cy Guest: ",
		"Bo from here: demo.pdf (https://demo.slack.example.test/files/FLINK/demo.pdf)",
		"Bo from here: [gone.txt]",
		"Ed Elsewhere: Demo: from another workspace",
		"Demo bot: Demo: build\npassed",
		"Di Gone: Demo: bye @channel",
	}
	// The text has the names of the export, not those of the people here.
	want[0] = strings.Replace(want[0], "@Bo from here", "@Bo Example", 1)
	if !slices.Equal(texts, want) {
		t.Errorf("got %q\nwant %q", texts, want)
	}
	if got := general[0].Message.At; !got.Equal(exports.Start.Add(time.Second)) {
		t.Errorf("the first message is of %s", got)
	}
	if q := general[1].Quote; q == nil || q.Message.ID != general[0].Message.ID {
		t.Errorf("the answer in the thread quotes %+v", q)
	}
	if m := general[3].Message; m.Type != chat.TypeImage || !strings.Contains(string(m.File), `"width":8`) {
		t.Errorf("the picture: %d %s", m.Type, m.File)
	}
	for i, p := range general[1:] {
		if !p.Message.At.After(general[i].Message.At) || p.Message.ID <= general[i].Message.ID {
			t.Fatalf("message %d is out of order", p.Message.ID)
		}
	}
	for _, a := range []chat.AccountID{ada.ID, cy.ID, "bo"} {
		if n := unreadOf(t, d, a); n != 0 {
			t.Errorf("%s has %d unread messages", a, n)
		}
	}
	// Di has left: nothing in the group is for her.
	di := accountOf(t, d, "di@example.test")
	if di.Active {
		t.Error("Di is active")
	}
	if role := roleOf(t, d, cy.ID); role != chat.OrganizationGuest {
		t.Errorf("Cy is a %s", role)
	}
	if all := history(t, d, ada.ID, chat.ChatRef{Type: chat.SessionUser, ID: "bo"}); len(all) != 2 || all[0].Message.Text != "Demo: only you and me" {
		t.Errorf("between Ada and Bo: %d messages", len(all))
	}
	if all := history(t, d, ada.ID, chat.ChatRef{Type: chat.SessionUser, ID: string(chat.FileTransfer)}); len(all) != 1 {
		t.Errorf("notes of Ada: %d messages", len(all))
	}
	found, err := d.Chat.Search(t.Context(), chat.Actor{Account: ada.ID}, chat.MessageSearch{Text: "secret plan", Limit: 10})
	if err != nil || len(found.Hits) != 1 {
		t.Errorf("search: %d messages, %v", len(found.Hits), err)
	}
}

func roleOf(t *testing.T, d *server.Data, a chat.AccountID) chat.OrganizationRole {
	t.Helper()
	p, err := d.Chat.AdminPerson(t.Context(), chat.Actor{}, a)
	if err != nil {
		t.Fatal(err)
	}
	return p.Role
}

func TestImportMattermost(t *testing.T) {
	onBoth(t, func(t *testing.T, create func() config.Config) {
		archive := filepath.Join(t.TempDir(), "mattermost.zip")
		if err := exports.Mattermost(archive, 2); err != nil {
			t.Fatal(err)
		}
		d := openData(t, create())
		if _, err := d.Chat.CreateOrganization(t.Context(), chat.Organization{ID: "demo", Name: "Demo"}); err != nil {
			t.Fatal(err)
		}
		dry := imported(t, d, archive, server.ImportOptions{DryRun: true})
		first := imported(t, d, archive, server.ImportOptions{})
		if first.People != dry.People || first.Chats != dry.Chats || first.Messages != dry.Messages || first.Messages.Made != 11+80 {
			t.Errorf("the import: %+v %+v %+v; its dry run: %+v %+v %+v", first.People, first.Chats, first.Messages, dry.People, dry.Chats, dry.Messages)
		}
		if want := (server.ImportTally{Made: 1, Skipped: 2}); first.Pictures != want || dry.Pictures != want {
			t.Errorf("pictures: got %+v, of the dry run %+v, want %+v", first.Pictures, dry.Pictures, want)
		}
		ada, bo := accountOf(t, d, "ada@example.test"), accountOf(t, d, "bo@example.test")
		hasPicture(t, d, ada.Avatar)
		if bo.Avatar != "" {
			t.Errorf("Bo, whose file is missing, has the picture %s", bo.Avatar)
		}
		town := history(t, d, bo.ID, groupNamed(t, d, bo.ID, "Demo town"))
		var texts []string
		for _, p := range town[:6] {
			texts = append(texts, p.From.Name+": "+p.Message.Text)
		}
		if want := []string{
			"Ada Example: Demo: the first post, with an answer", "Bo Example: Demo: the second post", "Bo Example: ", "Bo Example: [lost.txt]",
			"Bo Example: Demo: an answer", "Di Gone: Demo: another answer",
		}; !slices.Equal(texts, want) {
			t.Errorf("got %q\nwant %q", texts, want)
		}
		if q := town[5].Quote; q == nil || q.Message.ID != town[0].Message.ID {
			t.Errorf("the answer quotes %+v", q)
		}
		if town[2].Message.Type != chat.TypeImage {
			t.Errorf("the picture has the type %d", town[2].Message.Type)
		}
		// The channel was archived. Its members can still read it.
		rows, err := d.Chat.ChatList(t.Context(), ada.ID, 0, 50)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 5 {
			t.Errorf("Ada has %d chats", len(rows))
		}
		for _, r := range rows {
			if r.Unread != 0 {
				t.Errorf("%d unread messages in %s", r.Unread, r.Ref.ID)
			}
			if r.Left && len(history(t, d, ada.ID, r.Ref)) != 2 {
				t.Error("the archived channel has not its two messages of the same millisecond")
			}
		}
		before := stateOf(t, d)
		if second := imported(t, d, archive, server.ImportOptions{}); second.Changed() {
			t.Errorf("the second import: %+v %+v %+v", second.People, second.Chats, second.Messages)
		}
		if after := stateOf(t, d); after != before {
			t.Errorf("the second import has changed something: %s, before %s", after, before)
		}
		verified(t, d)
	})
}

// A later export of the same system adds what is new, and an import that was interrupted goes on.
func TestImportGoesOn(t *testing.T) {
	onBoth(t, func(t *testing.T, create func() config.Config) {
		folder := t.TempDir()
		early, late := filepath.Join(folder, "early.zip"), filepath.Join(folder, "late.zip")
		if err := errors.Join(exports.Mattermost(early, 2), exports.Mattermost(late, 30)); err != nil {
			t.Fatal(err)
		}
		d := openData(t, create())
		if _, err := d.Chat.CreateOrganization(t.Context(), chat.Organization{ID: "demo", Name: "Demo"}); err != nil {
			t.Fatal(err)
		}
		imported(t, d, early, server.ImportOptions{})
		ctx, cancel := context.WithCancel(t.Context())
		_, err := d.Import(ctx, late, server.ImportOptions{}, func(step string, done, _ int64) {
			if step == "messages" && done > 300 {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("the interrupted import: got %v", err)
		}
		verified(t, d)
		rest := imported(t, d, late, server.ImportOptions{})
		if rest.Messages.Made == 0 || rest.Messages.Matched < 300 || rest.Messages.Made+rest.Messages.Matched != 11+30*40 {
			t.Errorf("the rest: %+v", rest.Messages)
		}
		bo := accountOf(t, d, "bo@example.test")
		town := history(t, d, bo.ID, groupNamed(t, d, bo.ID, "Demo town"))
		for i, p := range town[1:] {
			if p.Message.Sent().Before(town[i].Message.Sent()) {
				t.Fatalf("message %d is out of order", p.Message.ID)
			}
		}
		if n := unreadOf(t, d, bo.ID); n != 0 {
			t.Errorf("%d unread messages", n)
		}
		verified(t, d)
	})
}

// Messages of today are before imported ones in the log; their order by date, the numbers of
// the days and the unread counts stay right.
func TestImportBesideMessages(t *testing.T) {
	onBoth(t, func(t *testing.T, create func() config.Config) {
		archive := filepath.Join(t.TempDir(), "mattermost.zip")
		if err := exports.Mattermost(archive, 3); err != nil {
			t.Fatal(err)
		}
		d := openData(t, create())
		if _, err := d.Chat.CreateOrganization(t.Context(), chat.Organization{ID: "demo", Name: "Demo"}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"ada", "bo"} {
			if _, err := d.Chat.CreateAccount(t.Context(), chat.Account{ID: chat.AccountID(name), Name: name, Email: name + "@example.test"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Chat.AddToOrganization(t.Context(), "demo", []chat.AccountID{"ada", "bo"}); err != nil {
			t.Fatal(err)
		}
		say := func(text string) {
			t.Helper()
			if _, err := d.Chat.SendMessage(t.Context(), chat.Actor{Account: "ada"}, "bo", chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: text}}); err != nil {
				t.Fatal(err)
			}
		}
		say("Demo: before the import")
		imported(t, d, archive, server.ImportOptions{})
		say("Demo: after the import")
		if n := unreadOf(t, d, "bo"); n < 2 {
			t.Errorf("%d unread messages, want those of today", n)
		}
		search := func(since, until time.Time) (texts []string) {
			t.Helper()
			found, err := d.Chat.Search(t.Context(), chat.Actor{Account: "ada"}, chat.MessageSearch{Text: "demo", Since: since, Until: until, Limit: 200})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range found.Hits {
				texts = append(texts, m.Message.Text)
			}
			return texts
		}
		now := time.Now()
		if got := search(now.Add(-time.Hour), now.Add(time.Hour)); !slices.Equal(got, []string{"Demo: after the import", "Demo: before the import"}) {
			t.Errorf("of today: %q", got)
		}
		if got := search(exports.Start, exports.Start.Add(150*time.Minute)); len(got) != 3 { // one by the name of its file
			t.Errorf("of the first day: %q", got)
		}
		o, err := d.Chat.Overview(t.Context(), chat.Actor{}, 2, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		if n := o.Days[0].Messages + o.Days[1].Messages; n != 2 { // midnight may have passed
			t.Errorf("%d messages of these days, want 2 without the imported ones", n)
		}
		verified(t, d)
	})
}

// An import into an empty server gives back the exported data.
func TestExportAndImport(t *testing.T) {
	onBoth(t, func(t *testing.T, create func() config.Config) {
		folder := t.TempDir()
		archive, uploads := filepath.Join(folder, "slack.zip"), filepath.Join(folder, "uploads")
		if err := exports.Slack(archive, uploads, 2); err != nil {
			t.Fatal(err)
		}
		from, to := openData(t, create()), openData(t, create())
		if _, err := from.Chat.CreateOrganization(t.Context(), chat.Organization{ID: "demo", Name: "Demo"}); err != nil {
			t.Fatal(err)
		}
		imported(t, from, archive, server.ImportOptions{Files: uploads})
		ada, bo := accountOf(t, from, "ada@example.test"), accountOf(t, from, "bo@example.test")
		sent, err := from.Chat.SendMessage(t.Context(), chat.Actor{Account: bo.ID}, ada.ID, chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: "Demo: withdrawn"}})
		if err == nil {
			_, err = from.Chat.WithdrawMessage(t.Context(), chat.Actor{Account: bo.ID}, ada.ID, sent.Message.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		general := groupNamed(t, from, ada.ID, "demo-general")
		edited := editedMessage(t, from, bo, ada)
		if _, err := from.Chat.SetPin(t.Context(), chat.Actor{Account: ada.ID}, chat.ChatRef{Type: chat.SessionUser, ID: string(bo.ID)}, edited, true); err != nil {
			t.Fatal(err)
		}
		if _, err := from.Chat.UpdateGroup(t.Context(), chat.Actor{}, chat.GroupID(general.ID), chat.GroupPatch{Avatar: &ada.Avatar}); err != nil {
			t.Fatal(err)
		}
		hook, err := from.Chat.CreateWebhook(t.Context(), chat.Actor{}, chat.GroupID(general.ID), "Alerts", "")
		if err == nil {
			_, err = from.Chat.SendByWebhook(t.Context(), hook.Webhook, chat.WebhookMessage{Text: []chat.WebhookText{{Text: "Demo: the disk is full"}}})
		}
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(folder, "out")
		interrupted, cancel := context.WithCancel(t.Context())
		if _, err := from.Export(interrupted, chat.ExportScope{Organization: "demo"}, false, out, func(step string, done, total int64) {
			if step == "chats" && 3*done >= total { // two of six
				cancel()
			}
		}); !errors.Is(err, context.Canceled) {
			t.Fatalf("the interrupted export: got %v", err)
		}
		if got := auditKinds(t, from, chat.AuditDataExported); got != 1 {
			t.Errorf("an interrupted export has %d entries in the audit log, want its beginning", got)
		}
		if _, err := from.Export(t.Context(), chat.ExportScope{Account: ada.ID}, false, out, quiet); err == nil || !strings.Contains(err.Error(), "another export") {
			t.Errorf("another export into the folder: got %v", err)
		}
		made, err := from.Export(t.Context(), chat.ExportScope{Organization: "demo"}, false, out, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if made.Counts.Chats != 6 || made.Counts.Messages != 8+7+80+2+1+1+1 || // with a withdrawn and an edited one, and the notices of the new picture, of the pin and of a webhook
			made.Counts.Files != 1+3 { // a file, and pictures of two people and of a group
			t.Errorf("counts: %+v", made.Counts)
		}
		if _, err := from.Export(t.Context(), chat.ExportScope{Organization: "demo"}, false, out, quiet); err == nil || !strings.Contains(err.Error(), "not empty") {
			t.Errorf("an export into a complete one: got %v", err)
		}
		modes.Private(t, out)
		if again := imported(t, from, out, server.ImportOptions{}); again.Changed() {
			t.Errorf("an import into the server of the export: %+v %+v %+v", again.People, again.Chats, again.Messages)
		}
		r := imported(t, to, out, server.ImportOptions{})
		if int64(r.Messages.Made) != made.Counts.Messages || r.Files.Made != 1 || r.Chats.Made != 6 {
			t.Errorf("imported: %+v %+v %+v", r.Chats, r.Messages, r.Files)
		}
		if again := imported(t, to, out, server.ImportOptions{}); again.Changed() {
			t.Errorf("the second import: %+v %+v %+v", again.People, again.Chats, again.Messages)
		}
		there := accountOf(t, to, "ada@example.test")
		if want := (server.ImportTally{Made: 3}); r.Pictures != want {
			t.Errorf("pictures: got %+v, want %+v", r.Pictures, want)
		}
		hasPicture(t, to, there.Avatar)
		if g, err := to.Chat.Group(t.Context(), chat.GroupID(general.ID)); err != nil {
			t.Error(err)
		} else {
			hasPicture(t, to, g.Avatar)
		}
		for _, ref := range []func(d *server.Data) chat.ChatRef{
			func(d *server.Data) chat.ChatRef { return groupNamed(t, d, ada.ID, "demo-general") },
			func(*server.Data) chat.ChatRef { return chat.ChatRef{Type: chat.SessionUser, ID: string(bo.ID)} },
		} {
			got, want := contents(history(t, to, there.ID, ref(to))), contents(history(t, from, ada.ID, ref(from)))
			if !slices.Equal(got, want) {
				t.Errorf("got %q\nwant %q", got, want)
			}
		}
		// The sender is a bot there, too, but the webhook is not there.
		if bot, err := to.Chat.Account(t.Context(), hook.Account); err != nil || !bot.Bot || bot.Active || bot.Name != "Alerts" {
			t.Errorf("the bot: %+v, %v", bot, err)
		}
		if hooks, err := to.Chat.Webhooks(t.Context(), chat.Actor{}, chat.GroupID(general.ID)); err != nil || len(hooks) != 0 {
			t.Errorf("webhooks: %v, %v", hooks, err)
		}
		// The checksums are read with progress, and an interruption ends that.
		reading, cancel := context.WithCancel(t.Context())
		defer cancel()
		if _, err := to.Import(reading, out, server.ImportOptions{}, func(step string, _, total int64) {
			if step != "read" {
				t.Errorf("the step %s has begun", step)
			}
			if total > 1 {
				cancel()
			}
		}); !errors.Is(err, context.Canceled) {
			t.Errorf("an interruption of the checksums: got %v, want %v", err, context.Canceled)
		}
		same := history(t, to, there.ID, chat.ChatRef{Type: chat.SessionUser, ID: string(bo.ID)})
		want, err := from.Chat.Revisions(t.Context(), ada.ID, chat.ChatRef{Type: chat.SessionUser, ID: string(bo.ID)}, edited)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := to.Chat.Revisions(t.Context(), there.ID, chat.ChatRef{Type: chat.SessionUser, ID: string(bo.ID)}, same[len(same)-2].Message.ID); err != nil || !slices.Equal(got, want) || len(got) != 2 {
			t.Errorf("the texts of an edited message: got %v, %v, want %v", got, err, want)
		}
		// A changed file is refused.
		name := filepath.Join(out, "messages.jsonl")
		text, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(name, []byte(strings.Replace(string(text), "Demo: yes", "Demo: no!", 1)), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := to.Import(t.Context(), out, server.ImportOptions{}, quiet); err == nil || !strings.Contains(err.Error(), "messages.jsonl is damaged or was changed") {
			t.Errorf("a changed export: got %v", err)
		}
		verified(t, from)
		verified(t, to)
	})
}

// editedMessage sends a message, edits it and reacts to it.
func editedMessage(t *testing.T, d *server.Data, from, to chat.Account) chat.MessageID {
	t.Helper()
	m, err := d.Chat.SendMessage(t.Context(), chat.Actor{Account: from.ID}, to.ID, chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: "Demo: a giraffe"}})
	if err != nil {
		t.Fatal(err)
	}
	there, back := chat.ChatRef{Type: chat.SessionUser, ID: string(to.ID)}, chat.ChatRef{Type: chat.SessionUser, ID: string(from.ID)}
	if _, err := d.Chat.EditMessage(t.Context(), chat.Actor{Account: from.ID}, there, m.Message.ID, "Demo: an okapi"); err != nil {
		t.Fatal(err)
	}
	for _, emoji := range []string{"👍", "❤️"} {
		if _, err := d.Chat.SetReaction(t.Context(), chat.Actor{Account: to.ID}, back, m.Message.ID, emoji, true); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Chat.SetReaction(t.Context(), chat.Actor{Account: from.ID}, there, m.Message.ID, "👍", true); err != nil {
		t.Fatal(err)
	}
	return m.Message.ID
}

func contents(all []chat.Posted) (lines []string) {
	for _, p := range all {
		line := p.Message.Sent().Format(time.RFC3339Nano) + " " + p.From.Name + ": " + p.Message.Text
		if p.Message.Withdrawn() {
			line += " (withdrawn)"
		}
		if p.Quote != nil {
			line += " > " + p.Quote.Message.Text
		}
		if p.Message.File != nil {
			line += " (file)"
		}
		if !p.Message.EditedAt.IsZero() {
			line += " (edited " + p.Message.EditedAt.Format(time.RFC3339Nano) + ")"
		}
		if p.Pinned {
			line += " (pinned)"
		}
		for _, r := range p.Reactions {
			line += fmt.Sprint(" ", r.Emoji, r.Count, r.Mine, r.First)
		}
		lines = append(lines, line)
	}
	return lines
}

// The export of a person has the data about the person, no secret that could be used to sign in, and of others only names
// and the messages that mention the person.
func TestExportOfAPerson(t *testing.T) {
	onBoth(t, func(t *testing.T, create func() config.Config) {
		folder := t.TempDir()
		archive := filepath.Join(folder, "slack.zip")
		if err := exports.Slack(archive, "", 0); err != nil {
			t.Fatal(err)
		}
		d := openData(t, create())
		if _, err := d.Chat.CreateOrganization(t.Context(), chat.Organization{ID: "demo", Name: "Demo"}); err != nil {
			t.Fatal(err)
		}
		imported(t, d, archive, server.ImportOptions{})
		bo := accountOf(t, d, "bo@example.test")
		secret, _, err := d.Chat.IssueToken(t.Context(), chat.NewToken{Account: bo.ID, Label: "a phone"})
		if err != nil {
			t.Fatal(err)
		}
		note := chat.Unsent{Ref: chat.ChatRef{Type: chat.SessionUser, ID: string(chat.FileTransfer)}, Text: "half a sentence", At: time.Now()}
		if _, err := d.Chat.SetUnsent(t.Context(), chat.Actor{Account: bo.ID}, note); err != nil {
			t.Fatal(err)
		}
		for _, a := range []chat.AccountID{bo.ID, accountOf(t, d, "ada@example.test").ID} {
			if _, err := d.Chat.SetStatus(t.Context(), chat.Actor{Account: a}, chat.Status{Emoji: "🌴", Text: "at the sea", Quiet: true}); err != nil {
				t.Fatal(err)
			}
		}
		read := func(name string) string {
			t.Helper()
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		ada := accountOf(t, d, "ada@example.test")
		editedMessage(t, d, bo, ada)
		toAda := editedMessage(t, d, ada, bo)
		if _, err := d.Export(t.Context(), chat.ExportScope{Account: bo.ID}, false, filepath.Join(folder, "bo"), quiet); err != nil {
			t.Fatal(err)
		}
		people, messages, account := read("bo/people.jsonl"), read("bo/messages.jsonl"), read("bo/account.jsonl")
		if !strings.Contains(people, "bo@example.test") || strings.Contains(people, "ada@example.test") || !strings.Contains(people, "Ada Example") {
			t.Errorf("people: %s", people)
		}
		if strings.Count(people, `"status":{"emoji":"🌴","text":"at the sea","quiet":true}`) != 1 {
			t.Errorf("statuses: %s", people)
		}
		if !strings.Contains(messages, "Demo: a secret plan") || strings.Contains(messages, "Demo: only you and me") {
			t.Errorf("messages: %s", messages)
		}
		if !strings.Contains(messages, `"revisions":[{"text":"Demo: a giraffe"`) || strings.Count(messages, "giraffe") != 1 || !strings.Contains(messages, `{"emoji":"❤️","by":"`+string(ada.ID)) {
			t.Errorf("messages: %s", messages)
		}
		if n := strings.Count(account, `"type":"reaction"`); n != 3 || !strings.Contains(account, fmt.Sprintf(`"message":%d`, toAda)) {
			t.Errorf("%d reactions: %s", n, account)
		}
		if !strings.Contains(account, `"label":"a phone"`) || !strings.Contains(account, "token.issued") || strings.Contains(account, secret) {
			t.Errorf("account: %s", account)
		}
		if !strings.Contains(account, `"chat":"file-transfer"`) || !strings.Contains(account, `"text":"half a sentence"`) {
			t.Errorf("the draft: %s", account)
		}
		if _, err := d.Export(t.Context(), chat.ExportScope{Account: bo.ID}, true, filepath.Join(folder, "others"), quiet); err != nil {
			t.Fatal(err)
		}
		if with := read("others/messages.jsonl"); !strings.Contains(with, "Demo: only you and me") {
			t.Errorf("with others: %s", with)
		}
		if got := auditKinds(t, d, chat.AuditDataExported); got != 4 { // the beginning and the end of two
			t.Errorf("%d entries about exports", got)
		}
		if _, err := d.Export(t.Context(), chat.ExportScope{Account: "nobody"}, false, filepath.Join(folder, "nobody"), quiet); !errors.Is(err, chat.ErrAccountNotFound) {
			t.Errorf("of nobody: got %v", err)
		}
		if _, err := os.Stat(filepath.Join(folder, "nobody")); err == nil {
			t.Error("a refused export has made its folder")
		}
	})
}

// rowsWith returns the rows of a database that have one of some texts, without the words of the search.
func rowsWith(t *testing.T, c config.Config, texts ...string) (found []string) {
	t.Helper()
	driver, source, tables := "sqlite", filepath.Join(c.Data, "parley.db")+"?_pragma=busy_timeout(30000)", "SELECT name FROM sqlite_schema WHERE type = 'table'"
	if c.Database != "" {
		driver, source, tables = "pgx", string(c.Database), "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	query := func(query string, each func(values []any)) {
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		values, dest := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(dest...); err != nil {
				t.Fatal(err)
			}
			each(values)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	query(tables, func(values []any) {
		if name := fmt.Sprint(values[0]); !strings.HasPrefix(name, "message_index") && name != "search_word" {
			names = append(names, name)
		}
	})
	for _, name := range names {
		query("SELECT * FROM "+name, func(values []any) {
			var row strings.Builder
			for _, v := range values {
				if b, ok := v.([]byte); ok {
					v = string(b)
				}
				fmt.Fprintf(&row, " %v", v)
			}
			if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(row.String(), text) }) {
				found = append(found, name+":"+row.String())
			}
		})
	}
	return found
}

// Nothing of a person is left, and the chats of others stay readable.
func TestErase(t *testing.T) {
	onBoth(t, func(t *testing.T, create func() config.Config) {
		folder := t.TempDir()
		archive, uploads := filepath.Join(folder, "slack.zip"), filepath.Join(folder, "uploads")
		if err := exports.Slack(archive, uploads, 3); err != nil {
			t.Fatal(err)
		}
		c := create()
		d := openData(t, c)
		if _, err := d.Chat.CreateOrganization(t.Context(), chat.Organization{ID: "demo", Name: "Demo"}); err != nil {
			t.Fatal(err)
		}
		imported(t, d, archive, server.ImportOptions{Files: uploads})
		ada, bo := accountOf(t, d, "ada@example.test"), accountOf(t, d, "bo@example.test")
		if err := d.Chat.SetOrganizationRole(t.Context(), chat.Actor{}, "demo", ada.ID, chat.OrganizationOwner); err != nil {
			t.Fatal(err)
		}
		secret, _, err := d.Chat.IssueToken(t.Context(), chat.NewToken{Account: bo.ID, Label: "phone of Bo"})
		if err != nil {
			t.Fatal(err)
		}
		g, err := d.Chat.CreateGroup(t.Context(), chat.Actor{Account: bo.ID}, chat.NewGroup{Members: []chat.AccountID{ada.ID}})
		if err != nil {
			t.Fatal(err)
		}
		// Bo had another name when a notice was written, and the discussion has had names with both.
		call := func(name string) {
			t.Helper()
			if _, err := d.Chat.UpdateAccount(t.Context(), bo.ID, chat.AccountPatch{Name: &name}); err != nil {
				t.Fatal(err)
			}
		}
		call("Robert Formerly")
		early, err := d.Chat.CreateGroup(t.Context(), chat.Actor{Account: ada.ID}, chat.NewGroup{Members: []chat.AccountID{bo.ID}})
		if err != nil {
			t.Fatal(err)
		}
		call("Bo Example")
		for _, name := range []string{"Plans of Bo Example and Ada", "Plans of Bo Example"} {
			if _, err := d.Chat.UpdateGroup(t.Context(), chat.Actor{Account: ada.ID}, early.ID, chat.GroupPatch{Name: &name}); err != nil {
				t.Fatal(err)
			}
		}
		traces := []string{"Bo Example", "Robert Formerly", "bo@example.test", "zebra, written by Bo", "phone of Bo"}
		say := func(from, to chat.AccountID, text string) {
			t.Helper()
			if _, err := d.Chat.SendMessage(t.Context(), chat.Actor{Account: from}, to, chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: text}}); err != nil {
				t.Fatal(err)
			}
		}
		editedMessage(t, d, bo, ada)
		editedMessage(t, d, ada, bo)
		byAda := chat.Actor{Account: ada.ID}
		inGroup := chat.ChatRef{Type: chat.SessionGroup, ID: string(g.ID)}
		// Only the first text of each has the name of Bo; the second message mentions nobody.
		var formerly []chat.MessageID
		for _, mentions := range [][]chat.AccountID{{bo.ID}, nil} {
			m, err := d.Chat.SendGroupMessage(t.Context(), byAda, g.ID, chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: "Demo: @Bo Example and others"}})
			if err == nil && mentions != nil {
				err = d.Chat.ShakeGroup(t.Context(), byAda, g.ID, mentions, false, m.Message.ID)
			}
			if err == nil {
				_, err = d.Chat.EditMessage(t.Context(), byAda, inGroup, m.Message.ID, "Demo: others")
			}
			if err != nil {
				t.Fatal(err)
			}
			formerly = append(formerly, m.Message.ID)
		}
		say(bo.ID, ada.ID, "Demo: zebra, written by Bo")
		say(ada.ID, bo.ID, "Demo: zebra, written by Ada")
		if n := unreadOf(t, d, ada.ID); n != 2 {
			t.Fatalf("Ada has %d unread messages", n)
		}
		for name, by := range map[string]chat.Actor{"Bo": {}, "Bo Example": {Account: bo.ID}} {
			if _, err := d.Chat.Erase(t.Context(), by, bo.ID, name); err == nil {
				t.Errorf("%q by %q was not refused", name, by.Account)
			}
		}
		if _, err := d.Chat.Erase(t.Context(), chat.Actor{Account: ada.ID}, ada.ID, "Ada Example"); err == nil {
			t.Error("Ada has erased herself")
		}
		if _, err := d.Chat.Erase(t.Context(), chat.Actor{}, ada.ID, "Ada Example"); err == nil {
			t.Error("the last owner was erased")
		}
		if found := rowsWith(t, c, traces...); len(found) < 5 {
			t.Fatalf("before the erasure, only %q have traces of Bo", found)
		}
		// It is interrupted, and goes on.
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := d.Erase(ctx, bo.ID, func(_ string, done, _ int64) {
			if done > 0 {
				cancel()
			}
		}); !errors.Is(err, context.Canceled) {
			t.Fatalf("the interrupted erasure: %v", err)
		}
		verified(t, d)
		if open, err := d.Chat.Erasures(t.Context()); err != nil || len(open) != 1 {
			t.Errorf("%d erasures go on, %v", len(open), err)
		}
		if _, err := d.Erase(t.Context(), bo.ID, quiet); err != nil {
			t.Fatal(err)
		}
		if again, err := d.Erase(t.Context(), bo.ID, quiet); err != nil || again.Ended.IsZero() || again.Name != "" {
			t.Errorf("again: %+v, %v", again, err)
		}
		verified(t, d)
		gone, err := d.Chat.Account(t.Context(), bo.ID)
		if err != nil || gone.Name != "Deleted person" || gone.Email != "" || gone.Active {
			t.Errorf("the account: %+v, %v", gone, err)
		}
		direct := history(t, d, ada.ID, chat.ChatRef{Type: chat.SessionUser, ID: string(bo.ID)})
		if len(direct) != 6 || !direct[1].Message.Withdrawn() || direct[1].Message.Text != "" || len(direct[2].Reactions) != 0 || direct[3].Message.Text != "Demo: an okapi" || len(direct[3].Reactions) != 1 || direct[5].Message.Text != "Demo: zebra, written by Ada" {
			t.Errorf("the chat with Ada: %q", contents(direct))
		}
		if n := unreadOf(t, d, ada.ID); n != 0 {
			t.Errorf("Ada has %d unread messages", n)
		}
		found, err := d.Chat.Search(t.Context(), chat.Actor{Account: ada.ID}, chat.MessageSearch{Text: "zebra", Limit: 10})
		if err != nil || len(found.Hits) != 1 {
			t.Errorf("search: %d hits, %v", len(found.Hits), err)
		}
		discussion, err := d.Chat.Group(t.Context(), g.ID)
		if err != nil || strings.Contains(discussion.Name, "Bo") || !strings.Contains(discussion.Name, "Ada Example") {
			t.Errorf("the discussion: %q, %v", discussion.Name, err)
		}
		if discussion, err := d.Chat.Group(t.Context(), early.ID); err != nil || discussion.Name != "Plans of Deleted person" {
			t.Errorf("the discussion with another name: %q, %v", discussion.Name, err)
		}
		for _, id := range formerly {
			texts, err := d.Chat.Revisions(t.Context(), ada.ID, inGroup, id)
			if err != nil || len(texts) != 2 || texts[0].Text != "Demo: @Deleted person and others" || texts[1].Text != "Demo: others" {
				t.Errorf("a former text that names Bo: %v, %v", texts, err)
			}
		}
		for _, p := range history(t, d, ada.ID, chat.ChatRef{Type: chat.SessionGroup, ID: string(g.ID)}) {
			if strings.Contains(p.Message.Text, "Bo Example") || p.Message.Report != nil && p.Message.Report.By.Name != "Deleted person" {
				t.Errorf("a notice names Bo: %q %+v", p.Message.Text, p.Message.Report)
			}
		}
		var renamed []string
		for _, p := range history(t, d, ada.ID, chat.ChatRef{Type: chat.SessionGroup, ID: string(early.ID)}) {
			if p.Message.System == chat.SystemRenamed {
				renamed = append(renamed, p.Message.Report.Name, p.Message.Text)
			}
		}
		if want := []string{
			"Plans of Deleted person and Ada", "Ada Example renamed the group to Plans of Deleted person and Ada",
			"Plans of Deleted person", "Ada Example renamed the group to Plans of Deleted person",
		}; !slices.Equal(renamed, want) {
			t.Errorf("the notices of new names: got %q, want %q", renamed, want)
		}
		for _, row := range rowsWith(t, c, traces...) {
			t.Errorf("a row has a trace of Bo: %s", row)
		}
		log, err := d.Chat.AuditLog(t.Context(), chat.Actor{}, chat.AuditQuery{Target: string(bo.ID), Limit: 100})
		if err != nil || len(log) == 0 {
			t.Fatalf("%d entries, %v", len(log), err)
		}
		for _, e := range log {
			if len(e.Detail) > 0 {
				t.Errorf("the entry %s has %v", e.Kind, e.Detail)
			}
		}
		about, err := d.Chat.AboutPerson(t.Context(), bo.ID)
		if err != nil || len(about.Sessions)+len(about.Identities)+len(about.Friends)+len(about.Roles) > 0 {
			t.Errorf("left of Bo: %+v, %v", about, err)
		}
		if _, err := d.Chat.Authenticate(t.Context(), secret, ""); err == nil {
			t.Error("the token of Bo works")
		}
		if _, err := d.Chat.UpdateAccount(t.Context(), bo.ID, chat.AccountPatch{Active: new(true)}); err == nil {
			t.Error("the account can be used again")
		}
		// A repeated import brings nothing back.
		r := imported(t, d, archive, server.ImportOptions{Files: uploads})
		if r.Changed() || r.People.Skipped != 1 {
			t.Errorf("an import afterwards: %+v %+v %+v", r.People, r.Chats, r.Messages)
		}
		verified(t, d)
	})
}
