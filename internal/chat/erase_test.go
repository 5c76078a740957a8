package chat_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/test/postgres"
)

// After an erasure, no table has anything of the person: neither what the person has written, nor what was sent to the person
// alone, nor the name. Some notifications, the address of a refused sign-in and mail to a new e-mail address were left.
func TestErasureLeavesNothing(t *testing.T) {
	const zoe = chat.AccountID("z")
	for name, place := range map[string]func() (store.Options, string, string){
		"SQLite": func() (store.Options, string, string) {
			o := store.Options{Path: t.TempDir()}
			return o, "sqlite", o.Path + "/parley.db"
		},
		"PostgreSQL": func() (store.Options, string, string) {
			url := postgres.Start(t, "fsync=off").Create(t)
			return store.Options{Database: url}, "pgx", url
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, driver, address := place()
			w := newWorldIn(t, o)
			must(w.CreateAccount(w.ctx, chat.Account{ID: zoe, Name: "Zoemark", Email: "zoemark@example.test", Language: "en"}))(t)
			ok(t, w.AddToOrganization(w.ctx, "demo", []chat.AccountID{zoe}))
			must(w.RequestFriend(w.ctx, by(zoe), chat.NewFriendRequest{Email: "dave@example.com", Message: "I am zoemark"}))(t)
			must(w.RequestFriend(w.ctx, by(bob), chat.NewFriendRequest{To: zoe, Message: "to zoemark"}))(t)
			g := must(w.CreateGroup(w.ctx, by(zoe), chat.NewGroup{Name: "Zoemark, Alice, Bob", Creator: zoe, Members: []chat.AccountID{alice, bob}}))(t)
			w.sayIn(g.ID, zoe, "written by zoemark")
			kept := w.sayIn(g.ID, bob, "of Bob")
			sent := must(w.SendMessage(w.ctx, by(zoe), alice, chat.Draft{Content: chat.Content{Type: chat.TypeLocation, Location: []byte(`{"lng":1,"lat":2,"title":"at zoemark"}`)}}))(t)
			w.pin(alice, user(zoe), sent.Message.ID, true)
			w.pin(zoe, user(alice), w.say(alice, zoe, "of Alice"), true)
			for _, n := range []chat.NewNotification{
				{Text: "for zoemark alone", Name: "Zoemark", URL: "https://example.test/zoemark", EntityID: "zoemark", Accounts: []chat.AccountID{zoe}},
				{Text: "for two", Name: "Zoemark", Accounts: []chat.AccountID{zoe, bob}},
			} {
				n.Category, n.Type = "task", "taskcomment"
				if _, _, err := w.Notify(w.ctx, n); err != nil {
					t.Fatal(err)
				}
			}
			from := chat.WithOrigin(w.ctx, chat.Origin{Address: "203.0.113.9 zoemark", Agent: "zoemark's browser"})
			w.RecordRefusal(from, chat.Refusal{Kind: chat.AuditSignInRefused, Method: chat.MethodPassword, Account: zoe, Reason: errors.New("no")})
			db, err := sql.Open(driver, address)
			ok(t, err)
			defer db.Close()
			for _, statement := range []string{
				"INSERT INTO mail (id, recipient, subject, body, created_at, next_at, until, attempts) VALUES ('m', 'new-zoemark@example.test', 'zoemark', '', 1, 1, 1, 0)",
				"INSERT INTO account_detail (account, title, department, phone) VALUES ('z', 'zoemark', 'zoemark', 'zoemark')",
				"INSERT INTO identity (issuer, subject, account, linked_at) VALUES ('https://id.example.test', 'zoemark', 'z', 1)",
			} {
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			change := "INSERT INTO email_change (account, hash, email, expires_at, session) VALUES ('z', x'00', 'new-zoemark@example.test', 1, '')"
			if driver == "pgx" {
				change = strings.Replace(change, "x'00'", `'\x00'`, 1)
			}
			if _, err := db.ExecContext(t.Context(), change); err != nil {
				t.Fatal(err)
			}
			ok(t, w.store.Indexed(w.ctx))
			if found := naming(t, db, driver, "zoemark"); len(found) < 10 {
				t.Fatalf("only %v have something of the person", found)
			}
			unread := w.unread(alice)

			must(w.Erase(w.ctx, host, zoe, "Zoemark"))(t)
			for must(w.ContinueErasure(w.ctx, zoe))(t).Ended.IsZero() {
			}
			if found := naming(t, db, driver, "zoemark"); len(found) > 0 {
				t.Errorf("left: %v", found)
			}
			same(t, "the group", w.read(bob, group(g.ID))[len(w.read(bob, group(g.ID)))-1], "of Bob")
			same(t, "unread", w.unread(alice)[string(g.ID)], unread[string(g.ID)]-1)
			same(t, "kept", must(w.History(w.ctx, bob, group(g.ID), chat.HistoryQuery{Limit: 1}))(t)[0].Message.ID, kept)
			same(t, "pins", w.pins(alice, user(zoe)), []string{"of Alice of alice by z"})
			if report := must(store.Verify(w.ctx, w.store))(t); !report.OK() {
				t.Errorf("verify:\n%s", report)
			}
		})
	}
}

// naming returns the columns that have a text, in either case. Lists of the words of all messages are left out, and the log of
// commits, from which old ones are removed.
func naming(t *testing.T, db *sql.DB, driver, text string) (found []string) {
	t.Helper()
	tables := "SELECT name FROM sqlite_schema WHERE type = 'table'"
	if driver == "pgx" {
		tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
	}
	var names []string
	rows, err := db.QueryContext(t.Context(), tables)
	ok(t, err)
	for rows.Next() {
		var name string
		ok(t, rows.Scan(&name))
		names = append(names, name)
	}
	ok(t, errors.Join(rows.Err(), rows.Close()))
	for _, name := range names {
		if name == "search_word" || name == "commit_log" || strings.HasPrefix(name, "message_index_") {
			continue
		}
		rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+name)
		ok(t, err)
		columns, err := rows.Columns()
		ok(t, err)
		has := make([]bool, len(columns))
		values, dest := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		for rows.Next() {
			ok(t, rows.Scan(dest...))
			for i, v := range values {
				if b, is := v.([]byte); is {
					v = string(b)
				}
				has[i] = has[i] || strings.Contains(strings.ToLower(fmt.Sprint(v)), text)
			}
		}
		ok(t, errors.Join(rows.Err(), rows.Close()))
		for i, column := range columns {
			if has[i] {
				found = append(found, name+"."+column)
			}
		}
	}
	return found
}
