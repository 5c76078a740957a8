package chat_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/chat"
)

func TestNotify(t *testing.T) {
	w := newWorld(t)
	ok(t, w.SetSilence(w.ctx, by(bob), chat.SessionTask, true))
	w.happened(`silence bob task true`)
	n, receivers, err := w.Notify(w.ctx, chat.NewNotification{
		Category: "task", Type: "taskcomment", Text: "Task done", Name: "Tasks", URL: "https://example.com/1", EntityID: "1",
		Accounts: []chat.AccountID{dave, bob, dave}, Organization: "demo",
	})
	ok(t, err)
	w.happened(`notified task "Task done": alice silent=false, bob silent=true, carol silent=false, dave silent=false`)
	same(t, "receivers", receivers, 4)
	if n.Text != "Task done" || n.At.IsZero() {
		t.Errorf("got %+v", n)
	}
	stored := must(w.Notifications(w.ctx, dave, "task", 0, 10))(t)
	if len(stored) != 1 || stored[0].ID != n.ID || stored[0].URL != n.URL || stored[0].Name != "Tasks" || stored[0].EntityID != "1" || !stored[0].At.Equal(n.At) {
		t.Errorf("got stored %+v", stored)
	}
	rows := must(w.ChatList(w.ctx, bob, 0, 10))(t)
	if len(rows) != 1 || rows[0].Ref.ID != "task" || !rows[0].Silent || rows[0].Unread != 1 || rows[0].Notice == nil || rows[0].Notice.Text != "Task done" {
		t.Errorf("got list %+v", rows)
	}
	same(t, "bob's totals", must(w.UnreadTotals(w.ctx, bob))(t), chat.UnreadTotals{Count: 1, Muted: 1})
	same(t, "alice's totals", must(w.UnreadTotals(w.ctx, alice))(t), chat.UnreadTotals{Count: 1})

	// Inactive members of an organization are passed over.
	must(w.UpdateAccount(w.ctx, carol, chat.AccountPatch{Active: new(bool)}))(t)
	second, receivers, err := w.Notify(w.ctx, chat.NewNotification{Category: "post", Type: "1", Text: "x", Organization: "demo"})
	ok(t, err)
	if n.ID == 0 || second.ID == 0 || second.ID == n.ID {
		t.Errorf("got ids %d and %d, want two of their own", n.ID, second.ID)
	}
	same(t, "receivers", receivers, 2)
}

func TestNotifyRefusals(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.MaxBatch = 3 })
	good := chat.NewNotification{Category: "task", Type: "0", Text: "x", Accounts: []chat.AccountID{bob}}
	for want, spoil := range map[string]func(*chat.NewNotification){
		"invalid payload: category must be the name of an inbox":                   func(n *chat.NewNotification) { n.Category = "tasks" },
		"invalid payload: type is required":                                        func(n *chat.NewNotification) { n.Type = "" },
		"invalid payload: text is required":                                        func(n *chat.NewNotification) { n.Text = "" },
		"invalid payload: text must be valid UTF-8":                                func(n *chat.NewNotification) { n.Text = "\xff" },
		"message too long":                                                         func(n *chat.NewNotification) { n.Text = strings.Repeat("x", 20481) },
		"invalid payload: name must be at most 200 characters":                     func(n *chat.NewNotification) { n.Name = strings.Repeat("x", 201) },
		"invalid payload: url must be at most 2048 bytes":                          func(n *chat.NewNotification) { n.URL = strings.Repeat("x", 2049) },
		"invalid payload: entityId must be at most 128 bytes":                      func(n *chat.NewNotification) { n.EntityID = strings.Repeat("x", 129) },
		"invalid payload: accounts is required":                                    func(n *chat.NewNotification) { n.Accounts = nil },
		`invalid payload: accounts names an account that does not exist: "nobody"`: func(n *chat.NewNotification) { n.Accounts = []chat.AccountID{bob, "nobody"} },
		"invalid payload: accounts must name at most 3 accounts":                   func(n *chat.NewNotification) { n.Accounts = []chat.AccountID{alice, bob, carol, dave} },
		"invalid payload: organization does not exist":                             func(n *chat.NewNotification) { n.Organization = "nowhere" },
	} {
		n := good
		spoil(&n)
		_, _, err := w.Notify(w.ctx, n)
		refused(t, want, err, want)
	}
	w.happened()
	_, err := w.Notifications(w.ctx, bob, "tasks", 0, 1)
	refused(t, "category", err, "invalid payload: category must be the name of an inbox")
	_, err = w.Notifications(w.ctx, "nobody", "task", 0, 1)
	refused(t, "account", err, "account not found")
}

func TestNotifyALargeOrganization(t *testing.T) {
	w := newWorld(t)
	var many []chat.AccountID
	must(w.CreateOrganization(w.ctx, chat.Organization{ID: "large", Name: "Large"}))(t)
	var wg sync.WaitGroup // together they share commits
	for i := range 1001 { // more than one page
		id := chat.AccountID(fmt.Sprintf("u%04d", i))
		many = append(many, id)
		wg.Go(func() {
			if _, err := w.CreateAccount(w.ctx, chat.Account{ID: id, Name: string(id)}); err != nil {
				t.Errorf("CreateAccount: %v", err)
			}
		})
	}
	wg.Wait()
	ok(t, w.AddToOrganization(w.ctx, "large", many))
	_, receivers, err := w.Notify(w.ctx, chat.NewNotification{Category: "system", Type: "systemmessage", Text: "x", Organization: "large"})
	ok(t, err)
	same(t, "receivers", receivers, 1001)
	same(t, "the last one's totals", must(w.UnreadTotals(w.ctx, "u1000"))(t), chat.UnreadTotals{Count: 1})
}

func TestInboxUnread(t *testing.T) {
	w := newWorld(t)
	w.notify("task", bob)
	w.clock.advance(time.Second)
	w.notify("post", bob)
	_, _, err := w.Notify(w.ctx, chat.NewNotification{Category: "hr", Type: "x", Text: "weak", Weak: true, Accounts: []chat.AccountID{bob}})
	ok(t, err)
	w.clock.advance(time.Second)
	_, _, err = w.Notify(w.ctx, chat.NewNotification{Category: "task", Type: "x", Text: "latest", Weak: true, Accounts: []chat.AccountID{bob}})
	ok(t, err)

	var got []string
	for _, in := range must(w.InboxUnread(w.ctx, bob))(t) {
		got = append(got, fmt.Sprintf("%s %d+%d %s", in.Inbox.Category, in.Inbox.Unread(), in.Inbox.WeakUnread(), in.Last.Text))
	}
	same(t, "inboxes", got, []string{"task 1+1 latest", "post 1+0 news"})
	same(t, "totals", must(w.UnreadTotals(w.ctx, bob))(t), chat.UnreadTotals{Count: 2})
	same(t, "nobody's", len(must(w.InboxUnread(w.ctx, dave))(t)), 0)
}

func TestClearNotification(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		w.notify("task", bob)
	}
	w.events.take()
	left := func() int64 { return must(w.UnreadTotals(w.ctx, bob))(t).Count }

	ok(t, w.ClearNotification(w.ctx, by(bob), "task", 3, true))
	w.happened(`cleared bob task 3 not bob-1`)
	same(t, "left", left(), 3)
	ok(t, w.ClearNotification(w.ctx, by(bob), "task", 4, true)) // never more than there is
	w.happened(`cleared bob task 3 not bob-1`)
	same(t, "left", left(), 3)
	ok(t, w.ClearNotification(w.ctx, by(bob), "task", 1, false)) // tells the others, changes nothing
	w.happened(`cleared bob task 1 not bob-1`)
	same(t, "left", left(), 3)
	ok(t, w.ClearNotification(w.ctx, by(bob), "task", 9, false))
	w.happened(`cleared bob task 3 not bob-1`)
	ok(t, w.ClearNotification(w.ctx, by(bob), "task", 0, true))
	w.happened(`cleared bob task 0 not bob-1`)
	same(t, "left", left(), 0)
	ok(t, w.ClearNotification(w.ctx, by(bob), "hr", 2, true)) // nothing ever came
	w.happened(`cleared bob hr 0 not bob-1`)
	w.notify("task", bob)
	same(t, "left", left(), 1)

	w.events.take()
	refused(t, "no inbox", w.ClearNotification(w.ctx, by(bob), "tasks", 0, true), "invalid payload: type must be the name of an inbox")
	refused(t, "negative", w.ClearNotification(w.ctx, by(bob), "task", -1, true), "invalid payload: value must not be negative")
	refused(t, "unknown caller", w.ClearNotification(w.ctx, by("nobody"), "task", 0, true), "from user not found")
	refused(t, "silence of no inbox", w.SetSilence(w.ctx, by(bob), chat.SessionGroup, true), "invalid payload: type must be 3 to 10")
	refused(t, "silence by nobody", w.SetSilence(w.ctx, by("nobody"), chat.SessionTask, true), "from user not found")
	w.happened()
}

func TestWhatLightsABadge(t *testing.T) {
	w := newWorld(t)
	badge := func(kind string, weak bool) int {
		t.Helper()
		_, _, err := w.Notify(w.ctx, chat.NewNotification{Category: "post", Type: kind, Text: "news", Weak: weak, Accounts: []chat.AccountID{bob}})
		ok(t, err)
		return must(w.ChatList(w.ctx, bob, 0, 1))(t)[0].ShowBadge
	}
	same(t, "an ordinary one", badge("postcomment", false), 0)
	same(t, "a mention", badge("0", false), 1)
	same(t, "an ordinary one after it", badge("postcomment", false), 1)
	ok(t, w.ClearAllUnread(w.ctx, by(bob)))
	same(t, "read", badge("postcomment", false), 0)
	same(t, "a weak reply", badge("1", true), 1)
}

func TestNotificationsPageBack(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		_, _, err := w.Notify(w.ctx, chat.NewNotification{Category: "post", Type: "0", Text: fmt.Sprint(i), Accounts: []chat.AccountID{bob}})
		ok(t, err)
	}
	var got []string
	before := int64(0)
	for {
		page := must(w.Notifications(w.ctx, bob, "post", before, 2))(t)
		if len(page) == 0 {
			break
		}
		for _, n := range page {
			got = append(got, n.Text)
			before = n.Seq
		}
		if before == 1 {
			break
		}
	}
	same(t, "notifications", got, []string{"4", "3", "2", "1", "0"})
}

// The numbers of "new notify" and of the session types are crossed.
func TestCategories(t *testing.T) {
	task, found := chat.CategoryByName("task")
	same(t, "task", [3]any{task.Session, task.DType, found}, [3]any{chat.SessionTask, 3, true})
	post, found := chat.CategoryBySession(chat.SessionPost)
	same(t, "post", [3]any{post.Category, post.DType, found}, [3]any{chat.Category("post"), 0, true})
	if _, found := chat.CategoryBySession(chat.SessionGroup); found {
		t.Error("a group is taken for an inbox")
	}
}
