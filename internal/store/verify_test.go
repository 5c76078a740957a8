package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

// TestVerifyFinds damages a database in one way after the other.
func TestVerifyFinds(t *testing.T) {
	store.ShiftAtMost(t, 0)
	sound := open(t, store.Options{Path: t.TempDir()})
	fill(t, sound)
	if err := sound.Indexed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := sound.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		damage string
		want   []string // lines that the report must have, perhaps among others
	}{
		"nothing":                  {"", nil},
		"an active bot":            {"UPDATE account SET active = 1 WHERE id = 'robot'", []string{"account robot: it is a bot, but active"}},
		"a bot with an address":    {"UPDATE account SET email = 'robot@example.test' WHERE id = 'robot'", []string{"account robot: it is a bot, but has an e-mail address"}},
		"a bot in a company":       {"INSERT INTO organization_member (organization, account, role, place) VALUES ('org', 'robot', 'member', '')", []string{"account robot: it is a bot, but in an organization"}},
		"a bot in the group":       {"UPDATE member SET left_at = 0 WHERE account = 'robot'", []string{"account robot: it is a bot, but a member of a group"}},
		"a webhook of a person":    {"UPDATE webhook SET account = 'eve'", []string{"webhook hook: its account is not a bot", "webhook hook: its account has no row of member in the group"}},
		"a webhook of no group":    {"UPDATE webhook SET group_id = 'x'", []string{"webhook hook: group_id is x, want a row of chat_group"}},
		"a webhook of nobody":      {"UPDATE webhook SET creator = 'x'", []string{"webhook hook: creator is x, want a row of account"}},
		"a subscription of nobody": {"UPDATE subscription SET app = 'x'", []string{"subscription sub: app is x, want a row of application"}},
		"an event for nobody":      {"UPDATE outgoing SET subscription = 'x'", []string{"outgoing 1: subscription is x, want a row of subscription"}},
		"a gap":                    {"UPDATE message SET seq = 9 WHERE id = 3", []string{"message 3 in conversation 1: seq is 9, want 3"}},
		"a double":                 {"DROP INDEX message_seq; UPDATE message SET seq = 2 WHERE id = 3", []string{"message 3 in conversation 1: seq is 2, want 3"}},
		"a lost message":           {"DELETE FROM message WHERE id = 2", []string{"conversation 1, seq 2: messages are missing", "member conversation 1, account ann: own is 3, want 2"}},
		"counting number":          {"UPDATE message SET counted = 7 WHERE id = 2", []string{"message 2 in conversation 1: counted is 7, want 2"}},
		"order of times":           {"UPDATE message SET at = 1 WHERE id = 2", []string{"message 2 in conversation 1: at is 1, want above "}},
		"order of ids":             {"UPDATE message SET seq = seq + 10 WHERE id IN (1, 2); UPDATE message SET seq = 13 - seq WHERE id IN (1, 2)", []string{"message 1 in conversation 1: id is 1, want above 2"}},
		"content kept":             {"UPDATE message SET text = 'still here' WHERE withdrawn_at IS NOT NULL", []string{"conversation 2: it was withdrawn, but what it said is still there"}},
		"a quote from outside":     {"UPDATE message SET refer = 4 WHERE id = 2", []string{"message 2 in conversation 1: conversation of the quoted message is 2, want 1"}},
		"a doubled waitingid":      {"UPDATE message SET waitingid = 'w' WHERE id IN (1, 3)", []string{"message 1 of ann: the number of messages with its waitingid is 2, want 1"}},
		"a waitingid not found":    {"DELETE FROM waitingid", []string{"message 3: the message found by its waitingid is 0, want 3", "waitingid table: the number of rows is 0, want 1"}},
		"a waitingid too many":     {"INSERT INTO waitingid VALUES (1, 2)", []string{"waitingid table: the number of rows is 2, want 1"}},
		"a waitingid of nothing":   {"UPDATE waitingid SET message = 99", []string{"message is 99, want a row of message"}},
		"last_seq":                 {"UPDATE conversation SET last_seq = 8 WHERE id = 1", []string{"conversation 1: last_seq is 8, want 3"}},
		"counted":                  {"UPDATE conversation SET counted = 8 WHERE id = 1", []string{"conversation 1: counted is 8, want 3", "account bob: unread is 6, want 1", "account bob: sum of its list of counts is "}},
		"last_id":                  {"UPDATE conversation SET last_id = 8 WHERE id = 1", []string{"conversation 1: last_id is 8, want 3"}},
		"last_at":                  {"UPDATE conversation SET last_at = 8 WHERE id = 1", []string{"conversation 1: last_at is 8, want "}},
		"withdrawn":                {"UPDATE conversation SET withdrawn = 0 WHERE id = 2", []string{"conversation 2: withdrawn is 0, want 3", "conversation 2, account cid: unread is 3, want 2"}},
		"mentioned":                {"UPDATE conversation SET mentioned = 0 WHERE id = 2", []string{"conversation 2: mentioned is 0, want at least 2", "conversation 2, account bob: latest mention is 0, want 5"}},
		"kind":                     {"UPDATE conversation SET kind = 5 WHERE id = 1", []string{"conversation 1: kind is 5, want 1, 2 or 3"}},
		"order of two":             {"UPDATE conversation SET a = b, b = a WHERE id = 1", []string{"conversation 1: its accounts a and b are in the wrong order"}},
		"a third one":              {"INSERT INTO member SELECT 'cid', 1, role, push, listed, top_at, join_seq, joined_at, left_at, left_seq, read_seq, read_count, 0, 0, grouped, sure_seq, departure, left_name, left_avatar, 0, place, has_unread, 0 FROM member WHERE conversation = 1 AND account = 'bob'", []string{"conversation 1: participants is 3, want 2"}},
		"a participant gone":       {"DELETE FROM member WHERE conversation = 1 AND account = 'ann'", []string{"conversation 1, account ann: this participant has no row of member", "member conversation 1, account ann: the row is missing, but there are messages of this account"}},
		"alone with a friend":      {"INSERT INTO member SELECT 'cid', 3, role, push, listed, top_at, join_seq, joined_at, left_at, left_seq, read_seq, read_count, 0, 0, grouped, sure_seq, departure, left_name, left_avatar, 0, place, has_unread, 0 FROM member WHERE conversation = 3", []string{"conversation 3: participants is 2, want 1"}},
		"group with accounts":      {"UPDATE conversation SET a = 'ann' WHERE id = 2", []string{"conversation 2: accounts is ann, want "}},
		"group without group":      {"UPDATE conversation SET group_id = NULL WHERE id = 2", []string{"conversation 2: it is that of a group, and names none", "chat_group g: conversations is 0, want 1", "chat_group g: id is g, want a row of conversation"}},
		"read_seq":                 {"UPDATE member SET read_seq = 1 WHERE conversation = 1 AND account = 'bob'", []string{"member conversation 1, account bob: read_count is 2, want 1"}},
		"read_seq beyond":          {"UPDATE member SET read_seq = 99 WHERE conversation = 1 AND account = 'bob'", []string{"member conversation 1, account bob: read_seq is 99, want 0 to 3"}},
		"left_seq beyond":          {"UPDATE member SET left_seq = 99 WHERE conversation = 2 AND account = 'dot'", []string{"member conversation 2, account dot: left_seq is 99, want 0 to 5"}},
		"join_seq beyond":          {"UPDATE member SET join_seq = -1 WHERE conversation = 2 AND account = 'dot'", []string{"member conversation 2, account dot: join_seq is -1, want 0 to 5"}},
		"place":                    {"UPDATE member SET place = 99 WHERE account = 'ann' AND conversation = 1", []string{"member conversation 1, account ann: place is 99, want 1 to "}},
		"no place":                 {"UPDATE member SET place = 0 WHERE account = 'ann' AND conversation = 1", []string{"member conversation 1, account ann: place is 0, want 1 to "}},
		"order of places":          {"UPDATE member SET place = 1 WHERE account = 'ann' AND conversation = 3", []string{"member conversation 3, account ann: position by place is 1, want at most 0 from 0"}},
		"place of a group":         {"UPDATE member SET place = 1 WHERE conversation = 2 AND account = 'bob'", []string{"member conversation 2, account bob: place is 1, want 0"}},
		"has_unread":               {"UPDATE member SET has_unread = 0 WHERE conversation = 1 AND account = 'bob'", []string{"member conversation 1, account bob: has_unread is false, want true", "account bob: chats in its list of counts is 1, want 2"}},
		"read_count":               {"UPDATE member SET read_count = 3 WHERE conversation = 1 AND account = 'bob'", []string{"read_count is 3, want 2", "account bob: unread is 0, want 1", "account bob: chats in its list of counts is 1, want 2"}},
		"own":                      {"UPDATE member SET own = 5 WHERE conversation = 1 AND account = 'ann'", []string{"member conversation 1, account ann: own is 5, want 3"}},
		"own_at_read":              {"UPDATE member SET own_at_read = 2 WHERE conversation = 1 AND account = 'ann'", []string{"member conversation 1, account ann: own_at_read is 2, want 0"}},
		"cursor of who left":       {"UPDATE member SET read_seq = 0, read_count = 0 WHERE conversation = 2 AND account = 'dot'", []string{"member conversation 2, account dot: read_seq is 0, want 1"}},
		"role of who left":         {"UPDATE member SET role = 1 WHERE conversation = 2 AND account = 'dot'", []string{"member conversation 2, account dot: role is 1, want 0"}},
		"group members":            {"UPDATE chat_group SET members = 9", []string{"chat_group g: members is 9, want 3"}},
		"mention elsewhere":        {"UPDATE mention SET seq = 1 WHERE account = 'bob'", []string{`mention conversation 2, account "bob", message 5: seq is 1, want 2`}},
		"mention withdrawn":        {"INSERT INTO mention VALUES (2, 'bob', 3, 6)", []string{`account "bob", message 6: its message was withdrawn`}},
		"mention of a stranger":    {"UPDATE mention SET account = 'eve' WHERE account = 'bob'", []string{"mention conversation 2: account is eve, want a participant"}},
		"inbox last_seq":           {"UPDATE inbox SET last_seq = 9", []string{"inbox account ann, category task: last_seq is 9, want 3"}},
		"inbox strong":             {"UPDATE inbox SET strong = 9", []string{"inbox account ann, category task: strong is 9, want 2", "task: unread is 8, want 1"}},
		"inbox read_seq":           {"UPDATE inbox SET read_seq = 9", []string{"inbox account ann, category task: read_seq is 9, want 0 to 3"}},
		"inbox read_strong":        {"UPDATE inbox SET read_strong = 0", []string{"inbox account ann, category task: read_strong is 0, want 1", "unread is 2, want 1"}},
		"inbox last_at":            {"UPDATE inbox SET last_at = 0", []string{"inbox account ann, category task: last_at is "}},
		"notification seq":         {"UPDATE notification SET seq = 9 WHERE seq = 3", []string{"notification account ann, category task, place 3: seq is 9, want 3"}},
		"notification strong":      {"UPDATE notification SET strong = 9 WHERE seq = 3", []string{"notification account ann, category task, place 3: strong is 9, want 2"}},
		"notice category":          {"UPDATE notice SET category = 'hr' WHERE id = 1", []string{"place 1: category of its notice is hr, want task"}},
		"half a friendship":        {"DELETE FROM friendship WHERE account = 'ann'", []string{"friendship account eve, friend ann: the row of the other side is missing"}},
		"sender unknown":           {"UPDATE message SET sender = 'ghost' WHERE id = 1", []string{"message 1: sender is ghost, want a row of account"}},
		"app unknown":              {"UPDATE message SET app = 'ghost' WHERE id = 1", []string{"message 1: app is ghost, want a row of application"}},
		"quote unknown":            {"UPDATE message SET refer = 99 WHERE id = 2", []string{"message 2: refer is 99, want a row of message"}},
		"conversation unknown":     {"UPDATE message SET conversation = 77 WHERE id = 3", []string{"message 3: conversation is 77, want a row of conversation"}},
		"withdrawer unknown":       {"UPDATE message SET withdrawn_by = 'ghost' WHERE id = 6", []string{"message 6: withdrawn_by is ghost, want a row of account"}},
		"creator unknown":          {"UPDATE chat_group SET creator = 'ghost'", []string{"chat_group g: creator is ghost, want a row of account"}},
		"member unknown":           {"UPDATE member SET account = 'ghost' WHERE account = 'cid'", []string{"member account ghost: account is ghost, want a row of account"}},
		"colleague unknown":        {"UPDATE organization_member SET account = 'ghost' WHERE account = 'cid'", []string{"organization_member account ghost: account is ghost, want a row of account"}},
		"organization unknown":     {"DELETE FROM organization", []string{"organization_member account ann: organization is org, want a row of organization"}},
		"token of nobody":          {"UPDATE token SET account = 'ghost'", []string{"token session s: account is ghost, want a row of account"}},
		"heard by nobody":          {"UPDATE heard SET account = 'ghost'", []string{"heard account ghost: account is ghost, want a row of account"}},
		"heard nothing":            {"UPDATE heard SET message = 99", []string{"heard account bob: message is 99, want a row of message"}},
		"a reaction of nobody":     {"INSERT INTO reaction VALUES (1, '👍', 'ghost', 1)", []string{"reaction message 1: account is ghost, want a row of account"}},
		"a reaction to nothing":    {"INSERT INTO reaction VALUES (99, '👍', 'bob', 1)", []string{"reaction message 99: message is 99, want a row of message"}},
		"reaction and withdrawn":   {"INSERT INTO reaction VALUES (6, '👍', 'bob', 1)", []string{"reaction message 6: its message was withdrawn"}},
		"too many reactions":       {"WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 21) INSERT INTO reaction SELECT 1, 'emoji ' || n, 'bob', 1 FROM n", []string{"reaction message 1: its message has too many different ones"}},
		"a pin of nobody":          {"UPDATE pin SET account = 'ghost'", []string{"pin message 3: account is ghost, want a row of account"}},
		"a pin of nothing":         {"UPDATE pin SET message = 99", []string{"pin message 99: message is 99, want a row of message"}},
		"a pin elsewhere":          {"UPDATE pin SET conversation = 2", []string{"pin message 3: its message is of another conversation"}},
		"a pin nowhere":            {"UPDATE pin SET conversation = 99", []string{"pin message 3: conversation is 99, want a row of conversation", "pin message 3: its message is of another conversation"}},
		"pinned and withdrawn":     {"INSERT INTO pin VALUES (6, 2, 'bob', 1)", []string{"pin message 6: its message was withdrawn or is a system message"}},
		"marked after the end":     {"UPDATE member SET marked_unread = 1 WHERE account = 'dot'", []string{"member conversation 2, account dot: marked_unread is 1, want 0 after the end"}},
		"a former text lost":       {"INSERT INTO revision VALUES (99, 1, 'former', 1, 1)", []string{"revision message 99: message is 99, want a row of message"}},
		"a former text changed":    {"UPDATE revision SET text = 'another'", []string{"revision 1 of message 3: its text or its time differs from its checksum"}},
		"its time changed":         {"UPDATE revision SET at = at + 1", []string{"revision 1 of message 3: its text or its time differs from its checksum"}},
		"former and withdrawn":     {"UPDATE revision SET message = 6", []string{"revision message 6: its message is not edited, or withdrawn"}},
		"when it was edited":       {"UPDATE message SET edited_at = edited_at + 1", []string{"message 3 in conversation 1: its content, times or mentions differ from its checksum"}},
		"notice unknown":           {"UPDATE notification SET notice = 99 WHERE seq = 3", []string{"notification account ann: notice is 99, want a row of notice"}},
		"inbox unknown":            {"DELETE FROM inbox", []string{"notification account ann: category is task, want a row of inbox"}},
		"indexed too far":          {"UPDATE search_state SET indexed = 99", []string{"search_state table: indexed is 99, want 0 to 9"}},
		"not indexed":              {"DELETE FROM message_index WHERE rowid = 2", []string{"message 2: it is missing in the search index"}},
		"indexed and withdrawn":    {"INSERT INTO message_index (rowid, words) VALUES (6, 'word')", []string{"message 6: it is in the search index, but was withdrawn"}},
		"other words":              {"DELETE FROM message_index WHERE rowid = 1; INSERT INTO message_index (rowid, words) VALUES (1, 'word')", []string{"message 1 in conversation 1: the text differs from the search index"}},
		"a changed text":           {"UPDATE message SET text = text || ' changed' WHERE id = 1", []string{"message 1 in conversation 1: the text differs from the search index"}},
		"other order of words":     {"UPDATE message SET text = 'words of an older message' WHERE id = 4", []string{"message 4 in conversation 2: its content, times or mentions differ from its checksum"}},
		"one more space":           {"UPDATE message SET text = text || ' ' WHERE id = 1", []string{"message 1 in conversation 1: its content, times or mentions differ from its checksum"}},
		"a card":                   {"UPDATE message SET card = '{}' WHERE id = 1", []string{"message 1 in conversation 1: its content, times or mentions differ from its checksum"}},
		"a file":                   {"UPDATE message SET file = '{}' WHERE id = 1", []string{"message 1 in conversation 1: its content, times or mentions differ from its checksum"}},
		"another type":             {"UPDATE message SET type = 2 WHERE id = 1", []string{"message 1 in conversation 1: its content, times or mentions differ from its checksum"}},
		"a time":                   {"UPDATE message SET at = at + 1 WHERE id = 3; UPDATE conversation SET last_at = last_at + 1 WHERE id = 1", []string{"message 3 in conversation 1: its content, times or mentions differ from its checksum"}},
		"a time of sending":        {"UPDATE message SET sent_at = 7 WHERE id = 3", []string{"message 3 in conversation 1: its content, times or mentions differ from its checksum"}},
		"a former time":            {"UPDATE message SET former_at = 7 WHERE id = 3", []string{"message 3 in conversation 1: its content, times or mentions differ from its checksum"}},
		"a time of withdrawal":     {"UPDATE message SET withdrawn_at = 7 WHERE id = 6", []string{"message 6 in conversation 2: its content, times or mentions differ from its checksum"}},
		"another mention":          {"UPDATE mention SET account = 'cid' WHERE account = 'bob'", []string{"message 5 in conversation 2: its content, times or mentions differ from its checksum"}},
		"a mention for everyone":   {"UPDATE mention SET account = NULL", []string{"message 5 in conversation 2: its content, times or mentions differ from its checksum"}},
		"a mention gone":           {"DELETE FROM mention; UPDATE conversation SET mentioned = 0", []string{"message 5 in conversation 2: its content, times or mentions differ from its checksum"}},
		"a role in a chat of two":  {"UPDATE member SET role = 1 WHERE conversation = 1 AND account = 'ann'", []string{"member conversation 1, account ann: role is 1, want 0, or 1 in a group"}},
		"a departed member":        {"UPDATE member SET departure = 2 WHERE conversation = 2 AND account = 'bob'", []string{"account bob: departure is 2, want 0, or 1 to 3 after the end"}},
		"an end in a chat of two":  {"UPDATE member SET left_at = 7, left_seq = read_seq WHERE conversation = 1 AND account = 'bob'", []string{"member conversation 1, account bob: left_at is 7, want 0"}},
		"no checksum":              {"UPDATE message SET checksum = NULL WHERE id = 5", []string{"message 5 in conversation 2: its checksum is missing"}},
		"another notice":           {"UPDATE notice SET text = 'x' WHERE id = 1", []string{"notice 1: its content differs from its checksum"}},
		"the newest are lost":      {"DELETE FROM message WHERE id IN (2, 3)", []string{"conversation 1, seq 2 to 3: messages are missing"}},
		"words forgotten":          {"DELETE FROM search_word", []string{"message 1 in conversation 1: a word of it is missing in the list of words"}},
		"another name":             {"UPDATE account SET name = 'x' WHERE id = 'ann'", []string{"account ann: find is ", "account ann: place is "}},
		"another place":            {"UPDATE organization_member SET place = 'x' WHERE account = 'ann'", []string{"organization_member account ann: place is x, want "}},
		"answer for nobody":        {"UPDATE replay SET app = 'ghost'", []string{"replay idem_key k: app is ghost, want a row of application"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			file := filepath.Join(folder, "parley.db")
			copyFile(t, file, sound.Path())
			damage(t, file, c.damage)
			s := open(t, store.Options{Path: folder, Readers: 1})
			report, err := store.Verify(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if report.OK() != (c.want == nil) {
				t.Errorf("got OK %t:\n%s", report.OK(), report)
			}
			for _, want := range c.want {
				if !strings.Contains(report.String(), want) {
					t.Errorf("got no line with %q:\n%s", want, report)
				}
			}
		})
	}
}

// One deleted message was reported once for every later one.
func TestVerifyIsShort(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	fill(t, s)
	send(t, s, 300)
	if err := s.Indexed(t.Context()); err != nil {
		t.Fatal(err)
	}
	verify := func(damaged string) store.Report {
		t.Helper()
		damage(t, s.Path(), damaged)
		s = reopen(t, s)
		report, err := store.Verify(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	report := verify("DELETE FROM message WHERE id = 100")
	if report.Found > 6 || !strings.Contains(report.String(), "conversation 1, seq 94: messages are missing\n") {
		t.Errorf("one message: got\n%s", report)
	}
	report = verify("UPDATE message SET text = 'x' WHERE id > 100")
	text := report.String()
	if lines := strings.Count(text, "\n"); lines > 20 || !strings.Contains(text, "message: 204 more of the same kind: its content, times or mentions differ from its checksum\n") {
		t.Errorf("many texts: got %d lines\n%s", lines, text)
	}
}

// Messages of an earlier version have no checksum, also after they are withdrawn.
func TestVerifyWithoutChecksums(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	fill(t, s)
	damage(t, s.Path(), "UPDATE message SET checksum = NULL; UPDATE notice SET checksum = NULL")
	s = reopen(t, s)
	send(t, s, 1)
	if err := s.Update(t.Context(), func(tx chat.Tx) error { return tx.WithdrawMessage(2, "ann", time.Now()) }); err != nil {
		t.Fatal(err)
	}
	report, err := store.Verify(t.Context(), s)
	if err != nil || !report.OK() || report.Unchecked != 9+3 {
		t.Errorf("got %v, %d without a checksum, want 12\n%s", err, report.Unchecked, report)
	}
	if !strings.Contains(report.String(), "12 messages and notices have no checksum") {
		t.Errorf("got\n%s", report)
	}
}

// A damaged page ended the verification with the words of the engine.
func TestVerifyGoesOn(t *testing.T) {
	folder := damagedPage(t)
	damage(t, filepath.Join(folder, "parley.db"), "UPDATE inbox SET last_seq = 9")
	s := open(t, store.Options{Path: folder})
	report, err := store.Verify(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a part of it cannot be read", "the database file is damaged: stop the server", "inbox account ann, category task: last_seq is 9, want 3"} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("got no %q in\n%s", want, report)
		}
	}
	if lines := strings.Count(report.String(), "\n"); lines > 60 {
		t.Errorf("got %d lines:\n%s", lines, report)
	}
}

// TestVerifyChecksTheFile damages an index behind the engine's back: a page of
// it is overwritten by one that is sound in itself but of another table.
func TestVerifyChecksTheFile(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	fill(t, s)
	damage(t, s.Path(), `PRAGMA writable_schema = 1;
		UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'token_account') WHERE name = 'message_file';
		PRAGMA wal_checkpoint(TRUNCATE)`)
	again := reopen(t, s)
	report, err := store.Verify(t.Context(), again)
	if err == nil && report.OK() {
		t.Errorf("got no difference and no error:\n%s", report)
	}
}

func reopen(t *testing.T, s *store.Store) *store.Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, store.Options{Path: s.Path()})
}

// damage runs statements on a connection of its own that checks no references.
func damage(t *testing.T, file, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(30000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := db.ExecContext(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}

// fill makes a database in which every table has a row.
//
//	conversation 1: ann and bob, messages 1–3 of ann, bob has read two; 3 was edited, and bob has reacted to it and pinned it
//	conversation 2: group g, messages 4–8, one withdrawn, bob @-ed by 5; dot has left
//	conversation 3: ann with herself
func fill(t testing.TB, s *store.Store) {
	t.Helper()
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	err := s.Update(context.Background(), func(tx chat.Tx) error {
		var steps steps
		steps.do(func() error { return tx.CreateApplication(chat.Application{ID: "app", Key: "key"}) })
		steps.do(func() error { return tx.CreateOrganization(chat.Organization{ID: "org"}) })
		for _, a := range []chat.AccountID{"ann", "bob", "cid", "dot", "eve"} {
			steps.do(func() error { return tx.CreateAccount(chat.Account{ID: a, Active: true}) })
		}
		steps.do(func() error { return tx.AddToOrganization("org", []chat.AccountID{"ann", "bob", "cid", "dot"}) })
		steps.do(func() error { return tx.SetFriends("ann", "eve", at) })
		steps.do(func() error { return tx.CreateToken(chat.Token{Session: "s", Account: "ann", App: "app"}) })
		steps.do(func() error { return tx.RevokeJWT("j", "ann", at, at) })
		steps.do(func() error { return tx.SaveReplay("app", "k", chat.Replay{At: at}) })
		steps.do(func() error { _, err := tx.CreateDirectConversation("ann", "bob", at); return err })
		say := func(c chat.ConversationID, from chat.AccountID, kind chat.MessageType) (m chat.Message) {
			m = chat.Message{Content: chat.Content{Type: kind, Text: "words"}, Conversation: c, From: from, App: "app", At: at}
			steps.do(func() error { return tx.AppendMessage(&m) })
			steps.do(func() error { _, err := tx.List(c); return err })
			return m
		}
		say(1, "ann", chat.TypeVoice)
		say(1, "ann", chat.TypeText)
		steps.do(func() error { _, err := tx.MarkRead(1, "bob"); return err })
		steps.do(func() error { _, err := tx.SetHeard("bob", 1, at); return err })
		named := chat.Message{Content: chat.Content{Type: chat.TypeText, Text: "words"}, Conversation: 1, From: "ann", WaitingID: "named", At: at}
		steps.do(func() error { return tx.AppendMessage(&named) })
		steps.do(func() error { return tx.EditMessage(named.ID, "words", at.Add(time.Second)) })
		steps.do(func() error { _, err := tx.AddReaction(named.ID, "👍", "bob", at); return err })
		steps.do(func() error { _, err := tx.AddPin(1, chat.Pin{Message: named.ID, By: "bob", At: at}); return err })

		steps.do(func() error { _, err := tx.CreateGroup(chat.Group{ID: "g", Creator: "ann"}); return err })
		steps.do(func() error { return tx.AddMembers(2, []chat.AccountID{"ann"}, chat.RoleAdmin, at) })
		steps.do(func() error { return tx.AddMembers(2, []chat.AccountID{"bob", "cid", "dot"}, chat.RoleMember, at) })
		say(2, "dot", chat.TypeText)
		steps.do(func() error { return tx.RemoveMember(2, "dot", at, chat.DepartureLeft) })
		marked := say(2, "ann", chat.TypeText)
		steps.do(func() error { return tx.AddMentions(2, marked.ID, marked.Seq, []chat.AccountID{"bob"}) })
		steps.do(func() error { return tx.WithdrawMessage(say(2, "ann", chat.TypeText).ID, "ann", at) })
		say(2, "cid", chat.TypeText)
		steps.do(func() error {
			return tx.AppendMessage(&chat.Message{Conversation: 2, From: "ann", System: chat.SystemOther, At: at})
		})
		steps.do(func() error { return tx.CreateAccount(chat.Account{ID: "robot", Bot: true}) })
		steps.do(func() error { return tx.AddFormerMember(2, "robot", at) })
		steps.do(func() error {
			return tx.CreateWebhook(chat.Webhook{ID: "hook", Group: "g", Account: "robot", Creator: "ann", CreatedAt: at})
		})
		steps.do(func() error {
			return tx.CreateApplication(chat.Application{ID: "system", Key: "system", Kind: chat.AppServer, SendAck: chat.AckErrorFirst})
		})
		steps.do(func() error { return tx.CreateSubscription(chat.Subscription{ID: "sub", App: "system"}) })
		steps.do(func() error { return tx.AddOutgoing(chat.Outgoing{Subscription: "sub", Body: []byte("{}")}) })
		steps.do(func() error { _, err := tx.CreateDirectConversation("ann", "ann", at); return err })
		say(3, "ann", chat.TypeText)
		for i, weak := range []bool{false, true, false} {
			steps.do(func() error {
				_, err := tx.AddNotification(&chat.Notification{Category: "task", Weak: weak, At: at}, []chat.AccountID{"ann"})
				return err
			})
			if i == 0 {
				steps.do(func() error { _, err := tx.ReadInbox("ann", "task", 0); return err })
			}
		}
		return steps.err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// steps stops at the first error.
type steps struct{ err error }

func (s *steps) do(step func() error) {
	if s.err == nil {
		s.err = step()
	}
}

// The checksums of earlier versions do not include times and mentions. They stay valid, also
// after a withdrawal, a mention and a correction of the clock.
func TestVerifyEarlierChecksums(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	fill(t, s)
	for id, sum := range store.EarlierChecksums(t, s) {
		damage(t, s.Path(), fmt.Sprintf("UPDATE message SET checksum = %d WHERE id = %d", sum, id))
	}
	s = reopen(t, s)
	check := func(what string) {
		t.Helper()
		report, err := store.Verify(t.Context(), s)
		if err != nil || !report.OK() {
			t.Errorf("%s: got %v\n%s", what, err, report)
		}
	}
	check("stored by an earlier version")
	if err := s.Update(t.Context(), func(tx chat.Tx) error { return tx.WithdrawMessage(2, "ann", time.Now()) }); err != nil {
		t.Fatal(err)
	}
	check("withdrawn")
	if err := s.Update(t.Context(), func(tx chat.Tx) error { return tx.AddMentions(2, 7, 4, []chat.AccountID{"bob", chat.Everyone}) }); err != nil {
		t.Fatal(err)
	}
	check("with mentions")
	// Three days ahead, then right.
	ahead := time.Now().AddDate(0, 0, 3)
	for _, at := range []time.Time{ahead, ahead.Add(time.Minute)} {
		if err := s.Update(t.Context(), func(tx chat.Tx) error {
			m := chat.Message{Content: chat.Content{Text: "ahead"}, Conversation: 2, From: "ann", At: at}
			if err := tx.AppendMessage(&m); err != nil {
				return err
			}
			return tx.AddMentions(2, m.ID, m.Seq, []chat.AccountID{"cid"})
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Update(t.Context(), func(tx chat.Tx) error { return tx.MoveTimesBack(time.Now()) }); err != nil {
		t.Fatal(err)
	}
	check("moved back")
	if got := ask(t, s.Path(), "SELECT count(*) FROM message WHERE former_at IS NOT NULL"); got != "2" {
		t.Errorf("%s messages moved back, want 2", got)
	}
}
