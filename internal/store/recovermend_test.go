package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

// large makes a closed database of which every large table has several pages. Beside the
// rows of fill it has the accounts p000 to p199, each with a chat with ann, a group of ann,
// p000 and p001, and notifications.
func large(t *testing.T) (file string) {
	t.Helper()
	s := open(t, store.Options{Path: t.TempDir()})
	fill(t, s)
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	if err := s.Update(t.Context(), func(tx chat.Tx) error {
		var steps steps
		for n := range 200 {
			a := chat.AccountID(fmt.Sprintf("p%03d", n))
			steps.do(func() error { return tx.CreateAccount(chat.Account{ID: a, Name: "One of many", Active: true}) })
			steps.do(func() error { return tx.SetFriends("ann", a, at) })
			var c chat.Conversation
			steps.do(func() (err error) { c, err = tx.CreateDirectConversation("ann", a, at); return err })
			for i := range 4 {
				from := chat.AccountID("ann")
				if i%2 == 0 {
					from = a
				}
				m := chat.Message{Content: chat.Content{Text: strings.Repeat("words ", 20)}, Conversation: c.ID, From: from, WaitingID: fmt.Sprint(a, i), At: at}
				steps.do(func() error { return tx.AppendMessage(&m) })
			}
			steps.do(func() error { _, err := tx.List(c.ID); return err })
			steps.do(func() error { _, err := tx.MarkRead(c.ID, a); return err })
			steps.do(func() error {
				hash := [32]byte{byte(n), byte(n >> 8), 1}
				return tx.CreateToken(chat.Token{Session: chat.SessionID("s-" + string(a)), Hash: hash, Account: a, CreatedAt: at})
			})
			steps.do(func() error { return tx.RevokeJWT(chat.SessionID("jwt-"+string(a)), a, at, at.AddDate(10, 0, 0)) })
			steps.do(func() error { return tx.SetEnded(a, chat.Ended{At: at}) })
			steps.do(func() error {
				_, err := tx.AddNotification(&chat.Notification{Category: "task", Text: strings.Repeat("text ", 20), At: at}, []chat.AccountID{"ann", a})
				return err
			})
		}
		// A long text fills several pages.
		m := chat.Message{Content: chat.Content{Text: strings.Repeat("long ", 4000)}, Conversation: 1, From: "bob", At: at}
		steps.do(func() error { return tx.AppendMessage(&m) })
		g := chat.Group{ID: "made", Name: "A group", Creator: "ann", CreatedAt: at}
		steps.do(func() (err error) { g, err = tx.CreateGroup(g); return err })
		steps.do(func() error { return tx.AddMembers(g.Conversation, []chat.AccountID{"ann"}, chat.RoleAdmin, at) })
		steps.do(func() error {
			return tx.AddMembers(g.Conversation, []chat.AccountID{"p000", "p001"}, chat.RoleMember, at)
		})
		m = chat.Message{Content: chat.Content{Text: "in the group"}, Conversation: g.Conversation, From: "p000", At: at}
		steps.do(func() error { return tx.AppendMessage(&m) })
		return steps.err
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Indexed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return s.Path()
}

// pagesOf returns the pages of a table that fulfil a condition on dbstat, in the order of their rows.
func pagesOf(t *testing.T, file, table, condition string) (pages []int64) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT pageno FROM dbstat WHERE name = ? AND "+condition+" ORDER BY path", table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var page int64
		if err := rows.Scan(&page); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	if err := rows.Err(); err != nil || len(pages) == 0 {
		t.Fatalf("pages of %s: %v, %v", table, pages, err)
	}
	return pages
}

func lose(t *testing.T, file string, pages ...int64) {
	t.Helper()
	for _, page := range pages {
		overwrite(t, file, (page-1)*4096)
	}
}

// recovered recovers a damaged database and opens the result.
func recovered(t *testing.T, file string) (*store.Store, store.Recovery) {
	t.Helper()
	folder := t.TempDir()
	done, err := store.Recover(t.Context(), file, folder, func(string, int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	return open(t, store.Options{Path: folder}), done
}

func tableOf(t *testing.T, done store.Recovery, name string) store.Recovered {
	t.Helper()
	i := slices.IndexFunc(done.Tables, func(r store.Recovered) bool { return r.Table == name })
	if i < 0 {
		t.Fatalf("%s was not copied", name)
	}
	return done.Tables[i]
}

// works sends a message to an old chat and to a new one, and reads every chat list.
func works(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Update(t.Context(), func(tx chat.Tx) error {
		var steps steps
		for _, a := range []chat.AccountID{"new1", "new2"} {
			steps.do(func() error { return tx.CreateAccount(chat.Account{ID: a, Active: true}) })
		}
		var c chat.Conversation
		steps.do(func() (err error) { c, err = tx.CreateDirectConversation("new1", "new2", time.Now()); return err })
		m := chat.Message{Content: chat.Content{Text: "hello"}, Conversation: c.ID, From: "new1", At: time.Now()}
		steps.do(func() error { return tx.AppendMessage(&m) })
		steps.do(func() error {
			_, err := tx.AddNotification(&chat.Notification{Category: "task", At: time.Now()}, []chat.AccountID{"ann", "new1"})
			return err
		})
		return steps.err
	}); err != nil {
		t.Errorf("a new chat: %v", err)
	}
	for _, a := range []chat.AccountID{"ann", "bob", "p000", "p100", "p199", "new1"} {
		if err := s.View(t.Context(), func(tx chat.Tx) error { _, err := tx.ChatList(a, 0, 1000); return err }); err != nil {
			t.Errorf("chat list of %s: %v", a, err)
		}
	}
}

// ask returns the result of a query of the database of a store that was closed.
func ask(t *testing.T, file, query string) (answer string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), "SELECT COALESCE(("+query+"), '')").Scan(&answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

// A sound database is copied row by row.
func TestRecoverASoundDatabase(t *testing.T) {
	file := large(t)
	s, done := recovered(t, file)
	if !done.OK() || len(done.Mended) > 0 {
		t.Errorf("got\n%v\n%s", done.Mended, done.Report)
	}
	for _, table := range done.Tables {
		same := "SELECT count(*) FROM (SELECT * FROM main." + table.Table + " EXCEPT SELECT * FROM other." + table.Table + ")"
		if table.Table == "folder_state" {
			continue
		}
		db, err := sql.Open("sqlite", file)
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		var all, different int64
		if _, err := db.ExecContext(t.Context(), "ATTACH '"+s.Path()+"' AS other"); err != nil {
			t.Fatal(err)
		}
		if err := db.QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM main."+table.Table+"), ("+same+")").Scan(&all, &different); err != nil {
			t.Fatal(err)
		}
		if all != table.Rows || different != 0 {
			t.Errorf("%s: got %d rows, %d of them different, want %d", table.Table, table.Rows, different, all)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	works(t, s)
}

// Each table is lost as a whole, or its root, or another page of it. The result could not be
// opened, refused new chats, or had no row of a table whose root was lost.
func TestRecoverEveryTable(t *testing.T) {
	whole := large(t)
	tables := strings.Fields(ask(t, whole, `SELECT group_concat(name, ' ') FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
		AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'message_index%' AND name <> 'search_word'`))
	for _, table := range tables {
		var rows int64
		if _, err := fmt.Sscan(ask(t, whole, "SELECT count(*) FROM "+table), &rows); err != nil {
			t.Fatal(err)
		}
		parts := map[string][]int64{"all": pagesOf(t, whole, table, "true")}
		if len(parts["all"]) > 1 {
			leaves := pagesOf(t, whole, table, "pagetype = 'leaf'")
			parts["root"], parts["leaf"] = pagesOf(t, whole, table, "path = '/'"), leaves[len(leaves)/2:][:1]
		}
		for part, pages := range parts {
			t.Run(table+"/"+part, func(t *testing.T) {
				t.Parallel()
				file := filepath.Join(t.TempDir(), "parley.db")
				copyFile(t, file, whole)
				lose(t, file, pages...)
				s, done := recovered(t, file)
				works(t, s)
				if table == "search_state" || table == "goose_db_version" {
					return // not copied
				}
				got := tableOf(t, done, table)
				if rows > 0 && (got.Damage == "" || done.OK()) {
					t.Errorf("got no damage: %+v", got)
				}
				// These are too small to be recognized, and waitingid is computed from the messages.
				isSmall := table == "account_ended" || table == "waitingid"
				if part == "root" && !isSmall && got.Rows < rows*9/10 || part == "leaf" && (got.Rows < rows/3 || got.Rows >= rows) {
					t.Errorf("got %d rows of %d", got.Rows, rows)
				}
				if table != "message" && table != "member" && table != "mention" && !done.Report.OK() {
					t.Errorf("got\n%s", done.Report)
				}
			})
		}
	}
}

// lostPages recovers a large database without some pages of a table, and closes it.
func lostPages(t *testing.T, file, table, condition string) (string, store.Recovery) {
	t.Helper()
	lose(t, file, pagesOf(t, file, table, condition)...)
	s, done := recovered(t, file)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return s.Path(), done
}

// Every message behind a lost root is found, also one that fills several pages, and is the
// same as before.
func TestRecoverBehindARoot(t *testing.T) {
	file := large(t)
	whole := filepath.Join(t.TempDir(), "parley.db")
	copyFile(t, whole, file)
	to, done := lostPages(t, file, "message", "path = '/'")
	got := tableOf(t, done, "message")
	if want := ask(t, whole, "SELECT count(*) FROM message"); fmt.Sprint(got.Rows) != want || got.Scanned != got.Rows || got.Lost != 0 {
		t.Errorf("got %+v, want %s rows", got, want)
	}
	if n := ask(t, whole, "SELECT count(*) FROM message WHERE length(text) > 16000"); n != "1" {
		t.Errorf("got %s long messages, want 1", n)
	}
	sum := "SELECT sha256_hex(group_concat(id || ' ' || seq || ' ' || text || ' ' || sender || ' ' || at || ' ' || checksum ORDER BY id)) FROM message"
	if ask(t, to, sum) != ask(t, whole, sum) {
		t.Error("the messages differ")
	}
}

// A page that is no longer in use has rows as they were before they were deleted.
func TestRecoverNoDeletedRows(t *testing.T) {
	file := large(t)
	damage(t, file, "DELETE FROM revoked_jwt WHERE session > 'jwt-p050'; DELETE FROM notification; DELETE FROM inbox; PRAGMA wal_checkpoint(TRUNCATE)")
	if ask(t, file, "SELECT freelist_count > 3 FROM pragma_freelist_count") != "1" {
		t.Fatal("no page was given up")
	}
	want := ask(t, file, "SELECT count(*) FROM revoked_jwt")
	lose(t, file, pagesOf(t, file, "notification", "path = '/'")...)
	to, done := lostPages(t, file, "revoked_jwt", "path = '/'")
	if got := tableOf(t, done, "notification"); got.Rows != 0 {
		t.Errorf("got %d deleted rows", got.Rows)
	}
	if got := ask(t, to, "SELECT count(*) FROM revoked_jwt"); got > want && len(got) >= len(want) {
		t.Errorf("got %s rows, want at most %s", got, want)
	}
}

// With the members of a group lost, the authors of its messages did not come back: they may
// have been removed from it. The two of a direct chat do, and the bot of a webhook, which is a former member.
func TestRecoverMembers(t *testing.T) {
	to, _ := lostPages(t, large(t), "member", "true")
	for query, want := range map[string]string{
		"SELECT count(*) FROM member m JOIN conversation c ON c.id = m.conversation WHERE c.kind = 2 AND m.left_at = 0":           "0",
		"SELECT members FROM chat_group WHERE id = 'made'":                                                                        "0",
		"SELECT group_concat(account) FROM (SELECT account FROM member WHERE conversation = 1 ORDER BY account)":                  "ann,bob",
		"SELECT count(*) FROM conversation c WHERE kind = 1 AND (SELECT count(*) FROM member m WHERE m.conversation = c.id) <> 2": "0",
	} {
		if got := ask(t, to, query); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}

// Conversations get their kind, their members and the group that the creator joined when it was made.
func TestRecoverConversations(t *testing.T) {
	file := large(t)
	columns := "kind || ' ' || COALESCE(a, '') || ' ' || COALESCE(b, '') || ' ' || last_seq || ' ' || counted || ' ' || last_at || ' ' || last_id || ' ' || withdrawn"
	all := "SELECT group_concat(id || ' ' || " + columns + ", ';' ORDER BY id) FROM conversation"
	before := ask(t, file, all)
	to, done := lostPages(t, file, "conversation", "true")
	if after := ask(t, to, all); after != before {
		t.Errorf("got\n%s, want\n%s", after, before)
	}
	if got := ask(t, to, "SELECT c.last_seq || ' ' || g.name FROM conversation c JOIN chat_group g ON g.id = c.group_id WHERE g.id = 'made'"); got != "1 A group" {
		t.Errorf("the group: got %s", got)
	}
	if !done.Report.OK() {
		t.Errorf("got\n%s", done.Report)
	}
}

// Ids of lost messages were given out again.
func TestRecoverKeepsIDs(t *testing.T) {
	for _, others := range [][]string{nil, {"conversation"}, {"conversation", "waitingid", "mention", "message_state", "message_seq"}} {
		file := large(t)
		last := ask(t, file, "SELECT max(id) FROM message")
		notice := ask(t, file, "SELECT max(id) FROM notice")
		for _, table := range append(others, "notice") {
			lose(t, file, pagesOf(t, file, table, "true")...)
		}
		to, _ := lostPages(t, file, "message", "true")
		s := open(t, store.Options{Path: to})
		m := chat.Message{Content: chat.Content{Text: "new"}, Conversation: 1, From: "ann", At: time.Now()}
		n := chat.Notification{Category: "task", At: time.Now()}
		if err := s.Update(t.Context(), func(tx chat.Tx) error {
			if err := tx.AppendMessage(&m); err != nil {
				return err
			}
			_, err := tx.AddNotification(&n, []chat.AccountID{"ann"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(m.ID - 1); got != last {
			t.Errorf("without %v: got message %s, want %s", others, got, last)
		}
		if got := fmt.Sprint(n.ID - 1); got != notice {
			t.Errorf("without %v: got notification %s, want %s", others, got, notice)
		}
	}
}

// Revoked credentials were valid again without a word if the row that revoked them was lost.
func TestRecoverEndsSessions(t *testing.T) {
	for _, table := range []string{"account_ended", "revoked_jwt", "token", "replay"} {
		began := time.Now().UnixMilli()
		to, done := lostPages(t, large(t), table, "true")
		if got := ask(t, to, fmt.Sprintf("SELECT count(*) FROM account WHERE NOT EXISTS (SELECT 1 FROM account_ended e WHERE e.account = id AND e.at >= %d AND e.kept = '')", began)); got != "0" {
			t.Errorf("without %s: %s accounts keep their credentials", table, got)
		}
		if got := ask(t, to, "SELECT count(*) FROM token WHERE revoked_at = 0"); got != "0" {
			t.Errorf("without %s: %s tokens are valid", table, got)
		}
		if !strings.Contains(strings.Join(done.Mended, "\n"), "everybody signs in again") {
			t.Errorf("without %s: got %q", table, done.Mended)
		}
	}
	to, done := lostPages(t, large(t), "mention", "true")
	if got := ask(t, to, "SELECT count(*) FROM token WHERE revoked_at = 0"); got == "0" || len(done.Mended) > 0 {
		t.Errorf("without mentions: got %s valid tokens, %q", got, done.Mended)
	}
}

// An account whose row is lost is not active: it may have been before. That of a webhook is a bot again.
func TestRecoverAccounts(t *testing.T) {
	to, _ := lostPages(t, large(t), "account", "true")
	if got := ask(t, to, "SELECT count(*) || ' ' || sum(active) || ' ' || sum(bot) || ' ' || max(name) FROM account"); got != "206 0 1 robot" {
		t.Errorf("got %s", got)
	}
}
