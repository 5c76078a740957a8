package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"

	"parley/internal/chat"
	"parley/internal/server/demo"
	"parley/internal/store"
	"parley/test/postgres"
)

// chatOn is the rules on a store, with nobody connected.
func chatOn(s *store.Store) *chat.Service { return chat.New(s, nil, nil, chat.Options{}, nil) }

// full fills a new folder, so that every table has rows.
func full(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	s, err := store.Open(t.Context(), store.Options{Path: folder})
	if err != nil {
		t.Fatal(err)
	}
	svc := chatOn(s)
	world, err := demo.Fill(t.Context(), svc, func(code string) string { return code })
	if err != nil {
		t.Fatal(err)
	}
	now := time.UnixMilli(1780000000000).UTC()
	one, other := world.Accounts[0].ID, world.Accounts[1].ID
	sent := say(t, svc, one, other, "a former zero \x00, a mark \uFDD0, both \uFDD0\x000")
	apps, err := svc.Applications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), func(tx chat.Tx) error {
		for range 2 {
			if _, err := tx.AddNotification(&chat.Notification{Category: "task", Type: "t", Text: "a zero \x00", At: now}, []chat.AccountID{one, other}); err != nil {
				return err
			}
		}
		m, err := tx.Message(sent)
		if err != nil {
			return err
		}
		if _, err = tx.SetHeard(other, sent, now); err != nil {
			return err
		}
		group, err := tx.Group(world.Group.ID)
		if err != nil {
			return err
		}
		organizations, err := tx.OrganizationsOf(one)
		if err != nil {
			return err
		}
		return errors.Join(
			tx.SetSetting(chat.Setting{Name: "a setting", Value: "a value"}),
			tx.SetAccountDetail(one, chat.Detail{Title: "a title", Department: "a department", Phone: "a number"}),
			tx.SaveTwoFactor(chat.TwoFactor{Account: one, Secret: "a secret", OnAt: now, Step: 7, WrongCodes: chat.WrongCodes{Failures: 2, FailedAt: now}}),
			tx.SaveWrongCodes(one, [32]byte{8}, chat.WrongCodes{Failures: 2, FailedAt: now}, now),
			tx.SetOwnEmail(one, true),
			tx.SetUnsent(one, chat.Unsent{Ref: chat.ChatRef{Type: chat.SessionUser, ID: string(other)}, Text: "half a zero \x00", Refer: sent, Note: "a note", At: now}),
			tx.SetStatus(one, chat.Status{Emoji: "🌴", Text: "a status", Quiet: true, Ends: now}),
			tx.SeeAccount(one, now),
			tx.SetRecoveryCodes(one, [][32]byte{{1}, {2}}),
			tx.CreateTicket(chat.Ticket{Hash: [32]byte{3}, Account: one, Method: "password", ExpiresAt: now.Add(time.Hour)}, now),
			tx.AddMail(chat.Mail{ID: "a mail", To: "ann@example.test", Subject: "a subject", Text: "a text", CreatedAt: now, NextAt: now, Until: now.Add(time.Hour)}),
			tx.SetEmailChange(chat.EmailChange{Account: one, Hash: [32]byte{1}, Email: "anna@example.test", ExpiresAt: now.Add(time.Hour)}, now),
			tx.CreateInvitation(chat.Invitation{
				ID: "an invitation", Hash: [32]byte{1}, Organization: organizations[0].ID, Role: chat.OrganizationMember,
				Groups: []chat.GroupID{world.Group.ID}, MaxUses: 2, Creator: one, CreatedAt: now, ExpiresAt: now.Add(time.Hour),
			}),
			tx.EditMessage(sent, "a zero \x00, a mark \uFDD0, both \uFDD0\x000, and 悬空引用", now),
			second(tx.AddReaction(sent, "👍", other, now)),
			second(tx.AddPin(m.Conversation, chat.Pin{Message: sent, By: other, At: now})),
			tx.MarkUnread(m.Conversation, other, m.Seq),
			tx.SetReacted(m.Conversation, one, sent),
			tx.AddMentions(m.Conversation, m.ID, m.Seq, []chat.AccountID{other}),
			tx.SaveFriendRequest(chat.FriendRequest{ID: "a request", From: one, To: other, At: now}),
			tx.RevokeJWT("a session", one, now, now.Add(time.Hour)),
			tx.SetFriends(one, other, now),
			tx.SetCurrentChat(chat.CurrentChat{ID: "a socket", Session: "a session", Account: one, Ref: chat.ChatRef{Type: chat.SessionUser, ID: string(other)}, At: now}),
			tx.CreateAccount(chat.Account{ID: "a bot", Bot: true}),
			tx.AddFormerMember(group.Conversation, "a bot", now),
			tx.CreateWebhook(chat.Webhook{ID: "a webhook", Hash: [32]byte{5}, Group: group.ID, Account: "a bot", Creator: one, CreatedAt: now}),
			tx.SaveReplay(apps[0].ID, "a key", chat.Replay{Status: 201, Body: []byte("\x00\xff"), At: now}),
		)
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db := openFile(t, folder)
	for _, statement := range []string{
		"INSERT INTO password VALUES ('" + string(one) + "', 'a hash', 1)",
		"INSERT INTO identity VALUES ('https://login.example.test', 'a subject', '" + string(one) + "', 1)",
		"INSERT INTO account_ended VALUES ('" + string(other) + "', 1, 'a session')",
		"INSERT INTO upload_key VALUES (1, 'a fingerprint')",
		"UPDATE message_state SET last_lost = 7000",
		`UPDATE message SET file = '{"key":"` + string(one) + `/a file"}' WHERE id = 1`,
		"INSERT INTO stored_file VALUES ('" + string(one) + "/a file', '" + string(one) + "', 1, 'a hash', 2, 0)",
		"INSERT INTO file_use VALUES (1, '" + string(one) + "/a file')",
		"UPDATE file_state SET followed = 1",
		"INSERT INTO imported VALUES ('a system', 'account', 'a hash', '" + string(one) + "')",
		"INSERT INTO imported_ids VALUES (6000, 6001, 1, 2)",
		"INSERT INTO erasure VALUES ('" + string(other) + "', 1, 2, '', 3, 4, 5, 6, 7)",
		"INSERT INTO retention VALUES ('organization', 'an organization', 365, 1)",
		// As an early version has left them.
		"UPDATE message SET checksum = NULL WHERE id <= 3",
		"UPDATE notice SET checksum = NULL WHERE id = 1",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return folder
}

func say(t *testing.T, svc *chat.Service, from, to chat.AccountID, text string) chat.MessageID {
	t.Helper()
	r, err := svc.SendMessage(t.Context(), chat.Actor{Account: from}, to, chat.Draft{
		Content: chat.Content{Type: chat.TypeText, Text: text}, WaitingID: "w " + text,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r.Message.ID
}

func openFile(t *testing.T, folder string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(folder, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func openServer(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// rowsOf returns every row of a table as a text, sorted.
func rowsOf(t *testing.T, db *sql.DB, table string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table)
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
		row := make([]string, len(columns))
		for i, v := range values {
			row[i] = fmt.Sprintf("%s=%T %q", columns[i], v, fmt.Sprint(v))
		}
		slices.Sort(row)
		all = append(all, strings.Join(row, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func quiet(store.MoveStep, int64, int64) {}

func move(t *testing.T, from, to store.Options) store.Moved {
	t.Helper()
	moved, err := store.Move(t.Context(), from, to, false, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if !moved.Same() || moved.Rows == 0 {
		t.Fatalf("%d rows were moved; the source: %s\nthe target: %s", moved.Rows, moved.From, moved.To)
	}
	return moved
}

// TestMove moves a folder in which every table has rows to PostgreSQL and back. The folder
// at the end is like the first one, and both copies go on.
func TestMove(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	folder, url, back := full(t), server.Create(t), filepath.Join(t.TempDir(), "back")
	moved := move(t, store.Options{Path: folder}, store.Options{Database: url})
	if !moved.From.OK() || !moved.To.OK() || moved.To.Unchecked != 4 {
		t.Errorf("the source: %s\nthe target: %s\nwant four unchecked rows and no differences", moved.From, moved.To)
	}
	move(t, store.Options{Database: url}, store.Options{Path: back})
	first, last, between := openFile(t, folder), openFile(t, back), openServer(t, url)
	for _, table := range store.MovedTables() {
		want := rowsOf(t, first, table)
		if diff := cmp.Diff(rowsOf(t, last, table), want); diff != "" {
			t.Errorf("%s, after both ways (-got +want):\n%s", table, diff)
		}
		if got := len(rowsOf(t, between, table)); got != len(want) || got == 0 {
			t.Errorf("%s: PostgreSQL got %d rows, want %d and at least one", table, got, len(want))
		}
	}
	for name, o := range map[string]store.Options{"PostgreSQL": {Database: url}, "SQLite": {Path: back}} {
		t.Run(name, func(t *testing.T) { goesOn(t, open(t, o)) })
	}
}

func second[T any](_ T, err error) error { return err }

// goesOn uses a database that was moved.
func goesOn(t *testing.T, s *store.Store) {
	t.Helper()
	svc := chatOn(s)
	var people []chat.Account
	if err := s.View(t.Context(), func(tx chat.Tx) (err error) {
		people, err = tx.AccountPage("", 10)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	people = slices.DeleteFunc(people, func(a chat.Account) bool { return a.Bot })
	account, err := svc.CreateAccount(t.Context(), chat.Account{Name: "New Person"})
	if err != nil {
		t.Fatal(err)
	}
	friend := people[0].ID
	if err := svc.Befriend(t.Context(), account.ID, friend); err != nil {
		t.Fatal(err)
	}
	if id := say(t, svc, account.ID, friend, "the first in a new conversation"); id <= 7000 {
		t.Errorf("got message %d, want one after those that were lost", id)
	}
	if err := s.Update(t.Context(), func(tx chat.Tx) error {
		_, err := tx.AddNotification(&chat.Notification{Category: "system", Text: "new", At: time.UnixMilli(1790000000000)}, []chat.AccountID{friend})
		return err
	}); err != nil {
		t.Error(err)
	}
	for _, p := range people {
		found, err := svc.Search(t.Context(), chat.Actor{Account: p.ID}, chat.MessageSearch{Text: "悬空引用"})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range found.Hits {
			if want := "a zero \x00, a mark \uFDD0, both \uFDD0\x000, and 悬空引用"; h.Message.Text != want {
				t.Errorf("got %q, want %q", h.Message.Text, want)
			}
			people = people[:1]
		}
	}
	if len(people) > 1 {
		t.Error("nobody finds a message that was moved")
	}
	report, err := store.Verify(t.Context(), s)
	if err != nil || !report.OK() {
		t.Errorf("%v: %s", err, report)
	}
}

// TestMoveKnowsEveryTable fails when a migration adds a table or a column that a move does
// not know: add it to the lists in move.go.
func TestMoveKnowsEveryTable(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	columns := map[string]map[string][]string{}
	for name, o := range map[string]store.Options{"SQLite": {Path: t.TempDir()}, "PostgreSQL": {Database: server.Create(t)}} {
		columns[name] = store.ColumnsToMove(t, open(t, o))
	}
	for _, table := range store.MovedTables() {
		for _, engine := range []string{"SQLite", "PostgreSQL"} {
			if len(columns[engine][table]) == 0 {
				t.Errorf("%s has no table %s, or no column of it that is copied", engine, table)
			}
		}
	}
	if diff := cmp.Diff(columns["SQLite"], columns["PostgreSQL"]); diff != "" {
		t.Errorf("tables and columns that one side lacks (-SQLite +PostgreSQL):\n%s", diff)
	}
}

// TestMoveKeepsTheSchema: a move drops and makes an index.
func TestMoveKeepsTheSchema(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	filled, made := server.Create(t), server.Create(t)
	move(t, store.Options{Path: full(t)}, store.Options{Database: filled})
	open(t, store.Options{Database: made})
	const query = "(SELECT indexdef FROM pg_indexes WHERE schemaname = 'public') i"
	if diff := cmp.Diff(rowsOf(t, openServer(t, filled), query), rowsOf(t, openServer(t, made), query)); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
}

// TestMoveGoesOn interrupts a move again and again: in the middle of tables, while the index is built, and while the
// target is verified. Nothing can open what is left. The same move goes on, and ends with the rows of a move that was
// not interrupted.
func TestMoveGoesOn(t *testing.T) {
	store.MoveTogether(t, 7)
	server := postgres.Start(t, "fsync=off")
	folder, whole, url := full(t), server.Create(t), server.Create(t)
	move(t, store.Options{Path: folder}, store.Options{Database: whole})
	back := t.TempDir()
	for name, c := range map[string]struct {
		from, to  store.Options
		got, want func(*testing.T) *sql.DB
	}{
		"to PostgreSQL": {
			store.Options{Path: folder},
			store.Options{Database: url},
			func(t *testing.T) *sql.DB { return openServer(t, url) }, func(t *testing.T) *sql.DB { return openServer(t, whole) },
		},
		"to SQLite": {
			store.Options{Database: whole},
			store.Options{Path: back},
			func(t *testing.T) *sql.DB { return openFile(t, back) }, func(t *testing.T) *sql.DB { return openFile(t, folder) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			var last store.Moved
			interrupted, indexed := map[store.MoveStep]int{}, int64(0)
			for more := true; more; {
				ctx, cancel := context.WithCancel(t.Context())
				interrupt := func(s store.MoveStep) { interrupted[s]++; cancel() }
				begun := false // with the index
				moved, err := store.Move(ctx, c.from, c.to, false, func(s store.MoveStep, done, total int64) {
					switch {
					case s == store.StepCopy && done < total && done > last.Rows+20:
						interrupt(s)
					case s == store.StepIndex && done < total:
						if !begun && done < indexed {
							t.Errorf("the index begins again after message %d, want at least %d", done, indexed)
						}
						if begun = true; done > indexed && interrupted[s] < 2 {
							indexed = done
							interrupt(s)
						}
					case s == store.StepVerifyTarget && interrupted[s] == 0:
						interrupt(s)
					}
				})
				cancel()
				if moved.Before < last.Rows {
					t.Errorf("a move went on with %d rows after one that had copied %d", moved.Before, last.Rows)
				}
				if last, more = moved, err != nil; !more {
					break
				}
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("got %v, want %v", err, context.Canceled)
				}
				if s, err := store.Open(t.Context(), c.to); !errors.Is(err, store.ErrUnfinished) {
					t.Errorf("got %v, want %v", err, store.ErrUnfinished)
					_ = s.Close()
				}
			}
			if !last.Same() || last.Before != last.Rows {
				t.Errorf("%d rows, of these %d before; the source: %s\nthe target: %s", last.Rows, last.Before, last.From, last.To)
			}
			if interrupted[store.StepCopy] < 3 || interrupted[store.StepIndex] != 2 {
				t.Errorf("the move was interrupted %v times", interrupted)
			}
			got, want := c.got(t), c.want(t)
			for _, table := range store.MovedTables() {
				if diff := cmp.Diff(rowsOf(t, got, table), rowsOf(t, want, table)); diff != "" {
					t.Errorf("%s (-got +want):\n%s", table, diff)
				}
			}
			goesOn(t, open(t, c.to))
		})
	}
}

// TestMoveKilled goes on with the files that a killed move leaves behind.
func TestMoveKilled(t *testing.T) {
	store.MoveTogether(t, 7)
	server := postgres.Start(t, "fsync=off")
	from, to := store.Options{Database: server.Create(t)}, t.TempDir()
	move(t, store.Options{Path: full(t)}, from)
	killed := map[store.MoveStep]string{}
	whole, err := store.Move(t.Context(), from, store.Options{Path: to}, false, func(s store.MoveStep, done, total int64) {
		if s == store.StepVerifySource || killed[s] != "" || done == total || done < total/2 && s != store.StepVerifyTarget {
			return
		}
		killed[s] = filepath.Join(t.TempDir(), "killed")
		if err := os.CopyFS(killed[s], os.DirFS(to)); err != nil {
			t.Error(err)
		}
	})
	if err != nil || len(killed) != 3 {
		t.Fatalf("got %v, and copies of %v", err, killed)
	}
	for step, folder := range killed {
		t.Run(string(step), func(t *testing.T) {
			moved := move(t, from, store.Options{Path: folder})
			if moved.Rows != whole.Rows || moved.Before < moved.Rows/3 || step != store.StepCopy && moved.Before != moved.Rows {
				t.Errorf("%d rows, of these %d before, want %d", moved.Rows, moved.Before, whole.Rows)
			}
			goesOn(t, open(t, store.Options{Path: folder}))
		})
	}
}

// TestMoveChanged changes the source of an interrupted move. A change of rows that were copied is refused; rows that
// are new in other tables are copied.
func TestMoveChanged(t *testing.T) {
	store.MoveTogether(t, 7)
	server := postgres.Start(t, "fsync=off")
	for name, to := range map[string]store.Options{"to PostgreSQL": {Database: server.Create(t)}, "back": {Path: t.TempDir()}} {
		t.Run(name, func(t *testing.T) {
			folder := full(t)
			from, source := store.Options{Path: folder}, openFile
			if to.Database == "" {
				from = store.Options{Database: server.Create(t)}
				move(t, store.Options{Path: folder}, from)
				source = func(t *testing.T, _ string) *sql.DB { return openServer(t, from.Database) }
			}
			change := func(statement string) {
				t.Helper()
				db := source(t, folder)
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			try := func(restart bool, until store.MoveStep) (store.Moved, error) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				return store.Move(ctx, from, to, restart, func(s store.MoveStep, done, total int64) {
					if s == until && (s != store.StepCopy || done > total/2) {
						cancel()
					}
				})
			}
			refused := func(table string) {
				t.Helper()
				_, err := try(false, "")
				var changed *store.ChangedError
				if !errors.As(err, &changed) || changed.Table != table || changed.Source == "" {
					t.Errorf("got %v, want a refusal because of the table %s", err, table)
				}
			}
			if _, err := try(false, store.StepCopy); !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v, want %v", err, context.Canceled)
			}
			change("INSERT INTO setting (name, value) VALUES ('another setting', 'a value')")
			change("INSERT INTO imported_ids VALUES (7000, 7001, 1, 2)")
			change("UPDATE organization SET name = 'Changed'")
			refused("organization")
			change("UPDATE setting SET value = 'changed' WHERE name = 'another setting'")
			if _, err := try(true, store.StepVerifyTarget); !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v, want %v", err, context.Canceled)
			}
			// Everything is copied: a further row is refused, too.
			change("INSERT INTO imported_ids VALUES (8000, 8001, 1, 2)")
			refused("imported_ids")
			change("DELETE FROM imported_ids WHERE first_id = 8000")
			change("DELETE FROM setting WHERE name = 'another setting'")
			refused("setting")
			moved, err := try(true, "")
			if err != nil || !moved.Same() || moved.Before != 0 {
				t.Errorf("got %v and %+v, want a move that began again", err, moved)
			}
			goesOn(t, open(t, to))
		})
	}
}

// TestMoveDiffers changes the copy before it is verified.
func TestMoveDiffers(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	url := server.Create(t)
	db := openServer(t, url)
	moved, err := store.Move(t.Context(), store.Options{Path: full(t)}, store.Options{Database: url}, false, func(s store.MoveStep, done, _ int64) {
		if s != store.StepVerifyTarget || done > 0 {
			return
		}
		if _, err := db.ExecContext(t.Context(), "UPDATE message SET text = 'changed' WHERE id = (SELECT max(id) FROM message)"); err != nil {
			t.Error(err)
		}
	})
	if err != nil || moved.Same() || !moved.From.OK() || moved.To.OK() {
		t.Errorf("got %v and %+v, want differences of the target only", err, moved)
	}
	if s, err := store.Open(t.Context(), store.Options{Database: url}); !errors.Is(err, store.ErrUnfinished) {
		t.Errorf("got %v, want %v", err, store.ErrUnfinished)
		_ = s.Close()
	}
}

func TestMoveRefused(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	folder, url, held := full(t), server.Create(t), server.Create(t)
	move(t, store.Options{Path: folder}, store.Options{Database: url})
	used := t.TempDir()
	open(t, store.Options{Path: used})
	open(t, store.Options{Database: held, Alone: true})
	var filled *store.NotEmptyError
	for name, c := range map[string]struct {
		from, to store.Options
		side     store.Side
		want     func(error) bool
	}{
		"a database with rows": {store.Options{Path: folder}, store.Options{Database: url}, store.SideTarget, func(err error) bool { return errors.As(err, &filled) }},
		"a folder with rows":   {store.Options{Database: url}, store.Options{Path: folder}, store.SideTarget, func(err error) bool { return errors.As(err, &filled) }},
		"a used folder":        {store.Options{Database: url}, store.Options{Path: used}, store.SideTarget, func(err error) bool { return errors.Is(err, store.ErrInUse) }},
		"a used database":      {store.Options{Path: folder}, store.Options{Database: held}, store.SideTarget, func(err error) bool { return errors.Is(err, store.ErrInUse) }},
		"from a used folder":   {store.Options{Path: used}, store.Options{Database: server.Create(t)}, store.SideSource, func(err error) bool { return errors.Is(err, store.ErrInUse) }},
		"from a used database": {store.Options{Database: held}, store.Options{Path: t.TempDir()}, store.SideSource, func(err error) bool { return errors.Is(err, store.ErrInUse) }},
	} {
		_, err := store.Move(t.Context(), c.from, c.to, false, quiet)
		var side *store.MoveError
		if !errors.As(err, &side) || side.Side != c.side || !c.want(err) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestMoveHolds opens both databases while a move copies.
func TestMoveHolds(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	from, to := store.Options{Path: full(t)}, store.Options{Database: server.Create(t), Alone: true}
	tried := false
	_, err := store.Move(t.Context(), from, to, false, func(step store.MoveStep, _, _ int64) {
		if step != store.StepIndex || tried {
			return
		}
		tried = true
		if s, err := store.Open(t.Context(), from); !errors.Is(err, store.ErrInUse) {
			t.Errorf("the source: got %v, want %v", err, store.ErrInUse)
			_ = s.Close()
		}
		if s, err := store.Open(t.Context(), to); !errors.Is(err, store.ErrUnfinished) {
			t.Errorf("the target: got %v, want %v", err, store.ErrUnfinished)
			_ = s.Close()
		}
		if _, err := store.Move(t.Context(), store.Options{Path: full(t)}, to, false, quiet); !errors.Is(err, store.ErrInUse) {
			t.Errorf("another move to the target: got %v, want %v", err, store.ErrInUse)
		}
	})
	if err != nil || !tried {
		t.Errorf("got %v, tried: %t", err, tried)
	}
}

// TestMoveOldDatabase moves a folder of an earlier version, which is migrated first.
func TestMoveOldDatabase(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	folder := t.TempDir()
	db := openFile(t, folder)
	store.MigrateTo(t, db, 7)
	if _, err := db.ExecContext(t.Context(), "INSERT INTO organization VALUES ('demo', 'Demo', 1)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if moved := move(t, store.Options{Path: folder}, store.Options{Database: server.Create(t)}); !moved.To.OK() {
		t.Error(moved.To)
	}
}
